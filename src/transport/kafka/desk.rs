//! Who waits for which reply.
//!
//! Owns the correlation ids of the requests that were sent, and what becomes of each message that comes back: it is the
//! reply to one of them, or it is counted. Refuses to know brokers. Main types: [`Desk`], and [`Ticket`], the place of one
//! who waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::errors;
use crate::domain::{Failure, StrayReplies};

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parcel {
    /// The body, as it is.
    pub(super) body: Vec<u8>,
    /// What the responder calls it, such as `application/json`.
    pub(super) content_type: Option<String>,
}

/// What one who waits is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    /// The reply, or why there is none.
    Reply(Result<Parcel, Failure>),
    /// What the failure is if there is no reply in time.
    Doubt(Failure),
}

/// All who wait for replies on one topic.
#[derive(Debug, Default)]
pub(super) struct Desk(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    requests: HashMap<String, Request>,
    strays: StrayReplies,
    /// How many had no id at all, whether or not that was told.
    anonymous: usize,
}

/// A request by its correlation id.
#[derive(Debug)]
struct Request {
    /// Who waits; `None` = nobody any more.
    asker: Option<mpsc::UnboundedSender<News>>,
    /// Whether it is for many, each of whom answers.
    is_for_many: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It cannot have reached a responder.
    Unsent,
    /// A responder may be at work on it.
    Sent,
    Answered,
}

/// The place of one who waits for the reply to a request. Dropping it gives the place up.
#[derive(Debug)]
pub(super) struct Ticket {
    desk: Arc<Desk>,
    id: String,
    news: mpsc::UnboundedReceiver<News>,
}

impl Desk {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for the reply with that id, or for the replies, if there are many.
    pub(super) fn wait_for(self: &Arc<Self>, id: String, is_for_many: bool) -> Ticket {
        let (sender, news) = mpsc::unbounded_channel();
        let request = Request { asker: Some(sender), is_for_many, state: State::Unsent };
        self.book().requests.insert(id.clone(), request);
        Ticket { desk: Arc::clone(self), id, news }
    }

    /// Notes that a request is on its way.
    pub(super) fn is_sent(&self, id: &str) {
        if let Some(request) = self.book().requests.get_mut(id) {
            request.state = State::Sent;
        }
    }

    /// Notes that a request did not reach the broker.
    pub(super) fn is_not_delivered(&self, id: &str, failure: Failure) {
        if let Some(request) = self.book().requests.get_mut(id) {
            request.state = State::Unsent;
            request.tell(News::Reply(Err(failure)));
        }
    }

    /// Takes in a message with these correlation ids, of which a responder sends one.
    pub(super) fn take_in<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a [u8]>,
        parcel: impl FnOnce() -> Result<Parcel, Failure>,
    ) {
        let mut book = self.book();
        let Book { requests, strays, anonymous } = &mut *book;
        let mut ids = ids.into_iter().peekable();
        if ids.peek().is_none() {
            strays.without_id += 1;
            *anonymous += 1;
            let failure = errors::anonymous(*anonymous);
            tell_all(requests.values(), &failure);
            return;
        }
        let known = ids.find_map(|id| std::str::from_utf8(id).ok().filter(|id| requests.contains_key(*id)));
        let Some(request) = known.and_then(|id| requests.get_mut(id)) else {
            strays.unknown += 1;
            return;
        };
        if request.state == State::Answered || request.asker.is_none() {
            strays.late += 1;
            if !request.is_for_many {
                request.state = State::Answered;
            }
            return;
        }
        if !request.is_for_many {
            request.state = State::Answered;
        }
        request.tell(News::Reply(parcel()));
    }

    /// Tells who waits for the reply with that id what happened if nothing more is heard.
    pub(super) fn let_one_doubt(&self, id: &str, failure: Failure) {
        if let Some(request) = self.book().requests.get(id) {
            request.tell(News::Doubt(failure));
        }
    }

    /// Tells all who wait what happened if they hear nothing more.
    pub(super) fn let_doubt(&self, failure: &Failure) {
        tell_all(self.book().requests.values(), failure);
    }

    /// Whether a responder may still be at work on a request.
    pub(super) fn is_any_unanswered(&self) -> bool {
        self.book().requests.values().any(|request| request.state == State::Sent)
    }

    /// What came back since the last call and was nobody's reply.
    pub(super) fn take_strays(&self) -> StrayReplies {
        std::mem::take(&mut self.book().strays)
    }
}

fn tell_all<'a>(requests: impl Iterator<Item = &'a Request>, failure: &Failure) {
    for request in requests {
        request.tell(News::Doubt(failure.clone()));
    }
}

