//! What an offer has beside its price: which member of a row, or of the rows around it, is the sku, the stock, and so on.
//!
//! Owns how members are weighed and read. Refuses to know prices. Main function: [`find`].

use rust_decimal::Decimal;

use super::path::{quoted, render};
use super::places::Place;
use super::samples::{Scalar, are_dates, are_whole, is_grouped};
use super::words::{any, has_stem, is_shipping, words};

/// A field of an offer that can be read from a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Sku,
    Seller,
    Packaging,
    Url,
    StockQuantity,
    InStock,
    MinimumQuantity,
    OrderMultiple,
    DeliveryDays,
    ValidUntil,
    PriceUnit,
}

impl Subject {
    /// The field's name on the wire.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::Seller => "seller",
            Self::Packaging => "packaging",
            Self::Url => "url",
            Self::StockQuantity => "stockQuantity",
            Self::InStock => "inStock",
            Self::MinimumQuantity => "minimumQuantity",
            Self::OrderMultiple => "orderMultiple",
            Self::DeliveryDays => "deliveryDays",
            Self::ValidUntil => "validUntil",
            Self::PriceUnit => "priceUnit",
        }
    }

    /// Whether rows around the offer may say it for all offers in them.
    pub(super) const fn is_shared(self) -> bool {
        matches!(self, Self::Sku | Self::Seller | Self::Url | Self::ValidUntil | Self::StockQuantity | Self::InStock)
    }

    fn weigh(self, place: &Place<'_>) -> i32 {
        let words = words(place.name());
        let parent: Vec<String> = place.names.iter().rev().nth(1).map(|name| self::words(name)).unwrap_or_default();
        match self {
            Self::Sku => sku(&words, &parent, place.samples),
            Self::Seller => seller(&words, &parent, place.samples),
            Self::Packaging => packaging(&words, &parent, place.samples),
            Self::Url => url(&words, place.samples),
            Self::StockQuantity => stock_quantity(&words, &parent, place.samples),
            Self::InStock => in_stock(&words, &parent, place.samples),
            Self::MinimumQuantity if has_stem(&parent, "price preis cost") => 0,
            Self::MinimumQuantity => minimum(&words, place.samples),
            Self::OrderMultiple => multiple(&words, place.samples),
            Self::DeliveryDays => delivery(&words, place.samples),
            Self::ValidUntil => valid_until(&words, place.samples),
            Self::PriceUnit => price_unit(&words, place.samples),
        }
    }

    /// Whether a member has no other name than that of a quantity, which is a stock where nothing else is.
    pub(super) fn may_be_stock(place: &Place<'_>) -> bool {
        let words = words(place.name());
        place.path.len() == 1 && (words == ["quantity"] || words == ["qty"]) && are_whole(place.samples, 0)
    }

    /// What a filter makes of the member at `path`.
    fn read(self, path: &str, samples: &[Scalar]) -> String {
        match self {
            Self::StockQuantity if !are_whole(samples, i64::MIN) => {
                let number = "capture(\"^[^0-9]*(?<n>[0-9][0-9.,']*)\").n | gsub(\"[.,']\"; \"\") | tonumber";
                format!("({path} | try ({number}) catch null)")
            }
            Self::InStock if samples.iter().any(|sample| sample.words().is_some()) => in_stock_words(path, samples),
            Self::InStock if samples.iter().any(|sample| sample.number().is_some()) => format!("({path} > 0)"),
            Self::StockQuantity | Self::MinimumQuantity | Self::OrderMultiple | Self::PriceUnit
                if samples.iter().any(Scalar::is_blank) =>
            {
                format!("({path} | if . == \"\" then null else . end)")
            }
            _ => path.to_owned(),
        }
    }
}

/// Finds the member that says it: how likely, how a filter reads it behind `base`, and where it stands.
pub(super) fn find<'p, 's>(
    subject: Subject,
    places: &'p [Place<'s>],
    base: &str,
) -> Option<(i32, String, &'p Place<'s>)> {
    let weighed = places.iter().filter(|place| !place.of_list && !place.of_scalars).map(|place| {
        let depth = i32::try_from(place.path.len()).unwrap_or(0);
        (place, subject.weigh(place) - 2 * depth)
    });
    let (place, weight) = weighed.filter(|(_, weight)| *weight > 0).rev().max_by_key(|(_, weight)| *weight)?;
    Some((weight, subject.read(&render(base, &place.path), place.samples), place))
}

