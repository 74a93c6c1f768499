//! `pricecmp PRODUCT --qty 10,100,1000`: one product at several quantities.
//!
//! Owns the order in which a sweep is asked, judged and shown. It is a run about many lines, one a quantity.

mod collector;

use std::time::Instant;

use crate::cli::Flags;
use crate::compare::SweepComparison;
use crate::config::{self, Errand, Presentation, Settings};
use crate::domain::Strategy;
use crate::report;

use super::basket::asking::{self, Lines};
use super::basket::input::Line;
use super::compare::{conclude, report_format};
use super::error::Failed;
use super::output::WriteError;
use super::session::Session;
use super::terminal::Terminal;
use super::{Surroundings, messages, publish};

use collector::Collector;

/// Asks every supplier about every quantity at once, compares, prints, and returns the exit code.
///
/// # Errors
/// When the command line or the configuration is wrong, or the result could not be written.
pub(super) fn sweep(product: &str, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let settings = load(flags, surroundings)?;
    let session = Session::prepare_lines(settings, product)?.without_batches();
    if session.settings().presentation.dry_run {
        session.show(surroundings)?;
        return Ok(0);
    }
    let asking = session.that_learns().into_asking();
    let timeout = asking.settings.criteria.timeout;
    let lines = Lines::Known(lines(product, &asking.settings));
    let mut collector = Collector::new(&asking, surroundings.terminal);
    let started = Instant::now();
    let mut asked = asking::ask(asking, lines, Some(timeout), &mut collector, std::future::pending())?;
    let (mut result, learned) = collector.compare(product, &mut asked);
    result.elapsed = started.elapsed();
    let presentation = &asked.settings.presentation;
    let written = print(&result, presentation, surroundings.terminal);
    messages::comment_sweep(&result, presentation, surroundings.terminal);
    asked.close(&learned, surroundings.terminal);
    conclude(written, result.exit_code(), flags, surroundings)
}

/// Whatever is no comparison has one quantity.
pub(super) fn not_here() -> Failed {
    let message = "several quantities are for a comparison of one product".to_owned();
    Failed::Usage { message, hint: "give one `--qty`, or none" }
}

/// The settings, if they mean something at each of several quantities.
fn load(flags: &Flags, surroundings: &Surroundings) -> Result<Settings, Failed> {
    let settings = config::load(flags, Errand::Compare, &surroundings.environment)?;
    let refuse = |message: &str, hint| Err(Failed::Usage { message: message.to_owned(), hint });
    if flags.save_replies.is_some() {
        return refuse("`--save-replies` keeps the replies to one quantity", "give one `--qty`, and a folder to each");
    }
    if flags.replay.is_some() {
        return refuse("`--replay` is for a comparison at one quantity", "give the `--qty` that was asked for");
    }
    if flags.html.is_some() {
        return refuse("`--html` writes the page of one quantity", "give one `--qty`, and a file to each");
    }
    match settings.criteria.strategy {
        Strategy::All | Strategy::Best => Ok(settings),
        Strategy::First | Strategy::Majority => refuse(
            "`--strategy first` and `majority` stop before everybody has answered, which does not tell who is cheapest \
             at which quantity",
            "leave `--strategy` out, or give one `--qty`",
        ),
    }
}

/// What to ask about, one line a quantity.
fn lines(product: &str, settings: &Settings) -> Vec<Line> {
    let line = |quantity: &_| Line { numbers: Vec::new(), product: product.to_owned(), quantity: *quantity };
    settings.quantities.iter().map(line).collect()
}

/// Writes the result.
fn print(sweep: &SweepComparison, presentation: &Presentation, terminal: Terminal) -> Result<(), WriteError> {
    let screen = publish::screen(presentation, terminal);
    publish::publish(|format| report::sweep(sweep, report_format(format), screen), presentation, terminal)
}
