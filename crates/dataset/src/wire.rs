//! The native JSON of one document: what a line of a `.jsonl` file holds, before it is checked.
//!
//! Offsets here are Unicode code points, references are positions in lists, and nothing is known to
//! be true. [`WireDocument::into_gold`] and [`crate::prediction`] make documents of it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::document::{
    Actuality, Document, Entity, EntityIdx, Evidence, Form, Given, Layers, Mention, MentionIdx,
    MentionRelation, MentionRelationIdx, Meta, Pair, Polarity, Relation, SentenceIdx, Status, Zone,
    ZoneKind,
};
use crate::error::{Error, ErrorKind, Item, Place};
use crate::label::{Interner, Label, Vocabulary};
use crate::limits;
use crate::scan;
use crate::span::{Span, Spans};
use crate::text::{Offsets, Text};

/// Start and end in code points.
pub type WireSpan = [u64; 2];

/// One line of a native file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireDocument<'a> {
    /// [`Document::id`].
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// [`Document::text`]; left out in predictions and in stand-off annotations.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub text: Option<Cow<'a, str>>,
    /// SHA-256 of the text, in stand-off annotations.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub text_sha256: Option<Cow<'a, str>>,
    /// [`Document::meta`].
    #[serde(default, skip_serializing_if = "Meta::is_empty")]
    pub meta: Meta,
    /// [`Document::layers`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<Layers>,
    /// [`Document::given`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub given: Given,
    /// [`Document::zones`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<WireZone>,
    /// [`Document::sentences`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sentences: Vec<WireSpan>,
    /// [`Document::tokens`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<WireSpan>>,
    /// [`Document::mentions`].
    #[serde(default, borrow)]
    pub mentions: Vec<WireMention<'a>>,
    /// [`Document::entities`].
    #[serde(default, borrow, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<WireEntity<'a>>,
    /// [`Document::mention_relations`].
    #[serde(default, borrow, skip_serializing_if = "Vec::is_empty")]
    pub mention_relations: Vec<WireMentionRelation<'a>>,
    /// [`Document::relations`].
    #[serde(default, borrow, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<WireRelation<'a>>,
    /// [`Document::pairs`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Vec<[u64; 2]>>,
}

/// A zone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireZone {
    /// First code point.
    pub start: u64,
    /// One past the last code point.
    pub end: u64,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ZoneKind,
}

/// A mention: `start` and `end`, or `spans` when it is discontinuous.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireMention<'a> {
    /// First code point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
    /// One past the last code point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
    /// All spans of a discontinuous mention.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<WireSpan>,
    /// Its type.
    #[serde(rename = "type", borrow)]
    pub label: Cow<'a, str>,
    /// [`Mention::form`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// [`Mention::head`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<WireSpan>,
    /// [`Mention::link`].
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub link: Option<Cow<'a, str>>,
    /// [`Mention::optional`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
    /// [`Mention::confidence`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// [`Mention::id`].
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub id: Option<Cow<'a, str>>,
}

/// An entity: one `type`, or `types` when there are none or several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireEntity<'a> {
    /// Its type.
    #[serde(rename = "type", default, borrow, skip_serializing_if = "Option::is_none")]
    pub label: Option<Cow<'a, str>>,
    /// Its types.
    #[serde(default, borrow, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<Cow<'a, str>>,
    /// Positions in the list of mentions.
    #[serde(default)]
    pub mentions: Vec<u64>,
    /// [`Entity::links`].
    #[serde(default, borrow, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Cow<'a, str>>,
    /// [`Entity::confidence`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// [`Entity::id`].
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub id: Option<Cow<'a, str>>,
}

/// A relation between two mentions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireMentionRelation<'a> {
    /// Position in the list of mentions.
    pub head: u64,
    /// Position in the list of mentions.
    pub tail: u64,
    /// Its type.
    #[serde(rename = "type", borrow)]
    pub label: Cow<'a, str>,
    /// [`MentionRelation::confidence`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// [`MentionRelation::id`].
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub id: Option<Cow<'a, str>>,
}

/// A relation between two entities.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireRelation<'a> {
    /// Position in the list of entities (of gold, where `given` is `entities`).
    pub head: u64,
    /// Position in the list of entities (of gold, where `given` is `entities`).
    pub tail: u64,
    /// Its type.
    #[serde(rename = "type", borrow)]
    pub label: Cow<'a, str>,
    /// [`Relation::evidence`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<WireEvidence>,
    /// [`Relation::optional`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
    /// [`Relation::confidence`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// [`Relation::id`].
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub id: Option<Cow<'a, str>>,
}

