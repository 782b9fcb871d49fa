//! PURE's `evaluate_predictions` (Zhong and Chen 2021; princeton-nlp/PURE,
//! `shared/data_structures.py`, commit b1e9cad).
//!
//! Lists, not sets: each predicted item that equals some gold item is a match, and so is each of its
//! copies, so that recall can exceed 1. "Rel" asks for both places and the type of the relation.
//! "Rel+" asks, besides, that each end's place is one where some predicted mention is right with its
//! type; that is weaker than the types of the ends where one place carries two types. Undefined
//! ratios are 0 ([`Ratios::or_zero`](crate::reference::Ratios::or_zero)).

use std::ops::AddAssign;

use ere_dataset::{Document, Label, Spans};
use rustc_hash::FxHashSet;

use crate::reference::sets::{Items, RelationItem};
use crate::tally::Tally;

/// What PURE prints. Numerators are matched predictions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tallies {
    /// Mentions: place and type.
    pub mentions: Tally,
    /// Relations, Rel.
    pub relations: Tally,
    /// Relations, Rel+.
    pub relations_plus: Tally,
}

impl AddAssign for Tallies {
    fn add_assign(&mut self, other: Tallies) {
        self.mentions += other.mentions;
        self.relations += other.relations;
        self.relations_plus += other.relations_plus;
    }
}

/// Counts one document. Relations are compared within it; a caller that wants PURE's comparison
/// within sentences gives sentences.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::pure;
/// let vocabulary = Vocabulary::default();
/// let mention = r#"{"start":0,"end":3,"type":"PER"}"#;
/// let document = |mentions: &str| {
///     let line = format!(r#"{{"id":"a","text":"Ann","mentions":[{mentions}]}}"#);
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let twice = document(&format!("{mention},{mention}"));
/// assert_eq!(pure::tally(&document(mention), &twice).mentions.recall(), Some(2.0));
/// ```
pub fn tally(gold: &Document, pred: &Document) -> Tallies {
    let (gold, pred) = (Items::of(gold), Items::of(pred));
    let gold_mentions: FxHashSet<(&Spans, Label)> =
        gold.mentions.iter().map(|mention| (&mention.spans, mention.label)).collect();
    let gold_relations: FxHashSet<Key<'_>> = gold.relations.iter().map(key).collect();
    let matched_mentions =
        pred.mentions.iter().filter(|m| gold_mentions.contains(&(&m.spans, m.label)));
    let right_places: FxHashSet<&Spans> = matched_mentions.clone().map(|m| &m.spans).collect();
    let matched_relations =
        pred.relations.iter().filter(|relation| gold_relations.contains(&key(relation)));
    let matched_plus = matched_relations.clone().filter(|relation| {
        right_places.contains(&relation.head.spans) && right_places.contains(&relation.tail.spans)
    });
    let relations = |matched| tally_of(matched, pred.relations.len(), gold.relations.len());
    Tallies {
        mentions: tally_of(matched_mentions.count(), pred.mentions.len(), gold.mentions.len()),
        relations: relations(matched_relations.count()),
        relations_plus: relations(matched_plus.count()),
    }
}

type Key<'a> = (&'a Spans, &'a Spans, Label);

fn key<'a>(relation: &RelationItem<'a>) -> Key<'a> {
    (&relation.head.spans, &relation.tail.spans, relation.label)
}

fn tally_of(matched: usize, pred: usize, gold: usize) -> Tally {
    Tally {
        precision_numerator: matched as f64,
        precision_denominator: pred as f64,
        recall_numerator: matched as f64,
        recall_denominator: gold as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::testing::Builder;

    #[test]
    fn rel_plus_asks_for_some_right_mention_at_the_place_not_for_the_type_of_the_end() {
        let gold = Builder::default()
            .mention(0, 7, "PER")
            .mention(24, 28, "ORG")
            .relation(0, 1, "runs")
            .build();
        // The head is predicted twice; the relation hangs on the one with the wrong type.
        let pred = Builder::default()
            .mention(0, 7, "ORG")
            .mention(24, 28, "ORG")
            .mention(0, 7, "PER")
            .relation(0, 1, "runs")
            .build();
        assert_eq!(tally(&gold, &pred).relations_plus, Tally::counts(1, 0, 0));
    }
}
