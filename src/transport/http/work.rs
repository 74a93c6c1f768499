//! Making offers of a body, without holding up the other suppliers.
//!
//! A small body is worked out at once. A large one goes to a thread of its own, whose result is awaited: the engine
//! drops the wait when the supplier's time is over, and never waits for the thread. Main function: [`offers`].

use std::thread;

use tokio::sync::{Semaphore, oneshot};

use super::classify;
use crate::domain::{ErrorKind, Failure, OfferReply, SupplierName};
use crate::mapping::Mapping;

/// The largest body that is worked out on the event loop, in bytes: well under a millisecond.
const INLINE: usize = 64 * 1024;

/// How many large bodies are worked out at the same time in this process.
const THREADS: usize = 8;

/// Held by a thread until it is done, whether or not anybody still waits for it.
static PERMITS: Semaphore = Semaphore::const_new(THREADS);

/// The offers in a body.
///
/// # Errors
/// Those of the mapping; `local_resource` without a thread, `internal` when the mapping panics.
pub(super) async fn offers(
    mapping: &Mapping,
    body: Vec<u8>,
    supplier: &SupplierName,
) -> Result<Vec<OfferReply>, Failure> {
    if body.len() <= INLINE {
        return mapping.offers(&body, supplier);
    }
    let permit = PERMITS.acquire().await;
    let (sender, receiver) = oneshot::channel();
    let (mapping, supplier) = (mapping.clone(), supplier.clone());
    let spawned = thread::Builder::new().name("mapping".to_owned()).spawn(move || {
        let offers = mapping.offers(&body, &supplier);
        drop(permit);
        let _ = sender.send(offers);
    });
    if let Err(error) = spawned {
        return Err(classify::local_resource(&error));
    }
    receiver.await.unwrap_or_else(|_| Err(Failure::new(ErrorKind::Internal).with_detail("the mapping panicked")))
}
