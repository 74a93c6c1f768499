//! Which column of a list says the product, and a product of it to try the proposal with.

use super::super::Refusal;
use super::super::fields::identities;
use super::super::path::{Step, render};
use super::super::places::Place;
use super::super::rows::Choice;
use super::super::samples::Scalar;
use super::sample::Table;

/// How many other columns a sentence names.
const NAMED: usize = 3;

/// The product of a row.
#[derive(Clone, Debug)]
pub(super) struct Product {
    /// The column; `None` = it is within a member.
    pub(super) column: Option<String>,
    path: Vec<Step>,
    /// A product that has a price.
    pub(super) example: String,
    others: Vec<String>,
    is_given: bool,
}

impl Product {
    /// Finds the column: the one that has the product that the user named, or else the likeliest.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn find(table: &Table, places: &[Place<'_>], choice: &Choice<'_>) -> Result<Self, Refusal> {
        let candidates: Vec<&Place<'_>> = identities(places).into_iter().filter(|place| !place.of_scalars).collect();
        let place = match &table.product {
            Some(product) => Self::given(table, places, &candidates, product)?,
            None => *candidates.first().ok_or(Refusal::NoProduct)?,
        };
        let of_row = |place: &Place<'_>| match place.path.as_slice() {
            [Step::Key(name)] => Some(name.clone()),
            _ => None,
        };
        let column = of_row(place);
        let example = match (&table.product, &column) {
            (Some(product), _) => Some(product.clone()),
            (None, Some(column)) => example(table, column, choice),
            (None, None) => place.samples.iter().find_map(Scalar::text).map(str::to_owned),
        };
        let others = candidates.iter().filter(|other| other.path != place.path && other.path.len() == 1);
        Ok(Self {
            column,
            path: place.path.clone(),
            example: example.ok_or(Refusal::NoProduct)?,
            others: others.filter_map(|place| of_row(place)).take(NAMED).collect(),
            is_given: table.product.is_some(),
        })
    }

    /// The column in which the product stands that the user named.
    fn given<'p, 's>(
        table: &Table,
        places: &'p [Place<'s>],
        candidates: &[&'p Place<'s>],
        product: &str,
    ) -> Result<&'p Place<'s>, Refusal> {
        let holds = |place: &&Place<'_>| match place.path.as_slice() {
            [Step::Key(name)] => table.hits.contains_key(name),
            _ => place.samples.iter().any(|sample| sample.text().is_some_and(|text| text.trim() == product)),
        };
        let found = candidates.iter().copied().find(holds).or_else(|| places.iter().find(holds));
        found.ok_or_else(|| Refusal::OtherProducts(product.to_owned()))
    }

    /// What keeps the rows of the product, where no column does.
    pub(super) fn selection(&self) -> String {
        format!("select(({} | tostring) == $product) |\n", render("", &self.path))
    }

    /// What the user must look at.
    pub(super) fn checks(&self) -> Vec<String> {
        let Some(column) = self.column.as_ref().filter(|_| !self.is_given && !self.others.is_empty()) else {
            return Vec::new();
        };
        let others = self.others.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        vec![format!("a product is named by its `{column}`; `product-column` can be another one: {others}")]
    }
}

/// The product of the first row that has one and a price.
fn example(table: &Table, column: &str, choice: &Choice<'_>) -> Option<String> {
    let product = table.position(column)?;
    let price = match choice.price_path() {
        [Step::Key(name)] => table.position(name),
        _ => None,
    };
    let filled = |row: &[Option<Scalar>], column: usize| {
        row.get(column).and_then(Option::as_ref).filter(|scalar| !scalar.is_blank()).cloned()
    };
    let is_price = |scalar: Scalar| match choice.money() {
        Some(money) => money.writing.read(&scalar).is_some(),
        None => true,
    };
    let has_price = |row: &[Option<Scalar>]| price.is_none_or(|price| filled(row, price).is_some_and(is_price));
    let name = |row: &Vec<Option<Scalar>>| filled(row, product)?.text().map(|text| text.trim().to_owned());
    table.rows.iter().filter(|row| has_price(row)).find_map(name).or_else(|| table.rows.iter().find_map(name))
}
