//! The European Central Bank's daily list: XML.
//!
//! Anything but the one shape that is known is refused, so that a list of another kind (of many days, with another
//! base, for a hundred units) is never taken for it. Main function: [`read`].

use jiff::civil::Date;
use roxmltree::{Document, Error, Node, ParsingOptions};

use super::List;
use crate::domain::Rates;

/// The namespace of the envelope.
const ENVELOPE: &str = "http://www.gesmes.org/xml/2002-08-01";
/// The namespace of the list.
const LIST: &str = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref";
/// What the rates are given for.
const BASE: &str = "EUR";
/// The most nodes of a document; a real one has about 80.
const NODES: u32 = 1_000;

/// Reads a list.
///
/// # Errors
/// When it is not the bank's XML, or its rates are none.
pub(super) fn read(list: &[u8], today: Date) -> Result<Rates, String> {
    let text = std::str::from_utf8(list).map_err(|_| "the text is not UTF-8".to_owned())?;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) {
        return Err("it is JSON, of which only a `rates-filter` makes rates".to_owned());
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES, entity_resolver: None };
    let document = Document::parse_with_options(text, options).map_err(|error| malformed(&error))?;
    let envelope = document.root_element();
    if !envelope.has_tag_name((ENVELOPE, "Envelope")) {
        return Err("it is not the European Central Bank's XML".to_owned());
    }
    let lists = only(cubes(envelope), "list")?;
    let day = only(cubes(lists), "day")?;
    let date = day.attribute("time").ok_or("a day has no `time`")?;
    let elements = day.children().filter(Node::is_element);
    let rates = elements.map(rate).collect::<Result<_, _>>()?;
    List { base: BASE, date, rates }.rates(today)
}

fn cubes<'a, 'i>(parent: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    parent.children().filter(|child| child.has_tag_name((LIST, "Cube")))
}

/// The only one of the nodes.
fn only<'a, 'i>(mut nodes: impl Iterator<Item = Node<'a, 'i>>, what: &str) -> Result<Node<'a, 'i>, String> {
    match (nodes.next(), nodes.next()) {
        (Some(node), None) => Ok(node),
        (None, _) => Err(format!("there is no {what} in it")),
        (Some(_), Some(_)) => Err(format!("there is more than one {what} in it")),
    }
}

/// Code and number of a rate, which has nothing else: what else there were could change its meaning.
fn rate<'a>(node: Node<'a, '_>) -> Result<(&'a str, &'a str), String> {
    let is_plain = node.has_tag_name((LIST, "Cube")) && node.attributes().len() == 2 && !node.has_children();
    match (node.attribute("currency"), node.attribute("rate")) {
        (Some(currency), Some(rate)) if is_plain => Ok((currency, rate)),
        _ => Err("an entry is not made of `currency` and `rate` alone".to_owned()),
    }
}

fn malformed(error: &Error) -> String {
    match error {
        Error::DtdDetected => "XML with a document type, as in HTML, is refused".to_owned(),
        Error::NodesLimitReached => format!("more than {NODES} parts for the rates of a day"),
        other => format!("not well-formed XML: {}", other.to_string().replace('\'', "`")),
    }
}
