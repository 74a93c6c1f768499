//! Any JSON API: suppliers with `request` and `quotes` filters, asked over real sockets, and `--jq` on what comes of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fmt::Write as _;
use std::time::Duration;

use support::faults::{Fault, Told};
use support::{Run, Scene, Supplier, offer, stats};

/// A configuration with one supplier, which has these keys beside its URL.
fn scene(supplier: &Supplier, keys: &str) -> Scene {
    Scene::new(&format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"{}\"\n{keys}\n", supplier.url()))
}

/// Asks for 95 widgets a supplier that replies so and is configured so, and applies a filter to what comes of it.
fn asked(reply: &str, keys: &str, filter: &str) -> String {
    let run = scene(&Supplier::replying(reply), keys).run(&["widget", "--qty", "95", "--jq", filter]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    run.stdout
}

/// The cheapest quote: order, unit price, goods, total and stock.
const QUOTE: &str = ".cheapest | [.orderQuantity, .unitPrice, .goods, .totalPrice, .stockQuantity]";

#[test]
fn a_distributor_with_price_breaks_as_text() {
    let reply = r#"{"Parts": [{"No": "W-1", "Availability": "12.000 auf Lager", "PriceBreaks": [
        {"Quantity": 1, "Price": "1.234,56 €"}, {"Quantity": "1.000", "Price": "1.100,00 €"}]}]}"#;
    let keys = r#"
quotes = '''
  .Parts[] | {
    sku: .No, currency: "EUR", shipping: 0,
    stockQuantity: (.Availability | split(" ")[0] | tonumber("."; ",")),
    priceBreaks: [.PriceBreaks[] | {quantity: .Quantity, unitPrice: (.Price | tonumber("."; ","))}]
  } | .priceBreaks[1].quantity |= tonumber("."; ",")'''"#;
    assert_eq!(asked(reply, keys, QUOTE), "[95,1234.56,117283.20,117283.20,12000]\n");
}

#[test]
fn minor_units() {
    let reply = r#"[{"p": 1999, "n": 500}, {"p": 2000, "n": 0}]"#;
    let keys = r#"quotes = '.[] | {unitPrice: (.p / 100), stockQuantity: .n, currency: "EUR", shipping: 0}'"#;
    assert_eq!(asked(reply, keys, QUOTE), "[95,19.99,1899.05,1899.05,500]\n");
}

#[test]
fn units_and_nanos() {
    let reply = r#"{"skus": [{"price": {"units": "0", "nanos": 31611000}}, {"price": {"units": "1"}}]}"#;
    let keys = "quotes = '''\n.skus[].price | {currency: $currency, inStock: true, shipping: 0, unitPrice:\n \
                ((.units // 0 | tonumber) + (.nanos // 0) / 1000000000)}'''";
    assert_eq!(asked(reply, keys, ".allQuotes[] | [.unitPrice, .goods]"), "[0.031611,3.00]\n[1.00,95.00]\n");
}

#[test]
fn prices_for_a_thousand() {
    let reply = r#"{"per1000": 12.40}"#;
    let keys = r#"quotes = '{unitPrice: .per1000, priceUnit: 1000, currency: "EUR", inStock: true, shipping: 0}'"#;
    assert_eq!(asked(reply, keys, QUOTE), "[95,0.0124,1.18,1.18,null]\n");
}

