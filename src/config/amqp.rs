//! Addresses of RabbitMQ: checked, resolved and masked.
//!
//! Owns what a URL of `amqp` and `amqps` means, by the AMQP URI specification: credentials, host, port and virtual
//! host. Nothing it says repeats a part of a URL that could be a secret. Main type: [`AmqpAddress`].

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

use super::address::bad_variable;
use super::error::Problem;
use super::file::SupplierTable;
use super::settings::{AmqpEndpoint, AmqpTls};
use super::supplier::Resolver;
use super::values::Read;
use super::variables::{Text, masked_url};
use super::way::Way;
use crate::domain::Secret;

/// What a URL looks like.
const FORM: &str = "write `amqp://USER:${PASSWORD}@HOST/VHOST`; `amqps://` for TLS";
/// The user and the password of a broker that was just installed.
const GUEST: &str = "guest";

/// Where a broker is, and as whom it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AmqpAddress {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) vhost: String,
    pub(super) user: Secret,
    pub(super) password: Secret,
    pub(super) uses_tls: bool,
    /// The URL with every secret masked.
    pub(super) shown: String,
}

/// Checks a URL as far as it can be judged without the values of its variables.
pub(super) fn check(text: &Text<'_>) -> Read<()> {
    if text.starts_with_variable() {
        return Ok(());
    }
    parts(&text.assumed()).map(drop)
}

/// Makes the address of a URL that passed [`check`]; `resolved` is the text with its variables replaced.
pub(super) fn resolve(text: &Text<'_>, resolved: &str) -> Read<AmqpAddress> {
    let (url, uses_tls, vhost) =
        parts(resolved).map_err(|problem| if text.has_variables() { bad_variable() } else { problem })?;
    let decoded = |part: &str| percent_decode_str(part).decode_utf8().map(Cow::into_owned);
    let (user, password) = match (url.username(), url.password()) {
        ("", None) => (GUEST.to_owned(), GUEST.to_owned()),
        (user, password) => match (decoded(user), decoded(password.unwrap_or_default())) {
            (Ok(user), Ok(password)) => (user, password),
            _ => return Err(Problem::new("its credentials are not UTF-8").with_hint(FORM)),
        },
    };
    let host = url.host_str().unwrap_or_default();
    Ok(AmqpAddress {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(if uses_tls { 5671 } else { 5672 }),
        vhost,
        user: Secret::new(user),
        password: Secret::new(password),
        uses_tls,
        shown: masked_url(&text.masked()).0,
    })
}

/// The URL, whether it is one of TLS, and the virtual host. Without a path that is `/`; a path of `/` alone is the host
/// whose name is empty.
fn parts(text: &str) -> Read<(Url, bool, String)> {
    let wrong = |what: &str, hint: &str| Err(Problem::new(what).with_hint(hint));
    let Ok(url) = Url::parse(text) else { return wrong("it is not a URL of a broker", FORM) };
    let uses_tls = match url.scheme() {
        "amqp" => false,
        "amqps" => true,
        _ => return wrong("it is not a URL of a broker", FORM),
    };
    if url.host_str().is_none_or(str::is_empty) {
        return wrong("it names no host", FORM);
    }
    if url.query().is_some() || url.fragment().is_some() {
        let hint =
            "remove it: `timeout`, `ca-file` and `client-certificate` are keys, and the rest is pricecmp's to choose";
        return wrong("it has a query or a fragment", hint);
    }
    if text.contains(['{', '}']) {
        return wrong("it cannot depend on the request", "remove the braces; `queue` says where requests go");
    }
    let path = url.path().strip_prefix('/');
    if path.is_some_and(|path| path.contains('/')) {
        return wrong("a virtual host is one part of a path", "write `%2F` for a `/` in its name");
    }
    let vhost = path.map_or(Ok("/".into()), |path| percent_decode_str(path).decode_utf8());
    match vhost {
        Ok(vhost) => {
            let vhost = vhost.into_owned();
            Ok((url, uses_tls, vhost))
        }
        Err(_) => wrong("its virtual host is not UTF-8", FORM),
    }
}

