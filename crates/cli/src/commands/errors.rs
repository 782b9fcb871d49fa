use std::collections::BTreeSet;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use ere_dataset::jsonl::{Lines, PredictionReader};
use ere_dataset::output::Output;
use ere_dataset::{Document, Prediction, Vocabulary, prediction};
use ere_eval::Rules;
use ere_eval::errors::{self, Cells, Kind, Rung, Summary, ViewSummary};
use ere_eval::record::{self, PREDICTIONS, RECORD, Record};
use ere_extract::LabelMap;
use ere_runner::ErrorKind;
use serde_json::{Value, json};

use super::gold::{self, Gold};
use super::run::relabel;
use crate::args::Errors;
use crate::exit::Done;
use crate::interrupt::CANCELLED;
use crate::print;

/// Confused types that are shown, of those that there are.
const CONFUSED_SHOWN: usize = 20;

pub(crate) fn run(args: &Errors) -> Result<Done> {
    let is_table_wanted = !args.output.as_deref().is_some_and(is_standard_output);
    if args.json && !is_table_wanted {
        bail!("--json and -o - both go to standard output; name a file for one of them");
    }
    let vocabulary = Vocabulary::default();
    let record = record_of(args)?;
    let split = match (&args.split, &record) {
        (Some(split), _) => split,
        (None, Some(record)) => &record.data.split,
        (None, None) => "test",
    };
    let gold = gold::read(&args.gold, split, args.ontology.as_deref(), &vocabulary)?;
    if let Some(record) = &record {
        check_data(record, &gold, args)?;
    }
    let map = args.map.as_ref().map(|path| LabelMap::read(path)).transpose()?;
    let rules = match &gold.ontology {
        Some(ontology) => Rules::of(ontology, &vocabulary),
        None => Rules::open(&vocabulary),
    };
    let mut sink = Sink::create(args.output.as_deref())?;
    let mut job = Job { gold: &gold, rules: &rules, map, summary: Summary::default(), missing: 0 };
    match &record {
        Some(record) => {
            let lines = record::open_predictions(&args.predictions, record)?;
            let lines = Lines::new(lines, &args.predictions.join(PREDICTIONS));
            job.read(PredictionReader::new(lines), args, &mut sink)?;
        }
        None => job.read(PredictionReader::open(&args.predictions)?, args, &mut sink)?,
    }
    let Job { summary, missing, .. } = job;
    sink.finish()?;
    if args.json {
        print::json(&as_json(&summary, &gold, missing, &rules))?;
    } else if is_table_wanted {
        print::out(&as_text(&summary, &rules))?;
    }
    if missing > 0 {
        let documents = gold.documents.len();
        print::message(&format!("{missing} of {documents} documents have no prediction"));
    }
    Ok(Done::Ok)
}

/// The record, where predictions are those of one.
fn record_of(args: &Errors) -> Result<Option<Record>> {
    let path = args.predictions.join(RECORD);
    if !path.is_file() {
        return Ok(None);
    }
    if args.map.is_some() {
        bail!("{}: the labels of a record are mapped already; leave out --map", path.display());
    }
    Ok(Some(record::read(&path)?))
}

fn check_data(record: &Record, gold: &Gold, args: &Errors) -> Result<()> {
    let data = &record.data;
    if data.sha256 != gold.sha256 {
        bail!(
            "{}: it was made on {} {}, split {:?}, which {} is not (any more); run the extractor \
             again, or name the gold that it was run on",
            args.predictions.display(),
            data.name,
            data.version,
            data.split,
            args.gold.display()
        );
    }
    Ok(())
}

struct Job<'a> {
    gold: &'a Gold,
    rules: &'a Rules,
    map: Option<LabelMap>,
    summary: Summary,
    missing: usize,
}

impl Job<'_> {
    /// Analyses one prediction after the other, then the documents that have none, in the order of
    /// ids. No prediction is kept.
    fn read<R: BufRead>(
        &mut self,
        predictions: PredictionReader<R>,
        args: &Errors,
        sink: &mut Sink,
    ) -> Result<()> {
        let documents = &self.gold.documents;
        let vocabulary = self.rules.vocabulary();
        let mut is_missing = vec![true; documents.len()];
        for raw in predictions {
            stop_if_cancelled()?;
            let raw = raw?;
            let found = documents.binary_search_by(|document| (*document.id).cmp(raw.id()));
            match found {
                Ok(at) => {
                    is_missing[at] = false;
                    let mut pred = raw.attach(&documents[at], vocabulary);
                    relabel(self.map.as_ref(), &mut pred, vocabulary);
                    self.analyse(&documents[at], &pred, sink)?;
                }
                Err(_) if args.allow_unknown_documents => {}
                Err(_) => {
                    let (file, id) = (args.predictions.clone(), raw.id().to_owned());
                    return Err(ere_runner::Error::from(ErrorKind::UnknownDocument {
                        file,
                        line: None,
                        id,
                    }))?;
                }
            }
        }
        for (gold, _) in documents.iter().zip(&is_missing).filter(|(_, is_missing)| **is_missing) {
            stop_if_cancelled()?;
            self.missing += 1;
            self.analyse(gold, &prediction::empty(gold), sink)?;
        }
        Ok(())
    }

    fn analyse(&mut self, gold: &Document, pred: &Prediction, sink: &mut Sink) -> Result<()> {
        let found = errors::analyse(gold, pred, self.rules, &self.gold.layers);
        self.summary.add(&found);
        if let Some(out) = sink.writer() {
            errors::write(out, &found, gold, pred, self.rules.vocabulary())
                .map_err(|error| sink.wrong(error))?;
        }
        Ok(())
    }
}

