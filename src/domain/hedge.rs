//! Whether a slow supplier is asked a second time beside the first, and when.

use std::time::Duration;

/// So many answers must be known before anything follows from them.
const LEAST_ANSWERS: usize = 20;
/// So many percent of the answers are expected before the second request is sent.
const EXPECTED_PERCENT: usize = 95;
/// The shortest wait: what is faster needs no help.
const LEAST_WAIT: Duration = Duration::from_millis(1);
/// Second requests are at most so many percent of the first ones.
const BUDGET_PERCENT: usize = 10;
/// What the first of two requests is taken to have needed, in percent of the time until either was answered. That it needed
/// at least that time is all that is known. Taken at its word, every estimate that happens to be low makes the next one
/// lower: in a simulation with five shapes of latency, up to 6.9 % of the requests became two, and with this at most 4.9 %.
const FIRST_OF_TWO_PERCENT: u32 = 150;

/// What is configured for a supplier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hedging {
    /// It is asked once.
    #[default]
    Off,
    /// A second request follows when the supplier is slower than it usually is.
    Learned,
    /// A second request follows after this time.
    After(Duration),
}

/// What is known of earlier runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usual {
    /// How long its answers took when it was asked once, in any order.
    pub answers: Vec<Duration>,
    /// How long the first answer took when it was asked a second time, in any order.
    pub first_of_two: Vec<Duration>,
    /// How often it was asked, retries and second requests left out.
    pub runs: usize,
    /// How many second requests it was sent.
    pub extra: usize,
}

/// After which time a supplier gets a second request; `None` = never, since it is off, too little is known, or one more
/// would exceed a tenth of the requests.
#[must_use]
pub fn hedge_after(hedging: Hedging, usual: Usual) -> Option<Duration> {
    let Usual { mut answers, first_of_two, runs, extra } = usual;
    if (extra + 1) * 100 > (runs + 1) * BUDGET_PERCENT {
        return None;
    }
    answers.extend(first_of_two.iter().map(|took| *took * FIRST_OF_TWO_PERCENT / 100));
    match hedging {
        Hedging::Off => None,
        Hedging::After(wait) => Some(wait.max(LEAST_WAIT)),
        Hedging::Learned if answers.len() < LEAST_ANSWERS => None,
        Hedging::Learned => Some(exceeded_by_few(answers)?.max(LEAST_WAIT)),
    }
}

/// The least of the times that the next one exceeds with a chance of 5 % at most, if it is like these.
fn exceeded_by_few(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    // Of n + 1 times in a random order, each place is as likely for the next one.
    let rank = ((times.len() + 1) * EXPECTED_PERCENT).div_ceil(100).min(times.len());
    times.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual(answers: u64, extra: usize) -> Usual {
        let runs = usize::try_from(answers).unwrap();
        Usual { answers: (1..=answers).rev().map(Duration::from_millis).collect(), runs, extra, ..Usual::default() }
    }

    fn learned(usual: Usual) -> Option<u128> {
        hedge_after(Hedging::Learned, usual).map(|wait| wait.as_millis())
    }

    #[test]
    fn it_is_off_unless_configured() {
        assert_eq!(hedge_after(Hedging::default(), usual(200, 0)), None);
    }

    #[test]
    fn the_wait_is_what_one_in_twenty_exceeds() {
        assert_eq!(learned(usual(19, 0)), None, "too little is known");
        assert_eq!(learned(usual(20, 0)), Some(20));
        assert_eq!(learned(usual(99, 0)), Some(95));
        assert_eq!(learned(usual(200, 0)), Some(191));
        let fast = Usual { answers: vec![Duration::from_micros(80); 50], runs: 50, ..Usual::default() };
        assert_eq!(learned(fast), Some(1));
    }

    #[test]
    fn the_first_of_two_requests_is_taken_to_have_needed_longer_than_both() {
        let first_of_two = vec![Duration::from_millis(200); 5];
        assert_eq!(learned(Usual { first_of_two, ..usual(34, 0) }), Some(300));
        assert_eq!(learned(Usual { first_of_two: vec![Duration::from_millis(20)], ..usual(19, 0) }), Some(30));
    }

    #[test]
    fn a_fixed_wait_needs_no_answers_but_keeps_the_budget() {
        let after = |runs, extra| {
            let usual = Usual { runs, extra, ..Usual::default() };
            hedge_after(Hedging::After(Duration::from_millis(30)), usual).map(|wait| wait.as_millis())
        };
        assert_eq!((after(8, 0), after(9, 0)), (None, Some(30)));
        assert_eq!((after(18, 1), after(19, 1)), (None, Some(30)));
    }

    #[test]
    fn second_requests_are_a_tenth_at_most() {
        assert_eq!(learned(usual(200, 19)), Some(191));
        assert_eq!(learned(usual(200, 20)), None);
        let mut extra = 0;
        for runs in 0..1000 {
            let next = Usual { answers: vec![Duration::from_millis(5); runs], runs, extra, ..Usual::default() };
            extra += usize::from(hedge_after(Hedging::Learned, next).is_some());
            assert!(extra * 10 <= runs + 1, "{extra} of {runs}");
        }
        assert!(extra >= 90, "{extra}");
    }
}
