//! The fault matrix, row 69: more suppliers than the process may open files.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use support::hostile::http;
use support::{Running, Scene, offer};

/// Asks so many suppliers, all of them one server, with so few files.
fn asks(suppliers: usize, files: usize) {
    let server = http::good(offer("0.60").as_bytes());
    let mut configuration = "currency = \"EUR\"\n".to_owned();
    for number in 0..suppliers {
        writeln!(configuration, "[suppliers.s{number}]\nurl = \"{}{{product}}\"", server.url()).unwrap();
    }
    let scene = Scene::new(&configuration);
    let run = scene.command(&["widget", "--json", "-vv", "--timeout", "100s"]);
    let mut limited = Command::new("sh");
    limited.arg("-c").arg(format!("ulimit -n {files}; exec \"$0\" \"$@\"")).arg(run.get_program()).args(run.get_args());
    limited.current_dir(scene.path("")).env_clear().stdin(Stdio::null());
    let run = Running::of(&mut limited).finish();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let document = run.json();
    let stats = document["supplierStats"].as_array().unwrap();
    let unanswered: Vec<_> = stats.iter().filter(|stats| stats["responded"] != true).collect();
    assert!(unanswered.is_empty(), "{} of {}, such as {}", unanswered.len(), stats.len(), unanswered[0]);
    assert_eq!((stats.len(), server.connections()), (suppliers, suppliers));
    let output = format!("{}{}", run.stdout, run.stderr).to_ascii_lowercase();
    assert!(!output.contains("emfile") && !output.contains("too many open files"), "{output}");
}

#[test]
fn row_69_more_suppliers_than_files_are_all_answered() {
    asks(300, 64);
    asks(10_000, 256);
}
