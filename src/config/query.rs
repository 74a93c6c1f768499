//! `query`: what is added to the query of a supplier's URL. No message repeats a value.
//!
//! Owns how a value becomes a part of a URL template: everything but its places is percent-encoded, so that a value is
//! written as it is meant. Refuses to know where variables come from.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use toml::de::DeValue;

use super::document::{At, Span};
use super::error::{Problem, nearest, quoted};
use super::headers::secret_text;
use super::reader::Fields;
use super::values::{Read, number_text, wrong_type};
use super::variables::{MASK, Text};
use crate::mapping::Names;

/// What does not stand for itself in a key or a value of a query.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Keys and values, in the file's order.
pub(super) type Query = Vec<(At<String>, At<String>)>;

/// Reads `query`, whose values may refer to the names; what is wrong is noted.
pub(super) fn read(fields: &mut Fields<'_, '_, '_>, names: &Names) -> Query {
    let Some((table, _)) = fields.table("query") else { return Query::new() };
    let mut query = Query::with_capacity(table.len());
    for (key, value) in table {
        let name: &str = key.get_ref();
        let span = Span::from(key.span());
        match value_of(name, value.get_ref(), names) {
            Ok(text) => {
                query.push((At { value: name.to_owned(), span }, At { value: text, span: value.span().into() }));
            }
            Err(problem) => fields.complain("query", span, problem),
        }
    }
    query
}

fn value_of(name: &str, value: &DeValue<'_>, names: &Names) -> Read<String> {
    let text = match value {
        DeValue::String(_) => secret_text(value),
        _ => match number_text(value) {
            Some(text) => Ok(text.to_owned()),
            None => Err(wrong_type("text or a number", value).with_hint("write text in quotes")),
        },
    };
    let checked = text.and_then(|text| {
        // It was parsed a moment ago.
        let parsed =
            Text::parse(&text).map(|parsed| parsed.mapped(|literal| part(literal, names), |_| Ok(String::new())));
        parsed.unwrap_or_else(|_| Ok(String::new())).map(|_| text)
    });
    checked.map_err(|problem| Problem { message: format!("{}: {}", quoted(name), problem.message), ..problem })
}

/// A part of a value as a part of a template.
fn part(literal: &str, names: &Names) -> Read<String> {
    let mut template = String::new();
    let mut rest = literal;
    while let Some(open) = rest.find(['{', '}']) {
        template.extend(encoded(&rest[..open]));
        let place = rest[open..].strip_prefix('{').and_then(|place| place.split_once('}'));
        let word =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let Some((name, behind)) = place.filter(|(name, _)| word(name)) else {
            let problem = Problem::new("a `{` or `}` is not of a place such as `{quantity}`");
            return Err(problem.with_hint("write other braces into `url`, as `%7B` and `%7D`"));
        };
        if !names.iter().any(|known| known == name) {
            return Err(unknown(name, names));
        }
        template.push_str(&rest[open..open + name.len() + 2]);
        rest = behind;
    }
    template.extend(encoded(rest));
    Ok(template)
}

fn unknown(name: &str, names: &Names) -> Problem {
    let shown = if name.len() <= 32 { quoted(name) } else { "of this name".to_owned() };
    let problem = Problem::new(format!("there is no variable {shown}"));
    match nearest(name, names.iter()) {
        Some(nearest) => problem.with_hint(format!("did you mean `{nearest}`?")),
        None => problem.with_hint(format!("the variables are {names}")),
    }
}

fn encoded(text: &str) -> impl Iterator<Item = &str> {
    utf8_percent_encode(text, ENCODED)
}

/// The query as a part of a template; `variable` gives the values of `${VAR}`s.
pub(super) fn template(query: &Query, names: &Names, mut variable: impl FnMut(&str) -> Read<String>) -> Read<String> {
    let of_variable = |name: &str| variable(name).map(|value| encoded(&value).collect());
    joined(query, names, of_variable)
}

/// The same with every variable masked.
pub(super) fn masked(query: &Query, names: &Names) -> String {
    joined(query, names, |_| Ok(MASK.to_owned())).unwrap_or_default()
}

fn joined(query: &Query, names: &Names, mut variable: impl FnMut(&str) -> Read<String>) -> Read<String> {
    let mut joined = String::new();
    for (key, value) in query {
        joined.push_str(if joined.is_empty() { "" } else { "&" });
        joined.extend(encoded(&key.value));
        joined.push('=');
        // What is wrong with it was found when it was read.
        let Ok(text) = Text::parse(&value.value) else { continue };
        joined.push_str(&text.mapped(|literal| part(literal, names), &mut variable)?);
    }
    Ok(joined)
}

/// Adds a query to a URL's template: behind the query that is written there, or before the one that a `{?…}` makes.
pub(super) fn add(url: &str, query: &str) -> String {
    if query.is_empty() {
        return url.to_owned();
    }
    let fragment = url.find("{#").into_iter().chain(url.find('#')).min().unwrap_or(url.len());
    let (base, fragment) = url.split_at(fragment);
    match base.find('?') {
        Some(mark) if base[..mark].ends_with('{') => {
            let (before, behind) = (&base[..mark - 1], &base[mark + 1..]);
            format!("{before}?{query}{{&{behind}{fragment}")
        }
        Some(_) => {
            let separator = if base.ends_with(['?', '&']) { "" } else { "&" };
            format!("{base}{separator}{query}{fragment}")
        }
        None => format!("{base}?{query}{fragment}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_comes_to_the_one_that_is_there() {
        for (url, expected) in [
            ("http://a.example/x", "http://a.example/x?k=v"),
            ("http://a.example", "http://a.example?k=v"),
            ("http://a.example/x?a=1", "http://a.example/x?a=1&k=v"),
            ("http://a.example/x?", "http://a.example/x?k=v"),
            ("http://a.example/x?a=1{&quantity}", "http://a.example/x?a=1{&quantity}&k=v"),
            ("http://a.example/{product}{?quantity}", "http://a.example/{product}?k=v{&quantity}"),
            ("http://a.example/x#part", "http://a.example/x?k=v#part"),
            ("http://a.example/x?a=1{#product}", "http://a.example/x?a=1&k=v{#product}"),
        ] {
            assert_eq!(add(url, "k=v"), expected);
            assert_eq!(add(url, ""), url);
        }
    }

    #[test]
    fn a_value_is_encoded_but_for_its_places() {
        let names = Names::of_request();
        assert_eq!(
            part("a b&c=d/{quantity}+{product}€", &names).unwrap(),
            "a%20b%26c%3Dd%2F{quantity}%2B{product}%E2%82%AC"
        );
        for wrong in ["{", "}", "{}", "{+product}", "{product:3}", "{\"a\": 1}", "{unknown}"] {
            assert!(part(wrong, &names).is_err(), "{wrong}");
        }
    }
}
