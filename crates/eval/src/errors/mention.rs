//! Why mentions are wrong: strict view.

use std::cmp::Reverse;

use ere_dataset::text::Offsets;
use ere_dataset::{Document, Label, Layer, Prediction, Span, Spans, Vocabulary};

use super::{Cause, DocumentMistakes, Item, Kind, Mistake, malformed};
use crate::view::View;

const VIEW: View = View::MentionStrict;

type Place<'a> = (&'a Spans, Label);

/// A gold mention that was not predicted as it is.
struct Missed<'a> {
    place: Place<'a>,
    /// Whether it is a false negative; one that is optional can only be what was meant.
    is_required: bool,
}

pub(super) fn analyse(
    gold: &Document,
    pred: &Prediction,
    vocabulary: &Vocabulary,
    found: &mut DocumentMistakes,
) {
    let Sorted { right, mut missed, mut wrong } = sort(gold, &pred.document);
    missed.sort_by(|a, b| by_place(&a.place, &b.place, vocabulary));
    wrong.sort_by(|a, b| by_place(a, b, vocabulary));
    let pairs = pair(gold, &missed, &wrong);
    let mut partner_of_missed = vec![None; missed.len()];
    let mut partner_of_wrong = vec![None; wrong.len()];
    for (cause, m, w) in pairs {
        partner_of_missed[m] = Some((cause, w));
        partner_of_wrong[w] = Some((cause, m));
        if cause == Cause::Type {
            found.mention_types.push((Some(missed[m].place.1), Some(wrong[w].1)));
        }
    }
    found.right.push((VIEW, right.len() as u64));
    found.mention_types.extend(right.into_iter().map(|label| (Some(label), Some(label))));
    let item = |(spans, label): Place<'_>| Item::Mention { spans: spans.clone(), label };
    for (missed, partner) in missed.iter().zip(partner_of_missed) {
        if !missed.is_required {
            continue;
        }
        let cause = partner.map_or(Cause::Missed, |(cause, _)| cause);
        if cause != Cause::Type {
            found.mention_types.push((Some(missed.place.1), None));
        }
        found.mistakes.push(Mistake {
            view: VIEW,
            kind: Kind::FalseNegative,
            cause,
            gold: Some(item(missed.place)),
            pred: partner.map(|(_, w)| item(wrong[w])),
        });
    }
    for (wrong, partner) in wrong.iter().zip(partner_of_wrong) {
        let cause = partner.map_or(Cause::Spurious, |(cause, _)| cause);
        if cause != Cause::Type {
            found.mention_types.push((None, Some(wrong.1)));
        }
        found.mistakes.push(Mistake {
            view: VIEW,
            kind: Kind::FalsePositive,
            cause,
            gold: partner.map(|(_, m)| item(missed[m].place)),
            pred: Some(item(*wrong)),
        });
    }
    found.mistakes.extend(malformed(VIEW, Layer::Mentions, pred));
}

struct Sorted<'a> {
    /// Types of what was predicted as it is.
    right: Vec<Label>,
    missed: Vec<Missed<'a>>,
    wrong: Vec<Place<'a>>,
}

