//! Rows, ranks and cells of the leaderboard.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;

use ere_dataset::Given;
use ere_eval::record::{
    Coverage, DataIdentity, Environment, ExtractorIdentity, Kind, Latency, Memory, MemoryOf,
    Record, SCHEMA, Speed, Status, Tool,
};
use ere_eval::{Average, Interval, Notes, Score, Slice, Tally, View};
use ere_leaderboard::leaderboard;
use proptest::prelude::*;

/// A record of an extractor with so many true positives, false positives and false negatives.
fn record(name: &str, [tp, fp, r#fn]: [u64; 3]) -> Record {
    let mut record = Record {
        schema: SCHEMA.to_owned(),
        id: String::new(),
        tool: Tool { name: "erebench".to_owned(), version: "0.1.0".to_owned() },
        extractor: ExtractorIdentity {
            name: name.to_owned(),
            version: "1".to_owned(),
            digest: String::new(),
            kind: Kind::Builtin,
            ranked: true,
            label_map: None,
            resolve: Default::default(),
        },
        data: DataIdentity {
            name: "set".to_owned(),
            version: "1".to_owned(),
            split: "test".to_owned(),
            sha256: "00".to_owned(),
            documents: 40,
            text_bytes: 1000,
        },
        ontology: None,
        protocol: "default".to_owned(),
        track: Given::Text,
        resampling: None,
        status: Status::Ok,
        coverage: Coverage { documents: 40, answered: 40, ..Coverage::default() },
        notes: Notes::default(),
        labels: None,
        warnings: Vec::new(),
        scores: Vec::new(),
        perturbations: Vec::new(),
        speed: Some(Speed {
            documents_per_second: 12345.678,
            megabytes_per_second: 0.0012345,
            latency_ms: Latency { p50: Some(1.0), p95: None, p99: None, timings: 40 },
            threads: 2,
            passes: 1,
            warm: true,
        }),
        memory: Memory { peak_bytes: Some(5_000_000), how: MemoryOf::Process },
        environment: Environment::default(),
        files: BTreeMap::new(),
    };
    let tally = Tally::counts(tp, fp, r#fn);
    let mut signature = record.base_signature();
    signature.set("view", "relation.anchored");
    record.scores.push(Score {
        view: View::RelationAnchored,
        slice: Slice::All,
        average: Average::Micro,
        tally,
        precision: tally.precision(),
        recall: tally.recall(),
        f1: tally.f1(),
        precision_interval: None,
        recall_interval: None,
        f1_interval: Some(Interval { low: 0.25, high: 0.75 }),
        signature,
    });
    record.id = record.identity();
    record
}

/// The table as maps from column to cell.
fn rows(records: &[Record]) -> Vec<BTreeMap<String, String>> {
    let csv = leaderboard(records).unwrap().csv().unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn cells(records: &[Record], columns: [&str; 2]) -> Vec<[String; 2]> {
    rows(records).iter().map(|row| columns.map(|column| row[column].clone())).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<[String; 2]> {
    expected.iter().map(|(a, b)| [(*a).to_owned(), (*b).to_owned()]).collect()
}

#[test]
fn rows_are_ranked_by_f1_and_noise_and_invalid_runs_are_not() {
    let mut noise = record("noisy-oracle", [10, 0, 0]);
    noise.extractor.ranked = false;
    let mut invalid = record("crashed", [9, 1, 0]);
    invalid.status = Status::Invalid;
    let nothing = record("null", [0, 0, 10]);
    let records = [
        noise,
        nothing,
        record("b", [5, 5, 5]),
        invalid,
        record("a", [5, 5, 5]),
        record("best", [8, 1, 2]),
    ];
    let expected = pairs(&[
        ("1", "best"),
        ("2", "a"),
        ("2", "b"),
        ("4", "null"),
        ("", "noisy-oracle"),
        ("", "crashed"),
    ]);
    assert_eq!(cells(&records, ["rank", "extractor"]), expected);
}

#[test]
fn what_is_not_comparable_is_not_ranked_together() {
    let mut other = record("other-gold", [9, 0, 1]);
    other.scores[0].signature.set("data", "set@1:test#ffffffff");
    let records = [record("one", [8, 1, 2]), other, record("two", [1, 1, 2])];
    let expected = pairs(&[("1", "one"), ("2", "two"), ("1", "other-gold")]);
    assert_eq!(cells(&records, ["rank", "extractor"]), expected);
}

#[test]
fn undefined_is_an_empty_cell_and_zero_is_zero() {
    let row = &rows(&[record("null", [0, 0, 10])])[0];
    let expected = [
        ("relation_precision", ""),
        ("relation_recall", "0.0"),
        ("relation_f1", "0.0"),
        ("relation_f1_low", "0.25"),
        ("relation_tp", "0"),
        ("relation_fn", "10"),
        ("mention_f1", ""),
        ("latency_p95_ms", ""),
        ("documents_per_second", "12350.0"),
        ("megabytes_per_second", "0.001235"),
        ("memory_peak_mb", "5.0"),
        ("failures", "0"),
        ("coverage", "1.0"),
    ];
    for (column, cell) in expected {
        assert_eq!(row[column], cell, "{column}");
    }
}

#[test]
fn names_are_no_formulas_and_cannot_break_the_table() {
    let records = [record("=cmd|' /C calc'!A0", [1, 0, 0]), record("a,\"b\"\nc", [0, 1, 0])];
    let names: Vec<String> = rows(&records).iter().map(|row| row["extractor"].clone()).collect();
    assert_eq!(names, ["'=cmd|' /C calc'!A0", "a,\"b\"\nc"]);
}

#[test]
fn the_same_record_twice_is_one_row() {
    let one = record("a", [1, 2, 3]);
    assert_eq!(leaderboard(&[one.clone(), one]).unwrap().len(), 1);
}

#[test]
fn the_same_run_on_two_machines_is_two_rows_in_whatever_order_they_come() {
    let fast = record("a", [1, 2, 3]);
    let mut slow = fast.clone();
    slow.speed = None;
    let orders = [[&fast, &slow, &fast], [&slow, &fast, &slow]];
    let [one, two] = orders.map(|order| leaderboard(&order.map(Record::clone)).unwrap());
    assert_eq!((one.len(), two.len()), (2, 2));
    assert_eq!(one.csv().unwrap(), two.csv().unwrap());
}

#[test]
fn an_empty_board_has_its_header() {
    let board = leaderboard(&[]).unwrap();
    assert!(board.is_empty());
    assert!(board.csv().unwrap().starts_with("rank,dataset,version,split,"));
}

#[test]
fn every_column_is_explained_in_the_readme() {
    let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    for (name, meaning) in ere_leaderboard::columns() {
        let line = format!("| `{name}` | {meaning} |");
        assert!(readme.contains(&line), "README.md lacks the line\n{line}");
    }
}

proptest! {
    #[test]
    fn the_order_of_records_does_not_matter(
        counts in proptest::collection::vec([0u64..4, 0..4, 0..4], 0..8), seed in 0usize..97
    ) {
        let records: Vec<Record> = counts
            .iter()
            .enumerate()
            .map(|(number, counts)| record(&format!("x{}", number % 3), *counts))
            .collect();
        let mut shuffled = records.clone();
        shuffled.sort_by_key(|record| (record.scores[0].tally.tp() as usize * 31 + seed) % 7);
        prop_assert_eq!(
            leaderboard(&records).unwrap().csv().unwrap(),
            leaderboard(&shuffled).unwrap().csv().unwrap()
        );
    }
}
