//! What goes into a run, what comes out of it, and its order of steps.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ere_dataset::folder::Split;
use ere_dataset::{Document, Given, Layers, Ontology, Prediction, Vocabulary, prediction};
use ere_eval::record::{self, LabelCounts, Record};
use ere_eval::{Protocol, Resampling, Resolve, Rules, Tallies, Train, tally};
use ere_extract::{Extractor, Failure};
use ere_synth::NoiseSpec;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::answers::{Answered, Answers, answers};
use crate::assemble::record_of;
use crate::error::{Error, ErrorKind};
use crate::predictions::write_predictions;

/// Where predictions come from.
pub enum Source<'a> {
    /// An extractor in this process.
    Builtin(&'a dyn Extractor),
    /// An extractor that is an external program.
    Command(&'a dyn Extractor),
    /// A native file of predictions. It has no speed.
    Predictions {
        /// The file.
        path: &'a Path,
        /// The name of what made it.
        name: &'a str,
        /// The version of what made it.
        version: &'a str,
        /// What to do about documents that gold does not have.
        unknown: UnknownDocuments,
    },
    /// Gold, with mistakes put in. Its speed is that of putting them in, and it is never ranked.
    Noise {
        /// Its name in tables.
        name: &'a str,
        /// Which mistakes, how often.
        spec: &'a NoiseSpec,
        /// Any number.
        seed: u64,
    },
}

/// What to do about predictions for documents that gold does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownDocuments {
    /// The run is refused.
    #[default]
    Refuse,
    /// They are passed over and counted.
    PassOver,
    /// Everything in them is wrong. Where files are scored; a run over a data set refuses them.
    Count,
}

/// What a run is made on.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// The name of the data set.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The gold documents.
    pub split: &'a Split,
    /// What the data set annotates exhaustively.
    pub layers: &'a Layers,
    /// The types; without them every label stands for itself.
    pub ontology: Option<&'a Ontology>,
    /// The labels of documents and ontology.
    pub vocabulary: &'a Vocabulary,
}

/// How a run is made.
#[derive(Clone, Default)]
pub struct Options<'a> {
    /// What the extractor is given besides the text. Predictions of a file say themselves what they
    /// were given, and noise is put into all layers, so that neither depends on it.
    pub track: Given,
    /// What is scored.
    pub protocol: Protocol,
    /// What a train set states, for views that ask for it ([`Protocol::needs_train`]).
    pub train: Option<Arc<Train>>,
    /// How intervals are made; `None` for scores without.
    pub resampling: Option<Resampling>,
    /// Documents at the same time; 0 for as many as there are processors. Never more than there are
    /// documents.
    pub threads: usize,
    /// How speed is measured; `None` for not at all.
    pub speed: Option<SpeedOptions>,
    /// Turns labels of another world into ours.
    pub labels: Option<LabelMapping<'a>>,
    /// Whether predictions without entities are given some, after the labels.
    pub resolve: Resolve,
    /// Whether the extractor gets no rank, for a reason that its answers do not show: it is of the family
    /// of models that annotated gold, or was tuned on what it is scored on. Noise never gets one.
    pub is_unranked: bool,
    /// The folder under which the record is written; `None` for no record on disk.
    pub runs: Option<&'a Path>,
}

/// How speed is measured: after the pass for quality, the split is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeedOptions {
    /// Whole passes are run until at least this many documents have run.
    pub documents: usize,
    /// No document is begun after this time. Where the pass for quality took longer already, nothing
    /// is repeated and the figures are its own. `None` is 10 seconds for an extractor in this
    /// process and 3 for an external one, whose work may cost money.
    pub time_max: Option<Duration>,
}

impl Default for SpeedOptions {
    fn default() -> SpeedOptions {
        SpeedOptions { documents: 1000, time_max: None }
    }
}

/// A label map, ready to be applied to predictions.
#[derive(Clone, Copy)]
pub struct LabelMapping<'a> {
    /// SHA-256 of the map.
    pub sha256: &'a str,
    /// Changes a prediction and says what it did.
    pub apply: &'a (dyn Fn(&mut Prediction) -> LabelCounts + Sync),
}

/// What looks on.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Set to stop the run at the next document.
    pub cancelled: &'a AtomicBool,
    /// Called after each document, from any thread.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// In which phase.
    pub phase: Phase,
    /// Documents done in this phase.
    pub done: u64,
    /// Documents to do in this phase; a phase with a time limit may end before.
    pub total: u64,
}

/// The phases of a run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Predictions are made, each document once.
    Quality,
    /// The split is repeated for speed.
    Speed,
    /// Predictions are scored.
    Scoring,
}

/// What a run found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The record, as it was written if it was.
    pub record: Record,
    /// What each document adds to each score.
    pub tallies: Tallies,
    /// The documents that failed, in the order of ids.
    pub failures: Vec<(Box<str>, Failure)>,
    /// Where the record is, if it was written.
    pub folder: Option<PathBuf>,
}

impl Watch<'_> {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.is_cancelled() {
            true => Err(ErrorKind::Cancelled.into()),
            false => Ok(()),
        }
    }
}

