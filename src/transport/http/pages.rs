//! A reply in several pages: asking for each of them, until one says that it is the last.
//!
//! Owns which page comes next and how much is read in all. Refuses to know what is asked. Main type: [`Found`].

use std::collections::HashSet;

use reqwest::Url;

use super::step::Call;
use super::{HttpSupplier, target};
use crate::domain::{ErrorKind, Failure, Method, OfferReply, Phase, RequestFormat, WarningKind};
use crate::mapping::{MAX_OFFERS, NextPage, json_as_form};
use crate::transport::{PhaseMark, Reply, bodies};

/// How much is read for one question, decoded, in bytes: so many times the largest body.
const ALL_PAGES: usize = 8 * bodies::LARGEST;

/// What was found so far.
#[derive(Default)]
pub(super) struct Found {
    /// The offers of all pages, in their order.
    pub(super) offers: Vec<OfferReply>,
    /// The status of the last reply.
    pub(super) status: Option<u16>,
    /// What was left unread.
    pub(super) warnings: Vec<WarningKind>,
    /// How much was read, bytes.
    read: usize,
}

impl Found {
    /// The reply as a whole.
    pub(super) fn reply(self) -> Reply {
        Reply { offers: self.offers, http_status: self.status, warnings: self.warnings, ..Reply::default() }
    }

    fn count(&mut self, body: &[u8]) -> Result<(), Failure> {
        self.read += body.len();
        if self.read > ALL_PAGES {
            return Err(Failure::new(ErrorKind::BodyTooLarge).with_detail("all pages together"));
        }
        Ok(())
    }

    fn add(&mut self, offers: Vec<OfferReply>) -> Result<(), Failure> {
        self.offers.extend(offers);
        let count = self.offers.len();
        if count > MAX_OFFERS {
            return Err(mapping(&format!("{count} offers on all pages, more than {MAX_OFFERS}")));
        }
        Ok(())
    }
}

impl HttpSupplier {
    /// Asks, and adds the offers of every page to what was found. `step` is what the request is a part of, if it is
    /// one of several.
    ///
    /// # Errors
    /// What can happen to any of the exchanges; `mapping` when a page follows itself, or follows on another server.
    pub(super) async fn pages(
        &self,
        first: Call<'_>,
        found: &mut Found,
        phase: &PhaseMark,
        step: Option<&str>,
    ) -> Result<(), Failure> {
        let mut asked = HashSet::new();
        let mut call = first.clone();
        let message = |body: &[u8]| self.mapping.message(body, &first.question.bindings);
        for number in 1..=self.max_pages {
            if !asked.insert((call.method.as_str(), call.url.clone(), call.body.clone())) {
                return Err(mapping("`next` leads to a page that was read already"));
            }
            let on_page = (number > 1).then(|| format!("on page {number}"));
            phase.at_step(step.map(str::to_owned).into_iter().chain(on_page).reduce(|step, page| step + ", " + &page));
            let heard = self.hear(&call, phase, message).await?;
            found.status = Some(heard.status);
            let Some(body) = heard.body else { return Ok(()) };
            phase.enter(Phase::Mapping);
            let failed = |failure: Failure| failure.with_status(heard.status);
            found.count(&body).map_err(failed)?;
            let page = bodies::page(&self.mapping, body, &first.question.bindings, &self.name).await.map_err(failed)?;
            found.add(self.harmless(page.offers, &first.question.bindings)).map_err(failed)?;
            let Some(next) = page.next else { return Ok(()) };
            call = following(&first, &call, next).map_err(failed)?;
        }
        found.warnings.push(WarningKind::PagesLeft { read: self.max_pages });
        Ok(())
    }
}

/// The request for the page after the one that was asked for.
fn following<'a>(first: &Call<'a>, asked: &Call<'a>, next: NextPage) -> Result<Call<'a>, Failure> {
    let next_to_first = Call { is_first: false, ..first.clone() };
    match next {
        NextPage::Body(body) if first.method.has_body() => {
            let body = match first.step.body.format {
                RequestFormat::Json => body,
                RequestFormat::Form => json_as_form(&body)?,
            };
            Ok(Call { body: Some(body), ..next_to_first })
        }
        NextPage::Body(_) => Err(mapping("`next` yields an object, the body of a request, and a `GET` has none")),
        NextPage::Location(location) => match location.strip_prefix('&') {
            Some(query) => Ok(Call { url: with_query(&first.url, query), ..next_to_first }),
            None => match target::same_server(&asked.url, &location) {
                Ok(url) => Ok(Call { url, method: Method::Get, body: None, ..next_to_first }),
                Err(why) => Err(mapping(&format!("`next` leads {why}"))),
            },
        },
    }
}

/// A URL with this behind its query.
fn with_query(url: &Url, more: &str) -> Url {
    let mut url = url.clone();
    let query = match url.query().filter(|query| !query.is_empty()) {
        Some(query) => format!("{query}&{more}"),
        None => more.to_owned(),
    };
    url.set_query(Some(&query));
    url
}

fn mapping(detail: &str) -> Failure {
    Failure::new(ErrorKind::Mapping).with_detail(detail)
}
