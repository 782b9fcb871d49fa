//! The tallies of each document as an Arrow file.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, StringDictionaryBuilder, UInt64Builder};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, UInt64Type};
use arrow_array::{Array as _, ArrayRef, RecordBatch, StringArray};
use arrow_ipc::reader::{FileReader, read_footer_length};
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_ipc::{Block, CompressionType, root_as_footer, root_as_message};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use ere_dataset::Vocabulary;
use ere_dataset::text::sha256_hex;

use super::{Error, ErrorKind, Record, TALLIES};
use crate::document::{DocumentTallies, Notes};
use crate::score::Tallies;
use crate::slice::{RowKey, Slice};
use crate::tally::Tally;

/// Rows of one batch: what a reader has in memory at once.
const BATCH_ROWS: usize = 1 << 16;

/// Bytes that one column of a batch, or one dictionary, may take when it is decompressed.
const BUFFER_BYTES: i64 = 256 << 20;
/// Rows of a whole table.
const TABLE_ROWS: i64 = 1 << 26;
/// The file ends with the length of the footer and `ARROW1`.
const TRAILER_BYTES: usize = 10;

const NUMBERS: [&str; 4] =
    ["precision_numerator", "precision_denominator", "recall_numerator", "recall_denominator"];
const NOTES: [&str; 8] = [
    "duplicate_mentions",
    "duplicate_relations",
    "neutral_relations",
    "negative",
    "malformed",
    "alien",
    "unreachable_relations",
    "strings",
];
/// Version 0.1.0 wrote the first six.
const NOTES_AT_LEAST: usize = 6;

/// Reads the tallies that stand beside a `record.json`, in `folder`.
///
/// # Errors
/// The file cannot be read, is not the one that the record names, or is no table of tallies.
pub fn read_tallies(folder: &Path, record: &Record) -> Result<Tallies, Error> {
    let path = folder.join(TALLIES);
    let wrong = |kind| Error::new(&path, kind);
    let digest = record.files.get(TALLIES).ok_or_else(|| wrong(ErrorKind::NotListed))?;
    let bytes = std::fs::read(&path).map_err(Error::io(&path))?;
    let found = sha256_hex(&bytes);
    if found != digest.sha256 {
        let expected = digest.sha256.clone();
        return Err(wrong(ErrorKind::Damaged { found, expected }));
    }
    // The Arrow reader panics on some forged files.
    let parsed = std::panic::catch_unwind(|| parse(bytes));
    let parsed = parsed.unwrap_or_else(|_| Err("the Arrow reader gave it up".to_owned()));
    parsed.map_err(|message| wrong(ErrorKind::Tallies(message)))
}

/// Writes the table. Equal tallies are equal bytes.
pub(super) fn write_tallies(out: &mut impl Write, tallies: &Tallies) -> Result<(), ArrowError> {
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD))?;
    let mut writer = FileWriter::try_new_with_options(out, &schema(NOTES.len()), options)?;
    let table = table(tallies)?;
    for start in (0..table.num_rows()).step_by(BATCH_ROWS) {
        writer.write(&table.slice(start, BATCH_ROWS.min(table.num_rows() - start)))?;
    }
    writer.finish()
}

fn schema(notes: usize) -> Schema {
    let name = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields = vec![
        Field::new("document", name(), false),
        Field::new("view", name(), true),
        Field::new("slice", name(), true),
    ];
    fields.extend(NUMBERS.map(|number| Field::new(number, DataType::Float64, true)));
    fields.extend(NOTES[..notes].iter().map(|note| Field::new(*note, DataType::UInt64, true)));
    Schema::new(fields)
}

