//! Suppliers that are asked over RabbitMQ, by AMQP 0.9.1 and direct reply-to.
//!
//! Owns the request with its properties, and which reply is the one to it. Refuses to know deadlines and retries (the engine
//! owns time), and what a body means (`mapping` does). Main type: [`AmqpSupplier`]; its connection comes from
//! [`AmqpBrokers`], and is opened when somebody first asks.
//!
//! ```text
//! broker ─► connect (dns, tls) ─► stream ─► frames
//!       └─► line: a channel ─► pending: whose reply
//! ```

mod access;
mod broker;
mod connect;
mod errors;
mod frames;
mod line;
mod pending;
mod request;
mod shared;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

pub use self::access::AmqpAccess;
pub use self::broker::AmqpBrokers;
pub use super::tls::{TlsProblem, TlsSettings};

use self::broker::{Broker, LineKey};
use self::line::{Line, judge};
use self::pending::{Received, Ticket};
use super::auction::Bids;
use super::bodies::LARGEST;
use super::question::BodySource;
use super::replies::Replies;
use super::{Asking, Inquiry, PhaseMark, Preview, Recorder, Reply, SavedReplies, Transport};
use crate::domain::{
    AmqpTarget, Auction, ErrorKind, Failure, Method, Phase, ReplyMode, RequestFormat, Secret, SupplierName,
    TransportKind, WarningKind,
};
use crate::mapping::{Binding, Bindings, Filter, Mapping};

/// Where a broker is, and as whom it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AmqpAddress {
    /// The host: a name or an address, the latter without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The virtual host.
    pub vhost: String,
    /// Who asks.
    pub user: Secret,
    /// The password.
    pub password: Secret,
}

/// What is needed to reach a supplier over RabbitMQ.
#[derive(Clone, Debug)]
pub struct AmqpSettings {
    /// The configured name.
    pub name: SupplierName,
    /// Where its broker is.
    pub address: AmqpAddress,
    /// The broker's URL with every secret masked.
    pub shown_url: String,
    /// How the connection is secured; `None` = it is not.
    pub tls: Option<TlsSettings>,
    /// Where requests go.
    pub target: AmqpTarget,
    /// How replies come back.
    pub reply_mode: ReplyMode,
    /// Whether many answer; `None` = one does.
    pub auction: Option<Auction>,
    /// Its own time; `None` = as long as the run has.
    pub timeout: Option<Duration>,
    /// Secrets that may come back.
    pub secrets: Vec<Secret>,
    /// What makes the body of a request; `None` = the request in the wire's own format.
    pub request: Option<Filter>,
    /// How offers are made of a reply's body.
    pub mapping: Mapping,
    /// What the filters may refer to beside the request.
    pub vars: Arc<[Binding]>,
    /// What was replied in an earlier run: then nobody is asked.
    pub saved: Option<Arc<SavedReplies>>,
    /// Who wants to see what is said.
    pub recorder: Recorder,
}

/// A supplier that is asked over RabbitMQ.
#[derive(Debug)]
pub struct AmqpSupplier {
    shown_url: String,
    target: AmqpTarget,
    reply_mode: ReplyMode,
    auction: Option<Auction>,
    timeout: Option<Duration>,
    saved: Option<Arc<SavedReplies>>,
    body: BodySource,
    replies: Replies,
    broker: Arc<Broker>,
    line: LineKey,
}

impl AmqpSupplier {
    /// Finds the broker among those that are known. Nothing is sent.
    ///
    /// # Errors
    /// When a file of certificates cannot be used.
    pub fn new(settings: AmqpSettings, brokers: &mut AmqpBrokers) -> Result<Self, TlsProblem> {
        let AmqpSettings { name, address, shown_url, tls, target, reply_mode, auction, timeout, .. } = settings;
        let AmqpSettings { secrets, request, mapping, vars, saved, recorder, .. } = settings;
        let broker = brokers.broker(address, tls)?;
        let line = LineKey::of(&name, &target, reply_mode);
        let body = BodySource { filter: request, format: RequestFormat::Json };
        let replies = Replies { name, mapping, vars, secrets, recorder };
        Ok(Self { shown_url, target, reply_mode, auction, timeout, saved, body, replies, broker, line })
    }

    async fn reply(&self, inquiry: &Inquiry, bindings: &Bindings, phase: &PhaseMark) -> Result<Reply, Failure> {
        phase.enter(Phase::Mapping);
        let body = self.body.make(Method::Post, bindings)?.unwrap_or_default();
        if let Some(saved) = &self.saved {
            return self.saved_reply(saved, inquiry, bindings).await;
        }
        let line = self.broker.line(&self.line, phase).await?;
        phase.enter(Phase::Reply);
        let id = Uuid::new_v4().to_string();
        let mut ticket = line.pending.open(id.clone(), self.auction.is_some(), phase)?;
        let first = self.exchange(&line, &mut ticket, inquiry, (&id, &body)).await?;
        if let Some(auction) = self.auction {
            let bids = Bids::new(&self.replies.name, auction);
            return Ok(self.auction(bids, first, &mut ticket, &line, inquiry, phase).await);
        }
        phase.at_step(None);
        let warnings = warnings(&line, first.has_id);
        self.keep(inquiry, bindings, &first);
        phase.enter(Phase::Mapping);
        let reply = self.offers(first.body.ok_or_else(too_large)?, bindings).await?;
        Ok(Reply { warnings, ..reply })
    }

