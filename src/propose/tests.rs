//! Replies of many kinds, and the prices that are to be found in them.

use std::fmt::Write as _;
use std::sync::Arc;

use super::*;
use crate::domain::{Currency, Offer, PriceRequest, Quantity};

fn request(product: &str) -> Bindings {
    let currency = Currency::parse("EUR").unwrap();
    Bindings::new(Arc::new(PriceRequest { product: product.to_owned(), quantity: Quantity::ONE, currency }), [].into())
}

fn looked_at(reply: &str, product: Option<&str>) -> Proposal {
    match propose(reply.as_bytes(), product, &request(product.unwrap_or("widget"))) {
        Ok(proposal) => proposal,
        Err(refusal) => panic!("{refusal}:\n{reply}"),
    }
}

/// An offer in short: its sku, its price or breaks, its currency and its stock.
fn short(offer: &Offer) -> String {
    let price = match (&offer.price_breaks, offer.unit_price, offer.total_price) {
        (Some(breaks), ..) => {
            breaks.iter().map(|tier| format!("{}@{}", tier.quantity, tier.unit_price)).collect::<Vec<_>>().join(",")
        }
        (_, Some(price), _) => price.to_string(),
        (.., Some(total)) => format!("total {total}"),
        _ => "none".to_owned(),
    };
    let stock = match (offer.stock_quantity, offer.in_stock) {
        (Some(count), _) => count.to_string(),
        (None, Some(true)) => "yes".to_owned(),
        (None, Some(false)) => "no".to_owned(),
        (None, None) => "?".to_owned(),
    };
    let sku = offer.identity.sku.as_deref().unwrap_or("-");
    format!("{sku} {price} {} {stock}", offer.currency.as_deref().unwrap_or("-"))
}

fn offers(reply: &str, product: Option<&str>) -> Vec<String> {
    let proposal = looked_at(reply, product);
    let offers = proposal.offers.unwrap_or_else(|failure| panic!("{failure:?}\n{:?}", proposal.filter));
    let shown = offers.iter().map(|offer| match offer {
        OfferReply::Readable(offer) => short(offer),
        OfferReply::Faulty(rejection) => format!("{:?}", rejection.cause),
    });
    shown.collect()
}

