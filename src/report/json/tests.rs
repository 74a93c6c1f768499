//! The document's exact shape, and that the published schema holds for whatever is written.

use std::time::Duration;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use serde_json::Value;

use super::*;
use crate::compare::{Gate, GateKind, Quorum, RunFailure};
use crate::domain::{ErrorKind as K, Failure, Phase as P, Strategy, SupplierName, Warning, WarningKind};
use crate::report::sanitize::tests::{hostile, is_forbidden};
use crate::report::scene;

fn valid(comparison: &Comparison) -> (String, Value) {
    let text = document(comparison);
    let value: Value = serde_json::from_str(&text).unwrap();
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new());
    (text, value)
}

#[test]
fn the_whole_document() {
    let (text, _) = valid(&scene::full());
    let version = format!("\"pricecmpVersion\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(text.replace(&version, "\"pricecmpVersion\": \"0.1.0\""), include_str!("example.json"));
}

#[test]
fn the_whole_schema() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["title"], "pricecmp output");
    assert!(jsonschema::meta::is_valid(&schema));
    let objects = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for object in objects {
        assert_eq!(object["additionalProperties"], false, "{object}");
        let properties = object["properties"].as_object().unwrap();
        assert_eq!(object["required"].as_array().unwrap().len(), properties.len(), "{object}");
    }
    let quote = &schema["$defs"]["Quote"]["properties"];
    assert_eq!(quote["totalPrice"]["type"], "number");
    assert_eq!(quote["shipping"]["type"], serde_json::json!(["number", "null"]));
    assert_eq!(quote["source"]["enum"], serde_json::json!(["live", "history"]));
    let kinds = &schema["$defs"]["Stats"]["properties"]["errorKind"]["enum"];
    assert!(kinds.as_array().unwrap().contains(&Value::Null) && kinds.as_array().unwrap().len() == 28, "{kinds}");
}

#[test]
fn the_schema_refuses_what_is_never_written() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (_, document) = valid(&scene::full());
    let broken = |change: fn(&mut Value)| {
        let mut document = document.clone();
        change(&mut document);
        !validator.is_valid(&document)
    };
    assert!(broken(|document| document["extra"] = Value::Null));
    assert!(broken(|document| document["termination"] = "tired".into()));
    assert!(broken(|document| document["cheapest"]["totalPrice"] = "35.93".into()));
    assert!(broken(|document| {
        document["allQuotes"][0].as_object_mut().unwrap().remove("sku");
    }));
}

#[test]
fn amounts_keep_their_digits_in_every_currency() {
    for (currency, total, unit, written) in [
        ("JPY", "1200", "12.5", ("1200", "12.5")),
        ("BHD", "1.5", "0.015", ("1.500", "0.015")),
        (
            "EUR",
            "999999999999999999999.99",
            "999999999999.999999999999",
            ("999999999999999999999.99", "999999999999.999999999999"),
        ),
        ("EUR", "0.00", "0", ("0.00", "0.00")),
    ] {
        let mut comparison = scene::ranked(vec![scene::quote("acme", unit, total, None)]);
        comparison.request.currency = crate::domain::Currency::parse(currency).unwrap();
        let (text, _) = valid(&comparison);
        assert!(text.contains(&format!("\"totalPrice\": {},\n", written.0)), "{text}");
        assert!(text.contains(&format!("\"unitPrice\": {},\n", written.1)), "{text}");
    }
}

