//! Approximate randomization: are two systems on the same documents the same?

use rayon::prelude::*;

use super::bootstrap::Resampling;
use super::matrix::{Matrix, Weights};
use super::random::Counter;

/// How a statistic differs between two systems, and how often it would by chance.
///
/// A p-value is (k + 1) / (n + 1), where k of n random exchanges gave a difference at least as large
/// (Noreen 1989); it is never 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedTest {
    /// The first system minus the second.
    pub difference: f64,
    /// The share of exchanges whose difference is at least as large in the observed direction.
    pub p_one_sided: f64,
    /// The share of exchanges whose difference is at least as large in either direction.
    pub p_two_sided: f64,
}

/// Tests statistics that are functions of column sums: in each trial, the two systems exchange every
/// document with probability one half. The matrices have the same documents in the same order and
/// the same columns; `statistics` fills one slot for each statistic.
///
/// The work is replicates × documents × columns.
pub(crate) fn approximate_randomization<F>(
    first: &Matrix,
    second: &Matrix,
    count: usize,
    statistics: F,
    resampling: Resampling,
) -> Vec<PairedTest>
where
    F: Fn(&[f64], &mut [f64]) + Sync,
{
    let differences = |first: &[f64], second: &[f64]| {
        let (mut of_first, mut of_second) = (vec![0.0; count], vec![0.0; count]);
        statistics(first, &mut of_first);
        statistics(second, &mut of_second);
        of_first.iter().zip(&of_second).map(|(a, b)| a - b).collect::<Vec<f64>>()
    };
    let (of_first, of_second) = (first.total(), second.total());
    let observed = differences(&of_first, &of_second);
    // As large in the observed direction, and as large in any direction.
    let trial = |trial: u32| -> Vec<[u32; 2]> {
        let (first, second) =
            exchange((first, &of_first), (second, &of_second), resampling.seed, trial);
        let trial = differences(&first, &second);
        let compare = |(observed, trial): (&f64, f64)| {
            let one_sided = if *observed < 0.0 { trial <= *observed } else { trial >= *observed };
            [one_sided, trial.abs() >= observed.abs()].map(u32::from)
        };
        observed.iter().zip(trial).map(compare).collect()
    };
    let sum = |mut sums: Vec<[u32; 2]>, trial: Vec<[u32; 2]>| {
        for (sum, trial) in sums.iter_mut().zip(trial) {
            *sum = [sum[0] + trial[0], sum[1] + trial[1]];
        }
        sums
    };
    let none = || vec![[0; 2]; count];
    let counts = (0..resampling.replicates).into_par_iter().map(trial).reduce(none, sum);
    let p = |count: u32| f64::from(count + 1) / (f64::from(resampling.replicates) + 1.0);
    let test = |(difference, [one_sided, two_sided]): (&f64, [u32; 2])| PairedTest {
        difference: *difference,
        p_one_sided: p(one_sided),
        p_two_sided: p(two_sided),
    };
    observed.iter().zip(counts).map(test).collect()
}

/// Column sums of both systems after a random exchange of documents: what moves is taken from one and
/// given to the other.
fn exchange(
    (first, of_first): (&Matrix, &[f64]),
    (second, of_second): (&Matrix, &[f64]),
    seed: u64,
    trial: u32,
) -> (Vec<f64>, Vec<f64>) {
    let counter = Counter::new(seed, u64::from(trial));
    let mut bits = 0;
    let draw = |document: usize| {
        if document.is_multiple_of(64) {
            bits = counter.number(document as u64 / 64);
        }
        (bits >> (document % 64) & 1) as u32
    };
    let moved = Weights::new((0..first.documents()).map(draw).collect());
    let (from_first, from_second) = (first.weighted(&moved), second.weighted(&moved));
    let change = |total: &[f64], gone: &[f64], come: &[f64]| {
        let changes = total.iter().zip(gone).zip(come);
        changes.map(|((total, gone), come)| total - gone + come).collect()
    };
    (change(of_first, &from_first, &from_second), change(of_second, &from_second, &from_first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(sums: &[f64], values: &mut [f64]) {
        values[0] = sums[0];
    }

    fn test(first: &[f64], second: &[f64]) -> PairedTest {
        let matrix = |cells: &[f64]| Matrix::from_rows(cells, 1);
        let resampling = Resampling { replicates: 50_000, seed: 5 };
        approximate_randomization(&matrix(first), &matrix(second), 1, sum, resampling)[0]
    }

    /// The p-values over all exchanges, one-sided and two-sided.
    fn exact(first: &[f64], second: &[f64]) -> (f64, f64) {
        let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
        let observed: f64 = differences.iter().sum();
        let all = 1u32 << differences.len();
        let signed = |bits: u32| -> f64 {
            let sign = |at: usize| if bits >> at & 1 == 1 { -1.0 } else { 1.0 };
            differences.iter().enumerate().map(|(at, difference)| sign(at) * difference).sum()
        };
        let share = |holds: &dyn Fn(f64) -> bool| {
            (0..all).filter(|bits| holds(signed(*bits))).count() as f64 / f64::from(all)
        };
        let direction = if observed < 0.0 { -1.0 } else { 1.0 };
        (
            share(&|difference| direction * difference >= direction * observed),
            share(&|difference| difference.abs() >= observed.abs()),
        )
    }

    #[test]
    fn agrees_with_all_exchanges() {
        let rows: [(&[f64], &[f64]); 4] = [
            (&[5.0, 7.0, 6.0, 9.0, 4.0], &[4.0, 5.0, 6.0, 5.0, 5.0]),
            (&[1.0, 2.0, 3.0], &[4.0, 9.0, 2.0]),
            (&[1.0, 2.0], &[1.0, 2.0]),
            (&[3.0; 10], &[2.0; 10]),
        ];
        for (first, second) in rows {
            let (found, (one_sided, two_sided)) = (test(first, second), exact(first, second));
            assert_eq!(found.difference, first.iter().sum::<f64>() - second.iter().sum::<f64>());
            assert!((found.p_one_sided - one_sided).abs() < 0.01, "{found:?} {one_sided}");
            assert!((found.p_two_sided - two_sided).abs() < 0.01, "{found:?} {two_sided}");
        }
    }

    #[test]
    fn more_documents_than_bits_of_a_number() {
        let (first, second) = (vec![1.0; 150], vec![0.0; 150]);
        assert!(test(&first, &second).p_two_sided < 0.001);
        let mixed: Vec<f64> = (0..150).map(|document| f64::from(document % 2)).collect();
        let turned: Vec<f64> = mixed.iter().map(|value| 1.0 - value).collect();
        assert!(test(&mixed, &turned).p_two_sided > 0.9);
    }
}