/// What shipping costs, if a number says so.
pub(super) fn shipping_candidates<'p, 's>(places: &'p [Place<'s>]) -> impl Iterator<Item = &'p Place<'s>> {
    places.iter().filter(|place| is_shipping(&place.names))
}

fn are_texts(samples: &[Scalar]) -> bool {
    samples.iter().all(|sample| sample.words().is_some()) && samples.iter().any(|sample| !sample.is_blank())
}

fn sku(words: &[String], parent: &[String], samples: &[Scalar]) -> i32 {
    const ELSE: &str = "category parent image url brand seller company location currency status region account user shipment \
        order postal condition group tax customer session request page country supplier manufacturerid hts \
        zip feed shop store type owner rohs";
    let texts = are_texts(samples);
    let kind = texts && words.len() == 2 && any(words, "instance product machine vm") && any(words, "type");
    if kind {
        return 28;
    }
    if any(words, ELSE) || any(parent, ELSE) || !(texts || are_whole(samples, 0)) {
        return 0;
    }
    let long = samples.iter().filter_map(Scalar::words).any(|text| text.len() > 120);
    let score = match () {
        () if any(words, "sku") && !any(words, "name") => 100,
        () if any(words, "sku") => 92,
        () if any(words, "mpn")
            || has_stem(
                words,
                "partn productn productcode articlen artikeln itemn partid articolo referencia référence reference",
            ) =>
        {
            85
        }
        () if any(words, "symbol asin") => 80,
        () if words.len() == 1 && any(words, "artikel article part material item") => 70,
        () if words == ["id"] || has_stem(words, "itemid productid offerid variantid listingid objectid rateid") => 55,
        () if any(words, "service") && texts => 58,
        () if any(words, "code model") && texts => 50,
        () if any(words, "ean gtin upc") => 45,
        () if any(words, "name title") && texts && parent.is_empty() => 30,
        () if words.len() > 1 && any(words, "name") && any(words, "product item article part") && texts => 28,
        () => 0,
    };
    if long { score - 60 } else { score }
}

fn seller(words: &[String], parent: &[String], samples: &[Scalar]) -> i32 {
    const WHO: &str = "seller vendor merchant shop store supplier distributor carrier provider haendler händler vendedor \
        company dealer retailer";
    const ELSE: &str = "id account url href score percentage type code rating logo";
    if !are_texts(samples) || any(words, ELSE) {
        return 0;
    }
    match () {
        () if words.len() == 1 && any(words, WHO) => 100,
        () if any(words, WHO) && any(words, "name") => 95,
        () if any(words, "name username title display") && any(parent, WHO) => 90,
        () => 0,
    }
}

fn packaging(words: &[String], parent: &[String], samples: &[Scalar]) -> i32 {
    let stems = "packag packing verpackung embalaje";
    let named = has_stem(words, stems) || (any(words, "name") && has_stem(parent, stems));
    if named && are_texts(samples) && !any(words, "id qty quantity") { 60 } else { 0 }
}

fn url(words: &[String], samples: &[Scalar]) -> i32 {
    const ELSE: &str = "image photo datasheet thumb thumbnail affiliate group video icon logo sheet api next";
    let is_web = samples.iter().filter_map(Scalar::words).all(|text| text.starts_with("http") || text.is_empty());
    if !are_texts(samples) || !is_web || any(words, ELSE) || has_stem(words, "image photo") {
        return 0;
    }
    match () {
        () if any(words, "web product detail click buy permalink deep") => 80,
        () if any(words, "url link href") => 50,
        () => 0,
    }
}

const STOCK: &str = "stock inventory onhand availab lagerbestand bestand disponib existenc lieferbar verfügbar verfuegbar \
    giacenza voorraad instock";
const NO_STOCK: &str = "backorder not next date factory policy management lead url order coupons coupon min minimum max \
    maximum eta normally since location warehouse id zone region time threshold reserved manufacturer \
    from days code type group item org";

fn is_stock(words: &[String], parent: &[String]) -> bool {
    let named = has_stem(words, STOCK)
        || words == ["inv"]
        || (any(words, "quantity qty level status count") && has_stem(parent, STOCK));
    named && !any(words, NO_STOCK)
}

fn stock_quantity(words: &[String], parent: &[String], samples: &[Scalar]) -> i32 {
    let counts = are_whole(samples, i64::MIN) && samples.iter().all(|sample| !matches!(sample, Scalar::Bool(_)));
    let with_words = are_texts(samples) && samples.iter().filter_map(Scalar::words).all(begins_with_a_count);
    match () {
        () if !is_stock(words, parent) => 0,
        () if counts => 100,
        () if with_words && !are_dates(samples) => 60,
        () => 0,
    }
}

