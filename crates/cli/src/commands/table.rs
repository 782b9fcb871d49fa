//! Tables of scores for people.

use std::collections::BTreeMap;

use ere_dataset::Given;
use ere_eval::record::{ExtractorIdentity, Kind, Record, Status, track_name};
use ere_eval::{Average, Interval, Protocol, Score, Slice, View};

use crate::print;

/// The score that ranks.
pub(crate) fn primary<'r>(record: &'r Record, protocol: &Protocol) -> Option<&'r Score> {
    all(record, protocol.primary)
}

/// The first row of a view: the average that its protocol names first, or the mean that it is.
fn all(record: &Record, view: View) -> Option<&Score> {
    record.scores.iter().find(|score| score.view == view && score.slice == Slice::All)
}

/// One row a run, best first: under `default` the views that a leaderboard shows, under another
/// protocol all of its views. Where there are several tracks, the runs of one extractor stand
/// together, in the place of the one that was given least.
pub(crate) fn of_runs(records: &[Record], protocol: &Protocol) -> String {
    let has_tracks = records.iter().any(|record| record.track != records[0].track);
    let columns = columns(protocol);
    let titles = columns.iter().map(|(title, _)| title.as_str());
    let speed = ["docs/s", "MB/s", "p50 ms", "p95 ms", "memory MB", "failures"];
    let mut header: Vec<&str> = ["extractor"].into_iter().chain(titles).chain(speed).collect();
    let mut records: Vec<&Record> = records.iter().collect();
    let f1 = |record: &Record| primary(record, protocol).and_then(|score| score.f1).unwrap_or(-1.0);
    // The F1 that an extractor has with the least that it was given.
    let mut least: BTreeMap<(&str, &str), (Given, f64)> = BTreeMap::new();
    for record in &records {
        let place = least.entry(identity(record)).or_insert((record.track, f1(record)));
        if (record.track, -f1(record)) < (place.0, -place.1) {
            *place = (record.track, f1(record));
        }
    }
    records.sort_by(|a, b| {
        let key = |record: &Record| !record.extractor.ranked;
        let place = |record: &Record| least[&identity(record)].1;
        key(a)
            .cmp(&key(b))
            .then(place(b).total_cmp(&place(a)))
            .then(identity(a).cmp(&identity(b)))
            .then(a.track.cmp(&b.track))
    });
    let mut rows: Vec<Vec<String>> =
        records.iter().map(|record| row_of_run(record, &columns)).collect();
    if has_tracks {
        header.insert(1, "track");
        for (row, record) in rows.iter_mut().zip(&records) {
            row.insert(1, track_name(record.track).to_owned());
        }
    }
    let mut table = print::table(&header, 1 + usize::from(has_tracks), &rows);
    for (kind, note) in UNRANKED {
        if records.iter().any(|record| mark(record) == Some(kind)) {
            table += &format!("{kind} {note}\n");
        }
    }
    table
}

/// Marks of runs without a rank, and why they have none.
const UNRANKED: [(char, &str); 2] = [
    ('*', "not an extractor: gold with mistakes put in; never ranked"),
    ('†', "not ranked: --unranked was given"),
];

fn mark(record: &Record) -> Option<char> {
    let ExtractorIdentity { kind, ranked, .. } = record.extractor;
    (!ranked).then_some(UNRANKED[usize::from(kind != Kind::Noise)].0)
}

fn identity(record: &Record) -> (&str, &str) {
    (&record.extractor.name, &record.extractor.version)
}

/// Views with the titles of their columns.
fn columns(protocol: &Protocol) -> Vec<(String, View)> {
    if protocol.primary == View::RelationAnchored {
        let shown = [
            ("relation F1", View::RelationAnchored),
            ("mention F1", View::MentionStrict),
            ("coreference F1", View::CoreferenceB3),
        ];
        let shown = shown.into_iter().filter(|(_, view)| protocol.views.contains(view));
        return shown.map(|(title, view)| (title.to_owned(), view)).collect();
    }
    protocol.views.iter().map(|view| (view.to_string(), *view)).collect()
}

fn row_of_run(record: &Record, columns: &[(String, View)]) -> Vec<String> {
    let score = |view| {
        let score = all(record, view);
        with_interval(score.and_then(|score| score.f1), score.and_then(|score| score.f1_interval))
    };
    let speed = record.speed.as_ref();
    let number = |value: Option<f64>| value.map(short).unwrap_or_default();
    let mut name = record.extractor.name.clone();
    name.extend(mark(record));
    if record.status != Status::Ok {
        name += &format!(" ({})", record.status.name());
    }
    let mut row = vec![name];
    row.extend(columns.iter().map(|(_, view)| score(*view)));
    row.extend([
        number(speed.map(|speed| speed.documents_per_second)),
        number(speed.map(|speed| speed.megabytes_per_second)),
        number(speed.and_then(|speed| speed.latency_ms.p50)),
        number(speed.and_then(|speed| speed.latency_ms.p95)),
        number(record.memory.peak_bytes.map(|bytes| bytes as f64 / 1e6)),
        record.coverage.failures().to_string(),
    ]);
    row
}

/// The primary signature that runs share, as far as they do: one line a track.
pub(crate) fn primary_signatures(records: &[Record], protocol: &Protocol) -> String {
    let mut of_tracks: BTreeMap<Given, String> = BTreeMap::new();
    for record in records {
        let signature = primary(record, protocol).map(|score| format!("{}\n", score.signature));
        of_tracks.entry(record.track).or_insert(signature.unwrap_or_default());
    }
    of_tracks.into_values().collect()
}

/// One row a score: every view, and with `types` every type and family.
pub(crate) fn of_scores(record: &Record, types: bool) -> String {
    let header = ["view", "of", "precision", "recall", "F1", "95 %", "tp", "fp", "fn"];
    let shown = |score: &&Score| types || score.slice == Slice::All;
    let rows: Vec<Vec<String>> = record.scores.iter().filter(shown).map(row_of_score).collect();
    let mut text = print::table(&header, 2, &rows);
    let mut signed: Vec<View> = Vec::new();
    for score in &record.scores {
        // One signature a view: averages and slices differ in the keys that say so.
        if !signed.contains(&score.view) {
            signed.push(score.view);
            text += &format!("{}\n", score.signature);
        }
    }
    text
}

fn row_of_score(score: &Score) -> Vec<String> {
    let of = match (&score.slice, score.average) {
        (Slice::All, Average::Micro) => "all".to_owned(),
        (Slice::All, average) => average.name().to_owned(),
        (slice, _) => slice.name(),
    };
    let ratio = |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_default();
    let interval = score.f1_interval.map(|Interval { low, high }| format!("{low:.3}..{high:.3}"));
    let is_sum = score.average == Average::Micro;
    let count = |value: f64| match is_sum {
        true if value.fract() == 0.0 => format!("{value}"),
        true => format!("{value:.2}"),
        false => String::new(),
    };
    vec![
        score.view.to_string(),
        of,
        ratio(score.precision),
        ratio(score.recall),
        ratio(score.f1),
        interval.unwrap_or_default(),
        count(score.tally.tp()),
        count(score.tally.fp()),
        count(score.tally.r#fn()),
    ]
}

fn with_interval(value: Option<f64>, interval: Option<Interval>) -> String {
    match (value, interval) {
        (None, _) => String::new(),
        (Some(value), None) => format!("{value:.3}"),
        (Some(value), Some(Interval { low, high })) => format!("{value:.3} [{low:.3}, {high:.3}]"),
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v if v >= 1.0 => format!("{v:.2}"),
        v => format!("{v:.4}"),
    }
}
