//! The small things that lines and round brackets are made of: names, flags, numbers.

use std::borrow::Cow;

use super::cursor::{Cursor, Word, clip, is_bare, json_error};
use crate::error::Error;

/// The name of an entity: its id, or a number for this file only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Name<'a> {
    Id(Cow<'a, str>),
    Number(&'a str),
}

impl Name<'_> {
    pub(super) fn id(&self) -> Option<Box<str>> {
        match self {
            Name::Id(id) => Some(Box::from(id.as_ref())),
            Name::Number(_) => None,
        }
    }
}

/// A name, and where it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct Reference<'a> {
    pub(super) name: Name<'a>,
    pub(super) at: usize,
}

/// Fills a slot that must be empty yet; `start` is where the flag stands.
pub(super) fn once<T>(slot: &mut Option<T>, value: T, start: &Cursor<'_>) -> Result<(), Error> {
    if slot.is_some() {
        let rest = start.rest();
        let flag = &rest[..rest.find([' ', '\t', ';', ')']).unwrap_or(rest.len())];
        return Err(start.error(
            format!("`{}` repeats, or contradicts, what was said before", clip(flag)),
            "say it once",
        ));
    }
    *slot = Some(value);
    Ok(())
}

/// A type; `-` is none.
pub(super) fn type_word<'a>(cursor: &mut Cursor<'a>) -> Result<Word<'a>, Error> {
    let word = cursor.word("a type")?;
    if word.text == "-" && !word.is_quoted {
        return Err(cursor.source.error(
            word.at,
            "`-` is no type",
            "write a type; only the entity of a mention may be `-`",
        ));
    }
    Ok(word)
}

/// The name of an entity, or `None` for `-`.
pub(super) fn name_or_none<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Reference<'a>>, Error> {
    let at = cursor.at;
    let word = cursor.word("the name of an entity")?;
    if word.is_quoted {
        return Ok(Some(Reference { name: Name::Id(word.text), at }));
    }
    let text = &cursor.source.text[at..cursor.at];
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text {
        "-" => Ok(None),
        _ if is_number && (text == "0" || !text.starts_with('0')) => {
            Ok(Some(Reference { name: Name::Number(text), at }))
        }
        _ if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
            Err(cursor.source.error(
                at,
                format!("the name `{}` begins with a digit or `-`", clip(text)),
                "write it as a JSON string, \"2023-05\", or begin it with a letter",
            ))
        }
        _ => Ok(Some(Reference { name: Name::Id(Cow::Borrowed(text)), at })),
    }
}

/// The name of an entity that must be one.
pub(super) fn name<'a>(cursor: &mut Cursor<'a>) -> Result<Reference<'a>, Error> {
    let start = cursor.clone();
    name_or_none(cursor)?
        .ok_or_else(|| start.error("`-` is no entity", "write the name of an entity"))
}

/// A word or JSON string as a value.
pub(super) fn string(cursor: &mut Cursor<'_>, what: &str) -> Result<Box<str>, Error> {
    Ok(cursor.word(what)?.text.into())
}

/// A finite number as in JSON.
pub(super) fn confidence(cursor: &mut Cursor<'_>) -> Result<f64, Error> {
    let start = cursor.clone();
    let digits = cursor.take_while(|c| is_bare(c) || c == '+');
    serde_json::from_str(digits).map_err(|_| {
        start
            .error("no finite number", "write the confidence as a decimal number: `confidence=0.9`")
    })
}

/// Digits that make a number below 2^32.
pub(super) fn number(cursor: &mut Cursor<'_>) -> Option<u32> {
    cursor.take_while(|character| character.is_ascii_digit()).parse().ok()
}

/// The rest of the line as a JSON value.
pub(super) fn json<'a, T: serde::Deserialize<'a>>(cursor: &Cursor<'a>) -> Result<T, Error> {
    let text = cursor.rest();
    serde_json::from_str(text)
        .map_err(|error| json_error(cursor.source, cursor.at, text.len(), &error))
}
