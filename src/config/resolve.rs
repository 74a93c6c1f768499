//! From file, environment and flags to settings: a flag beats the environment, which beats the file, which beats the
//! defaults.
//!
//! Owns the defaults and which suppliers are asked. Refuses to know how a file or a flag is spelt.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;

use super::command::Commands;
use super::discover::{Environment, Found};
use super::document::Findings;
use super::error::{ConfigError, Problem, quoted};
use super::file::{File, SupplierTable};
use super::filters;
use super::kafka::{self, KafkaTable};
use super::rates;
use super::selection::{Selection, required};
use super::settings::{Presentation, RatesSource, Settings, Supplier};
use super::supplier::{Resolver, commands, holds_secret};
use super::values::{self, LONGEST_WAIT, Read, SHORTEST_WAIT};
use super::{Errand, mock};
use crate::cli::{Color, Flags, Format, Sort, StrategyName};
use crate::domain::{
    Criteria, Currency, Fallback, Hedging, MAX_DAYS, Pace, Quantity, Strategy, SupplierName, Warning, WarningKind,
};

/// No count of suppliers is larger.
pub(super) const MOST_SUPPLIERS: i64 = 1_000_000;
/// So many quantities are compared at most.
const MOST_QUANTITIES: usize = 20;

/// The most requests that a worker works on at a time: so many are prefetched.
const MOST_AT_A_TIME: i64 = 1_000;

/// Every default there is. The help of the flags repeats some of them, and a test holds it to that.
pub(super) mod defaults {
    use std::time::Duration;

    use super::{Color, Decimal, Format, Hedging, Pace, Quantity, Sort, Strategy, mock};

    pub(in crate::config) const QUANTITY: Quantity = Quantity::ONE;
    pub(in crate::config) const TIMEOUT: Duration = Duration::from_secs(5);
    pub(in crate::config) const MIN_RESPONSES: usize = 1;
    pub(in crate::config) const STRATEGY: Strategy = Strategy::All;
    pub(in crate::config) const AGREE_WITHIN_PERCENT: Decimal = Decimal::ZERO;
    pub(in crate::config) const SORT: Sort = Sort::Total;
    pub(in crate::config) const FORMAT: Format = Format::Table;
    pub(in crate::config) const COLOR: Color = Color::Auto;

    pub(in crate::config) const RETRIES: u32 = 1;
    pub(in crate::config) const HEDGING: Hedging = Hedging::Off;
    pub(in crate::config) const MAX_IN_FLIGHT: usize = Pace::MAX_IN_FLIGHT;
    pub(in crate::config) const ENABLED: bool = true;
    pub(in crate::config) const TAX_INCLUDED_PERCENT: Decimal = Decimal::ZERO;
    pub(in crate::config) const ALLOW_FREE: bool = false;

    pub(in crate::config) const OPTIMIZE_TIME: Duration = Duration::from_secs(10);

    pub(in crate::config) const MAX_PAGES: u16 = 10;
    pub(in crate::config) const MAX_IDS: u16 = 20;

    pub(in crate::config) const MOCK_PORT: u16 = 7171;
    pub(in crate::config) const CONCURRENCY: u16 = 16;
    pub(in crate::config) const LATENCY: mock::Latency = mock::Latency::Fixed(Duration::ZERO);
    pub(in crate::config) const ERROR_RATE: Decimal = Decimal::ZERO;
    pub(in crate::config) const ERROR: mock::MockError = mock::MockError::Status(503);
    pub(in crate::config) const FAIL_FIRST: u64 = 0;
    pub(in crate::config) const STATUS: u16 = 200;

    /// More than half of the suppliers that are asked.
    pub(in crate::config) const fn quorum(asked: usize) -> usize {
        asked / 2 + 1
    }
}

/// The flags that stand for values of their own, read.
struct Values {
    quantities: Vec<Quantity>,
    currency: Option<Currency>,
    timeout: Option<Duration>,
    strategy: Strategy,
    quorum: Option<usize>,
    agree_within: Option<Decimal>,
    min_responses: usize,
    within_days: Option<u16>,
    max_total: Option<Decimal>,
    max_increase_percent: Option<Decimal>,
    exact: bool,
    fallback: Option<Fallback>,
    presentation: Presentation,
}

