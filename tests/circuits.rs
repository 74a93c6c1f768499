//! Circuit breakers over many runs of the real binary, with one state. Rows 58 and 60 of the fault matrix.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use rusqlite::Connection;
use serde_json::{Value, json};
use support::{Run, Running, Scene, Supplier, offer, stats};

/// A supplier that fails, beside one that does not.
struct Two {
    scene: Scene,
    bad: Supplier,
    _good: Supplier,
}

impl Two {
    fn new() -> Self {
        Self::with(Supplier::with_status("500 Oops", b""))
    }

    fn with(bad: Supplier) -> Self {
        let good = Supplier::replying(&offer("1.50"));
        let scene = Scene::of(&[("good", &good.url()), ("bad", &bad.url())]);
        Self { scene, bad, _good: good }
    }

    /// One whose circuit is open.
    fn opened() -> Self {
        let two = Self::new();
        for _ in 0..5 {
            assert_eq!(two.run(&[]).0["errorKind"], "http_status");
        }
        two
    }

    /// What a run says of the bad one.
    fn run(&self, flags: &[&str]) -> (Value, Run) {
        let (document, run) = self.scene.json(&[&["widget"], flags].concat());
        (stats(&document, "bad").clone(), run)
    }

    fn was_asked(&self) -> usize {
        self.bad.requests().len()
    }

    /// Moves every time that the breakers know, as if so many seconds had passed since.
    fn pass(&self, seconds: i64) {
        let connection = Connection::open(self.scene.path(".local/state/pricecmp/state.db")).unwrap();
        let mut statement = connection.prepare("SELECT id, state FROM breaker").unwrap();
        let rows: Vec<(i64, String)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        for (id, state) in rows {
            let mut state: Value = serde_json::from_str(&state).unwrap();
            earlier(&mut state["pause"], seconds * 1000);
            earlier(&mut state["probe"], seconds * 1000);
            connection.execute("UPDATE breaker SET state = ?1 WHERE id = ?2", (state.to_string(), id)).unwrap();
        }
    }
}

/// Moves the times in a list.
fn earlier(list: &mut Value, milliseconds: i64) {
    for time in list.as_array_mut().into_iter().flatten() {
        if let Some(number) = time.as_i64() {
            *time = json!(number - milliseconds);
        }
    }
}

#[test]
fn a_supplier_that_failed_five_times_in_a_row_is_not_asked() {
    let two = Two::opened();
    let (bad, run) = two.run(&[]);
    assert_eq!((run.code, &bad["errorKind"], &bad["attempts"]), (Some(0), &json!("circuit_open"), &json!(0)));
    assert_eq!((&bad["latencyMs"], &bad["httpStatus"], &bad["responded"]), (&Value::Null, &Value::Null, &json!(false)));
    let wait = bad["retryInMs"].as_u64().unwrap();
    assert!(wait > 0 && wait <= 36_000, "{wait}");
    assert_eq!(two.was_asked(), 5);
    let table = two.scene.run(&["widget"]).stdout;
    assert!(table.contains("bad  not asked, it failed too often lately, retry in "), "{table}");
}

#[test]
fn only_the_failures_of_a_supplier_open_its_circuit() {
    let two = Two::with(Supplier::with_status("404 Not Found", b""));
    for _ in 0..6 {
        assert_eq!(two.run(&[]).0["errorKind"], "http_status");
    }
    // A whole run without a connection is our network.
    let nobody = support::hostile::refused();
    let scene = Scene::of(&[("acme", &nobody.url())]);
    for _ in 0..6 {
        assert_eq!(stats(&scene.json(&["widget"]).0, "acme")["errorKind"], "connect");
    }
    // A timeout that left no time says nothing.
    let two = Two::with(Supplier::silent());
    for _ in 0..6 {
        assert_eq!(two.run(&["--timeout", "50ms"]).0["errorKind"], "timeout");
    }
}

#[test]
fn where_every_circuit_is_open_the_run_fails_and_says_what_to_do() {
    let bad = Supplier::with_status("500 Oops", b"");
    let scene = Scene::of(&[("acme", &bad.url())]);
    for _ in 0..5 {
        scene.run(&["widget"]);
    }
    let (document, run) = scene.json(&["widget"]);
    assert_eq!(
        (run.code, &document["exitCode"], &document["termination"]),
        (Some(3), &json!(3), &json!("not_started"))
    );
    assert_eq!(document["failure"]["kind"], "all_circuits_open");
    let expected = "error: nobody was asked: every supplier failed too often lately\n\
                    hint: `--ask-open` asks even suppliers that failed too often lately; otherwise wait ";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    assert_eq!(bad.requests().len(), 5);
    let (document, _) = scene.json(&["widget", "--ask-open"]);
    assert_eq!(stats(&document, "acme")["errorKind"], "http_status");
    let (document, _) = scene.json(&["widget", "--no-state"]);
    assert_eq!(stats(&document, "acme")["errorKind"], "http_status");
    assert_eq!(bad.requests().len(), 7);
}

