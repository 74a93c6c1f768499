//! `pricecmp add` with price lists: from a file that nobody has described to a comparison with the right price.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs;

use serde_json::Value;
use support::Scene;
use support::books::{excel, number, ods_row, opendocument, text};

const START: &str = "currency = \"EUR\"\n[rates]\nbase = \"EUR\"\ndate = 2026-11-20\nUSD = \"1.25\"\nGBP = \"0.8\"\n";

fn with_list(name: &str, list: impl AsRef<[u8]>) -> Scene {
    let scene = Scene::new(START);
    scene.write(name, list.as_ref());
    scene
}

fn configuration(scene: &Scene) -> String {
    fs::read_to_string(scene.path("suppliers.toml")).unwrap()
}

/// The supplier's block after the list was added, which nothing may put in doubt.
fn added(scene: &Scene, arguments: &[&str]) -> String {
    let run = scene.run(&[&["add", "acme"], arguments].concat());
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(!run.stderr.contains("the price is in doubt"), "{}", run.stderr);
    configuration(scene)[START.len()..].to_owned()
}

/// What an order costs: how many pieces, the price of one, the goods, each as the supplier has it.
fn costs(scene: &Scene, product: &str, quantity: &str) -> String {
    let (document, run) = scene.json(&[product, "--qty", quantity]);
    let quote = &document["cheapest"];
    if quote.is_null() {
        return document["rejected"]
            .as_array()
            .unwrap()
            .iter()
            .map(|offer| offer["reason"].as_str().unwrap())
            .collect();
    }
    assert_eq!(run.code, Some(0), "{}{}", run.stderr, run.stdout);
    let own = |field: &str| match &quote["original"] {
        Value::Null => quote[field].to_string(),
        original => original[field].to_string(),
    };
    let (unit, goods, currency) = (own("unitPrice"), own("goods"), own("currency"));
    let plain = |number: &str| number.trim_end_matches(".0").to_owned();
    format!("{} @ {} = {} {}", quote["orderQuantity"], plain(&unit), plain(&goods), currency.trim_matches('"'))
}

fn hold(scene: &Scene, orders: &[(&str, &str, &str)]) {
    for (product, quantity, expected) in orders {
        assert_eq!(costs(scene, product, quantity), *expected, "{product} {quantity}\n{}", configuration(scene));
    }
}

#[test]
fn a_german_list_in_windows_1252() {
    let list = "Artikel-Nr.;Bezeichnung;UVP;Nettopreis;Währung;Bestand;Mindestmenge;VPE;Lieferzeit;Gültig bis\r\n\
                SK-100;Schraube M4;15,00;12,50;EUR;12.500;10;5;2-3 Tage;31.12.2099\r\n\
                SK-200;\"Mutter; groß\";1.999,00;1.234,56;EUR;7;1;1;1 Woche;31.12.2099\r\n\
                SK-300;Alt;9,00;1,00;EUR;7;1;1;1 Woche;31.12.2020\r\n";
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(list);
    let scene = with_list("preise.csv", bytes);
    let block = added(&scene, &["preise.csv"]);
    let keys =
        "url = \"file:preise.csv\"\ndelimiter = \";\"\nencoding = \"windows-1252\"\nproduct-column = \"Artikel-Nr.\"\n";
    assert!(block.contains(keys), "{block}");
    hold(
        &scene,
        &[
            ("SK-100", "12", "15 @ 12.5 = 187.5 EUR"),
            ("SK-200", "2", "2 @ 1234.56 = 2469.12 EUR"),
            ("SK-200", "8", "insufficient_stock"),
            ("SK-300", "1", "expired"),
        ],
    );
    let (document, _) = scene.json(&["SK-200"]);
    assert_eq!(document["cheapest"]["deliveryDays"], 7);
}

#[test]
fn an_american_list_with_signs_and_groups() {
    let list = "Part Number,Description,List Price,Unit Price,Qty Available,Lead Time (weeks),MOQ,Expires\n\
                \"AB-1\",\"Widget, blue\",\"$1,500.00\",\"$1,204.50\",12,2,1,12/31/2099\n\
                AB-2,Widget red,$1.00,$0.75,\"1,500\",0,25,01/31/2099\n";
    let scene = with_list("prices.csv", list);
    let block = added(&scene, &["prices.csv"]);
    assert!(!block.contains("delimiter") && !block.contains("encoding") && !block.contains("header-row"), "{block}");
    hold(
        &scene,
        &[
            ("AB-1", "2", "2 @ 1204.5 = 2409 USD"),
            ("AB-2", "7", "25 @ 0.75 = 18.75 USD"),
            ("AB-2", "1501", "insufficient_stock"),
        ],
    );
    let (document, _) = scene.json(&["AB-1"]);
    assert_eq!(document["cheapest"]["leadTimeDays"], 14);
}

