//! seqeval 1.2.2 (chakki-works/seqeval), default and strict: chunks of tag sequences.
//!
//! Each sequence is decoded to chunks (type, first token, last token), which are compared as sets.
//! Default decoding follows conlleval.pl: an `I-X` after `O` or after another type opens a chunk,
//! any prefix and any type are taken as they come. Strict decoding finds only chunks that a
//! [`Scheme`] allows, and drops the others **on the gold side too**, so that support shrinks.
//!
//! Micro average: ratios of sums. Macro average: the mean over types of gold *and* predictions;
//! weighted: the same, weighted by the number of gold chunks. What has no value is 0, but the macro
//! average over no types is not a number (`None` here). Sequences of unequal length, and in strict
//! decoding prefixes that the scheme does not know, are errors, as they are there.
//!
//! Sequences are independent here. In seqeval a default chunk without a beginning, which only tags
//! such as `.-X` or `O-X` can make, begins in an earlier sequence.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

use crate::reference::Ratios;
use crate::reference::by_type::{add, tally_by_type};
use crate::tally::Tally;

/// How tags become chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoding {
    /// As conlleval.pl: whatever can be read as a chunk is one.
    Default,
    /// Only chunks that the scheme allows.
    Strict(Scheme),
}

/// What prefixes mean in strict decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `I` everywhere, `B` only where a chunk follows one of its type.
    Iob1,
    /// `B` at the first token of every chunk.
    Iob2,
    /// `I` everywhere, `E` only where a chunk precedes one of its type.
    Ioe1,
    /// `E` at the last token of every chunk.
    Ioe2,
    /// `B`, `I`, `E`; `S` for chunks of one token.
    Iobes,
    /// `B`, `I`, `L`; `U` for chunks of one token.
    Bilou,
}

/// Tokens of one type in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chunk<'a> {
    /// The type; `_` where the tags name none.
    pub label: &'a str,
    /// The first token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
}

/// Counts of tag sequences. Adds up over sequences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TagTallies {
    /// Chunks of each type that gold or prediction has.
    pub by_type: BTreeMap<Box<str>, Tally>,
    /// Tokens whose tags are equal.
    pub tokens_equal: u64,
    /// Tokens.
    pub tokens: u64,
}

/// Why sequences cannot be scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagError {
    /// The tag at this position is empty.
    EmptyTag {
        /// The position.
        position: usize,
    },
    /// The scheme has no such prefix.
    UnknownPrefix {
        /// The position.
        position: usize,
        /// The tag.
        tag: Box<str>,
        /// The prefixes that the scheme has.
        allowed: &'static str,
    },
    /// Gold and prediction are not about the same tokens.
    UnequalLength {
        /// Tags of gold.
        gold: usize,
        /// Tags of the prediction.
        pred: usize,
    },
}

/// Counts one sequence.
///
/// ```
/// use ere_eval::reference::seqeval::{Decoding, Scheme, tally};
/// let gold = ["I-PER", "I-PER", "O", "B-ORG"];
/// let pred = ["B-PER", "I-PER", "O", "B-ORG"];
/// let default = tally(&gold, &pred, Decoding::Default).unwrap();
/// assert_eq!(default.micro().f1, 1.0);
/// // The gold chunk does not begin with B: it is dropped, and finding it is a false positive.
/// let strict = tally(&gold, &pred, Decoding::Strict(Scheme::Iob2)).unwrap();
/// assert_eq!((strict.micro().precision, strict.micro().recall), (0.5, 1.0));
/// assert_eq!(strict.token_accuracy(), Some(0.75));
/// ```
pub fn tally<S: AsRef<str>>(
    gold: &[S],
    pred: &[S],
    decoding: Decoding,
) -> Result<TagTallies, TagError> {
    if gold.len() != pred.len() {
        return Err(TagError::UnequalLength { gold: gold.len(), pred: pred.len() });
    }
    fn keyed(chunk: Chunk<'_>) -> (&str, (usize, usize)) {
        (chunk.label, (chunk.start, chunk.end))
    }
    let keys = |tags| Ok(chunks(tags, decoding)?.into_iter().map(keyed).collect());
    let by_type = tally_by_type(keys(gold)?, keys(pred)?);
    let equal = gold.iter().zip(pred).filter(|(gold, pred)| gold.as_ref() == pred.as_ref()).count();
    Ok(TagTallies {
        by_type: by_type.into_iter().map(|(label, tally)| (label.into(), tally)).collect(),
        tokens_equal: equal as u64,
        tokens: gold.len() as u64,
    })
}

