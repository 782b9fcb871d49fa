//! Predictions: the shape of gold, without its authority.
//!
//! Nothing in a prediction is refused for its content. An item that cannot be understood is set
//! apart with its raw text and the reason; scoring counts it as one false positive in each view that
//! it would have entered. A type that the ontology does not know is no such item: it is kept under
//! its own (alien) label, which no gold item has.

//!
//! An extractor that gives strings and no offsets puts them under the key `strings`; they are looked up in
//! the text ([`read`]).

mod strings;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use smallvec::SmallVec;

use crate::document::{
    Document, Entity, EntityIdx, Evidence, Given, Mention, MentionIdx, MentionRelationIdx,
    Relation, SentenceIdx,
};
use crate::error::{Error, ErrorKind, Item};
use crate::label::{Interner, Label, Vocabulary};
use crate::limits;
use crate::span::Span;
use crate::text::{Offsets, Text};
use crate::wire::{
    self, Converter, WireDocument, WireEntity, WireEvidence, WireMention, WireMentionRelation,
    WireRelation, reference,
};

/// A predicted document, and the items of it that could not be understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// What could be understood.
    pub document: Document,
    /// What could not.
    pub malformed: Vec<Malformed>,
    /// How many strings without offsets were looked up in the text.
    pub strings: u64,
}

/// An item of a prediction that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The layer that it would have entered.
    pub layer: Layer,
    /// The item as it stood in the file (JSON), cut after 1,000 characters.
    pub raw: String,
    /// What is wrong with it, and what would be right.
    pub reason: String,
}

/// A layer of annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Mentions.
    Mentions,
    /// Entities, and which mentions are theirs.
    Entities,
    /// Relations between mentions.
    MentionRelations,
    /// Relations between entities.
    Relations,
    /// Zones, sentences, tokens, candidate pairs: not scored.
    Other,
}

/// One line of a prediction file, before it met the text that it speaks about.
#[derive(Clone, Debug)]
pub struct RawPrediction {
    id: Box<str>,
    json: Box<str>,
}

impl RawPrediction {
    /// Takes a line that holds a JSON object with a string `id`.
    ///
    /// # Errors
    /// It does not, or it has the id or a layer twice.
    pub fn parse(line: &str) -> Result<RawPrediction, Error> {
        let loose = loose(line)?;
        Ok(RawPrediction { id: Box::from(loose.id.as_ref()), json: line.into() })
    }

    /// The document that it speaks about.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The line as it stood in the file.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Joins it with the gold document of the same id: its text, and in a track that gives gold
    /// mentions or entities, the lists that endpoints point to.
    pub fn attach(&self, gold: &Document, vocabulary: &Vocabulary) -> Prediction {
        let joined = read(&self.json, gold, &Interner::new(vocabulary));
        joined.expect("the line was parsed before")
    }
}

/// Parses a line and joins it with the gold document that it speaks about, in one step. One interner
/// serves the many lines of one thread.
///
/// Strings without offsets stand under the key `strings`:
///
/// ```
/// use ere_dataset::label::Interner;
/// use ere_dataset::{Vocabulary, jsonl, prediction};
/// let vocabulary = Vocabulary::default();
/// let gold = jsonl::gold_from_str(r#"{"id":"a","text":"Ann runs Acme. Ann!"}"#, &vocabulary)?;
/// let line = r#"{"id":"a","strings":{
///     "mentions":[{"text":"Ann","type":"PER"},{"text":"Zed","type":"PER"}],
///     "relations":[{"head":"Ann","tail":"Acme","type":"head_of"}]}}"#;
/// let pred = prediction::read(line, &gold, &Interner::new(&vocabulary))?;
/// assert_eq!((pred.document.mentions.len(), pred.document.relations.len()), (3, 1));
/// assert_eq!(pred.malformed[0].reason, "\"Zed\" does not stand in the text");
/// # Ok::<(), ere_dataset::Error>(())
/// ```
///
/// Each string is one entity, all its places its mentions, with the types that `mentions` or the end of a
/// relation (`{"text":…,"type":…}`) gives it, or the type `untyped`. Strings are compared in NFKC, as they are
/// written and else in lower case, at word boundaries, the longest first. A string that is not found is
/// malformed, and so is a relation with such an end: a false positive each.
///
/// # Errors
/// As [`RawPrediction::parse`].
pub fn read(line: &str, gold: &Document, interner: &Interner<'_>) -> Result<Prediction, Error> {
    if let Ok(wire) = wire::parse(line) {
        return Ok(Lenient::new(wire.given, gold, interner).well_formed(wire));
    }
    // The slow way, for lines with unknown keys or items of a wrong shape.
    let loose = loose(line)?;
    let given = loose.given.and_then(parse).unwrap_or_default();
    Ok(Lenient::new(given, gold, interner).item_by_item(&loose))
}

