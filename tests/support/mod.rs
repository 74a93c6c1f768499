//! What the end-to-end tests share: suppliers that answer as told, and runs of the real binary.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of this module")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

pub mod books;
pub mod faults;
pub mod hostile;
#[cfg(all(feature = "broker-tests", feature = "kafka"))]
pub mod kafka;
#[cfg(all(feature = "amqp", feature = "broker-tests"))]
pub mod rabbit;
pub mod resolver;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use wait4::Wait4;

/// A secret that stands in headers and user-info of every scene, and must stand in no output.
pub const CANARY: &str = "canary-7f3a9c";

/// `buyer:` and the canary, as user-info becomes a header.
pub const ENCODED_CANARY: &str = "YnV5ZXI6Y2FuYXJ5LTdmM2E5Yw";

/// The folder of a scene that replies are saved in, when they are.
pub const SAVED_REPLIES: &str = "replies";

/// A run that takes longer than this hangs, and is killed. No test sets a deadline near it and waits for it.
const LONGEST_RUN: Duration = Duration::from_mins(2);

/// How long anything is waited for that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A supplier that answers every request with the same bytes, on a port that the system chose.
pub struct Supplier {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Supplier {
    /// Answers 200 with this JSON text.
    pub fn replying(body: &str) -> Self {
        Self::with_status("200 OK", body.as_bytes())
    }

    /// Answers with this status line and body.
    pub fn with_status(status: &str, body: &[u8]) -> Self {
        Self::with_headers(status, &[], body)
    }

    /// Answers with this status line, these header lines and this body.
    pub fn with_headers(status: &str, headers: &[&str], body: &[u8]) -> Self {
        let mut response = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
        for header in headers {
            response.push_str(header);
            response.push_str("\r\n");
        }
        response.push_str("\r\n");
        let mut bytes = response.into_bytes();
        bytes.extend_from_slice(body);
        Self::sending(bytes)
    }

    /// Answers each request as told: with a status line such as `200 OK`, and a body. An empty status line is no answer:
    /// it waits until the client goes away.
    pub fn answering(answer: impl Fn(&str) -> (&'static str, String) + Send + Sync + 'static) -> Self {
        Self::listening(move |mut stream, seen| {
            let Some(request) = note_request(&mut stream, seen) else { return };
            let (status, body) = answer(&request);
            if status.is_empty() {
                let _ = stream.read(&mut [0]);
                return;
            }
            let length = body.len();
            // A client that has gone away is no concern of the supplier's.
            let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        })
    }

    /// Accepts requests and never answers, until the client goes away.
    pub fn silent() -> Self {
        Self::listening(|mut stream, seen| {
            note_request(&mut stream, seen);
            let _ = stream.read(&mut [0]);
        })
    }

    fn sending(response: Vec<u8>) -> Self {
        Self::listening(move |mut stream, seen| {
            if note_request(&mut stream, seen).is_some() {
                // A client that has gone away is no concern of the supplier's.
                let _ = stream.write_all(&response);
            }
        })
    }

    fn listening(answer: impl Fn(TcpStream, &Mutex<Vec<String>>) + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                thread::spawn(move || answer(stream, &seen));
            }
        });
        Self { port, requests }
    }

    /// Where it listens, as a template.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/quotes/{{product}}{{?quantity}}", self.port)
    }

    /// Where it listens: scheme, host and port.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The first line of each request that came in, without the protocol.
    pub fn heads(&self) -> Vec<String> {
        let head = |request: &String| request.lines().next().unwrap_or_default().replace(" HTTP/1.1", "");
        self.requests().iter().map(head).collect()
    }

    /// The requests that came in: the heads, and bodies behind them.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no test panicked while it held the lock").clone()
    }
}

/// Reads a request, keeps it and returns it; `None` when the client went away before it was complete.
fn note_request(stream: &mut TcpStream, seen: &Mutex<Vec<String>>) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => request.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    request.extend(body);
    let request = String::from_utf8_lossy(&request).into_owned();
    seen.lock().expect("no test panicked while it held the lock").push(request.clone());
    Some(request)
}

