//! Replies over HTTP/1.1.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use super::{Client, Server, reset, serve};

/// A body that is a valid reply without offers.
pub const NO_OFFERS: &[u8] = b"[]";

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
    /// `zstd`.
    Zstd,
}

impl Compression {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gzip, Self::Brotli, Self::Zstd];

    /// The value of `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Compresses `count` repetitions of `piece`, one after the other, so that a bomb costs no memory.
    pub fn compress(self, piece: &[u8], count: usize) -> Vec<u8> {
        fn fill(out: &mut impl Write, piece: &[u8], count: usize) {
            for _ in 0..count {
                out.write_all(piece).unwrap();
            }
        }
        match self {
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                fill(&mut encoder, piece, count);
                encoder.finish().unwrap()
            }
            Self::Brotli => {
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 65536, 1, 22);
                fill(&mut encoder, piece, count);
                encoder.into_inner()
            }
            Self::Zstd => {
                let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
                fill(&mut encoder, piece, count);
                encoder.finish().unwrap()
            }
        }
    }
}

/// A well-formed reply: a status such as `200 OK`, header lines such as `Retry-After: 2`, a body.
pub fn reply(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut reply = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        reply.push_str(header);
        reply.push_str("\r\n");
    }
    reply.push_str("\r\n");
    [reply.as_bytes(), body].concat()
}

/// Answers every request with these bytes and closes.
pub fn raw(bytes: impl Into<Vec<u8>>) -> Server {
    let bytes = bytes.into();
    serve("http", move |mut client| {
        client.read_head()?;
        client.finish(&bytes)
    })
}

/// Answers properly: a [`reply`].
pub fn replying(status: &str, headers: &[&str], body: &[u8]) -> Server {
    raw(reply(status, headers, body))
}

/// Answers 200 and this body.
pub fn good(body: &[u8]) -> Server {
    replying("200 OK", &["Content-Type: application/json"], body)
}

/// Answers request after request, each on its own connection, with the next of these; the last one for ever.
pub fn replying_in_turn(replies: Vec<Vec<u8>>) -> Server {
    let next = std::sync::atomic::AtomicUsize::new(0);
    serve("http", move |mut client| {
        client.read_head()?;
        let turn = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        client.finish(&replies[turn.min(replies.len() - 1)])
    })
}

/// Sends half of a body and resets the connection.
pub fn reset_in_body() -> Server {
    serve("http", |mut client| {
        // A reply before the request would break the rules of HTTP as well.
        client.stream.peek(&mut [0])?;
        client.stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{\"sku\":")?;
        reset(client.stream)
    })
}

/// Sends `start` at once, then `rest` one byte at a time, over and over again.
fn dripping(start: &'static [u8], rest: &'static [u8], pause: Duration) -> Server {
    serve("http", move |mut client| {
        client.read_head()?;
        client.stream.write_all(start)?;
        for byte in rest.iter().cycle() {
            client.stream.write_all(&[*byte])?;
            thread::sleep(pause);
        }
        Ok(())
    })
}

/// Sends headers one byte each `pause`, for ever.
pub fn slow_headers(pause: Duration) -> Server {
    dripping(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n", pause)
}

/// Sends a body one byte each `pause`, for ever.
pub fn slow_body(pause: Duration) -> Server {
    dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" ", pause)
}

/// Sends `start` and then `piece` for ever, as fast as the client reads.
fn endless(start: &'static [u8], piece: Vec<u8>) -> Server {
    serve("http", move |mut client| {
        client.read_head()?;
        client.stream.write_all(start)?;
        client.flood(&piece)
    })
}

/// Sends interim replies for ever.
pub fn endless_interim() -> Server {
    endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(1000))
}

/// Sends a body for ever, in chunks.
pub fn endless_body() -> Server {
    let mut piece = format!("{:x}\r\n", 65536).into_bytes();
    piece.resize(piece.len() + 65536, b' ');
    piece.extend_from_slice(b"\r\n");
    endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", piece)
}

