//! Many answers to one request, each of another responder, until enough are there or the time is over.
//!
//! Owns whose an answer is, and that each responder has one. Refuses to know how answers come, and how long is waited for
//! them. Main type: [`Bids`].

use std::collections::HashSet;

use tokio::time::Instant;

use super::{Reply, Responding};
use crate::domain::{Auction, Failure, OfferReply, StrayReplies, SupplierName, WarningKind};
use crate::mapping::{Filter, Names};

/// Where an answer says whose it is, if no offer does.
const NAME: &str = "(if type == \"array\" then .[0] else . end) | objects | .supplierId | strings";

/// What came so far.
#[derive(Debug)]
pub(super) struct Bids {
    auction: SupplierName,
    expect: Option<usize>,
    started: Instant,
    names: HashSet<SupplierName>,
    reply: Reply,
    /// Answers of responders that had answered before.
    repeated: usize,
}

impl Bids {
    /// Begins the auction of a supplier.
    pub(super) fn new(supplier: &SupplierName, auction: Auction) -> Self {
        Self {
            auction: supplier.clone(),
            expect: auction.expect.map(usize::from),
            started: Instant::now(),
            names: HashSet::new(),
            reply: Reply::default(),
            repeated: 0,
        }
    }

    /// Whose an answer is, in its own words; it is looked up in the body where no offer says so.
    fn name(&self, body: &[u8], made: &Result<Vec<OfferReply>, Failure>) -> SupplierName {
        let of_offer = made.iter().flatten().find_map(|offer| match offer {
            OfferReply::Readable(offer) => offer.identity.seller.clone(),
            OfferReply::Faulty(rejection) => rejection.identity.seller.clone(),
        });
        let in_body = || Filter::compile(NAME, &Names::none()).ok()?.apply(body).ok()?.into_iter().next();
        let named = of_offer.or_else(in_body).filter(|name| !name.is_empty());
        self.auction.responder(&named.unwrap_or_else(|| (self.names.len() + 1).to_string()))
    }

    /// Adds an answer: its body, and what was made of it. The first answer of a responder counts.
    pub(super) fn add(&mut self, body: &[u8], made: Result<Vec<OfferReply>, Failure>) {
        let name = self.name(body, &made);
        if !self.names.insert(name.clone()) {
            self.repeated += 1;
            return;
        }
        let (offers, failure) = match made {
            Ok(offers) => (offers, None),
            Err(failure) => (Vec::new(), Some(failure)),
        };
        self.reply.responders.push(Responding { name, offers: offers.len(), took: self.started.elapsed(), failure });
        self.reply.offers.extend(offers.into_iter().map(without_seller));
    }

    /// Whether as many answered as were waited for.
    pub(super) fn is_complete(&self) -> bool {
        self.expect.is_some_and(|expected| self.names.len() >= expected)
    }

    /// What came so far. That somebody answered twice is among its warnings.
    pub(super) fn reply(&self) -> Reply {
        let strays = StrayReplies { late: self.repeated, ..StrayReplies::default() };
        let warning = (self.repeated > 0).then_some(WarningKind::RepliesIgnored { strays });
        Reply { warnings: warning.into_iter().collect(), ..self.reply.clone() }
    }
}

/// Who sells is the responder itself.
fn without_seller(mut offer: OfferReply) -> OfferReply {
    match &mut offer {
        OfferReply::Readable(offer) => offer.identity.seller = None,
        OfferReply::Faulty(rejection) => rejection.identity.seller = None,
    }
    offer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ErrorKind, Offer, OfferIdentity};

    fn offer(seller: Option<&str>) -> OfferReply {
        let identity = OfferIdentity { seller: seller.map(str::to_owned), ..OfferIdentity::default() };
        OfferReply::Readable(Box::new(Offer { identity, ..Offer::default() }))
    }

    fn names(bids: &Bids) -> Vec<String> {
        bids.reply().responders.iter().map(|responder| responder.name.to_string()).collect()
    }

    #[test]
    fn each_responder_has_a_name_and_one_answer() {
        let mut bids = Bids::new(&SupplierName::new("rfq"), Auction { expect: Some(5) });
        bids.add(b"", Ok(vec![offer(Some("acme")), offer(None)]));
        bids.add(b"", Ok(vec![offer(Some("acme"))]));
        bids.add(br#"{"error": "no", "supplierId": "a\u001b[2J/b"}"#, Err(Failure::new(ErrorKind::SupplierError)));
        bids.add(b"[]", Ok(Vec::new()));
        bids.add(br#"[{"supplierId": "globex"}]"#, Ok(vec![offer(None)]));
        assert!(!bids.is_complete());
        bids.add(b"oops", Err(Failure::new(ErrorKind::MalformedJson)));
        assert_eq!(names(&bids), ["rfq/acme", "rfq/a__2J_b", "rfq/3", "rfq/globex", "rfq/5"]);
        assert!(bids.is_complete());
        let reply = bids.reply();
        assert_eq!(reply.warnings.len(), 1, "acme answered twice");
        let counts: Vec<usize> = reply.responders.iter().map(|responder| responder.offers).collect();
        assert_eq!((counts, reply.offers.len()), (vec![2, 0, 0, 1, 0], 3));
    }

    #[test]
    fn without_a_number_an_auction_takes_what_comes() {
        let mut bids = Bids::new(&SupplierName::new("rfq"), Auction::default());
        (0..20).for_each(|number| bids.add(b"", Ok(vec![offer(Some(&number.to_string()))])));
        assert!(!bids.is_complete() && names(&bids).len() == 20);
    }
}
