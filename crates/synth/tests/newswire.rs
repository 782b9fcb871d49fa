//! Documents of the newswire grammar are right by construction, and hold what it promises.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

use std::collections::BTreeSet;
use std::path::Path;

use ere_dataset::text::sha256_hex;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{Document, Form, Ontology, Vocabulary, ZoneKind, check, jsonl};
use ere_synth::Rate;
use ere_synth::corpus::{self, Preset};
use ere_synth::grammar::Grammar;
use proptest::prelude::*;

struct World {
    vocabulary: Vocabulary,
    ontology: Ontology,
    grammar: Grammar,
}

impl World {
    fn new() -> World {
        let vocabulary = Vocabulary::default();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/newswire/ontology.toml");
        let ontology = Ontology::read(Path::new(path), &vocabulary).unwrap();
        let grammar = Grammar::newswire(&vocabulary, &ontology).unwrap();
        World { vocabulary, ontology, grammar }
    }

    fn documents(&self, count: u64) -> impl Iterator<Item = Document> {
        (0..count).map(|index| corpus::document(index, 42, &Preset::newswire(), &self.grammar))
    }

    fn line(&self, document: &Document) -> String {
        let mut line = Vec::new();
        jsonl::write(&mut line, document, &self.vocabulary, TextPolicy::Inline).unwrap();
        String::from_utf8(line).unwrap()
    }
}

#[test]
fn documents_are_valid_gold_and_survive_their_file() {
    let world = World::new();
    for document in world.documents(500) {
        check::check_gold(&document, &world.vocabulary, Some(&world.ontology)).unwrap();
        let line = world.line(&document);
        assert_eq!(jsonl::gold_from_str(&line, &world.vocabulary).unwrap(), document);
    }
}

#[test]
fn every_type_form_attribute_and_zone_occurs() {
    let world = World::new();
    let documents: Vec<Document> = world.documents(1500).collect();
    let annotated = world.ontology.relations.iter().filter(|kind| kind.inverse_of.is_none());
    let annotated: BTreeSet<_> = annotated.map(|kind| kind.label).collect();
    let relations = || documents.iter().flat_map(|document| &document.relations);
    assert_eq!(relations().map(|relation| relation.label).collect::<BTreeSet<_>>(), annotated);
    let mentions = || documents.iter().flat_map(|document| &document.mentions);
    let types: BTreeSet<_> = world.ontology.entities.iter().map(|kind| kind.label).collect();
    assert_eq!(mentions().map(|mention| mention.label).collect::<BTreeSet<_>>(), types);
    for form in [Form::Name, Form::Nominal, Form::Pronoun] {
        assert!(mentions().any(|mention| mention.form == Some(form)), "{form:?}");
    }
    assert!(mentions().any(|mention| mention.spans.is_discontinuous()));
    assert!(mentions().any(|mention| mention.optional));
    assert!(relations().any(|relation| relation.optional));
    let evidence = || relations().flat_map(|relation| &relation.evidence);
    assert!(evidence().any(|e| e.time.is_some()));
    assert!(evidence().any(|e| e.amount.is_some()));
    assert!(evidence().any(|e| e.item.is_some()));
    assert!(evidence().any(|e| !e.asserted_by.is_empty()));
    assert!(evidence().any(|e| !e.polarity.is_default()));
    assert!(evidence().any(|e| !e.actuality.is_default()));
    assert!(evidence().any(|e| !e.status.is_default()));
    assert!(evidence().any(|e| e.sentences.len() == 2));
    let zones: BTreeSet<ZoneKind> =
        documents.iter().flat_map(|d| &d.zones).map(|zone| zone.kind).collect();
    assert_eq!(zones, BTreeSet::from(ZoneKind::ALL));
    let scripts = |script: fn(&char) -> bool| {
        documents.iter().any(|document| document.text.as_str().chars().any(|c| script(&c)))
    };
    assert!(scripts(|c| ('\u{4e00}'..'\u{9fff}').contains(c)), "Han");
    assert!(scripts(|c| ('\u{ac00}'..'\u{d7a3}').contains(c)), "Hangul");
}

