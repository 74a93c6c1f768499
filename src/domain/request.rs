//! What is asked: a product, a quantity, and the currency of the comparison.

use std::fmt;

use super::Currency;

/// The largest quantity that can be asked for or ordered, 10⁹. It keeps price × quantity within exact arithmetic.
pub const MAX_QUANTITY: u64 = 1_000_000_000;

/// A count of pieces, 1 to [`MAX_QUANTITY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u64);

impl Quantity {
    /// One piece.
    pub const ONE: Self = Self(1);

    /// Makes a quantity; `None` outside 1…10⁹.
    #[must_use]
    pub const fn new(count: u64) -> Option<Self> {
        if count >= 1 && count <= MAX_QUANTITY { Some(Self(count)) } else { None }
    }

    /// The count.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The question that every supplier is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRequest {
    /// The product's name or number, as the user wrote it.
    pub product: String,
    /// How many pieces are needed.
    pub quantity: Quantity,
    /// The currency that the offers are compared in.
    pub currency: Currency,
}
