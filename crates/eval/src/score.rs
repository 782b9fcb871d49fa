//! From tallies of documents to scores with intervals.

use std::collections::BTreeMap;

use ere_dataset::Vocabulary;
use serde::{Deserialize, Serialize};

use crate::document::{DocumentTallies, Notes};
use crate::protocol::Protocol;
use crate::rules::Rules;
use crate::signature::Signature;
use crate::slice::{RowKey, Slice, SliceId, slice_of};
use crate::statistics::{Interval, Matrix, Resampling, Shape, bca};
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
    /// The mean over the types that gold or the predictions have.
    #[serde(rename = "macro.all")]
    MacroAll,
    /// The mean over all types of the ontology that the score counts. What is undefined is 0 here:
    /// otherwise types that nobody has would not matter.
    #[serde(rename = "macro.ontology")]
    MacroOntology,
    /// The mean over the types that gold has, weighted by how many items each has in gold.
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
            Average::MacroAll => "macro.all",
            Average::MacroOntology => "macro.ontology",
            Average::Weighted => "weighted",
            Average::MacroFamily => "macro.family",
            Average::Views => "views",
        }
    }
}

/// One row of a score table.
///
/// Means over types take each ratio over the types where it is defined (but see
/// [`Average::MacroOntology`]); they have no counts of their own, `tally` is the micro row's. A mean
/// over views has no counts at all. A row without gold has no intervals.
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
        let mut names: Option<Vocabulary> = None;
        let documents = documents.into_iter().map(|document| {
            let document = match &names {
                Some(names) => document.renumbered(names),
                None => document,
            };
            names.get_or_insert_with(|| document.names().clone());
            (document.id.clone(), document)
        });
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

    /// The sum of a row over all documents.
    pub fn total(&self, key: &RowKey) -> Tally {
        self.documents().filter_map(|document| document.get(key)).sum()
    }

    /// The sum of all items of a view, by its name; `None` where no document has the view, and for a
    /// mean over views, which has no items.
    pub fn micro(&self, view: &str) -> Option<Tally> {
        let view: View = view.parse().ok().filter(|view: &View| view.parts().is_empty())?;
        let key = RowKey { view, slice: Slice::All };
        let rows = self.documents().filter_map(|document| document.get(&key));
        rows.fold(None, |sum, tally| Some(sum.unwrap_or_default() + tally))
    }

    /// Every row of the protocol with its ratios and intervals: for each view all items, the means,
    /// families, types by name, then the other slices.
    ///
    /// `base` says what the scores have in common (data, track, policies); view, average and slice
    /// are added to it. The work of intervals is replicates × documents × rows, where a row that few
    /// documents have counts as far as they do.
    pub fn scores(
        &self,
        protocol: &Protocol,
        rules: &Rules,
        base: &Signature,
        resampling: Option<Resampling>,
    ) -> Vec<Score> {
        let rows = Rows::of(self);
        let lines: Vec<Line> =
            protocol.views.iter().flat_map(|view| rows.lines(*view, protocol, rules)).collect();
        let intervals = match resampling {
            Some(resampling) => intervals(self, &rows, &lines, resampling),
            None => vec![[None; 3]; lines.len()],
        };
        let score = |(line, intervals): (&Line, [Option<Interval>; 3])| {
            let key = &rows.keys[line.row];
            let [precision, recall, f1] = line.ratios(|row| rows.totals[row]);
            let [precision_interval, recall_interval, f1_interval] = intervals;
            Score {
                view: key.view,
                slice: key.slice.clone(),
                average: line.average,
                tally: rows.totals[line.row],
                precision,
                recall,
                f1,
                precision_interval,
                recall_interval,
                f1_interval,
                signature: sign(base, key, line.average),
            }
        };
        lines.iter().zip(intervals).map(score).collect()
    }
}

/// The rows that the documents have.
struct Rows {
    /// In order.
    keys: Vec<RowKey>,
    totals: Vec<Tally>,
    /// The position of a row, by view and by the number of its slice.
    positions: Vec<Vec<u32>>,
}

const NONE: u32 = u32::MAX;

impl Rows {
    fn of(tallies: &Tallies) -> Rows {
        let mut rows = Rows {
            keys: Vec::new(),
            totals: Vec::new(),
            positions: vec![Vec::new(); View::ALL.len()],
        };
        let Some(first) = tallies.documents().next() else { return rows };
        // Numbered as they are met, then again in the order of names.
        let mut met: Vec<(View, SliceId)> = Vec::new();
        for document in tallies.documents() {
            for (view, slice, _) in document.numbered() {
                let positions = &mut rows.positions[view as usize];
                if positions.len() <= slice.index() {
                    positions.resize(slice.index() + 1, NONE);
                }
                if positions[slice.index()] == NONE {
                    positions[slice.index()] = 0;
                    met.push((view, slice));
                }
            }
        }
        let named = |(view, slice): (View, SliceId)| {
            (RowKey { view, slice: slice_of(slice, first.names()) }, slice)
        };
        let mut named: Vec<(RowKey, SliceId)> = met.into_iter().map(named).collect();
        named.sort_unstable();
        for (position, (key, slice)) in named.iter().enumerate() {
            rows.positions[key.view as usize][slice.index()] = position as u32;
        }
        rows.keys = named.into_iter().map(|(key, _)| key).collect();
        rows.totals = vec![Tally::default(); rows.keys.len()];
        for document in tallies.documents() {
            for (view, slice, tally) in document.numbered() {
                let position = rows.position(view, slice);
                rows.totals[position] += tally;
            }
        }
        rows
    }

