//! The JSON Schema of `suppliers.toml`, for editors.
//!
//! Owns how values are described; which keys there are comes from the types of `file`. The values' full rules are
//! the reader's: a schema that accepts a file does not promise that the file is right.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Value, json};

use super::file::File;
use super::mock_file::{ERROR_WORDS, FieldKind, offer_schema};
use crate::domain::{ListFormat, MAX_DAYS, MAX_PERCENT, MOST_RETRIES, Method, ReplyMode, TopicDeletion};

/// The JSON Schema of `suppliers.toml`, draft 2020-12.
#[must_use]
pub fn suppliers_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<File>().to_value();
    without_null(&mut schema);
    schema
}

/// An absent key is `null` to schemars, and TOML has no `null`. Line breaks of our sources go too.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Array(elements) => elements.iter_mut().for_each(without_null),
        Value::Object(object) => {
            if let Some(Value::Array(words)) = object.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = &types[..] {
                    let only = only.clone();
                    object.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(forms)) = object.get_mut("anyOf") {
                forms.retain(|form| form["type"] != "null");
                if let [Value::Object(only)] = &mut forms[..] {
                    let only = std::mem::take(only);
                    object.remove("anyOf");
                    object.extend(only);
                }
            }
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            object.values_mut().for_each(without_null);
        }
        _ => {}
    }
}

