//! Every rule of the views, each on the smallest document that shows it; counted by hand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;
use std::path::Path;

use ere_dataset::prediction::RawPrediction;
use ere_dataset::{Document, Layers, Ontology, Prediction, Vocabulary, jsonl};
use ere_eval::{Protocol, RowKey, Rules, Slice, SliceKind, Tally, View, ViewSet, tally};
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

const LAYERS: Layers = Layers {
    mentions: true,
    coreference: true,
    mention_relations: true,
    relations: ere_dataset::Scope::All,
};

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
    /// Between numbered mentions.
    #[serde(default)]
    mention_relations: Vec<String>,
    /// Between predicted mentions, in order.
    #[serde(default)]
    predicted_mention_relations: Vec<String>,
    /// Heads of gold mentions, by number.
    #[serde(default)]
    heads: BTreeMap<String, String>,
    /// Links of gold mentions, and of predicted ones, in order; empty for none.
    #[serde(default)]
    links: Vec<String>,
    #[serde(default)]
    predicted_links: Vec<String>,
    /// Texts of mentions in training data.
    seen: Option<Vec<String>>,
    /// True positives, false positives, false negatives.
    #[serde(default)]
    expect: BTreeMap<String, [u64; 3]>,
    /// Precision's numerator and denominator, then recall's, where they are no such counts.
    #[serde(default)]
    expect_ratios: BTreeMap<String, [f64; 4]>,
    /// Rows that there are not.
    #[serde(default)]
    absent: Vec<String>,
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
                    let words: Vec<&str> = member.trim_matches('\'').split(" … ").collect();
                    let spans: Vec<_> = words.into_iter().map(|words| place(words, 0)).collect();
                    json!({"spans": spans, "type": kind})
                }
            });
        }
        entities.push(json!({"type": kind, "mentions": positions}));
    }
    (mentions, entities)
}

/// `label head tail @sentences flags key:entity`.
fn relation(line: &str) -> Value {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |word: &str| word.parse::<u64>().unwrap();
    let mut relation =
        json!({"type": words[0], "head": number(words[1]), "tail": number(words[2])});
    for word in &words[3..] {
        let (key, value) = word.split_once(':').unwrap_or((*word, ""));
        let evidence = &mut relation["evidence"];
        match key {
            "optional" => relation["optional"] = json!(true),
            "negative" => evidence[0]["polarity"] = json!("negative"),
            "planned" => evidence[0]["actuality"] = json!("planned"),
            "former" => evidence[0]["status"] = json!("former"),
            "by" => evidence[0]["asserted_by"] = json!([number(value)]),
            "item" => evidence[0]["item"] = json!(number(value)),
            sentences => {
                let sentences: Vec<u64> = sentences[1..].split(',').map(number).collect();
                *evidence = json!([{"sentences": sentences}]);
            }
        }
    }
    relation
}

fn documents(case: &Case, vocabulary: &Vocabulary) -> (Document, Prediction) {
    let as_gold: Vec<String> = ENTITIES.map(str::to_owned).to_vec();
    let (mut mentions, gold_entities) = entities(&as_gold);
    for (number, head) in &case.heads {
        let mention = &mut mentions[numbered(number)];
        let start = mention["start"].as_u64().unwrap() as usize;
        let end = mention["end"].as_u64().unwrap() as usize;
        let start = start + TEXT[start..end].find(head).unwrap();
        mention["head"] = json!([start, start + head.len()]);
    }
    link(&mut mentions, &in_list_order(&case.links));
    let gold = json!({
        "id": "case", "text": TEXT, "meta": {"register": "invented", "tags": ["law", "firms"]},
        "sentences": [[0, 41], [42, 60], [61, 76]],
        "zones": [{"start": 0, "end": 60, "type": "body"}, {"start": 61, "end": 76, "type": "related"}],
        "mentions": mentions, "entities": gold_entities,
        "mention_relations": case.mention_relations.iter().map(|line| {
            let mut relation = relation(line);
            for end in ["head", "tail"] {
                relation[end] = json!(numbered(&relation[end].to_string()));
            }
            relation
        }).collect::<Vec<_>>(),
        "relations": case.relations.iter().map(|line| relation(line)).collect::<Vec<_>>(),
    });
    let gold = jsonl::gold_from_str(&gold.to_string(), vocabulary).unwrap();
    let (mut mentions, pred_entities) = entities(case.entities.as_ref().unwrap_or(&as_gold));
    link(&mut mentions, &case.predicted_links);
    let pred = json!({
        "id": "case", "mentions": mentions, "entities": pred_entities,
        "mention_relations": case.predicted_mention_relations.iter().map(|line| relation(line))
            .collect::<Vec<_>>(),
        "relations": case.predicted.iter().map(|line| relation(line)).collect::<Vec<_>>(),
    });
    let pred = RawPrediction::parse(&pred.to_string()).unwrap().attach(&gold, vocabulary);
    assert_eq!(pred.malformed, [], "{}", case.name);
    (gold, pred)
}

