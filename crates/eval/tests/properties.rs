//! What holds for every document and every view.

use std::path::Path;

use ere_dataset::{
    Document, Entity, EntityIdx, Evidence, Form, Layers, Mention, MentionIdx, MentionRelation,
    Ontology, Polarity, Prediction, Relation, SentenceIdx, Span, Text, Vocabulary,
};
use ere_eval::{
    Average, Protocol, Resampling, RowKey, Rules, Signature, Slice, Tallies, Tally, View, tally,
};
use proptest::prelude::*;

const WORDS: u32 = 12;
const TYPES: [&str; 3] = ["PER", "ORG", "ROLE"];
const RELATIONS: [&str; 6] =
    ["head_of", "employee_of", "has_role", "supplies", "buys_from", "trades_with"];
const LAYERS: Layers = Layers {
    mentions: true,
    coreference: true,
    mention_relations: true,
    relations: ere_dataset::Scope::All,
};

/// Indices into fixed tables; the document is built with a vocabulary of its own.
#[derive(Clone, Debug)]
struct Sketch {
    /// First word, words, type, entity (6 is none), form, optional.
    mentions: Vec<(u32, u32, usize, u32, usize, bool)>,
    entities: Vec<Option<usize>>,
    /// Head, tail, type.
    mention_relations: Vec<(u32, u32, usize)>,
    /// Head, tail, type, sentence (3 is none), denied, optional.
    relations: Vec<(u32, u32, usize, u32, bool, bool)>,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let mention = (0..WORDS, 1..4u32, 0..3usize, 0..7u32, 0..4usize, proptest::bool::weighted(0.1));
    let relation = (
        0..6u32,
        0..6u32,
        0..6usize,
        0..4u32,
        proptest::bool::weighted(0.1),
        proptest::bool::weighted(0.1),
    );
    (
        proptest::collection::vec(mention, 1..10),
        proptest::collection::vec(proptest::option::of(0..3usize), 6),
        proptest::collection::vec((0..10u32, 0..10u32, 0..6usize), 0..5),
        proptest::collection::vec(relation, 0..8),
    )
        .prop_map(|(mentions, entities, mention_relations, relations)| Sketch {
            mentions,
            entities,
            mention_relations,
            relations,
        })
}

/// Every word is "w" and a digit or two; three sentences of four words.
fn text() -> (String, Vec<Span>) {
    let mut text = String::new();
    let mut words = Vec::new();
    for word in 0..WORDS {
        let start = text.len() as u32;
        text += &format!("wé{word}");
        words.push(Span::new(start, text.len() as u32).unwrap());
        text.push(' ');
    }
    (text, words)
}

fn document(sketch: &Sketch, id: &str, vocabulary: &Vocabulary) -> Document {
    let (text, words) = text();
    let sentence =
        |s: u32| Span::new(words[4 * s as usize].start(), words[4 * s as usize + 3].end()).unwrap();
    let forms = [Some(Form::Name), Some(Form::Nominal), Some(Form::Pronoun), None];
    let mention =
        |&(first, count, kind, entity, form, optional): &(u32, u32, usize, u32, usize, bool)| {
            let last = (first + count - 1).min(WORDS - 1);
            let span =
                Span::new(words[first as usize].start(), words[last as usize].end()).unwrap();
            let mention = Mention::new(span, vocabulary.intern(TYPES[kind]));
            let entity = (entity < 6).then_some(EntityIdx(entity));
            Mention { entity, form: forms[form], optional, ..mention }
        };
    let entity = |kind: &Option<usize>| Entity {
        labels: kind.iter().map(|kind| vocabulary.intern(TYPES[*kind])).collect(),
        ..Entity::default()
    };
    let count = sketch.mentions.len() as u32;
    let mention_relation = |&(head, tail, kind): &(u32, u32, usize)| MentionRelation {
        head: MentionIdx(head % count),
        tail: MentionIdx(tail % count),
        label: vocabulary.intern(RELATIONS[kind]),
        confidence: None,
        id: None,
    };
    let mut relations: Vec<Relation> = Vec::new();
    for &(head, tail, kind, sentence, denied, optional) in &sketch.relations {
        let polarity = if denied { Polarity::Negative } else { Polarity::Positive };
        let sentences = (sentence < 3).then_some(SentenceIdx(sentence)).into_iter().collect();
        let evidence = vec![Evidence { sentences, polarity, ..Evidence::default() }];
        let label = vocabulary.intern(RELATIONS[kind]);
        let (head, tail) = (EntityIdx(head), EntityIdx(tail));
        relations.push(Relation {
            head,
            tail,
            label,
            evidence,
            optional,
            confidence: None,
            id: None,
        });
    }
    Document {
        id: id.into(),
        text: Text::new(text.trim_end()),
        sentences: (0..3).map(sentence).collect(),
        mentions: sketch.mentions.iter().map(mention).collect(),
        entities: sketch.entities.iter().map(entity).collect(),
        mention_relations: sketch.mention_relations.iter().map(mention_relation).collect(),
        relations,
        ..Document::default()
    }
}

