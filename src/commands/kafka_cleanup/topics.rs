//! The reply topics that are left on the brokers of the configuration's suppliers.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::Format;
use crate::commands::brokers::kafka_setup;
use crate::commands::error::Failed;
use crate::commands::{Surroundings, output, publish};
use crate::config::{Endpoint, KafkaEndpoint, Settings};
use crate::domain::{Failure, LeftTopic, Secret, SupplierName, TopicFate};
use crate::report;
use crate::transport::kafka::{KafkaSetup, STALE_AFTER, left_topics, remove_topics};

/// Exit codes: all is well; a broker did not answer, or did not remove everything.
const DONE: u8 = 0;
const NOT_DONE: u8 = 3;

/// Lists the topics of runs that ended longer ago than that, removes them unless it is a dry run, and says what became of
/// them.
///
/// # Errors
/// When the result could not be written.
pub(super) fn clean_up(
    older_than: Option<Duration>,
    settings: &Settings,
    surroundings: &Surroundings,
) -> Result<u8, Failed> {
    let (now, older_than) = (Timestamp::now(), older_than.unwrap_or(STALE_AFTER));
    let mut seen: Vec<KafkaSetup> = Vec::new();
    let (mut found, mut code) = (Vec::new(), DONE);
    for supplier in &settings.suppliers {
        let Endpoint::Kafka(endpoint) = &supplier.endpoint else { continue };
        let setup = kafka_setup(endpoint);
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

/// What became of the topics on one supplier's brokers.
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
fn unreached(supplier: &SupplierName, failure: &Failure, endpoint: &KafkaEndpoint) -> String {
    let words = report::prose::failure(failure);
    let mask = |text: String, secret: &Secret| match secret.expose() {
        "" => text,
        secret => text.replace(secret, "***"),
    };
    let words = endpoint.secrets.iter().fold(words, mask);
    report::sanitize::clean_shape(&format!("error: supplier `{supplier}`: {words}\n"))
}
