use proptest::prelude::*;

use super::*;

/// Gives out so few bytes at a time that every place is once the end of the window.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(buffer.len()).min(3);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn rows(text: &str, delimiter: u8) -> Result<Vec<Vec<String>>, String> {
    let text = Text::new(Drops(text.as_bytes()), encoding_rs::UTF_8);
    let mut csv = Csv::new(text, delimiter);
    let mut rows = Vec::new();
    while csv.next().map_err(|failure| failure.detail.unwrap_or_default())? {
        rows.push((0..csv.len()).map(|column| csv.cell(column).to_owned()).collect());
    }
    Ok(rows)
}

#[test]
fn cells_are_what_was_written() {
    for (text, expected) in [
        ("a,b\nc,d\n", vec![vec!["a", "b"], vec!["c", "d"]]),
        ("a,b\r\nc,d", vec![vec!["a", "b"], vec!["c", "d"]]),
        ("a,\n,\n", vec![vec!["a", ""], vec!["", ""]]),
        ("\n\r\na\n\n\nb\n\n", vec![vec!["a"], vec!["b"]]),
        ("\"a,b\",\"c\"\"d\"\"\",\"\"\n", vec![vec!["a,b", "c\"d\"", ""]]),
        ("\"a\nb\r\nc\",d\n", vec![vec!["a\nb\r\nc", "d"]]),
        ("\"\"\"\"\n", vec![vec!["\""]]),
        (" a , b \n", vec![vec![" a ", " b "]]),
        ("\"a\"", vec![vec!["a"]]),
        ("a\r", vec![vec!["a"]]),
        ("", vec![]),
    ] {
        assert_eq!(rows(text, b',').unwrap(), expected, "{text:?}");
    }
    assert_eq!(rows("1,5;2\tx\n", b';').unwrap(), [["1,5", "2\tx"]]);
}

#[test]
fn what_is_no_row_is_an_error_with_its_place() {
    for (text, expected) in [
        ("a\nb,\"c\n\n", "line 2, column 3: a quote that is never closed"),
        ("a\n\"b\"\"\n", "line 2, column 1: a quote that is never closed"),
        ("a,5\" pipe\n", "line 1, column 4: a quote within a cell that does not begin with one"),
        ("a,\"b\"c\n", "line 1, column 6: something follows the quote that closes a cell"),
        ("é,\"b\" ,c\n", "line 1, column 6: something follows the quote that closes a cell"),
        ("a\rb\rc\n", "line 1, column 2: a carriage return that no line feed follows"),
    ] {
        assert_eq!(rows(text, b',').unwrap_err(), expected, "{text:?}");
    }
}

#[test]
fn a_row_does_not_grow_without_bound() {
    let text = format!("a\n\"{}", "x\n".repeat(LONGEST_ROW));
    let csv = Csv::new(Text::new(text.as_bytes(), encoding_rs::UTF_8), b',');
    let mut csv = csv;
    assert!(csv.next().unwrap());
    let detail = csv.next().unwrap_err().detail.unwrap();
    assert_eq!(detail, "line 2: the row is longer than 1 MiB; is a quote not closed?");
}

#[test]
fn lines_before_the_header_may_be_anything() {
    let text = "Prices \"2026\n;;\nsku,price\nA,1\n";
    let mut csv = Csv::new(Text::new(text.as_bytes(), encoding_rs::UTF_8), b',');
    csv.skip_lines(2).unwrap();
    assert!(csv.next().unwrap());
    assert_eq!((csv.cell(0), csv.cell(1), csv.line()), ("sku", "price", 3));
    csv.skip_lines(1).unwrap();
    let detail = csv.skip_lines(1).unwrap_err().detail.unwrap();
    assert_eq!(detail, "it ends in line 5, before the header");
}

fn cell() -> impl Strategy<Value = String> {
    let letters = prop::sample::select(vec!['a', '1', ',', ';', '"', '\n', '\r', ' ', 'é', '東', '\u{200b}', '.']);
    prop_oneof![
        3 => prop::collection::vec(letters, 0..12).prop_map(|letters| letters.into_iter().collect()),
        1 => "[^\\x00\u{feff}]{0,20}",
    ]
}

proptest! {
    #[test]
    fn what_a_writer_writes_is_read_exactly(
        table in (1_usize..5).prop_flat_map(|columns| prop::collection::vec(prop::collection::vec(cell(), columns), 1..6)),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        crlf: bool,
        always: bool,
    ) {
        let mut writer = csv::WriterBuilder::new();
        writer.delimiter(delimiter);
        writer.terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') });
        writer.quote_style(if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary });
        let mut writer = writer.from_writer(Vec::new());
        for row in &table {
            writer.write_record(row).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        prop_assert_eq!(rows(&text, delimiter).unwrap(), table);
    }

    #[test]
    fn a_cut_off_table_is_an_error_or_its_own_first_rows(
        table in prop::collection::vec(prop::collection::vec(cell(), 3), 1..5),
        at: prop::sample::Index,
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &table {
            writer.write_record(row).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let cut = text.floor_char_boundary(at.index(text.len() + 1));
        if let Ok(read) = rows(&text[..cut], b',') {
            // The last of them may have lost its end, as long as that leaves no quote open.
            let whole = read.len().saturating_sub(1);
            prop_assert_eq!(&read[..whole], &table[..whole]);
        }
    }
}
