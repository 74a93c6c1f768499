//! TLS: certificates that are wrong, and handshakes that go wrong.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CertifiedKey, DnType, IsCa, KeyPair, date_time_ymd,
    generate_simple_self_signed,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::http::{NO_OFFERS, reply};
use super::{Client, Server, read_head, serve};

/// A connection with TLS, from the server's side.
pub type TlsClient = StreamOwned<ServerConnection, TcpStream>;

/// How many authorities there are.
static AUTHORITIES: AtomicUsize = AtomicUsize::new(0);

/// An authority that a test may trust, and its file.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// A new one, whose certificate is in a file of its own.
    pub fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        // Two authorities of one name would be told apart by their signatures only.
        let name = format!("authority {}", AUTHORITIES.fetch_add(1, Ordering::SeqCst));
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    /// The PEM file to trust.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A PEM file with a client's certificate and its key.
    pub fn client_file(&self) -> PathBuf {
        let (certificate, key) = self.issue(&CertificateParams::new(vec!["client.example".to_owned()]).unwrap());
        let path = self.folder.path().join("client.pem");
        std::fs::write(&path, format!("{}{}", certificate.pem(), key.serialize_pem())).unwrap();
        path
    }

    /// A certificate for a host and its key, as PEM.
    pub fn certify(&self, host: &str) -> (String, String) {
        let (certificate, key) = self.issue(&CertificateParams::new(vec![host.to_owned()]).unwrap());
        (certificate.pem(), key.serialize_pem())
    }

    /// A certificate for `127.0.0.1` and `localhost` that is valid for long.
    fn good(&self) -> Shown {
        self.shown(&CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap())
    }

    fn issue(&self, parameters: &CertificateParams) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        (certificate, key)
    }

    fn shown(&self, parameters: &CertificateParams) -> Shown {
        let (certificate, key) = self.issue(parameters);
        Shown { certificate: certificate.der().clone(), key: key.serialize_der() }
    }
}

/// What a server shows.
struct Shown {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Shown {
    fn configuration(self, protocols: &[&[u8]], clients: Option<Arc<RootCertStore>>) -> Arc<ServerConfig> {
        let provider = Arc::new(ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(roots) => builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(roots, provider).build().unwrap(),
            ),
        };
        let key = PrivateKeyDer::try_from(self.key).unwrap();
        let mut configuration = builder.with_single_cert(vec![self.certificate], key).unwrap();
        configuration.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Arc::new(configuration)
    }
}

/// A server that speaks TLS and hands each connection to `behaviour`.
fn serve_tls<B>(configuration: Arc<ServerConfig>, behaviour: B) -> Server
where
    B: Fn(TlsClient) -> io::Result<()> + Send + Sync + 'static,
{
    serve("https", move |client: Client| {
        let connection = ServerConnection::new(configuration.clone()).map_err(io::Error::other)?;
        behaviour(StreamOwned::new(connection, client.stream))
    })
}

/// Answers a request without offers and closes as TLS wants it.
fn answer(mut client: TlsClient) -> io::Result<()> {
    read_head(&mut client)?;
    client.write_all(&reply("200 OK", &[], NO_OFFERS))?;
    client.conn.send_close_notify();
    client.flush()?;
    io::copy(&mut client, &mut io::sink()).map(drop)
}

/// Everything is right, over HTTP/1.1.
pub fn good(authority: &Authority) -> Server {
    serve_tls(authority.good().configuration(&[b"http/1.1"], None), answer)
}

/// The certificate has expired.
pub fn expired(authority: &Authority) -> Server {
    let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    parameters.not_before = date_time_ymd(2019, 1, 1);
    parameters.not_after = date_time_ymd(2020, 1, 1);
    serve_tls(authority.shown(&parameters).configuration(&[], None), answer)
}

/// The certificate is for another host.
pub fn wrong_host(authority: &Authority) -> Server {
    let parameters = CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
    serve_tls(authority.shown(&parameters).configuration(&[], None), answer)
}

/// The certificate vouches for itself.
pub fn self_signed() -> Server {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let shown = Shown { certificate: cert.der().clone(), key: signing_key.serialize_der() };
    serve_tls(shown.configuration(&[], None), answer)
}

/// A client certificate of `authority` is wanted.
pub fn wanting_client_certificate(authority: &Authority) -> Server {
    let mut roots = RootCertStore::empty();
    roots.add(authority.issuer.der().clone()).unwrap();
    serve_tls(authority.good().configuration(&[b"http/1.1"], Some(Arc::new(roots))), answer)
}

/// Redirects to `location`.
pub fn redirecting(authority: &Authority, location: &str) -> Server {
    let bytes = reply("302 Found", &[&format!("Location: {location}")], b"");
    serve_tls(authority.good().configuration(&[b"http/1.1"], None), move |mut client| {
        read_head(&mut client)?;
        client.write_all(&bytes)?;
        client.conn.send_close_notify();
        client.flush()?;
        io::copy(&mut client, &mut io::sink()).map(drop)
    })
}

/// Speaks plain HTTP on a port that is asked for TLS.
pub fn plain_http() -> Server {
    serve("https", |mut client| {
        client.stream.read_exact(&mut [0; 5])?;
        client.finish(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    })
}

/// Reads what the client says and never shakes its hand.
pub fn stalling() -> Server {
    serve("https", Client::wait_for_close)
}

/// Closes in the middle of the handshake.
pub fn closing() -> Server {
    serve("https", |mut client| {
        client.stream.read_exact(&mut [0; 5])?;
        client.finish(b"")
    })
}

/// Closes behind the body without the farewell that TLS wants; the body's length is known.
pub fn closing_rudely(authority: &Authority) -> Server {
    serve_tls(authority.good().configuration(&[b"http/1.1"], None), |mut client| {
        read_head(&mut client)?;
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n[")?;
        client.sock.shutdown(std::net::Shutdown::Write)?;
        io::copy(&mut client.sock, &mut io::sink()).map(drop)
    })
}

/// A server over TLS whose only protocol is HTTP/2, for [`super::http2`].
pub(super) fn serve_http2<B>(authority: &Authority, behaviour: B) -> Server
where
    B: Fn(TlsClient) -> io::Result<()> + Send + Sync + 'static,
{
    serve_tls(authority.good().configuration(&[b"h2"], None), behaviour)
}
