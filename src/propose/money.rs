//! Prices within a row: which numbers sound like one, how each is read, and what is doubtful about it.
//!
//! Refuses to know tiers and rows. Main type: [`Money`].

use rust_decimal::Decimal;

use super::path::{Step, render};
use super::places::Place;
use super::samples::{COMMON, Scalar, Writing, are_currencies, are_whole, writing};
use super::words::{PriceName, has_stem, is_in, price_name, words};
use crate::domain::Currency;

/// What weighs less is no price.
pub(super) const LEAST: i32 = 35;

/// A number that may be the price.
#[derive(Clone, Debug)]
pub(super) struct Money<'s> {
    /// Where it stands.
    pub(super) place: Place<'s>,
    /// What its name says.
    pub(super) name: PriceName,
    /// How it is written.
    pub(super) writing: Writing,
    /// How it becomes a price.
    reading: Reading,
    /// How much it is like the price of a piece.
    pub(super) score: i32,
    /// What the user must look at.
    pub(super) checks: Vec<String>,
}

/// How a number becomes a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// It is one.
    Plain,
    /// It counts coins of which so many are one.
    Minor(Decimal),
    /// It is the whole part, and `nanos` beside it the billionths.
    UnitsAndNanos,
}

/// The prices among the places of a row, the likeliest first; with `of_shipping` also those of shipping.
pub(super) fn prices<'s>(places: &[Place<'s>], of_shipping: bool) -> Vec<Money<'s>> {
    let mut found: Vec<Money<'s>> = places.iter().filter_map(|place| Money::of(place, of_shipping)).collect();
    found.retain(|money| money.score >= LEAST);
    found.sort_by_key(|money| std::cmp::Reverse(money.score));
    prefer_exact(&mut found);
    found
}

/// A price for people may be rounded; where a number beside it says the same with more digits, that is the price.
fn prefer_exact(found: &mut Vec<Money<'_>>) {
    let Some(first) = found.first().filter(|first| first.writing.separators.is_some()) else { return };
    let says_the_same = |other: &Money<'_>| {
        other.writing.separators.is_none()
            && other.reading == Reading::Plain
            && other.amounts().len() == first.amounts().len()
            && other.amounts().iter().zip(first.amounts()).all(|(exact, shown)| exact.round_dp(shown.scale()) == shown)
    };
    let Some(position) = found.iter().position(says_the_same) else { return };
    let currency = first.writing.currency;
    let mut exact = found.remove(position);
    exact.writing.currency = exact.writing.currency.or(currency);
    exact.score = exact.score.max(found[0].score);
    found.insert(0, exact);
}

impl<'s> Money<'s> {
    fn of(place: &Place<'s>, of_shipping: bool) -> Option<Self> {
        if place.of_list || place.name() == "nanos" {
            return None;
        }
        let writing = writing(place.samples)?;
        let mut name = price_name(&place.names, of_shipping);
        name.weight = name.weight.max(ticker_weight(place));
        let mut money =
            Self { place: place.clone(), name, writing, reading: Reading::Plain, score: 0, checks: Vec::new() };
        money.read();
        money.score = money.weigh();
        Some(money)
    }

    /// The price in a column of price breaks.
    pub(super) fn of_column(place: &Place<'s>) -> Option<Self> {
        Self::of(place, false)
    }

