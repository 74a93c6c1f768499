use std::sync::Arc;

use super::*;
use crate::domain::{Currency, PriceRequest, Quantity, Secret};
use crate::mapping::Binding;

fn request(product: &str) -> Bindings {
    let request = PriceRequest {
        product: product.to_owned(),
        quantity: Quantity::new(95).unwrap(),
        currency: Currency::parse("EUR").unwrap(),
    };
    Bindings::new(Arc::new(request), Arc::new([]))
}

fn parse(template: &str) -> Result<UrlTemplate, TemplateProblem> {
    UrlTemplate::parse(template, &Names::of_request())
}

fn expand(template: &str, product: &str) -> String {
    parse(template).unwrap().expand(&request(product))
}

fn problem(template: &str) -> TemplateProblem {
    parse(template).unwrap_err()
}

#[test]
fn path_and_query_are_filled_in() {
    let template = "https://api.acme.example/v1/parts/{product}/quote{?quantity,currency}";
    assert_eq!(expand(template, "widget"), "https://api.acme.example/v1/parts/widget/quote?quantity=95&currency=EUR");
    assert_eq!(expand("http://[::1]:8080/a?x=1{&quantity}", ""), "http://[::1]:8080/a?x=1&quantity=95");
    assert_eq!(expand("https://shop.example/all", "widget"), "https://shop.example/all");
    assert_eq!(expand("{product}{product}", "x"), "xx");
    assert_eq!(expand("", "x"), "");
}