fn table(tallies: &Tallies) -> Result<RecordBatch, ArrowError> {
    let mut documents = StringDictionaryBuilder::<Int32Type>::new();
    let mut views = StringDictionaryBuilder::<Int32Type>::new();
    let mut slices = StringDictionaryBuilder::<Int32Type>::new();
    let mut numbers: [Float64Builder; 4] = Default::default();
    let mut notes: [UInt64Builder; 8] = Default::default();
    for document in tallies.documents() {
        documents.append(&document.id)?;
        views.append_null();
        slices.append_null();
        numbers.iter_mut().for_each(Float64Builder::append_null);
        for (column, note) in notes.iter_mut().zip(note_values(&document.notes)) {
            column.append_value(note);
        }
        for (key, tally) in &document.rows() {
            documents.append(&document.id)?;
            views.append(key.view.name())?;
            slices.append(key.slice.name())?;
            for (column, number) in numbers.iter_mut().zip(tally.numbers()) {
                column.append_value(number);
            }
            notes.iter_mut().for_each(UInt64Builder::append_null);
        }
    }
    let mut columns: Vec<ArrayRef> =
        vec![Arc::new(documents.finish()), Arc::new(views.finish()), Arc::new(slices.finish())];
    columns.extend(numbers.map(|mut column| Arc::new(column.finish()) as ArrayRef));
    columns.extend(notes.map(|mut column| Arc::new(column.finish()) as ArrayRef));
    RecordBatch::try_new(Arc::new(schema(NOTES.len())), columns)
}

fn note_values(notes: &Notes) -> [u64; 8] {
    [
        notes.duplicate_mentions,
        notes.duplicate_relations,
        notes.neutral_relations,
        notes.negative,
        notes.malformed,
        notes.alien,
        notes.unreachable_relations,
        notes.strings,
    ]
}

fn parse(bytes: Vec<u8>) -> Result<Tallies, String> {
    check_sizes(&bytes)?;
    let reader = FileReader::try_new(Cursor::new(bytes), None).map_err(|e| e.to_string())?;
    let is_known = |notes: usize| *reader.schema() == schema(notes);
    if !(NOTES_AT_LEAST..=NOTES.len()).any(is_known) {
        return Err(format!("its columns are not those of {TALLIES}"));
    }
    let mut documents: Vec<Open> = Vec::new();
    for batch in reader {
        read_batch(&batch.map_err(|e| e.to_string())?, &mut documents)?;
    }
    let is_in_order = |pair: &[Open]| pair[0].id < pair[1].id;
    if !documents.windows(2).all(is_in_order) {
        return Err("its documents are not in the order of ids".to_owned());
    }
    let names = Vocabulary::default();
    let close = |open: Open| DocumentTallies::with_names(open.id, open.notes, open.rows, &names);
    Ok(documents.into_iter().map(close).collect())
}

/// A document, as far as it was read.
struct Open {
    id: Box<str>,
    notes: Notes,
    rows: Vec<(RowKey, Tally)>,
}

/// Refuses a file whose lengths do not fit: the Arrow reader makes room for whatever they say.
fn check_sizes(bytes: &[u8]) -> Result<(), String> {
    let end = bytes.len().checked_sub(TRAILER_BYTES).ok_or("it is cut off")?;
    let trailer: [u8; TRAILER_BYTES] = bytes[end..].try_into().expect("it has this length");
    let footer = read_footer_length(trailer).map_err(|e| e.to_string())?;
    let start = end.checked_sub(footer).ok_or("its footer is longer than the file")?;
    let footer = root_as_footer(&bytes[start..end]).map_err(|e| e.to_string())?;
    let mut rows = 0i64;
    for block in footer.recordBatches().iter().flatten() {
        let count = check_block(bytes, block)?;
        if count > BATCH_ROWS as i64 {
            return Err(format!("a batch of {count} rows is over the limit of {BATCH_ROWS}"));
        }
        rows += count;
        if rows > TABLE_ROWS {
            return Err(format!("more rows than the limit of {TABLE_ROWS}"));
        }
    }
    for block in footer.dictionaries().iter().flatten() {
        check_block(bytes, block)?;
    }
    Ok(())
}

