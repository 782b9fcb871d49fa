//! Corpora under a built-in protocol: the way that every user goes, tallies of documents added up.

use std::collections::BTreeSet;

use ere_dataset::{Document, Layers, Ontology, Prediction, Scope, Vocabulary};
use ere_eval::reference::Ratios;
use ere_eval::{
    Average, Protocol, Rules, Score, Signature, Slice, Tallies, Tally, tally, tally_unknown,
};

use crate::corpus::{Corpus, Doc, document};
use crate::figures::Figures;

const LAYERS: Layers =
    Layers { mentions: true, coreference: true, mention_relations: true, relations: Scope::All };

/// The rows of a protocol.
pub(crate) struct Scored {
    scores: Vec<Score>,
}

/// Gold documents with their predictions, and predictions for documents that gold does not have.
#[derive(Default)]
pub(crate) struct Pairs {
    pub(crate) known: Vec<(Document, Document)>,
    pub(crate) unknown: Vec<Document>,
    pub(crate) vocabulary: Vocabulary,
}

impl Pairs {
    /// Every document of a corpus.
    pub(crate) fn of(corpus: &Corpus) -> Pairs {
        let vocabulary = Vocabulary::default();
        let pair = |(gold, pred): (&Doc, Doc)| {
            (document(gold, Some(gold), &vocabulary), document(&pred, Some(gold), &vocabulary))
        };
        let known = corpus.aligned().into_iter().map(pair).collect();
        let is_unknown = |pred: &&Doc| corpus.gold.iter().all(|gold| gold.id != pred.id);
        let unknown = corpus.pred.iter().filter(is_unknown);
        let unknown = unknown.map(|pred| document(pred, None, &vocabulary)).collect();
        Pairs { known, unknown, vocabulary }
    }

    /// Rules of an ontology with these types and nothing else.
    pub(crate) fn rules(&self, entities: &BTreeSet<String>, symmetric: &[String]) -> Rules {
        let quoted = |name: &str| toml::Value::String(name.to_owned());
        let mut text = "name = 'conformance'\nversion = '1'\n".to_owned();
        for name in entities {
            text +=
                &format!("[[entity]]\nname = {}\ndefinition = ''\nexample = ''\n", quoted(name));
        }
        for name in symmetric {
            let name = quoted(name);
            text += &format!(
                "[[relation]]\nname = {name}\nfamily = 'x'\ndefinition = ''\nexample = ''\nsymmetric = true\n"
            );
        }
        let ontology = Ontology::parse(&text, &self.vocabulary).expect("an ontology");
        Rules::of(&ontology, &self.vocabulary)
    }

    /// The types of mentions of gold documents.
    pub(crate) fn gold_types(&self) -> BTreeSet<String> {
        let mentions = self.known.iter().flat_map(|(gold, _)| &gold.mentions);
        mentions.map(|mention| self.vocabulary.name(mention.label).to_string()).collect()
    }
}

pub(crate) fn built_in(name: &str) -> Protocol {
    Protocol::built_in(name).expect("a built-in protocol")
}

impl Scored {
    pub(crate) fn open(pairs: &Pairs, protocol: &Protocol) -> Scored {
        Scored::with(pairs, protocol, &Rules::open(&pairs.vocabulary))
    }

    pub(crate) fn with(pairs: &Pairs, protocol: &Protocol, rules: &Rules) -> Scored {
        let predicted = |document: &Document| Prediction {
            document: document.clone(),
            ..Prediction::default()
        };
        let known = pairs
            .known
            .iter()
            .map(|(gold, pred)| tally(gold, &predicted(pred), protocol, rules, &LAYERS));
        let count = protocol.policies.unknown == ere_eval::Unknown::Count;
        let unknown = pairs.unknown.iter().filter(|_| count);
        let unknown = unknown.map(|pred| tally_unknown(&predicted(pred), protocol, rules));
        let tallies: Tallies = known.chain(unknown).collect();
        Scored { scores: tallies.scores(protocol, rules, &Signature::new(), None) }
    }

    pub(crate) fn row(&self, view: &str, average: Average) -> Option<&Score> {
        let mut rows = self.scores.iter();
        rows.find(|score| {
            score.view.name() == view && score.average == average && score.slice == Slice::All
        })
    }

    /// The row of all items.
    pub(crate) fn micro(&self, view: &str) -> &Score {
        self.row(view, Average::Micro).unwrap_or_else(|| panic!("no row {view}"))
    }

    /// The rows of types, by name.
    pub(crate) fn types(&self, view: &str) -> impl Iterator<Item = (&str, &Score)> {
        let rows = self.scores.iter().filter(move |score| score.view.name() == view);
        rows.filter_map(|score| match &score.slice {
            Slice::Type(name) => Some((name.as_str(), score)),
            _ => None,
        })
    }

    /// The sum of a row that may be missing because it is all zeros.
    pub(crate) fn slice(&self, view: &str, slice: &Slice) -> Tally {
        let mut rows = self.scores.iter();
        let found = rows.find(|score| score.view.name() == view && score.slice == *slice);
        found.map_or_else(Tally::default, |score| score.tally)
    }
}

/// What scorers without undefined ratios print.
pub(crate) fn ratios(score: &Score) -> Ratios {
    let defined = |ratio: Option<f64>| ratio.expect("the scorer defines every ratio");
    Ratios {
        precision: defined(score.precision),
        recall: defined(score.recall),
        f1: defined(score.f1),
    }
}

pub(crate) fn set_ratios(figures: &mut Figures, path: &str, names: [&str; 3], ratios: Ratios) {
    let Ratios { precision, recall, f1 } = ratios;
    for (name, value) in names.into_iter().zip([precision, recall, f1]) {
        figures.set(format!("{path}.{name}"), value);
    }
}

pub(crate) const NAMES: [&str; 3] = ["precision", "recall", "f1"];

pub(crate) const UNDEFINED: Ratios = Ratios { precision: f64::NAN, recall: f64::NAN, f1: f64::NAN };
