//! The composition roots: one file a subcommand. Only these see every module, and each reads as a table of contents.
//!
//! Owns who is called in which order, and what goes to stdout, to stderr and into the exit code. Refuses to know how
//! any of it is done.

mod add;
mod add_list;
mod basket;
mod brokers;
mod check;
mod circuits;
mod compare;
mod completion;
mod endpoints;
mod error;
mod explain;
mod fallback;
mod file_names;
mod hedges;
mod history;
mod init;
mod kafka_cleanup;
mod list_trial;
mod live;
mod lookup_trial;
mod memory;
mod messages;
mod mock;
mod moves;
mod orders;
mod output;
mod publish;
mod rates;
mod remember;
mod replay;
mod replies;
mod runtime;
mod seen;
mod session;
mod shell;
mod state;
mod studies;
mod suppliers;
mod sweep;
mod terminal;
mod trial;
#[cfg(any(feature = "amqp", feature = "kafka"))]
mod worker;
#[cfg(not(any(feature = "amqp", feature = "kafka")))]
#[path = "worker/absent.rs"]
mod worker;

use crate::cli::{Arguments, Command, Flags, SuppliersAction};
use crate::config::{Environment, Settings};
use crate::report;

pub use completion::complete;

use error::Failed;
use terminal::Terminal;

/// The surroundings of a command, captured once.
struct Surroundings {
    environment: Environment,
    terminal: Terminal,
}

impl Surroundings {
    /// Says on stderr what of the settings deserves attention, for commands whose result does not say it.
    fn warn(&self, settings: &Settings) {
        let presentation = &settings.presentation;
        if !presentation.quiet {
            let color = presentation.color.on(self.terminal.stderr);
            output::to_stderr(&report::warnings(&settings.warnings, color));
        }
    }
}

/// Does what was asked for and returns the exit code. Whatever went wrong has been said on stderr by then.
#[must_use]
pub fn run(arguments: Arguments) -> u8 {
    runtime::hide_payloads_of_panics();
    let surroundings = Surroundings { environment: Environment::capture(), terminal: Terminal::capture() };
    let Arguments { product, flags, command } = arguments;
    let is_replayed = matches!(command, None | Some(Command::Explain { .. }));
    let done = match command {
        Some(_) if flags.replay.is_some() && !is_replayed => Err(replay::not_here()),
        Some(_) if flags.qty.len() > 1 => Err(sweep::not_here()),
        None if flags.qty.len() > 1 => sweep::sweep(product.as_deref().unwrap_or_default(), &flags, &surroundings),
        None => compare::compare(product.as_deref().unwrap_or_default(), &flags, &surroundings),
        Some(Command::Basket(wanted)) => basket::basket(&wanted, &flags, &surroundings),
        Some(Command::Mock { listen, from: Some(folder) }) => mock::serve_saved(listen.as_deref(), &folder, &flags),
        Some(Command::Mock { listen, from: None }) => mock::serve(listen.as_deref(), &flags, &surroundings),
        Some(Command::Worker(arguments)) => worker::work(&arguments, &flags, &surroundings),
        Some(Command::Init { file }) => init::init(file.as_deref(), &flags, &surroundings),
        Some(Command::Add(addition)) => add::add(&addition, &flags, &surroundings),
        Some(Command::Check(arguments)) => check::check(&arguments, &flags, &surroundings),
        Some(Command::Explain { explained, item }) => explain::explain(explained, &item, &flags, &surroundings),
        Some(Command::Suppliers { action: None }) => suppliers::list(&flags, &surroundings),
        Some(Command::Suppliers { action: Some(SuppliersAction::Reset { names }) }) => {
            suppliers::reset(names, &flags, &surroundings)
        }
        Some(Command::History { past, csv }) => history::history(&past, csv, &flags, &surroundings),
        Some(Command::KafkaCleanup { older_than, dry_run }) => {
            let flags = Flags { dry_run: dry_run || flags.dry_run, ..flags.clone() };
            kafka_cleanup::clean_up(older_than.as_deref(), &flags, &surroundings)
        }
        Some(Command::Schema { subject }) => shell::schema(subject),
        Some(Command::Completions { shell }) => completion::script(shell, &surroundings.environment),
        Some(Command::Man) => shell::man(),
    };
    done.unwrap_or_else(|failed: Failed| failed.tell(&flags, &surroundings))
}
