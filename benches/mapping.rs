//! What mapping and the state cost a run: `cargo bench --bench mapping`.
//!
//! Three pairs, each of whole runs of the real binary in alternation, so that what the machine does besides meets both
//! alike: 50 mock suppliers with `quotes` filters and 50 without, one reply of 8 MiB with 10,000 offers through a filter
//! and a short one, and runs with and without a state. Figures are medians of wall time and of processor time (user and
//! system) of the process, mocks inside it included; on a busy machine the processor's are the ones to go by.
//! `-- --quick` takes few runs.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

const PRICECMP: &str = env!("CARGO_BIN_EXE_pricecmp");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often each side of a pair runs: measured, and with `--quick`.
const RUNS: (usize, usize) = (41, 9);
/// Suppliers with and without filters.
const SUPPLIERS: usize = 50;
/// Suppliers of the runs with and without a state.
const REMEMBERED: usize = 10;
/// Offers of the long reply.
const MANY_OFFERS: usize = 10_000;
/// Bytes of the long reply; what its offers leave of them is text that the filter does not read.
const LONG_REPLY: usize = (8 << 20) - 64;
/// A reply in the wire's own format.
const OWN_REPLY: &str = r#"[{"sku": "S-1", "unitPrice": 0.45, "currency": "EUR", "inStock": true, "deliveryDays": 2}]"#;
/// The same in a format of somebody else's, and the filter for it.
const FOREIGN_REPLY: &str =
    r#"{"parts": [{"id": "S-1", "qty": 500, "days": 2, "breaks": [{"min": 1, "price": "0,45 €"}]}]}"#;
const FILTER: &str = r#".parts[] | {sku: .id, currency: "EUR", stockQuantity: .qty, deliveryDays: .days,
    priceBreaks: [.breaks[] | {quantity: .min, unitPrice: (.price | tonumber("."; ","))}]}"#;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs every bench without this flag.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runs = if arguments.iter().any(|argument| argument == "--quick") { RUNS.1 } else { RUNS.0 };
    let folder = tempfile::tempdir()?;
    let mut out = io::stdout();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    writeln!(out, "{runs} runs each, load {}\n", load.split(' ').next().unwrap_or("unknown"))?;
    writeln!(out, "{:<44}{:>10}{:>10}", "ms", "wall", "CPU")?;
    filters(folder.path(), runs, &mut out)?;
    long_reply(folder.path(), runs, &mut out)?;
    state(folder.path(), runs, &mut out)
}

/// 50 suppliers with filters against 50 without.
fn filters(folder: &Path, runs: usize, out: &mut dyn Write) -> Result<()> {
    let plain = suppliers(SUPPLIERS, "", OWN_REPLY);
    let mapped = suppliers(SUPPLIERS, &format!("quotes = '''{FILTER}'''\n"), FOREIGN_REPLY);
    let (plain, mapped) = (written(folder, "plain.toml", &plain)?, written(folder, "mapped.toml", &mapped)?);
    let pair = alternated(runs, [&["--mock", "-c", &plain], &["--mock", "-c", &mapped]])?;
    tell(out, [&format!("{SUPPLIERS} suppliers"), "with filters"], &pair)
}

/// A reply of 8 MiB through a filter against a short one.
fn long_reply(folder: &Path, runs: usize, out: &mut dyn Write) -> Result<()> {
    let mut reply = "{\"parts\": [\n".to_owned();
    let text = "x".repeat(LONG_REPLY / MANY_OFFERS - 112);
    for number in 0..MANY_OFFERS {
        let comma = if number == 0 { "" } else { ",\n" };
        write!(
            reply,
            "{comma}{{\"id\": \"S-{number:05}\", \"qty\": 500, \"days\": 2, \"text\": \"{text}\", \
             \"breaks\": [{{\"min\": 1, \"price\": \"0,{:04} €\"}}]}}",
            number + 1
        )?;
    }
    reply.push_str("\n]}");
    assert!(reply.len() <= 8 << 20, "{} bytes are more than a reply may have", reply.len());
    std::fs::write(folder.join("long.json"), &reply)?;
    let keys = format!("quotes = '''{FILTER}'''\n");
    let short = suppliers(1, &keys, FOREIGN_REPLY);
    let long = short.replace(&format!("body = '''{FOREIGN_REPLY}'''"), "body-file = \"long.json\"");
    let (short, long) = (written(folder, "short.toml", &short)?, written(folder, "long.toml", &long)?);
    let pair = alternated(runs, [&["--mock", "-c", &short], &["--mock", "-c", &long]])?;
    tell(out, ["one short reply", &format!("one of {MANY_OFFERS} offers, {} kiB", reply.len() >> 10)], &pair)
}

