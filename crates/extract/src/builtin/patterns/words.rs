//! What the extractor knows of words, read from the files in `data/`.

use std::collections::BTreeMap;
use std::ops::{BitOr, BitOrAssign};
use std::sync::LazyLock;

use ere_dataset::text::sha256_hex;
use rustc_hash::FxHashMap;

use crate::lexicon::Lexicon;

/// A type of the newswire ontology, which the patterns were written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Type {
    Per,
    Org,
    Gpe,
    Loc,
    Fac,
    Group,
    Product,
    Event,
    Work,
    Role,
    Date,
    Money,
    Percent,
    Quantity,
}

impl Type {
    pub(super) const ALL: [Type; 14] = [
        Type::Per,
        Type::Org,
        Type::Gpe,
        Type::Loc,
        Type::Fac,
        Type::Group,
        Type::Product,
        Type::Event,
        Type::Work,
        Type::Role,
        Type::Date,
        Type::Money,
        Type::Percent,
        Type::Quantity,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Type::Per => "PER",
            Type::Org => "ORG",
            Type::Gpe => "GPE",
            Type::Loc => "LOC",
            Type::Fac => "FAC",
            Type::Group => "GROUP",
            Type::Product => "PRODUCT",
            Type::Event => "EVENT",
            Type::Work => "WORK",
            Type::Role => "ROLE",
            Type::Date => "DATE",
            Type::Money => "MONEY",
            Type::Percent => "PERCENT",
            Type::Quantity => "QUANTITY",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Type> {
        Type::ALL.into_iter().find(|each| each.name() == name)
    }
}

/// A set of [`Class`]es.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Classes(u64);

impl Classes {
    pub(super) fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u64) != 0
    }

    pub(super) fn has_any(self, other: Classes) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn of(class: Class) -> Classes {
        Classes(1 << class as u64)
    }
}

impl BitOr for Classes {
    type Output = Classes;

    fn bitor(self, other: Classes) -> Classes {
        Classes(self.0 | other.0)
    }
}

impl BitOrAssign for Classes {
    fn bitor_assign(&mut self, other: Classes) {
        self.0 |= other.0;
    }
}

macro_rules! classes {
    ($($name:ident = $file:literal),+ $(,)?) => {
        /// What a word is, in small letters. The names are those of the data files.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Class { $($name),+ }

        impl Class {
            fn from_name(name: &str) -> Option<Class> {
                match name {
                    $($file => Some(Class::$name),)+
                    _ => None,
                }
            }
        }
    };
}

classes! {
    Ordinary = "ordinary",
    Address = "address",
    Male = "m",
    Female = "f",
    GivenName = "-",
    Determiner = "determiner",
    Preposition = "preposition",
    PlacePreposition = "place_preposition",
    Be = "be",
    Copula = "copula",
    He = "he",
    She = "she",
    Its = "its",
    Say = "say",
    Modifier = "modifier",
    Former = "former",
    Particle = "particle",
    Negation = "negation",
    Possible = "possible",
    Planned = "planned",
    Clause = "clause",
    Kin = "kin",
    Last = "last",
    Period = "period",
    Today = "today",
    Month = "month",
    Weekday = "weekday",
    DatePreposition = "date_preposition",
    Currency = "MONEY",
    Unit = "QUANTITY",
    Scale = "SCALE",
    PercentWord = "PERCENT",
    OrgSuffix = "ORG suffix",
    StateSuffix = "STATE suffix",
    FacSuffix = "FAC suffix",
    LocSuffix = "LOC suffix",
    EventSuffix = "EVENT suffix",
    WorkSuffix = "WORK suffix",
    OrgHead = "ORG head",
    LocPrefix = "LOC prefix",
    GpePrefix = "GPE prefix",
    GpeHead = "GPE head",
    OrgAnaphor = "ORG anaphor",
    GpeAnaphor = "GPE anaphor",
    OrgDescription = "ORG description",
    EventNoun = "EVENT noun",
    ProductNoun = "PRODUCT noun",
    StateBody = "STATE body",
}

/// A name that everybody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownName {
    /// Names of the same thing have the same number.
    pub(super) thing: u32,
    pub(super) kind: Type,
    pub(super) sense: Sense,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    Usual,
    /// A country by its name.
    Country,
    /// A country by what is its: Chinese.
    Demonym,
    /// The people of a country: Finns.
    People,
    /// A capital, and the number of its country.
    Capital {
        country: u32,
    },
}

/// An office or occupation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Title {
    /// What the holder is to what the title is tied to.
    pub(super) relation: Option<&'static str>,
    /// Whether it is a ROLE by itself.
    pub(super) is_role: bool,
    /// Whether it is an office of a state: the French president serves France, a French engineer is
    /// from there.
    pub(super) is_office: bool,
}

/// What a verb between two mentions states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verb {
    pub(super) relation: &'static str,
    /// Whether the subject is the head.
    pub(super) forward: bool,
    /// How many tokens the form has, without what must follow it.
    pub(super) form_tokens: u8,
}

pub(super) struct Words {
    /// As written.
    pub(super) names: Lexicon<KnownName>,
    /// In small letters.
    pub(super) titles: Lexicon<Title>,
    /// In small letters.
    pub(super) verbs: Lexicon<Verb>,
    /// In small letters.
    classes: FxHashMap<&'static str, Classes>,
    /// SHA-256 of all files.
    pub(super) sha256: String,
}

/// The words. Read once; the files are part of the program, so they are known to be right.
pub(super) static WORDS: LazyLock<Words> = LazyLock::new(Words::read);

