//! A run in progress: who is asked next, what came back, and which line is complete.
//!
//! Main type: [`Scatter`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use super::ask::{Asked, Question, answered};
use super::calls::{Allowance, Call, CallId, Calls};
use super::flights::{Flight, Flights, Landing};
use super::lane::{Gate, Lane};
use super::lines::{OpenLine, OpenLines};
use super::timers::{Timers, Wake};
use super::{Audience, Bounds, Line, inquiry};
use crate::domain::{ErrorKind, Event, Failure, Gathered, Outcome, Phase, SupplierReport, Termination, draw, signal};
use crate::plan::{Plan, PlannedSupplier};
use crate::transport::{Inquiry, PhaseMark, Transport};

/// So often a question is put again that a supplier was too busy for, where there are many.
const MOST_BUSY: u32 = 20;

/// A run in progress.
pub(super) struct Scatter<'a> {
    suppliers: Arc<[PlannedSupplier]>,
    transports: &'a [Arc<dyn Transport>],
    audience: &'a mut dyn Audience,
    bounds: Bounds,
    /// Whether lines come and go, so that no question may take all of the time.
    takes_turns: bool,
    /// Whether there may be more lines than those that are open.
    more_may_come: bool,
    seed: u64,
    started: Instant,
    started_at: Timestamp,
    /// When it began to ask, by the clock on the wall.
    asks_since: Timestamp,
    lines: OpenLines,
    lanes: Vec<Lane>,
    /// Suppliers that may have something to be asked.
    ready: VecDeque<usize>,
    /// How many questions may be on their way; at least 1.
    permits: usize,
    calls: Calls,
    flights: Flights,
    timers: Timers,
    someone_is_done: bool,
    /// Why everything ends, once it does.
    ended: Option<Termination>,
}

impl<'a> Scatter<'a> {
    /// A run that nobody is asked in yet; `plan` is what its lines have in common.
    pub(super) fn new(
        plan: &Plan,
        transports: &'a [Arc<dyn Transport>],
        bounds: Bounds,
        workers: Handle,
        audience: &'a mut dyn Audience,
    ) -> Self {
        Self {
            suppliers: Arc::clone(&plan.suppliers),
            transports,
            audience,
            bounds,
            takes_turns: false,
            more_may_come: false,
            seed: plan.seed,
            started: Instant::now(),
            started_at: plan.started_at,
            asks_since: Timestamp::now(),
            lines: OpenLines::default(),
            lanes: plan.suppliers.iter().map(|supplier| Lane::new(supplier.pace)).collect(),
            ready: VecDeque::with_capacity(transports.len()),
            permits: bounds.in_flight.max(1),
            calls: Calls::new(plan.seed),
            flights: Flights::new(workers),
            timers: Timers::default(),
            someone_is_done: false,
            ended: None,
        }
    }

    /// Begins a line: everybody is to be asked about it but those whose circuit is open.
    pub(super) fn open(&mut self, line: Line) {
        let position = self.lines.open(line);
        for supplier in 0..self.suppliers.len() {
            match self.suppliers[supplier].open_for {
                None => self.make_ready(supplier),
                Some(wait) => {
                    let failure = Failure { retry_in: Some(wait), ..Failure::new(ErrorKind::CircuitOpen) };
                    self.note(
                        position,
                        supplier,
                        unasked(&self.suppliers[supplier], &*self.transports[supplier], failure),
                    );
                }
            }
        }
        let nobody_is_asked = !self.suppliers.is_empty() && self.suppliers.iter().all(|one| one.open_for.is_some());
        if nobody_is_asked {
            self.finish(position, Termination::NotStarted);
        } else {
            self.settle(position);
        }
    }

    /// Asks until every line is complete, or something ends the run. `more` are lines beside those that are open.
    pub(super) async fn run(
        mut self,
        mut more: Option<Receiver<Line>>,
        interrupt: impl Future<Output = ()>,
    ) -> Termination {
        (self.takes_turns, self.more_may_come) = (more.is_some(), more.is_some());
        let deadline = self.deadline();
        tokio::pin!(interrupt);
        let clock = sleep_until(deadline.unwrap_or(self.started));
        tokio::pin!(clock);
        loop {
            self.take_lines(&mut more);
            if self.lines.len() == 0 && more.is_none() {
                return Termination::All;
            }
            if self.ask_ready() {
                continue;
            }
            let has_room = self.has_room();
            tokio::select! {
                biased;
                () = &mut interrupt => {
                    self.ended = Some(Termination::Interrupted);
                    break;
                }
                () = &mut clock, if deadline.is_some() => {
                    self.ended = Some(Termination::Deadline);
                    break;
                }
                (call, flight, landing) = self.flights.next() => {
                    self.note_landing(call, &flight, landing);
                    self.take_in_complete();
                }
                wake = self.timers.next() => self.wake(wake),
                line = next_line(&mut more), if has_room && more.is_some() => if let Some(line) = line {
                    self.open(line);
                } else {
                    more = None;
                    self.end_lines();
                },
            }
        }
        self.end()
    }

