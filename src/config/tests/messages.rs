//! Every message, to the letter.
//!
//! `messages.txt` holds the cases: `===` and the flags, separated by `|`; the configuration, where `@` stands for the
//! lines of a supplier that is right so far; `---`; what is said.

use super::Scene;
use crate::config::Errand;

const CASES: &str = include_str!("messages.txt");
const RIGHT_SO_FAR: &str = "currency = \"EUR\"\n[suppliers.acme]\nurl = \"http://a.example/{product}\"";

fn said(text: &str, flags: &[&str]) -> String {
    let scene = Scene::new(&text.replace("@\n", &format!("{RIGHT_SO_FAR}\n")));
    let scene = scene.with("SPACE", "hunter2 ").with("WORD", "hunter2").with("LINES", "hunter2\r\nX: y");
    scene.error(flags)
}

#[test]
fn every_message_is_as_designed() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in CASES.split("=== ").skip(1) {
        let (flags, rest) = case.split_once('\n').unwrap();
        let (text, expected) = rest.split_once("---\n").unwrap();
        let flags: Vec<&str> = flags.trim().split('|').filter(|_| !flags.trim().is_empty()).collect();
        let said = said(text, &flags);
        cases += 1;
        if said != expected.trim_end() {
            wrong.push(format!("=== {}\n{text}---\n{said}\n", flags.join("|")));
        }
    }
    assert!(cases > 100, "{cases}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_message_repeats_a_secret_and_each_says_what_to_do() {
    for case in CASES.split("=== ").skip(1) {
        let (text, expected) = case.split_once("---\n").unwrap();
        assert!(!expected.contains("hunter2"), "{case}");
        for message in expected.trim_end().split("\n\n") {
            let told = message.contains("\nhint: ") || message.contains("^ did you mean");
            assert!(message.starts_with("error: ") && told, "{text}{message}");
        }
    }
}

/// A configuration in which every place that may hold a secret holds one.
const SECRETS: &str = r#"currency = "EUR" # hunter2
rates-url = "https://user:hunter2@a.example/daily?key=hunter2" # hunter2
timeout = "5s"
kafka = { "sasl.password" = "hunter2" } # hunter2
[suppliers.acme]
url = "https://user:hunter2@a.example/{product}?key=hunter2" # hunter2
headers = { X-Token = "Bearer hunter2", Cookie = 'hunter2', Accept = "a" }
vars = { site = "DE", key = "hunter2" }
query = { page = 1, key = "hunter2" }
basic = { user = "hunter2", password = "hunter2" }
shipping = "4.90" # hunter2
no-offer-status = [
  404, # hunter2
  410,
]
[suppliers.acme.mock]
body = """
hunter2
"""
[suppliers.other]
url = "https://hunter2@a.example/"
headers.X-Api-Key = "hunter2"
oauth2 = { token-url = "https://hunter2.example/", client-id = "hunter2", client-secret = "hunter2" }
enabled = false
[suppliers.other.mock]
latency = "5ms"
"#;

#[test]
fn no_slip_of_the_keyboard_brings_a_secret_to_light() {
    let scene = Scene::new(SECRETS);
    assert!(!scene.load(&[]).unwrap().suppliers.is_empty());
    let (flags, environment) = (crate::cli::Flags::default(), scene.environment());
    let mut errors = 0;
    let mut try_it = |text: &str| {
        scene.write("suppliers.toml", text);
        if let Err(error) = crate::config::load(&flags, Errand::Check, &environment) {
            errors += 1;
            assert!(!format!("{error}{error:?}").contains("hunter2"), "{text}\n{error}");
        }
    };
    for (position, character) in SECRETS.char_indices() {
        let (before, after) = SECRETS.split_at(position);
        let rest = &after[character.len_utf8()..];
        try_it(&format!("{before}{rest}"));
        try_it(&format!("{before}x{rest}"));
        for slip in ["\"", "{"] {
            try_it(&format!("{before}{slip}{after}"));
        }
    }
    assert!(errors > 1_000, "{errors}");
}

#[test]
fn a_missing_configuration_says_where_it_was_looked_for() {
    let scene = Scene::empty().with("HOME", "/home/user");
    assert_eq!(
        scene.error(&[]),
        "error: there is no configuration: looked for `suppliers.toml` and \
         `/home/user/.config/pricecmp/suppliers.toml`\n\
         hint: `pricecmp init` writes one, `--config` names one, and `pricecmp --mock widget --qty 10` needs none"
    );
    assert_eq!(
        Scene::empty().with("PRICECMP_CONFIG", "missing.toml").error(&[]),
        "error: cannot read the configuration `missing.toml`: no such file or directory\nhint: it was named by `$PRICECMP_CONFIG`"
    );
    let scene = Scene::empty();
    scene.write("suppliers.toml", b"currency = \"EUR\"\n# \xff");
    assert_eq!(
        scene.error(&[]),
        "error: cannot read the configuration `suppliers.toml`: line 2 is not UTF-8\n\
         hint: name another one with `--config`"
    );
    let scene = Scene::empty();
    scene.write("suppliers.toml/x", "");
    assert_eq!(
        scene.error(&[]),
        "error: cannot read the configuration `suppliers.toml`: it is a folder\n\
         hint: name another one with `--config`"
    );
}

#[test]
fn without_a_single_mock_nothing_can_be_served() {
    let scene = Scene::new(&format!("{RIGHT_SO_FAR}\n")).on(Errand::Serve);
    assert_eq!(
        scene.error(&[]),
        "error: no supplier has a mock\n\
         hint: add a table `[suppliers.NAME.mock]`, or run it in a folder without `suppliers.toml`"
    );
}
