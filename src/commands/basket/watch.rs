//! What is told on standard error while a basket goes on.

use crate::config::Presentation;
use crate::domain::{Event, SupplierName};
use crate::report::{self, BasketProgress};

use super::super::output;
use super::super::session::Asking;
use super::super::terminal::Terminal;

/// Tells how it goes.
pub(super) struct Watch {
    names: Vec<SupplierName>,
    verbose: bool,
    progress: Option<BasketProgress>,
}

impl Watch {
    /// Watches a run about so many lines.
    pub(super) fn new(asking: &Asking, lines: u64, terminal: Terminal) -> Self {
        let names: Vec<SupplierName> = asking.plan.suppliers.iter().map(|supplier| supplier.name.clone()).collect();
        let Presentation { verbosity, progress, .. } = asking.settings.presentation;
        let wants_progress = progress && terminal.stderr && verbosity == 0;
        let progress = wants_progress.then(|| BasketProgress::on_stderr(lines, names.clone()));
        Self { names, verbose: verbosity > 0, progress }
    }

    /// Something happened to the line with this number in the file.
    pub(super) fn on_event(&mut self, number: u64, event: &Event<'_>) {
        if self.verbose {
            output::to_stderr(&format!("line {number}: {}", report::event_line(event, &self.names)));
        }
        if let Some(progress) = &mut self.progress {
            progress.on_event(event);
        }
    }

    /// A line is complete.
    pub(super) fn on_line(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.on_line();
        }
    }

    /// Clears the screen of it.
    pub(super) fn end(&mut self) {
        self.progress = None;
    }
}
