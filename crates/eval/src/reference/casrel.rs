//! CasRel's `metric` (Wei et al. 2020; weizhepei/CasRel, `utils.py`, commit 3faef3f).
//!
//! A relation is a triple of strings: text of the head, type, text of the tail; a document has a set
//! of them, so that mentions with one text merge. Exact compares the texts, partial their first words.
//!
//! Nothing is undefined, because 1e-10 is added to each of the three counts of the whole corpus: where
//! nothing is predicted, precision is 1, and where gold is empty too, everything is 1.

use std::borrow::Cow;

use ere_dataset::{Document, Label};

use crate::reference::by_type;
use crate::reference::sets::Items;
use crate::reference::{Ratios, surface};
use crate::tally::Tally;

/// What is added to the counts of right, predicted and gold triples.
pub const EPSILON: f64 = 1e-10;

/// What is compared of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// All of it.
    Exact,
    /// What stands before the first space.
    Partial,
}

/// Counts the triples of one document.
///
/// ```
/// use ere_eval::{Tally, reference::casrel};
/// let ratios = casrel::ratios(&Tally::counts(0, 0, 4));
/// assert_eq!(ratios.precision, 1.0);
/// assert!(ratios.recall < 1e-10);
/// ```
pub fn tally(gold: &Document, pred: &Document, compared: Match) -> Tally {
    by_type::tally(triples(gold, compared), triples(pred, compared))
}

/// The ratios of the whole corpus.
pub fn ratios(total: &Tally) -> Ratios {
    let correct = total.tp() + EPSILON;
    let precision = correct / (total.precision_denominator + EPSILON);
    let recall = correct / (total.recall_denominator + EPSILON);
    Ratios { precision, recall, f1: 2.0 * precision * recall / (precision + recall) }
}

fn triples(document: &Document, compared: Match) -> Vec<(Cow<'_, str>, Label, Cow<'_, str>)> {
    let text = |spans| match compared {
        Match::Exact => surface(document, spans),
        Match::Partial => super::first_word(surface(document, spans)),
    };
    let relations = Items::of(document).relations.into_iter();
    relations.map(|r| (text(&r.head.spans), r.label, text(&r.tail.spans))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::testing::Builder;

    #[test]
    fn partial_merges_relations_whose_first_words_are_equal() {
        // "Ann Lee" and "Ann Roe" run "Acme" and "Acme of Rome".
        let document = Builder::default()
            .mention(0, 7, "PER")
            .mention(12, 19, "PER")
            .mention(24, 28, "ORG")
            .mention(24, 36, "ORG")
            .relation(0, 2, "runs")
            .relation(1, 3, "runs")
            .build();
        assert_eq!(tally(&document, &document, Match::Exact), Tally::counts(2, 0, 0));
        assert_eq!(tally(&document, &document, Match::Partial), Tally::counts(1, 0, 0));
    }

    #[test]
    fn nothing_at_all_is_perfect() {
        let ratios = ratios(&Tally::default());
        assert_eq!((ratios.precision, ratios.recall, ratios.f1), (1.0, 1.0, 1.0));
    }
}