/// As gold may be: no self relations, none written twice in any form, types within their
/// signatures, and every entity of a relation with a mention to be found by.
fn as_gold(mut gold: Document, rules: &Rules) -> Document {
    let mut seen = Vec::new();
    let members = gold.mentions_by_entity();
    let named = |entity: EntityIdx| {
        let mut mentions = members[entity.index()].iter().map(|m| &gold.mentions[m.index()]);
        mentions.any(|mention| matches!(mention.form, Some(Form::Name) | None))
    };
    gold.relations = std::mem::take(&mut gold.relations)
        .into_iter()
        .filter(|relation| relation.head != relation.tail)
        .filter(|relation| named(relation.head) && named(relation.tail))
        .filter(|relation| {
            let fact = rules.canonical(relation.label, relation.head, relation.tail);
            let new = !seen.contains(&fact);
            seen.push(fact);
            new
        })
        .collect();
    gold
}

/// What an ideal extractor would say: gold without what it need not say.
fn as_prediction(document: Document) -> Prediction {
    Prediction { document, malformed: Vec::new() }
}

struct World {
    vocabulary: Vocabulary,
    rules: Rules,
}

fn world() -> World {
    let vocabulary = Vocabulary::default();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/ontology.toml");
    let ontology = Ontology::read(&path, &vocabulary).unwrap();
    let rules = Rules::of(&ontology, &vocabulary);
    World { vocabulary, rules }
}

impl World {
    fn gold(&self, sketch: &Sketch) -> Document {
        as_gold(document(sketch, "d", &self.vocabulary), &self.rules)
    }

    fn pred(&self, sketch: &Sketch) -> Prediction {
        as_prediction(document(sketch, "d", &self.vocabulary))
    }

    fn score(&self, gold: &Document, pred: &Prediction) -> Tallies {
        [tally(gold, pred, &Protocol::default(), &self.rules, &LAYERS)].into_iter().collect()
    }
}

fn all(view: View) -> RowKey {
    RowKey { view, slice: Slice::All }
}

/// The same document with every list in another order.
fn shuffled(document: &Document, seed: usize) -> Document {
    let order = |length: usize, seed: usize| -> Vec<usize> {
        let mut order: Vec<usize> = (0..length).collect();
        order.sort_by_key(|position| (position * 7919 + seed) % 31);
        order
    };
    let inverse = |order: &[usize]| {
        let mut inverse = vec![0u32; order.len()];
        for (new, old) in order.iter().enumerate() {
            inverse[*old] = new as u32;
        }
        inverse
    };
    let mentions = order(document.mentions.len(), seed);
    let entities = order(document.entities.len(), seed + 3);
    let (mention_at, entity_at) = (inverse(&mentions), inverse(&entities));
    let mut other = document.clone();
    other.mentions = mentions.iter().map(|at| document.mentions[*at].clone()).collect();
    other.entities = entities.iter().map(|at| document.entities[*at].clone()).collect();
    for mention in &mut other.mentions {
        mention.entity = mention.entity.map(|entity| EntityIdx(entity_at[entity.index()]));
    }
    let relations = order(document.mention_relations.len(), seed + 5);
    other.mention_relations =
        relations.iter().map(|at| document.mention_relations[*at].clone()).collect();
    for relation in &mut other.mention_relations {
        relation.head = MentionIdx(mention_at[relation.head.index()]);
        relation.tail = MentionIdx(mention_at[relation.tail.index()]);
    }
    let relations = order(document.relations.len(), seed + 8);
    other.relations = relations.iter().map(|at| document.relations[*at].clone()).collect();
    for relation in &mut other.relations {
        relation.head = EntityIdx(entity_at[relation.head.index()]);
        relation.tail = EntityIdx(entity_at[relation.tail.index()]);
    }
    other
}

fn is_nearly(a: Tally, b: Tally) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    near(a.precision_numerator, b.precision_numerator)
        && near(a.precision_denominator, b.precision_denominator)
        && near(a.recall_numerator, b.recall_numerator)
        && near(a.recall_denominator, b.recall_denominator)
}

