//! The command line as typed: subcommands, flags and their help.
//!
//! Owns names, spellings and help texts. Refuses to know defaults, ranges, files and the environment: a flag
//! that was not given stays `None`, and numbers stay text until the configuration resolves them. Main type:
//! [`Arguments`].

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, Resettable};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

/// What closes `--help`.
const AFTER_LONG_HELP: &str = "\
Examples:
  pricecmp widget --qty 95                  compare all suppliers of suppliers.toml
  pricecmp --mock widget --qty 10           try it without any supplier
  pricecmp widget --qty 10,100,1000         who is cheapest at which quantity
  pricecmp widget --json | jq .cheapest     the cheapest quote, for a script
  pricecmp widget --strategy first          the first supplier that can deliver
  pricecmp widget --max-total 40            exit 4 when the best total is above 40
  pricecmp widget --max-increase 5%         exit 4 when it rose by more than 5 %
  pricecmp widget --dry-run                 show the requests, send nothing
  pricecmp explain acme widget              one supplier's answer, step by step
  pricecmp add acme https://...             add a supplier by one reply of its API
  pricecmp -- mock                          a product that is named like a command

Configuration, the first of: --config, $PRICECMP_CONFIG, ./suppliers.toml,
$XDG_CONFIG_HOME/pricecmp/suppliers.toml (~/.config/pricecmp/suppliers.toml).

Exit codes:
  0    a result
  1    no supplier can deliver
  2    usage or configuration
  3    too few responses, a required one missing, no quorum, or nobody
       was asked since everybody failed too often lately
  4    a gate such as --max-total failed; the result is printed first
  5    the output could not be written, or --jq fails on it
  130  interrupted; what was gathered is printed";

