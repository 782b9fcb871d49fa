//! corefud-scorer 4fd7b0e (ufal/corefud-scorer) on CoNLL files with exact match: what
//! [`crate::reference::coval`] has, with CEAF-m corrected, and BLANC.
//!
//! Everything said of coval holds here too. BLANC is the mean of the ratios of both kinds of links,
//! each of which counts where one of the sides has such links; a ratio of nothing is 0. It differs
//! from [`crate::reference::conll_coref`] where gold has no links of a kind and the prediction has.
//! Not here: zeros, split antecedents and partial matches of CorefUD files.

use std::ops::AddAssign;

use ere_dataset::Document;

use crate::coreference::blanc::{self, Links};
use crate::coreference::{Contingency, Singletons, ceaf};
use crate::reference::{Ratios, coval};
use crate::tally::Tally;

/// Counts of each metric. Adds up over documents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tallies {
    /// The metrics that coval has too.
    pub coval: coval::Tallies,
    /// CEAF over mentions.
    pub ceafm: Tally,
    /// Links of BLANC.
    pub links: Links,
}

/// Counts one document. Singletons are dropped unless the scorer is told to keep them.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::{Singletons, corefud};
/// let read = |entities: &str| {
///     let line = format!(
///         r#"{{"id":"a","text":"Ann Bo","mentions":[{{"start":0,"end":3,"type":"PER"}},
///             {{"start":4,"end":6,"type":"PER"}}],"entities":{entities}}}"#
///     );
///     jsonl::gold_from_str(&line, &Vocabulary::default()).unwrap()
/// };
/// let (apart, together) = (read(r#"[{"mentions":[0]},{"mentions":[1]}]"#), read(r#"[{"mentions":[0,1]}]"#));
/// let perfect = corefud::tally(&apart, &apart, Singletons::Kept);
/// assert_eq!(perfect.blanc().f1, 1.0);
/// let merged = corefud::tally(&apart, &together, Singletons::Kept);
/// assert_eq!(merged.blanc().f1, 0.0);
/// ```
pub fn tally(gold: &Document, pred: &Document, singletons: Singletons) -> Tallies {
    let table = Contingency::of_all(gold, pred, singletons);
    Tallies {
        coval: coval::count(&table),
        ceafm: ceaf::mentions(&table),
        links: blanc::tally(&table),
    }
}

impl Tallies {
    /// The mean of the ratios of coreferent and separate links, of those that one of the sides has.
    pub fn blanc(&self) -> Ratios {
        let kinds = [self.links.coreferent, self.links.separate];
        let has_links =
            |tally: &&Tally| tally.precision_denominator > 0.0 || tally.recall_denominator > 0.0;
        let rows: Vec<Ratios> = kinds.iter().filter(has_links).map(Ratios::or_zero).collect();
        Ratios::mean(&rows).unwrap_or_default()
    }
}

impl AddAssign for Tallies {
    fn add_assign(&mut self, other: Tallies) {
        self.coval += other.coval;
        self.ceafm += other.ceafm;
        self.links += other.links;
    }
}
