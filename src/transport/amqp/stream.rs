//! The socket of a connection, as the client wants it: plain or secured, with no body on it that is too large.
//!
//! Refuses to know how it was opened. Main types: [`BrokerStream`], and [`Reactor`], which says that there are no others.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use async_rs::Tokio;
use futures_core::Stream;
use futures_io::{AsyncRead, AsyncWrite};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::frames::Cap;

/// How much is read from a socket at a time.
const AT_A_TIME: usize = 16 << 10;

/// A socket, plain or secured.
pub(super) enum Socket {
    Plain(TcpStream),
    Secured(Box<TlsStream<TcpStream>>),
}

/// A socket whose bodies are capped.
pub(super) struct BrokerStream {
    socket: Socket,
    cap: Cap,
    /// What the client has not taken yet, from `taken` on.
    ready: Vec<u8>,
    taken: usize,
}

impl BrokerStream {
    pub(super) fn new(socket: Socket, cap: Cap) -> Self {
        Self { socket, cap, ready: Vec::new(), taken: 0 }
    }
}

impl Socket {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(socket) => Pin::new(socket).poll_read(context, buffer),
            Self::Secured(socket) => Pin::new(socket).poll_read(context, buffer),
        }
    }
}

impl AsyncRead for BrokerStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        while this.taken == this.ready.len() {
            this.ready.clear();
            this.taken = 0;
            let mut bytes = [0; AT_A_TIME];
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(this.socket.poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(0));
            }
            this.cap.pass(buffer.filled(), &mut this.ready);
        }
        let count = into.len().min(this.ready.len() - this.taken);
        into[..count].copy_from_slice(&this.ready[this.taken..this.taken + count]);
        this.taken += count;
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for BrokerStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.socket {
            Socket::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            Socket::Secured(socket) => Pin::new(socket).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.socket {
            Socket::Plain(socket) => Pin::new(socket).poll_flush(context),
            Socket::Secured(socket) => Pin::new(socket).poll_flush(context),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.socket {
            Socket::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            Socket::Secured(socket) => Pin::new(socket).poll_shutdown(context),
        }
    }
}

/// What the client keeps its time with. Sockets it is given.
#[derive(Clone, Debug)]
pub(super) struct Reactor(pub(super) Tokio);

impl async_rs::traits::Reactor for Reactor {
    type TcpStream = BrokerStream;
    type Sleep = <Tokio as async_rs::traits::Reactor>::Sleep;

    fn register<H>(&self, _: H) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Err::<BrokerStream, _>(io::ErrorKind::Unsupported.into())
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.0.sleep(duration)
    }

    fn interval(&self, duration: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.0.interval(duration)
    }

    fn tcp_connect_addr(
        &self,
        _: std::net::SocketAddr,
    ) -> impl Future<Output = io::Result<BrokerStream>> + Send + 'static {
        std::future::ready(Err(io::ErrorKind::Unsupported.into()))
    }
}
