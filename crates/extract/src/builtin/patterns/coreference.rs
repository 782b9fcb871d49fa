//! Which mentions name the same thing. Only what is safe: equal names, a surname for a full name, the
//! first word of a company for all of it, letters for words, what is a country's for the country;
//! and pronouns and "the company" where only one thing can be meant.

use ere_dataset::Form;
use rustc_hash::FxHashMap;

use super::mentions::{Findings, Found, Key, Name, Names};
use super::sheet::Sheet;
use super::words::{Class, KnownName, Sense, Type, WORDS};
use crate::tokens::Kind;

/// Mentions with their final types, and the entity of each.
pub(super) struct Resolved {
    pub(super) mentions: Vec<Found>,
    pub(super) entity_of: Vec<Option<u32>>,
    /// The type of each entity.
    pub(super) kinds: Vec<Type>,
}

impl Resolved {
    /// Takes entities of other types away. Their mentions stay, as mentions of nothing.
    pub(super) fn retain_types(&mut self, keep: impl Fn(Type) -> bool) {
        let mut number = 0;
        let renumber = self.kinds.iter().map(|kind| {
            number += u32::from(keep(*kind));
            keep(*kind).then(|| number - 1)
        });
        let renumber: Vec<Option<u32>> = renumber.collect();
        for entity in &mut self.entity_of {
            *entity = entity.and_then(|entity| renumber[entity as usize]);
        }
        self.kinds.retain(|kind| keep(*kind));
    }
}

/// How many mentions back a pronoun looks.
const LOOK_BACK: usize = 48;

pub(super) fn resolve(sheet: &Sheet<'_>, findings: &mut Findings) -> Resolved {
    let names = resolve_names(&mut findings.names);
    let mut resolver = Resolver {
        sheet,
        entities: FxHashMap::default(),
        resolved: Resolved { mentions: Vec::new(), entity_of: Vec::new(), kinds: Vec::new() },
        genders: Vec::new(),
        countries: Vec::new(),
    };
    for mut mention in std::mem::take(&mut findings.mentions) {
        let entity = match mention.key {
            Key::Name(id) => {
                let (same, kind) = names[id];
                mention.kind = kind;
                let entity = resolver.entity(Identity::Name(same), kind);
                // A place that has a word of its own for what is its: Quessa, Quessan.
                resolver.countries[entity as usize] |= kind == Type::Gpe && same != id;
                resolver.note_gender(&mention, entity);
                Some(entity)
            }
            Key::Known(name) => Some(resolver.known(&mention, name)),
            Key::Text => {
                let text = sheet.text_of(mention.tokens.clone()).to_lowercase();
                Some(resolver.entity(Identity::Text(mention.kind, text), mention.kind))
            }
            Key::Alone => Some(resolver.alone(mention.kind)),
            Key::Anaphor(class) => {
                let entity = resolver.antecedent(&mention, class);
                if let Some(entity) = entity {
                    mention.kind = resolver.resolved.kinds[entity as usize];
                }
                entity
            }
        };
        resolver.resolved.mentions.push(mention);
        resolver.resolved.entity_of.push(entity);
    }
    resolver.resolved
}

/// What two mentions of one entity have in common.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Known(u32),
    Name(usize),
    Text(Type, String),
}

struct Resolver<'a> {
    sheet: &'a Sheet<'a>,
    entities: FxHashMap<Identity, u32>,
    resolved: Resolved,
    /// The class of pronoun that an entity takes, where its given name tells.
    genders: Vec<Option<Class>>,
    /// Whether an entity is known to be a country.
    countries: Vec<bool>,
}

