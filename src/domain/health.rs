//! What a run says about the health of its suppliers.

use std::time::Duration;

use super::{ErrorKind, Failure, Outcome, Phase, Signal, SupplierReport};

/// A timeout counts from so much time on, even when the supplier was configured to have more.
const FAIR_TIME: Duration = Duration::from_secs(1);

/// What each report says about its supplier's health. `configured` are the suppliers' own times, where they have one.
///
/// When every supplier that was asked failed for want of a name or a connection, it is our own network, and nobody's
/// health.
#[must_use]
pub fn signals(reports: &[SupplierReport], configured: &[Option<Duration>]) -> Vec<Signal> {
    let mut asked = reports.iter().filter(|report| report.attempts > 0).peekable();
    let is_offline = asked.peek().is_some() && asked.all(has_no_connection);
    let own_times = configured.iter().copied().chain(std::iter::repeat(None));
    let signal = |(report, own)| if is_offline { Signal::Neutral } else { signal(report, own) };
    reports.iter().zip(own_times).map(signal).collect()
}

fn has_no_connection(report: &SupplierReport) -> bool {
    let Outcome::Failed(failure) = &report.outcome else { return false };
    match failure.kind {
        ErrorKind::Dns | ErrorKind::Connect | ErrorKind::BrokerUnreachable => true,
        ErrorKind::Timeout => matches!(failure.phase, Some(Phase::Dns | Phase::Connect)),
        _ => false,
    }
}

/// What a report says about its supplier's health, where others could be reached.
#[must_use]
pub fn signal(report: &SupplierReport, own_time: Option<Duration>) -> Signal {
    match &report.outcome {
        Outcome::Answered(_) => Signal::Success,
        Outcome::Failed(failure) if is_its_fault(failure, own_time) => Signal::Failure,
        Outcome::Failed(_) => Signal::Neutral,
    }
}

/// Whether a failure says that the supplier is down. That of somebody else, or of one request, opens no circuit.
fn is_its_fault(failure: &Failure, own_time: Option<Duration>) -> bool {
    match failure.kind {
        ErrorKind::Dns
        | ErrorKind::Connect
        | ErrorKind::Tls
        | ErrorKind::ConnectionClosed
        | ErrorKind::HttpProtocol
        | ErrorKind::HeadersTooLarge
        | ErrorKind::BodyTooLarge
        | ErrorKind::BadEncoding
        | ErrorKind::BrokerUnreachable
        | ErrorKind::BrokerAuth
        | ErrorKind::BrokerUnroutable
        | ErrorKind::BrokerTopic
        | ErrorKind::BrokerReply
        | ErrorKind::MalformedJson => true,
        ErrorKind::HttpStatus => failure.http_status.is_some_and(|status| status >= 500),
        ErrorKind::Timeout => {
            let fair = own_time.map_or(FAIR_TIME, |own| own.min(FAIR_TIME));
            failure.limit.is_some_and(|limit| limit >= fair)
        }
        ErrorKind::Proxy
        | ErrorKind::RateLimited
        | ErrorKind::RedirectRefused
        | ErrorKind::Mapping
        | ErrorKind::SupplierError
        | ErrorKind::FileUnreadable
        | ErrorKind::FileStale
        | ErrorKind::CircuitOpen
        | ErrorKind::LocalResource
        | ErrorKind::Cancelled
        | ErrorKind::Internal => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answer, SupplierName, TransportKind};

    fn report(outcome: Outcome) -> SupplierReport {
        SupplierReport {
            supplier: SupplierName::new("acme"),
            transport: TransportKind::Http,
            latency: Some(Duration::from_millis(90)),
            attempts: 1,
            http_status: None,
            file_modified_at: None,
            outcome,
        }
    }

    fn answered() -> SupplierReport {
        report(Outcome::Answered(Answer::default()))
    }

    fn failed(failure: Failure) -> SupplierReport {
        report(Outcome::Failed(failure))
    }

    fn of(kind: ErrorKind) -> SupplierReport {
        failed(Failure::new(kind))
    }

    /// What it says beside a supplier that answers.
    fn signal_of(report: SupplierReport) -> Signal {
        signals(&[report, answered()], &[])[0]
    }

    #[test]
    fn what_is_the_suppliers_fault_counts_and_nothing_else_does() {
        let status = |status| failed(Failure::new(ErrorKind::HttpStatus).with_status(status));
        for report in [
            of(ErrorKind::Dns),
            of(ErrorKind::Connect),
            of(ErrorKind::Tls),
            of(ErrorKind::ConnectionClosed),
            of(ErrorKind::HttpProtocol),
            of(ErrorKind::HeadersTooLarge),
            of(ErrorKind::BodyTooLarge),
            of(ErrorKind::BadEncoding),
            of(ErrorKind::MalformedJson),
            of(ErrorKind::BrokerUnreachable),
            of(ErrorKind::BrokerAuth),
            of(ErrorKind::BrokerUnroutable),
            of(ErrorKind::BrokerTopic),
            of(ErrorKind::BrokerReply),
            status(500),
            status(503),
        ] {
            assert_eq!(signal_of(report.clone()), Signal::Failure, "{report:?}");
        }
        for report in [
            of(ErrorKind::Proxy),
            of(ErrorKind::RateLimited),
            of(ErrorKind::RedirectRefused),
            of(ErrorKind::Mapping),
            of(ErrorKind::FileUnreadable),
            of(ErrorKind::FileStale),
            of(ErrorKind::SupplierError),
            of(ErrorKind::CircuitOpen),
            of(ErrorKind::LocalResource),
            of(ErrorKind::Cancelled),
            of(ErrorKind::Internal),
            status(204),
            status(401),
            status(404),
        ] {
            assert_eq!(signal_of(report.clone()), Signal::Neutral, "{report:?}");
        }
        assert_eq!(signal_of(answered()), Signal::Success);
    }

    #[test]
    fn a_timeout_counts_if_the_supplier_had_its_own_time_or_a_second() {
        let signal = |limit, own| {
            let report = failed(Failure::timeout(Phase::Headers, Duration::from_millis(limit)));
            signals(&[report, answered()], &[own])[0]
        };
        let own = |time| Some(Duration::from_millis(time));
        assert_eq!(signal(1000, None), Signal::Failure);
        assert_eq!(signal(999, None), Signal::Neutral);
        assert_eq!(signal(200, own(200)), Signal::Failure);
        assert_eq!(signal(199, own(200)), Signal::Neutral, "the run's deadline came first");
        assert_eq!(signal(1000, own(5000)), Signal::Failure);
    }

    #[test]
    fn where_nobody_can_be_reached_it_is_our_network() {
        let no_connection = || failed(Failure::timeout(Phase::Connect, Duration::from_secs(5)));
        let not_asked = SupplierReport { attempts: 0, ..of(ErrorKind::Cancelled) };
        let all = [of(ErrorKind::Dns), of(ErrorKind::Connect), no_connection(), not_asked];
        assert_eq!(signals(&all, &[]), [Signal::Neutral; 4]);
        let one_was_reached = [of(ErrorKind::Dns), of(ErrorKind::Tls)];
        assert_eq!(signals(&one_was_reached, &[]), [Signal::Failure; 2]);
        assert_eq!(signals(&[], &[]), []);
    }
}
