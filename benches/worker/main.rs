//! What workers are worth: `cargo bench --bench worker --features broker-tests`.
//!
//! First some requests are answered by one worker, by two and by three, each of which takes 5 ms for a request and one at a
//! time. Then 10,000 requests are answered while one of two workers is killed again and again, and another begins in its place.
//! Both on the RabbitMQ that `PRICECMP_TEST_AMQP` names and the Kafka that `PRICECMP_TEST_KAFKA` names; one that is not named
//! is left out. `-- --quick` asks less.
//!
//! With RabbitMQ a worker is killed every second. A Kafka gives a killed worker's partitions to another one after
//! `group.consumer.session.timeout.ms`, 45 seconds unless the broker has another setting, and until then nobody answers what
//! is in them. Here it is to be two seconds, and a worker is killed every five.

mod kafka;
mod rabbit;

use std::collections::HashSet;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PRICECMP: &str = env!("CARGO_BIN_EXE_pricecmp");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Requests that workers share: measured, and with `--quick`.
const SHARED: (usize, usize) = (2_000, 400);
/// Requests that are answered while workers are killed.
const ENDURED: (usize, usize) = (10_000, 1_000);
/// How many of them a worker works on at a time.
const AT_A_TIME: usize = 4;
/// How long a worker takes for a request.
const LATENCY: &str = "5ms";
/// How long a reply is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
const REQUEST: &[u8] = br#"{"productId": "widget", "quantity": 10, "currency": "EUR"}"#;

/// Somebody who asks over a queue or a topic of its own.
trait Asker {
    /// The keys of a supplier there.
    fn keys(&self) -> String;

    /// How often a worker is killed.
    fn killed_every(&self) -> Duration;

    /// Sends a request with this id.
    fn ask(&mut self, id: &str) -> Result<()>;

    /// Waits until all requests are sent.
    fn sent(&mut self) -> Result<()>;

    /// The id of the next reply.
    fn reply(&mut self) -> Result<String>;
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs every bench without this flag.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let of = |(all, few): (usize, usize)| if is_quick { few } else { all };
    if let Ok(url) = std::env::var("PRICECMP_TEST_AMQP") {
        let asker = || Ok(Box::new(rabbit::RabbitAsker::new(&url)?) as Box<dyn Asker>);
        measure("RabbitMQ", &asker, of(SHARED), of(ENDURED))?;
    }
    if let Ok(address) = std::env::var("PRICECMP_TEST_KAFKA") {
        let asker = || Ok(Box::new(kafka::KafkaAsker::new(&address)?) as Box<dyn Asker>);
        measure("Kafka", &asker, of(SHARED), of(ENDURED))?;
    }
    Ok(())
}

fn measure(broker: &str, asker: &dyn Fn() -> Result<Box<dyn Asker>>, shared: usize, endured: usize) -> Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{broker}: {shared} requests, {LATENCY} each, one at a time a worker\n")?;
    writeln!(out, "{:<10}{:>12}{:>10}", "workers", "requests/s", "ratio")?;
    let mut alone = 0;
    for count in 1..=3 {
        let rate = share(asker()?, shared, count)?;
        alone = if count == 1 { rate } else { alone };
        let percent = rate * 100 / alone.max(1);
        writeln!(out, "{count:<10}{rate:>12}{:>7}.{:02}", percent / 100, percent % 100)?;
    }
    let Endured { kills, repeated, rate } = endure(asker()?, endured)?;
    writeln!(
        out,
        "\n{endured} requests, {kills} workers killed: all answered, {repeated} replies came twice, {rate} requests/s\n"
    )?;
    Ok(())
}

/// How many requests a second so many workers answer, from the tenth part of them on.
fn share(mut asker: Box<dyn Asker>, requests: usize, count: usize) -> Result<u128> {
    let workers = Workers::new(&*asker)?;
    let _workers: Vec<Worker> = (0..count).map(|_| workers.start(1)).collect::<Result<_>>()?;
    for id in 0..requests {
        asker.ask(&id.to_string())?;
    }
    asker.sent()?;
    let mut answered = HashSet::new();
    let mut collect = |until: usize| -> Result<()> {
        while answered.len() < until {
            answered.insert(asker.reply()?);
        }
        Ok(())
    };
    collect(requests / 10)?;
    let since = Instant::now();
    // The last ones are left out: they are not shared evenly.
    collect(requests * 9 / 10)?;
    Ok(per_second(requests * 8 / 10, since.elapsed()))
}

/// What came of the requests that were answered while workers were killed.
struct Endured {
    kills: usize,
    repeated: usize,
    rate: u128,
}

fn endure(mut asker: Box<dyn Asker>, requests: usize) -> Result<Endured> {
    let workers = Workers::new(&*asker)?;
    let _lasting = workers.start(AT_A_TIME)?;
    let mut killed = workers.start(AT_A_TIME)?;
    for id in 0..requests {
        asker.ask(&id.to_string())?;
    }
    asker.sent()?;
    let (mut answered, mut repeated, mut kills) = (HashSet::new(), 0, 0);
    let (since, mut last) = (Instant::now(), Instant::now());
    while answered.len() < requests {
        repeated += usize::from(!answered.insert(asker.reply()?));
        if last.elapsed() >= asker.killed_every() {
            killed.0.kill()?;
            killed.0.wait()?;
            killed = workers.start(AT_A_TIME)?;
            kills += 1;
            last = Instant::now();
        }
    }
    Ok(Endured { kills, repeated, rate: per_second(requests, since.elapsed()) })
}

fn per_second(count: usize, time: Duration) -> u128 {
    count as u128 * 1_000 / time.as_millis().max(1)
}

/// Starts workers.
struct Workers(tempfile::TempDir);

/// A worker that is killed in the end.
struct Worker(Child);

impl Workers {
    /// Of a supplier that is asked there.
    fn new(asker: &dyn Asker) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        write_configuration(folder.path(), &asker.keys())?;
        Ok(Self(folder))
    }

    /// Starts one, and returns when it takes requests.
    fn start(&self, concurrency: usize) -> Result<Worker> {
        let mut command = Command::new(PRICECMP);
        command.args(["worker", "--supplier", "initech", "-q", "--concurrency", &concurrency.to_string()]);
        let mut worker = Worker(command.current_dir(self.0.path()).stdout(Stdio::piped()).spawn()?);
        let stdout = worker.0.stdout.take().ok_or("stdout is piped")?;
        let mut line = String::new();
        if BufReader::new(stdout).read_line(&mut line)? == 0 {
            return Err("the worker has not begun".into());
        }
        Ok(worker)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn write_configuration(folder: &Path, keys: &str) -> Result<()> {
    let text = format!(
        "currency = \"EUR\"\n[suppliers.initech]\n{keys}\n[suppliers.initech.mock]\nlatency = \"{LATENCY}\"\n\
         [[suppliers.initech.mock.offers]]\nunit-price = \"0.50\"\nstock-quantity = 5000\n"
    );
    Ok(std::fs::write(folder.join("suppliers.toml"), text)?)
}
