//! Figures of the scorers of mentions.

use std::collections::{BTreeMap, BTreeSet};

use ere_dataset::{Document, Label, Vocabulary};
use ere_eval::reference::neleval::{self, Measure};
use ere_eval::reference::seqeval::{self, Decoding, Scheme, TagTallies};
use ere_eval::reference::{Ratios, nervaluate, spacy};
use ere_eval::{Resampling, Tally};
use serde_json::Value;

use crate::corpus::{Corpus, Doc, Entry, Tags, document};
use crate::figures::Figures;

const UNDEFINED: Ratios = Ratios { precision: f64::NAN, recall: f64::NAN, f1: f64::NAN };

pub(crate) fn figures(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let compute: fn(&Corpus, &Entry) -> Figures = match entry.scorer.as_str() {
        "seqeval" => of_seqeval,
        "spacy.scorer.Scorer.score_spans" => of_spacy_spans,
        "spacy.scorer.get_ner_prf" => |corpus, _| of_spacy(corpus, "ents", true),
        "nervaluate" if entry.version.as_deref() == Some("1.2.1") => of_nervaluate,
        "neleval evaluate" => |corpus, _| of_neleval(corpus),
        "neleval confidence (percentile bootstrap over docs)" => of_neleval_confidence,
        "neleval significance (approximate randomization, paired by doc)" => {
            of_neleval_significance
        }
        _ => return None,
    };
    Some(match entry.figures {
        Some(_) => compute(corpus, entry),
        None => Figures::defined_instead_of_a_crash(),
    })
}

fn of_seqeval(corpus: &Corpus, entry: &Entry) -> Figures {
    let decoding = match (entry.settings["mode"].as_str(), entry.settings["scheme"].as_str()) {
        (Some("default"), None) => Decoding::Default,
        (Some("strict"), Some(scheme)) => Decoding::Strict(scheme_named(scheme)),
        other => panic!("seqeval has no mode and scheme {other:?}"),
    };
    let mut sums = TagTallies::default();
    for (gold, pred) in tag_sequences(corpus) {
        sums += seqeval::tally(&gold, &pred, decoding).expect("seqeval could read the tags too");
    }
    let mut figures = Figures::default();
    let averages = [
        ("micro", sums.micro()),
        ("macro", sums.macro_average().unwrap_or(UNDEFINED)),
        ("weighted", sums.weighted()),
    ];
    for (name, ratios) in averages {
        set_ratios(&mut figures, name, ["precision", "recall", "f1"], ratios);
        figures.set(format!("{name}.support"), sums.support());
    }
    for (label, tally) in &sums.by_type {
        let path = format!("per_type.{label}");
        let names = ["precision", "recall", "f1-score"];
        set_ratios(&mut figures, &path, names, Ratios::or_zero(tally));
        figures.set(format!("{path}.support"), tally.recall_denominator);
    }
    figures.set("token_accuracy", sums.token_accuracy().unwrap_or(f64::NAN));
    figures
}

fn scheme_named(name: &str) -> Scheme {
    match name {
        "IOB1" => Scheme::Iob1,
        "IOB2" => Scheme::Iob2,
        "IOE1" => Scheme::Ioe1,
        "IOE2" => Scheme::Ioe2,
        "IOBES" => Scheme::Iobes,
        "BILOU" => Scheme::Bilou,
        _ => panic!("seqeval has no scheme {name}"),
    }
}

/// Tags of gold and prediction: as given, or made from mentions over the tokens of gold.
fn tag_sequences(corpus: &Corpus) -> Vec<(Vec<String>, Vec<String>)> {
    if corpus.gold.is_empty() {
        let pred: BTreeMap<&str, &Vec<String>> =
            corpus.pred_tags.iter().map(|pred| (pred.id.as_str(), &pred.tags)).collect();
        let pair = |gold: &Tags| {
            let missing = || vec!["O".to_owned(); gold.tags.len()];
            let pred = pred.get(gold.id.as_str()).map_or_else(missing, |tags| (*tags).clone());
            (gold.tags.clone(), pred)
        };
        return corpus.gold_tags.iter().map(pair).collect();
    }
    let pair = |(gold, pred): (&Doc, Doc)| (iob2(gold, gold), iob2(&pred, gold));
    corpus.aligned().into_iter().map(pair).collect()
}

