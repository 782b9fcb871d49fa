//! The model: a document and the layers of annotation over its text.
//!
//! Mentions are the base. An entity is a set of mentions; a mention is in at most one entity, which
//! is why the mention points to its entity and not the other way round. Mention relations and
//! entity relations are layers of their own: neither is derived from the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::label::Label;
use crate::span::{Span, Spans};
use crate::text::Text;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The position as an index into the list.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index!(
    /// A position in [`Document::mentions`].
    MentionIdx
);
index!(
    /// A position in [`Document::entities`].
    EntityIdx
);
index!(
    /// A position in [`Document::sentences`].
    SentenceIdx
);
index!(
    /// A position in [`Document::mention_relations`].
    MentionRelationIdx
);

/// A text with its annotation: gold, or a prediction of the same shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Unique in its data set.
    pub id: Box<str>,
    /// The exact text.
    pub text: Text,
    /// What else is known of the document: publication date, register, tags, source.
    pub meta: Meta,
    /// What is annotated exhaustively, where that differs from the data set's own statement.
    pub layers: Option<Layers>,
    /// What a prediction was given besides the text. Decides what relation endpoints point to.
    pub given: Given,
    /// Typed stretches of the text.
    pub zones: Vec<Zone>,
    /// Sentences in text order.
    pub sentences: Vec<Span>,
    /// Tokens in text order, where the data set has them.
    pub tokens: Option<Vec<Span>>,
    /// Places that name something: ordered, duplicates kept.
    pub mentions: Vec<Mention>,
    /// Things in the world.
    pub entities: Vec<Entity>,
    /// Ties between mentions.
    pub mention_relations: Vec<MentionRelation>,
    /// Ties between entities.
    pub relations: Vec<Relation>,
    /// The pairs that were asked, in data sets that classify given pairs.
    pub pairs: Option<Vec<Pair>>,
}

/// Free fields of a document.
pub type Meta = BTreeMap<String, serde_json::Value>;

/// What an extractor was given besides the text (its track).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Given {
    /// The raw text alone.
    #[default]
    Text,
    /// Gold mentions: a prediction's mention relations point to gold mentions.
    Mentions,
    /// Gold entities: a prediction's relations point to gold entities.
    Entities,
}

/// Which layers are annotated exhaustively. What is not, is not scored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layers {
    /// Every mention of the ontology's types is annotated.
    #[serde(default = "yes")]
    pub mentions: bool,
    /// Every entity has all its mentions.
    #[serde(default = "yes")]
    pub coreference: bool,
    /// Ties between mentions are annotated.
    #[serde(default)]
    pub mention_relations: bool,
    /// Which types of entity relations are annotated exhaustively.
    #[serde(default)]
    pub relations: Scope,
}

fn yes() -> bool {
    true
}

impl Default for Layers {
    /// Mentions, coreference and all entity relations.
    fn default() -> Layers {
        Layers {
            mentions: true,
            coreference: true,
            mention_relations: false,
            relations: Scope::All,
        }
    }
}

/// A set of relation types.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Every type of the ontology.
    #[default]
    All,
    /// No type.
    None,
    /// These types.
    Only(Vec<String>),
}

/// A typed stretch of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Where it is.
    pub span: Span,
    /// What it is.
    pub kind: ZoneKind,
}

/// What part of a news page a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneKind {
    /// The title of the article.
    Headline,
    /// The sentence or two under the headline.
    Dek,
    /// Text of a picture.
    Caption,
    /// Place and date before the first sentence.
    Dateline,
    /// A title inside the article.
    Subhead,
    /// The running text.
    Body,
    /// Links and headlines of other articles.
    Related,
    /// Who reported, edited, took the picture.
    Credit,
    /// About the author.
    Bio,
    /// Navigation and other noise of the page.
    Boilerplate,
}

impl ZoneKind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [ZoneKind; 10] = [
        ZoneKind::Headline,
        ZoneKind::Dek,
        ZoneKind::Caption,
        ZoneKind::Dateline,
        ZoneKind::Subhead,
        ZoneKind::Body,
        ZoneKind::Related,
        ZoneKind::Credit,
        ZoneKind::Bio,
        ZoneKind::Boilerplate,
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            ZoneKind::Headline => "headline",
            ZoneKind::Dek => "dek",
            ZoneKind::Caption => "caption",
            ZoneKind::Dateline => "dateline",
            ZoneKind::Subhead => "subhead",
            ZoneKind::Body => "body",
            ZoneKind::Related => "related",
            ZoneKind::Credit => "credit",
            ZoneKind::Bio => "bio",
            ZoneKind::Boilerplate => "boilerplate",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<ZoneKind> {
        ZoneKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it is part of the article itself. The rest is furniture: relations found only there
    /// are neutral in the default protocol.
    pub fn is_content(self) -> bool {
        use ZoneKind::{Bio, Boilerplate, Credit, Related};
        !matches!(self, Related | Bio | Credit | Boilerplate)
    }
}

/// A place in the text that names an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Where it is; several spans when it is discontinuous.
    pub spans: Spans,
    /// Its type.
    pub label: Label,
    /// How it names.
    pub form: Option<Form>,
    /// The syntactic head, where annotated.
    pub head: Option<Span>,
    /// The entity it belongs to, if any.
    pub entity: Option<EntityIdx>,
    /// An identifier in a knowledge base.
    pub link: Option<Box<str>>,
    /// True, but a careful annotator may leave it out.
    pub optional: bool,
    /// How sure the extractor is; any finite number.
    pub confidence: Option<f64>,
    /// A name of its own in the source, kept so that nothing is lost.
    pub id: Option<Box<str>>,
}

