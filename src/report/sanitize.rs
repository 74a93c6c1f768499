//! Makes foreign text fit to be shown.
//!
//! Owns which characters may reach a terminal, a spreadsheet or a page, and how a text is cut to a width. Refuses
//! to know what the text says. [`clean`] is the gate that every text of a supplier, of the configuration and of
//! the user goes through.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many marks may be stacked on one character. Vietnamese and Hebrew need two, rarely three.
const MAX_MARKS: usize = 3;

/// What to do with a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Show it.
    Keep,
    /// Show a plain space instead.
    Space,
    /// Leave it out: it would be invisible, or change how its neighbours look.
    Drop,
    /// Show `U+FFFD` instead, so that one sees that something was there.
    Replace,
}

/// Makes a text fit for one line of a terminal: white space of every kind becomes single plain spaces, control
/// characters become `U+FFFD`, invisible and direction-changing ones vanish, and stacked marks are bounded.
///
/// A text that needs no change is borrowed.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if plain && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut marks = 0;
    for character in text.chars() {
        match fate(character) {
            Fate::Space if shown.is_empty() || shown.ends_with(' ') => {}
            Fate::Space => shown.push(' '),
            Fate::Drop => {}
            Fate::Replace => shown.push(char::REPLACEMENT_CHARACTER),
            Fate::Keep if character.width() == Some(0) => {
                if shown.is_empty() || shown.ends_with(' ') {
                    // A mark without a base would sit on whatever is printed before the text.
                    shown.push('◌');
                    marks = 0;
                }
                marks += 1;
                if marks <= MAX_MARKS {
                    shown.push(character);
                }
                continue;
            }
            Fate::Keep => shown.push(character),
        }
        marks = 0;
    }
    shown.truncate(shown.trim_end().len());
    Cow::Owned(shown)
}

/// Makes a text fit for a terminal that is to keep its shape: line feeds, tabs and spaces stay as they are.
#[must_use]
pub fn clean_shape(text: &str) -> String {
    let shown = text.chars().filter_map(|character| match (character, fate(character)) {
        ('\n' | '\t', _) | (_, Fate::Keep) => Some(character),
        (_, Fate::Space) => Some(' '),
        (_, Fate::Drop) => None,
        (_, Fate::Replace) => Some(char::REPLACEMENT_CHARACTER),
    });
    shown.collect()
}

/// Cleans a text and cuts it to so many columns, with `…` for what is left out.
#[must_use]
pub fn shorten(text: &str, columns: usize) -> String {
    cut(&clean(text), columns)
}

/// Cuts a text that is already clean to so many columns, with `…` for what is left out.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    if columns == 0 {
        return String::new();
    }
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut room = columns - 1;
    let kept = text.chars().take_while(|character| {
        let width = character.width().unwrap_or(0);
        let fits = width <= room;
        room = room.saturating_sub(width);
        fits
    });
    let mut short: String = kept.collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Tells whether a character must be written as an escape even where any text may stand, as in JSON.
#[must_use]
pub fn needs_escape(character: char) -> bool {
    match fate(character) {
        Fate::Keep => false,
        Fate::Space => character != ' ',
        Fate::Drop | Fate::Replace => true,
    }
}

fn fate(character: char) -> Fate {
    match character {
        '!'..='~' => Fate::Keep,
        _ if character.is_whitespace() => Fate::Space,
        _ if character.is_control() => Fate::Replace,
        _ if is_invisible(character) => Fate::Drop,
        _ if is_printable(character) => Fate::Keep,
        _ => Fate::Replace,
    }
}

