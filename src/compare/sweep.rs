//! The result of a sweep: one product at several quantities, and where the cheapest supplier changes.
//!
//! Owns the verdict on all quantities together. Refuses to know more of prices between two quantities than was asked.
//! Main type: [`SweepComparison`].

use std::time::Duration;

use jiff::Timestamp;

use super::judge::lowest;
use super::{Comparison, SupplierQuote};
use crate::domain::{Criteria, Currency, Quantity, SupplierName, Termination, Warning};

/// The exit codes of comparisons, the gravest first; 0 goes behind all of them.
const BY_GRAVITY: [u8; 4] = [130, 3, 1, 4];

/// The result of a run about one product at several quantities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepComparison {
    /// The run's id, a UUID in text. Each quantity has one of its own, too.
    pub correlation_id: String,
    /// When the run started.
    pub started_at: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// The product.
    pub product: String,
    /// The currency of the totals.
    pub currency: Currency,
    /// The conditions at every quantity; the time is that of all together.
    pub criteria: Criteria,
    /// Why the run stopped asking.
    pub termination: Termination,
    /// One a quantity, ascending.
    pub comparisons: Vec<Comparison>,
    /// What deserves attention at every quantity.
    pub warnings: Vec<Warning>,
}

/// Two neighbouring quantities with different cheapest suppliers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The smaller quantity.
    pub from_quantity: Quantity,
    /// The larger one.
    pub to_quantity: Quantity,
    /// Who is cheapest at the smaller one; `None` = nobody can deliver.
    pub from: Option<SupplierName>,
    /// Who is cheapest at the larger one; `None` = nobody can deliver.
    pub to: Option<SupplierName>,
    /// Why they differ.
    pub cause: ChangeCause,
}

/// Why the cheapest suppliers of two quantities differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeCause {
    /// Both suppliers have a quote for both quantities.
    Price,
    /// One of them cannot deliver one of the quantities.
    CannotDeliver,
    /// One of them did not respond about one of the quantities, so that the change may be none.
    NoResponse,
}

impl ChangeCause {
    /// The `snake_case` word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::CannotDeliver => "cannot_deliver",
            Self::NoResponse => "no_response",
        }
    }
}

impl SweepComparison {
    /// The exit code of the run: the first of 130, 3, 1, 4, 0 that one of the quantities has.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let has = |code: &u8| self.comparisons.iter().any(|comparison| comparison.exit_code() == *code);
        match self.termination {
            Termination::Interrupted => 130,
            _ => BY_GRAVITY.into_iter().find(has).unwrap_or(0),
        }
    }

    /// Where the cheapest supplier changes, by quantity.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        self.comparisons.windows(2).filter_map(|pair| change(&pair[0], &pair[1])).collect()
    }

    /// Everybody with a quote for some quantity, in the order in which quotes are listed at the first quantity; who has none
    /// there comes last, in the order of the next one, and so on.
    #[must_use]
    pub fn suppliers(&self) -> Vec<&SupplierName> {
        let mut suppliers: Vec<&SupplierName> = Vec::new();
        for SupplierQuote { supplier, .. } in self.comparisons.iter().flat_map(|comparison| &comparison.quotes) {
            if !suppliers.contains(&supplier) {
                suppliers.push(supplier);
            }
        }
        let place = |comparison: &Comparison, supplier: &SupplierName| {
            comparison.quotes.iter().position(|offered| offered.supplier == *supplier).unwrap_or(usize::MAX)
        };
        suppliers.sort_by_cached_key(|supplier| {
            self.comparisons.iter().map(|comparison| place(comparison, supplier)).collect::<Vec<_>>()
        });
        suppliers
    }
}

/// The cheapest quote of a supplier in a comparison.
#[must_use]
pub fn cheapest_of<'a>(comparison: &'a Comparison, supplier: &SupplierName) -> Option<&'a SupplierQuote> {
    comparison.quote(lowest(&comparison.quotes, |offered| offered.supplier == *supplier))
}

fn change(before: &Comparison, after: &Comparison) -> Option<Change> {
    let cheapest = |of: &Comparison| of.quote(of.cheapest).map(|offered| offered.supplier.clone());
    let (from, to) = (cheapest(before), cheapest(after));
    if from == to {
        return None;
    }
    let there = from.iter().map(|supplier| cause(after, supplier));
    let here = to.iter().map(|supplier| cause(before, supplier));
    let causes: Vec<ChangeCause> = there.chain(here).collect();
    let gravest =
        [ChangeCause::NoResponse, ChangeCause::CannotDeliver].into_iter().find(|cause| causes.contains(cause));
    Some(Change {
        from_quantity: before.request.quantity,
        to_quantity: after.request.quantity,
        from,
        to,
        cause: gravest.unwrap_or(ChangeCause::Price),
    })
}

