//! What a set of documents holds.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::document::{Actuality, Document, EntityIdx, Form, Polarity, Relation, SentenceIdx};
use crate::label::Vocabulary;
use crate::ontology::Ontology;

/// The counts that a manifest expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Documents.
    pub documents: u64,
    /// Words: stretches of text between white space.
    pub words: u64,
    /// Mentions.
    pub mentions: u64,
    /// Entities.
    pub entities: u64,
    /// Relations between entities that are stated at least once (negated ones are not).
    pub relations: u64,
}

impl Counts {
    /// Counts documents.
    pub fn of(documents: &[Document]) -> Counts {
        let sum = |count: fn(&Document) -> usize| documents.iter().map(count).sum::<usize>() as u64;
        Counts {
            documents: documents.len() as u64,
            words: sum(words),
            mentions: sum(|document| document.mentions.len()),
            entities: sum(|document| document.entities.len()),
            relations: sum(|document| document.relations.iter().filter(is_asserted).count()),
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { documents, words, mentions, entities, relations } = self;
        write!(
            f,
            "{documents} documents, {words} words, {mentions} mentions, {entities} entities, \
             {relations} relations"
        )
    }
}

fn words(document: &Document) -> usize {
    document.text.as_str().split_whitespace().count()
}

/// Whether a relation is stated at least once, and not only denied.
pub fn is_asserted(relation: &&Relation) -> bool {
    relation.evidence.is_empty()
        || relation.evidence.iter().any(|evidence| evidence.polarity == Polarity::Positive)
}

/// What a set of documents holds, broken down. Maps are in the order of their keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// The totals.
    #[serde(flatten)]
    pub counts: Counts,
    /// Documents by the `register` of their header, where they have one.
    pub documents_by_register: BTreeMap<String, u64>,
    /// Documents by each of the `tags` of their header (words between blanks).
    pub documents_by_tag: BTreeMap<String, u64>,
    /// Bytes of text.
    pub text_bytes: u64,
    /// Sentences.
    pub sentences: u64,
    /// Mentions by type.
    pub mentions_by_type: BTreeMap<String, u64>,
    /// Mentions by form; `unknown` where none is annotated.
    pub mentions_by_form: BTreeMap<String, u64>,
    /// Mentions of several spans.
    pub discontinuous_mentions: u64,
    /// Mentions inside another mention.
    pub nested_mentions: u64,
    /// Entities by how many mentions they have; `10+` together.
    pub entities_by_size: BTreeMap<String, u64>,
    /// Asserted relations by type.
    pub relations_by_type: BTreeMap<String, u64>,
    /// Asserted relations by family.
    pub relations_by_family: BTreeMap<String, u64>,
    /// Asserted relations by the `register` of their document.
    pub relations_by_register: BTreeMap<String, u64>,
    /// Asserted relations by what the strongest piece of evidence says: `actual`, `planned`, `possible`.
    pub relations_by_actuality: BTreeMap<String, u64>,
    /// Pieces of evidence by the zone of their first sentence.
    pub evidence_by_zone: BTreeMap<String, u64>,
    /// Pieces of evidence by attribute that is not the default: `negative`, `planned`, `possible`,
    /// `former`, `asserted_by`, `time`, `amount`, `item`.
    pub evidence_by_attribute: BTreeMap<String, u64>,
    /// Asserted relations whose head and tail are mentioned together in no sentence.
    pub relations_across_sentences: u64,
    /// Asserted relations by the least number of sentences from a mention of the head to one of the
    /// tail: 0 in one sentence; `3+` together; `none` where an end has no mention. What lies at 0 is what a
    /// system that never leaves the sentence could reach.
    pub relations_by_distance: BTreeMap<String, u64>,
    /// Relations that are only denied.
    pub relations_denied: u64,
    /// Relations that are optional.
    pub relations_optional: u64,
}

impl Stats {
    /// Counts documents. Linear in their size, but for nesting: sorting, and the depth of nesting.
    pub fn of(
        documents: &[Document],
        vocabulary: &Vocabulary,
        ontology: Option<&Ontology>,
    ) -> Stats {
        let mut stats = Stats { counts: Counts::of(documents), ..Stats::default() };
        for document in documents {
            stats.add_text(document);
            stats.add_mentions(document, vocabulary);
            stats.add_relations(document, vocabulary, ontology);
        }
        stats
    }

    fn add_text(&mut self, document: &Document) {
        self.text_bytes += document.text.len() as u64;
        self.sentences += document.sentences.len() as u64;
        if let Some(register) = document.meta_str("register") {
            count(&mut self.documents_by_register, register);
        }
        for tag in document.tags() {
            count(&mut self.documents_by_tag, tag);
        }
    }

    fn add_mentions(&mut self, document: &Document, vocabulary: &Vocabulary) {
        for mention in &document.mentions {
            count(&mut self.mentions_by_type, &vocabulary.name(mention.label));
            let form = match mention.form {
                Some(Form::Name) => "name",
                Some(Form::Nominal) => "nominal",
                Some(Form::Pronoun) => "pronoun",
                None => "unknown",
            };
            count(&mut self.mentions_by_form, form);
            self.discontinuous_mentions += u64::from(mention.spans.is_discontinuous());
        }
        self.nested_mentions += nested(document);
        for members in document.mentions_by_entity() {
            let size = members.len();
            let size = if size < 10 { size.to_string() } else { "10+".to_owned() };
            count(&mut self.entities_by_size, &size);
        }
    }

