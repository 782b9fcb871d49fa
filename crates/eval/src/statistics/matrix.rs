//! Counts of documents, laid out for weighted sums over documents.

use std::ops::{AddAssign, Range};

/// One row for each document, one column for each number that documents contribute.
///
/// Columns of a kind lie side by side, [`SMALL`], [`COUNTS`] or [`NUMBERS`] of them: to take a document
/// once more is to add so many neighbouring numbers, which the processor does a register at a time. A
/// weight is never multiplied: a document that was drawn three times is added three times, since most
/// are drawn once or not at all.
pub(crate) struct Matrix {
    documents: usize,
    places: Vec<Place>,
    small: Lanes<u8, SMALL>,
    /// How many documents can be added before a lane may run over.
    small_at_once: usize,
    counts: Lanes<u16, COUNTS>,
    counts_at_once: usize,
    numbers: Lanes<f64, NUMBERS>,
    /// Where most documents have nothing: documents in order, and their numbers.
    sparse: Vec<Vec<(u32, f64)>>,
}

/// Where a column is: its number among those of its kind.
#[derive(Clone, Copy)]
enum Place {
    /// Whole numbers up to [`SMALL_MAX`].
    Small(usize),
    /// Whole numbers up to [`COUNT_MAX`].
    Counts(usize),
    /// Any numbers.
    Numbers(usize),
    Sparse(usize),
}

/// What a column will hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape {
    /// How many numbers are not zero.
    filled: usize,
    /// The greatest.
    max: f64,
    /// Whether some are not whole, or below zero.
    has_others: bool,
}

impl Shape {
    /// Takes note of a number.
    pub(crate) fn add(&mut self, number: f64) {
        self.filled += usize::from(number != 0.0);
        self.max = self.max.max(number);
        self.has_others |= number < 0.0 || number.fract() != 0.0;
    }
}

const SMALL: usize = 64;
const COUNTS: usize = 32;
const NUMBERS: usize = 8;
/// So small that many documents fit into one byte before it runs over.
const SMALL_MAX: f64 = 7.0;
const COUNT_MAX: f64 = 4095.0;
/// A column that has a number for fewer than one document in so many is sparse.
const SPARSE: usize = 16;

/// Hardly any document is taken more often than this.
const COPIES: usize = 4;

/// How often each document is taken.
pub(crate) struct Weights {
    times: Vec<u32>,
    /// The documents in order, each as often as it is taken.
    taken: Vec<u32>,
}

impl Weights {
    pub(crate) fn new(times: Vec<u32>) -> Weights {
        let total = times.iter().sum::<u32>() as usize;
        // How often a document is taken cannot be foreseen, so no branch hangs on it: a few places are
        // written for each document, and those that it does not need are written over by the next.
        let mut taken = vec![0; total + COPIES];
        let mut end = 0;
        for (document, &times) in times.iter().enumerate() {
            let (document, times) = (document as u32, times as usize);
            if times > COPIES {
                taken[end..end + times].fill(document);
            } else {
                taken[end..end + COPIES].fill(document);
            }
            end += times;
        }
        taken.truncate(total);
        Weights { times, taken }
    }

    /// Every document once.
    pub(crate) fn once(documents: usize) -> Weights {
        Weights::new(vec![1; documents])
    }
}

impl Matrix {
    /// Nothing but zeros, with room for what the columns will hold.
    pub(crate) fn new(documents: usize, shapes: &[Shape]) -> Matrix {
        let [mut small, mut counts, mut numbers, mut sparse] = [0; 4];
        let next = |count: &mut usize| {
            *count += 1;
            *count - 1
        };
        let place = |shape: &Shape| match shape {
            shape if shape.filled * SPARSE < documents => Place::Sparse(next(&mut sparse)),
            shape if shape.has_others || shape.max > COUNT_MAX => {
                Place::Numbers(next(&mut numbers))
            }
            shape if shape.max > SMALL_MAX => Place::Counts(next(&mut counts)),
            _ => Place::Small(next(&mut small)),
        };
        let places: Vec<Place> = shapes.iter().map(place).collect();
        let greatest = |wanted: fn(&Place) -> bool| {
            let kind = places.iter().zip(shapes).filter(|(place, _)| wanted(place));
            kind.map(|(_, shape)| shape.max as usize).max().unwrap_or(1).max(1)
        };
        let small_max = greatest(|place| matches!(place, Place::Small(_)));
        let counts_max = greatest(|place| matches!(place, Place::Counts(_)));
        Matrix {
            documents,
            places,
            small: Lanes::new(documents, small),
            small_at_once: usize::from(u8::MAX) / small_max,
            counts: Lanes::new(documents, counts),
            counts_at_once: usize::from(u16::MAX) / counts_max,
            numbers: Lanes::new(documents, numbers),
            sparse: vec![Vec::new(); sparse],
        }
    }

