//! Places for wrong mentions: words, and spans next to the right ones.

use ere_dataset::{Document, Span, Spans};
use rustc_hash::FxHashSet;

use super::spec::{NoiseSpec, Rate};
use crate::random::scale;

/// Finds other places for mentions, each different from all gold ones and all given before.
pub(super) struct Places<'a> {
    text: &'a str,
    words: &'a [Span],
    taken: FxHashSet<Spans>,
}

impl<'a> Places<'a> {
    /// With a rate of zero no place will be asked for, and nothing is prepared.
    pub(super) fn of(gold: &'a Document, words: &'a [Span], rate: Rate) -> Places<'a> {
        let spans = gold.mentions.iter().map(|mention| mention.spans.clone());
        let taken = if rate == Rate::ZERO { FxHashSet::default() } else { spans.collect() };
        Places { text: gold.text.as_str(), words, taken }
    }

    /// A place one word, or one character, off: whole words are preferred.
    pub(super) fn other(&mut self, gold: &Spans, bits: u64) -> Option<Spans> {
        let by_words = self.by_words(gold);
        let by_characters = self.by_characters(gold);
        let places = rotated(by_words, bits).chain(rotated(by_characters, bits));
        let place = places.flatten().find(|place| !self.taken.contains(place))?;
        self.taken.insert(place.clone());
        Some(place)
    }

    fn by_words(&self, gold: &Spans) -> [Option<Spans>; 4] {
        let (first, last) = ends(gold);
        let before_start = self.words.partition_point(|word| word.start() < first.start());
        let through_start = self.words.partition_point(|word| word.start() <= first.start());
        let before_end = self.words.partition_point(|word| word.end() < last.end());
        let through_end = self.words.partition_point(|word| word.end() <= last.end());
        let start_of = |word: Option<usize>| self.words.get(word?).map(|word| word.start());
        let end_of = |word: Option<usize>| self.words.get(word?).map(|word| word.end());
        [
            end_of(Some(through_end)).and_then(|end| with_end(gold, end)),
            start_of(before_start.checked_sub(1)).and_then(|start| with_start(gold, start)),
            end_of(before_end.checked_sub(1)).and_then(|end| with_end(gold, end)),
            start_of(Some(through_start)).and_then(|start| with_start(gold, start)),
        ]
    }

    fn by_characters(&self, gold: &Spans) -> [Option<Spans>; 4] {
        let (first, last) = ends(gold);
        let (start, end) = (first.start() as usize, last.end() as usize);
        let after =
            |byte: usize| Some((byte + self.text[byte..].chars().next()?.len_utf8()) as u32);
        let before =
            |byte: usize| Some((byte - self.text[..byte].chars().next_back()?.len_utf8()) as u32);
        [
            after(end).and_then(|end| with_end(gold, end)),
            before(start).and_then(|start| with_start(gold, start)),
            before(end).and_then(|end| with_end(gold, end)),
            after(start).and_then(|start| with_start(gold, start)),
        ]
    }
}

fn ends(spans: &Spans) -> (Span, Span) {
    let all = spans.as_slice();
    (all[0], all[all.len() - 1])
}

/// The same spans with another end; `None` if the last span would end before it begins.
fn with_end(spans: &Spans, end: u32) -> Option<Spans> {
    let (last, others) = spans.as_slice().split_last()?;
    let last = Span::new(last.start(), end)?;
    Spans::new(others.iter().copied().chain([last]))
}

/// The same spans with another start; `None` if the first span would begin after its end.
fn with_start(spans: &Spans, start: u32) -> Option<Spans> {
    let (first, others) = spans.as_slice().split_first()?;
    let first = Span::new(start, first.end())?;
    Spans::new([first].into_iter().chain(others.iter().copied()))
}

/// The items in their cyclic order from a random one on.
fn rotated<T: Clone, const N: usize>(items: [T; N], bits: u64) -> impl Iterator<Item = T> {
    let from = scale(bits, N);
    (0..N).map(move |step| items[(from + step) % N].clone())
}

/// The words of the text, if any mistake needs them.
pub(super) fn words_if_needed(gold: &Document, spec: &NoiseSpec) -> Vec<Span> {
    let needed = spec.boundary > Rate::ZERO || spec.spurious > Rate::ZERO;
    if needed { words(gold.text.as_str()) } else { Vec::new() }
}

