use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use anyhow::{Result, bail};
use ere_dataset::output::Output;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{DatasetFolder, Document, Ontology, Vocabulary, jsonl};
use ere_synth::corpus::{self, Preset};
use ere_synth::grammar::Grammar;
use ere_synth::profile::{Profile, overlap};

use super::stream::{BLOCK_DOCUMENTS, Block, write_blocks};
use crate::args::{Shape, Synth};
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Synth) -> Result<Done> {
    let vocabulary = Vocabulary::default();
    let ontology = match args.like.as_ref().or(args.report.as_ref()) {
        Some(folder) => DatasetFolder::open(folder)?.ontology(&vocabulary)?,
        None => Ontology::read(&args.ontology, &vocabulary)?,
    };
    let grammar = match args.preset {
        Shape::Newswire => Grammar::newswire(&vocabulary, &ontology)?,
        Shape::Bench => Grammar::bench(&vocabulary, &ontology)?,
    };
    let mut preset = match (&args.like, args.preset) {
        (Some(folder), _) => {
            let documents = documents(folder, &vocabulary, &ontology)?;
            Preset::like(&Profile::of(&documents, &vocabulary), &grammar, &vocabulary)
        }
        (None, Shape::Newswire) => Preset::newswire(),
        (None, Shape::Bench) => Preset::bench(),
    };
    if let Some(knobs) = &args.set {
        preset.set(knobs)?;
    }
    let maker = Maker { seed: args.seed, preset, grammar, vocabulary: &vocabulary };
    match &args.report {
        Some(folder) => maker.report(args, &documents(folder, &vocabulary, &ontology)?)?,
        None => maker.write(args)?,
    }
    Ok(Done::Ok)
}

fn documents(folder: &Path, vocabulary: &Vocabulary, ontology: &Ontology) -> Result<Vec<Document>> {
    let folder = DatasetFolder::open(folder)?;
    let mut documents = Vec::new();
    for split in &folder.splits {
        documents.extend(folder.read_split(&split.name, vocabulary, ontology)?.documents);
    }
    if documents.is_empty() {
        bail!("the data set {} holds no document to be like", folder.name);
    }
    Ok(documents)
}

struct Maker<'a> {
    seed: u64,
    preset: Preset,
    grammar: Grammar,
    vocabulary: &'a Vocabulary,
}

impl Maker<'_> {
    fn document(&self, index: u64) -> Document {
        corpus::document(index, self.seed, &self.preset, &self.grammar)
    }

    fn write(&self, args: &Synth) -> Result<()> {
        let range = args.shard.range(args.documents.unwrap_or(0));
        let end = range.end;
        let starts = range.clone().step_by(BLOCK_DOCUMENTS);
        let blocks = starts.map(|start| Ok(start..end.min(start + BLOCK_DOCUMENTS as u64)));
        let count = Some(end - range.start);
        write_blocks(&args.stream, count, blocks, |range| self.block(range), |()| Ok(()))
    }

    fn block(&self, range: Range<u64>) -> Result<Block<()>> {
        const DOCUMENT_BYTES: usize = 32 << 10;
        let mut lines = Vec::with_capacity(BLOCK_DOCUMENTS * DOCUMENT_BYTES);
        let documents = range.end - range.start;
        for index in range {
            jsonl::write(&mut lines, &self.document(index), self.vocabulary, TextPolicy::Inline)?;
        }
        Ok(Block { lines, documents, rest: () })
    }

    fn report(&self, args: &Synth, real: &[Document]) -> Result<()> {
        let count = args.documents.unwrap_or(real.len() as u64);
        let made: Vec<Document> = (0..count).map(|index| self.document(index)).collect();
        let text = report(&made, real, self);
        if args.stream.output == Path::new("-") {
            print::out(&text)?;
        } else {
            Output::write(&args.stream.output, text.as_bytes())?;
        }
        Ok(())
    }
}

/// A figure is unlike where it differs by more than this share.
const TOLERANCE: f64 = 0.15;

/// A table of figures, in Markdown.
fn report(made: &[Document], real: &[Document], maker: &Maker<'_>) -> String {
    let (synthetic, of) =
        (Profile::of(made, maker.vocabulary), Profile::of(real, maker.vocabulary));
    let mut names: Vec<&String> = of.figures.keys().chain(synthetic.figures.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let mut rows = Vec::new();
    let mut unlike = 0;
    for name in names {
        let (wanted, found) = (of.get(name), synthetic.get(name));
        let ratio = (wanted > 0.0).then(|| found / wanted);
        let is_unlike = ratio.is_none_or(|ratio| (ratio - 1.0).abs() > TOLERANCE);
        unlike += usize::from(is_unlike);
        rows.push(vec![
            name.clone(),
            format!("{wanted:.3}"),
            format!("{found:.3}"),
            ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
            if is_unlike { "unlike".to_owned() } else { String::new() },
        ]);
    }
    let figures = rows.len();
    let mut text = print::table(&["figure", "data set", "synthetic", "ratio", ""], 1, &rows);
    let mut line =
        |line: String| writeln!(text, "{line}").expect("writing to a string cannot fail");
    line(format!(
        "\n{} documents of the data set, {} synthetic ones (seed {}). {unlike} of {figures} figures \
         differ by more than {:.0} %.",
        of.documents,
        synthetic.documents,
        maker.seed,
        100.0 * TOLERANCE
    ));
    for length in 1..=4 {
        let share = overlap(made, real, length);
        line(format!(
            "Of the distinct synthetic {length}-grams, {share:.3} occur in the data set."
        ));
    }
    line(format!("Knobs: {}", maker.preset));
    text
}
