//! The language of price comparison, as plain values and pure functions.
//!
//! Owns what a request, an offer, a quote, a rejection and an outcome are, how money is rounded, and how an
//! offer becomes a quote (order quantity, tiers, tax, currency, delivery, stock). Refuses to know any
//! clock (`now` is passed in), any I/O, any wire format, and any prose: what went wrong is data here, and
//! becomes a sentence in `report`.

pub mod basket;
mod breaker;
mod broker;
mod chance;
mod course;
mod credentials;
mod currency;
mod curve;
mod delivery;
mod evaluate;
mod event;
mod extras;
mod fallback;
#[cfg(test)]
pub(crate) mod fixtures;
mod health;
mod hedge;
mod landing;
mod majority;
mod number;
mod offer;
mod order;
mod outcome;
mod pace;
mod previous;
mod price;
mod price_list;
mod quote;
mod ranking;
mod rates;
mod record;
mod rejection;
mod request;
mod retry;
mod secret;
mod stock;
mod strategy;
mod study;
mod supplier;
mod trace;
mod warning;
mod words;

pub use breaker::{Admission, Breaker, Circuit, Lease, PastOutcome, Period, Signal};
pub use broker::{
    AmqpTarget, Auction, DEADLINE_HEADER, LeftTopic, ReplyMode, ReplyTopic, StrayReplies, TopicDeletion, TopicFate,
};
pub use chance::{draw, share};
pub use course::{PastPrice, change_percent, over_time};
pub use credentials::{ClientAuthentication, ClientCredentials};
pub use currency::{Currency, CurrencyProblem};
pub use curve::{PriceCurve, PricePoint};
pub use delivery::MAX_DAYS;
pub use evaluate::{Context, candidates, evaluate, study};
pub use event::Event;
pub use fallback::{Fallback, PastOffer, stand_in};
pub use health::{signal, signals};
pub use hedge::{Hedging, Usual, hedge_after};
pub use majority::{Group, largest_group};
pub use number::{MAX_PERCENT, NumberProblem, NumberText, parse_decimal, parse_integer, round_ratio, round_to};
pub use offer::{Offer, OfferIdentity, OfferReply, PriceBreak};
pub use order::{Candidate, Verdict};
pub use outcome::{
    Answer, Appraised, ErrorKind, Failure, Gathered, Outcome, Phase, Responder, SupplierReport, Termination,
    TransportKind,
};
pub use pace::{Pace, Rate};
pub use previous::PreviousPrice;
pub use price_list::{ListFormat, ListHead, ListLayout};
pub use quote::{Charges, Conversion, OrderReason, Quote, Source};
pub use ranking::compare_quotes;
pub use rates::{Rates, RatesDay, RatesProblem, Ratio};
pub use record::{Record, Sighting, percentile};
pub use rejection::{Cause, Fault, FaultProblem, Reason, Rejection};
pub use request::{MAX_QUANTITY, PriceRequest, Quantity};
pub use retry::{MOST_RETRIES, pause_before_retry};
pub use secret::Secret;
pub use stock::stated_count;
pub use strategy::{Criteria, Strategy};
pub use study::{ConsideredOrder, Study};
pub use supplier::{Method, Redirects, RequestFormat, SupplierName, Terms};
pub use trace::{Origin, ReplyPart, TracedField};
pub use warning::{Warning, WarningKind};
pub use words::{age_words, cause_words, nearest_word, plain_words, shortened, system_words};
