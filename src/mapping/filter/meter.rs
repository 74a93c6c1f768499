//! What a filter may use up, and how it is stopped.
//!
//! A step is one evaluated term, one element that is looked at, or so many bytes that are copied: the one measure
//! bounds time and memory alike. The interpreter offers no way to end an evaluation from outside, since its
//! own loops catch every error; so whoever takes the last step unwinds the stack, without a panic's message.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// How many bytes may be copied in one step.
const BYTES_PER_STEP: usize = 16;

/// What one evaluation may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// How many steps it may take.
    pub(super) steps: u64,
    /// How much deeper the stack may become, bytes.
    pub(super) stack: usize,
}

/// Why an evaluation was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It took too many steps.
    Steps,
    /// It recursed too deep.
    Stack,
    /// It nested arrays or objects too deep.
    Nesting,
    /// It read a key that stands twice.
    Repeated {
        /// Where the object is in memory, which tells the document's objects apart.
        object: usize,
        /// The key.
        key: String,
    },
}

thread_local! {
    static STEPS_LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
    static STACK_END: Cell<usize> = const { Cell::new(0) };
}

/// Runs `work` within the allowance, on this thread, and takes from it the steps that this took.
///
/// # Errors
/// When it was stopped.
pub(super) fn within<T>(allowance: &mut Allowance, work: impl FnOnce() -> T) -> Result<T, Stop> {
    let outer = (STEPS_LEFT.get(), STACK_END.get());
    STEPS_LEFT.set(allowance.steps);
    STACK_END.set(stack_position().saturating_sub(allowance.stack));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    allowance.steps = STEPS_LEFT.get();
    STEPS_LEFT.set(outer.0);
    STACK_END.set(outer.1);
    outcome.map_err(|payload| match payload.downcast::<Stop>() {
        Ok(stop) => *stop,
        Err(panic) => resume_unwind(panic),
    })
}

/// Takes so many steps at once. It also watches the stack, so everything that recurses takes steps.
pub(super) fn charge(steps: usize) {
    if stack_position() < STACK_END.get() {
        stop(Stop::Stack);
    }
    let left = STEPS_LEFT.get().checked_sub(u64::try_from(steps).unwrap_or(u64::MAX));
    match left {
        Some(left) => STEPS_LEFT.set(left),
        None => stop(Stop::Steps),
    }
}

/// Takes the steps for bytes that are copied or allocated.
pub(super) fn charge_bytes(bytes: usize) {
    charge(bytes / BYTES_PER_STEP);
}

/// Ends the evaluation.
pub(super) fn stop(reason: Stop) -> ! {
    resume_unwind(Box::new(reason))
}

/// Where the stack is now. It grows towards 0.
fn stack_position() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(&marker).addr()
}
