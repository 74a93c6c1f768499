//! Rows 56 to 58 and 60 of the fault matrix: the state between many processes, killed ones, and clocks that are wrong.
//!
//! Some of the processes are runs of pricecmp. Others are this program, which starts itself again for one test and is told
//! by a variable to be the child in it: they do to the store what a run does, more often and at moments that are known.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use pricecmp::domain::{Admission, Circuit, Signal, SupplierName};
use pricecmp::store::{LookupKey, Observation, Store, SupplierKey};
use rusqlite::Connection;
use support::{Run, Scene, Supplier, offer};

/// Names the file to the child of a test.
const CHILD: &str = "PRICECMP_TEST_STATE";

/// The file, in a child.
fn child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// Starts this program again, as the child of a test.
fn start(test: &str, path: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(CHILD, path);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What a child says to the test.
#[expect(clippy::print_stderr, reason = "the test reads it there")]
fn say(line: &str) {
    eprintln!("{line}");
}

/// What a child says, line by line.
fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap)
}

fn open(path: &Path) -> Store {
    let opened = Store::open(path).unwrap();
    assert_eq!(opened.set_aside, None);
    opened.store
}

fn acme() -> SupplierName {
    SupplierName::new("acme")
}

fn place(supplier: &SupplierName) -> SupplierKey<'_> {
    SupplierKey { supplier, origin: "https://acme.example:443" }
}

/// Holds the file to be whole, and counts a table.
fn count(path: &Path, table: &str) -> u32 {
    let connection = Connection::open(path).unwrap();
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn row_56_eight_processes_change_a_thousand_times_and_nothing_is_lost() {
    const UPDATES: u32 = 1_000;
    let acme = acme();
    if let Some(path) = child() {
        let mut store = open(&path);
        for _ in 0..UPDATES {
            let add = |breaker: &mut pricecmp::domain::Breaker| breaker.openings += 1;
            store.record(Timestamp::now(), |changes| changes.update_breaker(place(&acme), add)).unwrap();
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // It is not there yet: they also make it at the same time.
    let path = folder.path().join("state.db");
    let test = "row_56_eight_processes_change_a_thousand_times_and_nothing_is_lost";
    let children: Vec<Child> = (0..8).map(|_| start(test, &path)).collect();
    for mut child in children {
        let said: Vec<String> = lines(&mut child).collect();
        assert!(child.wait().unwrap().success(), "{said:?}");
    }
    assert_eq!(open(&path).breaker(place(&acme)).unwrap().openings, 8 * UPDATES);
}

#[test]
fn row_56_runs_at_the_same_time_all_remember_and_say_nothing() {
    const RUNS: u32 = 10;
    let supplier = Supplier::replying(&offer("1.50"));
    let scene = Scene::of(&[("acme", &supplier.url())]);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..RUNS {
                    let run = scene.run(&["widget"]);
                    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
                }
            });
        }
    });
    assert_eq!(count(&scene.path(".local/state/pricecmp/state.db"), "latency"), 8 * RUNS);
}

/// Writes one row after the other, and says so each time that one is kept.
fn write_until_killed(path: &Path) {
    let acme = acme();
    say("opening");
    let mut store = open(path);
    let id = std::process::id();
    for number in 0.. {
        let question = format!("{id} {number}");
        let key = LookupKey { supplier: &acme, origin: "", question: &question };
        store.record(Timestamp::now(), |changes| changes.put_lookup(key, &["A-1".repeat(number % 100)])).unwrap();
        say(&question);
    }
}