    /// From rows of `width` numbers.
    pub(crate) fn from_rows(cells: &[f64], width: usize) -> Matrix {
        let rows = || cells.chunks_exact(width.max(1));
        let mut shapes = vec![Shape::default(); width];
        for row in rows() {
            shapes.iter_mut().zip(row).for_each(|(shape, number)| shape.add(*number));
        }
        let mut matrix = Matrix::new(rows().len(), &shapes);
        for (document, row) in rows().enumerate() {
            for (column, number) in row.iter().enumerate() {
                matrix.set(document, column as u32, *number);
            }
        }
        matrix
    }

    /// Sets a number. Documents come in order.
    pub(crate) fn set(&mut self, document: usize, column: u32, number: f64) {
        match self.places[column as usize] {
            Place::Small(at) => self.small.set(document, at, number as u8),
            Place::Counts(at) => self.counts.set(document, at, number as u16),
            Place::Numbers(at) => self.numbers.set(document, at, number),
            Place::Sparse(at) if number != 0.0 => self.sparse[at].push((document as u32, number)),
            Place::Sparse(_) => {}
        }
    }

    pub(crate) fn documents(&self) -> usize {
        self.documents
    }

    pub(crate) fn width(&self) -> usize {
        self.places.len()
    }

    /// The sum of each column.
    pub(crate) fn total(&self) -> Vec<f64> {
        self.weighted(&Weights::once(self.documents))
    }

    /// The sum of each column, every document taken so many times.
    pub(crate) fn weighted(&self, weights: &Weights) -> Vec<f64> {
        let taken = &weights.taken;
        let small = self.small.sums(taken, self.small_at_once, f64::from);
        let counts = self.counts.sums(taken, self.counts_at_once, f64::from);
        let numbers = self.numbers.sums(taken, usize::MAX, |number| number);
        let sparse = |pairs: &Vec<(u32, f64)>| -> f64 {
            let times = |document: u32| f64::from(weights.times[document as usize]);
            pairs.iter().map(|(document, number)| times(*document) * number).sum()
        };
        let sum = |place: &Place| match *place {
            Place::Small(at) => small[at],
            Place::Counts(at) => counts[at],
            Place::Numbers(at) => numbers[at],
            Place::Sparse(at) => sparse(&self.sparse[at]),
        };
        self.places.iter().map(sum).collect()
    }

    /// Some documents as rows, one after the other.
    pub(crate) fn rows(&self, documents: Range<usize>) -> Vec<f64> {
        let width = self.width();
        let mut rows = vec![0.0; width * documents.len()];
        let start = documents.start;
        for (column, place) in self.places.iter().enumerate() {
            let cell = |document: usize| (document - start) * width + column;
            let all = documents.clone();
            match *place {
                Place::Small(at) => all.for_each(|d| rows[cell(d)] = self.small.get(d, at).into()),
                Place::Counts(at) => {
                    all.for_each(|d| rows[cell(d)] = self.counts.get(d, at).into())
                }
                Place::Numbers(at) => all.for_each(|d| rows[cell(d)] = self.numbers.get(d, at)),
                Place::Sparse(at) => {
                    let pairs = &self.sparse[at];
                    let from = pairs.partition_point(|(document, _)| (*document as usize) < start);
                    let pairs = pairs[from..].iter().map(|(at, number)| (*at as usize, *number));
                    let here = pairs.take_while(|(document, _)| *document < documents.end);
                    here.for_each(|(document, number)| rows[cell(document)] = number);
                }
            }
        }
        rows
    }
}

