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
/// Built in one pass over the text; it holds one entry for each run of characters of equal width, so
/// nothing at all for ASCII text. Each offset takes time logarithmic in the runs.
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
    /// In text order. Before the first one, characters are one byte wide.
    runs: Vec<Run>,
    /// Bytes.
    length: u32,
    /// Code points.
    count: u32,
}

/// A stretch of characters that take the same number of bytes.
#[derive(Debug, Clone, Copy)]
struct Run {
    code_point: u32,
    byte: u32,
    width: u32,
}

const ASCII: Run = Run { code_point: 0, byte: 0, width: 1 };

impl Offsets {
    /// The converter for `text`, which must be shorter than 4 GiB.
    pub fn of(text: &str) -> Offsets {
        let length = u32::try_from(text.len()).expect("texts are limited far below 4 GiB");
        let bytes = text.as_bytes();
        let mut runs = Vec::new();
        let mut run = ASCII;
        let (mut byte, mut code_point) = (0, 0);
        while byte < bytes.len() {
            let width = match bytes[byte] {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            if width != run.width {
                run = Run { code_point, byte: byte as u32, width };
                runs.push(run);
            }
            let end = byte + if width == 1 { ascii_bytes(&bytes[byte..]) } else { width as usize };
            code_point += (end - byte) as u32 / width;
            byte = end;
        }
        Offsets { runs, length, count: code_point }
    }

    /// The length of the text in code points.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The byte offset of the code point at `offset`; the end of the text is allowed.
    pub fn byte(&self, offset: u32) -> Option<u32> {
        let run = self.run(|run| run.code_point <= offset);
        (offset <= self.count).then(|| run.byte + (offset - run.code_point) * run.width)
    }

    /// The code point at a byte offset. Inside a character, the one that follows; behind the text, its
    /// end.
    pub fn code_point(&self, byte: u32) -> u32 {
        let byte = byte.min(self.length);
        let run = self.run(|run| run.byte <= byte);
        run.code_point + (byte - run.byte).div_ceil(run.width)
    }

    /// The last run of those that begin early enough.
    fn run(&self, is_early: impl Fn(&Run) -> bool) -> Run {
        match self.runs.partition_point(is_early) {
            0 => ASCII,
            behind => self.runs[behind - 1],
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

/// How many bytes of ASCII come first.
fn ascii_bytes(bytes: &[u8]) -> usize {
    let whole = bytes.chunks_exact(32).take_while(|chunk| chunk.is_ascii()).count() * 32;
    whole + bytes[whole..].iter().take_while(|byte| byte.is_ascii()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_those_of_a_table_of_all_characters() {
        let long = "a".repeat(100);
        let texts = [
            String::new(),
            long.clone(),
            "é".to_owned(),
            "né 😀!".to_owned(),
            format!("{long}é{long}漢字かな, 12。{long}e\u{301}😀😀"),
            "漢a字b😀é".to_owned(),
        ];
        for text in texts {
            let mut starts: Vec<u32> = text.char_indices().map(|(byte, _)| byte as u32).collect();
            starts.push(text.len() as u32);
            let offsets = Offsets::of(&text);
            assert_eq!(offsets.len() as usize, text.chars().count());
            for (code_point, byte) in starts.iter().enumerate() {
                assert_eq!(offsets.byte(code_point as u32), Some(*byte), "{text:?}");
            }
            assert_eq!(offsets.byte(starts.len() as u32), None);
            assert_eq!(offsets.byte(u32::MAX), None);
            for byte in 0..=text.len() as u32 + 3 {
                let expected = starts.partition_point(|start| *start < byte) as u32;
                assert_eq!(
                    offsets.code_point(byte),
                    expected.min(offsets.len()),
                    "{text:?} {byte}"
                );
            }
        }
    }
}
