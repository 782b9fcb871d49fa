use std::collections::BTreeMap;
use std::fmt::Write as _;

use ere_dataset::{Vocabulary, stats};

use super::gold;
use crate::args::Stats;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Stats) -> anyhow::Result<Done> {
    let vocabulary = Vocabulary::default();
    let (documents, ontology) = gold::read_all(&args.path, args.split.as_deref(), &vocabulary)?;
    let stats = stats::Stats::of(&documents, &vocabulary, ontology.as_ref());
    if args.json {
        print::json(&stats)?;
    } else {
        print::out(&text(&stats))?;
    }
    Ok(Done::Ok)
}

fn text(stats: &stats::Stats) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: u64| {
        writeln!(text, "{name:<28}{value:>8}").expect("writing to a string cannot fail");
    };
    let counts = &stats.counts;
    line("documents", counts.documents);
    line("words", counts.words);
    line("text bytes", stats.text_bytes);
    line("sentences", stats.sentences);
    line("mentions", counts.mentions);
    line("  discontinuous", stats.discontinuous_mentions);
    line("  nested", stats.nested_mentions);
    line("entities", counts.entities);
    line("relations", counts.relations);
    line("  across sentences", stats.relations_across_sentences);
    line("  optional", stats.relations_optional);
    line("relations only denied", stats.relations_denied);
    let mut block = |title: &str, map: &BTreeMap<String, u64>| {
        if !map.is_empty() {
            write!(text, "\n{title}\n").expect("writing to a string cannot fail");
        }
        for (name, value) in map {
            writeln!(text, "  {name:<26}{value:>8}").expect("writing to a string cannot fail");
        }
    };
    block("mentions by type", &stats.mentions_by_type);
    block("mentions by form", &stats.mentions_by_form);
    block("entities by mentions", &stats.entities_by_size);
    block("relations by type", &stats.relations_by_type);
    block("relations by family", &stats.relations_by_family);
    block("evidence by zone", &stats.evidence_by_zone);
    block("evidence by attribute", &stats.evidence_by_attribute);
    text
}
