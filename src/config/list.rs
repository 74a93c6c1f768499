//! Suppliers that are price lists in files: their keys as written, which of them fit, and what is made of them.
//!
//! Owns `file:` URLs. Refuses to read a list. Main type: [`ListTable`].

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use encoding_rs::{Encoding, UTF_8};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use schemars::JsonSchema;
use toml_edit::Value;

use super::address::template_problem;
use super::document::At;
use super::error::{Problem, nearest, quoted};
use super::reader::Fields;
use super::schema;
use super::settings::FileEndpoint;
use super::values::{self, Read};
use super::variables::Text;
use crate::domain::{ListFormat, ListLayout};
use crate::mapping::{Names, UrlTemplate};

/// What such a URL looks like.
const FORM: &str = "write `file:prices/acme.csv` from the configuration's folder, or `file:///srv/prices/acme.csv`";
/// The most lines that may stand before the header.
const LAST_HEADER_ROW: i64 = 1_000;
/// What of a variable's value is a path as it stands.
const IN_PATHS: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a price list in a file is read, as written.
#[derive(Clone, Default, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) struct ListTable {
    /// The format of a price list in a file. Default: by the file's extension; `tsv` is `csv` with tabs.
    #[schemars(with = "Option<schema::ListFormatWord>")]
    pub(super) format: Option<At<ListFormat>>,
    /// What stands between the cells of CSV, one character. Default: `,`.
    #[schemars(with = "Option<schema::Delimiter>")]
    pub(super) delimiter: Option<At<u8>>,
    /// The encoding of a price list that is text, such as `windows-1252`. A byte-order mark goes before it. Default: utf-8.
    #[schemars(with = "Option<String>")]
    pub(super) encoding: Option<At<&'static Encoding>>,
    /// The line (of CSV) or row (of a sheet) with the names of the columns; 0 = there is none, and they are `c1`,
    /// `c2` and so on. Default: 1.
    #[schemars(with = "Option<schema::HeaderRow>")]
    pub(super) header_row: Option<At<u32>>,
    /// The sheet of a workbook. Default: the first that is not hidden.
    #[schemars(with = "Option<String>")]
    pub(super) sheet: Option<At<String>>,
    /// The column of a price list that has the product: other rows are skipped, quickly.
    #[schemars(with = "Option<String>")]
    pub(super) product_column: Option<At<String>>,
    /// How old a price list may be, such as `36h` or `7d`. Default: as old as it likes.
    #[schemars(with = "Option<schema::Age>")]
    pub(super) max_age: Option<At<Duration>>,
}

impl ListTable {
    /// The keys.
    pub(super) const KEYS: [&str; 7] =
        ["format", "delimiter", "encoding", "header-row", "sheet", "product-column", "max-age"];

