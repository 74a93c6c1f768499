//! The suppliers that are being asked, and when each of them has had its time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use tokio::runtime::Handle;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::ask::{Asked, Question, ask};
use crate::transport::{PhaseMark, Reply};

/// Suppliers in flight. They are asked on the event loop of `workers`; the clock is the caller's, so a supplier that
/// keeps that loop busy still ends in time.
pub(super) struct Flights {
    workers: Handle,
    tasks: JoinSet<Asked>,
    suppliers: HashMap<Id, usize>,
    in_flight: HashMap<usize, Flight>,
    /// When suppliers' own times are over, soonest first. Some of these flights may have landed.
    due: BinaryHeap<Reverse<(Instant, usize)>>,
}

/// A supplier that is being asked.
pub(super) struct Flight {
    pub(super) phase: PhaseMark,
    /// When its time is over, if that is sooner than the run's deadline.
    due: Option<Instant>,
    task: AbortHandle,
}

/// What became of a flight.
pub(super) enum Landing {
    /// The supplier was asked; `None` = the task panicked.
    Asked(Option<Asked>),
    /// Its own time is over.
    Overdue,
}

impl Flights {
    pub(super) fn new(workers: Handle) -> Self {
        Self {
            workers,
            tasks: JoinSet::new(),
            suppliers: HashMap::new(),
            in_flight: HashMap::new(),
            due: BinaryHeap::new(),
        }
    }

    /// How many suppliers are being asked.
    pub(super) fn len(&self) -> usize {
        self.in_flight.len()
    }

    /// The flight of a supplier, if it is being asked.
    pub(super) fn get(&self, supplier: usize) -> Option<&Flight> {
        self.in_flight.get(&supplier)
    }

    /// Begins to ask a supplier. `due` is when its own time is over, if that is sooner than the run's deadline.
    pub(super) fn launch(&mut self, supplier: usize, question: Question, due: Option<Instant>) {
        let phase = question.phase.clone();
        let task = self.tasks.spawn_on(ask(question), &self.workers);
        self.suppliers.insert(task.id(), supplier);
        self.due.extend(due.map(|due| Reverse((due, supplier))));
        self.in_flight.insert(supplier, Flight { phase, due, task });
    }

    /// Waits for the next landing; for ever, if nobody is being asked. It may be dropped and called again.
    pub(super) async fn next(&mut self) -> (usize, Flight, Landing) {
        loop {
            let due = self.soonest();
            let landed = tokio::select! {
                biased;
                // What is complete goes first: it was in time.
                Some(joined) = self.tasks.join_next_with_id() => self.landed(joined),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.overdue(),
                else => std::future::pending().await,
            };
            if let Some(landed) = landed {
                return landed;
            }
        }
    }

    /// The next landing that is there already.
    pub(super) fn try_next(&mut self) -> Option<(usize, Flight, Landing)> {
        while let Some(joined) = self.tasks.try_join_next_with_id() {
            if let Some(landed) = self.landed(joined) {
                return Some(landed);
            }
        }
        None
    }

    /// Gives up the flight of a supplier of which something came already, and returns that.
    pub(super) fn take_gathered(&mut self, supplier: usize) -> Option<Reply> {
        let reply = self.in_flight.get(&supplier)?.phase.take_gathered()?;
        let flight = self.in_flight.remove(&supplier)?;
        self.suppliers.remove(&flight.task.id());
        flight.task.abort();
        Some(reply)
    }

    /// Stops asking.
    pub(super) fn abort_all(&mut self) {
        self.tasks.abort_all();
    }

    /// `None` for a task that was given up before.
    fn landed(&mut self, joined: Result<(Id, Asked), JoinError>) -> Option<(usize, Flight, Landing)> {
        let (id, asked) = match joined {
            Ok((id, asked)) => (id, Some(asked)),
            Err(error) => (error.id(), None),
        };
        let supplier = self.suppliers.remove(&id)?;
        let flight = self.in_flight.remove(&supplier)?;
        Some((supplier, flight, Landing::Asked(asked)))
    }

    /// Gives up the flight whose time was over first, unless it has landed.
    fn overdue(&mut self) -> Option<(usize, Flight, Landing)> {
        let Reverse((due, supplier)) = self.due.pop()?;
        if self.in_flight.get(&supplier)?.due != Some(due) {
            return None;
        }
        let flight = self.in_flight.remove(&supplier)?;
        self.suppliers.remove(&flight.task.id());
        flight.task.abort();
        Some((supplier, flight, Landing::Overdue))
    }

    /// When the first of those in flight has had its time.
    fn soonest(&mut self) -> Option<Instant> {
        loop {
            let Reverse((due, supplier)) = *self.due.peek()?;
            if self.in_flight.get(&supplier).is_some_and(|flight| flight.due == Some(due)) {
                return Some(due);
            }
            self.due.pop();
        }
    }
}
