//! URL templates of RFC 6570, all four levels, for variables that are texts and lists of texts.
//!
//! Owns the grammar and the percent-encoding. Refuses to know what a URL is good for: whoever sends something there
//! checks the scheme and the host. The main type is [`UrlTemplate`].

use std::fmt;

use super::bindings::{Bindings, Bound, Names};

/// What stands for a secret.
const MASK: &str = "***";

/// A URL with places for a request and a supplier's own values, taken apart once and expanded often. It does not print
/// itself, since a URL may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct UrlTemplate {
    pieces: Box<[Piece]>,
}

/// Why a text is no template. Positions count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateProblem {
    /// A variable that does not exist.
    #[error("there is no variable `{name}`; the variables are {known}")]
    UnknownVariable {
        /// The name as written.
        name: String,
        /// Where the name begins.
        position: usize,
        /// The names that there are.
        known: Names,
    },
    /// A character that a URL cannot have; it must be percent-encoded.
    #[error("{} at character {position} must be percent-encoded", shown(*character))]
    Forbidden {
        /// The character.
        character: char,
        /// Where it is.
        position: usize,
    },
    /// A `%` without two hexadecimal digits.
    #[error("`%` at character {position} is not followed by two hexadecimal digits")]
    Percent {
        /// Where it is.
        position: usize,
    },
    /// A `{` without its `}`.
    #[error("`{{` at character {position} is never closed")]
    NotClosed {
        /// Where it is.
        position: usize,
    },
    /// A `}` without its `{`.
    #[error("`}}` at character {position} closes nothing")]
    NotOpened {
        /// Where it is.
        position: usize,
    },
    /// A `{…}` that is no expression.
    #[error("`{{{expression}}}` at character {position} is not an expression")]
    Expression {
        /// What stands between the braces.
        expression: String,
        /// Where its `{` is.
        position: usize,
    },
}

impl UrlTemplate {
    /// Takes a template apart that may refer to the names.
    ///
    /// # Errors
    /// When the text does not follow RFC 6570, or refers to another name.
    ///
    /// ```
    /// use pricecmp::mapping::{Names, UrlTemplate};
    /// let names = Names::of_request().with(["site"]);
    /// assert!(UrlTemplate::parse("https://shop.example/{site}/{product}{?quantity,currency}", &names).is_ok());
    /// let problem = UrlTemplate::parse("https://shop.example/{produkt}", &names).unwrap_err();
    /// assert!(problem.to_string().starts_with("there is no variable `produkt`"));
    /// ```
    pub fn parse(text: &str, names: &Names) -> Result<Self, TemplateProblem> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let position = text[..text.len() - rest.len() + open].chars().count() + 1;
            push_literal(&mut pieces, &rest[..open], text, text.len() - rest.len())?;
            let expression = rest[open..].strip_prefix('{').ok_or(TemplateProblem::NotOpened { position })?;
            let (expression, after) = expression.split_once('}').ok_or(TemplateProblem::NotClosed { position })?;
            pieces.push(Piece::Expression(Expression::parse(expression, position, names)?));
            rest = after;
        }
        push_literal(&mut pieces, rest, text, text.len() - rest.len())?;
        Ok(Self { pieces: pieces.into() })
    }

    /// Whether the product of a request makes a difference.
    #[must_use]
    pub fn names_product(&self) -> bool {
        let has_product = |expression: &Expression| expression.variables.iter().any(|name| &*name.name == "product");
        self.pieces.iter().any(|piece| matches!(piece, Piece::Expression(expression) if has_product(expression)))
    }

    /// What it expands to, if that is the same for every request.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let literal = |piece: &Piece| if let Piece::Literal(text) = piece { Some(text.to_string()) } else { None };
        self.pieces.iter().map(literal).collect()
    }

    /// Fills in values. They are percent-encoded as their operators want it; a name without a value, or with an empty
    /// list, is left out with all that belongs to it. A limit (`{product:3}`) holds for texts, not for lists.
    #[must_use]
    pub fn expand(&self, bindings: &Bindings) -> String {
        let mut url = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => url.push_str(literal),
                Piece::Expression(expression) => expression.expand(bindings, &mut url),
            }
        }
        url
    }
}

