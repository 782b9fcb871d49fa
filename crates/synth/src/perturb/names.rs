//! New names for old ones.

use std::collections::BTreeMap;

use ere_dataset::{Document, EntityIdx, Form, Mention, Ontology};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use rustc_hash::{FxHashMap, FxHashSet};

use super::edit::Edits;
use crate::random::{Random, Stream};

/// How often names are drawn anew where a new one happens to be an old one of the document.
const ATTEMPTS: u64 = 16;

/// Replaces all names.
///
/// Words are replaced one by one, the same word always by the same one, so that short forms, nested
/// names and shared family names keep what they have in common. Ordinary words in names (Bank, of)
/// stay unless a name consists of nothing else.
pub(super) fn swap(gold: &Document, random: Random, ontology: &Ontology) -> Document {
    let names: Vec<Name<'_>> = names(gold, ontology);
    let old: FxHashSet<&str> = names.iter().map(|name| name.text).collect();
    let mut document = gold.clone();
    for attempt in 0..ATTEMPTS {
        let words = Words::of(gold, &names, Stream::of(random.child(attempt)));
        document = rename(gold, &names, &words);
        let text = document.text.as_str();
        let is_new = |name: &Name<'_>| {
            let spans = &document.mentions[name.mention].spans;
            spans
                .as_slice()
                .iter()
                .all(|span| span.slice(text).is_none_or(|text| !old.contains(text)))
        };
        if names.iter().all(is_new) {
            break;
        }
    }
    for mention in &mut document.mentions {
        mention.link = None;
    }
    for entity in &mut document.entities {
        entity.links.clear();
    }
    document
}

/// A name in its text: one part of a mention.
struct Name<'a> {
    mention: usize,
    entity: Option<EntityIdx>,
    kind: Kind,
    start: usize,
    text: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Place,
    Person,
    Other,
}

fn names<'a>(gold: &'a Document, ontology: &Ontology) -> Vec<Name<'a>> {
    let mut names = Vec::new();
    for (position, mention) in gold.mentions.iter().enumerate() {
        let Some(kind) = kind(mention, ontology) else { continue };
        for span in mention.spans.as_slice() {
            let text = span.slice(gold.text.as_str()).expect("gold lies in its text");
            let start = span.start() as usize;
            names.push(Name { mention: position, entity: mention.entity, kind, start, text });
        }
    }
    names
}

/// Values and offices are no names that one could remember.
fn kind(mention: &Mention, ontology: &Ontology) -> Option<Kind> {
    let declared = ontology.entity(mention.label)?;
    if declared.is_value
        || declared.name == "ROLE"
        || !matches!(mention.form, None | Some(Form::Name))
    {
        return None;
    }
    Some(match declared.name.as_str() {
        "GPE" => Kind::Place,
        "PER" => Kind::Person,
        _ => Kind::Other,
    })
}

/// A run of letters and digits in a name.
#[derive(Clone, Copy)]
struct Token<'a> {
    start: usize,
    text: &'a str,
}

fn tokens<'a>(name: &Name<'a>) -> Vec<Token<'a>> {
    let is_part =
        |c: char| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    let words = name.text.split(|c: char| !is_part(c)).filter(|word| !word.is_empty());
    let start = |word: &str| name.start + (word.as_ptr() as usize - name.text.as_ptr() as usize);
    let all: Vec<Token<'a>> = words.map(|text| Token { start: start(text), text }).collect();
    // The s of a possessive stays.
    let is_possessive = |token: &Token<'_>| {
        matches!(token.text, "s" | "S")
            && name.text[..token.start - name.start].ends_with(['\'', '’'])
    };
    all.into_iter().filter(|token| !is_possessive(token)).collect()
}

