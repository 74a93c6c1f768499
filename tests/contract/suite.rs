//! What every transport owes, written once.
//!
//! A supplier is put up on a transport and told what to send ([`Conduct`]); the real binary asks it beside a good one over HTTP.
//! What comes of it is the same on every transport, down to the words of the error where they are not about the transport.
//! A transport that has a case no meaning for says so, with the reason, in `contract!`. Main type: [`Transport`].

use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};

use serde_json::{Value, json};

use crate::support::{Run, Scene, Supplier, offer, stats, until};

/// The names of all cases: functions of this module.
pub(crate) const CASES: [&str; 8] = [
    "a_quote",
    "several_offers",
    "silence",
    "garbage",
    "a_late_reply",
    "a_duplicate_reply",
    "an_error_reply",
    "a_cancelled_request",
];

/// What a supplier sends for each request, in this order: nothing, a reply, or several. It may take its time.
pub(crate) type Conduct = Box<dyn Fn() -> Vec<String> + Send + Sync>;

/// A supplier on a transport, until it is dropped.
pub(crate) trait Transport: Sized {
    /// What the statistics call the transport.
    const NAME: &'static str;
    /// How text that is no JSON fails on it.
    const GARBAGE: &'static str;

    /// Puts one up.
    fn of(conduct: Conduct) -> Self;

    /// The lines of its table in the configuration.
    fn lines(&self) -> String;

    /// How many requests it has dealt with: what it had to send is sent.
    fn answered(&self) -> usize;
}

/// Makes the tests of a transport: the cases that it is held to, and those that have no meaning for it, each with a reason.
macro_rules! contract {
    ($transport:ident, holds: [$($case:ident),* $(,)?], without: [$($missing:ident: $reason:literal),* $(,)?]) => {
        $(
            #[test]
            fn $case() {
                $crate::suite::$case::<$transport>();
            }
        )*

        #[test]
        fn every_case_holds_or_has_no_meaning_for_a_reason() {
            let reasons: &[&str] = &[$($reason),*];
            assert!(reasons.iter().all(|reason| reason.contains(' ')), "{reasons:?}");
            let mut named = vec![$(stringify!($case),)* $(stringify!($missing),)*];
            let mut all = $crate::suite::CASES.to_vec();
            named.sort_unstable();
            all.sort_unstable();
            assert_eq!(named, all);
        }
    };
}

/// A supplier `acme` beside `good`, which has an offer for 7 euros for ten.
struct Comparison<T> {
    scene: Scene,
    acme: T,
    _good: Supplier,
}

impl<T: Transport> Comparison<T> {
    /// With further lines for `acme`.
    fn of(conduct: impl Fn() -> Vec<String> + Send + Sync + 'static, lines: &str) -> Self {
        Self::beside(Supplier::replying(&offer("0.70")), conduct, lines)
    }

    fn beside(good: Supplier, conduct: impl Fn() -> Vec<String> + Send + Sync + 'static, lines: &str) -> Self {
        let acme = T::of(Box::new(conduct));
        let scene = Scene::new(&format!(
            "currency = \"EUR\"\ntimeout = \"60s\"\n[suppliers.acme]\n{}\n{lines}\n[suppliers.good]\nurl = \"{}\"\n",
            acme.lines(),
            good.url()
        ));
        Self { scene, acme, _good: good }
    }

    /// Asks both. The good one has its quote, and no deadline was needed.
    fn ask(&self) -> Told {
        Told::of::<T>(&self.scene.run(&["widget", "--qty", "10", "--json"]), "all")
    }
}

