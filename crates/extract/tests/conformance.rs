//! What every built-in extractor must do, whatever the text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod common;

use std::sync::LazyLock;

use ere_dataset::{Document, Given, Ontology, Prediction, Text, Vocabulary, check, jsonl};
use ere_extract::{BUILTIN, Extractor, Input, Training, builtin};
use proptest::prelude::*;

struct World {
    vocabulary: Vocabulary,
    ontology: Ontology,
    train: Vec<Document>,
    extractors: Vec<Box<dyn Extractor>>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| World::new(true));

impl World {
    fn new(trained: bool) -> World {
        let vocabulary = Vocabulary::default();
        let ontology = common::ontology(&vocabulary);
        let train = if trained { train_split(&vocabulary) } else { Vec::new() };
        let training = Training { documents: &train, ontology: &ontology, vocabulary: &vocabulary };
        let make = |name: &&str| builtin(name, &training).expect("it is in the list");
        let extractors = BUILTIN.iter().map(make).collect();
        World { vocabulary, ontology, train, extractors }
    }

    /// Extracts and checks all that can be checked without knowing the right answer.
    fn extract(&self, extractor: &dyn Extractor, gold: &Document, given: Given) -> Prediction {
        let input = Input::of(gold, given);
        let mut session = extractor.start().expect("built-in extractors start");
        let prediction = session.extract(&input).expect("built-in extractors do not fail");
        let again = session.extract(&input).expect("built-in extractors do not fail");
        let name = &extractor.description().name;
        assert_eq!(prediction, again, "{name} answers twice the same");
        assert!(prediction.malformed.is_empty(), "{name}");
        assert_eq!(prediction.document.given, given, "{name}");
        assert_eq!((&prediction.document.id, &prediction.document.text), (&gold.id, &gold.text));
        let mut checked = prediction.document.clone();
        // What the answer refers to: gold's sentences, and on one track gold's entities.
        checked.sentences = gold.sentences.clone();
        if given == Given::Entities {
            assert!(checked.entities.is_empty(), "{name} predicts no entities of its own");
            checked.entities = gold.entities.clone();
        }
        if let Err(error) = check::check_gold(&checked, &self.vocabulary, Some(&self.ontology)) {
            panic!("{name} on {:?}: {error}", gold.text);
        }
        prediction
    }

    fn extract_from(&self, text: &str) -> Vec<Prediction> {
        let gold = Document { id: "a".into(), text: Text::new(text), ..Document::default() };
        self.extractors.iter().map(|each| self.extract(each.as_ref(), &gold, Given::Text)).collect()
    }
}

#[test]
fn each_name_of_the_list_makes_an_extractor_of_that_name() {
    let world = &*WORLD;
    let names: Vec<&str> = world.extractors.iter().map(|each| &*each.description().name).collect();
    assert_eq!(names, BUILTIN);
    let training =
        Training { documents: &[], ontology: &world.ontology, vocabulary: &world.vocabulary };
    assert!(builtin("none such", &training).is_none());
}

#[test]
fn training_twice_gives_the_same_digest_and_other_training_another() {
    let digests = |world: &World| -> Vec<String> {
        world.extractors.iter().map(|each| each.description().digest.clone()).collect()
    };
    let first = digests(&WORLD);
    assert_eq!(first, digests(&World::new(true)));
    let untrained = digests(&World::new(false));
    let gazetteer = BUILTIN.iter().position(|name| *name == "gazetteer").expect("it is listed");
    assert_ne!(first[gazetteer], untrained[gazetteer]);
}

#[test]
fn odd_texts() {
    let world = &*WORLD;
    for text in [
        "",
        " ",
        "\n\n",
        ".",
        "\u{feff}",
        "é\u{301}",
        "😀",
        "A",
        "\u{0}",
        "“",
        "Mr.",
        "Anna Koll,the",
        "of the",
    ] {
        world.extract_from(text);
    }
}

