//! The body of a request: what the supplier's filter makes, or the wire's own format.
//!
//! Refuses to know how it is sent. Main type: [`BodySource`].

use super::echo;
use crate::domain::{Failure, Method, RequestFormat};
use crate::mapping::{Bindings, Filter, encode_request};

/// The type of replies, and of requests that are no form.
pub(super) const JSON: &str = "application/json";

/// The type of a form.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// What makes the body of a request.
#[derive(Debug)]
pub(super) struct BodySource {
    /// The filter; `None` = the request in the wire's own format.
    pub(super) filter: Option<Filter>,
    /// How what the filter makes is written.
    pub(super) format: RequestFormat,
}

impl BodySource {
    /// Makes the body, for methods that have one.
    ///
    /// # Errors
    /// Those of the filter.
    pub(super) fn make(&self, method: Method, bindings: &Bindings) -> Result<Option<String>, Failure> {
        let make = || match (&self.filter, self.format) {
            (None, _) => Ok(encode_request(bindings.request())),
            (Some(filter), RequestFormat::Json) => filter.request_body(bindings),
            (Some(filter), RequestFormat::Form) => filter.request_form(bindings),
        };
        method.has_body().then(make).transpose()
    }

    /// The same to be shown, without secrets: when the filter fails, that is said in its place.
    pub(super) fn shown(&self, method: Method, bindings: &Bindings) -> Option<String> {
        if let Err(failure) = self.make(method, bindings) {
            let detail = echo::without(failure.detail.unwrap_or_default(), bindings.secrets());
            return Some(format!("nothing is sent: {detail}"));
        }
        // A filter that takes a secret apart may not know what to do with what is shown in its place.
        self.make(method, &bindings.masked())
            .unwrap_or_else(|_| Some("not shown, since it depends on a secret".to_owned()))
    }

    /// The type of the body, for methods that have one.
    pub(super) fn content_type(&self, method: Method) -> Option<&'static str> {
        let name = match (&self.filter, self.format) {
            (Some(_), RequestFormat::Form) => FORM,
            _ => JSON,
        };
        method.has_body().then_some(name)
    }
}
