//! What the benches share: their input, made by `ere-synth` with a stated size and seed.

use std::path::{Path, PathBuf};

use ere_dataset::wire::TextPolicy;
use ere_dataset::{DatasetFolder, Document, Layers, Ontology, Prediction, Vocabulary, jsonl};
use ere_eval::Rules;
use ere_synth::corpus::{self, Preset};
use ere_synth::grammar::Grammar;
use ere_synth::{NoiseSpec, noise};

/// The seed of every input.
pub const SEED: u64 = 1;

/// Types, labels and the grammar of the newswire ontology.
pub struct World {
    /// Labels.
    pub vocabulary: Vocabulary,
    /// Types.
    pub ontology: Ontology,
    /// The types, ready for scoring.
    pub rules: Rules,
    /// What texts are made of.
    pub grammar: Grammar,
}

/// Everything that the bench corpus annotates.
pub const LAYERS: Layers = Layers {
    mentions: true,
    coreference: true,
    mention_relations: true,
    relations: ere_dataset::Scope::All,
};

/// The folder of the newswire data set.
pub fn newswire() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/newswire")
}

impl World {
    /// Reads the ontology.
    ///
    /// # Panics
    /// When the data set is not where it belongs.
    #[expect(clippy::new_without_default, reason = "it reads a file")]
    pub fn new() -> World {
        let vocabulary = Vocabulary::default();
        let folder = DatasetFolder::open(&newswire()).expect("the data set is in the repository");
        let ontology = folder.ontology(&vocabulary).expect("the ontology is valid");
        let grammar = Grammar::bench(&vocabulary, &ontology).expect("it is for this ontology");
        let rules = Rules::of(&ontology, &vocabulary);
        World { vocabulary, ontology, rules, grammar }
    }

    /// The first documents of the bench corpus.
    pub fn gold(&self, documents: u64) -> Vec<Document> {
        let one = |index| corpus::document(index, SEED, &Preset::bench(), &self.grammar);
        (0..documents).map(one).collect()
    }

    /// Predictions with the errors of a specification.
    pub fn noisy(&self, gold: &[Document], spec: &NoiseSpec) -> Vec<Prediction> {
        let one = |gold| noise::predict(gold, spec, SEED, &self.vocabulary, &self.ontology);
        gold.iter().map(one).collect()
    }

    /// Documents as native lines.
    pub fn lines(&self, documents: &[Document], policy: TextPolicy) -> Vec<u8> {
        let mut lines = Vec::new();
        for document in documents {
            jsonl::write(&mut lines, document, &self.vocabulary, policy)
                .expect("writing to memory cannot fail");
        }
        lines
    }
}
