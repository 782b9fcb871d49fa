//! Gold and predictions of one document, brought together from two streams.
//!
//! Lines are read from both sides in turn, and a line waits until the other side has its document.
//! Where the orders are near each other, few wait. What would wait beyond a window of memory is
//! remembered by its place in the file instead and read again when it is needed; the lines of a pipe,
//! which cannot be read again, are put into a temporary file. Memory does not grow with documents
//! but for their ids: a hash and a line number each, to find the ones that stand twice.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use ere_dataset::input::{self, Input, Reader};
use ere_dataset::jsonl::{Lines, id_of};
use ere_dataset::{Document, Error, ErrorKind, Place};
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

/// A gold document and its prediction, if there is one.
pub(super) struct Pair {
    pub(super) gold: Gold,
    pub(super) pred: Option<Line>,
}

/// A gold document, read or not.
pub(super) enum Gold {
    Line(Line),
    /// One of the documents that were given in memory.
    Document(usize),
}

/// A line and its number.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) number: u64,
}

/// What comes out next.
pub(super) enum Joined {
    Pair(Pair),
    /// A prediction for a document that gold does not have. Only after all gold was read.
    Unknown(Line),
}

/// The two streams.
pub(super) struct Join {
    gold: Side,
    pred: Side,
    window_bytes: usize,
}

impl Join {
    /// Joins lines of two files; `-` is standard input.
    pub(super) fn of_files(gold: &Path, pred: &Path, window_bytes: usize) -> Result<Join, Error> {
        Ok(Join { gold: Side::open(gold)?, pred: Side::open(pred)?, window_bytes })
    }

    /// Joins documents in memory with lines of a file; `path` is what messages name for the former.
    pub(super) fn of_documents(
        documents: &[Document],
        path: &Path,
        pred: &Path,
        window_bytes: usize,
    ) -> Result<Join, Error> {
        let mut gold = Side::new(path, Box::new(std::io::empty()), false);
        for (position, document) in documents.iter().enumerate() {
            let key = Key::of(&document.id);
            if gold.seen.insert(key, 0).is_some() {
                let kind = ErrorKind::DuplicateDocument { first: Place::file(path) };
                return Err(Error::new(Place::file(path), kind).in_document(&document.id));
            }
            gold.waiting.insert(key, Held::Document(position));
            gold.order.push_back(key);
        }
        gold.is_over = true;
        Ok(Join { gold, pred: Side::open(pred)?, window_bytes })
    }

    /// The next document that both sides have; at the end those that only one has.
    pub(super) fn next(&mut self) -> Result<Option<Joined>, Error> {
        while !(self.gold.is_over && self.pred.is_over) {
            let is_gold = match (self.gold.is_over, self.pred.is_over) {
                (false, false) => self.gold.waiting.len() <= self.pred.waiting.len(),
                (gold_is_over, _) => !gold_is_over,
            };
            let (side, other) = match is_gold {
                true => (&mut self.gold, &mut self.pred),
                false => (&mut self.pred, &mut self.gold),
            };
            let Some((key, line)) = side.read()? else { continue };
            let Some(held) = other.take(key)? else {
                side.hold(key, line);
                self.shrink()?;
                continue;
            };
            let (gold, pred) = match (is_gold, held) {
                (true, Taken::Line(held)) => (Gold::Line(line), held),
                (false, Taken::Line(held)) => (Gold::Line(held), line),
                (_, Taken::Document(position)) => (Gold::Document(position), line),
            };
            return Ok(Some(Joined::Pair(Pair { gold, pred: Some(pred) })));
        }
        if self.gold.seen.is_empty() {
            return Err(Error::new(Place::file(&self.gold.path), ErrorKind::Empty));
        }
        if let Some(taken) = self.gold.take_first()? {
            let gold = match taken {
                Taken::Line(line) => Gold::Line(line),
                Taken::Document(position) => Gold::Document(position),
            };
            return Ok(Some(Joined::Pair(Pair { gold, pred: None })));
        }
        match self.pred.take_first()? {
            Some(Taken::Line(line)) => Ok(Some(Joined::Unknown(line))),
            _ => Ok(None),
        }
    }

    /// Lets the lines that have waited longest wait on the disk.
    fn shrink(&mut self) -> Result<(), Error> {
        while self.gold.waiting_bytes + self.pred.waiting_bytes > self.window_bytes {
            let is_gold = self.gold.waiting_bytes >= self.pred.waiting_bytes;
            if is_gold { self.gold.put_away()? } else { self.pred.put_away()? }
        }
        Ok(())
    }
}

/// What stands for an id: 128 bits of its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key([u64; 2]);

