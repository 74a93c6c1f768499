//! What a mock does with a request: pure, so that every failure of every kind can be reproduced.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, Echo, cut_short, matching, offers_body, saved_answer};
use super::draw::{self, Draws};
use super::tally::Counts;
use super::{Outcome, Question};
use crate::config::mock::{Mock, MockAnswer, MockError, MockOffer};
use crate::domain::SupplierName;

/// What a mock does with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    /// How long it waits first, at most an hour.
    pub(super) latency: Duration,
    /// What it does then.
    pub(super) action: Action,
    /// The same, for the log.
    pub(super) outcome: Outcome,
}

/// What a mock does when its latency is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Answers.
    Answer(Answer),
    /// Resets the connection.
    Reset,
    /// Closes the connection in order, without an answer.
    Close,
    /// Holds the connection open and never answers.
    Silence,
}

/// A supplier that answers from its configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Behaviour<'a> {
    /// Its name.
    pub(super) supplier: &'a SupplierName,
    /// What it was told to do.
    pub(super) mock: &'a Mock,
}

impl Behaviour<'_> {
    /// Decides on a request that came at `now`. A recorded reply says nothing of a product, so a mock that has one
    /// and answers for the wrong product answers an offer with nothing but the other name.
    pub(super) fn decide(self, question: &Question, counts: Counts, now: Timestamp) -> Decision {
        let Self { mock, .. } = self;
        let seed = mock.seed.unwrap_or_else(|| draw::seed_of(self.supplier.as_str()));
        let draws = Draws::new(seed, &question.product, question.quantity.get(), counts.nth_such);
        let fails = counts.nth <= mock.fail_first || draw::is_within(draws.failure, mock.error_rate);
        let latency = draw::duration(mock.latency, draws.latency);
        let then = SignedDuration::try_from(latency).ok().and_then(|latency| now.checked_add(latency).ok());
        let then = then.unwrap_or(Timestamp::MAX);
        if !fails {
            let answer = self.answer(question, counts, then);
            return Decision { latency, outcome: Outcome::Answered(answer.status), action: Action::Answer(answer) };
        }
        let action = match mock.error {
            MockError::Status(status) => Action::Answer(self.refusal(status)),
            MockError::Timeout => Action::Silence,
            MockError::Reset => Action::Reset,
            MockError::Close => Action::Close,
            MockError::Malformed => {
                Action::Answer(Answer::new(200, cut_short(&self.answer(question, counts, then).body)))
            }
            MockError::SupplierError => Action::Answer(Answer::error(200, "this mock supplier failed as configured")),
            MockError::WrongProduct => Action::Answer(self.wrong_product(question, then)),
        };
        Decision { latency, action, outcome: Outcome::Failed(mock.error) }
    }

    fn answer(self, question: &Question, counts: Counts, now: Timestamp) -> Answer {
        match &self.mock.answer {
            MockAnswer::Saved(saved) => saved_answer(saved, question, counts.nth_such),
            MockAnswer::Body { body, status } => Answer::new(*status, body.clone()),
            MockAnswer::Offers(offers) => {
                let echo = self.echo(&question.product, question);
                Answer::new(200, offers_body(&matching(offers, question), echo, now))
            }
        }
    }

    /// `Retry-After` has whole seconds; a part of one is rounded up, since the client must not come too early.
    fn refusal(self, status: u16) -> Answer {
        let retry_after = self.mock.retry_after.filter(|_| matches!(status, 429 | 503));
        Answer {
            retry_after: retry_after.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            ..Answer::error(status, &format!("this mock supplier answers {status} as configured"))
        }
    }

    fn wrong_product(self, question: &Question, now: Timestamp) -> Answer {
        let nameless = [MockOffer { product: None, fields: Vec::new(), validity: None }];
        let offers = match &self.mock.answer {
            MockAnswer::Offers(offers) => matching(offers, question),
            MockAnswer::Body { .. } | MockAnswer::Saved(_) => Vec::new(),
        };
        let offers = if offers.is_empty() { nameless.iter().collect() } else { offers };
        let other = format!("not {}", question.product);
        Answer::new(200, offers_body(&offers, self.echo(&other, question), now))
    }

    fn echo<'a>(&'a self, product: &'a str, question: &Question) -> Echo<'a> {
        Echo { supplier: self.supplier.as_str(), product, quantity: question.quantity.get() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rust_decimal::Decimal;

    use super::*;
    use crate::config::mock::{Latency, Validity};
    use crate::domain::{Currency, OfferReply, PriceRequest, Quantity};
    use crate::mapping::{Bindings, Mapping};
    use crate::respond::tally::Tally;

    fn offer(product: Option<&str>, fields: &[(&str, &str)]) -> MockOffer {
        MockOffer {
            product: product.map(Into::into),
            fields: fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            validity: None,
        }
    }

    fn mock(offers: Vec<MockOffer>) -> Mock {
        Mock {
            latency: Latency::Fixed(Duration::ZERO),
            error_rate: Decimal::ZERO,
            error: MockError::Status(503),
            retry_after: None,
            fail_first: 0,
            seed: Some(7),
            lookup: None,
            list: None,
            answer: MockAnswer::Offers(offers),
        }
    }

    fn question(product: &str, quantity: u64) -> Question {
        Question { product: product.into(), quantity: Quantity::new(quantity).unwrap() }
    }

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    /// What the mock does with each of so many equal requests.
    fn decisions(mock: &Mock, product: &str, count: u64) -> Vec<Decision> {
        let (supplier, question) = (SupplierName::new("acme"), question(product, 95));
        let mut tally = Tally::default();
        let behaviour = Behaviour { supplier: &supplier, mock };
        (0..count)
            .map(|_| behaviour.decide(&question, tally.count(&question.product, question.quantity), now()))
            .collect()
    }

    fn first_answer(mock: &Mock, product: &str) -> Answer {
        match decisions(mock, product, 1).remove(0).action {
            Action::Answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn body(mock: &Mock, product: &str) -> String {
        String::from_utf8(first_answer(mock, product).body).unwrap()
    }

    /// The requests of so many that fail, as a pattern of `x` and `.`.
    fn failures(mock: &Mock, count: u64) -> String {
        let failed = |decision: &Decision| matches!(decision.outcome, Outcome::Failed(_));
        decisions(mock, "widget", count).iter().map(|decision| if failed(decision) { 'x' } else { '.' }).collect()
    }

    #[test]
    fn an_offer_is_the_files_text_with_what_was_asked() {
        let mock = mock(vec![offer(None, &[("sku", "\"A-1\""), ("unitPrice", "0.10"), ("inStock", "true")])]);
        assert_eq!(
            body(&mock, "wid\"get"),
            "[\n  {\"supplierId\": \"acme\", \"productId\": \"wid\\\"get\", \"quantity\": 95, \
             \"sku\": \"A-1\", \"unitPrice\": 0.10, \"inStock\": true}\n]\n"
        );
    }

    #[test]
    fn the_asking_side_reads_what_the_mock_writes() {
        let fields = [("sku", "\"A-1\""), ("unitPrice", "0.10"), ("stockQuantity", "5000"), ("currency", "\"EUR\"")];
        let validity = Some(Validity::For(Duration::from_hours(24)));
        let mock = mock(vec![MockOffer { validity, ..offer(None, &fields) }]);
        let request = PriceRequest {
            product: "a/\"é\"".into(),
            quantity: Quantity::new(95).unwrap(),
            currency: Currency::parse("EUR").unwrap(),
        };
        let body = body(&mock, &request.product);
        let bindings = Bindings::new(Arc::new(request), Arc::new([]));
        let offers = Mapping::default().read(body.as_bytes(), &bindings, &SupplierName::new("acme")).unwrap().offers;
        let [OfferReply::Readable(offer)] = offers.as_slice() else { panic!("{offers:?}") };
        assert_eq!(offer.product.as_deref(), Some("a/\"é\""));
        assert_eq!((offer.quantity, offer.unit_price), (Some(95), Some(Decimal::new(10, 2))));
        assert_eq!(offer.identity.seller, None);
        assert_eq!(offer.valid_until, Some(now() + Duration::from_hours(24)));
    }

    #[test]
    fn an_offer_may_state_another_echo() {
        let mock = mock(vec![offer(None, &[("quantity", "5"), ("supplierId", "\"other\"")])]);
        assert_eq!(
            body(&mock, "widget"),
            "[\n  {\"productId\": \"widget\", \"quantity\": 5, \"supplierId\": \"other\"}\n]\n"
        );
    }

    #[test]
    fn the_wildcard_answers_only_where_no_name_fits() {
        let mock = mock(vec![
            offer(None, &[("sku", "\"any\"")]),
            offer(Some("widget"), &[("sku", "\"W-1\"")]),
            offer(Some("widget"), &[("sku", "\"W-2\"")]),
        ]);
        let skus = |product| {
            let offers: serde_json::Value = serde_json::from_str(&body(&mock, product)).unwrap();
            let offers = offers.as_array().unwrap().clone();
            offers.iter().map(|offer| offer["sku"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(skus("widget"), ["W-1", "W-2"]);
        assert_eq!(skus("Widget"), ["any"]);
    }

    #[test]
    fn a_product_that_nothing_fits_is_an_empty_array() {
        let answer = first_answer(&mock(vec![offer(Some("widget"), &[])]), "gadget");
        assert_eq!(answer, Answer::new(200, "[]\n"));
    }

    #[test]
    fn validity_starts_when_the_answer_is_sent() {
        let valid_for = |duration| MockOffer { validity: Some(Validity::For(duration)), ..offer(None, &[]) };
        let mock =
            Mock { latency: Latency::Fixed(Duration::from_secs(2)), ..mock(vec![valid_for(Duration::from_hours(24))]) };
        assert!(body(&mock, "widget").contains("\"validUntil\": \"2026-11-25T12:00:02.000Z\""));
    }

    #[test]
    fn a_recorded_reply_is_sent_as_it_is() {
        let recorded = MockAnswer::Body { body: vec![0xff, b'\n'], status: 404 };
        let mock = Mock { answer: recorded, ..mock(vec![]) };
        assert_eq!(first_answer(&mock, "widget"), Answer::new(404, vec![0xff, b'\n']));
        assert_eq!(decisions(&mock, "widget", 1)[0].outcome, Outcome::Answered(404));
    }

    #[test]
    fn the_same_requests_fail_on_every_machine() {
        let mock = Mock { error_rate: Decimal::new(2, 1), ..mock(vec![]) };
        assert_eq!(failures(&mock, 40), "..........xx...x.....xxx................");
        assert_eq!(failures(&Mock { seed: Some(8), ..mock }, 40), ".....xx......x.xx....x..x.x...........xx");
    }

    #[test]
    fn the_share_of_failures_is_the_error_rate() {
        let count = |rate| failures(&Mock { error_rate: rate, ..mock(vec![]) }, 10_000).matches('x').count();
        assert_eq!(count(Decimal::ZERO), 0);
        assert_eq!(count(Decimal::new(2, 1)), 1924);
        assert_eq!(count(Decimal::new(5, 1)), 4962);
        assert_eq!(count(Decimal::ONE), 10_000);
    }

    #[test]
    fn the_first_requests_fail_whatever_they_ask() {
        let mock = Mock { fail_first: 3, ..mock(vec![]) };
        assert_eq!(failures(&mock, 6), "xxx...");
        let supplier = SupplierName::new("acme");
        let fourth = Counts { nth: 4, nth_such: 1 };
        let decision = Behaviour { supplier: &supplier, mock: &mock }.decide(&question("new", 1), fourth, now());
        assert_eq!(decision.outcome, Outcome::Answered(200));
    }

    #[test]
    fn failing_requests_take_their_time_too() {
        let latency = Latency::Uniform { min: Duration::from_millis(80), max: Duration::from_millis(250) };
        let fine = Mock { latency, ..mock(vec![]) };
        let failing = Mock { error_rate: Decimal::ONE, ..fine.clone() };
        let latencies = |mock| decisions(mock, "widget", 4).iter().map(|it| it.latency.as_micros()).collect::<Vec<_>>();
        assert_eq!(latencies(&fine), [156_582, 146_633, 211_992, 181_678]);
        assert_eq!(latencies(&failing), latencies(&fine));
    }

    fn failure(error: MockError, answer: MockAnswer) -> Action {
        let mock = Mock { error, answer, error_rate: Decimal::ONE, ..mock(vec![]) };
        decisions(&mock, "widget", 1).remove(0).action
    }

    #[test]
    fn each_kind_of_failure_is_an_action() {
        let offers = || MockAnswer::Offers(vec![offer(Some("widget"), &[("unitPrice", "1")])]);
        assert_eq!(failure(MockError::Timeout, offers()), Action::Silence);
        assert_eq!(failure(MockError::Reset, offers()), Action::Reset);
        assert_eq!(failure(MockError::Close, offers()), Action::Close);
        let text = |error, answer| match failure(error, answer) {
            Action::Answer(Answer { status: 200, body, .. }) => String::from_utf8(body).unwrap(),
            other => panic!("{other:?}"),
        };
        assert_eq!(text(MockError::Malformed, offers()), "[\n  {\"supplierId\": \"acme\", \"productId\": \"");
        assert_eq!(
            text(MockError::SupplierError, offers()),
            "{\"error\": {\"message\": \"this mock supplier failed as configured\"}}\n"
        );
        let other = "[\n  {\"supplierId\": \"acme\", \"productId\": \"not widget\", \"quantity\": 95";
        assert_eq!(text(MockError::WrongProduct, offers()), format!("{other}, \"unitPrice\": 1}}\n]\n"));
        let recorded = MockAnswer::Body { body: b"{}".to_vec(), status: 200 };
        assert_eq!(text(MockError::WrongProduct, recorded), format!("{other}}}\n]\n"));
    }

    #[test]
    fn retry_after_goes_with_429_and_503_and_is_rounded_up() {
        let retry_after = |status, wait| {
            let retry_after = Some(Duration::from_millis(wait));
            let error = MockError::Status(status);
            let answer = first_answer(&Mock { error, retry_after, fail_first: 1, ..mock(vec![]) }, "widget");
            assert_eq!(answer.status, status);
            answer.retry_after
        };
        assert_eq!(retry_after(429, 2000), Some(2));
        assert_eq!(retry_after(503, 1500), Some(2));
        assert_eq!(retry_after(503, 0), Some(0));
        assert_eq!(retry_after(500, 2000), None);
    }
}
