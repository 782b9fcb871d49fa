//! From lines to a grammar.

use ere_dataset::{Actuality, Label, Ontology, Polarity, Status, Vocabulary, ZoneKind};
use rustc_hash::FxHashMap;

use super::{
    Class, ClassKind, ClassSet, DRAWN_MAX, Drawn, FACES, Grammar, How, Kind, List, Part, Pattern,
    Pool, SLOTS_MAX, Segment, Statement, Template,
};
use crate::error::{Error, ErrorKind};

pub(super) fn grammar(
    sources: &[(&str, &str)],
    vocabulary: &Vocabulary,
    ontology: &Ontology,
) -> Result<Grammar, Error> {
    let mut parser = Parser::new(vocabulary, ontology);
    for (source, text) in sources {
        for (number, line) in text.lines().enumerate() {
            let place = |message| ErrorKind::Grammar {
                source: (*source).to_owned(),
                line: number + 1,
                message,
            };
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                parser.line(line).map_err(place)?;
            }
        }
        let place = |message| ErrorKind::Grammar {
            source: (*source).to_owned(),
            line: text.lines().count(),
            message,
        };
        parser.end_block().map_err(place)?;
    }
    Ok(parser.finish())
}

/// A message for a line.
type Parsed<T> = Result<T, String>;

enum Block {
    None,
    Words,
    Class,
    Template { kind: TemplateKind, weight: u16, template: Template, names: Vec<String> },
}

#[derive(Clone, Copy)]
enum TemplateKind {
    Body,
    Filler,
    Distractor,
    Zone(ZoneKind),
}

impl TemplateKind {
    fn from_name(name: &str) -> Option<TemplateKind> {
        match name {
            "body" => Some(TemplateKind::Body),
            "filler" => Some(TemplateKind::Filler),
            "distractor" => Some(TemplateKind::Distractor),
            _ => ZoneKind::from_name(name).map(TemplateKind::Zone),
        }
    }
}

struct Parser<'a> {
    vocabulary: &'a Vocabulary,
    ontology: &'a Ontology,
    grammar: Grammar,
    lists: FxHashMap<String, usize>,
    block: Block,
}

