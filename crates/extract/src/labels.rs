//! Label maps: the types of another world, in ours.
//!
//! An extractor that was trained on other types runs with a map from its labels to those of the
//! data set. The map belongs to the harness and not to the extractor; its hash is part of every
//! score's signature. The file is TOML:
//!
//! ```toml
//! [entity]
//! PERSON = "PER"
//! CARDINAL = "-"                                # dropped
//!
//! [relation]
//! "per:employee_of" = "employee_of"
//! "org:founded_by" = { to = "founder_of", flip = true }   # head and tail change places
//! "no_relation" = { drop = true }
//! ```

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::path::Path;

use ere_dataset::text::sha256_hex;
use ere_dataset::{
    Document, EntityIdx, Error, ErrorKind, Evidence, Given, Label, MentionIdx, MentionRelationIdx,
    Place, Prediction, Vocabulary, limits,
};
use serde::Deserialize;

/// What to make of the labels of an extractor. A label that the map does not name stays what it is:
/// where the data set does not know it, it counts as a false positive.
///
/// ```
/// use ere_extract::LabelMap;
/// let map = LabelMap::parse("[entity]\nPERSON = \"PER\"\nCARDINAL = \"-\"")?;
/// assert_eq!(map.sha256.len(), 64);
/// # Ok::<(), ere_dataset::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelMap {
    /// SHA-256 of the file.
    pub sha256: String,
    entity: BTreeMap<String, Target>,
    relation: BTreeMap<String, Target>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    To { label: String, flip: bool },
    Drop,
}

/// What became of labels, by the extractor's name for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// Of mentions.
    pub mentions: BTreeMap<String, Fate>,
    /// Of entities.
    pub entities: BTreeMap<String, Fate>,
    /// Of mention relations and entity relations.
    pub relations: BTreeMap<String, Fate>,
}

/// How many items of a label were mapped, dropped, or left as they are because the map does not name
/// it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Items that have another label now.
    pub mapped: u64,
    /// Items that are gone: their label is dropped, or what they refer to is.
    pub dropped: u64,
    /// Items that the map does not name.
    pub unmapped: u64,
}

impl AddAssign for Fate {
    fn add_assign(&mut self, other: Fate) {
        self.mapped += other.mapped;
        self.dropped += other.dropped;
        self.unmapped += other.unmapped;
    }
}

