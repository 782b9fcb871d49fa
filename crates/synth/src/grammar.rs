//! What the synthetic corpora are written from: words, classes of entities, sentence templates.
//!
//! A grammar is data (the files under `data/`), parsed once and checked against an
//! ontology, so that documents made from it are valid gold by construction. The form is lines; `#`
//! begins a comment line, indentation is for the eye. A block begins with one of:
//!
//! ```text
//! words colour                          # a list: entries follow, apart by `;` or line breaks
//!   red|rouge; green|vert               # an entry may have further forms, after |
//! class ORG/company 18                  # a class of entities, type/name, and its share of casts
//!   pronoun it its                      # subject, possessive
//!   nominal company                     # a noun that refers to it
//!   name {firm} {industry} | {firm}     # its name, and after | a short form of it
//!   name the {colour} Company           # a leading `the` is written, but not in the mention
//! class DATE/day                        # without a share: a value, made where a template asks
//!   shared                              # equal names are one entity
//!   name {1..28} May                    # a number
//! class ORG/council                     # without a name: made where a template describes it
//!   nominal council
//!   optional                            # its mentions may be left out
//! template body 2                       # where it belongs, and its weight
//!   text {a:ORG/company|GPE} bought {b:FAC} for {m:MONEY}, <colour> with rage.
//!   states acquires a b planned amount=m by=a
//! ```
//!
//! A template is for the body, a filler of the body (it states nothing), a distractor (the same, with
//! two entities or more), or a zone: headline, dek, caption, dateline, subhead, related, credit, bio,
//! boilerplate.
//!
//! In a text, `{a:TYPES}` is a mention of the entity that fills slot `a`, by a name or a substitute
//! of it; `{a.subject}` and `{a.possessive}` are its pronouns; `{a.1}` and `{a.2}` are further forms
//! of its name, and `{a.capitals}` is its name in capitals (`{a:TYPES.1}` fills the slot, too).
//! `[a … ]` makes what stands inside a nominal mention of what fills slot `a`, and `[a:TYPE/name … ]`
//! a new entity of a class without names; `~]` interrupts such a mention and `[a~ … ]` goes on with
//! it. `<colour>` is an entry of a list, and ` // ` begins another sentence.
//!
//! A statement names the relation, head and tail, then `planned`, `possible`, `former`, `negative`,
//! `optional`, `time=`, `amount=`, `item=`, `by=`, and, where there are several sentences, those that
//! make it: `in=1` or `in=1,2`.

mod parse;

use ere_dataset::{Actuality, Label, Ontology, Polarity, Status, Vocabulary, ZoneKind};

use crate::error::{Error, ErrorKind};

/// Words, classes of entities and sentence templates, checked against an ontology.
#[derive(Clone, Debug)]
pub struct Grammar {
    pub(crate) lists: Vec<List>,
    pub(crate) classes: Vec<Class>,
    pub(crate) bodies: Pool,
    pub(crate) fillers: Pool,
    pub(crate) distractors: Pool,
    /// What stands outside the body, for each kind of zone.
    pub(crate) zones: [Pool; ZoneKind::ALL.len()],
    /// For each headline, the bodies that state nothing but what it states.
    pub(crate) restatements: Vec<Vec<u16>>,
    /// Running sums of the shares of classes in casts.
    pub(crate) shares: Vec<u64>,
}

/// The entries of a list, each with its first form, and the other forms where entries have them.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    pub(crate) entries: Vec<Box<str>>,
    pub(crate) faces: [Vec<Box<str>>; FACES - 1],
}

/// How many forms an entry of a list has at most.
pub(crate) const FACES: usize = 3;

impl List {
    /// A form of an entry.
    pub(crate) fn face(&self, entry: usize, face: usize) -> &str {
        match face.checked_sub(1) {
            None => &self.entries[entry],
            Some(face) => &self.faces[face][entry],
        }
    }
}

/// Templates to draw from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    pub(crate) templates: Vec<Template>,
    /// Positions of templates, each as often as its weight says.
    pub(crate) urn: Vec<u16>,
}

/// A set of classes, one bit each.
pub(crate) type ClassSet = u128;

