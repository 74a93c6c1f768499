//! Opening a connection to a broker: name, socket, TLS, and AMQP's own handshake.
//!
//! Owns the order of the addresses of a name, and how we introduce ourselves. Refuses to know what the connection is for.
//! Main function: [`connect`].

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_rs::util::RuntimeParts;
use async_rs::{Runtime, Tokio};
use lapin::tcp::AsyncTcpStream;
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use lapin::{Connection, ConnectionProperties};
use reqwest::dns::Resolve;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use super::errors::{self, unreachable};
use super::frames::Cap;
use super::stream::{BrokerStream, Reactor, Socket};
use super::{AmqpAddress, TlsProblem, TlsSettings};
use crate::domain::{ErrorKind, Failure, Phase};
use crate::transport::bodies::LARGEST;
use crate::transport::dns::{Names, UnknownName};
use crate::transport::faults::{self, is_local_resource, words};
use crate::transport::phase;
use crate::transport::tls::{SystemTrust, Tls};
use crate::transport::work::local_resource;

/// The largest frame, in octets. What the client sets aside grows with it: the usual 128 KiB cost 8 MB and 6 ms.
const FRAME: u32 = 8_192;
/// How long one address may be silent before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// How connections to a broker are secured.
pub(super) struct Security {
    connector: TlsConnector,
    trust: Option<Arc<SystemTrust>>,
}

impl Security {
    /// Reads the files that the settings name.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub(super) fn new(settings: &TlsSettings) -> Result<Self, TlsProblem> {
        let Tls { mut configuration, trust } = Tls::new(settings)?;
        // AMQP has no name there.
        configuration.alpn_protocols.clear();
        Ok(Self { connector: TlsConnector::from(Arc::new(configuration)), trust })
    }
}

/// Opens a connection on which `mark` stands in the place of bodies that are too large.
///
/// # Errors
/// `dns`, `tls`, `broker_unreachable`, `broker_auth`, `local_resource`.
pub(super) async fn connect(
    address: &AmqpAddress,
    security: Option<&Security>,
    names: &Names,
    mark: &[u8],
) -> Result<Connection, Failure> {
    if let Some(trust) = security.and_then(|security| security.trust.as_ref()) {
        trust.prepare();
    }
    let addresses = addresses(address, names).await?;
    phase::enter(Phase::Connect);
    let socket = open(addresses).await?;
    let socket = match security {
        None => Socket::Plain(socket),
        Some(security) => secure(socket, security, &address.host).await?,
    };
    // Who connects and says nothing is as good as nobody.
    phase::enter(Phase::Connect);
    introduce(BrokerStream::new(socket, Cap::new(LARGEST, mark)), address).await
}

async fn addresses(address: &AmqpAddress, names: &Names) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(host) = address.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(host, address.port)]);
    }
    let unknown = |detail: String| Failure::new(ErrorKind::Dns).with_detail(detail);
    let name = address.host.parse().map_err(|_| unknown("it is not a name".to_owned()))?;
    match names.resolve(name).await {
        Ok(found) => Ok(found.map(|found| SocketAddr::new(found.ip(), address.port)).collect()),
        Err(error) => Err(match (error.downcast_ref::<UnknownName>(), error.downcast_ref::<io::Error>()) {
            (Some(name), _) => unknown(name.to_string()),
            (None, Some(error)) => local_resource(error),
            (None, None) => unknown(words(&*error)),
        }),
    }
}

/// Connects to the first of the addresses that answers. One that is silent does not hold up the next one.
async fn open(addresses: Vec<SocketAddr>) -> Result<TcpStream, Failure> {
    let mut attempts = JoinSet::new();
    let mut addresses = addresses.into_iter();
    let mut last = unreachable("its name has no address");
    loop {
        if let Some(address) = addresses.next() {
            attempts.spawn(TcpStream::connect(address));
        } else if attempts.is_empty() {
            return Err(last);
        }
        let is_last = addresses.len() == 0;
        let joined = tokio::select! {
            joined = attempts.join_next() => joined,
            () = tokio::time::sleep(HEAD_START), if !is_last => continue,
        };
        match joined {
            Some(Ok(Ok(socket))) => {
                // A request is one small packet, which must not wait for another one.
                let _ = socket.set_nodelay(true);
                return Ok(socket);
            }
            Some(Ok(Err(error))) if is_local_resource(&error) => return Err(local_resource(&error)),
            Some(Ok(Err(error))) => last = unreachable(words(&error)),
            Some(Err(_)) | None => {}
        }
    }
}

async fn secure(socket: TcpStream, security: &Security, host: &str) -> Result<Socket, Failure> {
    phase::enter(Phase::Tls);
    let failed = |detail: String| Failure::new(ErrorKind::Tls).with_detail(detail);
    let name = ServerName::try_from(host.to_owned()).map_err(|_| failed("no certificate is for such a host".into()))?;
    match security.connector.connect(name, socket).await {
        Ok(secured) => Ok(Socket::Secured(Box::new(secured))),
        Err(error) => Err(match faults::find(&error) {
            Some(tls) => faults::tls_failure(tls),
            None => failed(words(&error)),
        }),
    }
}

/// AMQP's handshake. The client drives the socket on a thread of its own.
async fn introduce(stream: BrokerStream, address: &AmqpAddress) -> Result<Connection, Failure> {
    let uri = AMQPUri {
        scheme: AMQPScheme::AMQP,
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: address.user.expose().to_owned(),
                password: address.password.expose().to_owned(),
            },
            host: address.host.clone(),
            port: address.port,
        },
        vhost: address.vhost.clone(),
        query: AMQPQueryString { frame_max: Some(FRAME), ..AMQPQueryString::default() },
    };
    let kit = RuntimeParts::new(Tokio::current(), Reactor(Tokio::current()));
    let stream = Mutex::new(Some(stream));
    // There is one socket: who lost it comes back here, and begins anew.
    let take = async move |_, _| {
        let stream = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
        stream.map(AsyncTcpStream::Plain).ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionAborted).into())
    };
    let properties = ConnectionProperties::default().with_connection_name("pricecmp".into());
    let connection = Connection::connector(uri, Runtime::new(kit), take, properties).await;
    connection.map_err(|error| errors::failure(&error))
}
