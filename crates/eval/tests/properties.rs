//! What holds for every document and every view.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::Path;

use ere_dataset::prediction::RawPrediction;
use ere_dataset::{
    Actuality, Document, Entity, EntityIdx, Evidence, Form, Label, Layers, Mention, MentionIdx,
    MentionRelation, Ontology, Polarity, Prediction, Relation, SentenceIdx, Span, Spans, Status,
    Text, Vocabulary,
};
use ere_eval::{
    Average, DocumentTallies, Protocol, Resampling, RowKey, Rules, Signature, Slice, SliceKind,
    Tallies, Tally, View, ViewSet, tally,
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
        words.push(Span::new(start, text.len() as u32).expect("a word has letters"));
        text.push(' ');
    }
    (text, words)
}

fn document(sketch: &Sketch, id: &str, vocabulary: &Vocabulary) -> Document {
    let (text, words) = text();
    let sentence = |s: u32| {
        Span::new(words[4 * s as usize].start(), words[4 * s as usize + 3].end())
            .expect("words in order")
    };
    let forms = [Some(Form::Name), Some(Form::Nominal), Some(Form::Pronoun), None];
    let links = [None, Some("E1"), Some("NIL7"), Some("E2")];
    let mention =
        |&(first, count, kind, entity, form, optional): &(u32, u32, usize, u32, usize, bool)| {
            let last = (first + count - 1).min(WORDS - 1);
            let span = Span::new(words[first as usize].start(), words[last as usize].end())
                .expect("words in order");
            // Of some mentions the word in the middle is left out.
            let is_discontinuous = last == first + 2 && kind == 1;
            let spans = match is_discontinuous {
                true => Spans::new([words[first as usize], words[last as usize]]),
                false => Some(Spans::from(span)),
            };
            let mention =
                Mention::new(spans.expect("words are apart"), vocabulary.intern(TYPES[kind]));
            let entity = (entity < 6).then_some(EntityIdx(entity));
            let head = last.is_multiple_of(2).then(|| words[last as usize]);
            let link = links[(first as usize + form) % 4].map(Box::from);
            Mention { entity, form: forms[form], optional, head, link, ..mention }
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
        let actuality =
            [Actuality::Actual, Actuality::Planned, Actuality::Possible][sentence as usize % 3];
        let status = if kind == 1 { Status::Former } else { Status::Current };
        let evidence = vec![Evidence {
            sentences,
            polarity,
            actuality,
            status,
            asserted_by: vec![EntityIdx(sentence), EntityIdx(5 - sentence)],
            time: denied.then_some(EntityIdx(tail)),
            ..Evidence::default()
        }];
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

/// As gold may be: no self relations, none written twice in any form, and every entity that a
/// relation names with a mention to be found by.
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
        .map(|mut relation| {
            for evidence in &mut relation.evidence {
                evidence.asserted_by.retain(|by| named(*by));
                evidence.time = evidence.time.filter(|time| named(*time));
            }
            relation
        })
        .collect();
    gold
}

/// What an ideal extractor would say: gold without what it need not say.
fn as_prediction(document: Document) -> Prediction {
    Prediction { document, ..Prediction::default() }
}

struct World {
    vocabulary: Vocabulary,
    rules: Rules,
}

fn world() -> World {
    let vocabulary = Vocabulary::default();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/ontology.toml");
    let ontology = Ontology::read(&path, &vocabulary).expect("the ontology of the tests");
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
        [tally(gold, pred, &every_view(), &self.rules, &LAYERS)].into_iter().collect()
    }

    /// The F1 that a view is known by, mean or not; `None` where the document has no such view.
    fn f1(&self, tallies: &Tallies, view: View) -> Option<f64> {
        let scores = tallies.scores(&every_view(), &self.rules, &Signature::new(), None);
        let of_view = scores.iter().find(|score| score.view == view && score.slice == Slice::All);
        of_view.and_then(|score| score.f1)
    }
}

/// The protocol `default`, with every view, average and slice.
fn every_view() -> Protocol {
    let averages = [Average::MacroSeen, Average::MacroOntology, Average::Weighted];
    let default = Protocol::default();
    Protocol {
        views: View::ALL.to_vec(),
        averages: default.averages.iter().copied().chain(averages).collect(),
        slices: SliceKind::ALL.map(|kind| (kind, ViewSet::all())).to_vec(),
        ..default
    }
}

