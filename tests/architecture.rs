//! Holds the shape of the program: which module may import which, no circles, and no function longer than a screen.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may import of this crate. `main.rs` and `lib.rs` stand beside the modules.
const MAY_IMPORT: [(&str, &[&str]); 11] = [
    ("cli", &[]),
    ("config", &["domain", "mapping", "cli"]),
    ("domain", &[]),
    ("mapping", &["domain"]),
    ("plan", &["config", "domain"]),
    ("gather", &["plan", "domain", "transport"]),
    ("transport", &["domain", "mapping"]),
    ("compare", &["domain"]),
    ("report", &["domain", "compare"]),
    ("respond", &["domain", "mapping", "config"]),
    ("main", &["commands", "cli"]),
];

/// The composition roots see everything.
const SEES_ALL: [&str; 2] = ["commands", "lib"];

const LONGEST_FUNCTION: usize = 60;

fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).unwrap().to_path_buf();
                let module = relative.iter().next().unwrap().to_string_lossy().replace(".rs", "");
                let text = fs::read_to_string(&path).unwrap();
                found.push((module, relative, text));
            }
        }
    }
    found
}

/// The crate's modules that a source names, in `use crate::…` lines as well as in paths.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for prefix in ["crate::", "pricecmp::"] {
        for (position, _) in code.match_indices(prefix) {
            let rest = &code[position + prefix.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                let group = &group[..group.find("};").unwrap_or(group.len())];
                found.extend(group.split([',', '{', '}']).map(first_segment).filter(|name| !name.is_empty()));
            } else {
                found.insert(first_segment(rest));
            }
        }
    }
    found
}

fn first_segment(path: &str) -> String {
    path.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn modules_import_only_what_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let modules: BTreeSet<&str> = allowed.keys().copied().chain(SEES_ALL).collect();
    for (module, path, text) in sources() {
        if SEES_ALL.contains(&module.as_str()) {
            continue;
        }
        let may = allowed.get(module.as_str()).unwrap_or_else(|| panic!("no rule for module `{module}`"));
        for import in imports(&text).iter().filter(|import| modules.contains(import.as_str())) {
            assert!(*import == module || may.contains(&import.as_str()), "{} imports `{import}`", path.display());
        }
    }
}

#[test]
fn no_module_imports_itself_through_others() {
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, _, text) in sources() {
        let of_module = imports(&text).into_iter().filter(|import| *import != module);
        edges.entry(module.clone()).or_default().extend(of_module);
    }
    for start in edges.keys() {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&String> = edges[start].iter().collect();
        while let Some(module) = open.pop() {
            assert!(module != start, "`{start}` imports itself through other modules");
            if seen.insert(module) {
                open.extend(edges.get(module).into_iter().flatten());
            }
        }
    }
}

#[test]
fn no_function_is_longer_than_a_screen() {
    for (_, path, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        for (start, line) in lines.iter().enumerate().filter(|(_, line)| is_function(line)) {
            let indent = line.len() - line.trim_start().len();
            let ends = |end: &&str| end.trim_end() == format!("{}}}", " ".repeat(indent));
            let length = lines[start..].iter().position(ends).map_or(0, |end| end + 1);
            assert!(length <= LONGEST_FUNCTION, "{}:{} has {length} lines", path.display(), start + 1);
        }
    }
}

fn is_function(line: &str) -> bool {
    let line = line.trim_start();
    let is_signature = line.split_whitespace().take(4).any(|word| word == "fn");
    is_signature && !line.starts_with("//") && !line.ends_with(';') && !line.ends_with('}')
}
