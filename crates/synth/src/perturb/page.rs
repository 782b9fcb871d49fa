//! Changes of what stands where.

use ere_dataset::{Document, SentenceIdx, Span, Text, Zone, ZoneKind};

use rand::RngExt as _;
use rand::seq::{IndexedRandom as _, SliceRandom as _};

use super::edit::{Edits, move_spans};
use crate::random::Stream;

/// What a page has between paragraphs.
const LINES: [&str; 12] = [
    "Advertisement",
    "Share this article",
    "Sign up for our newsletter",
    "Read more",
    "Skip to main content",
    "Accept all cookies",
    "Subscribe now for full access",
    "Listen to this article",
    "Comments (0)",
    "[Image]",
    "Copyright. All rights reserved.",
    "Continue reading below",
];

const LINE_RATE: f64 = 0.4;
const SPACE_RATE: f64 = 0.02;

/// Lines where a paragraph ends, as zones of their own, and spaces that do not break.
pub(super) fn add_noise(gold: &Document, stream: &mut Stream) -> Document {
    let text = gold.text.as_str();
    let mut edits = Edits::default();
    // What was inserted, in its new place.
    let mut inserted = Vec::new();
    let mut grown = 0;
    for (at, c) in text.char_indices() {
        let ends_paragraph = c == '\n' && !text[at + 1..].starts_with('\n');
        if ends_paragraph && !is_in_sentence(gold, at + 1) && stream.random_bool(LINE_RATE) {
            let line = LINES.choose(stream).expect("it is not empty");
            edits.push(at + 1, at + 1, &format!("{line}\n"));
            let start = at + 1 + grown;
            inserted.extend(Span::new(start as u32, (start + line.len()) as u32));
            grown += line.len() + 1;
        } else if c == ' ' && stream.random_bool(SPACE_RATE) {
            edits.push(at, at + 1, "\u{a0}");
            grown += "\u{a0}".len() - 1;
        }
    }
    let mut document = edits.apply(gold);
    if !gold.zones.is_empty() {
        for span in inserted {
            cut(&mut document.zones, span);
            document.zones.push(Zone { span, kind: ZoneKind::Boilerplate });
        }
        document.zones.sort_unstable_by_key(|zone| (zone.span.start(), zone.span.end()));
    }
    document
}

/// Whether a place is inside a sentence or a mention, where no line may come between.
fn is_in_sentence(gold: &Document, place: usize) -> bool {
    let inside = |span: &Span| (span.start() as usize) < place && place < span.end() as usize;
    gold.sentences.iter().any(inside) || gold.mentions.iter().any(|m| inside(&m.spans.hull()))
}

/// Takes a stretch out of the zones that it stands in: they go on after it.
fn cut(zones: &mut Vec<Zone>, by: Span) {
    let whole: Vec<Zone> = std::mem::take(zones);
    for zone in whole {
        if zone.span.overlaps(by) {
            let before = Span::new(zone.span.start(), by.start());
            let after = Span::new(by.end(), zone.span.end());
            zones.extend([before, after].into_iter().flatten().map(|span| Zone { span, ..zone }));
        } else {
            zones.push(zone);
        }
    }
}

/// Shuffles the sentences of each zone. What stands between sentences stays. A zone in which something
/// does not lie in one sentence is left as it is.
pub(super) fn reorder(gold: &Document, stream: &mut Stream) -> Document {
    let count = gold.sentences.len();
    // Which sentence stands in each place.
    let mut order: Vec<usize> = (0..count).collect();
    for zone in &gold.zones {
        let mut places: Vec<usize> =
            (0..count).filter(|at| zone.span.contains(gold.sentences[*at])).collect();
        places.retain(|at| order[*at] == *at);
        if places.len() < 2 || !is_made_of_sentences(gold, zone.span) {
            continue;
        }
        let mut shuffled = places.clone();
        shuffled.shuffle(stream);
        for (place, sentence) in places.into_iter().zip(shuffled) {
            order[place] = sentence;
        }
    }
    moved(gold, &order)
}

fn is_made_of_sentences(gold: &Document, zone: Span) -> bool {
    let is_apart = gold.sentences.windows(2).all(|pair| pair[0].end() <= pair[1].start());
    let in_one = |span: Span| {
        !span.overlaps(zone) || gold.sentences.iter().any(|sentence| sentence.contains(span))
    };
    let mut mentions = gold.mentions.iter();
    is_apart
        && mentions.all(|m| in_one(m.spans.hull()) && m.head.is_none_or(in_one))
        && gold.tokens.iter().flatten().all(|token| in_one(*token))
        && gold.zones.iter().all(|other| other.span == zone || other.span.intersection(zone) == 0)
}

fn moved(gold: &Document, order: &[usize]) -> Document {
    let old = gold.text.as_str();
    let mut text = String::with_capacity(old.len());
    let mut end = 0;
    let mut starts = vec![0; order.len()];
    // The places, whose sentences may be longer or shorter now, and what is between them.
    let mut shifts: Vec<(u32, i64)> = Vec::with_capacity(order.len());
    for (place, sentence) in order.iter().enumerate() {
        let (here, span) = (gold.sentences[place], gold.sentences[*sentence]);
        text.push_str(&old[end..here.start() as usize]);
        starts[*sentence] = text.len() as u32;
        text.push_str(&old[span.start() as usize..span.end() as usize]);
        end = here.end() as usize;
        shifts.push((here.end(), text.len() as i64 - end as i64));
    }
    text.push_str(&old[end..]);
    let mut document = gold.clone();
    document.text = Text::new(text);
    let shift = |place: u32| {
        let before = shifts.partition_point(|(end, _)| *end <= place);
        let by = before.checked_sub(1).map_or(0, |last| shifts[last].1);
        (i64::from(place) + by) as u32
    };
    let zones: Vec<Span> = gold
        .zones
        .iter()
        .map(|zone| {
            let (start, end) = (shift(zone.span.start()), shift(zone.span.end()));
            Span::new(start, end).expect("a zone keeps its sentences")
        })
        .collect();
    move_spans(&mut document, |span| {
        let inside = gold.sentences.iter().position(|sentence| sentence.contains(span));
        match inside {
            Some(sentence) => {
                let start = starts[sentence] + (span.start() - gold.sentences[sentence].start());
                Span::new(start, start + span.len()).expect("its length is that of a span")
            }
            None => Span::new(shift(span.start()), shift(span.end())).unwrap_or(span),
        }
    });
    for (zone, span) in document.zones.iter_mut().zip(zones) {
        zone.span = span;
    }
    document.sentences.sort_unstable();
    // Sentence numbers are places: the sentence at `order[place]` is number `place` now.
    let mut number = vec![0; order.len()];
    for (place, sentence) in order.iter().enumerate() {
        number[*sentence] = place as u32;
    }
    if let Some(tokens) = &mut document.tokens {
        tokens.sort_unstable();
    }
    for evidence in document.relations.iter_mut().flat_map(|relation| &mut relation.evidence) {
        for sentence in &mut evidence.sentences {
            *sentence = SentenceIdx(number[sentence.index()]);
        }
        evidence.sentences.sort_unstable();
    }
    document
}
