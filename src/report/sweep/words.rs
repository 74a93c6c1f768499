//! Sentences about a sweep.

use super::cells::{Row, cheapest};
use crate::compare::{Change, ChangeCause, Comparison, Gate, SupplierRejection, SweepComparison};
use crate::domain::{Cause, Quantity, Strategy};
use crate::report::amount::time;
use crate::report::sanitize::shorten;
use crate::report::{prose, table};

/// How many columns of a supplier's name a sentence has.
const NAME_COLUMNS: usize = 24;
/// How many columns of the product's name the title has.
const PRODUCT_COLUMNS: usize = 60;

/// What was asked, such as `10, 100 × widget, totals in EUR`.
pub(super) fn title(sweep: &SweepComparison) -> String {
    let quantities = list(&sweep.comparisons.iter().map(|one| one.request.quantity).collect::<Vec<_>>());
    format!("{quantities} × {}, totals in {}", shorten(&sweep.product, PRODUCT_COLUMNS), sweep.currency)
}

/// Says who is cheapest at which of the quantities, and between which of them that changes.
pub(super) fn changes(sweep: &SweepComparison) -> String {
    let who = |comparison: &Comparison| {
        cheapest(comparison).map_or_else(|| "nobody".to_owned(), |name| shorten(name.as_str(), NAME_COLUMNS))
    };
    let last = sweep.comparisons.last().map(|comparison| comparison.request.quantity);
    let runs: Vec<&[Comparison]> =
        sweep.comparisons.chunk_by(|left, right| cheapest(left) == cheapest(right)).collect();
    if let [run] = runs[..] {
        return match run.first().and_then(cheapest) {
            Some(_) => format!("{} is cheapest at every quantity", who(&run[0])),
            None => "nobody can deliver any of these quantities".to_owned(),
        };
    }
    let phrase = |(position, run): (usize, &&[Comparison])| {
        let (first, end) = (run[0].request.quantity, run[run.len() - 1].request.quantity);
        let verb = match (position, cheapest(&run[0])) {
            (_, None) => " can deliver",
            (0, Some(_)) => " is cheapest",
            _ => "",
        };
        let place = match run.len() {
            1 => format!("at {first}"),
            _ if Some(end) == last => format!("from {first}"),
            _ => format!("at {first} to {end}"),
        };
        format!("{}{verb} {place}", who(&run[0]))
    };
    let phrases: Vec<String> = runs.iter().enumerate().map(phrase).collect();
    format!("{}; {}", phrases.join(", "), between(sweep))
}

/// Between which quantities it changes, and where that may come from something else than prices.
fn between(sweep: &SweepComparison) -> String {
    let place = |change: &Change| {
        let why = match change.cause {
            ChangeCause::Price => "",
            ChangeCause::CannotDeliver => " (one of the two cannot deliver both)",
            ChangeCause::NoResponse => " (one of the two did not respond)",
        };
        format!("between {} and {}{why}", change.from_quantity, change.to_quantity)
    };
    format!("it changes {}", sweep.changes().iter().map(place).collect::<Vec<_>>().join(", "))
}

/// How many suppliers responded, and how long it took.
pub(super) fn responses(sweep: &SweepComparison) -> String {
    let responded = |position: usize| {
        let at = |comparison: &Comparison| comparison.asked.get(position).is_some_and(|stats| stats.failure.is_none());
        sweep.comparisons.iter().all(at)
    };
    let asked = sweep.comparisons.first().map_or(0, |comparison| comparison.asked.len());
    let responded = (0..asked).filter(|position| responded(*position)).count();
    let noun = if asked == 1 { "supplier" } else { "suppliers" };
    format!("{responded} of {asked} {noun} responded in {}, at every quantity", time(sweep.elapsed))
}

/// Why the cheapest quotes order another quantity, each supplier's once.
pub(super) fn advice(sweep: &SweepComparison) -> Vec<String> {
    sentences(sweep, |comparison| table::advice(comparison, comparison.cheapest.as_slice()))
}

