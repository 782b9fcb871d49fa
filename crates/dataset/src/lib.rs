//! Annotated news: the model, its files, and what makes it valid.
//!
//! A [`Document`] is a text with layers over it: zones and sentences, [`Mention`]s, [`Entity`]s (sets
//! of mentions), [`MentionRelation`]s and [`Relation`]s between entities, whose [`Evidence`] says
//! where and how the text states them. Types are [`Label`]s of a [`Vocabulary`]; an [`Ontology`]
//! says which types there are and what follows from them.
//!
//! Gold and predictions have one shape and two readers. [`jsonl::GoldReader`] refuses what is wrong.
//! [`jsonl::PredictionReader`] refuses nothing: a [`Prediction`] holds what could be understood, and
//! a list of [`Malformed`] items that could not.
//!
//! People write gold in the [`authoring`] form; programs read and write [`jsonl`]; [`standoff`]
//! annotation travels without its text; a [`DatasetFolder`] ties articles, splits, ontology and
//! expected counts together.
//!
//! ```
//! use ere_dataset::{jsonl, Vocabulary};
//! let line = r#"{"id":"a","text":"Anna leads Acme.","mentions":[
//!     {"start":0,"end":4,"type":"PER"},{"start":11,"end":15,"type":"ORG"}],
//!     "entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[1]}],
//!     "relations":[{"head":0,"tail":1,"type":"head_of"}]}"#;
//! let vocabulary = Vocabulary::default();
//! let document = jsonl::gold_from_str(line, &vocabulary)?;
//! assert_eq!(document.mentions[1].spans.first().slice(document.text.as_str()), Some("Acme"));
//! # Ok::<(), ere_dataset::Error>(())
//! ```

pub mod authoring;
pub mod check;
pub mod consistency;
pub mod document;
pub mod error;
pub mod folder;
pub mod input;
pub mod jsonl;
pub mod label;
pub mod limits;
pub mod ontology;
pub mod output;
pub mod prediction;
mod scan;
pub mod span;
pub mod standoff;
pub mod stats;
pub mod text;
pub mod wire;

pub use document::{
    Actuality, Document, Entity, EntityIdx, Evidence, Form, Given, Layers, Mention, MentionIdx,
    MentionRelation, MentionRelationIdx, Meta, Pair, Polarity, Relation, Scope, SentenceIdx,
    Status, Zone, ZoneKind,
};
pub use error::{Error, ErrorKind, Item, Place};
pub use folder::DatasetFolder;
pub use label::{Label, Vocabulary};
pub use ontology::{EntityType, Ontology, RelationType};
pub use prediction::{Layer, Malformed, Prediction};
pub use span::{Span, Spans};
pub use text::Text;
