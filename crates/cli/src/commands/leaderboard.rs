use std::path::Path;

use anyhow::bail;
use ere_eval::record::{self, Record};

use super::attach::write;
use crate::args::Leaderboard;
use crate::exit::Done;

/// The file that a leaderboard is written to, unless another is named.
pub(crate) const FILE: &str = "leaderboard.csv";

pub(crate) fn run(args: &Leaderboard) -> anyhow::Result<Done> {
    let records = records(&args.folder)?;
    if records.is_empty() {
        bail!(
            "{}: holds no record; make some with `erebench run`, or name the folder that holds them",
            args.folder.display()
        );
    }
    let output = args.output.clone().unwrap_or_else(|| args.folder.join(FILE));
    write_board(&records, &output)?;
    Ok(Done::Ok)
}

/// Every record under a folder.
pub(crate) fn records(folder: &Path) -> anyhow::Result<Vec<Record>> {
    let paths = record::find(folder)?;
    Ok(paths.iter().map(|path| record::read(path)).collect::<Result<_, _>>()?)
}

/// Writes the leaderboard of records as CSV.
pub(crate) fn write_board(records: &[Record], output: &Path) -> anyhow::Result<()> {
    let csv = ere_leaderboard::leaderboard(records)?.csv()?;
    write(output, csv.as_bytes())
}
