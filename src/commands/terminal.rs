//! Facts about the terminals, captured once.

use std::io::{IsTerminal, stderr, stdout};

use crate::report::Screen;

/// What standard output and standard error are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terminal {
    /// Columns of standard output.
    pub(super) width: usize,
    /// Whether standard output is a terminal.
    pub(super) stdout: bool,
    /// Whether standard error is a terminal.
    pub(super) stderr: bool,
}

impl Terminal {
    /// Asks the system.
    #[must_use]
    pub(super) fn capture() -> Self {
        let width = terminal_size::terminal_size_of(stdout()).map(|(width, _)| usize::from(width.0));
        Self {
            width: width.filter(|columns| *columns > 0).unwrap_or(Screen::DEFAULT_WIDTH),
            stdout: stdout().is_terminal(),
            stderr: stderr().is_terminal(),
        }
    }
}
