//! What the lines of a basket brought, as they become complete.
//!
//! Owns what is kept of an answer: what decides on the best order, and the names of the offers. Main type: [`Collector`].

use std::time::{Duration, Instant};

use crate::compare::{BasketComparison, BasketLine, BasketOffer, BasketSupplier, Obstacle, Why, bought_from};
use crate::config::BasketWishes;
use crate::domain::basket::{Allowance, Basket, Limits, Solution};
use crate::domain::{Answer, Event, Gathered, OfferIdentity, Outcome, Reason, SupplierReport, Termination, Warning};
use crate::gather::{self, Audience};
use crate::plan::Plan;

use super::super::session::Asking;
use super::asking::Asked;
use super::input;
use super::learning::Learning;
use super::watch::Watch;

/// How many obstacles of a line are kept.
const MOST_OBSTACLES: usize = 100;
/// How long the best order of what there is is looked for when the user is impatient.
const IMPATIENT: Duration = Duration::from_millis(500);

/// Takes in what comes of each line.
pub(super) struct Collector {
    basket: Basket,
    limits: Limits,
    lines: Vec<BasketLine>,
    suppliers: Vec<BasketSupplier>,
    warnings: Vec<Warning>,
    learned: Learning,
    watch: Watch,
}

impl Collector {
    /// Nothing yet.
    pub(super) fn new(asking: &Asking, limits: Limits, lines: &[input::Line], watch: Watch) -> Self {
        let mut basket = Basket::new(asking.settings.currency, limits);
        let line = |line: &input::Line| {
            basket.add_line(line.quantity);
            let input::Line { numbers, product, quantity } = line.clone();
            BasketLine { numbers, product, quantity, offers: Vec::new(), obstacles: Vec::new(), is_complete: false }
        };
        let lines = lines.iter().map(line).collect();
        Self {
            basket,
            limits,
            lines,
            suppliers: asking.tallies(),
            warnings: Vec::new(),
            learned: Learning::new(&asking.settings),
            watch,
        }
    }

    /// Finds the best order for what came.
    pub(super) fn solve(
        mut self,
        asked: &Asked,
        wishes: &BasketWishes,
        timeout: Duration,
    ) -> (BasketComparison, Learning) {
        self.watch.end();
        let started = Instant::now();
        let is_interrupted = asked.termination == Termination::Interrupted;
        let patience = wishes.optimize.map(|time| if is_interrupted { time.min(IMPATIENT) } else { time });
        let naive = self.basket.naive();
        let solution = patience.map(|limit| self.basket.solve(&Allowance { limit, spent: &|| started.elapsed() }));
        let (purchase, optimality) = match solution {
            Some(Solution { purchase, optimality }) => (purchase, Some(optimality)),
            None => (naive.cheapest_lines.clone(), None),
        };
        let lines = self.lines.len();
        let cheapest = bought_from(&naive.cheapest_lines, lines);
        let comparison = BasketComparison {
            correlation_id: asked.plan.correlation_id.to_string(),
            started_at: asked.plan.started_at,
            elapsed: Duration::ZERO,
            currency: asked.settings.currency,
            limits: self.limits,
            timeout: Some(timeout),
            criteria: asked.settings.criteria.clone(),
            partial: wishes.partial,
            termination: asked.termination,
            lines: self.lines,
            suppliers: self.suppliers,
            bought_from: bought_from(&purchase, lines),
            cheapest_at: cheapest.into_iter().map(|suppliers| suppliers.first().copied()).collect(),
            purchase,
            optimality,
            naive,
            warnings: asked.warnings.iter().cloned().chain(self.warnings).collect(),
        };
        (comparison, self.learned)
    }

    fn take(&mut self, position: usize, supplier: usize, report: SupplierReport, plan: &Plan) {
        let name = report.supplier.clone();
        match report.outcome {
            Outcome::Failed(failure) => self.hinder(position, supplier, Why::Failed(Box::new(failure))),
            Outcome::Answered(answer) => {
                for kind in &answer.warnings {
                    let warning = Warning { kind: kind.clone(), supplier: Some(name.clone()) };
                    if !self.warnings.contains(&warning) {
                        self.warnings.push(warning);
                    }
                }
                self.take_answer(position, supplier, answer, plan);
            }
        }
    }

    fn take_answer(&mut self, position: usize, supplier: usize, answer: Answer, plan: &Plan) {
        if answer.appraised.is_empty() && answer.rejections.is_empty() {
            self.hinder(position, supplier, Why::NotCarried);
        }
        let context = plan.context(supplier);
        for appraised in &answer.appraised {
            match self.basket.add_offer(position, narrow(supplier), &appraised.offer, &context) {
                Ok(_) => {
                    let identity = &appraised.offer.identity;
                    let is_named = *identity != OfferIdentity::default();
                    let identity = is_named.then(|| Box::new(identity.clone()));
                    self.lines[position].offers.push(BasketOffer { supplier, identity });
                }
                Err(rejection) => self.hinder(position, supplier, Why::Rejected(Box::new(rejection))),
            }
        }
        // What could not be read, or is about something else, is not among them.
        let unread = |reason| matches!(reason, Reason::InvalidQuote | Reason::WrongQuote);
        for rejection in answer.rejections.into_iter().filter(|rejection| unread(rejection.cause.reason())) {
            self.hinder(position, supplier, Why::Rejected(Box::new(rejection)));
        }
    }

    fn hinder(&mut self, position: usize, supplier: usize, why: Why) {
        let line = &mut self.lines[position];
        let obstacle = Obstacle { supplier, why };
        if line.offers.is_empty() && line.obstacles.len() < MOST_OBSTACLES && !line.obstacles.contains(&obstacle) {
            line.obstacles.push(obstacle);
        }
    }
}

impl Audience for Collector {
    fn on_event(&mut self, line: &gather::Line, event: Event<'_>) {
        let position = usize::try_from(line.number).ok();
        let known = position.and_then(|position| self.lines.get(position)?.numbers.first());
        self.watch.on_event(format_args!("line {}", known.copied().unwrap_or_default()), &event);
    }

    fn on_gathered(&mut self, line: &gather::Line, gathered: Gathered) {
        let Ok(position) = usize::try_from(line.number) else { return };
        self.watch.on_line();
        self.learned.note(&line.plan, &gathered);
        self.lines[position].is_complete =
            !matches!(gathered.termination, Termination::Deadline | Termination::Interrupted);
        for (supplier, report) in gathered.reports.into_iter().enumerate() {
            self.suppliers[supplier].count(&report);
            self.take(position, supplier, report, &line.plan);
        }
        let line = &mut self.lines[position];
        if !line.offers.is_empty() {
            line.obstacles = Vec::new();
        }
        line.offers.shrink_to_fit();
    }
}

fn narrow(supplier: usize) -> u32 {
    u32::try_from(supplier).unwrap_or(u32::MAX)
}
