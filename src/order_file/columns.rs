//! Which column has the products, and which one the quantities.
//!
//! Owns the names that people give such columns. Where two columns may be meant, none is: a wrong guess is a wrong order.
//! Main type: [`Columns`].

use std::fmt;

use super::line::is_quantity;

/// Names of a column of products, as [`plain`] writes them.
#[rustfmt::skip]
const PRODUCT: &[&str] = &[
    "product", "productid", "productno", "productnumber", "productcode", "part", "partid", "partno", "partnr",
    "partnumber", "pn", "mpn", "manufacturerpartno", "manufacturerpartnumber", "mfrpartno", "mfrpartnumber",
    "mfgpartnumber", "sku", "item", "itemid", "itemno", "itemnumber", "itemcode", "article", "articleid", "articleno",
    "articlenumber", "artikel", "artikelid", "artikelnr", "artikelnummer", "artnr", "bestellnr", "bestellnummer",
    "teil", "teilenr", "teilenummer", "produkt", "produktnr", "produktnummer", "material", "materialno",
    "materialnumber", "materialnr", "materialnummer", "ean", "gtin", "upc", "produit", "producto", "prodotto",
    "référence", "referencia",
];
/// Names of a column of quantities, as [`plain`] writes them.
#[rustfmt::skip]
const QUANTITY: &[&str] = &[
    "quantity", "quantities", "qty", "qnty", "quant", "count", "pieces", "pcs", "units", "orderqty", "orderquantity",
    "needed", "need", "menge", "anzahl", "stück", "stueck", "stk", "stückzahl", "stueckzahl", "bestellmenge",
    "quantité", "quantite", "qté", "cantidad", "quantità", "quantita", "aantal", "ilość", "ilosc",
];
/// What to do where the columns are not known.
pub(super) const HINT: &str =
    "`--columns product=NAME,quantity=NAME` says which columns have what; numbers count them from 1";
/// How many columns a problem lists.
const LISTED: usize = 12;

/// Which columns the user names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnWishes {
    /// The name or, from 1, the number of the column of products; `None` = it is known by its name.
    pub product: Option<String>,
    /// The same for quantities.
    pub quantity: Option<String>,
}

/// A wish that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not `product=COLUMN` or `quantity=COLUMN`")]
pub struct WishProblem(String);

/// Where what is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) product: usize,
    pub(super) quantity: usize,
    /// How many columns there are.
    pub(super) count: usize,
}

/// What the first row told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) columns: Columns,
    /// Whether that row names columns, and is no line itself.
    pub(super) is_header: bool,
}

/// Why the first row does not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ColumnProblem {
    /// No column is known by its name.
    None { what: &'static str, columns: String },
    /// Several are.
    Several { what: &'static str, columns: String },
    /// The column that the user names is not there.
    Unknown { wanted: String, columns: String },
}

impl ColumnWishes {
    /// Reads wishes such as `product=MPN` and `quantity=2`.
    ///
    /// # Errors
    /// The first one that is none.
    pub fn parse(texts: &[String]) -> Result<Self, WishProblem> {
        let mut wishes = Self::default();
        for text in texts {
            match text.split_once('=').map(|(what, column)| (what.trim(), column.trim())) {
                Some(("product", column)) if !column.is_empty() => wishes.product = Some(column.to_owned()),
                Some(("quantity" | "qty", column)) if !column.is_empty() => wishes.quantity = Some(column.to_owned()),
                _ => return Err(WishProblem(text.clone())),
            }
        }
        Ok(wishes)
    }

    /// Whether a key of JSON has the product.
    pub(super) fn is_product(&self, key: &str) -> bool {
        is_meant(key, self.product.as_deref(), PRODUCT)
    }

    /// Whether a key of JSON has the quantity.
    pub(super) fn is_quantity(&self, key: &str) -> bool {
        is_meant(key, self.quantity.as_deref(), QUANTITY)
    }
}

impl Columns {
    /// Finds the columns by the first row of a table. A row without a name that is known is a line, if it is one:
    /// `widget,95`.
    pub(super) fn find(cells: &[&str], wishes: &ColumnWishes) -> Result<Found, ColumnProblem> {
        let product = find(cells, "product", wishes.product.as_deref(), PRODUCT);
        let quantity = find(cells, "quantity", wishes.quantity.as_deref(), QUANTITY);
        let count = cells.len();
        let nothing_known = |found: &Result<Column, ColumnProblem>| matches!(found, Err(ColumnProblem::None { .. }));
        if nothing_known(&product) && nothing_known(&quantity) && count == 2 && is_quantity(cells[1]) {
            return Ok(Found { columns: Columns { product: 0, quantity: 1, count }, is_header: false });
        }
        let (product, quantity) = (product?, quantity?);
        // Columns that are counted may have names, or not.
        let is_counted = product.is_counted && quantity.is_counted;
        let is_line = is_counted && cells.get(quantity.position).is_some_and(|cell| is_quantity(cell));
        let columns = Columns { product: product.position, quantity: quantity.position, count };
        Ok(Found { columns, is_header: !is_line })
    }
}

struct Column {
    position: usize,
    /// Whether the user gave its number.
    is_counted: bool,
}

fn find(cells: &[&str], what: &'static str, wanted: Option<&str>, names: &[&str]) -> Result<Column, ColumnProblem> {
    let found: Vec<usize> =
        cells.iter().enumerate().filter(|(_, cell)| is_meant(cell, wanted, names)).map(|(column, _)| column).collect();
    match (found[..].split_first(), wanted) {
        (Some((&position, [])), _) => Ok(Column { position, is_counted: false }),
        (Some(_), _) => {
            let meant = found.iter().map(|column| cells[*column]).collect::<Vec<_>>();
            Err(ColumnProblem::Several { what, columns: listed(&meant) })
        }
        (None, None) => Err(ColumnProblem::None { what, columns: listed(cells) }),
        (None, Some(wanted)) => match wanted.parse::<usize>() {
            Ok(number) if (1..=cells.len()).contains(&number) => Ok(Column { position: number - 1, is_counted: true }),
            _ => Err(ColumnProblem::Unknown { wanted: wanted.to_owned(), columns: listed(cells) }),
        },
    }
}

/// Whether a column of this name is meant.
fn is_meant(name: &str, wanted: Option<&str>, names: &[&str]) -> bool {
    match wanted {
        Some(wanted) => name.trim() == wanted,
        None => names.contains(&plain(name).as_str()),
    }
}

/// A name without what makes no difference: case, blanks and punctuation.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn listed(cells: &[&str]) -> String {
    let named: Vec<String> = cells.iter().take(LISTED).map(|cell| format!("`{}`", cell.trim())).collect();
    let more = if cells.len() > LISTED { ", …" } else { "" };
    format!("{}{more}", named.join(", "))
}

impl fmt::Display for ColumnProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None { what, columns } => write!(formatter, "no column has a usual name of a {what}, of {columns}"),
            Self::Several { what, columns } => write!(formatter, "the {what} may be in any of {columns}"),
            Self::Unknown { wanted, columns } => write!(formatter, "there is no column `{wanted}`, but {columns}"),
        }
    }
}