proptest! {
    #[test]
    fn a_perfect_prediction_scores_one_in_every_view_that_has_gold(sketch in sketch(), seed in 0usize..31) {
        let world = world();
        let gold = world.gold(&sketch);
        let tallies = world.score(&gold, &as_prediction(shuffled(&gold, seed)));
        for view in View::ALL {
            let total = tallies.total(&all(view));
            let is_one = total.f1().is_none_or(|f1| f1 == 1.0);
            prop_assert!(is_one || is_blurred(&gold, view), "{}: {:?}", view, total);
        }
    }

    #[test]
    fn the_order_of_lists_changes_nothing(
        gold in sketch(), pred in sketch(), seeds in (0usize..31, 0usize..31)
    ) {
        let world = world();
        let (gold, pred) = (world.gold(&gold), world.pred(&pred));
        let straight = world.score(&gold, &pred);
        let other = world.score(
            &shuffled(&gold, seeds.0),
            &as_prediction(shuffled(&pred.document, seeds.1)),
        );
        for view in View::ALL {
            let (a, b) = (straight.total(&all(view)), other.total(&all(view)));
            let settled = !is_blurred(&gold, view) && !is_blurred(&pred.document, view);
            prop_assert!(!settled || is_nearly(a, b), "{}: {:?} {:?}", view, a, b);
        }
    }

    #[test]
    fn swapping_gold_and_prediction_swaps_precision_and_recall(a in sketch(), b in sketch()) {
        let world = world();
        let plain = |sketch: &Sketch| {
            let mut document = document(sketch, "d", &world.vocabulary);
            document.mentions.iter_mut().for_each(|mention| mention.optional = false);
            document
        };
        let (a, b) = (plain(&a), plain(&b));
        let one = world.score(&a, &as_prediction(b.clone()));
        let two = world.score(&b, &as_prediction(a.clone()));
        // The anchored views have a neutral set and resolve predicted entities in gold ones.
        let views = View::ALL.into_iter()
            .filter(|view| !matches!(view, View::RelationAnchored | View::RelationAnchoredStrict));
        for view in views {
            let (one, two) = (one.total(&all(view)), two.total(&all(view)));
            let swapped = Tally {
                precision_numerator: two.recall_numerator,
                precision_denominator: two.recall_denominator,
                recall_numerator: two.precision_numerator,
                recall_denominator: two.precision_denominator,
            };
            prop_assert!(is_nearly(one, swapped), "{}: {:?} {:?}", view, one, swapped);
        }
    }

    #[test]
    fn types_and_families_add_up_to_the_whole(gold in sketch(), pred in sketch()) {
        let world = world();
        let tallies = world.score(&world.gold(&gold), &world.pred(&pred));
        for document in tallies.documents() {
            for view in View::ALL.into_iter().filter(|view| {
                !matches!(view, View::CoreferenceB3 | View::MentionBoundaries)
            }) {
                let sum = |wanted: &dyn Fn(&Slice) -> bool| -> Tally {
                    let rows = document.rows.iter();
                    rows.filter(|(key, _)| key.view == view && wanted(&key.slice)).map(|(_, t)| *t).sum()
                };
                let whole = tallies.total(&all(view));
                let counts = |slice: &Slice| {
                    matches!(slice, Slice::Type(name) if name != "has_role" || view == View::MentionStrict)
                };
                prop_assert_eq!(sum(&counts), whole, "types of {}", view);
                if view == View::RelationAnchored {
                    prop_assert_eq!(sum(&|s| matches!(s, Slice::Family(_))), whole, "families of {}", view);
                }
            }
        }
    }

    #[test]
    fn a_duplicate_never_raises_a_score(gold in sketch(), pred in sketch(), which in 0usize..8) {
        let world = world();
        let (gold, pred) = (world.gold(&gold), world.pred(&pred));
        let mut twice = pred.clone();
        let mentions = &mut twice.document.mentions;
        mentions.push(mentions[which % mentions.len()].clone());
        if let Some(relation) = pred.document.relations.get(which) {
            twice.document.relations.push(relation.clone());
        }
        let (once, twice) = (world.score(&gold, &pred), world.score(&gold, &twice));
        for view in [View::MentionStrict, View::MentionBoundaries, View::RelationMentionStrict] {
            let (once, twice) = (once.total(&all(view)), twice.total(&all(view)));
            prop_assert!(twice.f1() <= once.f1(), "{}: {:?} {:?}", view, once, twice);
        }
    }

    #[test]
    fn a_corpus_in_two_halves_is_the_corpus(
        pairs in proptest::collection::vec((sketch(), sketch()), 1..6), at in 0usize..6
    ) {
        let world = world();
        let documents: Vec<_> = pairs.iter().enumerate().map(|(number, (gold, pred))| {
            let id = format!("d{number}");
            let gold = as_gold(document(gold, &id, &world.vocabulary), &world.rules);
            let pred = as_prediction(document(pred, &id, &world.vocabulary));
            tally(&gold, &pred, &Protocol::default(), &world.rules, &LAYERS)
        }).collect();
        let whole: Tallies = documents.iter().cloned().collect();
        let (left, right) = documents.split_at(at.min(documents.len()));
        let merged: Tallies = right.iter().chain(left).cloned().collect();
        prop_assert_eq!(&whole, &merged);
        let scores = |tallies: &Tallies| {
            let resampling = Some(Resampling { replicates: 50, seed: 3 });
            tallies.scores(&Protocol::default(), &world.rules, &Signature::new(), resampling)
        };
        prop_assert_eq!(scores(&whole), scores(&merged));
    }
}