/// What the user typed.
#[derive(Debug, Parser)]
#[command(
    name = "pricecmp",
    version,
    about = "Ask every supplier at once what a product costs",
    long_about = "Asks every supplier at once what a product costs at a quantity, waits no longer than it was told \
                  to, and says which offer is cheapest, which arrives first, what every supplier did, and why each \
                  rejected offer was rejected.",
    override_usage = "pricecmp [OPTIONS] <PRODUCT>\n       pricecmp [OPTIONS] <COMMAND>",
    after_long_help = AFTER_LONG_HELP,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Arguments {
    /// The product's name or number, as the suppliers know it
    #[arg(value_name = "PRODUCT", hide_short_help = true)]
    pub product: Option<String>,

    /// The flags that may stand before or after a subcommand.
    #[command(flatten)]
    pub flags: Flags,

    /// What to do instead of comparing.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do instead of comparing.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Find the best order for a file of products
    ///
    /// Asks every supplier about every line within one deadline, and says what to buy where for the lowest total,
    /// shipping included.
    #[command(after_long_help = BASKET_EXAMPLES)]
    Basket(Basket),
    /// Serve the mock suppliers over HTTP until interrupted
    Mock {
        /// Where to listen; port 0 picks a free one [default: 127.0.0.1:7171]
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
        /// Serve the replies that --save-replies saved in this folder; needs no configuration
        #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
        from: Option<PathBuf>,
    },
    /// Answer a supplier's quote requests on a broker
    ///
    /// Takes the requests from the queue of a supplier on RabbitMQ, or from its topic on Kafka, and answers each from the
    /// supplier's mock, or with what another supplier answers (--upstream). Several workers share the requests. What a
    /// worker holds when it is killed goes to another one; when it is interrupted or terminated, it finishes that first.
    #[command(after_long_help = WORKER_EXAMPLES)]
    Worker(Worker),
    /// Validate the configuration, and try suppliers or their mappings
    ///
    /// Without flags of its own it asks nobody: it reads the whole configuration, compiles every filter and
    /// template, and says what would be asked.
    #[command(after_long_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Show the answer of one supplier step by step
    ///
    /// Asks one supplier and shows the request, the raw reply, the offers that the mapping makes of it, every order
    /// that was considered, the conversion, and the quote or the rejection. With --json, all of it in one document.
    #[command(after_long_help = EXPLAIN_EXAMPLES)]
    Explain {
        /// Whom to ask
        #[arg(value_name = "SUPPLIER")]
        explained: String,
        /// The product's name or number, as the supplier knows it
        #[arg(value_name = "PRODUCT")]
        item: String,
    },
    /// Write a starter configuration
    Init {
        /// Where to write it [default: --config, else suppliers.toml]
        #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
        file: Option<PathBuf>,
    },
    /// Add a supplier by one reply of its API
    Add(Addition),
    /// Show every supplier's health: circuit, success, latency
    ///
    /// Lists what earlier runs have learned: whether the circuit is open, how often it answered, how long it took, and
    /// how it failed last. --json prints it for scripts.
    Suppliers {
        /// What to do instead of listing.
        #[command(subcommand)]
        action: Option<SuppliersAction>,
    },
    /// Show what a product cost in earlier runs
    ///
    /// Lists the cheapest quote of each reply with what changed, and draws a chart of each supplier's totals. Without
    /// --qty, every quantity is shown that was asked for.
    History {
        /// The product's name or number, as it was asked for
        #[arg(value_name = "PRODUCT")]
        past: String,
        /// Short for --format csv
        #[arg(long, conflicts_with_all = ["json", "format", "jq"])]
        csv: bool,
    },
    /// Remove reply topics that runs have left on Kafka
    ///
    /// A run makes a topic for its replies and removes it, unless it is killed or a responder may still be at work. Later
    /// runs remove what is stale. This does so now, on the brokers of all suppliers on Kafka; with --dry-run it only lists.
    KafkaCleanup {
        /// Only of runs that ended so long ago, such as `1h` [default: 10m]
        #[arg(long, value_name = "AGE")]
        older_than: Option<String>,
        /// List them, and remove nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Print a JSON Schema, of the output or of suppliers.toml
    Schema {
        /// Which schema [default: output]
        #[arg(value_enum)]
        subject: Option<SchemaSubject>,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page, in roff
    Man,
}

/// A file of products and quantities, and what its order may look like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Basket {
    /// The file: CSV, JSON, NDJSON, XLSX or ODS; - for stdin
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub lines: PathBuf,

    /// Which columns to read: product=NAME,quantity=NAME
    ///
    /// Names such as `Part No.` and `Qty` are known without. Numbers count the columns from 1.
    #[arg(long, value_name = "WHAT=COLUMN", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// How the file's text is encoded [default: utf-8]
    #[arg(long, value_name = "LABEL")]
    pub encoding: Option<String>,

    /// What the file is [default: by name or content]
    #[arg(long, value_enum, value_name = "NAME")]
    pub input_format: Option<InputFormat>,

    /// Leave out lines that are wrong, and list them
    #[arg(long)]
    pub skip_bad: bool,

    /// Exit 0 although a line has no supplier
    #[arg(long)]
    pub partial: bool,

    /// Order from at most so many suppliers
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub max_suppliers: Option<String>,

    /// Let a line be bought from several suppliers
    #[arg(long)]
    pub split: bool,

    /// Take each line's cheapest quote
    ///
    /// With --format ndjson each line's comparison is printed as soon as it is complete, and nothing is kept of it: the
    /// file may be as long as it likes.
    #[arg(long, conflicts_with_all = ["max_suppliers", "split", "optimize_time"])]
    pub no_optimize: bool,

    /// How long the best order is looked for [default: 10s]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub optimize_time: Option<String>,

    /// Write each order as a CSV file in this folder
    ///
    /// One file an order, named after its supplier: product, sku, quantity, unit price and goods, in the supplier's
    /// currency. Files of the same names are replaced; CSV files of other names are told of.
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    pub orders: Option<PathBuf>,
}

/// The formats of a file of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "each is its name")]
pub enum InputFormat {
    Csv,
    Json,
    Ndjson,
    Xlsx,
    Ods,
}

/// What closes the help of `basket`.
const BASKET_EXAMPLES: &str = "\
Examples:
  pricecmp basket order.csv                           the best order
  pricecmp basket bom.xlsx --columns product=MPN      a column with a name of its own
  pricecmp basket order.csv --max-suppliers 2         from two suppliers at most
  pricecmp basket order.csv --json | jq .orders       for a script
  pricecmp basket order.csv --html report.html --orders orders
                                                      a page, and a file for each supplier
  pricecmp basket - --no-optimize --format ndjson     each line's comparison, as it comes";

/// How a worker answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct Worker {
    /// Answer with what this supplier answers, in the place of a mock
    ///
    /// A supplier of the configuration, over HTTP or in a file. Each request is asked of it, and its offers are sent
    /// back.
    #[arg(long, value_name = "NAME")]
    pub upstream: Option<String>,

    /// Work on so many requests at a time [default: 16]
    ///
    /// No more are taken from the broker, so that other workers get theirs.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub concurrency: Option<String>,

    /// Make the queue if it is not there, durable (RabbitMQ)
    #[arg(long)]
    pub declare: bool,

    /// Share the topic with the workers of this consumer group [default: pricecmp-worker-SUPPLIER] (Kafka)
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub group: Option<String>,
}

/// What closes the help of `worker`.
const WORKER_EXAMPLES: &str = "\
Examples:
  pricecmp worker --supplier initech                        from its mock
  pricecmp worker --supplier initech --upstream acme        from what acme answers over HTTP
  pricecmp worker --supplier initech --concurrency 100 -q";

/// What `check` is to do beyond reading the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[group(skip)]
#[command(group = clap::ArgGroup::new("trial").args(["live", "reply", "lookup_reply"]))]
pub struct Check {
    /// Ask every supplier once, and say what came and what is missing
    #[arg(long)]
    pub live: bool,