/// IOB2 tags of mentions that do not overlap.
fn iob2(doc: &Doc, gold: &Doc) -> Vec<String> {
    let mut tags = vec!["O".to_owned(); gold.tokens.len()];
    for mention in &doc.mentions {
        let first = gold.tokens.iter().position(|token| token.0 == mention.start);
        let last = gold.tokens.iter().position(|token| token.1 == mention.end);
        let (first, last) = first.zip(last).expect("mentions begin and end with tokens");
        for (position, tag) in tags[first..=last].iter_mut().enumerate() {
            let prefix = if position == 0 { "B" } else { "I" };
            *tag = format!("{prefix}-{}", mention.label);
        }
    }
    tags
}

fn of_spacy_spans(corpus: &Corpus, entry: &Entry) -> Figures {
    of_spacy(corpus, "sc", entry.settings["labeled"].as_bool().expect("labeled or not"))
}

fn of_spacy(corpus: &Corpus, attribute: &str, is_labelled: bool) -> Figures {
    let vocabulary = Vocabulary::default();
    let mut sums = spacy::SpanTallies::default();
    for (gold, pred) in corpus.aligned() {
        let pred = document(&pred, Some(gold), &vocabulary);
        sums += spacy::score_spans(&document(gold, Some(gold), &vocabulary), &pred);
    }
    let mut figures = Figures::default();
    let all = spacy::ratios(&if is_labelled { sums.labelled() } else { sums.unlabelled });
    let Ratios { precision, recall, f1 } = all.unwrap_or(UNDEFINED);
    for (name, value) in [("p", precision), ("r", recall), ("f", f1)] {
        figures.set(format!("{attribute}_{name}"), value);
    }
    if is_labelled && all.is_none() {
        figures.set(format!("{attribute}_per_type"), f64::NAN);
    }
    for (label, tally) in sums.by_type.iter().filter(|_| is_labelled && all.is_some()) {
        let path = format!("{attribute}_per_type.{}", vocabulary.name(*label));
        set_ratios(&mut figures, &path, ["p", "r", "f"], Ratios::or_zero(tally));
    }
    figures
}

fn of_nervaluate(corpus: &Corpus, entry: &Entry) -> Figures {
    let vocabulary = Vocabulary::default();
    let rule = entry.settings["tags_rule"].as_str().expect("a rule for tags");
    let (rule, is_reversed) = match rule.split_once("; ") {
        Some((rule, "each doc's pred list reversed")) => (rule, true),
        Some(_) => panic!("no adapter for {rule:?}"),
        None => (rule, false),
    };
    let documents: Vec<(Document, Document)> = corpus
        .aligned()
        .into_iter()
        .map(|(gold, mut pred)| {
            if is_reversed {
                pred.mentions.reverse();
                only_mentions(&mut pred);
            }
            let pred = document(&pred, Some(gold), &vocabulary);
            (document(gold, Some(gold), &vocabulary), pred)
        })
        .collect();
    let with_pred = match rule {
        "tags = types seen in gold" => false,
        "tags = types seen in gold or pred" => true,
        _ => panic!("no adapter for {rule:?}"),
    };
    let seen = documents.iter().flat_map(|(gold, pred)| {
        gold.mentions.iter().chain(pred.mentions.iter().filter(move |_| with_pred))
    });
    let tags: BTreeSet<Label> = seen.map(|mention| mention.label).collect();
    let tags: Vec<Label> = tags.into_iter().collect();
    let mut sums = nervaluate::Tallies::default();
    for (gold, pred) in &documents {
        sums += nervaluate::tally(gold, pred, &tags);
    }
    let mut figures = Figures::default();
    set_schemes(&mut figures, "overall", &sums.overall);
    // Reversed lists were recorded without rows of types.
    for (label, counts) in sums.by_type.iter().filter(|_| !is_reversed) {
        set_schemes(&mut figures, &format!("per_type.{}", vocabulary.name(*label)), counts);
    }
    figures
}

