use super::*;

fn number(text: &str) -> Value<'_> {
    Value::Number(text.into())
}

fn string(text: &str) -> Value<'_> {
    Value::String(text.into())
}

fn number_fault(found: &str, problem: NumberProblem) -> FaultProblem {
    FaultProblem::Number { found: found.to_owned(), problem }
}

#[test]
fn money_is_exact_from_numbers_and_from_texts() {
    for text in ["0.10", "12.345678901234", "999999999999", "0.000000000001", "-5"] {
        assert_eq!(decimal(&number(text)).unwrap().to_string(), text);
        assert_eq!(decimal(&string(text)).unwrap().to_string(), text);
    }
    assert_eq!(decimal(&number("1.5e2")).unwrap().to_string(), "150");
}

#[test]
fn price_texts_for_people_are_no_numbers() {
    let texts = [
        "1.234,56",
        "1,600.00",
        "1_000",
        "+1",
        ".5",
        "1.",
        "１２",
        "NaN",
        "Infinity",
        "-Infinity",
        "",
        " 1",
        "1 ",
        "0x10",
        "1e",
        "€5",
    ];
    for text in texts {
        assert_eq!(decimal(&string(text)), Err(number_fault(text, NumberProblem::NotANumber)), "{text}");
    }
}

#[test]
fn numbers_beyond_twelve_digits_are_refused_and_never_rounded() {
    for (text, problem) in [
        ("1e1000000", NumberProblem::TooManyIntegerDigits),
        ("1e-1000000", NumberProblem::TooManyDecimals),
        ("1234567890123", NumberProblem::TooManyIntegerDigits),
        ("0.1234567890123", NumberProblem::TooManyDecimals),
    ] {
        assert_eq!(decimal(&number(text)), Err(number_fault(text, problem)));
        assert_eq!(decimal(&string(text)), Err(number_fault(text, problem)));
    }
}

#[test]
fn a_long_wrong_value_is_shortened_between_characters() {
    let Err(FaultProblem::Number { found, .. }) = decimal(&string(&"é".repeat(10_000))) else { panic!("accepted") };
    assert_eq!(found, format!("{}…", "é".repeat(60)));
}

#[test]
fn other_types_say_what_was_found() {
    let wrong = |expected, found| FaultProblem::WrongType { expected, found };
    assert_eq!(decimal(&Value::Bool(true)), Err(wrong("a number", "a boolean")));
    assert_eq!(decimal(&Value::Array(Box::default())), Err(wrong("a number", "an array")));
    assert_eq!(boolean(&string("true")), Err(wrong("a boolean", "text")));
    assert_eq!(boolean(&number("1")), Err(wrong("a boolean", "a number")));
    assert_eq!(text(&number("5")), Err(wrong("text", "a number")));
    assert_eq!(name(&Value::Bool(false)), Err(wrong("text", "a boolean")));
    assert_eq!(moment(&number("1767225600")), Err(wrong("text", "a number")));
}

#[test]
fn a_number_that_names_something_keeps_its_digits() {
    assert_eq!(name(&number("12345678901234567890")).unwrap(), "12345678901234567890");
    assert_eq!(name(&string("007")).unwrap(), "007");
}

#[test]
fn integers_are_whole_and_in_their_range() {
    let piece = |value: &Value<'_>| integer::<u64>(value, 1, MAX_PIECES);
    for (value, expected) in [("50", 50), ("50.0", 50), ("5e1", 50), ("1000000000", 1_000_000_000)] {
        assert_eq!(piece(&number(value)), Ok(expected));
        assert_eq!(piece(&string(value)), Ok(expected));
    }
    for outside in ["0", "-1", "1000000001", "1e13", "1e1000000"] {
        let found = outside.to_owned();
        assert_eq!(piece(&number(outside)), Err(FaultProblem::OutOfRange { found, least: 1, most: 1_000_000_000 }));
    }
    assert_eq!(piece(&number("1.5")), Err(number_fault("1.5", NumberProblem::NotWhole)));
    assert_eq!(piece(&string("lots")), Err(number_fault("lots", NumberProblem::NotANumber)));
    assert_eq!(integer::<u16>(&number("3650"), 0, 3650), Ok(3650));
}