#[test]
fn sellers_within_parts() {
    let reply = r#"{"data": {"search": {"results": [{"part": {"mpn": "W", "sellers": [
        {"company": {"name": "One"}, "offers": [{"stock": 500, "prices": [{"min": 1, "p": 0.70}]},
                                                {"stock": 1, "prices": [{"min": 1, "p": 0.10}]}]},
        {"company": {"name": "Two"}, "offers": [{"stock": 500, "prices": [{"min": 1, "p": 0.65}]}]},
        {"company": {"name": "Three"}, "offers": []}]}}]}}}"#;
    let keys = r#"quotes = '''
      .data.search.results[].part | .mpn as $mpn | .sellers[] | .company.name as $seller | .offers[]
      | {sku: $mpn, seller: $seller, currency: "EUR", stockQuantity: .stock, shipping: 0,
         priceBreaks: [.prices[] | {quantity: .min, unitPrice: .p}]}'''"#;
    assert_eq!(
        asked(reply, keys, "(.allQuotes[] | \"\\(.seller) \\(.goods)\"), (.rejected[] | .seller + \" \" + .reason)"),
        "Two 61.75\nOne 66.50\nOne insufficient_stock\n"
    );
}

#[test]
fn no_digit_is_lost_and_none_is_made_up() {
    let reply = r#"{"net": 0.1, "tax": 0.2, "long": 123456789.123456789012}"#;
    let keys = r#"quotes = '(.net + .tax, .long) | {unitPrice: ., currency: "EUR", inStock: true, shipping: 0}'"#;
    assert_eq!(
        asked(reply, keys, ".allQuotes[] | [.unitPrice, .goods]"),
        "[0.30,28.50]\n[123456789.123456789012,11728394966.73]\n"
    );
}

#[test]
fn a_reply_without_offers_is_no_error() {
    let supplier = Supplier::replying(r#"{"parts": []}"#);
    let (document, run) = scene(&supplier, "quotes = '.parts[]'").json(&["widget"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(
        (&stats(&document, "acme")["responded"], &stats(&document, "acme")["offers"]),
        (&true.into(), &0.into())
    );
}

#[test]
fn a_request_filter_makes_the_body_of_a_post() {
    for (keys, method) in [("", "POST"), ("method = \"PUT\"\n", "PUT")] {
        let supplier = Supplier::replying(&offer("0.60"));
        let keys = format!("{keys}request = '{{keyword: $product, count: $quantity, max: (1.10 * 3)}}'");
        let scene = scene(&supplier, &keys);
        let body = r#"{"keyword":"wid \"get\"","count":95,"max":3.3}"#;
        let preview = scene.run(&["wid \"get\"", "-n", "95", "--dry-run"]).stdout;
        assert!(preview.contains("content-type: application/json\n"), "{preview}");
        assert!(preview.ends_with(&format!("\n\n  {body}\n")), "{preview}");
        assert_eq!(supplier.requests(), [""; 0]);
        assert_eq!(scene.run(&["wid \"get\"", "-n", "95"]).code, Some(0));
        let request = &supplier.requests()[0];
        assert!(request.starts_with(&format!("{method} /quotes/wid%20%22get%22?quantity=95 ")), "{request}");
        assert!(request.to_lowercase().contains("content-type: application/json\r\n"), "{request}");
        assert!(request.ends_with(&format!("\r\n\r\n{body}")), "{request}");
    }
}

#[test]
fn a_request_filter_that_fails_sends_nothing() {
    for (filter, error) in [
        ("{a: .none[]}", "mapping failed: in `request`: cannot iterate over null (null) at .none"),
        ("empty", "mapping failed: the request filter yields 0 values, not one"),
        ("[range(1e12)]", "mapping failed: in `request`: the filter was stopped: it takes too many steps"),
    ] {
        let supplier = Supplier::replying(&offer("0.60"));
        let good = Supplier::replying(&offer("0.70"));
        let configuration = format!("request = '{filter}'\n[suppliers.good]\nurl = \"{}\"", good.url());
        let scene = scene(&supplier, &configuration);
        let (document, run) = scene.json(&["widget"]);
        assert_eq!((run.code, &document["cheapest"]["supplierId"]), (Some(0), &"good".into()));
        let stats = stats(&document, "acme");
        assert_eq!((&stats["errorKind"], &stats["error"]), (&"mapping".into(), &error.into()));
        assert_eq!(supplier.requests(), [""; 0]);
        assert!(scene.run(&["widget", "--dry-run"]).stdout.contains("\n\n  nothing is sent: "));
    }
}

/// Holds that a run ends before anything is sent, and returns what it says.
fn refused(supplier: &Supplier, run: &Run) -> String {
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
    assert_eq!(supplier.requests(), [""; 0]);
    run.stderr.clone()
}

#[test]
fn a_syntax_error_shows_file_line_and_column() {
    let supplier = Supplier::replying(&offer("0.60"));
    let keys = "quotes = '''\n  .parts[] | {sku: .id,\n    unitPrice .price}'''\nenabled = false\n[suppliers.other]\n";
    let scene = scene(&supplier, &format!("{keys}url = \"{}\"", supplier.url()));
    let expected = "error: `quotes` of supplier `acme`: expected `,` or `}`, found `.price`\n \
                    --> suppliers.toml:6:15\n  |\n6 |     unitPrice .price}'''\n  |               ^\n\
                    hint: filters are jq's, without what reads or writes anything but its input; the README has \
                    examples\n";
    assert_eq!(refused(&supplier, &scene.run(&["widget", "--supplier", "acme"])), expected);
    assert_eq!(refused(&supplier, &scene.run(&["check", "--supplier", "acme"])), expected);
    assert_eq!(refused(&supplier, &scene.run(&["check"])), expected, "the whole configuration is checked");
    assert_eq!(scene.run(&["check", "--supplier", "other"]).code, Some(0));
    assert_eq!(scene.run(&["widget"]).code, Some(0), "a supplier that is not asked does not matter");
}

/// Whatever reads anything but the input, writes anything, or ends the program.
const FORBIDDEN: [&str; 14] = [
    "env",
    "$ENV",
    "input",
    "inputs",
    "now",
    "debug",
    "stderr",
    "halt",
    "halt_error",
    "input_filename",
    "import \"a\" as a; .",
    "include \"a\"; .",
    "$__prog_args",
    "getpath(1; 2)",
];