impl Resolver<'_> {
    fn entity(&mut self, identity: Identity, kind: Type) -> u32 {
        let next = self.resolved.kinds.len() as u32;
        let entity = *self.entities.entry(identity).or_insert(next);
        if entity == next { self.alone(kind) } else { entity }
    }

    fn alone(&mut self, kind: Type) -> u32 {
        self.resolved.kinds.push(kind);
        self.genders.push(None);
        self.countries.push(false);
        self.resolved.kinds.len() as u32 - 1
    }

    fn known(&mut self, mention: &Found, name: KnownName) -> u32 {
        let thing = match name.sense {
            Sense::Capital { country } if self.stands_for_government(mention) => country,
            _ => name.thing,
        };
        match name.sense {
            Sense::People => {
                let text = self.sheet.text_of(mention.tokens.clone()).to_lowercase();
                self.entity(Identity::Text(Type::Group, text), Type::Group)
            }
            sense => {
                let entity = self.entity(Identity::Known(thing), name.kind);
                self.countries[entity as usize] |= matches!(sense, Sense::Country | Sense::Demonym);
                entity
            }
        }
    }

    /// A capital that says, does or has something: it stands before a verb or a possessive, and
    /// nothing says that it is a place.
    fn stands_for_government(&self, mention: &Found) -> bool {
        let (sheet, start, end) = (self.sheet, mention.tokens.start, mention.tokens.end);
        let governed = start > 0 && sheet.has(start - 1, Class::Preposition);
        let acts = sheet.kind(end) == Some(Kind::Lower) || sheet.possessive(end) > 0;
        acts && !governed
    }

    fn note_gender(&mut self, mention: &Found, entity: u32) {
        if mention.kind != Type::Per {
            return;
        }
        let (sheet, at) = (self.sheet, mention.tokens.start);
        let addressed = |word: &str| (1..=2).any(|back| at >= back && sheet.is(at - back, word));
        let gender = if sheet.has(at, Class::Male) || addressed("Mr") {
            Some(Class::He)
        } else if sheet.has(at, Class::Female) || addressed("Mrs") || addressed("Ms") {
            Some(Class::She)
        } else {
            None
        };
        let known = &mut self.genders[entity as usize];
        *known = known.or(gender);
    }

    /// The one thing that can be meant: in this sentence, else in this and the one before.
    fn antecedent(&self, mention: &Found, class: Class) -> Option<u32> {
        let wanted = |entity: u32| {
            let kind = self.resolved.kinds[entity as usize];
            match class {
                Class::He | Class::She => {
                    let gender = self.genders[entity as usize];
                    kind == Type::Per && gender.is_none_or(|gender| gender == class)
                }
                Class::OrgAnaphor => kind == Type::Org,
                Class::GpeAnaphor => self.countries[entity as usize],
                _ => matches!(kind, Type::Org | Type::Gpe),
            }
        };
        // "Its" is the subject of its own sentence; the others may look further back.
        let distances: &[usize] = match class {
            Class::Its => &[0],
            Class::OrgAnaphor | Class::GpeAnaphor => &[1, 2],
            _ => &[0, 1],
        };
        distances.iter().find_map(|distance| {
            let first = mention.sentence.saturating_sub(*distance);
            self.only_one(first, wanted)
        })
    }

    /// The only wanted entity that is mentioned from a sentence on. Two are none.
    fn only_one(&self, first_sentence: usize, wanted: impl Fn(u32) -> bool) -> Option<u32> {
        let earlier = self.resolved.mentions.iter().zip(&self.resolved.entity_of).rev();
        let near = earlier
            .take(LOOK_BACK)
            .take_while(|(mention, _)| mention.sentence >= first_sentence)
            .filter(|(mention, _)| mention.form != Form::Nominal && !is_demonym(mention))
            .filter_map(|(_, entity)| *entity)
            .filter(|entity| wanted(*entity));
        let mut found = None;
        for entity in near {
            match found {
                None => found = Some(entity),
                Some(known) if known == entity => {}
                Some(_) => return None,
            }
        }
        found
    }
}

/// "The Austrian group … its": not Austria's.
fn is_demonym(mention: &Found) -> bool {
    matches!(mention.key, Key::Known(name) if name.sense == Sense::Demonym)
}

// ------------------------------------------------------------------------------------------------
// Names
// ------------------------------------------------------------------------------------------------

