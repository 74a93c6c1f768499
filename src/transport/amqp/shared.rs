//! Something that is made once for all who need it, and anew when it is of no use any more.
//!
//! Whoever comes first makes it; when that one's time is over, another who waits makes it from the start. A failure is that of
//! all who waited, and of nobody who comes later. Main type: [`Shared`].

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::domain::{Failure, Phase};
use crate::transport::{PhaseMark, phase};

/// A value that many share.
#[derive(Debug)]
pub(super) struct Shared<T>(Mutex<Arc<Making<T>>>);

/// One attempt to make it.
#[derive(Debug)]
struct Making<T> {
    made: OnceCell<Result<Arc<T>, Failure>>,
    /// How far it is.
    mark: PhaseMark,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::new(Making::start()))
    }
}

impl<T> Making<T> {
    fn start() -> Arc<Self> {
        Arc::new(Self { made: OnceCell::new(), mark: PhaseMark::new(Phase::Connect) })
    }
}

impl<T> Shared<T> {
    /// The value that is there, if it is of use still, or a new one. `phase` shows how far it is.
    ///
    /// # Errors
    /// Those of `make`.
    pub(super) async fn get(
        &self,
        is_of_use: impl Fn(&T) -> bool,
        phase: &PhaseMark,
        make: impl AsyncFnOnce() -> Result<T, Failure>,
    ) -> Result<Arc<T>, Failure> {
        let making = self.current(is_of_use);
        if let Some(Ok(made)) = making.made.get() {
            return Ok(Arc::clone(made));
        }
        phase.follow(&making.mark);
        let work = async || phase::marking(&making.mark, make()).await.0.map(Arc::new);
        making.made.get_or_init(work).await.clone()
    }

    /// The attempt that is under way or was a success.
    fn current(&self, is_of_use: impl Fn(&T) -> bool) -> Arc<Making<T>> {
        let mut making = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_spent = match making.made.get() {
            None => false,
            Some(Ok(made)) => !is_of_use(made),
            Some(Err(_)) => true,
        };
        if is_spent {
            *making = Making::start();
        }
        Arc::clone(&making)
    }
}
