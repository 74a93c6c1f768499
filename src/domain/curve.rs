//! What one piece costs by how many are ordered.
//!
//! Owns which quantities are looked at: those at which the supplier's price breaks begin. Main type: [`PriceCurve`].

use rust_decimal::Decimal;

use super::evaluate::{Context, evaluate};
use super::{Offer, PriceRequest, Quantity, SupplierName};

/// What a supplier asks for one piece of an offer, by the size of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceCurve {
    /// Whose it is.
    pub supplier: SupplierName,
    /// The supplier's number of the offer.
    pub sku: Option<String>,
    /// By quantity, each quantity once; never empty. A price holds until the next one begins.
    pub points: Vec<PricePoint>,
}

/// A price and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// The order that it begins at.
    pub quantity: u64,
    /// The price of one piece, in the comparison's currency, net of tax, without fees and shipping.
    pub unit_price: Decimal,
}

impl PriceCurve {
    /// The prices of an offer at each of its price breaks. An offer without them is known at the quantity alone that it was
    /// asked for. Orders that the supplier would not take are left out; `None` = it takes none.
    #[must_use]
    pub fn of(supplier: &SupplierName, offer: &Offer, context: &Context<'_>) -> Option<Self> {
        let breaks = offer.price_breaks.as_deref().unwrap_or_default();
        let points = match breaks {
            [] => vec![point(offer, context)?],
            _ => at_breaks(offer, context),
        };
        let sku = offer.identity.sku.clone();
        (!points.is_empty()).then(|| Self { supplier: supplier.clone(), sku, points })
    }

    /// Whether more than one quantity has a price.
    #[must_use]
    pub const fn has_breaks(&self) -> bool {
        self.points.len() > 1
    }
}

fn at_breaks(offer: &Offer, context: &Context<'_>) -> Vec<PricePoint> {
    // Both are about the quantity that was asked for.
    let offer = Offer { quantity: None, total_price: None, ..offer.clone() };
    let at = |tier: &super::PriceBreak| {
        let quantity = Quantity::new(tier.quantity)?;
        let request = PriceRequest { quantity, ..context.request.clone() };
        point(&offer, &Context { request: &request, exact: true, within_days: None, ..*context })
    };
    let mut points: Vec<PricePoint> = offer.price_breaks.iter().flatten().filter_map(at).collect();
    points.sort_by_key(|point| point.quantity);
    points.dedup_by_key(|point| point.quantity);
    points
}

fn point(offer: &Offer, context: &Context<'_>) -> Option<PricePoint> {
    let quote = evaluate(offer, context).ok()?;
    Some(PricePoint { quantity: quote.order_quantity, unit_price: quote.charges.unit_price })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixtures::{eur, money};
    use crate::domain::{PriceBreak, Terms};

    fn curve(offer: &Offer) -> Option<Vec<(u64, String)>> {
        let request = PriceRequest { product: "widget".into(), quantity: Quantity::new(95).unwrap(), currency: eur() };
        let terms = Terms { currency: Some(eur()), ..Terms::plain(eur()) };
        let now = "2026-11-23T10:15:02Z".parse().unwrap();
        let context = Context { request: &request, terms: &terms, rates: None, exact: false, within_days: None, now };
        let curve = PriceCurve::of(&SupplierName::new("acme"), offer, &context)?;
        Some(curve.points.iter().map(|point| (point.quantity, point.unit_price.normalize().to_string())).collect())
    }

    fn tiered(tiers: &[(u64, &str)]) -> Offer {
        let tier = |(quantity, price): &(u64, &str)| PriceBreak { quantity: *quantity, unit_price: money(price) };
        Offer { price_breaks: Some(tiers.iter().map(tier).collect()), in_stock: Some(true), ..Offer::default() }
    }

    fn points(points: &[(u64, &str)]) -> Vec<(u64, String)> {
        points.iter().map(|(quantity, price)| (*quantity, (*price).to_owned())).collect()
    }

    #[test]
    fn each_price_break_is_a_point() {
        let offer = tiered(&[(100, "0.40"), (1, "0.50"), (1000, "0.30")]);
        assert_eq!(curve(&offer), Some(points(&[(1, "0.5"), (100, "0.4"), (1000, "0.3")])));
        let asked = Offer { quantity: Some(95), total_price: Some(money("47.50")), ..offer.clone() };
        assert_eq!(curve(&asked), curve(&offer), "what is said of 95 pieces says nothing of others");
        let short = Offer { stock_quantity: Some(500), ..offer.clone() };
        assert_eq!(curve(&short), Some(points(&[(1, "0.5"), (100, "0.4")])));
        let packed = Offer { order_multiple: Some(30), price_unit: Some(10), ..offer };
        assert_eq!(curve(&packed), Some(points(&[(30, "0.05"), (120, "0.04"), (1020, "0.03")])));
    }

    #[test]
    fn without_price_breaks_the_quantity_that_was_asked_for_is_known() {
        let offer = Offer { unit_price: Some(money("0.50")), in_stock: Some(true), ..Offer::default() };
        assert_eq!(curve(&offer), Some(points(&[(95, "0.5")])));
        assert_eq!(curve(&Offer { in_stock: Some(false), ..offer }), None);
        assert_eq!(curve(&tiered(&[])), None);
    }
}