/// One statement that supports a relation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireEvidence {
    /// Positions in the list of sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sentences: Vec<u64>,
    /// Positions in the list of mention relations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub support: Vec<u64>,
    /// Positions in the list of entities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asserted_by: Vec<u64>,
    /// [`Evidence::polarity`].
    #[serde(default, skip_serializing_if = "Polarity::is_default")]
    pub polarity: Polarity,
    /// [`Evidence::actuality`].
    #[serde(default, skip_serializing_if = "Actuality::is_default")]
    pub actuality: Actuality,
    /// [`Evidence::status`].
    #[serde(default, skip_serializing_if = "Status::is_default")]
    pub status: Status,
    /// Position in the list of entities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<u64>,
    /// Position in the list of entities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// Position in the list of entities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u64>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

// ------------------------------------------------------------------------------------------------
// From a line to a document
// ------------------------------------------------------------------------------------------------

/// Parses one line.
///
/// # Errors
/// No JSON, or not of the native form.
pub(crate) fn parse(line: &str) -> Result<WireDocument<'_>, serde_json::Error> {
    scan::document(line).map_or_else(|| serde_json::from_str(line), Ok)
}

/// What is wrong with a line that is no JSON of the native form.
pub(crate) fn json_error(line: &str, error: serde_json::Error) -> Error {
    let column = error.column();
    let rest = line.as_bytes().get(column.saturating_sub(1)..).unwrap_or_default();
    let rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let is_no_number = error.line() == 1 && (rest.starts_with(b"NaN") || rest.starts_with(b"Inf"));
    let kind = match is_no_number {
        true => ErrorKind::NoNumber { column },
        false => ErrorKind::Json(error),
    };
    Error::new(Place::default(), kind)
}

/// Converts offsets, references and labels of one document, item by item.
pub(crate) struct Converter<'a> {
    pub(crate) offsets: &'a Offsets,
    pub(crate) interner: &'a Interner<'a>,
}

impl Converter<'_> {
    pub(crate) fn span(&self, item: Item, [start, end]: WireSpan) -> Result<Span, ErrorKind> {
        let narrow = |offset: u64| u32::try_from(offset).ok();
        narrow(start)
            .zip(narrow(end))
            .and_then(|(start, end)| self.offsets.span(start, end))
            .ok_or_else(|| {
                let length = u64::from(self.offsets.len());
                ErrorKind::SpanOutOfRange { item, start, end, length }
            })
    }

    fn spans(&self, item: Item, wire: &WireMention<'_>) -> Result<Spans, ErrorKind> {
        match (wire.start, wire.end, wire.spans.as_slice()) {
            (Some(start), Some(end), []) => Ok(self.span(item, [start, end])?.into()),
            (None, None, parts @ [_, ..]) => {
                limit("spans of one mention", parts.len(), limits::SPANS)?;
                let spans = parts.iter().map(|part| self.span(item, *part));
                let spans: Vec<Span> = spans.collect::<Result<_, _>>()?;
                Spans::new(spans).ok_or(ErrorKind::SpansNotApart { item })
            }
            _ => Err(ErrorKind::Relation {
                item,
                message: "needs either `start` and `end`, or `spans`".to_owned(),
            }),
        }
    }

    pub(crate) fn mention(&self, item: Item, wire: &WireMention<'_>) -> Result<Mention, ErrorKind> {
        Ok(Mention {
            spans: self.spans(item, wire)?,
            label: self.interner.intern(&wire.label)?,
            form: wire.form,
            head: wire.head.map(|head| self.span(item, head)).transpose()?,
            entity: None,
            link: wire.link.as_deref().map(Box::from),
            optional: wire.optional,
            confidence: finite(item, wire.confidence)?,
            id: wire.id.as_deref().map(Box::from),
        })
    }

    pub(crate) fn entity(&self, item: Item, wire: &WireEntity<'_>) -> Result<Entity, ErrorKind> {
        let labels = wire.label.iter().chain(&wire.types);
        Ok(Entity {
            labels: labels.map(|label| self.interner.intern(label)).collect::<Result<_, _>>()?,
            links: wire.links.iter().map(|link| Box::from(link.as_ref())).collect(),
            confidence: finite(item, wire.confidence)?,
            id: wire.id.as_deref().map(Box::from),
        })
    }

    pub(crate) fn mention_relation(
        &self,
        item: Item,
        wire: &WireMentionRelation<'_>,
        mentions: usize,
    ) -> Result<MentionRelation, ErrorKind> {
        let head = MentionIdx(reference(item, "mentions", wire.head, mentions)?);
        let tail = MentionIdx(reference(item, "mentions", wire.tail, mentions)?);
        self.mention_relation_of(item, wire, head, tail)
    }

    /// The relation, whose ends are known.
    pub(crate) fn mention_relation_of(
        &self,
        item: Item,
        wire: &WireMentionRelation<'_>,
        head: MentionIdx,
        tail: MentionIdx,
    ) -> Result<MentionRelation, ErrorKind> {
        Ok(MentionRelation {
            head,
            tail,
            label: self.interner.intern(&wire.label)?,
            confidence: finite(item, wire.confidence)?,
            id: wire.id.as_deref().map(Box::from),
        })
    }

    pub(crate) fn relation(
        &self,
        item: Item,
        wire: &WireRelation<'_>,
        counts: Counts,
    ) -> Result<Relation, ErrorKind> {
        let mut pieces = Vec::with_capacity(wire.evidence.len());
        for piece in &wire.evidence {
            pieces.push(evidence(item, piece, counts)?);
        }
        let head = EntityIdx(reference(item, "entities", wire.head, counts.endpoints)?);
        let tail = EntityIdx(reference(item, "entities", wire.tail, counts.endpoints)?);
        self.relation_of(item, wire, head, tail, pieces)
    }

    /// The relation, whose ends and evidence are known.
    pub(crate) fn relation_of(
        &self,
        item: Item,
        wire: &WireRelation<'_>,
        head: EntityIdx,
        tail: EntityIdx,
        evidence: Vec<Evidence>,
    ) -> Result<Relation, ErrorKind> {
        Ok(Relation {
            head,
            tail,
            label: self.interner.intern(&wire.label)?,
            evidence,
            optional: wire.optional,
            confidence: finite(item, wire.confidence)?,
            id: wire.id.as_deref().map(Box::from),
        })
    }
}

