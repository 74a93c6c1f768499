//! Requests that wait for replies on one channel, and replies that nobody waits for.
//!
//! Owns which reply is whose: the correlation id says so. Refuses to know what a reply means. Main type: [`Pending`].

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::errors;
use crate::domain::{Failure, StrayReplies};
use crate::transport::PhaseMark;

/// A reply as it came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Received {
    /// Its body; `None` = it was too large.
    pub(super) body: Option<Vec<u8>>,
    /// What its sender calls it.
    pub(super) content_type: Option<String>,
    /// Whether it said which request it is for.
    pub(super) has_id: bool,
}

/// What comes for one request.
pub(super) type Coming = Result<Received, Failure>;

/// The requests of one channel.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<Requests>);

#[derive(Debug, Default)]
struct Requests {
    open: HashMap<String, Request>,
    /// Those that were answered, or given up.
    closed: HashSet<String>,
    strays: StrayReplies,
    /// Why nothing comes any more.
    over: Option<Failure>,
}

#[derive(Debug)]
struct Request {
    coming: mpsc::UnboundedSender<Coming>,
    /// Whether it takes more than one reply.
    takes_many: bool,
    mark: PhaseMark,
    /// What is known of the request while nothing comes.
    known: Option<String>,
}

/// A request that is open as long as this is there.
pub(super) struct Ticket {
    id: String,
    coming: mpsc::UnboundedReceiver<Coming>,
    pending: Arc<Pending>,
}

impl Pending {
    /// Opens a request. What is learned of it while it waits is noted in `mark`.
    ///
    /// # Errors
    /// When the channel is gone.
    pub(super) fn open(self: &Arc<Self>, id: String, takes_many: bool, mark: &PhaseMark) -> Result<Ticket, Failure> {
        let (sender, coming) = mpsc::unbounded_channel();
        let mut requests = self.lock();
        if let Some(failure) = &requests.over {
            return Err(failure.clone());
        }
        let request = Request { coming: sender, takes_many, mark: mark.clone(), known: None };
        requests.open.insert(id.clone(), request);
        Ok(Ticket { id, coming, pending: Arc::clone(self) })
    }

    /// Hands a reply to the request that it is for, if there is one. One without an id is for the only one that is open.
    pub(super) fn deliver(&self, id: Option<&str>, received: Received) {
        let mut requests = self.lock();
        let only = || match requests.open.keys().collect::<Vec<_>>()[..] {
            [only] => Some(only.clone()),
            _ => None,
        };
        let found = id.map_or_else(only, |id| requests.open.contains_key(id).then(|| id.to_owned()));
        let Some(id) = found else {
            match id {
                None => requests.strays.without_id += 1,
                Some(id) if requests.closed.contains(id) => requests.strays.late += 1,
                Some(_) => requests.strays.unknown += 1,
            }
            let strays = requests.strays;
            return requests.open.values().for_each(|request| request.tell(strays));
        };
        let Some(request) = requests.open.get(&id) else { return };
        // Who has gone in the meantime needs nothing.
        let _ = request.coming.send(Ok(received));
        if !request.takes_many {
            requests.open.remove(&id);
            requests.closed.insert(id);
        }
    }

    /// Says to all who wait that nothing comes any more.
    pub(super) fn end(&self, failure: &Failure) {
        let mut requests = self.lock();
        for (id, request) in std::mem::take(&mut requests.open) {
            let _ = request.coming.send(Err(failure.clone()));
            requests.closed.insert(id);
        }
        requests.over.get_or_insert_with(|| failure.clone());
    }

