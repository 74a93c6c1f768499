//! The circuit breaker of one supplier: whether to ask it, given what it did before.
//!
//! A pure state machine over plain data: `now` and chance are passed in, and where the data lives between runs is
//! somebody else's. A clock that jumps shortens the time for which a circuit is open, and never lengthens it.
//!
//! ```text
//! closed ── 5 failures in a row, or half of the last 20 ──► open ── its time is over ──► half-open
//!   ▲                                                        ▲                             │ one probe, by lease
//!   │                                                        └────────── failure ──────────┤
//!   └────────────────────────────────────── success ───────────────────────────────────────┘
//! ```

use std::time::Duration;

use jiff::Timestamp;

/// So many failures in a row open a circuit.
const FAILURES_IN_A_ROW: usize = 5;
/// So many outcomes are remembered.
const REMEMBERED: usize = 20;
/// A share of failures says nothing about fewer outcomes.
const LEAST_OUTCOMES: usize = 10;
/// A share of failures is one of outcomes that are not older.
const LATELY: Duration = Duration::from_mins(10);
/// How long a circuit is open the first time; twice as long each next time.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// How long it is open at most, before chance is added.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// A pause is up to so many percent longer or shorter, so that processes do not come back in step.
const JITTER_PERCENT: u32 = 20;
/// A probe's lease lasts so much longer than the time that the supplier is given.
const LEASE_RESERVE: Duration = Duration::from_secs(1);
/// The longest lease: the longest run there is, and the reserve.
const LONGEST_LEASE: Duration = Duration::from_secs(60 * 60 + 1);

/// What is remembered of a supplier. The default is a closed circuit about which nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    /// The last outcomes while the circuit was closed, oldest first; at most 20.
    pub recent: Vec<PastOutcome>,
    /// How often the circuit has opened since the last success.
    pub openings: u32,
    /// While it is open, and since then half-open; `None` = it is closed.
    pub pause: Option<Period>,
    /// Who is probing the half-open circuit.
    pub probe: Option<Lease>,
}

/// An outcome that counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastOutcome {
    /// When it was noted.
    pub at: Timestamp,
    /// Whether the supplier failed.
    pub failed: bool,
}

/// A time that has a beginning and an end, which is no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub since: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

/// The right to probe a half-open circuit. It expires, so that a killed process strands nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who has it: the id of a run.
    pub holder: String,
    /// While it holds.
    pub period: Period,
}

/// What an outcome says about a supplier's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// It works.
    Success,
    /// It does not.
    Failure,
    /// Nothing.
    Neutral,
}

/// How a circuit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circuit {
    /// The supplier is asked.
    Closed,
    /// It is not, for so long.
    Open(Duration),
    /// One run may ask, to find out.
    HalfOpen,
}

/// Whether a run may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Ask,
    /// It may, and it is the one that finds out for all: it has the lease.
    Probe,
    /// It may not, for so long.
    Refused(Duration),
}

impl Circuit {
    /// The word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open(_) => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl Period {
    /// A period from `since` on. The end of time ends it sooner.
    #[must_use]
    pub fn of(since: Timestamp, length: Duration) -> Self {
        Self { since, until: since.checked_add(length).unwrap_or(Timestamp::MAX) }
    }

    /// What is left of it; `None` before and after it. It never lasts longer than `at_most`, whatever its data say.
    fn left(self, now: Timestamp, at_most: Duration) -> Option<Duration> {
        let until = self.until.min(Self::of(self.since, at_most).until);
        let is_on = self.since <= now && now < until;
        is_on.then(|| until.duration_since(now).unsigned_abs())
    }
}

impl Breaker {
    /// How the circuit is.
    #[must_use]
    pub fn circuit(&self, now: Timestamp) -> Circuit {
        let Some(pause) = self.pause else { return Circuit::Closed };
        pause.left(now, with_jitter(LONGEST_PAUSE, u64::MAX)).map_or(Circuit::HalfOpen, Circuit::Open)
    }

    /// Decides whether the run `holder` may ask, and gives it the lease where one is needed. `time` is what the
    /// supplier is given to answer.
    pub fn admit(&mut self, holder: &str, time: Duration, now: Timestamp) -> Admission {
        match self.circuit(now) {
            Circuit::Closed => Admission::Ask,
            Circuit::Open(left) => Admission::Refused(left),
            Circuit::HalfOpen => {
                if let Some(left) = self.probe.as_ref().and_then(|lease| lease.period.left(now, LONGEST_LEASE)) {
                    return Admission::Refused(left);
                }
                let period = Period::of(now, time.saturating_add(LEASE_RESERVE));
                self.probe = Some(Lease { holder: holder.to_owned(), period });
                Admission::Probe
            }
        }
    }

    /// Takes in what came of asking. It gives back the lease if `holder` has it. `chance` is any number, drawn anew
    /// each time.
    pub fn note(&mut self, signal: Signal, holder: &str, now: Timestamp, chance: u64) {
        self.probe = self.probe.take().filter(|lease| lease.holder != holder);
        match (signal, self.circuit(now)) {
            // Who asked although it is open has learnt nothing new.
            (Signal::Neutral, _) | (Signal::Failure, Circuit::Open(_)) => {}
            (Signal::Success, circuit) => {
                if circuit != Circuit::Closed {
                    *self = Self::default();
                }
                self.openings = 0;
                self.remember(PastOutcome { at: now, failed: false });
            }
            (Signal::Failure, Circuit::HalfOpen) => self.open(now, chance),
            (Signal::Failure, Circuit::Closed) => {
                self.remember(PastOutcome { at: now, failed: true });
                if self.is_down(now) {
                    self.open(now, chance);
                }
            }
        }
    }

    fn remember(&mut self, outcome: PastOutcome) {
        let forgotten = (self.recent.len() + 1).saturating_sub(REMEMBERED);
        self.recent.drain(..forgotten);
        self.recent.push(outcome);
    }

    fn is_down(&self, now: Timestamp) -> bool {
        let in_a_row = self.recent.iter().rev().take_while(|outcome| outcome.failed).count();
        let lately = |outcome: &&PastOutcome| Period::of(outcome.at, LATELY).left(now, LATELY).is_some();
        let (count, failed) = self
            .recent
            .iter()
            .filter(lately)
            .fold((0, 0), |(count, failed), outcome| (count + 1, failed + usize::from(outcome.failed)));
        in_a_row >= FAILURES_IN_A_ROW || (count >= LEAST_OUTCOMES && failed * 2 >= count)
    }

    fn open(&mut self, now: Timestamp, chance: u64) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.openings.min(16)).min(LONGEST_PAUSE);
        *self = Self {
            recent: Vec::new(),
            openings: self.openings.saturating_add(1),
            pause: Some(Period::of(now, with_jitter(pause, chance))),
            probe: None,
        };
    }
}

/// A time that is longer or shorter by chance: 0 makes it the shortest, the greatest number the longest.
fn with_jitter(time: Duration, chance: u64) -> Duration {
    let least = time * (100 - JITTER_PERCENT) / 100;
    least + super::chance::share(time * (2 * JITTER_PERCENT) / 100, chance)
}

#[cfg(test)]
mod tests;
