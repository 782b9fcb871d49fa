//! Krippendorff's alpha for unitising, of one type of units on one continuum and two annotators.

/// A stretch of the continuum: where it begins, and how long it is.
type Unit = (u32, u32);

/// Observed and expected disagreement, to be summed over types and documents: alpha is
/// 1 − observed / expected.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Disagreement {
    pub(crate) observed: f64,
    pub(crate) expected: f64,
}

/// Disagreement of two annotators about the units of one type on a continuum of `length` (Krippendorff
/// 2004, Content Analysis, 2nd edition, section 11.6). The units of each are sorted and do not overlap.
/// Linear in units and gaps for what is observed; units times gaps for what is expected.
pub(crate) fn disagreement(a: &[Unit], b: &[Unit], length: u32) -> Disagreement {
    let count = a.len() + b.len();
    if count == 0 || length == 0 {
        return Disagreement::default();
    }
    let (a, b) = (segments(a, length), segments(b, length));
    let continuum = f64::from(length);
    Disagreement {
        observed: observed(&a, &b) / (continuum * continuum),
        expected: expected(&a, &b, count, continuum),
    }
}

#[derive(Clone, Copy)]
struct Segment {
    start: f64,
    length: f64,
    is_unit: bool,
}

impl Segment {
    fn end(&self) -> f64 {
        self.start + self.length
    }
}

/// The units and the gaps between them, which cover the continuum.
fn segments(units: &[Unit], length: u32) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(2 * units.len() + 1);
    let mut at = 0;
    let segment = |start: u32, end: u32, is_unit| Segment {
        start: f64::from(start),
        length: f64::from(end - start),
        is_unit,
    };
    for &(start, size) in units {
        if start > at {
            segments.push(segment(at, start, false));
        }
        segments.push(segment(start, start + size, true));
        at = start + size;
    }
    if at < length {
        segments.push(segment(at, length, false));
    }
    segments
}

/// The sum of squared differences over all pairs of segments that meet.
fn observed(a: &[Segment], b: &[Segment]) -> f64 {
    let mut sum = 0.0;
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        sum += difference(&a[i], &b[j]);
        let (end_a, end_b) = (a[i].end(), b[j].end());
        i += usize::from(end_a <= end_b);
        j += usize::from(end_b <= end_a);
    }
    sum
}

/// Two units that overlap differ by their ends; a unit that lies in a gap differs by its length.
fn difference(a: &Segment, b: &Segment) -> f64 {
    let within =
        |inner: &Segment, outer: &Segment| outer.start <= inner.start && inner.end() <= outer.end();
    match (a.is_unit, b.is_unit) {
        (true, true) => (a.start - b.start).powi(2) + (a.end() - b.end()).powi(2),
        (true, false) if within(a, b) => a.length.powi(2),
        (false, true) if within(b, a) => b.length.powi(2),
        _ => 0.0,
    }
}

/// What units of these lengths would differ by if they were put anywhere.
fn expected(a: &[Segment], b: &[Segment], count: usize, continuum: f64) -> f64 {
    const ANNOTATORS: f64 = 2.0;
    let all = || a.iter().chain(b);
    let (mut sum, mut pairs_within) = (0.0, 0.0);
    for unit in all().filter(|segment| segment.is_unit) {
        let l = unit.length;
        let among_units = (count - 1) as f64 / 3.0 * (2.0 * l.powi(3) - 3.0 * l.powi(2) + l);
        let places: f64 = all()
            .filter(|segment| !segment.is_unit && segment.length >= l)
            .map(|gap| gap.length - l + 1.0)
            .sum();
        sum += among_units + l.powi(2) * places;
        pairs_within += l * (l - 1.0);
    }
    let total = ANNOTATORS * continuum;
    let pairs = total * (total - 1.0) - pairs_within;
    if pairs > 0.0 { 2.0 / continuum * sum / pairs } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Krippendorff 2004, page 254: two observers, a continuum of 300 from 150 on, types c and k.
    #[test]
    fn the_example_of_the_book() {
        let at = |start: u32, length: u32| (start - 150, length);
        let c = disagreement(
            &[at(225, 70), at(370, 30)],
            &[at(220, 80), at(355, 20), at(400, 20)],
            300,
        );
        assert!((c.observed - 0.0144).abs() < 5e-5, "{c:?}");
        assert!((c.expected - 0.0532).abs() < 5e-5, "{c:?}");
        assert!((1.0 - c.observed / c.expected - 0.7286).abs() < 5e-5, "{c:?}");
        let units = [at(180, 60), at(300, 50)];
        let k = disagreement(&units, &units, 300);
        assert_eq!(k.observed, 0.0);
        assert!((k.expected - 0.0490).abs() < 5e-5, "{k:?}");
        let alpha = 1.0 - (c.observed + k.observed) / (c.expected + k.expected);
        // The book sums rounded figures.
        assert!((alpha - 0.8591).abs() < 5e-4, "{alpha}");
    }

    #[test]
    fn nothing_marked_is_nothing_to_disagree_on() {
        assert_eq!(disagreement(&[], &[], 100), Disagreement::default());
        assert_eq!(disagreement(&[], &[], 0), Disagreement::default());
    }
}
