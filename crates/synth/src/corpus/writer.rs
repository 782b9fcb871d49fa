//! One document: a cast, then sentences about it.

use std::fmt::Write as _;

use ere_dataset::{
    Document, Entity, EntityIdx, Evidence, Form, Layers, Mention, MentionIdx, MentionRelation,
    MentionRelationIdx, Relation, SentenceIdx, Span, Spans, Text, Zone, ZoneKind,
};

use super::Preset;
use crate::grammar::{
    ClassKind, ClassSet, DRAWN_MAX, Drawn, Grammar, How, Part, Pattern, Pool, SLOTS_MAX, Segment,
    Statement, Template,
};
use crate::noise::Rate;
use crate::random::Stream;

pub(super) fn write(id: Box<str>, preset: &Preset, grammar: &Grammar, stream: Stream) -> Document {
    let mut writer = Writer {
        preset,
        grammar,
        stream,
        text: String::with_capacity(4096),
        cast: Vec::with_capacity(16),
        members: [0; ClassSet::BITS as usize],
        mentioned: 0,
        values_left: 0,
        subject: None,
        is_headline: false,
        document: Document {
            id,
            layers: Some(Layers { mention_relations: true, ..Layers::default() }),
            mentions: Vec::with_capacity(64),
            entities: Vec::with_capacity(16),
            relations: Vec::with_capacity(24),
            mention_relations: Vec::with_capacity(24),
            sentences: Vec::with_capacity(32),
            ..Document::default()
        },
    };
    writer.draw_cast();
    let relations = preset.relations.draw(&mut writer.stream);
    writer.write_document(relations);
    writer.document.text = Text::new(writer.text);
    writer.document
}

/// A set of members of the cast, one bit each.
type Set = u128;

/// How many entities a document has at most.
const CAST_MAX: usize = Set::BITS as usize;
/// How many templates are tried before a document ends early.
const TEMPLATES_TRIED: usize = 64;
/// How many of them have to begin with the wanted entity.
const SUBJECTS_TRIED: usize = 16;
/// How many names are tried before a cast stays smaller.
const NAMES_TRIED: usize = 32;
/// How many sentences there are at most for each relation that is asked for.
const SENTENCES_PER_RELATION: usize = 8;
/// What stands between zones.
const BLANK_LINE: &str = "\n\n";

/// An entity of the document, mentioned already or not.
#[derive(Clone, Copy)]
struct Member {
    class: u8,
    pattern: u8,
    /// What was drawn for the name: positions in lists, numbers.
    drawn: [u32; DRAWN_MAX],
    /// The members that it has a relation with.
    tied: Set,
    /// Whether somebody has its short name too.
    has_namesake: bool,
    /// Its place in the document, once it is mentioned.
    entity: Option<EntityIdx>,
}

/// Which member of the cast fills each slot.
type Binding = [u8; SLOTS_MAX];

/// Who must, and who should, fill slots.
#[derive(Clone, Copy, Default)]
struct Wanted {
    /// Slots, and the members that must fill them.
    fixed: [Option<(usize, u8)>; 2],
    /// The members that come first wherever they fit.
    preferred: Set,
}

struct Writer<'a> {
    preset: &'a Preset,
    grammar: &'a Grammar,
    stream: Stream,
    text: String,
    cast: Vec<Member>,
    /// The members of each class.
    members: [Set; ClassSet::BITS as usize],
    mentioned: Set,
    values_left: usize,
    /// The member that began the sentence before.
    subject: Option<u8>,
    is_headline: bool,
    document: Document,
}

impl<'a> Writer<'a> {
    // The cast

    /// Classes in proportion to their shares: evenly spaced draws, so that every cast is mixed.
    fn draw_cast(&mut self) {
        let count = self.preset.things.draw(&mut self.stream).min(CAST_MAX);
        self.values_left = self.preset.values.draw(&mut self.stream);
        let total = self.grammar.shares.last().copied().unwrap_or(0);
        if total == 0 {
            return;
        }
        let offset = self.stream.unit();
        for position in 0..count {
            let share = (position as f64 + offset) / count as f64 * total as f64;
            let share = (share as u64).min(total - 1);
            let class = self.grammar.shares.partition_point(|sum| *sum <= share);
            let Some(mut member) = self.draw_member(class) else { continue };
            if self.happens(self.preset.namesakes) {
                self.share_name(&mut member);
            }
            self.join(member);
        }
    }