impl AddAssign<&Mapped> for Mapped {
    fn add_assign(&mut self, other: &Mapped) {
        let pairs = [
            (&mut self.mentions, &other.mentions),
            (&mut self.entities, &other.entities),
            (&mut self.relations, &other.relations),
        ];
        for (sums, counts) in pairs {
            for (label, fate) in counts {
                *sums.entry(label.clone()).or_default() += *fate;
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    entity: BTreeMap<String, Entry>,
    #[serde(default)]
    relation: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a value must be a type, \"-\", { to = .., flip = .. } or { drop = true }"
)]
enum Entry {
    Name(String),
    Full(FullEntry),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullEntry {
    to: Option<String>,
    #[serde(default)]
    flip: bool,
    #[serde(default)]
    drop: bool,
}

impl LabelMap {
    /// Reads a map file.
    ///
    /// # Errors
    /// A file that cannot be read, or is no map.
    pub fn read(path: &Path) -> Result<LabelMap, Error> {
        let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
        let fail = |kind| Error::new(Place::file(path), kind);
        if bytes.len() as u64 > limits::FILE_BYTES {
            let (value, limit) = (bytes.len() as u64, limits::FILE_BYTES);
            return Err(fail(ErrorKind::Limit { what: "bytes of the file", value, limit }));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            fail(ErrorKind::InvalidUtf8 { byte: error.utf8_error().valid_up_to() })
        })?;
        LabelMap::parse(&text).map_err(|error| error.in_file(path))
    }

    /// Reads a map from the text of its file.
    ///
    /// # Errors
    /// It is no map: another shape, an entity label that is flipped, a label without a type.
    pub fn parse(text: &str) -> Result<LabelMap, Error> {
        let fail = |kind| Error::new(Place::default(), kind);
        let file: File =
            toml::from_str(text).map_err(|error| fail(ErrorKind::Toml(error.to_string())))?;
        let targets = |entries: BTreeMap<String, Entry>, may_flip: bool| {
            let read = |(label, entry): (String, Entry)| match target(&label, entry) {
                Ok(Target::To { flip: true, .. }) if !may_flip => Err(format!(
                    "entity label {label:?} has `flip`, which is for relations; remove it"
                )),
                Ok(target) => Ok((label, target)),
                Err(message) => Err(message),
            };
            let targets: Result<BTreeMap<String, Target>, String> =
                entries.into_iter().map(read).collect();
            targets.map_err(|message| fail(ErrorKind::Inconsistent(message)))
        };
        Ok(LabelMap {
            sha256: sha256_hex(text.as_bytes()),
            entity: targets(file.entity, false)?,
            relation: targets(file.relation, true)?,
        })
    }

    /// Maps a prediction in place and says what became of its labels. What refers to a dropped item
    /// is dropped with it: an entity without mentions left, a relation without one of its ends.
    /// Mentions and entities that a track gave are the data set's own, and stay.
    ///
    /// Linear in the size of the prediction.
    pub fn apply(&self, prediction: &mut Prediction, vocabulary: &Vocabulary) -> Mapped {
        let document = &mut prediction.document;
        let mut mapping = Mapping { map: self, vocabulary, mapped: Mapped::default() };
        let is_own = document.given == Given::Text;
        let (mentions, entities) = match is_own {
            true => mapping.mentions_and_entities(document),
            false => (Kept::All, Kept::All),
        };
        let mention_relations = mapping.mention_relations(document, &mentions);
        mapping.relations(document, &entities, &mention_relations);
        mapping.mapped
    }
}

fn target(label: &str, entry: Entry) -> Result<Target, String> {
    match entry {
        Entry::Name(name) if name == "-" => Ok(Target::Drop),
        Entry::Name(label) => Ok(Target::To { label, flip: false }),
        Entry::Full(FullEntry { to: Some(label), flip, drop: false }) => {
            Ok(Target::To { label, flip })
        }
        Entry::Full(FullEntry { to: None, flip: false, drop: true }) => Ok(Target::Drop),
        Entry::Full(_) => Err(format!(
            "label {label:?} needs either `to` (with or without `flip`), or `drop = true`"
        )),
    }
}

struct Mapping<'a> {
    map: &'a LabelMap,
    vocabulary: &'a Vocabulary,
    mapped: Mapped,
}

/// Where each item of a list went.
enum Kept {
    /// Nowhere: all are where they were.
    All,
    /// To a new position, or out of the list.
    At(Vec<Option<u32>>),
}

impl Kept {
    fn get(&self, position: u32) -> Option<u32> {
        match self {
            Kept::All => Some(position),
            Kept::At(positions) => positions.get(position as usize).copied().flatten(),
        }
    }
}

/// Takes items out of a list.
fn retain<T>(items: &mut Vec<T>, keep: &[bool]) -> Kept {
    let mut position = 0;
    items.retain(|_| {
        position += 1;
        keep[position - 1]
    });
    let mut next = 0;
    let number = |keep: &bool| {
        next += u32::from(*keep);
        keep.then(|| next - 1)
    };
    Kept::At(keep.iter().map(number).collect())
}

impl Mapping<'_> {
    fn mentions_and_entities(&mut self, document: &mut Document) -> (Kept, Kept) {
        let before: Vec<usize> = document.mentions_by_entity().iter().map(Vec::len).collect();
        let mut keep = Vec::with_capacity(document.mentions.len());
        for mention in &mut document.mentions {
            let targets = &self.map.entity;
            let counts = &mut self.mapped.mentions;
            let new = new_label(targets, mention.label, self.vocabulary, counts, true);
            mention.label = new.map_or(mention.label, |(label, _)| label);
            keep.push(new.is_some());
        }
        let mentions = retain(&mut document.mentions, &keep);
        let after: Vec<usize> = document.mentions_by_entity().iter().map(Vec::len).collect();

        let mut keep = Vec::with_capacity(document.entities.len());
        for (position, entity) in document.entities.iter_mut().enumerate() {
            let may_stay = before[position] == 0 || after[position] > 0;
            let had_labels = !entity.labels.is_empty();
            entity.labels.retain(|label| {
                let targets = &self.map.entity;
                let counts = &mut self.mapped.entities;
                let new = new_label(targets, *label, self.vocabulary, counts, may_stay);
                *label = new.map_or(*label, |(label, _)| label);
                new.is_some()
            });
            keep.push(may_stay && (!had_labels || !entity.labels.is_empty()));
        }
        let entities = retain(&mut document.entities, &keep);
        for mention in &mut document.mentions {
            let entity = mention.entity.and_then(|entity| entities.get(entity.0));
            mention.entity = entity.map(EntityIdx);
        }
        (mentions, entities)
    }

