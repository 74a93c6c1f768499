//! The configuration as resolved: what the planner and the composition roots read.
//!
//! Owns the shape of resolved settings. Refuses to know where a value came from. Main type: [`Settings`].

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::address::origin;
use super::mock::Mock;
use crate::cli::{Color, Format, Sort};
use crate::domain::{
    AmqpTarget, Auction, ClientCredentials, Criteria, Currency, Fallback, Hedging, ListLayout, Method, Pace,
    PriceRequest, Quantity, Rates, Redirects, ReplyMode, ReplyTopic, RequestFormat, Secret, SupplierName, Terms,
    Warning,
};
use crate::mapping::{self, Binding, Filter, Mapping, RatesFormat, UrlTemplate};

/// Everything that a run needs to know, from the file, the environment and the flags.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The configuration file, as the user would name it.
    pub configuration: String,
    /// How many pieces are needed; the least of several.
    pub quantity: Quantity,
    /// The same, and more where several quantities are to be compared: ascending, each once, never empty.
    pub quantities: Vec<Quantity>,
    /// The currency that offers are compared in.
    pub currency: Currency,
    /// Exchange rates, if any are declared. Beside a source they are the last resort.
    pub rates: Option<Arc<Rates>>,
    /// Where exchange rates are fetched; `None` = nowhere.
    pub rates_source: Option<RatesSource>,
    /// The conditions of the comparison.
    pub criteria: Criteria,
    /// The time for a comparison that the configuration has, whatever the flag says.
    pub usual_timeout: Duration,
    /// What the flag says; `None` = nothing.
    pub wanted_timeout: Option<Duration>,
    /// How the result is shown.
    pub presentation: Presentation,
    /// Whether the suppliers are to be asked at mocks inside the process. Every supplier has a mock then, and no
    /// endpoint leads anywhere: where the mocks listen is only known when they run.
    pub mock: bool,
    /// The folder with the replies of an earlier run, which is compared once more; `None` = suppliers are asked.
    pub replay: Option<PathBuf>,
    /// The file with the state between runs; `None` = there is none, because it is not wanted or there is no place for
    /// it.
    pub state: Option<PathBuf>,
    /// Whether suppliers are asked although they failed too often lately.
    pub ask_open: bool,
    /// The suppliers that are to be asked (or served), in the file's order; never empty.
    pub suppliers: Vec<Supplier>,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
}

impl Settings {
    /// The question to ask for a product.
    #[must_use]
    pub fn request(&self, product: &str) -> PriceRequest {
        PriceRequest { product: product.to_owned(), quantity: self.quantity, currency: self.currency }
    }
}

/// Where exchange rates are fetched, and how they are read.
#[derive(Clone, Debug)]
pub struct RatesSource {
    /// Where they are.
    pub place: RatesPlace,
    /// How they are read.
    pub format: RatesFormat,
}

/// A place that exchange rates come from.
#[derive(Clone, Debug)]
pub enum RatesPlace {
    /// A page over HTTP or HTTPS.
    Web {
        /// Where it is.
        url: Secret,
        /// What is shown instead.
        shown_url: String,
    },
    /// A file of this machine.
    File {
        /// Its full path.
        path: PathBuf,
        /// Its path as it is written.
        name: String,
    },
}

/// How a result is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presentation {
    /// What quotes are ordered by.
    pub sort: Sort,
    /// How the result is printed.
    pub format: Format,
    /// What is printed of the JSON; `None` = all of it. The format is JSON with it.
    pub filter: Option<Filter>,
    /// Where the result is written; `None` = stdout.
    pub output: Option<PathBuf>,
    /// Where a page is written beside the result; `None` = nowhere.
    pub html: Option<PathBuf>,
    /// The folder that replies are saved in; `None` = they are not.
    pub save_replies: Option<PathBuf>,
    /// When to colour; `Auto` is for the terminal to decide, `NO_COLOR` is already accounted for.
    pub color: Color,
    /// Whether progress may be shown.
    pub progress: bool,
    /// Whether warnings, hints and progress are left out.
    pub quiet: bool,
    /// How much is told on stderr, 0…
    pub verbosity: u8,
    /// Whether requests are only shown.
    pub dry_run: bool,
}

