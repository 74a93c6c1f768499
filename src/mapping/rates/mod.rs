//! From a list of exchange rates, as a bank or a service publishes it, to the domain's rates.
//!
//! Owns what makes a list usable as a whole: one base, one day, each currency once, every number exact and above 0. A
//! list with one wrong number is refused, since nobody knows what else is wrong with it. Currencies that ISO 4217 does
//! not know are skipped. Refuses to know where a list comes from and how long it lasts. Main type: [`RatesFormat`].

mod ecb;
mod filtered;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Filter;
use crate::domain::{Currency, ErrorKind, Failure, NumberProblem, Rates, parse_decimal, shortened};

/// How many characters of a wrong value are kept to be shown.
const SHOWN: usize = 60;

/// How a list is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RatesFormat {
    /// The XML of the European Central Bank, in which one euro is the base.
    Ecb,
    /// JSON, of which a filter makes `{base, date, rates: {CODE: number, …}}`.
    Filter(Filter),
}

impl RatesFormat {
    /// The types of documents to ask for.
    #[must_use]
    pub const fn types(&self) -> &'static str {
        match self {
            Self::Ecb => "application/xml, text/xml",
            Self::Filter(_) => "application/json",
        }
    }

    /// The largest list, bytes: many times a real one of all currencies. What reads XML takes time that grows with the
    /// square of what is hostile in it.
    const fn largest(&self) -> usize {
        match self {
            Self::Ecb => 64 << 10,
            Self::Filter(_) => 1 << 20,
        }
    }

    /// Reads a list: at most 64 KiB of XML, 1 MiB of JSON. `today` is the day in UTC. A filter may take about a second.
    ///
    /// # Errors
    /// `body_too_large`; `malformed_json`; `mapping` when the list is not of this format, a number is malformed or not
    /// above 0, a currency stands twice, no currency is known, or the day lies ahead.
    pub fn read(&self, list: &[u8], today: Date) -> Result<Rates, Failure> {
        if list.len() > self.largest() {
            let detail = format!("more than {} KiB for the rates of a day", self.largest() >> 10);
            return Err(Failure::new(ErrorKind::BodyTooLarge).with_detail(detail));
        }
        match self {
            Self::Ecb => ecb::read(list, today).map_err(refused),
            Self::Filter(filter) => filtered::read(filter, list, today),
        }
    }
}

/// A `mapping` failure.
fn refused(why: String) -> Failure {
    Failure::new(ErrorKind::Mapping).with_detail(why)
}

/// A list, taken apart: codes and the texts of their numbers.
struct List<'a> {
    base: &'a str,
    date: &'a str,
    rates: Vec<(&'a str, &'a str)>,
}

impl List<'_> {
    /// Reads every text, or says which one is wrong.
    fn rates(self, today: Date) -> Result<Rates, String> {
        let base = Currency::parse(self.base).map_err(|error| format!("the base is no currency: {error}"))?;
        let mut rates: Vec<(Currency, Decimal)> = Vec::with_capacity(self.rates.len());
        let mut codes: Vec<String> = self.rates.iter().map(|(code, _)| code.trim().to_ascii_uppercase()).collect();
        for (code, text) in self.rates {
            let rate = rate(code, text)?;
            // Unknown codes, such as those of metals and of what is no money, are nothing that an offer could be in.
            if let (Ok(currency), Some(rate)) = (Currency::parse(code), rate) {
                rates.push((currency, rate));
            }
        }
        codes.sort_unstable();
        if let Some([twice, _]) = codes.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("`{}` stands twice", shortened(twice, SHOWN)));
        }
        if rates.iter().all(|(currency, _)| *currency == base) {
            return Err("there is no rate of any currency".to_owned());
        }
        Rates::new(base, day(self.date, today)?, rates).map_err(|problem| problem.to_string())
    }
}

/// Reads a rate; `None` = that of an unknown currency, of which only what is no number at all is held against the list.
fn rate(code: &str, text: &str) -> Result<Option<Decimal>, String> {
    let wrong =
        |what: &str| format!("the rate of `{}` is `{}`, {what}", shortened(code, SHOWN), shortened(text, SHOWN));
    let is_known = Currency::parse(code).is_ok();
    match parse_decimal(text) {
        Ok(rate) if rate > Decimal::ZERO => Ok(Some(rate)),
        Err(NumberProblem::NotANumber) => Err(wrong("not a number")),
        _ if !is_known => Ok(None),
        Ok(_) => Err(wrong("not above 0")),
        Err(problem) => Err(wrong(&problem.to_string())),
    }
}

/// Reads the day of a list. A day is allowed to lie ahead by one, as it is tomorrow already somewhere.
fn day(text: &str, today: Date) -> Result<Date, String> {
    let shown = || shortened(text, SHOWN);
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    let date = date.ok_or_else(|| format!("the date is `{}`, not a day such as `2026-11-20`", shown()))?;
    if today.tomorrow().is_ok_and(|tomorrow| date > tomorrow) {
        return Err(format!("the date `{}` is in the future", shown()));
    }
    Ok(date)
}

#[cfg(test)]
mod tests;
