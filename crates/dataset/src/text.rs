//! The text of a document, and the way between code points (on disk) and bytes (in memory).

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::span::Span;

/// The exact text of a document. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Text {
    string: Arc<str>,
}

impl Text {
    /// Takes a text as it is; no normalisation of any kind.
    pub fn new(string: impl Into<Arc<str>>) -> Text {
        Text { string: string.into() }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.string
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.string.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.string.is_empty()
    }

    /// SHA-256 of the UTF-8 bytes in lower-case hexadecimal: what stand-off files carry.
    ///
    /// ```
    /// let hash = ere_dataset::Text::new("abc").sha256();
    /// assert!(hash.starts_with("ba7816bf"));
    /// ```
    pub fn sha256(&self) -> String {
        sha256_hex(self.string.as_bytes())
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.string.fmt(f)
    }
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        hex
    })
}

/// Converts offsets of one text between Unicode code points and UTF-8 bytes.
///
/// Built in one pass over the text, then constant time for each offset (logarithmic towards code
/// points); no table at all for ASCII text.
///
/// ```
/// use ere_dataset::{Span, text::Offsets};
/// let offsets = Offsets::of("né 😀!");
/// let span = offsets.span(3, 4).unwrap();
/// assert_eq!(span, Span::new(4, 8).unwrap());
/// assert_eq!(offsets.code_points(span), (3, 4));
/// assert_eq!(offsets.span(3, 99), None);
/// ```
#[derive(Debug, Clone)]
pub struct Offsets {
    /// Byte offset of each code point, and the length at the end; empty where the text is ASCII.
    starts: Vec<u32>,
    length: u32,
}

impl Offsets {
    /// The converter for `text`, which must be shorter than 4 GiB.
    pub fn of(text: &str) -> Offsets {
        let length = u32::try_from(text.len()).expect("texts are limited far below 4 GiB");
        let mut starts = Vec::new();
        if !text.is_ascii() {
            starts.extend(text.char_indices().map(|(byte, _)| byte as u32));
            starts.push(length);
        }
        Offsets { starts, length }
    }

    /// The length of the text in code points.
    pub fn len(&self) -> u32 {
        if self.starts.is_empty() { self.length } else { self.starts.len() as u32 - 1 }
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The byte offset of the code point at `offset`; the end of the text is allowed.
    pub fn byte(&self, offset: u32) -> Option<u32> {
        if self.starts.is_empty() {
            (offset <= self.length).then_some(offset)
        } else {
            self.starts.get(offset as usize).copied()
        }
    }

    /// The code point at a byte offset. Inside a character, the one that follows.
    pub fn code_point(&self, byte: u32) -> u32 {
        if self.starts.is_empty() {
            byte
        } else {
            self.starts.partition_point(|&start| start < byte) as u32
        }
    }

    /// The span of the code points from `start` up to `end`; `None` outside the text or if empty.
    pub fn span(&self, start: u32, end: u32) -> Option<Span> {
        Span::new(self.byte(start)?, self.byte(end)?)
    }

    /// The code points under a span: start, end (exclusive).
    pub fn code_points(&self, span: Span) -> (u32, u32) {
        (self.code_point(span.start()), self.code_point(span.end()))
    }
}
