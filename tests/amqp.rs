//! The fault matrix, rows 61 to 66 on RabbitMQ, and what a supplier on it is asked. The real binary asks over a real broker.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::faults::{ASKED, Fault};
use support::hostile::tls::Authority;
use support::rabbit::{self, Message, OwnBroker, Responder, Wire};
use support::{CANARY, Scene, Supplier, hostile, offer, stats};

fn at(queue: &str) -> Fault {
    Fault::on_broker(&rabbit::url()).with(&format!("queue = \"{queue}\""))
}

/// The URL of the broker with another host and port, and other credentials.
fn elsewhere(address: std::net::SocketAddr, credentials: &str) -> String {
    format!("amqp://{credentials}@{address}")
}

#[test]
fn a_supplier_on_a_broker_is_asked_beside_others() {
    let responder = Responder::replying(offer("0.50"));
    let http = Supplier::replying(&offer("0.60"));
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\n[suppliers.initech]\nurl = \"{}\"\nqueue = \"{}\"\n[suppliers.acme]\nurl = \"{}\"\n",
        rabbit::url(),
        responder.queue,
        http.url()
    ));
    let (document, run) = scene.json(&["widget", "--qty", "10"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(document["cheapest"]["supplierId"], "initech");
    assert_eq!(stats(&document, "initech")["transport"], "amqp");
    let request = responder.requests().remove(0);
    assert_eq!(request.body, json!({"productId": "widget", "quantity": 10, "currency": "EUR"}));
    let properties = &request.properties;
    assert!(properties.reply_to().as_ref().unwrap().as_str().starts_with("amq.rabbitmq.reply-to"));
    assert_eq!(properties.message_id(), properties.correlation_id());
    assert_eq!(properties.delivery_mode(), &Some(1));
    let left: u64 = properties.expiration().as_ref().unwrap().as_str().parse().unwrap();
    assert!((1..=5_000).contains(&left), "{left}");
    let headers = properties.headers().as_ref().unwrap();
    let run_id = headers.inner().get("X-Correlation-Id").unwrap().as_long_string().unwrap().to_string();
    assert_eq!(document["correlationId"], run_id.as_str());
    let saved = scene.run(&["widget", "--qty", "10", "--save-replies", "kept", "--json"]);
    let again = scene.run(&["widget", "--qty", "10", "--replay", "kept", "--json"]);
    assert_eq!(saved.json()["allQuotes"], again.json()["allQuotes"], "{}", again.stderr);
    assert_eq!(responder.requests().len(), 2, "a replay asks nobody");
}

#[test]
fn filters_work_as_over_http() {
    let responder = Responder::replying(r#"{"ok": true, "price": "0.70", "stock": 50}"#);
    let told = at(&responder.queue)
        .with("error = '.error'")
        .with("quotes = '{unitPrice: .price, currency: \"EUR\", stockQuantity: .stock}'")
        .beside_a_good_one()
        .has_a_quote();
    assert_eq!(told.quotes()[0]["totalPrice"], 7.0);
    assert_eq!(responder.requests()[0].body["key"], CANARY);
}

#[test]
fn an_error_of_the_supplier_is_told_without_what_it_repeats() {
    let responder = Responder::replying(format!(r#"{{"error": {{"message": "bad key {CANARY}"}}}}"#));
    let told = at(&responder.queue).beside_a_good_one().failed_as("supplier_error");
    assert_eq!(told.error(), "supplier reports an error: bad key ***");
}

#[test]
fn an_exclusive_queue_brings_replies_as_well() {
    let responder = Responder::replying(offer("0.70"));
    at(&responder.queue).with("reply-mode = \"exclusive-queue\"").beside_a_good_one().has_a_quote();
    let reply_to = responder.requests()[0].properties.reply_to().clone().unwrap();
    assert!(reply_to.as_str().starts_with("amq.gen-"), "{reply_to}");
}

#[test]
fn a_named_exchange_may_have_one_responder() {
    let exchange = rabbit::name("rfq");
    let _responder = Responder::of_exchange(&exchange, |request| vec![Message::to(request, offer("0.70"))]);
    let fault = Fault::on_broker(&rabbit::url()).with(&format!("exchange = \"{exchange}\"")).with("auction = false");
    fault.beside_a_good_one().has_a_quote();
}

/// An offer under a name.
fn bid(supplier: &str, price: &str) -> String {
    offer(price).replacen('{', &format!("{{\"supplierId\": \"{supplier}\", "), 1)
}

fn bidder(exchange: &str, supplier: &'static str, price: &'static str) -> Responder {
    Responder::of_exchange(exchange, move |request| vec![Message::to(request, bid(supplier, price))])
}

fn auction(exchange: &str, keys: &str) -> Scene {
    let url = rabbit::url();
    Scene::new(&format!("currency = \"EUR\"\n[suppliers.rfq]\nurl = \"{url}\"\nexchange = \"{exchange}\"\n{keys}"))
}

fn rows(document: &Value) -> Vec<&str> {
    let rows = document["supplierStats"].as_array().unwrap().iter();
    let mut rows: Vec<&str> = rows.map(|row| row["supplier"].as_str().unwrap()).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn an_auction_brings_each_who_answers_under_its_own_name() {
    let exchange = rabbit::name("rfq");
    let _bidders = [
        bidder(&exchange, "acme", "0.50"),
        bidder(&exchange, "globex", "0.40"),
        Responder::of_exchange(&exchange, |request| {
            vec![Message::to(request, r#"{"supplierId": "hooli", "error": "no"}"#)]
        }),
    ];
    let scene = auction(&exchange, "expect = 3\n");
    let (document, run) = scene.json(&["widget", "--timeout", "30s", "--save-replies", "kept"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(rows(&document), ["rfq/acme", "rfq/globex", "rfq/hooli"]);
    assert_eq!(document["cheapest"]["supplierId"], "rfq/globex");
    assert_eq!(document["cheapest"]["seller"], Value::Null);
    assert_eq!(stats(&document, "rfq/hooli")["errorKind"], "supplier_error");
    assert_eq!(stats(&document, "rfq/acme")["transport"], "amqp");
    assert_eq!(document["termination"], "all", "it does not take the deadline");
    let (again, _) = scene.json(&["widget", "--replay", "kept"]);
    assert_eq!(again["allQuotes"], document["allQuotes"]);
    let shown = scene.run(&["widget", "--timeout", "30s", "--color", "never"]);
    assert!(shown.stdout.contains("rfq/globex") && shown.stdout.contains("rfq/acme"), "{}", shown.stdout);
}

#[test]
fn an_auction_ends_in_time_with_what_came() {
    let exchange = rabbit::name("rfq");
    let _bidders = [bidder(&exchange, "acme", "0.50"), Responder::of_exchange(&exchange, |_| Vec::new())];
    for (keys, timeout) in [("", "1s"), ("expect = 2\ntimeout = \"1s\"\n", "30s")] {
        let (document, run) = auction(&exchange, keys).json(&["widget", "--timeout", timeout]);
        assert_eq!((run.code, rows(&document)), (Some(0), vec!["rfq/acme"]), "{}", run.stderr);
        assert_eq!(document["termination"], "all");
    }
}

#[test]
fn an_auction_that_nobody_answers_is_a_timeout_under_its_own_name() {
    let exchange = rabbit::name("rfq");
    let _silent = Responder::of_exchange(&exchange, |_| Vec::new());
    let (document, run) = auction(&exchange, "").json(&["widget", "--timeout", "500ms"]);
    assert_eq!((run.code, rows(&document)), (Some(3), vec!["rfq"]));
    let error = stats(&document, "rfq")["error"].as_str().unwrap();
    assert_eq!(error, format!("no reply within 500ms: exchange `{exchange}` took the request, no reply"));
}

#[test]
fn a_bidder_has_one_answer() {
    let exchange = rabbit::name("rfq");
    let _twice = Responder::of_exchange(&exchange, |request| {
        ["0.50", "0.10"].map(|price| Message::to(request, bid("acme", price))).into()
    });
    let _once = bidder(&exchange, "globex", "0.60");
    let (document, _) = auction(&exchange, "").json(&["widget", "--timeout", "1s"]);
    assert_eq!(rows(&document), ["rfq/acme", "rfq/globex"]);
    assert_eq!(document["cheapest"]["totalPrice"], 0.5);
    assert!(document["warnings"].as_array().unwrap().iter().any(|warning| warning["kind"] == "replies_ignored"));
}

/// A broker of this test's own that speaks TLS, with the port.
fn secured(authority: &Authority) -> (OwnBroker, u16) {
    // Nobody listens on it any more when the broker comes.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (certificate, key) = authority.certify("localhost");
    let broker = OwnBroker::start_with(|folder| {
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (certificate, key) = (write("certificate.pem", &certificate), write("key.pem", &key));
        let authority = authority.file().display().to_string();
        format!(
            "listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {authority}\nssl_options.certfile = {certificate}\n\
             ssl_options.keyfile = {key}\nssl_options.verify = verify_none\n"
        )
    });
    (broker, port)
}

#[test]
fn a_connection_is_secured_and_the_brokers_certificate_judged() {
    let authority = Authority::new();
    let (broker, port) = secured(&authority);
    let responder = Responder::at(&broker.url, None, |request| vec![Message::to(request, offer("0.70"))]);
    let fault = || {
        let fault = Fault::on_broker(&format!("amqps://guest:guest@localhost:{port}"));
        fault.with(&format!("queue = \"{}\"", responder.queue)).with("timeout = \"20s\"")
    };
    fault().trusting(&authority).beside_a_good_one().has_a_quote();
    fault().with("tls-verify = false").beside_a_good_one().has_a_quote();
    let told = fault().beside_a_good_one().failed_as("tls");
    assert!(told.error().contains("certificate"), "{}", told.error());
    // A plain broker on the other end speaks no TLS.
    let plain = broker.url.replace("amqp://", "amqps://");
    let told = Fault::on_broker(&plain).with("queue = \"q\"").with("tls-verify = false").beside_a_good_one();
    told.failed_as("tls");
}

#[test]
fn row_61_a_broker_that_is_down_is_unreachable() {
    let fault = Fault::on_broker(&elsewhere(hostile::refused().address(), "u:p")).with("queue = \"q\"");
    let told = fault.beside_a_good_one().failed_as("broker_unreachable");
    assert!(told.error().contains("refused"), "{}", told.error());
}

#[test]
fn row_61_a_broker_that_is_blackholed_is_a_timeout_of_connect() {
    let fault = Fault::on_broker(&elsewhere(hostile::unreachable().address(), "u:p")).with("queue = \"q\"");
    fault.with_little_time().beside_a_good_one().stalled_in("connect");
    // So is one that accepts, and says nothing.
    let silent = hostile::silent();
    let fault = Fault::on_broker(&elsewhere(silent.address(), "u:p")).with("queue = \"q\"");
    fault.with_little_time().beside_a_good_one().stalled_in("connect");
}

#[test]
fn row_61_what_is_no_broker_is_unreachable() {
    let server = hostile::serve("http", |client| client.finish(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let fault = Fault::on_broker(&elsewhere(server.address(), "u:p")).with("queue = \"q\"");
    fault.beside_a_good_one().failed_as("broker_unreachable");
}

#[test]
fn row_61_a_wrong_password_is_told_with_the_brokers_reason() {
    let address = url::Url::parse(&rabbit::url()).unwrap();
    let address = format!("{}:{}", address.host_str().unwrap(), address.port().unwrap()).parse().unwrap();
    let fault = Fault::on_broker(&elsewhere(address, &format!("buyer:{CANARY}"))).with("queue = \"q\"");
    let told = fault.beside_a_good_one().failed_as("broker_auth");
    assert!(told.error().contains("ACCESS_REFUSED"), "{}", told.error());
    let fault = Fault::on_broker(&format!("{}/none", rabbit::url())).with("queue = \"q\"");
    let told = fault.beside_a_good_one().failed_as("broker_auth");
    assert!(told.error().contains("vhost none not found"), "{}", told.error());
}

#[test]
fn row_62_a_queue_or_an_exchange_that_is_missing_is_told_at_once() {
    let (queue, exchange) = (rabbit::name("missing"), rabbit::name("missing"));
    let told = at(&queue).beside_a_good_one().failed_as("broker_unroutable");
    assert_eq!(told.error(), format!("broker cannot deliver the request: there is no queue `{queue}`"));
    let fault = Fault::on_broker(&rabbit::url()).with(&format!("exchange = \"{exchange}\""));
    let told = fault.beside_a_good_one().failed_as("broker_unroutable");
    assert!(told.error().contains(&format!("no exchange '{exchange}'")), "{}", told.error());
}

#[test]
fn row_62_a_missing_exchange_leaves_the_others_of_its_broker_alone() {
    let responder = Responder::replying(offer("0.50"));
    let (url, queue, exchange) = (rabbit::url(), &responder.queue, rabbit::name("missing"));
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\n[suppliers.bad]\nurl = \"{url}\"\nexchange = \"{exchange}\"\n[suppliers.good]\n\
         url = \"{url}\"\nqueue = \"{queue}\"\n"
    ));
    let (document, _) = scene.json(&["widget"]);
    assert_eq!(stats(&document, "good")["ranked"], 1);
    assert_eq!(stats(&document, "bad")["errorKind"], "broker_unroutable");
}

#[test]
fn row_63_replies_with_wrong_or_repeated_ids_are_ignored_and_counted() {
    let responder = Responder::new(|request| {
        let cheap = |id: Option<&str>| Message::to(request, offer("0.01")).with_id(id);
        let reply = Message::to(request, offer("0.70"));
        vec![cheap(Some("wrong")), cheap(Some("")), reply, cheap(Some(&request.id()))]
    });
    let told = at(&responder.queue).beside_a_good_one().has_a_quote();
    assert_eq!(told.quotes()[0]["totalPrice"], 7.0);
    let warnings = told.document["warnings"].as_array().unwrap();
    let ignored = warnings.iter().find(|warning| warning["kind"] == "replies_ignored").unwrap();
    let message = ignored["message"].as_str().unwrap();
    assert!(message.contains("ignored (unknown correlation id 2"), "{message}");
}

#[test]
fn row_63_a_reply_without_an_id_counts_where_nothing_else_was_asked() {
    let responder = Responder::new(|request| vec![Message::to(request, offer("0.70")).with_id(None)]);
    let told = at(&responder.queue).beside_a_good_one().has_a_quote();
    assert!(told.document["warnings"].as_array().unwrap().iter().any(|warning| warning["kind"] == "reply_without_id"));
}

#[test]
fn row_63_a_reply_without_an_id_is_nobodys_where_several_wait() {
    let nameless = Responder::new(|request| vec![Message::to(request, offer("0.01")).with_id(None)]);
    let silent = Responder::new(|_| Vec::new());
    let url = rabbit::url();
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\ntimeout = \"1s\"\n[suppliers.silent]\nurl = \"{url}\"\nqueue = \"{}\"\n\
         [suppliers.nameless]\nurl = \"{url}\"\nqueue = \"{}\"\n",
        silent.queue, nameless.queue
    ));
    let (document, _) = scene.json(&["widget"]);
    for supplier in ["silent", "nameless"] {
        let stats = stats(&document, supplier);
        assert_eq!((&stats["errorKind"], &stats["errorPhase"]), (&json!("timeout"), &json!("reply")));
        let error = stats["error"].as_str().unwrap();
        assert!(error.ends_with("exists, no reply; 1 reply ignored (no correlation id 1)"), "{error}");
    }
}

#[test]
fn row_64_a_late_reply_is_ignored() {
    // The first request is answered when the second is: too late for the first run.
    let mut late = None;
    let responder = Responder::new(move |request| match late.take() {
        None => {
            late = Some(Message::to(request, offer("0.01")));
            Vec::new()
        }
        Some(message) => vec![message, Message::to(request, offer("0.70"))],
    });
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\ntimeout = \"5s\"\n[suppliers.bad]\nurl = \"{}\"\nqueue = \"{}\"\n",
        rabbit::url(),
        responder.queue
    ));
    let (document, _) = scene.json(&["widget", "--timeout", "500ms"]);
    let error = stats(&document, "bad")["error"].as_str().unwrap();
    assert_eq!(error, format!("no reply within 500ms: queue `{}` exists, no reply", responder.queue));
    let (document, _) = scene.json(&["widget"]);
    assert_eq!(document["cheapest"]["totalPrice"], 0.7);
}

#[test]
fn row_65_garbage_is_no_reply() {
    for body in [&b"\xff\xfe\x00garbage"[..], b"", b"oops", b"<html>"] {
        let responder = Responder::new(move |request| vec![Message::to(request, body)]);
        at(&responder.queue).beside_a_good_one().failed_as("broker_reply");
    }
}

#[test]
fn row_65_an_immense_reply_is_too_large_and_memory_stays_flat() {
    let responder = Responder::new(|request| vec![Message::to(request, vec![b' '; 100 << 20])]);
    let fault = at(&responder.queue).with("timeout = \"20s\"").flags(&["--timeout", "20s"]);
    let told = fault.beside_a_good_one().failed_as("body_too_large");
    assert!(told.run.most_memory < 64 << 20, "{} MiB", told.run.most_memory >> 20);
    assert_eq!(responder.requests().len(), ASKED);
}

#[test]
fn row_66_a_connection_that_breaks_is_made_again() {
    let wire = Wire::new();
    let cutter = wire.cutter();
    let responder = Responder::new(move |request| {
        if request.number % 2 == 0 {
            cutter.cut();
            return Vec::new();
        }
        vec![Message::to(request, offer("0.70"))]
    });
    let fault = Fault::on_broker(&wire.url()).with(&format!("queue = \"{}\"", responder.queue));
    let scene = fault.with("retries = 3").beside_a_good_one().has_a_quote();
    assert_eq!(scene.stats()["attempts"], 2);
}

#[test]
fn row_66_a_connection_that_breaks_for_good_is_told_at_once() {
    let wire = Wire::new();
    let cutter = wire.cutter();
    let responder = Responder::new(move |_| {
        cutter.cut_for_good();
        Vec::new()
    });
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\n[suppliers.bad]\nurl = \"{}\"\nqueue = \"{}\"\n",
        wire.url(),
        responder.queue
    ));
    let (document, _) = scene.json(&["widget", "--timeout", "30s"]);
    let stats = stats(&document, "bad");
    assert_eq!(stats["errorKind"], "broker_unreachable", "{stats}");
    assert_eq!(document["termination"], "all", "it does not take the deadline");
}

#[test]
fn row_66_a_broker_that_stops_while_it_is_asked_is_unreachable_in_time() {
    let broker = OwnBroker::start();
    let stop = broker.stopper();
    let responder = Responder::at(&broker.url, None, move |_| {
        stop();
        Vec::new()
    });
    let fault = Fault::on_broker(&broker.url).with(&format!("queue = \"{}\"", responder.queue));
    let told = fault.flags(&["--timeout", "30s"]).beside_a_good_one().failed_as("broker_unreachable");
    told.ended_within(Duration::from_secs(30));
}

#[test]
fn row_70_no_secret_of_a_broker_is_in_any_output() {
    let responder = Responder::replying(offer("0.70"));
    let told = at(&responder.queue).beside_a_good_one().has_a_quote();
    let Value::Array(quotes) = &told.document["allQuotes"] else { panic!() };
    assert_eq!(quotes.len(), 2);
}

#[test]
fn two_hundred_queues_share_a_connection() {
    let responders: Vec<Responder> = (0..4).map(|_| Responder::replying(offer("0.70"))).collect();
    let table = |number: usize| {
        let queue = &responders[number % responders.len()].queue;
        format!("[suppliers.s{number}]\nurl = \"{}\"\nqueue = \"{queue}\"\n", rabbit::url())
    };
    let tables: String = (0..200).map(table).collect();
    let (document, run) = Scene::new(&format!("currency = \"EUR\"\ntimeout = \"20s\"\n{tables}")).json(&["widget"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(document["allQuotes"].as_array().unwrap().len(), 200);
}
