//! `pricecmp schema`, `completions` and `man`: what other programs want to know of this one.

use crate::cli::{self, SchemaSubject};
use crate::{config, report};

use super::error::Failed;
use super::output;

/// Prints the JSON Schema of the output, or of the configuration.
///
/// # Errors
/// When it cannot be written.
pub(super) fn schema(subject: Option<SchemaSubject>) -> Result<u8, Failed> {
    output::to_stdout(&match subject {
        None | Some(SchemaSubject::Output) => report::output_schema(),
        Some(SchemaSubject::Suppliers) => format!("{:#}\n", config::suppliers_schema()),
    })?;
    Ok(0)
}

/// Prints a completion script.
///
/// # Errors
/// When it cannot be written.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<u8, Failed> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "pricecmp", &mut script);
    output::to_stdout(&String::from_utf8_lossy(&script))?;
    Ok(0)
}

/// Prints the manual page.
///
/// # Errors
/// When it cannot be written.
pub(super) fn man() -> Result<u8, Failed> {
    let mut page = Vec::new();
    // The page leaves out the descriptions of flags that the short help leaves out.
    let command = cli::command().mut_args(|flag| flag.hide_short_help(false));
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(command).render(&mut page);
    output::to_stdout(&String::from_utf8_lossy(&page))?;
    Ok(0)
}
