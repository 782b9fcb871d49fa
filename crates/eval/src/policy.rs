//! Policies: what a protocol decides where views leave a choice.

use serde::{Deserialize, Serialize};

use crate::reference::spert::Overlaps;
use crate::reference::{Family, Measure, Ratios, Singletons, casrel, tacred, tplinker};
use crate::tally::Tally;
use crate::view::View;

/// What a protocol says of the choices that its views have. What it does not say, each view decides by
/// itself ([`Policies::of`]); what it says must be possible in every view that has the choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Copies of an item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<Duplicates>,
    /// Documents without a prediction.
    #[serde(default)]
    pub missing: Missing,
    /// Predictions for documents that gold does not have.
    #[serde(default)]
    pub unknown: Unknown,
    /// Ratios whose denominator is 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zero: Option<Zero>,
    /// Relations that say the same in another direction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Entities of one mention, in views of coreference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub singletons: Option<Singletons>,
    /// Mentions that overlap, in SpERT's views.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlaps: Option<Overlaps>,
    /// Mentions of types that the ontology does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliens: Option<Aliens>,
}

/// The policies of one view, all decided. `None` where it has no such choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewPolicies {
    /// Copies of an item.
    pub duplicates: Duplicates,
    /// Ratios whose denominator is 0.
    pub zero: Zero,
    /// Relations that say the same in another direction.
    pub direction: Option<Direction>,
    /// Entities of one mention.
    pub singletons: Option<Singletons>,
    /// Mentions that overlap.
    pub overlaps: Option<Overlaps>,
    /// Mentions of types that the ontology does not have.
    pub aliens: Option<Aliens>,
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$item_doc])* #[serde(rename = $text)] $item,)+
        }

        impl $name {
            /// The name in protocols and signatures.
            pub fn name(self) -> &'static str {
                match self {
                    $($name::$item => $text,)+
                }
            }
        }
    };
}

choice! {
    /// What becomes of copies of an item.
    Duplicates {
        /// They are one item.
        Collapse = "collapse",
        /// Each is an item of its own.
        Each = "each",
    }
}

choice! {
    /// What a document without a prediction is.
    #[derive(Default)]
    Missing {
        /// An empty prediction.
        #[default]
        Empty = "empty",
    }
}

choice! {
    /// What becomes of predictions for documents that gold does not have.
    #[derive(Default)]
    Unknown {
        /// The predictions are refused.
        #[default]
        Refuse = "refuse",
        /// They are passed over, and said to be.
        Drop = "drop",
        /// Everything in them is wrong.
        Count = "count",
    }
}

choice! {
    /// What a ratio is whose denominator is 0.
    Zero {
        /// Nothing: an empty cell.
        Undefined = "undefined",
        /// 0.
        Zero = "zero",
        /// 1; F1 is 1 where there is neither gold nor prediction.
        One = "one",
        /// Precision is 1, the others are 0: to predict nothing is never wrong (TACRED).
        PrecisionOne = "precision-one",
        /// There is none: 1e-10 is added to each count (CasRel), so that nothing at all is 1.
        AddedToCounts = "counts-plus-1e-10",
        /// There is none: 1e-12 is added to each denominator (TPLinker).
        AddedToDenominators = "denominators-plus-1e-12",
    }
}

choice! {
    /// Which relations say the same as another in the other direction.
    Direction {
        /// Those that the ontology calls symmetric, and inverse ones.
        Ontology = "ontology",
        /// None: every relation is taken as it is given.
        Given = "given",
        /// Symmetric ones: the end that starts first becomes the head (SpERT). Ends that start
        /// together stay as they are.
        EarlierFirst = "earlier-first",
    }
}

choice! {
    /// What becomes of mentions of types that the ontology does not have. Without an ontology there are
    /// none.
    Aliens {
        /// Predicted ones are wrong.
        Count = "count",
        /// They vanish, from gold and predictions.
        Drop = "drop",
    }
}

impl Zero {
    /// Precision, recall and F1.
    ///
    /// ```
    /// use ere_eval::{Tally, Zero};
    /// let nothing_predicted = Tally::counts(0, 0, 3);
    /// assert_eq!(Zero::Undefined.ratios(&nothing_predicted), [None, Some(0.0), Some(0.0)]);
    /// assert_eq!(Zero::Zero.ratios(&nothing_predicted), [Some(0.0), Some(0.0), Some(0.0)]);
    /// assert_eq!(Zero::PrecisionOne.ratios(&nothing_predicted), [Some(1.0), Some(0.0), Some(0.0)]);
    /// ```
    pub fn ratios(self, tally: &Tally) -> [Option<f64>; 3] {
        let ratios = match self {
            Zero::Undefined => return [tally.precision(), tally.recall(), tally.f1()],
            Zero::Zero => Ratios::or_zero(tally),
            Zero::One => Ratios {
                precision: tally.precision().unwrap_or(1.0),
                recall: tally.recall().unwrap_or(1.0),
                f1: tally.f1().unwrap_or(1.0),
            },
            Zero::PrecisionOne => tacred::ratios(tally),
            Zero::AddedToCounts => casrel::ratios(tally),
            Zero::AddedToDenominators => tplinker::ratios(tally),
        };
        [ratios.precision, ratios.recall, ratios.f1].map(Some)
    }
}

