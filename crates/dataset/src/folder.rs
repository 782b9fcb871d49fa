//! A data set: a folder with a manifest, an ontology, and articles in splits.
//!
//! ```text
//! datasets/newswire/
//!     dataset.toml      name, version, splits with expected counts
//!     ontology.toml
//!     articles/test/    one .ere file an article, or one .jsonl file a split
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::authoring;
use crate::check::check_gold;
use crate::document::{Document, Layers};
use crate::error::{Error, ErrorKind, Place};
use crate::input::is_jsonl;
use crate::jsonl::{self, GoldReader};
use crate::label::Vocabulary;
use crate::limits;
use crate::ontology::Ontology;
use crate::stats::Counts;
use crate::text::hex;
use crate::wire::TextPolicy;

/// The name of the manifest in a data set's folder.
pub const MANIFEST: &str = "dataset.toml";

/// A data set's folder, its manifest read; articles are read split by split.
#[derive(Clone, Debug)]
pub struct DatasetFolder {
    /// Where it is.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What is annotated exhaustively, unless a document says otherwise.
    pub layers: Layers,
    /// Its splits, in the order of the manifest.
    pub splits: Vec<SplitEntry>,
    /// Annotations without text, to be joined by `attach`.
    pub standoff: Vec<PathBuf>,
    /// A list of the SHA-256 of each article's text, as it was before it was annotated.
    pub texts: Option<PathBuf>,
    ontology: PathBuf,
}

/// What the manifest says of a split.
#[derive(Clone, Debug)]
pub struct SplitEntry {
    /// Its name.
    pub name: String,
    /// A folder of `.ere` files, or a `.jsonl` file.
    pub path: PathBuf,
    /// How much there should be, where the manifest says.
    pub expected: Option<Counts>,
    /// SHA-256 of the split ([`Split::sha256`]), where the manifest says.
    pub sha256: Option<String>,
}

/// The documents of a split.
#[derive(Clone, Debug)]
pub struct Split {
    /// Its name.
    pub name: String,
    /// In the order of their ids.
    pub documents: Vec<Document>,
    /// SHA-256 of the documents as native JSONL in the order of their ids.
    pub sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: String,
    version: String,
    #[expect(dead_code, reason = "for readers of the manifest")]
    license: Option<String>,
    #[expect(dead_code, reason = "for readers of the manifest")]
    description: Option<String>,
    ontology: PathBuf,
    #[serde(default)]
    layers: Layers,
    #[serde(default)]
    standoff: Vec<PathBuf>,
    texts: Option<PathBuf>,
    split: Vec<ManifestSplit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestSplit {
    name: String,
    path: PathBuf,
    expected: Option<Counts>,
    sha256: Option<String>,
}

impl DatasetFolder {
    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// There is no such folder or no manifest in it, or the manifest is wrong.
    pub fn open(path: &Path) -> Result<DatasetFolder, Error> {
        let manifest_path = path.join(MANIFEST);
        if !manifest_path.exists() {
            let cure = format!(
                "a data set is a folder with a {MANIFEST}; name one, or run in the folder that holds it"
            );
            let kind = ErrorKind::Missing { what: "data set", cure };
            return Err(Error::new(Place::file(path), kind));
        }
        let text = read_small(&manifest_path)?;
        let manifest: Manifest = toml::from_str(&text).map_err(|error| {
            Error::new(Place::file(&manifest_path), ErrorKind::Toml(error.to_string()))
        })?;
        let split = |split: ManifestSplit| SplitEntry {
            name: split.name,
            path: path.join(split.path),
            expected: split.expected,
            sha256: split.sha256,
        };
        Ok(DatasetFolder {
            path: path.to_owned(),
            name: manifest.name,
            version: manifest.version,
            layers: manifest.layers,
            splits: manifest.split.into_iter().map(split).collect(),
            standoff: manifest.standoff.iter().map(|file| path.join(file)).collect(),
            texts: manifest.texts.map(|file| path.join(file)),
            ontology: path.join(manifest.ontology),
        })
    }

    /// Reads the ontology.
    ///
    /// # Errors
    /// As [`Ontology::read`].
    pub fn ontology(&self, vocabulary: &Vocabulary) -> Result<Ontology, Error> {
        Ontology::read(&self.ontology, vocabulary)
    }

