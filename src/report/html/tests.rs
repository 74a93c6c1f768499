use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::compare::{BasketComparison, BasketLine, BasketOffer, BasketSupplier, Obstacle, Why};
use crate::domain::basket::{Amounts, Limits, Naive, Optimality, Order, OrderLine, Purchase};
use crate::domain::{
    ErrorKind, Failure, OfferIdentity, PriceCurve, PricePoint, Quantity, SupplierName, Termination, TransportKind,
};
use crate::report::sanitize::tests::{hostile, is_forbidden};
use crate::report::scene::{self, money};

/// A curve whose supplier and offer have such names.
fn curve(name: &str) -> PriceCurve {
    let point = |quantity, price| PricePoint { quantity, unit_price: money(price) };
    let points = vec![point(1, "0.50"), point(100, "0.40")];
    PriceCurve { supplier: SupplierName::new(name), sku: Some(name.to_owned()), points }
}

/// What is bought of the first line of a basket, from its first supplier.
fn purchase(lines: usize) -> Purchase {
    let amounts = Amounts { goods: money("9.00"), fees: money("0"), shipping: money("4.90"), total: money("13.90") };
    let line = |line| OrderLine {
        line,
        offer: 0,
        quantity: 3,
        unit_price_quoted: money("3"),
        goods: money("9.00"),
        goods_quoted: money("9.00"),
        delivery_days: Some(2),
    };
    let order = Order {
        supplier: 0,
        currency: scene::eur(),
        lines: (0..lines).map(line).collect(),
        amounts,
        quoted: amounts,
        shipping_known: true,
        delivery_days: Some(2),
    };
    Purchase {
        orders: vec![order],
        missing: vec![lines],
        total: money("13.90"),
        shipping_known: true,
        delivery_days: Some(2),
    }
}

/// A basket of so many lines and one that nobody delivers, in which every text is this.
fn named(name: &str, lines: usize) -> BasketComparison {
    let identity = OfferIdentity { sku: Some(name.to_owned()), ..OfferIdentity::default() };
    let offer = BasketOffer { supplier: 0, identity: Some(Box::new(identity)) };
    let failure = Failure { detail: Some(name.to_owned()), ..Failure::new(ErrorKind::SupplierError) };
    let obstacle = Obstacle { supplier: 0, why: Why::Failed(Box::new(failure.clone())) };
    let line = |number: usize| BasketLine {
        numbers: vec![number as u64 + 2],
        product: name.to_owned(),
        quantity: Quantity::new(3).unwrap(),
        offers: if number < lines { vec![offer.clone()] } else { Vec::new() },
        obstacles: if number < lines { Vec::new() } else { vec![obstacle.clone()] },
        is_complete: true,
    };
    let bought = purchase(lines);
    BasketComparison {
        correlation_id: "0b6f3c1e-8f1d-4c55-9d0e-2f6f0a3f7c11".into(),
        started_at: "2026-11-23T10:15:02.114Z".parse().unwrap(),
        elapsed: Duration::from_secs(2),
        currency: scene::eur(),
        limits: Limits::default(),
        timeout: None,
        criteria: scene::criteria(),
        partial: false,
        termination: Termination::All,
        lines: (0..=lines).map(line).collect(),
        suppliers: vec![BasketSupplier {
            asked: 2,
            responded: 1,
            time: Duration::from_millis(240),
            failures: BTreeMap::from([("supplier_error", (1, failure))]),
            ..BasketSupplier::new(SupplierName::new(name), TransportKind::Http)
        }],
        bought_from: vec![vec![0]; lines + 1],
        cheapest_at: vec![Some(0); lines + 1],
        naive: Naive {
            cheapest_lines: bought.clone(),
            one_supplier: Some(bought.clone()),
            fastest_lines: bought.clone(),
        },
        purchase: bought,
        optimality: Some(Optimality::Proved { within: money("0") }),
        warnings: vec![],
    }
}

