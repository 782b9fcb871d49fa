//! nervaluate 1.2.1 (MantisAI/nervaluate), with its habits: the four schemes of SemEval-2013 Task
//! 9.1, paired greedily.
//!
//! Predictions are taken in list order. Each takes the first gold mention in list order that is
//! still free and fits (in [`Scheme::EntityType`] the one with the nearest boundaries); else, the
//! first free one that it overlaps by at least 1 % of the gold length, as incorrect or partial; else
//! it is spurious. So an early prediction can take the gold mention that a later one has exactly,
//! and **the result depends on the order of the lists**. Overlapping mentions are not what it was
//! made for.
//!
//! Types outside the list of tags vanish on both sides: such a prediction is not wrong. The rows of
//! a type come from a run on mentions of that type alone, so they do not add up to the whole: a
//! mention of the wrong type is incorrect there and missed and spurious here.
//!
//! P = (correct + partial / 2) / (correct + incorrect + partial + spurious), R = the same over
//! (correct + incorrect + partial + missed); 0 where the denominator is. Offsets are code points. A
//! discontinuous mention, which nervaluate does not have, counts from its first character to its last.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use ere_dataset::text::Offsets;
use ere_dataset::{Document, Label, Mention};

use crate::reference::Ratios;
use crate::tally::Tally;

/// When a prediction is correct, and what it is when it only overlaps a gold mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Equal places and types; else incorrect.
    Strict,
    /// Equal places; else incorrect.
    Exact,
    /// Equal places; else partial.
    Partial,
    /// Overlap and equal types; else incorrect.
    EntityType,
}

/// Counts of one scheme. Adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Predictions that fit a gold mention.
    pub correct: u64,
    /// Predictions that overlap a gold mention without fitting it.
    pub incorrect: u64,
    /// The same in [`Scheme::Partial`], worth a half.
    pub partial: u64,
    /// Gold mentions that no prediction took.
    pub missed: u64,
    /// Predictions that took no gold mention.
    pub spurious: u64,
}

/// Counts of all schemes. Adds up over documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    /// All mentions.
    pub overall: SchemeCounts,
    /// Mentions of one type alone, for each listed type that either side has.
    pub by_type: BTreeMap<Label, SchemeCounts>,
}

/// Counts of each scheme.
pub type SchemeCounts = BTreeMap<Scheme, Counts>;

/// Counts one document; `tags` are the types that are looked at.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::nervaluate::{Scheme, tally};
/// let vocabulary = Vocabulary::default();
/// let read = |mentions: &str| {
///     let line = format!(r#"{{"id":"a","text":"Ann Lee","mentions":[{mentions}]}}"#);
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let whole = r#"{"start":0,"end":7,"type":"PER"}"#;
/// let half = r#"{"start":0,"end":3,"type":"PER"}"#;
/// let tags = [vocabulary.intern("PER")];
/// let strict = |pred: String| tally(&read(whole), &read(&pred), &tags).overall[&Scheme::Strict];
/// // The same two predictions in two orders.
/// assert_eq!(strict(format!("{whole},{half}")).correct, 1);
/// assert_eq!(strict(format!("{half},{whole}")).correct, 0);
/// ```
pub fn tally(gold: &Document, pred: &Document, tags: &[Label]) -> Tallies {
    let offsets = Offsets::of(gold.text.as_str());
    let listed = |document| -> Vec<Item> {
        let items = items(document, &offsets);
        items.into_iter().filter(|item| tags.contains(&item.label)).collect()
    };
    let (gold, pred) = (listed(gold), listed(pred));
    let labels: BTreeSet<Label> = gold.iter().chain(&pred).map(|item| item.label).collect();
    let of = |items: &[Item], label: Label| -> Vec<Item> {
        items.iter().filter(|item| item.label == label).copied().collect()
    };
    let row = |label| (label, count_all(&of(&gold, label), &of(&pred, label)));
    Tallies { overall: count_all(&gold, &pred), by_type: labels.into_iter().map(row).collect() }
}

impl Scheme {
    /// All schemes.
    pub const ALL: [Scheme; 4] =
        [Scheme::Strict, Scheme::Exact, Scheme::Partial, Scheme::EntityType];

    /// nervaluate's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Strict => "strict",
            Scheme::Exact => "exact",
            Scheme::Partial => "partial",
            Scheme::EntityType => "ent_type",
        }
    }

    /// Whether a prediction that overlaps a gold mention is correct.
    fn takes(self, gold: &Item, pred: &Item) -> bool {
        let is_same_place = gold.start == pred.start && gold.end == pred.end;
        match self {
            Scheme::Strict => is_same_place && gold.label == pred.label,
            Scheme::Exact | Scheme::Partial => is_same_place,
            Scheme::EntityType => gold.label == pred.label,
        }
    }
}

impl Counts {
    /// What was predicted.
    pub fn actual(&self) -> u64 {
        self.correct + self.incorrect + self.partial + self.spurious
    }

    /// What there was to find.
    pub fn possible(&self) -> u64 {
        self.correct + self.incorrect + self.partial + self.missed
    }

    /// The same as a tally: a partial one is worth a half.
    pub fn tally(&self) -> Tally {
        let credit = self.correct as f64 + 0.5 * self.partial as f64;
        Tally {
            precision_numerator: credit,
            precision_denominator: self.actual() as f64,
            recall_numerator: credit,
            recall_denominator: self.possible() as f64,
        }
    }

