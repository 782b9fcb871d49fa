//! Runs extractors over data sets, in parallel, and leaves predictions and a record.
//!
//! [`run`] takes a [`Source`] of predictions (an extractor, a file, or noise), the [`Data`] to run
//! it on, and [`Options`]. It goes over the documents once for quality, again and again for speed,
//! scores what it got, and returns an [`Outcome`]: the record, the tallies and what failed. With
//! [`Options::runs`] it leaves the record on disk ([`ere_eval::record`]).
//!
//! A document that fails, in whatever way, costs that document: it is scored as an empty prediction
//! and counted. Scores do not depend on the number of threads. Looking at a [`Watch`] between
//! documents, a run can be told to stop; it then leaves nothing.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//! use ere_dataset::{Layers, Vocabulary, folder::Split, jsonl};
//! use ere_extract::{Training, builtin};
//! use ere_runner::{Data, Options, Source, Watch, run};
//! # let vocabulary = Vocabulary::default();
//! # let ontology = ere_dataset::Ontology::parse(
//! #     "name = \"tiny\"\nversion = \"1\"\n\
//! #      [[entity]]\nname = \"PER\"\ndefinition = \"\"\nexample = \"\"\n", &vocabulary)?;
//! let line = r#"{"id":"a","text":"Anna.","mentions":[{"start":0,"end":4,"type":"PER"}]}"#;
//! let documents = vec![jsonl::gold_from_str(line, &vocabulary)?];
//! let split = Split::new("test", documents, &vocabulary);
//! let layers = Layers::default();
//! let data = Data {
//!     name: "tiny",
//!     version: "1",
//!     split: &split,
//!     layers: &layers,
//!     ontology: Some(&ontology),
//!     vocabulary: &vocabulary,
//! };
//! let training = Training { documents: &[], ontology: &ontology, vocabulary: &vocabulary };
//! let null = builtin("null", &training).expect("it is in the list");
//! let cancelled = AtomicBool::new(false);
//! let watch = Watch { cancelled: &cancelled, progress: &|_| () };
//! let outcome = run(&Source::Builtin(&*null), &data, &Options::default(), &watch)?;
//! assert_eq!(outcome.record.coverage.answered, 1);
//! assert_eq!(outcome.tallies.micro("mention.strict").unwrap().recall(), Some(0.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answers;
mod assemble;
mod environment;
mod error;
mod memory;
mod pass;
mod predictions;
mod run;
pub mod score;
mod speed;

pub use error::{Error, ErrorKind};
pub use run::{
    Data, LabelMapping, Options, Outcome, Phase, Progress, Source, SpeedOptions, UnknownDocuments,
    Watch, run,
};
