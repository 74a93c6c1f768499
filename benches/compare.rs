//! How `pricecmp` compares with `curl` at asking N suppliers at once: `cargo bench --bench compare`.
//!
//! Both fetch the same URLs from a mock that answers at once, in alternation, so that what the machine does besides
//! meets both alike. The mock is this program again, as a child of its own, so that neither its time nor its memory
//! is measured; it listens on loopback addresses only, one for each supplier, so that no connection is used twice.
//! Figures are medians of wall time, processor time (user and system) and peak memory of the whole process.
//! `-- --quick` takes few runs.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use wait4::Wait4;

const PRICECMP: &str = env!("CARGO_BIN_EXE_pricecmp");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Suppliers, and how often each program asks them: measured, and with `--quick`.
const ROUNDS: [(usize, usize, usize); 5] = [(1, 41, 5), (10, 41, 5), (100, 21, 5), (1_000, 11, 3), (10_000, 5, 1)];
/// How often each program prints its version: measured, and with `--quick`.
const STARTS: (usize, usize) = (101, 11);
/// How often the slow supplier and the long reply are asked for: measured, and with `--quick`.
const SPECIALS: (usize, usize) = (11, 3);
/// What one of the suppliers takes at N = 50.
const SLOW: Duration = Duration::from_millis(200);
/// The offers of the long reply; each has five tiers.
const MANY_OFFERS: usize = 10_000;
/// The reply of all other suppliers.
const SHORT_REPLY: &str =
    r#"[{"sku": "S-1", "unitPrice": 0.45, "currency": "EUR", "inStock": true, "deliveryDays": 2}]"#;
/// The descriptors that 10,000 suppliers need: a listener and a connection each, and some more.
const DESCRIPTORS: u64 = 24_000;
/// Both programs give up after this many seconds, so that nothing here can last.
const TIMEOUT_S: u64 = 60;
/// The mock ends at the latest after this.
const MOCK_LIFE: Duration = Duration::from_mins(30);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let limit = raise_descriptors()?;
    match arguments.iter().position(|argument| argument == "--serve") {
        Some(at) => return serve(arguments.get(at + 1).ok_or("how many listeners?")?.parse()?),
        // `cargo test --all-targets` runs every bench without this flag.
        None if !arguments.iter().any(|argument| argument == "--bench") => return Ok(()),
        None => {}
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let most = ROUNDS.map(|(suppliers, ..)| suppliers).into_iter().max().unwrap_or(1);
    let listeners = most.min(usize::try_from(limit / 2).unwrap_or(usize::MAX)).max(1);
    let bench = Bench { mock: Mock::start(listeners)?, folder: tempfile::tempdir()?, curl: curl_version() };
    bench.run(quick, &mut io::stdout())
}

/// Raises `ulimit -n`, for the children too, and returns what it is now.
fn raise_descriptors() -> Result<u64> {
    let (_, hard) = rlimit::Resource::NOFILE.get()?;
    if hard < DESCRIPTORS && rlimit::Resource::NOFILE.set(DESCRIPTORS, DESCRIPTORS).is_ok() {
        return Ok(DESCRIPTORS);
    }
    Ok(rlimit::increase_nofile_limit(DESCRIPTORS)?)
}

/// `None` where there is no `curl`.
fn curl_version() -> Option<String> {
    let output = Command::new("curl").arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}

/// All that a measurement needs.
struct Bench {
    mock: Mock,
    folder: tempfile::TempDir,
    curl: Option<String>,
}

/// Which answer of the mock a supplier gives.
#[derive(Clone, Copy)]
enum Reply {
    Short,
    Slow,
    Long,
}

impl Reply {
    const fn path(self) -> &'static str {
        match self {
            Self::Short => "/short",
            Self::Slow => "/slow",
            Self::Long => "/long",
        }
    }
}

