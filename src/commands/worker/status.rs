//! What a worker says of itself: one line that is kept up to date on a terminal, plain lines elsewhere.
//!
//! Owns the words and when they are due. Refuses to know where they go: it returns text. Main type: [`Status`].

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::config::Presentation;
use crate::report::prose;
use crate::report::sanitize::{clean, shorten};
use crate::respond::worker::{Ending, Figures, GRACE, WorkerEvent};

use super::super::terminal::Terminal;
use super::roles::Roles;

/// How often the line on a terminal is written anew.
const QUICK: Duration = Duration::from_millis(250);
/// How often there is a plain line, if anything has changed.
const SLOW: Duration = Duration::from_secs(10);
/// How many ticks the rate is an average of.
const TICKS: usize = 8;
/// Back to the beginning of the line, which is empty then.
const ANEW: &str = "\r\u{1b}[K";
/// How many columns of a product's name are shown.
const NAME_COLUMNS: usize = 40;

/// How a worker speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// One line that is kept up to date.
    Live,
    /// A line now and then.
    Plain,
    /// Not at all.
    Quiet,
}

impl Manner {
    /// As the user and the terminal want it.
    pub(super) fn of(presentation: &Presentation, terminal: Terminal) -> Self {
        match (presentation.quiet, presentation.progress && terminal.stderr) {
            (true, _) => Self::Quiet,
            (false, true) => Self::Live,
            (false, false) => Self::Plain,
        }
    }
}

/// What is to be written where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// What a worker says of itself.
pub(super) struct Status {
    manner: Manner,
    name: String,
    /// What is printed when the first request can come, for whoever waits for that.
    ready: String,
    /// What it does, in a sentence.
    task: String,
    was_ready: bool,
    told: Figures,
    /// How many requests were done at each of the last ticks.
    recent: VecDeque<(Instant, u64)>,
}

impl Status {
    /// Of a worker that has not begun.
    pub(super) fn new(roles: &Roles<'_>, concurrency: u16, manner: Manner) -> Self {
        let (name, place, broker) = (clean(roles.supplier.name.as_str()).into_owned(), roles.place(), roles.broker());
        let from = match roles.upstream {
            Some(upstream) => format!("by asking `{}`", clean(upstream.name.as_str())),
            None => "from its mock".to_owned(),
        };
        let place = clean(&place).into_owned();
        Self {
            manner,
            ready: format!("{name} {broker} {place}\n"),
            task: format!("answers {place} on {broker} {from}, up to {concurrency} at a time"),
            name,
            was_ready: false,
            told: Figures::default(),
            recent: VecDeque::new(),
        }
    }

    /// How often [`Status::tick`] is due.
    pub(super) const fn period(&self) -> Duration {
        match self.manner {
            Manner::Live => QUICK,
            Manner::Plain | Manner::Quiet => SLOW,
        }
    }

    /// What is said of an event.
    pub(super) fn event(&mut self, event: &WorkerEvent<'_>, figures: Figures) -> Told {
        let mut stdout = String::new();
        let sentence = match event {
            WorkerEvent::Ready if self.was_ready => "is connected again".to_owned(),
            WorkerEvent::Ready => {
                self.was_ready = true;
                stdout.clone_from(&self.ready);
                self.task.clone()
            }
            WorkerEvent::Lost { failure, pause } => {
                format!("{}; next attempt in {} ms", prose::failure(failure), pause.as_millis())
            }
            WorkerEvent::Done { request, ending, took } => {
                let what = request.map_or_else(
                    || "what cannot be read".to_owned(),
                    |request| format!("`{}` × {}", shorten(&request.product, NAME_COLUMNS), request.quantity),
                );
                format!("{what}: {} after {} ms", ending_words(*ending), took.as_millis())
            }
        };
        Told { stdout, stderr: self.line(&sentence, figures) }
    }

    /// What is said from time to time.
    pub(super) fn tick(&mut self, figures: Figures) -> String {
        self.recent.push_back((Instant::now(), figures.done()));
        if self.recent.len() > TICKS {
            self.recent.pop_front();
        }
        match self.manner {
            Manner::Live => self.live(figures),
            Manner::Plain if figures != self.told => {
                self.told = figures;
                format!("{}: {}\n", self.name, self.figures(figures))
            }
            Manner::Plain | Manner::Quiet => String::new(),
        }
    }

    /// What is said when it was told to stop.
    pub(super) fn stopping(&mut self, figures: Figures) -> String {
        let held = match figures.in_flight {
            0 => "stops".to_owned(),
            held => {
                format!("finishes {}, within {} s; a second signal ends it at once", requests(held), GRACE.as_secs())
            }
        };
        self.line(&held, figures)
    }

    /// What is said in the end, when so many requests were left to others.
    pub(super) fn end(&mut self, figures: Figures, left: usize) -> String {
        let left = match left as u64 {
            0 => String::new(),
            left => format!(", {} left to other workers", requests(left)),
        };
        let (name, counts) = (&self.name, counts(figures));
        match self.manner {
            Manner::Live => format!("{ANEW}{name}: {counts}{left}\n"),
            Manner::Plain => format!("{name}: {counts}{left}\n"),
            Manner::Quiet => String::new(),
        }
    }

