//! Where mentions stand: equal spans are one place, whichever side they are of.

use std::cmp::Ordering;

use ere_dataset::{Document, Label, Mention, MentionIdx, Span};

/// The places of gold and prediction, numbered together in text order.
///
/// Made once for a document, in the time that it takes to sort the mentions; all comparisons of
/// spans are comparisons of numbers from then on.
pub(crate) struct Places {
    pub(crate) gold: Side,
    pub(crate) pred: Side,
    /// How many there are.
    pub(crate) count: u32,
}

/// The mentions of one side.
pub(crate) struct Side {
    /// By place, then by label; duplicates kept.
    pub(crate) entries: Vec<Entry>,
    /// The place of each mention.
    of_mention: Vec<u32>,
}

/// A mention and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) place: u32,
    pub(crate) mention: MentionIdx,
    pub(crate) label: Label,
    pub(crate) optional: bool,
}

impl Side {
    pub(crate) fn place(&self, mention: MentionIdx) -> u32 {
        self.of_mention[mention.index()]
    }
}

impl Places {
    pub(crate) fn of(gold: &Document, pred: &Document) -> Places {
        let (gold_keys, pred_keys) = (sorted(gold), sorted(pred));
        let mut places = Places {
            gold: Side::with_capacity(gold_keys.len()),
            pred: Side::with_capacity(pred_keys.len()),
            count: 0,
        };
        let (mut gold_rest, mut pred_rest) = (&gold_keys[..], &pred_keys[..]);
        loop {
            let order = match (gold_rest.first(), pred_rest.first()) {
                (None, None) => return places,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => {
                    a.first.cmp(&b.first).then_with(|| rest(gold, a).cmp(rest(pred, b)))
                }
            };
            if order.is_le() {
                gold_rest = places.gold.take(gold, gold_rest, places.count);
            }
            if order.is_ge() {
                pred_rest = places.pred.take(pred, pred_rest, places.count);
            }
            places.count += 1;
        }
    }

    /// Whether gold calls a place optional, for each place.
    pub(crate) fn optional(&self) -> Vec<bool> {
        let mut optional = vec![false; self.count as usize];
        for entry in self.gold.entries.iter().filter(|entry| entry.optional) {
            optional[entry.place as usize] = true;
        }
        optional
    }

    /// Calls `each` with the mentions of both sides at each place, in text order.
    pub(crate) fn for_each(&self, mut each: impl FnMut(&[Entry], &[Entry])) {
        let (mut gold, mut pred) = (&self.gold.entries[..], &self.pred.entries[..]);
        for place in 0..self.count {
            let (here, rest) = gold.split_at(at(gold, place));
            gold = rest;
            let (there, rest) = pred.split_at(at(pred, place));
            pred = rest;
            each(here, there);
        }
    }
}

/// Calls `each` with the positions of every two hulls, gold and predicted, that share a byte. Both
/// lists are in text order. Linear in the lists and in such pairs, where gold's longest hull is
/// short.
pub(crate) fn for_each_overlap(gold: &[Span], pred: &[Span], mut each: impl FnMut(usize, usize)) {
    let reach = gold.iter().map(|hull| hull.len()).max().unwrap_or(0);
    let mut window = 0;
    for (row, hull) in pred.iter().enumerate() {
        let is_before = |other: &Span| other.start() + reach <= hull.start();
        window += gold[window..].iter().take_while(|other| is_before(other)).count();
        let near = gold[window..].iter().take_while(|other| other.start() < hull.end());
        for (column, _) in near.enumerate().filter(|(_, other)| other.overlaps(*hull)) {
            each(window + column, row);
        }
    }
}

/// How many entries at the beginning stand at a place.
fn at(entries: &[Entry], place: u32) -> usize {
    entries.iter().take_while(|entry| entry.place == place).count()
}

/// What mentions are sorted by: the first span decides nearly every comparison.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Start and end of the first span.
    first: u64,
    label: Label,
    mention: u32,
    is_discontinuous: bool,
    optional: bool,
}

fn key((position, mention): (usize, &Mention)) -> Key {
    let first = mention.spans.first();
    Key {
        first: u64::from(first.start()) << 32 | u64::from(first.end()),
        label: mention.label,
        mention: position as u32,
        is_discontinuous: mention.spans.is_discontinuous(),
        optional: mention.optional,
    }
}

fn sorted(document: &Document) -> Vec<Key> {
    let mentions = &document.mentions;
    let mut keys: Vec<Key> = mentions.iter().enumerate().map(key).collect();
    // Mentions come in text order or nearly so; the stable sort is made for that.
    keys.sort();
    if keys.iter().any(|key| key.is_discontinuous) {
        keys.sort_by(|a, b| {
            let by_rest = || rest(document, a).cmp(rest(document, b));
            a.first.cmp(&b.first).then_with(by_rest)
        });
    }
    keys
}

/// The spans after the first one.
fn rest<'a>(document: &'a Document, key: &Key) -> &'a [Span] {
    match key.is_discontinuous {
        true => &document.mentions[key.mention as usize].spans.as_slice()[1..],
        false => &[],
    }
}

impl Side {
    fn with_capacity(mentions: usize) -> Side {
        Side { entries: Vec::with_capacity(mentions), of_mention: vec![0; mentions] }
    }

    /// Puts the mentions that stand where the first one stands at a place; returns the others.
    fn take<'k>(&mut self, document: &Document, keys: &'k [Key], place: u32) -> &'k [Key] {
        let is_here = |key: &&Key| {
            key.first == keys[0].first && rest(document, key) == rest(document, &keys[0])
        };
        let here = keys.iter().take_while(is_here).count();
        for key in &keys[..here] {
            let Key { label, optional, .. } = *key;
            let mention = MentionIdx(key.mention);
            self.entries.push(Entry { place, mention, label, optional });
            self.of_mention[key.mention as usize] = place;
        }
        &keys[here..]
    }
}
