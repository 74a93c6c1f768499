//! Replies as real services shape them, and requests as they want them.

use rust_decimal::Decimal;

use super::*;
use crate::domain::Offer;

fn offers(source: &str, reply: &str) -> Vec<Offer> {
    let offers = read(source, reply.as_bytes());
    let readable = |reply| match reply {
        OfferReply::Readable(offer) => *offer,
        OfferReply::Faulty(rejection) => panic!("{rejection:?}"),
    };
    offers.unwrap_or_else(|failure| panic!("{failure:?}")).into_iter().map(readable).collect()
}

fn failure(source: &str, reply: &str) -> (ErrorKind, String) {
    let failure = read(source, reply.as_bytes()).unwrap_err();
    (failure.kind, failure.detail.unwrap_or_default())
}

fn amount(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).ok()
}

#[test]
fn price_breaks_of_a_parts_search() {
    let source = r#".parts[] | {sku: .id, currency: "USD", inStock: (.qty > 0),
                  priceBreaks: [.breaks[] | {quantity: .min, unitPrice: .price}]}"#;
    let reply = r#"{"parts": [
        {"id": 17, "qty": 0, "breaks": [{"min": 1, "price": 0.60}, {"min": 50, "price": "0.450"}]},
        {"id": "B", "qty": 7, "breaks": []}]}"#;
    let offers = offers(source, reply);
    assert_eq!(offers[0].identity.sku.as_deref(), Some("17"));
    assert_eq!((offers[0].in_stock, offers[1].in_stock), (Some(false), Some(true)));
    let tiers = offers[0].price_breaks.as_ref().unwrap();
    assert_eq!((tiers[0].unit_price.to_string(), tiers[1].unit_price.to_string()), ("0.60".into(), "0.450".into()));
    assert_eq!(
        failure(source, r#"{"parts": [{"qty": 1, "breaks": [1]}, {"qty": 1}]}"#),
        (ErrorKind::Mapping, "cannot index number (1) with \"min\" at .parts[0].breaks[0]".to_owned())
    );
    assert_eq!(
        failure(source, r#"{"parts": [{"qty": 1}]}"#),
        (ErrorKind::Mapping, "cannot iterate over null (null) at .parts[0].breaks".to_owned())
    );
}

#[test]
fn money_as_units_and_nanos() {
    let source = r".skus[] | .pricingInfo[0].pricingExpression.tieredRates[0].unitPrice
        | {unitPrice: ((.units // 0 | tonumber) + (.nanos // 0) / 1000000000), currency: .currencyCode, inStock: true}";
    let sku = |price: &str| {
        format!(r#"{{"pricingInfo": [{{"pricingExpression": {{"tieredRates": [{{"unitPrice": {price}}}]}}}}]}}"#)
    };
    let prices = [
        r#"{"currencyCode": "USD", "units": "0", "nanos": 31611000}"#,
        r#"{"currencyCode": "USD", "units": "12"}"#,
        r#"{"currencyCode": "USD", "nanos": 1}"#,
    ];
    let reply = format!(r#"{{"skus": [{}]}}"#, prices.map(sku).join(","));
    let unit_prices: Vec<_> = offers(source, &reply).into_iter().map(|offer| offer.unit_price).collect();
    assert_eq!(unit_prices, [amount("0.031611"), amount("12"), amount("0.000000001")]);
}

#[test]
fn european_price_text() {
    let source = r#"[.[] | {unitPrice: (.preis | tonumber("."; ",")), currency: "EUR", stockQuantity: .bestand}]"#;
    let reply = r#"[{"preis": "1.234,56 €", "bestand": 3}, {"preis": "0,45", "bestand": 9}]"#;
    let unit_prices: Vec<_> = offers(source, reply).into_iter().map(|offer| offer.unit_price).collect();
    assert_eq!(unit_prices, [amount("1234.56"), amount("0.45")]);
    assert_eq!(
        failure(source, r#"[{"preis": "ab 5,00 €"}]"#).1,
        "string (\"ab 5,00 €\") is not a price with `.` between groups and `,` before decimals at .[0].preis"
    );
}

#[test]
fn sellers_of_a_marketplace() {
    let source = r".results[].part.sellers[] | .company.name as $seller | .offers[]
        | select(.prices | any(.currency == $currency))
        | {seller: $seller, sku: .sku, currency: $currency, stockQuantity: .inventoryLevel, minimumQuantity: .moq,
           priceBreaks: [.prices[] | select(.currency == $currency) | {quantity, unitPrice: .price}]}";
    let reply = r#"{"results": [{"part": {"sellers": [
        {"company": {"name": "One"}, "offers": [
            {"sku": "1-A", "inventoryLevel": 10, "moq": 1, "prices": [{"quantity": 1, "price": 2.50, "currency": "EUR"},
                {"quantity": 1, "price": 2.70, "currency": "USD"}]},
            {"sku": "1-B", "inventoryLevel": 10, "moq": null, "prices": [{"quantity": 1, "price": 9, "currency": "USD"}]}]},
        {"company": {"name": "Two"}, "offers": [
            {"sku": "2-A", "inventoryLevel": -1, "moq": 5, "prices": [{"quantity": 5, "price": 2.25, "currency": "EUR"}]}]}]}}]}"#;
    let offers = offers(source, reply);
    let seen: Vec<_> =
        offers.iter().map(|offer| (offer.identity.seller.as_deref(), offer.identity.sku.as_deref())).collect();
    assert_eq!(seen, [(Some("One"), Some("1-A")), (Some("Two"), Some("2-A"))]);
    assert_eq!(offers[0].price_breaks.as_ref().map(Vec::len), Some(1));
}

#[test]
fn minor_units_and_prices_per_thousand() {
    let source = "{unitPrice: (.cents / 100), priceUnit: 1000, currency: \"EUR\", inStock: true}";
    let offer = &offers(source, r#"{"cents": 1249}"#)[0];
    assert_eq!((offer.unit_price, offer.price_unit), (amount("12.49"), Some(1000)));
}

#[test]
fn a_request_is_written_with_exact_digits() {
    let body = |source: &str| compiled(source).request_body(&request());
    assert_eq!(body("{keyword: $product, count: $quantity}"), Ok(r#"{"keyword":"widget","count":95}"#.to_owned()));
    assert_eq!(body("."), Ok(r#"{"productId":"widget","quantity":95,"currency":"EUR"}"#.to_owned()));
    assert_eq!(
        body("{max: 1234567890.123456789012, n: [$quantity * 0.1]}"),
        Ok(r#"{"max":1234567890.123456789012,"n":[9.5]}"#.to_owned())
    );
    let detail = |source: &str| body(source).unwrap_err().detail.unwrap();
    assert_eq!(detail("empty"), "the request filter yields 0 values, not one");
    assert_eq!(detail("1, 2"), "the request filter yields 2 values, not one");
    assert_eq!(
        detail(".productId + 1"),
        "in `request`: string (\"widget\") and number (1) cannot be added at .productId"
    );
}

#[test]
fn a_form_has_texts_numbers_and_booleans_in_the_objects_order() {
    let form = |source: &str| compiled(source).request_form(&request());
    assert_eq!(
        form(r#"{q: "a b&c=d+é", n: ($quantity * 0.1), all: true, ids: ["x", 1], none: null, empty: []}"#),
        Ok("q=a+b%26c%3Dd%2B%C3%A9&n=9.5&all=true&ids=x&ids=1".to_owned())
    );
    assert_eq!(form("."), Ok("productId=widget&quantity=95&currency=EUR".to_owned()));
    assert_eq!(form("{}"), Ok(String::new()));
    let detail = |source: &str| form(source).unwrap_err().detail.unwrap();
    assert_eq!(detail("[1]"), "the request filter does not yield an object, which a form needs");
    let nested = "`a` is neither text, a number nor a boolean, and a form holds nothing else";
    assert_eq!(detail("{a: {b: 1}}"), nested);
    assert_eq!(detail("{a: [[1]]}"), nested);
    assert_eq!(detail("{}, {}"), "the request filter yields 2 values, not one");
}

#[test]
fn hostile_products_stay_text_in_a_request() {
    let hostile = request_for("\"}, {\"\\\n\u{0}é");
    let body = compiled("{k: $product}").request_body(&hostile).unwrap();
    let read: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(read["k"], hostile.request().product);
}

#[test]
fn offers_come_alone_in_arrays_or_not_at_all() {
    let offer = r#"{unitPrice: 1, currency: "EUR", inStock: true}"#;
    assert_eq!(offers("empty", "{}").len(), 0);
    assert_eq!(offers("[]", "{}").len(), 0);
    assert_eq!(offers(&format!("{offer}, [{offer}, {offer}], []"), "{}").len(), 3);
    assert_eq!(
        failure("5", "{}"),
        (ErrorKind::Mapping, "the filter yields a number, not an object or an array".into())
    );
    assert_eq!(failure(&format!("{offer}, null"), "{}").1, "the filter yields null, not an object or an array");
    assert_eq!(failure(&format!("[{offer}, 5]"), "{}").1, "element 1 is a number, not an object");
    assert_eq!(failure(&format!("[[{offer}]]"), "{}").1, "element 0 is an array, not an object");
    assert_eq!(failure(&format!("[range(10001) | {offer}]"), "{}").1, "10001 offers, more than 10000");
}

#[test]
fn an_error_that_the_filter_passes_on_is_the_suppliers() {
    let source = "if .fault then {error: .fault.text} else .offers[] end";
    assert_eq!(
        failure(source, r#"{"fault": {"text": "quota exceeded"}}"#),
        (ErrorKind::SupplierError, "quota exceeded".into())
    );
}

#[test]
fn a_fault_in_one_offer_leaves_the_others() {
    let reply =
        br#"[{"unitPrice": "1,5", "currency": "EUR", "inStock": true}, {"unitPrice": 1.5, "currency": "EUR", "inStock": true}]"#;
    let replies = read(".[]", reply);
    assert!(matches!(replies.unwrap()[..], [OfferReply::Faulty(_), OfferReply::Readable(_)]));
}

#[test]
fn a_reply_that_is_no_json_is_malformed() {
    assert_eq!(failure(".", "<html>").0, ErrorKind::MalformedJson);
    assert_eq!(failure(".", "{\"a\": 1,}").1, "line 1, column 9: expected a key in double quotes, found `}`");
}

#[test]
fn a_large_reply_is_left_to_another_thread() {
    let source = ".[] | {unitPrice: .p, currency: \"EUR\", inStock: true}";
    let small = r#"[{"p": 1.5}]"#;
    let large = format!("[{}]", vec![r#"{"p": 1.5}"#; 9_000].join(","));
    let at_once = |reply: &str| read_at_once(source, reply.as_bytes());
    assert_eq!(at_once(small).unwrap().unwrap().len(), 1);
    assert!(at_once(&large).is_none());
    // Small, but with more to do than the event loop has time for.
    assert!(at_once(&format!("[{}]", vec![r#"{"p":1}"#; 5_000].join(","))).is_none());
    assert_eq!(read(source, large.as_bytes()).unwrap().len(), 9_000);
}

#[test]
fn output_is_filtered_to_raw_text_or_json() {
    let apply = |source: &str| {
        let filter = Filter::compile(source, &Names::none()).unwrap();
        filter.apply(br#"{"cheapest": {"supplierId": "acme", "totalPrice": 38.00}, "allQuotes": []}"#)
    };
    assert_eq!(
        apply(".cheapest | .supplierId, .totalPrice, ."),
        Ok(vec!["acme".to_owned(), "38.00".to_owned(), r#"{"supplierId":"acme","totalPrice":38.00}"#.to_owned()])
    );
    assert_eq!(apply(r#".cheapest | "\(.supplierId): \(.totalPrice * 100)""#), Ok(vec!["acme: 3800".to_owned()]));
    assert_eq!(apply("empty"), Ok(Vec::new()));
    let failure = apply(".cheapest.totalPrice[]").unwrap_err();
    assert_eq!(failure.detail.as_deref(), Some("cannot iterate over number (38.00) at .cheapest.totalPrice"));
}
