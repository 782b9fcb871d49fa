//! What two annotations differ on, one by one.

use std::collections::BTreeMap;

use ere_dataset::{Document, EntityIdx, Form, Mention, Spans};
use serde::Serialize;

use super::{Fact, Pair, facts};
use crate::alignment::Alignment;
use crate::place::Places;
use crate::rules::Rules;

/// How two annotations differ in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Equal spans, other type.
    MentionType,
    /// Same type, spans that overlap.
    MentionBoundary,
    /// Only one has the mention.
    MentionMissing,
    /// One entity of the one is several of the other.
    Coreference,
    /// Same ends, another type of relation.
    RelationType,
    /// Same ends and type, the other way round.
    RelationDirection,
    /// Only one has the relation.
    RelationMissing,
}

impl Kind {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::MentionType => "mention type",
            Kind::MentionBoundary => "mention boundary",
            Kind::MentionMissing => "mention missing",
            Kind::Coreference => "coreference",
            Kind::RelationType => "relation type",
            Kind::RelationDirection => "relation direction",
            Kind::RelationMissing => "relation missing",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disagreement {
    /// The document.
    pub document: Box<str>,
    /// In what they differ.
    pub kind: Kind,
    /// What the first annotation says; nothing where it is silent.
    pub a: Option<String>,
    /// What the second says.
    pub b: Option<String>,
    /// Whether what is said is flagged as optional.
    pub optional: bool,
}

/// All differences of a pair: mentions by place, then coreference, then relations.
pub(super) fn of(pair: &Pair<'_>, rules: &Rules) -> Vec<Disagreement> {
    let mut found = Found { pair, rules, list: Vec::new() };
    found.mentions();
    let alignment = Alignment::of(pair.a, pair.b, &Places::of(pair.a, pair.b), rules.vocabulary());
    found.coreference();
    found.relations(&alignment);
    found.list
}

type Rule = fn(&Mention, &Mention) -> bool;

struct Found<'a> {
    pair: &'a Pair<'a>,
    rules: &'a Rules,
    list: Vec<Disagreement>,
}

