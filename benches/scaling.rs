//! Threads: generation, scoring in memory and extraction with one, two and all of them.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{LAYERS, SEED, World};
use ere_dataset::{Document, Given, Prediction};
use ere_eval::{Protocol, Tallies, tally};
use ere_extract::{Input, Training, builtin};
use ere_synth::NoiseSpec;
use ere_synth::corpus::{self, Preset};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

const DOCUMENTS: u64 = 1000;
const TRAIN: usize = 100;

/// One thread, two, and as many as there are processors.
fn pools() -> Vec<ThreadPool> {
    let all = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let mut counts = vec![1, 2, all];
    counts.sort_unstable();
    counts.dedup();
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    counts.into_iter().map(pool).collect()
}

/// Times work of which `expected` is the result with any number of threads.
fn with_threads<T: PartialEq + Send>(
    criterion: &mut Criterion,
    name: &str,
    throughput: Throughput,
    work: impl Fn() -> T + Sync,
) {
    let mut group = criterion.benchmark_group(format!("scaling/{name}"));
    group.sample_size(10);
    group.throughput(throughput);
    let mut expected = None;
    for pool in pools() {
        let found = pool.install(&work);
        match &expected {
            None => expected = Some(found),
            Some(expected) => assert!(*expected == found, "{name} depends on threads"),
        }
        let threads = BenchmarkId::from_parameter(pool.current_num_threads());
        group.bench_function(threads, |bencher| pool.install(|| bencher.iter(&work)));
    }
    group.finish();
}

fn scaling(criterion: &mut Criterion) {
    let world = World::new();
    let gold = world.gold(DOCUMENTS);
    let noisy = world.noisy(&gold, &NoiseSpec::default());
    let documents = Throughput::Elements(DOCUMENTS);

    let make = |index| corpus::document(index, SEED, &Preset::bench(), &world.grammar);
    with_threads(criterion, "synth", documents.clone(), || -> Vec<Document> {
        (0..black_box(DOCUMENTS)).into_par_iter().map(make).collect()
    });

    let protocol = Protocol::default();
    let one = |(gold, pred): (&Document, &Prediction)| {
        tally(gold, pred, &protocol, &world.rules, &LAYERS)
    };
    with_threads(criterion, "score", documents, || -> Option<f64> {
        let tallies: Vec<_> = black_box(&gold).par_iter().zip(&noisy).map(one).collect();
        let tallies: Tallies = tallies.into_iter().collect();
        tallies.micro("relation.anchored").and_then(|total| total.f1())
    });

    let training = Training {
        documents: &gold[..TRAIN],
        ontology: &world.ontology,
        vocabulary: &world.vocabulary,
    };
    let extractor = builtin("patterns", &training).expect("it is in the list");
    let bytes: usize = gold.iter().map(|document| document.text.len()).sum();
    with_threads(criterion, "patterns", Throughput::Bytes(bytes as u64), || -> Vec<Prediction> {
        let start = || extractor.start().expect("built-ins start");
        let input = |document| Input::of(document, Given::Text);
        let found = black_box(&gold).par_iter().map_init(start, |session, document| {
            session.extract(&input(document)).expect("no failure")
        });
        found.collect()
    });
}

criterion_group!(benches, scaling);
criterion_main!(benches);
