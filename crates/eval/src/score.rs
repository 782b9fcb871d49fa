//! From tallies of documents to scores with intervals.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::document::{DocumentTallies, Notes, RowKey, Slice};
use crate::policy::{Aliens, Direction, Unknown, Zero};
use crate::protocol::Protocol;
use crate::reference::Singletons;
use crate::reference::spert::Overlaps;
use crate::rules::Rules;
use crate::signature::Signature;
use crate::statistics::{Interval, Resampling};
use crate::statistics::{Matrix, bca};
use crate::tally::Tally;
use crate::view::View;

/// The tallies of a corpus: documents in id order, rows in order.
///
/// Built by collecting [`DocumentTallies`] in any order; two halves of a corpus collected together
/// are the corpus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tallies {
    documents: BTreeMap<Box<str>, DocumentTallies>,
}

/// How a row sums up its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Average {
    /// All items alike.
    Micro,
    /// The mean over the types that gold has.
    Macro,
    /// The mean over the types that gold or the prediction has.
    #[serde(rename = "macro.seen")]
    MacroSeen,
    /// The mean over the types that gold has, each as often as gold has items of it.
    Weighted,
    /// The mean over the families of relation types that gold has.
    #[serde(rename = "macro.family")]
    MacroFamily,
    /// The mean F1 over the views that a view is made of ([`View::parts`]). Undefined where one of
    /// them is; it has no precision and no recall.
    Views,
}

impl Average {
    /// The name in signatures and files.
    pub fn name(self) -> &'static str {
        match self {
            Average::Micro => "micro",
            Average::Macro => "macro",
            Average::MacroSeen => "macro.seen",
            Average::Weighted => "weighted",
            Average::MacroFamily => "macro.family",
            Average::Views => "views",
        }
    }
}

/// One row of a score table.
///
/// Means over types take each ratio over the types where it is defined; they have no counts of their
/// own, `tally` is the micro row's. A mean over views has no counts at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// What was counted.
    pub view: View,
    /// Which items of it.
    pub slice: Slice,
    /// How they were averaged.
    pub average: Average,
    /// The counts.
    pub tally: Tally,
    /// Precision; undefined without predictions.
    pub precision: Option<f64>,
    /// Recall; undefined without gold.
    pub recall: Option<f64>,
    /// F1; undefined without both.
    pub f1: Option<f64>,
    /// 95 % interval of precision over documents.
    pub precision_interval: Option<Interval>,
    /// 95 % interval of recall over documents.
    pub recall_interval: Option<Interval>,
    /// 95 % interval of F1 over documents.
    pub f1_interval: Option<Interval>,
    /// What the row measured.
    pub signature: Signature,
}

impl FromIterator<DocumentTallies> for Tallies {
    fn from_iter<I: IntoIterator<Item = DocumentTallies>>(documents: I) -> Tallies {
        let documents = documents.into_iter().map(|document| (document.id.clone(), document));
        Tallies { documents: documents.collect() }
    }
}

impl Tallies {
    /// The documents, in id order.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = &DocumentTallies> {
        self.documents.values()
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there is no document.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// What was noticed in all documents.
    pub fn notes(&self) -> Notes {
        let mut notes = Notes::default();
        for document in self.documents() {
            notes += document.notes;
        }
        notes
    }

    /// Whether a document is among them.
    pub fn has(&self, id: &str) -> bool {
        self.documents.contains_key(id)
    }

