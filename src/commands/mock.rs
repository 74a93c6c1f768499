//! `pricecmp mock`: serves the mock suppliers to other programs.

use tokio::runtime::Builder;

use crate::cli::Flags;
use crate::config::{self, Errand};
use crate::domain::SupplierName;
use crate::respond::Listener;

use super::error::Failed;
use super::{Surroundings, output, runtime};

/// Listens, prints `NAME URL` for each supplier, logs requests on stderr, and returns 0 when interrupted.
///
/// # Errors
/// When the configuration is wrong, or the address cannot be listened on.
pub(super) fn serve(listen: Option<&str>, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let address = config::listen_address(listen)?;
    let settings = config::load(flags, Errand::Serve, &surroundings.environment)?;
    surroundings.warn(&settings);
    let quiet = settings.presentation.quiet;
    let names: Vec<SupplierName> = settings.suppliers.iter().map(|supplier| supplier.name.clone()).collect();
    let mocks = settings.suppliers.into_iter().filter_map(|supplier| Some((supplier.name, *supplier.mock?))).collect();
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
