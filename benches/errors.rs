//! Error analysis in memory: documents a second, causes alone and with their lines of JSON.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{LAYERS, World};
use ere_dataset::{Document, Prediction};
use ere_eval::errors::{self, Summary, VIEWS};
use ere_eval::{Protocol, Tallies, tally};
use ere_synth::NoiseSpec;

const DOCUMENTS: u64 = 500;

fn summary(world: &World, gold: &[Document], pred: &[Prediction]) -> Summary {
    let mut summary = Summary::default();
    for (gold, pred) in gold.iter().zip(pred) {
        summary.add(&errors::analyse(gold, pred, &world.rules, &LAYERS));
    }
    summary
}

fn lines(world: &World, gold: &[Document], pred: &[Prediction]) -> usize {
    let (mut line, mut bytes) = (Vec::new(), 0);
    for (gold, pred) in gold.iter().zip(pred) {
        let found = errors::analyse(gold, pred, &world.rules, &LAYERS);
        line.clear();
        errors::write(&mut line, &found, gold, pred, &world.vocabulary)
            .expect("writing to memory cannot fail");
        bytes += line.len();
    }
    bytes
}

fn causes(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    let noisy = world.noisy(&gold, &NoiseSpec::default());
    let protocol = Protocol { views: VIEWS.to_vec(), ..Protocol::default() };
    let one = |(gold, pred)| tally(gold, pred, &protocol, &world.rules, &LAYERS);
    let tallies: Tallies = gold.iter().zip(&noisy).map(one).collect();
    for view in summary(&world, &gold, &noisy).views() {
        let counted = tallies.micro(view.view.name());
        assert_eq!(counted, Some(view.tally()), "mistakes of {} without a cause", view.view);
    }
    let mut group = criterion.benchmark_group("errors");
    group.throughput(Throughput::Elements(DOCUMENTS));
    group.bench_function("causes", |bencher| {
        bencher.iter(|| summary(&world, black_box(&gold), black_box(&noisy)));
    });
    group.bench_function("causes and lines", |bencher| {
        bencher.iter(|| lines(&world, black_box(&gold), black_box(&noisy)));
    });
    group.finish();
}

criterion_group!(benches, causes);
criterion_main!(benches);
