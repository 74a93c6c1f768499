//! `suppliers.toml` as written: its tables, their keys, and how each value is read.
//!
//! The types here also make the JSON Schema, so that a key cannot be in one and not in the other. Owns what can be
//! judged without the environment, the flags and other files. Refuses to know defaults. Main type: [`File`].

use std::time::Duration;

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use toml::de::{DeTable, DeValue};

use super::address;
use super::amqp;
use super::broker::BrokerTable;
use super::credentials::{self, BasicTable, OAuth2Table};
use super::document::{At, Document, Findings, Span};
use super::error::{ConfigError, Problem, quoted};
use super::headers::{self, Headers};
use super::kafka::{self, KafkaTable};
use super::list::{self, ListTable};
use super::lookup::{self, LOOKUP_KEYS, LookupTable};
use super::mock_file::{LATENCY_KEYS, MOCK_KEYS, MockTable, OFFER_KEYS, PRICE_BREAK_KEYS};
use super::query::{self, Query};
use super::rates;
use super::reader::{Context, Fields};
use super::schema;
use super::secret::SecretSource;
use super::values::{self, LONGEST_WAIT, Read, SHORTEST_WAIT, number_text, wrong_type};
use super::variables::Text;
use super::vars::{self, Vars};
use super::way::Way;
use crate::domain::{
    Currency, Fallback, MAX_DAYS, MOST_RETRIES, Method, Rate, Rates, RatesProblem, Redirects, RequestFormat,
    SupplierName,
};
use crate::mapping::Names;

pub(super) const DOCUMENT_KEYS: &[&str] =
    &["currency", "timeout", "rates", "rates-url", "rates-filter", "kafka", "suppliers"];
pub(super) const RATES_KEYS: &[&str] = &["base", "date"];
pub(super) const SUPPLIER_KEYS: &[&str] = &[
    "url",
    "query",
    "method",
    "headers",
    "basic",
    "bearer",
    "oauth2",
    "timeout",
    "retries",
    "hedge",
    "hedge-after",
    "max-in-flight",
    "rate",
    "batch",
    "fallback",
    "enabled",
    "currency",
    "shipping",
    "free-shipping-from",
    "minimum-order-value",
    "fees",
    "tax-included-percent",
    "transit-days",
    "allow-free",
    "no-offer-status",
    "redirects",
    "ca-file",
    "client-certificate",
    "tls-verify",
    "request",
    "request-format",
    "error",
    "quotes",
    "next",
    "max-pages",
    "lookup",
    "vars",
    "format",
    "delimiter",
    "encoding",
    "header-row",
    "sheet",
    "product-column",
    "max-age",
    "queue",
    "exchange",
    "routing-key",
    "reply-mode",
    "topic",
    "brokers",
    "reply-topic",
    "reply-topic-delete",
    "auction",
    "expect",
    "mock",
];

/// Every key that there is, but for names of suppliers, headers and currencies.
pub(super) const ALL_KEYS: &[&[&str]] =
    &[DOCUMENT_KEYS, RATES_KEYS, SUPPLIER_KEYS, LOOKUP_KEYS, MOCK_KEYS, LATENCY_KEYS, OFFER_KEYS, PRICE_BREAK_KEYS];
/// Keys whose values may be secrets. A URL is one even where no `@` is in sight: it may have been misspelt.
pub(super) const SECRET_KEYS: &[&str] = &[
    "url",
    "brokers",
    "kafka",
    "rates-url",
    "query",
    "headers",
    "basic",
    "bearer",
    "oauth2",
    "vars",
    "body",
    "lookup-body",
];