/// Runs with a state against runs without.
fn state(folder: &Path, runs: usize, out: &mut dyn Write) -> Result<()> {
    let configuration = suppliers(REMEMBERED, "", OWN_REPLY);
    let path = written(folder, "served.toml", &configuration)?;
    let mocks = Mocks::start(&path)?;
    let asked = written(folder, "asked.toml", &configuration.replace("127.0.0.1:7171", &mocks.address))?;
    let state = folder.join("state.db").display().to_string();
    let pair = alternated(runs, [&["--no-state", "-c", &asked], &["--state", &state, "-c", &asked]])?;
    tell(out, [&format!("{REMEMBERED} suppliers, --no-state"), "with a state"], &pair)
}

/// A configuration with so many suppliers that have these keys and this reply.
fn suppliers(count: usize, keys: &str, reply: &str) -> String {
    let mut text = "currency = \"EUR\"\ntimeout = \"60s\"\n".to_owned();
    for number in 0..count {
        // Writing to text cannot fail.
        let _ = write!(
            text,
            "\n[suppliers.s{number}]\nurl = \"http://127.0.0.1:7171/s{number}/quotes/{{product}}{{?quantity}}\"\n{keys}\
             [suppliers.s{number}.mock]\nbody = '''{reply}'''\n"
        );
    }
    text
}

fn written(folder: &Path, name: &str, text: &str) -> Result<String> {
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, text)?;
    Ok(path.display().to_string())
}

/// Wall and processor time of a run.
type Cost = [Duration; 2];

/// The medians of both sides, which take turns. The first turn is not counted.
fn alternated(runs: usize, sides: [&[&str]; 2]) -> Result<[Cost; 2]> {
    let mut costs = [Vec::with_capacity(runs), Vec::with_capacity(runs)];
    for turn in 0..=runs {
        for (side, arguments) in sides.into_iter().enumerate() {
            let cost = run(arguments)?;
            if turn > 0 {
                costs[side].push(cost);
            }
        }
    }
    Ok(costs.map(|costs| {
        let median = |which: usize| {
            let mut times: Vec<Duration> = costs.iter().map(|cost| cost[which]).collect();
            times.sort_unstable();
            times[times.len() / 2]
        };
        [median(0), median(1)]
    }))
}

fn run(arguments: &[&str]) -> Result<Cost> {
    let mut command = Command::new(PRICECMP);
    command.args(["widget", "--qty", "10", "--json", "-q"]).args(arguments).stdout(Stdio::null());
    let started = Instant::now();
    let ended = command.spawn()?.wait4()?;
    let wall = started.elapsed();
    if ended.status.success() {
        Ok([wall, ended.rusage.utime + ended.rusage.stime])
    } else {
        Err("a run failed".into())
    }
}

fn tell(out: &mut dyn Write, labels: [&str; 2], pair: &[Cost; 2]) -> Result<()> {
    for (label, [wall, processor]) in labels.into_iter().zip(pair) {
        writeln!(out, "{label:<44}{:>10}{:>10}", tenths(*wall), tenths(*processor))?;
    }
    let more = |which: usize| {
        let [less, more] = [pair[0][which], pair[1][which]];
        format!("{}{}", if more < less { "-" } else { "" }, tenths(more.abs_diff(less)))
    };
    let ratio = |which: usize| {
        let hundredths = pair[1][which].as_micros() * 100 / pair[0][which].as_micros().max(1);
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    };
    writeln!(out, "{:<44}{:>10}{:>10}", "  more", more(0), more(1))?;
    writeln!(out, "{:<44}{:>10}{:>10}\n", "  ratio", ratio(0), ratio(1))?;
    Ok(())
}

/// Milliseconds with one decimal.
fn tenths(time: Duration) -> String {
    let tenths = (time.as_micros() + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Mocks in a process of their own.
struct Mocks {
    child: Child,
    address: String,
}

impl Mocks {
    fn start(configuration: &str) -> Result<Self> {
        let mut command = Command::new(PRICECMP);
        command.args(["mock", "-q", "--listen", "127.0.0.1:0", "-c", configuration]).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().ok_or("stdout is piped")?);
        stdout.read_line(&mut line)?;
        let address = line.split('/').nth(2).ok_or("a name and a URL")?.to_owned();
        Ok(Self { child, address })
    }
}

impl Drop for Mocks {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
