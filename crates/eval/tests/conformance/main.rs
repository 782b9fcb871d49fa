//! Equal to the reference scorers: every recorded figure of every corpus is computed here again.
//!
//! Corpora are folders of gold, predictions and the figures that the real scorers printed for them.
//! They are read from the folder that `EREBENCH_ORACLE` names, or from the copy in
//! `testdata/oracle`. A recorded setting of a scorer on the list that nothing here computes is a
//! failure, in any folder, known or new. `docs/conformance.md` says what is compared and what is not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod coreference;
mod corpus;
mod figures;
mod labels;
mod mentions;
mod relations;

use std::collections::BTreeMap;

use crate::corpus::{Corpus, Entry};
use crate::figures::Figures;

/// One group of scorers: the figures for a recorded setting, or `None` where it is not of the group.
type Group = fn(&Corpus, &Entry) -> Option<Figures>;

const GROUPS: [Group; 4] =
    [mentions::figures, relations::figures, coreference::figures, labels::figures];

/// Scorers whose figures are not reproduced, each with the reason (docs/conformance.md).
fn is_left_out(entry: &Entry) -> bool {
    let scorer = entry.scorer.as_str();
    scorer.starts_with("brateval")
        || scorer.starts_with("DyGIE++")
        || (scorer == "nervaluate" && entry.version.as_deref() == Some("0.2.0"))
}

#[test]
fn every_recorded_figure_is_computed_again() {
    let mut compared: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    let corpora = corpus::all();
    assert!(!corpora.is_empty(), "no corpus was found");
    for corpus in &corpora {
        for entry in corpus.entries.iter().filter(|entry| !is_left_out(entry)) {
            let place = format!("{}: {} {}", corpus.name, entry.scorer, entry.settings);
            match GROUPS.iter().find_map(|group| group(corpus, entry)) {
                None => failures.push(format!("{place}: nothing computes this")),
                Some(figures) => {
                    let (count, wrong) = figures.compare(entry);
                    *compared.entry(entry.scorer.clone()).or_default() += count;
                    failures.extend(wrong.into_iter().map(|message| format!("{place}: {message}")));
                }
            }
        }
    }
    for (scorer, count) in &compared {
        println!("{count:>8}  {scorer}");
    }
    println!("{:>8}  figures of {} corpora", compared.values().sum::<usize>(), corpora.len());
    let shown: Vec<&String> = failures.iter().take(40).collect();
    assert!(failures.is_empty(), "{} failures, the first are {shown:#?}", failures.len());
}
