//! Suppliers on a real Kafka, asked by the real binary: the fault matrix, rows 61 to 68, as far as they are about Kafka.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::sync::mpsc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use support::kafka::{Answer, Broker, Request, until};
use support::{Run, Scene, Supplier, hostile, offer, stats};

/// A configuration in euros with suppliers by (name, lines).
fn scene(suppliers: &[(&str, String)]) -> Scene {
    let tables = suppliers.iter().map(|(name, lines)| format!("[suppliers.{name}]\n{lines}\n"));
    Scene::new(&format!("currency = \"EUR\"\n{}", tables.collect::<String>()))
}

/// The lines of a supplier on a topic.
fn on(broker: &Broker, topic: &str) -> String {
    format!("url = \"{}\"\ntopic = \"{topic}\"", broker.url())
}

/// Asks the supplier of these lines, called `bad`, beside a good one over HTTP, whose quote is what it always is.
fn beside_a_good_one(lines: String, arguments: &[&str]) -> (Value, Run) {
    let good = Supplier::replying(&offer("0.70"));
    let scene = scene(&[("bad", lines), ("good", format!("url = \"{}\"", good.url()))]);
    let (document, run) = scene.json(&[&["widget", "--qty", "10", "--no-state"], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(document["cheapest"]["supplierId"], "good");
    assert_eq!(document["cheapest"]["totalPrice"], json!(7.0));
    (document, run)
}

/// How the supplier called `bad` failed.
fn kind(document: &Value) -> &str {
    stats(document, "bad")["errorKind"].as_str().unwrap_or("none")
}

fn error(document: &Value) -> &str {
    stats(document, "bad")["error"].as_str().unwrap_or("none")
}

/// The reply topics of runs that end so much later than now, in minutes: such as have that for a timeout.
fn reply_topics(broker: &Broker, minutes: i64) -> Vec<String> {
    let now = Timestamp::now().as_millisecond();
    let ends_then = |topic: &String| {
        let rest = topic.strip_prefix("pricecmp.reply.").and_then(|rest| rest.split('.').next()?.parse::<i64>().ok());
        rest.is_some_and(|deadline| (minutes - 5..=minutes).contains(&((deadline - now) / 60_000)))
    };
    broker.topics().into_iter().filter(ends_then).collect()
}

fn exists(broker: &Broker, topic: &str) -> bool {
    broker.topics().iter().any(|found| found == topic)
}

#[test]
fn a_responder_that_spring_would_recognise_is_asked_and_answers() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let responder = broker.reply(&topic, &offer("0.50"));
    let (document, run) = scene(&[("acme", on(&broker, &topic))]).json(&["widget", "--qty", "10"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(document["cheapest"]["totalPrice"], json!(5.0));
    assert_eq!(stats(&document, "acme")["transport"], "kafka");
    let [Request { id, reply_partition, deadline, key, body, run, .. }] = &responder.seen()[..] else { panic!() };
    assert!(uuid::Uuid::parse_str(std::str::from_utf8(id).unwrap()).is_ok() && id.len() == 36);
    assert_eq!(reply_partition, &[0, 0, 0, 0]);
    assert!(deadline.parse::<i64>().unwrap() > Timestamp::now().as_millisecond() - 60_000);
    assert_eq!((key, &**run), (&None, document["correlationId"].as_str().unwrap()));
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, json!({"productId": "widget", "quantity": 10, "currency": "EUR"}));
}

#[test]
fn suppliers_on_the_same_brokers_share_a_reply_topic_and_filters_apply() {
    let broker = Broker::shared();
    let (one, two) = (broker.topic(), broker.topic());
    let first = broker.reply(&one, &offer("0.50"));
    let second = broker.reply(&two, r#"{"p": 0.4}"#);
    let filters = "request = '{item: $product}'\nquotes = '{unitPrice: .p, currency: \"EUR\", inStock: true}'";
    let scene = scene(&[("one", on(&broker, &one)), ("two", format!("{}\n{filters}", on(&broker, &two)))]);
    let (document, _) = scene.json(&["widget", "--qty", "10"]);
    assert_eq!(document["allQuotes"].as_array().unwrap().len(), 2, "{document:#}");
    assert_eq!(document["cheapest"]["supplierId"], "two");
    assert_eq!(first.first().reply_topic, second.first().reply_topic);
    assert_ne!(first.first().id, second.first().id);
    assert_eq!(second.first().body, r#"{"item":"widget"}"#);
}

#[test]
fn a_lasting_reply_topic_is_read_from_where_it_ends_and_stays() {
    let broker = Broker::shared();
    let (topic, replies) = (broker.topic(), broker.topic_with(3, &[]));
    broker.write(&replies, b"from before", &[("kafka_correlationId", b"whose?")]);
    let responder = broker.reply(&topic, &offer("0.50"));
    let lines = format!("{}\nreply-topic = \"{replies}\"", on(&broker, &topic));
    let scene = scene(&[("acme", lines)]);
    for _ in 0..3 {
        let (document, run) = scene.json(&["widget", "--qty", "10"]);
        assert_eq!(document["cheapest"]["totalPrice"], json!(5.0), "{}", run.stderr);
        assert_eq!(document["warnings"], json!([]));
    }
    assert!(responder.seen().iter().all(|request| request.reply_topic == replies));
    assert!(exists(&broker, &replies));
}

#[test]
fn what_would_be_sent_is_shown_and_what_was_replied_is_kept() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let responder = broker.reply(&topic, &offer("0.50"));
    let scene = scene(&[("acme", on(&broker, &topic))]);
    let shown = scene.run(&["widget", "--qty", "10", "--dry-run"]).stdout;
    assert!(shown.contains(&format!("SEND {}/{topic}", broker.url())), "{shown}");
    assert!(shown.contains("kafka_replyTopic: pricecmp.reply.") && shown.contains("x-deadline-ms"), "{shown}");
    assert_eq!(responder.seen().len(), 0);
    let (first, _) = scene.json(&["widget", "--qty", "10", "--save-replies", "replies"]);
    let (again, run) = scene.json(&["widget", "--qty", "10", "--replay", "replies"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!((&first["allQuotes"], responder.seen().len()), (&again["allQuotes"], 1));
    let explained = scene.run(&["explain", "acme", "widget", "--qty", "10"]).stdout;
    assert!(explained.contains("kafka_correlationId") && explained.contains("unitPrice"), "{explained}");
    let live = scene.run(&["check", "--live", "--product", "widget"]);
    assert_eq!(live.code, Some(0), "{}{}", live.stdout, live.stderr);
    assert_eq!(responder.seen().len(), 3);
}

#[test]
fn row_61_a_broker_that_is_down_is_unreachable_at_once() {
    let refused = hostile::refused();
    let lines = format!("url = \"kafka://{}\"\ntopic = \"quotes\"", refused.address());
    let (document, _) = beside_a_good_one(lines, &["--timeout", "50s"]);
    assert_eq!((kind(&document), &document["termination"]), ("broker_unreachable", &json!("all")));
    assert!(error(&document).contains("refused"), "{}", error(&document));
}

#[test]
fn row_61_a_broker_whose_name_does_not_exist_is_unreachable() {
    let lines = "url = \"kafka://nobody.invalid\"\ntopic = \"quotes\"".to_owned();
    let (document, _) = beside_a_good_one(lines, &["--timeout", "50s"]);
    assert_eq!((kind(&document), &document["termination"]), ("broker_unreachable", &json!("all")));
    assert!(error(&document).contains("nobody.invalid"), "{}", error(&document));
}

#[test]
fn row_61_a_blackholed_broker_is_a_timeout_of_connect() {
    let unreachable = hostile::unreachable();
    let lines = format!("url = \"kafka://{}\"\ntopic = \"quotes\"", unreachable.address());
    let (document, _) = beside_a_good_one(lines, &["--timeout", "2500ms"]);
    assert_eq!(kind(&document), "timeout");
    assert_eq!(stats(&document, "bad")["errorPhase"], "connect");
}

#[test]
fn row_62_a_missing_topic_is_told_at_once_and_nothing_is_left() {
    let broker = Broker::shared();
    let (document, _) = beside_a_good_one(on(&broker, "test.missing"), &["--timeout", "47m"]);
    assert_eq!((kind(&document), &document["termination"]), ("broker_topic", &json!("all")));
    assert!(error(&document).contains("no topic `test.missing`"), "{}", error(&document));
    until(|| reply_topics(&broker, 47).is_empty());
    assert!(!exists(&broker, "test.missing"));
}

#[test]
fn row_62_a_missing_reply_topic_is_told_at_once() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let lines = format!("{}\nreply-topic = \"test.missing-replies\"", on(&broker, &topic));
    let (document, _) = beside_a_good_one(lines, &["--timeout", "50s"]);
    assert_eq!((kind(&document), &document["termination"]), ("broker_topic", &json!("all")));
    assert!(error(&document).contains("no topic `test.missing-replies`"), "{}", error(&document));
}

#[test]
fn row_63_what_has_a_wrong_id_or_none_is_ignored_and_counted_and_the_true_reply_is_used() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let responder = broker.respond(&topic, |request| {
        let stranger = Answer { id: Some(b"somebody-elses".to_vec()), body: offer("0.01").into() };
        let anonymous = Answer { id: None, body: offer("0.02").into() };
        let own = request.answer(offer("0.50"));
        vec![stranger, anonymous, own.clone(), Answer { body: offer("0.03").into(), ..own }]
    });
    let (document, _) = scene(&[("acme", on(&broker, &topic))]).json(&["widget", "--qty", "10"]);
    assert_eq!(document["allQuotes"].as_array().unwrap().len(), 1);
    assert_eq!(document["cheapest"]["totalPrice"], json!(5.0));
    let warning = document["warnings"][0].to_string();
    assert!(warning.contains("unknown correlation id 1") && warning.contains("no correlation id 1"), "{document:#}");
    until(|| !exists(&broker, &responder.first().reply_topic));
}

#[test]
fn row_63_replies_without_an_id_alone_are_no_reply_and_counted() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let _responder = broker.respond(&topic, |_| vec![Answer { id: None, body: offer("0.02").into() }; 3]);
    let (document, _) = beside_a_good_one(on(&broker, &topic), &["--timeout", "3s"]);
    assert_eq!(kind(&document), "broker_reply");
    let error = error(&document);
    assert!(
        error.contains("3 replies came without a correlation id") && error.contains("splitIterables = false"),
        "{error}"
    );
}

#[test]
fn row_64_a_late_reply_is_ignored() {
    let broker = Broker::shared();
    let (topic, replies) = (broker.topic(), broker.topic());
    let (release, released) = mpsc::channel::<()>();
    let responder = broker.respond(&topic, move |request| {
        // The first request waits until its run is over.
        let _ = released.recv_timeout(Duration::from_secs(50));
        vec![request.answer(offer("0.01"))]
    });
    let lines = format!("{}\nreply-topic = \"{replies}\"\ntimeout = \"1500ms\"", on(&broker, &topic));
    let (document, _) = beside_a_good_one(lines, &[]);
    assert_eq!((kind(&document), &stats(&document, "bad")["errorPhase"]), ("timeout", &json!("reply")));
    assert_eq!(responder.seen().len(), 1);
    drop(release);
    let other = broker.topic();
    let _other = broker.reply(&other, &offer("0.50"));
    let (document, _) = scene(&[("acme", format!("{}\nreply-topic = \"{replies}\"", on(&broker, &other)))])
        .json(&["widget", "--qty", "10"]);
    assert_eq!(document["cheapest"]["totalPrice"], json!(5.0));
}

#[test]
fn row_65_garbage_is_no_reply() {
    let broker = Broker::shared();
    for body in [&b"\xff\xfe nonsense"[..], b"", b"{\"unitPrice\": 1"] {
        let topic = broker.topic();
        let _responder = broker.respond(&topic, move |request| vec![request.answer(body)]);
        let (document, _) = beside_a_good_one(on(&broker, &topic), &["--timeout", "50s"]);
        assert_eq!(kind(&document), "broker_reply");
        assert_eq!(document["termination"], "all");
    }
}

#[test]
fn row_65_a_reply_that_is_too_large_is_told_at_once_and_hides_no_other() {
    let broker = Broker::shared();
    let replies = broker.topic_with(1, &[("max.message.bytes", "99000000")]);
    let lines = |topic: &str| format!("{}\nreply-topic = \"{replies}\"", on(&broker, topic));
    for size in [8 * 1024 * 1024 + 1, 20_000_000] {
        let (topic, other) = (broker.topic(), broker.topic());
        let _responder = broker.respond(&topic, move |request| vec![request.answer(vec![b' '; size])]);
        let _other = broker.reply(&other, &offer("0.50"));
        let scene = scene(&[("bad", lines(&topic)), ("acme", lines(&other))]);
        let (document, _) = scene.json(&["widget", "--qty", "10", "--timeout", "20s", "--no-state"]);
        assert_eq!(
            (kind(&document), &document["termination"]),
            ("body_too_large", &json!("all")),
            "{size}: {document:#}"
        );
        assert_eq!(document["cheapest"]["supplierId"], "acme");
    }
}

#[test]
fn row_66_a_broker_that_restarts_or_goes_away_while_asked() {
    let broker = Broker::own(&[], "");
    let topic = broker.topic();
    let (release, released) = mpsc::channel::<()>();
    let responder = broker.respond(&topic, move |request| {
        let _ = released.recv_timeout(Duration::from_secs(50));
        vec![request.answer(offer("0.50"))]
    });
    let scene = scene(&[("bad", on(&broker, &topic))]);
    let run = scene.start(&["widget", "--qty", "10", "--json", "--timeout", "55s", "--no-state"]);
    responder.first();
    broker.stop("TERM");
    broker.start_again();
    drop(release);
    let document = run.finish().json();
    assert_eq!(document["cheapest"]["totalPrice"], json!(5.0), "{document:#}");
    drop(responder);

    let silent = broker.topic();
    let responder = broker.respond(&silent, |_| Vec::new());
    let lines = on(&broker, &silent);
    let scene = self::scene(&[("bad", lines)]);
    let run = scene.start(&["widget", "--qty", "10", "--json", "--timeout", "5s", "--no-state"]);
    responder.first();
    broker.stop("KILL");
    let document = run.finish().json();
    assert_eq!(kind(&document), "broker_unreachable", "{document:#}");
}

#[test]
fn row_68_no_reply_topic_is_left_after_success_and_after_an_interrupt_when_all_was_answered() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let responder = broker.reply(&topic, &offer("0.50"));
    scene(&[("acme", on(&broker, &topic))]).json(&["widget", "--qty", "10"]);
    until(|| !exists(&broker, &responder.first().reply_topic));

    let silent = Supplier::silent();
    let scene = scene(&[("acme", on(&broker, &topic)), ("silent", format!("url = \"{}\"", silent.url()))]);
    let mut run = scene.start(&["widget", "--qty", "10", "-v", "--json", "--timeout", "55s"]);
    run.wait_for("acme: ");
    let own = || responder.seen().get(1).map(|request| request.reply_topic.clone());
    until(|| own().is_some());
    run.wait_for("acme: ");
    run.signal("INT");
    assert_eq!(run.finish().code, Some(130));
    until(|| !exists(&broker, &own().unwrap()));
}

#[test]
fn row_68_a_topic_stays_under_a_request_that_is_unanswered_unless_told_otherwise() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let responder = broker.respond(&topic, |_| Vec::new());
    beside_a_good_one(on(&broker, &topic), &["--timeout", "1500ms"]);
    assert!(exists(&broker, &responder.first().reply_topic));
    beside_a_good_one(format!("{}\nreply-topic-delete = \"always\"", on(&broker, &topic)), &["--timeout", "1500ms"]);
    until(|| !exists(&broker, &responder.seen()[1].reply_topic));
    assert!(exists(&broker, &responder.first().reply_topic));
}

