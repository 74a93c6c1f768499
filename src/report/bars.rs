//! Bars of text, one character each.

/// From nothing to everything.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The bar of a part of a whole; of nothing for a whole of 0.
pub(super) fn bar(part: u128, whole: u128) -> char {
    let most = BARS.len() as u128 - 1;
    let step = part.saturating_mul(most).checked_div(whole).unwrap_or(0).min(most);
    BARS[usize::try_from(step).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_high_as_its_part() {
        let bars: String = [(0, 7), (1, 7), (6, 7), (7, 7), (9, 7), (0, 0), (5, 0), (1, 2)]
            .map(|(part, whole)| bar(part, whole))
            .iter()
            .collect();
        assert_eq!(bars, "▁▂▇██▁▁▄");
    }
}
