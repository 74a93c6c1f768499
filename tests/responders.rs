//! The responders of docs/responders, run as they stand there, and one that knows nothing of quotes. The real binary asks
//! them over real brokers.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

use serde_json::json;
use support::kafka::{Broker, until};
use support::{Process, Scene, rabbit, stats};

/// A responder that runs until it is dropped.
struct Program {
    _process: Process,
    /// Kept open, since it may write.
    _stdout: BufReader<ChildStdout>,
}

impl Program {
    /// Starts one, and waits until it says that it answers.
    fn start(command: &mut Command) -> Self {
        let mut errors = tempfile::tempfile().unwrap();
        let stderr: File = errors.try_clone().unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let process = Process::of(child);
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        if !line.starts_with("answers") {
            let mut said = String::new();
            errors.rewind().unwrap();
            errors.read_to_string(&mut said).unwrap();
            panic!("{command:?} does not answer: {line}{said}");
        }
        Self { _process: process, _stdout: stdout }
    }
}

/// The languages of docs/responders that are run here.
#[derive(Clone, Copy)]
enum Language {
    Python,
    Node,
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    /// The command that runs one of its responders, its libraries at hand.
    fn command(self, responder: &str) -> Command {
        let libraries = self.libraries();
        let documents = root().join("docs/responders").join(self.name());
        match self {
            Self::Python => python(&libraries, &documents.join(format!("{responder}.py"))),
            Self::Node => {
                let mut command = Command::new("node");
                command.arg(documents.join(format!("{responder}.js")));
                command.env("NODE_PATH", libraries.join("node_modules"));
                command
            }
        }
    }

    /// The folder of its libraries, which are fetched once.
    fn libraries(self) -> PathBuf {
        let prepared = Command::new(root().join("tests/responders/prepare")).arg(self.name()).output().unwrap();
        assert!(prepared.status.success(), "{}", String::from_utf8_lossy(&prepared.stderr));
        String::from_utf8(prepared.stdout).unwrap().trim().into()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn python(libraries: &Path, script: &Path) -> Command {
    let mut command = Command::new(libraries.join("venv/bin/python"));
    command.arg(script).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Asks a responder at an address, such as a URL and a queue, for what it offers, for what it does not, and without a
/// product. More than once, since the first request may differ for it from all others.
fn answers(address: &str, transport: &str) {
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\ntimeout = \"60s\"\n[suppliers.acme]\n{address}\n[suppliers.hasty]\n{address}\n\
         request = '{{item: $product}}'\n"
    ));
    for _ in 0..2 {
        let (document, run) = scene.json(&["widget", "--qty", "200"]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        // 200 of the box at 0.40, and 4.90 for the shipping.
        assert_eq!(document["cheapest"]["sku"], "W-100");
        assert_eq!(document["cheapest"]["totalPrice"], json!(84.9));
        let acme = stats(&document, "acme");
        assert_eq!((&acme["transport"], &acme["ranked"]), (&json!(transport), &json!(2)), "{acme}");
        let hasty = stats(&document, "hasty");
        assert_eq!(hasty["errorKind"], "supplier_error", "{hasty}");
        assert!(hasty["error"].as_str().unwrap().contains("not a quote request"), "{hasty}");
    }
    let (document, _) = scene.json(&["gadget"]);
    let acme = stats(&document, "acme");
    assert_eq!((&acme["responded"], &acme["errorKind"], &acme["offers"]), (&json!(true), &json!(null), &json!(0)));
}

fn answers_on_rabbitmq(language: Language) {
    let queue = rabbit::SharedQueue::new();
    let mut command = language.command("rabbitmq_responder");
    let _program = Program::start(command.arg(rabbit::url()).arg(&queue.name));
    answers(&format!("url = \"{}\"\nqueue = \"{}\"", rabbit::url(), queue.name), "amqp");
}

fn answers_on_kafka(language: Language) {
    let broker = Broker::shared();
    let topic = broker.topic();
    let mut command = language.command("kafka_responder");
    let _program = Program::start(command.args([broker.address(), &topic, &topic]));
    answers(&format!("url = \"{}\"\ntopic = \"{topic}\"", broker.url()), "kafka");
}

/// What waits on a topic when a responder starts: a request that has expired, one whose address does not exist, one that
/// is none, and one that is answered.
fn answers_what_still_matters(language: Language) {
    let broker = Broker::shared();
    let (topic, replies, gone) = (broker.topic(), broker.topic(), rabbit::name("gone"));
    let never: &[u8] = b"9999999999999";
    let request = br#"{"productId": "widget"}"#;
    for (body, id, address, deadline) in [
        (&request[..], "expired", &replies, &b"1"[..]),
        (request, "gone", &gone, never),
        (b"oops", "garbage", &replies, never),
        (request, "live", &replies, never),
    ] {
        broker.write(
            &topic,
            body,
            &[
                ("kafka_correlationId", id.as_bytes()),
                ("kafka_replyTopic", address.as_bytes()),
                ("kafka_replyPartition", &[0; 4]),
                ("x-deadline-ms", deadline),
            ],
        );
    }
    let asker = broker.respond(&replies, |_| Vec::new());
    let mut command = language.command("kafka_responder");
    let _program = Program::start(command.args([broker.address(), &topic, &topic]));
    until(|| asker.seen().len() == 2);
    let [garbage, live] = &asker.seen()[..] else { panic!("{:?}", asker.seen()) };
    assert_eq!((&garbage.id[..], &live.id[..]), (&b"garbage"[..], &b"live"[..]));
    assert!(garbage.body.starts_with(r#"{"error""#), "{}", garbage.body);
    assert!(live.body.contains("W-100"), "{}", live.body);
}

#[test]
fn python_answers_on_rabbitmq() {
    answers_on_rabbitmq(Language::Python);
}

#[test]
fn python_answers_on_kafka() {
    answers_on_kafka(Language::Python);
}

#[test]
fn python_answers_what_still_matters() {
    answers_what_still_matters(Language::Python);
}

#[test]
fn node_answers_on_rabbitmq() {
    answers_on_rabbitmq(Language::Node);
}

#[test]
fn node_answers_on_kafka() {
    answers_on_kafka(Language::Node);
}

#[test]
fn node_answers_what_still_matters() {
    answers_what_still_matters(Language::Node);
}

#[test]
fn a_server_that_knows_nothing_of_quotes_answers_as_it_stands() {
    let queue = rabbit::SharedQueue::new();
    let mut command = python(&Language::Python.libraries(), &root().join("tests/responders/rpc_server.py"));
    let _program = Program::start(command.arg(rabbit::url()).arg(&queue.name));
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\ntimeout = \"60s\"\n[suppliers.acme]\nurl = \"{}\"\nqueue = \"{}\"\nrequest = '$quantity'\n\
         quotes = '{{totalPrice: ., currency: \"EUR\", inStock: true}}'\n",
        rabbit::url(),
        queue.name
    ));
    for _ in 0..2 {
        let (document, run) = scene.json(&["widget", "--qty", "10"]);
        assert_eq!(document["cheapest"]["totalPrice"], json!(20.0), "{}", run.stderr);
    }
}
