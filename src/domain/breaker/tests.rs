//! The circuit step by step, and what holds whatever happens.

use proptest::prelude::*;

use super::*;

const RUN: &str = "this run";
const OTHER: &str = "another run";
const TIME: Duration = Duration::from_secs(5);
/// A draw that makes a pause neither longer nor shorter.
const MIDDLE: u64 = 1 << 63;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn noted(signals: &[Signal], seconds: impl Fn(i64) -> i64) -> Breaker {
    let mut breaker = Breaker::default();
    for (second, signal) in (0..).zip(signals) {
        breaker.note(*signal, RUN, at(seconds(second)), MIDDLE);
    }
    breaker
}

/// A circuit that opened at second 0.
fn opened() -> Breaker {
    let breaker = noted(&[Signal::Failure; 5], |_| 0);
    assert_eq!(breaker.circuit(at(0)), Circuit::Open(Duration::from_secs(30)));
    breaker
}

#[test]
fn five_failures_in_a_row_open_it_however_old_they_are() {
    let day = |second| second * 86_400;
    assert_eq!(noted(&[Signal::Failure; 4], day).circuit(at(day(4))), Circuit::Closed);
    assert_eq!(noted(&[Signal::Failure; 5], day).circuit(at(day(4))), Circuit::Open(Duration::from_secs(30)));
}

#[test]
fn half_of_ten_failures_open_it_if_all_are_of_the_last_ten_minutes() {
    let alternating = [Signal::Success, Signal::Failure].repeat(5);
    let circuit = |signals: &[Signal], every: i64| {
        let last = i64::try_from(signals.len()).unwrap() - 1;
        noted(signals, |second| second * every).circuit(at(last * every))
    };
    assert_eq!(circuit(&alternating, 1), Circuit::Open(Duration::from_secs(30)));
    assert_eq!(circuit(&alternating[..9], 1), Circuit::Closed, "nine are too few");
    assert_eq!(circuit(&alternating, 70), Circuit::Closed, "the first is too old");
    assert_eq!(circuit(&[Signal::Success, Signal::Success, Signal::Failure].repeat(20), 1), Circuit::Closed);
}

#[test]
fn neutral_outcomes_neither_open_it_nor_interrupt_a_row() {
    assert_eq!(noted(&[Signal::Neutral; 100], |second| second).circuit(at(100)), Circuit::Closed);
    let mut signals = [Signal::Failure; 6];
    signals[2] = Signal::Neutral;
    assert_eq!(noted(&signals, |_| 0).circuit(at(0)), Circuit::Open(Duration::from_secs(30)));
}

#[test]
fn an_open_circuit_refuses_and_then_lets_one_probe_through() {
    let mut breaker = opened();
    assert_eq!(breaker.admit(RUN, TIME, at(10)), Admission::Refused(Duration::from_secs(20)));
    assert_eq!(breaker.admit(RUN, TIME, at(30)), Admission::Probe);
    assert_eq!(breaker.admit(OTHER, TIME, at(32)), Admission::Refused(Duration::from_secs(4)));
    assert_eq!(breaker.admit(OTHER, TIME, at(36)), Admission::Probe, "the lease has expired");
}

#[test]
fn a_success_closes_it_and_starts_afresh() {
    let mut breaker = opened();
    breaker.admit(RUN, TIME, at(30));
    breaker.note(Signal::Success, RUN, at(31), MIDDLE);
    assert_eq!(breaker, Breaker { recent: vec![PastOutcome { at: at(31), failed: false }], ..Breaker::default() });
}

#[test]
fn each_failed_probe_doubles_the_pause_up_to_five_minutes() {
    let mut breaker = opened();
    let mut pauses = Vec::new();
    let mut now = 30;
    for _ in 0..5 {
        assert_eq!(breaker.admit(RUN, TIME, at(now)), Admission::Probe);
        breaker.note(Signal::Failure, RUN, at(now), MIDDLE);
        let Circuit::Open(pause) = breaker.circuit(at(now)) else { panic!("{breaker:?}") };
        pauses.push(pause.as_secs());
        now += i64::try_from(pause.as_secs()).unwrap();
    }
    assert_eq!(pauses, [60, 120, 240, 300, 300]);
}

#[test]
fn a_neutral_probe_gives_the_lease_to_the_next() {
    let mut breaker = opened();
    breaker.admit(RUN, TIME, at(30));
    breaker.note(Signal::Neutral, OTHER, at(31), MIDDLE);
    assert!(breaker.probe.is_some(), "it is not the other's to give back");
    breaker.note(Signal::Neutral, RUN, at(31), MIDDLE);
    assert_eq!((breaker.circuit(at(31)), breaker.admit(OTHER, TIME, at(31))), (Circuit::HalfOpen, Admission::Probe));
}

#[test]
fn who_asked_an_open_circuit_changes_it_by_success_alone() {
    let mut breaker = opened();
    breaker.note(Signal::Failure, RUN, at(10), MIDDLE);
    assert_eq!(breaker, opened());
    breaker.note(Signal::Success, RUN, at(10), MIDDLE);
    assert_eq!(breaker.circuit(at(10)), Circuit::Closed);
}