impl Values {
    /// Reads what can be read before there is a configuration. Every flag is named, so that a new one cannot be
    /// forgotten.
    fn read(flags: &Flags, environment: &Environment) -> Result<Self, ConfigError> {
        #[rustfmt::skip]
        let Flags {
            qty, timeout, strategy, within_days, max_total, max_increase, currency, exact, min_responses, quorum, agree_within,
            fallback, sort, format, json, jq, output, html, save_replies, dry_run, no_progress, quiet, verbose, color: _,
            // Where the configuration is found and suppliers are chosen, these are read.
            config: _, mock: _, replay: _, supplier: _, exclude: _, require: _, ask_open: _, state: _, no_state: _,
        } = flags;
        let mut findings = Findings::default();
        let mut flag = FlagReader { findings: &mut findings };
        let days = |text: &str| values::count(text, &(0..=i64::from(MAX_DAYS)));
        let wait = |text: &str| values::duration(text, &(SHORTEST_WAIT..=LONGEST_WAIT));
        let values = Self {
            quantities: quantities(qty, &mut flag),
            currency: flag.read("--currency", currency.as_ref(), values::currency),
            timeout: flag.read("--timeout", timeout.as_ref(), wait),
            strategy: strategy.map_or(defaults::STRATEGY, strategy_of),
            quorum: flag.read("--quorum", quorum.as_ref(), |text| values::count(text, &(1..=MOST_SUPPLIERS))),
            agree_within: flag.read("--agree-within", agree_within.as_ref(), values::percent),
            min_responses: flag
                .read("--min-responses", min_responses.as_ref(), |text| values::count(text, &(0..=MOST_SUPPLIERS)))
                .unwrap_or(defaults::MIN_RESPONSES),
            within_days: flag.read("--within-days", within_days.as_ref(), days),
            max_total: flag.read("--max-total", max_total.as_ref(), values::amount),
            max_increase_percent: flag.read("--max-increase", max_increase.as_ref(), values::increase),
            exact: *exact,
            fallback: flag.read("--fallback", fallback.as_ref(), values::fallback),
            presentation: Presentation {
                sort: sort.unwrap_or(defaults::SORT),
                format: format.unwrap_or(if *json || jq.is_some() { Format::Json } else { defaults::FORMAT }),
                filter: flag.read("--jq", jq.as_ref(), |text| filters::compile_flag("--jq", text)),
                output: output.clone(),
                html: html.clone(),
                save_replies: save_replies.clone(),
                color: color(flags, environment),
                progress: !no_progress && !quiet,
                quiet: *quiet,
                verbosity: *verbose,
                dry_run: *dry_run,
            },
        };
        values.check_majority(&mut findings);
        values.check_filtered(&mut findings);
        values.check_page(&mut findings);
        findings.into_result(None).map(|()| values)
    }

    fn check_majority(&self, findings: &mut Findings) {
        for (given, name) in [(self.quorum.is_some(), "--quorum"), (self.agree_within.is_some(), "--agree-within")] {
            if given && self.strategy != Strategy::Majority {
                let problem = Problem::new(format!("`{name}` means nothing without `--strategy majority`"));
                findings.anywhere(problem.with_hint("add `--strategy majority`"));
            }
        }
    }

    fn check_filtered(&self, findings: &mut Findings) {
        let Presentation { filter, format, .. } = &self.presentation;
        if filter.is_some() && *format != Format::Json {
            let problem = Problem::new("`--jq` filters JSON, and `--format` asks for something else");
            findings.anywhere(problem.with_hint("remove `--format`"));
        }
    }

    fn check_page(&self, findings: &mut Findings) {
        let Presentation { html, output, .. } = &self.presentation;
        if html.as_ref().is_some_and(|page| page.as_os_str() == "-") {
            let problem = Problem::new("`--html` writes a file, and standard output has the result");
            findings.anywhere(problem.with_hint("name a file, such as `report.html`"));
        } else if html.is_some() && html == output {
            let problem = Problem::new("`--html` and `--output` name the same file");
            findings.anywhere(problem.with_hint("the page is written beside the result: name another"));
        }
    }

