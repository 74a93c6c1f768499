//! URL templates of RFC 6570, all four levels, for variables that are text.
//!
//! Owns the grammar, the variables and the percent-encoding. Refuses to know what a URL is good for: whoever sends
//! something there checks the scheme and the host. The main type is [`UrlTemplate`].

use std::fmt;

use crate::domain::PriceRequest;

/// The variables, in the order in which they are listed to a person.
const VARIABLES: [(&str, Variable); 3] =
    [("product", Variable::Product), ("quantity", Variable::Quantity), ("currency", Variable::Currency)];

/// A URL with places for a request's product, quantity and currency, taken apart once and expanded often. It does
/// not print itself, since a URL may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct UrlTemplate {
    pieces: Box<[Piece]>,
}

/// Why a text is no template. Positions count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateProblem {
    /// A variable that does not exist.
    #[error("there is no variable `{name}`; the variables are `product`, `quantity`, `currency`")]
    UnknownVariable {
        /// The name as written.
        name: String,
        /// Where the name begins.
        position: usize,
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
    /// Takes a template apart.
    ///
    /// # Errors
    /// When the text does not follow RFC 6570, or names a variable that does not exist.
    ///
    /// ```
    /// use pricecmp::mapping::UrlTemplate;
    /// assert!(UrlTemplate::parse("https://shop.example/{product}/price{?quantity,currency}").is_ok());
    /// let problem = UrlTemplate::parse("https://shop.example/{produkt}").unwrap_err();
    /// assert!(problem.to_string().starts_with("there is no variable `produkt`"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, TemplateProblem> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let position = text[..text.len() - rest.len() + open].chars().count() + 1;
            push_literal(&mut pieces, &rest[..open], text, text.len() - rest.len())?;
            let expression = rest[open..].strip_prefix('{').ok_or(TemplateProblem::NotOpened { position })?;
            let (expression, after) = expression.split_once('}').ok_or(TemplateProblem::NotClosed { position })?;
            push_expression(&mut pieces, expression, position)?;
            rest = after;
        }
        push_literal(&mut pieces, rest, text, text.len() - rest.len())?;
        Ok(Self { pieces: pieces.into() })
    }

    /// The names of the variables that there are, in the order in which they are listed to a person.
    pub fn variables() -> impl Iterator<Item = &'static str> {
        VARIABLES.iter().map(|(name, _)| *name)
    }

    /// Fills in a request. The variables' values are percent-encoded as their operators want it.
    #[must_use]
    pub fn expand(&self, request: &PriceRequest) -> String {
        let mut url = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => url.push_str(literal),
                Piece::Place(place) => place.expand(request, &mut url),
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
    Place(Place),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Variable {
    Product,
    Quantity,
    Currency,
}

/// Where a variable's value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    variable: Variable,
    operator: Operator,
    /// Whether it is the first of its expression.
    first: bool,
    /// How many characters of the value are taken.
    limit: usize,
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

impl Place {
    fn expand(self, request: &PriceRequest, url: &mut String) {
        let Operator { first, separator, named, if_empty, allows_reserved } = self.operator;
        url.push_str(if self.first { first } else { separator });
        let quantity;
        let value = match self.variable {
            Variable::Product => &request.product,
            Variable::Quantity => {
                quantity = request.quantity.to_string();
                &quantity
            }
            Variable::Currency => request.currency.code(),
        };
        let value = value.char_indices().nth(self.limit).map_or(value, |(end, _)| &value[..end]);
        if named {
            url.push_str(
                VARIABLES.iter().find(|(_, variable)| *variable == self.variable).map_or("", |(name, _)| name),
            );
            url.push_str(if value.is_empty() { if_empty } else { "=" });
        }
        encode(value, allows_reserved, url);
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

/// Adds the places of what stands between two braces; `position` is that of the opening one.
fn push_expression(pieces: &mut Vec<Piece>, expression: &str, position: usize) -> Result<(), TemplateProblem> {
    let broken = || TemplateProblem::Expression { expression: expression.to_owned(), position };
    let (operator, list) = Operator::of(expression);
    // The brace and the operator stand before the first name.
    let mut name_position = position + 1 + expression.len() - list.len();
    for (index, specification) in list.split(',').enumerate() {
        let name = specification.split([':', '*']).next().unwrap_or_default();
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'%'));
        if name.is_empty() || !is_name {
            return Err(broken());
        }
        let limit = match specification[name.len()..].strip_prefix(':') {
            Some(limit) => prefix_length(limit).ok_or_else(broken)?,
            None if matches!(&specification[name.len()..], "" | "*") => usize::MAX,
            None => return Err(broken()),
        };
        let variable = VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, variable)| *variable);
        let variable = variable
            .ok_or_else(|| TemplateProblem::UnknownVariable { name: name.to_owned(), position: name_position })?;
        pieces.push(Piece::Place(Place { variable, operator, first: index == 0, limit }));
        name_position += specification.chars().count() + 1;
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

fn is_triplet(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// A character of a message: itself when it is visible, else its code point.
fn shown(character: char) -> String {
    if character.is_ascii_graphic() { format!("`{character}`") } else { format!("U+{:04X}", u32::from(character)) }
}

#[cfg(test)]
mod tests;