/// Collects what is said of each quantity, by what it is about. What holds at some of them alone begins with these.
pub(super) fn by_quantity(
    sweep: &SweepComparison,
    entries: impl Fn(&Comparison) -> Vec<(String, String)>,
) -> Vec<(String, String)> {
    let mut found: Vec<((String, String), Vec<Quantity>)> = Vec::new();
    for comparison in &sweep.comparisons {
        let quantity = comparison.request.quantity;
        for entry in entries(comparison) {
            if let Some((_, quantities)) = found.iter_mut().find(|(known, _)| *known == entry) {
                if quantities.last() != Some(&quantity) {
                    quantities.push(quantity);
                }
                continue;
            }
            let same_label = found.iter().rposition(|((label, _), _)| *label == entry.0);
            found.insert(same_label.map_or(found.len(), |position| position + 1), (entry, vec![quantity]));
        }
    }
    let everywhere = sweep.comparisons.len();
    let said = |((label, sentence), quantities): ((String, String), Vec<Quantity>)| {
        let is_everywhere = quantities.len() == everywhere;
        let sentence = if is_everywhere { sentence } else { format!("at {}: {sentence}", list(&quantities)) };
        (label, sentence)
    };
    found.into_iter().map(said).collect()
}

/// Whether the cheapest suppliers are shown without who else there was.
pub(super) fn stands_alone(sweep: &SweepComparison, rows: &[Row<'_>]) -> bool {
    sweep.criteria.strategy == Strategy::Best && !rows.is_empty()
}

/// What is worth knowing about all totals together: shipping that nobody states, and the day of the rates.
pub(super) fn footnotes(sweep: &SweepComparison, rows: &[Row<'_>]) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let stated = sweep.comparisons.iter().any(table::shipping_stated);
    let shipping = (!stated).then(|| table::NO_SHIPPING.to_owned());
    let mut quotes = sweep.comparisons.iter().flat_map(|comparison| &comparison.quotes);
    // All quotes share the same rates.
    let rates = quotes.find_map(|offered| offered.quote.rates).map(table::rates_note);
    shipping.into_iter().chain(rates).collect()
}

/// Why the run stopped early at some of the quantities.
pub(super) fn terminations(sweep: &SweepComparison) -> Vec<String> {
    sentences(sweep, |comparison| prose::termination(comparison.termination).map(str::to_owned).into_iter().collect())
}

/// How the gates turned out that are wanted.
pub(super) fn gates(sweep: &SweepComparison, wanted: impl Fn(&Gate) -> bool) -> Vec<String> {
    let of = |comparison: &Comparison| {
        let gates = comparison.gates.iter().filter(|gate| wanted(gate));
        gates.map(|gate| prose::gate(gate, comparison)).collect()
    };
    sentences(sweep, of)
}

/// Why there is no result at some of the quantities.
pub(super) fn failures(sweep: &SweepComparison) -> Vec<String> {
    sentences(sweep, |comparison| comparison.failure.as_ref().map(prose::run_failure).into_iter().collect())
}

/// What was rejected: supplier with the offer's number, and why. What is needed is the quantity, which is told beside it.
pub(super) fn rejected(comparison: &Comparison) -> Vec<(String, String)> {
    let entries = table::rejected(comparison).into_iter().zip(&comparison.rejected);
    let entry = |((label, sentence), rejected): ((String, String), &SupplierRejection)| match rejected.rejection.cause {
        Cause::InsufficientStock { in_stock, .. } => (label, format!("only {in_stock} in stock")),
        _ => (label, sentence),
    };
    entries.map(entry).collect()
}

/// Collects sentences about each quantity, each once.
pub(super) fn sentences(sweep: &SweepComparison, of: impl Fn(&Comparison) -> Vec<String>) -> Vec<String> {
    let unlabelled = |sentence| (String::new(), sentence);
    let entries = |comparison: &Comparison| of(comparison).into_iter().map(unlabelled).collect();
    by_quantity(sweep, entries).into_iter().map(|(_, sentence)| sentence).collect()
}

fn list(quantities: &[Quantity]) -> String {
    quantities.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
