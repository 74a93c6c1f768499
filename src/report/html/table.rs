//! Tables that a click sorts.
//!
//! Owns the order of every column: each cell carries its rank, worked out from exact numbers, so that the page's script
//! compares nothing but ranks. Main type: [`Table`].

use rust_decimal::Decimal;

use super::markup::{Markup, element, labelled, text};
use super::page::{left_out, remark};

/// The most rows of a table. A page with more is of no use, and browsers are slow with it.
pub(super) const MOST_ROWS: usize = 1000;

/// A table.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// The columns' titles, and whether each is of numbers, which stand at the right.
    pub(super) columns: Vec<(String, bool)>,
    /// The rows, at most [`MOST_ROWS`] of which are shown.
    pub(super) rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// One cell a column.
    pub(super) cells: Vec<Cell>,
    /// Whether it is the one to look at.
    pub(super) is_best: bool,
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    shown: Markup,
    key: Option<Key>,
}

/// What a cell is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(Decimal),
    Text(String),
}

impl Cell {
    /// Foreign text, sorted by its letters.
    pub(super) fn text(shown: &str) -> Self {
        Self { shown: text(shown), key: (!shown.is_empty()).then(|| Key::Text(shown.to_lowercase())) }
    }

    /// A text that begins with a number, which it is sorted by: `35.93`, `12 days`, `120ms`. Any other is an unknown one.
    pub(super) fn number(shown: &str) -> Self {
        let digits = shown.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(shown.len());
        Self::of(shown, shown[..digits].parse().ok())
    }

    /// A text that is sorted by a number; `None` = unknown, which comes last.
    pub(super) fn of(shown: &str, number: Option<Decimal>) -> Self {
        Self { shown: text(shown), key: number.map(Key::Number) }
    }

    /// The same with other markup to show.
    pub(super) fn showing(self, shown: Markup) -> Self {
        Self { shown, ..self }
    }
}

impl Table {
    /// Writes the table, and how much of it is left out; nothing without rows.
    pub(super) fn render(mut self) -> Markup {
        let count = self.rows.len();
        if count == 0 {
            return Markup::default();
        }
        self.rows.truncate(MOST_ROWS);
        let titles = self.columns.iter().map(|(title, is_number)| {
            let class = if *is_number { "number" } else { "text" };
            labelled("th", &[("scope", "col"), ("class", class)], title)
        });
        let head = element("thead", &[], &element("tr", &[], &titles.collect()));
        let ranks: Vec<Vec<Option<usize>>> = (0..self.columns.len()).map(|column| self.ranks(column)).collect();
        let row = |(position, row): (usize, &Row)| {
            let cells = row.cells.iter().enumerate().map(|(column, cell)| {
                let class = if self.columns[column].1 { "number" } else { "text" };
                let rank = ranks[column][position].map(|rank| rank.to_string());
                let attributes = [Some(("class", class)), rank.as_deref().map(|rank| ("data-rank", rank))];
                element("td", &attributes.into_iter().flatten().collect::<Vec<_>>(), &cell.shown)
            });
            element("tr", if row.is_best { &[("class", "best")] } else { &[] }, &cells.collect())
        };
        let body = element("tbody", &[], &self.rows.iter().enumerate().map(row).collect());
        let table = element("table", &[("class", "sortable")], &[head, body].into_iter().collect());
        [element("div", &[("class", "wide")], &table), remark(&left_out(count, MOST_ROWS))].into_iter().collect()
    }

    /// The rank of each row by a column; `None` = unknown. Equal ones have the same.
    fn ranks(&self, column: usize) -> Vec<Option<usize>> {
        let key = |row: &Row| row.cells.get(column).and_then(|cell| cell.key.clone());
        let keys: Vec<Option<Key>> = self.rows.iter().map(key).collect();
        let mut sorted: Vec<&Key> = keys.iter().flatten().collect();
        sorted.sort_unstable();
        sorted.dedup();
        keys.iter().map(|key| key.as_ref().and_then(|key| sorted.binary_search(&key).ok())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: Vec<Vec<Cell>>) -> Table {
        let columns = vec![("<Name>".to_owned(), false), ("Total".to_owned(), true)];
        Table { columns, rows: rows.into_iter().map(|cells| Row { cells, is_best: false }).collect() }
    }

    #[test]
    fn cells_carry_their_rank_by_exact_numbers() {
        let large = "9007199254740993.01";
        let totals = [large, "unknown", "9007199254740993.00", "9.5 USD", "10 days", "9.50"];
        let table = table(totals.iter().map(|total| vec![Cell::text("B"), Cell::number(total)]).collect());
        assert_eq!(table.ranks(1), [Some(3), None, Some(2), Some(0), Some(1), Some(0)]);
        assert_eq!(table.ranks(0), [Some(0); 6]);
        let page = table.render().into_text();
        assert!(page.contains("<th scope=\"col\" class=\"text\">&lt;Name&gt;</th>"), "{page}");
        assert!(page.contains("<td class=\"number\" data-rank=\"3\">9007199254740993.01</td>"), "{page}");
        assert!(page.contains("<td class=\"number\">unknown</td>"), "{page}");
    }

    #[test]
    fn a_long_table_is_cut_and_says_so() {
        let rows = (0..MOST_ROWS + 7).map(|_| vec![Cell::text("a"), Cell::number("1")]).collect();
        let page = table(rows).render().into_text();
        assert_eq!(page.matches("<tr").count(), 1 + MOST_ROWS);
        assert!(page.contains("and 7 more, which --json has"));
        assert!(table(vec![]).render().is_empty());
    }
}
