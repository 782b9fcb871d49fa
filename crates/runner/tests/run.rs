//! Runs over forty small documents, with extractors that do what a test needs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ere_dataset::folder::Split;
use ere_dataset::{
    Document, EntityIdx, Given, Label, Layers, Mention, Ontology, Prediction, Span, Vocabulary,
    jsonl,
};
use ere_eval::record::{self, Kind, LabelCounts, MemoryOf, PREDICTIONS, RECORD, Status, TALLIES};
use ere_eval::{Average, Resampling};
use ere_extract::{Description, Extractor, Failure, FailureKind, Input, Session, Usage};
use ere_runner::{
    Data, LabelMapping, Options, Outcome, Phase, Source, SpeedOptions, UnknownDocuments, Watch, run,
};
use ere_synth::NoiseSpec;

const ONTOLOGY: &str = r#"
name = "tiny"
version = "1.0"
[[entity]]
name = "PER"
definition = ""
example = ""
[[entity]]
name = "ORG"
definition = ""
example = ""
[[relation]]
name = "head_of"
family = "office"
definition = ""
example = ""
"#;

/// A data set in memory.
struct World {
    vocabulary: Vocabulary,
    ontology: Ontology,
    split: Split,
    layers: Layers,
}

impl World {
    fn new(documents: usize) -> World {
        let vocabulary = Vocabulary::default();
        let ontology = Ontology::parse(ONTOLOGY, &vocabulary).expect("it is valid");
        let document = |number: usize| {
            let line = format!(
                r#"{{"id":"d{number:02}","text":"Zoë leads Acme.","mentions":[
                    {{"start":0,"end":3,"type":"PER","form":"name"}},
                    {{"start":10,"end":14,"type":"ORG","form":"name"}}],
                    "entities":[{{"type":"PER","mentions":[0]}},{{"type":"ORG","mentions":[1]}}],
                    "relations":[{{"head":0,"tail":1,"type":"head_of"}}]}}"#
            );
            jsonl::gold_from_str(&line, &vocabulary).expect("it is valid")
        };
        let split = Split::new("test", (0..documents).map(document).collect(), &vocabulary);
        World { vocabulary, ontology, split, layers: Layers::default() }
    }

    fn data(&self) -> Data<'_> {
        Data {
            name: "tiny",
            version: "0.1.0",
            split: &self.split,
            layers: &self.layers,
            ontology: Some(&self.ontology),
            vocabulary: &self.vocabulary,
        }
    }

    fn run(&self, source: &Source<'_>, options: &Options<'_>) -> Result<Outcome, String> {
        let cancelled = AtomicBool::new(false);
        let watch = Watch { cancelled: &cancelled, progress: &|_| () };
        run(source, &self.data(), options, &watch).map_err(|error| error.to_string())
    }

    fn label(&self, name: &str) -> Label {
        self.vocabulary.intern(name)
    }
}

/// An extractor that is a function of the input.
struct Fake<F> {
    description: Description,
    answer: F,
    started: AtomicUsize,
    usage: Usage,
}

fn fake<F>(answer: F) -> Fake<F>
where
    F: Fn(&Input<'_>) -> Result<Prediction, Failure> + Send + Sync,
{
    let description = Description {
        name: "fake".to_owned(),
        version: "1".to_owned(),
        digest: "d".repeat(64),
        tracks: vec![Given::Text],
        resolves_coreference: false,
        characters_max: None,
    };
    Fake { description, answer, started: AtomicUsize::new(0), usage: Usage::default() }
}

impl<F> Extractor for Fake<F>
where
    F: Fn(&Input<'_>) -> Result<Prediction, Failure> + Send + Sync,
{
    fn description(&self) -> &Description {
        &self.description
    }

    fn start(&self) -> Result<Box<dyn Session + Send + '_>, Failure> {
        self.started.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(FakeSession(self)))
    }
}

struct FakeSession<'a, F>(&'a Fake<F>);

