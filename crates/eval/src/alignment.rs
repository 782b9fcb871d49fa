//! Which gold mention a predicted mention stands for, and which gold entity a predicted entity is.
//!
//! Steps 1 and 2 of anchored scoring. Mentions are paired one-to-one by greatest total overlap; a
//! predicted entity resolves to the gold entity that more than half of its paired mentions belong
//! to. Types decide nothing here.

use ere_dataset::{Document, EntityIdx, Form, Given, Label, Mention, Span, Spans, Vocabulary};

use crate::matching::{Edge, assign};
use crate::place::{Entry, Places, Side, for_each_overlap};

/// What the mentions and entities of a prediction stand for.
pub(crate) struct Alignment {
    /// For each predicted mention, the gold mention it is paired with. Of mentions that repeat another
    /// one's place, type and entity only one is.
    pub(crate) pairs: Vec<Option<u32>>,
    /// For each predicted entity, the gold entity it resolves to.
    pub(crate) resolved: Vec<Option<EntityIdx>>,
}

impl Alignment {
    pub(crate) fn of(
        gold: &Document,
        pred: &Document,
        places: &Places,
        vocabulary: &Vocabulary,
    ) -> Alignment {
        let pairs = pair_mentions(gold, pred, places, vocabulary);
        let resolved = match pred.given {
            Given::Entities => (0..gold.entities.len() as u32).map(EntityIdx).map(Some).collect(),
            _ => resolve(gold, pred, &pairs),
        };
        Alignment { pairs, resolved }
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
    let vote = |(mention, pair): (&Mention, &Option<u32>)| {
        let paired = &gold.mentions[(*pair)? as usize];
        Some(Vote { of: mention.entity?, entity: paired.entity, named: is_name(paired.form) })
    };
    let mut votes: Vec<Vote> = pred.mentions.iter().zip(pairs).filter_map(vote).collect();
    votes.sort_unstable();
    let mut resolved = vec![None; pred.entities.len()];
    for votes in votes.chunk_by(|a, b| a.of == b.of) {
        let majority =
            votes.chunk_by(|a, b| a.entity == b.entity).find(|same| 2 * same.len() > votes.len());
        let Some((same, entity)) = majority.and_then(|same| Some((same, same[0].entity?))) else {
            continue;
        };
        if !has_name[entity.index()] || same.iter().any(|vote| vote.named) {
            resolved[votes[0].of.index()] = Some(entity);
        }
    }
    resolved
}

/// What a paired mention says of the entity it is in.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Vote {
    of: EntityIdx,
    entity: Option<EntityIdx>,
    named: bool,
}

/// A mention whose form is not known may be a name.
fn is_name(form: Option<Form>) -> bool {
    matches!(form, Some(Form::Name) | None)
}

/// Step 1: for each predicted mention, the gold mention it is paired with.
///
/// Two mentions may be paired when their texts are equal after trimming, or when they share more than
/// half of the characters that they cover together. Ties are decided by position, then by the positions
/// of the entity's mentions, then by type, never by the order of a list.
fn pair_mentions(
    gold: &Document,
    pred: &Document,
    places: &Places,
    vocabulary: &Vocabulary,
) -> Vec<Option<u32>> {
    let text = gold.text.as_str();
    let gold_places = in_order(gold, text, &places.gold, vocabulary);
    let pred_places = in_order(pred, text, &places.pred, vocabulary);
    let edges = edges(text, &gold_places, &pred_places);
    let pairs = assign(pred_places.len(), gold_places.len(), &edges);
    let mut result = vec![None; pred.mentions.len()];
    for (row, column) in pairs.into_iter().enumerate() {
        let gold_mention = column.map(|column| gold_places[column as usize].entry.mention.0);
        result[pred_places[row].entry.mention.index()] = gold_mention;
    }
    result
}

/// All pairs that may be. Linear in the mentions and in the pairs that share a byte.
fn edges(text: &str, gold: &[Place<'_>], pred: &[Place<'_>]) -> Vec<Edge> {
    let mut edges = Vec::with_capacity(pred.len());
    let hulls = |places: &[Place<'_>]| places.iter().map(|place| place.hull).collect::<Vec<_>>();
    for_each_overlap(&hulls(gold), &hulls(pred), |column, row| {
        let (other, place) = (&gold[column], &pred[row]);
        if let Some(overlap) = place.overlap(other, text) {
            let same_label = i64::from(place.entry.label == other.entry.label);
            let same_rank = i64::from(place.rank == other.rank);
            let weight = overlap + same_label * 2 + same_rank;
            edges.push(Edge { row: row as u32, column: column as u32, weight });
        }
    });
    edges
}

/// Where a mention is.
struct Place<'a> {
    entry: Entry,
    spans: &'a Spans,
    hull: Span,
    /// The hull without what trimming takes away.
    trimmed: Span,
    /// The how-manieth mention it is of those with the same spans, in canonical order.
    rank: u32,
}

/// One part in [`UNIT`] of overlap is far above the sum of all tie-breaking bonuses of a mention, and
/// sums over a million mentions stay below 2^62.
const UNIT: i64 = 1 << 32;

impl Place<'_> {
    /// Intersection over union of characters, in units; `None` where the two may not be paired.
    fn overlap(&self, other: &Place<'_>, text: &str) -> Option<i64> {
        if self.entry.place == other.entry.place {
            return Some(4 * UNIT);
        }
        if self.trimmed == other.trimmed && gaps(self.spans).eq(gaps(other.spans)) {
            return Some(4 * UNIT - 4);
        }
        let shared = shared(self.spans, other.spans, text);
        let union = characters(self.spans, text) + characters(other.spans, text) - shared;
        (2 * shared > union).then(|| 4 * (UNIT * shared / union))
    }
}