fn rename(gold: &Document, names: &[Name<'_>], words: &Words) -> Document {
    let mut changes: BTreeMap<usize, (usize, String)> = BTreeMap::new();
    for token in names.iter().flat_map(tokens) {
        if let Some(new) = words.new.get(&token.text.to_lowercase()) {
            let new = like(token.text, new);
            changes.insert(token.start, (token.start + token.text.len(), new));
        }
    }
    let mut edits = Edits::default();
    let mut last = 0;
    for (start, (end, text)) in changes {
        // Parts of tokens that overlap in a strange way are left alone.
        if start >= last {
            edits.push(start, end, &text);
            last = end;
        }
    }
    edits.apply(gold)
}

/// The new word in capitals or small letters as the old one is.
fn like(old: &str, new: &str) -> String {
    let is_capital = old.chars().count() > 1 && !old.chars().any(char::is_lowercase);
    if is_capital && old.chars().any(char::is_uppercase) {
        new.to_uppercase()
    } else if old.chars().next().is_some_and(char::is_lowercase) {
        new.to_lowercase()
    } else {
        new.to_owned()
    }
}

/// What each word of the old names, in small letters, becomes.
struct Words {
    new: FxHashMap<String, String>,
    /// Words, in small letters, that no new one may be.
    taken: FxHashSet<String>,
    stream: Stream,
    lists: Lists,
}

impl Words {
    fn of(gold: &Document, names: &[Name<'_>], stream: Stream) -> Words {
        let is_part = |c: char| c.is_alphanumeric();
        let text = gold.text.as_str().split(|c: char| !is_part(c));
        let taken = text.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        let mut words = Words { new: FxHashMap::default(), taken, stream, lists: Lists::new() };
        words.places(names);
        words.persons(gold, names);
        words.others(names);
        words.acronyms(names);
        words.leave_none(names);
        words
    }

    fn assign(&mut self, old: &str, draw: impl Fn(&mut Stream, &Lists) -> String) {
        const DRAWS: usize = 64;
        let key = old.to_lowercase();
        if self.new.contains_key(&key) {
            return;
        }
        for _ in 0..DRAWS {
            let new = draw(&mut self.stream, &self.lists);
            if self.taken.insert(new.to_lowercase()) {
                self.new.insert(key, new);
                return;
            }
        }
    }

    /// A country gets a country, with the word for its people; what else it goes by, and a city, gets
    /// the name of a town.
    fn places(&mut self, names: &[Name<'_>]) {
        let mut entities: BTreeMap<Option<EntityIdx>, Vec<Token<'_>>> = BTreeMap::new();
        for name in names.iter().filter(|name| name.kind == Kind::Place) {
            entities.entry(name.entity).or_default().extend(tokens(name));
        }
        for all in entities.into_values() {
            let is_short = |word: &str| is_acronym(word) && word.chars().count() <= 3;
            let plain = all.iter().map(|token| token.text);
            let plain: Vec<&str> = plain.filter(|t| is_plain(t) && !is_short(t)).collect();
            let is_people = |word: &&&str| is_demonym(word, &plain);
            let people: Vec<&str> = plain.iter().filter(is_people).copied().collect();
            let (mut country, mut demonym) = (None, None);
            if !people.is_empty() {
                let (name, adjective) = self.country();
                (country, demonym) = (Some(name), Some(adjective));
            }
            for word in plain {
                let given = if people.contains(&word) { demonym.clone() } else { country.take() };
                match given {
                    Some(new) => {
                        self.new.entry(word.to_lowercase()).or_insert(new);
                    }
                    None => self.assign(word, town),
                }
            }
        }
    }

    fn country(&mut self) -> (String, String) {
        let entries = &self.lists.countries;
        for _ in 0..64 {
            let (name, people) = entries.choose(&mut self.stream).expect("countries are listed");
            if self.taken.insert(name.to_lowercase()) {
                self.taken.insert(people.to_lowercase());
                return (name.clone(), people.clone());
            }
        }
        let name = town(&mut self.stream, &self.lists);
        let people = format!("{name}ian");
        (name, people)
    }

    /// The last word of a longer name is the family name; given names follow the pronouns.
    fn persons(&mut self, gold: &Document, names: &[Name<'_>]) {
        let women = pronouns(gold, &["she", "her", "hers"]);
        let men = pronouns(gold, &["he", "his", "him"]);
        let mut people: Vec<&Name<'_>> =
            names.iter().filter(|name| name.kind == Kind::Person).collect();
        people.sort_by_key(|name| std::cmp::Reverse(tokens(name).len()));
        for name in people {
            let all: Vec<Token<'_>> =
                tokens(name).into_iter().filter(|t| is_plain(t.text)).collect();
            let Some((last, given)) = all.split_last() else { continue };
            self.assign(last.text, |stream, lists| pick(stream, &lists.family).to_owned());
            let (is_woman, is_man) = (
                name.entity.is_some_and(|e| women.contains(&e)),
                name.entity.is_some_and(|e| men.contains(&e)),
            );
            for token in given {
                self.assign(token.text, |stream, lists| {
                    let from_women = is_woman || (!is_man && stream.random_bool(0.5));
                    pick(stream, if from_women { &lists.women } else { &lists.men }).to_owned()
                });
            }
        }
    }

    fn others(&mut self, names: &[Name<'_>]) {
        for name in names.iter().filter(|name| name.kind == Kind::Other) {
            for token in tokens(name) {
                if !is_plain(token.text) || is_acronym(token.text) {
                    continue;
                }
                if let Some(people) = self.people(token.text) {
                    self.new.insert(token.text.to_lowercase(), people);
                } else {
                    self.assign(token.text, coined);
                }
            }
        }
    }

    /// The plural of a word for people that is known already: Finns, if Finnish is.
    fn people(&self, word: &str) -> Option<String> {
        let singular = word.strip_suffix('s')?.to_lowercase();
        let new = self.new.get(&singular)?;
        Some(if new.ends_with('s') { new.clone() } else { format!("{new}s") })
    }

    /// Initials of a longer name of the same entity follow that name; others are drawn.
    fn acronyms(&mut self, names: &[Name<'_>]) {
        for name in names {
            for token in tokens(name).into_iter().filter(|token| is_acronym(token.text)) {
                if self.new.contains_key(&token.text.to_lowercase()) {
                    continue;
                }
                let of_entity = names
                    .iter()
                    .filter(|other| name.entity.is_some() && other.entity == name.entity);
                let spelled = of_entity.map(tokens).find(|all| initials(all) == token.text);
                let new = spelled.map(|all| {
                    let letter = |token: &Token<'_>| {
                        let new = self.new.get(&token.text.to_lowercase());
                        new.map_or(token.text, String::as_str).chars().next().unwrap_or('X')
                    };
                    let capital = all.iter().filter(|t| starts_with_capital(t.text));
                    capital.map(letter).flat_map(char::to_uppercase).collect::<String>()
                });
                match new {
                    Some(new) if self.taken.insert(new.to_lowercase()) => {
                        self.new.insert(token.text.to_lowercase(), new);
                    }
                    _ => {
                        let length = token.text.chars().count();
                        self.assign(token.text, |stream, _| letters(stream, length));
                    }
                }
            }
        }
    }

    /// A name in which nothing would change gets another longest word.
    fn leave_none(&mut self, names: &[Name<'_>]) {
        for name in names {
            let all = tokens(name);
            if all.iter().any(|token| self.new.contains_key(&token.text.to_lowercase())) {
                continue;
            }
            let Some(longest) = all.iter().max_by_key(|token| token.text.len()) else { continue };
            let length = longest.text.chars().count();
            if longest.text.chars().all(|c| c.is_ascii_digit()) {
                self.assign(longest.text, |stream, _| digits(stream, length));
            } else if length == 1 {
                for token in &all {
                    self.assign(token.text, |stream, _| letters(stream, 1));
                    let other = if token.text == "Q" { "Z" } else { "Q" };
                    let key = token.text.to_lowercase();
                    self.new.entry(key).or_insert_with(|| other.to_owned());
                }
            } else {
                self.assign(longest.text, coined);
            }
        }
    }
}

/// The entities that one of these pronouns refers to.
fn pronouns(gold: &Document, forms: &[&str]) -> FxHashSet<EntityIdx> {
    let text = gold.text.as_str();
    let is_one = |mention: &&Mention| {
        let words = mention.spans.first().slice(text).unwrap_or_default();
        mention.form == Some(Form::Pronoun) && forms.contains(&words.to_lowercase().as_str())
    };
    gold.mentions.iter().filter(is_one).filter_map(|mention| mention.entity).collect()
}

fn starts_with_capital(word: &str) -> bool {
    word.chars().next().is_some_and(|c| !c.is_lowercase() && c.is_alphabetic())
}

/// A word that is a name, and not an ordinary word, an initial or a number.
fn is_plain(word: &str) -> bool {
    word.chars().count() > 1 && starts_with_capital(word) && !is_ordinary(word)
}

fn is_ordinary(word: &str) -> bool {
    let words = include_str!("../../data/ordinary.txt").lines();
    let words = words.filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    let lower = word.to_lowercase();
    words.into_iter().any(|known| known == lower)
}

fn is_acronym(word: &str) -> bool {
    (2..=6).contains(&word.chars().count()) && word.chars().all(char::is_uppercase)
}

fn initials(all: &[Token<'_>]) -> String {
    let capital = all.iter().filter(|token| starts_with_capital(token.text));
    if all.len() < 2 {
        return String::new();
    }
    capital.filter_map(|token| token.text.chars().next()).collect()
}

/// Whether a word for a place is that for its people: it is known as one, or it continues the stem of
/// another name of the place.
fn is_demonym(word: &str, names: &[&str]) -> bool {
    const ENDINGS: [&str; 12] =
        ["ese", "ish", "ian", "ean", "an", "ic", "ch", "er", "i", "ois", "ans", "s"];
    let known = include_str!("../../data/peoples.txt").lines();
    let known = known.filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    let lower = word.to_lowercase();
    if known.into_iter().any(|people| people == lower) {
        return true;
    }
    let continues = |name: &&str| {
        let name = name.to_lowercase();
        let stem: String =
            name.chars().take(name.chars().count().saturating_sub(2).max(3)).collect();
        name != lower && lower.chars().count() >= name.chars().count() && lower.starts_with(&stem)
    };
    ENDINGS.iter().any(|ending| lower.ends_with(ending)) && names.iter().any(continues)
}

// -------------------------------------------------------------------------------------------------
// New words
// -------------------------------------------------------------------------------------------------

/// The word lists of the synthetic corpora that new names are drawn from.
struct Lists {
    women: Vec<&'static str>,
    men: Vec<&'static str>,
    family: Vec<&'static str>,
    beginnings: Vec<&'static str>,
    ends: Vec<&'static str>,
    town_beginnings: Vec<&'static str>,
    town_ends: Vec<&'static str>,
    countries: Vec<(String, String)>,
}

impl Lists {
    fn new() -> Lists {
        let countries = list("country").into_iter().filter_map(|entry| entry.split_once('|'));
        let one_word = |name: &str| !name.contains(' ');
        let countries = countries.filter(|(name, _)| one_word(name));
        Lists {
            women: [list("western women"), list("southern women"), list("women")].concat(),
            men: [list("western men"), list("southern men"), list("men")].concat(),
            family: [list("western last"), list("southern last"), list("last")]
                .concat()
                .into_iter()
                .filter(|name| name.chars().all(char::is_alphabetic))
                .collect(),
            beginnings: list("first syllables"),
            ends: list("last syllables"),
            town_beginnings: list("town beginning"),
            town_ends: list("town end"),
            countries: countries
                .map(|(name, people)| (name.to_owned(), people.to_owned()))
                .collect(),
        }
    }
}

/// The entries of a list in the word files.
fn list(name: &str) -> Vec<&'static str> {
    const FILES: [&str; 2] =
        [include_str!("../../data/words.txt"), include_str!("../../data/newswire/words.txt")];
    let lines = FILES.iter().flat_map(|file| file.lines());
    let begins = |line: &&str| line.strip_prefix("words ") != Some(name);
    let block = lines.skip_while(begins).skip(1);
    let block = block.take_while(|line| !line.starts_with("words ") && !line.starts_with("class "));
    let entries = block.filter(|line| !line.starts_with('#')).flat_map(|line| line.split(';'));
    entries.map(str::trim).filter(|entry| !entry.is_empty()).collect()
}

fn pick<'a>(stream: &mut Stream, list: &[&'a str]) -> &'a str {
    list.choose(stream).expect("no list is empty")
}

fn coined(stream: &mut Stream, lists: &Lists) -> String {
    format!("{}{}", pick(stream, &lists.beginnings), pick(stream, &lists.ends))
}

fn town(stream: &mut Stream, lists: &Lists) -> String {
    format!("{}{}", pick(stream, &lists.town_beginnings), pick(stream, &lists.town_ends))
}

fn letters(stream: &mut Stream, count: usize) -> String {
    (0..count).map(|_| char::from(stream.random_range(b'A'..=b'Z'))).collect()
}

fn digits(stream: &mut Stream, count: usize) -> String {
    (0..count).map(|_| char::from(stream.random_range(b'1'..=b'9'))).collect()
}
