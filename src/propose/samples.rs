//! What scalars look like: numbers, price text and its separators, codes of currencies, dates.
//!
//! Owns how values are told apart by their form alone. Refuses to know names.

use rust_decimal::Decimal;

use crate::domain::{Currency, parse_decimal};
use crate::mapping::json::Value;
use crate::mapping::read_price;

/// How many characters of a text are looked at.
const MOST_CHARACTERS: usize = 300;
/// The separators of groups and of decimals that price text is tried with, the likeliest first.
const SEPARATORS: [(&str, &str); 7] =
    [(",", "."), (".", ","), (" ", ","), ("'", "."), (" ", "."), ("", ","), ("'", ",")];
/// What the signs of currencies mean. Those of several currencies are not sure.
const SIGNS: [(&str, &str, bool); 21] = [
    ("€", "EUR", true),
    ("£", "GBP", true),
    ("US$", "USD", true),
    ("CA$", "CAD", true),
    ("C$", "CAD", true),
    ("A$", "AUD", true),
    ("AU$", "AUD", true),
    ("NZ$", "NZD", true),
    ("HK$", "HKD", true),
    ("S$", "SGD", true),
    ("R$", "BRL", true),
    ("$", "USD", false),
    ("₹", "INR", true),
    ("¥", "JPY", false),
    ("₩", "KRW", true),
    ("zł", "PLN", true),
    ("Kč", "CZK", true),
    ("Ft", "HUF", true),
    ("Fr.", "CHF", true),
    ("kr", "SEK", false),
    ("₽", "RUB", true),
];

/// A scalar of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Bool(bool),
    Number(String),
    Text(String),
    /// A number of a sheet. A filter sees its digits as text.
    Cell(String),
}

impl Scalar {
    /// The scalar that a value is, if it is one.
    pub(super) fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Bool(bool) => Some(Self::Bool(*bool)),
            Value::Number(text) => Some(Self::Number(text.to_string())),
            Value::String(text) => Some(Self::Text(text.chars().take(MOST_CHARACTERS).collect())),
            _ => None,
        }
    }

    /// What is written there; nothing for booleans.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Bool(_) => None,
            Self::Number(text) | Self::Text(text) | Self::Cell(text) => Some(text),
        }
    }

    /// The text of what a filter sees as text.
    pub(super) fn words(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Cell(text) => Some(text),
            _ => None,
        }
    }

    /// A text of a list. What is longer than the texts that are looked at is cut.
    pub(super) fn of_text(text: &str) -> Self {
        Self::Text(text.chars().take(MOST_CHARACTERS).collect())
    }

    /// What the scalar looks like: the same for all that differ in their digits alone.
    pub(super) fn form(&self) -> String {
        let masked = |letter: char| if letter.is_ascii_digit() { '0' } else { letter };
        match self {
            Self::Bool(bool) => bool.to_string(),
            Self::Number(text) | Self::Text(text) | Self::Cell(text) if text.len() > 1 => {
                text.chars().map(masked).collect()
            }
            Self::Number(text) | Self::Text(text) | Self::Cell(text) => text.clone(),
        }
    }

    /// The number that it is, or that its text is by the strict grammar.
    pub(super) fn number(&self) -> Option<Decimal> {
        parse_decimal(self.text()?).ok()
    }

    /// The same, without a fraction. A point in a text may stand between groups, so that such a text is none.
    pub(super) fn whole(&self) -> Option<Decimal> {
        let has_point = self.words().is_some_and(|text| text.contains('.'));
        self.number().filter(|number| number.is_integer() && !has_point)
    }

    /// Whether nothing is written there.
    pub(super) fn is_blank(&self) -> bool {
        self.words().is_some_and(|text| text.trim().is_empty())
    }
}

/// How prices are written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Writing {
    /// The separators of groups and decimals; `None` = numbers of JSON, or texts of such.
    pub(super) separators: Option<(&'static str, &'static str)>,
    /// What is written there that is no price, such as `Call`.
    pub(super) other: Option<String>,
    /// A price that means something else with other separators.
    pub(super) ambiguous: Option<String>,
    /// A price that only other separators read, so that those of the others are in doubt.
    pub(super) contrary: Option<String>,
    /// Whether there are empty texts.
    pub(super) blanks: bool,
    /// The prices.
    pub(super) values: Vec<Decimal>,
    /// The currency that a sign or a code in the texts names, and whether that is sure.
    pub(super) currency: Option<(&'static str, bool)>,
    /// A currency that other texts name.
    pub(super) other_currency: Option<&'static str>,
}

impl Writing {
    /// The number that a sample is, written so.
    pub(super) fn read(&self, sample: &Scalar) -> Option<Decimal> {
        match self.separators {
            Some((group, point)) => separated(sample, group, point),
            None => sample.number(),
        }
    }
}

