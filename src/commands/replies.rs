//! `--save-replies`: what suppliers replied, as files.
//!
//! Owns the names of the files, and what of a run is written into the index beside them. A file holds a reply's body and
//! nothing else, so it serves as `body-file` of a mock; of a price list, the rows about the product. Who reads them again
//! is [`super::replay`].

mod index;

use std::fs;
use std::path::Path;

use crate::compare::{Comparison, SupplierStats};
use crate::config::Presentation;
use crate::domain::{Rates, SupplierName, Warning};
use crate::mapping::is_json;
use crate::transport::{Exchange, Recorder};

use super::file_names::FileNames;
use super::output::{self, WriteError};
use index::{Text, nanoseconds};

pub(super) use index::{Entry, INDEX, Index, Run, SavedFailure, SavedPrice, SavedRates, SavedRows, SavedSupplier};

/// What the index begins with.
const ABOUT: &str = "\
# What suppliers replied, saved by pricecmp. `pricecmp PRODUCT --replay FOLDER` compares it once more, `pricecmp mock
# --from FOLDER` serves it. Each file serves as `body-file` of a mock, and for `pricecmp check --reply FILE`. Secrets that
# a supplier repeated are masked.
";

/// A run of which the replies are saved.
#[derive(Clone, Copy)]
pub(super) struct Saved<'a> {
    /// What was said.
    pub(super) exchanges: &'a [Exchange],
    /// What came of it.
    pub(super) comparison: &'a Comparison,
    /// The suppliers that were done before it ended, in the order in which they were.
    pub(super) done: &'a [usize],
    /// Whether the prices are made up.
    pub(super) rehearsal: bool,
    /// The rates that were used, and what deserves attention about them.
    pub(super) rates: (Option<&'a Rates>, Option<&'a Warning>),
}

/// A recorder that keeps what is to be saved, if anything is.
pub(super) fn recorder(presentation: &Presentation) -> Recorder {
    if presentation.save_replies.is_some() { Recorder::keeping() } else { Recorder::default() }
}

/// Saves the replies, if that was asked for, and says so. Files of the same names are replaced.
///
/// # Errors
/// When the folder cannot be made, or a file cannot be written.
pub(super) fn save(saved: Saved<'_>, presentation: &Presentation) -> Result<(), WriteError> {
    let Some(folder) = &presentation.save_replies else { return Ok(()) };
    fs::create_dir_all(folder).map_err(|source| WriteError::File { path: folder.clone(), source })?;
    let mut names = FileNames::of(saved.exchanges.iter().map(|exchange| exchange.supplier.as_str()));
    let entries = entries(saved.exchanges, &mut names);
    for (entry, exchange) in &entries {
        if let Some(file) = &entry.file {
            output::to_file(&folder.join(file), &exchange.body)?;
        }
    }
    let count = entries.iter().filter(|(entry, _)| entry.file.is_some()).count();
    let index = Index {
        run: Some(run(saved.comparison, saved.rehearsal)),
        rates: SavedRates::of(saved.rates.0, saved.rates.1),
        supplier: suppliers(saved),
        reply: entries.into_iter().map(|(entry, _)| entry).collect(),
    };
    // It is made of texts and numbers.
    let text = toml::to_string(&index).unwrap_or_default();
    output::to_file(&folder.join(INDEX), format!("{ABOUT}\n{text}").as_bytes())?;
    if !presentation.quiet {
        let replies = if count == 1 { "1 reply".to_owned() } else { format!("{count} replies") };
        output::to_stderr(&format!("saved {replies} in `{}`\n", folder.display()));
    }
    Ok(())
}

fn run(comparison: &Comparison, rehearsal: bool) -> Run {
    Run {
        correlation_id: comparison.correlation_id.clone(),
        started_at: Text(comparison.started_at),
        elapsed_ns: nanoseconds(comparison.elapsed),
        rehearsal,
        termination: comparison.termination.as_str().to_owned(),
        product: comparison.request.product.clone(),
        quantity: comparison.request.quantity.get(),
    }
}

fn suppliers(saved: Saved<'_>) -> Vec<SavedSupplier> {
    let supplier = |(position, stats): (usize, &SupplierStats)| SavedSupplier {
        name: stats.supplier.as_str().to_owned(),
        done: saved.done.iter().position(|done| *done == position).map(|place| place + 1),
        attempts: stats.attempts,
        latency_ns: stats.latency.map(nanoseconds),
        transport: Some(stats.transport.as_str().to_owned()),
        list_changed_at: stats.file_modified_at.map(Text),
        failure: stats.failure.as_ref().map(SavedFailure::of),
        previous: previous(saved.comparison, &stats.supplier),
    };
    saved.comparison.asked.iter().enumerate().map(supplier).collect()
}

fn previous(comparison: &Comparison, supplier: &SupplierName) -> Option<SavedPrice> {
    let mut its = comparison.quotes.iter().filter(|offered| offered.supplier == *supplier);
    its.find_map(|offered| Some(SavedPrice::of(offered.previous?, comparison.request.currency)))
}

/// The replies, each with its entry.
fn entries<'a>(exchanges: &'a [Exchange], names: &mut FileNames) -> Vec<(Entry, &'a Exchange)> {
    let mut kept: Vec<&Exchange> = exchanges.iter().collect();
    kept.sort_by_key(|exchange| exchange.supplier.as_str());
    let entry = |exchange: &'a Exchange| {
        let supplier = exchange.supplier.as_str();
        let extension = || if exchange.list.is_some() { "ndjson" } else { extension(&exchange.body) };
        let file = (!exchange.body.is_empty()).then(|| names.next(supplier, extension()));
        let entry = Entry {
            file,
            supplier: supplier.to_owned(),
            product: exchange.question.product.clone(),
            quantity: exchange.question.quantity.get(),
            request: exchange.request.head.clone(),
            request_body: exchange.request.body.clone(),
            status: exchange.status,
            content_type: exchange.content_type.clone(),
            retry_after: exchange.retry_after.clone(),
            location: exchange.location.clone(),
            list: exchange.list.as_ref().map(SavedRows::of),
        };
        (entry, exchange)
    };
    kept.into_iter().map(entry).collect()
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
    let index = file.parent()?.join(INDEX);
    // What else might be called so, such as a pipe, may never end.
    let index =
        fs::metadata(&index).ok().filter(fs::Metadata::is_file).and_then(|_| fs::read_to_string(&index).ok())?;
    let index: Index = toml::from_str(&index).ok()?;
    index.reply.into_iter().find(|entry| entry.file.as_deref() == Some(name))
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
            retry_after: None,
            location: None,
            list: None,
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
        let suppliers = exchanges.iter().map(|exchange| exchange.supplier.as_str());
        let entries = entries(&exchanges, &mut FileNames::of(suppliers));
        let files: Vec<String> = entries.into_iter().filter_map(|(entry, _)| entry.file).collect();
        assert_eq!(files, ["acme.json", "acme-3.html", "acme-4.txt", "acme-2.xml", "globex.bin"]);
    }
}
