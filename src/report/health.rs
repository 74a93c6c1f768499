//! What is known of the suppliers, on a screen.
//!
//! Owns the columns of the list and what a row of recent runs looks like. No line is wider than the screen.

use std::time::Duration;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::Screen;
use super::amount::time;
use super::bars::bar;
use super::sanitize::{clean, cut};
use super::style::{Painter, Style};
use crate::domain::{Circuit, Record, Sighting};

/// The least width that is drawn for.
const LEAST_WIDTH: usize = 40;
/// The space between two columns.
const GAP: usize = 2;
/// What a supplier's name is never cut below.
const LEAST_NAME: usize = 6;
/// How many runs a row of recent ones shows.
const RECENT: usize = 20;
/// A run that failed.
const FAILED: char = '×';
/// What explains the row.
const LEGEND: &str = "lately: how long each of the last 20 runs took, oldest first; × failed";

/// A column of the list, and how dear it is: the screen loses the greatest first, and never one that is 0.
struct Column {
    title: &'static str,
    keep: u8,
    cell: fn(&Record, Timestamp) -> String,
}

const COLUMNS: [Column; 8] = [
    Column { title: "SUPPLIER", keep: 0, cell: |record, _| clean(record.supplier.as_str()).into_owned() },
    Column { title: "CIRCUIT", keep: 0, cell: |record, _| circuit(record.circuit) },
    Column { title: "SUCCESS", keep: 0, cell: |record, _| success(record) },
    Column { title: "P50", keep: 4, cell: |record, _| record.percentile(50).map(time).unwrap_or_default() },
    Column { title: "P95", keep: 1, cell: |record, _| record.percentile(95).map(time).unwrap_or_default() },
    Column { title: "LATELY", keep: 3, cell: |record, _| lately(&record.sightings) },
    Column { title: "LAST SEEN", keep: 2, cell: |record, now| last_seen(record, now) },
    Column { title: "LAST ERROR", keep: 5, cell: |record, now| last_error(record, now) },
];

/// Draws what is known of the suppliers, in their order.
#[must_use]
pub fn render(records: &[Record], now: Timestamp, screen: Screen) -> String {
    let width = screen.width.max(LEAST_WIDTH);
    let painter = Painter { color: screen.color };
    let mut columns: Vec<(&Column, Vec<String>)> = COLUMNS
        .iter()
        .map(|column| (column, records.iter().map(|record| (column.cell)(record, now)).collect()))
        .collect();
    while total_width(&columns) > width {
        let Some(dearest) = (0..columns.len()).max_by_key(|number| columns[*number].0.keep) else { break };
        if columns[dearest].0.keep == 0 {
            break;
        }
        columns.remove(dearest);
    }
    shorten_names(&mut columns, width);
    let mut text = row(&columns, painter, |column, _| (column.title.to_owned(), Some(Style::Dim)), width);
    for (number, record) in records.iter().enumerate() {
        let style = |column: &Column| match (column.title, record.circuit) {
            ("CIRCUIT", Circuit::Open(_)) => Some(Style::Bad),
            ("CIRCUIT", Circuit::HalfOpen) => Some(Style::Caution),
            _ => None,
        };
        text.push_str(&row(&columns, painter, |column, cells| (cells[number].clone(), style(column)), width));
    }
    let explains =
        columns.iter().any(|(column, cells)| column.title == "LATELY" && cells.iter().any(|cell| !cell.is_empty()));
    if explains {
        let legend = painter.paint(Style::Dim, &cut(LEGEND, width));
        text.extend(["\n", &legend, "\n"]);
    }
    text
}

fn width_of((column, cells): &(&Column, Vec<String>)) -> usize {
    cells.iter().map(|cell| cell.width()).max().unwrap_or(0).max(column.title.width())
}

fn total_width(columns: &[(&Column, Vec<String>)]) -> usize {
    columns.iter().map(|column| width_of(column) + GAP).sum::<usize>().saturating_sub(GAP)
}

/// Cuts names where all that is needed is still wider than the screen.
fn shorten_names(columns: &mut [(&Column, Vec<String>)], width: usize) {
    let excess = total_width(columns).saturating_sub(width);
    if let Some(names) = columns.first_mut().filter(|_| excess > 0) {
        let room = width_of(names).saturating_sub(excess).max(LEAST_NAME);
        names.1.iter_mut().for_each(|name| *name = cut(name, room));
    }
}

/// One line. Cells are padded before they are painted; the last one is not padded.
fn row(
    columns: &[(&Column, Vec<String>)],
    painter: Painter,
    cell: impl Fn(&Column, &[String]) -> (String, Option<Style>),
    width: usize,
) -> String {
    let mut text = String::new();
    let mut left = width;
    for column in columns {
        let (content, style) = cell(column.0, &column.1);
        let content = cut(&content, left);
        let padding = width_of(column).saturating_sub(content.width()) + GAP;
        left = left.saturating_sub(content.width() + padding);
        text.push_str(&style.map_or_else(|| content.clone(), |style| painter.paint(style, &content)));
        text.push_str(&" ".repeat(padding));
    }
    format!("{}\n", text.trim_end())
}