#[test]
fn tiers_in_columns() {
    for list in [
        "SKU;Price 1;Price 10;Price 100;Stock;Currency\nW-1;0,62;0,55;0,41;900;EUR\nW-2;1,62;1,55;;10;EUR\n",
        "SKU;1+;10+;100+;Stock;Currency\nW-1;0,62;0,55;0,41;900;EUR\nW-2;1,62;1,55;;10;EUR\n",
        "Artikel;Preis;ab 10;ab 100 Stk;Lager;Währung\nW-1;0,62;0,55;0,41;900;EUR\nW-2;1,62;1,55;;10;EUR\n",
        "Artikel;1-9;10-99;ab 100;Lager;Währung\nW-1;0,62;0,55;0,41;900;EUR\nW-2;1,62;1,55;;10;EUR\n",
        "Artikel;Menge1;Preis1;Menge2;Preis2;Menge3;Preis3;Lager;Währung\n\
         W-1;1;0,62;10;0,55;100;0,41;900;EUR\nW-2;1;1,62;10;1,55;;;10;EUR\n",
        "Réf.;Qté 1;Prix 1;Qté 2;Prix 2;Qté 3;Prix 3;Stock;Devise\n\
         W-1;1;0,62;10;0,55;100;0,41;900;EUR\nW-2;1;1,62;10;1,55;;;10;EUR\n",
    ] {
        let scene = with_list("prices.csv", list);
        added(&scene, &["prices.csv"]);
        hold(
            &scene,
            &[
                ("W-1", "1", "1 @ 0.62 = 0.62 EUR"),
                ("W-1", "20", "20 @ 0.55 = 11 EUR"),
                ("W-1", "200", "200 @ 0.41 = 82 EUR"),
                ("W-2", "10", "10 @ 1.55 = 15.5 EUR"),
                ("W-2", "100", "insufficient_stock"),
            ],
        );
    }
}

#[test]
fn tiers_in_rows() {
    let list = "Referencia|Cantidad desde|Precio unitario (€)|Disponible\n\
                Z-9|1|4,50|sí\nZ-9|10|4,10|sí\nZ-9|100|3,95|sí\nZ-8|1|7,00|no disponible\n";
    let scene = with_list("precios.csv", list);
    let block = added(&scene, &["precios.csv"]);
    assert!(block.contains("delimiter = \"|\"\nproduct-column = \"Referencia\"\n"), "{block}");
    hold(
        &scene,
        &[
            ("Z-9", "3", "3 @ 4.5 = 13.5 EUR"),
            ("Z-9", "12", "12 @ 4.1 = 49.2 EUR"),
            ("Z-9", "150", "150 @ 3.95 = 592.5 EUR"),
            ("Z-8", "1", "out_of_stock"),
        ],
    );
}

#[test]
fn minor_units_and_prices_for_many_pieces() {
    let cents = "sku,price_cents,currency,in_stock\nP1,1999,GBP,yes\nP2,250,GBP,no\n";
    let scene = with_list("cents.csv", cents);
    added(&scene, &["cents.csv"]);
    hold(&scene, &[("P1", "3", "3 @ 19.99 = 59.97 GBP"), ("P2", "1", "out_of_stock")]);

    let fractions = "Artikel;Preis (ct);Lager\nC-1;45,5;100\nC-2;120,25;100\n";
    let scene = with_list("ct.csv", fractions);
    added(&scene, &["ct.csv", "--prices-in", "EUR"]);
    hold(&scene, &[("C-1", "10", "10 @ 0.455 = 4.55 EUR")]);

    for list in [
        "Preisliste Winter 2026\n\nArtikel;Preis je 100 Stk;Lager\nJ-1;12,40;ja\nJ-2;1.112,40;nein\n",
        "Preisliste \"Winter\"\n\nArtikel;Preis;PE;Lager\nJ-1;12,40;100;ja\nJ-2;1.112,40;1;nein\n",
        "Preisliste;;;\n;;;\nArtikel;Preis;Preiseinheit;Lager\nJ-1;12,40;100 Stk;ja\nJ-2;1.112,40;Stk;nein\n",
    ] {
        let scene = with_list("liste.txt", list);
        let block = added(&scene, &["liste.txt", "--prices-in", "EUR"]);
        assert!(block.contains("format = \"csv\"\ndelimiter = \";\"\nheader-row = 3\n"), "{block}");
        hold(&scene, &[("J-1", "250", "250 @ 0.124 = 31 EUR"), ("J-2", "1", "out_of_stock")]);
    }
}

