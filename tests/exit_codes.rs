//! Every exit code with its message, and which goes first when several apply.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs::File;
use std::process::Stdio;

use serde_json::Value;
use support::{Run, Scene, Supplier, offer};

const OUT_OF_STOCK: &str = r#"{"unitPrice": 1, "currency": "EUR", "inStock": false}"#;

const NOBODY: &str = "error: no supplier can deliver\nhint: each rejected offer says why\n";
const TOO_FEW: &str = "error: too few suppliers responded: 1 needed, 0 did\n\
                       hint: each supplier that failed says why; `--min-responses` sets how many must respond\n";
const GATE_FAILED: &str = "error: gate failed: total 7.00 EUR is above 6.99 EUR\n";
const STDOUT_IS_FULL: &str = "error: the result could not be written to standard output: no space left on device\n";
const NO_FOLDER: &str = "error: the result could not be written to `no/such/folder/x`: no such file or directory\n\
     hint: the folder must exist and be writable\n";
const INTERRUPTED: &str = "error: interrupted before every supplier was done\n";

/// A run that is interrupted when one supplier has answered and another never will.
fn interrupted(flags: &[&str]) -> Run {
    let (answers, silent) = (Supplier::replying(&offer("7.00")), Supplier::silent());
    let scene = Scene::of(&[("acme", &answers.url()), ("silent", &silent.url())]);
    let mut running = scene.start(&[&["widget", "--json", "-v", "--timeout", "60s"], flags].concat());
    running.wait_for("acme: answered");
    running.signal("INT");
    running.finish()
}

/// Standard error without the lines of `--verbose`.
fn without_events(run: &Run) -> String {
    let is_event = |line: &&str| line.starts_with("acme: ") || line.starts_with("silent: ");
    run.stderr.split_inclusive('\n').filter(|line| !is_event(line)).collect()
}

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
    let supplier = Supplier::replying(OUT_OF_STOCK);
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let (document, run) = scene.json(&["widget"]);
    assert_eq!((run.code, &document["exitCode"]), (Some(1), &1.into()));
    assert_eq!(document["failure"]["kind"], "no_available_supplier");
    assert_eq!(document["rejected"][0]["reason"], "out_of_stock");
    assert_eq!(run.stderr, NOBODY);
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
fn exit_2_says_what_is_wrong_and_what_to_write() {
    let (_supplier, scene) = good();
    let messages = [
        (["--qty", "0"], "error: `--qty`: `0` is out of range\nhint: a number from 1 to 1000000000\n"),
        (["--timeout", "5"], "error: `--timeout`: `5` has no unit\nhint: write `5s`\n"),
        (
            ["--require", "globex"],
            "error: `--require`: no supplier is named `globex`\nhint: the only supplier is `acme`\n",
        ),
    ];
    for (flags, message) in messages {
        let run = scene.run(&["widget", flags[0], flags[1]]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(2), message));
    }
}

#[test]
fn exit_3_is_too_few_responses() {
    let supplier = Supplier::with_status("503 Down", b"");
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let (document, run) = scene.json(&["widget"]);
    assert_eq!((run.code, &document["exitCode"]), (Some(3), &3.into()));
    assert_eq!(document["failure"]["kind"], "insufficient_responses");
    assert_eq!(run.stderr, TOO_FEW);
}

#[test]
fn exit_3_is_a_required_supplier_that_is_missing_or_no_quorum() {
    let (answers, fails) = (Supplier::replying(&offer("7.00")), Supplier::with_status("503 Down", b""));
    let scene = Scene::of(&[("acme", &answers.url()), ("globex", &fails.url())]);
    let run = scene.run(&["widget", "--require", "globex"]);
    let message = "error: required supplier did not respond: `globex`\n\
                   hint: leave it out of `--require` to go without it\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), message));
    // Both must have answered before it is known that they do not agree.
    let dearer = Supplier::replying(&offer("8.00"));
    let scene = Scene::of(&[("acme", &answers.url()), ("globex", &dearer.url())]);
    let run = scene.run(&["widget", "--strategy", "majority"]);
    let message = "error: no quorum: 2 suppliers had to agree, at most 1 did\n\
                   hint: accept totals further apart with `--agree-within`, or a smaller group with `--quorum`\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), message));
}

#[test]
fn exit_4_is_a_gate_after_the_result() {
    let (_supplier, scene) = good();
    let (document, run) = scene.json(&["widget", "--max-total", "6.99"]);
    assert_eq!((run.code, &document["exitCode"], &document["failure"]), (Some(4), &4.into(), &Value::Null));
    assert_eq!(document["gates"][0]["passed"], false);
    assert_eq!(document["selected"]["supplierId"], "acme");
    assert_eq!(run.stderr, GATE_FAILED);
    assert_eq!(scene.run(&["widget", "--max-total", "7"]).code, Some(0));
}

