//! The native form, read at the speed of its bytes.
//!
//! [`document`] reads what nearly every line looks like: known keys, each once, in any order. Whatever
//! it does not know it leaves to the general parser, which decides what is an error. So it may give
//! up on anything, but what it returns must be what the general parser returns (`tests/scan.rs`).

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::document::{Actuality, Form, Given, Polarity, Status, ZoneKind};
use crate::wire::{
    WireDocument, WireEntity, WireEvidence, WireMention, WireMentionRelation, WireRelation,
    WireSpan, WireZone,
};

/// The document of a line; `None` where the general parser has to look at it.
pub(crate) fn document(line: &str) -> Option<WireDocument<'_>> {
    let mut cursor = Cursor { line, at: 0 };
    let mut wire = WireDocument::default();
    let mut seen = Seen::default();
    cursor.space();
    cursor.object(|cursor, key| {
        match key {
            b"id" => {
                seen.first(0)?;
                wire.id = cursor.string()?;
            }
            b"text" => {
                seen.first(1)?;
                wire.text = cursor.optional(Cursor::string)?;
            }
            b"text_sha256" => {
                seen.first(2)?;
                wire.text_sha256 = cursor.optional(Cursor::string)?;
            }
            b"meta" => {
                seen.first(3)?;
                wire.meta = serde_json::from_str(cursor.raw()?).ok()?;
            }
            b"layers" => {
                seen.first(4)?;
                wire.layers = serde_json::from_str(cursor.raw()?).ok()?;
            }
            b"given" => {
                seen.first(5)?;
                wire.given = given(cursor.name()?)?;
            }
            b"zones" => {
                seen.first(6)?;
                wire.zones = cursor.list(zone)?;
            }
            b"sentences" => {
                seen.first(7)?;
                wire.sentences = cursor.list_of(32, Cursor::pair)?;
            }
            b"tokens" => {
                seen.first(8)?;
                wire.tokens = cursor.optional(|cursor| cursor.list(Cursor::pair))?;
            }
            b"mentions" => {
                seen.first(9)?;
                wire.mentions = cursor.list_in_place(48, mention)?;
            }
            b"entities" => {
                seen.first(10)?;
                wire.entities = cursor.list_in_place(16, entity)?;
            }
            b"mention_relations" => {
                seen.first(11)?;
                wire.mention_relations = cursor.list_in_place(24, mention_relation)?;
            }
            b"relations" => {
                seen.first(12)?;
                wire.relations = cursor.list_in_place(24, relation)?;
            }
            b"pairs" => {
                seen.first(13)?;
                wire.pairs = cursor.optional(|cursor| cursor.list(Cursor::pair))?;
            }
            _ => return None,
        }
        Some(())
    })?;
    cursor.space();
    (cursor.at == line.len() && seen.has(0)).then_some(wire)
}

/// The id of a line that begins with it; `None` where the general parser has to look. The rest of the
/// line is not looked at.
pub(crate) fn leading_id(line: &str) -> Option<&str> {
    let mut cursor = Cursor { line, at: 0 };
    cursor.space();
    cursor.eat(b'{')?;
    cursor.space();
    let is_id = cursor.key()? == b"id";
    match is_id.then(|| cursor.string())?? {
        Cow::Borrowed(id) => Some(id),
        Cow::Owned(_) => None,
    }
}

fn zone(cursor: &mut Cursor<'_>) -> Option<WireZone> {
    let mut wire = WireZone { start: 0, end: 0, kind: ZoneKind::Body };
    let mut seen = Seen::default();
    cursor.object(|cursor, key| {
        match key {
            b"start" => {
                seen.first(0)?;
                wire.start = cursor.number()?;
            }
            b"end" => {
                seen.first(1)?;
                wire.end = cursor.number()?;
            }
            b"type" => {
                seen.first(2)?;
                wire.kind = ZoneKind::from_name(cursor.name()?)?;
            }
            _ => return None,
        }
        Some(())
    })?;
    (seen.has(0) && seen.has(1) && seen.has(2)).then_some(wire)
}

