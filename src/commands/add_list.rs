//! `pricecmp add` with a price list: looks at the list, and adds it as a supplier of its own.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use encoding_rs::UTF_8;

use crate::cli::{Addition as Wanted, Flags};
use crate::config::{Addition, Editable, Edited, Endpoint, Settings};
use crate::domain::{Currency, Failure, ListFormat, ListHead, ListLayout, OfferReply, system_words};
use crate::mapping::{Bindings, Mapping};
use crate::propose::{self, ListProposal, ListSample};
use crate::report;
use crate::transport::file::{self, Script};

use super::Surroundings;
use super::add::{Conclusion, IN_DOUBT, done, refused};
use super::endpoints::list_settings;
use super::error::Failed;

/// How much of a file is looked at to see what it is, bytes. Longer documents are streamed.
const MOST_BYTES: u64 = 8 << 20;

/// The format of the price list that is to be added; `None` = it is a reply.
pub(super) fn format_of(wanted: &Wanted, surroundings: &Surroundings) -> Option<ListFormat> {
    let source = &wanted.source;
    let (_, extension) = source.rsplit_once('.')?;
    let begin = || {
        let path = surroundings.environment.directory().join(source);
        // A pipe would be empty afterwards.
        let file = path.is_file().then(|| File::open(path).ok())??;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    let first = |bytes: &[u8]| bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    match &*extension.to_ascii_lowercase() {
        _ if source.contains("://") => None,
        "csv" | "tsv" | "tab" => Some(ListFormat::Csv),
        "ndjson" | "jsonl" => Some(ListFormat::Ndjson),
        "xlsx" | "xlsm" => Some(ListFormat::Xlsx),
        "ods" => Some(ListFormat::Ods),
        "txt" => begin().filter(|bytes| !matches!(first(bytes), Some(b'{' | b'[' | b'<'))).map(|_| ListFormat::Csv),
        // What an API replied about one product, or the list itself: an address says that it is a reply.
        "json" if wanted.url.is_none() => begin().filter(|bytes| propose::is_list(bytes)).map(|_| ListFormat::Json),
        _ => None,
    }
}

/// Looks at a list, proposes how it becomes offers, tries that on it, and writes the configuration.
///
/// # Errors
/// When the command line or the configuration is wrong, the list cannot be read, or nothing in it is like a price: then
/// nothing is written.
pub(super) fn add(
    wanted: &Wanted,
    flags: &Flags,
    surroundings: &Surroundings,
    editable: &Editable,
    format: ListFormat,
) -> Result<u8, Failed> {
    if wanted.url.is_some() || wanted.request.is_some() || !wanted.header.is_empty() {
        let message = "a price list is asked nowhere".to_owned();
        return Err(Failed::remark(message, "leave `--url`, `--header` and `--request` out"));
    }
    let prices_in = wanted.prices_in.as_deref().map(Currency::parse).transpose();
    let prices_in =
        prices_in.map_err(|problem| Failed::remark(format!("`--prices-in`: {problem}"), "use a code such as `EUR`"))?;
    let path = surroundings.environment.directory().join(&wanted.source);
    let adding = Adding { wanted, flags, surroundings, editable, path: &path, prices_in };
    let (layout, checks) = adding.look(format)?;
    let mut proposal = adding.propose(&layout)?;
    let layout = ListLayout { product_column: proposal.product_column.clone(), ..layout };
    let offers = offers(&adding.edit(&layout, &proposal)?.settings, &proposal)?;
    proposal.doubt(&offers, checks);
    let Added { edited, settings, currency } = adding.edit(&layout, &proposal)?;
    let notes = adding.notes(&edited, &proposal, currency);
    let assumed = currency.map(|(currency, _)| currency);
    Conclusion { edited: &edited, offers: &offers, assumed, settings: &settings, notes }.tell(flags, surroundings)
}

struct Adding<'a> {
    wanted: &'a Wanted,
    flags: &'a Flags,
    surroundings: &'a Surroundings,
    editable: &'a Editable,
    path: &'a Path,
    prices_in: Option<Currency>,
}

/// The configuration with the list.
struct Added {
    edited: Edited,
    settings: Settings,
    /// The currency of offers that name none, and whether the user named it.
    currency: Option<(Currency, bool)>,
}

