//! When enough was heard about a line.

use rust_decimal::Decimal;

use crate::domain::{Answer, Criteria, Quote, Strategy, SupplierReport, Termination, largest_group};

/// Counts what has come in and says when to stop. It needs each report once, in any order.
#[derive(Debug)]
pub(super) struct Completion {
    /// Suppliers that are not done.
    pending: usize,
    /// How many may answer in the name of each.
    voices: Vec<usize>,
    /// How many may still answer.
    left: u128,
    /// Required suppliers that are not done.
    required_pending: usize,
    responses: usize,
    with_ranked_quote: usize,
    /// Each supplier's cheapest total; kept for `majority` alone.
    votes: Vec<(usize, Decimal)>,
}

impl Completion {
    /// `voices` says how many may answer in the name of each supplier.
    pub(super) fn new(criteria: &Criteria, voices: Vec<usize>) -> Self {
        Self {
            pending: voices.len(),
            left: voices.iter().map(|voices| *voices as u128).sum(),
            voices,
            required_pending: criteria.required.len(),
            responses: 0,
            with_ranked_quote: 0,
            votes: Vec::new(),
        }
    }

    /// Takes in what a supplier did.
    pub(super) fn note(&mut self, criteria: &Criteria, supplier: usize, report: &SupplierReport) {
        self.pending = self.pending.saturating_sub(1);
        self.left = self.left.saturating_sub(self.voices[supplier] as u128);
        if criteria.required.contains(&report.supplier) {
            self.required_pending = self.required_pending.saturating_sub(1);
        }
        let Some(answer) = report.answer() else { return };
        self.responses += answer.responses();
        for quotes in ballots(answer) {
            let Some(cheapest) = quotes.iter().map(|quote| quote.charges.total).min() else { continue };
            self.with_ranked_quote += 1;
            if criteria.strategy == Strategy::Majority {
                self.votes.push((supplier, cheapest));
            }
        }
    }

    /// Why the run can stop now, if it can. The strategy's own reason goes before "every supplier is done".
    pub(super) fn reached(&self, criteria: &Criteria) -> Option<Termination> {
        let early = match criteria.strategy {
            Strategy::All | Strategy::Best => None,
            Strategy::First => self.first_decided(criteria),
            Strategy::Majority => self.quorum_decided(criteria),
        };
        early.or((self.pending == 0).then_some(Termination::All))
    }

    fn first_decided(&self, criteria: &Criteria) -> Option<Termination> {
        let enough = self.with_ranked_quote >= criteria.min_responses.max(1);
        (enough && self.required_pending == 0).then_some(Termination::First)
    }

    /// A quorum ends the run once the other conditions on responses hold too: stopping before would turn a
    /// result into a failure. That it is out of reach ends the run at once.
    fn quorum_decided(&self, criteria: &Criteria) -> Option<Termination> {
        let quorum = criteria.quorum.unwrap_or(1);
        let tolerance = criteria.agree_within_percent.unwrap_or_default();
        let largest = largest_group(&self.votes, tolerance).map_or(0, |group| group.members.len());
        let enough = self.required_pending == 0 && self.responses >= criteria.min_responses;
        if largest >= quorum && enough {
            Some(Termination::Quorum)
        } else if largest as u128 + self.left < quorum as u128 {
            Some(Termination::QuorumImpossible)
        } else {
            None
        }
    }
}

