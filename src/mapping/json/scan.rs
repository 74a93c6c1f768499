//! The strict scan: RFC 8259 and nothing beside it.
//!
//! UTF-8 (one byte-order mark is skipped), one document, bounded depth, bounded numbers, bounded memory. One mercy,
//! since real replies need it: an escape that is half of a surrogate pair becomes U+FFFD.

use std::borrow::Cow;

use hifijson::escape::Lex as _;
use hifijson::num::LexWrite as _;
use hifijson::token::Lex as _;
use hifijson::{Read as _, SliceLexer, Write as _, escape};

use super::{JsonError, JsonProblem, Object, Value};

/// How deep arrays and objects may be nested. It bounds the stack, here and when a value is dropped.
pub(super) const MAX_DEPTH: usize = 128;
/// How many values a document may have. It bounds the memory: a value takes 24 bytes, a key as many again.
pub(super) const MAX_VALUES: usize = 1_500_000;
/// From how many elements or members on an array or object is long.
const LONG: usize = 10_000;
/// How many characters a number may have.
pub(super) const MAX_NUMBER: usize = 100;

/// Reads one JSON document.
///
/// # Errors
/// When the body is no strict JSON, with the place.
pub(crate) fn parse(body: &[u8]) -> Result<Value<'_>, JsonError> {
    if let Some(encoding) = foreign_encoding(body) {
        return Err(JsonError { line: 1, column: 1, problem: JsonProblem::Encoding(encoding) });
    }
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|error| {
        let valid = std::str::from_utf8(&body[..error.valid_up_to()]).unwrap_or_default();
        JsonError::locate(valid, valid.len(), JsonProblem::InvalidUtf8)
    })?;
    let mut scanner = Scanner::new(text);
    scanner.document().map_err(|stop| JsonError::locate(text, stop.offset, stop.problem))
}

/// Takes what is in the array or object that began at `start`. A long one that nothing else is open beside is not copied: it
/// would be in memory twice.
fn close<T>(open: &mut Vec<T>, start: usize) -> Box<[T]> {
    if start == 0 && open.len() >= LONG { std::mem::take(open).into() } else { open.drain(start..).collect() }
}

