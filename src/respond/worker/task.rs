//! What becomes of one request, whatever brought it.
//!
//! Owns when a request is answered, when with an error, and when not at all. Refuses to know who answers, and how a reply
//! gets back. Main function: [`work`].

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::answerer::{Answered, Answerer, error_body};
use crate::domain::PriceRequest;
use crate::mapping::decode_request;

/// How long an answer may take where nobody says until when it is of use.
pub(super) const LONGEST: Duration = Duration::from_mins(1);

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) body: Vec<u8>,
    /// Until when an answer is of use, if that is known.
    pub(super) deadline: Option<Timestamp>,
    /// The asking run's id, if it has one.
    pub(super) run: Option<String>,
}

/// A request that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is asked.
    pub request: PriceRequest,
    /// When nobody waits for the answer any more.
    pub deadline: Timestamp,
    /// The asking run's id, if it has one.
    pub run: Option<String>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was answered with offers, or with none.
    Answered,
    /// It was answered with an error.
    Refused,
    /// Its time was over.
    Expired,
    /// The answerer keeps silent.
    Silent,
    /// Nobody waits for a reply: there is no address, or none any more.
    Unwanted,
    /// The broker did not take the reply.
    Undelivered,
}

/// What is to be done with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What was asked; `None` = nobody could read it.
    pub(super) request: Option<PriceRequest>,
    /// What is sent back; `None` = nothing.
    pub(super) reply: Option<Vec<u8>>,
    /// What becomes of the request if that arrives.
    pub(super) ending: Ending,
}

impl Verdict {
    /// The request is dropped unseen.
    pub(super) const fn dropped(ending: Ending) -> Self {
        Self { request: None, reply: None, ending }
    }

    fn error(request: Option<PriceRequest>, message: &str) -> Self {
        Self { request, reply: Some(error_body(message)), ending: Ending::Refused }
    }
}

/// Lets a request be answered. A request that cannot be read, and one that breaks the answerer, is answered with an error:
/// neither would fare better with another worker.
pub(super) async fn work(answerer: Arc<dyn Answerer>, task: Task) -> Verdict {
    let Task { body, deadline, run } = task;
    let now = Timestamp::now();
    let until = deadline.unwrap_or_else(|| now.checked_add(LONGEST).unwrap_or(Timestamp::MAX));
    let Ok(left) = Duration::try_from(until.duration_since(now)) else { return Verdict::dropped(Ending::Expired) };
    if left.is_zero() {
        return Verdict::dropped(Ending::Expired);
    }
    let request = match decode_request(&body) {
        Ok(request) => request,
        Err(problem) => return Verdict::error(None, &format!("body is no quote request: {problem}")),
    };
    let asked = Asked { request: request.clone(), deadline: until, run };
    // On a task of its own, so that a panic stays there; it ends when the set is dropped.
    let mut answering = JoinSet::new();
    answering.spawn(async move { answerer.answer(&asked).await });
    let outcome = tokio::time::timeout(left, answering.join_next()).await;
    let request = Some(request);
    match outcome {
        Ok(Some(Ok(Answered::Offers(body)))) => Verdict { request, reply: Some(body), ending: Ending::Answered },
        Ok(Some(Ok(Answered::Error(body)))) => Verdict { request, reply: Some(body), ending: Ending::Refused },
        Ok(Some(Ok(Answered::Silence))) => Verdict { request, reply: None, ending: Ending::Silent },
        Ok(Some(Err(_)) | None) => Verdict::error(request, "the worker failed on this request, a defect of pricecmp"),
        Err(_) if deadline.is_some() => Verdict { request, reply: None, ending: Ending::Expired },
        Err(_) => Verdict::error(request, &format!("no answer within {} s", LONGEST.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::respond::worker::Answering;

    /// Answers after a time, with the product's name; some products make it panic or keep silent.
    struct Slow(Duration);

    impl Answerer for Slow {
        fn answer<'a>(&'a self, asked: &'a Asked) -> Answering<'a> {
            Box::pin(async {
                tokio::time::sleep(self.0).await;
                match asked.request.product.as_str() {
                    "bomb" => panic!("a defect"),
                    "silence" => Answered::Silence,
                    "refused" => Answered::Error(b"no".to_vec()),
                    product => Answered::Offers(product.as_bytes().to_vec()),
                }
            })
        }
    }

    fn asking(product: &str) -> Vec<u8> {
        format!(r#"{{"productId": "{product}", "quantity": 1, "currency": "EUR"}}"#).into_bytes()
    }

    async fn worked(body: Vec<u8>, deadline: Option<Timestamp>, takes: Duration) -> (Ending, Option<String>) {
        let verdict = work(Arc::new(Slow(takes)), Task { body, deadline, run: None }).await;
        (verdict.ending, verdict.reply.map(|reply| String::from_utf8(reply).unwrap()))
    }

    fn in_a_minute() -> Option<Timestamp> {
        Timestamp::now().checked_add(Duration::from_mins(1)).ok()
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_be_read_is_answered() {
        let soon = Duration::from_millis(5);
        for (product, expected) in [
            ("widget", (Ending::Answered, Some("widget".to_owned()))),
            ("refused", (Ending::Refused, Some("no".to_owned()))),
            ("silence", (Ending::Silent, None)),
        ] {
            assert_eq!(worked(asking(product), in_a_minute(), soon).await, expected);
            assert_eq!(worked(asking(product), None, soon).await, expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn poison_is_answered_with_an_error() {
        for body in [&b"x"[..], b"", b"[]", b"{}", b"{\"productId\": \"a\", \"quantity\": 0, \"currency\": \"EUR\"}"] {
            let (ending, reply) = worked(body.to_vec(), in_a_minute(), Duration::ZERO).await;
            assert_eq!(ending, Ending::Refused);
            assert!(reply.unwrap().contains("body is no quote request: "));
        }
        let (ending, reply) = worked(asking("bomb"), None, Duration::ZERO).await;
        assert_eq!(ending, Ending::Refused);
        assert!(reply.unwrap().contains("a defect of pricecmp"));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_no_longer_is_not_answered() {
        let past = Timestamp::now().checked_sub(Duration::from_millis(1)).ok();
        assert_eq!(worked(asking("widget"), past, Duration::ZERO).await, (Ending::Expired, None));
        // Nor is poison, which nobody waits for either.
        assert_eq!(worked(b"x".to_vec(), past, Duration::ZERO).await, (Ending::Expired, None));
        assert_eq!(worked(asking("widget"), in_a_minute(), Duration::from_mins(2)).await, (Ending::Expired, None));
        let (ending, reply) = worked(asking("widget"), None, Duration::from_mins(2)).await;
        assert_eq!(ending, Ending::Refused);
        assert!(reply.unwrap().contains("no answer within 60 s"));
    }
}
