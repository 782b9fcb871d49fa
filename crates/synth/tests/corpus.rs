//! Synthetic documents are what their preset says, and right by construction.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ere_dataset::text::sha256_hex;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{
    Document, EntityIdx, Form, Mention, Ontology, Span, Spans, Vocabulary, ZoneKind, check, jsonl,
};
use ere_synth::corpus::{self, Between, Preset, Zones};
use ere_synth::grammar::Grammar;
use ere_synth::noise::{Expected, expected, predict};
use ere_synth::{NoiseSpec, Rate};
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
        let grammar = Grammar::bench(&vocabulary, &ontology).unwrap();
        World { vocabulary, ontology, grammar }
    }

    fn document(&self, index: u64) -> Document {
        corpus::document(index, 42, &Preset::bench(), &self.grammar)
    }

    fn documents(&self, count: u64) -> impl Iterator<Item = Document> {
        (0..count).map(|index| self.document(index))
    }

    fn line(&self, document: &Document) -> Vec<u8> {
        let mut line = Vec::new();
        jsonl::write(&mut line, document, &self.vocabulary, TextPolicy::Inline).unwrap();
        line
    }
}

fn slice<'a>(document: &'a Document, mention: &Mention) -> &'a str {
    mention.spans.first().slice(document.text.as_str()).unwrap()
}

// -------------------------------------------------------------------------------------------------
// The same bytes
// -------------------------------------------------------------------------------------------------

/// A change of the grammar, the preset or the generator changes these: then every recorded figure
/// of a synthetic corpus is of another corpus, and the release notes have to say so.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    let world = World::new();
    let expected = [
        (0, "9079b8248be4818c28f1ddeb8921aaef3f6d8ba8d0e499ff30d9c4750138e39f"),
        (1, "9114b4d9f371d62abfae8966e330b8a5b439c949534f2dcfe9d86296c807d15a"),
        (123_456_789, "d88e8bf48a1f20c057ee4f93eda9892e7ff100e6eba2f37337f61507523fe375"),
    ];
    for (index, hash) in expected {
        assert_eq!(sha256_hex(&world.line(&world.document(index))), hash, "document {index}");
    }
}

#[test]
fn a_document_does_not_depend_on_others_or_threads() {
    let world = World::new();
    let in_order: Vec<Document> = world.documents(40).collect();
    let backwards: Vec<Document> = (0..40).rev().map(|index| world.document(index)).collect();
    assert!(in_order.iter().eq(backwards.iter().rev()));
    let halves = std::thread::scope(|scope| {
        let half = |from: u64| {
            let world = &world;
            scope.spawn(move || (from..from + 20).map(|i| world.document(i)).collect::<Vec<_>>())
        };
        let halves = [half(0), half(20)];
        halves.map(|half| half.join().unwrap()).concat()
    });
    assert_eq!(in_order, halves);
}

#[test]
fn seeds_and_numbers_give_other_documents() {
    let world = World::new();
    let text = |index, seed| corpus::document(index, seed, &Preset::bench(), &world.grammar).text;
    let texts: BTreeSet<String> =
        (0..200).map(|i| text(i % 20, i / 20).as_str().to_owned()).collect();
    assert_eq!(texts.len(), 200);
}

// -------------------------------------------------------------------------------------------------
// Valid and of the stated shape
// -------------------------------------------------------------------------------------------------

#[test]
fn all_documents_are_valid_gold() {
    let world = World::new();
    for document in world.documents(3000) {
        check::check_gold(&document, &world.vocabulary, Some(&world.ontology)).unwrap();
    }
}

#[test]
fn documents_survive_their_file() {
    let world = World::new();
    for document in world.documents(200) {
        let line = String::from_utf8(world.line(&document)).unwrap();
        assert_eq!(jsonl::gold_from_str(&line, &world.vocabulary).unwrap(), document);
    }
}

