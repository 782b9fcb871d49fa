//! Bootstrap intervals: replicates a second, for 24 statistics and for every row of the default protocol.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{LAYERS, World};
use ere_eval::{Average, Protocol, Resampling, Signature, Tallies, View, tally};
use ere_synth::NoiseSpec;

const DOCUMENTS: u64 = 10_000;

/// Precision, recall and F1 of eight rows.
const AGGREGATES: [View; 8] = [
    View::MentionStrict,
    View::MentionBoundaries,
    View::RelationAnchored,
    View::RelationAnchoredStrict,
    View::RelationOneToOne,
    View::RelationExactClusters,
    View::RelationMentionStrict,
    View::RelationMentionBoundaries,
];

fn intervals(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    let noisy = world.noisy(&gold, &NoiseSpec::default());
    let default = Protocol::default();
    let aggregates = Protocol {
        views: AGGREGATES.to_vec(),
        averages: vec![Average::Micro],
        slices: Default::default(),
        ..default.clone()
    };
    let mut group = criterion.benchmark_group("bootstrap");
    group.sample_size(10);
    for (name, protocol, replicates) in
        [("24 statistics", &aggregates, 10_000), ("every row", &default, 1000)]
    {
        let one = |(gold, pred)| tally(gold, pred, protocol, &world.rules, &LAYERS);
        let tallies: Tallies = gold.iter().zip(&noisy).map(one).collect();
        let resampling = Resampling { replicates, seed: 0 };
        let scores = || {
            black_box(&tallies).scores(protocol, &world.rules, &Signature::new(), Some(resampling))
        };
        let expected = scores();
        assert!(name != "24 statistics" || 3 * expected.len() == 24, "{} rows", expected.len());
        for score in expected {
            if let (Some(f1), Some(interval)) = (score.f1, score.f1_interval) {
                let holds = interval.low <= f1 + 1e-9 && f1 <= interval.high + 1e-9;
                let is_rare = score.tally.recall_denominator < 100.0;
                assert!(
                    holds || is_rare,
                    "{} {:?} is outside {interval:?}",
                    score.view,
                    score.slice
                );
            }
        }
        group.throughput(Throughput::Elements(u64::from(replicates)));
        group.bench_function(name, |bencher| bencher.iter(scores));
    }
    group.finish();
}

criterion_group!(benches, intervals);
criterion_main!(benches);
