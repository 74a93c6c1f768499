//! `pricecmp check --reply LIST`: a supplier's mapping on the rows of a price list.
//!
//! Owns which rows are tried: those of the product, or else the first few. Main type: [`Tried`].

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use tempfile::NamedTempFile;

use crate::config::{FileEndpoint, Supplier};
use crate::domain::{Failure, system_words};
use crate::mapping::{Bindings, Filter, KeptRow, KeptRows, Look, outline};
use crate::plan::Plan;
use crate::report::{Trial, TriedList, TriedOffer};
use crate::transport::file::{self, Read};

use super::endpoints::list_settings;
use super::error::Failed;
use super::trial::{self, PARTS, REPLY, TRACED};

/// How many rows are tried where no product is named.
const FIRST: usize = 10;
/// The largest list that is read from standard input; a workbook is not read beyond it either.
const MOST_BYTES: u64 = 64 << 20;

/// The rows of a list that was tried.
pub(super) struct Tried {
    kept: KeptRows,
    /// Why there are no more.
    failure: Option<Failure>,
    /// Whether the rows are cells below names.
    is_table: bool,
    bindings: Bindings,
}

impl Tried {
    /// Reads the rows.
    ///
    /// # Errors
    /// When standard input cannot be read, or there is no thread.
    pub(super) fn read(file: &Path, list: &FileEndpoint, supplier: &Supplier, plan: &Plan) -> Result<Self, Failed> {
        let layout = list.layout.of_copy(&file.to_string_lossy());
        let is_table = layout.format.is_table();
        let settings = list_settings(supplier, FileEndpoint { layout, ..list.clone() });
        let bindings = Bindings::new(Arc::clone(&plan.request), Arc::clone(&supplier.vars));
        let look = if plan.request.product.is_empty() { Look::AtFirst(FIRST) } else { Look::AtProduct(TRACED) };
        // A list is read where it lies, and so standard input has to lie somewhere.
        let copy = if file.as_os_str() == "-" { Some(copied(&trial::read(file, REPLY, MOST_BYTES)?)?) } else { None };
        let path = copy.as_ref().map_or(file, NamedTempFile::path);
        let Read { reply, kept, .. } = file::read(&settings, path, &bindings, Some(look))
            .map_err(|failure| Failed::Supplier(failure.detail.unwrap_or_default()))?;
        Ok(Self { kept, failure: reply.err(), is_table, bindings })
    }

    /// What came of them.
    pub(super) fn trial<'a>(&'a self, list: &str, supplier: &'a Supplier, plan: &'a Plan) -> Trial<'a> {
        let rows = &self.kept.rows;
        let outcome = match &self.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(rows.iter().flat_map(|row| self.offers(row, supplier, plan)).collect()),
        };
        // Of a failure, the last row is the one.
        let shown = if self.failure.is_some() { rows.last() } else { rows.first() };
        let body = shown.map_or(&[][..], |row| row.json.as_bytes());
        Trial {
            supplier: &supplier.name,
            reply: list.to_owned(),
            body,
            request: &plan.request,
            criteria: &plan.criteria,
            terms: &supplier.terms,
            filter: supplier.quotes.quotes.as_ref().map(Filter::source),
            outcome,
            parts: outline(body, PARTS).unwrap_or_default(),
            list: Some(TriedList {
                rows: rows.len(),
                count: self.kept.count,
                shown: shown.map(|row| row.place.to_string()).unwrap_or_default(),
                columns: if self.is_table { &self.kept.columns } else { &[] },
            }),
        }
    }

    fn offers(&self, row: &KeptRow, supplier: &Supplier, plan: &Plan) -> Vec<TriedOffer> {
        // A trace that fails has failed as the mapping would.
        let traced = supplier.quotes.trace(row.json.as_bytes(), &self.bindings, TRACED).unwrap_or_default();
        let fields = traced.into_iter().chain(std::iter::repeat_with(Vec::new));
        let place = row.place.to_string();
        let tried = row.offers.iter().zip(fields).map(|(offer, fields)| trial::tried(offer, fields, plan));
        tried.map(|offer| TriedOffer { row: Some(place.clone()), ..offer }).collect()
    }
}

fn copied(bytes: &[u8]) -> Result<NamedTempFile, Failed> {
    let written = NamedTempFile::new().and_then(|mut file| file.write_all(bytes).map(|()| file));
    written.map_err(|error| Failed::Supplier(format!("cannot keep standard input: {}", system_words(&error))))
}
