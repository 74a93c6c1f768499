//! What to change in a configuration so that a supplier's replies become quotes.

use super::quoted;
use crate::domain::{
    Cause, CurrencyProblem, ErrorKind, Failure, FaultProblem, NumberProblem, Quote, Terms, nearest_word,
};

/// How many columns are named.
const MOST_COLUMNS: usize = 20;
/// How many columns are named that there are not.
const MOST_UNKNOWN: usize = 4;

/// What is known of a field that is wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wrong<'a> {
    /// Where its value stands in the reply, if that is known.
    pub place: Option<&'a str>,
    /// The separators of groups and decimals by which its text is a price, with that price.
    pub readings: &'a [(char, char, String)],
}

/// Says what to change so that an offer is not rejected for this cause; `None` when the offer is what it is.
#[must_use]
pub fn after_rejection(cause: &Cause, supplier: &str, has_filter: bool, wrong: Wrong<'_>) -> Option<String> {
    let table = format!("`[suppliers.{supplier}]`");
    let sentence = match cause {
        Cause::NoCurrency => format!("no currency: add `currency = \"EUR\"`, or what it is, to {table}"),
        Cause::Currency(CurrencyProblem::Unknown(found)) => format!(
            "{} is no code of ISO 4217: write the code into the mapping, such as `currency: \"EUR\"`, or leave it out \
             and add `currency = \"EUR\"` to {table}",
            quoted(found)
        ),
        Cause::Currency(CurrencyProblem::NoRate(from, to)) => {
            format!("no rate from {} to {}: declare it under `[rates]`", quoted(from), quoted(to))
        }
        Cause::NoTier => "`priceBreaks` is empty: map `unitPrice` where there are none".to_owned(),
        Cause::WrongProduct { found } => format!(
            "the offer is for {}: ask for that with `--product`, keep only what was asked for with `select(… == \
             $product)`, or leave `productId` out of the mapping where the supplier's numbers differ from yours",
            quoted(found)
        ),
        Cause::WrongQuantity { found } => format!(
            "the offer is for {found} pieces: try `--qty {found}`, or leave `quantity` out of the mapping unless it is \
             the quantity that was asked for"
        ),
        Cause::Invalid(fault) => return after_fault(&fault.field, &fault.problem, &table, has_filter, wrong),
        Cause::Expired(_) => "the offer has ended: a saved reply may be too old to try".to_owned(),
        _ => return None,
    };
    Some(sentence)
}

/// What such a sentence is about: offers that are rejected for the same need it once. It is the reason and the field,
/// whatever its position.
#[must_use]
pub fn topic(cause: &Cause) -> String {
    let is_index = |letter: char| letter.is_ascii_digit() || matches!(letter, '[' | ']');
    let field: String = cause.field().chars().filter(|letter| !is_index(*letter)).collect();
    format!("{} {field}", cause.reason().as_str())
}

fn after_fault(field: &str, problem: &FaultProblem, table: &str, has_filter: bool, wrong: Wrong<'_>) -> Option<String> {
    if !has_filter {
        return without_filter(field, problem, table, wrong.readings);
    }
    let value = wrong.place.map_or_else(|| "…".to_owned(), last_key);
    let sentence = match (field, problem) {
        ("unitPrice", FaultProblem::Missing) => {
            "no price: map `unitPrice`, `totalPrice` or `priceBreaks: [… | {quantity: …, unitPrice: …}]`".to_owned()
        }
        ("inStock", FaultProblem::Missing) => {
            "no stock: map `stockQuantity: …` or `inStock: (… > 0)`; `inStock: true` where it sells only what it has"
                .to_owned()
        }
        (field, FaultProblem::Missing) => format!("map {}", quoted(field)),
        (field, FaultProblem::Number { found, problem: NumberProblem::NotANumber }) => {
            return Some(number_as_text(field, found, &value, wrong.readings));
        }
        ("inStock", FaultProblem::WrongType { .. }) => {
            format!("`inStock` is true or false: compare, such as `inStock: ({value} == \"In Stock\")`")
        }
        (field, FaultProblem::WrongType { expected: "a number", .. }) => {
            format!("{} is a number: look for it within `{value}`", quoted(field))
        }
        (field, FaultProblem::NotADate(_)) => {
            format!("{} is RFC 3339 or `YYYY-MM-DD`: rearrange it, or leave it out", quoted(field))
        }
        (_, FaultProblem::NotPositive(price)) if price.is_zero() => {
            format!("a price of 0: leave such offers out with `select(… > 0)`, or add `allow-free = true` to {table}")
        }
        (_, FaultProblem::TotalDisagrees { .. }) => {
            "the total is no price of the goods: leave `totalPrice` out, or map `priceUnit` if the unit price is for \
             several pieces"
                .to_owned()
        }
        _ => return None,
    };
    Some(sentence)
}

