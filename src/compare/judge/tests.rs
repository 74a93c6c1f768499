//! Selection, verdicts and gates, on made-up outcomes.

use std::time::Duration;

use rust_decimal::Decimal;

use super::*;
use crate::compare::{Gate, GateKind};
use crate::domain::{
    Answer, Cause, ErrorKind, Failure, OfferIdentity, Quantity, Quote, RatesDay, Rejection, Responder, Source,
    Termination, TransportKind, fixtures,
};

fn quote(total: &str, delivery_days: Option<u16>) -> Quote {
    Quote { delivery_days, ..fixtures::quote(total) }
}

fn report(name: &str, outcome: Outcome) -> SupplierReport {
    SupplierReport {
        supplier: SupplierName::new(name),
        transport: TransportKind::Http,
        latency: Some(Duration::from_millis(20)),
        attempts: 1,
        http_status: Some(200),
        file_modified_at: None,
        outcome,
    }
}

fn quoting(name: &str, quotes: Vec<Quote>) -> SupplierReport {
    report(name, Outcome::Answered(Answer { quotes, ..Answer::default() }))
}

/// An auction that two answered, and one with an error.
fn auction() -> SupplierReport {
    let responder = |name: &str, quotes, failure| Responder {
        name: SupplierName::new("rfq").responder(name),
        latency: Duration::from_millis(10),
        quotes,
        rejections: 0,
        failure,
    };
    let responders = vec![
        responder("acme", 2, None),
        responder("globex", 1, None),
        responder("initech", 0, Some(Failure::new(ErrorKind::SupplierError))),
    ];
    let quotes = vec![quote("9.00", None), quote("8.00", Some(1)), quote("7.00", None)];
    report("rfq", Outcome::Answered(Answer { quotes, responders, ..Answer::default() }))
}

#[test]
fn who_answers_an_auction_is_in_the_comparison_under_its_own_name() {
    let comparison = compare(inputs(Strategy::All, vec![refused("zeta"), auction()]));
    let rows: Vec<_> = comparison.suppliers.iter().map(|row| (row.supplier.as_str(), row.ranked)).collect();
    assert_eq!(rows, [("zeta", 0), ("rfq/acme", 2), ("rfq/globex", 1), ("rfq/initech", 0)]);
    let quotes = comparison.quotes.iter().map(|quote| (quote.supplier.as_str(), quote.quote.charges.total.to_string()));
    let expected = [("rfq/globex", "7.00"), ("rfq/acme", "8.00"), ("rfq/acme", "9.00")];
    assert_eq!(quotes.collect::<Vec<_>>(), expected.map(|(name, total)| (name, total.to_owned())));
    assert_eq!(comparison.asked.iter().map(|row| row.supplier.as_str()).collect::<Vec<_>>(), ["zeta", "rfq"]);
    let mut first = inputs(Strategy::First, vec![refused("zeta"), auction()]);
    first.criteria.required = vec![SupplierName::new("rfq")];
    first.criteria.min_responses = 2;
    let comparison = compare(first);
    assert_eq!((&comparison.failure, comparison.selected), (&None, Some(0)));
}

fn out_of_stock(name: &str) -> SupplierReport {
    let rejection = Rejection {
        product: None,
        identity: OfferIdentity::default(),
        cause: Cause::OutOfStock,
        order_quantity: None,
        stock_quantity: Some(0),
        currency: Some("EUR".into()),
        unit_price: None,
        total_price: None,
    };
    report(name, Outcome::Answered(Answer { rejections: vec![rejection], ..Answer::default() }))
}

fn refused(name: &str) -> SupplierReport {
    report(name, Outcome::Failed(Failure::new(ErrorKind::Connect)))
}

