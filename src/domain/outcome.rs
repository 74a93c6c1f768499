//! What one supplier did, and what a whole run gathered.

use std::time::Duration;

use jiff::Timestamp;

use super::{Charges, Offer, Quote, Rejection, SupplierName, WarningKind};

/// How a supplier is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportKind {
    /// HTTP or HTTPS.
    Http,
    /// A price list in a file.
    File,
    /// Over RabbitMQ, by AMQP 0.9.1.
    Amqp,
    /// Over Kafka.
    Kafka,
}

impl TransportKind {
    /// The word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::File => "file",
            Self::Amqp => "amqp",
            Self::Kafka => "kafka",
        }
    }
}

/// The stage of an exchange with a supplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Resolving its name.
    Dns,
    /// Opening a connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Waiting for the reply's headers.
    Headers,
    /// Reading the reply's body.
    Body,
    /// Waiting for a message.
    Reply,
    /// Making offers of the reply.
    Mapping,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 7] =
        [Self::Dns, Self::Connect, Self::Tls, Self::Headers, Self::Body, Self::Reply, Self::Mapping];

    /// The phase that an output's word stands for, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// The word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Headers => "headers",
            Self::Body => "body",
            Self::Reply => "reply",
            Self::Mapping => "mapping",
        }
    }
}

/// The stable word for a supplier's failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The name could not be resolved.
    Dns,
    /// No connection could be opened.
    Connect,
    /// The TLS handshake or the certificate failed.
    Tls,
    /// The proxy failed.
    Proxy,
    /// The supplier's time was over, in the phase that the failure names.
    Timeout,
    /// The connection was closed or reset before the reply was complete.
    ConnectionClosed,
    /// The reply breaks HTTP's rules.
    HttpProtocol,
    /// The status is not a success.
    HttpStatus,
    /// 429.
    RateLimited,
    /// The reply is a redirect that may not be followed.
    RedirectRefused,
    /// The reply has too many or too large headers.
    HeadersTooLarge,
    /// The reply's body exceeds the cap, decoded.
    BodyTooLarge,
    /// The body's content encoding is broken or unknown.
    BadEncoding,
    /// The body is not one strict JSON document.
    MalformedJson,
    /// The document is not made of offers.
    Mapping,
    /// The supplier answered with an error message.
    SupplierError,
    /// There is no connection to the broker, or there is none any more.
    BrokerUnreachable,
    /// The broker does not let us in, or not where we want to.
    BrokerAuth,
    /// The broker has no queue for the request.
    BrokerUnroutable,
    /// The broker does not have a topic that is needed, or lets us not make it.
    BrokerTopic,
    /// What came back over the broker is no reply.
    BrokerReply,
    /// It was not asked, since it failed too often lately.
    CircuitOpen,
    /// The price list cannot be read.
    FileUnreadable,
    /// The price list is older than it may be.
    FileStale,
    /// This machine ran out of something.
    LocalResource,
    /// The run ended before the supplier answered.
    Cancelled,
    /// A defect of pricecmp.
    Internal,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 27] = [
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Proxy,
        Self::Timeout,
        Self::ConnectionClosed,
        Self::HttpProtocol,
        Self::HttpStatus,
        Self::RateLimited,
        Self::RedirectRefused,
        Self::HeadersTooLarge,
        Self::BodyTooLarge,
        Self::BadEncoding,
        Self::MalformedJson,
        Self::Mapping,
        Self::SupplierError,
        Self::BrokerUnreachable,
        Self::BrokerAuth,
        Self::BrokerUnroutable,
        Self::BrokerTopic,
        Self::BrokerReply,
        Self::CircuitOpen,
        Self::FileUnreadable,
        Self::FileStale,
        Self::LocalResource,
        Self::Cancelled,
        Self::Internal,
    ];

    /// The kind that an output's word stands for, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// The `snake_case` word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Proxy => "proxy",
            Self::Timeout => "timeout",
            Self::ConnectionClosed => "connection_closed",
            Self::HttpProtocol => "http_protocol",
            Self::HttpStatus => "http_status",
            Self::RateLimited => "rate_limited",
            Self::RedirectRefused => "redirect_refused",
            Self::HeadersTooLarge => "headers_too_large",
            Self::BodyTooLarge => "body_too_large",
            Self::BadEncoding => "bad_encoding",
            Self::MalformedJson => "malformed_json",
            Self::Mapping => "mapping",
            Self::SupplierError => "supplier_error",
            Self::BrokerUnreachable => "broker_unreachable",
            Self::BrokerAuth => "broker_auth",
            Self::BrokerUnroutable => "broker_unroutable",
            Self::BrokerTopic => "broker_topic",
            Self::BrokerReply => "broker_reply",
            Self::CircuitOpen => "circuit_open",
            Self::FileUnreadable => "file_unreadable",
            Self::FileStale => "file_stale",
            Self::LocalResource => "local_resource",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }
}

/// A supplier's failure: data, not prose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub kind: ErrorKind,
    /// Where a timeout happened; `None` for every other kind.
    pub phase: Option<Phase>,
    /// The particulars, such as a system's or a supplier's message. It holds no secret and no URL, but may be
    /// hostile text.
    pub detail: Option<String>,
    /// The status of the reply, when there was one.
    pub http_status: Option<u16>,
    /// How long to wait before the next request: as the supplier asks, or until its circuit lets somebody through.
    pub retry_in: Option<Duration>,
    /// The time that was over; only for a timeout.
    pub limit: Option<Duration>,
}

