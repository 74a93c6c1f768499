//! Suppliers that are price lists in files.

use tempfile::TempDir;

use crate::suite::{Conduct, Transport};

struct PriceList {
    folder: TempDir,
}

impl Transport for PriceList {
    const NAME: &'static str = "file";
    const GARBAGE: &'static str = "file_unreadable";

    fn of(conduct: Conduct) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [list] = &conduct()[..] else { panic!("a file holds one list") };
        std::fs::write(folder.path().join("acme.json"), list).unwrap();
        Self { folder }
    }

    fn lines(&self) -> String {
        format!("url = \"file:{}/acme.json\"", self.folder.path().display())
    }

    fn answered(&self) -> usize {
        // It was written before anybody asked.
        1
    }
}

contract!(
    PriceList,
    holds: [a_quote, several_offers, garbage],
    without: [
        silence: "a file is there or it is not; one that is missing, or is a pipe, is `file_unreadable` at once",
        a_late_reply: "what a file says is there before it is asked",
        a_duplicate_reply: "a file is read once, and two lists in it are no list",
        an_error_reply: "a list has rows, and none of them speaks for the supplier",
        a_cancelled_request: "a file waits for nobody, so nothing comes before it for certain",
    ]
);
