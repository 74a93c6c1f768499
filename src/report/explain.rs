//! One supplier explained: what was sent, what came back, what it means, what came of it.
//!
//! Owns that screen. Refuses to know how the supplier was asked. Main types: [`Explanation`] and [`Exchanged`];
//! [`explain`] draws it.

use super::amount::time;
use super::prose::{self, Wrong};
use super::sanitize::{clean, clean_shape, cut};
use super::study::{self, Canvas, StudiedOffer};
use super::style::{Painter, Style};
use super::{Screen, study::fields};
use crate::compare::{Comparison, SupplierStats};
use crate::domain::{SupplierName, Terms};

/// How many lines of a reply are shown.
const LINES: usize = 40;
/// How many offers are shown.
const OFFERS: usize = 10;

/// One supplier's answer, step by step.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    /// Who was asked.
    pub supplier: &'a SupplierName,
    /// What its configuration adds to its offers.
    pub terms: &'a Terms,
    /// Whether a filter makes offers of its replies.
    pub has_filter: bool,
    /// What was said, in order. The last one has no reply when none came.
    pub exchanges: Vec<Exchanged>,
    /// The offers, in the reply's order.
    pub offers: Vec<StudiedOffer>,
    /// What came of it, as a comparison of this one supplier.
    pub comparison: &'a Comparison,
}

/// A request, and the reply to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// The first line of the request, secrets masked.
    pub head: String,
    /// Its headers, secrets masked.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub request_body: Option<String>,
    /// What came back.
    pub reply: Option<Received>,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The status, where the protocol has one.
    pub status: Option<u16>,
    /// What the supplier calls it.
    pub content_type: Option<String>,
    /// Its size, bytes.
    pub size: usize,
    /// Its body as text; what is no text in it is replaced.
    pub body: String,
    /// Its body with a line for each value, if it is JSON.
    pub pretty: Option<String>,
    /// What is known of the rows, if it is those of a price list.
    pub rows: Option<ReceivedRows>,
}

/// The rows of a price list that are about the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedRows {
    /// Where those stand that are shown, such as `line 3`; the body has them in lines.
    pub places: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// Draws an explanation; the text ends with a newline. No line is wider than the screen.