    /// Takes in what was complete when the run was ended from outside: it was in time. Every other line ends as it is.
    fn end(mut self) -> Termination {
        self.take_in_complete();
        self.take_in_gathered();
        let termination = self.ended.unwrap_or(Termination::All);
        for position in self.lines.positions() {
            self.finish(position, termination);
        }
        termination
    }

    fn deadline(&self) -> Option<Instant> {
        self.bounds.deadline.and_then(|time| self.started.checked_add(time))
    }

    /// The time of the breakers' clock.
    fn time(&self) -> Timestamp {
        self.started_at.checked_add(self.started.elapsed()).unwrap_or(Timestamp::MAX)
    }

    fn has_room(&self) -> bool {
        self.lines.len() < self.bounds.open_lines.max(1)
    }

    /// Begins the lines that are there already, as far as there is room.
    fn take_lines(&mut self, more: &mut Option<Receiver<Line>>) {
        while self.has_room()
            && let Some(Ok(line)) = more.as_mut().map(Receiver::try_recv)
        {
            self.open(line);
        }
    }

    /// Lets those be asked who waited for more lines, to be asked about all of them at once.
    fn end_lines(&mut self) {
        self.more_may_come = false;
        for supplier in 0..self.lanes.len() {
            self.make_ready(supplier);
        }
    }

    fn take_in_complete(&mut self) {
        while let Some((call, flight, landing)) = self.flights.try_next() {
            self.note_landing(call, &flight, landing);
        }
    }

    /// Takes in what came of replies that more could have been added to.
    fn take_in_gathered(&mut self) {
        let in_flight: Vec<CallId> = self.calls.iter().map(|(id, _)| id).collect();
        for id in in_flight {
            let Some(reply) = self.flights.take_gathered(id) else { continue };
            let Some(call) = self.calls.get(id) else { continue };
            let asked = answered(&self.plans(call), call.supplier, reply);
            self.note_call(id, asked);
        }
    }

    /// What the lines of a call are part of.
    fn plans(&self, call: &Call) -> Box<[Arc<Plan>]> {
        let open = call.lines.iter().filter_map(|position| self.lines.get(*position));
        open.map(|open| Arc::clone(&open.line.plan)).collect()
    }

    fn make_ready(&mut self, supplier: usize) {
        if !self.lanes[supplier].is_ready {
            self.lanes[supplier].is_ready = true;
            self.ready.push_back(supplier);
        }
    }

    fn wake(&mut self, wake: Wake) {
        match wake {
            Wake::Supplier(supplier) => {
                self.lanes[supplier].is_timed = false;
                self.make_ready(supplier);
            }
            Wake::Call(id) => {
                let Some(supplier) = self.calls.get(id).map(|call| call.supplier) else { return };
                self.lanes[supplier].again.push_back(id);
                if !self.lanes[supplier].is_ready {
                    self.lanes[supplier].is_ready = true;
                    self.ready.push_front(supplier);
                }
            }
        }
    }

    /// Asks as many as may be asked, one supplier after the other; `true` = somebody was done without being asked.
    fn ask_ready(&mut self) -> bool {
        let mut is_done = false;
        while self.flights.len() < self.permits {
            let Some(supplier) = self.ready.pop_front() else { break };
            self.lanes[supplier].is_ready = false;
            is_done |= self.take_turn(supplier);
        }
        is_done
    }

    /// Asks a supplier what comes next, if there is something and it may be asked; `true` = it was done without.
    fn take_turn(&mut self, supplier: usize) -> bool {
        let (now, deadline) = (Instant::now(), self.deadline());
        let gate = self.lanes[supplier].gate(now, self.time(), deadline);
        match gate {
            Gate::Full => return false,
            Gate::Until(at) => {
                if !self.lanes[supplier].is_timed {
                    self.lanes[supplier].is_timed = true;
                    self.timers.add(at, Wake::Supplier(supplier));
                }
                return false;
            }
            Gate::Open | Gate::Shut(_) => {}
        }
        let Some(id) = self.next_call(supplier) else { return false };
        let failed = match gate {
            Gate::Shut(failure) => Some(failure),
            _ => self.calls.get(id).and_then(Call::failed_in_time),
        };
        let is_done = failed.is_some();
        match failed {
            Some(failure) => self.note_call(id, Asked::failed(failure)),
            None => self.launch(id, supplier, now),
        }
        self.make_ready(supplier);
        is_done
    }