/// Why a supplier that is cheapest elsewhere is not here. Who is not heard of here did not respond.
fn cause(here: &Comparison, supplier: &SupplierName) -> ChangeCause {
    if here.quotes.iter().any(|offered| offered.supplier == *supplier) {
        return ChangeCause::Price;
    }
    let responded = |stats: &super::SupplierStats| stats.supplier == *supplier && stats.failure.is_none();
    if here.suppliers.iter().any(responded) { ChangeCause::CannotDeliver } else { ChangeCause::NoResponse }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Inputs, SortKey, compare};
    use crate::domain::fixtures::{criteria, eur, quote};
    use crate::domain::{
        Answer, ErrorKind, Failure, Gathered, Outcome, PriceRequest, Quote, Strategy, SupplierReport, TransportKind,
    };

    /// Totals by supplier; `None` = no response, `Some("")` = no offer.
    type Totals = [Option<&'static str>; 2];

    fn comparison(quantity: u64, totals: Totals, termination: Termination) -> Comparison {
        let answer = |total: &str| Answer {
            quotes: Some(total).filter(|total| !total.is_empty()).map(quote).into_iter().collect::<Vec<Quote>>(),
            ..Answer::default()
        };
        let report = |(name, total): (&str, Option<&str>)| SupplierReport {
            supplier: SupplierName::new(name),
            transport: TransportKind::Http,
            latency: None,
            attempts: 1,
            http_status: None,
            file_modified_at: None,
            outcome: total.map_or_else(
                || Outcome::Failed(Failure::new(ErrorKind::Dns)),
                |total| Outcome::Answered(answer(total)),
            ),
        };
        let reports = ["acme", "globex"].into_iter().zip(totals).map(report).collect();
        compare(Inputs {
            correlation_id: String::new(),
            started_at: Timestamp::UNIX_EPOCH,
            request: PriceRequest {
                product: "widget".into(),
                quantity: Quantity::new(quantity).unwrap(),
                currency: eur(),
            },
            criteria: criteria(Strategy::All),
            gathered: Gathered { reports, termination, done: vec![], first_ranked: None, elapsed: Duration::ZERO },
            stand_ins: vec![],
            previous: std::collections::HashMap::new(),
            sort: SortKey::Total,
            warnings: vec![],
            rehearsal: false,
        })
    }

    fn sweep(totals: &[Totals]) -> SweepComparison {
        let quantities = [1, 10, 100, 1000].into_iter().zip(totals);
        SweepComparison {
            correlation_id: String::new(),
            started_at: Timestamp::UNIX_EPOCH,
            elapsed: Duration::ZERO,
            product: "widget".into(),
            currency: eur(),
            criteria: criteria(Strategy::All),
            termination: Termination::All,
            comparisons: quantities.map(|(at, totals)| comparison(at, *totals, Termination::All)).collect(),
            warnings: vec![],
        }
    }

    fn changes(totals: &[Totals]) -> Vec<(u64, u64, ChangeCause)> {
        let changes = sweep(totals).changes();
        changes.iter().map(|change| (change.from_quantity.get(), change.to_quantity.get(), change.cause)).collect()
    }

    #[test]
    fn a_change_is_between_neighbours_and_says_why() {
        let (low, high) = ([Some("1"), Some("2")], [Some("2"), Some("1")]);
        assert_eq!(changes(&[low, low, high, high]), [(10, 100, ChangeCause::Price)]);
        assert_eq!(changes(&[low, high, low]).len(), 2);
        assert_eq!(changes(&[low, low]), []);
        assert_eq!(changes(&[low, [Some(""), Some("1")]]), [(1, 10, ChangeCause::CannotDeliver)]);
        assert_eq!(changes(&[low, [None, Some("1")]]), [(1, 10, ChangeCause::NoResponse)]);
        assert_eq!(changes(&[[Some("1"), None], high]), [(1, 10, ChangeCause::NoResponse)]);
        assert_eq!(changes(&[low, [Some(""), Some("")]]), [(1, 10, ChangeCause::CannotDeliver)]);
        assert_eq!(changes(&[[None, Some("")], [None, None]]), [], "nobody is followed by nobody");
    }

    #[test]
    fn the_gravest_exit_code_counts() {
        let (fine, cannot, silent) = ([Some("1"), None], [Some(""), Some("")], [None, None]);
        assert_eq!(sweep(&[fine, fine]).exit_code(), 0);
        assert_eq!(sweep(&[fine, cannot]).exit_code(), 1);
        assert_eq!(sweep(&[cannot, silent, fine]).exit_code(), 3);
        let mut gated = sweep(&[fine, cannot]);
        gated.comparisons[0].gates.push(crate::compare::Gate {
            kind: crate::compare::GateKind::MaxTotal,
            limit: rust_decimal::Decimal::ZERO,
            actual: None,
            passed: false,
        });
        assert_eq!(gated.exit_code(), 1, "that nobody can deliver goes before a gate");
        gated.comparisons.truncate(1);
        assert_eq!(gated.exit_code(), 4);
        gated.comparisons.push(comparison(10, silent, Termination::Interrupted));
        assert_eq!(gated.exit_code(), 130);
    }

    #[test]
    fn suppliers_are_listed_as_at_the_first_quantity() {
        let names =
            |totals: &[Totals]| sweep(totals).suppliers().into_iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&[[Some("2"), Some("1")], [Some("1"), Some("2")]]), ["globex", "acme"]);
        assert_eq!(names(&[[Some("2"), None], [Some("2"), Some("1")]]), ["acme", "globex"], "who has none comes last");
        assert_eq!(names(&[[None, Some("")], [Some("1"), None]]), ["acme"]);
        assert_eq!(names(&[]), [] as [&str; 0]);
    }
}
