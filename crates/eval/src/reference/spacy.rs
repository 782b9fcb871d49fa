//! spaCy 3.8 (explosion/spaCy, `spacy/scorer.py`): `Scorer.score_spans` and `get_ner_prf`.
//!
//! Mentions are compared as sets of (type, first token, last token), or without the type where
//! labels are not asked. A predicted mention that does not begin and end where tokens of gold do is
//! **skipped**, not counted as wrong (explosion/spaCy#12811). Ratios of nothing are 0, and where
//! neither side has a mention there are no ratios at all (`None`).
//!
//! `get_ner_prf` counts entities of a document, which cannot overlap; on such documents it is the
//! labelled score.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use ere_dataset::{Document, Label, Span, Spans};

use crate::reference::Ratios;
use crate::reference::by_type::{add, tally, tally_by_type};
use crate::tally::Tally;

/// Counts of mentions. Adds up over documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpanTallies {
    /// Places, types ignored.
    pub unlabelled: Tally,
    /// Places and types, a row for each type that either side has.
    pub by_type: BTreeMap<Label, Tally>,
    /// Predictions that were skipped, copies included.
    pub skipped: u64,
}

/// Counts one document. Without tokens in gold, no prediction is skipped.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::spacy;
/// let vocabulary = Vocabulary::default();
/// let read = |label: &str| {
///     let line = format!(
///         r#"{{"id":"a","text":"Ann","mentions":[{{"start":0,"end":3,"type":"{label}"}}]}}"#
///     );
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let tallies = spacy::score_spans(&read("PER"), &read("ORG"));
/// assert_eq!(spacy::ratios(&tallies.unlabelled).unwrap().f1, 1.0);
/// assert_eq!(spacy::ratios(&tallies.labelled()).unwrap().f1, 0.0);
/// assert_eq!(spacy::ratios(&Default::default()), None);
/// ```
pub fn score_spans(gold: &Document, pred: &Document) -> SpanTallies {
    let aligned = |spans: &Spans| {
        let tokens = gold.tokens.as_deref();
        tokens.is_none_or(|tokens| spans.as_slice().iter().all(|span| fits(*span, tokens)))
    };
    let all = || gold.mentions.iter();
    let kept = || pred.mentions.iter().filter(|mention| aligned(&mention.spans));
    SpanTallies {
        skipped: (pred.mentions.len() - kept().count()) as u64,
        unlabelled: tally(
            all().map(|mention| &mention.spans).collect(),
            kept().map(|mention| &mention.spans).collect(),
        ),
        by_type: tally_by_type(
            all().map(|mention| (mention.label, &mention.spans)).collect(),
            kept().map(|mention| (mention.label, &mention.spans)).collect(),
        ),
    }
}

/// The ratios that spaCy prints; `None` where neither side has a mention.
pub fn ratios(tally: &Tally) -> Option<Ratios> {
    (!tally.is_zero()).then(|| Ratios::or_zero(tally))
}

impl SpanTallies {
    /// Places and types, over all types.
    pub fn labelled(&self) -> Tally {
        self.by_type.values().copied().sum()
    }
}

impl AddAssign for SpanTallies {
    fn add_assign(&mut self, other: SpanTallies) {
        self.unlabelled += other.unlabelled;
        add(&mut self.by_type, other.by_type);
        self.skipped += other.skipped;
    }
}

/// Whether a span begins where a token begins and ends where a token ends. Tokens are in text order.
fn fits(span: Span, tokens: &[Span]) -> bool {
    tokens.binary_search_by_key(&span.start(), |token| token.start()).is_ok()
        && tokens.binary_search_by_key(&span.end(), |token| token.end()).is_ok()
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Mention, Vocabulary};

    use super::*;

    #[test]
    fn a_prediction_between_tokens_is_skipped() {
        let label = Vocabulary::default().intern("PER");
        let span = |start, end| Span::new(start, end).unwrap();
        let document = |mentions: &[Span]| Document {
            tokens: Some(vec![span(0, 3), span(4, 8)]),
            mentions: mentions.iter().map(|span| Mention::new(*span, label)).collect(),
            ..Document::default()
        };
        let pred = document(&[span(0, 3), span(0, 3), span(0, 5), span(1, 8), span(0, 8)]);
        let tallies = score_spans(&document(&[span(0, 3), span(4, 8)]), &pred);
        assert_eq!(tallies.unlabelled, Tally::counts(1, 1, 1));
        assert_eq!(tallies.labelled(), Tally::counts(1, 1, 1));
    }
}
