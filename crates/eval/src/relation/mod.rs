//! Relation views: between entities that are resolved to gold ones in several ways, and between
//! mentions.

pub(crate) mod any_mention;
pub(crate) mod between_mentions;
pub(crate) mod detail;
mod fact;

use ere_dataset::{Document, EntityIdx, Given, Layer, Layers, Prediction};

use crate::mention::Types;
use crate::rules::Rules;
use crate::sink::{Item, Sink, SliceSet};
use crate::slicing::RelationSlices;

pub(crate) use fact::{
    Fact, GoldFact, GoldFacts, Modalities, Said, SaidFact, Standing, closure, in_scope, is_denied,
};

/// What the views of entity relations share.
#[derive(Clone, Copy)]
pub(crate) struct Ties<'a> {
    pub(crate) gold: &'a Document,
    pub(crate) pred: &'a Prediction,
    pub(crate) facts: &'a GoldFacts,
    pub(crate) said: &'a Said,
    /// For each predicted entity, the gold entity that it stands for.
    pub(crate) resolved: &'a [Option<EntityIdx>],
    pub(crate) rules: &'a Rules,
    pub(crate) layers: &'a Layers,
}

/// What becomes of a predicted fact.
pub(crate) enum Verdict {
    /// It says the gold fact at this position, which is required.
    Hit(usize),
    /// Not judged: it says the gold fact at this position, which is not required, or none that could
    /// be known.
    Neutral(Option<usize>),
    /// Wrong.
    Wrong,
}

/// Steps 3 to 5 of anchored scoring, with types or without. Returns how many predicted facts are
/// neutral.
///
/// Of several predicted facts that hit the same gold fact one is right and the others are wrong.
pub(crate) fn tally(
    ties: Ties<'_>,
    types: Types,
    slices: &RelationSlices<'_>,
    sink: &mut Sink<'_>,
) -> u64 {
    let facts = &ties.facts.facts;
    let mut neutral = 0;
    let mut hits: Vec<(usize, SliceSet)> = Vec::with_capacity(ties.said.facts.len());
    let mut apart = vec![false; if slices.asks_apart() { facts.len() } else { 0 }];
    for said in &ties.said.facts {
        match ties.judge(said.fact, types) {
            Verdict::Hit(at) => hits.push((at, slices.of_said(said))),
            Verdict::Wrong => {
                sink.wrong(Item { label: Some(said.fact.label), slices: slices.of_said(said) });
            }
            Verdict::Neutral(at) => {
                neutral += 1;
                if let Some(hit) = at.and_then(|at| apart.get_mut(at)) {
                    *hit = true;
                }
            }
        }
    }
    // Which of them is the right one must not depend on the order of a list.
    hits.sort_unstable();
    let mut rest = hits.iter().peekable();
    for (at, gold) in facts.iter().enumerate() {
        if gold.standing != Standing::Required {
            continue;
        }
        let label = Some(gold.fact.label);
        let item = Item { label, slices: slices.of_gold(gold) };
        match rest.next_if(|hit| hit.0 == at) {
            None => sink.missed(item),
            Some(hit) => sink.hit(item, Item { label, slices: hit.1 }),
        }
        while let Some(again) = rest.next_if(|hit| hit.0 == at) {
            sink.wrong(Item { label, slices: again.1 });
        }
    }
    sink.malformed(ties.pred, Layer::Relations);
    if slices.asks_apart() {
        rows_apart(ties, &apart, sink);
    }
    neutral
}

/// Counts what is implied and what is optional.
fn rows_apart(ties: Ties<'_>, hit: &[bool], sink: &mut Sink<'_>) {
    let names = ties.rules.slices();
    for (standing, slice) in
        [(Standing::Implied, names.implied), (Standing::Optional, names.optional)]
    {
        let [mut hits, mut missed] = [0, 0];
        for (gold, hit) in ties.facts.facts.iter().zip(hit) {
            if gold.standing == standing && !ties.rules.is_neutral_in_primary(gold.fact.label) {
                *if *hit { &mut hits } else { &mut missed } += 1;
            }
        }
        sink.apart(slice, hits, missed);
    }
}

impl Ties<'_> {
    pub(crate) fn judge(&self, said: Fact, types: Types) -> Verdict {
        if !self.facts.is_in_scope(said.label) {
            return Verdict::Neutral(None);
        }
        if said.head == said.tail {
            return Verdict::Wrong;
        }
        let resolve = |entity: EntityIdx| self.resolved[entity.index()];
        let (Some(head), Some(tail)) = (resolve(said.head), resolve(said.tail)) else {
            return if self.layers.mentions { Verdict::Wrong } else { Verdict::Neutral(None) };
        };
        if head == tail {
            return Verdict::Wrong;
        }
        let fact = self.in_gold(said, head, tail);
        let Some(at) = self.facts.find(fact) else { return Verdict::Wrong };
        match self.facts.facts[at].standing {
            Standing::Required => {
                let is_right = types == Types::Ignored
                    || (self.has_type_of(said.head, head) && self.has_type_of(said.tail, tail));
                if is_right { Verdict::Hit(at) } else { Verdict::Wrong }
            }
            _ => Verdict::Neutral(Some(at)),
        }
    }

    /// The same fact between gold entities.
    fn in_gold(&self, said: Fact, head: EntityIdx, tail: EntityIdx) -> Fact {
        let (label, head, tail) = self.rules.canonical(said.label, head, tail);
        Fact { label, head, tail, modality: said.modality }
    }

    /// Whether a predicted entity has a type of the gold entity that it stands for.
    fn has_type_of(&self, entity: EntityIdx, of: EntityIdx) -> bool {
        self.pred.document.given == Given::Entities
            || has_type(self.gold, of, &self.pred.document, entity)
    }

    /// Required facts of the primary score that no extractor can find, because an end has no
    /// mention.
    pub(crate) fn unreachable(&self) -> u64 {
        let mut has_mention = vec![false; self.gold.entities.len()];
        for entity in self.gold.mentions.iter().filter_map(|mention| mention.entity) {
            has_mention[entity.index()] = true;
        }
        let is_reachable =
            |fact: &Fact| has_mention[fact.head.index()] && has_mention[fact.tail.index()];
        let required = self.facts.facts.iter().filter(|gold| gold.standing == Standing::Required);
        let facts = required.map(|gold| gold.fact);
        let primary = facts.filter(|fact| !self.rules.is_neutral_in_primary(fact.label));
        primary.filter(|fact| !is_reachable(fact)).count() as u64
    }
}

/// Whether a predicted entity has one of the types of a gold entity; true where gold has none.
pub(crate) fn has_type(gold: &Document, of: EntityIdx, pred: &Document, entity: EntityIdx) -> bool {
    let expected = &gold.entities[of.index()].labels;
    let found = &pred.entities[entity.index()].labels;
    expected.is_empty() || found.iter().any(|label| expected.contains(label))
}
