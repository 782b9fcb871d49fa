//! Native files: one document a line, gold or prediction, read and written as a stream.

use std::borrow::Cow;
use std::io::{BufRead, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::Utf8Error;

use rustc_hash::FxHashMap;

use crate::check::check_types;
use crate::document::Document;
use crate::error::{Error, ErrorKind, Place};
use crate::input::{self, Reader};
use crate::label::{Interner, Vocabulary};
use crate::limits;
use crate::ontology::Ontology;
use crate::prediction::RawPrediction;
use crate::scan;
use crate::wire::{self, TextPolicy, WireDocument};

/// The lines of a UTF-8 file, one buffer for all of them. Blank lines are passed over.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    path: PathBuf,
    buffer: Vec<u8>,
    line: u64,
    /// Where the line that was read last begins, and where it ends.
    bytes: Range<u64>,
}

impl Lines<Reader> {
    /// Opens a file ([`input::open`]).
    ///
    /// # Errors
    /// The file cannot be opened, or is a folder.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Lines::new(input::open(path)?.reader, path))
    }
}

impl<R: BufRead> Lines<R> {
    /// Reads from anything; `path` is what error messages name.
    pub fn new(reader: R, path: &Path) -> Self {
        Lines { reader, path: path.to_owned(), buffer: Vec::new(), line: 0, bytes: 0..0 }
    }

    /// The next line that is not blank, without its line break.
    ///
    /// # Errors
    /// The file cannot be read, a line is over [`limits::LINE_BYTES`] or is no UTF-8.
    #[expect(clippy::should_implement_trait, reason = "it lends the line; an iterator cannot")]
    pub fn next(&mut self) -> Result<Option<&str>, Error> {
        if !self.advance()? {
            return Ok(None);
        }
        match std::str::from_utf8(&self.buffer) {
            Ok(line) => Ok(Some(line)),
            Err(error) => Err(self.no_utf8(error)),
        }
    }

    /// As [`Lines::next`], for a caller that keeps the line.
    ///
    /// # Errors
    /// As [`Lines::next`].
    pub fn next_owned(&mut self) -> Result<Option<String>, Error> {
        if !self.advance()? {
            return Ok(None);
        }
        // The next line is likely to be about as long.
        let next = Vec::with_capacity((self.buffer.len() * 3 / 2).min(input::BUFFER_BYTES));
        let line = String::from_utf8(std::mem::replace(&mut self.buffer, next));
        line.map(Some).map_err(|error| self.no_utf8(error.utf8_error()))
    }

    /// Reads on to the next line that is not blank; whether there is one.
    fn advance(&mut self) -> Result<bool, Error> {
        loop {
            self.buffer.clear();
            self.line += 1;
            let read = self.read_line()? as u64;
            self.bytes = self.bytes.end..self.bytes.end + read;
            if read == 0 {
                return Ok(false);
            }
            if !self.buffer.iter().all(u8::is_ascii_whitespace) {
                break;
            }
        }
        while matches!(self.buffer.last(), Some(b'\n' | b'\r')) {
            self.buffer.pop();
        }
        Ok(true)
    }

    fn no_utf8(&self, error: Utf8Error) -> Error {
        Error::new(self.place(), ErrorKind::InvalidUtf8 { byte: error.valid_up_to() })
    }

    fn read_line(&mut self) -> Result<usize, Error> {
        let limit = limits::LINE_BYTES as u64 + 1;
        let mut limited = std::io::Read::take(&mut self.reader, limit);
        let read = limited
            .read_until(b'\n', &mut self.buffer)
            .map_err(|error| Error::io(&self.path, error))?;
        if read as u64 == limit {
            let limit = limits::LINE_BYTES as u64;
            let kind = ErrorKind::Limit { what: "bytes of the line", value: limit + 1, limit };
            return Err(Error::new(self.place(), kind));
        }
        Ok(read)
    }

    /// The line that was read last.
    pub fn place(&self) -> Place {
        Place::line(&self.path, self.line)
    }

    /// The number of the line that was read last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The bytes of the line that was read last, its line break among them, counted from where
    /// reading began.
    pub fn bytes(&self) -> Range<u64> {
        self.bytes.clone()
    }
}

/// Parses one line as a gold document.
///
/// # Errors
/// No JSON of the native form, or a document that is refused ([`WireDocument::into_gold`]).
pub fn gold_from_str(line: &str, vocabulary: &Vocabulary) -> Result<Document, Error> {
    gold_wire(line)?.into_gold(vocabulary)
}

/// Parses one line as a gold document, checked as [`GoldReader`] does. One interner serves the many
/// lines of one thread.
///
/// # Errors
/// As [`gold_from_str`]; with an ontology, also types and signatures that it does not have.
pub fn gold_with(
    line: &str,
    interner: &Interner<'_>,
    ontology: Option<&Ontology>,
) -> Result<Document, Error> {
    let document = gold_wire(line)?.into_gold_with(interner)?;
    check_types(&document, interner.vocabulary(), ontology)?;
    Ok(document)
}

