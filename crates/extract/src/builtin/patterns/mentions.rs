//! Finds mentions: names, titles, values, a few common nouns, pronouns.
//!
//! Names that nobody knows get their type by vote: each place where a name stands gives hints
//! (a title before it, a company word at its end, `in` before it), and all places of one name vote
//! together.

use std::ops::Range;

use ere_dataset::Form;
use rustc_hash::{FxHashMap, FxHashSet};

use super::sheet::Sheet;
use super::words::{Class, Classes, KnownName, Sense, Title, Type, WORDS};
use crate::tokens::Kind;

/// A place in the text that names something.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Its tokens.
    pub(super) tokens: Range<usize>,
    pub(super) sentence: usize,
    pub(super) kind: Type,
    pub(super) form: Form,
    pub(super) key: Key,
}

/// What it can be told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A thing that everybody knows.
    Known(KnownName),
    /// A name of [`Names`].
    Name(usize),
    /// Its text.
    Text,
    /// The class of pronoun or noun.
    Anaphor(Class),
    /// Nothing: it is a thing of its own.
    Alone,
}

/// A title, be it a mention of a ROLE or not.
#[derive(Clone, Debug)]
pub(super) struct FoundTitle {
    pub(super) tokens: Range<usize>,
    pub(super) title: Title,
}

#[derive(Default)]
pub(super) struct Findings {
    pub(super) mentions: Vec<Found>,
    pub(super) titles: Vec<FoundTitle>,
    pub(super) names: Names,
}

/// Names that the lists do not know.
#[derive(Default)]
pub(super) struct Names {
    by_key: FxHashMap<String, usize>,
    pub(super) list: Vec<Name>,
}

pub(super) struct Name {
    /// In small letters.
    pub(super) key: String,
    /// As it stands where it is met first.
    pub(super) text: String,
    pub(super) words: usize,
    votes: [f32; Type::ALL.len()],
    /// Whether it stands anywhere but at the beginning of a sentence.
    is_sure: bool,
}

impl Name {
    pub(super) fn vote(&mut self, kind: Type, weight: f32) {
        self.votes[kind as usize] += weight;
    }

    /// The type with most votes.
    pub(super) fn kind(&self) -> Type {
        let votes = |kind: Type| self.votes[kind as usize];
        let better = |best, next| if votes(next) > votes(best) { next } else { best };
        let default = if self.words > 1 { Type::Per } else { Type::Org };
        Type::ALL.into_iter().fold(default, better)
    }

    pub(super) fn votes_for(&self, kind: Type) -> f32 {
        self.votes[kind as usize]
    }
}

impl Names {
    pub(super) fn get(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    fn add(&mut self, text: &str, words: usize) -> usize {
        let key = text.to_lowercase();
        if let Some(&known) = self.by_key.get(&key) {
            return known;
        }
        let name = Name {
            key: key.clone(),
            text: text.to_owned(),
            words,
            votes: [0.0; Type::ALL.len()],
            is_sure: false,
        };
        self.list.push(name);
        self.by_key.insert(key, self.list.len() - 1);
        self.list.len() - 1
    }
}

/// A name has at most this many tokens; a longer run of capitals is no name.
const NAME_TOKENS_MAX: usize = 10;

pub(super) fn find(sheet: &Sheet<'_>) -> Findings {
    let mut finder = Finder { sheet, findings: Findings::default(), sentence: 0 };
    let title_case: Vec<bool> =
        sheet.sentences.iter().map(|sentence| is_title_case(sheet, sentence.clone())).collect();
    for is_headline in [false, true] {
        // Headlines capitalise every word: only names that stand elsewhere are names there.
        for (sentence, is_title_case) in title_case.iter().enumerate() {
            if *is_title_case == is_headline {
                finder.sentence = sentence;
                finder.sentence(is_headline);
            }
        }
        if !is_headline {
            finder.drop_doubtful_names();
        }
    }
    let mut findings = finder.findings;
    findings.mentions.sort_by_key(|m| (m.tokens.start, std::cmp::Reverse(m.tokens.end)));
    findings.titles.sort_by_key(|title| title.tokens.start);
    findings
}

fn is_title_case(sheet: &Sheet<'_>, sentence: Range<usize>) -> bool {
    if sentence.is_empty() || matches!(sheet.slice(sentence.end - 1), "." | "?" | "!" | "”" | "\"")
    {
        return false;
    }
    if is_in_capitals(sheet.text_of(sentence.clone()))
        && sentence.clone().all(|at| sheet.is_capitalised(at))
        && sentence.len() > 1
    {
        return true;
    }
    let count = |kind: Kind| sentence.clone().filter(|at| sheet.kind(*at) == Some(kind)).count();
    let (capitals, small) = (count(Kind::Capitalised), count(Kind::Lower));
    capitals + small >= 5 && capitals * 3 >= (capitals + small) * 2
}

/// A type, and how strongly a hint speaks for it.
type Vote = (Type, f32);

struct Finder<'a> {
    sheet: &'a Sheet<'a>,
    findings: Findings,
    sentence: usize,
}