fn mention<'a>(cursor: &mut Cursor<'a>, wire: &mut WireMention<'a>) -> Option<()> {
    let mut seen = Seen::default();
    cursor.object(|cursor, key| {
        match key {
            b"start" => {
                seen.first(0)?;
                wire.start = cursor.optional(Cursor::number)?;
            }
            b"end" => {
                seen.first(1)?;
                wire.end = cursor.optional(Cursor::number)?;
            }
            b"spans" => {
                seen.first(2)?;
                wire.spans = cursor.list(Cursor::pair)?;
            }
            b"type" => {
                seen.first(3)?;
                wire.label = cursor.string()?;
            }
            b"form" => {
                seen.first(4)?;
                wire.form = cursor.optional(form)?;
            }
            b"head" => {
                seen.first(5)?;
                wire.head = cursor.optional(Cursor::pair)?;
            }
            b"link" => {
                seen.first(6)?;
                wire.link = cursor.optional(Cursor::string)?;
            }
            b"optional" => {
                seen.first(7)?;
                wire.optional = cursor.boolean()?;
            }
            b"confidence" => {
                seen.first(8)?;
                wire.confidence = cursor.optional(Cursor::float)?;
            }
            b"id" => {
                seen.first(9)?;
                wire.id = cursor.optional(Cursor::string)?;
            }
            _ => return None,
        }
        Some(())
    })?;
    seen.has(3).then_some(())
}

fn entity<'a>(cursor: &mut Cursor<'a>, wire: &mut WireEntity<'a>) -> Option<()> {
    let mut seen = Seen::default();
    cursor.object(|cursor, key| {
        match key {
            b"type" => {
                seen.first(0)?;
                wire.label = cursor.optional(Cursor::string)?;
            }
            b"types" => {
                seen.first(1)?;
                wire.types = cursor.list(Cursor::string)?;
            }
            b"mentions" => {
                seen.first(2)?;
                wire.mentions = cursor.list(Cursor::number)?;
            }
            b"links" => {
                seen.first(3)?;
                wire.links = cursor.list(Cursor::string)?;
            }
            b"confidence" => {
                seen.first(4)?;
                wire.confidence = cursor.optional(Cursor::float)?;
            }
            b"id" => {
                seen.first(5)?;
                wire.id = cursor.optional(Cursor::string)?;
            }
            _ => return None,
        }
        Some(())
    })?;
    Some(())
}

fn mention_relation<'a>(cursor: &mut Cursor<'a>, wire: &mut WireMentionRelation<'a>) -> Option<()> {
    let mut seen = Seen::default();
    cursor.object(|cursor, key| {
        match key {
            b"head" => {
                seen.first(0)?;
                wire.head = cursor.number()?;
            }
            b"tail" => {
                seen.first(1)?;
                wire.tail = cursor.number()?;
            }
            b"type" => {
                seen.first(2)?;
                wire.label = cursor.string()?;
            }
            b"confidence" => {
                seen.first(3)?;
                wire.confidence = cursor.optional(Cursor::float)?;
            }
            b"id" => {
                seen.first(4)?;
                wire.id = cursor.optional(Cursor::string)?;
            }
            _ => return None,
        }
        Some(())
    })?;
    (seen.has(0) && seen.has(1) && seen.has(2)).then_some(())
}

fn relation<'a>(cursor: &mut Cursor<'a>, wire: &mut WireRelation<'a>) -> Option<()> {
    let mut seen = Seen::default();
    cursor.object(|cursor, key| {
        match key {
            b"head" => {
                seen.first(0)?;
                wire.head = cursor.number()?;
            }
            b"tail" => {
                seen.first(1)?;
                wire.tail = cursor.number()?;
            }
            b"type" => {
                seen.first(2)?;
                wire.label = cursor.string()?;
            }
            b"evidence" => {
                seen.first(3)?;
                wire.evidence = cursor.list_in_place(1, evidence)?;
            }
            b"optional" => {
                seen.first(4)?;
                wire.optional = cursor.boolean()?;
            }
            b"confidence" => {
                seen.first(5)?;
                wire.confidence = cursor.optional(Cursor::float)?;
            }
            b"id" => {
                seen.first(6)?;
                wire.id = cursor.optional(Cursor::string)?;
            }
            _ => return None,
        }
        Some(())
    })?;
    (seen.has(0) && seen.has(1) && seen.has(2)).then_some(())
}

