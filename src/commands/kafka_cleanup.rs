//! `pricecmp kafka-cleanup`: removes reply topics that runs have left.

use crate::cli::{Flags, Format};
use crate::config::{self, Endpoint, Errand};
use crate::report;
#[cfg(feature = "kafka")]
use {
    super::output,
    crate::config::{KafkaEndpoint, Settings},
    crate::domain::{Failure, LeftTopic, SupplierName, TopicFate},
    crate::transport::kafka::{KafkaSetup, STALE_AFTER, left_topics, remove_topics},
    jiff::Timestamp,
    std::time::Duration,
};

use super::error::Failed;
use super::{Surroundings, publish};

/// Exit codes: all is well; a broker did not answer, or did not remove everything.
const DONE: u8 = 0;
const NOT_DONE: u8 = 3;

/// Lists the topics, removes them unless it is a dry run, and says what became of them.
///
/// # Errors
/// When the command line or the configuration is wrong, there is no supplier on Kafka, or the result could not be written.
pub(super) fn clean_up(older_than: Option<&str>, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let older_than = older_than.map(config::older_than).transpose()?;
    let settings = config::load(flags, Errand::Compare, &surroundings.environment)?;
    surroundings.warn(&settings);
    if matches!(settings.presentation.format, Format::Csv | Format::Markdown) {
        let message = "`kafka-cleanup` writes a table or JSON, and `--format` asks for something else".to_owned();
        return Err(Failed::Usage { message, hint: "use `--json`, or leave `--format` out" });
    }
    if !settings.suppliers.iter().any(|supplier| matches!(supplier.endpoint, Endpoint::Kafka(_))) {
        let message = "no supplier of the configuration is on Kafka".to_owned();
        return Err(Failed::remark(
            message,
            "write one with `url = \"kafka://HOST:9092\"`, or name it with `--supplier`",
        ));
    }
    #[cfg(feature = "kafka")]
    return topics(older_than.unwrap_or(STALE_AFTER), &settings, surroundings);
    #[cfg(not(feature = "kafka"))]
    Err(Failed::remark("Kafka is not built in".to_owned(), "build with the feature `kafka`"))
}

#[cfg(feature = "kafka")]
fn topics(older_than: Duration, settings: &Settings, surroundings: &Surroundings) -> Result<u8, Failed> {
    let now = Timestamp::now();
    let mut seen: Vec<KafkaSetup> = Vec::new();
    let (mut found, mut code) = (Vec::new(), DONE);
    for supplier in &settings.suppliers {
        let Endpoint::Kafka(endpoint) = &supplier.endpoint else { continue };
        let setup = setup(endpoint);
        if seen.iter().any(|known| known.reaches_the_same(&setup)) {
            continue;
        }
        match on(&setup, &endpoint.shown_brokers, (older_than, now), settings) {
            Ok(topics) => found.extend(topics),
            Err(failure) => {
                code = NOT_DONE;
                output::to_stderr(&unreached(&supplier.name, &failure, endpoint));
            }
        }
        seen.push(setup);
    }
    if found.iter().any(|topic| matches!(topic.fate, TopicFate::Failed(_))) {
        code = NOT_DONE;
    }
    let screen = publish::screen(&settings.presentation, surroundings.terminal);
    let render = |format| match format {
        Format::Json => report::json::topics(&found),
        Format::Table | Format::Csv | Format::Markdown | Format::Ndjson => report::topics::render(&found, now, screen),
    };
    publish::publish(render, &settings.presentation, surroundings.terminal)?;
    Ok(code)
}

#[cfg(feature = "kafka")]
fn setup(endpoint: &KafkaEndpoint) -> KafkaSetup {
    let properties = endpoint.properties.iter();
    KafkaSetup {
        brokers: endpoint.brokers.clone(),
        properties: properties.map(|property| (property.name.clone(), property.value.clone())).collect(),
        replies: endpoint.replies.clone(),
    }
}

/// What became of the topics on one supplier's brokers.
#[cfg(feature = "kafka")]
fn on(
    setup: &KafkaSetup,
    brokers: &str,
    (older_than, now): (Duration, Timestamp),
    settings: &Settings,
) -> Result<Vec<LeftTopic>, Failure> {
    let patience = settings.criteria.timeout;
    let left = left_topics(setup, older_than, now, patience)?;
    let names: Vec<&str> = left.iter().map(|(name, _)| &**name).collect();
    let is_removed = !settings.presentation.dry_run && !names.is_empty();
    let failed = if is_removed { remove_topics(setup, &names, patience)? } else { Vec::new() };
    let fate = |name: &str| match failed.iter().find(|(failed, _)| failed == name) {
        Some((_, why)) => TopicFate::Failed(why.clone()),
        None if is_removed => TopicFate::Removed,
        None => TopicFate::Left,
    };
    let topic = |(name, ended_at): (String, Timestamp)| LeftTopic {
        brokers: brokers.to_owned(),
        fate: fate(&name),
        name,
        ended_at,
    };
    Ok(left.iter().cloned().map(topic).collect())
}

/// Says that a supplier's brokers could not be asked, without its secrets.
#[cfg(feature = "kafka")]
fn unreached(supplier: &SupplierName, failure: &Failure, endpoint: &KafkaEndpoint) -> String {
    let words = report::prose::failure(failure);
    let mask = |text: String, secret: &crate::domain::Secret| match secret.expose() {
        "" => text,
        secret => text.replace(secret, "***"),
    };
    let words = endpoint.secrets.iter().fold(words, mask);
    report::sanitize::clean_shape(&format!("error: supplier `{supplier}`: {words}\n"))
}