#[test]
fn every_nasty_character_of_a_product_is_encoded() {
    for (product, encoded) in [
        ("a/b", "a%2Fb"),
        ("a?b", "a%3Fb"),
        ("a#b", "a%23b"),
        ("100%", "100%25"),
        ("%2F", "%252F"),
        ("a b", "a%20b"),
        ("a+b&c=d", "a%2Bb%26c%3Dd"),
        ("\"'`", "%22%27%60"),
        ("<script>", "%3Cscript%3E"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("螺絲😀", "%E8%9E%BA%E7%B5%B2%F0%9F%98%80"),
        ("a\r\nHost: evil", "a%0D%0AHost%3A%20evil"),
        ("{product}", "%7Bproduct%7D"),
        ("a\\b|c^d", "a%5Cb%7Cc%5Ed"),
        ("\u{0}\u{1b}[2J\u{202e}", "%00%1B%5B2J%E2%80%AE"),
        ("LM358-DR_2.5~x", "LM358-DR_2.5~x"),
    ] {
        assert_eq!(expand("/{product}", product), format!("/{encoded}"));
        assert_eq!(expand("{?product}", product), format!("?product={encoded}"));
    }
}

/// Examples of RFC 6570, section 3.2, with its `var`, `hello`, `path` and `empty` as the product.
#[test]
fn operators_do_what_the_standard_shows() {
    for (template, product, expected) in [
        ("{product}", "Hello World!", "Hello%20World%21"),
        ("{+product}", "Hello World!", "Hello%20World!"),
        ("{+product}/here", "/foo/bar", "/foo/bar/here"),
        ("here?ref={+product}", "/foo/bar", "here?ref=/foo/bar"),
        ("{#product}", "Hello World!", "#Hello%20World!"),
        ("{#product,quantity}", "/foo", "#/foo,95"),
        ("X{.product}", "value", "X.value"),
        ("X{.product,quantity}", "value", "X.value.95"),
        ("{/product}", "value", "/value"),
        ("{/product,quantity}/here", "a/b", "/a%2Fb/95/here"),
        ("{;product,quantity}", "v", ";product=v;quantity=95"),
        ("{;product}", "", ";product"),
        ("{?product}", "", "?product="),
        ("?fixed=yes{&product}", "1024", "?fixed=yes&product=1024"),
        ("{product,quantity}", "a", "a,95"),
        ("{product*}", "a", "a"),
        ("{product:3}", "value", "val"),
        ("{product:30}", "value", "value"),
        ("{+product:6}/here", "/foo/bar", "/foo/b/here"),
        ("{/product:1,product}", "value", "/v/value"),
        ("{;product:5}", "Hello World!", ";product=Hello"),
    ] {
        assert_eq!(expand(template, product), expected, "{template}");
    }
}

/// Examples of RFC 6570, section 3.2, with its `list`, `empty`, `empty_keys` and `undef`.
#[test]
fn lists_and_names_without_a_value_do_what_the_standard_shows() {
    let names = Names::of_request().with(["list", "one", "empty", "empty_keys", "undef", "x"]);
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let bindings = request("value").with([
        Binding::texts("list", texts(&["red", "green", "blue"])),
        Binding::texts("one", texts(&["a/b"])),
        Binding::text("empty", ""),
        Binding::texts("empty_keys", texts(&[])),
        Binding::number("x", "10.50".parse().unwrap()),
    ]);
    for (template, expected) in [
        ("{list}", "red,green,blue"),
        ("{list*}", "red,green,blue"),
        ("{+list}", "red,green,blue"),
        ("{#list*}", "#red,green,blue"),
        ("X{.list}", "X.red,green,blue"),
        ("X{.list*}", "X.red.green.blue"),
        ("{/list}", "/red,green,blue"),
        ("{/list*}", "/red/green/blue"),
        ("{;list}", ";list=red,green,blue"),
        ("{;list*}", ";list=red;list=green;list=blue"),
        ("{?list}", "?list=red,green,blue"),
        ("{?list*}", "?list=red&list=green&list=blue"),
        ("{&list*}", "&list=red&list=green&list=blue"),
        ("{?one}{+one}", "?one=a%2Fba/b"),
        ("{list:1}", "red,green,blue"),
        ("O{undef}X", "OX"),
        ("O{empty}X", "OX"),
        ("{?x,undef}", "?x=10.50"),
        ("{?undef,x}", "?x=10.50"),
        ("{?undef}", ""),
        ("{?x,empty}", "?x=10.50&empty="),
        ("{;x,empty}", ";x=10.50;empty"),
        ("X{.empty_keys}", "X"),
        ("{?empty_keys,product}", "?product=value"),
    ] {
        assert_eq!(UrlTemplate::parse(template, &names).unwrap().expand(&bindings), expected, "{template}");
    }
}

#[test]
fn what_stands_in_the_place_of_a_secret_is_not_encoded() {
    let names = Names::of_request().with(["key"]);
    let template = UrlTemplate::parse("/{product}{?key}", &names).unwrap();
    let bindings = request("***").with([Binding::secret("key", Secret::new("a/hunter2"), "a/***")]);
    assert_eq!(template.expand(&bindings), "/%2A%2A%2A?key=a%2Fhunter2");
    assert_eq!(template.expand(&bindings.masked()), "/%2A%2A%2A?key=a%2F***");
}

#[test]
fn reserved_expansion_and_prefixes_survive_every_text() {
    for (template, product, expected) in [
        ("{+product}", "€€", "%E2%82%AC%E2%82%AC"),
        ("{+product}", "%", "%25"),
        ("{+product}", "%é", "%25%C3%A9"),
        ("{+product}", "%4é", "%254%C3%A9"),
        ("{+product}", "%41%zz", "%41%25zz"),
        ("{+product:3}", "€€€€", "%E2%82%AC%E2%82%AC%E2%82%AC"),
        ("{product:1}", "é", "%C3%A9"),
        ("{+product:1}", "%41", "%25"),
    ] {
        assert_eq!(expand(template, product), expected, "{template} {product}");
    }
}

#[test]
fn literals_beyond_ascii_are_encoded_and_triplets_are_kept() {
    assert_eq!(
        expand("https://shop.example/größe/%C3%A9/{product}", "x"),
        "https://shop.example/gr%C3%B6%C3%9Fe/%C3%A9/x"
    );
}

#[test]
fn an_unknown_variable_is_named_with_its_place() {
    let known = Names::of_request();
    let unknown = |name: &str, position| TemplateProblem::UnknownVariable {
        name: name.to_owned(),
        position,
        known: known.clone(),
    };
    assert_eq!(problem("/{prodcut}"), unknown("prodcut", 3));
    assert_eq!(problem("/{?quantity,quanity}"), unknown("quanity", 13));
    assert_eq!(problem("/{Currency}"), unknown("Currency", 3));
    assert_eq!(problem("/é{?x}"), unknown("x", 5));
    assert_eq!(
        problem("/{sku}").to_string(),
        "there is no variable `sku`; the variables are `product`, `quantity`, `currency`"
    );
}

#[test]
fn what_is_no_template_is_refused_with_its_place() {
    let expression = |expression: &str| TemplateProblem::Expression { expression: expression.to_owned(), position: 2 };
    assert_eq!(problem("/é /{product}"), TemplateProblem::Forbidden { character: ' ', position: 3 });
    assert_eq!(problem("/a|b"), TemplateProblem::Forbidden { character: '|', position: 3 });
    assert_eq!(problem("/{product}/\n"), TemplateProblem::Forbidden { character: '\n', position: 12 });
    assert_eq!(problem("/{product}/100%"), TemplateProblem::Percent { position: 15 });
    assert_eq!(problem("/%zz"), TemplateProblem::Percent { position: 2 });
    assert_eq!(problem("/%{product}"), TemplateProblem::Percent { position: 2 });
    assert_eq!(problem("/{product"), TemplateProblem::NotClosed { position: 2 });
    assert_eq!(problem("/product}"), TemplateProblem::NotOpened { position: 9 });
    assert_eq!(problem("/{product}}"), TemplateProblem::NotOpened { position: 11 });
    for broken in [
        "",
        " ",
        "product,",
        ",product",
        "product ",
        "=product",
        "product:",
        "product:0",
        "product:12345",
        "product*x",
        "{product",
    ] {
        assert_eq!(problem(&format!("/{{{broken}}}")), expression(broken));
    }
}

#[test]
fn messages_are_these() {
    for (template, message) in [
        ("/a b", "U+0020 at character 3 must be percent-encoded"),
        ("/a\"b", "`\"` at character 3 must be percent-encoded"),
        ("/%", "`%` at character 2 is not followed by two hexadecimal digits"),
        ("/{x", "`{` at character 2 is never closed"),
        ("/}", "`}` at character 2 closes nothing"),
        ("/{!x}", "`{!x}` at character 2 is not an expression"),
    ] {
        assert_eq!(problem(template).to_string(), message);
    }
}

#[test]
fn a_template_does_not_print_itself() {
    let template = parse("https://user:hunter2@shop.example/{product}").unwrap();
    assert_eq!(format!("{template:?}"), "UrlTemplate(***)");
}

proptest::proptest! {
    #[test]
    fn no_text_and_no_product_panics(template in ".{0,40}", product in ".{0,20}") {
        if let Ok(template) = parse(&template) {
            let url = template.expand(&request(&product));
            proptest::prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }

    #[test]
    fn a_product_is_one_path_segment_and_decodes_to_itself(product in ".{0,20}") {
        let url = expand("{product}", &product);
        proptest::prop_assert!(!url.contains(['/', '?', '#', '&', '=', '+', ' ']));
        let mut decoded = Vec::new();
        let mut bytes = url.bytes();
        while let Some(byte) = bytes.next() {
            if byte == b'%' {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                decoded.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                decoded.push(byte);
            }
        }
        proptest::prop_assert_eq!(decoded, product.into_bytes());
    }
}
