//! What the suppliers of a run offered, as it is kept for later runs. Secrets that they repeated are masked by now.

use std::mem;

use crate::config::Supplier;
use crate::domain::{Appraised, Charges, Gathered, Outcome};
use crate::mapping::encode_offer;
use crate::plan::Plan;
use crate::store::{Changes, SeenOffer, SeenPrice, StoreError};

/// How many offers of one reply are kept.
const MOST: usize = 50;

/// Takes out what each supplier offered, in their order; `None` = it did not respond.
pub(super) fn take(gathered: &mut Gathered) -> Vec<Option<Vec<Appraised>>> {
    let taken = gathered.reports.iter_mut().map(|report| match &mut report.outcome {
        Outcome::Answered(answer) => Some(mem::take(&mut answer.appraised)),
        Outcome::Failed(_) => None,
    });
    taken.collect()
}

/// Keeps what a supplier offered: the cheapest offers first, then those that could not be ranked. Who answered without an
/// offer is remembered for that.
pub(super) fn keep(
    changes: &Changes<'_>,
    supplier: &Supplier,
    offers: &[Appraised],
    plan: &Plan,
) -> Result<(), StoreError> {
    let mut offers: Vec<&Appraised> = offers.iter().collect();
    offers.sort_by_key(|appraised| appraised.charges.map_or((true, None), |charges| (false, Some(charges.total))));
    let mut rows: Vec<SeenOffer> = offers.into_iter().take(MOST).map(|offer| row(supplier, offer, plan)).collect();
    if rows.is_empty() {
        rows.push(nothing(supplier, plan));
    }
    rows.iter().try_for_each(|row| changes.add_offer(row))?;
    changes.bound_offers(&supplier.name, &plan.request.product)
}

fn nothing(supplier: &Supplier, plan: &Plan) -> SeenOffer {
    SeenOffer {
        supplier: supplier.name.clone(),
        product: plan.request.product.clone(),
        quantity: plan.request.quantity.get(),
        currency: plan.request.currency,
        price: None,
        offer: None,
        valid_until: None,
        quoted_at: plan.started_at,
    }
}

/// What the configuration says of the prices' currency and tax becomes a part of the offer: it may say something else
/// later.
fn row(supplier: &Supplier, appraised: &Appraised, plan: &Plan) -> SeenOffer {
    let mut offer = appraised.offer.clone();
    let terms = &supplier.terms;
    offer.currency = offer.currency.or_else(|| terms.currency.map(|currency| currency.code().to_owned()));
    offer.tax_included_percent = offer.tax_included_percent.or(Some(terms.tax_included_percent));
    let price = |charges: &Charges| SeenPrice { unit: charges.unit_price, total: charges.total };
    SeenOffer {
        price: appraised.charges.as_ref().map(price),
        valid_until: offer.valid_until,
        offer: Some(encode_offer(&offer)),
        ..nothing(supplier, plan)
    }
}
