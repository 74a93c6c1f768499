//! What is around the offers: how a reply says that something went wrong, and what a reply without offers says.

use super::path::{Step, quoted, render};
use super::samples::Scalar;
use super::shape::{Field, Shape};
use super::words::{has_stem, words};
use crate::mapping::json::Value;

/// How many characters of a supplier's words are repeated.
const SHOWN: usize = 160;

/// What a filter asks a reply first, and what it yields when the answer is yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guard {
    pub(super) condition: String,
    pub(super) error: String,
}

/// How this reply would say that something went wrong, when it has a member for that.
pub(super) fn guard(document: &Shape<'_>) -> Option<Guard> {
    let path = |field: &Field<'_>| render("", std::slice::from_ref(&field.step));
    let words_of_error = || {
        let speaks = |field: &&Field<'_>| has_stem(&words(&field.name), "message msg reason errortext");
        let found = document.fields.iter().find(speaks).map(path);
        found.map_or_else(|| "\"the reply says that it failed\"".to_owned(), |path| format!("({path} // \"failed\")"))
    };
    for field in &document.fields {
        let name = words(&field.name);
        if name == ["error"] || name == ["errors"] || name == ["fault"] {
            let is_none = "(. == null or . == [] or . == {} or . == \"\" or . == false)";
            return Some(Guard {
                condition: format!("({} | {is_none} | not)", path(field)),
                error: all_texts(&path(field)),
            });
        }
        if (name == ["ok"] || name == ["success"]) && field.shape.scalars.iter().all(is_true) && field.shape.times > 0 {
            return Some(Guard {
                condition: format!("{} == false", path(field)),
                error: format!("{{error: {}}}", words_of_error()),
            });
        }
    }
    let is_data = document.fields.iter().any(|field| field.name == "data" && field.shape.objects > 0);
    (is_data && document.fields.len() <= 2)
        .then(|| Guard { condition: ".errors != null and .errors != []".to_owned(), error: all_texts(".errors") })
}

/// An error with every text that stands in a member, however that is made.
fn all_texts(path: &str) -> String {
    format!("{{error: ([{path} | .. | strings] | join(\"; \"))}}")
}

fn is_true(scalar: &Scalar) -> bool {
    matches!(scalar, Scalar::Bool(true))
}

/// The words of an error, when the document is one.
pub(super) fn error_words(document: &Value<'_>) -> Option<String> {
    let Value::Object(object) = document else { return None };
    let mut speaks = None;
    let mut is_error = false;
    for (key, value) in object.members() {
        let name = words(key);
        let says_error = has_stem(&name, "error fault exception") && !name.contains(&"validation".to_owned());
        let fails = (key == "ok" || key == "success") && matches!(value, Value::Bool(false));
        let status = ["status", "statuscode", "code"].contains(&name.concat().as_str()) && is_status_of_error(value);
        let text = || text_in(value, 0);
        is_error |= fails || status || (says_error && text().is_some());
        if says_error || has_stem(&name, "message msg detail title") {
            // What names the error itself says more than what is around it.
            speaks = text().filter(|_| says_error || speaks.is_none()).or(speaks);
        }
    }
    is_error.then(|| speaks.unwrap_or_else(|| "it does not say why".to_owned()))
}

fn is_status_of_error(value: &Value<'_>) -> bool {
    match value {
        Value::Number(text) | Value::String(text) => {
            text.len() == 3 && text.starts_with(['4', '5']) && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// The first text in a value, a `message` before others.
fn text_in(value: &Value<'_>, depth: usize) -> Option<String> {
    match value {
        _ if depth > 4 => None,
        Value::String(text) if !text.trim().is_empty() => Some(text.chars().take(SHOWN).collect()),
        Value::Array(items) => items.iter().find_map(|item| text_in(item, depth + 1)),
        Value::Object(object) => {
            let mut members: Vec<_> = object.members().collect();
            members.sort_by_key(|(key, _)| !key.to_lowercase().contains("message"));
            members.into_iter().find_map(|(_, value)| text_in(value, depth + 1))
        }
        _ => None,
    }
}

/// The lists of a document that have no element.
pub(super) fn empty_lists(document: &Shape<'_>) -> Vec<String> {
    let mut found = Vec::new();
    collect_empty(document, &mut Vec::new(), &mut found);
    found
}

fn collect_empty(shape: &Shape<'_>, path: &mut Vec<Step>, found: &mut Vec<String>) {
    if path.len() > 6 || found.len() >= 3 {
        return;
    }
    if shape.arrays > 0 && shape.element.is_none() {
        found.push(render("", path));
    }
    for field in &shape.fields {
        path.push(field.step.clone());
        collect_empty(&field.shape, path, found);
        path.pop();
    }
}

/// The outline of a document: its paths, each with what stands there.
pub(super) fn outline(document: &Shape<'_>, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    draw(document, &mut Vec::new(), &mut lines, most);
    lines
}

fn draw(shape: &Shape<'_>, path: &mut Vec<Step>, lines: &mut Vec<String>, most: usize) {
    if lines.len() >= most || path.len() > 12 {
        return;
    }
    if let Some(sample) = shape.scalars.first() {
        let text: String = match sample {
            Scalar::Bool(bool) => bool.to_string(),
            Scalar::Number(text) | Scalar::Cell(text) => text.clone(),
            Scalar::Text(text) => quoted(&text.chars().take(40).collect::<String>()),
        };
        lines.push(format!("{} = {text}", render("", path)));
    }
    for field in &shape.fields {
        path.push(field.step.clone());
        draw(&field.shape, path, lines, most);
        path.pop();
    }
    if let (Some(element), Some(each)) = (&shape.element, &shape.each) {
        path.push(each.clone());
        draw(element, path, lines, most);
        path.pop();
    }
}
