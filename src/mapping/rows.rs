//! Offers made of the rows of a price list, one row at a time.
//!
//! Owns which rows are about the product, what a row means, and how many offers a list may have for one request.
//! Refuses to know files and their formats: whoever reads one hands over cells, or JSON. The main type is
//! [`RowMapping`].

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::filter::{RowProgram, STACK};
use super::json::{self, JsonError, JsonProblem, Object, Value};
use super::{Bindings, MAX_OFFERS, Mapping, wire};
use crate::domain::{ErrorKind, Failure, OfferReply, PriceRequest, SupplierName, nearest_word};

/// How much text the rows may have that offers are made of, bytes.
const MAX_TEXT: usize = 64 << 20;
/// The column of the wire's own format that says which product a row is for.
const PRODUCT_FIELD: &str = "productId";
/// The column of the wire's own format that is true or false.
const TRUTH_FIELD: &str = "inStock";
/// How much text of rows is kept to be seen, bytes.
const MAX_KEPT: usize = 1 << 20;
/// How many columns an error lists.
const LISTED: usize = 12;

/// The stack that a thread needs on which rows are mapped, bytes. Memory is used only as far as it is touched.
pub const ROW_STACK: usize = STACK;

/// One cell of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Text, which is all that most formats have; empty = there is nothing in it.
    Text(&'a str),
    /// The digits of a number, by JSON's grammar, where the format has such cells; a filter sees them as text.
    Number(&'a str),
    /// True or false, where the format has such cells.
    Truth(bool),
}

/// Where a row is. For people it is such as `line 3`, and empty for a whole document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowPlace {
    /// A line of a text, from 1, and the column in characters at which it begins, from 1.
    Line(u64, usize),
    /// A row of a sheet, from 1.
    Row(u64),
    /// An element of a JSON array, from 0, with the line and the column at which it begins.
    Element(u64, u64, usize),
    /// The whole document.
    Document,
}

impl fmt::Display for RowPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line, _) => write!(formatter, "line {line}"),
            Self::Row(row) => write!(formatter, "row {row}"),
            Self::Element(element, ..) => write!(formatter, "element {element}"),
            Self::Document => Ok(()),
        }
    }
}

/// The column in which a row begins is not in the words, and taken for the first.
impl FromStr for RowPlace {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let (what, number) = words.split_once(' ').unwrap_or((words, ""));
        match (what, number.parse()) {
            ("line", Ok(line)) => Ok(Self::Line(line, 1)),
            ("row", Ok(row)) => Ok(Self::Row(row)),
            ("element", Ok(element)) => Ok(Self::Element(element, 1, 1)),
            ("", _) => Ok(Self::Document),
            _ => Err(format!("`{words}` is no place in a list")),
        }
    }
}

impl RowPlace {
    /// The same failure, with this place in front of its particulars.
    fn of(self, mut failure: Failure) -> Failure {
        let detail = failure.detail.take().unwrap_or_default();
        match self {
            Self::Document => failure.with_detail(detail),
            place => failure.with_detail(format!("{place}: {detail}")),
        }
    }

    /// A failure of JSON at this place, whose own place is within it.
    fn malformed(self, mut error: JsonError) -> Failure {
        let (line, column) = match self {
            Self::Line(line, column) | Self::Element(_, line, column) => (line, column),
            Self::Row(_) | Self::Document => (1, 1),
        };
        if error.line == 1 {
            error.column += column - 1;
        }
        error.line = usize::try_from(line).unwrap_or(usize::MAX).saturating_add(error.line - 1);
        Failure::new(ErrorKind::FileUnreadable).with_detail(error.to_string())
    }
}

/// What takes the rows of a price list, one after the other.
pub trait Rows {
    /// Says which columns the rows of cells have; it comes before the first of them.
    ///
    /// # Errors
    /// When nothing can be made of rows with these columns.
    fn columns(&mut self, names: Vec<String>) -> Result<(), Failure>;

    /// Takes a row of as many cells as there are columns.
    ///
    /// # Errors
    /// When nothing can be made of it.
    fn row<'c>(&mut self, cell: impl Fn(usize) -> Cell<'c>, place: RowPlace) -> Result<(), Failure>;

    /// Takes a row that is a JSON value.
    ///
    /// # Errors
    /// When it is no strict JSON, or nothing can be made of it.
    fn json(&mut self, text: &str, place: RowPlace) -> Result<(), Failure>;

    /// Whether no further row is wanted.
    fn is_full(&self) -> bool;
}

