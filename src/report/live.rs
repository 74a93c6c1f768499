//! Every supplier asked once: what came, what the mapping made of it, and what is missing.
//!
//! Owns that screen. Refuses to know how the suppliers were asked. Main function: [`live`].

use unicode_width::UnicodeWidthStr;

use super::Screen;
use super::explain::{Explanation, advice, facts, responded};
use super::prose;
use super::sanitize::clean;
use super::study::{self, Canvas, StudiedOffer};
use super::style::{Painter, Style};
use crate::compare::Comparison;

/// How many offers of a supplier are listed.
const OFFERS: usize = 5;

/// Draws what every supplier answered; the text ends with a newline. No line is wider than the screen.
#[must_use]
pub fn live(explanations: &[Explanation<'_>], comparison: &Comparison, screen: Screen) -> String {
    let canvas = Canvas { width: screen.width.max(Screen::LEAST_WIDTH), painter: Painter { color: screen.color } };
    let mut parts = vec![canvas.heading(&super::table::title(comparison, canvas.width))];
    parts.extend(explanations.iter().map(|explanation| supplier(explanation, canvas)));
    parts.push(summary(comparison, canvas));
    parts.join("\n")
}

fn supplier(explanation: &Explanation<'_>, canvas: Canvas) -> String {
    let comparison = explanation.comparison;
    let mut text = canvas.heading(&clean(explanation.supplier.as_str()));
    if let Some(stats) = comparison.asked.iter().find(|stats| stats.supplier == *explanation.supplier) {
        let style = if stats.failure.is_some() { Style::Bad } else { Style::Good };
        text.push_str(&canvas.sentence(Some(style), &responded(stats)));
    }
    for received in explanation.exchanges.iter().filter_map(|exchanged| exchanged.reply.as_ref()) {
        text.push_str(&canvas.sentence(Some(Style::Dim), &facts(received)));
    }
    let outcome = |(position, offer): (usize, &StudiedOffer)| {
        let what = match &offer.study.result {
            Ok(quote) => study::result(quote, &comparison.request),
            Err(rejection) => format!("rejected: {}", prose::rejection(&rejection.cause, &comparison.criteria)),
        };
        (offer.name(position + 1), what)
    };
    let outcomes: Vec<(String, String)> = explanation.offers.iter().enumerate().take(OFFERS).map(outcome).collect();
    let fits = outcomes.iter().all(|(name, _)| name.width() <= canvas.width / 3);
    if fits {
        text.push_str(&canvas.entries(&outcomes));
    } else {
        let line = |(name, what): &(String, String)| canvas.sentence(None, &format!("{name}: {what}"));
        text.extend(outcomes.iter().map(line));
    }
    if let Some(more) = explanation.offers.len().checked_sub(OFFERS).filter(|more| *more > 0) {
        text.push_str(&canvas.sentence(Some(Style::Dim), &format!("and {more} more offers")));
    }
    text.extend(advice(explanation).iter().map(|sentence| canvas.hanging(sentence)));
    text
}

fn summary(comparison: &Comparison, canvas: Canvas) -> String {
    let understood = comparison.suppliers.iter().filter(|stats| stats.failure.is_none()).count();
    let asked = comparison.suppliers.len();
    let noun = if asked == 1 { "supplier" } else { "suppliers" };
    canvas.heading(&format!("{understood} of {asked} {noun} answered something understood"))
}
