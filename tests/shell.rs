//! What other programs and people want to know of the binary: `check`, `schema`, `completions`, `man`, `--help`,
//! `--dry-run`, and where results and remarks go.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use support::{CANARY, Scene, Supplier, assert_valid, csv_rows, offer, without_latency, without_times};

const COMMANDS: [&str; 8] = ["mock", "init", "add", "check", "explain", "schema", "completions", "man"];
const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

const TWO: &str = "currency = \"EUR\"\n[suppliers.acme]\nurl = \"http://127.0.0.1:9/{product}\"\n\
                   [suppliers.globex]\nurl = \"http://127.0.0.1:9/{product}\"\n";

/// A supplier with an offer, and a run's configuration with it alone.
fn good() -> (Supplier, Scene) {
    let supplier = Supplier::replying(&offer("7.00"));
    let scene = Scene::of(&[("acme", &supplier.url())]);
    (supplier, scene)
}

#[test]
fn check_says_who_would_be_asked_and_asks_nobody() {
    let (supplier, scene) = good();
    let run = scene.run(&["check"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout, "suppliers.toml: ok, 1 supplier to ask: acme\n");
    assert_eq!(supplier.requests(), [""; 0]);
    let two = Scene::new(TWO);
    assert_eq!(two.run(&["check"]).stdout, "suppliers.toml: ok, 2 suppliers to ask: acme, globex\n");
    assert_eq!(two.run(&["check", "--exclude", "acme"]).stdout, "suppliers.toml: ok, 1 supplier to ask: globex\n");
    let shipped = Scene::without_configuration().run(&["check", "--mock"]);
    assert!(
        shipped.stdout.starts_with("suppliers.toml (shipped): ok, 9 suppliers to ask: acme, "),
        "{}",
        shipped.stdout
    );
}

#[test]
fn check_finds_what_a_comparison_would_stumble_over() {
    for (text, flags, words) in [
        (TWO.to_owned(), vec!["--supplier", "nobody"], "no supplier is named `nobody`"),
        (TWO.to_owned(), vec!["--currency", "zzz"], "`zzz` is not a currency"),
        (TWO.to_owned(), vec!["--config", "other.toml"], "`other.toml`"),
        (TWO.replace("currency", "currencey"), vec![], "did you mean `currency`?"),
        (TWO.replace("{product}", "${UNSET}/{product}"), vec![], "the environment has no variable `UNSET`"),
        (format!("{TWO}ca-file = \"missing.pem\"\n"), vec![], "missing.pem"),
        (format!("{TWO}[suppliers.globex.mock]\nbody-file = \"missing.json\"\n"), vec![], "missing.json"),
    ] {
        let run = Scene::new(&text).run(&[&["check"], flags.as_slice()].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{words}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}

#[test]
fn check_tells_of_all_that_is_wrong_at_once() {
    let text = format!(
        "{TWO}quotes = '.parts[] |'\nca-file = \"missing.pem\"\n[suppliers.third]\nurl = \"https://a.example/${{UNSET}}\"\n\
         request = '{{a: .b'\n[suppliers.off]\nurl = \"https://a.example/\"\nenabled = false\nquotes = 'nothing'\n"
    );
    let run = Scene::new(&text).run(&["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    let found = ["`quotes` of supplier `globex`", "missing.pem", "`request` of supplier `third`", "variable `UNSET`"];
    for words in found.iter().chain(&["`quotes` of supplier `off`"]) {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}

#[test]
fn check_shows_warnings_unless_quiet() {
    let (_supplier, scene) = good();
    fs::set_permissions(scene.path("suppliers.toml"), fs::Permissions::from_mode(0o644)).unwrap();
    let run = scene.run(&["check"]);
    let warning = "warning: `suppliers.toml` holds a secret and others can read it\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), warning));
    let quiet = scene.run(&["check", "--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str(), quiet.stdout), (Some(0), "", run.stdout));
}

/// What is printed, with the same times in every run.
fn settled(printed: &str) -> String {
    // A latency of more digits makes other gaps.
    let words = |line: &str| without_latency(line).split_whitespace().collect::<Vec<_>>().join(" ");
    without_times(printed).lines().map(words).collect::<Vec<_>>().join("\n")
}

fn schema(arguments: &[&str]) -> Value {
    let run = Scene::without_configuration().run(arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let schema: Value = serde_json::from_str(&run.stdout).unwrap();
    jsonschema::meta::validate(&schema).expect("it is a JSON Schema");
    schema
}

#[test]
fn schema_output_is_a_json_schema_and_the_default() {
    let output = schema(&["schema", "output"]);
    assert_eq!(output, schema(&["schema"]));
    let validator = jsonschema::validator_for(&output).unwrap();
    let (_supplier, scene) = good();
    let (document, _) = scene.json(&["widget"]);
    assert!(validator.is_valid(&document));
    for field in document.as_object().unwrap().keys() {
        let mut without = document.clone();
        without.as_object_mut().unwrap().remove(field);
        assert!(!validator.is_valid(&without), "`{field}` is always there");
    }
}

/// A value of TOML as editors show it to a schema: dates are text.
fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(elements) => elements.iter().map(as_json).collect(),
        toml::Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), as_json(value))).collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}

#[test]
fn schema_suppliers_is_a_json_schema_that_the_shipped_file_fits() {
    let validator = jsonschema::validator_for(&schema(&["schema", "suppliers"])).unwrap();
    let fits = |text: &str| validator.is_valid(&as_json(&toml::from_str(text).unwrap()));
    let shipped = include_str!("../suppliers.toml");
    assert!(fits(shipped));
    assert!(fits(TWO));
    assert!(!fits(&shipped.replace("free-shipping-from", "free-shiping-from")));
    assert!(!fits(&shipped.replace("latency = \"35ms\"", "latency = 35")));
    assert!(!fits("currency = \"euro\"\n"));
}

/// What a shell is told that may stand in the place of the last word.
fn proposals(configuration: Scene, shell: &str, line: &str) -> Vec<String> {
    let words: Vec<&str> = std::iter::once("--").chain(line.split(' ')).collect();
    let place = (words.len() - 2).to_string();
    let scene = configuration
        .with_variable("PRICECMP_COMPLETE", shell)
        .with_variable("_CLAP_COMPLETE_INDEX", &place)
        .with_variable("_CLAP_IFS", "\n");
    // Shells are told meanings behind a tab, which no other output has.
    let output = scene.command(&words).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()), "{shell}: {line}");
    let printed = String::from_utf8(output.stdout).unwrap();
    // Behind a tab, or a colon in zsh, stands what the proposal means.
    let word = |proposal: &str| proposal.split(['\t', ':']).next().unwrap().to_owned();
    printed.lines().map(word).collect()
}

#[test]
fn every_shell_completes_commands_flags_values_and_names_of_suppliers() {
    for shell in SHELLS {
        let proposed = |line: &str| proposals(Scene::new(TWO), shell, line);
        assert!(COMMANDS.iter().all(|command| proposed("pricecmp ").iter().any(|word| word == command)), "{shell}");
        assert_eq!(proposed("pricecmp --strat"), ["--strategy"], "{shell}");
        assert_eq!(proposed("pricecmp --strategy "), ["all", "best", "first", "majority"], "{shell}");
        for flag in ["--supplier", "--exclude", "--require"] {
            assert_eq!(proposed(&format!("pricecmp {flag} ")), ["acme", "globex"], "{shell}");
            assert_eq!(proposed(&format!("pricecmp widget {flag} acme,g")), ["acme,globex"], "{shell}");
        }
        assert_eq!(proposed("pricecmp check --exclude g"), ["globex"], "{shell}");
        assert_eq!(proposed("pricecmp --currency "), ["EUR"], "{shell}");
        let help = proposed("pricecmp mock --");
        assert!(help.iter().any(|flag| flag == "--listen") && help.iter().all(|flag| flag != "--quorum"), "{help:?}");
    }
}

#[test]
fn completions_read_the_configuration_that_the_line_would_use() {
    let proposed = |configuration: Scene, line: &str| proposals(configuration, "bash", line);
    let other = Scene::new(TWO);
    other.write("other.toml", b"[suppliers.initech]\n");
    assert_eq!(proposed(other, "pricecmp --config other.toml --supplier "), ["initech"]);
    assert_eq!(proposed(Scene::without_configuration(), "pricecmp --mock --supplier ac"), ["acme"]);
    for nothing in ["pricecmp --supplier ", "pricecmp --config missing.toml --supplier "] {
        assert_eq!(proposed(Scene::without_configuration(), nothing), [""; 0], "{nothing}");
    }
    // Half of a file is what there is while it is written.
    assert_eq!(proposed(Scene::new("[suppliers.acme"), "pricecmp --supplier "), [""; 0]);
}

#[test]
fn bash_completes_with_the_script_that_is_printed() {
    let scene = Scene::new(TWO);
    let script = r#"
        source <("$0" completions bash)
        complete -p pricecmp
        COMP_WORDS=(pricecmp widget --supplier g) COMP_CWORD=3 COMP_TYPE=9
        _clap_complete_pricecmp pricecmp g --supplier
        echo "${COMPREPLY[@]}"
    "#;
    let mut bash = std::process::Command::new("bash");
    bash.args(["--norc", "-c", script, env!("CARGO_BIN_EXE_pricecmp")]).current_dir(scene.path("."));
    let output = bash.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 2, "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(lines[0].ends_with("_clap_complete_pricecmp pricecmp") && lines[1] == "globex", "{printed}");
    assert_eq!(scene.run(&["completions", "tcsh"]).code, Some(2));
}

#[test]
fn man_describes_every_flag_and_every_command() {
    let run = Scene::without_configuration().run(&["man"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with(".TH pricecmp 1 ")), "{}", run.stdout);
    for command in COMMANDS {
        let heading = format!(".SS pricecmp {command}");
        let at = lines.iter().position(|line| *line == heading).unwrap_or_else(|| panic!("no `{command}`"));
        let synopsis = format!(r"\fBpricecmp {command}\fR");
        assert!(lines[at..at + 4].iter().any(|line| line.starts_with(&synopsis)), "{:?}", &lines[at..at + 4]);
        let help = Scene::without_configuration().run(&[command, "-h"]).stdout;
        let summary = help.lines().next().unwrap().trim_end_matches('.');
        assert!(lines[at..at + 6].iter().any(|line| line.starts_with(summary)), "{:?}", &lines[at..at + 6]);
    }
    for flag in flags() {
        let shown = format!(r"\fB{}\fR", flag.replace('-', r"\-"));
        let at = lines.iter().position(|line| line.contains(&shown)).unwrap_or_else(|| panic!("no `{flag}`"));
        let described = lines[at + 1].starts_with(char::is_alphabetic);
        assert!(described, "`{flag}` is not described: {:?}", &lines[at..at + 2]);
    }
    let own = lines.iter().position(|line| line.contains(r"\-\-listen\fR \fI<ADDRESS>")).expect("a flag of a command");
    assert!(lines[own + 1].starts_with("Where to listen"), "{:?}", lines[own + 1]);
    // A page of a subcommand's own does not exist.
    let page = |word: &str| word.starts_with(r"pricecmp\-") && word.contains("(1)");
    assert!(!run.stdout.split_whitespace().any(page), "{}", run.stdout);
}

/// All long flags of a comparison.
fn flags() -> Vec<String> {
    let flags = proposals(Scene::without_configuration(), "fish", "pricecmp --");
    assert!(flags.len() > 20, "{flags:?}");
    flags
}

#[test]
fn the_long_help_shows_everything_and_the_short_one_the_everyday_flags() {
    let scene = Scene::without_configuration();
    let (long, short) = (scene.run(&["--help"]), scene.run(&["-h"]));
    assert_eq!((long.code, long.stderr.as_str(), short.code), (Some(0), "", Some(0)));
    let shows = |help: &str, word: &str| help.split([' ', '\n', '.', ',']).any(|shown| shown == word);
    for flag in flags() {
        assert!(shows(&long.stdout, &flag), "no `{flag}` in --help");
    }
    for word in COMMANDS.iter().chain(&["0", "1", "2", "3", "4", "5", "130", "$PRICECMP_CONFIG"]) {
        assert!(shows(&long.stdout, word), "no `{word}` in --help");
    }
    for flag in ["--qty", "--timeout", "--json", "--mock"] {
        assert!(shows(&short.stdout, flag), "no `{flag}` in -h");
    }
    assert!(!shows(&short.stdout, "--agree-within"));
}

#[test]
fn a_dry_run_shows_masked_requests_and_sends_nothing() {
    let (acme, globex) = (Supplier::replying(&offer("7.00")), Supplier::replying(&offer("8.00")));
    let with_user = acme.url().replace("http://", "http://buyer:${TOKEN}@");
    let root = globex.url().split("/quotes").next().unwrap().to_owned();
    let text = format!(
        "currency = \"EUR\"\n[suppliers.acme]\nurl = \"{with_user}\"\nheaders = {{ Authorization = \"Bearer ${{TOKEN}}\" }}\n\
         [suppliers.globex]\nurl = \"{root}/{{product}}?key=${{TOKEN}}{{&quantity}}\"\nmethod = \"POST\"\n"
    );
    // `Run` holds that the variable's value is nowhere.
    let run = Scene::new(&text).with_variable("TOKEN", CANARY).run(&["wid get", "--qty", "95", "--dry-run"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let shown_host = acme.url().split('/').nth(2).unwrap().to_owned();
    for line in [
        "acme".to_owned(),
        format!("  GET http://buyer:***@{shown_host}/quotes/wid%20get?quantity=95"),
        "  authorization: Bearer ***".to_owned(),
        "globex".to_owned(),
        format!("  POST {root}/wid%20get?key=***&quantity=95"),
    ] {
        assert_eq!(run.stdout.lines().filter(|shown| *shown == line).count(), 1, "{line}\n{}", run.stdout);
    }
    assert_eq!([acme.requests(), globex.requests()].concat(), [""; 0]);
}

#[test]
fn an_output_file_gets_the_format_and_stdout_the_table() {
    let (_supplier, scene) = good();
    let table = settled(&scene.run(&["widget"]).stdout);
    for format in ["csv", "markdown", "table"] {
        let run = scene.run(&["widget", "--format", format, "--output", "result"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{format}");
        assert_eq!(settled(&run.stdout), table, "{format}");
        let expected = scene.run(&["widget", "--format", format]).stdout;
        let written = fs::read_to_string(scene.path("result")).unwrap();
        assert_eq!(settled(&written), settled(&expected), "{format}");
    }
    let run = scene.run(&["widget", "--json", "-o", "result.json"]);
    assert_eq!(settled(&run.stdout), table);
    let document: Value = serde_json::from_str(&fs::read_to_string(scene.path("result.json")).unwrap()).unwrap();
    assert_valid(&document);
    assert_eq!(document["cheapest"]["supplierId"], "acme");
}

#[test]
fn quiet_leaves_errors_alone() {
    let down = Supplier::with_status("503 Down", b"");
    let scene = Scene::of(&[("acme", &down.url())]);
    fs::set_permissions(scene.path("suppliers.toml"), fs::Permissions::from_mode(0o644)).unwrap();
    let loud = scene.run(&["widget"]);
    let quiet = scene.run(&["widget", "-q"]);
    let labels =
        |stderr: &str| stderr.lines().map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(labels(&loud.stderr), ["warning", "error", "hint"]);
    assert_eq!(quiet.stderr, "error: too few suppliers responded: 1 needed, 0 did\n");
    assert_eq!((quiet.code, settled(&quiet.stdout)), (Some(3), settled(&loud.stdout)));
    assert_eq!(scene.run(&["widget", "-q", "-v"]).code, Some(2));
}

#[test]
fn verbose_tells_on_stderr_what_happens_and_leaves_stdout_alone() {
    let (good, down) = (Supplier::replying(&offer("7.00")), Supplier::with_status("503 Down", b""));
    let scene = Scene::of(&[("acme", &good.url()), ("globex", &down.url())]);
    let table = settled(&scene.run(&["widget"]).stdout);
    let verbose = scene.run(&["widget", "-v"]);
    assert_eq!(settled(&verbose.stdout), table);
    // Which of the two is done first is open, and so is how long each takes and how long is waited.
    let events = |stderr: &str| {
        let without_time = |line: &str| match line.split_once(" after ") {
            Some((event, rest)) => format!("{event} after …{}", &rest[rest.find([',', ':']).unwrap()..]),
            None => match line.split_once(" is in ") {
                Some((event, rest)) => format!("{event} is in …{}", &rest[rest.find(':').unwrap()..]),
                None => line.to_owned(),
            },
        };
        let mut events: Vec<String> = stderr.lines().map(without_time).collect();
        events.sort();
        events
    };
    let expected = [
        "acme: answered after …, 1 offer ranked, 0 rejected",
        "acme: asked",
        "globex: asked",
        "globex: attempt 1 failed, the next is in …: HTTP status 503, service unavailable",
        "globex: failed after …, 2 attempts: HTTP status 503, service unavailable",
    ];
    assert_eq!(events(&verbose.stderr), expected);
    let more = scene.run(&["widget", "-vv"]);
    assert_eq!(settled(&more.stdout), table);
    let (requests, rest) = more.stderr.split_once("acme: asked\n").unwrap();
    assert!(requests.starts_with("acme\n  GET http://127.0.0.1:"), "{requests}");
    assert_eq!(requests.matches("\n  authorization: Bearer ***\n").count(), 2, "{requests}");
    assert_eq!(events(&format!("acme: asked\n{rest}")), expected);
}

/// The columns of CSV.
const COLUMNS: [&str; 38] = [
    "supplierId",
    "productId",
    "sku",
    "seller",
    "packaging",
    "url",
    "quantity",
    "orderQuantity",
    "orderReason",
    "saving",
    "currency",
    "unitPrice",
    "goods",
    "fees",
    "shipping",
    "shippingKnown",
    "totalPrice",
    "originalCurrency",
    "originalUnitPrice",
    "originalGoods",
    "originalFees",
    "originalShipping",
    "originalTotalPrice",
    "originalTaxPercentRemoved",
    "originalRate",
    "originalRateBase",
    "originalRateDate",
    "inStock",
    "stockQuantity",
    "deliveryDays",
    "leadTimeDays",
    "validUntil",
    "source",
    "quotedAt",
    "previousTotalPrice",
    "previousUnitPrice",
    "previousQuotedAt",
    "previousChangePercent",
];

#[test]
fn csv_has_a_row_a_quote_and_a_column_a_field() {
    let run = Scene::without_configuration().run(&["--mock", "widget", "--qty", "10", "--format", "csv"]);
    let (document, _) = Scene::without_configuration().json(&["--mock", "widget", "--qty", "10"]);
    let rows = csv_rows(&run.stdout);
    assert_eq!(rows[0], COLUMNS);
    let quotes = document["allQuotes"].as_array().unwrap();
    assert_eq!(rows.len(), quotes.len() + 1);
    for (row, quote) in rows[1..].iter().zip(quotes) {
        assert_eq!(row.len(), COLUMNS.len());
        for (cell, column) in row.iter().zip(COLUMNS).filter(|(_, column)| *column != "validUntil") {
            let nested = ["original", "previous"].into_iter().find_map(|part| Some((part, column.strip_prefix(part)?)));
            let field = match nested {
                Some((part, name)) => &quote[part][name[..1].to_lowercase() + &name[1..]],
                None => &quote[column],
            };
            let same = match field {
                Value::Null => cell.is_empty(),
                Value::String(text) => text == cell,
                // The document was read as floats; the cell has the digits that were printed.
                Value::Number(number) => number.as_f64() == cell.parse().ok(),
                Value::Bool(truth) => cell.parse() == Ok(*truth),
                other => panic!("{column} is {other}"),
            };
            assert!(same, "{column}: {cell:?} is not {field}");
        }
    }
    let acme = rows.iter().find(|row| row[0] == "acme").unwrap();
    let cell = |name: &str| acme[COLUMNS.iter().position(|column| *column == name).unwrap()].as_str();
    assert_eq!((cell("unitPrice"), cell("totalPrice"), cell("saving")), ("0.60", "8.90", "0.00"));
}

#[test]
fn a_product_may_bear_the_name_of_a_command() {
    let (supplier, scene) = good();
    for name in COMMANDS {
        let run = scene.run(&["--json", "--", name]);
        assert_eq!((run.code, &run.json()["request"]["productId"]), (Some(0), &name.into()));
    }
    assert_eq!(supplier.requests().len(), COMMANDS.len());
}

#[test]
fn flags_stand_before_or_after_the_command_and_the_product() {
    let (_supplier, scene) = good();
    scene.write("other.toml", TWO.as_bytes());
    let expected = "other.toml: ok, 1 supplier to ask: globex\n";
    for line in [
        ["--config", "other.toml", "--exclude", "acme", "check"],
        ["--config", "other.toml", "check", "--exclude", "acme"],
        ["check", "--config", "other.toml", "--exclude", "acme"],
    ] {
        let run = scene.run(&line);
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), expected), "{line:?}: {}", run.stderr);
    }
    for line in [["--qty", "3", "widget"], ["widget", "--qty", "3"], ["-n", "3", "widget"], ["widget", "-n=3", "-q"]] {
        assert_eq!(scene.json(&line).0["request"]["quantity"], 3, "{line:?}");
    }
    assert_eq!(scene.run(&["widget", "check"]).code, Some(2));
}
