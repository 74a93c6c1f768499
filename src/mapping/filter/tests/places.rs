//! An error names its place in the document.

use super::*;

const REPLY: &str =
    r#"{"parts": [{"breaks": [1]}, {"breaks": 5, "name": "x", "gone": null, "ok": true}, {"a b": {"c": []}}]}"#;

#[track_caller]
fn assert_error(source: &str, expected: &str) {
    assert_yields(source, REPLY, &format!("error: {expected}"));
}

#[test]
fn a_wrong_type_names_its_place() {
    assert_error("[.parts[] | .breaks[]]", "cannot iterate over number (5) at .parts[1].breaks");
    assert_error(".parts[0] | .offers[]", "cannot iterate over null (null) at .parts[0].offers");
    assert_error(".parts[1] | .gone[]", "cannot iterate over null (null) at .parts[1].gone");
    assert_error(".parts[1] | .ok[]", "cannot iterate over boolean (true) at .parts[1].ok");
    assert_error(".parts[7].x[]", "cannot iterate over null (null) at .parts[7].x");
    assert_error(".parts[2][\"a b\"].c.d", "cannot index array ([]) with \"d\" at .parts[2].[\"a b\"].c");
    assert_error(".parts[1].name | . + 1", "string (\"x\") and number (1) cannot be added at .parts[1].name");
    assert_error("1 + .parts[1].name", "number (1) and string (\"x\") cannot be added at .parts[1].name");
    assert_error(".parts[1].name | tonumber", "string (\"x\") is not a number at .parts[1].name");
    assert_error(".parts | keys | .[0] | keys", "number (0) has no keys");
    assert_error(".[]|= keys | .parts.x", "cannot index array ([0,1,2]) with \"x\"");
}

#[test]
fn the_document_itself_has_a_place() {
    assert_yields(".[]", "5", "error: cannot iterate over number (5) at .");
    assert_yields(".[1].a", "[1, 2]", "error: cannot index number (2) with \"a\" at .[1]");
}

#[test]
fn equal_values_are_told_apart() {
    assert_yields(".[2] | tonumber", r#"["x", "x", "x"]"#, "error: string (\"x\") is not a number at .[2]");
    assert_yields(".[2][]", "[7, 7, 7]", "error: cannot iterate over number (7) at .[2]");
}

#[test]
fn what_the_filter_made_has_no_place() {
    assert_yields("[1, 2] | .[0].a", "1", "error: cannot index number (1) with \"a\"");
    assert_yields("{a: .x, b: .y.z[]}", "[]", "error: cannot index array ([]) with \"x\" at .");
    assert_yields("try error(\"mine\") catch error(.)", "1", "error: mine");
}

#[test]
fn an_error_shows_little_of_the_input() {
    let long = format!("[{}1]", "\"0123456789\",".repeat(1000));
    assert_yields(
        ".a",
        &long,
        "error: cannot index array ([\"0123456789\",\"0123456789\",\"0123456789\",…) with \"a\" at .",
    );
    let own = outputs("\"x\" * 100000 | error", "1");
    assert_eq!(own[0].chars().count(), "error: ".len() + 301);
}

#[test]
fn a_key_that_stands_twice_is_poison_when_it_is_read() {
    let reply = r#"{"parts": [{"price": 1, "price": 2, "sku": "a"}], "x": 1}"#;
    let failure = |source: &str| {
        let failure = read(source, reply.as_bytes()).unwrap_err();
        (failure.kind, failure.detail.unwrap_or_default())
    };
    let poison = (ErrorKind::MalformedJson, "key `.parts[0].price` stands twice".to_owned());
    for source in [
        ".parts[] | {unitPrice: .price}",
        ".parts[] | .price?",
        ".parts[] | try .price catch 1",
        "[.parts[][]]",
        ".parts[0] | to_entries",
        ".parts | tojson",
        ".parts[0] == {price: 1, sku: \"a\"}",
        ".. | numbers",
        ".parts[0].price = 5",
    ] {
        assert_eq!(failure(source), poison, "{source}");
    }
    assert_yields(".parts[] | .sku, keys, has(\"price\"), length", reply, r#""a" ["price","sku"] true 2"#);
    assert_yields(".parts[] | . + {sku: 1} | .sku", reply, "1");
    assert_yields(".parts[] | del(.sku) | length", reply, "1");
}

#[test]
fn a_key_that_stands_twice_is_still_poison_in_the_output() {
    let reply = br#"[{"unitPrice": 1, "unitPrice": 2, "foo": 1, "foo": 2}]"#;
    let offers = |source: &str| read(source, reply);
    assert_eq!(offers(".[]").unwrap_err().kind, ErrorKind::MalformedJson);
    assert_eq!(offers("map(. + {unitPrice: 3})").map(|offers| offers.len()), Ok(1));
}
