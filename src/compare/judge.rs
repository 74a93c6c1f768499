//! Ranking, selecting and judging.

mod gates;

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::domain::{
    Criteria, Gathered, Outcome, PreviousPrice, PriceRequest, RatesDay, Strategy, SupplierName, SupplierReport,
    Termination, Warning, WarningKind, compare_quotes, largest_group,
};

use super::{Comparison, Quorum, RunFailure, SortKey, SupplierQuote, SupplierRejection, SupplierStats};

/// Rates that are older are worth a warning.
const DAYS_THAT_RATES_LAST: i32 = 7;

/// What a comparison is made of.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The run's id, a UUID in text.
    pub correlation_id: String,
    /// When the run started.
    pub started_at: Timestamp,
    /// What was asked.
    pub request: PriceRequest,
    /// Under which conditions.
    pub criteria: Criteria,
    /// What came in.
    pub gathered: Gathered,
    /// What stands in for suppliers that did not respond. They count as responses nowhere, and as votes.
    pub stand_ins: Vec<SupplierQuote>,
    /// What suppliers asked before.
    pub previous: HashMap<SupplierName, PreviousPrice>,
    /// How the quotes are to be listed.
    pub sort: SortKey,
    /// What deserves attention already.
    pub warnings: Vec<Warning>,
    /// Whether the prices are made up. Then nobody cares how old the rates are.
    pub rehearsal: bool,
}

/// What a supplier's answer warns of.
fn warnings_of(report: &SupplierReport) -> impl Iterator<Item = Warning> {
    let kinds = report.answer().map(|answer| answer.warnings.as_slice()).unwrap_or_default();
    kinds.iter().map(|kind| Warning { kind: kind.clone(), supplier: Some(report.supplier.clone()) })
}

/// Ranks what was gathered, selects by the strategy, and judges the run. Nothing gathered is a comparison too.
#[must_use]
pub fn compare(inputs: Inputs) -> Comparison {
    let Inputs {
        correlation_id,
        started_at,
        request,
        criteria,
        gathered,
        stand_ins,
        previous,
        sort,
        mut warnings,
        rehearsal,
    } = inputs;
    let Gathered { reports, termination, done: _, first_ranked, elapsed } = gathered;
    let first_supplier = first_ranked.map(|index| reports[index].supplier.clone());
    let asked: Vec<SupplierStats> = reports.iter().map(count).collect();
    warnings.extend(reports.iter().flat_map(warnings_of));
    let reports: Vec<SupplierReport> = reports.into_iter().flat_map(SupplierReport::by_responder).collect();
    let suppliers: Vec<SupplierStats> = reports.iter().map(count).collect();
    let (mut quotes, rejected) = split(reports);
    warnings.extend(stand_ins_used(&stand_ins));
    let ended = stand_ins.is_empty().then_some(termination);
    quotes.extend(stand_ins);
    quotes.sort_by(|a, b| rank_by(sort, a, b));
    gates::recall(&mut quotes, previous);
    let (cheapest, fastest) = (lowest(&quotes, |_| true), fastest(&quotes));
    let majority = (criteria.strategy == Strategy::Majority).then(|| vote(&criteria, &suppliers, &quotes));
    let failure = match ended {
        None => failure_with_stand_ins(&criteria, &suppliers, majority.as_ref()),
        Some(termination) => failure(&criteria, &suppliers, majority.as_ref(), &quotes, termination),
    };
    let selected = failure
        .is_none()
        .then(|| select(criteria.strategy, &quotes, first_supplier.as_ref(), majority.as_ref()))
        .flatten();
    warnings.extend(old_rates(&quotes, started_at).filter(|_| !rehearsal));
    let bought = selected.map(|index| &quotes[index]);
    warnings.extend(gates::nothing_to_compare(&criteria, bought));
    let gates = gates::gates(&criteria, bought);
    let failure = failure.filter(|_| termination != Termination::Interrupted);
    Comparison {
        correlation_id,
        started_at,
        elapsed,
        request,
        criteria,
        termination,
        failure,
        quotes,
        selected,
        cheapest,
        fastest,
        rejected,
        suppliers,
        asked,
        gates,
        quorum: majority,
        warnings,
    }
}

