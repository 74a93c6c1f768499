//! A lookup tried on a saved reply: every id with its origin, and what to change.
//!
//! Owns that screen. Refuses to know where the reply came from. Main type: [`LookupTrial`]; [`lookup_trial`] draws it.

use super::Screen;
use super::prose;
use super::sanitize::{clean, shorten};
use super::study::Canvas;
use super::style::{Painter, Style};
use super::trial::{origin, parts};
use crate::domain::{Failure, ReplyPart, SupplierName, TracedField};

/// How many ids are shown.
const SHOWN: usize = 40;
/// How many columns of an id are shown.
const ID_COLUMNS: usize = 40;

/// A lookup that was tried on a reply.
#[derive(Clone, Debug)]
pub struct LookupTrial<'a> {
    /// Whose lookup it is.
    pub supplier: &'a SupplierName,
    /// What the reply is called, such as its file.
    pub reply: String,
    /// Its bytes.
    pub body: &'a [u8],
    /// What was asked for; empty = any.
    pub product: &'a str,
    /// The text of the `ids` filter.
    pub filter: &'a str,
    /// For how many ids quotes are asked.
    pub most: usize,
    /// Whether quotes are asked for each of them, and not for all at once.
    pub each: bool,
    /// The ids, or why there are none.
    pub outcome: Result<Vec<String>, Failure>,
    /// Values that the filter yields, those that were traced.
    pub traced: Vec<TracedField>,
    /// What the reply is made of, as far as it is to be shown.
    pub parts: Vec<ReplyPart>,
}

/// Draws a trial of a lookup; the text ends with a newline. No line is wider than the screen.
#[must_use]
pub fn lookup_trial(trial: &LookupTrial<'_>, screen: Screen) -> String {
    let canvas = Canvas { width: screen.width.max(Screen::LEAST_WIDTH), painter: Painter { color: screen.color } };
    let product = if trial.product.is_empty() { String::new() } else { format!(", {}", clean(trial.product)) };
    let title = format!("{}, lookup: {}{product}", clean(trial.supplier.as_str()), clean(&trial.reply));
    let found = match &trial.outcome {
        Ok(ids) => drawn(trial, ids, canvas),
        Err(failure) => canvas.sentence(Some(Style::Bad), &prose::failure(failure)),
    };
    let has_ids = trial.outcome.as_ref().is_ok_and(|ids| !ids.is_empty());
    let change = advice(trial).map(|sentence| canvas.heading("What to change") + &canvas.hanging(&sentence));
    let heading = "The reply, with the first element of each array";
    let outline = (!has_ids).then(|| parts(&trial.parts, heading, canvas));
    let mut text = vec![canvas.heading(&title) + &found];
    text.extend(change.into_iter().chain(outline));
    text.push(canvas.heading(&summary(trial)));
    text.retain(|part| !part.is_empty());
    text.join("\n")
}

/// The ids, each with where it comes from.
fn drawn(trial: &LookupTrial<'_>, ids: &[String], canvas: Canvas) -> String {
    let entry = |id: &String| {
        let is_text = |written: &str| serde_json::from_str(written).is_ok_and(|text: String| text.trim() == id);
        let says = |field: &&TracedField| field.value == *id || is_text(&field.value);
        let origin = trial.traced.iter().find(says).map(|field| origin(&field.origin, None)).unwrap_or_default();
        (shorten(id, ID_COLUMNS), origin)
    };
    let entries: Vec<(String, String)> = ids.iter().take(SHOWN).map(entry).collect();
    let more = ids.len().saturating_sub(SHOWN);
    let more =
        if more > 0 { canvas.sentence(Some(Style::Dim), &format!("and {more} more ids")) } else { String::new() };
    canvas.entries(&entries) + &more
}

fn advice(trial: &LookupTrial<'_>) -> Option<String> {
    let supplier = clean(trial.supplier.as_str());
    match &trial.outcome {
        Err(failure) => prose::after_failure(failure, &supplier, true, trial.body),
        Ok(ids) if ids.is_empty() => Some(prose::after_nothing(Some(("ids", trial.filter)), !trial.product.is_empty())),
        Ok(ids) if ids.len() > trial.most => {
            Some(format!("only the first {} are asked for: raise `max-ids` of `lookup`, or pick fewer", trial.most))
        }
        Ok(_) => None,
    }
}

fn summary(trial: &LookupTrial<'_>) -> String {
    match &trial.outcome {
        Err(_) => "The lookup fails on this reply".to_owned(),
        Ok(ids) => {
            let count = prose::count(ids.len() as u64, "id", "ids");
            match (ids.len(), trial.each) {
                (0, _) => format!("{count}: the supplier does not carry the product"),
                (1, _) => format!("{count}: quotes are asked for it"),
                (_, true) => format!("{count}: quotes are asked for each"),
                (_, false) => format!("{count}: quotes are asked for all at once"),
            }
        }
    }
}
