//! Mistakes of many documents, counted.

use std::ops::AddAssign;

use super::{Cause, Confusion, DocumentMistakes, Kind, Rung, VIEWS};
use crate::tally::Tally;
use crate::view::View;

/// How often each cause stands behind a mistake, and which types are confused.
///
/// Documents are added in any order; summaries of parts add up to the summary of the whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    views: [ViewSummary; VIEWS.len()],
    /// Types of mentions with equal spans. What has no partner with equal spans stands beside
    /// nothing, also where a boundary is wrong. Optional and malformed mentions are left out.
    pub mention_types: Confusion,
    /// Types of relations between the right ends, in either direction: of hits, and of mistakes
    /// whose cause is label or direction. A column adds up to the predictions that count, and those
    /// neutral ones that stand for a missed relation which implies them. Malformed ones are left
    /// out.
    pub relation_types: Confusion,
}

/// The mistakes of a view by cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewSummary {
    /// The view.
    pub view: View,
    /// Documents that it applies to.
    pub documents: u64,
    right: u64,
    /// False negatives and false positives of each cause.
    counts: [[u64; 2]; Cause::ALL.len()],
}

impl Default for Summary {
    fn default() -> Summary {
        Summary {
            views: VIEWS.map(ViewSummary::new),
            mention_types: Confusion::default(),
            relation_types: Confusion::default(),
        }
    }
}

impl Summary {
    /// Counts the mistakes of a document.
    pub fn add(&mut self, document: &DocumentMistakes) {
        for (view, right) in &document.right {
            let view = self.view_mut(*view);
            view.documents += 1;
            view.right += right;
        }
        for mistake in &document.mistakes {
            self.view_mut(mistake.view).counts[mistake.cause as usize][mistake.kind as usize] += 1;
        }
        self.mention_types.add(&document.mention_types);
        self.relation_types.add(&document.relation_types);
    }

    /// The views that some document has, in the order of [`VIEWS`].
    pub fn views(&self) -> impl Iterator<Item = &ViewSummary> {
        self.views.iter().filter(|view| view.documents > 0)
    }

    /// One of [`VIEWS`].
    ///
    /// # Panics
    /// With a view that has no causes.
    pub fn view(&self, view: View) -> &ViewSummary {
        self.views.iter().find(|summary| summary.view == view).expect("a view with causes")
    }

    fn view_mut(&mut self, view: View) -> &mut ViewSummary {
        self.views.iter_mut().find(|summary| summary.view == view).expect("a view with causes")
    }
}

impl AddAssign<&Summary> for Summary {
    fn add_assign(&mut self, other: &Summary) {
        for (view, more) in self.views.iter_mut().zip(&other.views) {
            view.documents += more.documents;
            view.right += more.right;
            for (counts, more) in view.counts.iter_mut().flatten().zip(more.counts.iter().flatten())
            {
                *counts += more;
            }
        }
        self.mention_types.merge(&other.mention_types);
        self.relation_types.merge(&other.relation_types);
    }
}

impl ViewSummary {
    fn new(view: View) -> ViewSummary {
        ViewSummary { view, documents: 0, right: 0, counts: [[0; 2]; Cause::ALL.len()] }
    }

    /// How many mistakes of a kind have a cause.
    pub fn count(&self, cause: Cause, kind: Kind) -> u64 {
        self.counts[cause as usize][kind as usize]
    }

    /// How many mistakes of a kind there are.
    pub fn total(&self, kind: Kind) -> u64 {
        self.counts.iter().map(|counts| counts[kind as usize]).sum()
    }

    /// The causes that there are, in the order of decision.
    pub fn causes(&self) -> impl Iterator<Item = Cause> {
        Cause::ALL.into_iter().filter(|cause| self.of(*cause) > 0)
    }

    /// True positives, false positives and false negatives: what [`tally`](crate::tally()) counts.
    pub fn tally(&self) -> Tally {
        Tally::counts(self.right, self.total(Kind::FalsePositive), self.total(Kind::FalseNegative))
    }

    /// What a cause takes from F1: its (FP + FN) / (2 TP + FP + FN) of the whole view. The shares of
    /// all causes add up to 1 − F1. Undefined where F1 is.
    pub fn share(&self, cause: Cause) -> Option<f64> {
        let denominator = self.denominator();
        (denominator > 0).then(|| self.of(cause) as f64 / denominator as f64)
    }

    /// F1 on each rung: what it would be if no mistake had been made whose cause is gone there
    /// ([`Cause::rung`]), that is, if every false positive of these causes were left out and every
    /// false negative were found, and nothing else went wrong instead. So it is an upper bound for
    /// the same extractor with that much of gold given; how far below the bound it stays, only a run
    /// on that track can tell. Undefined where F1 is.
    pub fn ladder(&self) -> [(Rung, Option<f64>); Rung::ALL.len()] {
        Rung::ALL.map(|rung| (rung, self.on_rung(rung)))
    }

    fn on_rung(&self, rung: Rung) -> Option<f64> {
        let is_mention = self.view == View::MentionStrict;
        let gone = |cause: &Cause| cause.rung(is_mention) <= rung;
        let rest = |kind| -> u64 {
            let causes = Cause::ALL.into_iter().filter(|cause| !gone(cause));
            causes.map(|cause| self.count(cause, kind)).sum()
        };
        let (fp, r#fn) = (rest(Kind::FalsePositive), rest(Kind::FalseNegative));
        let found = self.total(Kind::FalseNegative) - r#fn;
        match self.denominator() {
            0 => None,
            // Nothing but predictions that are left out: what remains is empty and without fault.
            _ if self.right + found + fp + r#fn == 0 => Some(1.0),
            _ => Tally::counts(self.right + found, fp, r#fn).f1(),
        }
    }

    fn of(&self, cause: Cause) -> u64 {
        self.counts[cause as usize].iter().sum()
    }

    fn denominator(&self) -> u64 {
        2 * self.right + self.total(Kind::FalsePositive) + self.total(Kind::FalseNegative)
    }
}