#[test]
fn means_are_those_of_the_preset() {
    let world = World::new();
    let count = 3000;
    let mut sums = BTreeMap::new();
    for document in world.documents(count) {
        let forms = |form| document.mentions.iter().filter(|m| m.form == Some(form)).count();
        let sizes = [
            ("bytes", document.text.len()),
            ("mentions", document.mentions.len()),
            ("nominals", forms(Form::Nominal)),
            ("pronouns", forms(Form::Pronoun)),
            ("entities", document.entities.len()),
            ("relations", document.relations.len()),
            ("mention relations", document.mention_relations.len()),
            ("documents of more than ASCII", usize::from(!document.text.as_str().is_ascii())),
        ];
        for (what, size) in sizes {
            *sums.entry(what).or_insert(0) += size;
        }
    }
    let bounds = [
        ("bytes", 2400.0, 2600.0),
        ("mentions", 44.0, 46.0),
        ("nominals", 5.0, 8.0),
        ("pronouns", 3.0, 6.0),
        ("entities", 11.5, 12.5),
        ("relations", 17.5, 18.5),
        ("mention relations", 17.5, 19.0),
        ("documents of more than ASCII", 0.2, 0.8),
    ];
    for (what, least, most) in bounds {
        let mean = sums[what] as f64 / count as f64;
        assert!((least..=most).contains(&mean), "{what}: {mean}");
    }
}

#[test]
fn every_relation_type_but_inverses_is_stated() {
    let world = World::new();
    let annotated = world.ontology.relations.iter().filter(|kind| kind.inverse_of.is_none());
    let annotated: BTreeSet<_> = annotated.map(|kind| kind.label).collect();
    let inverses = world.ontology.relations.iter().filter(|kind| kind.inverse_of.is_some());
    assert!(inverses.map(|kind| kind.name.as_str()).eq(["buys_from"]));
    let stated: BTreeSet<_> = world.grammar.relation_labels().into_iter().collect();
    assert_eq!(stated, annotated);
    let found: BTreeSet<_> = world
        .documents(3000)
        .flat_map(|document| document.relations.into_iter().map(|relation| relation.label))
        .collect();
    assert_eq!(found, annotated);
}

#[test]
fn every_entity_type_occurs() {
    let world = World::new();
    let declared: BTreeSet<_> = world.ontology.entities.iter().map(|kind| kind.label).collect();
    let found: BTreeSet<_> = world
        .documents(1000)
        .flat_map(|document| document.mentions.into_iter().map(|mention| mention.label))
        .collect();
    assert_eq!(found, declared);
}

// -------------------------------------------------------------------------------------------------
// Right by construction
// -------------------------------------------------------------------------------------------------

#[test]
fn zones_and_sentences_cover_the_text() {
    let world = World::new();
    for document in world.documents(300) {
        let text = document.text.as_str();
        let [headline, body] = document.zones[..] else { panic!("{:?}", document.zones) };
        assert_eq!([headline.kind, body.kind], [ZoneKind::Headline, ZoneKind::Body]);
        assert_eq!(headline.span, document.sentences[0]);
        let mut end = 0;
        for sentence in &document.sentences {
            let gap = &text[end as usize..sentence.start() as usize];
            assert!(gap.chars().all(char::is_whitespace), "{gap:?}");
            assert_eq!(
                document.sentence_of(*sentence).map(|s| document.sentences[s.index()]),
                Some(*sentence)
            );
            end = sentence.end();
        }
        assert_eq!((end as usize, body.span.end() as usize), (text.len(), text.len()));
    }
}

#[test]
fn texts_are_clean() {
    let world = World::new();
    for document in world.documents(300) {
        let text = document.text.as_str();
        for wrong in ["  ", " ,", "the the", "The the", "the The", "{", "}", "<", ">", "[", "]"] {
            assert!(!text.contains(wrong), "{wrong:?} in {text}");
        }
        for sentence in &document.sentences {
            let sentence = sentence.slice(text).unwrap();
            assert_eq!(sentence.trim(), sentence);
            let first = sentence.trim_start_matches(['"', '“']).chars().next().unwrap();
            assert!(first.is_uppercase() || first.is_numeric(), "{sentence}");
        }
    }
}

#[test]
fn mentions_are_typed_like_their_entities_and_lie_in_one_sentence() {
    let world = World::new();
    for document in world.documents(300) {
        assert!(document.mentions_by_entity().iter().all(|members| !members.is_empty()));
        for mention in &document.mentions {
            let entity = &document.entities[mention.entity.unwrap().index()];
            assert_eq!(entity.labels.as_slice(), [mention.label]);
            let span = mention.spans.hull();
            let sentence = document.sentences[document.sentence_of(span).unwrap().index()];
            assert!(sentence.contains(span));
            let words = slice(&document, mention);
            assert_eq!(words.trim(), words);
            assert!(!words.to_lowercase().starts_with("the "), "{words}");
        }
    }
}

