//! `patterns`: what a careful person can write down in rules and word lists, without a model.
//!
//! It learns nothing; its word lists are in `data/`. Mentions are found first, then joined to
//! entities, then tied by relations. The rules were written for the types of the newswire ontology:
//! of another ontology it predicts the types that have the same names.

mod coreference;
mod mentions;
mod relations;
mod sheet;
mod words;

use std::cmp::Reverse;

use ere_dataset::text::sha256_hex;
use ere_dataset::{
    Entity, EntityIdx, Evidence, Form, Given, Label, Mention, Ontology, Prediction, Relation,
    SentenceIdx, Span,
};
use rustc_hash::FxHashMap;

use super::Training;
use crate::extractor::{Description, Direct, Extractor, Failure, Session};
use crate::input::{Input, Material};
use coreference::Resolved;
use mentions::{Findings, Found};
use relations::Stated;
use sheet::Sheet;
use words::{Type, WORDS};

pub(super) struct Patterns {
    description: Description,
    /// The label of each [`Type`] that the ontology has.
    labels: [Option<Label>; Type::ALL.len()],
    /// The relation types of the ontology, by name.
    relations: FxHashMap<String, Allowed>,
}

/// A relation type, and which types it ties.
struct Allowed {
    label: Label,
    is_symmetric: bool,
    ends: [[bool; Type::ALL.len()]; Type::ALL.len()],
}

impl Patterns {
    pub(super) fn new(training: &Training<'_>) -> Patterns {
        let Training { ontology, vocabulary, .. } = training;
        let version = "1".to_owned();
        let digest = sha256_hex(format!("patterns {version} {}", WORDS.sha256).as_bytes());
        let description = Description {
            name: "patterns".to_owned(),
            version,
            digest,
            tracks: vec![Given::Text, Given::Mentions, Given::Entities],
            resolves_coreference: true,
            characters_max: None,
        };
        let labels = Type::ALL.map(|kind| {
            let label = vocabulary.get(kind.name())?;
            ontology.entity(label).map(|entity| entity.label)
        });
        Patterns { description, labels, relations: allowed(ontology, &labels) }
    }

    fn predict(&self, input: &Input<'_>) -> Prediction {
        let mut prediction = input.empty_prediction();
        let sheet = Sheet::new(&WORDS, input.text.as_str(), input.sentences);
        let mut findings = mentions::find(&sheet);
        let resolved = match &input.given {
            Material::Text => {
                let mut resolved = coreference::resolve(&sheet, &mut findings);
                resolved.retain_types(|kind| self.labels[kind as usize].is_some());
                self.write_mentions(&sheet, &resolved, &mut prediction);
                resolved
            }
            Material::Mentions(given) => {
                let positions = self.take_given(&sheet, given, &mut findings);
                let mut resolved = coreference::resolve(&sheet, &mut findings);
                resolved.retain_types(|kind| self.labels[kind as usize].is_some());
                self.join_given(&positions, &resolved, &mut prediction);
                resolved
            }
            Material::Entities { mentions: given, .. } => {
                let positions = self.take_given(&sheet, given, &mut findings);
                let entity = |position: &usize| given[*position].entity.map(|entity| entity.0);
                Resolved {
                    mentions: std::mem::take(&mut findings.mentions),
                    entity_of: positions.iter().map(entity).collect(),
                    kinds: Vec::new(),
                }
            }
        };
        let allows = |relation: &str, head: Type, tail: Type| {
            let allowed = self.relations.get(relation);
            allowed.is_some_and(|allowed| allowed.ends[head as usize][tail as usize])
        };
        let stated = relations::find(&sheet, &resolved.mentions, &findings.titles, &allows);
        let sentences = input.sentences.map_or(0, <[Span]>::len);
        self.write_relations(&stated, &resolved, sentences, &mut prediction);
        prediction
    }

    fn label(&self, kind: Type) -> Label {
        self.labels[kind as usize].expect("types that the ontology lacks were removed before")
    }

    fn write_mentions(&self, sheet: &Sheet<'_>, resolved: &Resolved, prediction: &mut Prediction) {
        let document = &mut prediction.document;
        document.entities = resolved.kinds.iter().map(|kind| self.entity(*kind)).collect();
        for (mention, entity) in resolved.mentions.iter().zip(&resolved.entity_of) {
            let Some(entity) = *entity else { continue };
            let span = sheet.span(mention.tokens.clone());
            let label = self.label(resolved.kinds[entity as usize]);
            let found = Mention { form: Some(mention.form), ..Mention::new(span, label) };
            document.mentions.push(found.of(EntityIdx(entity)));
        }
    }

    fn entity(&self, kind: Type) -> Entity {
        Entity { labels: [self.label(kind)].into_iter().collect(), ..Entity::default() }
    }

