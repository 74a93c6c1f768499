//! Price breaks within a row: lists of quantities with prices, in every form that they come in.
//!
//! Refuses to know which row is an offer. Main type: [`Tiers`].

use rust_decimal::Decimal;

use super::bounds::{self, Mode, are_bounds};
use super::columns;
use super::doubts;
use super::money::{Money, prices};
use super::path::{Step, render};
use super::places::{Place, places};
use super::rows::rivals_of;
use super::samples::{Scalar, are_whole, is_grouped, writing};
use super::shape::{Field, Shape};
use super::words::{break_weight, is_identity, is_list_of_breaks, price_name};
use crate::mapping::json::Value;

/// How deep a row is searched for lists.
const DEPTH: usize = 5;

/// Price breaks that were found in a row.
#[derive(Clone, Debug)]
pub(super) struct Tiers<'s> {
    /// How much they are like price breaks.
    pub(super) score: i32,
    /// What a filter makes of the row: an array of the wire's price breaks.
    pub(super) expression: String,
    /// The path of their list, without its elements.
    pub(super) path: Vec<Step>,
    /// The price of one, if it is a member of an object.
    pub(super) price: Option<Money<'s>>,
    /// The smallest quantity of all, where that is above 1.
    pub(super) begins_above_one: bool,
    /// The largest quantity that there is a price for, as a filter reads it, where that is not the last price's business.
    pub(super) maximum: Option<String>,
    /// The currency that the prices name.
    pub(super) currency: Option<(&'static str, bool)>,
    /// What the user must look at.
    pub(super) checks: Vec<String>,
    /// Whether that makes other prices of the prices.
    pub(super) is_unsure: bool,
}

/// All price breaks of a row, the likeliest first.
pub(super) fn tiers<'s>(row: &'s Shape<'_>) -> Vec<Tiers<'s>> {
    let mut found = Vec::new();
    search(row, &mut Vec::new(), &mut Vec::new(), &mut found);
    found.sort_by_key(|tiers| std::cmp::Reverse(tiers.score));
    found
}

/// Whether the elements of an array are price breaks, and so no rows.
pub(super) fn is_list<'s>(field: &'s str, list: &'s Shape<'_>) -> bool {
    of_objects(field, list, &[], None).is_some()
        || bounds::tiers(field, list, &[], None).is_some()
        || of_keyed_objects(field, list, &[]).is_some()
}

fn search<'s>(shape: &'s Shape<'_>, path: &mut Vec<Step>, names: &mut Vec<&'s str>, found: &mut Vec<Tiers<'s>>) {
    if path.len() > DEPTH {
        return;
    }
    found.extend(parallel(shape, path));
    found.extend(columns::tiers(shape, path));
    for field in &shape.fields {
        path.push(field.step.clone());
        names.push(&field.name);
        found.extend(of_objects(&field.name, &field.shape, path, Some(shape)));
        found.extend(bounds::tiers(&field.name, &field.shape, path, Some(shape)));
        found.extend(of_keyed_objects(&field.name, &field.shape, path));
        found.extend(of_pairs(&field.name, &field.shape, path));
        found.extend(of_keys(names, &field.shape, path));
        search(&field.shape, path, names, found);
        names.pop();
        path.pop();
    }
}

