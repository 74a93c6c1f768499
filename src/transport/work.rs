//! Work that would hold up the other suppliers, on threads of its own.
//!
//! A thread's result is awaited: the engine drops the wait when the supplier's time is over, and never waits for the
//! thread. Work that goes on for long asks [`Wanted`] whether anybody still waits. Main type: [`Threads`].

use std::io;
use std::thread;

use tokio::sync::{Semaphore, oneshot};

use crate::domain::{ErrorKind, Failure, system_words};

/// Threads of one purpose, of which there are so many at a time in this process.
pub(super) struct Threads {
    /// What a panic is said to be one of.
    purpose: &'static str,
    /// Bytes; memory is used only as far as it is touched. `None` = the system's choice.
    stack: Option<usize>,
    /// Held by a thread until it is done, whether or not anybody still waits for it.
    permits: Semaphore,
}

/// Whether somebody still waits for the result of some work.
pub(super) struct Wanted<'a, T>(&'a oneshot::Sender<T>);

impl<T> Wanted<'_, T> {
    /// Whether somebody does.
    pub(super) fn is_wanted(&self) -> bool {
        !self.0.is_closed()
    }
}

impl Threads {
    /// At most `count` threads.
    pub(super) const fn new(purpose: &'static str, count: usize, stack: Option<usize>) -> Self {
        Self { purpose, stack, permits: Semaphore::const_new(count) }
    }

    /// Does `work` on a thread, when there is one.
    ///
    /// # Errors
    /// Those of the work; `local_resource` without a thread, `internal` when the work panics.
    pub(super) async fn run<T: Send + 'static>(
        &'static self,
        work: impl FnOnce(&Wanted<'_, Result<T, Failure>>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let permit = self.permits.acquire().await;
        let (sender, receiver) = oneshot::channel();
        let mut builder = thread::Builder::new().name(self.purpose.to_owned());
        if let Some(stack) = self.stack {
            builder = builder.stack_size(stack);
        }
        let spawned = builder.spawn(move || {
            let result = work(&Wanted(&sender));
            drop(permit);
            let _ = sender.send(result);
        });
        if let Err(error) = spawned {
            return Err(local_resource(&error));
        }
        let panicked = || Failure::new(ErrorKind::Internal).with_detail(format!("the {} panicked", self.purpose));
        receiver.await.unwrap_or_else(|_| Err(panicked()))
    }
}

/// The failure of a machine that ran out of something.
pub(super) fn local_resource(error: &io::Error) -> Failure {
    Failure::new(ErrorKind::LocalResource).with_detail(system_words(error))
}
