//! Is one result better than another on the same documents?

use std::collections::BTreeSet;

use ere_dataset::Vocabulary;

use crate::protocol::Protocol;
use crate::rules::Rules;
use crate::score::{Line, Rows, Tallies, tallies_of};
use crate::slice::RowKey;
use crate::statistics::{Interval, Matrix, Resampling, approximate_randomization, bca};
use crate::tally::Tally;
use crate::view::View;

/// How the F1 of all items of a view differs between two results on the same documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What was counted.
    pub view: View,
    /// F1 of the first result.
    pub first: Option<f64>,
    /// F1 of the second result.
    pub second: Option<f64>,
    /// The second minus the first; undefined where one of them is.
    pub difference: Option<f64>,
    /// 95 % BCa interval of the difference: both results are resampled by the same documents.
    pub interval: Option<Interval>,
    /// How often a random exchange of documents between the two makes a difference at least as large,
    /// in either direction ([`crate::statistics::PairedTest`]).
    pub p: Option<f64>,
}

/// Compares two results by a view under a protocol, over the documents that both have; `None` where
/// one of them does not have the view. Whether they measured the same thing is for their signatures to say.
///
/// The work is replicates × documents, twice.
///
/// ```
/// use ere_eval::{
///     DocumentTallies, Notes, Protocol, Resampling, RowKey, Slice, Tallies, Tally, View, compare,
/// };
/// let view = View::MentionStrict;
/// let result = |tp: u64| -> Tallies {
///     let document = |id: u32| {
///         let row = (RowKey { view, slice: Slice::All }, Tally::counts(tp, 1, 1));
///         DocumentTallies::new(id.to_string().into(), Notes::default(), [row])
///     };
///     (0..20).map(document).collect()
/// };
/// let protocol = Protocol::default();
/// let better =
///     compare(&result(1), &result(3), view, &protocol, Resampling::default()).unwrap();
/// assert_eq!((better.first, better.second), (Some(0.5), Some(0.75)));
/// assert!(better.p.unwrap() < 0.01);
/// ```
pub fn compare(
    first: &Tallies,
    second: &Tallies,
    view: View,
    protocol: &Protocol,
    resampling: Resampling,
) -> Option<Comparison> {
    let empty = Vocabulary::default();
    let names = first.documents().next().map_or(&empty, |document| document.names());
    let second = &second.renumbered(names);
    let found = Rows::of(first.documents().chain(second.documents()));
    // The means of whole views do not look at an ontology.
    let rules = Rules::open(&empty);
    let line = found.lines(view, protocol, &rules).into_iter().next()?;
    let rows: Vec<&RowKey> = line.rows().map(|row| &found.keys[row]).collect();
    let line = line.renumbered();
    let width = 4 * rows.len();
    let ids: BTreeSet<&str> = first.documents().map(|document| &*document.id).collect();
    let common = |id: &str| ids.contains(id) && second.has(id);
    let [first, second] = [first, second].map(|tallies| tallies.cells(&rows, common));
    let both = Matrix::from_rows(&beside(&first, &second, width), 2 * width);
    let [first, second] = [first, second].map(|cells| Matrix::from_rows(&cells, width));
    let f1 = |matrix: &Matrix| {
        let totals = tallies_of(&matrix.total());
        (line.ratios(|row| totals[row], |row| totals[row])[2], totals)
    };
    let ((f1_first, totals_first), (f1_second, totals_second)) = (f1(&first), f1(&second));
    let mut comparison = Comparison {
        view,
        first: f1_first,
        second: f1_second,
        difference: f1_first.zip(f1_second).map(|(first, second)| second - first),
        interval: None,
        p: None,
    };
    if comparison.difference.is_none() {
        return Some(comparison);
    }
    let of = |line: &Line, sums: &[f64], totals: &[Tally]| {
        let tallies = tallies_of(sums);
        line.ratios(|row| tallies[row], |row| totals[row])[2]
    };
    let difference = |sums: &[f64], values: &mut [Option<f64>]| {
        let (first, second) = sums.split_at(width);
        let pair = of(&line, first, &totals_first).zip(of(&line, second, &totals_second));
        values[0] = pair.map(|(first, second)| second - first);
    };
    comparison.interval = bca(&both, 1, difference, resampling).into_iter().next().flatten();
    // A result without predictions in an exchange has found nothing.
    let f1 = |sums: &[f64], values: &mut [f64]| {
        values[0] = of(&line, sums, &totals_first).unwrap_or(0.0);
    };
    let tests = approximate_randomization(&second, &first, 1, f1, resampling);
    comparison.p = tests.first().map(|test| test.p_two_sided);
    Some(comparison)
}

