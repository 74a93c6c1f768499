//! The HTTP listener: one for all mocks. Owns its sockets, from the first connection to how each one ends.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::Served;
use super::question::path_segment;
use super::service::{Hangup, Service};
use crate::config::mock::Mock;
use crate::domain::SupplierName;

/// So many connections may wait to be accepted: a comparison opens thousands within a few milliseconds.
const BACKLOG: u32 = 4096;
/// How long the listener waits when a connection cannot be accepted, so that others can free descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The address cannot be listened on. The cause is in the source chain.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on `{address}`")]
pub struct ListenError {
    /// The address.
    pub address: SocketAddr,
    /// Why.
    pub source: io::Error,
}

/// A bound listener that does not accept yet.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    suppliers: Vec<(SupplierName, Mock)>,
}

impl Listener {
    /// Binds the address; port 0 is any free port. Clients can connect from now on, and wait until
    /// [`Listener::serve`] runs.
    ///
    /// # Errors
    /// When the address is in use, is not this machine's, or needs rights.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn bind(address: SocketAddr, suppliers: Vec<(SupplierName, Mock)>) -> Result<Self, ListenError> {
        let bind = || {
            let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            // Without it, the port stays taken for a minute after a mock that closed its connections.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            let listener = socket.listen(BACKLOG)?;
            let address = listener.local_addr()?;
            Ok(Self { socket: listener, address, suppliers })
        };
        bind().map_err(|source| ListenError { address, source })
    }

    /// The address, with the port that was chosen.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Where the supplier answers, as a URI template of `product` and `quantity`.
    #[must_use]
    pub fn url_template(&self, supplier: &SupplierName) -> String {
        url_template(self.address, supplier, "quotes")
    }

    /// Answers until `shutdown` is over, then drops every connection. `on_request` is called with every request as
    /// soon as it is known what becomes of it, before the latency. When a connection cannot be accepted, such as for
    /// want of descriptors, all others are closed as soon as they are idle, and it is tried again.
    pub async fn serve(self, on_request: impl Fn(&Served) + Send + Sync + 'static, shutdown: impl Future<Output = ()>) {
        let service = Arc::new(Service::new(self.suppliers, Box::new(on_request)));
        let crowded = Arc::new(Notify::new());
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                Some(_) = connections.join_next() => {}
                accepted = self.socket.accept() => if let Ok((stream, _)) = accepted {
                    connections.spawn(serve_connection(stream, Arc::clone(&service), Arc::clone(&crowded)));
                } else {
                    crowded.notify_waiters();
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                },
            }
        }
    }
}

/// Where the supplier answers `what` on a listener at this address. A client cannot connect to "any address": it is
/// shown the loopback one instead.
pub(super) fn url_template(mut address: SocketAddr, supplier: &SupplierName, what: &str) -> String {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("http://{address}/{}/{what}/{{product}}{{?quantity}}", path_segment(supplier.as_str()))
}

/// Answers the connection's requests, then ends it as the last one asked for. A client that leaves ends it too, and
/// `crowded` ends it after the request that it is at.
async fn serve_connection(stream: TcpStream, service: Arc<Service>, crowded: Arc<Notify>) {
    // Without it a small answer may wait for the acknowledgement of the one before. It still arrives, just later.
    let _ = stream.set_nodelay(true);
    let asked = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&asked);
    let answer = service_fn(move |request| {
        mark.store(true, Ordering::Relaxed);
        let service = Arc::clone(&service);
        Box::pin(async move { service.answer(request).await })
    });
    let mut connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer);
    let ended = loop {
        let ended = tokio::select! {
            ended = poll_fn(|context| connection.poll_without_shutdown(context)) => Some(ended),
            () = crowded.notified() => None,
        };
        match ended {
            Some(ended) => break ended,
            // A client that has just connected has a request under way: closing now would lose it.
            None if asked.load(Ordering::Relaxed) => Pin::new(&mut connection).graceful_shutdown(),
            None => {}
        }
    };
    let hangup = ended.as_ref().err().and_then(Error::source).and_then(|cause| cause.downcast_ref::<Hangup>());
    let mut stream = connection.into_parts().io.into_inner();
    // The client may be gone; then there is nothing left to end.
    let _ = match hangup {
        Some(Hangup::Reset) => stream.set_zero_linger(),
        Some(Hangup::Close) | None => stream.shutdown().await,
    };
}
