mod allowed;
mod bounds;
mod language;
mod payloads;
mod places;
mod prices;
mod trace;

use super::*;
use crate::domain::{Currency, OfferReply, PriceRequest, Quantity, Secret, SupplierName};
use crate::mapping::{Binding, Mapping};

fn compiled(source: &str) -> Filter {
    Filter::compile(source, &Names::of_request()).unwrap_or_else(|problem| panic!("{source}: {problem}"))
}

/// What replies mean with this filter for `quotes`.
fn mapping(source: &str) -> Mapping {
    Mapping { quotes: Some(compiled(source)), ..Mapping::default() }
}

/// The offers of a reply.
fn read(source: &str, reply: &[u8]) -> Result<Vec<OfferReply>, Failure> {
    mapping(source).read(reply, &request(), &SupplierName::new("acme")).map(|page| page.offers)
}

/// The same, if that takes little.
fn read_at_once(source: &str, reply: &[u8]) -> Option<Result<Vec<OfferReply>, Failure>> {
    let page = mapping(source).read_at_once(reply, &request(), &SupplierName::new("acme"));
    page.map(|page| page.map(|page| page.offers))
}

fn request() -> Bindings {
    request_for("widget")
}

fn request_for(product: &str) -> Bindings {
    let request = PriceRequest {
        product: product.to_owned(),
        quantity: Quantity::new(95).unwrap(),
        currency: Currency::parse("EUR").unwrap(),
    };
    Bindings::new(Arc::new(request), Arc::new([]))
}

/// What the filter yields for the input, as JSON; the last one is the error that ended it, if one did.
fn outputs(source: &str, input: &str) -> Vec<String> {
    outputs_within(MUCH, source, input)
}

fn outputs_within(mut allowance: Allowance, source: &str, input: &str) -> Vec<String> {
    let filter = compiled(source);
    run::on_own_thread(|| {
        let document = document::read(json::parse(input.as_bytes()).unwrap());
        let written = |outputs: &[Value]| outputs.iter().map(json_text::write).collect::<Vec<_>>();
        match run::run(&filter.program, &document, filter.variables(&request()), &mut allowance, written) {
            Ok(outputs) => outputs,
            Err(trouble) => vec![format!("error: {}", trouble.failure().detail.unwrap_or_default())],
        }
    })
    .unwrap()
}

/// What the filter yields, joined by spaces.
#[track_caller]
fn assert_yields(source: &str, input: &str, expected: &str) {
    assert_eq!(outputs(source, input).join(" "), expected, "{source} on {input}");
}

/// The same for a filter that needs no input.
#[track_caller]
fn assert_is(source: &str, expected: &str) {
    assert_yields(source, "null", expected);
}
