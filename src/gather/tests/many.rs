//! Many lines: every supplier has its own lane.

use std::sync::PoisonError;

use tokio::time::Instant;

use super::*;
use crate::domain::{Quote, Rate};

type Answering = dyn Fn(usize, &Inquiry) -> (Duration, Result<Reply, Failure>) + Send + Sync;

/// A supplier that keeps a record.
struct Shop {
    answer: Box<Answering>,
    open: AtomicUsize,
    most_open: AtomicUsize,
    /// When it was asked, since it was made, and about what.
    asked: Mutex<Vec<(Duration, Vec<String>)>>,
    since: Instant,
}

impl Shop {
    /// `answer` is given which request it is, from 0.
    fn new(
        answer: impl Fn(usize, &Inquiry) -> (Duration, Result<Reply, Failure>) + Send + Sync + 'static,
    ) -> Arc<Self> {
        let (open, most_open) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let asked = Mutex::default();
        Arc::new(Self { answer: Box::new(answer), open, most_open, asked, since: Instant::now() })
    }

    /// Offers a piece at 1 after a time.
    fn after(time: Duration) -> Arc<Self> {
        Self::new(move |_, _| (time, Ok(offering("1"))))
    }

    fn most_open(&self) -> usize {
        self.most_open.load(Ordering::Relaxed)
    }

    fn times(&self) -> Vec<u128> {
        self.log().iter().map(|(at, _)| at.as_millis()).collect()
    }

    fn log(&self) -> Vec<(Duration, Vec<String>)> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for Shop {
    fn kind(&self) -> TransportKind {
        TransportKind::Http
    }

    fn ask<'a>(&'a self, inquiry: &'a Inquiry, _: &'a PhaseMark) -> Asking<'a> {
        Box::pin(async move {
            let lines = if inquiry.lines.is_empty() { vec![&inquiry.request] } else { inquiry.lines.iter().collect() };
            let products = lines.iter().map(|line| line.product.clone()).collect();
            let number = {
                let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
                asked.push((self.since.elapsed(), products));
                asked.len() - 1
            };
            let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
            self.most_open.fetch_max(open, Ordering::Relaxed);
            let (time, reply) = (self.answer)(number, inquiry);
            tokio::time::sleep(time).await;
            self.open.fetch_sub(1, Ordering::Relaxed);
            reply
        })
    }

    fn preview(&self, _: &Inquiry) -> Preview {
        Preview { head: String::new(), headers: Vec::new(), body: None }
    }
}

/// What came of each line, in the order in which they were complete, with the time at which they were.
#[derive(Default)]
struct Book {
    since: Option<Instant>,
    lines: Vec<(u64, Duration, Gathered)>,
}

impl Audience for Book {
    fn on_event(&mut self, _: &Line, _: Event<'_>) {}

    fn on_gathered(&mut self, line: &Line, gathered: Gathered) {
        let at = self.since.map(|since| since.elapsed()).unwrap_or_default();
        self.lines.push((line.number, at, gathered));
    }
}

impl Book {
    fn numbers(&self) -> Vec<u64> {
        self.lines.iter().map(|(number, ..)| *number).collect()
    }

    /// What supplier 0 did, by line.
    fn kinds(&self) -> Vec<&'static str> {
        let mut lines: Vec<_> = self.lines.iter().map(|(number, _, gathered)| (*number, kinds(gathered)[0])).collect();
        lines.sort_unstable();
        lines.into_iter().map(|(_, kind)| kind).collect()
    }
}

const ALL: Bounds = Bounds { in_flight: 1000, open_lines: 1000, deadline: None };

fn shared(shops: &[Arc<Shop>], pace: Pace) -> Plan {
    let scripts = vec![Script::Silent(Phase::Headers); shops.len()];
    let mut plan = plan(&scripts, Strategy::All);
    for supplier in Arc::make_mut(&mut plan.suppliers) {
        supplier.pace = pace;
    }
    plan
}

async fn ask_with(plan: Plan, shops: &[Arc<Shop>], lines: u64, bounds: Bounds) -> (Book, Termination) {
    let transports: Vec<Arc<dyn Transport>> = shops.iter().map(|shop| Arc::clone(shop) as Arc<dyn Transport>).collect();
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let base = plan.clone();
    tokio::spawn(async move {
        for number in 0..lines {
            let request = PriceRequest { product: format!("p{number}"), ..(*base.request).clone() };
            let plan = Arc::new(base.about(request, uuid::Uuid::from_u128(number.into()), base.started_at));
            if sender.send(Line { number, plan }).await.is_err() {
                break;
            }
        }
    });
    let mut book = Book { since: Some(Instant::now()), lines: Vec::new() };
    let termination =
        gather_lines(&plan, receiver, &transports, bounds, Handle::current(), std::future::pending(), &mut book).await;
    (book, termination)
}