impl fmt::Debug for UrlTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UrlTemplate(***)")
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Piece {
    /// Text that is sent as it is, percent-encoded already.
    Literal(Box<str>),
    Expression(Expression),
}

/// What stands between two braces.
#[derive(Clone, PartialEq, Eq)]
struct Expression {
    operator: Operator,
    variables: Box<[Variable]>,
}

/// Where a value goes.
#[derive(Clone, PartialEq, Eq)]
struct Variable {
    name: Box<str>,
    /// How many characters of a text are taken.
    limit: usize,
    /// Whether each text of a list stands for itself.
    explodes: bool,
}

/// What stands between `{` and the first variable, with what it means (RFC 6570, appendix A).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Operator {
    first: &'static str,
    separator: &'static str,
    named: bool,
    if_empty: &'static str,
    allows_reserved: bool,
}

impl Operator {
    fn of(expression: &str) -> (Self, &str) {
        let simple = Self { first: "", separator: ",", named: false, if_empty: "", allows_reserved: false };
        let operator = match expression.as_bytes().first() {
            Some(b'+') => Self { allows_reserved: true, ..simple },
            Some(b'#') => Self { first: "#", allows_reserved: true, ..simple },
            Some(b'.') => Self { first: ".", separator: ".", ..simple },
            Some(b'/') => Self { first: "/", separator: "/", ..simple },
            Some(b';') => Self { first: ";", separator: ";", named: true, ..simple },
            Some(b'?') => Self { first: "?", separator: "&", named: true, if_empty: "=", ..simple },
            Some(b'&') => Self { first: "&", separator: "&", named: true, if_empty: "=", ..simple },
            _ => return (simple, expression),
        };
        (operator, &expression[1..])
    }
}

impl Expression {
    /// Takes apart what stands between two braces; `position` is that of the opening one.
    fn parse(expression: &str, position: usize, names: &Names) -> Result<Self, TemplateProblem> {
        let (operator, list) = Operator::of(expression);
        // The brace and the operator stand before the first name.
        let mut name_position = position + 1 + expression.len() - list.len();
        let mut variables = Vec::new();
        for specification in list.split(',') {
            let variable = Variable::parse(specification)
                .ok_or_else(|| TemplateProblem::Expression { expression: expression.to_owned(), position })?;
            if !names.iter().any(|known| known == &*variable.name) {
                let (name, known) = (variable.name.into(), names.clone());
                return Err(TemplateProblem::UnknownVariable { name, position: name_position, known });
            }
            variables.push(variable);
            name_position += specification.chars().count() + 1;
        }
        Ok(Self { operator, variables: variables.into() })
    }

    fn expand(&self, bindings: &Bindings, url: &mut String) {
        let operator = self.operator;
        let mut before = operator.first;
        for variable in &self.variables {
            let Some(value) = bindings.get(&variable.name).filter(|value| *value != Bound::Texts(&[])) else {
                continue;
            };
            url.push_str(before);
            before = operator.separator;
            match value {
                Bound::Texts(texts) if variable.explodes => {
                    for (index, text) in texts.iter().enumerate() {
                        url.push_str(if index == 0 { "" } else { operator.separator });
                        operator.name(&variable.name, text.is_empty(), url);
                        encode(text, operator.allows_reserved, url);
                    }
                }
                Bound::Texts(texts) => {
                    operator.name(&variable.name, texts.iter().all(String::is_empty), url);
                    for (index, text) in texts.iter().enumerate() {
                        url.push_str(if index == 0 { "" } else { "," });
                        encode(text, operator.allows_reserved, url);
                    }
                }
                Bound::Masked(text) => {
                    operator.name(&variable.name, false, url);
                    encode_masked(text, operator.allows_reserved, url);
                }
                Bound::Text(text) => operator.text(variable, text, url),
                Bound::Number(number) => operator.text(variable, &number.to_string(), url),
                // No template may refer to them.
                Bound::Lines(_) => {}
            }
        }
    }
}

