//! Programs that turn texts into predictions: the trait, the built-in ones, and external programs.
//!
//! An [`Extractor`] says what it is ([`Description`]) and starts [`Session`]s, one for each worker.
//! A session turns an [`Input`] into a [`Prediction`](ere_dataset::Prediction) or a [`Failure`]. An
//! input holds the text and what the track gives besides; it never holds gold relations or zones.
//!
//! [`builtin`] makes the extractors that come with the project, from a name and a training split.
//! An [`External`] program is any command that speaks JSON lines (`docs/protocol.md`). A
//! [`LabelMap`] turns the types of another world into ours, after the extractor and outside it.
//!
//! ```
//! use ere_dataset::{Document, Given, Ontology, Text, Vocabulary};
//! use ere_extract::{Input, Training, builtin};
//!
//! let vocabulary = Vocabulary::default();
//! let ontology = Ontology::parse("name = \"empty\"\nversion = \"1\"", &vocabulary)?;
//! let training = Training { documents: &[], ontology: &ontology, vocabulary: &vocabulary };
//! let extractor = builtin("null", &training).expect("it is in the list");
//!
//! let text = Text::new("Anna leads Acme.");
//! let gold = Document { id: "a".into(), text, ..Document::default() };
//! let prediction = extractor.start()?.extract(&Input::of(&gold, Given::Text))?;
//! assert!(prediction.document.mentions.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builtin;
mod external;
mod extractor;
mod input;
pub mod labels;
mod lexicon;
mod tokens;

pub use builtin::{BUILTIN, Training, builtin};
pub use external::{External, OFFSET_MISMATCH, Settings, Timeouts};
pub use extractor::{Description, Direct, Extractor, Failure, FailureKind, Session, Usage};
pub use input::{Input, Material};
pub use labels::{Fate, LabelMap, Mapped};
