//! Why relations are wrong: anchored views.

use std::collections::hash_map::Entry;

use ere_dataset::{
    Document, EntityIdx, Evidence, Given, Label, Layer, Layers, Prediction, SentenceIdx,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::order::{members, ranks};
use super::{Cause, DocumentMistakes, Item, Kind, Mistake, malformed};
use crate::alignment::Alignment;
use crate::mention::Types;
use crate::place::Places;
use crate::relation::{self, GoldFacts, Modalities, Standing, Ties, Verdict, is_denied};
use crate::rules::Rules;
use crate::view::View;

/// A label and two entities.
type Fact = (Label, EntityIdx, EntityIdx);

/// A document and what both anchored views need of it.
pub(super) struct Case<'a> {
    gold: &'a Document,
    pred: &'a Prediction,
    rules: &'a Rules,
    layers: &'a Layers,
    facts: GoldFacts,
    facts_said: relation::Said,
    alignment: Alignment,
    ends: Ends,
    gold_ranks: Vec<u32>,
    pred_ranks: Vec<u32>,
    /// What is predicted, each once, in an order that depends on no list.
    said: Vec<Said>,
    /// Gold facts that are predicted as denied.
    denied_by_pred: FxHashSet<Fact>,
    /// What gold denies.
    denied_by_gold: FxHashSet<Fact>,
    /// The position of each gold relation.
    gold_relations: FxHashMap<Fact, usize>,
}

