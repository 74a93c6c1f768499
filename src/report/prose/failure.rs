//! Why a supplier did not respond.

use std::time::Duration;

use super::{DETAIL_COLUMNS, count};
use crate::domain::{ErrorKind, Failure, Phase};
use crate::report::{amount, sanitize};

/// Says why a supplier did not respond, such as `no reply within 2s`.
#[must_use]
pub fn failure(failure: &Failure) -> String {
    let mut sentence = what_happened(failure);
    if let Some(detail) = failure.detail.as_deref().map(|detail| sanitize::shorten(detail, DETAIL_COLUMNS))
        && !detail.is_empty()
    {
        sentence.push_str(": ");
        sentence.push_str(&detail);
    }
    if let Some(wait) = failure.retry_in {
        sentence.push_str(", retry in ");
        sentence.push_str(&amount::time(wait));
    }
    sentence
}

/// Says how often a supplier was asked, such as `2 attempts`; `None` if once at most.
#[must_use]
pub fn attempts(attempts: u32) -> Option<String> {
    (attempts > 1).then(|| count(attempts.into(), "attempt", "attempts"))
}

fn what_happened(failure: &Failure) -> String {
    let sentence = match failure.kind {
        ErrorKind::Timeout => return timeout(failure.phase, failure.limit),
        ErrorKind::HttpStatus => return status(failure.http_status),
        ErrorKind::Dns => "name could not be resolved",
        ErrorKind::Connect => "could not connect",
        ErrorKind::Tls => "TLS failed",
        ErrorKind::Proxy => "proxy failed",
        ErrorKind::ConnectionClosed => "connection closed before the reply was complete",
        ErrorKind::HttpProtocol => "reply breaks the rules of HTTP",
        ErrorKind::RateLimited => "too many requests (HTTP 429)",
        ErrorKind::RedirectRefused => "redirect refused",
        ErrorKind::HeadersTooLarge => "headers of the reply are too large",
        ErrorKind::BodyTooLarge => "body of the reply is too large",
        ErrorKind::BadEncoding => "content encoding of the reply is broken",
        ErrorKind::MalformedJson => "reply is not valid JSON",
        ErrorKind::Mapping => "mapping failed",
        ErrorKind::SupplierError => "supplier reports an error",
        ErrorKind::BrokerUnreachable => "broker cannot be reached",
        ErrorKind::BrokerAuth => "broker refuses access",
        ErrorKind::BrokerUnroutable => "broker cannot deliver the request",
        ErrorKind::BrokerTopic => "topic cannot be used",
        ErrorKind::BrokerReply => "what came back is no reply",
        ErrorKind::CircuitOpen => "not asked, it failed too often lately",
        ErrorKind::FileUnreadable => "price list cannot be read",
        ErrorKind::FileStale => "price list is too old",
        ErrorKind::LocalResource => "this machine ran out of resources",
        ErrorKind::Cancelled => "cancelled before it answered",
        ErrorKind::Internal => "internal error, a defect of pricecmp",
    };
    sentence.to_owned()
}

fn timeout(phase: Option<Phase>, limit: Option<Duration>) -> String {
    let missing = match phase {
        Some(Phase::Dns) => "name not resolved",
        Some(Phase::Connect) => "no connection",
        Some(Phase::Tls) => "TLS handshake not finished",
        Some(Phase::Body) => "reply not complete",
        Some(Phase::Mapping) => "offers not read",
        Some(Phase::Headers | Phase::Reply) | None => "no reply",
    };
    match limit {
        Some(limit) => format!("{missing} within {}", amount::time(limit)),
        None => format!("{missing} in time"),
    }
}

