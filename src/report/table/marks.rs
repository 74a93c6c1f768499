//! What distinguishes a quote, in words.
//!
//! Owns which rows are marked and what cheapest saves.

use ethnum::I256;
use rust_decimal::Decimal;

use crate::compare::{Comparison, SupplierQuote};
use crate::domain::{Quote, Source, round_ratio};
use crate::report::amount::{amount, moment};
use crate::report::style::Style;

use super::moves;

/// One word or two about a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Mark {
    /// The words.
    pub(in crate::report) text: String,
    /// How they look.
    pub(in crate::report) style: Style,
}

/// Which marks to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct Wording {
    /// Whether the cheapest quote's mark says what it saves.
    pub(in crate::report) saving: bool,
    /// Whether a price that moved says since when.
    pub(in crate::report) since: bool,
    /// Whether an order that is not what was asked for is a mark. It is not where orders have a column.
    pub(in crate::report) order: bool,
}

/// Gives the quotes of one comparison their marks.
pub(in crate::report) struct Marker<'a> {
    comparison: &'a Comparison,
    advantage: Option<String>,
    shipping_stated: bool,
}

impl<'a> Marker<'a> {
    /// Looks at all quotes once.
    pub(in crate::report) fn new(comparison: &'a Comparison) -> Self {
        Self { comparison, advantage: advantage(comparison), shipping_stated: shipping_stated(comparison) }
    }

    /// The marks of the quote at `index`, the most important first.
    pub(in crate::report) fn marks(&self, index: usize, wording: Wording) -> Vec<Mark> {
        let Self { comparison, advantage, shipping_stated } = self;
        let mut marks = vec![];
        let mut mark = |text: &str, style| marks.push(Mark { text: text.to_owned(), style });
        let at = Some(index);
        if comparison.selected == at && comparison.cheapest != at {
            mark("selected", Style::Good);
        }
        if comparison.cheapest == at {
            let saving = advantage.as_deref().filter(|_| wording.saving);
            mark(saving.unwrap_or("cheapest"), Style::Good);
        }
        if let Some(age) = comparison.quote(at).and_then(|offered| from_history(&offered.quote, comparison)) {
            mark(&age, Style::Caution);
        }
        if comparison.fastest == at {
            mark("fastest", Style::Note);
        }
        if let Some(Mark { text, style }) =
            comparison.quote(at).and_then(|offered| moves::mark(offered, comparison, wording.since))
        {
            mark(&text, style);
        }
        if let Some(SupplierQuote { quote, .. }) = comparison.quote(at) {
            if quote.charges.shipping.is_none() && *shipping_stated {
                mark("+ shipping", Style::Caution);
            }
            if wording.order && quote.order_quantity != comparison.request.quantity.get() {
                mark(&format!("order {}", quote.order_quantity), Style::Dim);
            }
        }
        marks
    }
}

/// Says of what moment a quote from history is: `as of 20 Nov 14:05, from history`; `None` for a live one.
fn from_history(quote: &Quote, comparison: &Comparison) -> Option<String> {
    match quote.source {
        Source::Live => None,
        Source::History => {
            let of = quote.quoted_at.map(|at| format!("as of {}, ", moment(at, comparison.started_at)));
            Some(format!("{}from history", of.unwrap_or_default()))
        }
    }
}

/// Writes marks one after the other.
pub(in crate::report) fn join(marks: &[Mark]) -> String {
    marks.iter().map(|mark| mark.text.as_str()).collect::<Vec<_>>().join(SEPARATOR)
}

/// What stands between two marks.
pub(in crate::report) const SEPARATOR: &str = " · ";

/// Whether any quote knows what shipping costs. If none does, one note for all of them is enough.
pub(in crate::report) fn shipping_stated(comparison: &Comparison) -> bool {
    comparison.quotes.iter().any(|offered| offered.quote.charges.shipping.is_some())
}

