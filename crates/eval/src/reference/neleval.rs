//! neleval 3.1.1 (wikilinks/neleval): its set measures of mentions and links.
//!
//! A measure is a set of tuples of some fields of the mentions that pass a filter; duplicates
//! collapse. The link of a mention is its own or else the first of its entity by name; it is linked
//! where its link does not begin with `NIL`; all others are NIL. Ratios of nothing are 0. **Documents that gold does not know count**: pair them with an empty one.
//!
//! [`confidence`] and [`significance`] resample documents, as its commands of these names do; the
//! random numbers are ours, so the figures agree within their Monte-Carlo error only. Its clustering
//! measures are not here: they group mentions by link over the whole corpus and do not add up.

use ere_dataset::{Document, Label, Mention, Spans};

use crate::reference::Ratios;
use crate::reference::by_type;
use crate::statistics::{
    Interval, Matrix, PairedTest, Resampling, approximate_randomization, percentile_intervals,
};
use crate::tally::Tally;

/// Which mentions and which of their fields are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Places.
    StrongMentionMatch,
    /// Places and types.
    StrongTypedMentionMatch,
    /// Places of linked mentions.
    StrongLinkedMentionMatch,
    /// Places and links of linked mentions.
    StrongLinkMatch,
    /// Places of NIL mentions.
    StrongNilMatch,
    /// Places and links, where all NILs are one.
    StrongAllMatch,
    /// Places, types and links of linked mentions.
    StrongTypedLinkMatch,
    /// Places and types of NIL mentions.
    StrongTypedNilMatch,
    /// Places, types and links, where all NILs are one.
    StrongTypedAllMatch,
    /// Links that the document has at all.
    EntityMatch,
}

/// Counts one document.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::{Tally, reference::neleval::{Measure, tally}};
/// let vocabulary = Vocabulary::default();
/// let read = |link: &str| {
///     let line = format!(
///         r#"{{"id":"a","text":"Ann","mentions":[{{"start":0,"end":3,"type":"PER","link":"{link}"}}]}}"#
///     );
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let tally = |measure| tally(&read("E1"), &read("E2"), measure);
/// assert_eq!(tally(Measure::StrongLinkedMentionMatch), Tally::counts(1, 0, 0));
/// assert_eq!(tally(Measure::StrongLinkMatch), Tally::counts(0, 1, 1));
/// assert_eq!(tally(Measure::StrongNilMatch), Tally::default());
/// ```
pub fn tally(gold: &Document, pred: &Document, measure: Measure) -> Tally {
    by_type::tally(keys(gold, measure), keys(pred, measure))
}

/// Intervals of precision, recall and F1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// Of the share of predicted items that are right.
    pub precision: Interval,
    /// Of the share of gold items that were found.
    pub recall: Interval,
    /// Of their harmonic mean.
    pub f1: Interval,
}

/// Percentile bootstrap intervals over documents, one for each level (0.95 for 95 %). neleval draws
/// from the documents that have at least one mention of any kind, in gold or prediction. `None` with
/// fewer than two documents.
pub fn confidence(
    documents: &[Tally],
    levels: &[f64],
    resampling: Resampling,
) -> Option<Vec<Confidence>> {
    let statistics = |sums: &[f64], values: &mut [Option<f64>]| {
        let ratios = Ratios::or_zero(&tally_of(sums));
        values.copy_from_slice(&[ratios.precision, ratios.recall, ratios.f1].map(Some));
    };
    let columns = percentile_intervals(&matrix(documents), 3, statistics, resampling, levels);
    let [precision, recall, f1] =
        <[_; 3]>::try_from(columns).expect("there are as many as were asked for");
    let rows = precision?.into_iter().zip(recall?).zip(f1?);
    Some(rows.map(|((precision, recall), f1)| Confidence { precision, recall, f1 }).collect())
}

/// Tests of what neleval compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Significance {
    /// Of the share of predicted items that are right.
    pub precision: PairedTest,
    /// Of the share of gold items that were found.
    pub recall: PairedTest,
    /// Of their harmonic mean.
    pub f1: PairedTest,
    /// Of the number of true positives.
    pub tp: PairedTest,
    /// Of the number of false positives.
    pub fp: PairedTest,
    /// Of the number of false negatives.
    pub r#fn: PairedTest,
}

