//! `replies.toml`: what was saved of a run.
//!
//! Owns how the index is written and read. Refuses to know what is done with it. Main type: [`Index`].

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::{
    Currency, ErrorKind, Failure, Phase, PreviousPrice, Rates, Termination, TransportKind, Warning, WarningKind,
    parse_decimal,
};
use crate::mapping::RowPlace;
use crate::transport::ListRows;

/// The index's name, beside the replies.
pub(in crate::commands) const INDEX: &str = "replies.toml";

/// All of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::commands) struct Index {
    /// The run that the replies are of; replies that somebody else collected have none.
    pub(in crate::commands) run: Option<Run>,
    /// The exchange rates that it used.
    pub(in crate::commands) rates: Option<SavedRates>,
    /// What each supplier did.
    #[serde(default)]
    pub(in crate::commands) supplier: Vec<SavedSupplier>,
    /// What was replied.
    #[serde(default)]
    pub(in crate::commands) reply: Vec<Entry>,
}

/// What is written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Text<T>(pub(in crate::commands) T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A run.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::commands) struct Run {
    pub(in crate::commands) correlation_id: String,
    pub(in crate::commands) started_at: Text<Timestamp>,
    pub(in crate::commands) elapsed_ns: u64,
    pub(in crate::commands) termination: String,
    /// Whether its prices were made up.
    #[serde(default)]
    pub(in crate::commands) rehearsal: bool,
    pub(in crate::commands) product: String,
    pub(in crate::commands) quantity: u64,
}

/// The exchange rates of a run, or why there are none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::commands) struct SavedRates {
    /// Whether they are the declared ones, in the place of others.
    #[serde(default)]
    declared: bool,
    base: Option<String>,
    date: Option<Text<Date>>,
    #[serde(default)]
    per_base: BTreeMap<String, String>,
    /// Why better ones could not be fetched.
    failure: Option<SavedFailure>,
}

/// What a supplier did.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::commands) struct SavedSupplier {
    pub(in crate::commands) name: String,
    /// Which it was of those who were done before the run ended, 1 and up; absent = it was not.
    pub(in crate::commands) done: Option<usize>,
    pub(in crate::commands) attempts: u32,
    pub(in crate::commands) latency_ns: Option<u64>,
    /// How it is reached; absent = over HTTP.
    pub(in crate::commands) transport: Option<String>,
    /// When its price list was last changed.
    pub(in crate::commands) list_changed_at: Option<Text<Timestamp>>,
    pub(in crate::commands) failure: Option<SavedFailure>,
    /// What it asked in an earlier run, as far as that was compared with.
    pub(in crate::commands) previous: Option<SavedPrice>,
}

/// What a supplier asked in an earlier run.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::commands) struct SavedPrice {
    currency: String,
    unit_price: Text<Decimal>,
    total: Text<Decimal>,
    quoted_at: Text<Timestamp>,
}

/// A failure.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::commands) struct SavedFailure {
    kind: String,
    phase: Option<String>,
    detail: Option<String>,
    status: Option<u16>,
    retry_in_ns: Option<u64>,
    limit_ns: Option<u64>,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::commands) struct Entry {
    /// The file with its body; absent = there was none.
    pub(in crate::commands) file: Option<String>,
    /// Who replied.
    pub(in crate::commands) supplier: String,
    /// What was asked for.
    pub(in crate::commands) product: String,
    /// How many pieces.
    pub(in crate::commands) quantity: u64,
    /// The first line of the request, secrets masked.
    pub(in crate::commands) request: String,
    /// The body of the request, secrets masked.
    pub(in crate::commands) request_body: Option<String>,
    /// The status, where the protocol has one.
    pub(in crate::commands) status: Option<u16>,
    /// What the supplier calls its reply.
    pub(in crate::commands) content_type: Option<String>,
    /// When it wanted to be asked again.
    pub(in crate::commands) retry_after: Option<String>,
    /// Where else it sent us.
    pub(in crate::commands) location: Option<String>,
    /// What is known of a price list; the file has its rows then, each a line of JSON.
    pub(in crate::commands) list: Option<SavedRows>,
}

/// The rows of a price list that were about the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::commands) struct SavedRows {
    /// Where those in the file stood in the list, such as `line 3`.
    places: Vec<Text<RowPlace>>,
    /// How many there were, which may be more.
    count: usize,
    /// The size of the list, bytes.
    size: Option<u64>,
}

impl SavedRows {
    pub(super) fn of(rows: &ListRows) -> Self {
        let ListRows { places, count, size } = rows;
        Self { places: places.iter().copied().map(Text).collect(), count: *count, size: *size }
    }

    /// What the transport needs of them.
    pub(in crate::commands) fn rows(&self) -> ListRows {
        ListRows { places: self.places.iter().map(|place| place.0).collect(), count: self.count, size: self.size }
    }
}

