//! Which gold mention a predicted mention stands for, and which gold entity a predicted entity is.
//!
//! Steps 1 and 2 of anchored scoring. Mentions are paired one-to-one by greatest total overlap; a
//! predicted entity resolves to the gold entity that more than half of its paired mentions belong
//! to. Types decide nothing here.

use std::sync::Arc;

use ere_dataset::text::Offsets;
use ere_dataset::{Document, EntityIdx, Form, Given, Mention, MentionIdx, Span, Spans, Vocabulary};

use crate::matching::{Edge, assign};

/// The gold entity that each predicted entity stands for.
pub(crate) struct Alignment {
    resolved: Vec<Option<EntityIdx>>,
    /// The gold mention that each predicted mention is paired with; empty where gold entities were
    /// given.
    pub(crate) pairs: Vec<Option<u32>>,
}

impl Alignment {
    pub(crate) fn of(gold: &Document, pred: &Document, vocabulary: &Vocabulary) -> Alignment {
        if pred.given == Given::Entities {
            let entities = 0..gold.entities.len() as u32;
            let resolved = entities.map(|e| Some(EntityIdx(e))).collect();
            return Alignment { resolved, pairs: Vec::new() };
        }
        let pairs = pair_mentions(gold, pred, vocabulary);
        Alignment { resolved: resolve(gold, pred, &pairs), pairs }
    }

    /// The gold entity for a predicted one.
    pub(crate) fn resolve(&self, entity: EntityIdx) -> Option<EntityIdx> {
        self.resolved[entity.index()]
    }
}

/// Step 2: the gold entity that more than half of a predicted entity's paired mentions belong to, if
/// one of them is a name (any will do for a gold entity that has no name).
fn resolve(gold: &Document, pred: &Document, pairs: &[Option<u32>]) -> Vec<Option<EntityIdx>> {
    let mut has_name = vec![false; gold.entities.len()];
    for mention in &gold.mentions {
        if let (Some(entity), true) = (mention.entity, is_name(mention.form)) {
            has_name[entity.index()] = true;
        }
    }
    let members = pred.mentions_by_entity();
    let mut votes: Vec<(EntityIdx, bool)> = Vec::new();
    let one = |members: &Vec<MentionIdx>| {
        votes.clear();
        let mut paired = 0;
        for member in members {
            let Some(at) = pairs[member.index()] else { continue };
            paired += 1;
            let mention = &gold.mentions[at as usize];
            if let Some(entity) = mention.entity {
                votes.push((entity, is_name(mention.form)));
            }
        }
        votes.sort_unstable();
        let majority = votes.chunk_by(|a, b| a.0 == b.0).find(|group| 2 * group.len() > paired)?;
        let entity = majority[0].0;
        let named = majority.iter().any(|vote| vote.1);
        (named || !has_name[entity.index()]).then_some(entity)
    };
    members.iter().map(one).collect()
}

/// A mention whose form is not known may be a name.
fn is_name(form: Option<Form>) -> bool {
    matches!(form, Some(Form::Name) | None)
}

/// Step 1: for each predicted mention, the gold mention it is paired with.
///
/// Two mentions may be paired when their texts are equal after trimming, or when they share more than
/// half of the characters that they cover together. Ties are decided by position, then by type, then
/// by entity, never by the order of a list.
fn pair_mentions(gold: &Document, pred: &Document, vocabulary: &Vocabulary) -> Vec<Option<u32>> {
    let (mut gold_places, mut pred_places) = (Places::of(gold), Places::of(pred));
    let gold_order = canonical_order(gold, &mut gold_places, vocabulary);
    let pred_order = canonical_order(pred, &mut pred_places, vocabulary);
    let mut edges = Vec::new();
    let mut window = 0;
    let reach = gold_places.longest(&gold_order);
    for (row, &p) in pred_order.iter().enumerate() {
        let place = &pred_places.0[p as usize];
        let hull = place.spans.hull();
        let before =
            |g: &u32| gold_places.0[*g as usize].spans.first().start() + reach <= hull.start();
        while window < gold_order.len() && before(&gold_order[window]) {
            window += 1;
        }
        for (column, &g) in gold_order.iter().enumerate().skip(window) {
            let other = &gold_places.0[g as usize];
            if other.spans.first().start() >= hull.end() {
                break;
            }
            if let Some(overlap) = place.overlap(other) {
                let same_label = pred.mentions[p as usize].label == gold.mentions[g as usize].label;
                let same_rank = place.rank == other.rank;
                let weight = overlap + i64::from(same_label) * 2 + i64::from(same_rank);
                edges.push(Edge { row: row as u32, column: column as u32, weight });
            }
        }
    }
    let mut result = vec![None; pred.mentions.len()];
    for (row, column) in assign(pred_order.len(), gold_order.len(), &edges).into_iter().enumerate()
    {
        result[pred_order[row] as usize] = column.map(|column| gold_order[column as usize]);
    }
    result
}

/// Where the mentions of a document are, counted in characters.
struct Places(Vec<Place>);

struct Place {
    spans: Spans,
    trimmed: Spans,
    characters: i64,
    /// The how-manieth mention it is of those with the same spans, in canonical order.
    rank: u32,
}

