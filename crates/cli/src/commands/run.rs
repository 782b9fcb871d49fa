use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, bail};
use ere_dataset::folder::Split;
use ere_dataset::{DatasetFolder, Given, Ontology, Prediction, Vocabulary};
use ere_eval::record::{self, LabelCounts, Record};
use ere_eval::{Protocol, Resampling, Train, Unknown};
use ere_extract::{BUILTIN, External, Extractor, Fate, LabelMap, Settings, Training, builtin};
use ere_runner::{
    Data, LabelMapping, Options, Outcome, Phase, Progress, Source, SpeedOptions, UnknownDocuments,
    Watch,
};
use ere_synth::NoiseSpec;
use ere_synth::perturb::{Perturbation, perturb};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::leaderboard::{self, FILE};
use super::{perturbed, protocols, table};
use crate::args::{Run, Scoring, Track};
use crate::exit::Done;
use crate::interrupt::CANCELLED;
use crate::print;

/// The name of gold with mistakes put in.
const NOISE: &str = "noisy-oracle";

pub(crate) fn run(args: &Run) -> anyhow::Result<Done> {
    let protocol = protocols::load(&args.protocol)?;
    let unknown = unknown(&protocol, args.allow_unknown_documents)?;
    let vocabulary = Vocabulary::default();
    let folder = DatasetFolder::open(&args.dataset)?;
    let ontology = folder.ontology(&vocabulary)?;
    let split = folder.read_split(&args.split, &vocabulary, &ontology)?;
    let requests = requests(args)?;
    let learns = requests.iter().any(|request| matches!(request, Request::Builtin(_)));
    let (train, facts) = match learns || protocol.needs_train() {
        true => {
            let train = folder.read_split(&args.train, &vocabulary, &ontology)?;
            let facts = protocols::train(&protocol, &train.documents, &train.sha256);
            (train.documents, facts)
        }
        false => (Vec::new(), None),
    };
    let map = args.map.as_ref().map(|path| LabelMap::read(path)).transpose()?;
    let tracks = tracks(args);
    let set = Set {
        args,
        protocol: &protocol,
        facts: facts.as_ref(),
        unknown,
        folder: &folder,
        split: &split,
        ontology: &ontology,
        vocabulary: &vocabulary,
        purpose: Purpose::Record,
    };
    let changed = changed_splits(&set);
    let training = Training { documents: &train, ontology: &ontology, vocabulary: &vocabulary };
    let bar = Bar::new();
    let mut records = Vec::new();
    let mut notes = Vec::new();
    for request in &requests {
        bar.begin(&request.name());
        let tracks = if request.is_extractor() { &tracks[..] } else { &[Given::Text] };
        for &track in tracks {
            let mut outcome = set.run(request, track, &training, map.as_ref(), &bar)?;
            notes.extend(remarks(&outcome));
            for (kind, split) in changed.iter().filter(|_| request.is_extractor()) {
                let set = Set { split, purpose: Purpose::Compare, ..set };
                let other = set.run(request, track, &training, map.as_ref(), &bar)?;
                let found = perturbed::compare(&outcome, &other, *kind, resampling(&args.scoring));
                outcome.record.perturbations.push(found);
            }
            if let (Some(folder), false) = (&outcome.folder, changed.is_empty()) {
                record::update(folder, &outcome.record)?;
            }
            records.push(outcome.record);
        }
    }
    bar.finish();
    let runs = leaderboard::records(&args.output.join("runs"))?;
    leaderboard::write_board(&runs, &args.output.join(FILE))?;
    if args.scoring.json {
        print::json(&records)?;
    } else {
        print::out(&table::of_runs(&records, &protocol))?;
        if !changed.is_empty() {
            print::out(&perturbed::table(&records))?;
        }
        print::out(&format!(
            "{}Records and {FILE} are in {}.\n",
            table::primary_signatures(&records, &protocol),
            args.output.display()
        ))?;
    }
    for note in notes {
        print::message(&note);
    }
    Ok(gate(&args.scoring, &protocol, &records))
}

/// One thing to run.
enum Request {
    Builtin(String),
    Command(String),
    File(PathBuf),
    Noise(NoiseSpec),
}

impl Request {
    fn name(&self) -> String {
        match self {
            Request::Builtin(name) => name.clone(),
            Request::Command(line) => line.clone(),
            Request::File(path) => path.display().to_string(),
            Request::Noise(_) => NOISE.to_owned(),
        }
    }

    /// Whether it is given texts, and what its track says besides.
    fn is_extractor(&self) -> bool {
        matches!(self, Request::Builtin(_) | Request::Command(_))
    }

