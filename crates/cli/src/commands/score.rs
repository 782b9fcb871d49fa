use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Result, bail};
use ere_dataset::input::is_jsonl;
use ere_dataset::output::Output;
use ere_dataset::{Ontology, Prediction, Vocabulary};
use ere_extract::LabelMap;
use ere_runner::score::{Counted, Files, Gold, ScoreOptions, Scored, partial, score};
use ere_runner::{LabelMapping, Watch};
use serde_json::json;

use super::gold;
use super::run::{gate, relabel, resampling, unknown};
use super::{protocols, table};
use crate::args::{Score, Scoring};
use crate::exit::Done;
use crate::interrupt::CANCELLED;
use crate::print;

const STANDARD_INPUT: &str = "-";

pub(crate) fn run(args: &Score) -> Result<Done> {
    let (gold, pipe) = (&args.gold, Path::new(STANDARD_INPUT));
    if gold == pipe && args.predictions == pipe {
        bail!("gold and predictions cannot both be standard input; name a file for one of them");
    }
    if gold == pipe || (is_jsonl(gold) && !gold.is_dir()) || is_pipe(gold) {
        return stream(args);
    }
    let vocabulary = Vocabulary::default();
    let read = gold::read(gold, &args.split, args.ontology.as_deref(), &vocabulary)?;
    // A data set says what its documents are; the hash of a file follows from its documents.
    let is_dataset = gold::is_dataset(gold);
    let files = Files {
        gold: Gold::Documents {
            documents: &read.documents,
            path: gold,
            sha256: is_dataset.then_some(&*read.sha256),
        },
        predictions: &args.predictions,
        name: args.data_name.as_deref().filter(|_| !is_dataset).unwrap_or(&read.name),
        version: &read.version,
        split: &read.split,
        layers: is_dataset.then_some(&read.layers),
        ontology: read.ontology.as_ref(),
        vocabulary: &vocabulary,
    };
    of_files(args, &files)
}

/// Scores gold that is read line by line.
fn stream(args: &Score) -> Result<Done> {
    let vocabulary = Vocabulary::default();
    let ontology = match &args.ontology {
        Some(path) => Some(Ontology::read(path, &vocabulary)?),
        None => None,
    };
    let name = match &args.data_name {
        Some(name) => name.clone(),
        None if args.gold == Path::new(STANDARD_INPUT) => "stdin".to_owned(),
        None => gold::stem(&args.gold),
    };
    let files = Files {
        gold: Gold::File(&args.gold),
        predictions: &args.predictions,
        name: &name,
        version: "",
        split: "",
        layers: None,
        ontology: ontology.as_ref(),
        vocabulary: &vocabulary,
    };
    of_files(args, &files)
}

fn of_files(args: &Score, files: &Files<'_>) -> Result<Done> {
    let map = args.map.as_ref().map(|path| LabelMap::read(path)).transpose()?;
    let apply = |prediction: &mut Prediction| relabel(map.as_ref(), prediction, files.vocabulary);
    let sha256 = map.as_ref().map(|map| map.sha256.clone()).unwrap_or_default();
    let protocol = protocols::load(&args.protocol)?;
    let unknown = unknown(&protocol, args.allow_unknown_documents)?;
    let train = match args.train.as_ref().filter(|_| protocol.needs_train()) {
        Some(path) => {
            let train = gold::read(path, "train", args.ontology.as_deref(), files.vocabulary)?;
            protocols::train(&protocol, &train.documents, &train.sha256)
        }
        None => None,
    };
    let errors = args.errors.as_deref().map(Output::create).transpose()?.map(Mutex::new);
    let options = ScoreOptions {
        protocol,
        train,
        resampling: resampling(&args.scoring),
        labels: map.as_ref().map(|_| LabelMapping { sha256: &sha256, apply: &apply }),
        resolve: args.resolve.into(),
        unknown,
        threads: args.threads.unwrap_or(0),
        errors: errors.as_ref().map(|errors| errors as &Mutex<dyn Write + Send + 'static>),
        ..ScoreOptions::default()
    };
    let watch = Watch { cancelled: &CANCELLED, progress: &|_| () };
    match &args.partial {
        None => {
            let scored = score(files, &options, &watch)?;
            finish(errors)?;
            show(&scored, &args.scoring, args.by_type)
        }
        Some(path) => {
            let mut output = Output::create(path)?;
            let counted = partial(files, &options, &mut output, &watch)?;
            output.finish()?;
            finish(errors)?;
            show_counted(&counted, path, args.scoring.json)
        }
    }
}

/// Puts a file that was written to where it belongs.
fn finish(output: Option<Mutex<Output>>) -> Result<()> {
    let output = output.map(|output| output.into_inner().expect("no panic while it was held"));
    Ok(output.map_or(Ok(()), Output::finish)?)
}

/// Prints scores, says what is odd, and judges them.
pub(crate) fn show(scored: &Scored, scoring: &Scoring, by_type: bool) -> Result<Done> {
    let Scored { record, protocol, malformed, .. } = scored;
    if scoring.json {
        print::json(record)?;
    } else {
        print::out(&table::of_scores(record, by_type))?;
    }
    for message in record.warnings.iter().chain(malformed) {
        print::message(message);
    }
    Ok(gate(scoring, protocol, std::slice::from_ref(record)))
}

fn show_counted(counted: &Counted, path: &Path, json: bool) -> Result<Done> {
    let Counted { documents, answered, unknown, malformed, malformed_shown } = counted;
    if json {
        print::json(&json!({
            "partial": path,
            "documents": documents,
            "answered": answered,
            "missing": documents - answered,
            "unknown": unknown,
            "malformed": malformed,
        }))?;
    } else {
        print::out(&format!(
            "{}: {documents} documents, {} without a prediction; {unknown} predictions for documents that gold does not have; \
             {malformed} malformed items\n",
            path.display(),
            documents - answered,
        ))?;
    }
    malformed_shown.iter().for_each(|message| print::message(message));
    Ok(Done::Ok)
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| {
        let kind = metadata.file_type();
        kind.is_fifo() || kind.is_char_device() || kind.is_socket()
    })
}

#[cfg(not(unix))]
fn is_pipe(_: &Path) -> bool {
    false
}
