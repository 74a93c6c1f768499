//! A mapping tried on a saved reply: every field with its origin, what came of each offer, and what to change.
//!
//! Owns that screen. Refuses to know where the reply came from. Main types: [`Trial`] and [`TriedOffer`]; [`trial`]
//! draws it.

use unicode_width::UnicodeWidthStr;

use super::Screen;
use super::prose::{self, Wrong};
use super::sanitize::{clean, cut, shorten};
use super::study::{self, Canvas, fields};
use super::style::{Painter, Style};
use super::table::layout;
use crate::domain::{
    Cause, Criteria, ErrorKind, Failure, Fault, FaultProblem, Origin, PriceRequest, ReplyPart, Study, SupplierName,
    Terms, TracedField,
};

/// How many offers are shown in full.
const SHOWN: usize = 5;
/// How many columns of a value are shown.
const VALUE_COLUMNS: usize = 40;

/// A mapping that was tried on a reply.
#[derive(Clone, Debug)]
pub struct Trial<'a> {
    /// Whose mapping it is.
    pub supplier: &'a SupplierName,
    /// What the reply is called, such as its file.
    pub reply: String,
    /// Its bytes.
    pub body: &'a [u8],
    /// What was asked for; a product that is empty is any.
    pub request: &'a PriceRequest,
    /// Under which conditions.
    pub criteria: &'a Criteria,
    /// What the configuration adds to offers.
    pub terms: &'a Terms,
    /// The text of the `quotes` filter; `None` = replies are in the wire's own format.
    pub filter: Option<&'a str>,
    /// The offers, or why there are none.
    pub outcome: Result<Vec<TriedOffer>, Failure>,
    /// What the reply is made of, as far as it is to be shown; none when it is no JSON.
    pub parts: Vec<ReplyPart>,
    /// What is known of the price list, if the reply is one.
    pub list: Option<TriedList<'a>>,
}

/// The rows of a price list that were tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedList<'a> {
    /// How many rows were tried.
    pub rows: usize,
    /// How many rows there are to try; as many as were tried where no product is named.
    pub count: usize,
    /// Where the row is that [`Trial::parts`] tells of, such as `line 2`.
    pub shown: String,
    /// The names of the columns; none where rows are JSON.
    pub columns: &'a [String],
}

/// An offer of a trial.
#[derive(Clone, Debug)]
pub struct TriedOffer {
    /// Its fields as they were mapped, those that were traced.
    pub fields: Vec<TracedField>,
    /// What came of it.
    pub study: Study,
    /// The separators of groups and decimals by which the text that it was rejected for is a price, with that price.
    pub readings: Vec<(char, char, String)>,
    /// The row of a price list that it is made of, such as `line 3`.
    pub row: Option<String>,
}