/// The quotes of each who answered.
fn ballots(answer: &Answer) -> Vec<&[Quote]> {
    if answer.responders.is_empty() {
        return vec![&answer.quotes];
    }
    let mut rest = &answer.quotes[..];
    let mut ballots = Vec::with_capacity(answer.responders.len());
    for responder in &answer.responders {
        let (own, others) = rest.split_at(responder.quotes.min(rest.len()));
        ballots.push(own);
        rest = others;
    }
    ballots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answer, ErrorKind, Failure, Outcome, Responder, SupplierName, TransportKind, fixtures};

    fn criteria(strategy: Strategy, quorum: usize) -> Criteria {
        Criteria { quorum: Some(quorum), ..fixtures::criteria(strategy) }
    }

    fn report(name: &str, outcome: Outcome) -> SupplierReport {
        SupplierReport {
            supplier: SupplierName::new(name),
            transport: TransportKind::Http,
            latency: None,
            attempts: 1,
            http_status: None,
            file_modified_at: None,
            outcome,
        }
    }

    fn quoted(name: &str, total: &str) -> SupplierReport {
        let quotes = vec![fixtures::quote(total)];
        report(name, Outcome::Answered(Answer { quotes, ..Answer::default() }))
    }

    fn failed(name: &str) -> SupplierReport {
        report(name, Outcome::Failed(Failure::new(ErrorKind::Connect)))
    }

    fn after(criteria: &Criteria, suppliers: usize, reports: &[SupplierReport]) -> Option<Termination> {
        let mut completion = Completion::new(criteria, vec![1; suppliers]);
        for (supplier, report) in reports.iter().enumerate() {
            completion.note(criteria, supplier, report);
        }
        completion.reached(criteria)
    }

    #[test]
    fn all_waits_for_the_last_supplier() {
        let all = criteria(Strategy::All, 0);
        assert_eq!(after(&all, 2, &[quoted("a", "1.00")]), None);
        assert_eq!(after(&all, 2, &[quoted("a", "1.00"), failed("b")]), Some(Termination::All));
        assert_eq!(after(&all, 0, &[]), Some(Termination::All));
    }

    #[test]
    fn each_who_answers_an_auction_is_heard_and_has_a_vote() {
        let majority = criteria(Strategy::Majority, 2);
        let responder = |name: &str| Responder {
            name: SupplierName::new(name),
            latency: std::time::Duration::ZERO,
            quotes: 1,
            rejections: 0,
            failure: None,
        };
        let quotes = vec![fixtures::quote("1.00"), fixtures::quote("1.00")];
        let responders = vec![responder("rfq/a"), responder("rfq/b")];
        let auction = report("rfq", Outcome::Answered(Answer { quotes, responders, ..Answer::default() }));
        let mut completion = Completion::new(&majority, vec![usize::MAX]);
        assert_eq!(completion.reached(&majority), None, "many may come");
        completion.note(&majority, 0, &auction);
        assert_eq!(completion.reached(&majority), Some(Termination::Quorum));
    }

    #[test]
    fn first_needs_a_ranked_quote_not_just_a_response() {
        let first = criteria(Strategy::First, 0);
        let nothing = report("a", Outcome::Answered(Answer::default()));
        assert_eq!(after(&first, 3, &[nothing, failed("b")]), None);
        assert_eq!(after(&first, 3, &[failed("a"), quoted("b", "1.00")]), Some(Termination::First));
    }

    #[test]
    fn first_waits_for_required_suppliers_until_they_are_done() {
        let first = Criteria { required: vec![SupplierName::new("slow")], ..criteria(Strategy::First, 0) };
        assert_eq!(after(&first, 3, &[quoted("fast", "1.00")]), None);
        assert_eq!(after(&first, 3, &[quoted("fast", "1.00"), failed("slow")]), Some(Termination::First));
    }

    #[test]
    fn a_quorum_ends_the_run_when_reached_or_out_of_reach() {
        let majority = criteria(Strategy::Majority, 2);
        assert_eq!(after(&majority, 3, &[quoted("a", "7.00")]), None);
        assert_eq!(after(&majority, 3, &[quoted("a", "7.00"), quoted("b", "7.00")]), Some(Termination::Quorum));
        assert_eq!(after(&majority, 3, &[failed("a"), failed("b")]), Some(Termination::QuorumImpossible));
    }

    #[test]
    fn a_quorum_waits_for_the_responses_that_the_run_needs() {
        let majority = Criteria { min_responses: 3, ..criteria(Strategy::Majority, 2) };
        assert_eq!(after(&majority, 4, &[quoted("a", "7.00"), quoted("b", "7.00")]), None);
        assert_eq!(
            after(&majority, 4, &[quoted("a", "7.00"), quoted("b", "7.00"), quoted("c", "9.00")]),
            Some(Termination::Quorum)
        );
    }
}
