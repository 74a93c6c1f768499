//! Where the rows of a price list come from: its file, a mock in its place, or what was kept of an earlier run.
//!
//! Refuses to read rows. Main types: [`ListSource`], as configured, and [`Source`], for one request.

use std::path::PathBuf;
use std::sync::Arc;

use super::open::List;
use crate::domain::{Failure, ListLayout, Secret};
use crate::mapping::{Bindings, RowPlace, UrlTemplate};
use crate::transport::http::{HttpClient, Page};
use crate::transport::{PhaseMark, SavedReplies};

/// Who has a price list.
#[derive(Clone, Debug, Default)]
pub enum ListSource {
    /// The file that the settings name.
    #[default]
    File,
    /// A mock in its place.
    Mock(MockList),
    /// The folder of an earlier run.
    Saved(Arc<SavedReplies>),
}

/// A mock that gives out a price list.
#[derive(Clone, Debug)]
pub struct MockList {
    /// Where it does.
    pub url: UrlTemplate,
    /// Where connections come from.
    pub client: Arc<HttpClient>,
    /// How what it gives out is read.
    pub layout: ListLayout,
    /// Whether every row of that is about the product.
    pub is_excerpt: bool,
}

impl MockList {
    pub(super) fn page(&self, bindings: &Bindings) -> Page {
        let url = self.url.expand(bindings);
        Page { url: Secret::new(url.clone()), shown_url: url, accept: "*/*", body: None }
    }

    /// Asks it.
    ///
    /// # Errors
    /// What can happen to an exchange over HTTP.
    pub(super) async fn source(&self, bindings: &Bindings, phase: &PhaseMark) -> Result<Source, Failure> {
        let body = self.page(bindings).fetch(&self.client, phase).await?;
        let Self { layout, is_excerpt, .. } = self.clone();
        Ok(Source { input: Input::Bytes(body), layout, is_excerpt, places: Vec::new() })
    }
}

/// What is read for one request.
pub(super) struct Source {
    pub(super) input: Input,
    pub(super) layout: ListLayout,
    /// Whether every row is about the product.
    pub(super) is_excerpt: bool,
    /// Where the rows stand in the list that they were taken from; none = where they are found.
    pub(super) places: Vec<RowPlace>,
}

/// Where the bytes are.
pub(super) enum Input {
    /// In a file.
    Path(PathBuf),
    /// In memory.
    Bytes(Vec<u8>),
}

impl Input {
    /// Opens it.
    ///
    /// # Errors
    /// `file_unreadable`.
    pub(super) fn open(&self) -> Result<List, Failure> {
        match self {
            Self::Path(path) => List::open(path),
            Self::Bytes(bytes) => List::holding(bytes),
        }
    }
}