    /// What a supplier is asked next: what it was asked before and is asked again, else about the next lines.
    fn next_call(&mut self, supplier: usize) -> Option<CallId> {
        let lane = &mut self.lanes[supplier];
        while let Some(id) = lane.again.pop_front() {
            if self.calls.get(id).is_some() {
                return Some(id);
            }
        }
        let is_short = self.lines.end() - lane.next.min(self.lines.end()) < lane.lines();
        if is_short && self.more_may_come && self.lines.len() < self.bounds.open_lines.max(1) {
            return None;
        }
        let mut lines = Vec::new();
        while lines.len() < lane.lines() && lane.next < self.lines.end() {
            let position = lane.next;
            lane.next += 1;
            // Enough may have been heard about a line without this supplier.
            if self.lines.get(position).is_some_and(|open| open.reports[supplier].is_none()) {
                lines.push(position);
            }
        }
        (!lines.is_empty()).then(|| self.calls.add(supplier, lines.into()))
    }

    fn launch(&mut self, id: CallId, supplier: usize, now: Instant) {
        let planned = &self.suppliers[supplier];
        // Enough may have been heard meanwhile about some of its lines.
        self.calls.keep_lines(id, |position| self.lines.get(position).is_some());
        let Some(call) = self.calls.get(id) else { return };
        let plans = self.plans(call);
        let Some(first) = plans.first().cloned() else { return };
        let inquiry = self.inquiry(&first, &plans);
        let (allowance, whole) = (self.allowance(planned, &first), first.criteria.timeout);
        let Some(call) = self.calls.begin(id, || allowance) else { return };
        let is_first = call.attempts == 1;
        let due = call.time.filter(|time| time.is_own).and_then(|time| time.end);
        let hedges = is_first && planned.pace.rate.is_none();
        let question = Question {
            inquiry: Arc::new(inquiry),
            plans,
            transport: Arc::clone(&self.transports[supplier]),
            supplier,
            phase: PhaseMark::new(Phase::Headers),
            // One extra request is enough, and none where requests are counted.
            hedge_after: planned.hedge_after.filter(|wait| hedges && *wait < whole),
            hedged: call.hedged.clone(),
        };
        let asked: Vec<usize> = if is_first { call.lines.to_vec() } else { Vec::new() };
        self.lanes[supplier].depart(now);
        self.flights.launch(id, question, due);
        for open in asked.into_iter().filter_map(|position| self.lines.get(position)) {
            self.audience.on_event(&open.line, Event::Asked { supplier });
        }
    }

    /// What is asked for the plans of one or several lines, of which this is the first.
    fn inquiry(&self, first: &Plan, plans: &[Arc<Plan>]) -> Inquiry {
        let since = if self.takes_turns { Timestamp::now() } else { self.asks_since };
        let several = plans.iter().filter(|_| plans.len() > 1);
        Inquiry { lines: several.map(|plan| Arc::clone(&plan.request)).collect(), ..inquiry(first, since) }
    }

    /// The time of a question that is put now.
    fn allowance(&self, supplier: &PlannedSupplier, plan: &Plan) -> Allowance {
        let now = Instant::now();
        let own = match (supplier.timeout, self.takes_turns) {
            (own, false) => own,
            (own, true) => Some(own.map_or(plan.criteria.timeout, |own| own.min(plan.criteria.timeout))),
        };
        let deadline = self.deadline();
        let left = deadline.map(|deadline| deadline.saturating_duration_since(now));
        match (own, left) {
            (Some(own), left) if left.is_none_or(|left| own < left) => {
                Allowance { limit: own, end: now.checked_add(own), is_own: true }
            }
            // Who is asked at once has the whole time, but for what it takes to say so.
            (_, left) => {
                let whole = self.bounds.deadline.unwrap_or(plan.criteria.timeout);
                let limit = left.filter(|_| self.someone_is_done).unwrap_or(whole);
                Allowance { limit, end: deadline, is_own: false }
            }
        }
    }