    fn parse(what: &str) -> anyhow::Result<Request> {
        Ok(match what.split_once(':') {
            Some(("cmd", line)) => Request::Command(line.to_owned()),
            Some(("file", path)) => Request::File(path.into()),
            Some(("noise", spec)) => Request::Noise(spec.parse()?),
            _ if BUILTIN.contains(&what) => Request::Builtin(what.to_owned()),
            _ if what == NOISE => Request::Noise(NoiseSpec::default()),
            _ => bail!(
                "no extractor {what:?}; there are {}, {NOISE}, and cmd:COMMAND, file:PATH, noise:SPEC",
                BUILTIN.join(", ")
            ),
        })
    }
}

fn requests(args: &Run) -> anyhow::Result<Vec<Request>> {
    if args.extractors.is_empty() {
        let builtins = BUILTIN.iter().map(|name| Request::Builtin((*name).to_owned()));
        return Ok(builtins.chain([Request::Noise(NoiseSpec::default())]).collect());
    }
    args.extractors.iter().map(|what| Request::parse(what)).collect()
}

/// Each track once, in the order of what they give.
fn tracks(args: &Run) -> Vec<Given> {
    let mut tracks: Vec<Given> = args.tracks.iter().map(|track| given(*track)).collect();
    tracks.sort_unstable();
    tracks.dedup();
    tracks
}

#[derive(Clone, Copy)]
struct Set<'a> {
    args: &'a Run,
    protocol: &'a Protocol,
    /// Of the train set, where the protocol asks.
    facts: Option<&'a Arc<Train>>,
    unknown: UnknownDocuments,
    folder: &'a DatasetFolder,
    split: &'a Split,
    ontology: &'a Ontology,
    vocabulary: &'a Vocabulary,
    purpose: Purpose,
}

/// What a run is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// A record and a row of the leaderboard, with speed.
    Record,
    /// To be compared with such a run.
    Compare,
}

/// The split, changed in each of the ways that were asked for.
fn changed_splits(set: &Set<'_>) -> Vec<(Perturbation, Split)> {
    let Set { args, split, ontology, vocabulary, .. } = set;
    let change = |kind: &Perturbation| {
        let one = |gold| perturb(gold, *kind, args.scoring.seed, ontology);
        let documents = split.documents.iter().map(one).collect();
        (*kind, Split::new(&format!("{}+{kind}", split.name), documents, vocabulary))
    };
    args.perturb.iter().map(change).collect()
}

impl Set<'_> {
    fn run(
        &self,
        request: &Request,
        track: Given,
        training: &Training<'_>,
        map: Option<&LabelMap>,
        bar: &Bar,
    ) -> anyhow::Result<Outcome> {
        let args = self.args;
        match request {
            Request::Builtin(name) => {
                let extractor = builtin(name, training).expect("the name was looked up");
                self.source(&Source::Builtin(&*extractor), track, None, bar)
            }
            Request::Command(line) => {
                let extractor = self.connect(line, track)?;
                self.source(&Source::Command(&extractor as &dyn Extractor), track, map, bar)
            }
            Request::File(path) => {
                let name = args.name.clone().unwrap_or_else(|| stem(path));
                let unknown = self.unknown;
                let source = Source::Predictions { path, name: &name, version: "", unknown };
                self.source(&source, track, map, bar)
            }
            Request::Noise(spec) => {
                let source = Source::Noise { name: NOISE, spec, seed: args.scoring.seed };
                self.source(&source, track, None, bar)
            }
        }
    }

    fn connect(&self, line: &str, track: Given) -> anyhow::Result<External> {
        let mut settings = Settings::parse(line)?;
        settings.track = track;
        settings.timeouts.document = seconds(self.args.document_timeout, "--document-timeout")?;
        External::connect(settings, self.ontology, self.vocabulary)
            .with_context(|| format!("{line:?} does not start"))
    }

    fn source(
        &self,
        source: &Source<'_>,
        track: Given,
        map: Option<&LabelMap>,
        bar: &Bar,
    ) -> anyhow::Result<Outcome> {
        let args = self.args;
        let data = Data {
            name: &self.folder.name,
            version: &self.folder.version,
            split: self.split,
            layers: &self.folder.layers,
            ontology: Some(self.ontology),
            vocabulary: self.vocabulary,
        };
        let apply = |prediction: &mut Prediction| relabel(map, prediction, self.vocabulary);
        let sha256 = map.map(|map| map.sha256.clone()).unwrap_or_default();
        let runs = args.output.join("runs");
        let is_recorded = self.purpose == Purpose::Record;
        let time_max =
            args.speed_seconds.map(|time| seconds(time, "--speed-seconds")).transpose()?;
        let documents = usize::try_from(args.speed_documents).unwrap_or(usize::MAX);
        let speed = Some(SpeedOptions { documents, time_max });
        let options = Options {
            track,
            protocol: self.protocol.clone(),
            train: self.facts.cloned(),
            resampling: resampling(&args.scoring),
            threads: args.threads.unwrap_or(0),
            speed: speed.filter(|_| is_recorded),
            labels: map.map(|_| LabelMapping { sha256: &sha256, apply: &apply }),
            resolve: args.resolve.into(),
            is_unranked: args.unranked,
            runs: is_recorded.then_some(&runs),
        };
        let progress = |progress: Progress| bar.show(progress);
        let watch = Watch { cancelled: &CANCELLED, progress: &progress };
        Ok(ere_runner::run(source, &data, &options, &watch)?)
    }
}

