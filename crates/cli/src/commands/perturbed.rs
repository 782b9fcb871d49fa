//! What changes of the texts cost an extractor.

use ere_dataset::Given;
use ere_eval::Difference;
use ere_eval::record::track_name;
use ere_runner::Outcome;
use ere_synth::perturb::Perturbation;
use serde::Serialize;

use super::run::resampling;
use crate::args::Scoring;
use crate::print;

/// One extractor on one kind of change, beside itself on the texts as they are.
#[derive(Serialize)]
pub(crate) struct Drop {
    extractor: String,
    track: Given,
    perturbation: &'static str,
    relation: Option<Difference>,
    mention: Option<Difference>,
}

impl Drop {
    pub(crate) fn of(
        plain: &Outcome,
        changed: &Outcome,
        kind: Perturbation,
        scoring: &Scoring,
    ) -> Drop {
        let of_view = |view| plain.tallies.difference(&changed.tallies, view, resampling(scoring));
        Drop {
            extractor: plain.record.extractor.name.clone(),
            track: plain.record.track,
            perturbation: kind.name(),
            relation: of_view("relation.anchored"),
            mention: of_view("mention.strict"),
        }
    }
}

/// A row for each change: the F1 after it, and what it differs by, with the interval of that.
pub(crate) fn table(drops: &[Drop]) -> String {
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
    let row = |drop: &Drop| {
        vec![
            drop.extractor.clone(),
            track_name(drop.track).to_owned(),
            drop.perturbation.to_owned(),
            after(drop.relation),
            change(drop.relation),
            after(drop.mention),
            change(drop.mention),
        ]
    };
    let header =
        ["extractor", "track", "texts", "relation F1", "difference", "mention F1", "difference"];
    print::table(&header, 3, &drops.iter().map(row).collect::<Vec<_>>())
}
