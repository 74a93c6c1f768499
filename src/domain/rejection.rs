//! Why an offer is not ranked.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Currency, CurrencyProblem, NumberProblem, OfferIdentity, Terms};

/// The stable word for a rejection, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// The supplier has none.
    OutOfStock,
    /// The supplier has fewer than the order needs.
    InsufficientStock,
    /// The supplier's minimum is above the need, and `--exact` was given, or only a total is known.
    BelowMinimum,
    /// The order is above what the supplier sells at once.
    AboveMaximum,
    /// The goods stay below the supplier's minimum order value.
    BelowMinimumValue,
    /// The tiers are empty and there is no other price.
    NoTier,
    /// The offer's validity has ended.
    Expired,
    /// The currency is missing, unknown, or has no rate.
    Currency,
    /// A field is missing or wrong.
    InvalidQuote,
    /// The reply is for another product or quantity.
    WrongQuote,
    /// It arrives later than `--within-days`.
    TooLate,
    /// `--within-days` was given and the supplier does not say when it arrives.
    DeliveryUnknown,
}

impl Reason {
    /// The `snake_case` word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfStock => "out_of_stock",
            Self::InsufficientStock => "insufficient_stock",
            Self::BelowMinimum => "below_minimum",
            Self::AboveMaximum => "above_maximum",
            Self::BelowMinimumValue => "below_minimum_value",
            Self::NoTier => "no_tier",
            Self::Expired => "expired",
            Self::Currency => "currency",
            Self::InvalidQuote => "invalid_quote",
            Self::WrongQuote => "wrong_quote",
            Self::TooLate => "too_late",
            Self::DeliveryUnknown => "delivery_unknown",
        }
    }
}

/// What is wrong with one field of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path of the field on the wire, such as `priceBreaks[1].unitPrice`.
    pub field: String,
    /// What is wrong with it.
    pub problem: FaultProblem,
}

/// The ways in which a field can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultProblem {
    /// The field is needed and absent.
    Missing,
    /// The field has another type than it must have. Both are words such as `a number`, `text`, `an object`.
    WrongType {
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// The text does not follow the number grammar, or has too many digits. `found` is the supplier's text.
    Number {
        /// The text as it came, shortened.
        found: String,
        /// What the grammar objects to.
        problem: NumberProblem,
    },
    /// The number is outside its range, written `least…most`.
    OutOfRange {
        /// The number as it came.
        found: String,
        /// The least value.
        least: i64,
        /// The greatest value.
        most: i64,
    },
    /// A price is 0 or less, or 0 without `allow-free`.
    NotPositive(Decimal),
    /// An amount that may be 0 is below it.
    Negative(Decimal),
    /// Two tiers start at the same quantity with different prices.
    ConflictingTiers {
        /// The quantity that stands twice.
        quantity: u64,
    },
    /// The stated total does not agree with unit price × order.
    TotalDisagrees {
        /// The supplier's total.
        stated: Decimal,
        /// What the unit price gives.
        computed: Decimal,
    },
    /// A date that is not RFC 3339, not `YYYY-MM-DD`, or out of range.
    NotADate(String),
    /// A negative stock count, and nothing else, says nothing about stock.
    NoStockInformation,
    /// An amount grew beyond what can be computed exactly.
    TooLarge,
}

