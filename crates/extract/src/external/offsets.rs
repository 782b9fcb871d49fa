//! Offsets as other languages count them.

use ere_dataset::text::Offsets;
use ere_dataset::{Span, Text};

/// What an external program counts when it says where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum OffsetUnit {
    /// Unicode code points: Python, Rust's `chars`, Swift's unicode scalars.
    Codepoint,
    /// Bytes of UTF-8: Rust, Go, C.
    Byte,
    /// Code units of UTF-16: JavaScript, Java, C#.
    Utf16,
}

/// Converts spans of one text between a unit and bytes, exactly: an offset inside a character is no
/// offset. Built in one pass; no table for bytes or for ASCII text.
pub(super) enum Converter {
    Same(Text),
    CodePoints(Offsets),
    Utf16(Utf16),
}

impl Converter {
    pub(super) fn new(unit: OffsetUnit, text: &Text) -> Converter {
        match unit {
            OffsetUnit::Byte => Converter::Same(text.clone()),
            _ if text.as_str().is_ascii() => Converter::Same(text.clone()),
            OffsetUnit::Codepoint => Converter::CodePoints(Offsets::of(text.as_str())),
            OffsetUnit::Utf16 => Converter::Utf16(Utf16::of(text.as_str())),
        }
    }

    /// The length of the text.
    pub(super) fn len(&self) -> u64 {
        match self {
            Converter::Same(text) => text.len() as u64,
            Converter::CodePoints(offsets) => u64::from(offsets.len()),
            Converter::Utf16(table) => table.bytes.len() as u64 - 1,
        }
    }

    /// The span from `start` up to `end`; `None` where that is no stretch of the text.
    pub(super) fn span(&self, start: u64, end: u64) -> Option<Span> {
        Span::new(self.byte(start)?, self.byte(end)?)
    }

    /// Start and end of a span.
    pub(super) fn offsets(&self, span: Span) -> [u64; 2] {
        let offset = |byte: u32| match self {
            Converter::Same(_) => u64::from(byte),
            Converter::CodePoints(offsets) => u64::from(offsets.code_point(byte)),
            Converter::Utf16(table) => table.unit(byte),
        };
        [offset(span.start()), offset(span.end())]
    }

    fn byte(&self, offset: u64) -> Option<u32> {
        let offset = u32::try_from(offset).ok()?;
        match self {
            Converter::Same(text) => {
                text.as_str().is_char_boundary(offset as usize).then_some(offset)
            }
            Converter::CodePoints(offsets) => offsets.byte(offset),
            Converter::Utf16(table) => {
                table.bytes.get(offset as usize).copied().filter(|byte| *byte != Utf16::INSIDE)
            }
        }
    }
}

pub(super) struct Utf16 {
    /// The byte at each code unit, and the length at the end.
    bytes: Vec<u32>,
}

impl Utf16 {
    /// Stands for the second unit of a surrogate pair.
    const INSIDE: u32 = u32::MAX;

    fn of(text: &str) -> Utf16 {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        for (byte, character) in text.char_indices() {
            bytes.push(byte as u32);
            if character.len_utf16() == 2 {
                bytes.push(Utf16::INSIDE);
            }
        }
        bytes.push(text.len() as u32);
        Utf16 { bytes }
    }

    /// The code unit at a byte on a character boundary. A second unit counts as its first one.
    fn unit(&self, byte: u32) -> u64 {
        let before = |at: usize| match self.bytes[at] {
            Utf16::INSIDE => self.bytes[at - 1] < byte,
            start => start < byte,
        };
        let (mut low, mut high) = (0, self.bytes.len());
        while low < high {
            let middle = low.midpoint(high);
            if before(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_unit_counts_its_own_way() {
        // é is 2 bytes and 1 unit, the combining mark likewise, 中 3 and 1, the emoji 4 and 2.
        let text = Text::new("éa\u{301}中😀!");
        let emoji = Span::new(8, 12).unwrap();
        let cases = [
            (OffsetUnit::Byte, [8, 12], 13),
            (OffsetUnit::Codepoint, [4, 5], 6),
            (OffsetUnit::Utf16, [4, 6], 7),
        ];
        for (unit, offsets, length) in cases {
            let converter = Converter::new(unit, &text);
            assert_eq!(converter.offsets(emoji), offsets, "{unit:?}");
            assert_eq!(converter.span(offsets[0], offsets[1]), Some(emoji), "{unit:?}");
            assert_eq!(converter.len(), length, "{unit:?}");
            assert_eq!(converter.span(0, length + 1), None, "{unit:?}");
            assert_eq!(converter.span(3, 3), None, "{unit:?}");
            assert_eq!(converter.span(0, u64::MAX), None, "{unit:?}");
        }
        assert_eq!(Converter::new(OffsetUnit::Byte, &text).span(0, 1), None, "cuts the é");
        assert_eq!(Converter::new(OffsetUnit::Utf16, &text).span(0, 5), None, "cuts the pair");
    }

    proptest! {
        #[test]
        fn there_and_back(text in any::<String>()) {
            let boundaries: Vec<u32> = text.char_indices().map(|(byte, _)| byte as u32)
                .chain([text.len() as u32]).collect();
            let text = Text::new(text);
            for unit in [OffsetUnit::Codepoint, OffsetUnit::Byte, OffsetUnit::Utf16] {
                let converter = Converter::new(unit, &text);
                for pair in boundaries.windows(2) {
                    let span = Span::new(pair[0], pair[1]).unwrap();
                    let [start, end] = converter.offsets(span);
                    prop_assert_eq!(converter.span(start, end), Some(span));
                }
            }
        }
    }
}
