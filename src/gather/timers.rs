//! What is to happen later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tokio::time::{Instant, sleep_until};

use super::calls::CallId;

/// Something whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wake {
    /// A call is to be made again.
    Call(CallId),
    /// A supplier may be asked again.
    Supplier(usize),
}

/// What is to happen, soonest first.
#[derive(Debug, Default)]
pub(super) struct Timers(BinaryHeap<Reverse<(Instant, Wake)>>);

impl Timers {
    /// Lets this happen then.
    pub(super) fn add(&mut self, at: Instant, wake: Wake) {
        self.0.push(Reverse((at, wake)));
    }

    /// Waits for the next one; for ever, if there is none. It may be dropped and called again.
    pub(super) async fn next(&mut self) -> Wake {
        let Some(Reverse((at, _))) = self.0.peek() else { return std::future::pending().await };
        sleep_until(*at).await;
        match self.0.pop() {
            Some(Reverse((_, wake))) => wake,
            None => std::future::pending().await,
        }
    }
}
