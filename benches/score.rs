//! Scoring in memory: documents a second, for each group of views and for the default protocol.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{LAYERS, World};
use ere_dataset::{Document, Prediction};
use ere_eval::{Protocol, Tallies, View, tally};
use ere_synth::NoiseSpec;

const DOCUMENTS: u64 = 500;

fn score(world: &World, gold: &[Document], pred: &[Prediction], protocol: &Protocol) -> Tallies {
    let one = |(gold, pred)| tally(gold, pred, protocol, &world.rules, &LAYERS);
    gold.iter().zip(pred).map(one).collect()
}

fn views(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    let noisy = world.noisy(&gold, &NoiseSpec::default());
    let perfect = world.noisy(&gold, &NoiseSpec::none());
    let default = Protocol::default();
    let of = |wanted: fn(&View) -> bool| Protocol {
        views: default.views.iter().copied().filter(wanted).collect(),
        ..default.clone()
    };
    let groups = [
        ("mentions", of(|view| view.name().starts_with("mention."))),
        ("mention relations", of(|view| view.name().starts_with("relation.mention."))),
        ("anchored relations", of(|view| view.name().starts_with("relation.anchored"))),
        ("coreference", of(|view| view.name().starts_with("coreference."))),
        ("default", default.clone()),
    ];
    let mut group = criterion.benchmark_group("score");
    group.throughput(Throughput::Elements(DOCUMENTS));
    for (name, protocol) in groups {
        let right = score(&world, &gold, &perfect, &protocol);
        for view in &protocol.views {
            // The CoNLL average has no counts of its own; its parts are checked.
            if let Some(total) = right.micro(view.name()) {
                assert_eq!(
                    total.f1(),
                    Some(1.0),
                    "a perfect prediction does not score 1 in {view}"
                );
            }
        }
        group.bench_function(name, |bencher| {
            bencher.iter(|| score(&world, black_box(&gold), black_box(&noisy), &protocol));
        });
    }
    group.finish();
}

criterion_group!(benches, views);
criterion_main!(benches);