/// Suppliers and how to ask them.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields, title = "suppliers.toml of pricecmp")]
pub(super) struct File {
    /// Offers are compared in this currency, an ISO 4217 code. Needed, unless `--currency` is always given.
    #[schemars(with = "Option<schema::Currency>")]
    pub(super) currency: Option<At<Currency>>,
    /// The deadline of the whole comparison. Default: 5s.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) timeout: Option<At<Duration>>,
    /// Exchange rates; needed where offers come in other currencies. Beside `rates-url` they are the last resort.
    #[schemars(with = "Option<RatesTable>")]
    pub(super) rates: Option<At<Rates>>,
    /// Where exchange rates are fetched, once a day: the European Central Bank's daily XML, or with `rates-filter` any
    /// JSON; `https://`, `http://`, or `file:` relative to this file. `${VAR}` is replaced from the environment.
    #[schemars(with = "Option<String>")]
    pub(super) rates_url: Option<At<String>>,
    /// A jq filter that makes `{base, date, rates: {CODE: number, …}}` of the JSON behind `rates-url`.
    #[schemars(with = "Option<String>")]
    pub(super) rates_filter: Option<At<String>>,
    /// Settings of librdkafka, Kafka's client library, by its own names (`"sasl.username"`), for all suppliers on Kafka;
    /// `${VAR}` is replaced from the environment.
    #[schemars(with = "std::collections::BTreeMap<String, schema::KafkaSetting>", default)]
    pub(super) kafka: KafkaTable,
    /// The suppliers by name, asked and listed in this order. A name has letters, digits, `-`, `_` and `.`.
    #[schemars(with = "std::collections::BTreeMap<String, SupplierTable>")]
    pub(super) suppliers: Vec<SupplierTable>,
}

/// Exchange rates of one day: one unit of the base buys so many units of each currency.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", transform = schema::rates)]
#[expect(dead_code, reason = "it is the shape of the table; reading it makes `Rates` at once")]
struct RatesTable {
    /// The currency that the rates are given for.
    #[schemars(with = "schema::Currency")]
    base: Currency,
    /// The day that the rates are of.
    #[schemars(with = "schema::Date")]
    date: Date,
}

