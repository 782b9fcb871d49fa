//! The authoring format: one article a file, plain text with inline brackets for mentions and one
//! line for each relation below (`docs/authoring.md` has the whole of it).
//!
//! [`parse`] and [`write`](write()) are inverse to each other: `parse(&write(&document)) == document` for
//! every valid document within [`crate::limits`].
//!
//! ```
//! use ere_dataset::{authoring, Vocabulary};
//! let vocabulary = Vocabulary::default();
//! let file = "id: a\n---\ns0 [Anna](PER anna) leads [Acme](ORG acme).\n---\nhead_of anna acme : s0\n";
//! let document = authoring::parse(file, &vocabulary)?;
//! assert_eq!(document.text.as_str(), "Anna leads Acme.");
//! assert_eq!(document.relations.len(), 1);
//!
//! let error = authoring::parse("id: a\n---\ns0 [Anna leads.\n", &vocabulary).unwrap_err();
//! assert!(error.to_string().starts_with("line 3, column 4: this `[` is not closed on its line"));
//! # Ok::<(), ere_dataset::Error>(())
//! ```

mod annotation;
mod body;
mod brackets;
mod cursor;
mod flags;
mod layout;
mod parse;
mod write;

use std::path::Path;

use crate::document::Document;
use crate::error::Error;
use crate::folder::read_small;
use crate::label::Vocabulary;

pub use parse::{Article, parse, parse_article};
pub use write::write;

/// The line between two parts of a file.
const SEPARATOR: &str = "---";

/// Reads one article from its file.
///
/// # Errors
/// The file cannot be read, is over [`crate::limits::FILE_BYTES`], or as [`parse`].
pub fn read(path: &Path, vocabulary: &Vocabulary) -> Result<Document, Error> {
    let text = read_small(path)?;
    parse(&text, vocabulary).map_err(|error| error.in_file(path))
}