/// Right, missed, wrong, as [`crate::mention::tally`] counts them.
fn sort<'a>(gold: &'a Document, pred: &'a Document) -> Sorted<'a> {
    let (gold_items, pred_items) = (items(gold), items(pred));
    let required = required(gold, &gold_items);
    let optional = gold.mentions.iter().filter(|mention| mention.optional);
    let mut optional: Vec<&Spans> = optional.map(|mention| &mention.spans).collect();
    optional.sort_unstable();
    let mut sorted = Sorted { right: Vec::new(), missed: Vec::new(), wrong: Vec::new() };
    let mut gold_rest = gold_items.iter().zip(required).peekable();
    let missed = |(place, is_required): (&Place<'a>, bool)| Missed { place: *place, is_required };
    for item in &pred_items {
        while let Some(next) = gold_rest.next_if(|(next, _)| *next < item) {
            sorted.missed.push(missed(next));
        }
        match gold_rest.next_if(|(next, _)| *next == item) {
            Some((_, true)) => sorted.right.push(item.1),
            Some((_, false)) => {}
            None if optional.binary_search(&item.0).is_ok() => {}
            None => sorted.wrong.push(*item),
        }
    }
    sorted.missed.extend(gold_rest.map(missed));
    sorted
}

/// The places of a side with their types, each once, in order.
fn items(document: &Document) -> Vec<Place<'_>> {
    let mut items: Vec<Place<'_>> =
        document.mentions.iter().map(|mention| (&mention.spans, mention.label)).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// For each gold item, whether some mention of it is not optional.
fn required(gold: &Document, items: &[Place<'_>]) -> Vec<bool> {
    let mut required = vec![false; items.len()];
    for mention in gold.mentions.iter().filter(|mention| !mention.optional) {
        let item = (&mention.spans, mention.label);
        let at = items.binary_search(&item).expect("the items were made from the same mentions");
        required[at] = true;
    }
    required
}

fn by_place(a: &Place<'_>, b: &Place<'_>, vocabulary: &Vocabulary) -> std::cmp::Ordering {
    a.0.cmp(b.0).then_with(|| vocabulary.name(a.1).cmp(&vocabulary.name(b.1)))
}

/// How many missed mentions a wrong one is held against: those most like it.
const CANDIDATES: usize = 16;

/// Pairs of a missed and a wrong mention that share a character, each mention in at most one: by
/// cause, then gold that is required, then the greatest share of characters in common, then place.
fn pair(gold: &Document, missed: &[Missed<'_>], wrong: &[Place<'_>]) -> Vec<(Cause, usize, usize)> {
    let offsets = Offsets::of(gold.text.as_str());
    let (mut edges, mut of_one) = (Vec::new(), Vec::new());
    let reach = missed.iter().map(|missed| missed.place.0.hull().len()).max().unwrap_or(0);
    let mut window = 0;
    for (w, place) in wrong.iter().enumerate() {
        let hull = place.0.hull();
        while missed.get(window).is_some_and(|m| m.place.0.first().start() + reach <= hull.start())
        {
            window += 1;
        }
        let near = missed.iter().enumerate().skip(window);
        for (m, other) in near.take_while(|(_, m)| m.place.0.first().start() < hull.end()) {
            if place.0.intersection(other.place.0) == 0 {
                continue;
            }
            let same_label = place.1 == other.place.1;
            let cause = match place.0 == other.place.0 {
                true => Cause::Type,
                false if same_label => Cause::Boundary,
                false => Cause::BoundaryAndType,
            };
            let share = Reverse(share(place.0, other.place.0, &offsets));
            of_one.push((cause, !other.is_required, share, m, w));
        }
        if of_one.len() > CANDIDATES {
            of_one.sort_unstable();
            of_one.truncate(CANDIDATES);
        }
        edges.append(&mut of_one);
    }
    edges.sort_unstable();
    let (mut missed_taken, mut wrong_taken) = (vec![false; missed.len()], vec![false; wrong.len()]);
    let mut pairs = Vec::new();
    for (cause, _, _, m, w) in edges {
        if !missed_taken[m] && !wrong_taken[w] {
            (missed_taken[m], wrong_taken[w]) = (true, true);
            pairs.push((cause, m, w));
        }
    }
    pairs
}

/// Characters in common, of those that the two cover together, in parts of 2^32.
fn share(a: &Spans, b: &Spans, offsets: &Offsets) -> u64 {
    let length = |span: Span| {
        let (start, end) = offsets.code_points(span);
        u64::from(end - start)
    };
    let covered = |spans: &Spans| spans.as_slice().iter().map(|span| length(*span)).sum::<u64>();
    let common = |a: &Span, b: &Span| {
        Span::new(a.start().max(b.start()), a.end().min(b.end())).map_or(0, length)
    };
    let pieces = a.as_slice().iter().flat_map(|a| b.as_slice().iter().map(move |b| common(a, b)));
    let shared: u64 = pieces.sum();
    (shared << 32) / (covered(a) + covered(b) - shared)
}
