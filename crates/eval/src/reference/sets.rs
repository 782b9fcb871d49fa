//! Counts of sets, as most scorers of mentions and relations make them.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use ere_dataset::{Document, Label, Mention};

use crate::reference::Ratios;
use crate::reference::by_type::{add, tally_by_type};
use crate::tally::Tally;

/// One tally for each type. Adds up over documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeTallies {
    rows: BTreeMap<Label, Tally>,
}

impl TypeTallies {
    /// Types and their tallies. The order is that of the labels, which says nothing.
    pub fn rows(&self) -> impl Iterator<Item = (Label, Tally)> + '_ {
        self.rows.iter().map(|(label, tally)| (*label, *tally))
    }

    /// The sum over types.
    pub fn micro(&self) -> Tally {
        self.rows.values().copied().sum()
    }

    /// The mean over types of precision, of recall and of F1, undefined ones taken as 0. F1 is the
    /// mean of the types' F1, not the F1 of the means. `None` without types.
    pub fn macro_average(&self) -> Option<Ratios> {
        let rows: Vec<Ratios> = self.rows.values().map(Ratios::or_zero).collect();
        Ratios::mean(&rows)
    }

    /// The rows of `types` and no others; a type that was not met has a row of zeros.
    pub(super) fn of_types(mut self, types: &[Label]) -> TypeTallies {
        self.rows.retain(|label, _| types.contains(label));
        for label in types {
            self.rows.entry(*label).or_default();
        }
        self
    }
}

impl AddAssign for TypeTallies {
    fn add_assign(&mut self, other: TypeTallies) {
        add(&mut self.rows, other.rows);
    }
}

/// Mentions and relations between mentions, counted as sets. Adds up over documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SetTallies {
    /// Mentions: place and type.
    pub mentions: TypeTallies,
    /// Relations: place of head, place of tail, type of the relation.
    pub relations_boundaries: TypeTallies,
    /// Relations: the same and the types of head and tail.
    pub relations_strict: TypeTallies,
}

impl AddAssign for SetTallies {
    fn add_assign(&mut self, other: SetTallies) {
        self.mentions += other.mentions;
        self.relations_boundaries += other.relations_boundaries;
        self.relations_strict += other.relations_strict;
    }
}

/// What takes part: mentions and relations of one document, in list order.
pub(super) struct Items<'a> {
    pub(super) mentions: Vec<&'a Mention>,
    pub(super) relations: Vec<RelationItem<'a>>,
}

/// A relation with its ends looked up.
#[derive(Clone, Copy)]
pub(super) struct RelationItem<'a> {
    pub(super) label: Label,
    pub(super) head: &'a Mention,
    pub(super) tail: &'a Mention,
}

impl<'a> Items<'a> {
    pub(super) fn of(document: &'a Document) -> Items<'a> {
        let relations = document.mention_relations.iter().map(|relation| RelationItem {
            label: relation.label,
            head: &document.mentions[relation.head.index()],
            tail: &document.mentions[relation.tail.index()],
        });
        Items { mentions: document.mentions.iter().collect(), relations: relations.collect() }
    }
}

/// Counts what both sides hold, duplicates collapsed.
pub(super) fn compare(gold: &Items<'_>, pred: &Items<'_>) -> SetTallies {
    fn place<'a>(mention: &&'a Mention) -> (Label, impl Ord + use<'a>) {
        (mention.label, &mention.spans)
    }
    fn boundaries<'a>(relation: &RelationItem<'a>) -> (Label, impl Ord + use<'a>) {
        (relation.label, (&relation.head.spans, &relation.tail.spans))
    }
    fn strict<'a>(relation: &RelationItem<'a>) -> (Label, impl Ord + use<'a>) {
        let RelationItem { label, head, tail } = relation;
        (*label, (&head.spans, head.label, &tail.spans, tail.label))
    }
    let mentions = tally_by_type(
        gold.mentions.iter().map(place).collect(),
        pred.mentions.iter().map(place).collect(),
    );
    let relations_boundaries = tally_by_type(
        gold.relations.iter().map(boundaries).collect(),
        pred.relations.iter().map(boundaries).collect(),
    );
    let relations_strict = tally_by_type(
        gold.relations.iter().map(strict).collect(),
        pred.relations.iter().map(strict).collect(),
    );
    SetTallies {
        mentions: TypeTallies { rows: mentions },
        relations_boundaries: TypeTallies { rows: relations_boundaries },
        relations_strict: TypeTallies { rows: relations_strict },
    }
}
