//! Mentions as tag sequences, for the scorers of chunks ([`seqeval`](super::seqeval)).
//!
//! One sequence a document, with IOB2 tags over its tokens. A document without tokens is cut into
//! words (letters and digits in a row) and single other characters that are no white space. A mention
//! takes every token that it touches; a discontinuous one goes from its first token to its last.
//!
//! A token has one tag, so mentions that overlap cannot all be written. Of those, the one that begins
//! first is; of those that begin together, the longest; of those at one place, the one whose type
//! comes first by name. The others are left out, on both sides alike, and counted.

use std::borrow::Cow;
use std::sync::Arc;

use ere_dataset::{Document, Span, Vocabulary};

/// A tag for each token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    /// `O`, `B-` or `I-` and the type.
    pub tags: Vec<String>,
    /// Mentions that could not be written, copies not counted.
    pub left_out: u64,
}

/// The tokens of a document, or what stands for them.
///
/// ```
/// use ere_dataset::{Document, Text};
/// use ere_eval::reference::tags;
/// let document = Document { text: Text::new("Ann's U.S."), ..Document::default() };
/// let tokens = tags::tokens(&document);
/// let words: Vec<&str> = tokens.iter().map(|t| t.slice("Ann's U.S.").unwrap()).collect();
/// assert_eq!(words, ["Ann", "'", "s", "U", ".", "S", "."]);
/// ```
pub fn tokens(document: &Document) -> Cow<'_, [Span]> {
    match &document.tokens {
        Some(tokens) => Cow::Borrowed(tokens),
        None => Cow::Owned(words(document.text.as_str())),
    }
}

/// The mentions of a document as tags of these tokens, which are in text order.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::tags;
/// let vocabulary = Vocabulary::default();
/// let line = r#"{"id":"a","text":"Ann Lee met Bo","mentions":[{"start":0,"end":3,"type":"PER"},
///     {"start":0,"end":7,"type":"PER"},{"start":12,"end":14,"type":"PER"}]}"#;
/// let document = jsonl::gold_from_str(line, &vocabulary)?;
/// let sequence = tags::iob2(&document, &tags::tokens(&document), &vocabulary);
/// assert_eq!(sequence.tags, ["B-PER", "I-PER", "O", "B-PER"]);
/// assert_eq!(sequence.left_out, 1);
/// # Ok::<(), ere_dataset::Error>(())
/// ```
pub fn iob2(document: &Document, tokens: &[Span], vocabulary: &Vocabulary) -> Sequence {
    let mut left_out = 0;
    let mut chunks: Vec<(usize, usize, Arc<str>)> = Vec::with_capacity(document.mentions.len());
    for mention in &document.mentions {
        let hull = mention.spans.hull();
        let first = tokens.partition_point(|token| token.end() <= hull.start());
        let end = tokens.partition_point(|token| token.start() < hull.end());
        if first < end {
            chunks.push((first, end, vocabulary.name(mention.label)));
        } else {
            left_out += 1;
        }
    }
    chunks.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
    chunks.dedup();
    let mut tags = vec!["O".to_owned(); tokens.len()];
    let mut free = 0;
    for (first, end, label) in chunks {
        if first < free {
            left_out += 1;
            continue;
        }
        free = end;
        tags[first] = format!("B-{label}");
        tags[first + 1..end].fill(format!("I-{label}"));
    }
    Sequence { tags, left_out }
}

fn words(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut word: Option<usize> = None;
    let mut push = |start: usize, end: usize| {
        spans.push(Span::new(start as u32, end as u32).expect("a character has bytes"));
    };
    for (at, character) in text.char_indices() {
        if character.is_alphanumeric() {
            word.get_or_insert(at);
            continue;
        }
        if let Some(start) = word.take() {
            push(start, at);
        }
        if !character.is_whitespace() {
            push(at, at + character.len_utf8());
        }
    }
    if let Some(start) = word {
        push(start, text.len());
    }
    spans
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Mention, Text};

    use super::*;

    fn tags(mentions: &[(u32, u32, &str)]) -> Sequence {
        let vocabulary = Vocabulary::default();
        let mention = |&(start, end, label): &(u32, u32, &str)| {
            Mention::new(Span::new(start, end).unwrap(), vocabulary.intern(label))
        };
        let document = Document {
            text: Text::new("ab cd ef gh"),
            mentions: mentions.iter().map(mention).collect(),
            ..Document::default()
        };
        iob2(&document, &tokens(&document), &vocabulary)
    }

    #[test]
    fn a_mention_takes_every_token_that_it_touches() {
        assert_eq!(tags(&[(1, 4, "A"), (7, 8, "B")]).tags, ["B-A", "I-A", "B-B", "O"]);
        assert_eq!(tags(&[(2, 3, "A")]), Sequence { tags: vec!["O".into(); 4], left_out: 1 });
    }

    #[test]
    fn of_mentions_that_overlap_the_same_one_is_written_in_any_order() {
        let mut mentions =
            [(3, 5, "A"), (0, 5, "B"), (0, 5, "A"), (3, 8, "A"), (6, 8, "A"), (6, 8, "A")];
        for _ in 0..mentions.len() {
            mentions.rotate_left(1);
            let Sequence { tags, left_out } = tags(&mentions);
            assert_eq!(tags, ["B-A", "I-A", "B-A", "O"]);
            assert_eq!(left_out, 3);
        }
    }
}
