//! Views: what one item is, and when two items match.

use std::fmt;
use std::str::FromStr;

/// What is counted, and when a predicted item is right.
///
/// ```
/// use ere_eval::View;
/// let view: View = "relation.anchored".parse().unwrap();
/// assert_eq!(view, View::RelationAnchored);
/// assert_eq!(view.to_string(), "relation.anchored");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// Mentions with equal spans and equal types.
    MentionStrict,
    /// Mentions with equal spans.
    MentionBoundaries,
    /// Entity relations after predicted entities are anchored in gold ones: the primary score.
    RelationAnchored,
    /// The same, where in addition both ends have the right type.
    RelationAnchoredStrict,
    /// Mention relations with equal spans, equal argument types and an equal label.
    RelationMentionStrict,
    /// Mention relations with equal spans and an equal label.
    RelationMentionBoundaries,
    /// MUC over the mentions of entities.
    CoreferenceMuc,
    /// B-cubed over the mentions of entities, singletons kept.
    CoreferenceB3,
    /// CEAF over entities, similar as their mentions are.
    CoreferenceCeafe,
    /// CEAF over mentions.
    CoreferenceCeafm,
    /// LEA over the mentions of entities, singletons kept.
    CoreferenceLea,
    /// BLANC over pairs of mentions: the mean over pairs in one entity and pairs in two.
    CoreferenceBlanc,
    /// The mean F1 of MUC, B-cubed and CEAF over entities.
    CoreferenceConll,
}

impl View {
    /// All views, in the order in which they are shown.
    pub const ALL: [View; 13] = [
        View::MentionStrict,
        View::MentionBoundaries,
        View::RelationAnchored,
        View::RelationAnchoredStrict,
        View::RelationMentionStrict,
        View::RelationMentionBoundaries,
        View::CoreferenceMuc,
        View::CoreferenceB3,
        View::CoreferenceCeafe,
        View::CoreferenceCeafm,
        View::CoreferenceLea,
        View::CoreferenceBlanc,
        View::CoreferenceConll,
    ];

    /// The name in signatures, tables and files.
    pub fn name(self) -> &'static str {
        match self {
            View::MentionStrict => "mention.strict",
            View::MentionBoundaries => "mention.boundaries",
            View::RelationAnchored => "relation.anchored",
            View::RelationAnchoredStrict => "relation.anchored.strict",
            View::RelationMentionStrict => "relation.mention.strict",
            View::RelationMentionBoundaries => "relation.mention.boundaries",
            View::CoreferenceMuc => "coreference.muc",
            View::CoreferenceB3 => "coreference.b3",
            View::CoreferenceCeafe => "coreference.ceafe",
            View::CoreferenceCeafm => "coreference.ceafm",
            View::CoreferenceLea => "coreference.lea",
            View::CoreferenceBlanc => "coreference.blanc",
            View::CoreferenceConll => "coreference.conll",
        }
    }

    /// What it counts, in one sentence.
    pub fn definition(self) -> &'static str {
        match self {
            View::MentionStrict => "mentions with equal spans and types",
            View::MentionBoundaries => "mentions with equal spans, types ignored",
            View::RelationAnchored => {
                "relations between entities; a predicted entity is the gold entity that most of its \
                 mentions overlap"
            }
            View::RelationAnchoredStrict => {
                "as relation.anchored, and both ends have the right type"
            }
            View::RelationMentionStrict => {
                "relations between mentions: equal spans, argument types and label"
            }
            View::RelationMentionBoundaries => "relations between mentions: equal spans and label",
            View::CoreferenceMuc => {
                "MUC (Vilain et al. 1995): links that hold entities together; undefined where all \
                 entities are singletons"
            }
            View::CoreferenceB3 => "B-cubed (Bagga and Baldwin 1998), singletons kept",
            View::CoreferenceCeafe => "CEAF (Luo 2005) over entities, singletons kept",
            View::CoreferenceCeafm => "CEAF (Luo 2005) over mentions, singletons kept",
            View::CoreferenceLea => "LEA (Moosavi and Strube 2016), singletons kept",
            View::CoreferenceBlanc => {
                "BLANC (Recasens and Hovy 2011, Luo et al. 2014): mean over coreferent and separate \
                 pairs of mentions, of those that gold has"
            }
            View::CoreferenceConll => {
                "mean F1 of coreference.muc, .b3 and .ceafe (Pradhan et al. 2011); undefined where \
                 one of them is"
            }
        }
    }

    /// The views whose mean F1 it is; none for a view with counts of its own.
    pub fn parts(self) -> &'static [View] {
        match self {
            View::CoreferenceConll => {
                &[View::CoreferenceMuc, View::CoreferenceB3, View::CoreferenceCeafe]
            }
            _ => &[],
        }
    }

    /// Whether its items have relation types; else they have entity types, or none.
    pub(crate) fn counts_relations(self) -> bool {
        self.name().starts_with("relation.")
    }

    /// Whether items are right or wrong as a whole, so that it has true positives, false positives and
    /// false negatives.
    pub fn counts_sets(self) -> bool {
        use View::{CoreferenceB3, CoreferenceCeafe, CoreferenceLea};
        !matches!(self, CoreferenceB3 | CoreferenceCeafe | CoreferenceLea)
            && self.parts().is_empty()
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A view that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownView(String);

impl fmt::Display for UnknownView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = View::ALL.into_iter().map(View::name).collect();
        write!(f, "no view {:?}; there are {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownView {}

impl FromStr for View {
    type Err = UnknownView;

    fn from_str(name: &str) -> Result<View, UnknownView> {
        let found = View::ALL.into_iter().find(|view| view.name() == name);
        found.ok_or_else(|| UnknownView(name.to_owned()))
    }
}

/// A set of views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewSet(u64);

impl ViewSet {
    /// Every view.
    pub fn all() -> ViewSet {
        View::ALL.into_iter().collect()
    }

    /// Whether a view is in the set.
    pub fn contains(self, view: View) -> bool {
        self.0 & (1 << view as u64) != 0
    }

    /// The views, in the order of [`View::ALL`].
    pub fn iter(self) -> impl Iterator<Item = View> {
        View::ALL.into_iter().filter(move |view| self.contains(*view))
    }
}

impl FromIterator<View> for ViewSet {
    fn from_iter<I: IntoIterator<Item = View>>(views: I) -> ViewSet {
        ViewSet(views.into_iter().fold(0, |bits, view| bits | 1 << view as u64))
    }
}

// A set has a bit for each view.
const _: () = assert!(View::ALL.len() <= 64);
