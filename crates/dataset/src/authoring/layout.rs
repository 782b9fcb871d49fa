//! How a text is cut into the lines of an authoring file.

use crate::document::{Document, ZoneKind};
use crate::span::Span;

/// The lines of the text part, and whether they say the sentences and zones of the document.
pub(super) struct Layout {
    pub(super) lines: Vec<TextLine>,
    pub(super) has_sentences: bool,
    pub(super) has_zones: bool,
}

/// A piece of the text on a line of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TextLine {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) sentence: Option<usize>,
    /// Position of the zone that holds it.
    pub(super) zone: Option<usize>,
    pub(super) joint: Joint,
}

/// What joins a line with the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// Nothing: it is the first line, or the line before ends with `\`.
    Nothing,
    Space,
    /// Two line breaks, written as a blank line.
    EmptyLine,
}

impl Layout {
    /// The kind of zone that begins before a line, if the zone changes there; `Some(None)` for
    /// `@none`.
    pub(super) fn zone_change(&self, document: &Document, line: usize) -> Option<Option<ZoneKind>> {
        let before = line.checked_sub(1).and_then(|before| self.lines[before].zone);
        let zone = self.lines[line].zone;
        (before != zone).then(|| zone.map(|zone| document.zones[zone].kind))
    }
}

/// Cuts the text of a document into lines. `boundaries` are the bytes where brackets stand, sorted: a
/// line break is no place for them.
pub(super) fn layout(document: &Document, boundaries: &[u32]) -> Layout {
    let has_sentences = are_in_order(document.sentences.iter().copied());
    let sentences: &[Span] = if has_sentences { &document.sentences } else { &[] };
    let zones: Vec<Span> = document.zones.iter().map(|zone| zone.span).collect();
    let has_zones = are_in_order(zones.iter().copied())
        && zones.iter().all(|zone| {
            !cuts_a_sentence(zone.start(), sentences) && !cuts_a_sentence(zone.end(), sentences)
        });
    let zones: &[Span] = if has_zones { &zones } else { &[] };
    let pieces = pieces(document.text.as_str(), sentences, zones);
    let lines = join(document.text.as_str(), &pieces, boundaries);
    Layout { lines, has_sentences, has_zones }
}

fn are_in_order(spans: impl Iterator<Item = Span>) -> bool {
    spans.map(|span| (span.start(), span.end())).is_sorted_by(|a, b| a.1 <= b.0)
}

fn cuts_a_sentence(at: u32, sentences: &[Span]) -> bool {
    let next = sentences.partition_point(|sentence| sentence.end() <= at);
    sentences.get(next).is_some_and(|sentence| sentence.start() < at)
}

/// The text without gaps: sentences, and what stands outside them, cut at zones and line breaks.
fn pieces(text: &str, sentences: &[Span], zones: &[Span]) -> Vec<TextLine> {
    let both = |span: &Span| [span.start(), span.end()];
    let mut cuts: Vec<u32> = sentences.iter().chain(zones).flat_map(both).collect();
    cuts.extend([0, text.len() as u32]);
    cuts.sort_unstable();
    cuts.dedup();
    let holder = |spans: &[Span], start: u32| {
        let next = spans.partition_point(|span| span.end() <= start);
        spans.get(next).is_some_and(|span| span.start() <= start).then_some(next)
    };
    let mut pieces = Vec::new();
    for ends in cuts.windows(2) {
        let (start, end) = (ends[0], ends[1]);
        let sentence = holder(sentences, start);
        let zone = holder(zones, start);
        let piece = TextLine { start, end, sentence, zone, joint: Joint::Nothing };
        match sentence {
            Some(_) => pieces.push(piece),
            None => {
                let is_before_sentence =
                    holder(sentences, end).is_some() && holder(zones, end) == zone;
                cut(text, piece, is_before_sentence, &mut pieces);
            }
        }
    }
    pieces
}

/// Cuts what stands outside any sentence: a space beside a sentence of the same zone is a piece of its
/// own, so that it can join two lines.
fn cut(text: &str, piece: TextLine, is_before_sentence: bool, pieces: &mut Vec<TextLine>) {
    let is_after_sentence =
        pieces.last().is_some_and(|last| last.sentence.is_some() && last.zone == piece.zone);
    let words = &text[piece.start as usize..piece.end as usize];
    let is_word = |character: Option<char>| character.is_some_and(|c| !c.is_whitespace());
    let begins = is_after_sentence && words.starts_with(' ') && is_word(words.chars().nth(1));
    let ends = is_before_sentence && words.ends_with(' ') && is_word(words.chars().nth_back(1));
    let (start, end) = (piece.start + u32::from(begins), piece.end - u32::from(ends));
    if begins {
        pieces.push(TextLine { end: start, ..piece });
    }
    cut_at_line_breaks(text, TextLine { start, end, ..piece }, pieces);
    if ends {
        pieces.push(TextLine { start: end, ..piece });
    }
}

/// Two line breaks become a piece of their own; one, or more than two, end a piece.
fn cut_at_line_breaks(text: &str, piece: TextLine, pieces: &mut Vec<TextLine>) {
    let TextLine { mut start, end, .. } = piece;
    while start < end {
        let rest = &text[start as usize..end as usize];
        let words = rest.find('\n').unwrap_or(rest.len());
        let breaks = rest[words..].len() - rest[words..].trim_start_matches('\n').len();
        let length = match (words, breaks) {
            (0, _) => breaks,
            (_, 2) => words,
            _ => words + breaks,
        };
        let stop = start + length as u32;
        pieces.push(TextLine { start, end: stop, ..piece });
        start = stop;
    }
}

/// Makes joints of the pieces that are a space or an empty line between two others.
fn join(text: &str, pieces: &[TextLine], boundaries: &[u32]) -> Vec<TextLine> {
    let mut lines: Vec<TextLine> = Vec::new();
    let mut joint = Joint::Nothing;
    for (position, piece) in pieces.iter().enumerate() {
        if joint == Joint::Nothing
            && let (Some(before), Some(after)) = (lines.last(), pieces.get(position + 1))
        {
            joint = joint_of(text, [before, piece, after], boundaries);
            if joint != Joint::Nothing {
                continue;
            }
        }
        lines.push(TextLine { joint, ..*piece });
        joint = Joint::Nothing;
    }
    lines
}

/// What the middle one of three pieces is, as a joint.
fn joint_of(text: &str, pieces: [&TextLine; 3], boundaries: &[u32]) -> Joint {
    let [before, piece, after] = pieces;
    let in_one_zone = before.zone == piece.zone && piece.zone == after.zone;
    let between_zones = piece.zone.is_none() && before.zone != after.zone;
    let holds_bracket = || boundaries.binary_search(&(piece.start + 1)).is_ok();
    match &text[piece.start as usize..piece.end as usize] {
        _ if piece.sentence.is_some() => Joint::Nothing,
        " " if in_one_zone => Joint::Space,
        "\n\n" if (in_one_zone || between_zones) && !holds_bracket() => Joint::EmptyLine,
        _ => Joint::Nothing,
    }
}