/// Reads a prediction for a document that gold does not have, against its own text; where it has none, against
/// as many blanks as its offsets ask for.
///
/// # Errors
/// As [`RawPrediction::parse`].
pub fn alone(line: &str, interner: &Interner<'_>) -> Result<Prediction, Error> {
    let loose = loose(line)?;
    let text = loose.text.and_then(parse::<String>);
    let text = text.unwrap_or_else(|| " ".repeat(reach(&loose).min(limits::TEXT_BYTES)));
    let document =
        Document { id: loose.id.as_ref().into(), text: Text::new(text), ..Document::default() };
    read(line, &document, interner)
}

/// The greatest offset of a mention.
fn reach(loose: &LooseDocument<'_>) -> usize {
    #[derive(Deserialize)]
    struct Ends {
        #[serde(default)]
        end: u64,
        #[serde(default)]
        spans: Vec<(u64, u64)>,
    }
    let mentions: Vec<&RawValue> =
        loose.mentions.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let ends = mentions.iter().filter_map(|raw| serde_json::from_str::<Ends>(raw.get()).ok());
    let ends = ends.map(|ends| ends.spans.iter().map(|span| span.1).fold(ends.end, u64::max));
    usize::try_from(ends.max().unwrap_or(0)).unwrap_or(usize::MAX)
}

fn loose(line: &str) -> Result<LooseDocument<'_>, Error> {
    serde_json::from_str(line).map_err(|error| wire::json_error(line, error))
}

/// A prediction that says nothing about a document.
pub fn empty(gold: &Document) -> Prediction {
    let document = Document { id: gold.id.clone(), text: gold.text.clone(), ..Document::default() };
    Prediction { document, ..Prediction::default() }
}

struct Lenient<'a> {
    gold: &'a Document,
    interner: &'a Interner<'a>,
    offsets: Offsets,
    prediction: Prediction,
    /// Where each mention of the file went, if it was understood.
    mention_at: Vec<Option<MentionIdx>>,
    /// Where each entity of the file went, if it was understood.
    entity_at: Vec<Option<EntityIdx>>,
    /// Where each mention relation of the file went, if it was understood.
    mention_relation_at: Vec<Option<MentionRelationIdx>>,
    /// How many relations of the file were read.
    relations: usize,
}

