//! Scoring a file of predictions against gold, document by document.
//!
//! [`score`] and [`partial`] read both sides as streams ([`Files`]), in any order of documents, and
//! count documents in parallel. What each document adds is small; [`score`] keeps it and makes a
//! [`Record`], [`partial`] writes it to a file as it comes, so that its memory does not grow with
//! documents (but for a hash and a line number of each id). [`merge`] makes the record from any
//! number of such files, equal to the last digit to the record of one run over all documents.

mod finish;
mod join;
mod partial;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ere_dataset::label::Interner;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{
    Document, Given, Layers, Ontology, Place, Prediction, Vocabulary, jsonl, prediction,
};
use ere_eval::errors;
use ere_eval::record::{LabelCounts, Record};
use ere_eval::{
    DocumentTallies, Protocol, Resampling, Resolve, Rules, Tallies, Train, View, tally,
    tally_unknown,
};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use sha2::{Digest as _, Sha256};

pub use partial::{Counted, MergeOptions, PARTIAL, merge, partial, read_tallies};

use self::join::{Gold as JoinedGold, Join, Joined, Line, Pair};
use crate::error::{Error, ErrorKind};
use crate::run::{LabelMapping, Phase, Progress, UnknownDocuments, Watch, pool};

/// What is scored against what.
pub struct Files<'a> {
    /// The gold documents.
    pub gold: Gold<'a>,
    /// Native lines; `-` is standard input.
    pub predictions: &'a Path,
    /// The name of the data set.
    pub name: &'a str,
    /// Its version; empty for a file.
    pub version: &'a str,
    /// The split; empty for a file.
    pub split: &'a str,
    /// What the data set annotates exhaustively. Without it, everything, and mention relations where
    /// any document has one.
    pub layers: Option<&'a Layers>,
    /// The types; without them every label stands for itself.
    pub ontology: Option<&'a Ontology>,
    /// The labels of the ontology.
    pub vocabulary: &'a Vocabulary,
}

/// Where gold is.
pub enum Gold<'a> {
    /// A file of native lines; `-` is standard input.
    File(&'a Path),
    /// Documents in memory.
    Documents {
        /// In any order.
        documents: &'a [Document],
        /// Where they came from, for messages.
        path: &'a Path,
        /// SHA-256 of all of them, where the data set says it.
        sha256: Option<&'a str>,
    },
}

/// How it is scored.
#[derive(Clone)]
pub struct ScoreOptions<'a> {
    /// What is scored.
    pub protocol: Protocol,
    /// What a train set states, for views that ask for it ([`Protocol::needs_train`]).
    pub train: Option<Arc<Train>>,
    /// How intervals are made; `None` for scores without.
    pub resampling: Option<Resampling>,
    /// Turns labels of another world into ours.
    pub labels: Option<LabelMapping<'a>>,
    /// Whether predictions without entities are given some, after the labels.
    pub resolve: Resolve,
    /// What to do about documents that gold does not have.
    pub unknown: UnknownDocuments,
    /// Documents at the same time; 0 for as many as there are processors.
    pub threads: usize,
    /// Bytes of lines that may wait in memory for their other half.
    pub window_bytes: usize,
    /// Where each false positive and false negative goes, as a line of JSON
    /// ([`ere_eval::errors::write`]), in the order in which documents are read.
    pub errors: Option<&'a Mutex<dyn Write + Send + 'static>>,
}

impl Default for ScoreOptions<'_> {
    fn default() -> Self {
        ScoreOptions {
            protocol: Protocol::default(),
            train: None,
            resampling: None,
            labels: None,
            resolve: Resolve::No,
            unknown: UnknownDocuments::Refuse,
            threads: 0,
            window_bytes: 32 << 20,
            errors: None,
        }
    }
}

/// What scoring found.
#[derive(Clone, Debug)]
pub struct Scored {
    /// Identity, coverage, scores. It has no files and no speed.
    pub record: Record,
    /// What was scored.
    pub protocol: Protocol,
    /// What each document adds to each score.
    pub tallies: Tallies,
    /// Some predicted items that could not be understood, with their places: the first in the order
    /// in which documents were read. None from [`merge`].
    pub malformed: Vec<String>,
}

/// How much of a malformed item is shown.
const MALFORMED_CHARACTERS: usize = 120;
/// How many malformed items are shown.
const MALFORMED_SHOWN: usize = 5;

