//! A supplier's URL: checked, resolved and masked.
//!
//! Owns which URLs can be asked, and what of them may be shown. Nothing it says repeats a part of a URL that could be
//! a secret. Main type: [`Address`].

use url::Url;

use super::error::{Problem, quoted};
use super::values::Read;
use super::variables::{Text, masked_url};
use crate::domain::{Currency, PriceRequest, Quantity};
use crate::mapping::{TemplateProblem, UrlTemplate};

/// Schemes that the format has, and this version does not.
const LATER_SCHEMES: [&str; 5] = ["amqp", "amqps", "kafka", "kafkas", "file"];

/// Where a supplier is asked.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// The template to expand. It may hold secrets.
    pub(super) url: UrlTemplate,
    /// The same with every secret masked.
    pub(super) shown_url: UrlTemplate,
    /// Scheme, host and port.
    pub(super) origin: String,
}

/// Checks a URL as far as it can be judged without the values of its variables.
pub(super) fn check(text: &Text<'_>) -> Read<()> {
    let assumed = text.assumed();
    if text.starts_with_variable() {
        return UrlTemplate::parse(&assumed).map(drop).map_err(|problem| template_problem(&problem));
    }
    let template = UrlTemplate::parse(&assumed).map_err(|problem| template_problem(&problem))?;
    check_scheme(&assumed)?;
    check_authority(&assumed)?;
    origin(&template).map(drop)
}

/// Makes the address of a URL whose text passed [`check`]; `resolved` is the text with its variables replaced.
pub(super) fn resolve(text: &Text<'_>, resolved: &str) -> Read<Address> {
    let of_a_variable = |problem: Problem| if text.has_variables() { bad_variable() } else { problem };
    let url = UrlTemplate::parse(resolved).map_err(|problem| of_a_variable(template_problem(&problem)))?;
    check_scheme(resolved).and_then(|()| check_authority(resolved)).map_err(of_a_variable)?;
    let origin = origin(&url).map_err(of_a_variable)?;
    let (shown, _) = masked_url(&text.masked());
    let shown_url = UrlTemplate::parse(&shown).map_err(|problem| template_problem(&problem))?;
    Ok(Address { url, shown_url, origin })
}

/// The value of a variable, fit to stand in a template: its braces are no places for the request.
pub(super) fn escape_braces(value: &str) -> String {
    value.replace('{', "%7B").replace('}', "%7D")
}

fn check_scheme(url: &str) -> Read<()> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
    if matches!(&*scheme, "http" | "https") {
        return Ok(());
    }
    if LATER_SCHEMES.contains(&&*scheme) {
        let problem = Problem::new(format!("`{scheme}://` is not supported by this version yet"));
        return Err(problem.with_hint("this version asks over `http://` and `https://`"));
    }
    let problem = Problem::new("it does not start with `https://` or `http://`");
    Err(problem.with_hint("write `https://HOST/PATH/{product}{?quantity}`"))
}

/// Credentials must not go where a product's name leads.
fn check_authority(url: &str) -> Read<()> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    // `{?quantity}` and `{/product}` begin a query and a path themselves.
    let inside = authority.match_indices('{').find(|(at, _)| !authority[at + 1..].starts_with(['?', '/', '#']));
    if inside.is_some_and(|(at, _)| !authority[..at].contains('{')) {
        let problem = Problem::new("the host must not depend on the request");
        return Err(problem.with_hint("place the variables behind the host"));
    }
    Ok(())
}

fn origin(template: &UrlTemplate) -> Read<String> {
    let currency = Currency::parse("EUR").map_err(|problem| Problem::new(problem.to_string()))?;
    let quantity = Quantity::new(1).ok_or_else(|| Problem::new("1 is no quantity"))?;
    let request = PriceRequest { product: "x".to_owned(), quantity, currency };
    let hint = "write `https://HOST/PATH/{product}{?quantity}`";
    let url = Url::parse(&template.expand(&request))
        .map_err(|error| Problem::new(format!("it is not a URL: {error}")).with_hint(hint))?;
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => Ok(format!("{}://{host}:{port}", url.scheme())),
        _ => Err(Problem::new("it names no host").with_hint(hint)),
    }
}

/// What is wrong with a template. What stands between misplaced braces is not repeated: it may be a password.
fn template_problem(problem: &TemplateProblem) -> Problem {
    let hint = "write `{product}`, `{?quantity}` or `{?quantity,currency}`";
    match problem {
        TemplateProblem::UnknownVariable { name, nearest, position } => {
            let is_name = name.len() <= 32 && name.chars().all(|character| character.is_ascii_alphanumeric());
            let shown = if is_name { quoted(name) } else { "of this name".to_owned() };
            let problem = Problem::new(format!("there is no variable {shown}, at character {position}"));
            match nearest {
                Some(nearest) => problem.with_hint(format!("did you mean `{nearest}`?")),
                None => problem.with_hint("the variables are `product`, `quantity` and `currency`"),
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

fn bad_variable() -> Problem {
    Problem::new("with the values of its variables it is not a URL that can be asked")
        .with_hint("look at the variables: special characters must be percent-encoded")
}