/// How many items references may point to.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) endpoints: usize,
    pub(crate) sentences: usize,
    pub(crate) mention_relations: usize,
}

fn evidence(item: Item, wire: &WireEvidence, counts: Counts) -> Result<Evidence, ErrorKind> {
    let entity =
        |position: u64| reference(item, "entities", position, counts.endpoints).map(EntityIdx);
    let sentence =
        |position: &u64| reference(item, "sentences", *position, counts.sentences).map(SentenceIdx);
    let support = |position: &u64| {
        reference(item, "mention_relations", *position, counts.mention_relations)
            .map(MentionRelationIdx)
    };
    Ok(Evidence {
        sentences: wire.sentences.iter().map(sentence).collect::<Result<_, _>>()?,
        support: wire.support.iter().map(support).collect::<Result<_, _>>()?,
        asserted_by: wire.asserted_by.iter().map(|p| entity(*p)).collect::<Result<_, _>>()?,
        polarity: wire.polarity,
        actuality: wire.actuality,
        status: wire.status,
        time: wire.time.map(entity).transpose()?,
        amount: wire.amount.map(entity).transpose()?,
        item: wire.item.map(entity).transpose()?,
    })
}

pub(crate) fn reference(
    item: Item,
    list: &'static str,
    position: u64,
    count: usize,
) -> Result<u32, ErrorKind> {
    if position < count as u64 {
        Ok(position as u32)
    } else {
        Err(ErrorKind::Dangling { item, list, position, count })
    }
}

pub(crate) fn finite(item: Item, confidence: Option<f64>) -> Result<Option<f64>, ErrorKind> {
    match confidence {
        Some(value) if !value.is_finite() => Err(ErrorKind::NotFinite { item }),
        other => Ok(other),
    }
}

pub(crate) fn limit(what: &'static str, value: usize, limit: usize) -> Result<(), ErrorKind> {
    if value <= limit {
        Ok(())
    } else {
        Err(ErrorKind::Limit { what, value: value as u64, limit: limit as u64 })
    }
}