impl SavedSupplier {
    /// Whether it is a price list in a file.
    pub(in crate::commands) fn is_list(&self) -> bool {
        self.transport.as_deref() == Some(TransportKind::File.as_str())
    }
}

impl Entry {
    /// The status of the reply, if there was one. Over a broker there is no status: what came is a reply.
    pub(in crate::commands) fn reply_status(&self) -> Option<u16> {
        self.status.or(self.file.as_ref().filter(|_| self.list.is_none()).map(|_| 200))
    }
}

/// Nanoseconds; as many as fit, which are centuries.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX >> 1)
}

impl SavedFailure {
    pub(super) fn of(failure: &Failure) -> Self {
        let Failure { kind, phase, detail, http_status, retry_in, limit } = failure;
        Self {
            kind: kind.as_str().to_owned(),
            phase: phase.map(|phase| phase.as_str().to_owned()),
            detail: detail.clone(),
            status: *http_status,
            retry_in_ns: retry_in.map(nanoseconds),
            limit_ns: limit.map(nanoseconds),
        }
    }

    /// The failure; a kind of a later version is a defect of this one.
    pub(in crate::commands) fn failure(&self) -> Failure {
        Failure {
            kind: ErrorKind::parse(&self.kind).unwrap_or(ErrorKind::Internal),
            phase: self.phase.as_deref().and_then(Phase::parse),
            detail: self.detail.clone(),
            http_status: self.status,
            retry_in: self.retry_in_ns.map(Duration::from_nanos),
            limit: self.limit_ns.map(Duration::from_nanos),
        }
    }
}

impl SavedPrice {
    /// What is saved of a price in a currency.
    pub(super) fn of(price: PreviousPrice, currency: Currency) -> Self {
        let PreviousPrice { unit_price, total, quoted_at } = price;
        let currency = currency.code().to_owned();
        Self { currency, unit_price: Text(unit_price), total: Text(total), quoted_at: Text(quoted_at) }
    }

    /// The price, if it is in this currency: nothing else can be compared with it.
    pub(in crate::commands) fn price(&self, currency: Currency) -> Option<PreviousPrice> {
        let Self { currency: code, unit_price: Text(unit_price), total: Text(total), quoted_at: Text(quoted_at) } =
            self;
        let price = PreviousPrice { unit_price: *unit_price, total: *total, quoted_at: *quoted_at };
        (code == currency.code()).then_some(price)
    }
}

impl SavedRates {
    /// What is saved of the rates of a run, and of the trouble with them; `None` = there is nothing to say.
    pub(super) fn of(rates: Option<&Rates>, warning: Option<&Warning>) -> Option<Self> {
        let (failure, declared) = match warning.map(|warning| &warning.kind) {
            Some(WarningKind::RatesFallback { failure, declared, .. }) => (Some(failure), *declared),
            Some(WarningKind::RatesMissing { failure: Some(failure) }) => (Some(failure), false),
            _ => (None, false),
        };
        let failure = failure.map(SavedFailure::of);
        let codes = |rates: &Rates| {
            rates.per_base().map(|(currency, rate)| (currency.code().to_owned(), rate.to_string())).collect()
        };
        (rates.is_some() || failure.is_some()).then(|| Self {
            declared,
            base: rates.map(|rates| rates.base().code().to_owned()),
            date: rates.map(|rates| Text(rates.date())),
            per_base: rates.map(codes).unwrap_or_default(),
            failure,
        })
    }

    /// The rates, and what deserves attention about them. `Err` names what is no rate.
    pub(in crate::commands) fn rates(&self) -> Result<(Option<Rates>, Option<Warning>), String> {
        let currency = |code: &String| Currency::parse(code).map_err(|_| format!("`{code}` is no currency"));
        let number = |rate: &String| parse_decimal(rate).map_err(|_| format!("`{rate}` is no rate"));
        let rates = match (&self.base, &self.date) {
            (Some(base), Some(Text(date))) => {
                let table = self.per_base.iter().map(|(code, rate)| Ok((currency(code)?, number(rate)?)));
                let table = table.collect::<Result<Vec<_>, String>>()?;
                Some(Rates::new(currency(base)?, *date, table).map_err(|problem| problem.to_string())?)
            }
            _ => None,
        };
        let kind = self.failure.as_ref().map(SavedFailure::failure).map(|failure| match &rates {
            Some(rates) => WarningKind::RatesFallback { failure, used: rates.day(), declared: self.declared },
            None => WarningKind::RatesMissing { failure: Some(failure) },
        });
        Ok((rates, kind.map(|kind| Warning { kind, supplier: None })))
    }
}

impl Run {
    /// Why it ended; a reason of a later version counts as none.
    pub(in crate::commands) fn termination(&self) -> Termination {
        Termination::parse(&self.termination).unwrap_or(Termination::All)
    }
}
