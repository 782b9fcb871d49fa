//! What changes of the texts cost an extractor.

use ere_eval::record::{Perturbed, Record, track_name};
use ere_eval::{Difference, Resampling};
use ere_runner::Outcome;
use ere_synth::perturb::Perturbation;

use crate::print;

/// One extractor on one kind of change, beside itself on the texts as they are.
pub(crate) fn compare(
    plain: &Outcome,
    changed: &Outcome,
    kind: Perturbation,
    resampling: Option<Resampling>,
) -> Perturbed {
    let of_view = |view| plain.tallies.difference(&changed.tallies, view, resampling);
    Perturbed {
        perturbation: kind.name().to_owned(),
        relation: of_view("relation.anchored"),
        mention: of_view("mention.strict"),
    }
}

/// A row for each change: the F1 after it, and what it differs by, with the interval of that.
pub(crate) fn table(records: &[Record]) -> String {
    let after = |difference: Option<Difference>| {
        difference.map_or_else(String::new, |found| format!("{:.4}", found.second))
    };
    let change = |difference: Option<Difference>| match difference {
        None => String::new(),
        Some(Difference { difference, interval: None, .. }) => format!("{difference:+.4}"),
        Some(Difference { difference, interval: Some(interval), .. }) => {
            format!("{difference:+.4} [{:+.4}, {:+.4}]", interval.low, interval.high)
        }
    };
    let row = |(record, found): (&Record, &Perturbed)| {
        vec![
            record.extractor.name.clone(),
            track_name(record.track).to_owned(),
            found.perturbation.clone(),
            after(found.relation),
            change(found.relation),
            after(found.mention),
            change(found.mention),
        ]
    };
    let header =
        ["extractor", "track", "texts", "relation F1", "difference", "mention F1", "difference"];
    let found =
        records.iter().flat_map(|record| record.perturbations.iter().map(move |p| (record, p)));
    print::table(&header, 3, &found.map(row).collect::<Vec<_>>())
}
