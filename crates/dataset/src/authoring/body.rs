//! The second part of an authoring file: the text with its brackets.

use rustc_hash::FxHashMap;

use super::cursor::{Cursor, Line, Source, clip, is_blank};
use super::flags::{self, Reference, once};
use crate::document::{Form, Zone, ZoneKind};
use crate::error::Error;
use crate::label::{Label, Vocabulary};
use crate::limits;
use crate::span::Span;

/// The text, and what the lines and brackets say of it.
#[derive(Default)]
pub(super) struct Body<'a> {
    pub(super) text: String,
    pub(super) sentences: Vec<Span>,
    /// Where the first numbered line stands.
    pub(super) first_sentence: Option<usize>,
    pub(super) zones: Vec<Zone>,
    /// Where the first `@` line stands.
    pub(super) first_zone: Option<usize>,
    /// In the order of opening brackets.
    pub(super) brackets: Vec<Bracket<'a>>,
}

/// A pair of brackets: a mention, or a later part of one.
pub(super) struct Bracket<'a> {
    /// Where it opens in the file.
    pub(super) at: usize,
    pub(super) span: Span,
    pub(super) content: Content<'a>,
}

/// What stands in the round brackets.
pub(super) enum Content<'a> {
    Main(Box<Main<'a>>),
    Part { group: &'a str, at: usize },
}

/// A mention as it is written.
pub(super) struct Main<'a> {
    pub(super) label: Label,
    pub(super) entity: Option<Reference<'a>>,
    pub(super) form: Option<Form>,
    pub(super) optional: bool,
    pub(super) link: Option<Box<str>>,
    pub(super) confidence: Option<f64>,
    pub(super) id: Option<Box<str>>,
    pub(super) head: Option<(u32, u32, usize)>,
    pub(super) group: Option<(&'a str, usize)>,
    pub(super) position: Option<(u32, usize)>,
}

/// A bracket that is open.
#[derive(Clone, Copy)]
struct Open {
    at: usize,
    start: usize,
    slot: usize,
}

struct Reader<'a, 'v> {
    source: Source<'a>,
    vocabulary: &'v Vocabulary,
    body: Body<'a>,
    /// What joins the text so far with the next piece; `None` at the start and after a `\`.
    joint: Option<&'static str>,
    /// The `\` at the end of the line before.
    glue: Option<usize>,
    zone: Option<OpenZone>,
    slots: Vec<Option<Bracket<'a>>>,
    /// How many mentions are closed.
    mentions: usize,
    plain: Vec<Open>,
    tagged: FxHashMap<&'a str, Open>,
}

#[derive(Clone, Copy)]
struct OpenZone {
    kind: ZoneKind,
    at: usize,
    start: Option<usize>,
}

/// Reads lines up to `---` or the end of the file; returns where the next part begins, if there is
/// one.
pub(super) fn read<'a>(
    source: Source<'a>,
    mut next: usize,
    vocabulary: &Vocabulary,
) -> Result<(Body<'a>, Option<usize>), Error> {
    let mut reader = Reader {
        source,
        vocabulary,
        body: Body::default(),
        joint: None,
        glue: None,
        zone: None,
        slots: Vec::new(),
        mentions: 0,
        plain: Vec::new(),
        tagged: FxHashMap::default(),
    };
    while let Some((line, following)) = source.line(next) {
        next = following;
        if source.slice(line) == super::SEPARATOR {
            return Ok((reader.finish()?, Some(next)));
        }
        reader.line(line)?;
    }
    Ok((reader.finish()?, None))
}