/// `[{quantity, price}, …]`
fn of_objects<'s>(name: &'s str, list: &'s Shape<'_>, path: &[Step], object: Option<&Shape<'_>>) -> Option<Tiers<'s>> {
    let (element, each) = (list.element.as_deref()?, list.each.as_ref()?);
    if name.is_empty() || element.objects == 0 || list.fields.iter().any(|field| is_identity(&field.name)) {
        return None;
    }
    let places = places(element);
    if places.iter().any(|place| place.path.len() == 1 && is_identity(place.name())) || are_bounds(&places) {
        return None;
    }
    let (quantity, weight) = quantity_of(&places, list)?;
    let rest: Vec<Place<'s>> = places
        .iter()
        .filter(|place| place.path != quantity.path)
        .map(|place| named_like_the_list(place, name))
        .collect();
    let money = prices(&rest, false);
    let price = money.iter().find(|price| !price.name.total)?.clone();
    let varies = places.iter().any(|place| place.path != quantity.path && says_different_things(place));
    let falls = || falls(list, &quantity.path, &price.place.path);
    let is_named = is_list_of_breaks(name);
    let are_breaks = (is_named && weight >= if varies { 80 } else { 45 }) || (!varies && (weight >= 95 || falls()));
    if !are_breaks {
        return None;
    }
    let mut checks = price.checks.clone();
    let units: Vec<Money<'s>> = money.into_iter().filter(|money| !money.name.total).collect();
    checks.extend(rivals_of(&price, &units));
    checks.extend(doubts::about(&price, &rest, false));
    let graduated = about_parts(&quantity, list, object);
    let is_unsure = graduated.is_some();
    checks.extend(graduated.map(|words| format!("the quantities of {} {words}", render("", path))));
    let optional = list.nulls > 0;
    let lowest = list.lists.iter().flat_map(|list| numbers(list, &quantity.path)).min();
    let each = if optional { Step::Each { optional: true, skip: 0 } } else { each.clone() };
    let elements = render("", &[path, &[each]].concat());
    Some(Tiers {
        score: price.score.min(115) + weight / 10,
        expression: format!(
            "[{elements} | {{quantity: {}, unitPrice: {}}}]",
            quantity_expression(&quantity),
            price.expression()
        ),
        path: path.to_vec(),
        currency: price.writing.currency.or(price.name.currency.map(|code| (code, true))),
        price: Some(price),
        begins_above_one: lowest.is_some_and(|lowest| lowest > Decimal::ONE),
        maximum: None,
        checks,
        is_unsure,
    })
}

/// What is said of price breaks of which each may price its own part of an order.
fn about_parts(quantity: &Place<'_>, list: &Shape<'_>, object: Option<&Shape<'_>>) -> Option<&'static str> {
    let mode = Mode::of(object);
    let starts_at_zero = quantity.samples.iter().any(|sample| sample.number().is_some_and(|number| number.is_zero()));
    let are_several = list.lists.iter().any(|list| list.len() > 1);
    match mode {
        _ if !are_several => None,
        Mode::Graduated => {
            Some("are of graduated prices, of which each prices its own part; here each prices the whole order")
        }
        Mode::Unsaid if starts_at_zero => Some(
            "begin at 0, as graduated prices do, of which each prices its own part; here each prices the whole order",
        ),
        Mode::Unsaid | Mode::Volume => None,
    }
}

/// What a `value` is, the name of the list says.
fn named_like_the_list<'s>(place: &Place<'s>, list: &'s str) -> Place<'s> {
    let mut place = place.clone();
    let says_little = price_name(&place.names, false).weight < 60;
    if says_little && is_list_of_breaks(list) {
        place.names.insert(0, list);
    }
    place
}

/// The place that is most like a quantity, and how much.
fn quantity_of<'s>(places: &[Place<'s>], list: &Shape<'_>) -> Option<(Place<'s>, i32)> {
    let candidates =
        places.iter().filter(|place| place.path.len() <= 2 && !place.of_list && is_quantity(place.samples));
    let weighed = candidates.map(|place| {
        let weight = break_weight(place.name());
        let rises = || place.samples.iter().any(|sample| sample.whole().is_some()) && differs(list, &place.path);
        (place.clone(), if weight == 0 { 20 * i32::from(rises()) } else { weight })
    });
    // Of equals the first.
    weighed.filter(|(_, weight)| *weight > 0).rev().max_by_key(|(_, weight)| *weight)
}

/// Whether texts that are no numbers differ, as those of different products do.
fn says_different_things(place: &Place<'_>) -> bool {
    let mut texts = place.samples.iter().filter_map(Scalar::words);
    let is_price_or_count = writing(place.samples).is_some() || is_quantity(place.samples);
    let first = texts.next();
    !is_price_or_count && texts.any(|text| Some(text) != first)
}

/// Whole numbers, or texts that begin with one: `10`, `"10"`, `"1,000"`, `"10+"`, `"10 - 49"`.
pub(super) fn is_quantity(samples: &[Scalar]) -> bool {
    let begins = |sample: &Scalar| match sample {
        Scalar::Bool(_) => false,
        Scalar::Number(_) | Scalar::Cell(_) => sample.whole().is_some_and(|number| !number.is_sign_negative()),
        Scalar::Text(text) => {
            let rest = text.trim_start_matches(['>', '=', '≥', ' ']);
            let behind = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
            let is_whole =
                !behind.starts_with(['.', ',']) || rest.split([' ', '+', '-', '–']).next().is_some_and(is_grouped);
            behind.len() < rest.len() && is_whole && text.len() < 24
        }
    };
    !samples.is_empty() && samples.iter().all(begins)
}

