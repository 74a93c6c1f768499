//! A second request beside a slow one, on the real binary and over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};
use support::{Run, Scene, offer, stats};

/// A supplier that is silent at some requests, by their number from 0.
fn silent_at(is_silent: fn(usize) -> bool) -> (Scene, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || answer(stream, is_silent(number)));
        }
    });
    let url = format!("http://127.0.0.1:{port}/quotes/{{product}}");
    let configuration = |keys: &str| format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"{url}\"\n{keys}\n");
    let scene = Scene::new(&configuration("hedge-after = \"40ms\""));
    scene.write("off.toml", configuration("").as_bytes());
    (scene, count)
}

fn answer(mut stream: TcpStream, is_silent: bool) {
    let body = offer("1.50");
    let mut head = [0; 4096];
    let mut length = 0;
    while !head[..length].ends_with(b"\r\n\r\n") {
        match stream.read(&mut head[length..]) {
            Ok(read @ 1..) => length += read,
            _ => return,
        }
    }
    if is_silent {
        // Until the client goes away.
        let _ = stream.read(&mut [0]);
    } else {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    }
}

fn run(scene: &Scene, flags: &[&str]) -> (Value, Run) {
    let (document, run) = scene.json(&[&["widget"], flags].concat());
    (stats(&document, "acme").clone(), run)
}

#[test]
fn a_slow_supplier_is_asked_once_more_within_the_budget_of_all_runs() {
    let (scene, requests) = silent_at(|number| number == 9 || number >= 11);
    for _ in 0..9 {
        // However slow this machine is: so little is known that nobody is asked twice.
        assert_eq!(run(&scene, &[]).0["attempts"], 1);
    }
    let (acme, told) = run(&scene, &["-v", "--timeout", "60s"]);
    assert_eq!((&acme["responded"], &acme["attempts"], told.code), (&json!(true), &json!(2), Some(0)));
    assert!(acme["latencyMs"].as_f64().unwrap() >= 40.0, "{acme}");
    assert!(
        told.stderr.contains("acme: was slow, and asked once more beside\nacme: answered after "),
        "{}",
        told.stderr
    );
    assert_eq!(requests.load(Ordering::SeqCst), 11);
    // One second request of eleven is all that a tenth allows.
    let (acme, _) = run(&scene, &["--timeout", "1s"]);
    assert_eq!((&acme["errorKind"], &acme["attempts"]), (&json!("timeout"), &json!(1)));
    assert_eq!(requests.load(Ordering::SeqCst), 12);
}

#[test]
fn it_is_off_by_default_and_without_a_state() {
    let (scene, _) = silent_at(|number| number >= 9);
    for _ in 0..9 {
        run(&scene, &[]);
    }
    for flags in [["--config", "off.toml"].as_slice(), &["--no-state"]] {
        let (acme, _) = run(&scene, &[flags, &["--timeout", "1s"]].concat());
        assert_eq!((&acme["errorKind"], &acme["attempts"]), (&json!("timeout"), &json!(1)), "{flags:?}");
    }
}