impl Failure {
    /// A failure without particulars.
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Self { kind, phase: None, detail: None, http_status: None, retry_in: None, limit: None }
    }

    /// A timeout in `phase` after `limit`.
    #[must_use]
    pub fn timeout(phase: Phase, limit: Duration) -> Self {
        Self { phase: Some(phase), limit: Some(limit), ..Self::new(ErrorKind::Timeout) }
    }

    /// Adds the particulars.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says at which of several steps it happened, in front of the particulars.
    #[must_use]
    pub fn at_step(mut self, step: &str) -> Self {
        self.detail = Some(match self.detail {
            Some(detail) => format!("{step}: {detail}"),
            None => step.to_owned(),
        });
        self
    }

    /// Adds the reply's status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.http_status = Some(status);
        self
    }
}

/// A reply that was understood, worked out. There are neither quotes nor rejections when the supplier does not carry
/// the product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The offers that can be ranked, in the reply's order.
    pub quotes: Vec<Quote>,
    /// The offers that cannot, in the reply's order.
    pub rejections: Vec<Rejection>,
    /// What deserves attention, such as offers that were not read.
    pub warnings: Vec<WarningKind>,
    /// Both, as far as they could be read and answer the question, in the reply's order.
    pub appraised: Vec<Appraised>,
    /// Who answered, where one request was for many; the quotes and the rejections are theirs, in this order.
    pub responders: Vec<Responder>,
}

/// One of many who answered the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responder {
    /// Its name.
    pub name: SupplierName,
    /// From when the request was sent until its answer came.
    pub latency: Duration,
    /// How many of the answer's quotes are its own.
    pub quotes: usize,
    /// How many of the answer's rejections are its own.
    pub rejections: usize,
    /// Why what it said is no answer; `None` = it is one.
    pub failure: Option<Failure>,
}

impl Answer {
    /// How many suppliers answered: one, or as many as did where one request was for many.
    #[must_use]
    pub fn responses(&self) -> usize {
        if self.responders.is_empty() {
            return 1;
        }
        self.responders.iter().filter(|responder| responder.failure.is_none()).count()
    }
}

/// An offer, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appraised {
    /// The offer as it came.
    pub offer: Offer,
    /// What it costs, in the comparison's currency; `None` = it cannot be ranked.
    pub charges: Option<Charges>,
}

/// What came of asking a supplier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answered something understood, be it "out of stock" or nothing at all.
    Answered(Answer),
    /// It did not.
    Failed(Failure),
}

/// What one supplier did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplierReport {
    /// Its name.
    pub supplier: SupplierName,
    /// How it was asked.
    pub transport: TransportKind,
    /// From the first attempt's start to the outcome, waiting for a permit excluded; `None` = it was not asked.
    pub latency: Option<Duration>,
    /// How often it was asked; 0 = it was not.
    pub attempts: u32,
    /// The status of its last reply, if that came over HTTP.
    pub http_status: Option<u16>,
    /// When the price list that it answered from was last changed, if it is a file.
    pub file_modified_at: Option<Timestamp>,
    /// What came of it.
    pub outcome: Outcome,
}

impl SupplierReport {
    /// The report of each who answered, under its own name, where one request was for many; else this one.
    #[must_use]
    pub fn by_responder(self) -> Vec<Self> {
        let answer = match self.outcome {
            Outcome::Answered(answer) if !answer.responders.is_empty() => answer,
            outcome => return vec![Self { outcome, ..self }],
        };
        let Answer { quotes, rejections, responders, .. } = answer;
        let (mut quotes, mut rejections) = (quotes.into_iter(), rejections.into_iter());
        let report = |responder: Responder| {
            let answer = Answer {
                quotes: quotes.by_ref().take(responder.quotes).collect(),
                rejections: rejections.by_ref().take(responder.rejections).collect(),
                ..Answer::default()
            };
            Self {
                supplier: responder.name,
                transport: self.transport,
                latency: Some(responder.latency),
                attempts: self.attempts,
                http_status: self.http_status,
                file_modified_at: self.file_modified_at,
                outcome: responder.failure.map_or(Outcome::Answered(answer), Outcome::Failed),
            }
        };
        responders.into_iter().map(report).collect()
    }

    /// The answer, if the supplier responded.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answered(answer) => Some(answer),
            Outcome::Failed(_) => None,
        }
    }
}

/// Why a run stopped asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Termination {
    /// Every supplier was done.
    All,
    /// Enough first replies were there.
    First,
    /// The quorum was reached.
    Quorum,
    /// The quorum was out of reach.
    QuorumImpossible,
    /// The run's deadline cut a supplier off.
    Deadline,
    /// The user interrupted.
    Interrupted,
    /// Nobody was asked: the circuit of every supplier is open.
    NotStarted,
}

impl Termination {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::All,
        Self::First,
        Self::Quorum,
        Self::QuorumImpossible,
        Self::Deadline,
        Self::Interrupted,
        Self::NotStarted,
    ];

    /// The reason that an output's word stands for, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// The `snake_case` word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::First => "first",
            Self::Quorum => "quorum",
            Self::QuorumImpossible => "quorum_impossible",
            Self::Deadline => "deadline",
            Self::Interrupted => "interrupted",
            Self::NotStarted => "not_started",
        }
    }
}

/// Everything that a run brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    /// One report a supplier, in the configuration's order.
    pub reports: Vec<SupplierReport>,
    /// Why the run stopped.
    pub termination: Termination,
    /// The suppliers (indices into `reports`) that were done before the run ended, in the order in which they were.
    pub done: Vec<usize>,
    /// The supplier (an index into `reports`) whose reply was the first to have a ranked quote.
    pub first_ranked: Option<usize>,
    /// From the run's start to the last outcome.
    pub elapsed: Duration,
}