/// A predicted relation in canonical form.
struct Said {
    /// Between predicted entities.
    fact: Fact,
    sentences: Vec<SentenceIdx>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        gold: &'a Document,
        pred: &'a Prediction,
        rules: &'a Rules,
        layers: &'a Layers,
    ) -> Case<'a> {
        let places = Places::of(gold, &pred.document);
        let alignment = Alignment::of(gold, &pred.document, &places, rules.vocabulary());
        let gold_ranks = ranks(gold, &members(gold), rules.vocabulary());
        let pred_ranks = match pred.document.given {
            Given::Entities => gold_ranks.clone(),
            _ => ranks(&pred.document, &members(&pred.document), rules.vocabulary()),
        };
        let mut case = Case {
            facts: GoldFacts::of(gold, Modalities::Ignored, rules, layers),
            facts_said: relation::Said::of(&pred.document, Modalities::Ignored, rules),
            ends: Ends::of(gold, &pred.document, &alignment),
            said: Vec::new(),
            denied_by_pred: FxHashSet::default(),
            denied_by_gold: FxHashSet::default(),
            gold_relations: FxHashMap::default(),
            gold,
            pred,
            rules,
            layers,
            alignment,
            gold_ranks,
            pred_ranks,
        };
        case.read_gold();
        case.read_pred();
        case
    }

    fn read_gold(&mut self) {
        for (at, relation) in self.gold.relations.iter().enumerate() {
            let fact = self.rules.canonical(relation.label, relation.head, relation.tail);
            self.gold_relations.entry(fact).or_insert(at);
            if is_denied(relation) {
                self.denied_by_gold.insert(fact);
            }
        }
    }

    fn read_pred(&mut self) {
        let mut said: FxHashMap<Fact, Vec<SentenceIdx>> = FxHashMap::default();
        for relation in &self.pred.document.relations {
            let fact = self.rules.canonical(relation.label, relation.head, relation.tail);
            if is_denied(relation) {
                self.denied_by_pred.extend(self.resolve(fact));
                continue;
            }
            let sentences = sentences(&relation.evidence);
            match said.entry(fact) {
                Entry::Vacant(entry) => {
                    entry.insert(sentences);
                }
                // Of several that say the same, the evidence that stands first.
                Entry::Occupied(mut entry) if sentences < *entry.get() => {
                    entry.insert(sentences);
                }
                Entry::Occupied(_) => {}
            }
        }
        let said = said.into_iter().map(|(fact, sentences)| Said { fact, sentences });
        let mut said: Vec<Said> = said.collect();
        said.sort_by_cached_key(|said| self.sort_key(said.fact, &self.pred_ranks));
        self.said = said;
    }

    /// The gold fact that a predicted one says, if both its ends stand for something.
    fn resolve(&self, (label, head, tail): Fact) -> Option<Fact> {
        let (head, tail) = (self.alignment.resolve(head)?, self.alignment.resolve(tail)?);
        Some(self.rules.canonical(label, head, tail))
    }

    fn sort_key(&self, fact: Fact, ranks: &[u32]) -> (u32, u32, std::sync::Arc<str>) {
        let (label, head, tail) = self.in_order(fact, ranks);
        (ranks[head.index()], ranks[tail.index()], self.rules.vocabulary().name(label))
    }

    /// The same fact; a symmetric one with its ends in the order of entities, not of their list.
    fn in_order(&self, (label, head, tail): Fact, ranks: &[u32]) -> Fact {
        match ranks[head.index()] > ranks[tail.index()] && self.is_symmetric(label) {
            true => (label, tail, head),
            false => (label, head, tail),
        }
    }

    fn is_symmetric(&self, label: Label) -> bool {
        self.rules.canonical(label, 1, 0) == (label, 0, 1)
    }

    /// The mistakes of one of the anchored views. Pairs of types are those of the view without types.
    pub(super) fn analyse(&self, view: View, types: Types, found: &mut DocumentMistakes) {
        let judged = self.judge(types);
        let explained = self.explain(&judged);
        found.right.push((view, judged.right.len() as u64));
        if types == Types::Ignored {
            self.pair_types(&judged, &explained, found);
        }
        for (missed, (cause, said)) in judged.missed.iter().zip(&explained.missed) {
            found.mistakes.push(Mistake {
                view,
                kind: Kind::FalseNegative,
                cause: *cause,
                gold: Some(self.gold_item(*missed)),
                pred: said.map(|said| self.pred_item(said)),
            });
        }
        for (wrong, (cause, fact)) in judged.wrong.iter().zip(&explained.wrong) {
            found.mistakes.push(Mistake {
                view,
                kind: Kind::FalsePositive,
                cause: *cause,
                gold: fact.map(|fact| self.gold_item(fact)),
                pred: Some(self.pred_item(wrong.said)),
            });
        }
        found.mistakes.extend(malformed(view, Layer::Relations, self.pred));
    }

    /// Right, wrong, neutral and missed, as [`crate::relation::tally`] counts them.
    fn judge(&self, types: Types) -> Judged {
        let Case { gold, pred, rules, layers, facts, facts_said: said, alignment, .. } = self;
        let resolved = &alignment.resolved;
        let ties = Ties { gold, pred, facts, said, resolved, rules, layers };
        let mut judged = Judged::default();
        for (at, said) in self.said.iter().enumerate() {
            if self.rules.is_neutral_in_primary(said.fact.0) {
                continue;
            }
            match ties.judge(whole(said.fact), types) {
                Verdict::Hit(fact) if judged.right.insert(parts(facts.facts[fact].fact)) => {}
                Verdict::Hit(_) => judged.wrong.push(Wrong { said: at, is_hit: true }),
                Verdict::Wrong => judged.wrong.push(Wrong { said: at, is_hit: false }),
                Verdict::Neutral(_) => {
                    judged.neutral.extend(self.resolve(said.fact).map(|f| (f, at)))
                }
            }
        }
        let required = facts.facts.iter().filter(|fact| fact.standing == Standing::Required);
        let missed = required.map(|fact| parts(fact.fact)).filter(|fact| {
            !judged.right.contains(fact) && !self.rules.is_neutral_in_primary(fact.0)
        });
        judged.missed = missed.collect();
        judged.missed.sort_by_cached_key(|fact| self.sort_key(*fact, &self.gold_ranks));
        judged
    }

    fn explain(&self, judged: &Judged) -> Explained {
        let mut explained = Explained {
            missed: judged.missed.iter().map(|fact| self.cause_of_missed(*fact)).collect(),
            wrong: judged.wrong.iter().map(|wrong| self.cause_of_wrong(wrong, judged)).collect(),
        };
        let position: FxHashMap<Fact, usize> =
            judged.missed.iter().enumerate().map(|(m, fact)| (*fact, m)).collect();
        for (wrong, (cause, fact)) in judged.wrong.iter().zip(&explained.wrong) {
            // What took a missed relation's place for a reason of its own is that relation's reason
            // too.
            let (Cause::Merged | Cause::ArgumentType, Some(fact)) = (cause, fact) else { continue };
            let Some(slot) = position.get(fact).map(|m| &mut explained.missed[*m]) else {
                continue;
            };
            if *cause < slot.0 || (*cause == slot.0 && slot.1.is_none()) {
                *slot = (*cause, Some(wrong.said));
            }
        }
        self.pair_in_place(judged, &mut explained);
        self.pair_implied(judged, &mut explained);
        explained
    }

    /// What is known of a missed relation before it is held against predictions.
    fn cause_of_missed(&self, fact: Fact) -> (Cause, Option<usize>) {
        let ends = [fact.1, fact.2].into_iter().filter_map(|end| self.ends.cause_of_gold(end));
        let denied = || self.denied_by_pred.contains(&fact).then_some(Cause::Polarity);
        (ends.min().or_else(denied).unwrap_or(Cause::NotProposed), None)
    }

    /// What is known of a wrong relation before it is held against what is missed between the same
    /// ends.
    fn cause_of_wrong(&self, wrong: &Wrong, judged: &Judged) -> (Cause, Option<Fact>) {
        let (label, head, tail) = self.said[wrong.said].fact;
        if head == tail {
            return (Cause::SelfRelation, None);
        }
        let ends = [head, tail].into_iter();
        let end = ends.filter_map(|end| self.ends.cause_of_pred(end, &self.alignment)).min();
        if let Some(cause) = end.filter(|cause| *cause != Cause::Merged) {
            return (cause, None);
        }
        let resolved = self.resolve((label, head, tail));
        if resolved.is_some_and(|(_, head, tail)| head == tail) {
            return (Cause::SelfRelation, None);
        }
        let swallowed = self.swallowed((label, head, tail), resolved, judged);
        if end.is_some() || swallowed.is_some() {
            return (Cause::Merged, swallowed);
        }
        let fact = resolved.expect("both ends stand for something");
        let (_, head, tail) = fact;
        let reversed = self.rules.canonical(label, tail, head);
        if wrong.is_hit {
            (Cause::Duplicate, Some(fact))
        } else if self.is_required(fact) {
            (Cause::ArgumentType, Some(fact))
        } else if self.denied_by_gold.contains(&fact) {
            (Cause::Polarity, Some(fact))
        } else if self.is_required(reversed) {
            (Cause::Direction, Some(reversed))
        } else {
            (Cause::Spurious, None)
        }
    }

    fn is_required(&self, fact: Fact) -> bool {
        let found = self.facts.find(whole(fact)).map(|at| &self.facts.facts[at]);
        found.is_some_and(|fact| fact.standing == Standing::Required)
    }

    /// The first missed relation that a prediction would hit if its ends stood for another entity of
    /// which they hold a mention.
    fn swallowed(&self, said: Fact, resolved: Option<Fact>, judged: &Judged) -> Option<Fact> {
        let (label, head, tail) = said;
        let holds = |end, entity| self.ends.holds(end, entity);
        let fits = |fact: &&Fact| {
            fact.0 == label
                && Some(**fact) != resolved
                && ((holds(head, fact.1) && holds(tail, fact.2))
                    || (self.is_symmetric(label) && holds(head, fact.2) && holds(tail, fact.1)))
        };
        judged.missed.iter().find(fits).copied()
    }

    /// Pairs a wrong and a missed relation between the same ends, each at most once: direction
    /// first, then one family, then one direction.
    fn pair_in_place(&self, judged: &Judged, explained: &mut Explained) {
        let mut between: FxHashMap<(EntityIdx, EntityIdx), Vec<usize>> = FxHashMap::default();
        for (m, fact) in judged.missed.iter().enumerate() {
            if explained.missed[m].0 == Cause::NotProposed {
                between.entry(unordered(*fact)).or_default().push(m);
            }
        }
        let mut edges = Vec::new();
        for (w, wrong) in judged.wrong.iter().enumerate() {
            let cause = explained.wrong[w].0;
            if !matches!(cause, Cause::Direction | Cause::Spurious) {
                continue;
            }
            let Some(fact) = self.resolve(self.said[wrong.said].fact) else { continue };
            for &m in between.get(&unordered(fact)).into_iter().flatten() {
                let missed = judged.missed[m];
                match (cause, explained.wrong[w].1 == Some(missed)) {
                    (Cause::Direction, true) => edges.push((Cause::Direction, false, false, m, w)),
                    (Cause::Direction, false) => {}
                    _ => {
                        let family = self.rules.family(fact.0) != self.rules.family(missed.0);
                        edges.push((Cause::Label, family, self.is_turned(fact, missed), m, w));
                    }
                }
            }
        }
        edges.sort_unstable();
        for (cause, _, _, m, w) in edges {
            let is_taken = cause == Cause::Label && explained.wrong[w].0 == Cause::Label;
            if explained.missed[m].0 == Cause::NotProposed && !is_taken {
                explained.missed[m] = (cause, Some(judged.wrong[w].said));
                explained.wrong[w] = (cause, Some(judged.missed[m]));
            }
        }
    }

    /// Whether two relations between the same ends have different directions.
    fn is_turned(&self, one: Fact, other: Fact) -> bool {
        one.1 != other.1 && !self.is_symmetric(one.0) && !self.is_symmetric(other.0)
    }

    /// A missed relation of which something is predicted that follows from it: the label is too
    /// general.
    fn pair_implied(&self, judged: &Judged, explained: &mut Explained) {
        let mut neutral: FxHashMap<Fact, usize> = FxHashMap::default();
        for (fact, said) in &judged.neutral {
            neutral.entry(*fact).or_insert(*said);
        }
        for (missed, slot) in judged.missed.iter().zip(&mut explained.missed) {
            if slot.0 != Cause::NotProposed {
                continue;
            }
            let implied = relation::closure(self.gold, whole(*missed), self.rules);
            let mut implied: Vec<Fact> = implied.map(parts).collect();
            implied.sort_by_cached_key(|fact| self.sort_key(*fact, &self.gold_ranks));
            if let Some(said) = implied.iter().find_map(|fact| neutral.remove(fact)) {
                *slot = (Cause::Label, Some(said));
            }
        }
    }

    fn pair_types(&self, judged: &Judged, explained: &Explained, found: &mut DocumentMistakes) {
        let types = &mut found.relation_types;
        // The number of equal pairs is what counts; their order does not.
        let mut right: Vec<Label> = judged.right.iter().map(|fact| fact.0).collect();
        right.sort_unstable();
        types.extend(right.into_iter().map(|label| (Some(label), Some(label))));
        for (fact, (cause, said)) in judged.missed.iter().zip(&explained.missed) {
            let said = said.filter(|_| is_pair_of_types(*cause));
            types.push((Some(fact.0), said.map(|said| self.said[said].fact.0)));
        }
        // A wrong relation that stands in the place of a missed one was paired just now.
        let paired: FxHashSet<usize> = explained
            .missed
            .iter()
            .filter_map(|(cause, said)| said.filter(|_| is_pair_of_types(*cause)))
            .collect();
        let alone = judged.wrong.iter().filter(|wrong| !paired.contains(&wrong.said));
        types.extend(alone.map(|wrong| (None, Some(self.said[wrong.said].fact.0))));
    }

    fn gold_item(&self, fact: Fact) -> Item {
        let (label, head, tail) = self.in_order(fact, &self.gold_ranks);
        let relation = self.gold_relations.get(&fact).map(|at| &self.gold.relations[*at]);
        let sentences = relation.map(|r| sentences(&r.evidence)).unwrap_or_default();
        Item::Relation { label, head, tail, sentences }
    }

    fn pred_item(&self, said: usize) -> Item {
        let Said { fact, sentences } = &self.said[said];
        let (label, head, tail) = self.in_order(*fact, &self.pred_ranks);
        Item::Relation { label, head, tail, sentences: sentences.clone() }
    }
}