    /// Gives a member the short name of the one before it, if that is of the same kind.
    fn share_name(&mut self, member: &mut Member) {
        let Some(other) = self.cast.last().copied() else { return };
        let pattern = self.pattern(member);
        let Some([Part::Drawn { part, face: 0 }]) = pattern.short.as_deref() else { return };
        if *part == 0 || (member.class, member.pattern) != (other.class, other.pattern) {
            return;
        }
        let mut namesake = Member { has_namesake: true, ..*member };
        namesake.drawn[*part] = other.drawn[*part];
        if self
            .cast
            .iter()
            .any(|known| known.drawn == namesake.drawn && known.class == member.class)
        {
            return;
        }
        *member = namesake;
        let last = self.cast.len() - 1;
        self.cast[last].has_namesake = true;
    }

    /// A rate of zero draws nothing, so that new knobs leave old presets as they were.
    fn happens(&mut self, rate: Rate) -> bool {
        rate > Rate::ZERO && self.stream.happens(rate.get())
    }

    /// A member with a name that nobody has, and whose short form nobody has.
    fn draw_member(&mut self, class: usize) -> Option<Member> {
        (0..NAMES_TRIED).find_map(|_| {
            let member = self.draw_name(class);
            let mut named = self.cast.iter().filter(|other| !self.is_nameless(other));
            named.all(|other| self.is_apart(&member, other)).then_some(member)
        })
    }

    fn draw_name(&mut self, class: usize) -> Member {
        let patterns = &self.grammar.classes[class].patterns;
        let pattern = self.stream.below(patterns.len());
        let mut drawn = [0; DRAWN_MAX];
        for (place, source) in drawn.iter_mut().zip(&patterns[pattern].drawn) {
            *place = match *source {
                Drawn::Word { list, .. } => {
                    self.stream.below(self.grammar.lists[list].entries.len()) as u32
                }
                Drawn::Number { from, to } => {
                    from + self.stream.below((to - from) as usize + 1) as u32
                }
            };
        }
        let (class, pattern) = (class as u8, pattern as u8);
        Member { class, pattern, drawn, tied: 0, has_namesake: false, entity: None }
    }

    fn is_apart(&self, a: &Member, b: &Member) -> bool {
        if (a.class, a.pattern, a.drawn) == (b.class, b.pattern, b.drawn) {
            return false;
        }
        let (words, others) = (&self.pattern(a).drawn, &self.pattern(b).drawn);
        words.iter().zip(a.drawn).all(|(source, word)| {
            !matches!(source, Drawn::Word { is_distinctive: true, .. })
                || others.iter().zip(b.drawn).all(|other| other != (source, word))
        })
    }

    fn join(&mut self, member: Member) -> u8 {
        let position = self.cast.len();
        self.members[usize::from(member.class)] |= 1 << position;
        self.cast.push(member);
        position as u8
    }

    /// Undoes the values that joined a cast of `count`.
    fn leave(&mut self, count: usize) {
        for position in count..self.cast.len() {
            let class = usize::from(self.cast[position].class);
            self.members[class] &= !(1 << position);
            if self.grammar.classes[class].kind == ClassKind::Value {
                self.values_left += 1;
            }
        }
        self.cast.truncate(count);
    }

    fn is_nameless(&self, member: &Member) -> bool {
        self.grammar.classes[usize::from(member.class)].kind == ClassKind::Described
    }

