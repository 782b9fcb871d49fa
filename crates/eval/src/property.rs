//! What a score should hold to, and which views do not.

use std::fmt;

/// Something that a user may expect of every view. Views that do not hold to it say so, with the
/// reason ([`View::exemptions`](crate::View::exemptions)); tests show a counterexample for each of
/// these exemptions, and none for the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// Gold predicted as it is scores 1 wherever gold has something to find.
    Perfect,
    /// The order of a list changes nothing.
    Order,
    /// Exchanging gold and prediction exchanges precision and recall.
    Exchange,
    /// The rows of types, and of outcomes, add up to the row of all items.
    Parts,
    /// A second copy of a predicted item never raises F1.
    Copies,
    /// Other names for the types change nothing.
    Names,
}

impl Property {
    /// All of them.
    pub const ALL: [Property; 6] = [
        Property::Perfect,
        Property::Order,
        Property::Exchange,
        Property::Parts,
        Property::Copies,
        Property::Names,
    ];

    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Property::Perfect => "perfect",
            Property::Order => "order",
            Property::Exchange => "exchange",
            Property::Parts => "parts",
            Property::Copies => "copies",
            Property::Names => "names",
        }
    }

    /// What it says.
    pub fn definition(self) -> &'static str {
        match self {
            Property::Perfect => {
                "gold predicted as it is scores 1 wherever gold has something to find"
            }
            Property::Order => "the order of a list changes nothing",
            Property::Exchange => "exchanging gold and prediction exchanges precision and recall",
            Property::Parts => "rows of types and outcomes add up to the row of all items",
            Property::Copies => "a second copy of a predicted item never raises F1",
            Property::Names => "other names for the types change nothing",
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A property that a view does not have, and why.
pub type Exemption = (Property, &'static str);