/// A view's verdicts.
#[derive(Default)]
struct Judged {
    /// Gold relations that are hit.
    right: FxHashSet<Fact>,
    /// Gold relations that are not, in order.
    missed: Vec<Fact>,
    wrong: Vec<Wrong>,
    /// Gold facts that are neutral and predicted, and the prediction.
    neutral: Vec<(Fact, usize)>,
}

struct Wrong {
    /// A position in [`Case::said`].
    said: usize,
    /// Whether it hits a gold relation that was hit before.
    is_hit: bool,
}

/// A cause for each mistake, and the other item that goes with it.
struct Explained {
    /// With positions in [`Case::said`].
    missed: Vec<(Cause, Option<usize>)>,
    wrong: Vec<(Cause, Option<Fact>)>,
}

fn is_pair_of_types(cause: Cause) -> bool {
    matches!(cause, Cause::Direction | Cause::Label)
}

fn unordered((_, head, tail): Fact) -> (EntityIdx, EntityIdx) {
    (head.min(tail), head.max(tail))
}

/// The fact, said in any way.
fn whole((label, head, tail): Fact) -> relation::Fact {
    relation::Fact { label, head, tail, modality: None }
}

fn parts(fact: relation::Fact) -> Fact {
    (fact.label, fact.head, fact.tail)
}

