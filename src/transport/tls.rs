//! TLS: whom to trust, and who we are.
//!
//! Owns the configuration of the handshake. Refuses to know sockets and HTTP. Main type: [`Tls`].
//!
//! The system's certificates are not read before a handshake needs them: that costs 3 to 20 ms, which a run over
//! plain HTTP must not pay, and fails where there are none, which must not matter to it either.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use thiserror::Error;

use super::phase::Handshakes;

/// What a supplier's configuration says of TLS. The default is the system's trust and no client certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TlsSettings {
    /// A PEM file of the authorities that are trusted for this supplier, instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// A PEM file with the certificate chain that we show, and its key.
    pub client_certificate: Option<PathBuf>,
    /// Whether any certificate is accepted. Such a client reaches nobody but this machine.
    pub is_unverified: bool,
}

/// Why a file of certificates cannot be used.
#[derive(Debug, Error)]
pub enum TlsProblem {
    /// It cannot be read.
    #[error("`{path}` cannot be read")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is no PEM file, or a part of it is broken.
    #[error("`{path}` is not a valid PEM file")]
    NotPem {
        /// The file.
        path: String,
        /// Why.
        source: pem::Error,
    },
    /// A certificate in it is broken.
    #[error("`{path}` holds a broken certificate")]
    Broken {
        /// The file.
        path: String,
        /// Why.
        source: rustls::Error,
    },
    /// It holds no certificate.
    #[error("`{path}` holds no certificate")]
    NoCertificate {
        /// The file.
        path: String,
    },
    /// It holds no key.
    #[error("`{path}` holds no private key")]
    NoKey {
        /// The file.
        path: String,
        /// Why.
        source: pem::Error,
    },
    /// Its key is of a kind that is not supported, or does not fit the certificate.
    #[error("the private key in `{path}` cannot be used")]
    UnusableKey {
        /// The file.
        path: String,
        /// Why.
        source: rustls::Error,
    },
    /// The TLS library refuses its own protocols: a defect.
    #[error("TLS cannot be set up")]
    Library(#[source] rustls::Error),
    /// The HTTP library refuses the settings: a defect.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// How handshakes are made.
pub(super) struct Tls {
    /// All that the client needs.
    pub(super) configuration: ClientConfig,
    /// The system's certificates, if it is they who are trusted.
    pub(super) trust: Option<Arc<SystemTrust>>,
}

impl Tls {
    /// Reads the files that the settings name, and nothing else.
    ///
    /// # Errors
    /// When a file is unreadable or does not hold what it should.
    pub(super) fn new(settings: &TlsSettings) -> Result<Self, TlsProblem> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(TlsProblem::Library)?;
        let (builder, trust) = if settings.is_unverified {
            (builder.dangerous().with_custom_certificate_verifier(Arc::new(NoTrust(provider))), None)
        } else if let Some(path) = &settings.ca_file {
            (builder.with_root_certificates(read_authorities(path)?), None)
        } else {
            let trust = Arc::new(SystemTrust::new(provider));
            (builder.dangerous().with_custom_certificate_verifier(trust.clone()), Some(trust))
        };
        let mut configuration = match &settings.client_certificate {
            Some(path) => {
                let (chain, key) = read_identity(path)?;
                let made = builder.with_client_auth_cert(chain, key);
                made.map_err(|source| TlsProblem::UnusableKey { path: shown(path), source })?
            }
            None => builder.with_no_client_auth(),
        };
        configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        configuration.resumption = Resumption::store(Arc::new(Handshakes));
        Ok(Self { configuration, trust })
    }
}

/// Accepts every certificate, and holds the server to the key in it.
#[derive(Debug)]
struct NoTrust(Arc<CryptoProvider>);

impl ServerCertVerifier for NoTrust {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The certificates that the system trusts, read when they are first needed.
#[derive(Debug)]
pub(super) struct SystemTrust {
    provider: Arc<CryptoProvider>,
    verifier: OnceLock<Result<Verifier, rustls::Error>>,
    is_prepared: AtomicBool,
}

impl SystemTrust {
    /// Has read nothing yet.
    fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider, verifier: OnceLock::new(), is_prepared: AtomicBool::new(false) }
    }

