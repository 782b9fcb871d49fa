//! The scorer of Taillé et al. 2020, "Let's stop incorrect comparisons in end-to-end relation
//! extraction" (btaille/sincere, `code/utils/evaluation.py`, commit dd1c349).
//!
//! The same sets as SpERT's without its options, but over a fixed list of types: items of other types
//! vanish, from predictions too, and the macro average runs over the whole list, types never met
//! included. Undefined ratios are 0 ([`Ratios::or_zero`]), the macro average over no types is not a
//! number (`None` here); printed as percentages.
//!
//! [`Ratios::or_zero`]: crate::reference::Ratios::or_zero

use ere_dataset::{Document, Label};

use crate::reference::sets::{self, Items, SetTallies};

/// The types that are scored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types {
    /// Types of mentions.
    pub mentions: Vec<Label>,
    /// Types of relations.
    pub relations: Vec<Label>,
}

/// Counts one document.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::sincere;
/// let vocabulary = Vocabulary::default();
/// let mention = |label: &str| {
///     let line = format!(
///         r#"{{"id":"a","text":"Ann","mentions":[{{"start":0,"end":3,"type":"{label}"}}]}}"#
///     );
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let [person, place] = ["PER", "LOC"].map(|name| vocabulary.intern(name));
/// let types = sincere::Types { mentions: vec![person, place], relations: vec![] };
/// let tallies = sincere::tally(&mention("PER"), &mention("robot"), &types);
/// // The robot vanished: it is no false positive.
/// assert_eq!(tallies.mentions.micro(), ere_eval::Tally::counts(0, 0, 1));
/// assert_eq!(tallies.mentions.rows().count(), 2);
/// ```
pub fn tally(gold: &Document, pred: &Document, types: &Types) -> SetTallies {
    let all = sets::compare(&Items::of(gold), &Items::of(pred));
    SetTallies {
        mentions: all.mentions.of_types(&types.mentions),
        relations_boundaries: all.relations_boundaries.of_types(&types.relations),
        relations_strict: all.relations_strict.of_types(&types.relations),
    }
}
