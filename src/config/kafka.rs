//! Addresses of Kafka, and the table of settings that all suppliers on Kafka share.
//!
//! Owns which names of the client library can be set, and that none of their secrets is shown. Refuses to know what they
//! mean: the client library does. Main type: [`KafkaTable`].

use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::address::bad_variable;
use super::amqp::not_built_in;
use super::document::{At, Findings, Span};
use super::error::{Problem, quoted};
use super::file::SupplierTable;
use super::headers::secret_text;
use super::lookup::Noted;
use super::reader::{Context, Fields};
use super::settings::{KafkaEndpoint, KafkaProperty};
use super::supplier::Resolver;
use super::values::{Read, number_text, wrong_type};
use super::variables::{MASK, Text, is_sensitive_name};
use super::way::Way;
use crate::domain::{Secret, SupplierName};

/// What a URL looks like.
const FORM: &str = "write `kafka://HOST:9092`, or `brokers = [\"a.example:9092\", \"b.example:9092\"]`";
/// The port of a broker that names none.
const PORT: u16 = 9092;
/// The longest name of a setting.
const LONGEST_NAME: usize = 100;
/// Settings that are pricecmp's to choose, and what there is instead.
const TAKEN: [(&str, &str); 3] = [
    ("bootstrap.servers", "write the brokers into `url` or `brokers` of a supplier"),
    ("metadata.broker.list", "write the brokers into `url` or `brokers` of a supplier"),
    ("group.id", "remove it: replies are read without a group"),
];

/// Names and values, in the file's order.
pub(super) type KafkaTable = Vec<(At<String>, At<String>)>;

/// Reads `[kafka]`; what is wrong is noted.
pub(super) fn read(table: (&DeTable<'_>, Span), findings: &mut Findings) -> KafkaTable {
    let keys: Vec<&str> = table.0.keys().map(|key| key.get_ref().as_ref()).collect();
    let mut fields = Fields::new(table, Context::Kafka, &keys, findings);
    let mut settings = KafkaTable::with_capacity(keys.len());
    flatten("", table.0, &mut fields, &mut settings);
    settings
}

/// A name with dots that is not quoted is a table in a table.
fn flatten(prefix: &str, table: &DeTable<'_>, fields: &mut Fields<'_, '_, '_>, settings: &mut KafkaTable) {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        let span = Span::from(key.span());
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(&format!("{name}."), inner, fields, settings);
            continue;
        }
        match check_name(&name).and_then(|()| value_of(&name, value.get_ref())) {
            Ok(text) => settings.push((At { value: name, span }, At { value: text, span: value.span().into() })),
            Err(problem) => {
                let message = format!("`kafka`: {}", problem.message);
                fields.findings.at(span, Problem { message, ..problem });
            }
        }
    }
}

fn check_name(name: &str) -> Read<()> {
    let is_right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_right) {
        let problem = Problem::new(format!("{} is not a name of a setting", quoted(name)));
        return Err(problem.with_hint("write a name of librdkafka, such as `sasl.username`"));
    }
    match TAKEN.iter().find(|(taken, _)| *taken == name) {
        Some((_, hint)) => Err(Problem::new(format!("`{name}` is set by pricecmp itself")).with_hint(*hint)),
        None => Ok(()),
    }
}

fn value_of(name: &str, value: &DeValue<'_>) -> Read<String> {
    let read = match value {
        DeValue::String(_) => secret_text(value),
        DeValue::Boolean(truth) => Ok(truth.to_string()),
        _ => match number_text(value) {
            Some(text) => Ok(text.to_owned()),
            None => Err(wrong_type("text, a number, true or false", value).with_hint("write text in quotes")),
        },
    };
    read.map_err(|problem| Problem { message: format!("`{name}`: {}", problem.message), ..problem })
}

/// What is shown of a value, its variables already masked.
pub(super) fn masked(name: &str, value: &str) -> String {
    if is_sensitive_name(name) && !value.is_empty() { MASK.to_owned() } else { value.to_owned() }
}

/// Whether a secret is written into the table, instead of `${VAR}`.
pub(super) fn holds_secret(table: &KafkaTable) -> bool {
    let is_literal = |text: &str| Text::parse(text).is_ok_and(|text| !text.has_variables());
    table.iter().any(|(name, value)| is_sensitive_name(&name.value) && is_literal(&value.value))
}

/// Whether a setting is of TLS or of SCRAM, which the client library needs OpenSSL for.
pub(super) fn needs_tls(name: &str, value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    match name {
        "security.protocol" => value.ends_with("ssl"),
        "sasl.mechanism" | "sasl.mechanisms" => value.starts_with("scram"),
        _ => false,
    }
}

/// Checks a URL as far as it can be judged without the values of its variables.
pub(super) fn check(text: &Text<'_>) -> Read<()> {
    if text.starts_with_variable() {
        return Ok(());
    }
    brokers_of(&text.assumed()).map(drop)
}

/// The brokers of a URL, each with its port, as Kafka's own tools take them.
pub(super) fn brokers_of(url: &str) -> Read<String> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    match &*scheme.to_ascii_lowercase() {
        "kafka" => {}
        "kafkas" => {
            let hint = "write `kafka://`, and `security.protocol = \"ssl\"` into `[kafka]`";
            return Err(Problem::new("TLS with Kafka is set for all suppliers together").with_hint(hint));
        }
        _ => return Err(Problem::new("it is not a URL of Kafka").with_hint(FORM)),
    }
    if rest.contains('@') {
        let hint = "write `sasl.username` and `sasl.password` into `[kafka]`";
        return Err(Problem::new("a URL of Kafka holds no credentials").with_hint(hint));
    }
    with_ports(rest.strip_suffix('/').unwrap_or(rest))
}