    /// A sentence on a line of its own.
    fn line(&self, sentence: &str, figures: Figures) -> String {
        match self.manner {
            Manner::Live => format!("{ANEW}{}: {sentence}\n{}", self.name, self.live(figures)),
            Manner::Plain => format!("{}: {sentence}\n", self.name),
            Manner::Quiet => String::new(),
        }
    }

    fn live(&self, figures: Figures) -> String {
        if self.was_ready { format!("{ANEW}{}: {}", self.name, self.figures(figures)) } else { String::new() }
    }

    fn figures(&self, figures: Figures) -> String {
        format!("{}, {} in flight, {}/s", counts(figures), figures.in_flight, self.rate())
    }

    /// Requests a second, over the last ticks.
    fn rate(&self) -> u64 {
        let (Some((from, before)), Some((to, after))) = (self.recent.front(), self.recent.back()) else { return 0 };
        let milliseconds = u64::try_from((*to - *from).as_millis()).unwrap_or(u64::MAX);
        ((after - before) * 1_000).checked_div(milliseconds).unwrap_or(0)
    }
}

fn counts(figures: Figures) -> String {
    let Figures { answered, errors, dropped, .. } = figures;
    let dropped = if dropped == 0 { String::new() } else { format!(", {dropped} dropped") };
    format!("{answered} answered, {errors} {}{dropped}", if errors == 1 { "error" } else { "errors" })
}

fn requests(count: u64) -> String {
    format!("{count} {}", if count == 1 { "request" } else { "requests" })
}

const fn ending_words(ending: Ending) -> &'static str {
    match ending {
        Ending::Answered => "answered",
        Ending::Refused => "answered with an error",
        Ending::Expired => "dropped, its time was over",
        Ending::Silent => "dropped, the mock keeps silent",
        Ending::Unwanted => "dropped, nobody waits for the reply",
        Ending::Undelivered => "the broker did not take the reply",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ErrorKind, Failure};

    fn status(manner: Manner) -> Status {
        Status {
            manner,
            name: "initech".into(),
            ready: "initech amqp://h/ queue `q`\n".into(),
            task: "answers queue `q` on amqp://h/ from its mock, up to 4 at a time".into(),
            was_ready: false,
            told: Figures::default(),
            recent: VecDeque::new(),
        }
    }

    const SOME: Figures = Figures { answered: 12, errors: 1, dropped: 0, in_flight: 4 };

    #[test]
    fn plain_lines_come_when_something_has_changed() {
        let mut status = status(Manner::Plain);
        let told = status.event(&WorkerEvent::Ready, Figures::default());
        assert_eq!(told.stdout, "initech amqp://h/ queue `q`\n");
        assert_eq!(told.stderr, "initech: answers queue `q` on amqp://h/ from its mock, up to 4 at a time\n");
        assert_eq!(status.tick(Figures::default()), "");
        assert_eq!(status.tick(SOME).split(", 4 in").next(), Some("initech: 12 answered, 1 error"));
        assert_eq!(status.tick(SOME), "");
        assert_eq!(
            status.stopping(SOME),
            "initech: finishes 4 requests, within 10 s; a second signal ends it at once\n"
        );
        let end = status.end(Figures { dropped: 2, ..SOME }, 1);
        assert_eq!(end, "initech: 12 answered, 1 error, 2 dropped, 1 request left to other workers\n");
    }

    #[test]
    fn a_connection_that_is_lost_and_there_again_is_said_to_be_and_stdout_has_one_line() {
        let mut status = status(Manner::Plain);
        status.event(&WorkerEvent::Ready, SOME);
        let failure = Failure::new(ErrorKind::BrokerUnreachable).with_detail("connection refused");
        let lost = WorkerEvent::Lost { failure: &failure, pause: Duration::from_millis(75) };
        assert_eq!(
            status.event(&lost, SOME).stderr,
            "initech: broker cannot be reached: connection refused; next attempt in 75 ms\n"
        );
        let told = status.event(&WorkerEvent::Ready, SOME);
        assert_eq!((told.stdout.as_str(), told.stderr.as_str()), ("", "initech: is connected again\n"));
    }

    #[test]
    fn a_terminal_has_one_line_that_is_kept_up_to_date() {
        let mut status = status(Manner::Live);
        assert_eq!(status.tick(SOME), "", "nothing is counted before it begins");
        let told = status.event(&WorkerEvent::Ready, SOME).stderr;
        assert!(told.starts_with("\r\u{1b}[Kinitech: answers queue `q`"), "{told:?}");
        assert!(told.ends_with("\n\r\u{1b}[Kinitech: 12 answered, 1 error, 4 in flight, 0/s"), "{told:?}");
        assert!(status.tick(SOME).starts_with("\r\u{1b}[Kinitech: 12 answered"));
        assert!(status.end(SOME, 0).ends_with("1 error\n"));
    }

    #[test]
    fn quiet_says_nothing_but_that_it_is_ready() {
        let mut status = status(Manner::Quiet);
        let told = status.event(&WorkerEvent::Ready, SOME);
        assert_eq!((told.stdout.is_empty(), told.stderr.as_str()), (false, ""));
        let texts = [status.tick(SOME), status.stopping(SOME), status.end(SOME, 0)];
        assert_eq!(texts, [""; 3]);
    }
}