impl<'a> Lenient<'a> {
    fn new(given: Given, gold: &'a Document, interner: &'a Interner<'a>) -> Lenient<'a> {
        let mut prediction = empty(gold);
        prediction.document.given = given;
        let offsets = Offsets::of(gold.text.as_str());
        Lenient {
            gold,
            interner,
            offsets,
            prediction,
            mention_at: Vec::new(),
            entity_at: Vec::new(),
            mention_relation_at: Vec::new(),
            relations: 0,
        }
    }

    fn well_formed(mut self, wire: WireDocument<'_>) -> Prediction {
        self.text(wire.text.as_deref());
        self.prediction.document.meta = wire.meta;
        let document = &mut self.prediction.document;
        document.mentions.reserve(wire.mentions.len());
        document.entities.reserve(wire.entities.len());
        document.mention_relations.reserve(wire.mention_relations.len());
        document.relations.reserve(wire.relations.len());
        self.mention_at.reserve(wire.mentions.len());
        self.entity_at.reserve(wire.entities.len());
        for item in &wire.mentions {
            self.mention(Ok(item), || json_of(item));
        }
        for item in &wire.entities {
            self.entity(Ok(item), || json_of(item));
        }
        for item in &wire.mention_relations {
            self.mention_relation(Ok(item), || json_of(item));
        }
        for item in &wire.relations {
            self.relation(Ok(item), || json_of(item));
        }
        self.prediction
    }

    fn item_by_item(mut self, loose: &LooseDocument<'_>) -> Prediction {
        self.text(loose.text.and_then(parse::<String>).as_deref());
        self.prediction.document.meta = loose.meta.and_then(parse).unwrap_or_default();
        for raw in self.list(loose.mentions, "mentions", Layer::Mentions) {
            let known = known_keys(raw, MENTION_KEYS);
            let item = typed::<WireMention<'_>>(&known);
            self.mention(item.as_ref().map_err(String::clone), || raw.get().to_owned());
        }
        for raw in self.list(loose.entities, "entities", Layer::Entities) {
            let known = known_keys(raw, ENTITY_KEYS);
            let item = typed::<WireEntity<'_>>(&known);
            self.entity(item.as_ref().map_err(String::clone), || raw.get().to_owned());
        }
        let layer = Layer::MentionRelations;
        for raw in self.list(loose.mention_relations, "mention_relations", layer) {
            let known = known_keys(raw, MENTION_RELATION_KEYS);
            let item = typed::<WireMentionRelation<'_>>(&known);
            self.mention_relation(item.as_ref().map_err(String::clone), || raw.get().to_owned());
        }
        for raw in self.list(loose.relations, "relations", Layer::Relations) {
            let known = known_keys(raw, RELATION_KEYS);
            let item = typed::<WireRelation<'_>>(&known);
            self.relation(item.as_ref().map_err(String::clone), || raw.get().to_owned());
        }
        if let Some(strings) = loose.strings {
            self.strings(strings);
        }
        self.prediction
    }

    /// Strings without offsets.
    fn strings(&mut self, raw: &RawValue) {
        let lists: StringLists<'_> = match serde_json::from_str(raw.get()) {
            Ok(lists) => lists,
            Err(error) => {
                return self.malformed(Layer::Relations, raw.get().to_owned(), reason(&error));
            }
        };
        let (mut mentions, mut relations) = (Vec::new(), Vec::new());
        for raw in self.list(lists.mentions, "strings.mentions", Layer::Mentions) {
            match serde_json::from_str::<TypedString>(raw.get()) {
                Ok(mention) => mentions.push((mention, raw)),
                Err(error) => {
                    self.malformed(Layer::Mentions, raw.get().to_owned(), reason(&error));
                }
            }
        }
        for raw in self.list(lists.relations, "strings.relations", Layer::Relations) {
            match serde_json::from_str::<StringRelation>(raw.get()) {
                Ok(relation) => relations.push((relation, raw)),
                Err(error) => {
                    self.malformed(Layer::Relations, raw.get().to_owned(), reason(&error));
                }
            }
        }
        // Each string once, with its types.
        let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (mention, _) in &mentions {
            types.entry(&mention.text).or_default().insert(&mention.label);
        }
        for end in relations.iter().flat_map(|(relation, _)| [&relation.head, &relation.tail]) {
            types.entry(end.text()).or_default().extend(end.label());
        }
        self.prediction.strings += types.len() as u64;
        let texts: Vec<&str> = types.keys().copied().collect();
        let places = strings::locate(self.gold.text.as_str(), &texts);
        let too_much = places.is_none();
        let places = places.unwrap_or_else(|| vec![Vec::new(); texts.len()]);
        let mut entities: BTreeMap<&str, EntityIdx> = BTreeMap::new();
        for ((text, types), places) in types.iter().zip(&places).filter(|(_, p)| !p.is_empty()) {
            entities.insert(text, self.located(types, places));
        }
        let missing = |text: &str| match too_much {
            true => format!("too many strings to look up in a text of this length: {text:?}"),
            false => format!("{text:?} does not stand in the text"),
        };
        for (mention, raw) in &mentions {
            if !entities.contains_key(&*mention.text) {
                self.malformed(Layer::Mentions, raw.get().to_owned(), missing(&mention.text));
            }
        }
        for (relation, raw) in &relations {
            let [head, tail] = [relation.head.text(), relation.tail.text()];
            let end = |text: &str| entities.get(text).copied().ok_or_else(|| missing(text));
            let found = end(head).and_then(|head| Ok((head, end(tail)?)));
            let label = self.interner.intern(&relation.label).map_err(|kind| kind.to_string());
            match found.and_then(|(head, tail)| Ok((head, tail, label?))) {
                Ok((head, tail, label)) => self.prediction.document.relations.push(Relation {
                    head,
                    tail,
                    label,
                    evidence: Vec::new(),
                    optional: false,
                    confidence: None,
                    id: None,
                }),
                Err(reason) => self.malformed(Layer::Relations, raw.get().to_owned(), reason),
            }
        }
    }