fn sentences(evidence: &[Evidence]) -> Vec<SentenceIdx> {
    let mut sentences: Vec<SentenceIdx> =
        evidence.iter().flat_map(|evidence| evidence.sentences.iter().copied()).collect();
    sentences.sort_unstable();
    sentences.dedup();
    sentences
}

/// What became of the entities of both sides.
struct Ends {
    /// Predicted entities and the gold entities of which they hold a mention (`None`: a gold mention
    /// of no entity); sorted, each once. Empty where gold entities were given.
    holds: Vec<(EntityIdx, Option<EntityIdx>)>,
    gold: Vec<GoldEnd>,
    is_given: bool,
}

#[derive(Clone, Copy, Default)]
struct GoldEnd {
    /// Some mention of it is paired with a predicted one.
    is_found: bool,
    /// Some predicted entity stands for it.
    is_resolved: bool,
    /// Some predicted entity holds a mention of it and a mention of something else.
    is_merged: bool,
}

impl Ends {
    fn of(gold: &Document, pred: &Document, alignment: &Alignment) -> Ends {
        let mut ends = Ends {
            holds: Vec::new(),
            gold: vec![GoldEnd::default(); gold.entities.len()],
            is_given: pred.given == Given::Entities,
        };
        if ends.is_given {
            return ends;
        }
        for (mention, paired) in pred.mentions.iter().zip(&alignment.pairs) {
            let Some(paired) = paired else { continue };
            let of = gold.mentions[*paired as usize].entity;
            if let Some(of) = of {
                ends.gold[of.index()].is_found = true;
            }
            ends.holds.extend(mention.entity.map(|entity| (entity, of)));
        }
        ends.holds.sort_unstable();
        ends.holds.dedup();
        for group in ends.holds.chunk_by(|a, b| a.0 == b.0) {
            for of in group.iter().filter_map(|(_, of)| *of) {
                ends.gold[of.index()].is_merged |= group.len() > 1;
            }
            if let Some(of) = alignment.resolve(group[0].0) {
                ends.gold[of.index()].is_resolved = true;
            }
        }
        ends
    }

