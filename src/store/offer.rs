//! Offers as they were quoted, so that they can be solved again for another quantity, and looked back on.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Row, named_params};
use rust_decimal::Decimal;

use super::time::{self, SLACK};
use super::{Changes, Store, StoreError};
use crate::domain::{Currency, PreviousPrice, PriceRequest, SupplierName};

/// Longer offers are not kept, in bytes.
const LONGEST: usize = 16 << 10;
/// How many offers of a supplier for a product are kept.
const MOST: u32 = 1000;

/// The table.
pub(super) const STEP: &str = "
    CREATE TABLE offer (
        id INTEGER PRIMARY KEY,
        supplier TEXT NOT NULL,
        product TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        currency TEXT NOT NULL,
        unit_price TEXT NOT NULL,
        total TEXT NOT NULL,
        offer TEXT NOT NULL,
        valid_until INTEGER,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX offer_product ON offer (product, supplier, at);
    CREATE INDEX offer_at ON offer (at);
";

/// What an offer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenPrice {
    /// What a piece cost.
    pub unit: Decimal,
    /// What the order cost in all.
    pub total: Decimal,
}

/// An offer, and what came of it when it was quoted. What is missing is an empty text in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenOffer {
    /// Who made it.
    pub supplier: SupplierName,
    /// What was asked for.
    pub product: String,
    /// How many pieces were asked for, 1…10⁹.
    pub quantity: u64,
    /// The currency of the comparison, which unit price and total are in.
    pub currency: Currency,
    /// What a piece cost and the order in all; `None` = the offer could not be ranked, or there was none.
    pub price: Option<SeenPrice>,
    /// The offer itself, in the wire's format. It is stored as it is. `None` = the supplier answered, and offered nothing.
    pub offer: Option<String>,
    /// The last moment at which it holds; `None` = it does not say.
    pub valid_until: Option<Timestamp>,
    /// When it was quoted.
    pub quoted_at: Timestamp,
}

const COLUMNS: &str = "supplier, product, quantity, currency, unit_price, total, offer, valid_until, at";

/// The prices of one reply. The index leads to it from its end, over replies that are passed by alone.
const EARLIER: &str = "
    WITH priced AS (
        SELECT unit_price, total, at FROM offer
        WHERE product = :product AND supplier = :supplier AND quantity = :quantity AND currency = :currency AND total <> '')
    SELECT unit_price, total, at FROM priced WHERE at = coalesce(
        (SELECT at FROM priced WHERE at <= :settled ORDER BY at DESC LIMIT 1),
        (SELECT at FROM priced WHERE at > :settled AND at <= :latest ORDER BY at LIMIT 1))
";

impl SeenOffer {
    /// Reads a row; `None` when it makes no sense.
    fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let (currency, unit_price, total): (String, String, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let (quantity, quoted_at): (i64, i64) = (row.get(2)?, row.get(8)?);
        let valid_until: Option<i64> = row.get(7)?;
        let (supplier, product, offer): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(6)?);
        let understood = || {
            Some(Self {
                supplier: SupplierName::new(&supplier),
                product,
                quantity: u64::try_from(quantity).ok()?,
                currency: Currency::parse(&currency).ok()?,
                price: match (unit_price.as_str(), total.as_str()) {
                    ("", "") => None,
                    (unit, total) => Some(SeenPrice {
                        unit: Decimal::from_str_exact(unit).ok()?,
                        total: Decimal::from_str_exact(total).ok()?,
                    }),
                },
                offer: Some(offer).filter(|offer| !offer.is_empty()),
                valid_until: match valid_until {
                    Some(until) => Some(time::stamp(until)?),
                    None => None,
                },
                quoted_at: time::stamp(quoted_at)?,
            })
        };
        Ok(understood())
    }
}

impl Store {
    /// All offers for a product, oldest first, in the order in which they were kept. Nothing that was quoted longer than
    /// `max_age` ago or in the future counts.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn offers_over_time(
        &self,
        product: &str,
        max_age: Duration,
        now: Timestamp,
    ) -> Result<Vec<SeenOffer>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM offer WHERE product = :product AND at BETWEEN :oldest AND :latest ORDER BY at, id"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let oldest = now.checked_sub(max_age).unwrap_or(Timestamp::MIN);
        let latest = now.checked_add(SLACK).unwrap_or(Timestamp::MAX);
        let parameters = named_params! {
            ":product": product,
            ":oldest": oldest.as_millisecond(),
            ":latest": latest.as_millisecond(),
        };
        let rows = statement.query_map(parameters, SeenOffer::read)?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}

