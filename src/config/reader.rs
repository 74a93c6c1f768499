//! Reading the keys of one table, each once, with the place of everything that is wrong.
//!
//! Owns the bookkeeping that makes unknown keys errors. Refuses to know which keys there are. Main type: [`Fields`].

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{At, Findings, Span};
use super::error::{Problem, nearest, quoted};
use super::values::{self, Read, number_text, wrong_type};

/// The table that is read, as errors name it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Context<'a> {
    Document,
    Rates,
    Kafka,
    Supplier(&'a str),
    Basic(&'a str),
    OAuth2(&'a str),
    Lookup(&'a str),
    Mock(&'a str),
    Offer(&'a str, usize),
    PriceBreak(&'a str, usize, usize),
}

impl fmt::Display for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document => Ok(()),
            Self::Rates => write!(formatter, " of `rates`"),
            Self::Kafka => write!(formatter, " of `kafka`"),
            Self::Supplier(name) => write!(formatter, " of supplier {}", quoted(name)),
            Self::Basic(name) => write!(formatter, " of `basic` of supplier {}", quoted(name)),
            Self::OAuth2(name) => write!(formatter, " of `oauth2` of supplier {}", quoted(name)),
            Self::Lookup(name) => write!(formatter, " of `lookup` of supplier {}", quoted(name)),
            Self::Mock(name) => write!(formatter, " of the mock of supplier {}", quoted(name)),
            Self::Offer(name, number) => write!(formatter, " of mock offer {number} of supplier {}", quoted(name)),
            Self::PriceBreak(name, offer, number) => {
                write!(formatter, " of price break {number} of mock offer {offer} of supplier {}", quoted(name))
            }
        }
    }
}

/// A table that is being read.
pub(super) struct Fields<'t, 'i, 'f> {
    table: &'t DeTable<'i>,
    span: Span,
    context: Context<'t>,
    pub(super) findings: &'f mut Findings,
}

impl<'t, 'i, 'f> Fields<'t, 'i, 'f> {
    /// Starts to read a table; every key that is not among `known` is an error.
    pub(super) fn new(
        (table, span): (&'t DeTable<'i>, Span),
        context: Context<'t>,
        known: &[&str],
        findings: &'f mut Findings,
    ) -> Self {
        for (key, _) in table {
            if !known.contains(&key.get_ref().as_ref()) {
                findings.at(key.span().into(), unknown_key(key.get_ref(), context, known));
            }
        }
        Self { table, span, context, findings }
    }

    /// The value of a key, unread.
    pub(super) fn raw(&self, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.table.get(key)
    }

    /// Notes what is wrong with a key.
    pub(super) fn complain(&mut self, key: &str, span: Span, problem: Problem) {
        let message = format!("`{key}`{}: {}", self.context, problem.message);
        self.findings.at(span, Problem { message, ..problem });
    }

    /// Notes what is wrong with the table as a whole.
    pub(super) fn complain_of_table(&mut self, what: &str, hint: &str) {
        let whole = self.context.to_string();
        let subject = whole.strip_prefix(" of ").unwrap_or("the configuration");
        self.findings.at(self.span, Problem::new(format!("{subject} {what}")).with_hint(hint));
    }

    /// Reads the value of a key, if it is there and right.
    pub(super) fn read<T>(&mut self, key: &str, read: impl FnOnce(&'t DeValue<'i>) -> Read<T>) -> Option<At<T>> {
        let value = self.raw(key)?;
        let span = value.span().into();
        match read(value.get_ref()) {
            Ok(value) => Some(At { value, span }),
            Err(problem) => {
                self.complain(key, span, problem);
                None
            }
        }
    }

    pub(super) fn text(&mut self, key: &str) -> Option<At<String>> {
        self.read(key, |value| value.as_str().map(str::to_owned).ok_or_else(|| wrong_type("text", value)))
    }

    pub(super) fn boolean(&mut self, key: &str) -> Option<At<bool>> {
        self.read(key, |value| value.as_bool().ok_or_else(|| wrong_type("true or false", value)))
    }

    pub(super) fn duration(&mut self, key: &str, bounds: RangeInclusive<Duration>) -> Option<At<Duration>> {
        self.read(key, |value| duration(value, &bounds))
    }

    /// Reads a number, or text that holds one.
    pub(super) fn number<T>(&mut self, key: &str, read: impl FnOnce(&str) -> Read<T>) -> Option<At<T>> {
        self.read(key, |value| read(number_text(value).ok_or_else(|| wrong_type("a number", value))?))
    }

    /// Reads text by a grammar of its own.
    pub(super) fn word<T>(&mut self, key: &str, read: impl FnOnce(&str) -> Read<T>) -> Option<At<T>> {
        self.read(key, |value| read(value.as_str().ok_or_else(|| wrong_type("text", value))?))
    }

    /// A table under a key.
    pub(super) fn table(&mut self, key: &str) -> Option<(&'t DeTable<'i>, Span)> {
        let value = self.raw(key)?;
        if let Some(table) = value.get_ref().as_table() {
            return Some((table, value.span().into()));
        }
        self.complain(key, value.span().into(), wrong_type("a table", value.get_ref()));
        None
    }
}

/// Reads a duration; a bare number is answered with the text that it should be.
pub(super) fn duration(value: &DeValue<'_>, bounds: &RangeInclusive<Duration>) -> Read<Duration> {
    match value {
        DeValue::String(text) => values::duration(text, bounds),
        DeValue::Integer(_) | DeValue::Float(_) => {
            let text = number_text(value).unwrap_or_default();
            let problem = Problem::new(format!("{} has no unit", quoted(text)));
            Err(problem.with_hint(format!("write `\"{}s\"`", text.trim_start_matches('-'))))
        }
        _ => Err(wrong_type("a duration", value).with_hint("write it in quotes, such as `\"5s\"`")),
    }
}

/// Flags that are easily taken for keys.
const FLAGS: &[&str] = &[
    "qty",
    "strategy",
    "quorum",
    "agree-within",
    "min-responses",
    "require",
    "sort",
    "within-days",
    "max-total",
    "max-increase",
    "exact",
    "format",
    "output",
    "color",
];

/// How many keys a hint lists at most: more than a line of them helps nobody.
const LISTED: usize = 12;

fn unknown_key(key: &str, context: Context<'_>, known: &[&str]) -> Problem {
    let problem = Problem::new(format!("unknown key {}{context}", quoted(key)));
    if let Some(meant) = nearest(key, known.iter().copied()) {
        return problem.with_label(format!("did you mean `{meant}`?"));
    }
    if matches!(context, Context::Document) && FLAGS.contains(&key) {
        return problem.with_hint(format!("it is a flag: `--{key}`"));
    }
    if known.len() > LISTED {
        return problem.with_hint("`pricecmp schema suppliers` prints every key, and the README's table explains them");
    }
    let list = known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    problem.with_hint(format!("known keys: {list}"))
}