/// The quote that a strategy selects, where there is a result.
fn select(
    strategy: Strategy,
    quotes: &[SupplierQuote],
    first: Option<&SupplierName>,
    quorum: Option<&Quorum>,
) -> Option<usize> {
    match strategy {
        Strategy::All | Strategy::Best => lowest(quotes, |_| true),
        Strategy::First => lowest(quotes, |quote| first.is_none_or(|first| quote.supplier.is_of(first))),
        Strategy::Majority => {
            quorum.and_then(|quorum| lowest(quotes, |quote| quorum.suppliers.contains(&quote.supplier)))
        }
    }
}

fn count(report: &SupplierReport) -> SupplierStats {
    let (ranked, rejected) = report.answer().map_or((0, 0), |answer| (answer.quotes.len(), answer.rejections.len()));
    let failure = match &report.outcome {
        Outcome::Answered(_) => None,
        Outcome::Failed(failure) => Some(failure.clone()),
    };
    SupplierStats {
        supplier: report.supplier.clone(),
        transport: report.transport,
        latency: report.latency,
        attempts: report.attempts,
        http_status: report.http_status,
        file_modified_at: report.file_modified_at,
        offers: ranked + rejected,
        ranked,
        rejected,
        failure,
    }
}

fn split(reports: Vec<SupplierReport>) -> (Vec<SupplierQuote>, Vec<SupplierRejection>) {
    let mut quotes = Vec::new();
    let mut rejected = Vec::new();
    for SupplierReport { supplier, outcome, .. } in reports {
        let Outcome::Answered(answer) = outcome else { continue };
        quotes.extend(answer.quotes.into_iter().map(|quote| SupplierQuote::new(supplier.clone(), quote)));
        let with_name = |rejection| SupplierRejection { supplier: supplier.clone(), rejection };
        rejected.extend(answer.rejections.into_iter().map(with_name));
    }
    (quotes, rejected)
}

/// The order of the list: the key, then the ranking. Sorting is stable, which is the ranking's last tie-break:
/// quotes come in the reply's order.
fn rank_by(sort: SortKey, a: &SupplierQuote, b: &SupplierQuote) -> Ordering {
    let by_key = match sort {
        SortKey::Total => Ordering::Equal,
        SortKey::Delivery => delivery(a).cmp(&delivery(b)),
        SortKey::Unit => a.quote.charges.unit_price.cmp(&b.quote.charges.unit_price),
        SortKey::Supplier => a.supplier.cmp(&b.supplier),
    };
    by_key.then_with(|| ranking(a, b))
}

fn ranking(a: &SupplierQuote, b: &SupplierQuote) -> Ordering {
    compare_quotes((&a.supplier, &a.quote), (&b.supplier, &b.quote))
}

/// Unknown delivery sorts behind every known one.
fn delivery(quote: &SupplierQuote) -> u16 {
    quote.quote.delivery_days.unwrap_or(u16::MAX)
}

/// The quote that ranks first among these, as an index.
pub(super) fn lowest(quotes: &[SupplierQuote], among: impl Fn(&SupplierQuote) -> bool) -> Option<usize> {
    let candidates = quotes.iter().enumerate().filter(|(_, quote)| among(quote));
    candidates.min_by(|(_, a), (_, b)| ranking(a, b)).map(|(index, _)| index)
}

fn fastest(quotes: &[SupplierQuote]) -> Option<usize> {
    let known = quotes.iter().enumerate().filter(|(_, quote)| quote.quote.delivery_days.is_some());
    known.min_by(|(_, a), (_, b)| rank_by(SortKey::Delivery, a, b)).map(|(index, _)| index)
}

