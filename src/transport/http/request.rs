//! One request: what is sent, and what is shown of it. Both are made of one list of headers.
//!
//! What HTTP's framing adds, the host and the body's length, is in neither. Main types: [`Header`], a configured one,
//! and [`Line`].

use std::borrow::Cow;

use reqwest::Url;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::{HeaderSetting, HttpProblem, body};
use crate::domain::{ErrorKind, Failure};
use crate::mapping::is_reserved_header;
use crate::transport::Inquiry;
use crate::transport::question::JSON;

/// The header that carries the run's id.
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// How we introduce ourselves.
const USER_AGENT: &str = concat!("pricecmp/", env!("CARGO_PKG_VERSION"));

/// A header of the configuration that was checked.
#[derive(Debug)]
pub(super) struct Header {
    name: HeaderName,
    value: HeaderValue,
    shown: Box<str>,
}

impl Header {
    /// What is sent, and what is shown of it.
    pub(super) fn secret(&self) -> (&str, &str) {
        (std::str::from_utf8(self.value.as_bytes()).unwrap_or_default(), &self.shown)
    }

    /// Checks a header.
    ///
    /// # Errors
    /// When HTTP does not allow it, or pricecmp sets it itself.
    pub(super) fn new(setting: HeaderSetting) -> Result<Self, HttpProblem> {
        let Ok(name) = HeaderName::from_bytes(setting.name.as_bytes()) else {
            return Err(HttpProblem::HeaderName(setting.name));
        };
        if is_reserved_header(name.as_str()) {
            return Err(HttpProblem::Reserved(setting.name));
        }
        let Ok(mut value) = HeaderValue::from_str(setting.value.expose()) else {
            return Err(HttpProblem::HeaderValue(setting.name));
        };
        value.set_sensitive(true);
        Ok(Self { name, value, shown: setting.shown.into() })
    }
}

impl Header {
    /// The header of a token; `None` when the token cannot stand in one.
    pub(super) fn bearer(token: &str) -> Option<Self> {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        value.set_sensitive(true);
        Some(Self { name: header::AUTHORIZATION, value, shown: BEARER.into() })
    }

    /// What is shown of a token that is not there yet.
    pub(super) fn any_bearer() -> Self {
        Self { name: header::AUTHORIZATION, value: HeaderValue::from_static(BEARER), shown: BEARER.into() }
    }
}

/// What is shown of a token.
const BEARER: &str = "Bearer ***";

/// One line of a request's head.
#[derive(Clone, Debug)]
struct Line<'a> {
    name: HeaderName,
    /// `None` = the client makes it of the URL's user information.
    value: Option<HeaderValue>,
    /// What is shown of it.
    shown: Cow<'a, str>,
}

impl<'a> Line<'a> {
    fn plain(name: HeaderName, text: &'static str) -> Self {
        Self { name, value: Some(HeaderValue::from_static(text)), shown: text.into() }
    }

    fn configured(header: &'a Header) -> Self {
        Self { name: header.name.clone(), value: Some(header.value.clone()), shown: (&*header.shown).into() }
    }
}

/// What is said in every request for `accept`.
fn lines_of_any(accept: &'static str) -> [Line<'static>; 4] {
    [
        Line::plain(header::ACCEPT, accept),
        Line::plain(header::ACCEPT_ENCODING, body::ENCODINGS),
        Line::plain(header::USER_AGENT, USER_AGENT),
        // There is nothing more to ask, and a server that closes first keeps our ports free.
        Line::plain(header::CONNECTION, "close"),
    ]
}

/// What the client makes of the user information of `url`, if that is one and has some.
fn basic_authorization(url: Option<&Url>) -> Option<Line<'static>> {
    let has_user = url.is_some_and(|url| !url.username().is_empty() || url.password().is_some());
    has_user.then(|| Line { name: header::AUTHORIZATION, value: None, shown: "Basic ***".into() })
}

/// The lines of a request to `url`, if that is one. What the configuration sets, and a token, replace what pricecmp would
/// send.
fn lines<'a>(
    own: &'a [Header],
    token: Option<&'a Header>,
    content_type: Option<&'static str>,
    url: Option<&Url>,
    inquiry: &'a Inquiry,
) -> Result<Vec<Line<'a>>, Failure> {
    let mut lines = lines_of_any(JSON).to_vec();
    lines.extend(content_type.map(|name| Line::plain(header::CONTENT_TYPE, name)));
    lines.extend(basic_authorization(url));
    let own = || own.iter().chain(token);
    lines.retain(|line| own().all(|own| own.name != line.name));
    lines.extend(own().map(Line::configured));
    let id = HeaderValue::from_str(&inquiry.correlation_id)
        .map_err(|_| Failure::new(ErrorKind::Internal).with_detail("the correlation id is not a header value"))?;
    lines.push(Line { name: CORRELATION_ID, value: Some(id), shown: (&*inquiry.correlation_id).into() });
    Ok(lines)
}

/// The headers to give to the client.
///
/// # Errors
/// `internal` when the run's id is no header value.
pub(super) fn headers(
    own: &[Header],
    token: Option<&Header>,
    content_type: Option<&'static str>,
    url: &Url,
    inquiry: &Inquiry,
) -> Result<HeaderMap, Failure> {
    Ok(sent(lines(own, token, content_type, Some(url), inquiry)?))
}

/// The headers of a request for a document of the types `accept`; `own` ones replace what pricecmp would send.
pub(super) fn headers_of_page(accept: &'static str, content_type: Option<&'static str>, own: &[Header]) -> HeaderMap {
    let mut lines = lines_of_any(accept).to_vec();
    lines.extend(content_type.map(|name| Line::plain(header::CONTENT_TYPE, name)));
    lines.retain(|line| own.iter().all(|own| own.name != line.name));
    lines.extend(own.iter().map(Line::configured));
    sent(lines)
}

fn sent<'a>(lines: impl IntoIterator<Item = Line<'a>>) -> HeaderMap {
    lines.into_iter().filter_map(|line| Some((line.name, line.value?))).collect()
}

/// The same headers, with every secret masked.
pub(super) fn shown_headers(
    own: &[Header],
    token: Option<&Header>,
    content_type: Option<&'static str>,
    url: Option<&Url>,
    inquiry: &Inquiry,
) -> Vec<(String, String)> {
    shown(lines(own, token, content_type, url, inquiry).unwrap_or_default())
}

/// The headers of a request for the document at `url`, with every secret masked.
pub(super) fn shown_headers_of_page(
    accept: &'static str,
    content_type: Option<&'static str>,
    url: Option<&Url>,
) -> Vec<(String, String)> {
    let content_type = content_type.map(|name| Line::plain(header::CONTENT_TYPE, name));
    shown(lines_of_any(accept).into_iter().chain(content_type).chain(basic_authorization(url)))
}

fn shown<'a>(lines: impl IntoIterator<Item = Line<'a>>) -> Vec<(String, String)> {
    lines.into_iter().map(|line| (line.name.to_string(), line.shown.into_owned())).collect()
}