fn stop_if_cancelled() -> Result<()> {
    match CANCELLED.load(std::sync::atomic::Ordering::Relaxed) {
        true => Err(ere_runner::Error::from(ErrorKind::Cancelled))?,
        false => Ok(()),
    }
}

/// Where lines go.
enum Sink {
    Nowhere,
    StandardOutput(BufWriter<io::Stdout>),
    File(Output, PathBuf),
}

impl Sink {
    fn create(path: Option<&Path>) -> Result<Sink> {
        Ok(match path {
            None => Sink::Nowhere,
            Some(path) if is_standard_output(path) => {
                Sink::StandardOutput(BufWriter::with_capacity(256 << 10, io::stdout()))
            }
            Some(path) => Sink::File(Output::create(path)?, path.to_owned()),
        })
    }

    fn writer(&mut self) -> Option<&mut dyn Write> {
        match self {
            Sink::Nowhere => None,
            Sink::StandardOutput(out) => Some(out),
            Sink::File(out, _) => Some(out),
        }
    }

    fn wrong(&self, error: io::Error) -> anyhow::Error {
        match self {
            Sink::File(_, path) => ere_dataset::Error::io(path, error).into(),
            _ => error.into(),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Sink::Nowhere => {}
            Sink::StandardOutput(mut out) => out.flush()?,
            Sink::File(out, _) => out.finish()?,
        }
        Ok(())
    }
}

fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-")
}

fn as_text(summary: &Summary, rules: &Rules) -> String {
    let mut text = String::new();
    for view in summary.views() {
        text += &causes(view);
    }
    text += "F1 if every error up to that point were put right (an upper bound):\n";
    text += &ladder(summary);
    let mentions = summary.mention_types.by_type(rules);
    if !mentions.is_empty() {
        text += "\nTypes of mentions with equal spans; a row is gold:\n";
        text += &matrix(&mentions);
    }
    let families = summary.relation_types.by_family(rules);
    if !families.is_empty() {
        text += "\nFamilies of relations between the right ends; a row is gold:\n";
        text += &matrix(&families);
    }
    let types = summary.relation_types.by_type(rules);
    text + &confused(&types)
}