#[test]
fn zones_are_apart_and_hold_all_sentences() {
    let world = World::new();
    for document in world.documents(300) {
        let text = document.text.as_str();
        assert_eq!(text.trim(), text);
        for pair in document.zones.windows(2) {
            assert_eq!(&text[pair[0].span.end() as usize..pair[1].span.start() as usize], "\n\n");
        }
        let mut end = 0;
        for sentence in &document.sentences {
            assert!(document.zones.iter().any(|zone| zone.span.contains(*sentence)));
            let gap = &text[end as usize..sentence.start() as usize];
            assert!(gap.chars().all(char::is_whitespace), "{gap:?}");
            end = sentence.end();
        }
        assert_eq!(end as usize, text.len());
    }
}

#[test]
fn texts_are_clean() {
    let world = World::new();
    for document in world.documents(300) {
        let text = document.text.as_str();
        for wrong in ["  ", " ,", "the the ", "The the ", "{", "}", "<", ">", "[", "]", "~", "//"] {
            assert!(!text.contains(wrong), "{wrong:?} in {text}");
        }
        for mention in &document.mentions {
            for span in mention.spans.as_slice() {
                let words = span.slice(text).unwrap();
                assert_eq!(words.trim(), words);
                assert!(!words.to_lowercase().starts_with("the "), "{words}");
            }
        }
    }
}

#[test]
fn evidence_names_the_sentences_of_both_ends() {
    let world = World::new();
    for document in world.documents(300) {
        for evidence in document.relations.iter().flat_map(|relation| &relation.evidence) {
            let [support] = evidence.support[..] else { panic!("{evidence:?}") };
            let support = &document.mention_relations[support.index()];
            let sentence = |end: ere_dataset::MentionIdx| {
                let hull = document.mentions[end.index()].spans.hull();
                document.sentence_of(hull).unwrap()
            };
            let last = evidence.sentences.iter().max().unwrap();
            assert!(sentence(support.head) <= *last && sentence(support.tail) <= *last);
        }
    }
}

#[test]
fn namesakes_share_a_short_name_and_are_not_called_by_it() {
    let world = World::new();
    let preset = Preset { namesakes: Rate::ONE, ..Preset::newswire() };
    let mut namesakes = 0;
    for index in 0..100 {
        let document = corpus::document(index, 1, &preset, &world.grammar);
        let per = world.vocabulary.get("PER").unwrap();
        let names: BTreeSet<(&str, u32)> = document
            .mentions
            .iter()
            .filter(|m| m.label == per && m.form == Some(Form::Name))
            .map(|m| (m.spans.first().slice(document.text.as_str()).unwrap(), m.entity.unwrap().0))
            .collect();
        let last = |name: &str| name.rsplit(' ').next().unwrap().to_owned();
        for (name, entity) in &names {
            let shares = |(other, of): &&(&str, u32)| of != entity && last(other) == last(name);
            if let Some((other, _)) = names.iter().find(shares) {
                namesakes += 1;
                assert!(name.contains(' ') && other.contains(' '), "{name}, {other}");
            }
        }
    }
    assert!(namesakes > 50, "{namesakes}");
}

/// A change of grammar, preset or generator changes this: then the release notes have to say so.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    let world = World::new();
    let lines: String = world.documents(5).map(|document| world.line(&document)).collect();
    assert_eq!(
        sha256_hex(lines.as_bytes()),
        "45008bedd05ef965b13d33c2890aab38a3b033d84c6ad8f70da89ce618e192dc"
    );
}

fn knobs() -> impl Strategy<Value = String> {
    let rate = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64];
    let range = (0u32..100, 0u32..28).prop_map(|(from, more)| format!("{from}..{}", from + more));
    let value = move |knob: &'static str| match knob {
        "things" | "values" | "relations" => range.clone().boxed(),
        _ => rate.clone().prop_map(|rate| rate.to_string()).boxed(),
    };
    let knobs: Vec<_> = Preset::KNOBS
        .into_iter()
        .map(|knob| value(knob).prop_map(move |value| format!("{knob}={value}")).boxed())
        .collect();
    knobs.prop_map(|knobs| knobs.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_knobs_give_valid_gold(knobs in knobs(), seed: u64, index: u64) {
        let world = World::new();
        let mut preset = Preset::newswire();
        preset.set(&knobs).unwrap();
        let document = corpus::document(index, seed, &preset, &world.grammar);
        check::check_gold(&document, &world.vocabulary, Some(&world.ontology)).unwrap();
        prop_assert!(document.entities.len() <= 128);
    }
}