impl Resolver<'_> {
    /// The endpoint of a supplier on RabbitMQ; `None` when something is wrong, which is noted.
    pub(super) fn amqp(&mut self, table: &SupplierTable) -> Option<AmqpEndpoint> {
        let SupplierTable { name, url, broker, .. } = table;
        if !cfg!(feature = "amqp") {
            self.complain(name, "url", url, not_built_in("RabbitMQ", "amqp"));
            return None;
        }
        // It was parsed when it was read.
        let text = Text::parse(&url.value).ok()?;
        let resolved = text.resolved(|variable| self.variable(variable));
        let address = resolved.and_then(|resolved| resolve(&text, &resolved));
        let ca_file = self.pem(name, "ca-file", table.ca_file.as_ref(), false);
        let client_certificate = self.pem(name, "client-certificate", table.client_certificate.as_ref(), true);
        let address = address.map_err(|problem| self.complain(name, "url", url, problem)).ok()?;
        let AmqpAddress { host, port, vhost, user, password, uses_tls, shown } = address;
        let place = format!("amqps://{host}:{port}");
        let is_unverified = self.is_unverified(name, table.tls_verify.as_ref(), &place, None)?;
        self.secrets.push(password.clone());
        Some(AmqpEndpoint {
            host,
            port,
            vhost,
            user,
            password,
            shown_url: shown,
            target: broker.target()?,
            reply_mode: broker.reply_mode.as_ref().map(|at| at.value).unwrap_or_default(),
            auction: broker.auction(Way::Amqp),
            secrets: Vec::new(),
            tls: uses_tls.then_some(AmqpTls { ca_file, client_certificate, is_unverified }),
        })
    }
}

/// Says that a transport was left out of this program when it was built.
pub(super) fn not_built_in(what: &str, feature: &str) -> Problem {
    Problem::new(format!("this pricecmp was built without {what}"))
        .with_hint(format!("build it with `cargo install --path . --features {feature}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(url: &str) -> Result<AmqpAddress, String> {
        let text = Text::parse(url).unwrap();
        check(&text).and_then(|()| resolve(&text, url)).map_err(|problem| problem.message)
    }

    #[test]
    fn a_url_names_everything_or_the_usual() {
        for (url, host, port, vhost, user, password) in [
            ("amqp://a.example", "a.example", 5672, "/", "guest", "guest"),
            ("amqps://a.example/", "a.example", 5671, "", "guest", "guest"),
            ("AMQP://a.example:81/shop", "a.example", 81, "shop", "guest", "guest"),
            ("amqp://u:p%40s%2Fs@[::1]/%2f", "::1", 5672, "/", "u", "p@s/s"),
            ("amqp://u@127.0.0.1/a%2fb", "127.0.0.1", 5672, "a/b", "u", ""),
            ("amqp://:p@h", "h", 5672, "/", "", "p"),
        ] {
            let address = resolved(url).unwrap();
            assert_eq!((&*address.host, address.port, &*address.vhost), (host, port, vhost), "{url}");
            assert_eq!((address.user.expose(), address.password.expose()), (user, password), "{url}");
            assert_eq!(address.uses_tls, url.starts_with("amqps"));
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_repeating_it() {
        for (url, message) in [
            ("amqp://", "it names no host"),
            ("amqp:h", "it names no host"),
            ("amqp://u:p@/x", "it is not a URL of a broker"),
            ("amqp://h:99999/", "it is not a URL of a broker"),
            ("amqp://h/a/b", "a virtual host is one part of a path"),
            ("amqp://h/%ff", "its virtual host is not UTF-8"),
            ("amqp://%ff@h/", "its credentials are not UTF-8"),
            ("amqp://h/?heartbeat=5", "it has a query or a fragment"),
            ("amqp://h/{product}", "it cannot depend on the request"),
        ] {
            assert_eq!(resolved(url), Err(message.to_owned()), "{url}");
        }
    }

    #[test]
    fn shown_urls_hold_no_secret() {
        let address = resolved("amqp://u:hunter2@h/v").unwrap();
        assert_eq!(address.shown, "amqp://u:***@h/v");
        assert!(!format!("{address:?}").contains("hunter2"));
    }
}
