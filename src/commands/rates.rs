//! The exchange rates of a run: those of the day, fetched once; else the last known; else the declared ones.
//!
//! Owns that order, what is warned of, and that rates are waited for no longer than half of the run's time. Refuses to
//! know how a list is read and how long it lasts. Main types: [`Outlook`], before anybody is asked, and [`RunRates`].

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use tokio::task::spawn_blocking;

use crate::config::{RatesPlace, RatesSource, Settings};
use crate::domain::{ErrorKind, Failure, Phase, Rates, Secret, Warning, WarningKind, cause_words, system_words};
use crate::mapping::RatesFormat;
use crate::report;
use crate::store::FetchedRates;
use crate::transport::PhaseMark;
use crate::transport::http::{HttpClient, HttpClients, Page, Proxies, TlsSettings};

use super::error::Failed;
use super::runtime;
use super::state::State;

/// Rates are not waited for longer, however long the run may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Rates that were fetched longer ago are not known any more.
const LAST_KNOWN: Duration = Duration::from_hours(90 * 24);
/// No list is read beyond this, in bytes.
const LARGEST: u64 = 2 << 20;

/// What there is to do for the rates of a run.
pub(super) enum Outlook {
    /// Nothing: they are known, or there are none.
    Settled(RunRates),
    /// They are fetched first.
    Fetch(Box<Fetch>),
}

/// The rates of a run.
#[derive(Default)]
pub(super) struct RunRates {
    /// The rates; `None` = there are none.
    pub(super) rates: Option<Arc<Rates>>,
    /// What deserves attention about them.
    pub(super) warning: Option<Warning>,
    /// How long they were fetched; nothing when they were known.
    pub(super) took: Duration,
    /// Under which name they are kept for later runs, if they are new.
    keep_as: Option<String>,
}

/// Rates that are to be fetched.
pub(super) struct Fetch {
    place: Place,
    format: RatesFormat,
    patience: Duration,
    today: Date,
    key: Option<String>,
    last_known: Option<Rates>,
    declared: Option<Arc<Rates>>,
}

/// Where from.
#[derive(Clone)]
enum Place {
    Web { page: Page, client: Arc<HttpClient> },
    File { path: Box<Path>, name: String },
}

impl Outlook {
    /// Looks at what the state knows. Nothing is sent.
    ///
    /// # Errors
    /// When the machine's certificates and proxies make no client.
    pub(super) fn of(settings: &Settings, state: &mut State, now: Timestamp) -> Result<Self, Failed> {
        let declared = settings.rates.clone();
        let Some(source) = &settings.rates_source else {
            return Ok(Self::Settled(RunRates { rates: declared, ..RunRates::default() }));
        };
        let key = key(source);
        let known = key.as_ref().and_then(|key| state.with(|store| store.rates(key, LAST_KNOWN, now))).flatten();
        let last_known = match known {
            Some(FetchedRates { rates, at }) if rates.last(at, now) => {
                return Ok(Self::Settled(RunRates { rates: Some(Arc::new(rates)), ..RunRates::default() }));
            }
            known => known.map(|known| known.rates),
        };
        Ok(Self::Fetch(Box::new(Fetch {
            place: Place::of(source)?,
            format: source.format.clone(),
            patience: PATIENCE.min(settings.criteria.timeout / 2),
            today: Offset::UTC.to_datetime(now).date(),
            key,
            last_known,
            declared,
        })))
    }

    /// Shows the request that would be sent for them, secrets masked; nothing if none would.
    pub(super) fn preview(&self) -> Option<String> {
        match self {
            Self::Fetch(fetch) => match &fetch.place {
                Place::Web { page, .. } => {
                    let preview = page.preview();
                    Some(report::preview::render("rates", &preview.head, &preview.headers, None))
                }
                Place::File { .. } => None,
            },
            Self::Settled(_) => None,
        }
    }

    /// Brings the rates; the clock is the caller's. When `interrupt` resolves before they are there, there are none. The
    /// second value takes its place: it resolves when `interrupt` does, or has.
    pub(super) async fn settle<I: Future<Output = ()>>(
        self,
        interrupt: I,
    ) -> (RunRates, impl Future<Output = ()> + use<I>) {
        let mut interrupt = Box::pin(interrupt);
        let (rates, is_over) = match self {
            Self::Settled(rates) => (rates, false),
            Self::Fetch(fetch) => tokio::select! {
                biased;
                () = &mut interrupt => (RunRates::default(), true),
                rates = fetch.run() => (rates, false),
            },
        };
        let rest = async move {
            if !is_over {
                interrupt.await;
            }
        };
        (rates, rest)
    }
}

