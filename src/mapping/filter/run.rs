//! Running a program: its outputs, or what ended it.

use std::thread;

use jaq_core::{Ctx, Exn, Vars};

use super::document::{place, place_of_key};
use super::meter::{self, Allowance, Stop};
use super::program::{Language, Program, Run};
use super::value::Value;
use super::{fault, json_text};
use crate::domain::{ErrorKind, Failure};

/// The stack of a filter's own thread, bytes. Memory is used only as far as it is touched.
pub(in crate::mapping) const STACK: usize = 64 << 20;
/// The most outputs of one filter.
pub(super) const MAX_OUTPUTS: usize = 10_000;
/// How many characters of an error's own text are kept.
const MAX_MESSAGE: usize = 300;

/// What ended a program before it was through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mapping) enum Trouble {
    /// It raised an error, or yielded too much.
    Raised(String),
    /// It took too many steps.
    TooLong,
    /// It recursed too deep.
    TooDeep,
    /// It read a key that stands twice, at that path.
    Repeated(String),
}

impl Trouble {
    /// Whether a larger allowance could help.
    pub(super) fn wants_more(&self) -> bool {
        matches!(self, Self::TooLong | Self::TooDeep)
    }

    /// The supplier's failure, in the filter of that key.
    pub(super) fn failure_in(self, key: &str) -> Failure {
        let failure = self.failure();
        let detail = failure.detail.as_deref().unwrap_or_default();
        Failure { detail: Some(format!("in `{key}`: {detail}")), ..failure }
    }

    /// The supplier's failure.
    pub(super) fn failure(self) -> Failure {
        let mapping = Failure::new(ErrorKind::Mapping);
        match self {
            Self::Raised(message) => mapping.with_detail(message),
            Self::TooLong => mapping.with_detail("the filter was stopped: it takes too many steps"),
            Self::TooDeep => mapping.with_detail("the filter was stopped: it recurses too deep"),
            Self::Repeated(path) => {
                Failure::new(ErrorKind::MalformedJson).with_detail(format!("key `{path}` stands twice"))
            }
        }
    }
}

/// Runs the program on a document, and hands all outputs to `finish`, which takes steps of the same allowance. What is
/// left of it then is for the next program.
///
/// # Errors
/// When the program raises an error, which ends it, or is stopped.
pub(super) fn run<T>(
    program: &Program,
    document: &Value,
    variables: Vec<Value>,
    allowance: &mut Allowance,
    finish: impl FnOnce(&[Value]) -> T,
) -> Result<T, Trouble> {
    let outcome = meter::within(allowance, || outputs(program, document, variables).map(|outputs| finish(&outputs)));
    let outcome = match outcome {
        Ok(Ok(finished)) => Ok(finished),
        Ok(Err(Ended::Raised(error))) => Err(Trouble::Raised(message(document, &error))),
        Ok(Err(Ended::TooMany)) => Err(Trouble::Raised(format!("the filter yields more than {MAX_OUTPUTS} values"))),
        Err(Stop::Steps) => Err(Trouble::TooLong),
        Err(Stop::Stack) => Err(Trouble::TooDeep),
        Err(Stop::Nesting) => Err(Trouble::Raised("the filter nests arrays or objects too deep".to_owned())),
        Err(Stop::Repeated { object, key }) => Err(Trouble::Repeated(place_of_key(document, object, &key))),
    };
    fault::forget();
    outcome
}

enum Ended {
    Raised(Value),
    TooMany,
}

fn outputs(program: &Program, document: &Value, variables: Vec<Value>) -> Result<Vec<Value>, Ended> {
    let context = Ctx::<Language>::new(Run(&program.0.lut), Vars::new(variables));
    let mut outputs = Vec::new();
    for output in program.0.id.run((context, document.clone())) {
        let output = output.map_err(|exception| Ended::Raised(raised(exception)))?;
        if outputs.len() == MAX_OUTPUTS {
            return Err(Ended::TooMany);
        }
        outputs.push(output);
    }
    Ok(outputs)
}

fn raised(exception: Exn<'_, Value>) -> Value {
    match exception.get_err() {
        Ok(error) => error.into_val(),
        // Only a `break` without its label could do this, and the compiler refuses that.
        Err(_) => Value::text("the filter breaks off"),
    }
}

/// The error's text, with the place of what it is about.
fn message(document: &Value, error: &Value) -> String {
    let text = match error {
        Value::Text(text) => match text.char_indices().nth(MAX_MESSAGE) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_string(),
        },
        other => json_text::preview(other, MAX_MESSAGE),
    };
    match fault::subject(error).iter().find_map(|value| place(document, value)) {
        Some(place) => format!("{text} at {place}"),
        None => text,
    }
}

/// Runs `work` on a thread with a stack for deep recursion, and waits for it.
///
/// # Errors
/// `local_resource` when there is no memory for the thread.
pub(super) fn on_own_thread<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("filter".to_owned()).stack_size(STACK).spawn_scoped(scope, work);
        match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => Err(Failure::new(ErrorKind::LocalResource).with_detail(error.to_string())),
        }
    })
}
