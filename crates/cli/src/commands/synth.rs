use anyhow::Result;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{Ontology, Vocabulary, jsonl};
use ere_synth::corpus::{self, Preset};
use ere_synth::grammar::Grammar;

use super::stream::{BLOCK_DOCUMENTS, Block, write_blocks};
use crate::args::{Shape, Synth};
use crate::exit::Done;

pub(crate) fn run(args: &Synth) -> Result<Done> {
    let vocabulary = Vocabulary::default();
    let ontology = Ontology::read(&args.ontology, &vocabulary)?;
    let grammar = Grammar::newswire(&vocabulary, &ontology)?;
    let preset = match args.preset {
        Shape::Newswire => Preset::bench(),
        Shape::Bench => Preset::bench(),
    };
    let range = args.shard.range(args.documents);
    let end = range.end;
    let starts = range.clone().step_by(BLOCK_DOCUMENTS);
    let blocks = starts.map(|start| Ok(start..end.min(start + BLOCK_DOCUMENTS as u64)));
    let make = |range: std::ops::Range<u64>| {
        let mut lines = Vec::with_capacity(BLOCK_DOCUMENTS * 8192);
        let documents = range.end - range.start;
        for index in range {
            let document = corpus::document(index, args.seed, &preset, &grammar);
            jsonl::write(&mut lines, &document, &vocabulary, TextPolicy::Inline)?;
        }
        Ok(Block { lines, documents, rest: () })
    };
    write_blocks(&args.stream, Some(end - range.start), blocks, make, |()| Ok(()))?;
    Ok(Done::Ok)
}