impl<F> Session for FakeSession<'_, F>
where
    F: Fn(&Input<'_>) -> Result<Prediction, Failure> + Send + Sync,
{
    fn extract(&mut self, input: &Input<'_>) -> Result<Prediction, Failure> {
        (self.0.answer)(input)
    }

    fn finish(&mut self) -> Usage {
        self.0.usage
    }
}

/// The person, and in every third document nothing.
fn persons(person: Label) -> impl Fn(&Input<'_>) -> Result<Prediction, Failure> + Send + Sync {
    move |input| {
        let mut prediction = input.empty_prediction();
        if !number(input).is_multiple_of(3) {
            prediction.document.mentions.push(mention(0, 4, person));
        }
        Ok(prediction)
    }
}

fn mention(start: u32, end: u32, label: Label) -> Mention {
    Mention::new(Span::new(start, end).expect("it is not empty"), label)
}

fn number(input: &Input<'_>) -> usize {
    input.id[1..].parse().expect("ids are a letter and a number")
}

fn intervals() -> Option<Resampling> {
    Some(Resampling { replicates: 100, seed: 0 })
}

#[test]
fn results_do_not_depend_on_threads() {
    let world = World::new(40);
    let fail = persons(world.label("PER"));
    let extractor = fake(|input: &Input<'_>| match number(input) {
        7 => Err(Failure::new(FailureKind::Timeout, "no answer")),
        _ => fail(input),
    });
    let of_threads = [1, 2, 8].map(|threads| {
        let runs = tempfile::tempdir().unwrap();
        let resampling = intervals();
        let options =
            Options { threads, resampling, runs: Some(runs.path()), ..Options::default() };
        let outcome = world.run(&Source::Builtin(&extractor), &options).unwrap();
        let folder = outcome.folder.unwrap();
        let file = |name: &str| std::fs::read(folder.join(name)).unwrap();
        let mut record = record::read(&folder.join(RECORD)).unwrap();
        assert_eq!(record, outcome.record);
        assert_eq!(record::read_tallies(&folder, &record).unwrap(), outcome.tallies);
        record.memory.peak_bytes = None;
        (record, file(TALLIES), file(PREDICTIONS))
    });
    assert_eq!(of_threads[0], of_threads[1]);
    assert_eq!(of_threads[0], of_threads[2]);
    assert!(of_threads[0].0.scores.iter().any(|score| score.f1_interval.is_some()));
}

#[test]
fn a_failed_document_costs_itself_and_is_counted_by_kind() {
    let world = World::new(40);
    let right = persons(world.label("PER"));
    let extractor = fake(|input: &Input<'_>| {
        let mut prediction = right(input).unwrap();
        match number(input) {
            1 => panic!("cannot read {}", input.id),
            2 => return Err(Failure::new(FailureKind::OutOfMemory, "too much")),
            4 => prediction.document.id = "d05".into(),
            5 => prediction.document.mentions[0] = mention(0, 99, world.label("PER")),
            7 => prediction.document.mentions[0].entity = Some(EntityIdx(0)),
            _ => {}
        }
        Ok(prediction)
    });
    let options = Options { threads: 1, ..Options::default() };
    let outcome = world.run(&Source::Builtin(&extractor), &options).unwrap();
    let failures: Vec<String> =
        outcome.failures.iter().map(|(id, failure)| format!("{id} {failure}")).collect();
    assert_eq!(
        failures,
        [
            "d01 crash: panicked: cannot read d01",
            "d02 oom: too much",
            "d04 protocol: answered for the document \"d05\", not for this text",
            "d05 protocol: mentions[0] leaves the text or cuts a character",
            "d07 protocol: mentions[0] is of an entity that is not there",
        ]
    );
    let coverage = &outcome.record.coverage;
    assert_eq!((coverage.documents, coverage.answered, coverage.failures()), (40, 35, 5));
    let failed = [("crash", 1), ("oom", 1), ("protocol", 3)];
    assert_eq!(coverage.failed, failed.map(|(kind, count)| (kind.to_owned(), count)).into());
    assert_eq!(outcome.record.status, Status::Invalid);
    // 26 documents with the person, less the five that failed.
    let mentions = outcome.tallies.micro("mention.strict").unwrap();
    assert_eq!((mentions.tp(), mentions.fp(), mentions.r#fn()), (21.0, 0.0, 59.0));
    assert!(
        outcome.record.warnings.contains(
            &"5 of 40 documents failed (crash 1, oom 1, protocol 3); they are scored as empty \
          predictions"
                .to_owned()
        )
    );
    let started = extractor.started.load(Ordering::Relaxed);
    assert_eq!(started, 2, "one session, and one after the panic");
}

#[test]
fn more_than_one_percent_degrades() {
    let world = World::new(40);
    let right = persons(world.label("PER"));
    for (failing, status) in [(0, Status::Ok), (2, Status::Degraded), (3, Status::Invalid)] {
        let extractor = fake(|input: &Input<'_>| match number(input) < failing {
            true => Err(Failure::new(FailureKind::Internal, "gave up")),
            false => right(input),
        });
        let outcome = world.run(&Source::Builtin(&extractor), &Options::default()).unwrap();
        assert_eq!(outcome.record.status, status, "{failing}");
    }
}

