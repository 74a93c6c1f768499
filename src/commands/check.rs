//! `pricecmp check`: is the configuration right?

use crate::cli::Flags;
use crate::config::{self, Errand};
use crate::transport::Recorder;

use super::endpoints;
use super::error::Failed;
use super::{Surroundings, output};

/// Reads everything that a comparison would read, sends nothing, and says what would be asked.
///
/// # Errors
/// When the command line or the configuration is wrong.
pub(super) fn check(flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let settings = config::load(flags, Errand::Check, &surroundings.environment)?;
    endpoints::transports(&settings, None, &Recorder::default())?;
    surroundings.warn(&settings);
    let names: Vec<&str> = settings.suppliers.iter().map(|supplier| supplier.name.as_str()).collect();
    let count = match names.len() {
        1 => "1 supplier".to_owned(),
        count => format!("{count} suppliers"),
    };
    output::to_stdout(&format!("{}: ok, {count} to ask: {}\n", settings.configuration, names.join(", ")))?;
    Ok(0)
}
