//! The error model keeps what it promises.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

use std::collections::{BTreeMap, BTreeSet};

use ere_dataset::wire::TextPolicy;
use ere_dataset::{
    Document, Entity, EntityIdx, Evidence, Form, Label, Mention, MentionIdx, MentionRelation,
    MentionRelationIdx, Ontology, Prediction, Relation, Span, Spans, Text, Vocabulary, check,
    jsonl, prediction,
};
use ere_synth::noise::{ALIEN_ENTITY, ALIEN_RELATION, Expected, expected, predict};
use ere_synth::{NoiseSpec, Rate};
use proptest::prelude::*;

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
    [[entity]]
    name = "GPE"
    definition = ""
    example = ""
    [[relation]]
    name = "head_of"
    family = "f"
    definition = ""
    example = ""
    signatures = [{ head = ["PER"], tail = ["ORG", "GPE"] }]
    implies = ["employee_of"]
    [[relation]]
    name = "employee_of"
    family = "f"
    definition = ""
    example = ""
    signatures = [{ head = ["PER"], tail = ["ORG", "GPE"] }]
    [[relation]]
    name = "founder_of"
    family = "f"
    definition = ""
    example = ""
    signatures = [{ head = ["PER"], tail = ["ORG", "GPE"] }]
    [[relation]]
    name = "meets"
    family = "f"
    definition = ""
    example = ""
    symmetric = true
    signatures = [{ head = ["PER", "ORG", "GPE"] }]
    implies = ["knows"]
    [[relation]]
    name = "knows"
    family = "f"
    definition = ""
    example = ""
    signatures = [{ head = ["PER", "ORG", "GPE"] }]
    [[relation]]
    name = "known_by"
    family = "f"
    definition = ""
    example = ""
    inverse_of = "knows"
"#;

struct World {
    vocabulary: Vocabulary,
    ontology: Ontology,
}

impl World {
    fn new() -> World {
        let vocabulary = Vocabulary::default();
        let ontology = Ontology::parse(ONTOLOGY, &vocabulary).unwrap();
        World { vocabulary, ontology }
    }

    fn label(&self, name: &str) -> Label {
        self.vocabulary.intern(name)
    }

    fn predict(&self, gold: &Document, spec: &str, seed: u64) -> Prediction {
        let spec = spec.parse().unwrap();
        predict(gold, &spec, seed, &self.vocabulary, &self.ontology)
    }

    /// Words `w0 w1 …`, of which every third is a mention; entity `i % entities` owns mention `i`.
    fn document(&self, mentions: u32, entities: u32) -> Document {
        let types = ["PER", "ORG", "GPE"].map(|name| self.label(name));
        let text: Vec<String> = (0..3 * mentions).map(|word| format!("w{word:04}")).collect();
        let mention = |i: u32| {
            let entity = i % entities;
            let span = Span::new(18 * i, 18 * i + 5).unwrap();
            Mention { form: Some(Form::Name), ..Mention::new(span, types[entity as usize % 3]) }
                .of(EntityIdx(entity))
        };
        let entity = |i: u32| Entity {
            labels: [types[i as usize % 3]].into_iter().collect(),
            ..Entity::default()
        };
        Document {
            id: "a".into(),
            text: Text::new(text.join(" ")),
            mentions: (0..mentions).map(mention).collect(),
            entities: (0..entities).map(entity).collect(),
            ..Document::default()
        }
    }

    fn relate(&self, mut document: Document, relations: &[(u32, u32, &str)]) -> Document {
        for &(head, tail, name) in relations {
            let label = self.label(name);
            let support = MentionRelationIdx(document.mention_relations.len() as u32);
            document.mention_relations.push(MentionRelation {
                head: MentionIdx(head),
                tail: MentionIdx(tail),
                label,
                confidence: None,
                id: None,
            });
            document.relations.push(Relation {
                head: EntityIdx(head),
                tail: EntityIdx(tail),
                label,
                evidence: vec![Evidence { support: vec![support], ..Evidence::default() }],
                optional: false,
                confidence: None,
                id: None,
            });
        }
        document
    }
}

