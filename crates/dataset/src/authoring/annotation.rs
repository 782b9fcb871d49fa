//! The third part of an authoring file: entities, relations, and layers in native JSON.

use rustc_hash::FxHashMap;
use serde_json::value::RawValue;
use smallvec::{SmallVec, smallvec};

use super::body::{Body, Bracket, Content, Main};
use super::cursor::{Cursor, Line, Source, clip, json_error};
use super::flags::{self, Name, Reference, once};
use super::parse::Origins;
use crate::document::{
    Actuality, Document, Entity, EntityIdx, Evidence, Mention, MentionIdx, MentionRelation,
    MentionRelationIdx, Pair, Polarity, Relation, SentenceIdx, Status, Zone,
};
use crate::error::Error;
use crate::label::Vocabulary;
use crate::limits;
use crate::ontology::most_similar;
use crate::span::{Span, Spans};
use crate::text::{Offsets, Text};
use crate::wire::{WireSpan, WireZone};

/// Names that an error compares with a wrong one: how long, and how many. Comparing costs the product
/// of the lengths.
const SIMILAR_BYTES: usize = 64;
const SIMILAR_COUNT: usize = 1000;

/// Fills a document from the text part and the lines of the annotation, which begin at `next`.
pub(super) fn read<'a>(
    source: Source<'a>,
    next: Option<usize>,
    body: Body<'a>,
    vocabulary: &Vocabulary,
    document: &mut Document,
) -> Result<Origins, Error> {
    document.text = Text::new(body.text.as_str());
    let mut reader = Reader {
        source,
        vocabulary,
        offsets: Offsets::of(document.text.as_str()),
        document,
        origins: Origins::default(),
        entities: FxHashMap::default(),
        seen: FxHashMap::default(),
        relations: Vec::new(),
    };
    reader.mentions_and_lines(body, next)?;
    Ok(reader.origins)
}

struct Reader<'a, 'r> {
    source: Source<'a>,
    vocabulary: &'r Vocabulary,
    offsets: Offsets,
    document: &'r mut Document,
    origins: Origins,
    entities: FxHashMap<Name<'a>, EntityIdx>,
    /// Where each `%` line of a kind stands.
    seen: FxHashMap<&'a str, usize>,
    /// Lines of relations, read when everything that they point to is known.
    relations: Vec<Line>,
}

impl<'a> Reader<'a, '_> {
    fn mentions_and_lines(&mut self, body: Body<'a>, next: Option<usize>) -> Result<(), Error> {
        let Body { sentences, first_sentence, zones, first_zone, brackets, .. } = body;
        let entity_of_mention = self.mentions(brackets)?;
        self.document.sentences = sentences;
        self.document.zones = zones;
        let mut next = next.unwrap_or(self.source.text.len());
        while let Some((line, following)) = self.source.line(next) {
            next = following;
            self.line(line)?;
        }
        self.said_once("sentences", "the numbers of sentences", first_sentence)?;
        self.said_once("zones", "the `@` lines", first_zone)?;
        self.entities_of_mentions(entity_of_mention);
        for line in std::mem::take(&mut self.relations) {
            self.relation(line)?;
        }
        Ok(())
    }

    /// Checks that a layer is said by the text, which first does at `first`, or by a `%` line.
    fn said_once(&self, layer: &str, lines: &str, first: Option<usize>) -> Result<(), Error> {
        match (self.seen.get(layer), first) {
            (Some(&at), Some(first)) => Err(self.source.error(
                at,
                format!("line {} says {layer} too", self.source.line_number(first)),
                format!("remove this line, or {lines} in the text"),
            )),
            _ => Ok(()),
        }
    }

    fn line(&mut self, line: Line) -> Result<(), Error> {
        let mut cursor = self.source.cursor(line);
        match cursor.peek() {
            None | Some('#') => Ok(()),
            Some('=') => self.entity(&mut cursor),
            Some('~') => self.mention_relation(&mut cursor),
            Some('%') => self.layer(&mut cursor),
            Some(_) if cursor.rest() == super::SEPARATOR => Err(cursor.error(
                "a third `---`",
                "remove it; the parts of a file are header, text, annotation",
            )),
            Some(_) => {
                let count = self.relations.len() + 1;
                self.source.limit(line.start, "relations", count, limits::RELATIONS)?;
                self.relations.push(line);
                Ok(())
            }
        }
    }
}

// ------------------------------------------------------------------------------------------------
// Mentions
// ------------------------------------------------------------------------------------------------

