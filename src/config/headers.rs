//! Headers of a supplier, as written. No message repeats a value.

use toml::de::DeValue;

use super::document::{At, Span};
use super::error::{Problem, quoted};
use super::reader::Fields;
use super::secret::SecretSource;
use super::values::{Read, wrong_type};
use super::variables::Text;
use crate::mapping::is_reserved_header;

/// Names and values, in the file's order.
pub(super) type Headers = Vec<(At<String>, At<SecretSource>)>;

/// Reads `headers`; what is wrong is noted.
pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Headers {
    let Some((table, _)) = fields.table("headers") else { return Vec::new() };
    let mut headers = Headers::with_capacity(table.len());
    for (key, value) in table {
        let name: &str = key.get_ref();
        let span = Span::from(key.span());
        let twice = headers.iter().any(|(known, _)| known.value.eq_ignore_ascii_case(name));
        match check_name(name, twice).and_then(|()| value_of(name, value.get_ref())) {
            Ok(source) => {
                headers.push((At { value: name.to_owned(), span }, At { value: source, span: value.span().into() }));
            }
            Err(problem) => fields.complain("headers", span, problem),
        }
    }
    headers
}

fn value_of(name: &str, value: &DeValue<'_>) -> Read<SecretSource> {
    SecretSource::read(value)
        .and_then(|source| match &source {
            SecretSource::Text(text) => check_value(text).map(|()| source),
            SecretSource::File(_) | SecretSource::Command(_) => Ok(source),
        })
        .map_err(|problem| Problem { message: format!("header {}: {}", quoted(name), problem.message), ..problem })
}

fn check_name(name: &str, twice: bool) -> Read<()> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        let problem = Problem::new(format!("{} is not a name of a header", quoted(name)));
        return Err(problem.with_hint("use letters, digits and `-`"));
    }
    if is_reserved_header(name) {
        return Err(Problem::new(format!("header {} is set by pricecmp itself", quoted(name))).with_hint("remove it"));
    }
    if twice {
        let problem = Problem::new(format!("header {} is given twice", quoted(name)));
        return Err(problem.with_hint("upper and lower case make no difference; remove one"));
    }
    Ok(())
}

/// Whether a text can be sent as a header's value.
pub(super) fn check_value(text: &str) -> Read<()> {
    if text.chars().any(|character| character != '\t' && character.is_control()) {
        return Err(Problem::new("the value holds a control character").with_hint("a header is one line"));
    }
    Ok(())
}

/// Reads text whose `${VAR}`s must be well formed.
pub(super) fn secret_text(value: &DeValue<'_>) -> Read<String> {
    let text = value.as_str().ok_or_else(|| wrong_type("text", value))?;
    Text::parse(text).map_err(|_| {
        Problem::new("a `${` is not followed by a variable's name and `}`").with_hint("write `$${` for a literal `${`")
    })?;
    Ok(text.to_owned())
}