#[test]
fn what_reads_or_writes_anything_else_does_not_exist() {
    let supplier = Supplier::replying(&offer("0.60"));
    for filter in FORBIDDEN {
        for key in ["quotes", "request"] {
            let run = scene(&supplier, &format!("{key} = '{filter}'")).run(&["widget"]);
            assert!(refused(&supplier, &run).contains("--> suppliers.toml:4:"), "{filter}");
        }
        let run = scene(&supplier, "").run(&["widget", "--jq", filter]);
        assert!(refused(&supplier, &run).contains("--> --jq:1:"), "{filter}");
    }
}

#[test]
fn mocks_of_such_suppliers_replay_recorded_replies() {
    let supplier = Supplier::replying("");
    let keys = "request = '{q: $product}'\nquotes = '.parts[] | {unitPrice: .p, currency: \"EUR\", inStock: true}'\n\
                [suppliers.acme.mock]\n";
    let run = scene(&supplier, &format!("{keys}body = '{{\"parts\": [{{\"p\": 0.45}}]}}'")).run(&[
        "widget",
        "--mock",
        "--jq",
        ".cheapest.goods",
    ]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "0.45\n"), "{}", run.stderr);
    let run = scene(&supplier, &format!("{keys}offers = [{{ unit-price = 1 }}]")).run(&["widget", "--mock"]);
    let said = refused(&supplier, &run);
    assert!(said.contains("hint: give the mock a recorded reply of the supplier, in `body` or `body-file`"), "{said}");
}

fn mapped(body: &str, filter: &str) -> Told {
    Fault::replying(body).with(&format!("quotes = '''{filter}'''")).beside_a_good_one()
}

#[test]
fn row_30_a_filter_that_fails_on_the_reply_is_a_mapping_error_with_its_path() {
    for (filter, error) in [
        (".parts[] | {p: .breaks[]}", "cannot iterate over null (null) at .parts[1].breaks"),
        (".parts[].sku | tonumber", "string (\"a\") is not a number at .parts[0].sku"),
        (".parts[].cents | {unitPrice: (. / 3)}", "100 / 3 has no exact result; div(3; digits) rounds it"),
        (".parts[] | error(\"no \\(.sku)\")", "no a"),
        (".parts[].sku", ""),
    ] {
        let told = mapped(r#"{"parts": [{"sku": "a", "cents": 100, "breaks": []}, {"sku": "b"}]}"#, filter);
        let told = told.failed_as("mapping").with_status(200);
        assert!(told.error().starts_with("mapping failed: "), "{}", told.error());
        assert!(told.error().contains(error), "{filter}: {}", told.error());
    }
}

#[test]
fn row_27_a_duplicate_key_that_a_filter_reads_names_its_path() {
    let body = r#"{"parts": [{"p": 0.70, "p": 0.10, "c": "EUR"}], "x": 1, "x": 2}"#;
    let told = mapped(body, ".parts[] | {unitPrice: .p, currency: .c, inStock: true}").failed_as("malformed_json");
    assert!(told.error().ends_with("key `.parts[0].p` stands twice"), "{}", told.error());
    mapped(body, ".parts[] | {unitPrice: 0.7, currency: .c, inStock: true}").has_a_quote();
}

#[test]
fn row_45_ten_thousand_outputs_of_a_filter_are_offers_and_one_more_is_an_error() {
    let filter = |count: usize| {
        format!("range({count}) | {{sku: tostring, unitPrice: (. + 1), currency: \"EUR\", inStock: true, shipping: 0}}")
    };
    let told = mapped("{}", &filter(10_000)).responded();
    assert_eq!((&told.stats()["ranked"], &told.quotes()[0]["sku"]), (&10_000.into(), &"0".into()));
    let told = mapped("{}", &filter(10_001)).failed_as("mapping");
    assert!(told.error().ends_with("the filter yields more than 10000 values"), "{}", told.error());
}

#[test]
fn runaway_filters_end_and_leave_the_others_alone() {
    const RUNAWAYS: [&str; 6] =
        ["def f: f; f", "[range(1e12)]", "repeat(.)", "\"x\" * 1e9", "def f: [f]; f", "last(repeat(1))"];
    let good = Supplier::replying(&offer("0.60"));
    let mut configuration = format!("currency = \"EUR\"\n[suppliers.good]\nurl = \"{}\"\n", good.url());
    for (number, filter) in RUNAWAYS.iter().enumerate() {
        write!(configuration, "[suppliers.bad-{number}]\nurl = \"{}\"\nquotes = '{filter}'\n", good.url()).unwrap();
    }
    let (document, run) = Scene::new(&configuration).json(&["widget", "--timeout", "2s"]);
    assert_eq!((run.code, &document["cheapest"]["supplierId"]), (Some(0), &"good".into()), "{}", run.stderr);
    for (number, filter) in RUNAWAYS.iter().enumerate() {
        let stats = stats(&document, &format!("bad-{number}"));
        let ended = (stats["errorKind"].as_str(), stats["errorPhase"].as_str());
        assert!(matches!(ended, (Some("mapping"), None) | (Some("timeout"), Some("mapping"))), "{filter}: {stats}");
    }
    // The deadline, and what a busy machine takes to start and to end a process.
    assert!(run.took < Duration::from_secs(7), "{:?}", run.took);
}

fn good() -> (Supplier, Scene) {
    let supplier = Supplier::replying(&offer("0.60"));
    let scene = scene(&supplier, "");
    (supplier, scene)
}

#[test]
fn jq_prints_texts_raw_and_the_rest_as_json_one_a_line() {
    let (_supplier, scene) = good();
    for (filter, expected) in [
        (".cheapest.supplierId", "acme\n"),
        (".cheapest.totalPrice", "0.60\n"),
        (".cheapest | {supplierId, goods}", "{\"supplierId\":\"acme\",\"goods\":0.60}\n"),
        (".request.withinDays, .exitCode, (.allQuotes | length)", "null\n0\n1\n"),
        (".rejected[]", ""),
        ("[.cheapest.supplierId, 1] | @csv, @json", "\"acme\",1\n[\"acme\",1]\n"),
    ] {
        for flags in [vec!["--jq", filter], vec!["--json", "--jq", filter], vec!["--format=json", "--jq", filter]] {
            let run = scene.run(&[&["widget"], flags.as_slice()].concat());
            assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), expected, ""), "{filter}");
        }
    }
}