impl Finder<'_> {
    fn sentence(&mut self, is_headline: bool) {
        let Range { start, end } = self.sheet.sentences[self.sentence].clone();
        let mut at = start;
        while at < end {
            at = self.step(at, start, end, is_headline).max(at + 1);
        }
    }

    /// Finds what begins at a token, and says where to go on.
    fn step(&mut self, at: usize, start: usize, end: usize, is_headline: bool) -> usize {
        if let Some((tokens, kind)) = value_at(self.sheet, at, end) {
            let next = tokens.end;
            self.push(tokens, kind, Form::Name, Key::Text);
            return next;
        }
        match self.sheet.tokens[at].kind {
            Kind::Capitalised if is_headline => self.headline_word(at, end),
            Kind::Capitalised => {
                let next = self.run_end(at, end);
                self.run(at, next, start);
                next
            }
            Kind::Lower => self.small_word(at, end),
            _ => at + 1,
        }
    }

    // --------------------------------------------------------------------------------------------
    // Runs of capitals
    // --------------------------------------------------------------------------------------------

    /// Where the run of capitalised words that begins at `at` ends.
    fn run_end(&self, at: usize, end: usize) -> usize {
        let sheet = self.sheet;
        let limit = end.min(at + NAME_TOKENS_MAX);
        let mut last = at;
        loop {
            let next = last + 1;
            let joins = |count: usize| {
                let target = last + count;
                target < limit
                    && sheet.is_capitalised(target)
                    && value_at(sheet, target, end).is_none()
            };
            let joined = |at: usize| sheet.is_joined(at);
            let is_initial = sheet.slice(last).chars().count() == 1;
            let step = match sheet.slice(next) {
                _ if next >= limit => 0,
                _ if joins(1) => 1,
                "-" | "–" if joined(next) && joined(next + 1) && joins(2) => 2,
                // Luna-25, but not Luna-25-based
                "-" if joined(next) && joined(next + 1) && self.is_model_number(next + 1) => {
                    return (next + 2).min(limit);
                }
                "." if joined(next) && is_initial && joins(2) => 2,
                "'" | "’" if joined(next) && joined(next + 1) && is_initial && joins(2) => 2,
                // Workers' Party
                "'" | "’" if joins(2) && suffix_kind(sheet, last + 2).is_some() => 2,
                "&" if joins(2) => 2,
                "of" | "for" if self.opens_of(last) && joins(2) => 2,
                "of" if self.opens_of(last) && sheet.is(next + 1, "the") && joins(3) => 3,
                _ if sheet.has(next, Class::Particle) && joins(2) => 2,
                _ if sheet.has(next, Class::Particle)
                    && sheet.has(next + 1, Class::Particle)
                    && joins(3) =>
                {
                    3
                }
                _ => 0,
            };
            if step == 0 {
                return last + 1;
            }
            last += step;
        }
    }

    fn is_model_number(&self, at: usize) -> bool {
        self.sheet.kind(at) == Some(Kind::Number) && !self.sheet.is(at + 1, "-")
    }

    /// Whether a word goes on with "of": Bank of, Republic of.
    fn opens_of(&self, at: usize) -> bool {
        self.sheet.has(at, Class::OrgHead) || self.sheet.has(at, Class::GpeHead)
    }

    /// Cuts a run into known names, titles and unknown names.
    fn run(&mut self, start: usize, end: usize, sentence_start: usize) {
        let sheet = self.sheet;
        let mut at = start;
        // Where a word may still be an ordinary one: READ MORE, The Hague Tribunal.
        let mut lead = start;
        while at < end {
            if let Some((length, name)) =
                sheet.name_at(at).filter(|(length, _)| at + length <= end + 1)
            {
                let next = at + length;
                if next < end && self.is_whole(name, next, end) {
                    self.unknown(at, end, sentence_start);
                    if sheet.has(end - 1, Class::StateSuffix) {
                        self.push(at..next, name.kind, Form::Name, Key::Known(name));
                    }
                    return;
                }
                self.push(at..next, name.kind, Form::Name, Key::Known(name));
                at = next;
            } else if let Some((length, title)) =
                self.title(at).filter(|(length, _)| at + length <= end)
            {
                self.push_title(at..at + length, title);
                at += length;
            } else if !sheet.is_capitalised(at)
                || sheet.has(at, Class::Address)
                || (sheet.has(at, Class::Ordinary) && at == lead)
            {
                at += 1;
                lead = at;
            } else {
                let next = (at + 1..end).find(|next| self.ends_unknown(*next, end)).unwrap_or(end);
                self.unknown(at, next, sentence_start);
                at = next;
            }
        }
    }

    /// Whether a known name is only the beginning of a longer one: Bank of …, Tokyo Electron.
    fn is_whole(&self, name: KnownName, next: usize, end: usize) -> bool {
        let has_title = (next..end).any(|at| self.title(at).is_some());
        if has_title || !self.sheet.is_capitalised(end - 1) {
            return false;
        }
        let is_place_of_its_own =
            matches!(name.sense, Sense::Country | Sense::Demonym | Sense::People);
        self.is_suffix(end - 1) || !is_place_of_its_own
    }

    fn is_suffix(&self, at: usize) -> bool {
        suffix_kind(self.sheet, at).is_some()
    }

    /// Whether another name or a title begins behind an unknown name: Tavora Trade Minister.
    fn ends_unknown(&self, at: usize, end: usize) -> bool {
        let is_title = self.title(at).is_some_and(|(length, _)| at + length < end)
            || (self.title(at).is_some() && self.sheet.is_capitalised(at));
        is_title && !self.is_suffix(end - 1)
    }

    /// A title. "General" in "General Motors" and "Chair" at the end of a name are none.
    fn title(&self, at: usize) -> Option<(usize, Title)> {
        self.sheet.title_at(at).filter(|(length, _)| !self.is_suffix(at + length))
    }

    /// An unknown name, with the hints of this place.
    fn unknown(&mut self, start: usize, end: usize, sentence_start: usize) {
        let sheet = self.sheet;
        let text = sheet.text_of(start..end);
        let words = (start..end).filter(|at| sheet.is_capitalised(*at)).count();
        let is_label = start == sentence_start && is_in_capitals(text) && sheet.is(end, ":");
        if text.len() < 2 || is_label || is_adjective(sheet, start, end) {
            return;
        }
        let id = self.findings.names.add(text, words);
        let votes = hints(sheet, start, end, words);
        let follows_sign =
            start > sentence_start && matches!(sheet.slice(start - 1), "“" | "\"" | ":");
        let is_acronym = is_in_capitals(text) && sheet.kind(end) == Some(Kind::Lower);
        let name = &mut self.findings.names.list[id];
        name.is_sure |= is_acronym || sheet.title_at(end).is_some();
        name.is_sure |= start > sentence_start && !follows_sign;
        name.is_sure |= words > 1 || sheet.possessive(end) > 0;
        for (kind, weight) in votes {
            name.vote(kind, weight);
        }
        if start == sentence_start && is_in_capitals(text) && sheet.is(end, ",") {
            // The place of a dateline: GRAZ, Austria.
            name.vote(Type::Gpe, 4.0);
        }
        self.push(start..end, Type::Org, Form::Name, Key::Name(id));
    }

    /// A name that stands only at the beginning of sentences may be any word.
    fn drop_doubtful_names(&mut self) {
        let names = &self.findings.names.list;
        let longer = names.iter().filter(|name| name.words > 1);
        let words = longer.flat_map(|name| name.key.split([' ', '-']));
        // "Cement" may begin a sentence, for all that there is a Jorvan Cement.
        let words: FxHashSet<&str> = words.filter(|word| WORDS.is_unknown(word)).collect();
        let doubtful: Vec<bool> =
            names.iter().map(|name| !name.is_sure && !words.contains(&*name.key)).collect();
        self.findings.mentions.retain(|mention| match mention.key {
            Key::Name(id) => !doubtful[id],
            _ => true,
        });
    }

    // --------------------------------------------------------------------------------------------
    // Headlines, small words
    // --------------------------------------------------------------------------------------------

    /// The longest known name here, or a name of the rest of the text.
    fn headline_word(&mut self, at: usize, end: usize) -> usize {
        let sheet = self.sheet;
        let limit = end.min(at + 5);
        let seen = (at + 1..=limit).rev().find_map(|end| {
            let id = self.findings.names.get(&sheet.text_of(at..end).to_lowercase())?;
            self.findings.names.list[id].is_sure.then_some((end, id))
        });
        let known = sheet.name_at(at).map(|(length, name)| (at + length, name));
        match (seen, known) {
            (Some((next, id)), known) if known.is_none_or(|(end, _)| next >= end) => {
                self.push(at..next, Type::Org, Form::Name, Key::Name(id));
                next
            }
            (_, Some((next, name))) => {
                self.push(at..next, name.kind, Form::Name, Key::Known(name));
                next
            }
            _ => match self.title(at) {
                Some((length, title)) => {
                    self.push_title(at..at + length, title);
                    at + length
                }
                None => at + 1,
            },
        }
    }

    fn small_word(&mut self, at: usize, end: usize) -> usize {
        let sheet = self.sheet;
        if let Some((length, title)) = self.title(at) {
            let next = at + length;
            // "an engineer", not "engineering"; "chief of", not "chief among".
            if next <= end {
                self.push_title(at..next, title);
                return next;
            }
        }
        let behind_the = at > 0 && matches!(sheet.slice(at - 1), "the" | "The");
        let pronoun = [Class::He, Class::She, Class::Its];
        let noun = [Class::OrgAnaphor, Class::GpeAnaphor];
        if let Some(class) = pronoun.into_iter().find(|class| sheet.has(at, *class)) {
            let kind = if class == Class::Its { Type::Org } else { Type::Per };
            self.push(at..at + 1, kind, Form::Pronoun, Key::Anaphor(class));
        } else if let Some(class) = noun.into_iter().find(|c| behind_the && sheet.has(at, *c)) {
            let kind = if class == Class::OrgAnaphor { Type::Org } else { Type::Gpe };
            self.push(at..at + 1, kind, Form::Nominal, Key::Anaphor(class));
        } else if sheet.has(at, Class::EventNoun) && is_definite(sheet, at) {
            self.push(at..at + 1, Type::Event, Form::Nominal, Key::Text);
        } else if sheet.has(at, Class::ProductNoun) {
            self.push(at..at + 1, Type::Product, Form::Nominal, Key::Text);
        }
        at + 1
    }

    fn push_title(&mut self, tokens: Range<usize>, title: Title) {
        if title.is_role {
            self.push(tokens.clone(), Type::Role, Form::Name, Key::Text);
        }
        self.findings.titles.push(FoundTitle { tokens, title });
    }

    fn push(&mut self, tokens: Range<usize>, kind: Type, form: Form, key: Key) {
        self.findings.mentions.push(Found { tokens, sentence: self.sentence, kind, form, key });
    }
}

