//! Making something of a body, without holding up the other suppliers.
//!
//! What takes little is worked out at once, and anything else on a thread of its own. Main functions: [`page`] and [`ids`].

use super::work::Threads;
#[cfg(any(feature = "amqp", feature = "kafka"))]
use crate::domain::ErrorKind;
use crate::domain::{Failure, SupplierName};
use crate::mapping::{Bindings, Lookup, Mapping, Page};

/// The largest body, decoded, in bytes.
pub(super) const LARGEST: usize = 8 * 1024 * 1024;

/// Where bodies are worked out.
static THREADS: Threads = Threads::new("mapping", 8, None);

/// The offers in a body, and where more are.
///
/// # Errors
/// Those of the mapping; `local_resource` without a thread, `internal` when the mapping panics.
pub(super) async fn page(
    mapping: &Mapping,
    body: Vec<u8>,
    bindings: &Bindings,
    supplier: &SupplierName,
) -> Result<Page, Failure> {
    if let Some(page) = mapping.read_at_once(&body, bindings, supplier) {
        return page;
    }
    let (mapping, bindings, supplier) = (mapping.clone(), bindings.clone(), supplier.clone());
    THREADS.run(move |_| mapping.read(&body, &bindings, &supplier)).await
}

/// The same where the body came over a broker: what is no JSON at all is no reply.
///
/// # Errors
/// Those of [`page`], with `broker_reply` in the place of `malformed_json`.
#[cfg(any(feature = "amqp", feature = "kafka"))]
pub(super) async fn page_of_broker(
    mapping: &Mapping,
    body: Vec<u8>,
    bindings: &Bindings,
    supplier: &SupplierName,
) -> Result<Page, Failure> {
    page(mapping, body, bindings, supplier).await.map_err(|failure| match failure.kind {
        ErrorKind::MalformedJson => Failure { kind: ErrorKind::BrokerReply, ..failure },
        _ => failure,
    })
}

/// The ids in a body.
///
/// # Errors
/// Those of the mapping; `local_resource` without a thread, `internal` when the mapping panics.
pub(super) async fn ids(mapping: &Lookup, body: Vec<u8>, bindings: &Bindings) -> Result<Vec<String>, Failure> {
    if let Some(ids) = mapping.read_at_once(&body, bindings) {
        return ids;
    }
    let (mapping, bindings) = (mapping.clone(), bindings.clone());
    THREADS.run(move |_| mapping.read(&body, &bindings)).await
}
