use proptest::prelude::*;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::scan::{MAX_DEPTH, MAX_NUMBER, MAX_VALUES};
use super::*;

fn parsed(text: &str) -> Value<'_> {
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn message(body: impl AsRef<[u8]>) -> String {
    parse(body.as_ref()).expect_err("accepted").to_string()
}

fn string(text: &str) -> Value<'_> {
    Value::String(text.into())
}

#[test]
fn every_kind_of_value_is_read() {
    let Value::Object(object) = parsed(r#" { "a" : [ null , true , false , -0.10e+5 , "x" , { } , [ ] ] } "#) else {
        panic!("not an object")
    };
    let expected = Value::Array(Box::new([
        Value::Null,
        Value::Bool(true),
        Value::Bool(false),
        Value::Number("-0.10e+5".into()),
        string("x"),
        Value::Object(Object(Box::default())),
        Value::Array(Box::default()),
    ]));
    assert_eq!(object.get("a"), Ok(Some(&expected)));
}

#[test]
fn numbers_keep_their_text() {
    for text in ["0", "-0", "0.030", "1E5", "1e-400", "123456789012345678901234567890.5", "1e999999"] {
        assert_eq!(parsed(text), Value::Number(text.into()));
    }
}

#[test]
fn keys_keep_their_order_and_stand_as_often_as_they_were_sent() {
    let Value::Object(object) = parsed(r#"{"b":1,"a":2,"b":3,"c":null,"\u0061x":4}"#) else { panic!("not an object") };
    let keys: Vec<&str> = object.0.iter().map(|(key, _)| key.as_ref()).collect();
    assert_eq!(keys, ["b", "a", "b", "c", "ax"]);
    assert_eq!(object.get("b"), Err(Repeated("b")));
    assert_eq!(object.get("a"), Ok(Some(&Value::Number("2".into()))));
    assert_eq!(object.get("ax"), Ok(Some(&Value::Number("4".into()))));
    assert_eq!((object.get("c"), object.get("d")), (Ok(None), Ok(None)));
    assert_eq!(object.pick(&["a", "b"]), Err(Repeated("b")));
}

#[test]
fn a_repeated_null_is_repeated() {
    let Value::Object(object) = parsed(r#"{"a":null,"a":1}"#) else { panic!("not an object") };
    assert_eq!(object.get("a"), Err(Repeated("a")));
}

#[test]
fn escapes_are_resolved() {
    assert_eq!(parsed(r#""\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00""#), string("\"\\/\u{8}\u{c}\n\r\té€😀"));
    assert_eq!(parsed("\"\u{7f}\u{2028}é\""), string("\u{7f}\u{2028}é"));
}

#[test]
fn half_a_surrogate_pair_becomes_a_replacement_character() {
    for (text, expected) in [
        (r#""\ud800""#, "\u{fffd}"),
        (r#""\udc00x""#, "\u{fffd}x"),
        (r#""\ud800\n""#, "\u{fffd}\n"),
        (r#""\ud800\u0041""#, "\u{fffd}A"),
        (r#""\ud800\ud83d\ude00""#, "\u{fffd}😀"),
        (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
    ] {
        assert_eq!(parsed(text), string(expected), "{text}");
    }
}

#[test]
fn one_byte_order_mark_is_skipped() {
    assert_eq!(parsed("\u{feff}1"), Value::Number("1".into()));
    assert_eq!(message("\u{feff}\u{feff}1"), "line 1, column 1: expected a value, found U+FEFF");
    assert_eq!(message("\u{feff}x"), "line 1, column 1: expected a value, found `x`");
}

#[test]
fn other_encodings_are_named() {
    let utf16 = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let little: Vec<u8> = utf16("{\"a\":1}").iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = utf16("\u{feff}{}").iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for body in [little, big] {
        assert_eq!(message(body), "line 1, column 1: the text is UTF-16, not UTF-8");
    }
    assert_eq!(message(b"[\0\0\0]\0\0\0"), "line 1, column 1: the text is UTF-32, not UTF-8");
}

#[test]
fn bytes_that_are_no_utf8_are_refused_where_they_stand() {
    assert_eq!(message(b"{\n\"\xC3\xA9\xFF\":1}"), "line 2, column 3: the text is not UTF-8");
    assert_eq!(message(b"[\"\xED\xA0\x80\"]"), "line 1, column 3: the text is not UTF-8");
    assert_eq!(message(b"\"\xE2\x82"), "line 1, column 2: the text is not UTF-8");
}

#[test]
fn malformed_documents_say_what_and_where() {
    for (text, expected) in [
        ("", "line 1, column 1: expected a value, but the text ends"),
        (" \n ", "line 2, column 2: expected a value, but the text ends"),
        ("[1,\n 2", "line 2, column 3: expected `,` or `]`, but the text ends"),
        ("[1,]", "line 1, column 4: expected a value, found `]`"),
        ("[1 2]", "line 1, column 4: expected `,` or `]`, found `2`"),
        ("{\"a\":1,}", "line 1, column 8: expected a key in double quotes, found `}`"),
        ("{\"a\" 1}", "line 1, column 6: expected `:`, found `1`"),
        ("{\"a\":1;}", "line 1, column 7: expected `,` or `}`, found `;`"),
        ("{a:1}", "line 1, column 2: expected a key in double quotes, found `a`"),
        ("{'a':1}", "line 1, column 2: expected a key in double quotes, found `'`"),
        ("NaN", "line 1, column 1: expected a value, found `N`"),
        ("nan", "line 1, column 1: expected a value, found `n`"),
        ("[tru]", "line 1, column 2: expected a value, found `t`"),
        ("nullx", "line 1, column 5: expected the end of the text, found `x`"),
        ("+1", "line 1, column 1: expected a value, found `+`"),
        (".5", "line 1, column 1: expected a value, found `.`"),
        ("-", "line 1, column 2: expected a digit, but the text ends"),
        ("[1.]", "line 1, column 4: expected a digit, found `]`"),
        ("[1e+]", "line 1, column 5: expected a digit, found `]`"),
        ("01", "line 1, column 2: expected the end of the text, found `1`"),
        ("1 2", "line 1, column 3: expected the end of the text, found `2`"),
        ("{}\n{}", "line 2, column 1: expected the end of the text, found `{`"),
        ("\"é", "line 1, column 3: expected the closing `\"`, but the text ends"),
        ("\"a\nb\"", "line 1, column 3: the control character U+000A is not escaped"),
        ("\"é\\x\"", "line 1, column 4: expected an escape sequence, found `x`"),
        ("\"\\é\"", "line 1, column 3: expected an escape sequence, found U+00E9"),
        ("\"\\", "line 1, column 3: expected an escape sequence, but the text ends"),
        ("\"\\u12€4\"", "line 1, column 6: expected four hexadecimal digits, found U+20AC"),
        ("\"\\u12", "line 1, column 6: expected four hexadecimal digits, but the text ends"),
        ("\"\\ud800\\u12x4\"", "line 1, column 12: expected four hexadecimal digits, found `x`"),
        ("/* */ 1", "line 1, column 1: expected a value, found `/`"),
        ("<html>", "line 1, column 1: expected a value, found `<`, as in HTML"),
        ("\u{a0}1", "line 1, column 1: expected a value, found U+00A0"),
        ("\u{1b}[31m", "line 1, column 1: expected a value, found U+001B"),
    ] {
        assert_eq!(message(text), expected, "{text:?}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(message(nested(MAX_DEPTH + 1)), "line 1, column 129: nested more than 128 deep");
    assert_eq!(message("[".repeat(100_000)), "line 1, column 129: nested more than 128 deep");
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(parse(objects(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(message(objects(MAX_DEPTH + 1)), "line 1, column 641: nested more than 128 deep");
}

#[test]
fn numbers_are_bounded() {
    let longest = "1".repeat(MAX_NUMBER);
    assert_eq!(parsed(&longest), Value::Number(longest.as_str().into()));
    assert_eq!(message(format!("[1{longest}]")), "line 1, column 2: a number with more than 100 characters");
}

#[test]
fn the_number_of_values_is_bounded() {
    let of = |count: usize| format!("[1{}]", ",1".repeat(count - 2));
    assert!(parse(of(MAX_VALUES).as_bytes()).is_ok());
    let column = 2 + 2 * (MAX_VALUES - 1);
    assert_eq!(message(of(MAX_VALUES + 1)), format!("line 1, column {column}: more than 1500000 values"));
}

/// An object as `serde_json` reads it, with every key as often as it stands.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                std::iter::from_fn(|| map.next_entry().transpose()).collect()
            }
        }
        deserializer.deserialize_map(Collect).map(Members)
    }
}

/// Holds a value to what `serde_json` makes of the same text, number for number and key for key. Texts that
/// `serde_json` refuses, since they hold half a surrogate pair, are not compared.
fn assert_same(value: &Value<'_>, raw: &RawValue) {
    match value {
        Value::Null => assert_eq!(raw.get(), "null"),
        Value::Bool(bool) => assert_eq!(raw.get(), bool.to_string()),
        Value::Number(number) => assert_eq!(raw.get(), number),
        Value::String(text) => match serde_json::from_str::<String>(raw.get()) {
            Ok(expected) => assert_eq!(*text, expected),
            Err(_) => assert!(text.contains('\u{fffd}')),
        },
        Value::Array(elements) => {
            let expected: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap();
            assert_eq!(elements.len(), expected.len());
            elements.iter().zip(expected).for_each(|(element, raw)| assert_same(element, raw));
        }
        Value::Object(object) => {
            let Ok(Members(expected)) = serde_json::from_str(raw.get()) else { return };
            assert_eq!(object.0.len(), expected.len());
            for ((key, value), (expected, raw)) in object.0.iter().zip(expected) {
                assert_eq!(*key, expected);
                assert_same(value, raw);
            }
        }
    }
}

/// `RawValue` checks the grammar alone: no depth, no surrogates, no range of numbers.
fn assert_agrees_with_serde_json(body: &[u8]) {
    let raw = serde_json::from_slice::<&RawValue>(body);
    match (parse(body), raw) {
        (Ok(value), Ok(raw)) => assert_same(&value, raw),
        (Err(_), Err(_)) => {}
        (Ok(_), Err(error)) => panic!("accepted {:?}: {error}", String::from_utf8_lossy(body)),
        (Err(error), Ok(_)) => panic!("refused {:?}: {error}", String::from_utf8_lossy(body)),
    }
}

/// Documents in any spacing and with any escapes.
fn document() -> impl Strategy<Value = String> {
    let space = "[ \n\r\t]{0,2}";
    let text = "\"([ !#-\\[\\]-~é€😀]|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}|\\\\ud83d\\\\ude00){0,6}\"";
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,4})?";
    let leaf = prop_oneof![Just("null".to_owned()), Just("true".to_owned()), Just("false".to_owned()), number, text];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        let inner = (space, inner, space).prop_map(|(before, value, after)| format!("{before}{value}{after}"));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::vec((space, text, space, inner), 0..6).prop_map(|members| {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(before, key, after, value)| format!("{before}{key}{after}:{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn valid_documents_are_accepted_with_equal_content(text in document()) {
        prop_assert!(parse(text.as_bytes()).is_ok());
        assert_agrees_with_serde_json(text.as_bytes());
    }

    #[test]
    fn damaged_documents_are_accepted_and_refused_alike(
        text in document(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), 0..4, prop::sample::select(&b"\"\\{}[]:,0-.eEu1tn\x00\x1F\x7F\xC3\xA9\xED \n"[..])), 1..4),
    ) {
        let mut body = text.into_bytes();
        for (place, damage, byte) in damages {
            let place = place.index(body.len() + 1);
            match damage {
                0 => body.insert(place, byte),
                1 if place < body.len() => body[place] = byte,
                2 if place < body.len() => drop(body.remove(place)),
                _ => body.truncate(place),
            }
        }
        assert_agrees_with_serde_json(&body);
    }

    #[test]
    fn arbitrary_bytes_are_accepted_and_refused_alike(body in prop::collection::vec(any::<u8>(), 0..20)) {
        // UTF-8 that begins with a byte-order mark is the one thing that is accepted here and not there.
        prop_assume!(!body.starts_with(b"\xEF\xBB\xBF"));
        assert_agrees_with_serde_json(&body);
    }

    #[test]
    fn an_error_stands_within_the_text(body in ".{0,60}") {
        if let Err(JsonError { line, column, .. }) = parse(body.as_bytes()) {
            prop_assert!(column <= body.split('\n').nth(line - 1).unwrap().chars().count() + 1);
        }
    }
}
