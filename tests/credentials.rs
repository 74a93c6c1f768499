//! Credentials reach their supplier and nobody else: not the screen, not a preview, not an error, whatever happens.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::os::unix::fs::PermissionsExt;

use support::{CANARY, ENCODED_CANARY, Scene, Supplier, offer, stats};

/// Every place that a secret can stand in, each with a source of its own, and what the supplier is sent then. `TOKENS` is
/// where tokens come from.
fn places() -> Vec<(&'static str, String)> {
    let encoded = CANARY;
    vec![
        ("basic = { user = \"buyer\", password = { file = \"secret\" } }", ENCODED_CANARY.to_owned()),
        ("bearer = \"${SECRET}\"", format!("Bearer {CANARY}")),
        ("bearer = { command = [\"./print\"] }", format!("Bearer {CANARY}")),
        ("headers = { X-Key = { command = [\"./print\"] } }", format!("x-key: {CANARY}")),
        ("query = { q = \"${SECRET}\" }", format!("?q={encoded}")),
        ("query = { q = \"{key}\" }\nvars = { key = { file = \"secret\" } }", format!("?q={encoded}")),
        ("request = '{a: $k}'\nvars = { k = \"${SECRET}\" }", format!("{{\"a\":\"{CANARY}\"}}")),
        ("request = '{a: $k}'\nrequest-format = \"form\"\nvars = { k = \"${SECRET}\" }", format!("a={encoded}")),
        (
            "oauth2 = { token-url = \"TOKENS\", client-id = \"me\", client-secret = \"${SECRET}\" }",
            format!("Bearer {CANARY}"),
        ),
        (
            "oauth2 = { token-url = \"TOKENS\", client-id = \"me\", client-secret = { command = [\"./print\"] }, \
             client-authentication = \"body\" }",
            format!("Bearer {CANARY}"),
        ),
    ]
}

