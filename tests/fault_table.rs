//! Holds the table of `FAULTS.md`: every row is there once, and its tests exist.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the table has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How many rows there are.
const ROWS: usize = 70;

/// A row of the table: its number, and the cell with its tests.
struct Row {
    number: usize,
    tests: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn rows() -> Vec<Row> {
    let table = fs::read_to_string(folder().join("FAULTS.md")).unwrap();
    let cells = table.lines().filter(|line| line.starts_with("| ")).map(|line| line.split('|').map(str::trim));
    let rows = cells.filter_map(|mut cells| {
        let number = cells.nth(1)?.parse().ok()?;
        let fault = cells.next()?;
        assert!(!fault.is_empty(), "row {number} names no fault");
        Some(Row { number, tests: cells.next()?.to_owned() })
    });
    rows.collect()
}

impl Row {
    /// The tests that it names, as (file, function).
    fn named(&self) -> Vec<(String, String)> {
        let quoted = self.tests.split('`').skip(1).step_by(2);
        let named = quoted.map(|name| name.split_once("::").unwrap_or_else(|| panic!("{name} names no function")));
        named.map(|(file, function)| (file.to_owned(), function.to_owned())).collect()
    }

    fn is_for_later(&self) -> bool {
        self.tests.contains("later: needs ")
    }
}

/// The functions of a file of tests that have `#[test]`.
fn tests_of(file: &str) -> BTreeSet<String> {
    let path = folder().join(file).with_extension("rs");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut found = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines() {
        if let Some(signature) = line.strip_prefix("fn ") {
            if is_test {
                found.insert(signature.split('(').next().unwrap().to_owned());
            }
            is_test = false;
        } else {
            // Other attributes may stand between.
            is_test = line == "#[test]" || is_test && line.starts_with("#[");
        }
    }
    found
}

/// The row that a test's name says it is of.
fn row_of(function: &str) -> Option<usize> {
    function.strip_prefix("row_")?.split('_').next()?.parse().ok()
}

#[test]
fn every_row_is_there_once_and_in_order() {
    let numbers: Vec<usize> = rows().iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=ROWS).collect::<Vec<_>>());
}

#[test]
fn every_row_has_a_test_or_waits_for_something() {
    for row in rows() {
        assert!(!row.named().is_empty() || row.is_for_later(), "row {} has neither", row.number);
    }
}

#[test]
fn every_named_test_exists_and_is_of_its_row() {
    for row in rows() {
        for (file, function) in row.named() {
            assert!(tests_of(&file).contains(&function), "row {}: no test `{file}::{function}`", row.number);
            assert_eq!(row_of(&function), Some(row.number), "`{file}::{function}`");
        }
    }
}

#[test]
fn no_test_of_a_row_is_left_out() {
    let named: BTreeSet<(String, String)> = rows().iter().flat_map(Row::named).collect();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for function in tests_of(&file).into_iter().filter(|function| row_of(function).is_some()) {
            assert!(named.contains(&(file.clone(), function.clone())), "`{file}::{function}` is in no row");
        }
    }
}
