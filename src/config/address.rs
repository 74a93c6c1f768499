//! A supplier's URL: checked, resolved and masked.
//!
//! Owns which URLs can be asked, and what of them may be shown. Nothing it says repeats a part of a URL that could be
//! a secret. Main type: [`Address`].

use std::net::Ipv4Addr;
use std::sync::Arc;

use url::{Host, Url};

use super::error::{Problem, nearest, quoted};
use super::values::Read;
use super::variables::{Text, masked_url};
use crate::domain::{Currency, PriceRequest, Quantity};
use crate::mapping::{Bindings, Names, TemplateProblem, UrlTemplate};

/// What a URL looks like.
const FORM: &str = "write `https://HOST/PATH/{product}{?quantity}`";

/// Where a supplier is asked.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// The template to expand. It may hold secrets.
    pub(super) url: UrlTemplate,
    /// The same with every secret masked.
    pub(super) shown_url: UrlTemplate,
}

/// Checks a URL that may refer to the names, as far as it can be judged without the values of its variables.
pub(super) fn check(text: &Text<'_>, names: &Names) -> Read<()> {
    let assumed = text.assumed();
    parse(&assumed, names)?;
    if text.starts_with_variable() { Ok(()) } else { check_base(&assumed) }
}

/// Makes the address of a URL whose text passed [`check`]; `resolved` is the text with its variables replaced, `masked`
/// with `***` in their place, both with a query that was added. What [`check`] has seen is not judged again.
pub(super) fn resolve(text: &Text<'_>, resolved: &str, masked: &str, names: &Names) -> Read<Address> {
    let url = UrlTemplate::parse(resolved, names).map_err(|_| bad_variable())?;
    if text.has_variables() {
        check_base(resolved).map_err(|_| bad_variable())?;
    }
    let (shown, _) = masked_url(masked);
    let shown_url = if shown == resolved { url.clone() } else { parse(&shown, names)? };
    Ok(Address { url, shown_url })
}

/// Scheme, host and port of what a template expands to, without credentials, such as `https://api.acme.example:443`.
/// No request changes them. `None` for what no [`Address`] holds.
pub(super) fn origin(template: &UrlTemplate) -> Option<String> {
    let request =
        PriceRequest { product: "x".to_owned(), quantity: Quantity::ONE, currency: Currency::parse("EUR").ok()? };
    let bindings = Bindings::new(Arc::new(request), Arc::new([]));
    let url = Url::parse(&template.expand(&bindings)).ok()?;
    Some(format!("{}://{}:{}", url.scheme(), url.host_str()?, url.port_or_known_default()?))
}

/// Whether a URL, such as an origin, leads to this machine.
pub(super) fn is_on_loopback(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // Only with HTTP does a URL say that a host is an address.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<Ipv4Addr>().is_ok_and(|host| host.is_loopback())
        }
        None => false,
    }
}

fn parse(text: &str, names: &Names) -> Read<UrlTemplate> {
    UrlTemplate::parse(text, names).map_err(|problem| template_problem(&problem))
}

/// The value of a variable, fit to stand in a template: its braces are no places for the request.
pub(super) fn escape_braces(value: &str) -> String {
    value.replace('{', "%7B").replace('}', "%7D")
}

/// Checks scheme, credentials, host and port. What follows them is always a path and a query.
fn check_base(url: &str) -> Read<()> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    check_scheme(scheme)?;
    // `{?quantity}` and `{/product}` begin a query and a path themselves.
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let authority = authority.strip_suffix('{').filter(|_| end < rest.len()).unwrap_or(authority);
    if authority.contains('{') {
        // Credentials must not go where a product's name leads.
        let problem = Problem::new("the host must not depend on the request");
        return Err(problem.with_hint("place the variables behind the host"));
    }
    let base = &url[..scheme.len() + "://".len() + authority.len()];
    Url::parse(base).map(drop).map_err(|error| Problem::new(format!("it is not a URL: {error}")).with_hint(FORM))
}

fn check_scheme(scheme: &str) -> Read<()> {
    let scheme = scheme.to_ascii_lowercase();
    if matches!(&*scheme, "http" | "https") {
        return Ok(());
    }
    Err(Problem::new("it does not start with `https://` or `http://`").with_hint(FORM))
}

/// What is wrong with a template. What stands between misplaced braces is not repeated: it may be a password.
pub(super) fn template_problem(problem: &TemplateProblem) -> Problem {
    let hint = "write `{product}`, `{?quantity}` or `{?quantity,currency}`";
    match problem {
        TemplateProblem::UnknownVariable { name, position, known } => {
            let is_name = name.len() <= 32 && name.chars().all(|character| character.is_ascii_alphanumeric());
            let shown = if is_name { quoted(name) } else { "of this name".to_owned() };
            let problem = Problem::new(format!("there is no variable {shown}, at character {position}"));
            match nearest(name, known.iter()) {
                Some(nearest) => problem.with_hint(format!("did you mean `{nearest}`?")),
                None => problem.with_hint(format!("the variables are {known}")),
            }
        }
        TemplateProblem::Expression { position, .. } => {
            Problem::new(format!("what stands in braces at character {position} is not an expression")).with_hint(hint)
        }
        TemplateProblem::Forbidden { .. } | TemplateProblem::Percent { .. } => {
            Problem::new(problem.to_string()).with_hint("percent-encode it, such as `%20` for a space")
        }
        TemplateProblem::NotClosed { .. } | TemplateProblem::NotOpened { .. } => {
            Problem::new(problem.to_string()).with_hint(hint)
        }
    }
}

/// What is said of a URL that its variables make wrong.
pub(super) fn bad_variable() -> Problem {
    Problem::new("with the values of its variables it is not a URL that can be asked")
        .with_hint("look at the variables: special characters must be percent-encoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(url: &str) -> Result<(), String> {
        check(&Text::parse(url).unwrap(), &Names::of_request()).map_err(|problem| problem.message)
    }

    #[test]
    fn the_host_is_the_same_for_every_request() {
        for url in [
            "http://a.example",
            "http://a.example{?quantity}",
            "HTTPS://a.example{/product}",
            "http://a.example:80{#product}",
            "http://[::1]:80/{product}?q={quantity}",
            "http://u:p@a.example/{product}",
            "http://${HOST}:${PORT}/{product}",
            "${BASE}{product}",
        ] {
            assert_eq!(checked(url), Ok(()), "{url}");
        }
        for url in [
            "http://{product}",
            "http://{product}/",
            "http://a.{currency}.example/x",
            "http://a.example{product}",
            "http://a.example{&quantity}?x",
            "http://a.example:{quantity}/",
            "http://a{product}b{?quantity}",
            "http://u:{product}@a.example/",
        ] {
            assert_eq!(checked(url), Err("the host must not depend on the request".into()), "{url}");
        }
        for url in
            ["http://", "http:///x", "http://a b/", "http://a:x/", "http://a:99999/", "//a/", "http:/a", "http://@/"]
        {
            assert!(checked(url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_origin_has_a_port_and_no_credentials() {
        let origin = |url| origin(&UrlTemplate::parse(url, &Names::of_request()).unwrap());
        assert_eq!(origin("https://u:p@A.example/{product}").as_deref(), Some("https://a.example:443"));
        assert_eq!(origin("http://[::1]{?quantity}").as_deref(), Some("http://[::1]:80"));
    }
}