    /// Reads the keys of a supplier; what is wrong is noted.
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        Self {
            format: fields.word("format", read_format),
            delimiter: fields.word("delimiter", read_delimiter),
            encoding: fields.word("encoding", read_encoding),
            header_row: fields.number("header-row", |text| values::count(text, &(0..=LAST_HEADER_ROW))),
            sheet: fields.word("sheet", read_name),
            product_column: fields.word("product-column", read_name),
            max_age: fields.word("max-age", values::age),
        }
    }

    /// Checks which of the keys fit a list; what is wrong is noted.
    pub(super) fn check(&self, fields: &mut Fields<'_, '_, '_>, url: &At<String>) {
        let mut refuse = |keys: &[&str], what: &str, hint: &str| {
            for key in keys {
                if let Some(value) = fields.raw(key) {
                    fields.complain(key, value.span().into(), Problem::new(what).with_hint(hint));
                }
            }
        };
        let Some((format, _)) = self.format_of(&url.value) else {
            if fields.raw("format").is_some() {
                return;
            }
            let problem = Problem::new("its name does not say which format the price list has");
            let formats = ListFormat::ALL.map(|format| format!("`\"{}\"`", format.as_str())).join(", ");
            return fields.complain("url", url.span, problem.with_hint(format!("add `format`: {formats}")));
        };
        let fits = [
            ("delimiter", format == ListFormat::Csv, "CSV"),
            ("encoding", format.is_text(), "text"),
            ("header-row", format.is_table(), "CSV and sheets"),
            ("sheet", format.is_workbook(), "workbooks"),
        ];
        for (key, _, what) in fits.iter().filter(|(_, fits, _)| !fits) {
            refuse(&[key], &format!("it is for {what}, and the format is `{}`", format.as_str()), "remove it");
        }
    }

    /// The format, and the delimiter that the file's name implies.
    fn format_of(&self, url: &str) -> Option<(ListFormat, Option<u8>)> {
        let by_name = by_extension(url);
        match &self.format {
            Some(at) => Some((at.value, by_name.filter(|(format, _)| *format == at.value).and_then(|(_, tab)| tab))),
            None => by_name,
        }
    }

    /// How the recorded rows of a mock are read, which are in this file or else in the configuration; `None` as for the
    /// list itself.
    pub(super) fn of_mock(&self, url: &At<String>, file: Option<&At<String>>) -> Option<ListLayout> {
        let layout = self.clone().layout(&Text::parse(&url.value).ok()?.assumed())?;
        Some(file.map_or_else(|| layout.of_text(), |file| layout.of_copy(&file.value)))
    }

    /// What the transport needs. `None` = the format is not known, which was noted.
    fn layout(self, url: &str) -> Option<ListLayout> {
        let (format, implied) = self.format_of(url)?;
        Some(ListLayout {
            format,
            delimiter: self.delimiter.map(|at| at.value).or(implied),
            encoding: self.encoding.map_or(UTF_8, |at| at.value),
            header_row: self.header_row.map_or(1, |at| at.value),
            sheet: self.sheet.map(|at| at.value),
            product_column: self.product_column.map(|at| at.value),
            max_age: self.max_age.map(|at| at.value),
        })
    }
}

/// Whether a URL is one of a file.
pub(super) fn is_file(url: &str) -> bool {
    url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"))
}

/// Checks a URL of a file as far as it can be judged without the values of its variables.
pub(super) fn check_url(text: &Text<'_>, names: &Names) -> Read<()> {
    let assumed = text.assumed();
    // The whole of it, so that positions are those of the URL.
    UrlTemplate::parse(&assumed, names).map_err(|problem| template_problem(&problem))?;
    path_of(&assumed).map(drop)
}

/// Makes the endpoint of a URL that passed [`check_url`]; `variable` gives the values of its variables.
pub(super) fn endpoint(
    url: &str,
    list: ListTable,
    folder: &Path,
    names: &Names,
    mut variable: impl FnMut(&str) -> Read<String>,
) -> Read<Option<FileEndpoint>> {
    // It was parsed before.
    let Ok(text) = Text::parse(url) else { return Ok(None) };
    let encoded = |name: &str| variable(name).map(|value| utf8_percent_encode(&value, &IN_PATHS).to_string());
    let template = |url: &str| UrlTemplate::parse(path_of(url)?, names).map_err(|problem| template_problem(&problem));
    let path = template(&text.resolved(encoded)?)?;
    let shown_path = template(&text.masked())?;
    let layout = list.layout(&text.assumed());
    Ok(layout.map(|layout| FileEndpoint { path, shown_path, folder: folder.to_owned(), layout }))
}

/// The URL of a list, as it is written into a configuration in `folder`: what is below that is relative to it.
///
/// # Errors
/// When there is no such file.
pub(super) fn url_of(folder: &Path, path: &Path) -> io::Result<String> {
    let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
    // The file itself may be a link to the newest one of several, and stays one.
    let whole = path.parent().unwrap_or(Path::new("."));
    let here = |folder: &Path| if folder.as_os_str().is_empty() { Path::new(".") } else { folder }.canonicalize();
    let (whole, folder) = (here(whole)?.join(name), here(folder)?);
    let encode = |path: &Path| percent_encode(path.as_os_str().as_bytes(), &IN_PATHS).to_string();
    Ok(match whole.strip_prefix(&folder) {
        Ok(relative) => format!("file:{}", encode(relative)),
        Err(_) => format!("file://{}", encode(&whole)),
    })
}

