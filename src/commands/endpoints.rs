//! From resolved suppliers to transports.

use std::error::Error;
use std::sync::Arc;

use encoding_rs::UTF_8;

use crate::config::{AmqpEndpoint, Endpoint, FileEndpoint, HttpEndpoint, Lookup, Settings, Supplier};
use crate::domain::{ListFormat, ListLayout, SupplierName, cause_words};
use crate::mapping::{Names, TemplateProblem, UrlTemplate};
use crate::respond::Embedded;
#[cfg(feature = "amqp")]
use crate::transport::amqp::{AmqpAddress, AmqpBrokers, AmqpSettings, AmqpSupplier};
use crate::transport::file::{FileSettings, FileSupplier, ListSource, MockList};
use crate::transport::http::{
    HeaderSetting, HttpClients, HttpSettings, HttpSupplier, LookupSettings, Proxies, TlsSettings, TokenSources,
};
use crate::transport::{LookupMemory, Recorder, SavedReplies, Transport};

use super::brokers::Brokers;
use super::error::Failed;
use super::memory::Memory;

/// The mock suppliers inside this process; dropping them stops them.
pub(super) struct Mocks(Embedded);

impl Mocks {
    /// Starts them if the run is one of `--mock`.
    ///
    /// # Errors
    /// When the process has no descriptor, thread or port left.
    pub(super) fn start_if_wanted(settings: &Settings) -> Result<Option<Self>, Failed> {
        if !settings.mock {
            return Ok(None);
        }
        let with_mock = |supplier: &Supplier| Some((supplier.name.clone(), *supplier.mock.clone()?));
        Ok(Some(Self(Embedded::start(settings.suppliers.iter().filter_map(with_mock).collect())?)))
    }

    /// Where a supplier's mock answers with ids.
    fn lookup(&self, supplier: &SupplierName, configured: &HttpEndpoint) -> Result<HttpEndpoint, TemplateProblem> {
        let url = UrlTemplate::parse(&self.0.lookup_template(supplier), &Names::of_request())?;
        Ok(HttpEndpoint { shown_url: url.clone(), url, ..configured.clone() })
    }

    /// Where a supplier's mock gives out a price list: the recorded one, or offers about whatever is asked for.
    fn list(
        &self,
        supplier: &Supplier,
        configured: &ListLayout,
        shared: &mut Shared,
    ) -> Result<MockList, Box<dyn Error>> {
        let url = UrlTemplate::parse(&self.0.url_template(&supplier.name), &Names::of_request())?;
        let client = shared.clients.client(&TlsSettings::default())?;
        let recorded = supplier.mock.as_ref().and_then(|mock| mock.list.clone());
        let is_excerpt = recorded.is_none();
        let offers = || ListLayout { format: ListFormat::Json, encoding: UTF_8, max_age: None, ..configured.clone() };
        Ok(MockList { url, client, layout: recorded.unwrap_or_else(offers), is_excerpt })
    }

    /// Where a supplier's mock answers.
    fn endpoint(&self, supplier: &SupplierName, configured: &HttpEndpoint) -> Result<HttpEndpoint, TemplateProblem> {
        let url = UrlTemplate::parse(&self.0.url_template(supplier), &Names::of_request())?;
        Ok(HttpEndpoint { shown_url: url.clone(), url, ..configured.clone() })
    }
}

/// Makes a transport for each supplier, in their order; what they say is kept by `recorder`, ids that they give
/// by `memory`, connections to brokers by `brokers`. Nothing is sent.
///
/// # Errors
/// When a certificate file or a header of a supplier cannot be used.
pub(super) fn transports(
    settings: &Settings,
    mocks: Option<&Mocks>,
    saved: Option<&[Arc<SavedReplies>]>,
    recorder: &Recorder,
    memory: &Arc<Memory>,
    connections: Connections,
    brokers: &mut Brokers,
) -> Result<Vec<Arc<dyn Transport>>, Failed> {
    // No proxy stands between this process and its own mocks.
    let proxies = if mocks.is_some() { Proxies::none() } else { Proxies::from_environment() };
    let memory = Arc::clone(memory) as Arc<dyn LookupMemory>;
    let mut shared = Shared {
        clients: HttpClients::new(proxies).keeping(connections.kept(settings)),
        tokens: TokenSources::default(),
        memory,
        #[cfg(feature = "amqp")]
        brokers: AmqpBrokers::default(),
        kafka: brokers,
    };
    let transport = |(position, supplier): (usize, &Supplier)| {
        let ends = Ends { mocks, saved: saved.map(|saved| &saved[position]), recorder };
        let made = transport(supplier, ends, &mut shared);
        made.map_err(|error| Failed::Supplier(format!("supplier `{}`: {}", supplier.name, cause_words(&*error))))
    };
    settings.suppliers.iter().enumerate().map(transport).collect()
}

