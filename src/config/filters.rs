//! jq filters of the configuration and of the command line: compiled, and their errors at the place where they stand.
//!
//! Owns how a place inside a filter becomes a place inside the file, whatever quotes the filter stands in. Refuses to
//! know the language. Main functions: [`compile`] and [`compile_flag`].

use super::document::{At, Document, Span};
use super::error::{Excerpt, Place, Problem};
use crate::mapping::{Filter, FilterProblem, Names};

const HINT: &str = "filters are jq's, without what reads or writes anything but its input; the README has examples";

/// Compiles a filter of the file, which may refer to the names.
///
/// # Errors
/// When it is none, with the place in the file; where that cannot be told, with the text's own place, and the message
/// has the place within the filter.
pub(super) fn compile(at: &At<String>, names: &Names, document: &Document) -> Result<Filter, (Span, Problem)> {
    Filter::compile(&at.value, names).map_err(|problem| {
        if let Some(span) = place(&problem, at, document) {
            return (span, Problem::new(problem.message).with_hint(HINT));
        }
        let FilterProblem { line, column, message } = problem;
        let message = format!("{message}, at line {line}, column {column} of the filter");
        (at.span, Problem::new(message).with_hint(HINT))
    })
}

/// Compiles the filter of a flag.
///
/// # Errors
/// When it is none, with the place as if the flag were a file.
pub(super) fn compile_flag(flag: &str, source: &str) -> Result<Filter, Problem> {
    Filter::compile(source, &Names::none()).map_err(|FilterProblem { line, column, message }| {
        let text = source.split('\n').nth(line - 1).unwrap_or_default();
        let start = text.char_indices().nth(column - 1).map_or(text.len(), |(offset, _)| offset);
        let end = text[start..].chars().next().map_or(start, |marked| start + marked.len_utf8());
        let excerpt = Excerpt { text: text.to_owned(), marked: start..end };
        let place = Place { path: flag.to_owned(), line, column, excerpt: Some(excerpt) };
        Problem { place: Some(Box::new(place)), ..Problem::new(message).with_hint(HINT) }
    })
}

/// Where the document has the character that a problem is about.
fn place(problem: &FilterProblem, at: &At<String>, document: &Document) -> Option<Span> {
    let before: usize = at.value.split_inclusive('\n').take(problem.line - 1).map(|line| line.chars().count()).sum();
    let wanted = before + problem.column - 1;
    let span = at.span.range();
    let literal = document.text.get(span.clone())?;
    let offsets = character_offsets(literal)?;
    // One more than there are characters: the end.
    if offsets.len() != at.value.chars().count() + 1 {
        return None;
    }
    let start = span.start + *offsets.get(wanted)?;
    let length = offsets.get(wanted + 1).map_or(1, |next| next - offsets[wanted]);
    Some(Span::from(start..start + length))
}

/// Where each character of a text of TOML begins within its quotes and escapes, and where the text ends. `None` = the
/// text is not of TOML.
fn character_offsets(literal: &str) -> Option<Vec<usize>> {
    let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| literal.starts_with(quote))?;
    let end = literal.len().checked_sub(quote.len())?;
    let mut offset = quote.len();
    if quote.len() == 3 {
        // A line break right behind the opening quotes is not of the text.
        let content = literal.get(offset..end)?;
        offset += if content.starts_with("\r\n") { 2 } else { usize::from(content.starts_with('\n')) };
    }
    let escapes = quote.starts_with('"');
    let mut offsets = Vec::new();
    while offset < end {
        let rest = literal.get(offset..end)?;
        if let Some(length) = continuation(rest).filter(|_| escapes) {
            offset += length;
            continue;
        }
        offsets.push(offset);
        offset += match rest.strip_prefix('\\').filter(|_| escapes).and_then(|escaped| escaped.chars().next()) {
            Some('x') => 4,
            Some('u') => 6,
            Some('U') => 10,
            Some(_) => 2,
            None => rest.chars().next()?.len_utf8(),
        };
    }
    offsets.push(end);
    Some(offsets)
}

/// The length of a backslash at a line's end with all white space behind it, which is not of the text.
fn continuation(rest: &str) -> Option<usize> {
    let behind = rest.strip_prefix('\\')?;
    let space = behind.len() - behind.trim_start_matches([' ', '\t', '\r', '\n']).len();
    behind[..space].contains('\n').then_some(1 + space)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text from the marked place on, and the message.
    fn marked(literal: &str) -> (String, String) {
        let text = format!("x = {literal}\n");
        let document = Document { name: "suppliers.toml".into(), folder: ".".into(), text };
        let root = toml::de::DeTable::parse(&document.text).unwrap();
        let value = root.get_ref().get("x").unwrap();
        let at = At { value: value.get_ref().as_str().unwrap().to_owned(), span: value.span().into() };
        let (span, problem) = compile(&at, &Names::of_request(), &document).unwrap_err();
        (document.text[span.range().start..].lines().next().unwrap().to_owned(), problem.message)
    }

    #[test]
    fn the_place_is_found_behind_every_kind_of_quotes() {
        for literal in [
            "'.a | wrong'",
            "\".a | wrong\"",
            "'''.a | wrong'''",
            "'''\n.a |\n  wrong'''",
            "'''\r\n.a |\r\n  wrong'''",
            "\"\"\"\n.a |\n  wrong\"\"\"",
            "\"\"\"\n.a | \\\n    wrong\"\"\"",
            "\"\\\"\\u00e9\\U000000e9\\\" | wrong\"",
            "'\"é€😀\" | wrong'",
            "\"\\t.a |\\n\\twrong\"",
        ] {
            let (from, message) = marked(literal);
            assert!(from.starts_with("wrong"), "{literal}: {from}");
            assert_eq!(message, "there is no function `wrong`", "{literal}");
        }
    }

    #[test]
    fn the_end_of_a_filter_has_a_place() {
        for literal in ["'.a |'", "'''\n.a |'''", "\".a |\""] {
            let (from, message) = marked(literal);
            assert_eq!(from.trim_matches(['\'', '"']), "", "{literal}: {from}");
            assert_eq!(message, "expected a term, found the end");
        }
    }

    #[test]
    fn a_place_that_cannot_be_told_is_told_within_the_filter() {
        let document = Document { name: "suppliers.toml".into(), folder: ".".into(), text: "other".into() };
        let (span, problem) =
            compile(&At { value: ".a |\n }".into(), span: (0..5).into() }, &Names::of_request(), &document)
                .unwrap_err();
        assert_eq!(span.range(), 0..5);
        assert_eq!(problem.message, "expected a token, found `}`, at line 2, column 2 of the filter");
    }
}
