//! Annotation of a text that may not travel with it.
//!
//! A stand-off document carries the SHA-256 of its text instead of the text. [`attach`] joins it with
//! a local copy; [`crate::wire::TextPolicy::Hash`] writes one.

use crate::document::Document;
use crate::error::{Error, ErrorKind, Place};
use crate::label::{Interner, Vocabulary};
use crate::text::Text;
use crate::wire::WireDocument;

/// Joins one line of a stand-off file with its text.
///
/// # Errors
/// The line is no stand-off document, the text is not the one that was annotated, or the annotation
/// does not fit it.
///
/// ```
/// use ere_dataset::{standoff::attach, Text, Vocabulary};
/// let text = Text::new("Anna");
/// let line = format!(
///     r#"{{"id":"a","text_sha256":"{}","mentions":[{{"start":0,"end":4,"type":"PER"}}]}}"#,
///     text.sha256()
/// );
/// assert!(attach(&line, text, &Vocabulary::default()).is_ok());
/// let error = attach(&line, Text::new("Hanna"), &Vocabulary::default()).unwrap_err();
/// assert!(error.to_string().contains("not the text that was annotated"));
/// ```
pub fn attach(line: &str, text: Text, vocabulary: &Vocabulary) -> Result<Document, Error> {
    let wire: WireDocument<'_> = serde_json::from_str(line)
        .map_err(|error| Error::new(Place::default(), ErrorKind::Json(error)))?;
    let id = wire.id.clone().into_owned();
    let fail = |kind| Error::new(Place::default(), kind).in_document(&id);
    let Some(expected) = wire.text_sha256.clone() else {
        return Err(fail(ErrorKind::Missing {
            what: "text_sha256",
            cure: "only stand-off documents can be attached; this one needs no text".to_owned(),
        }));
    };
    let found = text.sha256();
    if found != *expected {
        let hint = hint(&wire, &text, &expected);
        return Err(fail(ErrorKind::TextMismatch { expected: expected.into_owned(), found, hint }));
    }
    wire.with_text(text, &Interner::new(vocabulary)).map_err(fail)
}

/// What can be said about a difference when only a hash of the right text is known: whether a usual
/// change to the file explains it, or which annotated offset the text is too short for.
fn hint(wire: &WireDocument<'_>, text: &Text, expected: &str) -> String {
    let text = text.as_str();
    let repairs: [(&str, String); 5] = [
        ("without its last line break", text.strip_suffix('\n').unwrap_or(text).to_owned()),
        ("with a line break at its end", format!("{text}\n")),
        ("with Windows line ends turned into Unix ones", text.replace("\r\n", "\n")),
        ("without its byte order mark", text.trim_start_matches('\u{feff}').to_owned()),
        ("with Unix line ends turned into Windows ones", text.replace('\n', "\r\n")),
    ];
    for (change, repaired) in repairs {
        if Text::new(repaired).sha256() == expected {
            return format!("the text is right {change}; change the copy so");
        }
    }
    let length = text.chars().count() as u64;
    let zones = wire.zones.iter().map(|zone| zone.end);
    let sentences = wire.sentences.iter().map(|[_, end]| *end);
    let mentions = wire.mentions.iter().filter_map(|mention| mention.end);
    match zones.chain(sentences).chain(mentions).max() {
        Some(end) if end > length => format!(
            "it has {length} code points, and the annotation reaches to {end}: the copy is cut off \
             at or before code point {length}"
        ),
        _ => "get the copy that was annotated; where the two differ cannot be known from a hash"
            .to_owned(),
    }
}
