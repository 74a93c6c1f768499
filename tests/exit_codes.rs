//! Every exit code with its message, and which goes first when several apply.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs::File;
use std::process::Stdio;

use serde_json::Value;
use support::{Run, Scene, Supplier, offer};

fn good() -> (Supplier, Scene) {
    let supplier = Supplier::replying(&offer("7.00"));
    let scene = Scene::of(&[("acme", &supplier.url())]);
    (supplier, scene)
}

#[test]
fn exit_0_is_a_result() {
    let (_supplier, scene) = good();
    let (document, run) = scene.json(&["widget"]);
    assert_eq!((run.code, &document["exitCode"], &document["failure"]), (Some(0), &0.into(), &Value::Null));
    assert_eq!(run.stderr, "");
}

#[test]
fn exit_1_is_nobody_who_can_deliver() {
    let supplier = Supplier::replying(r#"{"unitPrice": 1, "currency": "EUR", "inStock": false}"#);
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let (document, run) = scene.json(&["widget"]);
    assert_eq!((run.code, &document["exitCode"]), (Some(1), &1.into()));
    assert_eq!(document["failure"]["kind"], "no_available_supplier");
    assert_eq!(document["rejected"][0]["reason"], "out_of_stock");
}

#[test]
fn exit_2_prints_nothing_on_stdout() {
    let scene = Scene::new("currency = \"EUR\"\n");
    for arguments in
        [vec!["widget", "--json"], vec!["widget", "--qty", "0"], vec!["--nonsense"], vec!["widget", "mock"]]
    {
        let run = scene.run(&arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.starts_with("error: "), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn exit_3_is_too_few_responses() {
    let supplier = Supplier::with_status("503 Down", b"");
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let (document, run) = scene.json(&["widget"]);
    assert_eq!((run.code, &document["exitCode"]), (Some(3), &3.into()));
    assert_eq!(document["failure"]["kind"], "insufficient_responses");
}

#[test]
fn exit_4_is_a_gate_after_the_result() {
    let (_supplier, scene) = good();
    let (document, run) = scene.json(&["widget", "--max-total", "6.99"]);
    assert_eq!((run.code, &document["exitCode"], &document["failure"]), (Some(4), &4.into(), &Value::Null));
    assert_eq!(document["gates"][0]["passed"], false);
    assert_eq!(document["selected"]["supplierId"], "acme");
    assert_eq!(scene.run(&["widget", "--max-total", "7"]).code, Some(0));
}

#[test]
fn row_54_exit_5_is_an_output_that_cannot_be_written() {
    let (_supplier, scene) = good();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for format in ["json", "table", "csv", "markdown"] {
        let run = Run::of(scene.command(&["widget", "-f", format]).stdout(full()).output().unwrap());
        assert_eq!(run.code, Some(5), "{format}: {}", run.stderr);
        assert!(run.stderr.contains("error: "), "{}", run.stderr);
    }
    let run = scene.run(&["widget", "--json", "--output", "no/such/folder/result.json"]);
    assert_eq!(run.code, Some(5));
    assert!(run.stderr.contains("no/such/folder/result.json"), "{}", run.stderr);
}

#[test]
fn row_54_a_closed_pipe_ends_silently_with_the_runs_own_code() {
    let (_supplier, scene) = good();
    for (limit, code) in [("8", 0), ("6", 4)] {
        let mut child = scene
            .command(&["widget", "--json", "--max-total", limit])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(code));
        assert!(!run.stderr.contains("panic") && !run.stderr.contains("pipe"), "{}", run.stderr);
    }
}

#[test]
fn usage_goes_before_everything() {
    let supplier = Supplier::with_status("503 Down", b"");
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let run = scene.run(&["widget", "--max-total", "cheap"]);
    assert_eq!(run.code, Some(2));
    assert!(supplier.requests().is_empty(), "nothing was sent");
}

#[test]
fn an_unwritable_output_goes_before_a_failed_run() {
    let supplier = Supplier::with_status("503 Down", b"");
    let scene = Scene::of(&[("acme", &supplier.url())]);
    assert_eq!(scene.run(&["widget", "--output", "no/such/folder/x"]).code, Some(5));
}

#[test]
fn too_few_responses_go_before_a_failed_gate() {
    let supplier = Supplier::with_status("503 Down", b"");
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let (document, run) = scene.json(&["widget", "--max-total", "1"]);
    assert_eq!(run.code, Some(3));
    assert_eq!((&document["gates"][0]["actual"], &document["gates"][0]["passed"]), (&Value::Null, &false.into()));
}
