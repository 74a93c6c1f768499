//! `pricecmp check --reply FILE`: a supplier's mapping on a saved reply. Nobody is asked.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::cli::{Check, Flags};
use crate::config::{self, Endpoint, Errand, Settings, Supplier};
use crate::domain::{Context, OfferReply, PriceRequest, Quantity, Study, TracedField, study, system_words};
use crate::mapping::{Bindings, Filter, outline};
use crate::plan::{self, Plan};
use crate::report::{self, Screen, Trial, TriedOffer};

use super::error::Failed;
use super::list_trial::Tried;
use super::replies::{self, Entry};
use super::{Surroundings, output, studies};

/// The flag that names the reply.
pub(super) const REPLY: &str = "--reply";
/// The largest reply; a real one is not read beyond it either.
pub(super) const MOST: u64 = 8 << 20;
/// How many offers are traced back to the reply.
pub(super) const TRACED: usize = 100;
/// How many parts of a reply are shown.
pub(super) const PARTS: usize = 60;

/// Exit codes: there is a quote; the reply is understood, but nothing can be delivered; it is not understood.
const QUOTED: u8 = 0;
pub(super) const NOTHING: u8 = 1;
pub(super) const NOT_UNDERSTOOD: u8 = 3;

/// Runs the mapping of the one supplier that is selected on the reply, and prints what it makes of it.
///
/// # Errors
/// When the configuration is wrong, several suppliers are selected, or the reply cannot be read.
pub(super) fn try_reply(file: &Path, check: &Check, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let (settings, plan) = prepare(file, REPLY, check, flags, surroundings)?;
    let supplier = &settings.suppliers[0];
    let (color, width) = (settings.presentation.color, surroundings.terminal.width);
    let name = file.to_string_lossy();
    let (rows, body);
    let trial = match &supplier.endpoint {
        Endpoint::File(list) => {
            rows = Tried::read(file, list, supplier, &plan)?;
            rows.trial(&name, supplier, &plan)
        }
        Endpoint::Http(_) | Endpoint::Amqp(_) | Endpoint::Kafka(_) => {
            refuse_sheet(file)?;
            body = read(file, REPLY, MOST)?;
            trial(supplier, &body, &name, &plan)
        }
    };
    let screen = Screen { width, color: color.on(surroundings.terminal.stdout) };
    output::to_stdout(&report::trial(&trial, screen))?;
    Ok(match &trial.outcome {
        Ok(offers) if offers.iter().any(|offer| offer.study.result.is_ok()) => QUOTED,
        Ok(_) => NOTHING,
        Err(_) => NOT_UNDERSTOOD,
    })
}

/// The settings with the one supplier whose reply it is, and what was asked. `flag` is the one that named the file.
pub(super) fn prepare(
    file: &Path,
    flag: &str,
    check: &Check,
    flags: &Flags,
    surroundings: &Surroundings,
) -> Result<(Settings, Plan), Failed> {
    let mut settings = config::load(flags, Errand::Trial, &surroundings.environment)?;
    let known = replies::entry_of(file);
    // A file that cannot be read is the greater trouble.
    let selected = select(&mut settings, flag, known.as_ref());
    selected.or_else(|several| read(file, flag, MOST).and(Err(several)))?;
    // What was asked is known of replies that pricecmp saved.
    let known = known.filter(|entry| entry.supplier == settings.suppliers[0].name.as_str());
    if let Some(entry) = known.as_ref().filter(|_| flags.qty.is_empty()) {
        settings.quantity = Quantity::new(entry.quantity).unwrap_or(settings.quantity);
    }
    let product = check.item.as_deref().or(known.as_ref().map(|entry| entry.product.as_str())).unwrap_or_default();
    let plan = plan::plan(&settings, product, Uuid::new_v4(), Timestamp::now());
    Ok((settings, plan))
}

/// Leaves the supplier whose reply it is: the one that is selected, else the one that is known to have sent it.
fn select(settings: &mut Settings, flag: &str, known: Option<&Entry>) -> Result<(), Failed> {
    let count = settings.suppliers.len();
    if let Some(entry) = known.filter(|_| count > 1) {
        settings.suppliers.retain(|supplier| supplier.name.as_str() == entry.supplier);
    }
    if settings.suppliers.len() == 1 {
        return Ok(());
    }
    Err(Failed::Usage {
        message: format!("`{flag}`: the reply is of one supplier, and {count} are selected"),
        hint: "say whose reply it is with `--supplier NAME`",
    })
}

/// Sheets are no replies: they are read where they lie.
fn refuse_sheet(file: &Path) -> Result<(), Failed> {
    let extension = file.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("csv" | "tsv" | "xlsx" | "ods") => Err(Failed::Usage {
            message: format!("`--reply`: `{}` is a price list, and no reply in JSON", file.display()),
            hint: "give the supplier `url = \"file:…\"`; `pricecmp add NAME LIST` proposes one",
        }),
        _ => Ok(()),
    }
}

/// Reads the reply, from standard input if it is called `-`.
pub(super) fn read(file: &Path, flag: &str, most: u64) -> Result<Vec<u8>, Failed> {
    let unreadable = |error: &io::Error| Failed::Usage {
        message: format!("`{flag}`: `{}` cannot be read: {}", file.display(), system_words(error)),
        hint: "name a file with the body of a reply, or `-` for standard input",
    };
    let mut body = Vec::new();
    let source: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).map_err(|error| unreadable(&error))?)
    };
    source.take(most + 1).read_to_end(&mut body).map_err(|error| unreadable(&error))?;
    if body.len() as u64 > most {
        return Err(Failed::Usage {
            message: format!("`{flag}`: `{}` is larger than {} MiB", file.display(), most >> 20),
            hint: "a supplier's reply is not read beyond that either",
        });
    }
    Ok(body)
}

fn trial<'a>(supplier: &'a Supplier, body: &'a [u8], reply: &str, plan: &'a Plan) -> Trial<'a> {
    let request = &*plan.request;
    let bindings = Bindings::new(Arc::clone(&plan.request), Arc::clone(&supplier.vars));
    let outcome = supplier.quotes.offers(body, &bindings, &supplier.name).map(|offers| {
        // A trace that fails has failed as the mapping would.
        let traced = supplier.quotes.trace(body, &bindings, TRACED).unwrap_or_default();
        let fields = traced.into_iter().chain(std::iter::repeat_with(Vec::new));
        offers.iter().zip(fields).map(|(offer, fields)| tried(offer, fields, plan)).collect()
    });
    Trial {
        supplier: &supplier.name,
        reply: reply.to_owned(),
        body,
        request,
        criteria: &plan.criteria,
        terms: &supplier.terms,
        filter: supplier.quotes.quotes.as_ref().map(Filter::source),
        outcome,
        parts: outline(body, PARTS).unwrap_or_default(),
        list: None,
    }
}

pub(super) fn tried(offer: &OfferReply, fields: Vec<TracedField>, plan: &Plan) -> TriedOffer {
    let study = study_of(offer, plan);
    let readings = studies::readings(&study);
    TriedOffer { fields, study, readings, row: None }
}

/// What comes of an offer. Without a product, it is for the one that it says it is for.
fn study_of(offer: &OfferReply, plan: &Plan) -> Study {
    let context = plan.context(0);
    match offer {
        OfferReply::Readable(read) if plan.request.product.is_empty() => {
            let product = read.product.clone().unwrap_or_default();
            let request = PriceRequest { product, ..(*plan.request).clone() };
            study(offer, &Context { request: &request, ..context })
        }
        _ => study(offer, &context),
    }
}