/// An event that the text treats as one: "the summit", "Thursday's vote", "war in".
fn is_definite(sheet: &Sheet<'_>, at: usize) -> bool {
    let before = |word: &str| at > 0 && sheet.is(at - 1, word);
    before("the") || before("The") || before("s") || sheet.is(at + 1, "in")
}

/// What a word at the end of a name says of its type.
pub(super) fn suffix_kind(sheet: &Sheet<'_>, at: usize) -> Option<Type> {
    const SUFFIXES: [(Class, Type); 6] = [
        (Class::OrgSuffix, Type::Org),
        (Class::StateSuffix, Type::Org),
        (Class::FacSuffix, Type::Fac),
        (Class::LocSuffix, Type::Loc),
        (Class::EventSuffix, Type::Event),
        (Class::WorkSuffix, Type::Work),
    ];
    if !sheet.is_capitalised(at) {
        return None;
    }
    SUFFIXES.into_iter().find(|(class, _)| sheet.has(at, *class)).map(|(_, kind)| kind)
}

fn is_in_capitals(text: &str) -> bool {
    !text.chars().any(char::is_lowercase)
}

/// `the Nordic country`: what is a region's, of a region that no list knows.
fn is_adjective(sheet: &Sheet<'_>, start: usize, end: usize) -> bool {
    let word = sheet.slice(start);
    let ending =
        ["ian", "ean", "ese", "ish", "ic", "ern"].iter().any(|ending| word.ends_with(ending));
    let behind_the = start > 0 && sheet.has(start - 1, Class::Determiner);
    end == start + 1 && ending && behind_the && sheet.kind(end) == Some(Kind::Lower)
}

