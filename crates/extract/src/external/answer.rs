//! From a `result` message to a prediction. Nothing is dropped: what cannot be understood becomes a
//! malformed item with its raw text.

use std::borrow::Cow;

use ere_dataset::{
    Entity, EntityIdx, Evidence, Form, Given, Label, Layer, Malformed, Mention, MentionIdx,
    MentionRelation, MentionRelationIdx, Prediction, Relation, Span, Spans, Vocabulary, limits,
};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::messages::{Reply, given_id, protocol};
use super::offsets::Converter;
use crate::extractor::Failure;
use crate::input::{Input, Material};

/// How the reason of a malformed mention begins when its echo of the text differs from the text at
/// its offsets. Many of these are the mark of a program that counts in another unit than it said.
pub const OFFSET_MISMATCH: &str = "offset mismatch";

#[derive(Deserialize)]
struct MentionItem<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    start: Option<u64>,
    end: Option<u64>,
    #[serde(default)]
    spans: Vec<[u64; 2]>,
    #[serde(rename = "type", borrow)]
    label: Cow<'a, str>,
    form: Option<Form>,
    #[serde(default, borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(alias = "score")]
    confidence: Option<f64>,
}

#[derive(Deserialize)]
struct RelationItem<'a> {
    #[serde(borrow)]
    head: Cow<'a, str>,
    #[serde(borrow)]
    tail: Cow<'a, str>,
    #[serde(rename = "type", borrow)]
    label: Cow<'a, str>,
    #[serde(alias = "score")]
    confidence: Option<f64>,
}

#[derive(Deserialize)]
struct LinkItem<'a> {
    #[serde(borrow)]
    mention: Cow<'a, str>,
    #[serde(borrow)]
    link: Cow<'a, str>,
}

/// The prediction that a `result` message makes.
///
/// # Errors
/// A message without the list of mentions where it must have one, or with more items than
/// `limits` allow.
pub(super) fn prediction(
    reply: &Reply<'_>,
    input: &Input<'_>,
    offsets: &Converter,
    vocabulary: &Vocabulary,
) -> Result<Prediction, Failure> {
    let text_track = matches!(input.given, Material::Text);
    if text_track && reply.mentions.is_none() {
        return Err(protocol(
            "a result has no list `mentions`; an empty list says none".to_owned(),
        ));
    }
    let mentions = reply.mentions.as_deref().unwrap_or_default();
    let lists = [mentions, &reply.clusters, &reply.relations, &reply.links];
    if let Some(list) = lists.into_iter().find(|list| list.len() > limits::RELATIONS) {
        let (count, limit) = (list.len(), limits::RELATIONS);
        return Err(protocol(format!("a list of {count} items is over the limit of {limit}")));
    }
    let mut reading = Reading::new(input, offsets, vocabulary);
    for raw in mentions {
        reading.mention(raw);
    }
    for raw in &reply.clusters {
        reading.cluster(raw);
    }
    reading.singletons();
    for raw in &reply.relations {
        reading.relation(raw);
    }
    for raw in &reply.links {
        reading.link(raw);
    }
    Ok(reading.prediction)
}

struct Reading<'a> {
    input: &'a Input<'a>,
    offsets: &'a Converter,
    vocabulary: &'a Vocabulary,
    prediction: Prediction,
    /// Mentions by id; `None` for one that was malformed itself.
    mention_of: FxHashMap<String, Option<MentionIdx>>,
    /// Given entities by id.
    given_entity_of: FxHashMap<String, EntityIdx>,
    relation_of: FxHashMap<(EntityIdx, EntityIdx, Label), usize>,
}