/// A folder with a `suppliers.toml`, and runs of the binary in it.
pub struct Scene {
    folder: tempfile::TempDir,
    pub variables: Vec<(String, String)>,
}

impl Scene {
    /// Writes this configuration.
    pub fn new(configuration: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("suppliers.toml");
        std::fs::write(&path, configuration).expect("the configuration is written");
        // It may hold secrets, which others should not read; pricecmp warns of that.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("the mode is set");
        Self { folder, variables: Vec::new() }
    }

    /// A folder without a configuration.
    pub fn without_configuration() -> Self {
        let scene = Self::new("");
        std::fs::remove_file(scene.path("suppliers.toml")).expect("the configuration is removed");
        scene
    }

    /// A configuration in euros with one supplier for each (name, URL), each with a secret header.
    pub fn of(suppliers: &[(&str, &str)]) -> Self {
        let mut configuration = "currency = \"EUR\"\n".to_owned();
        for (name, url) in suppliers {
            use std::fmt::Write as _;
            write!(
                configuration,
                "\n[suppliers.{name}]\nurl = \"{url}\"\nheaders = {{ Authorization = \"Bearer {CANARY}\" }}\n"
            )
            .expect("writing to text cannot fail");
        }
        Self::new(&configuration)
    }

    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("the folder is made");
        }
        std::fs::write(&path, content).expect("the file is written");
        path
    }

    /// The command, with nothing of the developer's environment in it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pricecmp"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).finish()
    }

    /// Starts a run, to be finished by [`Running::finish`].
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::of(&mut self.command(arguments))
    }

    /// Runs with `--json`, and holds what it prints to the published schema.
    pub fn json(&self, arguments: &[&str]) -> (Value, Run) {
        let run = self.run(&[arguments, &["--json"]].concat());
        let document = run.json();
        (document, run)
    }
}

/// What runs kept must hold no secret, however the test went on: the state with its log, and replies that were saved.
impl Drop for Scene {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        for folder in [".local", SAVED_REPLIES] {
            files_in(&self.path(folder)).for_each(|(path, bytes)| assert_no_secret(&path, &bytes));
        }
    }
}

/// Every regular file in a folder and in those below it; none where it is not there. A pipe would be waited for.
pub fn files_in(folder: &Path) -> Box<dyn Iterator<Item = (PathBuf, Vec<u8>)>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("it can be read").path());
    Box::new(entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { one_file(path) }))
}

fn one_file(path: PathBuf) -> Box<dyn Iterator<Item = (PathBuf, Vec<u8>)>> {
    if !path.is_file() {
        return Box::new(std::iter::empty());
    }
    let bytes = std::fs::read(&path).expect("the file can be read");
    Box::new(std::iter::once((path, bytes)))
}

fn assert_no_secret(path: &Path, bytes: &[u8]) {
    for secret in [CANARY, ENCODED_CANARY] {
        assert!(memchr::memmem::find(bytes, secret.as_bytes()).is_none(), "a secret is in {}", path.display());
    }
}

/// A process that does not outlive the test that started it; nothing once it has been waited for.
pub struct Process(Option<Child>);

impl Process {
    pub fn of(child: Child) -> Self {
        Self(Some(child))
    }

