//! The fault matrix, rows 46 to 49: configurations that are wrong, and secrets in them. Nothing is sent then.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use support::{CANARY, Run, Scene, Supplier, offer};

/// A good supplier, whose lines a case is added to; line 1 is the currency, 2 the table's name, 3 its URL.
struct Start {
    witness: Supplier,
}

impl Start {
    fn new() -> Self {
        Self { witness: Supplier::replying(&offer("0.60")) }
    }

    fn lines(&self, rest: &str) -> String {
        format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"{}\"\n{rest}", self.witness.url())
    }

    /// Holds that a configuration ends the run before anything is sent, naming the file, the line and what to do.
    fn refuses(&self, configuration: &str, line: usize) -> Run {
        let run = Scene::new(configuration).run(&["widget", "--json", "-vv"]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{configuration}\n{}", run.stderr);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("--> suppliers.toml:{line}:")), "line {line}: {}", run.stderr);
        assert!(run.stderr.contains("hint: ") || run.stderr.contains("did you mean"), "{}", run.stderr);
        assert!(self.witness.requests().is_empty(), "something was sent");
        run
    }

    fn says(&self, configuration: &str, line: usize, words: &str) {
        let run = self.refuses(configuration, line);
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}

#[test]
fn row_46_a_duplicate_name_is_refused_at_its_second_place() {
    let start = Start::new();
    start.says(&start.lines("[suppliers.acme]\nurl = \"http://b.example/\"\n"), 4, "duplicate key");
}

#[test]
fn row_46_an_unknown_key_names_the_nearest_one() {
    let start = Start::new();
    start.says(&start.lines("shiping = \"4.90\"\n"), 4, "did you mean `shipping`?");
    start.says(&format!("currencey = \"EUR\"\n{}", start.lines("")), 1, "did you mean `currency`?");
}

#[test]
fn row_46_a_bad_url_is_refused() {
    let start = Start::new();
    for url in [
        "no url",
        "http//a.example/",
        "http:///quotes",
        "https:///{product}",
        "https://{/product}",
        "ftp://a.example/",
        "http://a b/",
        "http://a/{product",
        "",
    ] {
        start.refuses(&start.lines(&format!("[suppliers.bad]\nurl = \"{url}\"\n")), 5);
    }
}

#[test]
fn row_46_deep_nesting_is_refused_and_no_crash() {
    let start = Start::new();
    for depth in [200, 100_000] {
        let array = format!("fees = {}{}\n", "[".repeat(depth), "]".repeat(depth));
        start.refuses(&start.lines(&array), 4);
        let table = format!("fees = {}1{}\n", "{ a = ".repeat(depth), " }".repeat(depth));
        start.refuses(&start.lines(&table), 4);
        start.refuses(&start.lines(&format!("fees{} = 1\n", ".a".repeat(depth))), 4);
        start.refuses(&start.lines(&format!("[suppliers.acme.mock{}]\n", ".a".repeat(depth))), 4);
    }
}

#[test]
fn row_47_a_syntax_error_beside_a_secret_shows_no_secret() {
    let start = Start::new();
    for broken in [
        format!("headers = {{ Authorization = \"Bearer {CANARY} }}"),
        format!("headers = {{ Authorization = 'Bearer {CANARY}"),
        format!("headers = {{ Authorization = Bearer {CANARY} }}"),
        format!("headers = {{ Authorization = \"{CANARY}\""),
        format!("headers = {{ Authorization = \"{CANARY}\" \"{CANARY}\" }}"),
        format!("headers = {{ Authorization: \"{CANARY}\" }}"),
        format!("headers = {{ Authorization = \"\\q{CANARY}\" }}"),
        format!("headers = {{ Authorization = \"\\u{CANARY}\" }}"),
        format!("headers.Authorization = \"{CANARY}\" oops"),
        format!("headers.Authorization = {CANARY}"),
        format!("headers.Authorization = \"\"\"{CANARY}\"\"\"\"\"\"\""),
        CANARY.to_owned(),
        format!("{CANARY} = "),
        format!("= \"{CANARY}\""),
        format!("[{CANARY}"),
        format!("token = \"a\" # {CANARY}"),
        format!("token = 01 # {CANARY}"),
        format!("url = \"http://buyer:{CANARY}@a.example/\""),
    ] {
        start.refuses(&start.lines(&format!("{broken}\n")), 4);
    }
}

#[test]
fn row_47_a_wrong_value_beside_a_secret_shows_no_secret() {
    let start = Start::new();
    for wrong in [
        format!("headers = {{ Authorization = [\"{CANARY}\"] }}"),
        format!("headers = {{ Authorization = \"{CANARY}\\u0000\" }}"),
        format!("headers = {{ \"a b\" = \"{CANARY}\" }}"),
        format!("headers = \"{CANARY}\""),
        format!("headers = {{ A = \"${{{CANARY}}}\" }}"),
        format!("headers = {{ A = \"{CANARY}${{\" }}"),
        format!("api-key = \"{CANARY}\""),
        format!("shipping = 1x # {CANARY}"),
        format!("[suppliers.bad]\nurl = \"http://buyer:{CANARY}@\""),
        format!("[suppliers.bad]\nurl = \"http//buyer:{CANARY}@a.example/\""),
        format!("[suppliers.bad]\nurl = \"buyer:{CANARY}@a.example/\""),
        format!("[suppliers.bad]\nurl = \"http://a.example/?apikey={CANARY}{{product\""),
    ] {
        let line = if wrong.starts_with('[') { 5 } else { 4 };
        start.refuses(&start.lines(&format!("{wrong}\n")), line);
    }
}

#[test]
fn row_48_an_unset_variable_is_named_before_anything_is_sent() {
    let start = Start::new();
    for line in
        ["headers = { Authorization = \"Bearer ${ACME_TOKEN}\" }", "headers.Authorization = \"Bearer ${ACME_TOKEN}\""]
    {
        start.says(&start.lines(&format!("{line}\n")), 4, "ACME_TOKEN");
    }
    start.says(&start.lines("[suppliers.bad]\nurl = \"http://${ACME_HOST}/{product}\"\n"), 5, "ACME_HOST");
}

#[test]
fn row_48_only_the_variables_of_suppliers_that_are_asked_are_needed() {
    let start = Start::new();
    let disabled = start.lines("[suppliers.bad]\nurl = \"http://${ACME_HOST}/\"\nenabled = false\n");
    assert_eq!(Scene::new(&disabled).run(&["widget", "--json"]).code, Some(0));
    let enabled = start.lines("[suppliers.bad]\nurl = \"http://${ACME_HOST}/\"\n");
    for flags in [["--exclude", "bad"], ["--supplier", "acme"]] {
        let run = Scene::new(&enabled).run(&[&["widget", "--json"], flags.as_slice()].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
}

#[test]
fn row_48_a_variable_reaches_the_supplier_and_no_output() {
    let start = Start::new();
    let configuration = start.lines("headers.Authorization = \"Bearer ${ACME_TOKEN}\"\n");
    let (_, run) = Scene::new(&configuration).with_variable("ACME_TOKEN", CANARY).json(&["widget", "-vv"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let head = start.witness.requests().remove(0).to_ascii_lowercase();
    assert!(head.contains(&format!("authorization: bearer {CANARY}\r\n")), "{head}");
}

/// The warnings of a run whose configuration has this mode.
fn warnings(configuration: &str, mode: u32) -> (Vec<Value>, Run) {
    let scene = Scene::new(configuration).with_variable("ACME_TOKEN", CANARY);
    std::fs::set_permissions(scene.path("suppliers.toml"), std::fs::Permissions::from_mode(mode)).unwrap();
    let (document, run) = scene.json(&["widget"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    (document["warnings"].as_array().unwrap().clone(), run)
}

#[test]
fn row_49_a_secret_that_others_can_read_is_warned_of() {
    let start = Start::new();
    let with_secret = start.lines(&format!("headers.Authorization = \"Bearer {CANARY}\"\n"));
    for mode in [0o644, 0o640, 0o604] {
        let (warnings, run) = warnings(&with_secret, mode);
        assert_eq!((warnings.len(), &warnings[0]["kind"]), (1, &"readable_by_others".into()), "{mode:o}");
        assert!(run.stderr.starts_with("warning: ") && run.stderr.contains("suppliers.toml"), "{}", run.stderr);
    }
}

#[test]
fn row_49_without_a_secret_or_a_reader_there_is_no_warning() {
    let start = Start::new();
    let with_secret = start.lines(&format!("headers.Authorization = \"Bearer {CANARY}\"\n"));
    assert_eq!(warnings(&with_secret, 0o600).0, Vec::<Value>::new());
    let with_variable = start.lines("headers.Authorization = \"Bearer ${ACME_TOKEN}\"\n");
    assert_eq!(warnings(&with_variable, 0o644).0, Vec::<Value>::new());
    assert_eq!(warnings(&start.lines("shipping = 5\n"), 0o644).0, Vec::<Value>::new());
}