    /// An entity whose mentions are the places of a string, once for each of its types.
    fn located(&mut self, types: &BTreeSet<&str>, places: &[Span]) -> EntityIdx {
        let untyped = BTreeSet::from([UNTYPED]);
        let types = if types.is_empty() { &untyped } else { types };
        // A type that cannot be one is none.
        let labels: SmallVec<[Label; 1]> =
            types.iter().filter_map(|label| self.interner.intern(label).ok()).collect();
        let document = &mut self.prediction.document;
        let at = EntityIdx(document.entities.len() as u32);
        for place in places {
            for label in &labels {
                let entity = Some(at);
                document.mentions.push(Mention { entity, ..Mention::new(*place, *label) });
            }
        }
        document.entities.push(Entity { labels, ..Entity::default() });
        at
    }

    /// The items of a list. What stands in its place and is no list is one malformed item.
    fn list<'r>(
        &mut self,
        raw: Option<&'r RawValue>,
        key: &str,
        layer: Layer,
    ) -> Vec<&'r RawValue> {
        let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Vec::new() };
        serde_json::from_str(raw.get()).unwrap_or_else(|_| {
            self.malformed(layer, raw.get().to_owned(), format!("`{key}` must be a list"));
            Vec::new()
        })
    }

    fn text(&mut self, text: Option<&str>) {
        if text.is_some_and(|text| text != self.gold.text.as_str()) {
            let reason = "the prediction carries another text than the gold document; \
                          its offsets are read against gold's text";
            self.malformed(Layer::Other, String::new(), reason.to_owned());
        }
    }

    fn mention(&mut self, wire: Result<&WireMention<'_>, String>, raw: impl FnOnce() -> String) {
        let item = Item::new("mentions", self.mention_at.len());
        let convert = Converter { offsets: &self.offsets, interner: self.interner };
        let mention =
            wire.and_then(|wire| convert.mention(item, wire).map_err(|kind| kind.to_string()));
        let mentions = &mut self.prediction.document.mentions;
        match mention {
            Ok(mention) => {
                self.mention_at.push(Some(MentionIdx(mentions.len() as u32)));
                mentions.push(mention);
            }
            Err(reason) => {
                self.mention_at.push(None);
                self.malformed(Layer::Mentions, raw(), reason);
            }
        }
    }

    fn entity(&mut self, wire: Result<&WireEntity<'_>, String>, raw: impl FnOnce() -> String) {
        let item = Item::new("entities", self.entity_at.len());
        let convert = Converter { offsets: &self.offsets, interner: self.interner };
        let entity = wire.and_then(|wire| {
            let entity = convert.entity(item, wire).map_err(|kind| kind.to_string())?;
            Ok((entity, &wire.mentions))
        });
        match entity {
            Ok((entity, members)) => {
                let at = EntityIdx(self.prediction.document.entities.len() as u32);
                self.entity_at.push(Some(at));
                self.prediction.document.entities.push(entity);
                for member in members {
                    self.member(item, at, *member);
                }
            }
            Err(reason) => {
                self.entity_at.push(None);
                self.malformed(Layer::Entities, raw(), reason);
            }
        }
    }

    /// Puts a mention of the file into an entity. A mention that was itself malformed is counted
    /// there, not here again.
    fn member(&mut self, item: Item, entity: EntityIdx, member: u64) {
        let count = self.mention_at.len();
        let joined = reference(item, "mentions", member, count).and_then(|position| {
            let Some(at) = self.mention_at[position as usize] else { return Ok(()) };
            let mention = &mut self.prediction.document.mentions[at.index()];
            match mention.entity {
                Some(first) if first != entity => Err(ErrorKind::MentionShared {
                    mention: position,
                    first: first.0,
                    second: entity.0,
                }),
                _ => {
                    mention.entity = Some(entity);
                    Ok(())
                }
            }
        });
        if let Err(kind) = joined {
            self.malformed(Layer::Entities, member.to_string(), kind.to_string());
        }
    }

    fn mention_relation(
        &mut self,
        wire: Result<&WireMentionRelation<'_>, String>,
        raw: impl FnOnce() -> String,
    ) {
        let item = Item::new("mention_relations", self.mention_relation_at.len());
        let relation = wire.and_then(|wire| {
            let head = self.mention_endpoint(item, wire.head)?;
            let tail = self.mention_endpoint(item, wire.tail)?;
            let convert = Converter { offsets: &self.offsets, interner: self.interner };
            convert.mention_relation_of(item, wire, head, tail).map_err(|kind| kind.to_string())
        });
        let relations = &mut self.prediction.document.mention_relations;
        match relation {
            Ok(relation) => {
                self.mention_relation_at.push(Some(MentionRelationIdx(relations.len() as u32)));
                relations.push(relation);
            }
            Err(reason) => {
                self.mention_relation_at.push(None);
                self.malformed(Layer::MentionRelations, raw(), reason);
            }
        }
    }

    fn relation(&mut self, wire: Result<&WireRelation<'_>, String>, raw: impl FnOnce() -> String) {
        let item = Item::new("relations", self.relations);
        self.relations += 1;
        let relation = wire.and_then(|wire| {
            let head = self.entity_endpoint(item, wire.head)?;
            let tail = self.entity_endpoint(item, wire.tail)?;
            let evidence = wire.evidence.iter().map(|piece| self.evidence(item, piece)).collect();
            let convert = Converter { offsets: &self.offsets, interner: self.interner };
            convert.relation_of(item, wire, head, tail, evidence).map_err(|kind| kind.to_string())
        });
        match relation {
            Ok(relation) => self.prediction.document.relations.push(relation),
            Err(reason) => self.malformed(Layer::Relations, raw(), reason),
        }
    }

    /// Where a mention relation's endpoint went: among gold's mentions where they were given, else
    /// among the prediction's own.
    fn mention_endpoint(&self, item: Item, position: u64) -> Result<MentionIdx, String> {
        let is_given = self.prediction.document.given == Given::Mentions;
        let count = if is_given { self.gold.mentions.len() } else { self.mention_at.len() };
        let found = reference(item, "mentions", position, count).map_err(|k| k.to_string())?;
        if is_given {
            return Ok(MentionIdx(found));
        }
        self.mention_at[found as usize]
            .ok_or_else(|| format!("its end mentions[{found}] is malformed itself"))
    }

    /// The same for entity relations.
    fn entity_endpoint(&self, item: Item, position: u64) -> Result<EntityIdx, String> {
        let is_given = self.prediction.document.given == Given::Entities;
        let count = if is_given { self.gold.entities.len() } else { self.entity_at.len() };
        let found = reference(item, "entities", position, count).map_err(|k| k.to_string())?;
        if is_given {
            return Ok(EntityIdx(found));
        }
        self.entity_at[found as usize]
            .ok_or_else(|| format!("its end entities[{found}] is malformed itself"))
    }

    /// Attributes that refer to nothing are set apart one by one; the relation itself stands.
    fn evidence(&mut self, item: Item, wire: &WireEvidence) -> Evidence {
        let mut evidence = Evidence {
            polarity: wire.polarity,
            actuality: wire.actuality,
            status: wire.status,
            ..Evidence::default()
        };
        for &position in &wire.sentences {
            match reference(item, "sentences", position, self.gold.sentences.len()) {
                Ok(at) => evidence.sentences.push(SentenceIdx(at)),
                Err(kind) => self.malformed(Layer::Other, position.to_string(), kind.to_string()),
            }
        }
        for &position in &wire.support {
            match self.support(item, position) {
                Ok(at) => evidence.support.push(at),
                Err(reason) => self.malformed(Layer::Other, position.to_string(), reason),
            }
        }
        let mut entity = |position: u64| match self.entity_endpoint(item, position) {
            Ok(at) => Some(at),
            Err(reason) => {
                self.malformed(Layer::Other, position.to_string(), reason);
                None
            }
        };
        evidence.asserted_by = wire.asserted_by.iter().filter_map(|at| entity(*at)).collect();
        evidence.time = wire.time.and_then(&mut entity);
        evidence.amount = wire.amount.and_then(&mut entity);
        evidence.item = wire.item.and_then(&mut entity);
        evidence
    }

    /// Where a mention relation of the file went.
    fn support(&self, item: Item, position: u64) -> Result<MentionRelationIdx, String> {
        let count = self.mention_relation_at.len();
        let found = reference(item, "mention_relations", position, count);
        let found = found.map_err(|kind| kind.to_string())?;
        self.mention_relation_at[found as usize]
            .ok_or_else(|| format!("its support mention_relations[{found}] is malformed itself"))
    }

    fn malformed(&mut self, layer: Layer, raw: String, reason: String) {
        let raw = match raw.char_indices().nth(RAW_CHARACTERS) {
            Some((byte, _)) => raw[..byte].to_owned() + "…",
            None => raw,
        };
        self.prediction.malformed.push(Malformed { layer, raw, reason });
    }
}

