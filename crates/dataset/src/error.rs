//! What can be wrong with a file, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// Something wrong in what was read or written: a kind, and a place as exact as it is known.
///
/// Printed as `place: what, and what would be right`.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    kind: ErrorKind,
}

/// Where something is wrong. Each part is known or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Option<PathBuf>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The column in characters, from 1.
    pub column: Option<u64>,
    /// The document.
    pub document: Option<String>,
}

/// What is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused.
    Io(std::io::Error),
    /// A folder where a file is needed.
    Directory,
    /// Nothing there.
    Missing {
        /// What was looked for: "data set", "split".
        what: &'static str,
        /// What would be right.
        cure: String,
    },
    /// A file without a document.
    Empty,
    /// Bytes that are no UTF-8.
    InvalidUtf8 {
        /// The first bad byte of the line, from 0.
        byte: usize,
    },
    /// Text that is no JSON, or JSON of another shape.
    Json(serde_json::Error),
    /// A number that JSON does not have: `NaN`, `Infinity`, `-Infinity`.
    NoNumber {
        /// The byte of the line at which it stands, from 1.
        column: usize,
    },
    /// Text that is no TOML, or TOML of another shape.
    Toml(String),
    /// A document without text where one is needed.
    NoText,
    /// Two documents of one id.
    DuplicateDocument {
        /// Where the first one stands.
        first: Place,
    },
    /// Offsets that are no stretch of the text.
    SpanOutOfRange {
        /// Which item: `mentions[3]`.
        item: Item,
        /// The first code point.
        start: u64,
        /// One past the last code point.
        end: u64,
        /// The length of the text in code points.
        length: u64,
    },
    /// A span in memory that cuts a character.
    SpanCutsCharacter {
        /// Which item.
        item: Item,
        /// The span, in bytes.
        span: crate::Span,
    },
    /// Spans of one mention that touch or overlap, or none at all.
    SpansNotApart {
        /// Which item.
        item: Item,
    },
    /// A reference to an item that is not there.
    Dangling {
        /// Which item refers.
        item: Item,
        /// To what list.
        list: &'static str,
        /// To which position.
        position: u64,
        /// How many there are.
        count: usize,
    },
    /// A mention that two entities claim.
    MentionShared {
        /// Which mention.
        mention: u32,
        /// The first entity.
        first: u32,
        /// The second one.
        second: u32,
    },
    /// A type that the ontology does not have.
    UnknownLabel {
        /// Which item.
        item: Item,
        /// The type.
        label: String,
        /// A type of the ontology that looks like it.
        similar: Option<String>,
    },
    /// A relation whose ends have types that its signature does not allow.
    Signature {
        /// Which item.
        item: Item,
        /// What was found, `PER -> DATE`.
        found: String,
        /// What the ontology allows.
        allowed: String,
    },
    /// A relation from an entity to itself, or one written twice, or an inverse written out.
    Relation {
        /// Which item.
        item: Item,
        /// What is wrong, and the cure.
        message: String,
    },
    /// A number that is none, or is infinite.
    NotFinite {
        /// Which item.
        item: Item,
    },
    /// More, or longer, than the declared limit (`limits`).
    Limit {
        /// What is too much.
        what: &'static str,
        /// How much there is.
        value: u64,
        /// How much may be.
        limit: u64,
    },
    /// An authoring file that does not follow its form.
    Authoring {
        /// What is wrong.
        message: String,
        /// What would be right.
        cure: String,
        /// The line as it stands.
        text: String,
    },
    /// A text that is not the one that was annotated.
    TextMismatch {
        /// SHA-256 of the annotated text.
        expected: String,
        /// SHA-256 of this one.
        found: String,
        /// What is known about where they differ.
        hint: String,
    },
    /// A data set, ontology or manifest that contradicts itself or its files.
    Inconsistent(String),
}

/// One item of a layer, printed as `mentions[3]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The name of the list.
    pub list: &'static str,
    /// The position in it, from 0.
    pub position: usize,
}

impl ErrorKind {
    /// The item that is wrong, if it is one.
    pub fn item(&self) -> Option<Item> {
        match self {
            ErrorKind::SpanOutOfRange { item, .. }
            | ErrorKind::SpanCutsCharacter { item, .. }
            | ErrorKind::SpansNotApart { item }
            | ErrorKind::Dangling { item, .. }
            | ErrorKind::UnknownLabel { item, .. }
            | ErrorKind::Signature { item, .. }
            | ErrorKind::Relation { item, .. }
            | ErrorKind::NotFinite { item } => Some(*item),
            _ => None,
        }
    }
}

impl Item {
    /// The item at a position of a list.
    pub const fn new(list: &'static str, position: usize) -> Item {
        Item { list, position }
    }
}

impl Error {
    /// An error at a place.
    pub fn new(place: Place, kind: ErrorKind) -> Error {
        Error(Box::new(Inner { place, kind }))
    }

