//! What the synthetic corpora are written from: words, classes of entities, sentence templates.
//!
//! A grammar is data (`data/names.txt`, `data/templates.txt`), parsed once and checked against an
//! ontology, so that documents made from it are valid gold by construction. The form is lines; `#`
//! begins a comment line, indentation is for the eye. A block begins with one of:
//!
//! ```text
//! words colour                          # a list: entries follow, apart by `;` or line breaks
//!   red; green
//! class ORG/company 18                  # a class of entities, type/name, and its share of casts
//!   pronoun it its                      # subject, possessive
//!   nominal company                     # a noun that refers to it
//!   name {firm} {industry} | {firm}     # its name, and after | a short form of it
//!   name the {colour} Company           # a leading `the` is written, but not in the mention
//! class DATE/day                        # without a share: a value, made where a template asks
//!   shared                              # equal names are one entity
//!   name {1..28} May                    # a number
//! template body 2                       # headline, body or filler, and its weight
//!   text {a:ORG/company|GPE} bought {b:FAC} for {m:MONEY}, <colour> with rage.
//!   states acquires a b planned amount=m by=a
//! ```
//!
//! In a text, `{a:TYPES}` is a mention of the entity that fills slot `a`, by a name or a substitute
//! of it; `{a.subject}` and `{a.possessive}` are its pronouns; `[a … ]` makes what stands inside a
//! nominal mention of it; `<colour>` is an entry of a list. A statement names the relation, head and
//! tail, then `planned`, `possible`, `former`, `negative`, `time=`, `amount=`, `item=`, `by=`.

mod parse;

use ere_dataset::{Actuality, Label, Ontology, Polarity, Status, Vocabulary};

use crate::error::{Error, ErrorKind};

/// Words, classes of entities and sentence templates, checked against an ontology.
#[derive(Clone, Debug)]
pub struct Grammar {
    pub(crate) lists: Vec<Vec<Box<str>>>,
    pub(crate) classes: Vec<Class>,
    pub(crate) headlines: Vec<Template>,
    pub(crate) bodies: Vec<Template>,
    pub(crate) fillers: Vec<Template>,
    /// Positions of templates, each as often as its weight says.
    pub(crate) headline_urn: Vec<u16>,
    pub(crate) body_urn: Vec<u16>,
    pub(crate) filler_urn: Vec<u16>,
    /// For each headline, the bodies that state nothing but what it states.
    pub(crate) restatements: Vec<Vec<u16>>,
    /// Running sums of the shares of classes in casts.
    pub(crate) shares: Vec<u64>,
}

/// A set of classes, one bit each.
pub(crate) type ClassSet = u64;

#[derive(Clone, Debug)]
pub(crate) struct Class {
    /// `ORG/company`.
    pub(crate) name: Box<str>,
    pub(crate) label: Label,
    /// Whether equal names are one entity.
    pub(crate) is_shared: bool,
    /// Values are made where a template asks for one; other things are cast beforehand.
    pub(crate) is_value: bool,
    /// Subject and possessive.
    pub(crate) pronouns: Option<[Box<str>; 2]>,
    pub(crate) nominals: Vec<Box<str>>,
    pub(crate) patterns: Vec<Pattern>,
}

/// How a name is made.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) has_article: bool,
    pub(crate) full: Vec<Part>,
    pub(crate) short: Option<Vec<Part>>,
    /// The drawn parts, in their order in the full name.
    pub(crate) drawn: Vec<Drawn>,
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Literal(Box<str>),
    /// The drawn part at this position.
    Drawn(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drawn {
    /// An entry of this list. Distinctive where a short name uses it: no two entities of a document
    /// share it.
    Word { list: usize, is_distinctive: bool },
    /// A number between two, both allowed.
    Number { from: u32, to: u32 },
}

impl Drawn {
    /// The list that it is drawn from.
    pub(crate) fn list(self) -> Option<usize> {
        match self {
            Drawn::Word { list, .. } => Some(list),
            Drawn::Number { .. } => None,
        }
    }
}

/// How many drawn parts a name has at most.
pub(crate) const DRAWN_MAX: usize = 3;
/// How many slots a template has at most.
pub(crate) const SLOTS_MAX: usize = 6;

#[derive(Clone, Debug, Default)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Segment>,
    /// The classes that may fill each slot.
    pub(crate) slots: Vec<ClassSet>,
    pub(crate) statements: Vec<Statement>,
}

#[derive(Clone, Debug)]
pub(crate) enum Segment {
    Literal(Box<str>),
    /// An entry of a list.
    Phrase(usize),
    /// A mention of the entity in a slot.
    Slot {
        slot: usize,
        how: How,
    },
    /// A nominal mention of the entity in a slot begins.
    Open(usize),
    /// The mention that began last ends.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// As the text before allows; at the start of a sentence also by a pronoun.
    Any { starts_sentence: bool },
    /// By a pronoun: 0 subject, 1 possessive.
    Pronoun(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) label: Label,
    pub(crate) head: usize,
    pub(crate) tail: usize,
    pub(crate) kind: Kind,
    pub(crate) asserted_by: Option<usize>,
    pub(crate) time: Option<usize>,
    pub(crate) amount: Option<usize>,
    pub(crate) item: Option<usize>,
}

/// Whether a statement is made, denied, planned, over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) polarity: Polarity,
    pub(crate) actuality: Actuality,
    pub(crate) status: Status,
}

impl Grammar {
    /// The grammar that comes with this crate, for the newswire ontology. It states every relation
    /// type of that ontology but `buys_from`, the inverse of one that it states.
    ///
    /// # Errors
    /// The ontology is another one, lacks a type that the grammar uses, or does not allow what it
    /// states.
    pub fn newswire(vocabulary: &Vocabulary, ontology: &Ontology) -> Result<Grammar, Error> {
        if ontology.name != "newswire" {
            return Err(ErrorKind::NoGrammar { ontology: ontology.name.clone() }.into());
        }
        let sources = [
            ("names.txt", include_str!("../data/names.txt")),
            ("templates.txt", include_str!("../data/templates.txt")),
        ];
        Grammar::parse(&sources, vocabulary, ontology)
    }

    /// Reads a grammar from texts, each with a name for error messages. What a line uses has to
    /// stand before it.
    ///
    /// # Errors
    /// A line that is not of the form above, uses what is not declared, or states what the ontology
    /// does not allow.
    pub fn parse(
        sources: &[(&str, &str)],
        vocabulary: &Vocabulary,
        ontology: &Ontology,
    ) -> Result<Grammar, Error> {
        parse::grammar(sources, vocabulary, ontology)
    }

    /// The relation types that its sentences state, in label order, each once.
    pub fn relation_labels(&self) -> Vec<Label> {
        let templates = self.headlines.iter().chain(&self.bodies);
        let statements = templates.flat_map(|template| &template.statements);
        let mut labels: Vec<Label> = statements.map(|statement| statement.label).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }
}
