//! What a price list in a file looks like.

use std::time::Duration;

use encoding_rs::{Encoding, UTF_8};

/// The formats of price lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFormat {
    /// Rows of cells, as RFC 4180 has them.
    Csv,
    /// One JSON document; the elements of an array are its rows.
    Json,
    /// A JSON value a line.
    Ndjson,
    /// A workbook of Excel 2007 or newer.
    Xlsx,
    /// A workbook of `LibreOffice` and others.
    Ods,
}

impl ListFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Json, Self::Ndjson, Self::Xlsx, Self::Ods];

    /// The word of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Xlsx => "xlsx",
            Self::Ods => "ods",
        }
    }

    /// The format of files with this extension, and what stands between their cells if that is in it, too.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<(Self, Option<u8>)> {
        match &*extension.to_ascii_lowercase() {
            "tsv" | "tab" => Some((Self::Csv, Some(b'\t'))),
            "jsonl" => Some((Self::Ndjson, None)),
            "xlsm" => Some((Self::Xlsx, None)),
            extension => Self::ALL.into_iter().find(|format| format.as_str() == extension).map(|format| (format, None)),
        }
    }

    /// Whether it is text, which has an encoding.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Json | Self::Ndjson)
    }

    /// Whether it has rows of cells below a header.
    #[must_use]
    pub const fn is_table(self) -> bool {
        !matches!(self, Self::Json | Self::Ndjson)
    }

    /// Whether it has sheets.
    #[must_use]
    pub const fn is_workbook(self) -> bool {
        matches!(self, Self::Xlsx | Self::Ods)
    }
}

/// The first rows of a list, taken apart in one of the ways that it may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListHead {
    /// What was taken for what stands between the cells of CSV.
    pub delimiter: Option<u8>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The rows that are not empty, with the line or row that they begin in, from 1. Numbers are their digits.
    pub rows: Vec<(u32, Vec<String>)>,
}

/// How a price list is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListLayout {
    /// Its format.
    pub format: ListFormat,
    /// What stands between the cells of CSV, an ASCII character; `None` = a comma, unless the header looks otherwise,
    /// which is an error then.
    pub delimiter: Option<u8>,
    /// The encoding of a text without a byte-order mark.
    pub encoding: &'static Encoding,
    /// The line (of CSV) or row (of a sheet) with the names of the columns, from 1; 0 = they are `c1`, `c2` and so on.
    pub header_row: u32,
    /// The sheet of a workbook; `None` = the first.
    pub sheet: Option<String>,
    /// The column that says which product a row is for; `None` = the filter finds out.
    pub product_column: Option<String>,
    /// How old the file may be; `None` = as old as it likes.
    pub max_age: Option<Duration>,
}

impl ListLayout {
    /// How a copy of the list, or of some of its rows, is read that is in a file of this name: as the list itself, unless
    /// the name is one of another format. Then it was made by other means, which write UTF-8. Its age does not matter.
    #[must_use]
    pub fn of_copy(&self, name: &str) -> Self {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let layout = Self { max_age: None, ..self.clone() };
        match ListFormat::of_extension(extension) {
            Some((format, delimiter)) if format != self.format => Self { format, delimiter, encoding: UTF_8, ..layout },
            Some((_, delimiter @ Some(_))) => Self { delimiter, ..layout },
            _ => layout,
        }
    }

    /// How some rows of the list are read that are written into a configuration: as the list itself, in UTF-8. Those of
    /// a workbook are CSV.
    #[must_use]
    pub fn of_text(&self) -> Self {
        let format = if self.format.is_workbook() { ListFormat::Csv } else { self.format };
        Self { format, encoding: UTF_8, max_age: None, ..self.clone() }
    }
}
