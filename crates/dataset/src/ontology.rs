//! The types of a data set, and what follows from them.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Place};
use crate::label::{Label, Vocabulary};
use crate::text::sha256_hex;

/// Entity and relation types: signatures, families, symmetric, inverse and implied relations.
#[derive(Clone, Debug)]
pub struct Ontology {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the file it came from.
    pub sha256: String,
    /// The text of that file.
    pub source: Box<str>,
    /// Entity types in the order of the file.
    pub entities: Vec<EntityType>,
    /// Relation types in the order of the file.
    pub relations: Vec<RelationType>,
    /// Position of each label among the entity types.
    entity_by_label: Vec<Option<u32>>,
    /// Position of each label among the relation types.
    relation_by_label: Vec<Option<u32>>,
}

/// A type of entity.
#[derive(Clone, Debug)]
pub struct EntityType {
    /// Its label.
    pub label: Label,
    /// Its name.
    pub name: String,
    /// What it covers, in a sentence or two.
    pub definition: String,
    /// One example.
    pub example: String,
    /// A date, an amount, a measure: a value rather than a thing.
    pub is_value: bool,
}

/// A type of relation between entities.
#[derive(Clone, Debug)]
pub struct RelationType {
    /// Its label.
    pub label: Label,
    /// Its name.
    pub name: String,
    /// The family it is averaged with.
    pub family: String,
    /// What it covers, in a sentence or two.
    pub definition: String,
    /// One example.
    pub example: String,
    /// Entity types and the types each of them may tie to.
    pub signatures: Vec<Signature>,
    /// Whether (a, b) and (b, a) are the same relation.
    pub symmetric: bool,
    /// The relation that this one is with its ends exchanged: scoring turns this one into that one.
    pub inverse_of: Option<Label>,
    /// Relations that hold wherever this one does (and their signature allows it).
    pub implies: Vec<Label>,
    /// Whether it counts in the primary score. The others have rows of their own.
    pub is_primary: bool,
}

