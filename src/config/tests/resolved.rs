//! What comes of right configurations: layers, selection, secrets, mocks, the shipped file and its schema.

use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;

use super::{Scene, set_mode};
use crate::cli::{Color, Format, Sort};
use crate::config::mock::{Latency, Mock, MockAnswer, MockError, MockOffer, Validity};
use crate::config::{Endpoint, Errand, HttpEndpoint, Settings, Supplier, listen_address, suppliers_schema};
use crate::domain::{
    AmqpTarget, Auction, ClientAuthentication, Fallback, Hedging, Method, Redirects, ReplyMode, ReplyTopic, Strategy,
    SupplierName, Terms, TopicDeletion, WarningKind,
};
use crate::mapping::Bindings;

const THREE: &str = r#"
currency = "EUR"
[suppliers.zeta]
url = "https://zeta.example/{product}"
[suppliers.acme]
url = "https://acme.example/{product}"
mock = {}
[suppliers.off]
url = "https://off.example/{product}"
enabled = false
"#;

fn names(settings: &Settings) -> Vec<&str> {
    settings.suppliers.iter().map(|supplier| supplier.name.as_str()).collect()
}

fn http(supplier: &Supplier) -> &HttpEndpoint {
    match &supplier.endpoint {
        Endpoint::Http(endpoint) => endpoint,
        other => panic!("{other:?}"),
    }
}

fn url(settings: &Settings, supplier: usize) -> [String; 2] {
    let endpoint = http(&settings.suppliers[supplier]);
    let bindings = bindings(settings, supplier);
    [endpoint.url.expand(&bindings), endpoint.shown_url.expand(&bindings.masked())]
}

fn bindings(settings: &Settings, supplier: usize) -> Bindings {
    Bindings::new(Arc::new(settings.request("a b")), Arc::clone(&settings.suppliers[supplier].vars))
}

/// The mock of a supplier whose `mock` table has these lines.
fn mock(lines: &str) -> Mock {
    let text =
        format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"http://a.example\"\n[suppliers.acme.mock]\n{lines}");
    let scene = Scene::new(&text).on(Errand::Serve);
    scene.write("mocks/reply.json", "[1]");
    *scene.load(&[]).unwrap().suppliers.remove(0).mock.unwrap()
}

fn certificate() -> rcgen::CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(vec!["acme.example".to_owned()]).unwrap()
}

fn offers(lines: &str) -> Vec<MockOffer> {
    match mock(lines).answer {
        MockAnswer::Offers(offers) => offers,
        other => panic!("{other:?}"),
    }
}

#[test]
fn defaults_hold_where_nothing_is_said() {
    let settings = Scene::new(THREE).load(&[]).unwrap();
    assert_eq!(settings.configuration, "suppliers.toml");
    assert_eq!((settings.quantity.get(), settings.currency.code(), settings.rates), (1, "EUR", None));
    let criteria = settings.criteria;
    assert_eq!((criteria.strategy, criteria.quorum, criteria.agree_within_percent), (Strategy::All, None, None));
    assert_eq!((criteria.min_responses, criteria.timeout), (1, Duration::from_secs(5)));
    assert_eq!((criteria.within_days, criteria.max_total, criteria.exact), (None, None, false));
    let shown = settings.presentation;
    assert_eq!((shown.sort, shown.format, shown.output, shown.color), (Sort::Total, Format::Table, None, Color::Auto));
    assert_eq!((shown.progress, shown.quiet, shown.verbosity, shown.dry_run), (true, false, 0, false));
    let acme = &settings.suppliers[1];
    assert_eq!((acme.timeout, acme.retries, &*acme.terms), (None, 1, &Terms::plain(settings.currency)));
    assert_eq!((http(acme).method, http(acme).redirects), (Method::Get, Redirects::None));
    assert!(acme.mock.is_none() && !settings.mock && settings.warnings.is_empty());
}

#[test]
fn flags_beat_the_file_which_beats_the_defaults() {
    let scene = Scene::new(&format!("timeout = \"2s\"\n{THREE}"));
    assert_eq!(scene.load(&[]).unwrap().criteria.timeout, Duration::from_secs(2));
    let settings = scene
        .load(&["--timeout", "3s", "-n", "95", "--currency", "usd", "--strategy", "majority", "--agree-within", "2.5%"])
        .unwrap();
    assert_eq!((settings.criteria.timeout, settings.quantity.get()), (Duration::from_secs(3), 95));
    assert_eq!(settings.currency.code(), "USD");
    assert_eq!(settings.criteria.quorum, Some(2), "more than half of two");
    assert_eq!(settings.criteria.agree_within_percent, Some(Decimal::new(25, 1)));
    // An amount that was written as euros stays one, whatever the comparison's currency.
    assert_eq!(settings.suppliers[0].terms.amounts_in.code(), "EUR");
    let settings = scene.load(&["--json", "--sort", "unit", "--max-total", "0.10", "--quiet", "--exact"]).unwrap();
    assert_eq!((settings.presentation.format, settings.presentation.sort), (Format::Json, Sort::Unit));
    assert_eq!(settings.criteria.max_total.unwrap().to_string(), "0.10");
    assert!(!settings.presentation.progress && settings.criteria.exact);
}

