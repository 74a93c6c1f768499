//! Charts of bars: one row each, its amount beside it in digits.
//!
//! Owns how long a bar is. Main type: [`Bar`].

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::markup::{Markup, element, labelled, own};
use super::page::{left_out, remark};

/// How long the longest bar is, in the chart's own units.
const LENGTH: u64 = 1000;
/// How many bars a chart has.
const MOST_BARS: usize = 30;

/// One bar.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    /// Whose it is.
    pub(super) label: String,
    /// Its parts, none below 0, one after the other; each has the colour of its position.
    pub(super) parts: Vec<Decimal>,
    /// What it stands for, in digits.
    pub(super) shown: String,
    /// Whether it is the one to look at.
    pub(super) is_best: bool,
}

/// Draws bars side by side on one scale, with a legend of their parts; nothing without bars.
pub(super) fn bars(bars: &[Bar], legend: &[&str]) -> Markup {
    if bars.is_empty() {
        return Markup::default();
    }
    let drawn = &bars[..bars.len().min(MOST_BARS)];
    let longest = drawn.iter().map(Bar::sum).max().unwrap_or_default();
    let rows = drawn.iter().map(|bar| {
        let cells = [
            labelled("th", &[("scope", "row")], &bar.label),
            element("td", &[("class", "bar")], &draw(bar, longest)),
            labelled("td", &[("class", "number")], &bar.shown),
        ];
        element("tr", if bar.is_best { &[("class", "best")] } else { &[] }, &cells.into_iter().collect())
    });
    let body = element("tbody", &[], &rows.collect());
    let used = |part: &usize| drawn.iter().any(|bar| bar.parts.get(*part).is_some_and(|part| !part.is_zero()));
    let parts: Vec<(usize, &str)> = legend.iter().copied().enumerate().filter(|(part, _)| used(part)).collect();
    [
        element("table", &[("class", "bars")], &body),
        if parts.len() > 1 { self::legend(parts.into_iter()) } else { Markup::default() },
        remark(&left_out(bars.len(), MOST_BARS)),
    ]
    .into_iter()
    .collect()
}

impl Bar {
    fn sum(&self) -> Decimal {
        self.parts.iter().copied().fold(Decimal::ZERO, Decimal::saturating_add)
    }
}

/// How many of `length` units a part of a whole takes; 0 of a whole of 0.
pub(super) fn share(part: Decimal, whole: Decimal, length: u64) -> u64 {
    let ratio = part.checked_div(whole).unwrap_or_default().clamp(Decimal::ZERO, Decimal::ONE);
    ratio.saturating_mul(length.into()).round().to_u64().unwrap_or(0)
}

fn draw(bar: &Bar, longest: Decimal) -> Markup {
    let mut until = Decimal::ZERO;
    let rectangle = |(position, part): (usize, &Decimal)| {
        let start = share(until, longest, LENGTH);
        until = until.saturating_add(*part);
        let width = share(until, longest, LENGTH).saturating_sub(start);
        let (class, start, width) = (format!("f{}", position % 8), start.to_string(), width.to_string());
        element("rect", &[("class", &class), ("x", &start), ("y", "0"), ("width", &width), ("height", "10")], &own(""))
    };
    let parts = bar.parts.iter().enumerate().map(rectangle).collect();
    element("svg", &[("viewBox", "0 0 1000 10"), ("preserveAspectRatio", "none"), ("aria-hidden", "true")], &parts)
}

/// Names the parts of bars by their colour.
fn legend<'a>(parts: impl Iterator<Item = (usize, &'a str)>) -> Markup {
    let items = parts.map(|(position, name)| {
        let class = format!("f{position}");
        let square = element("rect", &[("class", &class), ("width", "16"), ("height", "7")], &own(""));
        let sample = element("svg", &[("viewBox", "0 0 16 7"), ("aria-hidden", "true")], &square);
        element("li", &[], &[sample, labelled("span", &[], name)].into_iter().collect())
    });
    element("ul", &[("class", "legend")], &items.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixtures::money;

    fn bar(label: &str, parts: &[&str]) -> Bar {
        let parts = parts.iter().map(|part| money(part)).collect();
        Bar { label: label.to_owned(), parts, shown: "<1>".to_owned(), is_best: false }
    }

    #[test]
    fn bars_are_as_long_as_their_parts() {
        let chart = bars(&[bar("<a>", &["30", "10"]), bar("b", &["10"])], &["Goods", "Shipping"]).into_text();
        assert!(chart.contains("x=\"0\" y=\"0\" width=\"750\"") && chart.contains("x=\"750\" y=\"0\" width=\"250\""));
        assert!(chart.contains("&lt;a&gt;") && chart.contains("&lt;1&gt;") && chart.contains("Shipping"), "{chart}");
        let one = bars(&[bar("b", &["10", "0"])], &["Goods", "Shipping"]).into_text();
        assert!(!one.contains("legend"), "{one}");
        assert!(bars(&[], &[]).is_empty());
    }

    #[test]
    fn nothing_is_too_long_and_nothing_divides_by_zero() {
        let most = Decimal::MAX.to_string();
        let chart = bars(&[bar("a", &[&most, &most]), bar("b", &["0"])], &[]).into_text();
        assert!(chart.contains("width=\"1000\""), "{chart}");
        assert!(bars(&[bar("a", &["0"])], &[]).into_text().contains("width=\"0\""));
        let many: Vec<Bar> = (0..40).map(|_| bar("a", &["1"])).collect();
        assert!(bars(&many, &[]).into_text().contains("and 10 more"));
    }
}