/// Makes the predictions, times them, scores them, and leaves the record.
///
/// # Errors
/// The source cannot be used at all, the run was told to stop, or the record cannot be written.
/// Nothing of the record is left then, and one that was there stays.
pub fn run(
    source: &Source<'_>,
    data: &Data<'_>,
    options: &Options<'_>,
    watch: &Watch<'_>,
) -> Result<Outcome, Error> {
    watch.check()?;
    let documents = in_order(data.split)?;
    let pool = pool(options.threads, documents.len())?;
    let mut answers = answers(source, data, &documents, options, &pool, watch)?;
    if data.vocabulary.is_exhausted() {
        return Err(ErrorKind::Labels { file: answers.identity.name.into() }.into());
    }
    let labels = options.labels.map(|mapping| relabel(&mut answers, &mapping, &pool));
    resolve(&mut answers, options.resolve, data.vocabulary, &pool);
    let rules = match data.ontology {
        Some(ontology) => Rules::of(ontology, data.vocabulary),
        None => Rules::open(data.vocabulary),
    };
    let rules = match &options.train {
        Some(train) => rules.with_train(Arc::clone(train)),
        None => rules,
    };
    let tallies = pool
        .install(|| score(&documents, &answers, &options.protocol, &rules, data.layers, watch))?;
    let mut record = record_of(data, &documents, options, &answers, &tallies, labels);
    let base = record.base_signature();
    record.scores =
        pool.install(|| tallies.scores(&options.protocol, &rules, &base, options.resampling));
    watch.check()?;
    let (record, folder) = match options.runs {
        None => (record, None),
        Some(runs) => {
            let written = record::write(runs, record, &tallies, |out| {
                write_predictions(out, &answers, data.vocabulary, watch)
            });
            // A run that is told to stop while it writes ends as one that is told so before.
            watch.check()?;
            let written = written?;
            (written.record, Some(written.folder))
        }
    };
    let failures = documents.iter().zip(answers.by_document);
    let failures = failures.filter_map(|(document, answered)| match answered {
        Answered::Failed(failure) => Some((document.id.clone(), failure)),
        _ => None,
    });
    Ok(Outcome { record, tallies, failures: failures.collect(), folder })
}

/// The documents in the order of ids, which is the order of everything that follows.
fn in_order(split: &Split) -> Result<Vec<&Document>, Error> {
    let mut documents: Vec<&Document> = split.documents.iter().collect();
    documents.sort_by(|a, b| a.id.cmp(&b.id));
    if documents.is_empty() {
        return Err(ErrorKind::NoDocuments { split: split.name.clone() }.into());
    }
    match documents.windows(2).find(|pair| pair[0].id == pair[1].id) {
        Some(pair) => Err(ErrorKind::DuplicateDocument { id: pair[0].id.to_string() }.into()),
        None => Ok(documents),
    }
}

pub(crate) fn pool(threads: usize, documents: usize) -> Result<ThreadPool, Error> {
    let threads = match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let pool = ThreadPoolBuilder::new().num_threads(threads.min(documents.max(1))).build();
    pool.map_err(|error| ErrorKind::Threads(error).into())
}

fn relabel(answers: &mut Answers, mapping: &LabelMapping<'_>, pool: &ThreadPool) -> LabelCounts {
    let of = |answered: &mut Answered| match answered {
        Answered::Prediction(prediction) => (mapping.apply)(prediction),
        _ => LabelCounts::default(),
    };
    let add = |a: LabelCounts, b: LabelCounts| LabelCounts {
        mapped: a.mapped + b.mapped,
        dropped: a.dropped + b.dropped,
        unmapped: a.unmapped + b.unmapped,
    };
    pool.install(|| answers.by_document.par_iter_mut().map(of).reduce(LabelCounts::default, add))
}

fn resolve(answers: &mut Answers, resolve: Resolve, vocabulary: &Vocabulary, pool: &ThreadPool) {
    let one = |answered: &mut Answered| {
        if let Answered::Prediction(prediction) = answered {
            resolve.apply(prediction, vocabulary);
        }
    };
    pool.install(|| answers.by_document.par_iter_mut().for_each(one));
}

fn score(
    documents: &[&Document],
    answers: &Answers,
    protocol: &Protocol,
    rules: &Rules,
    layers: &Layers,
    watch: &Watch<'_>,
) -> Result<Tallies, Error> {
    let done = AtomicU64::new(0);
    let total = documents.len() as u64;
    let one = |(gold, answered): (&&Document, &Answered)| {
        watch.check()?;
        let tallies = match answered {
            Answered::Prediction(pred) => tally(gold, pred, protocol, rules, layers),
            _ => {
                let mut empty = prediction::empty(gold);
                empty.document.given = answers.track;
                tally(gold, &empty, protocol, rules, layers)
            }
        };
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        (watch.progress)(Progress { phase: Phase::Scoring, done, total });
        Ok(tallies)
    };
    let pairs = documents.par_iter().zip(&answers.by_document);
    let tallies: Result<Vec<_>, Error> = pairs.map(one).collect();
    Ok(tallies?.into_iter().collect())
}