/// The words that no gold mention touches, in text order.
pub(super) fn free_words(gold: &Document, mut words: Vec<Span>) -> Vec<Span> {
    let mut spans: Vec<Span> =
        gold.mentions.iter().flat_map(|mention| mention.spans.as_slice()).copied().collect();
    spans.sort_unstable();
    let mut spans = spans.into_iter().peekable();
    let mut covered_until = 0;
    words.retain(|word| {
        while let Some(span) = spans.next_if(|span| span.start() < word.end()) {
            covered_until = covered_until.max(span.end());
        }
        covered_until <= word.start()
    });
    words
}

/// The longest runs of letters and digits, in text order.
fn words(text: &str) -> Vec<Span> {
    let mut words = Vec::with_capacity(text.len() / 6);
    let mut start = None;
    let end = text.len();
    for (byte, character) in text.char_indices().chain([(end, ' ')]) {
        match (start, character.is_alphanumeric()) {
            (None, true) => start = Some(byte),
            (Some(from), false) => {
                words.extend(Span::new(from as u32, byte as u32));
                start = None;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Label, Mention, Text, Vocabulary};
    use proptest::prelude::*;

    use super::*;

    fn label() -> Label {
        Vocabulary::default().intern("PER")
    }

    fn document(text: &str, spans: &[(u32, u32)]) -> Document {
        let mention = |&(start, end)| Mention::new(Span::new(start, end).unwrap(), label());
        let mentions = spans.iter().map(mention).collect();
        Document { text: Text::new(text), mentions, ..Document::default() }
    }

    fn texts<'a>(text: &'a str, spans: &[Span]) -> Vec<&'a str> {
        spans.iter().map(|span| span.slice(text).unwrap()).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let text = "Zoë's 24 ships, £5 (née 李)";
        assert_eq!(texts(text, &words(text)), ["Zoë", "s", "24", "ships", "5", "née", "李"]);
        assert!(words("").is_empty());
    }

    #[test]
    fn free_words_touch_no_mention() {
        let gold = document("one two three four", &[(4, 13), (4, 7), (16, 17)]);
        assert_eq!(
            texts(gold.text.as_str(), &free_words(&gold, words(gold.text.as_str()))),
            ["one"]
        );
    }

    #[test]
    fn a_place_is_one_word_off_and_never_given_twice() {
        let gold = document("one two three four five", &[(4, 13)]);
        let words = words(gold.text.as_str());
        let mut places = Places::of(&gold, &words, Rate::ONE);
        let mut found: Vec<Span> =
            (0..4).map(|_| places.other(&gold.mentions[0].spans, 0).unwrap().hull()).collect();
        found.sort_unstable();
        let text = gold.text.as_str();
        let expected = ["one two three", "two", "two three four", "three"];
        assert_eq!(texts(text, &found), expected);
    }

    #[test]
    fn without_another_place_there_is_none() {
        let gold = document("é", &[(0, 2)]);
        let words = words(gold.text.as_str());
        assert_eq!(Places::of(&gold, &words, Rate::ONE).other(&gold.mentions[0].spans, 7), None);
    }

    proptest! {
        #[test]
        fn places_overlap_gold_and_are_new(text in "[a é。]{1,12}", bits: u64, cut in 0.0..1.0f64) {
            let bytes: Vec<u32> =
                text.char_indices().map(|(byte, _)| byte as u32).chain([text.len() as u32]).collect();
            let from = (cut * (bytes.len() - 1) as f64) as usize;
            let gold = document(&text, &[(bytes[from], bytes[from + 1])]);
            let words = words(gold.text.as_str());
        let mut places = Places::of(&gold, &words, Rate::ONE);
            let mut seen = vec![gold.mentions[0].spans.clone()];
            while let Some(place) = places.other(&gold.mentions[0].spans, bits) {
                prop_assert!(place.hull().slice(&text).is_some());
                prop_assert!(place.hull().overlaps(gold.mentions[0].spans.hull()));
                prop_assert!(!seen.contains(&place));
                seen.push(place);
            }
        }
    }
}
