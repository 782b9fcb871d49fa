//! Mistakes as lines of JSON.

use std::io::{self, Write};
use std::sync::Arc;

use ere_dataset::text::Offsets;
use ere_dataset::{
    Document, EntityIdx, Form, Given, Label, MentionIdx, Prediction, SentenceIdx, Span, Spans,
    Vocabulary,
};
use serde::Serialize;

use super::order::members;
use super::{DocumentMistakes, Item, Mistake};

/// Writes each mistake of a document as a line of JSON (`docs/errors.md` has the keys). `gold` and
/// `pred` are those that were analysed. Offsets are code points of the text; marks count from the
/// beginning of their snippet.
///
/// # Errors
/// What the writer says.
pub fn write(
    out: &mut (impl Write + ?Sized),
    found: &DocumentMistakes,
    gold: &Document,
    pred: &Prediction,
    vocabulary: &Vocabulary,
) -> io::Result<()> {
    if found.mistakes.is_empty() {
        return Ok(());
    }
    let of_pred = match pred.document.given {
        Given::Entities => Side::new(gold),
        _ => Side::new(&pred.document),
    };
    let page = Page {
        text: gold.text.as_str(),
        offsets: Offsets::of(gold.text.as_str()),
        gold: Side::new(gold),
        pred: of_pred,
        malformed: pred,
        vocabulary,
    };
    for mistake in &found.mistakes {
        serde_json::to_writer(&mut *out, &page.line(&gold.id, mistake))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Offsets in code points: start, end.
type Range = (u32, u32);

#[derive(Serialize)]
struct Line<'a> {
    document: &'a str,
    view: &'static str,
    kind: &'static str,
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    gold: Option<Described<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pred: Option<Described<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Snippet<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Described<'a> {
    Mention {
        r#type: Arc<str>,
        spans: Vec<Range>,
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        sentence: Option<u32>,
    },
    Relation {
        r#type: Arc<str>,
        head: End,
        tail: End,
        #[serde(skip_serializing_if = "<[SentenceIdx]>::is_empty")]
        sentences: &'a [SentenceIdx],
    },
    Malformed {
        malformed: &'a str,
        reason: &'a str,
    },
}

/// An end of a relation, by the mention that names it best.
#[derive(Serialize)]
struct End {
    name: Option<String>,
    types: Vec<Arc<str>>,
    spans: Vec<Range>,
}

#[derive(Serialize)]
struct Snippet<'a> {
    /// Where it begins in the text, in code points.
    start: u32,
    text: &'a str,
    marks: Vec<Mark>,
}

#[derive(Serialize)]
struct Mark {
    start: u32,
    end: u32,
    r#as: &'static str,
}

/// A document, and the mentions of each entity by place.
struct Side<'a> {
    document: &'a Document,
    members: Vec<Vec<MentionIdx>>,
}

struct Page<'a> {
    text: &'a str,
    offsets: Offsets,
    gold: Side<'a>,
    pred: Side<'a>,
    malformed: &'a Prediction,
    vocabulary: &'a Vocabulary,
}

/// What stands in the text for a part of an item, and what to call it.
type Marked<'a> = (&'static str, &'a Spans);

