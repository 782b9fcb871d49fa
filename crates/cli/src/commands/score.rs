use anyhow::Result;
use ere_dataset::folder::Split;
use ere_dataset::{Prediction, Vocabulary};
use ere_extract::LabelMap;
use ere_runner::{Data, LabelMapping, Options, Source, Watch};

use super::gold::{self, Gold};
use super::run::{gate, relabel, resampling, unknown};
use super::{protocols, table};
use crate::args::Score;
use crate::exit::Done;
use crate::interrupt::CANCELLED;
use crate::print;

pub(crate) fn run(args: &Score) -> Result<Done> {
    let protocol = protocols::load(&args.scoring.protocol)?;
    let unknown = unknown(&protocol, args.allow_unknown_documents)?;
    let vocabulary = Vocabulary::default();
    let train = match args.train.as_ref().filter(|_| protocol.needs_train()) {
        Some(path) => {
            let train = gold::read(path, "train", args.ontology.as_deref(), &vocabulary)?;
            protocols::train(&protocol, &train.documents, &train.sha256)
        }
        None => None,
    };
    let gold = gold::read(&args.gold, &args.split, args.ontology.as_deref(), &vocabulary)?;
    let Gold { name, version, split, documents, sha256, ontology, layers } = gold;
    let split = Split { name: split, documents, sha256 };
    let data = Data {
        name: &name,
        version: &version,
        split: &split,
        layers: &layers,
        ontology: ontology.as_ref(),
        vocabulary: &vocabulary,
    };
    let map = args.map.as_ref().map(|path| LabelMap::read(path)).transpose()?;
    let apply = |prediction: &mut Prediction| relabel(map.as_ref(), prediction, &vocabulary);
    let sha256 = map.as_ref().map(|map| map.sha256.clone()).unwrap_or_default();
    let options = Options {
        protocol: protocol.clone(),
        train,
        resampling: resampling(&args.scoring),
        labels: map.as_ref().map(|_| LabelMapping { sha256: &sha256, apply: &apply }),
        ..Options::default()
    };
    let source =
        Source::Predictions { path: &args.predictions, name: "predictions", version: "", unknown };
    let watch = Watch { cancelled: &CANCELLED, progress: &|_| () };
    let record = ere_runner::run(&source, &data, &options, &watch)?.record;
    if args.scoring.json {
        print::json(&record)?;
    } else {
        print::out(&table::of_scores(&record, args.by_type))?;
    }
    for warning in &record.warnings {
        print::message(warning);
    }
    Ok(gate(&args.scoring, &protocol, &[record]))
}
