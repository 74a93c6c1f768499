//! Asking one supplier once, within its time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Answer, Context, ErrorKind, Failure, OfferReply, Outcome, evaluate};
use crate::plan::Plan;
use crate::transport::{Inquiry, PhaseMark, Transport};

/// All that a task needs to ask one supplier.
pub(super) struct Question {
    pub(super) plan: Arc<Plan>,
    pub(super) inquiry: Arc<Inquiry>,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) supplier: usize,
    pub(super) phase: PhaseMark,
    /// The run's deadline; the engine enforces it, so a task only needs a clock of its own for less.
    pub(super) deadline: Instant,
}

/// What came of it.
pub(super) struct Asked {
    pub(super) latency: Duration,
    pub(super) http_status: Option<u16>,
    pub(super) outcome: Outcome,
}

impl Asked {
    /// What is said of a task that panicked: a defect of pricecmp, which costs this supplier alone.
    pub(super) fn panicked(latency: Duration) -> Self {
        Self { latency, http_status: None, outcome: Outcome::Failed(Failure::new(ErrorKind::Internal)) }
    }
}

/// Asks, and works out the offers that come back.
pub(super) async fn ask(question: Question) -> Asked {
    let started = Instant::now();
    let own = question.plan.suppliers[question.supplier].timeout;
    let asking = question.transport.ask(&question.inquiry, &question.phase);
    let reply = match own.filter(|own| started + *own < question.deadline) {
        None => asking.await,
        Some(limit) => match tokio::time::timeout(limit, asking).await {
            Ok(reply) => reply,
            Err(_) => Err(Failure::timeout(question.phase.current(), limit)),
        },
    };
    let latency = started.elapsed();
    match reply {
        Ok(reply) => Asked {
            latency,
            http_status: reply.http_status,
            outcome: Outcome::Answered(work_out(&question, reply.offers)),
        },
        Err(failure) => Asked { latency, http_status: failure.http_status, outcome: Outcome::Failed(failure) },
    }
}

fn work_out(question: &Question, offers: Vec<OfferReply>) -> Answer {
    let plan = &question.plan;
    let context = Context {
        request: &plan.request,
        terms: &plan.suppliers[question.supplier].terms,
        rates: plan.rates.as_deref(),
        exact: plan.criteria.exact,
        within_days: plan.criteria.within_days,
        now: plan.started_at,
    };
    let mut answer = Answer::default();
    for offer in offers {
        let evaluated = match offer {
            OfferReply::Readable(offer) => evaluate(&offer, &context),
            OfferReply::Faulty(rejection) => Err(*rejection),
        };
        match evaluated {
            Ok(quote) => answer.quotes.push(quote),
            Err(rejection) => answer.rejections.push(rejection),
        }
    }
    answer
}
