//! Lists that are right, and everything that is refused.

use jiff::civil::date;

use super::*;
use crate::mapping::Names;

fn today() -> Date {
    date(2026, 11, 23)
}

/// The bank's XML around the entries of a day.
fn xml(entries: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender>
		<gesmes:name>European Central Bank</gesmes:name>
	</gesmes:Sender>
	<Cube>
		<Cube time='2026-11-20'>
{entries}
		</Cube>
	</Cube>
</gesmes:Envelope>"#
    )
}

const DOLLAR: &str = "<Cube currency='USD' rate='1.0842'/>";

fn ecb(list: impl AsRef<[u8]>) -> Result<String, String> {
    told(RatesFormat::Ecb.read(list.as_ref(), today()))
}

fn json(filter: &str, list: &str) -> Result<String, String> {
    let filter = Filter::compile(filter, &Names::none()).unwrap();
    told(RatesFormat::Filter(filter).read(list.as_bytes(), today()))
}

fn told(rates: Result<Rates, Failure>) -> Result<String, String> {
    let rates = rates.map_err(|failure| format!("{}: {}", failure.kind.as_str(), failure.detail.unwrap()))?;
    let table = rates.per_base().map(|(currency, rate)| format!(" {currency} {rate}"));
    Ok(format!("{}:{}", rates.date(), table.collect::<String>()))
}

fn mapping(detail: &str) -> Result<String, String> {
    Err(format!("mapping: {detail}"))
}

#[test]
fn the_banks_list_is_read_exactly() {
    let list = xml(&format!("{DOLLAR}\n<Cube currency=\"JPY\" rate=\"163.50\"></Cube>"));
    let expected = Ok("2026-11-20: EUR 1 JPY 163.50 USD 1.0842".to_owned());
    assert_eq!(ecb(&list), expected);
    assert_eq!(ecb(format!("\u{feff}{list}")), expected);
    assert_eq!(ecb(list.replace("gesmes:", "g:").replace("xmlns:gesmes", "xmlns:g")), expected, "a prefix is a name");
}

#[test]
fn currencies_that_are_not_known_are_skipped_and_their_numbers_looked_at() {
    let with = |code: &str, rate: &str| ecb(xml(&format!("{DOLLAR}<Cube currency='{code}' rate='{rate}'/>")));
    let expected = Ok("2026-11-20: EUR 1 USD 1.0842".to_owned());
    for (code, rate) in [("XAU", "0.000463"), ("DOGE", "0.00000000000012"), ("BTC", "0"), ("", "1")] {
        assert_eq!(with(code, rate), expected, "{code}");
    }
    assert_eq!(with("DOGE", "1,08"), mapping("the rate of `DOGE` is `1,08`, not a number"));
    assert_eq!(ecb(xml("<Cube currency='XAU' rate='1'/>")), mapping("there is no rate of any currency"));
    assert_eq!(ecb(xml("")), mapping("there is no rate of any currency"));
}

#[test]
fn one_wrong_number_is_enough_to_refuse_the_list() {
    for (rate, problem) in [
        ("0", "not above 0"),
        ("0.000", "not above 0"),
        ("-1.0842", "not above 0"),
        ("1e999", "more than 12 integer digits"),
        ("1e-999", "more than 12 decimals"),
        ("1,08", "not a number"),
        ("1 084.2", "not a number"),
        ("N/A", "not a number"),
        ("NaN", "not a number"),
        ("", "not a number"),
        ("+1", "not a number"),
        ("１", "not a number"),
    ] {
        let list = xml(&format!("{DOLLAR}<Cube currency='GBP' rate='{rate}'/>"));
        assert_eq!(ecb(list), mapping(&format!("the rate of `GBP` is `{rate}`, {problem}")));
    }
    let twice = xml(&format!("{DOLLAR}<Cube currency='usd' rate='1.0842'/>"));
    assert_eq!(ecb(twice), mapping("`USD` stands twice"));
    let unknown_twice = xml(&format!("{DOLLAR}{}", "<Cube currency='XAU' rate='1'/>".repeat(2)));
    assert_eq!(ecb(unknown_twice), mapping("`XAU` stands twice"));
    let base = xml(&format!("{DOLLAR}<Cube currency='EUR' rate='2'/>"));
    assert_eq!(ecb(base), mapping("the rate of the base `EUR` is 1 by definition"));
}

#[test]
fn a_list_of_another_shape_is_not_taken_for_the_banks() {
    let right = xml(DOLLAR);
    let day = "<Cube time='2026-11-20'>";
    let two_days =
        right.replace("\t</Cube>\n</", "<Cube time='2026-11-19'><Cube currency='USD' rate='1'/></Cube></Cube></");
    for (list, problem) in [
        (two_days, "there is more than one day in it"),
        (right.replace("</gesmes:Envelope>", "<Cube/></gesmes:Envelope>"), "there is more than one list in it"),
        (right.replace(day, "<Cube>"), "a day has no `time`"),
        (right.replace("2026-11-20", "20.11.2026"), "the date is `20.11.2026`, not a day such as `2026-11-20`"),
        (right.replace("2026-11-20", "2026-02-30"), "the date is `2026-02-30`, not a day such as `2026-11-20`"),
        (right.replace("2026-11-20", "2026-11-25"), "the date `2026-11-25` is in the future"),
        (right.replace("eurofxref", "other"), "there is no list in it"),
        (right.replace("gesmes.org", "gesmes.example"), "it is not the European Central Bank's XML"),
        (right.replace(" rate='1.0842'", ""), "an entry is not made of `currency` and `rate` alone"),
        (right.replace(" rate=", " multiplier='100' rate="), "an entry is not made of `currency` and `rate` alone"),
        (right.replace("'1.0842'/>", "'1.0842'>2</Cube>"), "an entry is not made of `currency` and `rate` alone"),
        (right.replace("<Cube currency", "<Rate currency"), "an entry is not made of `currency` and `rate` alone"),
        ("{\"base\": \"EUR\"}".to_owned(), "it is JSON, of which only a `rates-filter` makes rates"),
        ("<html/>".to_owned(), "it is not the European Central Bank's XML"),
        (String::new(), "not well-formed XML: the document does not have a root node"),
        ("not a list".to_owned(), "not well-formed XML: unknown token at 1:1"),
        (right.replace("</gesmes:Envelope>", ""), "not well-formed XML: the root node was opened but never closed"),
    ] {
        assert_eq!(ecb(&list), mapping(problem), "{list}");
    }
    assert_eq!(ecb(xml(DOLLAR).replace("2026-11-20", "2026-11-24")).unwrap(), "2026-11-24: EUR 1 USD 1.0842");
    assert_eq!(ecb([right.as_bytes(), b"\xff"].concat()), mapping("the text is not UTF-8"));
}

