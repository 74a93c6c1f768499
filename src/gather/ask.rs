//! Asking one supplier once, and working out what it offers.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::batch;
use super::hedge::{self, Hedged};
use crate::domain::{
    Answer, Appraised, Context, Failure, Offer, OfferReply, Outcome, Phase, Reason, Responder, evaluate,
};
use crate::plan::Plan;
use crate::transport::{Inquiry, PhaseMark, Reply, Responding, Transport};

/// Replies with more offers are worked out off the event loop, which other suppliers wait for. So many take about a
/// millisecond.
const MANY_OFFERS: usize = 500;

/// All that a task needs to ask one supplier.
pub(super) struct Question {
    /// What the lines that are asked about are part of, one a line.
    pub(super) plans: Box<[Arc<Plan>]>,
    pub(super) inquiry: Arc<Inquiry>,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) supplier: usize,
    pub(super) phase: PhaseMark,
    /// After which time a second request is sent; `None` = never.
    pub(super) hedge_after: Option<Duration>,
    /// Where it is noted that one was.
    pub(super) hedged: Hedged,
}

/// What came of it.
pub(super) struct Asked {
    /// When it began and when it was done; `None` = when the engine says.
    pub(super) span: Option<(Instant, Instant)>,
    pub(super) http_status: Option<u16>,
    pub(super) file_modified_at: Option<Timestamp>,
    /// One answer a line, in their order.
    pub(super) answers: Result<Vec<Answer>, Failure>,
}

impl Asked {
    /// A supplier that did not respond.
    pub(super) fn failed(failure: Failure) -> Self {
        let http_status = failure.http_status;
        Self { span: None, http_status, file_modified_at: None, answers: Err(failure) }
    }

    /// What it means to each line.
    pub(super) fn outcomes(self, lines: usize) -> Vec<Outcome> {
        match self.answers {
            Ok(answers) => answers.into_iter().map(Outcome::Answered).collect(),
            Err(failure) => vec![Outcome::Failed(failure); lines],
        }
    }
}

/// Asks, and works out the offers that come back. The engine ends it when the supplier's time is over.
///
/// # Panics
/// When a defect panics while offers are worked out; it costs this supplier alone.
pub(super) async fn ask(question: Question) -> Asked {
    let started = Instant::now();
    let Question { inquiry, transport, phase, hedge_after, hedged, .. } = &question;
    let reply = hedge::ask(&**transport, inquiry, phase, *hedge_after, hedged).await;
    match reply {
        Err(failure) => Asked { span: Some((started, Instant::now())), ..Asked::failed(failure) },
        Ok(reply) => Asked { span: Some((started, Instant::now())), ..work_out(question, reply).await },
    }
}

async fn work_out(question: Question, reply: Reply) -> Asked {
    question.phase.enter(Phase::Mapping);
    if reply.offers.len() <= MANY_OFFERS {
        return answered(&question.plans, question.supplier, reply);
    }
    match spawn_blocking(move || answered(&question.plans, question.supplier, reply)).await {
        Ok(asked) => asked,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Works out what a supplier offers for each line; `plans` are what these are part of.
pub(super) fn answered(plans: &[Arc<Plan>], supplier: usize, reply: Reply) -> Asked {
    let Reply { offers, http_status, file_modified_at, warnings, responders } = reply;
    let answers = match plans {
        [plan] => Ok(vec![answer(&plan.context(supplier), offers, responders)]),
        several => {
            let lines: Vec<_> = several.iter().map(|plan| &*plan.request).collect();
            let of_line = |(plan, offers): (&Arc<Plan>, _)| answer(&plan.context(supplier), offers, Vec::new());
            batch::sort(&lines, offers).map(|sorted| several.iter().zip(sorted).map(of_line).collect::<Vec<_>>())
        }
    };
    let answers = answers.map(|mut answers| {
        if let Some(first) = answers.first_mut() {
            first.warnings = warnings;
        }
        answers
    });
    Asked { span: None, http_status, file_modified_at, answers }
}

fn answer(context: &Context<'_>, offers: Vec<OfferReply>, responders: Vec<Responding>) -> Answer {
    // Most replies have one offer. Vectors that grow by themselves begin with room for four.
    let (quotes, appraised) = (Vec::with_capacity(offers.len()), Vec::with_capacity(offers.len()));
    let mut answer = Answer { quotes, appraised, ..Answer::default() };
    let mut offers = offers.into_iter();
    for Responding { name, offers: count, took, failure } in responders {
        let (quotes, rejections) = (answer.quotes.len(), answer.rejections.len());
        offers.by_ref().take(count).for_each(|offer| add(&mut answer, offer, context));
        answer.responders.push(Responder {
            name,
            latency: took,
            quotes: answer.quotes.len() - quotes,
            rejections: answer.rejections.len() - rejections,
            failure,
        });
    }
    offers.for_each(|offer| add(&mut answer, offer, context));
    answer
}

fn add(answer: &mut Answer, offer: OfferReply, context: &Context<'_>) {
    let offer: Offer = match offer {
        OfferReply::Faulty(rejection) => return answer.rejections.push(rejection.or_currency_of(context.terms)),
        OfferReply::Readable(offer) => *offer,
    };
    match evaluate(&offer, context) {
        Ok(quote) => {
            answer.appraised.push(Appraised { offer, charges: Some(quote.charges) });
            answer.quotes.push(quote);
        }
        Err(rejection) => {
            if rejection.cause.reason() != Reason::WrongQuote {
                answer.appraised.push(Appraised { offer, charges: None });
            }
            answer.rejections.push(rejection);
        }
    }
}
