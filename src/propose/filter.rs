//! The text of the filter that is proposed, with comments on what the user must look at.

use std::fmt::Write as _;

use super::currency::{self, Source};
use super::days;
use super::doubts;
use super::envelope::{Guard, guard};
use super::fields::{self, Subject};
use super::money::{Money, prices};
use super::path::{Step, is_hidden, render};
use super::places::{Place, places};
use super::rows::{Choice, Level, Price};
use super::samples::{Scalar, is_grouped};
use super::shape::Shape;
use super::words::{any, has_stem, is_in, words};

/// A filter that was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// Its text, comments first.
    pub(super) text: String,
    /// Whether the offers say their currency.
    pub(super) says_currency: bool,
    /// What the user must look at.
    pub(super) checks: Vec<String>,
    /// Whether the price may be another one, so that nobody should use the filter before looking.
    pub(super) is_unsure: bool,
}

/// What keeps a filter from being used that nobody has looked at.
const STOP: &str = "error(\"the price is in doubt: look at the checks in `quotes`, and remove this line\") |\n";

impl Written {
    /// The text as it is written down: where the price is in doubt, it fails until somebody has looked.
    pub(super) fn guarded(&self) -> String {
        if !self.is_unsure {
            return self.text.clone();
        }
        let comments: usize =
            self.text.split_inclusive('\n').take_while(|line| line.starts_with('#')).map(str::len).sum();
        format!("{}{STOP}{}", &self.text[..comments], &self.text[comments..])
    }

    /// Adds what the user must look at, in front of everything else.
    pub(super) fn doubt(&mut self, checks: Vec<String>) {
        for check in checks {
            self.text.insert_str(0, &format!("# check: {}\n", one_line(&check)));
            self.checks.insert(0, check);
        }
    }
}

/// Writes the filter of a reply for what was chosen.
pub(super) fn write(choice: &Choice<'_>, document: &Shape<'_>, product: Option<&str>) -> Written {
    let mut writer = Writer::new(choice, product);
    writer.fields();
    let selection = writer.selection();
    writer.finish(guard(document).as_ref(), selection.as_deref())
}

/// Writes the filter of a row of a list, of which only those about the product come.
pub(super) fn write_row(choice: &Choice<'_>) -> Written {
    let mut writer = Writer::new(choice, None);
    writer.fields();
    writer.finish(None, None)
}

struct Writer<'c, 's> {
    choice: &'c Choice<'s>,
    product: Option<&'c str>,
    /// The places of each level.
    places: Vec<Vec<Place<'s>>>,
    /// How each level is named in the filter; the last one is the input.
    bases: Vec<String>,
    members: Vec<(&'static str, String)>,
    says_currency: bool,
    checks: Vec<String>,
    is_unsure: bool,
}

impl<'c, 's> Writer<'c, 's> {
    fn new(choice: &'c Choice<'s>, product: Option<&'c str>) -> Self {
        let count = choice.levels.len();
        let name = |level: usize| match level {
            last if last + 1 == count => String::new(),
            0 => "$reply".to_owned(),
            level if count == 3 => format!("$outer{}", if level == 1 { "" } else { "2" }),
            level => format!("$outer{level}"),
        };
        Self {
            choice,
            product,
            places: choice.levels.iter().map(|level| places(level.shape)).collect(),
            bases: (0..count).map(name).collect(),
            members: Vec::new(),
            says_currency: true,
            checks: choice.checks.clone(),
            is_unsure: choice.is_unsure,
        }
    }

    fn fields(&mut self) {
        self.identity();
        self.price();
        self.currency();
        self.tax();
        self.stock();
        for subject in [
            Subject::MinimumQuantity,
            Subject::OrderMultiple,
            Subject::DeliveryDays,
            Subject::LeadTimeDays,
            Subject::ValidUntil,
        ] {
            self.subject(subject);
        }
        self.validity();
        self.shipping();
    }