/// Says how a value is described, for types that exist for their description only.
macro_rules! described {
    ($($(#[$doc:meta])* $name:ident => $schema:tt;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

described! {
    /// A currency's code.
    Currency => { "type": "string", "pattern": "^[A-Za-z]{3}$", "examples": ["EUR", "USD"] };
    /// A time with its unit.
    Duration => { "type": "string", "pattern": "[A-Za-zµ]", "examples": ["500ms", "5s", "1m 30s"] };
    /// A day.
    Date => { "type": "string", "format": "date", "examples": ["2026-11-20"] };
    /// Money, exact as a number and as text.
    Amount => {
        "oneOf": [{ "type": "number", "minimum": 0 }, { "type": "string", "pattern": NUMBER }],
        "examples": ["4.90"]
    };
    /// A percentage.
    Percent => {
        "oneOf": [{ "type": "number", "minimum": 0, "maximum": MAX_PERCENT }, { "type": "string", "pattern": PERCENT }]
    };
    /// A share of one.
    Share => {
        "oneOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "type": "string", "pattern": NUMBER }]
    };
    /// A count of days.
    Days => { "type": "integer", "minimum": 0, "maximum": MAX_DAYS };
    /// How often a supplier is asked again.
    Retries => { "type": "integer", "minimum": 0, "maximum": MOST_RETRIES };
    /// A count of requests.
    InFlight => { "type": "integer", "minimum": 1, "maximum": 1000 };
    /// So many requests in a time.
    RateWord => { "type": "string", "pattern": "^[0-9]+ */ *(s|min|h)$" };
    /// A count of lines.
    Batch => { "type": "integer", "minimum": 1, "maximum": 1000 };
    /// A count of pages.
    Pages => { "type": "integer", "minimum": 1, "maximum": 1000 };
    /// A status of HTTP.
    Status => { "type": "integer", "minimum": 200, "maximum": 599 };
    /// The methods.
    MethodWord => { "type": "string", "enum": Method::ALL.map(Method::as_str) };
    /// Which redirects are followed.
    RedirectsWord => { "enum": ["none", "same-host"] };
    /// Text or a number.
    TextOrNumber => { "oneOf": [{ "type": "string" }, { "type": "number" }] };
    /// The forms of a secret.
    SecretForms => { "oneOf": secret_forms() };
    /// Text, a secret or a number.
    VarForms => { "oneOf": var_forms() };
    /// How a client shows who it is.
    ClientAuthenticationWord => { "enum": ["basic", "body"] };
    /// What stands in for a silent supplier.
    FallbackWord => { "type": "string", "pattern": "^(none|history(=.+)?)$", "examples": ["history", "history=36h"] };
    /// How replies come back over RabbitMQ.
    ReplyModeWord => { "enum": ReplyMode::ALL.map(ReplyMode::as_str) };
    /// When a reply topic is deleted.
    TopicDeletionWord => { "enum": TopicDeletion::ALL.map(TopicDeletion::as_str) };
    /// A count of responders.
    Responders => { "type": "integer", "minimum": 1 };
    /// A setting of Kafka's client library.
    KafkaSetting => { "oneOf": [{ "type": "string" }, { "type": "number" }, { "type": "boolean" }] };
    /// How a body is written.
    RequestFormatWord => { "enum": ["json", "form"] };
    /// The formats of price lists.
    ListFormatWord => { "type": "string", "enum": ListFormat::ALL.map(ListFormat::as_str) };
    /// What stands between cells.
    Delimiter => { "type": "string", "minLength": 1, "maxLength": 1, "examples": [";", "\t"] };
    /// The place of a header.
    HeaderRow => { "type": "integer", "minimum": 0 };
    /// An age with its unit.
    Age => { "type": "string", "pattern": "[A-Za-z]", "examples": ["36h", "7d"] };
    /// The forms of a latency.
    LatencyForms => {
        "oneOf": [
            { "type": "string", "examples": ["120ms"] },
            {
                "type": "object", "additionalProperties": false, "required": ["min", "max"],
                "properties": { "min": { "type": "string" }, "max": { "type": "string" } }
            },
            {
                "type": "object", "additionalProperties": false, "required": ["median", "p99"],
                "properties": { "median": { "type": "string" }, "p99": { "type": "string" } }
            }
        ]
    };
    /// The ways in which a mock fails.
    MockErrorForms => {
        "oneOf": [
            { "type": "integer", "minimum": 400, "maximum": 599 },
            { "enum": ERROR_WORDS.map(|(word, _)| word) }
        ]
    };
    /// An offer of a mock.
    Offer => { "type": "object", "additionalProperties": false, "properties": offer_schema(offer_field) };
}

const NUMBER: &str = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$";
const PERCENT: &str = r"^[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)? *%?$";

fn offer_field(kind: FieldKind) -> Schema {
    let value = match kind {
        FieldKind::Text | FieldKind::Own => json!({ "type": "string" }),
        FieldKind::Amount => json!({ "oneOf": [{ "type": "number" }, { "type": "string", "pattern": NUMBER }] }),
        FieldKind::Count => json!({ "oneOf": [{ "type": "integer" }, { "type": "string", "pattern": NUMBER }] }),
        FieldKind::Truth => json!({ "type": "boolean" }),
        FieldKind::PriceBreaks => json!({
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["quantity", "unit-price"],
                "properties": {
                    "quantity": offer_field(FieldKind::Count).to_value(),
                    "unit-price": offer_field(FieldKind::Amount).to_value(),
                },
            },
        }),
    };
    Schema::try_from(value).unwrap_or_default()
}

fn var_forms() -> Vec<Value> {
    secret_forms().into_iter().chain([json!({ "type": "number" })]).collect()
}

fn secret_forms() -> Vec<Value> {
    let only = |key: &str, value: Value| {
        json!({
            "type": "object", "additionalProperties": false, "required": [key], "properties": { key: value }
        })
    };
    vec![
        json!({ "type": "string" }),
        only("file", json!({ "type": "string", "minLength": 1 })),
        only("command", json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 })),
    ]
}

/// What a name of a supplier's own value looks like.
pub(super) fn vars(schema: &mut Schema) {
    schema.insert("propertyNames".into(), json!({ "pattern": "^[a-z][a-z0-9_]*$" }));
}

/// Every key of the rates beside `base` and `date` is a currency.
pub(super) fn rates(schema: &mut Schema) {
    schema.insert(
        "patternProperties".into(),
        json!({ "^[A-Za-z]{3}$": { "oneOf": [
        { "type": "number", "exclusiveMinimum": 0 },
        { "type": "string", "pattern": NUMBER },
    ] } }),
    );
    schema.insert("additionalProperties".into(), Value::Bool(false));
}