impl<'a> Page<'a> {
    fn line<'l>(&'l self, document: &'l str, mistake: &'l Mistake) -> Line<'l> {
        let describe = |item: &'l Option<Item>, side| item.as_ref().map(|i| self.describe(i, side));
        Line {
            document,
            view: mistake.view.name(),
            kind: mistake.kind.name(),
            cause: mistake.cause.name(),
            gold: describe(&mistake.gold, &self.gold),
            pred: describe(&mistake.pred, &self.pred),
            snippet: self.snippet(mistake),
        }
    }

    fn describe<'l>(&'l self, item: &'l Item, side: &'l Side<'a>) -> Described<'l> {
        match item {
            Item::Mention { spans, label } => Described::Mention {
                r#type: self.name(*label),
                spans: self.ranges(spans),
                text: self.words(spans),
                sentence: self.gold.document.sentence_of(spans.first()).map(|sentence| sentence.0),
            },
            Item::Relation { label, head, tail, sentences } => Described::Relation {
                r#type: self.name(*label),
                head: self.end(*head, side),
                tail: self.end(*tail, side),
                sentences,
            },
            Item::Malformed(at) => {
                let item = &self.malformed.malformed[*at];
                Described::Malformed { malformed: &item.raw, reason: &item.reason }
            }
        }
    }

    fn end(&self, entity: EntityIdx, side: &Side<'_>) -> End {
        let naming = side.naming(entity, self.text);
        let labels = &side.document.entities[entity.index()].labels;
        let mut types: Vec<Arc<str>> = labels.iter().map(|label| self.name(*label)).collect();
        types.sort_unstable();
        End {
            name: naming.map(|spans| self.words(spans)),
            types,
            spans: naming.map(|spans| self.ranges(spans)).unwrap_or_default(),
        }
    }

    fn name(&self, label: Label) -> Arc<str> {
        self.vocabulary.name(label)
    }

    fn ranges(&self, spans: &Spans) -> Vec<Range> {
        spans.as_slice().iter().map(|span| self.offsets.code_points(*span)).collect()
    }

    /// The words of a mention, its pieces joined by a space.
    fn words(&self, spans: &Spans) -> String {
        let pieces = spans.as_slice().iter().map(|span| span.slice(self.text).unwrap_or_default());
        pieces.collect::<Vec<_>>().join(" ")
    }

    /// The text around a mistake, with its items marked.
    fn snippet(&self, mistake: &Mistake) -> Option<Snippet<'_>> {
        let focus = self.focus(mistake)?;
        let range = self.around(focus);
        let (start, _) = self.offsets.code_points(range);
        let mut marks = Vec::new();
        for (part, spans) in self.marked(mistake) {
            for span in spans.as_slice().iter().filter(|span| range.contains(**span)) {
                let (from, to) = self.offsets.code_points(*span);
                marks.push(Mark { start: from - start, end: to - start, r#as: part });
            }
        }
        marks.sort_by_key(|mark| (mark.start, mark.end, mark.r#as));
        Some(Snippet { start, text: range.slice(self.text)?, marks })
    }

    /// The stretch of text that a mistake is about: its mentions; of a relation, a mention of each
    /// end, as near to each other as there are; or where its evidence stands.
    fn focus(&self, mistake: &Mistake) -> Option<Span> {
        let of = |item: Option<&Item>, side: &Side<'_>| match item? {
            Item::Mention { spans, .. } => Some(spans.hull()),
            Item::Relation { head, tail, sentences, .. } => {
                let evidence = sentences.first().map(|at| self.gold.document.sentences[at.index()]);
                evidence.or_else(|| side.nearest(*head, *tail))
            }
            Item::Malformed(_) => None,
        };
        let gold = of(mistake.gold.as_ref(), &self.gold);
        let pred = of(mistake.pred.as_ref(), &self.pred);
        match (gold, pred) {
            (Some(gold), Some(pred)) if gold.overlaps(pred) => {
                Span::new(gold.start().min(pred.start()), gold.end().max(pred.end()))
            }
            (gold, pred) => gold.or(pred),
        }
    }

    /// The sentences of a stretch, cut to a length that can be shown.
    fn around(&self, focus: Span) -> Span {
        const FOCUS_BYTES: u32 = 600;
        const CONTEXT_BYTES: u32 = 200;
        let end = focus.end().min(focus.start() + FOCUS_BYTES);
        let sentences = &self.gold.document.sentences;
        // The sentence that begins last before a byte, if it reaches beyond it.
        let holding = |byte: u32| {
            let after = sentences.partition_point(|sentence| sentence.start() <= byte);
            let sentence = sentences[..after].last()?;
            (byte < sentence.end()).then_some(*sentence)
        };
        let first = holding(focus.start()).map_or(focus.start(), Span::start);
        let last = holding(end - 1).map_or(end, Span::end).max(end);
        let start = first.max(focus.start().saturating_sub(CONTEXT_BYTES));
        let end = last.min(end.saturating_add(CONTEXT_BYTES));
        let start = (0..=start).rev().find(|at| self.text.is_char_boundary(*at as usize));
        let end = (end..).find(|at| self.text.is_char_boundary(*at as usize) || self.is_over(*at));
        Span::new(start.unwrap_or(0), end.unwrap_or(focus.end())).unwrap_or(focus)
    }

    fn is_over(&self, byte: u32) -> bool {
        byte as usize >= self.text.len()
    }

    fn marked<'l>(&'l self, mistake: &'l Mistake) -> Vec<Marked<'l>> {
        let mut marked = Vec::new();
        let sides = [
            (mistake.gold.as_ref(), &self.gold, ["gold", "gold head", "gold tail"]),
            (mistake.pred.as_ref(), &self.pred, ["pred", "pred head", "pred tail"]),
        ];
        for (item, side, [whole, of_head, of_tail]) in sides {
            match item {
                Some(Item::Mention { spans, .. }) => marked.push((whole, spans)),
                Some(Item::Relation { head, tail, .. }) => {
                    marked.extend(side.mentions(*head).map(|spans| (of_head, spans)));
                    marked.extend(side.mentions(*tail).map(|spans| (of_tail, spans)));
                }
                Some(Item::Malformed(_)) | None => {}
            }
        }
        marked
    }
}

/// Mentions of an entity that are looked at, from the beginning of the text.
const MENTIONS_SEEN: usize = 64;

impl<'a> Side<'a> {
    fn new(document: &'a Document) -> Side<'a> {
        Side { document, members: members(document) }
    }

    fn mentions(&self, entity: EntityIdx) -> impl Iterator<Item = &Spans> {
        let members = self.members[entity.index()].iter().take(MENTIONS_SEEN);
        members.map(|at| &self.document.mentions[at.index()].spans)
    }

    /// The name that stands most often, or mention where there is no name; the longest of equals.
    fn naming(&self, entity: EntityIdx, text: &str) -> Option<&Spans> {
        let is_name = |at: &MentionIdx| {
            matches!(self.document.mentions[at.index()].form, Some(Form::Name) | None)
        };
        let words = |spans: &Spans| spans.hull().slice(text);
        let members = self.members[entity.index()].iter().take(MENTIONS_SEEN);
        let times = |spans: &Spans| {
            self.mentions(entity).filter(|other| words(other) == words(spans)).count()
        };
        let key = |at: &&MentionIdx| {
            let spans = &self.document.mentions[at.index()].spans;
            (is_name(at), times(spans), spans.covered())
        };
        // The last of equals in this order is the first in the text.
        let best = members.rev().max_by_key(key)?;
        Some(&self.document.mentions[best.index()].spans)
    }

    /// From one end to the other, by the mentions that are nearest to each other.
    fn nearest(&self, head: EntityIdx, tail: EntityIdx) -> Option<Span> {
        let pairs = self
            .mentions(head)
            .flat_map(|a| self.mentions(tail).map(move |b| (a.hull(), b.hull())));
        let across =
            |(a, b): (Span, Span)| Span::new(a.start().min(b.start()), a.end().max(b.end()));
        let nearest = pairs.filter_map(across).min_by_key(|span| (span.len(), span.start()));
        let alone = || self.mentions(head).chain(self.mentions(tail)).next().map(Spans::hull);
        nearest.or_else(alone)
    }
}
