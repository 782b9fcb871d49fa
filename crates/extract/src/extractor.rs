//! What an extractor is.

use std::fmt;

use ere_dataset::{Given, Prediction};

use crate::input::Input;

/// A program that turns texts into predictions.
///
/// One value serves all threads. Each worker starts a [`Session`] of its own: for a built-in
/// extractor that is a reference, for an external program it is a process.
pub trait Extractor: Send + Sync {
    /// What it is.
    fn description(&self) -> &Description;

    /// Makes ready to extract, on one worker.
    ///
    /// # Errors
    /// It cannot be made ready: a program that does not start, or does not answer.
    fn start(&self) -> Result<Box<dyn Session + Send + '_>, Failure>;
}

/// An extractor at work on one worker.
pub trait Session {
    /// Extracts from one text. A failure costs this document; the session goes on.
    ///
    /// # Errors
    /// No prediction could be had for this document.
    fn extract(&mut self, input: &Input<'_>) -> Result<Prediction, Failure>;

    /// Ends the work and says what it took. Dropping a session ends it too.
    fn finish(&mut self) -> Usage {
        Usage::default()
    }
}

/// What identifies an extractor, and what it can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of what determines its answers, as far as that can be known: equal digests, equal
    /// answers.
    pub digest: String,
    /// The tracks that it can run on.
    pub tracks: Vec<Given>,
    /// Whether it says which mentions name the same entity. Where it does not, each mention is an
    /// entity of its own.
    pub resolves_coreference: bool,
    /// The longest text that it takes, in code points; `None` without a limit of its own.
    pub characters_max: Option<u64>,
}

/// What a session took besides time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The largest resident memory of its process, without the processes that it started itself;
    /// `None` where it has no process, or the platform does not tell.
    pub memory_peak_bytes: Option<u64>,
    /// How often its process had to be started again.
    pub restarts: u64,
}

/// Why there is no prediction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// What happened, and where it is known, what would be right.
    pub message: String,
}

/// The sorts of failure, counted apart in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// No answer in time.
    Timeout,
    /// The program ended.
    Crash,
    /// An answer that does not follow the protocol.
    Protocol,
    /// The text is longer than the extractor takes.
    TooLong,
    /// The extractor cannot do this: a track, a language.
    Unsupported,
    /// The extractor ran out of memory.
    OutOfMemory,
    /// The extractor gave up for another reason.
    Internal,
}

impl FailureKind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [FailureKind; 7] = [
        FailureKind::Timeout,
        FailureKind::Crash,
        FailureKind::Protocol,
        FailureKind::TooLong,
        FailureKind::Unsupported,
        FailureKind::OutOfMemory,
        FailureKind::Internal,
    ];

    /// The name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::Timeout => "timeout",
            FailureKind::Crash => "crash",
            FailureKind::Protocol => "protocol",
            FailureKind::TooLong => "too_long",
            FailureKind::Unsupported => "unsupported",
            FailureKind::OutOfMemory => "oom",
            FailureKind::Internal => "internal",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<FailureKind> {
        FailureKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Failure {
    /// A failure of a kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

impl std::error::Error for Failure {}

/// A session that is a function: what an extractor in Rust needs to start.
///
/// ```
/// use ere_dataset::Text;
/// use ere_extract::{Direct, Failure, FailureKind, Input, Material, Session};
///
/// let refuse = |_: &Input<'_>| Err(Failure::new(FailureKind::Unsupported, "knows no text"));
/// let text = Text::new("Rain.");
/// let input = Input { id: "a", text: &text, sentences: None, given: Material::Text };
/// let failure = Direct(refuse).extract(&input).unwrap_err();
/// assert_eq!(failure.to_string(), "unsupported: knows no text");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Direct<F>(pub F);

impl<F> Session for Direct<F>
where
    F: FnMut(&Input<'_>) -> Result<Prediction, Failure>,
{
    fn extract(&mut self, input: &Input<'_>) -> Result<Prediction, Failure> {
        (self.0)(input)
    }
}