/// What a place says of the type of a name.
fn hints(sheet: &Sheet<'_>, start: usize, end: usize, words: usize) -> Vec<Vote> {
    let mut votes = Vec::new();
    inner_hints(sheet, start, end, words, &mut votes);
    outer_hints(sheet, start, end, words, &mut votes);
    votes
}

/// Hints in the name itself.
fn inner_hints(sheet: &Sheet<'_>, start: usize, end: usize, words: usize, votes: &mut Vec<Vote>) {
    let any = |class: Class| (start..end).any(|at| sheet.has(at, class));
    match suffix_kind(sheet, end - 1) {
        Some(kind) if words > 1 => votes.push((kind, 6.0)),
        Some(Type::Org) => votes.push((Type::Org, 1.0)),
        _ => {}
    }
    let is_of = |at: &usize| sheet.is(*at, "of") || sheet.is(*at, "for");
    if let Some(of) = (start..end).find(is_of) {
        if sheet.has(of - 1, Class::OrgHead) {
            votes.push((Type::Org, 6.0));
        } else if sheet.has(of - 1, Class::GpeHead) {
            votes.push((Type::Gpe, 6.0));
        }
    }
    if words > 1 && sheet.has(start, Class::OrgSuffix) {
        votes.push((Type::Org, 5.0));
    }
    if words > 1 && sheet.has(start, Class::LocPrefix) {
        votes.push((Type::Loc, 3.0));
    }
    if words > 1 && sheet.has(start, Class::GpePrefix) {
        votes.push((Type::Gpe, 2.0));
    }
    let given =
        Classes::of(Class::Male) | Classes::of(Class::Female) | Classes::of(Class::GivenName);
    if words > 1 && sheet.has_any(start, given) {
        votes.push((Type::Per, 4.0));
    }
    if any(Class::Particle) || (start + 1..end).any(|at| sheet.is(at, ".")) {
        votes.push((Type::Per, 2.0));
    }
    if words == 2 || words == 3 {
        votes.push((Type::Per, 1.0));
    }
    let text = sheet.text_of(start..end);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if words == 1 && letters >= 2 && is_in_capitals(text) {
        votes.push((Type::Org, 2.0));
    }
    if sheet.kind(end - 1) == Some(Kind::Number) {
        votes.push((Type::Product, 4.0));
    }
}

