use std::collections::HashMap;
use std::io::BufRead;
use std::path::Path;

use anyhow::Result;
use ere_dataset::check::check_gold;
use ere_dataset::jsonl::{self, Lines};
use ere_dataset::output::Output;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{Document, Error, ErrorKind, Ontology, Place, Vocabulary};
use ere_synth::NoiseSpec;
use ere_synth::noise::{self, Expected, Fraction, Row};

use super::gold;
use super::stream::{self, BLOCK_DOCUMENTS, Block, write_blocks};
use crate::args::Noise;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Noise) -> Result<Done> {
    let vocabulary = Vocabulary::default();
    let spec = args.spec.unwrap_or_default();
    let (ontology, sources) = open(args, &vocabulary)?;
    let maker =
        Maker { spec: &spec, seed: args.seed, vocabulary: &vocabulary, ontology: &ontology };
    let mut expected = Expected::default();
    let mut ids = Ids { path: &args.gold, seen: HashMap::new() };
    let note = |(part, places): (Expected, Vec<Id>)| {
        expected += part;
        ids.add(places)
    };
    write_blocks(&args.stream, None, sources, |source| maker.block(source), note)?;
    match &args.expected {
        Some(path) => {
            let mut json = serde_json::to_string_pretty(&rows(&expected))?;
            json.push('\n');
            Output::write(path, json.as_bytes())?;
        }
        None => print::message(table(&expected).trim_end()),
    }
    Ok(Done::Ok)
}

/// The id of a document, and its line.
type Id = (Box<str>, Option<u64>);

/// Gold documents that become predictions together.
enum Source {
    /// Lines that are still to be read.
    Lines(Vec<(Place, String)>),
    Documents(Vec<Document>),
}

type Sources<'a> = Box<dyn Iterator<Item = Result<Source>> + Send + 'a>;

fn open<'a>(args: &'a Noise, vocabulary: &Vocabulary) -> Result<(Ontology, Sources<'a>)> {
    if is_streamed(&args.gold) {
        let ontology = Ontology::read(&args.ontology, vocabulary)?;
        let lines = Lines::new(stream::open(&args.gold)?, &args.gold);
        return Ok((ontology, Box::new(LineBlocks { lines, path: &args.gold, is_empty: true })));
    }
    let read = gold::read(&args.gold, &args.split, Some(&args.ontology), vocabulary)?;
    let ontology = read.ontology.expect("a data set has one, and others were given one");
    let mut documents = read.documents.into_iter();
    let blocks = std::iter::from_fn(move || {
        let block: Vec<Document> = documents.by_ref().take(BLOCK_DOCUMENTS).collect();
        (!block.is_empty()).then_some(Ok(Source::Documents(block)))
    });
    Ok((ontology, Box::new(blocks)))
}

/// Native lines, and not what has to be read whole.
fn is_streamed(path: &Path) -> bool {
    let extension = path.extension();
    path == Path::new("-") || !path.is_dir() && extension.is_none_or(|extension| extension != "ere")
}

struct LineBlocks<'a, R> {
    lines: Lines<R>,
    path: &'a Path,
    is_empty: bool,
}

impl<R: BufRead> Iterator for LineBlocks<'_, R> {
    type Item = Result<Source>;

    fn next(&mut self) -> Option<Result<Source>> {
        let mut block = Vec::with_capacity(BLOCK_DOCUMENTS);
        while block.len() < BLOCK_DOCUMENTS {
            match self.lines.next().map(|line| line.map(str::to_owned)) {
                Ok(Some(line)) => {
                    self.is_empty = false;
                    block.push((self.lines.place(), line));
                }
                Ok(None) if self.is_empty => {
                    return Some(Err(Error::new(Place::file(self.path), ErrorKind::Empty).into()));
                }
                Ok(None) => break,
                Err(error) => return Some(Err(error.into())),
            }
        }
        (!block.is_empty()).then_some(Ok(Source::Lines(block)))
    }
}

struct Maker<'a> {
    spec: &'a NoiseSpec,
    seed: u64,
    vocabulary: &'a Vocabulary,
    ontology: &'a Ontology,
}

impl Maker<'_> {
    /// Predictions of a block, and the ids of its documents with their lines.
    fn block(&self, source: Source) -> Result<Block<(Expected, Vec<Id>)>> {
        let mut lines = Vec::with_capacity(BLOCK_DOCUMENTS * 4096);
        let mut expected = Expected::default();
        let mut ids = Vec::with_capacity(BLOCK_DOCUMENTS);
        let mut predict = |gold: &Document, line: Option<u64>| -> Result<()> {
            let Maker { spec, seed, vocabulary, ontology } = self;
            let prediction = noise::predict(gold, spec, *seed, vocabulary, ontology);
            jsonl::write(&mut lines, &prediction.document, vocabulary, TextPolicy::Omit)?;
            expected += noise::expected(gold, spec, ontology);
            ids.push((gold.id.clone(), line));
            Ok(())
        };
        match source {
            Source::Documents(documents) => {
                documents.iter().try_for_each(|gold| predict(gold, None))?;
            }
            Source::Lines(lines) => {
                for (place, line) in lines {
                    predict(&self.read(&place, &line)?, place.line)?;
                }
            }
        }
        Ok(Block { lines, documents: ids.len() as u64, rest: (expected, ids) })
    }

    fn read(&self, place: &Place, line: &str) -> Result<Document, Error> {
        let gold = jsonl::gold_from_str(line, self.vocabulary).and_then(|gold| {
            check_gold(&gold, self.vocabulary, Some(self.ontology))?;
            Ok(gold)
        });
        gold.map_err(|mut error| {
            if let Some(file) = &place.file {
                error = error.in_file(file);
            }
            error.on_line(place.line.unwrap_or_default())
        })
    }
}

/// The ids that were met, each with its line: the only memory that grows with the input.
struct Ids<'a> {
    path: &'a Path,
    seen: HashMap<Box<str>, Option<u64>>,
}

impl Ids<'_> {
    fn add(&mut self, ids: Vec<Id>) -> Result<()> {
        for (id, line) in ids {
            if let Some(first) = self.seen.insert(id.clone(), line) {
                let first = Place { line: first, ..Place::default() };
                let place = Place { line, ..Place::file(self.path) };
                let error = Error::new(place, ErrorKind::DuplicateDocument { first });
                return Err(error.in_document(&id).into());
            }
        }
        Ok(())
    }
}

/// What a scorer must find, in a view.
#[derive(serde::Serialize)]
struct ExpectedRow {
    view: &'static str,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

fn rows(expected: &Expected) -> Vec<ExpectedRow> {
    let quotient = |fraction: Option<Fraction>| fraction.and_then(Fraction::quotient);
    let row = |(view, row): (&'static str, Row)| ExpectedRow {
        view,
        precision: quotient(row.precision),
        recall: quotient(row.recall),
        f1: row.f1(),
    };
    expected.rows().map(row).collect()
}

fn table(expected: &Expected) -> String {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.4}"));
    let cells = |row: ExpectedRow| {
        vec![row.view.to_owned(), number(row.precision), number(row.recall), number(row.f1)]
    };
    let rows: Vec<Vec<String>> = rows(expected).into_iter().map(cells).collect();
    print::table(&["expected", "P", "R", "F1"], 1, &rows)
}
