//! Making documents in parallel and writing them in order, a few blocks at a time in memory.

use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result};
use ere_dataset::Error;
use ere_dataset::input::{self, Reader, is_compressed};
use ere_dataset::output::Output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;

use crate::args::Stream;
use crate::interrupt::CANCELLED;
use crate::print;

/// How many documents are made at a time by one thread. The bytes of a compressed file depend on it:
/// each block is a frame of its own.
pub(crate) const BLOCK_DOCUMENTS: usize = 256;

const BUFFER_BYTES: usize = 1 << 20;
const COMPRESSION_LEVEL: i32 = 3;

/// What a block of documents became.
pub(crate) struct Block<T> {
    /// Native lines.
    pub(crate) lines: Vec<u8>,
    pub(crate) documents: u64,
    /// What else is known of them.
    pub(crate) rest: T,
}

/// Turns each of `sources` into a block, in parallel, and writes the blocks in their order. `note`
/// is told of the rest of each block, in order too.
///
/// While one round of blocks is made, the round before is written and the next one is read.
pub(crate) fn write_blocks<S: Send, T: Send>(
    stream: &Stream,
    documents: Option<u64>,
    sources: impl Iterator<Item = Result<S>> + Send,
    make: impl Fn(S) -> Result<Block<T>> + Sync,
    mut note: impl FnMut(T) -> Result<()> + Send,
) -> Result<()> {
    let mut builder = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = stream.threads {
        builder = builder.num_threads(threads);
    }
    let pool = builder.build().context("threads cannot be started")?;
    let round_blocks = 2 * pool.current_num_threads();
    let mut sink = Sink::create(&stream.output)?;
    let is_compressed = sink.is_compressed;
    let bar = bar(documents);
    let make = |source: S| -> Result<Block<T>> {
        let mut block = make(source)?;
        if is_compressed {
            block.lines = zstd::bulk::compress(&block.lines, COMPRESSION_LEVEL)?;
        }
        Ok(block)
    };
    let mut sources = sources.fuse();
    let mut read = || sources.by_ref().take(round_blocks).collect::<Result<Vec<S>>>();
    pool.install(|| {
        let mut round = read()?;
        let mut made: Vec<Block<T>> = Vec::new();
        while !round.is_empty() || !made.is_empty() {
            if CANCELLED.load(Ordering::Relaxed) {
                return Err(ere_runner::Error::from(ere_runner::ErrorKind::Cancelled).into());
            }
            let write_and_read = || {
                for block in made {
                    sink.write(&block.lines)?;
                    bar.inc(block.documents);
                    note(block.rest)?;
                }
                read()
            };
            let make_round = || round.into_par_iter().map(&make).collect::<Vec<_>>();
            let (next, blocks) = rayon::join(write_and_read, make_round);
            // The first error in the order of documents.
            made = blocks.into_iter().collect::<Result<_>>()?;
            round = next?;
        }
        anyhow::Ok(())
    })?;
    bar.finish_and_clear();
    sink.finish()
}

/// Opens a file to read lines from; `-` is standard input.
pub(crate) fn open(path: &Path) -> Result<Reader, Error> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, io::stdin())));
    }
    Ok(input::open(path)?.reader)
}

/// Where blocks go.
struct Sink {
    target: Target,
    path: PathBuf,
    is_compressed: bool,
}

enum Target {
    File(Output),
    StandardOutput,
}

impl Sink {
    fn create(path: &Path) -> Result<Sink> {
        let target = match path == Path::new("-") {
            true => Target::StandardOutput,
            false => Target::File(Output::create(path)?),
        };
        Ok(Sink { target, path: path.to_owned(), is_compressed: is_compressed(path) })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.target {
            Target::File(output) => {
                Ok(output.write_all(bytes).map_err(|error| Error::io(&self.path, error))?)
            }
            Target::StandardOutput => {
                let mut stdout = io::stdout().lock();
                let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
                written.context("standard output cannot be written")
            }
        }
    }

    fn finish(self) -> Result<()> {
        match self.target {
            Target::File(output) => Ok(output.finish()?),
            Target::StandardOutput => Ok(()),
        }
    }
}

/// A progress bar, where a person watches.
fn bar(documents: Option<u64>) -> ProgressBar {
    let target = match print::is_watched() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(documents, target);
    let template = match documents {
        Some(_) => "{bar:40} {pos}/{len} documents, {eta} left",
        None => "{spinner} {pos} documents, {per_sec}",
    };
    bar.set_style(ProgressStyle::with_template(template).expect("the template is right"));
    bar
}