    /// Takes one answer after the other until enough are there, or nothing comes any more.
    async fn auction(
        &self,
        mut bids: Bids,
        first: Received,
        ticket: &mut Ticket,
        line: &Line,
        inquiry: &Inquiry,
        phase: &PhaseMark,
    ) -> Reply {
        let bindings = self.replies.bindings(inquiry);
        let mut coming = Ok(first);
        let mut warnings = Vec::new();
        while let Ok(received) = coming {
            self.keep(inquiry, &bindings, &received);
            warnings.extend(self::warnings(line, received.has_id));
            self.bid(&mut bids, received.body, &bindings).await;
            phase.gather(with_warnings(bids.reply(), &warnings));
            if bids.is_complete() {
                break;
            }
            coming = ticket.next().await;
        }
        with_warnings(bids.reply(), &warnings)
    }

    /// Adds an answer. What is wrong with it is its responder's.
    async fn bid(&self, bids: &mut Bids, body: Option<Vec<u8>>, bindings: &Bindings) {
        let made = match &body {
            Some(body) => self.offers(body.clone(), bindings).await.map(|reply| reply.offers),
            None => Err(too_large()),
        };
        let made = made.map_err(|failure| self.replies.without_secrets(failure, bindings));
        bids.add(&body.unwrap_or_default(), made);
    }

    /// Publishes the request, and waits until the first reply is there, or certain not to come.
    async fn exchange(
        &self,
        line: &Line,
        ticket: &mut Ticket,
        inquiry: &Inquiry,
        (id, body): (&str, &str),
    ) -> Result<Received, Failure> {
        let properties = self.properties(inquiry, id, &line.reply_to)?;
        let target = &self.target;
        let confirm = line.publish(target, body.as_bytes(), properties).await?;
        tokio::pin!(confirm);
        // A quick reply may overtake the broker's word that it took the request.
        tokio::select! {
            biased;
            confirmation = &mut confirm => judge(confirmation, target)?,
            coming = ticket.next() => return match coming {
                // Why the channel is gone is said where the request is.
                Err(lost) => judge(confirm.await, target).and(Err(lost)),
                received => received,
            },
        }
        self.note_taken(ticket);
        ticket.next().await
    }

    /// What was replied in an earlier run.
    async fn saved_reply(
        &self,
        saved: &SavedReplies,
        inquiry: &Inquiry,
        bindings: &Bindings,
    ) -> Result<Reply, Failure> {
        let Some(auction) = self.auction else {
            return self.offers(saved.answer(&self.preview(inquiry))?.body.clone(), bindings).await;
        };
        let mut bids = Bids::new(&self.replies.name, auction);
        for answer in saved.answers(&self.preview(inquiry))? {
            self.bid(&mut bids, Some(answer.body.clone()), bindings).await;
        }
        Ok(bids.reply())
    }

    /// Says what is known of a request that was taken: if nothing comes, nobody works on it.
    fn note_taken(&self, ticket: &Ticket) {
        ticket.note(match &self.target {
            AmqpTarget::Queue(queue) => format!("queue `{queue}` exists, no reply"),
            AmqpTarget::Exchange { name, .. } => format!("exchange `{name}` took the request, no reply"),
        });
    }

    /// What is made of a reply's body.
    async fn offers(&self, body: Vec<u8>, bindings: &Bindings) -> Result<Reply, Failure> {
        if body.is_empty() {
            return Err(Failure::new(ErrorKind::BrokerReply).with_detail("it is empty"));
        }
        if std::str::from_utf8(&body).is_err() {
            return Err(Failure::new(ErrorKind::BrokerReply).with_detail("it is not text"));
        }
        let offers = self.replies.offers(body, bindings).await?;
        Ok(Reply { offers, ..Reply::default() })
    }

    /// Gives what was said to the recorder.
    fn keep(&self, inquiry: &Inquiry, bindings: &Bindings, received: &Received) {
        let Received { content_type, body, .. } = received;
        let body = body.as_deref().unwrap_or_default();
        self.replies.keep(inquiry, || self.preview(inquiry), content_type.as_deref(), body, bindings);
    }
}

/// What deserves attention about replies on a channel.
fn warnings(line: &Line, has_id: bool) -> Vec<WarningKind> {
    let strays = line.pending.take_strays();
    let ignored = (strays.count() > 0).then_some(WarningKind::RepliesIgnored { strays });
    ignored.into_iter().chain((!has_id).then_some(WarningKind::ReplyWithoutId)).collect()
}

fn with_warnings(mut reply: Reply, warnings: &[WarningKind]) -> Reply {
    reply.warnings.extend_from_slice(warnings);
    reply
}

fn too_large() -> Failure {
    let detail = format!("it has more than {} MiB", LARGEST >> 20);
    Failure::new(ErrorKind::BodyTooLarge).with_detail(detail)
}

impl Transport for AmqpSupplier {
    fn kind(&self) -> TransportKind {
        TransportKind::Amqp
    }

    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a> {
        Box::pin(async {
            let bindings = self.replies.bindings(inquiry);
            let reply = self.reply(inquiry, &bindings, phase).await;
            reply.map_err(|failure| self.replies.without_secrets(failure, &bindings))
        })
    }

    fn preview(&self, inquiry: &Inquiry) -> Preview {
        self.shown(inquiry)
    }
}
