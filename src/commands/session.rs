//! One run of a comparison, from settings to what is kept of it.
//!
//! Owns the order in which a run is prepared, asked, judged and closed, for every command that asks suppliers. Refuses to
//! know how its result looks and what else a command does with it. Main types: [`Session`], before anybody is asked, and
//! [`Asked`], when everybody was.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::cli::Sort;
use crate::compare::{self, BasketSupplier, Comparison, Inputs, SortKey};
use crate::config::Settings;
use crate::domain::{Appraised, Event, Gathered, PriceCurve, PriceRequest, SupplierName, Warning};
use crate::gather::{gather, gather_again, inquiry};
use crate::plan::{self, Plan};
use crate::report::{self, Progress};
use crate::transport::{Preview, Recorder, Recording, Transport};

use super::brokers::Brokers;
use super::endpoints::{self, Connections, Mocks};
use super::error::Failed;
use super::memory::Memory;
use super::moves::{self, Previous};
use super::output::{self, WriteError};
use super::rates::{Outlook, RunRates};
use super::remember::{Learned, remember};
use super::replay::Replay;
use super::state::State;
use super::terminal::Terminal;
use super::{Surroundings, circuits, fallback, hedges, messages, replies, runtime, seen, studies};

/// A run that is ready to ask. Nothing was sent.
pub(super) struct Session {
    settings: Settings,
    plan: Plan,
    transports: Vec<Arc<dyn Transport>>,
    recorder: Recorder,
    state: State,
    outlook: Outlook,
    memory: Arc<Memory>,
    learns: bool,
    /// They answer until they are dropped.
    mocks: Option<Mocks>,
    brokers: Brokers,
    /// The run that this one is once more.
    replay: Option<Replay>,
}

/// What a run about many lines needs.
pub(super) struct Asking {
    pub(super) settings: Settings,
    /// What the lines have in common.
    pub(super) plan: Plan,
    pub(super) transports: Vec<Arc<dyn Transport>>,
    pub(super) state: State,
    pub(super) outlook: Outlook,
    pub(super) memory: Arc<Memory>,
    /// They answer until they are dropped.
    pub(super) mocks: Option<Mocks>,
}

/// A run whose suppliers have been asked.
pub(super) struct Asked {
    /// The settings that it followed.
    pub(super) settings: Settings,
    /// What was asked, with the rates that were found.
    pub(super) plan: Plan,
    /// Whom it asked, in the suppliers' order.
    pub(super) transports: Vec<Arc<dyn Transport>>,
    /// What came of it.
    pub(super) comparison: Comparison,
    /// What was said, as far as it was to be recorded.
    pub(super) recording: Recording,
    memory: Arc<Memory>,
    brokers: Brokers,
    /// Who was done before the run ended, in order.
    done: Vec<usize>,
    rehearsal: bool,
    state: State,
    rates: RunRates,
    /// What later runs are to know; `None` = nothing but the rates.
    learned: Option<Learned>,
}

impl Session {
    /// Prepares a run that asks for a product, and keeps with `recorder` what is said.
    ///
    /// # Errors
    /// When the settings of a supplier or of the rates make no client, the mocks cannot start, or what was saved of an
    /// earlier run is not what is asked for.
    pub(super) fn prepare(settings: Settings, product: &str, recorder: Recorder) -> Result<Self, Failed> {
        Self::prepare_with(settings, product, recorder, Connections::Closed)
    }

    /// Prepares a run that asks for many products, of which this is the first.
    ///
    /// # Errors
    /// As in [`Session::prepare`].
    pub(super) fn prepare_lines(settings: Settings, first: &str) -> Result<Self, Failed> {
        Self::prepare_with(settings, first, Recorder::default(), Connections::Kept)
    }

