//! External programs: any command that reads requests and writes answers as JSON lines.
//!
//! The messages are described in `docs/protocol.md`. One process serves one worker. Whatever the
//! program does, it costs at most the document it was asked about: a process that crashes, hangs or
//! writes garbage is killed with its process group, started again, and asked once more; a document
//! on which it dies twice is not asked again.

mod answer;
mod messages;
mod offsets;
mod process;

use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ere_dataset::text::{hex, sha256_hex};
use ere_dataset::{Given, Ontology, Prediction, Vocabulary, limits};
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

pub use answer::OFFSET_MISMATCH;
use messages::{Hello, LoadOntology, Reply, Request, protocol};
use offsets::{Converter, OffsetUnit};
use process::Process;

use crate::extractor::{Description, Extractor, Failure, FailureKind, Session, Usage};
use crate::input::Input;

/// How to run a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// What it is given besides the text.
    pub track: Given,
    /// Handed to the program, for whatever in it is random.
    pub seed: u64,
    /// How many threads one process may use. Handed to the program, not enforced.
    pub threads: usize,
    /// Handed to the program as it is.
    pub config: serde_json::Value,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// How long to wait for a program before its process group is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the start of the process to its `hello`.
    pub hello: Duration,
    /// For `ready`, which comes after models are loaded.
    pub load: Duration,
    /// For the answer to one document.
    pub document: Duration,
    /// From `bye` to the end of the process.
    pub bye: Duration,
    /// Before the first restart; twice as long before each further one.
    pub restart: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            hello: Duration::from_secs(10),
            load: Duration::from_secs(300),
            document: Duration::from_secs(30),
            bye: Duration::from_secs(5),
            restart: Duration::from_millis(200),
        }
    }
}

impl Settings {
    /// The settings for a command line, split into words as a shell would do it. No shell runs.
    ///
    /// ```
    /// let settings = ere_extract::Settings::parse("python3 'my model.py' --fast").unwrap();
    /// assert_eq!(settings.command, ["python3", "my model.py", "--fast"]);
    /// assert!(ere_extract::Settings::parse("a 'b").is_err());
    /// ```
    ///
    /// # Errors
    /// An empty line, or a quote without its end.
    pub fn parse(command_line: &str) -> Result<Settings, Failure> {
        let refuse = |what: &str| {
            Failure::new(FailureKind::Unsupported, format!("the command {command_line:?} {what}"))
        };
        let command = shlex::split(command_line)
            .ok_or_else(|| refuse("has a quote without its end; close it"))?;
        if command.is_empty() {
            return Err(refuse("names no program"));
        }
        Ok(Settings {
            command,
            track: Given::Text,
            seed: 0,
            threads: 1,
            config: serde_json::json!({}),
            timeouts: Timeouts::default(),
        })
    }
}

/// An external program as an [`Extractor`].
pub struct External {
    settings: Settings,
    /// What of the digest does not come from the program.
    command_digest: String,
    description: Description,
    offsets: OffsetUnit,
    vocabulary: Vocabulary,
    /// The `load` message.
    load: String,
    /// The process that said who it is, until a session takes it.
    waiting: Mutex<Option<Process>>,
    /// Documents on which the program died twice, and how.
    quarantine: Mutex<FxHashMap<Box<str>, Failure>>,
}

/// How often in a row a process may be started again without answering a document.
const RESTARTS_MAX: u32 = 3;
/// How often a document is asked.
const ATTEMPTS: usize = 2;
/// Every how many documents the memory of the process is looked at.
const MEMORY_EVERY: u64 = 16;

impl External {
    /// Starts the program once to learn who it is.
    ///
    /// # Errors
    /// It does not start, does not say `hello` in time, or does not know the track.
    pub fn connect(
        settings: Settings,
        ontology: &Ontology,
        vocabulary: &Vocabulary,
    ) -> Result<External, Failure> {
        if settings.command.is_empty() {
            return Err(Failure::new(FailureKind::Unsupported, "the command names no program"));
        }
        let (process, hello) = greet(&settings)?;
        if !hello.tracks.contains(&settings.track) {
            let message = format!(
                "{} runs on the tracks {:?}, not on {:?}",
                hello.name, hello.tracks, settings.track
            );
            return Err(Failure::new(FailureKind::Unsupported, message));
        }
        let load = Request::Load {
            track: settings.track,
            seed: settings.seed,
            threads: settings.threads,
            config: &settings.config,
            ontology: LoadOntology::of(ontology, vocabulary),
        };
        let load = load.line();
        let offsets = hello.offsets;
        let command_digest = command_digest(&settings);
        let description = describe(&command_digest, hello);
        let vocabulary = vocabulary.clone();
        let (waiting, quarantine) = (Mutex::new(Some(process)), Mutex::default());
        Ok(External {
            settings,
            command_digest,
            description,
            offsets,
            vocabulary,
            load,
            waiting,
            quarantine,
        })
    }