/// One supplier.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SupplierTable {
    #[schemars(skip)]
    pub(super) name: SupplierName,
    /// Where to ask: an RFC 6570 template with the variables `product`, `quantity`, `currency` and those of `vars`.
    /// `${VAR}` is replaced from the environment; `$${` is a literal `${`.
    /// `file:prices/acme.csv` is a price list in a file; `amqp://HOST/VHOST` (or `amqps`) is RabbitMQ, `kafka://HOST:PORT`
    /// Kafka. Needed, unless there are `brokers`.
    #[schemars(with = "Option<String>")]
    pub(super) url: At<String>,
    /// What is added to the URL's query, percent-encoded, in this order: text or numbers, in which `{quantity}` and the
    /// other variables, and `${VAR}`, are replaced.
    #[schemars(with = "std::collections::BTreeMap<String, schema::TextOrNumber>", default)]
    pub(super) query: Query,
    /// The HTTP method; all but GET send the request as JSON. Default: GET, and POST with `request`.
    #[schemars(with = "Option<schema::MethodWord>")]
    pub(super) method: Option<At<Method>>,
    /// Headers to send: text, in which `${VAR}` is replaced from the environment, `{ file }` or `{ command }`.
    #[schemars(with = "std::collections::BTreeMap<String, schema::SecretForms>", default)]
    pub(super) headers: Headers,
    /// A name and a password, sent with every request.
    #[schemars(with = "Option<BasicTable>")]
    pub(super) basic: Option<BasicTable>,
    /// A token, sent with every request: text, in which `${VAR}` is replaced from the environment, `{ file }` (relative
    /// to this file) or `{ command }` (the first line that a program prints).
    #[schemars(with = "Option<schema::SecretForms>")]
    pub(super) bearer: Option<At<SecretSource>>,
    /// `OAuth2` client credentials: a token is asked for once a run and sent with every request.
    #[schemars(with = "Option<OAuth2Table>")]
    pub(super) oauth2: Option<OAuth2Table>,
    /// The time that this supplier is given at most. Default: what is left of the whole deadline.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) timeout: Option<At<Duration>>,
    /// How often it is asked again when it cannot be reached or is busy, 0 to 10. Default: 1.
    #[schemars(with = "Option<schema::Retries>")]
    pub(super) retries: Option<At<u32>>,
    /// Whether it is asked a second time beside the first when it is slower than 95 of 100 times before. Default: false.
    #[schemars(with = "Option<bool>")]
    pub(super) hedge: Option<At<bool>>,
    /// The same, after this time.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) hedge_after: Option<At<Duration>>,
    /// How many requests a basket has on their way to it at a time, 1 to 1000. Default: 8.
    #[schemars(with = "Option<schema::InFlight>")]
    pub(super) max_in_flight: Option<At<u16>>,
    /// How many requests of a basket it is sent in a time, such as `10/s`, `600/min` or `5000/h`. Default: as many as it
    /// answers.
    #[schemars(with = "Option<schema::RateWord>")]
    pub(super) rate: Option<At<Rate>>,
    /// How many lines of a basket one request asks for at most, 1 to 1000; `request` and `quotes` see them as `$lines`,
    /// and each offer says by its `productId` which one it is for. Default: each request asks for one.
    #[schemars(with = "Option<schema::Batch>")]
    pub(super) batch: Option<At<u16>>,
    /// What stands in for it when it does not respond and too few suppliers do: what it last offered (`history`, or
    /// `history=36h` for another age than 24h), or `none`. Default: what `--fallback` says.
    #[schemars(with = "Option<schema::FallbackWord>")]
    pub(super) fallback: Option<At<Fallback>>,
    /// Whether it is asked when no flag names it. Default: true.
    #[schemars(with = "Option<bool>")]
    pub(super) enabled: Option<At<bool>>,
    /// The currency of offers that name none, and of the amounts below. Default for the amounts: the
    /// configuration's currency.
    #[schemars(with = "Option<schema::Currency>")]
    pub(super) currency: Option<At<Currency>>,
    /// What shipping costs, when the offer does not say. Default: unknown.
    #[schemars(with = "Option<schema::Amount>")]
    pub(super) shipping: Option<At<Decimal>>,
    /// Configured shipping is free for goods from this value on.
    #[schemars(with = "Option<schema::Amount>")]
    pub(super) free_shipping_from: Option<At<Decimal>>,
    /// Orders below this value of goods are refused.
    #[schemars(with = "Option<schema::Amount>")]
    pub(super) minimum_order_value: Option<At<Decimal>>,
    /// What is added to every order, when the offer does not say.
    #[schemars(with = "Option<schema::Amount>")]
    pub(super) fees: Option<At<Decimal>>,
    /// The tax that is contained in the prices, 0 to 100 percent, when the offer does not say. Default:
    /// 0.
    #[schemars(with = "Option<schema::Percent>")]
    pub(super) tax_included_percent: Option<At<Decimal>>,
    /// Days from dispatch to arrival; turns a lead time into delivery days.
    #[schemars(with = "Option<schema::Days>")]
    pub(super) transit_days: Option<At<u16>>,
    /// Whether a price of 0 is a price. Default: false.
    #[schemars(with = "Option<bool>")]
    pub(super) allow_free: Option<At<bool>>,
    /// HTTP statuses that mean "does not carry the product", such as 404.
    #[schemars(with = "Vec<schema::Status>", default)]
    pub(super) no_offer_status: Vec<u16>,
    /// Which redirects are followed. Default: none.
    #[schemars(with = "Option<schema::RedirectsWord>")]
    pub(super) redirects: Option<At<Redirects>>,
    /// Authorities (PEM) to trust instead of the system's; relative to this file.
    #[schemars(with = "Option<String>")]
    pub(super) ca_file: Option<At<String>>,
    /// A client certificate with its key (PEM); relative to this file.
    #[schemars(with = "Option<String>")]
    pub(super) client_certificate: Option<At<String>>,
    /// Whether the supplier's certificate is verified. It can be switched off for addresses of this machine only.
    /// Default: true.
    #[schemars(with = "Option<bool>")]
    pub(super) tls_verify: Option<At<bool>>,
    /// A jq filter that makes the body of the request; its input is the request, and `$product`, `$quantity`,
    /// `$currency` and those of `vars` are bound.
    #[schemars(with = "Option<String>")]
    pub(super) request: Option<At<String>>,
    /// How what `request` makes is sent: as JSON, or as a form, for which it makes an object of texts, numbers and
    /// booleans. Default: json.
    #[schemars(with = "Option<schema::RequestFormatWord>")]
    pub(super) request_format: Option<At<RequestFormat>>,
    /// A jq filter that yields what a reply says is wrong, or nothing, with the same variables. It goes before `quotes`.
    #[schemars(with = "Option<String>")]
    pub(super) error: Option<At<String>>,
    /// A jq filter that makes offers of a reply, or of a row of a price list, with the same variables. Default: they are
    /// offers already.
    #[schemars(with = "Option<String>")]
    pub(super) quotes: Option<At<String>>,
    /// Values of the supplier's own, by name: numbers, text, in which `${VAR}` is replaced from the environment,
    /// `{ file }` or `{ command }`. Filters see `site` as `$site`, the URL as `{site}`.
    #[schemars(with = "std::collections::BTreeMap<String, schema::VarForms>", default, transform = schema::vars)]
    pub(super) vars: Vars,
    /// How a price list in a file is read.
    #[schemars(flatten)]
    pub(super) list: ListTable,
    /// How it is reached on a broker.
    #[schemars(flatten)]
    pub(super) broker: BrokerTable,
    /// A jq filter that yields where the next page of a reply is, or nothing, with the same variables: a URL of the same
    /// server; `&…`, which is added to the query of the first page; or an object, the body of the next request.
    #[schemars(with = "Option<String>")]
    pub(super) next: Option<At<String>>,
    /// How many pages are read at most, 1 to 1000. Default: 10.
    #[schemars(with = "Option<schema::Pages>")]
    pub(super) max_pages: Option<At<u16>>,
    /// What is asked first, where quotes are asked by ids of the supplier's own.
    #[schemars(with = "Option<LookupTable>")]
    pub(super) lookup: Option<LookupTable>,
    /// What `pricecmp mock` and `--mock` answer in the supplier's place.
    #[schemars(with = "Option<MockTable>")]
    pub(super) mock: Option<MockTable>,
}