impl<'a> Reading<'a> {
    fn new(
        input: &'a Input<'a>,
        offsets: &'a Converter,
        vocabulary: &'a Vocabulary,
    ) -> Reading<'a> {
        let prediction = input.empty_prediction();
        let mention_of = (0..prediction.document.mentions.len())
            .map(|position| (given_id('m', position), Some(MentionIdx(position as u32))))
            .collect();
        let given_entity_of = match &input.given {
            Material::Entities { entities, .. } => (0..entities.len())
                .map(|position| (given_id('e', position), EntityIdx(position as u32)))
                .collect(),
            _ => FxHashMap::default(),
        };
        let relation_of = FxHashMap::default();
        Reading { input, offsets, vocabulary, prediction, mention_of, given_entity_of, relation_of }
    }

    fn mention(&mut self, raw: &RawValue) {
        let item: Result<MentionItem<'_>, String> = parse(raw);
        let id = item.as_ref().ok().map(|item| item.id.to_string());
        let mention = item.and_then(|item| self.read_mention(&item));
        let read = match mention {
            Ok(mention) => {
                let mentions = &mut self.prediction.document.mentions;
                mentions.push(mention);
                Some(MentionIdx(mentions.len() as u32 - 1))
            }
            Err(reason) => {
                self.malformed(Layer::Mentions, raw.get(), reason);
                None
            }
        };
        if let Some(id) = id {
            // A second mention of one id is malformed; the id stays the first one's.
            self.mention_of.entry(id).or_insert(read);
        }
    }

    fn read_mention(&self, item: &MentionItem<'_>) -> Result<Mention, String> {
        match self.input.given {
            Material::Text => {}
            _ => {
                return Err("the track gives the mentions; a result has none of its own".to_owned());
            }
        }
        if self.mention_of.contains_key(item.id.as_ref()) {
            return Err(format!("the id {:?} is used twice", item.id));
        }
        let spans = self.spans(item)?;
        self.check_echo(item, &spans)?;
        let label = self.label(&item.label)?;
        Ok(Mention {
            form: item.form,
            confidence: item.confidence,
            id: Some(item.id.as_ref().into()),
            ..Mention::new(spans, label)
        })
    }

    fn spans(&self, item: &MentionItem<'_>) -> Result<Spans, String> {
        let span = |[start, end]: [u64; 2]| {
            self.offsets.span(start, end).ok_or_else(|| {
                format!(
                    "{start}..{end} is no stretch of the text: start < end <= {}, on characters",
                    self.offsets.len()
                )
            })
        };
        match (item.start, item.end, item.spans.as_slice()) {
            (Some(start), Some(end), []) => Ok(span([start, end])?.into()),
            (None, None, parts @ [_, ..]) if parts.len() <= limits::SPANS => {
                let spans: Vec<Span> = parts.iter().map(|p| span(*p)).collect::<Result<_, _>>()?;
                Spans::new(spans).ok_or_else(|| "its spans touch or overlap".to_owned())
            }
            _ => Err(format!(
                "a mention has `start` and `end`, or `spans` (at most {})",
                limits::SPANS
            )),
        }
    }

    fn check_echo(&self, item: &MentionItem<'_>, spans: &Spans) -> Result<(), String> {
        let Some(echo) = &item.text else { return Ok(()) };
        let text = self.input.text.as_str();
        let parts = spans.as_slice().iter().filter_map(|span| span.slice(text));
        let found = parts.collect::<Vec<_>>().join(" ");
        if found == *echo {
            Ok(())
        } else {
            Err(format!("{OFFSET_MISMATCH}: the text there is {found:?}, not {echo:?}"))
        }
    }

    fn cluster(&mut self, raw: &RawValue) {
        if self.given_track() == Given::Entities {
            let reason = "the track gives the entities; a result has no clusters";
            return self.malformed(Layer::Entities, raw.get(), reason.to_owned());
        }
        let ids = match parse::<Vec<Cow<'_, str>>>(raw) {
            Ok(ids) if !ids.is_empty() => ids,
            Ok(_) => {
                let reason = "a cluster names at least one mention".to_owned();
                return self.malformed(Layer::Entities, raw.get(), reason);
            }
            Err(reason) => return self.malformed(Layer::Entities, raw.get(), reason),
        };
        let entity = EntityIdx(self.prediction.document.entities.len() as u32);
        let mut members: Vec<MentionIdx> = Vec::new();
        for id in &ids {
            match self.free_mention(id, entity) {
                Ok(Some(mention)) => members.push(mention),
                // It is malformed itself, and counted there.
                Ok(None) => {}
                Err(reason) => self.malformed(Layer::Entities, &format!("{id:?}"), reason),
            }
        }
        if !members.is_empty() {
            let label = self.majority_label(&members);
            self.prediction.document.entities.push(entity_of_type(label));
        }
    }

    /// Puts a mention into an entity.
    fn free_mention(&mut self, id: &str, entity: EntityIdx) -> Result<Option<MentionIdx>, String> {
        let Some(found) = self.mention_of.get(id) else { return Err(no_mention(id)) };
        let Some(found) = *found else { return Ok(None) };
        let mention = &mut self.prediction.document.mentions[found.index()];
        match mention.entity {
            None => {
                mention.entity = Some(entity);
                Ok(Some(found))
            }
            Some(known) if known == entity => Ok(None),
            Some(_) => Err(format!("the mention {id:?} is in another cluster already")),
        }
    }

    /// The most frequent type of mentions, the first one met of equals.
    fn majority_label(&self, members: &[MentionIdx]) -> Label {
        let label = |member: &MentionIdx| self.prediction.document.mentions[member.index()].label;
        let mut counts: Vec<(Label, usize)> = Vec::new();
        for label in members.iter().map(label) {
            match counts.iter_mut().find(|(known, _)| *known == label) {
                Some((_, count)) => *count += 1,
                None => counts.push((label, 1)),
            }
        }
        let best = counts.into_iter().rev().max_by_key(|(_, count)| *count);
        best.expect("the caller has members").0
    }

    /// A mention in no cluster is an entity of its own.
    fn singletons(&mut self) {
        let document = &mut self.prediction.document;
        for mention in document.mentions.iter_mut().filter(|mention| mention.entity.is_none()) {
            mention.entity = Some(EntityIdx(document.entities.len() as u32));
            document.entities.push(entity_of_type(mention.label));
        }
    }

    fn relation(&mut self, raw: &RawValue) {
        let read = parse::<RelationItem<'_>>(raw).and_then(|item| {
            let label = self.label(&item.label)?;
            match self.given_track() {
                Given::Entities => {
                    let (head, tail) =
                        (self.given_entity(&item.head)?, self.given_entity(&item.tail)?);
                    self.add_relation(head, tail, label, &item, None);
                }
                _ => {
                    let (head, tail) = (self.end(&item.head)?, self.end(&item.tail)?);
                    let stated = self.add_mention_relation(head, tail, label, &item);
                    let entity = |end: MentionIdx| {
                        let mention = &self.prediction.document.mentions[end.index()];
                        mention.entity.expect("every mention has an entity by now")
                    };
                    let (head, tail) = (entity(head), entity(tail));
                    self.add_relation(head, tail, label, &item, Some(stated));
                }
            }
            Ok(())
        });
        if let Err(reason) = read {
            self.malformed(Layer::Relations, raw.get(), reason);
        }
    }

    fn end(&self, id: &str) -> Result<MentionIdx, String> {
        let found = self.mention_of.get(id).ok_or_else(|| no_mention(id))?;
        found.ok_or_else(|| format!("its end {id:?} is malformed itself"))
    }

    fn given_entity(&self, id: &str) -> Result<EntityIdx, String> {
        let found = self.given_entity_of.get(id).copied();
        found.ok_or_else(|| format!("no given entity has the id {id:?}"))
    }

    fn add_mention_relation(
        &mut self,
        head: MentionIdx,
        tail: MentionIdx,
        label: Label,
        item: &RelationItem<'_>,
    ) -> MentionRelationIdx {
        let confidence = item.confidence;
        let relations = &mut self.prediction.document.mention_relations;
        relations.push(MentionRelation { head, tail, label, confidence, id: None });
        MentionRelationIdx(relations.len() as u32 - 1)
    }

    /// A relation between two entities is one relation, whichever mentions state it how often; it is
    /// as sure as the surest statement.
    fn add_relation(
        &mut self,
        head: EntityIdx,
        tail: EntityIdx,
        label: Label,
        item: &RelationItem<'_>,
        stated: Option<MentionRelationIdx>,
    ) {
        let relations = &mut self.prediction.document.relations;
        let new = || Relation {
            head,
            tail,
            label,
            evidence: Vec::new(),
            optional: false,
            confidence: None,
            id: None,
        };
        let at = *self.relation_of.entry((head, tail, label)).or_insert_with(|| {
            relations.push(new());
            relations.len() - 1
        });
        let relation = &mut relations[at];
        relation.confidence = match (relation.confidence, item.confidence) {
            (Some(known), Some(next)) => Some(known.max(next)),
            (known, next) => known.or(next),
        };
        if let Some(stated) = stated {
            relation.evidence.push(Evidence { support: vec![stated], ..Evidence::default() });
        }
    }

    fn link(&mut self, raw: &RawValue) {
        let read = parse::<LinkItem<'_>>(raw).and_then(|item| {
            let mention = self.end(&item.mention)?;
            let document = &mut self.prediction.document;
            let entity = document.mentions[mention.index()].entity;
            let links =
                &mut document.entities[entity.expect("every mention has one").index()].links;
            if !links.iter().any(|known| **known == *item.link) {
                links.push(item.link.as_ref().into());
            }
            Ok(())
        });
        if let Err(reason) = read {
            self.malformed(Layer::Other, raw.get(), reason);
        }
    }

    fn label(&self, name: &str) -> Result<Label, String> {
        self.vocabulary.intern_limited(name).map_err(|kind| kind.to_string())
    }

    fn given_track(&self) -> Given {
        self.input.given.track()
    }

    fn malformed(&mut self, layer: Layer, raw: &str, reason: String) {
        let raw = match raw.char_indices().nth(RAW_CHARACTERS) {
            Some((byte, _)) => raw[..byte].to_owned() + "…",
            None => raw.to_owned(),
        };
        self.prediction.malformed.push(Malformed { layer, raw, reason });
    }
}

/// How much of a malformed item is kept.
const RAW_CHARACTERS: usize = 1000;

fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| error.to_string())
}

fn no_mention(id: &str) -> String {
    format!("no mention has the id {id:?}")
}

fn entity_of_type(label: Label) -> Entity {
    Entity { labels: [label].into_iter().collect(), ..Entity::default() }
}
