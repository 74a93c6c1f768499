//! Reading a reply with the filters of its supplier: it is parsed once, and all of them share one allowance.
//!
//! Owns what each kind of filter may yield. Refuses to know which filters a supplier has and in which order they are
//! asked: whoever reads says so, in a closure over a [`Reading`]. Main functions: [`at_once`] and [`in_full`].

use super::meter::Allowance;
use super::run::{self, Trouble};
use super::value::Value;
use super::{Filter, LITTLE, MUCH, document, json_text};
use crate::domain::{ErrorKind, Failure, OfferReply, SupplierName, shortened};
use crate::mapping::bindings::Bindings;
use crate::mapping::{json, wire};

/// The largest reply that is worked out on the caller's thread, bytes.
const SMALL_REPLY: usize = 64 << 10;
/// How many characters of a message are kept.
const MAX_MESSAGE: usize = 200;
/// The most characters of an id.
const MAX_ID: usize = 1_000;

/// Where the rest of a supplier's offers is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextPage {
    /// At a URL, as the filter yields it. It may be relative, and may hold a secret that the supplier repeats.
    Location(String),
    /// The same place, asked with this body.
    Body(String),
}

/// A reply that is being read.
pub(in crate::mapping) struct Reading<'a> {
    document: Value,
    bindings: &'a Bindings,
    /// The offers, if the reply is in the wire's own format; it was asked for them.
    wire: Option<Result<Vec<OfferReply>, Failure>>,
    allowance: Allowance,
}

/// Why a reply could not be read.
#[derive(Debug)]
pub(in crate::mapping) enum Halt {
    /// What the filter of this key did.
    Filter(Trouble, &'static str),
    /// What the reply says, or is.
    Failure(Failure),
}

impl Halt {
    fn failure(self) -> Failure {
        match self {
            // It is the filter that everybody has.
            Self::Filter(trouble, "quotes") => trouble.failure(),
            Self::Filter(trouble, key) => trouble.failure_in(key),
            Self::Failure(failure) => failure,
        }
    }