    fn add_relations(
        &mut self,
        document: &Document,
        vocabulary: &Vocabulary,
        ontology: Option<&Ontology>,
    ) {
        let sentences_of = sentences_by_entity(document);
        for relation in &document.relations {
            self.relations_optional += u64::from(relation.optional);
            self.add_evidence(document, relation);
            if !is_asserted(&relation) {
                self.relations_denied += 1;
                continue;
            }
            count(&mut self.relations_by_type, &vocabulary.name(relation.label));
            count(&mut self.relations_by_actuality, actuality(relation));
            if let Some(register) = document.meta_str("register") {
                count(&mut self.relations_by_register, register);
            }
            if let Some(kind) = ontology.and_then(|ontology| ontology.relation(relation.label)) {
                count(&mut self.relations_by_family, &kind.family);
            }
            let of = |entity: EntityIdx| &sentences_of[entity.index()];
            let distance = distance(of(relation.head), of(relation.tail));
            self.relations_across_sentences += u64::from(distance != Some(0));
            let name = match distance {
                Some(few @ 0..3) => few.to_string(),
                Some(_) => "3+".to_owned(),
                None => "none".to_owned(),
            };
            count(&mut self.relations_by_distance, &name);
        }
    }

    fn add_evidence(&mut self, document: &Document, relation: &Relation) {
        for evidence in &relation.evidence {
            let zone = evidence
                .sentences
                .first()
                .and_then(|sentence| document.zone_of(document.sentences[sentence.index()]));
            count(&mut self.evidence_by_zone, zone.map_or("none", |zone| zone.name()));
            let attributes = [
                ("negative", evidence.polarity == Polarity::Negative),
                ("planned", evidence.actuality == Actuality::Planned),
                ("possible", evidence.actuality == Actuality::Possible),
                ("former", evidence.status == crate::Status::Former),
                ("asserted_by", !evidence.asserted_by.is_empty()),
                ("time", evidence.time.is_some()),
                ("amount", evidence.amount.is_some()),
                ("item", evidence.item.is_some()),
            ];
            for (name, _) in attributes.into_iter().filter(|(_, holds)| *holds) {
                count(&mut self.evidence_by_attribute, name);
            }
        }
    }
}

/// The strongest that is said of an asserted relation.
fn actuality(relation: &Relation) -> &'static str {
    let stated = relation.evidence.iter().filter(|e| e.polarity == Polarity::Positive);
    match stated.map(|evidence| evidence.actuality).min().unwrap_or_default() {
        Actuality::Actual => "actual",
        Actuality::Planned => "planned",
        Actuality::Possible => "possible",
    }
}

fn count(map: &mut BTreeMap<String, u64>, key: &str) {
    match map.get_mut(key) {
        Some(value) => *value += 1,
        None => {
            map.insert(key.to_owned(), 1);
        }
    }
}

/// Mentions whose stretch lies inside that of another one.
fn nested(document: &Document) -> u64 {
    let mut hulls: Vec<(u32, std::cmp::Reverse<u32>)> = document
        .mentions
        .iter()
        .map(|mention| mention.spans.hull())
        .map(|hull| (hull.start(), std::cmp::Reverse(hull.end())))
        .collect();
    hulls.sort_unstable();
    let mut furthest = 0;
    let mut inside = 0;
    for (_, std::cmp::Reverse(end)) in hulls {
        inside += u64::from(end <= furthest);
        furthest = furthest.max(end);
    }
    inside
}

/// The least number of sentences from one list to the other; both are sorted. Linear.
fn distance(a: &[SentenceIdx], b: &[SentenceIdx]) -> Option<u32> {
    let (mut i, mut j) = (0, 0);
    let mut least: Option<u32> = None;
    while let (Some(one), Some(other)) = (a.get(i), b.get(j)) {
        let apart = one.0.abs_diff(other.0);
        least = Some(least.map_or(apart, |least| least.min(apart)));
        if one < other { i += 1 } else { j += 1 }
    }
    least
}

/// How many entities of one set of documents another set has not shown: by the strings of their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Unseen {
    /// Entities with a name (values and roles have one).
    pub entities: u64,
    /// Those of whose names none is a name in the other set.
    pub unseen: u64,
}

impl Unseen {
    /// Compares documents with those that were seen. Names are compared as they are written.
    pub fn of(documents: &[Document], seen: &[Document]) -> Unseen {
        let mut known: HashSet<&str> = HashSet::new();
        for document in seen {
            known.extend(names(document).map(|(_, name)| name));
        }
        let mut result = Unseen::default();
        for document in documents {
            let mut entities: BTreeMap<EntityIdx, bool> = BTreeMap::new();
            for (entity, name) in names(document) {
                *entities.entry(entity).or_default() |= known.contains(name);
            }
            result.entities += entities.len() as u64;
            result.unseen += entities.values().filter(|is_known| !**is_known).count() as u64;
        }
        result
    }
}

fn names(document: &Document) -> impl Iterator<Item = (EntityIdx, &str)> {
    document.mentions.iter().filter_map(|mention| {
        let is_name = mention.form == Some(Form::Name) && !mention.spans.is_discontinuous();
        let text = mention.spans.first().slice(document.text.as_str())?;
        Some((mention.entity.filter(|_| is_name)?, text))
    })
}

fn sentences_by_entity(document: &Document) -> Vec<Vec<SentenceIdx>> {
    let mut lists = vec![Vec::new(); document.entities.len()];
    for mention in &document.mentions {
        if let (Some(entity), Some(sentence)) =
            (mention.entity, document.sentence_of(mention.spans.first()))
        {
            lists[entity.index()].push(sentence);
        }
    }
    lists.iter_mut().for_each(|list: &mut Vec<SentenceIdx>| list.sort_unstable());
    lists
}
