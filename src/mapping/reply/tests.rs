use std::sync::Arc;

use super::*;
use crate::domain::{Currency, ErrorKind, PriceRequest, Quantity};
use crate::mapping::Names;

fn compiled(source: &str) -> Filter {
    Filter::compile(source, &Names::of_request()).unwrap_or_else(|problem| panic!("{source}: {problem}"))
}

fn request() -> Bindings {
    let request = PriceRequest {
        product: "widget".to_owned(),
        quantity: Quantity::new(95).unwrap(),
        currency: Currency::parse("EUR").unwrap(),
    };
    Bindings::new(Arc::new(request), Arc::new([]))
}

fn read(mapping: &Mapping, reply: &str) -> Result<Page, Failure> {
    let page = mapping.read(reply.as_bytes(), &request(), &SupplierName::new("acme"));
    let at_once = mapping.read_at_once(reply.as_bytes(), &request(), &SupplierName::new("acme"));
    assert!(at_once.is_none_or(|at_once| at_once == page), "{reply}");
    page
}

/// What is wrong with a reply, by an `error` filter.
fn error(source: &str, reply: &str) -> Result<(), (ErrorKind, Option<String>)> {
    let mapping = Mapping { error: Some(compiled(source)), quotes: Some(compiled("empty")), next: None };
    read(&mapping, reply).map(drop).map_err(|failure| (failure.kind, failure.detail))
}

fn says(message: &str) -> Result<(), (ErrorKind, Option<String>)> {
    Err((ErrorKind::SupplierError, Some(message.to_owned())))
}

#[test]
fn nothing_is_no_error() {
    for source in ["empty", "null", "false", "\"\"", "\" \"", "[]", "{}", ".a", ".errors[]?", "[null, \"\"]"] {
        assert_eq!(error(source, "{}"), Ok(()), "{source}");
    }
}