const COREFERENCE: [View; 7] = [
    View::CoreferenceMuc,
    View::CoreferenceB3,
    View::CoreferenceCeafe,
    View::CoreferenceCeafm,
    View::CoreferenceLea,
    View::CoreferenceBlanc,
    View::CoreferenceConll,
];

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
        for evidence in &mut relation.evidence {
            let entities = evidence.asserted_by.iter_mut().chain(&mut evidence.time);
            entities.for_each(|entity| *entity = EntityIdx(entity_at[entity.index()]));
        }
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
            let f1 = world.f1(&tallies, view);
            let is_one = f1.is_none_or(|f1| f1 == 1.0);
            prop_assert!(is_one || is_blurred(&gold, view), "{}: {:?}", view, f1);
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
        let rows = |tallies: &Tallies| -> Vec<(RowKey, Tally)> {
            let settled = |view| !is_blurred(&gold, view) && !is_blurred(&pred.document, view);
            let rows = tallies.documents().flat_map(DocumentTallies::rows);
            rows.filter(|(key, _)| settled(key.view)).collect()
        };
        let (straight, other) = (rows(&straight), rows(&other));
        prop_assert_eq!(straight.len(), other.len());
        for ((key, a), (other_key, b)) in straight.into_iter().zip(other) {
            prop_assert_eq!(&key, &other_key);
            prop_assert!(is_nearly(a, b), "{:?}: {:?} {:?}", key, a, b);
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
        for view in View::ALL.into_iter().filter(|view| is_symmetric(*view)) {
            // Views of links ask nothing where gold has none.
            if one.micro(view.name()).is_none() || two.micro(view.name()).is_none() {
                continue;
            }
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
            let rows = document.rows();
            let sum = |view: View, wanted: &dyn Fn(&Slice) -> bool| -> Tally {
                let rows = rows.iter().filter(|(key, _)| key.view == view && wanted(&key.slice));
                rows.map(|(_, tally)| *tally).sum()
            };
            for view in View::ALL.into_iter().filter(|view| has_types(*view)) {
                let whole = tallies.total(&all(view));
                let is_relation = view.name().starts_with("relation.");
                let counts = |slice: &Slice| {
                    matches!(slice, Slice::Type(name) if !(is_relation && name == "has_role"))
                };
                prop_assert_eq!(sum(view, &counts), whole, "types of {}", view);
                let family = |slice: &Slice| matches!(slice, Slice::Family(_));
                prop_assert!(!is_relation || sum(view, &family) == whole, "families of {}", view);
                let near = |slice: &Slice| matches!(slice.name().as_str(), "distance:intra" | "distance:inter");
                let far = |slice: &Slice| matches!(slice, Slice::Distance(_)) && !near(slice);
                prop_assert_eq!(sum(view, &near), sum(view, &far), "distances of {}", view);
            }
            for view in [View::MentionStrict, View::MentionBoundaries, View::MentionTypeOverlap] {
                let length = |slice: &Slice| matches!(slice, Slice::Length(_));
                prop_assert_eq!(sum(view, &length), tallies.total(&all(view)), "lengths of {}", view);
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
        if let Some(relation) = pred.document.mention_relations.get(which) {
            twice.document.mention_relations.push(relation.clone());
        }
        let (once, twice) = (world.score(&gold, &pred), world.score(&gold, &twice));
        for view in View::ALL.into_iter().filter(|view| view.parts().is_empty()) {
            let (once, twice) = (once.total(&all(view)), twice.total(&all(view)));
            prop_assert!(is_nearly(once, twice), "{}: {:?} {:?}", view, once, twice);
        }
    }

    #[test]
    fn renaming_types_changes_nothing(gold in sketch(), pred in sketch()) {
        let world = |names: fn(&str) -> String| {
            let vocabulary = Vocabulary::default();
            // Numbers are given in another order, too.
            for name in TYPES.iter().chain(&RELATIONS).rev() {
                vocabulary.intern(&names(name));
            }
            let documents = [&gold, &pred].map(|sketch| {
                let plain = Vocabulary::default();
                let mut document = document(sketch, "d", &plain);
                let rename = |label: &mut Label| *label = vocabulary.intern(&names(&plain.name(*label)));
                document.mentions.iter_mut().for_each(|mention| rename(&mut mention.label));
                document.entities.iter_mut().flat_map(|e| &mut e.labels).for_each(rename);
                document.relations.iter_mut().for_each(|relation| rename(&mut relation.label));
                document.mention_relations.iter_mut().for_each(|r| rename(&mut r.label));
                document
            });
            let rules = Rules::open(&vocabulary);
            let [gold, pred] = documents;
            let gold = as_gold(gold, &rules);
            let tallies = tally(&gold, &as_prediction(pred.clone()), &every_view(), &rules, &LAYERS);
            (gold, pred, tallies)
        };
        let reversed = |name: &str| name.chars().rev().collect::<String>();
        let (gold, pred, plain) = world(str::to_owned);
        let (_, _, renamed) = world(reversed);
        for view in View::ALL {
            let settled = ![&gold, &pred].into_iter().any(|document| has_namesakes(document) && is_resolved(view));
            let (a, b) = (plain.get(&all(view)), renamed.get(&all(view)));
            prop_assert!(!settled || a.zip(b).is_none_or(|(a, b)| is_nearly(a, b)), "{}: {:?} {:?}", view, a, b);
            prop_assert_eq!(a.is_some(), b.is_some());
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
            tally(&gold, &pred, &every_view(), &world.rules, &LAYERS)
        }).collect();
        let whole: Tallies = documents.iter().cloned().collect();
        let (left, right) = documents.split_at(at.min(documents.len()));
        let merged: Tallies = right.iter().chain(left).cloned().collect();
        prop_assert_eq!(&whole, &merged);
        let scores = |tallies: &Tallies| {
            let resampling = Some(Resampling { replicates: 50, seed: 3 });
            tallies.scores(&every_view(), &world.rules, &Signature::new(), resampling)
        };
        prop_assert_eq!(scores(&whole), scores(&merged));
    }
}