impl Operator {
    /// Adds a variable's name, for the operators that want it.
    fn name(self, name: &str, is_empty: bool, url: &mut String) {
        if self.named {
            url.push_str(name);
            url.push_str(if is_empty { self.if_empty } else { "=" });
        }
    }

    fn text(self, variable: &Variable, text: &str, url: &mut String) {
        let text = text.char_indices().nth(variable.limit).map_or(text, |(end, _)| &text[..end]);
        self.name(&variable.name, text.is_empty(), url);
        encode(text, self.allows_reserved, url);
    }
}

impl Variable {
    /// Reads `name`, `name:3` or `name*`.
    fn parse(specification: &str) -> Option<Self> {
        let name = specification.split([':', '*']).next().unwrap_or_default();
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'%'));
        if name.is_empty() || !is_name {
            return None;
        }
        let (limit, explodes) = match &specification[name.len()..] {
            "" => (usize::MAX, false),
            "*" => (usize::MAX, true),
            modifier => (prefix_length(modifier.strip_prefix(':')?)?, false),
        };
        Some(Self { name: name.into(), limit, explodes })
    }
}

/// Checks a literal and adds it, with what is not ASCII percent-encoded. `offset` is where it begins in `text`.
fn push_literal(pieces: &mut Vec<Piece>, literal: &str, text: &str, offset: usize) -> Result<(), TemplateProblem> {
    let bytes = literal.as_bytes();
    for (index, character) in literal.char_indices() {
        let position = || text[..offset + index].chars().count() + 1;
        match character {
            '%' if !is_triplet(&bytes[index..]) => return Err(TemplateProblem::Percent { position: position() }),
            '"' | '<' | '>' | '\\' | '^' | '`' | '|' | '\0'..=' ' | '\u{7F}'..='\u{9F}' => {
                return Err(TemplateProblem::Forbidden { character, position: position() });
            }
            _ => {}
        }
    }
    if !literal.is_empty() {
        let mut encoded = String::new();
        encode(literal, true, &mut encoded);
        pieces.push(Piece::Literal(encoded.into()));
    }
    Ok(())
}

/// 1 to 9999, without leading zeros.
fn prefix_length(text: &str) -> Option<usize> {
    let well_formed = text.len() <= 4 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| text.parse().ok()).flatten()
}

/// Adds a text to a URL. Unreserved characters stand for themselves, and reserved characters and triplets such as
/// `%2F` too where they are allowed; everything else is percent-encoded.
fn encode(text: &str, allows_reserved: bool, url: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let bytes = text.as_bytes();
    for (index, &byte) in bytes.iter().enumerate() {
        let stands = match byte {
            b'-' | b'.' | b'_' | b'~' => true,
            b'%' => allows_reserved && is_triplet(&bytes[index..]),
            b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+'
            | b',' | b';' | b'=' => allows_reserved,
            _ => byte.is_ascii_alphanumeric(),
        };
        if stands {
            url.push(char::from(byte));
        } else {
            url.extend(['%', char::from(HEX[usize::from(byte >> 4)]), char::from(HEX[usize::from(byte & 15)])]);
        }
    }
}

/// Does what [`encode`] does, but for what stands in the place of a secret.
fn encode_masked(text: &str, allows_reserved: bool, url: &mut String) {
    for (index, part) in text.split(MASK).enumerate() {
        url.push_str(if index == 0 { "" } else { MASK });
        encode(part, allows_reserved, url);
    }
}

fn is_triplet(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// A character of a message: itself when it is visible, else its code point.
fn shown(character: char) -> String {
    if character.is_ascii_graphic() { format!("`{character}`") } else { format!("U+{:04X}", u32::from(character)) }
}

#[cfg(test)]
mod tests;
