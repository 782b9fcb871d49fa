//! Predictions made from gold by a known error model.
//!
//! [`NoiseSpec`] says what each kind of mistake is, and how often it is made.

mod expect;
mod place;
mod spec;
mod tie;

use ere_dataset::{
    Document, Entity, EntityIdx, Evidence, Form, Label, Mention, MentionIdx, MentionRelation,
    MentionRelationIdx, Ontology, Prediction, Relation, Span, Spans, Vocabulary,
};
use rustc_hash::{FxHashMap, FxHashSet};

pub use expect::{Expected, Fraction, Row, expected};
pub use spec::{NoiseSpec, Rate};

use crate::random::Random;
use place::Places;
use tie::{Tie, TieNoise, Truth};

/// The entity type of mentions and entities that [`NoiseSpec::alien`] met. No ontology may declare
/// it.
pub const ALIEN_ENTITY: &str = "ALIEN";
/// The relation type of relations that [`NoiseSpec::alien`] met. No ontology may declare it.
pub const ALIEN_RELATION: &str = "alien";

/// What an extractor with these rates of error says of a gold document.
///
/// The prediction holds mentions, entities, mention relations and relations, as if it was made from
/// the text alone; [`NoiseSpec::none`] copies those lists. What is kept of gold comes first and in
/// gold's order, what is false follows. Attributes of evidence stay where what they refer to is
/// kept. It depends on the seed, the specification, the ontology and this document, and on nothing
/// else. Linear in the document's size, except for relation types, which are tried one by one for
/// each wrong relation.
pub fn predict(
    gold: &Document,
    spec: &NoiseSpec,
    seed: u64,
    vocabulary: &Vocabulary,
    ontology: &Ontology,
) -> Prediction {
    let mut maker = Maker {
        gold,
        spec,
        vocabulary,
        ontology,
        random: Random::of_document(seed, &gold.id),
        prediction: ere_dataset::prediction::empty(gold),
        mention_at: Vec::with_capacity(gold.mentions.len()),
        entity_at: Vec::with_capacity(gold.entities.len()),
        mention_relation_at: Vec::with_capacity(gold.mention_relations.len()),
    };
    let words = place::words_if_needed(gold, spec);
    maker.keep_mentions(&words);
    maker.keep_entities();
    maker.add_false_mentions(words);
    maker.tie_mentions();
    maker.tie_entities();
    maker.use_alien_types();
    maker.list_twice();
    maker.prediction
}

/// What a draw decides. Each has a random source of its own, so that no draw moves another.
#[derive(Clone, Copy)]
enum Draw {
    Miss,
    Spurious,
    SpuriousPlace,
    SpuriousType,
    Boundary,
    BoundaryPlace,
    MentionType,
    MentionTypeChoice,
    EntityType,
    EntityTypeChoice,
    Split,
    SplitMember,
    Merge,
    MentionRelations,
    Relations,
    DuplicateMention,
    DuplicateMentionRelation,
    DuplicateRelation,
    AlienMention,
    AlienEntity,
    AlienMentionRelation,
    AlienRelation,
}

/// Where a gold entity went.
#[derive(Clone, Copy, Default)]
struct Parts {
    first: Option<EntityIdx>,
    second: Option<EntityIdx>,
    /// The first part is a part of another entity too.
    is_merged: bool,
}

impl Parts {
    fn part(self, second: bool) -> Option<EntityIdx> {
        if second { self.second.or(self.first) } else { self.first }
    }
}

struct Maker<'a> {
    gold: &'a Document,
    spec: &'a NoiseSpec,
    vocabulary: &'a Vocabulary,
    ontology: &'a Ontology,
    random: Random,
    prediction: Prediction,
    /// Where each gold mention went, if it was kept.
    mention_at: Vec<Option<MentionIdx>>,
    /// Where each gold entity went.
    entity_at: Vec<Parts>,
    /// Where each gold mention relation went, if it was kept.
    mention_relation_at: Vec<Option<MentionRelationIdx>>,
}

