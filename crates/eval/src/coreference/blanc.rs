//! BLANC (Recasens and Hovy 2011; Luo et al. 2014 for predicted mentions).

use std::ops::AddAssign;

use super::Contingency;
use crate::tally::Tally;

/// Pairs of places, by whether they are in one entity. Adds up over documents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Links {
    /// Pairs within entities.
    pub coreferent: Tally,
    /// Pairs between entities.
    pub separate: Tally,
}

impl AddAssign for Links {
    fn add_assign(&mut self, other: Links) {
        self.coreferent += other.coreferent;
        self.separate += other.separate;
    }
}

/// A pair is right where the other side has both places and the same to say of them. BLANC is the
/// mean of the ratios of both kinds of links; of links that gold does not have there is nothing to
/// average.
pub(crate) fn tally(table: &Contingency) -> Links {
    let cells = &table.cells;
    let mut shared_of_gold = vec![0; table.gold_sizes.len()];
    let mut shared_of_pred = vec![0; table.pred_sizes.len()];
    for cell in cells {
        shared_of_gold[cell.gold as usize] += cell.shared;
        shared_of_pred[cell.pred as usize] += cell.shared;
    }
    let together = cells.iter().map(|cell| pairs(cell.shared)).sum::<u64>();
    let apart = |sizes: &[u32]| pairs(sizes.iter().sum()) - within(sizes);
    // Pairs of shared places, without those that one side or the other has in one entity.
    let apart_on_both = apart(&shared_of_gold) + together - within(&shared_of_pred);
    let (gold, pred) = (&table.gold_sizes, &table.pred_sizes);
    Links {
        coreferent: counts(together, within(pred), within(gold)),
        separate: counts(apart_on_both, apart(pred), apart(gold)),
    }
}

fn counts(right: u64, predicted: u64, gold: u64) -> Tally {
    Tally::counts(right, predicted - right, gold - right)
}

fn within(sizes: &[u32]) -> u64 {
    sizes.iter().map(|size| pairs(*size)).sum()
}

fn pairs(places: u32) -> u64 {
    u64::from(places) * u64::from(places).saturating_sub(1) / 2
}