    /// A process that is ready for documents.
    fn ready(&self) -> Result<Process, Failure> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut process = match waiting {
            Some(process) => process,
            None => {
                let (mut process, hello) = greet(&self.settings)?;
                if describe(&self.command_digest, hello) != self.description {
                    let failure = protocol("says another `hello` than the first time".to_owned());
                    return Err(process.fail(failure));
                }
                process
            }
        };
        let line = process.ask(self.load.clone(), self.settings.timeouts.load)?;
        let loaded = Reply::parse(&line, "ready")
            .and_then(|reply| reply.stated_failure().map_or(Ok(()), Err));
        match loaded {
            Ok(()) => Ok(process),
            Err(failure) => Err(process.fail(failure)),
        }
    }

    fn quarantined(&self, id: &str) -> Option<Failure> {
        self.quarantine.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn set_apart(&self, id: &str, failure: &Failure) {
        let mut quarantine = self.quarantine.lock().unwrap_or_else(PoisonError::into_inner);
        quarantine.insert(id.into(), failure.clone());
    }
}

impl Extractor for External {
    fn description(&self) -> &Description {
        &self.description
    }

    fn start(&self) -> Result<Box<dyn Session + Send + '_>, Failure> {
        let process = Some(self.ready()?);
        Ok(Box::new(Worker {
            external: self,
            process,
            unanswered_restarts: 0,
            documents: 0,
            usage: Usage::default(),
        }))
    }
}

struct Worker<'a> {
    external: &'a External,
    /// `None` from the death of a process until the next document.
    process: Option<Process>,
    /// Restarts since the last answer.
    unanswered_restarts: u32,
    documents: u64,
    usage: Usage,
}

impl Session for Worker<'_> {
    fn extract(&mut self, input: &Input<'_>) -> Result<Prediction, Failure> {
        if let Some(failure) = self.external.quarantined(input.id) {
            return Err(failure);
        }
        let offsets = Converter::new(self.external.offsets, input.text);
        let request = self.request(input, &offsets)?;
        let mut last = None;
        for _ in 0..ATTEMPTS {
            self.restart_if_dead()?;
            match self.ask(&request, input, &offsets) {
                Ok(answer) => {
                    self.unanswered_restarts = 0;
                    return answer;
                }
                Err(failure) => last = Some(failure),
            }
        }
        let failure = last.expect("there is at least one attempt");
        self.external.set_apart(input.id, &failure);
        Err(failure)
    }

    fn finish(&mut self) -> Usage {
        if let Some(mut process) = self.process.take() {
            process.end(Request::Bye.line(), self.external.settings.timeouts.bye);
            self.note_memory(&process);
        }
        self.usage
    }
}

