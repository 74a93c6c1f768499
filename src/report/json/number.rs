//! Numbers that are written with their exact digits.
//!
//! A decimal or a time goes into the document as raw JSON text, so that no float ever touches it.

use std::borrow::Cow;
use std::time::Duration;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::Currency;
use crate::report::amount;

/// A JSON number, held as its text.
pub(super) struct Number(String);

impl Number {
    /// An amount in `currency`: its minor unit's digits, more only where the amount has more.
    pub(super) fn amount(value: Decimal, currency: Currency) -> Self {
        Self(amount::amount(value, currency.minor_digits()))
    }

    /// A number without trailing zeros.
    pub(super) fn plain(value: Decimal) -> Self {
        Self(amount::plain(value))
    }

    /// A time in milliseconds, with up to three decimals.
    pub(super) fn milliseconds(time: Duration) -> Self {
        Self(amount::milliseconds(time))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}

/// Whole milliseconds; what a document could not hold is the greatest number.
pub(super) fn whole_milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
