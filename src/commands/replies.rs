//! `--save-replies`: what suppliers replied, as files.
//!
//! Owns the names of the files and the index beside them, `replies.toml`: what each file is, for people and for who
//! reads them again. A file holds a reply's body and nothing else, so it serves as `body-file` of a mock.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::Presentation;
use crate::mapping::is_json;
use crate::transport::{Exchange, Recorder};

use super::output::{self, WriteError};

/// The index, beside the replies.
const INDEX: &str = "replies.toml";
/// What the index begins with.
const ABOUT: &str = "\
# What suppliers replied, saved by pricecmp. Each file serves as `body-file` of a mock, and for
# `pricecmp check --reply FILE`. Secrets that a supplier repeated are masked.
";

/// All entries of an index.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Index {
    #[serde(default)]
    reply: Vec<Entry>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    /// Its name.
    file: String,
    /// Who replied.
    pub(super) supplier: String,
    /// What was asked for.
    pub(super) product: String,
    /// How many pieces.
    pub(super) quantity: u64,
    /// The first line of the request, secrets masked.
    request: String,
    /// The status, where the protocol has one.
    status: Option<u16>,
    /// What the supplier calls its reply.
    content_type: Option<String>,
}

/// A recorder that keeps what is to be saved, if anything is.
pub(super) fn recorder(presentation: &Presentation) -> Recorder {
    if presentation.save_replies.is_some() { Recorder::keeping() } else { Recorder::default() }
}

/// Saves the replies that have a body, if that was asked for, and says so. Files of the same names are replaced.
///
/// # Errors
/// When the folder cannot be made, or a file cannot be written.
pub(super) fn save(exchanges: &[Exchange], presentation: &Presentation) -> Result<(), WriteError> {
    let Some(folder) = &presentation.save_replies else { return Ok(()) };
    fs::create_dir_all(folder).map_err(|source| WriteError::File { path: folder.clone(), source })?;
    let entries = entries(exchanges);
    for (entry, exchange) in &entries {
        output::to_file(&folder.join(&entry.file), &exchange.body)?;
    }
    let saved = entries.len();
    let index = Index { reply: entries.into_iter().map(|(entry, _)| entry).collect() };
    // It is made of texts and numbers.
    let text = toml::to_string(&index).unwrap_or_default();
    output::to_file(&folder.join(INDEX), format!("{ABOUT}\n{text}").as_bytes())?;
    if !presentation.quiet {
        let replies = if saved == 1 { "1 reply".to_owned() } else { format!("{saved} replies") };
        output::to_stderr(&format!("saved {replies} in `{}`\n", folder.display()));
    }
    Ok(())
}

/// The replies that are saved, each with its entry.
fn entries(exchanges: &[Exchange]) -> Vec<(Entry, &Exchange)> {
    let names: HashSet<&str> = exchanges.iter().map(|exchange| exchange.supplier.as_str()).collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut entries = Vec::new();
    let mut kept: Vec<&Exchange> = exchanges.iter().filter(|exchange| !exchange.body.is_empty()).collect();
    kept.sort_by_key(|exchange| exchange.supplier.as_str());
    for exchange in kept {
        let name = exchange.supplier.as_str();
        let mut stem = name.to_owned();
        let mut number = 1;
        // `acme-2` is the second reply of `acme`, unless that is a supplier of its own.
        while taken.contains(&stem) || (number > 1 && names.contains(stem.as_str())) {
            number += 1;
            stem = format!("{name}-{number}");
        }
        let entry = Entry {
            file: format!("{stem}.{}", extension(&exchange.body)),
            supplier: name.to_owned(),
            product: exchange.question.product.clone(),
            quantity: exchange.question.quantity.get(),
            request: exchange.request.head.clone(),
            status: exchange.status,
            content_type: exchange.content_type.clone(),
        };
        taken.insert(stem);
        entries.push((entry, exchange));
    }
    entries
}

/// What a file with this content is usually called.
fn extension(body: &[u8]) -> &'static str {
    let start = String::from_utf8_lossy(&body[..body.len().min(1024)]).trim_start().to_ascii_lowercase();
    match std::str::from_utf8(body) {
        _ if is_json(body) => "json",
        Err(_) => "bin",
        Ok(_) if start.starts_with("<!doctype html") || start.starts_with("<html") => "html",
        Ok(_) if start.starts_with('<') => "xml",
        Ok(_) => "txt",
    }
}

/// What the index beside a saved reply says of it, if there is one.
pub(super) fn entry_of(file: &Path) -> Option<Entry> {
    let name = file.file_name()?.to_str()?;
    let index = fs::read_to_string(file.parent()?.join(INDEX)).ok()?;
    let index: Index = toml::from_str(&index).ok()?;
    index.reply.into_iter().find(|entry| entry.file == name)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Currency, PriceRequest, Quantity, SupplierName};
    use crate::transport::Preview;

    fn exchange(supplier: &str, body: &[u8]) -> Exchange {
        let currency = Currency::parse("EUR").unwrap();
        Exchange {
            supplier: SupplierName::new(supplier),
            question: Arc::new(PriceRequest { product: "widget".into(), quantity: Quantity::ONE, currency }),
            request: Preview { head: "GET http://a/".into(), headers: Vec::new(), body: None },
            status: Some(200),
            content_type: None,
            body: body.to_owned(),
        }
    }

    #[test]
    fn every_reply_has_a_name_of_its_own() {
        let exchanges = [
            exchange("acme", b"[]"),
            exchange("acme", b" <!DOCTYPE html><p>"),
            exchange("acme", b""),
            exchange("acme-2", b"<a/>"),
            exchange("acme", b"oops"),
            exchange("globex", b"\xff"),
        ];
        let files: Vec<String> = entries(&exchanges).into_iter().map(|(entry, _)| entry.file).collect();
        assert_eq!(files, ["acme.json", "acme-3.html", "acme-4.txt", "acme-2.xml", "globex.bin"]);
    }
}
