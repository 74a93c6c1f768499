//! What is known of a supplier from earlier runs, and what follows from it.

use std::time::Duration;

use jiff::Timestamp;

use super::{Circuit, SupplierName};

/// What a supplier did in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// When it was asked.
    pub at: Timestamp,
    /// How long it took to answer or to fail.
    pub took: Duration,
    /// The stable word of its failure; `None` = it answered.
    pub error: Option<String>,
}

/// What is known of a supplier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub supplier: SupplierName,
    /// How its circuit is.
    pub circuit: Circuit,
    /// What it did lately, oldest first.
    pub sightings: Vec<Sighting>,
}

impl Record {
    /// How often it answered.
    #[must_use]
    pub fn successes(&self) -> usize {
        self.answers().count()
    }

    /// The share of runs in which it answered, in thousandths, half up; `None` when it was never asked.
    #[must_use]
    pub fn success_per_mille(&self) -> Option<u64> {
        let (answered, asked) = (self.successes() as u64, self.sightings.len() as u64);
        (answered * 1000 + asked / 2).checked_div(asked)
    }

    /// The time within which it answered so many percent (1…100) of the times that it did; `None` when it never did.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        percentile(self.answers().map(|sighting| sighting.took).collect(), percent)
    }

    /// When it answered last.
    #[must_use]
    pub fn last_seen(&self) -> Option<Timestamp> {
        self.answers().last().map(|sighting| sighting.at)
    }

    /// When it failed last, and with which word.
    #[must_use]
    pub fn last_error(&self) -> Option<(Timestamp, &str)> {
        self.sightings.iter().rev().find_map(|sighting| Some((sighting.at, sighting.error.as_deref()?)))
    }

    fn answers(&self) -> impl DoubleEndedIterator<Item = &Sighting> {
        self.sightings.iter().filter(|sighting| sighting.error.is_none())
    }
}

/// The least of the times such that so many percent (1…100) of them are not longer; `None` for no times.
#[must_use]
pub fn percentile(mut times: Vec<Duration>, percent: usize) -> Option<Duration> {
    times.sort_unstable();
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(sightings: &[(u64, Option<&str>)]) -> Record {
        let sighting = |(second, (took, error)): (i64, &(u64, Option<&str>))| Sighting {
            at: Timestamp::from_second(second).unwrap(),
            took: Duration::from_millis(*took),
            error: error.map(str::to_owned),
        };
        Record {
            supplier: SupplierName::new("acme"),
            circuit: Circuit::Closed,
            sightings: (0..).zip(sightings).map(sighting).collect(),
        }
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=20).rev().map(Duration::from_millis).collect();
        let of = |percent| percentile(times.clone(), percent).unwrap().as_millis();
        assert_eq!([1, 5, 50, 95, 96, 100].map(of), [1, 1, 10, 19, 20, 20]);
        assert_eq!(percentile(vec![], 95), None);
        assert_eq!(percentile(vec![Duration::from_millis(7)], 1), Some(Duration::from_millis(7)));
    }

    #[test]
    fn failures_count_for_the_rate_and_not_for_the_latency() {
        let record = record(&[(10, None), (9000, Some("timeout")), (30, None), (1, Some("connect")), (20, None)]);
        assert_eq!((record.successes(), record.success_per_mille()), (3, Some(600)));
        assert_eq!(
            (record.percentile(50), record.percentile(95)),
            (Some(Duration::from_millis(20)), Some(Duration::from_millis(30)))
        );
        assert_eq!(record.last_seen(), Timestamp::from_second(4).ok());
        assert_eq!(record.last_error(), Some((Timestamp::from_second(3).unwrap(), "connect")));
    }

    #[test]
    fn of_who_was_never_asked_nothing_is_known() {
        let record = record(&[]);
        assert_eq!((record.success_per_mille(), record.percentile(95)), (None, None));
        assert_eq!((record.last_seen(), record.last_error()), (None, None));
    }

    #[test]
    fn a_rate_is_rounded_half_up() {
        assert_eq!(record(&[(1, None), (1, None), (1, Some("tls"))]).success_per_mille(), Some(667));
        assert_eq!(record(&[(1, Some("tls"))]).success_per_mille(), Some(0));
    }
}
