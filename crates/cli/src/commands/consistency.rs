use std::fmt::Write as _;

use ere_dataset::Vocabulary;
use ere_dataset::consistency::{counts, questions};

use super::gold;
use crate::args::Consistency;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Consistency) -> anyhow::Result<Done> {
    let vocabulary = Vocabulary::default();
    let (documents, ontology) = gold::read_all(&args.path, args.split.as_deref(), &vocabulary)?;
    let questions = questions(&documents, &vocabulary, ontology.as_ref());
    if args.json {
        print::json(&questions)?;
        return Ok(Done::Ok);
    }
    let mut text = String::new();
    for one in &questions {
        let (kind, document) = (one.kind.name(), &one.document);
        let here = if one.here.is_empty() { String::new() } else { format!("; here {}", one.here) };
        writeln!(
            text,
            "{document}: {kind}: {}: {}{here}\n    {}",
            one.subject, one.usual, one.context
        )
        .expect("writing to a string cannot fail");
    }
    let counts = counts(&questions);
    let counts: Vec<String> =
        counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let summary = if counts.is_empty() { "no question".to_owned() } else { counts.join(", ") };
    writeln!(text, "{} documents: {summary}", documents.len())
        .expect("writing to a string cannot fail");
    print::out(&text)?;
    Ok(Done::Ok)
}
