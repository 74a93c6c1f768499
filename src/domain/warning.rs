//! What a user should know although the run goes on.

use super::{Currency, Failure, RatesDay, StrayReplies, SupplierName};

/// Something that deserves attention but is no failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// The supplier it concerns, if it concerns one.
    pub supplier: Option<SupplierName>,
}

/// The kinds of warnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WarningKind {
    /// An amount was converted by rates that are older than a week.
    RatesOld {
        /// The base of the rates.
        base: Currency,
        /// Their date.
        date: jiff::civil::Date,
        /// How old they are.
        days: i32,
    },
    /// Rates could not be fetched, and others are used in their place.
    RatesFallback {
        /// Why they could not be fetched.
        failure: Failure,
        /// Which ones are used.
        used: RatesDay,
        /// Whether these are the declared ones, and not the last that were fetched.
        declared: bool,
    },
    /// Rates could not be fetched, and none are known.
    RatesMissing {
        /// Why; `None` = `--mock` fetches none.
        failure: Option<Failure>,
    },
    /// The supplier did not respond, and what it offered in an earlier run stands in.
    HistoryUsed {
        /// When that was.
        quoted_at: jiff::Timestamp,
    },
    /// `--max-increase` has nothing to compare the supplier's price with.
    NoEarlierPrice,
    /// `--mock` left the supplier out, since it has no mock.
    NoMock,
    /// The state between runs could not be used.
    StateUnusable {
        /// The file.
        path: String,
        /// Why, in words that follow "it".
        reason: String,
    },
    /// The state between runs was damaged, and a new one begun.
    StateDamaged {
        /// The file.
        path: String,
        /// Where the damaged one is now; `None` = another process has moved it.
        kept: Option<String>,
    },
    /// The supplier's certificates are not verified.
    TlsUnverified,
    /// The supplier has more pages of offers than were read.
    PagesLeft {
        /// How many were read.
        read: usize,
    },
    /// The supplier has more ids for the product than were asked for.
    IdsLeft {
        /// How many it has.
        found: usize,
        /// How many were asked for.
        asked: usize,
    },
    /// Replies came over a broker that belong to no request.
    RepliesIgnored {
        /// How many, and why they were ignored.
        strays: StrayReplies,
    },
    /// The reply did not say which request it is for, and there was no other.
    ReplyWithoutId,
    /// The configuration holds a secret and others can read it.
    ReadableByOthers {
        /// The file.
        path: String,
    },
}

impl WarningKind {
    /// The `snake_case` word of the output.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::RatesOld { .. } => "rates_old",
            Self::RatesFallback { .. } => "rates_fallback",
            Self::RatesMissing { .. } => "rates_missing",
            Self::HistoryUsed { .. } => "history_used",
            Self::NoEarlierPrice => "no_earlier_price",
            Self::NoMock => "no_mock",
            Self::TlsUnverified => "tls_unverified",
            Self::StateUnusable { .. } => "state_unusable",
            Self::StateDamaged { .. } => "state_damaged",
            Self::PagesLeft { .. } => "pages_left",
            Self::IdsLeft { .. } => "ids_left",
            Self::RepliesIgnored { .. } => "replies_ignored",
            Self::ReplyWithoutId => "reply_without_id",
            Self::ReadableByOthers { .. } => "readable_by_others",
        }
    }
}