fn gold_wire(line: &str) -> Result<WireDocument<'_>, Error> {
    wire::parse(line).map_err(|error| wire::json_error(line, error))
}

/// The id of a line of native JSON, gold or prediction. Where the line begins with it, nothing else
/// of the line is looked at: whether the rest is right shows when the line is parsed.
///
/// # Errors
/// No JSON object with a string `id`.
pub fn id_of(line: &str) -> Result<Cow<'_, str>, Error> {
    match scan::leading_id(line) {
        Some(id) => Ok(Cow::Borrowed(id)),
        None => Ok(Cow::Owned(RawPrediction::parse(line)?.id().to_owned())),
    }
}

/// Reads gold documents one after the other and refuses what is wrong, duplicate ids included.
pub struct GoldReader<'a, R> {
    lines: Lines<R>,
    interner: Interner<'a>,
    ontology: Option<&'a Ontology>,
    seen: FxHashMap<Box<str>, u64>,
    has_lines: bool,
    is_over: bool,
}

impl<'a> GoldReader<'a, Reader> {
    /// Opens a file. With an ontology, types and signatures are checked too.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(
        path: &Path,
        vocabulary: &'a Vocabulary,
        ontology: Option<&'a Ontology>,
    ) -> Result<Self, Error> {
        Ok(GoldReader::new(Lines::open(path)?, vocabulary, ontology))
    }
}

impl<'a, R: BufRead> GoldReader<'a, R> {
    /// Reads from lines.
    pub fn new(
        lines: Lines<R>,
        vocabulary: &'a Vocabulary,
        ontology: Option<&'a Ontology>,
    ) -> Self {
        let (seen, has_lines, is_over) = (FxHashMap::default(), false, false);
        let interner = Interner::new(vocabulary);
        GoldReader { lines, interner, ontology, seen, has_lines, is_over }
    }

    fn read(&mut self) -> Result<Option<Document>, Error> {
        if self.is_over {
            return Ok(None);
        }
        // A line that cannot be read, or the end: nothing comes after it. A document that is refused
        // is passed over by the next call.
        self.is_over = true;
        let Some(line) = self.lines.next()? else {
            return match self.has_lines {
                false => Err(Error::new(Place::file(&self.lines.path), ErrorKind::Empty)),
                true => Ok(None),
            };
        };
        (self.is_over, self.has_lines) = (false, true);
        let document = gold_with(line, &self.interner, self.ontology)
            .map_err(|error| at(error, &self.lines))?;
        unique(&mut self.seen, &document.id, &self.lines)?;
        Ok(Some(document))
    }
}

impl<R: BufRead> Iterator for GoldReader<'_, R> {
    type Item = Result<Document, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// Reads predictions one after the other. Only what is no JSON object with an id, or an id that was
/// used before, is an error; an empty file is an extractor that found no document.
pub struct PredictionReader<R> {
    lines: Lines<R>,
    seen: FxHashMap<Box<str>, u64>,
    is_over: bool,
}

impl PredictionReader<Reader> {
    /// Opens a file.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(PredictionReader::new(Lines::open(path)?))
    }
}

impl<R: BufRead> PredictionReader<R> {
    /// Reads from lines.
    pub fn new(lines: Lines<R>) -> Self {
        PredictionReader { lines, seen: FxHashMap::default(), is_over: false }
    }

    fn read(&mut self) -> Result<Option<RawPrediction>, Error> {
        if self.is_over {
            return Ok(None);
        }
        self.is_over = true;
        let Some(line) = self.lines.next()? else { return Ok(None) };
        self.is_over = false;
        let raw = RawPrediction::parse(line).map_err(|error| at(error, &self.lines))?;
        unique(&mut self.seen, raw.id(), &self.lines)?;
        Ok(Some(raw))
    }
}

impl<R: BufRead> Iterator for PredictionReader<R> {
    type Item = Result<RawPrediction, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn at<R>(error: Error, lines: &Lines<R>) -> Error {
    error.in_file(&lines.path).on_line(lines.line)
}

fn unique<R: BufRead>(
    seen: &mut FxHashMap<Box<str>, u64>,
    id: &str,
    lines: &Lines<R>,
) -> Result<(), Error> {
    match seen.insert(id.into(), lines.line) {
        None => Ok(()),
        Some(line) => {
            let first = Place { line: Some(line), ..Place::default() };
            let kind = ErrorKind::DuplicateDocument { first };
            Err(Error::new(lines.place(), kind).in_document(id))
        }
    }
}

/// Writes one document as a line.
///
/// # Errors
/// What the writer says.
pub fn write(
    out: &mut impl Write,
    document: &Document,
    vocabulary: &Vocabulary,
    policy: TextPolicy,
) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, &WireDocument::of(document, vocabulary, policy))?;
    out.write_all(b"\n")
}
