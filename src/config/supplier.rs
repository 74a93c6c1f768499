//! One supplier, from as written to as resolved.
//!
//! Owns how variables, paths and terms of a supplier are resolved. Refuses to know which suppliers are asked. Main
//! type: [`Resolver`].

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::Errand;
use super::address::{self, Address, escape_braces};
use super::command::Commands;
use super::credentials::{self, BasicTable, OAuth2Table};
use super::discover::Environment;
use super::disk;
use super::document::{At, Document, Findings, Span};
use super::error::{Problem, quoted};
use super::file::SupplierTable;
use super::filters;
use super::headers::check_value;
use super::kafka::KafkaTable;
use super::list;
use super::lookup::{self, Noted};
use super::mock::{Mock, MockAnswer};
use super::mock_file::MockTable;
use super::pem::{self, unreadable};
use super::query::{self, Query};
use super::resolve::defaults;
use super::secret::{Found, SecretSource, read_file};
use super::settings::{
    AmqpEndpoint, Endpoint, FileEndpoint, Header, HttpEndpoint, KafkaEndpoint, KafkaProperty, Supplier,
};
use super::values::Read;
use super::variables::{MASK, Text, is_sensitive_name, masked_header, masked_url};
use super::vars::{self, VarValue, Vars};
use super::way::Way;
use crate::domain::{
    ClientCredentials, Currency, Fallback, Hedging, Method, Pace, RequestFormat, Secret, SupplierName, Terms, Warning,
    WarningKind,
};
use crate::mapping::{Binding, Filter, LINES, Mapping, Names, UrlTemplate};

/// The largest recorded reply; a real one is not read beyond it either.
const MAX_BODY: u64 = 8 << 20;

/// What suppliers are resolved with.
pub(super) struct Resolver<'a> {
    pub(super) document: &'a Document,
    pub(super) environment: &'a Environment,
    /// The currency of the configuration's amounts, where a supplier has none of its own.
    pub(super) currency: Currency,
    /// Whether suppliers are asked at mocks on loopback, so that no variable and no file is needed.
    pub(super) on_loopback: bool,
    /// What the flag says; `None` = nothing.
    pub(super) fallback: Option<Fallback>,
    /// Whether variables and other places of secrets are looked at; elsewhere `***` stands for what they hold.
    pub(super) knows_secrets: bool,
    /// Filters are compiled unless mocks are only served; price lists must be there where everything is checked.
    pub(super) errand: Errand,
    /// Whether mocks are made; recorded replies are read then.
    pub(super) with_mocks: bool,
    /// The PEM files that were found to be right, and whether with a key.
    pub(super) checked: HashSet<(PathBuf, bool)>,
    /// What commands printed.
    pub(super) commands: Commands,
    /// What deserves attention.
    pub(super) warnings: Vec<Warning>,
    /// Secrets of the supplier that is being resolved.
    pub(super) secrets: Vec<Secret>,
    /// What was found to be wrong.
    pub(super) findings: &'a mut Findings,
    /// What is set for Kafka, as written.
    pub(super) kafka: &'a KafkaTable,
    /// The same as resolved, once somebody needs it.
    pub(super) kafka_properties: Option<Result<Arc<[KafkaProperty]>, Noted>>,
    /// The terms of the last supplier: neighbours often have the same.
    pub(super) last_terms: Option<Arc<Terms>>,
}

/// Whether a secret is written into a supplier's table, instead of `${VAR}`.
pub(super) fn holds_secret(table: &SupplierTable) -> bool {
    let in_url = |url: &At<String>| {
        !list::is_file(&url.value) && Text::parse(&url.value).is_ok_and(|url| masked_url(&url.masked()).1)
    };
    let of_lookup = table.lookup.as_ref().and_then(|lookup| lookup.headers.as_deref()).unwrap_or_default();
    let mut headers = table.headers.iter().chain(of_lookup);
    in_url(&table.url)
        || table.lookup.as_ref().is_some_and(|lookup| in_url(&lookup.url))
        || credentials_of(table).any(|source| source.is_literal() && !source.is_empty())
        || masked_url(&format!("http://a/?{}", query::masked(&table.query, &vars::names(&table.vars)))).1
        || table.vars.iter().any(|(name, value)| vars::holds_secret(&name.value, &value.value))
        || headers.any(|(name, value)| is_sensitive_name(&name.value) && value.value.is_literal())
}

