//! Is a document in memory fit to be gold?
//!
//! The readers check what they read. This checks a document that was built by a program, and what
//! needs an ontology: types and signatures.

use rustc_hash::FxHashMap;

use crate::document::Document;
use crate::error::{Error, ErrorKind, Item, Place};
use crate::label::{Label, Vocabulary};
use crate::ontology::Ontology;
use crate::span::Span;
use crate::wire::{finite, reference};

/// Checks a gold document: spans lie in the text on character boundaries, references are not
/// dangling, confidences are finite, and, with an ontology, types are known and relations follow their signatures.
///
/// # Errors
/// The first thing that is wrong, with its place and what would be right.
pub fn check_gold(
    document: &Document,
    vocabulary: &Vocabulary,
    ontology: Option<&Ontology>,
) -> Result<(), Error> {
    let fail = |kind| Error::new(Place::default(), kind).in_document(&document.id);
    check_spans(document).map_err(fail)?;
    check_references(document).map_err(fail)?;
    check_confidences(document).map_err(fail)?;
    check_types(document, vocabulary, ontology)
}

/// The part of [`check_gold`] that the readers of files have not done: types are known and relations
/// follow their signatures.
pub(crate) fn check_types(
    document: &Document,
    vocabulary: &Vocabulary,
    ontology: Option<&Ontology>,
) -> Result<(), Error> {
    let Some(ontology) = ontology else { return Ok(()) };
    let types = Types { document, vocabulary, ontology };
    types.check().map_err(|kind| Error::new(Place::default(), kind).in_document(&document.id))
}

fn check_confidences(document: &Document) -> Result<(), ErrorKind> {
    let mentions = document.mentions.iter().map(|item| item.confidence);
    let entities = document.entities.iter().map(|item| item.confidence);
    let mention_relations = document.mention_relations.iter().map(|item| item.confidence);
    let relations = document.relations.iter().map(|item| item.confidence);
    check_finite("mentions", mentions)?;
    check_finite("entities", entities)?;
    check_finite("mention_relations", mention_relations)?;
    check_finite("relations", relations)
}

fn check_finite(
    list: &'static str,
    confidences: impl Iterator<Item = Option<f64>>,
) -> Result<(), ErrorKind> {
    for (position, confidence) in confidences.enumerate() {
        finite(Item::new(list, position), confidence)?;
    }
    Ok(())
}

fn check_spans(document: &Document) -> Result<(), ErrorKind> {
    let text = document.text.as_str();
    let whole = |item: Item, span: Span| match span.slice(text) {
        Some(_) => Ok(()),
        None => Err(ErrorKind::SpanCutsCharacter { item, span }),
    };
    for (position, zone) in document.zones.iter().enumerate() {
        whole(Item::new("zones", position), zone.span)?;
    }
    for (position, sentence) in document.sentences.iter().enumerate() {
        whole(Item::new("sentences", position), *sentence)?;
    }
    for (position, token) in document.tokens.iter().flatten().enumerate() {
        whole(Item::new("tokens", position), *token)?;
    }
    for (position, mention) in document.mentions.iter().enumerate() {
        for span in mention.spans.as_slice().iter().chain(&mention.head) {
            whole(Item::new("mentions", position), *span)?;
        }
    }
    Ok(())
}

fn check_references(document: &Document) -> Result<(), ErrorKind> {
    let mentions = document.mentions.len();
    let entities = document.entities.len();
    for (position, mention) in document.mentions.iter().enumerate() {
        if let Some(entity) = mention.entity {
            reference(Item::new("mentions", position), "entities", entity.0.into(), entities)?;
        }
    }
    for (position, relation) in document.mention_relations.iter().enumerate() {
        let item = Item::new("mention_relations", position);
        for end in [relation.head, relation.tail] {
            reference(item, "mentions", end.0.into(), mentions)?;
        }
    }
    for (position, relation) in document.relations.iter().enumerate() {
        let item = Item::new("relations", position);
        let ends = [relation.head, relation.tail];
        let attributes = relation.evidence.iter().flat_map(|evidence| {
            let values = [evidence.time, evidence.amount, evidence.item];
            evidence.asserted_by.iter().copied().chain(values.into_iter().flatten())
        });
        for entity in ends.into_iter().chain(attributes) {
            reference(item, "entities", entity.0.into(), entities)?;
        }
        for evidence in &relation.evidence {
            for sentence in &evidence.sentences {
                let count = document.sentences.len();
                reference(item, "sentences", sentence.0.into(), count)?;
            }
            for support in &evidence.support {
                let count = document.mention_relations.len();
                reference(item, "mention_relations", support.0.into(), count)?;
            }
        }
    }
    for (position, pair) in document.pairs.iter().flatten().enumerate() {
        for end in [pair.head, pair.tail] {
            reference(Item::new("pairs", position), "mentions", end.0.into(), mentions)?;
        }
    }
    Ok(())
}