    fn id(&self) -> u32 {
        self.0.as_ref().expect("nobody has waited for it").id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // It may have ended by itself; then there is nothing to end.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A run that goes on.
pub struct Running {
    process: Process,
    since: Instant,
    stdout: BufReader<ChildStdout>,
    /// What was read of stdout so far.
    printed: String,
    stderr: BufReader<ChildStderr>,
    /// What was read of stderr so far.
    said: String,
}

impl Running {
    /// Starts a command.
    pub fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let since = Instant::now();
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let process = Process::of(child);
        Self { process, since, stdout, printed: String::new(), stderr, said: String::new() }
    }

    /// Waits until a line of stderr begins so. A run whose deadline comes first has failed the test.
    pub fn wait_for(&mut self, start: &str) {
        loop {
            let before = self.said.len();
            let read = self.stderr.read_line(&mut self.said).expect("stderr is text");
            assert!(read > 0, "no line begins with `{start}`:\n{}", self.said);
            if self.said[before..].starts_with(start) {
                return;
            }
        }
    }

    /// Waits for the next line of stdout, and returns it without its end.
    pub fn next_line(&mut self) -> String {
        let before = self.printed.len();
        let read = self.stdout.read_line(&mut self.printed).expect("stdout is text");
        if read == 0 {
            self.stderr.read_to_string(&mut self.said).expect("stderr is text");
            panic!("stdout has no more lines; stderr:\n{}", self.said);
        }
        self.printed[before..].trim_end().to_owned()
    }

    /// Sends it a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        signal(name, self.process.id());
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Run {
        let (done, is_done) = mpsc::channel::<()>();
        let id = self.process.id();
        let guard = thread::spawn(move || {
            let hangs = is_done.recv_timeout(LONGEST_RUN) == Err(RecvTimeoutError::Timeout);
            if hangs {
                signal("KILL", id);
            }
            hangs
        });
        let stdout = read_all(self.stdout);
        let stderr = read_all(self.stderr);
        let child = self.process.0.take().expect("nobody has waited for it");
        let ended = child.wait4().expect("the child can be waited for");
        let took = self.since.elapsed();
        drop(done);
        assert!(!guard.join().unwrap(), "the run hangs");
        let all = |read: String, rest: thread::JoinHandle<Vec<u8>>| [read.into_bytes(), rest.join().unwrap()].concat();
        let (stdout, stderr) = (all(self.printed, stdout), all(self.said, stderr));
        let output = Output { status: ended.status, stdout, stderr };
        Run { took, most_memory: ended.rusage.maxrss, ..Run::of(output) }
    }
}

/// Sends a signal to a process that this one has started and not yet waited for.
fn signal(name: &str, id: u32) {
    let status = Command::new("kill").args([format!("-{name}"), id.to_string()]).status();
    assert!(status.expect("there is a `kill`").success(), "process {id} cannot be signalled");
}

fn read_all(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("what a run prints can be read");
        bytes
    })
}

/// What a run left behind.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// From its start to its end; zero when that was not measured.
    pub took: Duration,
    /// The most memory that it held at a time, in bytes; zero when that was not measured.
    pub most_memory: u64,
}

impl Run {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        let run = Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            took: Duration::ZERO,
            most_memory: 0,
        };
        for (name, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            for secret in [CANARY, ENCODED_CANARY] {
                assert!(!text.contains(secret), "a secret is on {name}:\n{text}");
            }
            assert!(!text.contains("panicked at"), "a panic is on {name}:\n{text}");
            assert_harmless(name, text);
        }
        run
    }

    /// The one JSON document on stdout, held to the published schema.
    pub fn json(&self) -> Value {
        let document: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in:\n{}\nstderr:\n{}", self.stdout, self.stderr));
        assert_valid(&document);
        document
    }
}

/// No control, bidi or zero-width character reaches a terminal. Line feeds end lines and are fine.
fn assert_harmless(name: &str, text: &str) {
    let hostile = |letter: &char| {
        matches!(letter, '\u{0}'..='\u{9}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}')
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
            || matches!(letter, '\u{206a}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
            || matches!(letter, '\u{61c}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
    };
    if let Some(letter) = text.chars().find(hostile) {
        panic!("{letter:?} is on {name}:\n{}", text.escape_debug());
    }
}

/// Holds a document to what `pricecmp schema output` prints.
pub fn assert_valid(document: &Value) {
    static SCHEMA: std::sync::OnceLock<jsonschema::Validator> = std::sync::OnceLock::new();
    let validator = SCHEMA.get_or_init(|| {
        let output = Command::new(env!("CARGO_BIN_EXE_pricecmp")).args(["schema", "output"]).output();
        let schema = serde_json::from_slice(&output.expect("the binary runs").stdout).expect("the schema is JSON");
        jsonschema::validator_for(&schema).expect("the schema is a JSON Schema")
    });
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "the output breaks its schema: {errors:#?}");
}

/// Waits until something holds that must come to hold.
pub fn until(mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "it does not come to hold");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The statistics of one supplier in a document.
pub fn stats<'a>(document: &'a Value, supplier: &str) -> &'a Value {
    document["supplierStats"]
        .as_array()
        .and_then(|all| all.iter().find(|stats| stats["supplier"] == supplier))
        .unwrap_or_else(|| panic!("no supplier `{supplier}` in {document:#}"))
}

