//! Protocols: named lists of views.

use crate::score::Average;
use crate::slice::SliceKind;
use crate::slicing::Kinds;
use crate::view::{View, ViewSet};

/// A named list of views, and how their items are averaged and cut into slices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Its name.
    pub name: String,
    /// What is scored, in order.
    pub views: Vec<View>,
    /// The view that ranks a leaderboard.
    pub primary: View,
    /// How items are averaged. Each average adds a row to the views that have its parts, and each
    /// row costs time where there are intervals. [`Average::Views`] needs no asking.
    pub averages: Vec<Average>,
    /// The slices that have rows, and in which views. Means over types need slices by type, those
    /// over families need slices by family.
    pub slices: Vec<(SliceKind, ViewSet)>,
}

impl Protocol {
    /// The kinds of slices that a view has.
    pub(crate) fn kinds_of(&self, view: View) -> Kinds {
        let of_view = self.slices.iter().filter(|(_, views)| views.contains(view));
        of_view.map(|(kind, _)| *kind).collect()
    }
}

impl Default for Protocol {
    /// The protocol `default`: what stands beside the primary score, [`View::RelationAnchored`], on
    /// every leaderboard. Types and families have rows in every view; zones, forms and distances in
    /// the primary one and in [`View::MentionStrict`].
    fn default() -> Protocol {
        let (primary, mentions) = (View::RelationAnchored, View::MentionStrict);
        let all = ViewSet::all();
        Protocol {
            name: "default".to_owned(),
            views: vec![
                View::MentionStrict,
                View::MentionBoundaries,
                View::MentionPartial,
                View::EntityTyped,
                View::RelationAnchored,
                View::RelationAnchoredStrict,
                View::RelationOneToOne,
                View::RelationExactClusters,
                View::RelationMentionStrict,
                View::RelationMentionBoundaries,
                View::RelationFactual,
                View::RelationAttributes,
                View::RelationEvidence,
                View::CoreferenceMuc,
                View::CoreferenceB3,
                View::CoreferenceCeafe,
                View::CoreferenceLea,
                View::CoreferenceConll,
            ],
            primary,
            averages: vec![Average::Micro, Average::Macro, Average::MacroFamily],
            slices: vec![
                (SliceKind::Type, all),
                (SliceKind::Family, all),
                (SliceKind::Zone, ViewSet::from_iter([mentions, primary])),
                (SliceKind::Form, ViewSet::from_iter([mentions])),
                (SliceKind::Distance, ViewSet::from_iter([primary])),
                (SliceKind::Apart, ViewSet::from_iter([primary])),
            ],
        }
    }
}