#[test]
fn a_stock_count_of_any_size_is_a_count() {
    for (value, expected) in [
        ("0", 0),
        ("-1", -1),
        ("999999999999", 999_999_999_999),
        ("9223372036854775808", STOCK_LIMIT),
        ("-9223372036854775809", -STOCK_LIMIT),
        ("1e999999999999", STOCK_LIMIT),
    ] {
        assert_eq!(stock(&number(value)), Ok(expected));
    }
    assert_eq!(stock(&string("250")), Ok(250));
    assert_eq!(stock(&string("lots")), Err(number_fault("lots", NumberProblem::NotANumber)));
    assert_eq!(stock(&number("1.5")), Err(number_fault("1.5", NumberProblem::NotWhole)));
}

#[test]
fn a_limit_is_zero_or_more_and_as_large_as_it_likes() {
    assert_eq!(limit(&number("0")), Ok(0));
    assert_eq!(limit(&string("2000000000")), Ok(2_000_000_000));
    assert_eq!(limit(&number("9223372036854775807")), Ok(999_999_999_999));
    assert_eq!(
        limit(&number("-1")),
        Err(FaultProblem::OutOfRange { found: "-1".into(), least: 0, most: 999_999_999_999 })
    );
}

#[test]
fn tax_is_a_percentage() {
    assert_eq!(tax_percent(&number("7.7")).unwrap().to_string(), "7.7");
    assert_eq!(tax_percent(&string("0")).unwrap().to_string(), "0");
    assert!(tax_percent(&number("100")).is_ok());
    for outside in ["-0.1", "100.1"] {
        assert_eq!(
            tax_percent(&number(outside)),
            Err(FaultProblem::OutOfRange { found: outside.into(), least: 0, most: 100 })
        );
    }
}

#[test]
fn validity_is_a_moment_or_the_end_of_a_day() {
    for (text, expected) in [
        ("2026-12-01", "2026-12-01T23:59:59Z"),
        ("2028-02-29", "2028-02-29T23:59:59Z"),
        ("2026-12-01T10:00:00Z", "2026-12-01T10:00:00Z"),
        ("2026-12-01t10:00:00z", "2026-12-01T10:00:00Z"),
        ("2026-12-01 10:00:00Z", "2026-12-01T10:00:00Z"),
        ("2026-12-01T10:00:00+02:00", "2026-12-01T08:00:00Z"),
        ("2026-12-01T23:00:00-05:30", "2026-12-02T04:30:00Z"),
        ("2026-12-01T10:00:00.250Z", "2026-12-01T10:00:00.25Z"),
        ("2026-12-01T10:00:00.1234567891234Z", "2026-12-01T10:00:00.123456789Z"),
        ("2026-12-01T10:00:00.5-00:00", "2026-12-01T10:00:00.5Z"),
        (" 2026-12-01 ", "2026-12-01T23:59:59Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ] {
        assert_eq!(moment(&string(text)).unwrap().to_string(), expected, "{text}");
    }
}

#[test]
fn the_end_of_the_year_9999_stands_for_ever() {
    for text in ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-01:00"] {
        assert_eq!(moment(&string(text)), Ok(Timestamp::MAX), "{text}");
    }
}

#[test]
fn other_dates_are_no_dates() {
    for text in [
        "9999999999-01-01",
        "9999999999-01-01T00:00:00Z",
        "+009999-01-01",
        "10000-01-01",
        "2026-02-30",
        "2026-13-01",
        "2026-12-01T25:00:00Z",
        "2026-12-01T10:00:00",
        "2026-12-01T10:00Z",
        "2026-12-01T10:00:00.Z",
        "2026-12-01T10:00:00+0200",
        "2026-12-01T10:00:00+02",
        "2026-12-01T10:00:00+99:00",
        "2026-12-01T10:00:00+02:60",
        "9999-12-31T23:59:59+99:00",
        "2026-12-01T10:00:00,5Z",
        "2026-12-01T10:00:005Z",
        "2026-12-01T10:00:00.5.5Z",
        "2026-12-01é10:00:00Z",
        "2026-12-01T10:00:00Z[Europe/Paris]",
        "2026-12-01T10:00:00Ẑ",
        "20261201",
        "2026-W49-2",
        "01.12.2026",
        "12/01/2026",
        "Tue, 1 Dec 2026 10:00:00 GMT",
        "tomorrow",
        "２０２６-12-01",
        "",
    ] {
        assert_eq!(moment(&string(text)), Err(FaultProblem::NotADate(text.to_owned())), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let value = string(&text);
        let _ = (decimal(&value), stock(&value), limit(&value), moment(&value), tax_percent(&value));
    }

    #[test]
    fn no_text_like_a_date_panics(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,12})?([Zz]|[+-][0-9]{2}:[0-9]{2})") {
        let _ = moment(&string(&text));
    }
}
