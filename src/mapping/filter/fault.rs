//! Errors that a filter raises, and what they are about.
//!
//! A filter may catch its errors, and often does so thousands of times; so an error only remembers what it is
//! about, and the place of that is looked up when the error has ended the filter.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::value::{Value, shown};

/// A filter's error: a value, mostly a text.
pub(super) type Error = jaq_core::Error<Value>;
/// A value, or the error in its place.
pub(super) type Result<T = Value> = std::result::Result<T, Error>;

/// So many errors are remembered: where several parts of an object fail, the first one counts.
const REMEMBERED: usize = 32;

/// What an error is about.
struct Subject {
    message: Rc<String>,
    values: Vec<Value>,
}

thread_local! {
    static SUBJECTS: RefCell<VecDeque<Subject>> = const { RefCell::new(VecDeque::new()) };
}

/// An error about values; the place of the first one that has a place is shown.
pub(super) fn about(message: String, values: &[&Value]) -> Error {
    let message = Rc::new(message);
    let values = values.iter().map(|value| (*value).clone()).collect();
    SUBJECTS.with_borrow_mut(|subjects| {
        subjects.truncate(REMEMBERED - 1);
        subjects.push_front(Subject { message: Rc::clone(&message), values });
    });
    Error::new(Value::Text(message))
}

/// The values that an error is about, if it was raised by [`about`] and is remembered. It forgets all errors.
pub(super) fn subject(error: &Value) -> Vec<Value> {
    let mut subjects = SUBJECTS.take().into_iter();
    let Value::Text(text) = error else { return Vec::new() };
    subjects.find(|subject| Rc::ptr_eq(text, &subject.message)).map(|subject| subject.values).unwrap_or_default()
}

/// Forgets all errors.
pub(super) fn forget() {
    SUBJECTS.take();
}

/// `cannot iterate over null (null)`
pub(super) fn cannot(verb: &str, value: &Value) -> Error {
    about(format!("cannot {verb} {}", shown(value)), &[value])
}

/// `number (5) is not a string`
pub(super) fn wrong_type(value: &Value, expected: &str) -> Error {
    about(format!("{} is not {expected}", shown(value)), &[value])
}

/// `null (null) and string ("a") cannot be added`
pub(super) fn cannot_be(verb: &str, left: &Value, right: &Value) -> Error {
    about(format!("{} and {} cannot be {verb}", shown(left), shown(right)), &[left, right])
}