fn circuit(circuit: Circuit) -> String {
    match circuit {
        Circuit::Closed => "closed".to_owned(),
        Circuit::Open(left) => format!("open, {}s left", left.as_secs()),
        Circuit::HalfOpen => "half-open".to_owned(),
    }
}

fn success(record: &Record) -> String {
    let percent = |per_mille| format!("{} % of {}", (per_mille + 5) / 10, record.sightings.len());
    record.success_per_mille().map_or_else(|| "never asked".to_owned(), percent)
}

/// A bar for each of the last runs, as high as it took long.
fn lately(sightings: &[Sighting]) -> String {
    let recent = &sightings[sightings.len().saturating_sub(RECENT)..];
    let answered = recent.iter().filter(|sighting| sighting.error.is_none());
    let longest = answered.map(|sighting| sighting.took.as_micros()).max().unwrap_or(0).max(1);
    let height = |took: Duration| bar(took.as_micros(), longest);
    let bar_of = |sighting: &Sighting| if sighting.error.is_some() { FAILED } else { height(sighting.took) };
    recent.iter().map(bar_of).collect()
}

fn last_seen(record: &Record, now: Timestamp) -> String {
    let never = if record.sightings.is_empty() { "" } else { "never" };
    record.last_seen().map_or_else(|| never.to_owned(), |at| ago(at, now))
}

fn last_error(record: &Record, now: Timestamp) -> String {
    record.last_error().map(|(at, kind)| format!("{} {}", clean(kind), ago(at, now))).unwrap_or_default()
}

/// How long ago something was, in its greatest unit. What lies in the future is now.
fn ago(at: Timestamp, now: Timestamp) -> String {
    let past = Duration::try_from(now.duration_since(at)).unwrap_or_default().as_secs();
    match past {
        0..60 => format!("{past}s ago"),
        60..3600 => format!("{}m ago", past / 60),
        3600..172_800 => format!("{}h ago", past / 3600),
        _ => format!("{} days ago", past / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SupplierName;

    fn now() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn record(supplier: &str, circuit: Circuit, runs: &[(i64, u64, Option<&str>)]) -> Record {
        let sighting = |(ago, took, error): &(i64, u64, Option<&str>)| Sighting {
            at: Timestamp::from_second(1_790_000_000 - ago).unwrap(),
            took: Duration::from_millis(*took),
            error: error.map(str::to_owned),
        };
        Record { supplier: SupplierName::new(supplier), circuit, sightings: runs.iter().map(sighting).collect() }
    }

    fn records() -> Vec<Record> {
        vec![
            record("acme", Circuit::Closed, &[(7200, 80, None), (300, 40, None), (5, 160, None), (4, 0, None)]),
            record(
                "initech",
                Circuit::Open(Duration::from_millis(23_400)),
                &[(400_000, 60, None), (61, 2000, Some("timeout"))],
            ),
            record("hooli\u{1b}", Circuit::HalfOpen, &[(90, 1, Some("connect"))]),
            record("umbrella", Circuit::Closed, &[]),
        ]
    }

    fn plain(width: usize) -> String {
        render(&records(), now(), Screen { width, color: false })
    }

    #[test]
    fn a_wide_screen_shows_everything() {
        insta::assert_snapshot!(plain(120), @r"
        SUPPLIER  CIRCUIT         SUCCESS      P50   P95    LATELY  LAST SEEN   LAST ERROR
        acme      closed          100 % of 4   40ms  160ms  ▄▂█▁    4s ago
        initech   open, 23s left  50 % of 2    60ms  60ms   █×      4 days ago  timeout 1m ago
        hooli�    half-open       0 % of 1                  ×       never       connect 1m ago
        umbrella  closed          never asked

        lately: how long each of the last 20 runs took, oldest first; × failed
        ");
    }

    #[test]
    fn a_narrow_screen_keeps_what_matters() {
        insta::assert_snapshot!(plain(60), @r"
        SUPPLIER  CIRCUIT         SUCCESS      P95    LAST SEEN
        acme      closed          100 % of 4   160ms  4s ago
        initech   open, 23s left  50 % of 2    60ms   4 days ago
        hooli�    half-open       0 % of 1            never
        umbrella  closed          never asked
        ");
        for width in 0..130 {
            let text = plain(width);
            assert!(text.lines().all(|line| line.width() <= width.max(LEAST_WIDTH)), "{width}:\n{text}");
        }
    }

    #[test]
    fn colour_changes_nothing_but_the_colour() {
        let painted = render(&records(), now(), Screen { width: 120, color: true });
        let open = "\u{1b}[31mopen, 23s left\u{1b}[0m";
        assert!(painted.contains(open), "{painted}");
        let mut unpainted = painted;
        for code in ["\u{1b}[31m", "\u{1b}[33m", "\u{1b}[2m", "\u{1b}[0m"] {
            unpainted = unpainted.replace(code, "");
        }
        assert_eq!(unpainted, plain(120));
    }

    #[test]
    fn a_time_ago_has_one_unit() {
        let past = |seconds: i64| ago(Timestamp::from_second(1_790_000_000 - seconds).unwrap(), now());
        let table =
            [(-9, "0s ago"), (0, "0s ago"), (59, "59s ago"), (60, "1m ago"), (7199, "1h ago"), (172_800, "2 days ago")];
        for (seconds, expected) in table {
            assert_eq!(past(seconds), expected);
        }
    }
}
