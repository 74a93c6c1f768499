//! The lines of a basket, and what is said about those that are wrong.

use std::path::Path;

use crate::config::{BasketWishes, Presentation};
use crate::domain::Quantity;
use crate::order_file::{ColumnWishes, Merged, OrderFile, OrderFileError, OrderLine, Reading, Summary, merge};
use crate::report::sanitize;

use super::super::error::Failed;
use super::super::output;

/// How many merged products are named.
const NAMED: usize = 5;
/// What to do about wrong lines.
const HINT: &str = "correct them, or leave them out with `--skip-bad`";

/// A line to ask about.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Line {
    /// Where it stands in the file; in several places when these are about the same product.
    pub(in crate::commands) numbers: Vec<u64>,
    pub(in crate::commands) product: String,
    pub(in crate::commands) quantity: Quantity,
}

/// Opens the file.
///
/// # Errors
/// When it cannot be read, or a flag about it is wrong.
pub(super) fn open(path: &Path, wishes: &BasketWishes) -> Result<OrderFile, Failed> {
    let columns = ColumnWishes::parse(&wishes.columns).map_err(|problem| Failed::Usage {
        message: format!("`--columns`: {problem}"),
        hint: "write `--columns product=MPN,quantity=Qty`",
    })?;
    let reading = Reading { format: wishes.format, encoding: wishes.encoding, columns };
    OrderFile::open(path, reading).map_err(|error| unreadable(path, &error))
}

/// Reads all lines; those about the same product become one.
///
/// # Errors
/// When a line is wrong and is not to be left out, or there is none.
pub(super) fn read(
    path: &Path,
    file: &OrderFile,
    wishes: &BasketWishes,
    presentation: &Presentation,
) -> Result<Vec<Line>, Failed> {
    let mut lines = Vec::new();
    let summary = file.read(|line| {
        lines.push(line);
        true
    });
    check(path, &summary.map_err(|error| unreadable(path, &error))?, wishes, presentation)?;
    let (lines, merged) = merge(lines).map_err(|message| Failed::Usage { message, hint: "split the order" })?;
    if !presentation.quiet {
        output::to_stderr(&merged_words(&merged));
    }
    let mut merged = merged.into_iter();
    let mut next = merged.next();
    let line = |OrderLine { number, product, quantity }| {
        let several = next.take_if(|merged| merged.numbers.first() == Some(&number));
        if several.is_some() {
            next = merged.next();
        }
        Line { numbers: several.map_or_else(|| vec![number], |merged| merged.numbers), product, quantity }
    };
    Ok(lines.into_iter().map(line).collect())
}

/// Looks at every line before anything is sent.
///
/// # Errors
/// When a line is wrong and is not to be left out, or there is none.
pub(super) fn check(
    path: &Path,
    summary: &Summary,
    wishes: &BasketWishes,
    presentation: &Presentation,
) -> Result<(), Failed> {
    if summary.bad_count > 0 && (!wishes.skip_bad || summary.is_broken) {
        let count = counted(summary.bad_count);
        let message = format!("{count} of `{}`:{}", path.display(), bad_words(summary));
        return Err(Failed::Usage { message, hint: if summary.is_broken { BROKEN } else { HINT } });
    }
    if summary.lines == 0 {
        let message = format!("`{}` has no line to ask about", path.display());
        return Err(Failed::Usage { message, hint: "a line has a product and a quantity, such as `widget,95`" });
    }
    if summary.bad_count > 0 && !presentation.quiet {
        let text = format!("warning: left out, {}:{}\n", counted(summary.bad_count), bad_words(summary));
        output::to_stderr(&sanitize::clean_shape(&text));
    }
    Ok(())
}

/// What to do about a file that breaks off.
const BROKEN: &str = "what follows cannot be told apart, so that it cannot be left out";

fn counted(lines: u64) -> String {
    if lines == 1 { "1 wrong line".to_owned() } else { format!("{lines} wrong lines") }
}

/// One line each.
fn bad_words(summary: &Summary) -> String {
    let mut told: Vec<String> = summary.bad.iter().map(ToString::to_string).collect();
    match summary.bad_count - summary.bad.len() as u64 {
        0 => {}
        more => told.push(format!("and {more} more")),
    }
    format!("\n  {}", told.join("\n  "))
}

fn merged_words(merged: &[Merged]) -> String {
    let told = merged.iter().take(NAMED).map(|merged| {
        let numbers = merged.numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        format!("note: lines {numbers} are about `{}`, {} in all\n", sanitize::clean(&merged.product), merged.quantity)
    });
    let more = merged.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("note: and {more} more products stand in several lines\n"));
    told.chain(more).collect()
}

/// Says that the file cannot be read.
pub(super) fn unreadable(path: &Path, error: &OrderFileError) -> Failed {
    let message = match error {
        OrderFileError::Unreadable { .. } => error.words(),
        OrderFileError::Content { .. } => format!("`{}`: {}", path.display(), error.words()),
    };
    Failed::Usage { message, hint: error.hint() }
}