#[test]
fn a_workbook_with_a_title_above_its_table() {
    let header =
        [("A4", "Item No."), ("B4", "Description"), ("C4", "Net price EUR"), ("D4", "Stock"), ("E4", "Valid until")];
    let header: String = header.iter().map(|(cell, name)| text(cell, name)).collect();
    let row = |row: u32, item: &str, price: &str, stock: &str| {
        let [item_cell, name, amount, count, date] = ["A", "B", "C", "D", "E"].map(|column| format!("{column}{row}"));
        let date = format!("<c r=\"{date}\" s=\"1\"><v>73050</v></c>");
        format!(
            "<row r=\"{row}\">{}{}{}{}{date}</row>",
            number(&item_cell, item),
            text(&name, "x"),
            number(&amount, price),
            number(&count, stock)
        )
    };
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"2\">{}{}</row><row r=\"4\">{header}</row>{}{}",
        text("A1", "Price list 2026"),
        text("A2", "valid from"),
        text("B2", "1 January"),
        row(5, "4711", "1.125", "1250"),
        row(6, "4712", "0.30000000000000004", "0")
    );
    let scene = with_list("prices.xlsx", excel(&rows));
    let block = added(&scene, &["prices.xlsx"]);
    assert!(block.contains("header-row = 4\nsheet = \"Prices\"\nproduct-column = \"Item No.\"\n"), "{block}");
    hold(&scene, &[("4711", "1000", "1000 @ 1.125 = 1125 EUR"), ("4712", "1", "out_of_stock")]);
}

#[test]
fn a_sheet_of_opendocument() {
    let rows = ods_row(&["Code article", "Désignation", "PU HT", "Devise", "En stock"].map(|name| ("string", name)))
        + &ods_row(&[("string", "F-1"), ("string", "vis"), ("float", "2.345"), ("string", "EUR"), ("boolean", "true")])
        + &ods_row(&[("string", "F-2"), ("string", "vis"), ("float", "12"), ("string", "EUR"), ("boolean", "false")]);
    let scene = with_list("tarif.ods", opendocument(&rows));
    added(&scene, &["tarif.ods"]);
    hold(&scene, &[("F-1", "1000", "1000 @ 2.345 = 2345 EUR"), ("F-2", "1", "out_of_stock")]);
}

#[test]
fn lists_of_json() {
    let rows = [
        r#"{"mpn":"N-1","price":"12.40","priceUnit":100,"currency":"USD","stock":500}"#,
        r#"{"mpn":"N-2","price":"3.10","priceUnit":1,"currency":"USD","stock":0}"#,
    ];
    for (name, list) in [("prices.ndjson", rows.join("\n")), ("prices.json", format!("[{}]", rows.join(",")))] {
        let scene = with_list(name, list);
        let block = added(&scene, &[name]);
        assert!(block.contains("product-column = \"mpn\""), "{block}");
        hold(&scene, &[("N-1", "250", "250 @ 0.124 = 31 USD"), ("N-2", "1", "out_of_stock")]);
    }
    let nested = "{\"article\":{\"sku\":\"A\"},\"tiers\":[{\"from\":1,\"net\":2.5},{\"from\":10,\"net\":2}],\"stock\":50}\n\
                  {\"article\":{\"sku\":\"B\"},\"tiers\":[{\"from\":1,\"net\":9.5}],\"stock\":50}\n";
    let scene = with_list("nested.ndjson", nested);
    added(&scene, &["nested.ndjson", "--prices-in", "EUR"]);
    hold(&scene, &[("A", "12", "12 @ 2 = 24 EUR"), ("B", "1", "1 @ 9.5 = 9.5 EUR")]);
}

