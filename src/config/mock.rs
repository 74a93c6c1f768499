//! Mock suppliers as resolved: what `respond` serves.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::domain::{ListLayout, Quantity};

/// A supplier that answers from its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mock {
    /// How long it takes to answer.
    pub latency: Latency,
    /// The share of requests that fail, 0 to 1.
    pub error_rate: Decimal,
    /// How they fail.
    pub error: MockError,
    /// Sent with 429 and 503.
    pub retry_after: Option<Duration>,
    /// So many first requests of the process fail, whatever `error_rate`.
    pub fail_first: u64,
    /// Where the draws start from; `None` = made from the supplier's name.
    pub seed: Option<u64>,
    /// The recorded reply with ids, for a supplier that is asked for them first.
    pub lookup: Option<Vec<u8>>,
    /// How the recorded reply is read, for a supplier that is a price list; without one, it gives out offers.
    pub list: Option<ListLayout>,
    /// What it answers when it does not fail.
    pub answer: MockAnswer,
}

/// A distribution of latencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    /// Always the same.
    Fixed(Duration),
    /// Evenly between two.
    Uniform {
        /// The least.
        min: Duration,
        /// The most.
        max: Duration,
    },
    /// Log-normal: half of them below the median, one in a hundred above `p99`.
    LogNormal {
        /// The median.
        median: Duration,
        /// The 99th percentile, at least the median.
        p99: Duration,
    },
}

/// How a mock fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MockError {
    /// Answers with this status, 400 to 599.
    Status(u16),
    /// Accepts the request and never answers.
    Timeout,
    /// Resets the connection.
    Reset,
    /// Closes the connection without an answer.
    Close,
    /// Answers 200 with text that is no JSON.
    Malformed,
    /// Answers 200 with an error object.
    SupplierError,
    /// Answers for another product.
    WrongProduct,
}

/// What a mock answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MockAnswer {
    /// Offers in the wire's format.
    Offers(Vec<MockOffer>),
    /// A recorded reply, byte for byte.
    Body {
        /// The body.
        body: Vec<u8>,
        /// The status, 200 unless configured.
        status: u16,
    },
    /// What was saved of an earlier run, one reply after the other, and from the first again.
    Saved(SavedAnswers),
}

/// The replies of one supplier to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedAnswers {
    /// The product that they are about.
    pub product: String,
    /// The quantity that they are about.
    pub quantity: Quantity,
    /// The replies in their order; none = it gives no answer.
    pub replies: Vec<SavedAnswer>,
}

/// A reply, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedAnswer {
    /// The status.
    pub status: u16,
    /// What the supplier called it.
    pub content_type: Option<String>,
    /// When it wanted to be asked again, seconds.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

/// One offer of a mock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MockOffer {
    /// The product it is for; `None` = any that no other offer names.
    pub product: Option<String>,
    /// The wire's fields in their order: camelCase name and JSON text, numbers with the digits of the file.
    /// `inStock` or `stockQuantity` is always among them; `validUntil` never is.
    pub fields: Vec<(String, String)>,
    /// Until when it holds.
    pub validity: Option<Validity>,
}

/// Until when a mock's offer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validity {
    /// From the moment of the answer on.
    For(Duration),
    /// `validUntil` as written in the file.
    Until(String),
}