impl Key {
    fn of(id: &str) -> Key {
        let digest = Sha256::digest(id.as_bytes());
        let word = |at: usize| {
            u64::from_le_bytes(digest[at..at + 8].try_into().expect("a digest has 32 bytes"))
        };
        Key([word(0), word(8)])
    }
}

/// A document that waits for the other side.
enum Held {
    Line(Line),
    /// In the file that is being read, or in the temporary one.
    Away {
        offset: u64,
        length: u64,
        number: u64,
    },
    Document(usize),
}

enum Taken {
    Line(Line),
    Document(usize),
}

/// One stream.
struct Side {
    lines: Lines<Reader>,
    path: PathBuf,
    /// Where lines that were put away are read again: the file itself, or a temporary one.
    store: Option<File>,
    /// Whether lines can be read again where they were.
    is_seekable: bool,
    /// Bytes in the temporary file.
    stored_bytes: u64,
    /// The line on which each id stands.
    seen: FxHashMap<Key, u64>,
    waiting: FxHashMap<Key, Held>,
    /// The keys that waited, first come first; some of them wait no longer.
    order: VecDeque<Key>,
    /// The keys of lines in memory, likewise, and where each line is in the file.
    in_memory: VecDeque<(Key, u64)>,
    waiting_bytes: usize,
    is_over: bool,
    /// Where the line that was read last begins.
    offset: u64,
}

impl Side {
    fn open(path: &Path) -> Result<Side, Error> {
        if path == Path::new("-") {
            let name = Path::new("standard input");
            return Ok(Side::new(name, Box::new(BufReader::new(std::io::stdin())), false));
        }
        let Input { reader, is_seekable } = input::open(path)?;
        Ok(Side::new(path, reader, is_seekable))
    }

    fn new(path: &Path, reader: Reader, is_seekable: bool) -> Side {
        Side {
            lines: Lines::new(reader, path),
            path: path.to_owned(),
            store: None,
            is_seekable,
            stored_bytes: 0,
            seen: FxHashMap::default(),
            waiting: FxHashMap::default(),
            order: VecDeque::new(),
            in_memory: VecDeque::new(),
            waiting_bytes: 0,
            is_over: false,
            offset: 0,
        }
    }

    /// The next line. An id that was met before is an error that names both lines.
    fn read(&mut self) -> Result<Option<(Key, Line)>, Error> {
        let Some(text) = self.lines.next_owned()? else {
            self.is_over = true;
            return Ok(None);
        };
        let number = self.lines.line();
        self.offset = self.lines.bytes().start;
        let place = |error: Error| error.in_file(&self.path).on_line(number);
        let id = id_of(&text).map_err(place)?;
        let key = Key::of(&id);
        if let Some(first) = self.seen.insert(key, number) {
            let first = Place { line: Some(first), ..Place::default() };
            let kind = ErrorKind::DuplicateDocument { first };
            return Err(Error::new(Place::line(&self.path, number), kind).in_document(&id));
        }
        Ok(Some((key, Line { text, number })))
    }

    fn hold(&mut self, key: Key, line: Line) {
        self.waiting_bytes += line.text.len();
        self.waiting.insert(key, Held::Line(line));
        self.order.push_back(key);
        self.in_memory.push_back((key, self.offset));
        // Keys that wait no longer are let go once they are most of the list.
        if self.order.len() > 64 + 2 * self.waiting.len() {
            self.order.retain(|key| self.waiting.contains_key(key));
        }
        if self.in_memory.len() > 64 + 2 * self.waiting.len() {
            self.in_memory.retain(|(key, _)| self.waiting.contains_key(key));
        }
    }

    fn take(&mut self, key: Key) -> Result<Option<Taken>, Error> {
        match self.waiting.remove(&key) {
            None => Ok(None),
            Some(Held::Document(position)) => Ok(Some(Taken::Document(position))),
            Some(Held::Line(line)) => {
                self.waiting_bytes -= line.text.len();
                Ok(Some(Taken::Line(line)))
            }
            Some(Held::Away { offset, length, number }) => {
                let text = self.fetch(offset, length, number)?;
                Ok(Some(Taken::Line(Line { text, number })))
            }
        }
    }

