//! `pricecmp explain SUPPLIER PRODUCT`: one supplier, step by step.

use crate::cli::{Flags, Format};
use crate::config::{self, Errand};
use crate::report::{self, Explanation, Screen};
use crate::transport::Recorder;

use super::error::Failed;
use super::session::Session;
use super::{Surroundings, messages, publish, studies};

/// Asks the supplier, shows everything that came of it, and returns the exit code that a comparison of it alone has.
///
/// # Errors
/// When the command line or the configuration is wrong, or the result could not be written.
pub(super) fn explain(
    supplier: String,
    product: &str,
    flags: &Flags,
    surroundings: &Surroundings,
) -> Result<u8, Failed> {
    let flags = Flags { supplier: vec![supplier], exclude: Vec::new(), ..flags.clone() };
    let settings = config::load(&flags, Errand::Compare, &surroundings.environment)?;
    if !matches!(settings.presentation.format, Format::Table | Format::Json) {
        let message = "`explain` writes a table or JSON, and `--format` asks for something else".to_owned();
        return Err(Failed::Usage { message, hint: "use `--json`, or leave `--format` out" });
    }
    let session = Session::prepare(settings, product, Recorder::keeping())?;
    if session.settings().presentation.dry_run {
        session.show(surroundings)?;
        return Ok(0);
    }
    let asked = session.with_offers_recorded().ask(surroundings.terminal)?;
    let presentation = &asked.settings.presentation;
    let explanation = studies::explanation(&asked, 0);
    let screen = publish::screen(presentation, surroundings.terminal);
    publish::publish(|format| render(&explanation, format, screen), presentation, surroundings.terminal)?;
    messages::comment(&asked.comparison, presentation, surroundings.terminal);
    let code = asked.comparison.exit_code();
    asked.close(surroundings.terminal)?;
    Ok(code)
}

fn render(explanation: &Explanation<'_>, format: Format, screen: Screen) -> String {
    match format {
        Format::Json => report::explain_document(explanation),
        Format::Table | Format::Csv | Format::Markdown | Format::Ndjson => report::explain(explanation, screen),
    }
}
