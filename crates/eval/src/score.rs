//! From tallies of documents to scores with intervals.

use std::collections::BTreeMap;

use ere_dataset::Vocabulary;
use serde::{Deserialize, Serialize};

use crate::document::{DocumentTallies, Notes};
use crate::policy::{Aliens, Direction, Unknown, Zero};
use crate::protocol::Protocol;
use crate::reference::Singletons;
use crate::reference::spert::Overlaps;
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
    /// The mean over the types that gold or the prediction has.
    #[serde(rename = "macro.seen")]
    MacroSeen,
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
            Average::MacroSeen => "macro.seen",
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
    pub fn documents(&self) -> impl ExactSizeIterator<Item = &DocumentTallies> + Clone {
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

    /// The same tallies with the numbers of the names of slices that others have.
    pub(crate) fn renumbered(&self, names: &Vocabulary) -> Tallies {
        self.documents().cloned().map(|document| document.renumbered(names)).collect()
    }

    /// Four columns for each row, document by document, over the documents that are wanted.
    pub(crate) fn cells(&self, rows: &[&RowKey], wanted: impl Fn(&str) -> bool) -> Vec<f64> {
        let documents = self.documents().filter(|document| wanted(&document.id));
        let of = |document: &DocumentTallies| {
            let tally = |row: &&RowKey| document.get(row).unwrap_or_default().numbers();
            rows.iter().flat_map(tally).collect::<Vec<f64>>()
        };
        documents.flat_map(of).collect()
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
        let rows = Rows::of(self.documents());
        let lines: Vec<Line> =
            protocol.views.iter().flat_map(|view| rows.lines(*view, protocol, rules)).collect();
        let intervals = match resampling {
            Some(resampling) => intervals(self, &rows, &lines, resampling),
            None => vec![[None; 3]; lines.len()],
        };
        let identity = protocol.identity();
        let score = |(line, intervals): (&Line, [Option<Interval>; 3])| {
            let key = &rows.keys[line.row];
            let total = |row: usize| rows.totals[row];
            let [precision, recall, f1] = line.ratios(total, total);
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
                signature: sign(base, key, line.average, protocol, rules, &identity),
            }
        };
        lines.iter().zip(intervals).map(score).collect()
    }
}

/// The rows that the documents have.
pub(crate) struct Rows {
    /// In order.
    pub(crate) keys: Vec<RowKey>,
    totals: Vec<Tally>,
    /// The position of a row, by view and by the number of its slice.
    positions: Vec<Vec<u32>>,
}

const NONE: u32 = u32::MAX;

impl Rows {
    /// The documents have one numbering of slices.
    pub(crate) fn of<'t>(documents: impl Iterator<Item = &'t DocumentTallies> + Clone) -> Rows {
        let mut rows =
            Rows { keys: Vec::new(), totals: Vec::new(), positions: vec![Vec::new(); View::COUNT] };
        let Some(first) = documents.clone().next() else { return rows };
        // Numbered as they are met, then again in the order of names.
        let mut met: Vec<(View, SliceId)> = Vec::new();
        for document in documents.clone() {
            for (view, slice, _) in document.numbered() {
                let positions = &mut rows.positions[view.number()];
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
            rows.positions[key.view.number()][slice.index()] = position as u32;
        }
        rows.keys = named.into_iter().map(|(key, _)| key).collect();
        rows.totals = vec![Tally::default(); rows.keys.len()];
        for document in documents {
            for (view, slice, tally) in document.numbered() {
                let position = rows.position(view, slice);
                rows.totals[position] += tally;
            }
        }
        rows
    }

    fn position(&self, view: View, slice: SliceId) -> usize {
        self.positions[view.number()][slice.index()] as usize
    }

    fn has_gold(&self, row: usize) -> bool {
        self.totals[row].recall_denominator > 0.0
    }

    /// The lines of a view; none where no document has it.
    pub(crate) fn lines(&self, view: View, protocol: &Protocol, rules: &Rules) -> Vec<Line> {
        let whole = |view| self.keys.binary_search(&RowKey { view, slice: Slice::All }).ok();
        let Some(all) = whole(view) else { return Vec::new() };
        let zero = protocol.policies.of(view).zero;
        let line = |row, average, parts| Line { row, average, parts, types: None, zero };
        if !view.parts().is_empty() {
            let parts: Option<Vec<usize>> = view.parts().iter().map(|part| whole(*part)).collect();
            return parts.map(|parts| line(all, Average::Views, parts)).into_iter().collect();
        }
        let end = self.keys[all..].partition_point(|key| key.view == view) + all;
        let of = |wanted: fn(&Slice) -> bool| -> Vec<usize> {
            (all + 1..end).filter(|row| wanted(&self.keys[*row].slice)).collect()
        };
        let types = of(|slice| matches!(slice, Slice::Type(_)));
        let families = of(|slice| matches!(slice, Slice::Family(_)));
        let others = of(|slice| !matches!(slice, Slice::Type(_) | Slice::Family(_)));
        let mut lines: Vec<Line> = match view.mean_of_types() {
            Some(average) => vec![line(all, average, types.clone())],
            None => {
                let averages = protocol.averages.iter();
                let mean = |average: &Average| {
                    let (parts, types) = self.parts(view, *average, &types, &families, rules)?;
                    Some(Line { types, ..line(all, *average, parts) })
                };
                averages.filter_map(mean).collect()
            }
        };
        let slices = families.into_iter().chain(types).chain(others);
        lines.extend(slices.map(|row| line(row, Average::Micro, Vec::new())));
        lines
    }

    /// What all items of a view are averaged over, and over how many types if not those where the
    /// average is defined; `None` where there is nothing to average.
    fn parts(
        &self,
        view: View,
        average: Average,
        types: &[usize],
        families: &[usize],
        rules: &Rules,
    ) -> Option<(Vec<usize>, Option<usize>)> {
        let label = |row: usize| match &self.keys[row].slice {
            Slice::Type(name) => rules.vocabulary().get(name),
            _ => None,
        };
        let is_primary =
            |row: &usize| label(*row).is_none_or(|label| !rules.is_neutral_in_primary(label));
        let is_declared = |row: &usize| label(*row).is_some_and(|l| rules.declares(view, l));
        let primary = || types.iter().copied().filter(is_primary);
        Some(match average {
            Average::Micro => (Vec::new(), None),
            Average::Views => return None,
            Average::MacroFamily if families.is_empty() => return None,
            Average::MacroFamily => (families.to_vec(), None),
            _ if types.is_empty() => return None,
            Average::MacroOntology => {
                let count = rules.count_declared(view)?;
                (primary().filter(is_declared).collect(), Some(count))
            }
            Average::Macro | Average::MacroSeen | Average::Weighted => (primary().collect(), None),
        })
    }
}

