//! Approximate randomization of two results on the same documents: trials a second.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{LAYERS, World};
use ere_dataset::Prediction;
use ere_eval::reference::neleval::significance;
use ere_eval::{Protocol, Resampling, RowKey, Slice, Tally, View, tally};
use ere_synth::{NoiseSpec, Rate};

const DOCUMENTS: u64 = 2000;

fn randomization(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    let protocol = Protocol::default();
    let key = RowKey { view: View::MentionStrict, slice: Slice::All };
    let mentions = |noisy: &[Prediction]| -> Vec<Tally> {
        let one = |(gold, pred)| tally(gold, pred, &protocol, &world.rules, &LAYERS);
        let tallies = gold.iter().zip(noisy).map(one);
        tallies.map(|tallies| tallies.get(&key).unwrap_or_default()).collect()
    };
    let spec = NoiseSpec::default();
    let worse = NoiseSpec { miss: Rate::new(0.5).expect("a rate"), ..spec };
    let first = mentions(&world.noisy(&gold, &spec));
    let second = mentions(&world.noisy(&gold, &worse));
    let resampling = Resampling { replicates: 10_000, seed: 0 };
    let test = |first: &[Tally], second: &[Tally]| {
        significance(black_box(first), black_box(second), resampling).expect("there are documents")
    };
    let [same, different] = [test(&first, &first), test(&first, &second)];
    assert_eq!((same.f1.difference, same.f1.p_two_sided), (0.0, 1.0));
    assert!(different.f1.p_two_sided < 0.001, "{different:?}");

    let mut group = criterion.benchmark_group("randomization");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::from(resampling.replicates)));
    group.bench_function("6 statistics", |bencher| bencher.iter(|| test(&first, &second)));
    group.finish();
}

criterion_group!(benches, randomization);
criterion_main!(benches);
