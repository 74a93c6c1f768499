//! The closed vocabularies of the document.
//!
//! [`Word`] writes a value's stable word and lists all words of its vocabulary in the schema. A new variant of a
//! vocabulary does not compile until it is listed here.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::compare::{BasketFailure, ChangeCause, GateKind, Motive, RunFailure, Why};
use crate::domain::{
    Circuit, ErrorKind, OrderReason, Phase, Reason, Source, Strategy, Termination, TransportKind, Verdict, WarningKind,
};

/// A closed set of words.
pub(super) trait Vocabulary {
    /// What the schema calls it.
    const NAME: &'static str;
    /// Every word.
    fn all() -> Vec<&'static str>;
    /// The word of one value.
    fn word(&self) -> &'static str;
}

/// One word of a vocabulary.
pub(super) struct Word<V>(&'static str, PhantomData<V>);

impl<V: Vocabulary> Word<V> {
    /// The word of a value.
    pub(super) fn of(value: &V) -> Self {
        Self(value.word(), PhantomData)
    }
}

impl<V> Serialize for Word<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<V: Vocabulary> JsonSchema for Word<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        V::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": V::all() })
    }
}

/// Lists the variants of a vocabulary. The match makes the list complete.
macro_rules! vocabulary {
    ($type:ident: $($variant:ident)*) => {
        impl Vocabulary for $type {
            const NAME: &'static str = stringify!($type);

            fn all() -> Vec<&'static str> {
                vec![$($type::$variant.as_str()),*]
            }

            fn word(&self) -> &'static str {
                match self {
                    $($type::$variant => $type::$variant.as_str(),)*
                }
            }
        }
    };
    ($type:ident: $($variant:ident = $word:literal)*) => {
        impl Vocabulary for $type {
            const NAME: &'static str = stringify!($type);

            fn all() -> Vec<&'static str> {
                vec![$($word),*]
            }

            fn word(&self) -> &'static str {
                match self {
                    $($type::$variant { .. } => $word,)*
                }
            }
        }
    };
}

vocabulary!(Strategy: All Best First Majority);
vocabulary!(Termination: All First Quorum QuorumImpossible Deadline Interrupted NotStarted);
vocabulary!(OrderReason: Exact Minimum Multiple PriceBreak FreeShipping MinimumValue);
vocabulary!(Source: Live History);
vocabulary!(TransportKind: Http File Amqp Kafka);
vocabulary!(Phase: Dns Connect Tls Headers Body Reply Mapping);
vocabulary!(ChangeCause: Price CannotDeliver NoResponse);
vocabulary!(GateKind: MaxTotal MaxIncrease);
vocabulary!(Reason: OutOfStock InsufficientStock BelowMinimum AboveMaximum BelowMinimumValue NoTier Expired Currency
    InvalidQuote WrongQuote TooLate DeliveryUnknown);
vocabulary!(ErrorKind: Dns Connect Tls Proxy Timeout ConnectionClosed HttpProtocol HttpStatus RateLimited
    RedirectRefused HeadersTooLarge BodyTooLarge BadEncoding MalformedJson Mapping SupplierError BrokerUnreachable
    BrokerAuth BrokerUnroutable BrokerTopic BrokerReply FileUnreadable FileStale CircuitOpen LocalResource Cancelled Internal);
vocabulary!(Circuit: Closed = "closed" Open = "open" HalfOpen = "half_open");
vocabulary!(RunFailure: NoAvailableSupplier = "no_available_supplier"
    InsufficientResponses = "insufficient_responses"
    RequiredMissing = "required_missing"
    AllCircuitsOpen = "all_circuits_open"
    QuorumNotReached = "quorum_not_reached");
vocabulary!(BasketFailure: WithoutSupplier = "lines_without_supplier" NoResponses = "insufficient_responses");
vocabulary!(Motive: Only = "only" Cheapest = "cheapest" Together = "together");
vocabulary!(Why: Failed = "failed" Rejected = "rejected" NotCarried = "not_carried");
vocabulary!(Verdict: Chosen = "chosen" NotCheaper = "not_cheaper" AboveMaximum = "above_maximum"
    AboveStock = "above_stock" BelowMinimumValue = "below_minimum_value");
vocabulary!(WarningKind: RatesOld = "rates_old" RatesFallback = "rates_fallback" RatesMissing = "rates_missing"
    HistoryUsed = "history_used" NoEarlierPrice = "no_earlier_price" NoMock = "no_mock" TlsUnverified = "tls_unverified" ReadableByOthers = "readable_by_others" StateUnusable = "state_unusable"
    StateDamaged = "state_damaged"
    PagesLeft = "pages_left" IdsLeft = "ids_left" RepliesIgnored = "replies_ignored"
    ReplyWithoutId = "reply_without_id");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Failure, RatesDay};

    #[test]
    fn vocabularies_with_particulars_use_the_words_of_their_types() {
        let currency = crate::domain::Currency::parse("EUR").unwrap();
        let date = jiff::civil::date(2026, 11, 1);
        for kind in [
            WarningKind::RatesOld { base: currency, date, days: 9 },
            WarningKind::RatesFallback {
                failure: Failure::new(ErrorKind::Connect),
                used: RatesDay { base: currency, date },
                declared: true,
            },
            WarningKind::RatesMissing { failure: None },
            WarningKind::NoEarlierPrice,
            WarningKind::NoMock,
            WarningKind::TlsUnverified,
            WarningKind::ReadableByOthers { path: String::new() },
            WarningKind::StateUnusable { path: String::new(), reason: String::new() },
            WarningKind::StateDamaged { path: String::new(), kept: None },
            WarningKind::PagesLeft { read: 10 },
            WarningKind::IdsLeft { found: 30, asked: 20 },
            WarningKind::RepliesIgnored { strays: crate::domain::StrayReplies::default() },
            WarningKind::ReplyWithoutId,
        ] {
            assert_eq!(kind.word(), kind.as_str());
        }
        for circuit in [Circuit::Closed, Circuit::Open(std::time::Duration::ZERO), Circuit::HalfOpen] {
            assert_eq!(circuit.word(), circuit.as_str());
        }
        for failure in [
            RunFailure::NoAvailableSupplier,
            RunFailure::InsufficientResponses { required: 1, got: 0 },
            RunFailure::RequiredMissing { required: 1, missing: vec![] },
            RunFailure::AllCircuitsOpen,
            RunFailure::QuorumNotReached { required: 2, got: 1 },
        ] {
            assert_eq!(failure.word(), failure.as_str());
        }
    }
}