    /// Says what about the time that prices hold for is not in the filter.
    fn validity(&mut self) {
        let is_read = self.members.iter().any(|(key, _)| *key == "validUntil");
        let mut checks = Vec::new();
        for place in self.row().iter().filter(|place| place.path.len() == 1) {
            let (names, path) = (words(place.name()), render("", &place.path));
            let sample = place.samples.iter().find(|sample| !sample.is_blank()).and_then(Scalar::text);
            let short: String = sample.unwrap_or_default().chars().take(20).collect();
            if days::is_until(&names) && !is_read {
                checks.push(format!("{path} such as `{short}` may say until when a price holds; it is not read"));
            } else if days::is_since(&names) {
                checks.push(format!("{path} such as `{short}` may say since when a price holds; it is not read"));
            }
        }
        self.checks.extend(checks);
    }

    /// A doubt that makes another price of the price.
    fn unsure(&mut self, check: String) {
        self.checks.push(check);
        self.is_unsure = true;
    }

    fn row(&self) -> &[Place<'s>] {
        self.places.last().map_or(&[], Vec::as_slice)
    }

    fn identity(&mut self) {
        for subject in [Subject::Sku, Subject::Seller, Subject::Packaging, Subject::Url] {
            self.subject(subject);
        }
    }

    /// Adds a field, if a member says it. Levels around the offers are asked from the inside out.
    fn subject(&mut self, subject: Subject) -> bool {
        let row = self.places.len() - 1;
        let levels = if subject.is_shared() { 0..=row } else { row..=row };
        let price = self.choice.money().map(|money| money.place.path.clone());
        let found = levels.filter_map(|level| {
            let (weight, expression, place) = fields::find(subject, &self.places[level], &self.bases[level])?;
            let distance = i32::try_from(row - level).unwrap_or(0);
            let is_price = level == row && Some(&place.path) == price.as_ref();
            (!is_price).then_some((weight - 15 * distance, level, expression, place))
        });
        // Of equals the innermost.
        let Some((_, level, expression, place)) = found.max_by_key(|(weight, ..)| *weight) else { return false };
        if level < row && matches!(subject, Subject::StockQuantity | Subject::InStock) {
            self.checks.push(format!("{expression} is taken for the stock of each offer in it"));
        }
        if subject == Subject::PriceUnit {
            let sample = place.samples.iter().find(|sample| !sample.is_blank()).and_then(Scalar::text);
            let such: String = sample.unwrap_or_default().chars().take(20).collect();
            let path = render(&self.bases[level], &place.path);
            self.checks.push(format!("{path} such as `{such}` is taken for the number of pieces that a price is for"));
        }
        self.members.push((subject.key(), expression));
        true
    }

    fn price(&mut self) {
        let written = match &self.choice.price {
            Price::Breaks(tiers) => {
                self.members.push(("priceBreaks", tiers.expression.clone()));
                self.members.extend(tiers.maximum.clone().map(|maximum| ("maximumQuantity", maximum)));
                tiers.price.as_ref()
            }
            Price::Unit(money) => {
                self.members.push(("unitPrice", money.expression()));
                Some(&**money)
            }
            Price::Total(money) => {
                self.members.push(("totalPrice", money.expression()));
                Some(&**money)
            }
        };
        let Some(money) = written else { return };
        if let Some(text) = &money.writing.ambiguous {
            let read = match money.writing.separators {
                Some((group, point)) => format!("`{group}` between groups and `{point}` before decimals"),
                None => "a point before decimals".to_owned(),
            };
            self.unsure(format!("{} such as `{text}` is read with {read}", money.shown()));
        }
        if let Some(text) = &money.writing.contrary {
            self.unsure(format!(
                "{} is written in several ways: `{text}` is not read as the others are",
                money.shown()
            ));
        }
        if let Some(code) = money.writing.other_currency {
            self.unsure(format!("{} is in several currencies, {code} among them", money.shown()));
        }
        if let Some(other) = &money.writing.other {
            self.checks.push(format!("{} is sometimes no price: `{other}`; such offers are rejected", money.shown()));
        }
        self.pack();
        let is_told = self.subject(Subject::PriceUnit) || self.stated_unit(money);
        if let Price::Unit(money) = &self.choice.price {
            self.checks.extend(doubts::about(money, self.row(), is_told));
            self.is_unsure |= !is_told && doubts::is_of_pack(money);
        }
    }

