//! Between a supplier's bytes and the domain: what a reply says, how a request is written, where it is sent.
//!
//! Owns the strict JSON scan, the wire's own offer format, jq filters, rows of price lists, lists of exchange rates and
//! URL templates. Refuses to know protocols, deadlines and what an offer is worth: it reads what is there and says what
//! cannot be read. Everything is a pure function of its arguments, so a transport may call it on any thread. The main
//! type is [`Mapping`].

mod bindings;
mod filter;
mod headers;
pub(crate) mod json;
mod rates;
mod reply;
mod rows;
mod template;
mod token;
mod wire;

pub use bindings::{Binding, Bindings, LINES, Names};
pub(crate) use filter::read_price;
pub use filter::reading::NextPage;
pub use filter::{Filter, FilterProblem, json_as_form, outline, price_readings};
pub use headers::is_reserved_header;
pub use json::{JsonError, JsonProblem, is_json, pretty};
pub use rates::RatesFormat;
pub use reply::{Lookup, Mapping, Page};
pub use rows::{Cell, KeptRow, KeptRows, Look, ROW_STACK, RowMapping, RowPlace, Rows};
pub use template::{TemplateProblem, UrlTemplate};
pub use token::{TokenReply, decode_token, token_error};
pub use wire::{MAX_OFFERS, RequestProblem, decode_offer, decode_request, encode_offer, encode_request, error_message};
