//! Checks articles in the authoring format against an ontology.
//!
//! `cargo run --example check_articles ONTOLOGY.toml ARTICLE.ere…` prints what is wrong in each file,
//! and one line of counts for each file that is right. Exit code 2 where anything is wrong.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use ere_dataset::authoring::{Article, parse_article};
use ere_dataset::check::check_gold;
use ere_dataset::{Document, Error, ErrorKind, Form, Item, Ontology, Place, Vocabulary};

fn main() -> std::io::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let mut arguments = std::env::args_os().skip(1);
    let Some(ontology) = arguments.next() else {
        writeln!(out, "usage: check_articles ONTOLOGY.toml ARTICLE.ere…")?;
        return Ok(ExitCode::from(2));
    };
    let vocabulary = Vocabulary::default();
    let ontology = match Ontology::read(Path::new(&ontology), &vocabulary) {
        Ok(ontology) => ontology,
        Err(error) => {
            writeln!(out, "{error}")?;
            return Ok(ExitCode::from(2));
        }
    };
    let mut wrong = 0;
    for path in arguments {
        let path = Path::new(&path);
        match check(path, &vocabulary, &ontology) {
            Ok(counts) => writeln!(out, "{}: {counts}", path.display())?,
            Err(errors) => {
                wrong += errors.len();
                for error in errors {
                    writeln!(out, "{error}")?;
                }
            }
        }
    }
    if wrong == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{wrong} errors")?;
    Ok(ExitCode::from(2))
}

/// The counts of an article, or everything that is wrong with it.
fn check(path: &Path, vocabulary: &Vocabulary, ontology: &Ontology) -> Result<String, Vec<String>> {
    let one = |error: Error| vec![error.in_file(path).to_string()];
    let text = std::fs::read_to_string(path).map_err(|error| one(Error::io(path, error)))?;
    let article = parse_article(&text, vocabulary).map_err(one)?;
    let mut errors = unknown_types(&article, vocabulary, ontology);
    if errors.is_empty() {
        errors = wrong_relations(&article, vocabulary, ontology);
    }
    if errors.is_empty() {
        return Ok(counts(&article.document));
    }
    let shown = |(place, message): (Place, String)| {
        let line = place.line.and_then(|line| text.lines().nth(line as usize - 1));
        let place = Place { file: Some(path.to_owned()), ..place };
        format!("{place}: {message}\n  | {}", line.unwrap_or_default())
    };
    Err(errors.into_iter().map(shown).collect())
}

/// Mentions and entities whose types the ontology does not know.
fn unknown_types(
    article: &Article<'_>,
    vocabulary: &Vocabulary,
    ontology: &Ontology,
) -> Vec<(Place, String)> {
    let document = &article.document;
    let mentions = document.mentions.iter().enumerate();
    let mentions = mentions.map(|(position, m)| (Item::new("mentions", position), m.label));
    let entities = document.entities.iter().enumerate().flat_map(|(position, entity)| {
        entity.labels.iter().map(move |label| (Item::new("entities", position), *label))
    });
    let unknown = mentions.chain(entities).filter(|(_, label)| ontology.entity(*label).is_none());
    let error = |(item, label)| {
        let label = vocabulary.name(label).to_string();
        let similar = ontology.similar(&label, false);
        let kind = ErrorKind::UnknownLabel { item, label, similar };
        (article.place(item).unwrap_or_default(), kind.to_string())
    };
    unknown.map(error).collect()
}

/// The check stops at the first error; here wrong relations are taken out until nothing is wrong.
fn wrong_relations(
    article: &Article<'_>,
    vocabulary: &Vocabulary,
    ontology: &Ontology,
) -> Vec<(Place, String)> {
    let mut errors = Vec::new();
    let mut document = article.document.clone();
    let mut origins: Vec<usize> = (0..document.relations.len()).collect();
    while let Err(error) = check_gold(&document, vocabulary, Some(ontology)) {
        let message = error.kind().to_string();
        let item = match error.kind().item() {
            Some(item) if item.list == "relations" => item,
            item => {
                let place = item.and_then(|item| article.place(item));
                errors.push((place.unwrap_or_default(), message));
                break;
            }
        };
        let origin = Item { position: origins[item.position], ..item };
        let message = message.replacen(&item.to_string(), &origin.to_string(), 1);
        errors.push((article.place(origin).unwrap_or_default(), message));
        document.relations.remove(item.position);
        origins.remove(item.position);
    }
    errors
}

fn counts(document: &Document) -> String {
    let form = |form| document.mentions.iter().filter(|m| m.form == form).count();
    let evidence: usize = document.relations.iter().map(|relation| relation.evidence.len()).sum();
    format!(
        "1 document, {} sentences, {} mentions ({} name, {} nominal, {} pronoun, {} without form), \
         {} entities, {} relations, {} pieces of evidence",
        document.sentences.len(),
        document.mentions.len(),
        form(Some(Form::Name)),
        form(Some(Form::Nominal)),
        form(Some(Form::Pronoun)),
        form(None),
        document.entities.len(),
        document.relations.len(),
        evidence,
    )
}
