//! Whatever a filter does, it ends, and takes nothing down with it.

use super::*;

/// Filters that would run for ever, recurse without end, fill the memory or print.
const RUNAWAYS: [&str; 68] = [
    "def f: f; f",
    "def f: 1 + f; f",
    "def f: f + 1; f",
    "def f: f, .; f",
    "def f: ., f; f",
    "def f: f | f; f",
    "def f: [f]; f",
    "def f: {a: f}; f",
    "def f: .a |= f; f",
    "def f: try f catch f; f",
    "def f: try error catch f; f",
    "def f: f?; f",
    "def f: f // f; f",
    "def f: if f then f else f end; f",
    "def f: first(f); f",
    "def f: \"\\(f)\"; f",
    "def f(g): f(g); f(.)",
    "def f(g): f(g | g); f(.)",
    "def f(g): g, f(g); [f(1)]",
    "def f(g): def h: f(h | g); h; f(1)",
    "def f($n): f($n + 1); f(0)",
    "def f($n): $n + f($n + 1); f(0)",
    "def f: . as $x | f; f",
    "def f: label $l | f; f",
    "def f: def g: f; g; f",
    "def f: reduce f as $x (0; f); f",
    "def f: path(f); f",
    "def f(g): path(f(g)); f(.)",
    "first(def f(g): if . > 1000000 then . else . + 1 | f(g | g) end; 0 | f(.))",
    "last(limit(10000000; def f(g): ., f(g); f(.)))",
    "[range(1000000000)]",
    "last(range(1000000000000))",
    "[limit(1000000000; repeat(1))]",
    "last(repeat(.))",
    "[repeat(\"x\")] | length",
    "isempty(repeat(empty))",
    "0 | until(false; . + 1)",
    "until(false; ., .)",
    "last(while(true; .))",
    "last(recurse(., .))",
    "last(recurse(.))",
    "[recurse([.])] | length",
    "reduce range(1000000000) as $i (0; . + $i)",
    "reduce repeat(1) as $i (0; . + $i)",
    "reduce range(1000000000) as $i (0; ., .)",
    "last(foreach repeat(1) as $i (0; . + $i))",
    "last(foreach range(1000000000) as $i (.; [$i, .]))",
    "\"x\" * 1000000000",
    "\"x\" * 1000000000000000000000",
    "reduce range(60) as $i (\"x\"; . + .) | length",
    "reduce range(60) as $i ([1]; . + .) | length",
    "reduce range(1000000) as $i ([]; [.])",
    "reduce range(1000000) as $i ({}; {a: .})",
    "reduce range(60) as $i (0; [., .]) | tojson",
    "reduce range(60) as $i (0; [., .]) | [..] | length",
    "reduce range(60) as $i (0; [., .]) | last(..)",
    "(reduce range(60) as $i (0; [., .])) == (reduce range(60) as $i (0; [., .]))",
    "[reduce range(60) as $i (0; [., .]), reduce range(60) as $i (0; [., .])] | sort",
    "reduce range(60) as $i (0; [., .]) | flatten",
    "reduce range(60) as $i (0; [., .])",
    ".[1000000000000] = 1",
    "[range(3000)] | combinations(100)",
    "[range(300000)] | [.[] as $a | .[] as $b | $a * $b] | length",
    "\"a\" * 1000000 | [limit(100; repeat(test(\"(a*)*b\")))]",
    "\"a\" * 100000 | [match(\"\"; \"g\")] | length | error",
    "\"a\" | test(\"a{1000}{1000}{1000}\")",
    "\"a\" * 300000 | gsub(\"a\"; \"bb\")",
    "reduce range(1000000) as $i (null; .a) | [range(100000)] - [range(100000) | . + 0.5]",
];

#[test]
fn runaway_filters_are_stopped() {
    // A build without optimisation takes its time for the whole allowance.
    let allowance = Allowance { steps: if cfg!(debug_assertions) { 300_000 } else { MUCH.steps }, ..MUCH };
    for source in RUNAWAYS {
        let outcome = outputs_within(allowance, source, "null");
        assert!(outcome[0].starts_with("error: "), "{source}: {outcome:?}");
    }
}

#[test]
fn runaway_filters_are_that_suppliers_mapping_error() {
    for source in ["def f: 1 + f; f", "\"x\" * 1000000000", "range(10001)", "def f(g): f(g | g); f(.)"] {
        let failure = read(source, b"null").unwrap_err();
        assert_eq!(failure.kind, ErrorKind::Mapping, "{source}");
    }
}

