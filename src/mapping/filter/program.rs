//! From a filter's text to a program that runs: bounded, with the functions of the allow-list, and no module system.

use std::fmt;
use std::thread;

use jaq_core::data::{DataT, HasLut};
use jaq_core::load::{Arena, File, Lexer, Loader, Parser, lex, parse, span};
use jaq_core::{Compiler, Lut, compile};

use super::functions;
use super::meter;
use super::nesting;
use super::prepare::{MAX_PARTS, Prepared, Refused, prepare};
use super::value::Value;
use super::{FilterProblem, definitions};

/// The most characters that a filter can have.
const MAX_CHARACTERS: usize = 16_000;
/// How deep brackets can be nested.
const MAX_BRACKETS: usize = 100;
/// Up to so many words and signs are compiled on the caller's stack.
const FEW_OPENERS: usize = 150;
/// The stack that the longest filter needs to be compiled, bytes. Memory is used only as far as it is touched.
const COMPILER_STACK: usize = 512 << 20;
/// The name under which the filter is compiled.
const MAIN: &str = "filter_of_the_configuration";
/// How alike an unknown name and a known one must be to be proposed, 0 to 1.
const ALIKE: f64 = 0.8;

/// What the interpreter works on.
pub(super) struct Language;

/// What every evaluated term passes: so it takes its step here.
#[derive(Clone)]
pub(super) struct Run<'a>(pub(super) &'a Lut<Language>);

impl DataT for Language {
    type V<'a> = Value;
    type Data<'a> = Run<'a>;
}

impl<'a> HasLut<'a, Language> for Run<'a> {
    fn lut(&self) -> &'a Lut<Language> {
        meter::charge(1);
        self.0
    }
}

/// A compiled filter.
pub(super) struct Program(pub(super) jaq_core::Filter<Language>);

impl fmt::Debug for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Program(…)")
    }
}

/// A problem at a place of the filter's text.
struct Problem {
    /// The byte offset.
    offset: usize,
    /// What is wrong there.
    message: String,
}

/// Compiles a filter that sees the variables (`$name`).
///
/// # Errors
/// When the text is no filter, or names what does not exist.
pub(super) fn compile(source: &str, variables: &[&str]) -> Result<Program, FilterProblem> {
    if let Some((offset, _)) = source.char_indices().nth(MAX_CHARACTERS) {
        return Err(problem(source, offset, format!("the filter has more than {MAX_CHARACTERS} characters")));
    }
    let nesting = nesting::scan(source, MAX_BRACKETS);
    if let Some(offset) = nesting.too_deep {
        return Err(problem(source, offset, format!("brackets are nested more than {MAX_BRACKETS} deep")));
    }
    let compile =
        || translate(source, variables, nesting.unclosed).map_err(|found| problem(source, found.offset, found.message));
    if nesting.openers <= FEW_OPENERS {
        return compile();
    }
    // The compiler recurses, as deep as the text is long.
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(COMPILER_STACK).spawn_scoped(scope, compile);
        let outcome = thread.map(thread::ScopedJoinHandle::join);
        match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => Err(problem(source, 0, format!("no memory to compile the filter: {error}"))),
        }
    })
}

fn problem(source: &str, offset: usize, message: String) -> FilterProblem {
    let before = source.get(..offset).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    FilterProblem {
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message,
    }
}

