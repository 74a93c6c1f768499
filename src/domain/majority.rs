//! Agreement between suppliers: the largest group of votes that lie close together.

use ethnum::I256;
use rust_decimal::Decimal;

use super::number::{multiply, power_of_ten};

/// Votes that agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The voters, in the order of the votes.
    pub members: Vec<usize>,
    /// The lowest total among them.
    pub lowest: Decimal,
}

/// Finds the largest group: for each vote *a*, the votes with a total in \[a, a·(1 + t)\], t = `agree_within`
/// percent. Of groups of the same size, the one with the lower *a* wins. `None` when there are no votes.
///
/// A vote is a supplier and its cheapest total.
#[must_use]
pub fn largest_group(votes: &[(usize, Decimal)], agree_within: Decimal) -> Option<Group> {
    let mut sorted: Vec<Decimal> = votes.iter().map(|(_, total)| *total).collect();
    sorted.sort_unstable();
    let mut best: Option<(usize, Decimal)> = None;
    let mut end = 0;
    for (start, lowest) in sorted.iter().enumerate() {
        end = end.max(start);
        while sorted.get(end).is_some_and(|total| is_within(*lowest, *total, agree_within)) {
            end += 1;
        }
        let size = end - start;
        if best.is_none_or(|(most, _)| size > most) {
            best = Some((size, *lowest));
        }
    }
    let (_, lowest) = best?;
    let agrees = |total: Decimal| total >= lowest && is_within(lowest, total, agree_within);
    let members = votes.iter().filter(|(_, total)| agrees(*total)).map(|(voter, _)| *voter).collect();
    Some(Group { members, lowest })
}

/// Whether `total` ≤ `lowest` · (1 + `percent` / 100), exactly.
fn is_within(lowest: Decimal, total: Decimal, percent: Decimal) -> bool {
    let compare = || {
        let scale = lowest.scale().max(total.scale());
        let widen = |value: Decimal| multiply(I256::from(value.mantissa()), power_of_ten(scale - value.scale())?);
        let hundred = power_of_ten(percent.scale().checked_add(2)?)?;
        let factor = hundred.checked_add(I256::from(percent.mantissa()))?;
        Some(multiply(widen(total)?, hundred)? <= multiply(widen(lowest)?, factor)?)
    };
    // Numbers that cannot be compared do not agree, unless they are the same.
    compare().unwrap_or(lowest == total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(totals: &[&str]) -> Vec<(usize, Decimal)> {
        totals.iter().map(|total| total.parse().unwrap()).enumerate().collect()
    }

    #[test]
    fn two_equal_totals_outvote_a_lower_one() {
        let group = largest_group(&votes(&["7.00", "10.00", "10.00"]), Decimal::ZERO).unwrap();
        assert_eq!(group, Group { members: vec![1, 2], lowest: Decimal::new(1000, 2) });
    }

    #[test]
    fn of_equal_groups_the_lower_wins() {
        let group = largest_group(&votes(&["9", "7", "9.00", "7.0"]), Decimal::ZERO).unwrap();
        assert_eq!(group.members, [1, 3]);
    }

    #[test]
    fn the_tolerance_is_exact_at_its_edge() {
        let within = |last: &str| largest_group(&votes(&["10.00", "10.25", last]), Decimal::new(5, 0)).unwrap().members;
        assert_eq!(within("10.50"), [0, 1, 2]);
        assert_eq!(within("10.51"), [0, 1]);
    }

    #[test]
    fn extreme_numbers_are_compared_without_a_panic() {
        let votes = [(0, Decimal::MAX), (1, Decimal::MAX), (2, Decimal::new(1, 28)), (3, Decimal::new(2, 28))];
        let group = largest_group(&votes, Decimal::from_i128_with_scale(1, 28)).unwrap();
        assert_eq!(group, Group { members: vec![0, 1], lowest: Decimal::MAX });
        assert_eq!(largest_group(&votes, Decimal::MAX).unwrap().members, [2, 3]);
    }

    #[test]
    fn no_votes_make_no_group() {
        assert_eq!(largest_group(&[], Decimal::ZERO), None);
    }
}
