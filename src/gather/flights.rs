//! The calls that are on their way, and when each of them has had its time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use tokio::runtime::Handle;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::ask::{Asked, Question, ask};
use super::calls::CallId;
use crate::transport::{PhaseMark, Reply};

/// Calls in flight. Suppliers are asked on the event loop of `workers`; the clock is the caller's, so a supplier that
/// keeps that loop busy still ends in time.
pub(super) struct Flights {
    workers: Handle,
    tasks: JoinSet<Asked>,
    calls: HashMap<Id, CallId>,
    in_flight: HashMap<CallId, Flight>,
    /// When calls' own times are over, soonest first. Some of these flights may have landed.
    due: BinaryHeap<Reverse<(Instant, CallId)>>,
}

/// A call that is on its way.
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
            calls: HashMap::new(),
            in_flight: HashMap::new(),
            due: BinaryHeap::new(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.in_flight.len()
    }

    /// The flight of a call, if it is on its way.
    pub(super) fn get(&self, call: CallId) -> Option<&Flight> {
        self.in_flight.get(&call)
    }

    /// Begins a call. `due` is when its own time is over, if that is sooner than the run's deadline.
    pub(super) fn launch(&mut self, call: CallId, question: Question, due: Option<Instant>) {
        let phase = question.phase.clone();
        let task = self.tasks.spawn_on(ask(question), &self.workers);
        self.calls.insert(task.id(), call);
        self.due.extend(due.map(|due| Reverse((due, call))));
        self.in_flight.insert(call, Flight { phase, due, task });
    }

    /// Waits for the next landing; for ever, if nobody is being asked. It may be dropped and called again.
    pub(super) async fn next(&mut self) -> (CallId, Flight, Landing) {
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
    pub(super) fn try_next(&mut self) -> Option<(CallId, Flight, Landing)> {
        while let Some(joined) = self.tasks.try_join_next_with_id() {
            if let Some(landed) = self.landed(joined) {
                return Some(landed);
            }
        }
        None
    }

    /// Gives up a call of which something came already, and returns that.
    pub(super) fn take_gathered(&mut self, call: CallId) -> Option<Reply> {
        let reply = self.in_flight.get(&call)?.phase.take_gathered()?;
        self.abort(call);
        Some(reply)
    }

    /// Gives up a call, if it is on its way.
    pub(super) fn abort(&mut self, call: CallId) {
        if let Some(flight) = self.in_flight.remove(&call) {
            self.calls.remove(&flight.task.id());
            flight.task.abort();
        }
    }

    /// `None` for a task that was given up before.
    fn landed(&mut self, joined: Result<(Id, Asked), JoinError>) -> Option<(CallId, Flight, Landing)> {
        let (id, asked) = match joined {
            Ok((id, asked)) => (id, Some(asked)),
            Err(error) => (error.id(), None),
        };
        let call = self.calls.remove(&id)?;
        let flight = self.in_flight.remove(&call)?;
        Some((call, flight, Landing::Asked(asked)))
    }

    /// Gives up the flight whose time was over first, unless it has landed.
    fn overdue(&mut self) -> Option<(CallId, Flight, Landing)> {
        let Reverse((due, call)) = self.due.pop()?;
        if self.in_flight.get(&call)?.due != Some(due) {
            return None;
        }
        let flight = self.in_flight.remove(&call)?;
        self.calls.remove(&flight.task.id());
        flight.task.abort();
        Some((call, flight, Landing::Overdue))
    }

    /// When the first of those in flight has had its time.
    fn soonest(&mut self) -> Option<Instant> {
        loop {
            let Reverse((due, call)) = *self.due.peek()?;
            if self.in_flight.get(&call).is_some_and(|flight| flight.due == Some(due)) {
                return Some(due);
            }
            self.due.pop();
        }
    }
}