impl WireDocument<'_> {
    /// The document, refused where anything in it is wrong. Types are not compared with an ontology
    /// here: [`crate::check`] does.
    ///
    /// # Errors
    /// No text, offsets outside it, dangling references, a mention in two entities, limits.
    pub fn into_gold(self, vocabulary: &Vocabulary) -> Result<Document, Error> {
        self.into_gold_with(&Interner::new(vocabulary))
    }

    pub(crate) fn into_gold_with(self, interner: &Interner<'_>) -> Result<Document, Error> {
        let id = self.id.clone().into_owned();
        let Some(text) = &self.text else {
            return Err(Error::new(Place::default(), ErrorKind::NoText).in_document(&id));
        };
        let text = Text::new(text.as_ref());
        self.with_text(text, interner)
            .map_err(|kind| Error::new(Place::default(), kind).in_document(&id))
    }

    pub(crate) fn check_limits(&self) -> Result<(), ErrorKind> {
        limit("bytes of the document id", self.id.len(), limits::ID_BYTES)?;
        limit("bytes of text", self.text.as_ref().map_or(0, |t| t.len()), limits::TEXT_BYTES)?;
        limit("mentions", self.mentions.len(), limits::MENTIONS)?;
        limit("entities", self.entities.len(), limits::ENTITIES)?;
        limit("mention relations", self.mention_relations.len(), limits::RELATIONS)?;
        limit("relations", self.relations.len(), limits::RELATIONS)
    }

    pub(crate) fn with_text(
        self,
        text: Text,
        interner: &Interner<'_>,
    ) -> Result<Document, ErrorKind> {
        self.check_limits()?;
        limit("bytes of text", text.len(), limits::TEXT_BYTES)?;
        let offsets = Offsets::of(text.as_str());
        let convert = Converter { offsets: &offsets, interner };
        let mut document = Document {
            id: Box::from(self.id.as_ref()),
            meta: self.meta,
            layers: self.layers,
            given: self.given,
            zones: all("zones", &self.zones, |item, zone| {
                let span = convert.span(item, [zone.start, zone.end])?;
                Ok(Zone { span, kind: zone.kind })
            })?,
            sentences: all("sentences", &self.sentences, |item, span| convert.span(item, *span))?,
            tokens: match &self.tokens {
                Some(tokens) => {
                    Some(all("tokens", tokens, |item, span| convert.span(item, *span))?)
                }
                None => None,
            },
            mentions: all("mentions", &self.mentions, |item, m| convert.mention(item, m))?,
            entities: all("entities", &self.entities, |item, e| convert.entity(item, e))?,
            ..Document::default()
        };
        for (position, entity) in self.entities.iter().enumerate() {
            let item = Item::new("entities", position);
            for mention in &entity.mentions {
                join(&mut document.mentions, item, *mention)?;
            }
        }
        let counts = Counts {
            endpoints: document.entities.len(),
            sentences: document.sentences.len(),
            mention_relations: self.mention_relations.len(),
        };
        let mentions = document.mentions.len();
        document.mention_relations =
            all("mention_relations", &self.mention_relations, |item, relation| {
                convert.mention_relation(item, relation, mentions)
            })?;
        document.relations = all("relations", &self.relations, |item, relation| {
            convert.relation(item, relation, counts)
        })?;
        document.pairs = match &self.pairs {
            Some(pairs) => Some(all("pairs", pairs, |item, [head, tail]| {
                let head = MentionIdx(reference(item, "mentions", *head, mentions)?);
                let tail = MentionIdx(reference(item, "mentions", *tail, mentions)?);
                Ok(Pair { head, tail })
            })?),
            None => None,
        };
        document.text = text;
        Ok(document)
    }
}

/// Puts a mention into the entity at `item`.
pub(crate) fn join(mentions: &mut [Mention], item: Item, mention: u64) -> Result<(), ErrorKind> {
    let position = reference(item, "mentions", mention, mentions.len())?;
    let entity = EntityIdx(item.position as u32);
    match mentions[position as usize].entity.replace(entity) {
        Some(first) if first != entity => {
            mentions[position as usize].entity = Some(first);
            Err(ErrorKind::MentionShared { mention: position, first: first.0, second: entity.0 })
        }
        _ => Ok(()),
    }
}

fn all<W, T>(
    list: &'static str,
    items: &[W],
    mut convert: impl FnMut(Item, &W) -> Result<T, ErrorKind>,
) -> Result<Vec<T>, ErrorKind> {
    // Collecting results would not know how many there are.
    let mut converted = Vec::with_capacity(items.len());
    for (position, wire) in items.iter().enumerate() {
        converted.push(convert(Item::new(list, position), wire)?);
    }
    Ok(converted)
}

// ------------------------------------------------------------------------------------------------
// From a document to a line
// ------------------------------------------------------------------------------------------------

/// Which text a written document carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPolicy {
    /// The text itself (gold).
    Inline,
    /// Only its SHA-256 (stand-off).
    Hash,
    /// Nothing (predictions: the text is gold's).
    Omit,
}

