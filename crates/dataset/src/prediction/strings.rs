//! Predictions without offsets: where in the text their strings stand.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;

use crate::span::Span;

/// A text and a set of strings may not be longer together than this many comparisons of bytes.
const WORK: usize = 1 << 32;

/// Where strings stand in a text: all places of each, in text order. Both are compared in NFKC, as they
/// are written and, for a string that is nowhere found so, in lower case. A place begins and ends where a
/// word does. Longer strings go first, and what lies in a place of theirs is no place of a shorter one.
///
/// `None` where that would take too long. The work is strings × text.
pub(super) fn locate(text: &str, strings: &[&str]) -> Option<Vec<Vec<Span>>> {
    if strings.len().checked_mul(text.len().max(1)).is_none_or(|work| work > WORK) {
        return None;
    }
    let (written, lower) = (Form::of(text, false), Form::of(text, true));
    let needles: Vec<String> =
        strings.iter().map(|string| string.trim().nfkc().collect()).collect();
    let mut order: Vec<usize> = (0..strings.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(needles[*at].chars().count()), &needles[*at]));
    let mut is_taken = vec![false; text.len()];
    let mut places = vec![Vec::new(); strings.len()];
    for at in order {
        let needle = &needles[at];
        let mut found = written.places(needle, text);
        if found.is_empty() {
            found = lower.places(&needle.to_lowercase(), text);
        }
        let bytes = |span: &Span| span.start() as usize..span.end() as usize;
        found.retain(|span| !is_taken[bytes(span)].contains(&true));
        found.iter().for_each(|span| is_taken[bytes(span)].fill(true));
        places[at] = found;
    }
    Some(places)
}

/// A text in NFKC, perhaps in lower case, and where its bytes come from.
struct Form {
    text: String,
    /// For each byte, where in the original its character begins, with the marks that go with it.
    starts: Vec<u32>,
    /// And where it ends.
    ends: Vec<u32>,
}

impl Form {
    fn of(original: &str, is_lower: bool) -> Form {
        let mut form = Form { text: String::new(), starts: Vec::new(), ends: Vec::new() };
        let mut characters = original.char_indices().peekable();
        while let Some((start, first)) = characters.next() {
            let mut end = start + first.len_utf8();
            while let Some((_, mark)) =
                characters.next_if(|(_, c)| canonical_combining_class(*c) != 0)
            {
                end += mark.len_utf8();
            }
            let group: String = original[start..end].nfkc().collect();
            form.text.push_str(&if is_lower { group.to_lowercase() } else { group });
            form.starts.resize(form.text.len(), start as u32);
            form.ends.resize(form.text.len(), end as u32);
        }
        form
    }

    /// Where a string stands in the original.
    fn places(&self, needle: &str, original: &str) -> Vec<Span> {
        if needle.is_empty() {
            return Vec::new();
        }
        let place = |(at, found): (usize, &str)| {
            let span = Span::new(self.starts[at], self.ends[at + found.len() - 1])?;
            stands_alone(original, span).then_some(span)
        };
        self.text.match_indices(needle).filter_map(place).collect()
    }
}

/// Whether a span begins and ends where a word does.
fn stands_alone(text: &str, span: Span) -> bool {
    let Some(found) = span.slice(text) else { return false };
    let is_part = |outer: Option<char>, inner: Option<char>| {
        outer.is_some_and(char::is_alphanumeric) && inner.is_some_and(char::is_alphanumeric)
    };
    let before = text[..span.start() as usize].chars().next_back();
    let after = text[span.end() as usize..].chars().next();
    !is_part(before, found.chars().next()) && !is_part(after, found.chars().next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, strings: &[&str], expected: &[&[(u32, u32)]]) {
        let found = locate(text, strings).unwrap();
        let found: Vec<Vec<(u32, u32)>> = found
            .iter()
            .map(|places| places.iter().map(|span| (span.start(), span.end())).collect())
            .collect();
        assert_eq!(found, expected, "{strings:?} in {text:?}");
    }

    #[test]
    fn all_places_at_word_boundaries() {
        check("Al met Alan and Al.", &["Al"], &[&[(0, 2), (16, 18)]]);
        check("U.S. and U.S.A", &["U.S."], &[&[(0, 4), (9, 13)]]);
    }

    #[test]
    fn as_written_before_lower_case() {
        check("the us told US", &["US"], &[&[(12, 14)]]);
        check("the us told them", &["US"], &[&[(4, 6)]]);
    }

    #[test]
    fn longest_first() {
        check("New York and York", &["York", "New York"], &[&[(13, 17)], &[(0, 8)]]);
        // Whatever the order of the list.
        check("New York and York", &["New York", "York"], &[&[(0, 8)], &[(13, 17)]]);
    }

    #[test]
    fn forms_of_unicode_are_the_same() {
        // A decomposed accent, a ligature, a wide letter.
        check(
            "Cafe\u{301} o\u{fb03}ce Ａ",
            &["Café", "office", "A"],
            &[&[(0, 6)], &[(7, 13)], &[(14, 17)]],
        );
    }

    #[test]
    fn nothing_is_nowhere_and_too_much_is_refused() {
        check("a b", &["", " ", "c"], &[&[], &[], &[]]);
        let text = "a".repeat(1 << 20);
        assert_eq!(locate(&text, &vec!["a"; 1 << 13]), None);
    }
}
