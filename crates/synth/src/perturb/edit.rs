//! Replacing stretches of a text, with everything that points into it.

use ere_dataset::{Document, Span, Spans, Text};

/// Stretches to be replaced: in text order, apart from each other.
#[derive(Default)]
pub(super) struct Edits {
    list: Vec<Edit>,
}

struct Edit {
    start: u32,
    end: u32,
    text: Box<str>,
}

impl Edits {
    /// Adds a replacement behind the others. An empty stretch is an insertion; an empty text must not
    /// stand for all of a span.
    pub(super) fn push(&mut self, start: usize, end: usize, text: &str) {
        debug_assert!(self.list.last().is_none_or(|last| last.end as usize <= start));
        self.list.push(Edit { start: start as u32, end: end as u32, text: text.into() });
    }

    pub(super) fn apply(&self, gold: &Document) -> Document {
        let mut document = gold.clone();
        let old = gold.text.as_str();
        let mut text = String::with_capacity(old.len() + old.len() / 8);
        // Where each edit begins in the new text.
        let mut starts = Vec::with_capacity(self.list.len());
        let mut end = 0;
        for edit in &self.list {
            text.push_str(&old[end..edit.start as usize]);
            starts.push(text.len() as u32);
            text.push_str(&edit.text);
            end = edit.end as usize;
        }
        text.push_str(&old[end..]);
        document.text = Text::new(text);
        let map = Map { edits: &self.list, starts };
        move_spans(&mut document, |span| map.span(span));
        document
    }
}

/// Moves everything that points into the text.
pub(super) fn move_spans(document: &mut Document, moved: impl Fn(Span) -> Span) {
    let all = |spans: &mut Vec<Span>| spans.iter_mut().for_each(|span| *span = moved(*span));
    document.zones.iter_mut().for_each(|zone| zone.span = moved(zone.span));
    all(&mut document.sentences);
    document.tokens.as_mut().map(all);
    for mention in &mut document.mentions {
        let spans = mention.spans.as_slice().iter().map(|span| moved(*span));
        mention.spans = Spans::new(spans).expect("what is apart stays apart and in order");
        mention.head = mention.head.map(&moved);
    }
}

/// From old places to new ones.
struct Map<'a> {
    edits: &'a [Edit],
    starts: Vec<u32>,
}

impl Map<'_> {
    /// A start is after what is inserted there, an end before it. What begins or ends inside a
    /// replaced stretch takes in all of it.
    fn span(&self, span: Span) -> Span {
        let start = self.place(span.start(), self.edits.partition_point(|e| e.end <= span.start()));
        let start = match self.inside(span.start()) {
            Some(edit) => self.starts[edit],
            None => start,
        };
        let before = self.edits.partition_point(|edit| {
            edit.end < span.end() || (edit.end == span.end() && edit.start < edit.end)
        });
        let end = match self.inside(span.end()) {
            Some(edit) => self.starts[edit] + self.edits[edit].text.len() as u32,
            None => self.place(span.end(), before),
        };
        Span::new(start, end).expect("no edit removes all of a span")
    }

    /// The new place of an old one that so many edits are before.
    fn place(&self, old: u32, edits: usize) -> u32 {
        match edits.checked_sub(1) {
            None => old,
            Some(last) => {
                let edit = &self.edits[last];
                self.starts[last] + edit.text.len() as u32 + (old - edit.end)
            }
        }
    }

    fn inside(&self, place: u32) -> Option<usize> {
        let edit = self.edits.partition_point(|edit| edit.end <= place);
        (edit < self.edits.len() && self.edits[edit].start < place).then_some(edit)
    }
}

/// Where something begins or ends: in order, each place once, with those of the whole text.
pub(super) fn borders(document: &Document) -> Vec<usize> {
    let mut borders = vec![0, document.text.len()];
    let mut add = |span: Span| borders.extend([span.start() as usize, span.end() as usize]);
    document.zones.iter().for_each(|zone| add(zone.span));
    document.sentences.iter().for_each(|span| add(*span));
    document.tokens.iter().flatten().for_each(|span| add(*span));
    for mention in &document.mentions {
        mention.spans.as_slice().iter().chain(&mention.head).for_each(|span| add(*span));
    }
    borders.sort_unstable();
    borders.dedup();
    borders
}
