//! Every rule of the views, each on the smallest document that shows it; counted by hand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;
use std::path::Path;

use ere_dataset::prediction::RawPrediction;
use ere_dataset::{Document, Layers, Ontology, Prediction, Vocabulary, jsonl};
use ere_eval::{Protocol, RowKey, Rules, Slice, Tallies, Tally, tally};
use serde::Deserialize;
use serde_json::{Value, json};

const TEXT: &str = "The president Anna Berg of Acme met Byte. She leads it well. Byte sues Acme.";
/// Words, how many of the same words stand before, type, entity, form.
const MENTIONS: [(&str, usize, &str, usize, &str); 7] = [
    ("Anna Berg", 0, "PER", 0, "name"),
    ("president", 0, "ROLE", 1, "name"),
    ("Acme", 0, "ORG", 2, "name"),
    ("Byte", 0, "ORG", 3, "name"),
    ("She", 0, "PER", 0, "pronoun"),
    ("Byte", 1, "ORG", 3, "name"),
    ("Acme", 1, "ORG", 2, "name"),
];
const ENTITIES: [&str; 4] = ["PER 0,4", "ROLE 1", "ORG 2,6", "ORG 3,5"];

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    relations: Vec<String>,
    /// Left out: as gold.
    entities: Option<Vec<String>>,
    predicted: Vec<String>,
    expect: BTreeMap<String, [u64; 3]>,
}

fn place(words: &str, before: usize) -> (usize, usize) {
    let start = TEXT.match_indices(words).nth(before).unwrap().0;
    (start, start + words.len())
}

/// `TYPE 0,'words'`: entities of numbered mentions, or of words.
fn entities(lines: &[String]) -> (Vec<Value>, Vec<Value>) {
    let (mut mentions, mut entities) = (Vec::new(), Vec::new());
    for line in lines {
        let (kind, members) = line.split_once(' ').unwrap();
        let mut positions = Vec::new();
        for member in members.split(',') {
            positions.push(mentions.len());
            mentions.push(match member.parse::<usize>() {
                Ok(number) => {
                    let (words, before, _, _, form) = MENTIONS[number];
                    let (start, end) = place(words, before);
                    json!({"start": start, "end": end, "type": kind, "form": form})
                }
                Err(_) => {
                    let (start, end) = place(member.trim_matches('\''), 0);
                    json!({"start": start, "end": end, "type": kind})
                }
            });
        }
        entities.push(json!({"type": kind, "mentions": positions}));
    }
    (mentions, entities)
}

/// `label head tail @sentences flags`.
fn relation(line: &str) -> Value {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |word: &str| word.parse::<u64>().unwrap();
    let mut relation =
        json!({"type": words[0], "head": number(words[1]), "tail": number(words[2])});
    for word in &words[3..] {
        match *word {
            "optional" => relation["optional"] = json!(true),
            "negative" => relation["evidence"][0]["polarity"] = json!("negative"),
            sentences => {
                let sentences: Vec<u64> = sentences[1..].split(',').map(number).collect();
                relation["evidence"] = json!([{"sentences": sentences}]);
            }
        }
    }
    relation
}

fn documents(case: &Case, vocabulary: &Vocabulary) -> (Document, Prediction) {
    let as_gold: Vec<String> = ENTITIES.map(str::to_owned).to_vec();
    let (mentions, gold_entities) = entities(&as_gold);
    let gold = json!({
        "id": "case", "text": TEXT, "sentences": [[0, 41], [42, 60], [61, 76]],
        "zones": [{"start": 0, "end": 60, "type": "body"}, {"start": 61, "end": 76, "type": "related"}],
        "mentions": mentions, "entities": gold_entities,
        "relations": case.relations.iter().map(|line| relation(line)).collect::<Vec<_>>(),
    });
    let gold = jsonl::gold_from_str(&gold.to_string(), vocabulary).unwrap();
    let (mentions, pred_entities) = entities(case.entities.as_ref().unwrap_or(&as_gold));
    let pred = json!({
        "id": "case", "mentions": mentions, "entities": pred_entities,
        "relations": case.predicted.iter().map(|line| relation(line)).collect::<Vec<_>>(),
    });
    let pred = RawPrediction::parse(&pred.to_string()).unwrap().attach(&gold, vocabulary);
    assert_eq!(pred.malformed, [], "{}", case.name);
    (gold, pred)
}

fn row(name: &str) -> RowKey {
    let (view, slice) = name.split_once('/').unwrap_or((name, ""));
    RowKey { view: view.parse().unwrap(), slice: Slice::from_name(slice).unwrap() }
}

#[test]
fn counted_by_hand() {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let table = std::fs::read_to_string(testdata.join("cases.toml")).unwrap();
    let table: Table = toml::from_str(&table).unwrap();
    for case in table.case {
        let vocabulary = Vocabulary::default();
        let ontology = Ontology::read(&testdata.join("ontology.toml"), &vocabulary).unwrap();
        let rules = Rules::of(&ontology, &vocabulary);
        let (gold, pred) = documents(&case, &vocabulary);
        let tallies: Tallies =
            [tally(&gold, &pred, &Protocol::default(), &rules, &Layers::default())]
                .into_iter()
                .collect();
        for (name, [tp, fp, r#fn]) in &case.expect {
            let found = tallies.total(&row(name));
            assert_eq!(found, Tally::counts(*tp, *fp, *r#fn), "{}: {name}", case.name);
        }
    }
}