/// The quantity of a price break as a filter reads it.
pub(super) fn quantity_expression(place: &Place<'_>) -> String {
    let path = render("", &place.path);
    if place.samples.iter().any(Scalar::is_blank) {
        return format!("({path} | (try (capture(\"(?<from>[0-9]+)\").from | tonumber) catch null) // 1)");
    }
    let is_text = place.samples.iter().any(|sample| sample.words().is_some());
    if are_whole(place.samples, 1) {
        return path;
    }
    if are_whole(place.samples, 0) {
        let number = if is_text { format!("({path} | tonumber)") } else { path };
        return format!("([{number}, 1] | max)");
    }
    let texts = || place.samples.iter().filter_map(Scalar::words);
    if texts().any(|text| text.split([' ', '+', '-', '–']).any(is_grouped)) {
        let number = "capture(\"(?<from>[0-9][0-9.,']*)\").from | gsub(\"[.,']\"; \"\") | tonumber";
        return format!("({path} | tostring | {number})");
    }
    format!("({path} | tostring | capture(\"(?<from>[0-9]+)\").from | tonumber)")
}

/// The value at a path of keys and positions.
fn at<'v>(value: &'v Value<'v>, path: &[Step]) -> Option<&'v Value<'v>> {
    path.iter().try_fold(value, |value, step| match (step, value) {
        (Step::Key(key), Value::Object(object)) => {
            object.members().find(|(name, _)| name == key).map(|(_, value)| value)
        }
        (Step::At(position), Value::Array(items)) => items.get(*position),
        _ => None,
    })
}

fn numbers(list: &[Value<'_>], path: &[Step]) -> Vec<Decimal> {
    list.iter().filter_map(|item| Scalar::of(at(item, path)?)?.number()).collect()
}

/// Whether the quantities of each list are different.
fn differs(list: &Shape<'_>, path: &[Step]) -> bool {
    let several = list.lists.iter().filter(|list| list.len() > 1).map(|list| numbers(list, path)).collect::<Vec<_>>();
    let all_differ = |numbers: &Vec<Decimal>| {
        numbers.len() > 1 && numbers.iter().enumerate().all(|(index, number)| !numbers[..index].contains(number))
    };
    !several.is_empty() && several.iter().all(all_differ)
}

/// Whether in each list the price falls when the quantity rises.
fn falls(list: &Shape<'_>, quantity: &[Step], price: &[Step]) -> bool {
    if !differs(list, quantity) {
        return false;
    }
    let (Some(quantities), Some(prices)) = (read(list, quantity), read(list, price)) else { return false };
    quantities.into_iter().zip(prices).filter(|(quantities, _)| quantities.len() > 1).all(|(quantities, prices)| {
        let mut pairs: Vec<(Decimal, Decimal)> =
            quantities.into_iter().zip(prices).filter_map(|(quantity, price)| Some((quantity?, price?))).collect();
        pairs.sort_unstable();
        pairs.len() > 1
            && pairs.windows(2).all(|pair| pair[0].1 >= pair[1].1)
            && pairs.first().map(|pair| pair.1) > pairs.last().map(|pair| pair.1)
    })
}

/// The numbers at a path of each list's elements, also of texts such as `CHF 1'000.00`.
fn read(list: &Shape<'_>, path: &[Step]) -> Option<Vec<Vec<Option<Decimal>>>> {
    let sample = |item: &Value<'_>| at(item, path).and_then(Scalar::of);
    let samples: Vec<Scalar> = list.lists.iter().flat_map(|list| list.iter().filter_map(sample)).collect();
    let writing = writing(&samples)?;
    let number = |item| writing.read(&sample(item)?);
    Some(list.lists.iter().map(|list| list.iter().map(number).collect()).collect())
}

/// `[[1, 0.60], [10, 0.45]]`
fn of_pairs<'s>(name: &str, list: &Shape<'_>, path: &[Step]) -> Option<Tiers<'s>> {
    let of_two = |item: &Value<'_>| matches!(item, Value::Array(pair) if pair.len() == 2);
    let all_pairs = !list.lists.is_empty() && list.lists.iter().all(|list| list.iter().all(of_two));
    let falls = falls(list, &[Step::At(0)], &[Step::At(1)]);
    if !all_pairs || !falls || !(is_list_of_breaks(name) || price_name(&[name], false).weight > 60) {
        return None;
    }
    let elements = render("", &[path, &[Step::EACH]].concat());
    let expression = format!("[{elements} | {{quantity: .[0], unitPrice: .[1]}}]");
    Some(simple(100, expression, path, None))
}