#[test]
fn row_68_the_next_run_removes_what_is_stale_and_nothing_else() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let at = |minutes: i64| {
        let deadline = Timestamp::now().as_millisecond() - minutes * 60_000;
        format!("pricecmp.reply.{deadline}.{}", uuid::Uuid::new_v4().simple())
    };
    let (stale, young, foreign) = (at(11), at(1), format!("pricecmp.reply.team-{}", uuid::Uuid::new_v4().simple()));
    for name in [&stale, &young, &foreign] {
        broker.make(name, 1, &[]);
    }
    let _responder = broker.reply(&topic, &offer("0.50"));
    let scene = scene(&[("acme", on(&broker, &topic))]);
    scene.run(&["widget", "--dry-run"]);
    assert!(exists(&broker, &stale));
    scene.json(&["widget", "--qty", "10"]);
    until(|| !exists(&broker, &stale));
    assert!(exists(&broker, &young) && exists(&broker, &foreign));
}

#[test]
fn an_auction_asks_all_groups_at_once_and_each_answers_under_its_own_name() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let responding = |name: &str, price: &str| {
        let body = offer(price).replacen('{', &format!("{{\"supplierId\": \"{name}\", "), 1);
        broker.reply(&topic, &body)
    };
    let (one, _two) = (responding("acme", "0.50"), responding("globex", "0.40"));
    let lines = format!("{}\nauction = true\nexpect = 2", on(&broker, &topic));
    let (document, run) = scene(&[("rfq", lines)]).json(&["widget", "--qty", "10", "--timeout", "50s"]);
    assert_eq!((run.code, &document["termination"]), (Some(0), &json!("all")), "{}", run.stderr);
    let names: Vec<&Value> =
        document["allQuotes"].as_array().unwrap().iter().map(|quote| &quote["supplierId"]).collect();
    assert_eq!(names, ["rfq/globex", "rfq/acme"]);
    until(|| !exists(&broker, &one.first().reply_topic));
}

