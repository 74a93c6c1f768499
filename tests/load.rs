//! Many runs at the same time, one after the other in many threads, against one `pricecmp mock` and with one state: every
//! result is right, nothing of the state is lost, and nothing is left behind.
//!
//! `PRICECMP_LOAD=200x60` has 200 runs at a time for 60 seconds; without it there are few, and they do not last.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rust_decimal::Decimal;
use support::{Running, Scene};

/// How many rows the state keeps of how a supplier behaved.
const KEPT: usize = 200;

/// How much is done.
struct Load {
    /// Runs at a time.
    threads: usize,
    /// How long runs are begun; each thread has one at least.
    lasts: Duration,
}

impl Load {
    fn wanted() -> Self {
        let wanted = std::env::var("PRICECMP_LOAD").unwrap_or_else(|_| "20x2".to_owned());
        let (threads, seconds) = wanted.split_once('x').expect("PRICECMP_LOAD is RUNSxSECONDS");
        Self { threads: threads.parse().unwrap(), lasts: Duration::from_secs(seconds.parse().unwrap()) }
    }
}

/// What the mocks sell: `acme` by the quantity, `bolt` at one price, `cole` not at all, since it fails.
const MOCKS: &str = r#"
currency = "EUR"

[suppliers.acme]
url = "http://127.0.0.1:7171/acme/quotes/{product}{?quantity}"
[suppliers.acme.mock]
latency = { min = "1ms", max = "40ms" }
[[suppliers.acme.mock.offers]]
price-breaks = [{ quantity = 1, unit-price = "1.50" }, { quantity = 100, unit-price = "1.20" }]
shipping = "5"
currency = "EUR"

[suppliers.bolt]
url = "http://127.0.0.1:7171/bolt/quotes/{product}{?quantity}"
[suppliers.bolt.mock]
latency = { min = "1ms", max = "40ms" }
[[suppliers.bolt.mock.offers]]
unit-price = "1.37"
shipping = "0"
currency = "EUR"

[suppliers.cole]
url = "http://127.0.0.1:7171/cole/quotes/{product}{?quantity}"
[suppliers.cole.mock]
error = 404
"#;

/// The cheapest total for so many.
fn cheapest(quantity: u32) -> Decimal {
    // A hundred may cost less than what is needed.
    let goods = if quantity < 100 { (150 * quantity).min(120 * 100) } else { 120 * quantity };
    let acme = goods + 500;
    let cents = acme.min(137 * quantity);
    Decimal::new(cents.into(), 2)
}

/// What a thread asks: the mocks, the second one by a name of the thread's own, so that what is kept of it can be counted.
fn configuration(thread: usize, address: &str) -> String {
    let supplier = |name: &str, mock: &str| {
        format!("[suppliers.{name}]\nurl = \"http://{address}/{mock}/quotes/{{product}}{{?quantity}}\"\n")
    };
    let own = name_of(thread);
    format!("currency = \"EUR\"\n{}{}{}", supplier("acme", "acme"), supplier(&own, "bolt"), supplier("cole", "cole"))
}

fn name_of(thread: usize) -> String {
    format!("bolt-{thread}")
}

/// Runs one after the other until the time is over, and returns how many there were.
fn run_on(scene: &Scene, thread: usize, ends: Instant) -> usize {
    let file = format!("{}.toml", name_of(thread));
    for count in 1.. {
        let asked = (1 + (thread * 31 + count * 7) % 200).to_string();
        let run = scene.run(&["widget", "--qty", &asked, "--config", &file, "--timeout", "100s", "--json"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let document = run.json();
        let total: Decimal = document["cheapest"]["totalPrice"].to_string().parse().unwrap();
        assert_eq!(total, cheapest(asked.parse().unwrap()), "{document:#}");
        assert_eq!(document["allQuotes"].as_array().unwrap().len(), 2, "{document:#}");
        if Instant::now() >= ends {
            return count;
        }
    }
    unreachable!("nobody counts so far")
}

/// Holds that each thread's runs are in the state.
fn holds_all(state: &Path, counts: &[usize]) {
    let connection = Connection::open(state).unwrap();
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    let rows = |name: &str| -> usize {
        let count: u32 =
            connection.query_row("SELECT count(*) FROM latency WHERE supplier = ?1", [name], |row| row.get(0)).unwrap();
        count.try_into().unwrap()
    };
    for (thread, count) in counts.iter().enumerate() {
        assert_eq!(rows(&name_of(thread)), KEPT.min(*count), "of {count} runs of thread {thread}");
    }
    let all: usize = counts.iter().sum();
    assert_eq!((rows("acme"), rows("cole")), (KEPT.min(all), KEPT.min(all)));
}

/// The processes that were started in a folder and still run. Where there is no `/proc`, none are found.
fn processes_in(folder: &Path) -> Vec<String> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_there = |process: &fs::DirEntry| fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == folder);
    all.filter(is_there).map(|process| process.file_name().to_string_lossy().into_owned()).collect()
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_crowd_of_runs_gets_right_results_and_leaves_nothing_behind() {
    let load = Load::wanted();
    let scene = Scene::new(MOCKS);
    let temporary = scene.path("tmp");
    fs::create_dir(&temporary).unwrap();
    let scene = scene.with_variable("TMPDIR", temporary.to_str().unwrap());
    let folder = scene.path("").canonicalize().unwrap();
    let mut mocks: Running = scene.start(&["mock", "--listen", "127.0.0.1:0", "--quiet"]);
    let line = mocks.next_line();
    let address = line.split('/').nth(2).unwrap().to_owned();
    for thread in 0..load.threads {
        scene.write(&format!("{}.toml", name_of(thread)), configuration(thread, &address).as_bytes());
    }
    let before = names_in(&folder);

    let ends = Instant::now() + load.lasts;
    let counts: Vec<usize> = thread::scope(|scope| {
        let threads: Vec<_> = (0..load.threads)
            .map(|thread| {
                let scene = &scene;
                scope.spawn(move || run_on(scene, thread, ends))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });

    assert_eq!(processes_in(&folder).len(), usize::from(cfg!(target_os = "linux")), "the mocks alone still run");
    mocks.signal("INT");
    let mocks = mocks.finish();
    assert_eq!((mocks.code, mocks.stderr.as_str()), (Some(0), ""));
    assert_eq!(processes_in(&folder), Vec::<String>::new());
    assert!(TcpStream::connect(&address).is_err(), "the port is still open");
    // The log beside the state is a part of it. Nothing else is there, and nothing temporary.
    assert_eq!(names_in(&scene.path(".local/state/pricecmp")), ["state.db", "state.db-shm", "state.db-wal"]);
    let log = fs::metadata(scene.path(".local/state/pricecmp/state.db-wal")).unwrap().len();
    assert!(log < 64 << 20, "the log has {log} B");
    assert_eq!(names_in(&temporary), Vec::<String>::new());
    let mut after = names_in(&folder);
    after.retain(|name| name != ".local");
    assert_eq!(after, before);
    holds_all(&scene.path(".local/state/pricecmp/state.db"), &counts);
    say(&format!(
        "{} runs, {} at a time, were right; the log has {} kB",
        counts.iter().sum::<usize>(),
        load.threads,
        log / 1024
    ));
}

/// For who reads along, with `--nocapture`.
#[expect(clippy::print_stderr, reason = "it is what a test has to say")]
fn say(line: &str) {
    eprintln!("{line}");
}