fn inputs(strategy: Strategy, reports: Vec<SupplierReport>) -> Inputs {
    let has_quote = |report: &SupplierReport| report.answer().is_some_and(|answer| !answer.quotes.is_empty());
    Inputs {
        correlation_id: "0b6f3c1e-8f1d-4c55-9d0e-2f6f0a3f7c11".into(),
        started_at: "2026-11-23T10:15:02Z".parse().unwrap(),
        request: PriceRequest {
            product: "widget".into(),
            quantity: Quantity::new(10).unwrap(),
            currency: fixtures::eur(),
        },
        criteria: fixtures::criteria(strategy),
        gathered: Gathered {
            first_ranked: reports.iter().position(has_quote),
            done: (0..reports.len()).collect(),
            reports,
            termination: Termination::All,
            elapsed: Duration::from_millis(25),
        },
        stand_ins: Vec::new(),
        previous: HashMap::new(),
        sort: SortKey::Total,
        warnings: Vec::new(),
        rehearsal: false,
    }
}

fn supplier_of(comparison: &Comparison, index: Option<usize>) -> Option<&str> {
    comparison.quote(index).map(|quote| quote.supplier.as_str())
}

fn three() -> Vec<SupplierReport> {
    vec![
        quoting("slow", vec![quote("7.00", Some(9))]),
        quoting("fast", vec![quote("10.00", Some(1)), quote("9.00", None)]),
        quoting("silent", vec![quote("9.00", None)]),
    ]
}

#[test]
fn all_selects_the_cheapest_and_names_the_fastest() {
    let comparison = compare(inputs(Strategy::All, three()));
    assert_eq!(supplier_of(&comparison, comparison.selected), Some("slow"));
    assert_eq!(supplier_of(&comparison, comparison.cheapest), Some("slow"));
    assert_eq!(supplier_of(&comparison, comparison.fastest), Some("fast"));
    assert_eq!(comparison.exit_code(), 0);
}

#[test]
fn unknown_delivery_is_never_the_fastest() {
    let comparison = compare(inputs(Strategy::All, vec![quoting("a", vec![quote("1.00", None)])]));
    assert_eq!((comparison.selected, comparison.fastest), (Some(0), None));
}

#[test]
fn first_selects_the_first_replys_cheapest() {
    let mut inputs = inputs(Strategy::First, three());
    inputs.gathered.first_ranked = Some(1);
    let comparison = compare(inputs);
    assert_eq!(supplier_of(&comparison, comparison.selected), Some("fast"));
    assert_eq!(comparison.quote(comparison.selected).unwrap().quote.charges.total, Decimal::new(900, 2));
    assert_eq!(supplier_of(&comparison, comparison.cheapest), Some("slow"));
}

#[test]
fn majority_selects_from_the_winning_group_while_cheapest_stays() {
    let comparison = compare(inputs(Strategy::Majority, three()));
    let quorum = comparison.quorum.clone().unwrap();
    assert_eq!((quorum.required, quorum.got), (2, 2));
    assert_eq!(quorum.suppliers, [SupplierName::new("fast"), SupplierName::new("silent")]);
    assert_eq!(comparison.quote(comparison.selected).unwrap().quote.charges.total, Decimal::new(900, 2));
    assert_eq!(supplier_of(&comparison, comparison.cheapest), Some("slow"));
}

#[test]
fn without_a_quorum_nothing_is_selected() {
    let reports = vec![quoting("a", vec![quote("7.00", None)]), quoting("b", vec![quote("8.00", None)])];
    let comparison = compare(inputs(Strategy::Majority, reports));
    assert_eq!(comparison.failure, Some(RunFailure::QuorumNotReached { required: 2, got: 1 }));
    assert_eq!((comparison.selected, comparison.cheapest, comparison.exit_code()), (None, Some(0), 3));
}

#[test]
fn all_failed_is_3_and_none_able_to_deliver_is_1() {
    let failed = compare(inputs(Strategy::All, vec![refused("a"), refused("b")]));
    assert_eq!(failed.failure, Some(RunFailure::InsufficientResponses { required: 1, got: 0 }));
    assert_eq!(failed.exit_code(), 3);
    let unable = compare(inputs(Strategy::All, vec![out_of_stock("a"), refused("b")]));
    assert_eq!(unable.failure, Some(RunFailure::NoAvailableSupplier));
    assert_eq!(unable.exit_code(), 1);
    let nobody = compare(inputs(Strategy::All, Vec::new()));
    assert_eq!((nobody.exit_code(), nobody.cheapest, nobody.fastest), (3, None, None));
}

