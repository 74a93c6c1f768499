//! What names mean: the words of a name, in several languages, weighed.
//!
//! Owns the dictionaries. Refuses to know values and structure. A weight is 0 for a name that says nothing, about 100
//! for one that says exactly this, and negative for one that says something else.

use super::samples::COMMON;

/// The words of a name, in lower case: `listPrice`, `list_price` and `List-Price` have the same.
pub(super) fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let next_is_lower = letters.get(index + 1).is_some_and(|next| next.is_lowercase());
        let begins = before.is_some_and(|before| {
            (letter.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_lower)))
                || letter.is_ascii_digit() != before.is_ascii_digit()
        });
        if begins || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether one of the words is in a dictionary: words with spaces between them.
pub(super) fn any(words: &[String], dictionary: &str) -> bool {
    words.iter().any(|word| is_in(word, dictionary))
}

/// Whether a word is in a dictionary.
pub(super) fn is_in(word: &str, dictionary: &str) -> bool {
    dictionary.split(' ').any(|known| known == word)
}

/// Whether the name, without what separates its words, contains one of the stems.
pub(super) fn has_stem(words: &[String], stems: &str) -> bool {
    let joined = words.concat();
    stems.split(' ').any(|stem| joined.contains(stem))
}

/// What the name of a number says of it as a price.
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that a name can say beside the others")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PriceName {
    /// How much it sounds like the price of a piece.
    pub(super) weight: i32,
    /// Whether it is the price of the whole order.
    pub(super) total: bool,
    /// Whether tax is in it, as far as the name says.
    pub(super) gross: bool,
    /// Whether tax is not in it, as far as the name says.
    pub(super) net: bool,
    /// Whether it counts cents.
    pub(super) minor: bool,
    /// The currency that is part of the name.
    pub(super) currency: Option<&'static str>,
}

/// Names that mean nothing without what is around them.
const GENERIC: &str = "amount value number raw val monetary cent cents units shop money presentment decimal float text \
    display formatted string";
const MINOR: &str = "cents cent ct cts pence minor micros pennies subunits centimes centavos céntimos centimos rappen";
const NET: &str = "net netto neto excl ex excluding exclusive without ht htva ohne zzgl nett hors sin";
const GROSS: &str = "gross brutto incl inc including inclusive with ttc bruto inkl tvac con";
const TOTAL: &str = "total subtotal sum extended ext gesamt summe insgesamt overall grand line totale";
/// What is not what the buyer pays now.
const OTHER_PRICES: &str = "list retail rrp msrp uvp compare was old original regular strike before previous max maximum high \
    avg average mean suggested recommended reference rec crossed strikethrough historic historical \
    yesterday last standard resale srp catalog undiscounted full map evp pvp pvpr conseillé conseille barré statt anterior \
    katalog catalogue tachado";
/// What lowers the trust in a price a little.
const LESS: &str = "local base min minimum low lowest from starting summary open alt member start new next estimated";
/// What is paid for, or counted, beside the goods.
const OTHER_THINGS: &str = "tax taxes vat mwst tva iva ust duty duties discount rabatt discounts saving savings fee fees \
    surcharge deposit pfand insurance handling conversion exchange fx percent percentage pct change \
    setup tariff weight size commission tip refund score rating ratings interest payment weighted volume \
    options option coupon reward points limit feedback success error fuel toll energy type id date time unsubscribe \
    factor code gewicht poids peso remise rabais descuento zuschlag";
const SHIPPING: &str = "shipping shipment delivery postage freight versand versandkosten livraison envio porto";

/// What says that something is one piece.
pub(super) const PIECE: &str = "1 each ea unit units item items piece pieces pc pcs pce stk stück stueck stücke st one part \
    c62 pièce pièces pza pzas ud uds unidad unidades pezzo pz";

/// Weighs the names that lead to a number, the outermost first. With `of_shipping` it is what shipping costs that is
/// bought.
pub(super) fn price_name(names: &[&str], of_shipping: bool) -> PriceName {
    let all: Vec<Vec<String>> = names.iter().map(|name| words(name)).collect();
    let Some((last, outer)) = all.split_last() else { return PriceName::default() };
    let mut weight = price_weight(last);
    let is_generic = last.iter().all(|word| {
        is_in(word, GENERIC)
            || is_in(word, NET)
            || is_in(word, GROSS)
            || is_code(word)
            || is_in(word, TOTAL)
            || word == "unit"
    });
    if is_generic {
        let parents = outer.iter().rev().zip([0, 15, 25]).map(|(words, less)| price_weight(words) - less);
        weight = weight.max(parents.max().unwrap_or(0));
    }
    let spoken: Vec<String> = all.iter().flatten().cloned().collect();
    let tax = Tax::of(&spoken);
    PriceName {
        weight: weight + penalty(&spoken, last, tax, of_shipping) + 5 * i32::from(tax == Tax::Net)
            - 6 * i32::from(tax == Tax::Gross),
        total: any(&spoken, TOTAL) && !any(last, "unit each per") && !is_total_of_price(&all),
        gross: tax == Tax::Gross,
        net: tax == Tax::Net,
        minor: any(&spoken, MINOR),
        currency: last
            .iter()
            .rev()
            .chain(outer.iter().rev().flatten())
            .find_map(|word| currency_word(word))
            .or_else(|| names.iter().find_map(|name| sign_in_name(name))),
    }
}

