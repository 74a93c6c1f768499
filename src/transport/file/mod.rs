//! Suppliers that are price lists in files.
//!
//! Owns one reading: where the file is, whether it may be used, and its rows, one at a time, so that memory does not grow
//! with the list. Refuses to know what a row means (`mapping` does) and deadlines (the engine owns time); a reading that
//! nobody waits for any more stops at the next row. Main type: [`FileSupplier`].
//!
//! ```text
//! path ─► open ─► text ─► csv, json ─► mapping
//!              └► bounds ─► workbook ─┘
//! ```

mod bounds;
mod csv;
mod json;
mod number;
mod open;
mod path;
mod reading;
mod text;
mod workbook;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use self::open::Facts;
use self::reading::{Read, Reading};
use super::work::{Threads, local_resource};
use super::{Asking, Exchange, Inquiry, PhaseMark, Preview, Recorder, Transport};
use crate::domain::{ErrorKind, Failure, ListLayout, Phase, SupplierName, TransportKind, age_words};
use crate::mapping::{Binding, Bindings, KeptRows, Look, Mapping, ROW_STACK, UrlTemplate};

/// Where lists are read. More at a time than processors bring nothing.
static THREADS: Threads = Threads::new("price list", 4, Some(ROW_STACK));

/// How many rows about a product are kept where somebody wants to see them.
const MOST_KEPT: usize = 1_000;
/// What the kept rows are called.
const NDJSON: &str = "application/x-ndjson";

/// What is needed to read a supplier's price list.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// The configured name.
    pub name: SupplierName,
    /// The path as a template, percent-encoded. It may hold secrets.
    pub path: UrlTemplate,
    /// The same with every secret masked.
    pub shown_path: UrlTemplate,
    /// Where relative paths start from.
    pub folder: PathBuf,
    /// How the list is read.
    pub layout: ListLayout,
    /// How offers are made of a row.
    pub mapping: Mapping,
    /// Values of its own.
    pub vars: Arc<[Binding]>,
    /// The copy that is read in the list's place, of an earlier run.
    pub saved: Option<PathBuf>,
    /// What keeps an exchange.
    pub recorder: Recorder,
}

/// A supplier whose prices are in a file.
#[derive(Debug)]
pub struct FileSupplier {
    settings: Arc<FileSettings>,
}

impl FileSupplier {
    /// Takes the settings. Nothing is read.
    #[must_use]
    pub fn new(settings: FileSettings) -> Self {
        Self { settings: Arc::new(settings) }
    }

    async fn read(&self, inquiry: &Inquiry, phase: &PhaseMark) -> Result<Read, Failure> {
        phase.enter(Phase::Mapping);
        let bindings = self.bindings(inquiry);
        let path = match &self.settings.saved {
            Some(copy) => copy.clone(),
            None => path::locate(&self.settings.path, &self.settings.folder, &bindings)?,
        };
        let settings = Arc::clone(&self.settings);
        let look = settings.recorder.is_on().then_some(Look::AtProduct(MOST_KEPT));
        let read = THREADS.run(move |wanted| {
            let is_wanted = || wanted.is_wanted();
            Ok(Reading { settings: &settings, bindings: &bindings, is_wanted: &is_wanted, look }.read(&path))
        });
        read.await
    }

    fn bindings(&self, inquiry: &Inquiry) -> Bindings {
        Bindings::new(Arc::clone(&inquiry.request), Arc::clone(&self.settings.vars))
    }

    /// Keeps what was asked for, if somebody wants it, and the rows about it in the place of a reply: a list is as long
    /// as it likes.
    fn keep(&self, inquiry: &Inquiry, kept: &KeptRows) {
        let list = || path::locate(&self.settings.path, &self.settings.folder, &self.bindings(inquiry)).ok();
        if self.settings.recorder.is_on() {
            let mut request = self.preview(inquiry);
            request.headers.extend(rows_words(kept).map(|words| ("rows".to_owned(), words)));
            self.settings.recorder.keep(Exchange {
                supplier: self.settings.name.clone(),
                question: Arc::clone(&inquiry.request),
                request,
                status: None,
                content_type: (!kept.rows.is_empty()).then(|| NDJSON.to_owned()),
                retry_after: None,
                location: None,
                list: list(),
                body: ndjson(kept).into_bytes(),
            });
        }
    }

    /// The failure with the file's name, where it is the file's.
    fn named(&self, failure: Failure, inquiry: &Inquiry) -> Failure {
        if !matches!(failure.kind, ErrorKind::FileUnreadable | ErrorKind::FileStale) {
            return failure;
        }
        let path = path::shown(&self.settings.shown_path, &self.bindings(inquiry));
        let detail = failure.detail.unwrap_or_default();
        Failure { detail: Some(format!("`{path}`: {detail}")), ..failure }
    }
}

impl Transport for FileSupplier {
    fn kind(&self) -> TransportKind {
        TransportKind::File
    }

    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a> {
        Box::pin(async {
            let read = self.read(inquiry, phase).await;
            let (reply, kept) = match read {
                Ok(Read { reply, kept }) => (reply, kept),
                Err(failure) => (Err(failure), KeptRows::default()),
            };
            self.keep(inquiry, &kept);
            reply.map_err(|failure| self.named(failure, inquiry))
        })
    }

    fn preview(&self, inquiry: &Inquiry) -> Preview {
        let FileSettings { path, shown_path, folder, layout, .. } = &*self.settings;
        let bindings = self.bindings(inquiry);
        let facts = path::locate(path, folder, &bindings).and_then(|path| Facts::of(&path));
        let mut headers = vec![("format".to_owned(), layout.format.as_str().to_owned())];
        match facts {
            Ok(facts) => {
                headers.push(("size".to_owned(), size_words(facts.length)));
                headers.push(("changed".to_owned(), format!("{} ago", age_words(facts.age()))));
            }
            Err(failure) => headers.push(("error".to_owned(), failure.detail.unwrap_or_default())),
        }
        Preview { head: format!("READ {}", path::shown(shown_path, &bindings)), headers, body: None }
    }
}

/// Reads the rows of a list for those who want to see them and what the mapping makes of them, and waits for that. The
/// list is this file, whatever the settings name; how old it is does not matter.
///
/// # Errors
/// `local_resource` without a thread. A list that cannot be read, or mapped, is told beside the rows before that.
pub fn look(
    settings: &FileSettings,
    path: &Path,
    bindings: &Bindings,
    look: Look,
) -> Result<(KeptRows, Option<Failure>), Failure> {
    let settings = FileSettings { layout: ListLayout { max_age: None, ..settings.layout.clone() }, ..settings.clone() };
    let work = || Reading { settings: &settings, bindings, is_wanted: &|| true, look: Some(look) }.read(path);
    let Read { reply, kept } = thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(ROW_STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| local_resource(&error))?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    Ok((kept, reply.err()))
}

/// The rows, one a line.
fn ndjson(kept: &KeptRows) -> String {
    kept.rows.iter().flat_map(|row| [&*row.json, "\n"]).collect()
}

/// How many rows there are, where there are some.
fn rows_words(kept: &KeptRows) -> Option<String> {
    match (kept.rows.len(), kept.count) {
        (_, 0) => None,
        (shown, count) if shown < count => Some(format!("the first {shown} of {count} about the product")),
        (_, count) => Some(format!("{count} about the product")),
    }
}

/// A length for people.
fn size_words(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// A `file_unreadable` failure.
fn unreadable(detail: impl Into<String>) -> Failure {
    Failure::new(ErrorKind::FileUnreadable).with_detail(detail)
}