/// Recognises UTF-16 and UTF-32 by their marks, or by the zero bytes that their first characters have.
fn foreign_encoding(body: &[u8]) -> Option<&'static str> {
    match body {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, _, ..] | [_, 0, 0, 0, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, ..] | [_, 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

/// Where the scan ended early, as a byte offset, and why.
struct Stop {
    offset: usize,
    problem: JsonProblem,
}

struct Scanner<'a> {
    text: &'a str,
    lexer: SliceLexer<'a>,
    values: usize,
    /// The elements of all arrays that are open. A closed array takes its own off the end, in one allocation that
    /// fits, so that hostile documents of many small arrays cost no spare capacity.
    elements: Vec<Value<'a>>,
    /// The same for objects.
    members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        let lexer = SliceLexer::new(text.as_bytes());
        Self { text, lexer, values: 0, elements: Vec::new(), members: Vec::new() }
    }

    fn document(&mut self) -> Result<Value<'a>, Stop> {
        let value = self.value(0)?;
        match self.lexer.ws_peek() {
            None => Ok(value),
            Some(_) => Err(self.unexpected("the end of the text")),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        let next = self.lexer.ws_peek();
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.stop(JsonProblem::TooManyValues));
        }
        match next {
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(self.stop(JsonProblem::TooDeep)),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'n' | b't' | b'f') => self.word(),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn word(&mut self) -> Result<Value<'a>, Stop> {
        let wrong = self.unexpected("a value");
        match self.lexer.null_or_bool() {
            Some(None) => Ok(Value::Null),
            Some(Some(bool)) => Ok(Value::Bool(bool)),
            None => Err(wrong),
        }
    }

    fn number(&mut self) -> Result<Value<'a>, Stop> {
        let offset = self.offset();
        let (number, _) = self.lexer.num_string().validated().map_err(|_| self.unexpected("a digit"))?;
        if number.len() > MAX_NUMBER {
            return Err(Stop { offset, problem: JsonProblem::NumberTooLong });
        }
        Ok(Value::Number(Cow::Borrowed(number)))
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        self.lexer.take_next();
        if self.closes(b']') {
            return Ok(Value::Array(Box::default()));
        }
        let start = self.elements.len();
        loop {
            let element = self.value(depth)?;
            self.elements.push(element);
            if self.closes(b']') {
                return Ok(Value::Array(close(&mut self.elements, start)));
            }
            if self.lexer.peek_next() != Some(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
            self.lexer.take_next();
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        self.lexer.take_next();
        if self.closes(b'}') {
            return Ok(Value::Object(Object(Box::default())));
        }
        let start = self.members.len();
        loop {
            if self.lexer.ws_peek() != Some(b'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key = self.string()?;
            if self.lexer.ws_peek() != Some(b':') {
                return Err(self.unexpected("`:`"));
            }
            self.lexer.take_next();
            let value = self.value(depth)?;
            self.members.push((key, value));
            if self.closes(b'}') {
                return Ok(Value::Object(Object(close(&mut self.members, start))));
            }
            if self.lexer.peek_next() != Some(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
            self.lexer.take_next();
        }
    }

    /// Takes the closing bracket, if it comes next.
    fn closes(&mut self, bracket: u8) -> bool {
        let closes = self.lexer.ws_peek() == Some(bracket);
        if closes {
            self.lexer.take_next();
        }
        closes
    }

    /// Reads a string from its opening quote on.
    fn string(&mut self) -> Result<Cow<'a, str>, Stop> {
        self.lexer.take_next();
        let plain = self.plain_run();
        if self.lexer.peek_next() == Some(b'"') {
            self.lexer.take_next();
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        loop {
            match self.lexer.peek_next() {
                Some(b'"') => {
                    self.lexer.take_next();
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(control) => return Err(self.stop(JsonProblem::ControlCharacter(char::from(control)))),
                None => return Err(self.unexpected("the closing `\"`")),
            }
            text.push_str(self.plain_run());
        }
    }

    /// The characters up to the next one that means something in a string.
    fn plain_run(&mut self) -> &'a str {
        let start = self.offset();
        let mut bytes: &[u8] = &[];
        self.lexer.write_until(&mut bytes, |byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
        &self.text[start..start + bytes.len()]
    }

    fn escape(&mut self) -> Result<char, Stop> {
        self.lexer.take_next();
        let start = self.offset();
        match self.lexer.take_next() {
            Some(b'u') => self.unicode_escape(),
            Some(letter) => self.lexer.escape(letter).map_err(|_| self.unexpected_at(start, "an escape sequence")),
            None => Err(self.unexpected("an escape sequence")),
        }
    }

    fn unicode_escape(&mut self) -> Result<char, Stop> {
        let first = self.hex()?;
        if let Some(character) = char::from_u32(u32::from(first)) {
            return Ok(character);
        }
        let after_first = self.lexer.as_slice();
        if self.lexer.strip_prefix(b"\\u") {
            let second = self.hex()?;
            if let Some(Ok(character)) = char::decode_utf16([first, second]).next() {
                return Ok(character);
            }
            // The second is not the first one's other half; it is read again for itself.
            self.lexer = SliceLexer::new(after_first);
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u16, Stop> {
        let expected = "four hexadecimal digits";
        self.lexer.hex().map_err(|error| match error {
            escape::Error::InvalidHex(_) => self.unexpected_at(self.offset() - 1, expected),
            _ => self.unexpected(expected),
        })
    }

    /// How many bytes have been read.
    fn offset(&self) -> usize {
        self.text.len() - self.lexer.as_slice().len()
    }

    fn stop(&self, problem: JsonProblem) -> Stop {
        Stop { offset: self.offset(), problem }
    }

    fn unexpected(&self, expected: &'static str) -> Stop {
        self.unexpected_at(self.offset(), expected)
    }

    fn unexpected_at(&self, offset: usize, expected: &'static str) -> Stop {
        // An offset inside a character belongs to that character.
        let offset = self.text.floor_char_boundary(offset);
        let found = self.text[offset..].chars().next();
        Stop { offset, problem: JsonProblem::Unexpected { expected, found } }
    }
}