/// What becomes of a connection when the reply is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connections {
    /// It is closed: every supplier is asked once.
    Closed,
    /// It is kept for the next question.
    Kept,
}

impl Connections {
    /// How many idle ones to a host are kept.
    fn kept(self, settings: &Settings) -> usize {
        match self {
            Self::Closed => 0,
            // Suppliers may share a host.
            Self::Kept => settings.suppliers.iter().map(|supplier| supplier.pace.max_in_flight).sum(),
        }
    }
}

/// What suppliers with equal settings have in common.
struct Shared<'a> {
    clients: HttpClients,
    tokens: TokenSources,
    memory: Arc<dyn LookupMemory>,
    #[cfg(feature = "amqp")]
    brokers: AmqpBrokers,
    kafka: &'a mut Brokers,
}

/// Who is at the other end of a supplier's transport.
#[derive(Clone, Copy)]
pub(super) struct Ends<'a> {
    /// The mocks that are asked in the supplier's place.
    mocks: Option<&'a Mocks>,
    /// What it replied in an earlier run, in the place of asking it.
    pub(super) saved: Option<&'a Arc<SavedReplies>>,
    /// Who wants to see what is said.
    pub(super) recorder: &'a Recorder,
}

fn price_list(
    supplier: &Supplier,
    endpoint: &FileEndpoint,
    ends: Ends<'_>,
    shared: &mut Shared,
) -> Result<Arc<dyn Transport>, Box<dyn Error>> {
    let source = match (ends.saved, ends.mocks) {
        (Some(saved), _) => ListSource::Saved(Arc::clone(saved)),
        (None, Some(mocks)) => ListSource::Mock(mocks.list(supplier, &endpoint.layout, shared)?),
        (None, None) => ListSource::File,
    };
    let settings = list_settings(supplier, endpoint.clone());
    Ok(Arc::new(FileSupplier::new(FileSettings { source, recorder: ends.recorder.clone(), ..settings })))
}

/// How the price list of a supplier is read.
pub(super) fn list_settings(supplier: &Supplier, endpoint: FileEndpoint) -> FileSettings {
    let FileEndpoint { path, shown_path, folder, layout } = endpoint;
    FileSettings {
        name: supplier.name.clone(),
        path,
        shown_path,
        folder,
        layout,
        mapping: supplier.quotes.clone(),
        vars: Arc::clone(&supplier.vars),
        source: ListSource::File,
        recorder: Recorder::default(),
    }
}

fn transport(
    supplier: &Supplier,
    ends: Ends<'_>,
    shared: &mut Shared<'_>,
) -> Result<Arc<dyn Transport>, Box<dyn Error>> {
    let configured = match &supplier.endpoint {
        Endpoint::Http(configured) => configured,
        Endpoint::File(configured) => return price_list(supplier, configured, ends, shared),
        Endpoint::Amqp(configured) => return amqp(supplier, configured, ends, shared),
        Endpoint::Kafka(configured) => return shared.kafka.kafka(supplier, configured, ends),
    };
    let endpoint = match ends.mocks {
        None => configured.clone(),
        Some(mocks) => mocks.endpoint(&supplier.name, configured)?,
    };
    let lookup = supplier.lookup.as_ref().map(|lookup| lookup_settings(supplier, lookup, ends, shared));
    #[rustfmt::skip]
    let HttpEndpoint {
        method, url, shown_url, request_format, headers, client_credentials, secrets, no_offer_status, redirects, ca_file,
        client_certificate, is_unverified,
    } = endpoint;
    let client = shared.clients.client(&TlsSettings { ca_file, client_certificate, is_unverified })?;
    Ok(Arc::new(HttpSupplier::new(HttpSettings {
        name: supplier.name.clone(),
        method,
        url,
        shown_url,
        headers: headers.into_iter().map(header).collect(),
        tokens: client_credentials
            .filter(|_| ends.saved.is_none())
            .map(|credentials| shared.tokens.source(*credentials, &client)),
        secrets,
        no_offer_status,
        redirects,
        client,
        request_format,
        request: supplier.request.clone(),
        mapping: supplier.quotes.clone(),
        lookup: lookup.transpose()?,
        max_pages: supplier.max_pages.into(),
        vars: Arc::clone(&supplier.vars),
        takes_lines: supplier.pace.batch.is_some(),
        saved: ends.saved.cloned(),
        recorder: ends.recorder.clone(),
    })?))
}

