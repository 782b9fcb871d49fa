//! Mention views that ask for equal spans: sets of places, with or without types.

use std::cmp::Ordering;

use ere_dataset::{Document, Label, Layer, Prediction};

use crate::place::{Entry, Places, Side};
use crate::sink::{Item, Sink};
use crate::slicing::MentionSlices;

/// Whether types decide.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Types {
    /// Equal types.
    Asked,
    /// Types are ignored.
    Ignored,
}

/// Tallies mentions as a set of places (and types). Duplicates collapse. Gold that is optional is
/// neutral: to predict it is neither right nor wrong.
pub(crate) fn tally(
    places: &Places,
    gold: &Document,
    pred: &Prediction,
    types: Types,
    slices: &MentionSlices<'_>,
    sink: &mut Sink<'_>,
) {
    let item = |document: &Document, label, same: &[Entry]| Item {
        label,
        slices: slices.of(document, same),
    };
    places.for_each(|at_gold, at_pred| {
        let is_optional = at_gold.iter().any(|entry| entry.optional);
        for_each_item(at_gold, at_pred, types, |label, same_gold, same_pred| {
            let is_required = same_gold.iter().any(|entry| !entry.optional);
            match (is_required, same_pred.is_empty()) {
                (true, true) => sink.missed(item(gold, label, same_gold)),
                (true, false) => {
                    sink.hit(item(gold, label, same_gold), item(&pred.document, label, same_pred));
                }
                (false, false) if !is_optional => {
                    sink.wrong(item(&pred.document, label, same_pred));
                }
                (false, _) => {}
            }
        });
    });
    sink.malformed(pred, Layer::Mentions);
}

/// Calls `each` with the mentions of one place that count as one item, of either side: all of them,
/// or those of one type.
fn for_each_item(
    mut gold: &[Entry],
    mut pred: &[Entry],
    types: Types,
    mut each: impl FnMut(Option<Label>, &[Entry], &[Entry]),
) {
    let label = |entry: &Entry| (types == Types::Asked).then_some(entry.label);
    loop {
        let (order, next) = match (gold.first(), pred.first()) {
            (None, None) => return,
            (Some(a), None) => (Ordering::Less, label(a)),
            (None, Some(b)) => (Ordering::Greater, label(b)),
            (Some(a), Some(b)) => (label(a).cmp(&label(b)), label(a).min(label(b))),
        };
        let count = |entries: &[Entry], is_next: bool| {
            entries.iter().take_while(|entry| is_next && label(entry) == next).count()
        };
        let (same_gold, after_gold) = gold.split_at(count(gold, order.is_le()));
        let (same_pred, after_pred) = pred.split_at(count(pred, order.is_ge()));
        each(next, same_gold, same_pred);
        (gold, pred) = (after_gold, after_pred);
    }
}

/// How many mentions repeat another one's place and type.
pub(crate) fn duplicates(side: &Side) -> u64 {
    let is_repeat =
        |pair: &&[Entry]| (pair[0].place, pair[0].label) == (pair[1].place, pair[1].label);
    side.entries.windows(2).filter(is_repeat).count() as u64
}
