//! Where the configuration comes from.
//!
//! Owns the order in which places are looked at, and what of the process's surroundings counts. Refuses to know what
//! stands in the file. Main type: [`Environment`].

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::document::Document;
use super::error::{ConfigError, Problem};
use super::values::Read;
use crate::cli::Flags;
use crate::domain::system_words;

/// The file's name, wherever it is looked for.
const FILE_NAME: &str = "suppliers.toml";
/// The name of the file with the state.
const STATE_NAME: &str = "state.db";
/// The largest configuration that is read. Ten thousand suppliers take about 3 MB.
const MAX_BYTES: u64 = 64 << 20;
/// The configuration that serves when `--mock` finds no other.
const SHIPPED: &str = include_str!("../../suppliers.toml");

/// The surroundings of the process, captured once. Its variables may hold secrets, so it does not print them.
#[derive(Clone)]
pub struct Environment {
    variables: HashMap<OsString, OsString>,
    directory: PathBuf,
    today: Date,
}

impl Environment {
    /// Captures the process's own: its variables, its working directory and the date in UTC.
    #[must_use]
    pub fn capture() -> Self {
        let directory = std::env::current_dir().unwrap_or_default();
        Self::new(std::env::vars_os(), directory, TimeZone::UTC.to_datetime(Timestamp::now()).date())
    }

    /// Makes one.
    #[must_use]
    pub fn new(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        directory: impl Into<PathBuf>,
        today: Date,
    ) -> Self {
        Self { variables: variables.into_iter().collect(), directory: directory.into(), today }
    }

    /// A variable; `None` = unset.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The text of a variable that the configuration names.
    pub(super) fn value(&self, name: &str) -> Read<String> {
        let value = self.variable(name).ok_or_else(|| {
            Problem::new(format!("the environment has no variable `{name}`")).with_hint(format!("set `{name}`"))
        })?;
        value.to_str().map(str::to_owned).ok_or_else(|| Problem::new(format!("the variable `{name}` is not UTF-8")))
    }

    /// A variable that is set to something.
    pub(super) fn filled(&self, name: &str) -> Option<&OsStr> {
        self.variable(name).filter(|value| !value.is_empty())
    }

    /// The working directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The same with these variables set, too.
    pub(super) fn with(&self, variables: &[(String, String)]) -> Self {
        let mut environment = self.clone();
        environment.variables.extend(variables.iter().map(|(name, value)| (name.into(), value.into())));
        environment
    }

    /// The same with something in each of these variables that is unset.
    pub(super) fn assuming(&self, names: &[String]) -> Self {
        let mut environment = self.clone();
        for name in names {
            environment.variables.entry(name.into()).or_insert_with(|| "0".into());
        }
        environment
    }

    /// The day on which the run takes place.
    pub(super) fn today(&self) -> Date {
        self.today
    }

    /// The folder of the user's configuration: `$XDG_CONFIG_HOME`, else `~/.config`.
    fn user_folder(&self) -> Option<PathBuf> {
        self.folder("XDG_CONFIG_HOME", ".config")
    }

    /// The file with the state between runs: `--state`, else one in `$XDG_STATE_HOME`, else in `~/.local/state`. There
    /// is none with `--no-state`, `--mock` and `--replay`, and without a home.
    pub(super) fn state(&self, flags: &Flags) -> Option<PathBuf> {
        if flags.no_state || flags.mock || flags.replay.is_some() {
            return None;
        }
        let usual = || Some(self.folder("XDG_STATE_HOME", ".local/state")?.join(STATE_NAME));
        let path = flags.state.clone().or_else(usual)?;
        Some(self.directory.join(path))
    }

    /// Our folder in the one that a variable names, else in one of the user's home. As the specification of these says,
    /// a relative path does not count.
    fn folder(&self, variable: &str, in_home: &str) -> Option<PathBuf> {
        let own = self.filled(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = own.or_else(|| self.filled("HOME").map(|home| Path::new(home).join(in_home)));
        folder.map(|folder| folder.join("pricecmp"))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variables: _, directory, today } = self;
        let mut shown = formatter.debug_struct("Environment");
        shown.field("directory", directory).field("today", today).finish_non_exhaustive()
    }
}

/// A configuration that was found.
pub(super) struct Found {
    pub(super) document: Document,
    /// Whether others than its owner can read the file.
    pub(super) readable_by_others: bool,
}

/// Finds and reads the configuration: `--config`, `$PRICECMP_CONFIG`, the working directory, the user's folder, and
/// with `or_shipped` the one that ships.
pub(super) fn find(flag: Option<&Path>, or_shipped: bool, environment: &Environment) -> Result<Found, ConfigError> {
    if let Some(path) = flag {
        return read(path, environment).map_err(|error| unreadable(path, &error, "it was named by `--config`"));
    }
    if let Some(path) = environment.filled("PRICECMP_CONFIG").map(Path::new) {
        return read(path, environment).map_err(|error| unreadable(path, &error, "it was named by `$PRICECMP_CONFIG`"));
    }
    let mut places = vec![PathBuf::from(FILE_NAME)];
    places.extend(environment.user_folder().map(|folder| folder.join(FILE_NAME)));
    for path in &places {
        match read(path, environment) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(unreadable(path, &error, "name another one with `--config`")),
            Ok(found) => return Ok(found),
        }
    }
    if or_shipped {
        return Ok(shipped(environment));
    }
    let shown: Vec<String> = places.iter().map(|path| format!("`{}`", path.display())).collect();
    let problem = Problem::new(format!("there is no configuration: looked for {}", shown.join(" and ")));
    let hint = "`pricecmp init` writes one, `--config` names one, and `pricecmp --mock widget --qty 10` needs none";
    Err(problem.with_hint(hint).into())
}

fn shipped(environment: &Environment) -> Found {
    let document = Document {
        name: format!("{FILE_NAME} (shipped)"),
        folder: environment.directory.clone(),
        text: SHIPPED.to_owned(),
    };
    Found { document, readable_by_others: false }
}

fn read(path: &Path, environment: &Environment) -> io::Result<Found> {
    let full = environment.directory.join(path);
    let file = File::open(&full)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(MAX_BYTES)).unwrap_or(0));
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 64 MiB"));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
        io::Error::new(io::ErrorKind::InvalidData, format!("line {line} is not UTF-8"))
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    let folder = full.parent().unwrap_or(Path::new("")).to_owned();
    let document = Document { name: path.display().to_string(), folder, text };
    Ok(Found { document, readable_by_others: is_readable_by_others(&metadata) })
}

pub(super) fn is_readable_by_others(metadata: &fs::Metadata) -> bool {
    metadata.is_file() && metadata.mode() & 0o077 != 0
}

fn unreadable(path: &Path, error: &io::Error, hint: &str) -> ConfigError {
    let reason = system_words(error);
    Problem::new(format!("cannot read the configuration `{}`: {reason}", path.display())).with_hint(hint).into()
}
