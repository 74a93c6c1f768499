//! A supplier's name, and the terms that its configuration adds to every offer of it.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::Currency;

/// The configured name of a supplier. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SupplierName(Arc<str>);

impl SupplierName {
    /// Wraps a name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SupplierName {
    /// The longest name of a responder, in characters.
    const LONGEST: usize = 64;

    /// The name of somebody who answers a request to this supplier that was for many: `rfq/acme`. What a configured name
    /// may not have is not in it.
    #[must_use]
    pub fn responder(&self, name: &str) -> Self {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
        let name: String = name.trim().chars().take(Self::LONGEST).map(plain).collect();
        Self(format!("{}/{name}", self.0).into())
    }

    /// Whether it is this supplier, or one who answers for it.
    #[must_use]
    pub fn is_of(&self, supplier: &Self) -> bool {
        let rest = self.0.strip_prefix(&*supplier.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for SupplierName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The methods of HTTP that ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub enum Method {
    #[default]
    Get,
    Post,
    Put,
    Patch,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Get, Self::Post, Self::Put, Self::Patch];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }

    /// Whether a request of it has a body.
    #[must_use]
    pub const fn has_body(self) -> bool {
        match self {
            Self::Get => false,
            Self::Post | Self::Put | Self::Patch => true,
        }
    }
}

/// How the body of a request is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestFormat {
    /// As JSON.
    #[default]
    Json,
    /// As `application/x-www-form-urlencoded`.
    Form,
}

/// Which redirects of a supplier are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redirects {
    /// None: credentials must not leak to another host.
    #[default]
    None,
    /// Those to the same scheme, host and port.
    SameHost,
}

/// What the configuration says of a supplier's prices. Amounts are in [`Terms::amounts_in`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The currency of an offer that names none.
    pub currency: Option<Currency>,
    /// The currency of the amounts below: the supplier's, else the run's.
    pub amounts_in: Currency,
    /// What shipping costs, when the offer does not say. `None` is unknown, not free.
    pub shipping: Option<Decimal>,
    /// Configured shipping is free for goods from this value on.
    pub free_shipping_from: Option<Decimal>,
    /// Orders below this value of goods are refused.
    pub minimum_order_value: Option<Decimal>,
    /// What is added to every order, when the offer does not say.
    pub fees: Option<Decimal>,
    /// The tax that is contained in the supplier's prices, 0…100 percent, when the offer does not say.
    pub tax_included_percent: Decimal,
    /// Days from dispatch to arrival; turns a lead time into delivery days.
    pub transit_days: Option<u16>,
    /// Whether a price of 0 is a price.
    pub allow_free: bool,
}

impl Terms {
    /// Terms that add nothing to what the offers say.
    #[must_use]
    pub fn plain(amounts_in: Currency) -> Self {
        Self {
            currency: None,
            amounts_in,
            shipping: None,
            free_shipping_from: None,
            minimum_order_value: None,
            fees: None,
            tax_included_percent: Decimal::ZERO,
            transit_days: None,
            allow_free: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_for_a_supplier_has_a_plain_name_within_its_own() {
        let rfq = SupplierName::new("rfq");
        for (name, expected) in [(" acme ", "rfq/acme"), ("a/b\u{1b}[2J\u{202e}é", "rfq/a_b__2J__"), ("", "rfq/")] {
            assert_eq!(rfq.responder(name).as_str(), expected);
        }
        assert_eq!(rfq.responder(&"x".repeat(100)).as_str().len(), 4 + 64);
        assert!(rfq.responder("acme").is_of(&rfq) && rfq.is_of(&rfq));
        assert!(!SupplierName::new("rfq-2").is_of(&rfq) && !rfq.is_of(&rfq.responder("acme")));
    }
}
