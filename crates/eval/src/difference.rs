//! Two predictions of the same documents, or of two forms of them: how much F1 differs.

use crate::score::Tallies;
use crate::statistics::{Interval, Resampling};
use crate::statistics::{Matrix, bca};
use crate::tally::Tally;

/// The F1 of a view in two runs, and what lies between.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The F1 of the first.
    pub first: f64,
    /// The F1 of the second.
    pub second: f64,
    /// The second minus the first.
    pub difference: f64,
    /// 95 % interval of the difference: both runs have the same resamples of documents.
    pub interval: Option<Interval>,
}

const WIDTH: usize = 8;

impl Tallies {
    /// How the micro F1 of a view differs in `other`, which has the same documents. `None` where the
    /// documents or the view are not the same, or an F1 is undefined. The work is replicates ×
    /// documents.
    pub fn difference(
        &self,
        other: &Tallies,
        view: &str,
        resampling: Option<Resampling>,
    ) -> Option<Difference> {
        let ids = |tallies: &Tallies| -> Vec<Box<str>> {
            tallies.documents().map(|document| document.id.clone()).collect()
        };
        if ids(self) != ids(other) {
            return None;
        }
        let (first, second) = (self.micro(view)?.f1()?, other.micro(view)?.f1()?);
        let cells = self.documents().zip(other.documents());
        let cells = cells.flat_map(|(first, second)| {
            let [a, b] = [first, second].map(|document| columns(document.of_view(view)));
            [a, b].concat()
        });
        let matrix = Matrix::from_rows(&cells.collect::<Vec<f64>>(), WIDTH);
        let statistic = |sums: &[f64], slots: &mut [Option<f64>]| {
            let f1 = |at: usize| tally(&sums[at..at + WIDTH / 2]).f1();
            slots[0] = f1(WIDTH / 2).zip(f1(0)).map(|(second, first)| second - first);
        };
        let interval = resampling.and_then(|resampling| bca(&matrix, 1, statistic, resampling)[0]);
        Some(Difference { first, second, difference: second - first, interval })
    }
}

fn columns(tally: Tally) -> [f64; WIDTH / 2] {
    [
        tally.precision_numerator,
        tally.precision_denominator,
        tally.recall_numerator,
        tally.recall_denominator,
    ]
}

fn tally(columns: &[f64]) -> Tally {
    Tally {
        precision_numerator: columns[0],
        precision_denominator: columns[1],
        recall_numerator: columns[2],
        recall_denominator: columns[3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DocumentTallies, Notes};
    use crate::slice::{RowKey, Slice};
    use crate::view::View;

    fn tallies(counts: &[(&str, u64)]) -> Tallies {
        let document = |&(id, right): &(&str, u64)| {
            let key = RowKey { view: View::MentionStrict, slice: Slice::All };
            let row = (key, Tally::counts(right, 10 - right, 10 - right));
            DocumentTallies::new(id.into(), Notes::default(), [row])
        };
        counts.iter().map(document).collect()
    }

    #[test]
    fn a_drop_that_is_the_same_everywhere_has_a_narrow_interval() {
        let (first, second) = (
            tallies(&[("a", 8), ("b", 5), ("c", 9), ("d", 3)]),
            tallies(&[("d", 2), ("c", 8), ("b", 4), ("a", 7)]),
        );
        let found =
            first.difference(&second, "mention.strict", Some(Resampling::default())).unwrap();
        assert!((found.first - 0.625).abs() < 1e-12 && (found.second - 0.525).abs() < 1e-12);
        assert!((found.difference + 0.1).abs() < 1e-12);
        let interval = found.interval.unwrap();
        assert!((interval.low + 0.1).abs() < 1e-9 && (interval.high + 0.1).abs() < 1e-9);
    }

    #[test]
    fn other_documents_and_other_views_have_no_difference() {
        let (first, second) = (tallies(&[("a", 8)]), tallies(&[("b", 8)]));
        assert_eq!(first.difference(&second, "mention.strict", None), None);
        assert_eq!(first.difference(&first, "relation.anchored", None), None);
        let same = first.difference(&first, "mention.strict", None).unwrap();
        assert_eq!((same.difference, same.interval), (0.0, None));
    }
}
