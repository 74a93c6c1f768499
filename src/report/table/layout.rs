//! Fits columns and sentences to a width.
//!
//! Owns alignment and wrapping. Refuses to know what the texts say.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::sanitize::cut;

/// Pads cells so that their decimal points stand below each other; cells that begin with no digit are flush right.
/// All of them come out equally wide.
pub(in crate::report) fn align_decimals(cells: &mut [String]) {
    let split = |cell: &str| cell.find(|character: char| !character.is_ascii_digit() && character != '-');
    let is_number = |cell: &str| cell.starts_with(|character: char| character.is_ascii_digit() || character == '-');
    let (mut before, mut after, mut text) = (0, 0, 0);
    for cell in cells.iter() {
        if is_number(cell) {
            let point = split(cell).unwrap_or(cell.len());
            before = before.max(point);
            after = after.max(cell[point..].width());
        } else {
            text = text.max(cell.width());
        }
    }
    let width = text.max(before + after);
    for cell in cells {
        let (left, right) = if is_number(cell) {
            let point = split(cell).unwrap_or(cell.len());
            let right = after - cell[point..].width();
            (width - right - cell.width(), right)
        } else {
            (width - cell.width(), 0)
        };
        *cell = format!("{}{cell}{}", " ".repeat(left), " ".repeat(right));
    }
}

/// Breaks a clean sentence at its spaces into lines of at most `width` columns, at least one; a word that is longer
/// is broken too.
pub(in crate::report) fn wrap(sentence: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = vec![];
    let mut line = String::new();
    for word in sentence.split(' ') {
        let mut word = word;
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        while line.is_empty() && word.width() > width {
            let (head, tail) = word.split_at(prefix(word, width));
            lines.push(head.to_owned());
            word = tail;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The length in bytes of the longest beginning that takes at most `width` columns, at least one character.
fn prefix(word: &str, width: usize) -> usize {
    let mut taken = 0;
    let fits = |(_, character): &(usize, char)| {
        taken += character.width().unwrap_or(0);
        taken <= width
    };
    let first = word.chars().next().map_or(0, char::len_utf8);
    word.char_indices().take_while(fits).last().map_or(first, |(at, character)| at + character.len_utf8())
}

/// Writes a label and a sentence beside it, whose further lines hang below its first. Every line begins with two
/// spaces.
pub(in crate::report) fn entry(label: &str, label_width: usize, sentence: &str, width: usize) -> String {
    let label = cut(label, label_width);
    let indent = " ".repeat(2 + label_width + 2);
    let mut text = format!("  {label}{}", " ".repeat(label_width - label.width() + 2));
    for (position, line) in wrap(sentence, width.saturating_sub(indent.len())).iter().enumerate() {
        if position > 0 {
            text.push_str(&indent);
        }
        text.push_str(line);
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::sanitize::{clean, tests::hostile};

    #[test]
    fn points_stand_below_each_other() {
        let mut cells = ["35.93", "1234.5", "7", "unknown", "0.378159"].map(String::from);
        align_decimals(&mut cells);
        assert_eq!(cells, ["  35.93    ", "1234.5     ", "   7       ", "    unknown", "   0.378159"]);
        let mut days = ["9 days", "1 day", "14 days", "same day"].map(String::from);
        align_decimals(&mut days);
        assert_eq!(days, ["  9 days", "  1 day ", " 14 days", "same day"]);
    }

    #[test]
    fn a_sentence_breaks_at_spaces_and_long_words_break_anywhere() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a verylongword b", 6), ["a", "verylo", "ngword", "b"]);
        assert_eq!(wrap("", 7), [""]);
    }

    #[test]
    fn further_lines_hang_below_the_first() {
        assert_eq!(entry("acme", 6, "one two three", 17), "  acme    one two\n          three\n");
        assert_eq!(entry("abcdefgh", 6, "x", 40), "  abcde…  x\n");
    }

    proptest! {
        #[test]
        fn no_line_exceeds_the_width_and_nothing_is_lost(text in hostile(), width in 2_usize..50) {
            let text = clean(&text);
            let lines = wrap(&text, width);
            for line in &lines {
                prop_assert!(line.width() <= width, "{line:?}");
            }
            let letters = |text: &str| text.chars().filter(|letter| *letter != ' ').collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
