//! `pricecmp mock`: serves the mock suppliers to other programs.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use rust_decimal::Decimal;
use tokio::runtime::Builder;

use crate::cli::Flags;
use crate::config::mock::{Latency, Mock, MockAnswer, MockError, SavedAnswer, SavedAnswers};
use crate::config::{self, Errand};
use crate::domain::{ErrorKind, Quantity, SupplierName};
use crate::respond::Listener;

use super::error::Failed;
use super::replies::{Entry, Index};
use super::{Surroundings, output, replay, runtime};

/// Listens, prints `NAME URL` for each supplier, logs requests on stderr, and returns 0 when interrupted.
///
/// # Errors
/// When the configuration is wrong, or the address cannot be listened on.
pub(super) fn serve(listen: Option<&str>, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let address = config::listen_address(listen)?;
    let settings = config::load(flags, Errand::Serve, &surroundings.environment)?;
    surroundings.warn(&settings);
    let mocks = settings.suppliers.into_iter().filter_map(|supplier| Some((supplier.name, *supplier.mock?))).collect();
    listen_and_answer(address, mocks, settings.presentation.quiet)
}

/// Does the same with the replies that were saved in a folder, without a configuration.
///
/// # Errors
/// When the folder is none of replies, or the address cannot be listened on.
pub(super) fn serve_saved(listen: Option<&str>, folder: &Path, flags: &Flags) -> Result<u8, Failed> {
    let address = config::listen_address(listen)?;
    let index = replay::read_index(folder)?;
    let mocks = names(&index).into_iter().map(|name| saved(folder, &index, name)).collect::<Result<_, Failed>>()?;
    listen_and_answer(address, mocks, flags.quiet)
}

/// The suppliers of an index that were asked over HTTP, in its order, each once.
fn names(index: &Index) -> Vec<SupplierName> {
    let asked = index.supplier.iter().filter(|supplier| !supplier.is_list()).map(|supplier| &supplier.name);
    let replied = index.reply.iter().filter(|entry| entry.list.is_none()).map(|entry| &entry.supplier);
    let mut seen = HashSet::new();
    asked.chain(replied).filter(|name| seen.insert(*name)).map(|name| SupplierName::new(name)).collect()
}

/// The mock that answers with what a supplier replied. A redirect is left out: where it led is what came next.
fn saved(folder: &Path, index: &Index, name: SupplierName) -> Result<(SupplierName, Mock), Failed> {
    let entries = index.reply.iter().filter(|entry| entry.supplier == name.as_str() && entry.location.is_none());
    let entries: Vec<(&Entry, u16)> = entries.filter_map(|entry| Some((entry, entry.reply_status()?))).collect();
    let known = index.supplier.iter().find(|supplier| supplier.name == name.as_str());
    let failure = known.and_then(|supplier| Some(supplier.failure.as_ref()?.failure().kind));
    let run = index.run.as_ref().map(|run| (run.product.clone(), run.quantity));
    let about = entries.first().map(|(entry, _)| (entry.product.clone(), entry.quantity)).or(run);
    let (product, quantity) = about.unwrap_or_default();
    let reply = |(entry, status): &(&Entry, u16)| {
        Ok(SavedAnswer {
            status: *status,
            content_type: entry.content_type.clone(),
            retry_after: entry.retry_after.as_ref().and_then(|wait| wait.trim().parse().ok()),
            body: replay::read_body(folder, entry)?,
        })
    };
    let replies = entries.iter().map(reply).collect::<Result<Vec<_>, Failed>>()?;
    let quantity = Quantity::new(quantity).unwrap_or(Quantity::ONE);
    let mock = Mock {
        latency: Latency::Fixed(Duration::ZERO),
        error_rate: if replies.is_empty() { Decimal::ONE } else { Decimal::ZERO },
        error: if failure == Some(ErrorKind::Timeout) { MockError::Timeout } else { MockError::Close },
        retry_after: None,
        fail_first: 0,
        seed: None,
        lookup: None,
        list: None,
        answer: MockAnswer::Saved(SavedAnswers { product, quantity, replies }),
    };
    Ok((name, mock))
}

fn listen_and_answer(address: SocketAddr, mocks: Vec<(SupplierName, Mock)>, quiet: bool) -> Result<u8, Failed> {
    let names: Vec<SupplierName> = mocks.iter().map(|(name, _)| name.clone()).collect();
    let event_loop = Builder::new_current_thread().enable_all().build().map_err(Failed::Start)?;
    event_loop.block_on(async {
        let listener = Listener::bind(address, mocks)?;
        // Whoever reads where it listens may interrupt it from then on.
        let interrupted = runtime::interrupted();
        let line = |name: &SupplierName| format!("{name} {}\n", listener.url_template(name));
        output::to_stdout(&names.iter().map(line).collect::<String>())?;
        let log = move |served: &crate::respond::Served| {
            if !quiet {
                output::to_stderr(&format!("{served}\n"));
            }
        };
        listener.serve(log, interrupted).await;
        Ok(0)
    })
}
