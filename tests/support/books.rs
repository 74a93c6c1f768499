//! Workbooks, as small as they can be.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

/// An archive of these files.
pub fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const SPREADSHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of Excel with an empty sheet `Notes` and a sheet `Prices` of these rows; style 1 is a date.
pub fn excel(rows: &str) -> Vec<u8> {
    excel_of(("", rows), "")
}

/// The same, with the state of the first sheet and the rows of the second one.
pub fn excel_of((state, rows): (&str, &str), notes: &str) -> Vec<u8> {
    let sheet = |rows: &str| format!("<worksheet xmlns=\"{SPREADSHEET}\"><sheetData>{rows}</sheetData></worksheet>");
    let book = format!(
        "<workbook xmlns=\"{SPREADSHEET}\" xmlns:r=\"{DOCUMENT}\"><sheets><sheet name=\"Prices\" sheetId=\"1\" {state} r:id=\"r1\"/>\
         <sheet name=\"Notes\" sheetId=\"2\" r:id=\"r2\"/></sheets></workbook>"
    );
    let relations = format!(
        "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r1\" Type=\"{DOCUMENT}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"r2\" Type=\"{DOCUMENT}/worksheet\" Target=\"worksheets/sheet2.xml\"/>\
         <Relationship Id=\"r3\" Type=\"{DOCUMENT}/styles\" Target=\"styles.xml\"/></Relationships>"
    );
    let styles = format!(
        "<styleSheet xmlns=\"{SPREADSHEET}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let root = format!(
        "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r1\" Type=\"{DOCUMENT}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    archive(&[
        ("_rels/.rels", &root),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/styles.xml", &styles),
        ("xl/worksheets/sheet1.xml", &sheet(rows)),
        ("xl/worksheets/sheet2.xml", &sheet(notes)),
    ])
}

/// A cell of text.
pub fn text(cell: &str, content: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{content}</t></is></c>")
}

/// A cell of a number.
pub fn number(cell: &str, content: &str) -> String {
    format!("<c r=\"{cell}\"><v>{content}</v></c>")
}

/// An `OpenDocument` workbook with these rows.
pub fn opendocument(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>\
         <table:table table:name=\"Prices\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest=\"m\"/>"),
        ("content.xml", &content),
    ])
}

/// A row of cells: the type and the value of each.
pub fn ods_row(cells: &[(&str, &str)]) -> String {
    let mut row = "<table:table-row>".to_owned();
    for (kind, value) in cells {
        match *kind {
            "string" => write!(
                row,
                "<table:table-cell office:value-type=\"string\"><text:p>{value}</text:p></table:table-cell>"
            ),
            "boolean" => {
                write!(row, "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"{value}\"/>")
            }
            kind => write!(row, "<table:table-cell office:value-type=\"{kind}\" office:value=\"{value}\"/>"),
        }
        .unwrap();
    }
    row + "</table:table-row>"
}
