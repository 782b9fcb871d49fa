//! The corpora: neutral documents as they stand in their files, nothing canonicalised.

use std::path::{Path, PathBuf};

use ere_dataset::text::Offsets;
use ere_dataset::{
    Document, Entity, EntityIdx, Evidence, Mention, MentionIdx, MentionRelation, Relation,
    SentenceIdx, Span, Text, Vocabulary,
};
use serde::Deserialize;
use serde_json::Value;

/// A folder: gold, predictions, and what scorers said of them.
pub(crate) struct Corpus {
    pub(crate) name: String,
    /// Documents of kind "doc"; empty otherwise.
    pub(crate) gold: Vec<Doc>,
    /// Predictions, in file order; ids that gold does not know included.
    pub(crate) pred: Vec<Doc>,
    /// Tag sequences of kind "tags": id, tags.
    pub(crate) gold_tags: Vec<Tags>,
    pub(crate) pred_tags: Vec<Tags>,
    /// Labels of kind "labels": id, label.
    pub(crate) gold_labels: Vec<Labelled>,
    pub(crate) pred_labels: Vec<Labelled>,
    /// Head name, tail name, type of the facts of a train set.
    pub(crate) train_facts: Vec<(String, String, String)>,
    pub(crate) entries: Vec<Entry>,
}

/// What one scorer said, with one setting.
#[derive(Deserialize)]
pub(crate) struct Entry {
    pub(crate) scorer: String,
    pub(crate) version: Option<String>,
    pub(crate) settings: Value,
    pub(crate) figures: Option<Value>,
    /// What the scorer raised instead.
    pub(crate) error: Option<Value>,
}

/// A document. Predictions have no text, tokens and sentences of their own.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Doc {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) text: String,
    /// Start and end in code points.
    #[serde(default)]
    pub(crate) tokens: Vec<(u32, u32)>,
    /// First token, one past the last token.
    #[serde(default)]
    pub(crate) sentences: Vec<(u32, u32)>,
    pub(crate) mentions: Vec<NeutralMention>,
    pub(crate) relations: Vec<NeutralRelation>,
    pub(crate) clusters: Vec<Vec<usize>>,
    pub(crate) facts: Vec<Fact>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NeutralMention {
    pub(crate) start: u32,
    pub(crate) end: u32,
    #[serde(rename = "type")]
    pub(crate) label: String,
    pub(crate) kb: Option<String>,
}

/// Between mentions of the same document.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NeutralRelation {
    pub(crate) head: usize,
    pub(crate) tail: usize,
    #[serde(rename = "type")]
    pub(crate) label: String,
}

