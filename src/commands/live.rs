//! `pricecmp check --live`: every supplier is asked once, and each answer is looked at.

use crate::cli::{Check, Flags};
use crate::config::mock::MockAnswer;
use crate::config::{self, Errand, Settings};
use crate::report::{self, Explanation};
use crate::transport::Recorder;

use super::compare::INTERRUPTED;
use super::error::Failed;
use super::session::{Asked, Session};
use super::{Surroundings, messages, output, publish, studies};

/// Exit codes: everybody answered something understood; somebody did not; the user had enough.
const UNDERSTOOD: u8 = 0;
const NOT_UNDERSTOOD: u8 = 3;

/// Asks every selected supplier once, and prints for each what came, what the mapping made of it, and what is missing.
///
/// # Errors
/// When the command line or the configuration is wrong, there is no product to ask for, or the result could not be
/// written.
pub(super) fn ask(check: &Check, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    // Everybody is to answer.
    let flags = Flags {
        strategy: None,
        quorum: None,
        agree_within: None,
        max_total: None,
        max_increase: None,
        ..flags.clone()
    };
    let settings = config::load(&flags, Errand::Live, &surroundings.environment)?;
    let product = product(check, &settings)?;
    let session = Session::prepare(settings, &product, Recorder::keeping())?.without_retries().with_offers_recorded();
    let asked = session.ask(surroundings.terminal)?;
    let Asked { settings, comparison, .. } = &asked;
    let explanations: Vec<Explanation<'_>> =
        (0..settings.suppliers.len()).map(|supplier| studies::explanation(&asked, supplier)).collect();
    let screen = publish::screen(&settings.presentation, surroundings.terminal);
    output::to_stdout(&report::live(&explanations, comparison, screen))?;
    messages::warn(&comparison.warnings, &settings.presentation, surroundings.terminal);
    let is_interrupted = comparison.exit_code() == INTERRUPTED;
    if is_interrupted {
        messages::comment(comparison, &settings.presentation, surroundings.terminal);
    }
    let all_understood = comparison.suppliers.iter().all(|stats| stats.failure.is_none());
    asked.close(surroundings.terminal)?;
    Ok(match all_understood {
        _ if is_interrupted => INTERRUPTED,
        true => UNDERSTOOD,
        false => NOT_UNDERSTOOD,
    })
}

/// The product that is asked for: the one that was named, else the first that a mock of the configuration names.
fn product(check: &Check, settings: &Settings) -> Result<String, Failed> {
    let named = |answer: &MockAnswer| match answer {
        MockAnswer::Offers(offers) => offers.iter().find_map(|offer| offer.product.clone()),
        MockAnswer::Body { .. } | MockAnswer::Saved(_) => None,
    };
    let mocks = || settings.suppliers.iter().filter_map(|supplier| supplier.mock.as_ref());
    check.item.clone().or_else(|| mocks().find_map(|mock| named(&mock.answer))).ok_or_else(|| Failed::Usage {
        message: "`--live` asks for a product, and none is named".to_owned(),
        hint: "add `--product NAME`",
    })
}