    /// What the manifest says of a split.
    ///
    /// # Errors
    /// There is no split of that name; the message lists those that there are.
    pub fn split(&self, name: &str) -> Result<&SplitEntry, Error> {
        self.splits.iter().find(|split| split.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.splits.iter().map(|split| split.name.as_str()).collect();
            let cure = format!("{name:?} was asked for, there are {}", names.join(", "));
            let place = Place::file(&self.path.join(MANIFEST));
            Error::new(place, ErrorKind::Missing { what: "such split", cure })
        })
    }

    /// Reads the documents of a split and holds them against what the manifest expects.
    ///
    /// # Errors
    /// The first thing that is wrong in a document, or counts or a hash that differ from the
    /// manifest's.
    pub fn read_split(
        &self,
        name: &str,
        vocabulary: &Vocabulary,
        ontology: &Ontology,
    ) -> Result<Split, Error> {
        let entry = self.split(name)?;
        let mut documents = Vec::new();
        for document in read_documents(&entry.path, vocabulary, Some(ontology))? {
            documents.push(document?);
        }
        let split = Split::new(name, documents, vocabulary);
        entry.compare(&split).map_err(|message| {
            Error::new(Place::file(&self.path.join(MANIFEST)), ErrorKind::Inconsistent(message))
        })?;
        Ok(split)
    }

    /// The frozen texts: SHA-256 by document id. Empty where the data set does not freeze its texts.
    ///
    /// # Errors
    /// The list cannot be read, or a line of it is not `<64 hexadecimal digits>  <id>`.
    pub fn frozen_texts(&self) -> Result<BTreeMap<String, String>, Error> {
        let Some(path) = &self.texts else { return Ok(BTreeMap::new()) };
        let text = read_small(path)?;
        let entry = |(number, line): (usize, &str)| {
            let (hash, id) = line.split_once("  ").unwrap_or_default();
            if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) && !id.is_empty() {
                return Ok((id.to_owned(), hash.to_ascii_lowercase()));
            }
            let message = format!("{line:?} is no entry; write `<SHA-256>  <document id>`");
            Err(Error::new(Place::line(path, number as u64 + 1), ErrorKind::Inconsistent(message)))
        };
        text.lines().enumerate().map(entry).collect()
    }

    /// Everything that is wrong in the data set: each document's first error, ids and texts that stand
    /// twice (also across splits), texts that are not as they were frozen, counts and hashes that differ
    /// from the manifest's.
    pub fn validate(&self, vocabulary: &Vocabulary) -> Vec<Error> {
        let ontology = match self.ontology(vocabulary) {
            Ok(ontology) => ontology,
            Err(error) => return vec![error],
        };
        let mut errors = Vec::new();
        let frozen = self.frozen_texts().unwrap_or_else(|error| {
            errors.push(error);
            BTreeMap::new()
        });
        let mut ids: BTreeMap<Box<str>, Place> = BTreeMap::new();
        let mut texts: BTreeMap<String, Place> = BTreeMap::new();
        for entry in &self.splits {
            let documents = match read_documents(&entry.path, vocabulary, Some(&ontology)) {
                Ok(documents) => documents,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            };
            let mut good = Vec::new();
            let before = errors.len();
            for document in documents {
                match document {
                    Ok(document) => good.push(document),
                    Err(error) => errors.push(error),
                }
            }
            for document in &good {
                let place =
                    Place { document: Some(document.id.to_string()), ..Place::file(&entry.path) };
                if let Some(first) = ids.insert(document.id.clone(), place.clone()) {
                    let kind = ErrorKind::DuplicateDocument { first };
                    errors.push(Error::new(place.clone(), kind));
                }
                let hash = document.text.sha256();
                if let Some(expected) = frozen.get(&*document.id)
                    && *expected != hash
                {
                    let message = format!(
                        "its text has SHA-256 {hash}, but was frozen with {expected}; \
                         annotation must not change the text"
                    );
                    errors.push(Error::new(place.clone(), ErrorKind::Inconsistent(message)));
                } else if !frozen.is_empty() && !frozen.contains_key(&*document.id) {
                    let message = "its text is not among the frozen ones; add its hash".to_owned();
                    errors.push(Error::new(place.clone(), ErrorKind::Inconsistent(message)));
                }
                if let Some(first) = texts.insert(hash, place.clone()) {
                    let message = format!("has the same text as {first}; keep one of them");
                    errors.push(Error::new(place, ErrorKind::Inconsistent(message)));
                }
            }
            if errors.len() == before
                && let Err(message) = entry.compare(&Split::new(&entry.name, good, vocabulary))
            {
                let place = Place::file(&self.path.join(MANIFEST));
                errors.push(Error::new(place, ErrorKind::Inconsistent(message)));
            }
        }
        errors
    }
}

