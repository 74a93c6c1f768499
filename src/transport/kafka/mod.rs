//! Suppliers that are asked over Kafka, by request and reply.
//!
//! Owns the request's way to a topic and the reply's way back, by the headers that Spring has for that. Refuses to know
//! deadlines but for telling them, and what a body means (`mapping` does). Main type: [`KafkaSupplier`]; its connection is a
//! [`KafkaClient`], which the suppliers on the same brokers share.
//!
//! ```text
//! clients ─► line: setup, topics (names), watch; headers ─► desk: who waits for which reply
//! ```

mod access;
mod cleanup;
mod clients;
mod desk;
mod errors;
mod headers;
mod line;
mod names;
mod setup;
mod topics;
mod watch;

pub use self::access::KafkaAccess;
pub use self::cleanup::{left_topics, remove_topics};
pub use self::clients::{KafkaClient, KafkaClients};
pub use self::names::STALE_AFTER;
pub use self::setup::KafkaSetup;

use std::sync::Arc;

use uuid::Uuid;

use self::desk::{Parcel, Ticket};
use super::auction::Bids;
use super::question::BodySource;
use super::replies::Replies;
use super::{Asking, Inquiry, PhaseMark, Preview, Recorder, Reply, SavedReplies, Transport};
use crate::domain::{
    Auction, Failure, Method, Phase, ReplyTopic, RequestFormat, Secret, SupplierName, TransportKind, WarningKind,
};
use crate::mapping::{Binding, Bindings, Filter, Mapping};

/// What is needed to reach a supplier over Kafka.
#[derive(Clone)]
pub struct KafkaSettings {
    /// The configured name.
    pub name: SupplierName,
    /// The connection, and where replies come back.
    pub client: Arc<KafkaClient>,
    /// The brokers, every secret masked.
    pub shown_brokers: String,
    /// The topic that requests are written to.
    pub topic: String,
    /// Whether many answer; `None` = one does.
    pub auction: Option<Auction>,
    /// Secrets that may come back.
    pub secrets: Vec<Secret>,
    /// What makes a request; `None` = it is in the wire's own format.
    pub request: Option<Filter>,
    /// How offers are made of a reply.
    pub mapping: Mapping,
    /// What the filters may refer to beside the request.
    pub vars: Arc<[Binding]>,
    /// What was replied in an earlier run: then nobody is asked.
    pub saved: Option<Arc<SavedReplies>>,
    /// Who wants to see what is said.
    pub recorder: Recorder,
}

/// A supplier that is asked over Kafka.
pub struct KafkaSupplier {
    client: Arc<KafkaClient>,
    shown_brokers: String,
    topic: String,
    auction: Option<Auction>,
    body: BodySource,
    replies: Replies,
    saved: Option<Arc<SavedReplies>>,
}

impl KafkaSupplier {
    /// Takes the settings. Nothing is sent.
    #[must_use]
    pub fn new(settings: KafkaSettings) -> Self {
        let KafkaSettings { name, client, shown_brokers, topic, auction, secrets, request, .. } = settings;
        let KafkaSettings { mapping, vars, saved, recorder, .. } = settings;
        let body = BodySource { filter: request, format: RequestFormat::Json };
        let replies = Replies { name, mapping, vars, secrets, recorder };
        Self { client, shown_brokers, topic, auction, body, replies, saved }
    }