/// Whether gold itself names a place in two entities, so that coreference over places cannot say
/// whose it is.
fn is_shared(document: &Document) -> bool {
    let mentions = || document.mentions.iter().filter(|mention| mention.entity.is_some());
    mentions().any(|a| mentions().any(|b| a.spans == b.spans && a.entity != b.entity))
}

/// Views in which gold that contradicts itself cannot be repeated. B-cubed counts places: a place
/// that gold gives to two entities belongs to one of them only. Anchored views know an entity by its
/// mentions: two entities with the same mentions cannot be told apart.
fn is_blurred(gold: &Document, view: View) -> bool {
    match view {
        View::CoreferenceB3 => is_shared(gold),
        View::RelationAnchored | View::RelationAnchoredStrict => has_twins(gold),
        _ => false,
    }
}

fn has_twins(gold: &Document) -> bool {
    let place = |at: &MentionIdx| {
        let mention = &gold.mentions[at.index()];
        (mention.spans.clone(), mention.label)
    };
    let mut entities: Vec<Vec<_>> = gold
        .mentions_by_entity()
        .iter()
        .map(|mentions| {
            let mut places: Vec<_> = mentions.iter().map(place).collect();
            places.sort_unstable();
            places
        })
        .filter(|places| !places.is_empty())
        .collect();
    entities.sort_unstable();
    entities.windows(2).any(|pair| pair[0] == pair[1])
}

#[test]
fn intervals_are_the_same_at_any_thread_count() {
    let world = world();
    let tallies: Tallies = (0..40u32)
        .map(|number| {
            let mentions = (0..6).map(|m| ((number * 5 + m * 3) % WORDS, 1, 0, m % 6, 0, false));
            let sketch = Sketch {
                mentions: mentions.collect(),
                entities: vec![Some(0); 6],
                mention_relations: Vec::new(),
                relations: vec![(0, number % 6, 3, 0, false, false)],
            };
            let other = Sketch {
                mentions: sketch.mentions[(number % 4) as usize..].to_vec(),
                ..sketch.clone()
            };
            let id = format!("d{number}");
            let gold = document(&sketch, &id, &world.vocabulary);
            let pred = as_prediction(document(&other, &id, &world.vocabulary));
            tally(&gold, &pred, &Protocol::default(), &world.rules, &LAYERS)
        })
        .collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let resampling = Some(Resampling::default());
        pool.install(|| {
            tallies.scores(&Protocol::default(), &world.rules, &Signature::new(), resampling)
        })
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(7));
    let strict = &one[0];
    assert_eq!((strict.view, strict.average), (View::MentionStrict, Average::Micro));
    let interval = strict.recall_interval.unwrap();
    let recall = strict.recall.unwrap();
    assert!(interval.low < recall && recall < interval.high, "{interval:?} {recall}");
}

#[test]
fn b_cubed_is_that_of_the_paper() {
    // Bagga and Baldwin (1998), figures 1 to 3: precision 16/21 and 7/12, recall 1.
    let world = world();
    let clusters = |sizes: &[usize]| {
        let mut mentions = Vec::new();
        for (entity, size) in sizes.iter().enumerate() {
            for _ in 0..*size {
                mentions.push((mentions.len() as u32, 1, 0, entity as u32, 0, false));
            }
        }
        let entities = vec![Some(0); 6];
        let sketch =
            Sketch { mentions, entities, mention_relations: Vec::new(), relations: Vec::new() };
        document(&sketch, "d", &world.vocabulary)
    };
    let score = |gold: &[usize], pred: &[usize]| {
        let tallies = world.score(&clusters(gold), &as_prediction(clusters(pred)));
        let total = tallies.total(&all(View::CoreferenceB3));
        (total.precision().unwrap(), total.recall().unwrap())
    };
    assert_eq!(score(&[5, 2, 5], &[5, 7]), (16.0 / 21.0, 1.0));
    let reordered = |pred: &mut Document| {
        // The second response of the paper joins the two clusters of five.
        for mention in &mut pred.mentions {
            mention.entity = mention.entity.map(|e| EntityIdx(if e.0 == 2 { 0 } else { e.0 }));
        }
    };
    let mut pred = clusters(&[5, 2, 5]);
    reordered(&mut pred);
    let total =
        world.score(&clusters(&[5, 2, 5]), &as_prediction(pred)).total(&all(View::CoreferenceB3));
    assert!((total.precision().unwrap() - 7.0 / 12.0).abs() < 1e-12);
    assert_eq!(total.recall(), Some(1.0));
}
