//! Names and phrases as sequences of tokens, found by longest match.

use rustc_hash::FxHashMap;

use crate::tokens::{Token, tokens};

/// A word of a [`Lexicon`]; [`Word::NONE`] for every word that is in no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Word(u32);

impl Word {
    pub(crate) const NONE: Word = Word(0);
}

/// A set of token sequences, each with a value. Finding the longest one at a token costs one look-up
/// for each token of it, and none where no entry begins.
#[derive(Clone, Debug)]
pub(crate) struct Lexicon<V> {
    words: FxHashMap<Box<str>, Word>,
    /// For each first byte of a word, a bit for each length: most words of a text are told apart by
    /// this alone.
    lengths: Box<[u64; 256]>,
    /// The node behind a node and a word. Node 0 is the root.
    edges: FxHashMap<(u32, Word), u32>,
    /// The value of the sequence that ends at a node.
    values: Vec<Option<V>>,
}

impl<V: Copy> Lexicon<V> {
    pub(crate) fn new() -> Lexicon<V> {
        Lexicon {
            words: FxHashMap::default(),
            lengths: Box::new([0; 256]),
            edges: FxHashMap::default(),
            values: vec![None],
        }
    }

    /// The value of an entry, to be set. A phrase without tokens is no entry.
    pub(crate) fn entry(&mut self, phrase: &str) -> Option<&mut Option<V>> {
        let tokens = tokens(phrase);
        if tokens.is_empty() {
            return None;
        }
        let node = tokens.iter().fold(0, |node, token| self.step(node, token.slice(phrase)));
        Some(&mut self.values[node as usize])
    }

    fn step(&mut self, node: u32, word: &str) -> u32 {
        let count = self.words.len() as u32 + 1;
        self.lengths[first_byte(word)] |= length_bit(word);
        let word = *self.words.entry(word.into()).or_insert(Word(count));
        let next = self.values.len() as u32;
        let to = *self.edges.entry((node, word)).or_insert(next);
        if to == next {
            self.values.push(None);
        }
        to
    }

    /// The word that a token is.
    pub(crate) fn word(&self, word: &str) -> Word {
        if self.lengths[first_byte(word)] & length_bit(word) == 0 {
            return Word::NONE;
        }
        self.words.get(word).copied().unwrap_or(Word::NONE)
    }

    /// The words of a text.
    pub(crate) fn words(&self, text: &str, tokens: &[Token]) -> Vec<Word> {
        tokens.iter().map(|token| self.word(token.slice(text))).collect()
    }

    /// The longest entry that begins at a position: how many words, and its value.
    pub(crate) fn longest(&self, words: &[Word], at: usize) -> Option<(usize, V)> {
        let mut node = 0;
        let mut found = None;
        for (length, word) in words.iter().skip(at).enumerate() {
            if *word == Word::NONE {
                break;
            }
            let Some(&next) = self.edges.get(&(node, *word)) else { break };
            node = next;
            if let Some(value) = self.values[node as usize] {
                found = Some((length + 1, value));
            }
        }
        found
    }
}

fn first_byte(word: &str) -> usize {
    word.bytes().next().map_or(0, usize::from)
}

/// All words from 63 bytes on share a bit.
fn length_bit(word: &str) -> u64 {
    1 << word.len().min(63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_entry_on_token_boundaries_wins() {
        let mut lexicon = Lexicon::new();
        for (value, phrase) in ["New", "New York", "New York Times", "York"].into_iter().enumerate()
        {
            *lexicon.entry(phrase).unwrap() = Some(value);
        }
        let text = "New York Time New Yorker York";
        let tokens = tokens(text);
        let words = lexicon.words(text, &tokens);
        let found: Vec<_> = (0..words.len()).map(|at| lexicon.longest(&words, at)).collect();
        let expected = [Some((2, 1)), Some((1, 3)), None, Some((1, 0)), None, Some((1, 3))];
        assert_eq!(found, expected);
        assert!(lexicon.entry(" ").is_none());
    }
}
