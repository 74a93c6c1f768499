//! What an offer asks for its pieces: one list of tiers, whatever form the supplier chose.
//!
//! Owns which of an offer's prices count, what is wrong with them, and whether a stated total agrees with them.
//! Refuses to know currencies beyond the digits of their minor unit. Its main type is [`Prices`].

use std::cmp::Reverse;

use ethnum::I256;
use rust_decimal::Decimal;

use super::number::{ceil_ratio, multiply, power_of_ten, round_ratio, round_to, to_minor};
use super::{Cause, Fault, FaultProblem, MAX_QUANTITY, Offer, PriceBreak};

/// The most decimals of a unit price that is not converted.
const UNIT_PRICE_DECIMALS: u32 = 12;

/// The prices of an offer, checked.
#[derive(Debug)]
pub(super) struct Prices {
    /// By quantity, each quantity once, never empty. A plain unit price is a tier that starts at 1.
    tiers: Vec<PriceBreak>,
    /// How many pieces a tier's price is for.
    pub(super) price_unit: u64,
    /// The goods of the requested quantity, as stated.
    stated: Option<Decimal>,
    /// Nothing but a total is known, so that no other quantity has a price.
    pub(super) only_total: bool,
}

impl Prices {
    /// Finds the prices of an offer that is asked for `need` pieces.
    ///
    /// Tiers win over a unit price. A total alone is the price of `need` pieces.
    ///
    /// # Errors
    /// When there is no price, or a price or the price unit is outside its range, or tiers conflict.
    pub(super) fn read(offer: &Offer, need: u64, allow_free: bool) -> Result<Self, Cause> {
        let breaks = offer.price_breaks.as_deref().unwrap_or_default();
        if breaks.is_empty() && offer.unit_price.is_none() && offer.total_price.is_none() {
            return Err(match offer.price_breaks {
                Some(_) => Cause::NoTier,
                None => fault("unitPrice", FaultProblem::Missing),
            });
        }
        check_price("unitPrice", offer.unit_price, allow_free)?;
        let price_unit = offer.price_unit.unwrap_or(1);
        check_quantity("priceUnit", price_unit)?;
        check_price("totalPrice", offer.total_price, allow_free)?;
        let tiers = read_tiers(breaks, allow_free)?;
        let stated = offer.total_price;
        Ok(match (offer.unit_price, stated) {
            _ if !tiers.is_empty() => Self { tiers, price_unit, stated, only_total: false },
            (Some(unit_price), _) => {
                Self { tiers: vec![PriceBreak { quantity: 1, unit_price }], price_unit, stated, only_total: false }
            }
            (None, total) => Self {
                tiers: vec![PriceBreak { quantity: 1, unit_price: total.unwrap_or_default() }],
                price_unit: need,
                stated: None,
                only_total: true,
            },
        })
    }

    /// The tiers, by quantity.
    pub(super) fn tiers(&self) -> &[PriceBreak] {
        &self.tiers
    }

    /// The smallest order that has a price.
    pub(super) fn lowest_quantity(&self) -> u64 {
        self.tiers.first().map_or(1, |tier| tier.quantity)
    }

    /// The index of the tier that prices an order: the one with the largest quantity within it, else the lowest.
    pub(super) fn tier_at(&self, order: u64) -> usize {
        self.tiers.partition_point(|tier| tier.quantity <= order).saturating_sub(1)
    }

    /// The price of `price_unit` pieces at an order.
    pub(super) fn price_at(&self, order: u64) -> Decimal {
        self.tiers.get(self.tier_at(order)).map_or(Decimal::ZERO, |tier| tier.unit_price)
    }

    /// The price of one piece at an order: exact if that takes at most 12 decimals, else rounded to 12.
    pub(super) fn piece_price_at(&self, order: u64) -> Option<Decimal> {
        let price = self.price_at(order);
        let pieces = multiply(power_of_ten(price.scale())?, I256::from(self.price_unit))?;
        Some(round_to(I256::from(price.mantissa()), pieces, UNIT_PRICE_DECIMALS)?.normalize())
    }

