//! Averages, on counts small enough to average by hand, and tallies that meet from two sides.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use ere_dataset::{Ontology, Vocabulary};
use ere_eval::{
    Average, DocumentTallies, Notes, Protocol, Resampling, RowKey, Rules, Score, Signature, Slice,
    Tallies, Tally, View,
};

/// Four entity types. In the tallies below A is all right, B half found, C predicted only, D nowhere;
/// X is no type of the ontology.
const ONTOLOGY: &str = r#"
name = "four"
version = "1"
[[entity]]
name = "A"
definition = ""
example = ""
[[entity]]
name = "B"
definition = ""
example = ""
[[entity]]
name = "C"
definition = ""
example = ""
[[entity]]
name = "D"
definition = ""
example = ""
"#;

fn rules() -> Rules {
    let vocabulary = Vocabulary::default();
    Rules::of(&Ontology::parse(ONTOLOGY, &vocabulary).unwrap(), &vocabulary)
}

fn document(id: &str, rows: &[(&str, [u64; 3])]) -> DocumentTallies {
    let row = |(name, [tp, fp, r#fn]): &(&str, [u64; 3])| {
        let slice = Slice::from_name(name).unwrap();
        (RowKey { view: View::MentionStrict, slice }, Tally::counts(*tp, *fp, *r#fn))
    };
    DocumentTallies::new(id.into(), Notes::default(), rows.iter().map(row))
}

fn tallies() -> Tallies {
    let one =
        [("", [4, 2, 1]), ("type:A", [3, 0, 0]), ("type:B", [1, 0, 1]), ("type:C", [0, 2, 0])];
    let two = [("", [0, 1, 0]), ("type:X", [0, 1, 0])];
    [document("one", &one), document("two", &two)].into_iter().collect()
}

fn scores(averages: &[Average], resampling: Option<Resampling>) -> Vec<Score> {
    let protocol = Protocol {
        views: vec![View::MentionStrict],
        averages: averages.to_vec(),
        ..Protocol::default()
    };
    tallies().scores(&protocol, &rules(), &Signature::new(), resampling)
}

#[test]
fn averages_by_hand() {
    // Precision, recall and F1: A 1, 1, 1; B 1, 1/2, 2/3; C and X 0, undefined, 0.
    let expected = [
        (Average::Micro, "micro", [4.0 / 7.0, 4.0 / 5.0, 8.0 / 12.0]),
        (Average::Macro, "macro", [1.0, 0.75, (1.0 + 2.0 / 3.0) / 2.0]),
        (Average::MacroSeen, "macro.seen", [0.5, 0.75, (1.0 + 2.0 / 3.0) / 4.0]),
        (Average::MacroOntology, "macro.ontology", [0.5, 0.375, (1.0 + 2.0 / 3.0) / 4.0]),
        (Average::Weighted, "weighted", [1.0, 0.8, (3.0 + 2.0 * 2.0 / 3.0) / 5.0]),
    ];
    let averages = expected.map(|(average, _, _)| average);
    let scores = scores(&averages, None);
    for ((average, name, ratios), score) in expected.into_iter().zip(&scores) {
        assert_eq!((score.average, score.slice.clone()), (average, Slice::All));
        assert_eq!(score.signature.get("avg"), Some(name));
        let found = [score.precision, score.recall, score.f1].map(Option::unwrap);
        let is_near = found.iter().zip(ratios).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(is_near, "{name}: {found:?}, expected {ratios:?}");
    }
    let types: Vec<String> = scores[averages.len()..].iter().map(|s| s.slice.name()).collect();
    assert_eq!(types, ["type:A", "type:B", "type:C", "type:X"]);
}

#[test]
fn averages_that_are_not_asked_for_have_no_row() {
    let all = scores(&[Average::Micro], None);
    assert_eq!(all.iter().filter(|score| score.slice == Slice::All).count(), 1);
    // There are no families here.
    assert!(scores(&[Average::MacroFamily], None).iter().all(|score| score.slice != Slice::All));
}

#[test]
fn rows_without_gold_have_no_interval() {
    let resampling = Some(Resampling { replicates: 200, seed: 0 });
    for score in scores(&[Average::Micro], resampling) {
        let has_gold = score.tally.recall_denominator > 0.0;
        assert_eq!(score.f1_interval.is_some(), has_gold, "{:?}", score.slice);
    }
}

#[test]
fn tallies_that_number_their_slices_differently_meet() {
    let one = document("one", &[("", [1, 0, 0]), ("type:A", [1, 0, 0]), ("type:B", [2, 0, 0])]);
    let two = document("two", &[("type:B", [4, 0, 0]), ("type:A", [8, 0, 0]), ("", [3, 0, 0])]);
    let forwards: Tallies = [one.clone(), two.clone()].into_iter().collect();
    let backwards: Tallies = [two, one].into_iter().collect();
    assert_eq!(forwards, backwards);
    for tallies in [forwards, backwards] {
        let total = |name: &str| {
            let slice = Slice::from_name(name).unwrap();
            tallies.total(&RowKey { view: View::MentionStrict, slice }).tp()
        };
        assert_eq!(["", "type:A", "type:B", "type:C"].map(total), [4.0, 9.0, 6.0, 0.0]);
        assert_eq!(tallies.micro("mention.strict").unwrap().tp(), 4.0);
        assert_eq!(tallies.micro("mention.boundaries"), None);
    }
}
