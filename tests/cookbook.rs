//! Holds the cookbook, `docs/suppliers/`, to the program: every configuration there gives the quotes that it should, from
//! its payload and over real sockets, and every page shows what its files hold and what its commands print.
//!
//! `UPDATE_README=1 ./tests/run --test cookbook` writes what belongs into the pages.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Run, Scene, Supplier};

/// Quantities, and the quotes of each.
type Quotes = &'static [(u32, &'static [&'static str])];

/// A page's name, and for each quantity of widgets its quotes, the cheapest first: what is ordered, at which unit price,
/// goods and total. They were worked out by hand.
const EXPECTED: &[(&str, Quotes)] = &[
    (
        "distributor",
        &[
            (1, &["AW-17-CT: 1 at 0.62, 0.62 + null = 0.62 USD", "AW-17-RE: 500 at 0.29, 145.00 + null = 145.00 USD"]),
            (
                95,
                &[
                    "AW-17-CT: 100 at 0.43, 43.00 + null = 43.00 USD",
                    "AW-17-RE: 500 at 0.29, 145.00 + null = 145.00 USD",
                ],
            ),
            (
                600,
                &[
                    "AW-17-CT: 600 at 0.43, 258.00 + null = 258.00 USD",
                    "AW-17-RE: 1000 at 0.29, 290.00 + null = 290.00 USD",
                ],
            ),
            (20_000, &[]),
        ],
    ),
    (
        "marketplace",
        &[
            (
                5,
                &[
                    "K-5: 10 at 0.45, 4.50 + null = 4.50 EUR",
                    "OL-77: 5 at 0.21, 1.05 + 3.90 = 4.95 EUR",
                    "BP-1: 5 at 0.442723, 2.21 + 5.63 = 7.84 EUR",
                ],
            ),
            (95, &["BP-1: 100 at 0.364324, 36.43 + 5.63 = 42.06 EUR", "K-5: 100 at 0.45, 45.00 + null = 45.00 EUR"]),
        ],
    ),
    (
        "shipping",
        &[(
            95,
            &[
                "Swiftline Economy: 95 at 0.061052631579, 5.80 + 0.00 = 5.80 EUR",
                "Northpost Parcel: 95 at 0.072631578947, 6.90 + 0.00 = 6.90 EUR",
                "Northpost Express: 95 at 0.152631578947, 14.50 + 0.00 = 14.50 EUR",
            ],
        )],
    ),
    (
        "cloud",
        &[
            (50, &["W-EU-FREE: 50 at 0.00, 0.00 + 0.00 = 0.00 EUR", "W-EU: 50 at 0.031611, 1.58 + 0.00 = 1.58 EUR"]),
            (
                95,
                &[
                    "W-EU-FREE: 95 at 0.021315789474, 2.03 + 0.00 = 2.03 EUR",
                    "W-EU: 95 at 0.031611, 3.00 + 0.00 = 3.00 EUR",
                ],
            ),
            (
                1000,
                &[
                    "W-EU: 1000 at 0.031611, 31.61 + 0.00 = 31.61 EUR",
                    "W-EU-FREE: 1000 at 0.03525, 35.25 + 0.00 = 35.25 EUR",
                ],
            ),
        ],
    ),
    (
        "spreadsheet",
        &[
            (1, &["null: 1 at 0.625, 0.63 + 4.90 = 5.53 EUR"]),
            (95, &["null: 100 at 0.412, 41.20 + 4.90 = 46.10 EUR"]),
            (130, &["null: 130 at 0.412, 53.56 + 0.00 = 53.56 EUR"]),
        ],
    ),
    ("rate-feed", &[(95, &["XWIDGETZUSD: 95 at 0.407657, 38.73 + 0.00 = 38.73 EUR"]), (1201, &[])]),
    (
        "two-step",
        &[
            (1, &["WID-1: 1 at 0.50, 0.50 + 5.00 = 5.50 EUR", "WID-1R: 1000 at 0.25, 250.00 + 5.00 = 255.00 EUR"]),
            (95, &["WID-1: 95 at 0.41, 38.95 + 5.00 = 43.95 EUR", "WID-1R: 1000 at 0.25, 250.00 + 5.00 = 255.00 EUR"]),
        ],
    ),
];

/// Writes each quote so.
const LINE: &str = r#".allQuotes[] | "\(.sku): \(.orderQuantity) at \(.unitPrice), \(.goods) + \(.shipping) = \(.totalPrice) \(.currency)""#;

/// What a payload of an error makes the supplier of a page say.
const ERRORS: &[(&str, &str, &str)] = &[
    ("distributor", "distributor-error.json", "supplier reports an error: this key is not known here"),
    ("marketplace", "marketplace-error.json", "supplier reports an error: you have used all parts of your plan"),
    ("shipping", "shipping-error.json", "supplier reports an error: Northpost: too heavy; Swiftline: no service"),
    ("rate-feed", "rate-feed-error.json", "supplier reports an error: Query: unknown pair"),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/suppliers")
}

/// The names of the files in a folder that end so, without that end.
fn names(folder: &Path, end: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter_map(|name| name.strip_suffix(end).map(str::to_owned)).collect()
}

fn configuration(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap()
}

fn payload(name: &str) -> String {
    fs::read_to_string(folder().join("payloads").join(name)).unwrap()
}

/// A copy of the cookbook, as a clone has it, and every variable that its configurations name.
fn clone_of_the_cookbook() -> Scene {
    let scene = Scene::without_configuration();
    let copy = |from: &Path, to: &str| {
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            scene.write(&format!("{to}/{}", entry.file_name().to_str().unwrap()), &fs::read(entry.path()).unwrap());
        }
    };
    copy(&folder(), "docs/suppliers");
    copy(&folder().join("payloads"), "docs/suppliers/payloads");
    with_variables(scene, &names(&folder(), ".toml").iter().map(|name| configuration(name)).collect::<String>())
}