    /// The name of a price may say for how many pieces it is.
    fn stated_unit(&mut self, money: &Money<'_>) -> bool {
        let Some(pieces) = doubts::pieces_in_name(money) else { return false };
        self.checks.push(format!("{} is taken for the price of {pieces} pieces, as its name says", money.shown()));
        self.members.push((Subject::PriceUnit.key(), pieces.to_string()));
        true
    }

    /// A price beside the size of a pack may be the pack's.
    fn pack(&mut self) {
        let is_pack = |place: &&Place<'_>| {
            let words = words(place.name());
            (has_stem(&words, "verpackungseinheit")
                || any(&words, "vpe ve")
                || has_stem(&words, "packsize packqty packquantity unitsperpack qtyperpack piecesperpack"))
                && place.samples.iter().any(|sample| sample.whole().is_some_and(|size| size > 1.into()))
        };
        if let Some(place) = self.row().iter().find(is_pack) {
            let path = render("", &place.path);
            self.checks.push(format!("if the price is for a pack of {path} pieces, add: priceUnit: {path}"));
        }
    }

    fn currency(&mut self) {
        let source = currency::find(self.choice, &self.places);
        match &source {
            Source::Perhaps(code) => {
                self.checks.push(format!("the sign of the currency is not {code}'s alone"));
            }
            Source::Unsaid => self.says_currency = false,
            Source::Member(level, path) if self.is_far(*level, path) => {
                self.checks
                    .push(format!("{} is taken for the currency of the price", render(&self.bases[*level], path)));
            }
            Source::Member(..) | Source::Always(_) => {}
        }
        if let Some(expression) = source.expression(&self.bases, &self.places) {
            self.members.push(("currency", expression));
        }
    }

    /// Whether the name of a currency's member, or where it stands, may mean something else than the price.
    fn is_far(&self, level: usize, path: &[Step]) -> bool {
        let parent = path.split_last().map_or(&[][..], |(_, parent)| parent);
        let is_around = level + 1 < self.places.len() || self.choice.price_path().starts_with(parent);
        let name = match path.last() {
            Some(Step::Key(name)) => words(name),
            _ => Vec::new(),
        };
        let plain = "currency curr ccy code iso id price prices offer unit waehrung währung moneda devise valuta divisa \
            monnaie symbol of";
        !is_around || name.iter().any(|word| !is_in(word, plain) && !word.starts_with("currency"))
    }

