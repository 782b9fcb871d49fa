//! Parts of a result on disk: `ere-partial/1`.
//!
//! A partial file is JSON lines, compressed with zstd. The first line, `{"header":{…}}`, says what was
//! measured: tool, extractor, data set, layers, the protocol and the ontology with their texts,
//! so that nothing else is needed to make scores. `{"row":{…}}` names a row of the score table, and
//! stands before the first document that has it; rows count from 0 in the order of these lines.
//! `{"document":{…}}` is one document: its id, the SHA-256 of its gold line (null for a document that gold
//! does not have) and of the line of its prediction (null without one), what was noticed, and its tallies: row, precision numerator and
//! denominator, recall numerator and denominator. The last line, `{"end":{…}}`, holds what is known
//! at the end; a file without it was cut off. Documents stand in the order in which they were read.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ere_dataset::jsonl::Lines;
use ere_dataset::text::{hex, sha256_hex};
use ere_dataset::{Given, Layers, Ontology, Vocabulary};
use ere_eval::record::{LabelCounts, OntologyIdentity, Record, Tool};
use ere_eval::{
    DocumentTallies, Notes, Protocol, Resampling, Resolve, RowKey, Rules, Slice, Tallies, Tally,
    Train,
};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::finish::finish;
use super::{Contribution, Files, Gold, Outcome, ScoreOptions, Scored, Whole, stream};
use crate::error::{Error, ErrorKind};
use crate::run::{Watch, pool};

/// The schema that this version writes and reads.
pub const PARTIAL: &str = "ere-partial/1";

/// What was measured: everything that parts of one result have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    schema: String,
    pub(super) tool: Tool,
    pub(super) extractor: Extractor,
    pub(super) data: Data,
    pub(super) ontology: Option<OntologyText>,
    protocol: ProtocolText,
    /// SHA-256 of the train set, where the protocol asks for one.
    pub(super) train: Option<String>,
    /// What the data set annotates; `null` for a file that does not say.
    layers: Option<Layers>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extractor {
    pub(super) name: String,
    pub(super) version: String,
    /// SHA-256 of the label map.
    pub(super) label_map: Option<String>,
    #[serde(default)]
    pub(super) resolve: Resolve,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) split: String,
    /// What the data set says; `null` where it follows from the documents.
    pub(super) sha256: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OntologyText {
    name: String,
    version: String,
    sha256: String,
    text: String,
}

impl OntologyText {
    pub(super) fn identity(&self) -> OntologyIdentity {
        let OntologyText { name, version, sha256, .. } = self.clone();
        OntologyIdentity { name, version, sha256 }
    }
}

/// A protocol as a TOML text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtocolText {
    name: String,
    sha256: String,
    text: String,
}

impl ProtocolText {
    fn of(protocol: &Protocol) -> ProtocolText {
        let text = protocol.to_toml();
        ProtocolText { name: protocol.identity(), sha256: sha256_hex(text.as_bytes()), text }
    }

    fn protocol(&self) -> Result<Protocol, String> {
        Protocol::from_toml(&self.text).map_err(|error| format!("its protocol: {error}"))
    }
}

