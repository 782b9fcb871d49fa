//! The extractors that come with the project.

mod gazetteer;
mod null;
mod patterns;

use ere_dataset::{Document, Ontology, Vocabulary};

use crate::extractor::Extractor;

/// What a built-in extractor learns from: the train split and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a> {
    /// Gold documents of the train split.
    pub documents: &'a [Document],
    /// The types that may be predicted.
    pub ontology: &'a Ontology,
    /// The vocabulary of the documents and the ontology.
    pub vocabulary: &'a Vocabulary,
}

type Make = fn(&Training<'_>) -> Box<dyn Extractor>;

/// The list. A new extractor is one line here.
const EXTRACTORS: [(&str, Make); 3] = [
    ("null", |_| Box::new(null::Null::new())),
    ("gazetteer", |training| Box::new(gazetteer::Gazetteer::train(training))),
    ("patterns", |training| Box::new(patterns::Patterns::new(training))),
];

/// The names that [`builtin`] knows.
pub const BUILTIN: [&str; EXTRACTORS.len()] = names();

const fn names() -> [&'static str; EXTRACTORS.len()] {
    let mut names = [""; EXTRACTORS.len()];
    let mut position = 0;
    while position < names.len() {
        names[position] = EXTRACTORS[position].0;
        position += 1;
    }
    names
}

/// Makes the built-in extractor of that name; `None` where there is none.
///
/// Training is linear in the length of the documents, times the number of rules that
/// `gazetteer` tries.
pub fn builtin(name: &str, training: &Training<'_>) -> Option<Box<dyn Extractor>> {
    let (_, make) = EXTRACTORS.iter().find(|(known, _)| *known == name)?;
    Some(make(training))
}
