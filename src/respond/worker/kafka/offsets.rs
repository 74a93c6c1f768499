//! Up to where the requests of each partition are done.
//!
//! Requests are answered several at a time, and a group knows of one position a partition. So a position moves on only when
//! everything before it is done: what is not is read again after a worker was killed. Pure. Main type: [`Offsets`].

use std::collections::{BTreeMap, HashMap};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) partition: i32,
    pub(super) offset: i64,
}

/// What is being worked on, by partition and offset; `true` = it is done, and something before it is not.
#[derive(Debug, Default)]
pub(super) struct Offsets(HashMap<i32, BTreeMap<i64, bool>>);

impl Offsets {
    /// Notes that a request is being worked on. Those of a partition come in the order of their offsets.
    pub(super) fn begin(&mut self, place: Place) {
        self.0.entry(place.partition).or_default().insert(place.offset, false);
    }

    /// Notes that a request is done; returns the new position of its partition, if it moves on.
    pub(super) fn end(&mut self, place: Place) -> Option<i64> {
        let open = self.0.get_mut(&place.partition)?;
        *open.get_mut(&place.offset)? = true;
        let mut position = None;
        while let Some(first) = open.first_entry().filter(|first| *first.get()) {
            position = Some(first.key() + 1);
            first.remove();
        }
        position
    }

    /// Forgets a partition, which is somebody else's now.
    pub(super) fn forget(&mut self, partition: i32) {
        self.0.remove(&partition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(partition: i32, offset: i64) -> Place {
        Place { partition, offset }
    }

    #[test]
    fn a_position_moves_on_when_everything_before_it_is_done() {
        let mut offsets = Offsets::default();
        // Offsets may have gaps, such as from transactions.
        for offset in [5, 6, 9, 10] {
            offsets.begin(at(0, offset));
        }
        assert_eq!(offsets.end(at(0, 6)), None);
        assert_eq!(offsets.end(at(0, 9)), None);
        assert_eq!(offsets.end(at(0, 5)), Some(10));
        assert_eq!(offsets.end(at(0, 10)), Some(11));
        assert_eq!(offsets.end(at(0, 10)), None);
    }

    #[test]
    fn partitions_are_apart_and_one_that_is_gone_has_no_position() {
        let mut offsets = Offsets::default();
        for partition in 0..3 {
            offsets.begin(at(partition, 0));
        }
        offsets.forget(1);
        assert_eq!((0..3).map(|partition| offsets.end(at(partition, 0))).collect::<Vec<_>>(), [Some(1), None, Some(1)]);
        // It may come back, and begins where the group is.
        offsets.begin(at(1, 0));
        assert_eq!(offsets.end(at(1, 0)), Some(1));
    }
}
