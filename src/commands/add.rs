//! `pricecmp add`: looks at one reply of a supplier, and adds it to the configuration with a mapping that fits.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use jiff::Timestamp;

use crate::cli::{Addition as Wanted, Flags};
use crate::config::{self, Addition, Editable, Edited, Endpoint, HttpEndpoint, Observed, Settings};
use crate::domain::{Currency, Failure, OfferReply, Phase, Secret, cause_words, system_words};
use crate::mapping::Bindings;
use crate::propose::{self, Proposal, Refusal, RequestProposal, RequestRefusal};
use crate::report::{self, Screen};
use crate::transport::PhaseMark;
use crate::transport::http::{HeaderSetting, HttpClients, Page, Proxies, TlsSettings};

use super::error::Failed;
use super::{Surroundings, add_list, output, runtime};

/// The largest saved reply that is read; replies over HTTP have the same bound.
const MOST_BYTES: u64 = 8 << 20;
/// The types that are asked for.
const ACCEPT: &str = "application/json";
/// Where a supplier is asked that nobody has told the URL of.
const UNKNOWN_URL: &str = "https://supplier.example/{product}";

/// Gets a reply, proposes a mapping, checks what would come of the file, and writes it.
///
/// # Errors
/// When the command line or the configuration is wrong, no reply comes, or nothing in it is like a price: then nothing
/// is written.
pub(super) fn add(wanted: &Wanted, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let editable = config::editable(flags, &surroundings.environment, &wanted.name, wanted.replace)?;
    if let Some(format) = add_list::format_of(wanted, surroundings) {
        return add_list::add(wanted, flags, surroundings, &editable, format);
    }
    let adding = Adding::new(wanted, flags, surroundings, &editable)?;
    let draft = adding.draft()?;
    let settings = adding.check(&draft)?;
    let request = Arc::new(settings.request(wanted.product.as_deref().unwrap_or_default()));
    let bindings = Bindings::new(request, [].into());
    if flags.dry_run && adding.is_url() {
        output::to_stdout(&preview(&wanted.name, &settings, &bindings)?)?;
        return Ok(0);
    }
    let reply = adding.reply(&settings, &bindings)?;
    let proposal =
        propose::propose(&reply, wanted.product.as_deref(), &bindings).map_err(|refusal| refused(&refusal))?;
    let offers = proposal.offers.as_ref().map_err(unusable)?;
    let currency = adding.currency(&proposal, settings.currency);
    let edited = adding.editable.with(&adding.addition(currency, proposal.filter.clone()))?;
    adding.check(&edited)?;
    let notes = adding.notes(&edited, &proposal);
    Conclusion { edited: &edited, offers, assumed: currency.map(|(currency, _)| currency), settings: &settings, notes }
        .tell(flags, surroundings)
}

/// What comes of adding a supplier.
pub(super) struct Conclusion<'a> {
    pub(super) edited: &'a Edited,
    /// What the filter made of the example.
    pub(super) offers: &'a [OfferReply],
    /// The currency of those that name none.
    pub(super) assumed: Option<Currency>,
    pub(super) settings: &'a Settings,
    pub(super) notes: report::ProposalNotes,
}

impl Conclusion<'_> {
    /// Writes the file, and shows what is new in it and what comes of that.
    ///
    /// # Errors
    /// When something cannot be written.
    pub(super) fn tell(self, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
        if !flags.dry_run {
            output::to_file(&self.edited.path, self.edited.text.as_bytes())?;
        }
        let terminal = surroundings.terminal;
        let color = self.settings.presentation.color;
        let screen = Screen { width: terminal.width, color: color.on(terminal.stdout) };
        let block = report::sanitize::clean_shape(&self.edited.block);
        let offers = report::offers(self.offers, self.assumed, &self.settings.criteria, screen);
        output::to_stdout(&format!("{block}\n{offers}"))?;
        if !flags.quiet {
            output::to_stderr(&report::proposal_notes(&self.notes, color.on(terminal.stderr)));
        }
        Ok(0)
    }
}

/// What was done, or with `--dry-run` would be.
pub(super) fn done(edited: &Edited, name: &str, flags: &Flags) -> String {
    if flags.dry_run {
        format!("`{}` would have supplier `{name}`; nothing is written with --dry-run", edited.name)
    } else {
        format!("`{}` has supplier `{name}`", edited.name)
    }
}

