//! Precision, recall and F1 as scorers print them.

use crate::tally::Tally;

/// Precision, recall and F1 with a scorer's own rule for what has no value. Fractions of 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ratios {
    /// The share of predicted items that are right.
    pub precision: f64,
    /// The share of gold items that were found.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl Ratios {
    /// The most common rule: a ratio whose denominator is 0 is 0.
    ///
    /// ```
    /// use ere_eval::{Tally, reference::Ratios};
    /// let ratios = Ratios::or_zero(&Tally::counts(0, 0, 3));
    /// assert_eq!((ratios.precision, ratios.recall, ratios.f1), (0.0, 0.0, 0.0));
    /// ```
    pub fn or_zero(tally: &Tally) -> Ratios {
        Ratios {
            precision: tally.precision().unwrap_or(0.0),
            recall: tally.recall().unwrap_or(0.0),
            f1: tally.f1().unwrap_or(0.0),
        }
    }

    /// The mean of each ratio; `None` of nothing. The order of the rows changes no digit.
    pub fn mean(rows: &[Ratios]) -> Option<Ratios> {
        let mean = |ratio: fn(&Ratios) -> f64| {
            let mut values: Vec<f64> = rows.iter().map(ratio).collect();
            values.sort_unstable_by(f64::total_cmp);
            values.iter().sum::<f64>() / values.len() as f64
        };
        (!rows.is_empty()).then(|| Ratios {
            precision: mean(|row| row.precision),
            recall: mean(|row| row.recall),
            f1: mean(|row| row.f1),
        })
    }
}