/// The chunks of a sequence, in order.
///
/// ```
/// use ere_eval::reference::seqeval::{Chunk, Decoding, Scheme, chunks};
/// let tags = ["B-PER", "I-PER", "I-ORG", "O"];
/// let person = Chunk { label: "PER", start: 0, end: 2 };
/// let organisation = Chunk { label: "ORG", start: 2, end: 3 };
/// assert_eq!(chunks(&tags, Decoding::Default).unwrap(), [person, organisation]);
/// assert_eq!(chunks(&tags, Decoding::Strict(Scheme::Iob2)).unwrap(), [person]);
/// ```
pub fn chunks<S: AsRef<str>>(tags: &[S], decoding: Decoding) -> Result<Vec<Chunk<'_>>, TagError> {
    match decoding {
        Decoding::Default => default_chunks(tags),
        Decoding::Strict(scheme) => strict_chunks(tags, scheme.rules()),
    }
}

impl TagTallies {
    /// Ratios over all chunks.
    pub fn micro(&self) -> Ratios {
        Ratios::or_zero(&self.total())
    }

    /// The mean over types; `None` without types.
    pub fn macro_average(&self) -> Option<Ratios> {
        let rows: Vec<Ratios> = self.by_type.values().map(Ratios::or_zero).collect();
        Ratios::mean(&rows)
    }

    /// The mean over types, each as often as gold has chunks of it; 0 without gold.
    pub fn weighted(&self) -> Ratios {
        let mut sums = Ratios::default();
        let support = self.support();
        for tally in self.by_type.values().filter(|_| support > 0.0) {
            let (row, share) = (Ratios::or_zero(tally), tally.recall_denominator / support);
            sums.precision += share * row.precision;
            sums.recall += share * row.recall;
            sums.f1 += share * row.f1;
        }
        sums
    }

    /// Chunks of gold.
    pub fn support(&self) -> f64 {
        self.total().recall_denominator
    }

    /// The share of tokens whose tags are equal; `None` without tokens.
    pub fn token_accuracy(&self) -> Option<f64> {
        (self.tokens > 0).then(|| self.tokens_equal as f64 / self.tokens as f64)
    }

    fn total(&self) -> Tally {
        self.by_type.values().copied().sum()
    }
}

impl AddAssign for TagTallies {
    fn add_assign(&mut self, other: TagTallies) {
        add(&mut self.by_type, other.by_type);
        self.tokens_equal += other.tokens_equal;
        self.tokens += other.tokens;
    }
}

/// A tag in two parts.
#[derive(Clone, Copy, PartialEq)]
struct Tag<'a> {
    prefix: char,
    label: &'a str,
}

const OUTSIDE: Tag<'static> = Tag { prefix: 'O', label: "_" };

fn default_chunks<S: AsRef<str>>(tags: &[S]) -> Result<Vec<Chunk<'_>>, TagError> {
    let mut chunks = Vec::new();
    let mut previous = Tag { prefix: 'O', label: "" };
    let mut start = 0;
    for (position, tag) in tags.iter().enumerate() {
        let (prefix, rest) = split(tag.as_ref(), position)?;
        let label = rest.split_once('-').map_or(rest, |(_, label)| label);
        let tag = Tag { prefix, label: if label.is_empty() { "_" } else { label } };
        if ends(previous, tag) {
            chunks.push(Chunk { label: previous.label, start, end: position });
        }
        if starts(previous, tag) {
            start = position;
        }
        previous = tag;
    }
    if ends(previous, OUTSIDE) {
        chunks.push(Chunk { label: previous.label, start, end: tags.len() });
    }
    Ok(chunks)
}

/// Whether a chunk ends between two tags.
fn ends(previous: Tag<'_>, tag: Tag<'_>) -> bool {
    match (previous.prefix, tag.prefix) {
        ('E' | 'S', _) | ('B' | 'I', 'B' | 'S' | 'O') => true,
        ('O' | '.', _) => false,
        _ => previous.label != tag.label,
    }
}

/// Whether a chunk starts at the second of two tags.
fn starts(previous: Tag<'_>, tag: Tag<'_>) -> bool {
    match (previous.prefix, tag.prefix) {
        (_, 'B' | 'S') | ('E' | 'S' | 'O', 'E' | 'I') => true,
        (_, 'O' | '.') => false,
        _ => previous.label != tag.label,
    }
}