impl SupplierTable {
    /// How the supplier is reached.
    pub(super) fn way(&self) -> Way {
        Way::of(&self.url.value, &self.broker)
    }
}

impl File {
    /// Reads a document. What is wrong goes to `findings`; suppliers that cannot be used are left out.
    ///
    /// # Errors
    /// When it is not TOML. The message never repeats a part of the file.
    pub(super) fn read(document: &Document, findings: &mut Findings) -> Result<Self, ConfigError> {
        let root = DeTable::parse(&document.text).map_err(|error| syntax_error(document, &error))?;
        let span = Span::from(0..0);
        let mut fields = Fields::new((root.get_ref(), span), Context::Document, DOCUMENT_KEYS, findings);
        let file = Self {
            currency: fields.word("currency", values::currency),
            timeout: fields.duration("timeout", SHORTEST_WAIT..=LONGEST_WAIT),
            rates: fields.table("rates").and_then(|table| read_rates(table, fields.findings)),
            rates_url: fields.read("rates-url", rates::read_url),
            rates_filter: fields.text("rates-filter"),
            kafka: fields.table("kafka").map(|table| kafka::read(table, fields.findings)).unwrap_or_default(),
            suppliers: fields
                .table("suppliers")
                .map(|table| read_suppliers(table.0, fields.findings))
                .unwrap_or_default(),
        };
        if let Some(filter) = file.rates_filter.as_ref().filter(|_| fields.raw("rates-url").is_none()) {
            let problem = Problem::new("there is no `rates-url` whose JSON it could read");
            fields.complain("rates-filter", filter.span, problem.with_hint("add `rates-url`, or remove it"));
        }
        Ok(file)
    }
}

/// A syntax error may stand beside a secret, so only its position and its reason are shown.
fn syntax_error(document: &Document, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or_else(|| line_of(&document.text, error.message()));
    let place = document.place(span.clone().into(), None);
    let reason = error.message().trim_end_matches('.');
    let key = document.text.get(span.start..span.end).filter(|_| reason == "duplicate key");
    let problem = match key {
        Some(key) => Problem::new(format!("duplicate key {}", quoted(key)))
            .with_hint("a name stands once; the line is not shown, since it may hold a secret"),
        None => Problem::new(format!("not valid TOML: {reason}"))
            .with_hint("the line is not shown, since it may hold a secret"),
    };
    Problem { place: Some(Box::new(place)), ..problem }.into()
}

/// The start of the line that first makes a text fail with this message, for errors that come without a place: too
/// many dots in a key.
fn line_of(text: &str, message: &str) -> std::ops::Range<usize> {
    let ends: Vec<usize> = text.match_indices('\n').map(|(newline, _)| newline + 1).collect();
    let is_right = |end: &usize| DeTable::parse(&text[..*end]).err().is_none_or(|error| error.message() != message);
    let right_lines = ends.partition_point(is_right);
    let start = right_lines.checked_sub(1).map_or(0, |last| ends[last]);
    start..start
}