impl Header {
    pub(super) fn of(files: &Files<'_>, options: &ScoreOptions<'_>) -> Header {
        let sha256 = match files.gold {
            Gold::Documents { sha256, .. } => sha256.map(str::to_owned),
            Gold::File(_) => None,
        };
        let ontology = files.ontology.map(|ontology| OntologyText {
            name: ontology.name.clone(),
            version: ontology.version.clone(),
            sha256: ontology.sha256.clone(),
            text: ontology.source.to_string(),
        });
        Header {
            schema: PARTIAL.to_owned(),
            tool: Tool {
                name: "erebench".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            extractor: Extractor {
                name: "predictions".to_owned(),
                version: String::new(),
                label_map: options.labels.map(|mapping| mapping.sha256.to_owned()),
                resolve: options.resolve,
            },
            data: Data {
                name: files.name.to_owned(),
                version: files.version.to_owned(),
                split: files.split.to_owned(),
                sha256,
            },
            ontology,
            protocol: ProtocolText::of(&options.protocol),
            train: options.train.as_ref().map(|train| train.sha256.clone()),
            layers: files.layers.cloned(),
        }
    }

    /// In what two parts differ, and how.
    fn differences(&self, other: &Header) -> Vec<String> {
        let json = |header: &Header| serde_json::to_value(header).expect("a header is JSON");
        let (mine, theirs) = (json(self), json(other));
        let short = |value: &serde_json::Value| match value {
            serde_json::Value::Object(map) if map.contains_key("text") => {
                let value = |key| map.get(key).and_then(|value| value.as_str()).unwrap_or_default();
                let name = format!("{} {}", value("name"), value("version"));
                let sha256: String = value("sha256").chars().take(8).collect();
                format!("{} #{sha256}", name.trim_end())
            }
            value => value.to_string(),
        };
        let keys = mine.as_object().expect("a header is an object").keys();
        keys.filter(|key| mine[*key] != theirs[*key])
            .map(|key| format!("{key} is {} and {}", short(&mine[key]), short(&theirs[key])))
            .collect()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PartialLine {
    Header(Box<Header>),
    Row(Row),
    Document(DocumentLine),
    End(Whole),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    view: String,
    slice: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentLine {
    id: Box<str>,
    /// None for a document that gold does not have, under a protocol that counts those.
    gold: Option<String>,
    pred: Option<String>,
    text_bytes: u64,
    given: Given,
    notes: Notes,
    labels: LabelCounts,
    gold_repeats: u64,
    assumes_mention_relations: bool,
    rows: Vec<(u32, f64, f64, f64, f64)>,
}

// ------------------------------------------------------------------------------------------------
// Writing
// ------------------------------------------------------------------------------------------------

/// What went into a partial file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Gold documents.
    pub documents: u64,
    /// Those with a prediction.
    pub answered: u64,
    /// Predictions for documents that gold does not have.
    pub unknown: u64,
    /// Items that could not be understood.
    pub malformed: u64,
    /// Some of them, with their places.
    pub malformed_shown: Vec<String>,
}

/// Scores predictions and writes what each document adds, as it comes. Memory does not grow with
/// the number of documents, but for a hash and a line number of each id.
///
/// # Errors
/// As [`super::score`], and what `out` says.
pub fn partial(
    files: &Files<'_>,
    options: &ScoreOptions<'_>,
    out: &mut dyn Write,
    watch: &Watch<'_>,
) -> Result<Counted, Error> {
    let wrong = |error: io::Error| Error::from(ErrorKind::Output(error));
    let encoder = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(wrong)?;
    let mut writer = Writer { out: encoder, rows: FxHashMap::default(), line: Vec::new() };
    writer.write(&PartialLine::Header(Box::new(Header::of(files, options)))).map_err(wrong)?;
    let mut counted = Counted {
        documents: 0,
        answered: 0,
        unknown: 0,
        malformed: 0,
        malformed_shown: Vec::new(),
    };
    let whole = stream(files, options, watch, |batch| {
        for Outcome { contribution: document, malformed: first, .. } in batch {
            counted.documents += u64::from(document.gold.is_some());
            counted.answered += u64::from(document.gold.is_some() && document.pred.is_some());
            counted.malformed += document.tallies.notes.malformed;
            let shown = &mut counted.malformed_shown;
            shown.extend(first.filter(|_| shown.len() < super::MALFORMED_SHOWN));
            writer.document(document).map_err(wrong)?;
        }
        Ok(())
    })?;
    writer.write(&PartialLine::End(whole)).map_err(wrong)?;
    writer.out.finish().map_err(wrong)?;
    Ok(Counted { unknown: whole.unknown, ..counted })
}

struct Writer<'w> {
    out: zstd::Encoder<'static, &'w mut dyn Write>,
    /// The number of each row that was named.
    rows: FxHashMap<RowKey, u32>,
    line: Vec<u8>,
}

impl Writer<'_> {
    fn write(&mut self, line: &PartialLine) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    fn document(&mut self, document: Contribution) -> io::Result<()> {
        let of_document = document.tallies.rows();
        let mut rows = Vec::with_capacity(of_document.len());
        for (key, tally) in &of_document {
            let row = match self.rows.get(key) {
                Some(row) => *row,
                None => {
                    let row = Row { view: key.view.name().to_owned(), slice: key.slice.name() };
                    self.write(&PartialLine::Row(row))?;
                    let number = self.rows.len() as u32;
                    self.rows.insert(key.clone(), number);
                    number
                }
            };
            let Tally {
                precision_numerator,
                precision_denominator,
                recall_numerator,
                recall_denominator,
            } = *tally;
            rows.push((
                row,
                precision_numerator,
                precision_denominator,
                recall_numerator,
                recall_denominator,
            ));
        }
        self.write(&PartialLine::Document(DocumentLine {
            id: document.tallies.id,
            gold: document.gold.map(|sha256| hex(&sha256)),
            pred: document.pred.map(|sha256| hex(&sha256)),
            text_bytes: document.text_bytes,
            given: document.given,
            notes: document.tallies.notes,
            labels: document.labels,
            gold_repeats: document.gold_repeats,
            assumes_mention_relations: document.assumes_mention_relations,
            rows,
        }))
    }
}

// ------------------------------------------------------------------------------------------------
// Reading
// ------------------------------------------------------------------------------------------------

/// A part that was read.
struct Part {
    header: Header,
    documents: Vec<Contribution>,
    whole: Whole,
}

/// Reads a partial file. Its memory is that of its documents' tallies.
fn read(path: &Path) -> Result<Part, Error> {
    let wrong = |message: String| -> Error {
        let file = path.to_owned();
        ErrorKind::Partial { file, message: format!("not a part of a result: {message}") }.into()
    };
    let io = |error| Error::from(ere_dataset::Error::io(path, error));
    let file = File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.is_dir() {
        return Err(wrong("is a directory; name a file that `score --partial` wrote".to_owned()));
    }
    let decoder = zstd::Decoder::new(file).map_err(|error| wrong(error.to_string()))?;
    let mut lines = Lines::new(BufReader::new(decoder), path);
    let mut reader = Reader::default();
    loop {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            // What zstd does not like is no failure of the machine.
            Err(error) => return Err(wrong(format!("it is damaged or cut off ({error})"))),
        };
        reader.lines += 1;
        let number = reader.lines;
        let at = move |message: String| wrong(format!("line {number}: {message}"));
        let line = serde_json::from_str(line).map_err(|error| at(error.to_string()))?;
        reader.take(line).map_err(at)?;
    }
    match (reader.header, reader.whole) {
        (Some(header), Some(whole)) if whole.documents == reader.documents.len() as u64 => {
            Ok(Part { header, documents: reader.documents, whole })
        }
        (None, _) => Err(wrong(format!("expected a {PARTIAL} file of `score --partial`"))),
        _ => Err(wrong("it is cut off; write it again".to_owned())),
    }
}