impl Maker<'_> {
    fn draw(&self, draw: Draw) -> Random {
        self.random.child(draw as u64)
    }

    fn happens(&self, rate: Rate, draw: Draw, position: usize) -> bool {
        rate > Rate::ZERO && self.draw(draw).happens(rate.get(), position as u64)
    }

    // Mentions

    fn keep_mentions(&mut self, words: &[Span]) {
        let mut places = Places::of(self.gold, words, self.spec.boundary);
        let typed = gold_types(self.gold, self.spec);
        for (position, mention) in self.gold.mentions.iter().enumerate() {
            let kept = self.keep_mention(position, mention, &mut places, &typed);
            self.mention_at.push(kept.map(|mention| {
                let mentions = &mut self.prediction.document.mentions;
                mentions.push(mention);
                MentionIdx(mentions.len() as u32 - 1)
            }));
        }
    }

    fn keep_mention(
        &self,
        position: usize,
        gold: &Mention,
        places: &mut Places<'_>,
        typed: &FxHashSet<(&Spans, Label)>,
    ) -> Option<Mention> {
        if self.happens(self.spec.miss, Draw::Miss, position) {
            return None;
        }
        let mut mention = gold.clone();
        if self.happens(self.spec.boundary, Draw::Boundary, position) {
            let bits = self.draw(Draw::BoundaryPlace).bits(position as u64);
            mention.spans = places.other(&gold.spans, bits)?;
            let hull = mention.spans.hull();
            mention.head = mention.head.filter(|head| hull.contains(*head));
        }
        if self.happens(self.spec.type_, Draw::MentionType, position) {
            let bits = self.draw(Draw::MentionTypeChoice).bits(position as u64);
            let is_wrong = |label| label != gold.label && !typed.contains(&(&gold.spans, label));
            mention.label = self.entity_type(bits, is_wrong);
        }
        Some(mention)
    }

    /// A random type of the ontology that is acceptable, or the alien one where none is.
    fn entity_type(&self, bits: u64, accept: impl Fn(Label) -> bool) -> Label {
        let labels = || self.ontology.entities.iter().map(|entity| entity.label);
        let count = labels().filter(|label| accept(*label)).count();
        let choice = crate::random::scale(bits, count);
        labels()
            .filter(|label| accept(*label))
            .nth(choice)
            .unwrap_or_else(|| self.vocabulary.intern(ALIEN_ENTITY))
    }

    fn add_false_mentions(&mut self, words: Vec<Span>) {
        if self.spec.spurious == Rate::ZERO {
            return;
        }
        let mut free = place::free_words(self.gold, words);
        let has_entities = !self.gold.entities.is_empty();
        for position in 0..self.gold.mentions.len() {
            if free.is_empty() {
                return;
            }
            if !self.happens(self.spec.spurious, Draw::Spurious, position) {
                continue;
            }
            let choice = self.draw(Draw::SpuriousPlace).below(free.len(), position as u64);
            let span = free.swap_remove(choice);
            let bits = self.draw(Draw::SpuriousType).bits(position as u64);
            let label = self.entity_type(bits, |_| true);
            let word = span.slice(self.gold.text.as_str()).unwrap_or_default();
            let is_name = word.starts_with(char::is_uppercase);
            let form = Some(if is_name { Form::Name } else { Form::Nominal });
            let entity = has_entities.then(|| {
                self.push_entity(Entity {
                    labels: [label].into_iter().collect(),
                    ..Entity::default()
                })
            });
            let mention = Mention { form, entity, ..Mention::new(span, label) };
            self.prediction.document.mentions.push(mention);
        }
    }

    // Entities

    fn keep_entities(&mut self) {
        let members = self.gold.mentions_by_entity();
        let mut latest: FxHashMap<&[Label], EntityIdx> = FxHashMap::default();
        for (position, entity) in self.gold.entities.iter().enumerate() {
            let kept: Vec<MentionIdx> = members[position]
                .iter()
                .filter_map(|mention| self.mention_at[mention.index()])
                .collect();
            let is_lost = kept.is_empty() && !members[position].is_empty();
            let parts = if is_lost {
                Parts::default()
            } else {
                self.keep_entity(position, &kept, latest.get(entity.labels.as_slice()).copied())
            };
            if let Some(part) = parts.part(true) {
                latest.insert(&entity.labels, part);
            }
            self.entity_at.push(parts);
        }
    }

    /// Makes the parts of an entity and puts its mentions into them.
    fn keep_entity(
        &mut self,
        position: usize,
        mentions: &[MentionIdx],
        before: Option<EntityIdx>,
    ) -> Parts {
        let gold = &self.gold.entities[position];
        let before = before.filter(|_| self.happens(self.spec.merge, Draw::Merge, position));
        let first = match before {
            Some(before) => before,
            None => self.push_entity(self.typed(gold.clone(), 2 * position)),
        };
        let is_split = mentions.len() >= 2 && self.happens(self.spec.split, Draw::Split, position);
        let second = is_split.then(|| {
            let copy = Entity { id: None, ..gold.clone() };
            self.push_entity(self.typed(copy, 2 * position + 1))
        });
        let coins = self.draw(Draw::SplitMember);
        for (order, mention) in mentions.iter().enumerate() {
            let goes_to_second = match order {
                0 => false,
                _ if order + 1 == mentions.len() => true,
                _ => coins.happens(0.5, u64::from(mention.0)),
            };
            let part = second.filter(|_| goes_to_second).unwrap_or(first);
            self.prediction.document.mentions[mention.index()].entity = Some(part);
        }
        Parts { first: Some(first), second, is_merged: before.is_some() }
    }

    fn push_entity(&mut self, entity: Entity) -> EntityIdx {
        let entities = &mut self.prediction.document.entities;
        entities.push(entity);
        EntityIdx(entities.len() as u32 - 1)
    }

    /// The entity, or the entity with a wrong type.
    fn typed(&self, mut entity: Entity, position: usize) -> Entity {
        if self.happens(self.spec.type_, Draw::EntityType, position) {
            let bits = self.draw(Draw::EntityTypeChoice).bits(position as u64);
            let label = self.entity_type(bits, |label| !entity.labels.contains(&label));
            entity.labels.clear();
            entity.labels.push(label);
        }
        entity
    }

    // Relations

    fn tie_mentions(&mut self) {
        let gold = self.gold;
        let random = self.draw(Draw::MentionRelations);
        let ties = gold.mention_relations.iter().map(|relation| Tie {
            head: relation.head.0,
            tail: relation.tail.0,
            label: relation.label,
        });
        let kept: Vec<u32> = (0..gold.mentions.len() as u32)
            .filter(|m| self.mention_at[*m as usize].is_some())
            .collect();
        let types_of = |mention: u32| std::slice::from_ref(&gold.mentions[mention as usize].label);
        let truth = Truth::new(ties.clone(), self.ontology);
        let noise = TieNoise { spec: self.spec, random, truth: &truth, types_of };
        for (position, (tie, relation)) in ties.zip(&gold.mention_relations).enumerate() {
            let tie = noise.keep(position, tie).and_then(|tie| self.mention_tie(tie));
            self.mention_relation_at.push(tie.map(|(head, tail, label)| {
                let relations = &mut self.prediction.document.mention_relations;
                relations.push(MentionRelation { head, tail, label, ..relation.clone() });
                MentionRelationIdx(relations.len() as u32 - 1)
            }));
        }
        for position in 0..gold.mention_relations.len() {
            let tie = noise.invent(position, &kept).and_then(|tie| self.mention_tie(tie));
            if let Some((head, tail, label)) = tie {
                let relation = MentionRelation { head, tail, label, confidence: None, id: None };
                self.prediction.document.mention_relations.push(relation);
            }
        }
    }

    fn mention_tie(&self, tie: Tie) -> Option<(MentionIdx, MentionIdx, Label)> {
        let at = |end: u32| self.mention_at[end as usize];
        Some((at(tie.head)?, at(tie.tail)?, tie.label))
    }

    fn tie_entities(&mut self) {
        let gold = self.gold;
        let random = self.draw(Draw::Relations);
        let ties = gold.relations.iter().map(|relation| Tie {
            head: relation.head.0,
            tail: relation.tail.0,
            label: relation.label,
        });
        let kept: Vec<u32> = (0..gold.entities.len() as u32)
            .filter(|entity| self.entity_at[*entity as usize].first.is_some())
            .collect();
        let types_of = |entity: u32| gold.entities[entity as usize].labels.as_slice();
        let truth = Truth::new(ties.clone(), self.ontology);
        let noise = TieNoise { spec: self.spec, random, truth: &truth, types_of };
        let mut stated = FxHashSet::default();
        for (position, (tie, relation)) in ties.zip(&gold.relations).enumerate() {
            let kept = noise.keep(position, tie);
            if let Some((head, tail, label)) = kept
                .and_then(|tie| self.entity_tie(tie, noise.coins(position), &truth, &mut stated))
            {
                let evidence = relation.evidence.iter().map(|e| self.evidence(e)).collect();
                let relation = Relation { head, tail, label, evidence, ..relation.clone() };
                self.prediction.document.relations.push(relation);
            }
        }
        for position in 0..gold.relations.len() {
            let coins = noise.coins(gold.relations.len() + position);
            if let Some((head, tail, label)) = noise
                .invent(position, &kept)
                .and_then(|tie| self.entity_tie(tie, coins, &truth, &mut stated))
            {
                self.prediction.document.relations.push(Relation {
                    head,
                    tail,
                    label,
                    evidence: Vec::new(),
                    optional: false,
                    confidence: None,
                    id: None,
                });
            }
        }
    }

    /// The ends among predicted entities. Two bits choose the parts of split entities; what a merge
    /// makes a self relation or equal to a relation that stands already is left out.
    fn entity_tie(
        &self,
        tie: Tie,
        coins: u64,
        truth: &Truth<'_>,
        stated: &mut FxHashSet<Tie>,
    ) -> Option<(EntityIdx, EntityIdx, Label)> {
        let (from, to) = (self.entity_at[tie.head as usize], self.entity_at[tie.tail as usize]);
        let (head, tail) = (from.part(coins & 1 != 0)?, to.part(coins & 2 != 0)?);
        if self.spec.merge > Rate::ZERO {
            let predicted = Tie { head: head.0, tail: tail.0, label: tie.label };
            let is_new = stated.insert(truth.canonical(predicted));
            let is_merged = from.is_merged || to.is_merged;
            if tie.head != tie.tail && (head == tail || (is_merged && !is_new)) {
                return None;
            }
        }
        Some((head, tail, tie.label))
    }

    /// The evidence without what it refers to in vain.
    fn evidence(&self, gold: &Evidence) -> Evidence {
        let entity = |entity: EntityIdx| self.entity_at[entity.index()].first;
        Evidence {
            sentences: gold.sentences.clone(),
            support: gold
                .support
                .iter()
                .filter_map(|relation| self.mention_relation_at[relation.index()])
                .collect(),
            asserted_by: gold.asserted_by.iter().copied().filter_map(entity).collect(),
            polarity: gold.polarity,
            actuality: gold.actuality,
            status: gold.status,
            time: gold.time.and_then(entity),
            amount: gold.amount.and_then(entity),
            item: gold.item.and_then(entity),
        }
    }

    // What befalls any item

    fn use_alien_types(&mut self) {
        let rate = self.spec.alien;
        if rate == Rate::ZERO {
            return;
        }
        let entity = self.vocabulary.intern(ALIEN_ENTITY);
        let relation = self.vocabulary.intern(ALIEN_RELATION);
        let mut document = std::mem::take(&mut self.prediction.document);
        for (position, mention) in document.mentions.iter_mut().enumerate() {
            if self.happens(rate, Draw::AlienMention, position) {
                mention.label = entity;
            }
        }
        for (position, item) in document.entities.iter_mut().enumerate() {
            if self.happens(rate, Draw::AlienEntity, position) {
                item.labels = [entity].into_iter().collect();
            }
        }
        for (position, item) in document.mention_relations.iter_mut().enumerate() {
            if self.happens(rate, Draw::AlienMentionRelation, position) {
                item.label = relation;
            }
        }
        for (position, item) in document.relations.iter_mut().enumerate() {
            if self.happens(rate, Draw::AlienRelation, position) {
                item.label = relation;
            }
        }
        self.prediction.document = document;
    }

    fn list_twice(&mut self) {
        if self.spec.duplicate == Rate::ZERO {
            return;
        }
        let mut document = std::mem::take(&mut self.prediction.document);
        self.extend_twice(&mut document.mentions, Draw::DuplicateMention);
        self.extend_twice(&mut document.mention_relations, Draw::DuplicateMentionRelation);
        self.extend_twice(&mut document.relations, Draw::DuplicateRelation);
        self.prediction.document = document;
    }

    fn extend_twice<T: Clone>(&self, items: &mut Vec<T>, draw: Draw) {
        for position in 0..items.len() {
            if self.happens(self.spec.duplicate, draw, position) {
                items.push(items[position].clone());
            }
        }
    }
}

/// Which types gold gives to which spans. Wrong types must avoid all of them.
fn gold_types<'a>(gold: &'a Document, spec: &NoiseSpec) -> FxHashSet<(&'a Spans, Label)> {
    if spec.type_ == Rate::ZERO {
        return FxHashSet::default();
    }
    gold.mentions.iter().map(|mention| (&mention.spans, mention.label)).collect()
}
