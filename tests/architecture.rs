//! Holds the shape of the program: which module may import which, no circles, and no function longer than a screen.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

/// What each module may import of this crate. `main.rs` and `lib.rs` stand beside the modules.
const MAY_IMPORT: [(&str, &[&str]); 14] = [
    ("cli", &[]),
    ("config", &["domain", "mapping", "cli"]),
    ("domain", &[]),
    ("mapping", &["domain"]),
    ("order_file", &["domain", "mapping", "transport"]),
    ("plan", &["config", "domain"]),
    ("propose", &["domain", "mapping"]),
    ("gather", &["plan", "domain", "transport"]),
    ("transport", &["domain", "mapping"]),
    ("store", &["domain"]),
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

/// What each line of a source is in: the path of its module, without the crate.
fn modules_of_lines(path: &Path, text: &str) -> Vec<Vec<String>> {
    let mut module: Vec<String> =
        path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    module.retain(|part| !["mod", "lib", "main"].contains(&part.as_str()));
    let mut ends = Vec::new();
    let mut modules = Vec::new();
    for line in text.lines() {
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        if ends.last().is_some_and(|end| end == line) {
            ends.pop();
            module.pop();
        }
        modules.push(module.clone());
        let opened = code.strip_suffix(" {").and_then(|code| code.split_once("mod "));
        if let Some((_, name)) = opened.filter(|(before, _)| before.is_empty() || before.starts_with("pub")) {
            ends.push(format!("{indent}}}"));
            module.push(name.to_owned());
        }
    }
    modules
}

/// The paths from the crate's root that a source names, in `use` lines as well as elsewhere. `super` is followed.
fn imports(path: &Path, text: &str) -> BTreeSet<Vec<String>> {
    let modules = modules_of_lines(path, text);
    let is_comment = |line: &str| line.trim_start().starts_with("//");
    let code: String = text.split_inclusive('\n').map(|line| if is_comment(line) { "\n" } else { line }).collect();
    let mut found = BTreeSet::new();
    for root in ["crate::", "pricecmp::", "super::"] {
        for (position, _) in code.match_indices(root) {
            let before = code[..position].chars().next_back();
            // Such as the second `super::` of `super::super::`, which the first one takes in.
            if before.is_some_and(|before| before.is_alphanumeric() || ['_', ':'].contains(&before)) {
                continue;
            }
            let line = code[..position].matches('\n').count();
            let mut relative = Vec::new();
            read_paths(&mut code[position..].chars().peekable(), &mut Vec::new(), &mut relative);
            found.extend(relative.iter().map(|path| from_the_root(&modules[line], path)));
        }
    }
    found
}

/// Reads `a::b` or `a::{b, c::{d, e}}` and adds each path in it, its prefix first.
fn read_paths(code: &mut Peekable<Chars<'_>>, prefix: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let depth = prefix.len();
    loop {
        let skip = |letter: &char| letter.is_whitespace() || *letter == ',';
        let in_group = depth > 0;
        while in_group && code.next_if(skip).is_some() {}
        if code.next_if_eq(&'{').is_some() {
            while code.peek().is_some_and(|letter| *letter != '}') {
                let before = prefix.len();
                read_paths(code, prefix, found);
                prefix.truncate(before);
                while code.next_if(skip).is_some() {}
            }
            code.next();
            break;
        }
        let mut segment = String::new();
        while let Some(letter) = code.next_if(|letter| letter.is_alphanumeric() || ['_', '*'].contains(letter)) {
            segment.push(letter);
        }
        let is_path = code.peek() == Some(&':') && {
            code.next();
            code.next_if_eq(&':').is_some()
        };
        prefix.push(segment);
        if !is_path {
            found.push(prefix.clone());
            // The `as name` of an import is no path.
            while code.next_if(|letter| !['{', '}', ',', ';', '\n'].contains(letter)).is_some() {}
            break;
        }
    }
}

/// A path as the crate's root sees it, when `module` names it.
fn from_the_root(module: &[String], path: &[String]) -> Vec<String> {
    let supers = path.iter().take_while(|segment| *segment == "super").count();
    if supers == 0 {
        return path[1..].to_vec();
    }
    let parent = module.len().checked_sub(supers).expect("the crate has no parent");
    module[..parent].iter().chain(&path[supers..]).cloned().collect()
}

/// The crate's modules that a source names; `*` is all of them.
fn modules_named(path: &Path, text: &str) -> BTreeSet<String> {
    imports(path, text).into_iter().filter_map(|path| path.into_iter().next()).collect()
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
        let named = modules_named(&path, &text);
        for import in named.iter().filter(|import| *import == "*" || modules.contains(import.as_str())) {
            assert!(*import == module || may.contains(&import.as_str()), "{} imports `{import}`", path.display());
        }
    }
}

/// What the engine may know of transports: the trait and the words of its signatures, and no protocol.
const WORDS_OF_THE_TRAIT: [&str; 7] = ["Inquiry", "PhaseMark", "Transport", "Reply", "Asking", "Preview", "Responding"];

#[test]
fn the_engine_knows_no_protocol() {
    let of_gather = sources().into_iter().filter(|(module, _, _)| module == "gather");
    let named = of_gather.flat_map(|(_, path, text)| imports(&path, &text)).collect::<BTreeSet<_>>();
    let of_transport: Vec<_> = named.iter().filter(|path| path[0] == "transport").collect();
    assert!(!of_transport.is_empty(), "the engine asks through the trait");
    for path in of_transport {
        let is_word = path.get(1).is_some_and(|item| WORDS_OF_THE_TRAIT.contains(&item.as_str()));
        assert!(is_word, "`gather` imports `{}`", path.join("::"));
    }
}

#[test]
fn imports_are_seen_however_they_are_written() {
    let named =
        |path: &str, text: &str| imports(Path::new(path), text).iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(named("plan.rs", "use super::config::Settings;\n"), ["config::Settings"]);
    assert_eq!(named("plan.rs", "use super::*;\n"), ["*"]);
    assert_eq!(named("gather/mod.rs", "use super::{config, domain::{Offer, Quote as Q}};\n").len(), 3);
    assert_eq!(
        named("gather/ask.rs", "use super::flights;\nuse super::super::config;\n"),
        ["config", "gather::flights"]
    );
    assert_eq!(named("a/b/mod.rs", "use super::x;\n"), ["a::x"]);
    assert_eq!(named("plan.rs", "// crate::config\nfn f() -> crate::cli::Flags {\n"), ["cli::Flags"]);
    let grouped = "use crate::{\n    cli::{self, Flags},\n    domain,\n};\nuse crate::plan;\n";
    assert_eq!(named("x.rs", grouped), ["cli::Flags", "cli::self", "domain", "plan"]);
    let inline = "#[cfg(test)]\nmod tests {\n    use super::*;\n    use super::super::config;\n}\nuse super::domain;\n";
    assert_eq!(named("plan.rs", inline), ["config", "domain", "plan::*"]);
    assert_eq!(named("plan.rs", "let a = f(super::cli::x(1), crate::report::y);\n"), ["cli::x", "report::y"]);
}

#[test]
fn no_module_imports_itself_through_others() {
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, path, text) in sources() {
        let of_module = modules_named(&path, &text).into_iter().filter(|import| *import != module);
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
