//! `--orders`: each order of a basket, as a file.
//!
//! Owns the files' names, and that a reader learns which of a folder's files are of this run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::compare::BasketComparison;
use crate::config::Presentation;
use crate::report::{self, SupplierOrder};

use super::file_names::FileNames;
use super::output::{self, WriteError};

/// What the files end with.
const EXTENSION: &str = "csv";
/// How many files of other runs are named.
const NAMED: usize = 5;

/// Writes the orders, if that was asked for, and says so. Files of the same names are replaced; what else there is of orders
/// in the folder stays, and is told of: placed beside these, it would be ordered twice.
///
/// # Errors
/// When the folder cannot be made, or a file cannot be written.
pub(super) fn write(
    basket: &BasketComparison,
    folder: Option<&Path>,
    presentation: &Presentation,
) -> Result<(), WriteError> {
    let Some(folder) = folder else { return Ok(()) };
    let failed = |source| WriteError::File { path: folder.to_path_buf(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let orders = report::orders(basket);
    let mut names = FileNames::of(orders.iter().map(|order| order.supplier.as_str()));
    let mut written = BTreeSet::new();
    for SupplierOrder { supplier, csv } in &orders {
        let name = names.next(supplier, EXTENSION);
        output::to_file(&folder.join(&name), csv.as_bytes())?;
        written.insert(name);
    }
    let others = others(folder, &written).map_err(failed)?;
    if !presentation.quiet {
        let count = if written.len() == 1 { "1 order".to_owned() } else { format!("{} orders", written.len()) };
        output::to_stderr(&format!("wrote {count} to `{}`\n{}", folder.display(), warning(&others)));
    }
    Ok(())
}

/// The files of the folder that look like orders and are not of this run, by name.
fn others(folder: &Path, written: &BTreeSet<String>) -> std::io::Result<BTreeSet<String>> {
    let mut others = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == EXTENSION) && !written.contains(&name) {
            others.insert(name);
        }
    }
    Ok(others)
}

fn warning(others: &BTreeSet<String>) -> String {
    if others.is_empty() {
        return String::new();
    }
    let named: Vec<String> =
        others.iter().take(NAMED).map(|name| format!("`{}`", report::sanitize::clean(name))).collect();
    let more = match others.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("warning: not of this order, but in the same folder: {}{more}\n", named.join(", "))
}
