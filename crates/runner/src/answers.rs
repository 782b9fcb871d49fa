//! One answer a document, from whatever source.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ere_dataset::jsonl::PredictionReader;
use ere_dataset::text::{hex, sha256_hex};
use ere_dataset::{Document, Given, Prediction, Span};
use ere_eval::record::{Kind, Memory, MemoryOf, Speed};
use ere_extract::{Extractor, Failure, FailureKind, Usage};
use ere_synth::{NoiseSpec, noise};
use rayon::ThreadPool;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, ErrorKind};
use crate::memory::Peak;
use crate::pass::{Answer, Crew, Extent, Pass};
use crate::run::{Data, Options, Phase, Progress, Source, SpeedOptions, UnknownDocuments, Watch};
use crate::speed::figures;

/// What a source said, and what it took.
pub(crate) struct Answers {
    /// One entry a document, in their order.
    pub(crate) by_document: Vec<Answered>,
    /// Who answered.
    pub(crate) identity: Identity,
    /// What was given besides the text: where predictions differ in it, the most.
    pub(crate) track: Given,
    /// Predictions for documents that gold does not have.
    pub(crate) unknown: u64,
    pub(crate) speed: Option<Speed>,
    pub(crate) memory: Memory,
    /// How often an external program had to be started again.
    pub(crate) restarts: u64,
}

/// What became of a document.
#[expect(clippy::large_enum_variant, reason = "nearly every one is a prediction")]
pub(crate) enum Answered {
    /// It has a prediction.
    Prediction(Prediction),
    /// The file of predictions does not have it.
    Missing,
    /// The extractor failed.
    Failed(Failure),
}

/// Who answered.
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) digest: String,
    pub(crate) kind: Kind,
}

/// How long speed is measured where nobody says.
const BUILTIN_TIME_MAX: Duration = Duration::from_secs(10);
const COMMAND_TIME_MAX: Duration = Duration::from_secs(3);

const UNMEASURED: Memory = Memory { peak_bytes: None, how: MemoryOf::Unmeasured };

/// Gets an answer for each document.
pub(crate) fn answers(
    source: &Source<'_>,
    data: &Data<'_>,
    documents: &[&Document],
    options: &Options<'_>,
    pool: &ThreadPool,
    watch: &Watch<'_>,
) -> Result<Answers, Error> {
    let task = Task { data, documents, options, pool, watch };
    match *source {
        Source::Builtin(extractor) => task.extracted(extractor, Kind::Builtin),
        Source::Command(extractor) => task.extracted(extractor, Kind::Command),
        Source::Predictions { path, name, version, unknown } => {
            task.read(path, name, version, unknown)
        }
        Source::Noise { name, spec, seed } => task.noise(name, spec, seed),
    }
}

struct Task<'t> {
    data: &'t Data<'t>,
    documents: &'t [&'t Document],
    options: &'t Options<'t>,
    pool: &'t ThreadPool,
    watch: &'t Watch<'t>,
}

