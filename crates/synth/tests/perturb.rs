//! Perturbations change texts and leave gold what it is.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

use std::collections::BTreeSet;
use std::path::Path;

use ere_dataset::{DatasetFolder, Document, Form, Mention, Ontology, Vocabulary, check, jsonl};
use ere_synth::corpus::{self, Preset};
use ere_synth::grammar::Grammar;
use ere_synth::perturb::{Perturbation, perturb};

struct World {
    vocabulary: Vocabulary,
    ontology: Ontology,
    documents: Vec<Document>,
}

impl World {
    /// The articles of the data set, synthetic ones, and one of hard cases.
    fn new() -> World {
        let vocabulary = Vocabulary::default();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/newswire");
        let folder = DatasetFolder::open(Path::new(path)).unwrap();
        let ontology = folder.ontology(&vocabulary).unwrap();
        let mut documents = Vec::new();
        for split in &folder.splits {
            documents
                .extend(folder.read_split(&split.name, &vocabulary, &ontology).unwrap().documents);
        }
        let grammar = Grammar::newswire(&vocabulary, &ontology).unwrap();
        let one = |index| corpus::document(index, 5, &Preset::newswire(), &grammar);
        documents.extend((0..60).map(one));
        let hard = r#"{"id":"hard","text":"Zoe\u0308 Straße's IİI “U.S.” - 747 李 😀... ok","mentions":[
            {"start":0,"end":11,"type":"PER","form":"name"},{"start":0,"end":4,"type":"PER","form":"name"},
            {"start":19,"end":23,"type":"GPE","form":"name"},{"start":27,"end":30,"type":"PRODUCT","form":"name"},
            {"start":31,"end":32,"type":"PER","form":"name"},{"spans":[[14,15],[16,17]],"type":"ORG"}],
            "sentences":[[0,39]]}"#;
        documents.push(jsonl::gold_from_str(hard, &vocabulary).unwrap());
        World { vocabulary, ontology, documents }
    }

    fn perturb(&self, document: &Document, kind: Perturbation) -> Document {
        perturb(document, kind, 3, &self.ontology)
    }
}

fn slices(document: &Document, mention: &Mention) -> Vec<String> {
    let text = document.text.as_str();
    mention.spans.as_slice().iter().map(|span| span.slice(text).unwrap().to_owned()).collect()
}

#[test]
fn gold_stays_valid_and_as_large() {
    let world = World::new();
    for kind in Perturbation::ALL {
        for gold in &world.documents {
            let changed = world.perturb(gold, kind);
            check::check_gold(&changed, &world.vocabulary, Some(&world.ontology)).unwrap();
            assert_eq!(changed, world.perturb(gold, kind), "{kind}");
            assert_eq!(changed.id, gold.id);
            assert_eq!(changed.mentions.len(), gold.mentions.len());
            assert_eq!(changed.entities.len(), gold.entities.len());
            assert_eq!(changed.relations.len(), gold.relations.len());
            assert_eq!(changed.sentences.len(), gold.sentences.len());
            for (new, old) in changed.mentions.iter().zip(&gold.mentions) {
                assert_eq!((new.label, new.form, new.entity), (old.label, old.form, old.entity));
            }
            let mut line = Vec::new();
            let policy = ere_dataset::wire::TextPolicy::Inline;
            jsonl::write(&mut line, &changed, &world.vocabulary, policy).unwrap();
            let line = std::str::from_utf8(&line).unwrap();
            assert_eq!(jsonl::gold_from_str(line, &world.vocabulary).unwrap(), changed);
        }
    }
}

#[test]
fn every_kind_changes_something_and_the_seed_matters() {
    let world = World::new();
    for kind in Perturbation::ALL {
        let changes = |document: &&Document| world.perturb(document, kind).text != document.text;
        assert!(world.documents.iter().any(|document| changes(&document)), "{kind}");
    }
    let gold = &world.documents[0];
    for kind in [Perturbation::NameSwap, Perturbation::Typo, Perturbation::SentenceOrder] {
        let text = |seed| perturb(gold, kind, seed, &world.ontology).text;
        assert_ne!(text(1), text(2), "{kind}");
    }
}

#[test]
fn mentions_hold_what_the_change_makes_of_them() {
    let world = World::new();
    type Change = fn(&str) -> String;
    let cases: [(Perturbation, Change); 4] = [
        (Perturbation::CaseUpper, |text| text.to_uppercase()),
        (Perturbation::SentenceOrder, str::to_owned),
        (Perturbation::Nfd, |text| {
            unicode_normalization::UnicodeNormalization::nfd(text).collect()
        }),
        (Perturbation::ScrapedNoise, str::to_owned),
    ];
    for (kind, change) in cases {
        for gold in &world.documents {
            let changed = world.perturb(gold, kind);
            for (new, old) in changed.mentions.iter().zip(&gold.mentions) {
                let plain = |text: String| text.replace('\u{a0}', " ");
                let new: Vec<String> = slices(&changed, new).into_iter().map(plain).collect();
                let old: Vec<String> =
                    slices(gold, old).iter().map(|text| plain(change(text))).collect();
                assert_eq!(new, old, "{kind}");
            }
        }
    }
}

