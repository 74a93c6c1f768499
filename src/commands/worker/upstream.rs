//! Answers that another supplier gives: it is asked by its own transport, and its offers go on in the wire's own format.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::config::{Settings, Supplier};
use crate::domain::{Criteria, Failure, Offer, OfferReply, Phase, SupplierName, Terms};
use crate::mapping::encode_offer;
use crate::report::prose;
use crate::respond::worker::{Answered, Answerer, Answering, Asked, error_body};
use crate::transport::{Inquiry, PhaseMark, Recorder, Reply, Transport};

use super::super::brokers::Brokers;
use super::super::endpoints::{self, Connections};
use super::super::error::Failed;
use super::super::memory::Memory;
use super::super::state::State;

/// A supplier that is asked for answers.
pub(super) struct Upstream {
    name: SupplierName,
    transport: Arc<dyn Transport>,
    terms: Arc<Terms>,
    criteria: Criteria,
    timeout: Duration,
}

impl Upstream {
    /// Makes the supplier's transport. Nothing is sent.
    ///
    /// # Errors
    /// When a setting of it cannot be used.
    pub(super) fn new(supplier: &Supplier, settings: &Settings) -> Result<Self, Failed> {
        let alone = Settings { suppliers: vec![supplier.clone()], ..settings.clone() };
        let memory = Arc::new(Memory::new(State::at(None)));
        let transports = endpoints::transports(
            &alone,
            None,
            None,
            &Recorder::default(),
            &memory,
            Connections::Kept,
            &mut Brokers::default(),
        )?;
        let transport = transports.into_iter().next();
        let timeout = settings.criteria.timeout;
        Ok(Self {
            name: supplier.name.clone(),
            transport: transport
                .ok_or_else(|| Failed::Supplier(format!("supplier `{}` is not there", supplier.name)))?,
            terms: Arc::clone(&supplier.terms),
            criteria: settings.criteria.clone(),
            timeout: supplier.timeout.map_or(timeout, |own| own.min(timeout)),
        })
    }

    async fn ask(&self, asked: &Asked) -> Result<Reply, Failure> {
        let now = Timestamp::now();
        let own = now.checked_add(self.timeout).unwrap_or(Timestamp::MAX);
        let inquiry = Inquiry {
            request: Arc::new(asked.request.clone()),
            lines: Arc::default(),
            correlation_id: asked.run.clone().unwrap_or_else(|| Uuid::new_v4().to_string()).into(),
            deadline: own.min(asked.deadline),
        };
        let phase = PhaseMark::new(Phase::Dns);
        let reply = tokio::time::timeout(self.timeout, self.transport.ask(&inquiry, &phase)).await;
        let late = || phase.settled().unwrap_or_else(|| Failure::timeout(phase.current(), self.timeout));
        reply.unwrap_or_else(|_| Err(late()))
    }

    /// The reply in the wire's own format. What cannot be read of it is left out, unless nothing else is there.
    fn answered(&self, reply: Reply) -> Answered {
        let (mut written, mut faulty) = (Vec::new(), None);
        for offer in reply.offers {
            match offer {
                OfferReply::Readable(offer) => written.push(encode_offer(&self.with_terms(*offer))),
                OfferReply::Faulty(rejection) => faulty = faulty.or(Some(rejection)),
            }
        }
        match faulty {
            Some(rejection) if written.is_empty() => self.error(&prose::rejection(&rejection.cause, &self.criteria)),
            _ => Answered::Offers(format!("[{}]\n", written.join(",\n ")).into_bytes()),
        }
    }

    /// What the configuration says of every offer goes with it: whoever reads the reply knows nothing of that.
    fn with_terms(&self, offer: Offer) -> Offer {
        Offer {
            currency: offer.currency.or_else(|| self.terms.currency.map(|currency| currency.to_string())),
            tax_included_percent: offer.tax_included_percent.or(Some(self.terms.tax_included_percent)),
            ..offer
        }
    }

    fn error(&self, sentence: &str) -> Answered {
        Answered::Error(error_body(&format!("supplier `{}`: {sentence}", self.name)))
    }
}

impl Answerer for Upstream {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answering<'a> {
        Box::pin(async {
            match self.ask(asked).await {
                Ok(reply) => self.answered(reply),
                Err(failure) => self.error(&prose::failure(&failure)),
            }
        })
    }
}