    fn pattern(&self, member: &Member) -> &'a Pattern {
        let class = &self.grammar.classes[usize::from(member.class)];
        &class.patterns[usize::from(member.pattern)]
    }

    // Choosing sentences

    fn write_document(&mut self, relations: usize) {
        let zones = &self.preset.zones;
        self.write_zone(ZoneKind::Boilerplate, zones.boilerplate);
        let headline = self.write_headline();
        self.write_zone(ZoneKind::Dek, zones.dek);
        self.write_zone(ZoneKind::Caption, zones.caption);
        self.write_zone(ZoneKind::Dateline, zones.dateline);
        let start = self.text.len();
        if let Some((position, binding)) = headline
            && self.stream.happens(self.preset.restated.get())
        {
            self.restate(position, &binding);
        }
        self.write_body(start, relations);
        self.write_zone(ZoneKind::Credit, zones.credit);
        self.write_zone(ZoneKind::Related, zones.related);
        self.write_zone(ZoneKind::Bio, zones.bio);
        self.text.truncate(self.text.trim_end().len());
    }

    fn write_headline(&mut self) -> Option<(usize, Binding)> {
        let pool = &self.grammar.zones[ZoneKind::Headline as usize];
        let (position, binding) = self.choose(pool, None)?;
        let start = self.text.len();
        self.is_headline = true;
        self.write_sentences(&pool.templates[position], &binding);
        self.is_headline = false;
        self.subject = None;
        self.add_zone(start, ZoneKind::Headline);
        self.text.push_str(BLANK_LINE);
        Some((position, binding))
    }

    /// Writes a zone of one to three lines, if it occurs and a template fits.
    fn write_zone(&mut self, kind: ZoneKind, rate: Rate) {
        const LINE_FOLLOWS: f64 = 0.4;
        const LINES_MAX: usize = 3;
        if !self.happens(rate) {
            return;
        }
        let pool = &self.grammar.zones[kind as usize];
        let start = self.text.len();
        let has_lines = matches!(kind, ZoneKind::Boilerplate | ZoneKind::Related);
        for line in 0..LINES_MAX {
            if line > 0 && !(has_lines && self.stream.happens(LINE_FOLLOWS)) {
                break;
            }
            let Some((position, binding)) = self.choose(pool, None) else { break };
            if line > 0 {
                self.text.push('\n');
            }
            self.subject = None;
            self.write_sentences(&pool.templates[position], &binding);
        }
        self.subject = None;
        if self.text.len() > start {
            self.add_zone(start, kind);
            self.text.push_str(BLANK_LINE);
        }
    }

    /// Writes another sentence that says what the headline says, if one fits.
    fn restate(&mut self, headline: usize, binding: &Binding) {
        let grammar = self.grammar;
        let bodies = &grammar.restatements[headline];
        if bodies.is_empty() {
            return;
        }
        let headline = &grammar.zones[ZoneKind::Headline as usize].templates[headline];
        let body = usize::from(bodies[self.stream.below(bodies.len())]);
        let body = &grammar.bodies.templates[body];
        let (said, says) = (&headline.statements[0], &body.statements[0]);
        let fixed = [Some((says.head, binding[said.head])), Some((says.tail, binding[said.tail]))];
        let members = &binding[..headline.slots.len()];
        let preferred = members.iter().fold(0, |set: Set, member| set | 1 << member);
        if let Some(binding) = self.bind(body, Wanted { fixed, preferred }) {
            self.write_sentences(body, &binding);
            self.end_sentence();
        }
    }

    /// Writes sentences until all relations are stated. A paragraph may be followed by a subhead or
    /// by links to other articles; the body goes on after them.
    fn write_body(&mut self, mut start: usize, relations: usize) {
        let grammar = self.grammar;
        let zones = &self.preset.zones;
        for _ in 0..relations * SENTENCES_PER_RELATION {
            if self.document.relations.len() >= relations {
                break;
            }
            let is_filler = self.stream.happens(self.preset.fillers.get());
            let pool = match is_filler {
                true if self.happens(self.preset.distractors) => &grammar.distractors,
                true => &grammar.fillers,
                false => &grammar.bodies,
            };
            let goes_on = !is_filler && self.stream.happens(self.preset.same_subject.get());
            let subject = self.subject.filter(|_| goes_on);
            match self.choose(pool, subject) {
                Some((position, binding)) => {
                    self.write_sentences(&pool.templates[position], &binding);
                    let ends_paragraph = self.end_sentence();
                    let interrupt = match ends_paragraph {
                        true if self.happens(zones.subheads) => Some(ZoneKind::Subhead),
                        true if self.happens(zones.links) => Some(ZoneKind::Related),
                        _ => None,
                    };
                    if let Some(kind) = interrupt {
                        self.end_body(start);
                        self.write_zone(kind, Rate::ONE);
                        start = self.text.len();
                    }
                }
                None if is_filler => {}
                None => break,
            }
        }
        self.end_body(start);
    }

    fn end_body(&mut self, start: usize) {
        let end = self.text.trim_end().len();
        if end > start {
            self.text.truncate(end);
            self.add_zone(start, ZoneKind::Body);
            self.text.push_str(BLANK_LINE);
        }
    }

    /// A random template that the cast can fill.
    fn choose(&mut self, pool: &Pool, subject: Option<u8>) -> Option<(usize, Binding)> {
        let Pool { templates, urn } = pool;
        if urn.is_empty() {
            return None;
        }
        (0..TEMPLATES_TRIED).find_map(|attempt| {
            let subject = subject.filter(|_| attempt < SUBJECTS_TRIED);
            let fixed = [subject.map(|member| (0, member)), None];
            let position = usize::from(urn[self.stream.below(urn.len())]);
            let binding = self.bind(&templates[position], Wanted { fixed, preferred: 0 })?;
            Some((position, binding))
        })
    }

    /// Whether the paragraph ends too.
    fn end_sentence(&mut self) -> bool {
        let ends = self.stream.happens(self.preset.paragraph_ends.get());
        self.text.push(if ends { '\n' } else { ' ' });
        ends
    }

    fn add_zone(&mut self, start: usize, kind: ZoneKind) {
        if let Some(span) = Span::new(start as u32, self.text.len() as u32) {
            self.document.zones.push(Zone { span, kind });
        }
    }

    // Filling slots

    /// Fills the slots of a template: different members, no pair twice. Values come last, because
    /// they may join the cast.
    fn bind(&mut self, template: &Template, wanted: Wanted) -> Option<Binding> {
        let mut bound = Bound::default();
        for (slot, member) in wanted.fixed.into_iter().flatten() {
            let has_slot = slot < template.slots.len();
            if !has_slot || self.candidates(template, slot, &bound) >> member & 1 == 0 {
                return None;
            }
            bound.add(slot, member);
        }
        let count = self.cast.len();
        for &(kind, slot) in &template.order {
            if bound.has(slot) {
                continue;
            }
            let member = match kind {
                ClassKind::Described => self.describe(template.slots[slot]),
                ClassKind::Value => {
                    let candidates = self.free(template, slot, &bound);
                    self.pick_value(template.slots[slot], candidates, wanted.preferred)
                }
                ClassKind::Cast => {
                    let candidates = self.free(template, slot, &bound);
                    self.pick(candidates, wanted.preferred)
                }
            };
            let Some(member) = member else {
                self.leave(count);
                return None;
            };
            bound.add(slot, member);
        }
        Some(bound.binding)
    }

    /// A new entity without a name.
    fn describe(&mut self, class: ClassSet) -> Option<u8> {
        let class = class.trailing_zeros() as u8;
        let member = Member {
            class,
            pattern: 0,
            drawn: [0; DRAWN_MAX],
            tied: 0,
            has_namesake: false,
            entity: None,
        };
        (self.cast.len() < CAST_MAX).then(|| self.join(member))
    }

    /// Who may fill a slot.
    fn free(&self, template: &Template, slot: usize, bound: &Bound) -> Set {
        self.candidates(template, slot, bound) & !self.tied_to(template, slot, bound)
    }

    /// The members of the slot's classes that fill no other slot.
    fn candidates(&self, template: &Template, slot: usize, bound: &Bound) -> Set {
        let mut set = 0;
        let mut classes = template.slots[slot];
        while classes != 0 {
            let class = classes.trailing_zeros() as usize;
            let members = self.members[class];
            let is_nameless = self.grammar.classes[class].kind == ClassKind::Described;
            // What has no name can be referred to only where it is the only one.
            if !is_nameless || members.is_power_of_two() {
                set |= members;
            }
            classes &= classes - 1;
        }
        set & !bound.members
    }

    /// The members that have a relation already with one that this template would tie the slot to.
    fn tied_to(&self, template: &Template, slot: usize, bound: &Bound) -> Set {
        let others = template.statements.iter().filter_map(|statement| match slot {
            _ if statement.head == slot => Some(statement.tail),
            _ if statement.tail == slot => Some(statement.head),
            _ => None,
        });
        let others = others.filter(|other| bound.has(*other));
        others.fold(0, |set, other| set | self.cast[usize::from(bound.binding[other])].tied)
    }

    /// Who was not mentioned yet comes first more often than not.
    fn pick(&mut self, candidates: Set, preferred: Set) -> Option<u8> {
        const FRESH_FIRST: f64 = 0.6;
        let fresh = candidates & !self.mentioned;
        let candidates = match candidates & preferred {
            0 if fresh != 0 && self.stream.happens(FRESH_FIRST) => fresh,
            0 => candidates,
            preferred => preferred,
        };
        self.pick_any(candidates)
    }

    fn pick_any(&mut self, mut set: Set) -> Option<u8> {
        if set == 0 {
            return None;
        }
        let count = set.count_ones() as usize;
        let mut choice = self.stream.below(count);
        if self.preset.salience > Rate::ZERO && self.happens(self.preset.salience) {
            choice = choice.min(self.stream.below(count));
        }
        for _ in 0..choice {
            set &= set - 1;
        }
        Some(set.trailing_zeros() as u8)
    }

    /// A new value, or where names are shared, as often one that was mentioned before.
    fn pick_value(&mut self, classes: ClassSet, candidates: Set, preferred: Set) -> Option<u8> {
        if candidates & preferred != 0 {
            return self.pick_any(candidates & preferred);
        }
        let class = usize::from(self.pick_any(classes)?);
        let known = match self.grammar.classes[class].is_shared {
            true => candidates & self.members[class],
            false => 0,
        };
        let is_full = self.values_left == 0 || self.cast.len() == CAST_MAX;
        if known != 0 && (is_full || self.stream.happens(0.5)) {
            return self.pick_any(known);
        }
        if is_full {
            return None;
        }
        let member = self.draw_member(class)?;
        self.values_left -= 1;
        Some(self.join(member))
    }

    // Writing

    fn write_sentences(&mut self, template: &Template, binding: &Binding) {
        let mut start = self.text.len();
        let first = self.document.sentences.len() as u32;
        let mut mentions = [None; SLOTS_MAX];
        let mut open: Vec<Open> = Vec::new();
        for segment in &template.segments {
            match segment {
                Segment::Literal(literal) => self.text.push_str(literal),
                Segment::Phrase(list) => {
                    let list = &self.grammar.lists[*list].entries;
                    self.text.push_str(&list[self.stream.below(list.len())]);
                }
                Segment::Slot { slot, how } => {
                    let mention = self.write_mention(binding[*slot], *how);
                    mentions[*slot].get_or_insert(mention);
                }
                Segment::Open(slot) => {
                    let start = self.text.len();
                    let placeholder = Span::new(0, 1).expect("0 is before 1");
                    let mention = self.push_mention(binding[*slot], placeholder, Form::Nominal);
                    if template.described >> slot & 1 == 1 {
                        mentions[*slot].get_or_insert(mention);
                    }
                    open.push(Open { slot: *slot, mention, start, before: None });
                }
                Segment::Close => {
                    let Open { mention, start, before, .. } = open.pop().expect(MATCHED);
                    let spans = before.into_iter().chain([self.span_from(start)]);
                    let spans = Spans::new(spans).expect("parts are written one after the other");
                    self.document.mentions[mention.index()].spans = spans;
                }
                Segment::Pause => {
                    let part = open.pop().expect(MATCHED);
                    let before = Some(self.span_from(part.start));
                    open.insert(0, Open { before, ..part });
                }
                Segment::Resume(slot) => {
                    let at =
                        open.iter().position(|part| part.slot == *slot && part.before.is_some());
                    let part = open.remove(at.expect(MATCHED));
                    open.push(Open { start: self.text.len(), ..part });
                }
                Segment::Break => {
                    self.end_line(start);
                    self.subject = None;
                    self.text.push(' ');
                    start = self.text.len();
                }
            }
        }
        self.end_line(start);
        for statement in &template.statements {
            self.state(statement, first, binding, &mentions);
        }
        self.subject = match template.segments.first() {
            Some(Segment::Slot { slot, .. }) if template.sentences == 1 => Some(binding[*slot]),
            _ => None,
        };
    }

    /// A sentence is complete.
    fn end_line(&mut self, start: usize) {
        if let Some(first) = self.text.get_mut(start..start + 1) {
            first.make_ascii_uppercase();
        }
        self.document.sentences.push(self.span_from(start));
    }

    fn write_mention(&mut self, position: u8, how: How) -> MentionIdx {
        let member = self.cast[usize::from(position)];
        let class = &self.grammar.classes[usize::from(member.class)];
        let pronoun = match how {
            How::Pronoun(form) => Some(form),
            How::Face(face) => return self.write_face(position, face),
            How::Capitals => return self.write_capitals(position),
            How::Any { starts_sentence } => (starts_sentence
                && self.subject == Some(position)
                && self.stream.happens(self.preset.pronouns.get()))
            .then_some(0),
        };
        if let (Some(form), Some(pronouns)) = (pronoun, &class.pronouns) {
            return self.write_words(position, Form::Pronoun, &pronouns[form]);
        }
        let is_known = member.entity.is_some();
        let is_only = self.members[usize::from(member.class)].is_power_of_two();
        let may_be_nominal = is_known && is_only && !self.is_headline && !class.nominals.is_empty();
        let is_nameless = class.kind == ClassKind::Described;
        if is_nameless || may_be_nominal && self.stream.happens(self.preset.nominals.get()) {
            let noun = &class.nominals[self.stream.below(class.nominals.len())];
            self.text.push_str("the ");
            return self.write_words(position, Form::Nominal, noun);
        }
        let is_short = is_known && self.stream.happens(self.preset.short_names.get());
        self.write_name(position, is_short && !member.has_namesake)
    }

    /// Another form of the name: that of its first drawn part.
    fn write_face(&mut self, position: u8, face: usize) -> MentionIdx {
        let member = self.cast[usize::from(position)];
        let drawn = self.pattern(&member).drawn[0];
        let list = drawn.list().expect("the parser lets only lists have forms");
        let words = self.grammar.lists[list].face(member.drawn[0] as usize, face);
        self.write_words(position, Form::Name, words)
    }

    fn write_capitals(&mut self, position: u8) -> MentionIdx {
        let mention = self.write_name(position, false);
        let span = self.document.mentions[mention.index()].spans.first();
        let start = span.start() as usize;
        let capitals = self.text[start..].to_uppercase();
        self.text.truncate(start);
        self.text.push_str(&capitals);
        self.document.mentions[mention.index()].spans = self.span_from(start).into();
        mention
    }

    fn write_words(&mut self, position: u8, form: Form, words: &str) -> MentionIdx {
        let start = self.text.len();
        self.text.push_str(words);
        self.push_mention(position, self.span_from(start), form)
    }

    fn write_name(&mut self, position: u8, is_short: bool) -> MentionIdx {
        let member = self.cast[usize::from(position)];
        let pattern = self.pattern(&member);
        if pattern.has_article && !self.is_headline {
            self.text.push_str("the ");
        }
        let start = self.text.len();
        for part in pattern.short.as_ref().filter(|_| is_short).unwrap_or(&pattern.full) {
            match part {
                Part::Literal(literal) => self.text.push_str(literal),
                Part::Drawn { part, face } => match pattern.drawn[*part] {
                    Drawn::Word { list, .. } => {
                        let word = member.drawn[*part] as usize;
                        self.text.push_str(self.grammar.lists[list].face(word, *face));
                    }
                    Drawn::Number { .. } => write!(self.text, "{}", member.drawn[*part])
                        .expect("writing to a string cannot fail"),
                },
            }
        }
        self.push_mention(position, self.span_from(start), Form::Name)
    }

    fn span_from(&self, start: usize) -> Span {
        let end = self.text.len() as u32;
        Span::new(start as u32, end).expect("the parser refuses empty names and texts")
    }

    fn push_mention(&mut self, position: u8, span: Span, form: Form) -> MentionIdx {
        let member = &mut self.cast[usize::from(position)];
        let class = &self.grammar.classes[usize::from(member.class)];
        let (label, optional) = (class.label, class.is_optional);
        let entities = &mut self.document.entities;
        let entity = *member.entity.get_or_insert_with(|| {
            entities.push(Entity { labels: [label].into_iter().collect(), ..Entity::default() });
            EntityIdx(entities.len() as u32 - 1)
        });
        self.mentioned |= 1 << position;
        let mention =
            Mention { form: Some(form), optional, ..Mention::new(span, label) }.of(entity);
        self.document.mentions.push(mention);
        MentionIdx(self.document.mentions.len() as u32 - 1)
    }

    /// Writes down what a sentence states.
    fn state(
        &mut self,
        statement: &Statement,
        first_sentence: u32,
        binding: &Binding,
        mentions: &[Option<MentionIdx>; SLOTS_MAX],
    ) {
        const MENTIONED: &str = "the parser lets statements use slots of the text only";
        let entity = |slot: usize| self.cast[usize::from(binding[slot])].entity.expect(MENTIONED);
        let support = MentionRelationIdx(self.document.mention_relations.len() as u32);
        let evidence = Evidence {
            sentences: (0..8)
                .filter(|at| statement.sentences >> at & 1 == 1)
                .map(|at| SentenceIdx(first_sentence + at))
                .collect(),
            support: vec![support],
            asserted_by: statement.asserted_by.into_iter().map(entity).collect(),
            polarity: statement.kind.polarity,
            actuality: statement.kind.actuality,
            status: statement.kind.status,
            time: statement.time.map(entity),
            amount: statement.amount.map(entity),
            item: statement.item.map(entity),
        };
        let (head, tail, label) = (entity(statement.head), entity(statement.tail), statement.label);
        self.document.mention_relations.push(MentionRelation {
            head: mentions[statement.head].expect(MENTIONED),
            tail: mentions[statement.tail].expect(MENTIONED),
            label,
            confidence: None,
            id: None,
        });
        let (from, to) = (binding[statement.head], binding[statement.tail]);
        if self.cast[usize::from(from)].tied >> to & 1 == 1 {
            // Only the sentence that restates the headline says again what was said.
            let is_said = |relation: &&mut Relation| {
                (relation.head, relation.tail, relation.label) == (head, tail, label)
            };
            let relation = self.document.relations.iter_mut().find(is_said);
            relation.expect("it was said by the headline").evidence.push(evidence);
            return;
        }
        self.cast[usize::from(from)].tied |= 1 << to;
        self.cast[usize::from(to)].tied |= 1 << from;
        self.document.relations.push(Relation {
            head,
            tail,
            label,
            evidence: vec![evidence],
            optional: statement.is_optional,
            confidence: None,
            id: None,
        });
    }
}

const MATCHED: &str = "the parser matched brackets";

/// A mention whose end is not written yet.
struct Open {
    slot: usize,
    mention: MentionIdx,
    start: usize,
    /// The part before it was interrupted.
    before: Option<Span>,
}

/// The slots that are filled, and who fills them.
#[derive(Default)]
struct Bound {
    slots: u32,
    members: Set,
    binding: Binding,
}

impl Bound {
    fn add(&mut self, slot: usize, member: u8) {
        self.slots |= 1 << slot;
        self.members |= 1 << member;
        self.binding[slot] = member;
    }

    fn has(&self, slot: usize) -> bool {
        self.slots >> slot & 1 == 1
    }
}
