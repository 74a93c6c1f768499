//! Holds the README to the program: the table of keys to the schema, the screen and the help to what is printed.
//!
//! `UPDATE_README=1 ./tests/run --test readme` writes what belongs there.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use pricecmp::mapping::{Filter, Names};
use serde_json::Value;
use support::Scene;

/// One test at a time may write the file.
static README: Mutex<()> = Mutex::new(());

/// Holds the text between `<!-- NAME … -->` and `<!-- end of NAME -->` to what is expected.
fn hold(name: &str, expected: &str) {
    let _guard = README.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let opening = readme.find(&format!("<!-- {name}")).unwrap_or_else(|| panic!("the README has no `{name}`"));
    let start = opening + readme[opening..].find("-->\n").unwrap() + 4;
    let end = readme.find(&format!("<!-- end of {name} -->")).unwrap_or_else(|| panic!("`{name}` has no end"));
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, format!("{}{expected}{}", &readme[..start], &readme[end..])).unwrap();
    } else {
        assert_eq!(&readme[start..end], expected, "run `UPDATE_README=1 ./tests/run --test readme`");
    }
}

#[test]
fn the_screen_is_what_the_first_command_prints() {
    let scene = Scene::new("");
    fs::remove_file(scene.path("suppliers.toml")).unwrap();
    let run = scene.run(&["--mock", "widget", "--qty", "10"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let normalised = support::without_times(&run.stdout);
    hold("screen", &format!("```text\n{normalised}```\n"));
}

#[test]
fn the_screen_of_a_basket_is_what_its_command_prints() {
    let scene = Scene::new("");
    fs::remove_file(scene.path("suppliers.toml")).unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/order.csv");
    let run = scene.run(&["basket", file, "--mock"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    // How often those fail who always do depends on how fast that is noticed.
    let (screen, _) = run.stdout.split_once("\nFailed\n").unwrap();
    hold("basket screen", &format!("```text\n{screen}```\n"));
}

#[test]
fn the_table_of_keys_is_made_from_the_schema() {
    let schema: Value = serde_json::from_str(&Scene::new("").run(&["schema", "suppliers"]).stdout).unwrap();
    let supplier = &schema["properties"]["suppliers"]["additionalProperties"];
    let mut table = String::from("| key | value | meaning |\n|---|---|---|\n");
    rows(&mut table, "", &schema["properties"]);
    rows(&mut table, "rates.", &schema["properties"]["rates"]["properties"]);
    table.push_str(
        "| `rates.CODE` | a number or text | What one unit of the base buys, for each currency by its code. |\n",
    );
    rows(&mut table, "suppliers.NAME.", &supplier["properties"]);
    for key in ["basic", "oauth2"] {
        rows(&mut table, &format!("suppliers.NAME.{key}."), &supplier["properties"][key]["properties"]);
    }
    rows(&mut table, "suppliers.NAME.lookup.", &supplier["properties"]["lookup"]["properties"]);
    rows(&mut table, "suppliers.NAME.mock.", &supplier["properties"]["mock"]["properties"]);
    hold("keys", &table);
}

/// The text between `<!-- NAME -->` and `<!-- end of NAME -->`.
fn part(name: &str) -> String {
    let _guard = README.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let readme = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, rest) = readme.split_once(&format!("<!-- {name} -->\n")).unwrap();
    rest.split_once(&format!("<!-- end of {name} -->")).unwrap().0.to_owned()
}

#[test]
fn the_example_of_filters_works() {
    let example = part("example");
    let scene = Scene::new(example.trim().trim_start_matches("```toml").trim_end_matches("```"));
    assert_eq!(scene.run(&["check"]).code, Some(0));
    let run =
        scene.run(&["--mock", "widget", "--qty", "95", "--jq", ".cheapest | .sku, .original.unitPrice, .totalPrice"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "GX-9\n0.41\n35.93\n"), "{}", run.stderr);
    let sent = scene.run(&["widget", "--qty", "95", "--dry-run"]).stdout;
    assert!(sent.starts_with("globex\n  POST https://api.globex.example/search\n"), "{sent}");
    assert!(sent.ends_with("\n  {\"keyword\":\"widget\",\"count\":95}\n"), "{sent}");
}

#[test]
fn the_example_of_a_price_list_works() {
    let example = part("list");
    let scene = Scene::new(example.trim().trim_start_matches("```toml").trim_end_matches("```"));
    let list = "Artikel;ab;Preis;Lager\nwidget;1;1.500,00;200\nwidget;50;1.234,50;200\nother;1;1,00;5\n";
    scene.write("prices/acme.csv", list.as_bytes());
    assert_eq!(scene.run(&["check"]).code, Some(0));
    for flags in [&["widget", "--qty", "95"][..], &["--mock", "widget", "--qty", "95"]] {
        let run = scene.run(&[flags, &["--jq", ".cheapest.totalPrice, .cheapest.unitPrice"]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), "117277.50\n1234.50\n"), "{}", run.stderr);
    }
}

#[cfg(feature = "amqp")]
#[test]
fn the_example_of_a_broker_is_right() {
    let example = part("rabbitmq");
    let scene = Scene::new(example.trim().trim_start_matches("```toml").trim_end_matches("```"));
    let scene = scene.with_variable("INITECH_PASSWORD", "hunter2");
    assert_eq!(scene.run(&["check"]).code, Some(0));
    let sent = scene.run(&["widget", "--qty", "95", "--dry-run"]).stdout;
    let head = "initech\n  PUBLISH amqp://buyer:***@mq.example/shop → queue quotes.initech\n  reply-to: amq.rabbitmq.reply-to\n";
    assert!(sent.starts_with(head), "{sent}");
    assert!(sent.contains("→ exchange rfq\n") && sent.contains("{\"productId\":\"widget\",\"quantity\":95,"), "{sent}");
}

#[test]
fn the_example_of_rates_works() {
    let example = part("rates example");
    let example = example.trim().trim_start_matches("```toml").trim_end_matches("```");
    let list = example.lines().find_map(|line| line.split_once("\"  # ")).unwrap().1;
    let scene = Scene::new(example);
    scene.write("rates.json", list.as_bytes());
    assert_eq!(scene.run(&["check"]).code, Some(0));
    let run = scene.run(&["--mock", "widget", "--qty", "95", "--jq", ".cheapest | .totalPrice, .original.rateDate"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "35.93\n2026-11-20\n"), "{}", run.stderr);
}

#[test]
fn the_example_of_adding_is_what_is_printed() {
    let scene = Scene::new("currency = \"EUR\"\n");
    let reply = part("reply");
    scene.write("reply.json", reply.trim().trim_start_matches("```json").trim_end_matches("```").as_bytes());
    let url = "https://api.globex.example/search?q=widget&key=hunter2";
    let run = scene.run(&["add", "globex", "reply.json", "--product", "widget", "--url", url]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    hold("added", &format!("```text\n{}```\n", run.stdout));
}

#[test]
fn the_example_of_adding_a_list_is_what_is_printed() {
    let scene = Scene::new("currency = \"EUR\"\n");
    let list = part("a list to add");
    scene.write("preise.csv", list.trim().trim_start_matches("```text\n").trim_end_matches("```").as_bytes());
    let run = scene.run(&["add", "acme", "preise.csv"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    hold("an added list", &format!("```text\n{}```\n", run.stdout));
}

#[test]
fn the_example_of_requests_is_what_would_be_sent() {
    let example = part("requests");
    let scene = Scene::new(example.trim().trim_start_matches("```toml").trim_end_matches("```"))
        .with_variable("ACME_KEY", "hunter2")
        .with_variable("HOOLI_SECRET", "hunter2");
    scene.write("globex.password", b"hunter2\n");
    let sent = scene.run(&["widget", "--qty", "95", "--dry-run"]).stdout;
    for line in [
        "  GET https://api.acme.example/DE/parts?part=widget&count=95&key=***\n",
        "  POST https://api.globex.example/search\n",
        "  authorization: Basic ***\n",
        "  keyword=widget&count=95&site=17\n",
        "  authorization: Bearer ***\n",
    ] {
        assert!(sent.contains(line), "{line}{sent}");
    }
    assert!(!sent.contains("hunter2"), "{sent}");
}

#[test]
fn the_example_of_two_steps_works() {
    let example = part("two steps");
    let scene = Scene::new(example.trim().trim_start_matches("```toml").trim_end_matches("```"));
    let scene = scene.with_variable("ACME_TOKEN", "t7");
    assert_eq!(scene.run(&["check"]).code, Some(0));
    let run = scene.run(&["--mock", "widget", "--qty", "95", "--jq", ".cheapest | .sku, .totalPrice"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "4711\n39.90\n"), "{}", run.stderr);
    let sent = scene.run(&["widget", "--qty", "95", "--dry-run"]).stdout;
    assert!(sent.starts_with("acme, lookup\n  GET https://api.acme.example/search?product=widget\n"), "{sent}");
    assert!(sent.contains("\n  GET https://api.acme.example/parts/ID/prices?quantity=95\n"), "{sent}");
}

#[test]
fn every_filter_makes_of_its_input_what_is_said() {
    let table = part("filters");
    let mut checked = 0;
    for row in table.lines().skip(2) {
        let row = row.replace("\\|", "\u{0}");
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect();
        let [input, filter] = [&cells[1], &cells[2]].map(|cell| cell.trim_matches('`'));
        let compiled = Filter::compile(filter, &Names::none()).unwrap_or_else(|problem| panic!("{filter}: {problem}"));
        let outputs = match compiled.apply(input.as_bytes()) {
            Ok(outputs) => outputs,
            Err(failure) => vec![format!("error: {}", failure.detail.unwrap())],
        };
        let fence = if outputs[0].contains('`') { "``" } else { "`" };
        let outputs = outputs.iter().map(|output| format!("{fence}{output}{fence}")).collect::<Vec<_>>().join(" ");
        assert_eq!(outputs, cells[3], "{input} {filter}");
        checked += 1;
    }
    assert!(checked > 15, "{checked}");
}

/// The reply that the steps of the tutorial are tried on.
const TUTORIAL: &str = r#"{"total": 1, "parts": [{"id": "GX-9", "qty": 5000, "days": 9, "price": "$0.41"}]}"#;

#[test]
fn the_tutorial_goes_from_a_reply_to_a_working_mapping() {
    let index = "[[reply]]\nfile = \"globex.json\"\nsupplier = \"globex\"\nproduct = \"widget\"\nquantity = 95\n\
                 request = \"GET https://globex.example/\"\n";
    for (number, code) in [(1, 1), (2, 1), (3, 0)] {
        let mapping = if number == 1 { String::new() } else { fenced(&part(&format!("mapping {}", number - 1))) };
        let scene = Scene::new(&format!(
            "currency = \"EUR\"\n[rates]\nbase = \"EUR\"\ndate = 2026-11-20\nUSD = \"1.0842\"\n[suppliers.globex]\n\
             url = \"https://api.globex.example/search?key=${{KEY}}\"\n{mapping}"
        ));
        scene.write("replies/globex.json", TUTORIAL.as_bytes());
        scene.write("replies/replies.toml", index.as_bytes());
        let run = scene.run(&["check", "--reply", "replies/globex.json", "--supplier", "globex"]);
        assert_eq!(run.code, Some(code), "{}{}", run.stdout, run.stderr);
        hold(&format!("trial {number}"), &format!("```text\n{}```\n", run.stdout));
    }
}

/// What stands between the fences of a part.
fn fenced(part: &str) -> String {
    part.split_inclusive('\n').filter(|line| !line.starts_with("```")).collect()
}

fn rows(table: &mut String, prefix: &str, properties: &Value) {
    for (key, schema) in properties.as_object().unwrap() {
        let description = schema["description"].as_str().unwrap_or_else(|| panic!("`{prefix}{key}` is not described"));
        writeln!(table, "| `{prefix}{key}` | {} | {description} |", kind(schema)).unwrap();
    }
}

/// What a value looks like, in words.
fn kind(schema: &Value) -> String {
    if let Some(forms) = schema["oneOf"].as_array() {
        let mut words: Vec<String> = forms.iter().map(kind).collect();
        words.dedup();
        return words.join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| format!("`{}`", word.as_str().unwrap())).collect::<Vec<_>>().join(", ");
    }
    match schema["type"].as_str() {
        Some("object") => "a table",
        Some("array") => "a list",
        Some("integer") => "a whole number",
        Some("number") => "a number",
        Some("boolean") => "`true` or `false`",
        _ => "text",
    }
    .to_owned()
}
