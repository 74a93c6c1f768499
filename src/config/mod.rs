//! The configuration: as written, as resolved, and its errors.
//!
//! Owns how file, environment and flags become [`Settings`], and how their faults are told: with file, line and hint,
//! and never with the value of a secret. Refuses to send anything. [`load`] is the way in.

mod address;
mod amqp;
mod basket;
mod broker;
mod command;
mod credentials;
mod discover;
mod disk;
mod document;
mod edit;
mod error;
mod file;
mod filters;
mod headers;
mod kafka;
mod known;
mod list;
mod lookup;
pub mod mock;
mod mock_file;
mod observed;
mod pem;
mod query;
mod rates;
mod reader;
mod resolve;
mod schema;
mod secret;
mod selection;
mod settings;
mod supplier;
#[cfg(test)]
mod tests;
mod values;
mod variables;
mod vars;
mod way;

pub use basket::{BasketWishes, basket_timeout, basket_wishes};
pub use discover::Environment;
pub use edit::{Addition, Editable, Edited, editable};
pub use error::ConfigError;
pub use known::{KnownNames, known_names};
pub use observed::{Observed, observe};
pub use resolve::{color, concurrency, listen_address, older_than};
pub use schema::suppliers_schema;
pub use settings::{
    AmqpEndpoint, AmqpTls, Endpoint, FileEndpoint, Header, HttpEndpoint, KafkaEndpoint, KafkaProperty, Lookup,
    Presentation, RatesPlace, RatesSource, Settings, Supplier,
};
pub(crate) use variables::is_sensitive_name;

use crate::cli::Flags;

/// What the configuration is loaded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To ask suppliers, or with `--mock` their mocks.
    Compare,
    /// The same, to see how each of them answers. The products that mocks name are looked at, too.
    Live,
    /// To answer in a supplier's place: its mock is made.
    Work,
    /// To see what is known of suppliers, without asking them: no command that prints a secret is run.
    Survey,
    /// To serve the mocks to others.
    Serve,
    /// To see whether a comparison could start. Mocks are checked too, with the recorded replies that they name.
    Check,
    /// To try mappings on saved replies: nobody is asked, and no variable and no file beside the configuration is
    /// needed.
    Trial,
    /// To compare what was saved of an earlier run: nobody is asked, and no variable and no secret is needed.
    Replay,
}

/// Finds the configuration, reads it, and resolves it with the flags and the environment.
///
/// With `--mock`, and to serve mocks, the shipped configuration serves where no other is found; no `${VAR}` is
/// resolved then, no file but recorded replies is needed, and every endpoint is on loopback.
///
/// # Errors
/// When a flag, the file or a variable is wrong, or no supplier is left: exit code 2, before anything is sent.
pub fn load(flags: &Flags, errand: Errand, environment: &Environment) -> Result<Settings, ConfigError> {
    let or_shipped = flags.mock || flags.replay.is_some() || errand == Errand::Serve;
    let errand = if flags.replay.is_some() && errand == Errand::Compare { Errand::Replay } else { errand };
    resolve::settings(flags, errand, environment, || discover::find(flags.config.as_deref(), or_shipped, environment))
}
