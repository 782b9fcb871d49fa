//! What can keep a run from being made.

use std::fmt;
use std::path::PathBuf;

use ere_dataset::Given;
use ere_eval::record::{self, track_name};
use ere_extract::Failure;

/// Why there is no outcome.
#[derive(Debug)]
pub struct Error(Box<ErrorKind>);

/// What is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The run was told to stop.
    Cancelled,
    /// A split without documents.
    NoDocuments {
        /// Its name.
        split: String,
    },
    /// Two gold documents of one id.
    DuplicateDocument {
        /// The id.
        id: String,
    },
    /// An extractor that cannot run on the track.
    Track {
        /// Its name.
        extractor: String,
        /// The track that was asked for.
        track: Given,
        /// The tracks that it can run on.
        known: Vec<Given>,
    },
    /// Noise without an ontology.
    NoOntology,
    /// An extractor that does not start.
    Start {
        /// Its name.
        extractor: String,
        /// Why.
        failure: Failure,
    },
    /// A prediction for a document that gold does not have.
    UnknownDocument {
        /// The file of predictions.
        file: PathBuf,
        /// The line, where it is known.
        line: Option<u64>,
        /// The document.
        id: String,
    },
    /// More different types than [`ere_dataset::limits::LABELS`].
    Labels {
        /// What has them.
        file: PathBuf,
    },
    /// A file that holds no part of a result.
    Partial {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Parts of results that measured different things.
    Mismatch {
        /// The first part.
        first: PathBuf,
        /// The part that differs from it.
        second: PathBuf,
        /// In what, and how.
        differences: Vec<String>,
    },
    /// Documents that are in several parts.
    CountedTwice {
        /// The first of them, each with two of its files.
        documents: Vec<(String, PathBuf, PathBuf)>,
        /// How many there are.
        count: u64,
    },
    /// A result could not be written.
    Output(std::io::Error),
    /// The threads could not be made.
    Threads(rayon::ThreadPoolBuildError),
    /// A file of predictions that cannot be read.
    Dataset(ere_dataset::Error),
    /// The record could not be written.
    Record(record::Error),
}

impl Error {
    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// Whether the machine failed and not the input.
    pub fn is_io(&self) -> bool {
        match self.kind() {
            ErrorKind::Threads(_) | ErrorKind::Output(_) => true,
            ErrorKind::Dataset(error) => error.is_io(),
            ErrorKind::Record(error) => error.is_io(),
            _ => false,
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error(Box::new(kind))
    }
}

impl From<ere_dataset::Error> for Error {
    fn from(error: ere_dataset::Error) -> Error {
        ErrorKind::Dataset(error).into()
    }
}

impl From<record::Error> for Error {
    fn from(error: record::Error) -> Error {
        ErrorKind::Record(error).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::Cancelled => f.write_str("stopped; nothing was written"),
            ErrorKind::NoDocuments { split } => {
                write!(f, "the split {split:?} has no documents; name one that has")
            }
            ErrorKind::DuplicateDocument { id } => {
                write!(f, "gold has the document {id:?} twice; ids must be unique")
            }
            ErrorKind::Track { extractor, track, known } => {
                let known: Vec<&str> = known.iter().map(|track| track_name(*track)).collect();
                write!(
                    f,
                    "{extractor} does not run on the track {}; it runs on {}",
                    track_name(*track),
                    known.join(", ")
                )
            }
            ErrorKind::NoOntology => {
                f.write_str("noise needs the ontology of the data set; name one that has it")
            }
            ErrorKind::Start { extractor, failure } => {
                write!(f, "{extractor} does not start: {failure}")
            }
            ErrorKind::UnknownDocument { file, line, id } => write!(
                f,
                "{}{}: document {id:?}: gold has no such document; \
                 check the split, or allow unknown documents to have them passed over",
                file.display(),
                line.map_or(String::new(), |line| format!(":{line}"))
            ),
            ErrorKind::Labels { file } => write!(
                f,
                "{}: more than {} different types; types are names from a list, \
                 a label map can bring others down to it",
                file.display(),
                ere_dataset::limits::LABELS
            ),
            ErrorKind::Partial { file, message } => {
                write!(f, "{}: {message}", file.display())
            }
            ErrorKind::Mismatch { first, second, differences } => write!(
                f,
                "{} and {} measured different things: {}",
                first.display(),
                second.display(),
                differences.join("; ")
            ),
            ErrorKind::CountedTwice { documents, count } => {
                let one = |(id, first, second): &(String, PathBuf, PathBuf)| {
                    format!("{id:?} ({} and {})", first.display(), second.display())
                };
                let named: Vec<String> = documents.iter().map(one).collect();
                let more = match count - documents.len() as u64 {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                write!(
                    f,
                    "documents are counted twice: {}{more}; every document may be in one part only",
                    named.join(", ")
                )
            }
            ErrorKind::Output(error) => error.fmt(f),
            ErrorKind::Threads(error) => write!(f, "threads could not be made: {error}"),
            ErrorKind::Dataset(error) => error.fmt(f),
            ErrorKind::Record(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Start { failure, .. } => Some(failure),
            ErrorKind::Threads(error) => Some(error),
            ErrorKind::Output(error) => Some(error),
            ErrorKind::Dataset(error) => Some(error),
            ErrorKind::Record(error) => Some(error),
            _ => None,
        }
    }
}
