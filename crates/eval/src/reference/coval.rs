//! coval 87071a6 (ns-moosavi/coval, `coval/eval/evaluator.py`): MUC, B-cubed, CEAF-e and LEA of CoNLL
//! files, without minimum spans.
//!
//! Counts of documents are added, ratios are taken of the sums, and a ratio of nothing is 0: MUC of
//! singletons alone is 0, and so a perfect answer has an average of 2/3. Singletons are scored as they
//! are, or left out of both sides. Mentions of no entity are not in a CoNLL file.
//!
//! The CoNLL format asks for a place to be in one entity at most. Where it is not, coval takes the
//! entity that closes last; here the place is given to one entity by a rule that does not depend on
//! order, as in the views. The scorer's CEAF-m divides mentions by entities, can exceed 1, and is not
//! reproduced: [`crate::reference::corefud`] has the metric.

use std::ops::AddAssign;

use ere_dataset::Document;

use crate::coreference::{Contingency, Singletons, b_cubed, ceaf, lea, muc};
use crate::reference::Ratios;
use crate::tally::Tally;

/// Counts of each metric. Adds up over documents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tallies {
    /// Mentions of entities, whichever entity they are in.
    pub mentions: Tally,
    /// MUC.
    pub muc: Tally,
    /// B-cubed.
    pub b_cubed: Tally,
    /// CEAF over entities.
    pub ceafe: Tally,
    /// LEA.
    pub lea: Tally,
}

/// Counts one document. Types, links and what is optional are not looked at.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::{Ratios, Singletons, coval};
/// let document = jsonl::gold_from_str(
///     r#"{"id":"a","text":"Anna","mentions":[{"start":0,"end":4,"type":"PER"}],
///         "entities":[{"mentions":[0]}]}"#,
///     &Vocabulary::default(),
/// )?;
/// let tallies = coval::tally(&document, &document, Singletons::Kept);
/// assert_eq!(Ratios::or_zero(&tallies.b_cubed).f1, 1.0);
/// assert_eq!(Ratios::or_zero(&tallies.muc).f1, 0.0);
/// assert_eq!(tallies.conll(), 2.0 / 3.0);
/// assert_eq!(coval::tally(&document, &document, Singletons::Dropped), coval::Tallies::default());
/// # Ok::<(), ere_dataset::Error>(())
/// ```
pub fn tally(gold: &Document, pred: &Document, singletons: Singletons) -> Tallies {
    count(&Contingency::of_all(gold, pred, singletons))
}

pub(super) fn count(table: &Contingency) -> Tallies {
    Tallies {
        mentions: table.places(),
        muc: muc::tally(table),
        b_cubed: b_cubed::tally(table),
        ceafe: ceaf::entities(table),
        lea: lea::tally(table),
    }
}

impl Tallies {
    /// The mean F1 of MUC, B-cubed and CEAF-e.
    pub fn conll(&self) -> f64 {
        let f1 = |tally: &Tally| Ratios::or_zero(tally).f1;
        (f1(&self.muc) + f1(&self.b_cubed) + f1(&self.ceafe)) / 3.0
    }
}

impl AddAssign for Tallies {
    fn add_assign(&mut self, other: Tallies) {
        self.mentions += other.mentions;
        self.muc += other.muc;
        self.b_cubed += other.b_cubed;
        self.ceafe += other.ceafe;
        self.lea += other.lea;
    }
}
