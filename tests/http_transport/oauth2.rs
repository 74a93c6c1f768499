//! Tokens for client credentials: asked for once, renewed when they are over or refused, never shown.

use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use pricecmp::domain::{ClientAuthentication, ClientCredentials, ErrorKind, Failure, Phase, Redirects, Secret};
use pricecmp::transport::http::{HttpSettings, HttpSupplier, TokenSources};
use pricecmp::transport::{PhaseMark, Transport};

use crate::support::hostile::{self, Client, Server};
use crate::{SHORT, ask, ask_within, inquiry, nothing, settings};

const SECRET: &str = "hunter2/+ é";

/// What a server answers: a status line with header lines, and a body.
type Answer = (&'static str, String);

/// A server that answers `POST /token` by its number, from 1, and everything else by its `Authorization`.
fn server(
    token: impl Fn(usize, &str) -> Answer + Send + Sync + 'static,
    quote: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let server = hostile::serve("http", move |mut client| {
        let head = client.read_head()?;
        if !head.starts_with("POST /token ") {
            let authorization = line(&head, "authorization: ").unwrap_or_default();
            return answer(client, quote(authorization));
        }
        let length = line(&head, "content-length: ").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        client.stream.read_exact(&mut body)?;
        let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
        answer(client, token(number, &String::from_utf8(body).unwrap()))
    });
    (server, asked)
}

fn line<'a>(head: &'a str, start: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(start))
}