impl Task<'_> {
    fn extracted(&self, extractor: &dyn Extractor, kind: Kind) -> Result<Answers, Error> {
        let description = extractor.description();
        let track = self.options.track;
        if !description.tracks.contains(&track) {
            let (extractor, known) = (description.name.clone(), description.tracks.clone());
            return Err(ErrorKind::Track { extractor, track, known }.into());
        }
        let peak = Peak::start();
        let crew = Crew::start(self.pool, extractor, track)?;
        let quality =
            Extent { phase: Phase::Quality, documents: self.documents.len(), time_max: None };
        let quality = crew.pass(self.documents, &quality, self.watch)?;
        let speed = match self.options.speed {
            Some(speed) => Some(self.speed(&crew, &quality, speed, kind)?),
            None => None,
        };
        let usages = crew.finish();
        let memory = match kind {
            Kind::Command => command_memory(&usages),
            _ => match peak.bytes() {
                Some(bytes) => Memory { peak_bytes: Some(bytes), how: MemoryOf::Process },
                None => UNMEASURED,
            },
        };
        let identity = Identity {
            name: description.name.clone(),
            version: description.version.clone(),
            digest: description.digest.clone(),
            kind,
        };
        let answered = quality.answers.into_iter().map(|answer| {
            let gold = self.documents[answer.document];
            let fitting = answer.result.and_then(|prediction| match misfit(&prediction, gold) {
                None => Ok(prediction),
                Some(message) => Err(Failure::new(FailureKind::Protocol, message)),
            });
            fitting.map_or_else(Answered::Failed, Answered::Prediction)
        });
        Ok(Answers {
            by_document: answered.collect(),
            identity,
            track,
            unknown: 0,
            speed,
            memory,
            restarts: usages.iter().map(|usage| usage.restarts).sum(),
        })
    }

    fn speed(
        &self,
        crew: &Crew<'_>,
        quality: &Pass,
        options: SpeedOptions,
        kind: Kind,
    ) -> Result<Speed, Error> {
        let default = if kind == Kind::Command { COMMAND_TIME_MAX } else { BUILTIN_TIME_MAX };
        let time_max = options.time_max.unwrap_or(default);
        let threads = self.pool.current_num_threads();
        if quality.wall >= time_max {
            return Ok(figures(quality, self.documents, threads, false));
        }
        let split = self.documents.len();
        let passes = options.documents.div_ceil(split).max(1);
        let extent = Extent {
            phase: Phase::Speed,
            documents: passes.saturating_mul(split),
            time_max: Some(time_max),
        };
        let pass = crew.pass(self.documents, &extent, self.watch)?;
        Ok(figures(&pass, self.documents, threads, true))
    }

    /// Predictions of a file, joined with gold by id.
    fn read(
        &self,
        path: &Path,
        name: &str,
        version: &str,
        unknown: UnknownDocuments,
    ) -> Result<Answers, Error> {
        let mut raw = Vec::new();
        raw.resize_with(self.documents.len(), || None);
        let mut unknown_count = 0;
        let mut hasher = Sha256::new();
        for line in PredictionReader::open(path)? {
            self.watch.check()?;
            let line = line?;
            hasher.update(line.json());
            hasher.update(b"\n");
            match self.documents.binary_search_by(|document| (*document.id).cmp(line.id())) {
                Ok(position) => raw[position] = Some(line),
                Err(_) if unknown == UnknownDocuments::PassOver => unknown_count += 1,
                Err(_) => {
                    let (file, id) = (path.to_owned(), line.id().to_owned());
                    return Err(ErrorKind::UnknownDocument { file, line: None, id }.into());
                }
            }
        }
        let digest = hex(&hasher.finalize());
        let vocabulary = self.data.vocabulary;
        let by_document = self.each(|position, gold| match &raw[position] {
            Some(raw) => Answered::Prediction(raw.attach(gold, vocabulary)),
            None => Answered::Missing,
        })?;
        let (name, version) = (name.to_owned(), version.to_owned());
        let identity = Identity { name, version, digest, kind: Kind::Predictions };
        Ok(Answers { unknown: unknown_count, ..Answers::untimed(identity, by_document) })
    }

    fn noise(&self, name: &str, spec: &NoiseSpec, seed: u64) -> Result<Answers, Error> {
        let ontology = self.data.ontology.ok_or_else(|| Error::from(ErrorKind::NoOntology))?;
        let vocabulary = self.data.vocabulary;
        let predict = |gold: &Document| noise::predict(gold, spec, seed, vocabulary, ontology);
        let by_document = self.each(|_, gold| Answered::Prediction(predict(gold)))?;
        let speed =
            self.options.speed.map(|speed| self.speed_of_noise(predict, speed)).transpose()?;
        let version = format!("{spec}:seed{seed}");
        let identity = Identity {
            name: name.to_owned(),
            digest: sha256_hex(version.as_bytes()),
            version,
            kind: Kind::Noise,
        };
        Ok(Answers { speed, ..Answers::untimed(identity, by_document) })
    }

    /// How fast mistakes are put into gold.
    fn speed_of_noise(
        &self,
        predict: impl Fn(&Document) -> Prediction + Sync,
        options: SpeedOptions,
    ) -> Result<Speed, Error> {
        let split = self.documents.len();
        let turns = options.documents.div_ceil(split).max(1).saturating_mul(split);
        let begin = Instant::now();
        let time_max = options.time_max.unwrap_or(BUILTIN_TIME_MAX);
        let one = |turn: usize| {
            let document = turn % split;
            let start = Instant::now();
            if self.watch.is_cancelled() || (start - begin >= time_max && turn >= split) {
                return None;
            }
            let result = Ok(predict(self.documents[document]));
            Some(Answer { document, time: start.elapsed(), result })
        };
        let answers = self.pool.install(|| (0..turns).into_par_iter().filter_map(one).collect());
        let pass = Pass { answers, wall: begin.elapsed() };
        self.watch.check()?;
        Ok(figures(&pass, self.documents, self.pool.current_num_threads(), true))
    }

    /// Answers that are made of gold documents one by one, in parallel.
    fn each(
        &self,
        answer: impl Fn(usize, &Document) -> Answered + Sync,
    ) -> Result<Vec<Answered>, Error> {
        let total = self.documents.len() as u64;
        let done = AtomicU64::new(0);
        let one = |(position, gold): (usize, &&Document)| {
            self.watch.check()?;
            let answered = answer(position, gold);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            (self.watch.progress)(Progress { phase: Phase::Quality, done, total });
            Ok(answered)
        };
        self.pool.install(|| self.documents.par_iter().enumerate().map(one).collect())
    }
}

