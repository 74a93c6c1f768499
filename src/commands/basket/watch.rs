//! What is told on standard error while a basket or a sweep goes on.

use std::fmt;

use crate::config::Presentation;
use crate::domain::{Event, SupplierName};
use crate::report::{self, BasketProgress};

use super::super::output;
use super::super::session::Asking;
use super::super::terminal::Terminal;

/// Tells how it goes.
pub(in crate::commands) struct Watch {
    names: Vec<SupplierName>,
    verbose: bool,
    progress: Option<BasketProgress>,
}

impl Watch {
    /// Watches a run about so many lines, or whatever they are called.
    pub(in crate::commands) fn new(asking: &Asking, lines: (u64, &'static str), terminal: Terminal) -> Self {
        let names: Vec<SupplierName> = asking.plan.suppliers.iter().map(|supplier| supplier.name.clone()).collect();
        let Presentation { verbosity, progress, .. } = asking.settings.presentation;
        let wants_progress = progress && terminal.stderr && verbosity == 0;
        let progress = wants_progress.then(|| BasketProgress::on_stderr(lines, names.clone()));
        Self { names, verbose: verbosity > 0, progress }
    }

    /// Something happened to the line that is called so.
    pub(in crate::commands) fn on_event(&mut self, line: fmt::Arguments<'_>, event: &Event<'_>) {
        if self.verbose {
            output::to_stderr(&format!("{line}: {}", report::event_line(event, &self.names)));
        }
        if let Some(progress) = &mut self.progress {
            progress.on_event(event);
        }
    }

    /// A line is complete.
    pub(in crate::commands) fn on_line(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.on_line();
        }
    }

    /// Clears the screen of it.
    pub(in crate::commands) fn end(&mut self) {
        self.progress = None;
    }
}
