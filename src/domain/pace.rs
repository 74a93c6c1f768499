//! How fast one supplier is asked, where there is much to ask.

use std::time::Duration;

/// The shortest time that [`Rate::spacing`] comes to.
const SHORTEST_SPACING: Duration = Duration::from_nanos(1);

/// How many requests are sent to one supplier, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many may be on their way at a time, 1 or more.
    pub max_in_flight: usize,
    /// How many may begin within a time; `None` = as many as there are.
    pub rate: Option<Rate>,
    /// How many lines one request asks for at most, where it may ask for several; `None` = each asks for one.
    pub batch: Option<usize>,
}

/// So many requests in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many, 1 or more.
    pub count: u32,
    /// In which time.
    pub per: Duration,
}

impl Pace {
    /// The default for [`Pace::max_in_flight`]. It is what a browser opens to one host, and two.
    pub const MAX_IN_FLIGHT: usize = 8;

    /// How many lines a request asks for at most.
    #[must_use]
    pub fn lines(self) -> usize {
        self.batch.unwrap_or(1).max(1)
    }
}

impl Default for Pace {
    /// A few at a time, as fast as they are answered.
    fn default() -> Self {
        Self { max_in_flight: Self::MAX_IN_FLIGHT, rate: None, batch: None }
    }
}

impl Rate {
    /// Reads `10/s`, `600/min` or `5000/h`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.split_once('/')?;
        let per = match unit.trim() {
            "s" => Duration::from_secs(1),
            "min" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            _ => return None,
        };
        let count = count.trim();
        let count = count.bytes().all(|byte| byte.is_ascii_digit()).then(|| count.parse().ok())??;
        (count > 0).then_some(Self { count, per })
    }

    /// The time between two requests. Even steps keep within every window of the supplier's, wherever it begins.
    #[must_use]
    pub fn spacing(self) -> Duration {
        (self.per / self.count).max(SHORTEST_SPACING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_count_in_a_time() {
        let spacing = |text| Rate::parse(text).map(Rate::spacing);
        assert_eq!(spacing("10/s"), Some(Duration::from_millis(100)));
        assert_eq!(spacing("600 / min"), Some(Duration::from_millis(100)));
        assert_eq!(spacing("3600/h"), Some(Duration::from_secs(1)));
        assert_eq!(spacing("4294967295/s"), Some(SHORTEST_SPACING));
        for wrong in ["10", "10/", "/s", "0/s", "-1/s", "1.5/s", "10/day", "10 per s", "99999999999/s"] {
            assert_eq!(spacing(wrong), None, "{wrong}");
        }
    }
}