fn scene(supplier: &Supplier, tokens: &Supplier, keys: &str) -> Scene {
    let keys = keys.replace("TOKENS", &tokens.url());
    let base = supplier.url();
    let base = base.split(['{', '?']).next().unwrap();
    let scene = Scene::new(&format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"{base}\"\n{keys}\n"));
    scene.write("secret", format!("{CANARY}\n").as_bytes());
    scene.write("print", format!("#!/bin/sh\necho {CANARY}\necho more\n").as_bytes());
    for (name, mode) in [("secret", 0o600), ("print", 0o700)] {
        std::fs::set_permissions(scene.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    scene.with_variable("SECRET", CANARY)
}

fn tokens() -> Supplier {
    Supplier::replying(&format!(r#"{{"access_token": "{CANARY}", "token_type": "Bearer", "expires_in": 60}}"#))
}

/// Each run is searched for the secret when it ends.
fn run_in_every_way(scene: &Scene) {
    for arguments in [
        &["widget", "-vv", "--timeout", "20s"][..],
        &["widget", "--json", "--timeout", "20s"],
        &["widget", "--dry-run"],
        &["widget", "--save-replies", "replies"],
        &["explain", "acme", "widget"],
        &["check"],
        &["check", "--live", "--product", "widget"],
        &["suppliers"],
    ] {
        scene.run(arguments);
    }
    for entry in std::fs::read_dir(scene.path("replies")).into_iter().flatten() {
        let path = entry.unwrap().path();
        let kept = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(!kept.contains(CANARY) && !kept.contains(ENCODED_CANARY), "{}: {kept}", path.display());
    }
}

#[test]
fn a_secret_is_sent_from_every_place_and_shown_from_none() {
    for (keys, sent) in places() {
        let supplier = Supplier::replying(&offer("1.50"));
        let scene = scene(&supplier, &tokens(), keys);
        let preview = scene.run(&["widget", "--dry-run"]);
        assert!(preview.stdout.contains("***"), "{keys}: {}", preview.stdout);
        assert_eq!(supplier.requests().len(), 0, "{keys}");
        run_in_every_way(&scene);
        let requests = supplier.requests();
        assert!(requests.len() >= 5, "{keys}: {requests:?}");
        assert!(requests.iter().all(|request| request.contains(&sent)), "{keys}: {requests:?}");
    }
}

#[test]
fn a_supplier_that_repeats_a_secret_is_told_of_without_it() {
    for (keys, sent) in places() {
        let header = if sent == ENCODED_CANARY { &sent } else { CANARY };
        let echo = format!(r#"{{"error": "not {CANARY}, nor {header}, nor Bearer {CANARY}"}}"#);
        for status in ["401 Unauthorized", "400 Bad Request", "200 OK"] {
            let supplier = Supplier::with_status(status, echo.as_bytes());
            let scene = scene(&supplier, &tokens(), keys);
            run_in_every_way(&scene);
            let (document, _) = scene.json(&["widget"]);
            let told = stats(&document, "acme").to_string();
            assert!(told.contains("not ***"), "{keys} {status}: {told}");
        }
        let broken = Supplier::replying(CANARY);
        run_in_every_way(&scene(&broken, &tokens(), keys));
    }
}

#[test]
fn an_offer_that_repeats_a_secret_is_shown_without_it() {
    let (secret, token) = ("hunter2-secret", CANARY);
    let tokens = Supplier::replying(&format!(r#"{{"access_token": "{token}", "token_type": "Bearer"}}"#));
    let url = "oauth2 = { token-url = \"TOKENS\", client-id = \"me\", client-secret = \"${OTHER}\" }";
    let echo = format!("Bearer {token}, {ENCODED_CANARY}");
    let html = format!("<p>{echo}");
    for reply in [
        format!(r#"[{{"sku": "{echo}", "seller": "{echo}", "unitPrice": 1.5, "currency": "EUR", "inStock": true}}]"#),
        html,
    ] {
        let supplier = Supplier::replying(&reply);
        let scene = scene(&supplier, &tokens, url).with_variable("OTHER", secret);
        // The user of a URL is sent as a header, too.
        let text = std::fs::read_to_string(scene.path("suppliers.toml")).unwrap();
        scene.write("suppliers.toml", text.replace("http://127", "http://buyer:${SECRET}@127").as_bytes());
        run_in_every_way(&scene);
        let text =
            text.replace(&url.replace("TOKENS", &tokens.url()), "").replace("http://127", "http://buyer:${SECRET}@127");
        scene.write("suppliers.toml", text.as_bytes());
        run_in_every_way(&scene);
    }
}

#[test]
fn a_filter_that_fails_on_a_secret_does_not_show_it() {
    for keys in [
        "quotes = '$k | error'\nvars = { k = \"${SECRET}\" }",
        "quotes = '$k + 1'\nvars = { k = \"${SECRET}\" }",
        "request = '$k + 1'\nvars = { k = \"${SECRET}\" }",
        "request = '{a: $k[1:]}'\nvars = { k = { command = [\"./print\"] } }",
    ] {
        run_in_every_way(&scene(&Supplier::replying("{}"), &tokens(), keys));
    }
}

#[test]
fn a_token_endpoint_that_repeats_a_secret_is_told_of_without_it() {
    let keys = places().pop().unwrap().0;
    for (status, body) in [
        ("401 Unauthorized", format!(r#"{{"error": "invalid_client", "error_description": "not {CANARY}"}}"#)),
        ("200 OK", format!(r#"{{"error": "{CANARY}"}}"#)),
        ("200 OK", CANARY.to_owned()),
    ] {
        let refusing = Supplier::with_status(status, body.as_bytes());
        let supplier = Supplier::replying(&offer("1.50"));
        let scene = scene(&supplier, &refusing, keys);
        run_in_every_way(&scene);
        assert_eq!(scene.run(&["widget"]).code, Some(3));
        assert_eq!(supplier.requests().len(), 0);
    }
}

#[test]
fn a_command_that_fails_ends_the_run_before_anything_is_sent() {
    let supplier = Supplier::replying(&offer("1.50"));
    let keys = format!("bearer = {{ command = [\"/bin/sh\", \"-c\", \"echo {CANARY}; exit 7\"] }}");
    let run = scene(&supplier, &tokens(), &keys).run(&["widget"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.starts_with("error: `bearer` of supplier `acme`: `/bin/sh` failed: exit code 7\n"),
        "{}",
        run.stderr
    );
    assert_eq!(supplier.requests().len(), 0);
}