/// What is to be done first where the price is in doubt.
pub(super) const IN_DOUBT: &str =
    "the price is in doubt: the supplier fails until the line with `error(…)` is removed from its `quotes`";

struct Adding<'a> {
    wanted: &'a Wanted,
    flags: &'a Flags,
    surroundings: &'a Surroundings,
    editable: &'a Editable,
    observed: Observed,
    prices_in: Option<Currency>,
    request: Option<RequestProposal>,
}

impl<'a> Adding<'a> {
    fn new(
        wanted: &'a Wanted,
        flags: &'a Flags,
        surroundings: &'a Surroundings,
        editable: &'a Editable,
    ) -> Result<Self, Failed> {
        let headers = wanted.header.iter().map(|header| split_header(header)).collect::<Result<Vec<_>, _>>()?;
        let url = if is_url(&wanted.source) { Some(&wanted.source) } else { wanted.url.as_ref() };
        let quantity = flags.qty.first().and_then(|quantity| quantity.parse().ok());
        let url = url.map_or(UNKNOWN_URL, String::as_str);
        let observed = config::observe(&wanted.name, url, &headers, wanted.product.as_deref(), quantity);
        let prices_in = wanted.prices_in.as_deref().map(Currency::parse).transpose();
        let prices_in = prices_in
            .map_err(|problem| Failed::remark(format!("`--prices-in`: {problem}"), "use a code such as `EUR`"))?;
        let request = wanted.request.as_deref().map(|file| {
            let body = saved(file, surroundings)?;
            propose::request(&body, wanted.product.as_deref(), quantity, &config::is_sensitive_name)
                .map_err(|refusal| no_example(&refusal))
        });
        Ok(Self { wanted, flags, surroundings, editable, observed, prices_in, request: request.transpose()? })
    }

    fn is_url(&self) -> bool {
        is_url(&self.wanted.source)
    }

    fn asks_for_product(&self) -> bool {
        self.observed.asks_for_product || self.request.as_ref().is_some_and(|request| request.asks_for_product)
    }

    /// The configuration with the supplier, before there is a mapping: what is wrong with it shows before anything is
    /// sent.
    fn draft(&self) -> Result<Edited, Failed> {
        Ok(self.editable.with(&self.addition(None, None))?)
    }

    /// The currency of offers that name none, and whether the user named it.
    fn currency(&self, proposal: &Proposal, compare_in: Currency) -> Option<(Currency, bool)> {
        let assumed = (!proposal.says_currency).then_some((compare_in, false));
        self.prices_in.map(|currency| (currency, true)).or(assumed)
    }

    fn addition(&self, currency: Option<(Currency, bool)>, quotes: Option<String>) -> Addition {
        let mut url_checks = Vec::new();
        if !self.is_url() && self.wanted.url.is_none() {
            url_checks.push("where the supplier is asked".to_owned());
        } else if !self.asks_for_product() {
            url_checks.push("it asks the same whatever the product is; put `{product}` in its place".to_owned());
        }
        Addition {
            name: self.wanted.name.clone(),
            url: self.observed.url.clone(),
            list: None,
            url_checks,
            headers: self.observed.headers.clone(),
            currency,
            request: self.request.as_ref().map(|request| request.filter.clone()),
            quotes,
        }
    }

    /// Checks the whole file. What is asked must be known; what is only written may be set later.
    fn check(&self, edited: &Edited) -> Result<Settings, Failed> {
        let environment = &self.surroundings.environment;
        let assuming = !self.is_url();
        Ok(edited.check(self.flags, environment, &self.wanted.name, &self.observed.secrets, assuming)?)
    }

    fn reply(&self, settings: &Settings, bindings: &Bindings) -> Result<Vec<u8>, Failed> {
        if !self.is_url() {
            return saved(&self.wanted.source, self.surroundings);
        }
        fetch(settings, bindings)
    }