    fn mention_relations(&mut self, document: &mut Document, mentions: &Kept) -> Kept {
        let mut keep = Vec::with_capacity(document.mention_relations.len());
        for relation in &mut document.mention_relations {
            let ends = mentions.get(relation.head.0).zip(mentions.get(relation.tail.0));
            let new = self.relation_label(relation.label, ends.is_some());
            if let Some(((head, tail), (label, flip))) = ends.zip(new) {
                let (head, tail) = if flip { (tail, head) } else { (head, tail) };
                relation.head = MentionIdx(head);
                relation.tail = MentionIdx(tail);
                relation.label = label;
            }
            keep.push(new.is_some());
        }
        retain(&mut document.mention_relations, &keep)
    }

    fn relations(&mut self, document: &mut Document, entities: &Kept, support: &Kept) {
        let mut keep = Vec::with_capacity(document.relations.len());
        for relation in &mut document.relations {
            let ends = entities.get(relation.head.0).zip(entities.get(relation.tail.0));
            let new = self.relation_label(relation.label, ends.is_some());
            if let Some(((head, tail), (label, flip))) = ends.zip(new) {
                let (head, tail) = if flip { (tail, head) } else { (head, tail) };
                relation.head = EntityIdx(head);
                relation.tail = EntityIdx(tail);
                relation.label = label;
            }
            for piece in &mut relation.evidence {
                renumber(piece, entities, support);
            }
            keep.push(new.is_some());
        }
        retain(&mut document.relations, &keep);
    }

    fn relation_label(&mut self, label: Label, may_stay: bool) -> Option<(Label, bool)> {
        let counts = &mut self.mapped.relations;
        new_label(&self.map.relation, label, self.vocabulary, counts, may_stay)
    }
}

/// The new label of an item, and whether its ends change places; `None` for one that is dropped.
fn new_label(
    targets: &BTreeMap<String, Target>,
    label: Label,
    vocabulary: &Vocabulary,
    counts: &mut BTreeMap<String, Fate>,
    may_stay: bool,
) -> Option<(Label, bool)> {
    let name = vocabulary.name(label);
    let fate = match counts.get_mut(&*name) {
        Some(fate) => fate,
        None => counts.entry(name.to_string()).or_default(),
    };
    match targets.get(&*name) {
        _ if !may_stay => {
            fate.dropped += 1;
            None
        }
        Some(Target::Drop) => {
            fate.dropped += 1;
            None
        }
        Some(Target::To { label, flip }) => {
            fate.mapped += 1;
            Some((vocabulary.intern(label), *flip))
        }
        None => {
            fate.unmapped += 1;
            Some((label, false))
        }
    }
}