/// Unicode's `Default_Ignorable_Code_Point`, plus the interlinear annotations: zero-width characters, bidirectional
/// controls, soft hyphen, fillers, variation selectors, tags. The property is stable, unlike most.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Tells whether the standard library counts the character as printable, which leaves out every control, format,
/// private and unassigned one. It escapes exactly those when they follow a letter; a leading mark it escapes too.
fn is_printable(character: char) -> bool {
    let mut buffer = [b'a'; 5];
    let length = character.encode_utf8(&mut buffer[1..]).len();
    std::str::from_utf8(&buffer[..=length]).is_ok_and(|text| text.escape_debug().nth(1) == Some(character))
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every character that must never be shown, written down independently of the code above.
    pub(in crate::report) fn is_forbidden(character: char) -> bool {
        matches!(u32::from(character),
            0x00..=0x1f | 0x7f..=0x9f | 0xad | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
            | 0xfe00..=0xfe0f | 0xfeff | 0xfff9..=0xfffb | 0xe000..=0xf8ff | 0xe0000..=0xe01ef | 0xf0000..=0x0010_ffff)
    }

    /// Text as an enemy would send it.
    pub(in crate::report) fn hostile() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            4 => any::<char>(),
            4 => proptest::sample::select("aZ09 .,;|`<>&\"'=+-@\\*_[]\t\r\n\u{1b}".chars().collect::<Vec<_>>()),
            2 => proptest::sample::select(
                "\u{9b}\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{ad}\u{2028}\u{fff9}\u{e0041}\u{fe0f}\u{300}\u{301}\
                 東京한글👩🏽🇩🇪\u{644}\u{627}\u{e000}\u{378}\u{600}\u{1160}\u{85}\u{a0}\u{3000}＝"
                    .chars()
                    .collect::<Vec<_>>(),
            ),
        ];
        proptest::collection::vec(character, 0..60).prop_map(|characters| characters.into_iter().collect())
    }

    #[test]
    fn attacks_are_defused_one_by_one() {
        let table = [
            ("bolt M8", "bolt M8"),
            ("\u{1b}[31mred\u{1b}[0m", "\u{fffd}[31mred\u{fffd}[0m"),
            ("a\r\nforged row", "a forged row"),
            ("a\t\tb", "a b"),
            ("  padded  ", "padded"),
            ("\u{9b}2J", "\u{fffd}2J"),
            ("evil\u{202e}gnp.exe", "evilgnp.exe"),
            ("zero\u{200b}\u{200d}\u{2060}\u{feff}width", "zerowidth"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("tag\u{e0041}\u{e007f}", "tag"),
            ("line\u{2028}and\u{2029}paragraph\u{85}next", "line and paragraph next"),
            ("\u{fff9}note\u{fffa}x\u{fffb}", "notex"),
            ("private\u{e000} unassigned\u{378}", "private\u{fffd} unassigned\u{fffd}"),
            ("no\u{a0}break", "no break"),
            ("Z\u{300}\u{301}\u{302}\u{303}\u{304}algo", "Z\u{300}\u{301}\u{302}algo"),
            ("\u{301}lone \u{301}\u{301}x", "◌\u{301}lone ◌\u{301}\u{301}x"),
            ("heart \u{2764}\u{fe0f}", "heart \u{2764}"),
            ("東京 한글 Ωμέγα ñ", "東京 한글 Ωμέγα ñ"),
            ("", ""),
        ];
        for (hostile, shown) in table {
            assert_eq!(clean(hostile), shown, "{hostile:?}");
        }
    }

    #[test]
    fn a_text_keeps_its_shape_but_no_escape() {
        assert_eq!(clean_shape("a  b\n\tc\r\u{1b}[2J\u{202e}\u{a0}d\n"), "a  b\n\tc \u{fffd}[2J d\n");
    }

    #[test]
    fn a_long_text_is_cut_by_columns_not_by_characters() {
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("abcdefg", 6), "abcde…");
        assert_eq!(shorten("東京特許許可局", 6), "東京…");
        assert_eq!(shorten("ab cd", 4), "ab…");
        assert_eq!(shorten("abc", 1), "…");
        assert_eq!(shorten("abc", 0), "");
    }

    proptest! {
        #[test]
        fn nothing_forbidden_survives(text in hostile()) {
            let shown = clean(&text);
            prop_assert!(!shown.chars().any(is_forbidden), "{shown:?}");
            prop_assert_eq!(clean(&shown), shown.as_ref());
            prop_assert!(text.chars().all(|character| needs_escape(character) || !is_forbidden(character)));
        }

        #[test]
        fn a_cut_text_never_exceeds_its_columns(text in hostile(), columns in 0_usize..40) {
            let short = shorten(&text, columns);
            prop_assert!(short.width() <= columns, "{short:?}");
        }

        #[test]
        fn marks_never_pile_up(count in 4_usize..200) {
            prop_assert_eq!(clean(&format!("a{}", "\u{301}".repeat(count))).chars().count(), 1 + MAX_MARKS);
        }
    }
}