    /// What the user has to know and to do, the doubtful things first.
    fn notes(&self, edited: &Edited, proposal: &Proposal) -> report::ProposalNotes {
        let name = &self.wanted.name;
        let mut checks = proposal.checks.clone();
        if !proposal.says_currency && self.prices_in.is_none() {
            checks.push("the reply names no currency; `currency` is set to the one that you compare in".to_owned());
        }
        checks.extend(expired(proposal, Timestamp::now()));
        let mut next = Vec::new();
        let asks_nobody = !self.is_url() && self.wanted.url.is_none();
        if asks_nobody {
            next.push("set `url`: a file does not say where the supplier is asked".to_owned());
        } else if !self.asks_for_product() {
            checks.push(
                "it asks the same whatever the product is; put `{product}` into `url`, or `$product` into `request`"
                    .to_owned(),
            );
        }
        if self.request.as_ref().is_some_and(|request| !request.asks_for_quantity) {
            checks.push("`request` asks the same whatever the quantity is; `--qty` says which number it is".to_owned());
        }
        next.extend(
            self.observed
                .secrets
                .iter()
                .map(|(variable, _)| format!("set the variable `{variable}`; its value was not written")),
        );
        let product = self.wanted.product.as_deref().unwrap_or("PRODUCT");
        next.extend(proposal.is_unsure.then(|| IN_DOUBT.to_owned()));
        next.push(format!("`pricecmp {product} --supplier {name}` asks it"));
        let done = done(edited, name, self.flags);
        report::ProposalNotes { checks, done, next }
    }
}

/// Says so when offers of the reply do not hold any more, as those of a saved one may.
fn expired(proposal: &Proposal, now: Timestamp) -> Option<String> {
    let end = |offer: &OfferReply| match offer {
        OfferReply::Readable(offer) => offer.valid_until.filter(|end| *end < now),
        OfferReply::Faulty(_) => None,
    };
    let end = proposal.offers.as_ref().ok()?.iter().find_map(end)?;
    Some(format!("an offer of this reply expired at {end}; such offers are rejected"))
}

fn is_url(source: &str) -> bool {
    source.contains("://")
}

