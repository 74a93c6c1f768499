//! All attempts at one supplier together: their number, their time, and who waits for the next one.
//!
//! Owns whether and when a supplier is asked again. Refuses to know how it is asked. Main type: [`Efforts`].

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::hedge::Hedged;
use crate::domain::{Failure, draw, pause_before_retry};

/// The attempts at one supplier.
#[derive(Debug)]
pub(super) struct Effort {
    /// How often it was asked.
    pub(super) attempts: u32,
    /// When it was asked first.
    pub(super) since: Instant,
    /// The time that all attempts have together.
    pub(super) time: Allowance,
    /// Whether the first attempt came to have a second request beside it.
    pub(super) hedged: Hedged,
    /// How the last attempt failed, while the supplier waits for the next one.
    pub(super) failure: Option<Failure>,
}

/// A supplier's time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// How much it is.
    pub(super) limit: Duration,
    /// When it is over.
    pub(super) end: Instant,
    /// Whether that is sooner than the run's deadline.
    pub(super) is_own: bool,
}

impl Effort {
    /// How many requests were sent.
    pub(super) fn requests(&self) -> u32 {
        self.attempts + u32::from(self.hedged.get())
    }
}

/// The attempts at every supplier that was asked.
#[derive(Debug)]
pub(super) struct Efforts {
    seed: u64,
    by_supplier: HashMap<usize, Effort>,
    /// When suppliers are to be asked again, soonest first.
    pauses: BinaryHeap<Reverse<(Instant, usize)>>,
}

impl Efforts {
    /// No attempt yet. `seed` is where the draws start from.
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, by_supplier: HashMap::new(), pauses: BinaryHeap::new() }
    }

    /// The attempts at a supplier, if it was asked.
    pub(super) fn get(&self, supplier: usize) -> Option<&Effort> {
        self.by_supplier.get(&supplier)
    }

    /// Counts an attempt that begins now. `allow` says what time the supplier has, when it is the first.
    pub(super) fn begin(&mut self, supplier: usize, allow: impl FnOnce() -> Allowance) -> &Effort {
        let first =
            || Effort { attempts: 0, since: Instant::now(), time: allow(), hedged: Hedged::default(), failure: None };
        let effort = self.by_supplier.entry(supplier).or_insert_with(first);
        effort.attempts += 1;
        effort.failure = None;
        effort
    }

    /// Notes when the attempt really began: the event loop may have been late.
    pub(super) fn began(&mut self, supplier: usize, start: Instant) {
        if let Some(effort) = self.by_supplier.get_mut(&supplier).filter(|effort| effort.attempts == 1) {
            effort.since = start;
        }
    }

    /// Forgets an attempt that the supplier has not heard of.
    pub(super) fn take_back(&mut self, supplier: usize) {
        let Some(effort) = self.by_supplier.get_mut(&supplier) else { return };
        effort.attempts -= 1;
        if effort.attempts == 0 {
            self.by_supplier.remove(&supplier);
        }
    }

    /// Decides whether a supplier that failed so is asked again, at most `retries` times in all, and returns how long
    /// it waits before. A wait that its time does not allow is not begun.
    pub(super) fn retry(&mut self, supplier: usize, retries: u32, failure: &Failure) -> Option<Duration> {
        let chance = draw(self.seed, supplier as u64);
        let effort = self.by_supplier.get_mut(&supplier).filter(|effort| effort.attempts <= retries)?;
        let pause = pause_before_retry(failure, effort.attempts, draw(chance, effort.attempts.into()))?;
        let next = Instant::now().checked_add(pause).filter(|next| *next < effort.time.end)?;
        effort.failure = Some(failure.clone());
        self.pauses.push(Reverse((next, supplier)));
        Some(pause)
    }

    /// Waits until a supplier is to be asked again, and says which; for ever, if none is. It may be dropped and called
    /// again.
    pub(super) async fn next(&mut self) -> usize {
        let Some(Reverse((next, _))) = self.pauses.peek() else { return std::future::pending().await };
        sleep_until(*next).await;
        match self.pauses.pop() {
            Some(Reverse((_, supplier))) => supplier,
            None => std::future::pending().await,
        }
    }
}
