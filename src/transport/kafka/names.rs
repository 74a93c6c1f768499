//! Names of reply topics that are made for one run.
//!
//! A topic's metadata do not say how old it is, so its name says when it was of use. Owns that name, and when such a topic
//! is stale. Refuses to know any other name: a topic that is not certainly ours is nobody's to remove. Main functions:
//! [`make`] and [`deadline`].

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

/// What all of them begin with.
pub(super) const PREFIX: &str = "pricecmp.reply.";

/// How long after its run's deadline a topic is left alone: a responder may be slow, and clocks differ.
pub const STALE_AFTER: Duration = Duration::from_mins(10);

/// A name for the reply topic of a run that ends at `deadline` at the latest.
pub(super) fn make(deadline: Timestamp) -> String {
    format!("{PREFIX}{}.{}", deadline.as_millisecond(), Uuid::new_v4().simple())
}

/// The deadline of the run that a topic was made for; `None` = it was not made for a run.
pub(super) fn deadline(topic: &str) -> Option<Timestamp> {
    let (milliseconds, random) = topic.strip_prefix(PREFIX)?.split_once('.')?;
    let is_ours = random.len() == 32 && random.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_number = !milliseconds.starts_with('0') && milliseconds.bytes().all(|byte| byte.is_ascii_digit());
    Timestamp::from_millisecond(milliseconds.parse().ok().filter(|_| is_ours && is_number)?).ok()
}

/// Whether a topic was made for a run that is over for so long that nobody answers there any more.
pub(super) fn is_stale(topic: &str, now: Timestamp, after: Duration) -> bool {
    let age = |deadline: Timestamp| Duration::try_from(now.duration_since(deadline)).ok();
    deadline(topic).and_then(age).is_some_and(|age| age >= after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    #[test]
    fn a_name_says_when_its_run_ends() {
        let name = make(at(1_790_000_000_123));
        assert_eq!(deadline(&name), Some(at(1_790_000_000_123)));
        assert!(name.len() <= 249 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'));
    }

    #[test]
    fn other_topics_are_nobodys_to_remove() {
        let random = "0123456789abcdef0123456789abcdef";
        for name in [
            "quotes.acme".to_owned(),
            "pricecmp.reply.".to_owned(),
            "pricecmp.reply.team-a".to_owned(),
            format!("pricecmp.reply.{random}"),
            format!("pricecmp.reply.1790000000123.{random}.x"),
            format!("pricecmp.reply.-1790000000123.{random}"),
            format!("pricecmp.reply.01790000000123.{random}"),
            format!("pricecmp.reply.99999999999999999999.{random}"),
            format!("pricecmp.reply.1790000000123.{}", random.to_uppercase()),
            format!("pricecmp.reply.1790000000123.{}", &random[1..]),
            format!("x.pricecmp.reply.1790000000123.{random}"),
        ] {
            assert_eq!(deadline(&name), None, "{name}");
            assert!(!is_stale(&name, at(2_000_000_000_000), Duration::ZERO), "{name}");
        }
    }

    #[test]
    fn a_topic_is_stale_some_time_after_its_run() {
        let name = make(at(1_000_000));
        let is_stale = |now| is_stale(&name, at(now), STALE_AFTER);
        assert!(!is_stale(0) && !is_stale(1_000_000) && !is_stale(1_599_999));
        assert!(is_stale(1_600_000) && is_stale(9_000_000));
    }
}
