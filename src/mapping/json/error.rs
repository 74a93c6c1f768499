//! What is wrong with a text that is no JSON, and where.

use std::fmt;

/// Why a text is not one strict JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: JsonProblem,
}

/// The ways in which a text can fail to be JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonProblem {
    /// Something else stands where the grammar wants `expected`.
    Unexpected {
        /// What would be right, ready for a sentence.
        expected: &'static str,
        /// The character that is there; `None` = the text ends.
        found: Option<char>,
    },
    /// A control character stands in a string without being escaped.
    ControlCharacter(char),
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// The text is in an encoding that JSON does not use, such as `UTF-16`.
    Encoding(&'static str),
    /// Arrays and objects are nested more than 128 deep.
    TooDeep,
    /// The document has more than 1,500,000 values.
    TooManyValues,
    /// A number has more than 100 characters.
    NumberTooLong,
}

impl JsonError {
    /// Finds the line and the column of the byte at `offset`, which is at a character's begin or at the end.
    pub(super) fn locate(text: &str, offset: usize, problem: JsonProblem) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            problem,
        }
    }
}

impl std::error::Error for JsonError {}

impl fmt::Display for JsonError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}: {}", self.line, self.column, self.problem)
    }
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected { expected, found: None } => write!(formatter, "expected {expected}, but the text ends"),
            Self::Unexpected { expected, found: Some(found) } => {
                write!(formatter, "expected {expected}, found {}", Shown(*found))?;
                // The commonest reply that is no JSON is a web page.
                if *found == '<' { formatter.write_str(", as in HTML") } else { Ok(()) }
            }
            Self::ControlCharacter(character) => {
                write!(formatter, "the control character {} is not escaped", Shown(*character))
            }
            Self::InvalidUtf8 => formatter.write_str("the text is not UTF-8"),
            Self::Encoding(name) => write!(formatter, "the text is {name}, not UTF-8"),
            Self::TooDeep => write!(formatter, "nested more than {} deep", super::scan::MAX_DEPTH),
            Self::TooManyValues => write!(formatter, "more than {} values", super::scan::MAX_VALUES),
            Self::NumberTooLong => {
                write!(formatter, "a number with more than {} characters", super::scan::MAX_NUMBER)
            }
        }
    }
}

/// A character of a hostile text: itself when it is visible ASCII, else its code point.
struct Shown(char);

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            visible if visible.is_ascii_graphic() => write!(formatter, "`{visible}`"),
            hidden => write!(formatter, "U+{:04X}", u32::from(hidden)),
        }
    }
}
