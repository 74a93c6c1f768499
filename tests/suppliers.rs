//! `pricecmp suppliers`, on the real binary: what runs before it have learned.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::process::Command;

use serde_json::{Value, json};
use support::{Run, Scene, Supplier, offer};

/// Two suppliers after so many runs. They answer as long as they are kept.
fn after(runs: usize) -> (Scene, [Supplier; 2]) {
    let suppliers = [Supplier::replying(&offer("1.50")), Supplier::with_status("500 Oops", b"")];
    let scene = Scene::of(&[("good", &suppliers[0].url()), ("bad", &suppliers[1].url())]);
    for _ in 0..runs {
        assert_eq!(scene.run(&["widget"]).code, Some(0));
    }
    (scene, suppliers)
}

/// The document, held to its published schema.
fn listed(scene: &Scene) -> Vec<Value> {
    let run = scene.run(&["suppliers", "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let schema = Command::new(env!("CARGO_BIN_EXE_pricecmp")).args(["schema", "health"]).output().unwrap().stdout;
    let validator = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(errors, [] as [String; 0], "{document:#}");
    assert_eq!(document["schemaVersion"], 1);
    document["suppliers"].as_array().unwrap().clone()
}

#[test]
fn the_health_of_every_supplier_is_listed_for_scripts() {
    let (scene, _suppliers) = after(5);
    let [good, bad] = &listed(&scene)[..] else { panic!("there are two") };
    assert_eq!((&good["supplier"], &bad["supplier"]), (&json!("good"), &json!("bad")));
    assert_eq!((&good["circuit"], &good["runs"], &good["successRate"]), (&json!("closed"), &json!(5), &json!(1)));
    assert!(good["p50Ms"].as_f64().unwrap() <= good["p95Ms"].as_f64().unwrap());
    assert_eq!((&good["lastError"], &good["retryInMs"]), (&Value::Null, &Value::Null));
    assert_eq!(good["recent"].as_array().unwrap().len(), 5);
    assert_eq!((&bad["circuit"], &bad["runs"], &bad["successRate"]), (&json!("open"), &json!(5), &json!(0)));
    assert!(bad["retryInMs"].as_u64().unwrap() <= 36_000);
    assert_eq!((&bad["p95Ms"], &bad["lastSeen"]), (&Value::Null, &Value::Null));
    assert_eq!(bad["lastError"]["errorKind"], "http_status");
    // Who is not asked is not seen.
    scene.run(&["widget"]);
    assert_eq!(listed(&scene)[1]["runs"], 5);
}

#[test]
fn the_health_of_every_supplier_is_listed_for_people() {
    let (scene, _suppliers) = after(5);
    let run = scene.run(&["suppliers"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("SUPPLIER  CIRCUIT"), "{}", run.stdout);
    assert!(lines[1].starts_with("good      closed") && lines[1].contains("100 % of 5"), "{}", run.stdout);
    assert!(lines[2].starts_with("bad       open, ") && lines[2].contains("0 % of 5"), "{}", run.stdout);
    assert!(lines[2].contains("×××××") && lines[2].contains("http_status "), "{}", run.stdout);
    let filtered = scene.run(&["suppliers", "--jq", ".suppliers[] | .supplier + \" \" + .circuit"]);
    assert_eq!(filtered.stdout, "good closed\nbad open\n");
    assert_eq!(scene.run(&["suppliers", "-f", "csv"]).code, Some(2));
}

#[test]
fn before_the_first_run_nothing_is_known() {
    let (scene, _suppliers) = after(0);
    for health in listed(&scene) {
        assert_eq!((&health["circuit"], &health["runs"]), (&json!("closed"), &json!(0)));
        assert_eq!((&health["successRate"], &health["lastSeen"]), (&Value::Null, &Value::Null));
    }
    let table = scene.run(&["suppliers", "--no-state"]).stdout;
    assert_eq!(table.matches("never asked").count(), 2, "{table}");
}

#[test]
fn a_reset_closes_the_circuit_and_forgets() {
    let (scene, suppliers) = after(6);
    assert_eq!(suppliers[1].requests().len(), 5);
    let run = scene.run(&["suppliers", "reset", "bad"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "bad: circuit closed, record empty\n"));
    let [good, bad] = &listed(&scene)[..] else { panic!("there are two") };
    assert_eq!((&good["runs"], &bad["runs"], &bad["circuit"]), (&json!(6), &json!(0), &json!("closed")));
    scene.run(&["widget"]);
    assert_eq!(suppliers[1].requests().len(), 6, "it is asked again");
}

#[test]
fn a_reset_that_cannot_be_done_says_why() {
    let (scene, _suppliers) = after(0);
    let told = |run: Run| (run.code, run.stdout, run.stderr);
    let unknown = told(scene.run(&["suppliers", "reset", "god"]));
    assert_eq!((unknown.0, unknown.1.as_str()), (Some(2), ""));
    assert!(unknown.2.contains("no supplier is named `god`\nhint: did you mean `good`?\n"), "{}", unknown.2);
    let stateless = told(scene.run(&["suppliers", "reset", "bad", "--no-state"]));
    let expected = "error: nothing was reset: there is no state that could be written\n\
                    hint: leave `--no-state` out, or name a file that can be written with `--state`\n";
    assert_eq!((stateless.0, stateless.1.as_str(), stateless.2.as_str()), (Some(2), "", expected));
    assert_eq!(scene.run(&["suppliers", "reset"]).code, Some(2));
}

#[test]
fn what_it_cannot_write_it_says() {
    let (scene, _suppliers) = after(0);
    let expected = "error: `suppliers` writes a table or JSON, and `--format` asks for something else\n\
                    hint: use `--json`, or leave `--format` out\n";
    for format in ["csv", "markdown"] {
        let run = scene.run(&["suppliers", "--format", format]);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(2), "", expected));
    }
}