/// Allowed types of the ends: any head with any tail.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Allowed types of the head.
    pub head: Vec<Label>,
    /// Allowed types of the tail.
    pub tail: Vec<Label>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    version: String,
    #[serde(default)]
    entity: Vec<EntityEntry>,
    #[serde(default)]
    relation: Vec<RelationEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntityEntry {
    name: String,
    definition: String,
    example: String,
    #[serde(default)]
    value: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RelationEntry {
    name: String,
    family: String,
    definition: String,
    example: String,
    #[serde(default)]
    signatures: Vec<SignatureEntry>,
    #[serde(default)]
    symmetric: bool,
    inverse_of: Option<String>,
    #[serde(default)]
    implies: Vec<String>,
    #[serde(default = "yes")]
    primary: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureEntry {
    head: Vec<String>,
    /// Left out: the same types as the head.
    tail: Option<Vec<String>>,
}

fn yes() -> bool {
    true
}

impl Ontology {
    /// Reads an ontology file and interns its types.
    ///
    /// # Errors
    /// A file that cannot be read, is no ontology, or names a type that it does not declare.
    pub fn read(path: &Path, vocabulary: &Vocabulary) -> Result<Ontology, Error> {
        let text = crate::folder::read_small(path)?;
        Ontology::parse(&text, vocabulary).map_err(|error| error.in_file(path))
    }

    /// Reads an ontology from the text of its file.
    ///
    /// # Errors
    /// As [`Ontology::read`].
    pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Ontology, Error> {
        let file: File = toml::from_str(text)
            .map_err(|error| Error::new(Place::default(), ErrorKind::Toml(error.to_string())))?;
        Builder { file: &file, vocabulary }.build(text)
    }

    /// The relation type with this label.
    pub fn relation(&self, label: Label) -> Option<&RelationType> {
        let position = (*self.relation_by_label.get(label.index())?)?;
        Some(&self.relations[position as usize])
    }

    /// The entity type with this label.
    pub fn entity(&self, label: Label) -> Option<&EntityType> {
        let position = (*self.entity_by_label.get(label.index())?)?;
        Some(&self.entities[position as usize])
    }

    /// Families in order of first appearance.
    pub fn families(&self) -> Vec<&str> {
        let mut families: Vec<&str> = Vec::new();
        for relation in &self.relations {
            if !families.contains(&relation.family.as_str()) {
                families.push(&relation.family);
            }
        }
        families
    }

    /// The name most like `name` among entity types (or relation types), if one is close.
    pub fn similar(&self, name: &str, relations: bool) -> Option<String> {
        let names: Vec<&str> = if relations {
            self.relations.iter().map(|relation| relation.name.as_str()).collect()
        } else {
            self.entities.iter().map(|entity| entity.name.as_str()).collect()
        };
        most_similar(name, names).map(str::to_owned)
    }
}

impl RelationType {
    /// Whether the signature allows ends of these types. A type that declares no signature allows
    /// all.
    pub fn allows(&self, head: &[Label], tail: &[Label]) -> bool {
        let among = |types: &[Label], allowed: &[Label]| types.iter().any(|t| allowed.contains(t));
        self.signatures.is_empty()
            || self.signatures.iter().any(|s| among(head, &s.head) && among(tail, &s.tail))
    }
}

struct Builder<'a> {
    file: &'a File,
    vocabulary: &'a Vocabulary,
}

impl Builder<'_> {
    fn build(&self, source: &str) -> Result<Ontology, Error> {
        let entities: Vec<EntityType> = self.file.entity.iter().map(|e| self.entity(e)).collect();
        let relations: Vec<RelationType> =
            self.file.relation.iter().map(|r| self.relation(r)).collect::<Result<_, _>>()?;
        self.check_names()?;
        let positions = |labels: &mut dyn Iterator<Item = Label>| {
            let mut positions = vec![None; self.vocabulary.len()];
            for (position, label) in labels.enumerate() {
                positions[label.index()] = Some(position as u32);
            }
            positions
        };
        let entity_by_label = positions(&mut entities.iter().map(|entity| entity.label));
        let relation_by_label = positions(&mut relations.iter().map(|relation| relation.label));
        let (name, version) = (self.file.name.clone(), self.file.version.clone());
        let (sha256, source) = (sha256_hex(source.as_bytes()), source.into());
        let ontology = Ontology {
            name,
            version,
            sha256,
            source,
            entities,
            relations,
            entity_by_label,
            relation_by_label,
        };
        ontology.with_inverse_signatures()
    }

    fn entity(&self, entry: &EntityEntry) -> EntityType {
        EntityType {
            label: self.vocabulary.intern(&entry.name),
            name: entry.name.clone(),
            definition: entry.definition.clone(),
            example: entry.example.clone(),
            is_value: entry.value,
        }
    }

    fn relation(&self, entry: &RelationEntry) -> Result<RelationType, Error> {
        let signature = |s: &SignatureEntry| -> Result<Signature, Error> {
            let head = self.entity_labels(&s.head, &entry.name)?;
            let tail = self.entity_labels(s.tail.as_ref().unwrap_or(&s.head), &entry.name)?;
            Ok(Signature { head, tail })
        };
        Ok(RelationType {
            label: self.vocabulary.intern(&entry.name),
            name: entry.name.clone(),
            family: entry.family.clone(),
            definition: entry.definition.clone(),
            example: entry.example.clone(),
            signatures: entry.signatures.iter().map(signature).collect::<Result<_, _>>()?,
            symmetric: entry.symmetric,
            inverse_of: match &entry.inverse_of {
                Some(name) => Some(self.relation_label(name, &entry.name)?),
                None => None,
            },
            implies: entry
                .implies
                .iter()
                .map(|name| self.relation_label(name, &entry.name))
                .collect::<Result<_, _>>()?,
            is_primary: entry.primary,
        })
    }

    fn entity_labels(&self, names: &[String], of: &str) -> Result<Vec<Label>, Error> {
        let known = |name: &String| self.file.entity.iter().any(|entity| entity.name == *name);
        match names.iter().find(|name| !known(name)) {
            Some(name) => Err(inconsistent(format!(
                "relation {of:?} names the entity type {name:?}, which is not declared; add an [[entity]]"
            ))),
            None => Ok(names.iter().map(|name| self.vocabulary.intern(name)).collect()),
        }
    }

    fn relation_label(&self, name: &str, of: &str) -> Result<Label, Error> {
        if self.file.relation.iter().any(|relation| relation.name == name) {
            Ok(self.vocabulary.intern(name))
        } else {
            Err(inconsistent(format!(
                "relation {of:?} names the relation {name:?}, which is not declared; add a [[relation]]"
            )))
        }
    }

    fn check_names(&self) -> Result<(), Error> {
        let entities = self.file.entity.iter().map(|entity| &entity.name);
        let relations = self.file.relation.iter().map(|relation| &relation.name);
        let mut names: Vec<&String> = entities.chain(relations).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(inconsistent(format!("type {:?} is declared twice", pair[0]))),
            None => Ok(()),
        }
    }
}

impl Ontology {
    /// An inverse that declares no signature has the other one's with its ends exchanged.
    fn with_inverse_signatures(mut self) -> Result<Ontology, Error> {
        for position in 0..self.relations.len() {
            let Some(base) = self.relations[position].inverse_of else { continue };
            let base = self.relation(base).expect("inverses were checked to be declared");
            if base.inverse_of.is_some() || base.symmetric {
                let name = &self.relations[position].name;
                return Err(inconsistent(format!(
                    "relation {name:?} is the inverse of {:?}, which is itself symmetric or an inverse; \
                     name the relation that is annotated",
                    base.name
                )));
            }
            if self.relations[position].signatures.is_empty() {
                let exchange =
                    |s: &Signature| Signature { head: s.tail.clone(), tail: s.head.clone() };
                self.relations[position].signatures =
                    base.signatures.iter().map(exchange).collect();
            }
        }
        Ok(self)
    }
}

fn inconsistent(message: String) -> Error {
    Error::new(Place::default(), ErrorKind::Inconsistent(message))
}

/// The name most like `name`, if one is close.
pub(crate) fn most_similar<'a>(
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let near = |candidate: &&str| edit_distance(&name.to_lowercase(), &candidate.to_lowercase());
    let best = names.into_iter().min_by_key(near)?;
    let limit = 2.max(name.chars().count() / 3);
    (near(&best) <= limit).then_some(best)
}

/// Levenshtein distance over characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
