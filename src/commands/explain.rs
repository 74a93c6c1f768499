//! `pricecmp explain SUPPLIER PRODUCT`: one supplier, step by step.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::cli::{Flags, Format};
use crate::config::{self, Errand};
use crate::plan;
use crate::report::{self, Explanation, Screen};
use crate::transport::{Inquiry, Recorder};

use super::endpoints::{self, Mocks};
use super::error::Failed;
use super::memory::Memory;
use super::rates::Outlook;
use super::state::State;
use super::{Surroundings, compare, output, publish, replies, studies};

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
    if matches!(settings.presentation.format, Format::Csv | Format::Markdown) {
        let message = "`explain` writes a table or JSON, and `--format` asks for something else".to_owned();
        return Err(Failed::Usage { message, hint: "use `--json`, or leave `--format` out" });
    }
    let mocks = Mocks::start_if_wanted(&settings)?;
    let recorder = Recorder::keeping();
    let transports =
        endpoints::transports(&settings, mocks.as_ref(), &recorder, &Arc::new(Memory::new(State::at(None))))?;
    let plan = plan::plan(&settings, product, Uuid::new_v4(), Timestamp::now());
    let mut state = State::at(compare::state_file(&settings));
    let outlook = Outlook::of(&settings, &mut state, plan.started_at)?;
    if settings.presentation.dry_run {
        surroundings.warn(&settings);
        output::to_stdout(&compare::preview(&plan, &outlook, &transports))?;
        return Ok(0);
    }
    let transports = studies::watched(&plan, transports, &recorder);
    let (rates, gathered, _) = compare::ask(&plan, outlook, &transports, &settings, surroundings.terminal)?;
    let plan = plan.with_rates(rates.rates.clone(), rates.took);
    let warnings = settings.warnings.iter().chain(&rates.warning).cloned().chain(state.take_warnings());
    let comparison = compare::judge(&plan, gathered, &settings, warnings.collect());
    let recording = recorder.take();
    let inquiry = Inquiry { request: Arc::clone(&plan.request), correlation_id: Arc::clone(&plan.correlation_id) };
    let preview = transports[0].preview(&inquiry);
    let explanation = studies::explanation(&settings.suppliers[0], 0, &plan, &recording, preview, &comparison);
    let screen = publish::screen(&settings.presentation, surroundings.terminal);
    publish::publish(|format| render(&explanation, format, screen), &settings.presentation, surroundings.terminal)?;
    compare::comment(&comparison, &settings.presentation, surroundings.terminal);
    rates.keep(&mut state);
    replies::save(&recording.exchanges, &settings.presentation)?;
    Ok(comparison.exit_code())
}

fn render(explanation: &Explanation<'_>, format: Format, screen: Screen) -> String {
    match format {
        Format::Json => report::explain_document(explanation),
        Format::Table | Format::Csv | Format::Markdown => report::explain(explanation, screen),
    }
}
