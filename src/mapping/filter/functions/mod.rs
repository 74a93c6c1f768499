//! The functions of the filter language that are written in Rust, by name: an allow-list.
//!
//! Nothing here reads a clock, the environment, an input or a file, or writes anything. The functions whose names begin
//! with `_` are for the definitions only; a filter cannot call them.

mod collections;
mod formats;
mod numbers;
mod paths;
mod patterns;
pub(super) mod price_text;
mod sorting;
mod texts;

use std::collections::HashSet;
use std::iter;

use jaq_core::box_iter::box_once;
use jaq_core::native::{self, Filter, Fun, bome, v};
use jaq_core::{Exn, Native, RunPtr, ValXs};

use super::fault::{self, Error, Result};
use super::json_text;
use super::meter;
use super::program::Language;
use super::value::Value;

pub(crate) use price_text::read as read_price;

/// What the interpreter brings along. They loop over what filters yield, and so take steps.
const OF_THE_INTERPRETER: [&str; 6] = ["path", "path_value", "first", "last", "limit", "skip"];

/// All functions whose names are wanted.
pub(super) fn named(wanted: &HashSet<&str>) -> Vec<Fun<Language>> {
    let brought = jaq_core::funs::<Language>().filter(|(name, ..)| OF_THE_INTERPRETER.contains(name));
    all().chain(brought).filter(|(name, ..)| wanted.contains(name)).collect()
}

/// The names of all functions, the ones for definitions included.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    all().map(|(name, ..)| name).chain(OF_THE_INTERPRETER)
}

/// Whether the function is for the definitions only.
pub(super) fn is_internal(name: &str) -> bool {
    name.starts_with('_') && names().any(|known| known == name)
}

fn all() -> impl Iterator<Item = Fun<Language>> {
    let tables = [of_input(), of_one_argument(), of_two_arguments()];
    tables.into_iter().flatten().map(native::run::<Language>).chain(control())
}

/// Functions that are usable in paths, too.
fn control() -> [Fun<Language>; 2] {
    [
        (
            "empty",
            v(0),
            Native::new(|_| Box::new(iter::empty()))
                .with_paths(|_| Box::new(iter::empty()))
                .with_update(|cv, _| box_once(Ok(cv.1))),
        ),
        (
            "error",
            v(0),
            Native::new(|cv| raise(cv.1))
                .with_paths(|cv| box_once(Err(Exn::from(Error::new(cv.1.0)))))
                .with_update(|cv, _| raise(cv.1)),
        ),
    ]
}

fn raise<'a>(value: Value) -> ValXs<'a, Value> {
    box_once(Err(Exn::from(Error::new(value))))
}

/// Makes what the interpreter calls of a function of the input.
macro_rules! input {
    ($function:expr) => {
        |cv| bome($function(&cv.1))
    };
}

/// The same for a function of the input and one argument.
macro_rules! one {
    ($function:expr) => {
        |mut cv| {
            let argument = cv.0.pop_var();
            bome($function(&cv.1, &argument))
        }
    };
}

/// The same for a function of the input and two arguments.
macro_rules! two {
    ($function:expr) => {
        |mut cv| {
            let second = cv.0.pop_var();
            let first = cv.0.pop_var();
            bome($function(&cv.1, &first, &second))
        }
    };
}