fn evidence(cursor: &mut Cursor<'_>, wire: &mut WireEvidence) -> Option<()> {
    let mut seen = Seen::default();
    cursor.object(|cursor, key| {
        match key {
            b"sentences" => {
                seen.first(0)?;
                wire.sentences = cursor.list_of(2, Cursor::number)?;
            }
            b"support" => {
                seen.first(1)?;
                wire.support = cursor.list(Cursor::number)?;
            }
            b"asserted_by" => {
                seen.first(2)?;
                wire.asserted_by = cursor.list(Cursor::number)?;
            }
            b"polarity" => {
                seen.first(3)?;
                wire.polarity = match cursor.name()? {
                    "positive" => Polarity::Positive,
                    "negative" => Polarity::Negative,
                    _ => return None,
                };
            }
            b"actuality" => {
                seen.first(4)?;
                wire.actuality = match cursor.name()? {
                    "actual" => Actuality::Actual,
                    "planned" => Actuality::Planned,
                    "possible" => Actuality::Possible,
                    _ => return None,
                };
            }
            b"status" => {
                seen.first(5)?;
                wire.status = match cursor.name()? {
                    "current" => Status::Current,
                    "former" => Status::Former,
                    _ => return None,
                };
            }
            b"time" => {
                seen.first(6)?;
                wire.time = cursor.optional(Cursor::number)?;
            }
            b"amount" => {
                seen.first(7)?;
                wire.amount = cursor.optional(Cursor::number)?;
            }
            b"item" => {
                seen.first(8)?;
                wire.item = cursor.optional(Cursor::number)?;
            }
            _ => return None,
        }
        Some(())
    })?;
    Some(())
}

fn given(name: &str) -> Option<Given> {
    match name {
        "text" => Some(Given::Text),
        "mentions" => Some(Given::Mentions),
        "entities" => Some(Given::Entities),
        _ => None,
    }
}

fn form(cursor: &mut Cursor<'_>) -> Option<Form> {
    match cursor.name()? {
        "name" => Some(Form::Name),
        "nominal" => Some(Form::Nominal),
        "pronoun" => Some(Form::Pronoun),
        _ => None,
    }
}

/// The keys of an object that were met.
#[derive(Default)]
struct Seen(u16);

impl Seen {
    /// Notes a key; `None` if it stands twice.
    fn first(&mut self, key: u32) -> Option<()> {
        let is_first = !self.has(key);
        self.0 |= 1 << key;
        is_first.then_some(())
    }

    fn has(&self, key: u32) -> bool {
        self.0 >> key & 1 == 1
    }
}

/// A place in a line. Every method that reads a value leaves the cursor behind it, or gives up.
struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.line.as_bytes()[self.at..].starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Reads `{"key": value, …}`; `field` reads each value.
    fn object(&mut self, mut field: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        self.eat(b'{')?;
        self.space();
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let key = self.key()?;
            field(self, key)?;
            self.space();
            if self.eat(b',').is_none() {
                return self.eat(b'}');
            }
            self.space();
        }
    }

    /// Reads `[value, …]`.
    fn list<T>(&mut self, item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.list_of(4, item)
    }

    /// The same, for a list that usually has about `usual` values.
    fn list_of<T>(
        &mut self,
        usual: usize,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.eat(b'[')?;
        self.space();
        if self.eat(b']').is_some() {
            return Some(Vec::new());
        }
        let mut items = Vec::with_capacity(usual);
        loop {
            items.push(item(self)?);
            self.space();
            if self.eat(b',').is_none() {
                return self.eat(b']').map(|()| items);
            }
            self.space();
        }
    }

    /// The same, for values that are large: they are filled where they stay.
    fn list_in_place<T: Default>(
        &mut self,
        usual: usize,
        mut fill: impl FnMut(&mut Self, &mut T) -> Option<()>,
    ) -> Option<Vec<T>> {
        self.eat(b'[')?;
        self.space();
        if self.eat(b']').is_some() {
            return Some(Vec::new());
        }
        let mut items: Vec<T> = Vec::with_capacity(usual);
        loop {
            let item = items.len();
            items.push(T::default());
            fill(self, &mut items[item])?;
            self.space();
            if self.eat(b',').is_none() {
                return self.eat(b']').map(|()| items);
            }
            self.space();
        }
    }

    /// A key, and the colon after it. One with an escape in it is cut short, and so is not known.
    fn key(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let rest = &self.line.as_bytes()[self.at..];
        let length = rest.iter().position(|byte| *byte == b'"')?;
        let key = &rest[..length];
        self.at += length + 1;
        self.space();
        self.eat(b':')?;
        self.space();
        Some(key)
    }

    /// A short string without escapes.
    fn name(&mut self) -> Option<&'a str> {
        self.eat(b'"')?;
        let start = self.at;
        let rest = &self.line.as_bytes()[start..];
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
        self.at += length;
        self.eat(b'"')?;
        self.line.get(start..start + length)
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        /// Up to this length a plain loop is faster than a search.
        const SHORT: usize = 24;
        let start = self.at;
        self.eat(b'"')?;
        let body = &self.line.as_bytes()[self.at..];
        let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        let short = body.iter().take(SHORT).position(is_end);
        if let Some(length) = short.filter(|length| body[*length] == b'"') {
            let text = self.line.get(self.at..self.at + length)?;
            self.at += length + 1;
            return Some(Cow::Borrowed(text));
        }
        let mut length = memchr2(b'"', b'\\', body)?;
        let is_plain = body[length] == b'"' && !body[..length].iter().any(|byte| *byte < 0x20);
        while body[length] == b'\\' {
            length += 2;
            length += memchr2(b'"', b'\\', body.get(length..)?)?;
        }
        let end = self.at + length;
        let text = match is_plain {
            true => Cow::Borrowed(self.line.get(self.at..end)?),
            false => Cow::Owned(match unescaped(self.line.get(self.at..end)?) {
                Some(text) => text,
                None => serde_json::from_str(self.line.get(start..=end)?).ok()?,
            }),
        };
        self.at = end + 1;
        Some(text)
    }

    fn number(&mut self) -> Option<u64> {
        let digits = &self.line.as_bytes()[self.at..];
        let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // Up to 19 digits fit; a leading zero is for the general parser to refuse.
        if length == 0 || length > 19 || (digits[0] == b'0' && length > 1) {
            return None;
        }
        self.at += length;
        // What follows `-`, `.` or `e` is refused by whoever reads on: no separator is one of these.
        Some(digits[..length].iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0')))
    }

    fn float(&mut self) -> Option<f64> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let rest = &self.line.as_bytes()[self.at..];
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        let value = serde_json::from_str(&self.line[self.at..self.at + length]).ok()?;
        self.at += length;
        Some(value)
    }

    fn boolean(&mut self) -> Option<bool> {
        match self.word("true") {
            Some(()) => Some(true),
            None => self.word("false").map(|()| false),
        }
    }

    fn pair(&mut self) -> Option<WireSpan> {
        self.eat(b'[')?;
        self.space();
        let first = self.number()?;
        self.space();
        self.eat(b',')?;
        self.space();
        let second = self.number()?;
        self.space();
        self.eat(b']')?;
        Some([first, second])
    }

    /// A value, or `null`.
    fn optional<T>(&mut self, value: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.peek()? {
            b'n' => self.word("null").map(|()| None),
            _ => value(self).map(Some),
        }
    }

    /// An object or a list as it stands: where it ends is known, not what is in it.
    fn raw(&mut self) -> Option<&'a str> {
        let start = self.at;
        let mut depth = 0u32;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                byte => {
                    self.at += 1;
                    match byte {
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth = depth.checked_sub(1)?,
                        _ => {}
                    }
                }
            }
            if depth == 0 {
                return self.line.get(start..self.at);
            }
        }
    }
}

