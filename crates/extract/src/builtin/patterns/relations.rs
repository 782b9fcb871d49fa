//! Finds relations: who holds which office, what verbs state, who is based where.

use std::ops::Range;

use ere_dataset::{Actuality, Form, Polarity, Status};

use super::mentions::{Found, FoundTitle, Key, suffix_kind};
use super::sheet::Sheet;
use super::words::{Class, Classes, Sense, Type, Verb};
use crate::tokens::Kind;

/// A relation as one place of the text states it, between positions of mentions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stated {
    pub(super) head: usize,
    pub(super) tail: usize,
    pub(super) relation: &'static str,
    pub(super) sentence: usize,
    pub(super) polarity: Polarity,
    pub(super) actuality: Actuality,
    pub(super) status: Status,
}

/// How far a subject may stand before its verb, in tokens and in mentions.
const SUBJECT_TOKENS: usize = 14;
const SUBJECT_MENTIONS: usize = 6;
/// How far an object may stand behind its verb, in tokens.
const OBJECT_TOKENS: usize = 7;
/// How many things "A, B and C" may name.
const COORDINATED: usize = 4;

pub(super) fn find(
    sheet: &Sheet<'_>,
    mentions: &[Found],
    titles: &[FoundTitle],
    allows: &dyn Fn(&str, Type, Type) -> bool,
) -> Vec<Stated> {
    let mut finder = Finder {
        sheet,
        mentions,
        allows,
        begins: vec![NONE; sheet.tokens.len() + 1],
        ends: vec![NONE; sheet.tokens.len() + 1],
        stated: Vec::new(),
    };
    finder.index();
    for title in titles {
        finder.title(title);
    }
    for (number, sentence) in sheet.sentences.iter().enumerate() {
        finder.verbs(number, sentence.clone());
    }
    for at in 0..mentions.len() {
        finder.neighbours(at);
    }
    finder.stated
}

const NONE: u32 = u32::MAX;

struct Finder<'a> {
    sheet: &'a Sheet<'a>,
    /// In text order, a longer one before those inside it.
    mentions: &'a [Found],
    allows: &'a dyn Fn(&str, Type, Type) -> bool,
    /// The longest mention that begins at a token.
    begins: Vec<u32>,
    /// The longest mention that ends before a token.
    ends: Vec<u32>,
    stated: Vec<Stated>,
}

