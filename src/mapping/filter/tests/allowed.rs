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
        for kind in [FilterKind::Supplier, FilterKind::Output] {
            assert!(Filter::compile(source, kind).is_err(), "{source}");
        }
    }
}

#[test]
fn the_variables_are_the_requests() {
    assert!(Filter::compile("$product + $currency", FilterKind::Supplier).is_ok());
    let problem = Filter::compile("$price", FilterKind::Supplier).unwrap_err();
    let expected =
        "line 1, column 1: there is no variable `$price`; the variables are `$product`, `$quantity`, `$currency`";
    assert_eq!(problem.to_string(), expected);
    let problem = Filter::compile("$product", FilterKind::Output).unwrap_err();
    assert_eq!(problem.to_string(), "line 1, column 1: there is no variable `$product`");
}

#[test]
fn every_definition_compiles_and_is_needed_by_its_own_name() {
    for name in definitions::names() {
        let callable = (0..4).any(|arity| {
            let arguments = ["", "(.)", "(.; .)", "(.; .; .)"][arity];
            Filter::compile(&format!("{name}{arguments}"), FilterKind::Supplier).is_ok()
        });
        assert!(callable, "{name}");
    }
}

#[test]
fn every_function_can_be_called_unless_it_is_internal() {
    for name in functions::names() {
        let callable = ["", "(.)", "(.; .)", "(.; .; .)"]
            .iter()
            .any(|arguments| Filter::compile(&format!("{name}{arguments}"), FilterKind::Supplier).is_ok());
        assert_eq!(callable, !name.starts_with('_'), "{name}");
    }
}

#[test]
fn a_problem_names_line_and_column_inside_the_filter() {
    let problem = |source: &str| Filter::compile(source, FilterKind::Supplier).unwrap_err().to_string();
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
