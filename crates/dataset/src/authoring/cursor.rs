//! Reading one line of an authoring file from left to right, and saying where it stops making sense.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Place};

/// Characters of a line that an error shows.
const SHOWN: usize = 1000;

/// Characters of a word, or of another message, that a message repeats.
const CLIP: usize = 200;

/// A whole file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
}

/// Where a line begins and ends in the file, without white space at its ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A place in a line; reads up to its end.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) source: Source<'a>,
    pub(super) at: usize,
    end: usize,
}

/// A bare word or a JSON string.
#[derive(Clone, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) is_quoted: bool,
    pub(super) at: usize,
}

/// Whether a word may hold the character without quotes.
pub(super) fn is_bare(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | ':' | '/' | '-')
}

impl<'a> Source<'a> {
    /// An error at a byte of the file.
    pub(super) fn error(
        self,
        at: usize,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) -> Error {
        let start = self.line_start(at);
        let line = self.text[start..].split('\n').next().unwrap_or_default();
        let kind = ErrorKind::Authoring {
            message: message.into(),
            cure: cure.into(),
            text: shown(line.trim_end_matches('\r')),
        };
        Error::new(self.place(at), kind)
    }

    /// Checks a count against its limit where it grows, so that memory stays in proportion to the limit.
    pub(super) fn limit(
        self,
        at: usize,
        what: &'static str,
        value: usize,
        limit: usize,
    ) -> Result<(), Error> {
        crate::wire::limit(what, value, limit).map_err(|kind| Error::new(self.place(at), kind))
    }

    /// The line and column of a byte of the file.
    pub(super) fn place(self, at: usize) -> Place {
        let before = &self.text[self.line_start(at)..at];
        Place {
            line: Some(self.line_number(at)),
            column: Some(before.chars().count() as u64 + 1),
            ..Place::default()
        }
    }

    /// Where the line of a byte begins. A byte order mark is no part of the first line.
    pub(super) fn line_start(self, at: usize) -> usize {
        let mark = if self.text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        self.text[..at].rfind('\n').map_or(mark, |newline| newline + 1)
    }

    /// A byte of the file in words.
    pub(super) fn line_and_column(self, at: usize) -> String {
        self.place(at).to_string()
    }

    /// The number of the line of a byte of the file, from 1.
    pub(super) fn line_number(self, at: usize) -> u64 {
        self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1
    }

    /// The line that begins at a byte of the file, and where the next one begins.
    pub(super) fn line(self, start: usize) -> Option<(Line, usize)> {
        let rest = &self.text[start..];
        if rest.is_empty() {
            return None;
        }
        let length = rest.find('\n').unwrap_or(rest.len());
        let line = rest[..length].trim_end_matches('\r');
        let trimmed = line.trim_start_matches(is_blank);
        let start_of_text = start + line.len() - trimmed.len();
        let end = start_of_text + trimmed.trim_end_matches(is_blank).len();
        Some((Line { start: start_of_text, end }, (start + length + 1).min(self.text.len())))
    }

    pub(super) fn slice(self, line: Line) -> &'a str {
        &self.text[line.start..line.end]
    }

    pub(super) fn cursor(self, line: Line) -> Cursor<'a> {
        Cursor { source: self, at: line.start, end: line.end }
    }
}

/// A space or a tab.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// A line for an error message: control characters visible, and not too long.
fn shown(line: &str) -> String {
    let mut shown = String::new();
    for (position, character) in line.chars().enumerate() {
        if position == SHOWN {
            shown.push('…');
            break;
        }
        match character {
            '\t' => shown.push('\t'),
            control if control.is_control() => shown.extend(control.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown
}

impl<'a> Cursor<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.source.text[self.at..self.end]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.end
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Steps over the character if it comes next.
    pub(super) fn eat(&mut self, character: char) -> bool {
        let found = self.peek() == Some(character);
        if found {
            self.at += character.len_utf8();
        }
        found
    }

    pub(super) fn skip_blanks(&mut self) {
        self.take_while(is_blank);
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|character| !wanted(character)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// An error at the place of the cursor.
    pub(super) fn error(&self, message: impl Into<String>, cure: impl Into<String>) -> Error {
        self.source.error(self.at, message, cure)
    }

    /// What comes next, for a message.
    pub(super) fn found(&self) -> String {
        let rest = self.rest();
        let length = rest.find(is_blank).unwrap_or(rest.len());
        match &rest[..length] {
            _ if rest.is_empty() => "the end of the line".to_owned(),
            "" => "a space".to_owned(),
            word => format!("`{}`", clip(word)),
        }
    }

    /// A bare word or a JSON string; `what` names it in the error.
    pub(super) fn word(&mut self, what: &str) -> Result<Word<'a>, Error> {
        let at = self.at;
        if self.peek() == Some('"') {
            let text = Cow::Owned(self.json_string()?);
            return Ok(Word { text, is_quoted: true, at });
        }
        match self.take_while(is_bare) {
            "" => Err(self.error(
                format!("expected {what}, found {}", self.found()),
                "a word is letters, digits and `_.:/-`; write any other as a JSON string, \"two words\"",
            )),
            text => Ok(Word { text: Cow::Borrowed(text), is_quoted: false, at }),
        }
    }

    /// A JSON string.
    pub(super) fn json_string(&mut self) -> Result<String, Error> {
        let rest = self.rest();
        let Some(length) = json_string_length(rest) else {
            return Err(self.error(
                "this quotation mark is not closed on its line",
                "close it with `\"`; write a quotation mark inside as `\\\"`",
            ));
        };
        let string = serde_json::from_str(&rest[..length])
            .map_err(|error| json_error(self.source, self.at, length, &error))?;
        self.at += length;
        Ok(string)
    }
}

/// The length of the JSON string that a text begins with, quotation marks included.
fn json_string_length(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((position, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(position + 1),
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    None
}

/// An error in JSON of `length` bytes that begins at a byte of the file, at the place that the JSON
/// reader names.
pub(super) fn json_error(
    source: Source<'_>,
    start: usize,
    length: usize,
    error: &serde_json::Error,
) -> Error {
    let mut at = start + error.column().saturating_sub(1).min(length.saturating_sub(1));
    while !source.text.is_char_boundary(at) {
        at -= 1;
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    source.error(
        at,
        format!("no JSON of the right form: {message}"),
        "write valid JSON on one line",
    )
}

/// The beginning of a text of the file, for a message.
pub(super) fn clip(text: &str) -> String {
    match text.char_indices().nth(CLIP) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