/// P-values of a family of tests, corrected so that the chance of any false alarm among them stays
/// under the level (Holm 1979), in the order in which they were given.
///
/// ```
/// let corrected = ere_eval::holm(&[0.01, 0.04, 0.03]);
/// assert_eq!(corrected, [0.03, 0.06, 0.06]);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut corrected = vec![0.0; p.len()];
    let mut least = 0.0f64;
    for (rank, at) in order.into_iter().enumerate() {
        least = least.max(p[at] * (p.len() - rank) as f64).min(1.0);
        corrected[at] = least;
    }
    corrected
}

/// The columns of two tables of the same documents, side by side.
fn beside(first: &[f64], second: &[f64], width: usize) -> Vec<f64> {
    let rows = first.chunks_exact(width).zip(second.chunks_exact(width));
    rows.flat_map(|(first, second)| first.iter().chain(second).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DocumentTallies, Notes};
    use crate::slice::Slice;

    fn result(view: View, documents: impl IntoIterator<Item = (u32, [u64; 3])>) -> Tallies {
        let document = |(id, [tp, fp, r#fn]): (u32, [u64; 3])| {
            let row = (RowKey { view, slice: Slice::All }, Tally::counts(tp, fp, r#fn));
            DocumentTallies::new(format!("{id:03}").into(), Notes::default(), [row])
        };
        documents.into_iter().map(document).collect()
    }

    const RESAMPLING: Resampling = Resampling { replicates: 2000, seed: 1 };

    #[test]
    fn a_result_does_not_differ_from_itself() {
        let view = View::RelationAnchored;
        let one = result(view, (0..50).map(|id| (id, [u64::from(id % 4), 1, 2])));
        let found = compare(&one, &one, view, &Protocol::default(), RESAMPLING).unwrap();
        assert_eq!((found.difference, found.p), (Some(0.0), Some(1.0)));
        assert_eq!(found.interval, Some(Interval { low: 0.0, high: 0.0 }));
    }

    #[test]
    fn exchanged_results_differ_by_the_opposite() {
        let view = View::RelationAnchored;
        let one = result(view, (0..50).map(|id| (id, [u64::from(id % 4), 1, 2])));
        let two = result(view, (0..50).map(|id| (id, [u64::from(id % 5), 2, 1])));
        let there = compare(&one, &two, view, &Protocol::default(), RESAMPLING).unwrap();
        let back = compare(&two, &one, view, &Protocol::default(), RESAMPLING).unwrap();
        assert_eq!((there.first, there.second), (back.second, back.first));
        assert!((there.difference.unwrap() + back.difference.unwrap()).abs() < 1e-12);
        assert_eq!(there.p, back.p);
        let (there, back) = (there.interval.unwrap(), back.interval.unwrap());
        assert!((there.low + back.high).abs() < 0.01, "{there:?} {back:?}");
    }

    #[test]
    fn only_common_documents_count() {
        let view = View::MentionStrict;
        let one = result(view, [(0, [5, 0, 0]), (1, [1, 1, 1]), (2, [2, 0, 0])]);
        let two = result(view, [(1, [1, 0, 0]), (2, [2, 0, 0]), (3, [0, 9, 9])]);
        let found = compare(&one, &two, view, &Protocol::default(), RESAMPLING).unwrap();
        assert_eq!((found.first, found.second), (Some(0.75), Some(1.0)));
    }

    #[test]
    fn what_is_undefined_has_no_difference_and_what_is_missing_no_comparison() {
        let view = View::MentionStrict;
        let (one, none) = (result(view, [(0, [1, 1, 1])]), result(view, [(0, [0, 0, 0])]));
        let found = compare(&one, &none, view, &Protocol::default(), RESAMPLING).unwrap();
        assert_eq!((found.second, found.difference, found.p), (None, None, None));
        assert_eq!(
            compare(&one, &none, View::RelationAnchored, &Protocol::default(), RESAMPLING),
            None
        );
    }

    #[test]
    fn means_of_views_are_compared_as_means() {
        let parts = View::CoreferenceConll.parts();
        let tallies = |tp: u64| -> Tallies {
            let document = |id: u32| {
                let rows = parts.iter().map(|view| {
                    (RowKey { view: *view, slice: Slice::All }, Tally::counts(tp, 1, 1))
                });
                let conll = RowKey { view: View::CoreferenceConll, slice: Slice::All };
                let mut rows: Vec<_> = rows.chain([(conll, Tally::default())]).collect();
                rows.sort_by(|a, b| a.0.cmp(&b.0));
                DocumentTallies::new(id.to_string().into(), Notes::default(), rows)
            };
            (0..10).map(document).collect()
        };
        let found = compare(
            &tallies(1),
            &tallies(3),
            View::CoreferenceConll,
            &Protocol::default(),
            RESAMPLING,
        )
        .unwrap();
        assert!((found.first.unwrap() - 0.5).abs() < 1e-12);
        assert!((found.second.unwrap() - 0.75).abs() < 1e-12);
    }
}