/// The first character of a tag, and the rest.
fn split(tag: &str, position: usize) -> Result<(char, &str), TagError> {
    let mut characters = tag.chars();
    let prefix = characters.next().ok_or(TagError::EmptyTag { position })?;
    Ok((prefix, characters.as_str()))
}

/// Prefixes and patterns of a scheme. A pattern is about two tags in a row.
struct Rules {
    allowed: &'static str,
    /// A chunk starts at the second tag.
    start: &'static [Pattern],
    /// The second tag continues the chunk of the first.
    inside: &'static [Pattern],
    /// The chunk of the first tag may end there.
    end: &'static [Pattern],
}

/// Prefixes of the first tag, prefixes of the second, and how their types relate.
type Pattern = (&'static str, &'static str, Types);

#[derive(Clone, Copy)]
enum Types {
    Any,
    Same,
    Different,
}

impl Scheme {
    fn rules(self) -> &'static Rules {
        use Types::{Any, Different, Same};
        match self {
            Scheme::Iob1 => &Rules {
                allowed: "IOB",
                start: &[("OB", "I", Any), ("I", "I", Different), ("IB", "B", Same)],
                inside: &[("BI", "I", Same)],
                end: &[("IB", "I", Different), ("IB", "O", Any), ("I", "B", Any), ("B", "B", Same)],
            },
            Scheme::Iob2 => &Rules {
                allowed: "IOB",
                start: &[("IOB", "B", Any)],
                inside: &[("BI", "I", Same)],
                end: &[("IB", "OB", Any), ("IB", "I", Different)],
            },
            Scheme::Ioe1 => &Rules {
                allowed: "IOE",
                start: &[("OE", "I", Any), ("I", "I", Different), ("E", "E", Same)],
                inside: &[("I", "IE", Same)],
                end: &[("I", "IE", Different), ("I", "O", Any), ("E", "IE", Same)],
            },
            Scheme::Ioe2 => &Rules {
                allowed: "IOE",
                start: &[("OE", "IE", Any), ("I", "IE", Different)],
                inside: &[("I", "IE", Same)],
                end: &[("E", "IOE", Any)],
            },
            Scheme::Iobes => &Rules {
                allowed: "IOBES",
                start: &[("IOBES", "BS", Any)],
                inside: &[("BI", "IE", Same)],
                end: &[("SE", "IOBES", Any)],
            },
            Scheme::Bilou => &Rules {
                allowed: "IOBLU",
                start: &[("IOBLU", "BU", Any)],
                inside: &[("BI", "IL", Same)],
                end: &[("UL", "IOBLU", Any)],
            },
        }
    }
}

fn strict_chunks<'a, S: AsRef<str>>(
    tags: &'a [S],
    rules: &Rules,
) -> Result<Vec<Chunk<'a>>, TagError> {
    let mut parsed = Vec::with_capacity(tags.len() + 1);
    for (position, tag) in tags.iter().enumerate() {
        parsed.push(strict_tag(tag.as_ref(), position, rules)?);
    }
    parsed.push(OUTSIDE);
    let mut chunks = Vec::new();
    let mut previous = OUTSIDE;
    let mut position = 0;
    while position < tags.len() {
        let mut end = position + 1;
        if matches(rules.start, previous, parsed[position]) {
            while matches(rules.inside, parsed[end - 1], parsed[end]) {
                end += 1;
            }
            if matches(rules.end, parsed[end - 1], parsed[end]) {
                chunks.push(Chunk { label: parsed[position].label, start: position, end });
            }
        }
        position = end;
        previous = parsed[end - 1];
    }
    Ok(chunks)
}

fn strict_tag<'a>(tag: &'a str, position: usize, rules: &Rules) -> Result<Tag<'a>, TagError> {
    let (prefix, rest) = split(tag, position)?;
    if !rules.allowed.contains(prefix) {
        let allowed = rules.allowed;
        return Err(TagError::UnknownPrefix { position, tag: tag.into(), allowed });
    }
    let label = rest.trim_matches('-');
    Ok(Tag { prefix, label: if label.is_empty() { "_" } else { label } })
}