/// Hints around the name.
fn outer_hints(sheet: &Sheet<'_>, start: usize, end: usize, words: usize, votes: &mut Vec<Vote>) {
    let before = |distance: usize| start.checked_sub(distance).map_or("", |at| sheet.slice(at));
    let has_before = |distance: usize, class: Class| {
        start.checked_sub(distance).is_some_and(|at| sheet.has(at, class))
    };
    let behind_title = (1..=4)
        .filter_map(|length| start.checked_sub(length))
        .any(|at| sheet.title_at(at).is_some_and(|(length, _)| at + length == start));
    let behind_address =
        has_before(1, Class::Address) || (before(1) == "." && has_before(2, Class::Address));
    if behind_address || (behind_title && suffix_kind(sheet, end - 1).is_none()) {
        votes.push((Type::Per, 5.0));
    }
    if has_before(1, Class::OrgDescription) || (before(1) == "in" && before(2) == "shares") {
        votes.push((Type::Org, 2.0));
    }
    if before(1) == "of" && matches!(before(2), "city" | "town" | "village" | "port" | "island") {
        votes.push((Type::Gpe, 4.0));
    }
    if before(1) == "of" && matches!(before(2), "government" | "parliament" | "people" | "army") {
        votes.push((Type::Gpe, 3.0));
    }
    if has_before(1, Class::PlacePreposition) {
        votes.push((Type::Gpe, 1.5));
    }
    if has_before(1, Class::Determiner) && matches!(before(1), "the" | "The") {
        votes.extend([(Type::Per, -2.0), (Type::Org, 0.5)]);
    }
    if matches!(before(1), "“" | "\"" | "‘") && matches!(sheet.slice(end), "”" | "\"" | "’")
    {
        votes.push((Type::Work, 4.0));
    }
    match sheet.slice(end) {
        "," if is_age(sheet, end + 1) => votes.push((Type::Per, 5.0)),
        "," if matches!(sheet.slice(end + 1), "who" | "whose") => votes.push((Type::Per, 3.0)),
        "," if sheet.has(end + 1, Class::Determiner) => votes.extend(described_as(sheet, end + 2)),
        "," if sheet.name_at(end + 1).is_some_and(|(_, name)| name.sense == Sense::Country) => {
            votes.push((Type::Gpe, 3.0));
        }
        "-" if sheet.is(end + 1, "based") => votes.push((Type::Gpe, 5.0)),
        "who" => votes.push((Type::Per, 2.0)),
        _ if sheet.has(end, Class::Say) && words > 1 => votes.push((Type::Per, 2.0)),
        _ => {}
    }
    if sheet.possessive(end) > 0 && sheet.has(end + 2, Class::StateBody) {
        votes.push((Type::Gpe, 2.0));
    }
}

