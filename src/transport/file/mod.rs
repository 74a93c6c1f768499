//! Suppliers that are price lists in files.
//!
//! Owns one reading: where the file is, whether it may be used, and its rows, one at a time, so that memory does not grow
//! with the list. Refuses to know what a row means (`mapping` does) and deadlines (the engine owns time); a reading that
//! nobody waits for any more stops at the next row. Main type: [`FileSupplier`].
//!
//! ```text
//! source: path ─► open ─► text ─► csv, json ─► reading ─► mapping
//!                      └► bounds ─► workbook ──┘       └► who only looks at it
//! ```
//!
//! [`scan`] hands the rows of a list to whoever only looks at it, [`heads`] its beginning where nothing is known of it
//! yet, and [`rows()`] those of a file to whoever reads other lists.

mod bounds;
mod csv;
mod json;
mod number;
mod offers;
mod open;
mod path;
mod reading;
mod rows;
mod source;
mod survey;
mod text;
mod workbook;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use encoding_rs::UTF_8;
use jiff::Timestamp;

pub use self::offers::Read;
pub use self::rows::{Row, format_of, rows};
pub use self::source::{ListSource, MockList};
pub use self::survey::{Script, heads, script};

use self::open::{Facts, List};
use self::reading::Reading;
use self::source::{Input, Source};
use super::work::{Threads, local_resource};
use super::{
    Asking, Exchange, Inquiry, ListRows, PhaseMark, Preview, Recorder, Reply, SavedList, SavedReplies, Transport,
};
use crate::domain::{ErrorKind, Failure, ListFormat, ListLayout, Phase, SupplierName, TransportKind, age_words};
use crate::mapping::{Binding, Bindings, KeptRows, Look, Mapping, ROW_STACK, Rows, UrlTemplate};

/// Where lists are read. More at a time than processors bring nothing.
static THREADS: Threads = Threads::new("price list", 4, Some(ROW_STACK));

/// How many rows about a product are kept where somebody wants to see them, beside those that offers are made of.
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
    /// Who has the list.
    pub source: ListSource,
    /// What keeps an exchange.
    pub recorder: Recorder,
}

