//! Which headers of a request are ours to set.

/// Headers that nobody else may set: those that belong to the connection, since HTTP's framing breaks otherwise, and
/// the one that carries the run's id.
const RESERVED: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-correlation-id",
];

/// Whether a header is one that pricecmp sets itself and no configuration may. Case makes no difference.
#[must_use]
pub fn is_reserved_header(name: &str) -> bool {
    RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
}