/// A row that was kept for those who want to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRow {
    /// Where it is.
    pub place: RowPlace,
    /// The row as a filter sees it, compact JSON.
    pub json: String,
    /// The offers that were made of it; none where rows are kept [for good](Look::ForGood).
    pub offers: Vec<OfferReply>,
}

/// Which rows are kept, and which are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Those about the product, or else those that there are offers of: so many at most.
    AtProduct(usize),
    /// The first so many, whatever they are about; then the list has been read.
    AtFirst(usize),
    /// All that the result is made of, and of the others about the product so many at most.
    ForGood(usize),
}

/// The rows that were kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptRows {
    /// The rows in their order.
    pub rows: Vec<KeptRow>,
    /// How many there were to keep.
    pub count: usize,
    /// The names of the columns, where the rows have such.
    pub columns: Vec<String>,
}

/// What makes offers of rows. It stays on the thread that it was made on, which needs a stack of [`ROW_STACK`].
pub struct RowMapping<'a> {
    request: &'a PriceRequest,
    supplier: &'a SupplierName,
    /// The column that says which product a row is for, if the configuration names one.
    product_column: Option<&'a str>,
    /// Whether the list as a whole is about the product.
    about_product: bool,
    /// Whether other rows than those about the product were left out of the list.
    is_excerpt: bool,
    /// `None` = rows are offers in the wire's own format.
    program: Option<RowProgram<'a>>,
    columns: Vec<String>,
    /// The position of the column that says which product a row is for.
    product: Option<usize>,
    offers: Vec<OfferReply>,
    text: usize,
    look: Option<Look>,
    kept: KeptRows,
    kept_text: usize,
}

impl<'a> RowMapping<'a> {
    /// Begins to map the rows of a list. `about_product` = the whole list is about the product, since its
    /// name holds that.
    #[must_use]
    pub fn new(
        mapping: &'a Mapping,
        bindings: &'a Bindings,
        supplier: &'a SupplierName,
        product_column: Option<&'a str>,
        about_product: bool,
    ) -> Self {
        let program = mapping.quotes.as_ref().map(|filter| RowProgram::new(filter, bindings));
        Self {
            request: bindings.request(),
            supplier,
            product_column,
            about_product,
            is_excerpt: false,
            program,
            columns: Vec::new(),
            product: None,
            offers: Vec::new(),
            text: 0,
            look: None,
            kept: KeptRows::default(),
            kept_text: 0,
        }
    }

    /// The same, and rows are kept to be seen.
    #[must_use]
    pub fn looking(self, look: Option<Look>) -> Self {
        Self { look, ..self }
    }

    /// The same for a list in which every row is about the product.
    #[must_use]
    pub fn of_excerpt(self, is_excerpt: bool) -> Self {
        Self { is_excerpt, ..self }
    }

    /// Whether rows are taken whatever product they name.
    fn takes_all(&self) -> bool {
        self.is_excerpt || matches!(self.look, Some(Look::AtFirst(_)))
    }

    /// Keeps a row, if it is one to see: it has offers, has failed, or is about the product by its column.
    fn show(&mut self, offers: &Result<Vec<OfferReply>, Failure>, json: impl FnOnce(&Self) -> String, place: RowPlace) {
        let Some(look) = self.look else { return };
        let is_about = self.product.is_some() || self.product_column.is_some() || self.program.is_none();
        let counts = !matches!(offers, Ok(offers) if offers.is_empty());
        if !(self.takes_all() || is_about || counts) {
            return;
        }
        self.kept.count += 1;
        let (Look::AtProduct(most) | Look::AtFirst(most) | Look::ForGood(most)) = look;
        let is_needed = counts && matches!(look, Look::ForGood(_));
        if !is_needed && (self.kept.rows.len() >= most || self.kept_text >= MAX_KEPT) {
            return;
        }
        let json = json(self);
        self.kept_text += json.len();
        let offers = if is_needed { Vec::new() } else { offers.clone().unwrap_or_default() };
        self.kept.rows.push(KeptRow { place, json, offers });
    }

