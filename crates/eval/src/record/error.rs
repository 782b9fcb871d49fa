//! What can be wrong with a record.

use std::fmt;
use std::path::{Path, PathBuf};

use super::SCHEMA;

/// Something wrong with a record: a kind and the path that it is about.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    kind: ErrorKind,
}

/// What is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused.
    Io(std::io::Error),
    /// Text that is no JSON, or JSON that is no record.
    Json(serde_json::Error),
    /// A record of another schema.
    Schema {
        /// What it says, if anything.
        found: Option<String>,
    },
    /// A record whose id does not follow from what it describes.
    Identity {
        /// What it says.
        found: String,
        /// What follows.
        expected: String,
    },
    /// A file that the record does not name.
    NotListed,
    /// A file whose content is not the one that the record names.
    Damaged {
        /// SHA-256 of the file.
        found: String,
        /// SHA-256 in the record.
        expected: String,
    },
    /// A table of tallies that is none.
    Tallies(String),
    /// More than may be.
    Limit {
        /// What is too much.
        what: &'static str,
        /// How much there is.
        value: u64,
        /// How much may be.
        limit: u64,
    },
}

impl Error {
    pub(super) fn new(path: &Path, kind: ErrorKind) -> Error {
        Error(Box::new(Inner { path: path.to_owned(), kind }))
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
        |error| Error::new(path, ErrorKind::Io(error))
    }

    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The file or folder.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Whether the machine failed and not the input.
    pub fn is_io(&self) -> bool {
        use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
        match self.kind() {
            ErrorKind::Io(error) => {
                !matches!(error.kind(), NotFound | NotADirectory | IsADirectory)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path().display(), self.kind())
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
        match self {
            ErrorKind::Io(error) if error.kind() == NotFound => {
                f.write_str("no such file; check the path")
            }
            ErrorKind::Io(error) if error.kind() == IsADirectory => {
                f.write_str("is a directory; name the record.json in it")
            }
            ErrorKind::Io(error) if error.kind() == NotADirectory => {
                f.write_str("is no directory; name the folder that holds the records")
            }
            ErrorKind::Io(error) => error.fmt(f),
            ErrorKind::Json(error) => {
                write!(f, "not a record of the schema {SCHEMA}: {error}; run the extractor again")
            }
            ErrorKind::Schema { found: None } => {
                write!(f, "has no \"schema\"; expected a record that begins with {SCHEMA:?}")
            }
            ErrorKind::Schema { found: Some(found) } => write!(
                f,
                "has the schema {found:?}, but this version reads {SCHEMA:?}; use the version of \
                 erebench that wrote it, or run the extractor again"
            ),
            ErrorKind::Identity { found, expected } => write!(
                f,
                "has the id {found:?}, but what it describes has the id {expected:?}; \
                 records are not edited, run the extractor again"
            ),
            ErrorKind::NotListed => {
                f.write_str("the record does not name this file; run the extractor again")
            }
            ErrorKind::Damaged { found, expected } => write!(
                f,
                "is not the file that the record names (SHA-256 {found}, expected {expected}); \
                 restore it or run the extractor again"
            ),
            ErrorKind::Tallies(message) => {
                write!(f, "not a table of tallies: {message}; run the extractor again")
            }
            ErrorKind::Limit { what, value, limit } => {
                write!(f, "{what}: {value} is over the limit of {limit}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Io(error) => Some(error),
            ErrorKind::Json(error) => Some(error),
            _ => None,
        }
    }
}
