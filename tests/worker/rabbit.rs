//! Workers on a real RabbitMQ.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::asker::{self, Asker, Reply};
use crate::support::rabbit::{self, Wire};
use crate::support::{Running, Scene, Supplier, stats};
use crate::{MOCK, WIDGETS, gate, refused};

/// A supplier `initech` on a queue, whose mock has these further keys, and other suppliers.
fn scene(queue: &str, mock: &str, others: &str) -> Scene {
    scene_at(&rabbit::url(), queue, mock, others)
}

fn scene_at(url: &str, queue: &str, mock: &str, others: &str) -> Scene {
    Scene::new(&format!(
        "currency = \"EUR\"\ntimeout = \"60s\"\n[suppliers.initech]\nurl = \"{url}\"\nqueue = \"{queue}\"\n{others}\n\
         [suppliers.initech.mock]\n{mock}\n{MOCK}"
    ))
}

/// Starts a worker, and returns when it takes requests.
fn start(scene: &Scene, arguments: &[&str]) -> Running {
    let mut worker = scene.start(&[&["worker", "--supplier", "initech"], arguments].concat());
    assert!(worker.next_line().starts_with("initech amqp://"));
    worker
}

/// Lets a worker finish, which must go well, and returns the last that it says.
fn finish(worker: Running) -> String {
    worker.signal("TERM");
    let run = worker.finish();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stderr.lines().last().unwrap_or_default().to_owned()
}