/// Between clusters of the gold document, in predictions too.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fact {
    pub(crate) head: usize,
    pub(crate) tail: usize,
    #[serde(rename = "type")]
    pub(crate) label: String,
    pub(crate) evidence: Vec<usize>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Tags {
    pub(crate) id: String,
    pub(crate) tags: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Labelled {
    pub(crate) id: Value,
    pub(crate) label: String,
}

impl Corpus {
    /// Gold documents with their predictions: a missing one is empty, one that gold does not know is
    /// dropped. What most adapters do.
    pub(crate) fn aligned(&self) -> Vec<(&Doc, Doc)> {
        let find = |gold: &Doc| self.pred.iter().find(|pred| pred.id == gold.id).cloned();
        let empty = |gold: &Doc| Doc { id: gold.id.clone(), ..Doc::default() };
        self.gold.iter().map(|gold| (gold, find(gold).unwrap_or_else(|| empty(gold)))).collect()
    }
}

/// A neutral document as one of the model: mentions, mention relations, entities of clusters (without
/// types), facts as relations between entities with one piece of evidence. Lists keep their order.
/// `gold` is the gold document of the same id, whose text it speaks about; without one, offsets are
/// taken as bytes.
pub(crate) fn document(doc: &Doc, gold: Option<&Doc>, vocabulary: &Vocabulary) -> Document {
    let text = gold.map_or("", |gold| gold.text.as_str());
    let offsets = Offsets::of(text);
    let span = |start: u32, end: u32| match gold {
        Some(_) => offsets.span(start, end).expect("mentions lie in the text"),
        None => Span::new(start, end).expect("mentions are not empty"),
    };
    let tokens: Vec<Span> = doc.tokens.iter().map(|&(start, end)| span(start, end)).collect();
    let sentence = |&(first, end): &(u32, u32)| {
        Span::new(tokens[first as usize].start(), tokens[end as usize - 1].end())
            .expect("not empty")
    };
    let mention = |mention: &NeutralMention| {
        let label = vocabulary.intern(&mention.label);
        let link = mention.kb.as_deref().map(Box::from);
        Mention { link, ..Mention::new(span(mention.start, mention.end), label) }
    };
    let mut mentions: Vec<Mention> = doc.mentions.iter().map(mention).collect();
    for (entity, members) in doc.clusters.iter().enumerate() {
        for member in members {
            mentions[*member].entity = Some(EntityIdx(entity as u32));
        }
    }
    let relation = |relation: &NeutralRelation| MentionRelation {
        head: MentionIdx(relation.head as u32),
        tail: MentionIdx(relation.tail as u32),
        label: vocabulary.intern(&relation.label),
        confidence: None,
        id: None,
    };
    let fact = |fact: &Fact| Relation {
        head: EntityIdx(fact.head as u32),
        tail: EntityIdx(fact.tail as u32),
        label: vocabulary.intern(&fact.label),
        evidence: vec![Evidence {
            sentences: fact.evidence.iter().map(|s| SentenceIdx(*s as u32)).collect(),
            ..Evidence::default()
        }],
        optional: false,
        confidence: None,
        id: None,
    };
    Document {
        id: doc.id.as_str().into(),
        text: Text::new(text),
        sentences: doc.sentences.iter().map(sentence).collect(),
        mentions,
        entities: vec![Entity::default(); doc.clusters.len()],
        mention_relations: doc.relations.iter().map(relation).collect(),
        relations: doc.facts.iter().map(fact).collect(),
        tokens: Some(tokens),
        ..Document::default()
    }
}

/// All corpora, by name.
pub(crate) fn all() -> Vec<Corpus> {
    let folder = match std::env::var_os("EREBENCH_ORACLE") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/oracle"),
    };
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| file(folder, "expected.json").is_some());
    folders.sort();
    folders.iter().map(|folder| read(folder)).collect()
}

/// A file of a corpus, plain or compressed.
fn file(folder: &Path, name: &str) -> Option<String> {
    if let Ok(text) = std::fs::read_to_string(folder.join(name)) {
        return Some(text);
    }
    let compressed = std::fs::read(folder.join(format!("{name}.zst"))).ok()?;
    let bytes = zstd::decode_all(compressed.as_slice()).expect("a zstd file");
    Some(String::from_utf8(bytes).expect("UTF-8"))
}

fn lines<T: for<'de> Deserialize<'de>>(text: &str) -> Vec<T> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn read(folder: &Path) -> Corpus {
    let name = folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
    let text = |name: &str| file(folder, name).unwrap_or_default();
    let json = |name: &str| -> Value {
        serde_json::from_str(&text(name))
            .unwrap_or_else(|e| panic!("{}/{name}: {e}", folder.display()))
    };
    let mut entries = Vec::new();
    let mut kind = String::new();
    for expected in ["expected.json", "expected_dwie.json"] {
        if file(folder, expected).is_some() {
            let mut expected = json(expected);
            kind = expected["kind"].as_str().unwrap_or("doc").to_owned();
            let scores: Vec<Entry> =
                serde_json::from_value(expected["scores"].take()).expect("scores");
            entries.extend(scores);
        }
    }
    let mut corpus = Corpus {
        name,
        gold: Vec::new(),
        pred: Vec::new(),
        gold_tags: Vec::new(),
        pred_tags: Vec::new(),
        gold_labels: Vec::new(),
        pred_labels: Vec::new(),
        train_facts: Vec::new(),
        entries,
    };
    let (gold, pred) = (text("gold.jsonl"), text("pred.jsonl"));
    match kind.as_str() {
        "tags" => (corpus.gold_tags, corpus.pred_tags) = (lines(&gold), lines(&pred)),
        "labels" => (corpus.gold_labels, corpus.pred_labels) = (lines(&gold), lines(&pred)),
        _ => {
            (corpus.gold, corpus.pred) = (lines(&gold), lines(&pred));
            if file(folder, "train_facts.json").is_some() {
                corpus.train_facts =
                    serde_json::from_value(json("train_facts.json")).expect("triples");
            }
        }
    }
    corpus
}
