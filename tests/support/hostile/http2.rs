//! HTTP/2, written frame by frame, so that a server can do what no library would.

use std::io::{self, Read, Write};

use super::Server;
use super::tls::{Authority, TlsClient, serve_http2};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

/// `:status: 200`, from HPACK's static table.
const STATUS_200: u8 = 0x88;

/// The largest frame that every client accepts.
const FRAME: usize = 16_384;

/// Writes a frame; stream 0 is the connection.
fn frame(out: &mut impl Write, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    out.write_all(&[length[1], length[2], length[3], kind, flags])?;
    out.write_all(&stream.to_be_bytes())?;
    out.write_all(payload)?;
    out.flush()
}

/// A header in HPACK, as a literal that is not remembered. Values of up to 16,000 bytes.
fn literal(name: &str, value: &str) -> Vec<u8> {
    fn text(out: &mut Vec<u8>, text: &str) {
        let mut length = text.len();
        if length < 127 {
            out.push(u8::try_from(length).unwrap());
        } else {
            out.push(127);
            length -= 127;
            while length >= 128 {
                out.push(u8::try_from(length % 128).unwrap() | 128);
                length /= 128;
            }
            out.push(u8::try_from(length).unwrap());
        }
        out.extend_from_slice(text.as_bytes());
    }
    let mut out = vec![0];
    text(&mut out, name);
    text(&mut out, value);
    out
}

/// Reads the client's preface and waits for its request, whose stream it returns.
fn accept(client: &mut TlsClient) -> io::Result<u32> {
    client.read_exact(&mut [0; 24])?;
    frame(client, SETTINGS, 0, 0, &[])?;
    loop {
        let mut head = [0; 9];
        client.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        client.read_exact(&mut payload)?;
        match head[3] {
            HEADERS => return Ok(u32::from_be_bytes([head[5], head[6], head[7], head[8]])),
            SETTINGS if head[4] & ACK == 0 => frame(client, SETTINGS, ACK, 0, &[])?,
            _ => {}
        }
    }
}

/// Sends a block of headers in as many frames as it needs.
fn send_headers(client: &mut TlsClient, stream: u32, block: &[u8]) -> io::Result<()> {
    let mut pieces = block.chunks(FRAME).peekable();
    let mut kind = HEADERS;
    while let Some(piece) = pieces.next() {
        let flags = if pieces.peek().is_none() { END_HEADERS } else { 0 };
        frame(client, kind, flags, stream, piece)?;
        kind = CONTINUATION;
    }
    Ok(())
}

/// A server that waits for a request and then does what `behaviour` says on its stream.
fn serve<B>(authority: &Authority, behaviour: B) -> Server
where
    B: Fn(&mut TlsClient, u32) -> io::Result<()> + Send + Sync + 'static,
{
    serve_http2(authority, move |mut client| {
        let stream = accept(&mut client)?;
        behaviour(&mut client, stream)?;
        io::copy(&mut client, &mut io::sink()).map(drop)
    })
}

/// Answers with these additional headers and a reply without offers.
fn answering(authority: &Authority, headers: Vec<u8>) -> Server {
    serve(authority, move |client, stream| {
        send_headers(client, stream, &[&[STATUS_200], headers.as_slice()].concat())?;
        frame(client, DATA, END_STREAM, stream, b"[]")
    })
}

/// Everything is right.
pub fn good(authority: &Authority) -> Server {
    answering(authority, Vec::new())
}

/// Sends `count` headers besides the status.
pub fn many_headers(authority: &Authority, count: usize) -> Server {
    answering(authority, (0..count).flat_map(|number| literal(&format!("x-{number}"), "1")).collect())
}

/// Sends headers of about `size` bytes, 80 of them.
pub fn large_headers(authority: &Authority, size: usize) -> Server {
    let value = "x".repeat(size / 80);
    answering(authority, (0..80).flat_map(|number| literal(&format!("x-{number}"), &value)).collect())
}

/// Begins with headers and never ends them.
pub fn endless_headers(authority: &Authority) -> Server {
    serve(authority, |client, stream| {
        frame(client, HEADERS, 0, stream, &[STATUS_200])?;
        let block: Vec<u8> = (0..100).flat_map(|_| literal("x-more", "1")).collect();
        loop {
            frame(client, CONTINUATION, 0, stream, &block)?;
        }
    })
}

/// Sends interim replies for ever.
pub fn endless_interim(authority: &Authority) -> Server {
    serve(authority, |client, stream| {
        let block = literal(":status", "103");
        loop {
            frame(client, HEADERS, END_HEADERS, stream, &block)?;
        }
    })
}

/// Sends a body for ever, however much the client is willing to take.
pub fn endless_body(authority: &Authority) -> Server {
    serve(authority, |client, stream| {
        send_headers(client, stream, &[STATUS_200])?;
        loop {
            frame(client, DATA, 0, stream, &[b' '; FRAME])?;
        }
    })
}

/// Says that the stream failed.
pub fn resetting_stream(authority: &Authority) -> Server {
    serve(authority, |client, stream| frame(client, RST_STREAM, 0, stream, &2_u32.to_be_bytes()))
}

/// Says farewell without an answer.
pub fn going_away(authority: &Authority) -> Server {
    serve(authority, |client, _| frame(client, GOAWAY, 0, 0, &[0; 8]))
}

/// Answers with bytes that are no frames.
pub fn garbage(authority: &Authority) -> Server {
    serve(authority, |client, _| {
        client.write_all(&[0xff; 64])?;
        client.flush()
    })
}

/// Waits for a request and never answers it.
pub fn silent(authority: &Authority) -> Server {
    serve(authority, |_, _| Ok(()))
}
