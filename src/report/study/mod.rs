//! One offer step by step: its fields, the orders that were considered, the conversion, the quote or the rejection.
//!
//! Owns how these parts look, for every screen that shows them. Refuses to know which screen that is. Main type:
//! [`StudiedOffer`].

pub(super) mod fields;
mod orders;

use unicode_width::UnicodeWidthStr;

use super::amount::{amount, plain};
use super::prose;
use super::sanitize::shorten;
use super::style::{Painter, Style};
use super::table::layout;
use crate::domain::{Conversion, Criteria, Currency, OfferIdentity, OfferReply, PriceRequest, Quote, Study};

/// How many columns of an offer's number are shown.
const SKU_COLUMNS: usize = 40;

/// An offer of a reply, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudiedOffer {
    /// The offer as it was read.
    pub offer: OfferReply,
    /// What came of it.
    pub study: Study,
    /// The separators of groups and decimals by which the text that it was rejected for is a price, with that price.
    pub readings: Vec<(char, char, String)>,
}

/// Where something is drawn, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas {
    /// Columns.
    pub(super) width: usize,
    /// Colour or none.
    pub(super) painter: Painter,
}

impl Canvas {
    /// A heading on a line of its own.
    pub(super) fn heading(self, text: &str) -> String {
        let lines = layout::wrap(text, self.width);
        lines.iter().flat_map(|line| [self.painter.paint(Style::Bold, line), "\n".to_owned()]).collect()
    }

    /// A sentence, indented by two columns and wrapped.
    pub(super) fn sentence(self, style: Option<Style>, text: &str) -> String {
        let paint = |line: &String| style.map_or_else(|| line.clone(), |style| self.painter.paint(style, line));
        let lines = layout::wrap(text, self.width.saturating_sub(2));
        lines.iter().flat_map(|line| ["  ".to_owned(), paint(line), "\n".to_owned()]).collect()
    }

    /// A sentence with a dash before it, its further lines indented as far.
    pub(super) fn hanging(self, sentence: &str) -> String {
        let lines = layout::wrap(sentence, self.width.saturating_sub(4));
        let mut text = String::new();
        let mut mark = self.painter.paint(Style::Note, "-");
        for line in lines {
            text.extend(["  ", &mark, " ", &line, "\n"]);
            " ".clone_into(&mut mark);
        }
        text
    }

    /// Labels and what belongs to them, side by side where there is room.
    pub(super) fn entries(self, entries: &[(String, String)]) -> String {
        let widest = entries.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
        let label_width = widest.min(self.width / 2);
        entries.iter().map(|(label, text)| layout::entry(label, label_width, text, self.width)).collect()
    }
}

impl StudiedOffer {
    /// What names the offer, from 1: its number, else its position.
    pub(super) fn name(&self, position: usize) -> String {
        let sku = self.identity().sku.as_deref().map(|sku| shorten(sku, SKU_COLUMNS)).filter(|sku| !sku.is_empty());
        match sku {
            Some(sku) => format!("Offer {position}: {sku}"),
            None => format!("Offer {position}"),
        }
    }

    fn identity(&self) -> &OfferIdentity {
        match &self.offer {
            OfferReply::Readable(offer) => &offer.identity,
            OfferReply::Faulty(rejection) => &rejection.identity,
        }
    }
}

/// The orders, the conversion, and what came of the offer.
pub(super) fn outcome(study: &Study, request: &PriceRequest, criteria: &Criteria, canvas: Canvas) -> String {
    let mut text = String::new();
    if let Some(currency) = study.currency.filter(|_| !study.orders.is_empty()) {
        text.push_str(&orders::table(study, currency, request, canvas));
        text.push('\n');
    }
    match &study.result {
        Ok(quote) => {
            if let Some(original) = &quote.original {
                text.push_str(&canvas.sentence(None, &conversion(original, quote, request)));
            }
            text.push_str(&canvas.sentence(Some(Style::Good), &format!("quote: {}", result(quote, request))));
        }
        Err(rejection) => {
            let sentence = format!("rejected: {}", prose::rejection(&rejection.cause, criteria));
            text.push_str(&canvas.sentence(Some(Style::Caution), &sentence));
        }
    }
    text
}

/// A quote in a line, such as `100 pieces for 44.90 EUR (goods 40.00 + shipping 4.90), delivery in 2 days`.
pub(super) fn result(quote: &Quote, request: &PriceRequest) -> String {
    let charges = &quote.charges;
    let money = |value| amount(value, request.currency.minor_digits());
    let pieces = prose::count(quote.order_quantity, "piece", "pieces");
    let goods = money(charges.goods);
    let fees = if charges.fees.is_zero() { String::new() } else { format!(" + fees {}", money(charges.fees)) };
    let (more, shipping) = match charges.shipping {
        Some(shipping) => ("", format!(" + shipping {}", money(shipping))),
        None => (" + shipping", ", shipping unknown".to_owned()),
    };
    let delivery = match quote.delivery_days {
        Some(days) => format!("in {}", prose::count(u64::from(days), "day", "days")),
        None => "unknown".to_owned(),
    };
    let total = money(charges.total);
    format!("{pieces} for {total} {}{more} (goods {goods}{fees}{shipping}), delivery {delivery}", request.currency)
}

/// How a total became another one: tax taken out, currency converted.
fn conversion(original: &Conversion, quote: &Quote, request: &PriceRequest) -> String {
    let money = |value, currency: Currency| format!("{} {currency}", amount(value, currency.minor_digits()));
    let tax = Some(original.tax_percent_removed).filter(|tax| !tax.is_zero());
    let tax = tax.map(|tax| format!(" with {} % tax", plain(tax))).unwrap_or_default();
    let rate = original.rate.map(|rate| format!(" at {} {} a {}", plain(rate), original.currency, request.currency));
    let rates = original.rate_base.zip(original.rate_date);
    let rates = rates.map(|(base, date)| format!(" (rates with base {base} of {date})")).unwrap_or_default();
    let total = money(original.charges.total, original.currency);
    let landed = money(quote.charges.total, request.currency);
    format!("conversion: {total}{tax}{}{rates} = {landed}", rate.unwrap_or_default())
}