    /// Whether tax is in the price is seldom sure, and never silently decided.
    fn tax(&mut self) {
        let name = self.choice.money().map(|money| money.name.clone()).unwrap_or_default();
        if name.net {
            return;
        }
        let is_rate = |place: &&Place<'_>| {
            let words = words(place.name());
            let named = any(&words, "vat tax mwst tva iva ust");
            let counts = words.len() == 1 || has_stem(&words, "rate percent pct satz");
            let low = |sample: &Scalar| sample.number().is_some_and(|rate| (0.into()..=100.into()).contains(&rate));
            named && counts && !place.of_list && place.samples.iter().all(low)
        };
        let row = self.places.len() - 1;
        let rate = self.places[row].iter().find(is_rate).map(|place| render("", &place.path));
        match (rate, name.gross || self.says_gross()) {
            (Some(rate), true) => {
                self.checks.push(format!("the prices seem to contain the tax of {rate} percent"));
                self.members.push(("taxIncludedPercent", rate));
            }
            (Some(rate), false) => {
                self.checks.push(format!("if tax of {rate} percent is in the price, add: taxIncludedPercent: {rate}"));
            }
            (None, true) => self.unsure("the prices seem to contain tax; set `tax-included-percent`".to_owned()),
            (None, false) => {}
        }
    }

    /// Whether a member says that prices are gross.
    fn says_gross(&self) -> bool {
        let says = |place: &Place<'_>| {
            let gross = |text: &str| ["gross", "brutto", "incl", "ttc"].iter().any(|word| text.to_lowercase() == *word);
            has_stem(&words(place.name()), "pricetype taxtype pricemode")
                && place.samples.iter().filter_map(Scalar::words).any(gross)
        };
        let is_yes = |sample: &Scalar| {
            *sample == Scalar::Bool(true)
                || sample.words().is_some_and(|text| ["yes", "true", "ja", "Y"].contains(&text))
        };
        let flags = |place: &Place<'_>| {
            let words = words(place.name());
            let named =
                any(&words, "vat tax taxes mwst tva iva ust") && any(&words, "included incl inclusive including inc");
            named && place.samples.iter().any(is_yes)
        };
        self.places.iter().flatten().any(|place| says(place) || flags(place))
    }

    fn stock(&mut self) {
        if self.subject(Subject::StockQuantity) {
            self.grouped_stock();
            return;
        }
        if self.subject(Subject::InStock) {
            return;
        }
        // Beside a total it is what was asked for.
        let has_total = prices(self.row(), false).iter().any(|money| money.name.total);
        let is_unit = matches!(self.choice.price, Price::Unit(_)) && !has_total;
        let quantity = self.row().iter().find(|place| is_unit && Subject::may_be_stock(place));
        if let Some(path) = quantity.map(|place| render("", &place.path)) {
            self.checks.push(format!("{path} is taken for the stock"));
            self.members.push(("stockQuantity", path));
        } else {
            self.members.push(("inStock", "true".to_owned()));
            self.checks.push("nothing says whether there is stock; every offer counts as in stock".to_owned());
        }
    }

    /// A point in a count may stand between groups or before decimals.
    fn grouped_stock(&mut self) {
        let found = fields::find(Subject::StockQuantity, self.row(), "");
        let text = found
            .and_then(|(_, _, place)| place.samples.iter().filter_map(Scalar::words).find(|text| is_grouped(text)));
        if let Some(text) = text.filter(|text| text.matches('.').count() == 1) {
            let check = format!("a stock such as `{text}` is read without its point");
            self.checks.push(check);
        }
    }

    /// What shipping costs, unless that is the price itself.
    fn shipping(&mut self) {
        if matches!(self.choice.price, Price::Total(_)) {
            return;
        }
        let row = self.row();
        let own = self.choice.money().map(|money| money.place.path.clone()).unwrap_or_default();
        let named: Vec<Place<'s>> =
            fields::shipping_candidates(row).filter(|place| place.path != own).cloned().collect();
        let freed: Vec<Place<'s>> = named.into_iter().map(|place| Place { of_list: false, ..place }).collect();
        let money: Vec<Money<'s>> = prices_of_shipping(&freed);
        if let Some(cost) = money.first() {
            self.members.push(("shipping", cost.expression()));
            let parent = |path: &[Step]| path.split_last().map(|(_, parent)| parent.to_vec());
            let is_elsewhere = parent(&cost.place.path) != parent(&own);
            if let Some(code) = cost.constant_currency().filter(|_| is_elsewhere) {
                self.checks.push(format!("{} is in {code}, and counts in the currency of the price", cost.shown()));
            }
        }
    }

    /// What keeps the offers of the product that was asked for.
    fn selection(&mut self) -> Option<String> {
        let by_key = self.choice.levels.iter().any(|level| level.path.contains(&Step::Product));
        if by_key || self.choice.money().is_some_and(|money| money.place.path.contains(&Step::Product)) {
            return None;
        }
        let row = self.places.len() - 1;
        if let Some(product) = self.product {
            let found = (0..=row).rev().find_map(|level| {
                let equal = |place: &&Place<'_>| !place.of_list && holds(place, product);
                let place = self.places[level].iter().find(equal)?;
                Some(comparison(&render(&self.bases[level], &place.path), place, product))
            });
            if found.is_none() && row > 0 {
                self.checks.push(
                    "no member is the product that was asked for; the reply must hold its offers alone".to_owned(),
                );
            }
            return found;
        }
        if row > 0 {
            let skus = self.members.iter().find(|(key, _)| *key == "sku").map(|(_, path)| path.clone());
            let hint = skus.map(|path| format!(": select({path} == $product)")).unwrap_or_default();
            self.checks.push(format!("if a reply holds other products, too, keep the one that was asked for{hint}"));
        }
        None
    }

    fn finish(self, guard: Option<&Guard>, selection: Option<&str>) -> Written {
        let mut text = String::new();
        for check in &self.checks {
            let _ = writeln!(text, "# check: {}", one_line(check));
        }
        if let Some(guard) = guard {
            let _ = writeln!(text, "if {} then {} else", guard.condition, guard.error);
        }
        text.push_str(&self.way());
        if let Some(selection) = selection {
            let _ = writeln!(text, "{}{selection}", pipe_behind(&text));
        }
        let way = pipe_behind(&text);
        let members: Vec<String> = self.members.iter().map(|(key, value)| format!("    {key}: {value}")).collect();
        let _ = write!(text, "{way}{{\n{}\n  }}", members.join(",\n"));
        text.push('\n');
        if guard.is_some() {
            text.push_str("end\n");
        }
        Written { text, says_currency: self.says_currency, checks: self.checks, is_unsure: self.is_unsure }
    }

    /// The way from the document to the offers; nothing when the document is the offer.
    fn way(&self) -> String {
        let used = |level: usize| {
            let name = &self.bases[level];
            let names = |text: &String| text.contains(&format!("{name}.")) || text.contains(&format!("{name}["));
            self.members.iter().any(|(_, value)| names(value))
                || self.checks.iter().any(names)
                || self.selected_by(name)
        };
        let levels: &[Level<'_>] = &self.choice.levels;
        let mut text = String::new();
        let mut behind = String::new();
        for (level, Level { path, .. }) in levels.iter().enumerate() {
            behind = if level == 0 { String::new() } else { render(&behind, path) };
            if path.last() == Some(&Step::Product) {
                behind.push_str(" | select(. != null)");
                let _ = writeln!(text, "{}{behind}", if text.is_empty() { "" } else { "| " });
                behind = String::new();
            }
            if level + 1 < levels.len() && used(level) {
                let input = if behind.is_empty() { "." } else { &behind };
                let _ = writeln!(text, "{}{input} as {}", if text.is_empty() { "" } else { "| " }, self.bases[level]);
                behind.clone_from(&self.bases[level]);
            }
        }
        if !behind.is_empty() && levels.len() > 1 {
            let _ = writeln!(text, "{}{behind}", if text.is_empty() { "" } else { "| " });
        }
        text
    }

    /// Whether the selection of the product needs the level of this name.
    fn selected_by(&self, name: &str) -> bool {
        let Some(product) = self.product else { return false };
        let row = self.places.len() - 1;
        let level = (0..=row)
            .rev()
            .find(|level| self.places[*level].iter().any(|place| !place.of_list && holds(place, product)));
        level.is_some_and(|level| self.bases[level] == name)
    }
}

