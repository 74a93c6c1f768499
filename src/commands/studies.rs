//! From a recording to what is shown of it: the exchanges and the offers of one supplier.

use std::sync::Arc;

use crate::domain::{Cause, Fault, FaultProblem, OfferReply, Study, SupplierName, study};
use crate::mapping::{pretty, price_readings};
use crate::plan::Plan;
use crate::report::{Exchanged, Explanation, Received, ReceivedRows, StudiedOffer};
use crate::transport::{Exchange, Preview, Recorder, Recording, Transport, Watched};

use super::session::Asked;

/// The suppliers, such that their offers are recorded.
pub(super) fn watched(
    plan: &Plan,
    transports: Vec<Arc<dyn Transport>>,
    recorder: &Recorder,
) -> Vec<Arc<dyn Transport>> {
    let watch = |(supplier, transport): (&crate::plan::PlannedSupplier, _)| -> Arc<dyn Transport> {
        Arc::new(Watched::new(supplier.name.clone(), transport, recorder.clone()))
    };
    plan.suppliers.iter().zip(transports).map(watch).collect()
}

/// What there is to tell of the supplier at a position of the plan. What it would be sent stands for a request that no
/// reply came to.
pub(super) fn explanation(asked: &Asked, position: usize) -> Explanation<'_> {
    let Asked { settings, plan, comparison, recording, .. } = asked;
    let supplier = &settings.suppliers[position];
    let name = &supplier.name;
    let failed = comparison.suppliers.iter().any(|stats| stats.supplier == *name && stats.failure.is_some());
    let of_supplier = recording.exchanges.iter().filter(|exchange| exchange.supplier == *name);
    let mut exchanges: Vec<Exchanged> = of_supplier.map(|exchange| exchanged(exchange, failed)).collect();
    if exchanges.is_empty() {
        let Preview { head, headers, body } = asked.preview(position);
        exchanges.push(Exchanged { head, headers, request_body: body, reply: None });
    }
    Explanation {
        supplier: name,
        terms: &supplier.terms,
        has_filter: supplier.quotes.quotes.is_some(),
        exchanges,
        offers: offers(name, position, plan, recording),
        comparison,
    }
}

/// The offers of the last reply that was understood, worked out again.
fn offers(name: &SupplierName, position: usize, plan: &Plan, recording: &Recording) -> Vec<StudiedOffer> {
    let context = plan.context(position);
    let studied = |offer: &OfferReply| {
        let study = study(offer, &context);
        StudiedOffer { offer: offer.clone(), readings: readings(&study), study }
    };
    let mapped = recording.mapped.iter().rev().find(|mapped| mapped.supplier == *name);
    mapped.map(|mapped| mapped.offers.iter().map(studied).collect()).unwrap_or_default()
}

/// The separators by which the text that an offer was rejected for is a price.
pub(super) fn readings(study: &Study) -> Vec<(char, char, String)> {
    match study.result.as_ref().map_err(|rejection| &rejection.cause) {
        Err(Cause::Invalid(Fault { problem: FaultProblem::Number { found, .. }, .. })) => price_readings(found),
        _ => Vec::new(),
    }
}

fn exchanged(exchange: &Exchange, failed: bool) -> Exchanged {
    let Preview { head, headers, body: request_body } = exchange.request.clone();
    let body = String::from_utf8_lossy(&exchange.body).into_owned();
    let rows = exchange
        .list
        .as_ref()
        .map(|list| ReceivedRows { places: list.places.iter().map(ToString::to_string).collect(), count: list.count });
    let received = Received {
        status: exchange.status,
        content_type: exchange.content_type.clone(),
        size: exchange.body.len(),
        pretty: match &rows {
            Some(rows) => Some(pretty_rows(&body, &rows.places)),
            None => pretty(&exchange.body),
        },
        body,
        rows,
    };
    // A list that was not read has no rows; that says nothing of the product.
    let has_reply = exchange.list.as_ref().is_none_or(|list| list.size.is_some() && (!failed || list.count > 0));
    Exchanged { head, headers, request_body, reply: Some(received).filter(|_| has_reply) }
}

/// The first rows of a price list, each below its place.
fn pretty_rows(rows: &str, places: &[String]) -> String {
    let row = |(place, row): (&String, &str)| {
        let row = pretty(row.as_bytes()).unwrap_or_else(|| row.to_owned());
        if place.is_empty() { row + "\n" } else { format!("{place}\n{row}\n") }
    };
    places.iter().zip(rows.lines()).map(row).collect()
}
