//! A second, independent proof of the scorer: what it finds in noisy predictions of synthetic
//! documents is what probability theory says it must.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::Path;

use ere_dataset::{Layers, Ontology, Prediction, Vocabulary};
use ere_eval::{Protocol, Rules, Slice, View, tally};
use ere_synth::NoiseSpec;
use ere_synth::corpus::{self, Between, Preset};
use ere_synth::grammar::Grammar;
use ere_synth::noise::{Expected, Fraction, expected, predict};
use rayon::prelude::*;

const DOCUMENTS: u64 = 20_000;

/// Sums of expected and found values differ by less than so many standard errors. There are some
/// hundred sums, each passes 5 in one of two million seeds.
const ERRORS_MAX: f64 = 5.0;

/// What one document gives to one view: for precision and recall, expected and found.
struct Sample {
    expected: [Option<Fraction>; 2],
    found: [Fraction; 2],
}

struct World {
    vocabulary: Vocabulary,
    ontology: Ontology,
    rules: Rules,
    grammar: Grammar,
    /// Small documents, so that many of them take seconds in a test build.
    preset: Preset,
    protocol: Protocol,
}

impl World {
    fn new() -> World {
        let vocabulary = Vocabulary::default();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/newswire/ontology.toml");
        let ontology = Ontology::read(Path::new(path), &vocabulary).unwrap();
        let rules = Rules::of(&ontology, &vocabulary);
        let grammar = Grammar::bench(&vocabulary, &ontology).unwrap();
        let preset = Preset {
            things: Between { from: 3, to: 5 },
            values: Between { from: 0, to: 2 },
            relations: Between { from: 2, to: 4 },
            ..Preset::bench()
        };
        let views = Expected::VIEWS.iter().map(|view| view.parse::<View>().unwrap()).collect();
        let protocol = Protocol { views, ..Protocol::default() };
        World { vocabulary, ontology, rules, grammar, preset, protocol }
    }

    /// The samples of each view that has a closed form, one for each document.
    fn samples(&self, index: u64, spec: &NoiseSpec) -> Vec<Sample> {
        let gold = corpus::document(index, 11, &self.preset, &self.grammar);
        let Prediction { document, malformed, .. } =
            predict(&gold, spec, 3, &self.vocabulary, &self.ontology);
        let prediction = Prediction { document, malformed, ..Prediction::default() };
        let expected = expected(&gold, spec, &self.ontology);
        let found =
            tally(&gold, &prediction, &self.protocol, &self.rules, &Layers::default()).rows();
        let sample = |(view, row): (&str, ere_synth::noise::Row)| {
            let of_view =
                |key: &ere_eval::RowKey| key.view.name() == view && key.slice == Slice::All;
            let (_, tally) = found.iter().find(|(key, _)| of_view(key)).unwrap();
            let fraction = |numerator, denominator| Fraction { numerator, denominator };
            Sample {
                expected: [row.precision, row.recall],
                found: [
                    fraction(tally.precision_numerator, tally.precision_denominator),
                    fraction(tally.recall_numerator, tally.recall_denominator),
                ],
            }
        };
        expected.rows().map(sample).collect()
    }
}

/// How many standard errors the sum of `differences` is off zero.
fn errors(differences: impl Iterator<Item = f64>) -> f64 {
    let (sum, squares) =
        differences.fold((0.0, 0.0), |(sum, squares), d| (sum + d, squares + d * d));
    // What is always as expected, but for rounding, has no error.
    if squares < 1e-9 { 0.0 } else { sum / f64::sqrt(squares) }
}

/// Each specification, and in how many of the eleven views precision and recall have a closed form.
const SPECS: [(&str, usize, usize); 6] = [
    ("miss=0.25,type=0.2,spurious=0.3,duplicate=0.2", 11, 11),
    ("miss=0.1,boundary=0.2,spurious=0.15,alien=0.05", 9, 9),
    ("relation-miss=0.2,relation-label=0.25,relation-flip=0.2,alien=0.1", 11, 11),
    ("miss=0.15,type=0.1,relation-miss=0.1,relation-label=0.1,relation-flip=0.1", 11, 11),
    ("miss=0.1,relation-miss=0.2,relation-spurious=0.4,relation-flip=0.1", 7, 11),
    ("miss=0.12,split=0.3,merge=0.2,relation-label=0.1,boundary=0.1", 4, 4),
];

#[test]
fn the_scorer_finds_what_was_put_in() {
    let world = World::new();
    for (spec, precisions, recalls) in SPECS {
        let spec: NoiseSpec = spec.parse().unwrap();
        let documents: Vec<Vec<Sample>> =
            (0..DOCUMENTS).into_par_iter().map(|index| world.samples(index, &spec)).collect();
        let mut closed = [0, 0];
        for (position, view) in Expected::VIEWS.into_iter().enumerate() {
            for (side, name) in ["precision", "recall"].into_iter().enumerate() {
                let pairs: Vec<(Fraction, Fraction)> = documents
                    .iter()
                    .filter_map(|samples| {
                        let sample = &samples[position];
                        Some((sample.expected[side]?, sample.found[side]))
                    })
                    .collect();
                if pairs.is_empty() {
                    continue;
                }
                assert_eq!(pairs.len() as u64, DOCUMENTS, "{spec}: {view} {name}");
                closed[side] += 1;
                let total: f64 = pairs.iter().map(|(_, found)| found.numerator).sum();
                let below: f64 = pairs.iter().map(|(expected, _)| expected.denominator).sum();
                let above: f64 = pairs.iter().map(|(expected, _)| expected.numerator).sum();
                assert!(total > 0.0, "{spec}: {view} {name} counts nothing");
                // The quotient, to first order, its numerator and its denominator.
                let ratio = above / below;
                let off = [
                    errors(pairs.iter().map(|(e, f)| {
                        (f.numerator - e.numerator) - ratio * (f.denominator - e.denominator)
                    })),
                    errors(pairs.iter().map(|(e, f)| f.numerator - e.numerator)),
                    errors(pairs.iter().map(|(e, f)| f.denominator - e.denominator)),
                ];
                assert!(
                    off.iter().all(|off| off.abs() < ERRORS_MAX),
                    "{spec}: {view} {name} is {off:?} standard errors off {ratio}"
                );
            }
        }
        assert_eq!(closed, [precisions, recalls], "{spec}");
    }
}