    fn criteria(&self, timeout: Duration, required: Vec<SupplierName>, asked: usize) -> Criteria {
        let majority = self.strategy == Strategy::Majority;
        Criteria {
            strategy: self.strategy,
            quorum: majority.then(|| self.quorum.unwrap_or(defaults::quorum(asked))),
            agree_within_percent: majority.then(|| self.agree_within.unwrap_or(defaults::AGREE_WITHIN_PERCENT)),
            min_responses: self.min_responses,
            required,
            timeout,
            within_days: self.within_days,
            max_total: self.max_total,
            max_increase_percent: self.max_increase_percent,
            exact: self.exact,
        }
    }
}

/// Reads flags and puts their names in front of what is wrong.
pub(super) struct FlagReader<'a> {
    pub(super) findings: &'a mut Findings,
}

impl FlagReader<'_> {
    /// Reads what a flag says; `None` when it says nothing, or something wrong, which is noted.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        text: Option<&String>,
        read: impl FnOnce(&str) -> Read<T>,
    ) -> Option<T> {
        match read(text?) {
            Ok(value) => Some(value),
            Err(problem) => {
                let message = format!("`{name}`: {}", problem.message);
                self.findings.anywhere(Problem { message, ..problem });
                None
            }
        }
    }
}

/// Reads the quantities to ask for, ascending and each once; every wrong one is noted. There is always one.
fn quantities(texts: &[String], flag: &mut FlagReader<'_>) -> Vec<Quantity> {
    let read = |text: &str| if texts.len() > 1 { values::one_quantity(text) } else { values::quantity(text) };
    let mut quantities: Vec<Quantity> = texts.iter().filter_map(|text| flag.read("--qty", Some(text), read)).collect();
    quantities.sort_unstable();
    quantities.dedup();
    if quantities.len() > MOST_QUANTITIES {
        let problem = Problem::new(format!("`--qty`: {} quantities are too many", quantities.len()));
        flag.findings.anywhere(problem.with_hint(format!("name {MOST_QUANTITIES} at most")));
    }
    if quantities.is_empty() { vec![defaults::QUANTITY] } else { quantities }
}

const fn strategy_of(name: StrategyName) -> Strategy {
    match name {
        StrategyName::All => Strategy::All,
        StrategyName::Best => Strategy::Best,
        StrategyName::First => Strategy::First,
        StrategyName::Majority => Strategy::Majority,
    }
}

/// When to colour: the flag, else `NO_COLOR` (set to anything but nothing), else the default.
#[must_use]
pub fn color(flags: &Flags, environment: &Environment) -> Color {
    match flags.color {
        Some(color @ (Color::Always | Color::Never)) => color,
        _ if environment.filled("NO_COLOR").is_some() => Color::Never,
        Some(Color::Auto) | None => defaults::COLOR,
    }
}

/// Where `pricecmp mock` listens. A port alone means loopback.
///
/// # Errors
/// When the text of `--listen` is not an address.
pub fn listen_address(listen: Option<&str>) -> Result<SocketAddr, ConfigError> {
    let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let Some(text) = listen else { return Ok(loopback(defaults::MOCK_PORT)) };
    let port = text.strip_prefix("localhost:").unwrap_or(text.strip_prefix(':').unwrap_or(text));
    if let Ok(port) = port.parse::<u16>() {
        return Ok(loopback(port));
    }
    text.parse().map_err(|_| {
        let problem = Problem::new(format!("`--listen`: {} is not an address with a port", quoted(text)));
        problem.with_hint("write `127.0.0.1:7171`, or port 0 for a free one").into()
    })
}

/// How old something must be at least, by the text of `--older-than`.
///
/// # Errors
/// When it is no age.
pub fn older_than(text: &str) -> Result<Duration, ConfigError> {
    values::age(text).map_err(|problem| {
        let message = format!("`--older-than`: {}", problem.message);
        Problem { message, ..problem }.into()
    })
}

/// How many requests `pricecmp worker` works on at a time.
///
/// # Errors
/// When the text of `--concurrency` is not a number of 1 to 1000.
pub fn concurrency(text: Option<&str>) -> Result<u16, ConfigError> {
    let Some(text) = text else { return Ok(defaults::CONCURRENCY) };
    values::count(text, &(1..=MOST_AT_A_TIME))
        .map_err(|problem| Problem { message: format!("`--concurrency`: {}", problem.message), ..problem }.into())
}

