use std::path::Path;

use ere_dataset::folder::read_documents;
use ere_dataset::stats::Counts;
use ere_dataset::{DatasetFolder, Document, Error, Ontology, Vocabulary};
use serde_json::json;

use super::gold::is_dataset;
use crate::args::Validate;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Validate) -> anyhow::Result<Done> {
    let vocabulary = Vocabulary::default();
    let ontology = match &args.ontology {
        Some(path) => Some(Ontology::read(path, &vocabulary)?),
        None => None,
    };
    let mut errors = 0;
    let mut reports = Vec::new();
    for path in &args.paths {
        let (counts, wrong) = validate(path, ontology.as_ref(), &vocabulary);
        errors += wrong.len();
        let messages: Vec<String> = wrong.iter().map(Error::to_string).collect();
        if args.json {
            reports.push(json!({"path": path, "counts": counts, "errors": messages}));
            continue;
        }
        for message in &messages {
            print::message(message);
        }
        if wrong.is_empty() {
            print::out(&format!("{}: valid; {counts}\n", path.display()))?;
        }
    }
    if args.json {
        print::json(&reports)?;
    } else if errors > 0 {
        print::message(&format!("erebench: {errors} {} found", plural("error", errors)));
    }
    Ok(if errors == 0 { Done::Ok } else { Done::BadInput })
}

fn plural(word: &str, count: usize) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

fn validate(
    path: &Path,
    ontology: Option<&Ontology>,
    vocabulary: &Vocabulary,
) -> (Counts, Vec<Error>) {
    let mut documents: Vec<Document> = Vec::new();
    let mut errors = Vec::new();
    let mut take = |read: Result<Vec<Result<Document, Error>>, Error>| match read {
        Err(error) => errors.push(error),
        Ok(read) => {
            for document in read {
                match document {
                    Ok(document) => documents.push(document),
                    Err(error) => errors.push(error),
                }
            }
        }
    };
    if !is_dataset(path) {
        take(read_documents(path, vocabulary, ontology));
        return (Counts::of(&documents), errors);
    }
    match DatasetFolder::open(path) {
        Err(error) => (Counts::default(), vec![error]),
        Ok(folder) => {
            let wrong = folder.validate(vocabulary);
            if wrong.is_empty() {
                for split in &folder.splits {
                    take(read_documents(&split.path, vocabulary, None));
                }
            }
            (Counts::of(&documents), wrong)
        }
    }
}