/// What a filter could do for a supplier that has none.
fn without_filter(
    field: &str,
    problem: &FaultProblem,
    table: &str,
    readings: &[(char, char, String)],
) -> Option<String> {
    match (field, problem) {
        ("unitPrice", FaultProblem::Missing) => Some(no_filter(table)),
        ("inStock", FaultProblem::Missing) => Some(format!(
            "the reply does not say whether it is in stock: if it always is, add `quotes = '[.] | flatten[] | . + \
             {{inStock: true}}'` to {table}"
        )),
        (field, FaultProblem::Number { found, problem: NumberProblem::NotANumber }) if !readings.is_empty() => {
            Some(format!("{} is {}: price text needs a `quotes` filter in {table}", quoted(field), quoted(found)))
        }
        _ => None,
    }
}

/// What there is to do for a supplier that answers in a format of its own.
fn no_filter(table: &str) -> String {
    format!(
        "{table} has no `quotes` filter, and the reply is not in pricecmp's own format: write one; `pricecmp add` \
         proposes one"
    )
}

/// A price as people write it needs its separators declared.
fn number_as_text(field: &str, found: &str, value: &str, readings: &[(char, char, String)]) -> String {
    let name = field.rsplit('.').next().unwrap_or(field);
    let call = |(group, point, number): &(char, char, String)| {
        format!("`{name}: ({value} | tonumber(\"{group}\"; \"{point}\"))`, which makes {number} of it")
    };
    match readings {
        [] => format!(
            "{} is {}: cut the number out, such as `({value} | split(\" \")[0] | tonumber)`",
            quoted(field),
            quoted(found)
        ),
        readings => {
            let calls: Vec<String> = readings.iter().take(2).map(call).collect();
            format!("{} is {}: write {}", quoted(field), quoted(found), calls.join(", or "))
        }
    }
}

/// The last key of a path, as a filter reads it there: `.price` of `.parts[3].price`.
fn last_key(path: &str) -> String {
    match path.rfind('.') {
        Some(start) if !path.ends_with(']') => path[start..].to_owned(),
        _ => path.to_owned(),
    }
}

/// Says what a quote lacks, and where it can be said.
#[must_use]
pub fn after_quote(quote: &Quote, supplier: &str, terms: &Terms) -> Vec<String> {
    let table = format!("`[suppliers.{supplier}]`");
    let mut sentences = Vec::new();
    if quote.charges.shipping.is_none() {
        sentences.push(format!("shipping is unknown: map `shipping`, or add `shipping = \"4.90\"` to {table}"));
    }
    match (quote.delivery_days, quote.lead_time_days) {
        (None, Some(_)) if terms.transit_days.is_none() => {
            sentences.push(format!("delivery is unknown: add `transit-days = 2` to {table}, beside the lead time"));
        }
        (None, None) => {
            sentences.push("delivery is unknown: map `deliveryDays`, or `leadTimeDays` with `transit-days`".to_owned());
        }
        _ => {}
    }
    sentences
}