impl Found<'_> {
    fn add(&mut self, kind: Kind, a: Option<String>, b: Option<String>, optional: bool) {
        let document = self.pair.a.id.clone();
        self.list.push(Disagreement { document, kind, a, b, optional });
    }

    fn mention(&self, document: &Document, mention: &Mention) -> String {
        let place = mention.spans.first().start();
        let label = self.rules.vocabulary().name(mention.label);
        format!("{label} “{}” at byte {place}", surface(document, &mention.spans))
    }

    fn mentions(&mut self) {
        let Pair { a, b, .. } = *self.pair;
        let (mut rest_a, mut rest_b) = (only_in(a, b), only_in(b, a));
        let same_spans: Rule = |one, other| one.spans == other.spans;
        let overlapping: Rule =
            |one, other| one.label == other.label && one.spans.intersection(&other.spans) > 0;
        for (kind, rule) in [(Kind::MentionType, same_spans), (Kind::MentionBoundary, overlapping)]
        {
            rest_a.retain(|one| {
                let Some(at) = rest_b.iter().position(|other| rule(one, other)) else {
                    return true;
                };
                let other = rest_b.remove(at);
                let said = (Some(self.mention(a, one)), Some(self.mention(b, other)));
                self.add(kind, said.0, said.1, one.optional || other.optional);
                false
            });
        }
        for one in rest_a {
            let said = self.mention(a, one);
            self.add(Kind::MentionMissing, Some(said), None, one.optional);
        }
        for other in rest_b {
            let said = self.mention(b, other);
            self.add(Kind::MentionMissing, None, Some(said), other.optional);
        }
    }

    /// An entity of one annotation whose mentions belong to several entities of the other.
    fn coreference(&mut self) {
        let Pair { a, b, .. } = *self.pair;
        for (one, other, first) in [(a, b, true), (b, a, false)] {
            let mut there = BTreeMap::new();
            for mention in &other.mentions {
                there.insert((&mention.spans, mention.label), mention.entity);
            }
            for (entity, members) in one.mentions_by_entity().iter().enumerate() {
                let places = members.iter().map(|member| &one.mentions[member.index()]);
                let mut parts: Vec<EntityIdx> = places
                    .filter_map(|mention| there.get(&(&mention.spans, mention.label)))
                    .filter_map(|entity| *entity)
                    .collect();
                parts.sort_unstable();
                parts.dedup();
                if parts.len() < 2 {
                    continue;
                }
                let whole = name(one, EntityIdx(entity as u32));
                let parts: Vec<String> = parts.iter().map(|part| name(other, *part)).collect();
                let parts = parts.join(" | ");
                let (said, heard) = if first { (whole, parts) } else { (parts, whole) };
                self.add(Kind::Coreference, Some(said), Some(heard), false);
            }
        }
    }

    fn relations(&mut self, alignment: &Alignment) {
        let Pair { a, b, .. } = *self.pair;
        let mut left = facts(a, None, self.rules);
        let mut right: BTreeMap<Fact, usize> = facts(b, Some(alignment), self.rules);
        let listed: Vec<usize> = right.values().copied().collect();
        let common: Vec<Fact> =
            left.keys().filter(|fact| right.contains_key(*fact)).copied().collect();
        for fact in &common {
            left.remove(fact);
            right.remove(fact);
        }
        for kind in [Kind::RelationDirection, Kind::RelationType] {
            let keys: Vec<Fact> = left.keys().copied().collect();
            for fact in keys {
                let same = |other: &Fact| match kind {
                    Kind::RelationDirection => *other == (fact.0, fact.2, fact.1),
                    _ => {
                        (other.1, other.2) == (fact.1, fact.2)
                            || (other.1, other.2) == (fact.2, fact.1)
                    }
                };
                let Some(other) = right.keys().copied().find(same) else { continue };
                let (at, to) = (left[&fact], right[&other]);
                left.remove(&fact);
                right.remove(&other);
                let optional = a.relations[at].optional || b.relations[to].optional;
                let said = (self.relation(a, at), self.relation(b, to));
                self.add(kind, Some(said.0), Some(said.1), optional);
            }
        }
        for at in left.into_values() {
            let said = self.relation(a, at);
            self.add(Kind::RelationMissing, Some(said), None, a.relations[at].optional);
        }
        for at in right.into_values() {
            let said = self.relation(b, at);
            self.add(Kind::RelationMissing, None, Some(said), b.relations[at].optional);
        }
        // What the second says of ends that the first does not have, or denies.
        for (at, relation) in b.relations.iter().enumerate() {
            let is_denied = relation.evidence.iter().all(super::is_denied);
            if !listed.contains(&at) && (relation.evidence.is_empty() || !is_denied) {
                let said = self.relation(b, at);
                self.add(Kind::RelationMissing, None, Some(said), relation.optional);
            }
        }
    }

    fn relation(&self, document: &Document, at: usize) -> String {
        let relation = &document.relations[at];
        let label = self.rules.vocabulary().name(relation.label);
        format!("{label}({}, {})", name(document, relation.head), name(document, relation.tail))
    }
}

fn only_in<'a>(document: &'a Document, other: &Document) -> Vec<&'a Mention> {
    let mut there: Vec<(&Spans, _)> = other.mentions.iter().map(|m| (&m.spans, m.label)).collect();
    there.sort_unstable();
    let absent =
        |mention: &&Mention| there.binary_search(&(&mention.spans, mention.label)).is_err();
    let mut only: Vec<&Mention> = document.mentions.iter().filter(absent).collect();
    only.sort_by(|a, b| (&a.spans, a.label).cmp(&(&b.spans, b.label)));
    only
}

fn surface(document: &Document, spans: &Spans) -> String {
    let text = document.text.as_str();
    let parts: Vec<&str> = spans.as_slice().iter().filter_map(|span| span.slice(text)).collect();
    parts.join(" … ")
}

/// The longest name of an entity, or its first mention.
fn name(document: &Document, entity: EntityIdx) -> String {
    let members = document.mentions.iter().filter(|mention| mention.entity == Some(entity));
    let best = members.max_by_key(|mention| {
        (matches!(mention.form, Some(Form::Name) | None), mention.spans.covered())
    });
    match best {
        Some(mention) => surface(document, &mention.spans),
        None => document.entities[entity.index()].id.as_deref().unwrap_or("?").to_owned(),
    }
}