impl<'a> Reader<'a, '_> {
    fn line(&mut self, line: Line) -> Result<(), Error> {
        let text = self.source.slice(line);
        if text.is_empty() {
            self.joint = self.joint.and(Some("\n\n"));
            return Ok(());
        }
        let backslashes = text.len() - text.trim_end_matches('\\').len();
        let is_glued = backslashes % 2 == 1;
        let line = Line { end: line.end - usize::from(is_glued), ..line };
        if text.starts_with('@') {
            return self.zone_line(line, is_glued);
        }
        self.piece(line)?;
        self.joint = if is_glued { None } else { Some(" ") };
        self.glue = is_glued.then_some(line.end);
        Ok(())
    }

    fn zone_line(&mut self, line: Line, is_glued: bool) -> Result<(), Error> {
        if is_glued {
            return Err(self.source.error(
                line.end,
                "a `\\` after a zone",
                "put it at the end of the text line before the zone",
            ));
        }
        self.end_zone()?;
        self.joint = self.joint.and(Some("\n\n"));
        self.body.first_zone.get_or_insert(line.start);
        let name = &self.source.slice(line)[1..];
        if name == "none" {
            return Ok(());
        }
        match ZoneKind::from_name(name) {
            Some(kind) => self.zone = Some(OpenZone { kind, at: line.start, start: None }),
            None => {
                let kinds = ZoneKind::ALL.map(ZoneKind::name).join(", ");
                return Err(self.source.error(
                    line.start,
                    format!("no zone is called `{}`", clip(name)),
                    format!("use one of {kinds}, none; write `\\@` for a line of text that begins with @"),
                ));
            }
        }
        Ok(())
    }

    fn end_zone(&mut self) -> Result<(), Error> {
        let Some(OpenZone { kind, at, start }) = self.zone.take() else { return Ok(()) };
        let end = self.body.text.len();
        match Span::new(start.unwrap_or(end) as u32, end as u32) {
            Some(span) => self.body.zones.push(Zone { span, kind }),
            None => {
                return Err(self.source.error(
                    at,
                    "this zone has no text",
                    "remove the line, or put text below it",
                ));
            }
        }
        Ok(())
    }

    fn piece(&mut self, line: Line) -> Result<(), Error> {
        self.body.text.push_str(self.joint.unwrap_or_default());
        let start = self.body.text.len();
        if let Some(zone) = &mut self.zone {
            zone.start.get_or_insert(start);
        }
        let mut cursor = self.source.cursor(line);
        let is_sentence = self.sentence_number(&mut cursor)?;
        while !cursor.is_at_end() {
            let run = cursor.take_while(|character| !matches!(character, '[' | ']' | '\\'));
            self.body.text.push_str(run);
            match cursor.peek() {
                Some('[') => self.open(&mut cursor)?,
                Some(']') => self.close(&mut cursor)?,
                Some(_) => self.body.text.push(escape(&mut cursor, line.start)?),
                None => {}
            }
        }
        if let Some(open) = self.plain.last() {
            return Err(self.source.error(
                open.at,
                "this `[` is not closed on its line",
                "close it with `](TYPE entity)`, or write `\\[` for the character; \
                 a mention that goes on in another line needs tags, `[^a^text]^a^(TYPE entity)`",
            ));
        }
        if is_sentence {
            match Span::new(start as u32, self.body.text.len() as u32) {
                Some(span) => self.body.sentences.push(span),
                None => {
                    return Err(self.source.error(
                        line.start,
                        "this sentence has no text",
                        "remove the line, or write `\\s` for text that begins like a number of a sentence",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Steps over `s12 ` and checks that 12 is the next number; whether there was one.
    fn sentence_number(&mut self, cursor: &mut Cursor<'a>) -> Result<bool, Error> {
        let rest = cursor.rest();
        let Some(after) = rest.strip_prefix('s') else { return Ok(false) };
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let ends = after[digits..].chars().next().is_none_or(is_blank);
        if digits == 0 || !ends {
            return Ok(false);
        }
        let expected = self.body.sentences.len().to_string();
        if after[..digits] != expected {
            return Err(cursor.error(
                format!("this is sentence s{expected}, not s{}", clip(&after[..digits])),
                "number the sentences 0, 1, 2, … without gaps, \
                 or write `\\s` for text that begins like a number of a sentence",
            ));
        }
        self.body.first_sentence.get_or_insert(cursor.at);
        cursor.advance(1 + digits);
        cursor.skip_blanks();
        Ok(true)
    }

    fn open(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let at = cursor.at;
        // Brackets that are open at once are of different mentions: parts of one do not overlap.
        let count = self.plain.len() + self.tagged.len() + 1;
        self.source.limit(at, "mentions", count, limits::MENTIONS)?;
        let open = Open { at, start: self.body.text.len(), slot: self.slots.len() };
        cursor.advance(1);
        self.slots.push(None);
        if cursor.peek() != Some('^') {
            self.plain.push(open);
            return Ok(());
        }
        let tag = tag(cursor)?;
        match self.tagged.insert(tag, open) {
            None => Ok(()),
            Some(first) => Err(self.source.error(
                at,
                format!(
                    "the bracket `[^{tag}^` of line {} is still open",
                    self.source.line_number(first.at)
                ),
                format!("close it with `]^{tag}^(…)` first, or use another tag"),
            )),
        }
    }

    fn close(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let at = cursor.at;
        cursor.advance(1);
        let open = if cursor.peek() == Some('^') {
            let tag = tag(cursor)?;
            self.tagged.remove(tag).ok_or_else(|| {
                self.source.error(
                    at,
                    format!("no bracket `[^{tag}^` is open here"),
                    "open it before, or write `\\]` for the character",
                )
            })?
        } else {
            self.plain.pop().ok_or_else(|| {
                self.source.error(
                    at,
                    "no `[` is open here",
                    "write `\\]` for the character; a mention opens and closes on one line, or has tags",
                )
            })?
        };
        let Some(span) = Span::new(open.start as u32, self.body.text.len() as u32) else {
            return Err(self.source.error(
                open.at,
                "a mention without text",
                "put the words of the mention between `[` and `]`",
            ));
        };
        if !cursor.eat('(') {
            return Err(cursor.error(
                format!(
                    "`(TYPE entity)` must follow here, for the bracket opened at {}",
                    self.source.line_and_column(open.at)
                ),
                "write it directly behind the `]`, or write `\\[` and `\\]` for the characters",
            ));
        }
        let content = content(cursor, self.vocabulary)?;
        self.mentions += usize::from(matches!(content, Content::Main(_)));
        self.source.limit(open.at, "mentions", self.mentions, limits::MENTIONS)?;
        self.slots[open.slot] = Some(Bracket { at: open.at, span, content });
        Ok(())
    }

    fn finish(mut self) -> Result<Body<'a>, Error> {
        if let Some(at) = self.glue.filter(|_| self.joint.is_none()) {
            return Err(self.source.error(
                at,
                "this `\\` joins the line with what follows, but no text follows",
                "remove it, or write `\\\\` for the character",
            ));
        }
        self.end_zone()?;
        if let Some(at) = self.tagged.values().map(|open| open.at).min() {
            return Err(self.source.error(
                at,
                "this bracket is not closed",
                "close it with `]`, the same tag and `(TYPE entity)`, or write `\\[` for the character",
            ));
        }
        let closed =
            |slot: Option<Bracket<'a>>| slot.expect("every bracket that opened has closed");
        self.body.brackets = self.slots.into_iter().map(closed).collect();
        Ok(self.body)
    }
}

/// The character behind a backslash.
fn escape(cursor: &mut Cursor<'_>, line_start: usize) -> Result<char, Error> {
    let backslash = cursor.clone();
    cursor.advance(1);
    let Some(character) = cursor.peek() else { return Err(bad_escape(&backslash)) };
    cursor.advance(character.len_utf8());
    match character {
        'n' => Ok('\n'),
        't' => Ok('\t'),
        'r' => Ok('\r'),
        'u' => code_point(cursor).ok_or_else(|| {
            backslash.error(
                "no code point",
                "write one to six hexadecimal digits in braces, `\\u{1F600}`",
            )
        }),
        's' if backslash.at == line_start => Ok('s'),
        mark if mark.is_ascii_punctuation() => Ok(mark),
        _ => Err(bad_escape(&backslash)),
    }
}

fn bad_escape(backslash: &Cursor<'_>) -> Error {
    let escape: String = backslash.rest().chars().take(2).collect();
    backslash.error(
        format!("`{escape}` is no escape"),
        "write `\\\\` for a backslash; the escapes are `\\n`, `\\t`, `\\r`, `\\u{1F600}`, a backslash \
         before a punctuation mark, and `\\s` at the beginning of a line",
    )
}

fn code_point(cursor: &mut Cursor<'_>) -> Option<char> {
    if !cursor.eat('{') {
        return None;
    }
    let digits = cursor.take_while(|character| character.is_ascii_hexdigit());
    if digits.len() > 6 || !cursor.eat('}') {
        return None;
    }
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

/// The name between `^` and `^`.
fn tag<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, Error> {
    let start = cursor.clone();
    cursor.eat('^');
    let tag = cursor.take_while(|character| character.is_ascii_alphanumeric());
    if tag.is_empty() || !cursor.eat('^') {
        return Err(start.error(
            "a tag that does not end",
            "a tag is letters and digits between two `^`: `[^a^text]^a^(TYPE entity)`; \
             write `\\^` for the character",
        ));
    }
    Ok(tag)
}

/// What stands between `(` and `)`; the cursor is behind the `(`.
fn content<'a>(cursor: &mut Cursor<'a>, vocabulary: &Vocabulary) -> Result<Content<'a>, Error> {
    cursor.skip_blanks();
    if cursor.peek() == Some('&') {
        let (group, at) = group(cursor)?;
        cursor.skip_blanks();
        return match cursor.eat(')') {
            true => Ok(Content::Part { group, at }),
            false => Err(cursor.error(
                format!("expected `)` after the group, found {}", cursor.found()),
                "the first part of a mention has type and entity before the group, the others the group alone",
            )),
        };
    }
    let word = flags::type_word(cursor)?;
    let mut main = Main {
        label: vocabulary.intern(&word.text),
        entity: entity(cursor)?,
        form: Some(Form::Name),
        optional: false,
        link: None,
        confidence: None,
        id: None,
        head: None,
        group: None,
        position: None,
    };
    mention_flags(cursor, &mut main)?;
    Ok(Content::Main(Box::new(main)))
}

fn entity<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Reference<'a>>, Error> {
    cursor.skip_blanks();
    if matches!(cursor.peek(), None | Some(')')) {
        return Err(cursor.error(
            "this mention says no entity",
            "write the name of its entity after the type, or `-` for none",
        ));
    }
    flags::name_or_none(cursor)
}

fn mention_flags<'a>(cursor: &mut Cursor<'a>, main: &mut Main<'a>) -> Result<(), Error> {
    let mut form = None;
    let mut optional = None;
    loop {
        cursor.skip_blanks();
        let start = cursor.clone();
        match cursor.peek() {
            Some(')') => break cursor.advance(1),
            Some('&') => once(&mut main.group, group(cursor)?, &start)?,
            Some('@') => once(&mut main.position, position(cursor)?, &start)?,
            _ => match cursor.take_while(|character| character.is_ascii_lowercase()) {
                "name" => once(&mut form, Some(Form::Name), &start)?,
                "nominal" => once(&mut form, Some(Form::Nominal), &start)?,
                "pronoun" => once(&mut form, Some(Form::Pronoun), &start)?,
                "noform" => once(&mut form, None, &start)?,
                "optional" => once(&mut optional, (), &start)?,
                "link" if cursor.eat('=') => {
                    once(&mut main.link, flags::string(cursor, "a link")?, &start)?;
                }
                "id" if cursor.eat('=') => {
                    once(&mut main.id, flags::string(cursor, "an id")?, &start)?
                }
                "confidence" if cursor.eat('=') => {
                    once(&mut main.confidence, flags::confidence(cursor)?, &start)?;
                }
                "head" if cursor.eat('=') => once(&mut main.head, head(cursor)?, &start)?,
                _ => return Err(unknown_flag(&start)),
            },
        }
        if !matches!(cursor.peek(), Some(')' | ' ' | '\t')) {
            return Err(unknown_flag(&start));
        }
    }
    main.form = form.unwrap_or(main.form);
    main.optional = optional.is_some();
    Ok(())
}

fn unknown_flag(start: &Cursor<'_>) -> Error {
    if start.is_at_end() {
        return start.error("this `(` is not closed", "close it with `)` behind the flags");
    }
    let rest = start.rest();
    let length = rest.find(|c| is_blank(c) || c == ')').unwrap_or(rest.len());
    start.error(
        format!("`{}` is no flag of a mention", clip(&rest[..length])),
        "after type and entity come nominal, pronoun, name, noform, optional, link=…, confidence=…, \
         id=…, head=3..7, &1, @5, separated by spaces, then `)`",
    )
}

fn group<'a>(cursor: &mut Cursor<'a>) -> Result<(&'a str, usize), Error> {
    let start = cursor.clone();
    cursor.eat('&');
    match cursor.take_while(|character| character.is_ascii_alphanumeric()) {
        "" => Err(start.error("a group without a name", "write a number behind the `&`: `&1`")),
        name => Ok((name, start.at)),
    }
}

fn position(cursor: &mut Cursor<'_>) -> Result<(u32, usize), Error> {
    let start = cursor.clone();
    cursor.eat('@');
    match flags::number(cursor) {
        Some(position) => Ok((position, start.at)),
        None => Err(start.error("`@` without a position", "write a number from 0 behind it: `@5`")),
    }
}

fn head(cursor: &mut Cursor<'_>) -> Result<(u32, u32, usize), Error> {
    let start = cursor.clone();
    let mut range = || {
        let from = flags::number(cursor)?;
        let dots = cursor.eat('.') && cursor.eat('.');
        let to = flags::number(cursor)?;
        dots.then_some((from, to, start.at))
    };
    range().ok_or_else(|| {
        start
            .error("no range of code points", "write the first code point and the end: `head=3..7`")
    })
}
