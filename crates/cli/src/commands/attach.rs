use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use ere_dataset::jsonl::{self, Lines};
use ere_dataset::output::Output;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{Text, Vocabulary, folder, standoff};

use crate::args::Attach;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Attach) -> anyhow::Result<Done> {
    let vocabulary = Vocabulary::default();
    let mut lines = Lines::open(&args.standoff)?;
    let mut joined = Vec::new();
    let mut texts = args.texts.iter();
    while let Some(line) = lines.next()? {
        let line = line.to_owned();
        let place = lines.place();
        let path = texts.next().with_context(|| {
            format!("{place}: no --text is left for this document; give one for each")
        })?;
        let text = Text::new(folder::read_small(path)?);
        let document =
            standoff::attach(&line, text, &vocabulary).map_err(|error| error.in_file(path))?;
        jsonl::write(&mut joined, &document, &vocabulary, TextPolicy::Inline)?;
    }
    if let Some(path) = texts.next() {
        bail!(
            "{}: no document of {} is left for this text",
            path.display(),
            args.standoff.display()
        );
    }
    write(&args.output, &joined)?;
    Ok(Done::Ok)
}

/// Writes a file, or standard output for `-`.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return Ok(print::out(std::str::from_utf8(bytes).context("the output is text")?)?);
    }
    let mut output = Output::create(path)?;
    output.write_all(bytes)?;
    Ok(output.finish()?)
}