#[test]
fn row_54_exit_5_is_an_output_that_cannot_be_written() {
    let (_supplier, scene) = good();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for format in ["json", "table", "csv", "markdown"] {
        let run = Run::of(scene.command(&["widget", "-f", format]).stdout(full()).output().unwrap());
        assert_eq!(run.code, Some(5), "{format}: {}", run.stderr);
        assert_eq!(run.stderr, STDOUT_IS_FULL);
    }
    let run = scene.run(&["widget", "--json", "--output", "no/such/folder/x"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(5), NO_FOLDER));
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
fn exit_130_is_an_interrupt() {
    let run = interrupted(&[]);
    assert_eq!((run.code, run.json()["exitCode"].clone()), (Some(130), 130.into()));
    assert_eq!(without_events(&run), INTERRUPTED);
}

#[test]
fn usage_goes_before_everything() {
    let supplier = Supplier::with_status("503 Down", b"");
    let scene = Scene::of(&[("acme", &supplier.url())]);
    for flags in [["--max-total", "cheap"], ["--min-responses", "many"]] {
        let run = scene.run(&[&["widget", "--output", "no/such/folder/x"], &flags[..]].concat());
        assert_eq!(run.code, Some(2));
    }
    assert!(supplier.requests().is_empty(), "nothing was sent");
}

#[test]
fn an_interrupt_goes_before_an_unwritable_output() {
    let run = interrupted(&["--output", "no/such/folder/x"]);
    assert_eq!(run.code, Some(130));
    assert!(run.stdout.starts_with("1 × widget\n"), "the table is there: {}", run.stdout);
    assert_eq!(without_events(&run), format!("{INTERRUPTED}{NO_FOLDER}"));
}

#[test]
fn an_interrupt_goes_before_too_few_responses_and_a_failed_gate() {
    let run = interrupted(&["--min-responses", "2", "--max-total", "1"]);
    let document = run.json();
    assert_eq!((run.code, &document["exitCode"], &document["failure"]), (Some(130), &130.into(), &Value::Null));
    assert_eq!(without_events(&run), INTERRUPTED);
}

#[test]
fn an_unwritable_output_goes_before_a_failed_run() {
    let down = Supplier::with_status("503 Down", b"");
    let none_left = Supplier::replying(OUT_OF_STOCK);
    for (supplier, failure) in [(down, TOO_FEW), (none_left, NOBODY)] {
        let run = Scene::of(&[("acme", &supplier.url())]).run(&["widget", "--output", "no/such/folder/x"]);
        assert_eq!((run.code, run.stderr), (Some(5), format!("{failure}{NO_FOLDER}")));
    }
}

#[test]
fn an_unwritable_output_goes_before_a_failed_gate() {
    let (_supplier, scene) = good();
    let run = scene.run(&["widget", "--max-total", "1", "--output", "no/such/folder/x"]);
    assert_eq!((run.code, run.stderr), (Some(5), format!("{}{NO_FOLDER}", GATE_FAILED.replace("6.99", "1.00"))));
}

#[test]
fn too_few_responses_go_before_a_failed_gate() {
    let supplier = Supplier::with_status("503 Down", b"");
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let (document, run) = scene.json(&["widget", "--max-total", "1"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), TOO_FEW));
    assert_eq!((&document["gates"][0]["actual"], &document["gates"][0]["passed"]), (&Value::Null, &false.into()));
}

#[test]
fn too_few_responses_go_before_nobody_who_can_deliver() {
    let supplier = Supplier::replying(OUT_OF_STOCK);
    let scene = Scene::of(&[("acme", &supplier.url())]);
    assert_eq!(scene.run(&["widget", "--min-responses", "1"]).code, Some(1));
    let down = Supplier::with_status("503 Down", b"");
    let scene = Scene::of(&[("acme", &supplier.url()), ("down", &down.url())]);
    assert_eq!(scene.run(&["widget", "--min-responses", "2"]).code, Some(3));
}

#[test]
fn nobody_who_can_deliver_goes_before_a_failed_gate() {
    let supplier = Supplier::replying(OUT_OF_STOCK);
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let (document, run) = scene.json(&["widget", "--max-total", "1"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), NOBODY));
    assert_eq!((&document["gates"][0]["actual"], &document["gates"][0]["passed"]), (&Value::Null, &false.into()));
}
