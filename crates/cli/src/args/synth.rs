//! The commands that make documents and predictions.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Parser, ValueEnum};
use ere_synth::NoiseSpec;
use ere_synth::perturb::Perturbation;

const SYNTH_EXAMPLES: &str = "\
Examples:
  erebench synth --docs 1000 -o corpus.jsonl
  erebench synth --docs 1000000 --seed 7 --shard 2/4 -o part-2.jsonl.zst
  erebench synth --docs 100 --preset bench | erebench noise - | wc -l
  erebench synth --docs 500 --like datasets/newswire --set pronouns=0.1,namesakes=0.3 -o hard.jsonl
  erebench synth --report datasets/newswire";

/// Make a synthetic corpus: news-like articles with complete gold.
///
/// Document k depends on the seed, the preset and k alone: not on the number of documents, of
/// threads or of shards.
#[derive(Clone, Debug, Parser)]
#[command(after_help = SYNTH_EXAMPLES)]
pub(crate) struct Synth {
    /// How many documents the whole corpus has.
    #[arg(long = "docs", value_name = "N", required_unless_present = "report")]
    pub(crate) documents: Option<u64>,
    /// The seed.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The shape of the documents.
    #[arg(long, value_enum, default_value_t = Shape::Newswire)]
    pub(crate) preset: Shape,
    /// Fit the knobs to a data set, in all its splits.
    #[arg(long, value_name = "DIR", conflicts_with = "preset")]
    pub(crate) like: Option<PathBuf>,
    /// Set knobs: `knob=value,…`, where a value is a share (0.4) or a range of counts (20..30). A wrong
    /// knob is answered with a list of them.
    #[arg(long, value_name = "KNOBS")]
    pub(crate) set: Option<String>,
    /// Write no corpus, but how like a data set it is: as many documents, figure by figure.
    #[arg(long, value_name = "DIR", conflicts_with = "shard")]
    pub(crate) report: Option<PathBuf>,
    /// Make only a part: `i/n`, i from 1 to n. The parts one after the other are the whole.
    #[arg(long, value_name = "I/N", default_value = "1/1")]
    pub(crate) shard: Shard,
    /// The ontology. There is a grammar for that of newswire.
    #[arg(long, value_name = "FILE", default_value = "datasets/newswire/ontology.toml")]
    pub(crate) ontology: PathBuf,
    #[command(flatten)]
    pub(crate) stream: Stream,
}

/// The shape of synthetic documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// As like the articles of datasets/newswire as the grammar allows.
    Newswire,
    /// The fixed shape of the benches: 45 mentions, 12 entities, 18 relations a document.
    Bench,
}

const NOISE_EXAMPLES: &str = "\
Examples:
  erebench noise gold.jsonl -o predictions.jsonl
  erebench noise gold.jsonl.zst --spec miss=0.2,relation-label=0.1 --seed 3 -o predictions.jsonl.zst
  erebench noise datasets/newswire --split test --expected expected.json -o predictions.jsonl
  erebench synth --docs 1000 | erebench noise - --spec miss=0.1 > predictions.jsonl";

/// Make predictions from gold by a known error model, and say what a scorer must find.
///
/// The expected precision and recall go to standard error.
#[derive(Clone, Debug, Parser)]
#[command(after_help = NOISE_EXAMPLES)]
pub(crate) struct Noise {
    #[command(flatten)]
    pub(crate) input: GoldInput,
    /// How often each kind of mistake is made: `knob=rate,…`; what is not named is not made.
    /// [default: all kinds, for a strict mention F1 of 0.75]
    #[arg(long)]
    pub(crate) spec: Option<NoiseSpec>,
    /// The seed.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Write what a scorer must find as JSON to this file, instead of a table to standard error.
    #[arg(long, value_name = "FILE")]
    pub(crate) expected: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) stream: Stream,
}

const PERTURB_EXAMPLES: &str = "\
Examples:
  erebench perturb datasets/newswire --split test --kind name-swap -o twins.jsonl
  erebench perturb gold.jsonl --kind ocr,typo --seed 3 -o dirty.jsonl.zst
  erebench synth --docs 100 | erebench perturb - --kind case-lower > lower.jsonl";

/// Change texts in ways that leave their meaning, and carry gold along.
///
/// Mentions, entities and relations stay what and how many they are.
#[derive(Clone, Debug, Parser)]
#[command(after_help = PERTURB_EXAMPLES)]
pub(crate) struct Perturb {
    #[command(flatten)]
    pub(crate) input: GoldInput,
    /// What to change, one after the other: name-swap, case-upper, case-lower, case-title, ocr, typo,
    /// typography, scraped-noise, sentence-order, nfc, nfd.
    #[arg(long = "kind", required = true, value_delimiter = ',', value_name = "KIND,…")]
    pub(crate) kinds: Vec<Perturbation>,
    /// The seed.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) stream: Stream,
}

/// Gold that is read document by document.
#[derive(Clone, Debug, Parser)]
pub(crate) struct GoldInput {
    /// Gold: a .jsonl or .jsonl.zst file or `-` (streamed), or a data set, an .ere file or a folder
    /// of them (read whole).
    pub(crate) gold: PathBuf,
    /// The split, where gold is a data set.
    #[arg(long, default_value = "test")]
    pub(crate) split: String,
    /// The ontology, where gold is no data set.
    #[arg(long, value_name = "FILE", default_value = "datasets/newswire/ontology.toml")]
    pub(crate) ontology: PathBuf,
}

/// Where documents go, and how.
#[derive(Clone, Debug, Parser)]
pub(crate) struct Stream {
    /// Where to write them, one JSON line each; a name that ends in .zst is compressed; `-` is
    /// standard output.
    #[arg(short, long, default_value = "-", value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Worker threads; the output does not depend on them. [default: one for each core]
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// A part of a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// From 1.
    number: NonZeroU64,
    count: NonZeroU64,
}

impl Shard {
    /// The documents of this part of so many: neighbouring parts meet, the last one ends the whole.
    pub(crate) fn range(self, documents: u64) -> std::ops::Range<u64> {
        let border = |number: u64| {
            let share = u128::from(documents) * u128::from(number) / u128::from(self.count.get());
            u64::try_from(share).expect("a share is not more than the whole")
        };
        border(self.number.get() - 1)..border(self.number.get())
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((number, count)) if number <= count => Ok(Shard { number, count }),
            _ => Err("a shard is i/n with i from 1 to n, for example 2/4".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_make_up_the_whole() {
        for documents in [0, 1, 5, 1000, u64::MAX] {
            for count in [1, 2, 3, 7, 64] {
                let shard = |number: u64| format!("{number}/{count}").parse::<Shard>().unwrap();
                let mut end = 0;
                for number in 1..=count {
                    let range = shard(number).range(documents);
                    assert_eq!(range.start, end);
                    end = range.end;
                }
                assert_eq!(end, documents);
            }
        }
    }

    #[test]
    fn a_shard_that_cannot_be_is_refused() {
        for text in ["", "1", "0/4", "5/4", "1/0", "-1/4", "a/b", "1/4/2"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
