//! What a run leaves on disk: `ere-record/1`.
//!
//! A record is a folder `<dataset>/<extractor>/<id>/`. [`RECORD`] says what was run, on what, with
//! which scores, how fast, and the SHA-256 of the files beside it: [`TALLIES`], the tallies of each
//! document as a table, from which every score can be computed again, and [`PREDICTIONS`], what was
//! scored. The [`id`](Record::id) follows from what determines the result, so that the
//! same run again takes the place of the first. No time and no host name is kept: equal runs leave
//! equal tallies, predictions and scores.
//!
//! [`write()`] puts a folder in its place at once or not at all, [`update`] replaces its record. [`find`] lists the records under a
//! folder, [`read`] reads one, [`read_tallies`] its tallies, [`open_predictions`] its predictions. `docs/ere-record-1.schema.json` is the
//! JSON Schema of [`RECORD`].
//!
//! ```
//! use ere_eval::record;
//! let empty = tempfile::tempdir()?;
//! assert!(record::find(empty.path())?.is_empty());
//! let message = record::read(&empty.path().join("record.json")).unwrap_err().to_string();
//! assert!(message.ends_with("no such file; check the path"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod folder;
mod json;
mod predictions;
mod row;
mod tallies;

use std::collections::BTreeMap;

use ere_dataset::Given;
use ere_dataset::text::sha256_hex;
use serde::{Deserialize, Serialize};

pub use error::{Error, ErrorKind};
pub use folder::{Written, update, write};
pub use json::{find, read};
pub use predictions::open_predictions;
pub use tallies::read_tallies;

use crate::difference::Difference;
use crate::document::Notes;
use crate::resolve::Resolve;
use crate::score::Score;
use crate::signature::Signature;
use crate::statistics::Resampling;

/// The schema that this version writes and reads.
pub const SCHEMA: &str = "ere-record/1";
/// The file that describes the run.
pub const RECORD: &str = "record.json";
/// The tallies of each document: an Arrow file (IPC, zstd).
///
/// Each document begins with a row whose `view` is null; it holds the document's notes. The rows
/// that follow hold a view, a slice (empty for all items) and four numbers each; rows of nothing but
/// zeros are left out, except those of all items.
pub const TALLIES: &str = "tallies.arrow";
/// The predictions that were scored (after the label map): native lines in the order of document
/// ids, zstd. A document without an answer has no line.
pub const PREDICTIONS: &str = "predictions.jsonl.zst";

/// Intervals over fewer documents than this carry a warning.
pub const DOCUMENTS_FOR_INTERVALS: u64 = 30;

/// One extractor on one split of one data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`SCHEMA`].
    pub schema: String,
    /// [`Record::identity`]: 16 hexadecimal digits, the name of the folder.
    pub id: String,
    /// What made the record.
    pub tool: Tool,
    /// What was run.
    pub extractor: ExtractorIdentity,
    /// What it was run on.
    pub data: DataIdentity,
    /// The types that scoring knew; `None` is an open vocabulary.
    pub ontology: Option<OntologyIdentity>,
    /// The name of the protocol.
    pub protocol: String,
    /// What the extractor was given besides the text.
    pub track: Given,
    /// How intervals were made; `None` where there are none.
    pub resampling: Option<Resampling>,
    /// Whether too many documents failed.
    pub status: Status,
    /// What became of each document.
    pub coverage: Coverage,
    /// What became of predicted items, apart from being right or wrong.
    pub notes: Notes,
    /// What the label map did; `None` without one.
    pub labels: Option<LabelCounts>,
    /// What a reader of the scores should know, a sentence each.
    pub warnings: Vec<String>,
    /// Every score.
    pub scores: Vec<Score>,
    /// What changes of the texts cost, where the extractor ran again over changed ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub perturbations: Vec<Perturbed>,
    /// How fast; `None` where nothing was timed.
    pub speed: Option<Speed>,
    /// How much memory.
    pub memory: Memory,
    /// On what machine.
    pub environment: Environment,
    /// The files beside this one, by name.
    pub files: BTreeMap<String, FileDigest>,
}

/// The same extractor over the same documents with their texts changed in one way: how much F1 differs
/// from that of the texts as they are. `None` where it is undefined in one of the two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Perturbed {
    /// The name of the change.
    pub perturbation: String,
    /// Anchored relations.
    pub relation: Option<Difference>,
    /// Mentions with equal spans and types.
    pub mention: Option<Difference>,
}

/// A program and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What identifies what was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtractorIdentity {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of what determines its answers, as far as that is known.
    pub digest: String,
    /// Where the predictions came from.
    pub kind: Kind,
    /// Whether it may have a rank.
    pub ranked: bool,
    /// SHA-256 of the label map that was applied to its predictions.
    pub label_map: Option<String>,
    /// Whether the harness made entities for predictions without any.
    #[serde(default, skip_serializing_if = "Resolve::is_no")]
    pub resolve: Resolve,
}

/// Where predictions came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An extractor in this process.
    Builtin,
    /// An external program.
    Command,
    /// A file.
    Predictions,
    /// Gold, with mistakes put in.
    Noise,
}

/// What identifies the gold documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataIdentity {
    /// The name of the data set.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The split.
    pub split: String,
    /// SHA-256 of the documents: their native lines in the order of ids.
    pub sha256: String,
    /// How many documents.
    pub documents: u64,
    /// Bytes (UTF-8) of all texts.
    pub text_bytes: u64,
}