    /// Begins to read on another thread, so that the certificates are there when the connection is. Only the first
    /// call does anything.
    pub(super) fn prepare(self: &Arc<Self>) {
        if !self.is_prepared.swap(true, Ordering::Relaxed) {
            let trust = Arc::clone(self);
            tokio::task::spawn_blocking(move || trust.verifier().map(drop));
        }
    }

    /// The one who knows them; waits until they are read.
    fn verifier(&self) -> Result<&Verifier, rustls::Error> {
        self.verifier.get_or_init(|| Verifier::new(self.provider.clone())).as_ref().map_err(Clone::clone)
    }
}

impl ServerCertVerifier for SystemTrust {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.verifier()?.verify_server_cert(certificate, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Reads the authorities of a `ca-file`.
fn read_authorities(path: &Path) -> Result<RootCertStore, TlsProblem> {
    let mut roots = RootCertStore::empty();
    for certificate in read_certificates(path, &read(path)?)? {
        roots.add(certificate).map_err(|source| TlsProblem::Broken { path: shown(path), source })?;
    }
    Ok(roots)
}

/// Reads a `client-certificate`: its chain and its key.
fn read_identity(path: &Path) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsProblem> {
    let pem = read(path)?;
    let chain = read_certificates(path, &pem)?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|source| TlsProblem::NoKey { path: shown(path), source })?;
    Ok((chain, key))
}

/// Reads a file.
fn read(path: &Path) -> Result<Vec<u8>, TlsProblem> {
    fs::read(path).map_err(|source| TlsProblem::Unreadable { path: shown(path), source })
}

/// All certificates of a PEM file, at least one.
fn read_certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsProblem> {
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|source| TlsProblem::NotPem { path: shown(path), source })?;
    if certificates.is_empty() {
        return Err(TlsProblem::NoCertificate { path: shown(path) });
    }
    Ok(certificates)
}

/// A path as text.
fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::domain::cause_words;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn trusting(path: &Path) -> TlsSettings {
        TlsSettings { ca_file: Some(path.to_owned()), client_certificate: None, is_unverified: false }
    }

    fn showing(path: &Path) -> TlsSettings {
        TlsSettings { ca_file: None, client_certificate: Some(path.to_owned()), is_unverified: false }
    }

    fn problem(settings: &TlsSettings) -> TlsProblem {
        Tls::new(settings).map(drop).unwrap_err()
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = problem(&trusting(Path::new("/nowhere/ca.pem")));
        assert_eq!(cause_words(&error), "`/nowhere/ca.pem` cannot be read: no such file or directory");
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let file = file("nothing here");
        let error = problem(&trusting(file.path()));
        assert!(matches!(error, TlsProblem::NoCertificate { .. }), "{error:?}");
    }

    #[test]
    fn a_client_certificate_needs_its_key() {
        let pair = rcgen::generate_simple_self_signed(vec!["client".to_owned()]).unwrap();
        let alone = file(&pair.cert.pem());
        assert!(matches!(problem(&showing(alone.path())), TlsProblem::NoKey { .. }));
        let both = file(&format!("{}{}", pair.cert.pem(), pair.signing_key.serialize_pem()));
        assert!(Tls::new(&showing(both.path())).is_ok());
    }

    #[test]
    fn a_key_must_fit_its_certificate() {
        let pair = rcgen::generate_simple_self_signed(vec!["client".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(vec!["client".to_owned()]).unwrap();
        let mixed = file(&format!("{}{}", pair.cert.pem(), other.signing_key.serialize_pem()));
        let error = problem(&showing(mixed.path()));
        assert!(matches!(error, TlsProblem::UnusableKey { .. }));
        assert!(cause_words(&error).ends_with(": keys may not be consistent: KeyMismatch"), "{}", cause_words(&error));
    }

    #[tokio::test]
    async fn the_systems_certificates_are_read_when_they_are_needed() {
        let tls = Tls::new(&TlsSettings::default()).unwrap();
        let trust = tls.trust.unwrap();
        assert!(!trust.supported_verify_schemes().is_empty());
        assert!(trust.verifier.get().is_none(), "a handshake can begin without them");
        trust.prepare();
        let read = tokio::task::spawn_blocking({
            let trust = trust.clone();
            move || trust.verifier().is_ok()
        });
        assert_eq!(read.await.unwrap(), trust.verifier.get().unwrap().is_ok());
    }
}