#[test]
fn a_required_supplier_with_an_open_circuit_is_missing() {
    let two = Two::opened();
    let run = two.run(&["--require", "bad"]).1;
    let expected = "error: required supplier did not respond: `bad`\n\
                    hint: `--ask-open` asks even suppliers that failed too often lately\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), expected));
}

#[test]
fn a_circuit_that_was_open_lets_one_run_find_out_and_closes_by_its_success() {
    let configuration = |url: &str| {
        format!(
            "currency = \"EUR\"\n[suppliers.acme]\nurl = \"{url}\"\n[suppliers.acme.mock]\nfail-first = 6\nerror = 500\n\
             [[suppliers.acme.mock.offers]]\nunit-price = \"1\"\ncurrency = \"EUR\"\nin-stock = true\n"
        )
    };
    let serving = Scene::new(&configuration("http://127.0.0.1:7171/acme"));
    let mut mocks: Running = serving.start(&["mock", "--listen", "127.0.0.1:0"]);
    let line = mocks.next_line();
    let acme = Supplier::silent();
    let two = Two {
        scene: Scene::new(&configuration(line.split_once(' ').unwrap().1)),
        bad: acme,
        _good: Supplier::silent(),
    };
    let kind = || stats(&two.scene.json(&["widget"]).0, "acme")["errorKind"].clone();
    for expected in [["http_status"; 5].as_slice(), &["circuit_open"]].concat() {
        assert_eq!(kind(), expected);
    }
    two.pass(36);
    assert_eq!((kind(), kind()), (json!("http_status"), json!("circuit_open")), "the probe fails");
    two.pass(36);
    assert_eq!(kind(), "circuit_open", "the second pause is longer");
    two.pass(36);
    assert_eq!((kind(), kind()), (Value::Null, Value::Null), "the probe succeeds");
}

#[test]
fn row_58_a_probe_that_is_killed_strands_nothing() {
    let two = Two::with(Supplier::silent());
    for _ in 0..5 {
        assert_eq!(two.run(&["--timeout", "1s"]).0["errorKind"], "timeout");
    }
    two.pass(36);
    let mut probe = two.scene.start(&["widget", "-v", "--timeout", "60s"]);
    probe.wait_for("bad: asked");
    probe.signal("KILL");
    assert_eq!(probe.finish().code, None);
    let (bad, _) = two.run(&["--timeout", "1s"]);
    let wait = bad["retryInMs"].as_u64().unwrap();
    assert!(bad["errorKind"] == "circuit_open" && wait > 36_000 && wait <= 61_000, "the lease holds: {bad}");
    two.pass(61);
    assert_eq!(two.run(&["--timeout", "1s"]).0["errorKind"], "timeout", "the next run probes");
}

#[test]
fn row_58_of_twenty_runs_at_once_one_probes() {
    let two = Two::opened();
    two.pass(36);
    let runs: Vec<Running> = (0..20).map(|_| two.scene.start(&["widget", "--json"])).collect();
    let runs: Vec<Run> = runs.into_iter().map(Running::finish).collect();
    let of_kind = |kind: &str| runs.iter().filter(|run| stats(&run.json(), "bad")["errorKind"] == kind).count();
    assert_eq!((of_kind("http_status"), of_kind("circuit_open")), (1, 19));
    assert!(runs.iter().all(|run| run.code == Some(0) && run.stderr.is_empty()));
    assert_eq!(two.was_asked(), 6);
}

#[test]
fn row_60_a_clock_that_jumps_leaves_no_circuit_open() {
    let year = 365 * 24 * 60 * 60;
    for jump in [year, -year, 37, -37] {
        let two = Two::opened();
        two.pass(jump);
        assert_eq!(two.run(&[]).0["errorKind"], "http_status", "{jump}");
    }
}

#[test]
fn another_address_starts_afresh() {
    let two = Two::opened();
    let elsewhere = Supplier::with_status("500 Oops", b"");
    let configuration = std::fs::read_to_string(two.scene.path("suppliers.toml")).unwrap();
    let moved = configuration.replace(&two.bad.url(), &elsewhere.url());
    std::fs::write(two.scene.path("suppliers.toml"), moved).unwrap();
    assert_eq!(two.run(&[]).0["errorKind"], "http_status");
    std::fs::write(two.scene.path("suppliers.toml"), configuration).unwrap();
    assert_eq!(two.run(&[]).0["errorKind"], "circuit_open");
}
