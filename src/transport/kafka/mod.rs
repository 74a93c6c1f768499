//! Suppliers that are asked over Kafka, by request and reply.
//!
//! Owns the request's way to a topic and the reply's way back, by the headers that Spring has for that. Refuses to know
//! deadlines but for telling them, and what a body means (`mapping` does). Main type: [`KafkaSupplier`]; its connection is a
//! [`KafkaClient`], which the suppliers on the same brokers share.
//!
//! ```text
//! clients ─► line: setup, topics (names), watch; headers ─► desk: who waits for which reply
//! ```

mod clients;
mod desk;
mod errors;
mod headers;
mod line;
mod names;
mod setup;
mod topics;
mod watch;

pub use self::clients::{KafkaClient, KafkaClients};
pub use self::setup::KafkaSetup;

use std::sync::Arc;

use uuid::Uuid;

use self::desk::Parcel;
use super::question::BodySource;
use super::{Asking, Exchange, Inquiry, PhaseMark, Preview, Recorder, Reply, SavedReplies, Transport};
use super::{bodies, echo, harmless};
use crate::domain::{
    ErrorKind, Failure, Method, Phase, ReplyTopic, RequestFormat, Secret, StrayReplies, SupplierName, TransportKind,
    WarningKind,
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
    name: SupplierName,
    client: Arc<KafkaClient>,
    shown_brokers: String,
    topic: String,
    secrets: Vec<Secret>,
    body: BodySource,
    mapping: Mapping,
    vars: Arc<[Binding]>,
    saved: Option<Arc<SavedReplies>>,
    recorder: Recorder,
}

impl KafkaSupplier {
    /// Takes the settings. Nothing is sent.
    #[must_use]
    pub fn new(settings: KafkaSettings) -> Self {
        let KafkaSettings { name, client, shown_brokers, topic, secrets, mapping, vars, saved, recorder, .. } =
            settings;
        let body = BodySource { filter: settings.request, format: RequestFormat::Json };
        Self { name, client, shown_brokers, topic, secrets, body, mapping, vars, saved, recorder }
    }

    fn bindings(&self, inquiry: &Inquiry) -> Bindings {
        Bindings::new(Arc::clone(&inquiry.request), Arc::clone(&self.vars))
    }

    async fn reply(&self, inquiry: &Inquiry, bindings: &Bindings, phase: &PhaseMark) -> Result<Reply, Failure> {
        phase.enter(Phase::Mapping);
        let body = self.body.make(Method::Post, bindings)?.unwrap_or_default();
        let (parcel, strays) = match &self.saved {
            Some(saved) => (saved_parcel(saved, &self.preview(inquiry))?, StrayReplies::default()),
            None => self.exchange(inquiry, &body, phase).await?,
        };
        self.keep(inquiry, bindings, &parcel);
        phase.enter(Phase::Mapping);
        let page = bodies::page(&self.mapping, parcel.body, bindings, &self.name).await.map_err(no_reply)?;
        let offers = harmless::harmless(page.offers, &self.secrets(bindings));
        let warnings = (strays.count() > 0).then_some(WarningKind::RepliesIgnored { strays }).into_iter().collect();
        Ok(Reply { offers, warnings, ..Reply::default() })
    }

    /// Sends the request, and waits for what comes back; with what came on the way that was nobody's reply.
    async fn exchange(
        &self,
        inquiry: &Inquiry,
        body: &str,
        phase: &PhaseMark,
    ) -> Result<(Parcel, StrayReplies), Failure> {
        phase.enter(Phase::Connect);
        let line = self.client.line(inquiry.deadline).await?;
        let id = Uuid::new_v4().to_string();
        let mut ticket = line.wait_for(id);
        phase.enter(Phase::Reply);
        line.send(&headers::Request {
            topic: &self.topic,
            id: ticket.id(),
            run: &inquiry.correlation_id,
            deadline: inquiry.deadline,
            body,
        })?;
        let doubt = |failure| phase.presume(self.without_secrets(failure, &self.bindings(inquiry)));
        let parcel = ticket.reply(doubt).await?;
        Ok((parcel, line.take_strays()))
    }

    /// Gives what was said to the recorder.
    fn keep(&self, inquiry: &Inquiry, bindings: &Bindings, parcel: &Parcel) {
        if !self.recorder.is_on() {
            return;
        }
        let text = String::from_utf8_lossy(&parcel.body);
        let masked = self.mask(bindings, text.clone().into_owned());
        self.recorder.keep(Exchange {
            supplier: self.name.clone(),
            question: Arc::clone(&inquiry.request),
            request: self.preview(inquiry),
            status: None,
            content_type: parcel.content_type.clone().map(|name| self.mask(bindings, name)),
            retry_after: None,
            location: None,
            list: None,
            body: if masked == text { parcel.body.clone() } else { masked.into_bytes() },
        });
    }

    /// What is sent, or known to the broker, each with what is shown of it.
    fn secrets(&self, bindings: &Bindings) -> Vec<(String, String)> {
        let own = self.secrets.iter().map(|secret| (secret.expose(), "***"));
        bindings.secrets().chain(own).map(|(sent, shown)| (sent.to_owned(), shown.to_owned())).collect()
    }

    fn mask(&self, bindings: &Bindings, text: String) -> String {
        let secrets = self.secrets(bindings);
        echo::without(text, secrets.iter().map(|(sent, shown)| (&**sent, &**shown)))
    }

    /// A failure whose particulars, which may be the supplier's own words, repeat no secret.
    fn without_secrets(&self, failure: Failure, bindings: &Bindings) -> Failure {
        let detail = failure.detail.map(|detail| self.mask(bindings, detail));
        Failure { detail, ..failure }
    }
}

/// What is no JSON at all is no reply.
fn no_reply(failure: Failure) -> Failure {
    match failure.kind {
        ErrorKind::MalformedJson => Failure { kind: ErrorKind::BrokerReply, ..failure },
        _ => failure,
    }
}

fn saved_parcel(saved: &SavedReplies, request: &Preview) -> Result<Parcel, Failure> {
    let reply = saved.answer(request)?;
    Ok(Parcel { body: reply.body.clone(), content_type: reply.content_type.clone() })
}

impl Transport for KafkaSupplier {
    fn kind(&self) -> TransportKind {
        TransportKind::Kafka
    }

    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a> {
        Box::pin(async {
            let bindings = self.bindings(inquiry);
            let reply = self.reply(inquiry, &bindings, phase).await;
            reply.map_err(|failure| self.without_secrets(failure, &bindings))
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
            body: self.body.shown(Method::Post, &self.bindings(inquiry)),
        }
    }
}