/// A port of the loopback interface that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn row_61_sasl_plain_lets_in_who_knows_the_password_and_tells_who_does_not() {
    let port = free_port();
    let properties = "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT\n\
        sasl.enabled.mechanisms=PLAIN\n\
        listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
        user_alice=\"canary-7f3a9c\";\n";
    let broker = Broker::own(&[("KAFKA_LISTENERS", &format!("SASL://127.0.0.1:{port}"))], properties);
    let topic = broker.topic();
    let _responder = broker.reply(&topic, &offer("0.50"));
    let kafka = "[kafka]\n\"security.protocol\" = \"sasl_plaintext\"\n\"sasl.mechanisms\" = \"PLAIN\"\n\
        \"sasl.username\" = \"alice\"\n\"sasl.password\" = \"${KAFKA_PASSWORD}\"\n";
    let configuration = format!(
        "currency = \"EUR\"\n{kafka}[suppliers.bad]\nurl = \"kafka://127.0.0.1:{port}\"\ntopic = \"{topic}\"\n"
    );
    let ask = |password: &str| {
        let scene = Scene::new(&configuration).with_variable("KAFKA_PASSWORD", password);
        scene.json(&["widget", "--qty", "10", "--timeout", "50s", "-vv", "--no-state"])
    };
    let (document, run) = ask(support::CANARY);
    assert_eq!(document["cheapest"]["totalPrice"], json!(5.0), "{}", run.stderr);
    let (document, _) = ask("canary-7f3a9c-wrong");
    assert_eq!((kind(&document), &document["termination"]), ("broker_auth", &json!("all")), "{document:#}");
}