/// Draws a trial; the text ends with a newline. No line is wider than the screen.
#[must_use]
pub fn trial(trial: &Trial<'_>, screen: Screen) -> String {
    let canvas = Canvas { width: screen.width.max(Screen::LEAST_WIDTH), painter: Painter { color: screen.color } };
    let mut parts = vec![canvas.heading(&title(trial)) + &tried_rows(trial, canvas)];
    match &trial.outcome {
        Err(failure) => parts.push(canvas.sentence(Some(Style::Bad), &prose::failure(failure))),
        Ok(offers) => {
            for (position, offer) in offers.iter().enumerate().take(SHOWN) {
                parts.push(draw_offer(trial, offer, position, canvas));
            }
            if offers.len() > SHOWN {
                parts.push(canvas.sentence(Some(Style::Dim), &format!("and {} more offers", offers.len() - SHOWN)));
            }
        }
    }
    parts.push(changes(trial, canvas));
    if wants_outline(trial) {
        parts.push(outline(trial, canvas));
    }
    parts.push(summary(trial, canvas));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Whether what the reply is made of tells where to begin: nothing came of it, or it is not in the format that it
/// should be in.
fn wants_outline(trial: &Trial<'_>) -> bool {
    match &trial.outcome {
        Err(_) => true,
        Ok(offers) => {
            let nothing_is_known = |offer: &TriedOffer| offer.fields.iter().all(|field| !field.is_known);
            offers.iter().all(nothing_is_known) || offers.iter().any(|offer| lacks(trial, offer))
        }
    }
}

fn title(trial: &Trial<'_>) -> String {
    let (supplier, reply) = (clean(trial.supplier.as_str()), clean(&trial.reply));
    let product = clean(&trial.request.product);
    if product.is_empty() {
        format!("{supplier}: {reply}, {}", prose::count(trial.request.quantity.get(), "piece", "pieces"))
    } else {
        format!("{supplier}: {reply}, {} × {product}", trial.request.quantity)
    }
}

/// Which rows of a price list were tried, where not all of it was.
fn tried_rows(trial: &Trial<'_>, canvas: Canvas) -> String {
    let Some(list) = &trial.list else { return String::new() };
    let rows = prose::count(u64::try_from(list.rows).unwrap_or(u64::MAX), "row", "rows");
    let sentence = match (trial.request.product.is_empty(), list.rows) {
        (_, 0) => return String::new(),
        (true, 1) => "the first row; `--product` tries those of a product".to_owned(),
        (true, _) => format!("the first {rows}; `--product` tries those of a product"),
        (false, tried) if tried < list.count => format!("the first {tried} of {} rows about it", list.count),
        (false, _) => format!("{rows} about it"),
    };
    canvas.sentence(Some(Style::Dim), &sentence)
}

/// Whether an offer of a price list lacks a field: then the columns tell what there is to map.
fn lacks(trial: &Trial<'_>, offer: &TriedOffer) -> bool {
    let missing = |cause: &Cause| matches!(cause, Cause::Invalid(fault) if fault.problem == FaultProblem::Missing);
    trial.list.is_some() && offer.study.result.as_ref().is_err_and(|rejection| missing(&rejection.cause))
}

fn draw_offer(trial: &Trial<'_>, offer: &TriedOffer, position: usize, canvas: Canvas) -> String {
    let of_row = offer.row.as_deref().filter(|row| !row.is_empty()).map(|row| format!(", {row}")).unwrap_or_default();
    let mut text = canvas.heading(&format!("Offer {}{of_row}", position + 1));
    // Replies in the wire's own format may say more than is read; a mapping means what it says.
    let shown = offer.fields.iter().filter(|field| field.is_known || trial.filter.is_some());
    let is_table = trial.list.as_ref().is_some_and(|list| !list.columns.is_empty());
    let in_row = offer.row.as_deref().filter(|_| is_table);
    let mut rows: Vec<Row> = shown.map(|field| row(field, in_row)).collect();
    let added = fields::configured(trial.terms, |name| offer.fields.iter().any(|field| field.name == name));
    let added = added.into_iter().map(|(name, value)| (name.to_owned(), value, "configuration".to_owned()));
    rows.extend(added.map(|(name, value, origin)| Row { name, value, origin }));
    text.push_str(&draw_rows(&rows, canvas));
    text.push('\n');
    text.push_str(&study::outcome(&offer.study, trial.request, trial.criteria, canvas));
    text
}

/// A field, its value, and where that comes from.
struct Row {
    name: String,
    value: String,
    origin: String,
}

fn row(field: &TracedField, in_row: Option<&str>) -> Row {
    let name = shorten(&field.name, VALUE_COLUMNS);
    let origin =
        if field.is_known { origin(&field.origin, in_row) } else { "no field of an offer, ignored".to_owned() };
    Row { name, value: shorten(&field.value, VALUE_COLUMNS), origin }
}

/// Where a value comes from. In a row of cells that is a column.
pub(super) fn origin(origin: &Origin, in_row: Option<&str>) -> String {
    let place = |path: &str| match in_row {
        Some(row) => format!("column {}, {row}", prose::quoted(&column(path))),
        None => clean(path).into_owned(),
    };
    match origin {
        Origin::Reply(path) => place(path),
        Origin::Read(path) => format!("made of {}", place(path)),
        Origin::OneOf { places, count } => {
            let named: Vec<_> = places.iter().map(|path| place(path)).collect();
            let more = if *count > places.len() { ", …" } else { "" };
            format!("made of one of {count} places: {}{more}", named.join(", "))
        }
        Origin::Filter => "written in the filter".to_owned(),
        Origin::Variable => "a variable of the filter".to_owned(),
        Origin::Computed => "computed".to_owned(),
    }
}

/// The column that a path of a row is: `Preis` of `.Preis`, and `Preis (EUR)` of `.["Preis (EUR)"]`.
fn column(path: &str) -> String {
    let quoted = path.strip_prefix(".[").and_then(|rest| rest.strip_suffix(']'));
    let name = quoted.and_then(|text| serde_json::from_str(text).ok());
    name.unwrap_or_else(|| path.trim_start_matches('.').to_owned())
}

/// The rows in three columns, or with the origins on lines of their own where there is no room for that.
fn draw_rows(rows: &[Row], canvas: Canvas) -> String {
    let widest = |cell: fn(&Row) -> &str| rows.iter().map(|row| cell(row).width()).max().unwrap_or(0);
    let (names, values) = (widest(|row| &row.name), widest(|row| &row.value));
    let pad = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
    let side_by_side = 2 + names + 2 + values + 2 + widest(|row| &row.origin) <= canvas.width;
    let mut text = String::new();
    for Row { name, value, origin } in rows {
        let dim = |text: &str| canvas.painter.paint(Style::Dim, text);
        if side_by_side {
            text.extend(["  ", &pad(name, names), "  ", &pad(value, values), "  ", &dim(origin), "\n"]);
        } else {
            text.push_str(&cut(&format!("  {}  {value}", pad(name, names.min(canvas.width / 2))), canvas.width));
            text.push('\n');
            for line in layout::wrap(origin, canvas.width.saturating_sub(6)) {
                text.extend(["      ", &dim(&line), "\n"]);
            }
        }
    }
    text
}

/// What to change, each once, with how many offers it is about.
fn changes(trial: &Trial<'_>, canvas: Canvas) -> String {
    let supplier = clean(trial.supplier.as_str());
    let has_filter = trial.filter.is_some();
    let mut found: Vec<Change> = Vec::new();
    let alone = |sentence: String| Change { topic: sentence.clone(), sentence, offers: 1 };
    match &trial.outcome {
        Err(failure) => {
            found.extend(prose::after_failure(failure, &supplier, has_filter, trial.body).map(alone));
        }
        Ok(offers) if offers.is_empty() && trial.list.as_ref().is_some_and(|list| list.rows == 0) => {
            found.push(alone(prose::after_no_row(trial.filter)));
        }
        Ok(offers) if offers.is_empty() => {
            found.push(alone(prose::after_nothing(
                trial.filter.map(|filter| ("quotes", filter)),
                !trial.request.product.is_empty(),
            )));
        }
        Ok(offers) => {
            for change in offers.iter().flat_map(|offer| offer_changes(trial, offer, &supplier)) {
                match found.iter_mut().find(|known| known.topic == change.topic) {
                    Some(known) => known.offers += 1,
                    None => found.push(change),
                }
            }
        }
    }
    found.extend(no_column(trial).map(alone));
    if found.is_empty() {
        return String::new();
    }
    let mut text = canvas.heading("What to change");
    for Change { sentence, offers, .. } in found {
        let sentence = if offers > 1 { format!("{sentence} ({offers} offers)") } else { sentence };
        text.push_str(&canvas.hanging(&sentence));
    }
    text
}

/// The columns that the filter reads and the list does not have, where something came out wrong.
fn no_column(trial: &Trial<'_>) -> Option<String> {
    let columns = trial.list.as_ref().map(|list| list.columns).filter(|columns| !columns.is_empty())?;
    let may_be_why = match &trial.outcome {
        Ok(offers) => offers.is_empty() || offers.iter().any(|offer| lacks(trial, offer)),
        Err(failure) => failure.kind == ErrorKind::Mapping,
    };
    let unknown = prose::unknown_columns(trial.filter?, columns);
    (may_be_why && !unknown.is_empty()).then(|| prose::no_column(&unknown, columns))
}

/// Something to change.
struct Change {
    /// What it is about; offers with the same need it once.
    topic: String,
    sentence: String,
    /// How many offers need it.
    offers: usize,
}

fn offer_changes(trial: &Trial<'_>, offer: &TriedOffer, supplier: &str) -> Vec<Change> {
    let alone = |sentence: String| Change { topic: sentence.clone(), sentence, offers: 1 };
    let has_filter = trial.filter.is_some();
    let unknown = offer.fields.iter().filter(|field| !field.is_known && has_filter);
    let ignored = |field: &TracedField| {
        let name = shorten(&field.name, VALUE_COLUMNS);
        alone(format!("`{name}` is no field of an offer, so it is ignored: the README lists the fields"))
    };
    let mut changes: Vec<Change> = unknown.map(ignored).collect();
    match &offer.study.result {
        Ok(quote) => changes.extend(prose::after_quote(quote, supplier, trial.terms).into_iter().map(alone)),
        Err(rejection) => {
            let place = place(&rejection.cause, &offer.fields).map(|place| clean(place).into_owned());
            let wrong = Wrong { place: place.as_deref(), readings: &offer.readings };
            let also = lacking(offer, trial.terms);
            let causes = std::iter::once((&rejection.cause, wrong));
            let causes = causes.chain(also.iter().map(|cause| (cause, Wrong::default())));
            for (cause, wrong) in causes {
                let sentence = prose::after_rejection(cause, supplier, has_filter, wrong);
                let topic = prose::topic(cause);
                if let Some(sentence) = sentence.filter(|_| changes.iter().all(|change| change.topic != topic)) {
                    changes.push(Change { topic, sentence, offers: 1 });
                }
            }
        }
    }
    changes
}

/// What an offer would be rejected for as well, once it is not rejected for something else.
fn lacking(offer: &TriedOffer, terms: &Terms) -> Vec<Cause> {
    let has = |names: &[&str]| offer.fields.iter().any(|field| names.iter().any(|name| field.name.starts_with(name)));
    let missing = |field: &str| Cause::Invalid(Fault { field: field.to_owned(), problem: FaultProblem::Missing });
    let mut causes = Vec::new();
    if !has(&["unitPrice", "totalPrice", "priceBreaks"]) {
        causes.push(missing("unitPrice"));
    }
    if !has(&["currency"]) && terms.currency.is_none() {
        causes.push(Cause::NoCurrency);
    }
    if !has(&["inStock", "stockQuantity"]) {
        causes.push(missing("inStock"));
    }
    // Offers that were not traced have no fields here, and of a reply in another format none is known.
    if offer.fields.iter().any(|field| field.is_known) { causes } else { Vec::new() }
}

/// Where the value of the field that decided stands in the reply.
fn place<'a>(cause: &Cause, fields: &'a [TracedField]) -> Option<&'a str> {
    let Cause::Invalid(fault) = cause else { return None };
    if fault.problem == FaultProblem::Missing {
        return None;
    }
    match &fields.iter().find(|field| field.name == fault.field)?.origin {
        Origin::Reply(path) | Origin::Read(path) => Some(path),
        _ => None,
    }
}

