//! The `pricecmp` command.

use std::process::ExitCode;

use pricecmp::{cli, commands};

fn main() -> ExitCode {
    let arguments = match cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to stdout, which may be closed: that is no reason to complain.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    ExitCode::from(commands::run(arguments))
}
