//! What there is and what there is not.

use super::*;

/// Whatever reads anything but the input, writes anything, or ends the program.
const FORBIDDEN: [&str; 42] = [
    "env",
    "$ENV",
    "$__prog_args",
    "$__loc__",
    "$ARGS",
    "input",
    "inputs",
    "input_filename",
    "input_line_number",
    "debug",
    "debug(.)",
    "stderr",
    "halt",
    "halt(1)",
    "halt_error",
    "halt_error(1)",
    "now",
    "localtime",
    "gmtime",
    "mktime",
    "strftime(\"\")",
    "strflocaltime(\"\")",
    "strptime(\"\")",
    "get_search_list",
    "modulemeta",
    "import \"a\" as a; .",
    "import \"a\" as $a; .",
    "include \"a\"; .",
    "a::b",
    "builtins",
    "capture(\"a\") | named",
    "getpath",
    "error_empty",
    "read_file",
    "load",
    "_sort_by(.)",
    "def _sort_by(f): .; .",
    "infinite",
    "nan",
    "input_line_number",
    "$__prog_name",
    "ltrimstr",
];

#[test]
fn what_is_not_allowed_does_not_exist() {
    for source in FORBIDDEN {
        for kind in [&Names::of_request(), &Names::none()] {
            assert!(Filter::compile(source, kind).is_err(), "{source}");
        }
    }
}

#[test]
fn the_variables_are_the_requests() {
    assert!(Filter::compile("$product + $currency", &Names::of_request()).is_ok());
    let problem = Filter::compile("$price", &Names::of_request()).unwrap_err();
    let expected =
        "line 1, column 1: there is no variable `$price`; the variables are `$product`, `$quantity`, `$currency`";
    assert_eq!(problem.to_string(), expected);
    let problem = Filter::compile("$product", &Names::none()).unwrap_err();
    assert_eq!(problem.to_string(), "line 1, column 1: there is no variable `$product`");
}

#[test]
fn a_suppliers_own_values_are_bound_as_what_they_are() {
    let names = Names::of_request().with(["site", "key", "ids", "rate", "missing"]);
    let source = "[$site, ($key | length), $ids[1], $rate * 2, $missing]";
    let filter = Filter::compile(source, &names).unwrap();
    let bindings = request().with([
        Binding::text("site", "DE"),
        Binding::secret("key", Secret::new("hunter2"), "***"),
        Binding::texts("ids", vec!["a".to_owned(), "b".to_owned()]),
        Binding::number("rate", "0.10".parse().unwrap()),
    ]);
    assert_eq!(filter.request_body(&bindings), Ok(r#"["DE",7,"b",0.2,null]"#.to_owned()));
    assert_eq!(filter.request_body(&bindings.masked()), Ok(r#"["DE",3,"b",0.2,null]"#.to_owned()));
    let problem = Filter::compile("$sight", &names).unwrap_err();
    assert!(problem.to_string().ends_with("`$currency`, `$site`, `$key`, `$ids`, `$rate`, `$missing`"), "{problem}");
}

/// Any name that a configuration may give can be referred to, also one that is a word of the language.
#[test]
fn words_of_the_language_can_be_names() {
    for name in ["if", "then", "and", "def", "reduce", "try", "label", "import", "as", "not", "empty", "env", "a_1"] {
        let filter = Filter::compile(&format!("${name}"), &Names::of_request().with([name])).unwrap();
        let bindings = request().with([Binding::text(name, "x")]);
        assert_eq!(filter.request_body(&bindings), Ok(r#""x""#.to_owned()), "{name}");
    }
}

#[test]
fn every_definition_compiles_and_is_needed_by_its_own_name() {
    for name in definitions::names() {
        let callable = (0..4).any(|arity| {
            let arguments = ["", "(.)", "(.; .)", "(.; .; .)"][arity];
            Filter::compile(&format!("{name}{arguments}"), &Names::of_request()).is_ok()
        });
        assert!(callable, "{name}");
    }
}

#[test]
fn every_function_can_be_called_unless_it_is_internal() {
    for name in functions::names() {
        let callable = ["", "(.)", "(.; .)", "(.; .; .)"]
            .iter()
            .any(|arguments| Filter::compile(&format!("{name}{arguments}"), &Names::of_request()).is_ok());
        assert_eq!(callable, !name.starts_with('_'), "{name}");
    }
}

#[test]
fn a_problem_names_line_and_column_inside_the_filter() {
    let problem = |source: &str| Filter::compile(source, &Names::of_request()).unwrap_err().to_string();
    assert_eq!(problem(""), "line 1, column 1: expected a term, found the end");
    assert_eq!(problem(".a |\n  .b |"), "line 2, column 7: expected a term, found the end");
    assert_eq!(problem(".a |\n  .b | }"), "line 2, column 8: expected a token, found `}`");
    assert_eq!(problem("é | .a b"), "line 1, column 1: expected a token, found `é | .a b`");
    assert_eq!(problem("\"é\" | .a b"), "line 1, column 10: expected the end or an operator, found `b`");
    assert_eq!(problem("[.a"), "line 1, column 1: `[` is never closed");
    assert_eq!(problem("\"abc"), "line 1, column 1: `\"` is never closed");
    assert_eq!(problem("if . then 1"), "line 1, column 12: expected `else` or `end`, found the end");
    assert_eq!(problem(r#""\q""#), "line 1, column 3: expected an escape sequence, found `q\"`");
    assert_eq!(problem("{a: 1; b: 2}"), "line 1, column 6: expected `,` or `}`, found `;`");
    assert_eq!(problem("map(.a) | tonumer"), "line 1, column 11: there is no function `tonumer`; is `tonumber` meant?");
    assert_eq!(problem(".a | xyzzy(1)"), "line 1, column 6: there is no function `xyzzy`");
    assert_eq!(problem(".a | map"), "line 1, column 6: `map` does not take 0 arguments");
    assert_eq!(problem(".a | break $out"), "line 1, column 12: there is no label `$out`");
    assert_eq!(problem(&".a".repeat(101)), "line 1, column 1: a path has more than 100 parts");
}
