//! One way over the documents, in parallel, each document timed and none able to end the run.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ere_dataset::{Document, Given, Prediction};
use ere_extract::{Extractor, Failure, FailureKind, Input, Session, Usage};
use rayon::ThreadPool;

use crate::error::{Error, ErrorKind};
use crate::run::{Phase, Progress, Watch};

/// An extractor ready to work: one session for each thread of the pool.
pub(crate) struct Crew<'a> {
    pool: &'a ThreadPool,
    track: Given,
    workers: Vec<Mutex<Worker<'a>>>,
}

/// How far a pass goes.
pub(crate) struct Extent {
    /// What it is for.
    pub(crate) phase: Phase,
    /// Documents to run; those of the split over and over.
    pub(crate) documents: usize,
    /// No document is begun after this time.
    pub(crate) time_max: Option<Duration>,
}

/// What a pass found.
pub(crate) struct Pass {
    /// One entry a document that was run, in the order of turns.
    pub(crate) answers: Vec<Answer>,
    /// From the first document's beginning to the last one's end.
    pub(crate) wall: Duration,
}

/// What became of one document.
pub(crate) struct Answer {
    /// Which document of the split.
    pub(crate) document: usize,
    /// How long it took.
    pub(crate) time: Duration,
    /// The prediction, or why there is none.
    pub(crate) result: Result<Prediction, Failure>,
}

struct Worker<'a> {
    extractor: &'a dyn Extractor,
    /// `None` after a panic, until the next document.
    session: Option<Box<dyn Session + Send + 'a>>,
}

impl<'a> Crew<'a> {
    /// Starts a session on each thread.
    pub(crate) fn start(
        pool: &'a ThreadPool,
        extractor: &'a dyn Extractor,
        track: Given,
    ) -> Result<Crew<'a>, Error> {
        let started = pool.broadcast(|_| start(extractor));
        let workers: Result<Vec<_>, Failure> = started
            .into_iter()
            .map(|session| Ok(Mutex::new(Worker { extractor, session: Some(session?) })))
            .collect();
        let workers = workers.map_err(|failure| {
            let extractor = extractor.description().name.clone();
            Error::from(ErrorKind::Start { extractor, failure })
        })?;
        Ok(Crew { pool, track, workers })
    }

    /// Runs documents until the extent is reached or the run is told to stop.
    pub(crate) fn pass(
        &self,
        documents: &[&Document],
        extent: &Extent,
        watch: &Watch<'_>,
    ) -> Result<Pass, Error> {
        let next = AtomicUsize::new(0);
        let done = AtomicU64::new(0);
        let begin = Instant::now();
        let is_over = || {
            watch.is_cancelled() || extent.time_max.is_some_and(|limit| begin.elapsed() >= limit)
        };
        let by_worker = self.pool.broadcast(|context| {
            let mut worker = lock(&self.workers[context.index()]);
            let mut answers = Vec::new();
            while !is_over() {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                if turn >= extent.documents {
                    break;
                }
                let document = turn % documents.len();
                let input = Input::of(documents[document], self.track);
                let (time, result) = worker.extract(&input);
                answers.push((turn, Answer { document, time, result }));
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                let total = extent.documents as u64;
                (watch.progress)(Progress { phase: extent.phase, done, total });
            }
            answers
        });
        let wall = begin.elapsed();
        watch.check()?;
        let mut answers: Vec<(usize, Answer)> = by_worker.into_iter().flatten().collect();
        answers.sort_unstable_by_key(|(turn, _)| *turn);
        let answers = answers.into_iter().map(|(_, answer)| answer).collect();
        Ok(Pass { answers, wall })
    }

    /// Ends all sessions and says what they took, one after the other.
    pub(crate) fn finish(self) -> Vec<Usage> {
        self.pool.broadcast(|context| {
            let session = lock(&self.workers[context.index()]).session.take();
            let finish = |mut session: Box<dyn Session + Send + '_>| session.finish();
            let ended = session.map(|session| catch_unwind(AssertUnwindSafe(|| finish(session))));
            ended.and_then(Result::ok).unwrap_or_default()
        })
    }
}

impl Worker<'_> {
    fn extract(&mut self, input: &Input<'_>) -> (Duration, Result<Prediction, Failure>) {
        let mut session = match self.session.take().map_or_else(|| start(self.extractor), Ok) {
            Ok(session) => session,
            Err(failure) => return (Duration::ZERO, Err(failure)),
        };
        let begin = Instant::now();
        let answer = catch_unwind(AssertUnwindSafe(|| session.extract(input)));
        let time = begin.elapsed();
        match answer {
            Ok(answer) => {
                self.session = Some(session);
                (time, answer)
            }
            Err(panic) => {
                // What a panic left of the session is not worth keeping.
                let dropped = catch_unwind(AssertUnwindSafe(|| drop(session)));
                drop(dropped);
                (time, Err(panicked(&*panic)))
            }
        }
    }
}

fn start(extractor: &dyn Extractor) -> Result<Box<dyn Session + Send + '_>, Failure> {
    catch_unwind(AssertUnwindSafe(|| extractor.start()))
        .unwrap_or_else(|panic| Err(panicked(&*panic)))
}

fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
    Failure::new(FailureKind::Crash, format!("panicked: {}", message.unwrap_or("for no reason")))
}

/// A worker is used by one thread at a time, and no panic crosses the lock.
fn lock<'m, 'a>(worker: &'m Mutex<Worker<'a>>) -> std::sync::MutexGuard<'m, Worker<'a>> {
    worker.lock().unwrap_or_else(PoisonError::into_inner)
}
