//! Files as people have them.

use std::io::Write;

use encoding_rs::{UTF_8, WINDOWS_1252};

use super::*;

fn reading(columns: &[&str]) -> Reading {
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    Reading { format: None, encoding: UTF_8, columns: ColumnWishes::parse(&columns).unwrap() }
}

fn order_file(content: &[u8], reading: Reading) -> OrderFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    OrderFile::open(file.path(), reading).unwrap()
}

/// Every line as `NUMBER: QUANTITY PRODUCT`, then what is wrong.
fn read_with(content: &[u8], reading: Reading) -> Vec<String> {
    let mut seen = Vec::new();
    let read = order_file(content, reading).read(|line| {
        seen.push(format!("{}: {} {}", line.number, line.quantity, line.product));
        true
    });
    match read {
        Ok(summary) => seen.extend(summary.bad.iter().map(ToString::to_string)),
        Err(error) => seen.push(error.words()),
    }
    seen
}

fn read(content: &str) -> Vec<String> {
    read_with(content.as_bytes(), reading(&[]))
}

#[test]
fn columns_are_known_by_their_usual_names() {
    for header in
        ["product,quantity", "Part No.,QTY", "\u{feff}MPN,Qty", "Artikel-Nr.,Menge", "\"sku\",\"Stück\"", "SKU , pcs"]
    {
        assert_eq!(read(&format!("{header}\nwidget,95\n")), ["2: 95 widget"], "{header}");
    }
    assert_eq!(
        read("note;qty;part\nfor \"the\" roof\n"),
        ["line 2, column 5: a quote within a cell that does not begin with one"]
    );
    assert_eq!(read("note;qty;part\nroof;8;widget\n;9;gadget\n"), ["2: 8 widget", "3: 9 gadget"]);
}

#[test]
fn without_a_header_two_columns_are_product_and_quantity() {
    assert_eq!(read("widget,95\ngadget,1\n"), ["1: 95 widget", "2: 1 gadget"]);
    assert_eq!(read("4711\t5"), ["1: 5 4711"]);
    let unknown = "no column has a usual name of a product, of";
    assert_eq!(read("95,widget\n"), [format!("line 1: {unknown} `95`, `widget`")]);
    assert_eq!(read("widget,95,blue\n"), [format!("line 1: {unknown} `widget`, `95`, `blue`")]);
}

#[test]
fn where_two_columns_may_be_meant_none_is() {
    assert_eq!(read("Item,MPN,Qty\n1,widget,95\n"), ["line 1: the product may be in any of `Item`, `MPN`"]);
    let named = reading(&["product=MPN"]);
    assert_eq!(read_with(b"Item,MPN,Qty\n1,widget,95\n", named), ["2: 95 widget"]);
    let counted = reading(&["product=2", "quantity=1"]);
    assert_eq!(read_with(b"95,widget\n", counted.clone()), ["1: 95 widget"]);
    assert_eq!(read_with(b"how many,what\n95,widget\n", counted), ["2: 95 widget"]);
    let unknown = reading(&["product=Teil"]);
    assert_eq!(read_with(b"Part,Qty\n", unknown), ["line 1: there is no column `Teil`, but `Part`, `Qty`"]);
    assert_eq!(
        ColumnWishes::parse(&["prduct=2".into()]).unwrap_err().to_string(),
        "`prduct=2` is not `product=COLUMN` or `quantity=COLUMN`"
    );
}

#[test]
fn every_bad_line_is_told_with_its_reason_and_the_others_are_kept() {
    let content = "product,qty,note\nwidget,1.000,\n,5,\ngadget,0,\n\"a\nb\",1,\n..,1,\nbolt,3,x,\nnut,1,000,000\n , ,\nscrew\npin,4\nlast,1000000001\n";
    assert_eq!(
        read(content),
        [
            "8: 3 bolt",
            "12: 4 pin",
            "line 2: the quantity `1.000` is not a whole number, written in digits alone",
            "line 3: it names no product",
            "line 4: the quantity `0` is not within 1 and 1000000000",
            "line 5: the product has a control character",
            "line 7: `..` is no product, but a step in a path",
            "line 9: 4 cells, and the first row has 3",
            "line 11: it has no quantity",
            "line 13: the quantity `1000000001` is not within 1 and 1000000000",
        ]
    );
}

#[test]
fn json_may_be_an_array_or_lines() {
    let array = "[{\"productId\": \"widget\", \"quantity\": 95}, {\"sku\": 4711, \"qty\": \"2\"}, {\"sku\": \"x\"}, 7,\n {\"part\": \"a\", \"sku\": \"b\", \"qty\": 1.5}]";
    assert_eq!(
        read(array),
        [
            "1: 95 widget",
            "2: 2 4711",
            "element 2: no key has a usual name of a quantity",
            "element 3: it is no object",
            "element 4: the product may be in `part` or in `sku`",
        ]
    );
    let lines = "{\"product\":\"widget\",\"qty\":1}\n\n{\"product\":\"gadget\",\"qty\":1e3}\n{\"product\":\n";
    let broken = read(lines);
    assert_eq!(
        broken[..2],
        ["1: 1 widget", "line 3: the quantity `1e3` is not a whole number, written in digits alone"]
    );
    assert!(broken[2].starts_with("line 4: "), "{broken:?}");
}

#[test]
fn a_text_has_the_encoding_that_is_declared() {
    let german = Reading { encoding: WINDOWS_1252, ..reading(&[]) };
    assert_eq!(read_with(b"Artikel;St\xfcck\nT\xfcr;2\n", german), ["2: 2 Tür"]);
}

#[test]
fn what_is_not_needed_any_more_is_not_read() {
    let file = order_file(b"a,1\nb,2\nc,3\n", reading(&[]));
    let mut seen = 0;
    let summary = file.read(|_| {
        seen += 1;
        seen < 2
    });
    assert_eq!((seen, summary.unwrap().lines), (2, 2));
    assert_eq!(file.read(|_| true).unwrap().lines, 3, "it can be read again");
}

#[test]
fn the_same_product_twice_is_one_line() {
    let mut lines = Vec::new();
    order_file(b"a,1\nb,2\na,3\nA,4\na,5\n", reading(&[]))
        .read(|line| {
            lines.push(line);
            true
        })
        .unwrap();
    let (kept, merged) = merge(lines).unwrap();
    let kept: Vec<_> = kept.iter().map(|line| (line.number, &*line.product, line.quantity.get())).collect();
    assert_eq!(kept, [(1, "a", 9), (2, "b", 2), (4, "A", 4)]);
    let quantity = crate::domain::Quantity::new(9).unwrap();
    assert_eq!(merged, [Merged { product: "a".into(), numbers: vec![1, 3, 5], quantity }]);
    let most = |number| OrderLine {
        number,
        product: "a".into(),
        quantity: crate::domain::Quantity::new(1_000_000_000).unwrap(),
    };
    assert_eq!(merge(vec![most(1), most(2)]).unwrap_err(), "the lines of `a` add up to more than 1000000000");
}
