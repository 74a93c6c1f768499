//! The ranked quotes as CSV (RFC 4180, but for its line ends): one row a quote, `original` and `previous`
//! flattened.
//!
//! Owns the columns and their quoting. A cell of text that a spreadsheet would run as a formula begins with an
//! apostrophe; numbers are written as they are. Unknown is an empty cell.

use rust_decimal::Decimal;

use super::amount::{amount, plain};
use super::sanitize::clean;
use crate::compare::{Comparison, SupplierQuote};
use crate::domain::{Conversion, OfferIdentity, PastPrice, PreviousPrice, PriceRequest, Quote};

/// A column's name and how its cell is made, escaped and ready to be joined.
type Column = (&'static str, fn(&PriceRequest, &SupplierQuote) -> String);

/// All columns, in the order and with the names of the JSON document.
const COLUMNS: [Column; 38] = [
    ("supplierId", |_, row| text(row.supplier.as_str())),
    ("productId", |request, _| text(&request.product)),
    ("sku", |_, row| identity(row, |identity| identity.sku.as_deref())),
    ("seller", |_, row| identity(row, |identity| identity.seller.as_deref())),
    ("packaging", |_, row| identity(row, |identity| identity.packaging.as_deref())),
    ("url", |_, row| identity(row, |identity| identity.url.as_deref())),
    ("quantity", |request, _| request.quantity.to_string()),
    ("orderQuantity", |_, row| row.quote.order_quantity.to_string()),
    ("orderReason", |_, row| row.quote.order_reason.as_str().to_owned()),
    ("saving", |request, row| total(request, row.quote.saving)),
    ("currency", |request, _| request.currency.to_string()),
    ("unitPrice", |request, row| total(request, row.quote.charges.unit_price)),
    ("goods", |request, row| total(request, row.quote.charges.goods)),
    ("fees", |request, row| total(request, row.quote.charges.fees)),
    ("shipping", |request, row| known(row.quote.charges.shipping.map(|shipping| total(request, shipping)))),
    ("shippingKnown", |_, row| row.quote.charges.shipping.is_some().to_string()),
    ("totalPrice", |request, row| total(request, row.quote.charges.total)),
    ("originalCurrency", |_, row| original(row, |original| Some(original.currency.to_string()))),
    ("originalUnitPrice", |_, row| original_amount(row, |original| Some(original.charges.unit_price))),
    ("originalGoods", |_, row| original_amount(row, |original| Some(original.charges.goods))),
    ("originalFees", |_, row| original_amount(row, |original| Some(original.charges.fees))),
    ("originalShipping", |_, row| original_amount(row, |original| original.charges.shipping)),
    ("originalTotalPrice", |_, row| original_amount(row, |original| Some(original.charges.total))),
    ("originalTaxPercentRemoved", |_, row| original(row, |original| Some(plain(original.tax_percent_removed)))),
    ("originalRate", |_, row| original(row, |original| original.rate.map(plain))),
    ("originalRateBase", |_, row| original(row, |original| original.rate_base.map(|base| base.to_string()))),
    ("originalRateDate", |_, row| original(row, |original| original.rate_date.map(|date| date.to_string()))),
    ("inStock", |_, _| "true".to_owned()),
    ("stockQuantity", |_, row| known(row.quote.stock_quantity)),
    ("deliveryDays", |_, row| known(row.quote.delivery_days)),
    ("leadTimeDays", |_, row| known(row.quote.lead_time_days)),
    ("validUntil", |_, row| known(row.quote.valid_until)),
    ("source", |_, row| row.quote.source.as_str().to_owned()),
    ("quotedAt", |_, row| known(row.quote.quoted_at)),
    ("previousTotalPrice", |request, row| previous(row, |previous| Some(total(request, previous.total)))),
    ("previousUnitPrice", |request, row| previous(row, |previous| Some(total(request, previous.unit_price)))),
    ("previousQuotedAt", |_, row| previous(row, |previous| Some(previous.quoted_at.to_string()))),
    ("previousChangePercent", |_, row| {
        previous(row, |previous| previous.change_percent(row.quote.charges.total).map(plain))
    }),
];

/// Writes a header and one row a ranked quote, in the comparison's order; every line ends with a line feed, which shells expect.
#[must_use]
pub fn render(comparison: &Comparison) -> String {
    sweep(std::slice::from_ref(comparison))
}

/// Writes a header and one row a ranked quote of each comparison, in their order; `quantity` tells them apart.
#[must_use]
pub fn sweep(comparisons: &[Comparison]) -> String {
    let mut csv = COLUMNS.map(|(name, _)| name).join(",");
    csv.push('\n');
    for comparison in comparisons {
        push_rows(&mut csv, comparison);
    }
    csv
}

fn push_rows(csv: &mut String, comparison: &Comparison) {
    for row in &comparison.quotes {
        for (position, (_, cell)) in COLUMNS.iter().enumerate() {
            if position > 0 {
                csv.push(',');
            }
            csv.push_str(&cell(&comparison.request, row));
        }
        csv.push('\n');
    }
}

/// Writes a header and one row a past price, in their order; the fields are those of the JSON document.
#[must_use]
pub fn history(product: &str, prices: &[PastPrice]) -> String {
    let mut csv = "supplierId,productId,quantity,currency,unitPrice,totalPrice,quotedAt,changePercent\n".to_owned();
    for price in prices {
        let money = |value| amount(value, price.currency.minor_digits());
        let cells = [
            text(price.supplier.as_str()),
            text(product),
            price.quantity.to_string(),
            price.currency.to_string(),
            money(price.unit_price),
            money(price.total),
            format!("{:.3}", price.quoted_at),
            known(price.change_percent.map(plain)),
        ];
        csv.push_str(&cells.join(","));
        csv.push('\n');
    }
    csv
}

fn total(request: &PriceRequest, value: Decimal) -> String {
    amount(value, request.currency.minor_digits())
}

fn known<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn identity(row: &SupplierQuote, field: fn(&OfferIdentity) -> Option<&str>) -> String {
    let Quote { identity, .. } = &row.quote;
    field(identity).map_or_else(String::new, text)
}

fn original(row: &SupplierQuote, field: fn(&Conversion) -> Option<String>) -> String {
    row.quote.original.as_ref().and_then(field).unwrap_or_default()
}

fn original_amount(row: &SupplierQuote, field: fn(&Conversion) -> Option<Decimal>) -> String {
    row.quote
        .original
        .as_ref()
        .and_then(|original| Some(amount(field(original)?, original.currency.minor_digits())))
        .unwrap_or_default()
}

fn previous(row: &SupplierQuote, field: impl FnOnce(&PreviousPrice) -> Option<String>) -> String {
    row.previous.as_ref().and_then(field).unwrap_or_default()
}

/// Makes a cell of foreign text: cleaned, disarmed, quoted where it has to be.
pub(super) fn text(foreign: &str) -> String {
    let safe = disarm(&clean(foreign));
    if safe.contains([',', '"', ';']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

/// Puts an apostrophe before every place at which a spreadsheet could see a formula begin: at the start, and behind
/// a semicolon, which separates cells in half of the world. Spaces and quotes before the formula do not hide it.
fn disarm(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    for (position, part) in text.split(';').enumerate() {
        if position > 0 {
            safe.push(';');
        }
        if part.trim_start_matches([' ', '"', '\'']).starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
            safe.push('\'');
        }
        safe.push_str(part);
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::sanitize::tests::{hostile, is_forbidden};
    use crate::report::scene;

    /// Reads CSV as RFC 4180 says, strictly.
    fn read(csv: &str) -> Vec<Vec<String>> {
        let mut rows = vec![];
        let mut rest = csv;
        while !rest.is_empty() {
            let mut row = vec![];
            loop {
                let mut cell = String::new();
                if let Some(mut quoted) = rest.strip_prefix('"') {
                    loop {
                        let end = quoted.find('"').expect("a quoted cell ends");
                        cell.push_str(&quoted[..end]);
                        quoted = &quoted[end + 1..];
                        match quoted.strip_prefix('"') {
                            Some(more) => {
                                cell.push('"');
                                quoted = more;
                            }
                            None => break,
                        }
                    }
                    rest = quoted;
                } else {
                    let end = rest.find([',', '\n']).expect("a row ends");
                    cell.push_str(&rest[..end]);
                    assert!(!cell.contains('"'), "a bare cell has no quotes: {cell}");
                    rest = &rest[end..];
                }
                row.push(cell);
                if let Some(more) = rest.strip_prefix(',') {
                    rest = more;
                } else {
                    rest = rest.strip_prefix("\n").expect("a row ends with a line feed");
                    break;
                }
            }
            rows.push(row);
        }
        rows
    }

    #[test]
    fn a_quote_is_one_row_with_its_original_flattened() {
        let rows = read(&render(&scene::full()));
        let cell = |row: usize, name: &str| {
            let column = rows[0].iter().position(|column| column == name).unwrap();
            rows[row][column].as_str()
        };
        assert_eq!(rows.len(), 5);
        assert_eq!(
            (cell(1, "supplierId"), cell(1, "totalPrice"), cell(1, "unitPrice")),
            ("globex", "35.93", "0.378159")
        );
        assert_eq!(
            (cell(1, "originalCurrency"), cell(1, "originalTotalPrice"), cell(1, "originalRate")),
            ("USD", "38.95", "1.0842")
        );
        assert_eq!((cell(1, "originalRateBase"), cell(1, "originalRateDate")), ("EUR", "2026-11-20"));
        let moved = ["previousTotalPrice", "previousUnitPrice", "previousQuotedAt", "previousChangePercent"];
        assert_eq!(moved.map(|name| cell(1, name)), ["34.55", "0.363684", "2026-11-20T14:05:59Z", "3.994211"]);
        assert_eq!(moved.map(|name| cell(3, name)), [""; 4]);
        assert_eq!((cell(2, "originalCurrency"), cell(2, "originalTaxPercentRemoved")), ("", ""));
        assert_eq!(
            (cell(2, "orderQuantity"), cell(2, "orderReason"), cell(2, "saving")),
            ("100", "price_break", "2.75")
        );
        assert_eq!((cell(3, "shipping"), cell(3, "shippingKnown"), cell(3, "deliveryDays")), ("", "false", ""));
        assert_eq!(cell(4, "sku"), "\u{fffd}[31m=HYPERLINK(\"http://evil\")");
    }

    #[test]
    fn the_columns_are_those_of_the_json_document() {
        const NESTED: [&str; 2] = ["original", "previous"];
        let document: serde_json::Value = serde_json::from_str(&crate::report::json::document(&scene::full())).unwrap();
        let quote = document["allQuotes"][0].as_object().unwrap();
        let mut names: Vec<String> = quote.keys().filter(|name| !NESTED.contains(&name.as_str())).cloned().collect();
        for nested in NESTED {
            for name in quote[nested].as_object().unwrap().keys() {
                names.push(format!("{nested}{}{}", name[..1].to_uppercase(), &name[1..]));
            }
        }
        let mut columns: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        columns.sort_unstable();
        assert_eq!(columns, names);
    }

    #[test]
    fn no_quotes_leave_the_header() {
        assert_eq!(read(&render(&scene::empty())).len(), 1);
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_disarmed() {
        let table = [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'=1"),
            ("\r=1", "'=1"),
            ("  =1", "'=1"),
            ("\u{200b}=1", "'=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("\"=1", "\"'\"\"=1\""),
            ("a;=1", "\"a;'=1\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a\nb", "a b"),
            ("M8-30", "M8-30"),
            ("", ""),
        ];
        for (foreign, cell) in table {
            assert_eq!(text(foreign), cell, "{foreign:?}");
        }
    }

    proptest! {
        #[test]
        fn hostile_text_stays_in_its_cell(sku in hostile(), seller in hostile(), product in hostile()) {
            let mut comparison = scene::ranked(vec![scene::quote("acme", "0.1", "9.50", None)]);
            comparison.request.product = product;
            comparison.quotes[0].quote.identity.sku = Some(sku);
            comparison.quotes[0].quote.identity.seller = Some(seller);
            let csv = render(&comparison);
            prop_assert!(!csv.replace('\n', "").chars().any(is_forbidden));
            let rows = read(&csv);
            prop_assert_eq!(rows.len(), 2);
            prop_assert_eq!(rows[1].len(), COLUMNS.len());
            for cell in &rows[1] {
                prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{}", cell);
            }
        }
    }
}