    /// Decides how the number becomes a price.
    fn read(&mut self) {
        let whole = are_whole(self.place.samples, 0) && self.writing.values.iter().all(|value| value.scale() == 0);
        let has_nanos = self.place.sibling(|name| name == "nanos").is_some();
        if self.place.name() == "units" && has_nanos {
            self.reading = Reading::UnitsAndNanos;
            return;
        }
        let is_plain = whole && self.writing.separators.is_none();
        let last = words(self.place.name());
        // The same coins, and parts of them.
        let is_exact = last == ["unit", "amount", "decimal"] && self.writing.separators.is_none();
        if !is_plain && !self.name.minor && !is_exact {
            return;
        }
        let path = render("", &self.place.path);
        let micros = last.contains(&"micros".to_owned()).then(|| power(6));
        let stated = self.stated_divisor().or(micros);
        let assumed = power(self.currency_beside().map_or(2, |currency| currency.minor_digits()));
        let lower_case = self.place.sibling(is_currency_name).is_some_and(|codes| codes.iter().all(is_lower_case));
        if self.name.minor || stated.is_some_and(|stated| stated > Decimal::ONE) {
            let divisor = stated.unwrap_or(assumed);
            self.reading = Reading::Minor(divisor);
            self.checks.push(format!("{path} counts small coins; it is divided by {divisor}"));
        } else if (last == ["unit", "amount"] || is_exact || (lower_case && last == ["amount"]))
            && assumed > Decimal::ONE
        {
            self.reading = Reading::Minor(assumed);
            self.checks.push(format!("{path} is taken for small coins and divided by {assumed}"));
        } else if self.place.sibling(is_currency_name).is_some()
            && self.amounts().iter().all(|amount| *amount >= Decimal::ONE_HUNDRED)
        {
            self.checks.push(format!("{path} has whole numbers only; if they are small coins, divide: {path} / 100"));
        }
    }

    /// What a member beside it says that it is to be divided by.
    fn stated_divisor(&self) -> Option<Decimal> {
        const DIGITS: &str = "exponent decimals scale precision digits";
        let same = |samples: &[Scalar]| {
            let first = samples.first()?.whole()?;
            samples.iter().all(|sample| sample.whole() == Some(first)).then_some(first)
        };
        if let Some(divisor) = self.place.sibling(|name| words(name) == ["divisor"]).and_then(same) {
            return [1, 3, 6].into_iter().chain([2, 4]).map(power).find(|power| *power == divisor);
        }
        let counts_digits = |name: &str| {
            let words = words(name);
            is_in(&words.concat(), DIGITS) || has_stem(&words, "fractiondigits decimalplaces minorunit minordigits")
        };
        let digits = self.place.sibling(counts_digits).and_then(same)?;
        u32::try_from(digits.trunc().mantissa()).ok().filter(|digits| *digits <= 9).map(power)
    }

    fn currency_beside(&self) -> Option<Currency> {
        let codes = self.place.sibling(is_currency_name).or_else(|| self.place.beside_list(is_currency_name));
        let codes = codes.filter(|codes| are_currencies(codes))?;
        Currency::parse(codes.first()?.words()?).ok()
    }

