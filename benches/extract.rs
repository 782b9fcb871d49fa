//! Built-in extractors, trained on the bench corpus: bytes of text.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::{LAYERS, World};
use ere_dataset::{Document, Given, Prediction};
use ere_eval::{Protocol, Tallies, tally};
use ere_extract::{BUILTIN, Extractor, Input, Training, builtin};

const TRAIN: usize = 100;
const TEST: usize = 100;

fn extract(extractor: &dyn Extractor, documents: &[Document]) -> Vec<Prediction> {
    let mut session = extractor.start().expect("built-ins start");
    let one = |document| session.extract(&Input::of(document, Given::Text)).expect("no failure");
    documents.iter().map(one).collect()
}

fn builtins(criterion: &mut Criterion) {
    let world = World::new();
    let documents = world.gold((TRAIN + TEST) as u64);
    let (train, test) = documents.split_at(TRAIN);
    let training =
        Training { documents: train, ontology: &world.ontology, vocabulary: &world.vocabulary };
    let bytes: usize = test.iter().map(|document| document.text.len()).sum();
    let mut group = criterion.benchmark_group("extract");
    group.throughput(Throughput::Bytes(bytes as u64));
    for name in BUILTIN {
        let extractor = builtin(name, &training).expect("it is in the list");
        let found = extract(&*extractor, test);
        let one = |(gold, pred)| tally(gold, pred, &Protocol::default(), &world.rules, &LAYERS);
        let tallies: Tallies = test.iter().zip(&found).map(one).collect();
        let recall = tallies.micro("mention.boundaries").and_then(|total| total.recall());
        let finds_something = recall > Some(0.2);
        assert_eq!(finds_something, name != "null", "{name} has a recall of {recall:?}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| extract(&*extractor, black_box(test)));
        });
    }
    group.finish();
}

criterion_group!(benches, builtins);
criterion_main!(benches);