#[test]
fn a_name_is_of_one_entity_and_all_its_places_are_mentions() {
    let world = World::new();
    for document in world.documents(300) {
        let text = document.text.as_str();
        let mut owner: BTreeMap<String, EntityIdx> = BTreeMap::new();
        for mention in document.mentions.iter().filter(|m| m.form == Some(Form::Name)) {
            let entity = mention.entity.unwrap();
            // A title may begin a sentence.
            let name = slice(&document, mention).to_lowercase();
            assert_eq!(*owner.entry(name).or_insert(entity), entity);
            if world.ontology.entity(mention.label).unwrap().is_value {
                continue;
            }
            let name = slice(&document, mention);
            for (start, _) in text.match_indices(name) {
                let around =
                    [text[..start].chars().next_back(), text[start + name.len()..].chars().next()];
                if around.into_iter().flatten().any(char::is_alphanumeric) {
                    continue;
                }
                let place = Span::new(start as u32, (start + name.len()) as u32).unwrap();
                let covers =
                    |m: &Mention| m.spans.hull().contains(place) && m.entity == Some(entity);
                assert!(document.mentions.iter().any(covers), "{name} at {start} in {text}");
            }
        }
    }
}

/// Nothing that must be a mention stands outside of one: names, numbers, pronouns.
#[test]
fn capitals_digits_and_pronouns_are_mentions() {
    let world = World::new();
    // "It" without a referent, or for something that is no entity of the ontology.
    let dummies = [
        "it emerged",
        "it turned out",
        "it is too early",
        "it had become clear",
        "about it in public",
        "made much of it",
    ];
    for document in world.documents(300) {
        let text = document.text.as_str();
        for sentence in &document.sentences {
            let words = sentence.slice(text).unwrap();
            let first = sentence.start() as usize + words.find(char::is_alphanumeric).unwrap();
            for word in words.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                let place = Span::new(start as u32, (start + word.len()) as u32).unwrap();
                let is_name = start != first && word.starts_with(char::is_uppercase);
                let is_number = word.starts_with(char::is_numeric);
                let is_pronoun =
                    ["it", "its", "he", "his", "him", "she", "her", "they", "their", "them"]
                        .contains(&word.to_lowercase().as_str());
                let is_dummy = dummies.iter().any(|dummy| {
                    text.match_indices(dummy).any(|(at, _)| (at..at + dummy.len()).contains(&start))
                });
                let is_mention = document.mentions.iter().any(|m| m.spans.hull().contains(place));
                let needs = is_name || is_number || (is_pronoun && !is_dummy);
                assert!(is_mention || !needs, "{word} in {words}");
            }
        }
    }
}

#[test]
fn evidence_is_a_sentence_with_both_ends() {
    let world = World::new();
    for document in world.documents(300) {
        let mut supported = 0;
        for relation in &document.relations {
            for evidence in &relation.evidence {
                let [sentence] = evidence.sentences[..] else { panic!("{evidence:?}") };
                let [support] = evidence.support[..] else { panic!("{evidence:?}") };
                let support = &document.mention_relations[support.index()];
                assert_eq!(support.label, relation.label);
                for (mention, entity) in
                    [(support.head, relation.head), (support.tail, relation.tail)]
                {
                    let mention = &document.mentions[mention.index()];
                    assert_eq!(mention.entity, Some(entity));
                    assert_eq!(document.sentence_of(mention.spans.hull()), Some(sentence));
                }
                supported += 1;
            }
        }
        assert_eq!(supported, document.mention_relations.len());
    }
}

#[test]
fn two_entities_have_at_most_one_relation() {
    let world = World::new();
    for document in world.documents(300) {
        let mut pairs = BTreeSet::new();
        for relation in &document.relations {
            let (head, tail) = (relation.head, relation.tail);
            assert!(pairs.insert((head.min(tail), head.max(tail))));
        }
    }
}

#[test]
fn attributes_restatements_and_nested_mentions_occur() {
    let world = World::new();
    let documents: Vec<Document> = world.documents(300).collect();
    let evidence: Vec<_> =
        documents.iter().flat_map(|d| &d.relations).flat_map(|r| &r.evidence).collect();
    assert!(evidence.iter().any(|e| e.time.is_some()));
    assert!(evidence.iter().any(|e| e.amount.is_some()));
    assert!(evidence.iter().any(|e| e.item.is_some()));
    assert!(evidence.iter().any(|e| !e.asserted_by.is_empty()));
    assert!(evidence.iter().any(|e| !e.polarity.is_default()));
    assert!(evidence.iter().any(|e| !e.actuality.is_default()));
    assert!(evidence.iter().any(|e| !e.status.is_default()));
    assert!(documents.iter().any(|d| d.relations[0].evidence.len() == 2));
    let nested = |d: &Document| {
        d.mentions.windows(2).any(|pair| pair[0].spans.hull().contains(pair[1].spans.hull()))
    };
    assert!(documents.iter().any(nested));
}

