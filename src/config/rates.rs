//! Where exchange rates are fetched: checked, resolved and masked.
//!
//! Owns which URLs rates can come from. Refuses to fetch. Nothing it says repeats a part of a URL that could be a secret.

use std::path::Path;

use percent_encoding::percent_decode_str;
use toml::de::DeValue;
use url::Url;

use super::Errand;
use super::address::bad_variable;
use super::discover::Environment;
use super::disk;
use super::document::{At, Document, Findings, Span};
use super::error::Problem;
use super::file::File;
use super::filters;
use super::headers::secret_text;
use super::pem::unreadable;
use super::settings::{RatesPlace, RatesSource};
use super::values::Read;
use super::variables::{Text, masked_url};
use crate::domain::Secret;
use crate::mapping::{Names, RatesFormat};

/// What a URL looks like.
const FORM: &str = "write `https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml`, or `file:rates.xml`";

/// Reads a URL and checks it as far as it can be without the environment. The value is never repeated.
pub(super) fn read_url(value: &DeValue<'_>) -> Read<String> {
    let text = secret_text(value)?;
    // It was parsed a moment ago.
    let checked = Text::parse(&text).map_or(Ok(()), |parsed| {
        if parsed.starts_with_variable() { Ok(()) } else { place(&parsed.assumed(), Path::new("")).map(drop) }
    });
    checked.map(|()| text)
}

/// Whether a secret is written into the URL, instead of `${VAR}`.
pub(super) fn holds_secret(url: &str) -> bool {
    Text::parse(url).is_ok_and(|text| masked_url(&text.masked()).1)
}

/// Whether the rates come from this machine, and nothing of the environment is needed to find them.
pub(super) fn is_at_hand(url: &str) -> bool {
    file_path(url).is_some() && Text::parse(url).is_ok_and(|text| !text.has_variables())
}

/// Makes the source of a file's URL and filter; `None` without a URL, and when something is wrong, which is noted. Where
/// everything is checked, rates in a file must be there.
pub(super) fn source(
    file: &File,
    document: &Document,
    environment: &Environment,
    errand: Errand,
    findings: &mut Findings,
) -> Option<RatesSource> {
    let url = file.rates_url.as_ref()?;
    let mut complain = |span: Span, key: &str, problem: Problem| {
        let message = format!("`{key}`: {}", problem.message);
        findings.at(span, Problem { message, ..problem });
    };
    let format = match &file.rates_filter {
        None => RatesFormat::Ecb,
        Some(filter) => match filters::compile(filter, &Names::none(), document) {
            Ok(filter) => RatesFormat::Filter(filter),
            Err((span, problem)) => {
                complain(span, "rates-filter", problem);
                return None;
            }
        },
    };
    let found = resolved(url, &document.folder, environment);
    let found =
        found.and_then(|place| if errand == Errand::Check { check(url, &place).map(|()| place) } else { Ok(place) });
    match found {
        Ok(place) => Some(RatesSource { place, format }),
        Err(problem) => {
            complain(url.span, "rates-url", problem);
            None
        }
    }
}

fn resolved(at: &At<String>, folder: &Path, environment: &Environment) -> Read<RatesPlace> {
    let text = Text::parse(&at.value).map_err(|_| bad_variable())?;
    let url = text.resolved(|variable| environment.value(variable))?;
    let found = place(&url, folder);
    let found = if text.has_variables() { found.map_err(|_| bad_variable())? } else { found? };
    Ok(match found {
        RatesPlace::Web { url, .. } => RatesPlace::Web { url, shown_url: masked_url(&text.masked()).0 },
        file @ RatesPlace::File { .. } => file,
    })
}

/// Checks that rates in a file are there.
fn check(at: &At<String>, place: &RatesPlace) -> Read<()> {
    let RatesPlace::File { path, name } = place else { return Ok(()) };
    let masked = Text::parse(&at.value).ok().filter(Text::has_variables).map(|text| text.masked());
    disk::check(path).map_err(|why| unreadable(masked.as_ref().unwrap_or(name), &why))
}

/// What a URL without variables leads to.
fn place(url: &str, folder: &Path) -> Read<RatesPlace> {
    if let Some(path) = file_path(url) {
        let name = percent_decode_str(path).decode_utf8_lossy().into_owned();
        if name.is_empty() || name.ends_with('/') {
            return Err(Problem::new("it names no file").with_hint(FORM));
        }
        return Ok(RatesPlace::File { path: folder.join(&name), name });
    }
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    if !matches!(&*scheme.to_ascii_lowercase(), "http" | "https") {
        return Err(Problem::new("it does not start with `https://`, `http://` or `file:`").with_hint(FORM));
    }
    // A browser would take the first folder for the host.
    let parsed = if rest.starts_with('/') { Err(url::ParseError::EmptyHost) } else { Url::parse(url) };
    match parsed {
        Ok(_) => Ok(RatesPlace::Web { url: Secret::new(url), shown_url: String::new() }),
        Err(error) => Err(Problem::new(format!("it is not a URL: {error}")).with_hint(FORM)),
    }
}

/// The path of a `file:` URL, which may be relative; `None` for any other.
fn file_path(url: &str) -> Option<&str> {
    let (scheme, path) = url.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    // With an authority, which can be this machine alone, a path is absolute.
    let path = path.strip_prefix("//localhost/").or_else(|| path.strip_prefix("///")).map_or(path, |_| {
        let slash = path[2..].find('/').map_or(path.len(), |slash| 2 + slash);
        &path[slash..]
    });
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(url: &str) -> Option<String> {
        match place(url, Path::new("/etc/pricecmp")).unwrap() {
            RatesPlace::File { path, .. } => Some(path.to_string_lossy().into_owned()),
            RatesPlace::Web { .. } => None,
        }
    }

    #[test]
    fn a_file_is_relative_to_the_configuration_or_absolute() {
        assert_eq!(file("file:rates.xml").as_deref(), Some("/etc/pricecmp/rates.xml"));
        assert_eq!(file("FILE:../my%20rates.xml").as_deref(), Some("/etc/pricecmp/../my rates.xml"));
        for url in ["file:/srv/rates.xml", "file:///srv/rates.xml", "file://localhost/srv/rates.xml"] {
            assert_eq!(file(url).as_deref(), Some("/srv/rates.xml"), "{url}");
        }
        assert_eq!(file("https://acme.example/file:x"), None);
    }
}