impl Policies {
    /// What holds for a view: what the protocol says, and the view's own rule where it says nothing.
    ///
    /// ```
    /// use ere_eval::{Policies, View, Zero};
    /// let view: View = "spert.ner".parse().unwrap();
    /// assert_eq!(Policies::default().of(view).zero, Zero::Zero);
    /// let policies = Policies { zero: Some(Zero::Undefined), ..Policies::default() };
    /// assert_eq!(policies.of(view).zero, Zero::Undefined);
    /// ```
    pub fn of(&self, view: View) -> ViewPolicies {
        let choices = Choices::of(view);
        fn choose<T: Copy>(said: Option<T>, choices: &[T]) -> Option<T> {
            let first = choices.first()?;
            Some(said.unwrap_or(*first))
        }
        ViewPolicies {
            duplicates: choices.duplicates[0],
            zero: self.zero.unwrap_or(choices.zero),
            direction: choose(self.direction, choices.direction),
            singletons: choose(self.singletons, choices.singletons),
            overlaps: choose(self.overlaps, choices.overlaps),
            aliens: choose(self.aliens, choices.aliens),
        }
    }

    /// The first policy that a view cannot follow: its key, what it says, a view, and what that view
    /// admits (nothing where no view at all has the choice).
    pub(crate) fn conflict(&self, views: &[View]) -> Option<Conflict> {
        fn find<T: Copy + PartialEq + 'static>(
            views: &[View],
            key: &'static str,
            said: Option<T>,
            name: fn(T) -> &'static str,
            choices: fn(Choices) -> &'static [T],
        ) -> Option<Conflict> {
            let said = said?;
            let mut of_views =
                views.iter().map(|view| (*view, choices(Choices::of(*view)))).peekable();
            let conflict = |view, admitted: &[T]| Conflict {
                key,
                said: name(said),
                view,
                admitted: admitted.iter().map(|choice| name(*choice)).collect(),
            };
            let has_choice = of_views.clone().any(|(_, choices)| !choices.is_empty());
            if !has_choice {
                return of_views.peek().map(|(view, _)| conflict(*view, &[]));
            }
            let cannot =
                |(_, choices): &(View, &[T])| !choices.is_empty() && !choices.contains(&said);
            of_views.find(cannot).map(|(view, choices)| conflict(view, choices))
        }
        find(views, "duplicates", self.duplicates, Duplicates::name, |c| c.duplicates)
            .or_else(|| find(views, "direction", self.direction, Direction::name, |c| c.direction))
            .or_else(|| {
                find(views, "singletons", self.singletons, Singletons::name, |c| c.singletons)
            })
            .or_else(|| find(views, "overlaps", self.overlaps, Overlaps::name, |c| c.overlaps))
            .or_else(|| find(views, "aliens", self.aliens, Aliens::name, |c| c.aliens))
    }
}

/// A policy that a view cannot follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    pub(crate) key: &'static str,
    pub(crate) said: &'static str,
    pub(crate) view: View,
    pub(crate) admitted: Vec<&'static str>,
}

/// What a view can do; the first of each list is what it does unless told otherwise. Empty lists are no
/// choice at all.
#[derive(Clone, Copy)]
struct Choices {
    duplicates: &'static [Duplicates],
    zero: Zero,
    direction: &'static [Direction],
    singletons: &'static [Singletons],
    overlaps: &'static [Overlaps],
    aliens: &'static [Aliens],
}

impl Choices {
    fn of(view: View) -> Choices {
        let own = Choices {
            duplicates: &[Duplicates::Collapse],
            zero: Zero::Undefined,
            direction: if view.has_direction() { &[Direction::Ontology] } else { &[] },
            singletons: if view.is_coreference() { BOTH_SINGLETONS } else { &[] },
            overlaps: &[],
            aliens: &[],
        };
        match view {
            View::Reference(measure) => Choices::of_reference(view, measure),
            _ => own,
        }
    }

    fn of_reference(view: View, measure: Measure) -> Choices {
        let mut choices = Choices {
            duplicates: &[Duplicates::Collapse],
            zero: Zero::Zero,
            direction: if view.has_direction() { &[Direction::Given] } else { &[] },
            singletons: &[],
            overlaps: &[],
            aliens: &[],
        };
        match measure.family() {
            Family::Nervaluate => {
                choices.duplicates = &[Duplicates::Each];
                choices.aliens = &[Aliens::Drop, Aliens::Count];
            }
            Family::Spert => {
                choices.overlaps = &[Overlaps::Kept, Overlaps::Removed];
                if view.has_direction() {
                    choices.direction = &[Direction::EarlierFirst, Direction::Given];
                }
            }
            Family::Pure => choices.duplicates = &[Duplicates::Each],
            Family::Dwie if measure == Measure::DwieNerMention => {
                choices.duplicates = &[Duplicates::Each];
            }
            Family::Casrel => choices.zero = Zero::AddedToCounts,
            Family::Tplinker => choices.zero = Zero::AddedToDenominators,
            Family::Tacred => choices.zero = Zero::PrecisionOne,
            Family::ConllCoref => choices.singletons = &[Singletons::Kept],
            Family::Corefud => choices.singletons = &[Singletons::Dropped, Singletons::Kept],
            _ => {}
        }
        choices
    }
}

const BOTH_SINGLETONS: &[Singletons] = &[Singletons::Kept, Singletons::Dropped];