// -------------------------------------------------------------------------------------------------
// Presets
// -------------------------------------------------------------------------------------------------

fn presets() -> impl Strategy<Value = Preset> {
    let between = |most: u32| (0..most, 0..most).prop_map(|(from, to)| Between { from, to });
    let rate =
        || prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64].prop_map(|r| Rate::new(r).unwrap());
    let rates = [rate(), rate(), rate(), rate(), rate(), rate(), rate()];
    (between(90), between(60), between(60), rates).prop_map(|(things, values, relations, rates)| {
        let [fillers, same_subject, pronouns, nominals, short_names, restated, paragraph_ends] =
            rates;
        Preset {
            name: "any".to_owned(),
            things,
            values,
            relations,
            fillers,
            same_subject,
            pronouns,
            nominals,
            short_names,
            restated,
            paragraph_ends,
            distractors: fillers,
            salience: restated,
            namesakes: pronouns,
            zones: Zones {
                dek: fillers,
                caption: same_subject,
                dateline: pronouns,
                subheads: nominals,
                links: short_names,
                related: restated,
                credit: paragraph_ends,
                bio: pronouns,
                boilerplate: fillers,
            },
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_preset_gives_valid_gold(preset in presets(), seed: u64, index: u64) {
        let world = World::new();
        let document = corpus::document(index, seed, &preset, &world.grammar);
        check::check_gold(&document, &world.vocabulary, Some(&world.ontology)).unwrap();
        prop_assert!(document.entities.len() <= 128);
        let most = preset.relations.to.max(preset.relations.from) as usize;
        prop_assert!(document.relations.len() <= most.max(1) + 1);
    }
}

// -------------------------------------------------------------------------------------------------
// With noise
// -------------------------------------------------------------------------------------------------

fn keys(document: &Document) -> BTreeSet<(Spans, ere_dataset::Label)> {
    document.mentions.iter().map(|mention| (mention.spans.clone(), mention.label)).collect()
}

#[test]
fn default_noise_meets_its_expected_counts_on_the_corpus() {
    let world = World::new();
    let spec = NoiseSpec::default();
    let (mut sum, mut differences) = (Expected::default(), [Vec::new(), Vec::new()]);
    let mut found = [0.0; 2];
    for gold in world.documents(1000) {
        let pred = predict(&gold, &spec, 7, &world.vocabulary, &world.ontology).document;
        let counts = expected(&gold, &spec, &world.ontology);
        let precision = counts.row("mention.strict").unwrap().precision.unwrap();
        let (gold, pred) = (keys(&gold), keys(&pred));
        let hits = gold.intersection(&pred).count() as f64;
        let errors = pred.len() as f64 - hits;
        differences[0].push(hits - precision.numerator);
        differences[1].push(errors - (precision.denominator - precision.numerator));
        found = [found[0] + hits, found[1] + errors];
        sum += counts;
    }
    for differences in differences {
        let total: f64 = differences.iter().sum();
        let error = differences.iter().map(|d| d * d).sum::<f64>().sqrt();
        assert!(total.abs() <= 5.0 * error, "{total} is over five times {error}");
    }
    let row = sum.row("mention.strict").unwrap();
    assert!((row.f1().unwrap() - 0.75).abs() < 0.01);
    let gold = row.recall.unwrap().denominator;
    let f1 = 2.0 * found[0] / (found[0] + found[1] + gold);
    assert!((f1 - 0.75).abs() < 0.01, "{f1}");
}

#[test]
fn no_noise_copies_what_an_extractor_could_say() {
    let world = World::new();
    for gold in world.documents(100) {
        let spec = NoiseSpec::none();
        let pred = predict(&gold, &spec, 7, &world.vocabulary, &world.ontology).document;
        let said = Document { layers: None, zones: Vec::new(), sentences: Vec::new(), ..gold };
        assert_eq!(pred, said);
    }
}
