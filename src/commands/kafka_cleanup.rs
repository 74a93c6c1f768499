//! `pricecmp kafka-cleanup`: removes reply topics that runs have left.

#[cfg(feature = "kafka")]
mod topics;

use crate::cli::{Flags, Format};
use crate::config::{self, Endpoint, Errand};

use super::Surroundings;
use super::error::Failed;

/// Lists the topics, removes them unless it is a dry run, and says what became of them.
///
/// # Errors
/// When the command line or the configuration is wrong, there is no supplier on Kafka, or the result could not be written.
pub(super) fn clean_up(older_than: Option<&str>, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let older_than = older_than.map(config::older_than).transpose()?;
    let settings = config::load(flags, Errand::Compare, &surroundings.environment)?;
    surroundings.warn(&settings);
    if !matches!(settings.presentation.format, Format::Table | Format::Json) {
        let message = "`kafka-cleanup` writes a table or JSON, and `--format` asks for something else".to_owned();
        return Err(Failed::Usage { message, hint: "use `--json`, or leave `--format` out" });
    }
    if !settings.suppliers.iter().any(|supplier| matches!(supplier.endpoint, Endpoint::Kafka(_))) {
        let message = "no supplier of the configuration is on Kafka".to_owned();
        return Err(Failed::remark(
            message,
            "write one with `url = \"kafka://HOST:9092\"`, or name it with `--supplier`",
        ));
    }
    // A configuration with such a supplier is refused where Kafka is not built in.
    #[cfg(feature = "kafka")]
    return topics::clean_up(older_than, &settings, surroundings);
    #[cfg(not(feature = "kafka"))]
    {
        let _ = older_than;
        Err(Failed::remark("Kafka is not built in".to_owned(), "build with the feature `kafka`"))
    }
}