fn triples(document: &Document) -> Vec<(u32, u32, Label)> {
    document.relations.iter().map(|r| (r.head.0, r.tail.0, r.label)).collect()
}

fn mention_triples(document: &Document) -> Vec<(u32, u32, Label)> {
    document.mention_relations.iter().map(|r| (r.head.0, r.tail.0, r.label)).collect()
}

// -------------------------------------------------------------------------------------------------
// Nothing, and everything
// -------------------------------------------------------------------------------------------------

#[test]
fn no_noise_is_gold() {
    let world = World::new();
    let relations = [(0, 1, "head_of"), (2, 3, "meets"), (0, 1, "head_of"), (1, 1, "knows")];
    let gold = world.relate(world.document(9, 4), &relations);
    let prediction = world.predict(&gold, "", 1);
    assert_eq!(prediction, Prediction { document: gold, ..Prediction::default() });
}

#[test]
fn a_certain_miss_leaves_nothing() {
    let world = World::new();
    let gold = world.relate(world.document(9, 4), &[(0, 1, "head_of")]);
    assert_eq!(world.predict(&gold, "miss=1", 1), prediction::empty(&gold));
}

#[test]
fn an_entity_without_mentions_is_kept() {
    let world = World::new();
    let mut gold = world.relate(world.document(2, 2), &[(0, 1, "head_of")]);
    gold.mentions.clear();
    gold.mention_relations.clear();
    gold.relations[0].evidence.clear();
    assert_eq!(world.predict(&gold, "miss=1", 1).document, gold);
}

// -------------------------------------------------------------------------------------------------
// One knob at a time
// -------------------------------------------------------------------------------------------------

#[test]
fn false_mentions_are_free_words_in_entities_of_their_own() {
    let world = World::new();
    let gold = world.document(9, 4);
    let noisy = world.predict(&gold, "spurious=1", 1).document;
    assert_eq!(noisy.mentions[..9], gold.mentions);
    assert_eq!(noisy.mentions.len(), 18);
    assert_eq!(noisy.entities.len(), 13);
    for (position, mention) in noisy.mentions[9..].iter().enumerate() {
        assert!(gold.mentions.iter().all(|m| m.spans.intersection(&mention.spans) == 0));
        assert_eq!(mention.entity, Some(EntityIdx(4 + position as u32)));
    }
}

#[test]
fn false_mentions_end_with_the_words() {
    let world = World::new();
    let mut gold = world.document(9, 4);
    // All of the 27 words up to the 22nd; of the rest, the 24th is a mention already.
    gold.mentions[0].spans = Span::new(0, 6 * 22).unwrap().into();
    assert_eq!(world.predict(&gold, "spurious=1", 1).document.mentions.len(), 9 + 4);
}

#[test]
fn boundary_errors_overlap_gold_and_keep_the_rest() {
    let world = World::new();
    let gold = world.document(9, 4);
    let noisy = world.predict(&gold, "boundary=1", 1).document;
    assert_eq!(noisy.mentions.len(), 9);
    for (noisy, gold) in noisy.mentions.iter().zip(&gold.mentions) {
        assert_ne!(noisy.spans, gold.spans);
        assert!(noisy.spans.intersection(&gold.spans) > 0);
        assert_eq!(*noisy, Mention { spans: noisy.spans.clone(), ..gold.clone() });
    }
}

#[test]
fn type_errors_are_other_types() {
    let world = World::new();
    let gold = world.document(30, 4);
    let noisy = world.predict(&gold, "type=1", 1).document;
    for (noisy, gold) in noisy.mentions.iter().zip(&gold.mentions) {
        assert_ne!(noisy.label, gold.label);
        assert_eq!(noisy.spans, gold.spans);
    }
    for (noisy, gold) in noisy.entities.iter().zip(&gold.entities) {
        assert_ne!(noisy.labels, gold.labels);
    }
    let types: BTreeSet<Label> = noisy.mentions.iter().map(|mention| mention.label).collect();
    assert_eq!(types.len(), 3, "all wrong types occur");
}

