//! The brokers that the other tests rely on are there, and are what they are said to be.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Sends bytes to an address, and reads as many as `N` of the answer.
fn exchange<const N: usize>(address: &str, question: &[u8]) -> [u8; N] {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(question).unwrap();
    let mut answer = [0; N];
    stream.read_exact(&mut answer).unwrap();
    answer
}

/// What a variable of the environment says, which `tests/run` sets.
fn named_by(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} names no broker; ./tests/run starts one"))
}

#[test]
fn a_rabbitmq_answers() {
    let url = url::Url::parse(&named_by("PRICECMP_TEST_AMQP")).unwrap();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5672));
    let answer: [u8; 11] = exchange(&address, b"AMQP\x00\x00\x09\x01");
    // A method frame of channel 0; `connection.start` is method 10 of class 10.
    assert_eq!(answer[..3], [1, 0, 0]);
    assert_eq!(answer[7..], [0, 10, 0, 10]);
}

#[test]
fn an_apache_kafka_answers() {
    // `ApiVersions`, version 0, correlation id 7, no client id.
    let question = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
    let answer: [u8; 10] = exchange(&named_by("PRICECMP_TEST_KAFKA"), &question);
    assert_eq!(answer[4..], [0, 0, 0, 7, 0, 0]);
}
