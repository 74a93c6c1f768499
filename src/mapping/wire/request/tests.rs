use super::*;

fn request(product: &str) -> PriceRequest {
    PriceRequest {
        product: product.to_owned(),
        quantity: Quantity::new(95).unwrap(),
        currency: Currency::parse("EUR").unwrap(),
    }
}

fn message(body: &str) -> String {
    decode_request(body.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_request_is_written_in_the_wires_format() {
    assert_eq!(encode_request(&request("widget")), r#"{"productId":"widget","quantity":95,"currency":"EUR"}"#);
    assert_eq!(
        encode_request(&request("a\"b\\c\n\u{1}")),
        r#"{"productId":"a\"b\\c\n\u0001","quantity":95,"currency":"EUR"}"#
    );
}

#[test]
fn integer_texts_and_unknown_fields_are_fine() {
    let body = br#"{"currency":" eur ","quantity":"95","productId":"widget","priority":1,"priority":2}"#;
    assert_eq!(decode_request(body), Ok(request("widget")));
}

#[test]
fn a_wrong_request_says_which_field_is_wrong() {
    for (body, expected) in [
        ("[]", "the request is an array, not an object"),
        ("{}", "`productId` is missing"),
        (r#"{"productId":""}"#, "`productId` is not a text that names a product"),
        (r#"{"productId":7}"#, "`productId` is not a text that names a product"),
        (r#"{"productId":"a","quantity":null}"#, "`quantity` is missing"),
        (r#"{"productId":"a","quantity":0}"#, "`quantity` is not a whole number from 1 to 1000000000"),
        (r#"{"productId":"a","quantity":1.5}"#, "`quantity` is not a whole number from 1 to 1000000000"),
        (r#"{"productId":"a","quantity":1e10}"#, "`quantity` is not a whole number from 1 to 1000000000"),
        (r#"{"productId":"a","quantity":1}"#, "`currency` is missing"),
        (r#"{"productId":"a","quantity":1,"currency":1}"#, "`currency` is not a text"),
        (r#"{"productId":"a","quantity":1,"currency":"EURO"}"#, "`currency`: `EURO` is not a currency of ISO 4217"),
        (r#"{"productId":"a","productId":"b"}"#, "key `productId` stands twice"),
        ("{", "line 1, column 2: expected a key in double quotes, but the text ends"),
    ] {
        assert_eq!(message(body), expected);
    }
}

proptest::proptest! {
    #[test]
    fn what_is_written_is_read_again(product in ".{1,20}", quantity in 1..=MAX_QUANTITY) {
        let request = PriceRequest { quantity: Quantity::new(quantity).unwrap(), ..request(&product) };
        proptest::prop_assert_eq!(decode_request(encode_request(&request).as_bytes()), Ok(request));
    }
}