impl Worker<'_> {
    /// The `doc` message, unless the document cannot be asked at all.
    fn request(&self, input: &Input<'_>, offsets: &Converter) -> Result<String, Failure> {
        let External { description, settings, vocabulary, .. } = self.external;
        if input.given.track() != settings.track {
            let message = format!("was started for the track {:?}", settings.track);
            return Err(Failure::new(FailureKind::Unsupported, message));
        }
        let too_long = |message: String| Err(Failure::new(FailureKind::TooLong, message));
        if let Some(limit) = description.characters_max {
            let count = input.text.as_str().chars().count() as u64;
            if count > limit {
                return too_long(format!("the text has {count} characters; it takes {limit}"));
            }
        }
        let request = messages::doc(input, offsets, vocabulary);
        if request.len() > limits::LINE_BYTES {
            let (bytes, limit) = (request.len(), limits::LINE_BYTES);
            return too_long(format!("its message has {bytes} bytes; a line has at most {limit}"));
        }
        Ok(request)
    }

    fn restart_if_dead(&mut self) -> Result<(), Failure> {
        let mut last = None;
        while self.process.is_none() {
            if self.unanswered_restarts == RESTARTS_MAX {
                return Err(last.unwrap_or_else(|| {
                    let message =
                        format!("died {RESTARTS_MAX} times in a row without an answer; given up");
                    Failure::new(FailureKind::Crash, message)
                }));
            }
            thread::sleep(
                self.external.settings.timeouts.restart * (1 << self.unanswered_restarts),
            );
            self.unanswered_restarts += 1;
            self.usage.restarts += 1;
            match self.external.ready() {
                Ok(process) => self.process = Some(process),
                Err(failure) => last = Some(failure),
            }
        }
        Ok(())
    }

    /// Asks once. The outer error is the death of the process, the inner one a stated failure.
    fn ask(
        &mut self,
        request: &str,
        input: &Input<'_>,
        offsets: &Converter,
    ) -> Result<Result<Prediction, Failure>, Failure> {
        let mut process = self.process.take().expect("the caller has started it");
        let timeout = self.external.settings.timeouts.document;
        let asked = process.ask(request.to_owned(), timeout).and_then(|line| {
            let vocabulary = &self.external.vocabulary;
            answer(&line, input, offsets, vocabulary).map_err(|failure| process.fail(failure))
        });
        self.documents += 1;
        if asked.is_ok() && self.documents % MEMORY_EVERY == 1 {
            process.sample_memory();
        }
        self.note_memory(&process);
        if asked.is_ok() {
            self.process = Some(process);
        }
        asked
    }

    fn note_memory(&mut self, process: &Process) {
        let peak = process.memory_peak_bytes();
        self.usage.memory_peak_bytes = self.usage.memory_peak_bytes.max(peak);
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        self.finish();
    }
}

/// What a line says about the document that was asked.
fn answer(
    line: &str,
    input: &Input<'_>,
    offsets: &Converter,
    vocabulary: &Vocabulary,
) -> Result<Result<Prediction, Failure>, Failure> {
    let reply = Reply::parse(line, "result")?;
    match reply.id.as_deref() {
        Some(id) if id == input.id => {}
        Some(id) => {
            return Err(protocol(format!(
                "answered for the document {id:?}, which was not asked; asked was {:?}",
                input.id
            )));
        }
        None => return Err(protocol("the answer names no document; add its `id`".to_owned())),
    }
    match reply.stated_failure() {
        Some(failure) => Ok(Err(failure)),
        None => answer::prediction(&reply, input, offsets, vocabulary).map(Ok),
    }
}

fn greet(settings: &Settings) -> Result<(Process, Hello), Failure> {
    let mut process = Process::spawn(&settings.command)?;
    let request = Request::Hello {
        protocol: messages::PROTOCOL,
        harness: concat!("erebench ", env!("CARGO_PKG_VERSION")),
    };
    let line = process.ask(request.line(), settings.timeouts.hello)?;
    match Hello::parse(&line) {
        Ok(hello) => Ok((process, hello)),
        Err(failure) => Err(process.fail(failure)),
    }
}

fn describe(command_digest: &str, hello: Hello) -> Description {
    let Hello { name, version, offsets, tracks, coreference, characters_max, artifacts, .. } =
        hello;
    let says = format!("{name:?} {version:?} {offsets:?} {coreference} {artifacts}");
    Description {
        digest: sha256_hex(format!("{command_digest}\n{says}").as_bytes()),
        name,
        version,
        tracks,
        resolves_coreference: coreference,
        characters_max,
    }
}

/// What determines the answers, as far as we can see from outside: the words of the command, the
/// content of the files that they name, and the configuration. A program found by searching the
/// path counts by its name; models count by what `artifacts` says of them.
fn command_digest(settings: &Settings) -> String {
    let mut parts =
        vec![format!("{:?}", settings.command), format!("{} {}", settings.seed, settings.config)];
    parts.extend(settings.command.iter().map(|word| file_digest(Path::new(word))));
    sha256_hex(parts.join("\n").as_bytes())
}

/// SHA-256 of a file; empty for what is no readable file.
fn file_digest(path: &Path) -> String {
    let Ok(mut file) = std::fs::File::open(path) else { return String::new() };
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return String::new();
    }
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = file.read(&mut buffer) {
        if count == 0 {
            return hex(&hasher.finalize());
        }
        hasher.update(&buffer[..count]);
    }
    String::new()
}
