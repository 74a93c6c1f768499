//! Where a result goes: to stdout, through the user's filter, into a file.

use crate::cli::Format;
use crate::config::Presentation;
use crate::domain::Failure;
use crate::mapping::Filter;
use crate::report::{self, Screen};

use super::output::{self, WriteError};
use super::terminal::Terminal;

/// The screen that stdout is.
pub(super) fn screen(presentation: &Presentation, terminal: Terminal) -> Screen {
    Screen { width: terminal.width, color: presentation.color.on(terminal.stdout) }
}

/// Writes the result: to stdout, or to a file and as a table to stdout. A file that cannot be written leaves the table.
///
/// # Errors
/// When it cannot be written, or the user's filter fails on it.
pub(super) fn publish(
    render: impl Fn(Format) -> String,
    presentation: &Presentation,
    terminal: Terminal,
) -> Result<(), WriteError> {
    let document = render(presentation.format);
    let result = match &presentation.filter {
        Some(filter) => filtered(filter, &document),
        None => Ok(document),
    };
    let file = presentation.output.as_ref().filter(|path| path.as_os_str() != "-");
    let Some(path) = file else { return output::to_stdout(&for_stdout(result?, presentation, terminal)) };
    let written = result.and_then(|result| output::to_file(path, result.as_bytes()));
    output::to_stdout(&render(Format::Table)).and(written)
}

/// Writes the page that is wanted beside the result, if one is.
///
/// # Errors
/// When it cannot be written; what stood there still stands then.
pub(super) fn page(render: impl FnOnce() -> String, presentation: &Presentation) -> Result<(), WriteError> {
    presentation.html.as_ref().map_or(Ok(()), |path| output::to_file(path, render().as_bytes()))
}

/// What the user's filter makes of the document, one output a line; nothing of it when it fails half-way.
fn filtered(filter: &Filter, document: &str) -> Result<String, WriteError> {
    let failed = |failure: Failure| {
        let detail = failure.detail.unwrap_or_else(|| failure.kind.as_str().to_owned());
        WriteError::Filter(report::sanitize::clean(&detail).into_owned())
    };
    let outputs = filter.apply(document.as_bytes()).map_err(failed)?;
    Ok(outputs.into_iter().map(|output| output + "\n").collect())
}

/// A filter's texts are raw; on a terminal they must do no harm.
fn for_stdout(result: String, presentation: &Presentation, terminal: Terminal) -> String {
    let is_raw = presentation.filter.is_some() && terminal.stdout;
    if is_raw { report::sanitize::clean_shape(&result) } else { result }
}
