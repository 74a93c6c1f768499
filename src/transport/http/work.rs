//! Making offers of a body, without holding up the other suppliers.
//!
//! What takes little is worked out at once. Anything else goes to a thread of its own, whose result is awaited: the engine
//! drops the wait when the supplier's time is over, and never waits for the thread. Main function: [`offers`].

use std::thread;

use tokio::sync::{Semaphore, oneshot};

use super::classify;
use crate::domain::{ErrorKind, Failure, OfferReply, SupplierName};
use crate::mapping::{Bindings, Mapping};

/// How many bodies are worked out on threads at the same time in this process.
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
    bindings: &Bindings,
    supplier: &SupplierName,
) -> Result<Vec<OfferReply>, Failure> {
    if let Some(offers) = mapping.offers_at_once(&body, bindings, supplier) {
        return offers;
    }
    let permit = PERMITS.acquire().await;
    let (sender, receiver) = oneshot::channel();
    let (mapping, bindings, supplier) = (mapping.clone(), bindings.clone(), supplier.clone());
    let spawned = thread::Builder::new().name("mapping".to_owned()).spawn(move || {
        let offers = mapping.offers(&body, &bindings, &supplier);
        drop(permit);
        let _ = sender.send(offers);
    });
    if let Err(error) = spawned {
        return Err(classify::local_resource(&error));
    }
    receiver.await.unwrap_or_else(|_| Err(Failure::new(ErrorKind::Internal).with_detail("the mapping panicked")))
}