/// How prices are written, if most of the samples are such.
pub(super) fn writing(samples: &[Scalar]) -> Option<Writing> {
    let filled: Vec<&Scalar> = samples.iter().filter(|sample| !sample.is_blank()).collect();
    if filled.is_empty() || filled.iter().any(|sample| sample.text().is_none()) {
        return None;
    }
    let plain: Vec<Option<Decimal>> = filled.iter().map(|sample| sample.number()).collect();
    let read_with = |(group, point): (&str, &str)| -> Vec<Option<Decimal>> {
        filled.iter().map(|sample| separated(sample, group, point)).collect()
    };
    let count = |values: &[Option<Decimal>]| values.iter().flatten().count();
    // The digits of a sheet's number have a point, whatever separates those of texts beside it.
    let is_sheet = filled.iter().any(|sample| matches!(sample, Scalar::Cell(_)));
    let candidates: &[_] = if is_sheet { &[] } else { &SEPARATORS };
    let (mut best, mut separators) = (plain, None);
    for candidate in candidates {
        let values = read_with(*candidate);
        if count(&values) > count(&best) {
            (best, separators) = (values, Some(*candidate));
        }
    }
    if count(&best) * 2 < filled.len() || count(&best) == 0 {
        return None;
    }
    let unread = || filled.iter().zip(&best).filter(|(_, value)| value.is_none()).map(|(sample, _)| *sample);
    let is_price = |sample: &&Scalar| SEPARATORS.iter().any(|(group, point)| separated(sample, group, point).is_some());
    let text = |sample: &Scalar| sample.text().map(str::to_owned);
    let mut currencies = filled.iter().filter_map(|sample| currency_in(sample.words()?));
    let currency = currencies.next();
    let other_currency = currencies.find(|(code, _)| currency.is_some_and(|(first, _)| first != *code));
    Some(Writing {
        separators,
        other: unread().next().and_then(text),
        ambiguous: ambiguity(&filled, &best, separators),
        contrary: unread().find(is_price).and_then(text),
        blanks: filled.len() < samples.len(),
        currency,
        other_currency: other_currency.map(|(code, _)| code),
        values: best.into_iter().flatten().collect(),
    })
}

fn separated(sample: &Scalar, group: &str, point: &str) -> Option<Decimal> {
    match sample {
        Scalar::Text(text) => parse_decimal(&read_price(text, group.chars().next(), point.chars().next())?).ok(),
        other => other.number(),
    }
}

/// A text that other separators, which fit all samples as well, read as another price.
fn ambiguity(
    samples: &[&Scalar],
    values: &[Option<Decimal>],
    separators: Option<(&'static str, &'static str)>,
) -> Option<String> {
    let others = [(",", "."), (".", ",")].into_iter().filter(|other| Some(*other) != separators);
    for (group, point) in others {
        let read: Vec<_> = samples.iter().map(|sample| separated(sample, group, point)).collect();
        let fits = read.iter().zip(values).all(|(read, value)| read.is_some() || value.is_none());
        let differs = read.iter().zip(values).position(|(read, value)| read.is_some() && read != value);
        if let Some(position) = differs.filter(|_| fits) {
            return samples[position].text().map(str::to_owned);
        }
    }
    None
}

/// The currency that price text names.
fn currency_in(text: &str) -> Option<(&'static str, bool)> {
    let around = |character: char| character.is_ascii_digit() || " .,'-\u{a0}\u{202f}".contains(character);
    let word = text.trim_matches(around);
    if let Some((_, code, sure)) = SIGNS.iter().find(|(sign, ..)| *sign == word) {
        return Some((code, *sure));
    }
    COMMON.iter().find(|code| **code == word).map(|code| (*code, true))
}

/// Codes that are no words of other meaning when they stand in a name.
pub(super) const COMMON: [&str; 28] = [
    "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "INR",
    "BRL", "MXN", "KRW", "SGD", "HKD", "TWD", "ZAR", "ILS", "THB", "RUB", "UAH", "RMB",
];

/// Whether all samples are texts, and not all blank.
pub(super) fn are_texts(samples: &[Scalar]) -> bool {
    samples.iter().all(|sample| sample.words().is_some()) && samples.iter().any(|sample| !sample.is_blank())
}

/// Whether all samples are codes of currencies.
pub(super) fn are_currencies(samples: &[Scalar]) -> bool {
    let is_code =
        |sample: &Scalar| sample.words().is_some_and(|text| text.trim().len() == 3 && Currency::parse(text).is_ok());
    !samples.is_empty()
        && samples.iter().all(|sample| is_code(sample) || sample.is_blank())
        && samples.iter().any(is_code)
}

/// Whether all samples that are not blank are whole numbers, not below `least`.
pub(super) fn are_whole(samples: &[Scalar], least: i64) -> bool {
    let fits = |sample: &Scalar| sample.whole().is_some_and(|number| number >= Decimal::from(least));
    samples.iter().any(|sample| !sample.is_blank()) && samples.iter().all(|sample| sample.is_blank() || fits(sample))
}

/// Whether a text has separators between groups of three digits, as large counts have: `5.000`, `1,234,567`.
pub(super) fn is_grouped(text: &str) -> bool {
    let mut groups = text.split(['.', ',', '\'', '\u{a0}', '\u{202f}']);
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|first| digits(first) && first.len() <= 3);
    let mut rest = groups.peekable();
    first && rest.peek().is_some() && rest.all(|group| digits(group) && group.len() == 3)
}

/// Whether the samples begin as dates of ISO 8601 do.
pub(super) fn are_dates(samples: &[Scalar]) -> bool {
    let digits = |text: &str, range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_date =
        |text: &str| digits(text, 0..4) && text.get(4..5) == Some("-") && digits(text, 5..7) && digits(text, 8..10);
    !samples.is_empty() && samples.iter().all(|sample| sample.words().is_some_and(is_date))
}
