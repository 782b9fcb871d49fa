//! Changes of single characters.

use ere_dataset::Document;
use rand::RngExt as _;
use unicode_normalization::UnicodeNormalization as _;

use super::edit::{Edits, borders};
use crate::random::Stream;

pub(super) fn upper(gold: &Document) -> Document {
    each_character(gold, |_, c| c.to_uppercase().collect())
}

pub(super) fn lower(gold: &Document) -> Document {
    each_character(gold, |_, c| c.to_lowercase().collect())
}

pub(super) fn title(gold: &Document) -> Document {
    each_character(gold, |before, c| match before {
        Some(before) if before.is_alphanumeric() || is_apostrophe(before) => {
            c.to_lowercase().collect()
        }
        _ => c.to_uppercase().collect(),
    })
}

/// Replaces characters by what `change` makes of them and the character before.
fn each_character(gold: &Document, change: impl Fn(Option<char>, char) -> String) -> Document {
    let mut edits = Edits::default();
    let mut before = None;
    for (start, c) in gold.text.as_str().char_indices() {
        let changed = change(before, c);
        if !changed.chars().eq([c]) {
            edits.push(start, start + c.len_utf8(), &changed);
        }
        before = Some(c);
    }
    edits.apply(gold)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

pub(super) fn compose(gold: &Document) -> Document {
    each_piece(gold, |_, piece| piece.nfc().collect())
}

pub(super) fn decompose(gold: &Document) -> Document {
    each_piece(gold, |_, piece| piece.nfd().collect())
}

/// Quotes, dashes and dots, each to its other form.
pub(super) fn typography(gold: &Document) -> Document {
    each_piece(gold, |before, piece| {
        let mut changed = String::with_capacity(piece.len());
        let mut before = before;
        let mut rest = piece;
        while let Some(c) = rest.chars().next() {
            let opens = before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '['));
            let (taken, text) = match c {
                _ if rest.starts_with("...") => ("...".len(), "…"),
                _ if rest.starts_with(" - ") => (" - ".len(), " – "),
                _ if rest.starts_with(" – ") => (" – ".len(), " - "),
                '…' => (c.len_utf8(), "..."),
                '"' if opens => (1, "“"),
                '"' => (1, "”"),
                '“' | '”' => (c.len_utf8(), "\""),
                '\'' if opens => (1, "‘"),
                '\'' => (1, "’"),
                '‘' | '’' => (c.len_utf8(), "'"),
                _ => (c.len_utf8(), &rest[..c.len_utf8()]),
            };
            changed.push_str(text);
            before = rest[..taken].chars().next_back();
            rest = &rest[taken..];
        }
        changed
    })
}

/// Replaces stretches in which nothing begins or ends.
fn each_piece(gold: &Document, change: impl Fn(Option<char>, &str) -> String) -> Document {
    let text = gold.text.as_str();
    let mut edits = Edits::default();
    for pair in borders(gold).windows(2) {
        let piece = &text[pair[0]..pair[1]];
        let changed = change(text[..pair[0]].chars().next_back(), piece);
        if changed != piece {
            edits.push(pair[0], pair[1], &changed);
        }
    }
    edits.apply(gold)
}

/// What is confused by programs that read pictures of text.
const CONFUSED: [(&str, &str); 20] = [
    ("rn", "m"),
    ("cl", "d"),
    ("vv", "w"),
    ("m", "rn"),
    ("w", "vv"),
    ("d", "cl"),
    ("l", "1"),
    ("1", "l"),
    ("I", "l"),
    ("O", "0"),
    ("0", "O"),
    ("o", "0"),
    ("S", "5"),
    ("5", "S"),
    ("B", "8"),
    ("e", "c"),
    ("h", "b"),
    ("t", "f"),
    ("u", "ii"),
    ("é", "e"),
];

const MISREAD: f64 = 1.0 / 40.0;
const MISTYPED: f64 = 1.0 / 20.0;
const MISTYPED_LENGTH: usize = 4;

pub(super) fn misread(gold: &Document, stream: &mut Stream) -> Document {
    let text = gold.text.as_str();
    let mut edits = Edits::default();
    for pair in borders(gold).windows(2) {
        let mut at = pair[0];
        while at < pair[1] {
            let rest = &text[at..pair[1]];
            let confused = CONFUSED.iter().find(|(from, _)| rest.starts_with(from));
            match confused {
                Some((from, to)) if stream.random_bool(MISREAD) => {
                    edits.push(at, at + from.len(), to);
                    at += from.len();
                }
                _ => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
    }
    edits.apply(gold)
}

/// Inside of words only: first and last letters are rarely wrong, and no word becomes empty.
pub(super) fn mistype(gold: &Document, stream: &mut Stream) -> Document {
    let text = gold.text.as_str();
    let mut edits = Edits::default();
    for pair in borders(gold).windows(2) {
        let piece = &text[pair[0]..pair[1]];
        for word in piece.split(|c: char| !c.is_alphabetic()) {
            let letters: Vec<(usize, char)> = word.char_indices().collect();
            if letters.len() < MISTYPED_LENGTH || !stream.random_bool(MISTYPED) {
                continue;
            }
            let at = 1 + stream.random_range(0..letters.len() - 3);
            let [(start, first), (_, second), (end, _)] = letters[at..at + 3] else { continue };
            let start_in_text =
                pair[0] + (word.as_ptr() as usize - piece.as_ptr() as usize) + start;
            let changed = match stream.random_range(0..4) {
                0 => format!("{second}{first}"),
                1 => format!("{first}{first}{second}"),
                2 => second.to_string(),
                _ => format!("{}{second}", neighbour(first)),
            };
            edits.push(start_in_text, start_in_text + end - start, &changed);
        }
    }
    edits.apply(gold)
}

/// The key to the right of a letter's.
fn neighbour(letter: char) -> char {
    const ROWS: [&str; 3] = ["qwertyuiop[", "asdfghjkl;", "zxcvbnm,"];
    let keys = ROWS.iter().flat_map(|row| row.chars().zip(row.chars().skip(1)));
    let (_, next) = keys.into_iter().find(|(key, _)| *key == letter).unwrap_or((letter, 'x'));
    next
}