#[test]
fn jq_keeps_the_exit_code_of_the_run() {
    let (_supplier, scene) = good();
    let run = scene.run(&["widget", "--max-total", "0.10", "--jq", ".exitCode"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(4), "4\n"));
}

#[test]
fn jq_that_is_no_filter_sends_nothing() {
    let (supplier, scene) = good();
    let run = scene.run(&["widget", "--jq", ".cheapest |\n .totalPrice |"]);
    let expected = "error: `--jq`: expected a term, found the end\n --> --jq:2:15\n  |\n2 |  .totalPrice |\n  |               ^\n\
                    hint: filters are jq's, without what reads or writes anything but its input; the README has \
                    examples\n";
    assert_eq!(refused(&supplier, &run), expected);
    for flags in [&["--dry-run"][..], &["--format", "csv"], &["--format", "table"], &["--format", "markdown"]] {
        let said = refused(&supplier, &scene.run(&[&["widget", "--jq", "."], flags].concat()));
        assert!(said.contains("--jq"), "{said}");
    }
}

#[test]
fn jq_that_fails_on_the_result_is_an_output_that_cannot_be_written() {
    let (_supplier, scene) = good();
    let run = scene.run(&["widget", "--jq", ".cheapest.supplierId, .selected.sku[]"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(5), ""));
    let expected = "error: `--jq`: cannot iterate over null (null) at .selected.sku\n\
                    hint: `--json` prints what it is applied to\n";
    assert_eq!(run.stderr, expected);
    let run = scene.run(&["widget", "--jq", "def f: f; f"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(5), ""), "{}", run.stderr);
}

#[test]
fn jq_goes_to_the_file_and_the_table_to_stdout() {
    let (_supplier, scene) = good();
    let run = scene.run(&["widget", "--jq", ".cheapest.supplierId", "--output", "id.txt"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.starts_with("1 × widget\n"), "{}", run.stdout);
    assert_eq!(std::fs::read_to_string(scene.path("id.txt")).unwrap(), "acme\n");
    let run = scene.run(&["widget", "--jq", ".nothing[]", "--output", "other.txt"]);
    assert_eq!((run.code, scene.path("other.txt").exists()), (Some(5), false));
    assert!(run.stdout.starts_with("1 × widget\n"), "{}", run.stdout);
}

#[test]
fn jq_is_raw_in_a_pipe_and_harmless_on_a_terminal() {
    let hostile = r#"{"unitPrice": 1, "currency": "EUR", "inStock": true, "sku": "a\u001b[2J\u202eb\nc"}"#;
    let supplier = Supplier::replying(hostile);
    let scene = scene(&supplier, "");
    let arguments = ["widget", "--jq", ".cheapest.sku"];
    let piped = scene.command(&arguments).output().unwrap();
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), "a\u{1b}[2J\u{202e}b\nc\n");
    assert_eq!(support::in_terminal(&scene, 80, &arguments), "a\u{fffd}[2Jb\nc\n");
}
