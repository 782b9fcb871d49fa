//! Figures of the scorers of mentions.

use std::collections::{BTreeMap, BTreeSet};

use ere_dataset::{Document, Label, Vocabulary};
use ere_eval::reference::neleval::{self, Measure};
use ere_eval::reference::seqeval::{self, Decoding, Scheme, TagTallies};
use ere_eval::reference::{Ratios, nervaluate};
use ere_eval::{Average, Outcome, Resampling, Rules, Slice, Tally, Zero};
use serde_json::Value;

use crate::corpus::{Corpus, Doc, Entry, Tags, document};
use crate::figures::Figures;
use crate::scored::{NAMES, Pairs, Scored, UNDEFINED, built_in, ratios, set_ratios};

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
    let settings = &entry.settings;
    let zero = match settings["zero_division"].as_u64() {
        Some(0) => Zero::Zero,
        Some(1) => Zero::One,
        other => panic!("seqeval has no zero_division {other:?}"),
    };
    let (decoding, view) = match (settings["mode"].as_str(), settings["scheme"].as_str()) {
        (Some("default"), None) => (Decoding::Default, "seqeval.default"),
        (Some("strict"), Some(scheme)) => {
            (Decoding::Strict(scheme_named(scheme)), "seqeval.strict")
        }
        other => panic!("seqeval has no mode and scheme {other:?}"),
    };
    match corpus.gold.is_empty() {
        true => of_tags(corpus, decoding, zero),
        false => of_tagged_mentions(corpus, view, zero),
    }
}

/// Tags as given.
fn of_tags(corpus: &Corpus, decoding: Decoding, zero: Zero) -> Figures {
    let mut sums = TagTallies::default();
    for (gold, pred) in tag_sequences(corpus) {
        sums += seqeval::tally(&gold, &pred, decoding).expect("seqeval could read the tags too");
    }
    assert_eq!(zero, Zero::Zero, "ratios of tag sequences are 0 where they are undefined");
    let mut figures = Figures::default();
    let averages = [
        ("micro", sums.micro()),
        ("macro", sums.macro_average().unwrap_or(UNDEFINED)),
        ("weighted", sums.weighted()),
    ];
    for (name, ratios) in averages {
        set_ratios(&mut figures, name, NAMES, ratios);
        figures.set(format!("{name}.support"), sums.support());
    }
    for (label, tally) in &sums.by_type {
        let path = format!("per_type.{label}");
        set_ratios(&mut figures, &path, F1_SCORE, Ratios::or_zero(tally));
        figures.set(format!("{path}.support"), tally.recall_denominator);
    }
    figures.set("token_accuracy", sums.token_accuracy().unwrap_or(f64::NAN));
    figures
}

const F1_SCORE: [&str; 3] = ["precision", "recall", "f1-score"];

