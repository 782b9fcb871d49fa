//! What can be wrong with a specification of noise, a preset or a grammar.

use std::fmt;

/// Something wrong in a specification of noise, a preset or a grammar.
#[derive(Debug)]
pub struct Error(Box<ErrorKind>);

/// What is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A part of a noise specification that is not of the form `knob=rate`.
    NotAPair {
        /// The part as it stands.
        found: String,
    },
    /// A knob that there is not.
    UnknownKnob {
        /// Its name.
        found: String,
        /// All that there are.
        known: Vec<&'static str>,
    },
    /// A knob that is set twice.
    RepeatedKnob {
        /// Its name.
        knob: &'static str,
    },
    /// A rate that is no number from 0 to 1.
    BadRate {
        /// The knob that it is for.
        knob: &'static str,
        /// The rate as it stands.
        found: String,
    },
    /// A kind of change that there is not.
    UnknownPerturbation {
        /// Its name.
        found: String,
        /// All that there are.
        known: Vec<&'static str>,
    },
    /// A part of a list of knobs that is not of the form `knob=value`.
    NotAKnob {
        /// The part as it stands.
        found: String,
    },
    /// A knob of a corpus that there is not.
    NoKnob {
        /// Its name.
        found: String,
        /// All that there are.
        known: Vec<&'static str>,
    },
    /// A knob of a corpus that is set twice.
    KnobSetTwice {
        /// Its name.
        knob: String,
    },
    /// A value that a knob of a corpus cannot have.
    BadKnob {
        /// The knob.
        knob: String,
        /// The value as it stands.
        found: String,
        /// What would be right.
        cure: &'static str,
    },
    /// An ontology that there is no grammar for.
    NoGrammar {
        /// Its name.
        ontology: String,
    },
    /// A line of a grammar that does not follow its form, or the ontology.
    Grammar {
        /// The name of the text.
        source: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        message: String,
    },
}

impl Error {
    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error(Box::new(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::NotAPair { found } => {
                write!(f, "noise {found:?} is not of the form knob=rate, for example miss=0.1")
            }
            ErrorKind::UnknownKnob { found, known } => {
                write!(f, "noise has no knob {found:?}; the knobs are {}", known.join(", "))
            }
            ErrorKind::RepeatedKnob { knob } => {
                write!(f, "noise sets {knob} twice; give each knob one rate")
            }
            ErrorKind::BadRate { knob, found } => {
                write!(f, "noise sets {knob} to {found:?}; a rate is a number from 0 to 1")
            }
            ErrorKind::UnknownPerturbation { found, known } => {
                write!(f, "there is no perturbation {found:?}; there are {}", known.join(", "))
            }
            ErrorKind::NotAKnob { found } => {
                write!(f, "{found:?} is not of the form knob=value, for example pronouns=0.4")
            }
            ErrorKind::NoKnob { found, known } => {
                write!(f, "there is no knob {found:?}; there are {}", known.join(", "))
            }
            ErrorKind::KnobSetTwice { knob } => {
                write!(f, "{knob} is set twice; give each knob one value")
            }
            ErrorKind::BadKnob { knob, found, cure } => {
                write!(f, "{knob} cannot be {found:?}; it is {cure}")
            }
            ErrorKind::NoGrammar { ontology } => {
                write!(
                    f,
                    "there is no grammar for the ontology {ontology:?}; there is a grammar for newswire"
                )
            }
            ErrorKind::Grammar { source, line, message } => {
                write!(f, "{source}:{line}: {message}")
            }
        }
    }
}

impl std::error::Error for Error {}