    fn position(&self, view: View, slice: SliceId) -> usize {
        self.positions[view as usize][slice.index()] as usize
    }

    fn has_gold(&self, row: usize) -> bool {
        self.totals[row].recall_denominator > 0.0
    }

    fn lines(&self, view: View, protocol: &Protocol, rules: &Rules) -> Vec<Line> {
        let whole = |view| self.keys.binary_search(&RowKey { view, slice: Slice::All }).ok();
        let Some(all) = whole(view) else { return Vec::new() };
        if !view.parts().is_empty() {
            let parts: Option<Vec<usize>> = view.parts().iter().map(|part| whole(*part)).collect();
            let line = |parts| Line { row: all, average: Average::Views, parts, types: None };
            return parts.map(line).into_iter().collect();
        }
        let end = self.keys[all..].partition_point(|key| key.view == view) + all;
        let of = |wanted: fn(&Slice) -> bool| -> Vec<usize> {
            (all + 1..end).filter(|row| wanted(&self.keys[*row].slice)).collect()
        };
        let types = of(|slice| matches!(slice, Slice::Type(_)));
        let families = of(|slice| matches!(slice, Slice::Family(_)));
        let others = of(|slice| !matches!(slice, Slice::Type(_) | Slice::Family(_)));
        let micro = |row| Line { row, average: Average::Micro, parts: Vec::new(), types: None };
        let averages = protocol.averages.iter();
        let mut lines: Vec<Line> = averages
            .filter_map(|average| self.mean(all, *average, &types, &families, rules))
            .collect();
        // BLANC is the mean over both kinds of links; over all links alike it would be another metric.
        if view == View::CoreferenceBlanc {
            lines = self.mean(all, Average::Macro, &types, &[], rules).into_iter().collect();
        }
        lines.extend(families.into_iter().chain(types).chain(others).map(micro));
        lines
    }

    /// All items of a view, averaged; `None` where there is nothing to average.
    fn mean(
        &self,
        all: usize,
        average: Average,
        types: &[usize],
        families: &[usize],
        rules: &Rules,
    ) -> Option<Line> {
        let view = self.keys[all].view;
        let label = |row: usize| match &self.keys[row].slice {
            Slice::Type(name) => rules.vocabulary().get(name),
            _ => None,
        };
        let is_primary =
            |row: &usize| label(*row).is_none_or(|label| !rules.is_neutral_in_primary(label));
        let is_declared = |row: &usize| label(*row).is_some_and(|l| rules.declares(view, l));
        let has_gold = |row: &usize| self.has_gold(*row);
        let primary = || types.iter().copied().filter(is_primary);
        let is_blanc = view == View::CoreferenceBlanc;
        let parts: Vec<usize> = match average {
            Average::Micro | Average::Views => Vec::new(),
            _ if types.is_empty() && !is_blanc => return None,
            Average::Macro | Average::Weighted => primary().filter(has_gold).collect(),
            Average::MacroAll => primary().collect(),
            Average::MacroOntology => primary().filter(is_declared).collect(),
            Average::MacroFamily if families.is_empty() => return None,
            Average::MacroFamily => families.iter().copied().filter(has_gold).collect(),
        };
        let types = match average {
            Average::MacroOntology => Some(rules.count_declared(view)?),
            _ => None,
        };
        (average != Average::Views).then_some(Line { row: all, average, parts, types })
    }
}

/// One row of the result: where its counts are, and the rows that it is a mean of.
struct Line {
    row: usize,
    average: Average,
    /// Chosen by the whole sample, so that every resample measures the same thing.
    parts: Vec<usize>,
    /// How many types the mean is over, if not those where it is defined.
    types: Option<usize>,
}

