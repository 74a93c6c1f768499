//! Where a request goes, and which redirects stay with the same server.
//!
//! Main functions: [`parse`] and [`redirected`].

use reqwest::Url;

use crate::domain::{ErrorKind, Failure};
use crate::transport::faults;

/// Reads an expanded URL. The configuration's template was checked, so only what the product's name adds can be
/// wrong, and that is the host.
///
/// # Errors
/// `dns` for a host that can be no name, `internal` for a URL that is not HTTP's.
pub(super) fn parse(text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text)
        .map_err(|error| Failure::new(ErrorKind::Dns).with_detail(faults::short(&error.to_string())))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::new(ErrorKind::Internal).with_detail("not an HTTP URL"));
    }
    Ok(url)
}

/// The most redirects that are followed for one request.
const REDIRECTS: usize = 5;

/// Where a redirect from `url` to `location` leads, if that is the same server: same scheme, host and port. It keeps
/// the credentials of `url`. `followed` were followed before.
///
/// # Errors
/// `redirect_refused`, and why.
pub(super) fn redirected(url: &Url, location: &str, followed: usize) -> Result<Url, Failure> {
    let refused = |why: &str| Failure::new(ErrorKind::RedirectRefused).with_detail(why);
    let next = same_server(url, location).map_err(refused)?;
    if followed >= REDIRECTS {
        return Err(refused("more than 5 in a row"));
    }
    Ok(next)
}

/// What `location` means at `url`, if that is the same server: same scheme, host and port. It keeps the credentials of
/// `url`.
///
/// # Errors
/// Where else it leads.
pub(super) fn same_server(url: &Url, location: &str) -> Result<Url, &'static str> {
    let mut next = url.join(location).map_err(|_| "to a malformed location")?;
    if next.host_str() != url.host_str() {
        return Err("to another host");
    }
    if next.scheme() != url.scheme() {
        return Err(if url.scheme() == "https" { "from https to another scheme" } else { "to another scheme" });
    }
    if next.port_or_known_default() != url.port_or_known_default() {
        return Err("to another port");
    }
    // Neither can fail for a URL with a host.
    let _ = next.set_username(url.username());
    let _ = next.set_password(url.password());
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(from: &str, to: &str) -> String {
        let failure = redirected(&parse(from).unwrap(), to, 0).unwrap_err();
        assert_eq!(failure.kind, ErrorKind::RedirectRefused);
        failure.detail.unwrap()
    }

    #[test]
    fn a_redirect_within_the_server_keeps_its_credentials() {
        let url = parse("http://a:b@acme.example/v1/x").unwrap();
        for location in ["../v2/y?z=1", "http://acme.example:80/v2/y?z=1", "//mallory:m@acme.example/v2/y?z=1"] {
            assert_eq!(redirected(&url, location, 4).unwrap().as_str(), "http://a:b@acme.example/v2/y?z=1");
        }
    }

    #[test]
    fn every_other_redirect_is_refused() {
        assert_eq!(refusal("http://acme.example/", "http://evil.example/"), "to another host");
        assert_eq!(refusal("http://acme.example/", "//evil.example/"), "to another host");
        assert_eq!(refusal("https://acme.example/", "http://acme.example/"), "from https to another scheme");
        assert_eq!(refusal("http://acme.example/", "https://acme.example/"), "to another scheme");
        assert_eq!(refusal("http://acme.example/", "http://acme.example:81/"), "to another port");
        assert_eq!(refusal("http://acme.example/", "http://["), "to a malformed location");
        let sixth = redirected(&parse("http://acme.example/").unwrap(), "/again", 5).unwrap_err();
        assert_eq!(sixth.detail.as_deref(), Some("more than 5 in a row"));
    }

    #[test]
    fn a_product_in_the_host_can_break_it() {
        assert_eq!(parse("http://a b.example/").unwrap_err().kind, ErrorKind::Dns);
        assert_eq!(parse("ftp://acme.example/").unwrap_err().kind, ErrorKind::Internal);
    }
}