const RAW_CHARACTERS: usize = 1000;

/// The lists of a line, each as it stands.
#[derive(Deserialize)]
struct LooseDocument<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    given: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
    #[serde(borrow)]
    mentions: Option<&'a RawValue>,
    #[serde(borrow)]
    entities: Option<&'a RawValue>,
    #[serde(borrow)]
    mention_relations: Option<&'a RawValue>,
    #[serde(borrow)]
    relations: Option<&'a RawValue>,
    #[serde(borrow)]
    strings: Option<&'a RawValue>,
}

/// The type of a string that is given none.
const UNTYPED: &str = "untyped";

/// What an extractor says that knows no offsets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StringLists<'a> {
    #[serde(borrow)]
    mentions: Option<&'a RawValue>,
    #[serde(borrow)]
    relations: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct TypedString {
    text: String,
    #[serde(rename = "type")]
    label: String,
}

/// A relation between strings.
#[derive(Deserialize)]
struct StringRelation {
    head: StringEnd,
    tail: StringEnd,
    #[serde(rename = "type")]
    label: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum StringEnd {
    Text(String),
    Typed(TypedString),
}

impl StringEnd {
    fn text(&self) -> &str {
        match self {
            StringEnd::Text(text) | StringEnd::Typed(TypedString { text, .. }) => text,
        }
    }