impl Adding<'_> {
    /// How the list is read, and what is doubtful about that.
    fn look(&self, format: ListFormat) -> Result<(ListLayout, Vec<String>), Failed> {
        let unreadable = |failure: Failure| self.unreadable(&words_of(&failure));
        let script = if format.is_text() {
            file::script(self.path).map_err(unreadable)?
        } else {
            Script { encoding: UTF_8, doubtful: None }
        };
        let mut layout = ListLayout {
            format,
            delimiter: None,
            encoding: script.encoding,
            header_row: 1,
            sheet: None,
            product_column: None,
            max_age: None,
        };
        let words = |word| format!("the list is not UTF-8; with windows-1252 a word of it is `{word}`");
        let checks = script.doubtful.map(words).into_iter().collect();
        if format.is_table() {
            let heads = file::heads(self.path, format, layout.encoding).map_err(unreadable)?;
            let header = propose::header(&heads).map_err(|refusal| refused(&refusal))?;
            let head = &heads[header.head];
            layout.header_row = header.row;
            layout.delimiter = head.delimiter.filter(|delimiter| *delimiter != b',' || must_be_said(head, header.row));
            layout.sheet = head.sheet.clone().filter(|_| heads.len() > 1);
        }
        Ok((layout, checks))
    }

    fn propose(&self, layout: &ListLayout) -> Result<ListProposal, Failed> {
        let mut sample = ListSample::new(self.wanted.product.as_deref());
        file::scan(self.path, layout, &mut sample).map_err(|failure| self.unreadable(&words_of(&failure)))?;
        sample.propose().map_err(|refusal| refused(&refusal))
    }

    /// Adds the list to the configuration, and checks what comes of that.
    fn edit(&self, layout: &ListLayout, proposal: &ListProposal) -> Result<Added, Failed> {
        let url = self.editable.list_url(self.path).map_err(|error| self.unreadable(&system_words(&error)))?;
        let named = self.prices_in.map(|currency| (currency, true));
        let mut currency = named;
        loop {
            let addition = Addition {
                name: self.wanted.name.clone(),
                url: url.clone(),
                list: Some(layout.clone()),
                url_checks: Vec::new(),
                headers: Vec::new(),
                currency,
                request: None,
                quotes: Some(proposal.filter()),
            };
            let edited = self.editable.with(&addition)?;
            let settings = edited.check(self.flags, &self.surroundings.environment, &self.wanted.name, &[], true)?;
            if currency.is_some() || proposal.says_currency() {
                return Ok(Added { edited, settings, currency });
            }
            currency = Some((settings.currency, false));
        }
    }

    /// What the user has to know and to do, the doubtful things first.
    fn notes(
        &self,
        edited: &Edited,
        proposal: &ListProposal,
        currency: Option<(Currency, bool)>,
    ) -> report::ProposalNotes {
        let name = &self.wanted.name;
        let mut checks = proposal.checks().to_vec();
        if let Some((_, false)) = currency {
            checks.push("the list names no currency; `currency` is set to the one that you compare in".to_owned());
        }
        let mut next: Vec<String> = proposal.is_unsure().then(|| IN_DOUBT.to_owned()).into_iter().collect();
        next.push(format!("`pricecmp '{}' --supplier {name}` compares it", proposal.product.replace('\'', "'\\''")));
        report::ProposalNotes { checks, done: done(edited, name, self.flags), next }
    }

    fn unreadable(&self, words: &str) -> Failed {
        let message = format!("cannot read `{}`: {words}", self.wanted.source);
        Failed::remark(message, "name a URL, a price list, a file with a saved reply, or `-` for stdin")
    }
}

/// The offers of a product of the list, read as a comparison reads them.
fn offers(settings: &Settings, proposal: &ListProposal) -> Result<Vec<OfferReply>, Failed> {
    let [supplier] = settings.suppliers.as_slice() else {
        return Err(Failed::Supplier("there is not one supplier to ask".to_owned()));
    };
    let Endpoint::File(endpoint) = &supplier.endpoint else {
        return Err(Failed::Supplier("it is no price list".to_owned()));
    };
    let mut list = list_settings(supplier, endpoint.clone());
    if let Some(filter) = proposal.trial() {
        list.mapping = Mapping::of(filter);
    }
    let request = Arc::new(settings.request(&proposal.product));
    let bindings = Bindings::new(request, Arc::clone(&supplier.vars));
    let read = list.locate(&bindings).and_then(|path| file::read(&list, &path, &bindings, None));
    let reply = read.and_then(|read| read.reply).map_err(|failure| {
        let words = report::prose::failure(&failure);
        let hint = "write the supplier by hand; the README has an example";
        Failed::remark(format!("what is proposed fails on the list: {words}"), hint)
    })?;
    Ok(reply.offers)
}

/// Why a list cannot be read, without its kind: that it is a list is said already.
fn words_of(failure: &Failure) -> String {
    failure.detail.clone().unwrap_or_else(|| report::prose::failure(failure))
}

/// Whether the titles have what looks as if it stood between cells, so that the comma must be said.
fn must_be_said(head: &ListHead, row: u32) -> bool {
    let titles = head.rows.iter().find(|(number, _)| *number == row);
    titles.is_some_and(|(_, titles)| titles.iter().any(|title| title.contains([';', '\t', '|'])))
}