    /// How many replies were for nobody since the last call.
    pub(super) fn take_strays(&self) -> StrayReplies {
        std::mem::take(&mut self.lock().strays)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Requests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Request {
    /// Notes what is known, for the case that nothing else comes.
    fn tell(&self, strays: StrayReplies) {
        let Some(known) = &self.known else { return };
        let told = if strays == StrayReplies::default() { known.clone() } else { format!("{known}; {strays}") };
        self.mark.at_step(Some(told));
    }
}

impl Ticket {
    /// The next that comes for the request.
    pub(super) async fn next(&mut self) -> Coming {
        self.coming.recv().await.unwrap_or_else(|| Err(errors::lost()))
    }

    /// Notes what is known of the request while nothing comes.
    pub(super) fn note(&self, known: String) {
        let mut requests = self.pending.lock();
        let strays = requests.strays;
        if let Some(request) = requests.open.get_mut(&self.id) {
            request.known = Some(known);
            request.tell(strays);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut requests = self.pending.lock();
        if requests.open.remove(&self.id).is_some() {
            let id = std::mem::take(&mut self.id);
            requests.closed.insert(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ErrorKind, Phase};

    fn reply(text: &str) -> Received {
        Received { body: Some(text.as_bytes().to_vec()), content_type: None, has_id: true }
    }

    fn strays(unknown: usize, late: usize, without_id: usize) -> StrayReplies {
        StrayReplies { unknown, late, without_id }
    }

    fn open(pending: &Arc<Pending>, id: &str) -> (Ticket, PhaseMark) {
        let mark = PhaseMark::new(Phase::Reply);
        (pending.open(id.to_owned(), false, &mark).unwrap(), mark)
    }

    #[tokio::test]
    async fn a_reply_reaches_the_request_with_its_id_once() {
        let pending = Arc::new(Pending::default());
        let ((mut a, _), (mut b, _)) = (open(&pending, "a"), open(&pending, "b"));
        pending.deliver(Some("x"), reply("0"));
        pending.deliver(None, reply("1"));
        pending.deliver(Some("b"), reply("2"));
        pending.deliver(Some("b"), reply("3"));
        pending.deliver(Some("a"), reply("4"));
        assert_eq!((a.next().await, b.next().await), (Ok(reply("4")), Ok(reply("2"))));
        assert_eq!(pending.take_strays(), strays(1, 1, 1));
        assert_eq!(pending.take_strays(), strays(0, 0, 0));
    }

    #[tokio::test]
    async fn a_reply_without_an_id_is_for_the_only_request() {
        let pending = Arc::new(Pending::default());
        let (a, _) = open(&pending, "a");
        let (mut b, _) = open(&pending, "b");
        drop(a);
        pending.deliver(None, reply("1"));
        assert_eq!(b.next().await, Ok(reply("1")));
        pending.deliver(Some("a"), reply("2"));
        assert_eq!(pending.take_strays(), strays(0, 1, 0));
    }

    #[tokio::test]
    async fn who_waits_hears_at_once_that_nothing_comes_any_more() {
        let pending = Arc::new(Pending::default());
        let (mut a, mark) = open(&pending, "a");
        a.note("the queue is there".to_owned());
        assert_eq!(mark.tell_step(errors::lost()).detail.unwrap(), "the queue is there: the connection was lost");
        pending.end(&errors::lost());
        assert_eq!(a.next().await.unwrap_err().kind, ErrorKind::BrokerUnreachable);
        assert!(pending.open("c".to_owned(), false, &mark).is_err());
    }

    #[tokio::test]
    async fn what_was_ignored_is_known_to_who_waits() {
        let pending = Arc::new(Pending::default());
        let (a, mark) = open(&pending, "a");
        pending.deliver(Some("x"), reply("0"));
        a.note("the queue is there".to_owned());
        pending.deliver(Some("y"), reply("0"));
        let told = mark.tell_step(Failure::new(ErrorKind::Timeout)).detail.unwrap();
        assert_eq!(told, "the queue is there; 2 replies ignored (unknown correlation id 2)");
    }

    #[tokio::test]
    async fn an_auction_takes_one_reply_after_the_other() {
        let pending = Arc::new(Pending::default());
        let mark = PhaseMark::new(Phase::Reply);
        let mut ticket = pending.open("a".to_owned(), true, &mark).unwrap();
        for text in ["1", "2"] {
            pending.deliver(Some("a"), reply(text));
        }
        assert_eq!((ticket.next().await, ticket.next().await), (Ok(reply("1")), Ok(reply("2"))));
        assert_eq!(pending.take_strays(), strays(0, 0, 0));
    }
}
