use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use ere_eval::record::{self, RECORD, Record};
use ere_eval::{
    Comparison, Interval, Protocol, Resampling, Score, Slice, Tallies, View, compare, holm,
};
use ere_runner::score::{Scored, read_tallies};
use serde::Serialize;

use super::protocols;
use crate::args::Compare;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Compare) -> Result<Done> {
    let given = args.protocol.as_deref().map(protocols::load).transpose()?;
    let results: Vec<Compared> =
        args.results.iter().map(|path| Compared::read(path, &given)).collect::<Result<_>>()?;
    let Some((first, others)) = results.split_first() else { bail!("no result was named") };
    let views: Vec<View> = match args.views.as_slice() {
        [] => vec![first.protocol.primary],
        names => names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?,
    };
    let resampling = Resampling { replicates: args.replicates, seed: args.seed };
    let mut rows = Vec::new();
    for view in views {
        let start = rows.len();
        for other in others {
            rows.push(Row::of(first, other, view, resampling, args.force)?);
        }
        correct(&mut rows[start..]);
    }
    if args.json {
        print::json(&rows)?;
    } else {
        print::out(&text(&rows, others.len() > 1))?;
    }
    Ok(Done::Ok)
}

/// A result and where it came from.
struct Compared {
    path: PathBuf,
    record: Record,
    protocol: Protocol,
    tallies: Tallies,
}

impl Compared {
    /// `given` is a protocol that is not built in: records name theirs only.
    fn read(path: &Path, given: &Option<Protocol>) -> Result<Compared> {
        let is_record = path.is_dir() || path.extension().is_some_and(|end| end == "json");
        let path = path.to_owned();
        if !is_record {
            let Scored { record, protocol, tallies, .. } = read_tallies(&path)?;
            return Ok(Compared { path, record, protocol, tallies });
        }
        let file = if path.is_dir() { path.join(RECORD) } else { path.clone() };
        let record = record::read(&file)?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let tallies = record::read_tallies(folder, &record)?;
        let (identity, _) = record.protocol.split_once('+').unwrap_or((&record.protocol, ""));
        let is_it = |protocol: &&Protocol| protocol.identity() == identity;
        let known = given.as_ref().filter(is_it).cloned().or_else(|| Protocol::built_in(identity));
        let protocol = known.with_context(|| {
            format!("{}: name the file of protocol {identity} with --protocol", path.display())
        })?;
        Ok(Compared { path, record, protocol, tallies })
    }

    /// The row of all items of a view.
    fn score(&self, view: View) -> Result<&Score> {
        let mut scores = self.record.scores.iter();
        let found = scores.find(|score| score.view == view && score.slice == Slice::All);
        found.with_context(|| {
            format!(
                "{}: has no scores of the view {view}; name one with --view",
                self.path.display()
            )
        })
    }

    fn name(&self) -> Name {
        let extractor = &self.record.extractor;
        Name {
            path: self.path.display().to_string(),
            name: extractor.name.clone(),
            version: extractor.version.clone(),
            record: self.record.id.clone(),
        }
    }
}

#[derive(Serialize)]
struct Name {
    path: String,
    name: String,
    version: String,
    record: String,
}

/// One comparison, as it is printed.
#[derive(Serialize)]
struct Row {
    view: String,
    first: Name,
    second: Name,
    /// Documents that both have.
    documents: usize,
    /// Whether both measured the same thing.
    comparable: bool,
    /// In which keys of the signature they differ, and how.
    differences: Vec<String>,
    first_f1: Option<f64>,
    second_f1: Option<f64>,
    difference: Option<f64>,
    interval: Option<Interval>,
    p: Option<f64>,
    /// Corrected over all comparisons of the view.
    p_holm: Option<f64>,
    first_signature: String,
    second_signature: String,
}

impl Row {
    fn of(
        first: &Compared,
        second: &Compared,
        view: View,
        resampling: Resampling,
        is_forced: bool,
    ) -> Result<Row> {
        let (mine, theirs) = (&first.score(view)?.signature, &second.score(view)?.signature);
        let value = |value: Option<&str>| value.unwrap_or("(none)").to_owned();
        let differences: Vec<String> = mine
            .differences(theirs)
            .into_iter()
            .map(|key| format!("{key}: {} and {}", value(mine.get(key)), value(theirs.get(key))))
            .collect();
        let paths = format!("{} and {}", first.path.display(), second.path.display());
        if !differences.is_empty() && !is_forced {
            bail!(
                "{paths} did not measure the same thing; {}; score both alike, or --force a \
                 comparison that is marked",
                differences.join("; ")
            );
        }
        let common =
            first.tallies.documents().filter(|document| second.tallies.has(&document.id)).count();
        if common == 0 {
            bail!("{paths} have no document in common");
        }
        let is_whole = common == first.tallies.len() && common == second.tallies.len();
        if differences.is_empty() && !is_whole {
            bail!("{paths} say that their data are the same, but their documents are not");
        }
        let found = compare(&first.tallies, &second.tallies, view, &first.protocol, resampling);
        let Comparison { first: first_f1, second: second_f1, difference, interval, p, .. } =
            found.with_context(|| format!("{paths} do not both have tallies of {view}"))?;
        Ok(Row {
            view: view.to_string(),
            first: first.name(),
            second: second.name(),
            documents: common,
            comparable: differences.is_empty(),
            differences,
            first_f1,
            second_f1,
            difference,
            interval,
            p,
            p_holm: None,
            first_signature: mine.to_string(),
            second_signature: theirs.to_string(),
        })
    }
}

/// Corrects the p-values of several comparisons.
fn correct(rows: &mut [Row]) {
    let defined: Vec<f64> = rows.iter().filter_map(|row| row.p).collect();
    let mut corrected = holm(&defined).into_iter();
    for row in rows.iter_mut().filter(|row| row.p.is_some()) {
        row.p_holm = corrected.next();
    }
}

fn text(rows: &[Row], are_many: bool) -> String {
    let mut header = vec!["view", "first", "second", "F1", "F1", "difference", "95 %", "p"];
    if are_many {
        header.push("p (Holm)");
    }
    let number = |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_default();
    let signed = |value: Option<f64>| value.map(|value| format!("{value:+.4}")).unwrap_or_default();
    let interval = |interval: Option<Interval>| {
        interval.map(|i| format!("{:+.4}..{:+.4}", i.low, i.high)).unwrap_or_default()
    };
    let name = |name: &Name| match name.name.as_str() {
        // A file of predictions has no name of its own.
        "predictions" => name.path.clone(),
        other => other.to_owned(),
    };
    let cells = |row: &Row| {
        let mark = if row.comparable { "" } else { " (NOT COMPARABLE)" };
        let mut cells = vec![
            format!("{}{mark}", row.view),
            name(&row.first),
            name(&row.second),
            number(row.first_f1),
            number(row.second_f1),
            signed(row.difference),
            interval(row.interval),
            number(row.p),
        ];
        if are_many {
            cells.push(number(row.p_holm));
        }
        cells
    };
    let mut text = print::table(&header, 3, &rows.iter().map(cells).collect::<Vec<_>>());
    for row in rows {
        if row.comparable {
            text += &format!("{}\n", row.first_signature);
        } else {
            text += &format!(
                "NOT COMPARABLE, over the {} documents that both have: {}\n{}\n{}\n",
                row.documents,
                row.differences.join("; "),
                row.first_signature,
                row.second_signature
            );
        }
    }
    text
}