    /// The currency beside it, if that is always the same.
    pub(super) fn constant_currency(&self) -> Option<&'static str> {
        let codes = self.place.sibling(is_currency_name)?;
        let first = codes.first()?.words()?;
        let same = codes.iter().all(|code| code.words() == Some(first));
        COMMON.into_iter().find(|code| same && code.eq_ignore_ascii_case(first))
    }

    fn weigh(&self) -> i32 {
        let amounts = &self.writing.values;
        let mut score = self.name.weight;
        let has_currency = self.currency_beside().is_some();
        let has_fraction = amounts.iter().any(|amount| amount.scale() > 0);
        match self.writing.currency {
            Some(_) if score == 0 => score = 45,
            Some(_) => score += 25,
            None if score == 0 && has_currency && has_fraction => score = 36,
            None if score > 0 && has_currency => score += 12,
            None => {}
        }
        score += if self.name.currency.is_some() { 4 } else { 0 };
        let speaks_of_money =
            has_currency || has_fraction || self.writing.currency.is_some() || self.name.currency.is_some();
        // An amount may be one of anything.
        score -= if self.name.weight < 60 && !speaks_of_money { 30 } else { 0 };
        let nothing = amounts.iter().all(Decimal::is_zero) && self.reading != Reading::UnitsAndNanos;
        let long = amounts.iter().all(|amount| *amount >= Decimal::from(1_000_000_000));
        if nothing || long || amounts.iter().any(Decimal::is_sign_negative) {
            score -= 60;
        }
        score -= if has_fraction || self.reading != Reading::Plain { 0 } else { 6 };
        score -= if self.place.of_scalars { 8 } else { 0 };
        score - 2 * i32::try_from(self.place.path.len()).unwrap_or(0)
    }

    /// The amounts, as far as they were read.
    pub(super) fn amounts(&self) -> Vec<Decimal> {
        let divisor = match self.reading {
            Reading::Minor(divisor) => divisor,
            _ => Decimal::ONE,
        };
        self.writing.values.iter().filter_map(|value| value.checked_div(divisor)).collect()
    }

    /// Whether both say the same, in the same or in smaller coins.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let (own, others) = (&self.writing.values, &other.writing.values);
        let factors = [1, 100, 1_000].map(Decimal::from);
        let agrees = |factor: Decimal| {
            let times = |amount: &Decimal| amount.checked_mul(factor);
            own.iter().zip(others).all(|(own, other)| times(own) == Some(*other) || times(other) == Some(*own))
        };
        own.len() == others.len() && factors.into_iter().any(agrees)
    }

    /// The price as a filter reads it.
    pub(super) fn expression(&self) -> String {
        let path = render("", &self.place.path);
        let operation = match (self.reading, self.writing.separators) {
            (Reading::UnitsAndNanos, _) => return self.units_and_nanos(),
            (Reading::Plain, Some((group, point))) => format!("tonumber(\"{group}\"; \"{point}\")"),
            (Reading::Plain, None) => String::new(),
            (Reading::Minor(divisor), Some((group, point))) => {
                format!("tonumber(\"{group}\"; \"{point}\") / {divisor}")
            }
            (Reading::Minor(divisor), None) => {
                let is_text = self.place.samples.iter().any(|sample| sample.words().is_some());
                format!("{} / {divisor}", if is_text { "tonumber" } else { "." })
            }
        };
        let operation = match (operation.as_str(), &self.writing.other) {
            ("", Some(_)) => "try tonumber catch null".to_owned(),
            (_, Some(_)) => format!("try ({operation}) catch null"),
            (_, None) => operation,
        };
        match (operation.as_str(), self.place.optional, self.writing.blanks) {
            ("", _, false) => path,
            ("", _, true) => format!("({path} | if . == \"\" then null else . end)"),
            (_, false, false) => format!("({path} | {operation})"),
            (_, _, false) => format!("({path} | if . == null then null else {operation} end)"),
            (_, _, true) => format!("({path} | if . == null or . == \"\" then null else {operation} end)"),
        }
    }

    fn units_and_nanos(&self) -> String {
        let (_, parent) = self.place.path.split_last().map_or((None, &[][..]), |(last, parent)| (Some(last), parent));
        let beside = |name: &str| render("", &[parent, &[Step::Key(name.to_owned())]].concat());
        format!("(({} // 0 | tonumber) + ({} // 0) / 1000000000)", beside("units"), beside("nanos"))
    }

    /// Where the price stands, as comments name it.
    pub(super) fn shown(&self) -> String {
        render("", &self.place.path)
    }
}

/// Whether a member of this name says which currency an amount beside it is in.
pub(super) fn is_currency_name(name: &str) -> bool {
    let words = words(name);
    let is_one = "currency curr ccy waehrung währung moneda devise valuta divisa monnaie";
    words.iter().any(|word| is_in(word, is_one) || word.starts_with("currency"))
}

fn is_lower_case(code: &Scalar) -> bool {
    code.words().is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// Exchanges name the parts of a ticker by letters: ask, bid, and close with the last price.
fn ticker_weight(place: &Place<'_>) -> i32 {
    let beside = |letter: &str| place.siblings.iter().any(|field| field.name == letter);
    let is_ticker = beside("a") && beside("b") && (beside("c") || beside("s"));
    match place.name() {
        "a" if is_ticker => 84,
        "c" if is_ticker => 64,
        "b" if is_ticker => 40,
        _ => 0,
    }
}

fn power(digits: u32) -> Decimal {
    (0..digits).fold(Decimal::ONE, |power, _| power * Decimal::TEN)
}