/// Views that treat gold and prediction alike. The others resolve predicted entities in gold ones,
/// have a neutral set, or (mention.head) read heads of one side.
fn is_symmetric(view: View) -> bool {
    !is_resolved(view) && view != View::MentionHead
}

/// Views that know an entity by its mentions.
fn is_resolved(view: View) -> bool {
    let name = view.name();
    view == View::EntityTyped
        || name.starts_with("relation.") && !name.starts_with("relation.mention.")
}

/// Views whose items all have a type. Of the views of coreference, BLANC alone has types: of links.
/// Entities may have none.
fn has_types(view: View) -> bool {
    let name = view.name();
    let is_typed = match name.split_once('.') {
        Some(("mention", _)) => !matches!(view, View::MentionBoundaries | View::MentionPartial),
        Some(("link", _)) => name.ends_with(".typed"),
        Some(("relation", _)) => true,
        _ => false,
    };
    is_typed || view == View::CoreferenceBlanc
}

/// Views in which gold that contradicts itself cannot be repeated: two entities with the same
/// mentions cannot be told apart by them.
fn is_blurred(gold: &Document, view: View) -> bool {
    is_resolved(view) && has_twins(gold)
}

/// Whether types alone tell entities or mentions apart: two entities with mentions at the same places,
/// or two mentions of an entity at one place.
fn has_namesakes(document: &Document) -> bool {
    let mut untyped = document.clone();
    let label = untyped.mentions[0].label;
    untyped.mentions.iter_mut().for_each(|mention| mention.label = label);
    let place = |at: usize| (&document.mentions[at].spans, document.mentions[at].entity);
    let has_two = |at: usize| (0..at).any(|other| place(other) == place(at));
    has_twins(&untyped) || (0..document.mentions.len()).any(has_two)
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

/// Entities as numbers of mentions, each mention a word.
fn with_entities(world: &World, entities: &[u32]) -> Document {
    let mention = |(word, entity): (usize, &u32)| (word as u32, 1, 0, *entity, 0, false);
    let sketch = Sketch {
        mentions: entities.iter().enumerate().map(mention).collect(),
        entities: vec![Some(0); 6],
        mention_relations: Vec::new(),
        relations: Vec::new(),
    };
    document(&sketch, "d", &world.vocabulary)
}

/// Exemption of MUC, and of the CoNLL average with it: singletons are gold, but have no links.
#[test]
fn a_perfect_prediction_of_singletons_has_no_muc_and_no_conll_average() {
    let world = world();
    let gold = with_entities(&world, &[0, 1, 2]);
    let tallies = world.score(&gold, &as_prediction(gold.clone()));
    for view in COREFERENCE {
        let has_links = !matches!(view, View::CoreferenceMuc | View::CoreferenceConll);
        assert_eq!(world.f1(&tallies, view), has_links.then_some(1.0), "{view}");
    }
    // A wrong link makes MUC 0, and the average defined.
    let wrong = as_prediction(with_entities(&world, &[0, 0, 2]));
    let tallies = world.score(&gold, &wrong);
    assert_eq!(world.f1(&tallies, View::CoreferenceMuc), Some(0.0));
    assert!(world.f1(&tallies, View::CoreferenceConll).unwrap() > 0.0);
}

/// Exemption of BLANC from the exchange of gold and prediction: which links are averaged, gold says.
#[test]
fn blanc_averages_over_the_links_that_gold_has() {
    let world = world();
    let (apart, mixed) = (with_entities(&world, &[0, 1, 2]), with_entities(&world, &[0, 0, 2]));
    let f1 = |gold: &Document, pred: &Document| {
        world.f1(&world.score(gold, &as_prediction(pred.clone())), View::CoreferenceBlanc)
    };
    assert_eq!(f1(&apart, &mixed), Some(0.8));
    assert_eq!(f1(&mixed, &apart), Some(0.4));
}

#[test]
fn the_conll_average_brings_its_parts_along() {
    let world = world();
    let (gold, pred) =
        (with_entities(&world, &[0, 0, 1, 1, 2]), with_entities(&world, &[0, 0, 1, 2, 2]));
    let conll = Protocol { views: vec![View::CoreferenceConll], ..Protocol::default() };
    let document = tally(&gold, &as_prediction(pred.clone()), &conll, &world.rules, &LAYERS);
    let tallies: Tallies = [document].into_iter().collect();
    let scores = tallies.scores(&conll, &world.rules, &Signature::new(), None);
    let [score] = &scores[..] else { panic!("one row, not {}", scores.len()) };
    let all_views = world.score(&gold, &as_prediction(pred));
    let parts = View::CoreferenceConll.parts().iter();
    let parts: Vec<f64> = parts.map(|part| world.f1(&all_views, *part).unwrap()).collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(score.f1, Some(parts.iter().sum::<f64>() / 3.0));
    assert_eq!((score.precision, score.recall, score.average), (None, None, Average::Views));
    assert_eq!(score.signature.get("avg"), Some("views"));
    assert_eq!(tallies.micro("coreference.conll"), None);
    assert!(tallies.micro("coreference.muc").is_some());
}

#[test]
fn a_malformed_mention_is_a_singleton_that_is_wrong() {
    let world = world();
    let gold = with_entities(&world, &[0, 0, 1]);
    let clean = as_prediction(gold.clone());
    let line = r#"{"id":"d","mentions":[{"start":0,"end":99999,"type":"PER"}]}"#;
    let malformed = RawPrediction::parse(line).unwrap().attach(&gold, &world.vocabulary).malformed;
    assert_eq!(malformed.len(), 1);
    let pred = Prediction { malformed, ..clean.clone() };
    let (clean, pred) = (world.score(&gold, &clean), world.score(&gold, &pred));
    for (view, more) in [
        (View::CoreferenceMuc, 0.0),
        (View::CoreferenceB3, 1.0),
        (View::CoreferenceCeafe, 1.0),
        (View::CoreferenceCeafm, 1.0),
        (View::CoreferenceLea, 1.0),
        // A pair with each of the three mentions.
        (View::CoreferenceBlanc, 3.0),
    ] {
        let precision_denominator = clean.total(&all(view)).precision_denominator + more;
        let expected = Tally { precision_denominator, ..clean.total(&all(view)) };
        assert_eq!(pred.total(&all(view)), expected, "{view}");
    }
}

#[test]
fn the_default_protocol_has_the_views_of_the_leaderboard() {
    let names: Vec<&str> = Protocol::default().views.into_iter().map(View::name).collect();
    let coreference: Vec<&str> =
        names.into_iter().filter(|name| name.starts_with("coreference.")).collect();
    let expected = ["muc", "b3", "ceafe", "lea", "conll"].map(|name| format!("coreference.{name}"));
    assert_eq!(coreference, expected);
}
