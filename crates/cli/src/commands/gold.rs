//! Gold, wherever it is.

use std::path::Path;

use ere_dataset::folder::{MANIFEST, Split, read_documents};
use ere_dataset::input::is_compressed;
use ere_dataset::{DatasetFolder, Document, Error, Layers, Ontology, Vocabulary};

/// Gold documents and what belongs to them.
pub(crate) struct Gold {
    pub(crate) documents: Vec<Document>,
    pub(crate) sha256: String,
    pub(crate) ontology: Option<Ontology>,
    pub(crate) layers: Layers,
    /// The name of the data set, or of the file.
    pub(crate) name: String,
    /// The version of the data set; empty for a file.
    pub(crate) version: String,
    /// The split; empty for a file.
    pub(crate) split: String,
}

/// Whether a path is a data set's folder.
pub(crate) fn is_dataset(path: &Path) -> bool {
    path.join(MANIFEST).is_file()
}

/// Reads gold from a data set (one split) or from files. Layers that a file does not speak of are
/// taken as annotated where any of its documents has them.
pub(crate) fn read(
    path: &Path,
    split: &str,
    ontology: Option<&Path>,
    vocabulary: &Vocabulary,
) -> Result<Gold, Error> {
    if is_dataset(path) {
        let folder = DatasetFolder::open(path)?;
        let ontology = folder.ontology(vocabulary)?;
        let split = folder.read_split(split, vocabulary, &ontology)?;
        let Split { documents, sha256, name: split } = split;
        let DatasetFolder { name, version, layers, .. } = folder;
        return Ok(Gold {
            documents,
            sha256,
            ontology: Some(ontology),
            layers,
            name,
            version,
            split,
        });
    }
    let ontology = match ontology {
        Some(ontology) => Some(Ontology::read(ontology, vocabulary)?),
        None => None,
    };
    let documents = read_documents(path, vocabulary, ontology.as_ref())?;
    let documents: Vec<Document> = documents.into_iter().collect::<Result<_, _>>()?;
    let layers = layers_of(&documents);
    let name = stem(path);
    let Split { documents, sha256, .. } = Split::new(&name, documents, vocabulary);
    let (version, split) = (String::new(), String::new());
    Ok(Gold { documents, sha256, ontology, layers, name, version, split })
}

/// Reads all gold of a data set (or one split of it), or of files, with the data set's ontology.
pub(crate) fn read_all(
    path: &Path,
    split: Option<&str>,
    vocabulary: &Vocabulary,
) -> Result<(Vec<Document>, Option<Ontology>), Error> {
    if !is_dataset(path) {
        let documents = read_documents(path, vocabulary, None)?;
        return Ok((documents.into_iter().collect::<Result<_, _>>()?, None));
    }
    let folder = DatasetFolder::open(path)?;
    let ontology = folder.ontology(vocabulary)?;
    let names: Vec<&str> = match split {
        Some(split) => vec![split],
        None => folder.splits.iter().map(|split| split.name.as_str()).collect(),
    };
    let mut documents = Vec::new();
    for name in names {
        documents.extend(folder.read_split(name, vocabulary, &ontology)?.documents);
    }
    Ok((documents, Some(ontology)))
}

/// The names of a data set's splits, in the order of its manifest.
pub(crate) fn splits(path: &Path) -> Result<Vec<String>, Error> {
    let folder = DatasetFolder::open(path)?;
    Ok(folder.splits.into_iter().map(|split| split.name).collect())
}

/// The name of a file that has no other.
pub(crate) fn stem(path: &Path) -> String {
    let path = if is_compressed(path) { path.with_extension("") } else { path.to_owned() };
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn layers_of(documents: &[Document]) -> Layers {
    Layers {
        mention_relations: documents.iter().any(|document| !document.mention_relations.is_empty()),
        ..Layers::default()
    }
}