fn read_rates((table, span): (&DeTable<'_>, Span), findings: &mut Findings) -> Option<At<Rates>> {
    // Every other key is a currency, and an unknown one says so in its own way.
    let keys: Vec<&str> = table.keys().map(|key| key.get_ref().as_ref()).collect();
    let mut fields = Fields::new((table, span), Context::Rates, &keys, findings);
    let base = fields.word("base", values::currency);
    let date = fields.read("date", read_date);
    for (key, example) in [("base", "base = \"EUR\""), ("date", "date = 2026-11-20")] {
        if fields.raw(key).is_none() {
            fields.complain_of_table(&format!("has no `{key}`"), &format!("add `{example}`"));
        }
    }
    let mut rates: Vec<(Currency, Decimal, Span)> = Vec::new();
    for (key, value) in table.iter().filter(|(key, _)| !RATES_KEYS.contains(&key.get_ref().as_ref())) {
        match values::currency(key.get_ref()) {
            Err(problem) => fields.findings.at(
                key.span().into(),
                Problem {
                    message: format!(
                        "unknown key {} of `rates`: neither `base`, `date` nor a currency",
                        quoted(key.get_ref())
                    ),
                    ..problem
                },
            ),
            Ok(currency) if rates.iter().any(|(known, ..)| *known == currency) => {
                let problem = Problem::new(format!("`rates` has {currency} twice"));
                fields.findings.at(key.span().into(), problem.with_hint("leave one of the two"));
            }
            Ok(currency) => {
                let rate = fields.number(key.get_ref(), values::amount);
                rates.extend(rate.map(|rate| (currency, rate.value, Span::from(value.span()))));
            }
        }
    }
    let (base, At { value: date, span: date_span }) = (base?.value, date?);
    let span_of = |wanted: Currency| rates.iter().find(|(currency, ..)| *currency == wanted).map(|(.., span)| *span);
    match Rates::new(base, date, rates.iter().map(|(currency, rate, _)| (*currency, *rate))) {
        Ok(rates) => Some(At { value: rates, span: date_span }),
        Err(problem) => {
            let (RatesProblem::NotPositive(currency) | RatesProblem::Base(currency)) = &problem;
            let span = span_of(*currency).unwrap_or(span);
            let hint = "write what one unit of the base buys, and leave the base itself out";
            fields.complain(currency.code(), span, Problem::new(problem.to_string()).with_hint(hint));
            None
        }
    }
}

fn read_date(value: &DeValue<'_>) -> Read<Date> {
    let text = match value {
        DeValue::Datetime(date) if date.time.is_none() => date.to_string(),
        DeValue::String(text) => text.to_string(),
        _ => return Err(wrong_type("a date", value).with_hint("write it as `2026-11-20`")),
    };
    let parsed = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    parsed.ok_or_else(|| Problem::new(format!("{} is not a date", quoted(&text))).with_hint("write it as `2026-11-20`"))
}

fn read_suppliers(table: &DeTable<'_>, findings: &mut Findings) -> Vec<SupplierTable> {
    let mut suppliers = Vec::with_capacity(table.len());
    for (key, value) in table {
        let name: &str = key.get_ref();
        let span = Span::from(key.span());
        if let Some(problem) = wrong_name(name) {
            findings.at(span, problem);
        } else if let Some(table) = value.get_ref().as_table() {
            suppliers.extend(read_supplier(name, (table, span), findings));
        } else {
            let problem = Problem::new(format!("{} is not a supplier", quoted(name)));
            findings.at(span, problem.with_hint("write a table: `[suppliers.NAME]`"));
        }
    }
    suppliers
}

/// Names stand in URLs of the mocks, in comma-separated flags and in tables, so they are kept simple.
/// What is wrong with a supplier's name, if anything is.
pub(super) fn wrong_name(name: &str) -> Option<Problem> {
    let simple = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    let right =
        name.len() <= 64 && name.chars().all(simple) && name.starts_with(|first: char| first.is_ascii_alphanumeric());
    (!right).then(|| {
        Problem::new(format!("{} is not a name of a supplier", quoted(name)))
            .with_hint("use up to 64 letters, digits, `-`, `_` and `.`, a letter or digit first")
    })
}

fn read_supplier(name: &str, table: (&DeTable<'_>, Span), findings: &mut Findings) -> Option<SupplierTable> {
    let mut fields = Fields::new(table, Context::Supplier(name), SUPPLIER_KEYS, findings);
    if fields.raw("url").is_none() && fields.raw("brokers").is_none() {
        fields.complain_of_table("has no `url`", "add `url = \"https://…/{product}{?quantity}\"`");
    }
    let vars = vars::read(&mut fields);
    let names = vars::names(&vars);
    let lookup = fields.table("lookup");
    let names_of_url = if lookup.is_some() { lookup::names_of_quotes(&names) } else { names.clone() };
    let broker = BrokerTable::read(&mut fields);
    let url = fields.read("url", |value| read_url(value, &broker, &names_of_url)).or_else(|| broker.url());
    let supplier = SupplierTable {
        name: SupplierName::new(name),
        query: query::read(&mut fields, &names_of_url),
        method: fields.word("method", read_method),
        headers: headers::read(&mut fields),
        basic: BasicTable::read(name, &mut fields),
        bearer: fields.read("bearer", SecretSource::read),
        oauth2: OAuth2Table::read(name, &mut fields),
        timeout: fields.duration("timeout", SHORTEST_WAIT..=LONGEST_WAIT),
        retries: fields.number("retries", |text| values::count(text, &(0..=i64::from(MOST_RETRIES)))),
        hedge: fields.boolean("hedge"),
        hedge_after: fields.duration("hedge-after", SHORTEST_WAIT..=LONGEST_WAIT),
        max_in_flight: fields.number("max-in-flight", |text| values::count(text, &(1..=1000))),
        rate: fields.word("rate", read_rate),
        batch: fields.number("batch", |text| values::count(text, &(1..=1000))),
        fallback: fields.word("fallback", values::fallback),
        enabled: fields.boolean("enabled"),
        currency: fields.word("currency", values::currency),
        shipping: fields.number("shipping", values::amount),
        free_shipping_from: fields.number("free-shipping-from", values::amount),
        minimum_order_value: fields.number("minimum-order-value", values::amount),
        fees: fields.number("fees", values::amount),
        tax_included_percent: fields.number("tax-included-percent", values::percent),
        transit_days: fields.number("transit-days", |text| values::count(text, &(0..=i64::from(MAX_DAYS)))),
        allow_free: fields.boolean("allow-free"),
        no_offer_status: fields.read("no-offer-status", read_statuses).map(|at| at.value).unwrap_or_default(),
        redirects: fields.word("redirects", read_redirects),
        ca_file: fields.text("ca-file"),
        client_certificate: fields.text("client-certificate"),
        tls_verify: fields.boolean("tls-verify"),
        request: fields.text("request"),
        request_format: fields.word("request-format", read_request_format),
        error: fields.text("error"),
        quotes: fields.text("quotes"),
        vars,
        list: ListTable::read(&mut fields),
        broker,
        next: fields.text("next"),
        max_pages: fields.number("max-pages", |text| values::count(text, &(1..=1000))),
        lookup: lookup.and_then(|table| LookupTable::read(name, table, &names, fields.findings)),
        mock: fields.table("mock").map(|table| MockTable::read(name, table, fields.findings)),
        url: url?,
    };
    check_together(&mut fields, &supplier);
    Some(supplier)
}

/// Checks which keys stand together.
fn check_together(fields: &mut Fields<'_, '_, '_>, supplier: &SupplierTable) {
    let way = supplier.way();
    way.check(fields, &supplier.url);
    match way {
        Way::Http => check_requests(fields, supplier),
        Way::File => supplier.list.check(fields, &supplier.url),
        Way::Amqp | Way::Kafka => supplier.broker.check(fields, way),
    }
    check_filters(fields, supplier);
    credentials::check_alone(fields, supplier);
}

/// Checks which keys of requests over HTTP stand together.
fn check_requests(fields: &mut Fields<'_, '_, '_>, supplier: &SupplierTable) {
    if let (None, Some(pages)) = (&supplier.next, &supplier.max_pages) {
        let problem = Problem::new("there is one page, since no `next` says where another one is");
        fields.complain("max-pages", pages.span, problem.with_hint("add `next`, or remove it"));
    }
    if let Some(batch) = &supplier.batch {
        let problem = match (&supplier.request, &supplier.lookup) {
            (None, _) => Problem::new("there is no `request` that could ask for several lines")
                .with_hint("add `request = '{parts: [$lines[] | {…}]}'`, or remove it"),
            (Some(_), Some(_)) => Problem::new("a `lookup` is about one product").with_hint("remove one of the two"),
            (Some(_), None) => return check_request_format(fields, supplier),
        };
        fields.complain("batch", batch.span, problem);
    }
    check_request_format(fields, supplier);
}

fn check_request_format(fields: &mut Fields<'_, '_, '_>, supplier: &SupplierTable) {
    if let (None, Some(format)) = (&supplier.request, &supplier.request_format) {
        let problem = Problem::new("there is no `request` whose output it could be the format of");
        fields.complain("request-format", format.span, problem.with_hint("add `request = '{…}'`"));
    }
    check_method(fields, supplier.request.as_ref(), supplier.method.as_ref());
}

/// Checks what stands beside filters. They themselves are compiled for the suppliers that are asked.
fn check_filters(fields: &mut Fields<'_, '_, '_>, supplier: &SupplierTable) {
    lookup::check_mock(fields, supplier);
    let offers = |mock: &&MockTable| mock.body.is_none() && mock.body_file.is_none();
    if let (Some(quotes), Some(_)) = (&supplier.quotes, supplier.mock.as_ref().filter(offers)) {
        let problem = Problem::new("the mock answers with offers in pricecmp's own format, which it is not made for");
        let hint = "give the mock a recorded reply of the supplier, in `body` or `body-file`";
        fields.complain("quotes", quotes.span, problem.with_hint(hint));
    }
}

/// Checks that there is a body where there is a filter that makes one.
pub(super) fn check_method(fields: &mut Fields<'_, '_, '_>, request: Option<&At<String>>, method: Option<&At<Method>>) {
    if let (Some(_), Some(method)) = (request, method.filter(|at| !at.value.has_body())) {
        let problem = Problem::new(format!("`{}` has no body that `request` could make", method.value.as_str()));
        fields.complain("method", method.span, problem.with_hint("remove it, which makes it a `POST`"));
    }
}

/// Reads a URL and checks it as far as it can be without the environment. The value is never repeated.
fn read_url(value: &DeValue<'_>, keys: &BrokerTable, names: &Names) -> Read<String> {
    let way = value.as_str().map_or(Way::Http, |url| Way::of(url, keys));
    read_url_with(value, |url| match way {
        Way::Http => address::check(url, names),
        Way::File => list::check_url(url, names),
        Way::Amqp => amqp::check(url),
        Way::Kafka => kafka::check(url),
    })
}

/// The same for a URL that can be no file.
pub(super) fn read_server_url(value: &DeValue<'_>, names: &Names) -> Read<String> {
    read_url_with(value, |url| address::check(url, names))
}

fn read_url_with(value: &DeValue<'_>, check: impl FnOnce(&Text<'_>) -> Read<()>) -> Read<String> {
    let text = headers::secret_text(value)?;
    // It was parsed a moment ago.
    Text::parse(&text).map_or(Ok(()), |parsed| check(&parsed))?;
    Ok(text)
}

pub(super) fn read_method(text: &str) -> Read<Method> {
    let known = Method::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text));
    known.ok_or_else(|| {
        Problem::new(format!("{} is not a method that asks", quoted(text))).with_hint("`GET`, `POST`, `PUT` or `PATCH`")
    })
}