#[test]
fn a_wrong_type_is_not_that_of_another_mention_on_the_same_spans() {
    let world = World::new();
    let mut gold = world.document(2, 2);
    gold.mentions[1].spans = gold.mentions[0].spans.clone();
    for seed in 0..20 {
        let noisy = world.predict(&gold, "type=1", seed).document;
        assert!(noisy.mentions.iter().all(|mention| mention.label == world.label("GPE")));
    }
}

#[test]
fn false_relations_are_allowed_and_false() {
    let world = World::new();
    let relations = [(0, 1, "head_of"), (1, 2, "meets"), (3, 2, "knows")];
    let gold = world.relate(world.document(9, 4), &relations);
    for seed in 0..50 {
        let noisy = world.predict(&gold, "relation-spurious=1", seed).document;
        assert_eq!(noisy.relations[..3], gold.relations);
        assert_eq!(noisy.relations.len(), 6);
        assert_eq!(noisy.mention_relations.len(), 6);
        let right = [
            (0, 1, "head_of"),
            (0, 1, "employee_of"),
            (1, 2, "meets"),
            (2, 1, "meets"),
            (1, 2, "knows"),
            (2, 1, "knows"),
            (3, 2, "knows"),
        ];
        for (head, tail, label) in triples(&noisy)[3..].iter().copied() {
            let kind = world.ontology.relation(label).unwrap();
            let types = |entity: u32| &gold.entities[entity as usize].labels;
            assert!(kind.allows(types(head), types(tail)));
            assert!(!right.contains(&(head, tail, kind.name.as_str())));
            assert_ne!(kind.name, "known_by");
            assert_ne!(head, tail);
        }
    }
}

#[test]
fn a_wrong_relation_type_is_neither_right_nor_implied() {
    let world = World::new();
    let gold = world.relate(world.document(9, 4), &[(0, 1, "head_of"), (2, 1, "meets")]);
    let mut found = BTreeSet::new();
    for seed in 0..50 {
        let noisy = world.predict(&gold, "relation-label=1", seed).document;
        found.extend(
            triples(&noisy).iter().map(|(head, tail, label)| {
                (*head, *tail, world.vocabulary.name(*label).to_string())
            }),
        );
    }
    let expected = [(0, 1, "founder_of"), (0, 1, "knows"), (0, 1, "meets"), (2, 1, "employee_of")];
    let found: Vec<(u32, u32, &str)> = found.iter().map(|(h, t, n)| (*h, *t, n.as_str())).collect();
    // Between GPE and ORG the ontology allows only what is implied already; any other type will do.
    assert_eq!(found[..4], expected[..4]);
    assert_eq!(found[4..], [(2, 1, "founder_of"), (2, 1, "head_of")]);
}

#[test]
fn flips_exchange_ends_but_never_make_another_gold_relation() {
    let world = World::new();
    let relations = [(0, 1, "head_of"), (2, 3, "meets"), (0, 2, "knows"), (2, 0, "knows")];
    let gold = world.relate(world.document(9, 4), &relations);
    let noisy = world.predict(&gold, "relation-flip=1", 1).document;
    let expected = [(1, 0, world.label("head_of")), (3, 2, world.label("meets"))];
    assert_eq!(triples(&noisy), expected);
    assert_eq!(mention_triples(&noisy), expected);
}

#[test]
fn split_entities_share_mentions_and_relations() {
    let world = World::new();
    let gold = world.relate(world.document(30, 3), &[(0, 1, "head_of"), (2, 1, "meets")]);
    let mut heads = BTreeSet::new();
    for seed in 0..20 {
        let noisy = world.predict(&gold, "split=1", seed).document;
        let members = noisy.mentions_by_entity();
        assert_eq!(members.len(), 6);
        for (gold_entity, parts) in members.chunks(2).enumerate() {
            assert!(parts.iter().all(|part| !part.is_empty()));
            let mut all = parts.concat();
            all.sort_unstable();
            assert_eq!(all, gold.mentions_by_entity()[gold_entity]);
        }
        assert_eq!(noisy.relations.len(), 2);
        heads.insert(noisy.relations[0].head.0);
    }
    assert_eq!(heads, BTreeSet::from([0, 1]));
}

