//! From a document to the canonical text of its authoring file.

use std::fmt::Write as _;

use super::brackets::{Brackets, Part, brackets};
use super::cursor::is_bare;
use super::layout::{Joint, Layout, TextLine, layout};
use crate::document::{
    Actuality, Document, EntityIdx, Evidence, Form, Given, MentionIdx, MentionRelation, Polarity,
    Relation, Status, Zone,
};
use crate::label::{Label, Vocabulary};
use crate::span::Span;
use crate::text::Offsets;
use crate::wire::WireZone;

const INFALLIBLE: &str = "writing to a string cannot fail, and the model is valid JSON";

/// Writes a document as an authoring file, in its one canonical form: equal documents give equal
/// texts, and [`super::parse`] gives the document back.
///
/// Brackets, numbered lines, `@` lines and names of entities are used wherever they say exactly what
/// the document holds; tags, positions and `%` lines only where they must. Takes time
/// O(n log n) in the size of the document.
///
/// Two things are in no file, native JSON neither: a confidence that is not finite is left out, and a
/// field of [`Document::meta`] nested deeper than 127 levels comes back as a string.
///
/// # Panics
/// Where a span leaves the text or a reference points to nothing, which
/// [`crate::check::check_gold`] refuses.
pub fn write(document: &Document, vocabulary: &Vocabulary) -> String {
    let brackets = brackets(document);
    let layout = layout(document, &brackets.boundaries());
    let writer = Writer {
        document,
        vocabulary,
        offsets: Offsets::of(document.text.as_str()),
        names: names(document),
        layout,
        brackets,
    };
    let mut out = writer.header();
    out += "---\n";
    TextPart::new(&writer, &mut out).write();
    let annotation = writer.annotation();
    if !annotation.is_empty() {
        out += "---\n";
        out += &annotation;
    }
    out
}

struct Writer<'a> {
    document: &'a Document,
    vocabulary: &'a Vocabulary,
    offsets: Offsets,
    /// What each entity is called in the file.
    names: Vec<EntityName>,
    layout: Layout,
    brackets: Brackets,
}

struct EntityName {
    written: String,
    /// Whether the name is a number although the entity has an id, since another one has the same.
    hides_id: bool,
}

fn names(document: &Document) -> Vec<EntityName> {
    let mut seen = rustc_hash::FxHashSet::default();
    let entities = document.entities.iter().enumerate();
    entities
        .map(|(position, entity)| match entity.id.as_deref() {
            Some(id) if seen.insert(id) => EntityName { written: entity_word(id), hides_id: false },
            id => EntityName { written: position.to_string(), hides_id: id.is_some() },
        })
        .collect()
}

// ------------------------------------------------------------------------------------------------
// Header
// ------------------------------------------------------------------------------------------------

impl Writer<'_> {
    fn header(&self) -> String {
        let id = &*self.document.id;
        let is_bare = is_plain(id) && !id.starts_with('"');
        let mut out = format!("id: {}\n", if is_bare { id.to_owned() } else { json(id) });
        for (key, value) in &self.document.meta {
            let value = match value.as_str() {
                Some(text) if is_plain(text) && !is_json(text) => text.to_owned(),
                _ => json(value),
            };
            writeln!(out, "{}: {value}", header_key(key)).expect(INFALLIBLE);
        }
        out
    }
}

fn header_key(key: &str) -> String {
    let is_bare = is_plain(key)
        && key != "id"
        && !key.starts_with(['#', '"'])
        && !key.contains(|character: char| character == ':' || character.is_whitespace());
    if is_bare { key.to_owned() } else { json(key) }
}

/// Whether a text survives at the end of a line as it stands.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace)
        && !text.contains(is_hidden)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

// ------------------------------------------------------------------------------------------------
// Text
// ------------------------------------------------------------------------------------------------

struct TextPart<'a, 'o> {
    writer: &'a Writer<'a>,
    out: &'o mut String,
    is_tagged: Vec<bool>,
    /// The tag of each part, known when it opens.
    tags: Vec<String>,
    /// The number of each discontinuous mention, known when its first part opens.
    groups: Vec<usize>,
    groups_count: usize,
    closing: Vec<usize>,
    opened: usize,
    closed: usize,
    /// Tags given out since no tagged bracket was open, and how many are open.
    tags_given: usize,
    tags_open: usize,
}

impl<'a, 'o> TextPart<'a, 'o> {
    fn new(writer: &'a Writer<'a>, out: &'o mut String) -> Self {
        let Brackets { parts, .. } = &writer.brackets;
        TextPart {
            writer,
            out,
            is_tagged: writer.brackets.tagged(&writer.layout.lines),
            tags: vec![String::new(); parts.len()],
            groups: vec![0; writer.document.mentions.len()],
            groups_count: 0,
            closing: writer.brackets.closing(),
            opened: 0,
            closed: 0,
            tags_given: 0,
            tags_open: 0,
        }
    }