/// What the rates of a source are kept under; `None` for a file, which is there itself. Other filters make other rates of
/// the same page.
fn key(source: &RatesSource) -> Option<String> {
    match (&source.place, &source.format) {
        (RatesPlace::File { .. }, _) => None,
        (RatesPlace::Web { shown_url, .. }, RatesFormat::Ecb) => Some(shown_url.clone()),
        (RatesPlace::Web { shown_url, .. }, RatesFormat::Filter(filter)) => {
            Some(format!("{shown_url} {}", filter.source()))
        }
    }
}

impl Place {
    fn of(source: &RatesSource) -> Result<Self, Failed> {
        match &source.place {
            RatesPlace::File { path, name } => Ok(Self::File { path: path.as_path().into(), name: name.clone() }),
            RatesPlace::Web { url, shown_url } => {
                let client = HttpClients::new(Proxies::from_environment()).client(&TlsSettings::default());
                let client =
                    client.map_err(|error| Failed::Supplier(format!("`rates-url`: {}", cause_words(&error))))?;
                let url = Secret::new(url.expose());
                let page = Page { url, shown_url: shown_url.clone(), accept: source.format.types(), body: None };
                Ok(Self::Web { page, client })
            }
        }
    }

    async fn list(self, phase: &PhaseMark) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Web { page, client } => page.fetch(&client, phase).await,
            Self::File { path, name } => {
                phase.enter(Phase::Body);
                off_the_event_loop(move || read_file(&path, &name)).await
            }
        }
    }
}

fn read_file(path: &Path, name: &str) -> Result<Vec<u8>, Failure> {
    let mut list = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut list));
    match read {
        Ok(_) => Ok(list),
        Err(error) => {
            let detail = format!("`{name}` cannot be read: {}", system_words(&error));
            Err(Failure::new(ErrorKind::Mapping).with_detail(detail))
        }
    }
}

async fn off_the_event_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    spawn_blocking(work).await.unwrap_or_else(|_| Err(Failure::new(ErrorKind::Internal)))
}

impl Fetch {
    async fn run(self) -> RunRates {
        let started = Instant::now();
        let fetched = self.fetched().await;
        let took = started.elapsed();
        match fetched {
            Ok(rates) => RunRates { rates: Some(Arc::new(rates)), warning: None, took, keep_as: self.key },
            Err(failure) => self.without(failure, took),
        }
    }

    async fn fetched(&self) -> Result<Rates, Failure> {
        // A server that floods us with bytes keeps its event loop busy, which must not be that of the suppliers.
        let event_loop = runtime::event_loop("rates")
            .map_err(|error| Failure::new(ErrorKind::LocalResource).with_detail(system_words(&error)))?;
        let phase = PhaseMark::new(Phase::Headers);
        let (place, format, today, mark) = (self.place.clone(), self.format.clone(), self.today, phase.clone());
        let mut reading = event_loop.spawn(async move {
            let list = place.list(&mark).await?;
            mark.settle(Failure::new(ErrorKind::Mapping).with_detail("the list could not be read in time"));
            off_the_event_loop(move || format.read(&list, today)).await
        });
        if let Ok(read) = tokio::time::timeout(self.patience, &mut reading).await {
            return read.unwrap_or_else(|_| Err(Failure::new(ErrorKind::Internal)));
        }
        reading.abort();
        Err(phase.settled().unwrap_or_else(|| Failure::timeout(phase.current(), self.patience)))
    }

    /// The newest of the last known and the declared rates, never without a word.
    fn without(self, failure: Failure, took: Duration) -> RunRates {
        let last_known = self.last_known.map(|rates| (Arc::new(rates), false));
        let declared = self.declared.map(|rates| (rates, true));
        let used = match (last_known, declared) {
            (Some(known), Some(declared)) if declared.0.date() > known.0.date() => Some(declared),
            (Some(known), _) => Some(known),
            (None, declared) => declared,
        };
        let (rates, kind) = match used {
            Some((rates, declared)) => {
                let used = rates.day();
                (Some(rates), WarningKind::RatesFallback { failure, used, declared })
            }
            None => (None, WarningKind::RatesMissing { failure: Some(failure) }),
        };
        RunRates { rates, warning: Some(Warning { kind, supplier: None }), took, keep_as: None }
    }
}

impl RunRates {
    /// Those of an earlier run.
    pub(super) fn of_earlier(rates: Option<Arc<Rates>>, warning: Option<Warning>) -> Self {
        Self { rates, warning, ..Self::default() }
    }

    /// Says in a line which ones they are; nothing if there are none.
    pub(super) fn line(&self) -> String {
        self.rates.as_ref().map(|rates| report::rates_line(rates.day(), self.took)).unwrap_or_default()
    }

    /// Keeps them for later runs, if they are new.
    pub(super) fn keep(&self, state: &mut State) {
        if let (Some(key), Some(rates)) = (&self.keep_as, &self.rates) {
            state.with(|store| store.record(Timestamp::now(), |changes| changes.put_rates(key, rates)));
        }
    }
}