/// Why an offer was rejected, with the numbers that a person needs to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The supplier has none.
    OutOfStock,
    /// The supplier counts 0 of them.
    NoneLeft,
    /// `needed` is more than `in_stock`.
    InsufficientStock {
        /// The smallest order that would do.
        needed: u64,
        /// What the supplier has.
        in_stock: u64,
    },
    /// The smallest order is above the need and may not be.
    BelowMinimum {
        /// What was asked for.
        needed: u64,
        /// The smallest order that the supplier takes.
        smallest: u64,
    },
    /// `order` is more than `maximum`.
    AboveMaximum {
        /// The smallest order that would do.
        order: u64,
        /// The supplier's largest order.
        maximum: u64,
    },
    /// The goods stay below the minimum order value, in the supplier's gross amounts.
    BelowMinimumValue {
        /// The goods of the largest permitted order that was tried.
        goods: Decimal,
        /// The limit.
        minimum_value: Decimal,
        /// The currency of both.
        currency: Currency,
    },
    /// There is no tier and no other price.
    NoTier,
    /// The offer ended.
    Expired(Timestamp),
    /// The offer names no currency, and none is configured.
    NoCurrency,
    /// The currency cannot be compared.
    Currency(CurrencyProblem),
    /// A field is missing or wrong.
    Invalid(Fault),
    /// The reply is for another product.
    WrongProduct {
        /// What the supplier answered for.
        found: String,
    },
    /// The reply is for another quantity.
    WrongQuantity {
        /// What the supplier answered for.
        found: u64,
    },
    /// It arrives too late.
    TooLate {
        /// When it arrives.
        days: u16,
        /// The limit.
        within: u16,
    },
    /// It is not known when it arrives.
    DeliveryUnknown {
        /// The limit.
        within: u16,
    },
}

impl Cause {
    /// The stable word.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::OutOfStock | Self::NoneLeft => Reason::OutOfStock,
            Self::InsufficientStock { .. } => Reason::InsufficientStock,
            Self::BelowMinimum { .. } => Reason::BelowMinimum,
            Self::AboveMaximum { .. } => Reason::AboveMaximum,
            Self::BelowMinimumValue { .. } => Reason::BelowMinimumValue,
            Self::NoTier => Reason::NoTier,
            Self::Expired(_) => Reason::Expired,
            Self::NoCurrency | Self::Currency(_) => Reason::Currency,
            Self::Invalid(_) => Reason::InvalidQuote,
            Self::WrongProduct { .. } | Self::WrongQuantity { .. } => Reason::WrongQuote,
            Self::TooLate { .. } => Reason::TooLate,
            Self::DeliveryUnknown { .. } => Reason::DeliveryUnknown,
        }
    }

    /// The field of the wire that decided.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::OutOfStock => "inStock",
            Self::NoneLeft | Self::InsufficientStock { .. } => "stockQuantity",
            Self::BelowMinimum { .. } => "minimumQuantity",
            Self::AboveMaximum { .. } => "maximumQuantity",
            Self::BelowMinimumValue { .. } => "unitPrice",
            Self::NoTier => "priceBreaks",
            Self::Expired(_) => "validUntil",
            Self::NoCurrency | Self::Currency(_) => "currency",
            Self::Invalid(fault) => &fault.field,
            Self::WrongProduct { .. } => "productId",
            Self::WrongQuantity { .. } => "quantity",
            Self::TooLate { .. } | Self::DeliveryUnknown { .. } => "deliveryDays",
        }
    }
}

/// An offer that is not ranked, with what is known of it. Amounts and currency are as quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What names the offer.
    pub identity: OfferIdentity,
    /// The product that it names.
    pub product: Option<String>,
    /// Why.
    pub cause: Cause,
    /// The order that was tried, when it came that far.
    pub order_quantity: Option<u64>,
    /// What the supplier has, when it says how many.
    pub stock_quantity: Option<u64>,
    /// The currency as the supplier wrote it, or the configured one.
    pub currency: Option<String>,
    /// The unit price at the order that was tried, else the stated one; for `priceUnit` pieces, as quoted.
    pub unit_price: Option<Decimal>,
    /// The total as stated.
    pub total_price: Option<Decimal>,
}

impl Rejection {
    /// The rejection with the currency that the offer was in, where it did not say so: the configured one.
    #[must_use]
    pub fn or_currency_of(mut self, terms: &Terms) -> Self {
        self.currency = self.currency.or_else(|| terms.currency.map(|currency| currency.code().to_owned()));
        self
    }
}
