//! Spans of a text: half-open ranges of UTF-8 bytes.

use std::fmt;

use smallvec::SmallVec;

/// A half-open range of UTF-8 bytes in a document's text, never empty.
///
/// Offsets on disk count Unicode code points; [`crate::text::Offsets`] converts.
///
/// ```
/// use ere_dataset::Span;
/// let span = Span::new(3, 7).unwrap();
/// assert_eq!(span.slice("by Anna"), Some("Anna"));
/// assert!(Span::new(3, 3).is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`; `None` when that is nothing.
    #[inline]
    pub const fn new(start: u32, end: u32) -> Option<Span> {
        if start < end { Some(Span { start, end }) } else { None }
    }

    /// The first byte.
    #[inline]
    pub const fn start(self) -> u32 {
        self.start
    }

    /// One past the last byte.
    #[inline]
    pub const fn end(self) -> u32 {
        self.end
    }

    /// Length in bytes, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a span is never empty")]
    #[inline]
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether both spans share at least one byte.
    #[inline]
    pub const fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies inside this span, or is equal to it.
    #[inline]
    pub const fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The number of bytes that both spans share.
    #[inline]
    pub fn intersection(self, other: Span) -> u32 {
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }

    /// The text under the span; `None` where the span leaves the text or cuts a character.
    #[inline]
    pub fn slice(self, text: &str) -> Option<&str> {
        text.get(self.start as usize..self.end as usize)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// The spans of one mention: at least one, in text order, apart from each other.
///
/// Two spans that touch or overlap are no discontinuous mention; [`Spans::new`] refuses them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spans(SmallVec<[Span; 1]>);

impl Spans {
    /// The spans in text order; `None` when there are none, or when two of them touch or overlap.
    ///
    /// ```
    /// use ere_dataset::{Span, Spans};
    /// let span = |start, end| Span::new(start, end).unwrap();
    /// assert_eq!(Spans::new([span(8, 9), span(0, 4)]).unwrap().first(), span(0, 4));
    /// assert!(Spans::new([span(0, 4), span(4, 9)]).is_none());
    /// ```
    pub fn new(spans: impl IntoIterator<Item = Span>) -> Option<Spans> {
        let mut spans: SmallVec<[Span; 1]> = spans.into_iter().collect();
        spans.sort_unstable();
        let apart = spans.windows(2).all(|pair| pair[0].end < pair[1].start);
        (apart && !spans.is_empty()).then_some(Spans(spans))
    }

    /// The first span in text order.
    #[inline]
    pub fn first(&self) -> Span {
        self.0[0]
    }

    /// From the first byte to the last, gaps included.
    #[inline]
    pub fn hull(&self) -> Span {
        Span { start: self.0[0].start, end: self.0[self.0.len() - 1].end }
    }

    /// All spans in text order.
    #[inline]
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// Whether there are several spans.
    #[inline]
    pub fn is_discontinuous(&self) -> bool {
        self.0.len() > 1
    }

    /// Bytes under the spans, gaps not counted.
    #[inline]
    pub fn covered(&self) -> u32 {
        self.0.iter().map(|span| span.len()).sum()
    }

    /// Bytes that both mentions cover.
    pub fn intersection(&self, other: &Spans) -> u32 {
        let pairs = self.0.iter().flat_map(|a| other.0.iter().map(move |b| a.intersection(*b)));
        pairs.sum()
    }
}

impl From<Span> for Spans {
    fn from(span: Span) -> Spans {
        Spans(SmallVec::from_buf([span]))
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}
