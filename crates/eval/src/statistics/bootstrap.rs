//! The bootstrap over documents.

use rayon::prelude::*;

use super::matrix::{Matrix, Weights};
use super::normal;
use super::random::Counter;

/// How intervals are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resampling {
    /// Bootstrap replicates.
    pub replicates: u32,
    /// Any number is a seed, 0 too.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Resampling {
        Resampling { replicates: 1000, seed: 0 }
    }
}

impl Resampling {
    /// The value of `ci` in a signature.
    pub fn name(&self) -> String {
        format!("bca:{}:seed{}", self.replicates, self.seed)
    }
}

/// An interval around a score. Of 95 % where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

const LEVEL: f64 = 0.95;

/// Bias-corrected and accelerated intervals (Efron 1987) of statistics that are functions of column
/// sums. One shared set of resamples serves all statistics. `statistics` fills one slot for each
/// statistic from the sums; a slot left `None` is undefined for that resample, which is then passed
/// over for this statistic.
///
/// A statistic that is undefined for the sample, or defined in fewer than half of the resamples, has
/// no interval; neither has any where there are fewer than two documents. The work is replicates ×
/// documents × columns, where a column that few documents have counts as far as they do.
pub(crate) fn bca<F>(
    matrix: &Matrix,
    count: usize,
    statistics: F,
    resampling: Resampling,
) -> Vec<Option<Interval>>
where
    F: Fn(&[f64], &mut [Option<f64>]) + Sync,
{
    if matrix.documents() < 2 || resampling.replicates == 0 {
        return vec![None; count];
    }
    let evaluate = evaluator(count, &statistics);
    let estimates = evaluate(&matrix.total());
    let replicates = replicates(matrix, &evaluate, resampling);
    let accelerations = accelerations(matrix, &estimates, &statistics);
    let interval = |at: usize| {
        let replicated = column(&replicates, at);
        let enough = 2 * replicated.len() >= replicates.len();
        let estimate = estimates[at].filter(|_| enough)?;
        Some(interval(estimate, replicated, accelerations[at]))
    };
    (0..count).into_par_iter().map(interval).collect()
}

/// Percentile intervals (Efron 1979) of statistics that are functions of column sums, one for each
/// of `levels` (0.95 for 95 %). Rules for what is undefined, and the work, are those of [`bca`], but
/// a statistic that is undefined for the sample itself still has intervals.
///
/// Percentiles follow the NIST handbook (7.2.5.2): position share × (n + 1), interpolated.
pub(crate) fn percentile_intervals<F>(
    matrix: &Matrix,
    count: usize,
    statistics: F,
    resampling: Resampling,
    levels: &[f64],
) -> Vec<Option<Vec<Interval>>>
where
    F: Fn(&[f64], &mut [Option<f64>]) + Sync,
{
    if matrix.documents() < 2 || resampling.replicates == 0 {
        return vec![None; count];
    }
    let replicates = replicates(matrix, evaluator(count, &statistics), resampling);
    let intervals = |at: usize| {
        let mut replicated = column(&replicates, at);
        replicated.sort_unstable_by(f64::total_cmp);
        let interval = |level: &f64| {
            let tail = (1.0 - level) / 2.0;
            let [low, high] = [tail, 1.0 - tail].map(|share| nist_percentile(&replicated, share));
            Interval { low, high }
        };
        let enough = 2 * replicated.len() >= replicates.len();
        enough.then(|| levels.iter().map(interval).collect())
    };
    (0..count).map(intervals).collect()
}

/// The values of all statistics for given sums.
fn evaluator<F>(count: usize, statistics: &F) -> impl Fn(&[f64]) -> Vec<Option<f64>> + Sync
where
    F: Fn(&[f64], &mut [Option<f64>]) + Sync,
{
    move |sums| {
        let mut values = vec![None; count];
        statistics(sums, &mut values);
        values
    }
}

/// The values of all statistics in each resample.
fn replicates(
    matrix: &Matrix,
    evaluate: impl Fn(&[f64]) -> Vec<Option<f64>> + Sync,
    resampling: Resampling,
) -> Vec<Vec<Option<f64>>> {
    let one = |replicate| evaluate(&resample(matrix, resampling.seed, replicate));
    (0..resampling.replicates).into_par_iter().map(one).collect()
}

/// The defined values of one statistic.
fn column(rows: &[Vec<Option<f64>>], at: usize) -> Vec<f64> {
    rows.iter().filter_map(|row| row[at]).collect()
}

/// Column sums over as many documents as there are, drawn with replacement.
fn resample(matrix: &Matrix, seed: u64, replicate: u32) -> Vec<f64> {
    let documents = matrix.documents();
    let counter = Counter::new(seed, u64::from(replicate));
    let mut times = vec![0u32; documents];
    for draw in 0..documents as u64 {
        times[counter.below(draw, documents as u64) as usize] += 1;
    }
    matrix.weighted(&Weights::new(times))
}

fn interval(estimate: f64, mut replicated: Vec<f64>, acceleration: f64) -> Interval {
    replicated.sort_unstable_by(f64::total_cmp);
    let count = replicated.len() as f64;
    // Ties count half: with discrete statistics they are many.
    let below = replicated.partition_point(|value| *value < estimate) as f64;
    let up_to = replicated.partition_point(|value| *value <= estimate) as f64;
    let share = (below + up_to) / 2.0 / count;
    let bias = normal::quantile(share.clamp(0.5 / count, 1.0 - 0.5 / count));
    let end = |tail: f64| {
        let z = bias + normal::quantile(tail);
        normal::cdf(bias + z / (1.0 - acceleration * z))
    };
    let tail = (1.0 - LEVEL) / 2.0;
    Interval {
        low: percentile(&replicated, end(tail)),
        high: percentile(&replicated, end(1.0 - tail)),
    }
}

