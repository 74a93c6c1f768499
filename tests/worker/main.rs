//! `pricecmp worker`, the real binary: what it refuses, and on real brokers what it answers, whatever becomes of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[path = "../support/mod.rs"]
mod support;

#[cfg(all(feature = "amqp", feature = "broker-tests"))]
mod asker;
#[cfg(all(feature = "kafka", feature = "broker-tests"))]
mod kafka;
#[cfg(all(feature = "amqp", feature = "broker-tests"))]
mod rabbit;

use support::Scene;

/// A mock with one offer.
const MOCK: &str =
    "[[suppliers.initech.mock.offers]]\nunit-price = \"0.50\"\ncurrency = \"EUR\"\nstock-quantity = 5000\n";

/// The request for 10 widgets.
#[cfg(all(any(feature = "amqp", feature = "kafka"), feature = "broker-tests"))]
const WIDGETS: &str = r#"{"productId": "widget", "quantity": 10, "currency": "EUR"}"#;

/// An upstream that gives an answer each time that it is released, and what releases it.
#[cfg(all(any(feature = "amqp", feature = "kafka"), feature = "broker-tests"))]
fn gate() -> (support::Supplier, std::sync::mpsc::Sender<()>) {
    let (release, released) = std::sync::mpsc::channel();
    let released = std::sync::Mutex::new(released);
    let supplier = support::Supplier::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        ("200 OK", support::offer("0.50"))
    });
    (supplier, release)
}

/// A supplier `initech` with these lines and a mock, and what else there is in the file.
fn scene(keys: &str, others: &str) -> Scene {
    Scene::new(&format!("currency = \"EUR\"\n[suppliers.initech]\n{keys}\n{others}\n{MOCK}"))
}

/// Starts a worker that must be refused, and returns what it says.
fn refused(scene: &Scene, arguments: &[&str]) -> String {
    let run = scene.run(&[&["worker"], arguments].concat());
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
    run.stderr
}

/// A queue on a broker that nobody asks: the port is the discard service's.
const QUEUE: &str = "url = \"amqp://127.0.0.1:9\"\nqueue = \"quotes.initech\"";

#[test]
#[cfg(feature = "amqp")]
fn a_worker_answers_for_one_supplier() {
    let scene = scene(QUEUE, "[suppliers.acme]\nurl = \"http://127.0.0.1:9\"");
    assert_eq!(
        refused(&scene, &[]),
        "error: `worker` answers for one supplier, and none is named\nhint: add `--supplier NAME`\n"
    );
    assert_eq!(
        refused(&scene, &["--supplier", "initech,acme"]),
        "error: `worker` answers for one supplier, and several are named\nhint: start a worker for each\n"
    );
    assert!(refused(&scene, &["--supplier", "initch"]).contains("hint: did you mean `initech`?"));
    assert!(refused(&scene, &["--supplier", "initech", "--upstream", "acm"]).contains("hint: did you mean `acme`?"));
    assert!(refused(&scene, &["--supplier", "initech", "--concurrency", "0"]).contains("`--concurrency`: "));
}

#[test]
#[cfg(feature = "amqp")]
fn a_worker_needs_a_broker() {
    let scene = scene(QUEUE, "[suppliers.acme]\nurl = \"http://127.0.0.1:9\"");
    assert_eq!(
        refused(&scene, &["--supplier", "acme"]),
        "error: supplier `acme` is not on a broker, so there is nothing for a worker to do\n\
         hint: `pricecmp mock` answers over HTTP\n"
    );
}

#[test]
#[cfg(feature = "amqp")]
fn a_worker_needs_a_queue_that_it_can_read() {
    let exchange = scene("url = \"amqp://127.0.0.1:9\"\nexchange = \"rfq\"", "");
    assert_eq!(
        refused(&exchange, &["--supplier", "initech"]),
        "error: supplier `initech` is asked by way of the exchange `rfq`, and a worker needs a queue\n\
         hint: bind a queue to it, and add a supplier with that `queue` for the worker\n"
    );
    let request = scene(&format!("{QUEUE}\nrequest = '{{keyword: $product}}'"), "");
    assert_eq!(
        refused(&request, &["--supplier", "initech"]),
        "error: supplier `initech` is asked by what its `request` makes, which a worker cannot read\n\
         hint: remove `request`: workers read the wire's own format\n"
    );
}

#[test]
#[cfg(all(feature = "amqp", feature = "kafka"))]
fn flags_of_the_other_broker_are_refused() {
    let rabbitmq = scene(QUEUE, "");
    assert_eq!(
        refused(&rabbitmq, &["--supplier", "initech", "--group", "g"]),
        "error: `--group` is for Kafka, and the supplier is on RabbitMQ\nhint: remove it: the workers on a queue share it\n"
    );
    let kafka = scene("url = \"kafka://127.0.0.1:9\"\ntopic = \"quotes\"", "");
    assert_eq!(
        refused(&kafka, &["--supplier", "initech", "--declare"]),
        "error: `--declare` makes queues of RabbitMQ, and the supplier is on Kafka\n\
         hint: make the topic by Kafka's own tools\n"
    );
}

#[test]
#[cfg(feature = "amqp")]
fn a_worker_needs_something_to_answer_from() {
    let scene = Scene::new(&format!("currency = \"EUR\"\n[suppliers.initech]\n{QUEUE}\n"));
    assert_eq!(
        refused(&scene, &["--supplier", "initech"]),
        "error: supplier `initech` has no mock to answer from\n\
         hint: add a table `[suppliers.NAME.mock]`, or name a supplier to ask with `--upstream`\n"
    );
}

#[test]
#[cfg(feature = "amqp")]
fn an_upstream_must_be_another_one_whose_answers_mean_the_same() {
    let upstream = |keys: &str, of_initech: &str| {
        let others = format!("[suppliers.acme]\n{keys}");
        let scene = scene(&format!("{QUEUE}\n{of_initech}"), &others);
        refused(&scene, &["--supplier", "initech", "--upstream", "acme"])
    };
    let http = "url = \"http://127.0.0.1:9\"";
    assert!(upstream(QUEUE, "").starts_with("error: `--upstream`: supplier `acme` is on a broker itself\n"));
    assert!(
        upstream(http, "error = '.error'").contains("those of a worker with `--upstream` are in the wire's own format")
    );
    assert_eq!(
        upstream(&format!("{http}\nshipping = \"4.90\"\ntransit-days = 2"), ""),
        "error: suppliers `initech` and `acme` differ in `shipping`, `transit-days`, which no reply carries\n\
         hint: write the same for both\n"
    );
    assert!(
        upstream(&format!("{http}\nshipping = \"4\"\ncurrency = \"USD\""), "shipping = \"4\"").contains("`currency`")
    );
    let itself = scene(QUEUE, "");
    let said = refused(&itself, &["--supplier", "initech", "--upstream", "initech"]);
    assert!(said.starts_with("error: supplier `initech` would be asked for its own answers\n"), "{said}");
}

#[test]
#[cfg(not(feature = "amqp"))]
fn a_broker_that_is_not_built_in_is_said_to_be() {
    let said = refused(&scene(QUEUE, ""), &["--supplier", "initech"]);
    assert!(said.contains("this pricecmp was built without RabbitMQ"), "{said}");
    assert!(said.contains("--features amqp"), "{said}");
}
