//! How a gate turned out.

use rust_decimal::Decimal;

use crate::compare::{Comparison, Gate, GateKind, SupplierQuote};
use crate::domain::PreviousPrice;
use crate::report::amount::{amount, plain, since, with_sign};

/// Says how a gate of a comparison turned out.
#[must_use]
pub fn gate(gate: &Gate, comparison: &Comparison) -> String {
    let selected = comparison.quote(comparison.selected);
    let limit = match gate.kind {
        GateKind::MaxTotal => money(gate.limit, comparison),
        GateKind::MaxIncrease => format!("{} %", plain(gate.limit)),
    };
    let verdict = if gate.passed { "passed" } else { "failed" };
    let relation = if gate.passed { "within" } else { "above" };
    match (gate.kind, selected.and_then(|offered| offered.previous), gate.actual) {
        (GateKind::MaxTotal, _, Some(actual)) => {
            format!("gate {verdict}: total {} is {relation} {limit}", money(actual, comparison))
        }
        (GateKind::MaxIncrease, Some(previous), Some(actual)) => {
            let change = with_sign(change(gate, selected, previous, actual));
            let then = since(previous.quoted_at, comparison.started_at);
            format!("gate {verdict}: {change} since {then} is {relation} {limit}")
        }
        (GateKind::MaxIncrease, Some(previous), None) => {
            format!("gate {verdict}: it cost {} before, the limit is {limit}", money(previous.total, comparison))
        }
        _ if gate.passed => format!("gate passed: no earlier price is known, the limit is {limit}"),
        _ => format!("gate failed: nothing was selected, the limit is {limit}"),
    }
}

/// The change as short as it can be told without seeming to be on the other side of the limit.
fn change(gate: &Gate, selected: Option<&SupplierQuote>, previous: PreviousPrice, actual: Decimal) -> Decimal {
    let short = selected.and_then(|offered| previous.move_percent(offered.quote.charges.total));
    short.filter(|short| (*short <= gate.limit) == gate.passed).unwrap_or(actual)
}

fn money(value: Decimal, comparison: &Comparison) -> String {
    let currency = comparison.request.currency;
    format!("{} {currency}", amount(value, currency.minor_digits()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scene;

    #[test]
    fn every_turn_of_a_total_has_its_sentence() {
        let turn = |actual: Option<&str>, passed| {
            let limit = scene::money("40");
            let told = Gate { kind: GateKind::MaxTotal, limit, actual: actual.map(scene::money), passed };
            gate(&told, &scene::empty())
        };
        assert_eq!(turn(Some("35.93"), true), "gate passed: total 35.93 EUR is within 40.00 EUR");
        assert_eq!(turn(Some("40.01"), false), "gate failed: total 40.01 EUR is above 40.00 EUR");
        assert_eq!(turn(None, false), "gate failed: nothing was selected, the limit is 40.00 EUR");
    }

    #[test]
    fn every_turn_of_an_increase_has_its_sentence() {
        let turn = |before: Option<&str>, now: &str, limit: &str, passed| {
            let mut comparison = scene::ranked(vec![scene::quote("acme", "1", now, None)]);
            comparison.quotes[0].previous = before.map(|total| PreviousPrice {
                unit_price: scene::money(total),
                total: scene::money(total),
                quoted_at: "2026-11-20T14:05:59Z".parse().unwrap(),
            });
            let actual = comparison.quotes[0].previous.and_then(|previous| previous.change_percent(scene::money(now)));
            gate(&Gate { kind: GateKind::MaxIncrease, limit: scene::money(limit), actual, passed }, &comparison)
        };
        let before = |total| Some(total);
        assert_eq!(turn(before("15.00"), "15.60", "5", true), "gate passed: +4 % since 20 Nov is within 5 %");
        assert_eq!(turn(before("15.00"), "15.00", "5", true), "gate passed: 0 % since 20 Nov is within 5 %");
        assert_eq!(turn(before("3.00"), "2.00", "2.50", true), "gate passed: -33.3 % since 20 Nov is within 2.5 %");
        assert_eq!(turn(before("3.00"), "4.00", "5", false), "gate failed: +33.3 % since 20 Nov is above 5 %");
        assert_eq!(
            turn(before("3.00"), "4.00", "33.3", false),
            "gate failed: +33.333333 % since 20 Nov is above 33.3 %"
        );
        assert_eq!(turn(before("1000.00"), "1000.01", "0", false), "gate failed: +0.001 % since 20 Nov is above 0 %");
        assert_eq!(turn(before("0.00"), "4.00", "5", false), "gate failed: it cost 0.00 EUR before, the limit is 5 %");
        assert_eq!(turn(None, "4.00", "5", true), "gate passed: no earlier price is known, the limit is 5 %");
        let nothing = Gate { kind: GateKind::MaxIncrease, limit: scene::money("5"), actual: None, passed: false };
        assert_eq!(gate(&nothing, &scene::empty()), "gate failed: nothing was selected, the limit is 5 %");
    }
}