/// Holds what the offers of each reply are.
fn hold(cases: &[(&str, &str, &[&str])]) {
    let mut wrong = String::new();
    for (kind, reply, expected) in cases {
        let found = offers(reply, None);
        if found != *expected {
            let filter = looked_at(reply, None).filter.unwrap_or_default();
            writeln!(wrong, "{kind}: {found:?}, not {expected:?}\n{filter}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn price_breaks_at_distributors() {
    hold(&[
        (
            "objects",
            r#"{"parts":[{"partNumber":"R-1","onHand":120,"breaks":[{"min":1,"price":0.5},{"min":10,"price":0.4}]}],"currency":"usd"}"#,
            &["R-1 1@0.5,10@0.4 usd 120"],
        ),
        (
            "text with signs",
            r#"{"Items":[{"SKU":"A","PriceTiers":[{"Qty":"1+","Price":"€1.204,50"},{"Qty":"100+","Price":"€999,00"}],"Availability":"12.000 auf Lager"}]}"#,
            &["A 1@1204.50,100@999.00 EUR 12000"],
        ),
        (
            "names of no dictionary",
            r#"[{"code":"Q-7","ladder":[{"n":1,"rate":9.5},{"n":50,"rate":8.25},{"n":200,"rate":8}],"currencyCode":"GBP","instock":true}]"#,
            &["Q-7 1@9.5,50@8.25,200@8 GBP yes"],
        ),
        (
            "pairs",
            r#"{"sku":"P","currency":"EUR","stock":4,"prices":[[1,"2.00"],[10,"1.50"]]}"#,
            &["P 1@2.00,10@1.50 EUR 4"],
        ),
        (
            "keys",
            r#"{"data":[{"mpn":"K","pricing":{"1":"3.10","25":"2.90"},"currency":"USD","quantity_available":7}]}"#,
            &["K 1@3.10,25@2.90 USD 7"],
        ),
        (
            "parallel arrays",
            r#"{"offers":[{"sku":"L","quantities":[1,10,100],"prices":["1.20","1.10","0.90"],"currency":"EUR","available":55}]}"#,
            &["L 1@1.20,10@1.10,100@0.90 EUR 55"],
        ),
        (
            "numbered columns",
            r#"[{"Artikelnummer":"S","Menge1":1,"Preis1":"4,10","Menge2":50,"Preis2":"3,95","Bestand":9,"Waehrung":"EUR"}]"#,
            &["S 1@4.10,50@3.95 EUR 9"],
        ),
        (
            "nested money",
            r#"{"results":[{"sku":"N","tiers":[{"minQuantity":1,"price":{"amount":"7.00","currency":"CHF"}},{"minQuantity":5,"price":{"amount":"6.50","currency":"CHF"}}],"inStock":true}]}"#,
            &["N 1@7.00,5@6.50 CHF yes"],
        ),
        (
            "packagings of a product",
            r#"{"Products":[{"MakerNumber":"M","UnitPrice":0.5,"Variations":[{"ProductNumber":"M-1","StandardPricing":[{"BreakQuantity":1,"UnitPrice":0.5,"TotalPrice":0.5},{"BreakQuantity":10,"UnitPrice":0.4,"TotalPrice":4.0}],"QuantityAvailable":9},{"ProductNumber":"M-2","StandardPricing":[{"BreakQuantity":3000,"UnitPrice":0.3,"TotalPrice":900.0}],"QuantityAvailable":3000}]}],"Locale":{"Currency":"USD"}}"#,
            &["M-1 1@0.5,10@0.4 USD 9", "M-2 3000@0.3 USD 3000"],
        ),
        (
            "prices as text, in a list of no telling name",
            r#"{"hits":[{"art":"B","conditions":[{"ab":"1","chf":"CHF 0.45"},{"ab":"100","chf":"CHF 0.31"},{"ab":"1'000","chf":"CHF 0.22"}]}]}"#,
            &["- 1@0.45,100@0.31,1000@0.22 CHF yes"],
        ),
        (
            "from zero",
            r#"{"plans":[{"id":"vm","rates":[{"startUsageAmount":0,"unitPrice":{"currencyCode":"USD","units":"0","nanos":31500000}}]}]}"#,
            &["vm 1@0.0315 USD yes"],
        ),
    ]);
}

#[test]
fn listings_of_marketplaces_and_shops() {
    hold(&[
        (
            "money objects",
            r#"{"itemSummaries":[{"itemId":"v1|7","title":"A thing","price":{"value":"12.99","currency":"USD"},"marketingPrice":{"originalPrice":{"value":"15.00","currency":"USD"}},"seller":{"username":"bob"}}]}"#,
            &["v1|7 12.99 USD yes"],
        ),
        (
            "variants",
            r#"{"product":{"title":"Mug","variants":[{"sku":"M-S","price":"9.50","compare_at_price":"12.00","inventory_quantity":3,"position":1},{"sku":"M-L","price":"11.00","compare_at_price":null,"inventory_quantity":0,"position":2}]}}"#,
            &["M-S 9.50 - 3", "M-L 11.00 - 0"],
        ),
        (
            "edges and nodes",
            r#"{"data":{"products":{"edges":[{"node":{"id":"gid/1","variants":{"edges":[{"node":{"sku":"E1","priceV2":{"amount":"20.0","currencyCode":"CAD"},"availableForSale":true}}]}}}]}}}"#,
            &["E1 20.0 CAD yes"],
        ),
        (
            "sale and regular price",
            r#"[{"sku":"W","price":"18.00","regular_price":"21.00","sale_price":"18.00","stock_status":"instock","stock_quantity":null}]"#,
            &["W 18.00 - yes"],
        ),
        (
            "cents with digits",
            r#"{"results":[{"sku":"C","price":{"value":{"type":"centPrecision","currencyCode":"EUR","centAmount":4200,"fractionDigits":2}},"isOnStock":true}]}"#,
            &["C 42 EUR yes"],
        ),
        (
            "cents by name",
            r#"{"items":[{"id":"x9","price_cents":1999,"currency":"USD","quantity_in_stock":2}]}"#,
            &["x9 19.99 USD 2"],
        ),
        (
            "cents of a payment provider",
            r#"{"object":"list","data":[{"id":"price_1","unit_amount":2550,"currency":"eur","active":true}]}"#,
            &["price_1 25.5 eur yes"],
        ),
        (
            "cents beside the text",
            r#"[{"sku":"T","price":1250,"priceFormatted":"$12.50","available":true}]"#,
            &["T 12.50 USD yes"],
        ),
        (
            "structured data",
            r#"{"@type":"Product","sku":"J","offers":{"@type":"Offer","price":"33.00","priceCurrency":"EUR","availability":"https://schema.org/InStock"}}"#,
            &["J 33.00 EUR yes"],
        ),
        (
            "sellers within a product",
            r#"{"product":{"asin":"B0","offers":[{"seller":{"name":"One"},"price":{"amount":5.5,"currency":"USD"},"shipping":{"amount":1.5,"currency":"USD"}},{"seller":{"name":"Two"},"price":{"amount":6,"currency":"USD"},"shipping":{"amount":0,"currency":"USD"}}]}}"#,
            &["B0 5.5 USD yes", "B0 6 USD yes"],
        ),
    ]);
}

#[test]
fn shipping_clouds_and_tickers() {
    hold(&[
        (
            "rates",
            r#"{"rates":[{"id":"r1","service":"Ground","carrier":"UP","rate":"8.10","currency":"USD","list_rate":"9.00","delivery_days":3}]}"#,
            &["Ground 8.10 USD yes"],
        ),
        (
            "amounts of a rate",
            r#"{"rate_response":{"rates":[{"rate_id":"se-1","shipping_amount":{"currency":"usd","amount":7.25},"insurance_amount":{"currency":"usd","amount":0.0},"other_amount":{"currency":"usd","amount":0.0},"delivery_days":2}]}}"#,
            &["se-1 7.25 usd yes"],
        ),
        (
            "totals of a carrier",
            r#"{"RateResponse":{"RatedShipment":[{"Service":{"Code":"03"},"TotalCharges":{"CurrencyCode":"USD","MonetaryValue":"14.60"}}]}}"#,
            &["03 total 14.60 USD yes"],
        ),
        (
            "prices of a cloud",
            r#"{"BillingCurrency":"USD","Items":[{"currencyCode":"USD","tierMinimumUnits":0.0,"retailPrice":0.096,"unitPrice":0.096,"armSkuName":"D2","skuId":"DZ/1","unitOfMeasure":"1 Hour"}]}"#,
            &["DZ/1 0.096 USD yes"],
        ),
        (
            "prices by currency",
            r#"{"terms":{"OnDemand":{"8VC.JRT":{"sku":"8VC","priceDimensions":{"8VC.JRT.6YS":{"unit":"Hrs","pricePerUnit":{"USD":"0.1320000000"}}}}}}}"#,
            &["8VC 0.1320000000 USD yes"],
        ),
        (
            "spot",
            r#"{"SpotPriceHistory":[{"InstanceType":"c9.large","SpotPrice":"0.0312","Timestamp":"2026-01-01T00:00:00Z"}]}"#,
            &["c9.large 0.0312 - yes"],
        ),
        (
            "letters",
            r#"{"error":[],"result":{"XETHZEUR":{"a":["1800.10","3","3.000"],"b":["1800.00","1","1.000"],"c":["1800.05","0.1"],"v":["9.1","10.2"]}}}"#,
            &["- 1800.10 - yes"],
        ),
        (
            "ask and bid",
            r#"{"symbol":"BTCEUR","bidPrice":"50000.10","bidQty":"1.0","askPrice":"50001.20","askQty":"2.0"}"#,
            &["BTCEUR 50001.20 - yes"],
        ),
        (
            "last",
            r#"{"high":"10.50","last":"10.20","bid":"10.19","ask":"10.21","volume":"5000.1","timestamp":"1700000000"}"#,
            &["- 10.21 - yes"],
        ),
        ("an amount", r#"{"data":{"base":"BTC","currency":"USD","amount":"48123.55"}}"#, &["- 48123.55 USD yes"]),
    ]);
}

#[test]
fn spreadsheets_and_other_languages() {
    hold(&[
        (
            "a header row",
            r#"{"range":"A1:D3","majorDimension":"ROWS","values":[["SKU","Price","Stock","Currency"],["A-1","0.60","500","EUR"],["A-2","1,200.50","3","EUR"]]}"#,
            &["A-1 0.60 EUR 500", "A-2 1200.50 EUR 3"],
        ),
        (
            "columns beside rows",
            r#"{"columns":["part","unit_price","qty_available"],"rows":[["Z",2.5,10],["Y",3.25,0]],"currency":"USD"}"#,
            &["Z 2.5 USD 10", "Y 3.25 USD 0"],
        ),
        (
            "one row",
            r#"{"Artikelnr":"X-1","Bezeichnung":"Schraube","Nettopreis":"1.234,50","Währung":"EUR","Lagerbestand":"17"}"#,
            &["X-1 1234.50 EUR 17"],
        ),
        (
            "French",
            r#"{"articles":[{"reference":"F","prix_unitaire_ht":"12,40 €","prix_ttc":"14,88 €","disponibilite":"En stock"}]}"#,
            &["F 12.40 EUR yes"],
        ),
        ("Spanish", r#"[{"sku":"ES","precio":"1.050,00","moneda":"EUR","existencias":4}]"#, &["ES 1050.00 EUR 4"]),
        ("Polish", r#"{"products":[{"sku":"PL","cena":"12,50 zł","stock":1}]}"#, &["PL 12.50 PLN 1"]),
        ("Swiss", r#"{"products":[{"sku":"CH","price":"CHF 1'234.50","stock":1}]}"#, &["CH 1234.50 CHF 1"]),
        (
            "net and gross",
            r#"[{"sku":"G","price_gross":"11.90","price_net":"10.00","vat_rate":19,"currency":"EUR","stock":1}]"#,
            &["G 10.00 EUR 1"],
        ),
    ]);
}

#[test]
fn price_text_and_small_coins() {
    hold(&[
        ("a code before", r#"[{"sku":"A","price":"USD 12.50","stock":1}]"#, &["A 12.50 USD 1"]),
        ("a code behind", r#"[{"sku":"A","price":"1 234,50 EUR","stock":1}]"#, &["A 1234.50 EUR 1"]),
        (
            "groups",
            r#"[{"sku":"A","price":"$1,234.00"},{"sku":"B","price":"$12.00"}]"#,
            &["A 1234.00 USD yes", "B 12.00 USD yes"],
        ),
        (
            "no price at all",
            r#"[{"sku":"A","price":"€12,00","stock":1},{"sku":"B","price":"auf Anfrage","stock":1},{"sku":"C","price":"€3,00","stock":1}]"#,
            &["A 12.00 EUR 1", "B none EUR 1", "C 3.00 EUR 1"],
        ),
        (
            "a currency without cents",
            r#"[{"sku":"A","amount_minor":500,"currency":"JPY","stock":1}]"#,
            &["A 500 JPY 1"],
        ),
        ("micros", r#"[{"sku":"A","priceMicros":"1990000","currency":"USD","stock":1}]"#, &["A 1.99 USD 1"]),
        ("by currency", r#"[{"sku":"A","prices":{"EUR":1.25,"USD":1.4},"stock":1}]"#, &["A 1.25 EUR 1"]),
        (
            "blanks",
            r#"[{"sku":"A","price":"","stock":""},{"sku":"B","price":"2.50","stock":"3"}]"#,
            &["A none - ?", "B 2.50 - 3"],
        ),
        (
            "a price unit",
            r#"[{"sku":"A","unitPrice":12.4,"priceUnit":100,"currency":"EUR","stock":1}]"#,
            &["A 12.4 EUR 1"],
        ),
        ("a total", r#"{"quote":{"total":"90.00","currency":"EUR"}}"#, &["- total 90.00 EUR yes"]),
        (
            "a unit beside a total",
            r#"{"lines":[{"sku":"A","qty":10,"unitPrice":"9.00","total":"90.00"}],"currency":"EUR"}"#,
            &["A 9.00 EUR yes"],
        ),
        ("the wire's own", r#"[{"sku":"A","unitPrice":"9.00","currency":"EUR","inStock":true}]"#, &["A 9.00 EUR yes"]),
    ]);
}

#[test]
fn counts_with_separators_are_counts() {
    hold(&[
        (
            "points",
            r#"[{"sku":"A","stock":"5.000","currency":"EUR","breaks":[{"qty":"1","price":"0,62"},{"qty":"1.000","price":"0,41"}]}]"#,
            &["A 1@0.62,1000@0.41 EUR 5000"],
        ),
        (
            "commas",
            r#"[{"sku":"A","stock":"1,234 In Stock","currency":"USD","breaks":[{"qty":"1 - 999","price":"$0.62"},{"qty":"1,000+","price":"$0.41"}]}]"#,
            &["A 1@0.62,1000@0.41 USD 1234"],
        ),
        (
            "none",
            r#"[{"sku":"A","stock":12.0,"currency":"USD","breaks":[{"qty":1.0,"price":3},{"qty":10.0,"price":2}]}]"#,
            &["A 1@3,10@2 USD 12"],
        ),
    ]);
}

#[test]
fn price_breaks_up_to_a_quantity() {
    let plan = |mode: &str, last: &str| {
        format!(
            r#"{{"id":"price_1","currency":"usd",{mode}"tiers":[{{"up_to":10,"unit_amount":500,"flat_amount":null}},{{"up_to":100,"unit_amount":450,"flat_amount":null}},{{"up_to":{last},"unit_amount":400,"flat_amount":null}}]}}"#
        )
    };
    for last in ["null", "\"inf\""] {
        let volume = plan(r#""tiers_mode":"volume","#, last);
        assert_eq!(offers(&volume, None), ["price_1 1@5,11@4.5,101@4 usd yes"]);
        assert!(!looked_at(&volume, None).is_unsure);
    }
    let graduated = plan(r#""tiers_mode":"graduated","#, "null");
    assert_eq!(offers(&graduated, None), ["price_1 1@5 usd yes"]);
    let proposal = looked_at(&graduated, None);
    let Ok([OfferReply::Readable(offer)]) = proposal.offers.as_deref() else { panic!("{proposal:?}") };
    assert_eq!(offer.maximum_quantity.map(|quantity| quantity.to_string()).as_deref(), Some("10"));
    let unsaid = looked_at(&plan("", "null"), None);
    assert!(unsaid.is_unsure && unsaid.filter.unwrap().contains("\nerror("), "{:?}", unsaid.checks);
    let yen = plan(r#""tiers_mode":"volume","#, "null").replace("usd", "jpy");
    assert_eq!(offers(&yen, None), ["price_1 1@500,11@450,101@400 jpy yes"]);
    let flat = plan(r#""tiers_mode":"volume","#, "null").replacen("\"flat_amount\":null", "\"flat_amount\":900", 1);
    assert!(looked_at(&flat, None).is_unsure);
}

#[test]
fn a_price_break_may_have_no_other_name_than_net() {
    hold(&[
        (
            "net",
            r#"[{"sku":"A","currency":"EUR","stock":4,"tiers":[{"qty":1,"net":5.5},{"qty":10,"net":4.5}]}]"#,
            &["A 1@5.5,10@4.5 EUR 4"],
        ),
        (
            "netto and brutto",
            r#"[{"sku":"A","currency":"EUR","stock":4,"staffeln":[{"ab":1,"brutto":6.54,"netto":5.5},{"ab":10,"brutto":5.36,"netto":4.5}]}]"#,
            &["A 1@5.5,10@4.5 EUR 4"],
        ),
        (
            "gross",
            r#"[{"sku":"A","currency":"EUR","stock":4,"tiers":[{"qty":1,"gross":5.5},{"qty":10,"gross":4.5}]}]"#,
            &["A 1@5.5,10@4.5 EUR 4"],
        ),
        (
            "a weight",
            r#"[{"sku":"A","price":2.5,"currency":"EUR","stock":4,"weight":{"net":1.5,"gross":1.75}}]"#,
            &["A 2.5 EUR 4"],
        ),
    ]);
    let gross = r#"[{"sku":"A","currency":"EUR","tiers":[{"qty":1,"gross":5.5},{"qty":10,"gross":4.5}]}]"#;
    assert!(looked_at(gross, None).is_unsure);
}

#[test]
fn names_that_mislead() {
    hold(&[
        (
            "parts of a price",
            r#"{"data":{"quotes":[{"service":"Air","price":{"total":{"amount":45.9,"currency":"EUR"},"base":{"amount":40.0,"currency":"EUR"},"fuel":{"amount":5.9,"currency":"EUR"}}}]}}"#,
            &["Air 45.9 EUR yes"],
        ),
        (
            "a unit that is no price",
            r#"{"d":{"results":[{"Material":"4711","NetPriceAmount":"12.40","PriceUnit":"100","Currency":"EUR","Stock":"900"}]}}"#,
            &["4711 12.40 EUR 900"],
        ),
        ("an order book", r#"{"bids":[["99.50","2"]],"asks":[["100.10","1"],["100.20","3"]]}"#, &["- 100.10 - yes"]),
        (
            "keys with objects",
            r#"[{"sku":"K","stock":5,"price_breaks":{"1":{"price":"0.50","currency":"EUR"},"10":{"price":"0.40","currency":"EUR"}}}]"#,
            &["K 1@0.50,10@0.40 EUR 5"],
        ),
        (
            "a quantity of a listing",
            r#"[{"listing_id":8,"price":{"amount":2599,"divisor":100,"currency_code":"USD"},"quantity":7}]"#,
            &["8 25.99 USD 7"],
        ),
        (
            "a table without names around it",
            r#"[["Artikel","Preis"],["X1","12,50"],["X2","7,00"]]"#,
            &["X1 12.50 - yes", "X2 7.00 - yes"],
        ),
        (
            "a dearer price below the first break",
            r#"{"items":[{"sku":"T","price":34,"currency":"EUR","stock":2,"tier_prices":[{"qty":10,"value":30}]}]}"#,
            &["T 1@34,10@30 EUR 2"],
        ),
    ]);
}

#[test]
fn the_product_that_was_asked_for_is_picked() {
    let search =
        r#"{"hits":[{"mpn":"w-1","price":"2.00","currency":"EUR"},{"mpn":"W-2","price":"3.00","currency":"EUR"}]}"#;
    assert_eq!(offers(search, Some("W-2")), ["W-2 3.00 EUR yes"]);
    assert_eq!(offers(search, Some("W-1")), ["w-1 2.00 EUR yes"]);
    let nested = r#"{"parts":[{"mpn":"X","offers":[{"price":1.5,"currency":"EUR"}]},{"mpn":"Y","offers":[{"price":9,"currency":"EUR"}]}]}"#;
    assert_eq!(offers(nested, Some("Y")), ["Y 9 EUR yes"]);
    let alone = r#"{"mpn":"X","price":1.5,"currency":"EUR"}"#;
    assert_eq!(offers(alone, Some("X")), ["X 1.5 EUR yes"]);
    let guarded = r#"{"errors":[],"part":{"mpn":"X","price":1.5,"currency":"EUR"}}"#;
    assert_eq!(offers(guarded, Some("x")), ["X 1.5 EUR yes"]);
    let keyed = r#"{"result":{"Y":{"price":1.5,"currency":"EUR"},"Z":{"price":9.5,"currency":"EUR"}}}"#;
    assert_eq!(offers(keyed, Some("Z")), ["- 9.5 EUR yes"]);
    let filter = looked_at(keyed, Some("Z")).filter.unwrap();
    assert!(filter.contains(".result[$product]"), "{filter}");
    let missing = r#"{"result":{"Z":{"price":9.5,"currency":"EUR"}}}"#;
    let filter = Filter::compile(&filter, &Names::of_request()).unwrap();
    let none = Mapping::of(filter).offers(missing.as_bytes(), &request("Y"), &SupplierName::new("a")).unwrap();
    assert_eq!(none, []);
}

#[test]
fn what_is_doubtful_is_said() {
    for (reply, words) in [
        (
            r#"[{"price":2.5,"salePrice":2.1,"currency":"EUR"}]"#,
            "two fields look like the price: .price and .salePrice",
        ),
        (r#"[{"price_incl_vat":2.5,"currency":"EUR"}]"#, "the prices seem to contain tax"),
        (r#"[{"price":2.5,"vat_rate":19,"currency":"EUR"}]"#, "add: taxIncludedPercent: .vat_rate"),
        (r#"[{"total_price":2.5,"currency":"EUR"}]"#, ".total_price is taken for the price of the whole order"),
        (r#"[{"amount":1999,"currency":"EUR"}]"#, "if they are small coins, divide: .amount / 100"),
        (r#"[{"unit_amount":1999,"currency":"EUR"}]"#, "is taken for small coins and divided by 100"),
        (r#"[{"price":"1.250","currency":"EUR"}]"#, "such as `1.250` is read with a point before decimals"),
        (r#"[{"price":"$2.50"}]"#, "is not USD's alone"),
        (r#"[{"price":2.5,"currency":"EUR"}]"#, "nothing says whether there is stock"),
        (r#"[{"price":2.5,"packSize":10,"currency":"EUR"}]"#, "if the price is for a pack"),
        (r#"{"tiers":[{"from":0,"price":3},{"from":10,"price":2}],"currency":"EUR"}"#, "as graduated prices do"),
        // What may make another price of a price.
        (
            r#"[{"sku":"A","breaks":[{"qty":1,"price":5,"salePrice":4.5},{"qty":9,"price":4,"salePrice":3.5}]}]"#,
            "two fields look like the price: .price and .salePrice",
        ),
        (
            r#"[{"sku":"A","priceBreaks":[{"qty":1,"price":5}],"contractBreaks":[{"qty":1,"price":4}]}]"#,
            "there are other price breaks: .contractBreaks; took .priceBreaks",
        ),
        (r#"[{"sku":"A","breaks":[{"qty":1,"price":5},{"qty":9,"price":40}]}]"#, "a price rises with the quantity"),
        (r#"[{"sku":"A","prices":{"1":5.5,"10":40.5},"currency":"EUR"}]"#, "a price rises with the quantity"),
        (r#"[{"sku":"A","breaks":[{"qty":1,"price":50,"per":100}]}]"#, ".per such as `100` may say how many pieces"),
        (r#"[{"pricePer1000":500.5,"currency":"EUR"}]"#, ".pricePer1000 is taken for the price of 1000 pieces"),
        (r#"[{"price_per_kg":5.5,"currency":"EUR"}]"#, "a price per kg; it is taken for that of one piece"),
        (r#"[{"price":5.5,"uom":"1000 pcs"}]"#, ".uom such as `1000 pcs` is taken for"),
        (r#"[{"price":5.5,"priceUnit":"per 100"}]"#, ".priceUnit such as `per 100` is taken for"),
        (r#"[{"price":5.5,"metalSurcharge":2.5}]"#, "the price is taken without .metalSurcharge"),
        (r#"[{"price":5.5,"taxIncluded":true}]"#, "the prices seem to contain tax"),
        (r#"[{"price":25.5,"quantity":5,"stock":9}]"#, "if .price is the price of all .quantity pieces"),
        (
            r#"{"sku":"A","currency":"EUR","prices":[{"type":"list","price":5.5},{"type":"staff","price":1.5}]}"#,
            "several offers are of `A`, at different prices",
        ),
        (r#"{"price":5.5,"accountCurrency":"USD"}"#, ".accountCurrency is taken for the currency of the price"),
        (
            r#"{"price":5.5,"currency":"USD","shipping":{"price":3.9,"currency":"EUR"}}"#,
            ".shipping.price is in EUR, and counts in the currency of the price",
        ),
    ] {
        let proposal = looked_at(reply, None);
        assert!(proposal.checks.iter().any(|check| check.contains(words)), "{words}: {:?}", proposal.checks);
        let filter = proposal.filter.unwrap();
        assert!(filter.contains(words), "the filter has it as a comment: {filter}");
    }
}

#[test]
fn a_price_of_one_piece_goes_without_saying() {
    for reply in [
        r#"[{"sku":"A","unitPrice":5.5,"unit":"pcs","stock":9,"currency":"EUR","discount":0}]"#,
        r#"[{"sku":"A","pricePerUnit":5.5,"stock":9,"priceCurrency":"EUR","shippingFee":4.9}]"#,
        r#"[{"sku":"A","breaks":[{"qty":1,"price":5},{"qty":9,"price":4}],"stock":9,"currency":"EUR","uom":"EA"}]"#,
        r#"[{"sku":"A","price":5.5,"stock":9,"currency":"EUR"},{"sku":"B","price":4.5,"stock":9,"currency":"EUR"}]"#,
    ] {
        let checks = looked_at(reply, None).checks;
        let doubts: Vec<_> = checks.iter().filter(|check| !check.starts_with("if a reply holds other")).collect();
        assert!(doubts.is_empty(), "{reply} {doubts:?}");
    }
}

#[test]
fn errors_are_passed_on() {
    let request = request("widget");
    for (good, bad, message) in [
        (
            r#"{"errors":[],"items":[{"sku":"A","price":1.5,"currency":"EUR"}]}"#,
            r#"{"errors":[{"message":"no such key"}],"items":null}"#,
            "no such key",
        ),
        (r#"{"ok":true,"msg":null,"price":1.5,"currency":"EUR"}"#, r#"{"ok":false,"msg":"gone"}"#, "gone"),
        (r#"{"data":{"price":1.5,"currency":"EUR"}}"#, r#"{"data":null,"errors":[{"message":"denied"}]}"#, "denied"),
    ] {
        let filter = looked_at(good, None).filter.unwrap();
        let filter = Filter::compile(&filter, &Names::of_request()).unwrap();
        let failure = Mapping::of(filter).offers(bad.as_bytes(), &request, &SupplierName::new("a")).unwrap_err();
        assert_eq!(failure.kind, crate::domain::ErrorKind::SupplierError, "{failure:?}");
        assert!(failure.detail.as_deref().unwrap_or_default().contains(message), "{failure:?}");
    }
}

#[test]
fn without_a_price_nothing_is_proposed() {
    let refusal = |reply: &str| propose(reply.as_bytes(), None, &request("widget")).unwrap_err();
    for (reply, words) in [
        ("<html>", "the reply is not JSON: line 1"),
        (r#"{"status":401,"title":"Unauthorized"}"#, "the reply is an error: Unauthorized"),
        (r#"{"error":{"code":400,"message":"bad key"}}"#, "the reply is an error: bad key"),
        (r#"{"error":["EQuery:Unknown"],"result":{}}"#, "the reply is an error: EQuery:Unknown"),
        (r#"{"results":[],"count":0}"#, "the reply has no offer to learn from: .results is empty"),
        (r#"{"items":[{"id":7,"weight":1.5,"amount":42}]}"#, "nothing in the reply looks like a price"),
        (r#"{"rates":[{"taxRate":19.5,"currency":"EUR"}]}"#, "nothing in the reply looks like a price"),
        ("3.5", "nothing in the reply looks like a price"),
    ] {
        let found = refusal(reply);
        assert!(found.to_string().starts_with(words), "{reply}: {found}");
    }
    let Refusal::NoPrice(outline) = refusal(r#"{"items":[{"id":7,"name":"a\u202eb"}]}"#) else { panic!() };
    assert_eq!(outline, [".items[].id = 7", ".items[].name = \"a\\u202eb\""]);
}
