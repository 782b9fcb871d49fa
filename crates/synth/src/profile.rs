//! What a corpus is like, in numbers: to compare a synthetic corpus with a real one, and to fit the
//! knobs of one to the other.

use std::collections::BTreeMap;

use ere_dataset::{Document, EntityIdx, Form, Vocabulary, ZoneKind};
use rustc_hash::FxHashSet;

/// Averages, shares and distributions of a corpus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// How many documents it was made from.
    pub documents: usize,
    /// Named figures. All documents have as much weight as they have items.
    pub figures: BTreeMap<String, f64>,
    /// How much relations and entities differ from document to document: standard deviations.
    pub(crate) spread: [f64; 2],
}

/// The figures that say how long and how dense documents are, averaged over documents.
pub const SIZES: [&str; 6] = [
    "mean of bytes",
    "mean of words",
    "mean of sentences",
    "mean of mentions",
    "mean of entities",
    "mean of relations",
];

/// The length of the word sequences that tell how much a corpus repeats itself.
const SEQUENCE: usize = 8;

impl Profile {
    /// Measures documents. Linear, but for the distances of relations.
    pub fn of(documents: &[Document], vocabulary: &Vocabulary) -> Profile {
        let mut figures = Figures::default();
        let mut sizes = Vec::new();
        for document in documents {
            figures.add_sizes(document);
            figures.add_mentions(document, vocabulary);
            figures.add_relations(document, vocabulary);
            figures.add_zones(document);
            sizes.push([document.relations.len() as f64, document.entities.len() as f64]);
        }
        let mut profile = Profile {
            documents: documents.len(),
            figures: figures.finish(documents.len()),
            spread: [0, 1].map(|at| deviation(sizes.iter().map(|size| size[at]))),
        };
        profile.add_words(documents);
        profile
    }

    /// A figure by its name; 0 for what does not occur.
    pub fn get(&self, name: &str) -> f64 {
        self.figures.get(name).copied().unwrap_or(0.0)
    }

    fn add_words(&mut self, documents: &[Document]) {
        let words = words(documents);
        let name = format!("share of distinct {SEQUENCE}-grams");
        self.figures.insert(name, distinct_share(&words, SEQUENCE));
        for thousands in [1, 2, 4, 8] {
            if let Some(start) = words.get(..thousands * 1000) {
                let distinct: FxHashSet<&String> = start.iter().collect();
                let name = format!("distinct words in {thousands},000");
                self.figures.insert(name, distinct.len() as f64);
            }
        }
    }
}

/// The share of the distinct word sequences of one corpus that occur in another.
pub fn overlap(of: &[Document], with: &[Document], length: usize) -> f64 {
    let (of, with) = (words(of), words(with));
    let known: FxHashSet<&[String]> = with.windows(length).collect();
    let distinct: FxHashSet<&[String]> = of.windows(length).collect();
    let found = distinct.intersection(&known).count();
    if distinct.is_empty() { 0.0 } else { found as f64 / distinct.len() as f64 }
}

/// The words of all documents in lower case, without punctuation.
fn words(documents: &[Document]) -> Vec<String> {
    let texts = documents.iter().flat_map(|document| document.text.as_str().split_whitespace());
    let words = texts.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    words.filter(|word| !word.is_empty()).collect()
}

fn distinct_share(words: &[String], length: usize) -> f64 {
    let count = words.len().saturating_sub(length - 1);
    let distinct: FxHashSet<&[String]> = words.windows(length).collect();
    if count == 0 { 0.0 } else { distinct.len() as f64 / count as f64 }
}

