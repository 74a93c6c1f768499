//! What an offer has beside its price: which member of a row, or of the rows around it, is the sku, the stock, and so on.
//!
//! Owns how members are weighed and read. Refuses to know prices. Main function: [`find`].

use super::days;
use super::path::render;
use super::places::Place;
use super::samples::{Scalar, are_texts, are_whole};
use super::stock::{decimal_count, in_stock, in_stock_words, is_stock, stock_quantity};
use super::words::{PIECE, any, has_stem, is_in, is_shipping, words};

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
    LeadTimeDays,
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
            Self::LeadTimeDays => "leadTimeDays",
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
            Self::DeliveryDays => days::delivery(&words, place.samples),
            Self::LeadTimeDays => days::lead_time(&words, place.samples),
            Self::ValidUntil => days::valid_until(&words, place.samples),
            Self::PriceUnit => price_unit(&words, place.samples),
        }
    }

    /// Whether a member has no other name than that of a quantity, which is a stock where nothing else is.
    pub(super) fn may_be_stock(place: &Place<'_>) -> bool {
        let words = words(place.name());
        place.path.len() == 1 && (words == ["quantity"] || words == ["qty"]) && are_whole(place.samples, 0)
    }

    /// What a filter makes of the member at `path`.
    fn read(self, path: &str, name: &str, samples: &[Scalar]) -> String {
        match self {
            Self::StockQuantity if decimal_count(samples).is_some() => {
                let number = match decimal_count(samples).and_then(|writing| writing.separators) {
                    Some((group, point)) => format!("tonumber(\"{group}\"; \"{point}\")"),
                    None => "tonumber".to_owned(),
                };
                format!("({path} | try ({number} | floor) catch null)")
            }
            Self::StockQuantity if !are_whole(samples, i64::MIN) => {
                let number = "capture(\"^[^0-9]*(?<n>[0-9][0-9.,']*)\").n | gsub(\"[.,']\"; \"\") | tonumber";
                format!("({path} | (try ({number}) catch null) // null)")
            }
            Self::InStock if samples.iter().any(|sample| matches!(sample, Scalar::Bool(_))) => {
                if samples.iter().any(Scalar::is_blank) { format!("({path} == true)") } else { path.to_owned() }
            }
            Self::InStock if samples.iter().any(|sample| sample.words().is_some()) => in_stock_words(path, samples),
            Self::InStock if samples.iter().any(|sample| sample.number().is_some()) => format!("({path} > 0)"),
            Self::StockQuantity | Self::MinimumQuantity | Self::OrderMultiple | Self::PriceUnit
                if samples.iter().any(Scalar::is_blank) && are_whole(samples, i64::MIN) =>
            {
                format!("({path} | if . == \"\" then null else . end)")
            }
            Self::DeliveryDays | Self::LeadTimeDays => days::read(path, name, samples),
            Self::ValidUntil => days::read_date(path, samples),
            Self::PriceUnit if !are_whole(samples, 1) => {
                format!("({path} | (try (capture(\"(?<n>[0-9]+)\").n | tonumber) catch null) // 1)")
            }
            Self::OrderMultiple | Self::MinimumQuantity if !are_whole(samples, 0) => {
                format!("({path} | (try (capture(\"(?<n>[0-9]+)\").n | tonumber) catch null) // null)")
            }
            Self::Sku | Self::Seller | Self::Packaging | Self::Url if samples.iter().any(Scalar::is_blank) => {
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
    Some((weight, subject.read(&render(base, &place.path), place.name(), place.samples), place))
}

/// The members that may say which product a row is of, the likeliest first.
pub(super) fn identities<'p, 's>(places: &'p [Place<'s>]) -> Vec<&'p Place<'s>> {
    let weigh = |place: &Place<'_>| Subject::Sku.weigh(place);
    let mut found: Vec<(i32, &Place<'s>)> =
        places.iter().map(|place| (weigh(place), place)).filter(|(weight, _)| *weight > 0).collect();
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    found.into_iter().map(|(_, place)| place).collect()
}

/// Whether a title says which product a row is of.
pub(super) fn names_product(title: &str) -> bool {
    sku(&words(title), &[], &[Scalar::Text("A-1".to_owned())]) > 0
}

/// Whether a title is that of a stock.
pub(super) fn names_stock(title: &str) -> bool {
    is_stock(&words(title), &[])
}

/// What shipping costs, if a number says so.
pub(super) fn shipping_candidates<'p, 's>(places: &'p [Place<'s>]) -> impl Iterator<Item = &'p Place<'s>> {
    places.iter().filter(|place| is_shipping(&place.names))
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
    if has_stem(words, "ordercode ordernumber orderno orderingcode bestellnummer bestellnr") && texts {
        return 83;
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
                "partn productn productcode articlen artikeln artnr artno itemn partid articolo referencia référence reference \
                 herstellern codeart códigoart codigoart",
            )
            || any(words, "ref réf pn teilenummer han")
            || words == ["p", "n"] =>
        {
            85
        }
        () if any(words, "symbol asin") => 80,
        () if words.len() == 1 && any(words, "artikel article part material item artículo articulo") => 70,
        () if words == ["id"] || has_stem(words, "itemid productid offerid variantid listingid objectid rateid") => 55,
        () if any(words, "service") && texts => 58,
        () if any(words, "code model código codigo codice nummer") && texts => 50,
        () if any(words, "ean gtin upc") => 45,
        () if words.len() == 1 && any(words, "product produkt produit producto teil pieza pièce") && texts => 40,
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

fn minimum(words: &[String], samples: &[Scalar]) -> i32 {
    const PIECES: &str = "order quantity qty buy amount number menge purchase abnahme commande pedido cantidad cant quantité \
        quantite qté qte best bestell";
    let of_pieces = any(words, PIECES);
    match () {
        () if !are_counts(samples, 0) || any(words, "price value days cost total preis prix precio wert stock") => 0,
        () if any(words, "moq mbm") || has_stem(words, "mindest") => 90,
        () if any(words, "min minimum mini minimo mínimo mínima minimale") && of_pieces => 90,
        () if words.len() == 1 && any(words, "min minimum mini") => 70,
        () => 0,
    }
}

fn multiple(words: &[String], samples: &[Scalar]) -> i32 {
    let named = any(
        words,
        "mult multiple multiples increment multiplier multiplo múltiplo vielfaches vpe ve colisage losgröße losgroesse",
    ) || has_stem(words, "ordermultiple orderstep vielfache verpackungseinheit");
    if named && are_counts(samples, 0) && !any(words, "price preis prix precio") { 80 } else { 0 }
}

fn price_unit(words: &[String], samples: &[Scalar]) -> i32 {
    let named =
        has_stem(words, "priceunit pricingunit priceper preiseinheit priceqty pricequantity perquantity unitsperprice");
    let of_unit = has_stem(words, "preiseinheit unitédeprix unitedeprix unidaddeprecio preispro preisje prixpar");
    let words_alone = words.len() == 1 && any(words, "per pe pro je par");
    let is_unit =
        any(words, "uom einheit me unit unité unidad") && samples.iter().any(|sample| pieces(sample) > Some(1));
    match () {
        () if (named || of_unit || words_alone) && are_whole(samples, 1) => 80,
        () if (named || of_unit || words_alone || is_unit) && are_pieces(samples) => 75,
        () => 0,
    }
}

/// Whole numbers, or such with a word behind them: `10 Stk`.
fn are_counts(samples: &[Scalar], least: i64) -> bool {
    let is_count = |sample: &Scalar| sample.is_blank() || pieces(sample).is_some();
    are_whole(samples, least) || (samples.iter().any(|sample| pieces(sample).is_some()) && samples.iter().all(is_count))
}

/// Whether each text names a number of pieces, or one.
fn are_pieces(samples: &[Scalar]) -> bool {
    samples.iter().any(|sample| !sample.is_blank()) && samples.iter().all(|sample| pieces(sample).is_some())
}

/// How many pieces a text names: 100 for `100 Stk` or `per 100`, 1 for `Stk`. Nothing for another unit, or more numbers.
fn pieces(sample: &Scalar) -> Option<u32> {
    let words = words(sample.text()?);
    let (numbers, names): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let is_piece = |word: &&String| is_in(word, PIECE) || is_in(word, "per pro je par por");
    match numbers.as_slice() {
        _ if !names.iter().all(is_piece) => None,
        [] if !names.is_empty() => Some(1),
        [number] => number.parse().ok().filter(|number| *number > 0),
        _ => None,
    }
}
