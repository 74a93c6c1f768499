//! The engine: asks every supplier of a plan at once and brings in what they did.
//!
//! Owns concurrency, the suppliers' times and the run's deadline, retries, hedging, early completion and cancellation. Refuses to
//! know protocols, configuration and output: it asks through [`Transport`], tells what happens through
//! [`Event`]s, and returns [`Gathered`] with one report a supplier, in the plan's order. It never fails.
//!
//! One question and many lines are the same to it: [`gather`] asks about one line, [`gather_lines`] about as many as
//! come, each of which is [`Gathered`] as soon as it is complete. What is remembered is bounded by what is on its way.
//!
//! ```text
//! lines ─► one lane a supplier ─► calls ─► flights ─► what came of each line
//! ```

mod again;
mod ask;
mod batch;
mod calls;
mod completion;
mod flights;
mod hedge;
mod lane;
mod lines;
mod scatter;
mod timers;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;

use crate::domain::{Event, Gathered, Termination};
use crate::plan::Plan;
use crate::transport::{Inquiry, Transport};

pub use again::{Earlier, EarlierSupplier, gather_again};

use scatter::Scatter;

/// One of many lines to ask about.
#[derive(Clone, Debug)]
pub struct Line {
    /// What names it to whoever asks.
    pub number: u64,
    /// What to ask. Its suppliers are those of every other line; its time is that of one question.
    pub plan: Arc<Plan>,
}

/// Who wants to know how it goes.
pub trait Audience {
    /// Something happened to a line.
    fn on_event(&mut self, line: &Line, event: Event<'_>);

    /// A line is complete, or was when the run ended. It comes once for every line that was begun.
    fn on_gathered(&mut self, line: &Line, gathered: Gathered);
}

/// How much is done at a time, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many questions are on their way at a time, at least 1.
    pub in_flight: usize,
    /// How many lines are begun and not complete, at least 1.
    pub open_lines: usize,
    /// The time for everything; `None` = as much as it takes.
    pub deadline: Option<Duration>,
}

/// Asks every supplier of the plan and waits until the strategy is satisfied, the deadline is over, or
/// `interrupt` resolves, whichever comes first. `transports` are the plan's suppliers, in its order.
///
/// The suppliers are asked on the event loop of `workers`, which may be busier than it should be: the clock is the
/// caller's. At most `in_flight` (at least 1) suppliers are asked at a time. When this machine runs out of files or
/// ports, the supplier is put back in the queue and fewer are asked at once.
///
/// # Panics
/// Never: a line that was begun is brought in.
pub async fn gather(
    plan: Arc<Plan>,
    transports: &[Arc<dyn Transport>],
    in_flight: usize,
    workers: Handle,
    interrupt: impl Future<Output = ()>,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Gathered {
    let bounds = Bounds { in_flight, open_lines: 1, deadline: Some(plan.criteria.timeout) };
    let mut sole = Sole { on_event, gathered: None };
    let mut scatter = Scatter::new(&plan, transports, bounds, workers, &mut sole);
    scatter.open(Line { number: 1, plan: Arc::clone(&plan) });
    scatter.run(None, interrupt).await;
    sole.gathered.expect("a line that was begun is brought in")
}

/// Asks about every line that comes, in their order, until there are no more, the deadline is over, or `interrupt`
/// resolves, and says which. `plan` is what the lines have in common, and `transports` are its suppliers, in its order.
///
/// Every supplier has a lane of its own: it is asked about one line after the other, as its pace allows, whatever the
/// others do. Only when `open_lines` are begun and not complete is nobody asked about a further one. The time of a
/// question is the supplier's own, or that of the line's plan.
pub async fn gather_lines(
    plan: &Plan,
    lines: Receiver<Line>,
    transports: &[Arc<dyn Transport>],
    bounds: Bounds,
    workers: Handle,
    interrupt: impl Future<Output = ()>,
    audience: &mut dyn Audience,
) -> Termination {
    Scatter::new(plan, transports, bounds, workers, audience).run(Some(lines), interrupt).await
}

/// What every supplier of the plan is asked by a run that starts to ask at `now`.
#[must_use]
pub fn inquiry(plan: &Plan, now: Timestamp) -> Inquiry {
    Inquiry {
        request: Arc::clone(&plan.request),
        lines: [].into(),
        correlation_id: Arc::clone(&plan.correlation_id),
        deadline: now.checked_add(plan.criteria.timeout).unwrap_or(Timestamp::MAX),
    }
}

/// The audience of a run with one line.
struct Sole<'a> {
    on_event: &'a mut dyn FnMut(Event<'_>),
    gathered: Option<Gathered>,
}

impl Audience for Sole<'_> {
    fn on_event(&mut self, _: &Line, event: Event<'_>) {
        (self.on_event)(event);
    }

    fn on_gathered(&mut self, _: &Line, gathered: Gathered) {
        self.gathered = Some(gathered);
    }
}

#[cfg(test)]
mod tests;