impl Places {
    fn of(document: &Document) -> Places {
        let text = document.text.as_str();
        let offsets = Offsets::of(text);
        let in_characters = |spans: &Spans| {
            let convert = |span: &Span| {
                let (start, end) = offsets.code_points(*span);
                Span::new(start, end).expect("a span holds a character")
            };
            Spans::new(spans.as_slice().iter().map(convert))
                .expect("apart in bytes, apart in characters")
        };
        let place = |mention: &Mention| {
            let spans = in_characters(&mention.spans);
            let trimmed = trim(text, &mention.spans);
            let trimmed =
                if trimmed == mention.spans { spans.clone() } else { in_characters(&trimmed) };
            Place { characters: i64::from(spans.covered()), spans, trimmed, rank: 0 }
        };
        Places(document.mentions.iter().map(place).collect())
    }

    fn spans(&self, at: u32) -> &Spans {
        &self.0[at as usize].spans
    }

    fn longest(&self, order: &[u32]) -> u32 {
        order.iter().map(|&at| self.0[at as usize].spans.hull().len()).max().unwrap_or(0)
    }
}

/// One part in [`UNIT`] of overlap is far above the sum of all tie-breaking bonuses of a mention, and
/// sums over a million mentions stay below 2^62.
const UNIT: i64 = 1 << 32;

impl Place {
    /// Intersection over union, in units; `None` where the two may not be paired.
    fn overlap(&self, other: &Place) -> Option<i64> {
        if self.trimmed == other.trimmed || self.spans == other.spans {
            let trimming = if self.spans == other.spans { 0 } else { 4 };
            return Some(4 * UNIT - trimming);
        }
        let shared = i64::from(self.spans.intersection(&other.spans));
        let union = self.characters + other.characters - shared;
        (2 * shared > union).then(|| 4 * (UNIT * shared / union))
    }
}

/// The mentions by place; those with the same spans by type, then by the places and types of their
/// entity's mentions, then by form. Numbers the mentions with the same spans ([`Place::rank`]).
fn canonical_order(document: &Document, places: &mut Places, vocabulary: &Vocabulary) -> Vec<u32> {
    let mut order: Vec<u32> = (0..document.mentions.len() as u32).collect();
    order.sort_by(|a, b| places.spans(*a).cmp(places.spans(*b)));
    let mut members = Vec::new();
    let mut start = 0;
    while start < order.len() {
        let spans = places.spans(order[start]);
        let same = order[start..].iter().take_while(|at| places.spans(**at) == spans).count();
        if same > 1 {
            if members.is_empty() {
                members = entity_places(document, places, vocabulary);
            }
            let group = &mut order[start..start + same];
            let key = |at: &u32| {
                let mention = &document.mentions[*at as usize];
                let entity = mention.entity.map(|entity| &members[entity.index()]);
                (vocabulary.name(mention.label), entity, mention.form)
            };
            group.sort_by(|a, b| key(a).cmp(&key(b)));
            for (rank, at) in group.iter().enumerate() {
                places.0[*at as usize].rank = rank as u32;
            }
        }
        start += same;
    }
    order
}

/// The places and types of each entity's mentions, in text order.
fn entity_places(
    document: &Document,
    places: &Places,
    vocabulary: &Vocabulary,
) -> Vec<Vec<(Spans, Arc<str>)>> {
    let place = |at: &MentionIdx| {
        let label = document.mentions[at.index()].label;
        (places.spans(at.0).clone(), vocabulary.name(label))
    };
    let lists = document.mentions_by_entity().into_iter();
    let sorted = lists.map(|list| {
        let mut places: Vec<_> = list.iter().map(place).collect();
        places.sort_unstable();
        places
    });
    sorted.collect()
}

const DETERMINERS: [&str; 7] = ["the ", "a ", "an ", "this ", "that ", "these ", "those "];
const QUOTES: [char; 8] = ['"', '\'', '“', '”', '‘', '’', '«', '»'];
const POSSESSIVES: [&str; 2] = ["'s", "’s"];

/// A mention without white space and quotation marks around it, a leading determiner, and a final
/// possessive. What would leave nothing is left as it is.
fn trim(text: &str, spans: &Spans) -> Spans {
    let parts = spans.as_slice();
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    let head = first.slice(text).unwrap_or_default();
    let start = first.start() + trimmed_start(head);
    let tail = last.slice(text).unwrap_or_default();
    let end = last.end() - trimmed_end(tail);
    let mut trimmed = parts.to_vec();
    let ends = trimmed.len() - 1;
    let Some(front) = Span::new(start, trimmed[0].end()) else { return spans.clone() };
    trimmed[0] = front;
    let Some(back) = Span::new(trimmed[ends].start(), end) else { return spans.clone() };
    trimmed[ends] = back;
    Spans::new(trimmed).expect("spans that were apart and shrank are apart")
}

/// How many bytes to leave out at the beginning.
fn trimmed_start(text: &str) -> u32 {
    let outer = |text: &'_ str| {
        text.trim_start_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c)).len()
    };
    let mut rest = &text[text.len() - outer(text)..];
    let determiner = DETERMINERS.iter().find(|determiner| {
        rest.get(..determiner.len()).is_some_and(|head| head.eq_ignore_ascii_case(determiner))
    });
    if let Some(determiner) = determiner {
        rest = &rest[determiner.len()..];
        rest = &rest[rest.len() - outer(rest)..];
    }
    (text.len() - rest.len()) as u32
}

/// How many bytes to leave out at the end.
fn trimmed_end(text: &str) -> u32 {
    let outer = |text: &'_ str| {
        text.trim_end_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c)).len()
    };
    let mut rest = &text[..outer(text)];
    if let Some(bare) = POSSESSIVES.iter().find_map(|possessive| rest.strip_suffix(possessive)) {
        rest = &bare[..outer(bare)];
    }
    (text.len() - rest.len()) as u32
}
