//! `${VAR}` in a URL or a header: finding it, resolving it, masking it.
//!
//! `$${` is a literal `${`; any other `$` is itself. Refuses to know where values come from. Main type: [`Text`].

use percent_encoding::percent_decode_str;

/// What stands where a secret was.
pub(super) const MASK: &str = "***";

/// A text with variables, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Text<'a>(Vec<Piece<'a>>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Literal(&'a str),
    Variable(&'a str),
}

/// A `${` that no name and no `}` follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl<'a> Text<'a> {
    /// Takes a text apart.
    pub(super) fn parse(mut text: &'a str) -> Result<Self, Malformed> {
        let mut pieces = Vec::with_capacity(1);
        while let Some(start) = text.find("${") {
            if text[..start].ends_with('$') {
                pieces.push(Piece::Literal(&text[..start - 1]));
                pieces.push(Piece::Literal("${"));
                text = &text[start + 2..];
                continue;
            }
            let rest = &text[start + 2..];
            let end = rest.find('}').filter(|end| is_name(&rest[..*end])).ok_or(Malformed)?;
            pieces.push(Piece::Literal(&text[..start]));
            pieces.push(Piece::Variable(&rest[..end]));
            text = &rest[end + 1..];
        }
        pieces.push(Piece::Literal(text));
        Ok(Self(pieces))
    }

    /// Whether there is a variable in it.
    pub(super) fn has_variables(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Variable(_)))
    }

    /// Whether the first thing in it is a variable.
    pub(super) fn starts_with_variable(&self) -> bool {
        let first = self.0.iter().find(|piece| **piece != Piece::Literal(""));
        matches!(first, Some(Piece::Variable(_)))
    }

    /// The text with every variable replaced by `***`.
    pub(super) fn masked(&self) -> String {
        self.filled_with(|_| MASK.to_owned())
    }

    /// The text with every variable replaced by so many zeros as it has characters, so that positions stay. Zeros
    /// are right in a host, a port and a path.
    pub(super) fn assumed(&self) -> String {
        self.filled_with(|name| "0".repeat(name.len() + "${}".len()))
    }

    fn filled_with(&self, filler: impl Fn(&str) -> String) -> String {
        let text = self.resolved(|name| Ok::<_, std::convert::Infallible>(filler(name)));
        text.unwrap_or_default()
    }

    /// The text with every variable replaced by what `value` returns for its name.
    pub(super) fn resolved<E>(&self, value: impl FnMut(&'a str) -> Result<String, E>) -> Result<String, E> {
        self.mapped(|literal| Ok(literal.to_owned()), value)
    }

    /// The same with everything else replaced by what `literal` makes of it.
    pub(super) fn mapped<E>(
        &self,
        mut literal: impl FnMut(&'a str) -> Result<String, E>,
        mut value: impl FnMut(&'a str) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut mapped = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => mapped.push_str(&literal(text)?),
                Piece::Variable(name) => mapped.push_str(&value(name)?),
            }
        }
        Ok(mapped)
    }
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// Whether a header or a query parameter of this name, percent-encoded or not, usually carries a secret.
pub(crate) fn is_sensitive_name(name: &str) -> bool {
    /// Anywhere in a name.
    const SIGNS: [&str; 16] = [
        "auth",
        "cookie",
        "key",
        "token",
        "secret",
        "passw",
        "passphrase",
        "credential",
        "signature",
        "session",
        "jwt",
        "bearer",
        "hmac",
        "private",
        "license",
        "licence",
    ];
    /// As a word of a name; within another word they mean nothing.
    const WORDS: [&str; 14] =
        ["sig", "code", "pass", "pwd", "pw", "psw", "pin", "otp", "sid", "sas", "hash", "mac", "access", "user"];
    let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
    SIGNS.iter().any(|sign| name.contains(sign))
        || name.split(|letter: char| !letter.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// A header's value, its variables already masked, fit to be shown: a sensitive one keeps at most its scheme.
pub(super) fn masked_header(name: &str, masked: &str) -> String {
    const SCHEMES: [&str; 4] = ["Bearer ", "Basic ", "Token ", "ApiKey "];
    if !is_sensitive_name(name) {
        return masked.to_owned();
    }
    let scheme = SCHEMES.iter().find(|scheme| masked.get(..scheme.len()).is_some_and(|start| start == **scheme));
    format!("{}{MASK}", scheme.copied().unwrap_or_default())
}

/// A URL template, its variables already masked, without the secrets that are written into it: user information
/// and values of sensitive query parameters. The second value says whether there were any beyond variables.
pub(super) fn masked_url(url: &str) -> (String, bool) {
    let (url, in_user_info) = mask_user_info(url);
    let Some(query) = url.find('?') else { return (url, in_user_info) };
    let (before, query) = url.split_at(query);
    let mut shown = before.to_owned();
    let mut in_query = false;
    for parameter in query.split_inclusive(['&', ';', '{', '}', '#', '?']) {
        let delimiter = parameter.len() - usize::from(parameter.ends_with(['&', ';', '{', '}', '#', '?']));
        let (parameter, delimiter) = parameter.split_at(delimiter);
        match parameter.split_once('=') {
            Some((name, value)) if is_sensitive_name(name) && !value.is_empty() => {
                in_query |= value != MASK;
                shown.push_str(name);
                shown.push('=');
                shown.push_str(MASK);
            }
            _ => shown.push_str(parameter),
        }
        shown.push_str(delimiter);
    }
    (shown, in_user_info || in_query)
}

/// Masks the password, or a user name that stands alone and so may be a token.
fn mask_user_info(url: &str) -> (String, bool) {
    let Some(scheme) = url.find("://") else { return (url.to_owned(), false) };
    let (scheme, rest) = url.split_at(scheme + 3);
    let authority = rest.find(['/', '?', '#', '{']).unwrap_or(rest.len());
    let Some(at) = rest[..authority].rfind('@') else { return (url.to_owned(), false) };
    let (user_info, rest) = rest.split_at(at);
    let (user, secret) = match user_info.split_once(':') {
        Some((user, password)) => (format!("{user}:"), password),
        None => (String::new(), user_info),
    };
    (format!("{scheme}{user}{MASK}{rest}"), secret != MASK)
}

#[cfg(test)]
mod tests {

    use super::*;

    fn resolve(text: &str) -> Result<String, Malformed> {
        Ok(Text::parse(text)?.resolved(|name| Ok::<_, ()>(format!("<{name}>"))).unwrap())
    }

    #[test]
    fn variables_are_replaced_and_the_rest_stays() {
        assert_eq!(resolve("a${B}c${_D1}"), Ok("a<B>c<_D1>".into()));
        assert_eq!(resolve("$ $5 $A {B} $${C} $"), Ok("$ $5 $A {B} ${C} $".into()));
        assert_eq!(resolve(""), Ok(String::new()));
        for text in ["${", "${}", "${A", "${1A}", "${A-B}", "${A:-x}", "${ A }"] {
            assert_eq!(resolve(text), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn an_unset_variable_stops_the_resolution() {
        let text = Text::parse("${A}${B}").unwrap();
        assert_eq!(text.resolved(|name| if name == "A" { Ok(String::new()) } else { Err(name) }), Err("B"));
    }

    #[test]
    fn shown_headers_hold_no_secret() {
        for (name, value, shown) in [
            ("Accept", "text/plain", "text/plain"),
            ("Accept", "a ${B}", "a ***"),
            ("Authorization", "Bearer ${B}", "Bearer ***"),
            ("Authorization", "Basic aHVudGVyMg==", "Basic ***"),
            ("Authorization", "hunter2", "***"),
            ("X-Api-Key", "hunter2", "***"),
            ("Cookie", "a=${B}", "***"),
            ("X-Access-TOKEN", "häää", "***"),
            ("X-Pin", "hunter2", "***"),
            ("X-Currency-Codes", "EUR", "EUR"),
        ] {
            assert_eq!(masked_header(name, &Text::parse(value).unwrap().masked()), shown);
        }
    }

    #[test]
    fn shown_urls_hold_no_secret() {
        for (url, shown, literal) in [
            ("https://a.example/{product}{?quantity}", "https://a.example/{product}{?quantity}", false),
            ("https://u:hunter2@a.example/{product}", "https://u:***@a.example/{product}", true),
            ("https://u:${P}@a.example/", "https://u:***@a.example/", false),
            ("https://hunter2@a.example", "https://***@a.example", true),
            ("https://u:h@nter2@a.example/@", "https://u:***@a.example/@", true),
            ("https://a.example/?apikey=hunter2{&quantity}", "https://a.example/?apikey=***{&quantity}", true),
            ("https://a.example/?a=1&token=hunter2&b=2#x", "https://a.example/?a=1&token=***&b=2#x", true),
            ("https://a.example/?token=${T}", "https://a.example/?token=***", false),
            ("${BASE}/{product}", "***/{product}", false),
        ] {
            let masked = Text::parse(url).unwrap().masked();
            assert_eq!(masked_url(&masked), (shown.to_owned(), literal), "{url}");
        }
    }
}
