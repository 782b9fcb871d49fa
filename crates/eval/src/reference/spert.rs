//! SpERT's evaluator (Eberts and Ulges 2020; lavis-nlp/spert, `spert/evaluator.py`, version 1.0).
//!
//! Everything is a set. A mention is right by place and type; a relation by the places of both ends
//! and its type ("without NEC"), or by these and the types of both ends ("with NEC"). Averages:
//! micro, and macro over the types that gold or prediction has ([`TypeTallies::macro_average`]);
//! undefined ratios are 0 ([`Ratios::or_zero`]); printed as percentages.
//!
//! Where neither side has any item, the original raises an error with scikit-learn 1.0 and later.
//! Here there are no rows, and no macro average.
//!
//! [`TypeTallies::macro_average`]: crate::reference::TypeTallies::macro_average
//! [`Ratios::or_zero`]: crate::reference::Ratios::or_zero

use ere_dataset::{Document, Label, Mention, Spans};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::reference::sets::{self, Items, RelationItem, SetTallies};

/// What SpERT is told about the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Relation types without direction: the end that starts first becomes the head. Ends that start
    /// together keep their order, so that one relation can still be two.
    pub symmetric: Vec<Label>,
    /// What becomes of mentions that overlap.
    pub overlaps: Overlaps,
}

/// What becomes of mentions that overlap (`no_overlapping`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlaps {
    /// They count.
    #[default]
    Kept,
    /// All of them are removed, from gold as well, and with them the relations whose own two ends
    /// overlap. A relation whose end overlaps a third mention stays.
    Removed,
}

impl Overlaps {
    /// The name in protocols and signatures.
    pub fn name(self) -> &'static str {
        match self {
            Overlaps::Kept => "kept",
            Overlaps::Removed => "removed",
        }
    }
}

/// Counts one document.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::{Ratios, spert};
/// let vocabulary = Vocabulary::default();
/// let mentions = r#"[{"start":0,"end":3,"type":"PER"},{"start":8,"end":10,"type":"PER"}]"#;
/// let document = |head, tail| {
///     let relation = format!(r#"{{"head":{head},"tail":{tail},"type":"knows"}}"#);
///     let line = format!(
///         r#"{{"id":"a","text":"Ann met Bo.","mentions":{mentions},"mention_relations":[{relation}]}}"#
///     );
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let options = spert::Options { symmetric: vec![vocabulary.intern("knows")], ..Default::default() };
/// let tallies = spert::tally(&document(0, 1), &document(1, 0), &options);
/// assert_eq!(Ratios::or_zero(&tallies.relations_strict.micro()).f1, 1.0);
/// let directed = spert::tally(&document(0, 1), &document(1, 0), &Default::default());
/// assert_eq!(Ratios::or_zero(&directed.relations_strict.micro()).f1, 0.0);
/// ```
pub fn tally(gold: &Document, pred: &Document, options: &Options) -> SetTallies {
    sets::compare(&items(gold, options), &items(pred, options))
}

fn items<'a>(document: &'a Document, options: &Options) -> Items<'a> {
    let mut items = Items::of(document);
    for relation in &mut items.relations {
        if options.symmetric.contains(&relation.label) {
            *relation = earlier_end_first(*relation);
        }
    }
    if options.overlaps == Overlaps::Removed {
        let overlapping = overlapping(&items.mentions);
        items.mentions.retain(|mention| !overlapping.contains(&identity(mention)));
        items.relations.retain(|relation| {
            identity(relation.head) == identity(relation.tail)
                || !relation.head.spans.hull().overlaps(relation.tail.spans.hull())
        });
    }
    items
}

fn earlier_end_first(relation: RelationItem<'_>) -> RelationItem<'_> {
    let RelationItem { label, head, tail } = relation;
    if tail.spans.first().start() < head.spans.first().start() {
        RelationItem { label, head: tail, tail: head }
    } else {
        relation
    }
}

type Identity<'a> = (&'a Spans, Label);

fn identity(mention: &Mention) -> Identity<'_> {
    (&mention.spans, mention.label)
}

/// The mentions that overlap another one; copies of one mention do not.
fn overlapping<'a>(mentions: &[&'a Mention]) -> FxHashSet<Identity<'a>> {
    let mut order: Vec<Identity<'_>> = mentions.iter().map(|mention| identity(mention)).collect();
    order.sort_unstable_by_key(|item| (item.0.hull(), *item));
    order.dedup();
    let mut found = FxHashSet::default();
    let mut end_before = 0;
    for (position, item) in order.iter().enumerate() {
        let place = item.0.hull();
        let meets_next =
            order.get(position + 1).is_some_and(|next| next.0.hull().start() < place.end());
        if end_before > place.start() || meets_next {
            found.insert(*item);
        }
        end_before = end_before.max(place.end());
    }
    found
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Span, Vocabulary};
    use proptest::prelude::*;

    use super::*;
    use crate::reference::testing::Builder;

    #[test]
    fn only_relations_whose_own_ends_overlap_are_removed_with_their_mentions() {
        // 0..4 and 2..6 overlap; 8..9 is free.
        let document = Builder::default()
            .mention(0, 4, "PER")
            .mention(2, 6, "PER")
            .mention(8, 9, "PER")
            .relation(0, 1, "knows")
            .relation(0, 2, "knows")
            .build();
        let options = Options { overlaps: Overlaps::Removed, ..Options::default() };
        let tallies = tally(&document, &document, &options);
        assert_eq!(tallies.mentions.micro(), crate::Tally::counts(1, 0, 0));
        assert_eq!(tallies.relations_boundaries.micro(), crate::Tally::counts(1, 0, 0));
    }

    #[test]
    fn symmetric_ends_that_start_together_keep_their_order() {
        let build = |head, tail| {
            let mentions = Builder::default().mention(0, 4, "PER").mention(0, 6, "PER");
            mentions.relation(head, tail, "knows").build()
        };
        let (gold, pred) = (build(0, 1), build(1, 0));
        let options =
            Options { symmetric: vec![gold.mention_relations[0].label], overlaps: Overlaps::Kept };
        let tallies = tally(&gold, &pred, &options);
        assert_eq!(tallies.relations_boundaries.micro(), crate::Tally::counts(0, 1, 1));
    }

    #[test]
    fn nothing_at_all_has_no_macro_average() {
        let tallies = tally(&Document::default(), &Document::default(), &Options::default());
        assert_eq!(tallies.mentions.macro_average(), None);
    }

    proptest! {
        #[test]
        fn overlaps_are_those_of_all_pairs(
            places in proptest::collection::vec((0u32..20, 1u32..6, 0usize..2), 0..12)
        ) {
            let labels = {
                let vocabulary = Vocabulary::default();
                ["PER", "ORG"].map(|name| vocabulary.intern(name))
            };
            let mentions: Vec<Mention> = places
                .iter()
                .map(|&(start, length, label)| {
                    Mention::new(Span::new(start, start + length).unwrap(), labels[label])
                })
                .collect();
            let list: Vec<&Mention> = mentions.iter().collect();
            let found = overlapping(&list);
            for mention in &list {
                let expected = list.iter().any(|other| {
                    identity(other) != identity(mention)
                        && other.spans.hull().overlaps(mention.spans.hull())
                });
                prop_assert_eq!(found.contains(&identity(mention)), expected);
            }
        }
    }
}