#[test]
fn speed_is_measured_in_whole_passes_after_the_one_for_quality() {
    let world = World::new(40);
    let extractor = fake(persons(world.label("PER")));
    let speed = Some(SpeedOptions { documents: 90, time_max: Some(Duration::from_secs(3600)) });
    let options = Options { threads: 2, speed, ..Options::default() };
    let cancelled = AtomicBool::new(false);
    let seen = std::sync::Mutex::new(Vec::new());
    let progress = |progress| seen.lock().unwrap().push(progress);
    let watch = Watch { cancelled: &cancelled, progress: &progress };
    let outcome = run(&Source::Builtin(&extractor), &world.data(), &options, &watch).unwrap();
    let speed = outcome.record.speed.unwrap();
    assert_eq!((speed.passes, speed.threads, speed.warm), (3, 2, true));
    assert_eq!(speed.latency_ms.timings, 120);
    assert!(speed.latency_ms.p95.is_some() && speed.latency_ms.p99.is_none());
    assert!(speed.documents_per_second > 0.0);
    let bytes = "Zoë leads Acme.".len() as f64;
    let ratio = speed.megabytes_per_second * 1e6 / speed.documents_per_second;
    assert!((ratio - bytes).abs() < 1e-6, "{ratio}");
    let seen = seen.into_inner().unwrap();
    for (phase, total) in [(Phase::Quality, 40), (Phase::Speed, 120), (Phase::Scoring, 40)] {
        let done: BTreeSet<u64> = seen
            .iter()
            .filter(|progress| progress.phase == phase && progress.total == total)
            .map(|progress| progress.done)
            .collect();
        assert_eq!(done, (1..=total).collect());
    }
}

#[test]
fn where_time_is_short_the_pass_for_quality_is_the_one_that_was_timed() {
    let world = World::new(40);
    let extractor = fake(persons(world.label("PER")));
    let speed = Some(SpeedOptions { documents: 1000, time_max: Some(Duration::ZERO) });
    let outcome =
        world.run(&Source::Command(&extractor), &Options { speed, ..Options::default() }).unwrap();
    let speed = outcome.record.speed.unwrap();
    assert_eq!((speed.passes, speed.warm, speed.latency_ms.timings), (1, false, 40));
    assert_eq!(outcome.record.warnings, ["speed was measured on 40 documents, not on 1000"]);
}

#[test]
fn a_command_says_what_its_processes_took() {
    let world = World::new(40);
    let mut extractor = fake(persons(world.label("PER")));
    extractor.usage = Usage { memory_peak_bytes: Some(1000), restarts: 2 };
    let options = Options { threads: 3, ..Options::default() };
    let outcome = world.run(&Source::Command(&extractor), &options).unwrap();
    assert_eq!(outcome.record.extractor.kind, Kind::Command);
    assert_eq!(outcome.record.memory.peak_bytes, Some(3000));
    assert_eq!(outcome.record.memory.how, MemoryOf::Command);
    assert_eq!(outcome.record.warnings, ["the program had to be started again 6 times"]);
    extractor.usage = Usage::default();
    let outcome = world.run(&Source::Command(&extractor), &options).unwrap();
    assert_eq!(outcome.record.memory.peak_bytes, None);
    assert_eq!(outcome.record.memory.how, MemoryOf::Unmeasured);
}

#[test]
fn a_run_that_is_told_to_stop_leaves_what_was_there() {
    let world = World::new(40);
    let extractor = fake(persons(world.label("PER")));
    let runs = tempfile::tempdir().unwrap();
    let options = Options {
        threads: 2,
        speed: Some(SpeedOptions::default()),
        runs: Some(runs.path()),
        ..Options::default()
    };
    let stop_in = |phase: Phase| {
        let cancelled = AtomicBool::new(false);
        let progress = |progress: ere_runner::Progress| {
            if progress.phase == phase && progress.done == 3 {
                cancelled.store(true, Ordering::Relaxed);
            }
        };
        let watch = Watch { cancelled: &cancelled, progress: &progress };
        let stopped = run(&Source::Builtin(&extractor), &world.data(), &options, &watch);
        assert_eq!(stopped.unwrap_err().to_string(), "stopped; nothing was written");
    };
    for phase in [Phase::Quality, Phase::Speed, Phase::Scoring] {
        stop_in(phase);
        assert_eq!(std::fs::read_dir(runs.path()).unwrap().count(), 0);
    }
    let folder = world.run(&Source::Builtin(&extractor), &options).unwrap().folder.unwrap();
    let before = std::fs::read(folder.join(RECORD)).unwrap();
    stop_in(Phase::Scoring);
    assert_eq!(std::fs::read(folder.join(RECORD)).unwrap(), before);
    assert_eq!(record::find(runs.path()).unwrap(), [folder.join(RECORD)]);
}