impl Line {
    /// Precision, recall, F1.
    fn ratios(&self, tally: impl Fn(usize) -> Tally) -> [Option<f64>; 3] {
        let parts = || self.parts.iter().map(|part| tally(*part));
        let ratios: [fn(&Tally) -> Option<f64>; 3] = [Tally::precision, Tally::recall, Tally::f1];
        match self.average {
            Average::Micro => {
                let tally = tally(self.row);
                ratios.map(|ratio| ratio(&tally))
            }
            Average::Views => {
                let sum = parts().map(|tally| tally.f1()).sum::<Option<f64>>();
                [None, None, sum.map(|sum| sum / self.parts.len() as f64)]
            }
            Average::Weighted => ratios
                .map(|ratio| mean(parts().map(|tally| (ratio(&tally), tally.recall_denominator)))),
            Average::MacroOntology => {
                let types = self.types.filter(|types| *types > 0);
                let sum = |ratio: fn(&Tally) -> Option<f64>| {
                    parts().filter_map(|tally| ratio(&tally)).sum::<f64>()
                };
                ratios.map(|ratio| types.map(|types| sum(ratio) / types as f64))
            }
            Average::Macro | Average::MacroAll | Average::MacroFamily => {
                ratios.map(|ratio| mean(parts().map(|tally| (ratio(&tally), 1.0))))
            }
        }
    }
}

/// The weighted mean of what is defined.
fn mean(values: impl Iterator<Item = (Option<f64>, f64)>) -> Option<f64> {
    let add = |(sum, weights), (value, weight): (Option<f64>, f64)| match value {
        Some(value) => (sum + weight * value, weights + weight),
        None => (sum, weights),
    };
    let (sum, weights) = values.fold((0.0, 0.0), add);
    (weights > 0.0).then(|| sum / weights)
}

/// The intervals of precision, recall and F1 of each line; none where there is no gold.
fn intervals(
    tallies: &Tallies,
    rows: &Rows,
    lines: &[Line],
    resampling: Resampling,
) -> Vec<[Option<Interval>; 3]> {
    let has_interval = |line: &&Line| line.average == Average::Views || rows.has_gold(line.row);
    let measured: Vec<&Line> = lines.iter().filter(has_interval).collect();
    let (matrix, columns) = matrix(tallies, rows, &measured);
    let evaluate = |sums: &[f64], slots: &mut [Option<f64>]| {
        let number = |column: u32| sums[column as usize];
        let tally = |row: usize| {
            let [a, b, c, d] = columns[row];
            Tally {
                precision_numerator: number(a),
                precision_denominator: number(b),
                recall_numerator: number(c),
                recall_denominator: number(d),
            }
        };
        for (line, slots) in measured.iter().zip(slots.chunks_exact_mut(3)) {
            slots.copy_from_slice(&line.ratios(tally));
        }
    };
    let found = bca(&matrix, 3 * measured.len(), evaluate, resampling);
    let mut found = found.chunks_exact(3);
    let of_line = |line: &Line| match has_interval(&line) {
        true => found.next().map_or([None; 3], |three| [three[0], three[1], three[2]]),
        false => [None; 3],
    };
    lines.iter().map(of_line).collect()
}

/// The numbers of documents in the rows that some lines need, and the four columns of each row.
fn matrix(tallies: &Tallies, rows: &Rows, lines: &[&Line]) -> (Matrix, Vec<[u32; 4]>) {
    let mut is_needed = vec![false; rows.keys.len()];
    for line in lines {
        is_needed[line.row] = true;
        line.parts.iter().for_each(|part| is_needed[*part] = true);
    }
    let mut shapes = vec![[Shape::default(); 4]; rows.keys.len()];
    let mut has_equal_credit = vec![true; rows.keys.len()];
    for document in tallies.documents() {
        for (view, slice, tally) in document.numbered() {
            let row = rows.position(view, slice);
            let numbers = tally.numbers();
            shapes[row].iter_mut().zip(numbers).for_each(|(shape, number)| shape.add(number));
            has_equal_credit[row] &= numbers[0] == numbers[2];
        }
    }
    let mut used: Vec<Shape> = Vec::new();
    let mut column = |shape: Shape| {
        used.push(shape);
        used.len() as u32 - 1
    };
    let mut columns = vec![[NONE; 4]; rows.keys.len()];
    for row in (0..rows.keys.len()).filter(|row| is_needed[*row]) {
        let [a, b, c, d] = shapes[row];
        let credit = column(a);
        let of_gold = if has_equal_credit[row] { credit } else { column(c) };
        columns[row] = [credit, column(b), of_gold, column(d)];
    }
    let mut matrix = Matrix::new(tallies.len(), &used);
    for (at, document) in tallies.documents().enumerate() {
        for (view, slice, tally) in document.numbered() {
            let row = rows.position(view, slice);
            if !is_needed[row] {
                continue;
            }
            let numbers = tally.numbers();
            matrix.set(at, columns[row][0], numbers[0]);
            matrix.set(at, columns[row][1], numbers[1]);
            if !has_equal_credit[row] {
                matrix.set(at, columns[row][2], numbers[2]);
            }
            matrix.set(at, columns[row][3], numbers[3]);
        }
    }
    (matrix, columns)
}

fn sign(base: &Signature, key: &RowKey, average: Average) -> Signature {
    let mut signature = Signature::new();
    signature.set("view", key.view.name()).set("avg", average.name());
    if key.slice != Slice::All {
        signature.set("slice", &key.slice.name());
    }
    signature.extend(base);
    signature
}
