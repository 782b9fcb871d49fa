//! Words, numbers and signs of a text, and where its sentences end.

use std::ops::Range;

/// A word, a number or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters, and digits after them, that begin with a capital.
    Capitalised,
    /// Other letters, and digits after them.
    Lower,
    /// Digits with their separators, and letters after them: `1,340`, `3.5`, `23rd`.
    Number,
    /// One character that is none of these.
    Sign,
    /// One or more line breaks.
    Break,
}

impl Token {
    pub(crate) fn slice(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

/// Cuts a text into tokens. One pass, one allocation that grows.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 5 + 8);
    let mut at = 0;
    while at < text.len() {
        let (class, width) = class_at(text, at);
        let (end, kind) = match class {
            Class::Space => {
                at += width;
                continue;
            }
            Class::Break => {
                (end_of(text, at, |c| matches!(c, Class::Space | Class::Break)), Kind::Break)
            }
            Class::Sign => (at + width, Kind::Sign),
            Class::Upper => (end_of(text, at, Class::is_word), Kind::Capitalised),
            Class::Lower => (end_of(text, at, Class::is_word), Kind::Lower),
            Class::Digit => (end_of_number(text, at), Kind::Number),
        };
        tokens.push(Token { start: at as u32, end: end as u32, kind });
        at = end;
    }
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Break,
    Sign,
    Upper,
    Lower,
    Digit,
}

impl Class {
    fn is_word(self) -> bool {
        matches!(self, Class::Upper | Class::Lower | Class::Digit)
    }
}

/// The class of the character at a byte, and its length.
fn class_at(text: &str, at: usize) -> (Class, usize) {
    let byte = text.as_bytes()[at];
    if byte.is_ascii() {
        return (ASCII[byte as usize], 1);
    }
    let character = text[at..].chars().next().expect("`at` is inside the text, on a boundary");
    (class_beyond_ascii(character), character.len_utf8())
}

const ASCII: [Class; 128] = {
    let mut classes = [Class::Sign; 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte] = match byte as u8 {
            b'\n' | b'\r' => Class::Break,
            b' ' | b'\t' | 0x0b | 0x0c => Class::Space,
            b'A'..=b'Z' => Class::Upper,
            b'a'..=b'z' => Class::Lower,
            b'0'..=b'9' => Class::Digit,
            _ => Class::Sign,
        };
        byte += 1;
    }
    classes
};

/// Combining marks belong to the word that they stand in, so all but spaces and signs is a letter.
fn class_beyond_ascii(character: char) -> Class {
    match character {
        '\u{2028}' | '\u{2029}' | '\u{85}' => Class::Break,
        '\u{feff}' | '\u{200b}' => Class::Space,
        c if c.is_whitespace() => Class::Space,
        'ª' | 'º' => Class::Lower,
        '\u{80}'..='\u{bf}' | '×' | '÷' => Class::Sign,
        '\u{2010}'..='\u{205e}' | '\u{20a0}'..='\u{20cf}' => Class::Sign,
        '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3020}' | '\u{ff01}'..='\u{ff0f}' => Class::Sign,
        c if c.is_uppercase() => Class::Upper,
        _ => Class::Lower,
    }
}

fn end_of(text: &str, start: usize, belongs: fn(Class) -> bool) -> usize {
    let mut at = start;
    while at < text.len() {
        let (class, width) = class_at(text, at);
        if !belongs(class) {
            break;
        }
        at += width;
    }
    at
}

/// `1,340`, `3.5`, `23rd`: a separator belongs to a number that goes on behind it.
fn end_of_number(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        at = end_of(text, at, Class::is_word);
        let separated = matches!(bytes.get(at), Some(b'.' | b','))
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !separated {
            return at;
        }
        at += 1;
    }
}

/// Sentences as ranges of tokens. Line breaks end a sentence and are in none.
///
/// A full stop ends one too, unless it stands behind an abbreviation, an initial or inside a word.
pub(crate) fn sentences(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].kind == Kind::Break {
            push(&mut sentences, start..at);
            start = at + 1;
        } else if ends_sentence(text, tokens, at) {
            while tokens.get(at + 1).is_some_and(|next| closes(text, tokens[at], *next)) {
                at += 1;
            }
            push(&mut sentences, start..at + 1);
            start = at + 1;
        }
        at += 1;
    }
    push(&mut sentences, start..tokens.len());
    sentences
}

