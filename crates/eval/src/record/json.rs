//! Finding, reading and printing `record.json`.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::ser::Formatter;

use super::{Error, ErrorKind, RECORD, Record, SCHEMA};

/// Bytes of one record.
const RECORD_BYTES: u64 = 256 << 20;

/// The paths of all `record.json` files under a folder, in order. Hidden folders (an unfinished
/// record is one) and symbolic links to folders are passed over.
///
/// # Errors
/// The folder or one below it cannot be read.
pub fn find(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).map_err(Error::io(&folder))? {
            let entry = entry.map_err(Error::io(&folder))?;
            let kind = entry.file_type().map_err(Error::io(&folder))?;
            if kind.is_dir() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
                open.push(entry.path());
            } else if !kind.is_dir() && entry.file_name() == RECORD {
                found.push(entry.path());
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads a `record.json`.
///
/// # Errors
/// The file cannot be read, is no record, is one of another schema, or has an id that does not
/// follow from what it describes.
pub fn read(path: &Path) -> Result<Record, Error> {
    let wrong = |kind| Error::new(path, kind);
    let length = std::fs::metadata(path).map_err(Error::io(path))?.len();
    if length > RECORD_BYTES {
        let (value, limit) = (length, RECORD_BYTES);
        return Err(wrong(ErrorKind::Limit { what: "bytes of the record", value, limit }));
    }
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    parse(&bytes).map_err(wrong)
}

fn parse(bytes: &[u8]) -> Result<Record, ErrorKind> {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(borrow)]
        schema: Option<Cow<'a, str>>,
    }
    let head: Head<'_> = serde_json::from_slice(bytes).map_err(ErrorKind::Json)?;
    if head.schema.as_deref() != Some(SCHEMA) {
        return Err(ErrorKind::Schema { found: head.schema.map(Cow::into_owned) });
    }
    let record: Record = serde_json::from_slice(bytes).map_err(ErrorKind::Json)?;
    let expected = record.identity();
    match record.id == expected {
        true => Ok(record),
        false => Err(ErrorKind::Identity { found: record.id, expected }),
    }
}

/// Prints a record: a line for each key, and for each item of its lists.
pub(super) fn print(record: &Record) -> Vec<u8> {
    let mut serializer = serde_json::Serializer::with_formatter(Vec::new(), Lines::default());
    record.serialize(&mut serializer).expect("writing to memory cannot fail, and keys are strings");
    let mut bytes = serializer.into_inner();
    bytes.push(b'\n');
    bytes
}

/// Breaks lines in the outermost object and in lists directly below it: a score is a line.
#[derive(Default)]
struct Lines {
    depth: usize,
    /// Whether the container that is open breaks lines.
    breaks: Vec<bool>,
    is_empty: bool,
}

impl Lines {
    fn open(&mut self, breaks: bool) {
        self.breaks.push(breaks);
        self.depth += 1;
        self.is_empty = true;
    }

    fn item<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.is_empty = false;
        match (self.breaks.last().copied().unwrap_or(false), first) {
            (true, first) => {
                writer.write_all(if first { b"\n" } else { b",\n" })?;
                indent(writer, self.depth)
            }
            (false, true) => Ok(()),
            (false, false) => writer.write_all(b", "),
        }
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        let breaks = self.breaks.pop().unwrap_or(false) && !self.is_empty;
        self.is_empty = false;
        if breaks {
            writer.write_all(b"\n")?;
            indent(writer, self.depth)?;
        }
        Ok(())
    }
}

fn indent<W: ?Sized + Write>(writer: &mut W, depth: usize) -> io::Result<()> {
    (0..depth).try_for_each(|_| writer.write_all(b"  "))
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(self.depth == 1);
        writer.write_all(b"[")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer)?;
        writer.write_all(b"]")
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(self.depth == 0);
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer)?;
        writer.write_all(b"}")
    }
}
