//! Comparisons for the tests of this module: one with everything in it, and small pieces to vary.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::compare::{Comparison, Gate, GateKind, SupplierQuote, SupplierRejection, SupplierStats};
use crate::domain::fixtures::{self, charges};
pub(super) use crate::domain::fixtures::{eur, money};
use crate::domain::{
    Cause, Conversion, Criteria, Currency, ErrorKind, Failure, Fault, FaultProblem, NumberProblem, OfferIdentity,
    OrderReason, Phase, PreviousPrice, PriceRequest, Quantity, Quote, RatesDay, Rejection, Strategy, SupplierName,
    Termination, TransportKind, Warning, WarningKind,
};

/// The conditions of a run without flags.
pub(super) fn criteria() -> Criteria {
    fixtures::criteria(Strategy::All)
}

/// A quote in euros, shipping included and free, for the 95 pieces that are asked for.
pub(super) fn quote(supplier: &str, unit_price: &str, total: &str, delivery_days: Option<u16>) -> SupplierQuote {
    let quote = Quote {
        order_quantity: 95,
        smallest_order: 95,
        charges: charges(unit_price, total),
        delivery_days,
        ..fixtures::quote(total)
    };
    SupplierQuote::new(SupplierName::new(supplier), quote)
}

/// A rejected offer about which nothing else is known.
pub(super) fn rejection(supplier: &str, cause: Cause) -> SupplierRejection {
    SupplierRejection {
        supplier: SupplierName::new(supplier),
        rejection: Rejection {
            product: None,
            identity: OfferIdentity::default(),
            cause,
            order_quantity: None,
            stock_quantity: None,
            currency: None,
            unit_price: None,
            total_price: None,
        },
    }
}

/// What a supplier did.
pub(super) fn stats(supplier: &str, latency: u64, ranked: usize, rejected: usize) -> SupplierStats {
    SupplierStats {
        supplier: SupplierName::new(supplier),
        transport: TransportKind::Http,
        latency: Some(Duration::from_micros(latency)),
        attempts: 1,
        http_status: Some(200),
        file_modified_at: None,
        offers: ranked + rejected,
        ranked,
        rejected,
        failure: None,
    }
}

/// What a supplier did that did not respond.
pub(super) fn failed(supplier: &str, latency: u64, failure: Failure) -> SupplierStats {
    SupplierStats { http_status: failure.http_status, failure: Some(failure), ..stats(supplier, latency, 0, 0) }
}

/// A run without suppliers, quotes and failures.
pub(super) fn empty() -> Comparison {
    Comparison {
        correlation_id: "0b6f3c1e-8f1d-4c55-9d0e-2f6f0a3f7c11".into(),
        started_at: "2026-11-23T10:15:02.114Z".parse().unwrap(),
        elapsed: Duration::from_micros(2_003_400),
        request: PriceRequest { product: "widget".into(), quantity: Quantity::new(95).unwrap(), currency: eur() },
        criteria: criteria(),
        termination: Termination::All,
        failure: None,
        quotes: vec![],
        selected: None,
        cheapest: None,
        fastest: None,
        rejected: vec![],
        suppliers: vec![],
        asked: vec![],
        gates: vec![],
        quorum: None,
        warnings: vec![],
    }
}

/// A run with these quotes, the cheapest first and selected.
pub(super) fn ranked(quotes: Vec<SupplierQuote>) -> Comparison {
    let fastest = (0..quotes.len())
        .filter(|index| quotes[*index].quote.delivery_days.is_some())
        .min_by_key(|index| quotes[*index].quote.delivery_days);
    let cheapest = (!quotes.is_empty()).then_some(0);
    let suppliers = quotes.iter().map(|quote| stats(quote.supplier.as_str(), 120_450, 1, 0)).collect();
    Comparison { quotes, selected: cheapest, cheapest, fastest, suppliers, ..empty() }
}

fn converted() -> SupplierQuote {
    let mut globex = quote("globex", "0.378159", "35.93", Some(9));
    globex.quote.identity =
        OfferIdentity { sku: Some("GX-9".into()), packaging: Some("bag".into()), ..OfferIdentity::default() };
    globex.quote.stock_quantity = Some(5000);
    globex.previous = Some(PreviousPrice {
        unit_price: money("0.363684"),
        total: money("34.55"),
        quoted_at: "2026-11-20T14:05:59Z".parse().unwrap(),
    });
    globex.quote.original = Some(Conversion {
        currency: Currency::parse("USD").unwrap(),
        charges: charges("0.41", "38.95"),
        tax_percent_removed: Decimal::ZERO,
        rate: Some(money("1.0842")),
        rate_base: Some(eur()),
        rate_date: Some(jiff::civil::date(2026, 11, 20)),
    });
    globex.quote.rates = Some(RatesDay { base: eur(), date: jiff::civil::date(2026, 11, 20) });
    globex
}

