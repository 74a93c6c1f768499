//! `pricecmp init`: a configuration to begin with.

use std::path::Path;

use crate::cli::Flags;
use crate::report;

use super::Surroundings;
use super::error::Failed;
use super::output::{self, NewFile};

/// A configuration that works at once with `--mock`.
const STARTER: &str = include_str!("starter.toml");
/// Where it is written when nothing else is said.
const FILE_NAME: &str = "suppliers.toml";

/// Writes the starter where there is no file yet, and says what to do next.
///
/// # Errors
/// When there is something, or it cannot be written.
pub(super) fn init(file: Option<&Path>, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let path = file.or(flags.config.as_deref()).unwrap_or(Path::new(FILE_NAME));
    let shown = report::sanitize::clean(&path.to_string_lossy()).into_owned();
    match output::to_new_file(&surroundings.environment.directory().join(path), path, STARTER)? {
        NewFile::Written => {}
        NewFile::InTheWay => {
            let hint = "name another file, or add a supplier to it with `pricecmp add NAME URL`";
            return Err(Failed::remark(format!("`{shown}` is there already, and stays as it is"), hint));
        }
    }
    let config = if path == Path::new(FILE_NAME) { String::new() } else { format!(" --config {shown}") };
    output::to_stdout(&format!(
        "wrote `{shown}`\n\n  pricecmp{config} --mock widget --qty 60    compare its two mock suppliers\n  \
         pricecmp{config} add NAME URL              add a supplier, by looking at one reply of it\n  \
         pricecmp{config} check                     see whether the file is right\n"
    ))?;
    Ok(0)
}
