//! Coreference measures: documents of news, and one document as long as a book.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{LAYERS, World};
use ere_dataset::{Document, Entity, EntityIdx, Mention, Prediction, Span, Text};
use ere_eval::{Protocol, Tallies, View, tally};
use ere_synth::NoiseSpec;

const DOCUMENTS: u64 = 500;
/// Entities of the long document, and mentions of each.
const ENTITIES: u32 = 2000;
const MENTIONS: u32 = 10;

const MEASURES: [View; 6] = [
    View::CoreferenceMuc,
    View::CoreferenceB3,
    View::CoreferenceCeafe,
    View::CoreferenceCeafm,
    View::CoreferenceLea,
    View::CoreferenceBlanc,
];

fn of(view: View) -> Protocol {
    Protocol { views: vec![view], primary: view, ..Protocol::default() }
}

fn score(world: &World, gold: &[Document], pred: &[Prediction], protocol: &Protocol) -> Tallies {
    let one = |(gold, pred)| tally(gold, pred, protocol, &world.rules, &LAYERS);
    gold.iter().zip(pred).map(one).collect()
}

fn news(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    let noisy = world.noisy(&gold, &NoiseSpec::default());
    let perfect = world.noisy(&gold, &NoiseSpec::none());
    let mut group = criterion.benchmark_group("coreference/news");
    group.throughput(Throughput::Elements(DOCUMENTS));
    for view in MEASURES {
        let protocol = of(view);
        let total = score(&world, &gold, &perfect, &protocol).micro(view.name());
        assert_eq!(total.and_then(|total| total.f1()), Some(1.0), "{view} of what is perfect");
        group.bench_function(view.name(), |bencher| {
            bencher.iter(|| score(&world, black_box(&gold), black_box(&noisy), &protocol));
        });
    }
    group.finish();
}

/// A document of `ENTITIES` entities, each mentioned `MENTIONS` times, in turns. `move_by` mentions of
/// every entity are said to be of the next one.
fn long_document(world: &World, move_by: u32) -> Document {
    let label = world.vocabulary.intern("PER");
    let count = ENTITIES * MENTIONS;
    let mention = |number: u32| {
        let (turn, entity) = (number / ENTITIES, number % ENTITIES);
        let entity = if turn < move_by { (entity + 1) % ENTITIES } else { entity };
        let span = Span::new(2 * number, 2 * number + 1).expect("it has a character");
        Mention { entity: Some(EntityIdx(entity)), ..Mention::new(span, label) }
    };
    Document {
        id: "long".into(),
        text: Text::new("a ".repeat(count as usize)),
        mentions: (0..count).map(mention).collect(),
        entities: vec![Entity::default(); ENTITIES as usize],
        ..Document::default()
    }
}

fn long(criterion: &mut Criterion) {
    let world = World::new();
    let gold = [long_document(&world, 0)];
    let pred = Prediction { document: long_document(&world, 3), ..Prediction::default() };
    let pred = [pred];
    let mut group = criterion.benchmark_group("coreference/long");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::from(ENTITIES * MENTIONS)));
    for view in MEASURES {
        let protocol = of(view);
        let total = score(&world, &gold, &pred, &protocol).micro(view.name());
        let found = total.and_then(|total| total.f1()).unwrap_or_default();
        if let Some(expected) = expected(view) {
            assert!((found - expected).abs() < 1e-9, "{view}: {found}, not {expected}");
        }
        group.bench_with_input(
            BenchmarkId::from_parameter(view),
            &protocol,
            |bencher, protocol| {
                bencher.iter(|| score(&world, black_box(&gold), black_box(&pred), protocol));
            },
        );
    }
    group.finish();
}

/// What 7 of 10 right and 3 of the one before make: every gold entity is cut into 7 and 3.
fn expected(view: View) -> Option<f64> {
    match view {
        // 9 links an entity; one is cut.
        View::CoreferenceMuc => Some(8.0 / 9.0),
        // (7 * 7/10 + 3 * 3/10) / 10
        View::CoreferenceB3 => Some(0.58),
        // Each entity is aligned with the one that it shares 7 with.
        View::CoreferenceCeafe | View::CoreferenceCeafm => Some(0.7),
        // (21 + 3) of 45 links
        View::CoreferenceLea => Some(24.0 / 45.0),
        _ => None,
    }
}

criterion_group!(benches, news, long);
criterion_main!(benches);
