//! The default synthetic corpus is like the newswire data set: bounds are computed from the data set
//! as it stands.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::Path;

use ere_dataset::{DatasetFolder, Document, Given, Ontology, Vocabulary};
use ere_eval::{Protocol, Rules, Tallies, tally};
use ere_extract::{Input, Training, builtin};
use ere_synth::corpus::{self, Preset};
use ere_synth::grammar::Grammar;
use ere_synth::profile::{Profile, SIZES};

/// How many synthetic documents means are made of.
const DOCUMENTS: u64 = 300;

struct World {
    vocabulary: Vocabulary,
    ontology: Ontology,
    rules: Rules,
    grammar: Grammar,
    train: Vec<Document>,
    others: Vec<Document>,
    folder: DatasetFolder,
}

impl World {
    fn new() -> World {
        let vocabulary = Vocabulary::default();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/newswire");
        let folder = DatasetFolder::open(Path::new(path)).unwrap();
        let ontology = folder.ontology(&vocabulary).unwrap();
        let rules = Rules::of(&ontology, &vocabulary);
        let grammar = Grammar::newswire(&vocabulary, &ontology).unwrap();
        let (mut train, mut others) = (Vec::new(), Vec::new());
        for split in &folder.splits {
            let documents =
                folder.read_split(&split.name, &vocabulary, &ontology).unwrap().documents;
            if split.name == "train" { &mut train } else { &mut others }.extend(documents);
        }
        World { vocabulary, ontology, rules, grammar, train, others, folder }
    }

    fn synthetic(&self, count: u64) -> Vec<Document> {
        let one = |index| corpus::document(index, 1, &Preset::newswire(), &self.grammar);
        (0..count).map(one).collect()
    }

    fn real(&self) -> Vec<Document> {
        self.train.iter().chain(&self.others).cloned().collect()
    }

    fn profile(&self, documents: &[Document]) -> Profile {
        Profile::of(documents, &self.vocabulary)
    }

    /// The F1 of strict mentions and of anchored relations.
    fn scores(&self, extractor: &str, train: &[Document], test: &[Document]) -> [f64; 2] {
        let World { vocabulary, ontology, rules, folder, .. } = self;
        let training = Training { documents: train, ontology, vocabulary };
        let extractor = builtin(extractor, &training).unwrap();
        let mut session = extractor.start().unwrap();
        let tallies: Tallies = test
            .iter()
            .map(|gold| {
                let prediction = session.extract(&Input::of(gold, Given::Text)).unwrap();
                tally(gold, &prediction, &Protocol::default(), rules, &folder.layers)
            })
            .collect();
        ["mention.strict", "relation.anchored"]
            .map(|view| tallies.micro(view).unwrap().f1().unwrap())
    }
}

#[test]
fn lengths_and_densities_are_within_fifteen_percent() {
    let world = World::new();
    let real = world.profile(&world.real());
    let synthetic = world.profile(&world.synthetic(DOCUMENTS));
    let per_word = |profile: &Profile, size: &str| profile.get(size) / profile.get("mean of words");
    for size in SIZES {
        let mean = synthetic.get(size) / real.get(size);
        assert!((mean - 1.0).abs() < 0.15, "{size}: {mean}");
        let density = per_word(&synthetic, size) / per_word(&real, size);
        assert!((density - 1.0).abs() < 0.15, "{size} for each word: {density}");
    }
}

#[test]
fn texts_repeat_themselves_little() {
    let world = World::new();
    let real = world.real();
    let share = |documents: &[Document]| world.profile(documents).get("share of distinct 8-grams");
    let (wanted, as_many, many) = (
        share(&real),
        share(&world.synthetic(real.len() as u64)),
        share(&world.synthetic(DOCUMENTS)),
    );
    for found in [as_many, many] {
        assert!((found / wanted - 1.0).abs() < 0.2, "{found}, not {wanted}");
    }
}

#[test]
fn extractors_do_about_as_well() {
    let world = World::new();
    let documents = world.synthetic((world.train.len() + world.others.len()) as u64);
    let (train, test) = documents.split_at(world.train.len());
    for extractor in ["gazetteer", "patterns"] {
        let real = world.scores(extractor, &world.train, &world.others);
        let synthetic = world.scores(extractor, train, test);
        for (real, synthetic) in real.into_iter().zip(synthetic) {
            assert!((real - synthetic).abs() <= 0.15, "{extractor}: {synthetic}, not {real}");
        }
    }
}

#[test]
fn knobs_can_be_fitted_to_a_data_set() {
    let world = World::new();
    let real = world.profile(&world.train);
    let preset = Preset::like(&real, &world.grammar, &world.vocabulary);
    let one = |index| corpus::document(index, 77, &preset, &world.grammar);
    let synthetic = world.profile(&(0..DOCUMENTS).map(one).collect::<Vec<_>>());
    for size in SIZES {
        let ratio = synthetic.get(size) / real.get(size);
        assert!((ratio - 1.0).abs() < 0.2, "{size}: {ratio}");
    }
}
