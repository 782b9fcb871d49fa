//! Agreement of two annotations, counted by hand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use ere_dataset::{Document, Layers, Vocabulary, jsonl};
use ere_eval::agreement::{Agreement, Kind, Pair, agreement};
use ere_eval::{Resampling, Rules};

/// Anna (0..4) of Acme (8..12) met Bo (17..19) in Oslo (23..27). She left.
///
/// The first has Anna + She, Acme, Bo, Oslo; Anna works for Acme, meets Bo (planned), visits Oslo
/// (optional). The second calls Acme a place, has Bo's span too long, no pronoun; Anna works for Acme,
/// meets Bo (actual), and Bo visits Oslo.
fn pair(vocabulary: &Vocabulary) -> (Document, Document) {
    let a = r#"{"id":"a","text":"Anna of Acme met Bo in Oslo. She left.",
        "sentences":[[0,28],[29,38]],
        "mentions":[{"start":0,"end":4,"type":"PER"},{"start":8,"end":12,"type":"ORG"},
            {"start":17,"end":19,"type":"PER"},{"start":23,"end":27,"type":"GPE"},
            {"start":29,"end":32,"type":"PER","form":"pronoun"}],
        "entities":[{"type":"PER","mentions":[0,4]},{"type":"ORG","mentions":[1]},
            {"type":"PER","mentions":[2]},{"type":"GPE","mentions":[3]}],
        "relations":[{"head":0,"tail":1,"type":"employee_of","evidence":[{"sentences":[0]}]},
            {"head":0,"tail":2,"type":"meets","evidence":[{"sentences":[0],"actuality":"planned"}]},
            {"head":0,"tail":3,"type":"visits","optional":true,"evidence":[{"sentences":[0]}]}]}"#;
    let b = r#"{"id":"a","text":"Anna of Acme met Bo in Oslo. She left.",
        "sentences":[[0,28],[29,38]],
        "mentions":[{"start":0,"end":4,"type":"PER"},{"start":8,"end":12,"type":"GPE"},
            {"start":13,"end":19,"type":"PER"},{"start":23,"end":27,"type":"GPE"}],
        "entities":[{"type":"PER","mentions":[0]},{"type":"GPE","mentions":[1]},
            {"type":"PER","mentions":[2]},{"type":"GPE","mentions":[3]}],
        "relations":[{"head":0,"tail":1,"type":"employee_of","evidence":[{"sentences":[0]}]},
            {"head":0,"tail":2,"type":"meets","evidence":[{"sentences":[0]}]},
            {"head":2,"tail":3,"type":"visits","evidence":[{"sentences":[0]}]}]}"#;
    let read = |text: &str| jsonl::gold_from_str(&text.replace('\n', " "), vocabulary).unwrap();
    (read(a), read(b))
}

fn agree(
    a: &Document,
    b: &Document,
    given: Option<&Document>,
    vocabulary: &Vocabulary,
) -> Agreement {
    agreement(&[Pair { a, b, given }], &Rules::open(vocabulary), &Layers::default(), None)
}

fn value(agreement: &Agreement, name: &str) -> Option<f64> {
    agreement.measures.iter().find(|measure| measure.name == name).unwrap().value
}

#[test]
fn a_pair_is_compared_as_counted_by_hand() {
    let vocabulary = Vocabulary::default();
    let (a, b) = pair(&vocabulary);
    let result = agree(&a, &b, Some(&a), &vocabulary);
    // Of 5 and 4 mentions 2 are equal with types, 3 without.
    assert_eq!(value(&result, "mention.strict"), Some(4.0 / 9.0));
    assert_eq!(value(&result, "mention.boundaries"), Some(6.0 / 9.0));
    // Types of the three equal spans: PER PER, ORG GPE, GPE GPE. Observed 2/3, expected
    // (1·1 + 1·0 + 1·2) / 9 = 1/3.
    assert!((value(&result, "type.kappa").unwrap() - 0.5).abs() < 1e-12);
    // The second's Bo shares 2 of 6 characters with the first's: no pair, so its relations have an end
    // that the first does not know. Common: employee_of alone.
    let anchored = value(&result, "relation.anchored").unwrap();
    // First as gold: tp 1, fp 2, fn 1. Second as gold: tp 1, fp 2 (visits is said of another), fn 2.
    assert!((anchored - (2.0 / 5.0 + 2.0 / 6.0) / 2.0).abs() < 1e-12, "{anchored}");
    assert_eq!(value(&result, "relation.given"), Some(2.0 / 3.0));
    assert_eq!(value(&result, "relation.evidence"), Some(1.0));
    assert_eq!(value(&result, "relation.attributes"), None);
    let kinds: Vec<(Kind, bool)> =
        result.disagreements.iter().map(|one| (one.kind, one.optional)).collect();
    assert_eq!(
        kinds,
        [
            (Kind::MentionType, false),
            (Kind::MentionBoundary, false),
            (Kind::MentionMissing, false),
            (Kind::RelationMissing, false),
            (Kind::RelationMissing, true),
            (Kind::RelationMissing, false),
            (Kind::RelationMissing, false),
        ]
    );
    let mentions = &result.completeness[0];
    assert_eq!((mentions.a, mentions.b, mentions.both), (5.0, 4.0, 2.0));
    // Chapman: 6 · 5 / 3 − 1.
    assert_eq!(mentions.estimate, 9.0);
    assert!((mentions.union_share - 7.0 / 9.0).abs() < 1e-12);
}

#[test]
fn an_annotation_agrees_with_itself() {
    let vocabulary = Vocabulary::default();
    let (a, b) = pair(&vocabulary);
    for document in [&a, &b] {
        let result = agree(document, document, Some(document), &vocabulary);
        for measure in &result.measures {
            let undefined = ["coreference.muc", "coreference.conll", "relation.attributes"];
            let may_be_undefined = undefined.contains(&measure.name);
            match measure.value {
                Some(value) => assert!((value - 1.0).abs() < 1e-12, "{}: {value}", measure.name),
                None => assert!(may_be_undefined, "{} is undefined", measure.name),
            }
        }
        assert_eq!(result.disagreements, []);
        assert!(result.completeness.iter().all(|layer| layer.union_share == 1.0));
    }
}

#[test]
fn the_order_of_the_two_does_not_matter() {
    let vocabulary = Vocabulary::default();
    let (a, b) = pair(&vocabulary);
    let (one, other) = (agree(&a, &b, None, &vocabulary), agree(&b, &a, None, &vocabulary));
    for (one, other) in one.measures.iter().zip(&other.measures) {
        let difference = one.value.unwrap_or(2.0) - other.value.unwrap_or(2.0);
        // What is compared over the first one's entities may differ; it does not here.
        assert!(difference.abs() < 1e-12, "{}: {:?} {:?}", one.name, one.value, other.value);
    }
    assert!(one.measures.iter().all(|measure| measure.name != "relation.given"));
}

#[test]
fn intervals_need_two_documents() {
    let vocabulary = Vocabulary::default();
    let (a, b) = pair(&vocabulary);
    let rules = Rules::open(&vocabulary);
    let intervals = |count: usize| {
        let pairs = vec![Pair { a: &a, b: &b, given: None }; count];
        agreement(&pairs, &rules, &Layers::default(), Some(Resampling::default())).measures[0]
            .interval
    };
    assert_eq!(intervals(1), None);
    let interval = intervals(3).unwrap();
    // The same document thrice: there is no spread.
    assert!((interval.low - 4.0 / 9.0).abs() < 1e-12 && (interval.high - 4.0 / 9.0).abs() < 1e-12);
}
