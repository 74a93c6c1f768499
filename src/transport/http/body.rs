//! Reading a reply's body to its end, decoded and within a cap.
//!
//! The client decodes; owns that no body grows beyond its cap, however small it was on the way, and that none is
//! left encoded. Main functions: [`read`] for the offers, [`read_short`] for what an error says.

use std::time::Duration;

use reqwest::Response;
use reqwest::header::{self, HeaderMap};

use super::classify;
use crate::domain::{ErrorKind, Failure};
use crate::transport::bodies::LARGEST;
use crate::transport::faults;

/// What is asked for, and decoded.
pub(super) const ENCODINGS: &str = "gzip, br, zstd";

/// The largest body of an error that is read for its message, decoded, in bytes.
const MESSAGE_CAP: usize = 16 * 1024;

/// How long a message is waited for. The status alone says what happened; a server that is slow to explain it must
/// not make the run wait.
const MESSAGE_PATIENCE: Duration = Duration::from_millis(250);

/// Reads a body.
///
/// # Errors
/// `body_too_large`, `bad_encoding`, and what can happen to a connection.
pub(super) async fn read(response: &mut Response) -> Result<Vec<u8>, Failure> {
    read_up_to(response, LARGEST).await
}

/// Reads what an error says, if it is there at once; `whole`, also when that is more than a message.
pub(super) async fn read_short(response: &mut Response, whole: bool) -> Option<Vec<u8>> {
    let cap = if whole { LARGEST } else { MESSAGE_CAP };
    tokio::time::timeout(MESSAGE_PATIENCE, read_up_to(response, cap)).await.ok()?.ok()
}

/// Reads a body of at most `cap` bytes.
async fn read_up_to(response: &mut Response, cap: usize) -> Result<Vec<u8>, Failure> {
    check_encoding(response.headers())?;
    let expected = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let mut body = Vec::with_capacity(expected.min(cap));
    while let Some(bytes) = response.chunk().await.map_err(|error| classify::reading(&error))? {
        if bytes.len() > cap - body.len() {
            return Err(Failure::new(ErrorKind::BodyTooLarge));
        }
        body.extend_from_slice(&bytes);
    }
    // The client undoes one encoding and forgets what the other header lines say. No JSON begins as these do.
    if body.starts_with(&[0x1f, 0x8b]) || body.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Err(bad_encoding("the body is compressed more often than its headers say"));
    }
    Ok(body)
}

/// The client takes away the header of an encoding that it undoes. What is left was not asked for.
fn check_encoding(headers: &HeaderMap) -> Result<(), Failure> {
    match headers.get_all(header::CONTENT_ENCODING).iter().find(|value| *value != "identity") {
        None => Ok(()),
        Some(value) => {
            let name = faults::short(&String::from_utf8_lossy(value.as_bytes()));
            Err(bad_encoding(&format!("the content encoding `{name}` was not asked for")))
        }
    }
}

/// A `bad_encoding` failure.
fn bad_encoding(detail: &str) -> Failure {
    Failure::new(ErrorKind::BadEncoding).with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_that_is_left_was_not_asked_for() {
        let check =
            |value: &str| check_encoding(&HeaderMap::from_iter([(header::CONTENT_ENCODING, value.parse().unwrap())]));
        assert_eq!(check_encoding(&HeaderMap::new()), Ok(()));
        assert_eq!(check("identity"), Ok(()));
        let failure = check("compress").unwrap_err();
        assert_eq!(failure.detail.as_deref(), Some("the content encoding `compress` was not asked for"));
        assert_eq!(check("gzip, gzip").unwrap_err().kind, ErrorKind::BadEncoding);
    }
}