/// `{"1": 0.60, "10": 0.45}`
fn of_keys<'s>(names: &[&str], object: &Shape<'_>, path: &[Step]) -> Option<Tiers<'s>> {
    let is_count = |field: &Field<'_>| !field.name.is_empty() && field.name.bytes().all(|byte| byte.is_ascii_digit());
    if object.fields.len() < 2 || !object.fields.iter().all(is_count) {
        return None;
    }
    let samples: Vec<Scalar> = object.fields.iter().flat_map(|field| field.shape.scalars.clone()).collect();
    let writing = writing(&samples).filter(|writing| writing.other.is_none())?;
    let name = price_name(names, false);
    if name.weight < 40 && !names.last().is_some_and(|name| is_list_of_breaks(name)) {
        return None;
    }
    let base = render("", path);
    let base = if object.nulls > 0 { format!("({base} // {{}})") } else { base };
    let price = match writing.separators {
        Some((group, point)) => format!("(.value | tonumber(\"{group}\"; \"{point}\"))"),
        None => ".value".to_owned(),
    };
    let expression = format!("[{base} | to_entries[] | {{quantity: .key, unitPrice: {price}}}]");
    let currency = writing.currency.or(name.currency.map(|code| (code, true)));
    Some(simple(100, expression, path, currency))
}

/// `{"1": {price}, "10": {price}}`
fn of_keyed_objects<'s>(name: &'s str, object: &'s Shape<'_>, path: &[Step]) -> Option<Tiers<'s>> {
    let element = object.element.as_deref().filter(|_| object.keyed_by_count && is_list_of_breaks(name))?;
    let mut places = places(element);
    for place in &mut places {
        place.path.insert(0, Step::Key("value".to_owned()));
    }
    let price = prices(&places, false).into_iter().find(|price| !price.name.total)?;
    let base = render("", path);
    let base = if object.nulls > 0 { format!("({base} // {{}})") } else { base };
    let expression = format!("[{base} | to_entries[] | {{quantity: .key, unitPrice: {}}}]", price.expression());
    let currency = price.writing.currency.or(price.constant_currency().map(|code| (code, true)));
    Some(simple(100, expression, path, currency))
}

/// `{"quantities": [1, 10], "prices": [0.60, 0.45]}`
fn parallel<'s>(object: &Shape<'_>, path: &[Step]) -> Option<Tiers<'s>> {
    let of_scalars = |field: &&Field<'_>| {
        field.shape.element.as_deref().is_some_and(|element| !element.scalars.is_empty()) && field.shape.arrays > 0
    };
    let lists: Vec<&Field<'_>> = object.fields.iter().filter(of_scalars).collect();
    let samples = |field: &Field<'_>| field.shape.element.as_deref().map(|element| element.scalars.clone());
    let quantity = lists.iter().find(|field| {
        break_weight(&field.name.trim_end_matches('s').replace("ties", "ty").replace("tie", "ty")) > 0
            && samples(field).is_some_and(|samples| are_whole(&samples, 1))
    })?;
    let lengths = |field: &Field<'_>| field.shape.lists.iter().map(|list| list.len()).collect::<Vec<_>>();
    let price = lists.iter().find(|field| {
        field.name != quantity.name
            && price_name(&[&field.name], false).weight > 60
            && lengths(field) == lengths(quantity)
            && samples(field).is_some_and(|samples| writing(&samples).is_some())
    })?;
    let writing = writing(&samples(price)?)?;
    let step = |field: &Field<'_>| render("", &[path, std::slice::from_ref(&field.step)].concat());
    let read = match writing.separators {
        Some((group, point)) => format!("(.[1] | tonumber(\"{group}\"; \"{point}\"))"),
        None => ".[1]".to_owned(),
    };
    let expression =
        format!("[[{}, {}] | transpose[] | {{quantity: .[0], unitPrice: {read}}}]", step(quantity), step(price));
    let own = [path, std::slice::from_ref(&price.step)].concat();
    Some(simple(105, expression, &own, writing.currency))
}

/// Price breaks of which nothing is in doubt.
fn simple<'s>(score: i32, expression: String, path: &[Step], currency: Option<(&'static str, bool)>) -> Tiers<'s> {
    Tiers {
        score,
        expression,
        path: path.to_vec(),
        price: None,
        begins_above_one: false,
        maximum: None,
        currency,
        checks: Vec::new(),
        is_unsure: false,
    }
}