#[test]
fn too_few_responses_go_before_a_missing_required_one() {
    let mut few = inputs(Strategy::All, vec![quoting("a", vec![quote("1", None)]), refused("b")]);
    few.criteria.required = vec![SupplierName::new("b")];
    let missing = compare(few.clone());
    let expected = RunFailure::RequiredMissing { required: 1, missing: vec![SupplierName::new("b")] };
    assert_eq!((missing.failure.clone(), missing.exit_code(), missing.selected), (Some(expected), 3, None));
    few.criteria.min_responses = 2;
    let insufficient = RunFailure::InsufficientResponses { required: 2, got: 1 };
    assert_eq!(compare(few).failure, Some(insufficient));
}

#[test]
fn who_was_cancelled_for_want_of_a_quorum_is_not_the_failure() {
    let mut few = inputs(Strategy::Majority, vec![quoting("a", vec![quote("1", None)]), refused("b")]);
    few.criteria.min_responses = 2;
    few.criteria.required = vec![SupplierName::new("b")];
    few.gathered.termination = Termination::QuorumImpossible;
    assert_eq!(compare(few).failure, Some(RunFailure::QuorumNotReached { required: 2, got: 1 }));
}

#[test]
fn a_required_supplier_that_has_none_did_respond() {
    let mut inputs = inputs(Strategy::All, vec![quoting("a", vec![quote("1", None)]), out_of_stock("b")]);
    inputs.criteria.required = vec![SupplierName::new("b")];
    assert_eq!(compare(inputs).failure, None);
}

#[test]
fn a_gate_holds_at_its_limit_and_fails_above_it() {
    let gate = |limit: i64| {
        let mut inputs = inputs(Strategy::All, three());
        inputs.criteria.max_total = Some(Decimal::new(limit, 2));
        compare(inputs)
    };
    assert_eq!((gate(700).gates[0].passed, gate(700).exit_code()), (true, 0));
    assert_eq!((gate(699).gates[0].passed, gate(699).exit_code()), (false, 4));
}

#[test]
fn what_a_supplier_asked_before_stands_at_its_cheapest_live_quote() {
    let before = |total| PreviousPrice {
        unit_price: Decimal::new(total, 3),
        total: Decimal::new(total, 2),
        quoted_at: Timestamp::UNIX_EPOCH,
    };
    let mut inputs = inputs(
        Strategy::All,
        vec![quoting("a", vec![quote("9.00", None), quote("7.00", None), quote("7.00", None)]), refused("b")],
    );
    inputs.stand_ins = vec![old("b", "1.00")];
    inputs.previous = ["a", "b", "c"].map(|name| (SupplierName::new(name), before(650))).into();
    for sort in [SortKey::Total, SortKey::Supplier] {
        let comparison = compare(Inputs { sort, ..inputs.clone() });
        let found: Vec<_> = comparison.quotes.iter().filter(|offered| offered.previous.is_some()).collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].supplier.as_str(), found[0].previous), ("a", Some(before(650))));
        assert_eq!(found[0].quote.charges.total, Decimal::new(700, 2));
    }
}

#[test]
fn a_gate_without_a_selection_fails_but_the_runs_failure_goes_first() {
    let mut inputs = inputs(Strategy::All, vec![refused("a")]);
    inputs.criteria.max_total = Some(Decimal::ONE);
    let comparison = compare(inputs);
    assert_eq!((comparison.gates[0].actual, comparison.gates[0].passed), (None, false));
    assert_eq!(comparison.exit_code(), 3);
}

