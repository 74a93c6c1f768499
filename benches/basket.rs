//! What finding the best orders for a basket takes: `cargo bench --bench basket`.
//!
//! Baskets of random offers, always the same ones: tiers, stock, multiples, fees, shipping with a limit from which it is
//! free, and a minimum order value at every fifth supplier. Beside the time stands what is known of the result, and what
//! the naive purchases cost more. `-- --quick` leaves the large baskets out, and `-- 200` measures those of 200 lines.
//!
//! On two cores that others kept busy, so that the wall clock ran three times as fast as the CPU's:
//!
//! - 200 × 30: 0.5 s of wall, proved; three suppliers at most 0.7 s, proved; with splits 2 s, a gap of 2.2 %. All three
//!   together take 1.1 s of CPU.
//! - 12 × 5: proved, all three together in 1.3 s of CPU.
//! - 10,000 × 100: the whole 10 s and up to 2.5 s more, 495 MiB; a gap of 0.1 %, and no useful one with three suppliers
//!   at most (34 %) or with splits (92 %), where too little is known of so many columns.

use std::error::Error;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pricecmp::domain::basket::{Allowance, Basket, Limits, Optimality};
use pricecmp::domain::{Context, Currency, Offer, PriceBreak, PriceRequest, Quantity, Terms};
use rust_decimal::Decimal;

/// Lines and suppliers of the baskets, the large ones last.
const SIZES: [(u64, u32); 6] = [(12, 5), (50, 10), (200, 30), (1_000, 50), (2_000, 100), (10_000, 100)];
/// How many of them are quick.
const QUICK: usize = 3;
/// How long the search may take.
const LIMIT: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs every bench without this flag.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let mut out = io::stdout();
    writeln!(out, "at most {LIMIT:?} a basket\n")?;
    writeln!(
        out,
        "{:>6} ×{:>4}  {:<10}{:>9}{:>9}{:>13}{:>8}  {:<18}{:>10}{:>10}",
        "lines", "", "limits", "read ms", "solve ms", "total", "orders", "known", "cheapest", "one"
    )?;
    let only = arguments.iter().find_map(|argument| argument.parse::<u64>().ok());
    let sizes = SIZES.into_iter().take(if quick { QUICK } else { SIZES.len() });
    for (lines, suppliers) in sizes.filter(|(lines, _)| only.is_none_or(|only| only == *lines)) {
        for (name, limits) in limits() {
            measure(&mut out, lines, suppliers, name, limits)?;
        }
    }
    Ok(())
}

fn limits() -> [(&'static str, Limits); 3] {
    let plain = Limits::default();
    [("none", plain), ("three", Limits { max_suppliers: Some(3), ..plain }), ("split", Limits { split: true, ..plain })]
}

fn measure(out: &mut impl Write, lines: u64, suppliers: u32, name: &str, limits: Limits) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let basket = basket(lines, suppliers, limits)?;
    let read = began.elapsed();
    let began = Instant::now();
    let solution = basket.solve(&Allowance { limit: LIMIT, spent: &|| began.elapsed() });
    let solve = began.elapsed();
    let known = match solution.optimality {
        Optimality::Proved { within } => format!("proved ± {within}"),
        Optimality::Gap { percent, .. } => format!("gap {percent} %"),
    };
    let naive = basket.naive();
    let total = solution.purchase.total;
    let one = naive.one_supplier.map_or_else(String::new, |one| match one.missing.len() {
        0 => (one.total - total).to_string(),
        missing => format!("-{missing} lines"),
    });
    writeln!(
        out,
        "{lines:>6} ×{suppliers:>4}  {name:<10}{:>9}{:>9}{total:>13}{:>8}  {known:<18}{:>10}{one:>10}",
        read.as_millis(),
        solve.as_millis(),
        solution.purchase.orders.len(),
        naive.cheapest_lines.total - total,
    )?;
    Ok(())
}

/// Numbers that look random (splitmix64).
struct Draws(u64);

impl Draws {
    /// One of `least..=most`.
    fn draw(&mut self, least: u64, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        least + (mixed ^ (mixed >> 31)) % (most - least + 1)
    }

    /// True for so many of a hundred.
    fn chance(&mut self, percent: u64) -> bool {
        self.draw(1, 100) <= percent
    }

    /// An amount of cents.
    fn cents(&mut self, least: u64, most: u64) -> Decimal {
        Decimal::from(self.draw(least, most)) / Decimal::ONE_HUNDRED
    }
}

fn basket(lines: u64, suppliers: u32, limits: Limits) -> Result<Basket, Box<dyn Error>> {
    let currency = Currency::parse("EUR")?;
    let mut draws = Draws(7);
    let terms: Vec<Terms> = (0..suppliers).map(|supplier| terms(&mut draws, supplier, currency)).collect();
    let mut basket = Basket::new(currency, limits);
    for _ in 0..lines {
        let quantity = Quantity::new(draws.draw(1, 100)).ok_or("it is in range")?;
        let line = basket.add_line(quantity);
        let request = PriceRequest { product: "part".to_owned(), quantity, currency };
        // Prices of parts are from a cent to ten euros.
        let magnitude = draws.draw(0, 2);
        let price = draws.draw(100, 1_000) * 10_u64.pow(u32::try_from(magnitude)?);
        for (supplier, terms) in (0..suppliers).zip(&terms) {
            if draws.chance(20) {
                continue;
            }
            let offer = offer(&mut draws, price, quantity.get());
            let now = Timestamp::UNIX_EPOCH;
            let context = Context { request: &request, terms, rates: None, exact: false, within_days: None, now };
            // Some have too few in stock, as they do.
            let _ = basket.add_offer(line, supplier, &offer, &context);
        }
    }
    Ok(basket)
}

fn terms(draws: &mut Draws, supplier: u32, currency: Currency) -> Terms {
    Terms {
        shipping: Some(draws.cents(300, 1500)),
        free_shipping_from: draws.chance(60).then(|| draws.cents(3_000, 20_000)),
        minimum_order_value: (supplier.is_multiple_of(5)).then(|| draws.cents(1_000, 5_000)),
        fees: draws.chance(30).then(|| draws.cents(50, 500)),
        ..Terms::plain(currency)
    }
}

/// An offer of about `price` ten-thousandths of a euro.
fn offer(draws: &mut Draws, price: u64, need: u64) -> Offer {
    let price = price * draws.draw(80, 130) / 100;
    let tier = |quantity, percent| PriceBreak {
        quantity,
        unit_price: Decimal::from(price * percent) / Decimal::from(1_000_000),
    };
    Offer {
        price_breaks: Some(vec![tier(1, 100), tier(100, 92), tier(1_000, 85)]),
        currency: Some("EUR".to_owned()),
        in_stock: Some(true),
        stock_quantity: draws.chance(40).then(|| i64::try_from(draws.draw(1, 3 * need)).unwrap_or(1)),
        order_multiple: draws.chance(30).then(|| draws.draw(2, 25)),
        fees: draws.chance(5).then(|| draws.cents(100, 700)),
        delivery_days: u16::try_from(draws.draw(1, 20)).ok(),
        ..Offer::default()
    }
}
