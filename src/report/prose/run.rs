//! What happened to the run as a whole, and what to do about it.

use super::{count, quoted};
use crate::compare::{Comparison, Quorum, RunFailure};
use crate::domain::{
    Cause, CurrencyProblem, ErrorKind, Failure, OrderReason, PriceRequest, Quote, SupplierName, Termination, Warning,
    WarningKind,
};
use crate::report::{amount, sanitize};

/// How many suppliers a sentence names before it counts the rest.
const NAMED: usize = 5;
/// How many columns of each name.
const NAME_COLUMNS: usize = 30;

/// Says why a run has no result.
#[must_use]
pub fn run_failure(failure: &RunFailure) -> String {
    match failure {
        RunFailure::NoAvailableSupplier => "no supplier can deliver".to_owned(),
        RunFailure::InsufficientResponses { required, got } => {
            format!("too few suppliers responded: {required} needed, {got} did")
        }
        RunFailure::RequiredMissing { missing, .. } => {
            let plural = if missing.len() == 1 { "supplier" } else { "suppliers" };
            format!("required {plural} did not respond: {}", names(missing))
        }
        RunFailure::AllCircuitsOpen => "nobody was asked: every supplier failed too often lately".to_owned(),
        RunFailure::QuorumNotReached { required, got } => {
            format!("no quorum: {required} suppliers had to agree, at most {got} did")
        }
    }
}

/// Says what can be done about a run without a result; `None` if it has one.
#[must_use]
pub fn hint(comparison: &Comparison) -> Option<String> {
    let hint = match comparison.failure.as_ref()? {
        RunFailure::NoAvailableSupplier => return Some(delivery_hint(comparison)),
        RunFailure::InsufficientResponses { .. } => response_hint(comparison),
        RunFailure::RequiredMissing { missing, .. } => {
            let failed = |kind| {
                comparison.suppliers.iter().any(|stats| {
                    missing.contains(&stats.supplier)
                        && stats.failure.as_ref().is_some_and(|failure| failure.kind == kind)
                })
            };
            if failed(ErrorKind::Timeout) {
                "allow more time with `--timeout`"
            } else if failed(ErrorKind::CircuitOpen) {
                ASK_OPEN
            } else {
                "leave it out of `--require` to go without it"
            }
        }
        RunFailure::AllCircuitsOpen => return Some(format!("{ASK_OPEN}{}", waiting(comparison))),
        RunFailure::QuorumNotReached { .. } => {
            "accept totals further apart with `--agree-within`, or a smaller group with `--quorum`"
        }
    };
    Some(hint.to_owned())
}

const ASK_OPEN: &str = "`--ask-open` asks even suppliers that failed too often lately";

/// When the first circuit lets somebody through.
fn waiting(comparison: &Comparison) -> String {
    let waits = comparison.suppliers.iter().filter_map(|stats| stats.failure.as_ref()?.retry_in);
    waits.min().map(|wait| format!("; otherwise wait {}", amount::time(wait))).unwrap_or_default()
}