#[test]
fn an_increase_is_judged_exactly_and_nothing_known_is_none() {
    let gate = |before: Option<i64>, now: &str, limit: &str| {
        let mut inputs = inputs(Strategy::All, vec![quoting("a", vec![quote(now, None)])]);
        inputs.criteria.max_increase_percent = Some(fixtures::money(limit));
        let previous = |total| PreviousPrice {
            unit_price: Decimal::ONE,
            total: Decimal::new(total, 2),
            quoted_at: Timestamp::UNIX_EPOCH,
        };
        inputs.previous = before.map(|total| (SupplierName::new("a"), previous(total))).into_iter().collect();
        let comparison = compare(inputs);
        let Gate { kind, actual, passed, .. } = comparison.gates[0];
        assert_eq!((kind, comparison.exit_code() == 0), (GateKind::MaxIncrease, passed));
        let is_warned = comparison.warnings.iter().any(|warning| warning.kind == WarningKind::NoEarlierPrice);
        (actual.map(|actual| actual.to_string()), passed, is_warned)
    };
    let judged = |actual: &str, passed| (Some(actual.to_owned()), passed, false);
    assert_eq!(gate(Some(10_000), "105.00", "5"), judged("5", true));
    assert_eq!(gate(Some(10_000), "105.01", "5"), judged("5.01", false));
    assert_eq!(gate(Some(100_000), "1000.01", "0"), judged("0.001", false));
    assert_eq!(gate(Some(10_000), "90.00", "0"), judged("-10", true));
    assert_eq!(gate(Some(0), "0.01", "100"), (None, false, false));
    assert_eq!(gate(Some(0), "0.00", "0"), (None, true, false));
    assert_eq!(gate(None, "105.00", "5"), (None, true, true));
}

#[test]
fn an_increase_of_nothing_selected_fails() {
    let mut inputs = inputs(Strategy::All, vec![refused("a")]);
    inputs.criteria.max_increase_percent = Some(Decimal::ONE);
    let comparison = compare(inputs);
    assert_eq!((comparison.gates[0].actual, comparison.gates[0].passed), (None, false));
    assert_eq!((comparison.exit_code(), comparison.warnings), (3, vec![]));
}

#[test]
fn an_interrupt_goes_before_every_failure() {
    let mut inputs = inputs(Strategy::All, vec![refused("a")]);
    inputs.gathered.termination = Termination::Interrupted;
    let comparison = compare(inputs);
    assert_eq!((comparison.exit_code(), comparison.failure), (130, None));
}