#[test]
fn reply_topics_that_killed_runs_left_are_listed_and_removed() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let left = |hours: i64| {
        let deadline = Timestamp::now().as_millisecond() - hours * 3_600_000;
        let name = format!("pricecmp.reply.{deadline}.{}", uuid::Uuid::new_v4().simple());
        broker.make(&name, 1, &[]);
        name
    };
    // So old that nobody else's test is about it. Other tests remove what is stale, so that it may be gone already.
    let scene = scene(&[("acme", on(&broker, &topic)), ("also", on(&broker, &topic))]);
    let (young, old) = (left(-1), left(-3));
    let listed = scene.run(&["kafka-cleanup", "--older-than", "1h", "--dry-run", "--json"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    assert!(!listed.stdout.contains(&young) && !listed.stdout.contains(&old), "{}", listed.stdout);
    let stale = left(2);
    let done = scene.run(&["kafka-cleanup", "--older-than", "1h", "--json"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let document: Value = serde_json::from_str(&done.stdout).unwrap();
    let schema = serde_json::from_str(&scene.run(&["schema", "kafka-cleanup"]).stdout).unwrap();
    assert!(jsonschema::is_valid(&schema, &document), "{document:#}");
    assert!(document["topics"].as_array().unwrap().iter().all(|topic| topic["removed"] == json!(true)));
    until(|| !exists(&broker, &stale));
    assert!(exists(&broker, &young) && exists(&broker, &old) && exists(&broker, &topic));
    let nothing = scene.run(&["kafka-cleanup", "--older-than", "3650d"]);
    assert_eq!((&*nothing.stdout, nothing.code), ("no reply topics are left\n", Some(0)));
}

#[test]
fn a_cleanup_that_reaches_no_broker_says_so() {
    let refused = hostile::refused();
    let down = format!("url = \"kafka://{}\"\ntopic = \"quotes\"", refused.address());
    let run = scene(&[("acme", down)]).run(&["kafka-cleanup", "--timeout", "50s"]);
    assert_eq!(run.code, Some(3));
    assert!(run.stderr.starts_with("error: supplier `acme`: broker cannot be reached"), "{}", run.stderr);
    let over_http = scene(&[("acme", "url = \"http://127.0.0.1:1/\"".to_owned())]).run(&["kafka-cleanup"]);
    assert_eq!(over_http.code, Some(2));
    assert!(over_http.stderr.contains("no supplier of the configuration is on Kafka"), "{}", over_http.stderr);
}
