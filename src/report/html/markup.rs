//! Markup that cannot be forged.
//!
//! Owns the escaping: foreign text becomes [`Markup`] by [`text`] or as the value of an attribute, and by nothing else. The
//! names of elements and attributes are this program's own.

use crate::report::sanitize::clean;

/// Markup in which every foreign text is cleaned and escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Markup(String);

/// An attribute: its name, and a value that may be foreign.
pub(super) type Attribute<'a> = (&'static str, &'a str);

impl Markup {
    /// Adds markup behind this.
    pub(super) fn push(&mut self, more: &Self) {
        self.0.push_str(&more.0);
    }

    /// Whether there is nothing.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of the page.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl FromIterator<Self> for Markup {
    fn from_iter<T: IntoIterator<Item = Self>>(parts: T) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.push(&part);
        }
        all
    }
}

/// Foreign text: cleaned of whatever a terminal may not see either, and without a meaning to a browser.
pub(super) fn text(foreign: &str) -> Markup {
    let mut safe = String::with_capacity(foreign.len());
    escape(foreign, &mut safe);
    Markup(safe)
}

/// Markup of this program's own.
pub(super) fn own(markup: &'static str) -> Markup {
    Markup(markup.to_owned())
}

/// An element with its content, the end tag included.
pub(super) fn element(name: &'static str, attributes: &[Attribute<'_>], content: &Markup) -> Markup {
    let mut all = String::with_capacity(content.0.len() + 32);
    all.push('<');
    all.push_str(name);
    for (name, value) in attributes {
        all.push(' ');
        all.push_str(name);
        all.push_str("=\"");
        escape(value, &mut all);
        all.push('"');
    }
    all.push('>');
    all.push_str(&content.0);
    all.push_str("</");
    all.push_str(name);
    all.push('>');
    Markup(all)
}

/// An element that holds foreign text.
pub(super) fn labelled(name: &'static str, attributes: &[Attribute<'_>], content: &str) -> Markup {
    element(name, attributes, &text(content))
}

/// A text that leads to an address, where that is one of the web. Others, such as `javascript:`, lead nowhere.
pub(super) fn link(address: Option<&str>, shown: &str) -> Markup {
    let is_web = |address: &&str| {
        let start: String = address.chars().take(8).collect::<String>().to_ascii_lowercase();
        (start.starts_with("https://") || start.starts_with("http://")) && clean(address) == **address
    };
    match address.filter(is_web) {
        Some(address) => labelled("a", &[("href", address), ("rel", "noopener noreferrer")], shown),
        None => text(shown),
    }
}

fn escape(foreign: &str, safe: &mut String) {
    for character in clean(foreign).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Old browsers end an attribute with it.
            '`' => safe.push_str("&#96;"),
            _ => safe.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;
    use crate::report::sanitize::tests::{hostile, is_forbidden};

    #[test]
    fn foreign_text_is_no_markup() {
        let table = [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("' onload='x", "&#39; onload=&#39;x"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("\u{202e}evil\u{1b}[2J\0", "evil\u{fffd}[2J\u{fffd}"),
            ("a\r\n b", "a b"),
        ];
        for (foreign, shown) in table {
            assert_eq!(text(foreign).into_text(), shown);
            assert_eq!(labelled("p", &[("title", foreign)], "").into_text(), format!("<p title=\"{shown}\"></p>"));
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        for address in ["https://shop.example/a?b=1&c=\"2\"", "HTTP://shop.example"] {
            assert!(link(Some(address), "x").into_text().starts_with("<a href=\""), "{address}");
        }
        let others = [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            " https://a",
            "java\nscript:1",
            "//a",
            "",
            "https://a\u{202e}b",
            "https:/a",
        ];
        for address in others {
            assert_eq!(link(Some(address), "<x>").into_text(), "&lt;x&gt;", "{address}");
        }
        assert_eq!(link(None, "x").into_text(), "x");
    }

    proptest! {
        #[test]
        fn nothing_hostile_breaks_out(foreign in hostile()) {
            let page = labelled("p", &[("title", &foreign)], &foreign).into_text();
            prop_assert!(!page.chars().any(is_forbidden), "{}", page);
            prop_assert_eq!(page.matches('<').count(), 2);
            prop_assert_eq!(page.matches('>').count(), 2);
            prop_assert_eq!(page.matches('"').count(), 2);
            prop_assert!(!page.contains('\''));
        }
    }
}