impl FileSettings {
    /// Where the file is for a request.
    ///
    /// # Errors
    /// `file_unreadable` when what was asked for makes no path.
    pub fn locate(&self, bindings: &Bindings) -> Result<PathBuf, Failure> {
        path::locate(&self.path, &self.folder, bindings)
    }
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
        let source = match &self.settings.source {
            ListSource::File => {
                let (input, layout) = (Input::Path(self.settings.locate(&bindings)?), self.settings.layout.clone());
                Source { input, layout, is_excerpt: false, places: Vec::new() }
            }
            ListSource::Mock(mock) => mock.source(&bindings, phase).await?,
            ListSource::Saved(saved) => return self.read_again(saved, inquiry).await,
        };
        phase.enter(Phase::Mapping);
        self.read_rows(source, bindings).await
    }

    async fn read_rows(&self, source: Source, bindings: Bindings) -> Result<Read, Failure> {
        let settings = Arc::clone(&self.settings);
        let look = settings.recorder.is_on().then_some(Look::ForGood(MOST_KEPT));
        let read = THREADS.run(move |wanted| Ok(source.read(&settings, &bindings, look, &|| wanted.is_wanted())));
        read.await
    }

    /// Reads the rows that were kept of an earlier run. What comes behind a row that the mapping failed on was not read
    /// then, so the failure stays, whatever the mapping is now.
    async fn read_again(&self, saved: &SavedReplies, inquiry: &Inquiry) -> Result<Read, Failure> {
        let SavedList { file, rows, changed_at } = saved.rows(&self.preview(inquiry))?;
        let mut read = match file {
            None => Read::nothing(),
            Some(file) => {
                let layout = &self.settings.layout;
                // The list was young enough then.
                let layout =
                    ListLayout { format: ListFormat::Ndjson, encoding: UTF_8, max_age: None, ..layout.clone() };
                let (input, places) = (Input::Path(file.clone()), rows.places.clone());
                let source = Source { input, layout, is_excerpt: true, places };
                self.read_rows(source, self.bindings(inquiry)).await?
            }
        };
        (read.kept.count, read.size) = (rows.count, rows.size);
        read.reply = match &saved.failure {
            Some(failure) => Err(failure.clone()),
            None => read.reply.map(|reply| Reply { file_modified_at: *changed_at, ..reply }),
        };
        Ok(read)
    }

    fn bindings(&self, inquiry: &Inquiry) -> Bindings {
        Bindings::new(Arc::clone(&inquiry.request), Arc::clone(&self.settings.vars))
    }

    /// Keeps what was asked for, if somebody wants it, and the rows about it in the place of a reply: a list is as long
    /// as it likes.
    fn keep(&self, inquiry: &Inquiry, kept: &KeptRows, size: Option<u64>) {
        if self.settings.recorder.is_on() {
            let places = kept.rows.iter().map(|row| row.place).collect();
            self.settings.recorder.keep(Exchange {
                supplier: self.settings.name.clone(),
                question: Arc::clone(&inquiry.request),
                request: self.preview(inquiry),
                status: None,
                content_type: (!kept.rows.is_empty()).then(|| NDJSON.to_owned()),
                retry_after: None,
                location: None,
                list: Some(ListRows { places, count: kept.count, size }),
                body: ndjson(kept).into_bytes(),
            });
        }
    }

    /// What is known of the list without reading it.
    fn facts(&self, bindings: &Bindings) -> Result<Option<Facts>, Failure> {
        match &self.settings.source {
            ListSource::File => self.settings.locate(bindings).and_then(|path| Facts::of(&path)).map(Some),
            ListSource::Mock(_) => Ok(None),
            ListSource::Saved(saved) => {
                let known = saved.list.as_ref().and_then(|list| Some((list.rows.size?, list.changed_at)));
                Ok(known.map(|(length, changed_at)| Facts { length, modified: changed_at.and_then(system_time) }))
            }
        }
    }

    /// The failure with the file's name, where it is the file's.
    fn named(&self, failure: Failure, inquiry: &Inquiry) -> Failure {
        let is_named = matches!(self.settings.source, ListSource::Saved(_));
        if is_named || !matches!(failure.kind, ErrorKind::FileUnreadable | ErrorKind::FileStale) {
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
            let Read { reply, kept, size } = read.unwrap_or_else(Read::failed);
            self.keep(inquiry, &kept, size);
            reply.map_err(|failure| self.named(failure, inquiry))
        })
    }

    fn preview(&self, inquiry: &Inquiry) -> Preview {
        let FileSettings { shown_path, layout, source, .. } = &*self.settings;
        let bindings = self.bindings(inquiry);
        if let ListSource::Mock(mock) = source {
            return mock.page(&bindings).preview();
        }
        let mut headers = vec![("format".to_owned(), layout.format.as_str().to_owned())];
        match self.facts(&bindings) {
            Ok(facts) => {
                headers.extend(facts.map(|facts| ("size".to_owned(), size_words(facts.length))));
                let changed = facts.filter(|facts| facts.modified.is_some());
                headers.extend(changed.map(|facts| ("changed".to_owned(), format!("{} ago", age_words(facts.age())))));
            }
            Err(failure) => headers.push(("error".to_owned(), failure.detail.unwrap_or_default())),
        }
        Preview { head: format!("READ {}", path::shown(shown_path, &bindings)), headers, body: None }
    }
}

/// Reads a list for a request as a comparison does, and waits for that. The list is this file, whatever the settings name;
/// how old it is does not matter. `look` says which rows are kept to be seen.
///
/// # Errors
/// `local_resource` without a thread. A list that cannot be read, or mapped, is told beside the rows before that.
pub fn read(settings: &FileSettings, path: &Path, bindings: &Bindings, look: Option<Look>) -> Result<Read, Failure> {
    let layout = ListLayout { max_age: None, ..settings.layout.clone() };
    let source = Source { input: Input::Path(path.to_owned()), layout, is_excerpt: false, places: Vec::new() };
    let work = || source.read(settings, bindings, look, &|| true);
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(ROW_STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| local_resource(&error))?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Hands over the rows of a list that need not be a supplier's yet, and waits for that.
///
/// # Errors
/// `file_unreadable` when the list cannot be read, and those of who takes the rows.
pub fn scan(path: &Path, layout: &ListLayout, rows: &mut impl Rows) -> Result<(), Failure> {
    Reading { layout, places: &[], is_wanted: &|| true }.rows(&List::open(path)?, rows)
}

/// The rows, one a line.
fn ndjson(kept: &KeptRows) -> String {
    kept.rows.iter().flat_map(|row| [&*row.json, "\n"]).collect()
}

fn system_time(at: Timestamp) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::try_from(at.as_duration()).ok()?)
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