/// `1,234 in stock`, `500+`, `> 1.000`, but not `123-4567`.
fn begins_with_a_count(text: &str) -> bool {
    let text = text.trim_start_matches(['>', ' ']);
    let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || ".,'".contains(letter));
    let count = &text[..text.len() - rest.len()];
    let is_count = is_grouped(count) || count.bytes().all(|byte| byte.is_ascii_digit());
    !count.is_empty() && is_count && text.len() < 60 && (rest.is_empty() || rest.starts_with([' ', '+']))
}

fn in_stock(words: &[String], parent: &[String], samples: &[Scalar]) -> i32 {
    let flags = samples.iter().all(|sample| matches!(sample, Scalar::Bool(_)));
    let status = are_texts(samples) && !in_stock_words(".", samples).is_empty();
    match () {
        () if !is_stock(words, parent) => 0,
        () if flags => 80,
        () if status => 50,
        () => 0,
    }
}

/// Says of each text whether it means that there is some, by the ones that were seen.
fn in_stock_words(path: &str, samples: &[Scalar]) -> String {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let says_no = |text: &str| {
        let signs = ["out", "not", "unavail", "sold", "nicht", "agotado", "épuisé", "rupture", "discontinued", "false"];
        signs.iter().any(|sign| plain(text).contains(sign)) || ["no", "n", "nein", "0"].contains(&plain(text).as_str())
    };
    let says_yes = |text: &str| {
        let signs = ["instock", "avail", "lager", "lieferbar", "disponib", "enstock", "limited", "lowstock", "true"];
        !says_no(text)
            && (signs.iter().any(|sign| plain(text).contains(sign))
                || ["yes", "y", "ja", "si", "oui", "1"].contains(&plain(text).as_str()))
    };
    let mut seen: Vec<&str> = Vec::new();
    for text in samples.iter().filter_map(Scalar::words) {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    let list = |texts: Vec<&str>| texts.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
    let positive: Vec<&str> = seen.iter().copied().filter(|text| says_yes(text)).collect();
    let negative: Vec<&str> = seen.iter().copied().filter(|text| says_no(text)).collect();
    match (positive.is_empty(), negative.is_empty()) {
        (false, _) => format!("({path} | IN({}))", list(positive)),
        (true, false) => format!("({path} | IN({}) | not)", list(negative)),
        (true, true) => String::new(),
    }
}

fn minimum(words: &[String], samples: &[Scalar]) -> i32 {
    let of_pieces = any(words, "order quantity qty buy amount number menge purchase");
    match () {
        () if !are_whole(samples, 0) || any(words, "price value days cost total") => 0,
        () if any(words, "moq") || has_stem(words, "mindest") => 90,
        () if any(words, "min minimum") && of_pieces => 90,
        () if words.len() == 1 && any(words, "min minimum") => 70,
        () => 0,
    }
}

fn multiple(words: &[String], samples: &[Scalar]) -> i32 {
    let named =
        any(words, "mult multiple multiples increment multiplier") || has_stem(words, "ordermultiple orderstep");
    if named && are_whole(samples, 0) { 80 } else { 0 }
}

fn delivery(words: &[String], samples: &[Scalar]) -> i32 {
    let days = any(words, "days day tage") || has_stem(words, "lieferzeit liefertage");
    let arrives =
        any(words, "delivery transit estimated est eta arrival shipping business") || has_stem(words, "liefer");
    let fits = samples.iter().all(|sample| sample.number().is_none_or(|days| days <= Decimal::from(365)));
    let is_other = any(words, "guaranteed max lead return refund");
    if days && arrives && fits && !is_other && are_whole(samples, 0) {
        70 - 5 * i32::from(any(words, "est"))
    } else {
        0
    }
}

fn valid_until(words: &[String], samples: &[Scalar]) -> i32 {
    let named = (any(words, "valid") && any(words, "until to till through thru"))
        || any(words, "expires expiry expiration")
        || has_stem(words, "gueltigbis gültigbis validuntil validto");
    if named && are_dates(samples) { 80 } else { 0 }
}

fn price_unit(words: &[String], samples: &[Scalar]) -> i32 {
    let named =
        has_stem(words, "priceunit pricingunit priceper preiseinheit priceqty pricequantity perquantity unitsperprice");
    let words_alone = words.len() == 1 && any(words, "per pe");
    if (named || words_alone) && are_whole(samples, 1) { 80 } else { 0 }
}