impl<'a> WireDocument<'a> {
    /// The wire form of a document. Borrows what it can.
    pub fn of(document: &'a Document, vocabulary: &Vocabulary, policy: TextPolicy) -> Self {
        let offsets = Offsets::of(document.text.as_str());
        let pair = |span: Span| {
            let (start, end) = offsets.code_points(span);
            [u64::from(start), u64::from(end)]
        };
        // The vocabulary is shared by all threads: each name is asked for once.
        let known: RefCell<Vec<(Label, Arc<str>)>> = RefCell::default();
        let name = |label| {
            let mut known = known.borrow_mut();
            let at = known.iter().position(|(other, _)| *other == label).unwrap_or_else(|| {
                known.push((label, vocabulary.name(label)));
                known.len() - 1
            });
            Cow::Owned(String::from(&*known[at].1))
        };
        let borrow = |id: &'a Option<Box<str>>| id.as_deref().map(Cow::Borrowed);
        let members = document.mentions_by_entity();
        WireDocument {
            id: Cow::Borrowed(&document.id),
            text: (policy == TextPolicy::Inline).then(|| Cow::Borrowed(document.text.as_str())),
            text_sha256: (policy == TextPolicy::Hash).then(|| document.text.sha256().into()),
            meta: document.meta.clone(),
            layers: document.layers.clone(),
            given: document.given,
            zones: document
                .zones
                .iter()
                .map(|zone| {
                    let [start, end] = pair(zone.span);
                    WireZone { start, end, kind: zone.kind }
                })
                .collect(),
            sentences: document.sentences.iter().copied().map(pair).collect(),
            tokens: document.tokens.as_ref().map(|t| t.iter().copied().map(pair).collect()),
            mentions: document
                .mentions
                .iter()
                .map(|mention| {
                    let single =
                        (!mention.spans.is_discontinuous()).then(|| pair(mention.spans.first()));
                    let parts = mention.spans.as_slice();
                    WireMention {
                        start: single.map(|[start, _]| start),
                        end: single.map(|[_, end]| end),
                        spans: match single {
                            Some(_) => Vec::new(),
                            None => parts.iter().copied().map(pair).collect(),
                        },
                        label: name(mention.label),
                        form: mention.form,
                        head: mention.head.map(pair),
                        link: borrow(&mention.link),
                        optional: mention.optional,
                        confidence: mention.confidence,
                        id: borrow(&mention.id),
                    }
                })
                .collect(),
            entities: document
                .entities
                .iter()
                .zip(members)
                .map(|(entity, members)| WireEntity {
                    label: match *entity.labels {
                        [label] => Some(name(label)),
                        _ => None,
                    },
                    types: match *entity.labels {
                        [_] => Vec::new(),
                        ref labels => labels.iter().copied().map(name).collect(),
                    },
                    mentions: members.iter().map(|mention| u64::from(mention.0)).collect(),
                    links: entity.links.iter().map(|link| Cow::Borrowed(&**link)).collect(),
                    confidence: entity.confidence,
                    id: borrow(&entity.id),
                })
                .collect(),
            mention_relations: document
                .mention_relations
                .iter()
                .map(|relation| WireMentionRelation {
                    head: relation.head.0.into(),
                    tail: relation.tail.0.into(),
                    label: name(relation.label),
                    confidence: relation.confidence,
                    id: borrow(&relation.id),
                })
                .collect(),
            relations: document
                .relations
                .iter()
                .map(|relation| WireRelation {
                    head: relation.head.0.into(),
                    tail: relation.tail.0.into(),
                    label: name(relation.label),
                    evidence: relation.evidence.iter().map(wire_evidence).collect(),
                    optional: relation.optional,
                    confidence: relation.confidence,
                    id: borrow(&relation.id),
                })
                .collect(),
            pairs: document
                .pairs
                .as_ref()
                .map(|pairs| pairs.iter().map(|p| [p.head.0.into(), p.tail.0.into()]).collect()),
        }
    }
}

fn wire_evidence(evidence: &Evidence) -> WireEvidence {
    let entity = |entity: EntityIdx| u64::from(entity.0);
    WireEvidence {
        sentences: evidence.sentences.iter().map(|sentence| sentence.0.into()).collect(),
        support: evidence.support.iter().map(|relation| relation.0.into()).collect(),
        asserted_by: evidence.asserted_by.iter().copied().map(entity).collect(),
        polarity: evidence.polarity,
        actuality: evidence.actuality,
        status: evidence.status,
        time: evidence.time.map(entity),
        amount: evidence.amount.map(entity),
        item: evidence.item.map(entity),
    }
}
