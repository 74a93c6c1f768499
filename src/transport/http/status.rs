//! What a reply's status means, and its `Retry-After`.
//!
//! Main function: [`judge`].

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap};

use crate::domain::{ErrorKind, Failure};

/// The longest wait that a supplier can ask for; whatever is longer counts as this, a year.
const LONGEST_WAIT: u64 = 365 * 24 * 60 * 60;

/// What is to be done with a reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its body holds the offers.
    Read,
    /// The supplier does not carry the product.
    NoOffer,
    /// It sends us elsewhere: to this location, with this method if another one.
    Redirect {
        /// Where.
        location: String,
        /// Whether the next request is a GET whatever this one was.
        with_get: bool,
    },
    /// It is a failure; its body may explain it.
    Fail(Failure),
}

/// Judges a reply by its status. `no_offer` are the statuses that mean "not carried".
pub(super) fn judge(status: StatusCode, headers: &HeaderMap, no_offer: &[u16], now: Timestamp) -> Verdict {
    let number = status.as_u16();
    if no_offer.contains(&number) {
        return Verdict::NoOffer;
    }
    match number {
        204 | 205 => Verdict::Fail(Failure::new(ErrorKind::HttpStatus).with_status(number)),
        200..=299 => Verdict::Read,
        301 | 302 | 303 | 307 | 308 => match headers.get(header::LOCATION) {
            Some(location) => Verdict::Redirect {
                location: String::from_utf8_lossy(location.as_bytes()).into_owned(),
                with_get: number == 303,
            },
            None => Verdict::Fail(Failure::new(ErrorKind::HttpStatus).with_status(number)),
        },
        429 => Verdict::Fail(failure(ErrorKind::RateLimited, number, headers, now)),
        _ => Verdict::Fail(failure(ErrorKind::HttpStatus, number, headers, now)),
    }
}

/// A failure with the time that the supplier asks to wait.
fn failure(kind: ErrorKind, status: u16, headers: &HeaderMap, now: Timestamp) -> Failure {
    Failure { retry_in: retry_after(headers, now), ..Failure::new(kind).with_status(status) }
}

/// `Retry-After` in seconds or as a date; `None` for anything else. A date in the past means "now".
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // All digits and still no number: too large for one.
        return Some(Duration::from_secs(text.parse().unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)));
    }
    let date = DateTimeParser::new().parse_timestamp(text).ok()?;
    let seconds = date.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0).min(LONGEST_WAIT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T10:15:02Z".parse().unwrap()
    }

    fn wait(value: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        retry_after(&headers, now()).map(|wait| wait.as_secs())
    }

    fn verdict(status: u16, no_offer: &[u16]) -> Verdict {
        judge(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), no_offer, now())
    }

    #[test]
    fn a_wait_is_read_in_seconds_or_as_a_date() {
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("0"), Some(0));
        assert_eq!(wait("Mon, 23 Nov 2026 10:16:02 GMT"), Some(60));
        assert_eq!(wait("Mon, 23 Nov 2020 10:16:02 GMT"), Some(0));
    }

    #[test]
    fn a_huge_wait_saturates() {
        for text in ["9223372037", "18446744073709551616", "99999999999999999999999999"] {
            assert_eq!(wait(text), Some(LONGEST_WAIT), "{text}");
        }
        assert_eq!(wait("Thu, 30 Dec 9999 20:00:00 GMT"), Some(LONGEST_WAIT));
    }

    #[test]
    fn garbage_asks_for_no_wait() {
        for text in ["", "soon", "-5", "+5", "1.5", "1e3", "2026-11-23T10:16:02Z"] {
            assert_eq!(wait(text), None, "{text}");
        }
    }

    #[test]
    fn statuses_with_a_body_are_read() {
        for status in [200, 201, 203, 226] {
            assert_eq!(verdict(status, &[]), Verdict::Read, "{status}");
        }
    }

    #[test]
    fn statuses_without_a_usable_body_fail() {
        for status in [204, 205, 300, 304, 302, 400, 401, 500, 503, 599] {
            let Verdict::Fail(failure) = verdict(status, &[]) else { panic!("{status}") };
            assert_eq!((failure.kind, failure.http_status), (ErrorKind::HttpStatus, Some(status)));
        }
    }

    #[test]
    fn a_status_can_mean_that_the_product_is_not_carried() {
        for status in [404, 204, 200, 429] {
            assert_eq!(verdict(status, &[204, 404, 200, 429]), Verdict::NoOffer, "{status}");
        }
    }
}
