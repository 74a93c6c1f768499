//! Why a command could not do its work, and how that is told.

use crate::cli::Flags;
use crate::config::{self, ConfigError};
use crate::domain::cause_words;
use crate::report;
use crate::respond::ListenError;

use super::Surroundings;
use super::output::{self, WriteError};

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// A flag, the configuration or a variable is wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// A setting of a supplier cannot be used; the message names it.
    #[error("{0}")]
    Supplier(String),
    /// The command line asks for what there is not.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// The mock suppliers cannot listen.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Something that only the user can put right.
    #[error("{message}")]
    Remark {
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// The one supplier that was asked did not answer.
    #[error("the supplier did not answer: {0}")]
    Unanswered(String),
    /// The result could not be written.
    #[error(transparent)]
    Output(#[from] WriteError),
    /// The system refused a thread or a descriptor at the start.
    #[error("the run could not start")]
    Start(#[source] std::io::Error),
}

/// The exit code of a run without responses.
const NO_RESPONSE: u8 = 3;

impl Failed {
    /// Something that only the user can put right.
    pub(super) const fn remark(message: String, hint: &'static str) -> Self {
        Self::Remark { message, hint }
    }

    /// The exit code: 5 for an output that could not be written, 3 without an answer, else 2.
    fn exit_code(&self) -> u8 {
        match self {
            Self::Output(_) => output::EXIT_CODE,
            Self::Unanswered(_) => NO_RESPONSE,
            _ => ConfigError::EXIT_CODE,
        }
    }

    /// Says on stderr what went wrong and what to do, and returns the exit code.
    pub(super) fn tell(&self, flags: &Flags, surroundings: &Surroundings) -> u8 {
        let color = config::color(flags, &surroundings.environment).on(surroundings.terminal.stderr);
        let text = match self {
            Self::Configuration(error) => error.render(color),
            other => report::sanitize::clean_shape(&format!("error: {}", cause_words(other))),
        };
        let hint = self.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        output::to_stderr(&format!("{text}{hint}\n"));
        self.exit_code()
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Usage { hint, .. } | Self::Remark { hint, .. } => Some(hint),
            Self::Listen(_) => Some("`--listen 127.0.0.1:0` takes any free port"),
            Self::Output(WriteError::File { .. }) => Some("the folder must exist and be writable"),
            Self::Output(WriteError::Filter(_)) => Some("`--json` prints what it is applied to"),
            Self::Unanswered(_) => {
                Some("look at the URL, its parameters, `--header` and `--timeout`; nothing was written")
            }
            _ => None,
        }
    }
}
