//! Row 59 of the fault matrix: a state that cannot be used. And of row 70, that no secret is in it.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;
use support::{CANARY, ENCODED_CANARY, Run, SAVED_REPLIES, Scene, Supplier, files_in, offer, without_measured};

/// A supplier that answers, and a folder to compare in.
struct Start {
    scene: Scene,
    _supplier: Supplier,
}

impl Start {
    fn new() -> Self {
        let supplier = Supplier::replying(&offer("1.50"));
        Self { scene: Scene::of(&[("acme", &supplier.url())]), _supplier: supplier }
    }

    /// Where the state of its runs is.
    fn state(&self) -> PathBuf {
        self.scene.path(".local/state/pricecmp/state.db")
    }

    /// A run that is right whatever becomes of its state.
    fn run(&self, flags: &[&str]) -> Run {
        self.holds(self.scene.run(&[&["widget", "--json"], flags].concat()))
    }

    /// Holds a run to what one without a state prints.
    fn holds(&self, run: Run) -> Run {
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let without = self.scene.run(&["widget", "--json", "--no-state"]);
        assert_eq!(without.stderr, "");
        assert_eq!(without_state(&run.json()), without_state(&without.json()));
        run
    }

    /// A run with one warning that begins so.
    fn warns(&self, flags: &[&str], expected: &str) {
        let run = self.run(flags);
        let warning = run.stderr.strip_prefix("warning: ").unwrap_or_else(|| panic!("no warning: {}", run.stderr));
        assert!(warning.starts_with(expected) && warning.matches('\n').count() == 1, "{expected}: {}", run.stderr);
    }

    /// A run that keeps what it learns, and has nothing to say about it.
    fn remembers(&self) {
        let before = if self.state().exists() { rows(&self.state()) } else { 0 };
        assert_eq!(self.run(&[]).stderr, "");
        assert_eq!(rows(&self.state()), before + 1);
    }
}

/// A document without what a state adds to it: what is wrong with it, and what was asked before.
fn without_state(document: &Value) -> String {
    let mut document = document.clone();
    document["warnings"] = Value::Null;
    for quote in ["/selected", "/cheapest", "/fastest", "/allQuotes/0"] {
        document.pointer_mut(quote).unwrap()["previous"] = Value::Null;
    }
    without_measured(&format!("{document:#}"))
}

/// How often a supplier was observed; 0 in a file that is still empty.
fn rows(path: &Path) -> u64 {
    let connection = Connection::open(path).unwrap();
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    if !connection.table_exists(None, "latency").unwrap() {
        return 0;
    }
    connection.query_row("SELECT count(*) FROM latency", [], |row| row.get::<_, u32>(0)).unwrap().into()
}

#[test]
fn row_59_garbage_is_kept_aside_and_a_new_state_begun() {
    let start = Start::new();
    start.remembers();
    fs::write(start.state(), "garbage ".repeat(1000)).unwrap();
    let path = start.state().display().to_string();
    start.warns(&[], &format!("the state `{path}` was damaged and begins anew, the old one is `{path}.corrupt-1`\n"));
    assert_eq!(fs::read_to_string(format!("{path}.corrupt-1")).unwrap(), "garbage ".repeat(1000));
    assert_eq!(rows(&start.state()), 1);
    start.remembers();
}

#[test]
fn row_59_a_later_version_is_left_alone() {
    let start = Start::new();
    start.remembers();
    let connection = Connection::open(start.state()).unwrap();
    connection.pragma_update(None, "user_version", 1000).unwrap();
    drop(connection);
    let before = fs::read(start.state()).unwrap();
    let path = start.state().display().to_string();
    start.warns(&[], &format!("the state `{path}` was left out of this run: it was made by a later version: "));
    assert_eq!(fs::read(start.state()).unwrap(), before);
    assert_eq!(rows(&start.state()), 1);
}

#[test]
fn row_59_a_folder_that_may_not_be_written_is_no_obstacle() {
    let start = Start::new();
    let folder = start.scene.path("locked");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o500)).unwrap();
    // Nobody keeps the super-user from writing there, but for the system's own folders.
    let is_obeyed = fs::write(folder.join("probe"), "").is_err();
    let folder = if is_obeyed { folder } else { PathBuf::from("/sys/pricecmp") };
    let path = folder.join("state.db").display().to_string();
    start.warns(
        &["--state", &path],
        &format!("the state `{path}` was left out of this run: its folder cannot be used: "),
    );
}

#[test]
fn row_59_a_full_disk_is_no_obstacle() {
    let start = Start::new();
    // Files may have so many blocks of 512 bytes. Without the trap, the system would end whoever writes more.
    for blocks in [0, 1, 9, 20, 63, 64, 100] {
        for is_there in [false, true] {
            // Programs like this one's test read the state and must not be limited.
            let _ = fs::remove_dir_all(start.scene.path(".local"));
            if is_there {
                start.remembers();
            }
            let binary = start.scene.command(&["widget", "--json"]);
            let mut command = Command::new("sh");
            command.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
            command.arg(binary.get_program()).args(binary.get_args()).current_dir(start.scene.path("."));
            command.env_clear().env("HOME", start.scene.path("."));
            let run = start.holds(Run::of(command.output().unwrap()));
            let reasons = ["the disk is full", "the disk fails or is full", "it cannot be opened"];
            let is_reason = |reason: &&str| run.stderr.ends_with(&format!(" was left out of this run: {reason}\n"));
            let is_warned = run.stderr.starts_with("warning: the state `")
                && run.stderr.matches('\n').count() == 1
                && reasons.iter().any(is_reason);
            assert!(is_warned || run.stderr.is_empty(), "{blocks}: {}", run.stderr);
            assert!(is_warned || blocks >= 64, "{blocks}: there is no room, and no warning");
            start.remembers();
        }
    }
}