/// `unclosed` = where the bracket or text begins that is not closed.
fn translate(source: &str, variables: &[&str], unclosed: Option<usize>) -> Result<Program, Problem> {
    let at = |part: &str, message: String| Problem { offset: span(source, part).start, message };
    let tokens = Lexer::new(source).lex().map_err(|errors| match unclosed {
        Some(offset) => Problem { offset, message: format!("`{}` is never closed", &source[offset..=offset]) },
        None => first(errors, |error| at(error.1, unreadable(&error))),
    })?;
    let term = Parser::new(&tokens).parse(Parser::term).map_err(|errors| {
        first(errors, |(expected, found)| {
            let found = lex::Token::opt_as_str(found, source);
            at(found, format!("expected {}, found {}", expectation(&expected), quoted(found)))
        })
    })?;
    let Prepared { term, names: mut wanted } = prepare(term, MAIN).map_err(|refused| match refused {
        Refused::Reserved(name) => at(name, format!("there is no function `{name}`")),
        Refused::LongPath => at(source, format!("a path has more than {MAX_PARTS} parts")),
    })?;
    let mut prelude = Vec::new();
    for definition in definitions::needed(&mut wanted) {
        prelude.extend(jaq_core::load::parse(definition, |parser| parser.defs()).unwrap_or_default());
    }
    prelude.push(parse::Def { name: MAIN, args: Vec::new(), body: term });
    let arena = Arena::default();
    let Ok(modules) = Loader::new(prelude).load(&arena, File { code: MAIN, path: () }) else {
        return Err(Problem { offset: 0, message: "the filter cannot be read".to_owned() });
    };
    let compiler = Compiler::default().with_funs(functions::named(&wanted)).with_global_vars(variables.iter().copied());
    compiler.compile(modules).map(Program).map_err(|errors| {
        let errors = errors.into_iter().flat_map(|(_, errors)| errors).collect();
        first(errors, |(name, undefined)| at(name, missing(name, &undefined, variables)))
    })
}

/// The problem of the error that was found first.
fn first<E>(errors: Vec<E>, problem: impl FnOnce(E) -> Problem) -> Problem {
    match errors.into_iter().next() {
        Some(error) => problem(error),
        None => Problem { offset: 0, message: "the filter cannot be read".to_owned() },
    }
}

fn unreadable((expected, found): &lex::Error<&str>) -> String {
    match expected {
        lex::Expect::Escape => format!("expected an escape sequence, found {}", quoted(found)),
        lex::Expect::Unicode => format!("expected a code point of four hexadecimal digits, found {}", quoted(found)),
        other => format!("expected {} {}, found {}", article(other.as_str()), other.as_str(), quoted(found)),
    }
}

fn expectation(expected: &parse::Expect<&str>) -> String {
    match expected {
        parse::Expect::Just(text) => quoted(text),
        parse::Expect::Nothing => "the end or an operator".to_owned(),
        parse::Expect::ElseOrEnd => "`else` or `end`".to_owned(),
        parse::Expect::CommaOrRBrack => "`,` or `]`".to_owned(),
        parse::Expect::CommaOrRBrace => "`,` or `}`".to_owned(),
        parse::Expect::SemicolonOrRParen => "`;` or `)`".to_owned(),
        other => format!("{} {}", article(other.as_str()), other.as_str()),
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

/// The first characters of a part of the filter.
fn quoted(part: &str) -> String {
    let line = part.lines().next().unwrap_or_default();
    match line.char_indices().nth(20) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None if line.is_empty() => "the end".to_owned(),
        None => format!("`{line}`"),
    }
}

fn missing(name: &str, undefined: &compile::Undefined, variables: &[&str]) -> String {
    match undefined {
        compile::Undefined::Var if variables.is_empty() => format!("there is no variable `{name}`"),
        compile::Undefined::Var => {
            format!("there is no variable `{name}`; the variables are `{}`", variables.join("`, `"))
        }
        compile::Undefined::Filter(arguments) => no_function(name, *arguments),
        other => format!("there is no {} `{name}`", other.as_str()),
    }
}

fn no_function(name: &str, arguments: usize) -> String {
    let known = || functions::names().chain(definitions::names()).filter(|known| !known.starts_with('_'));
    if known().any(|known| known == name) {
        return format!("`{name}` does not take {arguments} arguments");
    }
    let nearest = known()
        .map(|known| (known, strsim::jaro_winkler(known, name)))
        .filter(|(_, likeness)| *likeness >= ALIKE)
        .max_by(|(_, one), (_, other)| one.total_cmp(other));
    match nearest {
        Some((nearest, _)) => format!("there is no function `{name}`; is `{nearest}` meant?"),
        None => format!("there is no function `{name}`"),
    }
}
