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

use std::path::PathBuf;
use std::sync::Arc;

use self::open::Facts;
use self::reading::Reading;
use super::work::Threads;
use super::{Asking, Exchange, Inquiry, PhaseMark, Preview, Recorder, Reply, Transport};
use crate::domain::{ErrorKind, Failure, ListLayout, Phase, SupplierName, TransportKind, age_words};
use crate::mapping::{Binding, Bindings, Mapping, ROW_STACK, UrlTemplate};

/// Where lists are read. More at a time than processors bring nothing.
static THREADS: Threads = Threads::new("price list", 4, Some(ROW_STACK));

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

    async fn reply(&self, inquiry: &Inquiry, phase: &PhaseMark) -> Result<Reply, Failure> {
        phase.enter(Phase::Mapping);
        let bindings = self.bindings(inquiry);
        let path = match &self.settings.saved {
            Some(copy) => copy.clone(),
            None => path::locate(&self.settings.path, &self.settings.folder, &bindings)?,
        };
        let settings = Arc::clone(&self.settings);
        let read = THREADS.run(move |wanted| {
            let reading = Reading { settings: &settings, bindings: &bindings, is_wanted: &|| wanted.is_wanted() };
            reading.reply(&path)
        });
        read.await
    }

    fn bindings(&self, inquiry: &Inquiry) -> Bindings {
        Bindings::new(Arc::clone(&inquiry.request), Arc::clone(&self.settings.vars))
    }

    /// Keeps what was asked for, if somebody wants it. There is no reply to keep: a list is as long as it likes.
    fn keep(&self, inquiry: &Inquiry) {
        let list = || path::locate(&self.settings.path, &self.settings.folder, &self.bindings(inquiry)).ok();
        if self.settings.recorder.is_on() {
            self.settings.recorder.keep(Exchange {
                supplier: self.settings.name.clone(),
                question: Arc::clone(&inquiry.request),
                request: self.preview(inquiry),
                status: None,
                content_type: None,
                retry_after: None,
                location: None,
                list: list(),
                body: Vec::new(),
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
            let reply = self.reply(inquiry, phase).await.map_err(|failure| self.named(failure, inquiry));
            self.keep(inquiry);
            reply
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
