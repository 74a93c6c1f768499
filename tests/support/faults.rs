//! A supplier that fails beside one that does not.
//!
//! Owns what every row of the fault matrix expects: the good supplier's quotes are, byte for byte, those of a run
//! without the fault, the run has a result, and no output holds a secret. Main types: [`Fault`] and [`Told`].

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;

use super::hostile::tls::Authority;
use super::hostile::{Server, http};
use super::resolver::Resolver;
use super::{CANARY, Run, SAVED_REPLIES, Scene, Supplier, offer, stats};

/// What a run may take beyond its deadline.
const GRACE: Duration = Duration::from_millis(500);

/// The time of a supplier that is expected to be silent.
const PATIENCE: &str = "500ms";

/// How many runs ask the bad supplier: the comparison that is looked at, and those that show it in other ways.
pub const ASKED: usize = 4;

/// A supplier `bad` and what is configured for it. Secrets stand in its URL and in a header.
pub struct Fault {
    url: String,
    keys: String,
    quantity: u32,
    flags: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Fault {
    /// A server that misbehaves.
    pub fn of(server: &Server) -> Self {
        Self::at(&server.url())
    }

    /// A server that answers 200 with this body.
    pub fn replying(body: impl AsRef<[u8]>) -> Self {
        Self::of(&http::good(body.as_ref()))
    }

    /// A supplier at a URL, which ends in a slash.
    pub fn at(root: &str) -> Self {
        let (scheme, host) = root.split_once("://").expect("a URL has a scheme");
        let url = format!("{scheme}://buyer:{CANARY}@{host}quotes/{{product}}?apikey={CANARY}{{&quantity}}");
        let keys = format!("headers.X-Api-Key = \"{CANARY}\"\n");
        Self { url, keys, quantity: 10, flags: Vec::new(), variables: Vec::new() }
    }

    /// A supplier on a broker, at this URL. A secret stands in what it is sent.
    pub fn on_broker(url: &str) -> Self {
        let keys = format!(
            "vars.key = \"{CANARY}\"\n\
             request = '{{productId: $product, quantity: $quantity, currency: $currency, key: $key}}'\n"
        );
        Self { url: url.to_owned(), keys, quantity: 10, flags: Vec::new(), variables: Vec::new() }
    }

    /// Adds a key of the supplier, such as `redirects = "same-host"`.
    pub fn with(mut self, line: &str) -> Self {
        writeln!(self.keys, "{line}").expect("writing to text cannot fail");
        self
    }

    /// Gives the supplier little time, since it is expected to take all of it.
    pub fn with_little_time(self) -> Self {
        self.with(&format!("timeout = \"{PATIENCE}\""))
    }

    /// Trusts an authority.
    pub fn trusting(self, authority: &Authority) -> Self {
        self.with(&format!("ca-file = \"{}\"", authority.file().display()))
    }

    /// Asks for so many, instead of 10.
    pub fn asking(mut self, quantity: u32) -> Self {
        self.quantity = quantity;
        self
    }

    /// Adds flags of the run.
    pub fn flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(|&flag| flag.to_owned()));
        self
    }

    /// Sets a variable of the run's environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Looks names up with this resolver.
    pub fn resolver(self, resolver: &Resolver) -> Self {
        let (name, value) = resolver.variable();
        self.variable(name, &value)
    }

    /// Runs the good supplier alone and then both, and holds what every fault leaves alone.
    pub fn beside_a_good_one(&self) -> Told {
        let good = Supplier::replying(&offer("0.60"));
        let alone = format!("currency = \"EUR\"\n[suppliers.good]\nurl = \"{}\"\n", good.url());
        let expected = Scene::new(&alone).run(&["widget", "--qty", &self.quantity.to_string(), "--json"]);
        let told = self.run(&alone);
        assert_eq!(told.run.code, Some(0), "{}\nstderr:\n{}", told.run.stdout, told.run.stderr);
        assert_eq!(quotes_of_good(&told.run.stdout), quotes_of_good(&expected.stdout));
        assert_eq!(quotes_of_good(&expected.stdout).len(), 1);
        told
    }

    /// Runs the bad supplier behind those of a configuration.
    pub fn run(&self, configuration: &str) -> Told {
        let mut scene = Scene::new(&format!("{configuration}\n[suppliers.bad]\nurl = \"{}\"\n{}", self.url, self.keys));
        scene.variables.clone_from(&self.variables);
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let quantity = self.quantity.to_string();
        let asked = ["widget", "--qty", &quantity, "-vv", "--save-replies", SAVED_REPLIES];
        let (document, run) = scene.json(&[&asked, flags.as_slice()].concat());
        show_in_every_way(&scene);
        Told { document, run }
    }
}

