//! `pricecmp PRODUCT`: the main job.

use crate::cli::{Flags, Format};
use crate::compare::Comparison;
use crate::config::{self, Errand, Presentation};
use crate::report;

use super::error::Failed;
use super::output::{self, WriteError};
use super::session::{Asked, Session};
use super::terminal::Terminal;
use super::{Surroundings, messages, publish, replies};

/// The exit code of an interrupted run, which goes before that of an output that could not be written.
pub(super) const INTERRUPTED: u8 = 130;

/// Asks every supplier, compares, prints, and returns the exit code.
///
/// # Errors
/// When the command line or the configuration is wrong, or the result could not be written.
pub(super) fn compare(product: &str, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let settings = config::load(flags, Errand::Compare, &surroundings.environment)?;
    let recorder = replies::recorder(&settings.presentation);
    let session = Session::prepare(settings, product, recorder)?;
    if session.settings().presentation.dry_run {
        session.show(surroundings)?;
        return Ok(0);
    }
    if session.settings().presentation.verbosity > 1 {
        output::to_stderr(&session.preview());
    }
    let asked = session.that_learns().ask(surroundings.terminal)?;
    let Asked { settings, comparison, .. } = &asked;
    let written = print(comparison, &settings.presentation, surroundings.terminal);
    let page = publish::page(|| report::html::comparison(comparison, &asked.curves()), &settings.presentation);
    messages::comment(comparison, &settings.presentation, surroundings.terminal);
    let code = comparison.exit_code();
    conclude(written.and(page).and(asked.close(surroundings.terminal)), code, flags, surroundings)
}

/// The exit code of a run with this one of its own, whose result was written, or was not.
///
/// # Errors
/// When the result could not be written, and the run was not interrupted.
pub(super) fn conclude(
    written: Result<(), WriteError>,
    code: u8,
    flags: &Flags,
    surroundings: &Surroundings,
) -> Result<u8, Failed> {
    match written {
        Ok(()) => Ok(code),
        Err(error) if code == INTERRUPTED => {
            Failed::from(error).tell(flags, surroundings);
            Ok(INTERRUPTED)
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes the result.
fn print(comparison: &Comparison, presentation: &Presentation, terminal: Terminal) -> Result<(), WriteError> {
    let screen = publish::screen(presentation, terminal);
    publish::publish(|format| report::render(comparison, report_format(format), screen), presentation, terminal)
}

/// The report's word for a format.
pub(super) const fn report_format(format: Format) -> report::Format {
    match format {
        Format::Table => report::Format::Table,
        Format::Json => report::Format::Json,
        Format::Csv => report::Format::Csv,
        Format::Markdown => report::Format::Markdown,
        Format::Ndjson => report::Format::Ndjson,
    }
}
