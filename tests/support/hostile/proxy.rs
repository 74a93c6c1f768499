//! Proxies. Their URL is that of a [`Server`].

use std::io;
use std::net::{Shutdown, TcpStream};
use std::thread;

use super::http::{NO_OFFERS, reply};
use super::{Client, Server, serve};

/// Forwards plain HTTP: answers every request itself, without offers.
pub fn forwarding() -> Server {
    super::http::answering(|_| reply("200 OK", &[], NO_OFFERS))
}

/// Opens a tunnel to whatever it is asked for.
pub fn tunnelling() -> Server {
    serve("http", |mut client: Client| -> io::Result<()> {
        let head = client.read_head()?;
        let Some(authority) = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) else {
            return client.finish(&reply("405 Method Not Allowed", &[], b""));
        };
        let upstream = TcpStream::connect(authority)?;
        io::Write::write_all(&mut client.stream, b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        let (mut from, mut to) = (client.stream.try_clone()?, upstream.try_clone()?);
        thread::spawn(move || -> io::Result<()> {
            io::copy(&mut from, &mut to)?;
            to.shutdown(Shutdown::Write)
        });
        io::copy(&mut &upstream, &mut client.stream)?;
        client.stream.shutdown(Shutdown::Write)
    })
}

/// Refuses every request with this status, such as `407 Proxy Authentication Required`.
pub fn refusing(status: &str) -> Server {
    super::http::replying(status, &[], b"")
}

/// Answers nonsense.
pub fn garbage() -> Server {
    super::http::raw(*b"no HTTP at all\r\n\r\n")
}
