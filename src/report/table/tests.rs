//! The screen in several widths, and what holds for every screen.

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::compare::{Quorum, RunFailure};
use crate::domain::{Cause, ErrorKind, Failure, Phase, PreviousPrice, SupplierName, Termination};
use crate::report::sanitize::tests::{hostile, is_forbidden};
use crate::report::scene;

fn plain(comparison: &Comparison, width: usize) -> String {
    render(comparison, Screen { width, color: false })
}

/// The lines of the grid, header included.
fn grid_lines(text: &str) -> Vec<&str> {
    text.lines().skip_while(|line| !line.starts_with("SUPP")).take_while(|line| !line.is_empty()).collect()
}

#[test]
fn sixty_columns() {
    insta::assert_snapshot!(plain(&scene::full(), 60), @"
    95 × widget

    SUPPLIER  TOTAL EUR  DELIVERY
    globex        35.93    9 days  cheapest by 8.97, 20 % · +4 %
    acme          44.90    2 days  fastest · order 100
    hooli        114.00   unknown  + shipping
    mallory     1187.50   14 days

    changes are since 20 Nov
    acme: order 100: 2.75 less than 95
    other currencies are converted by the rates of 2026-11-20

    Rejected
      initech IN-4  95 needed, 60 in stock
      mallory       `priceBreaks[1].unitPrice` is `1,50�[2J`:
                    not a number

    Failed
      umbrella  no reply within 2s
      tyrell    HTTP status 503, service unavailable, retry in
                30s
      wonka     cancelled before it answered

    No offers
      cyberdyne  does not carry the product

    6 of 9 suppliers responded in 2.003s, strategy all
    gate passed: total 35.93 EUR is within 40.00 EUR
    ");
}

#[test]
fn a_hundred_columns() {
    insta::assert_snapshot!(plain(&scene::full(), 100), @"
    95 × widget

    SUPPLIER  ORDER  UNIT PRICE  SHIPPING  TOTAL EUR  AS QUOTED  DELIVERY
    globex       95    0.378159      0.00      35.93  38.95 USD    9 days  cheapest by 8.97, 20 % · +4 %
    acme        100    0.40          4.90      44.90               2 days  fastest
    hooli        95    1.20       unknown     114.00              unknown  + shipping
    mallory      95   12.50          0.00    1187.50              14 days

    changes are since 20 Nov
    acme: order 100: 2.75 less than 95
    other currencies are converted by the rates of 2026-11-20

    Rejected
      initech IN-4  95 needed, 60 in stock
      mallory       `priceBreaks[1].unitPrice` is `1,50�[2J`: not a number

    Failed
      umbrella  no reply within 2s
      tyrell    HTTP status 503, service unavailable, retry in 30s
      wonka     cancelled before it answered

    No offers
      cyberdyne  does not carry the product

    6 of 9 suppliers responded in 2.003s, strategy all
    gate passed: total 35.93 EUR is within 40.00 EUR
    ");
}

#[test]
fn two_hundred_columns() {
    insta::assert_snapshot!(plain(&scene::full(), 200), @r#"
    95 × widget

    SUPPLIER  SKU                       PACKAGING         SELLER                    ORDER  UNIT PRICE  SHIPPING  TOTAL EUR  AS QUOTED  DELIVERY  STOCK  LATENCY
    globex    GX-9                      bag                                            95    0.378159      0.00      35.93  38.95 USD    9 days   5000     87ms  cheapest by 8.97, 20 % · +4 % since 20 Nov
    acme      A-1                                                                     100    0.40          4.90      44.90               2 days    yes    120ms  fastest
    hooli                                                 Endframe GmbH                95    1.20       unknown     114.00              unknown    yes   1310ms  + shipping
    mallory   �[31m=HYPERLINK("http:/…  <script>alert(1…  東京特許許可局 | `rm` |…     95   12.50          0.00    1187.50              14 days     12    200ms

    acme: order 100: 2.75 less than 95
    other currencies are converted by the rates of 2026-11-20

    Rejected
      initech IN-4  95 needed, 60 in stock
      mallory       `priceBreaks[1].unitPrice` is `1,50�[2J`: not a number

    Failed
      umbrella  no reply within 2s
      tyrell    HTTP status 503, service unavailable, retry in 30s
      wonka     cancelled before it answered

    No offers
      cyberdyne  does not carry the product

    6 of 9 suppliers responded in 2.003s, strategy all
    gate passed: total 35.93 EUR is within 40.00 EUR
    "#);
}

#[test]
fn forty_columns() {
    insta::assert_snapshot!(plain(&scene::full(), 40), @"
    95 × widget

    SUPPL…  TOTAL EUR  DELIVERY
    globex      35.93    9 days  cheapest ·…
    acme        44.90    2 days  fastest ·…
    hooli      114.00   unknown  + shipping
    mallo…    1187.50   14 days

    cheapest by 8.97, 20 %
    changes are since 20 Nov
    acme: order 100: 2.75 less than 95
    other currencies are converted by the
    rates of 2026-11-20

    Rejected
      initech IN-4  95 needed, 60 in stock
      mallory       `priceBreaks[1].unitPric
                    e` is `1,50�[2J`: not a
                    number

    Failed
      umbrella  no reply within 2s
      tyrell    HTTP status 503, service
                unavailable, retry in 30s
      wonka     cancelled before it answered

    No offers
      cyberdyne  does not carry the product

    6 of 9 suppliers responded in 2.003s,
    strategy all
    gate passed: total 35.93 EUR is within
    40.00 EUR
    ");
}

#[test]
fn in_colour() {
    let text = render(&scene::full(), Screen { width: 100, color: true });
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"), @"
    ␛[1m95 × widget␛[0m

    ␛[2mSUPPLIER  ORDER  UNIT PRICE  SHIPPING  TOTAL EUR  AS QUOTED  DELIVERY␛[0m
    globex       95    0.378159      0.00      35.93  38.95 USD    9 days  ␛[1;32mcheapest by 8.97, 20 %␛[0m · ␛[33m+4 %␛[0m
    acme        100    0.40          4.90      44.90               2 days  ␛[36mfastest␛[0m
    hooli        95    1.20       unknown     114.00              unknown  ␛[33m+ shipping␛[0m
    mallory      95   12.50          0.00    1187.50              14 days

    ␛[2mchanges are since 20 Nov␛[0m
    ␛[36macme: order 100: 2.75 less than 95␛[0m
    ␛[2mother currencies are converted by the rates of 2026-11-20␛[0m

    ␛[33mRejected␛[0m
      initech IN-4  95 needed, 60 in stock
      mallory       `priceBreaks[1].unitPrice` is `1,50�[2J`: not a number

    ␛[31mFailed␛[0m
      umbrella  no reply within 2s
      tyrell    HTTP status 503, service unavailable, retry in 30s
      wonka     cancelled before it answered

    ␛[2mNo offers␛[0m
      cyberdyne  does not carry the product

    ␛[2m6 of 9 suppliers responded in 2.003s, strategy all␛[0m
    ␛[1;32mgate passed: total 35.93 EUR is within 40.00 EUR␛[0m
    ");
}

#[test]
fn colour_changes_nothing_else() {
    let painted = render(&scene::full(), Screen { width: 100, color: true });
    let mut bare = String::new();
    let mut rest = painted.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        bare.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    bare.push_str(rest);
    assert_eq!(bare, plain(&scene::full(), 100));
}

#[test]
fn best_shows_the_selected_line_alone() {
    let mut comparison = scene::full();
    comparison.criteria.strategy = Strategy::Best;
    insta::assert_snapshot!(plain(&comparison, 100), @"
    95 × widget

    SUPPLIER  ORDER  UNIT PRICE  SHIPPING  TOTAL EUR  AS QUOTED  DELIVERY
    globex       95    0.378159      0.00      35.93  38.95 USD    9 days  cheapest by 8.97, 20 % · +4 %

    changes are since 20 Nov
    other currencies are converted by the rates of 2026-11-20

    6 of 9 suppliers responded in 2.003s, strategy best
    gate passed: total 35.93 EUR is within 40.00 EUR
    ");
}

#[test]
fn best_without_a_result_shows_why() {
    let mut comparison = scene::full();
    comparison.criteria.strategy = Strategy::Best;
    comparison.selected = None;
    let text = plain(&comparison, 100);
    assert!(!text.contains("SUPPLIER"), "{text}");
    assert!(text.contains("\nRejected\n") && text.contains("\nFailed\n"), "{text}");
}

#[test]
fn without_any_shipping_one_note_says_so() {
    let mut comparison = scene::full();
    for offered in &mut comparison.quotes {
        offered.quote.charges.shipping = None;
    }
    let text = plain(&comparison, 100);
    assert_eq!(text.matches("shipping").count(), 1, "{text}");
    assert!(text.contains("\nno supplier states shipping, totals are without it\n"), "{text}");
}

#[test]
fn a_run_without_a_result_says_why_and_what_to_do() {
    let late = |supplier| scene::rejection(supplier, Cause::TooLate { days: 9, within: 5 });
    let comparison = Comparison {
        failure: Some(RunFailure::NoAvailableSupplier),
        rejected: vec![late("acme"), late("globex")],
        suppliers: vec![scene::stats("acme", 1000, 0, 1), scene::stats("globex", 1000, 0, 1)],
        ..scene::empty()
    };
    insta::assert_snapshot!(plain(&comparison, 60), @"
    95 × widget

    Rejected
      acme    delivery takes 9 days, 5 allowed
      globex  delivery takes 9 days, 5 allowed

    2 of 2 suppliers responded in 2.003s, strategy all
    ");
}

#[test]
fn a_run_in_which_everybody_failed() {
    let comparison = Comparison {
        failure: Some(RunFailure::InsufficientResponses { required: 1, got: 0 }),
        termination: Termination::Deadline,
        suppliers: vec![scene::failed("acme", 1000, Failure::timeout(Phase::Dns, std::time::Duration::from_secs(5)))],
        ..scene::empty()
    };
    insta::assert_snapshot!(plain(&comparison, 60), @"
    95 × widget

    Failed
      acme  name not resolved within 5s

    0 of 1 supplier responded in 2.003s, strategy all
    stopped at the deadline
    ");
}

#[test]
fn a_majority_and_an_interrupted_run() {
    let mut comparison = scene::full();
    comparison.quorum =
        Some(Quorum { required: 2, got: 2, suppliers: vec![SupplierName::new("acme"), SupplierName::new("hooli")] });
    comparison.selected = Some(1);
    comparison.termination = Termination::Interrupted;
    let text = plain(&comparison, 100);
    assert!(text.contains("2 suppliers agree, 2 needed: `acme`, `hooli`\n"), "{text}");
    assert!(text.contains("interrupted, this is what was gathered\n"), "{text}");
    assert!(text.contains("selected · fastest"), "{text}");
}

#[test]
fn an_empty_run_draws_no_grid() {
    insta::assert_snapshot!(plain(&scene::empty(), 60), @"
    95 × widget

    0 of 0 suppliers responded in 2.003s, strategy all
    ");
}

#[test]
fn price_lists_say_how_old_they_are() {
    let mut comparison = scene::full();
    comparison.suppliers[0].file_modified_at = Some("2026-11-20T08:15:00Z".parse().unwrap());
    comparison.suppliers[2].file_modified_at = Some("2027-01-01T00:00:00Z".parse().unwrap());
    let text = plain(&comparison, 100);
    assert!(text.contains("\nprice lists: acme 3 days 2 hours old, hooli less than a minute old\n"), "{text}");
}

proptest! {
    #[test]
    fn every_screen_holds_hostile_text(
        product in hostile(), name in hostile(), sku in hostile(), detail in hostile(), width in 0_usize..230,
    ) {
        let mut comparison = scene::full();
        comparison.request.product = product;
        for offered in &mut comparison.quotes {
            offered.supplier = SupplierName::new(&name);
            offered.quote.identity.sku = Some(sku.clone());
            offered.quote.identity.seller = Some(detail.clone());
            offered.quote.identity.packaging = Some(name.clone());
        }
        comparison.rejected[0].rejection.identity.sku = Some(sku);
        comparison.rejected[0].rejection.cause = Cause::WrongProduct { found: detail.clone() };
        comparison.suppliers.push(scene::failed(&name, 1, Failure::new(ErrorKind::Mapping).with_detail(detail)));
        let text = plain(&comparison, width);
        prop_assert!(!text.chars().any(|character| character != '\n' && is_forbidden(character)), "{}", text);
        for line in text.lines() {
            prop_assert!(line.width() <= width.max(LEAST_WIDTH), "{:?}", line);
        }
        // Nothing in a cell adds or takes a row, or moves what stands behind it.
        let lines = grid_lines(&text);
        prop_assert_eq!(lines.len(), 1 + comparison.quotes.len(), "{}", text);
        let end = lines[0].split("TOTAL EUR").next().map(|before| before.width() + "TOTAL EUR".len());
        for (line, offered) in lines[1..].iter().zip(&comparison.quotes) {
            let total = format!("{:.2}", offered.quote.charges.total);
            let positions: Vec<usize> =
                line.match_indices(&total).map(|(at, _)| line[..at].width() + total.len()).collect();
            prop_assert!(positions.iter().any(|position| Some(*position) == end), "{}", text);
        }
    }

    #[test]
    fn every_width_holds_the_largest_amounts(width in 0_usize..230, digits in 1_usize..22) {
        let total = format!("{}.99", "9".repeat(digits));
        let mut comparison = scene::ranked(vec![
            scene::quote("acme", "0.999999999999", "1.00", Some(3650)),
            scene::quote(&"long-name-".repeat(9), "999999999999.999999999999", &total, None),
        ]);
        comparison.quotes[1].quote.order_quantity = 1_000_000_000;
        let text = plain(&comparison, width);
        for line in text.lines() {
            prop_assert!(line.width() <= width.max(LEAST_WIDTH), "{:?}", line);
        }
        prop_assert_eq!(grid_lines(&text).len(), 3, "{}", text);
    }
}

#[test]
fn since_when_prices_moved_is_said_once_where_rows_have_no_room() {
    let mut comparison = scene::ranked(vec![
        scene::quote("acme", "0.1", "9.50", Some(2)),
        scene::quote("bolt", "0.1", "10.00", Some(3)),
        scene::quote("corner", "0.2", "11.00", Some(4)),
    ]);
    let since =
        [("10.00", "2026-11-20T14:05:59Z"), ("9.50", "2026-11-22T08:00:00Z"), ("11.00", "2026-11-01T08:00:00Z")];
    for (offered, (total, at)) in comparison.quotes.iter_mut().zip(since) {
        let total = scene::money(total);
        offered.previous = Some(PreviousPrice { unit_price: total, total, quoted_at: at.parse().unwrap() });
    }
    insta::assert_snapshot!(plain(&comparison, 80), @"
    95 × widget

    SUPPLIER  ORDER  TOTAL EUR  DELIVERY
    acme         95       9.50    2 days  cheapest by 0.50, 5 % · fastest · -5 %
    bolt         95      10.00    3 days  +5.3 %
    corner       95      11.00    4 days

    changes are since 20 Nov or later

    3 of 3 suppliers responded in 2.003s, strategy all
    ");
    insta::assert_snapshot!(plain(&comparison, 120), @"
    95 × widget

    SUPPLIER  ORDER  UNIT PRICE  SHIPPING  TOTAL EUR  DELIVERY  LATENCY
    acme         95        0.10      0.00       9.50    2 days    120ms  cheapest by 0.50, 5 % · fastest · -5 % since 20 Nov
    bolt         95        0.10      0.00      10.00    3 days    120ms  +5.3 % since 22 Nov
    corner       95        0.20      0.00      11.00    4 days    120ms

    3 of 3 suppliers responded in 2.003s, strategy all
    ");
    for offered in &mut comparison.quotes {
        offered.previous.as_mut().unwrap().quoted_at = "2026-11-23T09:30:00Z".parse().unwrap();
    }
    insta::assert_snapshot!(plain(&comparison, 60), @"
    95 × widget

    SUPPLIER  TOTAL EUR  DELIVERY
    acme           9.50    2 days  cheapest · fastest · -5 %
    bolt          10.00    3 days  +5.3 %
    corner        11.00    4 days

    cheapest by 0.50, 5 %
    changes are since 09:30

    3 of 3 suppliers responded in 2.003s, strategy all
    ");
}
