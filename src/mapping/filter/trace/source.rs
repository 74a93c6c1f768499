//! What is written in a filter's own text.

use crate::mapping::filter::value::Value;

/// Whether a field's value is written in the filter, such as `currency: "EUR"`. A text counts wherever it stands, as
/// it says what no other does; a number or a boolean only behind its field's name.
pub(super) fn is_written(filter: &str, key: &str, value: &Value) -> bool {
    match value {
        Value::Text(text) => !text.is_empty() && filter.contains(&format!("\"{text}\"")),
        Value::Number(..) | Value::Bool(..) => stands_behind(filter, key, &value.to_string()),
        _ => false,
    }
}

/// Whether `key: literal` stands in the filter.
fn stands_behind(filter: &str, key: &str, literal: &str) -> bool {
    if key.is_empty() {
        return false;
    }
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '.' | '$');
    filter.match_indices(key).any(|(start, _)| {
        let before = filter[..start].chars().next_back();
        let behind = filter[start + key.len()..].trim_start_matches('"').trim_start();
        let value = behind.strip_prefix(':').map(str::trim_start).and_then(|value| value.strip_prefix(literal));
        // What follows must end the value: `0` is not `0.5`, and `1 + .x` is computed.
        let ends = value.is_some_and(|rest| rest.trim_start().starts_with([',', '}']));
        ends && !before.is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn literals_are_known_by_the_field_that_they_stand_behind() {
        let filter = r#".[] | {sku: .id, "shipping": 0, inStock: true, currency: "EUR", fees: 0.5, unitPrice: 1 + .x}"#;
        let zero = Value::Number(Decimal::ZERO, 0);
        assert!(is_written(filter, "shipping", &zero));
        assert!(!is_written(filter, "fees", &zero));
        assert!(!is_written(filter, "unitPrice", &Value::Number(Decimal::ONE, 0)));
        assert!(is_written(filter, "inStock", &Value::Bool(true, 0)));
        assert!(!is_written(filter, "inStock", &Value::Bool(false, 0)));
        assert!(is_written(filter, "currency", &Value::text("EUR")));
        assert!(!is_written(filter, "currency", &Value::text("USD")));
        assert!(!is_written(filter, "", &zero));
    }
}
