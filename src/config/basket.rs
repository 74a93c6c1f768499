//! What the flags of `pricecmp basket` ask for.

use std::path::PathBuf;
use std::time::Duration;

use encoding_rs::{Encoding, UTF_8};

use super::document::Findings;
use super::error::ConfigError;
use super::list::read_encoding;
use super::resolve::{FlagReader, MOST_SUPPLIERS, defaults};
use super::values::{self, LONGEST_WAIT, SHORTEST_WAIT};
use crate::cli::{self, InputFormat};
use crate::domain::ListFormat;

/// What is wanted of a basket, and how its file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasketWishes {
    /// The format of the file; `None` = it says so itself.
    pub format: Option<ListFormat>,
    /// The encoding of a text without a byte-order mark.
    pub encoding: &'static Encoding,
    /// Which columns to read, as they were typed.
    pub columns: Vec<String>,
    /// Whether wrong lines are left out.
    pub skip_bad: bool,
    /// Whether a line may have no supplier.
    pub partial: bool,
    /// How many suppliers may get an order; `None` = any number.
    pub max_suppliers: Option<usize>,
    /// Whether a line may be bought from several suppliers.
    pub split: bool,
    /// How long the best order is looked for; `None` = not at all.
    pub optimize: Option<Duration>,
    /// The folder that the orders are written to; `None` = they are not.
    pub orders: Option<PathBuf>,
}

/// How long a basket of so many lines may take where no flag says so: a minute, or half a second a line if that is more.
/// That is what a supplier takes that is sent two requests a second.
#[must_use]
pub fn basket_timeout(lines: usize) -> Duration {
    let by_lines = Duration::from_millis(500).saturating_mul(u32::try_from(lines).unwrap_or(u32::MAX));
    by_lines.clamp(Duration::from_mins(1), LONGEST_WAIT)
}

/// Reads the flags of a basket.
///
/// # Errors
/// When one of them is wrong.
pub fn basket_wishes(flags: &cli::Basket) -> Result<BasketWishes, ConfigError> {
    let cli::Basket {
        lines: _,
        columns,
        encoding,
        input_format,
        skip_bad,
        partial,
        max_suppliers,
        split,
        no_optimize,
        optimize_time,
        orders,
    } = flags;
    let mut findings = Findings::default();
    let mut flag = FlagReader { findings: &mut findings };
    let wait = |text: &str| values::duration(text, &(SHORTEST_WAIT..=LONGEST_WAIT));
    let time = flag.read("--optimize-time", optimize_time.as_ref(), wait).unwrap_or(defaults::OPTIMIZE_TIME);
    let wishes = BasketWishes {
        format: input_format.map(format),
        encoding: flag.read("--encoding", encoding.as_ref(), read_encoding).unwrap_or(UTF_8),
        columns: columns.clone(),
        skip_bad: *skip_bad,
        partial: *partial,
        max_suppliers: flag
            .read("--max-suppliers", max_suppliers.as_ref(), |text| values::count(text, &(1..=MOST_SUPPLIERS))),
        split: *split,
        optimize: (!no_optimize).then_some(time),
        orders: orders.clone(),
    };
    findings.into_result(None).map(|()| wishes)
}

const fn format(format: InputFormat) -> ListFormat {
    match format {
        InputFormat::Csv => ListFormat::Csv,
        InputFormat::Json => ListFormat::Json,
        InputFormat::Ndjson => ListFormat::Ndjson,
        InputFormat::Xlsx => ListFormat::Xlsx,
        InputFormat::Ods => ListFormat::Ods,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_for_a_basket_grows_with_it() {
        let seconds = |lines| basket_timeout(lines).as_secs();
        assert_eq!([seconds(0), seconds(12), seconds(120), seconds(200)], [60, 60, 60, 100]);
        assert_eq!([seconds(10_000), seconds(usize::MAX)], [3600, 3600]);
    }

    #[test]
    fn every_wrong_flag_is_told() {
        let flags = cli::Basket {
            encoding: Some("utf8x".to_owned()),
            max_suppliers: Some("0".to_owned()),
            optimize_time: Some("5".to_owned()),
            ..cli::Basket::default()
        };
        let told = basket_wishes(&flags).unwrap_err().render(false);
        for expected in [
            "`--encoding`: `utf8x` is not an encoding",
            "`--max-suppliers`: `0` is out of range",
            "`--optimize-time`: `5` has no unit",
        ] {
            assert!(told.contains(expected), "{told}");
        }
        let wishes = basket_wishes(&cli::Basket::default()).unwrap();
        assert_eq!((wishes.optimize, wishes.encoding), (Some(Duration::from_secs(10)), UTF_8));
    }
}
