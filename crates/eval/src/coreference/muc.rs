//! MUC (Vilain et al. 1995).

use super::{Contingency, sum};
use crate::tally::Tally;

/// Links: an entity of n places needs n - 1 of them to hold together. Right are those that both sides
/// have, which is the same number from either side: places less one, for each pair of entities that
/// share some.
///
/// Entities of one place have no link: where there are no others on either side, the metric is
/// undefined.
pub(crate) fn tally(table: &Contingency) -> Tally {
    let right = table.cells.iter().map(|cell| f64::from(cell.shared - 1)).sum();
    let links = |sizes: &[u32]| sum(sizes) - sizes.len() as f64;
    Tally {
        precision_numerator: right,
        precision_denominator: links(&table.pred_sizes),
        recall_numerator: right,
        recall_denominator: links(&table.gold_sizes),
    }
}
