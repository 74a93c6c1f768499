//! Numbers are exact, and price text is read as declared or not at all.

use proptest::prelude::*;

use super::{assert_is, assert_yields, outputs};

proptest! {
    #[test]
    fn grouped_price_text_is_its_number(
        negative in any::<bool>(), integer in 0_u64..10_000_000_000, fraction in "[0-9]{0,6}",
        (group, point) in prop_oneof![Just((".", ",")), Just((",", ".")), Just(("'", ".")), Just((" ", ","))],
        currency in prop_oneof![Just(""), Just("€"), Just(" EUR"), Just("\u{a0}CHF"), Just("kr.")],
    ) {
        let digits = integer.to_string();
        let mut grouped = String::new();
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position) % 3 == 0 {
                grouped.push_str(group);
            }
            grouped.push(digit);
        }
        let (sign, decimals) = (if negative { "-" } else { "" }, if fraction.is_empty() { "" } else { "." });
        let text = format!("{sign}{grouped}{}{fraction}{currency}", decimals.replace('.', point));
        let filter = format!("tonumber(\"{group}\"; \"{point}\")");
        let expected = format!("{sign}{digits}{decimals}{fraction}");
        let expected = if integer == 0 && fraction.bytes().all(|digit| digit == b'0') { expected.replace('-', "") } else { expected };
        prop_assert_eq!(outputs(&filter, &format!("\"{text}\"")), vec![expected]);
    }

    #[test]
    fn arbitrary_text_is_a_price_only_if_its_digits_say_so(text in "[-0-9.,' €$A-Z()/]{0,12}") {
        let yielded = outputs("[tonumber(\".\"; \",\")?]", &format!("\"{text}\""));
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        prop_assert!(yielded == ["[]"] || digits(&yielded[0]) == digits(&text), "{} {:?}", text, yielded);
    }
}

#[test]
fn arithmetic_is_exact() {
    assert_is(
        "1.10 * 100, 0.1 + 0.2, 0.3 - 0.1, 1250 / 100, 1 / 8, 0.5 + 0.5, 10 / 4 * 4",
        "110 0.3 0.2 12.5 0.125 1 10",
    );
    assert_is("12.40 == 12.4, 0.1 + 0.2 == 0.3, 1e2 == 100, 100 == 1E2", "true true true true");
    assert_is("5 % 3, -5 % 3, 5 % -3, 5.5 % 2, 1e20 % 7", "2 -2 2 1.5 2");
    assert_is("-(1.50), (-0), -(0.0)", "-1.50 0 0.0");
    assert_is("[0.1, 0.30, 0.2] | add, max, min, sort", "0.6 0.30 0.1 [0.1,0.2,0.30]");
    assert_is("123456789012.123456789012 * 1000000000", "123456789012123456789.012");
    assert_is(
        "9999999999999999999999999999 - 1, 9999999999999999999999999999 * 0.1",
        "9999999999999999999999999998 999999999999999999999999999.9",
    );
}

#[test]
fn numbers_keep_their_digits_when_they_are_only_passed_on() {
    assert_yields(".[]", "[1.50, 0.030, 12.00, 0.1000]", "1.50 0.030 12.00 0.1000");
    let long = "0.123456789012345678901234567890123456789";
    assert_yields(". , {a: .}, [.]", long, &format!("{long} {{\"a\":{long}}} [{long}]"));
    assert_is("12.50, 1.0000", "12.50 1.0000");
}

#[test]
fn close_prices_are_told_apart() {
    let rows = r#"[{"p": 0.1234567890123456789012346}, {"p": 0.1234567890123456789012345}]"#;
    assert_yields(
        "min_by(.p).p, max_by(.p).p, (map(.p) | unique | length)",
        rows,
        "0.1234567890123456789012345 0.1234567890123456789012346 2",
    );
    assert_yields(
        ".[0] == .[1], .[0] < .[1], (sort | .[0]), (.[0] == 12345678901234567890123456789012345678901)",
        "[12345678901234567890123456789012345678901, 12345678901234567890123456789012345678902]",
        "false true 12345678901234567890123456789012345678901 true",
    );
    assert_is("1e400 > 1e399, -1e400 < 0, 1e-400 > 0, 1e-400 < 1e-399, 10e400 == 1e401", "true true true true true");
}