    /// The rows of all documents; a row stands once for each document that has it.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &RowKey> {
        self.documents().flat_map(|document| document.rows.iter().map(|(key, _)| key))
    }

    /// Four columns for each row, over the documents that are wanted.
    pub(crate) fn columns(&self, rows: &[&RowKey], wanted: impl Fn(&str) -> bool) -> Matrix {
        let mut cells = Vec::new();
        for document in self.documents().filter(|document| wanted(&document.id)) {
            for row in rows {
                let found = document.rows.iter().find(|(key, _)| key == *row);
                cells.extend(numbers(&found.map_or(Tally::default(), |(_, tally)| *tally)));
            }
        }
        Matrix { cells, width: 4 * rows.len() }
    }

    /// The sum of a row over all documents.
    pub fn total(&self, key: &RowKey) -> Tally {
        let of = |document: &DocumentTallies| {
            document.rows.iter().find(|(row, _)| row == key).map(|(_, tally)| *tally)
        };
        self.documents().filter_map(of).sum()
    }

    /// The sum of all items of a view, by its name; `None` where no document has the view, and for a
    /// mean over views, which has no items.
    pub fn micro(&self, view: &str) -> Option<Tally> {
        let view: View = view.parse().ok().filter(|view: &View| view.parts().is_empty())?;
        let key = RowKey { view, slice: Slice::All };
        let has = |document: &DocumentTallies| document.rows.iter().any(|(row, _)| *row == key);
        self.documents().any(has).then(|| self.total(&key))
    }

    /// Every row of the protocol with its ratios and intervals: for each view all items, the means,
    /// families, then types by name.
    ///
    /// `base` says what the scores have in common (data, track, policies); view, average and slice
    /// are added to it. The work is replicates × documents × rows.
    pub fn scores(
        &self,
        protocol: &Protocol,
        rules: &Rules,
        base: &Signature,
        resampling: Option<Resampling>,
    ) -> Vec<Score> {
        let keys = self.distinct_keys();
        let lines: Vec<Line> = protocol
            .views
            .iter()
            .flat_map(|view| lines_of_view(*view, protocol, &keys, rules))
            .collect();
        let totals = self.totals(&keys);
        let evaluate = |sums: &[f64], slots: &mut [Option<f64>]| {
            let tallies = tallies_of(sums);
            for (line, slots) in lines.iter().zip(slots.chunks_exact_mut(3)) {
                slots.copy_from_slice(&line.ratios(&tallies, &totals));
            }
        };
        let intervals = match resampling {
            Some(resampling) => bca(&self.matrix(&keys), 3 * lines.len(), evaluate, resampling),
            None => vec![None; 3 * lines.len()],
        };
        let identity = protocol.identity();
        let score = |(line, intervals): (&Line, &[Option<Interval>])| {
            let key = keys[line.row];
            let [precision, recall, f1] = line.ratios(&totals, &totals);
            Score {
                view: key.view,
                slice: key.slice.clone(),
                average: line.average,
                tally: totals[line.row],
                precision,
                recall,
                f1,
                precision_interval: intervals[0],
                recall_interval: intervals[1],
                f1_interval: intervals[2],
                signature: sign(base, key, line.average, protocol, rules, &identity),
            }
        };
        lines.iter().zip(intervals.chunks_exact(3)).map(score).collect()
    }

    fn distinct_keys(&self) -> Vec<&RowKey> {
        let mut keys: FxHashSet<&RowKey> = FxHashSet::default();
        keys.extend(self.keys());
        let mut keys: Vec<&RowKey> = keys.into_iter().collect();
        keys.sort_unstable();
        keys
    }

    /// The sum of each row, documents in order.
    fn totals(&self, keys: &[&RowKey]) -> Vec<Tally> {
        let at: FxHashMap<&RowKey, usize> =
            keys.iter().enumerate().map(|(at, key)| (*key, at)).collect();
        let mut totals = vec![Tally::default(); keys.len()];
        for (key, tally) in self.documents().flat_map(|document| &document.rows) {
            totals[at[key]] += *tally;
        }
        totals
    }

    fn matrix(&self, keys: &[&RowKey]) -> Matrix {
        let width = 4 * keys.len();
        let mut cells = vec![0.0; width * self.len()];
        for (document, row) in self.documents().zip(cells.chunks_exact_mut(width.max(1))) {
            for (key, tally) in &document.rows {
                let at = 4 * keys.binary_search(&key).expect("the keys are those of the documents");
                row[at..at + 4].copy_from_slice(&numbers(tally));
            }
        }
        Matrix { cells, width }
    }
}

/// Four columns a row key.
fn numbers(tally: &Tally) -> [f64; 4] {
    [
        tally.precision_numerator,
        tally.precision_denominator,
        tally.recall_numerator,
        tally.recall_denominator,
    ]
}

/// The tallies that sums of such columns are.
pub(crate) fn tallies_of(sums: &[f64]) -> Vec<Tally> {
    let tally = |four: &[f64]| Tally {
        precision_numerator: four[0],
        precision_denominator: four[1],
        recall_numerator: four[2],
        recall_denominator: four[3],
    };
    sums.chunks_exact(4).map(tally).collect()
}

/// One row of the result: where its counts are, and the rows that it is a mean of.
pub(crate) struct Line {
    row: usize,
    average: Average,
    parts: Vec<usize>,
    zero: Zero,
}

