//! Asking a slow supplier a second time beside the first.
//!
//! Owns which of two requests wins: the first success, else the failure that came last. Refuses to know whether and when
//! a second one is sent: the plan says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use crate::domain::{Failure, Phase};
use crate::transport::{Inquiry, PhaseMark, Reply, Transport};

/// Whether a second request was sent, seen by the engine while the first two are on their way.
#[derive(Clone, Debug, Default)]
pub(super) struct Hedged(Arc<AtomicBool>);

impl Hedged {
    /// Whether it was.
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Asks, and asks once more when there is no reply after `wait`; `None` = never. Who loses is cancelled.
pub(super) async fn ask(
    transport: &dyn Transport,
    inquiry: &Inquiry,
    phase: &PhaseMark,
    wait: Option<Duration>,
    hedged: &Hedged,
) -> Result<Reply, Failure> {
    let mut first = transport.ask(inquiry, phase);
    let Some(wait) = wait else { return first.await };
    tokio::select! {
        biased;
        reply = &mut first => return reply,
        () = sleep(wait) => {}
    }
    hedged.0.store(true, Ordering::Relaxed);
    let phase = PhaseMark::new(Phase::Headers);
    let mut second = transport.ask(inquiry, &phase);
    tokio::select! {
        biased;
        reply = &mut first => match reply {
            Ok(reply) => Ok(reply),
            Err(_) => second.await,
        },
        reply = &mut second => match reply {
            Ok(reply) => Ok(reply),
            Err(_) => first.await,
        },
    }
}