#[test]
fn whatever_else_an_error_filter_yields_is_the_suppliers_error() {
    assert_eq!(error(".e", r#"{"e": " no credit "}"#), says("no credit"));
    assert_eq!(error(".e[]", r#"{"e": ["one", null, "two"]}"#), says("one; two"));
    assert_eq!(error(".e", r#"{"e": ["one", "two"]}"#), says("one; two"));
    assert_eq!(error(".e", r#"{"e": 0}"#), says("0"));
    assert_eq!(error(".e", r#"{"e": {"code": 7, "message": "no credit"}}"#), says("no credit"));
    assert_eq!(error(".e", r#"{"e": {"Code": 7, "Text": "no credit"}}"#), says(r#"{"Code":7,"Text":"no credit"}"#));
    assert_eq!(error(".e", r#"{"e": [{"Id": 1}, {"detail": "quota"}]}"#), says(r#"{"Id":1}; quota"#));
    assert_eq!(error("true", "{}"), Err((ErrorKind::SupplierError, None)));
    assert_eq!(error("true, \"no credit\"", "{}"), says("no credit"));
    assert_eq!(error("\"é\" * 500", "{}"), says(&format!("{}…", "é".repeat(200))));
    assert_eq!(error("$product + $currency", "{}"), says("widgetEUR"));
}

#[test]
fn an_error_filter_that_fails_is_named() {
    let failed = |source, reply| error(source, reply).unwrap_err();
    assert_eq!(
        failed(".e[]", "{}"),
        (ErrorKind::Mapping, Some("in `error`: cannot iterate over null (null) at .e".into()))
    );
    assert_eq!(failed("[range(1e12)]", "{}").1.unwrap(), "in `error`: the filter was stopped: it takes too many steps");
    assert_eq!(
        failed(".a", r#"{"a": 1, "a": 2}"#),
        (ErrorKind::MalformedJson, Some("in `error`: key `.a` stands twice".into()))
    );
    assert_eq!(failed(".a", "{,}").0, ErrorKind::MalformedJson);
}

#[test]
fn an_error_goes_before_offers_in_either_format() {
    let offer = r#"{"unitPrice": 1, "currency": "EUR", "inStock": true, "fault": "no credit"}"#;
    for quotes in [None, Some(compiled("."))] {
        let mapping = Mapping { error: Some(compiled(".fault")), quotes, next: None };
        assert_eq!(read(&mapping, offer).unwrap_err().detail.as_deref(), Some("no credit"));
        let fine = read(&mapping, &offer.replace("fault", "note")).unwrap();
        assert_eq!((fine.offers.len(), fine.next), (1, None));
    }
}

#[test]
fn the_wires_own_format_loses_nothing_beside_a_filter() {
    let mapping = Mapping { error: Some(compiled(".fault?")), ..Mapping::default() };
    for reply in [
        r#"[{"unitPrice": 1e1000000, "currency": "EUR", "inStock": true}, {"unitPrice": 0.1000, "sku": "a"}]"#,
        r#"{"unitPrice": 123456789012.123456789012, "currency": "EUR", "stockQuantity": 12345678901234567890123456789012}"#,
        r#"{"unitPrice": 1, "unitPrice": 2}"#,
        r#"{"error": "no"}"#,
        "5",
    ] {
        assert_eq!(read(&mapping, reply), read(&Mapping::default(), reply), "{reply}");
    }
}

#[test]
fn all_filters_of_a_reply_share_what_they_may_use() {
    let costly = "[range(1200000)] | empty";
    let one = Mapping { error: Some(compiled(costly)), ..Mapping::default() };
    assert_eq!(read(&one, "[]").unwrap(), Page::default());
    let all = Mapping { error: Some(compiled(costly)), quotes: Some(compiled(costly)), next: Some(compiled(costly)) };
    let failure = read(&all, "[]").unwrap_err();
    assert!(failure.detail.unwrap().contains("it takes too many steps"));
}

#[test]
fn the_message_of_an_error_status_is_the_filters_or_the_usual_one() {
    let message = |error: &str, body: &str| {
        let mapping = Mapping { error: Some(compiled(error)), ..Mapping::default() };
        mapping.message(body.as_bytes(), &request())
    };
    assert_eq!(message(".Fault.Text", r#"{"Fault": {"Text": "no credit"}}"#).as_deref(), Some("no credit"));
    for (error, body) in [(".x", r#"{"message": "busy"}"#), (".x[]", r#"{"message": "busy"}"#)] {
        assert_eq!(message(error, body).as_deref(), Some("busy"));
    }
    assert_eq!(message("[range(1e6)]", r#"{"message": "busy"}"#).as_deref(), Some("busy"));
    assert_eq!(message(".", "<html>"), None);
    assert_eq!(Mapping::default().message(br#"{"message": "busy"}"#, &request()).as_deref(), Some("busy"));
}

/// Where the next page is, by a `next` filter.
fn next(source: &str, reply: &str) -> Result<Option<NextPage>, String> {
    let mapping = Mapping { quotes: Some(compiled("empty")), next: Some(compiled(source)), error: None };
    read(&mapping, reply).map(|page| page.next).map_err(|failure| failure.detail.unwrap())
}

#[test]
fn the_next_page_is_a_location_or_a_body() {
    for last in ["empty", "null", "false", "\"\"", ".next", ".next // empty"] {
        assert_eq!(next(last, "{}"), Ok(None), "{last}");
    }
    assert_eq!(next(".n", r#"{"n": " /p?2 "}"#), Ok(Some(NextPage::Location("/p?2".into()))));
    let token = r#".token // "" | select(. != "") | "&pageToken=" + @uri"#;
    assert_eq!(next(token, r#"{"token": "a/b=="}"#), Ok(Some(NextPage::Location("&pageToken=a%2Fb%3D%3D".into()))));
    assert_eq!(next(token, r#"{"token": ""}"#), Ok(None));
    assert_eq!(
        next("{part: $product, after: .last}", r#"{"last": 7.10}"#),
        Ok(Some(NextPage::Body(r#"{"part":"widget","after":7.10}"#.into())))
    );
}

#[test]
fn anything_else_is_no_next_page() {
    let failed = |source| next(source, "{}").unwrap_err();
    assert_eq!(failed("2"), "`next` yields a number, not a text or an object");
    assert_eq!(failed("[\"/2\"]"), "`next` yields an array, not a text or an object");
    assert_eq!(failed("\"/2\", \"/3\""), "`next` yields 2 values, not one");
    assert_eq!(failed(".a.b[]"), "in `next`: cannot iterate over null (null) at .a.b");
}

fn ids(source: &str, reply: &str) -> Result<Vec<String>, String> {
    let lookup = Lookup { error: None, ids: compiled(source) };
    lookup.read(reply.as_bytes(), &request()).map_err(|failure| {
        assert_eq!(failure.kind, ErrorKind::Mapping);
        failure.detail.unwrap()
    })
}

#[test]
fn ids_are_texts_and_numbers_each_once() {
    let reply = r#"{"parts": [{"id": "A/1"}, {"id": 123456789012345678901234567890123}, {"id": null}, {"id": "A/1"}]}"#;
    let expected = vec!["A/1".to_owned(), "123456789012345678901234567890123".to_owned()];
    assert_eq!(ids(".parts[].id", reply), Ok(expected.clone()));
    assert_eq!(ids("[.parts[].id]", reply), Ok(expected));
    assert_eq!(ids("empty", "{}"), Ok(vec![]));
    assert_eq!(ids(".part.id", "{}"), Ok(vec![]));
    assert_eq!(ids("[range(10000)]", "{}").map(|ids| ids.len()), Ok(10_000));
    assert_eq!(ids("\"a\\r\\nb\", \"é#?&\"", "{}"), Ok(vec!["a\r\nb".to_owned(), "é#?&".to_owned()]));
}

#[test]
fn what_is_no_id_is_refused() {
    let failed = |source| ids(source, "{}").unwrap_err();
    assert_eq!(failed("{id: 1}"), "`ids` yields an object, not a text or a number");
    assert_eq!(failed("true"), "`ids` yields a boolean, not a text or a number");
    assert_eq!(failed("[[1]]"), "`ids` yields an array, not a text or a number");
    assert_eq!(failed("\" \""), "`ids` yields an empty text");
    assert_eq!(failed("\"x\" * 1001"), "`ids` yields a text of more than 1000 characters");
    assert_eq!(failed("range(10001)"), "in `ids`: the filter yields more than 10000 values");
    for id in ["..", ".", "a/../b", "%2e%2E", "a/%2e./b", "..\\\\x", ". ."] {
        let outcome = ids(&format!("\"{id}\""), "{}");
        assert_eq!(outcome.is_ok(), id == ". .", "{id}: {outcome:?}");
    }
}

#[test]
fn an_error_goes_before_ids() {
    let lookup = Lookup { error: Some(compiled(".error")), ids: compiled(".parts[].id") };
    let failure = lookup.read(br#"{"error": "no credit"}"#, &request()).unwrap_err();
    assert_eq!((failure.kind, failure.detail.as_deref()), (ErrorKind::SupplierError, Some("no credit")));
}