impl Mention {
    /// A mention with a place and a type and nothing else.
    pub fn new(spans: impl Into<Spans>, label: Label) -> Mention {
        Mention {
            spans: spans.into(),
            label,
            form: None,
            head: None,
            entity: None,
            link: None,
            optional: false,
            confidence: None,
            id: None,
        }
    }

    /// The same mention as a member of `entity`.
    #[must_use]
    pub fn of(mut self, entity: EntityIdx) -> Mention {
        self.entity = Some(entity);
        self
    }
}

/// How a mention names its entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A proper name, or a value such as a date or an amount.
    Name,
    /// A description ("the alliance").
    Nominal,
    /// A pronoun.
    Pronoun,
}

/// A thing in the world. Its mentions point to it ([`Mention::entity`]); it may have none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entity {
    /// Its types; usually one. Empty where the source does not say.
    pub labels: SmallVec<[Label; 1]>,
    /// Identifiers in knowledge bases.
    pub links: Vec<Box<str>>,
    /// How sure the extractor is; any finite number.
    pub confidence: Option<f64>,
    /// A name of its own in the source, kept so that nothing is lost.
    pub id: Option<Box<str>>,
}

/// A typed tie between two mentions, directed from head to tail.
#[derive(Clone, Debug, PartialEq)]
pub struct MentionRelation {
    /// From.
    pub head: MentionIdx,
    /// To.
    pub tail: MentionIdx,
    /// Its type.
    pub label: Label,
    /// How sure the extractor is; any finite number.
    pub confidence: Option<f64>,
    /// A name of its own in the source, kept so that nothing is lost.
    pub id: Option<Box<str>>,
}

/// A typed tie between two entities, directed from head to tail.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// From.
    pub head: EntityIdx,
    /// To.
    pub tail: EntityIdx,
    /// Its type.
    pub label: Label,
    /// Each statement in the text that supports it. Empty where the source does not say.
    pub evidence: Vec<Evidence>,
    /// True, but a careful annotator may leave it out: neither right nor wrong to predict.
    pub optional: bool,
    /// How sure the extractor is; any finite number.
    pub confidence: Option<f64>,
    /// A name of its own in the source, kept so that nothing is lost.
    pub id: Option<Box<str>>,
}

/// One statement that supports a relation. Attributes belong to it, not to the relation as a whole:
/// one relation can have several sources, times and amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The sentences that make the statement together.
    pub sentences: SmallVec<[SentenceIdx; 2]>,
    /// Mention relations that express it.
    pub support: Vec<MentionRelationIdx>,
    /// Who says so, if not the writer.
    pub asserted_by: Vec<EntityIdx>,
    /// Whether it is stated or denied.
    pub polarity: Polarity,
    /// Whether it is a fact, a plan or a possibility.
    pub actuality: Actuality,
    /// Whether it holds still.
    pub status: Status,
    /// When (DATE).
    pub time: Option<EntityIdx>,
    /// How much (MONEY, PERCENT, QUANTITY).
    pub amount: Option<EntityIdx>,
    /// What (PRODUCT).
    pub item: Option<EntityIdx>,
}

macro_rules! attribute {
    ($(#[$doc:meta])* $name:ident { $(#[$doc0:meta])* $default:ident, $($(#[$doc1:meta])* $other:ident),+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name {
            $(#[$doc0])*
            #[default]
            $default,
            $($(#[$doc1])* $other),+
        }

        impl $name {
            /// Whether it is the value that need not be written.
            pub fn is_default(&self) -> bool {
                *self == $name::default()
            }
        }
    };
}

attribute!(
    /// Whether a statement is made or denied.
    Polarity {
        /// Stated.
        Positive,
        /// Denied.
        Negative
    }
);
attribute!(
    /// Whether a statement is about a fact.
    Actuality {
        /// It is, or was, so.
        Actual,
        /// Somebody intends it.
        Planned,
        /// It may be so.
        Possible
    }
);
attribute!(
    /// Whether a state holds at the time of writing.
    Status {
        /// It does.
        Current,
        /// It did.
        Former
    }
);

/// A pair of mentions that an extractor was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The first argument.
    pub head: MentionIdx,
    /// The second argument.
    pub tail: MentionIdx,
}

impl Document {
    /// The mentions of each entity, in list order: one inner list an entity. Linear.
    pub fn mentions_by_entity(&self) -> Vec<Vec<MentionIdx>> {
        let mut lists = vec![Vec::new(); self.entities.len()];
        for (position, mention) in self.mentions.iter().enumerate() {
            if let Some(entity) = mention.entity {
                lists[entity.index()].push(MentionIdx(position as u32));
            }
        }
        lists
    }

    /// The kind of zone that a span begins in. A text without zones is all content: `None`.
    #[inline]
    pub fn zone_of(&self, span: Span) -> Option<ZoneKind> {
        let holds =
            |zone: &&Zone| zone.span.start() <= span.start() && span.start() < zone.span.end();
        self.zones.iter().find(holds).map(|zone| zone.kind)
    }

    /// The sentence that holds a span's first byte.
    pub fn sentence_of(&self, span: Span) -> Option<SentenceIdx> {
        let holds = |s: &Span| s.start() <= span.start() && span.start() < s.end();
        self.sentences.iter().position(holds).map(|position| SentenceIdx(position as u32))
    }

    /// A string field of [`Document::meta`].
    pub fn meta_str(&self, key: &str) -> Option<&str> {
        self.meta.get(key)?.as_str()
    }

    /// The tags in [`Document::meta`]: a list of strings, or a string of words.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let tags = self.meta.get("tags");
        let words = tags.and_then(|tags| tags.as_str()).unwrap_or_default().split_whitespace();
        let list = tags.and_then(|tags| tags.as_array()).map(Vec::as_slice).unwrap_or_default();
        words.chain(list.iter().filter_map(|tag| tag.as_str()))
    }
}