/// Resolves flags, file and environment, in this order, so that nothing is read for a run that cannot start.
pub(super) fn settings(
    flags: &Flags,
    errand: Errand,
    environment: &Environment,
    find: impl FnOnce() -> Result<Found, ConfigError>,
) -> Result<Settings, ConfigError> {
    let values = Values::read(flags, environment)?;
    let found = find()?;
    let mut findings = Findings::default();
    let mut file = File::read(&found.document, &mut findings)?;
    if !flags.mock && errand != Errand::Serve {
        check_date(&file, environment, &mut findings);
    }
    findings.into_result(Some(&found.document))?;

    let configured = file.currency.take().map(|at| at.value);
    let currency = values.currency.or(configured).ok_or_else(|| no_currency(&found.document.name))?;
    let usual_timeout = file.timeout.take().map_or(defaults::TIMEOUT, |at| at.value);
    let wanted_timeout = values.timeout;
    let timeout = wanted_timeout.unwrap_or(usual_timeout);
    let rates_source = rates_source(&file, &found, errand, flags.mock, environment)?;
    let not_fetched = (flags.mock && file.rates_url.is_some() && rates_source.is_none() && file.rates.is_none())
        .then_some(Warning { kind: WarningKind::RatesMissing { failure: None }, supplier: None });
    let rates = file.rates.take().map(|at| Arc::new(at.value));
    let choice = Choice {
        flags,
        errand,
        environment,
        found: &found,
        amounts_in: configured.unwrap_or(currency),
        fallback: values.fallback,
        holds_secret: file.rates_url.as_ref().is_some_and(|url| rates::holds_secret(&url.value))
            || kafka::holds_secret(&file.kafka),
        kafka: &file.kafka,
    };
    let Chosen { suppliers, required, mut warnings } = choice.choose(file.suppliers)?;
    warnings.extend(not_fetched);

    let criteria = values.criteria(timeout, required, suppliers.len());
    Ok(Settings {
        configuration: found.document.name,
        quantity: values.quantities[0],
        quantities: values.quantities,
        currency,
        rates,
        rates_source,
        criteria,
        usual_timeout,
        wanted_timeout,
        presentation: values.presentation,
        mock: flags.mock,
        replay: flags.replay.clone(),
        state: environment.state(flags),
        ask_open: flags.ask_open,
        suppliers,
        warnings,
    })
}

/// Where rates are fetched; nowhere for mocks, unless they are at hand.
fn rates_source(
    file: &File,
    found: &Found,
    errand: Errand,
    mock: bool,
    environment: &Environment,
) -> Result<Option<RatesSource>, ConfigError> {
    let is_at_hand = file.rates_url.as_ref().is_some_and(|url| rates::is_at_hand(&url.value));
    let sends_nothing = mock || errand == Errand::Trial;
    if matches!(errand, Errand::Serve | Errand::Replay | Errand::Work) || (sends_nothing && !is_at_hand) {
        return Ok(None);
    }
    let mut findings = Findings::default();
    let source = rates::source(file, &found.document, environment, errand, &mut findings);
    findings.into_result(Some(&found.document)).map(|()| source)
}

fn no_currency(name: &str) -> ConfigError {
    let hint = "add `currency = \"EUR\"` at its top, or use `--currency`";
    Problem::new(format!("there is no `currency` in `{name}`")).with_hint(hint).into()
}

/// A date that lies ahead is a slip of the pen, and would keep old rates looking fresh; where prices are made up, it
/// does no harm. One day is allowed, as it is
/// tomorrow already somewhere.
fn check_date(file: &File, environment: &Environment, findings: &mut Findings) {
    let Some(rates) = &file.rates else { return };
    let date = rates.value.date();
    if environment.today().tomorrow().is_ok_and(|tomorrow| date > tomorrow) {
        let problem = Problem::new(format!("`date` of `rates`: {date} is in the future"));
        findings.at(rates.span, problem.with_hint("write the day that the rates are of"));
    }
}

