//! What a supplier's filters and templates may refer to by name: the request, and values of the supplier's own.
//!
//! Owns the names, their order and what of a value may be shown. Refuses to know where values come from. Filters see a
//! value as `$site`, templates as `{site}`. Main types: [`Names`], for which both are compiled, and [`Bindings`], the
//! values for one request.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::{PriceRequest, Secret};

/// The names that every supplier has, in their order.
const OF_REQUEST: [&str; 3] = ["product", "quantity", "currency"];

/// The name of all lines that one request asks for, where a supplier takes several.
pub const LINES: &str = "lines";

/// The names that a filter or a template may refer to, in the order in which they are listed to a person. Cheap to
/// clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(Arc<[Box<str>]>);

impl Names {
    /// No names at all.
    #[must_use]
    pub fn none() -> Self {
        Self([].into())
    }

    /// The request's: `product`, `quantity`, `currency`.
    #[must_use]
    pub fn of_request() -> Self {
        Self(OF_REQUEST.map(Box::from).into())
    }

    /// The same names, and others behind them; one that is there already is not added again.
    #[must_use]
    pub fn with<'a>(&self, others: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = self.0.to_vec();
        for other in others {
            if names.iter().all(|name| **name != *other) {
                names.push(other.into());
            }
        }
        Self(names.into())
    }

    /// The names in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }
}

/// Lists the names: `` `product`, `quantity`, `currency` ``.
impl fmt::Display for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.iter().enumerate() {
            write!(formatter, "{}`{name}`", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// A value with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    name: Box<str>,
    value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Number(Decimal),
    Text(Box<str>),
    Secret { sent: Secret, shown: Box<str> },
    Texts(Arc<[String]>),
    Lines(Arc<[Arc<PriceRequest>]>),
}

impl Binding {
    /// Binds a number.
    #[must_use]
    pub fn number(name: &str, value: Decimal) -> Self {
        Self { name: name.into(), value: Value::Number(value) }
    }

    /// Binds a text that may be shown.
    #[must_use]
    pub fn text(name: &str, text: &str) -> Self {
        Self { name: name.into(), value: Value::Text(text.into()) }
    }

    /// Binds a text that holds a secret; `shown` is the same text with `***` in the secret's place.
    #[must_use]
    pub fn secret(name: &str, sent: Secret, shown: &str) -> Self {
        Self { name: name.into(), value: Value::Secret { sent, shown: shown.into() } }
    }

    /// Binds a list of texts. Templates take an empty one for a name without a value.
    #[must_use]
    pub fn texts(name: &str, texts: impl Into<Arc<[String]>>) -> Self {
        Self { name: name.into(), value: Value::Texts(texts.into()) }
    }

    /// Binds the lines that one request asks for, as [`LINES`]. Filters see each as an object with `productId` and
    /// `quantity`.
    #[must_use]
    pub fn lines(lines: Arc<[Arc<PriceRequest>]>) -> Self {
        Self { name: LINES.into(), value: Value::Lines(lines) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The values for one request. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bindings {
    request: Arc<PriceRequest>,
    own: Arc<[Binding]>,
    masked: bool,
}

/// A value as filters and templates read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound<'a> {
    Number(Decimal),
    Text(&'a str),
    /// A text whose secrets are replaced by `***`.
    Masked(&'a str),
    Texts(&'a [String]),
    Lines(&'a [Arc<PriceRequest>]),
}

impl Bindings {
    /// Binds a request, and a supplier's own values.
    #[must_use]
    pub fn new(request: Arc<PriceRequest>, own: Arc<[Binding]>) -> Self {
        Self { request, own, masked: false }
    }

    /// The same with more values; of two with one name the later one counts.
    #[must_use]
    pub fn with(&self, more: impl IntoIterator<Item = Binding>) -> Self {
        Self { own: self.own.iter().cloned().chain(more).collect(), ..self.clone() }
    }

    /// The same, fit to be shown: what is made of it has `***` where a secret would be.
    #[must_use]
    pub fn masked(&self) -> Self {
        Self { masked: true, ..self.clone() }
    }

    /// The same for another request.
    #[must_use]
    pub fn about(&self, request: PriceRequest) -> Self {
        Self { request: Arc::new(request), ..self.clone() }
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &PriceRequest {
        &self.request
    }

    /// Every value that holds a secret: what is sent, and what is shown of it.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.own.iter().filter_map(|binding| match &binding.value {
            Value::Secret { sent, shown } => Some((sent.expose(), &**shown)),
            _ => None,
        })
    }

    /// The value of a name; `None` when it has none.
    pub(super) fn get(&self, name: &str) -> Option<Bound<'_>> {
        let PriceRequest { product, quantity, currency } = &*self.request;
        Some(match OF_REQUEST.iter().position(|known| *known == name) {
            Some(0) => Bound::Text(product),
            Some(1) => Bound::Number(quantity.get().into()),
            Some(_) => Bound::Text(currency.code()),
            None => match &self.own.iter().rfind(|binding| *binding.name == *name)?.value {
                Value::Number(number) => Bound::Number(*number),
                Value::Text(text) => Bound::Text(text),
                Value::Secret { shown, .. } if self.masked => Bound::Masked(shown),
                Value::Secret { sent, .. } => Bound::Text(sent.expose()),
                Value::Texts(texts) => Bound::Texts(texts),
                Value::Lines(lines) => Bound::Lines(lines),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Currency, Quantity};

    fn bindings(own: Vec<Binding>) -> Bindings {
        let currency = Currency::parse("EUR").unwrap();
        let request = PriceRequest { product: "widget".into(), quantity: Quantity::new(95).unwrap(), currency };
        Bindings::new(Arc::new(request), own.into())
    }

    #[test]
    fn the_request_comes_first_and_no_name_twice() {
        let names = Names::of_request().with(["site", "key", "site", "product"]);
        assert_eq!(names.iter().collect::<Vec<_>>(), ["product", "quantity", "currency", "site", "key"]);
        assert_eq!(names.to_string(), "`product`, `quantity`, `currency`, `site`, `key`");
        assert_eq!(Names::none().iter().count(), 0);
    }

    #[test]
    fn the_request_cannot_be_replaced_and_a_later_value_can_replace_an_earlier_one() {
        let bindings = bindings(vec![Binding::text("product", "other"), Binding::text("site", "DE")]);
        assert_eq!(bindings.get("product"), Some(Bound::Text("widget")));
        assert_eq!(bindings.get("quantity"), Some(Bound::Number(95.into())));
        assert_eq!(bindings.get("currency"), Some(Bound::Text("EUR")));
        assert_eq!(bindings.get("ids"), None);
        let more = bindings.with([Binding::text("site", "FR"), Binding::texts("ids", vec!["7".to_owned()])]);
        assert_eq!(more.get("site"), Some(Bound::Text("FR")));
        assert_eq!(more.get("ids"), Some(Bound::Texts(&["7".to_owned()])));
    }

    #[test]
    fn what_is_masked_holds_no_secret_and_nothing_prints_one() {
        let bindings = bindings(vec![
            Binding::secret("key", Secret::new("k-hunter2"), "k-***"),
            Binding::number("site", 7.into()),
        ]);
        assert_eq!(bindings.get("key"), Some(Bound::Text("k-hunter2")));
        assert_eq!(bindings.masked().get("key"), Some(Bound::Masked("k-***")));
        assert_eq!(bindings.masked().get("site"), Some(Bound::Number(7.into())));
        assert_eq!(bindings.secrets().collect::<Vec<_>>(), [("k-hunter2", "k-***")]);
        assert!(!format!("{bindings:?}").contains("hunter2"));
    }
}
