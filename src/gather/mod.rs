//! The engine: asks every supplier of a plan at once and brings in what they did.
//!
//! Owns concurrency, the suppliers' times and the run's deadline, retries, hedging, early completion and cancellation. Refuses to
//! know protocols, configuration and output: it asks through [`Transport`], tells what happens through
//! [`Event`]s, and returns [`Gathered`] with one report a supplier, in the plan's order. It never fails.

mod again;
mod ask;
mod completion;
mod effort;
mod flights;
mod hedge;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::domain::{ErrorKind, Event, Failure, Gathered, Outcome, Phase, SupplierReport, Termination};
use crate::plan::Plan;
use crate::transport::{Inquiry, PhaseMark, Transport};

pub use again::{Earlier, EarlierSupplier, gather_again};

use ask::{Asked, Question};
use completion::Completion;
use effort::{Allowance, Effort, Efforts};
use flights::{Flight, Flights, Landing};

/// Asks every supplier of the plan and waits until the strategy is satisfied, the deadline is over, or
/// `interrupt` resolves, whichever comes first. `transports` are the plan's suppliers, in its order.
///
/// The suppliers are asked on the event loop of `workers`, which may be busier than it should be: the clock is the
/// caller's. At most `in_flight` (at least 1) suppliers are asked at a time. When this machine runs out of files or
/// ports, the supplier is put back in the queue and fewer are asked at once.
pub async fn gather(
    plan: Arc<Plan>,
    transports: &[Arc<dyn Transport>],
    in_flight: usize,
    workers: Handle,
    interrupt: impl Future<Output = ()>,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Gathered {
    let started = Instant::now();
    let deadline = started + plan.criteria.timeout;
    let completion = Completion::new(&plan.criteria, plan.voices());
    let inquiry = inquiry(&plan, Timestamp::now());
    let mut scatter = Scatter {
        plan: &plan,
        inquiry: Arc::new(inquiry),
        transports,
        on_event,
        completion,
        waiting: VecDeque::with_capacity(transports.len()),
        permits: in_flight.max(1),
        flights: Flights::new(workers),
        efforts: Efforts::new(plan.seed),
        reports: vec![None; transports.len()],
        done: Vec::with_capacity(transports.len()),
        first_ranked: None,
        someone_is_done: false,
    };
    scatter.queue();
    let termination = scatter.run(deadline, interrupt).await;
    let done = std::mem::take(&mut scatter.done);
    let (reports, first_ranked) = scatter.finish(termination);
    Gathered { reports, termination, done, first_ranked, elapsed: started.elapsed() }
}

/// What every supplier of the plan is asked by a run that starts to ask at `now`.
#[must_use]
pub fn inquiry(plan: &Plan, now: Timestamp) -> Inquiry {
    Inquiry {
        request: Arc::clone(&plan.request),
        correlation_id: Arc::clone(&plan.correlation_id),
        deadline: now.checked_add(plan.criteria.timeout).unwrap_or(Timestamp::MAX),
    }
}

/// A run in progress.
struct Scatter<'a> {
    plan: &'a Arc<Plan>,
    inquiry: Arc<Inquiry>,
    transports: &'a [Arc<dyn Transport>],
    on_event: &'a mut dyn FnMut(Event<'_>),
    completion: Completion<'a>,
    /// Suppliers that are still to be asked.
    waiting: VecDeque<usize>,
    /// How many may be asked at a time; at least 1.
    permits: usize,
    flights: Flights,
    efforts: Efforts,
    reports: Vec<Option<SupplierReport>>,
    /// Who is done, in order.
    done: Vec<usize>,
    first_ranked: Option<usize>,
    someone_is_done: bool,
}