fn push(sentences: &mut Vec<Range<usize>>, range: Range<usize>) {
    if !range.is_empty() {
        sentences.push(range);
    }
}

fn ends_sentence(text: &str, tokens: &[Token], at: usize) -> bool {
    if tokens[at].kind != Kind::Sign {
        return false;
    }
    match tokens[at].slice(text) {
        "!" | "?" | "。" | "！" | "？" => true,
        "." => {
            let before = at.checked_sub(1).map(|before| tokens[before]);
            let abbreviation = before
                .is_some_and(|word| word.end == tokens[at].start && is_abbreviation(word, text));
            !abbreviation && goes_on_afresh(text, tokens, at)
        }
        _ => false,
    }
}

/// A quote or bracket right behind the full stop belongs to the sentence that it ends.
fn closes(text: &str, token: Token, next: Token) -> bool {
    next.kind == Kind::Sign
        && next.start == token.end
        && matches!(next.slice(text), "\"" | "”" | "’" | "'" | ")" | "»" | "." | "!" | "?")
}

/// What follows a full stop that ends a sentence: a space, and no small letter.
fn goes_on_afresh(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(next) = tokens.get(at + 1) else { return true };
    if closes(text, tokens[at], *next) {
        return true;
    }
    next.start > tokens[at].end && next.kind != Kind::Lower
}

fn is_abbreviation(word: Token, text: &str) -> bool {
    const ABBREVIATIONS: [&str; 32] = [
        "Mr", "Mrs", "Ms", "Dr", "Prof", "Gen", "Col", "Lt", "Sgt", "Capt", "Maj", "Sen", "Rep",
        "Gov", "Rev", "Hon", "St", "Jr", "Sr", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug",
        "Sept", "Sep", "Oct", "Nov", "Dec", "vs",
    ];
    let word = word.slice(text);
    let is_initial = || {
        let mut characters = word.chars();
        characters.next().is_some_and(char::is_uppercase) && characters.next().is_none()
    };
    is_initial() || ABBREVIATIONS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        tokens(text).iter().map(|token| token.slice(text)).collect()
    }

    #[test]
    fn words_numbers_and_signs() {
        let cases: [(&str, &[&str]); 7] = [
            ("China's 1,340 km", &["China", "'", "s", "1,340", "km"]),
            ("$3.5bn, 23rd.", &["$", "3.5bn", ",", "23rd", "."]),
            ("Tora-Keane A24", &["Tora", "-", "Keane", "A24"]),
            ("Hrnjic\u{301} “Nö”", &["Hrnjic\u{301}", "“", "Nö", "”"]),
            ("中国 — 😀", &["中国", "—", "😀"]),
            ("a\r\n \nb", &["a", "\r\n \n", "b"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(cut(text), expected, "{text:?}");
        }
    }

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        let cases: [(&str, &[&str]); 8] = [
            ("One. Two.", &["One.", "Two."]),
            ("Mr. Pell left. He ran.", &["Mr. Pell left.", "He ran."]),
            ("John J. Ray III won.", &["John J. Ray III won."]),
            ("The U.S. attorney won.", &["The U.S. attorney won."]),
            ("\"No.\" She left.", &["\"No.\"", "She left."]),
            ("Headline\n\nBody one! Two?", &["Headline", "Body one!", "Two?"]),
            ("It rose 3.5 percent. Then it fell.", &["It rose 3.5 percent.", "Then it fell."]),
            ("ends at e.g. nothing", &["ends at e.g. nothing"]),
        ];
        for (text, expected) in cases {
            let tokens = tokens(text);
            let slice = |range: Range<usize>| {
                let (first, last) = (tokens[range.start], tokens[range.end - 1]);
                &text[first.start as usize..last.end as usize]
            };
            let found: Vec<&str> = sentences(text, &tokens).into_iter().map(slice).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
