//! `pricecmp worker`: answers a supplier's quote requests on a broker.

#[cfg(feature = "amqp")]
mod amqp;
#[cfg(feature = "kafka")]
mod kafka;
mod roles;
mod status;
mod upstream;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::cli::{Flags, Worker};
use crate::config::{self, Endpoint, Errand, Supplier};
use crate::domain::{ErrorKind, Failure};
use crate::report;
use crate::respond::worker::{Answerer, Figures, OnEvent, Progress, WorkerEvent};

use self::roles::Roles;
use self::status::{Manner, Status};
use super::error::Failed;
use super::runtime::Signals;
use super::{Surroundings, output, runtime};

/// The exit code of a worker that was told twice to stop.
const INTERRUPTED: u8 = 130;

/// Answers until it is interrupted or terminated, finishes what it holds, and returns 0. A second signal ends it at once.
///
/// # Errors
/// When the command line or the configuration is wrong, or the broker does not let the worker in.
pub(super) fn work(arguments: &Worker, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let concurrency = config::concurrency(arguments.concurrency.as_deref())?;
    let name = roles::only_supplier(flags)?;
    let settings = config::load(&roles::flags(arguments, flags, name), Errand::Work, &surroundings.environment)?;
    let roles = Roles::of(&settings, name, arguments)?;
    surroundings.warn(&settings);
    runtime::in_flight(false);
    let event_loop = Builder::new_current_thread().enable_all().build().map_err(Failed::Start)?;
    let done = event_loop.block_on(async {
        let status = Status::new(&roles, concurrency, Manner::of(&settings.presentation, surroundings.terminal));
        let shift = Shift::new(status, settings.presentation.verbosity > 0);
        let parts = Parts { arguments, concurrency, answerer: roles.answerer(&settings)?, shift: &shift };
        let (stop, stopped) = oneshot::channel();
        let worker = listen(roles.supplier, parts, async { drop(stopped.await) });
        shift.run(worker, stop, &roles).await
    });
    // A resolver may be stuck, and nobody waits for it.
    event_loop.shutdown_background();
    done
}

/// What a listener is made of.
struct Parts<'a> {
    arguments: &'a Worker,
    concurrency: u16,
    answerer: Arc<dyn Answerer>,
    shift: &'a Shift,
}

/// What a listener returns: how many requests it left, or why it could not begin.
type Left = Result<usize, Failure>;

/// Answers what comes over the supplier's broker.
async fn listen(supplier: &Supplier, parts: Parts<'_>, stop: impl Future<Output = ()>) -> Result<Left, Failed> {
    match &supplier.endpoint {
        #[cfg(feature = "amqp")]
        Endpoint::Amqp(endpoint) => Ok(amqp::worker(supplier, endpoint, parts)?.run(stop).await),
        #[cfg(feature = "kafka")]
        Endpoint::Kafka(endpoint) => Ok(kafka::worker(supplier, endpoint, parts).run(stop).await),
        _ => {
            // The roles are those of a supplier on a broker.
            drop((parts, stop));
            Err(Failed::Supplier(format!("supplier `{}` is on a broker that is not built in", supplier.name)))
        }
    }
}

/// What is counted and told while a worker works.
struct Shift {
    progress: Progress,
    status: Arc<Mutex<Status>>,
    verbose: bool,
}

impl Shift {
    fn new(status: Status, verbose: bool) -> Self {
        Self { progress: Progress::default(), status: Arc::new(Mutex::new(status)), verbose }
    }

    /// Who hears of what happens, and tells it.
    fn on_event(&self) -> OnEvent {
        let (status, progress, verbose) = (Arc::clone(&self.status), self.progress.clone(), self.verbose);
        Box::new(move |event| {
            if matches!(event, WorkerEvent::Done { .. }) && !verbose {
                return;
            }
            let mut status = status.lock().unwrap_or_else(PoisonError::into_inner);
            let told = status.event(event, progress.figures());
            // Whoever reads it may have gone. The worker stays.
            let _ = output::to_stdout(&told.stdout);
            output::to_stderr(&told.stderr);
        })
    }

    /// Works until the end, and shows how far it is.
    async fn run(
        &self,
        worker: impl Future<Output = Result<Left, Failed>>,
        stop: oneshot::Sender<()>,
        roles: &Roles<'_>,
    ) -> Result<u8, Failed> {
        let mut worker = std::pin::pin!(worker);
        let (mut signals, mut stop) = (Signals::listen(), Some(stop));
        let mut ticks = tokio::time::interval(self.with_status(|status| status.period()));
        let left = loop {
            tokio::select! {
                left = &mut worker => break left?,
                _ = ticks.tick() => self.show(Status::tick),
                () = signals.next() => match stop.take() {
                    // It hears of it unless it has just ended.
                    Some(stop) => { let _ = stop.send(()); self.show(Status::stopping); }
                    None => return Ok(INTERRUPTED),
                },
            }
        };
        let left = left.map_err(|failure| refused(&failure, roles))?;
        self.show(|status, figures| status.end(figures, left));
        Ok(0)
    }

    fn show(&self, text: impl FnOnce(&mut Status, Figures) -> String) {
        let figures = self.progress.figures();
        output::to_stderr(&self.with_status(|status| text(status, figures)));
    }

    fn with_status<T>(&self, work: impl FnOnce(&mut Status) -> T) -> T {
        work(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The broker does not let the worker begin.
fn refused(failure: &Failure, roles: &Roles<'_>) -> Failed {
    let name = &roles.supplier.name;
    let sentence = report::prose::failure(failure);
    match failure.kind {
        ErrorKind::BrokerUnroutable => {
            let message = format!("supplier `{name}`: there is no {} on the broker", roles.place());
            Failed::remark(message, "make the queue, or let the worker do so with `--declare`")
        }
        ErrorKind::BrokerTopic => Failed::remark(
            format!("supplier `{name}`: {sentence}"),
            "make the topic, or look at the rights of this user",
        ),
        ErrorKind::BrokerAuth if matches!(roles.supplier.endpoint, Endpoint::Kafka(_)) => {
            Failed::remark(format!("supplier `{name}`: {sentence}"), "look at the credentials in `[kafka]`")
        }
        ErrorKind::BrokerAuth => {
            Failed::remark(format!("supplier `{name}`: {sentence}"), "look at the user and the password in its `url`")
        }
        _ => Failed::Supplier(format!("supplier `{name}`: {sentence}")),
    }
}