    /// Takes out the rows that were kept.
    #[must_use]
    pub fn take_kept(&mut self) -> KeptRows {
        let columns = self.columns.clone();
        KeptRows { columns, ..std::mem::take(&mut self.kept) }
    }

    fn no_column(&self, wanted: &str, names: &[String]) -> String {
        let listed = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let more = if names.len() > LISTED { ", …" } else { "" };
        let hint = if self.product_column.is_some() { "" } else { "; `product-column` says which one has the product" };
        let nearest = nearest_word(wanted, names.iter().map(String::as_str));
        let nearest = nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        format!("there is no column `{wanted}`{hint}; the columns are {listed}{more}{nearest}")
    }

    /// A row of cells as a filter sees it, or as an offer of the wire's own format.
    fn seen<'c: 'v, 'v>(&'v self, cell: &impl Fn(usize) -> Cell<'c>) -> Value<'v> {
        if self.program.is_none() {
            return Value::Object(object(&self.columns, cell));
        }
        let member = |(column, name): (usize, &'v String)| {
            let value = match cell(column) {
                Cell::Truth(truth) => Value::Bool(truth),
                Cell::Text(text) | Cell::Number(text) => Value::String(Cow::Borrowed(text)),
            };
            (Cow::Borrowed(name.as_str()), value)
        };
        Value::Object(Object::from_members(self.columns.iter().enumerate().map(member).collect()))
    }

    /// Whether a JSON row is about the product.
    fn is_about(&self, value: &Value<'_>) -> Result<bool, Failure> {
        let wanted = match (self.product_column, &self.program) {
            (Some(column), _) => column,
            (None, None) => PRODUCT_FIELD,
            (None, Some(_)) => return Ok(true),
        };
        let Value::Object(object) = value else { return Err(no_object(value)) };
        let twice = |()| Failure::new(ErrorKind::MalformedJson).with_detail(format!("key `{wanted}` stands twice"));
        match object.find(wanted).map_err(twice)? {
            Some(Value::String(text) | Value::Number(text)) => Ok(self.is_product(text)),
            Some(_) => Ok(false),
            None if self.product_column.is_none() && self.about_product => Ok(true),
            None if self.product_column.is_some() => Ok(false),
            None => Err(mapping(format!("there is no `{wanted}`; `product-column` says which key has the product"))),
        }
    }

    /// Whether a cell names the product. Blanks around it, which pad it, make no difference; everything else does.
    fn is_product(&self, text: &str) -> bool {
        text == self.request.product || text.trim() == self.request.product.trim()
    }

    /// Keeps the offers of a row.
    fn keep(&mut self, offers: Vec<OfferReply>, text: usize, place: RowPlace) -> Result<(), Failure> {
        self.text += text;
        // What was kept of a list was within the bounds there, and is more text as JSON.
        let is_too_long = self.text > MAX_TEXT && !self.is_excerpt;
        if self.offers.len() + offers.len() > MAX_OFFERS || is_too_long {
            let many = if is_too_long { "64 MiB of offers".to_owned() } else { format!("{MAX_OFFERS} offers") };
            let hint = "`product-column`, or `select(…)` in `quotes`, leaves those of the product";
            return Err(place.of(mapping(format!("more than {many}; {hint}"))));
        }
        self.offers.extend(offers);
        Ok(())
    }

    /// The offers, in the order of their rows.
    #[must_use]
    pub fn finish(self) -> Vec<OfferReply> {
        self.offers
    }

    /// The failure of JSON whose text breaks off or goes on where it must not, at a place of the list.
    #[must_use]
    pub fn unexpected(expected: &'static str, found: Option<char>, (line, column): (u64, usize)) -> Failure {
        let problem = JsonProblem::Unexpected { expected, found };
        RowPlace::Line(line, column).malformed(JsonError { line: 1, column: 1, problem })
    }
}