#[test]
fn merged_entities_have_one_type_and_no_relations_among_them() {
    let world = World::new();
    // Entities 0, 3 are PER, 1, 4 ORG, 2, 5 GPE.
    let relations = [(0, 3, "meets"), (0, 1, "head_of"), (3, 4, "head_of"), (3, 4, "founder_of")];
    let gold = world.relate(world.document(12, 6), &relations);
    let noisy = world.predict(&gold, "merge=1", 1).document;
    assert_eq!(noisy.entities, gold.entities[..3]);
    let entity_of: Vec<u32> = noisy.mentions.iter().map(|m| m.entity.unwrap().0).collect();
    assert_eq!(entity_of, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
    let expected = [(0, 1, world.label("head_of")), (0, 1, world.label("founder_of"))];
    assert_eq!(triples(&noisy), expected);
}

#[test]
fn duplicates_are_listed_at_the_end() {
    let world = World::new();
    let gold = world.relate(world.document(9, 4), &[(0, 1, "head_of")]);
    let noisy = world.predict(&gold, "duplicate=1", 1).document;
    assert_eq!(noisy.mentions, [&gold.mentions[..], &gold.mentions].concat());
    assert_eq!(noisy.relations, [&gold.relations[..], &gold.relations].concat());
    assert_eq!(noisy.mention_relations.len(), 2);
    assert_eq!(noisy.entities, gold.entities);
}

#[test]
fn alien_types_are_not_of_the_ontology() {
    let world = World::new();
    let gold = world.relate(world.document(9, 4), &[(0, 1, "head_of")]);
    let noisy = world.predict(&gold, "alien=1", 1).document;
    let (entity, relation) = (world.label(ALIEN_ENTITY), world.label(ALIEN_RELATION));
    assert!(world.ontology.entity(entity).is_none() && world.ontology.relation(relation).is_none());
    assert!(noisy.mentions.iter().all(|mention| mention.label == entity));
    assert!(noisy.entities.iter().all(|item| item.labels.as_slice() == [entity]));
    assert_eq!(triples(&noisy), [(0, 1, relation)]);
    assert_eq!(mention_triples(&noisy), [(0, 1, relation)]);
}

#[test]
fn evidence_loses_what_it_refers_to_in_vain() {
    let world = World::new();
    let mut gold = world.relate(world.document(3, 3), &[(0, 1, "head_of")]);
    gold.relations[0].evidence[0].asserted_by = vec![EntityIdx(2)];
    gold.relations[0].evidence[0].time = Some(EntityIdx(2));
    let lost = (0..200)
        .map(|seed| world.predict(&gold, "miss=0.5", seed).document)
        .find(|noisy| noisy.relations.len() == 1 && noisy.entities.len() == 2)
        .unwrap();
    let support = vec![MentionRelationIdx(0)];
    assert_eq!(lost.relations[0].evidence, [Evidence { support, ..Evidence::default() }]);
    check::check_gold(&lost, &world.vocabulary, None).unwrap();
}

// -------------------------------------------------------------------------------------------------
// Rates
// -------------------------------------------------------------------------------------------------

/// Set-based counts of one view, by the plainest means.
fn tally<K: Ord>(gold: impl Iterator<Item = K>, pred: impl Iterator<Item = K>) -> [f64; 3] {
    let (gold, pred): (BTreeSet<K>, BTreeSet<K>) = (gold.collect(), pred.collect());
    let hits = gold.intersection(&pred).count();
    [hits as f64, (pred.len() - hits) as f64, (gold.len() - hits) as f64]
}

fn strict(document: &Document) -> impl Iterator<Item = (Spans, Label)> {
    document.mentions.iter().map(|mention| (mention.spans.clone(), mention.label))
}

fn boundaries(document: &Document) -> impl Iterator<Item = Spans> {
    document.mentions.iter().map(|mention| mention.spans.clone())
}

/// Fails where a mean is further than five standard errors from what is expected.
fn assert_mean(what: &str, samples: &[f64], expected: f64) {
    let count = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / count;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let error = (variance / count).sqrt();
    assert!((mean - expected).abs() <= 5.0 * error, "{what}: {mean} ± {error}, not {expected}");
}

/// True positives, false positives, false negatives.
fn counts(expected: &Expected, view: &str) -> [f64; 3] {
    let row = expected.row(view).unwrap();
    let (precision, recall) = (row.precision.unwrap(), row.recall.unwrap());
    let right = precision.numerator;
    [right, precision.denominator - right, recall.denominator - right]
}

fn assert_counts(what: &str, samples: &[[f64; 3]], expected: [f64; 3]) {
    for (i, name) in ["tp", "fp", "fn"].into_iter().enumerate() {
        let column: Vec<f64> = samples.iter().map(|sample| sample[i]).collect();
        assert_mean(&format!("{what} {name}"), &column, expected[i]);
    }
}

#[test]
fn simulation_meets_the_expected_counts() {
    let world = World::new();
    let mut gold = world.document(20, 6);
    // Two copies of one mention, which count once.
    gold.mentions[1] = gold.mentions[0].clone();
    let specs = [
        NoiseSpec::default(),
        NoiseSpec::none(),
        "miss=0.3".parse().unwrap(),
        "spurious=0.4,duplicate=0.5".parse().unwrap(),
        "boundary=0.5".parse().unwrap(),
        "miss=0.2,boundary=0.3,alien=0.4,spurious=0.1,merge=0.5,split=0.5".parse().unwrap(),
    ];
    for spec in specs {
        let noisy: Vec<Document> = (0..3000)
            .map(|seed| predict(&gold, &spec, seed, &world.vocabulary, &world.ontology).document)
            .collect();
        let expected = expected(&gold, &spec, &world.ontology);
        let strict_counts = counts(&expected, "mention.strict");
        let samples: Vec<_> = noisy.iter().map(|n| tally(strict(&gold), strict(n))).collect();
        // Alien or wrong types of the two copies may coincide.
        let [right, wrong, missed] = strict_counts;
        let zeroed: Vec<_> = samples.iter().map(|[tp, _, missed]| [*tp, 0.0, *missed]).collect();
        assert_counts(&format!("strict {spec}"), &zeroed, [right, 0.0, missed]);
        let mean = samples.iter().map(|s| s[1]).sum::<f64>() / samples.len() as f64;
        assert!(mean <= wrong + 0.1, "{spec}: {mean}");
        let samples: Vec<_> =
            noisy.iter().map(|n| tally(boundaries(&gold), boundaries(n))).collect();
        assert_counts(
            &format!("boundaries {spec}"),
            &samples,
            counts(&expected, "mention.boundaries"),
        );
    }
}

#[test]
fn simulation_meets_the_expected_counts_where_spans_are_not_shared() {
    let world = World::new();
    let gold = world.document(20, 6);
    let spec: NoiseSpec =
        "miss=0.1,boundary=0.2,type=0.3,alien=0.1,spurious=0.2,duplicate=0.3".parse().unwrap();
    let samples: Vec<_> = (0..3000)
        .map(|seed| predict(&gold, &spec, seed, &world.vocabulary, &world.ontology).document)
        .map(|noisy| tally(strict(&gold), strict(&noisy)))
        .collect();
    let expected = expected(&gold, &spec, &world.ontology);
    assert_counts("strict", &samples, counts(&expected, "mention.strict"));
}

#[test]
fn the_default_has_a_strict_f1_of_three_quarters() {
    let world = World::new();
    let gold = world.document(30, 6);
    let expected = expected(&gold, &NoiseSpec::default(), &world.ontology);
    let f1 = expected.row("mention.strict").unwrap().f1().unwrap();
    assert!((f1 - 0.75).abs() < 0.005, "{f1}");
}

#[test]
fn relation_knobs_hit_their_rates() {
    let world = World::new();
    // Eight PER and eight ORG, tied one to one; nobody is tied to a GPE.
    let relations: Vec<(u32, u32, &str)> =
        (0..8).map(|i| (3 * i, 3 * i + 1, "founder_of")).collect();
    let gold = world.relate(world.document(24, 24), &relations);
    let right: BTreeSet<_> = triples(&gold).into_iter().collect();
    let rate = |spec: &str, count: &dyn Fn(&Document) -> usize| {
        let noisy = (0..2000).map(|seed| world.predict(&gold, spec, seed).document);
        noisy.map(|noisy| count(&noisy) as f64).collect::<Vec<f64>>()
    };
    let hits = |noisy: &Document| triples(noisy).iter().filter(|t| right.contains(*t)).count();
    let all = |noisy: &Document| noisy.relations.len();
    let mention_level = |noisy: &Document| noisy.mention_relations.len();
    assert_mean("miss", &rate("relation-miss=0.3", &all), 8.0 * 0.7);
    assert_mean("miss of mention relations", &rate("relation-miss=0.3", &mention_level), 8.0 * 0.7);
    assert_mean("label", &rate("relation-label=0.3", &hits), 8.0 * 0.7);
    assert_mean("label keeps the number", &rate("relation-label=0.3", &all), 8.0);
    assert_mean("flip", &rate("relation-flip=0.3", &hits), 8.0 * 0.7);
    assert_mean("spurious", &rate("relation-spurious=0.3", &all), 8.0 * 1.3);
    assert_mean("lost ends", &rate("miss=0.3", &all), 8.0 * 0.7 * 0.7);
    let together = "relation-miss=0.2,relation-label=0.1,relation-flip=0.1,relation-spurious=0.5";
    assert_mean("together", &rate(together, &hits), 8.0 * 0.8 * 0.9 * 0.9);
}

#[test]
fn relations_need_ends_to_be_invented() {
    let world = World::new();
    let gold = world.relate(world.document(9, 4), &[(0, 1, "head_of")]);
    let noisy = world.predict(&gold, "miss=1,relation-spurious=1", 1);
    assert_eq!(noisy, prediction::empty(&gold));
}

#[test]
fn raising_one_rate_leaves_the_other_mistakes_alone() {
    let world = World::new();
    let gold = world.document(40, 6);
    let few: BTreeSet<_> = strict(&world.predict(&gold, "type=0.2", 7).document).collect();
    let more: BTreeSet<_> =
        strict(&world.predict(&gold, "type=0.2,miss=0.3", 7).document).collect();
    assert!(more.len() < few.len() && more.is_subset(&few));
}

// -------------------------------------------------------------------------------------------------
// Properties
// -------------------------------------------------------------------------------------------------

fn specs() -> impl Strategy<Value = NoiseSpec> {
    let rate =
        || prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64].prop_map(|r| Rate::new(r).unwrap());
    let knobs = NoiseSpec::KNOBS.iter().map(|knob| rate().prop_map(move |r| format!("{knob}={r}")));
    knobs.collect::<Vec<_>>().prop_map(|knobs| knobs.join(",").parse().unwrap())
}

