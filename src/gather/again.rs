//! A run that took place before, once more: nobody is asked, and nothing is waited for.
//!
//! Owns the order in which suppliers were done and what of a run is remembered. Refuses to know where replies come from:
//! the transports have them. Main type: [`Earlier`].

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::ask::{Asked, Question, ask};
use super::completion::Completion;
use super::hedge::Hedged;
use super::inquiry;
use crate::domain::{ErrorKind, Failure, Gathered, Outcome, Phase, SupplierReport, Termination};
use crate::plan::Plan;
use crate::transport::{PhaseMark, Transport};

/// What is known of an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// What is known of each supplier, in the plan's order.
    pub suppliers: Vec<EarlierSupplier>,
    /// The suppliers that were done before the run ended, in the order in which they were.
    pub done: Vec<usize>,
    /// Why it ended.
    pub termination: Termination,
    /// How long it took.
    pub elapsed: Duration,
}

/// What is known of a supplier in an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierSupplier {
    /// From the first attempt's start to the outcome; `None` = it was not asked.
    pub latency: Option<Duration>,
    /// How often it was asked.
    pub attempts: u32,
    /// When its price list was last changed, if it has one.
    pub file_modified_at: Option<Timestamp>,
    /// How it failed.
    pub failure: Option<Failure>,
}

/// Reads the replies of an earlier run again, in the order in which suppliers were done, until the strategy is satisfied.
/// `transports` are the plan's suppliers, in its order, and answer with what was replied then.
pub async fn gather_again(plan: Arc<Plan>, transports: &[Arc<dyn Transport>], earlier: &Earlier) -> Gathered {
    let mut completion = Completion::new(&plan.criteria, plan.voices());
    let mut reports: Vec<Option<SupplierReport>> = vec![None; transports.len()];
    let (mut done, mut first_ranked) = (Vec::new(), None);
    let mut reached = completion.reached(&plan.criteria);
    for &supplier in &earlier.done {
        if reached.is_some() {
            break;
        }
        let report = report(&plan, transports, supplier, &earlier.suppliers[supplier]).await;
        completion.note(&plan.criteria, supplier, &report);
        if first_ranked.is_none() && report.answer().is_some_and(|answer| !answer.quotes.is_empty()) {
            first_ranked = Some(supplier);
        }
        reports[supplier] = Some(report);
        done.push(supplier);
        reached = completion.reached(&plan.criteria);
    }
    let unfinished = |supplier: usize| {
        let known = &earlier.suppliers[supplier];
        // Whoever answered then, and is not waited for now, is cancelled.
        let failure = known.failure.clone().filter(|_| reached.is_none());
        let failure = failure.unwrap_or_else(|| Failure::new(ErrorKind::Cancelled));
        reported(&plan, transports, supplier, known, Asked::failed(failure))
    };
    let reports =
        reports.into_iter().enumerate().map(|(supplier, report)| report.unwrap_or_else(|| unfinished(supplier)));
    Gathered {
        reports: reports.collect(),
        termination: reached.unwrap_or(match earlier.termination {
            ended @ (Termination::Deadline | Termination::Interrupted | Termination::NotStarted) => ended,
            Termination::All | Termination::First | Termination::Quorum | Termination::QuorumImpossible => {
                Termination::All
            }
        }),
        done,
        first_ranked,
        elapsed: earlier.elapsed,
    }
}

/// Whether the failure is what our reading made of a reply that was there.
const fn was_read(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::HttpStatus
            | ErrorKind::RateLimited
            | ErrorKind::RedirectRefused
            | ErrorKind::MalformedJson
            | ErrorKind::Mapping
            | ErrorKind::SupplierError
            | ErrorKind::BrokerReply
    )
}

async fn report(
    plan: &Arc<Plan>,
    transports: &[Arc<dyn Transport>],
    supplier: usize,
    known: &EarlierSupplier,
) -> SupplierReport {
    if let Some(failure) = known.failure.as_ref().filter(|failure| !was_read(failure.kind)) {
        return reported(plan, transports, supplier, known, Asked::failed(failure.clone()));
    }
    let question = Question {
        plans: [Arc::clone(plan)].into(),
        inquiry: Arc::new(inquiry(plan, plan.started_at)),
        transport: Arc::clone(&transports[supplier]),
        supplier,
        phase: PhaseMark::new(Phase::Headers),
        hedge_after: None,
        hedged: Hedged::default(),
    };
    let asked = tokio::spawn(ask(question)).await.unwrap_or_else(|_| Asked::failed(Failure::new(ErrorKind::Internal)));
    reported(plan, transports, supplier, known, asked)
}

fn reported(
    plan: &Plan,
    transports: &[Arc<dyn Transport>],
    supplier: usize,
    known: &EarlierSupplier,
    asked: Asked,
) -> SupplierReport {
    let (http_status, file_modified_at) = (asked.http_status, asked.file_modified_at);
    let outcome = asked.outcomes(1).pop().unwrap_or_else(|| Outcome::Failed(Failure::new(ErrorKind::Internal)));
    // How long a server wanted to be left alone depends on when that is asked.
    let outcome = match (outcome, &known.failure) {
        (Outcome::Failed(failure), Some(then)) if failure.kind == then.kind => {
            Outcome::Failed(Failure { retry_in: then.retry_in, ..failure })
        }
        (outcome, _) => outcome,
    };
    SupplierReport {
        supplier: plan.suppliers[supplier].name.clone(),
        transport: transports[supplier].kind(),
        latency: known.latency,
        attempts: known.attempts,
        http_status,
        file_modified_at: file_modified_at.and(known.file_modified_at),
        outcome,
    }
}
