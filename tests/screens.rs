//! The screens in terminals of 60, 100 and 200 columns: real terminals, with and without colour, and what a terminal
//! sees while it waits.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use support::{Scene, without_latency, without_times};

/// Runs the binary in a terminal, without a configuration, and returns all that it wrote there, escapes included.
fn in_terminal(columns: usize, arguments: &str) -> String {
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    support::in_terminal(&Scene::without_configuration(), columns, &arguments)
}

/// The screen without what differs from run to run.
fn screen(columns: usize, arguments: &str) -> String {
    without_times(&in_terminal(columns, &format!("{arguments} --no-progress")))
}

#[test]
fn sixty_columns() {
    insta::assert_snapshot!(screen(60, "--mock widget --qty 95 --color never"), @"
    95 × widget

    SUPPLIER  ORDER  TOTAL EUR  AS QUOTED  DELIVERY
    acme        100      42.90               9 days  cheapest
    dakota       95      67.24  72.90 USD    7 days
    everest      95      70.70               5 days
    corner       95      73.98  88.04 EUR    4 days
    corner       95      78.35  93.24 EUR    3 days
    foundry      95      88.35               4 days
    bolt         95     110.90               1 day   fastest

    cheapest by 24.34, 36 %
    acme: order 100: 2.75 less than 95
    other currencies are converted by the rates of 2026-11-20

    Rejected
      globex GX-1  out of stock

    Failed
      hooli    HTTP status 503, service unavailable: this mock
               supplier answers 503 as configured, retry in 30s
      initech  no reply within 400ms

    7 of 9 suppliers responded in 405ms, strategy all
    ");
}

#[test]
fn a_hundred_columns() {
    insta::assert_snapshot!(screen(100, "--mock widget --qty 95 --color never"), @"
    95 × widget

    SUPPLIER  ORDER  UNIT PRICE  SHIPPING  TOTAL EUR  AS QUOTED  DELIVERY
    acme        100    0.40          2.90      42.90               9 days  cheapest by 24.34, 36 %
    dakota       95    0.664084      4.15      67.24  72.90 USD    7 days
    everest      95    0.70          4.20      70.70               5 days
    corner       95    0.747899      2.93      73.98  88.04 EUR    4 days
    corner       95    0.798319      2.51      78.35  93.24 EUR    3 days
    foundry      95    0.93          0.00      88.35               4 days
    bolt         95    1.10          3.90     110.90               1 day   fastest

    acme: order 100: 2.75 less than 95
    other currencies are converted by the rates of 2026-11-20

    Rejected
      globex GX-1  out of stock

    Failed
      hooli    HTTP status 503, service unavailable: this mock supplier answers 503 as configured, retry
               in 30s
      initech  no reply within 400ms

    7 of 9 suppliers responded in 405ms, strategy all
    ");
}

#[test]
fn two_hundred_columns() {
    let text = screen(200, "--mock widget --qty 95 --color never");
    let text = text.lines().map(without_latency).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(text, @"
    95 × widget

    SUPPLIER  SKU        PACKAGING  SELLER        ORDER  UNIT PRICE  SHIPPING  TOTAL EUR  AS QUOTED  DELIVERY  STOCK  LATENCY
    acme      A-100                                 100    0.40          2.90      42.90               9 days   5000      #ms  cheapest by 24.34, 36 %
    dakota    DK-9                                   95    0.664084      4.15      67.24  72.90 USD    7 days   2400      #ms
    everest   E-12       box                         95    0.70          4.20      70.70               5 days    360      #ms
    corner    C-7-BAG    bag of 5   Bagged Goods     95    0.747899      2.93      73.98  88.04 EUR    4 days    yes      #ms
    corner    C-7                   Nuts & Bolts     95    0.798319      2.51      78.35  93.24 EUR    3 days    yes      #ms
    foundry   F-3                                    95    0.93          0.00      88.35               4 days   1200      #ms
    bolt      B-EXPRESS                              95    1.10          3.90     110.90               1 day     800      #ms  fastest

    acme: order 100: 2.75 less than 95
    other currencies are converted by the rates of 2026-11-20

    Rejected
      globex GX-1  out of stock

    Failed
      hooli    HTTP status 503, service unavailable: this mock supplier answers 503 as configured, retry in 30s
      initech  no reply within 400ms

    7 of 9 suppliers responded in 405ms, strategy all
    ");
}

#[test]
fn in_colour() {
    insta::assert_snapshot!(screen(80, "--mock widget --qty 95 --supplier acme,bolt,globex").replace('\u{1b}', "␛"), @"
    ␛[1m95 × widget␛[0m

    ␛[2mSUPPLIER  ORDER  UNIT PRICE  TOTAL EUR  DELIVERY  STOCK␛[0m
    acme        100        0.40      42.90    9 days   5000  ␛[1;32mcheapest by 68.00, 61 %␛[0m
    bolt         95        1.10     110.90    1 day     800  ␛[36mfastest␛[0m

    ␛[36macme: order 100: 2.75 less than 95␛[0m

    ␛[33mRejected␛[0m
      globex GX-1  out of stock

    ␛[2m3 of 3 suppliers responded in 405ms, strategy all␛[0m
    ");
}

#[test]
fn best_alone() {
    insta::assert_snapshot!(screen(80, "--mock widget --qty 95 --strategy best --color never"), @"
    95 × widget

    SUPPLIER  ORDER  UNIT PRICE  TOTAL EUR  DELIVERY  STOCK
    acme        100        0.40      42.90    9 days   5000  cheapest by 24.34, 36 %

    acme: order 100: 2.75 less than 95

    7 of 9 suppliers responded in 405ms, strategy best
    ");
}

#[test]
fn nobody_can_deliver() {
    insta::assert_snapshot!(screen(80, "--mock widget --qty 95 --supplier globex --color never"), @"
    95 × widget

    Rejected
      globex GX-1  out of stock

    1 of 1 supplier responded in 405ms, strategy all
    error: no supplier can deliver
    hint: each rejected offer says why
    ");
}

#[test]
fn nobody_responds() {
    insta::assert_snapshot!(screen(80, "--mock widget --supplier hooli,initech --color never"), @"
    1 × widget

    Failed
      hooli    HTTP status 503, service unavailable: this mock supplier answers 503
               as configured, retry in 30s
      initech  no reply within 400ms

    0 of 2 suppliers responded in 405ms, strategy all
    error: too few suppliers responded: 1 needed, 0 did
    hint: each supplier that failed says why; `--min-responses` sets how many must respond
    ");
}

#[test]
fn a_failed_gate() {
    insta::assert_snapshot!(screen(80, "--mock widget --supplier acme --max-total 1 --color never"), @"
    1 × widget

    SUPPLIER  ORDER  UNIT PRICE  SHIPPING  TOTAL EUR  DELIVERY
    acme          1        0.60      2.90       3.50    9 days  cheapest · fastest

    1 of 1 supplier responded in 405ms, strategy all
    error: gate failed: total 3.50 EUR is above 1.00 EUR
    ");
}

#[test]
fn short_help() {
    insta::assert_snapshot!(screen(80, "-h"), @"
    Ask every supplier at once what a product costs

    [1m[4mUsage:[0m pricecmp [OPTIONS] <PRODUCT>
           pricecmp [OPTIONS] <COMMAND>

    [1m[4mCommands:[0m
      [1mbasket[0m         Find the best order for a file of products
      [1mmock[0m           Serve the mock suppliers over HTTP until interrupted
      [1mworker[0m         Answer a supplier's quote requests on a broker
      [1mcheck[0m          Validate the configuration, and try suppliers or their mappings
      [1mexplain[0m        Show the answer of one supplier step by step
      [1minit[0m           Write a starter configuration
      [1madd[0m            Add a supplier by one reply of its API
      [1msuppliers[0m      Show every supplier's health: circuit, success, latency
      [1mhistory[0m        Show what a product cost in earlier runs
      [1mkafka-cleanup[0m  Remove reply topics that runs have left on Kafka
      [1mschema[0m         Print a JSON Schema, of the output or of suppliers.toml
      [1mcompletions[0m    Print a completion script for a shell
      [1mman[0m            Print the manual page, in roff

    [1m[4mOptions:[0m
      [1m-n[0m, [1m--qty[0m <N>             How many; 10,100,1000 compares several [default: 1]
          [1m--timeout[0m <TIME>      Wait at most this long, such as 500ms [default: 5s]
          [1m--strategy[0m <NAME>     all, best, first or majority [default: all]
          [1m--supplier[0m <NAME>     Only these: repeat, or separate with commas
          [1m--within-days[0m <DAYS>  Reject offers that arrive later than this
          [1m--max-total[0m <AMOUNT>  Exit 4 if the selected total is above this
          [1m--sort[0m <KEY>          total, delivery, unit or supplier [default: total]
      [1m-f[0m, [1m--format[0m <NAME>       table, json, ndjson, csv, markdown [default: table]
          [1m--json[0m                Short for --format json
          [1m--jq[0m <FILTER>         Print what this jq filter makes of the JSON
      [1m-o[0m, [1m--output[0m <FILE>       Write the result to a file, the table to stdout
      [1m-c[0m, [1m--config[0m <FILE>       Use this configuration
          [1m--mock[0m                Ask mock suppliers in this process, no network
      [1m-q[0m, [1m--quiet[0m               Print no warnings, hints and progress
      [1m-v[0m, [1m--verbose[0m...          Tell on stderr what happens; twice for more
      [1m-h[0m, [1m--help[0m                Print help (see more with '--help')
      [1m-V[0m, [1m--version[0m             Print version
    ");
}

#[test]
fn a_misspelt_flag_gets_a_suggestion() {
    insta::assert_snapshot!(screen(80, "widget --quantiy 5"), @"
    [1m[31merror:[0m unexpected argument '[33m--quantiy[0m' found

      [32mtip:[0m a similar argument exists: '[32m--quantity[0m'

    [1m[4mUsage:[0m pricecmp [OPTIONS] <PRODUCT>
           pricecmp [OPTIONS] <COMMAND>

    For more information, try '[1m--help[0m'.
    ");
}

#[test]
fn a_bare_time_gets_its_unit_proposed() {
    insta::assert_snapshot!(screen(80, "widget --timeout 5 --mock --color never"), @"
    error: `--timeout`: `5` has no unit
    hint: write `5s`
    ");
}

#[test]
fn a_misspelt_command_gets_a_suggestion() {
    insta::assert_snapshot!(screen(80, "--mock chek --supplier bolt --color never"), @"
    1 × chek

    No offers
      bolt  does not carry the product

    1 of 1 supplier responded in 405ms, strategy all
    error: no supplier can deliver
    hint: no supplier carries `chek`: check its name
    hint: did you mean the command `pricecmp check`?
    ");
}

#[test]
fn progress_shows_who_is_awaited_and_is_gone_when_the_result_comes() {
    let text = in_terminal(80, "--mock widget --color never");
    let (progress, result) = text.rsplit_once("1 × widget").unwrap();
    assert!(progress.contains("initech"), "who is awaited: {progress:?}");
    assert!(progress.contains("of 9"), "how many answered: {progress:?}");
    assert!(progress.contains("\u{1b}[2K"), "its lines are erased: {progress:?}");
    assert!(!result.contains('\u{1b}'), "nothing is drawn over the result: {result:?}");
}

#[test]
fn no_progress_where_nobody_looks() {
    let scene = Scene::without_configuration();
    assert_eq!(scene.run(&["--mock", "widget"]).stderr, "");
}