#[derive(Default)]
struct Reader {
    lines: u64,
    header: Option<Header>,
    rows: Vec<RowKey>,
    /// The names of slices, numbered.
    names: Vocabulary,
    documents: Vec<Contribution>,
    whole: Option<Whole>,
}

/// Rows of a score table; far over what a protocol and [`ere_dataset::limits::LABELS`] make.
const ROWS: usize = 1 << 22;

impl Reader {
    fn take(&mut self, line: PartialLine) -> Result<(), String> {
        if self.whole.is_some() {
            return Err("stands behind the end".to_owned());
        }
        if self.header.is_none() != matches!(line, PartialLine::Header(_)) {
            return Err("the first line, and no other, is the header".to_owned());
        }
        match line {
            PartialLine::Header(header) if header.schema != PARTIAL => Err(format!(
                "has the schema {:?}, but this version reads {PARTIAL:?}; use the version of \
                 erebench that wrote it",
                header.schema
            )),
            PartialLine::Header(header)
                if header.protocol.sha256 != sha256_hex(header.protocol.text.as_bytes()) =>
            {
                Err("the hash of the protocol is not that of its text".to_owned())
            }
            PartialLine::Header(header) => {
                self.header = Some(*header);
                Ok(())
            }
            PartialLine::Row(_) if self.rows.len() >= ROWS => Err(format!("more than {ROWS} rows")),
            PartialLine::Row(row) => {
                let view = row.view.parse().map_err(|error| format!("{error}"))?;
                let slice = Slice::from_name(&row.slice);
                let slice = slice.ok_or_else(|| format!("no slice {:?}", row.slice))?;
                self.rows.push(RowKey { view, slice });
                Ok(())
            }
            PartialLine::Document(document) => {
                let document = self.document(document)?;
                self.documents.push(document);
                Ok(())
            }
            PartialLine::End(whole) => {
                self.whole = Some(whole);
                Ok(())
            }
        }
    }

    fn document(&self, line: DocumentLine) -> Result<Contribution, String> {
        let mut rows = Vec::with_capacity(line.rows.len());
        for (row, a, b, c, d) in line.rows {
            let key = self.rows.get(row as usize).ok_or_else(|| format!("no row {row}"))?;
            if ![a, b, c, d].iter().all(|number| number.is_finite() && *number >= 0.0) {
                return Err(format!("row {row} has a number that is no count"));
            }
            let tally = Tally {
                precision_numerator: a,
                precision_denominator: b,
                recall_numerator: c,
                recall_denominator: d,
            };
            rows.push((key.clone(), tally));
        }
        if !rows.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return Err(format!("the rows of document {:?} are not in order", line.id));
        }
        Ok(Contribution {
            tallies: DocumentTallies::with_names(line.id, line.notes, rows, &self.names),
            gold: line.gold.as_deref().map(digest_of).transpose()?,
            pred: line.pred.as_deref().map(digest_of).transpose()?,
            text_bytes: line.text_bytes,
            given: line.given,
            labels: line.labels,
            gold_repeats: line.gold_repeats,
            assumes_mention_relations: line.assumes_mention_relations,
        })
    }
}

