//! What goes over the wire: offers and errors as JSON text.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::Question;
use crate::config::mock::{MockOffer, SavedAnswer, SavedAnswers, Validity};

/// What our own answers are.
const JSON: &str = "application/json";

/// A complete answer. The body is JSON unless a recorded reply or a failure says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The `Retry-After` header, whole seconds.
    pub(super) retry_after: Option<u64>,
    /// What the body is called; empty = nothing.
    pub(super) content_type: Cow<'static, str>,
    /// The body.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// An answer without a `Retry-After`.
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, retry_after: None, content_type: JSON.into(), body: body.into() }
    }

    /// An error object.
    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::new(status, format!("{{\"error\": {{\"message\": {}}}}}\n", json_text(message)))
    }
}

/// What was replied to the question in an earlier run, when it was asked for the `nth` time (1 and up).
pub(super) fn saved_answer(saved: &SavedAnswers, question: &Question, nth: u64) -> Answer {
    let SavedAnswers { product, quantity, replies } = saved;
    if (product, quantity) != (&question.product, &question.quantity) {
        return Answer::error(404, &format!("these replies are about {quantity} × `{product}`"));
    }
    let count = (replies.len() as u64).max(1);
    let place = usize::try_from(nth.saturating_sub(1) % count).unwrap_or(0);
    let Some(SavedAnswer { status, content_type, retry_after, body }) = replies.get(place) else {
        return Answer::error(404, "there is no reply to this");
    };
    let content_type = content_type.clone().unwrap_or_default().into();
    Answer { status: *status, retry_after: *retry_after, content_type, body: body.clone() }
}

/// What every offer of an answer says of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Echo<'a> {
    /// The supplier's name.
    pub(super) supplier: &'a str,
    /// The product that the answer is for, not always the one that was asked.
    pub(super) product: &'a str,
    /// The quantity that was asked.
    pub(super) quantity: u64,
}

/// The offers for the product: those that name it, else those that name none.
pub(super) fn matching<'a>(offers: &'a [MockOffer], question: &Question) -> Vec<&'a MockOffer> {
    let of = |product: Option<&str>| offers.iter().filter(|offer| offer.product.as_deref() == product).collect();
    let exact: Vec<_> = of(Some(&question.product));
    if exact.is_empty() { of(None) } else { exact }
}

/// The JSON array of the offers. A field that an offer states itself is not stated for it.
pub(super) fn offers_body(offers: &[&MockOffer], echo: Echo, now: Timestamp) -> Vec<u8> {
    let mut body = String::from("[");
    for (index, offer) in offers.iter().enumerate() {
        body.push_str(if index == 0 { "\n  " } else { ",\n  " });
        write_offer(&mut body, offer, echo, now);
    }
    body.push_str(if offers.is_empty() { "]\n" } else { "\n]\n" });
    body.into_bytes()
}

fn write_offer(body: &mut String, offer: &MockOffer, echo: Echo, now: Timestamp) {
    let stated = [
        ("supplierId", json_text(echo.supplier)),
        ("productId", json_text(echo.product)),
        ("quantity", echo.quantity.to_string()),
    ];
    let missing = stated.iter().filter(|(name, _)| offer.fields.iter().all(|(field, _)| field != name));
    let until = offer.validity.as_ref().map(|validity| ("validUntil", json_text(&valid_until(validity, now))));
    let own = offer.fields.iter().map(|(name, value)| (name.as_str(), value));
    let fields = missing.chain(&until).map(|(name, value)| (*name, value));
    let mut separator = "{";
    for (name, value) in fields.chain(own) {
        // Writing to a string cannot fail.
        let _ = write!(body, "{separator}{}: {value}", json_text(name));
        separator = ", ";
    }
    body.push('}');
}

/// RFC 3339 to the millisecond, or as the file has it. A time beyond the calendar is its last moment.
fn valid_until(validity: &Validity, now: Timestamp) -> String {
    match validity {
        Validity::Until(written) => written.clone(),
        Validity::For(duration) => {
            let until = SignedDuration::try_from(*duration).ok().and_then(|duration| now.checked_add(duration).ok());
            format!("{:.3}", until.unwrap_or(Timestamp::MAX))
        }
    }
}

/// Cuts a JSON array or object short, so that it is none any more; any other body becomes such a stump.
pub(super) fn cut_short(body: &[u8]) -> Vec<u8> {
    let body = body.trim_ascii();
    match body.first() {
        Some(b'[' | b'{') => body[..(body.len() / 2).max(1)].to_vec(),
        _ => b"[{\"productId\": ".to_vec(),
    }
}

/// A text in JSON's notation.
fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_cut_short_is_no_json() {
        for body in ["[]", "{}", " [1] ", "[\n  {\"a\": 1}\n]\n", "5", "", "[", "\"text\"", "[[]]"] {
            let cut = cut_short(body.as_bytes());
            assert!(serde_json::from_slice::<serde_json::Value>(&cut).is_err(), "{body}");
            assert!(!cut.is_empty(), "{body}");
        }
    }

    #[test]
    fn hostile_text_stays_within_its_string() {
        let answer = Answer::error(404, "no `a\"}\n\u{1b}[2J`");
        let parsed: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(parsed["error"]["message"], "no `a\"}\n\u{1b}[2J`");
        assert!(!answer.body[..answer.body.len() - 1].iter().any(u8::is_ascii_control));
    }

    #[test]
    fn validity_counts_from_the_answer_on() {
        let now = "2026-11-24T12:00:00.5Z".parse().unwrap();
        let valid = |validity| valid_until(&validity, now);
        assert_eq!(valid(Validity::For(Duration::from_hours(24))), "2026-11-25T12:00:00.500Z");
        assert_eq!(valid(Validity::For(Duration::MAX)), "9999-12-30T22:00:00.999Z");
        assert_eq!(valid(Validity::Until("2026-12-01".into())), "2026-12-01");
    }
}
