//! The CoNLL coreference scorer v8.01 (conll/reference-coreference-scorers, `scorer.pl`): MUC,
//! B-cubed, CEAF-m, CEAF-e and BLANC of CoNLL files.
//!
//! Counts of documents are added, ratios are taken of the sums, and a ratio of nothing is 0. It prints
//! percentages cut after two digits, not rounded. Singletons are scored if the files have them.
//! Mentions of no entity are not in a CoNLL file.
//!
//! A place that two predicted entities claim belongs to the first one, and more than ten of them are
//! refused; here the place is given to one entity by a rule that does not depend on order, as in the
//! views, and nothing is refused.

use std::ops::AddAssign;

use ere_dataset::Document;

use crate::coreference::blanc::{self, Links};
use crate::coreference::{Contingency, Singletons, b_cubed, ceaf, muc};
use crate::reference::Ratios;
use crate::tally::Tally;

/// Counts of each metric. Adds up over documents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tallies {
    /// Identification of mentions.
    pub mentions: Tally,
    /// `muc`.
    pub muc: Tally,
    /// `bcub`.
    pub b_cubed: Tally,
    /// `ceafm`.
    pub ceafm: Tally,
    /// `ceafe`.
    pub ceafe: Tally,
    /// Links of `blanc`.
    pub links: Links,
}

/// Counts one document. Types, links and what is optional are not looked at.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::conll_coref;
/// let read = |entities: &str| {
///     let line = format!(
///         r#"{{"id":"a","text":"Al Bo Cy","mentions":[{{"start":0,"end":2,"type":"PER"}},
///             {{"start":3,"end":5,"type":"PER"}},{{"start":6,"end":8,"type":"PER"}}],
///             "entities":{entities}}}"#
///     );
///     jsonl::gold_from_str(&line, &Vocabulary::default()).unwrap()
/// };
/// let gold = read(r#"[{"mentions":[0]},{"mentions":[1]},{"mentions":[2]}]"#);
/// let pred = read(r#"[{"mentions":[0,1]},{"mentions":[2]}]"#);
/// let tallies = conll_coref::tally(&gold, &pred);
/// // Gold has no coreferent links: only the separate ones count.
/// assert_eq!(tallies.blanc().precision, 1.0);
/// assert_eq!(tallies.blanc().recall, 2.0 / 3.0);
/// ```
pub fn tally(gold: &Document, pred: &Document) -> Tallies {
    let table = Contingency::of_all(gold, pred, Singletons::Kept);
    Tallies {
        mentions: table.places(),
        muc: muc::tally(&table),
        b_cubed: b_cubed::tally(&table),
        ceafm: ceaf::mentions(&table),
        ceafe: ceaf::entities(&table),
        links: blanc::tally(&table),
    }
}

impl Tallies {
    /// The mean of the ratios of coreferent and separate links, of those that gold has.
    pub fn blanc(&self) -> Ratios {
        let kinds = [self.links.coreferent, self.links.separate];
        let in_gold = |tally: &&Tally| tally.recall_denominator > 0.0;
        let rows: Vec<Ratios> = kinds.iter().filter(in_gold).map(Ratios::or_zero).collect();
        Ratios::mean(&rows).unwrap_or_default()
    }
}

impl AddAssign for Tallies {
    fn add_assign(&mut self, other: Tallies) {
        self.mentions += other.mentions;
        self.muc += other.muc;
        self.b_cubed += other.b_cubed;
        self.ceafm += other.ceafm;
        self.ceafe += other.ceafe;
        self.links += other.links;
    }
}
