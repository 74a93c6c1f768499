//! The functions of the filter language that are written in the language itself.
//!
//! Only those that a filter needs are compiled with it, since all of them take longer than the filter does.

use std::collections::HashSet;

/// Names and definitions. A definition uses functions in Rust and the definitions that stand before it.
const DEFINITIONS: [(&str, &str); 61] = [
    ("select", "def select(f): if f then . else empty end;"),
    ("error", "def error(f): (f | error) as $x | .;"),
    ("values", "def values: if . == null then empty else . end;"),
    ("nulls", "def nulls: if . == null then . else empty end;"),
    ("booleans", r#"def booleans: if type == "boolean" then . else empty end;"#),
    ("numbers", r#"def numbers: if type == "number" then . else empty end;"#),
    ("strings", r#"def strings: if type == "string" then . else empty end;"#),
    ("arrays", r#"def arrays: if type == "array" then . else empty end;"#),
    ("objects", r#"def objects: if type == "object" then . else empty end;"#),
    ("iterables", r#"def iterables: if type | . == "array" or . == "object" then . else empty end;"#),
    ("scalars", r#"def scalars: if type | . == "array" or . == "object" then empty else . end;"#),
    ("range", "def range(from; to): range(from; to; 1); def range(to): range(0; to; 1);"),
    (
        "recurse",
        "def recurse(f): def rec: ., (f | rec); rec; def recurse: ..; def recurse(f; cond): recurse(f | if cond then . else empty end);",
    ),
    ("repeat", "def repeat(f): def rec: f, rec; rec;"),
    ("while", "def while(cond; f): def rec: if cond then ., (f | rec) else empty end; rec;"),
    ("until", "def until(cond; f): def rec: if cond then . else f | rec end; rec;"),
    ("map", "def map(f): [.[] | f];"),
    ("map_values", "def map_values(f): .[] |= f;"),
    (
        "walk",
        r#"def walk(f): def rec: if type == "object" then map_values(rec) elif type == "array" then map(rec) else . end | f; rec;"#,
    ),
    ("getpath", "def getpath($path): reduce $path[] as $key (.; .[$key]);"),
    ("setpath", "def setpath($path; $value): getpath($path) = $value;"),
    ("del", "def del(f): delpaths([path(f)]);"),
    ("pick", "def pick(f): . as $top | reduce path(f) as $path (null; setpath($path; $top | getpath($path)));"),
    ("paths", "def paths: path(..) | select(length > 0); def paths(f): path(.. | select(f)) | select(length > 0);"),
    ("leaf_paths", "def leaf_paths: paths(scalars);"),
    ("with_entries", "def with_entries(f): to_entries | map(f) | from_entries;"),
    ("first", "def first: .[0];"),
    ("last", "def last: .[-1];"),
    ("nth", "def nth($n): .[$n]; def nth($n; f): first(skip($n; f));"),
    ("isempty", "def isempty(f): first((f | false), true);"),
    ("isvalid", "def isvalid(f): try (f | true) catch false;"),
    (
        "all",
        "def all(f; cond): isempty(first(f | cond and empty)); def all(cond): all(.[]; cond); def all: all(.[]; .);",
    ),
    (
        "any",
        "def any(f; cond): isempty(first(f | cond or empty)) | not; def any(cond): any(.[]; cond); def any: any(.[]; .);",
    ),
    ("in", "def in(xs): . as $x | xs | has($x);"),
    ("inside", "def inside(xs): . as $x | xs | contains($x);"),
    ("IN", "def IN(s): any(s == .; .); def IN(src; s): any(src == s; .);"),
    ("INDEX", r"def INDEX(s; f): reduce s as $row ({}; .[$row | f | tostring] |= $row); def INDEX(f): INDEX(.[]; f);"),
    ("add", "def add(f): reduce f as $x (null; . + $x);"),
    ("index", "def index($part): indices($part) | .[0];"),
    ("rindex", "def rindex($part): indices($part) | .[-1];"),
    ("sort_by", "def sort_by(f): _sort_by([.[] | [f]]);"),
    ("group_by", "def group_by(f): _group_by([.[] | [f]]);"),
    ("unique_by", "def unique_by(f): _unique_by([.[] | [f]]);"),
    ("unique", "def unique: _unique_by(.);"),
    ("min_by", "def min_by(f): _min_by([.[] | [f]]);"),
    ("max_by", "def max_by(f): _max_by([.[] | [f]]);"),
    ("min", "def min: _min_by(.);"),
    ("max", "def max: _max_by(.);"),
    (
        "combinations",
        "def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $rest | [$x] + $rest end; def combinations($n): . as $dot | [range($n)] | map($dot) | combinations;",
    ),
    ("ascii", "def ascii: [.] | implode;"),
    (
        "match",
        r#"def match($re; $flags): _match($re; $flags)[]; def match($re): if $re | type == "array" then match($re[0]; $re[1]) else match($re; null) end;"#,
    ),
    ("test", "def test($re; $flags): isempty(match($re; $flags)) | not; def test($re): isempty(match($re)) | not;"),
    (
        "capture",
        "def capture($re; $flags): match($re; $flags) | [.captures[] | {key: .name, value: .string} | if .key == null then empty else . end] | from_entries; def capture($re): match($re) | [.captures[] | {key: .name, value: .string} | if .key == null then empty else . end] | from_entries;",
    ),
    (
        "scan",
        r#"def scan($re; $flags): match($re; "g" + $flags) | if .captures == [] then .string else [.captures[].string] end; def scan($re): scan($re; null);"#,
    ),
    ("splits", "def splits($re; $flags): split($re; $flags)[]; def splits($re): split($re; null)[];"),
    (
        "sub",
        r#"def sub($re; f; $flags): . as $in | reduce match($re; $flags) as $m ({done: "", at: 0}; .done += $in[.at:$m.offset] + ([$m.captures[] | {key: .name, value: .string} | if .key == null then empty else . end] | from_entries | f) | .at = $m.offset + $m.length) | .done + $in[.at:]; def sub($re; f): sub($re; f; null);"#,
    ),
    ("gsub", r#"def gsub($re; f; $flags): sub($re; f; "g" + $flags); def gsub($re; f): sub($re; f; "g");"#),
    ("finites", r#"def finites: if type == "number" then . else empty end;"#),
    ("normals", r#"def normals: if type == "number" and . != 0 then . else empty end;"#),
    ("todateiso8601", "def todateiso8601: todate;"),
    ("fromdateiso8601", "def fromdateiso8601: fromdate;"),
];

/// The definitions that the wanted names need, in their order; the names that those need are added to the wanted ones.
pub(super) fn needed(wanted: &mut HashSet<&str>) -> Vec<&'static str> {
    let mut needed = Vec::new();
    for (name, definition) in DEFINITIONS.iter().rev() {
        if wanted.contains(name) {
            needed.push(*definition);
            for word in words(definition) {
                wanted.insert(word);
            }
        }
    }
    needed.reverse();
    needed
}

/// The names of all definitions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    DEFINITIONS.iter().map(|(name, _)| *name)
}

fn words(definition: &'static str) -> impl Iterator<Item = &'static str> {
    definition
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
}
