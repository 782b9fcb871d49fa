//! Relations between mentions, as a set of (place, place, label), with argument types or without.

use std::cmp::Ordering;

use ere_dataset::{Document, Given, Label, Layer, MentionIdx, MentionRelation, Prediction};

use crate::mention::Types;
use crate::place::{Places, Side};
use crate::rules::Rules;
use crate::sink::{Item, Sink};
use crate::slicing::RelationSlices;

/// The mention relations of both sides, ready to be compared. Shared by the views.
pub(crate) struct MentionFacts {
    gold: Vec<MentionFact>,
    pred: Vec<MentionFact>,
}

/// A mention relation in the one form that all ways of saying it share. Those that differ in the
/// types of their ends alone stand together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct MentionFact {
    head: u32,
    tail: u32,
    label: Label,
    types: (Label, Label),
    /// For slices: a mention at each end.
    ends: (MentionIdx, MentionIdx),
}

impl MentionFact {
    /// What decides whether two are the same.
    fn key(&self, types: Types) -> (u32, u32, Label, Option<(Label, Label)>) {
        (self.head, self.tail, self.label, (types == Types::Asked).then_some(self.types))
    }
}

impl MentionFacts {
    pub(crate) fn of(
        gold: &Document,
        pred: &Document,
        places: &Places,
        rules: &Rules,
    ) -> MentionFacts {
        let (ends, side) = match pred.given {
            Given::Mentions => (gold, &places.gold),
            _ => (pred, &places.pred),
        };
        MentionFacts {
            gold: facts(gold, gold, &places.gold, rules),
            pred: facts(pred, ends, side, rules),
        }
    }
}

fn facts(document: &Document, ends: &Document, side: &Side, rules: &Rules) -> Vec<MentionFact> {
    let end = |at: MentionIdx| (side.place(at), ends.mentions[at.index()].label, at);
    let fact = |relation: &MentionRelation| {
        let (head, tail) = (end(relation.head), end(relation.tail));
        let (label, head, tail) = rules.canonical(relation.label, head, tail);
        let (types, ends) = ((head.1, tail.1), (head.2, tail.2));
        MentionFact { head: head.0, tail: tail.0, label, types, ends }
    };
    let mut facts: Vec<MentionFact> = document.mention_relations.iter().map(fact).collect();
    facts.sort_unstable();
    facts
}

/// Tallies one view. Duplicates collapse.
pub(crate) fn tally(
    facts: &MentionFacts,
    pred: &Prediction,
    types: Types,
    slices: &RelationSlices<'_>,
    sink: &mut Sink<'_>,
) {
    let key = |fact: &MentionFact| fact.key(types);
    let mut gold_rest = facts.gold.chunk_by(|a, b| key(a) == key(b)).peekable();
    let mut pred_rest = facts.pred.chunk_by(|a, b| key(a) == key(b)).peekable();
    let gold_item = |same: &[MentionFact]| Item {
        label: Some(same[0].label),
        slices: slices.of_gold_mentions(same[0].ends),
    };
    let pred_item = |same: &[MentionFact]| Item {
        label: Some(same[0].label),
        slices: slices.of_pred_mentions(same[0].ends),
    };
    loop {
        let order = match (gold_rest.peek(), pred_rest.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => key(&a[0]).cmp(&key(&b[0])),
        };
        let gold = gold_rest.next_if(|_| order.is_le());
        let pred = pred_rest.next_if(|_| order.is_ge());
        match (gold, pred) {
            (Some(gold), Some(pred)) => sink.hit(gold_item(gold), pred_item(pred)),
            (Some(gold), None) => sink.missed(gold_item(gold)),
            (None, Some(pred)) => sink.wrong(pred_item(pred)),
            (None, None) => {}
        }
    }
    sink.malformed(pred, Layer::MentionRelations);
}
