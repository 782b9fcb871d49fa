//! The field's reference scorers, each under its own name: the same counts from the same lists.
//!
//! Here a scorer is reproduced with its habits, also the bad ones, so that published numbers can be
//! checked. None of these rules is a default of this crate. The functions read the raw lists of a
//! document, before canonicalisation, and return additive counts; ratios come from their sums.
//!
//! Mentions: [`seqeval`] (tag sequences), [`spacy`], [`semeval13`], [`nervaluate`],
//! [`neleval`] (with links).
//! Relations: [`spert`], [`sincere`], [`pure`], [`casrel`], [`tplinker`], [`docred`], [`dwie`].
//! Coreference: [`conll_coref`] (the CoNLL shared tasks), [`coval`], [`corefud`].
//! Labels of given pairs: [`tacred`], [`semeval2010`].
//!
//! What a scorer measures is a [`Measure`], the view of a built-in protocol
//! ([`View::Reference`](crate::View::Reference)): one table says its name, its definition, the layer that
//! it needs and the properties that it does not have. Native documents become a scorer's input by
//! rules of their own: [`tags`] (tag sequences), [`pairs`] (labels of pairs), [`dwie::with_concepts`],
//! [`docred::learn`] (the facts of a train set).

mod by_type;
pub mod casrel;
pub mod conll_coref;
pub mod corefud;
pub mod coval;
pub mod docred;
pub mod dwie;
mod measure;
pub mod neleval;
pub mod nervaluate;
pub mod pairs;
pub mod pure;
mod ratios;
mod scorers;
pub mod semeval13;
pub mod semeval2010;
pub mod seqeval;
mod sets;
pub mod sincere;
pub mod spacy;
pub mod spert;
pub mod tacred;
pub mod tags;
pub mod tplinker;

pub use crate::coreference::Singletons;
pub use crate::coreference::blanc::Links;
pub(crate) use measure::Credit;
pub use measure::{Family, Measure};
pub use ratios::Ratios;
pub(crate) use scorers::{Rows, Scorers};
pub use sets::{SetTallies, TypeTallies};

use std::borrow::Cow;

use ere_dataset::{Document, Spans};

/// The text of a mention; the pieces of a discontinuous one are joined by a space.
fn surface<'a>(document: &'a Document, spans: &Spans) -> Cow<'a, str> {
    let text = document.text.as_str();
    match spans.as_slice() {
        [span] => Cow::Borrowed(span.slice(text).unwrap_or_default()),
        spans => {
            let pieces: Vec<&str> =
                spans.iter().map(|span| span.slice(text).unwrap_or_default()).collect();
            Cow::Owned(pieces.join(" "))
        }
    }
}

/// What stands before the first space.
fn first_word(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.split(' ').next().unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.split(' ').next().unwrap_or_default().to_owned()),
    }
}

#[cfg(test)]
mod testing {
    //! Small documents for the tests of the scorers.

    use ere_dataset::{
        Document, Entity, EntityIdx, Evidence, Mention, MentionIdx, MentionRelation, Relation,
        SentenceIdx, Span, Text, Vocabulary,
    };

    /// Builds a document, item by item, over one text and with the types of [`LABELS`], which have the
    /// same labels in all documents.
    pub(super) struct Builder {
        document: Document,
        vocabulary: Vocabulary,
    }

    const LABELS: [&str; 4] = ["PER", "ORG", "knows", "runs"];

    impl Default for Builder {
        fn default() -> Builder {
            let vocabulary = Vocabulary::default();
            LABELS.iter().for_each(|label| {
                vocabulary.intern(label);
            });
            let text = Text::new("Ann Lee and Ann Roe run Acme of Rome.");
            Builder { document: Document { text, ..Document::default() }, vocabulary }
        }
    }

    impl Builder {
        pub(super) fn mention(mut self, start: u32, end: u32, label: &str) -> Builder {
            let span = Span::new(start, end).unwrap();
            self.document.mentions.push(Mention::new(span, self.vocabulary.get(label).unwrap()));
            self
        }

        /// An entity of these mentions, with their types.
        pub(super) fn entity(mut self, mentions: &[usize]) -> Builder {
            let entity = EntityIdx(self.document.entities.len() as u32);
            let mut labels: Vec<_> =
                mentions.iter().map(|&position| self.document.mentions[position].label).collect();
            labels.dedup();
            self.document.entities.push(Entity { labels: labels.into(), ..Entity::default() });
            for &position in mentions {
                self.document.mentions[position].entity = Some(entity);
            }
            self
        }

        /// Between mentions.
        pub(super) fn relation(mut self, head: u32, tail: u32, label: &str) -> Builder {
            self.document.mention_relations.push(MentionRelation {
                head: MentionIdx(head),
                tail: MentionIdx(tail),
                label: self.vocabulary.get(label).unwrap(),
                confidence: None,
                id: None,
            });
            self
        }

        /// Between entities, with one piece of evidence.
        pub(super) fn fact(
            mut self,
            head: u32,
            tail: u32,
            label: &str,
            evidence: &[u32],
        ) -> Builder {
            let sentences = evidence.iter().map(|&sentence| SentenceIdx(sentence)).collect();
            self.document.relations.push(Relation {
                head: EntityIdx(head),
                tail: EntityIdx(tail),
                label: self.vocabulary.get(label).unwrap(),
                evidence: vec![Evidence { sentences, ..Evidence::default() }],
                optional: false,
                confidence: None,
                id: None,
            });
            self
        }

        pub(super) fn build(self) -> Document {
            self.document
        }
    }
}