/// The number of rows of a block whose buffers lie in the file and are small when decompressed.
fn check_block(bytes: &[u8], block: &Block) -> Result<i64, String> {
    const OUTSIDE: &str = "a block lies outside the file";
    let at = |start: i64, length: i64| {
        let start = usize::try_from(start).ok()?;
        bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    };
    let metadata = at(block.offset(), block.metaDataLength().into()).ok_or(OUTSIDE)?;
    let start = block.offset() + i64::from(block.metaDataLength());
    let body = at(start, block.bodyLength()).ok_or(OUTSIDE)?;
    // Before the message stand its length and, in newer files, four bytes of continuation.
    let prefix = if metadata.starts_with(&[0xff; 4]) { 8 } else { 4 };
    let message = metadata.get(prefix..).ok_or(OUTSIDE)?;
    let message = root_as_message(message).map_err(|e| e.to_string())?;
    let dictionary = || message.header_as_dictionary_batch()?.data();
    let batch = message.header_as_record_batch().or_else(dictionary);
    let batch = batch.ok_or("a block is no batch")?;
    for buffer in batch.buffers().iter().flatten() {
        let range =
            usize::try_from(buffer.offset()).ok().zip(usize::try_from(buffer.length()).ok());
        let buffer = range.and_then(|(start, length)| body.get(start..start.checked_add(length)?));
        let buffer = buffer.ok_or("a buffer lies outside its block")?;
        let size = match buffer.first_chunk::<8>() {
            Some(prefix) if batch.compression().is_some() => i64::from_le_bytes(*prefix),
            _ => 0,
        };
        if size > BUFFER_BYTES {
            return Err(format!("a buffer of {size} bytes is over the limit of {BUFFER_BYTES}"));
        }
    }
    let has_length = |length: i64| (0..=BUFFER_BYTES).contains(&length);
    let are_lengths = batch.nodes().iter().flatten().all(|node| has_length(node.length()));
    match has_length(batch.length()) && are_lengths {
        true => Ok(batch.length()),
        false => Err("a column has an impossible length".to_owned()),
    }
}

fn read_batch(batch: &RecordBatch, documents: &mut Vec<Open>) -> Result<(), String> {
    let names = |at: usize| Names::of(batch, at);
    let (ids, views, slices) = (names(0)?, names(1)?, names(2)?);
    let numbers: [_; 4] =
        std::array::from_fn(|at| batch.column(3 + at).as_primitive::<Float64Type>());
    let notes = &batch.columns()[3 + NUMBERS.len()..];
    let note = |row: usize, at: usize| {
        notes.get(at).map_or(0, |column| column.as_primitive::<UInt64Type>().value(row))
    };
    for row in 0..batch.num_rows() {
        let id = ids.get(row).ok_or("a row has no document")?;
        let Some(view) = views.get(row) else {
            let notes = Notes {
                duplicate_mentions: note(row, 0),
                duplicate_relations: note(row, 1),
                neutral_relations: note(row, 2),
                negative: note(row, 3),
                malformed: note(row, 4),
                alien: note(row, 5),
                unreachable_relations: note(row, 6),
                strings: note(row, 7),
            };
            documents.push(Open { id: id.into(), notes, rows: Vec::new() });
            continue;
        };
        let document = documents.last_mut().filter(|document| *document.id == *id);
        let document = document.ok_or("the rows of a document do not begin with its notes")?;
        let slice = slices.get(row).and_then(Slice::from_name);
        let key = RowKey {
            view: view.parse().map_err(|error| format!("{error}"))?,
            slice: slice.ok_or("a row has no slice")?,
        };
        if document.rows.last().is_some_and(|(last, _)| *last >= key) {
            return Err(format!("the rows of document {id:?} are not in order"));
        }
        let [a, b, c, d] = numbers.map(|column| column.value(row));
        if ![a, b, c, d].iter().all(|number| number.is_finite() && *number >= 0.0) {
            return Err(format!("document {id:?} has a number that is no count"));
        }
        let tally = Tally {
            precision_numerator: a,
            precision_denominator: b,
            recall_numerator: c,
            recall_denominator: d,
        };
        document.rows.push((key, tally));
    }
    Ok(())
}

/// A column of names.
struct Names<'a> {
    column: &'a arrow_array::DictionaryArray<Int32Type>,
    names: &'a StringArray,
}

impl<'a> Names<'a> {
    fn of(batch: &'a RecordBatch, at: usize) -> Result<Names<'a>, String> {
        let column = batch.column(at).as_dictionary::<Int32Type>();
        let names = column.values().as_string_opt().ok_or("a dictionary holds no strings")?;
        Ok(Names { column, names })
    }

    fn get(&self, row: usize) -> Option<&'a str> {
        let name = self.column.key(row)?;
        self.names.is_valid(name).then(|| self.names.value(name))
    }
}