/// Sets each variable that a configuration names.
fn with_variables(scene: Scene, configuration: &str) -> Scene {
    let variables = configuration.split("${").skip(1).map(|rest| rest.split_once('}').unwrap().0);
    variables.fold(scene, |scene, name| scene.with_variable(name, "hunter2"))
}

/// Runs, and returns each quote in a line, digit for digit.
fn quotes(scene: &Scene, arguments: &[&str]) -> (Vec<String>, Run) {
    let run = scene.run(&[arguments, &["--jq", LINE]].concat());
    (run.stdout.lines().map(str::to_owned).collect(), run)
}

#[test]
fn every_configuration_gives_the_right_quotes_of_its_payload() {
    let scene = clone_of_the_cookbook();
    for (name, expected) in EXPECTED {
        let file = format!("docs/suppliers/{name}.toml");
        let check = scene.run(&["--config", &file, "check"]);
        assert_eq!((check.code, check.stderr.as_str()), (Some(0), ""), "{name}");
        for (quantity, lines) in *expected {
            let quantity = quantity.to_string();
            let (quotes, run) = quotes(&scene, &["--config", &file, "--mock", "widget", "--qty", &quantity]);
            assert_eq!(quotes, *lines, "{name} {quantity}");
            assert_eq!(run.code, Some(u8::from(lines.is_empty()).into()), "{name}: {}", run.stderr);
        }
    }
}

#[test]
fn every_kind_has_a_page_and_stands_in_the_index() {
    let expected: BTreeSet<String> = EXPECTED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&folder(), ".toml"), expected);
    let mut pages = names(&folder(), ".md");
    assert!(pages.remove("README"));
    assert_eq!(pages, expected);
    let index = fs::read_to_string(folder().join("README.md")).unwrap();
    for name in &expected {
        assert!(index.contains(&format!("({name}.md)")), "the index has no {name}");
    }
    let pages: String =
        expected.iter().map(|name| fs::read_to_string(folder().join(format!("{name}.md"))).unwrap()).collect();
    for name in names(&folder().join("payloads"), "") {
        assert!(pages.contains(&format!("payloads/{name}")), "no page shows {name}");
    }
}

