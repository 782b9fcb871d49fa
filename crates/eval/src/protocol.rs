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
    /// The protocol `default`: every view there is, ranked by [`View::RelationAnchored`].
    fn default() -> Protocol {
        Protocol {
            name: "default".to_owned(),
            views: View::ALL.to_vec(),
            primary: View::RelationAnchored,
        }
    }
}
