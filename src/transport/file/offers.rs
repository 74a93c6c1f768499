//! The offers that a price list has for one request, and the rows that they are made of.
//!
//! Refuses to know formats (`reading` does) and what a row means (`mapping` does). Main type: [`Read`].

use super::FileSettings;
use super::reading::Reading;
use super::source::Source;
use crate::domain::Failure;
use crate::mapping::{Bindings, KeptRows, Look, RowMapping};
use crate::transport::Reply;

/// What came of reading a list for a request.
#[derive(Clone, Debug)]
pub struct Read {
    /// The offers, or why there are none.
    pub reply: Result<Reply, Failure>,
    /// The rows that were kept.
    pub kept: KeptRows,
    /// The size of the list, bytes; `None` = it could not be opened.
    pub size: Option<u64>,
}

impl Read {
    /// There were no rows to read.
    pub(super) fn nothing() -> Self {
        Self { reply: Ok(Reply::default()), kept: KeptRows::default(), size: None }
    }

    /// There was no list to read.
    pub(super) fn failed(failure: Failure) -> Self {
        Self { reply: Err(failure), ..Self::nothing() }
    }
}

impl Source {
    /// Maps its rows, as long as `is_wanted`, and keeps those that `look` says: there are no offers, but `file_unreadable`,
    /// `file_stale`, `malformed_json` or `mapping` when one of them cannot be, `cancelled` when nobody waits any more.
    pub(super) fn read(
        &self,
        settings: &FileSettings,
        bindings: &Bindings,
        look: Option<Look>,
        is_wanted: &dyn Fn() -> bool,
    ) -> Read {
        let Self { input, layout, is_excerpt, places } = self;
        let FileSettings { name, path: template, mapping, .. } = settings;
        let list = match input.open() {
            Ok(list) => list,
            Err(failure) => return Read::failed(failure),
        };
        let column = layout.product_column.as_deref();
        let rows = RowMapping::new(mapping, bindings, name, column, template.names_product());
        let mut rows = rows.of_excerpt(*is_excerpt).looking(look);
        let reading = Reading { layout, places, is_wanted };
        let read = list.facts.check_age(layout.max_age).and_then(|()| reading.rows(&list, &mut rows));
        let kept = rows.take_kept();
        let file_modified_at = list.facts.modified_at();
        let reply = read.map(|()| Reply { offers: rows.finish(), file_modified_at, ..Reply::default() });
        Read { reply, kept, size: Some(list.facts.length) }
    }
}