fn credentials_of(table: &SupplierTable) -> impl Iterator<Item = &SecretSource> {
    let basic = table.basic.as_ref().map(|basic| &basic.password.value);
    let bearer = table.bearer.as_ref().map(|bearer| &bearer.value);
    let oauth2 = table.oauth2.as_ref().map(|oauth2| &oauth2.client_secret.value);
    [basic, bearer, oauth2].into_iter().flatten()
}

/// The commands that a supplier's secrets come from.
pub(super) fn commands(table: &SupplierTable) -> impl Iterator<Item = &[String]> {
    let of_lookup = table.lookup.as_ref().and_then(|lookup| lookup.headers.as_deref()).unwrap_or_default();
    let headers = table.headers.iter().chain(of_lookup).map(|(_, value)| &value.value);
    let vars = table.vars.iter().filter_map(|(_, value)| match &value.value {
        VarValue::Text(source) => Some(source),
        VarValue::Number(_) => None,
    });
    credentials_of(table).chain(headers).chain(vars).filter_map(|source| match source {
        SecretSource::Command(command) => Some(&command[..]),
        SecretSource::Text(_) | SecretSource::File(_) => None,
    })
}

impl Resolver<'_> {
    /// Resolves a supplier; `None` when something is wrong, which is noted.
    pub(super) fn resolve(&mut self, table: &SupplierTable) -> Option<Supplier> {
        self.secrets.clear();
        let terms = self.terms(table);
        let mock = table.mock.as_ref().filter(|_| self.with_mocks).map(|mock| self.mock(table, mock));
        let timeout = table.timeout.as_ref().map(|at| at.value);
        let retries = table.retries.as_ref().map_or(defaults::RETRIES, |at| at.value);
        let hedging = hedging(table);
        let pace = pace(table);
        let fallback = fallback(table.fallback.as_ref().map(|at| at.value), self.fallback);
        let name = table.name.clone();
        let names = vars::names(&table.vars);
        let with_ids = if table.lookup.is_some() { lookup::names_of_quotes(&names) } else { names.clone() };
        let of_filters = names_of_filters(table, &names);
        let request = self.filter(&name, "request", table.request.as_ref(), &of_filters);
        let quotes = self.mapping(table, &of_filters);
        let vars = self.vars(&name, &table.vars);
        let max_pages = table.max_pages.as_ref().map_or(defaults::MAX_PAGES, |at| at.value);
        let endpoint = match table.way() {
            // Whoever has the list, it is read as the supplier's own would be.
            Way::File => self.file(table, &names).map(Endpoint::File),
            _ if self.on_loopback => at_mock(table).map(Endpoint::Http),
            Way::Http => self.endpoint(table, &with_ids).map(Endpoint::Http),
            Way::Amqp => self.amqp(table).map(Box::new).map(Endpoint::Amqp),
            Way::Kafka => self.kafka(table).map(Box::new).map(Endpoint::Kafka),
        };
        let lookup = self.lookup(table, endpoint.as_ref(), &names);
        let (vars, endpoint) = (vars?, self.with_secrets(endpoint?));
        let (lookup, mock) = (lookup.ok()?, mock.flatten().map(Box::new));
        #[rustfmt::skip]
        let supplier = Supplier {
            name, timeout, retries, hedging, pace, fallback, terms, endpoint, request, quotes, vars, lookup, max_pages, mock,
        };
        Some(supplier)
    }

    /// How replies are read.
    fn mapping(&mut self, table: &SupplierTable, names: &Names) -> Mapping {
        let mut filter = |key, at: &Option<At<String>>| self.filter(&table.name, key, at.as_ref(), names);
        let [error, quotes, next] = [("error", &table.error), ("quotes", &table.quotes), ("next", &table.next)]
            .map(|(key, at)| filter(key, at));
        // A recorded reply may say that there are more pages; they are not where a mock listens.
        Mapping { error, quotes, next: next.filter(|_| !self.on_loopback) }
    }

    /// An endpoint that knows the secrets of everything that was found for its supplier.
    fn with_secrets(&mut self, endpoint: Endpoint) -> Endpoint {
        let secrets = std::mem::take(&mut self.secrets);
        match endpoint {
            Endpoint::Http(http) => Endpoint::Http(HttpEndpoint { secrets, ..http }),
            Endpoint::Amqp(amqp) => Endpoint::Amqp(Box::new(AmqpEndpoint { secrets, ..*amqp })),
            Endpoint::Kafka(kafka) => Endpoint::Kafka(Box::new(KafkaEndpoint { secrets, ..*kafka })),
            file @ Endpoint::File(_) => file,
        }
    }

    /// Compiles the filters of a supplier that is not asked; what is wrong with them is noted.
    pub(super) fn check_filters(&mut self, table: &SupplierTable) {
        let names = vars::names(&table.vars);
        let of_filters = names_of_filters(table, &names);
        self.filter(&table.name, "request", table.request.as_ref(), &of_filters);
        self.mapping(table, &of_filters);
        self.lookup_filters(table, &names);
    }

    pub(super) fn complain<T>(&mut self, name: &SupplierName, key: &str, at: &At<T>, problem: Problem) {
        self.complain_at(name, key, at.span, problem);
    }

    pub(super) fn complain_at(&mut self, name: &SupplierName, key: &str, span: Span, problem: Problem) {
        let message = format!("`{key}` of supplier `{name}`: {}", problem.message);
        self.findings.at(span, Problem { message, ..problem });
    }

    /// Compiles a filter if it is needed; `None` also when it is wrong, which is noted.
    pub(super) fn filter(
        &mut self,
        name: &SupplierName,
        key: &str,
        at: Option<&At<String>>,
        names: &Names,
    ) -> Option<Filter> {
        let compiled = filters::compile(at.filter(|_| self.errand != Errand::Serve)?, names, self.document);
        compiled.map_err(|(span, problem)| self.complain_at(name, key, span, problem)).ok()
    }

    fn terms(&mut self, table: &SupplierTable) -> Arc<Terms> {
        let value = |amount: &Option<At<Decimal>>| amount.as_ref().map(|at| at.value);
        let currency = table.currency.as_ref().map(|at| at.value);
        let terms = Terms {
            currency,
            amounts_in: currency.unwrap_or(self.currency),
            shipping: value(&table.shipping),
            free_shipping_from: value(&table.free_shipping_from),
            minimum_order_value: value(&table.minimum_order_value),
            fees: value(&table.fees),
            tax_included_percent: value(&table.tax_included_percent).unwrap_or(defaults::TAX_INCLUDED_PERCENT),
            transit_days: table.transit_days.as_ref().map(|at| at.value),
            allow_free: table.allow_free.as_ref().map_or(defaults::ALLOW_FREE, |at| at.value),
        };
        match &self.last_terms {
            Some(last) if **last == terms => last.clone(),
            _ => self.last_terms.insert(Arc::new(terms)).clone(),
        }
    }

    /// Binds the supplier's own values; `None` when one is wrong, which is noted.
    fn vars(&mut self, supplier: &SupplierName, vars: &Vars) -> Option<Arc<[Binding]>> {
        let bindings: Vec<Option<Binding>> = vars
            .iter()
            .map(|(name, value)| {
                let bound = vars::bind(&name.value, &value.value, |source| self.find(supplier, source));
                bound.map_err(|problem| self.complain(supplier, "vars", value, problem)).ok()
            })
            .collect();
        bindings.into_iter().collect()
    }

    fn endpoint(&mut self, table: &SupplierTable, names: &Names) -> Option<HttpEndpoint> {
        let url = self.url(&table.name, "url", &table.url, &table.query, names);
        let method = method(table);
        let request_format = request_format(table);
        let headers: Vec<Option<Header>> =
            table.headers.iter().map(|(name, value)| self.header(&table.name, "headers", &name.value, value)).collect();
        let basic = table.basic.as_ref().map(|basic| self.basic(&table.name, basic));
        let bearer = table.bearer.as_ref().map(|bearer| self.bearer(&table.name, bearer));
        let client_credentials = table.oauth2.as_ref().map(|oauth2| self.client_credentials(&table.name, oauth2));
        let ca_file = self.pem(&table.name, "ca-file", table.ca_file.as_ref(), false);
        let client_certificate = self.pem(&table.name, "client-certificate", table.client_certificate.as_ref(), true);
        let Address { url, shown_url } = url?;
        let client_credentials = client_credentials.map_or(Some(None), |found| found.map(Box::new).map(Some))?;
        let token_url = client_credentials.as_ref().map(|credentials| credentials.token_url.expose());
        let origin = address::origin(&url).unwrap_or_default();
        let is_unverified = self.is_unverified(&table.name, table.tls_verify.as_ref(), &origin, token_url)?;
        Some(HttpEndpoint {
            method,
            url,
            shown_url,
            request_format,
            secrets: Vec::new(),
            headers: headers.into_iter().chain(basic).chain(bearer).collect::<Option<_>>()?,
            client_credentials,
            no_offer_status: table.no_offer_status.clone(),
            redirects: table.redirects.as_ref().map(|at| at.value).unwrap_or_default(),
            ca_file,
            client_certificate,
            is_unverified,
        })
    }

    /// The endpoint of a price list. Where it is only checked, the file must be there, if there is only one.
    fn file(&mut self, table: &SupplierTable, names: &Names) -> Option<FileEndpoint> {
        let SupplierTable { name, url, list, .. } = table;
        // Where the supplier's own list is does not matter when another one takes its place.
        let is_elsewhere = self.on_loopback;
        let made = list::endpoint(&url.value, list.clone(), &self.document.folder, names, |variable| {
            if is_elsewhere { Ok(variable.to_owned()) } else { self.variable(variable) }
        });
        let is_checked = self.errand == Errand::Check && !is_elsewhere;
        let checked = made.and_then(|endpoint| {
            let fixed = endpoint.as_ref().filter(|_| is_checked).and_then(FileEndpoint::fixed_path);
            let found =
                fixed.map_or(Ok(()), |(path, shown)| disk::check(&path).map_err(|why| unreadable(&shown, &why)));
            found.map(|()| endpoint)
        });
        checked.unwrap_or_else(|problem| {
            self.complain(name, "url", url, problem);
            None
        })
    }

    /// Whether certificates are not verified; `None` when that is wanted of more than this machine, which is noted.
    pub(super) fn is_unverified(
        &mut self,
        name: &SupplierName,
        verify: Option<&At<bool>>,
        url: &str,
        token_url: Option<&str>,
    ) -> Option<bool> {
        let Some(off) = verify.filter(|verify| !verify.value) else { return Some(false) };
        if [Some(url), token_url].into_iter().flatten().all(address::is_on_loopback) {
            self.warnings.push(Warning { kind: WarningKind::TlsUnverified, supplier: Some(name.clone()) });
            return Some(true);
        }
        let problem = Problem::new("verification can be switched off for addresses of this machine only");
        self.complain(name, "tls-verify", off, problem.with_hint("trust the certificate's authority with `ca-file`"));
        None
    }

    pub(super) fn url(
        &mut self,
        name: &SupplierName,
        key: &str,
        at: &At<String>,
        query: &Query,
        names: &Names,
    ) -> Option<Address> {
        let text = Text::parse(&at.value).ok()?;
        let resolved = text.resolved(|variable| self.variable(variable).map(|value| escape_braces(&value)));
        let added = query::template(query, names, |variable| self.variable(variable));
        let address = match (resolved, added) {
            (Ok(resolved), Ok(added)) => {
                let shown = query::add(&text.masked(), &query::masked(query, names));
                address::resolve(&text, &query::add(&resolved, &added), &shown, names)
            }
            (Err(problem), _) => Err(problem),
            (_, Err(problem)) => {
                // One of them is there, or nothing could be wrong.
                query.iter().take(1).for_each(|(_, value)| self.complain(name, "query", value, problem.clone()));
                return None;
            }
        };
        address.map_err(|problem| self.complain(name, key, at, problem)).ok()
    }

    pub(super) fn header(
        &mut self,
        supplier: &SupplierName,
        key: &str,
        name: &str,
        at: &At<SecretSource>,
    ) -> Option<Header> {
        match self.find(supplier, &at.value).and_then(|found| check_value(&found.value).map(|()| found)) {
            Ok(Found { value, shown }) => {
                Some(Header { name: name.to_owned(), value: Secret::new(value), shown: masked_header(name, &shown) })
            }
            Err(problem) => {
                let message = format!("header {}: {}", quoted(name), problem.message);
                self.complain(supplier, key, at, Problem { message, ..problem });
                None
            }
        }
    }

    /// Finds a secret, which is the supplier's from now on.
    fn find(&mut self, supplier: &SupplierName, source: &SecretSource) -> Read<Found> {
        let shown = source.masked();
        if !self.knows_secrets && !source.is_literal() {
            return Ok(Found { value: shown.clone(), shown });
        }
        let value = match source {
            SecretSource::Text(text) => {
                // It was parsed when it was read.
                let Ok(text) = Text::parse(text) else { return Ok(Found { value: String::new(), shown }) };
                return text.resolved(|variable| self.variable(variable)).map(|value| Found { value, shown });
            }
            SecretSource::File(name) => {
                let (value, readable) = read_file(&self.document.folder, name)?;
                if readable {
                    let kind = WarningKind::ReadableByOthers { path: name.clone() };
                    self.warnings.push(Warning { kind, supplier: Some(supplier.clone()) });
                }
                value
            }
            SecretSource::Command(command) => self.commands.secret(command)?,
        };
        self.secrets.push(Secret::new(value.clone()));
        Ok(Found { value, shown })
    }

    /// The secret of a credential; `None` when it cannot be found, which is noted.
    fn credential(&mut self, supplier: &SupplierName, key: &str, at: &At<SecretSource>) -> Option<Secret> {
        let found = self.find(supplier, &at.value).and_then(|found| check_value(&found.value).map(|()| found));
        let found = found.map_err(|problem| self.complain(supplier, key, at, problem)).ok()?;
        let secret = Secret::new(found.value);
        self.secrets.push(secret.clone());
        Some(secret)
    }

    fn basic(&mut self, supplier: &SupplierName, table: &BasicTable) -> Option<Header> {
        let user = self.credential(supplier, "basic.user", &table.user)?;
        // Whoever reads the header takes the first colon for the end of the name.
        if user.expose().contains(':') {
            let problem = Problem::new("a name holds no `:`").with_hint("HTTP ends the name there");
            self.complain(supplier, "basic.user", &table.user, problem);
            return None;
        }
        let password = self.credential(supplier, "basic.password", &table.password)?;
        Some(credentials::basic(user.expose(), password.expose()))
    }

    fn bearer(&mut self, supplier: &SupplierName, at: &At<SecretSource>) -> Option<Header> {
        self.credential(supplier, "bearer", at).map(|token| credentials::bearer(token.expose()))
    }

    fn client_credentials(&mut self, supplier: &SupplierName, table: &OAuth2Table) -> Option<ClientCredentials> {
        let credentials =
            credentials::client(table, |key, at| self.credential(supplier, &format!("oauth2.{key}"), at))?;
        if let Err(problem) = credentials::check_url(credentials.token_url.expose()) {
            self.complain(supplier, "oauth2.token-url", &table.token_url, problem);
            return None;
        }
        Some(credentials)
    }

    /// The value of a variable, which is a secret of the supplier from now on.
    pub(super) fn variable(&mut self, name: &str) -> Read<String> {
        if !self.knows_secrets {
            return Ok(MASK.to_owned());
        }
        let value = self.environment.value(name)?;
        self.secrets.push(Secret::new(value.clone()));
        Ok(value)
    }

    /// The full path of a PEM file, which must hold a certificate, and `with_key` a key.
    pub(super) fn pem(
        &mut self,
        name: &SupplierName,
        key: &str,
        at: Option<&At<String>>,
        with_key: bool,
    ) -> Option<PathBuf> {
        let at = at.filter(|_| self.errand != Errand::Replay)?;
        let path = self.document.folder.join(&at.value);
        // Many suppliers may name the same file.
        if !self.checked.contains(&(path.clone(), with_key)) {
            match pem::check(&path, &at.value, with_key) {
                Ok(()) => drop(self.checked.insert((path.clone(), with_key))),
                Err(problem) => self.complain(name, key, at, problem),
            }
        }
        Some(path)
    }

    fn mock(&mut self, supplier: &SupplierTable, table: &MockTable) -> Option<Mock> {
        let name = &supplier.name;
        let answer = match (&table.body, &table.body_file) {
            (Some(body), _) => Some(body.value.clone().into_bytes()),
            (None, Some(file)) => Some(self.recorded(name, "body-file", file)?),
            (None, None) => None,
        };
        let lookup = match (&table.lookup_body, &table.lookup_body_file) {
            (Some(body), _) => Some(body.value.clone().into_bytes()),
            (None, Some(file)) => Some(self.recorded(name, "lookup-body-file", file)?),
            (None, None) => None,
        };
        let status = table.status.as_ref().map_or(defaults::STATUS, |at| at.value);
        Some(Mock {
            latency: table.latency.as_ref().map_or(defaults::LATENCY, |at| at.value),
            error_rate: table.error_rate.as_ref().map_or(defaults::ERROR_RATE, |at| at.value),
            error: table.error.as_ref().map_or(defaults::ERROR, |at| at.value),
            retry_after: table.retry_after.as_ref().map(|at| at.value),
            fail_first: table.fail_first.as_ref().map_or(defaults::FAIL_FIRST, |at| at.value),
            seed: table.seed.as_ref().map(|at| at.value),
            lookup,
            list: answer.as_ref().filter(|_| list::is_file(&supplier.url.value)).and_then(|_| {
                let file = table.body_file.as_ref();
                supplier.list.of_mock(&supplier.url, file)
            }),
            answer: match answer {
                Some(body) => MockAnswer::Body { body, status },
                None => MockAnswer::Offers(table.offers.clone()),
            },
        })
    }

    fn recorded(&mut self, name: &SupplierName, key: &str, at: &At<String>) -> Option<Vec<u8>> {
        let reason = match disk::read(&self.document.folder.join(&at.value), MAX_BODY, "it is larger than 8 MiB") {
            Ok((body, _)) => return Some(body),
            Err(reason) => reason,
        };
        self.complain(name, key, at, unreadable(&at.value, &reason));
        None
    }
}