fn price_break() -> SupplierQuote {
    let mut acme = quote("acme", "0.40", "44.90", Some(2));
    acme.quote.identity = OfferIdentity { sku: Some("A-1".into()), ..OfferIdentity::default() };
    acme.quote.order_quantity = 100;
    acme.quote.order_reason = OrderReason::PriceBreak;
    acme.quote.saving = money("2.75");
    acme.quote.charges.goods = money("40.00");
    acme.quote.charges.shipping = Some(money("4.90"));
    acme.quote.valid_until = Some("2026-11-24T10:15:02Z".parse().unwrap());
    acme
}

fn unknown_shipping() -> SupplierQuote {
    let mut hooli = quote("hooli", "1.2", "114.00", None);
    hooli.quote.charges.shipping = None;
    hooli.quote.lead_time_days = Some(3);
    hooli.quote.identity.seller = Some("Endframe GmbH".into());
    hooli
}

fn hostile() -> SupplierQuote {
    let mut mallory = quote("mallory", "12.5", "1187.50", Some(14));
    mallory.quote.identity = OfferIdentity {
        sku: Some("\u{1b}[31m=HYPERLINK(\"http://evil\")\u{202e}".into()),
        seller: Some("東京特許許可局 | `rm`\n| forged | row |".into()),
        packaging: Some("<script>\u{200b}alert(1)</script>".into()),
        url: Some("javascript:alert(1)".into()),
    };
    mallory.quote.stock_quantity = Some(12);
    mallory
}

/// A run with everything in it: a converted quote, a price break that saves, unknown shipping, hostile text,
/// rejected offers, a supplier that carries nothing, a timeout, a 503 and a cancelled supplier.
pub(super) fn full() -> Comparison {
    let mut short = rejection("initech", Cause::InsufficientStock { needed: 95, in_stock: 60 });
    short.rejection.identity.sku = Some("IN-4".into());
    short.rejection.order_quantity = Some(95);
    short.rejection.stock_quantity = Some(60);
    short.rejection.currency = Some("EUR".into());
    short.rejection.unit_price = Some(money("0.35"));
    let mut unreadable = rejection(
        "mallory",
        Cause::Invalid(Fault {
            field: "priceBreaks[1].unitPrice".into(),
            problem: FaultProblem::Number { found: "1,50\u{1b}[2J".into(), problem: NumberProblem::NotANumber },
        }),
    );
    unreadable.rejection.currency = Some("EU\u{202e}R".into());
    unreadable.rejection.total_price = Some(money("7.5"));
    let quotes = vec![converted(), price_break(), unknown_shipping(), hostile()];
    Comparison {
        criteria: Criteria { max_total: Some(money("40")), ..criteria() },
        rejected: vec![short, unreadable],
        suppliers: vec![
            stats("acme", 120_450, 1, 0),
            stats("globex", 87_000, 1, 0),
            stats("hooli", 1_310_007, 1, 0),
            stats("initech", 45_100, 0, 1),
            stats("mallory", 200_000, 1, 1),
            stats("cyberdyne", 30_000, 0, 0),
            failed("umbrella", 2_000_000, Failure::timeout(Phase::Headers, Duration::from_secs(2))),
            failed(
                "tyrell",
                12_300,
                Failure {
                    retry_in: Some(Duration::from_secs(30)),
                    ..Failure::new(ErrorKind::HttpStatus).with_status(503)
                },
            ),
            SupplierStats { latency: None, attempts: 0, ..failed("wonka", 0, Failure::new(ErrorKind::Cancelled)) },
        ],
        gates: vec![Gate { kind: GateKind::MaxTotal, limit: money("40"), actual: Some(money("35.93")), passed: true }],
        warnings: vec![
            Warning { kind: WarningKind::NoMock, supplier: Some(SupplierName::new("stark")) },
            Warning {
                kind: WarningKind::RatesOld { base: eur(), date: jiff::civil::date(2026, 11, 1), days: 22 },
                supplier: None,
            },
        ],
        ..ranked(quotes)
    }
}
