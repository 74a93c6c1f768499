//! The engine: asks every supplier of a plan at once and brings in what they did.
//!
//! Owns concurrency, the suppliers' times and the run's deadline, early completion and cancellation. Refuses to
//! know protocols, configuration and output: it asks through [`Transport`], tells what happens through
//! [`Event`]s, and returns [`Gathered`] with one report a supplier, in the plan's order. It never fails.

mod ask;
mod completion;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::domain::{ErrorKind, Event, Failure, Gathered, Outcome, Phase, SupplierReport, Termination, TransportKind};
use crate::plan::Plan;
use crate::transport::{Inquiry, PhaseMark, Transport};

use ask::{Asked, ask};
use completion::Completion;

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
    let completion = Completion::new(&plan.criteria, transports.len());
    let mut scatter =
        Scatter::new(&plan, transports, Places { permits: in_flight.max(1), workers }, completion, on_event);
    let termination = scatter.run(deadline, interrupt).await;
    let (reports, first_ranked) = scatter.finish(termination);
    Gathered { reports, termination, first_ranked, elapsed: started.elapsed() }
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
    places: Places,
    tasks: JoinSet<Asked>,
    suppliers_of_tasks: HashMap<Id, usize>,
    /// Where each supplier that is being asked stands.
    flights: HashMap<usize, Flight>,
    reports: Vec<Option<SupplierReport>>,
    first_ranked: Option<usize>,
    someone_is_done: bool,
}

/// Where suppliers are asked.
struct Places {
    /// How many at a time; at least 1.
    permits: usize,
    workers: Handle,
}

/// A supplier that is being asked.
struct Flight {
    since: Instant,
    phase: PhaseMark,
    /// What it has of the run's time: all of it, unless it had to wait for a permit.
    limit: Duration,
}

impl<'a> Scatter<'a> {
    fn new(
        plan: &'a Arc<Plan>,
        transports: &'a [Arc<dyn Transport>],
        places: Places,
        completion: Completion<'a>,
        on_event: &'a mut dyn FnMut(Event<'_>),
    ) -> Self {
        let inquiry = Inquiry { request: Arc::clone(&plan.request), correlation_id: Arc::clone(&plan.correlation_id) };
        Self {
            plan,
            inquiry: Arc::new(inquiry),
            transports,
            on_event,
            completion,
            waiting: (0..transports.len()).collect(),
            places,
            tasks: JoinSet::new(),
            suppliers_of_tasks: HashMap::new(),
            flights: HashMap::new(),
            reports: vec![None; transports.len()],
            first_ranked: None,
            someone_is_done: false,
        }
    }

    /// Asks until something ends the run, and says what. What is in flight then is left in the task set.
    async fn run(&mut self, deadline: Instant, interrupt: impl Future<Output = ()>) -> Termination {
        tokio::pin!(interrupt);
        let clock = tokio::time::sleep_until(deadline);
        tokio::pin!(clock);
        loop {
            if let Some(termination) = self.completion.reached() {
                return termination;
            }
            self.ask_waiting(deadline);
            tokio::select! {
                biased;
                () = &mut interrupt => return Termination::Interrupted,
                () = &mut clock => return self.at_deadline(),
                Some(joined) = self.tasks.join_next_with_id() => self.note_joined(joined),
            }
        }
    }

    /// Takes in what was complete when the clock rang: it was in time.
    fn at_deadline(&mut self) -> Termination {
        while let Some(joined) = self.tasks.try_join_next_with_id() {
            self.note_joined(joined);
        }
        self.completion.reached().unwrap_or(Termination::Deadline)
    }

    fn ask_waiting(&mut self, deadline: Instant) {
        while self.flights.len() < self.places.permits {
            let Some(supplier) = self.waiting.pop_front() else { return };
            let phase = PhaseMark::new(Phase::Headers);
            let since = Instant::now();
            let question = ask::Question {
                plan: Arc::clone(self.plan),
                inquiry: Arc::clone(&self.inquiry),
                transport: Arc::clone(&self.transports[supplier]),
                supplier,
                phase: phase.clone(),
                deadline,
            };
            let task = self.tasks.spawn_on(ask(question), &self.places.workers);
            self.suppliers_of_tasks.insert(task.id(), supplier);
            let limit = if self.someone_is_done { deadline - since } else { self.plan.criteria.timeout };
            self.flights.insert(supplier, Flight { since, phase, limit });
            (self.on_event)(Event::Asked { supplier });
        }
    }

    fn note_joined(&mut self, joined: Result<(Id, Asked), JoinError>) {
        let (id, asked) = match joined {
            Ok((id, asked)) => (id, Some(asked)),
            Err(error) => (error.id(), None),
        };
        let Some(supplier) = self.suppliers_of_tasks.remove(&id) else { return };
        let Some(flight) = self.flights.remove(&supplier) else { return };
        self.someone_is_done = true;
        let asked = asked.unwrap_or_else(|| Asked::panicked(flight.since.elapsed()));
        if self.is_out_of_resources(&asked) {
            self.places.permits = self.flights.len().max(1);
            self.waiting.push_back(supplier);
            return;
        }
        self.note(supplier, self.report(supplier, asked));
    }

    /// Whether the supplier should be asked again when others have given back what this machine lacks.
    fn is_out_of_resources(&self, asked: &Asked) -> bool {
        let lacking = matches!(&asked.outcome, Outcome::Failed(failure) if failure.kind == ErrorKind::LocalResource);
        lacking && !self.flights.is_empty()
    }

    fn report(&self, supplier: usize, asked: Asked) -> SupplierReport {
        SupplierReport {
            supplier: self.plan.suppliers[supplier].name.clone(),
            transport: self.transport_kind(supplier),
            latency: Some(asked.latency),
            attempts: 1,
            http_status: asked.http_status,
            outcome: asked.outcome,
        }
    }

    fn transport_kind(&self, supplier: usize) -> TransportKind {
        self.transports[supplier].kind()
    }

    fn note(&mut self, supplier: usize, report: SupplierReport) {
        self.completion.note(supplier, &report);
        let has_quote = report.answer().is_some_and(|answer| !answer.quotes.is_empty());
        if has_quote && self.first_ranked.is_none() {
            self.first_ranked = Some(supplier);
        }
        (self.on_event)(Event::Done { supplier, report: &report });
        self.reports[supplier] = Some(report);
    }

    /// Cancels what is in flight and returns the reports, complete.
    fn finish(mut self, termination: Termination) -> (Vec<SupplierReport>, Option<usize>) {
        self.tasks.abort_all();
        for supplier in 0..self.reports.len() {
            if self.reports[supplier].is_none() {
                let report = self.report_unfinished(supplier, termination);
                self.note(supplier, report);
            }
        }
        (self.reports.into_iter().flatten().collect(), self.first_ranked)
    }

    fn report_unfinished(&self, supplier: usize, termination: Termination) -> SupplierReport {
        let flight = self.flights.get(&supplier);
        let failure = match (termination, flight) {
            (Termination::Deadline, Some(flight)) => Failure::timeout(flight.phase.current(), flight.limit),
            (Termination::Deadline, None) => {
                Failure::new(ErrorKind::LocalResource).with_detail("the deadline came before its turn")
            }
            _ => Failure::new(ErrorKind::Cancelled),
        };
        SupplierReport {
            supplier: self.plan.suppliers[supplier].name.clone(),
            transport: self.transport_kind(supplier),
            latency: flight.map(|flight| flight.since.elapsed()),
            attempts: u32::from(flight.is_some()),
            http_status: None,
            outcome: Outcome::Failed(failure),
        }
    }
}

#[cfg(test)]
mod tests;