/// The commonest obstacle decides, and among equals the one that is easiest to lift.
fn delivery_hint(comparison: &Comparison) -> String {
    let causes = || comparison.rejected.iter().map(|rejected| &rejected.rejection.cause);
    if causes().next().is_none() {
        return format!("no supplier carries {}: check its name", quoted(&comparison.request.product));
    }
    let hints = [
        (
            causes().filter(|cause| matches!(cause, Cause::TooLate { .. } | Cause::DeliveryUnknown { .. })).count(),
            "accept later or unknown delivery with a larger `--within-days`, or without it",
        ),
        (
            causes().filter(|cause| matches!(cause, Cause::BelowMinimum { .. }) && comparison.criteria.exact).count(),
            "order more than is needed by leaving out `--exact`",
        ),
        (
            causes().filter(|cause| matches!(cause, Cause::Currency(CurrencyProblem::NoRate(..)))).count(),
            "declare the missing rate under `[rates]`, or fetch rates with `rates-url`",
        ),
        (causes().filter(|cause| matches!(cause, Cause::NoCurrency)).count(), "set the supplier's `currency`"),
        (
            causes()
                .filter(|cause| matches!(cause, Cause::InsufficientStock { .. } | Cause::AboveMaximum { .. }))
                .count(),
            "ask for less with `--qty`",
        ),
        (
            causes()
                .filter(|cause| matches!(cause, Cause::BelowMinimumValue { .. } | Cause::BelowMinimum { .. }))
                .count(),
            "ask for more with `--qty`",
        ),
    ];
    let (most, hint) = hints.into_iter().rev().max_by_key(|(count, _)| *count).unwrap_or_default();
    if most == 0 { "each rejected offer says why".to_owned() } else { hint.to_owned() }
}

fn response_hint(comparison: &Comparison) -> &'static str {
    let failed = |kind| {
        let mut failures = comparison.suppliers.iter().filter_map(|stats| stats.failure.as_ref()).peekable();
        failures.peek().is_some() && failures.all(|failure| failure.kind == kind)
    };
    let is_open = |stats: &crate::compare::SupplierStats| {
        stats.failure.as_ref().is_some_and(|failure| failure.kind == ErrorKind::CircuitOpen)
    };
    if failed(ErrorKind::Timeout) {
        "allow more time with `--timeout`"
    } else if comparison.suppliers.iter().any(is_open) {
        ASK_OPEN
    } else if failed(ErrorKind::Connect) {
        "start the suppliers, or try `--mock`, which asks mock suppliers inside the process"
    } else {
        "each supplier that failed says why; `--min-responses` sets how many must respond"
    }
}

/// Says why a run stopped before every supplier was done; `None` if it did not.
#[must_use]
pub fn termination(termination: Termination) -> Option<&'static str> {
    match termination {
        Termination::All => None,
        Termination::First => Some("stopped at the first reply, the rest was cancelled"),
        Termination::Quorum => Some("stopped once enough suppliers agreed"),
        Termination::QuorumImpossible => Some("stopped once too few suppliers could agree"),
        Termination::Deadline => Some("stopped at the deadline"),
        Termination::Interrupted => Some("interrupted, this is what was gathered"),
        Termination::NotStarted => Some("nobody was asked"),
    }
}

/// Says what a warning warns of.
#[must_use]
pub fn warning(warning: &Warning) -> String {
    match &warning.kind {
        WarningKind::RatesOld { base, date, days } => {
            let age = count(u64::from(days.unsigned_abs()), "day", "days");
            format!("rates with base {base} are of {date}, {age} old")
        }
        WarningKind::RatesFallback { failure, used, declared } => {
            let which = if *declared { "those of `[rates]`" } else { "the last known" };
            let cause = rates_failure(failure);
            format!("rates could not be fetched, {which} of {} are used: {cause}", used.date)
        }
        WarningKind::RatesMissing { failure } => {
            let consequence = "offers in other currencies are rejected";
            match failure {
                Some(failure) => {
                    let cause = rates_failure(failure);
                    format!("rates could not be fetched and none are known, {consequence}: {cause}")
                }
                None => format!("`--mock` fetches no rates and none are declared, {consequence}"),
            }
        }
        WarningKind::TlsUnverified => format!("the certificate of {} is not verified", of(warning)),
        WarningKind::HistoryUsed { quoted_at } => {
            format!("{} did not respond, what it offered on {quoted_at:.0} stands in", of(warning))
        }
        WarningKind::StateUnusable { path, reason } => {
            format!("the state {} was left out of this run: {}", whole(path), sanitize::clean(reason))
        }
        WarningKind::StateDamaged { path, kept } => {
            let kept = kept.as_ref().map(|kept| format!(", the old one is {}", whole(kept))).unwrap_or_default();
            format!("the state {} was damaged and begins anew{kept}", whole(path))
        }
        WarningKind::NoEarlierPrice => {
            format!("`--max-increase`: nothing is known of what {} asked before, so nothing was compared", of(warning))
        }
        WarningKind::NoMock => format!("{} has no mock and was left out", of(warning)),
        WarningKind::PagesLeft { read } => {
            let pages = count(*read as u64, "page", "pages");
            format!("{} has more than {pages}, the rest was not read: `max-pages` sets how many are", of(warning))
        }
        WarningKind::RepliesIgnored { strays } => {
            format!("{}: {strays}, which came over its channel of the broker", of(warning))
        }
        WarningKind::ReplyWithoutId => {
            format!("{} replied without a correlation id; nothing else was asked there, so it counts", of(warning))
        }
        WarningKind::IdsLeft { found, asked } => {
            let ids = count(*found as u64, "id", "ids");
            format!("{} has {ids}, {asked} were asked for: `max-ids` sets how many are", of(warning))
        }
        WarningKind::ReadableByOthers { path } => {
            format!("{} holds a secret and others can read it", quoted(path))
        }
    }
}

