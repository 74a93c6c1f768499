//! Names of files after names of suppliers.
//!
//! Owns that each is a name of its own, and leads nowhere else.

use std::collections::HashSet;

/// The names that files of a folder have.
pub(super) struct FileNames {
    suppliers: HashSet<String>,
    taken: HashSet<String>,
}

impl FileNames {
    /// None yet, where files are named after these.
    pub(super) fn of<'a>(suppliers: impl Iterator<Item = &'a str>) -> Self {
        Self { suppliers: suppliers.map(plain).collect(), taken: HashSet::new() }
    }

    /// A name for a file of this supplier. `acme-2` is the second file of `acme`, unless that is a supplier of its own.
    pub(super) fn next(&mut self, supplier: &str, extension: &str) -> String {
        let supplier = plain(supplier);
        let mut stem = supplier.clone();
        let mut number = 1;
        while self.taken.contains(&stem) || (number > 1 && self.suppliers.contains(&stem)) {
            number += 1;
            stem = format!("{supplier}-{number}");
        }
        let name = format!("{stem}.{extension}");
        self.taken.insert(stem);
        name
    }
}

/// A name without what a path gives a meaning. It begins with no dot, which would hide the file.
fn plain(supplier: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
    let name: String = supplier.chars().map(letter).collect();
    if name.starts_with('.') || name.is_empty() { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_a_name_of_its_own_that_leads_nowhere() {
        let suppliers = ["acme", "acme-2", "rfq/acme", "../etc", ".hidden", "", "a\0b\\c"];
        let mut names = FileNames::of(suppliers.into_iter());
        let files: Vec<String> =
            ["acme", "acme"].into_iter().chain(suppliers).map(|supplier| names.next(supplier, "csv")).collect();
        assert_eq!(
            files,
            [
                "acme.csv",
                "acme-3.csv",
                "acme-4.csv",
                "acme-2.csv",
                "rfq_acme.csv",
                "_.._etc.csv",
                "_.hidden.csv",
                "_.csv",
                "a_b_c.csv"
            ]
        );
    }
}