    fn wants_more(&self) -> bool {
        matches!(self, Self::Filter(trouble, _) if trouble.wants_more())
    }
}

/// Reads a reply, if that takes no more than about a millisecond; else `None`. `wire` is who offers, if the reply has
/// offers in the wire's own format.
pub(in crate::mapping) fn at_once<T>(
    reply: &[u8],
    bindings: &Bindings,
    wire: Option<&SupplierName>,
    work: impl FnOnce(&mut Reading<'_>) -> Result<T, Halt>,
) -> Option<Result<T, Failure>> {
    if reply.len() > SMALL_REPLY {
        return None;
    }
    match Reading::open(reply, bindings, wire, LITTLE).and_then(|mut reading| work(&mut reading)) {
        Ok(read) => Some(Ok(read)),
        Err(halt) if halt.wants_more() => None,
        Err(halt) => Some(Err(halt.failure())),
    }
}

/// Reads a reply on a thread with a stack for it, and waits. It may take a second or more, and does not give up before.
///
/// # Errors
/// Those of the work; `malformed_json` when the reply is not one strict JSON document; `local_resource` without
/// memory for the thread.
pub(in crate::mapping) fn in_full<T: Send>(
    reply: &[u8],
    bindings: &Bindings,
    wire: Option<&SupplierName>,
    work: impl FnOnce(&mut Reading<'_>) -> Result<T, Halt> + Send,
) -> Result<T, Failure> {
    let allowance = much_for(reply.len());
    run::on_own_thread(|| {
        let read = Reading::open(reply, bindings, wire, allowance).and_then(|mut reading| work(&mut reading));
        read.map_err(Halt::failure)
    })?
}

/// What filters may use for a document of so many bytes.
pub(super) fn much_for(bytes: usize) -> Allowance {
    Allowance { steps: MUCH.steps.saturating_add(u64::try_from(2 * bytes).unwrap_or(u64::MAX)), ..MUCH }
}

impl<'a> Reading<'a> {
    fn open(
        reply: &[u8],
        bindings: &'a Bindings,
        wire: Option<&SupplierName>,
        allowance: Allowance,
    ) -> Result<Self, Halt> {
        let document = json::parse(reply)
            .map_err(|error| Halt::Failure(Failure::new(ErrorKind::MalformedJson).with_detail(error.to_string())))?;
        let wire = wire.map(|supplier| wire::decode_document(&document, supplier));
        Ok(Self { document: document::read(document), bindings, wire, allowance })
    }

    fn run<T>(
        &mut self,
        filter: &Filter,
        key: &'static str,
        finish: impl FnOnce(&[Value]) -> Result<T, Failure>,
    ) -> Result<T, Halt> {
        let variables = filter.variables(self.bindings);
        run::run(&filter.program, &self.document, variables, &mut self.allowance, finish)
            .map_err(|trouble| Halt::Filter(trouble, key))?
            .map_err(Halt::Failure)
    }

    /// Makes sure that the reply is no error: the filter yields nothing, `null`, `false`, an empty text, array or
    /// object. Anything else is what the supplier says is wrong.
    pub(in crate::mapping) fn check(&mut self, filter: &Filter) -> Result<(), Halt> {
        self.run(filter, "error", |outputs| match said(outputs) {
            None => Ok(()),
            Some(message) => {
                let detail = Some(message).filter(|message| !message.is_empty());
                Err(Failure { detail, ..Failure::new(ErrorKind::SupplierError) })
            }
        })
    }

    /// What the supplier says is wrong, if it says so in words.
    pub(in crate::mapping) fn message(&mut self, filter: &Filter) -> Result<Option<String>, Halt> {
        self.run(filter, "error", |outputs| Ok(said(outputs).filter(|message| !message.is_empty())))
    }

    /// The offers, in the order in which the filter yields them.
    pub(in crate::mapping) fn offers(
        &mut self,
        filter: &Filter,
        supplier: &SupplierName,
    ) -> Result<Vec<OfferReply>, Halt> {
        self.run(filter, "quotes", |outputs| {
            let outputs: Vec<json::Value<'_>> = outputs.iter().map(document::write).collect();
            wire::decode_outputs(&outputs, supplier)
        })
    }

    /// The offers of a reply in the wire's own format; none, if they were not asked for, or are taken already.
    pub(in crate::mapping) fn wire_offers(&mut self) -> Result<Vec<OfferReply>, Halt> {
        self.wire.take().unwrap_or_else(|| Ok(Vec::new())).map_err(Halt::Failure)
    }

    /// Where the next page is; `None` after the last one.
    pub(in crate::mapping) fn next(&mut self, filter: &Filter) -> Result<Option<NextPage>, Halt> {
        self.run(filter, "next", |outputs| match outputs {
            [] | [Value::Null(_) | Value::Bool(false, _)] => Ok(None),
            [Value::Text(location)] if location.trim().is_empty() => Ok(None),
            [Value::Text(location)] => Ok(Some(NextPage::Location(location.trim().to_owned()))),
            [body @ Value::Object(_)] => Ok(Some(NextPage::Body(json_text::write(body)))),
            [other] => Err(mapping(format!("`next` yields {}, not a text or an object", kind(other)))),
            outputs => Err(mapping(format!("`next` yields {} values, not one", outputs.len()))),
        })
    }

    /// The ids in their order, each once.
    pub(in crate::mapping) fn ids(&mut self, filter: &Filter) -> Result<Vec<String>, Halt> {
        self.run(filter, "ids", |outputs| {
            let mut ids = Vec::new();
            let mut known = std::collections::HashSet::new();
            for value in outputs.iter().flat_map(elements) {
                if let Some(id) = id(value)?.filter(|id| known.insert(id.clone())) {
                    ids.push(id);
                }
            }
            Ok(ids)
        })
    }
}

/// The value, or what is in it if it is an array.
fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(array) => array.items(),
        other => std::slice::from_ref(other),
    }
}

/// What is an id; null is none. Whatever leads elsewhere in a URL's path is not.
fn id(value: &Value) -> Result<Option<String>, Failure> {
    let id = match value {
        Value::Null(_) => return Ok(None),
        Value::Text(text) => text.trim().to_owned(),
        Value::Number(..) | Value::Long(_) => json_text::write(value),
        other => return Err(mapping(format!("`ids` yields {}, not a text or a number", kind(other)))),
    };
    if id.is_empty() {
        return Err(mapping("`ids` yields an empty text".to_owned()));
    }
    if id.chars().count() > MAX_ID {
        return Err(mapping(format!("`ids` yields a text of more than {MAX_ID} characters")));
    }
    let decoded = percent_encoding::percent_decode_str(&id).decode_utf8_lossy();
    if decoded.split(['/', '\\']).any(|segment| matches!(segment.trim(), "." | "..")) {
        return Err(mapping(format!("`ids` yields `{}`, which would lead elsewhere", shortened(&id, 60))));
    }
    Ok(Some(id))
}

/// What the outputs of an `error` filter say: nothing, or a message, which is empty if there are no words in it.
fn said(outputs: &[Value]) -> Option<String> {
    let said: Vec<String> = outputs.iter().flat_map(elements).filter_map(message).collect();
    let words: Vec<&str> = said.iter().map(String::as_str).filter(|words| !words.is_empty()).collect();
    (!said.is_empty()).then(|| shortened(&words.join("; "), MAX_MESSAGE))
}

fn message(value: &Value) -> Option<String> {
    match value {
        Value::Null(_) | Value::Bool(false, _) | Value::Repeated => None,
        Value::Bool(true, _) => Some(String::new()),
        Value::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Object(map) if map.len() == 0 => None,
        Value::Array(array) if array.items().is_empty() => None,
        Value::Object(_) => {
            let written = document::write(value);
            let own = wire::explanation_of(&written);
            Some(own.unwrap_or_else(|| json_text::preview(value, MAX_MESSAGE)))
        }
        other => Some(json_text::preview(other, MAX_MESSAGE)),
    }
}

/// What a value is, as an error says it.
fn kind(value: &Value) -> &'static str {
    document::write(value).kind()
}

fn mapping(detail: String) -> Failure {
    Failure::new(ErrorKind::Mapping).with_detail(detail)
}