#[test]
fn evidence_follows_its_sentence() {
    let world = World::new();
    for gold in &world.documents {
        let changed = world.perturb(gold, Perturbation::SentenceOrder);
        let sentences = |document: &Document, evidence: &ere_dataset::Evidence| {
            let span = |at: &ere_dataset::SentenceIdx| document.sentences[at.index()];
            let text = document.text.as_str();
            let words = |at| span(at).slice(text).unwrap().to_owned();
            evidence.sentences.iter().map(words).collect::<BTreeSet<String>>()
        };
        for (new, old) in changed.relations.iter().zip(&gold.relations) {
            for (new, old) in new.evidence.iter().zip(&old.evidence) {
                assert_eq!(sentences(&changed, new), sentences(gold, old));
            }
        }
    }
}

fn is_name(world: &World, mention: &Mention) -> bool {
    let kind = world.ontology.entity(mention.label).unwrap();
    !kind.is_value && kind.name != "ROLE" && matches!(mention.form, None | Some(Form::Name))
}

#[test]
fn swapped_names_are_new_and_the_same_wherever_they_were() {
    let world = World::new();
    for gold in &world.documents {
        let changed = world.perturb(gold, Perturbation::NameSwap);
        let names: BTreeSet<Vec<String>> =
            gold.mentions.iter().filter(|m| is_name(&world, m)).map(|m| slices(gold, m)).collect();
        let mut new_of = std::collections::BTreeMap::new();
        for (new, old) in changed.mentions.iter().zip(&gold.mentions) {
            let (new, was) = (slices(&changed, new), slices(gold, old));
            if is_name(&world, old) {
                assert!(!names.contains(&new), "{new:?} was a name of {} already", gold.id);
                let key = (was, old.entity);
                assert_eq!(*new_of.entry(key).or_insert(new.clone()), new);
            }
        }
    }
}

#[test]
fn short_forms_peoples_acronyms_and_possessives_follow() {
    let world = World::new();
    let line = r#"{"id":"a","text":"Finland's Finnish unit of the Kurdistan Workers' Party, or KWP: Anna Berg met Bo Berg, and Berg left HELSINKI for Helsinki. She waved.",
        "mentions":[{"start":0,"end":7,"type":"GPE","form":"name"},{"start":10,"end":17,"type":"GPE","form":"name"},
        {"start":30,"end":54,"type":"ORG","form":"name"},{"start":59,"end":62,"type":"ORG","form":"name"},
        {"start":64,"end":73,"type":"PER","form":"name"},{"start":78,"end":85,"type":"PER","form":"name"},
        {"start":91,"end":95,"type":"PER","form":"name"},{"start":101,"end":109,"type":"GPE","form":"name"},
        {"start":114,"end":122,"type":"GPE","form":"name"},{"start":124,"end":127,"type":"PER","form":"pronoun"}],
        "entities":[{"type":"GPE","mentions":[0,1]},{"type":"ORG","mentions":[2,3]},{"type":"PER","mentions":[4,6,9]},
        {"type":"PER","mentions":[5]},{"type":"GPE","mentions":[7,8]}]}"#;
    let gold = jsonl::gold_from_str(line, &world.vocabulary).unwrap();
    let changed = world.perturb(&gold, Perturbation::NameSwap);
    let name = |at: usize| slices(&changed, &changed.mentions[at]).concat();
    let word = |at: usize, word: usize| name(at).split(' ').nth(word).unwrap().to_owned();
    // The word for the people continues that for the country.
    assert_eq!(name(0)[..3], name(1)[..3]);
    assert!(changed.text.as_str().starts_with(&format!("{}'s {} unit", name(0), name(1))));
    let initial = |text: &str| text.chars().next().unwrap();
    let initials: String =
        [word(2, 0), word(2, 1), word(2, 2)].iter().map(|w| initial(w)).collect();
    assert_eq!(name(3), initials);
    assert_eq!(word(2, 2), "Party");
    assert_eq!((word(4, 1), word(4, 1)), (word(5, 1), name(6)));
    assert_ne!(word(4, 0), word(5, 0));
    assert_eq!(name(7), name(8).to_uppercase());
}

#[test]
fn an_unknown_kind_is_answered_with_all() {
    let message = "name".parse::<Perturbation>().unwrap_err().to_string();
    assert_eq!(
        message,
        "there is no perturbation \"name\"; there are name-swap, case-upper, case-lower, case-title, \
         ocr, typo, typography, scraped-noise, sentence-order, nfc, nfd"
    );
}
