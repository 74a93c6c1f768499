//! Suppliers that are price lists in files: what comes of every format, and of every fault that a file can have. The real
//! binary reads real files.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs::{self, File};
use std::io::{BufWriter, Cursor, Write as _};
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use support::books::{excel, excel_of, number, ods_row, opendocument, text};
use support::{Scene, stats};
use zip::write::SimpleFileOptions;

/// A supplier `acme` with these lines beside its URL, and a good one with a price of 5.
fn scene(url: &str, keys: &str) -> Scene {
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\ntimeout = \"1m\"\n[suppliers.acme]\nurl = \"{url}\"\ncurrency = \"EUR\"\n{keys}\n\
         [suppliers.good]\nurl = \"file:good.ndjson\"\n"
    ));
    let good = json!({ "productId": "widget", "sku": "G-1", "unitPrice": "5", "currency": "EUR", "inStock": true });
    scene.write("good.ndjson", good.to_string().as_bytes());
    scene
}

/// A scene whose price list is this.
fn with_list(name: &str, keys: &str, list: impl AsRef<[u8]>) -> Scene {
    let scene = scene(&format!("file:prices/{name}"), keys);
    scene.write(&format!("prices/{name}"), list.as_ref());
    scene
}

/// The quotes and the rejected offers of `acme`, as pairs of article and unit price.
fn offers(scene: &Scene) -> Vec<(String, String)> {
    let (document, run) = scene.json(&["widget"]);
    let of_acme = |list: &Value| -> Vec<(String, String)> {
        let ours = list.as_array().unwrap().iter().filter(|offer| offer["supplierId"] == "acme");
        ours.map(|offer| (offer["sku"].as_str().unwrap_or("-").to_owned(), offer["unitPrice"].to_string())).collect()
    };
    assert_eq!(stats(&document, "acme")["error"], Value::Null, "{}", run.stderr);
    assert_eq!(of_acme(&document["rejected"]), [], "{document:#}");
    let mut offers = of_acme(&document["allQuotes"]);
    offers.sort();
    offers
}