    /// The goods that the supplier stated, when there is a unit price to hold them to. They are those of `need`
    /// pieces, or else of the smallest order that the supplier takes: some suppliers count in what they force.
    ///
    /// A rounded unit price may be off by half a unit of its last digit in each piece, and the total itself by
    /// one minor unit; beyond that the two contradict each other.
    ///
    /// # Errors
    /// When they do.
    pub(super) fn stated(&self, need: u64, smallest: u64, minor_digits: u32) -> Result<Option<Stated>, Cause> {
        let Some(total) = self.stated else { return Ok(None) };
        for quantity in [need, smallest.min(MAX_QUANTITY)] {
            let price = self.price_at(quantity);
            if agrees(total, price, self.price_unit, quantity, minor_digits).ok_or_else(too_large)? {
                let goods = to_minor(total, minor_digits).ok_or_else(too_large)?;
                let apart = goods - self.goods_at(quantity, minor_digits).ok_or_else(too_large)?;
                return Ok(Some(Stated { quantity, goods, is_finer: apart.abs() > 1 }));
            }
        }
        let computed = self.goods_at(need, minor_digits);
        let computed = computed.and_then(|goods| Decimal::try_from_i128_with_scale(goods, minor_digits).ok());
        let computed = computed.ok_or_else(too_large)?;
        Err(fault("totalPrice", FaultProblem::TotalDisagrees { stated: total, computed }))
    }

    /// The goods of an order by its unit price, in minor units.
    fn goods_at(&self, order: u64, minor_digits: u32) -> Option<i128> {
        PiecePrice::new(self.price_at(order), self.price_unit, minor_digits)?.goods(order)
    }
}

/// A total that a supplier stated beside its unit prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    /// The order that it is for.
    pub(super) quantity: u64,
    /// The goods, in minor units.
    pub(super) goods: i128,
    /// Whether it differs from what the unit price gives by more than a rounded total can: the supplier's unit
    /// prices are rounded, then, and what they give for other orders is not to be relied on.
    pub(super) is_finer: bool,
}

/// The exact price of one piece in minor units, as a ratio.
#[derive(Clone, Copy, Debug)]
pub(super) struct PiecePrice {
    numerator: I256,
    denominator: I256,
}

impl PiecePrice {
    /// The price of one piece when `price_unit` pieces cost `price`.
    pub(super) fn new(price: Decimal, price_unit: u64, minor_digits: u32) -> Option<Self> {
        Some(Self {
            numerator: multiply(I256::from(price.mantissa()), power_of_ten(minor_digits)?)?,
            denominator: multiply(power_of_ten(price.scale())?, I256::from(price_unit))?,
        })
    }

    /// The goods of an order, rounded once.
    pub(super) fn goods(self, order: u64) -> Option<i128> {
        round_ratio(multiply(self.numerator, I256::from(order))?, self.denominator)
    }

    /// The smallest order whose rounded goods reach `goods`; `u64::MAX` when none up to [`MAX_QUANTITY`] does.
    /// Halves round up, so that half a minor unit less is enough before rounding.
    pub(super) fn first_reaching(self, goods: i128) -> u64 {
        if goods <= 0 {
            return 1;
        }
        let reached = || {
            let two = I256::from(2);
            let doubled = multiply(I256::from(goods), two)? - I256::ONE;
            ceil_ratio(multiply(doubled, self.denominator)?, multiply(self.numerator, two)?)
        };
        reached().filter(|order| *order <= I256::from(MAX_QUANTITY)).map_or(u64::MAX, ethnum::I256::as_u64)
    }
}

/// Whether |stated − price × need ÷ unit| ≤ need × ½ unit of the price's last digit ÷ unit + 1 minor unit.
/// Everything is multiplied by 2 × unit × 10^scale, which makes it whole.
fn agrees(stated: Decimal, price: Decimal, price_unit: u64, need: u64, minor_digits: u32) -> Option<bool> {
    let scale = stated.scale().max(price.scale()).max(minor_digits);
    let (unit, need, two) = (I256::from(price_unit), I256::from(need), I256::from(2));
    let last_digit = multiply(power_of_ten(scale - price.scale())?, need)?;
    let computed = multiply(multiply(I256::from(price.mantissa()), last_digit)?, two)?;
    let double_unit = multiply(unit, two)?;
    let stated = multiply(I256::from(stated.mantissa()), power_of_ten(scale - stated.scale())?)?;
    let difference = multiply(stated, double_unit)?.checked_sub(computed)?.checked_abs()?;
    let minor_unit = multiply(power_of_ten(scale - minor_digits)?, double_unit)?;
    Some(difference <= last_digit.checked_add(minor_unit)?)
}

