//! The `pricecmp` command.

use std::io::ErrorKind;
use std::process::ExitCode;

use pricecmp::{cli, commands};

fn main() -> ExitCode {
    if let Some(code) = commands::complete(std::env::args_os()) {
        return ExitCode::from(code);
    }
    let arguments = match cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            // Help and version go to stdout. A closed pipe is no reason to complain, a full disk is.
            return match error.print() {
                Err(problem) if problem.kind() != ErrorKind::BrokenPipe => ExitCode::from(5),
                _ => ExitCode::from(code),
            };
        }
    };
    ExitCode::from(commands::run(arguments))
}
