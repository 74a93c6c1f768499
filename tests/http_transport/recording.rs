//! What is kept of an exchange for those who want to see it.

use pricecmp::domain::{Method, Redirects};
use pricecmp::mapping::{Filter, Lookup, Mapping, Names, UrlTemplate};
use pricecmp::transport::http::{HttpSettings, LookupSettings};
use pricecmp::transport::{Exchange, Recorder, Recording};

use crate::support::hostile::http;
use crate::{ask, header, settings};

/// Asks, and gives out what was kept.
async fn recorded(settings: HttpSettings) -> Vec<Exchange> {
    let recorder = Recorder::keeping();
    // Whether there is an answer is for the other tests.
    let _ = ask(HttpSettings { recorder: recorder.clone(), ..settings }).await;
    recorder.take().exchanges
}

/// The status and the body of each exchange.
fn replies(exchanges: &[Exchange]) -> Vec<(u16, &str)> {
    let reply = |exchange: &'_ Exchange| exchange.status.unwrap();
    exchanges.iter().map(|exchange| (reply(exchange), std::str::from_utf8(&exchange.body).unwrap())).collect()
}

#[tokio::test]
async fn a_reply_is_kept_as_it_came() {
    let body = br#"[ {"unitPrice": 0.10, "b": "\ud83d"} ]"#;
    let server = http::replying("200 OK", &["Content-Type: application/json; charset=utf-8"], body);
    let kept = recorded(settings(&server.url())).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].body, body);
    assert_eq!(kept[0].content_type.as_deref(), Some("application/json; charset=utf-8"));
    assert_eq!((kept[0].supplier.as_str(), kept[0].question.quantity.get()), ("acme", 95));
    assert!(kept[0].request.head.starts_with("GET http://"), "{}", kept[0].request.head);
    assert!(kept[0].request.headers.iter().any(|(name, _)| name == "x-correlation-id"));
}

#[tokio::test]
async fn a_reply_that_is_no_text_is_kept_as_well() {
    let kept = recorded(settings(&http::good(b"\xff\xfe{}").url())).await;
    assert_eq!(kept[0].body, b"\xff\xfe{}");
}

#[tokio::test]
async fn an_error_is_kept_whole() {
    let page = format!("<html>{}</html>", "x".repeat(100_000));
    let kept = recorded(settings(&http::replying("503 Busy", &[], page.as_bytes()).url())).await;
    assert_eq!(replies(&kept), [(503, page.as_str())]);
    let server = http::replying("404 Not Found", &[], b"no such part");
    let kept = recorded(HttpSettings { no_offer_status: vec![404], ..settings(&server.url()) }).await;
    assert_eq!(replies(&kept), [(404, "no such part")]);
}

#[tokio::test]
async fn each_step_of_a_redirect_is_an_exchange() {
    let first = http::reply("302 Found", &["Location: /v2?key=hunter3"], b"moved");
    let server = http::replying_in_turn(vec![first, http::reply("200 OK", &[], b"[]")]);
    let address = server.address();
    let settings = HttpSettings {
        redirects: Redirects::SameHost,
        shown_url: UrlTemplate::parse(&format!("http://u:***@{address}/?key=***"), &Names::of_request()).unwrap(),
        ..settings(&format!("http://u:pw@{address}/?key=hunter3"))
    };
    let kept = recorded(settings).await;
    assert_eq!(replies(&kept), [(302, ""), (200, "[]")]);
    assert_eq!(kept[0].request.head, format!("GET http://u:***@{address}/?key=***"));
    assert!(kept[1].request.head.ends_with("/v2?key=***"), "{}", kept[1].request.head);
    assert!(!kept[1].request.head.contains("pw"), "{}", kept[1].request.head);
}

