//! What the quantities of a sweep brought, as they become complete. Main type: [`Collector`].

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::compare::{BasketSupplier, Comparison, SweepComparison};
use crate::domain::{
    ErrorKind, Event, Failure, Gathered, Outcome, PriceRequest, Quantity, SupplierReport, Termination,
};
use crate::gather::{self, Audience};
use crate::plan::Plan;

use super::super::basket::asking::Asked;
use super::super::basket::learning::Learning;
use super::super::basket::watch::Watch;
use super::super::moves;
use super::super::session::{self, Asking};
use super::super::terminal::Terminal;

/// Takes in what comes of each quantity.
pub(super) struct Collector {
    /// One a quantity; `None` = it was not begun.
    gathered: Vec<Option<(Arc<Plan>, Gathered)>>,
    suppliers: Vec<BasketSupplier>,
    learned: Learning,
    watch: Watch,
}

impl Collector {
    /// Nothing yet.
    pub(super) fn new(asking: &Asking, terminal: Terminal) -> Self {
        let quantities = asking.settings.quantities.len();
        Self {
            gathered: vec![None; quantities],
            suppliers: asking.tallies(),
            learned: Learning::new(&asking.settings),
            watch: Watch::new(asking, (quantities as u64, "quantities"), terminal),
        }
    }

    /// Compares what came, quantity by quantity.
    pub(super) fn compare(mut self, product: &str, asked: &mut Asked) -> (SweepComparison, Learning) {
        self.watch.end();
        let quantities = asked.settings.quantities.clone();
        let of_quantity = |(quantity, gathered): (Quantity, Option<(Arc<Plan>, Gathered)>)| {
            let (plan, gathered) =
                gathered.unwrap_or_else(|| not_begun(&self.suppliers, &asked.plan, quantity, asked.termination));
            judge(&plan, gathered, asked)
        };
        let comparisons = quantities.into_iter().zip(self.gathered).map(of_quantity).collect();
        let mut warnings = asked.warnings.clone();
        warnings.extend(asked.state.take_warnings());
        let result = SweepComparison {
            correlation_id: asked.plan.correlation_id.to_string(),
            started_at: asked.plan.started_at,
            elapsed: Duration::ZERO,
            product: product.to_owned(),
            currency: asked.settings.currency,
            criteria: asked.settings.criteria.clone(),
            termination: asked.termination,
            comparisons,
            warnings,
        };
        (result, self.learned)
    }
}

impl Audience for Collector {
    fn on_event(&mut self, line: &gather::Line, event: Event<'_>) {
        self.watch.on_event(format_args!("quantity {}", line.plan.request.quantity), &event);
    }

    fn on_gathered(&mut self, line: &gather::Line, gathered: Gathered) {
        self.watch.on_line();
        self.learned.note(&line.plan, &gathered);
        let position = usize::try_from(line.number).ok();
        if let Some(place) = position.and_then(|position| self.gathered.get_mut(position)) {
            *place = Some((Arc::clone(&line.plan), gathered));
        }
    }
}

/// The comparison at one quantity, with what the state knows of it.
fn judge(plan: &Plan, gathered: Gathered, asked: &mut Asked) -> Comparison {
    let settings = &asked.settings;
    let previous = moves::previous(&mut asked.state, plan);
    let inputs = session::inputs(plan, gathered, previous, settings.presentation.sort, Vec::new(), settings.mock);
    session::judge(inputs, plan, settings, Some(&mut asked.state))
}

/// What comes of a quantity that nobody was asked about before the run ended.
fn not_begun(
    suppliers: &[BasketSupplier],
    plan: &Plan,
    quantity: Quantity,
    termination: Termination,
) -> (Arc<Plan>, Gathered) {
    let report = |supplier: &BasketSupplier| SupplierReport {
        supplier: supplier.name.clone(),
        transport: supplier.transport,
        latency: None,
        attempts: 0,
        http_status: None,
        file_modified_at: None,
        outcome: Outcome::Failed(Failure::new(ErrorKind::Cancelled)),
    };
    let request = PriceRequest { quantity, ..(*plan.request).clone() };
    let gathered = Gathered {
        reports: suppliers.iter().map(report).collect(),
        termination,
        done: Vec::new(),
        first_ranked: None,
        elapsed: Duration::ZERO,
    };
    (Arc::new(plan.about(request, Uuid::new_v4(), plan.started_at)), gathered)
}