/// What identifies an ontology.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OntologyIdentity {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// Whether enough documents were answered for the scores to mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// At most 1 % of the documents failed.
    Ok,
    /// More than 1 % failed.
    Degraded,
    /// More than 5 % failed. Never ranked.
    Invalid,
}

impl Status {
    /// The status of a run in which `failed` of `documents` failed.
    ///
    /// ```
    /// use ere_eval::record::Status;
    /// assert_eq!(Status::of(1, 100), Status::Ok);
    /// assert_eq!(Status::of(2, 100), Status::Degraded);
    /// assert_eq!(Status::of(6, 100), Status::Invalid);
    /// ```
    pub fn of(failed: u64, documents: u64) -> Status {
        let is_over = |percent: u64| u128::from(failed) * 100 > u128::from(documents * percent);
        match (is_over(5), is_over(1)) {
            (true, _) => Status::Invalid,
            (_, true) => Status::Degraded,
            _ => Status::Ok,
        }
    }

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Degraded => "degraded",
            Status::Invalid => "invalid",
        }
    }
}

/// What became of each document. Documents without an answer are scored as empty predictions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Gold documents: answered, missing and failed together.
    pub documents: u64,
    /// Documents with a prediction.
    pub answered: u64,
    /// Documents that a file of predictions does not have.
    pub missing: u64,
    /// Predictions for documents that gold does not have; passed over.
    pub unknown: u64,
    /// Documents that failed, by the kind of failure.
    pub failed: BTreeMap<String, u64>,
}

impl Coverage {
    /// How many documents failed.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    /// The share of documents that were answered; undefined without documents.
    pub fn share(&self) -> Option<f64> {
        (self.documents > 0).then(|| self.answered as f64 / self.documents as f64)
    }
}

/// What a label map did to predicted items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelCounts {
    /// Items whose label was turned into another.
    pub mapped: u64,
    /// Items that were dropped because of their label.
    pub dropped: u64,
    /// Items whose label the map does not name; they keep it.
    pub unmapped: u64,
}

/// How fast an extractor was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speed {
    /// Answered documents for each second of wall time, all threads together.
    pub documents_per_second: f64,
    /// Megabytes (1,000,000 bytes) of answered text for each second of wall time.
    pub megabytes_per_second: f64,
    /// Time of single documents.
    pub latency_ms: Latency,
    /// Workers at the same time.
    pub threads: u64,
    /// Times that the whole split was run while timing; the last pass may have been cut short.
    pub passes: u64,
    /// Whether an untimed pass over the split came before.
    pub warm: bool,
}

/// Time of single documents in milliseconds, while all threads were at work.
///
/// A percentile is given only from as many timings as hold it with 99 % confidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// The median; `None` without timings.
    pub p50: Option<f64>,
    /// 95 % of documents took no longer; `None` under 90 timings.
    pub p95: Option<f64>,
    /// 99 % of documents took no longer; `None` under 459 timings.
    pub p99: Option<f64>,
    /// How many documents were timed.
    pub timings: u64,
}

/// The largest resident memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Bytes; `None` where the platform does not tell.
    pub peak_bytes: Option<u64>,
    /// Whose memory it is.
    pub how: MemoryOf,
}

/// Whose memory was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemoryOf {
    /// This whole process, gold documents and predictions included.
    Process,
    /// The external processes, the peaks of all of them added.
    Command,
    /// Nothing was measured.
    Unmeasured,
}

/// The machine, as far as it explains speed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The processor's own name.
    pub cpu: Option<String>,
    /// Processors that this process may use.
    pub cores: u64,
    /// The operating system.
    pub os: String,
    /// The version of its kernel.
    pub kernel: Option<String>,
}

/// A file of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

impl Record {
    /// The id that follows from what determines the result: schema, tool, extractor, data, ontology,
    /// protocol, track and resampling.
    pub fn identity(&self) -> String {
        let Record { schema, tool, extractor, data, ontology, protocol, track, resampling, .. } =
            self;
        let parts = (schema, tool, extractor, data, ontology, protocol, track, resampling);
        let json = serde_json::to_vec(&parts).expect("these have no map keys that are not strings");
        sha256_hex(&json)[..16].to_owned()
    }

    /// What the scores of this record have in common: the base of their signatures.
    pub fn base_signature(&self) -> Signature {
        let short = |sha256: &str| sha256.chars().take(8).collect::<String>();
        // A file has neither version nor split.
        let part = |sign: char, value: &str| match value {
            "" => String::new(),
            value => format!("{sign}{value}"),
        };
        let DataIdentity { name, version, split, sha256, .. } = &self.data;
        let ontology = match &self.ontology {
            Some(o) => format!("{}@{}#{}", o.name, o.version, short(&o.sha256)),
            None => "open".to_owned(),
        };
        let map = self.extractor.label_map.as_deref().map_or("none".to_owned(), short);
        let ci = self.resampling.map_or("none".to_owned(), |resampling| resampling.name());
        let mut signature = Signature::new();
        signature
            .set("track", track_name(self.track))
            .set(
                "data",
                &format!("{name}{}{}#{}", part('@', version), part(':', split), short(sha256)),
            )
            .set("onto", &ontology)
            .set("map", &map)
            .set("resolve", self.extractor.resolve.name())
            .set_estimate("ci", &ci)
            .set_estimate("v", &self.tool.version);
        if self.notes.strings > 0 {
            signature.set("locate", "strings");
        }
        signature
    }
}

/// The name of a track in signatures and tables.
pub fn track_name(track: Given) -> &'static str {
    match track {
        Given::Text => "text",
        Given::Mentions => "mentions",
        Given::Entities => "entities",
    }
}

#[cfg(test)]
mod tests;
