//! The only place that writes escape sequences.

/// How a piece of text looks on a screen with colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Titles of columns, and what is said in passing.
    Dim,
    /// What was asked.
    Bold,
    /// The best price, a gate that passed.
    Good,
    /// The best delivery, a hint.
    Note,
    /// What needs a second look.
    Caution,
    /// What failed.
    Bad,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Dim => "2",
            Self::Bold => "1",
            Self::Good => "1;32",
            Self::Note => "36",
            Self::Caution => "33",
            Self::Bad => "31",
        }
    }
}

/// Paints texts, or leaves them as they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Painter {
    /// Whether to paint.
    pub(super) color: bool,
}

impl Painter {
    /// Puts the style around a text that is not empty.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", style.code())
        } else {
            text.to_owned()
        }
    }
}
