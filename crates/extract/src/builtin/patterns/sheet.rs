//! One text with all that is looked up of its words, once.

use std::ops::Range;

use ere_dataset::Span;

use super::words::{Class, Classes, KnownName, Title, Verb, Words};
use crate::lexicon::Word;
use crate::tokens::{self, Kind, Token};

pub(super) struct Sheet<'a> {
    words: &'a Words,
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    pub(super) sentences: Vec<Range<usize>>,
    classes: Vec<Classes>,
    name_words: Vec<Word>,
    title_words: Vec<Word>,
    verb_words: Vec<Word>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(words: &'a Words, text: &'a str, sentences: Option<&[Span]>) -> Sheet<'a> {
        let tokens = tokens::tokens(text);
        let sentences = match sentences {
            Some(spans) => given_sentences(&tokens, spans),
            None => tokens::sentences(text, &tokens),
        };
        let count = tokens.len();
        let mut classes = Vec::with_capacity(count);
        let mut title_words = Vec::with_capacity(count);
        let mut verb_words = Vec::with_capacity(count);
        let mut small = String::new();
        for token in &tokens {
            let word = small_letters(token.slice(text), token.kind, &mut small);
            classes.push(words.classes(word));
            title_words.push(words.titles.word(word));
            verb_words.push(words.verbs.word(word));
        }
        let name_words = tokens.iter().map(|token| name_word(words, token.slice(text), &mut small));
        let name_words = name_words.collect();
        Sheet { words, text, tokens, sentences, classes, name_words, title_words, verb_words }
    }

    pub(super) fn slice(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.slice(self.text))
    }

    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.slice(at) == word
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    pub(super) fn is_capitalised(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Capitalised)
    }

    pub(super) fn has(&self, at: usize, class: Class) -> bool {
        self.classes.get(at).is_some_and(|classes| classes.has(class))
    }

    pub(super) fn has_any(&self, at: usize, classes: Classes) -> bool {
        self.classes.get(at).is_some_and(|found| found.has_any(classes))
    }

    /// Whether a token follows the one before it without a space.
    pub(super) fn is_joined(&self, at: usize) -> bool {
        at > 0 && at < self.tokens.len() && self.tokens[at - 1].end == self.tokens[at].start
    }

    /// Whether a sign that marks what is somebody's stands at `at`: `'s`. How many tokens it has.
    pub(super) fn possessive(&self, at: usize) -> usize {
        let is_mark = matches!(self.slice(at), "'" | "’") && self.is_joined(at);
        match is_mark {
            true if self.is(at + 1, "s") && self.is_joined(at + 1) => 2,
            // Behind a plural.
            true if at > 0 && self.slice(at - 1).ends_with('s') => 1,
            _ => 0,
        }
    }

    pub(super) fn name_at(&self, at: usize) -> Option<(usize, KnownName)> {
        self.words.names.longest(&self.name_words, at)
    }

    pub(super) fn title_at(&self, at: usize) -> Option<(usize, Title)> {
        self.words.titles.longest(&self.title_words, at)
    }

    pub(super) fn verb_at(&self, at: usize) -> Option<(usize, Verb)> {
        self.words.verbs.longest(&self.verb_words, at)
    }

    /// From the first byte of one token to the last of another.
    pub(super) fn span(&self, tokens: Range<usize>) -> Span {
        Span::new(self.tokens[tokens.start].start, self.tokens[tokens.end - 1].end)
            .expect("the range has tokens")
    }

    pub(super) fn text_of(&self, tokens: Range<usize>) -> &'a str {
        let span = self.span(tokens);
        &self.text[span.start() as usize..span.end() as usize]
    }
}

/// The word in small letters, in a buffer that is used again and again.
fn small_letters<'b>(word: &'b str, kind: Kind, buffer: &'b mut String) -> &'b str {
    if kind != Kind::Capitalised {
        return word;
    }
    buffer.clear();
    buffer.extend(word.chars().flat_map(char::to_lowercase));
    buffer
}

/// The word of a name. A line in capitals hides names: YORK is York.
fn name_word(words: &Words, word: &str, buffer: &mut String) -> Word {
    let found = words.names.word(word);
    let is_long = word.len() > 2 && word.as_bytes()[1].is_ascii_uppercase();
    if found != Word::NONE || !is_long || word.chars().any(char::is_lowercase) {
        return found;
    }
    let mut characters = word.chars();
    buffer.clear();
    buffer.extend(characters.next());
    buffer.extend(characters.flat_map(char::to_lowercase));
    words.names.word(buffer)
}

/// Sentences that a track gives, as ranges of tokens: the tokens that begin in each.
fn given_sentences(tokens: &[Token], sentences: &[Span]) -> Vec<Range<usize>> {
    let first_from = |byte: u32| tokens.partition_point(|token| token.start < byte);
    sentences.iter().map(|s| first_from(s.start())..first_from(s.end())).collect()
}
