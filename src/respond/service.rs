//! One HTTP request to the mocks: finds the mock, lets it decide, waits, and acts.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Request, Response, StatusCode, Uri};
use jiff::Timestamp;

use super::Served;
use super::answer::Answer;
use super::behaviour::{Action, Behaviour, Decision};
use super::question::{self, Question, Target};
use super::tally::Tally;
use crate::config::mock::Mock;
use crate::domain::SupplierName;

/// The longest request body that is read. The wire's request is a few hundred bytes.
const MAX_BODY: usize = 64 * 1024;
/// So many suppliers are named to a client that asked for one that is not there.
const MAX_NAMED: usize = 20;

/// Called with every request, as it is about to be answered.
pub(super) type OnRequest = Box<dyn Fn(&Served) + Send + Sync>;

/// All mocks, and what they have been asked so far.
pub(super) struct Service {
    suppliers: Vec<Supplier>,
    by_name: HashMap<String, usize>,
    on_request: OnRequest,
}

struct Supplier {
    name: SupplierName,
    mock: Mock,
    tally: Mutex<Tally>,
}

/// The connection is to end without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hangup {
    /// By a reset.
    Reset,
    /// In order.
    Close,
}

impl std::error::Error for Hangup {}

impl fmt::Display for Hangup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the mock ends the connection")
    }
}

impl Service {
    /// Serves these mocks; `on_request` hears of every request.
    pub(super) fn new(mocks: Vec<(SupplierName, Mock)>, on_request: OnRequest) -> Self {
        let by_name = mocks.iter().enumerate().map(|(index, (name, _))| (name.as_str().to_owned(), index)).collect();
        let suppliers =
            mocks.into_iter().map(|(name, mock)| Supplier { name, mock, tally: Mutex::default() }).collect();
        Self { suppliers, by_name, on_request }
    }

    /// Answers one request. The future may be dropped at any time; the request has been counted by then.
    ///
    /// # Errors
    /// When the connection is to end without an answer.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Hangup> {
        let at = Timestamp::now();
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(problem) if problem.is::<LengthLimitError>() => {
                let answer = Answer::error(413, &format!("body is longer than {MAX_BODY} bytes"));
                return Ok(self.refuse(at, &head.uri, answer));
            }
            Err(_) => return Err(Hangup::Close),
        };
        let (supplier, target) = match self.find(&head.uri) {
            Ok(found) => found,
            Err(answer) => return Ok(self.refuse(at, &head.uri, answer)),
        };
        if let (true, Some(ids)) = (target.is_lookup, &supplier.mock.lookup) {
            self.tell(&Served::LookedUp { at, supplier: supplier.name.clone() });
            return Ok(respond(Answer::new(200, ids.clone())));
        }
        let question = match question_of(target, &head.uri, &body) {
            Ok(question) => question,
            Err(answer) => return Ok(self.refuse(at, &head.uri, answer)),
        };
        let counts =
            supplier.tally.lock().unwrap_or_else(PoisonError::into_inner).count(&question.product, question.quantity);
        let behaviour = Behaviour { supplier: &supplier.name, mock: &supplier.mock };
        let Decision { latency, action, outcome } = behaviour.decide(&question, counts, at);
        self.tell(&Served::Asked { at, supplier: supplier.name.clone(), question, latency, outcome });
        tokio::time::sleep(latency).await;
        match action {
            Action::Answer(answer) => Ok(respond(answer)),
            Action::Reset => Err(Hangup::Reset),
            Action::Close => Err(Hangup::Close),
            Action::Silence => std::future::pending().await,
        }
    }

    /// Whom the request asks and where, or the answer that says why nobody can tell.
    fn find(&self, uri: &Uri) -> Result<(&Supplier, Target), Answer> {
        let target = Target::read(uri.path()).map_err(|problem| Answer::error(404, &problem.to_string()))?;
        let supplier = self
            .by_name
            .get(&target.supplier)
            .and_then(|index| self.suppliers.get(*index))
            .ok_or_else(|| Answer::error(404, &self.unknown(&target.supplier)))?;
        Ok((supplier, target))
    }

    fn unknown(&self, supplier: &str) -> String {
        let named: Vec<_> = self.suppliers.iter().take(MAX_NAMED).map(|known| format!("`{}`", known.name)).collect();
        let more = match self.suppliers.len().saturating_sub(MAX_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("no supplier `{supplier}` here, known are {}{more}", named.join(", "))
    }

    fn refuse(&self, at: Timestamp, uri: &Uri, answer: Answer) -> Response<Full<Bytes>> {
        self.tell(&Served::Refused { at, target: uri.to_string(), status: answer.status });
        respond(answer)
    }

    fn tell(&self, served: &Served) {
        (self.on_request)(served);
    }
}

/// What the request asks, or the answer that says why nobody can tell.
fn question_of(target: Target, uri: &Uri, body: &[u8]) -> Result<Question, Answer> {
    if target.is_lookup {
        return Err(Answer::error(404, "this mock supplier has no `lookup-body`"));
    }
    let question = match target.product {
        Some(product) => question::from_query(product, uri.query()),
        None => question::from_body(body),
    };
    question.map_err(|problem| Answer::error(400, &problem.to_string()))
}

/// The answer as HTTP. A status that HTTP does not have is 500.
fn respond(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(content_type) = HeaderValue::from_str(&answer.content_type).ok().filter(|name| !name.is_empty()) {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    if let Some(seconds) = answer.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