fn status(status: Option<u16>) -> String {
    let Some(status) = status else { return "status of the reply is no success".to_owned() };
    let meaning = match status {
        204 => "no content",
        400 => "bad request",
        401 => "unauthorized",
        402 => "payment required",
        403 => "forbidden",
        404 => "not found",
        405 => "method not allowed",
        410 => "gone",
        415 => "unsupported media type",
        422 => "unprocessable content",
        500 => "internal server error",
        501 => "not implemented",
        502 => "bad gateway",
        503 => "service unavailable",
        504 => "gateway timeout",
        _ => return format!("HTTP status {status}"),
    };
    format!("HTTP status {status}, {meaning}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_sentence() {
        let table = [
            (ErrorKind::Dns, "name could not be resolved: X"),
            (ErrorKind::Connect, "could not connect: X"),
            (ErrorKind::Tls, "TLS failed: X"),
            (ErrorKind::Proxy, "proxy failed: X"),
            (ErrorKind::Timeout, "no reply in time: X"),
            (ErrorKind::ConnectionClosed, "connection closed before the reply was complete: X"),
            (ErrorKind::HttpProtocol, "reply breaks the rules of HTTP: X"),
            (ErrorKind::HttpStatus, "status of the reply is no success: X"),
            (ErrorKind::RateLimited, "too many requests (HTTP 429): X"),
            (ErrorKind::RedirectRefused, "redirect refused: X"),
            (ErrorKind::HeadersTooLarge, "headers of the reply are too large: X"),
            (ErrorKind::BodyTooLarge, "body of the reply is too large: X"),
            (ErrorKind::BadEncoding, "content encoding of the reply is broken: X"),
            (ErrorKind::MalformedJson, "reply is not valid JSON: X"),
            (ErrorKind::Mapping, "mapping failed: X"),
            (ErrorKind::SupplierError, "supplier reports an error: X"),
            (ErrorKind::BrokerUnreachable, "broker cannot be reached: X"),
            (ErrorKind::BrokerAuth, "broker refuses access: X"),
            (ErrorKind::BrokerUnroutable, "broker cannot deliver the request: X"),
            (ErrorKind::BrokerTopic, "topic cannot be used: X"),
            (ErrorKind::BrokerReply, "what came back is no reply: X"),
            (ErrorKind::CircuitOpen, "not asked, it failed too often lately: X"),
            (ErrorKind::FileUnreadable, "price list cannot be read: X"),
            (ErrorKind::FileStale, "price list is too old: X"),
            (ErrorKind::LocalResource, "this machine ran out of resources: X"),
            (ErrorKind::Cancelled, "cancelled before it answered: X"),
            (ErrorKind::Internal, "internal error, a defect of pricecmp: X"),
        ];
        for (kind, sentence) in table {
            assert_eq!(failure(&Failure::new(kind).with_detail("X")), sentence);
            assert_eq!(failure(&Failure::new(kind)), sentence.trim_end_matches(": X"));
            assert_eq!(failure(&Failure::new(kind).with_detail(" \u{200b}")), sentence.trim_end_matches(": X"));
        }
    }

    #[test]
    fn a_timeout_says_what_was_missing_and_how_long_it_was_waited_for() {
        let table = [
            (Phase::Dns, "name not resolved within 2s"),
            (Phase::Connect, "no connection within 2s"),
            (Phase::Tls, "TLS handshake not finished within 2s"),
            (Phase::Headers, "no reply within 2s"),
            (Phase::Body, "reply not complete within 2s"),
            (Phase::Reply, "no reply within 2s"),
            (Phase::Mapping, "offers not read within 2s"),
        ];
        for (phase, sentence) in table {
            assert_eq!(failure(&Failure::timeout(phase, Duration::from_secs(2))), sentence);
        }
    }

    #[test]
    fn a_status_is_named_and_the_wait_is_told() {
        let busy =
            Failure { retry_in: Some(Duration::from_secs(30)), ..Failure::new(ErrorKind::HttpStatus).with_status(503) };
        assert_eq!(failure(&busy), "HTTP status 503, service unavailable, retry in 30s");
        assert_eq!(failure(&Failure::new(ErrorKind::HttpStatus).with_status(418)), "HTTP status 418");
    }

    #[test]
    fn a_hostile_detail_is_cleaned_and_shortened() {
        let hostile = Failure::new(ErrorKind::SupplierError).with_detail(format!("\u{1b}[2J{}", "a".repeat(9000)));
        let sentence = failure(&hostile);
        assert!(sentence.starts_with("supplier reports an error: \u{fffd}[2Jaaa"), "{sentence}");
        assert_eq!(sentence.chars().count(), "supplier reports an error: ".len() + DETAIL_COLUMNS);
    }
}
