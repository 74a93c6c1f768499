//! The places of one row: every scalar in it that is there once.

use super::path::Step;
use super::samples::Scalar;
use super::shape::Shape;

/// How deep a row is looked into.
const DEPTH: usize = 7;
/// How many places of a row are looked at.
const MOST_PLACES: usize = 600;

/// A scalar within a row.
#[derive(Clone, Debug)]
pub(super) struct Place<'s> {
    /// How it is reached from the row.
    pub(super) path: Vec<Step>,
    /// The names on the way, the outermost first.
    pub(super) names: Vec<&'s str>,
    /// What stands there.
    pub(super) samples: &'s [Scalar],
    /// Whether there is not always something.
    pub(super) optional: bool,
    /// Whether it is in the first of several objects.
    pub(super) of_list: bool,
    /// Whether it is the first of several scalars.
    pub(super) of_scalars: bool,
    /// The other scalars beside it.
    pub(super) siblings: &'s [super::shape::Field<'s>],
    /// What stands around the list that it is an element of, where that is known.
    pub(super) around: &'s [super::shape::Field<'s>],
}

impl Place<'_> {
    /// The innermost name.
    pub(super) fn name(&self) -> &str {
        self.names.last().copied().unwrap_or_default()
    }

    /// The samples of the member beside it whose name fits.
    pub(super) fn sibling(&self, fits: impl Fn(&str) -> bool) -> Option<&[Scalar]> {
        samples_of(self.siblings, fits)
    }

    /// The same of a member around the list.
    pub(super) fn beside_list(&self, fits: impl Fn(&str) -> bool) -> Option<&[Scalar]> {
        samples_of(self.around, fits)
    }
}

fn samples_of<'s>(fields: &'s [super::shape::Field<'_>], fits: impl Fn(&str) -> bool) -> Option<&'s [Scalar]> {
    let found = fields.iter().find(|field| fits(&field.name) && !field.shape.scalars.is_empty());
    found.map(|field| field.shape.scalars.as_slice())
}

/// Collects the places of a row, in the order of the reply.
pub(super) fn places<'s>(row: &'s Shape<'_>) -> Vec<Place<'s>> {
    let mut collector =
        Collector { found: Vec::new(), path: Vec::new(), names: Vec::new(), of_list: false, of_scalars: false };
    collector.fields(row, false);
    collector.found
}

struct Collector<'s> {
    found: Vec<Place<'s>>,
    path: Vec<Step>,
    names: Vec<&'s str>,
    of_list: bool,
    of_scalars: bool,
}

impl<'s> Collector<'s> {
    fn fields(&mut self, shape: &'s Shape<'_>, optional: bool) {
        for field in &shape.fields {
            self.path.push(field.step.clone());
            // The product's own name says nothing of what stands there.
            let named = usize::from(field.step != Step::Product);
            self.names.extend((named > 0).then_some(field.name.as_str()));
            let optional = optional || field.shape.is_optional(shape.objects);
            self.value(&field.shape, &shape.fields, optional);
            self.names.truncate(self.names.len() - named);
            self.path.pop();
        }
    }

    fn value(&mut self, shape: &'s Shape<'_>, siblings: &'s [super::shape::Field<'_>], optional: bool) {
        if self.path.len() > DEPTH || self.found.len() >= MOST_PLACES {
            return;
        }
        if !shape.scalars.is_empty() {
            self.found.push(Place {
                path: self.path.clone(),
                names: self.names.clone(),
                samples: &shape.scalars,
                optional,
                of_list: self.of_list,
                of_scalars: self.of_scalars,
                siblings,
                around: &[],
            });
        }
        self.fields(shape, optional);
        if let (Some(first), true) = (&shape.first, shape.arrays > 0) {
            // What the elements have in common tells more than the first ones alone.
            let element = shape.element.as_deref().filter(|element| element.objects > 0);
            let before = (self.of_list, self.of_scalars);
            (self.of_list, self.of_scalars) = (self.of_list || element.is_some(), true);
            self.path.push(Step::At(0));
            self.value(element.unwrap_or(first), siblings, true);
            self.path.pop();
            (self.of_list, self.of_scalars) = before;
        }
    }
}