fn parsed(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

#[test]
fn a_worker_answers_a_comparison_from_its_mock() {
    let asker = Asker::new();
    let scene = scene(&asker.queue, "", "");
    let worker = start(&scene, &[]);
    let (document, run) = scene.json(&["widget", "--qty", "10"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(document["cheapest"]["supplierId"], "initech");
    assert_eq!(document["cheapest"]["totalPrice"], 5.0);
    assert_eq!(stats(&document, "initech")["transport"], "amqp");
    assert_eq!(finish(worker), "initech: 1 answered, 0 errors");
}

#[test]
fn a_reply_echoes_the_id_and_has_none_where_the_request_has_none() {
    let asker = Asker::new();
    let worker = start(&scene(&asker.queue, "", ""), &[]);
    asker.ask("anything at all");
    let reply = asker.reply();
    assert_eq!(reply.id.as_deref(), Some("anything at all"));
    assert_eq!(parsed(&reply)[0]["unitPrice"], 0.5);
    asker.send(WIDGETS.as_bytes(), asker::properties());
    assert_eq!(asker.reply().id, None);
    assert_eq!(finish(worker), "initech: 2 answered, 0 errors");
}

#[test]
fn an_upstream_is_asked_and_its_filter_applies() {
    let asker = Asker::new();
    let acme = Supplier::replying(r#"{"parts": [{"id": "A-1", "price": "0.70", "stock": 50}, {"price": "free"}]}"#);
    let others = format!(
        "[suppliers.acme]\nurl = \"{}\"\ncurrency = \"USD\"\ntax-included-percent = 20\n\
         quotes = '.parts[] | {{sku: .id, unitPrice: .price, stockQuantity: .stock}}'",
        acme.url()
    );
    let scene = scene(&asker.queue, "", &others);
    let worker = start(&scene, &["--upstream", "acme"]);
    asker.ask("1");
    let expected = json!([{
        "sku": "A-1", "unitPrice": 0.70, "currency": "USD", "taxIncludedPercent": 20, "stockQuantity": 50
    }]);
    assert_eq!(parsed(&asker.reply()), expected);
    assert_eq!(acme.heads(), ["GET /quotes/widget?quantity=10"]);
    assert_eq!(finish(worker), "initech: 1 answered, 0 errors");
}

#[test]
fn an_upstream_that_fails_is_an_error_for_whoever_asks() {
    let asker = Asker::new();
    let acme = Supplier::with_status("503 Service Unavailable", b"");
    let scene = scene(&asker.queue, "", &format!("[suppliers.acme]\nurl = \"{}\"", acme.url()));
    let worker = start(&scene, &["--upstream", "acme"]);
    asker.ask("1");
    let error = parsed(&asker.reply())["error"]["message"].clone();
    assert!(error.as_str().unwrap().starts_with("supplier `acme`: "), "{error}");
    let (document, _) = scene.json(&["widget", "--supplier", "initech"]);
    assert_eq!(stats(&document, "initech")["errorKind"], "supplier_error");
    assert_eq!(finish(worker), "initech: 0 answered, 2 errors");
}

#[test]
fn poison_is_answered_once_and_does_not_come_back() {
    let asker = Asker::new();
    let worker = start(&scene(&asker.queue, "", ""), &["--concurrency", "1"]);
    for (index, body) in ["x", "", "[]", r#"{"keyword": "widget"}"#].into_iter().enumerate() {
        asker.send(body.as_bytes(), asker::properties().with_correlation_id(index.to_string().into()));
        let reply = asker.reply();
        assert_eq!(reply.id, Some(index.to_string()));
        let error = parsed(&reply)["error"]["message"].clone();
        assert!(error.as_str().unwrap().starts_with("body is no quote request: "), "{error}");
    }
    // Nobody can be told of this one, nor does this reply find anybody.
    asker.send(b"x", lapin::BasicProperties::default());
    asker.send(b"x", lapin::BasicProperties::default().with_reply_to(rabbit::name("nobody").into()));
    asker.ask("good");
    assert_eq!(asker.reply().id.as_deref(), Some("good"));
    assert_eq!(finish(worker), "initech: 1 answered, 4 errors, 2 dropped");
    assert_eq!(asker.waiting(), 0);
    assert!(asker.has_no_reply());
}

#[test]
fn a_request_whose_time_is_over_is_dropped() {
    let asker = Asker::new();
    let worker = start(&scene(&asker.queue, "", ""), &["--concurrency", "1"]);
    let now = jiff::Timestamp::now().as_millisecond();
    asker.send(WIDGETS.as_bytes(), asker::properties().with_headers(asker::header("x-deadline-ms", now - 1)));
    let later = asker::properties().with_headers(asker::header("x-deadline-ms", now + 60_000));
    asker.send(WIDGETS.as_bytes(), later.with_correlation_id("later".into()));
    assert_eq!(asker.reply().id.as_deref(), Some("later"));
    assert_eq!(finish(worker), "initech: 1 answered, 0 errors, 1 dropped");
    assert_eq!(asker.waiting(), 0);
}

#[test]
fn a_mock_that_keeps_silent_drops_the_request() {
    let asker = Asker::new();
    let worker = start(&scene(&asker.queue, "error = \"timeout\"\nfail-first = 1", ""), &["--concurrency", "1"]);
    asker.ask("silent");
    asker.ask("answered");
    assert_eq!(asker.reply().id.as_deref(), Some("answered"));
    assert_eq!(finish(worker), "initech: 1 answered, 0 errors, 1 dropped");
}

#[test]
fn a_queue_that_is_missing_is_an_error_unless_it_is_to_be_made() {
    let asker = Asker::without_queue();
    let scene = scene(&asker.queue, "", "");
    assert_eq!(
        refused(&scene, &["--supplier", "initech"]),
        format!(
            "error: supplier `initech`: there is no queue `{}` on the broker\n\
             hint: make the queue, or let the worker do so with `--declare`\n",
            asker.queue
        )
    );
    let worker = start(&scene, &["--declare"]);
    asker.ask("1");
    assert_eq!(asker.reply().id.as_deref(), Some("1"));
    finish(worker);
    // It is taken as it is when it is there.
    finish(start(&scene, &["--declare"]));
}

#[test]
fn a_broker_that_lets_nobody_in_is_an_error() {
    let url = rabbit::url().replace("guest:guest", "guest:wrong");
    let said = refused(&scene_at(&url, "quotes", "", ""), &["--supplier", "initech"]);
    assert!(said.contains("supplier `initech`: broker refuses access: ACCESS_REFUSED"), "{said}");
    assert!(said.ends_with("hint: look at the user and the password in its `url`\n"), "{said}");
}

#[test]
fn no_more_is_taken_than_is_worked_on_and_what_a_killed_worker_holds_goes_back() {
    let asker = Asker::new();
    let worker = start(&scene(&asker.queue, "latency = \"1h\"", ""), &["--concurrency", "2"]);
    (0..5).for_each(|id| asker.ask(&id.to_string()));
    asker.wait_until_waiting(3);
    worker.signal("KILL");
    assert_eq!(worker.finish().code, None);
    asker.wait_until_waiting(5);
}

#[test]
fn row_67_a_worker_that_is_killed_leaves_its_request_to_another() {
    let asker = Asker::new();
    let (slow, quick) = (scene(&asker.queue, "latency = \"1h\"", ""), scene(&asker.queue, "", ""));
    let killed = start(&slow, &["-v"]);
    let asking = quick.start(&["widget", "--qty", "10", "--json"]);
    // It holds the request when it has left the queue, and one that it holds is not yet known of.
    asker.ask("mark");
    let held = std::time::Instant::now();
    while asker.waiting() > 0 {
        assert!(held.elapsed().as_secs() < 60);
    }
    killed.signal("KILL");
    assert_eq!(killed.finish().code, None);
    let other = start(&quick, &[]);
    let document = asking.finish().json();
    assert_eq!(document["cheapest"]["totalPrice"], 5.0);
    assert_eq!(stats(&document, "initech")["attempts"], 1);
    assert_eq!(asker.reply().id.as_deref(), Some("mark"));
    assert_eq!(finish(other), "initech: 2 answered, 0 errors");
}

#[test]
fn a_worker_that_is_terminated_finishes_what_it_holds() {
    for signal in ["TERM", "INT"] {
        let asker = Asker::new();
        let (acme, release) = gate();
        let scene = scene(&asker.queue, "", &format!("[suppliers.acme]\nurl = \"{}\"", acme.url()));
        let arguments = ["--concurrency", "1", "--upstream", "acme"];
        let mut worker = start(&scene, &arguments);
        asker.ask("held");
        asker.ask("left");
        until_asked(&acme);
        worker.signal(signal);
        worker.wait_for("initech: finishes 1 request, within 10 s; a second signal ends it at once");
        release.send(()).unwrap();
        assert_eq!(asker.reply().id.as_deref(), Some("held"));
        let run = worker.finish();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stderr.ends_with("initech: 1 answered, 0 errors\n"), "{}", run.stderr);
        asker.wait_until_waiting(1);
        // Another one takes what was left.
        let other = start(&scene, &arguments);
        release.send(()).unwrap();
        assert_eq!(asker.reply().id.as_deref(), Some("left"));
        finish(other);
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let asker = Asker::new();
    let acme = Supplier::silent();
    let others = format!("[suppliers.acme]\nurl = \"{}\"", acme.url());
    let mut worker = start(&scene(&asker.queue, "", &others), &["--upstream", "acme"]);
    asker.ask("held");
    until_asked(&acme);
    worker.signal("INT");
    worker.wait_for("initech: finishes");
    worker.signal("INT");
    assert_eq!(worker.finish().code, Some(130));
    asker.wait_until_waiting(1);
}

/// Waits until a worker asks its upstream, and so holds a request.
fn until_asked(upstream: &Supplier) {
    let since = std::time::Instant::now();
    while upstream.heads().is_empty() {
        assert!(since.elapsed().as_secs() < 60, "nobody asks");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_connection_that_is_lost_is_opened_again() {
    let asker = Asker::new();
    let wire = Wire::new();
    let mut worker = start(&scene_at(&wire.url(), &asker.queue, "", ""), &[]);
    asker.ask("before");
    assert_eq!(asker.reply().id.as_deref(), Some("before"));
    for round in 0..3 {
        wire.cutter().cut();
        worker.wait_for("initech: broker cannot be reached: ");
        asker.ask(&round.to_string());
        worker.wait_for("initech: is connected again");
        // What was answered when the wire was cut, and not yet acknowledged, is answered again.
        while asker.reply().id != Some(round.to_string()) {}
    }
    finish(worker);
    assert_eq!(asker.waiting(), 0);
}

#[test]
fn quiet_is_quiet() {
    let asker = Asker::new();
    let worker = start(&scene(&asker.queue, "", ""), &["-q"]);
    asker.ask("1");
    asker.reply();
    assert_eq!(finish(worker), "");
}

#[test]
fn every_request_is_answered_although_workers_are_killed() {
    const REQUESTS: usize = 400;
    let asker = Asker::new();
    let scene = scene(&asker.queue, "latency = \"5ms\"", "");
    let lasting = start(&scene, &["--concurrency", "2"]);
    let mut killed = Some(start(&scene, &["--concurrency", "2"]));
    (0..REQUESTS).for_each(|id| asker.ask(&id.to_string()));
    let (mut answered, mut repeated) = (HashSet::new(), 0);
    while answered.len() < REQUESTS {
        let reply = asker.reply();
        assert_eq!(parsed(&reply)[0]["unitPrice"], 0.5);
        repeated += usize::from(!answered.insert(reply.id.unwrap()));
        if answered.len() % 100 == 50
            && let Some(worker) = killed.take()
        {
            worker.signal("KILL");
            assert_eq!(worker.finish().code, None);
            killed = Some(start(&scene, &["--concurrency", "2"]));
        }
    }
    // What was answered and not yet acknowledged is answered again: at most what the killed ones held.
    assert!(repeated <= 4 * 2, "{repeated}");
    killed.into_iter().chain([lasting]).for_each(|worker| drop(finish(worker)));
    assert_eq!(asker.waiting(), 0);
}