/// What the reply is made of.
fn outline(trial: &Trial<'_>, canvas: Canvas) -> String {
    let heading = match &trial.list {
        Some(list) if list.shown.is_empty() => "The list".to_owned(),
        Some(list) => format!("The row in {}", list.shown),
        None => "The reply, with the first element of each array".to_owned(),
    };
    parts(&trial.parts, &heading, canvas)
}

/// Parts of a reply below a heading; nothing without parts.
pub(super) fn parts(parts: &[ReplyPart], heading: &str, canvas: Canvas) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let entry = |part: &ReplyPart| {
        let kind = match (part.count, part.kind) {
            (Some(count), "an array") => format!("an array of {count}"),
            (Some(count), kind) => {
                format!("{kind} with {}", prose::count(u64::try_from(count).unwrap_or(u64::MAX), "key", "keys"))
            }
            (None, kind) => kind.to_owned(),
        };
        let value = part
            .value
            .as_deref()
            .filter(|value| *value != "null")
            .map(|value| format!(" {}", shorten(value, VALUE_COLUMNS)));
        (shorten(&part.path, canvas.width), kind + &value.unwrap_or_default())
    };
    let entries: Vec<(String, String)> = parts.iter().map(entry).collect();
    canvas.heading(heading) + &canvas.entries(&entries)
}

fn summary(trial: &Trial<'_>, canvas: Canvas) -> String {
    let offers = match &trial.outcome {
        Ok(offers) => offers,
        Err(failure) if failure.kind == ErrorKind::SupplierError => {
            return canvas.heading("The mapping understands this reply: it is an error");
        }
        Err(failure) if matches!(failure.kind, ErrorKind::FileUnreadable) => {
            return canvas.heading("This list cannot be read");
        }
        Err(_) if trial.list.is_some() => return canvas.heading("The mapping fails on this list"),
        Err(_) => return canvas.heading("The mapping fails on this reply"),
    };
    let count =
        |number: usize, one: &str, many: &str| prose::count(u64::try_from(number).unwrap_or(u64::MAX), one, many);
    let quotes = offers.iter().filter(|offer| offer.study.result.is_ok()).count();
    let rejected = offers.len() - quotes;
    canvas.heading(&format!(
        "{}: {}, {rejected} rejected",
        count(offers.len(), "offer", "offers"),
        count(quotes, "quote", "quotes")
    ))
}