#[test]
fn what_a_runaway_filter_cannot_do_on_the_callers_thread_it_is_not_asked_to_do_there() {
    for source in RUNAWAYS {
        let outcome = read_at_once(source, b"null");
        if let Some(outcome) = outcome {
            assert_eq!(outcome.expect_err(source).kind, ErrorKind::Mapping, "{source}");
        }
    }
}

#[test]
fn runaway_requests_are_stopped() {
    for source in RUNAWAYS {
        let outcome = compiled(source).request_body(&request());
        assert_eq!(outcome.expect_err(source).kind, ErrorKind::Mapping, "{source}");
    }
}

#[test]
fn a_stopped_filter_says_why() {
    let error = |source| outputs(source, "null").join(" ");
    assert_eq!(error("def f: 1 + f; f"), "error: the filter was stopped: it recurses too deep");
    assert_eq!(error("last(repeat(.))"), "error: the filter was stopped: it takes too many steps");
    assert_eq!(error("range(10001)"), "error: the filter yields more than 10000 values");
    assert_eq!(error("reduce range(1000) as $i (0; [.])"), "error: the filter nests arrays or objects too deep");
}

#[test]
fn a_filter_cannot_catch_its_own_end() {
    assert_eq!(
        outputs("try last(repeat(.)) catch 1", "null"),
        ["error: the filter was stopped: it takes too many steps"]
    );
    assert_eq!(outputs("(last(repeat(.))?) // 1", "null"), ["error: the filter was stopped: it takes too many steps"]);
}

#[test]
fn ten_thousand_outputs_are_allowed() {
    assert_eq!(outputs("range(10000)", "null").len(), 10_000);
}

#[test]
fn a_filter_is_bounded_in_text_and_depth() {
    let problem = |source: &str| Filter::compile(source, &Names::of_request()).unwrap_err();
    let long = format!("{}1", " ".repeat(16_000));
    assert_eq!(problem(&long).to_string(), "line 1, column 16001: the filter has more than 16000 characters");
    assert!(Filter::compile(&long[1..], &Names::of_request()).is_ok());
    let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Filter::compile(&deep(100), &Names::of_request()).is_ok());
    assert_eq!(problem(&deep(101)).to_string(), "line 1, column 101: brackets are nested more than 100 deep");
    assert_eq!(problem(&"[".repeat(16_000)).message, "brackets are nested more than 100 deep");
    // Brackets in texts and comments are none, but those of an interpolation are.
    let hidden = format!("{}1", r#"(")" | "#.repeat(101));
    assert_eq!(problem(&hidden).message, "brackets are nested more than 100 deep");
    assert!(Filter::compile(&format!("\"{}\" # {}", "[".repeat(500), "[".repeat(500)), &Names::of_request()).is_ok());
    assert_eq!(problem(&r#""\("#.repeat(60)).message, "brackets are nested more than 100 deep");
}

#[test]
fn the_longest_filters_are_compiled_or_refused() {
    let mut longest = vec![
        format!("{}.", "-".repeat(15_999)),
        format!("{}.", ".|".repeat(7_990)),
        format!("{}.", ".,".repeat(7_990)),
        format!("{}1", "1+".repeat(7_990)),
        format!("{}1", "1//".repeat(5_000)),
        format!("{}1", "1 as $x|".repeat(1_900)),
        format!("{}1", "try ".repeat(3_900)),
        format!("{}1", "label $x|".repeat(1_700)),
        format!(".{}", "[]".repeat(7_990)),
        format!(".{}", "?".repeat(15_900)),
        format!(".{}", ".a".repeat(7_900)),
        format!("{}1", "def f:1;".repeat(1_900)),
        format!("{}1{}", "def f:".repeat(1_900), ";1".repeat(1_900)),
        format!("{}1{}", "if 1 then ".repeat(1_000), " else 1 end".repeat(500)),
        format!("{}1{}", "if 1 then ".repeat(1_000), " end".repeat(1_000)),
        format!("if 1 then 1 {} end", "elif 1 then 1 ".repeat(1_100)),
        format!("[{}1]", "1,".repeat(7_900)),
        format!("{{{}a:1}}", "a:1,".repeat(3_900)),
        "reduce . as $x (".repeat(90),
        "\"\\(".repeat(49),
    ];
    longest.push("foreach ".repeat(1_900));
    for source in longest {
        assert!(source.len() <= 16_000, "{}…", &source[..20]);
        if let Ok(filter) = Filter::compile(&source, &Names::of_request()) {
            let _ = read(&source, b"null");
            let _ = filter.request_body(&request());
        }
    }
}