#[test]
fn what_a_supplier_says_is_wrong_is_its_error() {
    for (name, file, expected) in ERRORS {
        let text = configuration(name);
        let scene = clone_of_the_cookbook();
        let mocked = text.replace(&format!("payloads/{name}.json"), &format!("payloads/{file}"));
        assert_ne!(mocked, text);
        scene.write("docs/suppliers/wrong.toml", mocked.as_bytes());
        let (document, run) = scene.json(&["--config", "docs/suppliers/wrong.toml", "--mock", "widget"]);
        assert_eq!(run.code, Some(3), "{name}");
        let stats = &document["supplierStats"][0];
        assert_eq!((&stats["errorKind"], &stats["error"]), (&"supplier_error".into(), &(*expected).into()));
    }
}

#[test]
fn no_such_part_is_no_error() {
    let text = configuration("distributor").replace("distributor.json", "distributor-none.json");
    let scene = clone_of_the_cookbook();
    scene.write("docs/suppliers/none.toml", text.as_bytes());
    let (document, run) = scene.json(&["--config", "docs/suppliers/none.toml", "--mock", "widget"]);
    assert_eq!((run.code, &document["supplierStats"][0]["errorKind"]), (Some(1), &Value::Null));
}

/// Asks the server instead of the one that a configuration names, without a mock; 95 widgets.
fn asked_over_sockets(name: &str, supplier: &Supplier) -> Vec<String> {
    let text = configuration(name);
    let (before, rest) = text.split_once("url = \"https://").unwrap();
    let host = rest.split_once('/').unwrap().0;
    let text = format!("{before}url = \"https://{rest}").replace(&format!("https://{host}"), &supplier.origin());
    let scene = clone_of_the_cookbook();
    scene.write("docs/suppliers/live.toml", text.as_bytes());
    let (quotes, run) =
        quotes(&scene, &["--config", "docs/suppliers/live.toml", "--no-state", "widget", "--qty", "95"]);
    assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
    quotes
}

/// The quotes of 95 widgets.
fn expected(name: &str) -> &'static [&'static str] {
    let (_, quantities) = EXPECTED.iter().find(|(known, _)| *known == name).unwrap();
    quantities.iter().find(|(quantity, _)| *quantity == 95).unwrap().1
}