#[must_use]
pub fn explain(explanation: &Explanation<'_>, screen: Screen) -> String {
    let canvas = Canvas { width: screen.width.max(Screen::LEAST_WIDTH), painter: Painter { color: screen.color } };
    let comparison = explanation.comparison;
    let title = super::table::title(comparison, canvas.width);
    let mut parts = vec![canvas.heading(&format!("{}: {title}", clean(explanation.supplier.as_str())))];
    let several = explanation.exchanges.len() > 1;
    for (position, exchanged) in explanation.exchanges.iter().enumerate() {
        let number = if several { format!(" {}", position + 1) } else { String::new() };
        parts.push(request(exchanged, &number, canvas));
        parts.extend(exchanged.reply.as_ref().map(|received| reply(received, &number, canvas)));
    }
    for (position, offer) in explanation.offers.iter().enumerate().take(OFFERS) {
        parts.push(draw_offer(offer, position + 1, explanation.terms, comparison, canvas));
    }
    if let Some(more) = explanation.offers.len().checked_sub(OFFERS).filter(|more| *more > 0) {
        parts.push(canvas.sentence(Some(Style::Dim), &format!("and {more} more offers: `--json` has them all")));
    }
    parts.push(result(explanation, canvas));
    parts.push(changes(explanation, canvas));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn request(exchanged: &Exchanged, number: &str, canvas: Canvas) -> String {
    let mut text = canvas.heading(&format!("Request{number}"));
    text.push_str(&canvas.sentence(None, &clean(&exchanged.head)));
    for (name, value) in &exchanged.headers {
        text.push_str(&canvas.sentence(Some(Style::Dim), &format!("{}: {}", clean(name), clean(value))));
    }
    if let Some(body) = &exchanged.request_body {
        text.push('\n');
        text.push_str(&lines(body, canvas));
    }
    text
}

fn reply(received: &Received, number: &str, canvas: Canvas) -> String {
    let what = if received.rows.is_some() { "Rows" } else { "Reply" };
    let mut text = canvas.heading(&format!("{what}{number}"));
    text.push_str(&canvas.sentence(Some(Style::Dim), &facts(received)));
    if received.size > 0 {
        text.push('\n');
        text.push_str(&lines(received.pretty.as_deref().unwrap_or(&received.body), canvas));
    }
    text
}

/// What a reply is, without its body.
pub(super) fn facts(received: &Received) -> String {
    if let Some(rows) = &received.rows {
        return match rows.count as u64 {
            0 => "no row about the product".to_owned(),
            count => format!("{} about the product", prose::count(count, "row", "rows")),
        };
    }
    let status = received.status.map(|status| format!("HTTP status {status}"));
    let kind = received.content_type.as_deref().map(|kind| clean(kind).into_owned());
    let size = prose::count(u64::try_from(received.size).unwrap_or(u64::MAX), "byte", "bytes");
    status.into_iter().chain(kind).chain([size]).collect::<Vec<_>>().join(", ")
}

/// The first lines of a body, each cut to the screen.
fn lines(body: &str, canvas: Canvas) -> String {
    let room = canvas.width.saturating_sub(2);
    let mut text = String::new();
    let mut rest = body.lines();
    let mut was_cut = false;
    for line in rest.by_ref().take(LINES) {
        // A line of a reply may be all of it; what is beyond the screen is not worth cleaning.
        let start: String = line.chars().take(2 * canvas.width).collect();
        let shown = clean_shape(&start).replace('\t', "    ");
        was_cut |= start.len() < line.len();
        text.extend(["  ", &cut(shown.trim_end(), room), "\n"]);
    }
    let more = rest.count();
    if more > 0 || was_cut {
        let what = if more > 0 {
            format!("and {}", prose::count(more as u64, "more line", "more lines"))
        } else {
            "lines were cut".to_owned()
        };
        text.push_str(&canvas.sentence(Some(Style::Dim), &format!("{what}: `--save-replies` keeps all of it")));
    }
    text
}

fn draw_offer(offer: &StudiedOffer, position: usize, terms: &Terms, comparison: &Comparison, canvas: Canvas) -> String {
    let mut entries: Vec<(String, String)> =
        fields::fields(&offer.offer).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let added = fields::configured(terms, |name| entries.iter().any(|(said, _)| said == name));
    entries.extend(added.into_iter().map(|(name, value)| (name.to_owned(), value + " (configuration)")));
    let mut text = canvas.heading(&offer.name(position));
    text.push_str(&canvas.entries(&entries));
    text.push('\n');
    text.push_str(&study::outcome(&offer.study, &comparison.request, &comparison.criteria, canvas));
    text
}

/// What a comparison of this one supplier comes to.
fn result(explanation: &Explanation<'_>, canvas: Canvas) -> String {
    let comparison = explanation.comparison;
    let mut text = canvas.heading("Result");
    for stats in &comparison.suppliers {
        text.push_str(&canvas.sentence(Some(Style::Dim), &responded(stats)));
    }
    if let Some(failure) = &comparison.failure {
        text.push_str(&canvas.sentence(Some(Style::Bad), &prose::run_failure(failure)));
    }
    if let Some(cheapest) = comparison.quote(comparison.cheapest) {
        let sku = cheapest.quote.identity.sku.as_deref().map(|sku| format!("{}, ", clean(sku))).unwrap_or_default();
        let sentence = format!("cheapest: {sku}{}", study::result(&cheapest.quote, &comparison.request));
        text.push_str(&canvas.sentence(Some(Style::Good), &sentence));
    }
    text
}

/// How the supplier responded.
pub(super) fn responded(stats: &SupplierStats) -> String {
    let latency = stats.latency.map(|latency| format!(" in {}", time(latency))).unwrap_or_default();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    match &stats.failure {
        Some(failure) => prose::failure(failure),
        None if stats.offers == 0 => format!("answered{latency}: does not carry the product"),
        None => format!(
            "answered{latency}: {}, {}, {} rejected",
            prose::count(count(stats.offers), "offer", "offers"),
            prose::count(count(stats.ranked), "quote", "quotes"),
            stats.rejected
        ),
    }
}

/// What to change, where something is to be changed.
fn changes(explanation: &Explanation<'_>, canvas: Canvas) -> String {
    let sentences = advice(explanation);
    if sentences.is_empty() {
        return String::new();
    }
    let mut text = canvas.heading("What to change");
    for sentence in sentences {
        text.push_str(&canvas.hanging(&sentence));
    }
    text
}

/// Everything that could be changed so that more of the supplier's offers become quotes, each once.
pub(super) fn advice(explanation: &Explanation<'_>) -> Vec<String> {
    let supplier = clean(explanation.supplier.as_str());
    // What each is about, and what is said.
    let mut notes: Vec<(String, String)> = Vec::new();
    let stats = explanation.comparison.asked.iter().find(|stats| stats.supplier == *explanation.supplier);
    if let Some(failure) = stats.and_then(|stats| stats.failure.as_ref()) {
        let body = explanation.exchanges.iter().rev().find_map(|exchanged| exchanged.reply.as_ref());
        let body = body.map_or("", |received| &received.body).as_bytes();
        let advice = prose::after_failure(failure, &supplier, explanation.has_filter, body);
        notes.extend(advice.map(|sentence| (sentence.clone(), sentence)));
    }
    for offer in &explanation.offers {
        let about: Vec<(String, String)> = match &offer.study.result {
            Ok(quote) => {
                let advice = prose::after_quote(quote, &supplier, explanation.terms);
                advice.into_iter().map(|sentence| (sentence.clone(), sentence)).collect()
            }
            Err(rejection) => {
                let wrong = Wrong { place: None, readings: &offer.readings };
                let advice = prose::after_rejection(&rejection.cause, &supplier, explanation.has_filter, wrong);
                advice.map(|sentence| (prose::topic(&rejection.cause), sentence)).into_iter().collect()
            }
        };
        for (topic, sentence) in about {
            if notes.iter().all(|(known, _)| *known != topic) {
                notes.push((topic, sentence));
            }
        }
    }
    notes.into_iter().map(|(_, sentence)| sentence).collect()
}
