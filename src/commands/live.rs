//! `pricecmp check --live`: every supplier is asked once, and each answer is looked at.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::cli::{Check, Flags};
use crate::config::mock::MockAnswer;
use crate::config::{self, Errand, Settings};
use crate::plan;
use crate::report::{self, Explanation};
use crate::transport::{Inquiry, Recorder};

use super::endpoints::{self, Mocks};
use super::error::Failed;
use super::memory::Memory;
use super::rates::Outlook;
use super::state::State;
use super::{Surroundings, compare, output, publish, replies, studies};

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
    let flags = Flags { strategy: None, quorum: None, agree_within: None, max_total: None, ..flags.clone() };
    let settings = config::load(&flags, Errand::Live, &surroundings.environment)?;
    let product = product(check, &settings)?;
    let mocks = Mocks::start_if_wanted(&settings)?;
    let recorder = Recorder::keeping();
    let transports =
        endpoints::transports(&settings, mocks.as_ref(), &recorder, &Arc::new(Memory::new(State::at(None))))?;
    let mut plan = plan::plan(&settings, &product, Uuid::new_v4(), Timestamp::now());
    plan.suppliers.iter_mut().for_each(|supplier| supplier.retries = 0);
    let mut state = State::at(compare::state_file(&settings));
    let outlook = Outlook::of(&settings, &mut state, plan.started_at)?;
    let transports = studies::watched(&plan, transports, &recorder);
    let (rates, gathered, _) = compare::ask(&plan, outlook, &transports, &settings, surroundings.terminal)?;
    let warnings = settings.warnings.iter().chain(&rates.warning).cloned().chain(state.take_warnings());
    let comparison = compare::judge(&plan, gathered, &settings, warnings.collect());
    let plan = plan.with_rates(rates.rates.clone(), rates.took);
    let recording = recorder.take();
    let inquiry = Inquiry { request: Arc::clone(&plan.request), correlation_id: Arc::clone(&plan.correlation_id) };
    let suppliers = settings.suppliers.iter().zip(&transports).enumerate();
    let explanations: Vec<Explanation<'_>> = suppliers
        .map(|(position, (supplier, transport))| {
            studies::explanation(supplier, position, &plan, &recording, transport.preview(&inquiry), &comparison)
        })
        .collect();
    let screen = publish::screen(&settings.presentation, surroundings.terminal);
    output::to_stdout(&report::live(&explanations, &comparison, screen))?;
    compare::warn(&comparison.warnings, &settings.presentation, surroundings.terminal);
    rates.keep(&mut state);
    replies::save(&recording.exchanges, &settings.presentation)?;
    if comparison.exit_code() == compare::INTERRUPTED {
        compare::comment(&comparison, &settings.presentation, surroundings.terminal);
    }
    let all_understood = comparison.suppliers.iter().all(|stats| stats.failure.is_none());
    Ok(match comparison.exit_code() {
        compare::INTERRUPTED => compare::INTERRUPTED,
        _ if all_understood => UNDERSTOOD,
        _ => NOT_UNDERSTOOD,
    })
}

/// The product that is asked for: the one that was named, else the first that a mock of the configuration names.
fn product(check: &Check, settings: &Settings) -> Result<String, Failed> {
    let named = |answer: &MockAnswer| match answer {
        MockAnswer::Offers(offers) => offers.iter().find_map(|offer| offer.product.clone()),
        MockAnswer::Body { .. } => None,
    };
    let mocks = || settings.suppliers.iter().filter_map(|supplier| supplier.mock.as_ref());
    check.item.clone().or_else(|| mocks().find_map(|mock| named(&mock.answer))).ok_or_else(|| Failed::Usage {
        message: "`--live` asks for a product, and none is named".to_owned(),
        hint: "add `--product NAME`",
    })
}
