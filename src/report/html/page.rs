//! The page around its content: what a browser may do with it, how it looks, and the script that sorts its tables.
//!
//! Owns the policy: nothing is loaded from anywhere, and no script or style counts but the two that are part of the page.

use super::markup::{Markup, element, labelled, own, text};

/// How the page looks.
const STYLE: &str = include_str!("page.css");
/// What sorts the tables.
const SCRIPT: &str = include_str!("page.js");

/// The policy: by these digests a browser knows the style and the script.
const POLICY: &str = "default-src 'none'; \
     style-src 'sha256-e+kChI3krINOkrwIBHP1et/dFaP/momLXqNKA8AzBQU='; \
     script-src 'sha256-KMbnRVEr8Je0sDBASTt7viYQBQQdcCgQphth5kXAXWE='; \
     base-uri 'none'; form-action 'none'";

/// The most characters of a page's title.
const TITLE: usize = 120;

/// Writes a page with a title, what is said below it, and its sections.
pub(super) fn page(title: &str, below: &[String], sections: impl IntoIterator<Item = Markup>) -> String {
    let title = crate::report::sanitize::shorten(title, TITLE);
    let head: Markup = [
        own("<meta charset=\"utf-8\">"),
        own("<meta http-equiv=\"Content-Security-Policy\" content=\""),
        own(POLICY),
        own("\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
        own("<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\">"),
        labelled("title", &[], &title),
        element("style", &[], &own(STYLE)),
    ]
    .into_iter()
    .collect();
    let below = below.iter().map(|sentence| labelled("p", &[], sentence)).collect();
    let header: Markup = [labelled("h1", &[], &title), below].into_iter().collect();
    let body: Markup = [
        element("header", &[], &header),
        element("main", &[], &sections.into_iter().collect()),
        element("footer", &[], &text(concat!("pricecmp ", env!("CARGO_PKG_VERSION")))),
        element("script", &[], &own(SCRIPT)),
    ]
    .into_iter()
    .collect();
    let page = element(
        "html",
        &[("lang", "en")],
        &[element("head", &[], &head), element("body", &[], &body)].into_iter().collect(),
    );
    format!("<!DOCTYPE html>\n{}\n", page.into_text())
}

/// A section with its heading; nothing without content.
pub(super) fn section(heading: &str, content: impl IntoIterator<Item = Markup>) -> Markup {
    let content: Markup = content.into_iter().collect();
    if content.is_empty() {
        return content;
    }
    let all: Markup = [labelled("h2", &[], heading), content].into_iter().collect();
    element("section", &[], &all)
}

/// A remark; nothing without words.
pub(super) fn remark(words: &str) -> Markup {
    if words.is_empty() { Markup::default() } else { labelled("p", &[("class", "remark")], words) }
}

/// A list of what each has to say, at most `most` of it.
pub(super) fn list(heading: &str, entries: &[(String, String)], most: usize) -> Markup {
    let items = entries.iter().take(most).map(|(label, sentence)| {
        let label = labelled("b", &[], label);
        element("li", &[], &[label, own(": "), text(sentence)].into_iter().collect())
    });
    let items: Markup = items.collect();
    let items = if items.is_empty() { items } else { element("ul", &[], &items) };
    section(heading, [items, remark(&left_out(entries.len(), most))])
}

/// Says how many of `count` are not shown; empty when all are.
pub(super) fn left_out(count: usize, most: usize) -> String {
    match count.saturating_sub(most) {
        0 => String::new(),
        more => format!("and {more} more, which --json has"),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use ring::digest::{SHA256, digest};

    use super::*;

    #[test]
    fn the_policy_knows_the_style_and_the_script() {
        for (kind, content) in [("style", STYLE), ("script", SCRIPT)] {
            let expected = format!("{kind}-src 'sha256-{}'", STANDARD.encode(digest(&SHA256, content.as_bytes())));
            assert!(POLICY.contains(&expected), "write {expected}");
            assert!(!content.contains("</"), "the element would end there");
        }
    }

    #[test]
    fn a_page_refers_to_nothing_outside() {
        let page = page("<t>", &["<b>".to_owned()], [section("<h>", [text("<c>")]), section("none", [])]);
        for outside in ["http:", "https:", "url(", "@import", " src=", "<link", "<t>", "<b>", "<h>", "<c>", "none</h2>"]
        {
            assert!(!page.contains(outside), "{outside} in {page}");
        }
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv="));
        assert!(page.ends_with("</script></body></html>\n"));
    }

    #[test]
    fn a_list_says_what_it_leaves_out() {
        let entries: Vec<_> = (0..5).map(|number| (format!("s{number}"), "<failed>".to_owned())).collect();
        let list = list("Failed", &entries, 3).into_text();
        assert!(list.contains("and 2 more, which --json has") && list.contains("<b>s2</b>: &lt;failed&gt;"), "{list}");
        assert!(!list.contains("s3"));
    }
}
