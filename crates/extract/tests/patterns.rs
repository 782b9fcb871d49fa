//! `testdata/patterns.txt`: what the rules find in sentences of one kind each.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod common;

use ere_dataset::{
    Actuality, Document, EntityIdx, Evidence, Given, Polarity, Relation, Status, Text, Vocabulary,
};
use ere_extract::{Input, Training, builtin};

const CASES: &str = include_str!("../testdata/patterns.txt");

#[test]
fn each_sentence_gives_what_it_says() {
    let mut wrong = Vec::new();
    for case in CASES.split("\n\n").skip(1) {
        let (text, expected) = case.split_once('\n').unwrap_or((case, ""));
        let found = Findings::of(&text.replace("\\n", "\n"));
        let (entities, mut relations): (Vec<&str>, Vec<&str>) =
            expected.lines().partition(|line| line.contains(": "));
        relations.sort_unstable();
        let has_all = entities.iter().all(|entity| found.entities.iter().any(|e| e == entity));
        if !has_all || found.relations != relations {
            wrong.push(format!("{text}\nfound {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn types_that_the_ontology_lacks_are_not_predicted() {
    let vocabulary = Vocabulary::default();
    let file = "name = \"small\"\nversion = \"1\"\n[[entity]]\nname = \"PER\"\n\
                definition = \"\"\nexample = \"\"";
    let ontology = ere_dataset::Ontology::parse(file, &vocabulary).unwrap();
    let training = Training { documents: &[], ontology: &ontology, vocabulary: &vocabulary };
    let patterns = builtin("patterns", &training).unwrap();
    let text = Text::new("Anna Koll, president of NATO, met Ivo Marr on Friday.");
    let gold = Document { id: "a".into(), text, ..Document::default() };
    let prediction = patterns.start().unwrap().extract(&Input::of(&gold, Given::Text)).unwrap();
    assert_eq!(prediction.document.mentions.len(), 2);
    assert!(prediction.document.relations.is_empty());
}

/// Entities as `TYPE: mention | mention`, relations as `type(head, tail)` and their attributes.
#[derive(Debug)]
struct Findings {
    entities: Vec<String>,
    relations: Vec<String>,
}

impl Findings {
    fn of(text: &str) -> Findings {
        let vocabulary = Vocabulary::default();
        let ontology = common::ontology(&vocabulary);
        let training = Training { documents: &[], ontology: &ontology, vocabulary: &vocabulary };
        let patterns = builtin("patterns", &training).expect("it is in the list");
        let gold = Document { id: "a".into(), text: Text::new(text), ..Document::default() };
        let mut session = patterns.start().expect("built-in extractors start");
        let prediction = session.extract(&Input::of(&gold, Given::Text));
        let document = prediction.expect("built-in extractors do not fail").document;

        let names: Vec<Vec<&str>> = document
            .mentions_by_entity()
            .iter()
            .map(|mentions| {
                let spans = mentions.iter().map(|m| document.mentions[m.index()].spans.first());
                spans.filter_map(|span| span.slice(text)).collect()
            })
            .collect();
        let entity = |(entity, names): (&ere_dataset::Entity, &Vec<&str>)| {
            format!("{}: {}", vocabulary.name(entity.labels[0]), names.join(" | "))
        };
        let relation = |relation: &Relation| {
            let name = |entity: EntityIdx| names[entity.index()][0];
            let (head, tail) = (name(relation.head), name(relation.tail));
            let attributes = attributes(&relation.evidence);
            format!("{}({head}, {tail}){attributes}", vocabulary.name(relation.label))
        };
        let entities = document.entities.iter().zip(&names).map(entity).collect();
        let mut relations: Vec<String> = document.relations.iter().map(relation).collect();
        relations.sort_unstable();
        Findings { entities, relations }
    }
}

fn attributes(evidence: &[Evidence]) -> String {
    let mut text = String::new();
    for piece in evidence {
        text += match piece.polarity {
            Polarity::Positive => "",
            Polarity::Negative => " negative",
        };
        text += match piece.actuality {
            Actuality::Actual => "",
            Actuality::Planned => " planned",
            Actuality::Possible => " possible",
        };
        text += match piece.status {
            Status::Current => "",
            Status::Former => " former",
        };
    }
    text
}
