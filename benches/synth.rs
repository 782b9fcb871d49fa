//! Making synthetic documents and noisy predictions: bytes of native lines, of gold.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{SEED, World};
use ere_dataset::check::check_gold;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{Document, jsonl};
use ere_synth::corpus::{self, Preset};
use ere_synth::grammar::Grammar;
use ere_synth::noise::{expected, predict};
use ere_synth::{NoiseSpec, Rate};

const DOCUMENTS: u64 = 200;

fn synthesis(criterion: &mut Criterion) {
    let world = World::new();
    let newswire =
        Grammar::newswire(&world.vocabulary, &world.ontology).expect("it is for this ontology");
    for (preset, grammar) in [(Preset::bench(), &world.grammar), (Preset::newswire(), &newswire)] {
        corpus_of(criterion, &world, &preset, grammar);
    }
}

fn corpus_of(criterion: &mut Criterion, world: &World, preset: &Preset, grammar: &Grammar) {
    let make = |count: u64| -> Vec<Document> {
        (0..count).map(|index| corpus::document(index, SEED, preset, grammar)).collect()
    };
    let gold = make(DOCUMENTS);
    for document in &gold {
        check_gold(document, &world.vocabulary, Some(&world.ontology)).expect("gold is valid");
    }
    let lines = world.lines(&gold, TextPolicy::Inline);
    assert_eq!(lines, world.lines(&make(DOCUMENTS), TextPolicy::Inline), "it is not the same");
    check_noise(world, &gold);

    let spec = NoiseSpec::default();
    let mut group = criterion.benchmark_group(format!("synth/{}", preset.name));
    group.throughput(Throughput::Bytes(lines.len() as u64));
    group.bench_function("documents", |bencher| bencher.iter(|| make(black_box(DOCUMENTS))));
    group.bench_function("documents as lines", |bencher| {
        let mut line = Vec::new();
        bencher.iter(|| {
            for index in 0..black_box(DOCUMENTS) {
                let document = corpus::document(index, SEED, preset, grammar);
                line.clear();
                jsonl::write(&mut line, &document, &world.vocabulary, TextPolicy::Inline)
                    .expect("writing to memory cannot fail");
            }
        });
    });
    group.bench_function("noise", |bencher| {
        bencher.iter(|| world.noisy(black_box(&gold), &spec));
    });
    group.bench_function("expected scores", |bencher| {
        bencher.iter(|| {
            let one = |gold| expected(gold, &spec, &world.ontology);
            black_box(&gold).iter().map(one).collect::<Vec<_>>()
        });
    });
    group.finish();
}

/// Without noise nothing changes; with it, as many mentions are found as must be.
fn check_noise(world: &World, gold: &[Document]) {
    let perfect = world.noisy(gold, &NoiseSpec::none());
    let mut pairs = perfect.iter().zip(gold);
    assert!(pairs.all(|(pred, gold)| pred.document.mentions == gold.mentions), "noise of zero");
    let spec = NoiseSpec { miss: Rate::new(0.5).expect("a rate"), ..NoiseSpec::none() };
    let count = |documents: &mut dyn Iterator<Item = usize>| documents.sum::<usize>() as f64;
    let all = count(&mut gold.iter().map(|gold| gold.mentions.len()));
    let one = |gold| predict(gold, &spec, SEED, &world.vocabulary, &world.ontology);
    let kept = count(&mut gold.iter().map(|gold| one(gold).document.mentions.len()));
    let deviation = (all * 0.25).sqrt();
    assert!((kept - all / 2.0).abs() < 5.0 * deviation, "{kept} of {all} mentions are kept");
}

criterion_group!(benches, synthesis);
criterion_main!(benches);
