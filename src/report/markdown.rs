//! The table as GitHub-flavoured Markdown, for pages and comments: every column, then the lists and the summary.
//!
//! Owns escaping: foreign text shows as it is and makes no markup, no HTML and no further row.

use super::prose;
use super::sanitize::clean;
use super::table::{self, Marker, Wording, columns, join, shipping_stated};
use crate::compare::Comparison;
use crate::domain::Strategy;

/// Writes a comparison as Markdown. With strategy `best` the selected quote stands alone, as on the screen.
#[must_use]
pub fn render(comparison: &Comparison) -> String {
    let rows = table::rows(comparison);
    let alone = comparison.criteria.strategy == Strategy::Best && !rows.is_empty();
    let mut parts = vec![format!("**{}**\n", escape(&table::title(comparison, TITLE_COLUMNS)))];
    if !rows.is_empty() {
        parts.push(quotes(comparison, &rows));
        parts.push(table::advice(comparison, &rows).iter().map(|advice| item(advice)).collect());
        if !shipping_stated(comparison) {
            parts.push(format!("{}\n", escape(table::NO_SHIPPING)));
        }
    }
    if !alone {
        parts.push(list("Rejected", &table::rejected(comparison)));
        parts.push(list("Failed", &table::failed(comparison)));
        parts.push(list("No offers", &table::without_offers(comparison)));
    }
    parts.push(summary(comparison));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// The most columns that the title takes.
const TITLE_COLUMNS: usize = 120;

fn quotes(comparison: &Comparison, rows: &[usize]) -> String {
    let (columns, marker) = (columns(comparison, rows), Marker::new(comparison));
    let mut text = String::from("|");
    for column in &columns {
        push_cell(&mut text, &column.title);
    }
    text.push_str("  |\n|");
    for column in &columns {
        text.push_str(if column.subject.limit().is_some() { " --- |" } else { " ---: |" });
    }
    text.push_str(" --- |\n");
    for (position, row) in rows.iter().enumerate() {
        text.push('|');
        for column in &columns {
            push_cell(&mut text, &column.cells[position]);
        }
        push_cell(&mut text, &join(&marker.marks(*row, Wording { saving: true, since: true, order: false })));
        text.push('\n');
    }
    text
}

/// Adds a cell to a row.
pub(super) fn push_cell(text: &mut String, cell: &str) {
    text.push(' ');
    text.push_str(&escape(cell));
    text.push_str(" |");
}

/// Lists labels with sentences below a heading; nothing of it when there are none.
pub(super) fn list(heading: &str, entries: &[(String, String)]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let items: String = entries.iter().map(|(label, sentence)| item(&format!("{label}: {sentence}"))).collect();
    format!("**{heading}**\n\n{items}")
}

fn summary(comparison: &Comparison) -> String {
    let mut sentences = vec![table::responses(comparison)];
    sentences.extend(table::price_lists(comparison));
    sentences.extend(prose::termination(comparison.termination).map(str::to_owned));
    sentences.extend(comparison.quorum.as_ref().map(prose::quorum));
    sentences.extend(comparison.gates.iter().map(|gate| prose::gate(gate, comparison)));
    sentences.extend(comparison.failure.as_ref().map(|failure| format!("error: {}", prose::run_failure(failure))));
    let items: String = sentences.iter().map(|sentence| item(sentence)).collect();
    format!("**Run**\n\n{items}")
}

/// An item of a list.
pub(super) fn item(sentence: &str) -> String {
    format!("- {}\n", escape(sentence))
}

/// Cleans a text and takes from its characters every meaning that Markdown or HTML gives them.
pub(super) fn escape(text: &str) -> String {
    let text = clean(text);
    let mut safe = String::with_capacity(text.len());
    for (position, character) in text.char_indices() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                safe.push('\\');
                safe.push(character);
            }
            // These two begin a link without any brackets.
            ':' if text[position..].starts_with("://") => safe.push_str("&#58;"),
            '.' if text[..position].ends_with("www") => safe.push_str("&#46;"),
            '-' | '+' | '=' if position == 0 => {
                safe.push('\\');
                safe.push(character);
            }
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;
    use crate::report::sanitize::tests::{hostile, is_forbidden};
    use crate::report::scene;

    #[test]
    fn a_comparison_is_a_table_with_its_lists() {
        insta::assert_snapshot!(render(&scene::full()), @r#"
        **95 × widget**

        | Supplier | SKU | Packaging | Seller | Order | Unit price | Shipping | Total EUR | As quoted | Delivery | Stock | Latency |  |
        | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
        | globex | GX-9 | bag |  | 95 | 0.378159 | 0.00 | 35.93 | 38.95 USD | 9 days | 5000 | 87ms | cheapest by 8.97, 20 % · +4 % since 20 Nov |
        | acme | A-1 |  |  | 100 | 0.40 | 4.90 | 44.90 |  | 2 days | yes | 120ms | fastest |
        | hooli |  |  | Endframe GmbH | 95 | 1.20 | unknown | 114.00 |  | unknown | yes | 1310ms | \+ shipping |
        | mallory | �\[31m=HYPERLINK("http&#58;//evil") | &lt;script&gt;alert(1)&lt;/script&gt; | 東京特許許可局 \| \`rm\` \| forged \| row \| | 95 | 12.50 | 0.00 | 1187.50 |  | 14 days | 12 | 200ms |  |

        - acme: order 100: 2.75 less than 95

        **Rejected**

        - initech IN-4: 95 needed, 60 in stock
        - mallory: \`priceBreaks\[1\].unitPrice\` is \`1,50�\[2J\`: not a number

        **Failed**

        - umbrella: no reply within 2s
        - tyrell: HTTP status 503, service unavailable, retry in 30s
        - wonka: cancelled before it answered

        **No offers**

        - cyberdyne: does not carry the product

        **Run**

        - 6 of 9 suppliers responded in 2.003s, strategy all
        - gate passed: total 35.93 EUR is within 40.00 EUR
        "#);
    }

    #[test]
    fn best_stands_alone() {
        let mut comparison = scene::full();
        comparison.criteria.strategy = Strategy::Best;
        insta::assert_snapshot!(render(&comparison), @"
        **95 × widget**

        | Supplier | SKU | Packaging | Order | Unit price | Shipping | Total EUR | As quoted | Delivery | Stock | Latency |  |
        | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
        | globex | GX-9 | bag | 95 | 0.378159 | 0.00 | 35.93 | 38.95 USD | 9 days | 5000 | 87ms | cheapest by 8.97, 20 % · +4 % since 20 Nov |

        **Run**

        - 6 of 9 suppliers responded in 2.003s, strategy best
        - gate passed: total 35.93 EUR is within 40.00 EUR
        ");
    }

    #[test]
    fn foreign_text_makes_no_markup() {
        let table = [
            ("a|b", "a\\|b"),
            ("`rm`", "\\`rm\\`"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("&lt;", "&amp;lt;"),
            ("[x](javascript:1)", "\\[x\\](javascript:1)"),
            ("**b** _i_ ~s~", "\\*\\*b\\*\\* \\_i\\_ \\~s\\~"),
            ("http://evil.example www.evil.example", "http&#58;//evil.example www&#46;evil.example"),
            ("a\nb", "a b"),
            ("- item", "\\- item"),
            ("\\", "\\\\"),
        ];
        for (foreign, shown) in table {
            assert_eq!(escape(foreign), shown);
        }
    }

    proptest! {
        #[test]
        fn hostile_text_forges_no_row_and_no_cell(sku in hostile(), seller in hostile(), product in hostile()) {
            let mut comparison = scene::ranked(vec![scene::quote("acme", "0.1", "9.50", None)]);
            comparison.request.product = product;
            comparison.quotes[0].quote.identity.sku = Some(format!("x{sku}"));
            comparison.quotes[0].quote.identity.seller = Some(format!("x{seller}"));
            let markdown = render(&comparison);
            prop_assert!(!markdown.replace('\n', "").chars().any(is_forbidden));
            let bars = |line: &str| line.replace("\\\\", "").replace("\\|", "").matches('|').count();
            let table: Vec<usize> = markdown.lines().filter(|line| line.starts_with('|')).map(bars).collect();
            prop_assert_eq!(table.len(), 3);
            prop_assert!(table.iter().all(|count| *count == table[0]), "{}", markdown);
            prop_assert!(!markdown.contains('<'));
        }
    }
}
