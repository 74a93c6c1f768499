//! Reply topics that runs have left on a broker: a run that was killed cleans nothing up.
//!
//! Owns which topics these are, and their removal. Refuses to know who wants that. Main functions: [`left_topics`] and
//! [`remove_topics`].

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use rdkafka::producer::{Producer, ThreadedProducer};

use super::setup::KafkaSetup;
use super::topics::{Topics, wait_for};
use super::watch::Watch;
use super::{errors, names};
use crate::domain::Failure;
use crate::transport::work::local_resource;

/// The topics that were made for runs which ended at least `older_than` before `now`, each with when its run ended at the
/// latest; the oldest first. `patience` is how long the broker has.
///
/// # Errors
/// When no broker can be reached, or it lets us not in.
pub fn left_topics(
    setup: &KafkaSetup,
    older_than: Duration,
    now: Timestamp,
    patience: Duration,
) -> Result<Vec<(String, Timestamp)>, Failure> {
    let (watch, found) = (Watch::new(), Arc::new(Mutex::new(Vec::new())));
    let (setup, watch_there, found_there) = (setup.clone(), watch.clone(), Arc::clone(&found));
    let listing = move || match topics(&setup, &watch_there, patience) {
        Ok(topics) => {
            *found_there.lock().unwrap_or_else(PoisonError::into_inner) = topics;
            watch_there.is_open();
        }
        Err(failure) => watch_there.is_closed(failure),
    };
    thread::Builder::new().name("kafka".to_owned()).spawn(listing).map_err(|error| local_resource(&error))?;
    wait_for(watch.opened())??;
    let topics = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
    let stale = topics.into_iter().filter(|topic| names::is_stale(topic, now, older_than));
    let mut left: Vec<(String, Timestamp)> =
        stale.filter_map(|topic| names::deadline(&topic).map(|ended| (topic, ended))).collect();
    left.sort_by_key(|(_, ended)| *ended);
    Ok(left)
}

fn topics(setup: &KafkaSetup, watch: &Watch, patience: Duration) -> Result<Vec<String>, Failure> {
    let producer: ThreadedProducer<Watch> =
        setup.writing(patience).create_with_context(watch.clone()).map_err(|error| errors::of_client(&error))?;
    let metadata = producer.client().fetch_metadata(None, patience).map_err(|error| errors::of_listing(&error));
    // Taking it down costs a tenth of a second.
    std::mem::forget(producer);
    Ok(metadata?.topics().iter().map(|topic| topic.name().to_owned()).collect())
}

/// Removes topics, and says of each that could not be removed why.
///
/// # Errors
/// When the broker does not answer.
pub fn remove_topics(
    setup: &KafkaSetup,
    topics: &[&str],
    patience: Duration,
) -> Result<Vec<(String, String)>, Failure> {
    let failed = Topics::connect(setup)?.remove(topics, patience)?;
    Ok(failed.into_iter().map(|(topic, code)| (topic, errors::words(&code.to_string()))).collect())
}
