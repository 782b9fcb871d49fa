//! How well a prediction agrees with gold: views, matching, tallies, scores, intervals, signatures.
//!
//! Scoring goes one way. A [`View`] says what one item is and when two items match. For each
//! document, [`tally`] canonicalises gold and prediction, matches them, and returns additive counts:
//! one [`Tally`] for each row. [`Tallies`] collects them in document-id order. Ratios come last, in
//! [`Tallies::scores`], with intervals over documents, and each [`Score`] carries the
//! [`Signature`] that says what was counted. A [`Protocol`] is a named list of views and policies.
//!
//! Nothing here can fail: gold was refused where it is wrong before it came here, and what is
//! malformed in a prediction was set apart. Only reading a [`record`] can.
//!
//! ```
//! use ere_dataset::{Vocabulary, jsonl, prediction::RawPrediction, Layers};
//! use ere_eval::{Protocol, Rules, Tallies, tally};
//! let vocabulary = Vocabulary::default();
//! let gold = jsonl::gold_from_str(
//!     r#"{"id":"a","text":"Anna met Bo.","mentions":[
//!         {"start":0,"end":4,"type":"PER"},{"start":9,"end":11,"type":"PER"}]}"#,
//!     &vocabulary,
//! )?;
//! let pred = RawPrediction::parse(
//!     r#"{"id":"a","mentions":[{"start":0,"end":4,"type":"PER"},{"start":5,"end":8,"type":"PER"}]}"#,
//! )?
//! .attach(&gold, &vocabulary);
//! let rules = Rules::open(&vocabulary);
//! let protocol = Protocol::default();
//! let tallies: Tallies = [tally(&gold, &pred, &protocol, &rules, &Layers::default())].into_iter().collect();
//! let strict = tallies.micro("mention.strict").unwrap();
//! assert_eq!((strict.precision(), strict.recall(), strict.f1()), (Some(0.5), Some(0.5), Some(0.5)));
//! # Ok::<(), ere_dataset::Error>(())
//! ```

pub mod agreement;
mod alignment;
mod compare;
mod coreference;
mod difference;
mod document;
mod entity;
pub mod errors;
mod link;
pub mod matching;
mod mention;
mod overlap;
mod place;
mod policy;
mod property;
mod protocol;
pub mod record;
pub mod reference;
mod relation;
mod resolve;
mod rules;
mod score;
mod signature;
mod sink;
mod slice;
mod slicing;
pub mod statistics;
mod tally;
mod view;

pub use compare::{Comparison, compare, holm};
pub use difference::Difference;
pub use document::{DocumentTallies, Notes, tally, tally_unknown};
pub use overlap::{Outcomes, Semeval13, semeval13};
pub use policy::{Aliens, Direction, Duplicates, Missing, Policies, Unknown, ViewPolicies, Zero};
pub use property::{Exemption, Property};
pub use protocol::{Protocol, ProtocolError, Source};
pub use resolve::Resolve;
pub use rules::{Rules, Train};
pub use score::{Average, Score, Tallies};
pub use signature::{ParseSignatureError, Signature};
pub use slice::{Distance, Length, Outcome, RowKey, Slice, SliceKind};
pub use statistics::{Interval, Resampling};
pub use tally::Tally;
pub use view::{UnknownView, View, ViewSet};