    fn note_landing(&mut self, id: CallId, flight: &Flight, landing: Landing) {
        self.someone_is_done = true;
        let Some(call) = self.calls.get(id) else { return };
        let supplier = call.supplier;
        let asked = match landing {
            Landing::Asked(Some(asked)) => asked,
            Landing::Asked(None) => Asked::failed(Failure::new(ErrorKind::Internal)),
            Landing::Overdue => match flight.phase.take_gathered() {
                Some(reply) => answered(&self.plans(call), supplier, reply),
                None => Asked::failed(self.timeout(call, flight)),
            },
        };
        self.lanes[supplier].arrive();
        if let Some((start, _)) = asked.span {
            self.calls.began(id, start);
        }
        if self.is_out_of_resources(&asked) {
            self.permits = self.flights.len().max(1);
            self.calls.take_back(id);
            self.lanes[supplier].again.push_back(id);
        } else if self.rests(id, supplier, &asked) {
            self.lanes[supplier].again.push_back(id);
        } else if !self.retries(id, &asked) {
            self.note_call(id, asked);
        }
        self.make_ready(supplier);
    }

    /// Leaves a supplier alone that was asked too often, where there is more to ask it; `true` = it is asked the same
    /// again then.
    fn rests(&mut self, id: CallId, supplier: usize, asked: &Asked) -> bool {
        let Err(failure) = &asked.answers else { return false };
        if !self.takes_turns || failure.kind != ErrorKind::RateLimited {
            return false;
        }
        self.lanes[supplier].rest(failure.retry_in, Instant::now());
        self.calls.begin_anew(id, MOST_BUSY, failure)
    }

    /// Lets a call that failed wait for its next attempt, if it has one.
    fn retries(&mut self, id: CallId, asked: &Asked) -> bool {
        let Err(failure) = &asked.answers else { return false };
        let Some(supplier) = self.calls.get(id).map(|call| call.supplier) else { return false };
        let Some((pause, next)) = self.calls.retry(id, self.suppliers[supplier].retries, failure) else {
            return false;
        };
        self.timers.add(next, Wake::Call(id));
        let Some(call) = self.calls.get(id) else { return true };
        let first = call.lines.iter().find_map(|position| self.lines.get(*position));
        if let Some(open) = first {
            let attempts = call.requests();
            self.audience.on_event(&open.line, Event::Retrying { supplier, attempts, failure, pause });
        }
        true
    }

    /// Whether the supplier should be asked again when others have given back what this machine lacks. It has not
    /// heard of us by then: that is no attempt.
    fn is_out_of_resources(&self, asked: &Asked) -> bool {
        let lacking = matches!(&asked.answers, Err(failure) if failure.kind == ErrorKind::LocalResource);
        lacking && self.flights.len() > 0
    }

    /// Takes in what came of a call, for each of its lines.
    fn note_call(&mut self, id: CallId, asked: Asked) {
        let Some(call) = self.calls.remove(id) else { return };
        let (supplier, now) = (call.supplier, Instant::now());
        let end = asked.span.map_or(now, |(_, end)| end);
        let (http_status, file_modified_at) = (asked.http_status, asked.file_modified_at);
        let outcomes = asked.outcomes(call.lines.len());
        if call.hedged.get()
            && let Some(open) = call.lines.iter().find_map(|position| self.lines.get(*position))
        {
            self.audience.on_event(&open.line, Event::Hedged { supplier });
        }
        for (number, (position, outcome)) in call.lines.iter().zip(outcomes).enumerate() {
            let asked = call.time.map(|_| end.saturating_duration_since(call.since));
            let report = self.report(supplier, (asked, call.requests()), (http_status, file_modified_at), outcome);
            if number == 0 && call.attempts > 0 {
                let signal = signal(&report, self.suppliers[supplier].timeout);
                let chance = draw(!self.seed, id);
                let time = self.time();
                self.lanes[supplier].learn(signal, time, chance);
            }
            self.note(*position, supplier, report);
            self.settle(*position);
        }
    }

    fn report(
        &self,
        supplier: usize,
        (latency, attempts): (Option<Duration>, u32),
        (http_status, file_modified_at): (Option<u16>, Option<Timestamp>),
        outcome: Outcome,
    ) -> SupplierReport {
        let report = unasked(&self.suppliers[supplier], &*self.transports[supplier], Failure::new(ErrorKind::Internal));
        SupplierReport { latency, attempts, http_status, file_modified_at, outcome, ..report }
    }

    fn note(&mut self, position: usize, supplier: usize, report: SupplierReport) {
        let Some(open) = self.lines.get_mut(position) else { return };
        self.audience.on_event(&open.line, Event::Done { supplier, report: &report });
        open.note(supplier, report);
    }

