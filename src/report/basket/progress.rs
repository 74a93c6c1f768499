//! The progress of a basket or a sweep, on a terminal: how many lines are complete, how fast that goes and how long it takes still,
//! and who holds it up.

use std::time::{Duration, Instant};

use indicatif::ProgressStyle;

use crate::domain::{Event, Outcome, SupplierName};
use crate::report::amount::time;
use crate::report::progress::Lines;
use crate::report::sanitize::shorten;

/// How often something else is said at most.
const PAUSE: Duration = Duration::from_millis(100);
/// How many suppliers are named.
const NAMED: usize = 4;
/// How many columns of each name.
const NAME_COLUMNS: usize = 20;

/// Shows how a basket proceeds.
#[derive(Debug)]
pub struct BasketProgress {
    lines: Lines,
    state: State,
    said: Option<Instant>,
}

#[derive(Debug)]
struct State {
    total: u64,
    /// What they are called.
    noun: &'static str,
    complete: u64,
    suppliers: Vec<(SupplierName, Done)>,
    since: Instant,
}

/// What a supplier did.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    lines: u64,
    failed: u64,
}

impl BasketProgress {
    /// Prepares the progress of so many lines, or whatever they are called, which appears on stderr once the run has taken 200 ms. Make it only if
    /// stderr is a terminal.
    #[must_use]
    pub fn on_stderr((lines, noun): (u64, &'static str), suppliers: Vec<SupplierName>) -> Self {
        let style = ProgressStyle::with_template("{spinner} {prefix}{msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        Self { lines: Lines::on_stderr(style), state: State::new(lines, noun, suppliers), said: None }
    }

    /// Takes notice of what happened.
    pub fn on_event(&mut self, event: &Event<'_>) {
        self.state.take(event);
        self.say();
    }

    /// Takes notice of a line that is complete.
    pub fn on_line(&mut self) {
        self.state.complete += 1;
        self.say();
    }

    fn say(&mut self) {
        let now = Instant::now();
        if self.said.is_none_or(|said| now - said >= PAUSE) {
            self.said = Some(now);
            let elapsed = now - self.state.since;
            self.lines.say(self.state.summary(elapsed), self.state.slow(elapsed));
        }
    }
}

impl State {
    fn new(total: u64, noun: &'static str, suppliers: Vec<SupplierName>) -> Self {
        let suppliers = suppliers.into_iter().map(|name| (name, Done::default())).collect();
        Self { total, noun, complete: 0, suppliers, since: Instant::now() }
    }

    fn take(&mut self, event: &Event<'_>) {
        if let Event::Done { supplier, report } = event
            && let Some((_, done)) = self.suppliers.get_mut(*supplier)
        {
            done.lines += 1;
            done.failed += u64::from(matches!(report.outcome, Outcome::Failed(_)));
        }
    }

    /// How many lines are complete, how fast, and how long the others take.
    fn summary(&self, elapsed: Duration) -> String {
        let Self { total, noun, complete, .. } = self;
        let left = (total - complete).checked_mul(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        let left = left.and_then(|left| left.checked_div(*complete)).map(Duration::from_millis);
        let left = left.map(|left| format!(", {} left", time(whole_seconds(left)))).unwrap_or_default();
        format!("{complete} of {total} {noun}{}{left}", rate(*complete, elapsed))
    }

    /// Whoever is behind, one a line.
    fn slow(&self, elapsed: Duration) -> String {
        let most = self.suppliers.iter().map(|(_, done)| done.lines).max().unwrap_or(0);
        let mut behind: Vec<&(SupplierName, Done)> =
            self.suppliers.iter().filter(|(_, done)| done.lines < most).collect();
        behind.sort_by_key(|(_, done)| done.lines);
        let line = |(name, done): &&(SupplierName, Done)| {
            let name = shorten(name.as_str(), NAME_COLUMNS);
            let failed = if done.failed > 0 { format!(", {} failed", done.failed) } else { String::new() };
            format!("\n  {name}: {} of {}{}{failed}", done.lines, self.total, rate(done.lines, elapsed))
        };
        behind.iter().take(NAMED).map(line).collect()
    }
}

/// So many a second; nothing as long as that says nothing.
fn rate(count: u64, elapsed: Duration) -> String {
    let tenths = u128::from(count) * 10_000 / elapsed.as_millis().max(1);
    match tenths {
        0 => String::new(),
        1..100 => format!(", {}.{}/s", tenths / 10, tenths % 10),
        _ => format!(", {}/s", tenths / 10),
    }
}

fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answer, ErrorKind, Failure, SupplierReport, TransportKind};

    fn done(supplier: usize, outcome: Outcome) -> (usize, SupplierReport) {
        let report = SupplierReport {
            supplier: SupplierName::new("any"),
            transport: TransportKind::Http,
            latency: None,
            attempts: 1,
            http_status: None,
            file_modified_at: None,
            outcome,
        };
        (supplier, report)
    }

    #[test]
    fn it_says_how_fast_it_goes_and_who_is_behind() {
        let names = ["acme", "glo\u{1b}bex", "initech"].map(SupplierName::new).to_vec();
        let mut state = State::new(100, "lines", names);
        assert_eq!(
            (state.summary(Duration::ZERO), state.slow(Duration::ZERO)),
            ("0 of 100 lines".into(), String::new())
        );
        let failed = || Outcome::Failed(Failure::new(ErrorKind::Dns));
        let answered = || Outcome::Answered(Answer::default());
        for (supplier, report) in
            [done(0, answered()), done(0, answered()), done(1, failed()), done(2, answered()), done(2, answered())]
        {
            state.take(&Event::Done { supplier, report: &report });
        }
        state.complete = 25;
        let elapsed = Duration::from_secs(10);
        assert_eq!(state.summary(elapsed), "25 of 100 lines, 2.5/s, 30s left");
        assert_eq!(state.slow(elapsed), "\n  glo\u{fffd}bex: 1 of 100, 0.1/s, 1 failed");
        state.complete = 100;
        assert_eq!(state.summary(Duration::from_secs(1)), "100 of 100 lines, 100/s, 1s left");
    }
}