#[test]
fn french_text_in_utf_16() {
    let list =
        "Tarif 2026\t\t\nRéf.\tPrix unitaire HT\tDisponibilité\nF-1\t1 234,50 €\tEn stock\nF-2\t12,00 €\tRupture\n";
    let utf_16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    for (mark, key) in [("\u{feff}", ""), ("", "encoding = \"utf-16le\"\n")] {
        let scene = with_list("tarif.tsv", utf_16(&format!("{mark}{list}")));
        let block = added(&scene, &["tarif.tsv"]);
        assert!(block.contains(&format!("url = \"file:tarif.tsv\"\n{key}header-row = 2\n")), "{block}");
        hold(&scene, &[("F-1", "2", "2 @ 1234.5 = 2469 EUR"), ("F-2", "1", "out_of_stock")]);
    }
}

#[test]
fn a_price_in_doubt_cannot_be_used_unread() {
    for (list, words) in [
        ("sku;price\nA;1.250\nB;3.500\n", "is read with a point before decimals"),
        ("sku;price\nA;1,250.00\nB;3.500,00\n", "is written in several ways"),
        ("sku;price\nA;1,25 €\nB;3,50 $\n", "is in several currencies"),
        (
            "sku,Price 1,Price 2,Price 3\nA,1.25,1.20,1.10\nB,2.25,2.20,2.10\n",
            "nothing says whether these are prices by quantity",
        ),
        ("sku,price,special price\nA,1.25,1.20\nB,2.25,2.20\n", "two fields look like the price"),
        ("sku,Preis inkl. MwSt.\nA,1.25\nB,2.25\n", "the prices seem to contain tax"),
        ("sku,price\nA,1.25\nA,1.20\nB,2.25\n", "several rows are of `A`, at different prices"),
        ("sku,qty,price\nA,1,1.25\nA,100,120.00\nB,1,2.25\n", "a price rises with the quantity"),
        ("sku,price per box\nA,1.25\nB,2.25\n", "a price per box"),
    ] {
        let scene = with_list("prices.csv", list);
        let run = scene.run(&["add", "acme", "prices.csv"]);
        assert_eq!(run.code, Some(0), "{list}{}", run.stderr);
        assert!(
            run.stderr.contains(words) && run.stderr.contains("hint: the price is in doubt"),
            "{list}{}",
            run.stderr
        );
        let (document, _) = scene.json(&["A"]);
        let error = document["supplierStats"][0]["error"].as_str().unwrap_or_default();
        assert!(document["cheapest"].is_null() && error.contains("the price is in doubt"), "{list}{document}");
        let unread = configuration(&scene);
        let read: String = unread.split_inclusive('\n').filter(|line| !line.starts_with("error(")).collect();
        fs::write(scene.path("suppliers.toml"), read).unwrap();
        assert_ne!(scene.json(&["A"]).0["supplierStats"][0]["offers"], 0, "{list}");
    }
}