/// The keys of a list and their values, without those that its URL and the defaults say.
pub(super) fn keys(layout: &ListLayout, url: &str) -> Vec<(&'static str, Value)> {
    let ListLayout { format, delimiter, encoding, header_row, sheet, product_column, max_age: _ } = layout;
    let by_name = by_extension(url);
    let is_known = by_name.is_some_and(|(known, _)| known == *format);
    let implied = by_name.filter(|_| is_known).and_then(|(_, tab)| tab);
    let delimiter = delimiter.filter(|delimiter| Some(*delimiter) != implied);
    let found = [
        ("format", (!is_known).then(|| format.as_str().into())),
        ("delimiter", delimiter.map(|delimiter| char::from(delimiter).to_string().into())),
        ("encoding", (*encoding != UTF_8).then(|| encoding.name().to_ascii_lowercase().into())),
        ("header-row", (*header_row != 1).then(|| i64::from(*header_row).into())),
        ("sheet", sheet.as_deref().map(visible)),
        ("product-column", product_column.as_deref().map(visible)),
    ];
    found.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// A text of which every character can be seen: what a list calls its columns may turn the text around it.
fn visible(text: &str) -> Value {
    let is_hidden = |letter: char| !"\"'\\".contains(letter) && letter.escape_debug().len() > 1;
    if !text.contains(is_hidden) {
        return text.into();
    }
    let escaped = |letter: char| match letter {
        '"' | '\\' => format!("\\{letter}"),
        hidden if is_hidden(hidden) => format!("\\U{:08x}", u32::from(hidden)),
        other => other.to_string(),
    };
    let written: String = text.chars().map(escaped).collect();
    format!("\"{written}\"").parse().unwrap_or_else(|_| text.into())
}

/// The path in a URL of a file.
fn path_of(url: &str) -> Read<&str> {
    let rest = &url["file:".len()..];
    let path = match rest.strip_prefix("//") {
        Some(path) if path.starts_with('/') => path,
        Some(_) => return Err(Problem::new("a file has no host").with_hint(FORM)),
        None => rest,
    };
    if path.is_empty() || path.ends_with('/') {
        return Err(Problem::new("it names no file").with_hint(FORM));
    }
    if path.contains(['?', '#']) {
        let problem = Problem::new("a file has neither a query nor a fragment");
        return Err(problem.with_hint("write `%3F` and `%23` for `?` and `#` in its name"));
    }
    Ok(path)
}

/// What the extension of a URL means.
fn by_extension(url: &str) -> Option<(ListFormat, Option<u8>)> {
    let name = url.rsplit('/').next()?;
    let (_, extension) = name.rsplit_once('.')?;
    ListFormat::of_extension(extension)
}

fn read_format(text: &str) -> Read<ListFormat> {
    let words = || ListFormat::ALL.into_iter().map(ListFormat::as_str);
    let known = ListFormat::ALL.into_iter().find(|format| format.as_str() == text);
    known.ok_or_else(|| {
        let hint = words().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        Problem::new(format!("{} is not a format of price lists", quoted(text))).with_hint(hint)
    })
}

fn read_delimiter(text: &str) -> Read<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(*byte),
        _ => {
            let problem = Problem::new(format!("{} cannot stand between cells", quoted(text)));
            Err(problem.with_hint("one character of ASCII, such as `;` or `\\t`"))
        }
    }
}

/// Reads the label of an encoding.
pub(super) fn read_encoding(text: &str) -> Read<&'static Encoding> {
    const USUAL: [&str; 6] = ["utf-8", "utf-16le", "windows-1252", "iso-8859-1", "iso-8859-15", "windows-1250"];
    // It stands for encodings that would be a danger to web pages, and decodes nothing.
    let known = Encoding::for_label(text.as_bytes()).filter(|encoding| encoding.name() != "replacement");
    known.ok_or_else(|| {
        let hint = match nearest(text, USUAL) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "a label of the WHATWG, such as `utf-8`, `windows-1252` or `utf-16le`".to_owned(),
        };
        Problem::new(format!("{} is not an encoding", quoted(text))).with_hint(hint)
    })
}

fn read_name(text: &str) -> Read<String> {
    if text.is_empty() { Err(Problem::new("it is empty").with_hint("remove it")) } else { Ok(text.to_owned()) }
}