impl Request {
    fn tell(&self, news: News) {
        if let Some(asker) = &self.asker {
            // Whoever does not listen any more has given up its place.
            let _ = asker.send(news);
        }
    }
}

impl Ticket {
    /// The id that the reply must have.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Notes that as many have answered as there are: nobody is at work on the request any more.
    pub(super) fn is_complete(&self) {
        if let Some(request) = self.desk.book().requests.get_mut(&self.id) {
            request.state = State::Answered;
        }
    }

    /// Waits for the reply, or the next one. `doubt` learns what the failure is if none comes in time.
    ///
    /// # Errors
    /// Those of the sending.
    pub(super) async fn reply(&mut self, mut doubt: impl FnMut(Failure)) -> Result<Parcel, Failure> {
        loop {
            match self.news.recv().await {
                Some(News::Reply(reply)) => return reply,
                Some(News::Doubt(failure)) => doubt(failure),
                // The desk keeps the other end for as long as this ticket is there.
                None => std::future::pending().await,
            }
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(request) = self.desk.book().requests.get_mut(&self.id) {
            request.asker = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ErrorKind;

    fn parcel(body: &str) -> Parcel {
        Parcel { body: body.into(), content_type: None }
    }

    fn give(desk: &Desk, ids: &[&str], body: &str) {
        desk.take_in(ids.iter().map(|id| id.as_bytes()), || Ok(parcel(body)));
    }

    /// A desk with one request that was sent.
    fn waiting() -> (Arc<Desk>, Ticket) {
        let desk = Arc::new(Desk::default());
        let ticket = desk.wait_for("one".to_owned(), false);
        desk.is_sent("one");
        (desk, ticket)
    }

    #[tokio::test]
    async fn each_gets_its_own_reply_and_what_is_nobodys_is_counted() {
        let (desk, mut one) = waiting();
        let mut two = desk.wait_for("two".to_owned(), false);
        desk.is_sent("two");
        give(&desk, &["three"], "unknown");
        give(&desk, &["ONE"], "unknown");
        give(&desk, &["two"], "2");
        give(&desk, &["two"], "again");
        assert!(desk.is_any_unanswered());
        give(&desk, &["zero", "one"], "1");
        assert!(!desk.is_any_unanswered());
        let no_doubt = |failure: Failure| panic!("{failure:?}");
        assert_eq!(one.reply(no_doubt).await, Ok(parcel("1")));
        assert_eq!(two.reply(no_doubt).await, Ok(parcel("2")));
        assert_eq!(desk.take_strays(), StrayReplies { unknown: 2, late: 1, without_id: 0 });
    }

    #[tokio::test]
    async fn who_hears_of_replies_without_an_id_may_still_get_its_own() {
        let (desk, mut ticket) = waiting();
        give(&desk, &[], "?");
        give(&desk, &[], "?");
        give(&desk, &["one"], "1");
        let mut doubts = Vec::new();
        assert_eq!(ticket.reply(|failure| doubts.push(failure)).await, Ok(parcel("1")));
        assert_eq!(doubts.len(), 2);
        assert_eq!(doubts[1].kind, ErrorKind::BrokerReply);
        assert!(doubts[1].detail.as_deref().unwrap().contains("2 replies"), "{doubts:?}");
        assert_eq!(desk.take_strays(), StrayReplies { unknown: 0, late: 0, without_id: 2 });
    }

    #[tokio::test]
    async fn a_late_reply_ends_the_work_of_its_responder() {
        let (desk, ticket) = waiting();
        drop(ticket);
        assert!(desk.is_any_unanswered());
        give(&desk, &["one"], "late");
        assert!(!desk.is_any_unanswered());
        assert_eq!(desk.take_strays().late, 1);
    }

    #[tokio::test]
    async fn what_is_for_many_is_answered_when_all_have_answered() {
        let desk = Arc::new(Desk::default());
        let mut ticket = desk.wait_for("one".to_owned(), true);
        desk.is_sent("one");
        for body in ["1", "2"] {
            give(&desk, &["one"], body);
            assert_eq!(ticket.reply(|_| {}).await, Ok(parcel(body)));
        }
        assert!(desk.is_any_unanswered());
        ticket.is_complete();
        assert!(!desk.is_any_unanswered());
    }

    #[tokio::test]
    async fn nobody_works_on_what_was_not_delivered() {
        let (desk, mut ticket) = waiting();
        desk.is_not_delivered("one", Failure::new(ErrorKind::BrokerTopic));
        assert!(!desk.is_any_unanswered());
        assert_eq!(ticket.reply(|_| {}).await, Err(Failure::new(ErrorKind::BrokerTopic)));
    }
}
