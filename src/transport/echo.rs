//! Secrets that a supplier sends back: some quote the credentials that they refuse.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Url;

use crate::domain::Secret;

/// What stands in the place of a secret.
const MASK: &str = "***";
/// Shorter secrets are not looked for: they would be found in every other word.
const SHORTEST: usize = 3;
/// So many bytes of a longer secret are enough to find it, as errors cut long values.
const ENOUGH: usize = 16;

/// The header's form of the user and the password in a URL, if it has any.
pub(super) fn user_info(url: &str) -> Option<Secret> {
    let url = Url::parse(url).ok().filter(|url| !url.username().is_empty() || url.password().is_some())?;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
    Some(Secret::new(BASE64.encode([&*user, b":", &password].concat())))
}

/// The parts of a text that are masked where it is shown.
fn secrets<'a>(sent: &'a str, shown: &str) -> Vec<&'a str> {
    let mut kept = shown.split(MASK);
    let Some(mut rest) = kept.next().and_then(|start| sent.strip_prefix(start)) else { return Vec::new() };
    let mut secrets = Vec::new();
    let mut kept = kept.peekable();
    while let Some(next) = kept.next() {
        let is_last = kept.peek().is_none();
        let end = if is_last { rest.strip_suffix(next).map(str::len) } else { rest.find(next) };
        // What was masked otherwise than in place is a secret as a whole.
        let Some(end) = end else { return vec![sent] };
        secrets.push(&rest[..end]);
        rest = &rest[end + next.len()..];
    }
    secrets
}

/// A text without secrets: texts that are sent, each with what is shown of it. Their secrets are looked for as they
/// are, as a URL and as JSON holds them, and cut off behind their first characters.
pub(super) fn without<'a>(text: String, sent: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let found = sent.into_iter().flat_map(|(sent, shown)| secrets(sent, shown));
    found.fold(text, |text, secret| {
        let decoded = percent_encoding::percent_decode_str(secret).decode_utf8_lossy();
        let text = mask(mask(text, secret), &decoded);
        [secret, &decoded].into_iter().flat_map(in_json).fold(text, |text, escaped| mask(text, &escaped))
    })
}

/// How JSON may write a secret that it has to escape, or escapes needlessly.
fn in_json(secret: &str) -> Vec<String> {
    if !secret.contains(['"', '\\', '/']) {
        return Vec::new();
    }
    let escaped = secret.replace('\\', "\\\\").replace('"', "\\\"");
    vec![escaped.replace('/', "\\/"), escaped]
}

/// Replaces a secret wherever it, or the better part of it, begins.
fn mask(text: String, secret: &str) -> String {
    if secret.len() < SHORTEST {
        return text;
    }
    let mut enough = secret.len().min(ENOUGH);
    while !secret.is_char_boundary(enough) {
        enough += 1;
    }
    let start = &secret[..enough];
    if !text.contains(start) {
        return text;
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(position) = rest.find(start) {
        let found = &rest[position..];
        let same = found.chars().zip(secret.chars()).take_while(|(one, other)| one == other);
        masked.push_str(&rest[..position]);
        masked.push_str(MASK);
        rest = &found[same.map(|(character, _)| character.len_utf8()).sum()..];
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_is_a_secret() {
        for (sent, shown, expected) in [
            ("Bearer hunter2", "Bearer ***", vec!["hunter2"]),
            ("hunter2", "***", vec!["hunter2"]),
            ("https://u:pw1@a.example/x?key=k22&q=1", "https://u:***@a.example/x?key=***&q=1", vec!["pw1", "k22"]),
            ("text/plain", "text/plain", vec![]),
            ("a=1; b=2", "a=***!", vec!["a=1; b=2"]),
        ] {
            assert_eq!(secrets(sent, shown), expected, "{sent}");
        }
    }

    #[test]
    fn an_echo_is_masked_in_every_form() {
        let sent = [("hunter%202", "***"), ("", ""), ("a", "***"), ("q\"\\q", "***")];
        let text = without("bad key hunter%202, or hunter 2, or \"q\\\"\\\\q\"".to_owned(), sent);
        assert_eq!(text, "bad key ***, or ***, or \"***\"");
    }

    #[test]
    fn what_is_cut_off_is_masked_and_what_only_begins_alike_is_not() {
        let secret = "0123456789abcdefghij";
        let mask = |text: &str| without(text.to_owned(), [(secret, "***")]);
        assert_eq!(mask("a \"0123456789abcdefg…, 0123456789abcdefghijk"), "a \"***…, ***k");
        assert_eq!(mask("0123456789abcdeX"), "0123456789abcdeX");
        assert_eq!(without("ééééééééé!".to_owned(), [("aéééééééééé", "a***")]), "***!");
    }
}
