//! `check --reply`: mappings tried on saved replies, without a network and without a variable.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::process::Stdio;

use support::{CANARY, Run, Running, Scene};

/// A reply as a distributor sends it.
const REPLY: &str = r#"{"total": 2, "parts": [
  {"id": "GX-9", "qty": 5000, "breaks": [{"min": 1, "price": "$0.55"}, {"min": 50, "price": "$0.41"},
                                         {"min": 100, "price": "$0.30"}]},
  {"id": "GX-10", "qty": 50, "breaks": [{"min": 1, "price": "$1,055.00"}]}]}"#;

/// A mapping of it that is right.
const RIGHT: &str = r#"shipping = "4.90"
quotes = '''
  .parts[] | {sku: .id, currency: "USD", stockQuantity: .qty, deliveryDays: 3,
              priceBreaks: [.breaks[] | {quantity: .min, unitPrice: (.price | tonumber(","; "."))}]}'''"#;

/// A configuration with one supplier that needs a variable, and a saved reply of it.
fn scene(keys: &str, reply: &[u8]) -> Scene {
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\n[rates]\nbase = \"EUR\"\ndate = 2026-11-20\nUSD = \"1.0842\"\n[suppliers.globex]\n\
         url = \"https://globex.example/${{UNSET}}?product={{product}}\"\nheaders = {{ Authorization = \"{CANARY}\" \
         }}\n{keys}\n"
    ));
    scene.write("reply.json", reply);
    scene
}

/// Tries the reply.
fn tried(keys: &str, reply: &str, arguments: &[&str]) -> Run {
    let run = scene(keys, reply.as_bytes()).run(&[&["check", "--reply", "reply.json"], arguments].concat());
    assert_eq!(run.stderr, "");
    run
}

/// The part of a screen that says what to change.
fn changes(run: &Run) -> &str {
    let (_, rest) = run.stdout.split_once("What to change\n").unwrap_or_else(|| panic!("nothing:\n{}", run.stdout));
    rest.split_once("\n\n").unwrap().0
}

