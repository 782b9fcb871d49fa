use std::path::Path;

use anyhow::bail;
use ere_dataset::folder::read_documents;
use ere_dataset::output::Output;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{DatasetFolder, Document, Vocabulary, authoring, jsonl};

use super::attach::write;
use super::gold::is_dataset;
use crate::args::Convert;
use crate::exit::Done;

pub(crate) fn run(args: &Convert) -> anyhow::Result<Done> {
    let vocabulary = Vocabulary::default();
    let documents = read(args, &vocabulary)?;
    let extension = args.output.extension().and_then(|extension| extension.to_str());
    let to_authoring = extension == Some("ere") || is_folder(&args.output);
    if to_authoring && args.standoff {
        bail!("--standoff writes JSONL; the authoring form holds the text");
    }
    match documents.as_slice() {
        [document] if extension == Some("ere") => {
            write(&args.output, authoring::write(document, &vocabulary).as_bytes())?;
        }
        documents if extension == Some("ere") => {
            bail!(
                "{} documents do not fit into one .ere file; name a folder: -o {}/",
                documents.len(),
                args.output.with_extension("").display()
            );
        }
        documents if to_authoring => {
            for document in documents {
                let path = args.output.join(format!("{}.ere", file_name(document)?));
                Output::write(&path, authoring::write(document, &vocabulary).as_bytes())?;
            }
        }
        documents => {
            let policy = if args.standoff { TextPolicy::Hash } else { TextPolicy::Inline };
            let mut lines = Vec::new();
            for document in documents {
                jsonl::write(&mut lines, document, &vocabulary, policy)?;
            }
            write(&args.output, &lines)?;
        }
    }
    Ok(Done::Ok)
}

fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

fn read(args: &Convert, vocabulary: &Vocabulary) -> anyhow::Result<Vec<Document>> {
    if !is_dataset(&args.input) {
        let documents = read_documents(&args.input, vocabulary, None)?;
        return Ok(documents.into_iter().collect::<Result<_, _>>()?);
    }
    let folder = DatasetFolder::open(&args.input)?;
    let ontology = folder.ontology(vocabulary)?;
    let mut documents = Vec::new();
    for split in &folder.splits {
        if args.split.as_ref().is_none_or(|wanted| *wanted == split.name) {
            documents.extend(folder.read_split(&split.name, vocabulary, &ontology)?.documents);
        }
    }
    if let Some(split) = &args.split {
        folder.split(split)?;
    }
    Ok(documents)
}

/// A document id as a file name: it must be one, and no path.
fn file_name(document: &Document) -> anyhow::Result<&str> {
    let id = &*document.id;
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    if id.is_empty() || id.starts_with('.') || !id.chars().all(is_plain) {
        bail!("the document id {id:?} cannot be a file name; write JSONL instead");
    }
    Ok(id)
}