/// Entities list their mentions one after the other: where a numbered mention of gold is in that list.
fn numbered(number: &str) -> usize {
    let numbers = ENTITIES.iter().flat_map(|line| line.split_once(' ').unwrap().1.split(','));
    numbers.into_iter().position(|other| other == number).unwrap()
}

fn in_list_order(links: &[String]) -> Vec<String> {
    let mut ordered = vec![String::new(); links.len()];
    for (number, link) in links.iter().enumerate() {
        ordered[numbered(&number.to_string())].clone_from(link);
    }
    ordered
}

fn link(mentions: &mut [Value], links: &[String]) {
    for (mention, link) in mentions.iter_mut().zip(links).filter(|(_, link)| !link.is_empty()) {
        mention["link"] = json!(link);
    }
}

/// Every view with every slice.
fn protocol() -> Protocol {
    Protocol {
        views: View::ALL.to_vec(),
        slices: SliceKind::ALL.map(|kind| (kind, ViewSet::all())).to_vec(),
        ..Protocol::default()
    }
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
        let rules = match &case.seen {
            Some(seen) => rules.with_seen(seen.iter().map(String::as_str)),
            None => rules,
        };
        let (gold, pred) = documents(&case, &vocabulary);
        let tallies = tally(&gold, &pred, &protocol(), &rules, &LAYERS);
        for (name, [tp, fp, r#fn]) in &case.expect {
            let found = tallies.get(&row(name)).unwrap_or_default();
            assert_eq!(found, Tally::counts(*tp, *fp, *r#fn), "{}: {name}", case.name);
        }
        for (name, [a, b, c, d]) in &case.expect_ratios {
            let expected = Tally {
                precision_numerator: *a,
                precision_denominator: *b,
                recall_numerator: *c,
                recall_denominator: *d,
            };
            let found = tallies.get(&row(name)).unwrap_or_default();
            assert_eq!(found, expected, "{}: {name}", case.name);
        }
        for name in &case.absent {
            assert_eq!(tallies.get(&row(name)), None, "{}: {name}", case.name);
        }
    }
}

#[test]
fn every_view_has_a_case() {
    let table = include_str!("../testdata/cases.toml");
    for view in View::ALL.into_iter().filter(|view| !view.name().starts_with("coreference.")) {
        let is_mentioned = table.contains(&format!("\"{view}\""));
        assert!(is_mentioned, "{view} has no case in cases.toml");
    }
}

#[test]
fn relations_of_an_entity_without_mentions_are_the_ceiling_of_recall() {
    let vocabulary = Vocabulary::default();
    let gold = jsonl::gold_from_str(
        r#"{"id":"a","text":"Anna leads.","mentions":[{"start":0,"end":4,"type":"PER"}],
            "entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[]}],
            "relations":[{"type":"head_of","head":0,"tail":1}]}"#,
        &vocabulary,
    );
    let gold = gold.unwrap();
    let pred = Prediction { document: gold.clone(), ..Prediction::default() };
    let rules = Rules::open(&vocabulary);
    let tallies = tally(&gold, &pred, &protocol(), &rules, &LAYERS);
    assert_eq!(tallies.notes.unreachable_relations, 1);
    assert_eq!(tallies.get(&row("relation.anchored")), Some(Tally::counts(0, 1, 1)));
    assert_eq!(tallies.get(&row("entity.typed")), Some(Tally::counts(1, 0, 0)));
}
