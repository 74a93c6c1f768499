//! `[suppliers.NAME.lookup]`: the first of two steps, which finds out what the supplier calls the product.
//!
//! Owns how its keys are read and resolved, and what the second step may refer to. Refuses to know how anything is
//! sent. Main type: [`LookupTable`].

use std::time::Duration;

use schemars::JsonSchema;
use toml::de::DeTable;

use super::Errand;
use super::address::Address;
use super::document::{At, Findings, Span};
use super::error::Problem;
use super::file::{self, SupplierTable};
use super::headers::{self, Headers};
use super::query::{self, Query};
use super::reader::{Context, Fields};
use super::resolve::defaults;
use super::schema;
use super::secret::SecretSource;
use super::settings::{Endpoint, Header, HttpEndpoint, Lookup};
use super::supplier::Resolver;
use super::values;
use super::variables::Text;
use crate::domain::Method;
use crate::mapping::{self, Filter, Names, UrlTemplate};

pub(super) const LOOKUP_KEYS: &[&str] =
    &["url", "method", "headers", "no-offer-status", "request", "error", "ids", "max-ids", "max-age"];

/// The name of one id, for which one request is made; and of all of them, for one request.
const NAMES: [&str; 2] = ["id", "ids"];
/// The longest and the shortest time that ids are remembered.
const AGES: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24 * 365);
/// The most ids that may be asked for.
const MOST_IDS: i64 = 1_000;

/// What is asked before quotes are: which ids the supplier has for the product.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct LookupTable {
    /// Where to ask for ids: a template like the supplier's `url`.
    #[schemars(with = "String")]
    pub(super) url: At<String>,
    /// The HTTP method. Default: GET, and POST with `request`.
    #[schemars(with = "Option<schema::MethodWord>")]
    pub(super) method: Option<At<Method>>,
    /// Headers to send. Default: the supplier's own, and none to another server than the supplier's `url` names.
    #[schemars(with = "Option<std::collections::BTreeMap<String, String>>")]
    pub(super) headers: Option<Headers>,
    /// HTTP statuses that mean "does not carry the product". Default: the supplier's own.
    #[schemars(with = "Option<Vec<schema::Status>>")]
    pub(super) no_offer_status: Option<Vec<u16>>,
    /// A jq filter that makes the body of the request.
    #[schemars(with = "Option<String>")]
    pub(super) request: Option<At<String>>,
    /// A jq filter that yields what a reply says is wrong, or nothing. Default: the supplier's own.
    #[schemars(with = "Option<String>")]
    pub(super) error: Option<At<String>>,
    /// A jq filter that yields ids, texts or numbers; none = the supplier does not carry the product. The supplier's `url`
    /// and `request` refer to them: `{id}` and `$id` make a request for each, `{?ids}` and `$ids` one for all.
    #[schemars(with = "String")]
    pub(super) ids: At<String>,
    /// For how many ids quotes are asked at most, 1 to 1000. Default: 20.
    #[schemars(with = "Option<schema::Pages>")]
    pub(super) max_ids: Option<At<u16>>,
    /// How long ids that led to offers are remembered. Default: they are not.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) max_age: Option<At<Duration>>,
}

/// Something is wrong, and was noted.
#[derive(Clone, Copy)]
pub(super) struct Noted;

/// The names that the second step may refer to.
pub(super) fn names_of_quotes(names: &Names) -> Names {
    names.with(NAMES)
}

impl LookupTable {
    /// Reads a lookup; what is wrong goes to `findings`.
    pub(super) fn read(
        name: &str,
        table: (&DeTable<'_>, Span),
        names: &Names,
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut fields = Fields::new(table, Context::Lookup(name), LOOKUP_KEYS, findings);
        for (key, example) in [("url", "url = \"https://…/search{?product}\""), ("ids", "ids = \".parts[].id\"")] {
            if fields.raw(key).is_none() {
                fields.complain_of_table(&format!("has no `{key}`"), &format!("add `{example}`"));
            }
        }
        let lookup = Self {
            method: fields.word("method", file::read_method),
            headers: fields.raw("headers").is_some().then(|| headers::read(&mut fields)),
            no_offer_status: fields.read("no-offer-status", file::read_statuses).map(|at| at.value),
            request: fields.text("request"),
            error: fields.text("error"),
            max_ids: fields.number("max-ids", |text| values::count(text, &(1..=MOST_IDS))),
            max_age: fields.duration("max-age", AGES),
            url: fields.read("url", |value| file::read_server_url(value, names))?,
            ids: fields.text("ids")?,
        };
        file::check_method(&mut fields, lookup.request.as_ref(), lookup.method.as_ref());
        Some(lookup)
    }
}

impl Resolver<'_> {
    /// Resolves the lookup of a supplier, if it has one. There is none where mocks are served: they have a recorded reply.
    ///
    /// # Errors
    /// When something is wrong, which is noted.
    pub(super) fn lookup(
        &mut self,
        table: &SupplierTable,
        quotes: Option<&Endpoint>,
        names: &Names,
    ) -> Result<Option<Box<Lookup>>, Noted> {
        let Some(lookup) = table.lookup.as_ref().filter(|_| self.errand != Errand::Serve) else { return Ok(None) };
        let [request, error, ids] = self.lookup_filters(table, names);
        let each = self.asks_for_each(table, names);
        let endpoint = match quotes {
            Some(Endpoint::Http(quotes)) => self.lookup_endpoint(table, lookup, quotes, names),
            Some(Endpoint::File(_) | Endpoint::Amqp(_) | Endpoint::Kafka(_)) | None => None,
        };
        Ok(Some(Box::new(Lookup {
            endpoint: endpoint.ok_or(Noted)?,
            request,
            mapping: mapping::Lookup { error, ids: ids.ok_or(Noted)? },
            each: each.ok_or(Noted)?,
            max_ids: lookup.max_ids.as_ref().map_or(defaults::MAX_IDS, |at| at.value),
            max_age: lookup.max_age.as_ref().map(|at| at.value),
        })))
    }

