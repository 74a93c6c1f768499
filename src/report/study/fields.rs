//! The fields of an offer as text.

use crate::domain::{Offer, OfferIdentity, OfferReply, Terms};
use crate::report::amount::{amount, plain};
use crate::report::sanitize::shorten;

/// How many columns of a text are shown.
const TEXT_COLUMNS: usize = 200;

/// The fields that an offer has, by the wire's names and in its order. Of one that could not be read whole, what
/// could be.
pub(in crate::report) fn fields(offer: &OfferReply) -> Vec<(&'static str, String)> {
    let mut fields = match offer {
        OfferReply::Readable(offer) => readable(offer),
        OfferReply::Faulty(rejection) => {
            let known = Offer {
                identity: rejection.identity.clone(),
                currency: rejection.currency.clone(),
                unit_price: rejection.unit_price,
                total_price: rejection.total_price,
                stock_quantity: rejection.stock_quantity.and_then(|count| i64::try_from(count).ok()),
                ..Offer::default()
            };
            readable(&known)
        }
    };
    fields.retain(|(_, value)| value.is_some());
    fields.into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect()
}

fn readable(offer: &Offer) -> Vec<(&'static str, Option<String>)> {
    let text = |text: &Option<String>| text.as_deref().map(|text| shorten(text, TEXT_COLUMNS));
    let count = |count: Option<u64>| count.map(|count| count.to_string());
    let OfferIdentity { sku, seller, packaging, url } = &offer.identity;
    let breaks = |breaks: &Vec<crate::domain::PriceBreak>| {
        let one = |tier: &crate::domain::PriceBreak| format!("{} from {}", tier.unit_price, tier.quantity);
        breaks.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    vec![
        ("productId", text(&offer.product)),
        ("quantity", count(offer.quantity)),
        ("sku", text(sku)),
        ("seller", text(seller)),
        ("url", text(url)),
        ("packaging", text(packaging)),
        ("unitPrice", offer.unit_price.map(|price| price.to_string())),
        ("priceUnit", count(offer.price_unit)),
        ("totalPrice", offer.total_price.map(|price| price.to_string())),
        ("priceBreaks", offer.price_breaks.as_ref().map(breaks)),
        ("currency", text(&offer.currency)),
        ("taxIncludedPercent", offer.tax_included_percent.map(plain)),
        ("inStock", offer.in_stock.map(|is| is.to_string())),
        ("stockQuantity", offer.stock_quantity.map(|count| count.to_string())),
        ("minimumQuantity", count(offer.minimum_quantity)),
        ("maximumQuantity", count(offer.maximum_quantity)),
        ("orderMultiple", count(offer.order_multiple)),
        ("deliveryDays", count(offer.delivery_days.map(u64::from))),
        ("leadTimeDays", count(offer.lead_time_days.map(u64::from))),
        ("shipping", offer.shipping.map(|amount| amount.to_string())),
        ("fees", offer.fees.map(|amount| amount.to_string())),
        ("validUntil", offer.valid_until.map(|moment| moment.to_string())),
    ]
}

/// What the supplier's configuration adds to an offer that does not say it itself, by the wire's names.
pub(in crate::report) fn configured(terms: &Terms, is_said: impl Fn(&str) -> bool) -> Vec<(&'static str, String)> {
    let money = |value| format!("{} {}", amount(value, terms.amounts_in.minor_digits()), terms.amounts_in);
    let free_from = terms.free_shipping_from.map(|from| format!(", free from {}", money(from))).unwrap_or_default();
    let tax = Some(terms.tax_included_percent).filter(|percent| !percent.is_zero());
    let added = [
        ("currency", terms.currency.map(|currency| currency.to_string())),
        ("shipping", terms.shipping.map(|shipping| money(shipping) + &free_from)),
        ("fees", terms.fees.map(money)),
        ("taxIncludedPercent", tax.map(plain)),
    ];
    let added = added.into_iter().filter(|(name, _)| !is_said(name));
    added.filter_map(|(name, value)| Some((name, value?))).collect()
}
