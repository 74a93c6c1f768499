//! `pricecmp basket FILE`: many lines, one order.
//!
//! Owns the order in which a basket is read, asked, solved and shown.

pub(super) mod asking;
mod collector;
pub(super) mod input;
pub(super) mod learning;
mod stream;
pub(super) mod watch;

use std::time::Instant;

use crate::cli::{self, Flags, Format};
use crate::compare::BasketComparison;
use crate::config::{self, BasketWishes, Errand, Presentation, Settings};
use crate::domain::basket::Limits;
use crate::report;

use super::compare::{INTERRUPTED, report_format};
use super::error::Failed;
use super::output::WriteError;
use super::session::Session;
use super::terminal::Terminal;
use super::{Surroundings, messages, orders, publish};

use asking::Lines;
use collector::Collector;
use watch::Watch;

/// Asks every supplier about every line, finds the best order, prints it, and returns the exit code.
///
/// # Errors
/// When the command line, the configuration or a line is wrong, or the result could not be written.
pub(super) fn basket(wanted: &cli::Basket, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let wishes = config::basket_wishes(wanted)?;
    let settings = load(flags, &wishes, surroundings)?;
    let file = input::open(&wanted.lines, &wishes)?;
    if settings.presentation.format == Format::Ndjson {
        return stream::stream(&wanted.lines, file, settings, &wishes, surroundings);
    }
    let lines = input::read(&wanted.lines, &file, &wishes, &settings.presentation)?;
    let session = prepare(settings, &lines)?;
    if session.settings().presentation.dry_run {
        session.show(surroundings)?;
        return Ok(0);
    }
    let asking = session.that_learns().into_asking();
    let timeout = asking.settings.wanted_timeout.unwrap_or_else(|| config::basket_timeout(lines.len()));
    let watch = Watch::new(&asking, (lines.len() as u64, "lines"), surroundings.terminal);
    let mut collector = Collector::new(&asking, limits(&asking.settings, &wishes), &lines, watch);
    let started = Instant::now();
    let asked = asking::ask(asking, Lines::Known(lines), Some(timeout), &mut collector, std::future::pending())?;
    let (mut result, learned) = collector.solve(&asked, &wishes, timeout);
    result.elapsed = started.elapsed();
    let presentation = &asked.settings.presentation;
    let written = print(&result, presentation, surroundings.terminal);
    let page = publish::page(|| report::html::basket(&result), presentation);
    let orders = orders::write(&result, wishes.orders.as_deref(), presentation);
    messages::comment_basket(&result, presentation, surroundings.terminal);
    let code = result.exit_code();
    asked.close(&learned, surroundings.terminal);
    match written.and(page).and(orders) {
        Err(error) if code == INTERRUPTED => {
            Failed::from(error).tell(flags, surroundings);
            Ok(INTERRUPTED)
        }
        Err(error) => Err(error.into()),
        Ok(()) => Ok(code),
    }
}

/// The settings of a basket. Each question has the configuration's time; the flag's is for everything.
fn load(flags: &Flags, wishes: &BasketWishes, surroundings: &Surroundings) -> Result<Settings, Failed> {
    let one_product = |flag: &str| {
        let message = format!("`{flag}` is for a comparison of one product");
        Err(Failed::Usage { message, hint: "leave it out" })
    };
    if flags.save_replies.is_some() {
        return one_product("--save-replies");
    }
    if flags.strategy.is_some() {
        return one_product("--strategy");
    }
    if flags.max_increase.is_some() {
        return one_product("--max-increase");
    }
    let mut settings = config::load(flags, Errand::Compare, &surroundings.environment)?;
    let presentation = &settings.presentation;
    let is_stream = presentation.format == Format::Ndjson;
    if is_stream && wishes.optimize.is_some() {
        let message = "`--format ndjson` writes each line's comparison, and no order".to_owned();
        return Err(Failed::Usage { message, hint: "add `--no-optimize`, or use `--json`" });
    }
    if is_stream && (presentation.html.is_some() || wishes.orders.is_some()) {
        let message = "`--format ndjson` writes each line's comparison, and no order".to_owned();
        return Err(Failed::Usage { message, hint: "leave out `--html` and `--orders`, or use `--json`" });
    }
    if is_stream && presentation.output.is_some() {
        let message = "`--format ndjson` writes to standard output while it works".to_owned();
        return Err(Failed::Usage { message, hint: "use `> FILE` in the place of `--output`" });
    }
    if presentation.format == Format::Markdown {
        let message = "a basket is not written as Markdown".to_owned();
        return Err(Failed::Usage { message, hint: "use `table`, `json`, `csv` or `ndjson`" });
    }
    settings.criteria.timeout = settings.usual_timeout;
    Ok(settings)
}

/// Prepares the run, as seen from its first line.
fn prepare(mut settings: Settings, lines: &[input::Line]) -> Result<Session, Failed> {
    let first = lines.first().map(|line| (line.product.clone(), line.quantity));
    let (product, quantity) = first.unwrap_or_else(|| (String::new(), settings.quantity));
    settings.quantity = quantity;
    Session::prepare_lines(settings, &product)
}

fn limits(settings: &Settings, wishes: &BasketWishes) -> Limits {
    Limits {
        max_suppliers: wishes.max_suppliers,
        split: wishes.split,
        exact: settings.criteria.exact,
        within_days: settings.criteria.within_days,
    }
}

/// Writes the result.
fn print(basket: &BasketComparison, presentation: &Presentation, terminal: Terminal) -> Result<(), WriteError> {
    let screen = publish::screen(presentation, terminal);
    publish::publish(|format| report::basket(basket, report_format(format), screen), presentation, terminal)
}
