//! A leaderboard of 100,000 records: rows a second.

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{LAYERS, SEED, World};
use ere_dataset::folder::Split;
use ere_eval::record::{Kind, Record};
use ere_eval::{Protocol, Slice, View};
use ere_leaderboard::leaderboard;
use ere_runner::{Data, Options, Source, Watch, run};
use ere_synth::NoiseSpec;

const RECORDS: usize = 100_000;

/// The record of a real run, with the scores of a leaderboard's columns.
fn record(world: &World) -> Record {
    let split = Split::new("test", world.gold(20), &world.vocabulary);
    let data = Data {
        name: "bench",
        version: "1",
        split: &split,
        layers: &LAYERS,
        ontology: Some(&world.ontology),
        vocabulary: &world.vocabulary,
    };
    let source = Source::Noise { name: "noise", spec: &NoiseSpec::default(), seed: SEED };
    let (cancelled, views) = (AtomicBool::new(false), Protocol::default().views);
    let watch = Watch { cancelled: &cancelled, progress: &|_| () };
    let options =
        Options { protocol: Protocol { views, ..Protocol::default() }, ..Options::default() };
    let mut record = run(&source, &data, &options, &watch).expect("it runs").record;
    record.scores.retain(|score| score.slice == Slice::All);
    record.extractor.kind = Kind::Predictions;
    record.extractor.ranked = true;
    record
}

fn boards(criterion: &mut Criterion) {
    let record = record(&World::new());
    // Each of another extractor, each with another score; the best one comes last.
    let other = |number: usize| {
        let mut record = record.clone();
        record.extractor.name = format!("extractor {number}");
        for score in record.scores.iter_mut().filter(|s| s.view == View::RelationAnchored) {
            score.f1 = Some(number as f64 / RECORDS as f64);
        }
        record.id = record.identity();
        record
    };
    let records: Vec<Record> = (0..RECORDS).map(other).collect();

    let csv = leaderboard(&records).and_then(|board| board.csv()).expect("a table");
    assert_eq!(csv.lines().count(), RECORDS + 1);
    let best = format!("extractor {}", RECORDS - 1);
    let first = csv.lines().nth(1).expect("a row");
    assert!(first.contains(&best), "{first} is not {best}");

    let mut group = criterion.benchmark_group("leaderboard");
    group.sample_size(10);
    group.throughput(Throughput::Elements(RECORDS as u64));
    group.bench_function("100,000 records as CSV", |bencher| {
        bencher.iter(|| leaderboard(black_box(&records)).and_then(|board| board.csv()));
    });
    group.finish();
}

criterion_group!(benches, boards);
criterion_main!(benches);
