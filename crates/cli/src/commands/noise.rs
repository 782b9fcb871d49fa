use anyhow::Result;
use ere_dataset::output::Output;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{Document, Vocabulary, jsonl};
use ere_synth::noise::{self, Expected, Fraction, Row};

use super::source::{Block, Gold};
use super::stream;
use crate::args::Noise;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Noise) -> Result<Done> {
    let vocabulary = Vocabulary::default();
    let spec = args.spec.unwrap_or_default();
    let (gold, blocks) = Gold::open(&args.input, &vocabulary)?;
    let mut ids = gold.ids();
    let make = |block: Block| {
        let mut expected = Expected::default();
        let write = |document: &Document, lines: &mut Vec<u8>| {
            let prediction =
                noise::predict(document, &spec, args.seed, &vocabulary, &gold.ontology);
            expected += noise::expected(document, &spec, &gold.ontology);
            jsonl::write(lines, &prediction.document, &vocabulary, TextPolicy::Omit)
        };
        let block = gold.block(block, &vocabulary, write)?;
        Ok(stream::Block {
            lines: block.lines,
            documents: block.documents,
            rest: (block.rest, expected),
        })
    };
    let mut expected = Expected::default();
    let note = |(met, part)| {
        expected += part;
        ids.add(met)
    };
    stream::write_blocks(&args.stream, None, blocks, make, note)?;
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