    fn write(mut self) {
        let lines = &self.writer.layout.lines;
        for (position, line) in lines.iter().enumerate() {
            let zone = self.writer.layout.zone_change(self.writer.document, position);
            if line.joint == Joint::EmptyLine {
                self.out.push('\n');
            }
            if let Some(kind) = zone {
                let kind = kind.map_or("none", |kind| kind.name());
                writeln!(self.out, "@{kind}").expect(INFALLIBLE);
            }
            self.line(line, lines.get(position + 1));
        }
    }

    fn line(&mut self, line: &TextLine, next: Option<&TextLine>) {
        if let Some(sentence) = line.sentence {
            write!(self.out, "s{sentence} ").expect(INFALLIBLE);
        }
        let begin = self.out.len();
        self.content(line, next.map(|next| next.start));
        if next.is_some_and(|next| next.joint == Joint::Nothing) {
            self.out.push('\\');
        }
        if line.sentence.is_none() && looks_special(&self.out[begin..]) {
            self.out.insert(begin, '\\');
        }
        self.out.push('\n');
    }

    /// The text of a line with its brackets. Brackets that open where the line ends belong to the next
    /// line if that begins at the same byte.
    fn content(&mut self, line: &TextLine, next_start: Option<u32>) {
        let text = &self.writer.document.text.as_str()[..line.end as usize];
        let mut characters = text[line.start as usize..].chars();
        let mut at = line.start;
        loop {
            self.close_at(at);
            let is_opened = (at < line.end || next_start != Some(at)) && self.open_at(at);
            let Some(character) = characters.next() else { return };
            let is_edge = at == line.start || characters.as_str().is_empty();
            if is_edge && character.is_whitespace() || character == '^' && is_opened {
                self.escape(character);
            } else {
                self.character(character);
            }
            at += character.len_utf8() as u32;
        }
    }

    fn character(&mut self, character: char) {
        if matches!(character, '[' | ']' | '\\') || is_hidden(character) {
            self.escape(character);
        } else {
            self.out.push(character);
        }
    }

    fn escape(&mut self, character: char) {
        match character {
            '\n' => *self.out += "\\n",
            '\t' => *self.out += "\\t",
            '\r' => *self.out += "\\r",
            mark if mark.is_ascii_punctuation() => self.out.extend(['\\', mark]),
            other => write!(self.out, "\\u{{{:X}}}", u32::from(other)).expect(INFALLIBLE),
        }
    }

    /// Writes the brackets that open at a byte; whether the last of them has no tag.
    fn open_at(&mut self, at: u32) -> bool {
        let parts = &self.writer.brackets.parts;
        let mut is_untagged = false;
        while let Some(part) = parts.get(self.opened).filter(|part| part.span.start() == at) {
            self.out.push('[');
            is_untagged = !self.is_tagged[self.opened];
            if !is_untagged {
                let tag = self.new_tag();
                write!(self.out, "^{tag}^").expect(INFALLIBLE);
                self.tags[self.opened] = tag;
            }
            if part.is_first && self.writer.document.mentions[part.mention].spans.is_discontinuous()
            {
                self.groups_count += 1;
                self.groups[part.mention] = self.groups_count;
            }
            self.opened += 1;
        }
        is_untagged
    }

    /// A tag that no open bracket has: `a` to `z`, `aa`, `ab`, …
    fn new_tag(&mut self) -> String {
        if self.tags_open == 0 {
            self.tags_given = 0;
        }
        self.tags_given += 1;
        self.tags_open += 1;
        let mut number = self.tags_given;
        let mut letters = Vec::new();
        while number > 0 {
            number -= 1;
            letters.push(char::from(b'a' + (number % 26) as u8));
            number /= 26;
        }
        letters.iter().rev().collect()
    }

    fn close_at(&mut self, at: u32) {
        let parts = &self.writer.brackets.parts;
        while let Some(&closing) = self.closing.get(self.closed) {
            let part = &parts[closing];
            if part.span.end() != at {
                return;
            }
            self.out.push(']');
            if self.is_tagged[closing] {
                self.tags_open -= 1;
                write!(self.out, "^{}^", self.tags[closing]).expect(INFALLIBLE);
            }
            self.round_brackets(part);
            self.closed += 1;
        }
    }

    fn round_brackets(&mut self, part: &Part) {
        let group = self.groups[part.mention];
        let group = (group > 0).then(|| format!("&{group}"));
        let content = match (part.is_first, &group) {
            (false, Some(group)) => group.clone(),
            _ => self.writer.mention(MentionIdx(part.mention as u32), group),
        };
        write!(self.out, "({content})").expect(INFALLIBLE);
    }
}

