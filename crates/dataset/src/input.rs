//! Files that are read as streams, compressed or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::error::{Error, ErrorKind, Place};

/// Bytes that are read at once.
pub(crate) const BUFFER_BYTES: usize = 256 << 10;

/// Bytes of a file, decompressed.
pub type Reader = Box<dyn BufRead + Send>;

/// A file that was opened.
pub struct Input {
    /// What is in it, decompressed.
    pub reader: Reader,
    /// Whether a place in the stream is a place in the file, where it can be read again: neither a
    /// pipe nor compressed.
    pub is_seekable: bool,
}

/// Opens a file. A name that ends in `.zst` is decompressed as it is read.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("lines.jsonl.zst");
/// std::fs::write(&path, zstd::encode_all(&b"{}\n"[..], 3)?)?;
/// let mut input = ere_dataset::input::open(&path)?;
/// let mut text = String::new();
/// input.reader.read_to_string(&mut text)?;
/// assert_eq!((text.as_str(), input.is_seekable), ("{}\n", false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The file cannot be opened, or is a folder.
pub fn open(path: &Path) -> Result<Input, Error> {
    let io = |error| Error::io(path, error);
    let file = File::open(path).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    if metadata.is_dir() {
        return Err(Error::new(Place::file(path), ErrorKind::Directory));
    }
    if is_compressed(path) {
        let decoder = zstd::Decoder::new(file).map_err(io)?;
        let reader = Box::new(BufReader::with_capacity(BUFFER_BYTES, Decompressed(decoder)));
        return Ok(Input { reader, is_seekable: false });
    }
    let reader = Box::new(BufReader::with_capacity(BUFFER_BYTES, file));
    Ok(Input { reader, is_seekable: metadata.is_file() })
}

/// Tells what is wrong with the data from what is wrong with the disk.
struct Decompressed<R: BufRead>(zstd::Decoder<'static, R>);

impl<R: BufRead> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.raw_os_error() {
            Some(_) => error,
            None => io::Error::new(
                io::ErrorKind::InvalidData,
                format!("damaged, cut off, or not compressed with zstd ({error})"),
            ),
        })
    }
}

/// Whether the name of a file says that it is compressed.
pub fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "zst")
}

/// Whether the name of a file says that it holds native lines, compressed or not.
pub fn is_jsonl(path: &Path) -> bool {
    let inner = if is_compressed(path) { path.with_extension("") } else { path.to_owned() };
    inner.extension().is_some_and(|extension| extension == "jsonl")
}
