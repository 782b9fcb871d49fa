//! One-to-one assignments of greatest total weight, solved component by component.

/// A possible pair: a row, a column, and what pairing them is worth (above 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Row.
    pub row: u32,
    /// Column.
    pub column: u32,
    /// Worth; integers, so that sums are exact. Sums must stay below 2^62.
    pub weight: i64,
}

/// Components with more rows or columns than this are paired greedily, heaviest edge first: the
/// exact solution is cubic, and input that reaches this size is no annotation but an attack.
pub const EXACT_SIZE: usize = 1500;

/// For each row, the column it is paired with, such that the total weight is as great as possible.
///
/// Rows and columns that no path of edges connects are solved apart, each component by shortest
/// augmenting paths (Jonker and Volgenant 1987), in time cubic in the component. The result depends
/// on the order of rows and columns only where several assignments have the same total.
///
/// ```
/// use ere_eval::matching::{Edge, assign};
/// let edge = |row, column, weight| Edge { row, column, weight };
/// // The heaviest edge alone would leave row 1 with nothing.
/// let pairs = assign(2, 2, &[edge(0, 0, 5), edge(0, 1, 4), edge(1, 0, 3)]);
/// assert_eq!(pairs, [Some(1), Some(0)]);
/// ```
pub fn assign(rows: usize, columns: usize, edges: &[Edge]) -> Vec<Option<u32>> {
    let mut result = vec![None; rows];
    let edges = &pair_the_lonely(rows, columns, edges, &mut result);
    if edges.is_empty() {
        return result;
    }
    let mut sets = Components::new(rows + columns);
    for edge in edges {
        sets.join(edge.row as usize, rows + edge.column as usize);
    }
    let mut order: Vec<(u32, u32)> = edges
        .iter()
        .enumerate()
        .map(|(position, edge)| (sets.root(edge.row as usize) as u32, position as u32))
        .collect();
    order.sort_unstable();
    let mut component = Vec::new();
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        component.clear();
        component.extend(group.iter().map(|(_, position)| edges[*position as usize]));
        solve(&component, &mut result);
    }
    result
}

/// Pairs rows and columns that have one edge each, to each other; returns the other edges.
fn pair_the_lonely(
    rows: usize,
    columns: usize,
    edges: &[Edge],
    result: &mut [Option<u32>],
) -> Vec<Edge> {
    let mut degrees = vec![0u32; rows + columns];
    for edge in edges {
        degrees[edge.row as usize] += 1;
        degrees[rows + edge.column as usize] += 1;
    }
    let is_lonely =
        |edge: &Edge| degrees[edge.row as usize] == 1 && degrees[rows + edge.column as usize] == 1;
    let mut others = Vec::new();
    for edge in edges {
        if is_lonely(edge) {
            result[edge.row as usize] = Some(edge.column);
        } else {
            others.push(*edge);
        }
    }
    others
}

fn solve(edges: &[Edge], result: &mut [Option<u32>]) {
    if let [edge] = edges {
        result[edge.row as usize] = Some(edge.column);
        return;
    }
    let rows = distinct(edges.iter().map(|edge| edge.row));
    let columns = distinct(edges.iter().map(|edge| edge.column));
    if rows.len().max(columns.len()) > EXACT_SIZE {
        return solve_greedily(edges, &columns, result);
    }
    let position = |list: &[u32], value: u32| {
        list.binary_search(&value).expect("the list was made from the same edges")
    };
    let turned = rows.len() > columns.len();
    let (height, width) =
        if turned { (columns.len(), rows.len()) } else { (rows.len(), columns.len()) };
    let mut weights = vec![0i64; height * width];
    for edge in edges {
        let (row, column) = (position(&rows, edge.row), position(&columns, edge.column));
        let cell = if turned { column * width + row } else { row * width + column };
        weights[cell] = weights[cell].max(edge.weight);
    }
    for (short, long) in shortest_augmenting_paths(&weights, height, width) {
        // A pair of weight 0 is no edge: both stay alone.
        if weights[short * width + long] > 0 {
            let (row, column) = if turned { (long, short) } else { (short, long) };
            result[rows[row] as usize] = Some(columns[column]);
        }
    }
}

fn solve_greedily(edges: &[Edge], columns: &[u32], result: &mut [Option<u32>]) {
    let mut edges = edges.to_vec();
    edges.sort_unstable_by_key(|edge| (-edge.weight, edge.row, edge.column));
    let mut taken = vec![false; columns.len()];
    for edge in edges {
        let column = columns.binary_search(&edge.column).expect("made from the same edges");
        if result[edge.row as usize].is_none() && !taken[column] {
            result[edge.row as usize] = Some(edge.column);
            taken[column] = true;
        }
    }
}