impl Answers {
    fn untimed(identity: Identity, by_document: Vec<Answered>) -> Answers {
        let given = by_document.iter().filter_map(|answered| match answered {
            Answered::Prediction(prediction) => Some(prediction.document.given),
            _ => None,
        });
        let track = given.max().unwrap_or_default();
        let (speed, memory) = (None, UNMEASURED);
        Answers { by_document, identity, track, unknown: 0, speed, memory, restarts: 0 }
    }
}

/// The peaks of all processes added: no more than that was used at any time.
fn command_memory(usages: &[Usage]) -> Memory {
    let peaks: Option<Vec<u64>> = usages.iter().map(|usage| usage.memory_peak_bytes).collect();
    match peaks {
        Some(peaks) => Memory { peak_bytes: Some(peaks.iter().sum()), how: MemoryOf::Command },
        None => UNMEASURED,
    }
}

/// What keeps a prediction from being scored against a document. Readers of files and of messages
/// see to it that there is nothing; an extractor in this process can make anything.
fn misfit(prediction: &Prediction, gold: &Document) -> Option<String> {
    let pred = &prediction.document;
    if pred.id != gold.id || pred.text != gold.text {
        return Some(format!("answered for the document {:?}, not for this text", pred.id));
    }
    let mentions = match pred.given {
        Given::Mentions => gold.mentions.len(),
        _ => pred.mentions.len(),
    };
    let entities = match pred.given {
        Given::Entities => gold.entities.len(),
        _ => pred.entities.len(),
    };
    let text = gold.text.as_str();
    let leaves_text = |span: &Span| span.slice(text).is_none();
    for (position, mention) in pred.mentions.iter().enumerate() {
        if mention.spans.as_slice().iter().chain(&mention.head).any(leaves_text) {
            return Some(format!("mentions[{position}] leaves the text or cuts a character"));
        }
        if mention.entity.is_some_and(|entity| entity.index() >= pred.entities.len()) {
            return Some(format!("mentions[{position}] is of an entity that is not there"));
        }
    }
    let ends = |relation: &ere_dataset::MentionRelation| relation.head.max(relation.tail);
    if pred.mention_relations.iter().any(|relation| ends(relation).index() >= mentions) {
        return Some("a mention relation has an end that is not there".to_owned());
    }
    let ends = |relation: &ere_dataset::Relation| relation.head.max(relation.tail);
    if pred.relations.iter().any(|relation| ends(relation).index() >= entities) {
        return Some("a relation has an end that is not there".to_owned());
    }
    None
}
