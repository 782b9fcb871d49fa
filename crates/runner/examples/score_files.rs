//! Scores two files as `erebench score` does, without the command around it, for measuring:
//! `cargo run --release -p ere-runner --example score_files -- gold.jsonl pred.jsonl [PARTIAL]`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ere_dataset::{DatasetFolder, Vocabulary};
use ere_runner::Watch;
use ere_runner::score::{Files, Gold, ScoreOptions, partial, score};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (Some(gold), Some(predictions)) = (args.first(), args.get(1)) else {
        return Err("usage: score_files GOLD PRED [PARTIAL]".into());
    };
    let vocabulary = Vocabulary::default();
    let newswire = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/newswire");
    let ontology = DatasetFolder::open(&newswire)?.ontology(&vocabulary)?;
    let files = Files {
        gold: Gold::File(gold),
        predictions,
        name: "gold",
        version: "",
        split: "",
        layers: None,
        ontology: Some(&ontology),
        vocabulary: &vocabulary,
    };
    let cancelled = AtomicBool::new(false);
    let watch = Watch { cancelled: &cancelled, progress: &|_| () };
    let options = ScoreOptions::default();
    let documents = match args.get(2) {
        None => score(&files, &options, &watch)?.record.coverage.documents,
        Some(path) => {
            let mut out = std::fs::File::create(path)?;
            partial(&files, &options, &mut out, &watch)?.documents
        }
    };
    assert!(documents > 0, "there is something to score");
    Ok(())
}