fn causes(view: &ViewSummary) -> String {
    let ratio = |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_default();
    let f1 = view.tally().f1();
    let loss = f1.map(|f1| 1.0 - f1);
    let row = |name: String, [r#fn, fp]: [u64; 2], share: Option<f64>| {
        let part = match (share, loss) {
            (Some(share), Some(loss)) if loss > 0.0 => format!("{:.1} %", 100.0 * share / loss),
            _ => String::new(),
        };
        vec![name, r#fn.to_string(), fp.to_string(), ratio(share), part]
    };
    const KINDS: [Kind; 2] = [Kind::FalseNegative, Kind::FalsePositive];
    let mut causes: Vec<_> = view.causes().collect();
    let mistakes = |cause| KINDS.map(|kind| view.count(cause, kind)).iter().sum::<u64>();
    causes.sort_by_key(|cause| (std::cmp::Reverse(mistakes(*cause)), *cause));
    let of = |cause| KINDS.map(|kind| view.count(cause, kind));
    let mut rows: Vec<_> = causes
        .into_iter()
        .map(|cause| row(cause.to_string(), of(cause), view.share(cause)))
        .collect();
    rows.push(row("all".to_owned(), KINDS.map(|kind| view.total(kind)), loss));
    let header = ["cause", "fn", "fp", "loss", "of the loss"];
    let tp = view.tally().tp();
    format!("{}: F1 {}, tp {tp}\n{}\n", view.view, ratio(f1), print::table(&header, 1, &rows))
}

/// The rungs that change something.
fn ladder(summary: &Summary) -> String {
    let views: Vec<&ViewSummary> = summary.views().collect();
    let mut header = vec![""];
    header.extend(views.iter().map(|view| view.view.name()));
    let ladders: Vec<_> = views.iter().map(|view| view.ladder()).collect();
    let row = |(at, rung): (usize, &Rung)| {
        let f1 = |ladder: &[(Rung, Option<f64>); Rung::ALL.len()]| {
            ladder[at].1.map(|f1| format!("{f1:.4}")).unwrap_or_default()
        };
        [rung.to_string()].into_iter().chain(ladders.iter().map(f1)).collect()
    };
    let is_step = |(at, _): &(usize, &Rung)| {
        *at == 0 || ladders.iter().any(|ladder| ladder[*at].1 != ladder[*at - 1].1)
    };
    let rungs = Rung::ALL.iter().enumerate().filter(is_step);
    print::table(&header, 1, &rungs.map(row).collect::<Vec<_>>())
}

/// Every type of gold or prediction as a row and as a column, nothing last; a 0 is left empty.
fn matrix(cells: &Cells) -> String {
    let names: BTreeSet<&String> =
        cells.keys().flat_map(|(gold, pred)| [gold.as_ref(), pred.as_ref()]).flatten().collect();
    let names: Vec<Option<&String>> = names.into_iter().map(Some).chain([None]).collect();
    let name = |name: Option<&String>| name.map_or("-", String::as_str).to_owned();
    let mut header = vec![String::new()];
    header.extend(names.iter().map(|column| name(*column)));
    let row = |gold: &Option<&String>| {
        let count = |pred: &Option<&String>| {
            let count = cells.get(&(gold.cloned(), pred.cloned())).copied().unwrap_or_default();
            if count == 0 { String::new() } else { count.to_string() }
        };
        [name(*gold)].into_iter().chain(names.iter().map(count)).collect()
    };
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    print::table(&header, 1, &names.iter().map(row).collect::<Vec<_>>())
}

/// The pairs of different relation types that are taken for each other most often.
fn confused(types: &Cells) -> String {
    let pairs = types.iter().filter_map(|((gold, pred), count)| match (gold, pred) {
        (Some(gold), Some(pred)) if gold != pred => Some((gold, pred, *count)),
        _ => None,
    });
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by_key(|(gold, pred, count)| (std::cmp::Reverse(*count), *gold, *pred));
    if pairs.is_empty() {
        return String::new();
    }
    let rows = pairs.iter().take(CONFUSED_SHOWN);
    let rows =
        rows.map(|(gold, pred, count)| vec![(*gold).clone(), (*pred).clone(), count.to_string()]);
    let header = ["gold", "predicted", "times"];
    let mut text =
        "\nRelation types between the right ends that were taken for another:\n".to_owned();
    text += &print::table(&header, 2, &rows.collect::<Vec<_>>());
    if pairs.len() > CONFUSED_SHOWN {
        text += &format!("and {} other pairs (--json has all)\n", pairs.len() - CONFUSED_SHOWN);
    }
    text
}

fn as_json(summary: &Summary, gold: &Gold, missing: usize, rules: &Rules) -> Value {
    let cells = |cells: &Cells| -> Vec<Value> {
        let cell = |((gold, pred), count): (&(Option<String>, Option<String>), &u64)| json!({"gold": gold, "pred": pred, "count": count});
        cells.iter().map(cell).collect()
    };
    let view = |view: &ViewSummary| {
        let tally = view.tally();
        let cause = |cause: errors::Cause| {
            json!({
                "cause": cause.name(),
                "fn": view.count(cause, Kind::FalseNegative),
                "fp": view.count(cause, Kind::FalsePositive),
                "loss": view.share(cause),
            })
        };
        let rung = |(rung, f1): &(Rung, Option<f64>)| json!({"rung": rung.name(), "f1": f1});
        json!({
            "view": view.view.name(),
            "tp": tally.tp() as u64,
            "fp": tally.fp() as u64,
            "fn": tally.r#fn() as u64,
            "f1": tally.f1(),
            "loss": tally.f1().map(|f1| 1.0 - f1),
            "causes": view.causes().map(cause).collect::<Vec<_>>(),
            "ladder": view.ladder().iter().map(rung).collect::<Vec<_>>(),
        })
    };
    json!({
        "gold": {"name": gold.name, "version": gold.version, "split": gold.split, "sha256": gold.sha256},
        "documents": gold.documents.len(),
        "missing": missing,
        "views": summary.views().map(view).collect::<Vec<_>>(),
        "mention_types": cells(&summary.mention_types.by_type(rules)),
        "relation_families": cells(&summary.relation_types.by_family(rules)),
        "relation_types": cells(&summary.relation_types.by_type(rules)),
    })
}