impl Bench {
    fn run(&self, quick: bool, out: &mut dyn Write) -> Result<()> {
        let runs = |full, few| if quick { few } else { full };
        match &self.curl {
            Some(version) => writeln!(out, "against {version}")?,
            None => writeln!(out, "curl is not installed: pricecmp's own figures only")?,
        }
        if self.mock.addresses.len() < ROUNDS[ROUNDS.len() - 1].0 {
            writeln!(out, "only {} listeners: `ulimit -Hn` is too low for more", self.mock.addresses.len())?;
        }
        writeln!(out, "\n{:<26}{:>5}{:>30}{:>30}{:>24}", "", "", "pricecmp", "curl", "pricecmp ÷ curl")?;
        let figures = format!("{:>10}{:>10}{:>10}", "wall ms", "CPU ms", "peak MiB");
        writeln!(out, "{:<26}{:>5}{figures}{figures}{:>8}{:>8}{:>8}", "", "runs", "wall", "CPU", "peak")?;
        for (suppliers, full, few) in ROUNDS {
            let label = format!("N = {suppliers}");
            self.compare(out, &label, runs(full, few), &vec![Reply::Short; suppliers])?;
        }
        let starts = runs(STARTS.0, STARTS.1);
        let version = |program| command(program, &["--version"]);
        self.alternate(out, "--version", starts, &mut version(PRICECMP), &mut version("curl"))?;
        let specials = runs(SPECIALS.0, SPECIALS.1);
        let mut one_slow = [Reply::Short; 50];
        one_slow[25] = Reply::Slow;
        let wall = self.compare(out, "N = 50, one takes 200 ms", specials, &one_slow)?;
        self.compare(out, "1 reply, 10,000 × 5 tiers", specials, &[Reply::Long])?;
        let above = wall.saturating_sub(SLOW);
        writeln!(
            out,
            "\nabove the slowest supplier at N = 50: {} ms",
            ratio(u64::try_from(above.as_micros())?, 1_000)
        )?;
        Ok(())
    }

    /// Asks these suppliers with both programs, and returns the median of `pricecmp`'s wall time.
    fn compare(&self, out: &mut dyn Write, label: &str, runs: usize, suppliers: &[Reply]) -> Result<Duration> {
        let (toml, urls) = (self.folder.path().join("suppliers.toml"), self.folder.path().join("urls"));
        self.write_inputs(&toml, &urls, suppliers)?;
        // Exit 0 is proof that every supplier was understood.
        let everyone = suppliers.len().to_string();
        let timeout = format!("{TIMEOUT_S}s");
        let mut pricecmp = command(PRICECMP, &["widget", "--qty", "10", "--json", "--no-state", "--no-progress"]);
        pricecmp.args(["--min-responses", &everyone, "--timeout", &timeout, "--config"]).arg(&toml);
        let mut curl = command("curl", &["-sZ", "--parallel-immediate", "--parallel-max", "300"]);
        curl.args(["--fail", "--max-time", &TIMEOUT_S.to_string(), "-K"]).arg(&urls);
        self.alternate(out, label, runs, &mut pricecmp, &mut curl)
    }

    fn write_inputs(&self, toml: &Path, urls: &Path, suppliers: &[Reply]) -> Result<()> {
        let (mut toml, mut urls) = (BufWriter::new(File::create(toml)?), BufWriter::new(File::create(urls)?));
        writeln!(toml, "currency = \"EUR\"")?;
        for (index, (reply, address)) in suppliers.iter().zip(self.mock.addresses.iter().cycle()).enumerate() {
            let url = format!("http://{address}{}?{index}", reply.path());
            writeln!(toml, "[suppliers.s{index}]\nurl = \"{url}\"\ntimeout = \"{TIMEOUT_S}s\"")?;
            writeln!(urls, "url = \"{url}\"")?;
        }
        toml.flush()?;
        urls.flush()?;
        Ok(())
    }

    /// Runs both once to warm up, then so many times in turn, and prints a line. Returns the median of `pricecmp`'s
    /// wall time.
    fn alternate(
        &self,
        out: &mut dyn Write,
        label: &str,
        runs: usize,
        ours: &mut Command,
        theirs: &mut Command,
    ) -> Result<Duration> {
        let (mut pricecmp, mut curl) = (Vec::new(), Vec::new());
        for _ in 0..=runs {
            pricecmp.push(measure(ours)?);
            if self.curl.is_some() {
                curl.push(measure(theirs)?);
            }
        }
        write!(out, "{label:<26}{runs:>5}")?;
        let ours = medians(&pricecmp[1..]);
        write_figures(out, ours)?;
        if self.curl.is_some() {
            let theirs = medians(&curl[1..]);
            write_figures(out, theirs)?;
            for (ours, theirs) in ours.into_iter().zip(theirs) {
                write!(out, "{:>8}", ratio(ours, theirs))?;
            }
        }
        writeln!(out)?;
        out.flush()?;
        Ok(Duration::from_micros(ours[0]))
    }
}

/// A program that finds nothing in its surroundings, and whose output goes nowhere.
fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "PRICECMP_CONFIG"] {
        command.env_remove(name);
    }
    command
}