/// With mocks there is none either.
#[cfg(feature = "amqp")]
fn amqp(
    supplier: &Supplier,
    endpoint: &AmqpEndpoint,
    ends: Ends<'_>,
    shared: &mut Shared<'_>,
) -> Result<Arc<dyn Transport>, Box<dyn Error>> {
    let (address, tls) = amqp_address(endpoint);
    let AmqpEndpoint { shown_url, target, reply_mode, auction, secrets, .. } = endpoint.clone();
    let settings = AmqpSettings {
        name: supplier.name.clone(),
        address,
        shown_url,
        tls,
        target,
        reply_mode,
        auction,
        timeout: supplier.timeout,
        secrets,
        request: supplier.request.clone(),
        mapping: supplier.quotes.clone(),
        vars: Arc::clone(&supplier.vars),
        saved: ends.saved.cloned(),
        recorder: ends.recorder.clone(),
    };
    Ok(Arc::new(AmqpSupplier::new(settings, &mut shared.brokers)?))
}

/// Where a broker is, and how connections to it are secured.
#[cfg(feature = "amqp")]
pub(super) fn amqp_address(endpoint: &AmqpEndpoint) -> (AmqpAddress, Option<TlsSettings>) {
    let AmqpEndpoint { host, port, vhost, user, password, tls, .. } = endpoint.clone();
    let tls = tls.map(|tls| TlsSettings {
        ca_file: tls.ca_file,
        client_certificate: tls.client_certificate,
        is_unverified: tls.is_unverified,
    });
    (AmqpAddress { host, port, vhost, user, password }, tls)
}

/// The configuration refuses such suppliers without the feature.
#[cfg(not(feature = "amqp"))]
fn amqp(_: &Supplier, _: &AmqpEndpoint, _: Ends<'_>, _: &mut Shared<'_>) -> Result<Arc<dyn Transport>, Box<dyn Error>> {
    Err("this pricecmp was built without RabbitMQ".into())
}

fn lookup_settings(
    supplier: &Supplier,
    lookup: &Lookup,
    ends: Ends<'_>,
    shared: &mut Shared<'_>,
) -> Result<LookupSettings, Box<dyn Error>> {
    let HttpEndpoint {
        method,
        url,
        shown_url,
        headers,
        client_credentials,
        no_offer_status,
        ca_file,
        client_certificate,
        is_unverified,
        // As it is for quotes, or without a meaning here.
        request_format: _,
        secrets: _,
        redirects: _,
    } = match ends.mocks {
        None => lookup.endpoint.clone(),
        Some(mocks) => mocks.lookup(&supplier.name, &lookup.endpoint)?,
    };
    let client = shared.clients.client(&TlsSettings { ca_file, client_certificate, is_unverified })?;
    Ok(LookupSettings {
        method,
        url,
        shown_url,
        headers: headers.into_iter().map(header).collect(),
        tokens: client_credentials
            .filter(|_| ends.saved.is_none())
            .map(|credentials| shared.tokens.source(*credentials, &client)),
        no_offer_status,
        client,
        request: lookup.request.clone(),
        mapping: lookup.mapping.clone(),
        each: lookup.each,
        max_ids: lookup.max_ids.into(),
        memory: lookup.max_age.filter(|_| ends.saved.is_none()).map(|age| (Arc::clone(&shared.memory), age)),
    })
}

fn header(header: crate::config::Header) -> HeaderSetting {
    HeaderSetting { name: header.name, value: header.value, shown: header.shown }
}