/// What decides which suppliers are asked, and how.
struct Choice<'a> {
    flags: &'a Flags,
    errand: Errand,
    environment: &'a Environment,
    found: &'a Found,
    /// The currency of amounts of suppliers that have none of their own.
    amounts_in: Currency,
    /// Whether a secret stands outside of the suppliers' tables.
    holds_secret: bool,
    /// What stands in for suppliers that do not respond, as the flag has it.
    fallback: Option<Fallback>,
    /// What is set for Kafka.
    kafka: &'a KafkaTable,
}

/// The suppliers that are asked.
struct Chosen {
    suppliers: Vec<Supplier>,
    required: Vec<SupplierName>,
    warnings: Vec<Warning>,
}

impl Choice<'_> {
    fn choose(&self, tables: Vec<SupplierTable>) -> Result<Chosen, ConfigError> {
        let Self { flags, errand, environment, found, amounts_in, fallback, kafka, holds_secret: _ } = *self;
        if tables.is_empty() {
            let problem = Problem::new(format!("there is no supplier in `{}`", found.document.name));
            return Err(problem.with_hint("add a table `[suppliers.NAME]` with a `url`").into());
        }
        let mut findings = Findings::default();
        let selection = Selection::of(flags, &tables, &mut findings);
        findings.into_result(None)?;

        let mut warnings: Vec<Warning> = self.readable_by_others(&tables).into_iter().collect();
        let served = flags.mock || errand == Errand::Serve;
        // Only for what is asked now is anybody troubled.
        let runs = matches!(errand, Errand::Compare | Errand::Live | Errand::Work) && !served && !flags.dry_run;
        let asked = || tables.iter().filter(|table| runs && selection.includes(table));
        let commands = Commands::run(asked().flat_map(commands), &found.document.folder);
        let mut findings = Findings::default();
        let mut resolver = Resolver {
            document: &found.document,
            environment,
            currency: amounts_in,
            on_loopback: served || errand == Errand::Trial,
            knows_secrets: !served && !matches!(errand, Errand::Trial | Errand::Replay),
            errand,
            with_mocks: served || matches!(errand, Errand::Check | Errand::Live | Errand::Work),
            fallback,
            checked: HashSet::new(),
            commands,
            warnings: Vec::new(),
            secrets: Vec::new(),
            findings: &mut findings,
            kafka,
            kafka_properties: None,
            last_terms: None,
        };
        let mut suppliers = Vec::with_capacity(tables.len());
        let checks_everybody = errand == Errand::Check && flags.supplier.is_empty();
        for table in tables {
            if !selection.includes(&table) {
                if checks_everybody {
                    resolver.check_filters(&table);
                }
            } else if served && table.mock.is_none() {
                warnings.push(Warning { kind: WarningKind::NoMock, supplier: Some(table.name) });
            } else {
                suppliers.extend(resolver.resolve(&table));
            }
        }
        warnings.append(&mut resolver.warnings);
        findings.into_result(Some(&found.document))?;
        if suppliers.is_empty() {
            return Err(nobody_left(!warnings.is_empty() && served));
        }
        let mut findings = Findings::default();
        let required = required(flags, suppliers.iter().map(|supplier| &supplier.name), &mut findings);
        findings.into_result(None)?;
        Ok(Chosen { suppliers, required, warnings })
    }
}

impl Choice<'_> {
    /// Warns of a file with secrets that is no secret itself.
    fn readable_by_others(&self, tables: &[SupplierTable]) -> Option<Warning> {
        let Self { found, holds_secret: elsewhere, .. } = *self;
        let is_leak = found.readable_by_others && (elsewhere || tables.iter().any(holds_secret));
        let path = found.document.name.clone();
        is_leak.then_some(Warning { kind: WarningKind::ReadableByOthers { path }, supplier: None })
    }
}

fn nobody_left(for_want_of_mocks: bool) -> ConfigError {
    if for_want_of_mocks {
        let hint = "add a table `[suppliers.NAME.mock]`, or run it in a folder without `suppliers.toml`";
        return Problem::new("no supplier has a mock").with_hint(hint).into();
    }
    let hint = "look at `--supplier`, `--exclude` and `enabled`";
    Problem::new("no supplier is left to ask").with_hint(hint).into()
}