    fn prepare_with(
        settings: Settings,
        product: &str,
        recorder: Recorder,
        connections: Connections,
    ) -> Result<Self, Failed> {
        let replay = Replay::if_wanted(&settings, &settings.request(product))?;
        let mocks = Mocks::start_if_wanted(&settings)?;
        let saved = replay.as_ref().map(|replay| &replay.replies[..]);
        let memory = Arc::new(Memory::new(State::at(None)));
        let mut brokers = Brokers::default();
        let transports =
            endpoints::transports(&settings, mocks.as_ref(), saved, &recorder, &memory, connections, &mut brokers)?;
        let then = replay.as_ref().map(|replay| (replay.id, replay.started_at));
        let (id, now) = then.unwrap_or_else(|| (Uuid::new_v4(), Timestamp::now()));
        let plan = plan::plan(&settings, product, id, now);
        let mut state = State::at(state_file(&settings));
        let outlook = match &replay {
            Some(replay) => Outlook::Settled(RunRates::of_earlier(replay.rates.clone(), replay.warning.clone())),
            None => Outlook::of(&settings, &mut state, plan.started_at)?,
        };
        Ok(Self { settings, plan, transports, recorder, state, outlook, memory, learns: false, mocks, brokers, replay })
    }

    /// The settings that the run follows.
    pub(super) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Asks everybody once, however it fails.
    pub(super) fn without_retries(mut self) -> Self {
        self.plan = self.plan.without_retries();
        self
    }

    /// Records the offers too.
    pub(super) fn with_offers_recorded(mut self) -> Self {
        self.transports = studies::watched(&self.plan, self.transports, &self.recorder);
        self
    }

    /// Asks for each line in a request of its own.
    pub(super) fn without_batches(mut self) -> Self {
        self.plan = self.plan.without_batches();
        self
    }

    /// Heeds what earlier runs have learned of the suppliers, and learns from this one.
    pub(super) fn that_learns(mut self) -> Self {
        let admissions = circuits::admissions(&mut self.state, &self.settings, &self.plan);
        let waits = hedges::waits(&mut self.state, &self.settings, &self.plan);
        self.plan = self.plan.with_admissions(&admissions).with_hedges(&waits);
        if self.settings.presentation.save_replies.is_none() {
            // What is saved must hold the replies to every request, those for ids as well.
            self.memory.remember_in(State::at(state_file(&self.settings)));
        }
        self.learns = true;
        self
    }

    /// Every request as it would be sent, secrets masked.
    pub(super) fn preview(&self) -> String {
        self.outlook.preview().into_iter().chain(self.requests()).collect::<Vec<_>>().join("\n")
    }

    fn requests(&self) -> Vec<String> {
        let quantities = self.settings.quantities.iter().skip(1);
        let more = quantities.map(|quantity| PriceRequest { quantity: *quantity, ..(*self.plan.request).clone() });
        let others = more.map(|request| self.plan.about(request, Uuid::new_v4(), self.plan.started_at));
        let others: Vec<Plan> = others.collect();
        std::iter::once(&self.plan).chain(&others).flat_map(|plan| self.requests_of(plan)).collect()
    }

    /// The request to each supplier of the plan.
    fn requests_of(&self, plan: &Plan) -> Vec<String> {
        let inquiry = inquiry(plan, plan.started_at);
        let shown = plan.suppliers.iter().zip(&self.transports).map(|(supplier, transport)| {
            let show = |title: &str, Preview { head, headers, body }: Preview| {
                report::preview::render(title, &head, &headers, body.as_deref())
            };
            let (name, preview) = (supplier.name.as_str(), transport.preview(&inquiry));
            let Some(first) = transport.preview_first(&inquiry) else { return show(name, preview) };
            let then = show(&format!("{name}, with what the lookup yields for ID"), preview);
            format!("{}\n{then}", show(&format!("{name}, lookup"), first))
        });
        shown.collect()
    }

