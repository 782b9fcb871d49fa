use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use ere_dataset::Vocabulary;
use ere_dataset::consistency::{Question, counts, questions};
use serde::Deserialize;

use super::gold;
use crate::args::Consistency;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Consistency) -> anyhow::Result<Done> {
    let vocabulary = Vocabulary::default();
    let (documents, ontology) = gold::read_all(&args.path, args.split.as_deref(), &vocabulary)?;
    let mut questions = questions(&documents, &vocabulary, ontology.as_ref());
    let answers = args.answers.as_deref().map(read).transpose()?.unwrap_or_default();
    let mut idle = answers.clone();
    questions.retain(|question| {
        let asked = Asked::of(question);
        idle.remove(&asked);
        !answers.contains(&asked)
    });
    let done = match args.answers.is_some() && (!questions.is_empty() || !idle.is_empty()) {
        true => Done::GateFailed,
        false => Done::Ok,
    };
    if args.json {
        print::json(&questions)?;
    } else {
        print::out(&text(&questions, documents.len(), answers.len() - idle.len()))?;
    }
    for Asked { document, kind, subject, .. } in &idle {
        print::message(&format!(
            "erebench: {document}: {kind}: {subject}: answered, but no question any more; take the answer out"
        ));
    }
    Ok(done)
}

/// What identifies a question.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    document: String,
    kind: String,
    subject: String,
    context: String,
}

impl Asked {
    fn of(question: &Question) -> Asked {
        let Question { document, kind, subject, context, .. } = question.clone();
        Asked { document, kind: kind.name().to_owned(), subject, context }
    }
}

/// A line of the file of answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    document: String,
    kind: String,
    subject: String,
    context: String,
    answer: String,
}

fn read(path: &Path) -> anyhow::Result<BTreeSet<Asked>> {
    let place = || path.display().to_string();
    let mut reader = csv::Reader::from_path(path).with_context(place)?;
    let mut answers = BTreeSet::new();
    for (row, line) in reader.deserialize().enumerate() {
        let Answer { document, kind, subject, context, answer } = line.with_context(place)?;
        if answer.trim().is_empty() {
            bail!(
                "{}: answer {}, on {subject:?} in {document}, is empty; write one",
                place(),
                row + 1
            );
        }
        answers.insert(Asked { document, kind, subject, context });
    }
    Ok(answers)
}

fn text(questions: &[Question], documents: usize, answered: usize) -> String {
    let mut text = String::new();
    for one in questions {
        let (kind, document) = (one.kind.name(), &one.document);
        let here = if one.here.is_empty() { String::new() } else { format!("; here {}", one.here) };
        writeln!(
            text,
            "{document}: {kind}: {}: {}{here}\n    {}",
            one.subject, one.usual, one.context
        )
        .expect("writing to a string cannot fail");
    }
    let counts = counts(questions);
    let counts: Vec<String> =
        counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let summary = if counts.is_empty() { "no question".to_owned() } else { counts.join(", ") };
    let answered = if answered == 0 { String::new() } else { format!("; {answered} answered") };
    writeln!(text, "{documents} documents: {summary}{answered}")
        .expect("writing to a string cannot fail");
    text
}