/// `X, a maker of`, `X, the Dutch engineer`.
fn described_as(sheet: &Sheet<'_>, start: usize) -> Option<Vote> {
    (start..start + 5).take_while(|at| sheet.kind(*at) != Some(Kind::Sign)).find_map(|at| {
        if sheet.has(at, Class::OrgDescription) {
            Some((Type::Org, 4.0))
        } else {
            sheet.title_at(at).map(|_| (Type::Per, 4.0))
        }
    })
}

/// `43,` or `43 .`: an age behind a name.
fn is_age(sheet: &Sheet<'_>, at: usize) -> bool {
    let age = sheet.slice(at);
    let is_number = age.len() == 2 && age.bytes().all(|byte| byte.is_ascii_digit());
    is_number && matches!(sheet.slice(at + 1), "," | "." | ")")
}

/// What a mention that is given can be told by.
pub(super) fn given_key(
    sheet: &Sheet<'_>,
    tokens: Range<usize>,
    kind: Type,
    form: Form,
    names: &mut Names,
) -> Key {
    let known = sheet.name_at(tokens.start);
    let is_thing =
        matches!(kind, Type::Per | Type::Org | Type::Gpe | Type::Loc | Type::Fac | Type::Group);
    match form {
        Form::Pronoun => {
            let class = [Class::He, Class::She, Class::Its];
            let class = class.into_iter().find(|class| sheet.has(tokens.start, *class));
            class.map_or(Key::Alone, Key::Anaphor)
        }
        Form::Nominal => Key::Alone,
        Form::Name if tokens.len() > NAME_TOKENS_MAX => Key::Alone,
        Form::Name if !is_thing => Key::Text,
        Form::Name => match known {
            Some((length, name)) if length == tokens.len() && name.kind == kind => Key::Known(name),
            _ => {
                let words = tokens.clone().filter(|at| sheet.is_capitalised(*at)).count();
                let id = names.add(sheet.text_of(tokens), words);
                // Said, not guessed.
                names.list[id].vote(kind, 1000.0);
                Key::Name(id)
            }
        },
    }
}

// ------------------------------------------------------------------------------------------------
// Values
// ------------------------------------------------------------------------------------------------

/// The value that begins at a token.
fn value_at(sheet: &Sheet<'_>, at: usize, end: usize) -> Option<(Range<usize>, Type)> {
    match sheet.kind(at)? {
        Kind::Sign => currency_first(sheet, at),
        Kind::Number => number(sheet, at).or_else(|| date(sheet, at)),
        Kind::Capitalised | Kind::Lower => date(sheet, at),
        Kind::Break => None,
    }
    .filter(|(tokens, _)| tokens.end <= end)
}

fn currency_first(sheet: &Sheet<'_>, at: usize) -> Option<(Range<usize>, Type)> {
    let is_currency = matches!(sheet.slice(at), "$" | "€" | "£" | "¥" | "₹" | "₽" | "₩" | "₺");
    if !is_currency || sheet.kind(at + 1) != Some(Kind::Number) {
        return None;
    }
    let scale = usize::from(sheet.has(at + 2, Class::Scale));
    Some((at..at + 2 + scale, Type::Money))
}