#[test]
fn a_clock_that_jumps_ends_the_pause() {
    let breaker = opened();
    for second in [-1, -1_000_000_000, 30, 1_000_000_000] {
        assert_eq!(breaker.circuit(at(second)), Circuit::HalfOpen, "{second}");
    }
    let mut set_back = breaker.clone();
    set_back.admit(OTHER, TIME, at(40));
    assert_eq!(set_back.admit(RUN, TIME, at(39)), Admission::Probe, "a lease from the future does not hold");
    let endless = Breaker { pause: Some(Period { since: at(0), until: Timestamp::MAX }), ..Breaker::default() };
    assert_eq!(endless.circuit(at(360)), Circuit::HalfOpen);
}

#[test]
fn a_pause_is_a_fifth_longer_or_shorter_by_chance() {
    let pause = |chance| {
        let mut breaker = noted(&[Signal::Failure; 4], |_| 0);
        breaker.note(Signal::Failure, RUN, at(0), chance);
        breaker.pause.unwrap().until.duration_since(at(0)).as_millis()
    };
    assert_eq!((pause(0), pause(MIDDLE), pause(u64::MAX)), (24_000, 30_000, 35_999));
}

#[derive(Clone, Debug)]
enum Step {
    Note(Signal, usize, u64),
    Admit(usize),
    /// The clock moves, maybe backwards.
    Move(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let signal = prop_oneof![4 => Just(Signal::Failure), 2 => Just(Signal::Success), 1 => Just(Signal::Neutral)];
    let note = (signal, 0_usize..3, any::<u64>()).prop_map(|(signal, run, chance)| Step::Note(signal, run, chance));
    let jump = prop_oneof![6 => 0_i64..400, 1 => -100_000_000_i64..100_000_000];
    let step = prop_oneof![4 => note, 2 => (0_usize..3).prop_map(Step::Admit), 2 => jump.prop_map(Step::Move)];
    proptest::collection::vec(step, 0..200)
}

proptest! {
    #[test]
    fn nothing_keeps_a_circuit_open_for_longer_than_six_minutes(steps in steps()) {
        let runs = ["a", "b", "c"];
        let (mut breaker, mut now) = (Breaker::default(), at(0));
        for step in steps {
            match step {
                Step::Note(signal, run, chance) => breaker.note(signal, runs[run], now, chance),
                Step::Admit(run) => drop(breaker.admit(runs[run], TIME, now)),
                Step::Move(seconds) => now = Timestamp::from_second(now.as_second() + seconds).unwrap(),
            }
            prop_assert!(breaker.recent.len() <= REMEMBERED);
            if let Circuit::Open(left) = breaker.circuit(now) {
                prop_assert!(left <= Duration::from_mins(6), "{left:?}");
                prop_assert_eq!(breaker.circuit(now.checked_add(left).unwrap()), Circuit::HalfOpen);
            }
            // Whoever is refused may ask when the time that it was told is over.
            if let Admission::Refused(left) = breaker.clone().admit("d", TIME, now) {
                prop_assert!(left <= Duration::from_mins(6), "{left:?}");
                let later = now.checked_add(left).unwrap();
                prop_assert_eq!(breaker.clone().admit("d", TIME, later), Admission::Probe);
            }
            let mut healed = breaker.clone();
            healed.note(Signal::Success, "d", now, 0);
            prop_assert_eq!(healed.circuit(now), Circuit::Closed);
        }
    }

    #[test]
    fn while_a_lease_holds_nobody_else_probes(steps in steps()) {
        let runs = ["a", "b", "c"];
        let (mut breaker, mut now) = (opened(), at(30));
        let mut leased: Option<(usize, i64)> = None;
        for step in steps {
            match step {
                Step::Note(signal, run, chance) => {
                    let changes = signal != Signal::Neutral || leased.is_some_and(|(holder, _)| holder == run);
                    leased = leased.filter(|_| !changes);
                    breaker.note(signal, runs[run], now, chance);
                }
                Step::Admit(run) => if breaker.admit(runs[run], TIME, now) == Admission::Probe {
                    prop_assert!(leased.is_none_or(|(_, until)| now.as_second() >= until), "{breaker:?}");
                    leased = Some((run, now.as_second() + 6));
                },
                // Here time goes on, as it does.
                Step::Move(seconds) => now = Timestamp::from_second(now.as_second() + seconds.abs() % 400).unwrap(),
            }
        }
    }

    #[test]
    fn two_successes_for_each_failure_and_no_row_of_five_never_open_it(
        pattern in proptest::collection::vec(0_usize..5, 1..40),
    ) {
        let mut breaker = Breaker::default();
        for (minute, failures) in (0..).zip(pattern) {
            let signals = std::iter::repeat_n(Signal::Success, 2 * failures + 1)
                .chain(std::iter::repeat_n(Signal::Failure, failures));
            for signal in signals {
                breaker.note(signal, RUN, at(minute), 0);
                prop_assert_eq!(breaker.circuit(at(minute)), Circuit::Closed);
            }
        }
    }
}
