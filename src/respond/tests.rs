//! The mocks over real sockets, seen by a client that knows nothing of HTTP but its bytes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rust_decimal::Decimal;

use super::{Embedded, Listener, Served};
use crate::config::mock::{Latency, Mock, MockAnswer, MockError, MockOffer};
use crate::domain::SupplierName;

fn working() -> Mock {
    let fields = vec![("unitPrice".into(), "0.10".into()), ("inStock".into(), "true".into())];
    Mock {
        latency: Latency::Fixed(Duration::ZERO),
        error_rate: Decimal::ZERO,
        error: MockError::Status(503),
        retry_after: Some(Duration::from_secs(2)),
        fail_first: 0,
        seed: Some(7),
        lookup: None,
        list: None,
        answer: MockAnswer::Offers(vec![MockOffer { product: None, fields, validity: None }]),
    }
}

fn failing(error: MockError) -> Mock {
    Mock { error, error_rate: Decimal::ONE, ..working() }
}

fn start(mock: Mock) -> Embedded {
    Embedded::start(vec![(SupplierName::new("acme"), mock)]).unwrap()
}

fn send(mocks: &Embedded, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(mocks.local_addr()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n")
}

/// Sends a request and returns the head and the body of the answer.
fn exchange(mocks: &Embedded, request: &str) -> (String, String) {
    let mut answer = String::new();
    send(mocks, request).read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

const WIDGET: &str = "/acme/quotes/widget?quantity=95";
const OFFER: &str = "[\n  {\"supplierId\": \"acme\", \"productId\": \"widget\", \"quantity\": 95, \
                     \"unitPrice\": 0.10, \"inStock\": true}\n]\n";

#[test]
fn a_quote_is_json_of_what_was_asked() {
    let mocks = start(working());
    let (head, body) = exchange(&mocks, &get(WIDGET));
    assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/json\r\n"), "{head}");
    assert_eq!(body, OFFER);
}

#[test]
fn any_method_is_answered_and_so_is_the_wires_request() {
    let mocks = start(working());
    for method in ["POST", "PUT", "QUERY"] {
        let request = get(WIDGET).replace("GET", method);
        assert_eq!(exchange(&mocks, &request).1, OFFER, "{method}");
    }
    let body = "{\"productId\": \"widget\", \"quantity\": 95, \"currency\": \"EUR\"}";
    let head =
        format!("POST /acme/quotes HTTP/1.1\r\nHost: mock\r\nConnection: close\r\nContent-Length: {}", body.len());
    assert_eq!(exchange(&mocks, &format!("{head}\r\n\r\n{body}")).1, OFFER);
}

#[test]
fn a_product_may_hold_slashes_and_any_text() {
    let mocks = start(working());
    let (_, body) = exchange(&mocks, &get("/acme/quotes/a%2Fb%20%C3%A9?quantity=1"));
    assert!(body.contains("\"productId\": \"a/b é\""), "{body}");
}

#[test]
fn requests_that_are_none_are_told_why() {
    let mocks = start(working());
    let refused = |target: &str| {
        let (head, body) = exchange(&mocks, &get(target));
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        (head[9..12].to_owned(), body["error"]["message"].as_str().unwrap().to_owned())
    };
    let (status, message) = refused("/globex/quotes/widget?quantity=1");
    assert_eq!((status.as_str(), message.as_str()), ("404", "no supplier `globex` here, known are `acme`"));
    let (status, message) = refused("/");
    assert_eq!(status, "404");
    assert_eq!(message, "no such path, ask `/{supplier}/quotes/{product}?quantity=N`");
    assert_eq!(refused("/acme/quotes/widget").0, "400");
    assert_eq!(refused("/acme/quotes/widget?quantity=none").0, "400");
    assert_eq!(refused("/acme/quotes").0, "400");
}

#[test]
fn a_body_that_never_ends_is_refused() {
    let mocks = start(working());
    let head = "POST /acme/quotes HTTP/1.1\r\nHost: mock\r\nContent-Length: 10000000\r\n\r\n";
    let mut stream = send(&mocks, head);
    stream.write_all(&vec![b' '; 65 * 1024]).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
}

#[test]
fn a_status_comes_with_an_error_object_and_retry_after() {
    let (head, body) = exchange(&start(failing(MockError::Status(503))), &get(WIDGET));
    assert!(head.starts_with("http/1.1 503 service unavailable\r\n"), "{head}");
    assert!(head.contains("\r\nretry-after: 2\r\n"), "{head}");
    assert_eq!(body, "{\"error\": {\"message\": \"this mock supplier answers 503 as configured\"}}\n");
}

#[test]
fn malformed_is_a_whole_http_answer_that_is_no_json() {
    let (head, body) = exchange(&start(failing(MockError::Malformed)), &get(WIDGET));
    assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
    assert!(serde_json::from_str::<serde_json::Value>(&body).is_err(), "{body}");
}

#[test]
fn reset_is_a_reset() {
    let mut answer = Vec::new();
    let error = send(&start(failing(MockError::Reset)), &get(WIDGET)).read_to_end(&mut answer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(answer, b"");
}

#[test]
fn close_ends_in_order_without_an_answer() {
    let mut answer = Vec::new();
    let mocks = start(failing(MockError::Close));
    let body = "POST /acme/quotes/widget?quantity=1 HTTP/1.1\r\nHost: mock\r\nContent-Length: 4\r\n\r\nbody";
    send(&mocks, body).read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"");
}

#[test]
fn timeout_is_silent_until_the_client_leaves() {
    let mocks = start(failing(MockError::Timeout));
    let mut stream = send(&mocks, &get(WIDGET));
    assert_silent(&mut stream);
    stream.set_read_timeout(None).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"");
}

/// A silence of any length proves no more than this one; a mock that answers or hangs up does so at once.
fn assert_silent(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
}

#[test]
fn stopping_the_mocks_ends_what_they_held() {
    let mocks = start(failing(MockError::Timeout));
    let mut stream = send(&mocks, &get(WIDGET));
    assert_silent(&mut stream);
    stream.set_read_timeout(None).unwrap();
    let address = mocks.local_addr();
    drop(mocks);
    let mut answer = Vec::new();
    // In order or by a reset: both ways it is over.
    let _ = stream.read_to_end(&mut answer);
    assert_eq!(answer, b"");
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn fail_first_counts_over_all_connections() {
    let mocks = start(Mock { fail_first: 2, ..working() });
    let statuses = [(); 3].map(|()| exchange(&mocks, &get(WIDGET)).0[9..12].to_owned());
    assert_eq!(statuses, ["503", "503", "200"]);
}

#[test]
fn clients_wait_at_the_same_time() {
    let mocks = start(Mock { latency: Latency::Fixed(Duration::from_millis(300)), ..working() });
    let clients: Vec<TcpStream> = (0..200).map(|_| send(&mocks, &get(WIDGET))).collect();
    for mut client in clients {
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with(OFFER), "{answer}");
    }
}

#[test]
fn the_template_leads_to_the_supplier() {
    let name = SupplierName::new("a/b {c}");
    let mocks = Embedded::start(vec![(name.clone(), working())]).unwrap();
    let template = mocks.url_template(&name);
    let address = mocks.local_addr();
    assert_eq!(template, format!("http://{address}/a%2Fb%20%7Bc%7D/quotes/{{product}}{{?quantity}}"));
    let target = template.strip_prefix(&format!("http://{address}")).unwrap();
    let target = target.replace("{product}", "widget").replace("{?quantity}", "?quantity=95");
    assert!(exchange(&mocks, &get(&target)).1.contains("\"supplierId\": \"a/b {c}\""));
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn an_address_in_use_is_an_error_with_its_cause() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap();
    let error = block_on(async { Listener::bind(address, vec![]).err().unwrap() });
    assert_eq!(error.to_string(), format!("cannot listen on `{address}`"));
    assert_eq!(error.source.kind(), ErrorKind::AddrInUse);
}

#[test]
fn a_listener_on_any_address_shows_one_that_can_be_reached() {
    block_on(async {
        let listener = Listener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)), vec![]).unwrap();
        let port = listener.local_addr().port();
        let template = listener.url_template(&SupplierName::new("acme"));
        assert_eq!(template, format!("http://127.0.0.1:{port}/acme/quotes/{{product}}{{?quantity}}"));
    });
}

#[test]
fn the_log_hears_of_every_request_and_shutdown_ends_it() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    let note = move |served: &Served| log.lock().unwrap().push(served.to_string());
    block_on(async {
        let listener =
            Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), vec![(SupplierName::new("acme"), working())]).unwrap();
        let address = listener.local_addr();
        let asking = tokio::task::spawn_blocking(move || {
            for target in [WIDGET, "/nobody/quotes/widget?quantity=1"] {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(get(target).as_bytes()).unwrap();
                stream.read_to_end(&mut Vec::new()).unwrap();
            }
        });
        listener.serve(note, async { asking.await.unwrap() }).await;
    });
    let lines = lines.lock().unwrap();
    let untimed: Vec<&str> = lines.iter().map(|line| line.split_once(' ').unwrap().1).collect();
    assert_eq!(untimed, ["acme `widget` × 95: 200 after 0 ms", "`/nobody/quotes/widget?quantity=1`: 404"]);
}