    fn label(&self) -> Option<&str> {
        match self {
            StringEnd::Text(_) => None,
            StringEnd::Typed(TypedString { label, .. }) => Some(label),
        }
    }
}

const MENTION_KEYS: &[&str] =
    &["start", "end", "spans", "type", "form", "head", "link", "optional", "confidence", "id"];
const ENTITY_KEYS: &[&str] = &["type", "types", "mentions", "links", "confidence", "id"];
const MENTION_RELATION_KEYS: &[&str] = &["head", "tail", "type", "confidence", "id"];
const RELATION_KEYS: &[&str] =
    &["head", "tail", "type", "evidence", "optional", "confidence", "id"];

fn parse<T: DeserializeOwned>(raw: &RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// An item without the keys that the native form does not have.
fn known_keys(raw: &RawValue, keys: &[&str]) -> Result<String, String> {
    let mut object: BTreeMap<String, &RawValue> =
        serde_json::from_str(raw.get()).map_err(|error| reason(&error))?;
    object.retain(|key, _| keys.contains(&key.as_str()));
    Ok(json_of(&object))
}

fn typed<'j, T: Deserialize<'j>>(json: &'j Result<String, String>) -> Result<T, String> {
    let json = json.as_deref().map_err(String::clone)?;
    serde_json::from_str(json).map_err(|error| reason(&error))
}

/// What is wrong with an item, without a position: it would count from the item's own beginning.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or_default().to_owned()
}

fn json_of<T: serde::Serialize>(item: &T) -> String {
    serde_json::to_string(item).expect("native items have string keys and finite numbers")
}
