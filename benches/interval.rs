//! Bootstrap intervals of the aggregate rows of the default protocol: replicates a second.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{LAYERS, World};
use ere_eval::{Protocol, Resampling, Signature, Tallies, tally};
use ere_synth::NoiseSpec;

const DOCUMENTS: u64 = 200;

fn intervals(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    let noisy = world.noisy(&gold, &NoiseSpec::default());
    let protocol = Protocol::default();
    let one = |(gold, pred)| tally(gold, pred, &protocol, &world.rules, &LAYERS);
    let tallies: Tallies = gold.iter().zip(&noisy).map(one).collect();
    let resampling = Resampling { replicates: 200, seed: 0 };
    let scores = || {
        let tallies = black_box(&tallies);
        tallies.scores(&protocol, &world.rules, &Signature::new(), Some(resampling))
    };
    for score in scores() {
        if let (Some(f1), Some(interval)) = (score.f1, score.f1_interval) {
            let holds = interval.low <= f1 + 1e-9 && f1 <= interval.high + 1e-9;
            let is_rare = score.tally.recall_denominator < 100.0;
            assert!(holds || is_rare, "{} {:?} is outside {interval:?}", score.view, score.slice);
        }
    }
    let mut group = criterion.benchmark_group("interval");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::from(resampling.replicates)));
    group.bench_function("every row", |bencher| bencher.iter(scores));
    group.finish();
}

criterion_group!(benches, intervals);
criterion_main!(benches);
