//! The lines that are being asked about, and what came of each so far.

use std::collections::HashMap;

use tokio::time::Instant;

use super::Line;
use super::completion::Completion;
use crate::domain::{SupplierReport, Termination};

/// A line that is being asked about.
pub(super) struct OpenLine {
    pub(super) line: Line,
    pub(super) since: Instant,
    completion: Completion,
    /// One a supplier, in the plan's order.
    pub(super) reports: Vec<Option<SupplierReport>>,
    /// Who is done, in order.
    pub(super) done: Vec<usize>,
    pub(super) first_ranked: Option<usize>,
}

impl OpenLine {
    fn new(line: Line) -> Self {
        let suppliers = line.plan.suppliers.len();
        Self {
            since: Instant::now(),
            completion: Completion::new(&line.plan.criteria, line.plan.voices()),
            reports: vec![None; suppliers],
            done: Vec::with_capacity(suppliers),
            first_ranked: None,
            line,
        }
    }

    /// Takes in what a supplier did.
    pub(super) fn note(&mut self, supplier: usize, report: SupplierReport) {
        self.completion.note(&self.line.plan.criteria, supplier, &report);
        let has_quote = report.answer().is_some_and(|answer| !answer.quotes.is_empty());
        if has_quote && self.first_ranked.is_none() {
            self.first_ranked = Some(supplier);
        }
        self.reports[supplier] = Some(report);
        self.done.push(supplier);
    }

    /// Why nobody needs to be asked about it any more, if that is so.
    pub(super) fn reached(&self) -> Option<Termination> {
        self.completion.reached(&self.line.plan.criteria)
    }
}

/// Lines by their position, which counts them in the order in which they came.
#[derive(Default)]
pub(super) struct OpenLines {
    by_position: HashMap<usize, OpenLine>,
    /// The position of the next line.
    end: usize,
}

impl OpenLines {
    /// Adds a line and says at which position.
    pub(super) fn open(&mut self, line: Line) -> usize {
        let position = self.end;
        self.by_position.insert(position, OpenLine::new(line));
        self.end += 1;
        position
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_position.len()
    }

    /// The position of the line that comes next.
    pub(super) const fn end(&self) -> usize {
        self.end
    }

    pub(super) fn get(&self, position: usize) -> Option<&OpenLine> {
        self.by_position.get(&position)
    }

    pub(super) fn get_mut(&mut self, position: usize) -> Option<&mut OpenLine> {
        self.by_position.get_mut(&position)
    }

    /// Takes out a line that is done.
    pub(super) fn close(&mut self, position: usize) -> Option<OpenLine> {
        self.by_position.remove(&position)
    }

    /// The positions of all lines, in order.
    pub(super) fn positions(&self) -> Vec<usize> {
        let mut positions: Vec<usize> = self.by_position.keys().copied().collect();
        positions.sort_unstable();
        positions
    }
}
