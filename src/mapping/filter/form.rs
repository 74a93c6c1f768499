//! A value as `application/x-www-form-urlencoded`: an object of texts, numbers and booleans.

use url::form_urlencoded::Serializer;

use super::json_text;
use super::value::Value;

/// Writes a form in the object's order. A list repeats its key, and null is left out.
///
/// # Errors
/// What about the value is no form.
pub(super) fn write(value: &Value) -> Result<String, String> {
    let Value::Object(fields) = value else {
        return Err("the request filter does not yield an object, which a form needs".to_owned());
    };
    let mut form = Serializer::new(String::new());
    for (key, value) in fields.raw() {
        let alone = std::slice::from_ref(value);
        let values = if let Value::Array(array) = value { array.items() } else { alone };
        for value in values {
            match value {
                Value::Null(_) => {}
                Value::Text(text) => drop(form.append_pair(key, text)),
                Value::Bool(..) | Value::Number(..) | Value::Long(_) => {
                    form.append_pair(key, &json_text::write(value));
                }
                Value::Array(_) | Value::Object(_) | Value::Repeated => {
                    return Err(format!(
                        "`{key}` is neither text, a number nor a boolean, and a form holds nothing else"
                    ));
                }
            }
        }
    }
    Ok(form.finish())
}