const FILES: [&str; 10] = [
    include_str!("../../../data/countries.tsv"),
    include_str!("../../../data/names.tsv"),
    include_str!("../../../data/titles.tsv"),
    include_str!("../../../data/verbs.tsv"),
    include_str!("../../../data/cues.tsv"),
    include_str!("../../../data/nouns.tsv"),
    include_str!("../../../data/units.tsv"),
    include_str!("../../../data/function_words.tsv"),
    include_str!("../../../data/given_names.tsv"),
    include_str!("../../../data/ordinary.txt"),
];
const ADDRESSES: &str = include_str!("../../../data/forms_of_address.txt");

impl Words {
    pub(super) fn classes(&self, word: &str) -> Classes {
        self.classes.get(word).copied().unwrap_or_default()
    }

    /// Whether a word in small letters is none that we know, given names aside.
    pub(super) fn is_unknown(&self, word: &str) -> bool {
        let given =
            Classes::of(Class::Male) | Classes::of(Class::Female) | Classes::of(Class::GivenName);
        self.classes(word).0 & !given.0 == 0
    }

    fn read() -> Words {
        let [countries, names, titles, verbs, cues, nouns, units, function, given, ordinary] =
            FILES;
        let mut words = Words {
            names: Lexicon::new(),
            titles: Lexicon::new(),
            verbs: Lexicon::new(),
            classes: FxHashMap::default(),
            sha256: sha256_hex((FILES.concat() + ADDRESSES).as_bytes()),
        };
        words.read_names(countries, names);
        for row in rows(titles) {
            let [relation, role, titles] = columns(row);
            let relation = (relation != "-").then_some(relation);
            let title = Title { relation, is_role: role != "-", is_office: role == "office" };
            for phrase in titles.split(';') {
                *words.titles.entry(&phrase.to_lowercase()).expect("a title has tokens") =
                    Some(title);
            }
        }
        for row in rows(verbs) {
            words.read_verb(row);
        }
        for row in rows(cues).chain(rows(nouns)) {
            let [kind, place, list] = columns(row);
            words.add(&format!("{kind} {place}"), list.split(';'));
        }
        for row in rows(units).chain(rows(function)).chain(rows(given)) {
            let [class, list] = columns(row);
            words.add(class, list.split(';'));
        }
        words.add("ordinary", rows(ordinary).flat_map(|line| line.split(' ')));
        words.add("address", rows(ADDRESSES));
        words
    }

    fn add(&mut self, class: &str, list: impl Iterator<Item = &'static str>) {
        let class = Class::from_name(class).expect("the data files name known classes");
        for word in list {
            let word: &'static str = match word.chars().any(char::is_uppercase) {
                true => Box::leak(word.to_lowercase().into_boxed_str()),
                false => word,
            };
            *self.classes.entry(word).or_default() |= Classes::of(class);
        }
    }

    fn read_names(&mut self, countries: &'static str, names: &'static str) {
        let mut known: BTreeMap<&str, KnownName> = BTreeMap::new();
        let mut thing = 0;
        for row in rows(countries) {
            let [country, demonyms, capital] = columns(row);
            let name = |sense| KnownName { thing, kind: Type::Gpe, sense };
            for demonym in demonyms.split(';').filter(|word| !word.is_empty()) {
                let is_people = demonym.ends_with('s') && !demonym.ends_with("ss");
                let people = KnownName { kind: Type::Group, ..name(Sense::People) };
                known.insert(demonym, if is_people { people } else { name(Sense::Demonym) });
            }
            known.extend(country.split(';').map(|word| (word, name(Sense::Country))));
            if !capital.is_empty() {
                let sense = Sense::Capital { country: thing };
                known.entry(capital).or_insert(KnownName { thing: thing + 1, ..name(sense) });
            }
            thing += 2;
        }
        for row in rows(names) {
            let [kind, list] = columns(row);
            let kind = Type::from_name(kind).expect("names.tsv names known types");
            let name = KnownName { thing, kind, sense: Sense::Usual };
            known.extend(list.split(';').map(|word| (word, name)));
            thing += 1;
        }
        for (word, name) in known {
            *self.names.entry(word).expect("a name has tokens") = Some(name);
        }
    }

    fn read_verb(&mut self, row: &'static str) {
        let [relation, direction, forms, tails] = columns(row);
        for form in forms.split(';') {
            let form_tokens = crate::tokens::tokens(form).len() as u8;
            let verb = Verb { relation, forward: direction == ">", form_tokens };
            for tail in tails.split(';') {
                let phrase = if tail == "-" { form.to_owned() } else { format!("{form} {tail}") };
                *self.verbs.entry(&phrase).expect("a verb has tokens") = Some(verb);
            }
        }
    }
}

fn rows(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn columns<const N: usize>(row: &'static str) -> [&'static str; N] {
    let mut columns = row.split('\t');
    let columns = std::array::from_fn(|_| columns.next().unwrap_or_default());
    assert!(row.split('\t').count() <= N, "too many columns: {row:?}");
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    #[test]
    fn the_files_say_what_they_should() {
        let words = Words::read();
        let name = |phrase: &str| {
            let tokens = tokens(phrase);
            words.names.longest(&words.names.words(phrase, &tokens), 0).map(|(_, name)| name)
        };
        let china = name("China").unwrap();
        assert_eq!(name("Chinese").unwrap().thing, china.thing);
        assert_eq!(name("Beijing").unwrap().sense, Sense::Capital { country: china.thing });
        assert_eq!(name("Finns").unwrap().kind, Type::Group);
        assert_eq!(name("Swiss").unwrap().sense, Sense::Demonym);
        assert_eq!(name("U.S.").unwrap().thing, name("United States").unwrap().thing);
        assert_eq!(name("NATO").unwrap().kind, Type::Org);
        assert!(words.classes("ministry").has(Class::StateSuffix));
        assert!(words.classes("ministry").has(Class::StateBody));
        assert!(words.classes("said").has(Class::Say));
    }
}
