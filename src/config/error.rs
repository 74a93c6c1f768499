//! Errors of configuration and flags: what is wrong, where, and what to do about it.
//!
//! Owns how such an error looks. Refuses to know which rules there are. Main type: [`ConfigError`].

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::domain::nearest_word;

/// How many problems are shown; a file that has more of them is probably not a configuration.
const SHOWN: usize = 20;

/// Everything that is wrong with a configuration or with the flags; never empty. It holds no secret.
///
/// `Display` renders it in full, as it belongs on stderr, without colour: `error: …`, the place, the line where it
/// holds no secret, and `hint: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// What is wrong: lowercase, values in backticks, no full stop.
    pub(super) message: String,
    /// A few words at the marked place, or in place of the hint when no line is shown.
    pub(super) label: Option<String>,
    /// What to do about it.
    pub(super) hint: Option<String>,
    /// Where it stands; `None` for flags and for a file as a whole.
    pub(super) place: Option<Box<Place>>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The file, as the user would name it.
    pub(super) path: String,
    /// The line, 1…
    pub(super) line: usize,
    /// The column in characters, 1…
    pub(super) column: usize,
    /// The line's text; `None` when it may hold a secret.
    pub(super) excerpt: Option<Excerpt>,
}

/// A line of a file with a mark on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line, without a comment that closes it.
    pub(super) text: String,
    /// The marked bytes of the line.
    pub(super) marked: std::ops::Range<usize>,
}

impl Problem {
    /// A problem without a place and without a hint.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), label: None, hint: None, place: None }
    }

    /// Adds what to do about it.
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a few words at the marked place.
    pub(super) fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    fn render(&self, renderer: &Renderer) -> String {
        let title = Level::ERROR.primary_title(&*self.message);
        let excerpt = self.place.as_ref().and_then(|place| place.excerpt.as_ref().map(|excerpt| (place, excerpt)));
        let mut text = match (excerpt, &self.place) {
            (Some((place, excerpt)), _) => {
                let mark = AnnotationKind::Primary.span(excerpt.marked.clone()).label(self.label.as_deref());
                let snippet = Snippet::source(&*excerpt.text).line_start(place.line).path(&*place.path);
                renderer.render(&[title.element(snippet.annotation(mark))])
            }
            (None, Some(place)) => {
                let Place { path, line, column, .. } = &**place;
                format!("{}\n --> {path}:{line}:{column}", renderer.render(&[Group::with_title(title)]))
            }
            (None, None) => renderer.render(&[Group::with_title(title)]),
        };
        let label = if excerpt.is_some() { None } else { self.label.as_deref() };
        if let Some(hint) = self.hint.as_deref().or(label) {
            let hint = Level::HELP.with_name("hint").primary_title(hint);
            text.push('\n');
            text.push_str(&renderer.render(&[Group::with_title(hint)]));
        }
        text
    }
}

impl ConfigError {
    /// The exit code of a run that ends with it.
    pub const EXIT_CODE: u8 = 2;

    /// Renders it for stderr, without a closing newline.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let shown: Vec<String> = self.problems.iter().take(SHOWN).map(|problem| problem.render(&renderer)).collect();
        let mut text = shown.join("\n\n");
        if self.problems.len() > SHOWN {
            let more = self.problems.len() - SHOWN;
            text.push_str("\n\n");
            text.push_str(&Problem::new(format!("{more} more problems are not shown")).render(&renderer));
        }
        text
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl FromIterator<Problem> for ConfigError {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Self { problems: problems.into_iter().collect() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for ConfigError {}

/// A value in backticks, fit for one line: shortened, control characters escaped.
pub(super) fn quoted(value: &str) -> String {
    const LONGEST: usize = 60;
    let shortened: String = value.chars().take(LONGEST).flat_map(escape).collect();
    let more = if value.chars().nth(LONGEST).is_some() { "…" } else { "" };
    format!("`{shortened}{more}`")
}

fn escape(character: char) -> Vec<char> {
    // `escape_debug` leaves printable text alone and escapes control, bidi and zero-width characters; it would
    // also escape quotes, which are harmless here.
    if matches!(character, '"' | '\'' | '\\') { vec![character] } else { character.escape_debug().collect() }
}

/// The known word that is nearest to a misspelt one, if any is near.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_word(&kebab(word), known)
}

/// `freeShippingFrom` and `free_shipping_from` are spelt otherwise, not misspelt.
fn kebab(word: &str) -> String {
    let mut text = String::new();
    for character in word.chars() {
        if character.is_ascii_uppercase() && text.ends_with(|last: char| last.is_ascii_lowercase()) {
            text.push('-');
        }
        text.push(if character == '_' { '-' } else { character.to_ascii_lowercase() });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipping() -> Problem {
        let excerpt = Excerpt { text: "shiping = \"4.90\"".into(), marked: 0..7 };
        let place = Place { path: "suppliers.toml".into(), line: 12, column: 1, excerpt: Some(excerpt) };
        let problem = Problem::new("unknown key `shiping` of supplier `acme`").with_label("did you mean `shipping`?");
        Problem { place: Some(Box::new(place)), ..problem }
    }

    #[test]
    fn an_error_shows_place_line_mark_and_hint() {
        insta::assert_snapshot!(ConfigError::from(shipping().with_hint("see `pricecmp schema suppliers`")), @r#"
        error: unknown key `shiping` of supplier `acme`
          --> suppliers.toml:12:1
           |
        12 | shiping = "4.90"
           | ^^^^^^^ did you mean `shipping`?
        hint: see `pricecmp schema suppliers`
        "#);
    }

    #[test]
    fn without_a_line_the_label_becomes_the_hint() {
        let mut problem = shipping();
        problem.place.as_mut().unwrap().excerpt = None;
        insta::assert_snapshot!(ConfigError::from(problem), @r"
        error: unknown key `shiping` of supplier `acme`
         --> suppliers.toml:12:1
        hint: did you mean `shipping`?
        ");
    }

    #[test]
    fn many_problems_are_cut_and_counted() {
        let error: ConfigError = (0..23).map(|number| Problem::new(format!("problem {number}"))).collect();
        let text = error.to_string();
        assert!(text.starts_with("error: problem 0\n\nerror: problem 1\n"), "{text}");
        assert!(text.ends_with("error: problem 19\n\nerror: 3 more problems are not shown"), "{text}");
    }

    #[test]
    fn colour_comes_only_when_asked_for() {
        let error = ConfigError::from(shipping().with_hint("x"));
        assert!(!error.render(false).contains('\u{1b}') && error.render(true).contains('\u{1b}'));
    }

    #[test]
    fn values_are_shortened_and_escaped() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}\"b\"\n"), "`a\\u{1b}[31m\\u{202e}\"b\"\\n`");
        assert_eq!(quoted(&"x".repeat(61)), format!("`{}…`", "x".repeat(60)));
    }

    #[test]
    fn other_spellings_and_small_slips_find_their_word() {
        let known = ["free-shipping-from", "shipping", "url", "timeout"];
        for (word, expected) in [
            ("freeShippingFrom", Some("free-shipping-from")),
            ("free_shipping_from", Some("free-shipping-from")),
            ("Shiping", Some("shipping")),
            ("ulr", Some("url")),
            ("time-out", Some("timeout")),
            ("token", None),
            ("tax", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }
}
