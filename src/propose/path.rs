//! Where a value stands in a reply, and how a filter names the place.

use std::fmt::Write as _;

/// One step from a value to a value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The member of this name.
    Key(String),
    /// The member that is named like the product that was asked for.
    Product,
    /// The element at this position.
    At(usize),
    /// Every element of an array, or every value of an object.
    Each {
        /// Whether the array is sometimes missing, or null.
        optional: bool,
        /// How many elements at the beginning are left out.
        skip: usize,
    },
}

impl Step {
    /// Every element of an array that is always there.
    pub(super) const EACH: Self = Self::Each { optional: false, skip: 0 };
}

/// Writes a path as a filter does, behind `base`: nothing for the input, or a variable.
pub(super) fn render(base: &str, path: &[Step]) -> String {
    let mut text = base.to_owned();
    for step in path {
        if text.is_empty() && !matches!(step, Step::Key(_)) {
            text.push('.');
        }
        match step {
            Step::Key(key) if is_plain(key) => {
                text.push('.');
                text.push_str(key);
            }
            Step::Key(key) => {
                text.push('.');
                text.push_str(&quoted(key));
            }
            Step::Product => text.push_str("[$product]"),
            Step::At(position) => {
                let _ = write!(text, "[{position}]");
            }
            Step::Each { optional, skip } => {
                if *skip > 0 {
                    let _ = write!(text, "[{skip}:]");
                }
                text.push_str(if *optional { "[]?" } else { "[]" });
            }
        }
    }
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Whether a key can stand behind a dot as it is. Words of the language are quoted, whatever a parser makes of them.
pub(super) fn is_plain(key: &str) -> bool {
    const WORDS: [&str; 22] = [
        "and", "as", "catch", "def", "elif", "else", "end", "foreach", "if", "import", "include", "label", "limit",
        "module", "not", "null", "or", "reduce", "then", "true", "try", "false",
    ];
    let starts = key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !WORDS.contains(&key)
}

/// A text of the filter language. What cannot be seen is escaped, so that no reply can hide what a filter does.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        let code = u32::from(character);
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // The language has no escapes for what is beyond.
            hidden if (hidden.is_control() || is_hidden(hidden)) && code <= 0xffff => {
                let _ = write!(quoted, "\\u{code:04x}");
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a character takes no room, or turns the direction of what follows.
pub(super) fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}