/// Whether and when a second request is sent. A time alone means that one is.
fn hedging(table: &SupplierTable) -> Hedging {
    let after = table.hedge_after.as_ref().map(|at| at.value);
    match table.hedge.as_ref().map(|at| at.value) {
        Some(false) => Hedging::Off,
        Some(true) => after.map_or(Hedging::Learned, Hedging::After),
        None => after.map_or(defaults::HEDGING, Hedging::After),
    }
}

/// What stands in for a supplier. A flag turns it off for everybody; where both ask for it, the key has the age, and a
/// supplier that wants none has none.
fn fallback(key: Option<Fallback>, flag: Option<Fallback>) -> Fallback {
    match flag {
        Some(Fallback::Off) => Fallback::Off,
        _ => key.or(flag).unwrap_or_default(),
    }
}

/// The method: the configured one, else one that can carry what there is to send.
fn method(table: &SupplierTable) -> Method {
    let default = if table.request.is_some() { Method::Post } else { Method::default() };
    table.method.as_ref().map_or(default, |at| at.value)
}

fn request_format(table: &SupplierTable) -> RequestFormat {
    table.request_format.as_ref().map(|at| at.value).unwrap_or_default()
}

/// An endpoint that leads to loopback and nowhere else, without credentials, headers and certificates, until it is
/// moved to where the mock listens.
/// How fast it is asked about many lines.
fn pace(table: &SupplierTable) -> Pace {
    Pace {
        max_in_flight: table.max_in_flight.as_ref().map_or(defaults::MAX_IN_FLIGHT, |at| at.value.into()),
        rate: table.rate.as_ref().map(|at| at.value),
        batch: table.batch.as_ref().map(|at| at.value.into()),
    }
}

/// What the filters that make a request and read its reply may refer to.
fn names_of_filters(table: &SupplierTable, names: &Names) -> Names {
    let names = if table.lookup.is_some() { lookup::names_of_quotes(names) } else { names.clone() };
    if table.batch.is_some() { names.with([LINES]) } else { names }
}

fn at_mock(table: &SupplierTable) -> Option<HttpEndpoint> {
    let nowhere = UrlTemplate::parse(&format!("http://127.0.0.1:{}/", defaults::MOCK_PORT), &Names::none()).ok()?;
    Some(HttpEndpoint {
        method: method(table),
        request_format: request_format(table),
        client_credentials: None,
        secrets: Vec::new(),
        url: nowhere.clone(),
        shown_url: nowhere,
        headers: Vec::new(),
        no_offer_status: table.no_offer_status.clone(),
        redirects: table.redirects.as_ref().map(|at| at.value).unwrap_or_default(),
        ca_file: None,
        client_certificate: None,
        is_unverified: false,
    })
}
