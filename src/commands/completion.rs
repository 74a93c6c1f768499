//! Completions in a shell, which asks the program itself what may follow.
//!
//! Owns what is proposed: commands, flags and their values come from the command line's own definition, names of
//! suppliers and currencies from the configuration that the line would use. Refuses to know the shells: clap speaks with them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap_complete::ArgValueCandidates;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;

use crate::cli;
use crate::config::{self, Environment, KnownNames};

use super::error::Failed;
use super::output;

/// What a completion script sets when it asks, to the shell's name.
const VARIABLE: &str = "PRICECMP_COMPLETE";
/// The program's name, as it is completed.
const PROGRAM: &str = "pricecmp";
/// The arguments whose values are names of suppliers.
const SUPPLIERS: [&str; 6] = ["supplier", "exclude", "require", "explained", "names", "upstream"];

/// Prints the script that makes a shell ask this program.
///
/// # Errors
/// When it cannot be written.
pub(super) fn script(shell: clap_complete::Shell, environment: &Environment) -> Result<u8, Failed> {
    let shell = shell.to_string();
    let mut script = Vec::new();
    if let Some(completer) = Shells::builtins().completer(&shell) {
        let program = this_program(std::env::args_os().next(), environment);
        // Writing to memory cannot fail.
        let _ = completer.write_registration(VARIABLE, PROGRAM, PROGRAM, &program, &mut script);
    }
    output::to_stdout(&String::from_utf8_lossy(&script))?;
    Ok(0)
}

/// How the shell calls this program from any folder: by its name where that was enough to call it, else by its path.
fn this_program(called: Option<OsString>, environment: &Environment) -> String {
    let called = PathBuf::from(called.unwrap_or_else(|| PROGRAM.into()));
    let is_name = called.components().count() < 2;
    let program = if is_name { called } else { environment.directory().join(called) };
    program.to_string_lossy().into_owned()
}

/// Answers a completion script, if it is one that asks: prints what may stand at the place where the user is.
/// `None` = it is a run like any other.
#[must_use]
pub fn complete(line: impl IntoIterator<Item = OsString>) -> Option<u8> {
    let shell = std::env::var_os(VARIABLE)?;
    let shells = Shells::builtins();
    let completer = shells.completer(shell.to_str()?)?;
    let words: Vec<OsString> = line.into_iter().skip_while(|word| word != "--").skip(1).collect();
    let environment = Environment::capture();
    let mut command = command(&words, &environment);
    let mut proposals = Vec::new();
    // What cannot be completed has no proposals; there is nobody to read an error.
    let written = completer.write_complete(&mut command, words, Some(environment.directory()), &mut proposals);
    let printed = written.is_ok() && output::to_stdout(&String::from_utf8_lossy(&proposals)).is_ok();
    Some(u8::from(!printed))
}

/// The command line, with what is proposed for values that it does not know itself.
fn command(words: &[OsString], environment: &Environment) -> clap::Command {
    let KnownNames { suppliers, currencies } =
        config::known_names(configuration(words), wants_mocks(words), environment);
    let propose = move |argument: clap::Arg| match argument.get_id().as_str() {
        id if SUPPLIERS.contains(&id) => argument.add(candidates(suppliers.clone())),
        "currency" => argument.add(candidates(currencies.clone())),
        _ => argument,
    };
    let command = cli::command().mut_args(propose.clone());
    command.mut_subcommands(move |subcommand| {
        let propose = propose.clone();
        subcommand.mut_args(propose.clone()).mut_subcommands(move |action| action.mut_args(propose.clone()))
    })
}

fn candidates(values: Vec<String>) -> ArgValueCandidates {
    ArgValueCandidates::new(move || values.iter().map(CompletionCandidate::new).collect())
}

/// The configuration that a line names.
fn configuration(words: &[OsString]) -> Option<&Path> {
    let follows = |flag: &str| {
        let at = words.iter().rposition(|word| word == flag)?;
        words.get(at + 1).map(Path::new)
    };
    let within = words.iter().rev().find_map(|word| word.to_str()?.strip_prefix("--config=").map(Path::new));
    within.or_else(|| follows("--config")).or_else(|| follows("-c"))
}

/// Whether the shipped configuration would serve where there is no other.
fn wants_mocks(words: &[OsString]) -> bool {
    words.iter().any(|word| word == "--mock" || word == "mock")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_script_calls_the_program_that_printed_it() {
        let environment = Environment::new([], "/home/buyer", date(2026, 11, 24));
        let program = |called: &str| this_program(Some(called.into()), &environment);
        assert_eq!(program("pricecmp"), "pricecmp");
        assert_eq!(program("/usr/bin/pricecmp"), "/usr/bin/pricecmp");
        assert_eq!(program("target/debug/pricecmp"), "/home/buyer/target/debug/pricecmp");
    }

    #[test]
    fn a_line_names_its_configuration_in_any_spelling() {
        let named = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            configuration(&words).map(Path::to_path_buf)
        };
        for line in ["pricecmp -c a.toml --supplier", "pricecmp --config a.toml x", "pricecmp --config=a.toml"] {
            assert_eq!(named(line), Some("a.toml".into()), "{line}");
        }
        assert_eq!(named("pricecmp widget"), None);
        assert_eq!(named("pricecmp widget --config"), None);
    }
}