    /// Try a supplier's mapping on a saved reply, `-` for stdin; sends nothing
    ///
    /// Needs no `${VAR}` and no network. Where the configuration has several suppliers, --supplier says whose
    /// reply it is. For a supplier that is a price list, it is such a list.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub reply: Option<PathBuf>,

    /// Try a supplier's lookup on a saved reply, - for stdin: which ids it finds; sends nothing
    ///
    /// It is to the first of two steps what --reply is to the second.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub lookup_reply: Option<PathBuf>,

    /// The product to ask for, or that the reply is about
    ///
    /// Without it, --live asks for the first product that a mock of the configuration names, and --reply takes
    /// every product of the reply.
    #[arg(long = "product", value_name = "PRODUCT", requires = "trial")]
    pub item: Option<String>,
}

/// What closes the help of `check`.
const CHECK_EXAMPLES: &str = "\
Examples:
  pricecmp check                                      is the file right?
  pricecmp check --supplier acme --reply reply.json   try its mapping on a saved reply
  pricecmp check --lookup-reply found.json            try which ids its lookup finds
  pricecmp check --live --product widget              ask every supplier once
  pricecmp check --live --save-replies replies        and keep what they reply";

/// What closes the help of `explain`.
const EXPLAIN_EXAMPLES: &str = "\
Examples:
  pricecmp explain acme widget --qty 95
  pricecmp explain acme widget --qty 95 --mock        its mock, no network
  pricecmp explain acme widget --json --jq '.offers[].orders'";

/// A supplier to add, and a reply to look at.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Addition {
    /// The supplier's name in the configuration
    pub name: String,

    /// A URL to ask once, a price list, a file with a saved reply, or - for stdin
    #[arg(value_name = "URL|FILE", value_hint = clap::ValueHint::AnyPath)]
    pub source: String,

    /// The product that the reply is about
    ///
    /// Where it stands in the URL, each product's own name is put in its place, and other products of the reply are
    /// left out.
    #[arg(long, value_name = "PRODUCT")]
    pub product: Option<String>,

    /// A header to send, such as 'Authorization: Bearer ...': repeat
    ///
    /// Values that may be secret are sent, and never written: the configuration names a variable in their place.
    #[arg(short = 'H', long, value_name = "NAME: VALUE")]
    pub header: Vec<String>,

    /// Where the supplier is asked, when the reply comes from a file
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url)]
    pub url: Option<String>,

    /// The body of the request that the reply answers, JSON in a file, for an API that is asked by POST
    ///
    /// The texts that are --product, and the numbers that are --qty, become the product and the quantity of each request.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub request: Option<String>,

    /// The currency of the prices, when the reply names none
    #[arg(long, value_name = "CODE")]
    pub prices_in: Option<String>,

    /// Replace a supplier of this name
    #[arg(long)]
    pub replace: bool,
}

/// What to do with what is known of suppliers.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum SuppliersAction {
    /// Close circuits and forget what is known of suppliers
    Reset {
        /// Whose
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
    },
}

/// What a schema is printed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaSubject {
    /// The JSON that a comparison prints
    Output,
    /// The JSON that `basket` prints
    Basket,
    /// One line of what `basket` prints as NDJSON
    BasketLine,
    /// The JSON that `explain` prints
    Explain,
    /// The JSON that `pricecmp suppliers` prints
    Health,
    /// The JSON that `pricecmp history` prints
    History,
    /// The JSON that `pricecmp kafka-cleanup` prints
    KafkaCleanup,
    /// The JSON that a comparison of several quantities prints
    Sweep,
    /// The configuration, suppliers.toml
    Suppliers,
}