#[derive(Clone, Debug)]
pub(crate) struct Class {
    /// `ORG/company`.
    pub(crate) name: Box<str>,
    pub(crate) label: Label,
    /// Whether equal names are one entity.
    pub(crate) is_shared: bool,
    pub(crate) kind: ClassKind,
    /// Whether a careful annotator may leave its mentions out.
    pub(crate) is_optional: bool,
    /// Subject and possessive.
    pub(crate) pronouns: Option<[Box<str>; 2]>,
    pub(crate) nominals: Vec<Box<str>>,
    pub(crate) patterns: Vec<Pattern>,
}

/// When the entities of a class are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClassKind {
    /// Cast before the text is written.
    Cast,
    /// Made where a template asks for one.
    Value,
    /// Made where a template describes one: it has no name.
    Described,
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
    /// The drawn part at this position, in one of its forms.
    Drawn {
        part: usize,
        face: usize,
    },
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
pub(crate) const SLOTS_MAX: usize = 10;

#[derive(Clone, Debug, Default)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Segment>,
    /// The classes that may fill each slot.
    pub(crate) slots: Vec<ClassSet>,
    /// Slots that are filled by a new entity, one bit each.
    pub(crate) described: u16,
    /// How many sentences it has.
    pub(crate) sentences: usize,
    /// The slots in the order in which they are filled: things of the cast, then values, because they
    /// may join the cast, then what is described.
    pub(crate) order: Vec<(ClassKind, usize)>,
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
    /// The mention that began last is interrupted.
    Pause,
    /// The mention of the entity in a slot that was interrupted goes on.
    Resume(usize),
    /// A sentence ends, another one begins.
    Break,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// As the text before allows; at the start of a sentence also by a pronoun.
    Any { starts_sentence: bool },
    /// By a pronoun: 0 subject, 1 possessive.
    Pronoun(usize),
    /// By another form of its name.
    Face(usize),
    /// By its name in capitals.
    Capitals,
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
    pub(crate) is_optional: bool,
    /// The sentences of the template that make it, one bit each.
    pub(crate) sentences: u8,
}

/// Whether a statement is made, denied, planned, over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) polarity: Polarity,
    pub(crate) actuality: Actuality,
    pub(crate) status: Status,
}

impl Grammar {
    /// The grammar of articles like those of the newswire data set, for its ontology. It states every
    /// relation type of that ontology but `buys_from`, the inverse of one that it states.
    ///
    /// # Errors
    /// The ontology is another one, lacks a type that the grammar uses, or does not allow what it
    /// states.
    pub fn newswire(vocabulary: &Vocabulary, ontology: &Ontology) -> Result<Grammar, Error> {
        let sources = [
            ("words.txt", include_str!("../data/words.txt")),
            ("newswire/words.txt", include_str!("../data/newswire/words.txt")),
            ("newswire/classes.txt", include_str!("../data/newswire/classes.txt")),
            ("newswire/body.txt", include_str!("../data/newswire/body.txt")),
            ("newswire/zones.txt", include_str!("../data/newswire/zones.txt")),
        ];
        Grammar::built_in(&sources, vocabulary, ontology)
    }

    /// The plain grammar of the benches, for the newswire ontology: short sentences that state one
    /// relation or two. It does not grow, so that figures of the benches stay comparable.
    ///
    /// # Errors
    /// As [`Grammar::newswire`].
    pub fn bench(vocabulary: &Vocabulary, ontology: &Ontology) -> Result<Grammar, Error> {
        let sources = [
            ("words.txt", include_str!("../data/words.txt")),
            ("bench/classes.txt", include_str!("../data/bench/classes.txt")),
            ("bench/templates.txt", include_str!("../data/bench/templates.txt")),
        ];
        Grammar::built_in(&sources, vocabulary, ontology)
    }

    fn built_in(
        sources: &[(&str, &str)],
        vocabulary: &Vocabulary,
        ontology: &Ontology,
    ) -> Result<Grammar, Error> {
        if ontology.name != "newswire" {
            return Err(ErrorKind::NoGrammar { ontology: ontology.name.clone() }.into());
        }
        Grammar::parse(sources, vocabulary, ontology)
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
        let zones = self.zones.iter().flat_map(|pool| &pool.templates);
        let templates = zones.chain(&self.bodies.templates);
        let statements = templates.flat_map(|template| &template.statements);
        let mut labels: Vec<Label> = statements.map(|statement| statement.label).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }
}