#[test]
fn a_text_may_end_anywhere() {
    let cases = include_str!("../testdata/patterns.txt");
    let texts = cases.split("\n\n").skip(1).filter_map(|case| case.lines().next());
    for text in texts {
        for (end, _) in text.char_indices() {
            WORLD.extract_from(&text[..end]);
        }
    }
}

#[test]
fn one_huge_line() {
    let world = &*WORLD;
    let sentence =
        "Anna Koll, president of Tellan Steel, met Ivo Marr in Estrad and sued Lark Dairies ";
    for prediction in world.extract_from(&sentence.repeat(4000)) {
        assert!(prediction.document.relations.len() < 1000);
    }
}

#[test]
fn every_track_on_the_train_split() {
    let world = &*WORLD;
    for extractor in &world.extractors {
        for given in extractor.description().tracks.clone() {
            for gold in &world.train {
                world.extract(extractor.as_ref(), gold, given);
            }
        }
    }
}

#[test]
fn the_gazetteer_finds_its_train_split_again() {
    let world = &*WORLD;
    let gazetteer =
        world.extractors.iter().find(|each| each.description().name == "gazetteer").unwrap();
    for given in [Given::Text, Given::Mentions, Given::Entities] {
        for gold in &world.train {
            let found = world.extract(gazetteer.as_ref(), gold, given).document;
            let ends: Vec<_> = found.relations.iter().map(|r| (r.head, r.tail, r.label)).collect();
            let gold: Vec<_> = gold.relations.iter().map(|r| (r.head, r.tail, r.label)).collect();
            assert_eq!(ends, gold, "{given:?}");
        }
    }
}

/// Ten documents, two of each story, so that each fold of a cross-validation sees every kind.
fn train_split(vocabulary: &Vocabulary) -> Vec<Document> {
    let stories = [("Anna Koll", "Tellan Steel"), ("Ivo Marr", "Lark Dairies")];
    let line = |position: usize| {
        let (person, company) = stories[position % 2];
        let text = format!("{person} leads {company}. Rain fell in Estrad on Friday.");
        let at = |name: &str| {
            let start = text.find(name).expect("the name is in the story");
            format!(r#""start":{start},"end":{}"#, start + name.len())
        };
        format!(
            r#"{{"id":"train{position}","text":{text:?},"mentions":[
                {{{},"type":"PER","form":"name"}},{{{},"type":"ORG","form":"name"}},
                {{{},"type":"GPE","form":"name"}}],
               "entities":[{{"type":"PER","mentions":[0]}},{{"type":"ORG","mentions":[1]}},
                {{"type":"GPE","mentions":[2]}}],
               "relations":[{{"head":0,"tail":1,"type":"head_of"}}]}}"#,
            at(person),
            at(company),
            at("Estrad"),
        )
    };
    (0..10).map(|at| jsonl::gold_from_str(&line(at), vocabulary).expect("valid")).collect()
}

/// Words that lead far into the extractors, between arbitrary characters.
fn news() -> impl Strategy<Value = String> {
    let words = [
        "Anna Koll",
        "Tellan Steel",
        "Estrad",
        "President",
        "said",
        "the",
        "of",
        ",",
        ".",
        "'s",
        "(",
        ")",
        "NATO",
        "Russian",
        "China",
        "Mr.",
        "$",
        "3.5",
        "million",
        "%",
        "percent",
        "May",
        "2023",
        "on",
        "Thursday",
        "acquired",
        "was sued by",
        "met",
        "visited",
        "in",
        "-based",
        "he",
        "its",
        "\n",
        "“",
        "”",
        "former",
        "spokesman",
        "for",
        "University",
        "Ltd",
        "é\u{301}",
        "😀",
        "中国",
        "-",
        "and",
    ];
    let word = prop_oneof![
        4 => prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec((word, prop::bool::weighted(0.8)), 0..40).prop_map(|words| {
        words.into_iter().map(|(word, spaced)| if spaced { word + " " } else { word }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in news()) {
        WORLD.extract_from(&text);
    }
}
