//! How the interpreter reaches into values: `.key`, `.[0]`, `.[]`, `.[2:4]`, and the same with `|=`.

use std::rc::Rc;

use jaq_core::box_iter::BoxIter;
use jaq_core::path::Opt;
use jaq_core::val::Range;
use jaq_core::{ValR, ValT, ValX};
use rust_decimal::Decimal;

use super::fault::{self, Result};
use super::json_text;
use super::map::Map;
use super::meter;
use super::number;
use super::operators::own_map;
use super::value::{Array, Value, shown};

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Self::Bool(bool, 0)
    }
}

impl From<isize> for Value {
    fn from(number: isize) -> Self {
        Self::Number(Decimal::from(number), 0)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Range<Self>> for Value {
    fn from(range: Range<Self>) -> Self {
        let bound = |name: &str, bound: Option<Self>| (Rc::new(name.to_owned()), bound.unwrap_or(Self::NULL));
        Self::Object(Rc::new([bound("start", range.start), bound("end", range.end)].into_iter().collect()))
    }
}

impl FromIterator<Self> for Value {
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        let mut array = Array::new(Vec::new());
        array.extend(items.into_iter());
        Self::Array(Rc::new(array))
    }
}

impl ValT for Value {
    fn from_num(text: &str) -> ValR<Self> {
        // The language allows `.5`, `5.` and leading zeros where JSON does not.
        let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
        let integer = integer.trim_start_matches('0');
        let integer = if integer.is_empty() || integer.starts_with(['e', 'E']) {
            format!("0{integer}")
        } else {
            integer.to_owned()
        };
        let fraction = if fraction.starts_with(|first: char| first.is_ascii_digit()) {
            format!(".{fraction}")
        } else {
            fraction.to_owned()
        };
        Self::number(&format!("{integer}{fraction}"), 0)
            .ok_or_else(|| fault::about(format!("`{text}` is not a number"), &[]))
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(entries: I) -> ValR<Self> {
        let named = entries.into_iter().map(|(key, value)| match key {
            Self::Text(key) => Ok((key, value)),
            other => Err(fault::about(format!("{} cannot be a key", shown(&other)), &[&other])),
        });
        Ok(Self::Object(Rc::new(named.collect::<Result<Map>>()?)))
    }

    fn key_values(self) -> BoxIter<'static, ValR<(Self, Self), Self>> {
        match self {
            Self::Array(array) => Box::new((0..array.items().len()).map(move |position| {
                meter::charge(1);
                Ok((Self::from_usize(position), array.items()[position].clone()))
            })),
            Self::Object(map) => Box::new((0..map.len()).map(move |position| {
                meter::charge(1);
                let (key, value) = map.read(position);
                Ok((Self::Text(Rc::clone(key)), value.clone()))
            })),
            other => Box::new(std::iter::once(Err(fault::cannot("iterate over", &other)))),
        }
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR<Self>>> {
        match self {
            Self::Array(array) => Box::new((0..array.items().len()).map(move |position| {
                meter::charge(1);
                Ok(array.items()[position].clone())
            })),
            Self::Object(map) => Box::new((0..map.len()).map(move |position| {
                meter::charge(1);
                Ok(map.read(position).1.clone())
            })),
            other => Box::new(std::iter::once(Err(fault::cannot("iterate over", &other)))),
        }
    }

    fn index(self, key: &Self) -> ValR<Self> {
        meter::charge(1);
        let found = match (&self, key) {
            (Self::Object(map), Self::Text(name)) => map.get(name).cloned(),
            (Self::Array(array), Self::Number(number, _)) => {
                position(*number, array.items().len()).ok().and_then(|position| array.items().get(position)).cloned()
            }
            (Self::Null(_), Self::Text(_) | Self::Number(..)) => None,
            (Self::Null(_) | Self::Array(_) | Self::Text(_), Self::Object(range)) => {
                let bound = |name| range.get(name).filter(|bound| bound.is_true());
                return self.clone().range(bound("start")..bound("end"));
            }
            (Self::Array(array), Self::Array(part)) => return Ok(occurrences(array.items(), part.items())),
            _ => return Err(fault::about(format!("cannot index {} with {key}", shown(&self)), &[&self])),
        };
        Ok(found.unwrap_or_else(|| Self::missing(self, key.clone())))
    }

    fn range(self, range: Range<&Self>) -> ValR<Self> {
        meter::charge(1);
        match &self {
            Self::Null(_) => Ok(Self::NULL),
            Self::Array(array) => {
                let (start, end) = bounds(&range, array.items().len())?;
                meter::charge_bytes((end - start) * size_of::<Self>());
                Ok(Self::array(array.items()[start..end].to_vec()))
            }
            Self::Text(text) => {
                meter::charge_bytes(text.len());
                let (start, end) = bounds(&range, text.chars().count())?;
                Ok(Self::text(text.chars().skip(start).take(end - start).collect::<String>()))
            }
            other => Err(fault::cannot("take a slice of", other)),
        }
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(self, opt: Opt, f: impl Fn(Self) -> I) -> ValX<'a, Self> {
        match self {
            Self::Array(array) => {
                meter::charge_bytes(size_of_val(array.items()));
                let items = Rc::unwrap_or_clone(array).into_items().into_iter();
                items.filter_map(|item| f(item).next()).collect()
            }
            Self::Object(map) => {
                let mapped = map
                    .iter()
                    .filter_map(|(key, value)| f(value.clone()).next().map(|value| Ok((Rc::clone(key), value?))));
                Ok(Self::Object(Rc::new(mapped.collect::<std::result::Result<Map, jaq_core::Exn<_>>>()?)))
            }
            other => opt.fail(other, |other| fault::cannot("iterate over", &other).into()),
        }
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        key: &Self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        meter::charge(1);
        match (self, key) {
            (Self::Object(map), Self::Text(name)) => update_key(map, name, f),
            (Self::Null(_), Self::Text(name)) => update_key(Rc::default(), name, f),
            (Self::Array(array), Self::Number(number, _)) => update_item(array, *number, opt, f),
            (Self::Null(_), Self::Number(number, _)) => update_item(Rc::new(Array::new(Vec::new())), *number, opt, f),
            (value @ (Self::Array(_) | Self::Null(_)), Self::Object(range)) => {
                let bound = |name| range.get(name).filter(|bound| bound.is_true());
                value.map_range(bound("start")..bound("end"), opt, f)
            }
            (other, _) => opt.fail(other, |other| {
                fault::about(format!("cannot index {} with {key}", shown(&other)), &[&other]).into()
            }),
        }
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        range: Range<&Self>,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        let items = match &self {
            Self::Array(array) => array.items(),
            Self::Null(_) => &[],
            _ => return opt.fail(self, |other| fault::cannot("take a slice of", &other).into()),
        };
        meter::charge_bytes(size_of_val(items));
        let (start, end) = bounds(&range, items.len())?;
        let replaced = match f(Self::array(items[start..end].to_vec())).next().transpose()? {
            None => Vec::new(),
            Some(Self::Array(array)) => Rc::unwrap_or_clone(array).into_items(),
            Some(other) => return Err(fault::wrong_type(&other, "an array").into()),
        };
        meter::charge_bytes(size_of_val(&replaced[..]));
        Ok(Self::array([&items[..start], &replaced, &items[end..]].concat()))
    }

    fn as_bool(&self) -> bool {
        self.is_true()
    }

    fn into_string(self) -> Self {
        match self {
            Self::Text(_) => self,
            other => Self::text(json_text::write(&other)),
        }
    }
}

fn update_key<'a, I: Iterator<Item = ValX<'a, Value>>>(
    mut map: Rc<Map>,
    name: &Rc<String>,
    f: impl Fn(Value) -> I,
) -> ValX<'a, Value> {
    // Reading it first tells the path of a key that stands twice, which a copy has no more.
    let known = map.get(name).is_some();
    let old = if known { own_map(&mut map).take(name) } else { Value::NULL };
    match f(old).next().transpose()? {
        Some(new) => own_map(&mut map).set(Rc::clone(name), new),
        None => own_map(&mut map).remove(name),
    }
    Ok(Value::Object(map))
}

fn update_item<'a, I: Iterator<Item = ValX<'a, Value>>>(
    mut array: Rc<Array>,
    number: Decimal,
    opt: Opt,
    f: impl Fn(Value) -> I,
) -> ValX<'a, Value> {
    let length = array.items().len();
    let position = match position(number, length) {
        Ok(position) => position,
        Err(OutOfRange) => {
            return opt
                .fail(Value::Array(array), |_| fault::about(format!("index {number} is out of range"), &[]).into());
        }
    };
    if Rc::strong_count(&array) > 1 {
        meter::charge_bytes(size_of_val(array.items()));
    }
    let items = Rc::make_mut(&mut array);
    match f(items.take(position)).next().transpose()? {
        Some(new) => {
            // Setting an element beyond the end makes the ones in between null.
            items.extend((length..=position).map(|_| Value::NULL));
            items.replace(position, new);
        }
        None if position < length => items.remove(position),
        None => {}
    }
    Ok(Value::Array(array))
}

