//! Gold, a block of documents at a time: streamed where it can be, whole where it must.

use std::collections::HashMap;
use std::io::{self, BufRead};
use std::path::Path;

use anyhow::Result;
use ere_dataset::jsonl::{self, Lines};
use ere_dataset::label::Interner;
use ere_dataset::{Document, Error, ErrorKind, Ontology, Place, Vocabulary};

use super::gold;
use super::stream::{self, BLOCK_DOCUMENTS};
use crate::args::GoldInput;

/// Where documents come from, and their types.
pub(crate) struct Gold<'a> {
    pub(crate) ontology: Ontology,
    path: &'a Path,
}

/// Gold documents that are worked on together.
pub(crate) enum Block {
    /// Lines that are still to be read.
    Lines(Vec<(Place, String)>),
    Documents(Vec<Document>),
}

/// The id of a document, and its line.
pub(crate) type Id = (Box<str>, Option<u64>);

type Blocks<'a> = Box<dyn Iterator<Item = Result<Block>> + Send + 'a>;

impl<'a> Gold<'a> {
    pub(crate) fn open(
        input: &'a GoldInput,
        vocabulary: &Vocabulary,
    ) -> Result<(Gold<'a>, Blocks<'a>)> {
        let path = input.gold.as_path();
        if is_streamed(path) {
            let ontology = Ontology::read(&input.ontology, vocabulary)?;
            let lines = Lines::new(stream::open(path)?, path);
            return Ok((
                Gold { ontology, path },
                Box::new(LineBlocks { lines, path, is_empty: true }),
            ));
        }
        let read = gold::read(path, &input.split, Some(&input.ontology), vocabulary)?;
        let ontology = read.ontology.expect("a data set has one, and others were given one");
        let mut documents = read.documents.into_iter();
        let blocks = std::iter::from_fn(move || {
            let block: Vec<Document> = documents.by_ref().take(BLOCK_DOCUMENTS).collect();
            (!block.is_empty()).then_some(Ok(Block::Documents(block)))
        });
        Ok((Gold { ontology, path }, Box::new(blocks)))
    }

    /// What `write` makes of each document of a block, and the ids of those.
    pub(crate) fn block(
        &self,
        block: Block,
        vocabulary: &Vocabulary,
        mut write: impl FnMut(&Document, &mut Vec<u8>) -> io::Result<()>,
    ) -> Result<stream::Block<Vec<Id>>> {
        let mut lines = Vec::with_capacity(BLOCK_DOCUMENTS * 4096);
        let mut ids = Vec::with_capacity(BLOCK_DOCUMENTS);
        let mut add = |document: &Document, line: Option<u64>| -> Result<()> {
            write(document, &mut lines)?;
            ids.push((document.id.clone(), line));
            Ok(())
        };
        match block {
            Block::Documents(documents) => {
                documents.iter().try_for_each(|document| add(document, None))?;
            }
            Block::Lines(lines) => {
                let interner = Interner::new(vocabulary);
                for (place, line) in lines {
                    add(&self.read(&place, &line, &interner)?, place.line)?;
                }
            }
        }
        Ok(stream::Block { lines, documents: ids.len() as u64, rest: ids })
    }

    fn read(&self, place: &Place, line: &str, interner: &Interner<'_>) -> Result<Document, Error> {
        let gold = jsonl::gold_with(line, interner, Some(&self.ontology));
        gold.map_err(|error| error.in_file(self.path).on_line(place.line.unwrap_or_default()))
    }

    pub(crate) fn ids(&self) -> Ids<'a> {
        Ids { path: self.path, seen: HashMap::new() }
    }
}

/// Native lines, and not what has to be read whole.
fn is_streamed(path: &Path) -> bool {
    let is_article = path.extension().is_some_and(|extension| extension == "ere");
    path == Path::new("-") || !(path.is_dir() || is_article)
}

struct LineBlocks<'a, R> {
    lines: Lines<R>,
    path: &'a Path,
    is_empty: bool,
}

impl<R: BufRead> Iterator for LineBlocks<'_, R> {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Result<Block>> {
        let mut block = Vec::with_capacity(BLOCK_DOCUMENTS);
        while block.len() < BLOCK_DOCUMENTS {
            match self.lines.next().map(|line| line.map(str::to_owned)) {
                Ok(Some(line)) => {
                    self.is_empty = false;
                    block.push((self.lines.place(), line));
                }
                Ok(None) if self.is_empty => {
                    return Some(Err(Error::new(Place::file(self.path), ErrorKind::Empty).into()));
                }
                Ok(None) => break,
                Err(error) => return Some(Err(error.into())),
            }
        }
        (!block.is_empty()).then_some(Ok(Block::Lines(block)))
    }
}

/// The ids that were met, each with its line: the only memory that grows with the input.
pub(crate) struct Ids<'a> {
    path: &'a Path,
    seen: HashMap<Box<str>, Option<u64>>,
}

impl Ids<'_> {
    pub(crate) fn add(&mut self, ids: Vec<Id>) -> Result<()> {
        for (id, line) in ids {
            if let Some(first) = self.seen.insert(id.clone(), line) {
                let first = Place { line: first, ..Place::default() };
                let place = Place { line, ..Place::file(self.path) };
                let error = Error::new(place, ErrorKind::DuplicateDocument { first });
                return Err(error.in_document(&id).into());
            }
        }
        Ok(())
    }
}