#[test]
fn gold_without_noise_scores_one_and_has_no_rank() {
    let world = World::new(40);
    let spec = NoiseSpec::none();
    let source = Source::Noise { name: "noisy-oracle", spec: &spec, seed: 7 };
    let options = Options { speed: Some(SpeedOptions::default()), ..Options::default() };
    let record = world.run(&source, &options).unwrap().record;
    assert_eq!((record.extractor.kind, record.extractor.ranked), (Kind::Noise, false));
    let timings = record.speed.map(|speed| speed.latency_ms.timings);
    assert_eq!((timings, record.memory.how), (Some(1000), MemoryOf::Unmeasured));
    let scores = record.scores.iter().filter(|score| score.average == Average::Micro);
    assert!(scores.clone().count() > 4);
    for score in scores {
        // MUC counts links, and entities of one mention have none.
        assert!(score.f1 == Some(1.0) || score.recall.is_none(), "{}", score.signature);
    }
    let noisy: NoiseSpec = "miss=0.5".parse().unwrap();
    let other = Source::Noise { name: "noisy-oracle", spec: &noisy, seed: 7 };
    let other = world.run(&other, &options).unwrap().record;
    assert_ne!(other.id, record.id);
    assert!(other.coverage.answered == 40 && other.status == Status::Ok);
}

#[test]
fn a_file_of_predictions_is_joined_by_id() {
    let world = World::new(3);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("predictions.jsonl");
    let right = r#""mentions":[{"start":0,"end":3,"type":"PER"}]"#;
    let lines =
        format!("{{\"id\":\"d02\",{right}}}\n{{\"id\":\"d00\",\"mentions\":[{{\"start\":9}}]}}\n");
    std::fs::write(&path, &lines).unwrap();
    let source =
        |unknown| Source::Predictions { path: &path, name: "somebody", version: "3", unknown };
    let options = Options { resampling: intervals(), ..Options::default() };
    let record = world.run(&source(UnknownDocuments::Refuse), &options).unwrap().record;
    assert_eq!(
        (record.extractor.name.as_str(), record.extractor.version.as_str()),
        ("somebody", "3")
    );
    assert_eq!((record.extractor.kind, record.extractor.ranked), (Kind::Predictions, true));
    let coverage = &record.coverage;
    assert_eq!((coverage.answered, coverage.missing, coverage.failures()), (2, 1, 0));
    assert_eq!((record.status, record.notes.malformed), (Status::Ok, 1));
    assert_eq!(
        record.warnings,
        [
            "intervals over 3 documents are rough; 30 are the least to rely on",
            "1 of 3 documents have no prediction; they are scored as empty predictions",
            "1 predicted items are malformed; they count as wrong",
        ]
    );

    std::fs::write(&path, lines + "{\"id\":\"d99\"}\n").unwrap();
    let refused = world.run(&source(UnknownDocuments::Refuse), &options).unwrap_err();
    assert_eq!(
        refused,
        format!(
            "{}: document \"d99\": gold has no such document; check the split, or allow unknown \
             documents to have them passed over",
            path.display()
        )
    );
    let passed = world.run(&source(UnknownDocuments::PassOver), &options).unwrap().record;
    assert_eq!(passed.coverage.unknown, 1);
    assert_eq!(passed.scores, record.scores);
    assert_ne!(passed.extractor.digest, record.extractor.digest);
    assert!(passed.warnings.iter().any(|w| w.starts_with("1 predictions are for documents")));
}