/// The flags that may stand before or after a subcommand. Those without a heading are the everyday ones, which
/// `-h` shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Flags {
    /// How many; 10,100,1000 compares several [default: 1]
    ///
    /// Several, repeated or with commas between them, are asked for at once within one deadline: 20 at most, one column
    /// each, and where the cheapest supplier changes.
    #[arg(
        short = 'n',
        long,
        alias = "quantity",
        value_name = "N",
        global = true,
        allow_negative_numbers = true,
        value_delimiter = ','
    )]
    pub qty: Vec<String>,

    /// Wait at most this long, such as 500ms [default: 5s]
    #[arg(long, value_name = "TIME", global = true, allow_negative_numbers = true)]
    pub timeout: Option<String>,

    /// all, best, first or majority [default: all]
    ///
    /// - all: wait for every supplier, select the cheapest
    /// - best: the same, but the table shows the cheapest alone
    /// - first: stop at the first supplier that can deliver
    /// - majority: stop when enough suppliers agree on the total
    #[arg(long, value_enum, value_name = "NAME", global = true, hide_possible_values = true, verbatim_doc_comment)]
    pub strategy: Option<StrategyName>,

    /// Only these: repeat, or separate with commas
    #[arg(long, value_name = "NAME", global = true, value_delimiter = ',')]
    pub supplier: Vec<String>,

    /// Reject offers that arrive later than this
    #[arg(long, value_name = "DAYS", global = true, allow_negative_numbers = true)]
    pub within_days: Option<String>,

    /// Exit 4 if the selected total is above this
    #[arg(long, value_name = "AMOUNT", global = true, allow_negative_numbers = true)]
    pub max_total: Option<String>,

    /// total, delivery, unit or supplier [default: total]
    ///
    /// - total: cheapest first
    /// - delivery: fastest first
    /// - unit: lowest unit price first
    /// - supplier: by name
    #[arg(long, value_enum, value_name = "KEY", global = true, hide_possible_values = true, verbatim_doc_comment)]
    pub sort: Option<Sort>,

    /// table, json, ndjson, csv, markdown [default: table]
    #[arg(short, long, value_enum, value_name = "NAME", global = true, hide_possible_values = true)]
    pub format: Option<Format>,

    /// Short for --format json
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,

    /// Print what this jq filter makes of the JSON
    ///
    /// Texts are printed as they are, everything else as JSON, one output a line; `pricecmp widget --jq
    /// .cheapest.supplierId`. Implies --json. The filters are jq's, with exact decimals; the README has what is
    /// there.
    #[arg(long, value_name = "FILTER", global = true)]
    pub jq: Option<String>,

    /// Write the result to a file, the table to stdout
    #[arg(short, long, value_name = "FILE", global = true)]
    pub output: Option<PathBuf>,

    /// Write a page with tables and charts to a file, too
    ///
    /// One file for a browser or a printer that refers to nothing outside: the totals, prices by quantity, latencies, and
    /// tables that a click sorts. The result is printed as well.
    #[arg(long, value_name = "FILE", global = true, value_hint = clap::ValueHint::FilePath, hide_short_help = true,
          help_heading = DISPLAY)]
    pub html: Option<PathBuf>,

    /// Use this configuration
    #[arg(short, long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,

    /// Ask mock suppliers in this process, no network
    ///
    /// Starts the configuration's mock suppliers inside the process and asks all suppliers there, over loopback;
    /// suppliers without a mock are left out. Without a configuration in sight, the shipped one is used.
    #[arg(long, global = true)]
    pub mock: bool,

    /// Print no warnings, hints and progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Tell on stderr what happens; twice for more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Compare in this currency, whatever the configuration says
    #[arg(long, value_name = "CODE", global = true, hide_short_help = true, help_heading = REQUEST)]
    pub currency: Option<String>,

    /// Never order more than minimum and multiple force
    #[arg(long, global = true, hide_short_help = true, help_heading = REQUEST)]
    pub exact: bool,

    /// Exit 4 if the selected total rose by more than this
    ///
    /// It is compared with what the same supplier asked for this product and quantity in an earlier run: the newest
    /// quote that is at least 12 hours old, else the oldest. Where nothing is known, it passes with a warning.
    #[arg(long, value_name = "PERCENT", global = true, allow_negative_numbers = true, hide_short_help = true,
          help_heading = REQUEST)]
    pub max_increase: Option<String>,

    /// Save each reply as a file in this folder
    ///
    /// One file a reply, named after its supplier, and `replies.toml` that says which is which. The files serve as
    /// `body-file` of a mock, and for `pricecmp check --reply`. Secrets that a supplier repeats are masked.
    #[arg(long, value_name = "FOLDER", global = true, value_hint = clap::ValueHint::DirPath, hide_short_help = true,
          help_heading = REQUEST)]
    pub save_replies: Option<PathBuf>,

    /// Compare once more what --save-replies saved in this folder, offline
    ///
    /// Everything comes from the folder: the replies, the failures, the rates and the time, so the result is the same
    /// to the byte; other filters and flags make another one. Nothing is sent, no `${VAR}` is needed, and nothing of it
    /// is kept for later runs.
    #[arg(long, value_name = "FOLDER", global = true, value_hint = clap::ValueHint::DirPath, hide_short_help = true,
          conflicts_with_all = ["mock", "save_replies", "state", "dry_run"], help_heading = REQUEST)]
    pub replay: Option<PathBuf>,

    /// Print the requests with secrets masked, and send nothing
    #[arg(long, global = true, conflicts_with_all = ["json", "format", "output", "jq", "html"], hide_short_help = true,
          help_heading = REQUEST)]
    pub dry_run: bool,

    /// Do not ask these suppliers: repeat, or separate with commas
    #[arg(long, value_name = "NAME", global = true, value_delimiter = ',', hide_short_help = true,
          help_heading = SUPPLIERS)]
    pub exclude: Vec<String>,

    /// Exit 3 unless these suppliers respond: repeat, or separate with commas
    #[arg(long, value_name = "NAME", global = true, value_delimiter = ',', hide_short_help = true,
          help_heading = SUPPLIERS)]
    pub require: Vec<String>,

    /// Exit 3 if fewer suppliers respond [default: 1]
    #[arg(long, value_name = "N", global = true, allow_negative_numbers = true, hide_short_help = true,
          help_heading = SUPPLIERS)]
    pub min_responses: Option<String>,

    /// Ask even suppliers that failed too often lately
    ///
    /// A supplier that failed 5 times in a row, or half of its last 20 times, is left alone for half a minute, and for
    /// longer if it goes on, up to 5 minutes. `pricecmp suppliers` lists them.
    #[arg(long, global = true, hide_short_help = true, help_heading = SUPPLIERS)]
    pub ask_open: bool,

    /// Use earlier offers of who is silent: history, history=36h or none [default: none]
    ///
    /// When too few suppliers respond, no quorum is reached or nobody may be asked, what a supplier last offered stands in for
    /// it, worked out for this quantity, if that was at most so long ago (24h) and holds still. The result says so.
    #[arg(long, value_name = "history[=AGE]", global = true, hide_short_help = true, help_heading = SUPPLIERS)]
    pub fallback: Option<String>,

    /// How many suppliers must agree [default: more than half of those asked]
    #[arg(long, value_name = "N", global = true, allow_negative_numbers = true, hide_short_help = true,
          help_heading = MAJORITY)]
    pub quorum: Option<String>,

    /// How far apart totals that agree may be, in percent [default: 0]
    #[arg(long, value_name = "PERCENT", global = true, allow_negative_numbers = true, hide_short_help = true,
          help_heading = MAJORITY)]
    pub agree_within: Option<String>,

    /// When to colour [default: auto]
    #[arg(long, value_enum, value_name = "WHEN", global = true, hide_short_help = true, help_heading = DISPLAY)]
    pub color: Option<Color>,

    /// Show no progress
    #[arg(long, global = true, hide_short_help = true, help_heading = DISPLAY)]
    pub no_progress: bool,

    /// Keep what is learned between runs in this file
    ///
    /// Default: `$XDG_STATE_HOME/pricecmp/state.db`, which is `~/.local/state/pricecmp/state.db`.
    #[arg(long, value_name = "FILE", global = true, conflicts_with_all = ["no_state", "mock"], hide_short_help = true,
          help_heading = DISPLAY)]
    pub state: Option<PathBuf>,

    /// Know nothing of earlier runs, and keep nothing; --mock implies it
    #[arg(long, global = true, hide_short_help = true, help_heading = DISPLAY)]
    pub no_state: bool,
}