fn answer(client: Client, (head, body): Answer) -> io::Result<()> {
    let length = body.len();
    client.finish(format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").as_bytes())
}

fn issued(number: usize, rest: &str) -> Answer {
    ("200 OK", format!(r#"{{"access_token": "token-{number}", "token_type": "bearer"{rest}}}"#))
}

fn credentials(server: &Server) -> ClientCredentials {
    ClientCredentials {
        token_url: Secret::new(format!("{}token", server.url())),
        client_id: Secret::new("me:"),
        client_secret: Secret::new(SECRET),
        scope: None,
        audience: None,
        authentication: ClientAuthentication::Basic,
    }
}

fn wanting(server: &Server, credentials: ClientCredentials) -> HttpSettings {
    let settings = settings(&server.url());
    let tokens = Some(TokenSources::default().source(credentials, &settings.client));
    HttpSettings { tokens, ..settings }
}

async fn refusal(token: impl Fn(usize, &str) -> Answer + Send + Sync + 'static) -> Failure {
    let (server, _) = server(token, |_| ("200 OK", "[]".into()));
    let failure = ask(wanting(&server, credentials(&server))).await.unwrap_err();
    assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
    failure
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_standard_says() {
    let (server, _) = server(
        |number, body| {
            assert_eq!(body, "grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Fapi");
            issued(number, "")
        },
        |authorization| {
            assert_eq!(authorization, "Bearer token-1");
            ("200 OK", "[]".into())
        },
    );
    let scope = Some("a b".to_owned());
    let audience = Some("https://api".to_owned());
    let credentials = ClientCredentials { scope, audience, ..credentials(&server) };
    assert_eq!(ask(wanting(&server, credentials)).await, nothing(200));
    let head = server.heads().remove(0);
    // `me%3A:hunter2%2F%2B+%C3%A9`
    assert_eq!(line(&head, "authorization: "), Some("Basic bWUlM0E6aHVudGVyMiUyRiUyQislQzMlQTk="));
    assert_eq!(line(&head, "content-type: "), Some("application/x-www-form-urlencoded"));
    assert_eq!(line(&head, "accept: "), Some("application/json"));
}

#[tokio::test]
async fn the_body_can_hold_the_credentials() {
    let (server, _) = server(
        |number, body| {
            let expected = "grant_type=client_credentials&client_id=me%3A&client_secret=hunter2%2F%2B+%C3%A9";
            assert_eq!(body, expected);
            issued(number, "")
        },
        |_| ("200 OK", "[]".into()),
    );
    let credentials = ClientCredentials { authentication: ClientAuthentication::Body, ..credentials(&server) };
    assert_eq!(ask(wanting(&server, credentials)).await, nothing(200));
    assert_eq!(line(&server.heads()[0], "authorization: "), None);
}

#[tokio::test]
async fn all_who_have_equal_credentials_share_one_token() {
    let (server, asked) = server(|number, _| issued(number, ""), |_| ("200 OK", "[]".into()));
    let settings = settings(&server.url());
    let mut sources = TokenSources::default();
    let suppliers: Vec<HttpSupplier> = (0..8)
        .map(|_| {
            let tokens = Some(sources.source(credentials(&server), &settings.client));
            HttpSupplier::new(HttpSettings { tokens, ..settings.clone() }).unwrap()
        })
        .collect();
    let mut tasks = tokio::task::JoinSet::new();
    for supplier in suppliers {
        tasks.spawn(async move { supplier.ask(&inquiry(), &PhaseMark::new(Phase::Headers)).await });
    }
    assert!(tasks.join_all().await.into_iter().all(|reply| reply == nothing(200)));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let other = ClientCredentials { scope: Some("other".into()), ..credentials(&server) };
    let tokens = Some(sources.source(other, &settings.client));
    assert_eq!(ask(HttpSettings { tokens, ..settings }).await, nothing(200));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_failure_holds_for_all_who_waited_for_it_and_is_tried_again_later() {
    let everybody = Arc::new(Barrier::new(2));
    let waiting = Arc::clone(&everybody);
    let (server, asked) = server(
        move |number, _| {
            if number == 1 {
                waiting.wait();
                return ("503 Service Unavailable\r\nRetry-After: 1", String::new());
            }
            issued(number, "")
        },
        |_| ("200 OK", "[]".into()),
    );
    let settings = wanting(&server, credentials(&server));
    let suppliers: Vec<HttpSupplier> = (0..4).map(|_| HttpSupplier::new(settings.clone()).unwrap()).collect();
    let (inquiry, mark) = (inquiry(), PhaseMark::new(Phase::Headers));
    let mut asking: Vec<_> = suppliers.iter().map(|supplier| supplier.ask(&inquiry, &mark)).collect();
    // Each is polled once, so that three wait for the first.
    for asking in &mut asking {
        assert!(tokio::time::timeout(std::time::Duration::ZERO, asking).await.is_err());
    }
    tokio::task::spawn_blocking(move || everybody.wait());
    for asking in asking {
        let failure = asking.await.unwrap_err();
        assert_eq!((failure.kind, failure.http_status), (ErrorKind::HttpStatus, Some(503)));
        assert_eq!(failure.detail.as_deref(), Some("a token was asked for"));
        assert!(failure.retry_in.is_some());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(ask(settings).await, nothing(200));
}

#[tokio::test]
async fn a_token_that_is_refused_or_over_is_renewed_once() {
    let quote = |authorization: &str| match authorization {
        "Bearer token-2" => ("200 OK", "[]".to_owned()),
        _ => ("401 Unauthorized", format!(r#"{{"error": "bad {authorization}"}}"#)),
    };
    let (first, asked) = server(|number, _| issued(number, ""), quote);
    let settings = wanting(&first, credentials(&first));
    for _ in 0..2 {
        assert_eq!(ask(settings.clone()).await, nothing(200));
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
    let (stubborn, asked) = server(|_, _| issued(7, ""), quote);
    let failure = ask(wanting(&stubborn, credentials(&stubborn))).await.unwrap_err();
    assert_eq!((failure.kind, failure.http_status), (ErrorKind::HttpStatus, Some(401)));
    assert_eq!(failure.detail.as_deref(), Some("bad Bearer ***"));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let (short, asked) = server(|number, _| issued(number, r#", "expires_in": 0"#), |_| ("200 OK", "[]".into()));
    let settings = wanting(&short, credentials(&short));
    for count in 1..=2 {
        assert_eq!(ask(settings.clone()).await, nothing(200));
        assert_eq!(asked.load(Ordering::SeqCst), count);
    }
}

#[tokio::test]
async fn what_the_token_endpoint_says_is_told_without_secrets() {
    let failure = refusal(|_, _| {
        let body = r#"{"error": "invalid_client", "error_description": "not hunter2/+ é, nor hunter2%2F%2B+%C3%A9"}"#;
        ("401 Unauthorized", body.to_owned())
    })
    .await;
    assert_eq!((failure.kind, failure.http_status), (ErrorKind::HttpStatus, Some(401)));
    assert_eq!(failure.detail.as_deref(), Some("a token was asked for: invalid_client (not ***, nor ***)"));
    let failure = refusal(|_, _| ("429 Too Many Requests\r\nRetry-After: 7", String::new())).await;
    assert_eq!(failure.kind, ErrorKind::RateLimited);
    for (head, body, kind) in [
        ("200 OK", "[hunter2", ErrorKind::MalformedJson),
        ("200 OK", r#"{"token": "x"}"#, ErrorKind::Mapping),
        ("200 OK", r#"{"access_token": "a\nb"}"#, ErrorKind::Mapping),
        ("200 OK", r#"{"error": "invalid_scope"}"#, ErrorKind::SupplierError),
        ("302 Found\r\nLocation: /elsewhere", "", ErrorKind::RedirectRefused),
    ] {
        let failure = refusal(move |_, _| (head, body.to_owned())).await;
        assert_eq!(failure.kind, kind, "{body}");
        assert!(failure.detail.unwrap().starts_with("a token was asked for: "), "{body}");
    }
}

#[tokio::test]
async fn a_silent_token_endpoint_ends_with_the_suppliers_time() {
    let server = hostile::silent();
    let failure = ask_within(wanting(&server, credentials(&server)), SHORT).await.unwrap_err();
    assert_eq!((failure.kind, failure.phase), (ErrorKind::Timeout, Some(Phase::Headers)));
    let refused = hostile::refused();
    let failure = ask(wanting(&refused, credentials(&refused))).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Connect);
}

#[tokio::test]
async fn a_token_goes_nowhere_but_to_its_supplier_and_is_not_shown() {
    let (other, other_asked) = server(|number, _| issued(number, ""), |_| ("200 OK", "[]".into()));
    let location: &'static str = Box::leak(format!("302 Found\r\nLocation: {}x", other.url()).into_boxed_str());
    let (leading_away, _) = server(|number, _| issued(number, ""), move |_| (location, String::new()));
    let settings = wanting(&leading_away, credentials(&leading_away));
    let failure = ask(HttpSettings { redirects: Redirects::SameHost, ..settings.clone() }).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::RedirectRefused);
    assert_eq!((other.connections(), other_asked.load(Ordering::SeqCst)), (0, 0));
    let preview = HttpSupplier::new(settings).unwrap().preview(&inquiry());
    assert!(preview.headers.contains(&("authorization".to_owned(), "Bearer ***".to_owned())), "{preview:?}");
    assert!(!format!("{preview:?}").contains("token-"), "{preview:?}");
}