    /// The one that has waited longest.
    fn take_first(&mut self) -> Result<Option<Taken>, Error> {
        while let Some(key) = self.order.pop_front() {
            if let Some(taken) = self.take(key)? {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    }

    /// Forgets the text of the line that has waited longest, and remembers where it is.
    fn put_away(&mut self) -> Result<(), Error> {
        let Some((key, offset)) = self.in_memory.pop_front() else { return Ok(()) };
        let Some(held) = self.waiting.get_mut(&key) else { return Ok(()) };
        let Held::Line(Line { text, number }) = held else { return Ok(()) };
        let (length, number) = (text.len() as u64, *number);
        self.waiting_bytes -= text.len();
        let offset = match self.is_seekable {
            true => offset,
            false => {
                let io = |error| Error::io(&std::env::temp_dir(), error);
                if self.store.is_none() {
                    self.store = Some(tempfile::tempfile().map_err(io)?);
                }
                let store = self.store.as_mut().expect("it was made on the line above");
                store.seek(SeekFrom::Start(self.stored_bytes)).map_err(io)?;
                store.write_all(text.as_bytes()).map_err(io)?;
                let offset = self.stored_bytes;
                self.stored_bytes += length;
                offset
            }
        };
        *held = Held::Away { offset, length, number };
        Ok(())
    }

    /// Reads a line again.
    fn fetch(&mut self, offset: u64, length: u64, number: u64) -> Result<String, Error> {
        let io = |error| Error::io(&self.path, error);
        if self.store.is_none() {
            self.store = Some(File::open(&self.path).map_err(io)?);
        }
        let store = self.store.as_mut().expect("it was opened on the line above");
        store.seek(SeekFrom::Start(offset)).map_err(io)?;
        // What is put away was a line once, so its length is within the limit of lines.
        let mut bytes = vec![0; length as usize];
        store.read_exact(&mut bytes).map_err(io)?;
        String::from_utf8(bytes).map_err(|error| {
            let byte = error.utf8_error().valid_up_to();
            Error::new(Place::line(&self.path, number), ErrorKind::InvalidUtf8 { byte })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of two lists of ids, as `id:gold line:prediction line`, sorted; unknown ones as
    /// `?id`.
    fn joined(gold: &[u32], pred: &[u32], window_bytes: usize, is_file: bool) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let line =
            |id: &u32| format!("{{\"id\":\"{id}\",\"x\":\"{}\"}}\r\n", "é".repeat(*id as usize));
        let write = |name: &str, ids: &[u32]| {
            let path = folder.path().join(name);
            let lines: Vec<String> = ids.iter().map(line).collect();
            std::fs::write(&path, lines.join("\n")).unwrap();
            let mut side = Side::open(&path).unwrap();
            side.is_seekable = is_file;
            side
        };
        let (gold, pred) = (write("gold", gold), write("pred", pred));
        let mut join = Join { gold, pred, window_bytes };
        let mut found = Vec::new();
        let id = |line: &Line| id_of(&line.text).unwrap().into_owned();
        while let Some(next) = join.next().unwrap() {
            let held = join.gold.waiting_bytes + join.pred.waiting_bytes;
            assert!(held <= window_bytes, "{held} bytes in a window of {window_bytes}");
            found.push(match next {
                Joined::Unknown(line) => format!("?{}", id(&line)),
                Joined::Pair(Pair { gold: Gold::Line(gold), pred }) => {
                    if let Some(pred) = &pred {
                        assert_eq!(gold.text, pred.text);
                    }
                    format!("{}:{}", id(&gold), pred.map_or(String::new(), |line| id(&line)))
                }
                Joined::Pair(_) => unreachable!("gold is a file"),
            });
        }
        assert_eq!((join.gold.waiting_bytes, join.pred.waiting_bytes), (0, 0));
        found.sort();
        found
    }

    #[test]
    fn any_order_and_any_window_give_the_same_pairs() {
        let gold: Vec<u32> = (0..100).collect();
        let mut near = gold.clone();
        near.chunks_mut(7).for_each(<[u32]>::reverse);
        let far: Vec<u32> = gold.iter().rev().copied().collect();
        let some: Vec<u32> =
            far.iter().copied().filter(|id| id % 3 > 0).chain([500, 600]).collect();
        let expected = |pred: &[u32]| {
            let mut expected: Vec<String> = gold
                .iter()
                .map(|id| match pred.contains(id) {
                    true => format!("{id}:{id}"),
                    false => format!("{id}:"),
                })
                .chain(pred.iter().filter(|id| !gold.contains(id)).map(|id| format!("?{id}")))
                .collect();
            expected.sort();
            expected
        };
        for pred in [&gold, &near, &far, &some, &Vec::new()] {
            for window_bytes in [0, 100, 2000, 1 << 20] {
                for is_file in [true, false] {
                    let found = joined(&gold, pred, window_bytes, is_file);
                    assert_eq!(found, expected(pred), "{window_bytes} {is_file}");
                }
            }
        }
    }
}