/// A path that a reader has to find.
fn whole(path: &str) -> String {
    format!("`{}`", sanitize::clean(path))
}

/// Says why there are no rates. What is wrong with a list says everything itself.
fn rates_failure(failure: &Failure) -> String {
    match failure.detail.as_deref().filter(|_| failure.kind == ErrorKind::Mapping) {
        Some(detail) => sanitize::shorten(detail, super::DETAIL_COLUMNS),
        None => super::failure(failure),
    }
}

/// Whom a warning concerns.
fn of(warning: &Warning) -> String {
    warning.supplier.as_ref().map_or("a supplier".to_owned(), |name| format!("supplier {}", quoted(name.as_str())))
}

/// Says who agreed.
#[must_use]
pub fn quorum(quorum: &Quorum) -> String {
    let verb = if quorum.got == 1 { "supplier agrees" } else { "suppliers agree" };
    let sentence = format!("{} {verb}, {} needed", quorum.got, quorum.required);
    if quorum.suppliers.is_empty() { sentence } else { format!("{sentence}: {}", names(&quorum.suppliers)) }
}

/// Says why the order is not what was asked for, such as `order 100: 2.75 less than 95`; `None` if it is.
#[must_use]
pub fn advice(quote: &Quote, request: &PriceRequest) -> Option<String> {
    let order = quote.order_quantity;
    let why = match quote.order_reason {
        _ if quote.saving > rust_decimal::Decimal::ZERO => {
            let saving = amount::amount(quote.saving, request.currency.minor_digits());
            format!("{saving} less than {}", quote.smallest_order)
        }
        OrderReason::Exact => return None,
        OrderReason::Minimum => "the smallest order that is taken".to_owned(),
        OrderReason::Multiple => "sold in multiples only".to_owned(),
        OrderReason::PriceBreak => "reaches a price break".to_owned(),
        OrderReason::FreeShipping => "reaches free shipping".to_owned(),
        OrderReason::MinimumValue => "reaches the minimum order value".to_owned(),
    };
    Some(format!("order {order}: {why}"))
}

