//! The scorer of TACRED (yuhaozhang/tacred-relation, `utils/scorer.py`, commit 18221ef): one label
//! for each given pair.
//!
//! A label counts where gold or prediction says that there is a relation. Labels are directed; a
//! wrong label is a false positive of what was predicted and a false negative of what is true.
//! **Without predictions precision is 1**; without gold recall is 0. The table of relations has rows
//! for gold's labels only.
//!
//! There, "no relation" is one of the labels and must be named; here it is `None`.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::reference::Ratios;
use crate::reference::by_type::add;
use crate::tally::Tally;

/// Counts of labelled pairs. Adds up.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelTallies<L: Ord> {
    /// Each label of gold or prediction.
    pub by_label: BTreeMap<L, Tally>,
}

/// Counts pairs: the gold label and the predicted one, `None` for no relation.
///
/// ```
/// use ere_eval::reference::tacred;
/// let tallies = tacred::tally([
///     (Some("per:title"), Some("per:title")),
///     (Some("per:age"), None),
///     (None, Some("per:age")),
///     (None, None),
/// ]);
/// assert_eq!(tallies.micro().f1, 0.5);
/// assert_eq!(tacred::tally([(Some("per:age"), None)]).micro().precision, 1.0);
/// ```
pub fn tally<L: Ord>(pairs: impl IntoIterator<Item = (Option<L>, Option<L>)>) -> LabelTallies<L> {
    let mut by_label: BTreeMap<L, Tally> = BTreeMap::new();
    for (gold, pred) in pairs {
        let is_right = gold == pred;
        let credit = f64::from(u8::from(is_right));
        if let Some(label) = gold {
            let row = by_label.entry(label).or_default();
            row.recall_denominator += 1.0;
            row.recall_numerator += credit;
        }
        if let Some(label) = pred {
            let row = by_label.entry(label).or_default();
            row.precision_denominator += 1.0;
            row.precision_numerator += credit;
        }
    }
    LabelTallies { by_label }
}

impl<L: Ord> LabelTallies<L> {
    /// Ratios over all labels.
    pub fn micro(&self) -> Ratios {
        ratios(&self.by_label.values().copied().sum())
    }

    /// The printed table: ratios of each label that gold has.
    pub fn table(&self) -> impl Iterator<Item = (&L, Ratios)> {
        let rows = self.by_label.iter().filter(|(_, row)| row.recall_denominator > 0.0);
        rows.map(|(label, row)| (label, ratios(row)))
    }
}

impl<L: Ord> AddAssign for LabelTallies<L> {
    fn add_assign(&mut self, other: LabelTallies<L>) {
        add(&mut self.by_label, other.by_label);
    }
}

/// The ratios of a sum: precision is 1 where nothing is predicted.
pub fn ratios(tally: &Tally) -> Ratios {
    let precision = tally.precision().unwrap_or(1.0);
    Ratios { precision, ..Ratios::or_zero(tally) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_no_row_for_a_label_without_gold() {
        let tallies = tally([(Some(1), Some(2)), (Some(1), Some(1)), (Some(3), None)]);
        let rows: Vec<(i32, f64, f64)> =
            tallies.table().map(|(label, row)| (*label, row.precision, row.recall)).collect();
        assert_eq!(rows, [(1, 1.0, 0.5), (3, 1.0, 0.0)]);
        assert_eq!((tallies.micro().precision, tallies.micro().recall), (0.5, 1.0 / 3.0));
    }

    #[test]
    fn without_anything_precision_is_1() {
        let micro = tally::<u8>([(None, None)]).micro();
        assert_eq!((micro.precision, micro.recall, micro.f1), (1.0, 0.0, 0.0));
    }
}