fn digest_of(text: &str) -> Result<[u8; 32], String> {
    let wrong = || format!("{text:?} is no SHA-256 in hexadecimal");
    let mut digest = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?;
    }
    Ok(digest)
}

// ------------------------------------------------------------------------------------------------
// Merging
// ------------------------------------------------------------------------------------------------

/// How parts are merged.
#[derive(Clone, Debug, Default)]
pub struct MergeOptions {
    /// How intervals are made; `None` for scores without.
    pub resampling: Option<Resampling>,
    /// The name of the data set, in place of those of the parts; without it they must agree.
    pub name: Option<String>,
    /// Threads for the intervals; 0 for as many as there are processors.
    pub threads: usize,
}

/// How many documents that are counted twice are named.
const NAMED: usize = 5;

/// Makes one result of parts: the same, to the last digit, as scoring all their documents at once.
/// The order of parts does not matter. Keeps the tallies of all documents in memory.
///
/// # Errors
/// A file cannot be read or is no partial file; parts measured different things; a document is in
/// several parts.
pub fn merge(paths: &[PathBuf], options: &MergeOptions) -> Result<Scored, Error> {
    let mut first: Option<(Header, PathBuf)> = None;
    let mut documents: Vec<Contribution> = Vec::new();
    let mut files: Vec<usize> = Vec::new();
    let mut whole = Whole::default();
    for (position, path) in paths.iter().enumerate() {
        let mut part = read(path)?;
        if let Some(name) = &options.name {
            part.header.data.name.clone_from(name);
        }
        match &first {
            None => first = Some((part.header, path.clone())),
            Some((header, first)) if *header != part.header => {
                let differences = header.differences(&part.header);
                let (first, second) = (first.clone(), path.clone());
                return Err(ErrorKind::Mismatch { first, second, differences }.into());
            }
            Some(_) => {}
        }
        files.extend(std::iter::repeat_n(position, part.documents.len()));
        documents.extend(part.documents);
        whole.documents += part.whole.documents;
        whole.unknown += part.whole.unknown;
        whole.has_mention_relations |= part.whole.has_mention_relations;
    }
    let Some((header, path)) = first else {
        let (file, message) = (PathBuf::new(), "no part was named".to_owned());
        return Err(ErrorKind::Partial { file, message }.into());
    };
    once(&documents, &files, paths)?;
    let wrong =
        |message: String| -> Error { ErrorKind::Partial { file: path.clone(), message }.into() };
    let vocabulary = Vocabulary::default();
    let protocol = header.protocol.protocol().map_err(wrong)?;
    let rules = match &header.ontology {
        None => Rules::open(&vocabulary),
        Some(ontology) if sha256_hex(ontology.text.as_bytes()) != ontology.sha256 => {
            return Err(wrong("the hash of the ontology is not that of its text".to_owned()));
        }
        Some(ontology) => {
            let ontology = Ontology::parse(&ontology.text, &vocabulary)?;
            Rules::of(&ontology, &vocabulary)
        }
    };
    // Its facts went into the tallies; its hash is part of signatures.
    let rules = match &header.train {
        Some(sha256) => {
            rules.with_train(Arc::new(Train { sha256: sha256.clone(), ..Train::default() }))
        }
        None => rules,
    };
    let pool = pool(options.threads, documents.len())?;
    let (record, tallies): (Record, Tallies) =
        pool.install(|| finish(&header, documents, whole, &protocol, &rules, options.resampling));
    Ok(Scored { record, protocol, tallies, malformed: Vec::new() })
}

/// Refuses documents that stand twice.
fn once(documents: &[Contribution], files: &[usize], paths: &[PathBuf]) -> Result<(), Error> {
    let mut order: Vec<usize> = (0..documents.len()).collect();
    order.sort_by(|a, b| documents[*a].tallies.id.cmp(&documents[*b].tallies.id));
    let same = |pair: &&[usize]| documents[pair[0]].tallies.id == documents[pair[1]].tallies.id;
    let twice = || order.windows(2).filter(same);
    let count = twice().count() as u64;
    if count == 0 {
        return Ok(());
    }
    let name = |pair: &[usize]| {
        let path = |at: usize| paths[files[at]].clone();
        (documents[pair[0]].tallies.id.to_string(), path(pair[0]), path(pair[1]))
    };
    let documents = twice().take(NAMED).map(name).collect();
    Err(ErrorKind::CountedTwice { documents, count }.into())
}

/// The record and the tallies of one partial file, without intervals.
///
/// # Errors
/// As [`merge`].
pub fn read_tallies(path: &Path) -> Result<Scored, Error> {
    merge(&[path.to_owned()], &MergeOptions::default())
}
