//! What a scorer should find in a noisy prediction, on average.

use ere_dataset::{Document, Label, Spans};
use rustc_hash::FxHashMap;

use super::spec::NoiseSpec;

/// Expected counts of one document in the views where they have a simple form.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    /// A mention is right if its spans and its type are.
    pub strict: ExpectedCounts,
    /// A mention is right if its spans are.
    pub boundaries: ExpectedCounts,
}

/// Averages over all seeds. Equal items of one list count once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ExpectedCounts {
    /// Predicted and right.
    pub true_positives: f64,
    /// Predicted and wrong.
    pub false_positives: f64,
    /// Right and not predicted.
    pub false_negatives: f64,
}

impl ExpectedCounts {
    /// 2 tp / (2 tp + fp + fn); `None` where that has no value. Not the mean of F1, but what F1
    /// tends to over many documents.
    pub fn f1(&self) -> Option<f64> {
        let positives = 2.0 * self.true_positives;
        let all = positives + self.false_positives + self.false_negatives;
        (all > 0.0).then(|| positives / all)
    }
}

impl std::ops::AddAssign for ExpectedCounts {
    fn add_assign(&mut self, other: ExpectedCounts) {
        self.true_positives += other.true_positives;
        self.false_positives += other.false_positives;
        self.false_negatives += other.false_negatives;
    }
}

/// The expected counts for mentions of a prediction that [`super::predict`] makes.
///
/// With n gold mentions, no two of them on the same spans, and q = (1 − miss)(1 − boundary), the
/// boundaries view has n q true positives, n (1 − q) false negatives and
/// n (1 − miss) boundary + n spurious false positives. In the strict view
/// q (1 − type)(1 − alien) takes the place of q, and what it leaves of q is false positives too.
/// Where mentions share spans, one of several has to be right; false positives of the strict view
/// are then an upper bound, since two wrong types on one place may be the same. Also taken for
/// granted: the text has a free word for each false mention and another place for each boundary
/// error. Gold mentions flagged optional count like all others. Linear.
pub fn expected(gold: &Document, spec: &NoiseSpec) -> Expected {
    let mut by_spans: FxHashMap<&Spans, i32> = FxHashMap::default();
    let mut by_type: FxHashMap<(&Spans, Label), i32> = FxHashMap::default();
    for mention in &gold.mentions {
        *by_spans.entry(&mention.spans).or_default() += 1;
        *by_type.entry((&mention.spans, mention.label)).or_default() += 1;
    }
    let not = |rate: super::Rate| 1.0 - rate.get();
    let placed = not(spec.miss) * not(spec.boundary);
    let right = placed * not(spec.type_) * not(spec.alien);
    let mentions = gold.mentions.len() as f64;
    let elsewhere = mentions * (not(spec.miss) * spec.boundary.get() + spec.spurious.get());
    let mistyped = mentions * (placed - right);
    Expected {
        strict: counts(sorted(by_type), right, elsewhere + mistyped),
        boundaries: counts(sorted(by_spans), placed, elsewhere),
    }
}

/// How many items there are of each multiplicity, in order: sums must not depend on a map's order.
fn sorted<K>(map: FxHashMap<K, i32>) -> Vec<i32> {
    let mut copies: Vec<i32> = map.into_values().collect();
    copies.sort_unstable();
    copies
}

fn counts(copies: Vec<i32>, right: f64, false_positives: f64) -> ExpectedCounts {
    let found = |copies: &i32| 1.0 - (1.0 - right).powi(*copies);
    let true_positives = copies.iter().map(found).sum();
    let false_negatives = copies.len() as f64 - true_positives;
    ExpectedCounts { true_positives, false_positives, false_negatives }
}
