//! Secrets that a supplier sends back: some quote the credentials that they refuse.

/// What stands in the place of a secret.
const MASK: &str = "***";
/// Shorter secrets are not looked for: they would be found in every other word.
const SHORTEST: usize = 3;

/// The parts of a text that are masked where it is shown.
pub(super) fn secrets<'a>(sent: &'a str, shown: &str) -> Vec<&'a str> {
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

/// A text without secrets, which are looked for as they are, as a URL holds them and as JSON does.
pub(super) fn without<'a>(text: String, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mask = |text: String, secret: &str| {
        if secret.len() < SHORTEST { text } else { text.replace(secret, MASK) }
    };
    secrets.into_iter().fold(text, |text, secret| {
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
        let text = without("bad key hunter%202, or hunter 2".to_owned(), ["hunter%202", "", "a"]);
        assert_eq!(text, "bad key ***, or ***");
        let text = without(r#"{"a": "x\/y\"z", "b": "x/y\"z"}"#.to_owned(), ["x/y\"z"]);
        assert_eq!(text, r#"{"a": "***", "b": "***"}"#);
    }
}
