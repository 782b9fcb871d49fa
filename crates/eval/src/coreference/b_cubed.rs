//! B-cubed (Bagga and Baldwin 1998).

use super::{Contingency, sum};
use crate::tally::Tally;

/// For each place, the share of its predicted entity that is in its gold entity (precision) and the
/// share of its gold entity that is in its predicted one (recall), summed over places. Places that
/// one side alone has earn nothing and count in that side's denominator.
pub(crate) fn tally(table: &Contingency) -> Tally {
    let mut tally = Tally {
        precision_denominator: sum(&table.pred_sizes),
        recall_denominator: sum(&table.gold_sizes),
        ..Tally::default()
    };
    for cell in &table.cells {
        let square = f64::from(cell.shared) * f64::from(cell.shared);
        tally.precision_numerator += square / f64::from(table.pred_size(cell));
        tally.recall_numerator += square / f64::from(table.gold_size(cell));
    }
    tally
}