    /// Puts given mentions in the place of those that were found, in text order, and says where each
    /// stands in the list that was given. What no rule could use is left out.
    fn take_given(
        &self,
        sheet: &Sheet<'_>,
        given: &[Mention],
        findings: &mut Findings,
    ) -> Vec<usize> {
        let take = |(position, mention): (usize, &Mention)| {
            let found = self.given_mention(sheet, mention, findings)?;
            Some((found, position))
        };
        let mut taken: Vec<(Found, usize)> = given.iter().enumerate().filter_map(take).collect();
        taken.sort_by_key(|(found, _)| (found.tokens.start, Reverse(found.tokens.end)));
        let (mentions, positions) = taken.into_iter().unzip();
        findings.mentions = mentions;
        positions
    }

    fn given_mention(
        &self,
        sheet: &Sheet<'_>,
        mention: &Mention,
        findings: &mut Findings,
    ) -> Option<Found> {
        let label = self.labels.iter().position(|label| *label == Some(mention.label))?;
        let kind = Type::ALL[label];
        let span = mention.spans.hull();
        let start = sheet.tokens.partition_point(|token| token.end <= span.start());
        let end = sheet.tokens.partition_point(|token| token.start < span.end());
        if start >= end {
            return None;
        }
        let form = mention.form.unwrap_or(Form::Name);
        let after = sheet.sentences.partition_point(|sentence| sentence.start <= start);
        Some(Found {
            key: mentions::given_key(sheet, start..end, kind, form, &mut findings.names),
            tokens: start..end,
            sentence: after.saturating_sub(1),
            kind,
            form,
        })
    }

    /// On the track that gives mentions: entities for those that are given.
    fn join_given(&self, positions: &[usize], resolved: &Resolved, prediction: &mut Prediction) {
        let document = &mut prediction.document;
        document.entities = resolved.kinds.iter().map(|kind| self.entity(*kind)).collect();
        for (position, entity) in positions.iter().zip(&resolved.entity_of) {
            document.mentions[*position].entity = entity.map(EntityIdx);
        }
    }

    /// A relation is written once, with a piece of evidence for each set of attributes that the text
    /// states it with. `sentences` is how many were given: only those can be referred to.
    fn write_relations(
        &self,
        stated: &[Stated],
        resolved: &Resolved,
        sentences: usize,
        prediction: &mut Prediction,
    ) {
        let written = &mut prediction.document.relations;
        let mut known: FxHashMap<(EntityIdx, EntityIdx, Label), usize> = FxHashMap::default();
        for statement in stated {
            let ends = resolved.entity_of[statement.head].zip(resolved.entity_of[statement.tail]);
            let Some((head, tail)) = ends.filter(|(head, tail)| head != tail) else { continue };
            let allowed = &self.relations[statement.relation];
            let turn = allowed.is_symmetric && head > tail;
            let (head, tail) = if turn { (tail, head) } else { (head, tail) };
            let (head, tail, label) = (EntityIdx(head), EntityIdx(tail), allowed.label);
            let at = *known.entry((head, tail, label)).or_insert_with(|| {
                written.push(relation(head, tail, label));
                written.len() - 1
            });
            add_evidence(&mut written[at].evidence, statement, sentences);
        }
        for piece in written.iter_mut().flat_map(|relation| &mut relation.evidence) {
            piece.sentences.sort_unstable();
            piece.sentences.dedup();
        }
    }
}

impl Extractor for Patterns {
    fn description(&self) -> &Description {
        &self.description
    }

    fn start(&self) -> Result<Box<dyn Session + Send + '_>, Failure> {
        Ok(Box::new(Direct(|input: &Input<'_>| Ok(self.predict(input)))))
    }
}

fn allowed(
    ontology: &Ontology,
    labels: &[Option<Label>; Type::ALL.len()],
) -> FxHashMap<String, Allowed> {
    // An inverse is written as the relation that it is the inverse of.
    let written = ontology.relations.iter().filter(|relation| relation.inverse_of.is_none());
    let allowed = written.map(|relation| {
        let allows = |head: Option<Label>, tail: Option<Label>| {
            head.zip(tail).is_some_and(|(head, tail)| {
                relation.allows(&[head], &[tail])
                    || (relation.symmetric && relation.allows(&[tail], &[head]))
            })
        };
        let ends = labels.map(|head| labels.map(|tail| allows(head, tail)));
        let (label, is_symmetric) = (relation.label, relation.symmetric);
        (relation.name.clone(), Allowed { label, is_symmetric, ends })
    });
    allowed.collect()
}

fn relation(head: EntityIdx, tail: EntityIdx, label: Label) -> Relation {
    Relation {
        head,
        tail,
        label,
        evidence: Vec::new(),
        optional: false,
        confidence: None,
        id: None,
    }
}

fn add_evidence(evidence: &mut Vec<Evidence>, statement: &Stated, sentences: usize) {
    let Stated { polarity, actuality, status, sentence, .. } = *statement;
    let same = |piece: &Evidence| {
        (piece.polarity, piece.actuality, piece.status) == (polarity, actuality, status)
    };
    let at = evidence.iter().position(same).unwrap_or_else(|| {
        evidence.push(Evidence { polarity, actuality, status, ..Evidence::default() });
        evidence.len() - 1
    });
    let sentence = SentenceIdx(sentence as u32);
    if sentence.index() < sentences {
        evidence[at].sentences.push(sentence);
    }
}
