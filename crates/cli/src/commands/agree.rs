use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, bail};
use ere_dataset::{Document, Vocabulary};
use ere_eval::agreement::{Agreement, Pair, agreement};
use ere_eval::{Interval, Resampling, Rules};

use super::gold::{self, Gold};
use crate::args::Agree;
use crate::exit::Done;
use crate::print;

/// Under so many items of both annotations together no figure of a type is shown.
const LEAST_ITEMS: f64 = 10.0;

pub(crate) fn run(args: &Agree) -> Result<Done> {
    let vocabulary = Vocabulary::default();
    let read = |path: &Path| gold::read(path, &args.split, args.ontology.as_deref(), &vocabulary);
    let (a, b) = (read(&args.a)?, read(&args.b)?);
    let given = args.given.as_deref().map(read).transpose()?;
    let (left, mut right) = (by_id(&a), by_id(&b));
    let settled = given.as_ref().map(by_id).unwrap_or_default();
    let mut pairs = Vec::new();
    for (id, a) in left {
        let Some(b) = right.remove(id) else {
            refuse_unless(args.common, &args.b, &args.a, id)?;
            continue;
        };
        let given = settled.get(id).copied();
        for (other, path) in [(Some(b), Some(&args.b)), (given, args.given.as_ref())] {
            if let (Some(other), Some(path)) = (other, path)
                && other.text.as_str() != a.text.as_str()
            {
                bail!(
                    "document {id:?}: its text in {} is not that in {}; annotations of one text \
                     are compared",
                    path.display(),
                    args.a.display()
                );
            }
        }
        if args.given.is_some() && given.is_none() {
            refuse_unless(args.common, args.given.as_ref().unwrap_or(&args.a), &args.a, id)?;
        }
        pairs.push(Pair { a, b, given });
    }
    if let Some(id) = right.keys().next() {
        refuse_unless(args.common, &args.a, &args.b, id)?;
    }
    if pairs.is_empty() {
        bail!("{} and {} have no document in common", args.a.display(), args.b.display());
    }
    let rules = match &a.ontology {
        Some(ontology) => Rules::of(ontology, &vocabulary),
        None => Rules::open(&vocabulary),
    };
    let Agree { replicates, seed, .. } = *args;
    let resampling = (replicates > 0).then_some(Resampling { replicates, seed });
    let result = agreement(&pairs, &rules, &a.layers, resampling);
    if args.json {
        print::json(&result)?;
    } else {
        print::out(&text(&result, args))?;
    }
    Ok(Done::Ok)
}

fn refuse_unless(allowed: bool, lacking: &Path, having: &Path, id: &str) -> Result<()> {
    if !allowed {
        bail!(
            "{} lacks document {id:?} of {}; --common compares what both have",
            lacking.display(),
            having.display()
        );
    }
    Ok(())
}

fn by_id(gold: &Gold) -> BTreeMap<&str, &Document> {
    gold.documents.iter().map(|document| (&*document.id, document)).collect()
}

fn text(result: &Agreement, args: &Agree) -> String {
    let mut text = format!("{} documents, annotated twice\n\n", result.documents);
    let rows = result.measures.iter().map(|measure| {
        vec![
            measure.name.to_owned(),
            measure.definition.to_owned(),
            number(measure.value),
            measure.interval.map_or_else(String::new, interval),
            measure.support.map_or_else(String::new, |support| format!("{support:.0}")),
        ]
    });
    let header = ["measure", "what", "value", "95 %", "items"];
    text += &print::table(&header, 2, &rows.collect::<Vec<_>>());
    text += "\nHow complete, by capture and recapture:\n";
    let rows = result.completeness.iter().map(|layer| {
        vec![
            layer.layer.to_owned(),
            format!("{:.0}", layer.a),
            format!("{:.0}", layer.b),
            format!("{:.0}", layer.both),
            format!("{:.0}", layer.estimate),
            format!("{:.3}", layer.union_share),
        ]
    });
    let header = ["layer", "A", "B", "both", "estimated", "A or B / estimated"];
    text += &print::table(&header, 1, &rows.collect::<Vec<_>>());
    if args.by_type {
        text += "\nBy type, where both annotations together have ten items or more:\n";
        let shown = result.types.iter().filter(|one| one.a + one.b >= LEAST_ITEMS);
        let rows = shown.map(|one| {
            let counts = [one.a, one.b].map(|count| format!("{count:.0}"));
            let [a, b] = counts;
            vec![one.view.to_owned(), one.name.clone(), number(one.f1), a, b]
        });
        text += &print::table(&["view", "type", "F1", "A", "B"], 2, &rows.collect::<Vec<_>>());
    }
    text += "\nDisagreements by kind:\n";
    let mut kinds: BTreeMap<_, [usize; 2]> = BTreeMap::new();
    for one in &result.disagreements {
        kinds.entry(one.kind).or_default()[usize::from(one.optional)] += 1;
    }
    let rows = kinds.iter().map(|(kind, [plain, optional])| {
        vec![kind.name().to_owned(), plain.to_string(), optional.to_string()]
    });
    text += &print::table(&["kind", "number", "optional"], 1, &rows.collect::<Vec<_>>());
    if args.list {
        text.push('\n');
        for one in &result.disagreements {
            let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
            let (document, kind) = (&one.document, one.kind.name());
            let flag = if one.optional { " (optional)" } else { "" };
            writeln!(text, "{document}: {kind}{flag}: {} / {}", side(&one.a), side(&one.b))
                .expect("writing to a string cannot fail");
        }
    }
    text
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.4}"))
}

fn interval(interval: Interval) -> String {
    format!("{:.3}..{:.3}", interval.low, interval.high)
}