#[test]
fn hostile_xml_ends_soon() {
    let laughs = (1..9)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect::<Vec<_>>()
        .concat();
    let laughs = format!("<!DOCTYPE x [<!ENTITY l0 \"ha\">{laughs}]><x>&l8;</x>");
    assert_eq!(ecb(laughs), mapping("XML with a document type, as in HTML, is refused"));
    let external = "<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><x>&x;</x>";
    assert_eq!(ecb(external), mapping("XML with a document type, as in HTML, is refused"));
    assert_eq!(ecb(xml("&x;")), mapping("not well-formed XML: unknown entity reference `x` at 9:1"));
    let deep = mapping("more than 1000 parts for the rates of a day");
    assert_eq!(ecb("<a>".repeat(20_000)), deep);
    assert_eq!(ecb(xml(&DOLLAR.repeat(1_000))), deep);
    let attributes = (0..7_000).map(|n| format!(" a{n}=''")).collect::<Vec<_>>().concat();
    assert_eq!(ecb(format!("<x{attributes}/>")), mapping("it is not the European Central Bank's XML"));
    assert_eq!(ecb(" ".repeat(65_537)), Err("body_too_large: more than 64 KiB for the rates of a day".to_owned()));
    let large = json(".", &" ".repeat(1_048_577));
    assert_eq!(large, Err("body_too_large: more than 1024 KiB for the rates of a day".to_owned()));
}

#[test]
fn json_of_any_shape_is_read_through_a_filter() {
    let list = r#"{"success": true, "base": "USD", "date": "2026-11-20",
                   "rates": {"EUR": 0.92233905, "JPY": "150.8", "usd": 1, "XDR": 0.7}}"#;
    let expected = Ok("2026-11-20: EUR 0.92233905 JPY 150.8 USD 1".to_owned());
    assert_eq!(json("{base, date, rates}", list), expected);
    let list = r#"[{"code": "USD", "per100": "108.42", "day": 1795132800}]"#;
    let filter = r#"{base: "EUR", date: (.[0].day | todate | .[:10]),
                     rates: map({key: .code, value: ((.per100 | tonumber) / 100)}) | from_entries}"#;
    assert_eq!(json(filter, list), Ok("2026-11-20: EUR 1 USD 1.0842".to_owned()));
}

#[test]
fn what_a_filter_yields_must_be_rates_and_nothing_else() {
    let list = r#"{"base": "EUR", "date": "2026-11-20", "rates": {"USD": 1.0842}, "amount": 100}"#;
    for (filter, problem) in [
        (".", "`rates-filter` yields `amount` beside `base`, `date` and `rates`"),
        ("empty", "`rates-filter` yields 0 values, not one"),
        (".base, .date", "`rates-filter` yields 2 values, not one"),
        ("tojson", "`rates-filter` yields text, not an object"),
        ("{base, rates}", "`rates-filter` yields no `date`"),
        ("{base, date: 20261120, rates}", "`date` is a number, not text"),
        ("{base: \"euro\", date, rates}", "the base is no currency: `euro` is not a currency of ISO 4217"),
        ("{base, date, rates: [1.0842]}", "`rates` is an array, not an object"),
        ("{base, date, rates: {USD: null}}", "the rate of `USD` is null, not a number"),
        ("{base, date, rates: {USD: -1}}", "the rate of `USD` is `-1`, not above 0"),
        ("{base, date, rates: {USD: \"1,08\"}}", "the rate of `USD` is `1,08`, not a number"),
        ("{base, date, rates: {USD: 1e999}}", "the rate of `USD` is `1e999`, more than 12 integer digits"),
        ("{base, date, rates: {USD: 1, usd: 2}}", "`USD` stands twice"),
        ("{base, date, rates: {}}", "there is no rate of any currency"),
        (".rates[]", "`rates-filter` yields a number, not an object"),
        (".a.b.c[]", "cannot iterate over null (null) at .a.b.c"),
    ] {
        assert_eq!(json(filter, list), mapping(problem), "{filter}");
    }
    let twice = r#"{"base": "EUR", "date": "2026-11-20", "rates": {"USD": 1.0842, "USD": 2}}"#;
    assert_eq!(json("{base, date, rates}", twice), Err("malformed_json: key `.rates.USD` stands twice".to_owned()));
    assert_eq!(
        json(".", "<gesmes/>"),
        Err("malformed_json: line 1, column 1: expected a value, found `<`, as in HTML".to_owned())
    );
}