#[test]
fn a_product_of_the_list_says_which_column_it_is_in() {
    let list = "Artikelnummer,EAN,Preis,Bestand\nA-1,4006381333931,2.50,5\nA-2,4006381333948,3.50,5\n";
    let scene = with_list("prices.csv", list);
    let block = added(&scene, &["prices.csv", "--product", "4006381333948"]);
    assert!(block.contains("product-column = \"EAN\""), "{block}");
    hold(&scene, &[("4006381333948", "1", "1 @ 3.5 = 3.5 EUR")]);
    let run = scene.run(&["add", "b", "prices.csv", "--product", "nothing"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("error: no row of the list is of `nothing`\nhint: "), "{}", run.stderr);
}

#[test]
fn the_list_is_found_from_the_configuration() {
    let scene = Scene::new(START);
    scene.write("lists/100% {new} a$b.csv", b"sku,price,currency,stock\nA,2.5,EUR,3\n");
    scene.write("conf/suppliers.toml", START.as_bytes());
    for (config, url) in
        [("suppliers.toml", "file:lists/100%25%20%7Bnew%7D%20a%24b.csv"), ("conf/suppliers.toml", "file:///")]
    {
        let run = scene.run(&["add", "acme", "lists/100% {new} a$b.csv", "--config", config]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let written = fs::read_to_string(scene.path(config)).unwrap();
        assert!(written.contains(&format!("url = \"{url}")), "{written}");
        let (document, run) = scene.json(&["A", "--config", config]);
        assert_eq!(document["cheapest"]["unitPrice"].to_string(), "2.5", "{}", run.stderr);
    }
}

#[test]
fn hostile_titles_do_no_harm() {
    let evil = "'''\n[suppliers.evil]\u{1b}[31m\u{202e} \"\\(1) | halt # é";
    let quoted = evil.replace('"', "\"\"");
    let list = format!("\"sku {quoted}\",\"price {quoted}\",\"stock {quoted}\"\nA\u{1b}[2J,2.5,3\nB,3.5,3\n");
    let scene = with_list("prices.csv", list);
    let run = scene.run(&["add", "acme", "prices.csv", "--product", "B", "--prices-in", "EUR"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for shown in [&run.stdout, &run.stderr, &configuration(&scene)] {
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    }
    assert_eq!(scene.run(&["check"]).stdout, "suppliers.toml: ok, 1 supplier to ask: acme\n");
    hold(&scene, &[("B", "3", "3 @ 3.5 = 10.5 EUR")]);
}

#[test]
fn what_is_no_list_is_told_and_nothing_is_written() {
    for (name, list, words) in [
        (
            "a.csv",
            "A-1,2.50\nA-2,3.50\n",
            "error: no line of the list has titles that look like a product and a price\n  1: ",
        ),
        ("a.csv", "sku,weight\nA,2.5\nB,3.5\n", "no line of the list has titles"),
        ("a.csv", "", "cannot read `a.csv`: it is empty\nhint: "),
        (
            "a.csv",
            "city,price 1,price 10\nParis,2.5,2.0\nLyon,3.5,3.0\n",
            "no column of the list says which product a row is of",
        ),
        ("a.csv", "sku,price\nA,2.5\nB,\"3.5\n", "cannot read `a.csv`: line 3"),
        ("a.xlsx", "sku,price\nA,2.5\n", "cannot read `a.xlsx`: it is no workbook"),
        ("a.ods", "PK\u{3}\u{4}", "cannot read `a.ods`: it is no workbook"),
        ("a.ndjson", "{\"sku\":\"A\",\"price\":1.5}\n{\"sku\"", "price list cannot be read: line 2, column 7"),
        ("a.ndjson", "[1]\n[2]\n", "nothing in the reply looks like a price"),
    ] {
        let scene = with_list(name, list);
        let run = scene.run(&["add", "acme", name]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{name} {list}");
        assert!(run.stderr.contains(words), "{list}{}", run.stderr);
        assert_eq!(configuration(&scene), START);
    }
    let scene = with_list("a.csv", "sku,price\nA,2.5\n");
    let run = scene.run(&["add", "acme", "a.csv", "--url", "https://a.example/{product}"]);
    assert!(run.code == Some(2) && run.stderr.contains("a price list is asked nowhere"), "{}", run.stderr);
    let run = scene.run(&["add", "acme", "missing.csv"]);
    assert!(run.code == Some(2) && run.stderr.contains("cannot read `missing.csv`: no such file"), "{}", run.stderr);
    let run = scene.run(&["add", "acme", "a.csv", "--dry-run", "--prices-in", "EUR"]);
    assert_eq!((run.code, configuration(&scene).as_str()), (Some(0), START), "{}", run.stderr);
}

#[test]
fn a_long_list_is_looked_at_as_a_whole() {
    use std::fmt::Write as _;
    // Only the last rows show how prices are written, and that there is another encoding.
    let mut list = "Artikel;Bezeichnung;Preis;Lager\n".to_owned();
    for number in 0..140_000 {
        writeln!(list, "P{number};some description that is long enough to matter here;{};5", 100 + number % 900)
            .unwrap();
    }
    list.push_str("Z1;größer;1.250;5\nZ2;x;2,50;5\n");
    assert!(list.len() > 8 << 20, "{}", list.len());
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(&list);
    let scene = with_list("long.csv", bytes);
    let block = added(&scene, &["long.csv", "--prices-in", "EUR"]);
    assert!(block.contains("encoding = \"windows-1252\""), "{block}");
    hold(
        &scene,
        &[("Z1", "1", "1 @ 1250 = 1250 EUR"), ("Z2", "2", "2 @ 2.5 = 5 EUR"), ("P7", "1", "1 @ 107 = 107 EUR")],
    );
}

#[test]
fn a_list_that_is_too_long_to_be_looked_at_is_cut() {
    let note = "x".repeat(10_000);
    let row =
        |number: usize| format!("{{\"sku\":\"P{number}\",\"price\":1.5,\"stock\":{number},\"note\":\"{note}\"}}\n");
    let scene = with_list("long.ndjson", (1..=1_000).map(row).collect::<String>());
    let run = scene.run(&["add", "acme", "long.ndjson", "--prices-in", "EUR"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("only the first 834 rows were looked at"), "{}", run.stderr);
    hold(&scene, &[("P1000", "2", "2 @ 1.5 = 3 EUR")]);
}
