//! Threads and runtimes of a run: one for the clock, one for the suppliers.
//!
//! The suppliers are asked on a thread of their own. A supplier that floods us with bytes can keep that thread busy,
//! but not the clock, the interrupt and the result, which live on the main thread.

use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle, Runtime};
#[cfg(any(feature = "amqp", feature = "kafka"))]
use tokio::signal::unix::Signal;
use tokio::signal::unix::{SignalKind, signal};

use super::output;

/// The most suppliers that are asked at a time. More cost memory (some 40 kB each) and bring nothing.
const MOST_IN_FLIGHT: u64 = 2_000;

/// Descriptors that are not for suppliers: standard streams, the event queues, the resolver, files.
const RESERVED: u64 = 64;

/// A clock on this thread and an event loop on another.
pub(super) struct Asking {
    clock: Runtime,
    workers: Handle,
}

/// Starts the event loop that suppliers are asked on.
///
/// # Errors
/// When the system has no thread or descriptor left.
pub(super) fn start() -> io::Result<Asking> {
    let clock = Builder::new_current_thread().enable_all().build()?;
    Ok(Asking { clock, workers: event_loop("suppliers")? })
}

/// Starts an event loop on a thread of its own.
///
/// # Errors
/// When the system has no thread or descriptor left.
pub(super) fn event_loop(name: &str) -> io::Result<Handle> {
    let event_loop = Builder::new_current_thread().enable_all().build()?;
    let handle = event_loop.handle().clone();
    // It is never joined: the process ends when the result is out, whatever a supplier or a resolver is doing.
    thread::Builder::new().name(name.to_owned()).spawn(move || event_loop.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}

impl Asking {
    /// Runs to the end what `make` makes of the handle to the event loop.
    pub(super) fn run<T, F: Future<Output = T>>(self, make: impl FnOnce(Handle) -> F) -> T {
        // What listens to signals starts to do so when it is made, not when it is first waited for.
        let entered = self.clock.enter();
        let running = make(self.workers.clone());
        drop(entered);
        let result = self.clock.block_on(running);
        self.clock.shutdown_background();
        // Writing the result may block for ever, on a pipe that nobody reads. The user can still end that.
        self.workers.spawn(exit_when_interrupted());
        result
    }
}

/// What the user and the system end a process with. Both are taken from now on.
#[cfg(any(feature = "amqp", feature = "kafka"))]
pub(super) struct Signals(Option<(Signal, Signal)>);

#[cfg(any(feature = "amqp", feature = "kafka"))]
impl Signals {
    /// Begins to listen. Where that is not possible, the system's own way of ending the process stays.
    pub(super) fn listen() -> Self {
        Self(signal(SignalKind::interrupt()).ok().zip(signal(SignalKind::terminate()).ok()))
    }

    /// Waits for the next one. It may be dropped and called again.
    pub(super) async fn next(&mut self) {
        let Some((interrupt, terminate)) = &mut self.0 else { return std::future::pending().await };
        tokio::select! {
            Some(()) = interrupt.recv() => {}
            Some(()) = terminate.recv() => {}
            else => std::future::pending().await,
        }
    }
}

/// How many suppliers may be asked at a time, by the number of files that this process may open. Mocks inside the
/// process need a descriptor for the other end of each connection.
pub(super) fn in_flight(with_mocks: bool) -> usize {
    let (soft, hard) = rlimit::Resource::NOFILE.get().unwrap_or((256, 256));
    // What the system allows is taken: the soft limit is low on most systems for the sake of programs that
    // cannot count beyond it.
    let wanted = if with_mocks { 2 * MOST_IN_FLIGHT + RESERVED } else { MOST_IN_FLIGHT + RESERVED };
    let raised = wanted.clamp(soft, hard.max(soft));
    let files = if rlimit::Resource::NOFILE.set(raised, hard).is_ok() { raised } else { soft };
    let ends = if with_mocks { 2 } else { 1 };
    let most = (files.saturating_sub(RESERVED) / ends).clamp(1, MOST_IN_FLIGHT);
    usize::try_from(most).unwrap_or(1)
}

#[expect(clippy::exit, reason = "the main thread is stuck in a write, and nothing is lost that could be kept")]
async fn exit_when_interrupted() {
    interrupted().await;
    std::process::exit(130);
}

/// Ends the process at the second interrupt from now on. The first one ends a run that writes while it asks; if nobody
/// reads what it writes, it does not come to notice.
pub(super) fn exit_when_interrupted_twice() {
    if let Ok(watch) = event_loop("interrupts") {
        watch.spawn(async {
            interrupted().await;
            exit_when_interrupted().await;
        });
    }
}

/// Lets a panic say where it happened, and nothing else: its message may repeat a supplier's text.
pub(super) fn hide_payloads_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        output::to_stderr(&format!("error: a defect of pricecmp at {place}\n"));
    }));
}

/// Resolves when the user interrupts after this call, even if it is waited for later: a supplier may be asked, and the
/// user may be impatient, before the clock's thread comes to wait. Where the signal cannot be listened to, it never
/// resolves, and the system's own way of ending the process stays.
pub(super) fn interrupted() -> impl Future<Output = ()> {
    let signal = signal(SignalKind::interrupt());
    async {
        if let Ok(mut signal) = signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