impl Rows for RowMapping<'_> {
    /// # Errors
    /// `mapping` when there is no column that says which product a row is for, and one is needed; or two of its name.
    fn columns(&mut self, names: Vec<String>) -> Result<(), Failure> {
        let wanted = match (self.product_column, &self.program) {
            (Some(column), _) => Some(column),
            (None, None) => Some(PRODUCT_FIELD),
            (None, Some(_)) => None,
        };
        if let Some(wanted) = wanted {
            let mut found = names.iter().enumerate().filter(|(_, name)| *name == wanted).map(|(column, _)| column);
            self.product = found.next();
            if found.next().is_some() {
                return Err(mapping(format!("there are two columns `{wanted}`")));
            }
            if self.product.is_none() && (self.product_column.is_some() || !self.about_product) {
                return Err(mapping(self.no_column(wanted, &names)));
            }
        }
        if let Some(program) = &mut self.program {
            program.columns(&names);
        }
        self.columns = names;
        Ok(())
    }

    /// # Errors
    /// `mapping` when the filter fails on it, or there are too many offers; `malformed_json` when a column is read whose
    /// name stands twice.
    fn row<'c>(&mut self, cell: impl Fn(usize) -> Cell<'c>, place: RowPlace) -> Result<(), Failure> {
        if let Some(column) = self.product.filter(|_| !self.takes_all())
            && !matches!(cell(column), Cell::Text(text) | Cell::Number(text) if self.is_product(text))
        {
            return Ok(());
        }
        let offers = match &mut self.program {
            Some(program) => program.cells(&cell, self.supplier),
            None => wire::decode_row(&object(&self.columns, &cell), self.supplier).map(|offer| vec![offer]),
        };
        self.show(&offers, |rows| json::compact(&rows.seen(&cell)), place);
        let offers = offers.map_err(|failure| place.of(failure))?;
        if offers.is_empty() {
            return Ok(());
        }
        let length = |column| match cell(column) {
            Cell::Text(text) | Cell::Number(text) => text.len(),
            Cell::Truth(_) => 1,
        };
        let text = (0..self.columns.len()).map(length).sum();
        self.keep(offers, text, place)
    }

    /// # Errors
    /// `file_unreadable` when it is no strict JSON; `malformed_json` when a key is read that stands twice; `mapping` when
    /// the filter fails on it, it is not what it must be, or there are too many offers.
    fn json(&mut self, text: &str, place: RowPlace) -> Result<(), Failure> {
        let value = json::parse(text.as_bytes()).map_err(|error| place.malformed(error))?;
        if !self.takes_all() && !self.is_about(&value).map_err(|failure| place.of(failure))? {
            return Ok(());
        }
        let shown = self.look.map(|_| json::compact(&value));
        let offers = match (&mut self.program, &value) {
            (Some(program), _) => program.json(value, text.len(), self.supplier),
            (None, Value::Object(object)) => wire::decode_row(object, self.supplier).map(|offer| vec![offer]),
            (None, other) => Err(no_object(other)),
        };
        self.show(&offers, |_| shown.unwrap_or_default(), place);
        let offers = offers.map_err(|failure| place.of(failure))?;
        if offers.is_empty() { Ok(()) } else { self.keep(offers, text.len(), place) }
    }

    fn is_full(&self) -> bool {
        matches!(self.look, Some(Look::AtFirst(most)) if self.kept.count >= most)
    }
}

/// A row in the wire's own format: empty cells are absent, and `true` and `false` are what they mean where the format
/// wants them.
fn object<'a, 'c: 'a>(columns: &'a [String], cell: impl Fn(usize) -> Cell<'c>) -> Object<'a> {
    let member = |(column, name): (usize, &'a String)| {
        let value = match cell(column) {
            Cell::Truth(truth) => Value::Bool(truth),
            Cell::Text("") => return None,
            Cell::Text("true" | "TRUE" | "True") if name == TRUTH_FIELD => Value::Bool(true),
            Cell::Text("false" | "FALSE" | "False") if name == TRUTH_FIELD => Value::Bool(false),
            Cell::Text(text) | Cell::Number(text) => Value::String(Cow::Borrowed(text)),
        };
        Some((Cow::Borrowed(name.as_str()), value))
    };
    Object::from_members(columns.iter().enumerate().filter_map(member).collect())
}

fn mapping(detail: String) -> Failure {
    Failure::new(ErrorKind::Mapping).with_detail(detail)
}

fn no_object(value: &Value<'_>) -> Failure {
    mapping(format!("it is {}, not an object", value.kind()))
}
