//! The document of reply topics that runs have left on brokers, as types.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{LeftTopic, TopicFate};

/// Reply topics that runs have left on brokers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, title = "pricecmp kafka-cleanup")]
pub(super) struct Document<'a> {
    /// The version of this format. It changes when a field changes its meaning or goes.
    schema_version: u32,
    /// The version of pricecmp.
    pricecmp_version: &'static str,
    /// The topics, the oldest of each broker first.
    topics: Vec<Topic<'a>>,
}

/// A topic.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Topic<'a> {
    brokers: &'a str,
    name: &'a str,
    /// When its run ended at the latest, RFC 3339 in UTC.
    run_ended_at: String,
    /// Whether it was removed.
    removed: bool,
    /// Why it could not be removed; `null` = nothing is wrong.
    error: Option<&'a str>,
}

impl<'a> Document<'a> {
    pub(super) fn new(topics: &'a [LeftTopic]) -> Self {
        let topic = |left: &'a LeftTopic| Topic {
            brokers: &left.brokers,
            name: &left.name,
            run_ended_at: left.ended_at.to_string(),
            removed: left.fate == TopicFate::Removed,
            error: match &left.fate {
                TopicFate::Failed(why) => Some(why),
                TopicFate::Left | TopicFate::Removed => None,
            },
        };
        Self {
            schema_version: 1,
            pricecmp_version: env!("CARGO_PKG_VERSION"),
            topics: topics.iter().map(topic).collect(),
        }
    }
}
