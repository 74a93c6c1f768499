//! `--replay FOLDER`: a run that was saved, compared once more without asking anybody.
//!
//! Owns how the folder is read and held against what is asked for. Refuses to know how replies become offers: they go the
//! way of replies that have just come. Main type: [`Replay`].

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::config::{Settings, Supplier};
use crate::domain::{Currency, PriceRequest, Quantity, Rates, SupplierName, Termination, Warning, system_words};
use crate::gather::{Earlier, EarlierSupplier};
use crate::report::sanitize;
use crate::transport::{SavedList, SavedReplies, SavedReply};

use super::error::Failed;
use super::moves::Previous;
use super::replies::{Entry, INDEX, Index, SavedSupplier};

/// No body was larger when it was saved.
const LARGEST: u64 = 8 << 20;
/// No index is read beyond this, in bytes.
const LARGEST_INDEX: u64 = 256 << 20;
/// What is said of pipes and the like.
const NO_FILE: &str = "it is no regular file";
/// So many suppliers, or products, are named to a user who asks for others.
const NAMED: usize = 10;

/// An earlier run, for the suppliers of this one.
pub(super) struct Replay {
    folder: PathBuf,
    /// Its id.
    pub(super) id: Uuid,
    /// When it started.
    pub(super) started_at: Timestamp,
    /// Whether its prices were made up.
    pub(super) rehearsal: bool,
    /// Its rates.
    pub(super) rates: Option<Arc<Rates>>,
    /// What deserved attention about them.
    pub(super) warning: Option<Warning>,
    /// What its prices were compared with.
    pub(super) previous: Previous,
    /// What came of it.
    pub(super) earlier: Earlier,
    /// What each supplier replied, in the settings' order.
    pub(super) replies: Vec<Arc<SavedReplies>>,
    missing: Arc<OnceLock<String>>,
}

impl Replay {
    /// Reads what was saved, if it is to be compared.
    ///
    /// # Errors
    /// When the folder is none of a run, or the run was about something or somebody else.
    pub(super) fn if_wanted(settings: &Settings, request: &PriceRequest) -> Result<Option<Self>, Failed> {
        let Some(folder) = &settings.replay else { return Ok(None) };
        let index = read_index(folder)?;
        let Some(run) = &index.run else {
            return Err(unusable(folder, &format!("its `{INDEX}` tells of no run")));
        };
        check_question(folder, (&run.product, run.quantity), request)?;
        let suppliers = settings.suppliers.iter().map(|supplier| find(folder, &index, supplier));
        let known: Vec<&SavedSupplier> = suppliers.collect::<Result<_, Failed>>()?;
        let id = Uuid::parse_str(&run.correlation_id);
        let id = id.map_err(|_| unusable(folder, "`correlation-id` is no UUID"))?;
        let rates = index.rates.as_ref().map(super::replies::SavedRates::rates).transpose();
        let (rates, warning) =
            rates.map_err(|problem| unusable(folder, &format!("`rates`: {problem}")))?.unwrap_or_default();
        let missing = Arc::new(OnceLock::new());
        let replies = known.iter().map(|supplier| replies_of(folder, &index, supplier, &missing).map(Arc::new));
        Ok(Some(Self {
            folder: folder.clone(),
            id,
            started_at: run.started_at.0,
            rehearsal: run.rehearsal,
            rates: rates.map(Arc::new),
            warning,
            replies: replies.collect::<Result<_, Failed>>()?,
            previous: previous(&known, request.currency),
            earlier: earlier(&known, run.termination(), Duration::from_nanos(run.elapsed_ns)),
            missing,
        }))
    }

    /// Says that a request was made of which nothing was saved, if one was: then there is no result.
    ///
    /// # Errors
    /// When there was one.
    pub(super) fn check_complete(&self) -> Result<(), Failed> {
        let Some(request) = self.missing.get() else { return Ok(()) };
        let message = format!("`{}` has no reply to `{}`", self.folder.display(), sanitize::clean(request));
        let hint = "the configuration asks for other things now: save the replies again with `--save-replies`";
        Err(Failed::Usage { message, hint })
    }
}

/// Whoever asks nobody, or asks for something else than a comparison, has nothing to replay.
pub(super) fn not_here() -> Failed {
    let message = "`--replay` is for comparisons and for `explain`".to_owned();
    Failed::Usage { message, hint: "`pricecmp mock --from FOLDER` serves saved replies" }
}

/// Reads the index of a folder.
///
/// # Errors
/// When it is not there, or not one.
pub(super) fn read_index(folder: &Path) -> Result<Index, Failed> {
    let text = read(&folder.join(INDEX), LARGEST_INDEX)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()))
        .map_err(|why| unusable(folder, &format!("cannot read `{INDEX}`: {why}")))?;
    toml::from_str(&text).map_err(|error| unusable(folder, &format!("`{INDEX}`: {}", error.message())))
}

/// A file of the folder, which an index names. It may come from anywhere, so it names files beside it only.
///
/// # Errors
/// When it is not there.
pub(super) fn read_body(folder: &Path, entry: &Entry) -> Result<Vec<u8>, Failed> {
    let Some(file) = &entry.file else { return Ok(Vec::new()) };
    let path = beside(folder, file)?;
    read(&path, LARGEST).map_err(|why| unusable(folder, &format!("cannot read `{}`: {why}", sanitize::clean(file))))
}

