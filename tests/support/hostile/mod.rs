//! Servers that misbehave, each on a free port of loopback, each on threads of its own.
//!
//! Every function starts a server and returns it as a [`Server`], which knows its URL, how often it was connected
//! to and what it was asked. A server runs until the test's process ends. The groups:
//!
//! - here: [`Server`] itself, and the servers below HTTP ([`silent`], [`closing`], [`refused`], [`unreachable`], …)
//! - [`http`]: replies over HTTP/1.1 that are wrong, endless, slow, bombs, redirects
//! - [`tls`]: certificates and handshakes that are wrong
//! - [`http2`]: the same over HTTP/2, written frame by frame
//! - [`proxy`]: proxies that refuse, forward, tunnel or stay silent

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

pub mod http;
pub mod http2;
pub mod proxy;
pub mod tls;

/// A running server.
#[derive(Clone, Debug)]
pub struct Server {
    scheme: &'static str,
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
    written: Arc<AtomicUsize>,
}

impl Server {
    /// The URL of its root, with a final slash.
    pub fn url(&self) -> String {
        format!("{}://{}/", self.scheme, self.address)
    }

    /// Its URL with another host, such as `localhost`.
    pub fn url_as(&self, host: &str) -> String {
        format!("{}://{host}:{}/", self.scheme, self.address.port())
    }

    /// Its address and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many bytes an endless reply got rid of, over all connections.
    pub fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    /// The heads of the requests that were read, in their order.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// One accepted connection.
pub struct Client {
    /// The socket.
    pub stream: TcpStream,
    heads: Arc<Mutex<Vec<String>>>,
    written: Arc<AtomicUsize>,
}

impl Client {
    /// Writes `piece` for ever, as fast as the client reads.
    pub fn flood(&mut self, piece: &[u8]) -> io::Result<()> {
        loop {
            let written = self.stream.write(piece)?;
            self.written.fetch_add(written, Ordering::SeqCst);
            // What was cut is made up for, so that the pieces stay whole.
            self.stream.write_all(&piece[written..])?;
        }
    }

    /// Reads a request's head and notes it.
    pub fn read_head(&mut self) -> io::Result<String> {
        let head = read_head(&mut self.stream)?;
        self.heads.lock().unwrap().push(head.clone());
        Ok(head)
    }

    /// Writes the last bytes and closes in an orderly way: what the client has sent is read to its end first, since
    /// a socket that is closed with unread bytes resets the connection.
    pub fn finish(mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.shutdown(std::net::Shutdown::Write)?;
        io::copy(&mut self.stream, &mut io::sink()).map(drop)
    }

    /// Keeps the connection open, and silent, until the client leaves.
    pub fn wait_for_close(mut self) -> io::Result<()> {
        io::copy(&mut self.stream, &mut io::sink()).map(drop)
    }
}

/// Reads to the empty line that ends a request's head.
pub fn read_head(stream: &mut impl Read) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// A server whose every connection is handled by `behaviour`, on a thread of its own. Errors end the connection.
pub fn serve<B>(scheme: &'static str, behaviour: B) -> Server
where
    B: Fn(Client) -> io::Result<()> + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Server {
        scheme,
        address: listener.local_addr().unwrap(),
        connections: Arc::default(),
        heads: Arc::default(),
        written: Arc::default(),
    };
    let (connections, heads, written) = (server.connections.clone(), server.heads.clone(), server.written.clone());
    let behaviour = Arc::new(behaviour);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            connections.fetch_add(1, Ordering::SeqCst);
            let client = Client { stream, heads: heads.clone(), written: written.clone() };
            let behaviour = behaviour.clone();
            thread::spawn(move || behaviour(client));
        }
    });
    server
}

/// Accepts, reads, and never answers.
pub fn silent() -> Server {
    serve("http", Client::wait_for_close)
}

/// Accepts and closes at once.
pub fn closing() -> Server {
    serve("http", |client| {
        client.stream.shutdown(std::net::Shutdown::Write)?;
        client.wait_for_close()
    })
}

/// Reads the request and resets the connection.
pub fn resetting() -> Server {
    serve("http", |client| reset(client.stream))
}

/// Resets a connection: a socket that is closed while bytes wait in it does so.
pub fn reset(stream: TcpStream) -> io::Result<()> {
    stream.peek(&mut [0])?;
    drop(stream);
    Ok(())
}

/// Nobody listens, and nobody else can: the port is taken by a socket that never will.
pub fn refused() -> Server {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    // It stays bound until the test's process ends.
    std::mem::forget(socket);
    Server { scheme: "http", address, connections: Arc::default(), heads: Arc::default(), written: Arc::default() }
}

/// Never answers a SYN: the queue of its listener is full and nobody accepts.
pub fn unreachable() -> Server {
    let address = full_queue("127.0.0.1:0".parse().unwrap()).unwrap();
    Server { scheme: "http", address, connections: Arc::default(), heads: Arc::default(), written: Arc::default() }
}

/// Makes an address answer no SYN.
///
/// # Errors
/// When it is taken, or the machine has no such address.
pub fn full_queue(address: SocketAddr) -> io::Result<SocketAddr> {
    let (sender, receiver) = mpsc::channel();
    // On a thread of its own, since a runtime cannot be started within another one.
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let listener = runtime.block_on(async {
            let socket =
                if address.is_ipv6() { tokio::net::TcpSocket::new_v6() } else { tokio::net::TcpSocket::new_v4() }?;
            socket.bind(address)?;
            socket.listen(1)
        });
        sender
            .send(listener.as_ref().map_err(|error| error.kind().into()).and_then(tokio::net::TcpListener::local_addr))
            .unwrap();
        if listener.is_ok() {
            loop {
                thread::park();
            }
        }
    });
    let address = receiver.recv().unwrap()?;
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        queue.push(stream);
    }
    // The queue stays full as long as its connections are open.
    std::mem::forget(queue);
    Ok(address)
}
