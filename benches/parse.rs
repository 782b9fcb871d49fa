//! Reading and writing native files and the authoring form: bytes of input, or of output.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::World;
use ere_dataset::jsonl::{GoldReader, Lines, PredictionReader};
use ere_dataset::wire::TextPolicy;
use ere_dataset::{Document, Vocabulary, authoring};
use ere_synth::NoiseSpec;

const DOCUMENTS: u64 = 200;

fn read_gold(lines: &[u8], vocabulary: &Vocabulary) -> Vec<Document> {
    let lines = Lines::new(lines, Path::new("bench.jsonl"));
    GoldReader::new(lines, vocabulary, None).collect::<Result<_, _>>().expect("gold is valid")
}

fn native(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    let lines = world.lines(&gold, TextPolicy::Inline);
    assert_eq!(read_gold(&lines, &world.vocabulary), gold, "what is read is not what was written");

    let mut group = criterion.benchmark_group("native");
    group.throughput(Throughput::Bytes(lines.len() as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| read_gold(black_box(&lines), &world.vocabulary));
    });
    group.bench_function("write", |bencher| {
        bencher.iter(|| world.lines(black_box(&gold), TextPolicy::Inline));
    });

    let pred = world.noisy(&gold, &NoiseSpec::default());
    let documents: Vec<Document> = pred.iter().map(|pred| pred.document.clone()).collect();
    let lines = world.lines(&documents, TextPolicy::Omit);
    let read = || {
        let raw =
            PredictionReader::new(Lines::new(black_box(&lines[..]), Path::new("bench.jsonl")));
        let attach =
            |(raw, gold): (Result<ere_dataset::prediction::RawPrediction, _>, &Document)| {
                raw.expect("predictions are read").attach(gold, &world.vocabulary)
            };
        raw.zip(&gold).map(attach).collect::<Vec<_>>()
    };
    assert_eq!(read(), pred, "what is read is not what was written");
    group.throughput(Throughput::Bytes(lines.len() as u64));
    group.bench_function("read predictions", |bencher| bencher.iter(read));
    group.finish();
}

fn articles(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    let texts: Vec<String> =
        gold.iter().map(|document| authoring::write(document, &world.vocabulary)).collect();
    let parse = |text: &String| authoring::parse(text, &world.vocabulary).expect("it was written");
    let parsed: Vec<Document> = texts.iter().map(parse).collect();
    assert_eq!(parsed, gold, "what is parsed is not what was written");

    let mut group = criterion.benchmark_group("authoring");
    let bytes: usize = texts.iter().map(String::len).sum();
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| black_box(&texts).iter().map(parse).collect::<Vec<_>>());
    });
    group.finish();
}

criterion_group!(benches, native, articles);
criterion_main!(benches);