/// Documents of any shape over a short text: shared and discontinuous spans, mentions without
/// entities, entities without mentions, self relations, repeated relations.
fn documents() -> impl Strategy<Value = Document> {
    let text = "[aé 李.]{1,20}";
    let mention = (any::<u16>(), any::<u16>(), any::<u16>(), 0..4u32, prop::option::of(0..5u32));
    let relation = (any::<u16>(), any::<u16>(), 0..7usize);
    (
        text,
        prop::collection::vec(mention, 0..12),
        0..6u32,
        prop::collection::vec(relation.clone(), 0..12),
        prop::collection::vec(relation, 0..12),
    )
        .prop_map(|(text, mentions, entities, between_mentions, relations)| {
            let world = World::new();
            let types = ["PER", "ORG", "GPE", "FOREIGN"].map(|name| world.label(name));
            let names =
                ["head_of", "employee_of", "founder_of", "meets", "knows", "known_by", "foreign"];
            let mut bytes: Vec<u32> = text.char_indices().map(|(byte, _)| byte as u32).collect();
            bytes.push(text.len() as u32);
            let at = |number: u16| bytes[usize::from(number) % bytes.len()];
            let mentions: Vec<Mention> = mentions
                .into_iter()
                .filter_map(|(a, b, c, label, entity)| {
                    let mut cuts = [at(a), at(b), at(c), text.len() as u32];
                    cuts.sort_unstable();
                    let spans = [Span::new(cuts[0], cuts[1]), Span::new(cuts[2], cuts[3])];
                    let spans = Spans::new(spans.into_iter().flatten())?;
                    let entity = entity.filter(|entity| *entity < entities).map(EntityIdx);
                    Some(Mention { entity, ..Mention::new(spans, types[label as usize]) })
                })
                .collect();
            let end = |number: u16, count: usize| (usize::from(number) % count.max(1)) as u32;
            let count = mentions.len();
            let mention_relations = between_mentions
                .into_iter()
                .filter(|_| count > 0)
                .map(|(head, tail, label)| MentionRelation {
                    head: MentionIdx(end(head, count)),
                    tail: MentionIdx(end(tail, count)),
                    label: world.label(names[label]),
                    confidence: None,
                    id: None,
                })
                .collect();
            let relations = relations
                .into_iter()
                .filter(|_| entities > 0)
                .map(|(head, tail, label)| Relation {
                    head: EntityIdx(end(head, entities as usize)),
                    tail: EntityIdx(end(tail, entities as usize)),
                    label: world.label(names[label]),
                    evidence: vec![Evidence {
                        time: Some(EntityIdx(end(tail, entities as usize))),
                        ..Evidence::default()
                    }],
                    optional: false,
                    confidence: None,
                    id: None,
                })
                .collect();
            let entity = |i: u32| Entity {
                labels: types
                    .iter()
                    .copied()
                    .cycle()
                    .skip(i as usize)
                    .take(1 + i as usize % 2)
                    .collect(),
                ..Entity::default()
            };
            Document {
                id: "a".into(),
                text: Text::new(text),
                mentions,
                entities: (0..entities).map(entity).collect(),
                mention_relations,
                relations,
                ..Document::default()
            }
        })
}

