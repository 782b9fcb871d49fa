//! CEAF (Luo 2005): entities aligned one-to-one.

use super::{Cell, Contingency, sum};
use crate::matching::{Edge, assign};
use crate::tally::Tally;

/// CEAF-e: the similarity of two entities is the F1 of their places, a number between 0 and 1, and an
/// entity counts as one.
pub(crate) fn entities(table: &Contingency) -> Tally {
    let similarity = |cell: &Cell| {
        let places = table.gold_size(cell) + table.pred_size(cell);
        2.0 * f64::from(cell.shared) / f64::from(places)
    };
    // The assignment wants integers. Rounding changes a weight by at most half a unit, so that the
    // assignment of k pairs that is best in units is less similar than the best one by at most k
    // units. No side has fewer than k entities: each ratio is right to one unit, 2^-40. With 2^20
    // entities at most, sums stay below 2^60.
    const UNITS: f64 = (1u64 << 40) as f64;
    let weight = |cell: &Cell| (UNITS * similarity(cell)).round() as i64;
    let total = aligned(table, weight).map(|cell| similarity(&cell)).sum();
    Tally {
        precision_numerator: total,
        precision_denominator: table.pred_sizes.len() as f64,
        recall_numerator: total,
        recall_denominator: table.gold_sizes.len() as f64,
    }
}

/// CEAF-m: the similarity of two entities is the number of places that they share, and an entity
/// counts as its places.
pub(crate) fn mentions(table: &Contingency) -> Tally {
    let cells = aligned(table, |cell| i64::from(cell.shared));
    let total = cells.map(|cell| f64::from(cell.shared)).sum();
    Tally {
        precision_numerator: total,
        precision_denominator: sum(&table.pred_sizes),
        recall_numerator: total,
        recall_denominator: sum(&table.gold_sizes),
    }
}

/// The cells of the one-to-one alignment of greatest total weight, by gold entity.
fn aligned(table: &Contingency, weight: impl Fn(&Cell) -> i64) -> impl Iterator<Item = Cell> {
    let cells = &table.cells;
    let edge = |cell: &Cell| Edge { row: cell.gold, column: cell.pred, weight: weight(cell) };
    let edges: Vec<Edge> = cells.iter().map(edge).collect();
    let pairs = assign(table.gold_sizes.len(), table.pred_sizes.len(), &edges);
    let is_aligned = move |cell: &&Cell| pairs[cell.gold as usize] == Some(cell.pred);
    cells.iter().filter(is_aligned).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::contingency;
    use super::*;

    /// The best total over all alignments, by trying them all.
    fn best(cells: &[(u32, u32, f64)], gold: u32, entities: u32, taken: u32) -> f64 {
        if gold == entities {
            return 0.0;
        }
        let of_gold = cells.iter().filter(|cell| cell.0 == gold && taken & (1 << cell.1) == 0);
        of_gold
            .map(|cell| cell.2 + best(cells, gold + 1, entities, taken | 1 << cell.1))
            .fold(best(cells, gold + 1, entities, taken), f64::max)
    }

    proptest! {
        #[test]
        fn no_alignment_is_more_similar(
            gold in proptest::collection::vec(0usize..6, 26),
            pred in proptest::collection::vec(0usize..6, 26),
        ) {
            let letters = |entities: &[usize]| {
                let mut words = vec![String::new(); 6];
                for (letter, entity) in ('a'..='z').zip(entities) {
                    words[*entity].push(letter);
                }
                words
            };
            let (gold, pred) = (letters(&gold), letters(&pred));
            let gold: Vec<&str> = gold.iter().map(String::as_str).collect();
            let pred: Vec<&str> = pred.iter().map(String::as_str).collect();
            let table = contingency(&gold, &pred);
            let cells = |similarity: &dyn Fn(&Cell) -> f64| -> Vec<(u32, u32, f64)> {
                table.cells.iter().map(|cell| (cell.gold, cell.pred, similarity(cell))).collect()
            };
            let rows = table.gold_sizes.len() as u32;
            let share = |cell: &Cell| {
                let places = table.gold_size(cell) + table.pred_size(cell);
                2.0 * f64::from(cell.shared) / f64::from(places)
            };
            let found = entities(&table).precision_numerator;
            prop_assert!((found - best(&cells(&share), 0, rows, 0)).abs() < 1e-11);
            let found = mentions(&table).precision_numerator;
            let count = |cell: &Cell| f64::from(cell.shared);
            prop_assert_eq!(found, best(&cells(&count), 0, rows, 0));
        }
    }
}