/// A mention whose parts are still being collected.
struct Draft<'a> {
    main: Box<Main<'a>>,
    at: usize,
    spans: SmallVec<[Span; 1]>,
}

impl<'a> Reader<'a, '_> {
    /// Puts the mentions into the document; returns the entity that each of them names.
    fn mentions(
        &mut self,
        brackets: Vec<Bracket<'a>>,
    ) -> Result<Vec<Option<Reference<'a>>>, Error> {
        let drafts = self.join_parts(brackets)?;
        let mut entities = Vec::with_capacity(drafts.len());
        for mut draft in self.in_order(drafts)? {
            entities.push(draft.main.entity.take());
            self.origins.mentions.push(draft.at as u32);
            let mention = self.mention(draft)?;
            self.document.mentions.push(mention);
        }
        Ok(entities)
    }

    fn join_parts(&self, brackets: Vec<Bracket<'a>>) -> Result<Vec<Draft<'a>>, Error> {
        let mut drafts: Vec<Draft<'a>> = Vec::new();
        let mut groups: FxHashMap<&'a str, usize> = FxHashMap::default();
        for Bracket { at, span, content } in brackets {
            match content {
                Content::Main(main) => {
                    if let Some((group, group_at)) = main.group
                        && let Some(first) = groups.insert(group, drafts.len())
                    {
                        let first = self.source.line_and_column(drafts[first].at);
                        return Err(self.source.error(
                            group_at,
                            format!("the group &{group} is another mention's, at {first}"),
                            "use another number, or write the group alone for a later part: `[text](&1)`",
                        ));
                    }
                    drafts.push(Draft { main, at, spans: smallvec![span] });
                }
                Content::Part { group, at } => match groups.get(group) {
                    Some(&draft) => drafts[draft].spans.push(span),
                    None => {
                        return Err(self.source.error(
                            at,
                            format!("no bracket before this one has type, entity and &{group}"),
                            format!("write them in the first part of the mention: `[text](TYPE entity &{group})`"),
                        ));
                    }
                },
            }
        }
        Ok(drafts)
    }

    /// The mentions in the order of the list: as they stand, or by their positions.
    fn in_order(&self, drafts: Vec<Draft<'a>>) -> Result<Vec<Draft<'a>>, Error> {
        let Some(positioned) = drafts.iter().find_map(|draft| draft.main.position) else {
            return Ok(drafts);
        };
        let count = drafts.len();
        let mut ordered: Vec<Option<Draft<'a>>> = Vec::new();
        ordered.resize_with(count, || None);
        for draft in drafts {
            let Some((position, at)) = draft.main.position else {
                return Err(self.source.error(
                    draft.at,
                    format!(
                        "this mention has no position, but the one of line {} has",
                        self.source.line_number(positioned.1)
                    ),
                    "give every mention its `@`, or none",
                ));
            };
            let Some(slot) = ordered.get_mut(position as usize) else {
                return Err(self.source.error(
                    at,
                    format!("there are {count} mentions"),
                    format!("positions count from 0 to {}", count - 1),
                ));
            };
            if let Some(first) = slot.replace(draft) {
                let first = self.source.line_and_column(first.at);
                return Err(self.source.error(
                    at,
                    format!("the mention at {first} has this position too"),
                    "give every mention a position of its own",
                ));
            }
        }
        let filled = |slot: Option<_>| slot.expect("as many different positions as slots");
        Ok(ordered.into_iter().map(filled).collect())
    }

    fn mention(&self, draft: Draft<'a>) -> Result<Mention, Error> {
        let Draft { main, at, spans } = draft;
        if let (Some((group, at)), 1) = (main.group, spans.len()) {
            return Err(self.source.error(
                at,
                format!("the group &{group} has one part"),
                format!("remove it, or write the other parts as `[text](&{group})`"),
            ));
        }
        self.source.limit(at, "spans of one mention", spans.len(), limits::SPANS)?;
        let Some(spans) = Spans::new(spans) else {
            return Err(self.source.error(
                at,
                "parts of this mention touch or overlap",
                "write them as one part",
            ));
        };
        let head = main.head.map(|(start, end, at)| {
            self.offsets.span(start, end).ok_or_else(|| {
                let length = self.offsets.len();
                self.source.error(
                    at,
                    format!("{start}..{end} is no part of the text, which has {length} code points"),
                    "a head is `head=start..end` with start < end, counted in code points of the text",
                )
            })
        });
        Ok(Mention {
            spans,
            label: main.label,
            form: main.form,
            head: head.transpose()?,
            entity: None,
            link: main.link,
            optional: main.optional,
            confidence: main.confidence,
            id: main.id,
        })
    }

    /// Ties the mentions to their entities; those that are not declared follow in order of mention.
    fn entities_of_mentions(&mut self, names: Vec<Option<Reference<'a>>>) {
        for (mention, reference) in self.document.mentions.iter_mut().zip(names) {
            let Some(Reference { name, at }) = reference else { continue };
            let entities = &mut self.document.entities;
            let entity = *self.entities.entry(name).or_insert_with_key(|name| {
                self.origins.entities.push(at as u32);
                entities.push(Entity {
                    labels: smallvec![mention.label],
                    id: name.id(),
                    ..Entity::default()
                });
                EntityIdx(entities.len() as u32 - 1)
            });
            mention.entity = Some(entity);
        }
    }
}

// ------------------------------------------------------------------------------------------------
// Lines
// ------------------------------------------------------------------------------------------------

impl<'a> Reader<'a, '_> {
    /// `= name TYPE… [link=Q1]… [confidence=x] [id=x]`
    fn entity(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let at = cursor.at;
        cursor.eat('=');
        cursor.skip_blanks();
        let Reference { name, at: name_at } = flags::name(cursor)?;
        let mut entity = Entity { id: name.id(), ..Entity::default() };
        let (mut none, mut id) = (None, None);
        loop {
            cursor.skip_blanks();
            let start = cursor.clone();
            if cursor.is_at_end() {
                break;
            }
            let word = cursor.word("a type, `-` for no type, or link=, confidence=, id=")?;
            if word.is_quoted || !cursor.eat('=') {
                match &*word.text {
                    "-" if !word.is_quoted => once(&mut none, (), &start)?,
                    label => entity.labels.push(self.vocabulary.intern(label)),
                }
                end_of_item(cursor, &start)?;
                continue;
            }
            match &*word.text {
                "link" => entity.links.push(flags::string(cursor, "a link")?),
                "confidence" => once(&mut entity.confidence, flags::confidence(cursor)?, &start)?,
                "id" => once(&mut id, flags::string(cursor, "an id")?, &start)?,
                _ => {
                    return Err(unknown(&start, "flag of an entity", "link=…, confidence=…, id=…"));
                }
            }
            end_of_item(cursor, &start)?;
        }
        if none.is_some() != entity.labels.is_empty() {
            return Err(self.source.error(
                at,
                if none.is_some() { "both `-` and a type" } else { "no type" },
                "write the types of the entity behind its name, or `-` alone for none",
            ));
        }
        match (&name, id) {
            (Name::Number(_), id) => entity.id = id,
            (Name::Id(_), None) => {}
            (Name::Id(_), Some(_)) => {
                return Err(self.source.error(
                    name_at,
                    "an entity with two ids: its name is its id",
                    "remove `id=`, or use a number as the name",
                ));
            }
        }
        let count = self.document.entities.len();
        self.source.limit(at, "entities", count + 1, limits::ENTITIES)?;
        let idx = EntityIdx(count as u32);
        if let Some(first) = self.entities.insert(name, idx) {
            let first = self.origins.entities[first.index()] as usize;
            return Err(self.source.error(
                name_at,
                format!("this entity was declared on line {}", self.source.line_number(first)),
                "declare it once, with all its types and links",
            ));
        }
        self.origins.entities.push(at as u32);
        self.document.entities.push(entity);
        Ok(())
    }

    /// `~ TYPE m3 m5 [confidence=x] [id=x]`
    fn mention_relation(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let count = self.document.mention_relations.len() + 1;
        self.source.limit(cursor.at, "mention relations", count, limits::RELATIONS)?;
        self.origins.mention_relations.push(cursor.at as u32);
        cursor.eat('~');
        cursor.skip_blanks();
        let label = self.vocabulary.intern(&flags::type_word(cursor)?.text);
        let head =
            MentionIdx(self.numbered(cursor, 'm', self.document.mentions.len(), "mention")?);
        let tail =
            MentionIdx(self.numbered(cursor, 'm', self.document.mentions.len(), "mention")?);
        let mut relation = MentionRelation { head, tail, label, confidence: None, id: None };
        loop {
            cursor.skip_blanks();
            if cursor.is_at_end() {
                break;
            }
            let start = cursor.clone();
            match cursor.take_while(|character| character.is_ascii_lowercase()) {
                "confidence" if cursor.eat('=') => {
                    once(&mut relation.confidence, flags::confidence(cursor)?, &start)?;
                }
                "id" if cursor.eat('=') => {
                    once(&mut relation.id, flags::string(cursor, "an id")?, &start)?;
                }
                _ => {
                    return Err(unknown(
                        &start,
                        "flag of a relation between mentions",
                        "confidence=…, id=…",
                    ));
                }
            }
            end_of_item(cursor, &start)?;
        }
        self.document.mention_relations.push(relation);
        Ok(())
    }

    /// `m3` or `s3`, where there are `count` of them.
    fn numbered(
        &self,
        cursor: &mut Cursor<'a>,
        letter: char,
        count: usize,
        what: &str,
    ) -> Result<u32, Error> {
        cursor.skip_blanks();
        let start = cursor.clone();
        let number = cursor.eat(letter).then(|| flags::number(cursor)).flatten();
        match number {
            Some(number) if (number as usize) < count => Ok(number),
            Some(number) => Err(start
                .error(format!("there is no {what} {letter}{number}"), last(what, letter, count))),
            None => Err(start.error(
                format!("expected a {what}, found {}", start.found()),
                format!("write `{letter}` and its number, counted from 0: `{letter}3`"),
            )),
        }
    }

    /// `TYPE head tail [optional] [confidence=x] [id=x] [: evidence]`
    fn relation(&mut self, line: Line) -> Result<(), Error> {
        let cursor = &mut self.source.cursor(line);
        let word = flags::type_word(cursor)?;
        let mut relation = Relation {
            label: self.vocabulary.intern(&word.text),
            head: self.end(cursor, "head")?,
            tail: self.end(cursor, "tail")?,
            evidence: Vec::new(),
            optional: false,
            confidence: None,
            id: None,
        };
        let mut optional = None;
        loop {
            cursor.skip_blanks();
            let start = cursor.clone();
            if cursor.is_at_end() {
                break;
            }
            if cursor.eat(':') {
                relation.evidence = self.evidence(cursor)?;
                break;
            }
            match cursor.take_while(|character| character.is_ascii_lowercase()) {
                "optional" => once(&mut optional, (), &start)?,
                "confidence" if cursor.eat('=') => {
                    once(&mut relation.confidence, flags::confidence(cursor)?, &start)?;
                }
                "id" if cursor.eat('=') => {
                    once(&mut relation.id, flags::string(cursor, "an id")?, &start)?;
                }
                _ => {
                    let known = "optional, confidence=…, id=…, then ` : ` and the evidence";
                    return Err(unknown(&start, "flag of a relation", known));
                }
            }
            end_of_item(cursor, &start)?;
        }
        relation.optional = optional.is_some();
        self.origins.relations.push(line.start as u32);
        self.document.relations.push(relation);
        Ok(())
    }

    /// The head or tail of a relation.
    fn end(&self, cursor: &mut Cursor<'a>, what: &str) -> Result<EntityIdx, Error> {
        cursor.skip_blanks();
        if matches!(cursor.rest(), "" | ":") || cursor.rest().starts_with(": ") {
            return Err(cursor.error(
                format!("the {what} of the relation is missing"),
                "a relation is `TYPE head tail`, then ` : ` and its evidence",
            ));
        }
        self.known(cursor)
    }

    /// The name of an entity that is declared or mentioned.
    fn known(&self, cursor: &mut Cursor<'a>) -> Result<EntityIdx, Error> {
        let Reference { name, at } = flags::name(cursor)?;
        if let Some(entity) = self.entities.get(&name) {
            return Ok(*entity);
        }
        let shown = &self.source.text[at..cursor.at];
        let cure = match shown.strip_suffix(':') {
            Some(name) if !shown.starts_with('"') && !name.is_empty() => {
                format!("write a space before the colon: `{name} :`")
            }
            _ => self.similar(&name),
        };
        Err(self.source.error(at, format!("no entity is called `{}`", clip(shown)), cure))
    }

    fn similar(&self, name: &Name<'a>) -> String {
        let declare = "name it in a mention, or declare it: `= name TYPE`";
        let Name::Id(name) = name else { return declare.to_owned() };
        let ids = self.document.entities.iter().filter_map(|entity| entity.id.as_deref());
        let ids = ids.filter(|id| id.len().max(name.len()) <= SIMILAR_BYTES).take(SIMILAR_COUNT);
        match most_similar(name, ids) {
            Some(similar) => format!("did you mean `{}`? otherwise {declare}", clip(similar)),
            None => declare.to_owned(),
        }
    }

    /// Pieces of evidence; the cursor is behind the colon.
    fn evidence(&self, cursor: &mut Cursor<'a>) -> Result<Vec<Evidence>, Error> {
        let mut pieces = Vec::new();
        loop {
            cursor.skip_blanks();
            pieces.push(self.piece_of_evidence(cursor)?);
            if cursor.is_at_end() {
                return Ok(pieces);
            }
            cursor.eat(';');
        }
    }

    /// Up to a `;` or the end of the line.
    fn piece_of_evidence(&self, cursor: &mut Cursor<'a>) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        let count = self.document.sentences.len();
        if matches!(cursor.peek(), None | Some(';')) {
            return Err(cursor.error(
                "no evidence here",
                "name the sentences, `s1,s2`, or write `-` for none; without evidence leave out the `:` or `;`",
            ));
        }
        let start = cursor.clone();
        if !cursor.eat('-') {
            self.list(cursor, |cursor| {
                let sentence = self.numbered(cursor, 's', count, "sentence")?;
                evidence.sentences.push(SentenceIdx(sentence));
                Ok(())
            })?;
        }
        end_of_item(cursor, &start)?;
        self.attributes(cursor, &mut evidence)?;
        Ok(evidence)
    }

    fn attributes(&self, cursor: &mut Cursor<'a>, evidence: &mut Evidence) -> Result<(), Error> {
        let (mut polarity, mut actuality, mut status) = (None, None, None);
        let (mut asserted_by, mut support) = (None, None);
        loop {
            cursor.skip_blanks();
            let start = cursor.clone();
            if matches!(cursor.peek(), None | Some(';')) {
                break;
            }
            match cursor.take_while(|character| character.is_ascii_lowercase()) {
                "positive" => once(&mut polarity, Polarity::Positive, &start)?,
                "negative" => once(&mut polarity, Polarity::Negative, &start)?,
                "actual" => once(&mut actuality, Actuality::Actual, &start)?,
                "planned" => once(&mut actuality, Actuality::Planned, &start)?,
                "possible" => once(&mut actuality, Actuality::Possible, &start)?,
                "current" => once(&mut status, Status::Current, &start)?,
                "former" => once(&mut status, Status::Former, &start)?,
                "time" if cursor.eat('=') => {
                    once(&mut evidence.time, self.known(cursor)?, &start)?;
                }
                "amount" if cursor.eat('=') => {
                    once(&mut evidence.amount, self.known(cursor)?, &start)?;
                }
                "item" if cursor.eat('=') => {
                    once(&mut evidence.item, self.known(cursor)?, &start)?;
                }
                "by" if cursor.eat('=') => {
                    let mut entities = Vec::new();
                    self.list(cursor, |cursor| {
                        entities.push(self.known(cursor)?);
                        Ok(())
                    })?;
                    once(&mut asserted_by, entities, &start)?;
                }
                "support" if cursor.eat('=') => {
                    let mut relations = Vec::new();
                    self.list(cursor, |cursor| {
                        relations.push(self.supporting(cursor)?);
                        Ok(())
                    })?;
                    once(&mut support, relations, &start)?;
                }
                _ => {
                    let known = "negative, planned, possible, former, by=a,b, time=t, amount=m, item=i, support=0,1; \
                                 another piece of evidence follows ` ; `";
                    return Err(unknown(&start, "attribute of evidence", known));
                }
            }
            end_of_item(cursor, &start)?;
        }
        evidence.polarity = polarity.unwrap_or_default();
        evidence.actuality = actuality.unwrap_or_default();
        evidence.status = status.unwrap_or_default();
        evidence.asserted_by = asserted_by.unwrap_or_default();
        evidence.support = support.unwrap_or_default();
        Ok(())
    }

    fn supporting(&self, cursor: &mut Cursor<'a>) -> Result<MentionRelationIdx, Error> {
        let start = cursor.clone();
        let count = self.document.mention_relations.len();
        match flags::number(cursor) {
            Some(number) if (number as usize) < count => Ok(MentionRelationIdx(number)),
            _ => Err(start.error(
                format!("{} is no relation between mentions", start.found()),
                format!(
                    "write positions among the {count} `~` lines, counted from 0: `support=0,1`"
                ),
            )),
        }
    }

    /// Items with commas between them.
    fn list(
        &self,
        cursor: &mut Cursor<'a>,
        mut item: impl FnMut(&mut Cursor<'a>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        loop {
            item(cursor)?;
            if !cursor.eat(',') {
                return Ok(());
            }
            cursor.skip_blanks();
        }
    }

    /// `%tokens [[0,4]]` and its like.
    fn layer(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let start = cursor.clone();
        cursor.eat('%');
        let name = cursor.take_while(|character| character.is_ascii_lowercase());
        cursor.skip_blanks();
        match name {
            "layers" => self.document.layers = Some(flags::json(cursor)?),
            "given" => self.document.given = flags::json(cursor)?,
            "tokens" => self.document.tokens = Some(self.spans(cursor)?),
            "sentences" => self.document.sentences = self.spans(cursor)?,
            "zones" => self.document.zones = self.zones(cursor)?,
            "pairs" => self.document.pairs = Some(self.pairs(cursor)?),
            _ => {
                let known = "%layers, %given, %tokens, %pairs, %sentences, %zones";
                return Err(unknown(&start, "layer", known));
            }
        }
        match self.seen.insert(name, start.at) {
            None => Ok(()),
            Some(first) => Err(start.error(
                format!("%{name} stands on line {} too", self.source.line_number(first)),
                "write it once",
            )),
        }
    }

    fn spans(&self, cursor: &Cursor<'a>) -> Result<Vec<Span>, Error> {
        self.items(cursor, |at, span: WireSpan| self.span(at, span))
    }

    fn zones(&self, cursor: &Cursor<'a>) -> Result<Vec<Zone>, Error> {
        self.items(cursor, |at, WireZone { start, end, kind }| {
            Ok(Zone { span: self.span(at, [start, end])?, kind })
        })
    }

    fn pairs(&self, cursor: &Cursor<'a>) -> Result<Vec<Pair>, Error> {
        let count = self.document.mentions.len();
        self.items(cursor, |at, [head, tail]: [u32; 2]| {
            if head.max(tail) as usize >= count {
                return Err(self.source.error(
                    at,
                    format!("there is no mention m{}", head.max(tail)),
                    last("mention", 'm', count),
                ));
            }
            Ok(Pair { head: MentionIdx(head), tail: MentionIdx(tail) })
        })
    }

    fn span(&self, at: usize, [start, end]: WireSpan) -> Result<Span, Error> {
        let narrow = |offset: u64| u32::try_from(offset).ok();
        let span = narrow(start).zip(narrow(end));
        span.and_then(|(start, end)| self.offsets.span(start, end)).ok_or_else(|| {
            self.source.error(
                at,
                format!(
                    "{start}..{end} is no part of the text, which has {} code points",
                    self.offsets.len()
                ),
                "a span is start < end <= length, counted in code points of the text",
            )
        })
    }

    /// The items of a JSON list, each with its place in the file.
    fn items<W: serde::Deserialize<'a>, T>(
        &self,
        cursor: &Cursor<'a>,
        convert: impl Fn(usize, W) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let raw: Vec<&'a RawValue> = flags::json(cursor)?;
        let item = |raw: &'a RawValue| {
            let at = raw.get().as_ptr() as usize - self.source.text.as_ptr() as usize;
            let wire = serde_json::from_str(raw.get())
                .map_err(|error| json_error(self.source, at, raw.get().len(), &error))?;
            convert(at, wire)
        };
        raw.into_iter().map(item).collect()
    }
}

fn unknown(start: &Cursor<'_>, of: &str, known: &str) -> Error {
    start.error(format!("{} is no {of}", start.found()), format!("use {known}"))
}

/// What would be right where a number is too high.
fn last(what: &str, letter: char, count: usize) -> String {
    match count.checked_sub(1) {
        None => format!("the text has no {what}s"),
        Some(last) => format!("the last {what} is {letter}{last}"),
    }
}

/// Checks that an item ends here: before a space, a `;` or the end of the line.
fn end_of_item(cursor: &Cursor<'_>, start: &Cursor<'_>) -> Result<(), Error> {
    if matches!(cursor.peek(), None | Some(' ' | '\t' | ';')) {
        return Ok(());
    }
    let item = &cursor.source.text[start.at..cursor.at];
    Err(cursor.error(
        format!("{} behind `{}`", cursor.found(), clip(item)),
        "put a space between two items, and a comma between the items of a list",
    ))
}