/// Wall time in µs, processor time in µs, peak memory in bytes.
type Figures = [u64; 3];

fn measure(command: &mut Command) -> Result<Figures> {
    let start = Instant::now();
    let used = command.spawn()?.wait4()?;
    let wall = start.elapsed();
    if !used.status.success() {
        return Err(format!("{}: {command:?}", used.status).into());
    }
    let cpu = used.rusage.utime + used.rusage.stime;
    Ok([u64::try_from(wall.as_micros())?, u64::try_from(cpu.as_micros())?, used.rusage.maxrss])
}

fn medians(samples: &[Figures]) -> Figures {
    [0, 1, 2].map(|figure| {
        let mut values: Vec<u64> = samples.iter().map(|sample| sample[figure]).collect();
        values.sort_unstable();
        values[values.len() / 2]
    })
}

fn write_figures(out: &mut dyn Write, [wall, cpu, peak]: Figures) -> io::Result<()> {
    write!(out, "{:>10}{:>10}{:>10}", ratio(wall, 1_000), ratio(cpu, 1_000), ratio(peak, 1024 * 1024))
}

/// A quotient with two decimals, half rounded up.
fn ratio(numerator: u64, denominator: u64) -> String {
    let denominator = denominator.max(1);
    let hundredths = (numerator * 100 + denominator / 2) / denominator;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The mock's process. It ends when its standard input does, so also when this process dies.
struct Mock {
    process: Child,
    addresses: Vec<SocketAddr>,
}

impl Mock {
    fn start(listeners: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--serve", &listeners.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let lines = BufReader::new(process.stdout.take().ok_or("the mock has no output")?).lines();
        let addresses = lines.take(listeners).map(|line| Ok(line?.parse()?)).collect::<Result<Vec<_>>>()?;
        if addresses.len() < listeners {
            return Err("the mock could not open its listeners".into());
        }
        Ok(Self { process, addresses })
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The mock's side: prints an address a line, then answers until its input ends.
fn serve(listeners: usize) -> Result<()> {
    let (running, stopped) = oneshot::channel::<()>();
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        drop(running);
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let replies = Arc::new(Replies { short: http(SHORT_REPLY), long: http(&long_reply()) });
        let mut out = BufWriter::new(io::stdout());
        for index in 0..listeners {
            let listener = bind(index).await?;
            writeln!(out, "{}", listener.local_addr()?)?;
            tokio::spawn(accept(listener, Arc::clone(&replies)));
        }
        out.flush()?;
        drop(tokio::time::timeout(MOCK_LIFE, stopped).await);
        Ok(())
    })
}

/// Each supplier has a loopback address of its own where the system has as many.
async fn bind(index: usize) -> Result<TcpListener> {
    let [.., high, low] = u32::try_from(index)?.to_be_bytes();
    match TcpListener::bind((Ipv4Addr::new(127, 1, high, low), 0)).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?),
    }
}

/// Whole HTTP answers, ready to be sent.
struct Replies {
    short: Vec<u8>,
    long: Vec<u8>,
}

fn http(body: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn long_reply() -> String {
    let offer = |index| {
        let tiers = [1, 10, 50, 100, 1_000].map(|quantity| {
            let price = 9_000 - quantity - index % 1_000;
            format!(r#"{{"quantity": {quantity}, "unitPrice": 0.{price:04}}}"#)
        });
        let tiers = tiers.join(", ");
        format!(r#"{{"sku": "S-{index}", "currency": "EUR", "stockQuantity": 5000, "priceBreaks": [{tiers}]}}"#)
    };
    format!("[{}]", (0..MANY_OFFERS).map(offer).collect::<Vec<_>>().join(", "))
}

async fn accept(listener: TcpListener, replies: Arc<Replies>) {
    // An error such as a lack of descriptors ends this listener, and the client's run with it.
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&replies)));
    }
}

/// Answers request after request until the client leaves, which is no error.
async fn answer(mut stream: TcpStream, replies: Arc<Replies>) -> io::Result<()> {
    let mut request = Vec::with_capacity(1024);
    while stream.read_buf(&mut request).await? > 0 {
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let asks = |reply: Reply| request.starts_with(format!("GET {}?", reply.path()).as_bytes());
        if asks(Reply::Slow) {
            tokio::time::sleep(SLOW).await;
        }
        stream.write_all(if asks(Reply::Long) { &replies.long } else { &replies.short }).await?;
        request.clear();
    }
    Ok(())
}
