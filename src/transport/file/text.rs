//! A text that is longer than memory: decoded piece by piece, with the line of every place.
//!
//! Owns encodings and the window of text that is being looked at. Refuses to know what the text means. Main type:
//! [`Text`].

use std::io::Read;

use encoding_rs::{Decoder, DecoderResult, Encoding};

use super::unreadable;
use crate::domain::{Failure, system_words};

/// How many bytes are read at a time, at least.
const CHUNK: usize = 64 << 10;

/// A text and the window on it: from what was not taken yet to what was read.
pub(super) struct Text<R> {
    reader: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    window: String,
    /// Where in the window that begins which was not taken yet.
    start: usize,
    /// The line of that, from 1.
    line: u64,
    /// Its column in characters, from 1.
    column: usize,
    is_complete: bool,
}

impl<R: Read> Text<R> {
    /// Begins to read. A byte-order mark is skipped and goes before `encoding`.
    pub(super) fn new(reader: R, encoding: &'static Encoding) -> Self {
        let (window, bytes) = (String::new(), Vec::new());
        Self {
            reader,
            decoder: encoding.new_decoder(),
            bytes,
            window,
            start: 0,
            line: 1,
            column: 1,
            is_complete: false,
        }
    }

    /// What was read and not taken yet.
    pub(super) fn rest(&self) -> &str {
        &self.window[self.start..]
    }

    /// Whether nothing comes after [`Text::rest`].
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The window, and where [`Text::rest`] begins in it. Both stay until the next [`Text::fill`].
    pub(super) fn window(&self) -> (&str, usize) {
        (&self.window, self.start)
    }

    /// Line and column of the rest's begin.
    pub(super) fn place(&self) -> (u64, usize) {
        (self.line, self.column)
    }

    /// Line and column of a byte of the rest.
    pub(super) fn place_of(&self, offset: usize) -> (u64, usize) {
        place_after((self.line, self.column), &self.rest()[..offset])
    }

    /// Takes so many bytes off the rest.
    pub(super) fn take(&mut self, bytes: usize) {
        (self.line, self.column) = self.place_of(bytes);
        self.start += bytes;
    }

    /// Reads on. At the end it completes the text.
    ///
    /// # Errors
    /// `file_unreadable` when the file cannot be read or decoded.
    pub(super) fn fill(&mut self) -> Result<(), Failure> {
        self.window.drain(..self.start);
        self.start = 0;
        // What is long is read in long pieces, so that looking through all of it again does not cost its square.
        let wanted = CHUNK.max(self.window.len());
        self.bytes.clear();
        let limit = u64::try_from(wanted).unwrap_or(u64::MAX);
        let read = self.reader.by_ref().take(limit).read_to_end(&mut self.bytes);
        let read = read.map_err(|error| unreadable(system_words(&error)))?;
        self.is_complete = read < wanted;
        self.decode()
    }

    fn decode(&mut self) -> Result<(), Failure> {
        let before = self.window.len();
        let mut bytes = &self.bytes[..];
        loop {
            let most = self.decoder.max_utf8_buffer_length_without_replacement(bytes.len());
            self.window.reserve(most.unwrap_or(4 * bytes.len()));
            let decoder = &mut self.decoder;
            let (result, taken) =
                decoder.decode_to_string_without_replacement(bytes, &mut self.window, self.is_complete);
            bytes = &bytes[taken..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    let (line, column) = self.place_of(self.window.len());
                    let name = self.decoder.encoding().name();
                    return Err(unreadable(format!(
                        "line {line}, column {column}: not {name}; `encoding` says what it is"
                    )));
                }
            }
        }
        if let Some(zero) = memchr::memchr(0, &self.window.as_bytes()[before..]) {
            let (line, column) = self.place_of(before + zero);
            return Err(unreadable(format!(
                "line {line}, column {column}: a zero byte, as UTF-16 has; `encoding` says what it is"
            )));
        }
        Ok(())
    }
}

/// Line and column of what follows a text.
fn place_after((line, column): (u64, usize), text: &str) -> (u64, usize) {
    let newlines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    let last = memchr::memrchr(b'\n', text.as_bytes());
    let characters = text[last.map_or(0, |last| last + 1)..].chars().count();
    let column = if last.is_some() { characters + 1 } else { column + characters };
    (line + u64::try_from(newlines).unwrap_or(u64::MAX), column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8], encoding: &'static Encoding) -> Result<String, String> {
        let mut text = Text::new(bytes, encoding);
        while !text.is_complete() {
            text.fill().map_err(|failure| failure.detail.unwrap_or_default())?;
        }
        Ok(text.rest().to_owned())
    }

    #[test]
    fn marks_go_before_the_encoding_and_are_skipped() {
        use encoding_rs::{UTF_8, UTF_16LE, WINDOWS_1252};
        let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        assert_eq!(whole("ä".as_bytes(), UTF_8).unwrap(), "ä");
        assert_eq!(whole("\u{feff}ä".as_bytes(), WINDOWS_1252).unwrap(), "ä");
        assert_eq!(whole(&utf16("\u{feff}ä"), UTF_8).unwrap(), "ä");
        assert_eq!(whole(&utf16("ä"), UTF_16LE).unwrap(), "ä");
        assert_eq!(whole(b"\xE4\x80", WINDOWS_1252).unwrap(), "ä€");
    }

    #[test]
    fn what_is_not_in_the_encoding_is_found_at_its_place() {
        for (bytes, expected) in [
            (&b"ab\nc\xE4;"[..], "line 2, column 2: not UTF-8; `encoding` says what it is"),
            (b"a\xC3", "line 1, column 2: not UTF-8; `encoding` says what it is"),
            (b"a\0b\0", "line 1, column 2: a zero byte, as UTF-16 has; `encoding` says what it is"),
        ] {
            assert_eq!(whole(bytes, encoding_rs::UTF_8).unwrap_err(), expected);
        }
    }

    #[test]
    fn places_go_on_from_window_to_window() {
        let long = format!("é\n{}\nxy", "ab".repeat(CHUNK));
        let mut text = Text::new(long.as_bytes(), encoding_rs::UTF_8);
        text.fill().unwrap();
        text.take(5);
        assert_eq!((text.place(), text.is_complete()), ((2, 3), false));
        while !text.is_complete() {
            text.fill().unwrap();
        }
        assert_eq!(text.place_of(text.rest().len() - 1), (3, 2));
    }
}