fn split_header(header: &str) -> Result<(String, String), Failed> {
    let (name, value) = header
        .split_once(':')
        .ok_or_else(|| Failed::remark("`--header` has no `:`".to_owned(), "write it as 'Name: value'"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Reads a saved reply, or stdin.
fn saved(source: &str, surroundings: &Surroundings) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    let read = if source == "-" {
        io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes)
    } else {
        let file = File::open(surroundings.environment.directory().join(source));
        file.and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
    };
    match read {
        Ok(_) if bytes.len() as u64 > MOST_BYTES => {
            Err(Failed::remark(format!("`{source}` is larger than 8 MiB"), "save a reply about one product"))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failed::remark(
            format!("cannot read `{source}`: {}", system_words(&error)),
            "name a URL, a file with a saved reply, or `-` for stdin",
        )),
    }
}

/// Where the new supplier is asked; it is the only one that was resolved.
fn endpoint(settings: &Settings) -> Result<&HttpEndpoint, Failed> {
    let [supplier] = settings.suppliers.as_slice() else {
        let hint = "name one supplier, and the URL or file of one reply: `pricecmp add NAME URL|FILE`";
        return Err(Failed::remark("there is not one supplier to ask".to_owned(), hint));
    };
    match &supplier.endpoint {
        Endpoint::Http(endpoint) => Ok(endpoint),
        Endpoint::File(_) => Err(Failed::remark(
            "a price list in a file is not asked".to_owned(),
            "write its supplier by hand; the README has an example",
        )),
        Endpoint::Amqp(_) | Endpoint::Kafka(_) => Err(Failed::remark(
            "a supplier on a broker is not asked for a sample".to_owned(),
            "write it by hand, and try it with `pricecmp explain`; the README has an example",
        )),
    }
}

/// What is asked for: by `POST` where the supplier has a `request`.
fn page(settings: &Settings, bindings: &Bindings) -> Result<Page, Failed> {
    let endpoint = endpoint(settings)?;
    let request = settings.suppliers.first().and_then(|supplier| supplier.request.as_ref());
    let body = request.map(|filter| filter.request_body(bindings)).transpose().map_err(|failure| unusable(&failure))?;
    Ok(Page {
        url: Secret::new(endpoint.url.expand(bindings)),
        shown_url: endpoint.shown_url.expand(bindings),
        accept: ACCEPT,
        body,
    })
}

/// Why an example of a request is none.
fn no_example(refusal: &RequestRefusal) -> Failed {
    let hint = match refusal {
        RequestRefusal::Secret(_) => "leave it out of the example, and write it by hand: `vars` can hold secrets",
        RequestRefusal::TooLong | RequestRefusal::NotJson(_) => "`--request` is the JSON that the API was sent",
    };
    Failed::remark(report::sanitize::clean(&refusal.to_string()).into_owned(), hint)
}

/// The request as it would be sent, secrets masked.
fn preview(name: &str, settings: &Settings, bindings: &Bindings) -> Result<String, Failed> {
    let endpoint = endpoint(settings)?;
    let preview = page(settings, bindings)?.preview();
    let is_own = |name: &String| endpoint.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    let mut headers: Vec<(String, String)> = preview.headers.into_iter().filter(|(name, _)| !is_own(name)).collect();
    headers.extend(endpoint.headers.iter().map(|header| (header.name.clone(), header.shown.clone())));
    Ok(report::preview::render(name, &preview.head, &headers, preview.body.as_deref()))
}

/// Asks once, under a deadline.
fn fetch(settings: &Settings, bindings: &Bindings) -> Result<Vec<u8>, Failed> {
    let (endpoint, timeout) = (endpoint(settings)?, settings.criteria.timeout);
    let tls = TlsSettings::default();
    let client = HttpClients::new(Proxies::from_environment())
        .client(&tls)
        .map_err(|problem| Failed::Supplier(cause_words(&problem)))?;
    let page = page(settings, bindings)?;
    let setting = |header: &config::Header| HeaderSetting {
        name: header.name.clone(),
        value: header.value.clone(),
        shown: header.shown.clone(),
    };
    let headers: Vec<HeaderSetting> = endpoint.headers.iter().map(setting).collect();
    let asking = runtime::start().map_err(Failed::Start)?;
    let phase = PhaseMark::new(Phase::Dns);
    let mark = phase.clone();
    let answered = asking.run(|workers| {
        // What floods us with bytes keeps the other thread busy, and not the clock.
        let asked = workers.spawn(async move { page.fetch_with(headers, &client, &mark).await });
        async move { tokio::time::timeout(timeout, asked).await }
    });
    match answered {
        Ok(Ok(reply)) => reply.map_err(|failure| unanswered(&failure)),
        Ok(Err(_)) => Err(Failed::Supplier("a defect of pricecmp ended the exchange".to_owned())),
        Err(_) => Err(unanswered(&phase.settled().unwrap_or_else(|| Failure::timeout(phase.current(), timeout)))),
    }
}

fn unanswered(failure: &Failure) -> Failed {
    Failed::Unanswered(report::prose::failure(failure))
}

fn unusable(failure: &Failure) -> Failed {
    let words = report::prose::failure(failure);
    Failed::remark(
        format!("what is proposed fails on the reply: {words}"),
        "write the filter by hand; the README has examples",
    )
}

/// Why nothing is proposed, with what the reply looks like.
pub(super) fn refused(refusal: &Refusal) -> Failed {
    let hint = match refusal {
        Refusal::NotJson(_) => "save a reply in JSON, or ask the API for it with `--header 'Accept: application/json'`",
        Refusal::Error(_) => "look at the URL, its parameters and `--header`",
        Refusal::Empty(_) => "ask for a product that the supplier has",
        Refusal::NoHeader(_) => {
            "write the supplier by hand, with `header-row` and `delimiter`; the README has an example"
        }
        Refusal::NoProduct => "name a product that stands in the list: `--product`",
        Refusal::OtherProducts(_) => "name a product as the list writes it, or leave `--product` out",
        Refusal::NoPrice(_) => "ask for a reply with prices, or write the filter by hand; the README has examples",
    };
    let outline = match refusal {
        Refusal::NoPrice(lines) | Refusal::NoHeader(lines) => format!("\n  {}", lines.join("\n  ")),
        _ => String::new(),
    };
    let words = report::sanitize::clean(&refusal.to_string()).into_owned();
    Failed::remark(words + &report::sanitize::clean_shape(&outline), hint)
}