/// Leaves out what points to mentions by their place in the list.
fn only_mentions(doc: &mut Doc) {
    doc.relations.clear();
    doc.clusters.clear();
    doc.facts.clear();
}

fn set_schemes(figures: &mut Figures, path: &str, counts: &nervaluate::SchemeCounts) {
    for (scheme, counts) in counts {
        let path = format!("{path}.{}", scheme.name());
        let integers = [
            ("correct", counts.correct),
            ("incorrect", counts.incorrect),
            ("partial", counts.partial),
            ("missed", counts.missed),
            ("spurious", counts.spurious),
            ("actual", counts.actual()),
            ("possible", counts.possible()),
        ];
        for (name, count) in integers {
            figures.set(format!("{path}.{name}"), count as f64);
        }
        set_ratios(figures, &path, ["precision", "recall", "f1"], counts.ratios());
    }
}

const CLUSTERING: [&str; 9] = [
    "b_cubed",
    "b_cubed_plus",
    "entity_ceaf",
    "mention_ceaf",
    "mention_ceaf_plus",
    "muc",
    "pairwise",
    "typed_mention_ceaf",
    "typed_mention_ceaf_plus",
];

fn of_neleval(corpus: &Corpus) -> Figures {
    let mut figures = Figures::default();
    let pairs = documents_with_mentions(corpus);
    for measure in Measure::ALL {
        let tally: Tally = tallies(&pairs, measure).into_iter().sum();
        let path = measure.name();
        set_ratios(&mut figures, path, ["precision", "recall", "fscore"], Ratios::or_zero(&tally));
        let counts =
            [("ptp", tally.tp()), ("fp", tally.fp()), ("rtp", tally.tp()), ("fn", tally.r#fn())];
        for (name, count) in counts {
            figures.set(format!("{path}.{name}"), count);
        }
    }
    for measure in CLUSTERING {
        figures.pass_over(measure, "clusters of the whole corpus by link; does not add up");
    }
    figures
}

fn of_neleval_confidence(corpus: &Corpus, entry: &Entry) -> Figures {
    // More replicates than were recorded, so that the error is that of the record alone.
    let resampling = Resampling { replicates: 10_000, seed: 0 };
    let percentiles: Vec<u32> = entry.settings["percentiles"]
        .as_array()
        .expect("percentiles")
        .iter()
        .map(|percentile| percentile.as_u64().expect("an integer") as u32)
        .collect();
    let levels: Vec<f64> = percentiles.iter().map(|level| f64::from(*level) / 100.0).collect();
    let pairs = documents_with_mentions(corpus);
    let mut figures = Figures::default();
    for (path, measure) in measures(entry) {
        let tallies = tallies(&pairs, measure);
        let total = Ratios::or_zero(&tallies.iter().copied().sum());
        let names = ["precision", "recall", "fscore"];
        set_ratios(&mut figures, &format!("{path}.overall"), names, total);
        let single = || vec![single_document(total); levels.len()];
        let rows = neleval::confidence(&tallies, &levels, resampling).unwrap_or_else(single);
        for (percentile, row) in percentiles.iter().zip(rows) {
            for (name, interval) in names.iter().zip([row.precision, row.recall, row.f1]) {
                let path = format!("{path}.intervals.{name}.{percentile}");
                figures.set_within(format!("{path}.0"), interval.low, 0.01);
                figures.set_within(format!("{path}.1"), interval.high, 0.01);
            }
        }
    }
    figures
}

/// neleval resamples a single document too; what comes out is always the same.
fn single_document(total: Ratios) -> neleval::Confidence {
    let point = |value| ere_eval::Interval { low: value, high: value };
    neleval::Confidence {
        precision: point(total.precision),
        recall: point(total.recall),
        f1: point(total.f1),
    }
}

fn of_neleval_significance(corpus: &Corpus, entry: &Entry) -> Figures {
    let resampling = Resampling { replicates: 20_000, seed: 0 };
    let second_pred = with_mentions_dropped(&corpus.pred, entry);
    let vocabulary = Vocabulary::default();
    let first = every_document(corpus, &corpus.pred, &vocabulary);
    let second = every_document(corpus, &second_pred, &vocabulary);
    let is_slipped = ids_with_mentions(&corpus.pred) != ids_with_mentions(&second_pred);
    let mut figures = Figures::default();
    for (path, measure) in measures(entry) {
        let tests = neleval::significance(
            &tallies(&first, measure),
            &tallies(&second, measure),
            resampling,
        )
        .expect("documents in pairs");
        let tests = [
            ("precision", tests.precision),
            ("recall", tests.recall),
            ("fscore", tests.f1),
            ("ptp", tests.tp),
            ("fp", tests.fp),
            ("rtp", tests.tp),
            ("fn", tests.r#fn),
        ];
        for (name, test) in tests {
            let path = format!("{path}.stats.{name}");
            figures.set(format!("{path}.diff"), test.difference);
            if is_slipped {
                figures.pass_over(
                    format!("{path}.p"),
                    "known bad: neleval pairs the two systems' documents by the order of two sets, \
                     which differs, and with the hash seed, once a system has lost every mention of \
                     a document",
                );
            } else {
                figures.set_within(
                    format!("{path}.p"),
                    test.p_one_sided,
                    p_value_tolerance(test.p_one_sided, entry),
                );
            }
        }
    }
    figures
}

/// The second system of the record.
fn with_mentions_dropped(pred: &[Doc], entry: &Entry) -> Vec<Doc> {
    assert_eq!(
        entry.settings["sys2"],
        "pred.jsonl with each mention dropped when random.Random(7).random() <= 0.1, mentions \
         visited in file order"
    );
    let mut numbers = MersenneTwister::new(7);
    let mut second = pred.to_vec();
    for doc in &mut second {
        doc.mentions.retain(|_| numbers.double() > 0.1);
        only_mentions(doc);
    }
    second
}

fn ids_with_mentions(docs: &[Doc]) -> BTreeSet<&str> {
    let with_mentions = docs.iter().filter(|doc| !doc.mentions.is_empty());
    with_mentions.map(|doc| doc.id.as_str()).collect()
}

/// 0.02, or four standard errors of the recorded share where that is more: of 2,500 trials, it is
/// from p = 0.07 on.
fn p_value_tolerance(p: f64, entry: &Entry) -> f64 {
    let trials = entry.settings["trials"].as_f64().expect("a number of trials");
    (4.0 * (p * (1.0 - p) / trials).sqrt()).max(0.02)
}

/// The measures of a record that is a list, by their place in it.
fn measures(entry: &Entry) -> Vec<(String, Measure)> {
    let rows = entry.figures.as_ref().and_then(Value::as_array).expect("a list of measures");
    let measure = |row: &Value| {
        let found = Measure::ALL.into_iter().find(|measure| row["measure"] == measure.name());
        found.unwrap_or_else(|| panic!("no measure {}", row["measure"]))
    };
    rows.iter().enumerate().map(|(at, row)| (at.to_string(), measure(row))).collect()
}

fn tallies(pairs: &[(Document, Document)], measure: Measure) -> Vec<Tally> {
    pairs.iter().map(|(gold, pred)| neleval::tally(gold, pred, measure)).collect()
}

/// Documents with a mention in gold or prediction, as neleval's files have no others.
fn documents_with_mentions(corpus: &Corpus) -> Vec<(Document, Document)> {
    let mut pairs = every_document(corpus, &corpus.pred, &Vocabulary::default());
    pairs.retain(|(gold, pred)| !gold.mentions.is_empty() || !pred.mentions.is_empty());
    pairs
}

/// Documents of gold and prediction, the ones that gold does not know included, by id.
fn every_document(
    corpus: &Corpus,
    pred: &[Doc],
    vocabulary: &Vocabulary,
) -> Vec<(Document, Document)> {
    let gold: BTreeMap<&str, &Doc> = corpus.gold.iter().map(|doc| (doc.id.as_str(), doc)).collect();
    let pred: BTreeMap<&str, &Doc> = pred.iter().map(|doc| (doc.id.as_str(), doc)).collect();
    let ids: BTreeSet<&str> = gold.keys().chain(pred.keys()).copied().collect();
    let model = |id: &str, doc: Option<&&Doc>| {
        let empty = || Document { id: id.into(), ..Document::default() };
        doc.map_or_else(empty, |doc| document(doc, gold.get(id).copied(), vocabulary))
    };
    ids.into_iter().map(|id| (model(id, gold.get(id)), model(id, pred.get(id)))).collect()
}

fn set_ratios(figures: &mut Figures, path: &str, names: [&str; 3], ratios: Ratios) {
    let Ratios { precision, recall, f1 } = ratios;
    for (name, value) in names.into_iter().zip([precision, recall, f1]) {
        figures.set(format!("{path}.{name}"), value);
    }
}

/// MT19937 (Matsumoto and Nishimura 1998), seeded with a key of one word as Python's `random` does.
struct MersenneTwister {
    state: [u32; 624],
    next: usize,
}

impl MersenneTwister {
    fn new(seed: u32) -> MersenneTwister {
        let mut state = [19_650_218u32; 624];
        let mixed = |state: &[u32; 624], at: usize, factor: u32| {
            (state[at - 1] ^ (state[at - 1] >> 30)).wrapping_mul(factor)
        };
        for at in 1..624 {
            state[at] = mixed(&state, at, 1_812_433_253).wrapping_add(at as u32);
        }
        let mut at = 1;
        let wrap = |state: &mut [u32; 624], at: usize| {
            if at < 624 {
                return at;
            }
            state[0] = state[623];
            1
        };
        for _ in 0..624 {
            state[at] = (state[at] ^ mixed(&state, at, 1_664_525)).wrapping_add(seed);
            at = wrap(&mut state, at + 1);
        }
        for _ in 0..623 {
            state[at] = (state[at] ^ mixed(&state, at, 1_566_083_941)).wrapping_sub(at as u32);
            at = wrap(&mut state, at + 1);
        }
        state[0] = 0x8000_0000;
        MersenneTwister { state, next: 624 }
    }

    fn number(&mut self) -> u32 {
        if self.next == 624 {
            for at in 0..624 {
                let joined =
                    (self.state[at] & 0x8000_0000) | (self.state[(at + 1) % 624] & 0x7fff_ffff);
                let twist = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[at] = self.state[(at + 397) % 624] ^ (joined >> 1) ^ twist;
            }
            self.next = 0;
        }
        let mut number = self.state[self.next];
        self.next += 1;
        number ^= number >> 11;
        number ^= (number << 7) & 0x9d2c_5680;
        number ^= (number << 15) & 0xefc6_0000;
        number ^ (number >> 18)
    }

    /// A number in 0..1 with 53 random bits.
    fn double(&mut self) -> f64 {
        let (high, low) = (self.number() >> 5, self.number() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }
}

#[test]
fn the_mersenne_twister_is_pythons() {
    // python3 -c "import random; r = random.Random(7); print(r.random(), r.random())"
    let mut numbers = MersenneTwister::new(7);
    assert_eq!(numbers.double(), 0.32383276483316237);
    assert_eq!(numbers.double(), 0.15084917392450192);
}