    /// Prints what would be sent, and what deserves attention.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn show(&self, surroundings: &Surroundings) -> Result<(), Failed> {
        surroundings.warn(&self.settings);
        Ok(output::to_stdout(&self.preview())?)
    }

    /// Hands over what it takes to ask about many lines.
    pub(super) fn into_asking(self) -> Asking {
        let Self { settings, plan, transports, state, outlook, memory, mocks, .. } = self;
        Asking { settings, plan, transports, state, outlook, memory, mocks }
    }

    /// Fetches the rates, asks every supplier, shows how it goes, and compares what came.
    ///
    /// # Errors
    /// When the system refuses a thread or a descriptor.
    pub(super) fn ask(self, terminal: Terminal) -> Result<Asked, Failed> {
        let Self { settings, plan, transports, recorder, mut state, outlook, memory, learns, mocks, brokers, replay } =
            self;
        let ((rates, mut gathered, hedged), previous) = match (&replay, outlook) {
            (Some(replay), Outlook::Settled(rates)) => {
                let gathered = ask_again(&plan.with_rates(rates.rates.clone(), rates.took), &transports, replay)?;
                ((rates, gathered, HashSet::new()), if learns { replay.previous.clone() } else { Previous::new() })
            }
            (_, outlook) => {
                let ask = || ask(&plan, outlook, &transports, &settings, terminal);
                if learns { moves::read_while(&mut state, &plan, ask)? } else { (ask()?, Previous::new()) }
            }
        };
        let done = gathered.done.clone();
        drop(mocks);
        let offers = seen::take(&mut gathered);
        let learned = learns.then(|| Learned { signals: circuits::of_run(&gathered, &settings), offers, hedged });
        let warnings = settings.warnings.iter().chain(&rates.warning).cloned().chain(state.take_warnings());
        let rehearsal = settings.mock || replay.is_some_and(|replay| replay.rehearsal);
        let inputs = inputs(&plan, gathered, previous, settings.presentation.sort, warnings.collect(), rehearsal);
        let plan = plan.with_rates(rates.rates.clone(), rates.took);
        let mut comparison = judge(inputs, &plan, &settings, learned.as_ref().map(|_| &mut state));
        comparison.warnings.extend(state.take_warnings());
        let recording = recorder.take();
        Ok(Asked {
            settings,
            plan,
            transports,
            comparison,
            recording,
            memory,
            brokers,
            done,
            rehearsal,
            state,
            rates,
            learned,
        })
    }
}

impl Asking {
    /// What every supplier did, which is nothing yet.
    pub(super) fn tallies(&self) -> Vec<BasketSupplier> {
        let suppliers = self.plan.suppliers.iter().zip(&self.transports);
        suppliers.map(|(supplier, transport)| BasketSupplier::new(supplier.name.clone(), transport.kind())).collect()
    }
}

impl Asked {
    /// The request to the supplier at a position, as it was or would have been sent, secrets masked.
    pub(super) fn preview(&self, supplier: usize) -> Preview {
        self.transports[supplier].preview(&inquiry(&self.plan, self.plan.started_at))
    }

    /// What the suppliers that can deliver ask for one piece by quantity, the cheapest one's first. Each is its cheapest offer's.
    pub(super) fn curves(&self) -> Vec<PriceCurve> {
        let offers = self.learned.iter().flat_map(|learned| &learned.offers);
        let cheapest = |(supplier, offers): (usize, &Option<Vec<Appraised>>)| {
            let priced = offers.iter().flatten().filter_map(|offer| Some((offer.charges?.total, &offer.offer)));
            let (total, offer) = priced.min_by_key(|(total, _)| *total)?;
            let name = &self.plan.suppliers[supplier].name;
            Some((total, PriceCurve::of(name, offer, &self.plan.context(supplier))?))
        };
        let mut curves: Vec<_> = offers.enumerate().filter_map(cheapest).collect();
        curves.sort_by_key(|(total, _)| *total);
        curves.into_iter().map(|(_, curve)| curve).collect()
    }

    /// Keeps what later runs are to know, and the replies if they are wanted. The result is out by now.
    ///
    /// # Errors
    /// When the replies cannot be written.
    pub(super) fn close(mut self, terminal: Terminal) -> Result<(), WriteError> {
        self.brokers.clean_up();
        self.rates.keep(&mut self.state);
        if let Some(learned) = &self.learned {
            remember(&mut self.state, &self.settings, (&self.plan, &self.comparison), learned);
        }
        let mut warnings = self.state.take_warnings();
        // Both may have had the same trouble with the file.
        warnings.extend(self.memory.write());
        warnings.dedup();
        messages::warn(&warnings, &self.settings.presentation, terminal);
        let saved = replies::Saved {
            exchanges: &self.recording.exchanges,
            comparison: &self.comparison,
            done: &self.done,
            rehearsal: self.rehearsal,
            rates: (self.rates.rates.as_deref(), self.rates.warning.as_ref()),
        };
        replies::save(saved, &self.settings.presentation)
    }
}