impl Line {
    /// Where its own counts are, then those of its parts.
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.row).chain(self.parts.iter().copied())
    }

    /// The same line over a table of nothing but [`Line::rows`], in their order.
    pub(crate) fn renumbered(&self) -> Line {
        Line {
            row: 0,
            average: self.average,
            parts: (1..=self.parts.len()).collect(),
            zero: self.zero,
        }
    }

    /// Precision, recall, F1. A mean runs over the parts that gold has in the whole sample, so that
    /// every resample measures the same thing.
    pub(crate) fn ratios(&self, tallies: &[Tally], totals: &[Tally]) -> [Option<f64>; 3] {
        let ratios = |row: usize| self.zero.ratios(&tallies[row]);
        let in_gold = |part: usize| totals[part].recall_denominator > 0.0;
        let seen = |part: usize| in_gold(part) || totals[part].precision_denominator > 0.0;
        let parts = || self.parts.iter().copied();
        match self.average {
            Average::Micro => ratios(self.row),
            Average::Views => {
                let sum = parts().map(|part| ratios(part)[2]).sum::<Option<f64>>();
                [None, None, sum.map(|sum| sum / self.parts.len() as f64)]
            }
            Average::Macro | Average::MacroFamily => [0, 1, 2].map(|at| {
                mean(parts().filter(|part| in_gold(*part)).filter_map(|part| ratios(part)[at]))
            }),
            Average::MacroSeen => [0, 1, 2].map(|at| {
                mean(parts().filter(|part| seen(*part)).filter_map(|part| ratios(part)[at]))
            }),
            Average::Weighted => [0, 1, 2].map(|at| {
                let value = |part| Some((ratios(part)[at]?, tallies[part].recall_denominator));
                let mean = weighted(parts().filter(|part| in_gold(*part)).filter_map(value));
                mean.or_else(|| self.zero.ratios(&Tally::default())[at])
            }),
        }
    }
}

/// The mean of values, each with its weight.
fn weighted(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, weight) =
        values.fold((0.0, 0.0), |(sum, all), (value, weight)| (sum + weight * value, all + weight));
    (weight > 0.0).then(|| sum / weight)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

pub(crate) fn lines_of_view(
    view: View,
    protocol: &Protocol,
    keys: &[&RowKey],
    rules: &Rules,
) -> Vec<Line> {
    let rows = |wanted: fn(&Slice) -> bool| -> Vec<usize> {
        let rows = keys.iter().enumerate();
        rows.filter(|(_, key)| key.view == view && wanted(&key.slice)).map(|(row, _)| row).collect()
    };
    let whole = |view| keys.iter().position(|key| key.view == view && key.slice == Slice::All);
    let Some(all) = whole(view) else { return Vec::new() };
    let zero = protocol.policies.of(view).zero;
    let line = |row, average, parts| Line { row, average, parts, zero };
    if !view.parts().is_empty() {
        let parts: Option<Vec<usize>> = view.parts().iter().map(|part| whole(*part)).collect();
        return parts.map(|parts| line(all, Average::Views, parts)).into_iter().collect();
    }
    let types = rows(|slice| matches!(slice, Slice::Type(_)));
    let families = rows(|slice| matches!(slice, Slice::Family(_)));
    let outcomes = rows(|slice| matches!(slice, Slice::Outcome(_)));
    let primary = |row: &usize| match &keys[*row].slice {
        Slice::Type(name) => {
            rules.vocabulary().get(name).is_none_or(|label| !rules.is_neutral_in_primary(label))
        }
        _ => true,
    };
    let counted = || types.iter().copied().filter(primary).collect();
    let mut lines = Vec::new();
    match view.mean_of_types() {
        Some(average) => lines.push(line(all, average, types.clone())),
        None => {
            for average in &protocol.averages {
                match average {
                    Average::Micro => lines.push(line(all, *average, Vec::new())),
                    Average::MacroFamily if families.is_empty() => {}
                    Average::MacroFamily => lines.push(line(all, *average, families.clone())),
                    _ if types.is_empty() => {}
                    _ => lines.push(line(all, *average, counted())),
                }
            }
        }
    }
    let slices = families.into_iter().chain(types).chain(outcomes);
    lines.extend(slices.map(|row| line(row, Average::Micro, Vec::new())));
    lines
}

fn sign(
    base: &Signature,
    key: &RowKey,
    average: Average,
    protocol: &Protocol,
    rules: &Rules,
    identity: &str,
) -> Signature {
    let view = key.view;
    let policies = protocol.policies.of(view);
    let mut signature = Signature::new();
    signature.set("view", view.name()).set("avg", average.name());
    if key.slice != Slice::All {
        signature.set("slice", &key.slice.name());
    }
    signature.extend(base);
    signature.set("span", view.span_rule()).set("type", view.type_rule());
    for (key, policy) in [
        ("dir", policies.direction.map(Direction::name)),
        ("singletons", policies.singletons.map(Singletons::name)),
        ("overlaps", policies.overlaps.map(Overlaps::name)),
        ("aliens", policies.aliens.map(Aliens::name)),
    ] {
        if let Some(policy) = policy {
            signature.set(key, policy);
        }
    }
    if let (true, Some(train)) = (view.needs_train(), rules.train()) {
        signature.set("train", &train.sha256[..train.sha256.len().min(8)]);
    }
    signature
        .set("dup", policies.duplicates.name())
        .set("missing", protocol.policies.missing.name())
        .set("zero", policies.zero.name())
        .set_estimate("protocol", identity);
    // To refuse documents that gold does not have, or to pass them over, gives the same figures.
    if protocol.policies.unknown == Unknown::Count {
        signature.set("unknown", Unknown::Count.name());
    }
    signature
}
