//! Synthetic annotated news: any number of documents, each made from a seed and its own number.
//!
//! A document first gets a cast of entities, then sentences: templates of a [`Grammar`] whose slots
//! the cast fills. What a sentence states is written down as it is made, so gold is complete by
//! construction. Between two entities of a document there is at most one relation.

mod fit;
mod knobs;
mod writer;

use ere_dataset::Document;

use crate::grammar::Grammar;
use crate::noise::Rate;
use crate::random::{Random, Stream};

/// The shape of the documents of a corpus.
///
/// A document has at most 128 entities, whatever the ranges below say.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// The first part of document ids.
    pub name: String,
    /// How many entities are cast: persons, organisations, places and so on.
    pub things: Between,
    /// How many values (dates, amounts, titles) there may be. Sentences that need another one are
    /// not written then.
    pub values: Between,
    /// How many relations the text states. There may be one more where the last sentence states two,
    /// and fewer where no sentence fits the entities any more, or fillers are so many that the text
    /// has eight sentences for each relation.
    pub relations: Between,
    /// How often a sentence of the body states no relation.
    pub fillers: Rate,
    /// How often a sentence that states a relation begins with the entity that began the sentence
    /// before.
    pub same_subject: Rate,
    /// How often that entity is a pronoun then.
    pub pronouns: Rate,
    /// How often an entity that was mentioned before is a description with a noun ("the company").
    /// Only where no other entity of the document goes by that noun.
    pub nominals: Rate,
    /// How often a name that was mentioned before is short, if it has a short form.
    pub short_names: Rate,
    /// How often the body begins with what the headline says.
    pub restated: Rate,
    /// How often a paragraph ends after a sentence.
    pub paragraph_ends: Rate,
    /// How often a sentence that states no relation mentions two things all the same.
    pub distractors: Rate,
    /// How often a choice among entities falls on the earlier one of two: the higher, the more of all
    /// mentions belong to few entities.
    pub salience: Rate,
    /// How often an entity of the cast shares its short name with the one before it (and neither is
    /// called by it).
    pub namesakes: Rate,
    /// What there is besides headline and body.
    pub zones: Zones,
}

/// How often a document has each kind of zone; `subheads` and `links` (related articles) are how often
/// one follows a paragraph of the body.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[expect(missing_docs, reason = "they are named like the zones that they are")]
pub struct Zones {
    pub dek: Rate,
    pub caption: Rate,
    pub dateline: Rate,
    pub subheads: Rate,
    pub links: Rate,
    pub related: Rate,
    pub credit: Rate,
    pub bio: Rate,
    pub boilerplate: Rate,
}

/// A number drawn between two, both allowed and all equally likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    /// The least.
    pub from: u32,
    /// The most.
    pub to: u32,
}

impl Between {
    fn draw(self, stream: &mut Stream) -> usize {
        let width = self.to.saturating_sub(self.from) as usize + 1;
        self.from as usize + stream.below(width)
    }
}

impl Preset {
    /// The fixed shape of the benches. With the newswire grammar, a document has on average 2.5 kB
    /// of text, 45 mentions, 12 entities, 18 relations and 18.5 mention relations (one more than
    /// relations where the text restates its headline).
    pub fn bench() -> Preset {
        Preset {
            name: "bench".to_owned(),
            things: Between { from: 7, to: 11 },
            values: Between { from: 2, to: 5 },
            relations: Between { from: 14, to: 23 },
            fillers: const { rate(0.34) },
            same_subject: const { rate(0.6) },
            pronouns: const { rate(0.6) },
            nominals: const { rate(0.35) },
            short_names: const { rate(0.7) },
            restated: const { rate(0.7) },
            paragraph_ends: const { rate(0.4) },
            distractors: Rate::ZERO,
            salience: Rate::ZERO,
            namesakes: Rate::ZERO,
            zones: Zones::default(),
        }
    }

    /// The shape of the articles of the newswire data set, as far as its grammar allows:
    /// [`Preset::like`] made most of these numbers.
    pub fn newswire() -> Preset {
        Preset {
            name: "newswire".to_owned(),
            things: Between { from: 20, to: 32 },
            values: Between { from: 13, to: 23 },
            relations: Between { from: 26, to: 86 },
            fillers: const { rate(0.34) },
            same_subject: const { rate(0.5) },
            pronouns: const { rate(0.95) },
            nominals: const { rate(0.95) },
            short_names: const { rate(0.8) },
            restated: const { rate(0.5) },
            paragraph_ends: const { rate(0.5) },
            distractors: const { rate(0.5) },
            salience: const { rate(0.5) },
            namesakes: const { rate(0.05) },
            zones: Zones {
                dek: const { rate(0.66) },
                caption: const { rate(0.36) },
                dateline: const { rate(1.0) },
                subheads: const { rate(0.015) },
                links: const { rate(0.04) },
                related: const { rate(0.3) },
                credit: const { rate(0.97) },
                bio: const { rate(0.24) },
                boilerplate: const { rate(0.4) },
            },
        }
    }
}

const fn rate(rate: f64) -> Rate {
    match Rate::new(rate) {
        Some(rate) => rate,
        None => panic!("the rates of the presets lie between 0 and 1"),
    }
}

/// Document number `index` of the corpus of a seed: valid gold, complete in all layers.
///
/// It depends on the arguments alone: any part of a corpus can be made in any order and at once.
/// Linear in the document's length.
///
/// ```
/// use ere_dataset::{Ontology, Vocabulary, check};
/// use ere_synth::corpus::{self, Preset};
/// use ere_synth::grammar::Grammar;
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/newswire/ontology.toml");
/// # let toml = std::fs::read_to_string(path)?;
/// let vocabulary = Vocabulary::default();
/// let ontology = Ontology::parse(&toml, &vocabulary)?;
/// let grammar = Grammar::bench(&vocabulary, &ontology)?;
/// let document = corpus::document(7, 42, &Preset::bench(), &grammar);
/// check::check_gold(&document, &vocabulary, Some(&ontology))?;
/// assert_eq!(&*document.id, "bench-42-00000007");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn document(index: u64, seed: u64, preset: &Preset, grammar: &Grammar) -> Document {
    let stream = Stream::of(Random::of_seed(seed).child(index));
    let id = format!("{}-{seed}-{index:08}", preset.name);
    writer::write(id.into(), preset, grammar, stream)
}
