//! Whether asking again may help, and how long to wait before.

use std::time::Duration;

use super::{ErrorKind, Failure, share};

/// The longest wait before the first retry; twice as long each next time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest wait that is drawn.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The most extra attempts that a supplier can be configured to have.
pub const MOST_RETRIES: u8 = 10;

/// How long to wait before asking again after `attempts` attempts (1…) of which the last failed so; `None` = asking
/// again is of no use. `chance` is any number, drawn anew each time.
///
/// The wait is drawn between nothing and its limit, so that those who failed together do not come back together. What
/// the supplier asks to wait comes on top. Asking for a price changes nothing, so every method may ask again; but a
/// connection that broke while it was used may have broken because of the request, and a supplier that limits how often
/// it is asked is asked again only if it says when.
#[must_use]
pub fn pause_before_retry(failure: &Failure, attempts: u32, chance: u64) -> Option<Duration> {
    let may_help = match failure.kind {
        ErrorKind::Connect | ErrorKind::BrokerUnreachable => true,
        ErrorKind::RateLimited => failure.retry_in.is_some(),
        ErrorKind::HttpStatus => matches!(failure.http_status, Some(502..=504)),
        _ => false,
    };
    let doublings = attempts.saturating_sub(1).min(16);
    let limit = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
    may_help.then(|| failure.retry_in.unwrap_or_default().saturating_add(share(limit, chance)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, retry_in: Option<u64>) -> Failure {
        let kind = if status == 429 { ErrorKind::RateLimited } else { ErrorKind::HttpStatus };
        Failure { retry_in: retry_in.map(Duration::from_secs), ..Failure::new(kind).with_status(status) }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let may = |failure: Failure| pause_before_retry(&failure, 1, 0).is_some();
        assert!(may(Failure::new(ErrorKind::Connect)) && may(Failure::new(ErrorKind::BrokerUnreachable)));
        for (number, expected) in [(500, false), (501, false), (502, true), (503, true), (504, true), (505, false)] {
            assert_eq!(may(status(number, None)), expected, "{number}");
        }
        assert!(may(status(429, Some(1))) && !may(status(429, None)));
        for kind in [
            ErrorKind::Dns,
            ErrorKind::Tls,
            ErrorKind::Proxy,
            ErrorKind::Timeout,
            ErrorKind::ConnectionClosed,
            ErrorKind::HttpProtocol,
            ErrorKind::MalformedJson,
            ErrorKind::Mapping,
            ErrorKind::SupplierError,
            ErrorKind::FileUnreadable,
            ErrorKind::BrokerAuth,
            ErrorKind::BrokerUnroutable,
            ErrorKind::BrokerTopic,
            ErrorKind::BrokerReply,
            ErrorKind::FileStale,
            ErrorKind::Internal,
        ] {
            assert!(!may(Failure::new(kind)), "{kind:?}");
        }
    }

    #[test]
    fn the_wait_is_drawn_below_a_limit_that_doubles_up_to_a_second() {
        let refused = Failure::new(ErrorKind::Connect);
        let longest = |attempts| pause_before_retry(&refused, attempts, u64::MAX).unwrap().as_micros();
        let limits: Vec<_> = (1..=7).chain([u32::MAX]).map(longest).collect();
        assert_eq!(limits, [49_999, 99_999, 199_999, 399_999, 799_999, 999_999, 999_999, 999_999]);
        assert_eq!(pause_before_retry(&refused, 1, 0), Some(Duration::ZERO));
        assert_eq!(pause_before_retry(&refused, 1, 1 << 63), Some(Duration::from_millis(25)));
    }

    #[test]
    fn what_the_supplier_asks_to_wait_comes_on_top() {
        let wait = |failure| pause_before_retry(&failure, 1, 1 << 63);
        assert_eq!(wait(status(429, Some(2))), Some(Duration::from_millis(2_025)));
        assert_eq!(wait(status(503, Some(2))), Some(Duration::from_millis(2_025)));
        assert_eq!(wait(status(503, Some(0))), Some(Duration::from_millis(25)));
    }
}