/// Scores predictions.
///
/// # Errors
/// A file cannot be read; gold is wrong; a line of predictions is no JSON object with an id; an id
/// stands twice; a prediction is for a document that gold does not have (unless they are passed
/// over); there are more different types than [`ere_dataset::limits::LABELS`].
pub fn score(
    files: &Files<'_>,
    options: &ScoreOptions<'_>,
    watch: &Watch<'_>,
) -> Result<Scored, Error> {
    let mut documents = Vec::new();
    let mut malformed = Vec::new();
    let whole = stream(files, options, watch, |batch| {
        for Outcome { contribution, malformed: first, .. } in batch {
            malformed.extend(first.filter(|_| malformed.len() < MALFORMED_SHOWN));
            documents.push(contribution);
        }
        Ok(())
    })?;
    let header = partial::Header::of(files, options);
    let rules = rules(files, options);
    let pool = pool(options.threads, documents.len())?;
    let finish =
        || finish::finish(&header, documents, whole, &options.protocol, &rules, options.resampling);
    let (record, tallies) = pool.install(finish);
    watch.check()?;
    Ok(Scored { record, protocol: options.protocol.clone(), tallies, malformed })
}

fn rules(files: &Files<'_>, options: &ScoreOptions<'_>) -> Rules {
    let rules = match files.ontology {
        Some(ontology) => Rules::of(ontology, files.vocabulary),
        None => Rules::open(files.vocabulary),
    };
    match &options.train {
        Some(train) => rules.with_train(Arc::clone(train)),
        None => rules,
    }
}

/// What one document adds to a result, and what identifies it.
#[derive(Clone, Debug, PartialEq)]
struct Contribution {
    tallies: DocumentTallies,
    /// SHA-256 of the gold line; `None` for a document that gold does not have.
    gold: Option<[u8; 32]>,
    /// SHA-256 of the line of the prediction, if there is one.
    pred: Option<[u8; 32]>,
    text_bytes: u64,
    given: Given,
    labels: LabelCounts,
    /// Gold mentions that repeat another one's place and type.
    gold_repeats: u64,
    /// Whether the views of mention relations were counted only in case gold has the layer.
    assumes_mention_relations: bool,
}

/// What the documents of one run have in common, known at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    /// How many documents were counted.
    documents: u64,
    /// Predictions for documents that gold does not have; of them are counted those whose protocol says so.
    unknown: u64,
    /// Whether any gold document has mention relations.
    has_mention_relations: bool,
}

/// What became of a document.
struct Outcome {
    contribution: Contribution,
    /// The first item of its prediction that could not be understood.
    malformed: Option<String>,
    /// Its errors as lines, if they were asked for.
    errors: Vec<u8>,
}

/// Bytes of lines that are parsed and counted at once.
const BATCH_BYTES: usize = 8 << 20;
/// Documents that are counted at once, where gold is in memory.
const BATCH_DOCUMENTS: usize = 2048;

/// Joins both sides and hands what the documents add to `sink`, a batch at a time. The order of
/// documents is that of the streams.
fn stream(
    files: &Files<'_>,
    options: &ScoreOptions<'_>,
    watch: &Watch<'_>,
    mut sink: impl FnMut(Vec<Outcome>) -> Result<(), Error>,
) -> Result<Whole, Error> {
    let pool = pool(options.threads, usize::MAX)?;
    let mut join = match files.gold {
        Gold::File(path) => Join::of_files(path, files.predictions, options.window_bytes)?,
        Gold::Documents { documents, path, .. } => {
            Join::of_documents(documents, path, files.predictions, options.window_bytes)?
        }
    };
    let rules = rules(files, options);
    let worker = Worker::new(files, options, &rules);
    let mut whole = Whole::default();
    let mut batch = Vec::new();
    let mut bytes = 0;
    loop {
        let next = join.next()?;
        let is_over = next.is_none();
        match next {
            Some(Joined::Unknown(line)) => {
                whole.unknown += 1;
                if let Some(outcome) = worker.unknown(&line, options.unknown)? {
                    whole.documents += 1;
                    sink(vec![outcome])?;
                }
                continue;
            }
            Some(Joined::Pair(pair)) => {
                bytes += pair.bytes();
                batch.push(pair);
            }
            None => {}
        }
        if is_over || bytes > BATCH_BYTES || batch.len() >= BATCH_DOCUMENTS {
            watch.check()?;
            let outcomes = worker.batch(&pool, std::mem::take(&mut batch))?;
            bytes = 0;
            whole.documents += outcomes.len() as u64;
            whole.has_mention_relations |= worker.has_mention_relations();
            (watch.progress)(Progress {
                phase: Phase::Scoring,
                done: whole.documents,
                total: whole.documents,
            });
            if let Some(errors) = options.errors {
                let mut out = errors.lock().expect("no panic while it is held");
                let mut written = outcomes.iter().map(|outcome| out.write_all(&outcome.errors));
                written.try_for_each(|result| result).map_err(ErrorKind::Output)?;
            }
            sink(outcomes)?;
        }
        if is_over {
            return Ok(whole);
        }
    }
}

