//! One exchange: a request, redirects within the same server, the reply's status and its body.

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};

use super::oauth2::Token;
use super::record::Sent;
use super::status::{self, Verdict};
use super::step::{Call, Step};
use super::{HttpSupplier, Question, body, request, target};
use crate::domain::{ErrorKind, Failure, Method, Phase, Redirects};
use crate::transport::{Exchange, PhaseMark, SavedReply};

/// A reply that is no failure.
pub(super) struct Heard {
    /// Its status.
    pub(super) status: u16,
    /// Its body; `None` when the status says that the supplier does not carry the product.
    pub(super) body: Option<Vec<u8>>,
}

impl HttpSupplier {
    /// Sends a request and reads what comes back. `message` finds what the body of an error says.
    ///
    /// # Errors
    /// What can happen to an exchange over HTTP; `http_status` and `rate_limited` with the message.
    pub(super) async fn hear(
        &self,
        call: &Call<'_>,
        phase: &PhaseMark,
        message: impl Fn(&[u8]) -> Option<String>,
    ) -> Result<Heard, Failure> {
        let Call { step, question, mut method, .. } = *call;
        let mut url = call.url.clone();
        let mut token = step.token(None, phase).await?;
        let mut may_renew = token.is_some();
        let mut followed = 0;
        loop {
            let sent = Sent { call, method, url: &url, is_first: followed == 0 };
            let mut response = self.send(&sent, token.as_ref(), phase).await?;
            let status = response.status().as_u16();
            let exchange = self.exchange(&sent, &response);
            if status == 401 && may_renew {
                self.keep(exchange, None, question);
                token = step.token(token.as_ref(), phase).await?;
                may_renew = false;
                continue;
            }
            match status::judge(response.status(), response.headers(), &step.no_offer_status, Timestamp::now()) {
                Verdict::NoOffer => {
                    if exchange.is_some() {
                        self.read_short(&mut response, exchange, question).await;
                    }
                    return Ok(Heard { status, body: None });
                }
                Verdict::Read => {
                    phase.enter(Phase::Body);
                    let body = body::read(&mut response).await;
                    self.keep(exchange, body.as_deref().ok(), question);
                    let body = body.map_err(|failure| failure.with_status(status))?;
                    return Ok(Heard { status, body: Some(body) });
                }
                Verdict::Fail(failure) => {
                    phase.enter(Phase::Body);
                    // The status says it all: when the time is over before its message is there, it is no timeout.
                    phase.settle(failure.clone());
                    let body = self.read_short(&mut response, exchange, question).await;
                    return Err(Failure { detail: body.and_then(|body| message(&body)), ..failure });
                }
                Verdict::Redirect { location, with_get } => {
                    self.keep(exchange, None, question);
                    url = follow(step, &url, &location, followed).map_err(|failure| failure.with_status(status))?;
                    followed += 1;
                    if with_get {
                        method = Method::Get;
                    }
                }
            }
        }
    }

    /// Sends the request, or finds what was replied to it in an earlier run.
    async fn send(&self, sent: &Sent<'_>, token: Option<&Token>, phase: &PhaseMark) -> Result<Response, Failure> {
        if let Some(saved) = &self.saved {
            return saved.answer(&self.shown(sent)).map(saved_response);
        }
        let Sent { call, method, url, .. } = *sent;
        let (step, content_type) = (call.step, call.step.body.content_type(method));
        let headers =
            request::headers(&step.headers, token.map(Token::header), content_type, url, call.question.inquiry)?;
        let body = call.body.clone().filter(|_| method.has_body());
        step.client.send(method, url, headers, body, phase).await
    }

    /// Reads what an error says, if it is there at once.
    async fn read_short(
        &self,
        response: &mut Response,
        exchange: Option<Exchange>,
        question: &Question<'_>,
    ) -> Option<Vec<u8>> {
        let body = body::read_short(response, exchange.is_some() || self.saved.is_some()).await;
        self.keep(exchange, body.as_deref(), question);
        body
    }
}

/// A reply of an earlier run, as if it came now. What HTTP does not allow in a header is left out.
fn saved_response(saved: &SavedReply) -> Response {
    let mut response = hyper::Response::new(saved.body.clone());
    *response.status_mut() = StatusCode::from_u16(saved.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [(CONTENT_TYPE, &saved.content_type), (RETRY_AFTER, &saved.retry_after), (LOCATION, &saved.location)];
    for (name, value) in headers {
        let value = value.as_ref().and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
        response.headers_mut().extend(value.map(|value| (name, value)));
    }
    response.into()
}

/// Where a redirect leads, if it may be followed.
fn follow(step: &Step, url: &Url, location: &str, followed: usize) -> Result<Url, Failure> {
    let next = target::redirected(url, location, followed)?;
    match step.redirects {
        Redirects::None => Err(Failure::new(ErrorKind::RedirectRefused)
            .with_detail("within the same host, which `redirects = \"same-host\"` would allow")),
        Redirects::SameHost => Ok(next),
    }
}
