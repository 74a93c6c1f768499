//! Making offers of a body, without holding up the other suppliers.
//!
//! What takes little is worked out at once, and anything else on a thread of its own. Main function: [`offers`].

use crate::domain::{Failure, OfferReply, SupplierName};
use crate::mapping::{Bindings, Mapping};
use crate::transport::work::Threads;

/// Where bodies are worked out.
static THREADS: Threads = Threads::new("mapping", 8, None);

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
    let (mapping, bindings, supplier) = (mapping.clone(), bindings.clone(), supplier.clone());
    THREADS.run(move |_| mapping.offers(&body, &bindings, &supplier)).await
}
