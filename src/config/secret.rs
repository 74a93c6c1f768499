//! A secret as written: text with `${VAR}`, a file, or a command that prints it. No message repeats a value.
//!
//! Owns the forms and how files and variables are read. Refuses to know what a secret is for; commands are run by
//! [`super::command`].

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::discover::is_readable_by_others;
use super::disk;
use super::error::{Problem, nearest, quoted};
use super::headers::secret_text;
use super::values::{Read, wrong_type};
use super::variables::{MASK, Text};

/// The longest secret, bytes.
pub(super) const LONGEST: usize = 64 << 10;

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SecretSource {
    /// Text, in which `${VAR}` may stand.
    Text(String),
    /// A file, relative to the configuration.
    File(String),
    /// The first line that a program prints: the program and its arguments, never empty.
    Command(Vec<String>),
}

/// A secret that was found.
pub(super) struct Found {
    pub(super) value: String,
    /// What is shown instead.
    pub(super) shown: String,
}

impl SecretSource {
    /// Reads one of the forms.
    pub(super) fn read(value: &DeValue<'_>) -> Read<Self> {
        match value {
            DeValue::String(_) => secret_text(value).map(Self::Text),
            DeValue::Table(table) => Self::read_table(table),
            _ => Err(wrong_type("text or a table", value).with_hint(FORMS)),
        }
    }

    fn read_table(table: &DeTable<'_>) -> Read<Self> {
        let keys: Vec<&str> = table.keys().map(|key| key.get_ref().as_ref()).collect();
        let [key] = keys[..] else {
            return Err(Problem::new("the table has not one key").with_hint(FORMS));
        };
        let value = table.values().next().map(toml::Spanned::get_ref);
        match (key, value) {
            ("file", Some(DeValue::String(path))) if !path.is_empty() => Ok(Self::File(path.to_string())),
            ("file", _) => Err(Problem::new("`file` is not a path").with_hint(FORMS)),
            ("command", Some(DeValue::Array(words))) => {
                let words: Option<Vec<String>> =
                    words.iter().map(|word| word.get_ref().as_str().map(str::to_owned)).collect();
                let words = words.filter(|words| words.first().is_some_and(|program| !program.is_empty()));
                words.map(Self::Command).ok_or_else(not_a_command)
            }
            ("command", _) => Err(not_a_command()),
            _ => {
                let problem = Problem::new(format!("unknown key {}", quoted(key)));
                let meant = nearest(key, ["file", "command"]);
                Err(problem.with_hint(meant.map_or(FORMS.to_owned(), |meant| format!("did you mean `{meant}`?"))))
            }
        }
    }

    /// Whether the secret itself is written here.
    pub(super) fn is_literal(&self) -> bool {
        matches!(self, Self::Text(text) if Text::parse(text).is_ok_and(|text| !text.has_variables()))
    }

    /// Whether it is empty text, as the password is where a key is the name.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// What is shown of it.
    pub(super) fn masked(&self) -> String {
        match self {
            Self::Text(text) => Text::parse(text).map_or_else(|_| MASK.to_owned(), |text| text.masked()),
            Self::File(_) | Self::Command(_) => MASK.to_owned(),
        }
    }
}

const FORMS: &str = "write text, `{ file = \"PATH\" }` or `{ command = [\"PROGRAM\", \"ARGUMENT\"] }`";

fn not_a_command() -> Problem {
    Problem::new("`command` is not a list of a program and its arguments")
        .with_hint("write `[\"pass\", \"show\", \"acme\"]`")
}

/// Reads a secret from a file; line ends that close it are not of it. The second value says whether others can read it.
pub(super) fn read_file(folder: &Path, name: &str) -> Read<(String, bool)> {
    let problem = |why: &str| {
        Problem::new(format!("cannot read the secret {}: {why}", quoted(name)))
            .with_hint("the path is relative to the configuration")
    };
    let (bytes, metadata) =
        disk::read(&folder.join(name), LONGEST as u64, "it is longer than 64 KiB").map_err(|why| problem(&why))?;
    let text = String::from_utf8(bytes).map_err(|_| problem("it is not UTF-8"))?;
    let secret = text.trim_end_matches(['\n', '\r']);
    if secret.is_empty() {
        return Err(problem("it is empty"));
    }
    Ok((secret.to_owned(), is_readable_by_others(&metadata)))
}
