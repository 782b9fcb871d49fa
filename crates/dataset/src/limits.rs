//! Declared limits of everything that is read. What is over them is an error that names the place.

/// Bytes of one line of a JSONL file.
pub const LINE_BYTES: usize = 64 << 20;
/// Bytes of one document's text.
pub const TEXT_BYTES: usize = 16 << 20;
/// Bytes of one authoring, manifest, ontology or map file.
pub const FILE_BYTES: u64 = 32 << 20;
/// Mentions of one document.
pub const MENTIONS: usize = 1 << 20;
/// Entities of one document.
pub const ENTITIES: usize = 1 << 20;
/// Relations of one document, of each kind.
pub const RELATIONS: usize = 1 << 20;
/// Spans of one mention.
pub const SPANS: usize = 256;
/// Bytes of a type's name.
pub const LABEL_BYTES: usize = 1024;
/// Different types that one process meets: those of ontologies, of gold, and alien ones of predictions.
pub const LABELS: usize = 1 << 16;
/// Bytes of a document id.
pub const ID_BYTES: usize = 1024;
