//! `pricecmp history PRODUCT`: what suppliers asked for it in earlier runs.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::{Flags, Format};
use crate::config::{self, Errand, Settings};
use crate::domain::{PastPrice, over_time};
use crate::report;
use crate::store::SeenOffer;

use super::error::Failed;
use super::state::State;
use super::{Surroundings, messages, publish};

/// Nothing is kept for longer.
const ALL_OF_IT: Duration = Duration::from_hours(90 * 24);

/// Prints what is known of a product's prices: of the quantity that a flag names, else of all.
///
/// # Errors
/// When the command line or the configuration is wrong, or the result could not be written.
pub(super) fn history(product: &str, csv: bool, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let format = if csv { Some(Format::Csv) } else { flags.format };
    let flags = Flags { format, ..flags.clone() };
    let settings = config::load(&flags, Errand::Survey, &surroundings.environment)?;
    if matches!(settings.presentation.format, Format::Markdown | Format::Ndjson) {
        let message = "`history` writes a table, JSON or CSV, and `--format` asks for something else".to_owned();
        return Err(Failed::Usage { message, hint: "use `--json` or `--csv`, or leave `--format` out" });
    }
    let now = Timestamp::now();
    let mut state = State::at(settings.state.clone());
    let seen = state.with(|store| store.offers_over_time(product, ALL_OF_IT, now)).unwrap_or_default();
    let quantity = (!flags.qty.is_empty()).then(|| settings.quantity.get());
    let prices = over_time(seen.iter().filter_map(|seen| price(seen, quantity, &settings)).collect());
    surroundings.warn(&settings);
    messages::warn(&state.take_warnings(), &settings.presentation, surroundings.terminal);
    let screen = publish::screen(&settings.presentation, surroundings.terminal);
    let render = |format| match format {
        Format::Json => report::json::history(product, &prices),
        Format::Csv => report::csv::history(product, &prices),
        Format::Table | Format::Markdown | Format::Ndjson => report::history::render(product, &prices, now, screen),
    };
    publish::publish(render, &settings.presentation, surroundings.terminal)?;
    Ok(0)
}

/// What an offer cost, if it is of a supplier of the settings, for this quantity, and could be ranked.
fn price(seen: &SeenOffer, quantity: Option<u64>, settings: &Settings) -> Option<PastPrice> {
    let is_wanted = settings.suppliers.iter().any(|supplier| supplier.name == seen.supplier)
        && quantity.is_none_or(|quantity| quantity == seen.quantity);
    let price = seen.price.filter(|_| is_wanted)?;
    Some(PastPrice {
        supplier: seen.supplier.clone(),
        quantity: seen.quantity,
        currency: seen.currency,
        unit_price: price.unit,
        total: price.total,
        quoted_at: seen.quoted_at,
        change_percent: None,
    })
}