/// What a discontinuous mention leaves out: from the end of each span to the start of the next.
fn gaps(spans: &Spans) -> impl Iterator<Item = (u32, u32)> {
    spans.as_slice().windows(2).map(|pair| (pair[0].end(), pair[1].start()))
}

fn characters(spans: &Spans, text: &str) -> i64 {
    spans.as_slice().iter().map(|span| characters_of(*span, text)).sum()
}

/// Characters that both mentions cover.
fn shared(a: &Spans, b: &Spans, text: &str) -> i64 {
    let pairs = a.as_slice().iter().flat_map(|a| b.as_slice().iter().map(move |b| (a, b)));
    let both = |(a, b): (&Span, &Span)| Span::new(a.start().max(b.start()), a.end().min(b.end()));
    pairs.filter_map(both).map(|span| characters_of(span, text)).sum()
}

fn characters_of(span: Span, text: &str) -> i64 {
    span.slice(text).map_or(0, |text| text.chars().count() as i64)
}

/// The mentions by place; those with the same spans by the places of their entity, names first, then
/// by type.
/// Numbers the mentions with the same spans ([`Place::rank`]). Of mentions that repeat another one's
/// place, type and entity there is only one.
fn in_order<'a>(
    document: &'a Document,
    text: &str,
    side: &Side,
    vocabulary: &Vocabulary,
) -> Vec<Place<'a>> {
    let mention = |entry: &Entry| &document.mentions[entry.mention.index()];
    let mut order: Vec<Entry> = Vec::with_capacity(side.entries.len());
    let mut members = None;
    for group in side.entries.chunk_by(|a, b| a.place == b.place) {
        if group.len() == 1 {
            order.extend(group);
            continue;
        }
        let members = members.get_or_insert_with(|| entity_places(document, side));
        let mut group = group.to_vec();
        // Of copies, a name is kept.
        let identity = |entry: &Entry| (entry.label, mention(entry).entity);
        group.sort_by_key(|entry| (identity(entry), !is_name(mention(entry).form)));
        group.dedup_by_key(|entry| identity(entry));
        group.sort_by_cached_key(|entry| {
            let members = mention(entry).entity.map(|entity| &members[entity.index()]);
            let form = !is_name(mention(entry).form);
            (members.map(|of| &of.0), form, vocabulary.name(entry.label), members.map(|of| &of.1))
        });
        order.extend(group);
    }
    let mut places: Vec<Place<'a>> = Vec::with_capacity(order.len());
    for entry in order {
        let spans = &document.mentions[entry.mention.index()].spans;
        let rank = match places.last() {
            Some(last) if last.entry.place == entry.place => last.rank + 1,
            _ => 0,
        };
        places.push(Place { entry, spans, hull: spans.hull(), trimmed: trim(text, spans), rank });
    }
    places
}

/// The places of each entity's mentions in text order, and their types.
fn entity_places(document: &Document, side: &Side) -> Vec<(Vec<u32>, Vec<Label>)> {
    let mut lists = vec![(Vec::new(), Vec::new()); document.entities.len()];
    for entry in &side.entries {
        if let Some(entity) = document.mentions[entry.mention.index()].entity {
            let (places, types): &mut (Vec<u32>, Vec<Label>) = &mut lists[entity.index()];
            // A copy changes nothing.
            if (places.last(), types.last()) != (Some(&entry.place), Some(&entry.label)) {
                places.push(entry.place);
                types.push(entry.label);
            }
        }
    }
    lists
}

const DETERMINERS: [&str; 7] = ["the ", "a ", "an ", "this ", "that ", "these ", "those "];
const QUOTES: [char; 8] = ['"', '\'', '“', '”', '‘', '’', '«', '»'];
const POSSESSIVES: [&str; 2] = ["'s", "’s"];

/// The hull of a mention without white space and quotation marks around it, a leading determiner,
/// and a final possessive. What would leave a span empty is left as it is.
pub(crate) fn trim(text: &str, spans: &Spans) -> Span {
    let (hull, parts) = (spans.hull(), spans.as_slice());
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    let (head, tail) =
        (first.slice(text).unwrap_or_default(), last.slice(text).unwrap_or_default());
    let start = hull.start() + trimmed_start(head);
    let end = hull.end() - trimmed_end(tail);
    if start >= first.end() || end <= last.start() {
        return hull;
    }
    Span::new(start, end).unwrap_or(hull)
}

/// How many bytes to leave out at the beginning.
fn trimmed_start(text: &str) -> u32 {
    // Nearly every mention begins with a letter that begins no determiner.
    if text.starts_with(|c: char| c.is_ascii_alphanumeric() && !matches!(c, 't' | 'T' | 'a' | 'A'))
    {
        return 0;
    }
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
    if text.ends_with(|c: char| c.is_ascii_alphanumeric() && c != 's') {
        return 0;
    }
    let outer = |text: &'_ str| {
        text.trim_end_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c)).len()
    };
    let mut rest = &text[..outer(text)];
    if let Some(bare) = POSSESSIVES.iter().find_map(|possessive| rest.strip_suffix(possessive)) {
        rest = &bare[..outer(bare)];
    }
    (text.len() - rest.len()) as u32
}