#[test]
fn what_is_not_exact_is_an_error_that_says_so() {
    assert_is("1 / 3", "error: 1 / 3 has no exact result; div(3; digits) rounds it");
    assert_is("1 / 0", "error: 1 cannot be divided by 0");
    assert_is("1 % 0", "error: 1 cannot be divided by 0");
    assert_is("9999999999999999999999999999 + 1", "error: 9999999999999999999999999999 + 1 has more than 28 digits");
    assert_yields(
        ". + 1",
        "12345678901234567890123456789",
        "error: number (12345678901234567890123456789) has more than 28 digits at .",
    );
    assert_yields("1 * .a", r#"{"a": 1e400}"#, "error: number (1e400) has more than 28 digits at .a");
}

#[test]
fn rounding_is_asked_for() {
    assert_is("10 | div(3; 2), div(3; 0), div(-3; 4), div(4; 2)", "3.33 3 -3.3333 2.50");
    assert_is(
        "12.345, -12.345, 0.005, 2.5 | [round(2), round(0), round]",
        "[12.35,12,12] [-12.35,-12,-12] [0.01,0,0] [2.50,3,3]",
    );
    assert_is("1.5, -1.5, 2 | [floor, ceil, trunc, abs]", "[1,2,1,1.5] [-2,-1,-1,1.5] [2,2,2,2]");
    assert_is("1 | round(13)", "error: number (13) is not a number of decimals from 0 to 12");
    assert_is("1 | div(0; 2)", "error: number (1) cannot be divided by 0");
    assert_is("\"1\" | round(2)", "error: string (\"1\") is not a number");
    assert_is(
        "9999999999999999999999999999 | round(12)",
        "error: the result for number (9999999999999999999999999999) has too many digits",
    );
}

#[test]
fn tonumber_reads_json_numbers_only() {
    assert_is(r#""12.50", "1e2", "-0.5", "1.50" | tonumber"#, "12.50 100 -0.5 1.50");
    assert_is("5, 1.50 | tonumber", "5 1.50");
    for text in [
        "", " 1", "1 ", "1,5", "1_000", "+1", ".5", "5.", "01", "0x10", "NaN", "Infinity", "１", "1.2.3", "1e", "--1",
        "null",
    ] {
        assert_is(&format!("[\"{text}\" | tonumber?]"), "[]");
        assert_is(
            &format!("\"{text}\" | tonumber"),
            &format!("error: string (\\\"{text}\\\") is not a number").replace('\\', ""),
        );
    }
    assert_is("null | tonumber", "error: null (null) is not a number");
    assert_is("[] | tonumber", "error: array ([]) is not a number");
}

#[test]
fn price_text_is_read_with_the_declared_separators() {
    for (text, separators, expected) in [
        ("1.234,56 €", r#""."; ",""#, "1234.56"),
        ("$1,600.00", r#"","; ".""#, "1600.00"),
        ("CHF 1'234.50", r#""'"; ".""#, "1234.50"),
        ("CHF 1’234.50", r#""'"; ".""#, "1234.50"),
        ("1\u{a0}234,50\u{a0}€", r#"" "; ",""#, "1234.50"),
        ("1\u{202f}234\u{202f}567,5", r#"" "; ",""#, "1234567.5"),
        ("1 234,50 kr.", r#"" "; ",""#, "1234.50"),
        ("5.00-", r#"","; ".""#, "-5.00"),
        ("-5.00 USD", r#"","; ".""#, "-5.00"),
        ("- $5.00", r#"","; ".""#, "-5.00"),
        ("€ −5,00", r#""."; ",""#, "-5.00"),
        ("EUR 12,3456", r#""."; ",""#, "12.3456"),
        ("1,00,000.00", r#"","; ".""#, "100000.00"),
        ("  0,45 ", r#""."; ",""#, "0.45"),
        ("1.234", r#""."; ",""#, "1234"),
        ("1234,5", r#""."; ",""#, "1234.5"),
        ("1234.5", r#""";".""#, "1234.5"),
        ("1.234.567", r#"".";"""#, "1234567"),
        ("US$ 10", r#"","; ".""#, "10"),
    ] {
        assert_is(&format!("\"{text}\" | tonumber({separators})"), expected);
    }
    assert_is(r#"5, 1.50 | tonumber("."; ",")"#, "5 1.50");
}

#[test]
fn what_is_not_one_price_is_an_error() {
    for (text, separators) in [
        ("1,5", r#"","; ".""#),
        ("5 - 10 €", r#""."; ",""#),
        ("5-10", r#""."; ",""#),
        ("(5.00)", r#"","; ".""#),
        ("10 USD / 100", r#"","; ".""#),
        ("1,,600", r#"","; ".""#),
        ("1,600,", r#"","; ".""#),
        (",600", r#"","; ".""#),
        ("1,6000", r#"","; ".""#),
        ("12,34,56", r#"","; ".""#),
        ("0,123", r#"","; ".""#),
        ("1.2.3", r#"","; ".""#),
        ("1.234,5.6", r#""."; ",""#),
        ("1,234", r#""";".""#),
        (".50", r#"","; ".""#),
        ("5.", r#"","; ".""#),
        ("5,-", r#""."; ",""#),
        ("-5.00-", r#"","; ".""#),
        ("--5", r#"","; ".""#),
        ("+5", r#"","; ".""#),
        ("€ 5 €", r#"","; ".""#),
        ("5 k", r#"","; ".""#),
        ("50 ct", r#"","; ".""#),
        ("5 XYZ", r#"","; ".""#),
        ("5 usd", r#"","; ".""#),
        ("ab 5", r#"","; ".""#),
        ("007", r#"","; ".""#),
        ("1e5", r#"","; ".""#),
        ("５", r#"","; ".""#),
        ("", r#"","; ".""#),
        ("€", r#"","; ".""#),
        ("12 34", r#"" "; ".""#),
    ] {
        assert_is(&format!("[\"{text}\" | tonumber({separators})?]"), "[]");
    }
    assert_is(
        r#""1,5" | tonumber(","; ".")"#,
        "error: string (\"1,5\") is not a price with `,` between groups and `.` before decimals",
    );
    assert_is(r#""1" | tonumber(","; ",")"#, "error: the two separators of tonumber are the same");
    assert_is(r#""1" | tonumber("ab"; ",")"#, "error: string (\"ab\") is not a separator: one character, or none");
    assert_is(r#""1" | tonumber("5"; ",")"#, "error: string (\"5\") is not a separator: one character, or none");
    assert_is(r#"null | tonumber("."; ",")"#, "error: null (null) is not a string");
}
