//! The field's reference scorers, each under its own name: the same counts from the same lists.
//!
//! Here a scorer is reproduced with its habits, also the bad ones, so that published numbers can be
//! checked. None of these rules is a default of this crate. The functions read the raw lists of a
//! document, before canonicalisation, and return additive counts; ratios come from their sums.
//!
//! Coreference: [`conll_coref`] (the CoNLL shared tasks), [`coval`], [`corefud`].

pub mod conll_coref;
pub mod corefud;
pub mod coval;
mod ratios;

pub use crate::coreference::Singletons;
pub use crate::coreference::blanc::Links;
pub use ratios::Ratios;
