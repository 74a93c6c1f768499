//! One offer of a reply.

use super::read;
use crate::domain::{
    Cause, Fault, FaultProblem, MAX_DAYS, Offer, OfferIdentity, OfferReply, PriceBreak, Rejection, SupplierName,
    stated_count,
};
use crate::mapping::json::{Object, Repeated, Value};

/// The fields that are read. Of several faults the first in this order is told.
pub(in crate::mapping) const NAMES: [&str; 23] = [
    "supplierId",
    "productId",
    "quantity",
    "sku",
    "seller",
    "url",
    "packaging",
    "unitPrice",
    "priceUnit",
    "totalPrice",
    "priceBreaks",
    "currency",
    "taxIncludedPercent",
    "inStock",
    "stockQuantity",
    "minimumQuantity",
    "maximumQuantity",
    "orderMultiple",
    "deliveryDays",
    "leadTimeDays",
    "shipping",
    "fees",
    "validUntil",
];

/// A field's name, and its value where the offer has one.
type Field<'v, 'a> = (&'static str, Option<&'v Value<'a>>);

/// Reads one offer. What can be read of a faulty one is kept, so that a person can tell which it is.
///
/// # Errors
/// The path of a key that is read and stands twice.
pub(super) fn decode(object: &Object<'_>, supplier: &SupplierName) -> Result<OfferReply, String> {
    let values = object.pick(&NAMES).map_err(|Repeated(key)| key.to_owned())?;
    let mut reader = Reader::default();
    let offer = reader.offer(&std::array::from_fn(|field| (NAMES[field], values[field])), supplier);
    match (reader.repeated, reader.fault) {
        (Some(path), _) => Err(path),
        (None, Some(fault)) => Ok(OfferReply::Faulty(Box::new(rejection(offer, fault)))),
        (None, None) => Ok(OfferReply::Readable(Box::new(offer))),
    }
}

fn rejection(offer: Offer, fault: Fault) -> Rejection {
    Rejection {
        stock_quantity: stated_count(&offer),
        product: offer.product,
        identity: offer.identity,
        cause: Cause::Invalid(fault),
        order_quantity: None,
        currency: offer.currency,
        unit_price: offer.unit_price,
        total_price: offer.total_price,
    }
}

/// What went wrong so far.
#[derive(Default)]
struct Reader {
    fault: Option<Fault>,
    repeated: Option<String>,
}

impl Reader {
    fn offer(&mut self, fields: &[Field<'_, '_>; 23], supplier: &SupplierName) -> Offer {
        let [
            supplier_id,
            product,
            quantity,
            sku,
            seller,
            url,
            packaging,
            unit_price,
            price_unit,
            total_price,
            price_breaks,
            currency,
            tax,
            in_stock,
            stock,
            minimum,
            maximum,
            multiple,
            delivery_days,
            lead_time_days,
            shipping,
            fees,
            valid_until,
        ] = *fields;
        let supplier_id = self.name(supplier_id).filter(|name| name != supplier.as_str());
        Offer {
            product: self.read(product, read::name),
            quantity: self.read(quantity, read::limit),
            identity: OfferIdentity {
                sku: self.name(sku),
                seller: self.name(seller).or(supplier_id),
                url: self.read(url, read::text),
                packaging: self.name(packaging),
            },
            unit_price: self.read(unit_price, read::decimal),
            price_unit: self.read(price_unit, |value| read::integer(value, 1, read::MAX_PIECES)),
            total_price: self.read(total_price, read::decimal),
            price_breaks: self.price_breaks(price_breaks),
            currency: self.read(currency, read::text),
            tax_included_percent: self.read(tax, read::tax_percent),
            in_stock: self.read(in_stock, read::boolean),
            stock_quantity: self.read(stock, read::stock),
            minimum_quantity: self.read(minimum, read::limit),
            maximum_quantity: self.read(maximum, read::limit),
            order_multiple: self.read(multiple, read::limit),
            delivery_days: self.read(delivery_days, |value| read::integer(value, 0, i64::from(MAX_DAYS))),
            lead_time_days: self.read(lead_time_days, |value| read::integer(value, 0, i64::from(MAX_DAYS))),
            shipping: self.read(shipping, read::decimal),
            fees: self.read(fees, read::decimal),
            valid_until: self.read(valid_until, read::moment),
        }
    }

    fn read<T>(
        &mut self,
        (name, value): Field<'_, '_>,
        read: impl FnOnce(&Value<'_>) -> Result<T, FaultProblem>,
    ) -> Option<T> {
        read(value?).map_err(|problem| self.fault(|| name.to_owned(), problem)).ok()
    }

    /// A name that is empty names nothing.
    fn name(&mut self, field: Field<'_, '_>) -> Option<String> {
        self.read(field, read::name).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
    }

    fn price_breaks(&mut self, (name, value): Field<'_, '_>) -> Option<Vec<PriceBreak>> {
        match value? {
            Value::Array(tiers) => tiers
                .iter()
                .enumerate()
                .map(|(index, tier)| self.price_break(|| format!("{name}[{index}]"), tier))
                .collect(),
            other => {
                self.fault(|| name.to_owned(), read::wrong_type("an array", other));
                None
            }
        }
    }

    fn price_break(&mut self, path: impl Fn() -> String, tier: &Value<'_>) -> Option<PriceBreak> {
        let Value::Object(tier) = tier else {
            self.fault(path, read::wrong_type("an object", tier));
            return None;
        };
        match tier.pick(&["quantity", "unitPrice"]) {
            Ok([quantity, unit_price]) => {
                let quantity =
                    needed(quantity).and_then(|value| read::integer(value, 1, read::MAX_PIECES)).map_err(|problem| {
                        self.fault(|| path() + ".quantity", problem);
                    });
                let unit_price = needed(unit_price).and_then(read::decimal).map_err(|problem| {
                    self.fault(|| path() + ".unitPrice", problem);
                });
                Some(PriceBreak { quantity: quantity.ok()?, unit_price: unit_price.ok()? })
            }
            Err(Repeated(key)) => {
                self.repeated.get_or_insert_with(|| format!("{}.{key}", path()));
                None
            }
        }
    }

    /// Notes a fault, unless there was one before.
    fn fault(&mut self, path: impl FnOnce() -> String, problem: FaultProblem) {
        self.fault.get_or_insert_with(|| Fault { field: path(), problem });
    }
}

fn needed<'v, 'a>(value: Option<&'v Value<'a>>) -> Result<&'v Value<'a>, FaultProblem> {
    value.ok_or(FaultProblem::Missing)
}