/// The `total` of a `price` with parts is the price.
fn is_total_of_price(names: &[Vec<String>]) -> bool {
    let price = names.iter().position(|words| *words == ["price"]);
    let total = names.iter().rposition(|words| *words == ["total"]);
    price.zip(total).is_some_and(|(price, total)| price < total)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tax {
    Unsaid,
    Net,
    Gross,
}

impl Tax {
    fn of(words: &[String]) -> Self {
        if any(words, NET) || has_stem(words, "netto nopvat exvat extax sinimp sansta") {
            Self::Net
        } else if any(words, GROSS) || has_stem(words, "brutto incvat inctax") {
            Self::Gross
        } else {
            Self::Unsaid
        }
    }
}

fn is_code(word: &str) -> bool {
    currency_word(word).is_some()
}

/// The currency whose sign a name has: `Preis (€)`.
fn sign_in_name(name: &str) -> Option<&'static str> {
    [('€', "EUR"), ('£', "GBP"), ('₹', "INR"), ('₽', "RUB")]
        .into_iter()
        .find_map(|(sign, code)| name.contains(sign).then_some(code))
}

fn currency_word(word: &str) -> Option<&'static str> {
    COMMON.into_iter().find(|code| code.eq_ignore_ascii_case(word))
}

fn price_weight(words: &[String]) -> i32 {
    let price = has_stem(words, "price preis precio prezzo preco preço prijs")
        || any(words, "prix pris cena ceny hinta fiyat цена 价格 値段 価格 pu puht tarifa")
        || words.windows(2).any(|pair| pair == ["p", "u"]);
    let cost = any(words, "cost costs costo coste cout coût kosten kost");
    let unit = any(words, "unit each per piece unitaire unitario stk item")
        || has_stem(words, "stueck stück einzel unitprice unitaire unitario");
    let exact = words.len() == 1;
    if has_stem(words, "priceunit pricingunit preiseinheit") {
        return 0;
    }
    match () {
        () if price && unit => 112,
        () if price && exact => 105,
        () if price && any(words, "sale sell selling current your my special final now") => 98,
        () if price => 95,
        // What a buyer pays, and what a dealer asks for.
        () if any(words, "ek hek") => 94,
        () if any(words, "vk vkp") => 88,
        () if cost && unit => 105,
        () if cost => 85,
        () if any(words, "ask asks offer") && exact => 84,
        () if any(words, "rate rates fare tarif charge charges") => 72,
        () if any(words, "last close latest") && exact => 64,
        () if any(words, "amount betrag importe montant wert bedrag belopp summe quote") => 56,
        () if any(words, TOTAL) => 56,
        () if words.iter().any(|word| NET.split(' ').take(3).chain(["ht"]).any(|net| net == word))
            && words.iter().all(|word| is_in(word, NET) || is_in(word, GENERIC)) =>
        {
            66
        }
        () if exact && any(words, "gross brutto bruto ttc") => 64,
        () if any(words, "value bid bids sell buy usd eur gbp") => 40,
        () => 0,
    }
}

fn penalty(spoken: &[String], last: &[String], tax: Tax, of_shipping: bool) -> i32 {
    let mut penalty = 0;
    let spoken: Vec<String> = spoken.iter().filter(|word| tax == Tax::Unsaid || !is_tax(word)).cloned().collect();
    // A ticker's last price is one; as a part of a longer name it is an older one.
    let is_older = |word: &String| is_in(word, OTHER_PRICES) && !(word == "last" && last.len() == 1);
    if spoken.iter().any(is_older) || has_stem(&spoken, "listpr listenpreis compareat") {
        penalty -= 38;
    }
    if any(&spoken, LESS) {
        penalty -= 8;
    }
    if (any(&spoken, SHIPPING) || has_stem(&spoken, "versand")) && !of_shipping {
        penalty -= 45;
    }
    if any(&spoken, OTHER_THINGS) {
        penalty -= 85;
    }
    penalty - 30 * i32::from(any(&spoken, "bid buy") && spoken.len() > 1)
}

