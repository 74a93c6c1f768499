//! The language is jq: what these yield, jq 1.7 yields, but for the numbers, which are exact here.

use super::{assert_is, assert_yields};

#[test]
fn access() {
    let input = r#"{"a": [1, {"b": null}, "x"], "c d": true}"#;
    assert_yields(".a[0], .a[-1], .a[7], .a[1].b, .\"c d\", .[\"c d\"]", input, r#"1 "x" null null true true"#);
    assert_yields(
        ".a[1:], .a[:1], .a[-2:], .a[5:], .a[2][0:1]",
        input,
        r#"[{"b":null},"x"] [1] [{"b":null},"x"] [] "x""#,
    );
    assert_yields("[.a[]], [.[]] | length", input, "3 2");
    assert_yields(".. | numbers", input, "1");
    assert_yields(".missing.deeper[3].still", input, "null");
    assert_yields("[.a[]?.b?]", input, "[null]");
    assert_yields(".a | .[1.9]", input, r#"{"b":null}"#);
    assert_yields("try .a.b catch .", input, r#""cannot index array ([1,{\"b\":null},\"x\"]) with \"b\"""#);
    assert_yields(".[[2,3]]", "[1,2,3,2,3]", "[1,3]");
}

#[test]
fn construction() {
    assert_is(r#"{a: 1, "b": 2, ("c" + "d"): 3, "e\(1)": 4, $product, $__loc__: 0}? // {a: 1}"#.replace(", $__loc__: 0", "").as_str(),
        r#"{"a":1,"b":2,"cd":3,"e1":4,"product":"widget"}"#);
    assert_is("{a: (1, 2)}", r#"{"a":1} {"a":2}"#);
    assert_yields("{a, b}", r#"{"a": 1}"#, r#"{"a":1,"b":null}"#);
    assert_is("[range(3)], [range(1; 10; 4)], [range(3; 0; -1)]", "[0,1,2] [1,5,9] [3,2,1]");
    assert_is("[limit(3; repeat(1))], [first(range(5))], [skip(3; range(5))]", "[1,1,1] [0] [3,4]");
    assert_is(r#""a\(1 + 1)b\("c")d\([1, "x"])""#, r#""a2bcd[1,\"x\"]""#);
    assert_is(r#""\u00e9\n\t\"""#, r#""é\n\t\"""#);
}

#[test]
fn control_flow() {
    assert_is("if 1 then 2 else 3 end, if null then 2 end, if false then 1 elif 0 then 5 else 6 end", "2 null 5");
    assert_is("[1, null, 2] | map(. // 9)", "[1,9,2]");
    assert_is("(null, false, 1) // 2, (null // empty // 3), [empty // 4]", "1 3 [4]");
    assert_is(
        "reduce range(5) as $i (0; . + $i), [foreach range(4) as $i (0; . + $i; [$i, .])]",
        "10 [[0,0],[1,1],[2,3],[3,6]]",
    );
    assert_is("label $out | 1, break $out, 2", "1");
    assert_is("[.[]?], [try error(\"x\") catch .], [(1, error(\"y\"), 2)?]", r#"[] ["x"] [1]"#);
    assert_is("try error({a: 1}) catch .a", "1");
    assert_is("error(\"stop\"), 1", "error: stop");
    assert_is("def f(x; $y): x + $y; f(1; 2)", "3");
    assert_is("def fac: if . < 2 then 1 else . * (. - 1 | fac) end; 20 | fac", "2432902008176640000");
    assert_is("[1, [2, 3]] as [$a, [$b, $c]] | $a + $b + $c", "6");
    assert_is(r#"{"a": 1, "b": [2]} as {a: $x, b: [$y]} | [$x, $y]"#, "[1,2]");
    assert_is("[1, 2] | . as [$a] | $a", "1");
    assert_is("true and (true, false), (false or false), (null | not)", "true false false true");
    assert_is("1 as $x | 2 as $y | [$x, $y, $x]", "[1,2,1]");
    assert_is(
        "[while(. < 3; . + 1)?], (0 | [while(. < 3; . + 1)]), (1 | until(. > 100; . * 2))",
        "[null,1,2] [0,1,2] 128",
    );
    assert_is("2 | [recurse(if . < 40 then . * . else empty end)]", "[2,4,16,256]");
    assert_is("[2 | limit(4; repeat(. * 2))]", "[4,4,4,4]");
    assert_is("$product, $quantity, $currency", r#""widget" 95 "EUR""#);
}

#[test]
fn operators_on_what_is_no_number() {
    assert_is(r#""a" + "b", null + 1, 1 + null, [1] + [2], {a: 1, b: 1} + {b: 2}"#, r#""ab" 1 1 [1,2] {"a":1,"b":2}"#);
    assert_is(r#"[1, 2, 1, 3] - [1], ("a, b" / ", "), ("ab" * 3), ("ab" * 0)"#, r#"[2,3] ["a","b"] "ababab" null"#);
    assert_is("{a: {b: 1, c: 2}} * {a: {c: 3}}", r#"{"a":{"b":1,"c":3}}"#);
    assert_is("[null, false, true, 0, \"a\", [], {}] | . == sort", "true");
    assert_is("[{}, [], \"a\", 1, true, false, null] | sort", r#"[null,false,true,1,"a",[],{}]"#);
    assert_is(
        "{} < {a: 1}, [1, 2] < [1, 3], \"B\" < \"a\", {a: 2} < {b: 1}, {a: 1, b: 2} == {b: 2, a: 1}",
        "true true true true true",
    );
    assert_is("try ({} + 1) catch .", r#""object ({}) and number (1) cannot be added""#);
    assert_is("try -\"a\" catch .", r#""string (\"a\") cannot be negated""#);
}

#[test]
fn arrays_and_objects() {
    assert_yields("length, (.[0] | length), add, reverse, first, last, nth(1)", "[3,1,2]", "3 3 6 [2,1,3] 3 2 1");
    assert_yields("sort, min, max, unique, (map(. * 2))", "[3,1,2,1]", "[1,1,2,3] 1 3 [1,2,3] [6,2,4,2]");
    let rows = r#"[{"k":2,"v":"a"},{"k":1,"v":"b"},{"k":2,"v":"c"}]"#;
    assert_yields("map(.v) | join(\"-\")", rows, r#""a-b-c""#);
    assert_yields("sort_by(.k) | map(.v)", rows, r#"["b","a","c"]"#);
    assert_yields("sort_by(-.k, .v) | map(.v)", rows, r#"["a","c","b"]"#);
    assert_yields("group_by(.k) | map(map(.v))", rows, r#"[["b"],["a","c"]]"#);
    assert_yields("unique_by(.k) | map(.v)", rows, r#"["b","a"]"#);
    assert_yields("min_by(.k).v, max_by(.k).v, ([] | min_by(.k))", rows, r#""b" "c" null"#);
    assert_yields("INDEX(.v) | keys", rows, r#"["a","b","c"]"#);
    assert_yields(
        "keys, keys_unsorted, has(\"b\"), has(\"z\"), length",
        r#"{"b":1,"a":2}"#,
        r#"["a","b"] ["b","a"] true false 2"#,
    );
    assert_yields("to_entries", r#"{"b":1}"#, r#"[{"key":"b","value":1}]"#);
    assert_yields(
        "from_entries",
        r#"[{"key":"a","value":1},{"k":"b","v":2},{"name":1,"Value":false}]"#,
        r#"{"a":1,"b":2,"1":false}"#,
    );
    assert_yields("with_entries(.value += 1)", r#"{"a":1}"#, r#"{"a":2}"#);
    assert_is("[1, [2, [3]]] | flatten, flatten(1), transpose?", "[1,2,3] [1,2,[3]]");
    assert_is("[[1, 2], [3]] | transpose", "[[1,3],[2,null]]");
    assert_is(
        "[any, all], ([true, false] | [any, all]), ([] | [any, all])",
        "error: cannot iterate over null (null) at .",
    );
    assert_is("[true, false] | [any, all]", "[true,false]");
    assert_is(
        "[1, 5] | any(. > 4), all(. > 4), any(.[]; . == 9), isempty(.[]), isempty(empty)",
        "true false false false true",
    );
    assert_is(r#"["a", "b", "a"] | index("a"), rindex("a"), indices("a")"#, "0 2 [0,2]");
    assert_is(r"[1, [2]] | contains([[2]]), inside([1, [2], 3]), (2 | IN(1, 2))", "true true true");
    assert_is("[[1, 2], [3, 4]] | [combinations | add]", "[4,5,5,6]");
    assert_is("[1, null, \"a\", {}, [], true] | map(type)", r#"["number","null","string","object","array","boolean"]"#);
    assert_is(
        "[1, null, \"a\", {}] | [.[] | scalars], [.[] | values], [.[] | strings]",
        r#"[1,null,"a"] [1,"a",{}] ["a"]"#,
    );
    assert_is("[3] | toarray, (3 | toarray)", "[3] [3]");
}

#[test]
fn paths_and_updates() {
    let input = r#"{"a": [{"p": 1}, {"p": 2}], "b": null}"#;
    assert_yields("(.a[].p) |= . * 10", input, r#"{"a":[{"p":10},{"p":20}],"b":null}"#);
    assert_yields(
        ".a[0].p = 5 | .a[0].q //= 7 | .c.d = 1",
        input,
        r#"{"a":[{"p":5,"q":7},{"p":2}],"b":null,"c":{"d":1}}"#,
    );
    assert_yields(
        "del(.a[0]), del(.b, .a), del(.a[].p)",
        input,
        r#"{"a":[{"p":2}],"b":null} {} {"a":[{},{}],"b":null}"#,
    );
    assert_yields("[paths]", r#"{"a":[1]}"#, r#"[["a"],["a",0]]"#);
    assert_yields("[leaf_paths], getpath([\"a\", 0]), [path(.a[].p?)]", r#"{"a":[1]}"#, r#"[["a",0]] 1 []"#);
    assert_yields("setpath([\"x\", \"y\"]; 1), delpaths([[\"a\"]])", r#"{"a":1}"#, r#"{"a":1,"x":{"y":1}} {}"#);
    assert_yields("pick(.a, .c.d)", r#"{"a":1,"b":2}"#, r#"{"a":1,"c":{"d":null}}"#);
    assert_yields("map_values(. + 1), map_values(empty)", r#"{"a":1}"#, r#"{"a":2} {}"#);
    assert_yields("walk(if type == \"number\" then . + 1 else . end)", "[1,[2,{\"a\":3}]]", r#"[2,[3,{"a":4}]]"#);
    assert_yields(".[1:] = [9], (.[0] += 5), (.[3] = 1), (.[] |= empty)", "[1,2]", "[1,9] [6,2] [1,2,null,1] []");
    assert_yields(".[2:4] |= map(. * 2)", "[1,2,3,4,5]", "[1,2,6,8,5]");
    assert_yields("(.. | select(type == \"number\")) |= -.", "[1,{\"a\":2}]", r#"[-1,{"a":-2}]"#);
    assert_yields("try (.[-5] = 1) catch .", "[1]", r#""index -5 is out of range""#);
    assert_yields("try (1 + .a |= 2) catch .", r#"{"a":1}"#, r#""invalid path expression with input {\"a\":1}""#);
}

#[test]
fn deleting_makes_nothing() {
    assert_is("{} | del(.a.b), del(.a[0]), delpaths([[\"a\"], [\"b\", 0]])", "{} {} {}");
    assert_is("null | del(.a), del(.[0])", "null null");
    assert_is(
        "[1, 2, 3, 4] | del(.[0, 2]), del(.[1:3]), del(.[-1]), del(.[9]), del(.[-9])",
        "[2,4] [1,4] [1,2,3] [1,2,3,4] [1,2,3,4]",
    );
    assert_is(
        "{a: [{b: 1, c: 2}, 3]} | del(.a[0].b, .a[1]), del(.a[] | select(. == 3)), del(.)",
        r#"{"a":[{"c":2}]} {"a":[{"b":1,"c":2}]} null"#,
    );
    assert_is("[[\"x\"]] | to_entries", r#"[{"key":0,"value":["x"]}]"#);
    assert_is("5 | try delpaths([[\"a\"]]) catch .", r#""cannot delete \"a\" of number (5)""#);
}

#[test]
fn texts() {
    assert_yields(
        r"length, utf8bytelength, ascii_upcase, ascii_downcase, .[1:3], explode, (explode | implode)",
        r#""Aé€z""#,
        r#"4 7 "Aé€Z" "aé€z" "é€" [65,233,8364,122] "Aé€z""#,
    );
    assert_is(r#""  a b " | trim, ltrim, rtrim"#, r#""a b" "a b " "  a b""#);
    assert_is(
        r#""SKU-12" | ltrimstr("SKU-"), rtrimstr("12"), ltrimstr("x"), startswith("SKU"), endswith("x")"#,
        r#""12" "SKU-" "SKU-12" true false"#,
    );
    assert_is(r#""xax" | trimstr("x"), (5 | ltrimstr("x"))"#, r#""a" 5"#);
    assert_is(
        r#""a,b,c" | split(","), (split(",") | join("/")), split("")"#,
        r#"["a","b","c"] "a/b/c" ["a",",","b",",","c"]"#,
    );
    assert_is(r#"["a", 1, null, true] | join(",")"#, r#""a,1,,true""#);
    assert_is(r#""banana" | indices("an"), index("n"), rindex("n"), contains("nan"), test_absent?"#.replace(", test_absent?", "").as_str(), "[1,3] 2 4 true");
    assert_is(
        r#""abc" | reverse, tojson, (tojson | fromjson), ([1, {"a": 0.10}] | tojson | fromjson)"#,
        r#""cba" "\"abc\"" "abc" [1,{"a":0.10}]"#,
    );
    assert_is(
        r#""[1," | try fromjson catch ., ("NaN" | try fromjson catch "no")"#,
        r#""string (\"[1,\") is not JSON: line 1, column 4: expected a value, but the text ends" "no""#,
    );
    assert_is("1425599621 | todate, (todate | fromdate)", r#""2015-03-05T23:53:41Z" 1425599621"#);
    assert_is(
        "[1, \"a\", null] | tostring, (.[0] | tostring), (.[1] | tostring), (.[2] | tostring)",
        r#""[1,\"a\",null]" "1" "a" "null""#,
    );
}

#[test]
fn patterns() {
    assert_is(
        r#""foo Bar é bar" | match("(?<x>b)(a)?r"; "ig") | [.offset, .length, .string, .captures[0].name, .captures[1].string]"#,
        r#"[4,3,"Bar","x","a"] [10,3,"bar","x","a"]"#,
    );
    assert_is(r#""abc" | test("B"), test("B"; "i"), test(["B", "i"]), test("^a.c$")"#, "false true true true");
    assert_is(r#""12 pcs" | capture("(?<n>[0-9]+) (?<unit>[a-z]+)")"#, r#"{"n":"12","unit":"pcs"}"#);
    assert_is(r#""a1b22" | [scan("[0-9]+")], [scan("([a-z])([0-9])")]"#, r#"["1","22"] [["a","1"],["b","2"]]"#);
    assert_is(r#""a, b,c" | [splits(", *")], split(", *"; null)"#, r#"["a","b","c"] ["a","b","c"]"#);
    assert_is(
        r#""é1 é2" | sub("é"; "e"), gsub("é(?<n>[0-9])"; "[\(.n)]"), gsub("^"; ">"), gsub("x"; "y")"#,
        r#""e1 é2" "[1] [2]" ">é1 é2" "é1 é2""#,
    );
    assert_is(
        r#""abc" | [match(""; "g").offset], [match("(z)?b").captures[0] | .string, .offset]"#,
        "[0,1,2,3] [null,-1]",
    );
    assert_is(
        r#"try ("a" | test("(")) catch "no pattern", try ("a" | test("a"; "q")) catch ."#,
        r#""no pattern" "string (\"q\") is not a set of the flags gixsnp""#,
    );
}

#[test]
fn formats() {
    assert_is(r#"[1, "a\"b", null, true, 1.10] | @csv, @tsv"#, r#""1,\"a\"\"b\",,true,1.10" "1\ta\"b\t\ttrue\t1.10""#);
    assert_is(
        r#""a b&c/é" | @uri, ("<a href='x'>" | @html), (["it's", 1] | @sh)"#,
        r#""a%20b%26c%2F%C3%A9" "&lt;a href=&#39;x&#39;&gt;" "'it'\\''s' 1""#,
    );
    assert_is(
        r#""", "f", "fo", "foo", "fööbar" | @base64, (@base64 | @base64d)"#,
        r#""" "" "Zg==" "f" "Zm8=" "fo" "Zm9v" "foo" "ZsO2w7ZiYXI=" "fööbar""#,
    );
    assert_is(r#"@json "x=\([1, "a"])", @text "\(1.50)", @uri "?q=\("a b")""#, r#""x=[1,\"a\"]" "1.50" "?q=a%20b""#);
}
