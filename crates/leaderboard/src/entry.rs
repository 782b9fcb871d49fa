//! One record, as a row.

use ere_eval::record::{Perturbed, Record, Status};
use ere_eval::{Average, Score, Slice, View};

/// A record and where its scores are.
pub(crate) struct Entry<'a> {
    pub(crate) record: &'a Record,
}

impl<'a> Entry<'a> {
    pub(crate) fn of(record: &'a Record) -> Entry<'a> {
        Entry { record }
    }

    /// The score of all items of a view, averaged in some way.
    pub(crate) fn score(&self, view: View, average: Average) -> Option<&'a Score> {
        self.record.scores.iter().find(|score| {
            score.view == view && score.average == average && score.slice == Slice::All
        })
    }

    /// The score of a part of the items of a view.
    pub(crate) fn slice(&self, view: View, slice: &Slice) -> Option<&'a Score> {
        self.record.scores.iter().find(|score| {
            score.view == view && score.average == Average::Micro && score.slice == *slice
        })
    }

    /// What a change of the texts cost, where that was run.
    pub(crate) fn perturbed(&self, perturbation: &str) -> Option<&'a Perturbed> {
        self.record.perturbations.iter().find(|found| found.perturbation == perturbation)
    }

    pub(crate) fn primary(&self) -> Option<&'a Score> {
        self.score(View::RelationAnchored, Average::Micro)
    }

    /// What the rows of one ranking have in common: the comparable part of the primary signature.
    pub(crate) fn group(&self) -> String {
        let signature = self.primary().map(|score| score.signature.to_string());
        let signature = signature.unwrap_or_default();
        signature.split("||").next().unwrap_or_default().to_owned()
    }

    pub(crate) fn is_ranked(&self) -> bool {
        self.record.extractor.ranked && self.record.status != Status::Invalid
    }
}