/// Says what to change after a supplier's failure; `None` when the failure says it.
#[must_use]
pub fn after_failure(failure: &Failure, supplier: &str, has_filter: bool, body: &[u8]) -> Option<String> {
    let table = format!("`[suppliers.{supplier}]`");
    let starts_with_tag = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    let detail = failure.detail.as_deref().unwrap_or_default();
    let sentence = match failure.kind {
        ErrorKind::MalformedJson if starts_with_tag => {
            "this is HTML or XML: look for the address of the supplier's JSON".to_owned()
        }
        ErrorKind::Mapping if !has_filter => no_filter(&table),
        ErrorKind::Mapping if detail.contains("cannot iterate over null") => {
            "there is no array at that place: write `(… // [])[]` where it may be missing, or follow the parts below"
                .to_owned()
        }
        ErrorKind::Mapping if detail.contains(" is not a number") => {
            "`tonumber` reads the text of a JSON number; price text needs its separators, `tonumber(\".\"; \",\")`"
                .to_owned()
        }
        ErrorKind::HttpStatus if matches!(failure.http_status, Some(401 | 403)) => {
            format!("look at the credentials in `headers` or `url` of {table}")
        }
        ErrorKind::HttpStatus if failure.http_status == Some(404) => format!(
            "look at `url` of {table}; if 404 is how it says that it does not carry a product, add `no-offer-status = \
             [404]`"
        ),
        ErrorKind::Timeout => format!("allow more time with `timeout` of {table}, or `--timeout`"),
        ErrorKind::BrokerUnreachable => format!("look whether the broker in `url` of {table} is up"),
        ErrorKind::BrokerAuth => {
            format!("look at the user, the password and the virtual host in `url` of {table}, or at `[kafka]`")
        }
        ErrorKind::BrokerUnroutable => {
            format!(
                "look at `queue`, or `exchange` and `routing-key`, of {table}; the supplier's worker declares the queue"
            )
        }
        ErrorKind::BrokerTopic => format!("look at `topic` and `reply-topic` of {table}"),
        ErrorKind::RedirectRefused => format!("write where it leads into `url` of {table}, or allow `redirects`"),
        _ => return None,
    };
    Some(sentence)
}

/// Says what to do about a price list in which no row is about the product.
#[must_use]
pub fn after_no_row(filter: Option<&str>) -> String {
    let what = if filter.is_some() { "`product-column`, or `select(…)` in `quotes`," } else { "`productId`" };
    format!("no row is about the product: it must be written as in the list, where {what} finds it")
}

/// The members of its input that a filter reads and that are no columns, at most 4. Those of other values than the
/// input cannot be told apart for certain.
#[must_use]
pub fn unknown_columns(filter: &str, columns: &[String]) -> Vec<String> {
    let code: String = filter.lines().map(|line| if line.trim_start().starts_with('#') { "" } else { line }).collect();
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut unknown: Vec<String> = Vec::new();
    let mut is_text = false;
    for (position, letter) in code.char_indices() {
        let before = code[..position].chars().next_back();
        is_text ^= letter == '"' && before != Some('\\');
        let begins = before.is_none_or(|before| !is_word(before) && !matches!(before, ')' | ']' | '"' | '.' | '?'));
        if letter != '.' || is_text || !begins {
            continue;
        }
        let rest = &code[position + 1..];
        let name = match rest.strip_prefix("[\"").or_else(|| rest.strip_prefix('"')) {
            Some(quoted) => quoted.split('"').next().unwrap_or_default(),
            None => &rest[..rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())],
        };
        let starts_with_digit = name.starts_with(|letter: char| letter.is_ascii_digit());
        // Those of `to_entries` are no columns either, and right.
        let is_known = matches!(name, "key" | "value")
            || columns.iter().any(|column| column == name)
            || unknown.iter().any(|known| known == name);
        if !name.is_empty() && !starts_with_digit && !is_known && unknown.len() < MOST_UNKNOWN {
            unknown.push(name.to_owned());
        }
    }
    unknown
}

/// Says that a filter reads what is no column, and which there are.
#[must_use]
pub fn no_column(unknown: &[String], columns: &[String]) -> String {
    let list = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let more = if columns.len() > MOST_COLUMNS { ", …" } else { "" };
    let names = list(&columns[..columns.len().min(MOST_COLUMNS)]);
    let is = if unknown.len() == 1 { "which is no column" } else { "which are no columns" };
    let mut nearest: Vec<String> = Vec::new();
    for name in unknown.iter().filter_map(|name| nearest_word(name, columns.iter().map(String::as_str))) {
        if nearest.iter().all(|known| known != name) {
            nearest.push(name.to_owned());
        }
    }
    let nearest = if nearest.is_empty() { String::new() } else { format!("; did you mean {}?", list(&nearest)) };
    format!("`quotes` reads {}, {is}: the columns are {names}{more}{nearest}", list(unknown))
}

/// Says what to do about a reply that nothing came of. `filter` is the key and the text of the filter that it went through.
#[must_use]
pub fn after_nothing(filter: Option<(&str, &str)>, product_is_given: bool) -> String {
    match filter {
        Some((_, filter)) if filter.contains("$product") && !product_is_given => {
            "the filter looks for `$product`: say which one with `--product`".to_owned()
        }
        Some((key, _)) => format!("`{key}` yields nothing of this reply: compare it with the parts below"),
        None => "the reply is an empty array: the supplier does not carry the product".to_owned(),
    }
}