/// An index before the first element.
struct OutOfRange;

/// Where an index points; negative ones count from the end, fractions are cut.
fn position(number: Decimal, length: usize) -> std::result::Result<usize, OutOfRange> {
    let index = number::floor(number).map_or(0, |whole| whole.mantissa());
    let length = i128::try_from(length).unwrap_or(i128::MAX);
    usize::try_from(if index < 0 { index + length } else { index }).map_err(|_| OutOfRange)
}

/// A slice's bounds, within the length: the start is rounded down, the end up.
fn bounds(range: &Range<&Value>, length: usize) -> Result<(usize, usize)> {
    let bound = |bound: Option<&Value>, default: usize, up: bool| match bound {
        None | Some(Value::Null(_)) => Ok(default),
        Some(Value::Number(number, _)) => {
            let whole = if up { number::floor(-*number).map(|n| -n) } else { number::floor(*number) };
            Ok(position(whole.unwrap_or_default(), length).map_or(0, |position| position.min(length)))
        }
        Some(other) => Err(fault::wrong_type(other, "a number to slice by")),
    };
    let start = bound(range.start, 0, false)?;
    let end = bound(range.end, length, true)?;
    Ok((start, end.max(start)))
}

/// Where `part` begins within `items`.
pub(super) fn occurrences(items: &[Value], part: &[Value]) -> Value {
    if part.is_empty() {
        return Value::NULL;
    }
    let found = items.windows(part.len()).enumerate().filter(|(_, window)| *window == part);
    Value::array(found.map(|(position, _)| Value::from_usize(position)).collect())
}