/// One supplier, resolved.
#[derive(Clone, Debug)]
pub struct Supplier {
    /// Its name.
    pub name: SupplierName,
    /// Its own time; `None` = what is left of the run's.
    pub timeout: Option<Duration>,
    /// How often it is asked again at most when it fails in a way that may pass.
    pub retries: u32,
    /// Whether it is asked a second time when it is slow.
    pub hedging: Hedging,
    /// How fast it is asked about many lines.
    pub pace: Pace,
    /// What stands in for it when it does not respond and too few suppliers do.
    pub fallback: Fallback,
    /// What is added to its offers. Suppliers with the same terms share them.
    pub terms: Arc<Terms>,
    /// How it is reached.
    pub endpoint: Endpoint,
    /// What makes the body of a request; `None` = the request in the wire's own format. Without it where mocks are
    /// served.
    pub request: Option<Filter>,
    /// What replies mean; they are in the wire's own format where mocks are served.
    pub quotes: Mapping,
    /// What its filters and templates may refer to beside the request, in the file's order. Where suppliers are asked at
    /// mocks, the values of environment variables are left out.
    pub vars: Arc<[Binding]>,
    /// What is asked first, for ids that the request and the templates refer to.
    pub lookup: Option<Box<Lookup>>,
    /// How many pages of a reply are read at most, 1 or more.
    pub max_pages: u16,
    /// What is answered in its place; only where mocks are served or checked.
    pub mock: Option<Box<Mock>>,
}

/// How a supplier is reached.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// Over HTTP or HTTPS.
    Http(HttpEndpoint),
    /// It is a price list in a file.
    File(FileEndpoint),
    /// Over RabbitMQ.
    Amqp(Box<AmqpEndpoint>),
    /// Over Kafka.
    Kafka(Box<KafkaEndpoint>),
}

/// How a supplier is reached over RabbitMQ.
#[derive(Clone, Debug)]
pub struct AmqpEndpoint {
    /// The broker's host: a name or an address, the latter without brackets.
    pub host: String,
    /// The broker's port.
    pub port: u16,
    /// The virtual host.
    pub vhost: String,
    /// Who asks.
    pub user: Secret,
    /// The password.
    pub password: Secret,
    /// The URL with every secret masked.
    pub shown_url: String,
    /// Where requests go.
    pub target: AmqpTarget,
    /// How replies come back.
    pub reply_mode: ReplyMode,
    /// Whether many answer; `None` = one does.
    pub auction: Option<Auction>,
    /// Secrets that may come back: everything that was put in the place of a variable.
    pub secrets: Vec<Secret>,
    /// How the connection is secured; `None` = it is not.
    pub tls: Option<AmqpTls>,
}

/// How a connection to RabbitMQ is secured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmqpTls {
    /// Authorities to trust instead of the system's, a PEM file.
    pub ca_file: Option<PathBuf>,
    /// A client certificate with its key, a PEM file.
    pub client_certificate: Option<PathBuf>,
    /// Whether any certificate of the broker is accepted; only on loopback.
    pub is_unverified: bool,
}

/// How a supplier is reached over Kafka.
#[derive(Clone, Debug)]
pub struct KafkaEndpoint {
    /// The brokers, `HOST:PORT`, with commas between them.
    pub brokers: String,
    /// The same with every secret masked.
    pub shown_brokers: String,
    /// The topic that requests are written to.
    pub topic: String,
    /// Where replies come back.
    pub replies: ReplyTopic,
    /// Whether many answer; `None` = one does.
    pub auction: Option<Auction>,
    /// What the client library is told, in the file's order. Suppliers share it.
    pub properties: Arc<[KafkaProperty]>,
    /// Secrets that may come back: everything that was put in the place of a variable.
    pub secrets: Vec<Secret>,
}

/// A setting of Kafka's client library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaProperty {
    /// The library's name of it.
    pub name: String,
    /// What it is set to.
    pub value: Secret,
    /// What is shown instead.
    pub shown: String,
}

