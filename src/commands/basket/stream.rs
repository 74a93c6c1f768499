//! Lines as they come: each one's comparison is written as soon as it is complete, and nothing is kept of it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::compare::{self, Inputs, SortKey};
use crate::config::{BasketWishes, Settings};
use crate::domain::{Event, Gathered, Termination};
use crate::gather::{self, Audience};
use crate::order_file::OrderFile;
use crate::report;

use super::super::compare::INTERRUPTED;
use super::super::error::Failed;
use super::super::output::{self, Reader, WriteError};
use super::super::session::Session;
use super::super::{Surroundings, messages, runtime};
use super::asking::{self, Lines};
use super::input;
use super::learning::Learning;
use super::watch::Watch;

/// Asks about every line, and writes what comes of each.
///
/// # Errors
/// When a line is wrong, the run cannot start, or the result could not be written.
pub(super) fn stream(
    path: &Path,
    file: OrderFile,
    settings: Settings,
    wishes: &BasketWishes,
    surroundings: &Surroundings,
) -> Result<u8, Failed> {
    let mut first = None;
    let summary = file.read(|line| {
        first.get_or_insert(line);
        true
    });
    let summary = summary.map_err(|error| input::unreadable(path, &error))?;
    input::check(path, &summary, wishes, &settings.presentation)?;
    let settings = Settings { quantity: first.as_ref().map_or(settings.quantity, |line| line.quantity), ..settings };
    let session = Session::prepare_lines(settings, &first.map(|line| line.product).unwrap_or_default())?;
    if session.settings().presentation.dry_run {
        session.show(surroundings)?;
        return Ok(0);
    }
    let asking = session.that_learns().into_asking();
    let mut writer = Writer {
        rehearsal: asking.settings.mock,
        worst: 0,
        partial: wishes.partial,
        responded: false,
        written: Ok(Reader::There),
        stop: Arc::new(tokio::sync::Notify::new()),
        learned: Learning::new(&asking.settings),
        watch: Watch::new(&asking, (summary.lines, "lines"), surroundings.terminal),
    };
    runtime::exit_when_interrupted_twice();
    let deadline = asking.settings.wanted_timeout;
    let stop = Arc::clone(&writer.stop);
    let asked = asking::ask(asking, Lines::OfFile(file), deadline, &mut writer, stop.notified())?;
    writer.watch.end();
    messages::warn(&asked.warnings, &asked.settings.presentation, surroundings.terminal);
    let code = writer.exit_code(asked.termination);
    let Writer { learned, written, .. } = writer;
    asked.close(&learned, surroundings.terminal);
    match written {
        Ok(_) => Ok(code),
        Err(error) => Err(error.into()),
    }
}

/// Writes each line's comparison.
struct Writer {
    rehearsal: bool,
    partial: bool,
    /// The gravest of the lines' exit codes.
    worst: u8,
    responded: bool,
    /// Whether somebody still reads what is written, or why it cannot be.
    written: Result<Reader, WriteError>,
    /// Told when nothing more can be written.
    stop: Arc<tokio::sync::Notify>,
    learned: Learning,
    watch: Watch,
}

impl Writer {
    fn exit_code(&self, termination: Termination) -> u8 {
        match termination {
            Termination::Interrupted if matches!(self.written, Ok(Reader::There)) => INTERRUPTED,
            _ if !self.responded => 3,
            _ if self.partial && self.worst == 1 => 0,
            _ => self.worst,
        }
    }
}

impl Audience for Writer {
    fn on_event(&mut self, line: &gather::Line, event: Event<'_>) {
        self.watch.on_event(format_args!("line {}", line.number), &event);
    }

    fn on_gathered(&mut self, line: &gather::Line, gathered: Gathered) {
        self.watch.on_line();
        if !matches!(self.written, Ok(Reader::There)) {
            return;
        }
        self.learned.note(&line.plan, &gathered);
        self.responded |= gathered.reports.iter().any(|report| report.answer().is_some());
        let plan = &line.plan;
        let comparison = compare::compare(Inputs {
            correlation_id: plan.correlation_id.to_string(),
            started_at: plan.started_at,
            request: (*plan.request).clone(),
            criteria: plan.criteria.clone(),
            gathered,
            stand_ins: Vec::new(),
            previous: HashMap::new(),
            sort: SortKey::Total,
            warnings: Vec::new(),
            rehearsal: self.rehearsal,
        });
        self.worst = self.worst.max(comparison.exit_code());
        self.written = output::add_to_stdout(&report::basket_line(line.number, &comparison));
        if !matches!(self.written, Ok(Reader::There)) {
            self.stop.notify_one();
        }
    }
}