    /// Compiles the filters of a lookup, if there is one: what makes the request, finds errors, and yields ids.
    pub(super) fn lookup_filters(&mut self, table: &SupplierTable, names: &Names) -> [Option<Filter>; 3] {
        let Some(lookup) = &table.lookup else { return [None, None, None] };
        let (key, error) = match &lookup.error {
            Some(error) => ("lookup.error", Some(error)),
            None => ("error", table.error.as_ref()),
        };
        [("lookup.request", lookup.request.as_ref()), (key, error), ("lookup.ids", Some(&lookup.ids))]
            .map(|(key, at)| self.filter(&table.name, key, at, names))
    }

    /// Where ids are asked for. What is meant for the supplier's server goes to no other one.
    fn lookup_endpoint(
        &mut self,
        table: &SupplierTable,
        lookup: &LookupTable,
        quotes: &HttpEndpoint,
        names: &Names,
    ) -> Option<HttpEndpoint> {
        let method = method(lookup);
        if self.on_loopback {
            return Some(HttpEndpoint { method, ..quotes.clone() });
        }
        let address = self.url(&table.name, "lookup.url", &lookup.url, &Query::new(), names);
        let header = |(name, value): &(At<String>, At<SecretSource>)| {
            self.header(&table.name, "lookup.headers", &name.value, value)
        };
        let own: Option<Vec<Option<Header>>> = lookup.headers.as_ref().map(|own| own.iter().map(header).collect());
        let Address { url, shown_url } = address?;
        let place = HttpEndpoint {
            method,
            url,
            shown_url,
            no_offer_status: lookup.no_offer_status.clone().unwrap_or_else(|| quotes.no_offer_status.clone()),
            ..quotes.clone()
        };
        let place = if place.origin() == quotes.origin() {
            place
        } else {
            HttpEndpoint {
                headers: Vec::new(),
                client_credentials: None,
                ca_file: None,
                client_certificate: None,
                is_unverified: false,
                ..place
            }
        };
        match own {
            Some(own) => {
                let mut headers = own.into_iter().collect::<Option<Vec<Header>>>()?;
                // What `basic` and `bearer` make of a credential is no header of the file.
                let has_credential = table.basic.is_some() || table.bearer.is_some();
                let is_credential = |header: &Header| header.name.eq_ignore_ascii_case("authorization");
                if has_credential && !headers.iter().any(is_credential) {
                    headers.extend(place.headers.iter().filter(|header| is_credential(header)).cloned());
                }
                Some(HttpEndpoint { headers, ..place })
            }
            None => Some(place),
        }
    }

    /// Whether quotes are asked for id by id, and not for all ids at once.
    fn asks_for_each(&mut self, table: &SupplierTable, names: &Names) -> Option<bool> {
        let refers = |name: &str| {
            let without = names.with(NAMES.into_iter().filter(|other| *other != name));
            let in_filter = |at: &At<String>| {
                let compiles = |names: &Names| Filter::compile(&at.value, names).is_ok();
                !compiles(&without) && compiles(&names_of_quotes(&without))
            };
            // It was parsed when it was read.
            let url = Text::parse(&table.url.value).map(|url| url.assumed()).unwrap_or_default();
            let in_query =
                query::template(&table.query, &names_of_quotes(names), |_| Ok(String::new())).unwrap_or_default();
            let in_url = [url, format!("http://a.example/?{in_query}")];
            in_url.iter().any(|url| UrlTemplate::parse(url, &without).is_err())
                || table.request.as_ref().is_some_and(in_filter)
        };
        match (refers("id"), refers("ids")) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            (uses_both, _) => {
                let message = if uses_both { "it refers to both `id` and `ids`" } else { "it refers to no id" };
                let problem = Problem::new(format!("{message}, beside a `lookup`"));
                let hint = "write `{id}`, for a request for each id, or `{?ids}`, for one with all; `$id` or `$ids` in \
                            `request`";
                self.complain_at(&table.name, "url", table.url.span, problem.with_hint(hint));
                None
            }
        }
    }
}

/// The method: the configured one, else one that can carry what there is to send.
fn method(lookup: &LookupTable) -> Method {
    let default = if lookup.request.is_some() { Method::Post } else { Method::default() };
    lookup.method.as_ref().map_or(default, |at| at.value)
}

/// A mock of a supplier that is asked in two steps needs a reply for each.
pub(super) fn check_mock(fields: &mut Fields<'_, '_, '_>, supplier: &SupplierTable) {
    let (Some(lookup), Some(mock)) = (&supplier.lookup, &supplier.mock) else { return };
    if mock.lookup_body.is_none() && mock.lookup_body_file.is_none() {
        let problem = Problem::new("the mock has no reply to it");
        let hint = "give the mock a recorded one, in `lookup-body` or `lookup-body-file`";
        fields.complain("lookup", lookup.url.span, problem.with_hint(hint));
    }
}