/// Whether a pattern fits. No pattern of any scheme has `O` inside a chunk, so that the tag put
/// behind the last one ends every walk.
fn matches(patterns: &[Pattern], first: Tag<'_>, second: Tag<'_>) -> bool {
    patterns.iter().any(|(firsts, seconds, types)| {
        firsts.contains(first.prefix)
            && seconds.contains(second.prefix)
            && match types {
                Types::Any => true,
                Types::Same => first.label == second.label,
                Types::Different => first.label != second.label,
            }
    })
}

impl fmt::Display for TagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TagError::EmptyTag { position } => {
                write!(f, "tag {position} is empty; outside of chunks it is O")
            }
            TagError::UnknownPrefix { position, tag, allowed } => write!(
                f,
                "tag {position}, {tag:?}, begins with none of the letters {allowed} of the scheme"
            ),
            TagError::UnequalLength { gold, pred } => write!(
                f,
                "gold has {gold} tags and the prediction {pred}; both must tag the same tokens"
            ),
        }
    }
}

impl std::error::Error for TagError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chunks as text: `PER 0..2`.
    fn shown(tags: &str, decoding: Decoding) -> Vec<String> {
        let tags: Vec<&str> = tags.split(' ').collect();
        let chunks = chunks(&tags, decoding).unwrap();
        chunks
            .iter()
            .map(|chunk| format!("{} {}..{}", chunk.label, chunk.start, chunk.end))
            .collect()
    }

    #[test]
    fn default_decoding_takes_what_it_can() {
        let rows: [(&str, &[&str]); 6] = [
            ("I-A I-A O I-A", &["A 0..2", "A 3..4"]),
            ("B-A I-B", &["A 0..1", "B 1..2"]),
            ("B-A B-A E-A", &["A 0..1", "A 1..3"]),
            ("S-A E-A I-A", &["A 0..1", "A 1..2", "A 2..3"]),
            ("B I O", &["_ 0..2"]),
            ("B-A-B O", &["A-B 0..1"]),
        ];
        for (tags, expected) in rows {
            assert_eq!(shown(tags, Decoding::Default), expected, "{tags}");
        }
    }

    #[test]
    fn strict_decoding_takes_what_the_scheme_allows() {
        let rows: [(Scheme, &str, &[&str]); 10] = [
            (Scheme::Iob1, "I-A I-A B-A I-B", &["A 0..2", "A 2..3", "B 3..4"]),
            (Scheme::Iob2, "I-A B-A I-A I-B O", &["A 1..3"]),
            (Scheme::Iob2, "B-A B-A", &["A 0..1", "A 1..2"]),
            (Scheme::Ioe1, "I-A I-A O I-A E-A I-A", &["A 0..2", "A 3..5", "A 5..6"]),
            (Scheme::Ioe2, "I-A E-A E-A I-A O", &["A 0..2", "A 2..3"]),
            (Scheme::Iobes, "B-A I-A E-A S-A", &["A 0..3", "A 3..4"]),
            (Scheme::Iobes, "B-A I-A O E-A", &[]),
            (Scheme::Iobes, "B-A E-B S-B", &["B 2..3"]),
            (Scheme::Bilou, "B-A I-A L-A U-A B-A", &["A 0..3", "A 3..4"]),
            (Scheme::Iob2, "B--A- O", &["A 0..1"]),
        ];
        for (scheme, tags, expected) in rows {
            assert_eq!(shown(tags, Decoding::Strict(scheme)), expected, "{tags}");
        }
    }

    #[test]
    fn errors_say_what_would_be_right() {
        let strict = Decoding::Strict(Scheme::Iob2);
        let message = |tags: &[&str], decoding| chunks(tags, decoding).unwrap_err().to_string();
        assert_eq!(
            message(&["O", "S-A"], strict),
            "tag 1, \"S-A\", begins with none of the letters IOB of the scheme"
        );
        assert_eq!(message(&[""], Decoding::Default), "tag 0 is empty; outside of chunks it is O");
        assert_eq!(
            tally(&["O"], &[], Decoding::Default).unwrap_err().to_string(),
            "gold has 1 tags and the prediction 0; both must tag the same tokens"
        );
    }

    #[test]
    fn without_types_there_is_no_macro_average() {
        let tallies = tally(&["O"], &["O"], Decoding::Default).unwrap();
        assert_eq!(tallies.macro_average(), None);
        assert_eq!((tallies.micro(), tallies.weighted()), (Ratios::default(), Ratios::default()));
    }
}
