//! Equal to the reference scorers: every recorded figure of every corpus is computed here again.
//!
//! Corpora are folders of gold, predictions and the figures that the real scorers printed for them.
//! They are read from the folder that `EREBENCH_ORACLE` names, or from the copy in
//! `testdata/oracle`. Figures are taken from the rows of the built-in protocols wherever these have
//! them, so that the tallies of documents are proven with the emulations. A recorded setting of a scorer
//! on the list that nothing here computes is a failure, in any folder, known or new.
//! `docs/conformance.md` says what is compared and what is not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod coreference;
mod corpus;
mod figures;
mod labels;
mod mentions;
mod relations;
mod scored;
mod settings;

use std::collections::BTreeMap;

use serde_json::json;

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

/// Figures that were compared for each scorer, those that are known to be bad, and what is wrong.
#[derive(Default)]
struct Report {
    compared: BTreeMap<String, usize>,
    passed_over: BTreeMap<String, usize>,
    failures: Vec<String>,
}

fn check(corpora: &[Corpus]) -> Report {
    let mut report = Report::default();
    for corpus in corpora {
        for entry in corpus.entries.iter().filter(|entry| !is_left_out(entry)) {
            let place = format!("{}: {} {}", corpus.name, entry.scorer, entry.settings);
            let mut fail = |message: String| report.failures.push(format!("{place}: {message}"));
            let unknown = settings::unknown(entry);
            if !unknown.is_empty() {
                unknown.into_iter().for_each(&mut fail);
                continue;
            }
            match GROUPS.iter().find_map(|group| group(corpus, entry)) {
                None => fail("nothing computes this".to_owned()),
                Some(figures) => {
                    let found = figures.compare(entry);
                    found.wrong.into_iter().for_each(&mut fail);
                    *report.compared.entry(entry.scorer.clone()).or_default() += found.compared;
                    *report.passed_over.entry(entry.scorer.clone()).or_default() +=
                        found.passed_over;
                }
            }
        }
    }
    report
}

#[test]
fn every_recorded_figure_is_computed_again() {
    let corpora = corpus::all();
    assert!(!corpora.is_empty(), "no corpus was found");
    let Report { compared, passed_over, failures } = check(&corpora);
    println!("compared passed over");
    for (scorer, count) in &compared {
        println!("{count:>8} {:>11}  {scorer}", passed_over[scorer]);
    }
    let sum = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>();
    println!("{:>8} {:>11}  in {} corpora", sum(&compared), sum(&passed_over), corpora.len());
    let shown: Vec<&String> = failures.iter().take(40).collect();
    assert!(failures.is_empty(), "{} failures, the first are {shown:#?}", failures.len());
}

type Change = fn(&mut Entry);

/// What a folder could bring that was never seen.
#[test]
fn what_is_not_known_fails() {
    let corpus = || corpus::all().into_iter().find(|c| c.name == "hand_perfect").unwrap();
    let report = |change: Change| {
        let mut corpus = corpus();
        corpus.entries.retain(|entry| entry.scorer == "seqeval");
        corpus.entries.truncate(1);
        change(&mut corpus.entries[0]);
        check(&[corpus])
    };
    assert!(report(|_| ()).failures.is_empty());
    assert!(report(|_| ()).compared["seqeval"] > 0);
    let rows: [(&str, Change); 5] = [
        ("nothing computes this", |entry| {
            entry.scorer = "seqeval-2".to_owned();
            entry.settings = json!({});
        }),
        ("its setting beta = 2 is not known", |entry| entry.settings["beta"] = json!(2)),
        ("its setting zero_division = 3 is not known", |entry| {
            entry.settings["zero_division"] = json!(3);
        }),
        ("micro.mcc = 1 is not computed", |entry| {
            entry.figures.as_mut().unwrap()["micro"]["mcc"] = json!(1.0);
        }),
        ("micro.f1 = 0.5, but computed 1", |entry| {
            entry.figures.as_mut().unwrap()["micro"]["f1"] = json!(0.5);
        }),
    ];
    for (expected, change) in rows {
        let failures = report(change).failures;
        assert!(failures.len() == 1 && failures[0].ends_with(expected), "{failures:?}");
    }
}
