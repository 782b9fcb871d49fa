//! Synthetic corpora, and noisy predictions made from gold, from a seed.
//!
//! [`corpus::document`] makes annotated news whose right answers are known by construction: any
//! number of documents of the shape that a [`corpus::Preset`] states, from a [`grammar::Grammar`].
//! [`noise::predict`] makes a [`ere_dataset::Prediction`] from a gold document by an error model
//! whose rates a [`NoiseSpec`] holds: what a scorer must find is known before it runs, and
//! [`noise::expected`] says it in numbers.
//!
//! [`perturb::perturb`] changes texts in ways that leave their meaning, and carries gold along.
//!
//! Randomness is a function of the seed and the document, never of what was made before: a corpus
//! is the same at any thread count, in any order, and in part.
//!
//! ```
//! use ere_dataset::{jsonl, Ontology, Vocabulary};
//! use ere_synth::{NoiseSpec, noise};
//! # let ontology = "name = \"tiny\"\nversion = \"1\"\n\
//! #     [[entity]]\nname = \"PER\"\ndefinition = \"\"\nexample = \"\"\n\
//! #     [[entity]]\nname = \"ORG\"\ndefinition = \"\"\nexample = \"\"\n\
//! #     [[relation]]\nname = \"head_of\"\nfamily = \"f\"\ndefinition = \"\"\nexample = \"\"\n";
//! let vocabulary = Vocabulary::default();
//! let ontology = Ontology::parse(ontology, &vocabulary)?;
//! let line = r#"{"id":"a","text":"Anna leads Acme.","mentions":[
//!     {"start":0,"end":4,"type":"PER"},{"start":11,"end":15,"type":"ORG"}],
//!     "entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[1]}],
//!     "relations":[{"head":0,"tail":1,"type":"head_of"}]}"#;
//! let gold = jsonl::gold_from_str(line, &vocabulary)?;
//! let spec: NoiseSpec = "relation-miss=1".parse()?;
//! let prediction = noise::predict(&gold, &spec, 42, &vocabulary, &ontology);
//! assert_eq!(prediction.document.mentions, gold.mentions);
//! assert!(prediction.document.relations.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod corpus;
pub mod error;
pub mod grammar;
pub mod noise;
pub mod perturb;
pub mod profile;
mod random;

pub use error::{Error, ErrorKind};
pub use noise::{NoiseSpec, Rate};