#[test]
fn each_one_asks_as_its_service_wants_to_be_asked() {
    for (name, head, parts) in [
        ("distributor", "POST /v2/search?key=hunter2", &[r#"{"search":{"part":"widget","exact":true}}"#][..]),
        ("marketplace", "POST /graphql", &["Bearer hunter2", r#""variables":{"q":"widget","country":"DE"}"#]),
        ("shipping", "POST /rates", &["Basic aHVudGVyMjo=", r#"{"parcel":{"grams":1330},"to":{"country":"AT"}}"#]),
        ("cloud", "GET /v1/skus?key=hunter2&currency=EUR", &[]),
        ("rate-feed", "GET /ticker?pair=widgetUSD", &[]),
    ] {
        let supplier = Supplier::replying(&payload(&format!("{name}.json")));
        assert_eq!(asked_over_sockets(name, &supplier), expected(name), "{name}");
        assert_eq!(supplier.heads(), [head], "{name}");
        for part in parts {
            assert!(supplier.requests()[0].contains(part), "{part}\n{}", supplier.requests()[0]);
        }
    }
}

#[test]
fn both_steps_are_taken_over_real_sockets() {
    let supplier = Supplier::answering(|request| {
        let is_search = request.starts_with("GET /products/search");
        ("200 OK", payload(if is_search { "two-step-search.json" } else { "two-step.json" }))
    });
    assert_eq!(asked_over_sockets("two-step", &supplier), expected("two-step"));
    assert_eq!(supplier.heads(), ["GET /products/search?product=widget", "POST /products/prices"]);
    let requests = supplier.requests();
    assert!(requests[1].ends_with(r#"{"symbols":["WID-1","WID-1R"],"country":"DE"}"#), "{}", requests[1]);
    assert!(requests.iter().all(|request| request.to_lowercase().contains("x-token: hunter2")), "{requests:?}");
}

#[test]
fn every_page_of_the_price_list_is_read() {
    let supplier = Supplier::answering(|request| {
        let first = r#"{"skus": [], "nextPageToken": "A/2"}"#.to_owned();
        ("200 OK", if request.contains("pageToken=") { payload("cloud.json") } else { first })
    });
    assert_eq!(asked_over_sockets("cloud", &supplier), expected("cloud"));
    let page = "GET /v1/skus?key=hunter2&currency=EUR";
    assert_eq!(supplier.heads(), [page.to_owned(), format!("{page}&pageToken=A%2F2")]);
}

#[test]
fn the_spreadsheet_itself_is_read() {
    let arguments = ["--config", "docs/suppliers/spreadsheet.toml", "--no-state", "widget", "--qty", "95"];
    let (quotes, run) = quotes(&clone_of_the_cookbook(), &arguments);
    assert_eq!((quotes.as_slice(), run.code), (&[expected("spreadsheet")[0].to_owned()][..], Some(0)));
}

#[test]
fn a_sheet_is_tried_as_it_is_read() {
    let file = "docs/suppliers/payloads/spreadsheet.csv";
    let configuration = ["--config", "docs/suppliers/spreadsheet.toml", "check", "--reply", file];
    let run = clone_of_the_cookbook().run(&[&configuration[..], &["--product", "widget", "--qty", "95"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.contains("made of column `ab 50`, line 3\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("\n1 offer: 1 quote, 0 rejected\n"), "{}", run.stdout);
}

#[test]
fn the_pages_show_the_files_and_what_is_printed() {
    let scene = clone_of_the_cookbook();
    for name in names(&folder(), ".md") {
        let path = folder().join(format!("{name}.md"));
        let page = fs::read_to_string(&path).unwrap();
        let renewed = renewed(&page, &scene);
        if std::env::var_os("UPDATE_README").is_some() {
            fs::write(&path, renewed).unwrap();
        } else {
            assert_eq!(page, renewed, "{name}: run `UPDATE_README=1 ./tests/run --test cookbook`");
        }
    }
}

/// The page with what belongs between `<!-- file: PATH -->` or `<!-- screen: COMMAND -->` and `<!-- end -->`.
fn renewed(page: &str, scene: &Scene) -> String {
    let mut parts = page.split_inclusive('\n');
    let mut text = String::new();
    while let Some(line) = parts.next() {
        text.push_str(line);
        let Some(marker) = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->\n")) else { continue };
        let (language, content) = match marker.split_once(": ") {
            Some(("file", path)) => (path.rsplit_once('.').unwrap().1, shown(path)),
            Some(("screen", command)) => ("text", printed(scene, command)),
            _ => panic!("what is `{marker}`?"),
        };
        text.extend(["```", language, "\n", &content, "```\n<!-- end -->\n"]);
        assert!(parts.any(|line| line == "<!-- end -->\n"), "`{marker}` has no end");
    }
    text
}

/// A file of the cookbook as text.
fn shown(path: &str) -> String {
    let bytes = fs::read(folder().join(path)).unwrap();
    String::from_utf8(bytes).unwrap_or_else(|error| encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned())
}

/// What a command prints.
fn printed(scene: &Scene, command: &str) -> String {
    let arguments: Vec<&str> = command.strip_prefix("pricecmp ").unwrap().split(' ').collect();
    let run = scene.run(&arguments);
    assert!(run.code != Some(2), "{command}: {}", run.stderr);
    support::without_times(&run.stdout)
        .lines()
        .map(|line| support::without_latency(line).replace("#ms", "3ms") + "\n")
        .collect()
}