fn distinct(values: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut values: Vec<u32> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Pairs every row of a dense matrix with a column of its own for the greatest total;
/// `height <= width`.
fn shortest_augmenting_paths(
    weights: &[i64],
    height: usize,
    width: usize,
) -> impl Iterator<Item = (usize, usize)> {
    const FREE: usize = usize::MAX;
    let mut row_potential = vec![0i64; height + 1];
    let mut column_potential = vec![0i64; width + 1];
    // Column 0 stands for the row that is being placed; real rows and columns count from 1.
    let mut row_of = vec![FREE; width + 1];
    let mut previous = vec![0usize; width + 1];
    let mut distance = vec![0i64; width + 1];
    let mut done = vec![false; width + 1];
    for row in 1..=height {
        row_of[0] = row;
        distance.fill(i64::MAX);
        done.fill(false);
        let mut column = 0;
        loop {
            done[column] = true;
            let from = row_of[column];
            let (mut step, mut next) = (i64::MAX, 0);
            for candidate in 1..=width {
                if done[candidate] {
                    continue;
                }
                let cost = -weights[(from - 1) * width + candidate - 1];
                let reduced = cost - row_potential[from] - column_potential[candidate];
                if reduced < distance[candidate] {
                    distance[candidate] = reduced;
                    previous[candidate] = column;
                }
                if distance[candidate] < step {
                    (step, next) = (distance[candidate], candidate);
                }
            }
            for candidate in 0..=width {
                if done[candidate] {
                    row_potential[row_of[candidate]] += step;
                    column_potential[candidate] -= step;
                } else if distance[candidate] != i64::MAX {
                    distance[candidate] -= step;
                }
            }
            column = next;
            if row_of[column] == FREE {
                break;
            }
        }
        while column != 0 {
            let before = previous[column];
            row_of[column] = row_of[before];
            column = before;
        }
    }
    row_of
        .into_iter()
        .enumerate()
        .skip(1)
        .filter(|(_, row)| *row != FREE)
        .map(|(column, row)| (row - 1, column - 1))
}

struct Components {
    parent: Vec<u32>,
}

impl Components {
    fn new(size: usize) -> Components {
        Components { parent: (0..size as u32).collect() }
    }

    fn root(&mut self, mut item: usize) -> usize {
        while self.parent[item] as usize != item {
            let above = self.parent[item] as usize;
            self.parent[item] = self.parent[above];
            item = above;
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b) as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn total(edges: &[Edge], pairs: &[Option<u32>]) -> i64 {
        let weight = |row: u32, column: u32| {
            let same = edges.iter().filter(|edge| (edge.row, edge.column) == (row, column));
            same.map(|edge| edge.weight).max().expect("only edges are paired")
        };
        let paired = pairs.iter().enumerate().filter_map(|(row, c)| c.map(|c| (row as u32, c)));
        paired.map(|(row, column)| weight(row, column)).sum()
    }

    /// The best total over all matchings, by trying them all.
    fn brute_force(edges: &[Edge], row: u32, rows: u32, taken: u32) -> i64 {
        if row == rows {
            return 0;
        }
        let alone = brute_force(edges, row + 1, rows, taken);
        let of_row = edges.iter().filter(|edge| edge.row == row && taken & (1 << edge.column) == 0);
        of_row
            .map(|e| e.weight + brute_force(edges, row + 1, rows, taken | 1 << e.column))
            .fold(alone, i64::max)
    }

    proptest! {
        #[test]
        fn agrees_with_all_matchings_of_up_to_six_items(
            cells in proptest::collection::vec((0u32..6, 0u32..6, 1i64..9), 0..20)
        ) {
            let edges: Vec<Edge> =
                cells.into_iter().map(|(row, column, weight)| Edge { row, column, weight }).collect();
            let pairs = assign(6, 6, &edges);
            let mut columns: Vec<u32> = pairs.iter().flatten().copied().collect();
            columns.sort_unstable();
            prop_assert!(columns.windows(2).all(|pair| pair[0] != pair[1]));
            prop_assert_eq!(total(&edges, &pairs), brute_force(&edges, 0, 6, 0));
        }
    }

    #[test]
    fn a_component_too_large_for_the_exact_solution_is_paired_greedily() {
        let size = EXACT_SIZE as u32 + 1;
        let chain = |row: u32| {
            let edge = move |column, weight| Edge { row, column, weight };
            [edge(row, 2), edge((row + 1) % size, 1)]
        };
        let edges: Vec<Edge> = (0..size).flat_map(chain).collect();
        let pairs = assign(size as usize, size as usize, &edges);
        assert!(pairs.iter().enumerate().all(|(row, column)| *column == Some(row as u32)));
    }
}
