//! The brackets of a document's mentions: where they open and close, in which order, and which of
//! them need a tag.

use std::cmp::Reverse;

use super::layout::TextLine;
use crate::document::Document;
use crate::span::Span;

/// The brackets of one part of a mention.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) span: Span,
    pub(super) mention: usize,
    /// Whether it is the first part of its mention.
    pub(super) is_first: bool,
}

/// All parts in the order of opening brackets.
pub(super) struct Brackets {
    pub(super) parts: Vec<Part>,
    /// Whether mentions need their positions, since the list is not in the order of the text.
    pub(super) need_positions: bool,
}

/// The brackets of a document.
pub(super) fn brackets(document: &Document) -> Brackets {
    let starts = document.mentions.iter().map(|mention| mention.spans.first().start());
    let need_positions = !starts.is_sorted();
    let mut firsts = Vec::with_capacity(document.mentions.len());
    let mut others = Vec::new();
    for (position, mention) in document.mentions.iter().enumerate() {
        for (part, &span) in mention.spans.as_slice().iter().enumerate() {
            let part = Part { span, mention: position, is_first: part == 0 };
            if part.is_first { firsts.push(part) } else { others.push(part) }
        }
    }
    let outer_first = |part: &Part| (part.span.start(), Reverse(part.span.end()), part.mention);
    others.sort_unstable_by_key(outer_first);
    if need_positions {
        firsts.sort_unstable_by_key(outer_first);
    }
    Brackets { parts: merge(&firsts, &others), need_positions }
}

/// Both lists by start, each in its order; of two that start together, the longer one first.
fn merge(firsts: &[Part], others: &[Part]) -> Vec<Part> {
    let mut parts = Vec::with_capacity(firsts.len() + others.len());
    let (mut firsts, mut others) = (firsts.iter().peekable(), others.iter().peekable());
    let key = |part: &Part| (part.span.start(), Reverse(part.span.end()));
    loop {
        let next = match (firsts.peek(), others.peek()) {
            (Some(first), Some(other)) if key(first) < key(other) => firsts.next(),
            (_, Some(_)) => others.next(),
            _ => firsts.next(),
        };
        match next {
            Some(part) => parts.push(*part),
            None => return parts,
        }
    }
}

impl Brackets {
    /// Where brackets stand in the text, sorted.
    pub(super) fn boundaries(&self) -> Vec<u32> {
        let ends = |part: &Part| [part.span.start(), part.span.end()];
        let mut boundaries: Vec<u32> = self.parts.iter().flat_map(ends).collect();
        boundaries.sort_unstable();
        boundaries
    }

    /// The parts in the order of closing brackets; at one place the last one opened closes first.
    pub(super) fn closing(&self) -> Vec<usize> {
        let mut closing: Vec<usize> = (0..self.parts.len()).collect();
        closing.sort_unstable_by_key(|&part| (self.parts[part].span.end(), Reverse(part)));
        closing
    }

    /// Which parts need tags: those that leave their line, and those that cross. What is left nests.
    pub(super) fn tagged(&self, lines: &[TextLine]) -> Vec<bool> {
        let mut tagged = vec![false; self.parts.len()];
        let mut nest = Nest { open: Vec::new(), tagged: &mut tagged };
        for (position, part) in self.parts.iter().enumerate() {
            nest.close_before(part.span.start());
            nest.enter(position, part.span.end(), leaves_line(part.span, lines));
        }
        nest.close_before(u32::MAX);
        tagged
    }
}

fn leaves_line(span: Span, lines: &[TextLine]) -> bool {
    let opens = lines.partition_point(|line| line.start <= span.start()) - 1;
    let closes = lines.partition_point(|line| line.end < span.end());
    opens != closes
}

/// Brackets without tags, each on one line and inside the one below.
struct Nest<'a> {
    open: Vec<Untagged>,
    tagged: &'a mut [bool],
}

struct Untagged {
    position: usize,
    end: u32,
    /// How far a tagged bracket that opened inside goes.
    reach: u32,
}

impl Nest<'_> {
    fn enter(&mut self, position: usize, end: u32, leaves_line: bool) {
        match self.open.last_mut() {
            Some(outer) if end > outer.end => {
                self.tagged[position] = true;
                outer.reach = outer.reach.max(end);
            }
            None if leaves_line => self.tagged[position] = true,
            _ => self.open.push(Untagged { position, end, reach: 0 }),
        }
    }

    fn close_before(&mut self, start: u32) {
        while let Some(inner) = self.open.pop_if(|inner| inner.end <= start) {
            self.tagged[inner.position] = inner.reach > inner.end;
            if let Some(outer) = self.open.last_mut() {
                outer.reach = outer.reach.max(inner.reach);
            }
        }
    }
}