struct Types<'a> {
    document: &'a Document,
    vocabulary: &'a Vocabulary,
    ontology: &'a Ontology,
}

impl Types<'_> {
    fn check(&self) -> Result<(), ErrorKind> {
        for (position, mention) in self.document.mentions.iter().enumerate() {
            self.entity_type(Item::new("mentions", position), mention.label)?;
        }
        for (position, entity) in self.document.entities.iter().enumerate() {
            for label in &entity.labels {
                self.entity_type(Item::new("entities", position), *label)?;
            }
        }
        for (position, relation) in self.document.mention_relations.iter().enumerate() {
            self.relation_type(Item::new("mention_relations", position), relation.label)?;
        }
        self.relations()
    }

    fn relations(&self) -> Result<(), ErrorKind> {
        let mut seen = FxHashMap::default();
        for (position, relation) in self.document.relations.iter().enumerate() {
            let item = Item::new("relations", position);
            let wrong = |message: String| Err(ErrorKind::Relation { item, message });
            self.relation_type(item, relation.label)?;
            let kind = self.ontology.relation(relation.label).expect("checked on the line above");
            if relation.head == relation.tail {
                return wrong(format!("({}) ties an entity to itself; remove it", kind.name));
            }
            if let Some(base) = kind.inverse_of {
                let base = self.vocabulary.name(base);
                return wrong(format!(
                    "is {}, the inverse of {base}; write {base} with its ends exchanged",
                    kind.name
                ));
            }
            self.signature(item, position)?;
            let (head, tail) = (relation.head, relation.tail);
            let ends = if kind.symmetric { (head.min(tail), head.max(tail)) } else { (head, tail) };
            if let Some(first) = seen.insert((relation.label, ends), position) {
                return wrong(format!(
                    "({}) repeats relations[{first}]; write one relation with all its evidence",
                    kind.name
                ));
            }
        }
        Ok(())
    }

    fn signature(&self, item: Item, position: usize) -> Result<(), ErrorKind> {
        let relation = &self.document.relations[position];
        let kind = self.ontology.relation(relation.label).expect("the caller checked the type");
        let head = &self.document.entities[relation.head.index()].labels;
        let tail = &self.document.entities[relation.tail.index()].labels;
        let fits = kind.allows(head, tail) || (kind.symmetric && kind.allows(tail, head));
        if fits {
            return Ok(());
        }
        let allowed = kind.signatures.iter();
        let allowed =
            allowed.map(|s| format!("{} -> {}", self.names(&s.head), self.names(&s.tail)));
        Err(ErrorKind::Signature {
            item,
            found: format!(
                "{} from {} {} to {} {}",
                kind.name,
                self.names(head),
                self.entity_name(relation.head.index()),
                self.names(tail),
                self.entity_name(relation.tail.index()),
            ),
            allowed: allowed.collect::<Vec<_>>().join("; "),
        })
    }

    fn entity_name(&self, position: usize) -> String {
        match &self.document.entities[position].id {
            Some(id) => format!("{id:?}"),
            None => format!("entities[{position}]"),
        }
    }

    fn names(&self, labels: &[Label]) -> String {
        let names: Vec<_> = labels.iter().map(|label| self.vocabulary.name(*label)).collect();
        if names.is_empty() { "(no type)".to_owned() } else { names.join(", ") }
    }

    fn entity_type(&self, item: Item, label: Label) -> Result<(), ErrorKind> {
        match self.ontology.entity(label) {
            Some(_) => Ok(()),
            None => Err(self.unknown(item, label, false)),
        }
    }

    fn relation_type(&self, item: Item, label: Label) -> Result<(), ErrorKind> {
        match self.ontology.relation(label) {
            Some(_) => Ok(()),
            None => Err(self.unknown(item, label, true)),
        }
    }

    fn unknown(&self, item: Item, label: Label, relations: bool) -> ErrorKind {
        let label = self.vocabulary.name(label).to_string();
        let similar = self.ontology.similar(&label, relations);
        ErrorKind::UnknownLabel { item, label, similar }
    }
}
