//! The names in a configuration, for completions in a shell.
//!
//! Owns what can be read of a file that may be half-written. Refuses to complain: what cannot be read has no names.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::discover::{self, Environment};
use super::file::RATES_KEYS;

/// The names in a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownNames {
    /// The suppliers, in the file's order.
    pub suppliers: Vec<String>,
    /// The currencies that it has rates for or is written in, each once.
    pub currencies: Vec<String>,
}

/// Reads the names of the configuration that a run would use; none of what cannot be read. With `or_shipped`, the
/// shipped one serves where there is no other.
#[must_use]
pub fn known_names(config: Option<&Path>, or_shipped: bool, environment: &Environment) -> KnownNames {
    let found = discover::find(config, or_shipped, environment);
    found.map(|found| names(&found.document.text)).unwrap_or_default()
}

fn names(text: &str) -> KnownNames {
    let Ok(root) = DeTable::parse(text) else { return KnownNames::default() };
    let root = root.get_ref();
    let table = |key: &str| root.get(key).and_then(|value| value.get_ref().as_table());
    let keys = |table: &DeTable<'_>| table.keys().map(|key| key.get_ref().to_string()).collect::<Vec<_>>();
    let text = |value: &DeValue<'_>| value.as_str().map(str::to_owned);
    let rates = table("rates");
    let mut currencies: Vec<String> =
        root.get("currency").and_then(|value| text(value.get_ref())).into_iter().collect();
    currencies.extend(rates.and_then(|rates| rates.get("base")).and_then(|value| text(value.get_ref())));
    currencies
        .extend(rates.map(keys).unwrap_or_default().into_iter().filter(|key| !RATES_KEYS.contains(&key.as_str())));
    let mut once: Vec<String> = Vec::new();
    for currency in currencies {
        if !once.contains(&currency) {
            once.push(currency);
        }
    }
    KnownNames { suppliers: table("suppliers").map(keys).unwrap_or_default(), currencies: once }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_files_order() {
        let text = "currency = \"EUR\"\n[rates]\nbase = \"EUR\"\ndate = 2026-11-20\nUSD = \"1.08\"\n\
                    [suppliers.globex]\n[suppliers.acme.mock]\n";
        let known = names(text);
        assert_eq!(known.suppliers, ["globex", "acme"]);
        assert_eq!(known.currencies, ["EUR", "USD"]);
    }

    #[test]
    fn what_cannot_be_read_has_no_names() {
        for text in ["", "[suppliers", "suppliers = 3", "currency = 3\nrates = []\n"] {
            assert_eq!(names(text), KnownNames::default(), "{text}");
        }
    }
}
