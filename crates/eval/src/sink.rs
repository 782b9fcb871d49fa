//! Where a view puts its counts.

use ere_dataset::{Label, Layer, Prediction};
use rustc_hash::FxHashMap;

use crate::rules::Rules;
use crate::slice::{Slice, SliceId, SliceKind};
use crate::slicing::Kinds;
use crate::tally::Tally;
use crate::view::View;

/// Credit and items of both sides: precision's numerator and denominator, then recall's.
pub(crate) type Counts = [u32; 4];

/// A row of one document: a view, a slice, and whole numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) view: View,
    pub(crate) slice: SliceId,
    pub(crate) counts: Counts,
}

/// One side of what is counted: its type if the view has types, and the other slices it is in.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) label: Option<Label>,
    pub(crate) slices: SliceSet,
}

/// Slices that one item is in, besides those of its type.
pub(crate) type SliceSet = [Option<SliceId>; 4];

impl Item {
    /// An item of a type, in no other slice.
    pub(crate) fn of(label: Label) -> Item {
        Item { label: Some(label), slices: SliceSet::default() }
    }
}

/// Counters by slice, used by one view after the other.
pub(crate) struct Table {
    counts: Vec<Counts>,
    /// Slices that were not known when the rules were made.
    others: FxHashMap<SliceId, Counts>,
    /// Slices with counts.
    touched: Vec<SliceId>,
    /// The slices of types that the rules do not know.
    alien: FxHashMap<Label, SliceId>,
}

impl Table {
    pub(crate) fn new(rules: &Rules) -> Table {
        Table {
            counts: vec![[0; 4]; rules.slices().vocabulary().len()],
            others: FxHashMap::default(),
            touched: Vec::with_capacity(64),
            alien: FxHashMap::default(),
        }
    }

    fn add(&mut self, slice: SliceId, counts: Counts) {
        let known = self.counts.get_mut(slice.index());
        let sum = known.unwrap_or_else(|| self.others.entry(slice).or_default());
        if *sum == [0; 4] {
            self.touched.push(slice);
        }
        add(sum, counts);
    }

    fn take(&mut self, slice: SliceId) -> Counts {
        match self.counts.get_mut(slice.index()) {
            Some(counts) => std::mem::take(counts),
            None => self.others.remove(&slice).unwrap_or_default(),
        }
    }
}

fn add(sum: &mut Counts, counts: Counts) {
    for (sum, count) in sum.iter_mut().zip(counts) {
        *sum += count;
    }
}

/// The counts of one view.
pub(crate) struct Sink<'a> {
    view: View,
    rules: &'a Rules,
    table: &'a mut Table,
    kinds: Kinds,
    /// Slices of every item: register and tags of the document.
    of_document: &'a [SliceId],
    all: Counts,
    /// What is not counted item by item.
    fractions: Vec<(SliceId, Tally)>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(
        view: View,
        rules: &'a Rules,
        table: &'a mut Table,
        kinds: Kinds,
        of_document: &'a [SliceId],
    ) -> Sink<'a> {
        Sink { view, rules, table, kinds, of_document, all: [0; 4], fractions: Vec::new() }
    }

    /// A predicted item that is right, and the gold item that it hits.
    pub(crate) fn hit(&mut self, gold: Item, pred: Item) {
        if gold == pred {
            return self.add(gold, [1, 1, 1, 1]);
        }
        self.add(pred, [1, 1, 0, 0]);
        self.add(gold, [0, 0, 1, 1]);
    }

    /// A predicted item that is wrong.
    pub(crate) fn wrong(&mut self, pred: Item) {
        self.add(pred, [0, 1, 0, 0]);
    }

    /// A gold item that nothing hits.
    pub(crate) fn missed(&mut self, gold: Item) {
        self.add(gold, [0, 0, 0, 1]);
    }

    /// A false positive for each malformed item of a layer.
    pub(crate) fn malformed(&mut self, pred: &Prediction, layer: Layer) {
        let count = pred.malformed.iter().filter(|item| item.layer == layer).count();
        if count > 0 {
            self.add(Item::default(), [0, count as u32, 0, 0]);
        }
    }

    /// Counts a slice alone, that is no part of the whole.
    pub(crate) fn apart(&mut self, slice: SliceId, hit: u32, missed: u32) {
        if hit + missed > 0 {
            self.table.add(slice, [hit, hit, hit, hit + missed]);
        }
    }

    /// Sets the tally of all items of a view that does not count item by item.
    pub(crate) fn whole(&mut self, tally: Tally) {
        let slices = [self.rules.slices().all].into_iter().chain(self.of_document.iter().copied());
        self.fractions.extend(slices.map(|slice| (slice, tally)));
    }

    /// Sets the tally of a part of it.
    pub(crate) fn part(&mut self, name: &str, tally: Tally) {
        if !tally.is_zero() {
            let slice = self.rules.slices().intern(&Slice::Type(name.to_owned()));
            self.fractions.push((slice, tally));
        }
    }

    fn add(&mut self, item: Item, counts: Counts) {
        if let Some(label) = item.label {
            let (slice, family) = self.slices_of(label);
            if self.kinds.has(SliceKind::Type) {
                self.table.add(slice, counts);
            }
            if self.rules.is_neutral_in_primary(label) {
                return;
            }
            if let Some(family) = family.filter(|_| self.kinds.has(SliceKind::Family)) {
                self.table.add(family, counts);
            }
        }
        add(&mut self.all, counts);
        for slice in item.slices.into_iter().flatten() {
            self.table.add(slice, counts);
        }
    }

    fn slices_of(&mut self, label: Label) -> (SliceId, Option<SliceId>) {
        self.rules.slices_of(label).unwrap_or_else(|| {
            let intern = || self.rules.intern_type(label);
            (*self.table.alien.entry(label).or_insert_with(intern), None)
        })
    }

    /// The rows: all items, then what there is of slices.
    pub(crate) fn finish(self, rows: &mut Vec<Row>, fractions: &mut Vec<(View, SliceId, Tally)>) {
        let Sink { view, rules, table, of_document, all, fractions: own, .. } = self;
        if own.is_empty() {
            rows.push(Row { view, slice: rules.slices().all, counts: all });
        }
        for (slice, tally) in own {
            match tally.whole() {
                Some(counts) => rows.push(Row { view, slice, counts }),
                None => fractions.push((view, slice, tally)),
            }
        }
        if all != [0; 4] {
            rows.extend(of_document.iter().map(|slice| Row { view, slice: *slice, counts: all }));
        }
        let mut touched = std::mem::take(&mut table.touched);
        for slice in touched.drain(..) {
            rows.push(Row { view, slice, counts: table.take(slice) });
        }
        table.touched = touched;
    }
}

impl Row {
    pub(crate) fn tally(&self) -> Tally {
        let [a, b, c, d] = self.counts.map(f64::from);
        Tally {
            precision_numerator: a,
            precision_denominator: b,
            recall_numerator: c,
            recall_denominator: d,
        }
    }
}