#[test]
fn row_57_what_was_kept_before_a_kill_is_there_after_it() {
    if let Some(path) = child() {
        return write_until_killed(&path);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let mut kept = Vec::new();
    for round in 0..200_usize {
        // A new file now and then, so that some are killed while they make one.
        let path = if round % 10 == 0 { folder.path().join(format!("{round}.db")) } else { path.clone() };
        let mut child = start("row_57_what_was_kept_before_a_kill_is_there_after_it", &path);
        let mut said = lines(&mut child);
        assert_eq!(said.next().as_deref(), Some("opening"));
        let mut seen: Vec<String> = said.by_ref().take(round * 7 % 23).collect();
        child.kill().unwrap();
        // What it said and was not heard yet is kept as well.
        seen.extend(said);
        assert_eq!(child.wait().unwrap().code(), None, "{seen:?}");
        kept.extend(seen.into_iter().map(|question| (path.clone(), question)));
        if round % 10 == 0 {
            // It can be used, wherever its maker stopped.
            open(&path).record(Timestamp::now(), |_| Ok(())).unwrap();
            count(&path, "lookup");
        }
    }
    count(&path, "lookup");
    assert!(kept.len() > 1_000, "{}", kept.len());
    let acme = acme();
    let mut store = (PathBuf::new(), None);
    for (path, question) in kept {
        if store.0 != path {
            store = (path.clone(), Some(open(&path)));
        }
        let key = LookupKey { supplier: &acme, origin: "", question: &question };
        let found = store.1.as_ref().unwrap().lookup(key, Duration::from_hours(1), Timestamp::now()).unwrap();
        assert!(found.is_some(), "{question} of {} was lost", path.display());
    }
}

#[test]
fn row_57_runs_that_are_killed_at_any_moment_leave_the_state_whole() {
    let supplier = Supplier::replying(&offer("1.50"));
    let scene = Scene::of(&[("acme", &supplier.url())]);
    // The first one makes the file.
    let whole = [scene.run(&["widget"]), scene.run(&["widget"])].map(|run| run.took)[1];
    let mut ended = 2;
    for round in 0..200_u32 {
        let mut child = scene.command(&["widget", "--quiet"]).stdout(Stdio::null()).spawn().unwrap();
        // A moment of its life, and nothing that is waited for.
        thread::sleep(whole * (round * 37 % 100) / 100);
        child.kill().unwrap();
        ended += u32::from(child.wait().unwrap().success());
    }
    let path = scene.path(".local/state/pricecmp/state.db");
    let rows = count(&path, "latency");
    assert!((ended..=202).contains(&rows), "{rows} rows of {ended} runs that ended");
    assert!(ended < 190, "{ended}: hardly any was killed");
    assert_eq!(scene.run(&["widget"]).stderr, "");
    assert_eq!(count(&path, "latency"), rows + 1);
}

/// Opens the circuit so long ago that it is half-open now.
fn half_open(path: &Path) {
    let acme = acme();
    let then = Timestamp::now() - SignedDuration::from_mins(9);
    for _ in 0..5 {
        let fail = |breaker: &mut pricecmp::domain::Breaker| breaker.note(Signal::Failure, "then", then, 0);
        open(path).record(then, |changes| changes.update_breaker(place(&acme), fail)).unwrap();
    }
    assert_eq!(open(path).breaker(place(&acme)).unwrap().circuit(Timestamp::now()), Circuit::HalfOpen);
}

/// Asks to probe.
fn admitted(path: &Path, holder: &str, now: Timestamp) -> Option<Admission> {
    let acme = acme();
    let admit = |breaker: &mut pricecmp::domain::Breaker| breaker.admit(holder, Duration::from_mins(1), now);
    open(path).claim(now, |changes| changes.update_breaker(place(&acme), admit)).ok()
}

#[test]
fn row_58_of_twenty_processes_one_probes() {
    if let Some(path) = child() {
        // The shot that starts all of them.
        std::io::stdin().lines().next().unwrap().unwrap();
        // A process that cannot read the state in time does not probe either.
        if admitted(&path, &std::process::id().to_string(), Timestamp::now()) == Some(Admission::Probe) {
            say("probe");
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    half_open(&path);
    let mut children: Vec<Child> = (0..20).map(|_| start("row_58_of_twenty_processes_one_probes", &path)).collect();
    for child in &mut children {
        child.stdin.as_mut().unwrap().write_all(b"now\n").unwrap();
    }
    let said: Vec<String> = children.iter_mut().flat_map(lines).collect();
    assert_eq!(said, ["probe"]);
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn row_58_the_lease_of_a_killed_probe_expires() {
    if let Some(path) = child() {
        let admission = admitted(&path, "killed", Timestamp::now());
        say(&(admission == Some(Admission::Probe)).to_string());
        // It asks the supplier, and never comes to say what came of it.
        std::io::stdin().lines().next();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    half_open(&path);
    let mut child = start("row_58_the_lease_of_a_killed_probe_expires", &path);
    assert_eq!(lines(&mut child).next().as_deref(), Some("true"));
    child.kill().unwrap();
    child.wait().unwrap();
    let now = Timestamp::now();
    assert!(matches!(admitted(&path, "next", now), Some(Admission::Refused(_))));
    assert_eq!(admitted(&path, "next", now + SignedDuration::from_secs(62)), Some(Admission::Probe));
}

#[test]
fn row_60_what_was_kept_under_a_wrong_clock_keeps_nothing_for_ever() {
    let supplier = Supplier::replying(&offer("1.50"));
    let scene = Scene::of(&[("acme", &supplier.url())]);
    assert_eq!(scene.run(&["widget"]).stderr, "");
    let (path, acme) = (scene.path(".local/state/pricecmp/state.db"), acme());
    let later: Timestamp = "2190-01-01T00:00:00Z".parse().unwrap();
    let observation = Observation { at: later, took: Duration::ZERO, error: None, extra_requests: 0 };
    let fail = |breaker: &mut pricecmp::domain::Breaker| breaker.note(Signal::Failure, "later", later, u64::MAX);
    let mut store = open(&path);
    store
        .claim(later, |changes| {
            (0..5).try_for_each(|_| changes.update_breaker(place(&acme), fail))?;
            changes.add_observation(place(&acme), &observation)
        })
        .unwrap();
    assert!(matches!(store.breaker(place(&acme)).unwrap().circuit(later), Circuit::Open(_)));
    // The clock is right again.
    let now = Timestamp::now();
    assert!(!matches!(store.breaker(place(&acme)).unwrap().circuit(now), Circuit::Open(_)));
    assert_eq!(store.observations(place(&acme), Duration::MAX, now).unwrap(), []);
    let ahead = |table: &str| count(&path, &format!("{table} WHERE at > {}", now.as_millisecond() + 1_000_000));
    assert_eq!(["latency", "breaker"].map(ahead), [1, 1]);
    drop(store);
    let run: Run = scene.run(&["widget"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!((["latency", "breaker"].map(ahead), count(&path, "latency")), ([0, 0], 2));
}
