//! Leaderboards: one row a record, as CSV.
//!
//! [`leaderboard`] sorts records into groups of comparable runs and ranks each group by the primary
//! F1. [`Leaderboard::csv`] is the table; [`columns`] says what each column means.
//!
//! ```
//! let board = ere_leaderboard::leaderboard(&[])?;
//! let csv = board.csv()?;
//! let header = csv.lines().next().unwrap_or_default();
//! assert_eq!(header.split(',').count(), ere_leaderboard::columns().count());
//! # Ok::<(), ere_leaderboard::Error>(())
//! ```

mod column;
mod entry;

use std::fmt;

use ere_eval::record::Record;
use polars::prelude::{
    Column as Series, CsvWriter, DataFrame, NamedFrom as _, PolarsError, SerWriter as _,
    Series as Values, SortMultipleOptions,
};

use crate::column::{COLUMNS, Value};
use crate::entry::Entry;

/// A table of records in the order of their ranks.
#[derive(Clone, Debug)]
pub struct Leaderboard {
    frame: DataFrame,
}

/// The table could not be built or written.
#[derive(Debug)]
pub struct Error(PolarsError);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the leaderboard could not be made: {}", self.0)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl From<PolarsError> for Error {
    fn from(error: PolarsError) -> Error {
        Error(error)
    }
}

/// Name and meaning of each column, in order.
pub fn columns() -> impl ExactSizeIterator<Item = (&'static str, &'static str)> {
    COLUMNS.iter().map(|column| (column.name, column.meaning))
}

/// Ranks records. Runs are ranked against each other only where the comparable part of their primary
/// signature is the same (data, track, ontology, policies) and they may be ranked: noise and invalid
/// runs have a row and no rank. Rows are ordered by data set, split, track and signature, then ranked
/// ones first, then by primary F1 from the best down, then by name. The order of `records` does not
/// matter, and a record given twice is one row.
///
/// # Errors
/// None that an input can cause; the table library's own.
pub fn leaderboard(records: &[Record]) -> Result<Leaderboard, Error> {
    let mut entries: Vec<Entry<'_>> = records.iter().map(Entry::of).collect();
    // Records of one id differ in what does not determine the result: the machine, the speed.
    let content = |entry: &Entry<'_>| format!("{:?}", entry.record);
    entries.sort_by(|a, b| a.record.id.cmp(&b.record.id).then_with(|| content(a).cmp(&content(b))));
    entries.dedup_by(|a, b| a.record == b.record);
    let mut frame = frame(&entries)?;
    frame.sort_in_place(ORDER, order())?;
    let ranks = ranks(&frame)?;
    frame.with_column(ranks)?;
    Ok(Leaderboard { frame: frame.select(COLUMNS.iter().map(|column| column.name))? })
}

impl Leaderboard {
    /// The table as CSV with a header; undefined values are empty cells.
    ///
    /// # Errors
    /// None that an input can cause; the table library's own.
    pub fn csv(&self) -> Result<String, Error> {
        let mut bytes = Vec::new();
        CsvWriter::new(&mut bytes).finish(&mut self.frame.clone())?;
        Ok(String::from_utf8(bytes).expect("names and numbers are UTF-8"))
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Rows with the same key are ranked against each other. Not a column of the result.
const GROUP: &str = "group";
/// Whether a row may have a rank. Not a column of the result.
const UNRANKED: &str = "unranked";
const ORDER: [&str; 8] =
    ["dataset", "split", "track", GROUP, UNRANKED, "relation_f1", "extractor", "record"];

fn order() -> SortMultipleOptions {
    let best_first = ORDER.map(|column| column == "relation_f1");
    SortMultipleOptions::default()
        .with_order_descending_multi(best_first)
        .with_nulls_last(true)
        .with_maintain_order(true)
}

fn frame(entries: &[Entry<'_>]) -> Result<DataFrame, Error> {
    let mut series: Vec<Series> = COLUMNS
        .iter()
        .filter(|column| column.name != "rank")
        .map(|column| {
            let values: Vec<Value> = entries.iter().map(column.value).collect();
            series(column.name, values)
        })
        .collect();
    let groups: Vec<String> = entries.iter().map(Entry::group).collect();
    let unranked: Vec<bool> = entries.iter().map(|entry| !entry.is_ranked()).collect();
    series.push(Values::new(GROUP.into(), groups).into());
    series.push(Values::new(UNRANKED.into(), unranked).into());
    Ok(DataFrame::new_infer_height(series)?)
}

fn series(name: &str, values: Vec<Value>) -> Series {
    let is_text = |value: &Value| matches!(value, Value::Text(_));
    let is_count = |value: &Value| matches!(value, Value::Count(_));
    if values.iter().all(is_text) {
        let texts: Vec<String> = values.into_iter().map(Value::text).collect();
        Values::new(name.into(), texts).into()
    } else if values.iter().all(is_count) {
        let counts: Vec<Option<u64>> = values.into_iter().map(Value::count).collect();
        Values::new(name.into(), counts).into()
    } else {
        let numbers: Vec<Option<f64>> = values.into_iter().map(Value::number).collect();
        Values::new(name.into(), numbers).into()
    }
}

/// Ranks of rows in order: 1, 2, … in each group. Rows of the same F1 share the better rank.
fn ranks(frame: &DataFrame) -> Result<Series, Error> {
    let groups = frame.column(GROUP)?.str()?;
    let unranked = frame.column(UNRANKED)?.bool()?;
    let scores = frame.column("relation_f1")?.cast(&polars::prelude::DataType::Float64)?;
    let scores = scores.f64()?;
    let mut ranks: Vec<Option<u64>> = Vec::with_capacity(frame.height());
    let mut place = 0;
    for row in 0..frame.height() {
        let is_first = row == 0 || groups.get(row) != groups.get(row - 1);
        place = if is_first { 1 } else { place + 1 };
        let ties = !is_first && scores.get(row) == scores.get(row - 1);
        let rank = if ties { ranks[row - 1] } else { Some(place) };
        let is_ranked = unranked.get(row) == Some(false) && scores.get(row).is_some();
        ranks.push(rank.filter(|_| is_ranked));
    }
    Ok(Values::new("rank".into(), ranks).into())
}
