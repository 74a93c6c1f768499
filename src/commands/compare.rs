//! `pricecmp PRODUCT`: the main job.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::cli::{self, Flags, Format, Sort};
use crate::compare::{self, Comparison, SortKey};
use crate::config::{self, Errand, Presentation, Settings};
use crate::domain::{Event, Gathered, SupplierName, Warning};
use crate::gather::gather;
use crate::plan::{self, Plan};
use crate::report::{self, Progress};
use crate::transport::{Inquiry, Preview, Transport};

use super::circuits;
use super::endpoints::{self, Mocks};
use super::error::Failed;
use super::hedges;
use super::memory::Memory;
use super::output::{self, WriteError};
use super::rates::{Outlook, RunRates};
use super::remember::{Learned, remember};
use super::state::State;
use super::terminal::Terminal;
use super::{Surroundings, publish, replies, runtime};

/// Asks every supplier, compares, prints, and returns the exit code.
///
/// # Errors
/// When the command line or the configuration is wrong, or the result could not be written.
pub(super) fn compare(product: &str, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let settings = config::load(flags, Errand::Compare, &surroundings.environment)?;
    let mocks = Mocks::start_if_wanted(&settings)?;
    let recorder = replies::recorder(&settings.presentation);
    let memory = Arc::new(Memory::new(State::at(state_file(&settings))));
    let transports = endpoints::transports(&settings, mocks.as_ref(), &recorder, &memory)?;
    let plan = plan::plan(&settings, product, Uuid::new_v4(), Timestamp::now());
    let mut state = State::at(state_file(&settings));
    let outlook = Outlook::of(&settings, &mut state, plan.started_at)?;
    if settings.presentation.dry_run {
        surroundings.warn(&settings);
        output::to_stdout(&preview(&plan, &outlook, &transports))?;
        return Ok(0);
    }
    if settings.presentation.verbosity > 1 {
        output::to_stderr(&preview(&plan, &outlook, &transports));
    }
    let admissions = circuits::admissions(&mut state, &settings, &plan);
    let waits = hedges::waits(&mut state, &settings, &plan);
    let plan = plan.with_admissions(&admissions).with_hedges(&waits);
    let (rates, gathered, hedged) = ask(&plan, outlook, &transports, &settings, surroundings.terminal)?;
    let warnings = settings.warnings.iter().chain(&rates.warning).cloned().chain(state.take_warnings());
    let signals = circuits::of_run(&gathered, &settings);
    let comparison = judge(&plan, gathered, &settings, warnings.collect());
    let written = print(&comparison, &settings.presentation, surroundings.terminal);
    comment(&comparison, &settings.presentation, surroundings.terminal);
    rates.keep(&mut state);
    remember(&mut state, &settings, (&plan, &comparison), &Learned { signals, hedged });
    let mut warnings = state.take_warnings();
    // Both may have had the same trouble with the file.
    warnings.extend(memory.write());
    warnings.dedup();
    warn(&warnings, &settings.presentation, surroundings.terminal);
    let written = written.and(replies::save(&recorder.take().exchanges, &settings.presentation));
    match (written, comparison.exit_code()) {
        (Ok(()), code) => Ok(code),
        (Err(error), INTERRUPTED) => {
            Failed::from(error).tell(flags, surroundings);
            Ok(INTERRUPTED)
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// The exit code of an interrupted run, which goes before that of an output that could not be written.
pub(super) const INTERRUPTED: u8 = 130;

/// Where the state is. A dry run reads what is there, and makes none.
pub(super) fn state_file(settings: &Settings) -> Option<PathBuf> {
    settings.state.clone().filter(|path| !settings.presentation.dry_run || path.exists())
}

/// Every request as it would be sent, secrets masked.
pub(super) fn preview(plan: &Plan, outlook: &Outlook, transports: &[Arc<dyn Transport>]) -> String {
    let inquiry = Inquiry { request: Arc::clone(&plan.request), correlation_id: Arc::clone(&plan.correlation_id) };
    let shown = plan.suppliers.iter().zip(transports).map(|(supplier, transport)| {
        let show = |title: &str, Preview { head, headers, body }: Preview| {
            report::preview::render(title, &head, &headers, body.as_deref())
        };
        let (name, preview) = (supplier.name.as_str(), transport.preview(&inquiry));
        let Some(first) = transport.preview_first(&inquiry) else { return show(name, preview) };
        let then = show(&format!("{name}, with what the lookup yields for ID"), preview);
        format!("{}\n{then}", show(&format!("{name}, lookup"), first))
    });
    outlook.preview().into_iter().chain(shown).collect::<Vec<_>>().join("\n")
}

/// Fetches the rates, asks every supplier of the plan, and shows how it goes. The numbers are those of the suppliers who
/// were asked a second time for being slow.
pub(super) fn ask(
    plan: &Plan,
    outlook: Outlook,
    transports: &[Arc<dyn Transport>],
    settings: &Settings,
    terminal: Terminal,
) -> Result<(RunRates, Gathered, HashSet<usize>), Failed> {
    let names: Vec<SupplierName> = plan.suppliers.iter().map(|supplier| supplier.name.clone()).collect();
    let verbose = settings.presentation.verbosity > 0;
    let wants_progress = settings.presentation.progress && terminal.stderr && !verbose;
    let mut progress = wants_progress.then(|| Progress::on_stderr(names.clone(), plan.criteria.timeout));
    let mut hedged = HashSet::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Hedged { supplier } = event {
            hedged.insert(supplier);
        }
        if verbose {
            output::to_stderr(&report::event_line(&event, &names));
        }
        if let Some(progress) = &mut progress {
            progress.on_event(&event);
        }
    };
    let in_flight = runtime::in_flight(settings.mock);
    let asking = runtime::start().map_err(Failed::Start)?;
    let (rates, gathered) = asking.run(|workers| {
        let interrupt = runtime::interrupted();
        async move {
            let (rates, interrupt) = outlook.settle(interrupt).await;
            if verbose {
                output::to_stderr(&rates.line());
            }
            let plan = Arc::new(plan.with_rates(rates.rates.clone(), rates.took));
            let mut gathered = gather(plan, transports, in_flight, workers, interrupt, &mut on_event).await;
            gathered.elapsed += rates.took;
            (rates, gathered)
        }
    });
    Ok((rates, gathered, hedged))
}

/// Compares what was gathered.
pub(super) fn judge(plan: &Plan, gathered: Gathered, settings: &Settings, warnings: Vec<Warning>) -> Comparison {
    compare::compare(compare::Inputs {
        correlation_id: plan.correlation_id.to_string(),
        started_at: plan.started_at,
        request: (*plan.request).clone(),
        criteria: plan.criteria.clone(),
        gathered,
        sort: sort_key(settings.presentation.sort),
        warnings,
        rehearsal: settings.mock,
    })
}

/// Writes the result.
fn print(comparison: &Comparison, presentation: &Presentation, terminal: Terminal) -> Result<(), WriteError> {
    let screen = publish::screen(presentation, terminal);
    publish::publish(|format| report::render(comparison, report_format(format), screen), presentation, terminal)
}

/// Says on stderr what there is to say about the result.
pub(super) fn comment(comparison: &Comparison, presentation: &Presentation, terminal: Terminal) {
    let misspelt = cli::nearest_command(&comparison.request.product);
    let color = presentation.color.on(terminal.stderr);
    output::to_stderr(&report::notes(comparison, misspelt.as_deref(), presentation.quiet, color));
}

/// Says what deserves attention and came up when the result was out.
pub(super) fn warn(warnings: &[Warning], presentation: &Presentation, terminal: Terminal) {
    if !presentation.quiet {
        output::to_stderr(&report::warnings(warnings, presentation.color.on(terminal.stderr)));
    }
}

const fn report_format(format: Format) -> report::Format {
    match format {
        Format::Table => report::Format::Table,
        Format::Json => report::Format::Json,
        Format::Csv => report::Format::Csv,
        Format::Markdown => report::Format::Markdown,
    }
}

const fn sort_key(sort: Sort) -> SortKey {
    match sort {
        Sort::Total => SortKey::Total,
        Sort::Delivery => SortKey::Delivery,
        Sort::Unit => SortKey::Unit,
        Sort::Supplier => SortKey::Supplier,
    }
}