/// Whether a line of text without a number would be read as something else.
fn looks_special(line: &str) -> bool {
    let after = line.strip_prefix('s').unwrap_or_default();
    let rest = after.trim_start_matches(|character: char| character.is_ascii_digit());
    let is_number =
        rest.len() < after.len() && (matches!(rest, "" | "\\") || rest.starts_with(' '));
    is_number || line.starts_with('@') || line == super::SEPARATOR
}

/// Whether a character is written as an escape since nobody could see it or tell it from another one:
/// control characters, spaces that are not U+0020 in width or use, marks of direction.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{A0}' | '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
                | '\u{2028}'..='\u{202F}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        )
}

// ------------------------------------------------------------------------------------------------
// Mentions
// ------------------------------------------------------------------------------------------------

impl Writer<'_> {
    /// Type, entity and flags of a mention.
    fn mention(&self, idx: MentionIdx, group: Option<String>) -> String {
        let mention = &self.document.mentions[idx.index()];
        let mut words = vec![self.label(mention.label)];
        words.push(mention.entity.map_or("-".to_owned(), |entity| self.name(entity).to_owned()));
        let form = match mention.form {
            Some(Form::Name) => None,
            Some(Form::Nominal) => Some("nominal"),
            Some(Form::Pronoun) => Some("pronoun"),
            None => Some("noform"),
        };
        words.extend(form.map(str::to_owned));
        words.extend(mention.optional.then(|| "optional".to_owned()));
        words.extend(mention.head.map(|head| {
            let (start, end) = self.offsets.code_points(head);
            format!("head={start}..{end}")
        }));
        words.extend(mention.link.as_deref().map(|link| format!("link={}", word(link))));
        words.extend(tail_flags(mention.confidence, mention.id.as_deref()));
        words.extend(group);
        words.extend(self.brackets.need_positions.then(|| format!("@{}", idx.0)));
        words.join(" ")
    }

    fn label(&self, label: Label) -> String {
        type_word(&self.vocabulary.name(label))
    }

    fn name(&self, entity: EntityIdx) -> &str {
        &self.names[entity.index()].written
    }
}

fn tail_flags(confidence: Option<f64>, id: Option<&str>) -> Vec<String> {
    let confidence = confidence.filter(|confidence| confidence.is_finite());
    let confidence = confidence.map(|confidence| format!("confidence={}", json(&confidence)));
    confidence.into_iter().chain(id.map(|id| format!("id={}", word(id)))).collect()
}

/// A value of a flag.
fn word(text: &str) -> String {
    let is_word = !text.is_empty() && text.chars().all(is_bare);
    if is_word { text.to_owned() } else { json(text) }
}

/// A type. `-` and `:` mean something where a type stands.
fn type_word(text: &str) -> String {
    if text.starts_with(['-', ':']) { json(text) } else { word(text) }
}

/// The id of an entity as its name.
fn entity_word(id: &str) -> String {
    if id.starts_with(|first: char| first.is_ascii_digit()) { json(id) } else { type_word(id) }
}

/// JSON on one line, hidden characters escaped. They stand in strings only, or are not there.
fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    let json = serde_json::to_string(value).expect(INFALLIBLE);
    let mut visible = String::with_capacity(json.len());
    for character in json.chars() {
        if is_hidden(character) {
            write!(visible, "\\u{:04x}", u32::from(character)).expect(INFALLIBLE);
        } else {
            visible.push(character);
        }
    }
    visible
}

// ------------------------------------------------------------------------------------------------
// Annotation
// ------------------------------------------------------------------------------------------------