/// Columns of one kind, `N` side by side.
struct Lanes<T, const N: usize> {
    /// For each `N` columns, their numbers document by document.
    chunks: Vec<Vec<[T; N]>>,
}

impl<T: Copy + Default + AddAssign, const N: usize> Lanes<T, N> {
    fn new(documents: usize, columns: usize) -> Lanes<T, N> {
        Lanes { chunks: vec![vec![[T::default(); N]; documents]; columns.div_ceil(N)] }
    }

    fn set(&mut self, document: usize, column: usize, number: T) {
        self.chunks[column / N][document][column % N] = number;
    }

    fn get(&self, document: usize, column: usize) -> T {
        self.chunks[column / N][document][column % N]
    }

    /// The sums over the documents that are taken, column by column. So many at a time are added in
    /// the numbers' own type.
    fn sums(&self, taken: &[u32], at_once: usize, exact: impl Fn(T) -> f64) -> Vec<f64> {
        let mut sums = Vec::with_capacity(self.chunks.len() * N);
        for chunk in &self.chunks {
            let mut total = [0.0; N];
            for taken in taken.chunks(at_once) {
                let part = sum_of_rows(chunk, taken);
                total.iter_mut().zip(part).for_each(|(total, part)| *total += exact(part));
            }
            sums.extend(total);
        }
        sums
    }
}

fn sum_of_rows<T: Copy + Default + AddAssign, const N: usize>(
    rows: &[[T; N]],
    taken: &[u32],
) -> [T; N] {
    let mut sums = [T::default(); N];
    for document in taken {
        let row = &rows[*document as usize];
        for lane in 0..N {
            sums[lane] += row[lane];
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_column_adds_up() {
        // Small counts, counts, the greatest of both, fractions, large numbers, negative ones, and a column
        // that is nearly empty.
        let row = |document: usize| {
            let number = document as f64;
            let rare = if document == 40 { 3.0 } else { 0.0 };
            let numbers =
                [number % 7.0, number % 50.0, 7.0, 4095.0, number / 8.0, 1e6 * number, -number];
            [&numbers[..], &[rare]].concat()
        };
        let cells: Vec<f64> = (0..301).flat_map(row).collect();
        let matrix = Matrix::from_rows(&cells, 8);
        assert_eq!((matrix.documents(), matrix.width()), (301, 8));
        assert_eq!(matrix.rows(0..301), cells);
        assert_eq!(matrix.rows(39..42), cells[8 * 39..8 * 42]);
        let times: Vec<u32> = (0..301).map(|document| document % 3).collect();
        let expected = |column: usize| -> f64 {
            let terms = times.iter().enumerate();
            terms.map(|(document, times)| f64::from(*times) * row(document)[column]).sum()
        };
        let found = matrix.weighted(&Weights::new(times.clone()));
        assert_eq!(found, [0, 1, 2, 3, 4, 5, 6, 7].map(expected));
        assert_eq!(matrix.total()[0], (0..301).map(|document| row(document)[0]).sum::<f64>());
    }

    #[test]
    fn many_columns_and_many_documents() {
        // More columns than lanes, more documents than a lane can hold of the greatest number.
        let number = |document: usize, column: usize| ((document * 31 + column * 7) % 8) as f64;
        let cells: Vec<f64> = (0..5000)
            .flat_map(|document| (0..150).map(move |column| number(document, column)))
            .collect();
        let matrix = Matrix::from_rows(&cells, 150);
        for (column, total) in matrix.total().into_iter().enumerate() {
            let expected: f64 = (0..5000).map(|document| number(document, column)).sum();
            assert_eq!(total, expected, "{column}");
        }
    }

    #[test]
    fn no_documents_and_no_columns() {
        assert_eq!(Matrix::from_rows(&[], 2).total(), [0.0, 0.0]);
        assert_eq!(Matrix::from_rows(&[], 0).documents(), 0);
    }
}
