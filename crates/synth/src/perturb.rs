//! Changes of a text that leave its meaning, with gold carried along: the same mentions, entities and
//! relations, in their new places.

mod characters;
mod edit;
mod names;
mod page;

use std::fmt;
use std::str::FromStr;

use ere_dataset::{Document, Ontology};

use crate::error::{Error, ErrorKind};
use crate::random::{Random, Stream};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal,)+) => {
        /// A kind of change.
        ///
        /// ```
        /// use ere_synth::perturb::Perturbation;
        /// let kind: Perturbation = "name-swap".parse()?;
        /// assert_eq!(kind.to_string(), "name-swap");
        /// # Ok::<(), ere_synth::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Perturbation {
            $($(#[$doc])* $kind,)+
        }

        impl Perturbation {
            /// All kinds.
            pub const ALL: [Perturbation; [$($name),+].len()] = [$(Perturbation::$kind),+];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Perturbation::$kind => $name,)+
                }
            }
        }
    };
}

kinds! {
    /// Every name is replaced by an invented one of the same type, wherever the document has it: the
    /// same new name for the same old one, with short forms, possessives, words for the people of a
    /// country and acronyms. Values and offices stay; links to knowledge bases are dropped.
    NameSwap "name-swap",
    /// All letters are capital.
    CaseUpper "case-upper",
    /// All letters are small.
    CaseLower "case-lower",
    /// Each word begins with a capital letter, and goes on with small ones.
    CaseTitle "case-title",
    /// Characters are misread: one in forty of those that are easily confused.
    Ocr "ocr",
    /// Words are mistyped: one in twenty of those of four letters or more.
    Typo "typo",
    /// Straight quotes, dashes and dots become typographic ones, and the other way round.
    Typography "typography",
    /// What a scraped page leaves between paragraphs (as boilerplate), and spaces that do not break.
    ScrapedNoise "scraped-noise",
    /// Sentences stand in another order within their zone.
    SentenceOrder "sentence-order",
    /// Characters in their composed normal form (NFC).
    Nfc "nfc",
    /// Characters in their decomposed normal form (NFD).
    Nfd "nfd",
}

impl fmt::Display for Perturbation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Perturbation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Perturbation, Error> {
        let known = || Perturbation::ALL.into_iter();
        known().find(|kind| kind.name() == text).ok_or_else(|| {
            let known = known().map(Perturbation::name).collect();
            ErrorKind::UnknownPerturbation { found: text.to_owned(), known }.into()
        })
    }
}

/// The document after a change. Valid gold becomes valid gold: with the same id, and as many mentions,
/// entities and relations, each where it was in its list.
///
/// It depends on the arguments alone. Linear in the document's size but for sorting.
pub fn perturb(gold: &Document, kind: Perturbation, seed: u64, ontology: &Ontology) -> Document {
    let random = Random::of_document(seed, &gold.id).child(kind as u64);
    let mut stream = Stream::of(random);
    match kind {
        Perturbation::NameSwap => names::swap(gold, random, ontology),
        Perturbation::CaseUpper => characters::upper(gold),
        Perturbation::CaseLower => characters::lower(gold),
        Perturbation::CaseTitle => characters::title(gold),
        Perturbation::Ocr => characters::misread(gold, &mut stream),
        Perturbation::Typo => characters::mistype(gold, &mut stream),
        Perturbation::Typography => characters::typography(gold),
        Perturbation::ScrapedNoise => page::add_noise(gold, &mut stream),
        Perturbation::SentenceOrder => page::reorder(gold, &mut stream),
        Perturbation::Nfc => characters::compose(gold),
        Perturbation::Nfd => characters::decompose(gold),
    }
}