#[test]
fn failures_gates_and_quorum_have_their_shapes() {
    let missing = vec![SupplierName::new("acme")];
    for (failure, exit, required, got) in [
        (RunFailure::NoAvailableSupplier, 1, Value::Null, Value::Null),
        (RunFailure::InsufficientResponses { required: 2, got: 1 }, 3, 2.into(), 1.into()),
        (RunFailure::RequiredMissing { required: 3, missing }, 3, 3.into(), 2.into()),
        (RunFailure::QuorumNotReached { required: 2, got: 0 }, 3, 2.into(), 0.into()),
    ] {
        let kind = failure.as_str();
        let mut comparison = scene::empty();
        comparison.failure = Some(failure);
        comparison.quorum = Some(Quorum { required: 2, got: 1, suppliers: vec![SupplierName::new("acme")] });
        comparison.criteria.strategy = Strategy::Majority;
        comparison.criteria.quorum = Some(2);
        comparison.criteria.agree_within_percent = Some(scene::money("2.50"));
        comparison.gates =
            vec![Gate { kind: GateKind::MaxTotal, limit: scene::money("40"), actual: None, passed: false }];
        let (_, document) = valid(&comparison);
        assert_eq!((&document["failure"]["kind"], &document["exitCode"]), (&kind.into(), &exit.into()));
        assert_eq!((&document["failure"]["required"], &document["failure"]["got"]), (&required, &got));
        assert_eq!(document["gates"][0]["actual"], Value::Null);
        assert_eq!(document["quorum"], serde_json::json!({"required": 2, "got": 1, "suppliers": ["acme"]}));
        assert_eq!(document["request"]["agreeWithinPercent"].to_string(), "2.5");
    }
}

#[test]
fn every_word_of_a_failure_is_in_the_schema() {
    let kinds = [
        K::Dns,
        K::Connect,
        K::Tls,
        K::Proxy,
        K::Timeout,
        K::ConnectionClosed,
        K::HttpProtocol,
        K::HttpStatus,
        K::RateLimited,
        K::RedirectRefused,
        K::HeadersTooLarge,
        K::BodyTooLarge,
        K::BadEncoding,
        K::MalformedJson,
        K::Mapping,
        K::SupplierError,
        K::BrokerUnreachable,
        K::BrokerAuth,
        K::BrokerUnroutable,
        K::BrokerTopic,
        K::BrokerReply,
        K::LocalResource,
        K::Cancelled,
        K::Internal,
    ];
    let phases = [P::Dns, P::Connect, P::Tls, P::Headers, P::Body, P::Reply, P::Mapping];
    let failures = kinds.map(Failure::new).into_iter();
    let timeouts = phases.map(|phase| Failure::timeout(phase, Duration::from_secs(1)));
    let mut comparison = scene::empty();
    comparison.suppliers = failures.chain(timeouts).map(|failure| scene::failed("acme", 1, failure)).collect();
    let readable = WarningKind::ReadableByOthers { path: "suppliers.toml".into() };
    comparison.warnings = vec![Warning { kind: readable, supplier: None }];
    let (_, document) = valid(&comparison);
    let written = document["supplierStats"].as_array().unwrap();
    assert_eq!(written.len(), 31);
    assert_eq!(written[30]["errorPhase"], "mapping");
}

#[test]
fn what_could_act_on_a_terminal_is_escaped_and_nothing_is_lost() {
    let text = "\u{1b}[2J \u{7f}\u{9b} \u{202e}\u{200b}\u{feff}\u{2028} \u{e0041} ok é 東 \" \\";
    let mut comparison = scene::full();
    comparison.request.product = text.into();
    let (written, document) = valid(&comparison);
    assert_eq!(document["request"]["productId"], text);
    assert!(
        written.contains(r#""\u001b[2J \u007f\u009b \u202e\u200b\ufeff\u2028 \udb40\udc41 ok é 東 \" \\""#),
        "{written}"
    );
}

proptest! {
    #[test]
    fn hostile_text_survives_and_is_harmless(text in hostile(), detail in hostile()) {
        let mut comparison = scene::full();
        comparison.request.product = text.clone();
        comparison.quotes[0].quote.identity.sku = Some(text.clone());
        comparison.rejected[0].rejection.currency = Some(text.clone());
        comparison.suppliers.push(scene::failed("x", 1, Failure::new(K::Mapping).with_detail(detail)));
        let (written, document) = valid(&comparison);
        prop_assert!(!written.replace('\n', "").chars().any(is_forbidden));
        prop_assert_eq!(&document["allQuotes"][0]["sku"], &Value::from(text.clone()));
        prop_assert_eq!(&document["rejected"][0]["currency"], &Value::from(text));
    }
}
