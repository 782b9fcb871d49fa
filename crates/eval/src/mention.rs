//! Mention views: sets of places, with or without types.

use ere_dataset::{Document, Label, Layer, Prediction, Spans};

use crate::document::Sink;
use crate::tally::Tally;

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
pub(crate) fn tally(gold: &Document, pred: &Prediction, types: Types, sink: &mut Sink<'_>) {
    let gold_items = items(gold, types);
    let pred_items = items(&pred.document, types);
    let optional: Vec<&Spans> =
        gold.mentions.iter().filter(|mention| mention.optional).map(|m| &m.spans).collect();
    let required = required(gold, types, &gold_items);
    let mut gold_rest = gold_items.iter().zip(required).peekable();
    for item in &pred_items {
        while let Some((missed, required)) = gold_rest.next_if(|(next, _)| *next < item) {
            sink.add(missed.1, Tally::counts(0, 0, u64::from(required)));
        }
        match gold_rest.next_if(|(next, _)| *next == item) {
            Some((_, true)) => sink.add(item.1, Tally::counts(1, 0, 0)),
            Some((_, false)) => {}
            None if optional.contains(&item.0) => {}
            None => sink.add(item.1, Tally::counts(0, 1, 0)),
        }
    }
    for (missed, required) in gold_rest {
        sink.add(missed.1, Tally::counts(0, 0, u64::from(required)));
    }
    sink.add_malformed(pred, Layer::Mentions);
}

pub(crate) type Item<'a> = (&'a Spans, Option<Label>);

pub(crate) fn items(document: &Document, types: Types) -> Vec<Item<'_>> {
    let label = |label| (types == Types::Asked).then_some(label);
    let mut items: Vec<Item<'_>> =
        document.mentions.iter().map(|mention| (&mention.spans, label(mention.label))).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// For each gold item, whether some mention of it is not optional.
pub(crate) fn required(gold: &Document, types: Types, items: &[Item<'_>]) -> Vec<bool> {
    let mut required = vec![false; items.len()];
    for mention in gold.mentions.iter().filter(|mention| !mention.optional) {
        let item = (&mention.spans, (types == Types::Asked).then_some(mention.label));
        let at = items.binary_search(&item).expect("the items were made from the same mentions");
        required[at] = true;
    }
    required
}

/// How many mentions repeat another one's place and type.
pub(crate) fn duplicates(document: &Document) -> u64 {
    (document.mentions.len() - items(document, Types::Asked).len()) as u64
}
