//! The field's reference scorers, each under its own name: the same counts from the same lists.
//!
//! Here a scorer is reproduced with its habits, also the bad ones, so that published numbers can be
//! checked. None of these rules is a default of this crate. The functions read the raw lists of a
//! document, before canonicalisation, and return additive counts; ratios come from their sums.
//!
//! Mentions: [`seqeval`] (tag sequences), [`spacy`], [`nervaluate`], [`neleval`] (with links).
//! Labels of given pairs: [`tacred`], [`semeval2010`].

mod by_type;
pub mod neleval;
pub mod nervaluate;
mod ratios;
pub mod semeval2010;
pub mod seqeval;
pub mod spacy;
pub mod tacred;

pub use ratios::Ratios;
