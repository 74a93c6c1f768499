//! `vars`: values of a supplier's own, for its filters and templates. No message repeats a value.
//!
//! Owns their names and how values become bindings. Refuses to know what they are used for.

use rust_decimal::Decimal;
use toml::de::DeValue;

use super::document::{At, Span};
use super::error::{Problem, quoted};
use super::reader::Fields;
use super::secret::{Found, SecretSource};
use super::values::{Read, number_text, wrong_type};
use super::variables::{MASK, is_sensitive_name};
use crate::domain::{Secret, parse_decimal};
use crate::mapping::{Binding, Names};

/// Names that mean something else, or will.
const TAKEN: [&str; 5] = ["product", "quantity", "currency", "id", "ids"];
/// The longest name.
const LONGEST_NAME: usize = 64;

/// A value as written.
pub(super) enum VarValue {
    /// Text, which may be a secret.
    Text(SecretSource),
    /// A number.
    Number(Decimal),
}

/// What is bound, with its name, in the file's order.
pub(super) type Vars = Vec<(At<String>, At<VarValue>)>;

/// Reads `vars`; what is wrong is noted.
pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Vars {
    let Some((table, _)) = fields.table("vars") else { return Vec::new() };
    let mut vars = Vars::with_capacity(table.len());
    for (key, value) in table {
        let name: &str = key.get_ref();
        let span = Span::from(key.span());
        match check_name(name).and_then(|()| value_of(name, value.get_ref())) {
            Ok(read) => {
                vars.push((At { value: name.to_owned(), span }, At { value: read, span: value.span().into() }));
            }
            Err(problem) => fields.complain("vars", span, problem),
        }
    }
    vars
}

fn check_name(name: &str) -> Read<()> {
    let simple = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let right = name.len() <= LONGEST_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(simple);
    if !right {
        let problem = Problem::new(format!("{} is not a name of a variable", quoted(name)));
        return Err(problem.with_hint("use small letters, digits and `_`, a letter first"));
    }
    if TAKEN.contains(&name) {
        let problem = Problem::new(format!("`{name}` is a name that pricecmp sets itself"));
        return Err(problem.with_hint("choose another name"));
    }
    Ok(())
}

fn value_of(name: &str, value: &DeValue<'_>) -> Read<VarValue> {
    let read = match value {
        DeValue::String(_) | DeValue::Table(_) => SecretSource::read(value).map(VarValue::Text),
        // A value may be a secret, so it is not repeated.
        DeValue::Integer(_) | DeValue::Float(_) => number_text(value)
            .and_then(|text| parse_decimal(text).ok())
            .map(VarValue::Number)
            .ok_or_else(|| Problem::new("the number is not one of plain digits").with_hint("write it as text")),
        _ => Err(wrong_type("text or a number", value).with_hint("write text in quotes")),
    };
    read.map_err(|problem| Problem { message: format!("variable `{name}`: {}", problem.message), ..problem })
}

/// The names that a supplier's filters and templates may refer to.
pub(super) fn names(vars: &Vars) -> Names {
    Names::of_request().with(vars.iter().map(|(name, _)| name.value.as_str()))
}

/// Makes a binding of a value; `find` finds what a text is.
pub(super) fn bind(name: &str, value: &VarValue, find: impl FnOnce(&SecretSource) -> Read<Found>) -> Read<Binding> {
    let is_sensitive = is_sensitive_name(name);
    match value {
        VarValue::Number(number) if is_sensitive => Ok(Binding::secret(name, Secret::new(number.to_string()), MASK)),
        VarValue::Number(number) => Ok(Binding::number(name, *number)),
        VarValue::Text(source) => {
            let Found { value, shown } = find(source)?;
            Ok(match (is_sensitive, source.is_literal()) {
                (true, _) => Binding::secret(name, Secret::new(value), MASK),
                (false, false) => Binding::secret(name, Secret::new(value), &shown),
                (false, true) => Binding::text(name, &value),
            })
        }
    }
}

/// Whether a secret is written into the value.
pub(super) fn holds_secret(name: &str, value: &VarValue) -> bool {
    let literal = match value {
        VarValue::Number(_) => true,
        VarValue::Text(source) => source.is_literal(),
    };
    literal && is_sensitive_name(name)
}
