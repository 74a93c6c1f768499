//! Offers as text: what is read here is what was written.

use super::json::Value;
use super::{json, offer};
use crate::domain::{Offer, OfferReply, PriceBreak, SupplierName};

/// Writes an offer as one JSON object. Absent fields are left out.
#[must_use]
pub fn encode_offer(offer: &Offer) -> String {
    let Offer {
        identity,
        product,
        quantity,
        unit_price,
        price_unit,
        total_price,
        price_breaks,
        currency,
        tax_included_percent,
        in_stock,
        stock_quantity,
        minimum_quantity,
        maximum_quantity,
        order_multiple,
        delivery_days,
        lead_time_days,
        shipping,
        fees,
        valid_until,
    } = offer;
    let fields = [
        ("productId", product.as_deref().map(text)),
        ("quantity", quantity.map(plain)),
        ("sku", identity.sku.as_deref().map(text)),
        ("seller", identity.seller.as_deref().map(text)),
        ("url", identity.url.as_deref().map(text)),
        ("packaging", identity.packaging.as_deref().map(text)),
        ("unitPrice", unit_price.map(plain)),
        ("priceUnit", price_unit.map(plain)),
        ("totalPrice", total_price.map(plain)),
        ("priceBreaks", price_breaks.as_deref().map(tiers)),
        ("currency", currency.as_deref().map(text)),
        ("taxIncludedPercent", tax_included_percent.map(plain)),
        ("inStock", in_stock.map(plain)),
        ("stockQuantity", stock_quantity.map(plain)),
        ("minimumQuantity", minimum_quantity.map(plain)),
        ("maximumQuantity", maximum_quantity.map(plain)),
        ("orderMultiple", order_multiple.map(plain)),
        ("deliveryDays", delivery_days.map(plain)),
        ("leadTimeDays", lead_time_days.map(plain)),
        ("shipping", shipping.map(plain)),
        ("fees", fees.map(plain)),
        ("validUntil", valid_until.map(|until| text(&until.to_string()))),
    ];
    let written = fields.into_iter().filter_map(|(name, value)| Some(format!("\"{name}\":{}", value?)));
    format!("{{{}}}", written.collect::<Vec<_>>().join(","))
}

/// Reads one offer; `None` when it is not one.
#[must_use]
pub fn decode_offer(text: &str, supplier: &SupplierName) -> Option<Offer> {
    let Ok(Value::Object(object)) = json::parse(text.as_bytes()) else { return None };
    match offer::decode(&object, supplier) {
        Ok(OfferReply::Readable(offer)) => Some(*offer),
        Ok(OfferReply::Faulty(_)) | Err(_) => None,
    }
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn plain<T: ToString + Copy>(value: T) -> String {
    value.to_string()
}

fn tiers(tiers: &[PriceBreak]) -> String {
    let tier = |tier: &PriceBreak| format!("{{\"quantity\":{},\"unitPrice\":{}}}", tier.quantity, tier.unit_price);
    format!("[{}]", tiers.iter().map(tier).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::option::of;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::OfferIdentity;

    fn amount() -> impl Strategy<Value = Decimal> {
        (0..=999_999_999_999_i64, 0..=12_u32).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
    }

    fn name() -> impl Strategy<Value = String> {
        "[^ ]\\PC{0,8}[^ ]".prop_map(|text| text.trim().to_owned()).prop_filter("a name", |text| !text.is_empty())
    }

    fn identity() -> impl Strategy<Value = OfferIdentity> {
        (of(name()), of(name()), of(name()), of("\\PC{0,9}")).prop_map(|(sku, seller, packaging, url)| OfferIdentity {
            sku,
            seller,
            packaging,
            url,
        })
    }

    fn prices() -> impl Strategy<Value = Offer> {
        let tier = (1..=1_000_000_000_u64, amount());
        let tier = tier.prop_map(|(quantity, unit_price)| PriceBreak { quantity, unit_price });
        (
            of(amount()),
            of(1..=1_000_000_000_u64),
            of(amount()),
            of(prop::collection::vec(tier, 0..4)),
            of(amount()),
            of(amount()),
        )
            .prop_map(|(unit_price, price_unit, total_price, price_breaks, shipping, fees)| Offer {
                unit_price,
                price_unit,
                total_price,
                price_breaks,
                shipping,
                fees,
                ..Offer::default()
            })
    }

    fn limits() -> impl Strategy<Value = Offer> {
        let count = || of(0..=999_999_999_999_u64);
        (
            of(any::<bool>()),
            of(-999_999_999_999..=999_999_999_999_i64),
            count(),
            count(),
            count(),
            of(0..=3650_u16),
            of(0..=3650_u16),
        )
            .prop_map(|(in_stock, stock, minimum, maximum, multiple, delivery_days, lead_time_days)| Offer {
                in_stock,
                stock_quantity: stock,
                minimum_quantity: minimum,
                maximum_quantity: maximum,
                order_multiple: multiple,
                delivery_days,
                lead_time_days,
                ..Offer::default()
            })
    }

    proptest! {
        #[test]
        fn an_offer_comes_back_as_it_was(
            identity in identity(), prices in prices(), limits in limits(), product in of("\\PC{0,9}"),
            quantity in of(1..=1_000_000_000_u64), currency in of("\\PC{0,5}"), tax in of(0..=100_i64),
            until in of(0..=100_000_000_000_000_i64),
        ) {
            let offer = Offer {
                identity,
                product,
                quantity,
                currency,
                tax_included_percent: tax.map(Decimal::from),
                valid_until: until.and_then(|until| Timestamp::from_millisecond(until).ok()),
                unit_price: prices.unit_price,
                price_unit: prices.price_unit,
                total_price: prices.total_price,
                price_breaks: prices.price_breaks,
                shipping: prices.shipping,
                fees: prices.fees,
                ..limits
            };
            let read = decode_offer(&encode_offer(&offer), &SupplierName::new("acme"));
            prop_assert_eq!(read, Some(offer));
        }
    }

    #[test]
    fn what_is_no_offer_is_none() {
        for text in ["", "[]", "{\"unitPrice\":true}", "{\"sku\":1,\"sku\":2}"] {
            assert_eq!(decode_offer(text, &SupplierName::new("acme")), None, "{text}");
        }
    }

    #[test]
    fn stock_beyond_counting_stays_so() {
        let offer = Offer { stock_quantity: Some(1_000_000_000_000_000_000), ..Offer::default() };
        assert_eq!(decode_offer(&encode_offer(&offer), &SupplierName::new("acme")), Some(offer));
    }
}