    /// What the operating system said about a path, with the two common cases put in words.
    pub fn io(path: &Path, error: std::io::Error) -> Error {
        let kind = match error.kind() {
            std::io::ErrorKind::IsADirectory => ErrorKind::Directory,
            _ => ErrorKind::Io(error),
        };
        Error::new(Place::file(path), kind)
    }

    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Where.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The same error, in this file unless one is named already.
    #[must_use]
    pub fn in_file(mut self, path: &Path) -> Error {
        self.0.place.file.get_or_insert_with(|| path.to_owned());
        self
    }

    /// The same error, on this line unless one is named already.
    #[must_use]
    pub fn on_line(mut self, line: u64) -> Error {
        self.0.place.line.get_or_insert(line);
        self
    }

    /// The same error, on this line and column unless a line is named already.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Error {
        if self.0.place.line.is_none() {
            (self.0.place.line, self.0.place.column) = (place.line, place.column);
        }
        self
    }

    /// The same error, in this document unless one is named already.
    #[must_use]
    pub fn in_document(mut self, id: &str) -> Error {
        self.0.place.document.get_or_insert_with(|| id.to_owned());
        self
    }

    /// Whether the machine failed and not the input.
    pub fn is_io(&self) -> bool {
        use std::io::ErrorKind::{InvalidData, NotFound};
        matches!(self.kind(), ErrorKind::Io(error) if !matches!(error.kind(), NotFound | InvalidData))
    }
}

impl Place {
    /// A file as a whole.
    pub fn file(path: &Path) -> Place {
        Place { file: Some(path.to_owned()), ..Place::default() }
    }

    /// A line of a file.
    pub fn line(path: &Path, line: u64) -> Place {
        Place { line: Some(line), ..Place::file(path) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(file) = &self.file {
            let mut part = file.display().to_string();
            if let Some(line) = self.line {
                part += &format!(":{line}");
                if let Some(column) = self.column {
                    part += &format!(":{column}");
                }
            }
            parts.push(part);
        } else if let Some(line) = self.line {
            let column = self.column.map(|column| format!(", column {column}"));
            parts.push(format!("line {line}{}", column.unwrap_or_default()));
        }
        if let Some(document) = &self.document {
            parts.push(format!("document {document:?}"));
        }
        f.write_str(&parts.join(": "))
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.list, self.position)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.place == Place::default() {
            self.0.kind.fmt(f)
        } else {
            write!(f, "{}: {}", self.0.place, self.0.kind)
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ErrorKind::*;
        match self {
            Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                f.write_str("no such file; check the path")
            }
            Io(error) => error.fmt(f),
            Directory => f.write_str("is a directory; name a file in it"),
            Missing { what, cure } => write!(f, "no {what} here; {cure}"),
            Empty => f.write_str("holds no document; expected one JSON object a line"),
            InvalidUtf8 { byte } => {
                write!(f, "byte {byte} of the line is not UTF-8; convert the file to UTF-8")
            }
            Json(error) => write!(f, "not a document in native JSON: {error}"),
            NoNumber { column } => write!(
                f,
                "not a document in native JSON: column {column} holds NaN or Infinity, which JSON \
                 does not have; write null, or leave the value out"
            ),
            Toml(message) => write!(f, "not valid TOML: {}", message.trim_end()),
            NoText => f.write_str(
                "has no text; join a stand-off annotation with its text by `erebench attach`",
            ),
            DuplicateDocument { first } => {
                write!(f, "this document id was used before ({first}); ids must be unique")
            }
            SpanOutOfRange { item, start, end, length } => write!(
                f,
                "{item} covers {start}..{end}, but the text has {length} code points; \
                 a span is start < end <= length, counted in code points"
            ),
            SpanCutsCharacter { item, span } => write!(
                f,
                "{item} covers bytes {span:?}, which leaves the text or cuts a character; \
                 spans begin and end between characters"
            ),
            SpansNotApart { item } => write!(
                f,
                "{item} has no span, or spans that touch or overlap; write them as one span"
            ),
            Dangling { item, list, position, count } => write!(
                f,
                "{item} refers to {list}[{position}], but there are {count}; \
                 positions count from 0"
            ),
            MentionShared { mention, first, second } => write!(
                f,
                "mentions[{mention}] is in entities[{first}] and entities[{second}]; \
                 a mention is in at most one entity, write the mention twice"
            ),
            UnknownLabel { item, label, similar } => {
                write!(f, "{item} has the type {label:?}, which the ontology does not know")?;
                match similar {
                    Some(similar) => write!(f, "; did you mean {similar:?}?"),
                    None => f.write_str("; use one of its types or add the type to it"),
                }
            }
            Signature { item, found, allowed } => {
                write!(f, "{item} is {found}, but the ontology allows {allowed}")
            }
            Relation { item, message } => write!(f, "{item} {message}"),
            NotFinite { item } => write!(f, "{item} has a confidence that is not a finite number"),
            Limit { what, value, limit } => {
                write!(f, "{what}: {value} is over the limit of {limit}")
            }
            Authoring { message, cure, text } => write!(f, "{message}; {cure}\n  | {text}"),
            TextMismatch { expected, found, hint } => write!(
                f,
                "this is not the text that was annotated (SHA-256 {found}, expected {expected}); {hint}"
            ),
            Inconsistent(message) => f.write_str(message),
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
