//! What is done to a filter's syntax tree before it is compiled.
//!
//! Two things. The names of the functions that it calls are gathered, so that only those are compiled. And calls of a
//! definition within itself are kept from being tail calls: the compiler would turn those into a loop that
//! piles up closures on the heap, without bound, and destroying such a pile overflows the stack. As plain calls they are
//! bounded by the stack, which is watched.

use std::collections::HashSet;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::path::{Part, Path};

use super::functions;

/// The most parts of a path such as `.a[0].b`: the interpreter recurses for each of them without taking steps.
pub(super) const MAX_PARTS: usize = 100;

/// Why a syntax tree is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused<'s> {
    /// It calls or defines a function whose name is reserved.
    Reserved(&'s str),
    /// It has a path of more than [`MAX_PARTS`] parts.
    LongPath,
}

/// A syntax tree that can be compiled.
pub(super) struct Prepared<'s> {
    /// The tree.
    pub(super) term: Term<&'s str>,
    /// The names of all functions that are called.
    pub(super) names: HashSet<&'s str>,
}

/// Prepares the tree of a filter that will be compiled as the definition `main`.
///
/// # Errors
/// When the tree is refused.
pub(super) fn prepare<'s>(mut term: Term<&'s str>, main: &'s str) -> Result<Prepared<'s>, Refused<'s>> {
    let mut walk = Walk { names: HashSet::new(), enclosing: vec![main], refused: None };
    walk.term(&mut term);
    match walk.refused {
        Some(refused) => Err(refused),
        None => Ok(Prepared { term, names: walk.names }),
    }
}

struct Walk<'s> {
    names: HashSet<&'s str>,
    /// The definitions that the walk is inside of.
    enclosing: Vec<&'s str>,
    refused: Option<Refused<'s>>,
}

impl<'s> Walk<'s> {
    fn term(&mut self, term: &mut Term<&'s str>) {
        match term {
            Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_) => {}
            Term::Str(format, parts) => {
                self.names.extend(*format);
                for part in parts {
                    if let StrPart::Term(term) = part {
                        self.term(term);
                    }
                }
            }
            Term::Arr(term) => self.optional(term),
            Term::Neg(term) | Term::Label(_, term) => self.term(term),
            Term::Obj(entries) => {
                for (key, value) in entries {
                    self.term(key);
                    if let Some(value) = value {
                        self.term(value);
                    }
                }
            }
            Term::BinOp(left, operator, right) => {
                self.term(left);
                if let BinaryOp::Pipe(Some(pattern)) = operator {
                    self.pattern(pattern);
                }
                self.term(right);
            }
            Term::Fold(_, generator, pattern, arguments) => {
                self.term(generator);
                self.pattern(pattern);
                self.all(arguments);
            }
            Term::TryCatch(term, catch) => {
                self.term(term);
                self.optional(catch);
            }
            Term::IfThenElse(branches, otherwise) => {
                for (condition, branch) in branches {
                    self.term(condition);
                    self.term(branch);
                }
                self.optional(otherwise);
            }
            Term::Def(definitions, term) => {
                for definition in definitions {
                    self.definition(definition);
                }
                self.term(term);
            }
            Term::Path(term, path) => {
                self.term(term);
                self.path(path);
            }
            Term::Call(..) => self.call(term),
        }
    }

    fn call(&mut self, term: &mut Term<&'s str>) {
        let Term::Call(name, arguments) = term else { return };
        let name = *name;
        self.name(name);
        self.all(arguments);
        if self.enclosing.contains(&name) {
            let call = std::mem::take(term);
            *term = Term::BinOp(Box::new(call), BinaryOp::Pipe(None), Box::new(Term::Id));
        }
    }

    fn definition(&mut self, definition: &mut Def<&'s str, Term<&'s str>>) {
        self.name(definition.name);
        self.enclosing.push(definition.name);
        self.term(&mut definition.body);
        self.enclosing.pop();
    }

    fn name(&mut self, name: &'s str) {
        if functions::is_internal(name) {
            self.refused.get_or_insert(Refused::Reserved(name));
        }
        self.names.insert(name);
    }

    fn path(&mut self, path: &mut Path<Term<&'s str>>) {
        if path.0.len() > MAX_PARTS {
            self.refused.get_or_insert(Refused::LongPath);
        }
        for (part, _) in &mut path.0 {
            match part {
                Part::Index(index) => self.term(index),
                Part::Range(start, end) => {
                    for bound in [start, end].into_iter().flatten() {
                        self.term(bound);
                    }
                }
            }
        }
    }

    fn pattern(&mut self, pattern: &mut Pattern<&'s str>) {
        match pattern {
            Pattern::Var(_) => {}
            Pattern::Arr(patterns) => {
                for pattern in patterns {
                    self.pattern(pattern);
                }
            }
            Pattern::Obj(entries) => {
                for (key, pattern) in entries {
                    self.term(key);
                    self.pattern(pattern);
                }
            }
        }
    }

    fn optional(&mut self, term: &mut Option<Box<Term<&'s str>>>) {
        if let Some(term) = term {
            self.term(term);
        }
    }

    fn all(&mut self, terms: &mut [Term<&'s str>]) {
        for term in terms {
            self.term(term);
        }
    }
}