impl Scatter<'_> {
    /// Lets everybody wait for its turn but those whose circuit is open.
    fn queue(&mut self) {
        for supplier in 0..self.transports.len() {
            match self.plan.suppliers[supplier].open_for {
                None => self.waiting.push_back(supplier),
                Some(wait) => {
                    let failure = Failure { retry_in: Some(wait), ..Failure::new(ErrorKind::CircuitOpen) };
                    self.note(supplier, self.report(supplier, Asked::failed(failure)));
                }
            }
        }
    }

    /// Asks until something ends the run, and says what. Who is being asked then still is.
    async fn run(&mut self, deadline: Instant, interrupt: impl Future<Output = ()>) -> Termination {
        if self.waiting.is_empty() && !self.transports.is_empty() {
            return Termination::NotStarted;
        }
        tokio::pin!(interrupt);
        let clock = tokio::time::sleep_until(deadline);
        tokio::pin!(clock);
        loop {
            if let Some(termination) = self.completion.reached() {
                return termination;
            }
            if self.ask_waiting(deadline) {
                continue;
            }
            tokio::select! {
                biased;
                () = &mut interrupt => {
                    self.take_in_complete();
                    return Termination::Interrupted;
                }
                () = &mut clock => {
                    self.take_in_complete();
                    return self.completion.reached().unwrap_or(Termination::Deadline);
                }
                (supplier, flight, landing) = self.flights.next() => self.note_landing(supplier, &flight, landing),
                supplier = self.efforts.next() => self.waiting.push_front(supplier),
            }
        }
    }

    /// Takes in what was complete when the run was ended from outside, and what came of replies that more could have been
    /// added to: it was in time.
    fn take_in_complete(&mut self) {
        while let Some((supplier, flight, landing)) = self.flights.try_next() {
            self.note_landing(supplier, &flight, landing);
        }
        for supplier in 0..self.reports.len() {
            if let Some(reply) = self.flights.take_gathered(supplier) {
                let asked = ask::answered(self.plan, supplier, reply);
                self.note(supplier, self.report(supplier, asked));
            }
        }
    }

    /// Asks as many as may be asked; `true` = somebody was done without being asked.
    fn ask_waiting(&mut self, deadline: Instant) -> bool {
        let mut is_done = false;
        while self.flights.len() < self.permits {
            let Some(supplier) = self.waiting.pop_front() else { break };
            // Whoever waits for the next attempt may have waited for a permit until its time was over.
            if let Some(failure) = self.failed_in_time(supplier) {
                self.note(supplier, self.report(supplier, Asked::failed(failure)));
                is_done = true;
                continue;
            }
            let (own, someone_is_done) = (self.plan.suppliers[supplier].timeout, self.someone_is_done);
            let whole = self.plan.criteria.timeout;
            let effort = self.efforts.begin(supplier, || allowance(own, deadline, whole, someone_is_done));
            let (is_first, time, hedged) = (effort.attempts == 1, effort.time, effort.hedged.clone());
            let question = Question {
                plan: Arc::clone(self.plan),
                inquiry: Arc::clone(&self.inquiry),
                transport: Arc::clone(&self.transports[supplier]),
                supplier,
                phase: PhaseMark::new(Phase::Headers),
                // One extra request is enough.
                hedge_after: self.plan.suppliers[supplier].hedge_after.filter(|_| is_first),
                hedged,
            };
            self.flights.launch(supplier, question, time.is_own.then_some(time.end));
            if is_first {
                (self.on_event)(Event::Asked { supplier });
            }
        }
        is_done
    }

    /// How the last attempt failed of a supplier whose time is over.
    fn failed_in_time(&self, supplier: usize) -> Option<Failure> {
        let effort = self.efforts.get(supplier)?;
        effort.failure.clone().filter(|_| effort.time.end <= Instant::now())
    }

    fn note_landing(&mut self, supplier: usize, flight: &Flight, landing: Landing) {
        self.someone_is_done = true;
        let asked = match landing {
            Landing::Asked(Some(asked)) => asked,
            Landing::Asked(None) => Asked::failed(Failure::new(ErrorKind::Internal)),
            Landing::Overdue => match flight.phase.take_gathered() {
                Some(reply) => ask::answered(self.plan, supplier, reply),
                None => Asked::failed(self.timeout(supplier, flight)),
            },
        };
        if let Some((start, _)) = asked.span {
            self.efforts.began(supplier, start);
        }
        if self.is_out_of_resources(&asked) {
            self.permits = self.flights.len().max(1);
            self.efforts.take_back(supplier);
            self.waiting.push_back(supplier);
        } else if !self.retries(supplier, &asked) {
            self.note(supplier, self.report(supplier, asked));
        }
    }

    /// Lets a supplier that failed wait for its next attempt, if it has one.
    fn retries(&mut self, supplier: usize, asked: &Asked) -> bool {
        let Outcome::Failed(failure) = &asked.outcome else { return false };
        let Some(pause) = self.efforts.retry(supplier, self.plan.suppliers[supplier].retries, failure) else {
            return false;
        };
        let attempts = self.efforts.get(supplier).map_or(0, Effort::requests);
        (self.on_event)(Event::Retrying { supplier, attempts, failure, pause });
        true
    }

    /// Whether the supplier should be asked again when others have given back what this machine lacks. It has not
    /// heard of us by then: that is no attempt.
    fn is_out_of_resources(&self, asked: &Asked) -> bool {
        let lacking = matches!(&asked.outcome, Outcome::Failed(failure) if failure.kind == ErrorKind::LocalResource);
        lacking && self.flights.len() > 0
    }

    fn report(&self, supplier: usize, asked: Asked) -> SupplierReport {
        let effort = self.efforts.get(supplier);
        let end = asked.span.map_or_else(Instant::now, |(_, end)| end);
        SupplierReport {
            supplier: self.plan.suppliers[supplier].name.clone(),
            transport: self.transports[supplier].kind(),
            latency: effort.map(|effort| end.saturating_duration_since(effort.since)),
            attempts: effort.map_or(0, Effort::requests),
            http_status: asked.http_status,
            file_modified_at: asked.file_modified_at,
            outcome: asked.outcome,
        }
    }

    fn note(&mut self, supplier: usize, report: SupplierReport) {
        self.completion.note(supplier, &report);
        let has_quote = report.answer().is_some_and(|answer| !answer.quotes.is_empty());
        if has_quote && self.first_ranked.is_none() {
            self.first_ranked = Some(supplier);
        }
        if self.efforts.get(supplier).is_some_and(|effort| effort.hedged.get()) {
            (self.on_event)(Event::Hedged { supplier });
        }
        (self.on_event)(Event::Done { supplier, report: &report });
        self.reports[supplier] = Some(report);
        self.done.push(supplier);
    }

    /// Cancels what is in flight and returns the reports, complete.
    fn finish(mut self, termination: Termination) -> (Vec<SupplierReport>, Option<usize>) {
        self.flights.abort_all();
        for supplier in 0..self.reports.len() {
            if self.reports[supplier].is_none() {
                let report = self.report_unfinished(supplier, termination);
                self.note(supplier, report);
            }
        }
        (self.reports.into_iter().flatten().collect(), self.first_ranked)
    }

    fn report_unfinished(&self, supplier: usize, termination: Termination) -> SupplierReport {
        let waited_with = self.efforts.get(supplier).and_then(|effort| effort.failure.clone());
        let failure = match (termination, self.flights.get(supplier), waited_with) {
            // It was not asked again: what came of the last attempt is what came of it.
            (_, None, Some(failure)) => failure,
            (Termination::Deadline, Some(flight), _) => self.timeout(supplier, flight),
            (Termination::Deadline, None, None) => {
                Failure::new(ErrorKind::LocalResource).with_detail("the deadline came before its turn")
            }
            _ => Failure::new(ErrorKind::Cancelled),
        };
        self.report(supplier, Asked::failed(failure))
    }

    /// What is said of a supplier whose time is over: that, unless it had failed for certain before.
    fn timeout(&self, supplier: usize, flight: &Flight) -> Failure {
        let limit = self.efforts.get(supplier).map_or(self.plan.criteria.timeout, |effort| effort.time.limit);
        let timeout = || flight.phase.tell_step(Failure::timeout(flight.phase.current(), limit));
        flight.phase.settled().unwrap_or_else(timeout)
    }
}

/// The time of a supplier that is asked now: its own, if that is over before the run's deadline.
fn allowance(own: Option<Duration>, deadline: Instant, whole: Duration, someone_is_done: bool) -> Allowance {
    let now = Instant::now();
    let left = deadline.saturating_duration_since(now);
    match own.filter(|own| *own < left) {
        Some(own) => Allowance { limit: own, end: now + own, is_own: true },
        // Who is asked at once has the whole time, but for what it takes to say so.
        None => Allowance { limit: if someone_is_done { left } else { whole }, end: deadline, is_own: false },
    }
}

#[cfg(test)]
mod tests;