fn seconds(time: f64, argument: &str) -> anyhow::Result<Duration> {
    Duration::try_from_secs_f64(time)
        .with_context(|| format!("{argument} must be a number of seconds, 0 or more"))
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map_or_else(|| "predictions".into(), |stem| stem.to_string_lossy().into_owned())
}

/// What becomes of predictions for documents that gold does not have.
pub(crate) fn unknown(protocol: &Protocol, is_allowed: bool) -> anyhow::Result<UnknownDocuments> {
    match protocol.policies.unknown {
        Unknown::Drop => Ok(UnknownDocuments::PassOver),
        Unknown::Refuse if is_allowed => Ok(UnknownDocuments::PassOver),
        Unknown::Count if is_allowed => bail!(
            "protocol {} counts predictions for documents that gold does not have as wrong; \
             --allow-unknown-documents would pass them over: leave it out",
            protocol.name
        ),
        Unknown::Count => Ok(UnknownDocuments::Count),
        _ => Ok(UnknownDocuments::Refuse),
    }
}

pub(crate) fn resampling(scoring: &Scoring) -> Option<Resampling> {
    let Scoring { replicates, seed, .. } = *scoring;
    (replicates > 0).then_some(Resampling { replicates, seed })
}

/// Applies a label map, if there is one, and says what it did.
pub(crate) fn relabel(
    map: Option<&LabelMap>,
    prediction: &mut Prediction,
    vocabulary: &Vocabulary,
) -> LabelCounts {
    let Some(map) = map else { return LabelCounts::default() };
    let mapped = map.apply(prediction, vocabulary);
    let mut total = Fate::default();
    let fates =
        mapped.mentions.values().chain(mapped.entities.values()).chain(mapped.relations.values());
    fates.for_each(|fate| total += *fate);
    LabelCounts { mapped: total.mapped, dropped: total.dropped, unmapped: total.unmapped }
}

fn given(track: Track) -> Given {
    match track {
        Track::Text => Given::Text,
        Track::Mentions => Given::Mentions,
        Track::Entities => Given::Entities,
    }
}

/// What a person should know of a run besides its row.
fn remarks(outcome: &Outcome) -> Vec<String> {
    const FAILURES_SHOWN: usize = 3;
    let name = &outcome.record.extractor.name;
    let warnings = outcome.record.warnings.iter().map(|warning| format!("{name}: {warning}"));
    let failures = outcome.failures.iter().take(FAILURES_SHOWN);
    let failures = failures.map(|(id, failure)| format!("{name}: document {id:?}: {failure}"));
    warnings.chain(failures).collect()
}

/// Whether every ranked run reaches what was asked for.
pub(crate) fn gate(scoring: &Scoring, protocol: &Protocol, records: &[Record]) -> Done {
    let Some(least) = scoring.fail_under else { return Done::Ok };
    let mut done = Done::Ok;
    for record in records {
        let f1 = table::primary(record, protocol).and_then(|score| score.f1);
        if f1.is_none_or(|f1| f1 < least) {
            let value = f1.map_or("undefined".to_owned(), |f1| format!("{f1:.4}"));
            let whose = match records {
                [_] => String::new(),
                _ => format!("{}: ", record.extractor.name),
            };
            print::message(&format!(
                "erebench: {whose}{} F1 is {value}, under the {least} that was asked for",
                protocol.primary
            ));
            done = Done::GateFailed;
        }
    }
    done
}

/// A progress bar, where a person watches.
struct Bar {
    bar: ProgressBar,
    extractor: Mutex<String>,
}

impl Bar {
    fn new() -> Bar {
        let target = match print::is_watched() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style =
            ProgressStyle::with_template("{msg:30} {bar:30} {pos}/{len} documents, {eta} left");
        bar.set_style(style.expect("the template is right"));
        Bar { bar, extractor: Mutex::default() }
    }

    fn begin(&self, extractor: &str) {
        *self.extractor.lock().expect("no panic while it is held") = extractor.to_owned();
    }

    fn show(&self, progress: Progress) {
        if self.bar.is_hidden() {
            return;
        }
        if progress.done == 1 {
            let phase = match progress.phase {
                Phase::Quality => "",
                Phase::Speed => " (speed)",
                Phase::Scoring => " (scoring)",
            };
            let extractor = self.extractor.lock().expect("no panic while it is held");
            self.bar.reset();
            self.bar.set_message(format!("{extractor}{phase}"));
            self.bar.set_length(progress.total);
        }
        self.bar.set_position(progress.done);
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
