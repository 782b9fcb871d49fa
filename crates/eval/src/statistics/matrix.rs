//! Counts of documents, laid out for weighted sums over documents.

use std::ops::Range;

/// One row for each document, one column for each number that documents contribute.
pub(crate) struct Matrix {
    columns: Vec<Column>,
    documents: usize,
}

enum Column {
    /// Small whole numbers, which the processor multiplies eight at a time.
    Counts(Vec<i16>),
    /// Any numbers.
    Numbers(Vec<f64>),
    /// Where most documents have nothing: documents in order, and their numbers.
    Sparse(Vec<(u32, f64)>),
}

/// What a column will hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape {
    /// How many numbers are not zero.
    pub(crate) filled: usize,
    /// Whether all are whole and small.
    pub(crate) has_others: bool,
}

impl Shape {
    /// Takes note of a number.
    pub(crate) fn add(&mut self, number: f64) {
        self.filled += usize::from(number != 0.0);
        self.has_others |= !(0.0..=COUNT_MAX).contains(&number) || number.fract() != 0.0;
    }
}

/// Sums over [`COUNTS_AT_ONCE`] counts, each drawn a few times, are far below 2^31.
const COUNT_MAX: f64 = 4095.0;
const COUNTS_AT_ONCE: usize = 1 << 15;
/// A column that has a number for fewer than one document in so many is sparse.
const SPARSE: usize = 16;

impl Matrix {
    /// Nothing but zeros, with room for what the columns will hold.
    pub(crate) fn new(documents: usize, shapes: &[Shape]) -> Matrix {
        let column = |shape: &Shape| match shape {
            shape if shape.filled * SPARSE < documents => {
                Column::Sparse(Vec::with_capacity(shape.filled))
            }
            shape if shape.has_others => Column::Numbers(vec![0.0; documents]),
            _ => Column::Counts(vec![0; documents]),
        };
        Matrix { columns: shapes.iter().map(column).collect(), documents }
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
        match &mut self.columns[column as usize] {
            Column::Counts(counts) => counts[document] = number as i16,
            Column::Numbers(numbers) => numbers[document] = number,
            Column::Sparse(pairs) if number != 0.0 => pairs.push((document as u32, number)),
            Column::Sparse(_) => {}
        }
    }

    pub(crate) fn documents(&self) -> usize {
        self.documents
    }

    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The sum of each column.
    pub(crate) fn total(&self) -> Vec<f64> {
        self.weighted(&vec![1; self.documents])
    }

    /// The sum of each column, every document taken so many times.
    pub(crate) fn weighted(&self, times: &[i16]) -> Vec<f64> {
        let has_numbers = self.columns.iter().any(|column| matches!(column, Column::Numbers(_)));
        let exact: Vec<f64> = match has_numbers {
            true => times.iter().copied().map(f64::from).collect(),
            false => Vec::new(),
        };
        let sum = |column: &Column| match column {
            Column::Counts(counts) => sum_of_counts(times, counts) as f64,
            Column::Numbers(numbers) => sum_of_numbers(&exact, numbers),
            Column::Sparse(pairs) => {
                let terms =
                    pairs.iter().map(|(at, number)| f64::from(times[*at as usize]) * number);
                terms.sum()
            }
        };
        self.columns.iter().map(sum).collect()
    }

    /// Some documents as rows, one after the other.
    pub(crate) fn rows(&self, documents: Range<usize>) -> Vec<f64> {
        let width = self.width();
        let mut rows = vec![0.0; width * documents.len()];
        let start = documents.start;
        for (at, column) in self.columns.iter().enumerate() {
            let mut set = |document: usize, number| rows[(document - start) * width + at] = number;
            match column {
                Column::Counts(counts) => {
                    documents
                        .clone()
                        .for_each(|document| set(document, f64::from(counts[document])));
                }
                Column::Numbers(numbers) => {
                    documents.clone().for_each(|document| set(document, numbers[document]));
                }
                Column::Sparse(pairs) => {
                    let from = pairs.partition_point(|(document, _)| (*document as usize) < start);
                    let pairs = pairs[from..].iter().map(|(at, number)| (*at as usize, *number));
                    let here = pairs.take_while(|(document, _)| *document < documents.end);
                    here.for_each(|(document, number)| set(document, number));
                }
            }
        }
        rows
    }
}

fn sum_of_counts(times: &[i16], counts: &[i16]) -> i64 {
    let block = |(times, counts): (&[i16], &[i16])| {
        let products = times.iter().zip(counts).map(|(a, b)| i32::from(*a) * i32::from(*b));
        i64::from(products.sum::<i32>())
    };
    times.chunks(COUNTS_AT_ONCE).zip(counts.chunks(COUNTS_AT_ONCE)).map(block).sum()
}

/// Eight sums side by side, so that no addition waits for the one before.
fn sum_of_numbers(times: &[f64], numbers: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (times, numbers) = (times.chunks_exact(8), numbers.chunks_exact(8));
    let rest = times.remainder().iter().zip(numbers.remainder());
    let rest: f64 = rest.map(|(times, number)| times * number).sum();
    for (times, numbers) in times.zip(numbers) {
        for lane in 0..8 {
            sums[lane] += times[lane] * numbers[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_column_adds_up() {
        // Counts, fractions, large numbers, and a column that is nearly empty.
        let row = |document: usize| {
            let number = document as f64;
            [number % 7.0, number / 8.0, 1e6 * number, if document == 40 { 3.0 } else { 0.0 }]
        };
        let cells: Vec<f64> = (0..101).flat_map(row).collect();
        let matrix = Matrix::from_rows(&cells, 4);
        assert_eq!((matrix.documents(), matrix.width()), (101, 4));
        assert_eq!(matrix.rows(0..101), cells);
        assert_eq!(matrix.rows(39..42), cells[4 * 39..4 * 42]);
        let times: Vec<i16> = (0..101).map(|document| document % 3).collect();
        let expected = |column: usize| -> f64 {
            let terms = times.iter().enumerate();
            terms.map(|(document, times)| f64::from(*times) * row(document)[column]).sum()
        };
        assert_eq!(matrix.weighted(&times), [0, 1, 2, 3].map(expected));
        assert_eq!(matrix.total()[0], (0..101).map(|document| row(document)[0]).sum::<f64>());
    }

    #[test]
    fn no_documents_and_no_columns() {
        assert_eq!(Matrix::from_rows(&[], 2).total(), [0.0, 0.0]);
        assert_eq!(Matrix::from_rows(&[], 0).documents(), 0);
    }
}
