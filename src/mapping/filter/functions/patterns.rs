//! Regular expressions: where a pattern matches a text. Matching takes linear time, whatever the pattern.

use std::cell::RefCell;
use std::rc::Rc;

use regex_lite::{Match, Regex, RegexBuilder};

use super::texts::text;
use super::{Result, Value, fault, meter};
use crate::mapping::filter::map::Map;
use crate::mapping::filter::value::shown;

/// Sizes of compiled patterns, bytes, and the steps that each byte of a text takes with them. A larger pattern is none.
const SIZES: [(usize, usize); 3] = [(4 << 10, 4), (12 << 10, 32), (32 << 10, 96)];
/// How many compiled patterns are kept: a filter uses few, but for every offer.
const KEPT: usize = 8;

thread_local! {
    static PATTERNS: RefCell<Vec<Rc<Pattern>>> = const { RefCell::new(Vec::new()) };
}

/// A compiled pattern.
struct Pattern {
    source: String,
    flags: Flags,
    regex: Regex,
    steps_per_byte: usize,
}

/// `g`: all matches; `i`: case does not matter; `x`: white space does not matter; `s`: `.` matches line breaks; `n`:
/// no empty matches; `p`: `s` and `n`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other, as in jq")]
struct Flags {
    global: bool,
    ignore_case: bool,
    extended: bool,
    single_line: bool,
    no_empty: bool,
}

/// All matches as jq's objects: one at most, without the flag `g`.
pub(super) fn matches(value: &Value, pattern: &Value, flags: &Value) -> Result {
    let (searched, flags) = (text(value)?, read_flags(flags)?);
    let pattern = compiled(pattern, flags)?;
    meter::charge(searched.len().saturating_mul(pattern.steps_per_byte));
    let names: Vec<Option<&str>> = pattern.regex.capture_names().collect();
    let mut positions = Positions::default();
    let mut found = Vec::new();
    for captures in pattern.regex.captures_iter(searched) {
        let groups: Vec<_> = (0..captures.len()).map(|group| captures.get(group)).collect();
        let whole = groups.first().copied().flatten();
        if flags.no_empty && whole.is_none_or(|whole| whole.is_empty()) {
            continue;
        }
        meter::charge(20 * groups.len());
        let mut entries = positions.entries(searched, whole);
        let inner = groups.iter().zip(&names).skip(1).map(|(group, name)| {
            let mut entries = Positions::default().entries(searched, *group);
            entries.push(("name", name.map_or(Value::NULL, Value::text)));
            object(entries)
        });
        entries.push(("captures", inner.collect()));
        found.push(object(entries));
        if !flags.global {
            break;
        }
    }
    Ok(Value::array(found))
}

/// The parts between the matches.
pub(super) fn split(value: &Value, pattern: &Value, flags: &Value) -> Result {
    let searched = text(value)?;
    let pattern = compiled(pattern, read_flags(flags)?)?;
    meter::charge(searched.len().saturating_mul(pattern.steps_per_byte));
    Ok(pattern.regex.split(searched).map(Value::text).collect())
}

/// Turns byte offsets, which only grow, into positions of characters.
#[derive(Default)]
struct Positions {
    bytes: usize,
    characters: usize,
}

impl Positions {
    fn entries(&mut self, searched: &str, found: Option<Match<'_>>) -> Vec<(&'static str, Value)> {
        let Some(found) = found else {
            return vec![("offset", Value::from(-1)), ("length", Value::from_usize(0)), ("string", Value::NULL)];
        };
        let passed = &searched[self.bytes..found.start()];
        meter::charge_bytes(passed.len());
        self.characters += passed.chars().count();
        self.bytes = found.start();
        let length = found.as_str().chars().count();
        vec![
            ("offset", Value::from_usize(self.characters)),
            ("length", Value::from_usize(length)),
            ("string", Value::text(found.as_str())),
        ]
    }
}

fn object(entries: Vec<(&'static str, Value)>) -> Value {
    let map: Map = entries.into_iter().map(|(name, value)| (Rc::new(name.to_owned()), value)).collect();
    Value::Object(Rc::new(map))
}

fn read_flags(value: &Value) -> Result<Flags> {
    let mut flags = Flags::default();
    if matches!(value, Value::Null(_)) {
        return Ok(flags);
    }
    for flag in text(value)?.chars() {
        match flag {
            'g' => flags.global = true,
            'i' => flags.ignore_case = true,
            'x' => flags.extended = true,
            's' => flags.single_line = true,
            'n' => flags.no_empty = true,
            'p' => (flags.single_line, flags.no_empty) = (true, true),
            _ => return Err(fault::about(format!("{} is not a set of the flags gixsnp", shown(value)), &[value])),
        }
    }
    Ok(flags)
}

fn compiled(pattern: &Value, flags: Flags) -> Result<Rc<Pattern>> {
    let source = text(pattern)?;
    let is_known = |known: &&Rc<Pattern>| known.source == source && known.flags == flags;
    if let Some(known) = PATTERNS.with_borrow(|patterns| patterns.iter().find(is_known).cloned()) {
        return Ok(known);
    }
    meter::charge(1000);
    let mut builder = RegexBuilder::new(source);
    builder
        .case_insensitive(flags.ignore_case)
        .ignore_whitespace(flags.extended)
        .dot_matches_new_line(flags.single_line);
    let mut built = SIZES.iter().map(|(size, steps)| (builder.size_limit(*size).build(), *steps));
    let smallest = built.find(|(built, _)| built.is_ok()).unwrap_or_else(|| (builder.build(), 0));
    let (regex, steps_per_byte) = smallest;
    let regex =
        regex.map_err(|error| fault::about(format!("{} is not a pattern: {error}", shown(pattern)), &[pattern]))?;
    let new = Rc::new(Pattern { source: source.to_owned(), flags, regex, steps_per_byte });
    PATTERNS.with_borrow_mut(|patterns| {
        patterns.truncate(KEPT - 1);
        patterns.insert(0, Rc::clone(&new));
    });
    Ok(new)
}
