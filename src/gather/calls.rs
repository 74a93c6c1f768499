//! All attempts at one question to one supplier together: their number, their time, and how the last one failed.
//!
//! Owns whether a question is asked again. Refuses to know how it is asked. A question may be about several lines, where
//! a supplier takes them. Main type: [`Calls`].

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::hedge::Hedged;
use crate::domain::{Failure, draw, pause_before_retry};

/// What names a call, in the order in which they are first made.
pub(super) type CallId = u64;

/// One question to one supplier, and the attempts at it.
#[derive(Debug)]
pub(super) struct Call {
    /// Whom.
    pub(super) supplier: usize,
    /// About which lines; there is at least one.
    pub(super) lines: Box<[usize]>,
    /// How often it was asked.
    pub(super) attempts: u32,
    /// How often the supplier was too busy for it.
    pub(super) busy: u32,
    /// When it was asked first.
    pub(super) since: Instant,
    /// The time that all attempts have together; `None` = it is not asked yet.
    pub(super) time: Option<Allowance>,
    /// Whether the first attempt came to have a second request beside it.
    pub(super) hedged: Hedged,
    /// How the last attempt failed, while it waits for the next one.
    pub(super) failure: Option<Failure>,
}

/// The time of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// How much it is.
    pub(super) limit: Duration,
    /// When it is over; `None` = never.
    pub(super) end: Option<Instant>,
    /// Whether that is sooner than the run's deadline.
    pub(super) is_own: bool,
}

impl Call {
    /// How many requests were sent.
    pub(super) fn requests(&self) -> u32 {
        self.attempts + u32::from(self.hedged.get())
    }

    /// How the last attempt failed, if the time for another one is over: who waits for it may have waited too long.
    pub(super) fn failed_in_time(&self) -> Option<Failure> {
        let end = self.time.and_then(|time| time.end)?;
        self.failure.clone().filter(|_| end <= Instant::now())
    }
}

/// The calls that are being made, or wait to be made again.
#[derive(Debug)]
pub(super) struct Calls {
    seed: u64,
    next: CallId,
    by_id: HashMap<CallId, Call>,
}

impl Calls {
    /// None yet. `seed` is where the draws start from.
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, next: 0, by_id: HashMap::new() }
    }

    /// Adds a call that was not made yet.
    pub(super) fn add(&mut self, supplier: usize, lines: Box<[usize]>) -> CallId {
        let id = self.next;
        self.next += 1;
        let since = Instant::now();
        let hedged = Hedged::default();
        let call = Call { supplier, lines, attempts: 0, busy: 0, since, time: None, hedged, failure: None };
        self.by_id.insert(id, call);
        id
    }

    pub(super) fn get(&self, id: CallId) -> Option<&Call> {
        self.by_id.get(&id)
    }

    /// Every call, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (CallId, &Call)> {
        self.by_id.iter().map(|(id, call)| (*id, call))
    }

    /// Leaves of the lines of a call those that are wanted still.
    pub(super) fn keep_lines(&mut self, id: CallId, is_wanted: impl Fn(usize) -> bool) {
        if let Some(call) = self.by_id.get_mut(&id) {
            call.lines = call.lines.iter().copied().filter(|line| is_wanted(*line)).collect();
        }
    }

    /// Takes out a call that is done.
    pub(super) fn remove(&mut self, id: CallId) -> Option<Call> {
        self.by_id.remove(&id)
    }

    /// Counts an attempt that begins now. `allow` says what time the call has, when it is the first.
    pub(super) fn begin(&mut self, id: CallId, allow: impl FnOnce() -> Allowance) -> Option<&Call> {
        let call = self.by_id.get_mut(&id)?;
        if call.time.is_none() {
            call.time = Some(allow());
            call.since = Instant::now();
        }
        call.attempts += 1;
        call.failure = None;
        Some(call)
    }

    /// Notes when the attempt really began: the event loop may have been late.
    pub(super) fn began(&mut self, id: CallId, start: Instant) {
        if let Some(call) = self.by_id.get_mut(&id).filter(|call| call.attempts == 1) {
            call.since = start;
        }
    }

    /// Forgets an attempt that the supplier has not heard of.
    pub(super) fn take_back(&mut self, id: CallId) {
        let Some(call) = self.by_id.get_mut(&id) else { return };
        call.attempts -= 1;
        if call.attempts == 0 {
            call.time = None;
        }
    }

    /// Lets a call that a busy supplier refused have its time anew, at most `most` times; `false` = it had it so often.
    pub(super) fn begin_anew(&mut self, id: CallId, most: u32, failure: &Failure) -> bool {
        let Some(call) = self.by_id.get_mut(&id).filter(|call| call.busy < most) else { return false };
        call.busy += 1;
        call.time = None;
        call.failure = Some(failure.clone());
        true
    }

    /// Decides whether a call that failed so is made again, at most `retries` times in all, and returns how long it waits
    /// before, and until when. A wait that its time does not allow is not begun.
    pub(super) fn retry(&mut self, id: CallId, retries: u32, failure: &Failure) -> Option<(Duration, Instant)> {
        let call = self.by_id.get_mut(&id).filter(|call| call.attempts - call.busy <= retries)?;
        let line = call.lines.first().copied().unwrap_or_default();
        let chance = draw(draw(self.seed, line as u64), call.supplier as u64);
        let pause = pause_before_retry(failure, call.attempts, draw(chance, call.attempts.into()))?;
        let end = call.time.and_then(|time| time.end);
        let next = Instant::now().checked_add(pause).filter(|next| end.is_none_or(|end| *next < end))?;
        call.failure = Some(failure.clone());
        Some((pause, next))
    }
}
