//! What a supplier replied in an earlier run, in place of asking it.
//!
//! Owns which reply is the one to a request: the last one to the same request, wherever the server was. Refuses to know
//! where replies are kept, and what they mean. Main type: [`SavedReplies`].

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::{ListRows, Preview};
use crate::domain::{ErrorKind, Failure};

/// One reply and the request that it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedReply {
    /// The first line of the request, secrets masked.
    pub request: String,
    /// The body of the request, secrets masked.
    pub request_body: Option<String>,
    /// The status.
    pub status: u16,
    /// What the supplier called it, such as `application/json`.
    pub content_type: Option<String>,
    /// When the supplier wanted to be asked again, in its words.
    pub retry_after: Option<String>,
    /// Where else it sent us.
    pub location: Option<String>,
    /// The reply's body, decoded.
    pub body: Vec<u8>,
}

impl SavedReply {
    /// Whether it came to this request.
    fn is_to(&self, request: &Preview) -> bool {
        without_origin(&self.request) == without_origin(&request.head) && self.request_body == request.body
    }
}

/// The replies of one supplier.
#[derive(Clone, Debug, Default)]
pub struct SavedReplies {
    /// The replies, in the order in which they came.
    pub replies: Vec<SavedReply>,
    /// How the supplier failed in the end, without a reply to its last request.
    pub failure: Option<Failure>,
    /// What was kept of its price list, if it has one.
    pub list: Option<SavedList>,
    /// The first request that nothing was saved of, for all suppliers of a run together.
    pub missing: Arc<OnceLock<String>>,
}

/// The rows that were kept of a price list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedList {
    /// The file with a row a line, as JSON; `None` = there was no row about the product.
    pub file: Option<PathBuf>,
    /// Where they stood in the list.
    pub rows: ListRows,
    /// When the list was last changed, where that is known.
    pub changed_at: Option<Timestamp>,
}

impl SavedReplies {
    /// What was kept of the price list.
    ///
    /// # Errors
    /// As for [`SavedReplies::answer`].
    pub fn rows(&self, request: &Preview) -> Result<&SavedList, Failure> {
        self.list.as_ref().ok_or_else(|| self.lacks(request))
    }

    /// The reply to this request.
    ///
    /// # Errors
    /// The failure that came in place of a reply. Where there is neither, `internal`, and it is noted in
    /// [`SavedReplies::missing`]: then the run as a whole cannot be repeated.
    pub fn answer(&self, request: &Preview) -> Result<&SavedReply, Failure> {
        let is_same = |reply: &&SavedReply| reply.is_to(request);
        // An earlier one was an attempt that failed, or the slower of two.
        let found = self.replies.iter().rev().find(is_same);
        found.ok_or_else(|| self.lacks(request))
    }

    /// All replies to this request, where it was for many.
    ///
    /// # Errors
    /// As with [`SavedReplies::answer`].
    pub fn answers(&self, request: &Preview) -> Result<Vec<&SavedReply>, Failure> {
        self.answer(request)?;
        Ok(self.replies.iter().filter(|reply| reply.is_to(request)).collect())
    }

    /// The failure that came in the place of a reply to this request, or that nothing was saved of one.
    fn lacks(&self, request: &Preview) -> Failure {
        self.failure.clone().unwrap_or_else(|| {
            // One is enough to tell.
            let _ = self.missing.set(request.head.clone());
            Failure::new(ErrorKind::Internal)
        })
    }
}

/// A request's first line without scheme, host and port: servers move, and mocks listen where there is room.
fn without_origin(head: &str) -> (&str, &str) {
    let (method, url) = head.split_once(' ').unwrap_or(("", head));
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    (method, rest.find(['/', '?']).map_or("", |start| &rest[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(request: &str, body: Option<&str>, status: u16) -> SavedReply {
        SavedReply {
            request: request.to_owned(),
            request_body: body.map(str::to_owned),
            status,
            content_type: None,
            retry_after: None,
            location: None,
            body: Vec::new(),
        }
    }

    fn asked(head: &str, body: Option<&str>) -> Preview {
        Preview { head: head.to_owned(), headers: Vec::new(), body: body.map(str::to_owned) }
    }

    #[test]
    fn the_last_reply_to_the_same_request_counts() {
        let saved = SavedReplies {
            replies: vec![
                reply("GET http://a:1/x?n=1", None, 503),
                reply("GET http://a:1/x?n=1", None, 200),
                reply("GET http://a:1/x?n=2", None, 201),
                reply("POST http://a:1/x", Some("{}"), 202),
            ],
            ..SavedReplies::default()
        };
        let status = |head, body| saved.answer(&asked(head, body)).map(|reply| reply.status).ok();
        assert_eq!(status("GET http://a:1/x?n=1", None), Some(200));
        assert_eq!(status("GET https://b/x?n=2", None), Some(201));
        assert_eq!(status("POST http://a:1/x", Some("{}")), Some(202));
        assert_eq!(saved.missing.get(), None);
        assert_eq!(status("POST http://a:1/x", Some("[]")), None);
        assert_eq!(status("PUT http://a:1/x", Some("{}")), None);
        assert_eq!(saved.missing.get().map(String::as_str), Some("POST http://a:1/x"));
    }

    #[test]
    fn where_no_reply_came_the_failure_is_what_came() {
        let failure = Failure::new(ErrorKind::RateLimited);
        let saved = SavedReplies { failure: Some(failure.clone()), ..SavedReplies::default() };
        assert_eq!(saved.answer(&asked("GET http://a/", None)), Err(failure));
        assert_eq!(saved.missing.get(), None);
    }

    #[test]
    fn an_origin_is_no_part_of_a_request() {
        for head in ["GET http://a", "GET https://u:***@a.example:81"] {
            assert_eq!(without_origin(head), ("GET", ""));
        }
        assert_eq!(without_origin("GET http://a?q=http://b/c"), ("GET", "?q=http://b/c"));
        assert_eq!(without_origin("READ prices/a.csv"), ("READ", "/a.csv"));
    }
}
