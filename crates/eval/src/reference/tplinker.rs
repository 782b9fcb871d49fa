//! TPLinker-plus' `MetricsCalculator` (Wang et al. 2020; 131250208/TPlinker-joint-extraction,
//! `tplinker_plus/tplinker_plus.py`, commit c9305b1).
//!
//! Sets for each document, under one of four patterns that are all called F1. Relations are compared
//! by their two ends and their type, without the types of the ends; mentions by place or text, and
//! type. 1e-12 is added to each denominator, so that what is undefined is 0 and a perfect result is a
//! little below 1.

use std::borrow::Cow;
use std::ops::AddAssign;

use ere_dataset::{Document, Label, Spans};

use crate::reference::by_type;
use crate::reference::sets::Items;
use crate::reference::{Ratios, first_word, surface};
use crate::tally::Tally;

/// What is added to denominators.
pub const EPSILON: f64 = 1e-12;

/// What of a mention is compared (`match_pattern`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Its text.
    WholeText,
    /// What stands before the first space of its text.
    OnlyHeadText,
    /// Its place.
    WholeSpan,
    /// Where it starts.
    OnlyHeadIndex,
}

/// Mentions and relations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tallies {
    /// `ent`.
    pub mentions: Tally,
    /// `rel`.
    pub relations: Tally,
}

impl AddAssign for Tallies {
    fn add_assign(&mut self, other: Tallies) {
        self.mentions += other.mentions;
        self.relations += other.relations;
    }
}

/// Counts one document.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::tplinker::{Pattern, tally};
/// let vocabulary = Vocabulary::default();
/// let mention = |end: u32| {
///     let line = format!(
///         r#"{{"id":"a","text":"Ann Lee","mentions":[{{"start":0,"end":{end},"type":"PER"}}]}}"#
///     );
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let (gold, pred) = (mention(7), mention(3));
/// assert_eq!(tally(&gold, &pred, Pattern::WholeText).mentions.tp(), 0.0);
/// assert_eq!(tally(&gold, &pred, Pattern::OnlyHeadText).mentions.tp(), 1.0);
/// ```
pub fn tally(gold: &Document, pred: &Document, pattern: Pattern) -> Tallies {
    Tallies {
        mentions: by_type::tally(mentions(gold, pattern), mentions(pred, pattern)),
        relations: by_type::tally(relations(gold, pattern), relations(pred, pattern)),
    }
}

/// The ratios of the whole corpus.
pub fn ratios(total: &Tally) -> Ratios {
    let precision = total.tp() / (total.precision_denominator + EPSILON);
    let recall = total.tp() / (total.recall_denominator + EPSILON);
    Ratios { precision, recall, f1: 2.0 * precision * recall / (precision + recall + EPSILON) }
}

/// What a pattern looks at.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Mark<'a> {
    Text(Cow<'a, str>),
    Span(&'a Spans),
    Start(u32),
}

fn mark<'a>(document: &'a Document, spans: &'a Spans, pattern: Pattern) -> Mark<'a> {
    match pattern {
        Pattern::WholeText => Mark::Text(surface(document, spans)),
        Pattern::OnlyHeadText => Mark::Text(first_word(surface(document, spans))),
        Pattern::WholeSpan => Mark::Span(spans),
        Pattern::OnlyHeadIndex => Mark::Start(spans.first().start()),
    }
}

fn mentions(document: &Document, pattern: Pattern) -> Vec<(Mark<'_>, Label)> {
    let mentions = document.mentions.iter();
    mentions.map(|mention| (mark(document, &mention.spans, pattern), mention.label)).collect()
}

fn relations(document: &Document, pattern: Pattern) -> Vec<(Mark<'_>, Label, Mark<'_>)> {
    let end = |spans| mark(document, spans, pattern);
    let relations = Items::of(document).relations.into_iter();
    relations.map(|r| (end(&r.head.spans), r.label, end(&r.tail.spans))).collect()
}