/// Looks at the bad supplier in every other way. Each run is searched for secrets when it ends, and so is what they keep
/// when the scene does.
fn show_in_every_way(scene: &Scene) {
    for arguments in [
        &["explain", "bad", "widget", "-vv"][..],
        &["explain", "bad", "widget", "--json", "--save-replies", SAVED_REPLIES],
        &["check", "--live", "--supplier", "bad", "--product", "widget", "-vv"],
        &["widget", "--dry-run", "-vv"],
        &["suppliers"],
    ] {
        let run = scene.run(arguments);
        assert!(matches!(run.code, Some(0 | 1 | 3)), "{arguments:?}: {:?}\n{}", run.code, run.stderr);
    }
}

/// The good supplier's quotes as they are printed.
fn quotes_of_good(stdout: &str) -> Vec<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Printed<'a> {
        #[serde(borrow)]
        all_quotes: Vec<&'a RawValue>,
    }
    let printed: Printed<'_> = serde_json::from_str(stdout).expect("the document is JSON");
    let quotes = printed.all_quotes.into_iter().map(|quote| quote.get().to_owned());
    quotes.filter(|quote| quote.contains(r#""supplierId": "good""#)).collect()
}

/// What of a list is of the bad supplier.
fn of_bad(list: &Value) -> Vec<&Value> {
    list.as_array().into_iter().flatten().filter(|item| item["supplierId"] == "bad").collect()
}

/// What a run says about the bad supplier.
pub struct Told {
    pub document: Value,
    pub run: Run,
}

impl Told {
    /// Its statistics.
    pub fn stats(&self) -> &Value {
        stats(&self.document, "bad")
    }

    /// Its quotes, the cheapest first.
    pub fn quotes(&self) -> Vec<&Value> {
        of_bad(&self.document["allQuotes"])
    }

    /// Its rejected offers.
    pub fn rejected(&self) -> Vec<&Value> {
        of_bad(&self.document["rejected"])
    }

    /// Its error in words.
    pub fn error(&self) -> &str {
        self.stats()["error"].as_str().unwrap_or_else(|| panic!("no error in {}", self.stats()))
    }

    /// Holds the kind of its failure.
    pub fn failed_as(self, kind: &str) -> Self {
        let stats = self.stats();
        assert_eq!(stats["errorKind"], kind, "{stats}");
        assert_eq!((&stats["responded"], &stats["ranked"]), (&false.into(), &0.into()), "{stats}");
        self
    }

    /// Holds that its time ran out in this phase.
    pub fn stalled_in(self, phase: &str) -> Self {
        let told = self.failed_as("timeout");
        assert_eq!(told.stats()["errorPhase"], phase, "{}", told.stats());
        told
    }

    /// Holds that it responded, and did not fail.
    pub fn responded(self) -> Self {
        let stats = self.stats();
        assert_eq!((&stats["errorKind"], &stats["responded"]), (&Value::Null, &true.into()), "{stats}");
        self
    }

    /// Holds that it has one quote.
    pub fn has_a_quote(self) -> Self {
        let told = self.responded();
        assert_eq!(told.stats()["ranked"], 1, "{}", told.stats());
        told
    }

    /// Holds the status that it answered with.
    pub fn with_status(self, status: u16) -> Self {
        assert_eq!(self.stats()["httpStatus"], status, "{}", self.stats());
        self
    }

    /// Holds that the run ended within its deadline, and the process soon after it.
    pub fn ended_within(self, deadline: Duration) -> Self {
        let elapsed = Duration::from_millis(self.document["elapsedMs"].as_u64().expect("the time is a number"));
        assert!(elapsed < deadline + GRACE, "{elapsed:?}");
        // The start and the end of a process take long on a busy machine.
        assert!(self.run.took < deadline + 10 * GRACE, "{:?}", self.run.took);
        self
    }
}
