//! Counts that add up, and the ratios of their sums.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

/// Four additive numbers. Where a view counts sets, both numerators are the true positives; where it
/// gives fractions of credit (B-cubed), they differ.
///
/// Ratios are taken once, of sums. A ratio whose denominator is 0 is undefined: `None`, an empty
/// cell, never 0 or 1.
///
/// ```
/// use ere_eval::Tally;
/// let total: Tally = [Tally::counts(3, 1, 0), Tally::counts(0, 0, 2)].into_iter().sum();
/// assert_eq!((total.tp(), total.fp(), total.r#fn()), (3.0, 1.0, 2.0));
/// assert_eq!(total.precision(), Some(0.75));
/// assert_eq!(total.f1(), Some(6.0 / 9.0));
/// assert_eq!(Tally::counts(0, 0, 2).precision(), None);
/// assert_eq!(Tally::counts(0, 0, 2).f1(), Some(0.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Credit that predicted items earned.
    pub precision_numerator: f64,
    /// Predicted items.
    pub precision_denominator: f64,
    /// Credit that gold items earned.
    pub recall_numerator: f64,
    /// Gold items.
    pub recall_denominator: f64,
}

impl Tally {
    /// The tally of sets: true positives, false positives, false negatives.
    pub fn counts(tp: u64, fp: u64, r#fn: u64) -> Tally {
        Tally {
            precision_numerator: tp as f64,
            precision_denominator: (tp + fp) as f64,
            recall_numerator: tp as f64,
            recall_denominator: (tp + r#fn) as f64,
        }
    }

    /// True positives, in views that count sets.
    pub fn tp(&self) -> f64 {
        self.recall_numerator
    }

    /// False positives: predicted items without credit.
    pub fn fp(&self) -> f64 {
        self.precision_denominator - self.precision_numerator
    }

    /// False negatives: gold items without credit.
    pub fn r#fn(&self) -> f64 {
        self.recall_denominator - self.recall_numerator
    }

    /// The share of predicted items that are right; undefined without predictions.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.precision_numerator, self.precision_denominator)
    }

    /// The share of gold items that were found; undefined without gold.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.recall_numerator, self.recall_denominator)
    }

    /// The harmonic mean of precision and recall: of counts 2 TP / (2 TP + FP + FN). Undefined only
    /// when there is neither gold nor prediction; 0 when there is one of them alone.
    pub fn f1(&self) -> Option<f64> {
        if self.precision_numerator == self.recall_numerator {
            let denominator = self.precision_denominator + self.recall_denominator;
            return ratio(2.0 * self.precision_numerator, denominator);
        }
        match (self.precision(), self.recall()) {
            (Some(p), Some(r)) if p + r > 0.0 => Some(2.0 * p * r / (p + r)),
            _ => Some(0.0),
        }
    }

    /// The four numbers, where all of them are counts.
    pub(crate) fn whole(&self) -> Option<[u32; 4]> {
        let numbers = self.numbers();
        let counts = numbers.map(|number| number as u32);
        (counts.map(f64::from) == numbers).then_some(counts)
    }

    /// Precision's numerator and denominator, then recall's.
    pub(crate) fn numbers(&self) -> [f64; 4] {
        [
            self.precision_numerator,
            self.precision_denominator,
            self.recall_numerator,
            self.recall_denominator,
        ]
    }

    /// Whether nothing was counted.
    pub fn is_zero(&self) -> bool {
        *self == Tally::default()
    }
}

fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator > 0.0).then(|| numerator / denominator)
}

impl Add for Tally {
    type Output = Tally;

    fn add(mut self, other: Tally) -> Tally {
        self += other;
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.precision_numerator += other.precision_numerator;
        self.precision_denominator += other.precision_denominator;
        self.recall_numerator += other.recall_numerator;
        self.recall_denominator += other.recall_denominator;
    }
}

impl Sub for Tally {
    type Output = Tally;

    fn sub(self, other: Tally) -> Tally {
        Tally {
            precision_numerator: self.precision_numerator - other.precision_numerator,
            precision_denominator: self.precision_denominator - other.precision_denominator,
            recall_numerator: self.recall_numerator - other.recall_numerator,
            recall_denominator: self.recall_denominator - other.recall_denominator,
        }
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Tally>>(tallies: I) -> Tally {
        tallies.fold(Tally::default(), Add::add)
    }
}