/// What counting a document needs.
struct Worker<'a> {
    files: &'a Files<'a>,
    options: &'a ScoreOptions<'a>,
    rules: &'a Rules,
    /// What holds for documents that do not speak of layers.
    layers: Layers,
    gold_path: PathBuf,
    pred_path: PathBuf,
    has_mention_relations: Mutex<bool>,
}

impl<'a> Worker<'a> {
    fn new(files: &'a Files<'a>, options: &'a ScoreOptions<'a>, rules: &'a Rules) -> Worker<'a> {
        let name = |path: &Path| match path == Path::new("-") {
            true => PathBuf::from("standard input"),
            false => path.to_owned(),
        };
        let gold_path = match files.gold {
            Gold::File(path) | Gold::Documents { path, .. } => name(path),
        };
        // Whether a file annotates mention relations is known when all of it was read; until then
        // they are counted, and forgotten afterwards if it does not.
        let assumed = Layers { mention_relations: true, ..Layers::default() };
        Worker {
            files,
            options,
            rules,
            layers: files.layers.cloned().unwrap_or(assumed),
            gold_path,
            pred_path: name(files.predictions),
            has_mention_relations: Mutex::new(false),
        }
    }

    fn has_mention_relations(&self) -> bool {
        *self.has_mention_relations.lock().expect("no panic while it is held")
    }

    /// Counts documents in parallel. Of several errors, the first in order is returned.
    fn batch(&self, pool: &rayon::ThreadPool, batch: Vec<Pair>) -> Result<Vec<Outcome>, Error> {
        let interner = || Interner::new(self.files.vocabulary);
        let one = |interner: &mut Interner<'_>, pair: Pair| self.one(pair, interner);
        let outcomes: Vec<Result<Outcome, Error>> = pool
            .install(|| batch.into_par_iter().with_min_len(16).map_init(interner, one).collect());
        if self.files.vocabulary.is_exhausted() {
            return Err(ErrorKind::Labels { file: self.pred_path.clone() }.into());
        }
        outcomes.into_iter().collect()
    }

    fn one(&self, pair: Pair, interner: &Interner<'_>) -> Result<Outcome, Error> {
        let read;
        let (gold, gold_sha256) = match pair.gold {
            JoinedGold::Line(line) => {
                let document = jsonl::gold_with(&line.text, interner, self.files.ontology);
                read = document
                    .map_err(|error| error.in_file(&self.gold_path).on_line(line.number))?;
                (&read, sha256(line.text.as_bytes()))
            }
            JoinedGold::Document(position) => {
                let Gold::Documents { documents, .. } = self.files.gold else {
                    unreachable!("only documents in memory are joined by position")
                };
                (&documents[position], sha256(&line_of(&documents[position], interner)))
            }
        };
        let (mut prediction, number) = match &pair.pred {
            None => (prediction::empty(gold), 0),
            Some(line) => {
                let read = prediction::read(&line.text, gold, interner);
                let read =
                    read.map_err(|error| error.in_file(&self.pred_path).on_line(line.number))?;
                (read, line.number)
            }
        };
        let labels = self.options.labels.map(|mapping| (mapping.apply)(&mut prediction));
        self.options.resolve.apply(&mut prediction, interner.vocabulary());
        let files = self.files;
        let tallies = tally(gold, &prediction, &self.options.protocol, self.rules, &self.layers);
        let errors = match self.options.errors {
            Some(_) => self.errors(gold, &prediction, interner),
            None => Vec::new(),
        };
        if !gold.mention_relations.is_empty() {
            *self.has_mention_relations.lock().expect("no panic while it is held") = true;
        }
        let malformed = prediction.malformed.first().map(|item| {
            let place = Place {
                document: Some(gold.id.to_string()),
                ..Place::line(&self.pred_path, number)
            };
            let raw: String = item.raw.chars().take(MALFORMED_CHARACTERS).collect();
            format!("{place}: malformed: {}: {raw}", item.reason)
        });
        let contribution = Contribution {
            tallies,
            gold: Some(gold_sha256),
            pred: pair.pred.map(|line| sha256(line.text.as_bytes())),
            text_bytes: gold.text.len() as u64,
            given: prediction.document.given,
            labels: labels.unwrap_or_default(),
            gold_repeats: repeats(gold),
            assumes_mention_relations: files.layers.is_none() && gold.layers.is_none(),
        };
        Ok(Outcome { contribution, malformed, errors })
    }

    fn errors(&self, gold: &Document, pred: &Prediction, interner: &Interner<'_>) -> Vec<u8> {
        let mut lines = Vec::new();
        let found = errors::analyse(gold, pred, self.rules, &self.layers);
        errors::write(&mut lines, &found, gold, pred, interner.vocabulary())
            .expect("writing to memory cannot fail");
        lines
    }

    /// Judges a prediction for a document that gold does not have.
    fn unknown(&self, line: &Line, unknown: UnknownDocuments) -> Result<Option<Outcome>, Error> {
        let place = |error: ere_dataset::Error| error.in_file(&self.pred_path).on_line(line.number);
        let raw = prediction::RawPrediction::parse(&line.text).map_err(place)?;
        match unknown {
            UnknownDocuments::PassOver => Ok(None),
            UnknownDocuments::Refuse => {
                let (file, id) = (self.pred_path.clone(), raw.id().to_owned());
                Err(ErrorKind::UnknownDocument { file, line: Some(line.number), id }.into())
            }
            UnknownDocuments::Count => {
                let interner = Interner::new(self.files.vocabulary);
                let mut prediction = prediction::alone(&line.text, &interner).map_err(place)?;
                let labels = self.options.labels.map(|mapping| (mapping.apply)(&mut prediction));
                self.options.resolve.apply(&mut prediction, self.files.vocabulary);
                let contribution = Contribution {
                    tallies: tally_unknown(&prediction, &self.options.protocol, self.rules),
                    gold: None,
                    pred: Some(sha256(line.text.as_bytes())),
                    text_bytes: 0,
                    given: prediction.document.given,
                    labels: labels.unwrap_or_default(),
                    gold_repeats: 0,
                    assumes_mention_relations: self.files.layers.is_none(),
                };
                Ok(Some(Outcome { contribution, malformed: None, errors: Vec::new() }))
            }
        }
    }
}

impl Pair {
    fn bytes(&self) -> usize {
        let gold = match &self.gold {
            JoinedGold::Line(line) => line.text.len(),
            JoinedGold::Document(_) => 0,
        };
        gold + self.pred.as_ref().map_or(0, |line| line.text.len())
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The line of a document, without its line break.
fn line_of(document: &Document, interner: &Interner<'_>) -> Vec<u8> {
    let mut line = Vec::new();
    jsonl::write(&mut line, document, interner.vocabulary(), TextPolicy::Inline)
        .expect("writing to memory cannot fail");
    line.pop();
    line
}

/// How many mentions repeat another one's place and type.
fn repeats(document: &Document) -> u64 {
    // In text order, as mentions usually are, only neighbours can be equal.
    if document.mentions.is_sorted_by(|a, b| a.spans < b.spans) {
        return 0;
    }
    let mut seen = FxHashSet::default();
    let mentions = document.mentions.iter();
    mentions.filter(|mention| !seen.insert((&mention.spans, mention.label))).count() as u64
}

/// The views that only documents with annotated mention relations have.
fn views_of_mention_relations(protocol: &Protocol) -> Vec<View> {
    let vocabulary = Vocabulary::default();
    let (document, rules) = (Document::default(), Rules::open(&vocabulary));
    let views = |mention_relations| {
        let layers = Layers { mention_relations, ..Layers::default() };
        let nothing = Prediction::default();
        let rows = tally(&document, &nothing, protocol, &rules, &layers).rows();
        rows.into_iter().map(|(key, _)| key.view).collect::<Vec<View>>()
    };
    let without = views(false);
    views(true).into_iter().filter(|view| !without.contains(view)).collect()
}