#[test]
fn help_and_defaults_agree() {
    let help = crate::cli::command().render_long_help().to_string();
    for default in ["[default: 1]", "[default: 5s]", "[default: all]", "[default: total]", "[default: table]"] {
        assert!(help.contains(default), "{default}");
    }
    assert_eq!(listen_address(None).unwrap().to_string(), "127.0.0.1:7171");
}

#[test]
fn the_nearest_configuration_is_used() {
    let scene = Scene::empty();
    let with = |currency: &str| THREE.replace("EUR", currency);
    scene.write("home/.config/pricecmp/suppliers.toml", with("CHF"));
    let home = scene.path("home");
    let scene = scene.with("HOME", home);
    let currency = |scene: &Scene, flags: &[&str]| scene.load(flags).unwrap().currency.code().to_owned();
    assert_eq!(currency(&scene, &[]), "CHF");
    scene.write("xdg/pricecmp/suppliers.toml", with("SEK"));
    let scene = scene.with("XDG_CONFIG_HOME", "xdg");
    assert_eq!(currency(&scene, &[]), "CHF", "a relative path in XDG_CONFIG_HOME does not count");
    let absolute = scene.path("xdg");
    let scene = scene.with("XDG_CONFIG_HOME", absolute);
    assert_eq!(currency(&scene, &[]), "SEK");
    scene.write("suppliers.toml", with("NOK"));
    assert_eq!(currency(&scene, &[]), "NOK");
    scene.write("named.toml", with("DKK"));
    let scene = scene.with("PRICECMP_CONFIG", "named.toml");
    assert_eq!(currency(&scene, &[]), "DKK");
    scene.write("flag.toml", with("PLN"));
    assert_eq!(currency(&scene, &["--config", "flag.toml"]), "PLN");
    assert_eq!(scene.load(&["--mock"]).unwrap().currency.code(), "DKK", "the shipped one is only a last resort");
}

