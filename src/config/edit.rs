//! Adding a supplier to a configuration, without touching anything else in it.
//!
//! Owns how a supplier is written, and that what comes of it is a configuration. Refuses to write files. Main types:
//! [`Addition`] and [`Edited`].

use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::discover::{self, Environment, Found};
use super::document::Document;
use super::error::{ConfigError, Problem, quoted};
use super::file::{self, File};
use super::list;
use super::settings::Settings;
use super::variables::Text;
use super::{Errand, document::Findings, resolve};
use crate::cli::Flags;
use crate::domain::{Currency, ListLayout};

/// A supplier that is to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Its name.
    pub name: String,
    /// Where it is asked: an RFC 6570 template, without secrets.
    pub url: String,
    /// How the price list is read that it is; `None` = it is no list.
    pub list: Option<ListLayout>,
    /// What the user must look at about the URL, one line each.
    pub url_checks: Vec<String>,
    /// Headers to send, without secrets.
    pub headers: Vec<(String, String)>,
    /// The currency of offers that name none, and whether the user named it.
    pub currency: Option<(Currency, bool)>,
    /// The filter that makes the body of a request.
    pub request: Option<String>,
    /// The filter, comments included.
    pub quotes: Option<String>,
}

/// A configuration that can be added to.
pub struct Editable {
    found: Found,
    path: PathBuf,
    /// The currency that it compares in, if it has one.
    pub currency: Option<Currency>,
}

/// A configuration with a supplier more. Nothing has been written yet.
pub struct Edited {
    /// The file.
    pub path: PathBuf,
    /// The file, as the user would name it.
    pub name: String,
    /// Its new text.
    pub text: String,
    /// The part that is new.
    pub block: String,
    document: Document,
}

/// Finds the configuration that suppliers can be added to.
///
/// # Errors
/// When there is none, or it is wrong, or it has a supplier of this name and `replaces` is not set.
pub fn editable(
    flags: &Flags,
    environment: &Environment,
    supplier: &str,
    replaces: bool,
) -> Result<Editable, ConfigError> {
    if let Some(problem) = file::wrong_name(supplier) {
        return Err(problem.into());
    }
    let found = discover::find(flags.config.as_deref(), false, environment).map_err(|error| {
        let missing = flags.config.is_none() && environment.filled("PRICECMP_CONFIG").is_none();
        if missing { no_configuration(environment) } else { error }
    })?;
    let mut findings = Findings::default();
    let file = File::read(&found.document, &mut findings)?;
    findings.into_result(Some(&found.document))?;
    if !replaces && file.suppliers.iter().any(|table| table.name.as_str() == supplier) {
        let problem = Problem::new(format!("there is a supplier {} in `{}`", quoted(supplier), found.document.name));
        return Err(problem.with_hint("choose another name, or `--replace` it").into());
    }
    let path = environment.directory().join(&found.document.name);
    let currency = file.currency.map(|at| at.value);
    Ok(Editable { found, path, currency })
}

fn no_configuration(environment: &Environment) -> ConfigError {
    match discover::find(None, false, environment) {
        // It is there, and cannot be read.
        Err(error) if !error.to_string().contains("there is no configuration") => error,
        _ => Problem::new("there is no configuration that a supplier could be added to")
            .with_hint("`pricecmp init` writes one")
            .into(),
    }
}

impl Editable {
    /// The URL of a price list in a file, from where the configuration is.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn list_url(&self, path: &Path) -> io::Result<String> {
        list::url_of(self.path.parent().unwrap_or(Path::new("")), path)
    }

    /// Adds the supplier, behind all others. Everything else stays as it is, byte for byte; a supplier of the same name
    /// is replaced where it stands.
    ///
    /// # Errors
    /// When the file has a form that nothing can be added to.
    pub fn with(&self, addition: &Addition) -> Result<Edited, ConfigError> {
        let old = &self.found.document;
        let block = addition.block();
        let text = insert(&old.text, addition, &block).ok_or_else(|| self.in_the_way())?;
        let document = Document { name: old.name.clone(), folder: old.folder.clone(), text: text.clone() };
        Ok(Edited { path: self.path.clone(), name: old.name.clone(), text, block, document })
    }

    fn in_the_way(&self) -> ConfigError {
        let problem =
            Problem::new(format!("nothing can be added to the `suppliers` of `{}`", self.found.document.name));
        problem.with_hint("write it as tables: `[suppliers.NAME]`").into()
    }
}