/// A world whose labels are those of [`documents`]: equal names are met in an equal order.
fn world_of_documents() -> World {
    let world = World::new();
    world.label("FOREIGN");
    world.label("foreign");
    world
}

proptest! {
    #[test]
    fn any_prediction_can_be_written_and_read_back(
        gold in documents(),
        spec in specs(),
        seed: u64,
    ) {
        let world = world_of_documents();
        let noisy = predict(&gold, &spec, seed, &world.vocabulary, &world.ontology);
        prop_assert!(check::check_gold(&noisy.document, &world.vocabulary, None).is_ok());
        let mut line = Vec::new();
        jsonl::write(&mut line, &noisy.document, &world.vocabulary, TextPolicy::Omit).unwrap();
        let line = String::from_utf8(line).unwrap();
        let raw = prediction::RawPrediction::parse(&line).unwrap();
        prop_assert_eq!(raw.attach(&gold, &world.vocabulary), noisy);
    }

    #[test]
    fn no_noise_is_gold_for_any_document(gold in documents(), seed: u64) {
        let world = world_of_documents();
        let noisy = predict(&gold, &NoiseSpec::none(), seed, &world.vocabulary, &world.ontology);
        prop_assert_eq!(noisy.document, gold);
    }

    #[test]
    fn the_same_seed_gives_the_same_and_the_id_matters(
        mut gold in documents(),
        spec in specs(),
        seed: u64,
    ) {
        let world = world_of_documents();
        let make = |gold: &Document| predict(gold, &spec, seed, &world.vocabulary, &world.ontology);
        let first = make(&gold);
        gold.id = "b".into();
        make(&gold);
        gold.id = "a".into();
        prop_assert_eq!(make(&gold), first);
    }
}

#[test]
fn documents_have_noise_of_their_own() {
    let world = World::new();
    let mut by_id = BTreeMap::new();
    for id in ["a", "b", "c"] {
        let gold = Document { id: id.into(), ..world.document(40, 6) };
        by_id.insert(id, world.predict(&gold, "miss=0.5", 1).document.mentions);
    }
    assert!(by_id["a"] != by_id["b"] && by_id["b"] != by_id["c"]);
    let gold = world.document(40, 6);
    assert_eq!(world.predict(&gold, "miss=0.5", 1).document.mentions, by_id["a"]);
    assert_ne!(world.predict(&gold, "miss=0.5", 2).document.mentions, by_id["a"]);
}