/// The names of a page's elements and attributes, by a reader that follows a browser's rules for what this page may hold.
fn names(page: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once('<') {
        assert!(!before.contains('>'), "a stray `>` behind {before:?}");
        let (mut tag, mut is_quoted) = (String::new(), false);
        let end = after.find(|letter| {
            is_quoted ^= letter == '"';
            if !is_quoted && letter != '>' {
                tag.push(letter);
            }
            letter == '>' && !is_quoted
        });
        rest = &after[end.expect("every tag ends") + 1..];
        names.push(tag.replace('"', ""));
        if let Some(raw) = ["style", "script"].into_iter().find(|raw| *raw == tag) {
            rest = rest.split_once(&format!("</{raw}>")).expect("it ends").1;
        }
    }
    names
}

#[test]
fn the_page_of_a_product_has_every_part() {
    let page = comparison(&scene::full(), &[curve("acme")]);
    for heading in
        ["Offers", "Totals in EUR", "Price by quantity", "Latency by supplier", "Rejected", "Failed", "Warnings"]
    {
        assert!(page.contains(&format!("<h2>{heading}</h2>")), "{heading}");
    }
    assert!(page.contains("<h1>95 × widget</h1>") && page.contains("<dd class=\"amount\">35.93 EUR</dd>"));
    assert!(page.contains("<td class=\"number\" data-rank=\"3\">1187.50</td>"), "numbers are exact and at the right");
    assert!(page.contains("cheapest by 8.97, 20 %"));
    assert!(!page.contains("javascript:"), "an address that is no link is not shown");
}

#[test]
fn a_run_without_a_result_has_a_page_too() {
    let page = comparison(&scene::empty(), &[]);
    assert!(page.contains("<h1>95 × widget</h1>") && !page.contains("<table") && !page.contains("<svg"));
}

#[test]
fn the_page_of_a_basket_has_every_part() {
    let page = basket(&named("widget", 2));
    for heading in
        ["Totals in EUR", "Orders", "Lines", "Not bought", "Latency by supplier, mean of its lines", "Failed"]
    {
        assert!(page.contains(&format!("<h2>{heading}</h2>")), "{heading}");
    }
    assert!(page.contains("120ms · 1 of 2 responded") && page.contains("no order costs less: proved"));
    assert!(page.contains("<th scope=\"col\" class=\"number\">Goods</th>") && page.contains("all from widget"));
}

#[test]
fn the_page_of_a_large_basket_is_bounded() {
    let page = basket(&named("widget", 10_000));
    assert!(page.contains("and 9000 more, which --json has"));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

proptest! {
    #[test]
    fn hostile_text_forges_no_element_and_no_attribute(name in hostile()) {
        let name = format!("x{name}\"><script>y</script><img src=x onerror=y>");
        let plain = names(&basket(&named("widget", 1)));
        let page = basket(&named(&name, 1));
        prop_assert!(!page.replace('\n', "").chars().any(is_forbidden));
        prop_assert_eq!(names(&page), plain);

        let full = |name: &str| {
            let mut comparison = scene::ranked(vec![scene::quote(name, "0.1", "9.50", None)]);
            comparison.request.product = name.to_owned();
            let identity = &mut comparison.quotes[0].quote.identity;
            identity.sku = Some(name.to_owned());
            identity.seller = Some(name.to_owned());
            identity.packaging = Some(name.to_owned());
            super::comparison(&comparison, &[curve(name)])
        };
        let page = full(&name);
        prop_assert!(!page.replace('\n', "").chars().any(is_forbidden));
        prop_assert_eq!(names(&page), names(&full("widget")));
    }

    #[test]
    fn a_hostile_address_stays_one(address in hostile()) {
        let mut comparison = scene::ranked(vec![scene::quote("acme", "0.1", "9.50", None)]);
        comparison.quotes[0].quote.identity.url = Some("https://shop.example/".to_owned());
        let plain = names(&super::comparison(&comparison, &[]));
        comparison.quotes[0].quote.identity.url = Some(format!("https://shop.example/{address}"));
        let page = names(&super::comparison(&comparison, &[]));
        let is_no_link = page.iter().filter(|name| name.starts_with("a ")).count() == 0;
        prop_assert!(page == plain || is_no_link, "{:?}", page);
    }
}