/// Attributes that refer to what is dropped are dropped with it.
fn renumber(piece: &mut Evidence, entities: &Kept, support: &Kept) {
    let entity = |entity: EntityIdx| entities.get(entity.0).map(EntityIdx);
    piece.asserted_by = piece.asserted_by.iter().filter_map(|by| entity(*by)).collect();
    piece.time = piece.time.and_then(entity);
    piece.amount = piece.amount.and_then(entity);
    piece.item = piece.item.and_then(entity);
    let kept = piece.support.iter().filter_map(|relation| support.get(relation.0));
    piece.support = kept.map(MentionRelationIdx).collect();
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Mention, Relation, Span, Text, jsonl};

    use super::*;

    const MAP: &str = r#"
        [entity]
        PERSON = "PER"
        COMPANY = "ORG"
        CARDINAL = "-"
        [relation]
        led_by = { to = "head_of", flip = true }
        works_for = "employee_of"
        no_relation = { drop = true }
    "#;

    fn prediction(vocabulary: &Vocabulary) -> Prediction {
        let line = r#"{"id":"a","text":"Two of Acme met Anna.","mentions":[
            {"start":0,"end":3,"type":"CARDINAL"},{"start":7,"end":11,"type":"COMPANY"},
            {"start":16,"end":20,"type":"PERSON"},{"start":0,"end":3,"type":"NORP"}],
            "entities":[{"type":"CARDINAL","mentions":[0]},{"type":"COMPANY","mentions":[1]},
            {"type":"PERSON","mentions":[2]},{"type":"NORP","mentions":[3]}],
            "mention_relations":[{"head":0,"tail":1,"type":"works_for"},
            {"head":1,"tail":2,"type":"led_by"}],
            "relations":[{"head":1,"tail":2,"type":"led_by","evidence":[
                {"asserted_by":[0,3],"support":[0,1]}]},
            {"head":0,"tail":1,"type":"works_for"},{"head":2,"tail":1,"type":"no_relation"},
            {"head":3,"tail":1,"type":"member_of"}]}"#;
        let document = jsonl::gold_from_str(line, vocabulary).unwrap();
        Prediction { document, ..Prediction::default() }
    }

    fn fate(mapped: u64, dropped: u64, unmapped: u64) -> Fate {
        Fate { mapped, dropped, unmapped }
    }

    #[test]
    fn labels_are_mapped_flipped_dropped_and_counted() {
        let vocabulary = Vocabulary::default();
        let mut prediction = prediction(&vocabulary);
        let mapped = LabelMap::parse(MAP).unwrap().apply(&mut prediction, &vocabulary);
        let document = &prediction.document;

        let name = |label: Label| vocabulary.name(label).to_string();
        let mentions: Vec<(String, u32)> =
            document.mentions.iter().map(|m| (name(m.label), m.entity.unwrap().0)).collect();
        assert_eq!(mentions, [("ORG".into(), 0), ("PER".into(), 1), ("NORP".into(), 2)]);
        let relation = |r: &Relation| (name(r.label), r.head.0, r.tail.0);
        let relations: Vec<_> = document.relations.iter().map(relation).collect();
        assert_eq!(relations, [("head_of".into(), 1, 0), ("member_of".into(), 2, 0)]);
        let evidence = &document.relations[0].evidence[0];
        assert_eq!(evidence.asserted_by, [EntityIdx(2)]);
        assert_eq!(evidence.support, [MentionRelationIdx(0)]);
        let statement = &document.mention_relations[0];
        assert_eq!((statement.head, statement.tail), (MentionIdx(1), MentionIdx(0)));

        let expected = [
            ("CARDINAL", fate(0, 1, 0)),
            ("COMPANY", fate(1, 0, 0)),
            ("NORP", fate(0, 0, 1)),
            ("PERSON", fate(1, 0, 0)),
        ];
        let expected: BTreeMap<String, Fate> =
            expected.into_iter().map(|(label, fate)| (label.to_owned(), fate)).collect();
        assert_eq!((&mapped.mentions, &mapped.entities), (&expected, &expected));
        assert_eq!(mapped.relations["led_by"], fate(2, 0, 0));
        assert_eq!(mapped.relations["works_for"], fate(0, 2, 0), "it lost an end");
        assert_eq!(mapped.relations["no_relation"], fate(0, 1, 0));
        assert_eq!(mapped.relations["member_of"], fate(0, 0, 1));

        let mut twice = mapped.clone();
        twice += &mapped;
        assert_eq!(twice.relations["led_by"], fate(4, 0, 0));
    }

    #[test]
    fn what_a_track_gave_is_left_alone() {
        let vocabulary = Vocabulary::default();
        let mut prediction = prediction(&vocabulary);
        prediction.document.given = Given::Mentions;
        let mapped = LabelMap::parse(MAP).unwrap().apply(&mut prediction, &vocabulary);
        assert_eq!(prediction.document.mentions.len(), 4);
        assert!(mapped.mentions.is_empty());
        assert_eq!(mapped.relations["works_for"], fate(2, 0, 0));
    }

    #[test]
    fn an_entity_that_had_no_mentions_stays() {
        let vocabulary = Vocabulary::default();
        let mut prediction = Prediction::default();
        prediction.document.text = Text::new("ab");
        let label = vocabulary.intern("CARDINAL");
        prediction.document.mentions = vec![Mention::new(Span::new(0, 1).unwrap(), label)];
        prediction.document.entities = vec![ere_dataset::Entity::default()];
        LabelMap::parse(MAP).unwrap().apply(&mut prediction, &vocabulary);
        let document = &prediction.document;
        assert_eq!((document.mentions.len(), document.entities.len()), (0, 1));
    }

    #[test]
    fn an_empty_map_changes_nothing() {
        let vocabulary = Vocabulary::default();
        let before = prediction(&vocabulary);
        let mut after = before.clone();
        LabelMap::default().apply(&mut after, &vocabulary);
        assert_eq!(before, after);
    }

    #[test]
    fn a_broken_map_is_refused_with_a_cure() {
        let cases = [
            (
                "[entity]\nA = { to = 'B', flip = true }",
                "entity label \"A\" has `flip`, which is for relations; remove it",
            ),
            (
                "[relation]\nA = { to = 'B', drop = true }",
                "label \"A\" needs either `to` (with or without `flip`), or `drop = true`",
            ),
            (
                "[relation]\nA = { flip = true }",
                "label \"A\" needs either `to` (with or without `flip`), or `drop = true`",
            ),
            (
                "[relation]\nA = 1",
                "a value must be a type, \"-\", { to = .., flip = .. } or { drop = true }",
            ),
            ("[relations]\nA = 'B'", "unknown field `relations`"),
            ("[entity", "not valid TOML"),
        ];
        for (text, expected) in cases {
            let message = LabelMap::parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
        let missing = LabelMap::read(Path::new("/no/such/map.toml")).unwrap_err();
        assert_eq!(missing.to_string(), "/no/such/map.toml: no such file; check the path");
    }
}