    fn cause_of_gold(&self, entity: EntityIdx) -> Option<Cause> {
        match self.gold[entity.index()] {
            _ if self.is_given => None,
            GoldEnd { is_resolved: true, .. } => None,
            GoldEnd { is_found: false, .. } => Some(Cause::EndpointMissed),
            GoldEnd { is_merged: true, .. } => Some(Cause::Merged),
            _ => Some(Cause::Unresolved),
        }
    }

    fn cause_of_pred(&self, entity: EntityIdx, alignment: &Alignment) -> Option<Cause> {
        if alignment.resolve(entity).is_some() {
            return None;
        }
        Some(match self.held_by(entity).len() {
            0 => Cause::EndpointSpurious,
            1 => Cause::Unresolved,
            _ => Cause::Merged,
        })
    }

    /// Whether a predicted entity holds a mention of a gold entity.
    fn holds(&self, entity: EntityIdx, of: EntityIdx) -> bool {
        match self.is_given {
            true => entity == of,
            false => self.holds.binary_search(&(entity, Some(of))).is_ok(),
        }
    }

    fn held_by(&self, entity: EntityIdx) -> &[(EntityIdx, Option<EntityIdx>)] {
        let start = self.holds.partition_point(|(other, _)| *other < entity);
        let length = self.holds[start..].iter().take_while(|(other, _)| *other == entity).count();
        &self.holds[start..start + length]
    }
}