/// One row of the result: where its counts are, and the rows that it is a mean of.
pub(crate) struct Line {
    row: usize,
    average: Average,
    parts: Vec<usize>,
    /// How many types the mean is over, if not those where it is defined.
    types: Option<usize>,
    zero: Zero,
}

impl Line {
    /// Where its own counts are, then those of its parts.
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.row).chain(self.parts.iter().copied())
    }

    /// The same line over a table of nothing but [`Line::rows`], in their order.
    pub(crate) fn renumbered(&self) -> Line {
        let parts = (1..=self.parts.len()).collect();
        Line { row: 0, parts, average: self.average, types: self.types, zero: self.zero }
    }

    /// Precision, recall, F1 of the sums of each row. A mean runs over the parts that gold has in
    /// `total`, the sums of the whole sample, so that every resample measures the same thing.
    pub(crate) fn ratios(
        &self,
        tally: impl Fn(usize) -> Tally,
        total: impl Fn(usize) -> Tally,
    ) -> [Option<f64>; 3] {
        let in_gold = |part: &usize| total(*part).recall_denominator > 0.0;
        let seen = |part: &usize| in_gold(part) || total(*part).precision_denominator > 0.0;
        let parts = || self.parts.iter().copied();
        let ratios = |row: usize| self.zero.ratios(&tally(row));
        let mean_over = |wanted: &dyn Fn(&usize) -> bool| {
            let mut means = [Mean::default(); 3];
            for part in parts().filter(wanted) {
                means.iter_mut().zip(ratios(part)).for_each(|(mean, value)| mean.add(value, 1.0));
            }
            means.map(Mean::value)
        };
        match self.average {
            Average::Micro => ratios(self.row),
            Average::Views => {
                let sum = parts().map(|part| ratios(part)[2]).sum::<Option<f64>>();
                [None, None, sum.map(|sum| sum / self.parts.len() as f64)]
            }
            Average::Macro | Average::MacroFamily => mean_over(&in_gold),
            Average::MacroSeen => mean_over(&seen),
            Average::MacroOntology => {
                let types = self.types.filter(|types| *types > 0);
                let mut sums = [0.0; 3];
                for part in parts() {
                    let values = ratios(part).map(Option::unwrap_or_default);
                    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                }
                sums.map(|sum| types.map(|types| sum / types as f64))
            }
            Average::Weighted => {
                let mut means = [Mean::default(); 3];
                for part in parts().filter(in_gold) {
                    let (tally, values) = (tally(part), ratios(part));
                    let means = means.iter_mut().zip(values);
                    means.for_each(|(mean, value)| mean.add(value, tally.recall_denominator));
                }
                let nothing = self.zero.ratios(&Tally::default());
                [0, 1, 2].map(|at| means[at].value().or(nothing[at]))
            }
        }
    }
}

/// A weighted mean of what is defined.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    weights: f64,
}

impl Mean {
    fn add(&mut self, value: Option<f64>, weight: f64) {
        if let Some(value) = value {
            self.sum += weight * value;
            self.weights += weight;
        }
    }

    fn value(self) -> Option<f64> {
        (self.weights > 0.0).then(|| self.sum / self.weights)
    }
}

/// The tallies that sums of four columns a row are.
pub(crate) fn tallies_of(sums: &[f64]) -> Vec<Tally> {
    let tally = |four: &[f64]| Tally {
        precision_numerator: four[0],
        precision_denominator: four[1],
        recall_numerator: four[2],
        recall_denominator: four[3],
    };
    sums.chunks_exact(4).map(tally).collect()
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
            slots.copy_from_slice(&line.ratios(tally, |row| rows.totals[row]));
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