fn deviation(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// Counts, each with what it is a share of.
#[derive(Default)]
struct Figures {
    counts: BTreeMap<String, (f64, &'static str)>,
    totals: BTreeMap<&'static str, f64>,
}

impl Figures {
    fn count(&mut self, name: String, of: &'static str, by: f64) {
        self.counts.entry(name).or_insert((0.0, of)).0 += by;
    }

    fn total(&mut self, name: &'static str, by: usize) {
        *self.totals.entry(name).or_default() += by as f64;
    }

    fn finish(mut self, documents: usize) -> BTreeMap<String, f64> {
        self.totals.insert("documents", documents as f64);
        let totals = &self.totals;
        let share = |(name, (count, of)): (String, (f64, &str))| {
            let total = totals.get(of).copied().unwrap_or(0.0);
            (name, if total > 0.0 { count / total } else { 0.0 })
        };
        self.counts.into_iter().map(share).collect()
    }

    fn add_sizes(&mut self, document: &Document) {
        let text = document.text.as_str();
        let sizes = [
            text.len(),
            text.split_whitespace().count(),
            document.sentences.len(),
            document.mentions.len(),
            document.entities.len(),
            document.relations.len(),
        ];
        for (name, size) in SIZES.into_iter().zip(sizes) {
            self.count(name.to_owned(), "documents", size as f64);
        }
        let wide = text.chars().filter(|c| !c.is_ascii()).count();
        self.total("characters", text.chars().count());
        self.count("share of characters beyond ASCII".to_owned(), "characters", wide as f64);
    }

    fn add_mentions(&mut self, document: &Document, vocabulary: &Vocabulary) {
        self.total("mentions", document.mentions.len());
        self.total("entities", document.entities.len());
        let mut hulls: Vec<_> = document
            .mentions
            .iter()
            .map(|mention| mention.spans.hull())
            .map(|hull| (hull.start(), std::cmp::Reverse(hull.end())))
            .collect();
        hulls.sort_unstable();
        let mut end = 0;
        for (_, std::cmp::Reverse(hull_end)) in hulls {
            if hull_end <= end {
                self.count("share of nested mentions".to_owned(), "mentions", 1.0);
            }
            end = end.max(hull_end);
        }
        for mention in &document.mentions {
            let form = match mention.form {
                Some(Form::Name) => "names",
                Some(Form::Nominal) => "nominals",
                Some(Form::Pronoun) => "pronouns",
                None => "unknown forms",
            };
            self.count(format!("share of {form}"), "mentions", 1.0);
            self.count(format!("mentions: {}", vocabulary.name(mention.label)), "mentions", 1.0);
            if mention.spans.is_discontinuous() {
                self.count("share of discontinuous mentions".to_owned(), "mentions", 1.0);
            }
        }
        for members in document.mentions_by_entity() {
            let size = match members.len() {
                0 => "0",
                1 => "1",
                2 => "2",
                3..=4 => "3 to 4",
                5..=9 => "5 to 9",
                _ => "10 or more",
            };
            self.count(format!("entities of {size} mentions"), "entities", 1.0);
        }
    }

    fn add_relations(&mut self, document: &Document, vocabulary: &Vocabulary) {
        let sentences = sentences(document);
        self.total("relations", document.relations.len());
        for relation in &document.relations {
            let distance = distance(&sentences, relation.head, relation.tail);
            let distance = match distance {
                None => "unknown",
                Some(0) => "0",
                Some(1) => "1",
                Some(2..=4) => "2 to 4",
                Some(_) => "5 or more",
            };
            self.count(format!("relations over {distance} sentences"), "relations", 1.0);
            self.count(format!("relations: {}", vocabulary.name(relation.label)), "relations", 1.0);
            if relation.optional {
                self.count("share of optional relations".to_owned(), "relations", 1.0);
            }
            for evidence in &relation.evidence {
                self.total("evidence", 1);
                let attributes = [
                    ("negative", !evidence.polarity.is_default()),
                    ("planned or possible", !evidence.actuality.is_default()),
                    ("former", !evidence.status.is_default()),
                    ("reported", !evidence.asserted_by.is_empty()),
                    ("dated", evidence.time.is_some()),
                    ("of an amount", evidence.amount.is_some()),
                    ("of an item", evidence.item.is_some()),
                ];
                for (name, _) in attributes.into_iter().filter(|(_, holds)| *holds) {
                    self.count(format!("evidence that is {name}"), "evidence", 1.0);
                }
            }
        }
    }

    fn add_zones(&mut self, document: &Document) {
        for kind in ZoneKind::ALL {
            let count = document.zones.iter().filter(|zone| zone.kind == kind).count();
            let has = f64::from(u8::from(count > 0));
            self.count(format!("documents with {}", kind.name()), "documents", has);
        }
    }
}

/// The sentences that mention each entity.
fn sentences(document: &Document) -> Vec<Vec<u32>> {
    let mut sentences = vec![Vec::new(); document.entities.len()];
    for mention in &document.mentions {
        let sentence = document.sentence_of(mention.spans.first());
        if let (Some(entity), Some(sentence)) = (mention.entity, sentence) {
            sentences[entity.index()].push(sentence.0);
        }
    }
    sentences
}

/// How many sentences lie between the nearest mentions of two entities.
fn distance(sentences: &[Vec<u32>], head: EntityIdx, tail: EntityIdx) -> Option<u32> {
    let (heads, tails) = (&sentences[head.index()], &sentences[tail.index()]);
    heads.iter().flat_map(|head| tails.iter().map(|tail| head.abs_diff(*tail))).min()
}
