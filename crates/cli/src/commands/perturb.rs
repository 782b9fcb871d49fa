use anyhow::Result;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{Document, Vocabulary, jsonl};
use ere_synth::perturb::perturb;

use super::source::{Block, Gold};
use super::stream;
use crate::args::Perturb;
use crate::exit::Done;

pub(crate) fn run(args: &Perturb) -> Result<Done> {
    let vocabulary = Vocabulary::default();
    let (gold, blocks) = Gold::open(&args.input, &vocabulary)?;
    let mut ids = gold.ids();
    let make = |block: Block| {
        let write = |document: &Document, lines: &mut Vec<u8>| {
            let mut changed = document.clone();
            for kind in &args.kinds {
                changed = perturb(&changed, *kind, args.seed, &gold.ontology);
            }
            jsonl::write(lines, &changed, &vocabulary, TextPolicy::Inline)
        };
        gold.block(block, &vocabulary, write)
    };
    stream::write_blocks(&args.stream, None, blocks, make, |met| ids.add(met))?;
    Ok(Done::Ok)
}
