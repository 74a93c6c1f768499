//! A list of any JSON shape, through a filter.

use jiff::civil::Date;

use super::{List, SHOWN, refused};
use crate::domain::{Failure, Rates, shortened};
use crate::mapping::Filter;
use crate::mapping::json::{self, Object, Value};

/// The keys of what a filter yields. There is no other: it might change the meaning of these.
const KEYS: [&str; 3] = ["base", "date", "rates"];

/// Reads a list.
///
/// # Errors
/// Those of the filter, and when it does not yield one object with base, date and rates.
pub(super) fn read(filter: &Filter, list: &[u8], today: Date) -> Result<Rates, Failure> {
    let outputs = filter.apply_as_json(list)?;
    let [output] = &outputs[..] else {
        return Err(refused(format!("`rates-filter` yields {} values, not one", outputs.len())));
    };
    let output = json::parse(output.as_bytes()).map_err(|error| refused(error.to_string()))?;
    let Value::Object(object) = &output else {
        return Err(refused(format!("`rates-filter` yields {}, not an object", output.kind())));
    };
    let read = || taken_apart(object)?.rates(today);
    read().map_err(refused)
}

fn taken_apart<'a>(object: &'a Object<'_>) -> Result<List<'a>, String> {
    if let Some(key) = object.keys().find(|key| !KEYS.contains(key)) {
        let key = shortened(key, SHOWN);
        return Err(format!("`rates-filter` yields `{key}` beside `base`, `date` and `rates`"));
    }
    let picked = object.pick(&KEYS).map_err(|json::Repeated(key)| format!("`{key}` stands twice"))?;
    let [Some(base), Some(date), Some(rates)] = picked else {
        let missing = KEYS.iter().zip(picked).find(|(_, value)| value.is_none()).map_or("rates", |(key, _)| key);
        return Err(format!("`rates-filter` yields no `{missing}`"));
    };
    let Value::Object(rates) = rates else { return Err(format!("`rates` is {}, not an object", rates.kind())) };
    let rates = rates.members().map(|(code, value)| Ok((code, number(code, value)?))).collect::<Result<_, String>>()?;
    Ok(List { base: text("base", base)?, date: text("date", date)?, rates })
}

fn text<'a>(key: &str, value: &'a Value<'_>) -> Result<&'a str, String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(format!("`{key}` is {}, not text", other.kind())),
    }
}

/// The text of a number, which is one or stands in a text.
fn number<'a>(code: &str, value: &'a Value<'_>) -> Result<&'a str, String> {
    match value {
        Value::Number(text) | Value::String(text) => Ok(text.as_ref()),
        other => Err(format!("the rate of `{}` is {}, not a number", shortened(code, SHOWN), other.kind())),
    }
}
