//! Writes `gold.jsonl` and `pred.jsonl` of the bench corpus into a folder:
//! `cargo run --release -p ere-runner --example bench_files -- 10000 /tmp/bench`.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use ere_dataset::wire::TextPolicy;
use ere_dataset::{DatasetFolder, Vocabulary, jsonl};
use ere_synth::corpus::{self, Preset};
use ere_synth::grammar::Grammar;
use ere_synth::{NoiseSpec, noise};

const SEED: u64 = 1;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(documents), Some(folder)) = (args.next(), args.next()) else {
        return Err("usage: bench_files DOCUMENTS FOLDER".into());
    };
    let (documents, folder): (u64, PathBuf) = (documents.parse()?, folder.into());
    let vocabulary = Vocabulary::default();
    let newswire = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/newswire");
    let ontology = DatasetFolder::open(&newswire)?.ontology(&vocabulary)?;
    let grammar = Grammar::newswire(&vocabulary, &ontology)?;
    std::fs::create_dir_all(&folder)?;
    let mut gold_file = BufWriter::new(File::create(folder.join("gold.jsonl"))?);
    let mut pred_file = BufWriter::new(File::create(folder.join("pred.jsonl"))?);
    for index in 0..documents {
        let gold = corpus::document(index, SEED, &Preset::bench(), &grammar);
        let pred = noise::predict(&gold, &NoiseSpec::default(), SEED, &vocabulary, &ontology);
        jsonl::write(&mut gold_file, &gold, &vocabulary, TextPolicy::Inline)?;
        jsonl::write(&mut pred_file, &pred.document, &vocabulary, TextPolicy::Omit)?;
    }
    gold_file.flush()?;
    pred_file.flush()?;
    Ok(())
}