impl Store {
    /// The prices of one earlier reply of a supplier to a request: of the newest up to `settled`, else of the oldest after
    /// that. What was quoted in the future does not count.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn earlier_prices(
        &self,
        supplier: &SupplierName,
        request: &PriceRequest,
        settled: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<PreviousPrice>, StoreError> {
        let mut statement = self.connection.prepare_cached(EARLIER)?;
        let latest = now.checked_add(SLACK).unwrap_or(Timestamp::MAX);
        let parameters = named_params! {
            ":product": request.product,
            ":supplier": supplier.as_str(),
            ":quantity": i64::try_from(request.quantity.get()).unwrap_or(i64::MAX),
            ":currency": request.currency.code(),
            ":settled": settled.as_millisecond(),
            ":latest": latest.as_millisecond(),
        };
        let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?));
        let rows = statement.query_map(parameters, read)?.collect::<Result<Vec<_>, _>>()?;
        let price = |(unit_price, total, at): (String, String, i64)| {
            Some(PreviousPrice {
                unit_price: Decimal::from_str_exact(&unit_price).ok()?,
                total: Decimal::from_str_exact(&total).ok()?,
                quoted_at: time::stamp(at)?,
            })
        };
        Ok(rows.into_iter().filter_map(price).collect())
    }
}