/// Each supplier has one vote, its cheapest total.
fn vote(criteria: &Criteria, suppliers: &[SupplierStats], quotes: &[SupplierQuote]) -> Quorum {
    let mut cheapest = HashMap::new();
    for quote in quotes {
        let total = quote.quote.charges.total;
        cheapest.entry(&quote.supplier).and_modify(|least| *least = total.min(*least)).or_insert(total);
    }
    let vote = |(voter, stats): (usize, &SupplierStats)| Some((voter, *cheapest.get(&stats.supplier)?));
    let votes: Vec<_> = suppliers.iter().enumerate().filter_map(vote).collect();
    let group = largest_group(&votes, criteria.agree_within_percent.unwrap_or_default());
    let members = group.map(|group| group.members).unwrap_or_default();
    let suppliers: Vec<SupplierName> = members.iter().map(|voter| suppliers[*voter].supplier.clone()).collect();
    Quorum { required: criteria.quorum.unwrap_or(1), got: suppliers.len(), suppliers }
}

/// Why there is no result: nobody was asked, too few responses, a required one missing, no quorum, or nobody who can deliver.
fn failure(
    criteria: &Criteria,
    suppliers: &[SupplierStats],
    quorum: Option<&Quorum>,
    quotes: &[SupplierQuote],
    termination: Termination,
) -> Option<RunFailure> {
    if termination == Termination::NotStarted {
        return Some(RunFailure::AllCircuitsOpen);
    }
    let no_quorum = no_quorum(quorum);
    if termination == Termination::QuorumImpossible {
        // Whoever else is missing was cancelled for it.
        return no_quorum;
    }
    let responses = suppliers.iter().filter(|stats| stats.failure.is_none()).count();
    let needed = criteria.min_responses.max(1);
    if responses < needed {
        return Some(RunFailure::InsufficientResponses { required: needed, got: responses });
    }
    required_missing(criteria, suppliers).or(no_quorum).or(quotes.is_empty().then_some(RunFailure::NoAvailableSupplier))
}

/// Why there is no result although history stands in: too few responses is no reason any more.
fn failure_with_stand_ins(
    criteria: &Criteria,
    suppliers: &[SupplierStats],
    quorum: Option<&Quorum>,
) -> Option<RunFailure> {
    required_missing(criteria, suppliers).or_else(|| no_quorum(quorum))
}

fn no_quorum(quorum: Option<&Quorum>) -> Option<RunFailure> {
    quorum
        .filter(|quorum| quorum.got < quorum.required)
        .map(|quorum| RunFailure::QuorumNotReached { required: quorum.required, got: quorum.got })
}

fn required_missing(criteria: &Criteria, suppliers: &[SupplierStats]) -> Option<RunFailure> {
    let responded =
        |name: &SupplierName| suppliers.iter().any(|stats| stats.supplier.is_of(name) && stats.failure.is_none());
    let missing: Vec<SupplierName> = criteria.required.iter().filter(|name| !responded(name)).cloned().collect();
    (!missing.is_empty()).then_some(RunFailure::RequiredMissing { required: criteria.required.len(), missing })
}

/// Warns of each supplier that history stands in for.
fn stand_ins_used(stand_ins: &[SupplierQuote]) -> Vec<Warning> {
    let warning = |quotes: &[SupplierQuote]| {
        let SupplierQuote { supplier, quote, .. } = quotes.first()?;
        let kind = WarningKind::HistoryUsed { quoted_at: quote.quoted_at? };
        Some(Warning { kind, supplier: Some(supplier.clone()) })
    };
    stand_ins.chunk_by(|left, right| left.supplier == right.supplier).filter_map(warning).collect()
}

/// Warns when an amount of a quote was converted by rates that are older than a week, UTC. All quotes share the same
/// rates.
fn old_rates(quotes: &[SupplierQuote], now: Timestamp) -> Option<Warning> {
    let RatesDay { base, date } = quotes.iter().find_map(|quote| quote.quote.rates)?;
    let today = Offset::UTC.to_datetime(now).date();
    let days = today.since(date).map_or(0, |age| age.get_days());
    let kind = WarningKind::RatesOld { base, date, days };
    (days > DAYS_THAT_RATES_LAST).then_some(Warning { kind, supplier: None })
}

#[cfg(test)]
mod tests;