#[tokio::test]
async fn a_lookup_and_each_page_are_exchanges() {
    let bodies = [r#"{"id": 7}"#, r#"{"next": "&page=2"}"#, r#"{"next": "/end?key=hunter3"}"#, "{}"];
    let server = http::replying_in_turn(bodies.map(|body| http::reply("200 OK", &[], body.as_bytes())).to_vec());
    let address = server.address();
    let names = Names::of_request().with(["id"]);
    let template = |text: &str| UrlTemplate::parse(&format!("http://{address}{text}"), &names).unwrap();
    let compiled = |source: &str| Filter::compile(source, &names).unwrap();
    let plain = settings(&format!("http://{address}/"));
    let lookup = LookupSettings {
        method: Method::Get,
        url: template("/find"),
        shown_url: template("/find"),
        headers: Vec::new(),
        tokens: None,
        no_offer_status: Vec::new(),
        client: plain.client.clone(),
        request: None,
        mapping: Lookup { error: None, ids: compiled(".id") },
        each: true,
        max_ids: 20,
        memory: None,
    };
    let kept = recorded(HttpSettings {
        url: template("/{id}?key=hunter3"),
        shown_url: template("/{id}?key=***"),
        mapping: Mapping { quotes: Some(compiled("empty")), next: Some(compiled(".next")), error: None },
        lookup: Some(lookup),
        ..plain
    })
    .await;
    assert_eq!(replies(&kept).iter().map(|reply| reply.0).collect::<Vec<_>>(), [200; 4]);
    let heads: Vec<String> =
        kept.iter().map(|kept| kept.request.head.replace(&format!("http://{address}"), "")).collect();
    assert_eq!(heads, ["GET /find", "GET /7?key=***", "GET /7?key=***&page=2", "GET /end?key=***"]);
    assert!(!format!("{kept:?}").contains("hunter"), "{kept:?}");
}

#[tokio::test]
async fn secrets_that_come_back_are_masked() {
    let body = br#"{"headers": {"x-key": "hunter\/4"}, "url": "/?key=hunter3", "offers": []}"#;
    let server = http::replying("200 OK", &["Content-Type: text/hunter3"], body);
    let mut settings = settings(&format!("http://{}/?key=hunter3", server.address()));
    settings.shown_url =
        UrlTemplate::parse(&format!("http://{}/?key=***", server.address()), &Names::of_request()).unwrap();
    settings.headers = vec![header("X-Key", "hunter/4")];
    let kept = recorded(settings).await;
    assert_eq!(replies(&kept), [(200, r#"{"headers": {"x-key": "***"}, "url": "/?key=***", "offers": []}"#)]);
    assert!(!format!("{kept:?}").contains("hunter"), "{kept:?}");
}

#[tokio::test]
async fn offers_repeat_no_secret_either() {
    let body = br#"[{"url": "http://a/?key=hunter3&x", "sku": "hunter4", "currency": "EUR", "unitPrice": "hunter3"},
                    {"seller": "hunter4 Ltd", "productId": "w", "unitPrice": 1.2340, "validUntil": "hunter4"}]"#;
    let server = http::good(body);
    let mut settings = settings(&format!("http://{}/?key=hunter3", server.address()));
    settings.shown_url =
        UrlTemplate::parse(&format!("http://{}/?key=***", server.address()), &Names::of_request()).unwrap();
    settings.headers = vec![header("X-Key", "hunter4")];
    let reply = format!("{:?}", ask(settings).await.unwrap());
    assert!(!reply.contains("hunter"), "{reply}");
    assert!(reply.contains("http://a/?key=***&x") && reply.contains("*** Ltd") && reply.contains("1.2340"), "{reply}");
}

#[tokio::test]
async fn nothing_is_kept_unless_somebody_wants_it() {
    let recorder = Recorder::default();
    let kept = HttpSettings { recorder: recorder.clone(), ..settings(&http::good(b"[]").url()) };
    ask(kept).await.unwrap();
    assert!(!recorder.is_on());
    assert_eq!(recorder.take(), Recording::default());
}