impl Changes<'_> {
    /// Keeps an offer, unless its text has more than 16 kB. It must hold no secret.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_offer(&self, seen: &SeenOffer) -> Result<(), StoreError> {
        let SeenOffer { supplier, product, quantity, currency, price, offer, valid_until, quoted_at } = seen;
        let offer = offer.as_deref().unwrap_or_default();
        if offer.len() > LONGEST {
            return Ok(());
        }
        let amount = |amount: fn(&SeenPrice) -> Decimal| price.as_ref().map(|price| amount(price).to_string());
        let change = format!(
            "INSERT INTO offer ({COLUMNS}) VALUES (:supplier, :product, :quantity, :currency, :unit_price, :total, :offer,
                :valid_until, :at)"
        );
        self.transaction.prepare_cached(&change)?.execute(named_params! {
            ":supplier": supplier.as_str(),
            ":product": product,
            ":quantity": i64::try_from(*quantity).unwrap_or(i64::MAX),
            ":currency": currency.code(),
            ":unit_price": amount(|price| price.unit).unwrap_or_default(),
            ":total": amount(|price| price.total).unwrap_or_default(),
            ":offer": offer,
            ":valid_until": valid_until.map(Timestamp::as_millisecond),
            ":at": quoted_at.as_millisecond(),
        })?;
        Ok(())
    }

    /// Forgets what a supplier offered for a product, but for the last 1,000 offers.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn bound_offers(&self, supplier: &SupplierName, product: &str) -> Result<(), StoreError> {
        let among = "product = :product AND supplier = :supplier";
        let change = format!(
            "DELETE FROM offer WHERE {among} AND (at, id) <= (
                SELECT at, id FROM offer WHERE {among} ORDER BY at DESC, id DESC LIMIT 1 OFFSET :most)"
        );
        self.transaction.prepare_cached(&change)?.execute(named_params! {
            ":supplier": supplier.as_str(),
            ":product": product,
            ":most": MOST,
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixtures::{DAY, moment};
    use super::*;

    fn seen(supplier: &str, sku: &str, at: i64) -> SeenOffer {
        SeenOffer {
            supplier: SupplierName::new(supplier),
            product: "widget".to_owned(),
            quantity: 95,
            currency: Currency::parse("EUR").unwrap(),
            price: Some(SeenPrice { unit: Decimal::new(45, 2), total: Decimal::new(4_780, 2) }),
            offer: Some(format!(r#"{{"sku":"{sku}"}}"#)),
            valid_until: None,
            quoted_at: moment(at),
        }
    }

    fn add(store: &mut Store, offers: &[SeenOffer]) {
        store.record(moment(0), |changes| offers.iter().try_for_each(|offer| changes.add_offer(offer))).unwrap();
    }

    #[test]
    fn the_last_thousand_are_kept_for_each_supplier_and_product() {
        let mut store = Store::in_memory().unwrap();
        let other = SeenOffer { product: "gadget".to_owned(), ..seen("acme", "G-1", 1) };
        add(&mut store, &[other, seen("bolt", "B-1", 1)]);
        add(&mut store, &(0..=1001).map(|at| seen("acme", "A-1", at)).collect::<Vec<_>>());
        let bound = |changes: &Changes<'_>| changes.bound_offers(&SupplierName::new("acme"), "widget");
        store.record(moment(0), bound).unwrap();
        let kept = store.offers_over_time("widget", DAY, moment(2000)).unwrap();
        assert_eq!((kept.len(), kept[0].supplier.as_str(), kept[1].quoted_at), (1001, "bolt", moment(2)));
        assert_eq!(store.offers_over_time("gadget", DAY, moment(2000)).unwrap().len(), 1);
        store.record(moment(0), bound).unwrap();
        assert_eq!(store.offers_over_time("widget", DAY, moment(2000)).unwrap().len(), 1001);
    }

    #[test]
    fn offers_over_time_come_oldest_first() {
        let mut store = Store::in_memory().unwrap();
        let offers = [30, 10, 500, 20].map(|at| seen("acme", "A-1", at));
        add(&mut store, &offers);
        let times = |age| {
            let offers = store.offers_over_time("widget", Duration::from_secs(age), moment(100)).unwrap();
            offers.iter().map(|offer| offer.quoted_at).collect::<Vec<_>>()
        };
        assert_eq!(times(1000), [10, 20, 30].map(moment));
        assert_eq!(times(80), [20, 30].map(moment));
    }

    #[test]
    fn an_earlier_reply_is_the_newest_that_has_settled_else_the_oldest() {
        let mut store = Store::in_memory().unwrap();
        let offer = |cents, at| SeenOffer {
            price: Some(SeenPrice { unit: Decimal::new(cents, 2), total: Decimal::new(cents, 2) }),
            ..seen("acme", "", at)
        };
        let request = |product: &str, quantity, currency| PriceRequest {
            product: product.to_owned(),
            quantity: crate::domain::Quantity::new(quantity).unwrap(),
            currency: Currency::parse(currency).unwrap(),
        };
        let widget = request("widget", 95, "EUR");
        let find = |store: &Store, supplier, request: &PriceRequest, settled| {
            let found = store.earlier_prices(&SupplierName::new(supplier), request, moment(settled), moment(100));
            found.unwrap().iter().map(|price| price.total.mantissa()).collect::<Vec<_>>()
        };
        assert_eq!(find(&store, "acme", &widget, 50), [] as [i128; 0]);
        let unpriced = SeenOffer { price: None, ..offer(0, 49) };
        let others = [
            SeenOffer { quantity: 96, ..offer(1, 49) },
            SeenOffer { currency: Currency::parse("USD").unwrap(), ..offer(2, 49) },
            SeenOffer { product: "gadget".to_owned(), ..offer(3, 49) },
            seen("bolt", "", 49),
        ];
        add(&mut store, &others);
        add(&mut store, &[offer(60, 60), offer(61, 60), offer(70, 70), offer(500, 500), unpriced]);
        assert_eq!(find(&store, "acme", &widget, 50), [60, 61]);
        assert_eq!(find(&store, "acme", &widget, 65), [60, 61]);
        assert_eq!(find(&store, "acme", &widget, 70), [70]);
        assert_eq!(find(&store, "acme", &request("widget", 96, "EUR"), 50), [1]);
        assert_eq!(find(&store, "acme", &request("widget", 95, "USD"), 50), [2]);
        assert_eq!(find(&store, "acme", &request("gadget", 95, "EUR"), 50), [3]);
        assert_eq!(find(&store, "acme", &request("Widget", 95, "EUR"), 50), [] as [i128; 0]);
    }

    #[test]
    fn an_earlier_reply_is_found_without_reading_the_table_through() {
        let store = Store::in_memory().unwrap();
        let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {EARLIER}")).unwrap();
        let parameters = vec![0; statement.parameter_count()];
        let steps = statement.query_map(rusqlite::params_from_iter(parameters), |row| row.get(3)).unwrap();
        let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
        let is_quick = |step: &String| !step.starts_with("SCAN") && !step.contains("TEMP B-TREE");
        assert!(steps.len() > 2 && steps.iter().all(is_quick), "{steps:?}");
    }

    #[test]
    fn an_immense_offer_is_not_kept() {
        let mut store = Store::in_memory().unwrap();
        let immense = |bytes| SeenOffer { offer: Some("x".repeat(bytes)), ..seen("acme", "", 1) };
        add(&mut store, &[immense(LONGEST), immense(LONGEST + 1)]);
        assert_eq!(store.offers_over_time("widget", DAY, moment(2)).unwrap(), [immense(LONGEST)]);
    }

    #[test]
    fn an_offer_that_makes_no_sense_is_left_out() {
        let mut store = Store::in_memory().unwrap();
        add(&mut store, &[seen("acme", "A-1", 1), seen("bolt", "B-1", 1)]);
        for broken in ["currency = 'XXX'", "total = '1e5'", "quantity = -1", "valid_until = 9223372036854775807"] {
            let undo = store.connection.unchecked_transaction().unwrap();
            undo.execute(&format!("UPDATE offer SET {broken} WHERE supplier = 'acme'"), []).unwrap();
            assert_eq!(store.offers_over_time("widget", DAY, moment(2)).unwrap(), [seen("bolt", "B-1", 1)], "{broken}");
            undo.rollback().unwrap();
        }
    }

    proptest! {
        #[test]
        fn every_offer_comes_back_as_it_was(
            product in "\\PC{0,40}", offer in "\\PC{0,40}", quantity in 1..=1_000_000_000_u64,
            mantissa in any::<i64>(), scale in 0..28_u32, until in prop::option::of(0..1_000_000_i64),
            is_ranked in any::<bool>(),
        ) {
            let mut store = Store::in_memory().unwrap();
            let price = Decimal::new(mantissa, scale);
            let valid_until = until.map(moment);
            let offer = Some(offer).filter(|offer| !offer.is_empty());
            let price = is_ranked.then_some(SeenPrice { unit: price, total: price });
            let kept = SeenOffer { product, quantity, price, offer, valid_until, ..seen("acme", "", 1) };
            add(&mut store, std::slice::from_ref(&kept));
            let found = store.offers_over_time(&kept.product, DAY, moment(1)).unwrap();
            let digits = |seen: &SeenOffer| seen.price.map(|price| price.unit.to_string());
            prop_assert_eq!(digits(&found[0]), digits(&kept));
            prop_assert_eq!(found, [kept]);
        }
    }
}