const REQUEST: &str = "Request";
const SUPPLIERS: &str = "Suppliers";
const MAJORITY: &str = "With --strategy majority";
const DISPLAY: &str = "Display and state";

/// The strategies, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StrategyName {
    /// Wait for every supplier, select the cheapest
    All,
    /// As all, but the table shows the cheapest alone
    Best,
    /// Stop at the first supplier that can deliver
    First,
    /// Stop when enough suppliers agree on the total
    Majority,
}

/// The formats of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people
    Table,
    /// One JSON document
    Json,
    /// All quotes, for spreadsheets
    Csv,
    /// The table in Markdown
    Markdown,
    /// One JSON document a line
    Ndjson,
}

/// What quotes are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Cheapest first
    Total,
    /// Fastest first
    Delivery,
    /// Lowest unit price first
    Unit,
    /// By the supplier's name
    Supplier,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Whether to colour what goes to a terminal, or to something else.
    #[must_use]
    pub const fn on(self, is_terminal: bool) -> bool {
        match self {
            Self::Auto => is_terminal,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// The flags that mean something to every subcommand, beside their own.
const COMMON: &[&str] = &["color", "quiet", "verbose", "no_progress"];
/// The flags that mean something to subcommands that read the configuration.
const CONFIGURED: &[&str] = &["config", "supplier", "exclude"];
/// The flags that mean something to `check`.
const CHECKED: &[&str] = &[
    "mock",
    "currency",
    "require",
    "quorum",
    "min_responses",
    "qty",
    "timeout",
    "exact",
    "within_days",
    "save_replies",
];
/// The flags that mean something to `explain`.
const EXPLAINED: &[&str] = &[
    "config",
    "mock",
    "currency",
    "qty",
    "timeout",
    "exact",
    "within_days",
    "save_replies",
    "replay",
    "dry_run",
    "format",
    "json",
    "jq",
    "output",
];

/// The flags that mean nothing to `basket`.
const NOT_OF_BASKETS: &[&str] =
    &["qty", "sort", "save_replies", "replay", "strategy", "quorum", "agree_within", "max_increase"];

/// The flags that mean something to `worker`.
const WORKING: &[&str] = &["config", "supplier", "timeout"];
/// The flags that mean something to `add`.
const ADDING: &[&str] = &["config", "qty", "timeout", "dry_run"];
/// The flags that mean something to `suppliers` and to `history`.
const LISTED: &[&str] = &["json", "format", "jq", "output", "state", "no_state"];

/// The flags that mean something to `kafka-cleanup`.
const CLEANED: &[&str] = &["json", "format", "jq", "output", "timeout"];

/// The whole command line, as completions, the manual page and [`parse`] see it.
#[must_use]
pub fn command() -> clap::Command {
    let command = Arguments::command();
    let flags: Vec<clap::Arg> = command.get_arguments().filter(|flag| flag.is_global_set()).cloned().collect();
    let format = flags.iter().find(|flag| flag.get_id() == "format");
    command.mut_subcommands(|subcommand| {
        let name = subcommand.get_name().to_owned();
        let narrowed = format
            .zip(formats(&name))
            .map(|(flag, (formats, help))| flag.clone().help(help).value_parser(PossibleValuesParser::new(formats)));
        // Every flag is accepted there, but a help text that lists thirty flags without a meaning helps nobody.
        let is_own = |flag: &clap::Arg| subcommand.get_arguments().any(|own| own.get_id() == flag.get_id());
        let meaningless = flags.iter().filter(|flag| !applies(&name, flag.get_id().as_str()) && !is_own(flag));
        // What they exclude need not be there, where a subcommand stands alone.
        let hide = |flag: &clap::Arg| flag.clone().hide(true).conflicts_with(Resettable::Reset);
        let hidden: Vec<clap::Arg> = meaningless.map(hide).collect();
        // `--csv` excludes them, also where the subcommand stands alone.
        let excluded =
            flags.iter().filter(|flag| name == "history" && ["json", "jq"].contains(&flag.get_id().as_str()));
        let excluded: Vec<clap::Arg> = excluded.cloned().collect();
        subcommand.args(hidden).args(narrowed).args(excluded)
    })
}

/// The formats of a subcommand that does not have all of them, and what its help says of the flag.
fn formats(subcommand: &str) -> Option<(&'static [&'static str], &'static str)> {
    match subcommand {
        "explain" | "suppliers" => Some((&["table", "json"], "table or json [default: table]")),
        "history" => Some((&["table", "json", "csv"], "table, json or csv [default: table]")),
        _ => None,
    }
}

fn applies(subcommand: &str, flag: &str) -> bool {
    match subcommand {
        "mock" => COMMON.contains(&flag) || CONFIGURED.contains(&flag),
        "worker" => COMMON.contains(&flag) || WORKING.contains(&flag),
        "explain" => COMMON.contains(&flag) || EXPLAINED.contains(&flag),
        "history" => COMMON.contains(&flag) || CONFIGURED.contains(&flag) || LISTED.contains(&flag) || flag == "qty",
        "basket" => !NOT_OF_BASKETS.contains(&flag),
        "init" => COMMON.contains(&flag) || flag == "config",
        "add" => COMMON.contains(&flag) || ADDING.contains(&flag),
        "suppliers" => COMMON.contains(&flag) || CONFIGURED.contains(&flag) || LISTED.contains(&flag),
        "kafka-cleanup" => COMMON.contains(&flag) || CONFIGURED.contains(&flag) || CLEANED.contains(&flag),
        "check" => COMMON.contains(&flag) || CONFIGURED.contains(&flag) || CHECKED.contains(&flag),
        _ => false,
    }
}

/// Reads a command line, the program's name first.
///
/// # Errors
/// When it is wrong (exit code 2), or asks for help or the version (exit code 0): clap's error tells which, and
/// prints itself to the right stream.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut command = Arguments::command();
    // Only help shows which flags mean something to a subcommand; telling it takes a third of the start-up.
    let matches = command.try_get_matches_from_mut(&arguments).or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp => self::command().try_get_matches_from(&arguments),
        ErrorKind::UnknownArgument if is_second_product(&error, &arguments, &command) => Err(with_tip(error)),
        _ => Err(error),
    })?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    match (arguments.product.as_deref(), &arguments.command) {
        (Some(product), Some(_)) => {
            let name = matches.subcommand_name().unwrap_or_default();
            let message = format!(
                "the product `{product}` cannot be used with the command `{name}`\n\n  tip: to compare a product \
                 that is named like a command, write `pricecmp -- {name}`"
            );
            Err(command.error(ErrorKind::ArgumentConflict, message))
        }
        (None, None) => Err(command.error(
            ErrorKind::MissingRequiredArgument,
            "the following required arguments were not provided:\n  <PRODUCT>",
        )),
        _ => check_product(&arguments, &mut command).map(|()| arguments),
    }
}

