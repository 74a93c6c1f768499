//! Price lists: which row has the titles, which column is the product, and what the columns say of a row's offer.
//!
//! Owns that a list is judged as a whole: how its prices are written, and how its rows belong together. Refuses to know
//! files and formats: rows come from elsewhere. Main types: [`ListSample`] and [`ListProposal`].

mod header;
mod product;
mod repeats;
mod sample;

pub use header::{Header, header};
pub use sample::ListSample;

use self::product::Product;
use self::sample::Table;
use super::filter::{self, Written};
use super::money::prices;
use super::places::places;
use super::rows::{Choice, Price, choose};
use super::shape::Shape;
use super::{OUTLINE, Refusal, columns, doubts, envelope};
use crate::domain::OfferReply;
use crate::mapping::json::{self, Value};
use crate::mapping::{Filter, Names};

/// How much less another price must weigh to leave the one that was taken without doubt.
const CLEAR: i32 = 10;

/// What is proposed for a list.
#[derive(Clone, Debug)]
pub struct ListProposal {
    written: Written,
    /// The column that says which product a row is for; `None` = the filter finds out.
    pub product_column: Option<String>,
    /// A product of the list, to try it with.
    pub product: String,
}

impl ListProposal {
    /// The filter's text, comments included. Where the price is in doubt, it fails until somebody has looked.
    #[must_use]
    pub fn filter(&self) -> String {
        self.written.guarded()
    }

    /// The filter, to be tried at once; it never fails for a doubt alone. `None` = it is none, which is a defect.
    #[must_use]
    pub fn trial(&self) -> Option<Filter> {
        Filter::compile(&self.written.text, &Names::of_request()).ok()
    }

    /// Whether the offers say their currency; else the supplier needs one.
    #[must_use]
    pub fn says_currency(&self) -> bool {
        self.written.says_currency
    }

    /// What the user must look at, a sentence each.
    #[must_use]
    pub fn checks(&self) -> &[String] {
        &self.written.checks
    }

    /// Whether the price itself is in doubt.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        self.written.is_unsure
    }

    /// Adds what the offers of the trial put in doubt, or what else must be looked at.
    pub fn doubt(&mut self, offers: &[OfferReply], checks: Vec<String>) {
        let known = |check: &String| self.written.checks.iter().any(|known| known == check);
        let new: Vec<String> = doubts::about_offers(offers).into_iter().filter(|check| !known(check)).collect();
        self.written.is_unsure |= !new.is_empty();
        self.written.doubt(new);
        self.written.doubt(checks);
    }
}

/// Proposes a filter for the rows of a list.
fn propose(table: &Table, shape: &Shape<'_>) -> Result<ListProposal, Refusal> {
    let places = places(shape);
    let mut choice = choose(shape).ok_or_else(|| Refusal::NoPrice(envelope::outline(shape, OUTLINE)))?;
    // An offer is a row, or something in it.
    let product = Product::find(table, &places, &choice)?;
    if choice.levels.len() == 1 {
        about_other_prices(&mut choice, &places);
        repeats::judge(&mut choice, table, &places, &product);
    }
    if let (Some(levels), false) = (columns::levels(shape), matches!(choice.price, Price::Breaks(_))) {
        let names = levels.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        choice.doubt(format!("{names}: nothing says whether these are prices by quantity, or for different customers"));
    }
    for name in &table.twice {
        choice.checks.push(format!("two columns are called `{name}`, so that neither can be read"));
    }
    if table.is_cut {
        choice.checks.push(format!("only the first {} rows were looked at", table.count));
    }
    let mut written = filter::write_row(&choice);
    written.doubt(product.checks());
    if product.column.is_none() {
        written.text.insert_str(comments(&written.text), &product.selection());
    }
    let proposal = ListProposal { written, product_column: product.column.clone(), product: product.example };
    if proposal.trial().is_none() {
        return Err(Refusal::NoPrice(envelope::outline(shape, OUTLINE)));
    }
    Ok(proposal)
}

/// How many bytes of a filter are its comments.
fn comments(text: &str) -> usize {
    text.split_inclusive('\n').take_while(|line| line.starts_with('#')).map(str::len).sum()
}

/// Another price of the row that is as likely puts the one that was taken in doubt.
fn about_other_prices(choice: &mut Choice<'_>, places: &[super::places::Place<'_>]) {
    let Price::Unit(chosen) = &choice.price else { return };
    let is_rival = |other: &super::money::Money<'_>| {
        other.place.path != chosen.place.path
            && !other.name.total
            && other.score + CLEAR > chosen.score
            && !other.agrees_with(chosen)
    };
    choice.is_unsure |= prices(places, false).iter().any(is_rival);
}

/// Whether a JSON document is a list of several objects, and so may be a price list; what is cut off may be one, too.
#[must_use]
pub fn is_list(document: &[u8]) -> bool {
    match json::parse(document) {
        Ok(Value::Array(items)) => items.len() > 1 && items.iter().all(|item| matches!(item, Value::Object(_))),
        Ok(_) => false,
        Err(_) => {
            let text = document.trim_ascii_start();
            document.len() >= 8 << 20 && text.starts_with(b"[")
        }
    }
}
