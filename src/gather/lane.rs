//! How one supplier is asked about many lines: in their order, so many at a time, no faster than it likes, and not at all
//! while its circuit is open. No supplier's lane holds up another's.
//!
//! Owns when the next question may be asked. Refuses to know how. Main type: [`Lane`].

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::calls::CallId;
use crate::domain::{Breaker, Circuit, ErrorKind, Failure, Pace, Signal};

/// How long a supplier is left alone that is asked too often, and does not say for how long; twice as long each next time.
const FIRST_REST: Duration = Duration::from_secs(1);
/// How long it is left alone at most without saying so.
const LONGEST_REST: Duration = Duration::from_secs(30);
/// A supplier that wants to be left alone for longer is not waited for.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// One supplier's turns.
#[derive(Debug)]
pub(super) struct Lane {
    /// The position of the line that comes next.
    pub(super) next: usize,
    /// Calls that are made again before that.
    pub(super) again: VecDeque<CallId>,
    /// Whether it is in the queue of those that may have something to ask.
    pub(super) is_ready: bool,
    /// Whether a timer will put it there.
    pub(super) is_timed: bool,
    in_flight: usize,
    pace: Pace,
    /// How many may be on their way now: fewer than its pace allows after it was asked too often.
    limit: usize,
    /// How many answers came since the limit was last changed.
    answers: usize,
    /// When the next question may be asked, by its rate.
    not_before: Option<Instant>,
    /// Until when it wants to be left alone.
    rests_until: Option<Instant>,
    /// How often it was asked too often, one after the other.
    rests: u32,
    breaker: Breaker,
}

/// Whether the next question may be asked.
#[derive(Debug)]
pub(super) enum Gate {
    /// It may.
    Open,
    /// Not before.
    Until(Instant),
    /// Not before another one has come back.
    Full,
    /// There is no use in waiting: it fails so.
    Shut(Failure),
}

impl Lane {
    /// A lane before its first question.
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            next: 0,
            again: VecDeque::new(),
            is_ready: false,
            is_timed: false,
            in_flight: 0,
            pace,
            limit: pace.max_in_flight.max(1),
            answers: 0,
            not_before: None,
            rests_until: None,
            rests: 0,
            breaker: Breaker::default(),
        }
    }

    /// Whether a question may be asked now, by the two clocks; `deadline` is the run's.
    pub(super) fn gate(&self, now: Instant, time: Timestamp, deadline: Option<Instant>) -> Gate {
        if self.in_flight >= self.limit {
            return Gate::Full;
        }
        match self.breaker.circuit(time) {
            Circuit::Open(left) => return Gate::Shut(open_circuit(left)),
            // One at a time finds out for all.
            Circuit::HalfOpen if self.in_flight > 0 => return Gate::Full,
            Circuit::HalfOpen | Circuit::Closed => {}
        }
        if let Some(until) = self.rests_until.filter(|until| *until > now) {
            let is_too_long = until - now > LONGEST_WAIT || deadline.is_some_and(|deadline| until >= deadline);
            return if is_too_long { Gate::Shut(busy(until - now)) } else { Gate::Until(until) };
        }
        match self.not_before.filter(|next| *next > now) {
            Some(next) => Gate::Until(next),
            None => Gate::Open,
        }
    }

    /// Notes that a question is on its way.
    pub(super) fn depart(&mut self, now: Instant) {
        self.in_flight += 1;
        if let Some(rate) = self.pace.rate {
            let due = self.not_before.map_or(now, |due| due.max(now));
            self.not_before = due.checked_add(rate.spacing());
        }
    }

    /// Notes that one is not on its way any more.
    pub(super) fn arrive(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Notes what an answer or a failure says of the supplier's health. `time` is now, `chance` any number.
    pub(super) fn learn(&mut self, signal: Signal, time: Timestamp, chance: u64) {
        self.breaker.note(signal, "", time, chance);
        if signal == Signal::Success {
            self.rests = 0;
            self.answers += 1;
            // What was too fast is found again slowly.
            if self.limit < self.pace.max_in_flight && self.answers >= self.limit {
                self.limit += 1;
                self.answers = 0;
            }
        }
    }

    /// Leaves the supplier alone, since it was asked too often, and asks it less at a time from then on.
    pub(super) fn rest(&mut self, wanted: Option<Duration>, now: Instant) {
        let until = |rest| now.checked_add(rest).unwrap_or(now);
        // Others of the same burst have said the same.
        if self.rests_until.is_none_or(|until| until <= now) {
            self.limit = (self.limit / 2).max(1);
            self.answers = 0;
            let rest = FIRST_REST.saturating_mul(1 << self.rests.min(16)).min(LONGEST_REST);
            self.rests += 1;
            self.rests_until = Some(until(wanted.unwrap_or(rest)));
        } else if let Some(wanted) = wanted {
            self.rests_until = self.rests_until.max(Some(until(wanted)));
        }
    }

    /// How many lines a question may be about.
    pub(super) fn lines(&self) -> usize {
        self.pace.lines()
    }
}

fn open_circuit(left: Duration) -> Failure {
    Failure { retry_in: Some(left), ..Failure::new(ErrorKind::CircuitOpen) }
}

fn busy(left: Duration) -> Failure {
    Failure { retry_in: Some(left), ..Failure::new(ErrorKind::RateLimited) }
}
