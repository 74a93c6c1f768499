//! The progress of a run, on a terminal.
//!
//! Owns two calm lines: how many suppliers answered and how much time is left, and who is awaited. Refuses to decide
//! whether there is a terminal: its maker does. A quick run never draws, and nothing is left behind when
//! [`Progress`] is dropped.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::amount;
use super::sanitize::shorten;
use crate::domain::{Event, Outcome, SupplierName};

/// A run that is done by then draws nothing: a flash of text would only disturb.
const DELAY: Duration = Duration::from_millis(200);
/// How often the lines are drawn anew.
const TICK: Duration = Duration::from_millis(100);
/// How many awaited suppliers are named.
const NAMED: usize = 4;
/// How many columns of each name.
const NAME_COLUMNS: usize = 20;

/// Shows how a run proceeds.
#[derive(Debug)]
pub struct Progress {
    bar: Lines,
    state: State,
}

/// Lines of a terminal that are drawn anew, and are gone when this is dropped.
#[derive(Debug)]
pub(super) struct Lines {
    bar: ProgressBar,
    /// Dropped to tell the thread that draws that there is nothing left to draw.
    stop: Option<Sender<()>>,
    starter: Option<JoinHandle<()>>,
}

impl Progress {
    /// Prepares the lines for suppliers in the plan's order and the whole deadline. They appear on stderr once the
    /// run has taken 200 ms. Make one only if stderr is a terminal.
    #[must_use]
    pub fn on_stderr(suppliers: Vec<SupplierName>, deadline: Duration) -> Self {
        let mut progress = Self::hidden(suppliers, deadline);
        progress.bar.appear_after(DELAY, ProgressDrawTarget::stderr);
        progress
    }

    /// The lines without a place to draw them.
    fn hidden(suppliers: Vec<SupplierName>, deadline: Duration) -> Self {
        let bar = Lines::hidden(style(deadline));
        let state = State { suppliers, ..State::default() };
        bar.say(state.counts(), state.awaited());
        Self { bar, state }
    }

    /// Takes notice of what happened.
    pub fn on_event(&mut self, event: &Event<'_>) {
        self.state.take(event);
        self.bar.say(self.state.counts(), self.state.awaited());
    }
}

impl Lines {
    /// Lines that appear on stderr once the run has taken 200 ms.
    pub(super) fn on_stderr(style: ProgressStyle) -> Self {
        let mut lines = Self::hidden(style);
        lines.appear_after(DELAY, ProgressDrawTarget::stderr);
        lines
    }

    /// Lines without a place to draw them.
    fn hidden(style: ProgressStyle) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_style(style);
        Self { bar, stop: None, starter: None }
    }

    /// Lets the lines appear on `target` after `delay`.
    fn appear_after(&mut self, delay: Duration, target: fn() -> ProgressDrawTarget) {
        let (stop, stopped) = channel();
        let bar = self.bar.clone();
        self.stop = Some(stop);
        self.starter = std::thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || {
                if stopped.recv_timeout(delay) == Err(RecvTimeoutError::Timeout) {
                    bar.set_draw_target(target());
                    bar.enable_steady_tick(TICK);
                }
            })
            .ok();
    }

    /// Says something else: in the first line, and below it.
    pub(super) fn say(&self, first: String, rest: String) {
        self.bar.set_prefix(first);
        self.bar.set_message(rest);
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(starter) = self.starter.take() {
            // A panic of the thread that draws is no reason to lose the result.
            drop(starter.join());
        }
        self.bar.finish_and_clear();
    }
}

fn style(deadline: Duration) -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix}, {left} left\n  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .with_key("left", move |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            // A failed write leaves a gap on the screen, and there is nobody to tell.
            let _ = text.write_str(&left(deadline, state.elapsed()));
        })
}

/// The time that is left, in tenths of a second.
pub(super) fn left(deadline: Duration, elapsed: Duration) -> String {
    let tenths = deadline.saturating_sub(elapsed).as_millis() / 100;
    if tenths >= 600 {
        let seconds = u64::try_from(tenths / 10).unwrap_or(u64::MAX);
        return amount::time(Duration::from_secs(seconds));
    }
    format!("{}.{}s", tenths / 10, tenths % 10)
}

/// What is known of the run.
#[derive(Debug, Default)]
struct State {
    suppliers: Vec<SupplierName>,
    awaited: BTreeSet<usize>,
    answered: usize,
    failed: usize,
}