/// Mentions of documents, by the protocol.
fn of_tagged_mentions(corpus: &Corpus, view: &str, zero: Zero) -> Figures {
    let mut protocol = built_in("seqeval");
    protocol.policies.zero = Some(zero);
    let scored = Scored::open(&Pairs::of(corpus), &protocol);
    let all = scored.micro(view);
    let mut figures = Figures::default();
    let of = |average, missing| scored.row(view, average).map_or(missing, ratios);
    for (name, ratios) in [
        ("micro", ratios(all)),
        ("macro", of(Average::MacroSeen, UNDEFINED)),
        ("weighted", of(Average::Weighted, Ratios::default())),
    ] {
        set_ratios(&mut figures, name, NAMES, ratios);
        figures.set(format!("{name}.support"), all.tally.recall_denominator);
    }
    for (label, score) in scored.types(view) {
        let path = format!("per_type.{label}");
        set_ratios(&mut figures, &path, F1_SCORE, ratios(score));
        figures.set(format!("{path}.support"), score.tally.recall_denominator);
    }
    let accuracy = scored.micro("seqeval.tokens").tally.precision();
    figures.set("token_accuracy", accuracy.unwrap_or(f64::NAN));
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

/// Tags of gold and prediction, as given.
fn tag_sequences(corpus: &Corpus) -> Vec<(Vec<String>, Vec<String>)> {
    let pred: BTreeMap<&str, &Vec<String>> =
        corpus.pred_tags.iter().map(|pred| (pred.id.as_str(), &pred.tags)).collect();
    let pair = |gold: &Tags| {
        let missing = || vec!["O".to_owned(); gold.tags.len()];
        let pred = pred.get(gold.id.as_str()).map_or_else(missing, |tags| (*tags).clone());
        (gold.tags.clone(), pred)
    };
    corpus.gold_tags.iter().map(pair).collect()
}

fn of_spacy_spans(corpus: &Corpus, entry: &Entry) -> Figures {
    of_spacy(corpus, "sc", entry.settings["labeled"].as_bool().expect("labeled or not"))
}

fn of_spacy(corpus: &Corpus, attribute: &str, is_labelled: bool) -> Figures {
    let scored = Scored::open(&Pairs::of(corpus), &built_in("spacy"));
    let score = scored.micro(if is_labelled { "spacy.labelled" } else { "spacy.unlabelled" });
    // Where neither side has a mention, spaCy has no ratios.
    let is_empty = score.tally.is_zero();
    let Ratios { precision, recall, f1 } = if is_empty { UNDEFINED } else { ratios(score) };
    let mut figures = Figures::default();
    for (name, value) in [("p", precision), ("r", recall), ("f", f1)] {
        figures.set(format!("{attribute}_{name}"), value);
    }
    if is_labelled && is_empty {
        figures.set(format!("{attribute}_per_type"), f64::NAN);
    }
    for (label, score) in scored.types("spacy.labelled").filter(|_| is_labelled) {
        let path = format!("{attribute}_per_type.{label}");
        set_ratios(&mut figures, &path, ["p", "r", "f"], ratios(score));
    }
    figures
}

fn of_nervaluate(corpus: &Corpus, entry: &Entry) -> Figures {
    let rule = entry.settings["tags_rule"].as_str().expect("a rule for tags");
    let (rule, is_reversed) = match rule.split_once("; ") {
        Some((rule, "each doc's pred list reversed")) => (rule, true),
        Some(_) => panic!("no adapter for {rule:?}"),
        None => (rule, false),
    };
    let mut pairs = Pairs::of(corpus);
    if is_reversed {
        for (_, pred) in &mut pairs.known {
            pred.mentions.reverse();
            pred.mention_relations.clear();
        }
    }
    let rules = match rule {
        "tags = types seen in gold" => pairs.rules(&pairs.gold_types(), &[]),
        "tags = types seen in gold or pred" => Rules::open(&pairs.vocabulary),
        _ => panic!("no adapter for {rule:?}"),
    };
    let scored = Scored::with(&pairs, &built_in("nervaluate-1.2"), &rules);
    let mut figures = Figures::default();
    for (name, scheme) in
        [("strict", "strict"), ("exact", "exact"), ("partial", "partial"), ("ent_type", "type")]
    {
        let view = format!("nervaluate-1.2.{scheme}");
        let outcome = |outcome| scored.slice(&view, &Slice::Outcome(outcome));
        let score = scored.micro(&view);
        let path = format!("overall.{name}");
        for (count, value) in [
            ("correct", outcome(Outcome::Correct).precision_denominator),
            ("incorrect", outcome(Outcome::Incorrect).precision_denominator),
            ("partial", outcome(Outcome::Partial).precision_denominator),
            ("missed", outcome(Outcome::Missed).recall_denominator),
            ("spurious", outcome(Outcome::Spurious).precision_denominator),
            ("actual", score.tally.precision_denominator),
            ("possible", score.tally.recall_denominator),
        ] {
            figures.set(format!("{path}.{count}"), value);
        }
        set_ratios(&mut figures, &path, NAMES, ratios(score));
    }
    // Reversed lists were recorded without rows of types.
    if !is_reversed {
        set_types_of_nervaluate(&mut figures, &pairs, &rules, &scored);
    }
    figures
}

/// Ratios and sums of types from the rows, the counts behind them from the emulation.
fn set_types_of_nervaluate(figures: &mut Figures, pairs: &Pairs, rules: &Rules, scored: &Scored) {
    let seen =
        pairs.known.iter().flat_map(|(gold, pred)| gold.mentions.iter().chain(&pred.mentions));
    let tags: BTreeSet<Label> = seen.map(|mention| mention.label).collect();
    let tags: Vec<Label> = tags.into_iter().filter(|label| rules.knows_entity(*label)).collect();
    let mut sums = nervaluate::Tallies::default();
    for (gold, pred) in &pairs.known {
        sums += nervaluate::tally(gold, pred, &tags);
    }
    for (label, counts) in &sums.by_type {
        let label = pairs.vocabulary.name(*label);
        for (scheme, counts) in counts {
            let path = format!("per_type.{label}.{}", scheme.name());
            for (name, count) in [
                ("correct", counts.correct),
                ("incorrect", counts.incorrect),
                ("partial", counts.partial),
                ("missed", counts.missed),
                ("spurious", counts.spurious),
            ] {
                figures.set(format!("{path}.{name}"), count as f64);
            }
            let view = scheme.name().replace("ent_type", "type");
            let mut rows = scored
                .types(&format!("nervaluate-1.2.{view}"))
                .map(|(name, score)| (name.to_owned(), score.clone()))
                .collect::<BTreeMap<_, _>>();
            let score = rows.remove(&*label).expect("every type has a row");
            figures.set(format!("{path}.actual"), score.tally.precision_denominator);
            figures.set(format!("{path}.possible"), score.tally.recall_denominator);
            set_ratios(figures, &path, NAMES, ratios(&score));
        }
    }
}

/// Leaves out what points to mentions by their place in the list.
fn only_mentions(doc: &mut Doc) {
    doc.relations.clear();
    doc.clusters.clear();
    doc.facts.clear();
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
    let scored = Scored::open(&Pairs::of(corpus), &built_in("neleval"));
    for measure in Measure::ALL {
        let score = scored.micro(&format!("neleval.{}", measure.name()));
        let path = measure.name();
        set_ratios(&mut figures, path, ["precision", "recall", "fscore"], ratios(score));
        let tally = &score.tally;
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
