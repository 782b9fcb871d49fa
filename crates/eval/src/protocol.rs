//! Protocols: named lists of views.

use crate::view::View;

/// A named list of views. The first relation view is what ranks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Its name.
    pub name: String,
    /// What is scored, in order.
    pub views: Vec<View>,
    /// The view that ranks a leaderboard.
    pub primary: View,
}

impl Default for Protocol {
    /// The protocol `default`: what stands beside the primary score, [`View::RelationAnchored`], on
    /// every leaderboard.
    fn default() -> Protocol {
        Protocol {
            name: "default".to_owned(),
            views: vec![
                View::MentionStrict,
                View::MentionBoundaries,
                View::RelationAnchored,
                View::RelationAnchoredStrict,
                View::RelationMentionStrict,
                View::RelationMentionBoundaries,
                View::CoreferenceMuc,
                View::CoreferenceB3,
                View::CoreferenceCeafe,
                View::CoreferenceLea,
                View::CoreferenceConll,
            ],
            primary: View::RelationAnchored,
        }
    }
}