    /// The ratios that nervaluate prints.
    pub fn ratios(&self) -> Ratios {
        Ratios::or_zero(&self.tally())
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.correct += other.correct;
        self.incorrect += other.incorrect;
        self.partial += other.partial;
        self.missed += other.missed;
        self.spurious += other.spurious;
    }
}

impl AddAssign for Tallies {
    fn add_assign(&mut self, other: Tallies) {
        add(&mut self.overall, other.overall);
        for (label, counts) in other.by_type {
            add(self.by_type.entry(label).or_default(), counts);
        }
    }
}

fn add(sums: &mut SchemeCounts, counts: SchemeCounts) {
    for (scheme, counts) in counts {
        *sums.entry(scheme).or_default() += counts;
    }
}

/// A mention from its first code point to the one after its last.
#[derive(Clone, Copy)]
struct Item {
    label: Label,
    start: u32,
    end: u32,
}

fn items(document: &Document, offsets: &Offsets) -> Vec<Item> {
    let item = |mention: &Mention| {
        let (start, end) = offsets.code_points(mention.spans.hull());
        Item { label: mention.label, start, end }
    };
    document.mentions.iter().map(item).collect()
}

fn count_all(gold: &[Item], pred: &[Item]) -> SchemeCounts {
    Scheme::ALL.into_iter().map(|scheme| (scheme, count(gold, pred, scheme))).collect()
}

fn count(gold: &[Item], pred: &[Item], scheme: Scheme) -> Counts {
    let mut counts = Counts::default();
    let mut taken = vec![false; gold.len()];
    for item in pred {
        let overlapping: Vec<usize> =
            (0..gold.len()).filter(|at| !taken[*at] && overlap(&gold[*at], item)).collect();
        let fitting = overlapping.iter().copied().filter(|at| scheme.takes(&gold[*at], item));
        // The first of the nearest; where places are equal, all are equally near.
        let best = fitting.min_by_key(|at| distance(&gold[*at], item));
        let found = match (best, overlapping.first(), scheme) {
            (Some(at), _, _) => {
                counts.correct += 1;
                at
            }
            (None, Some(at), Scheme::Partial) => {
                counts.partial += 1;
                *at
            }
            (None, Some(at), _) => {
                counts.incorrect += 1;
                *at
            }
            (None, None, _) => {
                counts.spurious += 1;
                continue;
            }
        };
        taken[found] = true;
    }
    counts.missed = taken.iter().filter(|taken| !**taken).count() as u64;
    counts
}

/// Whether a prediction covers at least 1 % of a gold mention.
fn overlap(gold: &Item, pred: &Item) -> bool {
    let common = gold.end.min(pred.end).saturating_sub(gold.start.max(pred.start));
    common > 0 && f64::from(common) / f64::from(gold.end - gold.start) * 100.0 >= 1.0
}

/// How far the boundaries are apart.
fn distance(gold: &Item, pred: &Item) -> u32 {
    gold.start.abs_diff(pred.start) + gold.end.abs_diff(pred.end)
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Span, Text, Vocabulary};

    use super::*;

    fn document(vocabulary: &Vocabulary, mentions: &[(&str, u32, u32)]) -> Document {
        let mention = |&(label, start, end): &(&str, u32, u32)| {
            Mention::new(Span::new(start, end).unwrap(), vocabulary.intern(label))
        };
        let text = Text::new("x".repeat(200));
        Document { text, mentions: mentions.iter().map(mention).collect(), ..Document::default() }
    }

    #[test]
    fn every_scheme_has_its_own_opinion() {
        let vocabulary = Vocabulary::default();
        let tags = ["A", "B"].map(|name| vocabulary.intern(name));
        let gold = [("A", 0, 4), ("A", 5, 9), ("B", 10, 14), ("A", 20, 24)];
        let pred = [("A", 0, 4), ("B", 5, 9), ("B", 10, 13), ("A", 30, 34), ("C", 40, 44)];
        let tallies = tally(&document(&vocabulary, &gold), &document(&vocabulary, &pred), &tags);
        let counts = |correct, incorrect, partial| Counts {
            correct,
            incorrect,
            partial,
            missed: 1,
            spurious: 1,
        };
        assert_eq!(tallies.overall[&Scheme::Strict], counts(1, 2, 0));
        assert_eq!(tallies.overall[&Scheme::Exact], counts(2, 1, 0));
        assert_eq!(tallies.overall[&Scheme::Partial], counts(2, 0, 1));
        assert_eq!(tallies.overall[&Scheme::EntityType], counts(2, 1, 0));
        let of_a = tallies.by_type[&tags[0]][&Scheme::Strict];
        assert_eq!((of_a.correct, of_a.missed, of_a.spurious), (1, 2, 1));
        assert_eq!(tallies.by_type.len(), 2);
        assert_eq!(tallies.overall[&Scheme::Partial].ratios().precision, 0.625);
    }

    #[test]
    fn an_overlap_below_one_percent_is_none() {
        let vocabulary = Vocabulary::default();
        let tags = [vocabulary.intern("A")];
        for (end, incorrect) in [(100, 1), (101, 0)] {
            let gold = document(&vocabulary, &[("A", 0, end)]);
            let pred = document(&vocabulary, &[("A", end - 1, end + 5)]);
            let strict = tally(&gold, &pred, &tags).overall[&Scheme::Strict];
            assert_eq!(strict.incorrect, incorrect, "{end}");
        }
    }
}