/// Checks the tiers and sorts them. Of equal tiers the one with the most decimals stays, whatever their order.
fn read_tiers(breaks: &[PriceBreak], allow_free: bool) -> Result<Vec<PriceBreak>, Cause> {
    for (index, tier) in breaks.iter().enumerate() {
        if !(1..=MAX_QUANTITY).contains(&tier.quantity) {
            check_quantity(&format!("priceBreaks[{index}].quantity"), tier.quantity)?;
        }
        if !is_price(tier.unit_price, allow_free) {
            check_price(&format!("priceBreaks[{index}].unitPrice"), Some(tier.unit_price), allow_free)?;
        }
    }
    let mut tiers: Vec<(usize, PriceBreak)> = breaks.iter().copied().enumerate().collect();
    tiers.sort_by_key(|(_, tier)| (tier.quantity, Reverse(tier.unit_price.scale())));
    let conflict = tiers
        .windows(2)
        .filter(|pair| pair[0].1.quantity == pair[1].1.quantity && pair[0].1.unit_price != pair[1].1.unit_price)
        .map(|pair| (pair[1].0, pair[1].1.quantity))
        .min();
    if let Some((index, quantity)) = conflict {
        return Err(fault(&format!("priceBreaks[{index}].quantity"), FaultProblem::ConflictingTiers { quantity }));
    }
    tiers.dedup_by_key(|(_, tier)| tier.quantity);
    Ok(tiers.into_iter().map(|(_, tier)| tier).collect())
}

fn check_price(field: &str, price: Option<Decimal>, allow_free: bool) -> Result<(), Cause> {
    match price {
        Some(price) if !is_price(price, allow_free) => Err(fault(field, FaultProblem::NotPositive(price))),
        _ => Ok(()),
    }
}

fn is_price(price: Decimal, allow_free: bool) -> bool {
    price > Decimal::ZERO || (allow_free && price.is_zero())
}

fn check_quantity(field: &str, quantity: u64) -> Result<(), Cause> {
    if (1..=MAX_QUANTITY).contains(&quantity) {
        return Ok(());
    }
    let most = i64::try_from(MAX_QUANTITY).unwrap_or(i64::MAX);
    Err(fault(field, FaultProblem::OutOfRange { found: quantity.to_string(), least: 1, most }))
}

/// A cause that names a field.
pub(super) fn fault(field: &str, problem: FaultProblem) -> Cause {
    Cause::Invalid(Fault { field: field.to_owned(), problem })
}

/// The cause for amounts beyond exact arithmetic. Prices within the number grammar do not come here unless the
/// rates have more digits than any real rate.
pub(super) fn too_large() -> Cause {
    fault("unitPrice", FaultProblem::TooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_a_minor_unit_is_enough_to_reach_a_limit() {
        // 5 × 0.001 = 0.005 is printed as 0.01.
        let price = PiecePrice::new(Decimal::new(1, 3), 1, 2).unwrap();
        assert_eq!((price.goods(4), price.goods(5), price.first_reaching(1)), (Some(0), Some(1), 5));
        assert_eq!(price.first_reaching(0), 1);
    }

    #[test]
    fn a_limit_may_be_beyond_every_order() {
        let free = PiecePrice::new(Decimal::ZERO, 1, 2).unwrap();
        assert_eq!(free.first_reaching(1), u64::MAX);
        let price = PiecePrice::new(Decimal::ONE, 1, 2).unwrap();
        assert_eq!(price.first_reaching(100_000_000_000), 1_000_000_000);
        assert_eq!(price.first_reaching(100_000_000_001), u64::MAX);
    }

    proptest! {
        #[test]
        fn the_first_order_that_reaches_is_the_first(
            mantissa in 1..=999_999_999_999_i64, scale in 0..=12_u32, unit in 1..=MAX_QUANTITY, digits in 0..=4_u32,
            goods in prop_oneof![1..1_000_i128, 1..10_i128.pow(16)],
        ) {
            let price = PiecePrice::new(Decimal::new(mantissa, scale), unit, digits).unwrap();
            let first = price.first_reaching(goods);
            if first > MAX_QUANTITY {
                prop_assert!(price.goods(MAX_QUANTITY).unwrap() < goods);
            } else {
                prop_assert!(price.goods(first).unwrap() >= goods);
                prop_assert!(first == 1 || price.goods(first - 1).unwrap() < goods);
            }
        }
    }
}