#[test]
fn sorting_changes_the_list_and_nothing_else() {
    let listed = |sort| {
        let comparison = compare(Inputs { sort, ..inputs(Strategy::All, three()) });
        assert_eq!(supplier_of(&comparison, comparison.cheapest), Some("slow"));
        assert_eq!(supplier_of(&comparison, comparison.fastest), Some("fast"));
        let line = |quote: &SupplierQuote| format!("{} {}", quote.supplier, quote.quote.charges.total);
        comparison.quotes.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(listed(SortKey::Total), ["slow 7.00", "fast 9.00", "silent 9.00", "fast 10.00"]);
    assert_eq!(listed(SortKey::Delivery), ["fast 10.00", "slow 7.00", "fast 9.00", "silent 9.00"]);
    assert_eq!(listed(SortKey::Supplier), ["fast 9.00", "fast 10.00", "silent 9.00", "slow 7.00"]);
}

#[test]
fn converting_by_rates_older_than_a_week_is_warned_of() {
    let of = |date: &str| {
        // Shipping alone may be what was converted: then there is no original.
        let day = RatesDay { base: fixtures::eur(), date: date.parse().unwrap() };
        let dollars = Quote { rates: Some(day), ..quote("7.00", None) };
        compare(inputs(Strategy::All, vec![quoting("a", vec![dollars])])).warnings
    };
    assert_eq!(of("2026-11-16"), []);
    let warnings = of("2026-11-15");
    assert!(matches!(warnings[0].kind, WarningKind::RatesOld { days: 8, .. }), "{warnings:?}");
    assert_eq!(compare(inputs(Strategy::All, three())).warnings, []);
}

#[test]
fn statistics_count_every_offer() {
    let comparison = compare(inputs(Strategy::All, vec![three().remove(1), out_of_stock("b"), refused("c")]));
    let counts: Vec<_> =
        comparison.suppliers.iter().map(|stats| (stats.offers, stats.ranked, stats.rejected)).collect();
    assert_eq!(counts, [(2, 2, 0), (1, 0, 1), (0, 0, 0)]);
    assert_eq!(comparison.rejected.len(), 1);
}

#[test]
fn a_run_that_asked_nobody_fails_for_its_circuits() {
    for strategy in [Strategy::All, Strategy::Best, Strategy::First, Strategy::Majority] {
        let open = |name| report(name, Outcome::Failed(Failure::new(ErrorKind::CircuitOpen)));
        let mut inputs = inputs(strategy, vec![open("a"), open("b")]);
        inputs.gathered.termination = Termination::NotStarted;
        let comparison = compare(inputs);
        assert_eq!((comparison.failure.as_ref(), comparison.exit_code()), (Some(&RunFailure::AllCircuitsOpen), 3));
    }
}

/// A quote from history.
fn old(supplier: &str, total: &str) -> SupplierQuote {
    let quoted_at = "2026-11-20T14:05:00Z".parse().ok();
    let quote = Quote { source: Source::History, quoted_at, ..quote(total, None) };
    SupplierQuote::new(SupplierName::new(supplier), quote)
}

#[test]
fn history_makes_a_result_of_too_few_responses_and_says_so() {
    let silent = inputs(Strategy::All, vec![refused("a"), refused("b")]);
    assert!(compare(silent.clone()).may_fall_back());
    let stand_ins = vec![old("a", "7.00"), old("a", "9.00"), old("b", "8.00")];
    let comparison = compare(Inputs { stand_ins, ..silent });
    assert_eq!((comparison.failure.as_ref(), supplier_of(&comparison, comparison.selected)), (None, Some("a")));
    assert!(comparison.is_degraded() && comparison.exit_code() == 0);
    let warned: Vec<_> = comparison.warnings.iter().filter_map(|warning| warning.supplier.clone()).collect();
    assert_eq!(warned, ["a", "b"].map(SupplierName::new));
    assert_eq!(comparison.suppliers.iter().filter(|stats| stats.ranked > 0).count(), 0);
}

#[test]
fn history_is_no_response_of_a_required_supplier() {
    let mut missing = inputs(Strategy::All, vec![refused("a"), quoting("b", vec![quote("9.00", None)])]);
    missing.criteria.required = vec![SupplierName::new("a")];
    assert!(!compare(missing.clone()).may_fall_back());
    let comparison = compare(Inputs { stand_ins: vec![old("a", "7.00")], ..missing });
    assert!(matches!(comparison.failure, Some(RunFailure::RequiredMissing { .. })));
}

#[test]
fn history_votes_and_the_first_reply_stays_first() {
    let two = || vec![quoting("a", vec![quote("7.00", None)]), refused("b")];
    let vote = |total| compare(Inputs { stand_ins: vec![old("b", total)], ..inputs(Strategy::Majority, two()) });
    assert_eq!((vote("7.00").failure, vote("7.00").quorum.map(|quorum| quorum.got)), (None, Some(2)));
    assert!(matches!(vote("8.00").failure, Some(RunFailure::QuorumNotReached { required: 2, got: 1 })));
    let first = |reports, total| {
        let comparison = compare(Inputs { stand_ins: vec![old("b", total)], ..inputs(Strategy::First, reports) });
        supplier_of(&comparison, comparison.selected).map(str::to_owned)
    };
    assert_eq!(first(two(), "1.00").as_deref(), Some("a"));
    assert_eq!(first(vec![refused("a"), refused("b")], "1.00").as_deref(), Some("b"));
}
