//! Views: what one item is, and when two items match.

use std::fmt;
use std::str::FromStr;

use ere_dataset::{Given, Layer};

use crate::property::{Exemption, Property};
use crate::reference::{Credit, Measure};
use crate::score::Average;

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
    /// Mentions with equal spans, or for half the credit with some overlap.
    MentionPartial,
    /// Mentions with some overlap and equal types.
    MentionTypeOverlap,
    /// Mentions with equal heads and equal types, where gold has heads.
    MentionHead,
    /// Entities with equal types, anchored in gold ones.
    EntityTyped,
    /// Entity relations after predicted entities are anchored in gold ones: the primary score.
    RelationAnchored,
    /// The same, where in addition both ends have the right type.
    RelationAnchoredStrict,
    /// Entity relations after entities are paired one-to-one.
    RelationOneToOne,
    /// Entity relations between entities with exactly the same mentions.
    RelationExactClusters,
    /// Entity relations between entities that share any mention.
    RelationAnyMention,
    /// Anchored relations with how they are said: stated or denied, fact, plan or possibility.
    RelationFactual,
    /// Attributes of anchored relations that are hits.
    RelationAttributes,
    /// Sentences of evidence of anchored relations.
    RelationEvidence,
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
    /// Linked mentions with equal spans and equal links.
    LinkStrong,
    /// The same, and equal types.
    LinkStrongTyped,
    /// Mentions without a link, with equal spans.
    LinkNil,
    /// The same, and equal types.
    LinkNilTyped,
    /// Mentions with equal spans and equal links, or none on both sides.
    LinkAll,
    /// The same, and equal types.
    LinkAllTyped,
    /// Links that a document has at all.
    LinkEntityMatch,
    /// The same, with the types of their mentions.
    LinkEntityMatchTyped,
    /// What a reference scorer measures, under its own rules.
    Reference(Measure),
}

impl View {
    /// All views but those of reference scorers ([`Measure::ALL`]), in the order in which they are shown.
    pub const ALL: [View; 31] = [
        View::MentionStrict,
        View::MentionBoundaries,
        View::MentionPartial,
        View::MentionTypeOverlap,
        View::MentionHead,
        View::EntityTyped,
        View::RelationAnchored,
        View::RelationAnchoredStrict,
        View::RelationOneToOne,
        View::RelationExactClusters,
        View::RelationAnyMention,
        View::RelationFactual,
        View::RelationAttributes,
        View::RelationEvidence,
        View::RelationMentionStrict,
        View::RelationMentionBoundaries,
        View::CoreferenceMuc,
        View::CoreferenceB3,
        View::CoreferenceCeafe,
        View::CoreferenceCeafm,
        View::CoreferenceLea,
        View::CoreferenceBlanc,
        View::CoreferenceConll,
        View::LinkStrong,
        View::LinkStrongTyped,
        View::LinkNil,
        View::LinkNilTyped,
        View::LinkAll,
        View::LinkAllTyped,
        View::LinkEntityMatch,
        View::LinkEntityMatchTyped,
    ];

    /// Whether it asks for what a track gives: mentions where mentions or entities are given,
    /// coreference and links where entities are. Such a view says nothing about an extractor, and has
    /// no row.
    ///
    /// ```
    /// use ere_dataset::Given;
    /// use ere_eval::View;
    /// assert!(View::MentionStrict.is_given(Given::Mentions));
    /// assert!(!View::CoreferenceB3.is_given(Given::Mentions));
    /// assert!(View::CoreferenceB3.is_given(Given::Entities));
    /// ```
    pub fn is_given(self, given: Given) -> bool {
        use View::*;
        match self {
            MentionStrict | MentionBoundaries | MentionPartial | MentionTypeOverlap
            | MentionHead => given != Given::Text,
            EntityTyped | CoreferenceMuc | CoreferenceB3 | CoreferenceCeafe | CoreferenceCeafm
            | CoreferenceLea | CoreferenceBlanc | CoreferenceConll | LinkStrong
            | LinkStrongTyped | LinkNil | LinkNilTyped | LinkAll | LinkAllTyped
            | LinkEntityMatch | LinkEntityMatchTyped => given == Given::Entities,
            _ => false,
        }
    }

