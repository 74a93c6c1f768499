//! Strategies, required suppliers and minimum responses, on the real binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use serde_json::Value;
use support::{Scene, Supplier, offer, stats};

fn three_prices() -> Vec<(&'static str, Supplier)> {
    vec![
        ("acme", Supplier::replying(&offer("7.00"))),
        ("globex", Supplier::replying(&offer("10.00"))),
        ("initech", Supplier::replying(&offer("10.00"))),
    ]
}

fn scene(suppliers: &[(&str, Supplier)]) -> Scene {
    let urls: Vec<(&str, String)> = suppliers.iter().map(|(name, supplier)| (*name, supplier.url())).collect();
    Scene::of(&urls.iter().map(|(name, url)| (*name, url.as_str())).collect::<Vec<_>>())
}

fn supplier_of(quote: &Value) -> &str {
    quote["supplierId"].as_str().unwrap_or("nobody")
}

#[test]
fn all_selects_the_cheapest() {
    let (document, run) = scene(&three_prices()).json(&["widget"]);
    assert_eq!((run.code, supplier_of(&document["selected"])), (Some(0), "acme"));
    assert_eq!((&document["termination"], &document["quorum"]), (&"all".into(), &Value::Null));
    assert_eq!(document["request"]["quorum"], Value::Null);
}

#[test]
fn best_is_all_with_a_shorter_table() {
    let scene = scene(&three_prices());
    // A second run would know what the first one was told.
    let (all, _) = scene.json(&["widget", "--no-state"]);
    let (best, _) = scene.json(&["widget", "--no-state", "--strategy", "best"]);
    for field in ["selected", "cheapest", "fastest", "allQuotes", "rejected"] {
        assert_eq!(all[field], best[field], "{field}");
    }
    let table = scene.run(&["widget", "--strategy", "best"]).stdout;
    assert!(table.contains("acme") && !table.contains("globex"), "{table}");
}

#[test]
fn first_takes_the_first_ranked_reply_and_cancels_the_rest() {
    let suppliers = vec![
        ("silent", Supplier::silent()),
        ("none", Supplier::replying("[]")),
        ("acme", Supplier::replying(&offer("7"))),
    ];
    let (document, run) = scene(&suppliers).json(&["widget", "--strategy", "first", "--timeout", "60s"]);
    assert_eq!((run.code, supplier_of(&document["selected"])), (Some(0), "acme"));
    assert_eq!(document["termination"], "first");
    assert_eq!(stats(&document, "silent")["errorKind"], "cancelled");
}

#[test]
fn first_waits_for_enough_ranked_replies() {
    let mut suppliers = three_prices();
    suppliers.push(("silent", Supplier::silent()));
    let (document, _) =
        scene(&suppliers).json(&["widget", "--strategy", "first", "--min-responses", "3", "--timeout", "60s"]);
    assert_eq!(document["termination"], "first");
    assert_eq!(document["allQuotes"].as_array().unwrap().len(), 3);
}

#[test]
fn majority_selects_what_most_agree_on() {
    let (document, run) = scene(&three_prices()).json(&["widget", "--strategy", "majority"]);
    assert_eq!(run.code, Some(0));
    assert_eq!(document["selected"]["totalPrice"].to_string(), "10.0");
    assert_eq!(document["quorum"]["required"], 2);
    assert_eq!(document["quorum"]["suppliers"], serde_json::json!(["globex", "initech"]));
    assert_eq!(
        (&document["request"]["quorum"], document["request"]["agreeWithinPercent"].to_string().as_str()),
        (&2.into(), "0")
    );
    // The quorum is the reason whether the cheapest answered before the two or not: a strategy's own reason goes
    // before `all`, which is true as well when the last reply makes the quorum.
    assert_eq!(document["termination"], "quorum");
}

#[test]
fn majority_within_a_tolerance_takes_the_cheapest_of_the_group() {
    let arguments = ["widget", "--strategy", "majority", "--quorum", "3", "--agree-within", "50"];
    let (document, _) = scene(&three_prices()).json(&arguments);
    assert_eq!((supplier_of(&document["selected"]), &document["quorum"]["got"]), ("acme", &3.into()));
}

#[test]
fn a_quorum_out_of_reach_ends_the_run_at_once() {
    let suppliers = vec![
        ("a", Supplier::replying(&offer("1"))),
        ("b", Supplier::replying(&offer("2"))),
        ("c", Supplier::replying(&offer("3"))),
        ("silent", Supplier::silent()),
    ];
    let (document, run) =
        scene(&suppliers).json(&["widget", "--strategy", "majority", "--quorum", "3", "--timeout", "60s"]);
    assert_eq!((run.code, &document["termination"]), (Some(3), &"quorum_impossible".into()));
    assert_eq!((&document["failure"]["kind"], &document["selected"]), (&"quorum_not_reached".into(), &Value::Null));
    assert_eq!((&document["failure"]["required"], &document["failure"]["got"]), (&3.into(), &1.into()));
}

#[test]
fn the_deadline_is_named_when_it_cut_somebody_off() {
    let suppliers = vec![("acme", Supplier::replying(&offer("7"))), ("silent", Supplier::silent())];
    let (document, run) = scene(&suppliers).json(&["widget", "--timeout", "300ms"]);
    assert_eq!((run.code, &document["termination"]), (Some(0), &"deadline".into()));
    let silent = stats(&document, "silent");
    assert_eq!((&silent["errorKind"], &silent["errorPhase"]), (&"timeout".into(), &"headers".into()));
    assert_eq!(silent["error"], "no reply within 300ms");
}

#[test]
fn too_few_responses_are_exit_3_with_the_numbers() {
    let suppliers = vec![("acme", Supplier::replying(&offer("7"))), ("broken", Supplier::with_status("500 Oops", b""))];
    let (document, run) = scene(&suppliers).json(&["widget", "--min-responses", "2"]);
    assert_eq!(run.code, Some(3));
    assert_eq!(document["failure"]["kind"], "insufficient_responses");
    assert_eq!((&document["failure"]["required"], &document["failure"]["got"]), (&2.into(), &1.into()));
    assert_eq!((&document["selected"], supplier_of(&document["cheapest"])), (&Value::Null, "acme"));
}

#[test]
fn a_required_supplier_that_fails_is_exit_3() {
    let suppliers = vec![("acme", Supplier::replying(&offer("7"))), ("broken", Supplier::with_status("500 Oops", b""))];
    let (document, run) = scene(&suppliers).json(&["widget", "--require", "broken"]);
    assert_eq!((run.code, &document["failure"]["kind"]), (Some(3), &"required_missing".into()));
    assert!(document["failure"]["message"].as_str().unwrap().contains("broken"));
    assert_eq!(document["request"]["required"], serde_json::json!(["broken"]));
}