impl<'a> Parser<'a> {
    fn new(vocabulary: &'a Vocabulary, ontology: &'a Ontology) -> Parser<'a> {
        let grammar = Grammar {
            lists: Vec::new(),
            classes: Vec::new(),
            bodies: Pool::default(),
            fillers: Pool::default(),
            distractors: Pool::default(),
            zones: Default::default(),
            restatements: Vec::new(),
            shares: Vec::new(),
        };
        Parser { vocabulary, ontology, grammar, lists: FxHashMap::default(), block: Block::None }
    }

    fn finish(mut self) -> Grammar {
        self.mark_distinctive_words();
        self.find_restatements();
        self.grammar
    }

    /// A list that short names use is distinctive in every name.
    fn mark_distinctive_words(&mut self) {
        let patterns = || self.grammar.classes.iter().flat_map(|class| &class.patterns);
        let in_short = |pattern: &Pattern| -> Vec<usize> {
            let parts = pattern.short.iter().flatten();
            let drawn = parts.filter_map(|part| match part {
                Part::Drawn { part, .. } => Some(pattern.drawn[*part]),
                Part::Literal(_) => None,
            });
            drawn.filter_map(Drawn::list).collect()
        };
        let lists: Vec<usize> = patterns().flat_map(in_short).collect();
        for class in &mut self.grammar.classes {
            for drawn in class.patterns.iter_mut().flat_map(|pattern| &mut pattern.drawn) {
                if let Drawn::Word { list, is_distinctive } = drawn {
                    *is_distinctive = lists.contains(list);
                }
            }
        }
    }

    /// The bodies that state nothing but what a headline states.
    fn find_restatements(&mut self) {
        let grammar = &mut self.grammar;
        let restates = |headline: &Template, body: &Template| match (
            headline.statements.as_slice(),
            body.statements.as_slice(),
        ) {
            ([a], [b]) => (a.label, a.kind) == (b.label, b.kind),
            _ => false,
        };
        for headline in &grammar.zones[ZoneKind::Headline as usize].templates {
            let bodies = grammar.bodies.templates.iter().enumerate();
            let bodies = bodies.filter(|(_, body)| restates(headline, body));
            grammar.restatements.push(bodies.map(|(position, _)| position as u16).collect());
        }
    }

    fn line(&mut self, line: &str) -> Parsed<()> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match (word, &self.block) {
            ("words", _) => self.begin_words(rest),
            ("class", _) => self.begin_class(rest),
            ("template", _) => self.begin_template(rest),
            (_, Block::Words) => self.entries(line),
            ("pronoun" | "nominal" | "name" | "shared" | "optional", Block::Class) => {
                self.class_line(word, rest)
            }
            ("text" | "states", Block::Template { .. }) => self.template_line(word, rest),
            (_, Block::Class) => Err(format!(
                "{word:?} is not known in a class; use pronoun, nominal, name, shared or optional"
            )),
            (_, Block::Template { .. }) => {
                Err(format!("{word:?} is not known in a template; use text or states"))
            }
            (_, Block::None) => {
                Err(format!("{word:?} begins no block; begin with words, class or template"))
            }
        }
    }

    /// What can be checked only when a block is complete.
    fn end_block(&mut self) -> Parsed<()> {
        match std::mem::replace(&mut self.block, Block::None) {
            Block::None => Ok(()),
            Block::Words => match self.grammar.lists.last() {
                Some(list) if list.entries.is_empty() => {
                    Err("the list above has no entries".to_owned())
                }
                _ => Ok(()),
            },
            Block::Class => self.end_class(),
            Block::Template { kind, weight, template, .. } => {
                self.end_template(kind, weight, template)
            }
        }
    }

    // Lists

    fn begin_words(&mut self, name: &str) -> Parsed<()> {
        self.end_block()?;
        if name.is_empty() || self.lists.contains_key(name) {
            return Err(format!("a list needs a new name, not {name:?}"));
        }
        self.lists.insert(name.to_owned(), self.grammar.lists.len());
        self.grammar.lists.push(List::default());
        self.block = Block::Words;
        Ok(())
    }

    fn entries(&mut self, line: &str) -> Parsed<()> {
        let list = self.grammar.lists.last_mut().expect("the block began with a list");
        for entry in line.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
            let mut forms = entry.split('|').map(str::trim);
            let entry = forms.next().unwrap_or_default();
            if list.entries.iter().any(|known| **known == *entry) {
                return Err(format!("{entry:?} stands twice in the list"));
            }
            for faces in &mut list.faces {
                match forms.next() {
                    Some(form) if faces.len() == list.entries.len() => faces.push(form.into()),
                    None if faces.is_empty() => {}
                    _ => return Err(format!("{entry:?} has other forms than the entry before it")),
                }
            }
            if forms.next().is_some() {
                return Err(format!("{entry:?} has more than {FACES} forms"));
            }
            list.entries.push(entry.into());
        }
        Ok(())
    }

    fn list(&self, name: &str) -> Parsed<usize> {
        self.lists.get(name).copied().ok_or_else(|| format!("there is no list {name:?} above"))
    }

    // Classes

    fn begin_class(&mut self, rest: &str) -> Parsed<()> {
        self.end_block()?;
        let (name, share) = rest.split_once(' ').unwrap_or((rest, "0"));
        let share: u32 =
            share.trim().parse().map_err(|_| format!("{share:?} is no share; write a number"))?;
        let (kind, _) = name.split_once('/').ok_or_else(|| format!("{name:?} is not TYPE/name"))?;
        let label = self.entity_label(kind)?;
        if self.grammar.classes.iter().any(|class| *class.name == *name) {
            return Err(format!("class {name:?} is declared twice"));
        }
        if self.grammar.classes.len() == ClassSet::BITS as usize {
            return Err(format!("there are more than {} classes", ClassSet::BITS));
        }
        self.grammar.classes.push(Class {
            name: name.into(),
            label,
            is_shared: false,
            kind: if share == 0 { ClassKind::Value } else { ClassKind::Cast },
            is_optional: false,
            pronouns: None,
            nominals: Vec::new(),
            patterns: Vec::new(),
        });
        let before = self.grammar.shares.last().copied().unwrap_or(0);
        self.grammar.shares.push(before + u64::from(share));
        self.block = Block::Class;
        Ok(())
    }

    /// A class without names is described by templates; it is not cast.
    fn end_class(&mut self) -> Parsed<()> {
        let class = self.grammar.classes.last_mut().expect("the block began with a class");
        if class.patterns.is_empty() {
            if class.kind == ClassKind::Cast {
                return Err(format!("class {} has a share, but no name", class.name));
            }
            class.kind = ClassKind::Described;
        }
        Ok(())
    }

    fn class_line(&mut self, word: &str, rest: &str) -> Parsed<()> {
        let pattern = if word == "name" { Some(self.pattern(rest)?) } else { None };
        let is_taken = |class: &Class| class.nominals.iter().any(|noun| **noun == *rest);
        if word == "nominal" && self.grammar.classes.iter().any(is_taken) {
            return Err(format!("the noun {rest:?} stands for two classes, which is ambiguous"));
        }
        let class = self.grammar.classes.last_mut().expect("the block began with a class");
        match word {
            "pronoun" => {
                let forms: Vec<&str> = rest.split_whitespace().collect();
                let [subject, possessive] = forms[..] else {
                    return Err("pronoun needs two forms: subject, possessive".to_owned());
                };
                class.pronouns = Some([subject.into(), possessive.into()]);
            }
            "nominal" if rest.is_empty() => return Err("nominal needs a noun".to_owned()),
            "nominal" => class.nominals.push(rest.into()),
            "shared" => class.is_shared = true,
            "optional" => class.is_optional = true,
            _ => class.patterns.extend(pattern),
        }
        Ok(())
    }

    fn pattern(&self, text: &str) -> Parsed<Pattern> {
        let (full, short) = match text.split_once('|') {
            Some((full, short)) => (full.trim(), Some(short.trim())),
            None => (text, None),
        };
        let (has_article, full) = match full.strip_prefix("the ") {
            Some(rest) => (true, rest),
            None => (false, full),
        };
        let mut sources = Vec::new();
        let full = self.parts(full, &mut sources)?;
        let known = sources.len();
        if known > DRAWN_MAX {
            return Err(format!("a name has at most {DRAWN_MAX} parts in braces"));
        }
        let short = short.map(|short| self.parts(short, &mut sources)).transpose()?;
        if sources.len() > known {
            return Err("the short name uses a part that the full name lacks".to_owned());
        }
        let drawn = sources.into_iter().map(|(_, drawn)| drawn).collect();
        Ok(Pattern { has_article, full, short, drawn })
    }

    /// The parts of a name. A part in braces that was met before is the same draw.
    fn parts(&self, text: &str, sources: &mut Vec<(String, Drawn)>) -> Parsed<Vec<Part>> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (source, after) =
                after.split_once('}').ok_or_else(|| format!("a brace is open in {text:?}"))?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.into()));
            }
            let (name, face) = match source.split_once('.').map(|(name, face)| (name, face.parse()))
            {
                Some((name, Ok(face @ 1..FACES))) => (name, face),
                _ => (source, 0),
            };
            let part = match sources.iter().position(|(known, _)| known == name) {
                Some(part) => part,
                None => {
                    sources.push((name.to_owned(), self.drawn(name)?));
                    sources.len() - 1
                }
            };
            if face > 0 && !self.has_face(sources[part].1, face) {
                return Err(format!("the entries of {name:?} have no form {face}"));
            }
            parts.push(Part::Drawn { part, face });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.into()));
        }
        if parts.is_empty() { Err("a name is empty".to_owned()) } else { Ok(parts) }
    }

    fn has_face(&self, drawn: Drawn, face: usize) -> bool {
        drawn.list().is_some_and(|list| !self.grammar.lists[list].faces[face - 1].is_empty())
    }

    fn drawn(&self, source: &str) -> Parsed<Drawn> {
        let Some((from, to)) = source.split_once("..") else {
            return Ok(Drawn::Word { list: self.list(source)?, is_distinctive: false });
        };
        let bounds = from.parse().ok().zip(to.parse().ok());
        match bounds {
            Some((from, to)) if from <= to => Ok(Drawn::Number { from, to }),
            _ => Err(format!("{source:?} is no range of numbers; write for example 2..90")),
        }
    }

    // Templates

    fn begin_template(&mut self, rest: &str) -> Parsed<()> {
        self.end_block()?;
        let (kind, weight) = rest.split_once(' ').unwrap_or((rest, "1"));
        let kind = TemplateKind::from_name(kind).ok_or_else(|| {
            let zones = ZoneKind::ALL.map(ZoneKind::name).join(", ");
            format!("{kind:?} is no template; use filler, distractor, {zones}")
        })?;
        let weight = match weight.trim().parse() {
            Ok(weight @ 1..=100) => weight,
            _ => return Err(format!("{weight:?} is no weight; write a number from 1 to 100")),
        };
        let (template, names) = (Template::default(), Vec::new());
        self.block = Block::Template { kind, weight, template, names };
        Ok(())
    }

    fn template_line(&mut self, word: &str, rest: &str) -> Parsed<()> {
        let block = std::mem::replace(&mut self.block, Block::None);
        let Block::Template { kind, weight, mut template, mut names } = block else {
            unreachable!("the caller matched a template");
        };
        match word {
            "text" if !template.segments.is_empty() => return Err("a second text".to_owned()),
            "text" => self.text(rest, &mut template, &mut names)?,
            _ => template.statements.push(self.statement(rest, &template, &names)?),
        }
        self.block = Block::Template { kind, weight, template, names };
        Ok(())
    }

    fn text(&self, text: &str, template: &mut Template, names: &mut Vec<String>) -> Parsed<()> {
        let mut rest = text;
        let mut depth = 0;
        while let Some(at) = next_mark(rest) {
            let (literal, from) = rest.split_at(at);
            let literal = if from.starts_with("// ") { literal.trim_end() } else { literal };
            if !literal.is_empty() {
                template.segments.push(Segment::Literal(literal.into()));
            }
            let inside = |close| {
                from[1..].split_once(close).ok_or_else(|| format!("{from:?} lacks its {close:?}"))
            };
            let (segment, after) = match &from[..1] {
                "/" => (Segment::Break, &from[3..]),
                "~" => {
                    if depth == 0 {
                        return Err("a bracket closes that did not open".to_owned());
                    }
                    depth -= 1;
                    (Segment::Pause, &from[2..])
                }
                "{" => {
                    let (slot, after) = inside('}')?;
                    (self.slot(slot, template, names, after)?, after)
                }
                "<" => {
                    let (list, after) = inside('>')?;
                    (Segment::Phrase(self.list(list)?), after)
                }
                "[" => {
                    let (slot, after) = inside(' ')?;
                    depth += 1;
                    (self.bracket(slot, template, names)?, after)
                }
                _ if depth == 0 => return Err("a bracket closes that did not open".to_owned()),
                _ => {
                    depth -= 1;
                    (Segment::Close, &from[1..])
                }
            };
            template.segments.push(segment);
            rest = after;
        }
        if depth > 0 {
            return Err("a bracket does not close".to_owned());
        }
        if !rest.is_empty() {
            template.segments.push(Segment::Literal(rest.into()));
        }
        let breaks = template.segments.iter().filter(|s| matches!(s, Segment::Break)).count();
        template.sentences = 1 + breaks;
        if template.sentences > SENTENCES_MAX {
            return Err(format!("a template has at most {SENTENCES_MAX} sentences"));
        }
        Ok(())
    }

    /// `[a`, `[a~`, `[a:TYPE/name`.
    fn bracket(
        &self,
        slot: &str,
        template: &mut Template,
        names: &mut Vec<String>,
    ) -> Parsed<Segment> {
        if let Some(name) = slot.strip_suffix('~') {
            return Ok(Segment::Resume(slot_named(name, names)?));
        }
        let Some((name, class)) = slot.split_once(':') else {
            return Ok(Segment::Open(slot_named(slot, names)?));
        };
        let set = self.class_set(class)?;
        let is_described = |class: &Class| class.kind == ClassKind::Described;
        if set.count_ones() != 1 || !self.classes_of(set).all(is_described) {
            return Err(format!("{class:?} is not one class without names"));
        }
        let slot = self.new_slot(name, set, template, names)?;
        template.described |= 1 << slot;
        Ok(Segment::Open(slot))
    }

    fn new_slot(
        &self,
        name: &str,
        set: ClassSet,
        template: &mut Template,
        names: &mut Vec<String>,
    ) -> Parsed<usize> {
        if names.iter().any(|known| known == name) {
            return Err(format!("slot {name} is filled twice; use {{{name}.subject}}"));
        }
        if names.len() == SLOTS_MAX {
            return Err(format!("a template has at most {SLOTS_MAX} slots"));
        }
        names.push(name.to_owned());
        template.slots.push(set);
        Ok(names.len() - 1)
    }

    fn slot(
        &self,
        slot: &str,
        template: &mut Template,
        names: &mut Vec<String>,
        after: &str,
    ) -> Parsed<Segment> {
        let (name, types, form) = match slot.split_once(':') {
            Some((name, types)) => match types.split_once('.') {
                Some((types, form)) => (name, Some(types), Some(form)),
                None => (name, Some(types), None),
            },
            None => match slot.split_once('.') {
                Some((name, form)) => (name, None, Some(form)),
                None => return Err(format!("slot {slot:?} is not name:TYPES")),
            },
        };
        let position = match types {
            None => slot_named(name, names)?,
            Some(types) => {
                let set = self.class_set(types)?;
                let values = self.classes_of(set).filter(|c| c.kind == ClassKind::Value).count();
                if values != 0 && values != set.count_ones() as usize {
                    return Err(format!("slot {name} mixes values with other classes"));
                }
                if self.classes_of(set).any(is_nameless) {
                    return Err(format!("slot {name} may be a class without name and noun"));
                }
                self.new_slot(name, set, template, names)?
            }
        };
        let how = match form {
            Some(form) => self.form(name, form, template.slots[position])?,
            None => {
                let begins = matches!(template.segments.last(), None | Some(Segment::Break));
                // "She's" would be another word than "Anna's".
                let starts_sentence = begins && !after.starts_with(['\'', '’']);
                How::Any { starts_sentence }
            }
        };
        Ok(Segment::Slot { slot: position, how })
    }

    fn form(&self, name: &str, form: &str, classes: ClassSet) -> Parsed<How> {
        let all = |allowed: &dyn Fn(&Class) -> bool, what: &str| match self
            .classes_of(classes)
            .find(|class| !allowed(class))
        {
            Some(class) => Err(format!("slot {name} may be {}, which has no {what}", class.name)),
            None => Ok(()),
        };
        match form {
            "subject" | "possessive" => {
                all(&|class| class.pronouns.is_some(), "pronoun")?;
                Ok(How::Pronoun(usize::from(form == "possessive")))
            }
            "capitals" => {
                all(&|class| !class.patterns.is_empty(), "name")?;
                Ok(How::Capitals)
            }
            _ => match form.parse() {
                Ok(face @ 1..FACES) => {
                    let has_face = |pattern: &Pattern| {
                        pattern.drawn.first().is_some_and(|drawn| self.has_face(*drawn, face))
                    };
                    let allowed = |class: &Class| {
                        !class.patterns.is_empty() && class.patterns.iter().all(has_face)
                    };
                    all(&allowed, &format!("form {face}"))?;
                    Ok(How::Face(face))
                }
                _ => Err(format!("{form:?} is no form; use subject, possessive, capitals, 1 or 2")),
            },
        }
    }

    fn class_set(&self, types: &str) -> Parsed<ClassSet> {
        types.split('|').try_fold(0, |set, kind| {
            let is_of = |class: &Class| {
                let of_type = class.name.split('/').next();
                *class.name == *kind
                    || (of_type == Some(kind) && class.kind != ClassKind::Described)
            };
            let classes = self.grammar.classes.iter().enumerate();
            let found = classes
                .filter(|(_, class)| is_of(class))
                .fold(0, |found: ClassSet, (position, _)| found | 1 << position);
            if found == 0 {
                Err(format!("there is no class {kind:?} above"))
            } else {
                Ok(set | found)
            }
        })
    }

    fn classes_of(&self, set: ClassSet) -> impl Iterator<Item = &Class> {
        let classes = self.grammar.classes.iter().enumerate();
        classes.filter(move |(position, _)| set >> position & 1 == 1).map(|(_, class)| class)
    }

    // Statements

    fn statement(&self, text: &str, template: &Template, names: &[String]) -> Parsed<Statement> {
        let mut words = text.split_whitespace();
        let (Some(relation), Some(head), Some(tail)) = (words.next(), words.next(), words.next())
        else {
            return Err("a statement names a relation, a head and a tail".to_owned());
        };
        let mut statement = Statement {
            label: self.relation_label(relation)?,
            head: slot_named(head, names)?,
            tail: slot_named(tail, names)?,
            kind: Kind::default(),
            asserted_by: None,
            time: None,
            amount: None,
            item: None,
            is_optional: false,
            sentences: u8::from(template.sentences == 1),
        };
        for word in words {
            self.attribute(word, &mut statement, template, names)?;
        }
        if statement.sentences == 0 {
            return Err("name the sentences that make the statement, for example in=1,2".to_owned());
        }
        self.check_pair(relation, &statement, template)?;
        Ok(statement)
    }

    fn attribute(
        &self,
        word: &str,
        statement: &mut Statement,
        template: &Template,
        names: &[String],
    ) -> Parsed<()> {
        match word {
            "planned" => statement.kind.actuality = Actuality::Planned,
            "possible" => statement.kind.actuality = Actuality::Possible,
            "former" => statement.kind.status = Status::Former,
            "negative" => statement.kind.polarity = Polarity::Negative,
            "optional" => statement.is_optional = true,
            _ => {
                let (key, slot) = word.split_once('=').unwrap_or((word, ""));
                if key == "in" {
                    statement.sentences = sentences(slot, template.sentences)?;
                    return Ok(());
                }
                let place = match key {
                    "by" => &mut statement.asserted_by,
                    "time" => &mut statement.time,
                    "amount" => &mut statement.amount,
                    "item" => &mut statement.item,
                    _ => {
                        return Err(format!(
                            "{word:?} is no attribute; use planned, possible, former, negative, \
                             optional, time=, amount=, item=, by= or in="
                        ));
                    }
                };
                let slot = slot_named(slot, names)?;
                let allowed: &[&str] = match key {
                    "by" => &[],
                    "time" => &["DATE"],
                    "amount" => &["MONEY", "PERCENT", "QUANTITY"],
                    _ => &["PRODUCT"],
                };
                let wrong = |class: &&Class| {
                    let kind = class.name.split('/').next().unwrap_or_default();
                    !allowed.is_empty() && !allowed.contains(&kind)
                };
                if let Some(class) = self.classes_of(template.slots[slot]).find(wrong) {
                    return Err(format!("{key} is {}, not {}", allowed.join(" or "), class.name));
                }
                *place = Some(slot);
            }
        }
        Ok(())
    }

    /// Every class that may stand at the ends must be allowed there, and each pair of slots has one
    /// relation: generation keeps at most one between two entities.
    fn check_pair(&self, relation: &str, new: &Statement, template: &Template) -> Parsed<()> {
        if new.head == new.tail {
            return Err(format!("{relation} ties a slot to itself"));
        }
        let ends = |s: &Statement| (s.head.min(s.tail), s.head.max(s.tail));
        if template.statements.iter().any(|statement| ends(statement) == ends(new)) {
            return Err(format!("{relation} is the second relation between its two slots"));
        }
        let kind = self.ontology.relation(new.label).expect("the label was looked up there");
        for head in self.classes_of(template.slots[new.head]) {
            for tail in self.classes_of(template.slots[new.tail]) {
                if !kind.allows(&[head.label], &[tail.label]) {
                    return Err(format!(
                        "the ontology does not allow {relation} from {} to {}",
                        head.name, tail.name
                    ));
                }
            }
        }
        Ok(())
    }

    fn end_template(
        &mut self,
        kind: TemplateKind,
        weight: u16,
        mut template: Template,
    ) -> Parsed<()> {
        template.order = self.order(&template);
        if template.segments.is_empty() {
            return Err("the template above has no text".to_owned());
        }
        let things = template
            .slots
            .iter()
            .filter(|set| self.classes_of(**set).all(|class| class.kind != ClassKind::Value));
        let fits = match (kind, template.statements.len()) {
            (TemplateKind::Filler, statements) => statements == 0,
            (TemplateKind::Distractor, statements) => statements == 0 && things.count() >= 2,
            (TemplateKind::Zone(ZoneKind::Headline), statements) => statements == 1,
            (TemplateKind::Zone(ZoneKind::Body) | TemplateKind::Body, statements) => statements > 0,
            (TemplateKind::Zone(_), _) => true,
        };
        if !fits {
            return Err(
                "the template above: a filler and a distractor state nothing, a distractor has \
                        two things, a headline states one relation, a body one or more"
                    .to_owned(),
            );
        }
        let pool = match kind {
            TemplateKind::Body | TemplateKind::Zone(ZoneKind::Body) => &mut self.grammar.bodies,
            TemplateKind::Filler => &mut self.grammar.fillers,
            TemplateKind::Distractor => &mut self.grammar.distractors,
            TemplateKind::Zone(zone) => &mut self.grammar.zones[zone as usize],
        };
        let Pool { templates, urn } = pool;
        let position = u16::try_from(templates.len())
            .map_err(|_| "there are more than 65,536 templates".to_owned())?;
        urn.extend(std::iter::repeat_n(position, usize::from(weight)));
        templates.push(template);
        Ok(())
    }

    fn order(&self, template: &Template) -> Vec<(ClassKind, usize)> {
        let kind = |slot: usize| match template.described >> slot & 1 {
            1 => ClassKind::Described,
            _ => match self.classes_of(template.slots[slot]).next() {
                Some(class) if class.kind == ClassKind::Value => ClassKind::Value,
                _ => ClassKind::Cast,
            },
        };
        let kinds = [ClassKind::Cast, ClassKind::Value, ClassKind::Described];
        let slots = |wanted| (0..template.slots.len()).filter(move |slot| kind(*slot) == wanted);
        kinds.into_iter().flat_map(|kind| slots(kind).map(move |slot| (kind, slot))).collect()
    }

    // Labels

    fn entity_label(&self, name: &str) -> Parsed<Label> {
        let known =
            self.vocabulary.get(name).filter(|label| self.ontology.entity(*label).is_some());
        known.ok_or_else(|| format!("the ontology has no entity type {name:?}"))
    }

    fn relation_label(&self, name: &str) -> Parsed<Label> {
        let label = self.vocabulary.get(name);
        match label.and_then(|label| self.ontology.relation(label)) {
            None => Err(format!("the ontology has no relation type {name:?}")),
            Some(kind) if kind.inverse_of.is_some() => Err(format!(
                "{name} is an inverse; state the other relation, with the ends exchanged"
            )),
            Some(kind) => Ok(kind.label),
        }
    }
}

/// How many sentences a template has at most.
const SENTENCES_MAX: usize = 4;

/// The next place of a text that is more than words.
fn next_mark(text: &str) -> Option<usize> {
    let mark = text.find(['{', '[', ']', '<']);
    let pause = text.find("~]");
    let sentence = text.find("// ");
    [mark, pause, sentence].into_iter().flatten().min()
}

fn is_nameless(class: &Class) -> bool {
    class.kind == ClassKind::Described && class.nominals.is_empty()
}

/// `1` or `1,2`, one bit each.
fn sentences(list: &str, count: usize) -> Parsed<u8> {
    list.split(',').try_fold(0, |set, number| match number.parse::<usize>() {
        Ok(number) if (1..=count).contains(&number) => Ok(set | 1 << (number - 1)),
        _ => Err(format!("{number:?} is no sentence of the template; it has {count}")),
    })
}

fn slot_named(name: &str, names: &[String]) -> Parsed<usize> {
    let known = names.iter().position(|known| known == name);
    known.ok_or_else(|| format!("there is no slot {name:?} before"))
}