impl Edited {
    /// Checks the whole file as `pricecmp check` does, and resolves the new supplier. `variables` are set for that, and
    /// with `assuming` all others that the file names, too.
    ///
    /// # Errors
    /// When the file would be wrong.
    pub fn check(
        &self,
        flags: &Flags,
        environment: &Environment,
        supplier: &str,
        variables: &[(String, String)],
        assuming: bool,
    ) -> Result<Settings, ConfigError> {
        let flags = Flags { supplier: vec![supplier.to_owned()], mock: false, ..flags.clone() };
        let mut environment = environment.with(variables);
        if assuming {
            environment = environment.assuming(&variables_of(&self.text));
        }
        let document = Document {
            name: self.document.name.clone(),
            folder: self.document.folder.clone(),
            text: self.text.clone(),
        };
        resolve::settings(&flags, Errand::Compare, &environment, || Ok(Found { document, readable_by_others: false }))
    }
}

/// The names of the variables in a text.
fn variables_of(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.split("${").skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && Text::parse(&format!("${{{name}}}")).is_ok()
        {
            names.push(name.to_owned());
        }
    }
    names
}

impl Addition {
    /// The supplier as TOML, with its header and comments.
    fn block(&self) -> String {
        let mut table = self.table();
        let mut header = Table::new();
        header.set_implicit(true);
        table.decor_mut().set_prefix("");
        header.insert(&self.name, Item::Table(table));
        let mut document = DocumentMut::new();
        document.insert("suppliers", Item::Table(header));
        document.to_string()
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.insert("url", value_of(&self.url));
        for (key, value) in self.list.iter().flat_map(|layout| list::keys(layout, &self.url)) {
            table.insert(key, Item::Value(value));
        }
        if !self.headers.is_empty() {
            let headers: InlineTable =
                self.headers.iter().map(|(key, value)| (key.as_str(), Value::from(value))).collect();
            table.insert("headers", Item::Value(Value::InlineTable(headers)));
        }
        if let Some(request) = &self.request {
            table.insert("request", value_of(request));
        }
        if let Some((currency, _)) = self.currency {
            table.insert("currency", value_of(currency.code()));
        }
        if let Some(quotes) = &self.quotes {
            table.insert("quotes", multi_line(quotes));
        }
        comment(&mut table, "url", &self.url_checks);
        if let Some((currency, false)) = self.currency {
            let what = if self.list.is_some() { "list" } else { "reply" };
            let words = format!("the {what} names no currency; {currency} is what you compare in");
            comment(&mut table, "currency", &[words]);
        }
        table
    }
}

fn value_of(text: &str) -> Item {
    Item::Value(Value::from(text))
}

/// A text of several lines, between the quotes that need no escapes where that is possible.
fn multi_line(text: &str) -> Item {
    let plain = !text.contains("'''") && !text.contains(|letter: char| letter.is_control() && letter != '\n');
    let literal = format!("'''\n{text}'''");
    let value = if plain { literal.parse().ok() } else { None };
    Item::Value(value.unwrap_or_else(|| Value::from(text)))
}

fn comment(table: &mut Table, key: &str, checks: &[String]) {
    let text = checks.iter().flat_map(|check| ["# check: ", check, "\n"]).collect::<String>();
    if let Some(mut key) = table.key_mut(key) {
        key.leaf_decor_mut().set_prefix(text);
    }
}

/// The text with the supplier in it; `None` = its `suppliers` is no table that can be added to.
fn insert(text: &str, addition: &Addition, block: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let name = &addition.name;
    let suppliers = document.get("suppliers");
    let is_there = suppliers.and_then(Item::as_table_like).is_some_and(|suppliers| suppliers.contains_key(name));
    if !is_there && suppliers.is_none_or(Item::is_table) {
        let appended = append(text, block);
        // Dotted keys cannot be gone on with by a table.
        if appended.parse::<DocumentMut>().is_ok() {
            return Some(appended);
        }
    }
    let suppliers: &mut dyn TableLike = document.get_mut("suppliers")?.as_table_like_mut()?;
    replace(suppliers, addition);
    Some(document.to_string())
}

fn append(text: &str, block: &str) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = match text {
        "" => "",
        text if text.ends_with('\n') => end,
        _ => &end.repeat(2),
    };
    format!("{text}{gap}{}", block.replace('\n', end))
}

/// Puts the supplier where one of its name stands, or at the end of a table that is written inline.
fn replace(suppliers: &mut dyn TableLike, addition: &Addition) {
    let mut table = addition.table();
    match suppliers.get_mut(&addition.name) {
        Some(Item::Table(old)) => {
            *table.decor_mut() = old.decor().clone();
            table.set_position(old.position());
            *old = table;
        }
        Some(item) => *item = Item::Value(Value::InlineTable(in_line(table))),
        None => drop(suppliers.insert(&addition.name, Item::Value(Value::InlineTable(in_line(table))))),
    }
}

/// A table within one line has no room for comments.
fn in_line(mut table: Table) -> InlineTable {
    let keys: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    for key in keys {
        if let Some(mut key) = table.key_mut(&key) {
            key.leaf_decor_mut().clear();
        }
    }
    table.into_inline_table()
}

#[cfg(test)]
mod tests;