impl Finder<'_> {
    fn index(&mut self) {
        for (at, mention) in self.mentions.iter().enumerate() {
            let length = |other: u32| self.mentions[other as usize].tokens.len();
            let Range { start, end } = mention.tokens.clone();
            if self.begins[start] == NONE || length(self.begins[start]) < mention.tokens.len() {
                self.begins[start] = at as u32;
            }
            if self.ends[end] == NONE || length(self.ends[end]) < mention.tokens.len() {
                self.ends[end] = at as u32;
            }
        }
    }

    fn begins_at(&self, token: usize) -> Option<usize> {
        self.begins.get(token).filter(|at| **at != NONE).map(|at| *at as usize)
    }

    fn ends_at(&self, token: usize) -> Option<usize> {
        self.ends.get(token).filter(|at| **at != NONE).map(|at| *at as usize)
    }

    fn kind(&self, mention: usize) -> Type {
        self.mentions[mention].kind
    }

    fn is(&self, mention: usize, kinds: &[Type]) -> bool {
        kinds.contains(&self.kind(mention))
    }

    fn state(&mut self, relation: &'static str, head: usize, tail: usize) -> Option<&mut Stated> {
        if !(self.allows)(relation, self.kind(head), self.kind(tail)) {
            return None;
        }
        self.stated.push(Stated {
            head,
            tail,
            relation,
            sentence: self.mentions[head].sentence,
            polarity: Polarity::Positive,
            actuality: Actuality::Actual,
            status: Status::Current,
        });
        self.stated.last_mut()
    }

    // --------------------------------------------------------------------------------------------
    // Titles
    // --------------------------------------------------------------------------------------------

    /// `NATO chief X`, `X, the secretary-general of NATO`, `Turkey's president, X`.
    fn title(&mut self, found: &FoundTitle) {
        let Range { start, end } = found.tokens.clone();
        let (before, owner_before) = self.owner_before(start);
        let (after, owner_after) = self.owner_after(end);
        let Some(person) = self.holder_behind(end, after).or_else(|| self.holder_before(before))
        else {
            return;
        };
        let is_former = (before..start).any(|at| self.sheet.has(at, Class::Former));
        let status = if is_former { Status::Former } else { Status::Current };
        if found.title.is_role
            && let Some(role) = self.begins_at(start).filter(|role| self.kind(*role) == Type::Role)
            && let Some(stated) = self.state("has_role", person, role)
        {
            stated.status = status;
        }
        let owner = owner_after.or(owner_before);
        let is_origin = owner_before.is_some_and(|place| {
            owner == owner_before && self.is_demonym(place) && !found.title.is_office
        });
        // "Its head of engineering" leads the engineering, which is no mention.
        let is_of_part = owner_after.is_none() && matches!(self.sheet.slice(end), "of" | "for");
        let relation = match found.title.relation {
            _ if is_origin => Some("citizen_of"),
            Some("head_of") if is_of_part => Some("employee_of"),
            relation => relation,
        };
        if let (Some(relation), Some(owner)) = (relation, owner)
            && let Some(stated) = self.state(relation, person, owner)
        {
            stated.status = status;
        }
    }

    /// What the title is tied to before it, and where the phrase begins: `Turkey's former president`.
    fn owner_before(&self, start: usize) -> (usize, Option<usize>) {
        let mut at = start;
        while at > 0 && (self.sheet.has(at - 1, Class::Modifier) || self.sheet.is(at - 1, "-")) {
            at -= 1;
        }
        let possessive =
            (1..=2).find(|back| at >= *back && self.sheet.possessive(at - back) == *back);
        let owner_end = at - possessive.unwrap_or(0);
        let owner = self.ends_at(owner_end).filter(|owner| {
            self.is(*owner, &[Type::Org, Type::Gpe, Type::Group])
                && self.mentions[*owner].tokens.end == owner_end
        });
        match owner {
            Some(owner) => (self.mentions[owner].tokens.start, Some(owner)),
            None => (at, None),
        }
    }

    /// What the title is tied to behind it, and where the phrase ends: `president of the World Bank`.
    fn owner_after(&self, end: usize) -> (usize, Option<usize>) {
        let sheet = self.sheet;
        if !matches!(sheet.slice(end), "of" | "for" | "at" | "with") {
            return (end, None);
        }
        let mut at = end + 1;
        while sheet.has(at, Class::Determiner) && self.begins_at(at).is_none() {
            at += 1;
        }
        match self
            .begins_at(at)
            .filter(|m| self.is(*m, &[Type::Org, Type::Gpe, Type::Group, Type::Per]))
        {
            Some(owner) if sheet.possessive(self.mentions[owner].tokens.end) == 0 => {
                (self.mentions[owner].tokens.end, Some(owner))
            }
            _ => (end, None),
        }
    }

    /// The person behind the title: `President X`, `president of the bank, X,`.
    fn holder_behind(&self, title_end: usize, phrase_end: usize) -> Option<usize> {
        let is_comma = self.sheet.is(phrase_end, ",");
        let at = if is_comma { phrase_end + 1 } else { phrase_end };
        if !is_comma && phrase_end != title_end {
            return None;
        }
        self.begins_at(at).filter(|mention| self.kind(*mention) == Type::Per)
    }

    /// The person before the phrase: `X, the`, `X is a`.
    fn holder_before(&self, phrase_start: usize) -> Option<usize> {
        let sheet = self.sheet;
        let mut at = phrase_start;
        let skippable = Classes::of(Class::Determiner) | Classes::of(Class::Modifier);
        for _ in 0..3 {
            let may_skip = at > 0
                && (sheet.has_any(at - 1, skippable)
                    || (sheet.kind(at - 1) == Some(Kind::Lower) && !self.is_boundary(at - 1)));
            if !may_skip {
                break;
            }
            at -= 1;
        }
        let mark = at.checked_sub(1)?;
        let joins = sheet.is(mark, ",") || sheet.has(mark, Class::Copula);
        self.ends_at(mark).filter(|mention| joins && self.kind(*mention) == Type::Per)
    }

    /// Whether a small word ends a noun phrase.
    fn is_boundary(&self, at: usize) -> bool {
        let closed = [Class::Preposition, Class::Clause, Class::Be, Class::Copula, Class::Say];
        closed.into_iter().any(|class| self.sheet.has(at, class))
            || self.sheet.is(at, "and")
            || self.sheet.verb_at(at).is_some()
    }

    // --------------------------------------------------------------------------------------------
    // Verbs
    // --------------------------------------------------------------------------------------------

    fn verbs(&mut self, number: usize, sentence: Range<usize>) {
        let mut at = sentence.start;
        while at < sentence.end {
            match self.sheet.verb_at(at) {
                Some((length, verb))
                    if self.sheet.kind(at) == Some(Kind::Lower) || at > sentence.start =>
                {
                    self.verb(number, &sentence, at, length, verb);
                    at += length;
                }
                _ => at += 1,
            }
        }
    }

    fn verb(
        &mut self,
        number: usize,
        sentence: &Range<usize>,
        at: usize,
        length: usize,
        verb: Verb,
    ) {
        let sheet = self.sheet;
        let form_end = at + usize::from(verb.form_tokens);
        let is_passive =
            sheet.is(at + length, "by") && sheet.slice(form_end - 1).ends_with(['d', 't', 'n']);
        let after_be = at > sentence.start && sheet.has(at - 1, Class::Be);
        // Without "by", the passive names no agent; "based in" and "located in" need none.
        let needs_agent = after_be && !is_passive && length == usize::from(verb.form_tokens);
        if needs_agent && !sheet.slice(form_end - 1).ends_with("ing") {
            return;
        }
        let forward = verb.forward != is_passive;
        let object_from = at + length + usize::from(is_passive);
        let subjects = self.subjects(sentence.start, at);
        let objects = self.objects(object_from, sentence.end);
        let between = subjects.first().map_or(at, |subject| self.mentions[*subject].tokens.end);
        for &subject in &subjects {
            for &object in &objects {
                let (head, tail) = if forward { (subject, object) } else { (object, subject) };
                let has = |class: Class| (between..at).any(|at| sheet.has(at, class));
                if let Some(stated) = self.state(verb.relation, head, tail) {
                    stated.sentence = number;
                    if has(Class::Negation) {
                        stated.polarity = Polarity::Negative;
                    }
                    if has(Class::Possible) {
                        stated.actuality = Actuality::Possible;
                    } else if has(Class::Planned) {
                        stated.actuality = Actuality::Planned;
                    }
                }
            }
        }
    }

    /// Who does it: the nearest thing before the verb that is not in a phrase of its own, and what is
    /// coordinated with it.
    fn subjects(&self, sentence_start: usize, verb: usize) -> Vec<usize> {
        let sheet = self.sheet;
        let first = verb.saturating_sub(SUBJECT_TOKENS).max(sentence_start);
        let relative = verb > first && matches!(sheet.slice(verb - 1), "who" | "which" | "that");
        let mut tried = 0;
        let mut at = verb;
        while at > first && tried < SUBJECT_MENTIONS {
            if matches!(sheet.slice(at - 1), ";" | ":" | "\"" | "“" | "”") {
                break;
            }
            let found = self.ends_at(at).filter(|mention| self.may_act(*mention));
            if let Some(mention) = found {
                tried += 1;
                let tokens = &self.mentions[mention].tokens;
                if tokens.start < first {
                    break;
                }
                if sheet.possessive(tokens.end) == 0
                    && (relative || !self.is_in_phrase(tokens.start))
                {
                    return self.coordinated_before(mention);
                }
                at = tokens.start;
            } else {
                at -= 1;
            }
        }
        Vec::new()
    }

    fn may_act(&self, mention: usize) -> bool {
        self.is(mention, &[Type::Per, Type::Org, Type::Gpe, Type::Group, Type::Fac, Type::Loc])
    }

    /// Whether a preposition governs what begins at a token.
    fn is_in_phrase(&self, start: usize) -> bool {
        let mut at = start;
        while at > 0
            && (self.sheet.has(at - 1, Class::Determiner)
                || self.sheet.has(at - 1, Class::Modifier))
        {
            at -= 1;
        }
        // A title before the name is part of what is governed: "of President X".
        let title = (1..=3).find(|length| {
            at >= *length
                && self.sheet.title_at(at - length).is_some_and(|(found, _)| found == *length)
        });
        at -= title.unwrap_or(0);
        at > 0 && self.sheet.has(at - 1, Class::Preposition)
    }

    fn coordinated_before(&self, mention: usize) -> Vec<usize> {
        let mut subjects = vec![mention];
        let mut at = self.mentions[mention].tokens.start;
        while subjects.len() < COORDINATED && at > 1 {
            let joins =
                self.sheet.is(at - 1, "and") || (subjects.len() > 1 && self.sheet.is(at - 1, ","));
            let Some(other) = self.ends_at(at - 1).filter(|other| joins && self.may_act(*other))
            else {
                break;
            };
            subjects.push(other);
            at = self.mentions[other].tokens.start;
        }
        subjects
    }

    /// To whom it is done: the nearest thing behind the verb, and what is coordinated with it.
    fn objects(&self, from: usize, sentence_end: usize) -> Vec<usize> {
        let sheet = self.sheet;
        let limit = sentence_end.min(from + OBJECT_TOKENS);
        for at in from..limit {
            if let Some(mention) = self.begins_at(at).filter(|mention| self.may_suffer(*mention)) {
                let end = self.mentions[mention].tokens.end;
                // "Sued Tellan's owner", "met Russian officials": somebody else's.
                let is_owner = sheet.possessive(end) > 0 || self.is_attribute(mention);
                if !is_owner {
                    return self.coordinated_behind(mention, limit);
                }
            }
            let stops = sheet.kind(at) == Some(Kind::Sign) && !sheet.is_joined(at)
                || matches!(sheet.slice(at), "," | ";" | ":" | "." | "“" | "\"")
                || sheet.has(at, Class::Clause)
                || sheet.has(at, Class::Preposition);
            if stops && self.begins_at(at).is_none() {
                break;
            }
        }
        Vec::new()
    }

    fn may_suffer(&self, mention: usize) -> bool {
        self.may_act(mention) || self.is(mention, &[Type::Event, Type::Product, Type::Work])
    }

    /// Whether a country's word stands before what is the country's: `Russian officials`.
    fn is_attribute(&self, mention: usize) -> bool {
        let is_demonym =
            matches!(self.mentions[mention].key, Key::Known(name) if name.sense == Sense::Demonym);
        is_demonym
            && matches!(
                self.sheet.kind(self.mentions[mention].tokens.end),
                Some(Kind::Lower | Kind::Capitalised)
            )
    }

    fn is_demonym(&self, mention: usize) -> bool {
        matches!(self.mentions[mention].key, Key::Known(name) if name.sense == Sense::Demonym)
    }

    fn coordinated_behind(&self, mention: usize, limit: usize) -> Vec<usize> {
        let sheet = self.sheet;
        let mut objects = vec![mention];
        let mut at = self.mentions[mention].tokens.end;
        while objects.len() < COORDINATED && at < limit {
            let skip = match (sheet.slice(at), sheet.slice(at + 1)) {
                (",", "and") => 2,
                ("and", "the") => 2,
                ("and", _) => 1,
                _ => break,
            };
            let Some(other) = self.begins_at(at + skip).filter(|other| self.may_suffer(*other))
            else {
                break;
            };
            objects.push(other);
            at = self.mentions[other].tokens.end;
        }
        objects
    }

    // --------------------------------------------------------------------------------------------
    // Neighbours
    // --------------------------------------------------------------------------------------------

    /// What a mention and the one behind it state without a verb.
    fn neighbours(&mut self, first: usize) {
        let sheet = self.sheet;
        let end = self.mentions[first].tokens.end;
        let kind = self.kind(first);
        if kind == Type::Gpe {
            self.place_before(first, end);
        }
        if matches!(kind, Type::Org | Type::Fac | Type::Event) {
            self.place_behind(first, end);
        }
        if sheet.possessive(end) > 0 || self.mentions[first].form == Form::Pronoun {
            self.kin_or_rival(first, end + sheet.possessive(end));
        }
        if kind == Type::Gpe && sheet.is(end, ",") && !self.is_dateline(first) {
            // "Hefei, China", but not "Russia, China".
            let country = self.begins_at(end + 1).filter(|other| self.is_country(*other));
            if let Some(country) = country.filter(|_| !self.is_country(first)) {
                self.state("located_in", first, country);
            }
        }
        if kind == Type::Org && sheet.is(end, ",") {
            self.described_org(first, end + 1);
        }
        if (sheet.is(end, "and") || sheet.is(end, "-")) && self.may_act(first) {
            self.between_two(first, end);
        }
    }

    /// `Marseille-based X`, `French bank X`, `Russian Defence Ministry`.
    fn place_before(&mut self, place: usize, end: usize) {
        let sheet = self.sheet;
        if sheet.is(end, "-") && sheet.is(end + 1, "based") {
            let described = (end + 2..end + 6)
                .take_while(|at| sheet.kind(*at) != Some(Kind::Sign))
                .find_map(|at| self.begins_at(at).filter(|m| self.is(*m, &[Type::Org, Type::Per])));
            if let Some(described) = described {
                self.state("based_in", described, place);
            }
            return;
        }
        let owns = sheet.possessive(end);
        // The whole name stands around the country: Russian Defence Ministry.
        let around = self.begins_at(self.mentions[place].tokens.start).filter(|m| *m != place);
        let behind = self.begins_at(end + owns);
        let Some(org) = around.or(behind).filter(|org| self.kind(*org) == Type::Org) else {
            return;
        };
        let last = self.mentions[org].tokens.end - 1;
        if sheet.has(last, Class::StateSuffix) && suffix_kind(sheet, last).is_some() {
            self.state("part_of", org, place);
        } else if owns == 0 {
            self.state("based_in", org, place);
        }
    }

    /// `Castellane Pharma of Lyon`, `the refinery in Karsia`, `war in Ukraine`.
    fn place_behind(&mut self, thing: usize, end: usize) {
        let sheet = self.sheet;
        let kind = self.kind(thing);
        let relation = match (kind, sheet.slice(end)) {
            (Type::Org, "of") => "based_in",
            (Type::Fac, "in" | "near" | "at") => "located_in",
            (Type::Event, "in" | "at") => "occurs_in",
            (Type::Event, "on") => "occurs_on",
            _ => return,
        };
        let at = end + 1 + usize::from(sheet.has(end + 1, Class::Determiner));
        if let Some(place) = self.begins_at(at).filter(|place| !self.is_attribute(*place)) {
            self.state(relation, thing, place);
        }
    }

    /// `X's brother Y`, `X's rival Y`, `its rival Y`.
    fn kin_or_rival(&mut self, owner: usize, at: usize) {
        let sheet = self.sheet;
        let at = at + usize::from(sheet.has(at, Class::Modifier));
        let next = at + 1 + usize::from(sheet.is(at + 1, ","));
        let Some(other) = self.begins_at(next) else { return };
        let relation = match sheet.slice(at) {
            _ if sheet.has(at, Class::Kin) => "family_of",
            "rival" | "competitor" => "competes_with",
            "ally" | "partner" => "allied_with",
            "predecessor" => {
                self.state("successor_of", owner, other);
                return;
            }
            "successor" => {
                self.state("successor_of", other, owner);
                return;
            }
            _ => return,
        };
        self.state(relation, owner, other);
    }

    /// `X, an Austrian toolmaker`.
    fn described_org(&mut self, org: usize, at: usize) {
        let sheet = self.sheet;
        if !matches!(sheet.slice(at), "a" | "an" | "the") {
            return;
        }
        let place = self.begins_at(at + 1).filter(|place| self.kind(*place) == Type::Gpe);
        let Some(place) = place else { return };
        let end = self.mentions[place].tokens.end;
        let is_company = (end..end + 3).any(|at| sheet.has(at, Class::OrgDescription));
        if is_company {
            self.state("based_in", org, place);
        }
    }

    /// `talks between X and Y`, `X-Y trade`.
    fn between_two(&mut self, first: usize, end: usize) {
        let sheet = self.sheet;
        let Some(second) = self.begins_at(end + 1) else { return };
        let start = self.mentions[first].tokens.start;
        let noun = if sheet.is(end, "-") {
            self.mentions[second].tokens.end
        } else if start >= 2 && sheet.is(start - 1, "between") {
            start - 2
        } else {
            return;
        };
        let relation = match &*sheet.slice(noun).to_lowercase() {
            "talks" | "meeting" | "summit" | "call" | "negotiations" => "meets",
            "deal" | "agreement" | "treaty" | "pact" | "truce" | "ceasefire" | "contract" => {
                "agreement_with"
            }
            "trade" => "trades_with",
            "war" => "at_war_with",
            "alliance" | "partnership" => "allied_with",
            _ => return,
        };
        self.state(relation, first, second);
    }

    fn is_country(&self, mention: usize) -> bool {
        matches!(self.mentions[mention].key, Key::Known(name) if name.sense == Sense::Country)
    }

    /// A line in capitals that opens an article: `GRAZ, Austria, Feb 21`.
    fn is_dateline(&self, mention: usize) -> bool {
        let tokens = self.mentions[mention].tokens.clone();
        !self.sheet.text_of(tokens).chars().any(char::is_lowercase)
    }
}