/// Where the state is. A dry run reads what is there, and makes none.
fn state_file(settings: &Settings) -> Option<PathBuf> {
    settings.state.clone().filter(|path| !settings.presentation.dry_run || path.exists())
}

/// Fetches the rates and asks every supplier of the plan. The numbers are those of the suppliers who were asked a second
/// time for being slow.
fn ask(
    plan: &Plan,
    outlook: Outlook,
    transports: &[Arc<dyn Transport>],
    settings: &Settings,
    terminal: Terminal,
) -> Result<(RunRates, Gathered, HashSet<usize>), Failed> {
    let names: Vec<SupplierName> = plan.suppliers.iter().map(|supplier| supplier.name.clone()).collect();
    let verbose = settings.presentation.verbosity > 0;
    let wants_progress = settings.presentation.progress && terminal.stderr && !verbose;
    let mut progress = wants_progress.then(|| Progress::on_stderr(names.clone(), plan.criteria.timeout));
    let mut hedged = HashSet::new();
    let mut on_event = |event: Event<'_>| {
        if let Event::Hedged { supplier } = event {
            hedged.insert(supplier);
        }
        if verbose {
            output::to_stderr(&report::event_line(&event, &names));
        }
        if let Some(progress) = &mut progress {
            progress.on_event(&event);
        }
    };
    let in_flight = runtime::in_flight(settings.mock);
    let asking = runtime::start().map_err(Failed::Start)?;
    let (rates, gathered) = asking.run(|workers| {
        let interrupt = runtime::interrupted();
        async move {
            let (rates, interrupt) = outlook.settle(interrupt).await;
            if verbose {
                output::to_stderr(&rates.line());
            }
            let plan = Arc::new(plan.with_rates(rates.rates.clone(), rates.took));
            let mut gathered = gather(plan, transports, in_flight, workers, interrupt, &mut on_event).await;
            gathered.elapsed += rates.took;
            (rates, gathered)
        }
    });
    Ok((rates, gathered, hedged))
}

/// Reads what the suppliers of the plan replied in an earlier run.
fn ask_again(plan: &Plan, transports: &[Arc<dyn Transport>], replay: &Replay) -> Result<Gathered, Failed> {
    let asking = runtime::start().map_err(Failed::Start)?;
    let gathered = asking.run(|_| gather_again(Arc::new(plan.clone()), transports, &replay.earlier));
    replay.check_complete()?;
    Ok(gathered)
}

/// What there is to compare.
pub(super) fn inputs(
    plan: &Plan,
    gathered: Gathered,
    previous: Previous,
    sort: Sort,
    warnings: Vec<Warning>,
    rehearsal: bool,
) -> Inputs {
    Inputs {
        correlation_id: plan.correlation_id.to_string(),
        started_at: plan.started_at,
        request: (*plan.request).clone(),
        criteria: plan.criteria.clone(),
        gathered,
        stand_ins: Vec::new(),
        previous,
        sort: sort_key(sort),
        warnings,
        rehearsal,
    }
}

/// Compares what was gathered; with what the state knows of suppliers that did not respond, if nothing comes of it
/// otherwise.
pub(super) fn judge(inputs: Inputs, plan: &Plan, settings: &Settings, state: Option<&mut State>) -> Comparison {
    let Some(state) = state.filter(|_| fallback::is_wanted(settings)) else { return compare::compare(inputs) };
    let comparison = compare::compare(inputs.clone());
    if !comparison.may_fall_back() {
        return comparison;
    }
    let stand_ins = fallback::stand_ins(state, settings, plan, &inputs.gathered);
    let degraded = compare::compare(Inputs { stand_ins, ..inputs });
    if degraded.failure.is_some() { comparison } else { degraded }
}

const fn sort_key(sort: Sort) -> SortKey {
    match sort {
        Sort::Total => SortKey::Total,
        Sort::Delivery => SortKey::Delivery,
        Sort::Unit => SortKey::Unit,
        Sort::Supplier => SortKey::Supplier,
    }
}