#[test]
fn the_state_stands_where_the_users_state_belongs() {
    let scene = Scene::new(THREE);
    let state = |scene: &Scene, flags: &[&str]| scene.load(flags).unwrap().state;
    assert_eq!(state(&scene, &[]), None, "without a home there is no place for it");
    let scene = scene.with("HOME", "/home/ada");
    let at = |path: &str| Some(std::path::PathBuf::from(path));
    assert_eq!(state(&scene, &[]), at("/home/ada/.local/state/pricecmp/state.db"));
    assert_eq!(state(&scene, &["--state", "/tmp/s.db"]), at("/tmp/s.db"));
    assert_eq!(state(&scene, &["--state", "file:s.db"]), Some(scene.path("file:s.db")));
    assert_eq!(state(&scene, &["--no-state"]), None);
    let scene = scene.with("XDG_STATE_HOME", "state");
    assert_eq!(state(&scene, &[]), at("/home/ada/.local/state/pricecmp/state.db"), "a relative path does not count");
    let scene = scene.with("XDG_STATE_HOME", "/var/state");
    assert_eq!(state(&scene, &[]), at("/var/state/pricecmp/state.db"));
    let with_mock = Scene::new(THREE).with("HOME", "/home/ada");
    assert_eq!(state(&with_mock, &["--mock"]), None);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_fault() {
    let settings = Scene::new(&format!("\u{feff}{}", THREE.replace('\n', "\r\n"))).load(&[]).unwrap();
    assert_eq!(names(&settings), ["zeta", "acme"]);
}

#[test]
fn suppliers_are_chosen_by_flags_and_stay_in_the_files_order() {
    let scene = Scene::new(THREE);
    assert_eq!(names(&scene.load(&[]).unwrap()), ["zeta", "acme"]);
    assert_eq!(names(&scene.load(&["--supplier", "acme, zeta"]).unwrap()), ["zeta", "acme"]);
    assert_eq!(names(&scene.load(&["--supplier", "off"]).unwrap()), ["off"], "a flag beats the file");
    assert_eq!(names(&scene.load(&["--exclude", "zeta"]).unwrap()), ["acme"]);
    let settings = scene.load(&["--require", "acme", "--require", "zeta,acme"]).unwrap();
    let required: Vec<&str> = settings.criteria.required.iter().map(SupplierName::as_str).collect();
    assert_eq!(required, ["zeta", "acme"]);
}

#[test]
fn a_suppliers_own_terms_are_read_exactly() {
    let text = r#"
        currency = "EUR"
        [suppliers.acme]
        url = "http://a.example:8080/{product}{?quantity,currency}"
        method = "post"
        timeout = "1.5s"
        retries = 3
        currency = "usd"
        shipping = 4.90
        free-shipping-from = "50"
        minimum-order-value = 1_000.50
        fees = +0.10
        tax-included-percent = "19 %"
        transit-days = 2
        allow-free = true
        no-offer-status = [404, 410]
        redirects = "same-host"
        ca-file = "ca.pem"
        headers = { Accept = "application/json" }
    "#;
    let scene = Scene::new(text);
    scene.write("ca.pem", certificate().cert.pem());
    let settings = scene.load(&[]).unwrap();
    let acme = &settings.suppliers[0];
    let decimal = |text: &str| Some(crate::domain::parse_decimal(text).unwrap());
    let usd = crate::domain::Currency::parse("USD").unwrap();
    let terms = Terms {
        currency: Some(usd),
        amounts_in: usd,
        shipping: decimal("4.90"),
        free_shipping_from: decimal("50"),
        minimum_order_value: decimal("1000.50"),
        fees: decimal("0.10"),
        tax_included_percent: Decimal::from(19),
        transit_days: Some(2),
        allow_free: true,
    };
    assert_eq!(*acme.terms, terms);
    assert_eq!(acme.terms.fees.unwrap().to_string(), "0.10");
    assert_eq!((acme.timeout, acme.retries), (Some(Duration::from_millis(1_500)), 3));
    let endpoint = http(acme);
    assert_eq!((endpoint.method, endpoint.redirects), (Method::Post, Redirects::SameHost));
    assert_eq!(endpoint.no_offer_status, [404, 410]);
    assert_eq!(endpoint.ca_file.as_deref(), Some(&*scene.path("ca.pem")));
    assert_eq!(endpoint.origin(), "http://a.example:8080");
    assert_eq!(url(&settings, 0)[0], "http://a.example:8080/a%20b?quantity=1&currency=EUR");
}

#[test]
fn secrets_come_from_the_environment_and_are_never_shown() {
    let text = r#"
        currency = "EUR"
        [suppliers.acme]
        url = "https://user:${PASSWORD}@${HOST}/v1/{product}?key=${KEY}"
        headers = { Authorization = "Bearer ${KEY}", X-Price = "$${5}" }
        [suppliers.other]
        url = "https://other.example/${UNSET}"
    "#;
    let scene = Scene::new(text).with("PASSWORD", "p{product}").with("HOST", "a.example").with("KEY", "hunter2");
    let settings = scene.load(&["--supplier", "acme"]).unwrap();
    assert_eq!(
        url(&settings, 0),
        ["https://user:p%7Bproduct%7D@a.example/v1/a%20b?key=hunter2", "https://user:***@***/v1/a%20b?key=***"]
    );
    let endpoint = http(&settings.suppliers[0]);
    assert_eq!(endpoint.origin(), "https://a.example:443");
    let headers: Vec<[&str; 3]> =
        endpoint.headers.iter().map(|header| [&*header.name, header.value.expose(), &*header.shown]).collect();
    assert_eq!(headers, [["Authorization", "Bearer hunter2", "Bearer ***"], ["X-Price", "${5}", "${5}"]]);
    assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
    assert!(scene.load(&[]).is_err(), "the variable of a supplier that is asked is not set");
}

#[test]
fn values_of_the_suppliers_own_are_bound_and_masked() {
    let text = r#"currency = "EUR"
[suppliers.acme]
url = "https://a.example/{site}/{product}{?key,n,pin}"
request = "{site: $site, key: $key, n: $n, tag: $tag}"
vars = { site = "DE", key = "${KEY}", n = 10.50, pin = 12, tag = "a ${KEY} b" }
"#;
    let scene = Scene::new(text).with("KEY", "hunter2");
    let settings = scene.load(&[]).unwrap();
    assert_eq!(
        url(&settings, 0),
        ["https://a.example/DE/a%20b?key=hunter2&n=10.50&pin=12", "https://a.example/DE/a%20b?key=***&n=10.50&pin=***",]
    );
    let request = settings.suppliers[0].request.as_ref().unwrap();
    let bindings = bindings(&settings, 0);
    let body = |bindings: &Bindings| request.request_body(bindings).unwrap();
    assert_eq!(body(&bindings), r#"{"site":"DE","key":"hunter2","n":10.50,"tag":"a hunter2 b"}"#);
    assert_eq!(body(&bindings.masked()), r#"{"site":"DE","key":"***","n":10.50,"tag":"a *** b"}"#);
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn a_query_is_added_encoded_and_masked() {
    let text = r#"currency = "EUR"
[suppliers.acme]
url = "https://a.example/{product}{?quantity}"
query = { site = "D & E", "q=" = "{product}/{quantity}", api_key = "hunter2", tag = "${TAG}", page = 1, v = "{key}" }
vars = { key = "${TAG}" }
"#;
    let settings = Scene::new(text).with("TAG", "{x} hunter3").load(&[]).unwrap();
    let tag = "%7Bx%7D%20hunter3";
    let sent = format!("site=D%20%26%20E&q%3D=a%20b%2F1&api_key=hunter2&tag={tag}&page=1&v={tag}");
    assert_eq!(
        url(&settings, 0),
        [
            format!("https://a.example/a%20b?{sent}&quantity=1"),
            "https://a.example/a%20b?site=D%20%26%20E&q%3D=a%20b%2F1&api_key=***&tag=***&page=1&v=***&quantity=1"
                .into(),
        ]
    );
    assert!(http(&settings.suppliers[0]).secrets.iter().any(|secret| secret.expose() == "{x} hunter3"));
}

/// Every place that takes a secret, with a file and two commands, one of them given twice.
const CREDENTIALS: &str = r#"currency = "EUR"
[suppliers.basic]
url = "https://a.example"
basic = { user = "${USER_NAME}", password = { file = "password.txt" } }
[suppliers.bearer]
url = "https://a.example"
bearer = { command = ["sh", "-c", "echo t-hunter3"] }
headers = { X-Key = { command = ["sh", "-c", "echo t-hunter3"] } }
[suppliers.oauth2]
url = "https://a.example/{key}"
vars = { key = { command = ["./key"] } }
oauth2.token-url = "https://auth.example/${USER_NAME}"
oauth2.client-id = "me"
oauth2.client-secret = "${USER_NAME}"
oauth2.scope = "prices"
oauth2.client-authentication = "body"
"#;

fn credentials_scene() -> Scene {
    let scene = Scene::new(CREDENTIALS).with("USER_NAME", "buyer");
    scene.write("password.txt", "hunter2\n\n");
    scene.write("key", "#!/bin/sh\necho k-hunter4\n");
    set_mode(&scene.path("key"), 0o700);
    scene
}

#[test]
fn secrets_come_from_files_and_commands() {
    let settings = credentials_scene().load(&[]).unwrap();
    let header = |supplier: usize, position: usize| {
        let header = &http(&settings.suppliers[supplier]).headers[position];
        [header.name.clone(), header.value.expose().to_owned(), header.shown.clone()]
    };
    assert_eq!(header(0, 0), ["Authorization", "Basic YnV5ZXI6aHVudGVyMg==", "Basic ***"]);
    assert_eq!(header(1, 0), ["X-Key", "t-hunter3", "***"]);
    assert_eq!(header(1, 1), ["Authorization", "Bearer t-hunter3", "Bearer ***"]);
    assert_eq!(url(&settings, 2), ["https://a.example/k-hunter4", "https://a.example/***"]);
    let credentials = http(&settings.suppliers[2]).client_credentials.clone().unwrap();
    assert_eq!(credentials.token_url.expose(), "https://auth.example/buyer");
    assert_eq!((credentials.client_id.expose(), credentials.client_secret.expose()), ("me", "buyer"));
    assert_eq!((credentials.scope.as_deref(), credentials.audience), (Some("prices"), None));
    assert_eq!(credentials.authentication, ClientAuthentication::Body);
    assert!(!format!("{settings:?}").contains("hunter"), "{settings:?}");
    let warned = WarningKind::ReadableByOthers { path: "password.txt".into() };
    assert_eq!(settings.warnings.iter().map(|warning| &warning.kind).collect::<Vec<_>>(), [&warned]);
}

#[test]
fn no_command_runs_for_a_check_a_preview_a_mock_or_a_supplier_that_is_not_asked() {
    let scene = Scene::new(
        r#"currency = "EUR"
[suppliers.acme]
url = "https://a.example"
bearer = { command = ["./run"] }
mock.offers = [{ unit-price = "1" }]
[suppliers.other]
url = "https://b.example"
"#,
    );
    scene.write("run", "#!/bin/sh\necho x | tee \"${0%/*}/ran\"\n");
    set_mode(&scene.path("run"), 0o700);
    for flags in [&["--dry-run"][..], &["--mock"], &["--supplier", "other"]] {
        scene.load(flags).unwrap();
    }
    let scene = scene.on(Errand::Check);
    scene.load(&[]).unwrap();
    assert!(!scene.path("ran").exists());
    let scene = scene.on(Errand::Compare);
    scene.load(&[]).unwrap();
    assert!(scene.path("ran").exists());
}

#[test]
fn verification_is_off_for_this_machine_only() {
    let load = |host: &str| {
        let url = format!("https://{host}/{{product}}");
        Scene::new(&format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"{url}\"\ntls-verify = false\n")).load(&[])
    };
    for host in ["127.0.0.1", "127.8.9.10:8443", "[::1]:1", "localhost", "LOCALHOST:2"] {
        let settings = load(host).unwrap();
        assert!(http(&settings.suppliers[0]).is_unverified, "{host}");
        assert_eq!(settings.warnings[0].kind, WarningKind::TlsUnverified);
    }
    for host in ["a.example", "localhost.a.example", "128.0.0.1", "127.0.0.1.a.example", "[::2]", "localhost@a.example"]
    {
        assert!(load(host).is_err(), "{host}");
    }
}

#[test]
fn mocks_are_asked_without_values_of_the_environment() {
    let text = r#"currency = "EUR"
[suppliers.acme]
url = "https://a.example/{product}"
vars = { site = "DE", key = "${UNSET}" }
mock.offers = [{ unit-price = "1" }]
"#;
    let settings = Scene::new(text).load(&["--mock"]).unwrap();
    let filter =
        crate::mapping::Filter::compile("[$site, $key]", &crate::mapping::Names::of_request().with(["site", "key"]));
    assert_eq!(filter.unwrap().request_body(&bindings(&settings, 0)).unwrap(), r#"["DE","***"]"#);
}

#[test]
fn a_secret_that_others_can_read_is_a_warning() {
    let kinds = |text: &str, mode| {
        let scene = Scene::new(text).with("TOKEN", "x");
        set_mode(&scene.path("suppliers.toml"), mode);
        scene.load(&[]).unwrap().warnings.into_iter().map(|warning| warning.kind).collect::<Vec<_>>()
    };
    let with = |line: &str| format!("currency = \"EUR\"\n[suppliers.acme]\n{line}\n");
    let warning = vec![WarningKind::ReadableByOthers { path: "suppliers.toml".into() }];
    for (line, is_secret) in [
        ("url = \"https://a.example\"\nheaders = { Authorization = \"Bearer hunter2\" }", true),
        ("url = \"https://a.example\"\nheaders = { Authorization = \"Bearer ${TOKEN}\" }", false),
        ("url = \"https://a.example\"\nheaders = { Accept = \"text/plain\" }", false),
        ("url = \"https://a.example\"\nbasic = { user = \"${TOKEN}\", password = \"hunter2\" }", true),
        ("url = \"https://a.example\"\nbasic = { user = \"${TOKEN}\", password = \"\" }", false),
        ("url = \"https://u:hunter2@a.example\"", true),
        ("url = \"https://u:${TOKEN}@a.example\"", false),
        ("url = \"https://a.example?api_key=hunter2\"", true),
        ("url = \"https://a.example\"\nquery = { api_key = \"hunter2\" }", true),
        ("url = \"https://a.example\"\nquery = { api_key = \"${TOKEN}\", site = \"DE\" }", false),
        ("url = \"https://a.example\"\nvars = { api_key = \"hunter2\" }", true),
        ("url = \"https://a.example\"\nvars = { api_key = \"${TOKEN}\", site = \"DE\" }", false),
    ] {
        let text = with(line);
        assert_eq!(kinds(&text, 0o644), if is_secret { warning.clone() } else { Vec::new() }, "{line}");
        assert_eq!(kinds(&text, 0o600), [], "{line}");
    }
}

#[test]
fn with_mocks_nothing_leaves_loopback_and_no_variable_is_needed() {
    let text = r#"
        currency = "EUR"
        [suppliers.bare]
        url = "https://bare.example/${UNSET}"
        [suppliers.acme]
        url = "https://acme.example/${UNSET}"
        headers = { Authorization = "${UNSET}" }
        ca-file = "missing.pem"
        mock = { latency = "5ms" }
    "#;
    let settings = Scene::new(text).load(&["--mock"]).unwrap();
    assert_eq!(names(&settings), ["acme"]);
    assert_eq!(settings.warnings[0].kind, WarningKind::NoMock);
    assert_eq!(settings.warnings[0].supplier.as_ref().unwrap().as_str(), "bare");
    let acme = &settings.suppliers[0];
    assert_eq!(url(&settings, 0), ["http://127.0.0.1:7171/"; 2]);
    assert!(http(acme).headers.is_empty() && http(acme).ca_file.is_none() && settings.mock);
    assert_eq!(acme.mock.as_ref().unwrap().latency, Latency::Fixed(Duration::from_millis(5)));
}

#[test]
fn a_mock_answers_at_once_with_nothing_unless_told_otherwise() {
    let plain = mock("");
    assert_eq!(
        plain,
        Mock {
            latency: Latency::Fixed(Duration::ZERO),
            error_rate: Decimal::ZERO,
            error: MockError::Status(503),
            retry_after: None,
            fail_first: 0,
            seed: None,
            lookup: None,
            list: None,
            answer: MockAnswer::Offers(Vec::new()),
        }
    );
}

#[test]
fn a_mock_fails_and_waits_as_configured() {
    let full = mock(
        "latency = { min = \"80ms\", max = \"250ms\" }\nerror-rate = 0.2\nerror = \"wrong-product\"\nretry-after = \"2s\"\n\
         fail-first = 3\nseed = 7",
    );
    let (min, max) = (Duration::from_millis(80), Duration::from_millis(250));
    assert_eq!((full.latency, full.error), (Latency::Uniform { min, max }, MockError::WrongProduct));
    assert_eq!((full.error_rate, full.retry_after), (Decimal::new(2, 1), Some(Duration::from_secs(2))));
    assert_eq!((full.fail_first, full.seed), (3, Some(7)));
    let (median, p99) = (Duration::from_millis(80), Duration::from_millis(900));
    let latency = mock("latency = { median = \"80ms\", p99 = \"900ms\" }").latency;
    assert_eq!(latency, Latency::LogNormal { median, p99 });
    assert_eq!(mock("error = 429").error, MockError::Status(429));
}

#[test]
fn a_mock_replays_a_recorded_reply() {
    assert_eq!(mock("body = 'x'\nstatus = 404").answer, MockAnswer::Body { body: b"x".to_vec(), status: 404 });
    let replayed = mock("body-file = \"mocks/reply.json\"").answer;
    assert_eq!(replayed, MockAnswer::Body { body: b"[1]".to_vec(), status: 200 });
}

#[test]
fn a_recorded_reply_is_needed_only_where_it_is_used() {
    let text = "currency = \"EUR\"\n[suppliers.acme]\nurl = \"http://a.example\"\nmock = { body-file = \"no.json\" }\n";
    assert!(Scene::new(text).load(&[]).is_ok());
    for scene in [Scene::new(text).on(Errand::Check), Scene::new(text).on(Errand::Serve)] {
        let said = scene.error(&[]);
        assert!(
            said.starts_with(
                "error: `body-file` of supplier `acme`: cannot read `no.json`: no such file or directory\n"
            ),
            "{said}"
        );
    }
}

#[test]
fn offers_of_a_mock_keep_the_digits_of_the_file() {
    let offers = offers(
        r#"
        [[suppliers.acme.mock.offers]]
        delivery-days = 2
        product = "widget"
        sku = "A \"1\""
        unit-price = 0.60
        shipping = "004.900"
        price-breaks = [{ quantity = 50, unit-price = "0.450" }, { quantity = "1", unit-price = 1e-1 }]
        in-stock = false
        valid-for = "24h"
        [[suppliers.acme.mock.offers]]
        product = "*"
        valid-until = 2026-12-01
        "#,
    );
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        offers[0],
        MockOffer {
            product: Some("widget".into()),
            fields: vec![
                field("sku", r#""A \"1\"""#),
                field("unitPrice", "0.60"),
                field("priceBreaks", r#"[{"quantity":50,"unitPrice":0.450},{"quantity":1,"unitPrice":1e-1}]"#),
                field("inStock", "false"),
                field("deliveryDays", "2"),
                field("shipping", "4.900"),
            ],
            validity: Some(Validity::For(Duration::from_hours(24))),
        }
    );
    assert_eq!(
        offers[1],
        MockOffer {
            product: None,
            fields: vec![field("inStock", "true")],
            validity: Some(Validity::Until("2026-12-01".into())),
        }
    );
}

#[test]
fn the_shipped_configuration_needs_nothing_and_shows_every_trait() {
    let settings = Scene::empty().load(&["--mock", "-n", "10"]).unwrap();
    assert_eq!(settings.configuration, "suppliers.toml (shipped)");
    let expected = ["acme", "bolt", "corner", "dakota", "everest", "foundry", "globex", "hooli", "initech"];
    assert_eq!(names(&settings), expected);
    assert!(settings.warnings.is_empty() && settings.rates.is_some());
    let late = settings.suppliers.iter().filter(|supplier| {
        let Latency::Fixed(latency) = supplier.mock.as_ref().unwrap().latency else { return false };
        supplier.timeout.is_some_and(|timeout| timeout < latency)
    });
    assert_eq!(late.count(), 1);
    // Without --mock, the mocks of `pricecmp mock` are asked.
    let scene = Scene::new(include_str!("../../../suppliers.toml"));
    let settings = scene.load(&["-n", "10"]).unwrap();
    for (index, supplier) in settings.suppliers.iter().enumerate() {
        let own = format!("http://127.0.0.1:7171/{}/quotes/a%20b?quantity=10", supplier.name);
        assert_eq!(url(&settings, index)[0], own);
    }
    assert!(settings.suppliers.iter().all(|supplier| supplier.mock.is_none()));
}

#[test]
fn addresses_to_listen_on_may_be_short() {
    for (text, expected) in [
        ("7272", "127.0.0.1:7272"),
        (":0", "127.0.0.1:0"),
        ("localhost:80", "127.0.0.1:80"),
        ("0.0.0.0:8080", "0.0.0.0:8080"),
        ("[::1]:8080", "[::1]:8080"),
    ] {
        assert_eq!(listen_address(Some(text)).unwrap().to_string(), expected);
    }
    assert_eq!(
        listen_address(Some("example.com")).unwrap_err().to_string(),
        "error: `--listen`: `example.com` is not an address with a port\n\
         hint: write `127.0.0.1:7171`, or port 0 for a free one"
    );
}

#[test]
fn colour_follows_the_flag_then_no_color() {
    let color = |scene: &Scene, flags: &[&str]| scene.load(flags).unwrap().presentation.color;
    let plain = Scene::new(THREE);
    let scene = Scene::new(THREE).with("NO_COLOR", "1");
    assert_eq!((color(&plain, &[]), color(&scene, &[])), (Color::Auto, Color::Never));
    assert_eq!(color(&scene, &["--color", "always"]), Color::Always);
    assert_eq!(color(&Scene::new(THREE).with("NO_COLOR", ""), &[]), Color::Auto);
}

#[test]
fn ten_thousand_suppliers_share_their_terms() {
    let supplier = |number| format!("[suppliers.s{number}]\nurl = \"http://127.0.0.1:9/{{product}}?n={number}\"\n");
    let text: String = std::iter::once("currency = \"EUR\"\n".to_owned()).chain((0..10_000).map(supplier)).collect();
    let settings = Scene::new(&text).load(&["-n", "10"]).unwrap();
    assert_eq!(settings.suppliers.len(), 10_000);
    assert!(std::sync::Arc::ptr_eq(&settings.suppliers[0].terms, &settings.suppliers[9_999].terms));
    assert!(size_of::<Supplier>() <= 512, "{}", size_of::<Supplier>());
}

/// The keys of every table of the schema, by path.
fn schema_keys(schema: &serde_json::Value, path: &[&str]) -> Vec<String> {
    let table = path.iter().fold(schema, |table, key| &table[key]);
    table["properties"].as_object().unwrap_or_else(|| panic!("{path:?}: {table}")).keys().cloned().collect()
}

#[test]
fn schema_and_reader_know_the_same_keys() {
    use crate::config::file::{DOCUMENT_KEYS, RATES_KEYS, SUPPLIER_KEYS};
    use crate::config::mock_file::{MOCK_KEYS, OFFER_KEYS};
    let schema = suppliers_schema();
    assert!(!schema.to_string().contains("null"));
    let supplier = ["properties", "suppliers", "additionalProperties"];
    let sorted = |keys: &[&str]| {
        let mut keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        keys.sort();
        keys
    };
    assert_eq!(schema_keys(&schema, &[]), sorted(DOCUMENT_KEYS));
    assert_eq!(schema_keys(&schema, &supplier), sorted(SUPPLIER_KEYS));
    let supplier = &schema["properties"]["suppliers"]["additionalProperties"];
    let rates = &schema["properties"]["rates"];
    assert_eq!(schema_keys(rates, &[]), sorted(RATES_KEYS));
    let mock = &supplier["properties"]["mock"];
    assert_eq!(schema_keys(mock, &[]), sorted(MOCK_KEYS));
    assert_eq!(schema_keys(&mock["properties"]["offers"]["items"], &[]), sorted(OFFER_KEYS));
}

#[test]
fn the_shipped_configuration_fits_the_schema() {
    let schema = suppliers_schema();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors = |text: &str| {
        let document = serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
        // A date of TOML has no counterpart in JSON; editors show it as text.
        let text = document.to_string();
        let text = dates_as_text(&text);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        validator.iter_errors(&document).map(|error| error.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(errors(include_str!("../../../suppliers.toml")), [""; 0]);
    assert_ne!(errors(&THREE.replace("mock = {}", "mock = { latncy = 1 }")), [""; 0]);
    assert_ne!(errors(&THREE.replace("enabled = false", "enabled = 0")), [""; 0]);
}

/// `{"$__toml_private_datetime":"2026-11-20"}` as `"2026-11-20"`.
fn dates_as_text(text: &str) -> String {
    let mut parts = text.split("{\"$__toml_private_datetime\":");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + &part.replacen('}', "", 1))
}

#[test]
fn a_ca_file_is_trusted_instead_of_the_systems() {
    let schema = suppliers_schema();
    let supplier = &schema["properties"]["suppliers"]["additionalProperties"]["properties"];
    let said = supplier["ca-file"]["description"].as_str().unwrap();
    assert!(said.contains("instead of the system's"), "{said}");
}

#[test]
fn files_of_certificates_are_checked_where_they_are_named() {
    let pair = certificate();
    let both = format!("{}{}", pair.cert.pem(), pair.signing_key.serialize_pem());
    let broken = pair.cert.pem().replace("-----END", "----END");
    for (key, pem, expected) in [
        ("ca-file", pair.cert.pem(), None),
        ("client-certificate", both, None),
        ("ca-file", "x".to_owned(), Some("`own.pem` holds no certificate")),
        ("ca-file", broken, Some("`own.pem` is not a valid PEM file")),
        ("client-certificate", pair.cert.pem(), Some("`own.pem` holds no private key")),
    ] {
        let text = format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"http://a.example\"\n{key} = \"own.pem\"\n");
        let scene = Scene::new(&text);
        scene.write("own.pem", &pem);
        assert!(scene.load(&["--mock"]).is_err_and(|error| error.to_string().contains("no supplier has a mock")));
        let Some(expected) = expected else {
            assert!(scene.load(&[]).is_ok(), "{key}");
            continue;
        };
        let said = scene.error(&[]);
        assert!(
            said.starts_with(&format!("error: `{key}` of supplier `acme`: {expected}\n --> suppliers.toml:4:")),
            "{said}"
        );
        assert!(said.contains("\nhint: "), "{said}");
    }
    let folder = "currency = \"EUR\"\n[suppliers.acme]\nurl = \"http://a.example\"\nca-file = \".\"\n";
    assert!(Scene::new(folder).error(&[]).contains("cannot read `.`: it is a folder\n"));
}

#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let published: serde_json::Value = serde_json::from_str(include_str!("../../../suppliers.schema.json")).unwrap();
    assert_eq!(published, suppliers_schema(), "run `pricecmp schema suppliers > suppliers.schema.json`");
}

#[test]
fn a_second_request_is_off_unless_a_key_asks_for_it() {
    let hedging = |keys: &str| {
        let text = format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"http://acme.example/\"\n{keys}\n");
        Scene::new(&text).load(&[]).unwrap().suppliers[0].hedging
    };
    let after = Hedging::After(Duration::from_millis(50));
    assert_eq!((hedging(""), hedging("hedge = false")), (Hedging::Off, Hedging::Off));
    assert_eq!(hedging("hedge = true"), Hedging::Learned);
    assert_eq!(hedging("hedge-after = \"50ms\""), after);
    assert_eq!(hedging("hedge = true\nhedge-after = \"50ms\""), after);
    assert_eq!(hedging("hedge = false\nhedge-after = \"50ms\""), Hedging::Off);
}

#[test]
fn history_stands_in_where_a_flag_or_a_key_says_so() {
    let fallback = |keys: &str, flags: &[&str]| {
        let text = format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"http://acme.example/\"\n{keys}\n");
        Scene::new(&text).load(flags).unwrap().suppliers[0].fallback
    };
    let hours = |hours| Fallback::History(Duration::from_hours(hours));
    let (key, none) = ("fallback = \"history=2d\"", "fallback = \"none\"");
    assert_eq!((fallback("", &[]), fallback("", &["--fallback", "history"])), (Fallback::Off, hours(24)));
    assert_eq!((fallback(key, &[]), fallback(key, &["--fallback", "history=90m"])), (hours(48), hours(48)));
    assert_eq!(fallback(none, &["--fallback", "history=36h"]), Fallback::Off);
    assert_eq!(fallback(key, &["--fallback", "none"]), Fallback::Off);
}

#[test]
fn brokers_are_addresses_with_their_secrets_apart() {
    let scene = Scene::new(
        r#"
currency = "EUR"
[kafka]
security.protocol = "sasl_plaintext"
"sasl.password" = "${PASSWORD}"
socket.timeout.ms = 900
[suppliers.initech]
url = "amqp://user:${PASSWORD}@a.example/shop"
queue = "quotes.initech"
request = '{product: $product}'
[suppliers.rfq]
url = "${AMQP_URL}"
exchange = "rfq"
expect = 3
reply-mode = "exclusive-queue"
[suppliers.umbrella]
brokers = ["${HOST}", "b.example:9093"]
topic = "quotes.umbrella"
reply-topic-delete = "always"
"#,
    );
    let scene = scene.with("PASSWORD", "hunter2").with("AMQP_URL", "amqps://b.example/").with("HOST", "a.example");
    let settings = scene.load(&[]).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
    let Endpoint::Amqp(initech) = &settings.suppliers[0].endpoint else { panic!() };
    assert_eq!((&*initech.host, initech.port, &*initech.vhost), ("a.example", 5672, "shop"));
    assert_eq!((initech.password.expose(), &*initech.shown_url), ("hunter2", "amqp://user:***@a.example/shop"));
    assert_eq!(initech.target, AmqpTarget::Queue("quotes.initech".to_owned()));
    assert_eq!((initech.auction, initech.reply_mode, &initech.tls), (None, ReplyMode::Direct, &None));
    assert!(settings.suppliers[0].request.is_some());
    let Endpoint::Amqp(rfq) = &settings.suppliers[1].endpoint else { panic!() };
    let target = AmqpTarget::Exchange { name: "rfq".to_owned(), routing_key: String::new() };
    assert_eq!((&rfq.target, rfq.auction), (&target, Some(Auction { expect: Some(3) })));
    assert_eq!((&*rfq.vhost, rfq.reply_mode, rfq.tls.is_some()), ("", ReplyMode::ExclusiveQueue, true));
    assert_eq!(settings.suppliers[1].endpoint.origin(), "amqps://b.example:5671/");
    let Endpoint::Kafka(umbrella) = &settings.suppliers[2].endpoint else { panic!() };
    assert_eq!(umbrella.brokers, "a.example:9092,b.example:9093");
    assert_eq!(umbrella.replies, ReplyTopic::Temporary(TopicDeletion::Always));
    let properties =
        umbrella.properties.iter().map(|property| (&*property.name, property.value.expose(), &*property.shown));
    assert_eq!(
        properties.collect::<Vec<_>>(),
        [
            ("security.protocol", "sasl_plaintext", "sasl_plaintext"),
            ("sasl.password", "hunter2", "***"),
            ("socket.timeout.ms", "900", "900"),
        ]
    );
    assert!(umbrella.secrets.iter().any(|secret| secret.expose() == "hunter2"));
}

#[test]
fn mocks_stand_in_for_brokers_on_loopback() {
    let scene = Scene::new(
        r#"
currency = "EUR"
[suppliers.initech]
url = "amqp://user:${UNSET}@a.example/shop"
queue = "quotes.initech"
mock = {}
[suppliers.umbrella]
brokers = ["${UNSET}"]
topic = "quotes.umbrella"
mock = {}
"#,
    );
    let settings = scene.load(&["--mock"]).unwrap();
    for supplier in &settings.suppliers {
        assert!(http(supplier).origin().starts_with("http://127.0.0.1:"));
    }
}
