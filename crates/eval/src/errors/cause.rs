//! Causes of mistakes, and the rungs of the oracle ladder that take them away.

use std::fmt;

/// The first thing that went wrong. The order is the order of decision: of two that hold, the one
/// that stands first is the cause (`docs/errors.md` has the list with its exact conditions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The predicted item could not be understood.
    Malformed,
    /// A mention at the right place, of another type.
    Type,
    /// A mention of the right type that covers too much or too little.
    Boundary,
    /// A mention of another type that covers too much or too little.
    BoundaryAndType,
    /// A mention of gold that no predicted one stands for.
    Missed,
    /// A relation of an entity with itself.
    SelfRelation,
    /// A gold relation with an end of which no mention was found.
    EndpointMissed,
    /// A predicted relation with an end that is nothing in gold.
    EndpointSpurious,
    /// An end whose mentions were found, but which no predicted entity stands for.
    Unresolved,
    /// An end that was put together with something else.
    Merged,
    /// A second hit of the same gold relation.
    Duplicate,
    /// The right relation, an end of the wrong type (strict view only).
    ArgumentType,
    /// Stated where gold denies, or denied where gold states.
    Polarity,
    /// The right relation with its ends exchanged.
    Direction,
    /// Another relation between the same ends.
    Label,
    /// A gold relation between ends that were found, and nothing predicted for it.
    NotProposed,
    /// A predicted item that nothing in gold goes with.
    Spurious,
}

impl Cause {
    /// All causes, in the order of decision.
    pub const ALL: [Cause; 17] = [
        Cause::Malformed,
        Cause::Type,
        Cause::Boundary,
        Cause::BoundaryAndType,
        Cause::Missed,
        Cause::SelfRelation,
        Cause::EndpointMissed,
        Cause::EndpointSpurious,
        Cause::Unresolved,
        Cause::Merged,
        Cause::Duplicate,
        Cause::ArgumentType,
        Cause::Polarity,
        Cause::Direction,
        Cause::Label,
        Cause::NotProposed,
        Cause::Spurious,
    ];

    /// The name in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Malformed => "malformed",
            Cause::Type => "type",
            Cause::Boundary => "boundary",
            Cause::BoundaryAndType => "boundary and type",
            Cause::Missed => "missed",
            Cause::SelfRelation => "self",
            Cause::EndpointMissed => "endpoint missed",
            Cause::EndpointSpurious => "endpoint spurious",
            Cause::Unresolved => "unresolved",
            Cause::Merged => "merged",
            Cause::Duplicate => "duplicate",
            Cause::ArgumentType => "argument type",
            Cause::Polarity => "polarity",
            Cause::Direction => "direction",
            Cause::Label => "label",
            Cause::NotProposed => "not proposed",
            Cause::Spurious => "spurious",
        }
    }

    /// The first rung of a ladder on which this cause is gone.
    pub fn rung(self, is_mention: bool) -> Rung {
        match self {
            Cause::Malformed => Rung::WellFormed,
            Cause::Boundary | Cause::Missed | Cause::EndpointMissed | Cause::EndpointSpurious => {
                Rung::Spans
            }
            Cause::Spurious if is_mention => Rung::Spans,
            // Its type is wrong still when its place is right.
            Cause::Type | Cause::BoundaryAndType | Cause::ArgumentType => Rung::Types,
            Cause::SelfRelation | Cause::Unresolved | Cause::Merged | Cause::Duplicate => {
                Rung::Coreference
            }
            Cause::NotProposed | Cause::Spurious => Rung::Pairs,
            Cause::Polarity | Cause::Direction | Cause::Label => Rung::Labels,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A step of the oracle ladder: what is taken from gold, besides what the steps below took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// Nothing: the score itself.
    Predicted,
    /// Items that could not be understood are left out.
    WellFormed,
    /// Which mentions there are, and where.
    Spans,
    /// Their types.
    Types,
    /// Which of them name the same entity.
    Coreference,
    /// Which pairs of entities are related.
    Pairs,
    /// How. Nothing is wrong any more.
    Labels,
}

impl Rung {
    /// All rungs, from below.
    pub const ALL: [Rung; 7] = [
        Rung::Predicted,
        Rung::WellFormed,
        Rung::Spans,
        Rung::Types,
        Rung::Coreference,
        Rung::Pairs,
        Rung::Labels,
    ];

    /// The name in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Rung::Predicted => "as predicted",
            Rung::WellFormed => "well-formed",
            Rung::Spans => "gold spans",
            Rung::Types => "gold types",
            Rung::Coreference => "gold coreference",
            Rung::Pairs => "gold pairs",
            Rung::Labels => "gold labels",
        }
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
