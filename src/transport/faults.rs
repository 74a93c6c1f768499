//! What errors of the system and of TLS mean, for transports over the network.
//!
//! Owns the words that a person reads, and what is told from them: a lack of this machine, a certificate's fault. Refuses to
//! know protocols.

use std::error::Error;
use std::fmt::Display;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::domain::{ErrorKind, Failure, plain_words, shortened};

/// The longest detail, in characters.
const DETAIL: usize = 200;

// These errors have no kind of their own in the standard library.
/// Too many open files in this process.
pub(super) const EMFILE: i32 = 24;
/// Too many open files in the system.
pub(super) const ENFILE: i32 = 23;
/// No buffer space.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) const ENOBUFS: i32 = 105;
/// No buffer space.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) const ENOBUFS: i32 = 55;

/// Whether this machine, and not the supplier, ran out of something.
pub(super) fn is_local_resource(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::OutOfMemory)
        || matches!(error.raw_os_error(), Some(EMFILE | ENFILE | ENOBUFS))
}

/// An error in a person's words.
pub(super) fn words(error: &(impl Display + ?Sized)) -> String {
    short(&plain_words(&error.to_string()))
}

/// A detail, cut where it gets long.
pub(super) fn short(text: &str) -> String {
    shortened(text, DETAIL)
}

/// An error and everything that it was caused by. What an error of the system wraps is not its `source`, and is
/// where TLS hides.
pub(super) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}

/// The first cause of a type.
pub(super) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The system's error at the bottom, if there is one.
pub(super) fn system<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last()
}

/// A TLS failure and its cause.
pub(super) fn tls_failure(error: &rustls::Error) -> Failure {
    Failure::new(ErrorKind::Tls).with_detail(tls_words(error))
}

/// A TLS error in a person's words.
fn tls_words(error: &rustls::Error) -> String {
    let fixed = match error {
        rustls::Error::InvalidCertificate(problem) => return certificate_words(problem),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => "the server does not speak TLS",
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => "the server wants a client certificate",
        rustls::Error::AlertReceived(alert) => {
            return short(&format!("the server refused the handshake: {}", alert_words(*alert)));
        }
        rustls::Error::PeerIncompatible(_) => "the server has no TLS version or cipher in common with pricecmp",
        rustls::Error::NoCertificatesPresented => "the server sent no certificate",
        rustls::Error::General(text) => return words(text),
        other => return words(other),
    };
    fixed.to_owned()
}

/// An alert's name as the standard writes it, in lower case words.
fn alert_words(alert: AlertDescription) -> String {
    let mut text = String::new();
    for character in format!("{alert:?}").chars() {
        if character.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.extend(character.to_lowercase());
    }
    text
}

/// What is wrong with a certificate.
fn certificate_words(problem: &CertificateError) -> String {
    let fixed = match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "the certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the certificate is not valid yet"
        }
        CertificateError::UnknownIssuer => "the certificate is self-signed or its issuer is unknown",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another host"
        }
        CertificateError::Revoked => "the certificate is revoked",
        CertificateError::BadSignature => "the certificate's signature is wrong",
        CertificateError::BadEncoding => "the certificate is malformed",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the certificate is not for servers"
        }
        // webpki has this one for a CA's certificate that a server uses as its own: the usual self-signed kind.
        CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "the certificate is self-signed"
        }
        other => return short(&format!("the certificate is not accepted: {}", words(other))),
    };
    fixed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_read_as_words() {
        assert_eq!(alert_words(AlertDescription::ProtocolVersion), "protocol version");
    }
}