fn is_tax(word: &str) -> bool {
    is_in(word, "tax taxes vat mwst tva iva ust options")
}

/// Whether the names speak of the cost of shipping.
pub(super) fn is_shipping(names: &[&str]) -> bool {
    let spoken: Vec<String> = names.iter().flat_map(|name| words(name)).collect();
    let ships =
        spoken.iter().any(|word| is_in(word, SHIPPING) && word != "shipment") || has_stem(&spoken, "versand shipcost");
    let told: Vec<String> = spoken.iter().filter(|word| *word != "options" && *word != "option").cloned().collect();
    let is_else = any(&told, OTHER_THINGS) || any(&spoken, "days day min max minimum free from");
    let fee = any(&spoken, "fee fees") && !any(&spoken, "tax vat discount handling insurance");
    let costs = spoken.iter().any(|word| price_weight(std::slice::from_ref(word)) > 0) || fee;
    let is_alone = spoken.len() == 1;
    ships && (costs || is_alone) && (!is_else || fee)
}

/// How much a name sounds like the quantity from which on a price holds; negative = it is another number.
pub(super) fn break_weight(name: &str) -> i32 {
    const ELSE: &str = "max maximum to end upper until stock available inventory id position index rank total bis hasta \
        price value date weight bestand lager existencias disponible prix precio preis";
    let words = words(name);
    if any(&words, ELSE) || has_stem(&words, "availab maxqty") {
        return -1;
    }
    match () {
        () if has_stem(&words, "breakq pricebreak minq minimumq qtyfrom fromq minamount startusage") => 110,
        () if any(&words, "break breaks moq threshold ladder staffel tier") => 95,
        () if any(&words, "qty qté qte quantity menge cantidad cant quantite quantité quantità ilosc")
            || has_stem(&words, "quantity menge quantit") =>
        {
            90
        }
        () if any(&words, "min minimum from ab lower start begin od vanaf desde dès partir") => 80,
        () if any(&words, "aantal anzahl pieces pcs count units volume") => 60,
        () if any(&words, "amount number level step size") => 45,
        () => 0,
    }
}

/// Whether a list of this name probably holds prices by quantity.
pub(super) fn is_list_of_breaks(name: &str) -> bool {
    let words = words(name);
    has_stem(&words, "break tier pricelist pricing ladder scale staffel bulk prices ranges")
}

/// Whether a member of this name says which product a row is of, so that the row is no price break.
pub(super) fn is_identity(name: &str) -> bool {
    const WORDS: &str = "sku mpn seller vendor title service carrier stock availability inventory symbol merchant ean gtin \
        asin upc url href link shop store company image";
    let words = words(name);
    any(&words, WORDS) || words == ["product"] || words == ["product", "id"]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_same_words_however_they_are_written() {
        for name in ["listPrice", "list_price", "List-Price", "LIST PRICE", "ListPrice"] {
            assert_eq!(words(name), ["list", "price"], "{name}");
        }
        assert_eq!(words("VATRate2"), ["vat", "rate", "2"]);
        assert_eq!(words(""), [""; 0]);
        assert_eq!(words("Stückpreis"), ["stückpreis"]);
    }

    #[test]
    fn what_the_buyer_pays_weighs_most() {
        let weight = |name: &str| price_name(&[name], false).weight;
        for (more, less) in [
            ("price", "list_price"),
            ("unitPrice", "price"),
            ("price", "compare_at_price"),
            ("salePrice", "regularPrice"),
            ("rate", "retail_rate"),
            ("amount", "amount_local"),
            ("ask", "bid"),
            ("nettopreis", "bruttopreis"),
            ("unitCost", "shippingCost"),
        ] {
            assert!(weight(more) > weight(less), "{more} {} {less} {}", weight(more), weight(less));
        }
        for other in ["vatRate", "currencyConversionRate", "discount", "shippingFee", "feedbackScore", "weight"] {
            assert!(weight(other) < 30, "{other} {}", weight(other));
        }
    }

    #[test]
    fn a_generic_name_means_what_is_around_it() {
        let weight = |names: &[&str]| price_name(names, false).weight;
        assert!(weight(&["price", "value"]) > 90);
        assert!(weight(&["unitCost", "amount"]) > weight(&["cost", "amount"]));
        assert!(weight(&["shippingCost", "value"]) < weight(&["cost", "value"]));
        assert_eq!(price_name(&["pricePerUnit", "USD"], false).currency, Some("USD"));
        assert!(price_name(&["price_cents"], false).minor && price_name(&["priceExclVat"], false).net);
        assert!(price_name(&["total_amount"], false).total && !price_name(&["unit_total"], false).total);
    }
}