/// `3.5%`, `2 percent`, `1.9 billion euros`, `640 km`, `5 May`, `42`.
fn number(sheet: &Sheet<'_>, at: usize) -> Option<(Range<usize>, Type)> {
    let mut next = at + 1;
    if sheet.is(next, "%") || sheet.has(next, Class::PercentWord) {
        return Some((at..next + 1, Type::Percent));
    }
    if sheet.is(next, "per") && sheet.is(next + 1, "cent") {
        return Some((at..next + 2, Type::Percent));
    }
    if sheet.has(next, Class::Month) || is_year(sheet, at) {
        return None;
    }
    if sheet.has(next, Class::Scale) {
        next += 1;
    }
    if sheet.has(next, Class::Currency) {
        return Some((at..next + 1, Type::Money));
    }
    if sheet.has(next, Class::Unit) {
        return Some((at..next + 1, Type::Quantity));
    }
    let is_part = sheet.is_joined(at)
        || sheet.is_joined(next) && matches!(sheet.slice(next), "-" | ":" | "/");
    let is_plain =
        sheet.slice(at).bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
    let is_count = is_plain && !is_part && sheet.kind(next) == Some(Kind::Lower);
    is_count.then_some((at..next, Type::Quantity))
}

fn is_year(sheet: &Sheet<'_>, at: usize) -> bool {
    let year = sheet.slice(at).as_bytes();
    matches!(year, [b'1', b'8' | b'9', _, _] | [b'2', b'0', _, _])
        && year.iter().all(u8::is_ascii_digit)
}

fn is_day(sheet: &Sheet<'_>, at: usize) -> bool {
    let day = sheet.slice(at);
    sheet.kind(at) == Some(Kind::Number)
        && day.len() <= 2
        && day.parse().is_ok_and(|day: u8| (1..=31).contains(&day))
}

/// `Thursday`, `May 16, 2024`, `16 May`, `November 2023`, `in 2023`, `last year`, `yesterday`.
fn date(sheet: &Sheet<'_>, at: usize) -> Option<(Range<usize>, Type)> {
    let dated = |end: usize| Some((at..end, Type::Date));
    let with_year = |end: usize| {
        let comma = usize::from(sheet.is(end, ","));
        if is_year(sheet, end + comma) { end + comma + 1 } else { end }
    };
    if sheet.kind(at) == Some(Kind::Number) {
        if is_day(sheet, at) && is_month(sheet, at + 1) {
            return dated(with_year(at + 2));
        }
        let introduced = at > 0 && sheet.has(at - 1, Class::DatePreposition);
        let alone = sheet.kind(at + 1) != Some(Kind::Lower) || introduced;
        return if is_year(sheet, at) && alone && !sheet.is_joined(at) {
            dated(at + 1)
        } else {
            None
        };
    }
    if is_month(sheet, at) {
        let abbreviated = usize::from(sheet.is(at + 1, ".") && is_day(sheet, at + 2));
        let day = at + 1 + abbreviated;
        if is_day(sheet, day) {
            return dated(with_year(day + 1));
        }
        if is_year(sheet, at + 1) {
            return dated(at + 2);
        }
        let introduced =
            at > 0 && (sheet.has(at - 1, Class::DatePreposition) || sheet.has(at - 1, Class::Last));
        // "Its June meeting"; but "may" and "march" are verbs too.
        let is_clear = sheet.slice(at).len() > 3 && !sheet.is(at, "March") && !sheet.is(at, "Sept");
        return if introduced || is_clear { dated(at + 1) } else { None };
    }
    if sheet.is_capitalised(at) && sheet.has(at, Class::Weekday) {
        return dated(at + 1);
    }
    if sheet.has(at, Class::Today) {
        return dated(at + 1);
    }
    let period = sheet.has(at + 1, Class::Period)
        || is_month(sheet, at + 1)
        || sheet.has(at + 1, Class::Weekday);
    if sheet.has(at, Class::Last) && period { dated(at + 2) } else { None }
}

fn is_month(sheet: &Sheet<'_>, at: usize) -> bool {
    sheet.is_capitalised(at) && sheet.has(at, Class::Month)
}