/// Whether an argument that nobody expected is a product behind another.
fn is_second_product(error: &clap::Error, arguments: &[OsString], command: &clap::Command) -> bool {
    let is_command = |argument: &OsString| command.get_subcommands().any(|command| argument == command.get_name());
    let is_flag =
        matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(name)) if name.starts_with('-'));
    !is_flag && !arguments.iter().any(is_command)
}

fn with_tip(mut error: clap::Error) -> clap::Error {
    let tip = "one product is compared at a time; a name with blanks stands in quotes";
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// A product must be something, and must not lead elsewhere in a URL.
fn check_product(arguments: &Arguments, command: &mut clap::Command) -> Result<(), clap::Error> {
    let product = match &arguments.command {
        None => arguments.product.as_deref(),
        Some(Command::Check(check)) => check.item.as_deref(),
        Some(Command::Explain { item, .. }) => Some(item.as_str()),
        Some(_) => None,
    };
    match product {
        Some(product) if product.trim().is_empty() => {
            Err(command.error(ErrorKind::InvalidValue, "the product must not be empty"))
        }
        Some(product @ ("." | "..")) => {
            // As a part of a URL's path they mean another place, in every way they can be written.
            Err(command.error(ErrorKind::InvalidValue, format!("`{product}` is no product, but a step in a path")))
        }
        _ => Ok(()),
    }
}

/// The subcommand that a product's name may be a misspelling of: one slip in a short name, two in a long one.
#[must_use]
pub fn nearest_command(product: &str) -> Option<String> {
    // The subcommands alone: every comparison comes here, and building all flags takes a fifth of its start-up.
    let commands = Command::augment_subcommands(clap::Command::new("pricecmp"));
    let names = commands.get_subcommands().map(|command| command.get_name().to_owned()).collect::<Vec<_>>();
    let is_near = |name: &String| {
        let slips = strsim::damerau_levenshtein(name, &product.to_lowercase());
        slips > 0 && slips <= if name.len() > 5 { 2 } else { 1 }
    };
    names.into_iter().find(is_near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &[&str]) -> Result<Arguments, clap::Error> {
        parse(std::iter::once("pricecmp").chain(line.iter().copied()).map(OsString::from))
    }

    fn failure(line: &[&str]) -> (ErrorKind, i32, String) {
        let error = run(line).unwrap_err();
        (error.kind(), error.exit_code(), error.to_string())
    }

    #[test]
    fn the_definition_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn flags_work_before_and_after_product_and_subcommand() {
        let before = run(&["-n", "95", "--json", "--supplier", "a,b", "widget"]).unwrap();
        let after = run(&["widget", "--qty=95", "--json", "--supplier", "a", "--supplier", "b"]).unwrap();
        assert_eq!((before.product.as_deref(), &before.flags), (Some("widget"), &after.flags));
        assert_eq!(after.flags.supplier, ["a", "b"]);
        let several = run(&["--qty", "10,100", "widget", "-n", "1000"]).unwrap().flags;
        assert_eq!(several.qty, ["10", "100", "1000"]);
        let before = run(&["-c", "x.toml", "--mock", "-vv", "check"]).unwrap();
        let after = run(&["check", "-c", "x.toml", "--mock", "-vv"]).unwrap();
        assert_eq!(before.flags, after.flags);
        assert_eq!(before.flags.config, Some(PathBuf::from("x.toml")));
        assert_eq!(
            (before.flags.mock, before.flags.verbose, before.command),
            (true, 2, Some(Command::Check(Check::default())))
        );
        let hidden = run(&["mock", "--qty", "3"]).unwrap().flags;
        assert_eq!(hidden.qty, ["3"]);
        assert_eq!(run(&["--qty", "3", "mock"]).unwrap().flags, hidden);
    }

    #[test]
    fn a_product_may_be_named_like_a_subcommand() {
        let arguments = run(&["--qty", "3", "--", "mock"]).unwrap();
        assert_eq!((arguments.product.as_deref(), arguments.command), (Some("mock"), None));
        let arguments = run(&["--", "--qty"]).unwrap();
        assert_eq!(arguments.product.as_deref(), Some("--qty"));
    }

    #[test]
    fn a_product_and_a_subcommand_exclude_each_other() {
        let (kind, code, text) = failure(&["widget", "mock"]);
        assert_eq!((kind, code), (ErrorKind::ArgumentConflict, 2));
        assert!(text.starts_with("error: the product `widget` cannot be used with the command `mock`\n\n  tip: "));
        assert_eq!(failure(&["mock", "widget"]).1, 2);
        assert_eq!(failure(&["widget", "--qty", "3", "check"]).1, 2);
    }

    #[test]
    fn nothing_to_do_is_a_usage_error() {
        assert_eq!(failure(&["--json"]).0, ErrorKind::MissingRequiredArgument);
        assert_eq!(failure(&[]).1, 2);
        assert_eq!(failure(&[" "]).2.lines().next(), Some("error: the product must not be empty"));
        assert_eq!(failure(&[".."]).2.lines().next(), Some("error: `..` is no product, but a step in a path"));
        assert_eq!(failure(&["a", "b"]).1, 2);
    }

    #[test]
    fn misspelt_words_get_a_proposal() {
        assert!(failure(&["widget", "--quorm", "3"]).2.contains("'--quorum'"));
        assert!(failure(&["widget", "--quantiy", "3"]).2.contains("'--quantity'"));
        assert!(failure(&["widget", "--strategy", "frist"]).2.contains("'first'"));
        assert!(failure(&["schema", "outptu"]).2.contains("'output'"));
        assert!(
            failure(&["widget", "--format", "yaml"])
                .2
                .contains("[possible values: table, json, csv, markdown, ndjson]")
        );
    }

    #[test]
    fn numbers_stay_text_even_when_they_look_like_flags() {
        let flags =
            run(&["widget", "--qty", "-1", "--timeout", "5", "--max-total", "-3", "--quorum", "1.5"]).unwrap().flags;
        let texts = [flags.qty.first().cloned(), flags.timeout, flags.max_total, flags.quorum];
        assert_eq!(texts, ["-1", "5", "-3", "1.5"].map(|text| Some(text.to_owned())));
    }

    #[test]
    fn a_state_and_no_state_exclude_each_other() {
        for other in ["--no-state", "--mock"] {
            assert_eq!(failure(&["widget", "--state", "s.db", other]).0, ErrorKind::ArgumentConflict);
        }
    }

    #[test]
    fn a_flag_without_its_value_does_not_swallow_the_next_one() {
        assert_eq!(failure(&["widget", "--timeout", "--json"]).0, ErrorKind::InvalidValue);
        assert!(failure(&["widget", "--timeout", "--json"]).2.contains("'--timeout <TIME>'"));
    }

    #[test]
    fn help_and_version_go_to_stdout_with_exit_code_0() {
        for line in [["-h"], ["--help"], ["-V"], ["--version"]] {
            let error = run(&line).unwrap_err();
            assert!(!error.use_stderr() && error.exit_code() == 0, "{line:?}");
        }
        assert_eq!(failure(&["--version"]).2, concat!("pricecmp ", env!("CARGO_PKG_VERSION"), "\n"));
    }

    #[test]
    fn short_help_fits_a_small_terminal() {
        let help = command().term_width(80).render_help().to_string();
        assert!(help.lines().count() <= 38, "{} lines:\n{help}", help.lines().count());
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }

    #[test]
    fn long_help_shows_every_flag_examples_and_exit_codes() {
        let help = command().term_width(100).render_long_help().to_string();
        for flag in command().get_arguments().filter_map(|flag| flag.get_long()) {
            assert!(help.contains(&format!("--{flag}")), "{flag}");
        }
        assert!(help.contains("Examples:") && help.contains("Exit codes:"));
    }

    #[test]
    fn a_misspelt_command_is_recognised() {
        for (product, command) in
            [("mokc", "mock"), ("chek", "check"), ("shcema", "schema"), ("completion", "completions")]
        {
            assert_eq!(nearest_command(product).as_deref(), Some(command));
        }
        for product in ["widget", "mock", "clocks", "m", "checkers"] {
            assert_eq!(nearest_command(product), None, "{product}");
        }
    }

    #[test]
    fn help_of_a_subcommand_shows_what_applies_there() {
        let mut command = command();
        command.build();
        let help = command.find_subcommand_mut("mock").unwrap().render_long_help().to_string();
        assert!(help.contains("--listen") && help.contains("--config") && !help.contains("--quorum"), "{help}");
        for (name, formats) in [
            ("explain", "table or json [default: table]"),
            ("suppliers", "table or json [default: table]"),
            ("history", "table, json or csv [default: table]"),
        ] {
            let help = command.find_subcommand_mut(name).unwrap().render_help().to_string();
            assert!(help.contains(formats) && !help.contains("markdown"), "{help}");
        }
    }

    #[test]
    fn a_second_product_is_an_error_with_a_tip() {
        let tip = "tip: one product is compared at a time; a name with blanks stands in quotes";
        let (kind, code, text) = failure(&["widget", "gadget"]);
        assert_eq!((kind, code), (ErrorKind::UnknownArgument, 2));
        assert!(text.contains(tip), "{text}");
        for line in [&["widget", "--gadget"][..], &["check", "gadget"], &["explain", "acme", "widget", "gadget"]] {
            let (kind, _, text) = failure(line);
            assert_eq!((kind, text.contains(tip)), (ErrorKind::UnknownArgument, false), "{text}");
        }
    }
}