impl Writer<'_> {
    /// The third part: groups of lines with a blank line between them.
    fn annotation(&self) -> String {
        let groups = [self.layers(), self.entities(), self.mention_relations(), self.relations()];
        let groups = groups.iter().filter(|lines| !lines.is_empty());
        let groups: Vec<String> = groups.map(|lines| lines.join("\n") + "\n").collect();
        groups.join("\n")
    }

    fn layers(&self) -> Vec<String> {
        let document = self.document;
        let spans = |spans: &[Span]| -> Vec<(u32, u32)> {
            spans.iter().map(|span| self.offsets.code_points(*span)).collect()
        };
        let mut lines = Vec::new();
        lines.extend(document.layers.as_ref().map(|layers| format!("%layers {}", json(layers))));
        if document.given != Given::default() {
            lines.push(format!("%given {}", json(&document.given)));
        }
        if !self.layout.has_sentences {
            lines.push(format!("%sentences {}", json(&spans(&document.sentences))));
        }
        if !self.layout.has_zones {
            let zone = |zone: &Zone| {
                let (start, end) = self.offsets.code_points(zone.span);
                WireZone { start: start.into(), end: end.into(), kind: zone.kind }
            };
            let zones: Vec<WireZone> = document.zones.iter().map(zone).collect();
            lines.push(format!("%zones {}", json(&zones)));
        }
        lines.extend(document.tokens.as_ref().map(|t| format!("%tokens {}", json(&spans(t)))));
        lines.extend(document.pairs.as_ref().map(|pairs| {
            let pairs: Vec<(u32, u32)> = pairs.iter().map(|p| (p.head.0, p.tail.0)).collect();
            format!("%pairs {}", json(&pairs))
        }));
        lines
    }

    /// Declarations of the entities up to the last one that needs it: the rest stands in the order of
    /// first mentions, and each has the type of its first mention and nothing else.
    fn entities(&self) -> Vec<String> {
        let mut first_mention = vec![None; self.document.entities.len()];
        for (position, mention) in self.document.mentions.iter().enumerate() {
            if let Some(entity) = mention.entity {
                first_mention[entity.index()].get_or_insert(position);
            }
        }
        let mut declared = self.document.entities.len();
        let mut following = usize::MAX;
        while let Some(first) = declared.checked_sub(1).and_then(|entity| first_mention[entity]) {
            if first > following || !self.is_implied(declared - 1, first) {
                break;
            }
            (declared, following) = (declared - 1, first);
        }
        (0..declared).map(|entity| self.declaration(entity)).collect()
    }

    /// Whether an entity is what its first mention says.
    fn is_implied(&self, position: usize, first_mention: usize) -> bool {
        let entity = &self.document.entities[position];
        let label = self.document.mentions[first_mention].label;
        *entity.labels == [label]
            && entity.links.is_empty()
            && entity.confidence.is_none()
            && !self.names[position].hides_id
    }

    fn declaration(&self, position: usize) -> String {
        let entity = &self.document.entities[position];
        let name = &self.names[position];
        let mut words = vec!["=".to_owned(), name.written.clone()];
        words.extend(entity.labels.iter().map(|label| self.label(*label)));
        if entity.labels.is_empty() {
            words.push("-".to_owned());
        }
        words.extend(entity.links.iter().map(|link| format!("link={}", word(link))));
        let id = entity.id.as_deref().filter(|_| name.hides_id);
        words.extend(tail_flags(entity.confidence, id));
        words.join(" ")
    }

    fn mention_relations(&self) -> Vec<String> {
        let line = |relation: &MentionRelation| {
            let (head, tail) = (relation.head.0, relation.tail.0);
            let mut words = vec![format!("~ {} m{head} m{tail}", self.label(relation.label))];
            words.extend(tail_flags(relation.confidence, relation.id.as_deref()));
            words.join(" ")
        };
        self.document.mention_relations.iter().map(line).collect()
    }

    fn relations(&self) -> Vec<String> {
        let line = |relation: &Relation| {
            let mut words = vec![self.label(relation.label)];
            words.extend([relation.head, relation.tail].map(|end| self.name(end).to_owned()));
            words.extend(relation.optional.then(|| "optional".to_owned()));
            words.extend(tail_flags(relation.confidence, relation.id.as_deref()));
            if !relation.evidence.is_empty() {
                let pieces: Vec<_> = relation.evidence.iter().map(|e| self.evidence(e)).collect();
                words.push(format!(": {}", pieces.join(" ; ")));
            }
            words.join(" ")
        };
        self.document.relations.iter().map(line).collect()
    }

    fn evidence(&self, evidence: &Evidence) -> String {
        let sentences = evidence.sentences.iter().map(|sentence| format!("s{}", sentence.0));
        let sentences = sentences.collect::<Vec<_>>().join(",");
        let mut words = vec![if sentences.is_empty() { "-".to_owned() } else { sentences }];
        let mut say = |word: Option<&str>| words.extend(word.map(str::to_owned));
        say(match evidence.polarity {
            Polarity::Positive => None,
            Polarity::Negative => Some("negative"),
        });
        say(match evidence.actuality {
            Actuality::Actual => None,
            Actuality::Planned => Some("planned"),
            Actuality::Possible => Some("possible"),
        });
        say(match evidence.status {
            Status::Current => None,
            Status::Former => Some("former"),
        });
        if !evidence.asserted_by.is_empty() {
            let names: Vec<&str> = evidence.asserted_by.iter().map(|e| self.name(*e)).collect();
            words.push(format!("by={}", names.join(",")));
        }
        let attributes =
            [("time", evidence.time), ("amount", evidence.amount), ("item", evidence.item)];
        for (key, entity) in attributes {
            words.extend(entity.map(|entity| format!("{key}={}", self.name(entity))));
        }
        if !evidence.support.is_empty() {
            let support: Vec<String> = evidence.support.iter().map(|s| s.0.to_string()).collect();
            words.push(format!("support={}", support.join(",")));
        }
        words.join(" ")
    }
}
