use super::*;

/// Gives out one byte at a time.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(buffer.len()).min(1);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

type Values = Result<Vec<(String, RowPlace)>, String>;

fn values(read: impl FnOnce(&mut dyn FnMut(&str, RowPlace)) -> Result<(), Failure>) -> Values {
    let mut values = Vec::new();
    read(&mut |text, place| values.push((text.to_owned(), place)))
        .map(|()| values)
        .map_err(|failure| failure.detail.unwrap_or_default())
}

fn of_document(text: &str) -> Values {
    let mut text = Text::new(Drops(text.as_bytes()), encoding_rs::UTF_8);
    values(|take| {
        document(&mut text, |text, place| {
            take(text, place);
            Ok(())
        })
    })
}

fn of_lines(text: &str) -> Values {
    let mut text = Text::new(Drops(text.as_bytes()), encoding_rs::UTF_8);
    values(|take| {
        lines(&mut text, |text, place| {
            take(text, place);
            Ok(())
        })
    })
}

#[test]
fn elements_are_cut_out_of_an_array() {
    let text = "[ {\"a\": \"]},\\\"\"},\n  [1, [2]] ,3, \"x,\" ,null]\n ";
    let elements = of_document(text).unwrap();
    let texts: Vec<&str> = elements.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(texts, ["{\"a\": \"]},\\\"\"}", "[1, [2]]", "3", "\"x,\"", "null"]);
    assert_eq!(elements[0].1, RowPlace::Element(0, 1, 3));
    assert_eq!(elements[1].1, RowPlace::Element(1, 2, 3));
    assert_eq!(of_document("[]").unwrap(), []);
    assert_eq!(of_document(" {\"a\": []} ").unwrap(), [("{\"a\": []} ".to_owned(), RowPlace::Document)]);
}

#[test]
fn what_is_no_array_is_found_at_its_place() {
    for (text, expected) in [
        ("[1,,2]", "line 1, column 4: expected a value, found `,`"),
        ("[1,]", "line 1, column 4: expected a value, found `]`"),
        ("[1 2]", "line 1, column 4: expected `,` or `]`, found `2`"),
        ("[1\n", "line 2, column 1: expected `,` or `]`, but the text ends"),
        ("[1,\n", "line 2, column 1: expected a value, but the text ends"),
        ("[", "line 1, column 2: expected a value, but the text ends"),
        ("[1]\n[2]", "line 2, column 1: expected the end of the text, found `[`"),
    ] {
        assert_eq!(of_document(text).unwrap_err(), expected, "{text:?}");
    }
    // Its end is missing, which is for the strict scan to say.
    assert_eq!(of_document("[{\"a\": 1").unwrap_err(), "line 1, column 9: expected `,` or `]`, but the text ends");
}

#[test]
fn lines_are_values() {
    let read = of_lines("{\"a\": 1}\r\n\n  \n2\n[3]").unwrap();
    let expected = [("{\"a\": 1}", 1), ("2", 4), ("[3]", 5)];
    assert_eq!(read, expected.map(|(text, line)| (text.to_owned(), RowPlace::Line(line, 1))));
    assert_eq!(of_lines("").unwrap(), []);
}

#[test]
fn a_value_does_not_grow_without_bound() {
    let long = format!("\"{}\"", "x".repeat(2 * LONGEST));
    let said = |text: &str, read: fn(&mut Text<&[u8]>) -> Result<(), Failure>| {
        read(&mut Text::new(text.as_bytes(), encoding_rs::UTF_8)).unwrap_err().detail.unwrap()
    };
    let ndjson = said(&long, |text| lines(text, |_, _| Ok(())));
    assert!(ndjson.starts_with("line 1: the line is longer than 8 MiB"), "{ndjson}");
    let whole = said(&long, |text| document(text, |_, _| Ok(())));
    assert!(whole.starts_with("line 1: the document is no array and is longer than 8 MiB"), "{whole}");
    let element = said(&format!("[1, {long}]"), |text| document(text, |_, _| Ok(())));
    assert!(element.starts_with("line 1: the element is longer than 8 MiB"), "{element}");
}
