//! Whatever a reply is, the proposer ends, and what it proposes is a filter.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::{Currency, PriceRequest, Quantity};
use crate::mapping::{Cell, RowPlace, Rows};

fn asking_for(product: &str) -> Bindings {
    let currency = Currency::parse("EUR").unwrap();
    Bindings::new(Arc::new(PriceRequest { product: product.to_owned(), quantity: Quantity::ONE, currency }), [].into())
}

/// Keys of the kinds that are looked for, and hostile ones.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "price",
            "unitPrice",
            "Price1",
            "Price2",
            "qty",
            "Qty1",
            "Qty2",
            "quantity",
            "min",
            "currency",
            "amount",
            "value",
            "units",
            "nanos",
            "sku",
            "stock",
            "inStock",
            "breaks",
            "prices",
            "tiers",
            "error",
            "ok",
            "data",
            "a",
            "b",
            "c",
            "1",
            "10",
            "shippingCost",
            "vat",
            "total",
            "widget",
            "columns",
            "rows",
            "edges",
            "node",
            "quantities",
            "divisor",
            "priceUnit",
            "validUntil",
            "if",
            "USD",
            "price_cents",
            "AB-12",
            "packSize",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,8}",
        any::<String>(),
        Just("'''\n\"\"\" \\(1) # |".to_owned()),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (0..100_000_i64).prop_map(|number| json!(format!("{}.{:02}", number / 100, number % 100))),
        (0..100_000_i64).prop_map(|number| json!(number)),
        prop::sample::select(vec![
            "EUR",
            "usd",
            "$1,600.00",
            "1.234,56 €",
            "10+",
            "1 - 9",
            "In Stock",
            "widget",
            "",
            "2026-01-01",
            "Call"
        ])
        .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
}

fn reply() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(6, 120, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..9)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Cells and titles of the kinds that lists have, and hostile ones.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        key(),
        prop::sample::select(vec![
            "Preis",
            "Price 10",
            "1+",
            "ab 100",
            "Menge1",
            "Preis1",
            "Bestand",
            "1.250",
            "12,50 €",
            "0",
            "",
            "ja",
            "3-5 Tage",
            "31.12.2026",
            "100 Stk",
            "Preis je 100",
            "A-1",
            "Gültig bis",
            "VPE",
            "Lieferzeit",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn any_table_ends_in_a_filter_or_a_refusal(
        titles in prop::collection::vec(cell(), 1..8),
        rows in prop::collection::vec(prop::collection::vec((cell(), any::<bool>()), 8), 0..12),
        product in prop::option::of(cell()),
    ) {
        let mut sample = ListSample::new(product.as_deref());
        sample.columns(titles).unwrap();
        for row in &rows {
            let cell = |column: usize| {
                let (text, is_number) = &row[column];
                if *is_number { Cell::Number(text) } else { Cell::Text(text) }
            };
            sample.row(cell, RowPlace::Document).unwrap();
        }
        if let Ok(proposal) = sample.propose() {
            let compiled = Filter::compile(&proposal.filter(), &Names::of_request());
            prop_assert!(compiled.is_ok(), "{compiled:?}\n{}", proposal.filter());
        }
    }

    #[test]
    fn any_rows_of_json_end_in_a_filter_or_a_refusal(rows in prop::collection::vec(reply(), 0..6)) {
        let mut sample = ListSample::new(None);
        for row in &rows {
            sample.json(&row.to_string(), RowPlace::Document).unwrap();
        }
        if let Ok(proposal) = sample.propose() {
            let compiled = Filter::compile(&proposal.filter(), &Names::of_request());
            prop_assert!(compiled.is_ok(), "{compiled:?}\n{}", proposal.filter());
        }
    }

    #[test]
    fn any_request_ends_in_a_filter_or_a_refusal(body in reply(), product in prop::option::of(key()), quantity in 1..9_u64) {
        let _ = request(body.to_string().as_bytes(), product.as_deref(), Some(quantity), &|_| false);
    }

    #[test]
    fn any_reply_ends_in_a_filter_or_a_refusal(reply in reply(), product in prop::option::of(key())) {
        let bindings = asking_for(product.as_deref().unwrap_or_default());
        let document = json::parse(reply.to_string().as_bytes()).map(|document| {
            let shape = Shape::of(&document, product.as_deref());
            rows::choose(&shape).map(|choice| filter::write(&choice, &shape, product.as_deref()))
        });
        if let Some(written) = document.unwrap() {
            let compiled = Filter::compile(&written.text, &Names::of_request());
            prop_assert!(compiled.is_ok(), "{:?}\n{}", compiled, written.text);
        }
        let _ = propose(reply.to_string().as_bytes(), product.as_deref(), &bindings);
    }

    #[test]
    fn any_bytes_end_in_a_refusal_or_a_proposal(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = propose(&bytes, None, &asking_for("widget"));
    }
}

#[test]
fn a_large_reply_is_looked_at_in_part() {
    let parts: Vec<Value> = (0..30_000)
        .map(|number| json!({"id": format!("P{number}"), "price": format!("{number}.50"), "breaks": []}))
        .collect();
    let wide: serde_json::Map<String, Value> =
        (0..30_000).map(|number| (format!("k{number}"), json!({"price": 1.5}))).collect();
    let mut deep = json!({"price": 1.5});
    for _ in 0..120 {
        deep = json!({ "a": [deep] });
        if deep.to_string().matches('[').count() > 55 {
            break;
        }
    }
    for reply in [json!({ "parts": parts }), Value::Object(wide), deep] {
        let document = reply.to_string();
        let document = json::parse(document.as_bytes()).unwrap();
        let shape = Shape::of(&document, None);
        let written = rows::choose(&shape).map(|choice| filter::write(&choice, &shape, None));
        assert!(written.is_none_or(|written| Filter::compile(&written.text, &Names::of_request()).is_ok()));
    }
}