/// Sends `count` interim replies and then a good one.
pub fn some_interim(count: usize) -> Server {
    let mut bytes = b"HTTP/1.1 102 Processing\r\n\r\n".repeat(count);
    bytes.extend(reply("200 OK", &[], NO_OFFERS));
    raw(bytes)
}

/// Sends `count` headers besides `Content-Length`.
pub fn many_headers(count: usize) -> Server {
    let headers: Vec<String> = (0..count).map(|number| format!("X-{number}: 1")).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    replying("200 OK", &headers, NO_OFFERS)
}

/// Sends headers of about `size` bytes, at most 90 of them.
pub fn large_headers(size: usize) -> Server {
    let headers: Vec<String> = (0..80).map(|number| format!("X-{number}: {}", "x".repeat(size / 80))).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    replying("200 OK", &headers, NO_OFFERS)
}

/// Sends a body that is compressed, and says so.
pub fn compressed(compression: Compression, body: &[u8]) -> Server {
    let encoding = format!("Content-Encoding: {}", compression.name());
    replying("200 OK", &[&encoding], &compression.compress(body, 1))
}

/// Sends a small body that becomes `size` bytes of spaces.
pub fn bomb(compression: Compression, size: usize) -> Server {
    const PIECE: usize = 1024 * 1024;
    let body = compression.compress(&vec![b' '; PIECE], size / PIECE);
    replying("200 OK", &[&format!("Content-Encoding: {}", compression.name())], &body)
}

/// Sends a compressed body that ends in the middle, though as many bytes as it says.
pub fn cut(compression: Compression) -> Server {
    let body = compression.compress(b"[1, 2, 3]", 1000);
    let encoding = format!("Content-Encoding: {}", compression.name());
    replying("200 OK", &[&encoding], &body[..body.len() / 2])
}

/// Sends a body that is compressed `times` times, with a header line for each.
pub fn chained_gzip(times: usize) -> Server {
    let body = (0..times).fold(NO_OFFERS.to_vec(), |body, _| Compression::Gzip.compress(&body, 1));
    replying("200 OK", &vec!["Content-Encoding: gzip"; times], &body)
}

/// Promises more bytes than it sends.
pub fn content_length_too_long() -> Server {
    raw(*b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]")
}

/// Promises fewer bytes than it sends: what is read is cut JSON.
pub fn content_length_too_short() -> Server {
    raw(*b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[{\"sku\": \"A-1\"}]")
}

/// Breaks HTTP's rules, each in another way, with a name for the test's message.
pub fn lawless() -> Vec<(&'static str, Server)> {
    let replies: [(&str, &[u8]); 8] = [
        (
            "chunk-size overflow",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n[]\r\n0\r\n\r\n",
        ),
        ("chunk-size garbage", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n"),
        ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]"),
        ("negative length", b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n[]"),
        ("garbage status line", b"ICY 200 OK\r\n\r\n[]"),
        ("garbage", b"\x00\x01\x02\x03\x04\x05\x06\x07\r\n\r\n"),
        ("status of two digits", b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\n[]"),
        ("header without a name", b"HTTP/1.1 200 OK\r\n: value\r\nContent-Length: 2\r\n\r\n[]"),
    ];
    replies.into_iter().map(|(name, bytes)| (name, raw(bytes))).collect()
}

/// Redirects to `location`.
pub fn redirecting(status: &str, location: &str) -> Server {
    replying(status, &[&format!("Location: {location}")], b"")
}

/// Answers 500 and then drips its body.
pub fn slow_error() -> Server {
    dripping(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 1000\r\n\r\n", b" ", Duration::from_millis(100))
}

/// Reads a request and hands it to `answer`, whose bytes are the reply.
pub fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Server {
    serve("http", move |mut client: Client| -> io::Result<()> {
        let head = client.read_head()?;
        let bytes = answer(&head);
        client.finish(&bytes)
    })
}