/// A string with its short escapes resolved; `None` where there are others, or what is no escape.
fn unescaped(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        text.push(match rest.as_bytes().get(at + 1)? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
            _ => return None,
        });
        rest = &rest[at + 2..];
    }
    text.push_str(rest);
    let is_json = !raw.bytes().any(|byte| byte < 0x20);
    is_json.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_not_left_to_the_general_parser() {
        let lines = [
            r#"{"id":"a"}"#,
            r#" { "id" : "a" , "mentions" : [ ] } "#,
            r#"{"id":"a","text":"a \"b\"\n","meta":{"x":1},"layers":{"mentions":true},"given":"text",
                "zones":[{"start":0,"end":1,"type":"body"}],"sentences":[[0,1]],"tokens":[[0,1]],
                "mentions":[{"start":0,"end":1,"type":"PER","form":"name","head":[0,1],"link":"Q1",
                    "optional":true,"confidence":0.5,"id":"m"},{"spans":[[0,1],[3,4]],"type":"X"}],
                "entities":[{"type":"PER","mentions":[0],"links":["Q1"],"confidence":1,"id":"e"},{"types":["A","B"]}],
                "mention_relations":[{"head":0,"tail":1,"type":"r","confidence":-1e-3,"id":"r"}],
                "relations":[{"head":0,"tail":1,"type":"r","evidence":[{"sentences":[0],"support":[0],
                    "asserted_by":[0],"polarity":"negative","actuality":"planned","status":"former",
                    "time":0,"amount":null,"item":1}],"optional":false,"confidence":null,"id":null}],
                "pairs":[[0,1]]}"#,
        ];
        for line in lines {
            assert!(document(line).is_some(), "{line}");
        }
        assert_eq!(leading_id(r#"{"id":"a","x"#), Some("a"));
        for line in ["", "{}", r#"{"text":"","id":"a"}"#, r#"{"id":"\u0061"}"#, r#"{"id":1}"#] {
            assert_eq!(leading_id(line), None, "{line}");
        }
    }
}