impl Resolver<'_> {
    /// The endpoint of a supplier on Kafka; `None` when something is wrong, which is noted.
    pub(super) fn kafka(&mut self, table: &SupplierTable) -> Option<KafkaEndpoint> {
        let SupplierTable { name, url, broker, .. } = table;
        if !cfg!(feature = "kafka") {
            self.complain(name, "url", url, not_built_in("Kafka", "kafka"));
            return None;
        }
        // It was parsed when it was read.
        let text = Text::parse(&url.value).ok()?;
        let resolved = text.resolved(|variable| self.variable(variable));
        let brokers = resolved.and_then(|resolved| match brokers_of(&resolved) {
            Err(_) if text.has_variables() => Err(bad_variable()),
            brokers => brokers,
        });
        let brokers = brokers.map_err(|problem| self.complain(name, "url", url, problem)).ok();
        let properties = self.kafka_properties(name);
        Some(KafkaEndpoint {
            brokers: brokers?,
            shown_brokers: brokers_of(&text.masked()).unwrap_or_else(|_| MASK.to_owned()),
            topic: broker.topic.as_ref()?.value.clone(),
            replies: broker.replies(),
            auction: broker.auction(Way::Kafka),
            properties: properties?,
            secrets: Vec::new(),
        })
    }

    /// The settings that suppliers on Kafka share, resolved once. Their secrets are each such supplier's.
    fn kafka_properties(&mut self, name: &SupplierName) -> Option<Arc<[KafkaProperty]>> {
        if self.kafka_properties.is_none() {
            let table = self.kafka;
            let resolved: Vec<Option<KafkaProperty>> =
                table.iter().map(|(key, value)| self.kafka_property(name, key, value)).collect();
            self.kafka_properties = Some(resolved.into_iter().collect::<Option<_>>().ok_or(Noted));
        }
        let properties = self.kafka_properties.clone()?.ok()?;
        let secrets = properties.iter().filter(|property| property.shown != property.value.expose());
        self.secrets.extend(secrets.map(|property| property.value.clone()));
        Some(properties)
    }

    fn kafka_property(&mut self, supplier: &SupplierName, name: &At<String>, at: &At<String>) -> Option<KafkaProperty> {
        let name = &name.value;
        let text = Text::parse(&at.value).ok()?;
        let shown = masked(name, &text.masked());
        let value = text.resolved(|variable| self.variable(variable));
        let checked = value.and_then(|value| {
            let is_missing = needs_tls(name, &value) && !cfg!(feature = "kafka-tls");
            if is_missing { Err(not_built_in("TLS and SCRAM for Kafka", "kafka-tls")) } else { Ok(value) }
        });
        match checked {
            Ok(value) => Some(KafkaProperty { name: name.clone(), value: Secret::new(value), shown }),
            Err(problem) => {
                let message = format!("`{name}` of `kafka`, for supplier `{supplier}`: {}", problem.message);
                self.findings.at(at.span, Problem { message, ..problem });
                None
            }
        }
    }
}

/// Checks brokers that stand in the place of a URL.
pub(super) fn check_brokers(brokers: &str) -> Read<()> {
    let Ok(text) = Text::parse(brokers) else { return Ok(()) };
    with_ports(&text.assumed()).map(drop)
}

fn with_ports(brokers: &str) -> Read<String> {
    let wrong = || Problem::new("it is not a list of hosts with ports").with_hint(FORM);
    let broker = |broker: &str| {
        let (host, port) = match broker.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse::<u16>().ok().filter(|port| *port > 0)),
            _ => (broker, Some(PORT)),
        };
        let inner = host.strip_prefix('[').map_or(Some(host), |rest| rest.strip_suffix(']'));
        let is_right = |letter: char| letter.is_alphanumeric() || "-._".contains(letter);
        let is_host = inner.is_some_and(|inner| {
            let is_v6 = inner.len() != host.len() && inner.parse::<std::net::Ipv6Addr>().is_ok();
            is_v6 || (inner.len() == host.len() && !inner.is_empty() && inner.chars().all(is_right))
        });
        port.filter(|_| is_host).map(|port| format!("{host}:{port}")).ok_or_else(wrong)
    };
    let brokers: Vec<String> = brokers.split(',').map(|part| broker(part.trim())).collect::<Read<_>>()?;
    Ok(brokers.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_have_hosts_and_ports() {
        for (url, brokers) in [
            ("kafka://localhost", "localhost:9092"),
            ("KAFKA://a.example:19092/", "a.example:19092"),
            ("kafka://a:1, b:2,[::1]:3,[::1]", "a:1,b:2,[::1]:3,[::1]:9092"),
        ] {
            assert_eq!(brokers_of(url).map_err(|problem| problem.message), Ok(brokers.to_owned()), "{url}");
        }
        for url in ["kafka://", "kafka://a:0", "kafka://a:x", "kafka://a,,b", "kafka://a/b", "kafka://::1", "http://a"]
        {
            assert!(brokers_of(url).is_err(), "{url}");
        }
    }

    #[test]
    fn what_holds_a_secret_is_masked() {
        assert_eq!(masked("sasl.password", "hunter2"), "***");
        assert_eq!(masked("security.protocol", "ssl"), "ssl");
        assert!(needs_tls("security.protocol", "SASL_SSL") && needs_tls("sasl.mechanisms", "SCRAM-SHA-512"));
        assert!(!needs_tls("security.protocol", "sasl_plaintext") && !needs_tls("sasl.mechanisms", "PLAIN"));
    }
}
