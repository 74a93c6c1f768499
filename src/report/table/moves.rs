//! By how much prices moved since an earlier run, in words.

use crate::compare::{Comparison, SupplierQuote};
use crate::report::amount::{since, with_sign};
use crate::report::style::Style;

use super::marks::Mark;

/// Says by how much the price of a quote moved, with since when or without: `+4 % since 20 Nov`, `+4 %`. `None` when it did
/// not, by less than 0.05 %, or when nothing is known.
pub(super) fn mark(offered: &SupplierQuote, comparison: &Comparison, dated: bool) -> Option<Mark> {
    let previous = offered.previous?;
    let change = previous.move_percent(offered.quote.charges.total)?;
    let style = if change.is_sign_negative() { Style::Good } else { Style::Caution };
    let then =
        if dated { format!(" since {}", since(previous.quoted_at, comparison.started_at)) } else { String::new() };
    Some(Mark { text: format!("{}{then}", with_sign(change)), style })
}

/// Says since when, for quotes whose marks do not; `None` when no price moved.
pub(super) fn note(comparison: &Comparison, rows: &[usize]) -> Option<String> {
    let moved = rows.iter().filter_map(|row| comparison.quote(Some(*row)));
    let moved = moved.filter(|offered| mark(offered, comparison, false).is_some());
    let mut times: Vec<_> = moved.filter_map(|offered| Some(offered.previous?.quoted_at)).collect();
    times.sort_unstable();
    let [earliest, latest] = [times.first()?, times.last()?].map(|at| since(*at, comparison.started_at));
    let later = if earliest == latest { "" } else { " or later" };
    Some(format!("changes are since {earliest}{later}"))
}
