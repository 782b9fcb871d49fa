//! SemEval-2013 Task 9.1 (Segura-Bedmar et al. 2013): mentions in four schemes, each prediction
//! correct, incorrect, partial or spurious, each gold mention one of the first three or missed.
//!
//! The task names the outcomes and leaves open which prediction answers which gold mention. Here it
//! is the one-to-one assignment with the most correct pairs; of those, with the most pairs that
//! overlap; of those, with the greatest overlap. So no outcome depends on the order of a list, and
//! nested, overlapping and discontinuous mentions are nothing special. Copies of a mention collapse.
//! [`nervaluate`](super::nervaluate) has the greedy pairing that published numbers come from.

use std::collections::BTreeMap;

use ere_dataset::{Document, Label, Spans};

pub use super::nervaluate::{Counts, Scheme};
use crate::matching::{Edge, assign};
use crate::tally::Tally;

/// One scheme.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchemeTallies {
    /// The outcomes. They add up over documents.
    pub counts: Counts,
    /// Credit and items of each type: a prediction counts under its own type, a gold mention under
    /// its own, so that the types add up to the whole.
    pub by_type: BTreeMap<Label, Tally>,
}

/// Counts one document in one scheme.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::semeval13::{Scheme, tally};
/// let vocabulary = Vocabulary::default();
/// let read = |mentions: &str| {
///     let line = format!(r#"{{"id":"a","text":"Ann Lee","mentions":[{mentions}]}}"#);
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let whole = r#"{"start":0,"end":7,"type":"PER"}"#;
/// let half = r#"{"start":0,"end":3,"type":"PER"}"#;
/// let strict = |pred: String| tally(&read(whole), &read(&pred), Scheme::Strict).counts;
/// // The same two predictions in two orders.
/// assert_eq!(strict(format!("{whole},{half}")), strict(format!("{half},{whole}")));
/// assert_eq!(strict(format!("{half},{whole}")).correct, 1);
/// assert_eq!(tally(&read(whole), &read(half), Scheme::Partial).counts.partial, 1);
/// ```
pub fn tally(gold: &Document, pred: &Document, scheme: Scheme) -> SchemeTallies {
    let (gold, pred) = (items(gold), items(pred));
    let edges = edges(&gold, &pred, scheme);
    let mut tallies = SchemeTallies::default();
    let mut rows = tallies.by_type;
    for (_, label) in &gold {
        rows.entry(*label).or_default().recall_denominator += 1.0;
    }
    for (_, label) in &pred {
        rows.entry(*label).or_default().precision_denominator += 1.0;
    }
    let mut pairs = 0;
    let counts = &mut tallies.counts;
    for (row, column) in assign(gold.len(), pred.len(), &edges).into_iter().enumerate() {
        let Some(column) = column else { continue };
        let (gold, pred) = (&gold[row], &pred[column as usize]);
        pairs += 1;
        let credit = match (scheme.fits(gold, pred), scheme) {
            (true, _) => {
                counts.correct += 1;
                1.0
            }
            (false, Scheme::Partial) => {
                counts.partial += 1;
                0.5
            }
            (false, _) => {
                counts.incorrect += 1;
                0.0
            }
        };
        rows.entry(gold.1).or_default().recall_numerator += credit;
        rows.entry(pred.1).or_default().precision_numerator += credit;
    }
    counts.missed = gold.len() as u64 - pairs;
    counts.spurious = pred.len() as u64 - pairs;
    tallies.by_type = rows;
    tallies
}

type Item<'a> = (&'a Spans, Label);

impl Scheme {
    /// Whether a prediction that overlaps a gold mention is correct.
    fn fits(self, gold: &Item<'_>, pred: &Item<'_>) -> bool {
        match self {
            Scheme::Strict => gold == pred,
            Scheme::Exact | Scheme::Partial => gold.0 == pred.0,
            Scheme::EntityType => gold.1 == pred.1,
        }
    }
}

fn items(document: &Document) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> =
        document.mentions.iter().map(|mention| (&mention.spans, mention.label)).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// What a correct pair, any pair, and all of an overlap are worth. Each is more than the sum of all
/// that is less, among up to a thousand mentions that overlap one another in a chain; with more of
/// them the assignment is greedy, heaviest pair first.
const CORRECT: i64 = 1 << 44;
const PAIR: i64 = 1 << 22;
const OVERLAP: i64 = 1 << 10;

fn edges(gold: &[Item<'_>], pred: &[Item<'_>], scheme: Scheme) -> Vec<Edge> {
    let reach = gold.iter().map(|(spans, _)| spans.hull().len()).max().unwrap_or(0);
    let mut edges = Vec::new();
    let mut window = 0;
    for (column, pred) in pred.iter().enumerate() {
        let hull = pred.0.hull();
        let before = |gold: &Item<'_>| gold.0.first().start() + reach <= hull.start();
        while window < gold.len() && before(&gold[window]) {
            window += 1;
        }
        for (row, gold) in gold.iter().enumerate().skip(window) {
            if gold.0.first().start() >= hull.end() {
                break;
            }
            let shared = i64::from(gold.0.intersection(pred.0));
            if shared > 0 {
                let union = i64::from(gold.0.covered() + pred.0.covered()) - shared;
                let correct = if scheme.fits(gold, pred) { CORRECT } else { 0 };
                let weight = correct + PAIR + OVERLAP * shared / union;
                edges.push(Edge { row: row as u32, column: column as u32, weight });
            }
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Mention, Span, Vocabulary};

    use super::*;

    fn document(vocabulary: &Vocabulary, mentions: &[(&str, u32, u32)]) -> Document {
        let mention = |&(label, start, end): &(&str, u32, u32)| {
            Mention::new(Span::new(start, end).unwrap(), vocabulary.intern(label))
        };
        Document { mentions: mentions.iter().map(mention).collect(), ..Document::default() }
    }

    #[test]
    fn every_scheme_has_its_own_opinion() {
        let vocabulary = Vocabulary::default();
        let gold = [("A", 0, 4), ("A", 5, 9), ("B", 10, 14), ("A", 20, 24)];
        let pred = [("A", 0, 4), ("B", 5, 9), ("B", 10, 13), ("A", 30, 34), ("A", 0, 4)];
        let (gold, pred) = (document(&vocabulary, &gold), document(&vocabulary, &pred));
        let counts = |correct, incorrect, partial| Counts {
            correct,
            incorrect,
            partial,
            missed: 1,
            spurious: 1,
        };
        for (scheme, expected) in [
            (Scheme::Strict, counts(1, 2, 0)),
            (Scheme::Exact, counts(2, 1, 0)),
            (Scheme::Partial, counts(2, 0, 1)),
            (Scheme::EntityType, counts(2, 1, 0)),
        ] {
            let tallies = tally(&gold, &pred, scheme);
            assert_eq!(tallies.counts, expected, "{scheme:?}");
            let sum: Tally = tallies.by_type.into_values().sum();
            assert_eq!(sum, expected.tally(), "{scheme:?}");
        }
    }

    #[test]
    fn correct_pairs_come_first_then_any_pair() {
        let vocabulary = Vocabulary::default();
        // The long prediction overlaps both; the short one is right, and leaves it the other.
        let gold = document(&vocabulary, &[("A", 0, 4), ("A", 5, 9)]);
        let pred = document(&vocabulary, &[("A", 0, 9), ("A", 0, 4)]);
        let counts = tally(&gold, &pred, Scheme::Partial).counts;
        assert_eq!((counts.correct, counts.partial, counts.missed), (1, 1, 0));
    }
}
