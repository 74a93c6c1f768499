//! Which way leads to a supplier, and which of its keys go with it.
//!
//! Owns what is said of a key that has no meaning for a supplier's transport. Refuses to know what the keys mean. Main
//! type: [`Way`].

use super::broker::BrokerTable;
use super::document::At;
use super::error::Problem;
use super::list::{self, ListTable};
use super::reader::Fields;
use super::variables::Text;

/// How a supplier is reached, as far as the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Http,
    File,
    Amqp,
    Kafka,
}

/// Keys of requests over HTTP.
const OF_HTTP: [&str; 9] =
    ["method", "query", "headers", "no-offer-status", "redirects", "request-format", "next", "max-pages", "lookup"];
/// Keys of credentials, which brokers take elsewhere.
const OF_CREDENTIALS: [&str; 3] = ["basic", "bearer", "oauth2"];
/// Keys of TLS, which AMQP uses as well.
const OF_TLS: [&str; 3] = ["ca-file", "client-certificate", "tls-verify"];
/// Keys of filters that a file has no use for.
const OF_REQUESTS: [&str; 2] = ["request", "error"];
/// Keys of both brokers.
const OF_BROKERS: [&str; 2] = ["auction", "expect"];

impl Way {
    /// The way of a URL. What begins with a variable is told by the keys beside it, since a broker has a queue or a topic.
    pub(super) fn of(url: &str, keys: &BrokerTable) -> Self {
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
        match &*scheme {
            _ if list::is_file(url) => Self::File,
            "amqp" | "amqps" => Self::Amqp,
            "kafka" | "kafkas" => Self::Kafka,
            _ if !Text::parse(url).is_ok_and(|text| text.starts_with_variable()) => Self::Http,
            _ if keys.queue.is_some() || keys.exchange.is_some() => Self::Amqp,
            _ if keys.topic.is_some() => Self::Kafka,
            _ => Self::Http,
        }
    }

    /// Whether it is over a broker.
    pub(super) const fn is_broker(self) -> bool {
        matches!(self, Self::Amqp | Self::Kafka)
    }

    /// Checks which keys stand together with a URL; what is wrong is noted.
    pub(super) fn check(self, fields: &mut Fields<'_, '_, '_>, url: &At<String>) {
        let mut refuse = |keys: &[&str], what: &str, hint: &str| {
            for key in keys {
                if let Some(value) = fields.raw(key) {
                    fields.complain(key, value.span().into(), Problem::new(what).with_hint(hint));
                }
            }
        };
        if self != Self::File {
            let hint = "write `url = \"file:prices/acme.csv\"`, or remove it";
            refuse(&ListTable::KEYS, "it is for price lists in files", hint);
        }
        if self != Self::Amqp {
            refuse(&BrokerTable::OF_AMQP, "it is for RabbitMQ", "write `url = \"amqp://HOST/VHOST\"`, or remove it");
        }
        if self != Self::Kafka {
            refuse(&BrokerTable::OF_KAFKA, "it is for Kafka", "write `url = \"kafka://HOST:9092\"`, or remove it");
        }
        if !self.is_broker() {
            let hint = "write `url = \"amqp://HOST/VHOST\"` or `url = \"kafka://HOST:9092\"`, or remove it";
            refuse(&OF_BROKERS, "it is for suppliers on a broker", hint);
        }
        let over_http = "a supplier on a broker is not asked over HTTP";
        match self {
            Self::Http => {}
            Self::File => {
                let keys = [&OF_HTTP[..], &OF_CREDENTIALS, &OF_TLS, &OF_REQUESTS].concat();
                refuse(&keys, "a price list in a file is not asked over HTTP", "remove it");
            }
            Self::Amqp => {
                refuse(&OF_HTTP, over_http, "remove it");
                refuse(&OF_CREDENTIALS, over_http, "write `amqp://USER:${PASSWORD}@HOST/VHOST`");
                if url.value.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("amqp:")) {
                    refuse(&OF_TLS, "there is no TLS with `amqp://`", "write `amqps://` in `url`, or remove it");
                }
            }
            Self::Kafka => {
                refuse(&OF_HTTP, over_http, "remove it");
                let hint = "write `sasl.username` and `sasl.password` into `[kafka]`";
                refuse(&OF_CREDENTIALS, over_http, hint);
                let hint = "write `security.protocol = \"ssl\"` and other names of librdkafka into `[kafka]`";
                refuse(&OF_TLS, "TLS with Kafka is set for all suppliers together", hint);
            }
        }
    }
}
