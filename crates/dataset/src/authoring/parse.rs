//! From the text of an authoring file to a document.

use super::cursor::{Cursor, Line, Source};
use super::{annotation, body, flags};
use crate::document::Document;
use crate::error::{Error, ErrorKind, Item, Place};
use crate::label::Vocabulary;
use crate::limits;
use crate::wire::limit;

/// Parses one article.
///
/// Linear in the length of the text.
///
/// # Errors
/// The first thing that does not follow the form, points to nothing, or is over a limit
/// ([`crate::limits`]), with line, column (in characters), the line itself and what would be right.
pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Document, Error> {
    Ok(parse_article(text, vocabulary)?.document)
}

/// A document with the places of its items in the file that it was parsed from.
#[derive(Debug)]
pub struct Article<'a> {
    /// The document.
    pub document: Document,
    source: Source<'a>,
    origins: Origins,
}

/// Where items stand: one byte of the file for each item of a list.
#[derive(Debug, Default)]
pub(super) struct Origins {
    pub(super) mentions: Vec<u32>,
    pub(super) entities: Vec<u32>,
    pub(super) mention_relations: Vec<u32>,
    pub(super) relations: Vec<u32>,
}

impl Article<'_> {
    /// The line and column of an item: of a mention, its opening bracket; of an entity, its
    /// declaration or first mention; of a relation, its line.
    pub fn place(&self, item: Item) -> Option<Place> {
        let origins = match item.list {
            "mentions" => &self.origins.mentions,
            "entities" => &self.origins.entities,
            "mention_relations" => &self.origins.mention_relations,
            "relations" => &self.origins.relations,
            _ => return None,
        };
        Some(self.source.place(*origins.get(item.position)? as usize))
    }

    /// The same error, on the line of the item that it names: for errors of
    /// [`crate::check::check_gold`].
    #[must_use]
    pub fn locate(&self, error: Error) -> Error {
        match error.kind().item().and_then(|item| self.place(item)) {
            Some(place) => error.at(&place),
            None => error,
        }
    }
}

/// [`parse`], remembering where the items stand, for errors that are found later.
///
/// # Errors
/// As [`parse`].
pub fn parse_article<'a>(text: &'a str, vocabulary: &Vocabulary) -> Result<Article<'a>, Error> {
    let over = |kind: ErrorKind| Error::new(Place::default(), kind);
    limit("bytes of the file", text.len(), limits::FILE_BYTES as usize).map_err(over)?;
    let source = Source { text };
    refuse_control_characters(source)?;
    let mut document = Document::default();
    let next = header(source, &mut document)?;
    let (body, next) = body::read(source, next, vocabulary)?;
    let origins = annotation::read(source, next, body, vocabulary, &mut document)?;
    check_limits(&document).map_err(|kind| over(kind).in_document(&document.id))?;
    Ok(Article { document, source, origins })
}

/// A file of another kind, or one that lost its line breaks, is refused at once.
fn refuse_control_characters(source: Source<'_>) -> Result<(), Error> {
    let mut characters = source.text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let ends_line = character == '\r' && matches!(characters.peek(), None | Some((_, '\n')));
        if character.is_control() && !matches!(character, '\n' | '\t') && !ends_line {
            let code = character as u32;
            return Err(source.error(
                at,
                format!("a control character, U+{code:04X}"),
                format!("remove it, or write it as `\\u{{{code:X}}}`"),
            ));
        }
    }
    Ok(())
}

/// The limits that are not checked where the lists grow.
fn check_limits(document: &Document) -> Result<(), ErrorKind> {
    limit("bytes of the document id", document.id.len(), limits::ID_BYTES)?;
    limit("bytes of text", document.text.len(), limits::TEXT_BYTES)?;
    limit("entities", document.entities.len(), limits::ENTITIES)
}

/// Reads the header; returns where the text part begins.
fn header(source: Source<'_>, document: &mut Document) -> Result<usize, Error> {
    let mut id = None;
    let mut next = source.line_start(0);
    let mut last = next;
    while let Some((line, following)) = source.line(next) {
        (last, next) = (line.start, following);
        match source.slice(line) {
            super::SEPARATOR => {
                document.id = id.ok_or_else(|| no_id(source, line))?;
                return Ok(next);
            }
            text if text.is_empty() || text.starts_with('#') => {}
            _ => field(&mut source.cursor(line), &mut id, document)?,
        }
    }
    Err(source.error(
        last,
        "the file ends in its header",
        "write a line `---` between the header and the text",
    ))
}

fn no_id(source: Source<'_>, line: Line) -> Error {
    source.error(line.start, "the header has no id", "write a line `id: …` above")
}

/// `key: value`
fn field(
    cursor: &mut Cursor<'_>,
    id: &mut Option<Box<str>>,
    document: &mut Document,
) -> Result<(), Error> {
    let start = cursor.clone();
    let is_quoted = cursor.peek() == Some('"');
    let key = if is_quoted {
        cursor.json_string()?
    } else {
        cursor.take_while(|character| character != ':').to_owned()
    };
    if !cursor.eat(':') {
        return Err(start.error(
            "a line of the header without `:`",
            "write `key: value`; the header ends with a line `---`",
        ));
    }
    if !is_quoted && (key.is_empty() || key.contains(char::is_whitespace)) {
        return Err(start.error(
            "a key is empty or holds white space",
            "write it as a JSON string, `\"two words\": value`; the header ends with a line `---`",
        ));
    }
    cursor.skip_blanks();
    let is_new = if key == "id" && !is_quoted {
        id.replace(document_id(cursor)?).is_none()
    } else {
        let text = cursor.rest();
        let value = serde_json::from_str(text).unwrap_or_else(|_| text.into());
        document.meta.insert(key, value).is_none()
    };
    match is_new {
        true => Ok(()),
        false => Err(start.error("this key stands above already", "write each key once")),
    }
}

fn document_id(cursor: &mut Cursor<'_>) -> Result<Box<str>, Error> {
    match cursor.peek() {
        None => Err(cursor.error("an empty id", "write the id of the document behind `id:`")),
        Some('"') => Ok(flags::json::<String>(cursor)?.into()),
        Some(_) => Ok(cursor.rest().into()),
    }
}
