//! Replies to a question about several lines: which offer is for which line.

use std::collections::HashMap;

use crate::domain::{ErrorKind, Failure, OfferReply, PriceRequest};

/// Sorts the offers of a reply by the lines that were asked about, in the lines' order. An offer is for the line whose
/// product it names. What names another product goes to each line that nothing else came for, where it is seen to be the
/// wrong quote.
///
/// # Errors
/// `mapping` when an offer names no product: nobody knows what it is for.
pub(super) fn sort(lines: &[&PriceRequest], offers: Vec<OfferReply>) -> Result<Vec<Vec<OfferReply>>, Failure> {
    let positions: HashMap<String, usize> =
        lines.iter().enumerate().map(|(position, line)| (folded(&line.product), position)).collect();
    let mut sorted: Vec<Vec<OfferReply>> = lines.iter().map(|_| Vec::new()).collect();
    let mut others = Vec::new();
    for (number, offer) in offers.into_iter().enumerate() {
        let Some(product) = product(&offer) else { return Err(nameless(number)) };
        match positions.get(&folded(product)) {
            Some(position) => sorted[*position].push(offer),
            None => others.push(offer),
        }
    }
    for offers in sorted.iter_mut().filter(|offers| offers.is_empty()) {
        offers.clone_from(&others);
    }
    Ok(sorted)
}

fn product(offer: &OfferReply) -> Option<&str> {
    match offer {
        OfferReply::Readable(offer) => offer.product.as_deref(),
        OfferReply::Faulty(rejection) => rejection.product.as_deref(),
    }
}

/// A name as it is compared: without blanks around it, and whatever its case.
fn folded(product: &str) -> String {
    product.trim().to_ascii_lowercase()
}

fn nameless(number: usize) -> Failure {
    let detail = format!("offer {number} has no `productId`, which says which of the lines it is for");
    Failure::new(ErrorKind::Mapping).with_detail(detail)
}