/// What is said of `acme`, which must fail so; the good supplier has its quote all the same.
fn error(scene: &Scene, kind: &str) -> String {
    let (document, run) = scene.json(&["widget", "-vv"]);
    assert_eq!(run.code, Some(0), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(document["cheapest"]["sku"], "G-1");
    let acme = stats(&document, "acme");
    assert_eq!((&acme["errorKind"], &acme["fileModifiedAt"]), (&json!(kind), &Value::Null), "{acme:#}");
    acme["error"].as_str().unwrap().to_owned()
}

/// A supplier's list that cannot be read, and what is said of it behind the file's name.
fn unreadable(scene: &Scene) -> String {
    let error = error(scene, "file_unreadable");
    let (_, detail) = error.split_once("`: ").unwrap_or_else(|| panic!("{error}"));
    assert!(error.starts_with("price list cannot be read: `"), "{error}");
    detail.to_owned()
}

const QUOTES: &str = "quotes = '''{sku: .Artikel, unitPrice: (.Preis | tonumber(\".\"; \",\")), inStock: true}'''";

#[test]
fn a_list_in_the_wires_own_columns_needs_no_filter() {
    let list = "productId,sku,unitPrice,inStock,minimumQuantity,priceBreaks\n\
                widget,A-1,0.10,true,,\nother,A-2,x,,,\n widget ,A-3,0.30,TRUE,1,\n";
    assert_eq!(offers(&with_list("acme.csv", "", list)), [("A-1".into(), "0.1".into()), ("A-3".into(), "0.3".into())]);
    let renamed = list.replace("productId", "Part");
    let scene = with_list("acme.csv", "product-column = \"Part\"", &renamed);
    assert_eq!(offers(&scene).len(), 2);
    let said = error(&with_list("acme.csv", "", renamed), "mapping");
    assert!(said.contains("there is no column `productId`; `product-column` says which one"), "{said}");
    assert!(said.contains("the columns are `Part`, `sku`"), "{said}");
}

#[test]
fn what_germany_exports_is_read_exactly() {
    let list = b"Artikel;Bezeichnung;Preis\r\nA-1;\"Sch\xf6n; mit\r\n\"\"Loch\"\"\";1.234,50\r\nA-2;x;0,045\r\n";
    let keys = format!("delimiter = \";\"\nencoding = \"windows-1252\"\n{QUOTES}");
    let expected = [("A-1".into(), "1234.5".into()), ("A-2".into(), "0.045".into())];
    assert_eq!(offers(&with_list("acme.csv", &keys, list)), expected);
    let name = keys.replace("sku: .Artikel", "sku: .Bezeichnung");
    assert_eq!(offers(&with_list("acme.csv", &name, list))[0].0, "Sch\u{f6}n; mit\r\n\"Loch\"");
}

#[test]
fn marks_tabs_and_lines_before_the_header_are_skipped() {
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let expected = [("A-1".into(), "0.5".into())];
    let csv = "\u{feff}Artikel,Preis\nA-1,\"0,5\"\n";
    assert_eq!(offers(&with_list("acme.csv", QUOTES, csv)), expected);
    assert_eq!(offers(&with_list("acme.csv", QUOTES, utf16(csv))), expected);
    assert_eq!(offers(&with_list("acme.tsv", QUOTES, "Artikel\tPreis\nA-1\t0,5\n")), expected);
    let keys = format!("header-row = 3\n{QUOTES}");
    assert_eq!(offers(&with_list("acme.csv", &keys, "Price \"list\n\nArtikel,Preis\nA-1,\"0,5\"")), expected);
    let keys = "header-row = 0\nquotes = '{sku: .c1, unitPrice: .c2, inStock: true}'";
    assert_eq!(offers(&with_list("acme.csv", keys, "A-1,0.5\n")), expected);
}

#[test]
fn json_is_read_value_by_value() {
    let keys = "quotes = 'select(.id == $product) | {sku: .n, unitPrice: .p, inStock: true}'";
    let rows = [
        "{\"id\": \"widget\", \"n\": \"A-1\", \"p\": 0.10}",
        "{\"id\": \"x\"}",
        "{\"id\": \"widget\", \"n\": 7, \"p\": 1e0}",
    ];
    let expected = [("7".into(), "1.0".into()), ("A-1".into(), "0.1".into())];
    assert_eq!(offers(&with_list("acme.ndjson", keys, rows.join("\r\n\n"))), expected);
    assert_eq!(offers(&with_list("acme.jsonl", keys, rows.join("\n"))), expected);
    assert_eq!(offers(&with_list("acme.json", keys, format!("[{}]\n", rows.join(" ,\n")))), expected);
    let whole = format!("{{\"rows\": [{}]}}", rows.join(","));
    assert_eq!(offers(&with_list("acme.json", &keys.replace("select", ".rows[] | select"), whole)), expected);
    let by_column = "product-column = \"id\"\nquotes = '{sku: .n, unitPrice: .p, inStock: true}'";
    assert_eq!(offers(&with_list("acme.ndjson", by_column, rows.join("\n"))), expected);
}

#[test]
fn tiers_in_rows_become_tiers() {
    let list = "sku,from,price\nwidget,1,0.60\nwidget,10,0.45\nother,1,9\n";
    let keys = "product-column = \"sku\"\nquotes = '{sku: .sku, inStock: true, priceBreaks: [{quantity: .from, unitPrice: .price}]}'";
    let (document, _) = with_list("acme.csv", keys, list).json(&["widget", "--qty", "10"]);
    assert_eq!(document["cheapest"]["totalPrice"].to_string(), "4.5");
    assert_eq!(document["allQuotes"].as_array().unwrap().len(), 3);
}

#[test]
fn the_files_age_is_told() {
    let scene = with_list("acme.csv", "", "productId,unitPrice,inStock\nwidget,4,true\n");
    let changed = SystemTime::now() - Duration::from_hours(50);
    File::options().write(true).open(scene.path("prices/acme.csv")).unwrap().set_modified(changed).unwrap();
    let run = scene.run(&["widget"]);
    assert!(run.stdout.contains("price lists: acme 2 days 2 hours old, good less than a minute old"), "{}", run.stdout);
    let (document, _) = scene.json(&["widget"]);
    let acme = stats(&document, "acme");
    assert_eq!(acme["transport"], "file");
    assert_eq!(acme["httpStatus"], Value::Null);
    let expected = jiff::Timestamp::try_from(changed).unwrap().to_string();
    assert_eq!(acme["fileModifiedAt"], json!(expected));
    let dry = scene.run(&["widget", "--dry-run"]);
    assert!(
        dry.stdout
            .contains("acme\n  READ prices/acme.csv\n  format: csv\n  size: 42 bytes\n  changed: 2 days 2 hours ago\n"),
        "{}",
        dry.stdout
    );
}

#[test]
fn an_old_list_is_stale() {
    let list = "productId,unitPrice,inStock\nwidget,4,true\n";
    let scene = with_list("acme.csv", "max-age = \"7d\"", list);
    assert_eq!(offers(&scene).len(), 1);
    let changed = SystemTime::now() - Duration::from_hours(9 * 24 + 3);
    File::options().write(true).open(scene.path("prices/acme.csv")).unwrap().set_modified(changed).unwrap();
    let said = error(&scene, "file_stale");
    assert_eq!(
        said,
        "price list is too old: `prices/acme.csv`: it was changed 9 days 3 hours ago, and `max-age` is 7 days"
    );
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let scene = scene("file:prices/acme.csv", "");
    assert_eq!(unreadable(&scene), "no such file or directory");
    let path = scene.path("prices/acme.csv");
    fs::create_dir_all(&path).unwrap();
    assert_eq!(unreadable(&scene), "it is a folder");
    fs::remove_dir(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert_eq!(unreadable(&scene), "it is no regular file");
    fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert_eq!(unreadable(&scene), "it is no regular file");
    fs::remove_file(&path).unwrap();
    symlink("acme.csv", &path).unwrap();
    assert_eq!(unreadable(&scene), "too many levels of symbolic links");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "").unwrap();
    assert_eq!(unreadable(&scene), "it is empty");
}

#[test]
fn check_reports_a_list_that_is_missing() {
    let scene = scene("file:prices/acme.csv", "");
    let run = scene.run(&["check"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("`url` of supplier `acme`: cannot read `prices/acme.csv`: no such file or directory"),
        "{}",
        run.stderr
    );
    scene.write("prices/acme.csv", b"sku\n");
    assert_eq!(scene.run(&["check"]).code, Some(0));
    // Which files there are for a product is not known before it is asked for.
    assert_eq!(scene_of_products().run(&["check"]).code, Some(0));
}

#[test]
fn a_broken_table_is_an_error_with_its_place() {
    for (list, expected) in [
        (&b"productId,unitPrice\nwidget,1\nother\n"[..], "line 3: 1 cell, and the header has 2"),
        (b"productId,unitPrice\nwidget,1,234.50\n", "line 2: 3 cells, and the header has 2"),
        (b"productId,unitPrice\nx,\"a\nb\"\nwidget,1,2\n", "line 4: 3 cells, and the header has 2"),
        (b"productId,unitPrice\nwidget,\"1.0", "line 2, column 8: a quote that is never closed"),
        (b"productId,unitPrice\nwidget,5\"\n", "line 2, column 9: a quote within a cell that does not begin with one"),
        (b"productId,name\nwidget,M\xfcller\n", "line 2, column 9: not UTF-8; `encoding` says what it is"),
        (b"p\0r\0", "line 1, column 2: a zero byte, as UTF-16 has; `encoding` says what it is"),
        (
            b"productId;unitPrice\nwidget;1,5\n",
            "line 1: `;` is in the name of a column; set `delimiter = \";\"`, or `\",\"` if it belongs there",
        ),
        (b"\n\n", "it has no header"),
    ] {
        assert_eq!(unreadable(&with_list("acme.csv", "", list)), expected);
    }
    let few = with_list("acme.csv", "header-row = 9", "a\nb\n");
    assert_eq!(unreadable(&few), "it ends in line 3, before the header");
    let cut = unreadable(&with_list("acme.ndjson", "", "{\"productId\": \"x\"}\n{\"productId\": \"wid"));
    assert_eq!(cut, "line 2, column 19: expected the closing `\"`, but the text ends");
    let cut = unreadable(&with_list("acme.json", "", "[{\"productId\": \"x\"},\n  {\"productId\" 1}]"));
    assert_eq!(cut, "line 2, column 16: expected `:`, found `1`");
}

#[test]
fn a_filter_that_fails_names_the_row() {
    let keys = "quotes = '{sku: .sku, unitPrice: (.price | tonumber)}'";
    let said = error(&with_list("acme.csv", keys, "sku,price\na,1\nb,\"x\n\"\nc,y\n"), "mapping");
    assert_eq!(said, "mapping failed: line 3: string (\"x\\n\") is not a number at .price");
    let said = error(&with_list("acme.json", keys, "[{\"price\": \"1\"}, {\"price\": []}]"), "mapping");
    assert!(said.starts_with("mapping failed: element 1: array ([])"), "{said}");
    let said = error(&with_list("acme.csv", "quotes = '.sku'", "sku\na\n"), "mapping");
    assert_eq!(said, "mapping failed: line 2: the filter yields text, not an object or an array");
    let said = error(&with_list("acme.csv", "quotes = 'def f: f; f'", "sku\na\n"), "mapping");
    assert!(said.starts_with("mapping failed: line 2: the filter was stopped"), "{said}");
    let said = error(&with_list("acme.csv", "quotes = '{sku: .a}'", "a,a\n1,2\n"), "malformed_json");
    assert_eq!(said, "reply is not valid JSON: line 2: key `.a` stands twice");
    let said = error(&with_list("acme.csv", "product-column = \"SKU\"", "sku,price\n"), "mapping");
    assert_eq!(said, "mapping failed: there is no column `SKU`; the columns are `sku`, `price`; did you mean `sku`?");
}

#[test]
fn a_header_alone_offers_nothing() {
    assert_eq!(offers(&with_list("acme.csv", "", "productId,unitPrice\n")), []);
    assert_eq!(offers(&with_list("acme.json", "", "[]")), []);
}

#[test]
fn more_offers_than_a_reply_may_have_are_refused() {
    let rows = |count: usize| "x,widget,1\n".repeat(count);
    let keys = "quotes = '{sku: .sku, unitPrice: .price, inStock: true}'";
    let most = with_list("acme.csv", keys, format!("n,sku,price\n{}", rows(10_000)));
    assert_eq!(offers(&most).len(), 10_000);
    let said = error(&with_list("acme.csv", keys, format!("n,sku,price\n{}", rows(10_001))), "mapping");
    assert!(said.starts_with("mapping failed: line 10002: more than 10000 offers; `product-column`"), "{said}");
}

#[test]
fn a_list_that_takes_too_long_is_left_at_the_deadline() {
    let keys = "timeout = \"100ms\"\nquotes = '[range(20000)] | length | empty'";
    let scene = with_list("acme.csv", keys, format!("a\n{}", "x\n".repeat(100_000)));
    let said = error(&scene, "timeout");
    assert_eq!(said, "offers not read within 100ms");
}

fn scene_of_products() -> Scene {
    let scene = scene("file:prices/{product}.json", "quotes = '{sku: \"A\", unitPrice: .p, inStock: true}'");
    scene.write("prices/widget.json", b"{\"p\": 4}");
    scene.write("secret.json", b"{\"p\": 1}");
    scene
}

#[test]
fn a_product_names_a_file_and_leads_nowhere_else() {
    let scene = scene_of_products();
    assert_eq!(offers(&scene).len(), 1);
    for product in ["../secret", "/etc/passwd", "x/../../secret", "a/b"] {
        let document = scene.run(&["--json", "--", product]).json();
        let acme = stats(&document, "acme");
        assert_eq!(acme["errorKind"], "file_unreadable", "{product}");
        assert_eq!(acme["offers"], 0, "{product}");
    }
    let document = scene.run(&["--json", "--", "../secret"]).json();
    let said = stats(&document, "acme")["error"].as_str().unwrap();
    assert!(said.ends_with("`../secret` cannot be part of a path"), "{said}");
    // Without a column of products, the list of a product is about it.
    let plain = self::scene("file:prices/{product}.csv", "");
    plain.write("prices/widget.csv", b"sku,unitPrice,inStock\nA-1,4,true\n");
    assert_eq!(offers(&plain), [("A-1".into(), "4.0".into())]);
}

#[test]
fn variables_and_absolute_paths_lead_to_files() {
    let scene = scene("file:${PRICES}/acme.csv", "");
    let folder = scene.path("my prices {2026}");
    scene.write("my prices {2026}/acme.csv", b"productId,unitPrice,inStock\nwidget,4,true\n");
    let scene = scene.with_variable("PRICES", folder.to_str().unwrap());
    assert_eq!(offers(&scene).len(), 1);
    fs::remove_file(folder.join("acme.csv")).unwrap();
    let said = error(&scene, "file_unreadable");
    assert_eq!(said, "price list cannot be read: `***/acme.csv`: no such file or directory");
}

/// A workbook with a title, a header in row 3, and two rows.
fn price_sheet() -> Vec<u8> {
    let header = [("A3", "productId"), ("B3", "sku"), ("C3", "unitPrice"), ("D3", "inStock"), ("E3", "validUntil")];
    let header: String = header.iter().map(|(cell, name)| text(cell, name)).collect();
    let row = |row: u32, sku: &str, price: &str| {
        let [product, article, amount, truth, date] = ["A", "B", "C", "D", "E"].map(|column| format!("{column}{row}"));
        let truth = format!("<c r=\"{truth}\" t=\"b\"><v>1</v></c>");
        let date = format!("<c r=\"{date}\" s=\"1\"><v>73050</v></c>");
        let (product, article, amount) = (text(&product, "widget"), number(&article, sku), number(&amount, price));
        format!("<row r=\"{row}\">{product}{article}{amount}{truth}{date}</row>")
    };
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"3\">{header}</row>{}{}",
        text("A1", "Price list"),
        row(4, "4006381333931", "0.30000000000000004"),
        row(6, "17", "19.99")
    );
    excel(&rows)
}

#[test]
fn sheets_are_tables_with_the_numbers_that_they_show() {
    let expected = [("17".into(), "19.99".into()), ("4006381333931".into(), "0.3".into())];
    let scene = with_list("acme.xlsx", "header-row = 3", price_sheet());
    assert_eq!(offers(&scene), expected);
    let (document, _) = scene.json(&["widget"]);
    let quote = document["allQuotes"].as_array().unwrap().iter().find(|quote| quote["sku"] == "17").unwrap();
    assert_eq!(quote["validUntil"], "2099-12-31T23:59:59Z");
    let keys = "header-row = 3\nsheet = \"Prices\"\nproduct-column = \"productId\"\n\
                quotes = '{sku: .sku, unitPrice: .unitPrice, inStock: (.inStock == true)}'";
    assert_eq!(offers(&with_list("acme.xlsx", keys, price_sheet())), expected);
    let named = with_list("acme.xlsx", "sheet = \"Stock\"", price_sheet());
    assert_eq!(unreadable(&named), "there is no sheet `Stock`; the sheets are `Prices`, `Notes`");
    let wide = with_list("acme.xlsx", "", price_sheet());
    assert_eq!(
        unreadable(&with_list("acme.xlsx", "header-row = 2", price_sheet())),
        "row 2, where the header should be, is empty"
    );
    assert!(error(&wide, "mapping").contains("there is no column `productId`"));
}

/// A header, and a row of `widget` at this price.
fn short_rows(price: &str) -> String {
    let header = [("A1", "productId"), ("B1", "sku"), ("C1", "unitPrice"), ("D1", "stockQuantity")];
    let header: String = header.iter().map(|(cell, name)| text(cell, name)).collect();
    let row = text("A2", "widget") + &number("B2", "17") + &number("C2", price) + &number("D2", "500");
    format!("<row r=\"1\">{header}</row><row r=\"2\">{row}</row>")
}

#[test]
fn a_mock_gives_out_a_sheet_as_well() {
    let mock = "[suppliers.acme.mock]\nbody-file = \"excerpt.xlsx\"";
    let scene = scene("file:missing.xlsx", &format!("header-row = 3\n{mock}"));
    scene.write("excerpt.xlsx", &price_sheet());
    let (document, run) = scene.json(&["widget", "--mock"]);
    assert_eq!(stats(&document, "acme")["offers"], 2, "{}", run.stderr);
    assert_eq!(document["cheapest"]["unitPrice"].to_string(), "0.3");
}

#[test]
fn a_hidden_sheet_is_only_read_by_its_name() {
    let (old, new) = (short_rows("1.10"), short_rows("2.20"));
    for state in ["state=\"hidden\"", "state=\"veryHidden\""] {
        let book = excel_of((state, &old), &new);
        assert_eq!(offers(&with_list("acme.xlsx", "", book.clone())), [("17".into(), "2.2".into())]);
        assert_eq!(offers(&with_list("acme.xlsx", "sheet = \"Prices\"", book)), [("17".into(), "1.1".into())]);
    }
}

#[test]
fn a_cell_that_stands_twice_is_no_price() {
    let rows = short_rows("1.10").replace("<c r=\"D2\"", &(number("C2", "9.90") + "<c r=\"D2\""));
    let broken = "the workbook is broken: its cells are not in order";
    assert_eq!(unreadable(&with_list("acme.xlsx", "", excel(&rows))), broken);
}

#[test]
fn sheets_of_opendocument_are_tables_too() {
    let header = ["productId", "sku", "unitPrice", "inStock"].map(|name| ("string", name));
    let rows = ods_row(&header)
        + &ods_row(&[("string", "widget"), ("float", "17"), ("currency", "0.30"), ("boolean", "true")])
        + "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    assert_eq!(offers(&with_list("acme.ods", "", opendocument(&rows))), [("17".into(), "0.3".into())]);
}

/// An archive of 300 MiB of zeros.
fn bomb() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..300 {
        archive.write_all(&zeros).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_small_workbook_does_not_become_large() {
    let scene = with_list("acme.xlsx", "", bomb());
    assert!(fs::metadata(scene.path("prices/acme.xlsx")).unwrap().len() < 2_000_000);
    assert_eq!(unreadable(&scene), "the workbook unpacks to more than 256 MiB; CSV may be as long as it likes");
    let cell =
        "<table:table-cell office:value-type=\"float\" office:value=\"1\" table:number-columns-repeated=\"16384\"/>";
    let row = format!("<table:table-row table:number-rows-repeated=\"1000000\">{cell}</table:table-row>");
    let scene = with_list("acme.ods", "", opendocument(&row));
    assert_eq!(
        unreadable(&scene),
        "a sheet of the workbook has more than 2,000,000 cells; CSV may have as many as it likes"
    );
    // Two cells, as far apart as they can be.
    let far =
        format!("<row r=\"1\">{}</row><row r=\"1048576\">{}</row>", text("A1", "productId"), text("XFD1048576", "x"));
    let scene = with_list("acme.xlsx", "", excel(&far));
    assert_eq!(unreadable(&scene), "row 1048576: 16384 cells, and the header has 1");
    let run = scene.run(&["widget"]);
    assert!(run.most_memory < 80 << 20, "{}", run.most_memory);
}

#[test]
fn what_is_no_workbook_is_told_so() {
    let said = unreadable(&with_list("acme.xlsx", "", "sku;price\n"));
    assert!(said.starts_with("it is no workbook: "), "{said}");
    let mut cut = price_sheet();
    cut.truncate(cut.len() / 2);
    let said = unreadable(&with_list("acme.xlsx", "", cut));
    assert!(said.starts_with("it is no workbook: "), "{said}");
    let said = unreadable(&with_list("acme.xlsx", "", opendocument("")));
    assert!(said.starts_with("the workbook is broken: "), "{said}");
    let said = unreadable(&with_list("acme.ods", "", price_sheet()));
    assert!(said.starts_with("it is no workbook: ") || said.starts_with("the workbook is broken: "), "{said}");
    let backwards = format!("<row r=\"2\">{}</row><row r=\"1\">{}</row>", text("A2", "a"), text("A1", "b"));
    let said = unreadable(&with_list("acme.xlsx", "", excel(&backwards)));
    assert_eq!(said, "the workbook is broken: its cells are not in order");
}

#[test]
fn a_list_is_streamed() {
    let keys = "product-column = \"sku\"\nquotes = '{sku: .sku, unitPrice: .price, inStock: true}'\n";
    let scene = with_list("acme.csv", keys, "");
    let mut file = BufWriter::new(File::create(scene.path("prices/acme.csv")).unwrap());
    let name = "Widget, blue. ".repeat(60);
    writeln!(file, "sku,name,price").unwrap();
    for row in 0..150_000 {
        writeln!(file, "A-{row},\"{name}\",1.{row}").unwrap();
    }
    writeln!(file, "widget,the one,0.75").unwrap();
    file.into_inner().unwrap();
    assert_eq!(offers(&scene), [("widget".into(), "0.75".into())]);
    let run = scene.run(&["widget"]);
    let length = fs::metadata(scene.path("prices/acme.csv")).unwrap().len();
    assert!(length > 100 << 20 && run.most_memory < 80 << 20, "{} of {length}", run.most_memory);
}
