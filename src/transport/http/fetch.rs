//! One document, by GET such as a list of exchange rates, or by POST: for whoever needs bytes from a URL and no supplier.
//!
//! Everything holds that holds for suppliers: proxies, trust, caps on head and body, and redirects, which are followed
//! within the same server. Refuses to know deadlines (the caller drops the future, and the [`PhaseMark`] says where it
//! was) and what the bytes mean. Main type: [`Page`].

use jiff::Timestamp;
use reqwest::Url;

use super::request;
use super::request::Header;
use super::status::{self, Verdict};
use super::{HeaderSetting, HttpClient, body, target};
use crate::domain::{ErrorKind, Failure, Method, Phase, Secret};
use crate::mapping::error_message;
use crate::transport::question::JSON;
use crate::transport::{PhaseMark, Preview, echo};

/// A document that can be fetched.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its URL, `http` or `https`. It may hold secrets.
    pub url: Secret,
    /// The same with every secret masked.
    pub shown_url: String,
    /// The types that are asked for, such as `application/json`.
    pub accept: &'static str,
    /// What is sent by `POST`, JSON; `None` = it is fetched by `GET`.
    pub body: Option<String>,
}

impl Page {
    /// Fetches it once; at most 8 MiB, decoded, and every secret that was sent masked where it comes back. The future
    /// marks every phase that it enters.
    ///
    /// # Errors
    /// `dns` and `internal` for a URL that cannot be asked; else what can happen to an exchange over HTTP, every
    /// status but a success included. No detail repeats a secret of the URL.
    pub async fn fetch(&self, client: &HttpClient, phase: &PhaseMark) -> Result<Vec<u8>, Failure> {
        self.fetch_with(Vec::new(), client, phase).await
    }

    /// Does what [`Page::fetch`] does, with headers of one's own, which replace those that pricecmp would send.
    ///
    /// # Errors
    /// Those of [`Page::fetch`], and `internal` for a header that HTTP does not allow. No detail repeats a secret.
    pub async fn fetch_with(
        &self,
        headers: Vec<HeaderSetting>,
        client: &HttpClient,
        phase: &PhaseMark,
    ) -> Result<Vec<u8>, Failure> {
        let own: Result<Vec<Header>, _> = headers.into_iter().map(Header::new).collect();
        let own = own.map_err(|problem| Failure::new(ErrorKind::Internal).with_detail(problem.to_string()))?;
        match self.read(&own, client, phase).await {
            Ok(body) => Ok(self.without_echo(body, &own)),
            Err(failure) => {
                let detail = failure.detail.map(|detail| self.mask(detail, &own));
                Err(Failure { detail, ..failure })
            }
        }
    }

    /// A body in which what was sent in secret does not come back. One that is no text is only changed if it does.
    fn without_echo(&self, body: Vec<u8>, own: &[Header]) -> Vec<u8> {
        let text = String::from_utf8_lossy(&body);
        let masked = self.mask(text.clone().into_owned(), own);
        if masked == text { body } else { masked.into_bytes() }
    }

    fn mask(&self, text: String, own: &[Header]) -> String {
        let of_user = echo::user_info(self.url.expose());
        let of_user = of_user.iter().map(|secret| (secret.expose(), "***"));
        let sent = own.iter().map(Header::secret).chain([(self.url.expose(), &*self.shown_url)]);
        echo::without(text, sent.chain(of_user))
    }

    /// Shows what [`Page::fetch`] would send.
    #[must_use]
    pub fn preview(&self) -> Preview {
        let url = Url::parse(self.url.expose()).ok();
        Preview {
            head: format!("{} {}", self.method().as_str(), self.shown_url),
            headers: request::shown_headers_of_page(self.accept, self.content_type(), url.as_ref()),
            body: self.body.clone(),
        }
    }

    fn method(&self) -> Method {
        if self.body.is_some() { Method::Post } else { Method::Get }
    }

    fn content_type(&self) -> Option<&'static str> {
        self.body.as_ref().map(|_| JSON)
    }

    async fn read(&self, own: &[Header], client: &HttpClient, phase: &PhaseMark) -> Result<Vec<u8>, Failure> {
        let mut url = target::parse(self.url.expose())?;
        let mut followed = 0;
        loop {
            let headers = request::headers_of_page(self.accept, self.content_type(), own);
            let mut response = client.send(self.method(), &url, headers, self.body.clone(), phase).await?;
            let status = response.status();
            let failed = |failure: Failure| failure.with_status(status.as_u16());
            match status::judge(status, response.headers(), &[], Timestamp::now()) {
                Verdict::Read | Verdict::NoOffer => {
                    phase.enter(Phase::Body);
                    return body::read(&mut response).await.map_err(failed);
                }
                Verdict::Fail(failure) => {
                    phase.enter(Phase::Body);
                    phase.settle(failure.clone());
                    let body = body::read_short(&mut response, false).await;
                    return Err(Failure { detail: body.as_deref().and_then(error_message), ..failure });
                }
                Verdict::Redirect { location, .. } => {
                    url = target::redirected(&url, &location, followed).map_err(failed)?;
                    followed += 1;
                }
            }
        }
    }
}
