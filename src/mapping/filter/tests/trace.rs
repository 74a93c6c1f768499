//! Where the fields of offers come from.

use super::*;
use crate::domain::Origin;
use crate::mapping::{Mapping, outline, price_readings};

/// Each field of each offer with its origin.
fn traced(filter: &str, reply: &str) -> Vec<String> {
    let filter = Filter::compile(filter, &Names::of_request()).unwrap();
    let offers = filter.trace(reply.as_bytes(), &request(), 10).unwrap();
    offers.into_iter().flatten().map(|field| format!("{} {}", field.name, origin(field.origin))).collect()
}

fn origin(origin: Origin) -> String {
    match origin {
        Origin::Reply(path) => path,
        Origin::Read(path) => format!("read {path}"),
        Origin::OneOf { places, count } => format!("one of {count}: {}", places.join(" ")),
        Origin::Filter => "filter".to_owned(),
        Origin::Variable => "question".to_owned(),
        Origin::Computed => "computed".to_owned(),
    }
}

#[test]
fn what_is_passed_on_is_found_for_certain() {
    let reply = r#"{"parts": [{"id": "A", "n": 5, "p": 5}, {"id": "A", "n": 5, "p": 5, "ok": true}]}"#;
    assert_eq!(
        traced(".parts[] | {sku: .id, stockQuantity: .n, unitPrice: .p, inStock: .ok}", reply),
        [
            "sku .parts[0].id",
            "stockQuantity .parts[0].n",
            "unitPrice .parts[0].p",
            "sku .parts[1].id",
            "stockQuantity .parts[1].n",
            "unitPrice .parts[1].p",
            "inStock .parts[1].ok",
        ]
    );
}

#[test]
fn what_is_read_from_text_is_found_in_its_own_element() {
    let reply = r#"{"parts": [
        {"id": "A", "breaks": [{"min": "1", "p": "$1,600.00"}, {"min": "10", "p": "$10.00"}]},
        {"id": "B", "breaks": [{"min": "10", "p": "$1,600.00"}]}]}"#;
    let filter = r#".parts[] | {sku: .id, priceBreaks: [.breaks[]
        | {quantity: (.min | tonumber), unitPrice: (.p | tonumber(","; "."))}]}"#;
    assert_eq!(
        traced(filter, reply),
        [
            "sku .parts[0].id",
            "priceBreaks[0].quantity read .parts[0].breaks[0].min",
            "priceBreaks[0].unitPrice read .parts[0].breaks[0].p",
            "priceBreaks[1].quantity read .parts[0].breaks[1].min",
            "priceBreaks[1].unitPrice read .parts[0].breaks[1].p",
            "sku .parts[1].id",
            "priceBreaks[0].quantity read .parts[1].breaks[0].min",
            "priceBreaks[0].unitPrice read .parts[1].breaks[0].p",
        ]
    );
}

#[test]
fn what_stands_at_several_places_is_said_to() {
    let reply = r#"{"a": {"p": "1.50"}, "b": {"p": "1.50", "q": 1.5}}"#;
    assert_eq!(traced("{unitPrice: (.a.p | tonumber)}", reply), ["unitPrice one of 2: .a.p .b.p"]);
}

#[test]
fn a_value_of_another_element_is_no_origin() {
    let reply = r#"[{"id": "A", "cents": 1999}, {"id": "B", "p": 19.99, "cents": 5}]"#;
    let traced = traced(".[] | {sku: .id, unitPrice: (.cents / 100)}", reply);
    assert_eq!(traced, ["sku .[0].id", "unitPrice computed", "sku .[1].id", "unitPrice computed"]);
}

#[test]
fn what_the_filter_and_the_question_say_is_told() {
    let filter = r#"{sku: $product, currency: "USD", shipping: 0, inStock: (.n > 0), unitPrice: .p, oops: 1}"#;
    assert_eq!(
        traced(filter, r#"{"n": 5, "p": 0, "sign": "USD"}"#),
        ["sku question", "currency filter", "shipping filter", "inStock computed", "unitPrice .p", "oops computed"]
    );
}

#[test]
fn the_wires_own_offers_come_from_where_they_stand() {
    let offers = Mapping::default().trace(br#"[{"sku": "A", "quantity": 1, "other": 2}]"#, &request(), 10).unwrap();
    let told: Vec<_> = offers[0].iter().map(|field| (field.name.as_str(), field.is_known)).collect();
    assert_eq!(told, [("sku", true), ("quantity", true), ("other", false)]);
    assert_eq!(offers[0][0].origin, Origin::Reply(".[0].sku".to_owned()));
}

#[test]
fn a_reply_is_outlined_by_the_first_of_each_array() {
    let reply = r#"{"total": 2, "parts": [{"id": "A", "breaks": []}, {"id": "B"}], "odd key": null}"#;
    let parts = outline(reply.as_bytes(), 50).unwrap();
    let told: Vec<String> = parts
        .into_iter()
        .map(|part| {
            format!("{} {} {}", part.path, part.kind, part.value.unwrap_or_else(|| format!("{:?}", part.count)))
        })
        .collect();
    assert_eq!(
        told,
        [
            ". an object Some(3)",
            ".total a number 2",
            ".parts an array Some(2)",
            ".parts[0] an object Some(2)",
            ".parts[0].id text \"A\"",
            ".parts[0].breaks an array Some(0)",
            ".[\"odd key\"] null null",
        ]
    );
    assert_eq!(outline(reply.as_bytes(), 2).unwrap().len(), 2);
    assert!(outline(b"<html>", 2).is_err());
}

#[test]
fn separators_are_proposed_for_the_text_of_a_price() {
    let proposed = |text: &str| {
        price_readings(text)
            .into_iter()
            .map(|(group, point, number)| format!("{group}{point}{number}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(proposed("1.234,56 €"), [".,1234.56"]);
    assert_eq!(proposed("$1,600.00"), [",.1600.00"]);
    assert_eq!(proposed("1,234"), [",.1234", ".,1.234"]);
    assert_eq!(proposed("CHF 1'234.50"), ["'.1234.50"]);
    assert!(proposed("5 - 10 €").is_empty() && proposed("on request").is_empty());
}
