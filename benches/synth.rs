//! Making synthetic documents and noisy predictions: bytes of native lines.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::World;
use ere_dataset::check::check_gold;
use ere_dataset::wire::TextPolicy;
use ere_synth::NoiseSpec;

const DOCUMENTS: u64 = 200;

fn synthesis(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    for document in &gold {
        check_gold(document, &world.vocabulary, Some(&world.ontology)).expect("gold is valid");
    }
    let lines = world.lines(&gold, TextPolicy::Inline);
    assert_eq!(
        lines,
        world.lines(&world.gold(DOCUMENTS), TextPolicy::Inline),
        "it is not the same"
    );
    let spec = NoiseSpec::default();
    let perfect = world.noisy(&gold, &NoiseSpec::none());
    let kept =
        perfect.iter().zip(&gold).all(|(pred, gold)| pred.document.mentions == gold.mentions);
    assert!(kept, "no noise changes something");

    let mut group = criterion.benchmark_group("synth");
    group.throughput(Throughput::Bytes(lines.len() as u64));
    group.bench_function("documents", |bencher| {
        bencher.iter(|| world.gold(black_box(DOCUMENTS)));
    });
    group.bench_function("noise", |bencher| {
        bencher.iter(|| world.noisy(black_box(&gold), &spec));
    });
    group.finish();
}

criterion_group!(benches, synthesis);
criterion_main!(benches);
