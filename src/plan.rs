//! What to ask whom, by when.
//!
//! Owns the step from a resolved configuration and a request to a [`Plan`]. Refuses to know how anything is
//! sent and what comes back; it is pure.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::config::{Endpoint, Settings, Supplier};
use crate::domain::{Admission, Context, Criteria, Pace, PriceRequest, Rates, SupplierName, Terms};

/// One run, decided in full before anything is sent.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The run's id, a UUID in text.
    pub correlation_id: Arc<str>,
    /// Where the run's draws start from.
    pub seed: u64,
    /// When the run starts; validity and the age of rates are measured against it.
    pub started_at: Timestamp,
    /// What is asked.
    pub request: Arc<PriceRequest>,
    /// Under which conditions.
    pub criteria: Criteria,
    /// Exchange rates, if any are declared.
    pub rates: Option<Arc<Rates>>,
    /// Whom to ask, in the configuration's order.
    pub suppliers: Arc<[PlannedSupplier]>,
}

/// One supplier to ask.
#[derive(Clone, Debug)]
pub struct PlannedSupplier {
    /// Its name.
    pub name: SupplierName,
    /// Its own time for all attempts together; the run's deadline holds besides. `None` = only that.
    pub timeout: Option<Duration>,
    /// How often it may be asked again when it fails in a way that may pass.
    pub retries: u32,
    /// After which time without a reply it is asked a second time beside the first; `None` = never.
    pub hedge_after: Option<Duration>,
    /// For how long its circuit is open still: it is not asked then. `None` = it is asked.
    pub open_for: Option<Duration>,
    /// How many may answer in its name at most: 1, but for auctions.
    pub voices: usize,
    /// How fast it is asked about many lines.
    pub pace: Pace,
    /// What its configuration adds to its offers.
    pub terms: Arc<Terms>,
}

/// Plans a run for a product: everybody that the settings select is asked, until [`Plan::with_admissions`].
#[must_use]
pub fn plan(settings: &Settings, product: &str, id: Uuid, now: Timestamp) -> Plan {
    Plan {
        correlation_id: id.to_string().into(),
        seed: id.as_u64_pair().1,
        started_at: now,
        request: Arc::new(settings.request(product)),
        criteria: settings.criteria.clone(),
        rates: settings.rates.clone(),
        suppliers: settings.suppliers.iter().map(planned).collect(),
    }
}

impl Plan {
    /// What the offers of a supplier are evaluated against. The supplier is one of the plan's, by its position.
    #[must_use]
    pub fn context(&self, supplier: usize) -> Context<'_> {
        Context {
            request: &self.request,
            terms: &self.suppliers[supplier].terms,
            rates: self.rates.as_deref(),
            exact: self.criteria.exact,
            within_days: self.criteria.within_days,
            now: self.started_at,
        }
    }

    /// How many may answer in the name of each supplier.
    #[must_use]
    pub fn voices(&self) -> Vec<usize> {
        self.suppliers.iter().map(|supplier| supplier.voices).collect()
    }

    /// Leaves out whom these, in the suppliers' order, do not admit. Who has none is asked.
    #[must_use]
    pub fn with_admissions(mut self, admissions: &[Admission]) -> Self {
        for (supplier, admission) in Arc::make_mut(&mut self.suppliers).iter_mut().zip(admissions) {
            supplier.open_for = match admission {
                Admission::Ask | Admission::Probe => None,
                Admission::Refused(wait) => Some(*wait),
            };
        }
        self
    }

    /// The same for another request, which has an id of its own and starts now. Everything else is shared.
    #[must_use]
    pub fn about(&self, request: PriceRequest, id: Uuid, now: Timestamp) -> Self {
        let (high, low) = id.as_u64_pair();
        let (correlation_id, seed) = (id.to_string().into(), high ^ low);
        Self { correlation_id, seed, started_at: now, request: Arc::new(request), ..self.clone() }
    }

    /// The same with a request for each line, however many a supplier takes in one: its offers name products, which do not
    /// tell lines about the same product apart.
    #[must_use]
    pub fn without_batches(mut self) -> Self {
        for supplier in Arc::make_mut(&mut self.suppliers) {
            supplier.pace.batch = supplier.pace.batch.map(|_| 1);
        }
        self
    }

    /// The same without asking anybody again who fails.
    #[must_use]
    pub fn without_retries(mut self) -> Self {
        for supplier in Arc::make_mut(&mut self.suppliers) {
            supplier.retries = 0;
        }
        self
    }

    /// The same with rates that took so long to come. The suppliers are given the rest of the time.
    #[must_use]
    pub fn with_rates(&self, rates: Option<Arc<Rates>>, took: Duration) -> Self {
        let timeout = self.criteria.timeout.saturating_sub(took);
        Self { rates, criteria: Criteria { timeout, ..self.criteria.clone() }, ..self.clone() }
    }

    /// Asks these suppliers, in the suppliers' order, a second time when they are slow. Who has none is asked once.
    #[must_use]
    pub fn with_hedges(mut self, waits: &[Option<Duration>]) -> Self {
        for (supplier, wait) in Arc::make_mut(&mut self.suppliers).iter_mut().zip(waits) {
            supplier.hedge_after = *wait;
        }
        self
    }
}

fn planned(supplier: &Supplier) -> PlannedSupplier {
    PlannedSupplier {
        name: supplier.name.clone(),
        timeout: supplier.timeout,
        retries: supplier.retries,
        hedge_after: None,
        open_for: None,
        voices: voices(&supplier.endpoint),
        pace: supplier.pace,
        terms: Arc::clone(&supplier.terms),
    }
}

/// How many may answer a request.
fn voices(endpoint: &Endpoint) -> usize {
    let auction = match endpoint {
        Endpoint::Http(_) | Endpoint::File(_) => None,
        Endpoint::Amqp(endpoint) => endpoint.auction,
        Endpoint::Kafka(endpoint) => endpoint.auction,
    };
    auction.map_or(1, |auction| auction.expect.map_or(usize::MAX, usize::from))
}
