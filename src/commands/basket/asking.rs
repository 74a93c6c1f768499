//! Asking about the lines of a basket, one run for all of them.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use uuid::Uuid;

use crate::config::Settings;
use crate::domain::{PriceRequest, Termination, Warning};
use crate::gather::{self, Audience, Bounds, gather_lines};
use crate::order_file::OrderFile;
use crate::plan::Plan;

use super::super::error::Failed;
use super::super::memory::Memory;
use super::super::messages;
use super::super::rates::RunRates;
use super::super::runtime;
use super::super::session::Asking;
use super::super::state::State;
use super::super::terminal::Terminal;
use super::input::Line;
use super::learning::Learning;

/// How many lines are read ahead.
const READ_AHEAD: usize = 64;
/// How many answers are remembered of lines that are not complete, when somebody is slower than others.
const MOST_ANSWERS: usize = 32_768;
/// Even with very many suppliers, so many lines are begun.
const LEAST_LINES: usize = 16;

/// The lines to ask about.
pub(in crate::commands) enum Lines {
    /// All of them, numbered from 0 in their order.
    Known(Vec<Line>),
    /// Those of a file, by their numbers there.
    OfFile(OrderFile),
}

/// A run that is over.
pub(in crate::commands) struct Asked {
    pub(in crate::commands) settings: Settings,
    /// What the lines have in common, with the rates that were found.
    pub(in crate::commands) plan: Plan,
    pub(in crate::commands) termination: Termination,
    /// What deserves attention.
    pub(in crate::commands) warnings: Vec<Warning>,
    rates: RunRates,
    pub(in crate::commands) state: State,
    memory: Arc<Memory>,
}

/// Fetches the rates, and asks every supplier about every line within the time, until `stop` resolves.
///
/// # Errors
/// When the system refuses a thread or a descriptor.
pub(in crate::commands) fn ask(
    asking: Asking,
    lines: Lines,
    deadline: Option<Duration>,
    audience: &mut dyn Audience,
    stop: impl Future<Output = ()>,
) -> Result<Asked, Failed> {
    let Asking { settings, plan, transports, mut state, outlook, memory, mocks } = asking;
    let open_lines = (MOST_ANSWERS / transports.len().max(1)).max(LEAST_LINES);
    let in_flight = runtime::in_flight(settings.mock);
    let running = runtime::start().map_err(Failed::Start)?;
    let (rates, plan, termination) = running.run(|workers| {
        let interrupt = runtime::interrupted();
        let transports = &transports;
        async move {
            let (rates, interrupt) = outlook.settle(interrupt).await;
            let plan = Plan { rates: rates.rates.clone(), ..plan };
            let deadline = deadline.map(|time| time.saturating_sub(rates.took));
            let bounds = Bounds { in_flight, open_lines, deadline };
            let lines = feed(lines, plan.clone())?;
            let interrupt = async {
                tokio::select! {
                    () = interrupt => {}
                    () = stop => {}
                }
            };
            let termination = gather_lines(&plan, lines, transports, bounds, workers, interrupt, audience).await;
            Ok::<_, Failed>((rates, plan, termination))
        }
    })?;
    drop(mocks);
    let warnings = settings.warnings.iter().chain(&rates.warning).cloned().chain(state.take_warnings()).collect();
    Ok(Asked { settings, plan, termination, warnings, rates, state, memory })
}

impl Asked {
    /// Keeps what later runs are to know. The result is out by now.
    pub(in crate::commands) fn close(mut self, learned: &Learning, terminal: Terminal) {
        self.rates.keep(&mut self.state);
        learned.keep(&mut self.state, &self.settings, &self.plan);
        let mut warnings = self.state.take_warnings();
        warnings.extend(self.memory.write());
        warnings.dedup();
        messages::warn(&warnings, &self.settings.presentation, terminal);
    }
}

/// Sends the lines, as fast as they are taken, from a thread of its own.
fn feed(lines: Lines, plan: Plan) -> Result<Receiver<gather::Line>, Failed> {
    let (sender, receiver) = channel(READ_AHEAD);
    // It ends when the run does, which takes no more lines then.
    thread::Builder::new()
        .name("lines".to_owned())
        .spawn(move || send(lines, &plan, &sender))
        .map_err(Failed::Start)?;
    Ok(receiver)
}

fn send(lines: Lines, plan: &Plan, sender: &Sender<gather::Line>) {
    let currency = plan.request.currency;
    let ask = |number, product, quantity| {
        let plan = plan.about(PriceRequest { product, quantity, currency }, Uuid::new_v4(), Timestamp::now());
        sender.blocking_send(gather::Line { number, plan: Arc::new(plan) }).is_ok()
    };
    match lines {
        Lines::Known(lines) => {
            let mut lines = (0..).zip(lines);
            while let Some((number, line)) = lines.next()
                && ask(number, line.product, line.quantity)
            {}
        }
        // It was read before from beginning to end, so that it can be read again.
        Lines::OfFile(file) => drop(file.read(|line| ask(line.number, line.product, line.quantity))),
    }
}