/// Tests a first system against a second one on the same documents, in the same order, by
/// approximate randomization; neleval prints the one-sided p-values. `None` without documents, or
/// where the lists are not equally long.
pub fn significance(
    first: &[Tally],
    second: &[Tally],
    resampling: Resampling,
) -> Option<Significance> {
    if first.is_empty() || first.len() != second.len() {
        return None;
    }
    let statistics = |sums: &[f64], values: &mut [f64]| {
        let tally = tally_of(sums);
        let Ratios { precision, recall, f1 } = Ratios::or_zero(&tally);
        values.copy_from_slice(&[precision, recall, f1, tally.tp(), tally.fp(), tally.r#fn()]);
    };
    let tests =
        approximate_randomization(&matrix(first), &matrix(second), 6, statistics, resampling);
    let [precision, recall, f1, tp, fp, r#fn] =
        <[_; 6]>::try_from(tests).expect("there are as many as were asked for");
    Some(Significance { precision, recall, f1, tp, fp, r#fn })
}

impl Measure {
    /// All set measures.
    pub const ALL: [Measure; 10] = [
        Measure::StrongMentionMatch,
        Measure::StrongTypedMentionMatch,
        Measure::StrongLinkedMentionMatch,
        Measure::StrongLinkMatch,
        Measure::StrongNilMatch,
        Measure::StrongAllMatch,
        Measure::StrongTypedLinkMatch,
        Measure::StrongTypedNilMatch,
        Measure::StrongTypedAllMatch,
        Measure::EntityMatch,
    ];

    /// neleval's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Measure::StrongMentionMatch => "strong_mention_match",
            Measure::StrongTypedMentionMatch => "strong_typed_mention_match",
            Measure::StrongLinkedMentionMatch => "strong_linked_mention_match",
            Measure::StrongLinkMatch => "strong_link_match",
            Measure::StrongNilMatch => "strong_nil_match",
            Measure::StrongAllMatch => "strong_all_match",
            Measure::StrongTypedLinkMatch => "strong_typed_link_match",
            Measure::StrongTypedNilMatch => "strong_typed_nil_match",
            Measure::StrongTypedAllMatch => "strong_typed_all_match",
            Measure::EntityMatch => "entity_match",
        }
    }

    /// What is compared of a mention at this place, of this type, with this link (`None` for NIL);
    /// `None` where the mention does not take part.
    fn key<'a>(self, spans: &'a Spans, label: Label, link: Option<&'a str>) -> Option<Key<'a>> {
        let (place, label) = (Some(spans), Some(label));
        match (self, link) {
            (Measure::StrongMentionMatch, _) => Some((place, None, None)),
            (Measure::StrongTypedMentionMatch, _) => Some((place, label, None)),
            (Measure::StrongAllMatch, link) => Some((place, None, link)),
            (Measure::StrongTypedAllMatch, link) => Some((place, label, link)),
            (Measure::StrongLinkedMentionMatch, Some(_)) => Some((place, None, None)),
            (Measure::StrongLinkMatch, Some(_)) => Some((place, None, link)),
            (Measure::StrongTypedLinkMatch, Some(_)) => Some((place, label, link)),
            (Measure::EntityMatch, Some(_)) => Some((None, None, link)),
            (Measure::StrongNilMatch, None) => Some((place, None, None)),
            (Measure::StrongTypedNilMatch, None) => Some((place, label, None)),
            _ => None,
        }
    }
}

type Key<'a> = (Option<&'a Spans>, Option<Label>, Option<&'a str>);

fn keys<'a>(document: &'a Document, measure: Measure) -> Vec<Key<'a>> {
    let of_entity = |mention: &Mention| {
        let links = &document.entities[mention.entity?.index()].links;
        links.iter().map(|link| &**link).min()
    };
    let key = |mention: &'a Mention| {
        let link = mention.link.as_deref().or_else(|| of_entity(mention));
        let link = link.filter(|link| !link.starts_with("NIL"));
        measure.key(&mention.spans, mention.label, link)
    };
    document.mentions.iter().filter_map(key).collect()
}

/// One row a document: true positives, predicted items, gold items.
fn matrix(documents: &[Tally]) -> Matrix {
    let row = |tally: &Tally| [tally.tp(), tally.precision_denominator, tally.recall_denominator];
    let cells: Vec<f64> = documents.iter().flat_map(row).collect();
    Matrix::from_rows(&cells, 3)
}

fn tally_of(sums: &[f64]) -> Tally {
    Tally {
        precision_numerator: sums[0],
        precision_denominator: sums[1],
        recall_numerator: sums[0],
        recall_denominator: sums[2],
    }
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Span, Vocabulary};

    use super::*;

    #[test]
    fn measures_look_at_their_fields() {
        let vocabulary = Vocabulary::default();
        let document = |mentions: &[(u32, &str, Option<&str>)]| {
            let mention = |&(start, label, link): &(u32, &str, Option<&str>)| Mention {
                link: link.map(Box::from),
                ..Mention::new(Span::new(start, start + 2).unwrap(), vocabulary.intern(label))
            };
            Document { mentions: mentions.iter().map(mention).collect(), ..Document::default() }
        };
        let gold = document(&[(0, "A", Some("E1")), (4, "A", Some("NIL1")), (8, "B", None)]);
        let pred = document(&[(0, "A", Some("E2")), (4, "B", None), (12, "A", Some("E1"))]);
        let rows = [
            (Measure::StrongMentionMatch, (2, 1, 1)),
            (Measure::StrongTypedMentionMatch, (1, 2, 2)),
            (Measure::StrongLinkedMentionMatch, (1, 1, 0)),
            (Measure::StrongLinkMatch, (0, 2, 1)),
            (Measure::StrongNilMatch, (1, 0, 1)),
            (Measure::StrongAllMatch, (1, 2, 2)),
            (Measure::StrongTypedLinkMatch, (0, 2, 1)),
            (Measure::StrongTypedNilMatch, (0, 1, 2)),
            (Measure::StrongTypedAllMatch, (0, 3, 3)),
            (Measure::EntityMatch, (1, 1, 0)),
        ];
        for (measure, (tp, fp, r#fn)) in rows {
            assert_eq!(tally(&gold, &pred, measure), Tally::counts(tp, fp, r#fn), "{measure:?}");
        }
    }

    #[test]
    fn one_document_has_no_interval_and_no_documents_no_test() {
        let resampling = Resampling { replicates: 10, seed: 0 };
        assert_eq!(confidence(&[Tally::counts(1, 0, 0)], &[0.95], resampling), None);
        assert_eq!(significance(&[], &[], resampling), None);
    }
}
