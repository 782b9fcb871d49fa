use std::collections::BTreeMap;

use ere_dataset::stats::{Stats, Unseen};
use ere_dataset::{Document, Vocabulary};
use serde::Serialize;

use super::gold;
use crate::args;
use crate::exit::Done;
use crate::print;

/// The figures of all that was named, and of each split where that was a data set.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    all: Stats,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    splits: BTreeMap<String, Stats>,
    /// Entities of each other split that the first split does not show.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unseen: BTreeMap<String, Unseen>,
}

pub(crate) fn run(args: &args::Stats) -> anyhow::Result<Done> {
    let vocabulary = Vocabulary::default();
    let (documents, ontology) = gold::read_all(&args.path, args.split.as_deref(), &vocabulary)?;
    let of = |documents: &[Document]| Stats::of(documents, &vocabulary, ontology.as_ref());
    let mut report =
        Report { all: of(&documents), splits: BTreeMap::new(), unseen: BTreeMap::new() };
    if args.split.is_none() && gold::is_dataset(&args.path) {
        let names = gold::splits(&args.path)?;
        let mut first: Option<Vec<Document>> = None;
        for name in names {
            let (documents, _) = gold::read_all(&args.path, Some(&name), &vocabulary)?;
            report.splits.insert(name.clone(), of(&documents));
            match &first {
                None => first = Some(documents),
                Some(seen) => {
                    report.unseen.insert(name, Unseen::of(&documents, seen));
                }
            }
        }
    }
    if args.json {
        print::json(&report)?;
    } else {
        print::out(&text(&report))?;
    }
    Ok(Done::Ok)
}

fn text(report: &Report) -> String {
    let mut columns: Vec<(&str, &Stats)> =
        report.splits.iter().map(|(name, stats)| (name.as_str(), stats)).collect();
    columns.push(("all", &report.all));
    let mut text = String::new();
    if columns.len() > 1 {
        line(&mut text, "", columns.iter().map(|(name, _)| (*name).to_owned()));
    }
    type Total = (&'static str, fn(&Stats) -> u64);
    let totals: [Total; 12] = [
        ("documents", |stats| stats.counts.documents),
        ("words", |stats| stats.counts.words),
        ("text bytes", |stats| stats.text_bytes),
        ("sentences", |stats| stats.sentences),
        ("mentions", |stats| stats.counts.mentions),
        ("  discontinuous", |stats| stats.discontinuous_mentions),
        ("  nested", |stats| stats.nested_mentions),
        ("entities", |stats| stats.counts.entities),
        ("relations", |stats| stats.counts.relations),
        ("  across sentences", |stats| stats.relations_across_sentences),
        ("  optional", |stats| stats.relations_optional),
        ("relations only denied", |stats| stats.relations_denied),
    ];
    for (name, value) in totals {
        line(&mut text, name, columns.iter().map(|(_, stats)| value(stats).to_string()));
    }
    let shares = columns.iter().map(|(_, stats)| {
        let within = stats.counts.relations - stats.relations_across_sentences;
        format!("{:.1} %", 100.0 * within as f64 / stats.counts.relations.max(1) as f64)
    });
    line(&mut text, "recall without leaving the", std::iter::empty());
    line(&mut text, "sentence, at most", shares);
    type Block = (&'static str, fn(&Stats) -> &BTreeMap<String, u64>);
    let blocks: [Block; 12] = [
        ("documents by register", |stats| &stats.documents_by_register),
        ("documents by tag", |stats| &stats.documents_by_tag),
        ("mentions by type", |stats| &stats.mentions_by_type),
        ("mentions by form", |stats| &stats.mentions_by_form),
        ("entities by mentions", |stats| &stats.entities_by_size),
        ("relations by type", |stats| &stats.relations_by_type),
        ("relations by family", |stats| &stats.relations_by_family),
        ("relations by distance in sentences", |stats| &stats.relations_by_distance),
        ("relations by register", |stats| &stats.relations_by_register),
        ("relations by actuality", |stats| &stats.relations_by_actuality),
        ("evidence by zone", |stats| &stats.evidence_by_zone),
        ("evidence by attribute", |stats| &stats.evidence_by_attribute),
    ];
    for (title, of) in blocks {
        let rows = of(&report.all);
        if rows.is_empty() {
            continue;
        }
        text += &format!("\n{title}\n");
        for key in rows.keys() {
            let value = |stats: &Stats| of(stats).get(key).copied().unwrap_or(0).to_string();
            line(&mut text, &format!("  {key}"), columns.iter().map(|(_, stats)| value(stats)));
        }
    }
    if !report.unseen.is_empty() {
        text += "\nnamed entities that the first split does not show\n";
    }
    for (name, Unseen { entities, unseen }) in &report.unseen {
        let share = 100.0 * *unseen as f64 / (*entities).max(1) as f64;
        text += &format!("  {name:<26}{unseen:>8} of {entities} ({share:.1} %)\n");
    }
    text
}

/// A name and right-aligned values.
fn line(text: &mut String, name: &str, values: impl Iterator<Item = String>) {
    *text += &format!("{name:<28}");
    for value in values {
        *text += &format!("{value:>9}");
    }
    text.push('\n');
}
