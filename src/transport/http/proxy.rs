//! Whether a proxy stands between us and a supplier.
//!
//! Follows `curl`: `http_proxy`, `https_proxy` and `all_proxy` apply to every host, loopback included, unless
//! `NO_PROXY` names it. Owns which proxies there are; the client speaks with them. Main type: [`Proxies`].

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{ClientBuilder, NoProxy, Proxy, Url};

/// Which proxies there are.
#[derive(Debug)]
pub struct Proxies {
    /// Tells to which suppliers one applies.
    matcher: Option<Matcher>,
    /// What the client is told; `None` = what the environment says.
    explicit: Option<Proxy>,
}

impl Proxies {
    /// None: every supplier is reached directly.
    #[must_use]
    pub fn none() -> Self {
        Self { matcher: None, explicit: None }
    }

    /// Those of the environment, and of the system where it has settings of its own.
    #[must_use]
    pub fn from_environment() -> Self {
        Self { matcher: Some(Matcher::from_system()), explicit: None }
    }

    /// One proxy for everything but the hosts in `except`, which is written like `NO_PROXY`.
    ///
    /// # Errors
    /// When `proxy` is no URL of a kind that is known.
    pub fn all(proxy: &str, except: &str) -> Result<Self, reqwest::Error> {
        let explicit = Proxy::all(proxy).map_err(reqwest::Error::without_url)?.no_proxy(NoProxy::from_string(except));
        let matcher = Matcher::builder().all(proxy.to_owned()).no(except.to_owned()).build();
        Ok(Self { matcher: Some(matcher), explicit: Some(explicit) })
    }

    /// Tells the client.
    pub(super) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        match (&self.matcher, &self.explicit) {
            (None, _) => builder.no_proxy(),
            (Some(_), None) => builder,
            (Some(_), Some(proxy)) => builder.proxy(proxy.clone()),
        }
    }

    /// Whether a URL is reached through a proxy.
    pub(super) fn apply_to(&self, url: &Url) -> bool {
        let Some(matcher) = &self.matcher else { return false };
        url.as_str().parse().is_ok_and(|uri| matcher.intercept(&uri).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_applies_to_every_host_but_the_excepted() {
        let proxies = Proxies::all("http://proxy.example:3128", "127.0.0.1,direct.example").unwrap();
        for (url, expected) in [
            ("http://acme.example/", true),
            ("https://localhost/", true),
            ("http://127.0.0.1:9/", false),
            ("https://api.direct.example/", false),
        ] {
            assert_eq!(proxies.apply_to(&url.parse().unwrap()), expected, "{url}");
        }
        assert!(!Proxies::none().apply_to(&"http://acme.example/".parse().unwrap()));
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_its_password() {
        let error = Proxies::all("http://user:hunter2@[", "").unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
