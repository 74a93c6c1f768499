//! The engine under virtual time, with suppliers that follow a script.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

use tokio::sync::Notify;

use super::*;
use crate::domain::{
    Admission, Currency, ErrorKind, Failure, Offer, OfferReply, Outcome, Pace, Phase, PriceRequest, Quantity, Strategy,
    SupplierName, SupplierReport, Terms, TransportKind, fixtures,
};
use crate::plan::PlannedSupplier;
use crate::transport::{Asking, PhaseMark, Preview, Reply};

mod many;

/// What a scripted supplier does.
#[derive(Clone)]
enum Script {
    /// Offers a piece at this price after a time.
    Offers(Duration, &'static str),
    /// Answers that it carries nothing, after a time.
    Nothing(Duration),
    /// Offers a piece, and tells just before.
    Tells(Arc<Notify>),
    /// Never answers; the exchange is in this phase.
    Silent(Phase),
    /// Fails for certain, and never comes to an end.
    Settles(ErrorKind),
    /// Has something at once, and waits for more.
    Gathers,
    /// Fails.
    Fails(ErrorKind),
    /// Fails so, after a time.
    FailsAfter(Duration, Failure),
    /// Does one thing after the other, one each time that it is asked.
    Turns(Arc<Mutex<VecDeque<Script>>>),
    /// Never answers, and holds on to this until it is cancelled.
    Holds(Arc<()>),
    /// Has a defect.
    Panics,
    /// Keeps the event loop busy until the other end is dropped.
    Floods(Arc<Mutex<Receiver<()>>>),
    /// Takes a file of this machine for a second, or fails if it cannot have one.
    NeedsFile(Arc<Files>),
}

/// A machine that has few files.
struct Files {
    limit: usize,
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Transport for Script {
    fn kind(&self) -> TransportKind {
        TransportKind::Http
    }

    #[expect(clippy::only_used_in_recursion, reason = "a script knows what it does, whatever is asked")]
    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a> {
        Box::pin(async move {
            match self {
                Self::Offers(after, price) => {
                    tokio::time::sleep(*after).await;
                    Ok(offering(price))
                }
                Self::Nothing(after) => {
                    tokio::time::sleep(*after).await;
                    Ok(Reply::default())
                }
                Self::Tells(told) => {
                    told.notify_one();
                    Ok(offering("1"))
                }
                Self::Silent(stage) => {
                    phase.enter(*stage);
                    std::future::pending().await
                }
                Self::Gathers => {
                    phase.gather(offering("7"));
                    std::future::pending().await
                }
                Self::Settles(kind) => {
                    phase.settle(Failure::new(*kind));
                    std::future::pending().await
                }
                Self::Fails(kind) => Err(Failure::new(*kind)),
                Self::FailsAfter(after, failure) => {
                    tokio::time::sleep(*after).await;
                    Err(failure.clone())
                }
                Self::Turns(turns) => {
                    let turn = turns.lock().unwrap().pop_front().expect("it is not asked again");
                    turn.ask(inquiry, phase).await
                }
                Self::Holds(held) => {
                    let held = Arc::clone(held);
                    std::future::pending::<()>().await;
                    drop(held);
                    Ok(Reply::default())
                }
                Self::Panics => panic!("a defect"),
                Self::Floods(until) => {
                    let _ = until.lock().unwrap().recv();
                    Ok(Reply::default())
                }
                Self::NeedsFile(files) => files.hold().await,
            }
        })
    }

    fn preview(&self, _: &Inquiry) -> Preview {
        Preview { head: String::new(), headers: Vec::new(), body: None }
    }
}

impl Files {
    async fn hold(&self) -> Result<Reply, Failure> {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        let result = if open > self.limit {
            Err(Failure::new(ErrorKind::LocalResource))
        } else {
            self.most.fetch_max(open, Ordering::Relaxed);
            tokio::time::sleep(seconds(1)).await;
            Ok(offering("1"))
        };
        self.open.fetch_sub(1, Ordering::Relaxed);
        result
    }
}

fn offering(price: &str) -> Reply {
    let offer = Offer {
        unit_price: Some(price.parse().unwrap()),
        currency: Some("EUR".into()),
        in_stock: Some(true),
        ..Offer::default()
    };
    Reply { offers: vec![OfferReply::Readable(Box::new(offer))], http_status: Some(200), ..Reply::default() }
}

fn turns<const N: usize>(turns: [Script; N]) -> Script {
    Script::Turns(Arc::new(Mutex::new(turns.into())))
}

fn busy(status: u16, retry_in: Option<Duration>) -> Script {
    let kind = if status == 429 { ErrorKind::RateLimited } else { ErrorKind::HttpStatus };
    let failure = Failure { retry_in, ..Failure::new(kind).with_status(status) };
    Script::FailsAfter(Duration::ZERO, failure)
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn plan(scripts: &[Script], strategy: Strategy) -> Plan {
    let euro = Currency::parse("EUR").unwrap();
    let supplier = |index: usize| PlannedSupplier {
        name: SupplierName::new(&format!("s{index}")),
        timeout: None,
        retries: 1,
        hedge_after: None,
        open_for: None,
        voices: 1,
        pace: Pace::default(),
        terms: Arc::new(Terms::plain(euro)),
    };
    Plan {
        correlation_id: "0b6f3c1e-8f1d-4c55-9d0e-2f6f0a3f7c11".into(),
        seed: 7,
        started_at: "2026-11-23T10:15:02Z".parse().unwrap(),
        request: Arc::new(PriceRequest {
            product: "widget".into(),
            quantity: Quantity::new(1).unwrap(),
            currency: euro,
        }),
        criteria: fixtures::criteria(strategy),
        rates: None,
        suppliers: (0..scripts.len()).map(supplier).collect(),
    }
}

fn first(plan: &mut Plan) -> &mut PlannedSupplier {
    &mut Arc::make_mut(&mut plan.suppliers)[0]
}

async fn run_with(plan: Plan, scripts: Vec<Script>, in_flight: usize, interrupt: impl Future<Output = ()>) -> Gathered {
    let transports: Vec<Arc<dyn Transport>> =
        scripts.into_iter().map(|script| Arc::new(script) as Arc<dyn Transport>).collect();
    gather(Arc::new(plan), &transports, in_flight, Handle::current(), interrupt, &mut |_| {}).await
}

async fn run(scripts: Vec<Script>, strategy: Strategy) -> Gathered {
    run_with(plan(&scripts, strategy), scripts, 100, std::future::pending()).await
}

fn kinds(gathered: &Gathered) -> Vec<&'static str> {
    let kind = |report: &SupplierReport| match &report.outcome {
        Outcome::Answered(_) => "answered",
        Outcome::Failed(failure) => failure.kind.as_str(),
    };
    gathered.reports.iter().map(kind).collect()
}

#[tokio::test(start_paused = true)]
async fn all_are_asked_at_once_and_reported_in_the_plans_order() {
    let scripts = vec![Script::Offers(seconds(3), "1"), Script::Offers(seconds(1), "2"), Script::Nothing(seconds(2))];
    let gathered = run(scripts, Strategy::All).await;
    assert_eq!(kinds(&gathered), ["answered"; 3]);
    assert_eq!(gathered.elapsed, seconds(3), "as long as the slowest");
    let latencies: Vec<_> = gathered.reports.iter().map(|report| report.latency.unwrap()).collect();
    assert_eq!(latencies, [seconds(3), seconds(1), seconds(2)]);
    assert_eq!((gathered.termination, gathered.first_ranked), (Termination::All, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn nobody_to_ask_is_a_complete_run() {
    let gathered = run(Vec::new(), Strategy::All).await;
    assert_eq!((gathered.reports.len(), gathered.termination), (0, Termination::All));
}

#[tokio::test(start_paused = true)]
async fn a_suppliers_own_time_ends_it_alone() {
    let scripts = vec![Script::Silent(Phase::Body), Script::Offers(seconds(4), "1")];
    let mut plan = plan(&scripts, Strategy::All);
    first(&mut plan).timeout = Some(seconds(2));
    let gathered = run_with(plan, scripts, 100, std::future::pending()).await;
    assert_eq!(gathered.reports[0].outcome, Outcome::Failed(Failure::timeout(Phase::Body, seconds(2))));
    assert_eq!(kinds(&gathered), ["timeout", "answered"]);
    assert_eq!(gathered.termination, Termination::All, "the run's deadline cut nobody off");
}

#[tokio::test]
async fn a_supplier_that_floods_the_event_loop_still_ends_in_its_own_time() {
    let (release, until) = channel();
    let scripts = vec![Script::Floods(Arc::new(Mutex::new(until)))];
    let mut plan = plan(&scripts, Strategy::All);
    first(&mut plan).timeout = Some(Duration::from_millis(20));
    plan.criteria.timeout = seconds(600);
    let transports: Vec<Arc<dyn Transport>> = vec![Arc::new(scripts[0].clone())];
    let flooded = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let workers = flooded.handle().clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::spawn(move || flooded.block_on(stopped));
    let gathered = gather(Arc::new(plan), &transports, 100, workers, std::future::pending(), &mut |_| {}).await;
    drop((release, stop));
    assert!(thread.join().is_ok());
    assert_eq!(kinds(&gathered), ["timeout"]);
    assert_eq!(gathered.termination, Termination::All);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_is_certain_goes_before_a_timeout() {
    let gathered = run(vec![Script::Settles(ErrorKind::HttpStatus)], Strategy::All).await;
    assert_eq!(kinds(&gathered), ["http_status"]);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_cuts_off_who_is_not_done() {
    let scripts =
        vec![Script::Silent(Phase::Connect), Script::Offers(seconds(4), "1"), Script::Offers(seconds(6), "1")];
    let gathered = run(scripts, Strategy::All).await;
    assert_eq!(gathered.reports[0].outcome, Outcome::Failed(Failure::timeout(Phase::Connect, seconds(5))));
    assert_eq!(kinds(&gathered), ["timeout", "answered", "timeout"]);
    assert_eq!((gathered.termination, gathered.elapsed), (Termination::Deadline, seconds(5)));
}

#[tokio::test(start_paused = true)]
async fn what_came_of_a_reply_that_could_have_grown_is_the_reply_when_the_time_is_over() {
    let gathered = run(vec![Script::Gathers, Script::Offers(seconds(1), "1")], Strategy::All).await;
    assert_eq!(kinds(&gathered), ["answered", "answered"]);
    assert_eq!((gathered.termination, gathered.elapsed), (Termination::All, seconds(5)));
    let mut plan = plan(&[Script::Gathers], Strategy::All);
    Arc::make_mut(&mut plan.suppliers)[0].timeout = Some(seconds(2));
    let gathered = run_with(plan, vec![Script::Gathers], 100, std::future::pending()).await;
    assert_eq!((kinds(&gathered), gathered.elapsed), (vec!["answered"], seconds(2)));
}

#[tokio::test(start_paused = true)]
async fn first_cancels_who_is_still_running() {
    let scripts = vec![Script::Offers(seconds(3), "1"), Script::Nothing(seconds(1)), Script::Offers(seconds(2), "9")];
    let gathered = run(scripts, Strategy::First).await;
    assert_eq!(kinds(&gathered), ["cancelled", "answered", "answered"]);
    assert_eq!((gathered.termination, gathered.first_ranked), (Termination::First, Some(2)));
    assert_eq!(gathered.elapsed, seconds(2));
}

#[tokio::test(start_paused = true)]
async fn a_quorum_cancels_who_is_still_running() {
    let scripts = vec![
        Script::Offers(seconds(1), "7"),
        Script::Offers(seconds(2), "10"),
        Script::Offers(seconds(3), "10"),
        Script::Offers(seconds(4), "7"),
    ];
    let gathered = run(scripts, Strategy::Majority).await;
    assert_eq!(kinds(&gathered), ["answered", "answered", "answered", "cancelled"]);
    assert_eq!(gathered.termination, Termination::Quorum);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_keeps_what_was_gathered() {
    let scripts = vec![Script::Offers(seconds(1), "1"), Script::Silent(Phase::Headers)];
    let interrupt = tokio::time::sleep(seconds(2));
    let gathered = run_with(plan(&scripts, Strategy::All), scripts, 100, interrupt).await;
    assert_eq!(kinds(&gathered), ["answered", "cancelled"]);
    assert_eq!((gathered.termination, gathered.elapsed), (Termination::Interrupted, seconds(2)));
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_is_complete_at_the_interrupt_is_kept() {
    let told = Arc::new(Notify::new());
    let scripts = vec![Script::Tells(Arc::clone(&told)), Script::Silent(Phase::Headers)];
    let gathered = run_with(plan(&scripts, Strategy::All), scripts, 100, told.notified()).await;
    assert_eq!(kinds(&gathered), ["answered", "cancelled"]);
    assert_eq!(gathered.termination, Termination::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn a_panic_costs_its_supplier_alone() {
    let gathered = run(vec![Script::Panics, Script::Offers(seconds(1), "1")], Strategy::All).await;
    assert_eq!(kinds(&gathered), ["internal", "answered"]);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_permit_is_no_latency() {
    let scripts = vec![Script::Offers(seconds(1), "1"); 4];
    let gathered = run_with(plan(&scripts, Strategy::All), scripts, 1, std::future::pending()).await;
    assert_eq!(gathered.elapsed, seconds(4));
    assert!(gathered.reports.iter().all(|report| report.latency == Some(seconds(1))));
}

#[tokio::test(start_paused = true)]
async fn a_supplier_whose_turn_never_comes_was_not_asked() {
    let scripts = vec![Script::Silent(Phase::Headers), Script::Offers(seconds(1), "1")];
    let gathered = run_with(plan(&scripts, Strategy::All), scripts, 1, std::future::pending()).await;
    assert_eq!(kinds(&gathered), ["timeout", "local_resource"]);
    assert_eq!((gathered.reports[1].attempts, gathered.reports[1].latency), (0, None));
}

#[tokio::test(start_paused = true)]
async fn too_few_files_lower_the_concurrency_and_fail_nobody() {
    let files = Arc::new(Files { limit: 3, open: AtomicUsize::new(0), most: AtomicUsize::new(0) });
    let scripts = vec![Script::NeedsFile(Arc::clone(&files)); 12];
    let gathered = run_with(plan(&scripts, Strategy::All), scripts, 100, std::future::pending()).await;
    assert_eq!(kinds(&gathered), ["answered"; 12]);
    assert_eq!((files.most.load(Ordering::Relaxed), gathered.elapsed), (3, seconds(4)));
}

#[tokio::test(start_paused = true)]
async fn a_machine_without_any_file_is_the_suppliers_failure() {
    let gathered = run(vec![Script::Fails(ErrorKind::LocalResource)], Strategy::All).await;
    assert_eq!(kinds(&gathered), ["local_resource"]);
}

#[tokio::test(start_paused = true)]
async fn every_supplier_is_announced_once_when_asked_and_once_when_done() {
    let scripts = vec![Script::Offers(seconds(1), "1"), Script::Fails(ErrorKind::Dns)];
    let plan = Arc::new(plan(&scripts, Strategy::All));
    let transports: Vec<Arc<dyn Transport>> =
        scripts.into_iter().map(|script| Arc::new(script) as Arc<dyn Transport>).collect();
    let mut seen = Vec::new();
    let mut note = |event: Event<'_>| match event {
        Event::Asked { supplier } => seen.push(("asked", supplier)),
        Event::Retrying { supplier, .. } => seen.push(("retrying", supplier)),
        Event::Hedged { supplier } => seen.push(("hedged", supplier)),
        Event::Done { supplier, .. } => seen.push(("done", supplier)),
    };
    gather(plan, &transports, 100, Handle::current(), std::future::pending(), &mut note).await;
    assert_eq!(seen, [("asked", 0), ("asked", 1), ("done", 1), ("done", 0)]);
}

/// The longest wait before a second attempt, which is drawn.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// How often each supplier was asked.
fn attempts(gathered: &Gathered) -> Vec<u32> {
    gathered.reports.iter().map(|report| report.attempts).collect()
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_once_more() {
    for fault in [Script::Fails(ErrorKind::Connect), busy(502, None), busy(503, None), busy(504, None)] {
        let gathered = run(vec![turns([fault, Script::Offers(seconds(1), "1")])], Strategy::All).await;
        assert_eq!((kinds(&gathered), attempts(&gathered)), (vec!["answered"], vec![2]));
        let latency = gathered.reports[0].latency.unwrap();
        assert!(latency >= seconds(1) && latency < seconds(1) + LONGEST_PAUSE, "{latency:?}");
        assert_eq!(gathered.elapsed, latency, "the wait is a part of the latency");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_tried_as_often_as_configured() {
    for retries in [0, 1, 3] {
        let scripts = vec![busy(503, None)];
        let mut plan = plan(&scripts, Strategy::All);
        first(&mut plan).retries = retries;
        let gathered = run_with(plan, scripts, 100, std::future::pending()).await;
        assert_eq!((kinds(&gathered), attempts(&gathered)), (vec!["http_status"], vec![retries + 1]));
        assert_eq!(gathered.reports[0].http_status, Some(503));
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_not_tried_again() {
    for kind in [ErrorKind::Dns, ErrorKind::ConnectionClosed, ErrorKind::Mapping, ErrorKind::RateLimited] {
        let gathered = run(vec![turns([Script::Fails(kind)])], Strategy::All).await;
        assert_eq!((kinds(&gathered), attempts(&gathered)), (vec![kind.as_str()], vec![1]));
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_a_supplier_asks_for_is_kept_if_it_fits() {
    let waits = |wait| turns([busy(429, Some(seconds(wait))), Script::Offers(Duration::ZERO, "1")]);
    let gathered = run(vec![waits(4), waits(5), waits(3600)], Strategy::All).await;
    assert_eq!(kinds(&gathered), ["answered", "rate_limited", "rate_limited"]);
    assert_eq!(attempts(&gathered), [2, 1, 1]);
    assert!(gathered.elapsed >= seconds(4) && gathered.elapsed < seconds(4) + LONGEST_PAUSE);
    assert_eq!(gathered.reports[1].latency, Some(Duration::ZERO), "a wait that does not fit is not begun");
    assert_eq!(gathered.termination, Termination::All);
}

#[tokio::test(start_paused = true)]
async fn all_attempts_share_the_suppliers_time() {
    let slow = Script::FailsAfter(Duration::from_millis(1_500), Failure::new(ErrorKind::Connect));
    let scripts = vec![turns([slow, Script::Silent(Phase::Headers)])];
    let mut plan = plan(&scripts, Strategy::All);
    first(&mut plan).timeout = Some(seconds(2));
    let gathered = run_with(plan, scripts, 100, std::future::pending()).await;
    assert_eq!(gathered.reports[0].outcome, Outcome::Failed(Failure::timeout(Phase::Headers, seconds(2))));
    assert_eq!((attempts(&gathered), gathered.elapsed), (vec![2], seconds(2)));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_has_heard_enough_waits_for_no_retry() {
    let scripts = vec![turns([busy(503, Some(seconds(3)))]), Script::Offers(seconds(1), "1")];
    let gathered = run(scripts.clone(), Strategy::First).await;
    assert_eq!((kinds(&gathered), gathered.elapsed), (vec!["http_status", "answered"], seconds(1)));
    let scripts = vec![turns([busy(503, Some(seconds(3)))]), Script::Silent(Phase::Headers)];
    let plan = plan(&scripts, Strategy::All);
    let gathered = run_with(plan, scripts, 100, tokio::time::sleep(seconds(1))).await;
    assert_eq!((kinds(&gathered), attempts(&gathered)), (vec!["http_status", "cancelled"], vec![1, 1]));
    assert_eq!(gathered.termination, Termination::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_retry_keeps_nobody_from_being_asked() {
    let waits = turns([busy(503, Some(seconds(2))), Script::Offers(seconds(1), "1")]);
    let scripts = vec![waits, Script::Offers(seconds(1), "2")];
    let gathered = run_with(plan(&scripts, Strategy::All), scripts, 1, std::future::pending()).await;
    assert_eq!((kinds(&gathered), attempts(&gathered)), (vec!["answered"; 2], vec![2, 1]));
    assert!(gathered.elapsed < seconds(3) + LONGEST_PAUSE, "{:?}", gathered.elapsed);
}

#[tokio::test(start_paused = true)]
async fn a_retry_whose_turn_does_not_come_in_time_is_not_begun() {
    let refused = || turns([Script::Fails(ErrorKind::Connect)]);
    for (other, ended) in [(Script::Offers(seconds(4), "1"), seconds(4)), (Script::Silent(Phase::Body), seconds(5))] {
        let scripts = vec![refused(), other];
        let mut plan = plan(&scripts, Strategy::All);
        first(&mut plan).timeout = Some(seconds(1));
        let gathered = run_with(plan, scripts, 1, std::future::pending()).await;
        assert_eq!((kinds(&gathered)[0], attempts(&gathered)), ("connect", vec![1, 1]));
        assert_eq!(gathered.elapsed, ended);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_this_machine_has_no_file_for_is_put_back() {
    let files = Arc::new(Files { limit: 1, open: AtomicUsize::new(0), most: AtomicUsize::new(0) });
    let needs = || Script::NeedsFile(Arc::clone(&files));
    let refused = turns([Script::Fails(ErrorKind::Connect), needs(), needs()]);
    let gathered = run(vec![needs(), refused], Strategy::All).await;
    assert_eq!((kinds(&gathered), attempts(&gathered)), (vec!["answered"; 2], vec![1, 2]));
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_told_with_its_wait_and_drawn_anew_for_each_supplier() {
    let scripts = vec![busy(503, None), busy(503, None)];
    let plan = Arc::new(plan(&scripts, Strategy::All));
    let transports: Vec<Arc<dyn Transport>> =
        scripts.into_iter().map(|script| Arc::new(script) as Arc<dyn Transport>).collect();
    let mut waits = Vec::new();
    let mut note = |event: Event<'_>| {
        if let Event::Retrying { attempts, failure, pause, .. } = event {
            assert_eq!((attempts, failure.http_status), (1, Some(503)));
            waits.push(pause);
        }
    };
    gather(plan, &transports, 100, Handle::current(), std::future::pending(), &mut note).await;
    assert!(waits.len() == 2 && waits[0] != waits[1], "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn who_has_an_open_circuit_is_not_asked() {
    let scripts = vec![turns([]), Script::Offers(seconds(1), "1")];
    let plan = plan(&scripts, Strategy::All).with_admissions(&[Admission::Refused(seconds(20)), Admission::Probe]);
    let gathered = run_with(plan, scripts, 100, std::future::pending()).await;
    let expected = Failure { retry_in: Some(seconds(20)), ..Failure::new(ErrorKind::CircuitOpen) };
    let report = &gathered.reports[0];
    assert_eq!((&report.outcome, report.attempts, report.latency), (&Outcome::Failed(expected), 0, None));
    assert_eq!((kinds(&gathered)[1], gathered.termination), ("answered", Termination::All));
}

#[tokio::test(start_paused = true)]
async fn where_every_circuit_is_open_nobody_is_asked() {
    for strategy in [Strategy::All, Strategy::First, Strategy::Majority] {
        let scripts = vec![turns([]), turns([])];
        let plan = plan(&scripts, strategy).with_admissions(&[Admission::Refused(seconds(20)); 2]);
        let gathered = run_with(plan, scripts, 100, std::future::pending()).await;
        assert_eq!((kinds(&gathered), gathered.termination), (vec!["circuit_open"; 2], Termination::NotStarted));
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_counts_as_asked_for_the_quorum() {
    let scripts = vec![turns([]), turns([]), Script::Offers(seconds(1), "1"), Script::Silent(Phase::Body)];
    let refused = Admission::Refused(seconds(20));
    let mut plan = plan(&scripts, Strategy::Majority).with_admissions(&[refused, refused]);
    plan.criteria.quorum = Some(3);
    let gathered = run_with(plan, scripts, 100, std::future::pending()).await;
    assert_eq!(gathered.termination, Termination::QuorumImpossible);
    assert_eq!(gathered.elapsed, Duration::ZERO, "two votes are all that could come");
}

/// A run of one supplier that is asked once more after a second.
async fn hedged<const N: usize>(scripts: [Script; N]) -> Gathered {
    let scripts = vec![turns(scripts)];
    let plan = plan(&scripts, Strategy::All).with_hedges(&[Some(seconds(1))]);
    run_with(plan, scripts, 100, std::future::pending()).await
}

#[tokio::test(start_paused = true)]
async fn a_slow_supplier_is_asked_once_more_and_the_first_success_wins() {
    let gathered = hedged([Script::Offers(seconds(4), "1"), Script::Offers(seconds(1), "2")]).await;
    let (report, price) = (&gathered.reports[0], gathered.reports[0].answer().unwrap().quotes[0].charges.total);
    assert_eq!((price.to_string().as_str(), report.attempts), ("2.00", 2));
    assert_eq!((report.latency, gathered.elapsed), (Some(seconds(2)), seconds(2)));
    let gathered = hedged([Script::Offers(seconds(2), "1"), Script::Offers(seconds(3), "2")]).await;
    assert_eq!((gathered.elapsed, attempts(&gathered)), (seconds(2), vec![2]));
}

#[tokio::test(start_paused = true)]
async fn who_answers_or_fails_in_time_is_asked_once() {
    let gathered = hedged([Script::Offers(Duration::from_millis(999), "1")]).await;
    assert_eq!((kinds(&gathered), attempts(&gathered)), (vec!["answered"], vec![1]));
    let gathered = hedged([Script::Fails(ErrorKind::Tls)]).await;
    assert_eq!((kinds(&gathered), attempts(&gathered)), (vec!["tls"], vec![1]));
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_one_request_waits_for_the_other() {
    let fails = |after| Script::FailsAfter(seconds(after), Failure::new(ErrorKind::Tls));
    for [first, second] in [[fails(2), Script::Offers(seconds(3), "1")], [Script::Offers(seconds(4), "1"), fails(1)]] {
        let gathered = hedged([first, second]).await;
        assert_eq!((kinds(&gathered), gathered.elapsed), (vec!["answered"], seconds(4)));
    }
    let gathered = hedged([fails(2), fails(2)]).await;
    assert_eq!((kinds(&gathered), gathered.elapsed, attempts(&gathered)), (vec!["tls"], seconds(3), vec![2]));
}

#[tokio::test(start_paused = true)]
async fn two_silent_requests_end_with_the_suppliers_time() {
    let gathered = hedged([Script::Silent(Phase::Body), Script::Silent(Phase::Connect)]).await;
    assert_eq!(gathered.reports[0].outcome, Outcome::Failed(Failure::timeout(Phase::Body, seconds(5))));
    assert_eq!(attempts(&gathered), [2]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_has_no_second_request() {
    let busy = |after| Script::FailsAfter(seconds(after), Failure::new(ErrorKind::HttpStatus).with_status(503));
    let gathered = hedged([busy(2), busy(1), Script::Silent(Phase::Body)]).await;
    assert_eq!((kinds(&gathered), attempts(&gathered)), (vec!["timeout"], vec![3]));
}

#[tokio::test(start_paused = true)]
async fn who_loses_is_cancelled_at_once() {
    let held = Arc::new(());
    let slow = turns([Script::Holds(Arc::clone(&held)), Script::Offers(seconds(1), "1")]);
    let scripts = vec![slow, Script::Offers(seconds(4), "2")];
    let plan = plan(&scripts, Strategy::All).with_hedges(&[Some(seconds(1))]);
    let transports: Vec<Arc<dyn Transport>> =
        scripts.into_iter().map(|script| Arc::new(script) as Arc<dyn Transport>).collect();
    let mut holders = Vec::new();
    let mut note = |event: Event<'_>| match event {
        Event::Hedged { supplier } => holders.push((supplier, Arc::strong_count(&held))),
        Event::Asked { .. } | Event::Retrying { .. } | Event::Done { .. } => {}
    };
    let gathered = gather(Arc::new(plan), &transports, 100, Handle::current(), std::future::pending(), &mut note).await;
    assert_eq!(
        (holders, gathered.elapsed),
        (vec![(0, 1)], seconds(4)),
        "the test alone holds it while others are asked"
    );
}
