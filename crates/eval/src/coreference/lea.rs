//! LEA, the link-based entity-aware metric (Moosavi and Strube 2016).

use super::{Contingency, sum};
use crate::tally::Tally;

/// For each entity, the share of its links (pairs of places) that the other side has within one
/// entity, weighted by its places. An entity of one place has one link, to itself, which is right
/// where the other side has the same entity of one place.
pub(crate) fn tally(table: &Contingency) -> Tally {
    let mut tally = Tally {
        precision_denominator: sum(&table.pred_sizes),
        recall_denominator: sum(&table.gold_sizes),
        ..Tally::default()
    };
    for cell in &table.cells {
        let (gold, pred) = (table.gold_size(cell), table.pred_size(cell));
        tally.precision_numerator += credit(pred, gold, cell.shared);
        tally.recall_numerator += credit(gold, pred, cell.shared);
    }
    tally
}

/// What an entity of `size` places earns for `shared` of them in an entity of `other` places: its
/// size times `shared * (shared - 1) / 2` of its `size * (size - 1) / 2` links.
fn credit(size: u32, other: u32, shared: u32) -> f64 {
    if size == 1 {
        return f64::from(u8::from(other == 1));
    }
    f64::from(shared) * f64::from(shared - 1) / f64::from(size - 1)
}