#[test]
fn the_predictions_of_a_record_score_as_they_did() {
    let world = World::new(40);
    let folder = tempfile::tempdir().unwrap();
    let spec: NoiseSpec = "miss=0.2,type=0.3,spurious=0.4,relation-miss=0.2".parse().unwrap();
    let noise = Source::Noise { name: "noisy-oracle", spec: &spec, seed: 1 };
    let options = Options { runs: Some(folder.path()), ..Options::default() };
    let first = world.run(&noise, &options).unwrap();
    let path = folder.path().join("again.jsonl");
    let compressed = std::fs::read(first.folder.unwrap().join(PREDICTIONS)).unwrap();
    std::fs::write(&path, zstd::decode_all(&compressed[..]).unwrap()).unwrap();
    let source = Source::Predictions {
        path: &path,
        name: "again",
        version: "1",
        unknown: UnknownDocuments::Refuse,
    };
    let second = world.run(&source, &Options::default()).unwrap();
    assert_eq!(second.tallies, first.tallies);
    assert!(first.tallies.micro("mention.strict").unwrap().fp() > 0.0);
}

#[test]
fn a_label_map_is_applied_counted_and_named() {
    let world = World::new(40);
    let extractor = fake(persons(world.label("PERSON")));
    let (theirs, ours) = (world.label("PERSON"), world.label("PER"));
    let apply = |prediction: &mut Prediction| {
        let mut counts = LabelCounts::default();
        for mention in &mut prediction.document.mentions {
            counts.mapped += u64::from(mention.label == theirs);
            mention.label = ours;
        }
        counts
    };
    let sha256 = "ab".repeat(32);
    let labels = Some(LabelMapping { sha256: &sha256, apply: &apply });
    let plain = world.run(&Source::Builtin(&extractor), &Options::default()).unwrap().record;
    let mapped = world.run(&Source::Builtin(&extractor), &Options { labels, ..Options::default() });
    let mapped = mapped.unwrap().record;
    assert_eq!(plain.labels, None);
    assert_eq!(mapped.labels, Some(LabelCounts { mapped: 26, dropped: 0, unmapped: 0 }));
    assert_eq!((plain.notes.alien, mapped.notes.alien), (26, 0));
    assert_eq!(mapped.scores[0].signature.get("map"), Some("abababab"));
    assert_ne!(plain.id, mapped.id);
}

#[test]
fn what_cannot_be_run_is_refused() {
    struct Lame(Description);
    impl Extractor for Lame {
        fn description(&self) -> &Description {
            &self.0
        }
        fn start(&self) -> Result<Box<dyn Session + Send + '_>, Failure> {
            Err(Failure::new(FailureKind::Crash, "exit status 1"))
        }
    }
    let world = World::new(2);
    let extractor = fake(persons(world.label("PER")));
    let source = Source::Builtin(&extractor);
    let refused = |world: &World, source: &Source<'_>, track| {
        world.run(source, &Options { track, ..Options::default() }).unwrap_err()
    };
    assert_eq!(
        refused(&world, &source, Given::Entities),
        "fake does not run on the track entities; it runs on text"
    );
    let lame = Lame(extractor.description.clone());
    assert_eq!(
        refused(&world, &Source::Command(&lame), Given::Text),
        "fake does not start: crash: exit status 1"
    );
    assert_eq!(
        refused(&World::new(0), &source, Given::Text),
        "the split \"test\" has no documents; name one that has"
    );
    let mut twice = World::new(2);
    let first: Document = twice.split.documents[0].clone();
    twice.split.documents.push(first);
    assert_eq!(
        refused(&twice, &source, Given::Text),
        "gold has the document \"d00\" twice; ids must be unique"
    );
    let spec = NoiseSpec::none();
    let noise = Source::Noise { name: "noisy-oracle", spec: &spec, seed: 0 };
    let data = Data { ontology: None, ..world.data() };
    let cancelled = AtomicBool::new(false);
    let watch = Watch { cancelled: &cancelled, progress: &|_| () };
    let error = run(&noise, &data, &Options::default(), &watch).unwrap_err();
    assert_eq!(error.to_string(), "noise needs the ontology of the data set; name one that has it");
    let missing = Source::Predictions {
        path: Path::new("no/such/file.jsonl"),
        name: "x",
        version: "1",
        unknown: UnknownDocuments::Refuse,
    };
    assert_eq!(
        refused(&world, &missing, Given::Text),
        "no/such/file.jsonl: no such file; check the path"
    );
}

#[test]
fn a_record_that_cannot_be_written_spoils_nothing() {
    let world = World::new(2);
    let extractor = fake(persons(world.label("PER")));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "kept").unwrap();
    let options = Options { runs: Some(&file), ..Options::default() };
    let cancelled = AtomicBool::new(false);
    let watch = Watch { cancelled: &cancelled, progress: &|_| () };
    run(&Source::Builtin(&extractor), &world.data(), &options, &watch).unwrap_err();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
}
