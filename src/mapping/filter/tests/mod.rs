mod allowed;
mod bounds;
mod language;
mod payloads;
mod places;
mod prices;
mod trace;

use super::*;
use crate::domain::{Currency, PriceRequest, Quantity, Secret};
use crate::mapping::Binding;

fn compiled(source: &str) -> Filter {
    Filter::compile(source, &Names::of_request()).unwrap_or_else(|problem| panic!("{source}: {problem}"))
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

fn outputs_within(allowance: Allowance, source: &str, input: &str) -> Vec<String> {
    let filter = compiled(source);
    run::on_own_thread(|| {
        let document = document::read(json::parse(input.as_bytes()).unwrap());
        let written = |outputs: &[Value]| outputs.iter().map(json_text::write).collect::<Vec<_>>();
        match run::run(&filter.program, &document, filter.variables(&request()), allowance, written) {
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
