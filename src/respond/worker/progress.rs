//! How far a worker is: counts that whoever shows them reads at any time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Ending;

/// The counts of one worker, shared with whoever shows them.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    answered: AtomicU64,
    errors: AtomicU64,
    dropped: AtomicU64,
    in_flight: AtomicU64,
}

/// What was counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Requests that were answered with offers, or with none.
    pub answered: u64,
    /// Requests that were answered with an error, or whose reply the broker did not take.
    pub errors: u64,
    /// Requests that were not answered: nobody waits for it any more, or the answerer keeps silent.
    pub dropped: u64,
    /// Requests that are being worked on.
    pub in_flight: u64,
}

impl Figures {
    /// The requests that are done.
    #[must_use]
    pub const fn done(self) -> u64 {
        self.answered + self.errors + self.dropped
    }
}

/// A request that is being worked on, until this is dropped.
#[derive(Debug)]
pub(super) struct InFlight(Progress);

impl Progress {
    /// What was counted so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counts { answered, errors, dropped, in_flight } = &*self.0;
        Figures { answered: read(answered), errors: read(errors), dropped: read(dropped), in_flight: read(in_flight) }
    }

    /// Counts a request that is being worked on.
    pub(super) fn begin(&self) -> InFlight {
        self.0.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self.clone())
    }
}

impl InFlight {
    /// Counts how it ended.
    pub(super) fn end(self, ending: Ending) {
        let counts = &self.0.0;
        let count = match ending {
            Ending::Answered => &counts.answered,
            Ending::Refused | Ending::Undelivered => &counts.errors,
            Ending::Expired | Ending::Silent | Ending::Unwanted => &counts.dropped,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_is_counted_once_and_those_that_were_given_up_not_at_all() {
        let progress = Progress::default();
        let endings = [
            Ending::Answered,
            Ending::Answered,
            Ending::Refused,
            Ending::Undelivered,
            Ending::Expired,
            Ending::Silent,
            Ending::Unwanted,
        ];
        let begun = endings.map(|ending| (progress.begin(), ending));
        drop(progress.begin());
        assert_eq!(progress.figures(), Figures { in_flight: 7, ..Figures::default() });
        for (request, ending) in begun {
            request.end(ending);
        }
        assert_eq!(progress.figures(), Figures { answered: 2, errors: 2, dropped: 3, in_flight: 0 });
        assert_eq!(progress.figures().done(), 7);
    }
}
