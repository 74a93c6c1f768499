//! What becomes of a file when a supplier is added to it.

use proptest::prelude::*;

use super::*;

fn addition(name: &str) -> Addition {
    Addition {
        list: None,
        request: None,
        name: name.to_owned(),
        url: "https://acme.example/{product}".to_owned(),
        url_checks: Vec::new(),
        headers: vec![("X-Api-Key".to_owned(), "${ACME_KEY}".to_owned())],
        currency: Currency::parse("EUR").ok().map(|currency| (currency, false)),
        quotes: Some("# check: x\n.parts[]\n| {\n    sku: .id\n  }\n".to_owned()),
    }
}

fn added(text: &str, name: &str) -> Option<String> {
    let addition = addition(name);
    insert(text, &addition, &addition.block())
}

#[test]
fn a_supplier_is_written_with_its_comments() {
    insta::assert_snapshot!(added("currency = \"EUR\" # mine", "acme").unwrap(), @r#"
    currency = "EUR" # mine

    [suppliers.acme]
    url = "https://acme.example/{product}"
    headers = { X-Api-Key = "${ACME_KEY}" }
    # check: the reply names no currency; EUR is what you compare in
    currency = "EUR"
    quotes = '''
    # check: x
    .parts[]
    | {
        sku: .id
      }
    '''
    "#);
}

#[test]
fn every_way_to_write_suppliers_can_be_added_to() {
    for text in [
        "",
        "currency = \"EUR\"",
        "[suppliers.a]\nurl = \"https://a.example\"\n# the end",
        "[suppliers]\na = { url = \"https://a.example\" } # a\n",
        "suppliers = { a = { url = \"https://a.example\" } }\n",
        "suppliers.a.url = \"https://a.example\"\n",
        "[suppliers.a]\r\nurl = \"https://a.example\"\r\n",
        "[suppliers.\"a.b\"]\nurl = \"https://a.example\"\n[rates]\nbase = \"EUR\"\n",
    ] {
        let text = added(text, "acme").unwrap();
        let document: DocumentMut = text.parse().unwrap();
        let url = document["suppliers"]["acme"]["url"].as_str();
        assert_eq!(url, Some("https://acme.example/{product}"), "{text}");
        let quotes = document["suppliers"]["acme"]["quotes"].as_str().unwrap().replace("\r\n", "\n");
        assert!(quotes.starts_with("# check: x\n.parts[]"), "{text}");
    }
    for text in ["suppliers = 3", "suppliers = [1]", "a = "] {
        assert_eq!(added(text, "acme"), None, "{text}");
    }
}

#[test]
fn a_supplier_is_replaced_where_it_stands() {
    let text = "# top\n[suppliers.a]\nurl = \"x\" # a\n\n# mine\n[suppliers.acme]\nurl = \"old\"\nretries = 1\n\n[suppliers.b]\nurl = \"y\"\n";
    let text = added(text, "acme").unwrap();
    assert!(
        text.starts_with("# top\n[suppliers.a]\nurl = \"x\" # a\n\n# mine\n[suppliers.acme]\nurl = \"https"),
        "{text}"
    );
    assert!(text.ends_with("'''\n\n[suppliers.b]\nurl = \"y\"\n") && !text.contains("retries"), "{text}");
}

#[test]
fn a_filter_with_any_text_in_it_survives() {
    for quotes in ["\"'''\" | .", "\"\\u0007\u{7}\"\n", "a\tb\r\n\"\"\"\\", "'''"] {
        let addition = Addition { quotes: Some(quotes.to_owned()), ..addition("acme") };
        let document: DocumentMut = addition.block().parse().unwrap();
        assert_eq!(document["suppliers"]["acme"]["quotes"].as_str(), Some(quotes));
    }
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "# [ -~]{0,20}",
        "[a-d]{1,3}-[0-9]{1,3} *= *[0-9]{1,4} *(# [ -~]{0,9})?",
        "[e-h]{1,3}[0-9]{3} = '[ -&(-~]{0,12}'",
        "\\[suppliers\\.[i-n]{6}[0-9]{4}\\] *(# [ -~]{0,9})?",
        "[o-s]{3}[0-9]{4} = \\[ 1,\t2, # two\n 3 \\]",
        Just("\t".to_owned()),
    ]
}

proptest! {
    #[test]
    fn everything_else_stays_byte_for_byte(
        lines in prop::collection::vec(line(), 0..12),
        crlf in any::<bool>(),
        ends in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = lines.join("\n").replace('\n', end);
        if ends {
            text.push_str(end);
        }
        prop_assume!(text.parse::<DocumentMut>().is_ok());
        let added = added(&text, "acme").unwrap();
        prop_assert!(added.starts_with(&text), "{added}");
        let document = added.parse::<DocumentMut>();
        prop_assert!(document.is_ok(), "{added}");
    }
}