/// What joins the next part of a filter to the text before it: nothing, where that is comments and a condition alone.
fn pipe_behind(text: &str) -> &'static str {
    let begins = text.lines().last().is_none_or(|line| line.starts_with('#') || line.ends_with(" else"));
    if begins { "" } else { "| " }
}

/// Prices of shipping, which count for little elsewhere.
fn prices_of_shipping<'s>(places: &[Place<'s>]) -> Vec<Money<'s>> {
    let renamed: Vec<Place<'s>> = places.iter().map(|place| Place { names: vec!["price"], ..place.clone() }).collect();
    let is_number = |money: &Money<'_>| money.writing.other.is_none();
    prices(&renamed, true).into_iter().filter(is_number).collect()
}

fn holds(place: &Place<'_>, product: &str) -> bool {
    let text = |sample: &Scalar| sample.text().is_some_and(|text| text.trim().eq_ignore_ascii_case(product.trim()));
    place.samples.iter().any(text)
}

fn comparison(path: &str, place: &Place<'_>, product: &str) -> String {
    let is_number = place.samples.iter().any(|sample| matches!(sample, Scalar::Number(_)));
    let exact = place.samples.iter().any(|sample| sample.words() == Some(product));
    match (is_number, exact) {
        (true, _) => format!("select(({path} | tostring) == $product)"),
        (false, true) => format!("select({path} == $product)"),
        (false, false) => {
            format!("select(({path} // \"\" | ascii_downcase | trim) == ($product | ascii_downcase | trim))")
        }
    }
}

/// A comment ends with its line, so it must be one, and show no hidden character.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() || is_hidden(letter) { '\u{fffd}' } else { letter }).collect()
}