/// For each name: the name that it stands for, and the type.
fn resolve_names(names: &mut Names) -> Vec<(usize, Type)> {
    let countries: Vec<Option<usize>> =
        (0..names.list.len()).map(|id| country_of(names, id)).collect();
    for country in countries.iter().flatten() {
        names.list[*country].vote(Type::Gpe, 2.5);
    }
    for id in 0..names.list.len() {
        if is_called_by_first_word(names, id) {
            names.list[id].vote(Type::Org, 3.0);
        }
    }
    let kinds: Vec<Type> = names.list.iter().map(Name::kind).collect();
    let long = |kind: Type| {
        let of_kind = |(id, name): &(usize, &Name)| kinds[*id] == kind && name.words > 1;
        names.list.iter().enumerate().filter(of_kind).collect::<Vec<_>>()
    };
    let mut surnames = Shorthand::default();
    let mut given_names = Shorthand::default();
    for (id, name) in long(Type::Per) {
        let parts: Vec<(usize, &str)> = parts(&name.key).collect();
        for (at, _) in &parts[1..] {
            surnames.add(&name.key[*at..], id);
        }
        given_names.add(parts[0].1, id);
    }
    let mut openings = Shorthand::default();
    let mut endings = Shorthand::default();
    let mut initials = Shorthand::default();
    for (id, name) in long(Type::Org) {
        for (at, part) in parts(&name.key) {
            openings.add(&name.key[..at + part.len()], id);
        }
        if let Some((_, last)) = parts(&name.key).last() {
            endings.add(last, id);
        }
        initials.add_owned(initials_of(&name.text), id);
    }
    let whole = |id: usize| -> (usize, Type) {
        let name = &names.list[id];
        let (per, org) = (name.votes_for(Type::Per), name.votes_for(Type::Org));
        let gpe = name.votes_for(Type::Gpe);
        if let Some(country) = countries[id].filter(|country| kinds[*country] == Type::Gpe) {
            return (country, Type::Gpe);
        }
        if let Some(full) = surnames.only(&name.key).filter(|_| org < 4.0 && gpe < 4.0) {
            return (full, Type::Per);
        }
        if name.words == 1
            && let Some(full) = openings.only(&name.key).filter(|_| per < 4.0)
        {
            return (full, Type::Org);
        }
        // "The Pact", "the Board".
        if WORDS.classes(&name.key).has(Class::OrgSuffix)
            && let Some(full) = endings.only(&name.key)
        {
            return (full, Type::Org);
        }
        if let Some(full) = initials.only(&name.text) {
            return (full, Type::Org);
        }
        if name.words == 1
            && let Some(full) = given_names.only(&name.key).filter(|_| org < 1.0)
        {
            return (full, Type::Per);
        }
        (id, kinds[id])
    };
    (0..names.list.len()).map(whole).collect()
}

/// A company is called by its first word, a person by the last.
fn is_called_by_first_word(names: &Names, id: usize) -> bool {
    let name = &names.list[id];
    let mut parts = name.key.split(' ');
    match (parts.next(), parts.next_back()) {
        (Some(first), Some(last)) => {
            name.votes_for(Type::Per) < 4.0
                && names.get(first).is_some()
                && names.get(last).is_none()
        }
        _ => false,
    }
}

/// The words of a name, each with where it begins.
fn parts(key: &str) -> impl Iterator<Item = (usize, &str)> {
    key.split(' ')
        .filter(|part| !part.is_empty())
        .map(|part| (part.as_ptr() as usize - key.as_ptr() as usize, part))
}

/// The name of the place whose word this may be: Quessan, Quessa; Morvenian, Morvenia.
fn country_of(names: &Names, id: usize) -> Option<usize> {
    let word = &names.list[id];
    let formal = ["republic of ", "kingdom of ", "city of ", "state of "];
    if let Some(short) = formal.iter().find_map(|formal| word.key.strip_prefix(formal)) {
        return names.get(short);
    }
    if word.words != 1 || word.votes_for(Type::Per) >= 4.0 {
        return None;
    }
    let key = word.key.as_str();
    let stems = ["n", "an", "ian", "ese", "i"].into_iter().filter_map(|end| key.strip_suffix(end));
    let longer = key.ends_with("an").then(|| format!("{key}ia"));
    stems
        .filter(|stem| stem.len() >= 4)
        .find_map(|stem| names.get(stem))
        .or_else(|| names.get(&longer?))
        .filter(|place| names.list[*place].votes_for(Type::Per) < 4.0)
}

/// The capitals that begin the words of a name: those of Southern Isles Economic Community.
fn initials_of(text: &str) -> String {
    text.split([' ', '-'])
        .filter_map(|word| word.chars().next())
        .filter(|c| c.is_uppercase())
        .collect()
}

/// Short forms of long names. A short form of two names stands for neither.
#[derive(Default)]
struct Shorthand {
    full: FxHashMap<String, Option<usize>>,
}

impl Shorthand {
    fn add(&mut self, short: &str, full: usize) {
        self.add_owned(short.to_owned(), full);
    }

    fn add_owned(&mut self, short: String, full: usize) {
        let known = self.full.entry(short).or_insert(Some(full));
        if *known != Some(full) {
            *known = None;
        }
    }

    fn only(&self, short: &str) -> Option<usize> {
        self.full.get(short).copied().flatten()
    }
}
