//! From the client's errors to the stable kinds.
//!
//! Owns which error means what, and the words that a person reads. Refuses to know what a failure leads to. The
//! client's own error says little and prints the whole URL, so it is never shown: what it was caused by decides, be it
//! of the system, TLS, HTTP/1.1 or HTTP/2. Main functions: [`sending`], [`reading`] and [`proxy`].

use std::error::Error;
use std::io;

use crate::domain::{ErrorKind, Failure, Phase};
use crate::transport::dns::UnknownName;
use crate::transport::faults::{causes, find, is_local_resource, system, tls_failure, words};
use crate::transport::work::local_resource;

/// Why there is no reply. `phase` is where the exchange was.
pub(super) fn sending(error: &reqwest::Error, phase: Phase) -> Failure {
    if let Some(unknown) = find::<UnknownName>(error) {
        return Failure::new(ErrorKind::Dns).with_detail(unknown.to_string());
    }
    if error.is_connect() {
        return connecting(error, phase);
    }
    protocol(error).unwrap_or_else(|| Failure::new(ErrorKind::Internal).with_detail("the request cannot be sent"))
}

/// Why there is no connection.
fn connecting(error: &(dyn Error + 'static), phase: Phase) -> Failure {
    if let Some(tls) = find(error) {
        return tls_failure(tls);
    }
    let io = system(error);
    if let Some(io) = io.filter(|io| is_local_resource(io)) {
        return local_resource(io);
    }
    let kind = match phase {
        Phase::Dns => ErrorKind::Dns,
        Phase::Tls => ErrorKind::Tls,
        _ => ErrorKind::Connect,
    };
    let detail = match (phase, io.map(io::Error::kind)) {
        (Phase::Tls, Some(io::ErrorKind::UnexpectedEof)) => "the connection was closed during the TLS handshake".into(),
        (Phase::Tls, Some(io::ErrorKind::ConnectionReset)) => {
            "the connection was reset during the TLS handshake".into()
        }
        _ => last_words(error),
    };
    Failure::new(kind).with_detail(detail)
}

/// Why a body cannot be read: what is not the connection's fault is the encoding's.
pub(super) fn reading(error: &reqwest::Error) -> Failure {
    protocol(error).unwrap_or_else(|| Failure::new(ErrorKind::BadEncoding).with_detail(last_words(error)))
}

/// Why a proxy cannot be used.
pub(super) fn proxy(error: &reqwest::Error) -> Failure {
    if let Some(io) = system(error).filter(|io| is_local_resource(io)) {
        return local_resource(io);
    }
    // The type of this error is not public.
    let detail = match last_words(error).strip_prefix("tunnel error: ") {
        Some("proxy authorization required") => return proxy_wants_credentials(),
        Some("unexpected end of file") => "the proxy closed the connection".to_owned(),
        Some("unsuccessful") => "the proxy refused to open a tunnel".to_owned(),
        Some(other) => format!("the proxy failed to open a tunnel: {other}"),
        None => last_words(error),
    };
    Failure::new(ErrorKind::Proxy).with_detail(detail)
}

/// A proxy that does not know us.
pub(super) fn proxy_wants_credentials() -> Failure {
    Failure::new(ErrorKind::Proxy).with_status(407).with_detail("the proxy wants credentials")
}

/// What the innermost cause says. The client's own error, which would print the URL, is never that.
fn last_words(error: &(dyn Error + 'static)) -> String {
    causes(error).skip(1).last().map(words).unwrap_or_default()
}

/// What happened on an open connection; `None` when it was not the connection.
fn protocol(error: &(dyn Error + 'static)) -> Option<Failure> {
    find(error).map(tls_failure).or_else(|| find(error).map(http2)).or_else(|| find(error).map(http1))
}

/// What went wrong on a socket that was open.
fn socket(error: &io::Error) -> Failure {
    if is_local_resource(error) {
        return local_resource(error);
    }
    let kind = match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => ErrorKind::HttpProtocol,
        _ => ErrorKind::ConnectionClosed,
    };
    Failure::new(kind).with_detail(words(error))
}

/// What an error of HTTP/1.1 means.
fn http1(error: &hyper::Error) -> Failure {
    if let Some(io) = system(error) {
        return socket(io);
    }
    if error.is_parse_too_large() {
        return Failure::new(ErrorKind::HeadersTooLarge);
    }
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return Failure::new(ErrorKind::ConnectionClosed);
    }
    Failure::new(ErrorKind::HttpProtocol).with_detail(words(error))
}

/// What an error of HTTP/2 means. When it is our side that gives up for one of two reasons, the headers were the
/// cause: too many frames of them, or too large a block.
fn http2(error: &h2::Error) -> Failure {
    if let Some(io) = error.get_io() {
        return socket(io);
    }
    let Some(reason) = error.reason() else {
        return Failure::new(ErrorKind::HttpProtocol).with_detail("HTTP/2: protocol error");
    };
    let ours = error.is_library();
    if ours && matches!(reason, h2::Reason::ENHANCE_YOUR_CALM | h2::Reason::COMPRESSION_ERROR) {
        return Failure::new(ErrorKind::HeadersTooLarge);
    }
    let detail = format!("HTTP/2: {}", reason.description());
    let closed = !ours && matches!(reason, h2::Reason::NO_ERROR | h2::Reason::CANCEL | h2::Reason::REFUSED_STREAM);
    let kind = if closed { ErrorKind::ConnectionClosed } else { ErrorKind::HttpProtocol };
    Failure::new(kind).with_detail(detail)
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;
    use crate::transport::faults::{EMFILE, ENFILE, ENOBUFS};

    #[test]
    fn a_lack_of_ours_is_told_from_a_fault_of_theirs() {
        let out_of_memory = 12;
        for number in [EMFILE, ENFILE, ENOBUFS, out_of_memory] {
            let failure = socket(&io::Error::from_raw_os_error(number));
            assert_eq!(failure.kind, ErrorKind::LocalResource, "{number}");
        }
        assert_eq!(socket(&io::ErrorKind::ConnectionReset.into()).kind, ErrorKind::ConnectionClosed);
        assert_eq!(socket(&io::ErrorKind::AddrNotAvailable.into()).kind, ErrorKind::LocalResource);
    }

    #[test]
    fn a_tls_error_inside_an_error_of_the_system_is_found() {
        let alert = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
        let failure = protocol(&io::Error::new(io::ErrorKind::InvalidData, alert)).unwrap();
        assert_eq!(failure.kind, ErrorKind::Tls);
        assert_eq!(failure.detail.as_deref(), Some("the server wants a client certificate"));
    }
}
