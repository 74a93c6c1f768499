//! Files that say what is needed: a product and a quantity a line.
//!
//! Owns how such a file is read, whatever its format, and what is wrong with its lines. Refuses to know suppliers, and
//! what becomes of the lines. Nothing is guessed: a line that is not plainly a product and a quantity is a [`BadLine`].
//! Main type: [`OrderFile`].
//!
//! ```text
//! file, pipe ─► transport::file::rows ─► columns ─► line ─► merge
//! ```

mod columns;
mod line;
mod merge;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;

use crate::domain::{ErrorKind, Failure, ListFormat, cause_words};
use crate::mapping::RowPlace;
use crate::transport::file::{Row, format_of, rows};

pub use columns::{ColumnWishes, WishProblem};
pub use line::{BadLine, OrderLine};
pub use merge::{Merged, merge};

use columns::{Columns, Found};

/// How many bad lines are kept to be shown; the others are counted.
const MOST_SHOWN: usize = 100;

/// How a file is to be read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Its format; `None` = its name or its content says so.
    pub format: Option<ListFormat>,
    /// The encoding of a text without a byte-order mark.
    pub encoding: &'static Encoding,
    /// Which columns have what.
    pub columns: ColumnWishes,
}

/// A file of lines, ready to be read as often as it is needed.
#[derive(Debug)]
pub struct OrderFile {
    file: File,
    format: ListFormat,
    reading: Reading,
}

/// What the lines of a file came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many lines there are that can be asked for.
    pub lines: u64,
    /// The first of those that cannot, in the file's order.
    pub bad: Vec<BadLine>,
    /// How many cannot, in all.
    pub bad_count: u64,
    /// Whether the last of them breaks the file off: nobody knows what follows it.
    pub is_broken: bool,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum OrderFileError {
    /// It cannot be opened, or copied from a pipe.
    #[error("`{}` cannot be read", path.display())]
    Unreadable {
        /// The file, as the user named it.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is not what its format has it be, or no column is known to have the products or the quantities.
    #[error("{detail}")]
    Content {
        /// What is wrong, with its place.
        detail: String,
        /// What to do.
        hint: &'static str,
    },
}

impl OrderFile {
    /// Opens a file; `-` is standard input. What is no regular file is copied to a temporary one first, since it is
    /// read from its beginning more than once.
    ///
    /// # Errors
    /// When it cannot be opened or copied.
    pub fn open(path: &Path, reading: Reading) -> Result<Self, OrderFileError> {
        let unreadable = |source| OrderFileError::Unreadable { path: path.to_owned(), source };
        let mut file = open(path).map_err(unreadable)?;
        let by_name = || by_extension(path);
        let format = match reading.format.or_else(by_name) {
            Some(format) => format,
            None => format_of(&mut file).map_err(content)?,
        };
        Ok(Self { file, format, reading })
    }

    /// Hands every line to `take` until that returns `false`, and sums up.
    ///
    /// # Errors
    /// When the file is not what its format has it be, or a column is missing.
    pub fn read(&self, mut take: impl FnMut(OrderLine) -> bool) -> Result<Summary, OrderFileError> {
        let mut summary = Summary::default();
        let mut columns: Option<Columns> = None;
        let mut missing = None;
        let stopped = || Failure::new(ErrorKind::Cancelled);
        let read = rows(&self.file, self.format, self.reading.encoding, &mut |row, place| {
            let line = match row {
                Row::Json(text) => line::of_json(text, place, &self.reading.columns),
                Row::Cells(cells) if is_blank(cells) => return Ok(()),
                Row::Cells(cells) => match &columns {
                    Some(columns) => line::of_cells(cells, place, columns),
                    None => match Columns::find(cells, &self.reading.columns) {
                        Ok(Found { columns: found, is_header }) => {
                            let line = (!is_header).then(|| line::of_cells(cells, place, &found));
                            columns = Some(found);
                            let Some(line) = line else { return Ok(()) };
                            line
                        }
                        Err(problem) => {
                            missing = Some(OrderFileError::Content {
                                detail: format!("{place}: {problem}"),
                                hint: columns::HINT,
                            });
                            return Err(stopped());
                        }
                    },
                },
            };
            match line {
                Ok(line) => {
                    summary.lines += 1;
                    if take(line) { Ok(()) } else { Err(stopped()) }
                }
                Err(bad) => {
                    summary.note(bad);
                    Ok(())
                }
            }
        });
        match (read, missing) {
            (_, Some(missing)) => Err(missing),
            (Err(failure), None) if failure.kind == ErrorKind::Cancelled => Ok(summary),
            // What comes behind it cannot be told apart, so it is the last of the bad lines.
            (Err(failure), None) if summary.lines + summary.bad_count > 0 => {
                summary.note(BadLine { place: RowPlace::Document, reason: failure.detail.unwrap_or_default() });
                summary.is_broken = true;
                Ok(summary)
            }
            (Err(failure), None) => Err(content(failure)),
            (Ok(()), None) => Ok(summary),
        }
    }
}

impl Summary {
    fn note(&mut self, bad: BadLine) {
        self.bad_count += 1;
        if self.bad.len() < MOST_SHOWN {
            self.bad.push(bad);
        }
    }
}

fn content(failure: Failure) -> OrderFileError {
    let hint = "`--input-format` says what it is, and `--encoding` how its text is written";
    OrderFileError::Content { detail: failure.detail.unwrap_or_default(), hint }
}

impl OrderFileError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "name a file, or `-` for standard input",
            Self::Content { hint, .. } => hint,
        }
    }

    /// What is wrong, with its causes.
    #[must_use]
    pub fn words(&self) -> String {
        cause_words(self)
    }
}

fn is_blank(cells: &[&str]) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

fn open(path: &Path) -> io::Result<File> {
    if path.as_os_str() == "-" {
        return spooled(&mut io::stdin().lock());
    }
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let mut file = File::open(path)?;
    if metadata.is_file() { Ok(file) } else { spooled(&mut file) }
}

fn spooled(source: &mut dyn io::Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(source, &mut file)?;
    Ok(file)
}

fn by_extension(path: &Path) -> Option<ListFormat> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "tsv" | "tab" => Some(ListFormat::Csv),
        "jsonl" => Some(ListFormat::Ndjson),
        other => ListFormat::ALL.into_iter().find(|format| format.as_str() == other),
    }
}

#[cfg(test)]
mod tests;