#[test]
fn row_59_a_state_that_others_hold_is_no_obstacle() {
    let start = Start::new();
    start.remembers();
    let holder = Connection::open(start.state()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let path = start.state().display().to_string();
    start.warns(&[], &format!("the state `{path}` was left out of this run: other processes hold it\n"));
    holder.execute_batch("ROLLBACK").unwrap();
    start.remembers();
}

#[test]
fn row_59_without_a_state_nothing_is_made() {
    let start = Start::new();
    for flags in [["--no-state", "--quiet"], ["--dry-run", "--quiet"]] {
        assert_eq!(start.scene.run(&[&["widget"], flags.as_slice()].concat()).code, Some(0));
    }
    assert_eq!(start.scene.run(&["--mock", "widget", "--config", "none"]).code, Some(2));
    assert!(!start.scene.path(".local").exists());
    let elsewhere = start.scene.path("own/s.db");
    assert_eq!(start.run(&["--state", "own/s.db"]).stderr, "");
    assert_eq!(rows(&elsewhere), 1);
    assert!(!start.scene.path(".local").exists());
}

/// A supplier that answers and one that repeats a secret, each with secrets in its user-info, its query and a header.
fn with_secrets() -> (Scene, [Supplier; 2]) {
    let [good, bad] =
        [Supplier::replying(&offer("1.50")), Supplier::with_status("401 Unauthorized", CANARY.as_bytes())];
    let secret = |supplier: &Supplier| supplier.url().replace("http://", &format!("http://buyer:{CANARY}@"));
    let suppliers = [("acme", &*secret(&good)), ("bolt", &*format!("{}&key={CANARY}", secret(&bad)))];
    (Scene::of(&suppliers), [good, bad])
}

/// Holds that what was kept in a folder of a scene has some texts in it, and no secret.
fn holds(scene: &Scene, folder: &str, texts: &[&str]) {
    let all: Vec<u8> = files_in(&scene.path(folder)).flat_map(|(_, bytes)| bytes).collect();
    let holds = |text: &str| all.windows(text.len()).any(|window| window == text.as_bytes());
    for text in texts {
        assert!(holds(text), "no `{text}` in {folder}");
    }
    for secret in [CANARY, ENCODED_CANARY] {
        assert!(!holds(secret), "`{secret}` is in {folder}");
    }
}

#[test]
fn row_70_no_secret_is_in_the_state() {
    let (scene, _suppliers) = with_secrets();
    assert_eq!(scene.run(&["widget"]).code, Some(0));
    // Some of it is in the log only, until somebody reads it through.
    let kept = ["http_status", "http://127.0.0.1:"];
    assert!(scene.path(".local/state/pricecmp/state.db-wal").exists());
    holds(&scene, ".local", &kept);
    assert_eq!(rows(&scene.path(".local/state/pricecmp/state.db")), 2);
    holds(&scene, ".local", &kept);
}

#[test]
fn row_70_no_secret_is_in_what_is_saved_shown_or_helped_with() {
    let (scene, suppliers) = with_secrets();
    // What they print is searched whenever a run ends.
    for (arguments, code) in [
        (&["widget", "-vv", "--save-replies", SAVED_REPLIES][..], 0),
        (&["explain", "bolt", "widget", "-vv", "--save-replies", SAVED_REPLIES], 3),
        (&["check", "--live", "--product", "widget", "-vv", "--save-replies", SAVED_REPLIES], 3),
        (&["widget", "--dry-run", "-vv"], 0),
        (&["explain", "bolt", "widget", "--dry-run", "-vv"], 0),
        (&["check", "-vv"], 0),
        (&["suppliers", "-vv"], 0),
        (&["suppliers", "--json"], 0),
        (&["widget", "--require", "bolt", "-vv"], 3),
        (&["widget", "--jq", ".absent | error", "-vv"], 5),
        (&["--help"], 0),
        (&["explain", "--help"], 0),
    ] {
        let run = scene.run(arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}: {}", run.stderr);
    }
    assert!(suppliers.iter().all(|supplier| supplier.requests().iter().any(|request| request.contains(CANARY))));
    holds(&scene, SAVED_REPLIES, &["***", "http://buyer:***@127.0.0.1:", "unitPrice"]);
}

#[test]
fn row_59_quiet_runs_say_nothing_of_it() {
    let start = Start::new();
    assert_eq!(start.run(&["--quiet", "--state", "/dev/null"]).stderr, "");
    start.warns(&["--state", "/dev/null"], "the state `/dev/null` was left out of this run: it is no file\n");
}
