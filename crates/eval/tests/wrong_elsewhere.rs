//! Results that another evaluator in Rust gets wrong, and what is right.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use ere_dataset::prediction::RawPrediction;
use ere_dataset::{Document, Layers, Ontology, Prediction, Vocabulary, jsonl};
use ere_eval::reference::neleval::significance;
use ere_eval::{
    Protocol, Resampling, RowKey, Rules, Slice, Tallies, Tally, View, ViewSet, semeval13, tally,
};

const LAYERS: Layers = Layers {
    mentions: true,
    coreference: true,
    mention_relations: true,
    relations: ere_dataset::Scope::All,
};

const ONTOLOGY: &str = r#"
name = "tiny"
version = "1"
[[entity]]
name = "PER"
definition = ""
example = ""
[[entity]]
name = "ORG"
definition = ""
example = ""
[[relation]]
name = "tied_to"
family = "ties"
definition = ""
example = ""
symmetric = true
[[relation]]
name = "founded"
family = "ties"
definition = ""
example = ""
"#;

struct World {
    vocabulary: Vocabulary,
    rules: Rules,
}

impl World {
    fn new() -> World {
        let vocabulary = Vocabulary::default();
        let ontology = Ontology::parse(ONTOLOGY, &vocabulary).unwrap();
        World { rules: Rules::of(&ontology, &vocabulary), vocabulary }
    }

    fn gold(&self, id: &str, lists: &str) -> Document {
        let line =
            format!(r#"{{"id":"{id}","text":"Anna Berg founded Acme in Bonn, Ohio.",{lists}}}"#);
        jsonl::gold_from_str(&line, &self.vocabulary).unwrap()
    }

    fn pred(&self, gold: &Document, lists: &str) -> Prediction {
        let line = format!(r#"{{"id":"{}",{lists}}}"#, gold.id);
        let pred = RawPrediction::parse(&line).unwrap().attach(gold, &self.vocabulary);
        assert_eq!(pred.malformed, []);
        pred
    }

    fn tallies(&self, pairs: &[(&Document, &Prediction)]) -> Tallies {
        let protocol = Protocol { views: ViewSet::all().iter().collect(), ..Protocol::default() };
        let one = |(gold, pred): &(&Document, &Prediction)| {
            tally(gold, pred, &protocol, &self.rules, &LAYERS)
        };
        pairs.iter().map(one).collect()
    }
}

const MENTIONS: &str =
    r#""mentions":[{"start":0,"end":9,"type":"PER"},{"start":18,"end":22,"type":"ORG"}]"#;

fn with_relation(relation: &str) -> String {
    format!(r#"{MENTIONS},"mention_relations":[{relation}]"#)
}

/// There, the relations of all documents are one list, and equal offsets in two documents match.
#[test]
fn what_is_predicted_in_another_document_is_no_hit() {
    let world = World::new();
    let relation = with_relation(r#"{"type":"founded","head":0,"tail":1}"#);
    let golds = [world.gold("one", &relation), world.gold("two", MENTIONS)];
    let preds = [world.pred(&golds[0], MENTIONS), world.pred(&golds[1], &relation)];
    let tallies = world.tallies(&[(&golds[0], &preds[0]), (&golds[1], &preds[1])]);
    assert_eq!(tallies.micro("relation.mention.strict"), Some(Tally::counts(0, 1, 1)));
}

/// There, overlaps are taken as they come: F1 0.5 or 1, by the order of predictions.
#[test]
fn the_order_of_overlapping_predictions_does_not_matter() {
    let world = World::new();
    // "Bonn, Ohio" and "Ohio"; a wide prediction overlaps both, a narrow one the first alone.
    let gold =
        r#""mentions":[{"start":26,"end":30,"type":"ORG"},{"start":32,"end":36,"type":"ORG"}]"#;
    let gold = world.gold("one", gold);
    let wide = r#"{"start":26,"end":36,"type":"ORG"}"#;
    let narrow = r#"{"start":26,"end":29,"type":"ORG"}"#;
    for mentions in [[wide, narrow], [narrow, wide]] {
        let pred = world.pred(&gold, &format!(r#""mentions":[{}]"#, mentions.join(",")));
        let tallies = world.tallies(&[(&gold, &pred)]);
        assert_eq!(tallies.micro("mention.type-overlap"), Some(Tally::counts(2, 0, 0)));
        assert_eq!(tallies.micro("mention.partial").unwrap().f1(), Some(0.5));
    }
}

/// There, ends are exchanged and their types are not.
#[test]
fn a_symmetric_relation_may_be_said_the_other_way_round() {
    let world = World::new();
    let gold = world.gold("one", &with_relation(r#"{"type":"tied_to","head":0,"tail":1}"#));
    let pred = world.pred(&gold, &with_relation(r#"{"type":"tied_to","head":1,"tail":0}"#));
    let tallies = world.tallies(&[(&gold, &pred)]);
    assert_eq!(tallies.micro("relation.mention.strict"), Some(Tally::counts(1, 0, 0)));
}

/// There, `FOUNDED` is `founded` in the whole and another type in the table by type.
#[test]
fn the_rows_of_types_add_up_to_the_whole() {
    let world = World::new();
    let gold = world.gold("one", &with_relation(r#"{"type":"founded","head":0,"tail":1}"#));
    let pred = world.pred(&gold, &with_relation(r#"{"type":"FOUNDED","head":0,"tail":1}"#));
    let tallies = world.tallies(&[(&gold, &pred)]);
    let row = |name: &str| {
        let slice = Slice::from_name(name).unwrap();
        tallies.total(&RowKey { view: View::RelationMentionStrict, slice })
    };
    assert_eq!(row(""), Tally::counts(0, 1, 1));
    assert_eq!(row("type:founded"), Tally::counts(0, 0, 1));
    assert_eq!(row("type:FOUNDED"), Tally::counts(0, 1, 0));
}

/// There, a gold mention that comes first takes the exact prediction of the one nested in it.
#[test]
fn nested_gold_does_not_take_the_exact_prediction() {
    let world = World::new();
    let gold =
        r#""mentions":[{"start":0,"end":22,"type":"ORG"},{"start":18,"end":22,"type":"PER"}]"#;
    let gold = world.gold("one", gold);
    let pred = world.pred(&gold, r#""mentions":[{"start":18,"end":22,"type":"PER"}]"#);
    let strict = world.tallies(&[(&gold, &pred)]).micro("mention.strict").unwrap();
    assert_eq!((strict, strict.f1()), (Tally::counts(1, 0, 1), Some(2.0 / 3.0)));
    let schemes = semeval13(&gold, &pred);
    assert_eq!((schemes.strict.correct, schemes.strict.missed), (1, 1));
}

/// There, every p-value is 0.1, 0.03 or 0.005.
#[test]
fn p_values_follow_from_the_documents() {
    let resampling = Resampling { replicates: 20_000, seed: 1 };
    let second: Vec<Tally> = (0..12).map(|_| Tally::counts(5, 5, 5)).collect();
    // Better by one hit in so many of twelve documents, and worse in none: of the 2^n ways to
    // exchange these documents two are as extreme in either direction.
    let p = |better: usize| {
        let first = |at: usize| if at < better { Tally::counts(6, 4, 4) } else { second[at] };
        let first: Vec<Tally> = (0..12).map(first).collect();
        significance(&first, &second, resampling).unwrap().f1.p_two_sided
    };
    for better in [1, 2, 4, 8] {
        let exact = 2f64.powi(1 - better as i32).min(1.0);
        assert!((p(better) - exact).abs() < 0.01, "{better}: {} instead of {exact}", p(better));
    }
}
