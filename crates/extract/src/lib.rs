//! The Extractor trait, built-in extractors, and external programs over JSON lines.