    /// Finishes a line of which enough was heard.
    fn settle(&mut self, position: usize) {
        if self.ended == Some(Termination::Interrupted) {
            return;
        }
        if let Some(termination) = self.lines.get(position).and_then(OpenLine::reached) {
            self.finish(position, termination);
        }
    }

    /// Ends a line, cancels what is asked about it alone, and brings it in.
    fn finish(&mut self, position: usize, termination: Termination) {
        let Some(open) = self.lines.get(position) else { return };
        let (done, first_ranked) = (open.done.clone(), open.first_ranked);
        let unfinished: Vec<usize> = (0..open.reports.len()).filter(|one| open.reports[*one].is_none()).collect();
        if !unfinished.is_empty() {
            let asked: Vec<(CallId, usize)> = self.calls_about(position);
            for supplier in unfinished {
                let call = asked.iter().find(|(_, asked)| *asked == supplier).map(|(id, _)| *id);
                let report = self.report_unfinished(supplier, call, termination);
                self.note(position, supplier, report);
            }
        }
        let Some(OpenLine { line, since, reports, .. }) = self.lines.close(position) else { return };
        self.cancel_idle(position);
        let reports: Vec<SupplierReport> = reports.into_iter().flatten().collect();
        let termination = if nobody_was_asked(&reports) { Termination::NotStarted } else { termination };
        let gathered = Gathered { reports, termination, done, first_ranked, elapsed: since.elapsed() };
        self.audience.on_gathered(&line, gathered);
    }

    fn calls_about(&self, position: usize) -> Vec<(CallId, usize)> {
        let about = self.calls.iter().filter(|(_, call)| call.lines.contains(&position));
        about.map(|(id, call)| (id, call.supplier)).collect()
    }

    /// Gives up the calls about a line that is closed, unless they are about others too.
    fn cancel_idle(&mut self, position: usize) {
        for (id, supplier) in self.calls_about(position) {
            let is_wanted = |call: &Call| call.lines.iter().any(|position| self.lines.get(*position).is_some());
            if self.calls.get(id).is_some_and(is_wanted) {
                continue;
            }
            self.calls.remove(id);
            if self.flights.get(id).is_some() {
                self.flights.abort(id);
                self.lanes[supplier].arrive();
                self.make_ready(supplier);
            }
        }
    }

    fn report_unfinished(&self, supplier: usize, id: Option<CallId>, termination: Termination) -> SupplierReport {
        let call = id.and_then(|id| self.calls.get(id));
        let waited_with = call.and_then(|call| call.failure.clone());
        let failure = match (termination, id.and_then(|id| self.flights.get(id)), waited_with) {
            // It was not asked again: what came of the last attempt is what came of it.
            (_, None, Some(failure)) => failure,
            (Termination::Deadline, Some(flight), _) => {
                call.map_or_else(|| Failure::new(ErrorKind::Internal), |call| self.timeout(call, flight))
            }
            (Termination::Deadline, None, None) => {
                Failure::new(ErrorKind::LocalResource).with_detail("the deadline came before its turn")
            }
            _ => Failure::new(ErrorKind::Cancelled),
        };
        let latency = call.filter(|call| call.time.is_some()).map(|call| call.since.elapsed());
        let status = failure.http_status;
        self.report(supplier, (latency, call.map_or(0, Call::requests)), (status, None), Outcome::Failed(failure))
    }

    /// What is said of a supplier whose time is over: that, unless it had failed for certain before.
    fn timeout(&self, call: &Call, flight: &Flight) -> Failure {
        let limit = call.time.map(|time| time.limit).or(self.bounds.deadline).unwrap_or_default();
        let timeout = || flight.phase.tell_step(Failure::timeout(flight.phase.current(), limit));
        flight.phase.settled().unwrap_or_else(timeout)
    }
}

/// The next line; for ever, if there are none.
async fn next_line(lines: &mut Option<Receiver<Line>>) -> Option<Line> {
    match lines {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}

/// A supplier that was not asked.
fn unasked(supplier: &PlannedSupplier, transport: &dyn Transport, failure: Failure) -> SupplierReport {
    SupplierReport {
        supplier: supplier.name.clone(),
        transport: transport.kind(),
        latency: None,
        attempts: 0,
        http_status: None,
        file_modified_at: None,
        outcome: Outcome::Failed(failure),
    }
}

/// Whether every circuit was open.
fn nobody_was_asked(reports: &[SupplierReport]) -> bool {
    let is_open = |report: &SupplierReport| matches!(&report.outcome, Outcome::Failed(failure) if failure.kind == ErrorKind::CircuitOpen);
    !reports.is_empty() && reports.iter().all(is_open)
}