/// An offer of `acme`. It names the product, by which rows of a list are told apart.
fn bid(price: &str) -> String {
    offer(price).replacen('{', r#"{"productId": "widget", "#, 1)
}

/// What came of a comparison.
struct Told(Value);

impl Told {
    fn of<T: Transport>(run: &Run, termination: &str) -> Self {
        let document = run.json();
        assert_eq!((run.code, &document["termination"]), (Some(0), &json!(termination)), "{}", run.stderr);
        assert_eq!(stats(&document, "good")["ranked"], 1, "{document:#}");
        assert_eq!(stats(&document, "acme")["transport"], T::NAME);
        Self(document)
    }

    fn acme(&self) -> &Value {
        stats(&self.0, "acme")
    }

    /// The totals of `acme`'s quotes, the lowest first.
    fn totals(&self) -> Vec<f64> {
        let quotes = self.0["allQuotes"].as_array().unwrap().iter().filter(|quote| quote["supplierId"] == "acme");
        quotes.map(|quote| quote["totalPrice"].as_f64().unwrap()).collect()
    }

    /// Holds that `acme` answered with quotes of these totals.
    fn has(&self, totals: &[f64]) {
        let acme = self.acme();
        assert_eq!((&acme["responded"], &acme["errorKind"]), (&json!(true), &Value::Null), "{acme}");
        assert_eq!(self.totals(), totals);
    }

    /// Holds that `acme` failed, and returns the error.
    fn failed(&self, kind: &str) -> &str {
        let acme = self.acme();
        assert_eq!((&acme["responded"], &acme["errorKind"]), (&json!(false), &json!(kind)), "{acme}");
        assert_eq!((self.totals(), &self.0["cheapest"]["supplierId"]), (vec![], &json!("good")));
        acme["error"].as_str().unwrap()
    }
}

pub(crate) fn a_quote<T: Transport>() {
    let told = Comparison::<T>::of(|| vec![bid("0.50")], "").ask();
    told.has(&[5.0]);
    assert_eq!(told.0["cheapest"]["supplierId"], "acme");
}

pub(crate) fn several_offers<T: Transport>() {
    let offers = || vec![format!("[{}, {}, {}]", bid("0.80"), bid("0.50"), bid("0.60"))];
    Comparison::<T>::of(offers, "").ask().has(&[5.0, 6.0, 8.0]);
}

/// The supplier's own time ends it, long before the deadline of the run.
pub(crate) fn silence<T: Transport>() {
    let told = Comparison::<T>::of(Vec::new, "timeout = \"500ms\"").ask();
    let error = told.failed("timeout");
    assert!(error.starts_with("no reply within 500ms"), "{error}");
}

pub(crate) fn garbage<T: Transport>() {
    Comparison::<T>::of(|| vec!["oops".to_owned()], "").ask().failed(T::GARBAGE);
}

/// The reply comes while the run goes on, but the supplier's time is over. The good supplier answers only after it. There is
/// time enough for the request to arrive, also on a busy machine.
pub(crate) fn a_late_reply<T: Transport>() {
    let (time_is_over, late) = signal();
    let (late_is_sent, good) = signal();
    let good = Supplier::answering(move |_| {
        good();
        ("200 OK", offer("0.70"))
    });
    let conduct = move || {
        late();
        vec![bid("0.10")]
    };
    let comparison = Comparison::<T>::beside(good, conduct, "timeout = \"3s\"");
    // They go before the suppliers, should this fail, so that none waits for ever.
    let (time_is_over, late_is_sent) = (time_is_over, late_is_sent);
    let mut run = comparison.scene.start(&["widget", "--qty", "10", "--json", "-v"]);
    run.wait_for("acme: failed");
    drop(time_is_over);
    until(|| comparison.acme.answered() == 1);
    drop(late_is_sent);
    Told::of::<T>(&run.finish(), "all").failed("timeout");
}

/// What is dropped to give a signal, and what waits for that.
fn signal() -> (Sender<()>, impl Fn() + Send + Sync) {
    let (sender, receiver) = mpsc::channel();
    let receiver = Mutex::new(receiver);
    // Nothing is ever sent, so this waits until the sender is gone.
    (sender, move || assert!(receiver.lock().unwrap().recv().is_err()))
}

/// The first reply counts, whatever else comes.
pub(crate) fn a_duplicate_reply<T: Transport>() {
    Comparison::<T>::of(|| vec![bid("0.50"), bid("0.10")], "").ask().has(&[5.0]);
}

pub(crate) fn an_error_reply<T: Transport>() {
    let told = Comparison::<T>::of(|| vec![json!({"error": "no stock data"}).to_string()], "").ask();
    assert_eq!(told.failed("supplier_error"), "supplier reports an error: no stock data");
}

/// Another supplier is first, and nobody waits for this one, which would have had the time.
pub(crate) fn a_cancelled_request<T: Transport>() {
    let comparison = Comparison::<T>::of(Vec::new, "");
    let run = comparison.scene.run(&["widget", "--qty", "10", "--json", "--strategy", "first"]);
    Told::of::<T>(&run, "first").failed("cancelled");
}