fn read_rate(text: &str) -> Read<Rate> {
    Rate::parse(text).ok_or_else(|| {
        Problem::new(format!("{} is not a count in a time", quoted(text))).with_hint("`10/s`, `600/min` or `5000/h`")
    })
}

fn read_request_format(text: &str) -> Read<RequestFormat> {
    match text {
        "json" => Ok(RequestFormat::Json),
        "form" => Ok(RequestFormat::Form),
        _ => Err(Problem::new(format!("{} is no choice", quoted(text))).with_hint("`json` or `form`")),
    }
}

fn read_redirects(text: &str) -> Read<Redirects> {
    match text {
        "none" => Ok(Redirects::None),
        "same-host" => Ok(Redirects::SameHost),
        _ => Err(Problem::new(format!("{} is no choice", quoted(text))).with_hint("`none` or `same-host`")),
    }
}

pub(super) fn read_statuses(value: &DeValue<'_>) -> Read<Vec<u16>> {
    let status = |value: &DeValue<'_>| {
        let text = number_text(value).ok_or_else(|| wrong_type("a number", value))?;
        values::count(text, &(200..=599))
    };
    match value {
        DeValue::Array(elements) => elements.iter().map(|element| status(element.get_ref())).collect(),
        _ => Err(wrong_type("a list of statuses", value).with_hint("write `[404]`")),
    }
}
