//! What a second request beside a slow one is worth: `cargo bench --bench hedge`.
//!
//! Mock suppliers with a long tail (log-normal, every hundredth answer takes 300 times as long as every second one) are
//! asked by many runs, without and with `hedge = true`. Each run is a process of its own, and learns from the runs
//! before it through a state of its own for each way. Figures are of all replies together; what the runs with hedging
//! learned in the beginning is not counted. `-- --quick` takes few runs.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

const PRICECMP: &str = env!("CARGO_BIN_EXE_pricecmp");

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Suppliers in each run.
const SUPPLIERS: usize = 20;
/// Runs that are counted: measured, and with `--quick`.
const RUNS: (usize, usize) = (1_000, 50);
/// Runs that come before, to learn from.
const LEARNING: usize = 60;
/// Runs at a time. They wait most of the time.
const AT_A_TIME: usize = 4;
/// How long the mocks take.
const LATENCY: &str = r#"{ median = "4ms", p99 = "1200ms" }"#;
/// No reply takes as long as a run may.
const TIMEOUT: &str = "10m";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs every bench without this flag.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runs = if arguments.iter().any(|argument| argument == "--quick") { RUNS.1 } else { RUNS.0 };
    let folder = tempfile::tempdir()?;
    let mocks = Mocks::start(folder.path())?;
    let mut out = io::stdout();
    writeln!(out, "{SUPPLIERS} suppliers, {runs} runs, latency {LATENCY}\n")?;
    writeln!(out, "{:<14}{:>9}{:>9}{:>9}{:>9}{:>10}{:>9}", "ms", "p50", "p95", "p99", "p99.9", "requests", "extra")?;
    let plain = measure(&mocks.configuration(folder.path(), "off", false)?, 0, runs)?;
    writeln!(out, "{:<14}{plain}", "one request")?;
    let hedged = measure(&mocks.configuration(folder.path(), "on", true)?, LEARNING, runs)?;
    writeln!(out, "{:<14}{hedged}", "hedged")?;
    let ratio = tenths(plain.percentile(999) * 10, hedged.percentile(999));
    writeln!(out, "\np99.9 is {ratio} times lower")?;
    Ok(())
}

/// The mocks, in a process of their own.
struct Mocks {
    child: Child,
    /// Name and URL of each.
    lines: Vec<(String, String)>,
}

impl Mocks {
    fn start(folder: &Path) -> Result<Self> {
        let path = folder.join("mocks.toml");
        let names = (0..SUPPLIERS).map(|number| (format!("s{number}"), "http://127.0.0.1:7171/".to_owned()));
        std::fs::write(&path, configuration(&names.collect::<Vec<_>>(), ""))?;
        let mut command = Command::new(PRICECMP);
        command.args(["mock", "-q", "--listen", "127.0.0.1:0", "--config"]).arg(&path).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let stdout = BufReader::new(child.stdout.take().ok_or("stdout is piped")?);
        let mut lines = Vec::new();
        for line in stdout.lines().take(SUPPLIERS) {
            let line = line?;
            let (name, url) = line.split_once(' ').ok_or("a name and a URL")?;
            lines.push((name.to_owned(), url.to_owned()));
        }
        Ok(Self { child, lines })
    }

    /// Writes a configuration that asks them.
    fn configuration(&self, folder: &Path, name: &str, hedge: bool) -> Result<PathBuf> {
        let path = folder.join(format!("{name}.toml"));
        std::fs::write(&path, configuration(&self.lines, &format!("hedge = {hedge}\n")))?;
        Ok(path)
    }
}

impl Drop for Mocks {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(suppliers: &[(String, String)], keys: &str) -> String {
    let table = |(name, url): &(String, String)| {
        format!(
            "[suppliers.{name}]\nurl = \"{url}\"\n{keys}[suppliers.{name}.mock]\nlatency = {LATENCY}\n\
             [[suppliers.{name}.mock.offers]]\nunit-price = \"1\"\ncurrency = \"EUR\"\nin-stock = true\n"
        )
    };
    format!("currency = \"EUR\"\n{}", suppliers.iter().map(table).collect::<String>())
}

/// What the replies of many runs took.
struct Figures {
    /// Microseconds, shortest first.
    latencies: Vec<u64>,
    requests: u64,
}

impl Figures {
    /// The latency that so many of a thousand replies do not exceed, in microseconds.
    fn percentile(&self, per_mille: usize) -> u64 {
        let rank = (self.latencies.len() * per_mille).div_ceil(1000).max(1);
        self.latencies.get(rank - 1).copied().unwrap_or_default()
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for per_mille in [500, 950, 990, 999] {
            write!(formatter, "{:>9}", tenths(self.percentile(per_mille) * 10, 1_000))?;
        }
        let replies = self.latencies.len() as u64;
        let extra = (self.requests - replies) * 1_000;
        write!(formatter, "{:>10}{:>7} %", self.requests, tenths(extra, replies))
    }
}

/// A tenfold figure over another, rounded to tenths.
fn tenths(tenfold: u64, by: u64) -> String {
    let tenths = (tenfold + by / 2) / by.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Runs again and again, a few at a time. The first `learning` runs do not count.
fn measure(configuration: &Path, learning: usize, runs: usize) -> Result<Figures> {
    let figures = Mutex::new(Figures { latencies: Vec::new(), requests: 0 });
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= learning + runs {
                        return;
                    }
                    match (run(configuration), figures.lock()) {
                        (Ok(replies), Ok(mut figures)) if number >= learning => {
                            figures.requests += replies.iter().map(|(_, attempts)| attempts).sum::<u64>();
                            figures.latencies.extend(replies.iter().map(|(latency, _)| latency));
                        }
                        (Err(error), _) => drop(failed.lock().map(|mut failed| *failed = Some(error))),
                        _ => {}
                    }
                }
            });
        }
    });
    if let Some(error) = failed.into_inner().map_err(|_| "a thread panicked")? {
        return Err(error);
    }
    let mut figures = figures.into_inner().map_err(|_| "a thread panicked")?;
    figures.latencies.sort_unstable();
    Ok(figures)
}

/// One run: the latency in microseconds and the requests of each supplier.
fn run(configuration: &Path) -> Result<Vec<(u64, u64)>> {
    let state = configuration.with_extension("db");
    let mut command = Command::new(PRICECMP);
    command.args(["widget", "--json", "--timeout", TIMEOUT, "--config"]).arg(configuration).arg("--state").arg(state);
    let output = command.stderr(Stdio::inherit()).output()?;
    let document: Value = serde_json::from_slice(&output.stdout)?;
    let reply = |stats: &Value| {
        let milliseconds: Decimal = stats["latencyMs"].to_string().parse()?;
        let microseconds = (milliseconds * Decimal::from(1_000)).to_u64().ok_or("a latency is a number")?;
        let attempts = stats["attempts"].as_u64().ok_or("attempts are a number")?;
        if stats["responded"] == true { Ok((microseconds, attempts)) } else { Err(format!("{stats}").into()) }
    };
    document["supplierStats"].as_array().ok_or("there are statistics")?.iter().map(reply).collect()
}