fn of_input() -> Vec<Filter<RunPtr<Language>>> {
    vec![
        ("null", v(0), input!(|_: &Value| Ok(Value::NULL))),
        ("true", v(0), input!(|_: &Value| Ok(Value::from(true)))),
        ("false", v(0), input!(|_: &Value| Ok(Value::from(false)))),
        ("not", v(0), input!(|value: &Value| Ok(Value::from(!value.is_true())))),
        ("type", v(0), input!(|value: &Value| Ok(Value::text(value.kind())))),
        ("tojson", v(0), input!(|value: &Value| Ok(Value::text(json_text::write(value))))),
        ("fromjson", v(0), input!(texts::from_json)),
        ("tostring", v(0), input!(|value: &Value| Ok(formats::text(value)))),
        ("tonumber", v(0), input!(numbers::parse)),
        ("floor", v(0), input!(numbers::floor)),
        ("ceil", v(0), input!(numbers::ceil)),
        ("round", v(0), input!(numbers::round)),
        ("trunc", v(0), input!(numbers::trunc)),
        ("abs", v(0), input!(numbers::abs)),
        ("fabs", v(0), input!(numbers::abs)),
        ("todate", v(0), input!(numbers::to_date)),
        ("fromdate", v(0), input!(numbers::from_date)),
        ("length", v(0), input!(collections::length)),
        ("keys", v(0), input!(collections::keys)),
        ("keys_unsorted", v(0), input!(collections::keys_unsorted)),
        ("to_entries", v(0), input!(collections::to_entries)),
        ("from_entries", v(0), input!(collections::from_entries)),
        ("add", v(0), input!(collections::add)),
        ("flatten", v(0), input!(|value| collections::flatten(value, &Value::from(1_000_000)))),
        ("reverse", v(0), input!(collections::reverse)),
        ("transpose", v(0), input!(collections::transpose)),
        ("toarray", v(0), input!(|value: &Value| Ok(collections::to_array(value)))),
        ("sort", v(0), input!(sorting::sort)),
        ("utf8bytelength", v(0), input!(texts::byte_length)),
        ("ascii_downcase", v(0), input!(texts::lower_case)),
        ("ascii_upcase", v(0), input!(texts::upper_case)),
        ("trim", v(0), input!(texts::trim)),
        ("ltrim", v(0), input!(texts::trim_start)),
        ("rtrim", v(0), input!(texts::trim_end)),
        ("explode", v(0), input!(texts::explode)),
        ("implode", v(0), input!(texts::implode)),
        ("@text", v(0), input!(|value: &Value| Ok(formats::text(value)))),
        ("@json", v(0), input!(|value: &Value| Ok(Value::text(json_text::write(value))))),
        ("@csv", v(0), input!(formats::csv)),
        ("@tsv", v(0), input!(formats::tsv)),
        ("@html", v(0), input!(|value: &Value| Ok(formats::html(value)))),
        ("@uri", v(0), input!(|value: &Value| Ok(formats::uri(value)))),
        ("@sh", v(0), input!(formats::shell)),
        ("@base64", v(0), input!(|value: &Value| Ok(formats::base64(value)))),
        ("@base64d", v(0), input!(formats::base64_decoded)),
    ]
}

fn of_one_argument() -> Vec<Filter<RunPtr<Language>>> {
    vec![
        ("has", v(1), one!(collections::has)),
        ("contains", v(1), one!(collections::contains)),
        ("flatten", v(1), one!(collections::flatten)),
        ("indices", v(1), one!(collections::indices)),
        ("round", v(1), one!(numbers::round_to)),
        ("startswith", v(1), one!(texts::starts_with)),
        ("endswith", v(1), one!(texts::ends_with)),
        ("ltrimstr", v(1), one!(|value, part| Ok(texts::without_start(value, part)))),
        ("rtrimstr", v(1), one!(|value, part| Ok(texts::without_end(value, part)))),
        ("trimstr", v(1), one!(|value, part| Ok(texts::without_end(&texts::without_start(value, part), part)))),
        ("split", v(1), one!(texts::split)),
        ("join", v(1), one!(texts::join)),
        ("delpaths", v(1), one!(paths::delete)),
        ("_sort_by", v(1), one!(sorting::sort_by)),
        ("_group_by", v(1), one!(sorting::group_by)),
        ("_unique_by", v(1), one!(sorting::unique_by)),
        ("_min_by", v(1), one!(sorting::min_by)),
        ("_max_by", v(1), one!(sorting::max_by)),
    ]
}

fn of_two_arguments() -> Vec<Filter<RunPtr<Language>>> {
    vec![
        ("tonumber", v(2), two!(price_text::parse)),
        ("div", v(2), two!(numbers::divide)),
        ("split", v(2), two!(patterns::split)),
        ("_match", v(2), two!(patterns::matches)),
        ("range", v(3), |mut cv| {
            let step = cv.0.pop_var();
            let end = cv.0.pop_var();
            let start = cv.0.pop_var();
            numbers::range(&start, &end, &step)
        }),
    ]
}