impl SplitEntry {
    fn compare(&self, split: &Split) -> Result<(), String> {
        let found = Counts::of(&split.documents);
        match &self.expected {
            Some(expected) if *expected != found => {
                return Err(format!(
                    "split {:?} should hold {expected}, but holds {found}; \
                     mend the articles, or the manifest if the change is meant",
                    self.name
                ));
            }
            _ => {}
        }
        match &self.sha256 {
            Some(expected) if *expected != split.sha256 => Err(format!(
                "split {:?} should have SHA-256 {expected}, but has {}; \
                 mend the articles, or the manifest and the version if the change is meant",
                self.name, split.sha256
            )),
            _ => Ok(()),
        }
    }
}

impl Split {
    /// A split of these documents, in any order.
    pub fn new(name: &str, mut documents: Vec<Document>, vocabulary: &Vocabulary) -> Split {
        documents.sort_by(|a, b| a.id.cmp(&b.id));
        let mut hasher = Sha256::new();
        let mut line = Vec::new();
        for document in &documents {
            line.clear();
            jsonl::write(&mut line, document, vocabulary, TextPolicy::Inline)
                .expect("writing to memory cannot fail");
            hasher.update(&line);
        }
        Split { name: name.to_owned(), documents, sha256: hex(&hasher.finalize()) }
    }
}

/// The gold documents under a path: a `.jsonl` or `.jsonl.zst` file, an `.ere` file, or a folder of them (files in
/// the order of their names). Each document is its own result; the outer error is for the path.
///
/// # Errors
/// The path cannot be read, or a folder holds no article.
pub fn read_documents<'a>(
    path: &Path,
    vocabulary: &'a Vocabulary,
    ontology: Option<&'a Ontology>,
) -> Result<Vec<Result<Document, Error>>, Error> {
    if !path.is_dir() {
        return read_file(path, vocabulary, ontology);
    }
    let entries = std::fs::read_dir(path).map_err(|error| Error::io(path, error))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| Error::io(path, error))?.path();
        if extension(&file) == "ere" || is_jsonl(&file) {
            files.push(file);
        }
    }
    files.sort_unstable();
    let mut documents = Vec::new();
    for file in &files {
        documents.extend(read_file(file, vocabulary, ontology)?);
    }
    if documents.is_empty() {
        let cure = "expected .ere or .jsonl files in this folder".to_owned();
        return Err(Error::new(Place::file(path), ErrorKind::Missing { what: "article", cure }));
    }
    Ok(documents)
}

fn read_file(
    path: &Path,
    vocabulary: &Vocabulary,
    ontology: Option<&Ontology>,
) -> Result<Vec<Result<Document, Error>>, Error> {
    if extension(path) == "ere" {
        let document = read_small(path).and_then(|text| {
            let article = authoring::parse_article(&text, vocabulary)?;
            check_gold(&article.document, vocabulary, ontology)
                .map_err(|error| article.locate(error))?;
            Ok(article.document)
        });
        return Ok(vec![document.map_err(|error| error.in_file(path))]);
    }
    Ok(GoldReader::open(path, vocabulary, ontology)?.collect())
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// Reads a small file written by a person.
///
/// # Errors
/// The file cannot be read, is a folder, is over [`limits::FILE_BYTES`], or is no UTF-8.
pub fn read_small(path: &Path) -> Result<String, Error> {
    let metadata = std::fs::metadata(path).map_err(|error| Error::io(path, error))?;
    if metadata.is_dir() {
        return Err(Error::new(Place::file(path), ErrorKind::Directory));
    }
    if metadata.len() > limits::FILE_BYTES {
        let (value, limit) = (metadata.len(), limits::FILE_BYTES);
        let kind = ErrorKind::Limit { what: "bytes of the file", value, limit };
        return Err(Error::new(Place::file(path), kind));
    }
    let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..valid];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let kind = ErrorKind::InvalidUtf8 { byte: valid - start };
        Error::new(Place::line(path, line), kind)
    })
}
