//! Counts of sets of typed items.

use std::collections::BTreeMap;

use crate::tally::Tally;

/// Counts two lists as sets of items with a type: duplicates collapse. Types of either list have a
/// row. `L` is what names a type.
pub(super) fn tally_by_type<L: Copy + Ord, K: Ord>(
    gold: Vec<(L, K)>,
    pred: Vec<(L, K)>,
) -> BTreeMap<L, Tally> {
    let (gold, pred) = (distinct(gold), distinct(pred));
    let mut rows: BTreeMap<L, Tally> = BTreeMap::new();
    for (label, _) in &gold {
        rows.entry(*label).or_default().recall_denominator += 1.0;
    }
    for item in &pred {
        let row = rows.entry(item.0).or_default();
        row.precision_denominator += 1.0;
        if gold.binary_search(item).is_ok() {
            row.precision_numerator += 1.0;
            row.recall_numerator += 1.0;
        }
    }
    rows
}

/// Counts two lists as sets of items.
pub(super) fn tally<K: Ord>(gold: Vec<K>, pred: Vec<K>) -> Tally {
    let untyped = |items: Vec<K>| items.into_iter().map(|item| ((), item)).collect();
    tally_by_type(untyped(gold), untyped(pred)).into_values().sum()
}

/// Adds rows to rows.
pub(super) fn add<L: Ord>(sums: &mut BTreeMap<L, Tally>, rows: BTreeMap<L, Tally>) {
    for (label, row) in rows {
        *sums.entry(label).or_default() += row;
    }
}

fn distinct<K: Ord>(mut items: Vec<K>) -> Vec<K> {
    items.sort_unstable();
    items.dedup();
    items
}
