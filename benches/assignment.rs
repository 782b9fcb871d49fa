//! One-to-one assignment: many small components, as in documents, and one large one.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ere_benches::SEED;
use ere_eval::matching::{Edge, assign};
use ere_eval::statistics::Counter;

/// Every pair of a square has a weight from 1 to 1,000, and the diagonal 2,000 more, so that it is the
/// best assignment.
fn square(first: u32, size: u32, stream: u64, edges: &mut Vec<Edge>) {
    let random = Counter::new(SEED, stream);
    for row in 0..size {
        for column in 0..size {
            let position = u64::from(row * size + column);
            let bonus = if row == column { 2000 } else { 0 };
            let weight = 1 + random.below(position, 1000) as i64 + bonus;
            edges.push(Edge { row: first + row, column: first + column, weight });
        }
    }
}

fn assignments(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("assignment");
    group.sample_size(20);
    for (components, size) in [(10_000, 3), (100, 30), (1, 300), (1, 1000)] {
        let mut edges = Vec::new();
        for component in 0..components {
            square(component * size, size, u64::from(component), &mut edges);
        }
        let count = (components * size) as usize;
        let expected: Vec<Option<u32>> = (0..count as u32).map(Some).collect();
        assert_eq!(assign(count, count, &edges), expected, "{components} squares of {size}");
        group.throughput(Throughput::Elements(count as u64));
        let id = BenchmarkId::from_parameter(format!("{components} of {size} x {size}"));
        group.bench_with_input(id, &edges, |bencher, edges| {
            bencher.iter(|| assign(count, count, black_box(edges)));
        });
    }
    group.finish();
}

criterion_group!(benches, assignments);
criterion_main!(benches);