fn names(suppliers: &[SupplierName]) -> String {
    let named = suppliers
        .iter()
        .take(NAMED)
        .map(|supplier| format!("`{}`", sanitize::shorten(supplier.as_str(), NAME_COLUMNS)))
        .collect::<Vec<_>>()
        .join(", ");
    match suppliers.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{Criteria, Phase, RatesDay, StrayReplies};
    use crate::report::scene;

    fn supplier(name: &str) -> SupplierName {
        SupplierName::new(name)
    }

    fn failing(failure: RunFailure, suppliers: Vec<Failure>) -> Comparison {
        let suppliers = suppliers.into_iter().map(|failure| scene::failed("acme", 1, failure)).collect();
        Comparison { failure: Some(failure), suppliers, ..scene::empty() }
    }

    fn rejecting(causes: Vec<Cause>) -> Comparison {
        let rejected = causes.into_iter().map(|cause| scene::rejection("acme", cause)).collect();
        Comparison { rejected, ..failing(RunFailure::NoAvailableSupplier, vec![]) }
    }

    #[test]
    fn every_run_failure_has_its_sentence() {
        let many = (1..=7).map(|number| supplier(&format!("s{number}"))).collect();
        let table = [
            (RunFailure::NoAvailableSupplier, "no supplier can deliver"),
            (RunFailure::InsufficientResponses { required: 2, got: 1 }, "too few suppliers responded: 2 needed, 1 did"),
            (
                RunFailure::RequiredMissing { required: 1, missing: vec![supplier("acme\u{1b}")] },
                "required supplier did not respond: `acme\u{fffd}`",
            ),
            (
                RunFailure::RequiredMissing { required: 7, missing: many },
                "required suppliers did not respond: `s1`, `s2`, `s3`, `s4`, `s5` and 2 more",
            ),
            (RunFailure::AllCircuitsOpen, "nobody was asked: every supplier failed too often lately"),
            (
                RunFailure::QuorumNotReached { required: 3, got: 2 },
                "no quorum: 3 suppliers had to agree, at most 2 did",
            ),
        ];
        for (failure, sentence) in table {
            assert_eq!(run_failure(&failure), sentence);
        }
    }

    #[test]
    fn the_hint_follows_the_commonest_obstacle() {
        let late = Cause::TooLate { days: 9, within: 5 };
        let short = Cause::InsufficientStock { needed: 95, in_stock: 60 };
        let minimum = Cause::BelowMinimum { needed: 95, smallest: 500 };
        let rate = CurrencyProblem::NoRate("USD".into(), "EUR".into());
        let table = [
            (vec![], "no supplier carries `widget`: check its name"),
            (vec![Cause::OutOfStock], "each rejected offer says why"),
            (
                vec![late.clone(), Cause::OutOfStock],
                "accept later or unknown delivery with a larger `--within-days`, or without it",
            ),
            (vec![late.clone(), short.clone(), short.clone()], "ask for less with `--qty`"),
            (vec![short, late], "accept later or unknown delivery with a larger `--within-days`, or without it"),
            (vec![minimum.clone()], "ask for more with `--qty`"),
            (vec![Cause::Currency(rate)], "declare the missing rate under `[rates]`, or fetch rates with `rates-url`"),
            (vec![Cause::NoCurrency], "set the supplier's `currency`"),
        ];
        for (causes, sentence) in table {
            assert_eq!(hint(&rejecting(causes)).as_deref(), Some(sentence));
        }
        let exact = Comparison { criteria: Criteria { exact: true, ..scene::criteria() }, ..rejecting(vec![minimum]) };
        assert_eq!(hint(&exact).as_deref(), Some("order more than is needed by leaving out `--exact`"));
    }

    #[test]
    fn the_hint_follows_what_the_suppliers_failures_have_in_common() {
        let slow = || Failure::timeout(Phase::Headers, Duration::from_secs(2));
        let refused = || Failure::new(ErrorKind::Connect);
        let responses = || RunFailure::InsufficientResponses { required: 1, got: 0 };
        let required = || RunFailure::RequiredMissing { required: 1, missing: vec![supplier("acme")] };
        let open =
            |seconds| Failure { retry_in: Some(Duration::from_secs(seconds)), ..Failure::new(ErrorKind::CircuitOpen) };
        let ask_open = "`--ask-open` asks even suppliers that failed too often lately";
        let each = "each supplier that failed says why; `--min-responses` sets how many must respond";
        let table = [
            (failing(responses(), vec![slow(), slow()]), "allow more time with `--timeout`"),
            (
                failing(responses(), vec![refused()]),
                "start the suppliers, or try `--mock`, which asks mock suppliers inside the process",
            ),
            (failing(responses(), vec![slow(), refused()]), each),
            (failing(responses(), vec![]), each),
            (failing(required(), vec![slow()]), "allow more time with `--timeout`"),
            (failing(responses(), vec![refused(), open(20)]), ask_open),
            (
                failing(RunFailure::AllCircuitsOpen, vec![open(20), open(9)]),
                "`--ask-open` asks even suppliers that failed too often lately; otherwise wait 9s",
            ),
            (failing(required(), vec![open(20)]), ask_open),
            (failing(required(), vec![refused()]), "leave it out of `--require` to go without it"),
            (
                failing(RunFailure::QuorumNotReached { required: 2, got: 1 }, vec![]),
                "accept totals further apart with `--agree-within`, or a smaller group with `--quorum`",
            ),
        ];
        for (comparison, sentence) in table {
            assert_eq!(hint(&comparison).as_deref(), Some(sentence));
        }
        assert_eq!(hint(&scene::full()), None);
    }

    #[test]
    fn every_early_end_has_its_sentence() {
        let table = [
            (Termination::All, None),
            (Termination::First, Some("stopped at the first reply, the rest was cancelled")),
            (Termination::Quorum, Some("stopped once enough suppliers agreed")),
            (Termination::QuorumImpossible, Some("stopped once too few suppliers could agree")),
            (Termination::Deadline, Some("stopped at the deadline")),
            (Termination::Interrupted, Some("interrupted, this is what was gathered")),
            (Termination::NotStarted, Some("nobody was asked")),
        ];
        for (reason, sentence) in table {
            assert_eq!(termination(reason), sentence);
        }
    }

    #[test]
    fn what_was_left_unread_has_its_sentence() {
        let table = [
            (
                WarningKind::PagesLeft { read: 1 },
                Some(supplier("stark")),
                "supplier `stark` has more than 1 page, the rest was not read: `max-pages` sets how many are",
            ),
            (
                WarningKind::IdsLeft { found: 30, asked: 20 },
                Some(supplier("stark")),
                "supplier `stark` has 30 ids, 20 were asked for: `max-ids` sets how many are",
            ),
        ];
        for (kind, supplier, sentence) in table {
            assert_eq!(warning(&Warning { kind, supplier }), sentence);
        }
    }

    #[test]
    fn what_came_over_a_broker_without_need_has_its_sentence() {
        let strays = StrayReplies { unknown: 1, late: 0, without_id: 2 };
        for (kind, sentence) in [
            (
                WarningKind::RepliesIgnored { strays },
                "supplier `stark`: 3 replies ignored (unknown correlation id 1, no correlation id 2), which came over its \
                 channel of the broker",
            ),
            (
                WarningKind::ReplyWithoutId,
                "supplier `stark` replied without a correlation id; nothing else was asked there, so it counts",
            ),
        ] {
            assert_eq!(warning(&Warning { kind, supplier: Some(supplier("stark")) }), sentence);
        }
    }

    #[test]
    fn every_warning_has_its_sentence() {
        let old = |days| WarningKind::RatesOld { base: scene::eur(), date: jiff::civil::date(2026, 11, 1), days };
        let unreachable = || Failure::new(ErrorKind::Connect).with_detail("refused");
        let used = RatesDay { base: scene::eur(), date: jiff::civil::date(2026, 11, 1) };
        let fallback = |failure, declared| WarningKind::RatesFallback { failure, used, declared };
        let table = [
            (old(22), None, "rates with base EUR are of 2026-11-01, 22 days old"),
            (
                fallback(unreachable(), false),
                None,
                "rates could not be fetched, the last known of 2026-11-01 are used: could not connect: refused",
            ),
            (
                fallback(Failure::new(ErrorKind::Mapping).with_detail("`USD` stands\ntwice"), true),
                None,
                "rates could not be fetched, those of `[rates]` of 2026-11-01 are used: `USD` stands twice",
            ),
            (
                WarningKind::RatesMissing { failure: Some(unreachable()) },
                None,
                "rates could not be fetched and none are known, offers in other currencies are rejected: could not \
                 connect: refused",
            ),
            (
                WarningKind::RatesMissing { failure: None },
                None,
                "`--mock` fetches no rates and none are declared, offers in other currencies are rejected",
            ),
            (WarningKind::NoMock, Some(supplier("stark")), "supplier `stark` has no mock and was left out"),
            (
                WarningKind::TlsUnverified,
                Some(supplier("stark")),
                "the certificate of supplier `stark` is not verified",
            ),
            (
                WarningKind::ReadableByOthers { path: "a\u{1b}b.toml".into() },
                None,
                "`a\u{fffd}b.toml` holds a secret and others can read it",
            ),
            (
                WarningKind::StateUnusable { path: "/s\u{1b}.db".into(), reason: "it is no file".into() },
                None,
                "the state `/s\u{fffd}.db` was left out of this run: it is no file",
            ),
            (
                WarningKind::StateDamaged { path: "/s.db".into(), kept: Some("/s.db.corrupt-1".into()) },
                None,
                "the state `/s.db` was damaged and begins anew, the old one is `/s.db.corrupt-1`",
            ),
            (
                WarningKind::StateDamaged { path: "/s.db".into(), kept: None },
                None,
                "the state `/s.db` was damaged and begins anew",
            ),
        ];
        for (kind, supplier, sentence) in table {
            assert_eq!(warning(&Warning { kind, supplier }), sentence);
        }
    }

    #[test]
    fn what_stands_in_is_said_with_its_time() {
        let kind = WarningKind::HistoryUsed { quoted_at: "2026-11-20T14:05:59.5Z".parse().unwrap() };
        assert_eq!(
            warning(&Warning { kind, supplier: Some(supplier("stark")) }),
            "supplier `stark` did not respond, what it offered on 2026-11-20T14:05:59Z stands in"
        );
    }

    #[test]
    fn an_order_that_was_not_asked_for_is_explained() {
        let request = scene::empty().request;
        let table = [
            (OrderReason::Exact, "0", None),
            (OrderReason::Minimum, "0", Some("order 100: the smallest order that is taken")),
            (OrderReason::Multiple, "0", Some("order 100: sold in multiples only")),
            (OrderReason::PriceBreak, "2.75", Some("order 100: 2.75 less than 95")),
            (OrderReason::PriceBreak, "0", Some("order 100: reaches a price break")),
            (OrderReason::FreeShipping, "1.1", Some("order 100: 1.10 less than 95")),
            (OrderReason::FreeShipping, "0", Some("order 100: reaches free shipping")),
            (OrderReason::MinimumValue, "0", Some("order 100: reaches the minimum order value")),
        ];
        for (reason, saving, sentence) in table {
            let mut quote = scene::quote("acme", "0.40", "40.00", None).quote;
            quote.order_quantity = 100;
            quote.order_reason = reason;
            quote.saving = scene::money(saving);
            assert_eq!(advice(&quote, &request).as_deref(), sentence);
        }
    }

    #[test]
    fn those_who_agree_are_named() {
        let agreed = |got, suppliers: &[&str]| {
            let suppliers = suppliers.iter().map(|name| supplier(name)).collect();
            quorum(&Quorum { required: 2, got, suppliers })
        };
        assert_eq!(agreed(2, &["acme", "hooli"]), "2 suppliers agree, 2 needed: `acme`, `hooli`");
        assert_eq!(agreed(1, &["acme"]), "1 supplier agrees, 2 needed: `acme`");
        assert_eq!(agreed(0, &[]), "0 suppliers agree, 2 needed");
    }
}
