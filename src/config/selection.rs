//! Which suppliers are asked, and what is said when a flag names one that is not there.

use std::collections::HashSet;

use super::document::Findings;
use super::error::{Problem, nearest, quoted};
use super::file::SupplierTable;
use super::resolve::defaults;
use crate::cli::Flags;
use crate::domain::SupplierName;

/// How many names are listed when none is near the one that was given.
const LISTED: usize = 10;

/// The choice that the flags make.
pub(super) struct Selection<'a> {
    only: HashSet<&'a str>,
    except: HashSet<&'a str>,
}

impl<'a> Selection<'a> {
    /// Reads `--supplier` and `--exclude`; names that no supplier has are noted.
    pub(super) fn of(flags: &'a Flags, suppliers: &[SupplierTable], findings: &mut Findings) -> Self {
        let names: HashSet<&str> = suppliers.iter().map(|supplier| supplier.name.as_str()).collect();
        for (flag, given) in
            [("--supplier", &flags.supplier), ("--exclude", &flags.exclude), ("--require", &flags.require)]
        {
            for name in given.iter().map(|name| name.trim()).filter(|name| !names.contains(name)) {
                findings.anywhere(unknown(flag, name, suppliers));
            }
        }
        let set = |given: &'a [String]| given.iter().map(|name| name.trim()).collect();
        Self { only: set(&flags.supplier), except: set(&flags.exclude) }
    }

    /// Whether a supplier is asked. A disabled one is, when `--supplier` names it.
    pub(super) fn includes(&self, supplier: &SupplierTable) -> bool {
        let name = supplier.name.as_str();
        let enabled = supplier.enabled.as_ref().map_or(defaults::ENABLED, |at| at.value);
        let chosen = if self.only.is_empty() { enabled } else { self.only.contains(name) };
        chosen && !self.except.contains(name)
    }
}

fn unknown(flag: &str, name: &str, suppliers: &[SupplierTable]) -> Problem {
    let problem = Problem::new(format!("`{flag}`: no supplier is named {}", quoted(name)));
    let names = || suppliers.iter().map(|supplier| supplier.name.as_str());
    if let Some(meant) = nearest(name, names()) {
        return problem.with_hint(format!("did you mean `{meant}`?"));
    }
    let listed = names().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = if suppliers.len() > LISTED { ", …" } else { "" };
    let introduction = if suppliers.len() == 1 { "the only supplier is" } else { "the suppliers are" };
    problem.with_hint(format!("{introduction} {listed}{more}"))
}

/// The suppliers that must respond, in the order in which they are asked; those that are not asked are noted.
pub(super) fn required<'a>(
    flags: &Flags,
    asked: impl Iterator<Item = &'a SupplierName>,
    findings: &mut Findings,
) -> Vec<SupplierName> {
    let mut wanted: HashSet<&str> = flags.require.iter().map(|name| name.trim()).collect();
    let required = asked.filter(|name| wanted.remove(name.as_str())).cloned().collect();
    for name in flags.require.iter().map(|name| name.trim()).filter(|name| wanted.contains(name)) {
        let problem = Problem::new(format!("`--require`: supplier {} is not asked", quoted(name)));
        let hint = "`--supplier`, `--exclude`, `enabled = false` or, with `--mock`, the lack of a mock leaves it out";
        findings.anywhere(problem.with_hint(hint));
    }
    required
}
