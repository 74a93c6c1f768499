//! `pricecmp check`: is the configuration right?

use std::sync::Arc;

use crate::cli::{Check, Flags};
use crate::config::{self, Errand};
use crate::transport::Recorder;

use super::brokers::Brokers;
use super::endpoints::{self, Connections};
use super::error::Failed;
use super::memory::Memory;
use super::state::State;
use super::{Surroundings, live, lookup_trial, output, trial};

/// Does what was asked for: tries a reply, asks everybody, or reads the configuration.
///
/// # Errors
/// When the command line or the configuration is wrong.
pub(super) fn check(check: &Check, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    if flags.save_replies.is_some() && !check.live {
        let message = "`--save-replies` has nothing to save: no supplier is asked".to_owned();
        return Err(Failed::Usage { message, hint: "add `--live`" });
    }
    match (&check.reply, &check.lookup_reply) {
        (Some(file), _) => trial::try_reply(file, check, flags, surroundings),
        (None, Some(file)) => lookup_trial::try_reply(file, check, flags, surroundings),
        (None, None) if check.live => live::ask(check, flags, surroundings),
        (None, None) => read(flags, surroundings),
    }
}

/// Reads everything that a comparison would read, sends nothing, and says what would be asked.
fn read(flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let settings = config::load(flags, Errand::Check, &surroundings.environment)?;
    let (recorder, memory) = (Recorder::default(), Arc::new(Memory::new(State::at(None))));
    endpoints::transports(&settings, None, None, &recorder, &memory, Connections::Closed, &mut Brokers::default())?;
    surroundings.warn(&settings);
    let names: Vec<&str> = settings.suppliers.iter().map(|supplier| supplier.name.as_str()).collect();
    let count = match names.len() {
        1 => "1 supplier".to_owned(),
        count => format!("{count} suppliers"),
    };
    output::to_stdout(&format!("{}: ok, {count} to ask: {}\n", settings.configuration, names.join(", ")))?;
    Ok(0)
}
