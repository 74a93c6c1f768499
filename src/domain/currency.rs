//! Currencies of ISO 4217 and their minor units.

use std::fmt;
use std::str::FromStr;

/// A currency of ISO 4217 that has a minor unit, such as `EUR` (2 digits), `JPY` (0) or `BHD` (3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: [u8; 3],
    minor_digits: u8,
}

/// Why a text is not a currency that money can be counted in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurrencyProblem {
    /// The code is not in ISO 4217.
    #[error("`{0}` is not a currency of ISO 4217")]
    Unknown(String),
    /// The code is in ISO 4217, but has no minor unit: metals, bonds, test codes (`XAU`, `XTS`).
    #[error("`{0}` has no minor unit")]
    NoMinorUnit(String),
    /// No rate is declared that leads to the currency of the comparison.
    #[error("no rate from `{0}` to `{1}`")]
    NoRate(String, String),
}

impl Currency {
    /// Reads a three-letter code; case and surrounding white space do not matter.
    ///
    /// # Errors
    /// When the code is not in ISO 4217, or has no minor unit.
    pub fn parse(text: &str) -> Result<Self, CurrencyProblem> {
        let code = text.trim().to_ascii_uppercase();
        let known = iso_currency::Currency::from_str(&code).map_err(|_| CurrencyProblem::Unknown(text.to_owned()))?;
        let exponent = known.exponent().ok_or_else(|| CurrencyProblem::NoMinorUnit(code.clone()))?;
        let bytes = code.as_bytes().try_into().map_err(|_| CurrencyProblem::Unknown(text.to_owned()))?;
        let minor_digits = u8::try_from(exponent).map_err(|_| CurrencyProblem::NoMinorUnit(code.clone()))?;
        Ok(Self { code: bytes, minor_digits })
    }

    /// The code, three upper-case letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// How many decimals the minor unit has, 0 to 4.
    #[must_use]
    pub fn minor_digits(&self) -> u32 {
        u32::from(self.minor_digits)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_follow_iso_4217() {
        let digits = |code| Currency::parse(code).unwrap().minor_digits();
        assert_eq!((digits("EUR"), digits("JPY"), digits("BHD"), digits("CLF")), (2, 0, 3, 4));
    }

    #[test]
    fn case_and_space_do_not_matter_but_other_text_does() {
        assert_eq!(Currency::parse(" usd ").unwrap().code(), "USD");
        assert_eq!(Currency::parse("€"), Err(CurrencyProblem::Unknown("€".into())));
        assert_eq!(Currency::parse("XAU"), Err(CurrencyProblem::NoMinorUnit("XAU".into())));
    }
}
