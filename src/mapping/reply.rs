//! What a supplier's replies mean: whether they are errors, which offers are in them, and whether there is more.
//!
//! Owns in which order a reply is read. Main types: [`Mapping`], and [`Lookup`] for replies that have ids.

use super::bindings::{Bindings, Names};
use super::filter::Filter;
use super::filter::reading::{self, Halt, NextPage, Reading};
use super::wire;
use crate::domain::{ErrorKind, Failure, OfferReply, SupplierName, TracedField};

/// The largest body in the wire's own format that is read at once, bytes.
const SMALL_BODY: usize = 64 << 10;

/// How a supplier's replies become offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// What says that a reply is an error, and with which message.
    pub error: Option<Filter>,
    /// What makes offers in the wire's format of a reply; `None` = replies are in it already.
    pub quotes: Option<Filter>,
    /// What says where the next page is; `None` = there is one page.
    pub next: Option<Filter>,
}

/// One reply, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its offers, in its order.
    pub offers: Vec<OfferReply>,
    /// Where the next ones are; `None` = these were the last.
    pub next: Option<NextPage>,
}

impl Mapping {
    /// Reads a reply to the request that is bound; no offers = the supplier does not carry the product. `supplier` is the
    /// configured name: a reply that names itself differently shows its own name as the seller. Filters may take a
    /// second or more, and are not given up before: whoever has a deadline calls this on another thread, and leaves.
    ///
    /// # Errors
    /// `supplier_error` when the `error` filter has a message, or the reply is an error object; `malformed_json` when
    /// the body is not one strict JSON document, or a key that is read stands twice; `mapping` when it is not made of
    /// objects, or of more than [`MAX_OFFERS`](super::MAX_OFFERS), or when a filter raises an error, uses up what it
    /// may use, or yields what it should not; `local_resource` without memory for the filters' thread.
    pub fn read(&self, body: &[u8], bindings: &Bindings, supplier: &SupplierName) -> Result<Page, Failure> {
        if self.is_plain() {
            return wire::decode(body, supplier).map(Page::last);
        }
        reading::in_full(body, bindings, self.wire(supplier), |reading| self.page(reading, supplier))
    }

    /// Does what [`Mapping::read`] does, if that takes no more than about a millisecond; else `None`. An event loop
    /// tries this first, and does the rest on another thread.
    #[must_use]
    pub fn read_at_once(
        &self,
        body: &[u8],
        bindings: &Bindings,
        supplier: &SupplierName,
    ) -> Option<Result<Page, Failure>> {
        if self.is_plain() {
            return (body.len() <= SMALL_BODY).then(|| wire::decode(body, supplier).map(Page::last));
        }
        reading::at_once(body, bindings, self.wire(supplier), |reading| self.page(reading, supplier))
    }

    /// Replies that a filter makes offers of.
    #[must_use]
    pub fn of(quotes: Filter) -> Self {
        Self { quotes: Some(quotes), ..Self::default() }
    }

    /// The offers of a reply, as [`Mapping::read`] reads them.
    ///
    /// # Errors
    /// As in [`Mapping::read`].
    pub fn offers(
        &self,
        body: &[u8],
        bindings: &Bindings,
        supplier: &SupplierName,
    ) -> Result<Vec<OfferReply>, Failure> {
        self.read(body, bindings, supplier).map(|page| page.offers)
    }

    /// Traces the fields of the first `most` offers of a reply back to where they come from, offers in the order of
    /// [`Mapping::read`]. It may take as long as that.
    ///
    /// # Errors
    /// As in [`Mapping::read`], but it does not mind what is no offer.
    pub fn trace(&self, body: &[u8], bindings: &Bindings, most: usize) -> Result<Vec<Vec<TracedField>>, Failure> {
        match &self.quotes {
            Some(filter) => filter.trace(body, bindings, most),
            // What is passed on as it is is its own mapping.
            None => match Filter::compile(".", &Names::none()) {
                Ok(filter) => filter.trace(body, bindings, most),
                Err(problem) => Err(Failure::new(ErrorKind::Internal).with_detail(problem.to_string())),
            },
        }
    }

    /// What the body of a reply that failed says is wrong, at most 200 characters: what the `error` filter makes of
    /// it, else what bodies of errors usually say.
    #[must_use]
    pub fn message(&self, body: &[u8], bindings: &Bindings) -> Option<String> {
        message(self.error.as_ref(), body, bindings)
    }

    fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Who offers, if replies are in the wire's own format.
    fn wire<'a>(&self, supplier: &'a SupplierName) -> Option<&'a SupplierName> {
        Some(supplier).filter(|_| self.quotes.is_none())
    }

    fn page(&self, reading: &mut Reading<'_>, supplier: &SupplierName) -> Result<Page, Halt> {
        self.error.as_ref().map(|filter| reading.check(filter)).transpose()?;
        let offers = match &self.quotes {
            Some(filter) => reading.offers(filter, supplier)?,
            None => reading.wire_offers()?,
        };
        let next = self.next.as_ref().map(|filter| reading.next(filter)).transpose()?.flatten();
        Ok(Page { offers, next })
    }
}

impl Page {
    /// The only page, or the last one.
    fn last(offers: Vec<OfferReply>) -> Self {
        Self { offers, next: None }
    }
}

/// How the replies to a supplier's first question become ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// What says that a reply is an error, and with which message.
    pub error: Option<Filter>,
    /// What yields ids.
    pub ids: Filter,
}

impl Lookup {
    /// Reads the ids of a reply, in their order and each once; none = the supplier does not carry the product. An id is
    /// no text that is empty, or that would lead elsewhere in a path.
    ///
    /// # Errors
    /// As with [`Mapping::read`]; `mapping` also for what is no id.
    pub fn read(&self, body: &[u8], bindings: &Bindings) -> Result<Vec<String>, Failure> {
        reading::in_full(body, bindings, None, |reading| self.ids(reading))
    }

    /// Does what [`Lookup::read`] does, if that takes no more than about a millisecond; else `None`.
    #[must_use]
    pub fn read_at_once(&self, body: &[u8], bindings: &Bindings) -> Option<Result<Vec<String>, Failure>> {
        reading::at_once(body, bindings, None, |reading| self.ids(reading))
    }

    /// Traces the first `most` values that the filter yields back to where they come from, before what is no id, or was
    /// there already, is left out. It may take as long as [`Lookup::read`].
    ///
    /// # Errors
    /// As in [`Lookup::read`], but it does not mind what is no id.
    pub fn trace(&self, body: &[u8], bindings: &Bindings, most: usize) -> Result<Vec<TracedField>, Failure> {
        self.ids.trace_values(body, bindings, ("id", most))
    }

    /// What the body of a reply that failed says is wrong.
    #[must_use]
    pub fn message(&self, body: &[u8], bindings: &Bindings) -> Option<String> {
        message(self.error.as_ref(), body, bindings)
    }

    fn ids(&self, reading: &mut Reading<'_>) -> Result<Vec<String>, Halt> {
        self.error.as_ref().map(|filter| reading.check(filter)).transpose()?;
        reading.ids(&self.ids)
    }
}

/// A filter that does not get through at once has no message.
fn message(error: Option<&Filter>, body: &[u8], bindings: &Bindings) -> Option<String> {
    let own = error.and_then(|filter| reading::at_once(body, bindings, None, |reading| reading.message(filter)));
    own.and_then(|read| read.ok().flatten()).or_else(|| wire::error_message(body))
}

#[cfg(test)]
mod tests;