    async fn reply(&self, inquiry: &Inquiry, bindings: &Bindings, phase: &PhaseMark) -> Result<Reply, Failure> {
        phase.enter(Phase::Mapping);
        let body = self.body.make(Method::Post, bindings)?.unwrap_or_default();
        if let Some(saved) = &self.saved {
            return self.saved_reply(saved, inquiry, bindings).await;
        }
        phase.enter(Phase::Connect);
        let line = self.client.line(inquiry.deadline).await?;
        let mut ticket = line.wait_for(Uuid::new_v4().to_string(), self.auction.is_some());
        phase.enter(Phase::Reply);
        line.send(&headers::Request {
            topic: &self.topic,
            id: ticket.id(),
            run: &inquiry.correlation_id,
            deadline: inquiry.deadline,
            body: &body,
        })?;
        let doubt = |failure| phase.presume(self.replies.without_secrets(failure, bindings));
        let first = ticket.reply(doubt).await;
        if let Some(auction) = self.auction {
            let bids = Bids::new(&self.replies.name, auction);
            return self.auction(bids, first, &mut ticket, (inquiry, bindings), phase).await;
        }
        let parcel = first?;
        self.keep(inquiry, bindings, &parcel);
        phase.enter(Phase::Mapping);
        let offers = self.replies.offers(parcel.body, bindings).await?;
        let strays = line.take_strays();
        let warnings = (strays.count() > 0).then_some(WarningKind::RepliesIgnored { strays }).into_iter().collect();
        Ok(Reply { offers, warnings, ..Reply::default() })
    }

    /// Takes one answer after the other until enough are there. The engine ends it when the time is over.
    async fn auction(
        &self,
        mut bids: Bids,
        first: Result<Parcel, Failure>,
        ticket: &mut Ticket,
        (inquiry, bindings): (&Inquiry, &Bindings),
        phase: &PhaseMark,
    ) -> Result<Reply, Failure> {
        let mut coming = first;
        loop {
            match coming {
                Ok(parcel) => {
                    self.keep(inquiry, bindings, &parcel);
                    self.bid(&mut bids, parcel.body, bindings).await;
                }
                // A responder's fault is its own; before anybody has answered, it may be the broker's.
                Err(failure) if bids.reply().responders.is_empty() => return Err(failure),
                Err(failure) => bids.add(&[], Err(self.replies.without_secrets(failure, bindings))),
            }
            phase.gather(bids.reply());
            if bids.is_complete() {
                ticket.is_complete();
                return Ok(bids.reply());
            }
            coming = ticket.reply(|_| {}).await;
        }
    }

    /// Adds an answer. What is wrong with it is its responder's.
    async fn bid(&self, bids: &mut Bids, body: Vec<u8>, bindings: &Bindings) {
        let made = self.replies.offers(body.clone(), bindings).await;
        bids.add(&body, made.map_err(|failure| self.replies.without_secrets(failure, bindings)));
    }

    /// What was replied in an earlier run.
    async fn saved_reply(
        &self,
        saved: &SavedReplies,
        inquiry: &Inquiry,
        bindings: &Bindings,
    ) -> Result<Reply, Failure> {
        let Some(auction) = self.auction else {
            let body = saved.answer(&self.preview(inquiry))?.body.clone();
            return Ok(Reply { offers: self.replies.offers(body, bindings).await?, ..Reply::default() });
        };
        let mut bids = Bids::new(&self.replies.name, auction);
        for answer in saved.answers(&self.preview(inquiry))? {
            self.bid(&mut bids, answer.body.clone(), bindings).await;
        }
        Ok(bids.reply())
    }

    /// Gives what was said to the recorder.
    fn keep(&self, inquiry: &Inquiry, bindings: &Bindings, parcel: &Parcel) {
        let Parcel { content_type, body, .. } = parcel;
        self.replies.keep(inquiry, || self.preview(inquiry), content_type.as_deref(), body, bindings);
    }
}

impl Transport for KafkaSupplier {
    fn kind(&self) -> TransportKind {
        TransportKind::Kafka
    }

    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a> {
        Box::pin(async {
            let bindings = self.replies.bindings(inquiry);
            let reply = self.reply(inquiry, &bindings, phase).await;
            reply.map_err(|failure| self.replies.without_secrets(failure, &bindings))
        })
    }

    fn preview(&self, inquiry: &Inquiry) -> Preview {
        let reply_topic = match self.client.replies() {
            ReplyTopic::Lasting(topic) => topic.clone(),
            ReplyTopic::Temporary(_) => format!("{}…, made for this run", names::PREFIX),
        };
        Preview {
            head: format!("SEND kafka://{}/{}", self.shown_brokers, self.topic),
            headers: headers::shown(&reply_topic, &inquiry.correlation_id, inquiry.deadline),
            body: self.body.shown(Method::Post, &self.replies.bindings(inquiry)),
        }
    }
}