/// What the cheapest quote saves against the cheapest quote of any *other* supplier, in money and in percent of the
/// other's total: `cheapest by 8.97, 20 %`. `None` when no other supplier has a quote, when the totals are equal,
/// and when only one of the two includes shipping, since the difference would then say nothing.
pub(in crate::report) fn advantage(comparison: &Comparison) -> Option<String> {
    let cheapest = comparison.quote(comparison.cheapest)?;
    let others = comparison.quotes.iter().filter(|offered| offered.supplier != cheapest.supplier);
    let next = others.min_by_key(|offered| (offered.quote.charges.total, offered.quote.charges.shipping.is_none()))?;
    let (charges, next) = (&cheapest.quote.charges, &next.quote.charges);
    let saving = next.total.checked_sub(charges.total)?;
    if charges.shipping.is_some() != next.shipping.is_some() || saving <= Decimal::ZERO {
        return None;
    }
    let percent = match percent_of(saving, next.total)? {
        0 => "under 1".to_owned(),
        percent => percent.to_string(),
    };
    Some(format!("cheapest by {}, {percent} %", amount(saving, comparison.request.currency.minor_digits())))
}

/// The whole percentage that a part is of a whole, half away from zero.
fn percent_of(part: Decimal, whole: Decimal) -> Option<i128> {
    let scale = part.scale().max(whole.scale());
    let units = |mut value: Decimal| {
        value.rescale(scale);
        I256::from(value.mantissa())
    };
    round_ratio(units(part) * 100, units(whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scene::{full, quote, ranked};

    const ALL: Wording = Wording { saving: true, since: true, order: true };

    fn advantage_of(quotes: Vec<SupplierQuote>) -> Option<String> {
        advantage(&ranked(quotes))
    }

    fn priced(supplier: &str, total: &str) -> SupplierQuote {
        quote(supplier, "1", total, None)
    }

    #[test]
    fn cheapest_is_measured_against_the_next_supplier() {
        let second_best_of_its_own = vec![priced("a", "35.93"), priced("a", "40.00"), priced("b", "44.90")];
        assert_eq!(advantage_of(second_best_of_its_own).as_deref(), Some("cheapest by 8.97, 20 %"));
        assert_eq!(
            advantage_of(vec![priced("a", "1000"), priced("b", "1001")]).as_deref(),
            Some("cheapest by 1.00, under 1 %")
        );
        assert_eq!(advantage_of(vec![priced("a", "0"), priced("b", "3")]).as_deref(), Some("cheapest by 3.00, 100 %"));
    }

    #[test]
    fn nothing_is_claimed_without_a_fair_rival() {
        assert_eq!(advantage_of(vec![]), None);
        assert_eq!(advantage_of(vec![priced("a", "1"), priced("a", "2")]), None);
        assert_eq!(advantage_of(vec![priced("a", "1"), priced("b", "1.00")]), None);
        let mut unknown = priced("a", "1");
        unknown.quote.charges.shipping = None;
        assert_eq!(advantage_of(vec![unknown, priced("b", "2")]), None);
    }

    #[test]
    fn marks_say_what_is_special_and_nothing_else() {
        let scene = full();
        let all: Vec<String> = (0..4).map(|index| join(&Marker::new(&scene).marks(index, ALL))).collect();
        assert_eq!(all, ["cheapest by 8.97, 20 % · +4 % since 20 Nov", "fastest · order 100", "+ shipping", ""]);
        let short = Marker::new(&scene).marks(0, Wording { saving: false, since: false, order: false });
        assert_eq!(join(&short), "cheapest · +4 %");
    }

    #[test]
    fn a_selection_that_is_not_the_cheapest_is_marked() {
        let mut scene = full();
        scene.selected = Some(1);
        assert_eq!(join(&Marker::new(&scene).marks(1, ALL)), "selected · fastest · order 100");
    }

    #[test]
    fn an_old_price_says_how_old_it_is() {
        let mut scene = full();
        let quote = &mut scene.quotes[3].quote;
        (quote.source, quote.quoted_at) = (Source::History, "2026-11-20T14:05:59Z".parse().ok());
        assert_eq!(join(&Marker::new(&scene).marks(3, ALL)), "as of 20 Nov 14:05, from history");
    }

    #[test]
    fn where_nobody_states_shipping_no_row_is_marked() {
        let mut scene = full();
        for offered in &mut scene.quotes {
            offered.quote.charges.shipping = None;
        }
        assert_eq!(join(&Marker::new(&scene).marks(2, ALL)), "");
    }
}