/// A price list in a file.
#[derive(Clone, Debug)]
pub struct FileEndpoint {
    /// Its path, percent-encoded. It may hold secrets.
    pub path: UrlTemplate,
    /// The same with every secret masked.
    pub shown_path: UrlTemplate,
    /// Where relative paths start from.
    pub folder: PathBuf,
    /// How it is read.
    pub layout: ListLayout,
}

impl Endpoint {
    /// What tells this place from others, without credentials. What is known of a supplier is known of it there.
    #[must_use]
    pub fn origin(&self) -> String {
        match self {
            Self::Http(endpoint) => endpoint.origin(),
            Self::File(_) => "file:".to_owned(),
            Self::Amqp(endpoint) => {
                let AmqpEndpoint { host, port, vhost, tls, .. } = &**endpoint;
                let scheme = if tls.is_some() { "amqps" } else { "amqp" };
                let vhost = utf8_percent_encode(vhost, NON_ALPHANUMERIC);
                format!("{scheme}://{host}:{port}/{vhost}")
            }
            Self::Kafka(endpoint) => format!("kafka://{}", endpoint.brokers),
        }
    }
}

/// The first of two steps, which finds out what the supplier calls the product.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Where it is asked.
    pub endpoint: HttpEndpoint,
    /// What makes the body of a request; `None` = the request in the wire's own format.
    pub request: Option<Filter>,
    /// What makes ids of a reply.
    pub mapping: mapping::Lookup,
    /// Whether quotes are asked for id by id (`id`), and not for all at once (`ids`).
    pub each: bool,
    /// For how many ids quotes are asked, 1 or more.
    pub max_ids: u16,
    /// How long ids that led to offers are remembered; `None` = they are not.
    pub max_age: Option<Duration>,
}

/// How a supplier is reached over HTTP.
#[derive(Clone)]
pub struct HttpEndpoint {
    /// The method.
    pub method: Method,
    /// Where to ask. It may hold secrets.
    pub url: UrlTemplate,
    /// The same with every secret masked.
    pub shown_url: UrlTemplate,
    /// How the body of a request is written.
    pub request_format: RequestFormat,
    /// Headers to send, in the file's order.
    pub headers: Vec<Header>,
    /// What a token is asked for with, where the supplier wants one.
    pub client_credentials: Option<Box<ClientCredentials>>,
    /// Secrets that may come back: everything that was put in the place of a variable.
    pub secrets: Vec<Secret>,
    /// Statuses that mean that the supplier does not carry the product.
    pub no_offer_status: Vec<u16>,
    /// Which redirects are followed.
    pub redirects: Redirects,
    /// Authorities to trust instead of the system's, a PEM file.
    pub ca_file: Option<PathBuf>,
    /// A client certificate with its key, a PEM file.
    pub client_certificate: Option<PathBuf>,
    /// Whether any certificate of the supplier is accepted; only on loopback.
    pub is_unverified: bool,
}

/// A header to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// What is sent.
    pub value: Secret,
    /// What is shown instead.
    pub shown: String,
}

impl FileEndpoint {
    /// Where the list is and how that is shown, if it is the same for every request.
    #[must_use]
    pub fn fixed_path(&self) -> Option<(PathBuf, String)> {
        let decoded = |template: &UrlTemplate| {
            let path = template.literal()?;
            Some(percent_decode_str(&path).decode_utf8_lossy().into_owned())
        };
        Some((self.folder.join(decoded(&self.path)?), decoded(&self.shown_path)?))
    }
}

impl HttpEndpoint {
    /// Scheme, host and port, without credentials, such as `https://api.acme.example:443`. It is worked out anew.
    #[must_use]
    pub fn origin(&self) -> String {
        // The URL was checked when it was resolved.
        origin(&self.url).unwrap_or_default()
    }
}

impl fmt::Debug for HttpEndpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, headers, .. } = self;
        formatter
            .debug_struct("HttpEndpoint")
            .field("method", method)
            .field("origin", &self.origin())
            .field("headers", headers)
            .finish_non_exhaustive()
    }
}
