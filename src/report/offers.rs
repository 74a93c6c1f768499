//! Offers as a supplier made them, before they are worked out: to see at once whether a mapping is right.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::sanitize::{clean, cut};
use super::style::{Painter, Style};
use super::{Screen, amount, prose};
use crate::domain::{Criteria, Currency, Offer, OfferReply};

/// How many offers are shown, and how many price breaks of each.
const SHOWN: usize = 12;
const SHOWN_BREAKS: usize = 5;
/// The widest cell of a name.
const WIDEST: usize = 32;

/// Draws the first offers, a line each, with their prices digit for digit; the text ends with a newline. `assumed` is the
/// currency of those that name none.
#[must_use]
pub fn offers(offers: &[OfferReply], assumed: Option<Currency>, criteria: &Criteria, screen: Screen) -> String {
    if offers.is_empty() {
        return "no offers in the reply\n".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["SKU", "STOCK", "CURRENCY", "UNIT PRICE"]);
    for offer in offers.iter().take(SHOWN) {
        table.add_row(row(offer, assumed, criteria));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    if let Some(stock) = table.column_mut(1) {
        stock.set_cell_alignment(CellAlignment::Right);
    }
    let painter = Painter { color: screen.color };
    let mut text = String::new();
    for (index, line) in table.lines().enumerate() {
        let line = cut(line.trim_end(), screen.width.max(40));
        text.push_str(&if index == 0 { painter.paint(Style::Dim, &line) } else { line });
        text.push('\n');
    }
    if offers.len() > SHOWN {
        let more = u64::try_from(offers.len() - SHOWN).unwrap_or(u64::MAX);
        text.extend([
            "and ",
            &prose::count(more, "offer more", "offers more"),
            "
",
        ]);
    }
    text
}

fn row(offer: &OfferReply, assumed: Option<Currency>, criteria: &Criteria) -> [String; 4] {
    match offer {
        OfferReply::Readable(offer) => [
            sku(offer.identity.sku.as_deref()),
            stock(offer),
            currency(offer.currency.as_deref(), assumed),
            price(offer),
        ],
        OfferReply::Faulty(rejection) => {
            let why = format!("rejected: {}", prose::rejection(&rejection.cause, criteria));
            [
                sku(rejection.identity.sku.as_deref()),
                String::new(),
                currency(rejection.currency.as_deref(), assumed),
                why,
            ]
        }
    }
}

fn sku(sku: Option<&str>) -> String {
    sku.map_or_else(|| "-".to_owned(), |sku| cut(&clean(sku), WIDEST))
}

fn currency(currency: Option<&str>, assumed: Option<Currency>) -> String {
    match (currency, assumed) {
        (Some(currency), _) => cut(&clean(currency), 8).to_uppercase(),
        (None, Some(assumed)) => format!("{assumed}, as configured"),
        (None, None) => "-".to_owned(),
    }
}

fn price(offer: &Offer) -> String {
    let unit = |price: String| match offer.price_unit {
        Some(pieces) if pieces > 1 => format!("{price} for {pieces}"),
        _ => price,
    };
    match (&offer.price_breaks, offer.unit_price, offer.total_price) {
        (Some(breaks), ..) if !breaks.is_empty() => {
            let mut shown: Vec<String> = breaks
                .iter()
                .take(SHOWN_BREAKS)
                .map(|tier| format!("{} from {}", unit(tier.unit_price.to_string()), tier.quantity))
                .collect();
            if breaks.len() > SHOWN_BREAKS {
                shown.push("…".to_owned());
            }
            shown.join(", ")
        }
        (_, Some(price), _) => unit(price.to_string()),
        (.., Some(total)) => format!("{total} in all"),
        _ => "none".to_owned(),
    }
}

fn stock(offer: &Offer) -> String {
    match (offer.stock_quantity, offer.in_stock) {
        (_, Some(false)) => "no".to_owned(),
        (Some(count), _) => amount::plain(count.into()),
        (None, Some(true)) => "yes".to_owned(),
        (None, None) => "unknown".to_owned(),
    }
}

/// What is said of a supplier that was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalNotes {
    /// What the user must look at.
    pub checks: Vec<String>,
    /// What was done.
    pub done: String,
    /// What to do next, a sentence each.
    pub next: Vec<String>,
}

/// Writes it for stderr, a line each.
#[must_use]
pub fn proposal_notes(notes: &ProposalNotes, color: bool) -> String {
    let painter = Painter { color };
    let line = |style, word: &str, sentence: &str| format!("{} {}\n", painter.paint(style, word), clean(sentence));
    let mut text: String = notes.checks.iter().map(|check| line(Style::Caution, "check:", check)).collect();
    text.extend([&*clean(&notes.done), "\n"]);
    text.extend(notes.next.iter().map(|next| line(Style::Note, "hint:", next)));
    text
}