    /// The name in signatures, tables and files.
    pub fn name(self) -> &'static str {
        match self {
            View::MentionStrict => "mention.strict",
            View::MentionBoundaries => "mention.boundaries",
            View::MentionPartial => "mention.partial",
            View::MentionTypeOverlap => "mention.type-overlap",
            View::MentionHead => "mention.head",
            View::EntityTyped => "entity.typed",
            View::RelationAnchored => "relation.anchored",
            View::RelationAnchoredStrict => "relation.anchored.strict",
            View::RelationOneToOne => "relation.one-to-one",
            View::RelationExactClusters => "relation.exact-clusters",
            View::RelationAnyMention => "relation.any-mention",
            View::RelationFactual => "relation.factual",
            View::RelationAttributes => "relation.attributes",
            View::RelationEvidence => "relation.evidence",
            View::RelationMentionStrict => "relation.mention.strict",
            View::RelationMentionBoundaries => "relation.mention.boundaries",
            View::CoreferenceMuc => "coreference.muc",
            View::CoreferenceB3 => "coreference.b3",
            View::CoreferenceCeafe => "coreference.ceafe",
            View::CoreferenceCeafm => "coreference.ceafm",
            View::CoreferenceLea => "coreference.lea",
            View::CoreferenceBlanc => "coreference.blanc",
            View::CoreferenceConll => "coreference.conll",
            View::LinkStrong => "link.strong",
            View::LinkStrongTyped => "link.strong.typed",
            View::LinkNil => "link.nil",
            View::LinkNilTyped => "link.nil.typed",
            View::LinkAll => "link.all",
            View::LinkAllTyped => "link.all.typed",
            View::LinkEntityMatch => "link.entity-match",
            View::LinkEntityMatchTyped => "link.entity-match.typed",
            View::Reference(measure) => measure.name(),
        }
    }

    /// What it counts, in one sentence.
    pub fn definition(self) -> &'static str {
        match self {
            View::MentionStrict => "mentions with equal spans and types",
            View::MentionBoundaries => "mentions with equal spans, types ignored",
            View::MentionPartial => {
                "mentions, types ignored: 1 for equal spans, 1/2 for some overlap (SemEval-2013 task \
                 9.1), paired one-to-one for the greatest credit"
            }
            View::MentionTypeOverlap => {
                "mentions with some overlap and equal types (SemEval-2013 task 9.1), paired \
                 one-to-one for the most hits"
            }
            View::MentionHead => {
                "mentions with equal types and gold's head: equal to the predicted head, or between \
                 MIN and the whole (MUC-7) where the prediction has none; where gold has heads"
            }
            View::EntityTyped => {
                "entities with equal types; a predicted entity is the gold entity that most of its \
                 mentions overlap, and each gold entity counts once"
            }
            View::RelationAnchored => {
                "relations between entities; a predicted entity is the gold entity that most of its \
                 mentions overlap"
            }
            View::RelationAnchoredStrict => {
                "as relation.anchored, and both ends have the right type"
            }
            View::RelationOneToOne => {
                "relations between entities that are paired one-to-one for the most shared mentions"
            }
            View::RelationExactClusters => {
                "relations between entities with exactly the same mentions (as in JEREX, Eberts and \
                 Ulges 2021; types of entities ignored)"
            }
            View::RelationAnyMention => {
                "relations between entities that share any mention (after SciREX, Jain et al. 2020), \
                 paired one-to-one for the most hits"
            }
            View::RelationFactual => {
                "as relation.anchored, with polarity and actuality: what is denied, planned or \
                 possible is asked for as such"
            }
            View::RelationAttributes => {
                "(relation, attribute, value) of anchored relations that are hits"
            }
            View::RelationEvidence => {
                "(relation, sentence) of anchored relations, as the evidence F1 of DocRED (Yao et al. \
                 2019)"
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
            View::LinkStrong => "linked mentions: equal spans and links (neleval)",
            View::LinkStrongTyped => "linked mentions: equal spans, types and links (neleval)",
            View::LinkNil => "mentions without a link: equal spans (neleval)",
            View::LinkNilTyped => "mentions without a link: equal spans and types (neleval)",
            View::LinkAll => "mentions: equal spans and links, all without a link alike (neleval)",
            View::LinkAllTyped => {
                "mentions: equal spans, types and links, all without a link alike (neleval)"
            }
            View::LinkEntityMatch => "links that a document has at all (neleval)",
            View::LinkEntityMatchTyped => {
                "links that a document has at all, with the types of their mentions (neleval)"
            }
            View::Reference(measure) => measure.definition(),
        }
    }

    /// The views whose mean F1 it is; none for a view with counts of its own.
    pub fn parts(self) -> &'static [View] {
        match self {
            View::CoreferenceConll => {
                &[View::CoreferenceMuc, View::CoreferenceB3, View::CoreferenceCeafe]
            }
            View::Reference(measure) => match measure.about().credit {
                Credit::Mean(parts) => parts,
                _ => &[],
            },
            _ => &[],
        }
    }

    /// Whether its items have relation types of the ontology; else they have entity types, or none.
    pub(crate) fn counts_relations(self) -> bool {
        self.name().starts_with("relation.")
    }

    /// A number of its own, below [`View::COUNT`].
    pub(crate) fn number(self) -> usize {
        match self {
            View::Reference(measure) => View::ALL.len() + measure as usize,
            // Safe to search: the list is in the order of the enumeration.
            view => View::ALL.binary_search(&view).expect("every view is in the list"),
        }
    }

    /// How many views there are, those of reference scorers included.
    pub(crate) const COUNT: usize = View::ALL.len() + Measure::ALL.len();

    /// Whether items are right or wrong as a whole, so that it has true positives, false positives and
    /// false negatives.
    pub fn counts_sets(self) -> bool {
        use View::{CoreferenceB3, CoreferenceCeafe, CoreferenceLea, MentionPartial};
        match self {
            CoreferenceB3 | CoreferenceCeafe | CoreferenceLea | MentionPartial => false,
            View::Reference(measure) => {
                let credit = measure.about().credit;
                matches!(credit, Credit::Sets | Credit::LinksOfGold | Credit::LinksOfBoth)
            }
            view => view.parts().is_empty(),
        }
    }

    /// The average over its types that it is known by, where the sum over them means nothing: BLANC is
    /// the mean over both kinds of links.
    pub(crate) fn mean_of_types(self) -> Option<Average> {
        match self {
            View::CoreferenceBlanc => Some(Average::Macro),
            View::Reference(measure) => match measure.about().credit {
                Credit::LinksOfGold => Some(Average::Macro),
                Credit::LinksOfBoth => Some(Average::MacroSeen),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it has rows only where the facts of a train set are known.
    pub fn needs_train(self) -> bool {
        self == View::Reference(Measure::DocredIgn)
    }

    /// The view of that name, of a reference scorer or not.
    pub fn from_name(name: &str) -> Option<View> {
        View::every().find(|view| view.name() == name)
    }

    /// All views, then those of reference scorers.
    fn every() -> impl Iterator<Item = View> {
        let measures = Measure::ALL.iter().map(|measure| View::Reference(*measure));
        View::ALL.into_iter().chain(measures)
    }

    /// What of two items' places is compared: `exact` (equal), `overlap`, `tokens` (equal tokens),
    /// `text`, `first-word`, `start`, `entity` (the same gold entity), `anchored` (a predicted entity is
    /// the gold entity that most of its mentions overlap), `one-to-one` (entities paired for the most shared
    /// mentions), `cluster` (all mentions of an entity), `any-mention`, `head`,
    /// `document` (nothing).
    pub fn span_rule(self) -> &'static str {
        match self {
            View::MentionPartial | View::MentionTypeOverlap => "overlap",
            View::MentionHead => "head",
            View::EntityTyped
            | View::RelationAnchored
            | View::RelationAnchoredStrict
            | View::RelationFactual
            | View::RelationAttributes
            | View::RelationEvidence => "anchored",
            View::RelationOneToOne => "one-to-one",
            View::RelationExactClusters => "cluster",
            View::RelationAnyMention => "any-mention",
            View::LinkEntityMatch | View::LinkEntityMatchTyped => "document",
            View::Reference(measure) => measure.about().span,
            _ => "exact",
        }
    }

    /// Whether types of mentions and ends are compared: `asked`, `ignored`, or `mention` (some mention
    /// at the place has the right type).
    pub fn type_rule(self) -> &'static str {
        match self {
            View::MentionStrict
            | View::MentionTypeOverlap
            | View::MentionHead
            | View::EntityTyped
            | View::RelationMentionStrict
            | View::RelationAnchoredStrict
            | View::LinkStrongTyped
            | View::LinkNilTyped
            | View::LinkAllTyped
            | View::LinkEntityMatchTyped => "asked",
            View::Reference(measure) => measure.about().types,
            _ => "ignored",
        }
    }

    /// Whether its items are relations.
    pub fn has_direction(self) -> bool {
        match self {
            view if view.counts_relations() => true,
            View::Reference(measure) => {
                matches!(measure.layer(), Layer::MentionRelations | Layer::Relations)
            }
            _ => false,
        }
    }

    /// Whether its items are entities or links within them.
    pub fn is_coreference(self) -> bool {
        match self {
            View::CoreferenceMuc
            | View::CoreferenceB3
            | View::CoreferenceCeafe
            | View::CoreferenceCeafm
            | View::CoreferenceLea
            | View::CoreferenceBlanc
            | View::CoreferenceConll => true,
            View::Reference(measure) => measure.layer() == Layer::Entities,
            _ => false,
        }
    }

    /// The properties that it does not have.
    pub fn exemptions(self) -> &'static [Exemption] {
        const ANCHORED: &[Exemption] = &[
            (
                Property::Exchange,
                "gold has a neutral set, and predicted entities are resolved in it",
            ),
            (
                Property::Names,
                "of mentions at one place that fit equally well, the one whose type comes first by name is taken",
            ),
        ];
        const RESOLVED: &[Exemption] = &[(
            Property::Exchange,
            "gold has a neutral set, and predicted entities are resolved in it",
        )];
        const HEADS: &[Exemption] = &[(Property::Exchange, "heads are gold's")];
        const LINKS: &[Exemption] =
            &[(Property::Perfect, "undefined where no entity has two mentions: there is no link")];
        const BLANC: &[Exemption] = &[
            (Property::Perfect, "undefined where gold has one mention alone: there is no pair"),
            (Property::Exchange, "which kinds of links are averaged is decided by gold"),
        ];
        match self {
            View::MentionHead => HEADS,
            View::EntityTyped | View::RelationExactClusters => RESOLVED,
            View::RelationAnchored
            | View::RelationAnchoredStrict
            | View::RelationOneToOne
            | View::RelationAnyMention
            | View::RelationFactual
            | View::RelationAttributes
            | View::RelationEvidence => ANCHORED,
            View::CoreferenceMuc | View::CoreferenceConll => LINKS,
            View::CoreferenceBlanc => BLANC,
            View::Reference(measure) => measure.about().exemptions,
            _ => &[],
        }
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
        let UnknownView(name) = self;
        let group = |view: &str| view.split('.').next().unwrap_or_default().to_owned();
        let measures = Measure::ALL.iter().map(|measure| measure.name());
        let all: Vec<&str> = View::ALL.into_iter().map(View::name).chain(measures).collect();
        let near: Vec<&str> =
            all.iter().copied().filter(|view| group(view) == group(name)).collect();
        if !near.is_empty() {
            return write!(f, "no view {name:?}; there are {}", near.join(", "));
        }
        let mut groups: Vec<String> = all.iter().map(|view| group(view) + ".…").collect();
        groups.dedup();
        write!(f, "no view {name:?}; there are {}", groups.join(", "))
    }
}

impl std::error::Error for UnknownView {}

impl FromStr for View {
    type Err = UnknownView;

    fn from_str(name: &str) -> Result<View, UnknownView> {
        View::from_name(name).ok_or_else(|| UnknownView(name.to_owned()))
    }
}

/// A set of views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewSet(u128);

impl ViewSet {
    /// Every view, those of reference scorers included.
    pub fn all() -> ViewSet {
        View::every().collect()
    }

    /// Whether a view is in the set.
    pub fn contains(self, view: View) -> bool {
        self.0 & (1 << view.number()) != 0
    }

    /// The views, in the order of [`View::ALL`], then those of reference scorers.
    pub fn iter(self) -> impl Iterator<Item = View> {
        View::every().filter(move |view| self.contains(*view))
    }
}

impl FromIterator<View> for ViewSet {
    fn from_iter<I: IntoIterator<Item = View>>(views: I) -> ViewSet {
        ViewSet(views.into_iter().fold(0, |bits, view| bits | 1 << view.number()))
    }
}

// A set has a bit for each view.
const _: () = assert!(View::COUNT <= 128);
