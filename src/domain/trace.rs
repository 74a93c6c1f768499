//! What a mapping took from a reply, and what there was to take, for those who write mappings.

/// A field of an offer as it was mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedField {
    /// Its name, such as `sku` or `priceBreaks[1].unitPrice`.
    pub name: String,
    /// Its value as JSON, shortened. It may hold anything.
    pub value: String,
    /// Whether an offer has such a field; others are ignored.
    pub is_known: bool,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Where a value comes from. Paths are such as `.parts[3].price`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is this value of the reply.
    Reply(String),
    /// It is made by the filter of one value of the reply that says the same in other words.
    Read(String),
    /// It is made by the filter, and several values say the same.
    OneOf {
        /// The first few of them.
        places: Vec<String>,
        /// How many they are, 2 or more.
        count: usize,
    },
    /// It is written in the filter.
    Filter,
    /// It is a variable that the filter was given, such as `$product`.
    Variable,
    /// It is made by the filter, and no value of the reply says the same.
    Computed,
}

/// A part of a reply. Of arrays, only the first element is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyPart {
    /// Its path.
    pub path: String,
    /// What it is: `an object`, `an array`, `text`, `a number`, `a boolean`, `null`.
    pub kind: &'static str,
    /// How many elements or keys it has; `None` = it is a single value.
    pub count: Option<usize>,
    /// A single value as JSON, shortened. It may hold anything.
    pub value: Option<String>,
}