fn beside(folder: &Path, file: &str) -> Result<PathBuf, Failed> {
    if Path::new(file).file_name().is_none_or(|name| name != file) {
        return Err(unusable(folder, &format!("`{}` is not a file beside `{INDEX}`", sanitize::clean(file))));
    }
    Ok(folder.join(file))
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    // A pipe is not even opened, since that waits for who writes into it.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(NO_FILE.to_owned());
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|error| system_words(&error))?;
    if bytes.len() as u64 > most { Err("it is too large".to_owned()) } else { Ok(bytes) }
}

/// Checks that a file of the folder is there to be read, which happens later.
fn check_readable(folder: &Path, file: &Path) -> Result<(), Failed> {
    let found = fs::metadata(file).map_err(|error| system_words(&error));
    let found = found.and_then(|found| if found.is_file() { Ok(()) } else { Err(NO_FILE.to_owned()) });
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    found.map_err(|why| unusable(folder, &format!("cannot read `{}`: {why}", sanitize::clean(&name))))
}

fn unusable(folder: &Path, why: &str) -> Failed {
    let message = format!("`{}` holds no replies to use: {why}", folder.display());
    Failed::Usage { message, hint: "name a folder that `--save-replies` has filled" }
}

/// The run must have asked the same.
fn check_question(folder: &Path, (product, quantity): (&str, u64), request: &PriceRequest) -> Result<(), Failed> {
    if product == request.product && Quantity::new(quantity) == Some(request.quantity) {
        return Ok(());
    }
    let message = format!(
        "`{}` has replies about {quantity} × `{}`, not about {} × `{}`",
        folder.display(),
        sanitize::clean(product),
        request.quantity,
        request.product
    );
    Err(Failed::Usage { message, hint: "ask for the same product and `--qty`, or save replies about this one" })
}

/// The supplier in the index.
fn find<'a>(folder: &Path, index: &'a Index, supplier: &Supplier) -> Result<&'a SavedSupplier, Failed> {
    let known = index.supplier.iter().find(|known| known.name == supplier.name.as_str());
    known.ok_or_else(|| {
        let names: Vec<String> =
            index.supplier.iter().take(NAMED).map(|known| format!("`{}`", sanitize::clean(&known.name))).collect();
        let more = index.supplier.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let names = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
        let folder = folder.display();
        let message = format!("`{folder}` has nothing of supplier `{}`, only of {names}{more}", supplier.name);
        Failed::Usage { message, hint: "leave it out with `--exclude`, or save its replies with `--save-replies`" }
    })
}

fn replies_of(
    folder: &Path,
    index: &Index,
    supplier: &SavedSupplier,
    missing: &Arc<OnceLock<String>>,
) -> Result<SavedReplies, Failed> {
    let entries = index.reply.iter().filter(|entry| entry.supplier == supplier.name);
    let reply = |(entry, status): (&Entry, u16)| {
        Ok(SavedReply {
            request: entry.request.clone(),
            request_body: entry.request_body.clone(),
            status,
            content_type: entry.content_type.clone(),
            retry_after: entry.retry_after.clone(),
            location: entry.location.clone(),
            body: read_body(folder, entry)?,
        })
    };
    let replies = entries.filter_map(|entry| Some((entry, entry.reply_status()?))).map(reply);
    // As for replies, an earlier one was an attempt that failed.
    let list = index.reply.iter().rev().filter(|entry| entry.supplier == supplier.name).find_map(|entry| {
        let rows = entry.list.as_ref()?;
        let file = entry.file.as_deref().map(|file| beside(folder, file)).transpose();
        Some(file.map(|file| SavedList {
            file,
            rows: rows.rows(),
            changed_at: supplier.list_changed_at.map(|at| at.0),
        }))
    });
    let list = list.transpose()?;
    if let Some(file) = list.as_ref().and_then(|list| list.file.as_deref()) {
        check_readable(folder, file)?;
    }
    let failure = supplier.failure.as_ref().map(super::replies::SavedFailure::failure);
    Ok(SavedReplies { replies: replies.collect::<Result<_, Failed>>()?, failure, list, missing: Arc::clone(missing) })
}

/// The run as far as it was about these suppliers.
fn previous(known: &[&SavedSupplier], currency: Currency) -> Previous {
    let price =
        |known: &&SavedSupplier| Some((SupplierName::new(&known.name), known.previous.as_ref()?.price(currency)?));
    known.iter().filter_map(price).collect()
}

fn earlier(known: &[&SavedSupplier], termination: Termination, elapsed: Duration) -> Earlier {
    let mut done: Vec<usize> = (0..known.len()).filter(|supplier| known[*supplier].done.is_some()).collect();
    done.sort_by_key(|supplier| known[*supplier].done);
    let supplier = |known: &&SavedSupplier| EarlierSupplier {
        latency: known.latency_ns.map(Duration::from_nanos),
        attempts: known.attempts,
        file_modified_at: known.list_changed_at.map(|at| at.0),
        failure: known.failure.as_ref().map(super::replies::SavedFailure::failure),
    };
    Earlier { suppliers: known.iter().map(supplier).collect(), done, termination, elapsed }
}