async fn ask(shops: &[Arc<Shop>], pace: Pace, lines: u64) -> Book {
    ask_with(shared(shops, pace), shops, lines, ALL).await.0
}

#[tokio::test(start_paused = true)]
async fn every_supplier_is_asked_about_every_line_and_no_more_at_a_time_than_it_likes() {
    let shops = [Shop::after(seconds(1)), Shop::after(seconds(2))];
    let book = ask(&shops, Pace { max_in_flight: 3, ..Pace::default() }, 7).await;
    assert_eq!(book.numbers().len(), 7);
    assert!(book.lines.iter().all(|(.., gathered)| kinds(gathered) == ["answered"; 2]));
    for shop in &shops {
        assert_eq!(shop.most_open(), 3);
        let products: Vec<String> = shop.log().into_iter().flat_map(|(_, products)| products).collect();
        assert_eq!(products, ["p0", "p1", "p2", "p3", "p4", "p5", "p6"], "in the lines' order");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_supplier_holds_up_nobody_elses_turns() {
    let shops = [Shop::after(seconds(10)), Shop::after(seconds(1))];
    let mut plan = shared(&shops, Pace { max_in_flight: 1, ..Pace::default() });
    plan.criteria.timeout = seconds(100);
    let (book, termination) = ask_with(plan, &shops, 5, ALL).await;
    assert_eq!(shops[1].times(), [0, 1000, 2000, 3000, 4000]);
    assert_eq!(shops[0].times(), [0, 10_000, 20_000, 30_000, 40_000]);
    assert_eq!((book.numbers(), termination), (vec![0, 1, 2, 3, 4], Termination::All));
    assert_eq!(book.lines[0].1, seconds(10), "a line is brought in when its last supplier is done");
}

#[tokio::test(start_paused = true)]
async fn only_so_many_lines_are_open() {
    let shops = [Shop::after(seconds(10)), Shop::after(seconds(1))];
    let mut plan = shared(&shops, Pace { max_in_flight: 1, ..Pace::default() });
    plan.criteria.timeout = seconds(100);
    ask_with(plan, &shops, 5, Bounds { open_lines: 2, ..ALL }).await;
    assert_eq!(shops[1].times(), [0, 1000, 10_000, 20_000, 30_000]);
}

#[tokio::test(start_paused = true)]
async fn a_few_permits_are_shared_between_the_suppliers() {
    let shops = [Shop::after(seconds(1)), Shop::after(seconds(1)), Shop::after(seconds(1))];
    let (book, _) = ask_with(shared(&shops, Pace::default()), &shops, 4, Bounds { in_flight: 3, ..ALL }).await;
    for shop in &shops {
        assert_eq!(shop.times(), [0, 1000, 2000, 3000], "each has its turn");
    }
    assert_eq!(book.numbers(), [0, 1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_rate_is_kept_in_even_steps() {
    let shops = [Shop::after(Duration::from_millis(10))];
    ask(&shops, Pace { rate: Rate::parse("10/s"), ..Pace::default() }, 5).await;
    assert_eq!(shops[0].times(), [0, 100, 200, 300, 400]);
}

fn too_many(retry_in: Option<Duration>) -> Result<Reply, Failure> {
    Err(Failure { retry_in, ..Failure::new(ErrorKind::RateLimited).with_status(429) })
}

#[tokio::test(start_paused = true)]
async fn a_supplier_that_is_asked_too_often_is_left_alone_and_asked_less() {
    let shop = Shop::new(|number, _| match number {
        0..4 => (Duration::ZERO, too_many(Some(seconds(5)))),
        _ => (seconds(1), Ok(offering("1"))),
    });
    let shops = [shop];
    let book = ask(&shops, Pace { max_in_flight: 4, ..Pace::default() }, 8).await;
    assert_eq!(book.kinds(), ["answered"; 8]);
    let times = shops[0].times();
    assert_eq!(times[..4], [0; 4]);
    // Two at a time, and when these were answered, one more, and so on.
    assert_eq!(times[4..], [5000, 5000, 6000, 6000, 6000, 7000, 7000, 7000]);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_say_for_how_long_is_left_alone_for_longer_each_time() {
    let shop = Shop::new(|number, _| match number {
        0..3 => (Duration::ZERO, too_many(None)),
        _ => (Duration::ZERO, Ok(offering("1"))),
    });
    let shops = [shop];
    let book = ask(&shops, Pace { max_in_flight: 1, ..Pace::default() }, 1).await;
    assert_eq!((book.kinds(), shops[0].times()), (vec!["answered"], vec![0, 1000, 3000, 7000]));
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let shop = Shop::new(|_, _| (Duration::ZERO, too_many(Some(seconds(50)))));
    let shops = [shop];
    let plan = shared(&shops, Pace { max_in_flight: 1, ..Pace::default() });
    let (book, termination) = ask_with(plan, &shops, 3, Bounds { deadline: Some(seconds(20)), ..ALL }).await;
    assert_eq!((book.kinds(), termination), (vec!["rate_limited"; 3], Termination::All));
    assert_eq!((shops[0].times(), book.lines[2].1), (vec![0], Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_supplier_that_is_down_is_soon_not_asked_any_more() {
    let shop = Shop::new(|_, _| (Duration::ZERO, Err(Failure::new(ErrorKind::Tls))));
    let shops = [shop];
    let book = ask(&shops, Pace { max_in_flight: 1, ..Pace::default() }, 100).await;
    assert_eq!(shops[0].log().len(), 5);
    let kinds = book.kinds();
    assert_eq!((&kinds[..5], &kinds[5..]), (&["tls"; 5][..], &["circuit_open"; 95][..]));
}

#[tokio::test(start_paused = true)]
async fn a_question_has_its_own_time_and_everything_a_deadline() {
    let silent = || Shop::new(|_, _| (seconds(1000), Ok(Reply::default())));
    let shops = [silent()];
    let mut plan = shared(&shops, Pace { max_in_flight: 1, ..Pace::default() });
    plan.criteria.timeout = seconds(2);
    let (book, termination) = ask_with(plan.clone(), &shops, 3, ALL).await;
    assert_eq!((book.kinds(), shops[0].times()), (vec!["timeout"; 3], vec![0, 2000, 4000]));
    assert_eq!(termination, Termination::All);
    let shops = [silent()];
    let (book, termination) = ask_with(plan, &shops, 3, Bounds { deadline: Some(seconds(3)), ..ALL }).await;
    assert_eq!((book.kinds(), termination), (vec!["timeout", "timeout", "local_resource"], Termination::Deadline));
    let unasked = &book.lines[2].2;
    assert_eq!((unasked.termination, unasked.reports[0].attempts), (Termination::Deadline, 0));
}

fn named(product: &str, price: &str) -> OfferReply {
    let mut offer = offering(price).offers.remove(0);
    if let OfferReply::Readable(offer) = &mut offer {
        offer.product = Some(product.to_owned());
    }
    offer
}

fn totals(gathered: &Gathered) -> Vec<String> {
    let total = |quote: &Quote| quote.charges.total.to_string();
    gathered.reports[0].answer().unwrap().quotes.iter().map(total).collect()
}

#[tokio::test(start_paused = true)]
async fn one_request_may_be_about_many_lines() {
    let shop = Shop::new(|_, inquiry| {
        // In another order, and not about all of them.
        let offers = inquiry.lines.iter().rev().filter(|line| line.product != "p1");
        let offers = offers.map(|line| named(&line.product.to_uppercase(), &format!("{}.5", &line.product[1..])));
        (seconds(1), Ok(Reply { offers: offers.collect(), ..Reply::default() }))
    });
    let shops = [shop];
    let mut book = ask(&shops, Pace { max_in_flight: 1, batch: Some(3), ..Pace::default() }, 6).await;
    book.lines.sort_by_key(|(number, ..)| *number);
    let asked: Vec<Vec<String>> = shops[0].log().into_iter().map(|(_, lines)| lines).collect();
    assert_eq!(asked, [["p0", "p1", "p2"], ["p3", "p4", "p5"]]);
    let totals: Vec<_> = book.lines.iter().map(|(.., gathered)| totals(gathered).join(" ")).collect();
    assert_eq!(totals, ["0.50", "", "2.50", "3.50", "4.50", "5.50"]);
}

#[tokio::test(start_paused = true)]
async fn an_offer_that_names_no_line_makes_the_reply_useless_and_one_of_another_is_the_wrong_quote() {
    let batch = Pace { batch: Some(3), ..Pace::default() };
    let nameless = Shop::new(|_, _| (Duration::ZERO, Ok(offering("1"))));
    let book = ask(&[nameless], batch, 3).await;
    assert_eq!(book.kinds(), ["mapping"; 3]);
    let other = Shop::new(|_, _| (Duration::ZERO, Ok(Reply { offers: vec![named("x", "1")], ..Reply::default() })));
    let book = ask(&[other], batch, 3).await;
    for (.., gathered) in &book.lines {
        let answer = gathered.reports[0].answer().unwrap();
        assert_eq!((answer.quotes.len(), answer.rejections.len()), (0, 1), "each line sees that it is another's");
    }
}
