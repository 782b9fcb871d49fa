//! Which type was taken for which.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::TypePair;
use crate::rules::Rules;

/// How often each type of gold was predicted as each type, with a row for predictions that no gold
/// item goes with and a column for gold that no prediction goes with.
///
/// A row adds up to the gold items of its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    cells: FxHashMap<TypePair, u64>,
}

/// A matrix with names. `None` stands for nothing: no gold, or no prediction.
pub type Cells = BTreeMap<(Option<String>, Option<String>), u64>;

impl Confusion {
    pub(super) fn add(&mut self, pairs: &[TypePair]) {
        for pair in pairs {
            *self.cells.entry(*pair).or_default() += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Confusion) {
        for (pair, count) in other.sorted() {
            *self.cells.entry(pair).or_default() += count;
        }
    }

    /// The counts above 0, by gold type and predicted type.
    pub fn by_type(&self, rules: &Rules) -> Cells {
        self.cells(|label| rules.vocabulary().name(label).to_string())
    }

    /// The same with relation types put together by family. A type without a family keeps its name.
    pub fn by_family(&self, rules: &Rules) -> Cells {
        self.cells(|label| match rules.family(label) {
            Some(family) => rules.families()[family as usize].clone(),
            None => rules.vocabulary().name(label).to_string(),
        })
    }

    fn cells(&self, name: impl Fn(ere_dataset::Label) -> String) -> Cells {
        let mut cells = Cells::new();
        for ((gold, pred), count) in self.sorted() {
            *cells.entry((gold.map(&name), pred.map(&name))).or_default() += count;
        }
        cells
    }

    fn sorted(&self) -> Vec<(TypePair, u64)> {
        let mut cells: Vec<(TypePair, u64)> = self.cells.iter().map(|(p, n)| (*p, *n)).collect();
        cells.sort_unstable();
        cells
    }
}