#[test]
fn a_right_mapping_shows_where_every_value_comes_from() {
    let run = tried(RIGHT, REPLY, &["--qty", "95"]);
    assert_eq!(run.code, Some(0));
    insta::assert_snapshot!(run.stdout, @r#"
    globex: reply.json, 95 pieces

    Offer 1
      sku                       "GX-9"    .parts[0].id
      currency                  "USD"     written in the filter
      stockQuantity             5000      .parts[0].qty
      deliveryDays              3         written in the filter
      priceBreaks[0].quantity   1         .parts[0].breaks[0].min
      priceBreaks[0].unitPrice  0.55      made of .parts[0].breaks[0].price
      priceBreaks[1].quantity   50        .parts[0].breaks[1].min
      priceBreaks[1].unitPrice  0.41      made of .parts[0].breaks[1].price
      priceBreaks[2].quantity   100       .parts[0].breaks[2].min
      priceBreaks[2].unitPrice  0.30      made of .parts[0].breaks[2].price
      shipping                  4.90 EUR  configuration

      orders considered, amounts in USD
      ORDER  UNIT PRICE  GOODS  SHIPPING  TOTAL
         95        0.41  38.95      5.31  44.26  permitted, but costs more
        100        0.30  30.00      5.31  35.31  chosen: 8.25 EUR less than 95

      conversion: 35.31 USD at 1.0842 USD a EUR (rates with base EUR of 2026-11-20) = 32.57 EUR
      quote: 100 pieces for 32.57 EUR (goods 27.67 + shipping 4.90), delivery in 3 days

    Offer 2
      sku                       "GX-10"   .parts[1].id
      currency                  "USD"     written in the filter
      stockQuantity             50        .parts[1].qty
      deliveryDays              3         written in the filter
      priceBreaks[0].quantity   1         .parts[1].breaks[0].min
      priceBreaks[0].unitPrice  1055.00   made of .parts[1].breaks[0].price
      shipping                  4.90 EUR  configuration

      orders considered, amounts in USD
      ORDER  UNIT PRICE      GOODS  SHIPPING      TOTAL
         95     1055.00  100225.00      5.31  100230.31  more than there is in stock

      rejected: 95 needed, 50 in stock

    2 offers: 1 quote, 1 rejected
    "#);
}

#[test]
fn a_narrow_terminal_has_origins_on_lines_of_their_own() {
    let scene = scene(RIGHT, REPLY.as_bytes());
    let arguments = ["check", "--reply", "reply.json", "--qty", "95", "--color", "never"];
    let screen = support::in_terminal(&scene, 60, &arguments);
    assert!(screen.lines().all(|line| line.chars().count() <= 60), "{screen}");
    let offer = screen.split_once("\n\n").unwrap().1.split_once("\n\n  orders").unwrap().0;
    insta::assert_snapshot!(offer, @r#"
    Offer 1
      sku                       "GX-9"
          .parts[0].id
      currency                  "USD"
          written in the filter
      stockQuantity             5000
          .parts[0].qty
      deliveryDays              3
          written in the filter
      priceBreaks[0].quantity   1
          .parts[0].breaks[0].min
      priceBreaks[0].unitPrice  0.55
          made of .parts[0].breaks[0].price
      priceBreaks[1].quantity   50
          .parts[0].breaks[1].min
      priceBreaks[1].unitPrice  0.41
          made of .parts[0].breaks[1].price
      priceBreaks[2].quantity   100
          .parts[0].breaks[2].min
      priceBreaks[2].unitPrice  0.30
          made of .parts[0].breaks[2].price
      shipping                  4.90 EUR
          configuration
    "#);
    let colored = support::in_terminal(&scene, 60, &arguments[..5]);
    let plain = colored.split("\u{1b}[").enumerate().map(|(position, part)| match position {
        0 => part,
        _ => part.split_once('m').unwrap().1,
    });
    assert!(colored.contains("\u{1b}["));
    assert_eq!(plain.collect::<String>(), screen, "colour changes nothing else");
}

#[test]
fn what_to_change_is_said_until_nothing_is() {
    let reply = r#"{"parts": [{"id": "A", "price": "1.234,56 €", "have": "In Stock"}]}"#;
    let steps = [
        (".part[]", "there is no array at that place"),
        (".parts[] | {sku: .id}", "no price: map `unitPrice`, `totalPrice` or `priceBreaks"),
        (".parts[] | {unitPrice: .price}", "write `unitPrice: (.price | tonumber(\".\"; \",\"))`, which makes 1234.56"),
        ("@", "no currency: add `currency = \"EUR\"`, or what it is, to `[suppliers.globex]`"),
        ("@, currency: \"€\", inStock: true", "`€` is no code of ISO 4217"),
        ("@, currency: \"GBP\", inStock: true", "no rate from `GBP` to `EUR`: declare it under `[rates]`"),
        ("@, currency: \"EUR\"", "no stock: map `stockQuantity: …`"),
        ("@, currency: \"EUR\", inStock: .have", "compare, such as `inStock: (.have == \"In Stock\")`"),
        ("@, currency: \"EUR\", inStock: true, quantity: 5", "try `--qty 5`"),
        ("@, currency: \"EUR\", inStock: true, productId: .id", "the offer is for `A`: ask for that with `--product`"),
        ("@, currency: \"EUR\", inStock: true, stock: 5", "`stock` is no field of an offer"),
        ("@, currency: \"EUR\", inStock: true, leadTimeDays: 5", "add `transit-days = 2`"),
        ("@, currency: \"EUR\", inStock: true", "shipping is unknown: map `shipping`, or add `shipping = \"4.90\"`"),
    ];
    for (filter, expected) in steps {
        let offer = r#".parts[] | {unitPrice: (.price | tonumber("."; ","))"#;
        let filter =
            if filter.starts_with('@') { format!("{}}}", filter.replace('@', offer)) } else { filter.to_owned() };
        let run = tried(&format!("quotes = '''{filter}'''"), reply, &["--product", "widget"]);
        let said = changes(&run).replace("\n    ", " ");
        assert!(said.contains(expected), "{filter}: {said}");
    }
    let done = r#"quotes = '''.parts[] | {unitPrice: (.price | tonumber("."; ",")), currency: "EUR", shipping: 0,
        inStock: (.have == "In Stock"), deliveryDays: 2}'''"#;
    let run = tried(done, reply, &["--product", "widget"]);
    assert_eq!(run.code, Some(0));
    assert!(!run.stdout.contains("What to change"), "{}", run.stdout);
}

#[test]
fn nothing_is_said_of_where_to_begin_without_the_shape_of_the_reply() {
    let run = tried("", REPLY, &[]);
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(run.stdout, @r#"
    globex: reply.json, 1 piece

    Offer 1

      rejected: `unitPrice` is missing

    What to change
      - `[suppliers.globex]` has no `quotes` filter, and the reply is not in pricecmp's own format:
        write one; `pricecmp add` proposes one

    The reply, with the first element of each array
      .                          an object with 2 keys
      .total                     a number 2
      .parts                     an array of 2
      .parts[0]                  an object with 3 keys
      .parts[0].id               text "GX-9"
      .parts[0].qty              a number 5000
      .parts[0].breaks           an array of 3
      .parts[0].breaks[0]        an object with 2 keys
      .parts[0].breaks[0].min    a number 1
      .parts[0].breaks[0].price  text "$0.55"

    1 offer: 0 quotes, 1 rejected
    "#);
    let none = tried("quotes = '.parts[] | select(.id == $product)'", REPLY, &[]);
    assert_eq!(changes(&none), "  - the filter looks for `$product`: say which one with `--product`");
    assert!(none.stdout.contains("  .parts[0].breaks[0].price  text \"$0.55\"\n"), "{}", none.stdout);
}

#[test]
fn a_supplier_that_speaks_the_wires_format_needs_little() {
    let priced = tried("", r#"[{"unitPrice": 1.5, "currency": "EUR"}]"#, &[]);
    let (_, filter) = changes(&priced).split_once("add `quotes = '").unwrap();
    let filter = filter.split_once("'`").unwrap().0.replace("\n    ", " ");
    let fixed = tried(&format!("quotes = '{filter}'"), r#"[{"unitPrice": 1.5, "currency": "EUR"}]"#, &[]);
    assert_eq!(fixed.code, Some(0), "{}", fixed.stdout);
    let text = tried("", r#"{"unitPrice": "1,50 €", "currency": "EUR", "inStock": true}"#, &[]);
    assert!(changes(&text).contains("price text needs a `quotes` filter in `[suppliers.globex]`"), "{}", text.stdout);
    let long = tried("", r#"{"unitPrice": 1.1234567890123, "currency": "EUR", "inStock": true}"#, &[]);
    assert!(!long.stdout.contains("What to change"), "{}", long.stdout);
}

#[test]
fn a_product_and_a_quantity_are_what_was_asked() {
    let keys = "quotes = '.[] | {productId: .p, quantity: .q, unitPrice: 1, currency: \"EUR\", inStock: true}'";
    let reply = r#"[{"p": "WIDGET", "q": 7}]"#;
    assert_eq!(tried(keys, reply, &["--qty", "7"]).code, Some(0), "without a product it is any");
    assert_eq!(tried(keys, reply, &["--qty", "7", "--product", "widget"]).code, Some(0));
    let wrong = tried(keys, reply, &["--qty", "7", "--product", "gadget"]);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stdout.contains("rejected: reply is for product `WIDGET`\n"), "{}", wrong.stdout);
}

#[test]
fn a_reply_is_read_from_standard_input_as_well() {
    let scene = scene(RIGHT, b"");
    let mut command = scene.command(&["check", "--reply", "-", "--supplier", "globex"]);
    command.stdin(Stdio::from(std::fs::File::open(scene.write("other.json", REPLY.as_bytes())).unwrap()));
    let run = Running::of(&mut command).finish();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.starts_with("globex: -, 1 piece\n"), "{}", run.stdout);
}

#[test]
fn replies_that_are_none_are_told_apart() {
    let mapping = "quotes = '.parts[]'";
    for (reply, failure, change) in [
        ("<!DOCTYPE html>", "reply is not valid JSON: line 1, column 1", "this is HTML or XML"),
        ("", "reply is not valid JSON", ""),
        ("{\"parts\": [1,]}", "reply is not valid JSON: line 1, column 14", ""),
        (r#"{"parts": 5}"#, "mapping failed: cannot iterate over number (5) at .parts", ""),
        (r#"{"parts": [5]}"#, "mapping failed: the filter yields a number, not an object", ""),
        (r#"{"parts": [{"error": "no such key"}]}"#, "supplier reports an error: no such key", ""),
    ] {
        let run = tried(mapping, reply, &[]);
        assert_eq!(run.code, Some(3), "{}", run.stdout);
        assert!(run.stdout.contains(failure) && run.stdout.contains(change), "{failure}: {}", run.stdout);
    }
    let own = tried("", r#"{"error": "no such key"}"#, &[]);
    assert!(own.stdout.contains("supplier reports an error: no such key"), "{}", own.stdout);
}

#[test]
fn what_cannot_be_tried_is_an_error_with_a_hint() {
    let scene = scene("quotes = '.[]'\n[suppliers.acme]\nurl = \"https://acme.example/\"", b"[]");
    std::fs::create_dir(scene.path("folder")).unwrap();
    scene.write("huge.json", &vec![b' '; (8 << 20) + 1]);
    let one = ["--supplier", "globex"];
    for (arguments, message) in [
        (vec!["--reply", "reply.json"], "the reply is of one supplier, and 2 are selected\nhint: say whose"),
        (vec!["--reply", "none.json"], "`none.json` cannot be read: no such file or directory\nhint: name a file"),
        (vec!["--reply", "folder"], "`folder` cannot be read: is a directory"),
        (vec!["--reply", "huge.json"], "`huge.json` is larger than 8 MiB"),
        (vec!["--reply", "reply.json", "--supplier", "globox"], "no supplier is named `globox`\nhint: did you mean"),
        (vec!["--reply", "reply.json", "--live"], "the argument '--reply <FILE>' cannot be used with '--live'"),
        (vec!["--product", "widget"], "the following required arguments were not provided"),
        (vec!["--reply", "reply.json", "--product", " "], "the product must not be empty"),
    ] {
        let own = if arguments.len() == 2 && message.contains("cannot be read") { &one[..] } else { &[] };
        let run = scene.run(&[&["check"], arguments.as_slice(), own].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{message}");
        assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
    }
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "\\u001b[2J\\u202e evil\\nforged row";
    let reply = format!(r#"{{"parts": [{{"{hostile}": "{hostile}", "p": "{hostile}"}}]}}"#);
    // Every run is held to harmless output.
    let none = tried("quotes = '.parts[] | select(false)'", &reply, &[]);
    assert!(none.stdout.contains("evil"), "{}", none.stdout);
    let keys =
        r#"quotes = '.parts[] | {sku: .p, "x\u001by": 1, unitPrice: .p, currency: .p, productId: .p, inStock: .p}'"#;
    let wrong = tried(keys, &reply, &["--product", "widget"]);
    assert!(wrong.stdout.lines().all(|line| !line.starts_with("forged")), "{}", wrong.stdout);
    let failing = tried("quotes = '.parts[] | error(.p)'", &reply, &[]);
    assert_eq!(failing.code, Some(3));
}

#[test]
fn many_offers_are_counted_and_the_first_ones_shown() {
    let offers: Vec<String> = (0..3000).map(|number| format!(r#"{{"id": {number}, "p": "1,5", "n": 5}}"#)).collect();
    let reply = format!(r#"{{"parts": [{}]}}"#, offers.join(","));
    let run = tried("quotes = '.parts[] | {sku: .id, unitPrice: .p, stockQuantity: .n}'", &reply, &[]);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("\n  and 2995 more offers\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("\n3000 offers: 0 quotes, 3000 rejected\n"), "{}", run.stdout);
    assert!(run.stdout.lines().count() < 80, "{}", run.stdout);
}

/// A price list as Germany exports it, and a supplier `acme` that reads such lists with this filter.
fn list_scene(quotes: &str) -> Scene {
    let keys = "delimiter = \";\"\nencoding = \"windows-1252\"\nproduct-column = \"Artikel\"\ncurrency = \"EUR\"";
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\n[suppliers.acme]\nurl = \"file:none/${{FOLDER}}/{{product}}.csv\"\n{keys}\n{quotes}\n"
    ));
    let list = b"Artikel;Preis;Gr\xf6\xdfe;Lager\r\nwidget;1.234,50;a;10\r\nother;2,00;b;5\r\nwidget;3,00;c;7\r\n";
    scene.write("list.csv", list);
    scene
}

const LIST_QUOTES: &str = r#"quotes = '''
{sku: .Artikel, packaging: .["Größe"], stockQuantity: .Lager, unitPrice: (.Preis | tonumber("."; ","))}'''"#;

#[test]
fn a_price_list_is_tried_row_by_row() {
    let scene = list_scene(LIST_QUOTES);
    let run = scene.run(&["check", "--reply", "list.csv", "--product", "widget"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    let first = run.stdout.split("  orders considered").next().unwrap();
    insta::assert_snapshot!(first, @r#"
    acme: list.csv, 1 × widget
      2 rows about it

    Offer 1, line 2
      sku            "widget"  column `Artikel`, line 2
      packaging      "a"       column `Größe`, line 2
      stockQuantity  "10"      column `Lager`, line 2
      unitPrice      1234.50   made of column `Preis`, line 2
      currency       EUR       configuration
    "#);
    assert!(run.stdout.contains("\nOffer 2, line 4\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("\n2 offers: 2 quotes, 0 rejected\n"), "{}", run.stdout);
    let none = scene.run(&["check", "--reply", "list.csv", "--product", "Widget"]);
    assert_eq!(none.code, Some(1));
    assert!(changes(&none).contains("no row is about the product"), "{}", none.stdout);
}

#[test]
fn without_a_product_the_first_rows_are_tried_and_no_more_is_read() {
    let scene = list_scene(LIST_QUOTES);
    let rows = (0..40).map(|row| format!("A-{row};1{row},50;x;1\n")).collect::<Vec<_>>().concat();
    // What is behind the rows that are tried is not looked at.
    let list = format!("Artikel;Preis;Größe;Lager\n{rows}broken\n");
    scene.write("long.csv", &encoding_rs::WINDOWS_1252.encode(&list).0);
    let run = scene.run(&["check", "--reply", "long.csv"]);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    let start = "acme: long.csv, 1 piece\n  the first 10 rows; `--product` tries";
    assert!(run.stdout.starts_with(start), "{}", run.stdout);
    assert!(run.stdout.ends_with("\n10 offers: 10 quotes, 0 rejected\n"), "{}", run.stdout);
    let run = scene.run(&["check", "--reply", "long.csv", "--product", "A-7"]);
    assert_eq!(run.code, Some(3));
    assert!(run.stdout.contains("line 42: 1 cell, and the header has 4"), "{}", run.stdout);
    assert!(run.stdout.ends_with("\nThis list cannot be read\n"), "{}", run.stdout);
}

#[test]
fn what_to_change_for_a_price_list_names_its_columns() {
    let said = |quotes: &str| {
        let run = list_scene(quotes).run(&["check", "--reply", "list.csv", "--product", "widget"]);
        assert_ne!(run.code, Some(0), "{}", run.stdout);
        run.stdout
    };
    let text = said("quotes = '{sku: .Artikel, unitPrice: .Preis, stockQuantity: .Lager}'");
    assert!(text.contains("write `unitPrice: (.Preis | tonumber(\".\"; \",\"))`, which makes 1234.50"), "{text}");
    let text = said("quotes = '{sku: .Artikel, unitPrice: .Price, inStock: true}'");
    let unknown = "`quotes` reads `Price`, which is no column: the columns are `Artikel`, `Preis`, `Größe`,";
    assert!(text.contains(unknown), "{text}");
    assert!(text.contains("\nThe row in line 2\n") && text.contains(".Preis"), "{text}");
    let text = said("quotes = '{sku: .Artikel, unitPrice: .preiss, inStock: true}'");
    assert!(text.contains("; did you mean `Preis`?\n"), "{text}");
    // Members of something else, and what stands in texts and comments, are none.
    let text = said("quotes = '''# .comment\n{sku: (.Artikel | capture(\"(?<n>.+)\").n), inStock: true}'''");
    assert!(!text.contains("which is no column"), "{text}");
    let scene = Scene::new("currency = \"EUR\"\n[suppliers.acme]\nurl = \"file:a.csv\"\n");
    scene.write("list.csv", b"Artikel,Preis\nwidget,1.50\n");
    let run = scene.run(&["check", "--reply", "list.csv"]);
    assert_eq!(run.code, Some(3));
    assert!(run.stdout.contains("there is no column `productId`; `product-column` says which one"), "{}", run.stdout);
    assert!(run.stdout.contains("the columns are `Artikel`, `Preis`"), "{}", run.stdout);
    assert!(changes(&run).contains("`pricecmp add` proposes one"), "{}", run.stdout);
}

#[test]
fn rows_that_are_json_and_lists_from_standard_input_are_tried_as_well() {
    let scene = list_scene(LIST_QUOTES);
    let row = r#"{"Artikel": "widget", "Preis": "1,50", "Gr\u00f6\u00dfe": "a", "Lager": "3"}"#;
    scene.write("rows.ndjson", format!("{row}\n\n{row}\n").as_bytes());
    let run = scene.run(&["check", "--reply", "rows.ndjson", "--product", "widget"]);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    assert!(run.stdout.contains("\nOffer 2, line 3\n") && run.stdout.contains("made of .Preis\n"), "{}", run.stdout);
    let mut command = scene.command(&["check", "--reply", "-", "--product", "widget"]);
    command.stdin(std::fs::File::open(scene.path("list.csv")).unwrap());
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.starts_with("acme: -, 1 × widget\n  2 rows about it\n"), "{}", run.stdout);
}