/// Documents that one piece of work leaves out, one after the other. Sums are taken in this order
/// whatever the number of threads.
const LEFT_OUT_AT_ONCE: usize = 256;

/// The skewness of the jackknife of each statistic, a sixth of it.
fn accelerations<F>(matrix: &Matrix, estimates: &[Option<f64>], statistics: &F) -> Vec<f64>
where
    F: Fn(&[f64], &mut [Option<f64>]) + Sync,
{
    let (total, width) = (matrix.total(), matrix.width().max(1));
    let some = |start: usize| {
        let documents = start..matrix.documents().min(start + LEFT_OUT_AT_ONCE);
        let mut moments = vec![Moments::default(); estimates.len()];
        let mut values = vec![None; estimates.len()];
        let mut sums = total.clone();
        for row in matrix.rows(documents).chunks_exact(width) {
            sums.iter_mut().zip(&total).zip(row).for_each(|((sum, all), own)| *sum = all - own);
            values.fill(None);
            statistics(&sums, &mut values);
            for ((moments, value), estimate) in moments.iter_mut().zip(&values).zip(estimates) {
                if let (Some(value), Some(estimate)) = (value, estimate) {
                    moments.add(estimate - value);
                }
            }
        }
        moments
    };
    let starts = (0..matrix.documents()).step_by(LEFT_OUT_AT_ONCE);
    let starts: Vec<usize> = starts.collect();
    let parts: Vec<Vec<Moments>> = starts.into_par_iter().map(some).collect();
    let acceleration = |at: usize| {
        let mut all = Moments::default();
        parts.iter().for_each(|part| all.merge(&part[at]));
        all.acceleration()
    };
    (0..estimates.len()).map(acceleration).collect()
}

/// Sums of powers of the differences that documents make to a statistic.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    first: f64,
    second: f64,
    third: f64,
}

impl Moments {
    fn add(&mut self, difference: f64) {
        self.count += 1.0;
        self.first += difference;
        self.second += difference * difference;
        self.third += difference * difference * difference;
    }

    fn merge(&mut self, other: &Moments) {
        self.count += other.count;
        self.first += other.first;
        self.second += other.second;
        self.third += other.third;
    }

    fn acceleration(&self) -> f64 {
        let Moments { count, first, second, third } = *self;
        if count == 0.0 {
            return 0.0;
        }
        // From differences to the estimate to differences to their mean. What is left after rounding
        // of differences that are all the same is no spread.
        let mean = first / count;
        let square = second - count * mean * mean;
        let cube = third - 3.0 * mean * second + 2.0 * count * mean * mean * mean;
        if square > 1e-12 * second { cube / (6.0 * square.powf(1.5)) } else { 0.0 }
    }
}

/// The value below which a share of a sorted sample lies, between the two values nearest to it.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let position = share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let (floor, rest) = (position.floor() as usize, position.fract());
    let next = sorted[(floor + 1).min(sorted.len() - 1)];
    sorted[floor] + rest * (next - sorted[floor])
}

/// The same by the rule of the NIST handbook: position share × (n + 1), counted from 1.
fn nist_percentile(sorted: &[f64], share: f64) -> f64 {
    let position = (share * (sorted.len() + 1) as f64).clamp(1.0, sorted.len() as f64) - 1.0;
    let (floor, rest) = (position.floor() as usize, position.fract());
    let next = sorted[(floor + 1).min(sorted.len() - 1)];
    sorted[floor] + rest * (next - sorted[floor])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_the_nist_handbook() {
        // Section 7.2.5.2: the 90th percentile of twelve measurements.
        let sorted = [
            95.0610, 95.0925, 95.1065, 95.1195, 95.1442, 95.1567, 95.1591, 95.1682, 95.1772,
            95.1937, 95.1959, 95.1990,
        ];
        assert!((nist_percentile(&sorted, 0.9) - 95.1981).abs() < 1e-4);
        assert_eq!(nist_percentile(&sorted, 0.001), 95.0610);
        assert_eq!(nist_percentile(&sorted, 0.999), 95.1990);
    }

    #[test]
    fn a_percentile_interval_of_a_mean_is_near_the_normal_one() {
        // Mean and standard deviation of 0, 1, .., 99 are 49.5 and 28.87: the standard error is 2.887.
        let matrix = Matrix::from_rows(&(0..100).map(f64::from).collect::<Vec<_>>(), 1);
        let mean = |sums: &[f64], values: &mut [Option<f64>]| values[0] = Some(sums[0] / 100.0);
        let resampling = Resampling { replicates: 20_000, seed: 3 };
        let intervals = percentile_intervals(&matrix, 1, mean, resampling, &[0.9, 0.95]);
        let intervals = intervals.into_iter().next().flatten().unwrap();
        for (interval, half) in intervals.iter().zip([1.645 * 2.887, 1.960 * 2.887]) {
            assert!((interval.low - (49.5 - half)).abs() < 0.2, "{interval:?}");
            assert!((interval.high - (49.5 + half)).abs() < 0.2, "{interval:?}");
        }
    }
}