/// Takes CSV apart, as RFC 4180 says: rows of cells.
pub fn csv_rows(csv: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut is_quoted = false;
    let mut letters = csv.chars().peekable();
    while let Some(letter) = letters.next() {
        let row = rows.last_mut().unwrap();
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => row.last_mut().unwrap().extend(letters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(String::new()),
            '\r' if !is_quoted => {}
            '\n' if !is_quoted => rows.push(vec![String::new()]),
            other => row.last_mut().unwrap().push(other),
        }
    }
    rows.pop();
    rows
}

/// Runs the binary in a terminal with so many columns and returns all that it wrote there, escapes included.
pub fn in_terminal(scene: &Scene, columns: usize, arguments: &[&str]) -> String {
    // The terminal gets its own size when it has been opened; ours counts from then on.
    let script = format!("read _; stty cols {columns} -opost; printf '\\001'; exec \"$0\" \"$@\"");
    let binary = scene.command(&[]);
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(binary.get_program()).args(arguments).current_dir(scene.path("."));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("TERM", "xterm-256color");
    let mut session = expectrl::Session::spawn(command).unwrap();
    session.write_all(b"\n").unwrap();
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    // The kernel reports the end of a terminal as an error.
    while let Ok(count @ 1..) = session.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..count]);
    }
    let text = String::from_utf8(bytes).unwrap();
    text.split_once('\u{1}').expect("the binary was started").1.to_owned()
}

/// A plain offer at a price, in euros and in stock.
pub fn offer(price: &str) -> String {
    format!(r#"{{"unitPrice": {price}, "currency": "EUR", "inStock": true, "shipping": 0, "deliveryDays": 3}}"#)
}

/// Puts a fixed time for every measured one, such as `404ms` or `1.234s` in a summary, and keeps configured ones.
pub fn without_times(screen: &str) -> String {
    let summary = |line: &str| match line.split_once(" responded in ") {
        Some((before, after)) => {
            let rest = after.split_once(',').map_or("", |(_, rest)| rest);
            format!("{before} responded in 405ms,{rest}\n")
        }
        None => format!("{line}\n"),
    };
    screen.lines().map(summary).collect()
}

/// Replaces a time in a cell, such as `94ms`, by `#ms`, and keeps the width.
pub fn without_latency(row: &str) -> String {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let cell = row.match_indices("ms").map(|(at, _)| at).find(|at| row[..*at].ends_with(is_digit));
    let Some(end) = cell.filter(|_| !row.contains("respon") && !row.contains("reply")) else { return row.to_owned() };
    let start = row[..end].trim_end_matches(is_digit).len();
    format!("{}{}#{}", &row[..start], " ".repeat(end - start - 1), &row[end..])
}

/// The lines of a JSON document without those that may differ between two runs on the same replies: times, and what
/// derives from them.
pub fn without_measured(document: &str) -> String {
    let measured = ["startedAt", "elapsedMs", "latencyMs", "correlationId", "validUntil"];
    let is_measured = |line: &&str| measured.iter().any(|name| line.trim_start().starts_with(&format!("\"{name}\": ")));
    document.split_inclusive('\n').filter(|line| !is_measured(line)).collect()
}