impl State {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Asked { supplier } => {
                self.awaited.insert(*supplier);
            }
            // It is still awaited.
            Event::Retrying { .. } | Event::Hedged { .. } => {}
            Event::Done { supplier, report } => {
                self.awaited.remove(supplier);
                match report.outcome {
                    Outcome::Answered(_) => self.answered += 1,
                    Outcome::Failed(_) => self.failed += 1,
                }
            }
        }
    }

    /// How many suppliers answered, of how many, and how many failed.
    fn counts(&self) -> String {
        let total = self.suppliers.len();
        let noun = if total == 1 { "supplier" } else { "suppliers" };
        let mut text = format!("{} of {total} {noun} answered", self.answered);
        if self.failed > 0 {
            // Writing to a string does not fail.
            let _ = write!(text, ", {} failed", self.failed);
        }
        text
    }

    /// Who is awaited, in the plan's order.
    fn awaited(&self) -> String {
        if self.awaited.is_empty() {
            return String::new();
        }
        let name = |index: &usize| {
            self.suppliers.get(*index).map_or_else(String::new, |name| shorten(name.as_str(), NAME_COLUMNS))
        };
        let named = self.awaited.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ");
        match self.awaited.len().saturating_sub(NAMED) {
            0 => format!("waiting for {named}"),
            more => format!("waiting for {named} and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;
    use crate::domain::{Answer, ErrorKind, Failure, SupplierReport, TransportKind};

    fn suppliers(names: &[&str]) -> Vec<SupplierName> {
        names.iter().map(|name| SupplierName::new(name)).collect()
    }

    fn report(outcome: Outcome) -> SupplierReport {
        SupplierReport {
            supplier: SupplierName::new("any"),
            transport: TransportKind::Http,
            latency: None,
            attempts: 1,
            http_status: None,
            file_modified_at: None,
            outcome,
        }
    }

    /// A terminal that keeps what was written to it.
    #[derive(Clone, Debug, Default)]
    struct Recorder(Arc<Mutex<String>>);

    impl TermLike for Recorder {
        fn width(&self) -> u16 {
            60
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)?;
            self.write_str("\n")
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().unwrap().clear();
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn it_counts_answers_and_names_the_awaited_in_the_plans_order() {
        let mut state = State { suppliers: suppliers(&["acme", "globex", "init\u{1b}ech"]), ..State::default() };
        assert_eq!((state.counts(), state.awaited()), ("0 of 3 suppliers answered".into(), String::new()));
        for supplier in [2, 0, 1] {
            state.take(&Event::Asked { supplier });
        }
        assert_eq!(state.awaited(), "waiting for acme, globex, init\u{fffd}ech");
        state.take(&Event::Done { supplier: 0, report: &report(Outcome::Answered(Answer::default())) });
        state.take(&Event::Done { supplier: 1, report: &report(Outcome::Failed(Failure::new(ErrorKind::Dns))) });
        assert_eq!(state.counts(), "1 of 3 suppliers answered, 1 failed");
        assert_eq!(state.awaited(), "waiting for init\u{fffd}ech");
    }

    #[test]
    fn of_many_it_names_a_few() {
        let names: Vec<String> = (0..9000).map(|number| format!("s{number}")).collect();
        let mut state =
            State { suppliers: names.iter().map(|name| SupplierName::new(name)).collect(), ..State::default() };
        for supplier in 0..9000 {
            state.take(&Event::Asked { supplier });
        }
        assert_eq!(state.awaited(), "waiting for s0, s1, s2, s3 and 8996 more");
    }

    #[test]
    fn the_time_left_ends_at_zero() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(5), Duration::from_millis(1250)), "3.7s");
        assert_eq!(left(seconds(5), seconds(9)), "0.0s");
        assert_eq!(left(seconds(125), seconds(0)), "2m 5s");
    }

    #[test]
    fn it_draws_two_lines_and_leaves_nothing_behind() {
        let terminal = Recorder::default();
        let mut progress = Progress::hidden(suppliers(&["acme", "globex"]), Duration::from_secs(5));
        progress.bar.bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        progress.on_event(&Event::Asked { supplier: 1 });
        progress.bar.bar.force_draw();
        let drawn = terminal.0.lock().unwrap().clone();
        assert!(drawn.contains("0 of 2 suppliers answered, "), "{drawn:?}");
        assert!(drawn.contains("s left"), "{drawn:?}");
        assert!(drawn.contains("waiting for globex"), "{drawn:?}");
        drop(progress);
        assert_eq!(*terminal.0.lock().unwrap(), "");
    }

    #[test]
    fn a_run_that_ends_before_the_delay_neither_draws_nor_waits() {
        let hour = Duration::from_hours(1);
        let mut progress = Progress::hidden(suppliers(&["acme"]), hour);
        progress.bar.appear_after(hour, || unreachable!("drawn"));
        let bar = progress.bar.bar.clone();
        drop(progress);
        assert!(bar.is_hidden() && bar.is_finished());
    }

    #[test]
    fn a_run_that_outlasts_the_delay_draws() {
        let target = || ProgressDrawTarget::term_like(Box::new(Recorder::default()));
        let mut progress = Progress::hidden(suppliers(&["acme"]), Duration::from_secs(5));
        progress.bar.appear_after(Duration::ZERO, target);
        assert!(progress.bar.starter.take().unwrap().join().is_ok());
        assert!(!progress.bar.bar.is_hidden());
    }
}
